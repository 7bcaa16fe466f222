#!/usr/bin/env python3
"""Micropub sections 3.8 and 5 from outside: who may, every error and its form, what is commonly wrong, hostile input."""

import json
import os
import re
import sys
import threading
import time
from html import unescape
from html.parser import HTMLParser

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from micropub import FORM, JSON, act, ask, counts, create, files, made, multipart, page, png, run, scoped, send, send_json, send_parts, source, upload, update
from starpunk import SANITIZED, Site, Tap, fronts

ENDPOINTS = ('/micropub', '/micropub/media')


def refused(t, got, status, error, name):
    """An error as the standard wants it, that a browser client can read and that shows no inside."""
    body = got.json if got.body else {}
    t.ok((got.status, body.get('error')) == (status, error) and body.get('error_description') and (got.header('Content-Type') or '').startswith('application/json')
         and got.header('Access-Control-Allow-Origin') == '*', name, got)
    t.ok(not re.search(r'/tmp/|SELECT|sqlite|\.c:\d', got.text, re.I) and body.get('request_id') == got.header('X-Request-ID'), f'{name}, with its request id and no inside', got)


def tokens(t, site):
    f = site.front
    before, stored = counts(site), files(site)
    data = png(20, 20)
    for path in ENDPOINTS:
        kind, body = (FORM, b'content=x') if path == '/micropub' else multipart([('file', 'x.png', 'image/png', data)])

        def post(headers, body=body, kind=kind, path=path):
            return site.request('POST', path, {'Content-Type': kind, **headers}, body)
        none = post({})
        refused(t, none, 401, 'unauthorized', f'{f} {path}: no token is 401')
        t.eq(none.header('WWW-Authenticate'), 'Bearer', f'{f} {path}: with a challenge that names no error')
        for bad in ('sp_unknown', 'x', '', 'sp_' + 'A' * 43, 'sp_' + 'B' * 5000):
            got = post({'Authorization': 'Bearer ' + bad})
            t.ok(got.status in (400, 401, 431) and (got.status != 401 or got.json['error'] in ('invalid_token', 'unauthorized')), f'{f} {path}: token {bad[:12]!r} is refused', got)
        wrong = post({'Authorization': 'Bearer sp_' + 'A' * 43})
        refused(t, wrong, 401, 'invalid_token', f'{f} {path}: an unknown token is 401')
        t.has(wrong.header('WWW-Authenticate') or '', 'error="invalid_token"', f'{f} {path}: named in WWW-Authenticate')
        in_url = site.request('POST', f'{path}?access_token={site.token}', {'Content-Type': kind}, body)
        refused(t, in_url, 401, 'unauthorized', f'{f} {path}: a token in the URL is none')
        for scope in ('', 'profile', 'recreate', 'create:video', 'mediate', 'CREATE'):
            got = post({'Authorization': 'Bearer ' + scoped(site, scope)})
            refused(t, got, 401, 'insufficient_scope', f'{f} {path}: scope {scope!r} is not enough')
            t.ok(got.json.get('scope'), f'{f} {path}: which names what is needed', got)
    twice = [site.request('POST', '/micropub', {'Content-Type': FORM, **site.auth()}, f'content=x&access_token={site.token}'.encode())]
    for path, part in (('/micropub', ('content', 'x')), ('/micropub/media', ('file', 'x.png', 'image/png', data))):
        for order in (lambda p: p, reversed):
            twice.append(send_parts(site, list(order([part, ('access_token', site.token)])), path=path))
    t.eq([(g.status, g.body) for g in twice], [(400, b'')] * 5, f'{f}: a token in header and body, even the same, is 400 with an empty body')
    t.ok(all('error="invalid_request"' in (g.header('WWW-Authenticate') or '') for g in twice), f'{f}: and the challenge says invalid_request', twice)
    in_json = send_json(site, {'access_token': site.token, 'properties': {'content': ['x']}}, token=False)
    refused(t, in_json, 401, 'unauthorized', f'{f}: a token in JSON is none')
    t.eq((counts(site), files(site)), (before, stored), f'{f}: nothing of all this was stored')
    t.eq(site.micropub({'content': 'Case of the scheme'}, headers={'Authorization': 'bEARER ' + site.token}).status, 201, f'{f}: the scheme compares case-insensitively')
    body = f'content=Token+in+the+body&access_token={site.token}'.encode()
    t.eq(site.request('POST', '/micropub', {'Content-Type': FORM}, body).status, 201, f'{f}: a token in a form body is taken')
    hides = send_json(site, {'access_token': 'sp_secret-of-mine', 'properties': {'content': ['Hides a token'], 'access_token': ['sp_secret-of-mine']}})
    kept = source(site, hides.header('Location'))
    t.ok('access_token' not in kept, f'{f}: access_token is stripped from JSON, too', kept)
    for scope, path_status in (('media', {'/micropub/media': 201}), ('create', {'/micropub/media': 201, '/micropub': 201}), ('post', {'/micropub': 201}), ('draft', {'/micropub': 201})):
        token = scoped(site, scope)
        for path, want in path_status.items():
            got = upload(site, png(21, 20, len(scope)), token=token) if path.endswith('media') else create(site, token=token, content=f'By scope {scope}')
            t.eq(got.status, want, f'{f} {path}: scope {scope} is enough')
    t.eq(source(site, create(site, token=scoped(site, 'draft'), content='Draft scope', post_status='published').header('Location'), 'post-status'),
         {'post-status': ['draft']}, f'{f}: scope draft forces a draft')
    seen = site.output() + ''.join(json.dumps(e) for e in site.log())
    with open(f'{site.dir}/starpunk.db', 'rb') as db, open(f'{site.dir}/starpunk.db-wal', 'rb') as wal:
        data = db.read() + wal.read()
    t.ok(site.token not in seen.replace(f'access_token={site.token}', ''), f'{f}: no token in the logs')
    for name in os.listdir(f'{site.dir}/run'):
        if os.path.isfile(f'{site.dir}/run/{name}'):
            with open(f'{site.dir}/run/{name}', 'rb') as run_file:
                data += run_file.read()
    t.ok(site.token.encode() not in data and b'sp_secret-of-mine' not in data, f'{f}: nor in the database or what the inspector keeps')


