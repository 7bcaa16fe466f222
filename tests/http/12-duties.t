#!/usr/bin/env python3
"""What a front server owes the site beside passing requests on: compression, pieces of files, questions whether something
is still the same, bodies of any length and kind, and the health of a site for who may see it."""

import gzip
import hashlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import SANITIZED, Site, Tap, fronts
from uploads import mp4, upload

MIB = 1 << 20
# What max_media_size is here, and the front server's limit around it.
FILM, LIMIT = 200 * MIB, 202
ZIPPED = {'Accept-Encoding': 'gzip'}


def compression(t, site, page):
    f = site.front
    for path in (page, '/feed.atom', '/feed.rss', '/feed.json', '/static/style.css'):
        plain, small = site.get(path), site.get(path, ZIPPED)
        t.eq((plain.header('Content-Encoding'), small.header('Content-Encoding')), (None, 'gzip'), f'{f}: {path} is compressed for who asks for it')
        t.ok(gzip.decompress(small.body) == plain.body, f'{f}: {path} is the same then')
        t.ok(len(small.body) < len(plain.body) / 2, f'{f}: {path} is less than half', (len(small.body), len(plain.body)))
        t.has(small.header('Vary') or '', 'Accept-Encoding', f'{f}: {path}: caches are told')
        for headers, first in ((ZIPPED, small), ({}, plain)):
            again = site.get(path, {**headers, 'If-None-Match': first.header('ETag') or 'none'})
            t.eq((again.status, again.body), (304, b''), f'{f}: {path} is not sent again{", compressed or not" if headers else ""}')
    for path in ('/admin/login', '/auth', '/media/film.mp4'):
        t.eq(site.get(path, ZIPPED).header('Content-Encoding'), None, f'{f}: {path} is not compressed')


def pieces(t, site):
    f = site.front
    for path in ('/static/style.css', '/media/film.mp4'):
        whole = site.get(path)
        n = len(whole.body)
        for asked, got, where in (('bytes=0-9', whole.body[:10], f'bytes 0-9/{n}'), ('bytes=-5', whole.body[-5:], f'bytes {n - 5}-{n - 1}/{n}'),
                                  (f'bytes={n - 3}-', whole.body[-3:], f'bytes {n - 3}-{n - 1}/{n}')):
            answer = site.get(path, {'Range': asked})
            t.eq((answer.status, answer.body, answer.header('Content-Range')), (206, got, where), f'{f}: {path}: {asked}')
        t.eq(site.get(path, {'Range': f'bytes={n}-'}).status, 416, f'{f}: {path}: what begins behind the end is 416')
        t.eq(len(site.get(path, {'Range': 'bytes=0-9', 'If-Range': '"another"'}).body), n, f'{f}: {path}: of another file than thought all is sent')
        t.eq(site.get(path, {'If-Modified-Since': whole.header('Last-Modified') or ''}).status, 304, f'{f}: {path}: the date is answered, too')
        answer = site.get(path, {**ZIPPED, 'Range': 'bytes=0-9'})
        t.ok(answer.status == 200 or (answer.body, answer.header('Content-Encoding')) == (whole.body[:10], None),
             f'{f}: {path}: no piece is one of the compressed file', answer)
        head = site.head(path)
        t.eq((head.status, head.header('Content-Length'), head.body), (200, str(n), b''), f'{f}: {path}: HEAD tells the length')


def in_chunks(data, size):
    return b''.join(b'%x\r\n%s\r\n' % (len(piece), piece) for piece in (data[i:i + size] for i in range(0, len(data), size))) + b'0\r\n\r\n'


def bodies(t, site):
    f = site.front
    form = {'Content-Type': 'application/x-www-form-urlencoded', 'Transfer-Encoding': 'chunked', **site.auth()}
    answer = site.request('POST', '/micropub', form, in_chunks(b'h=entry&content=in+chunks', 7))
    t.eq(answer.status, 201, f'{f}: a post may come in chunks')
    t.has(site.get('/').text, 'in chunks', f'{f}: whole')
    answer = site.request('POST', '/micropub', form, in_chunks(b'h=entry&content=' + b'x' * (3 * MIB), 60000))
    t.eq((answer.status, answer.json['error']), (413, 'invalid_request'), f'{f}: one that is too long is refused when that is seen')
    answer = site.request('POST', '/micropub', {**form, 'Expect': '100-continue'}, in_chunks(b'h=entry&content=expected', 10))
    t.eq(answer.status, 201, f'{f}: who asks whether it may send is answered')


def films(t, front):
    """What a phone makes in two minutes: up, and down again."""
    if SANITIZED:
        t.skip('smaller ones are looked at with sanitizers', f'{front}: a film of 200 MiB is stored')
        return
    with Site(front, max_media_size='200MiB', front_args=['--max-media', str(LIMIT)]) as site:
        film = mp4(FILM - 1000)
        answer = upload(site, film)
        if not t.eq(answer.status, 201, f'{front}: a film of 200 MiB is stored'):
            return
        path = '/' + answer.header('Location')[len(site.url):]
        t.eq(hashlib.sha256(site.get(path).body).digest(), hashlib.sha256(film).digest(), f'{front}: and comes back')
        t.eq(site.get(path, {'Range': 'bytes=150000000-150000009'}).body, film[150000000:150000010], f'{front}: or a piece of it')


def health(t, site):
    f = site.front
    answer = site.get('/health', {'Accept': 'application/health+json'})
    t.eq((answer.status, (answer.header('Content-Type') or '').split(';')[0]), (200, 'application/health+json'), f'{f}: health in the form that is asked for')
    t.eq(answer.header('Cache-Control'), 'no-store', f'{f}: kept by nobody')
    t.ok('checks' not in site.get('/health/ready').json, f'{f}: strangers hear how it is, not why')
    shown = site.get('/health/ready', site.auth(site.make_token('admin')))
    t.ok(shown.status == 200 and 'checks' in shown.json, f'{f}: who has a token for it hears why', shown)


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            page = site.post('A few words of many ' * 400)
            with open(f'{site.dir}/media/film.mp4', 'wb') as f:
                f.write(bytes(range(256)) * 500)
            compression(t, site, page)
            pieces(t, site)
            bodies(t, site)
            health(t, site)
        films(t, front)
