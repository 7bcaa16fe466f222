"""A site that shows all that a visitor can see: the demonstration of share/demo, an author with a picture and other places, a
navigation, a deleted post. And the public pages, one of each kind, by name."""

import os
import re

from starpunk import SRC, Site, wait_for
from uploads import upload

# One post of the demonstration for each thing that a page can be made of.
POSTS = ['hello', 'a-long-note', 'long-words', 'emoji', 'many-tags', 'why-a-site-of-my-own', 'sourdough-log', 'shell-one-liner', 'elements',
         'week-without-weather', 'birches', 'two-views', 'three-evenings', 'four-walls', 'five-and-a-bird', 'six-pictures', 're-ferry',
         'like-starlings', 'like-plain', 'repost-tide-tables', 'the-slow-web', 'on-timetables', 'homebrew-club', 'repair-cafe', 'cafe-nord',
         'the-sea-the-sea', 'winter-reading', 'side-a', 'the-lighthouse', 'bell', 'waves', 'dyke', 'regen', 'yu-ting-le', 'geshem', 'matar', 'plans']
PAGES = {
    'home': '/', 'older': '/page/2', 'tag': '/tag/weather', 'tag-words': '/tag/a%20tag%20with%20several%20words', 'tag-nothing': '/tag/nothing-has-this-tag',
    'search': '/search', 'search-found': '/search?q=bread', 'search-nothing': '/search?q=nothing-has-this-word',
    'error-404': '/nothing/here', 'error-410': '/note/gone',
}
LISTS = {
    'tags': '/tags', 'archive': '/archive', 'year': '/2024', 'month': '/2024/03', 'day': '/2024/03/09', 'year-nothing': '/1999', 'on-this-day': '/on-this-day',
    'photos': '/photos', 'articles': '/articles', 'notes': '/notes', 'bookmarks': '/bookmarks', 'likes': '/likes', 'replies': '/replies', 'events': '/events',
}
PAGES.update(LISTS)
PAGES.update({f'post-{slug}': f'/note/{slug}' for slug in POSTS})


def settle(site):
    """What the author says of herself, by the form of the owner's."""
    with open(os.path.join(SRC, 'share', 'demo', 'media', 'ada.jpg'), 'rb') as f:
        photo = upload(site, f.read(), 'ada.jpg').header('Location')
    cookie = site.sign_in()
    page = site.get('/admin/settings', {'Cookie': cookie}).text
    version = re.search(r'name="version" value="([^"]*)"', page).group(1)
    answer = site.form('/admin/settings', {
        'version': version, 'site_name': 'Ada at the sea', 'author_name': 'Ada', 'author_note': 'Bread, birds, broken things. I live where the ferry ends.',
        'author_photo': photo, 'rel_me.label': 'Ada on the pond', 'rel_me.url': 'https://social.example/@ada',
        'navigation.label': 'Photos', 'navigation.url': '/photos'}, cookie)
    if answer.status != 303:
        raise RuntimeError(f'the settings were refused: {answer!r}')


def furnish(site):
    """Fills a site that has begun, and waits for the pictures' sizes."""
    site.starpunk('demo')
    site.post('Thrown away.', **{'mp-slug': 'gone'})
    site.micropub([('action', 'delete'), ('url', site.url + 'note/gone')])
    settle(site)
    if not wait_for(lambda: site.sqlite("SELECT count(*) FROM job WHERE kind = 'sizes'") == [(0,)], 120):
        raise RuntimeError(f'no sizes: {site.sqlite("SELECT * FROM job")}')
    return site


def open_site(front='nginx', **config):
    return furnish(Site(front, **config))
