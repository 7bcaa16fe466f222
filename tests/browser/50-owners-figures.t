#!/usr/bin/env python3
"""The owner's pages of figures in a real browser: overview, metrics, health, errors, audit trail; on desktop and phone, light and dark,
and without a script. With SP_SCREENSHOTS=DIR each is photographed."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from browser import Browser
from starpunk import Site, Tap, wait_for

SHOTS = os.environ.get('SP_SCREENSHOTS')
PAGES = (('overview', 'admin'), ('metrics', 'admin/metrics-dashboard'), ('metrics-day', 'admin/metrics-dashboard?span=24h'),
         ('health', 'admin/health'), ('errors', 'admin/errors'), ('audit', 'admin/audit'))
SIZES = (('desktop', {}), ('phone', {'width': 360, 'height': 800}), ('desktop-dark', {'dark': True}),
         ('phone-dark', {'width': 360, 'height': 800, 'dark': True}), ('no-script', {'scripts': False}))


def serve(site, rounds):
    """What a site does on a day: pages read, some that are not there, posts, and a client that is wrong."""
    site.post('Rain **again**, and more of it than the overview has room for on one line of a small screen, surely', **{'mp-slug': 'rain'})
    site.post('Not yet.', **{'post-status': 'draft'})
    for i in range(rounds):
        for path in ('/', '/note/rain', '/feed.atom', '/nothing/' + 'x' * 60):
            site.get(path)
        if i % 10 == 0:
            site.post(f'Note {i}')


def break_for_a_moment(site):
    """Requests that fail by the site's own fault, so that there is something to see."""
    site.sqlite('ALTER TABLE tag RENAME TO gone')
    for _ in range(3):
        site.get('/tag/rain')
    site.sqlite('ALTER TABLE gone RENAME TO tag')


def sign_in(b, site):
    b.open(site.url + 'admin/login')
    b.type('#password', site.password)
    b.submit('form:not([data-passkey]) button')


def look(t, b, site, name, path, size):
    what = f'{name}, {size}'
    b.messages()
    b.open(site.url + path)
    t.eq(b.messages(), [], f'{what}: the console is silent, no CSP violation')
    t.ok(b.run('return document.documentElement.scrollWidth <= document.documentElement.clientWidth'), f'{what}: nothing is wider than the screen')
    t.eq(b.run('return document.querySelectorAll("[style], style, [onclick], script:not([src])").length'), 0, f'{what}: no style and no script in the page')
    t.ok(b.run('return document.querySelectorAll("h1").length == 1 && !!document.querySelector("nav [aria-current=page]")'),
         f'{what}: it has a heading, and the navigation knows where we are')
    t.eq(b.run('const ids = [...document.querySelectorAll("[id]")].map(e => e.id); return ids.length - new Set(ids).size'), 0, f'{what}: no id stands twice')
    if SHOTS:
        b.screenshot(os.path.join(SHOTS, f'{name}-{size}.png'))


def look_at_charts(t, b, size):
    """On the metrics page: each chart is drawn, said and tabled."""
    charts = b.run('return document.querySelectorAll(".chart svg[role=img]").length')
    t.eq(charts, 10, f'charts, {size}: there are ten')
    t.ok(b.run('return [...document.querySelectorAll(".chart svg[role=img]")].every(s => '
               'document.getElementById(s.getAttribute("aria-labelledby")).textContent && '
               'document.getElementById(s.getAttribute("aria-describedby")).textContent && s.getBoundingClientRect().height > 50)'),
         f'charts, {size}: each has a name, a description and a size')
    t.ok(b.run('return [...document.querySelectorAll(".plot .bar.first")].some(p => p.getBoundingClientRect().height > 1)'),
         f'charts, {size}: something was drawn')
    t.eq(b.run('return getComputedStyle(document.querySelector(".plot .bar.first")).fill == "none"'), False, f'charts, {size}: in a colour')
    b.click('.chart details summary')
    t.ok(b.run('return document.querySelectorAll(".chart details[open] tbody tr").length >= 10'), f'charts, {size}: a click opens the table')
    t.ok(b.run('return document.documentElement.scrollWidth <= document.documentElement.clientWidth'), f'charts, {size}: which is not wider than the screen')


def stamp(b):
    return b.run('return document.querySelector("#dashboard .asof time").dateTime')


def look_at_live(t, b, site):
    b.open(site.url + 'admin/metrics-dashboard')
    b.click('#dashboard details summary')
    b.run('document.activeElement.blur()')
    first = stamp(b)
    t.ok(wait_for(lambda: stamp(b) != first, 30), 'the script renews the figures')
    t.ok(b.run('return document.querySelector("#dashboard details").open'), 'and leaves open what was opened')
    b.click('.live button')
    t.eq(b.run('return document.querySelector(".live button").textContent'), 'Renew by itself', 'a button stops it')
    t.eq(b.messages(), [], 'with nothing to complain about')


with Tap() as t:
    if SHOTS:
        os.makedirs(SHOTS, exist_ok=True)
    with Site('nginx', site_name='Ada writes', author_name='Ada Example') as site:
        serve(site, 60)
        break_for_a_moment(site)
        counted = site.stats()['http']['requests']
        t.ok(wait_for(lambda: sum(n or 0 for n in site.stats()['history']['series']['requests']) >= counted - 5, 30), 'the history has caught up')
        for size, how in SIZES:
            with Browser(**how) as b:
                sign_in(b, site)
                for name, path in PAGES:
                    look(t, b, site, name, path, size)
                b.open(site.url + 'admin/metrics-dashboard')
                look_at_charts(t, b, size)
                t.eq(b.run('return document.querySelectorAll(".live button").length'), 0 if size == 'no-script' else 1,
                     f'metrics, {size}: what only a script can do is offered by a script')
                b.open(site.url + 'admin/errors')
                t.ok(b.run('return /3 times/.test(document.querySelector(".trouble").textContent)'), f'errors, {size}: what failed thrice is told once')
                if size == 'desktop':
                    look_at_live(t, b, site)
