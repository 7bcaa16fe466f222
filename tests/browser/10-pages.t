#!/usr/bin/env python3
"""Pages in a real browser: CSP without a violation, no script needed, readable on a phone, sign-in by form.

One post of each type is among them. With SP_SCREENSHOTS=DIR every page is also photographed, on desktop and phone, light
and dark."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import demo
from browser import Browser
from starpunk import Site, Tap, wait_for

SHOTS = os.environ.get('SP_SCREENSHOTS')
ARTICLE = '''A paragraph with *emphasis*, **weight**, `code` and a [link](https://example.org/).

## A heading

> Somebody said this, and it was long enough to need a second line on most screens that people read on.

1. First
2. Second

```
int main(void) { return 0; } /* a line that is rather long, so that it has to scroll somewhere on a phone */
```

| Column | Other |
|--------|-------|
| one    | two   |

The last paragraph has a very long word: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft.
'''


TYPES = ('04-reply', '05-bookmark', '06-like', '11-event', '15-picture', '16-pictures', '17-video', '18-audio', '19-repost', '20-rsvp',
         '21-checkin', '22-read', '23-listen', '25-people', '26-featured', '28-like')


def content(site):
    for i in range(25):
        site.post(f'Note number {i}: some words that a person might write while waiting for a train.', **{'category[]': 'trains'})
    site.micropub([('h', 'entry'), ('name', 'An article about typography'), ('content', ARTICLE), ('category[]', 'type'),
                   ('category[]', 'C'), ('mp-slug', 'article'), ('summary', 'What a page owes its reader.')])
    site.post('مرحبا بالعالم — ماء', **{'mp-slug': 'rtl'})
    site.post('Rain **again** ☂️ https://example.org/a/very/long/address/that/has/to/break/somewhere/on/a/small/screen?x=1',
              **{'category[]': 'weather', 'mp-slug': 'rain'})
    site.micropub_json({'type': ['h-entry'], 'properties': {'content': 'Rain, in a list of its own?', 'x-long': ['x' * 300]}})
    site.request('POST', '/micropub', {'User-Agent': 'Quill/1.0 (an application with a long name for itself)'}, b'')
    site.post('Not yet.', **{'post-status': 'draft', 'mp-slug': 'draft'})
    # The one picture of another site is left out: nothing here asks for anything elsewhere.
    paths = demo.post_all(site, skip=('07-photo',))
    return [(name[3:], paths[name]) for name in TYPES]


def look(t, b, site, name, path, size):
    b.messages()
    b.open(site.url.rstrip('/') + path)
    what = f'{name}, {size}'
    loud = [m for m in b.messages() if not ('the server responded with a status of 4' in m and name in ('missing', 'gone'))]
    t.eq(loud, [], f'{what}: the console is silent, no CSP violation')
    t.ok(b.run('return document.styleSheets.length > 0 && document.styleSheets[0].cssRules.length > 0'), f'{what}: the stylesheet is applied')
    t.ok(b.run('return document.documentElement.scrollWidth <= document.documentElement.clientWidth'), f'{what}: nothing is wider than the screen',
         b.run('return [document.documentElement.scrollWidth, document.documentElement.clientWidth]'))
    # The owner's pages may have scripts of ours; others have data for search engines, which nothing runs.
    ours = ':not([src^="/static/"])' if name == 'login' else ':not([type="application/ld+json"])'
    t.eq(b.run(f'return document.querySelectorAll(\'script{ours}, [style], [onclick]\').length'), 0, f'{what}: no script, no inline style')
    t.ok(b.run('return performance.getEntriesByType("resource").every(e => e.name.startsWith(location.origin))'),
         f'{what}: nothing comes from elsewhere')
    t.ok(b.run('return !!document.documentElement.lang && !!document.title && !!document.querySelector("main") && '
               'document.querySelectorAll("h1").length <= 1'), f'{what}: it has language, title, main and one h1 at most')
    t.eq(b.run('return [...document.querySelectorAll("img, video, audio")].filter(e => e.getBoundingClientRect().width > innerWidth).length'), 0,
         f'{what}: no picture and no player is wider than the screen')
    if SHOTS:
        b.screenshot(os.path.join(SHOTS, f'{name}-{size}.png'))


def sign_in(b, site):
    b.open(site.url + 'admin')
    b.type('input[name=password]', site.password)
    b.submit('form[action="/admin/login"] button')


def inspect(t, b, site, size):
    """The calls of Micropub clients, closed and opened; none of it needs a script."""
    look(t, b, site, 'calls', '/admin/micropub', size)
    b.click('details.failed summary')
    b.click('details:not(.failed) summary')
    t.eq(b.run('return document.querySelectorAll("details[open] dl").length > 1'), True, f'calls, {size}: a click opens a call')
    t.ok(b.run('return document.documentElement.scrollWidth <= document.documentElement.clientWidth'), f'calls, {size}: which is not wider than the screen')
    if SHOTS:
        b.screenshot(os.path.join(SHOTS, f'calls-open-{size}.png'))

def look_at_media(t, b, site, paths, size):
    """Pictures and players work: what the page names is there, and is what it says."""
    b.open(site.url.rstrip('/') + paths['pictures'])
    loaded = 'return [...document.images].every(i => i.complete && i.naturalWidth > 0)'
    b.run('document.querySelectorAll("img").forEach(i => i.loading = "eager")')
    t.ok(wait_for(lambda: b.run(loaded)), f'gallery, {size}: every picture loads')
    t.ok(b.run('return [...document.images].every(i => i.currentSrc.endsWith(".webp"))'), f'gallery, {size}: as WebP, in one of its sizes',
         b.run('return [...document.images].map(i => i.currentSrc)'))
    t.eq(b.run('return new Set([...document.querySelectorAll(".gallery > *")].map(e => Math.round(e.getBoundingClientRect().right))).size'), 2,
         f'gallery, {size}: three pictures make one row of one and one of two')
    for name, tag in (('video', 'video'), ('audio', 'audio')):
        b.open(site.url.rstrip('/') + paths[name])
        t.ok(wait_for(lambda tag=tag: b.run(f'return document.querySelector("{tag}").readyState >= 1')), f'{name}, {size}: the player has its file')
    t.eq(b.messages(), [], f'media, {size}: the console is silent')


PAGES = [('home', '/'), ('page2', '/page/2'), ('note', '/note/rain'), ('article', '/note/article'), ('rtl', '/note/rtl'),
         ('tag', '/tag/trains'), ('missing', '/nothing'), ('login', '/admin/login')]

with Tap() as t:
    if SHOTS:
        os.makedirs(SHOTS, exist_ok=True)
    with Site('nginx', site_name='Ada writes', author_name='Ada Example', author_note='Engines, trains and weather.') as site:
        types = content(site)
        for size, how in (('desktop', {}), ('phone', {'width': 390, 'height': 844}), ('desktop-dark', {'dark': True}),
                          ('phone-dark', {'width': 390, 'height': 844, 'dark': True}),
                          ('no-script', {'scripts': False})):
            with Browser(**how) as b:
                for name, path in PAGES + types:
                    look(t, b, site, name, path, size)
                look_at_media(t, b, site, dict(types), size)
                if size == 'desktop':
                    b.open(site.url + 'admin')
                    t.has(b.url(), '/admin/login', 'the owner\'s page asks to sign in')
                    b.type('input[name=password]', 'wrong')
                    b.submit('form[action="/admin/login"] button')
                    t.has(b.url(), '/admin/login', 'a wrong password stays there')
                    b.messages()
                    b.type('input[name=password]', site.password)
                    b.submit('form[action="/admin/login"] button')
                    t.eq(b.url(), site.url + 'admin', 'the right one leads to the owner\'s page')
                    look(t, b, site, 'admin', '/admin', size)
                    look(t, b, site, 'draft', '/note/draft', size)
                    t.has(b.run('return document.querySelector(".state").innerText'), 'Draft', 'the owner sees drafts, marked as such')
                else:
                    sign_in(b, site)
                inspect(t, b, site, size)