def errors(t, site):
    f = site.front
    deep = b'{"properties":{"content":[' + b'[' * 100000 + b']' * 100000 + b']}}'
    nested = b'{"properties":{"x":[' + b'{"a":' * 40 + b'1' + b'}' * 40 + b'],"content":["x"]}}'
    cases = [
        ('bad UTF-8 in a form', FORM, b'content=%ff', 400), ('U+0000 in a form', FORM, b'content=a%00b', 400), ('U+0000 in a name', FORM, b'content=a&x%00y=b', 400),
        ('raw bad UTF-8', FORM, b'content=\xff', 400), ('overlong UTF-8', FORM, b'content=%c0%ae', 400), ('bad UTF-8 in JSON', JSON, b'{"properties":{"content":["\xff"]}}', 400),
        ('U+0000 in JSON', JSON, b'{"properties":{"content":["a\\u0000b"]}}', 400), ('a lone surrogate', JSON, b'{"properties":{"content":["\\ud800"]}}', 400),
        ('duplicate properties', JSON, b'{"properties":{"content":["a"]},"properties":{"content":["b"]}}', 400),
        ('a duplicate name deep inside', JSON, b'{"properties":{"content":["a"],"x":[{"y":1,"y":2}]}}', 400),
        ('JSON nested 100 000 deep', JSON, deep, 400), ('JSON nested 40 deep', JSON, nested, 400), ('JSON with something behind it', JSON, b'{"properties":{"content":["a"]}} x', 400),
        ('an empty JSON body', JSON, b'', 400), ('an empty form', FORM, b'', 400), ('no media type', None, b'content=x', 415), ('text/plain', 'text/plain', b'content=x', 415),
        ('a media type that only begins right', 'application/jsonp', b'{"properties":{"content":["x"]}}', 415), ('XML', 'application/xml', b'<x/>', 415),
        ('multipart without a boundary', 'multipart/form-data', b'--x--', 400), ('multipart cut short', 'multipart/form-data; boundary=B', b'--B\r\nContent-Disposition: form-data; name="content"\r\n\r\nx', 400),
        ('2 MiB of form', FORM, b'content=' + b'x' * (2 << 20), 413), ('2 MiB of JSON', JSON, b'{"properties":{"content":["' + b'x' * (2 << 20) + b'"]}}', 413),
        ('an unknown action', FORM, b'action=explode&url=x', 400),
    ]
    parts = [('content', 'x')] + [(f'p{i}', 'y') for i in range(10000)]
    cases.append(('10 000 multipart parts', *multipart(parts), 400))
    cases.append(('multipart of 2 MiB text', *multipart([('content', 'x' * (2 << 20))]), 413))
    before = counts(site)
    for name, kind, body, status in cases:
        refused(t, send(site, kind, body), status, 'invalid_request', f'{f}: {name} is {status}')
    t.eq(counts(site), before, f'{f}: none of it was stored')
    got = site.request('PUT', '/micropub/media', site.auth(), b'')
    t.ok(got.status == 405 and 'POST' in (got.header('Allow') or ''), f'{f}: PUT to the media endpoint is 405 with Allow', got)


