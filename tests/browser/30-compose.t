#!/usr/bin/env python3
"""The owner writes, in a real browser: photos with their descriptions, preview, publishing, editing, the trash, what
survives a reload, what a phone shares. And the same main path without any script.

With SP_SCREENSHOTS=DIR every screen is also photographed, on desktop and phone, light and dark."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import demo
from browser import Browser
from starpunk import Site, Tap, wait_for

SHOTS = os.environ.get('SP_SCREENSHOTS')
PICTURES = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fixtures', 'media'))
SCREENS = (('compose-note', 'admin/compose'), ('compose-article', 'admin/compose?type=article'), ('compose-photo', 'admin/compose?type=photo'),
           ('compose-event', 'admin/compose?type=event'), ('compose-checkin', 'admin/compose?type=checkin'),
           ('compose-share', 'admin/share?title=A+page&url=https://example.org/a&text=Good'), ('compose-edit', 'admin/compose?post=draft'),
           ('posts', 'admin/posts'), ('posts-trash', 'admin/posts?status=trash'), ('posts-none', 'admin/posts?q=nowhere'))


def sign_in(b, site, path='admin'):
    b.open(site.url + path)
    b.type('input[name=password]', site.password)
    b.submit('form[action="/admin/login"] button')


def value(b, css):
    return b.run('return document.querySelector(arguments[0])?.value', css)


def text(b, css):
    return b.run('return document.querySelector(arguments[0])?.textContent ?? ""', css)


def has(b, css):
    return b.run('return !!document.querySelector(arguments[0])', css)


def silent(t, b, what):
    loud = [m for m in b.messages() if 'the server responded with a status of 4' not in m]
    t.eq(loud, [], f'{what}: the console is silent, no CSP violation')


def go(b, site, path):
    """Opens a page of the composer and waits until its script has taken it over."""
    b.open(site.url + path)
    if not wait_for(lambda: has(b, '#compose[data-ready]')):
        raise RuntimeError(f'{path}: the script did not start')


def source(site, slug):
    return site.get(f'/micropub?q=source&url={site.url}note/{slug}', site.auth()).json.get('properties')


def photos(t, b, site):
    go(b, site, 'admin/compose?type=photo')
    for n, name in enumerate(('hills.jpg', 'sea.jpg'), 1):
        b.type('#f-photo', os.path.join(PICTURES, name))
        t.ok(wait_for(lambda: b.run('return document.querySelectorAll(".file img").length') == n), f'{name} goes up as soon as it is chosen')
    t.ok(wait_for(lambda: b.run('return [...document.querySelectorAll(".file img")].every(i => i.complete && i.naturalWidth > 0)')),
         'and is shown from where it will be published')
    b.type('.file:nth-child(1) textarea', 'Hills at dusk')
    b.type('.file:nth-child(2) textarea', 'The sea')
    b.click('.file:nth-child(2) .file-deeds button')
    t.eq(b.run('return document.activeElement.textContent'), 'Earlier', 'a picture that moved keeps the focus')
    t.eq(text(b, '#said'), 'Now in place 1 of 2.', 'and is said to have moved')
    b.type('#f-content', 'Two *pictures*')
    b.click('#preview-button')
    t.ok(wait_for(lambda: has(b, '#preview .preview em')), 'the preview shows the text as the site would')
    t.eq(b.run('return document.querySelectorAll("#preview img.u-photo").length'), 2, 'and the pictures')
    t.eq(b.run('return document.activeElement.id'), 'preview', 'the focus goes there')
    b.type('#f-content', ' and a **word**')
    t.ok(wait_for(lambda: has(b, '#preview .preview strong')), 'it follows what is typed')
    b.run('document.querySelector("details.more").open = true')
    b.type('#f-mp-slug', 'two')
    silent(t, b, 'a post with pictures')
    b.submit('.deeds .primary')
    t.has(b.url(), '/admin/posts?new=two&done=post-published', 'published, the list says so')
    t.eq(text(b, '.done'), 'Published.', 'in words')
    t.eq([p['alt'] for p in source(site, 'two')['photo']], ['The sea', 'Hills at dusk'], 'the pictures have their texts and their order')
    b.open(site.url + 'note/two')
    t.eq(b.run('return [...document.querySelectorAll("img.u-photo")].map(i => i.alt)'), ['The sea', 'Hills at dusk'], 'on the page, too')


def changes(t, b, site):
    go(b, site, 'admin/compose?post=two')
    t.eq(value(b, '#f-content'), 'Two *pictures* and a **word**', 'a post comes back as it was written')
    b.run('document.querySelector("#f-content").value = ""')
    b.type('#f-content', 'Changed')
    b.submit('.deeds .primary')
    t.eq(source(site, 'two')['content'], ['Changed'], 'and is changed')
    b.click('.post-item.fresh .confirm summary')
    b.submit('.post-item.fresh .confirm button')
    t.eq(site.get('/note/two').status, 410, 'deleted')
    b.open(site.url + 'admin/posts?status=trash')
    b.submit('.post-item .post-deeds button')
    t.eq(site.get('/note/two').status, 200, 'and restored from the trash')
    silent(t, b, 'changes')


def two_tabs(t, b, site):
    go(b, site, 'admin/compose?post=two')
    site.micropub_json({'action': 'update', 'url': site.url + 'note/two', 'replace': {'content': ['Theirs']}})
    b.type('#f-content', ' mine')
    b.submit('.deeds .primary')
    t.has(text(b, '#problem'), 'changed elsewhere', 'a post that changed meanwhile is not overwritten')
    t.eq(b.run('return document.activeElement.id'), 'problem', 'the problem has the focus')
    t.eq(b.run('return [...document.querySelectorAll(".pair pre")].map(p => p.textContent)'), ['Theirs', 'Changed mine'], 'both texts are there')
    t.eq(value(b, '#f-content'), 'Changed mine', 'and what was typed')
    b.submit('.deeds .primary')
    t.eq(source(site, 'two')['content'], ['Changed mine'], 'who has seen both may save')


def drafts(t, b, site):
    go(b, site, 'admin/compose')
    b.type('#f-content', 'Half a thought')
    b.type('#f-category', 'wea')
    t.ok(wait_for(lambda: has(b, '#f-category-words:not([hidden]) li')), 'tags are completed')
    b.type('#f-category', '\ue015\ue007')
    t.eq(value(b, '#f-category'), 'weather, ', 'by the arrow key and Enter, which sends nothing')
    t.ok(wait_for(lambda: text(b, '#said') == 'Kept in this browser.'), 'what is typed is kept')
    go(b, site, 'admin/compose')
    t.ok(has(b, '#offer'), 'after a reload it is offered')
    t.eq(value(b, '#f-content'), '', 'and not put in unasked')
    b.click('#offer button')
    t.eq([value(b, '#f-content'), value(b, '#f-category')], ['Half a thought', 'weather, '], 'it comes back whole')
    b.submit('.deeds button[value=draft]')
    t.eq(text(b, '.done'), 'The draft is saved.', 'it becomes a draft on the server')
    t.has(text(b, '.where'), 'Draft', 'and goes on from there')
    go(b, site, 'admin/compose')
    t.ok(not has(b, '#offer'), 'then the browser has forgotten it')
    b.type('#f-content', 'Rather a title')
    b.submit('.kinds li:nth-child(2) a')
    t.eq([text(b, 'h1'), value(b, '#f-content')], ['New article', 'Rather a title'], 'another type takes along what was typed')
    silent(t, b, 'drafts')


def shared(t, site):
    with Browser() as b:
        sign_in(b, site, 'admin/share?title=A%20page&text=Good%20%26%20short&url=https://example.org/a')
        t.eq([value(b, '#f-bookmark-of'), value(b, '#f-name'), value(b, '#f-content')], ['https://example.org/a', 'A page', 'Good & short'],
             'what a phone shared is still there behind the sign-in')
        b.submit('.kinds li:nth-child(4) a')
        t.eq([text(b, 'h1'), value(b, '#f-in-reply-to')], ['New reply', 'https://example.org/a'], 'as a reply, too')
        silent(t, b, 'sharing')


def refused(t, b, site):
    go(b, site, 'admin/compose?type=photo')
    b.type('#f-photo', os.path.join(PICTURES, 'tone.wav'))
    t.ok(wait_for(lambda: 'tone.wav is of a kind' in text(b, '#said')), 'a file of another kind is not taken')
    t.ok(not has(b, '.file'), 'nor listed')
    go(b, site, 'admin/compose?type=like')
    b.type('#f-like-of', 'http://')
    b.run('document.querySelector("#compose").noValidate = true')
    b.submit('.deeds .primary')
    t.has(text(b, '#problem'), 'What you like: needs an address', 'what is wrong is said')
    t.ok(has(b, '#f-like-of[aria-invalid=true]'), 'and marked')


def plain(t, site):
    """Nothing but HTML."""
    with Browser(scripts=False) as b:
        sign_in(b, site)
        b.open(site.url + 'admin/compose?type=photo')
        b.type('#f-photo', os.path.join(PICTURES, 'night.jpg'))
        b.type('#f-content', 'By *hand*')
        b.submit('.add button')
        t.ok(has(b, '.file img'), 'without script a picture is uploaded by a button')
        b.type('.file textarea', 'Night')
        b.submit('#preview-button')
        t.ok(has(b, '#preview .preview em'), 'the preview is on the page')
        t.eq(value(b, '.file textarea'), 'Night', 'what was typed is still there')
        b.click('details.more summary')
        b.type('#f-mp-slug', 'plain')
        b.submit('.deeds .primary')
        t.eq(text(b, '.done'), 'Published.', 'it is published')
        t.eq(source(site, 'plain')['photo'][0]['alt'], 'Night', 'with its description')
        b.submit('.post-item.fresh h2 a')
        b.type('#f-content', ' more')
        b.submit('.deeds .primary')
        t.eq(source(site, 'plain')['content'], ['By *hand* more'], 'edited')
        b.click('.post-item.fresh .confirm summary')
        b.submit('.post-item.fresh .confirm button')
        t.eq(site.get('/note/plain').status, 410, 'deleted')
        b.submit('.kinds li:nth-child(5) a')
        b.submit('.post-item .post-deeds button')
        t.eq(site.get('/note/plain').status, 200, 'restored')
        b.open(site.url + 'admin/posts')
        b.type('#q', 'hand')
        b.submit('.search button')
        t.eq(b.run('return document.querySelectorAll(".post-item").length'), 1, 'found again')


def screens(t, site):
    for size, width, height, dark in (('desktop-light', 1280, 900, False), ('phone-light', 390, 844, False), ('desktop-dark', 1280, 900, True),
                                      ('phone-dark', 390, 844, True), ('narrow', 360, 740, False)):
        with Browser(width=width, height=height, dark=dark) as b:
            sign_in(b, site)
            for name, path in SCREENS:
                b.open(site.url + path)
                b.run('document.querySelector("details.more")?.setAttribute("open", "")')
                what = f'{name}, {size}'
                silent(t, b, what)
                t.ok(b.run('return document.documentElement.scrollWidth <= document.documentElement.clientWidth'), f'{what}: nothing is wider than the screen',
                     b.run('return [document.documentElement.scrollWidth, document.documentElement.clientWidth]'))
                t.eq(b.run('return [...document.querySelectorAll("main input:not([type=hidden]), main select, main textarea")]'
                           '.filter(e => !e.labels.length && !e.ariaLabel).map(e => e.name)'), [], f'{what}: every control has a label')
                t.eq(b.run('const ids = [...document.querySelectorAll("[id]")].map(e => e.id);'
                           'return ids.filter((id, i) => ids.indexOf(id) !== i)'), [], f'{what}: every id is there once')
                t.eq(b.run('return [document.querySelectorAll("h1").length, document.querySelectorAll("[style], [onclick]").length]'), [1, 0],
                     f'{what}: one h1, no inline style')
                if SHOTS:
                    b.screenshot(os.path.join(SHOTS, f'{name}-{size}.png'))


def main():
    if SHOTS:
        os.makedirs(SHOTS, exist_ok=True)
    with Tap() as t, Site() as site:
        site.post('Rain again', **{'category[]': 'weather', 'mp-slug': 'rain'})
        site.post('Not yet.', **{'post-status': 'draft', 'mp-slug': 'draft'})
        site.post('Later', **{'published': '2999-01-02T03:04:00Z', 'mp-slug': 'later'})
        with Browser() as b:
            sign_in(b, site)
            photos(t, b, site)
            changes(t, b, site)
            two_tabs(t, b, site)
            drafts(t, b, site)
            refused(t, b, site)
        shared(t, site)
        plain(t, site)
        demo.post_all(site, skip=('07-photo',))
        site.post('Thrown away', **{'mp-slug': 'gone'})
        site.micropub([('action', 'delete'), ('url', site.url + 'note/gone')])
        screens(t, site)


main()
