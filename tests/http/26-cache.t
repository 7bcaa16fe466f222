#!/usr/bin/env python3
"""Caches in front: what pages tell them, and nginx's own cache with the files of etc/nginx: what it
keeps and what not, how soon a new post is seen, and what visitors see while the program is down."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts, wait_for

AGE = 1     # cache_max_age where pages are to grow old, in seconds


def how(answer):
    """What became of the request in the cache."""
    return answer.header('Cache-Status') or ''


def told(t, front):
    """What the program says, to whoever stands in front."""
    with Site(front, cache_max_age='10s') as site:
        path = site.post('Seen by all')
        shared = 'public, max-age=0, s-maxage=10, stale-while-revalidate=10, stale-if-error=86400'
        for public in ('/', path, '/feed.atom'):
            answer = site.get(public)
            t.eq(answer.header('Cache-Control'), shared, f'{front}: {public} may be kept for a moment by caches that many share')
            t.ok(not answer.cookies(), f'{front}: {public} sets no cookie')
            again = site.get(public, {'If-None-Match': answer.header('ETag')})
            t.eq((again.status, again.header('Cache-Control')), (304, shared), f'{front}: and its 304 says so, too')
        t.eq(site.get('/note/none').header('Cache-Control'), 'no-store', f'{front}: what is not there is not kept')
        t.eq(site.get('/admin/login').header('Cache-Control'), 'no-store', f'{front}: nor is the form to sign in')
        hidden = site.post('Mine alone', visibility='private')
        own = site.get(hidden, {'Cookie': site.sign_in()})
        t.eq((own.status, own.header('Cache-Control')), (200, 'private, no-store'), f"{front}: nor what the owner's cookie opens")
    with Site(front) as site:
        t.eq(site.get('/').header('Cache-Control'), 'public, no-cache', f'{front}: without the setting caches ask each time')


def hit(site, path):
    """The first answer out of the cache: nginx has the page when it has put its file in place, which is behind the answer."""
    return wait_for(lambda: (lambda got: got if how(got) == 'nginx; hit' else None)(site.get(path)), 20) or site.get(path)


def kept(t, site):
    first, second = site.get('/'), hit(site, '/')
    t.eq((how(first), how(second)), ('nginx; fwd=miss', 'nginx; hit'), 'visitors behind the first are answered from the cache')
    t.ok(first.body == second.body and first.header('ETag') == second.header('ETag'), 'with the same page')
    t.eq(second.header('Cache-Control'), 'public, no-cache', 'browsers are told to ask each time')
    ids = {first.header('X-Request-ID'), second.header('X-Request-ID')}
    t.ok(len(ids) == 2 and None not in ids, 'each answer has an id of its own', ids)
    t.ok(site.wait_log('request', request_id=first.header('X-Request-ID')), 'by which the log is searched')
    t.eq(site.log('request', request_id=second.header('X-Request-ID')), [], 'the program has not heard of them')
    same = site.get('/', {'If-None-Match': second.header('ETag')})
    t.eq((same.status, same.body), (304, b''), 'who has the page is told that it is the newest')
    head = site.head('/')
    t.eq((head.status, head.header('Content-Length')), (200, str(len(first.body))), 'HEAD gives the length')
    path = site.post('First looked at by its head')
    t.eq((site.head(path).status, site.head(path).body), (200, b''), 'the head of a page that nobody has asked for')
    t.has(site.get(path).text, 'First looked at', 'is not what GET after it gets')
    feed = [site.get('/feed.atom'), hit(site, '/feed.atom')]
    t.ok(how(feed[1]) == 'nginx; hit' and feed[0].body == feed[1].body, 'a feed is kept like a page', how(feed[1]))


def not_kept(t, site):
    cookie = site.sign_in()
    for who, headers in (('a session', {'Cookie': cookie}), ('a token', site.auth()), ('a cookie of the form to sign in', {'Cookie': site.visit()})):
        t.eq([how(site.get('/', headers)) for _ in range(2)], ['nginx; fwd=bypass'] * 2, f'requests with {who} pass the cache by')
    t.eq(how(site.get('/', {'Cookie': 'other=1; spoon=2'})), 'nginx; hit', 'those with cookies of others do not')
    hidden = site.post('Mine alone', visibility='private')
    t.eq(site.get(hidden, {'Cookie': cookie}).status, 200, 'the owner sees a private post')
    t.eq(site.get(hidden).status, 404, 'and nobody else, after that')
    unlisted = site.post('For who has the address', visibility='unlisted')
    own = site.get(unlisted, {'Cookie': cookie}).text
    t.ok(own != site.get(unlisted).text and own != site.get(unlisted).text, "what the owner is told about a post does not come out of the cache")
    for path in ('/health', '/admin/login', '/micropub?q=config'):
        t.eq(how(site.get(path, {'Accept': 'application/json'})), 'nginx; fwd=bypass', f'{path} is never taken from the cache')
    t.eq(site.get('/note/soon').status, 404, 'an address where nothing is')
    site.post('Now there is', **{'mp-slug': 'soon'})
    t.eq(site.get('/note/soon').status, 200, 'has its post as soon as there is one')
    t.eq(site.get('/?a').status, site.get('/?b').status, 'each query is a page of its own')


def seen(t, site):
    """A new post is on the home page when the time has passed twice, whoever comes when."""
    text = f'News of {time.time_ns()}'
    site.get('/')
    site.post(text)
    t.has(site.get('/', {'Cookie': 'sp=x'}).text, text, 'a new post is at once on the home page that passes the cache by')
    start = time.monotonic()
    t.ok(wait_for(lambda: text in site.get('/').text, 2 * AGE + 10), 'and soon on everybody\'s')
    t.diag(f'after {time.monotonic() - start:.1f} s, promised {2 * AGE}')
    # Nothing has changed since: to be told so is all that the program is asked for.
    t.ok(wait_for(lambda: site.get('/') and site.log('request', path='/', status=304), 10 * AGE), 'an old page that is still the newest costs a 304')


def down(t, site):
    """The program has stopped; its socket is gone."""
    path = site.post('Worth reading')
    kept_page = site.get(path)
    site.get('/')
    site.stop_program()
    t.ok(wait_for(lambda: 'stale' in how(site.get('/')), 2 * AGE + 20), 'while the program is down, old pages are shown')
    answer = site.get(path)
    t.eq((answer.status, answer.body), (200, kept_page.body), 'each that is in the cache')
    t.eq(site.get('/note/never-seen').status, 502, 'what is not there cannot be shown')
    t.eq(site.micropub({'content': 'x'}).status, 502, 'and nothing is taken in')
    site.start_program()
    t.ok(site.wait_healthy(), 'the program is back')
    new = site.post('Back again')
    t.ok(wait_for(lambda: 'Back again' in site.get('/').text, 2 * AGE + 20), 'and so are new pages')
    t.eq(site.get(new).status, 200, 'and posts')


with Tap() as t:
    for front in fronts():
        told(t, front)
    if 'nginx' in fronts():
        with Site('nginx', front_args=['--cache'], cache_max_age='1h') as site:
            kept(t, site)
            not_kept(t, site)
        with Site('nginx', front_args=['--cache'], cache_max_age=f'{AGE}s') as site:
            seen(t, site)
            down(t, site)