def urls(t, site):
    f = site.front
    before = counts(site)[0]
    for prop in ('photo', 'video', 'audio', 'in-reply-to', 'like-of', 'repost-of', 'bookmark-of', 'syndication'):
        for bad in ('javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', 'file:///etc/passwd', '//x', 'not a url', 'http://', 'https://a b/'):
            got = create(site, **{'content': 'bad url', prop: [bad]})
            t.ok(got.status == 400 and got.json['error'] == 'invalid_request', f'{f}: {prop}={bad[:16]} is 400', got)
    t.eq(counts(site)[0], before, f'{f}: and no post')
    got = create(site, content='No fetch', photo=[f'http://127.0.0.1:{site.port}/health?fetched'])
    t.ok(got.status == 201 and not [e for e in site.front_log() if 'fetched' in str(e)], f'{f}: photo=http://127.0.0.1:… is stored and not fetched', got)


def slugs(t, site):
    f = site.front
    for slug in ('../../x', '..', 'admin', '/etc/passwd', '%2e%2e', '%0d%0aSet-Cookie: x=1', 'a\r\nSet-Cookie: x=1', 'x' * 5000, '.', '?', '#', 'ä/ö', '\u202e', '<script>', 'feed.atom'):
        got = create(site, content=f'Slug {slug[:30]}', mp_slug=slug)
        where = got.header('Location') or ''
        good = got.status == 201 and re.fullmatch(re.escape(site.url) + r'note/[^/?#\s<>]{1,300}', where) and '..' not in where
        t.ok(good and got.header('Set-Cookie') is None and page(site, where).status == 200, f'{f}: mp-slug {slug[:16]!r} is cleaned, unique, inside', got)
    t.eq(site.get('/admin/login').status, 200, f'{f}: no reserved path was covered')
    t.eq(site.get('/feed.atom').header('Content-Type').split(';')[0], 'application/atom+xml', f'{f}: nor the feed')


