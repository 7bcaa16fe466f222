#!/usr/bin/env python3
"""What readers get: pages, conditional requests, error pages, security headers, one request id."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts, wait_for


def pages(t, site):
    f = site.front
    empty = site.get('/')
    t.eq(empty.status, 200, f'{f}: the home page of an empty site answers')
    t.has(empty.text, 'h-feed', f'{f}: it is an h-feed')
    path = site.post('Rain **again** <script>alert(1)</script>', **{'category[]': 'weather', 'mp-slug': 'rain'})
    t.eq(path, '/note/rain', f'{f}: the slug is the one asked for')
    note = site.get(path)
    t.eq(note.status, 200, f'{f}: the permalink answers')
    for part in ('h-entry', 'e-content', 'dt-published', 'p-author', 'u-url', 'p-category', '<strong>again</strong>'):
        t.has(note.text, part, f'{f}: the note has {part}')
    t.ok('<script>alert' not in note.text, f'{f}: HTML in plain content is neutralised')
    t.has(site.get('/').text, '<strong>again</strong>', f'{f}: the home page shows it at once')
    t.has(site.get('/tag/weather').text, '<strong>again</strong>', f'{f}: its tag page shows it')
    for i in range(45):
        site.post(f'Note number {i}')
    home, second, third = site.get('/'), site.get('/page/2'), site.get('/page/3')
    t.has(home.text, 'Note number 44', f'{f}: the newest is on the home page')
    t.ok('Note number 20' not in home.text, f'{f}: older ones are not')
    t.has(second.text, 'Note number 24', f'{f}: page 2 goes on')
    t.has(third.text, '<strong>again</strong>', f'{f}: the last page has the oldest')
    t.eq(site.get('/page/4').status, 404, f'{f}: there is no page behind the last')
    t.has(home.text, 'rel="next"', f'{f}: the home page links to older posts')


def conditional(t, site):
    f = site.front
    for path in ('/', '/note/rain', '/tag/weather', '/feed.atom'):
        first = site.get(path)
        tag = first.header('ETag')
        t.ok(tag, f'{f}: {path} has an entity tag')
        t.has(first.header('Cache-Control') or '', 'no-cache', f'{f}: {path} is revalidated')
        again = site.get(path, {'If-None-Match': tag or ''})
        t.eq((again.status, again.body), (304, b''), f'{f}: {path} is not sent again')
        t.eq(again.header('ETag'), tag, f'{f}: 304 of {path} carries the tag')
        t.eq(site.get(path, {'If-None-Match': '"other"'}).status, 200, f'{f}: {path} is sent under another tag')
        head = site.head(path)
        t.eq((head.status, head.body), (200, b''), f'{f}: HEAD {path} has no body')
        t.eq(head.header('ETag'), tag, f'{f}: HEAD {path} has the same tag')
    modified = wait_for(lambda: site.get('/note/rain').header('Last-Modified'), 5)
    t.ok(modified, f'{f}: a permalink says when it was modified')
    t.eq(site.get('/note/rain', {'If-Modified-Since': modified or ''}).status, 304, f'{f}: and is not sent again')
    old = site.get('/').header('ETag')
    site.post('Something new')
    t.eq(site.get('/', {'If-None-Match': old}).status, 200, f'{f}: a new post makes a new home page')


def errors(t, site):
    f = site.front
    for path in ('/nothing', '/note/nothing', '/tag/nothing', '/page/0', '/page/x', '/page/99999999999999999999',
                 '/note/..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd', '/note/rain%00'):
        got = site.get(path)
        t.ok(got.status in (400, 404), f'{f}: {path} is not there', got)
    for path in ('/?x=%zz', '/feed.atom?%4', '/health?x=%', '/note/rain?a=b&%00'):
        t.eq(site.get(path).status, 400, f'{f}: {path} is malformed')
    html = site.get('/nothing', {'Accept': 'text/html'})
    t.has(html.header('Content-Type') or '', 'text/html', f'{f}: a browser gets an HTML page')
    t.has(html.text, html.header('X-Request-ID') or 'missing', f'{f}: the page shows the request id')
    t.has(html.header('Cache-Control') or '', 'no-store', f'{f}: an error is not kept')
    js = site.get('/nothing', {'Accept': 'application/json'})
    t.eq(js.json['error']['code'], 'not_found', f'{f}: a program gets JSON')
    t.ok(js.json['error']['message'] and js.json['error']['suggestion'] and js.json['error']['troubleshooting'],
         f'{f}: with message, suggestion and steps')
    t.eq(js.json['error']['request_id'], js.header('X-Request-ID'), f'{f}: and the request id')
    wrong = site.request('POST', '/', body=b'')
    t.eq(wrong.status, 405, f'{f}: a wrong method is 405')
    t.has(wrong.header('Allow') or '', 'GET', f'{f}: with the right ones in Allow')
    t.eq(site.request('DELETE', '/note/rain').status, 405, f'{f}: DELETE of a page is 405')
    redirect = site.get('/note/rain/')
    t.eq((redirect.status, redirect.header('Location')), (301, site.url + 'note/rain'), f'{f}: a trailing slash is redirected')
    t.eq(site.get('/', {'Host': 'evil.example'}).status, 421, f'{f}: a foreign host is refused')
    for path in ('//evil.example/', '//evil.example/%2e%2e'):
        got = site.get(path)
        t.ok('//evil.example' not in (got.header('Location') or ''), f'{f}: {path} is no open redirect', got)


def headers(t, site):
    f = site.front
    got = site.get('/')
    csp = got.header('Content-Security-Policy') or ''
    t.has(csp, "default-src 'none'", f'{f}: the page has a strict CSP')
    t.ok('unsafe-inline' not in csp and 'unsafe-eval' not in csp, f'{f}: without unsafe words')
    t.eq(got.header('X-Content-Type-Options'), 'nosniff', f'{f}: nosniff')
    t.eq(got.header('Referrer-Policy'), 'strict-origin-when-cross-origin', f'{f}: referrer policy')
    t.ok(got.header('Set-Cookie') is None, f'{f}: visitors get no cookie')
    t.ok(not re.search(r'<script(?! type="application/ld\+json">)|style=|\son\w+=', got.text), f'{f}: no script, no inline style')
    t.has(got.header('Link') or '', 'rel="micropub"', f'{f}: Micropub is announced by header')
    t.ok(re.search(r'<link[^>]*rel="micropub"[^>]*href="' + re.escape(site.url) + 'micropub"', got.text),
         f'{f}: and by element')


def whole(t, site):
    """Nothing between the program and the client makes an answer harder to keep."""
    f = site.front
    page, style = site.get('/note/rain'), site.get('/static/style.css')
    t.eq(page.header('Content-Length'), str(len(page.body)), f'{f}: a page comes with its length')
    t.eq(site.head('/note/rain').header('Content-Length'), str(len(page.body)), f'{f}: HEAD tells it, too')
    t.ok({page.header('Vary'), style.header('Vary')} <= {None, 'Accept-Encoding'}, f'{f}: pages and files are the same for every client', [page, style])
    for path in ('/note/rain', '/static/style.css', '/feed.rss'):
        small = site.get(path, {'Accept-Encoding': 'gzip'})
        t.ok(not small.header('Content-Encoding') or 'Accept-Encoding' in (small.header('Vary') or ''),
             f'{f}: {path} is compressed for who asks for that, and caches in front are told', small.headers)


def one_request_id(t, site):
    f = site.front
    got = site.get('/note/rain')
    rid = got.header('X-Request-ID')
    t.ok(rid and len(rid) >= 16, f'{f}: the answer carries a request id')
    mine = site.wait_log('request', request_id=rid)
    t.ok(mine and mine[0]['path'] == '/note/rain' and mine[0]['status'] == 200, f'{f}: it stands in our log', mine)
    theirs = wait_for(lambda: [e for e in site.front_log() if e['request_id'] == rid])
    t.ok(theirs and theirs[0]['status'] == 200, f'{f}: and in the front server\'s', theirs)
    forged = site.get('/note/rain', {'X-Request-ID': 'f' * 32}).header('X-Request-ID')
    t.ok(forged != 'f' * 32, f'{f}: a client cannot choose it')
    site.get('/note/rain', {'User-Agent': 'evil\x1b[31m"}{"level":"CRITICAL'})
    t.ok(all('level' in e for e in site.log()), f'{f}: every log line is one JSON object')
    site.get('/nosuch%C3%BC%22', {'User-Agent': 'Zoé "quoted" \\'.encode()})
    t.ok(wait_for(lambda: [e for e in site.front_log() if 'nosuch' in e['path']]), f'{f}: so is every line of the front server')


def front_errors(t, site):
    """What the front server refuses, or says when nobody answers, is explained like the rest."""
    f = site.front
    for what, status, ask in (
            ('a body that is too large for it', 413, lambda h: site.request('POST', '/micropub', {**site.auth(), **h, 'Content-Type':
             'application/x-www-form-urlencoded'}, b'content=' + b'x' * 3000000)),
            ('an address that is too long for it', 414, lambda h: site.get('/' + 'x' * 30000, h)),
            ('a method that it does not know for a file', 405, lambda h: site.request('POST', '/static/style.css', h, b''))):
        got = ask({'Accept': 'application/json'})
        t.eq(got.status, status, f'{f}: {what} is {status}')
        t.has(got.header('Content-Type') or '', 'application/json', f'{f}: {what} is answered in JSON')
        error = got.json['error']
        t.ok((got.json if isinstance(error, str) else error)['suggestion'], f'{f}: {what}: with a suggestion')
        page = ask({'Accept': 'text/html'})
        t.eq('json' in page.header('Content-Type'), page.text.startswith('{'), f'{f}: {what}: the media type is the body\'s for browsers, too')
    site.stop_program()
    for accept, kind in (('application/json', 'application/json'), ('text/html', 'text/html')):
        got = site.get('/', {'Accept': accept})
        t.ok(got.status in (502, 503) and got.header('Retry-After'), f'{f}: a stopped site is down, with Retry-After', got)
        t.has(got.header('Content-Type') or '', kind, f'{f}: said as {kind}')
        t.has(got.text, got.header('X-Request-ID') or 'missing', f'{f}: with the request id')
    lost = site.micropub({'content': 'x'})
    t.ok(lost.status in (502, 503) and not lost.header('Retry-After'), f'{f}: nobody is told to post again blindly', lost)
    t.ok(isinstance(lost.json['error'], str), f'{f}: in Micropub\'s own form')


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            pages(t, site)
            conditional(t, site)
            errors(t, site)
            headers(t, site)
            whole(t, site)
            one_request_id(t, site)
            front_errors(t, site)
