"""A site in the middle of its life, for looking at every page of it: posts of each type, those that nobody sees yet or no more,
tokens and an application, calls that failed, errors, a day's requests."""

import demo
from indieauth import Browser, Client


def let_in(site):
    """An application on the owner's machine, let in over sign-in and consent; what it got."""
    client = Client(site)
    back = client.came_back(Browser(site).sign_in_to(client.url('create update media profile')))
    return client.redeem(back['code']).json


def break_for_a_moment(site):
    """Requests that fail by the site's own fault."""
    site.sqlite('ALTER TABLE tag RENAME TO gone')
    for _ in range(3):
        site.get('/tag/rain')
    site.sqlite('ALTER TABLE gone RENAME TO tag')


def furnish(site):
    """Fills the site; the paths of the posts of tests/fixtures/content by name."""
    paths = demo.post_all(site, skip=('07-photo',))      # its picture is on another site
    site.post('A first thought, and more of it than the overview has room for on one line of a small screen, surely.',
              **{'post-status': 'draft', 'mp-slug': 'draft', 'category[]': 'rain'})
    site.post('For the new year.', **{'published': '2999-01-02T03:04:00Z', 'mp-slug': 'later', 'name': 'Later'})
    site.post('Whoever has the link.', **{'visibility': 'unlisted', 'mp-slug': 'unlisted'})
    site.post('Nobody else.', **{'visibility': 'private', 'mp-slug': 'private'})
    site.post('Thrown away.', **{'mp-slug': 'gone'})
    site.micropub([('action', 'delete'), ('url', site.url + 'note/gone')])
    site.micropub({'content': 'By the application.'}, token=let_in(site)['access_token'])
    site.micropub({'h': 'entry', 'published': 'on a rainy day', 'content': 'x'})
    site.micropub({'content': 'x'}, token='nobody-made-this')
    site.starpunk('token', 'create', '--scope', 'draft', '--name', 'A script of mine')
    break_for_a_moment(site)
    for _ in range(15):
        for path in ('/', '/feed.atom', '/nothing/' + 'x' * 60):
            site.get(path)
    return paths