class Dangers(HTMLParser):
    """Collects what would do something in a reader's browser."""

    def __init__(self, origin):
        super().__init__()
        self.origin, self.found, self.data = origin, [], None

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        self.data = '' if attrs == [('type', 'application/ld+json')] and tag == 'script' else None
        if self.data is not None:       # data, which nothing runs: whole, and all of it, or it is found at its end
            return
        if tag in ('iframe', 'base', 'object', 'embed', 'style') or (tag == 'script' and not (names.get('src') or '').startswith('/static/')) \
                or (tag == 'meta' and 'http-equiv' in names) or (tag == 'form' and not (names.get('action') or '').startswith(('/', self.origin))):
            self.found.append((tag, attrs))
        self.found += [(tag, n, v) for n, v in attrs if n.startswith('on') or n in ('style', 'srcdoc') or (v or '').strip().lower().startswith(('javascript:', 'data:text'))]

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        if self.data is not None:
            self.data += data

    def handle_endtag(self, tag):
        if self.data is not None and (tag != 'script' or '<' in self.data or not isinstance(json.loads(self.data), (dict, list))):
            self.found.append(('data', self.data))
        self.data = None


def dangers(html, origin):
    parser = Dangers(origin)
    parser.feed(html)
    return parser.found


HOSTILE = ('<script>alert(1)</script><img src=x onerror=alert(2)><iframe srcdoc="<script>alert(3)</script>"></iframe><base href="https://evil.example/">'
           '<meta http-equiv=refresh content="0;url=https://evil.example/"><a href="javascript:alert(4)">a</a><svg onload=alert(5)></svg><object data=x></object>'
           '<form action=https://evil.example/><input></form><style>*{display:none}</style><p style="position:fixed" onclick="alert(6)">kept words</p>')


def content(t, site):
    f = site.front
    html = made(site, content=[{'html': HOSTILE}], mp_slug='hostile-html')
    plain = made(site, content=HOSTILE, name=HOSTILE[:60], summary=HOSTILE[:100], category=['<script>alert(7)</script>', '"><img src=x onerror=alert(8)>'],
                 photo=['https://elsewhere.example/x.jpg'],
                 mp_photo_alt=['"><script>alert(10)</script>'], location=['<script>alert(11)</script>'], mp_slug='hostile-plain')
    cite = made(site, in_reply_to=[{'type': ['h-cite'], 'properties': {'name': ['<script>alert(12)</script>'], 'url': ['https://elsewhere.example/?q=%22%3E%3Cscript%3E'],
                'author': [{'type': ['h-card'], 'properties': {'name': ['<img src=x onerror=alert(14)>'], 'url': ['https://elsewhere.example/']}}]}}], content='Reply', mp_slug='hostile-cite')
    for where in (html, plain, cite, site.url):
        t.eq(dangers(page(site, where).text, site.url), [], f'{f}: hostile content is neutral at {where[len(site.url) - 1:]}')
    feed = site.get('/feed.atom').text
    inner = [unescape(e) for e in re.findall(r'<(?:content|summary|title)[^>]*type="html"[^>]*>(.*?)</', feed, re.S)]
    t.eq((len(inner) > 0, [dangers(e, site.url) for e in inner if dangers(e, site.url)]), (True, []), f'{f}: and in the feed')
    t.ok('kept words' in page(site, html).text, f'{f}: what is harmless stays')
    t.ok('<script>alert' not in feed, f'{f}: the feed itself holds no script')


def commonly_wrong(t, site):
    """What other servers have got wrong, one by one."""
    f = site.front
    got = send(site, FORM, 'h=entry&content=Commonly&category=one&photo[]=https://a.example/1.jpg&photo[]=https://a.example/2.jpg')
    props = source(site, got.header('Location'))
    t.eq(got.status, 201, f'{f}: a create is 201, not 200, not 302')
    t.ok(got.header('Location').startswith('http://'), f'{f}: Location is absolute')
    t.eq((props['category'], len(props['photo'])), (['one'], 2), f'{f}: one category is an array, every photo[] is kept')
    url = got.header('Location')
    t.eq([act(site, a, url).status for a in ('delete', 'undelete')], [204, 204], f'{f}: delete and undelete are 204, with one URL')
    t.eq((page(site, url).status, source(site, url)['photo']), (200, props['photo']), f'{f}: and lose nothing')
    t.eq([update(site, url, add={'rating': ['5']}).status, update(site, url, delete={'rating': ['5']}).status, 'rating' in source(site, url)], [204, 204, False],
         f'{f}: add to a missing property works, the last value gone takes the property along')
    t.eq(update(site, url, replace={'content': 'scalar'}).status, 400, f'{f}: a scalar in replace is refused')
    t.eq(source(site, url, 'content')['content'], ['Commonly'], f'{f}: plain content is no {{"html"}}')
    config = ask(site, 'config').json
    t.ok(config['media-endpoint'].startswith('http') and config['syndicate-to'] == [], f'{f}: media-endpoint is absolute, syndicate-to an array', config)
    t.ok(site.micropub({'content': 'Header through the front server'}).status == 201, f'{f}: the Authorization header reaches the program')


def injection(t, site):
    f = site.front
    for path in ('/micropub?q=source&url=%0d%0aSet-Cookie:%20a=b', '/note/%0d%0aSet-Cookie:%20a=b', '/micropub?q=%0d%0aX-Evil:1'):
        got = site.get(path, site.auth())
        t.ok(got.status in (400, 404) and got.header('Set-Cookie') is None and got.header('X-Evil') is None, f'{f}: {path[:40]} reaches no header', got)
    got = send(site, FORM, 'content=x&mp-syndicate-to=%0d%0aX-Evil:1&mp-slug=%0d%0aX-Evil:1')
    t.ok(got.status == 201 and got.header('X-Evil') is None, f'{f}: nor does a command', got)


def memory(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as f:
        return next(int(line.split()[1]) for line in f if line.startswith('VmHWM:'))


def bounded(t, site):
    """Hostile bodies over and over: the workers' memory stays where it was."""
    f = site.front
    bodies = [(JSON, b'{"properties":{"content":[' + b'{"a":[' * 150000), (JSON, b'{"properties":{' + b','.join(b'"p%d":["x"]' % i for i in range(60000)) + b'}}'),
              (JSON, b'{"properties":{"x":[' + b'1,' * 500000 + b'1]}}'), (FORM, b'&'.join([b'c[]=1'] * 170000)), (FORM, b'%41' * 300000 + b'=x'),
              multipart([('category[]', 'x')] * 9000), (FORM, b'content=' + b'*_[' * 300000)]

    def round_of(n):
        worst = 0.0
        for _ in range(n):
            for kind, body in bodies:
                start = time.monotonic()
                got = send(site, kind, body)
                worst = max(worst, time.monotonic() - start)
                if got.status not in (400, 413):
                    t.ok(False, f'{f}: hostile body {body[:30]!r} is refused', got)
        return worst
    round_of(2)
    before = {pid: memory(pid) for pid in site.workers()}
    worst = round_of(2)
    grown = max(memory(pid) - was for pid, was in before.items())
    t.eq(set(before), set(site.workers()), f'{f}: hostile bodies end no worker')
    t.ok(grown < (65536 if SANITIZED else 8192), f'{f}: and cost no more memory each time', f'{before}, grown {grown} KiB')
    t.ok(worst < (20 if SANITIZED else 5), f'{f}: each is refused in bounded time', worst)


def guessing(t, front):
    """Bad tokens in a storm; good ones keep working. Readers at the same address, too."""
    with Site(front, login_rate_limit='20/m') as site:
        got = []

        def guess():
            for i in range(15):
                got.append(site.micropub({'content': 'x'}, token=f'sp_{i:043}'))
        threads = [threading.Thread(target=guess) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        late = [g for g in got if g.status == 429]
        t.ok(len(late) >= 35 and {g.status for g in got} == {401, 429}, f'{front}: a storm of bad tokens is 429', [g.status for g in got])
        t.ok(all(int(g.header('Retry-After') or 0) > 0 and g.json['error'] == 'temporarily_unavailable' for g in late), f'{front}: with Retry-After', late[:1])
        t.eq((site.get('/').status, site.sqlite('select count(*) from post')[0][0]), (200, 0), f'{front}: readers are still served')


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            run(t, site, (tokens, errors, urls, slugs, content, commonly_wrong, injection, bounded))
        guessing(t, front)
