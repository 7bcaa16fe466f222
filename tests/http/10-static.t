#!/usr/bin/env python3
"""Static files and media: the front server's own work, whole and right while metrics are on."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import SRC, Site, Tap, fronts

TYPES = {'.css': 'text/css', '.svg': 'image/svg+xml', '.js': 'text/javascript', '.txt': 'text/plain'}


def static_files(t, site):
    top = os.path.join(SRC, 'share', 'static')
    names = sorted(os.listdir(top))
    t.ok(any(n.endswith('.css') for n in names), f'{site.front}: there is a stylesheet to serve')
    for name in names:
        kind = TYPES.get(os.path.splitext(name)[1])
        if not kind:
            continue
        with open(os.path.join(top, name), 'rb') as f:
            want = f.read()
        got = site.get(f'/static/{name}')
        t.eq(got.status, 200, f'{site.front}: /static/{name} arrives with 200')
        t.eq((got.header('Content-Type') or '').split(';')[0], kind, f'{site.front}: /static/{name} has its type')
        t.ok(got.body == want, f'{site.front}: /static/{name} arrives byte for byte')
        t.eq(got.header('X-Content-Type-Options'), 'nosniff', f'{site.front}: /static/{name} is not sniffed')


def caching(t, site):
    plain = site.get('/static/style.css')
    t.eq(plain.header('Cache-Control'), 'public, max-age=86400', f'{site.front}: an unversioned file is kept a day')
    versioned = site.get('/static/style.css?v=0123456789abcdef')
    t.eq(versioned.header('Cache-Control'), 'public, max-age=31536000, immutable', f'{site.front}: a versioned file is kept for ever')
    tag = plain.header('ETag')
    t.ok(tag, f'{site.front}: a static file has an entity tag')
    again = site.get('/static/style.css', {'If-None-Match': tag or ''})
    t.eq(again.status, 304, f'{site.front}: a known static file is not sent again')


def wrong_paths(t, site):
    for path in ('/static/nothing.css', '/static/', '/static/../templates/note.html', '/static/%2e%2e/templates/note.html',
                 '/static/..%2ftemplates/note.html', '/media/nothing.jpg', '/media/', '/media/../starpunk.conf',
                 '/media/%2e%2e/starpunk.db'):
        got = site.get(path)
        t.ok(got.status in (400, 403, 404), f'{site.front}: {path} gives nothing', got)
        t.ok(b'database_path' not in got.body and b'SQLite format' not in got.body,
             f'{site.front}: {path} shows no file')
    for path in ('/static/nothing.css', '/static/nothing.css?v=1', '/media/nothing.jpg'):
        got = site.get(path)
        t.eq(got.status, 404, f'{site.front}: {path} is 404')
        t.ok('max-age' not in (got.header('Cache-Control') or ''), f'{site.front}: {path} is not kept as missing', got)
    for path in ('/static/nothing.css', '/static/', '/media/nothing.jpg', '/media/'):
        got = site.get(path, {'Accept': 'application/json'})
        t.eq((got.status, got.header('Content-Type')), (404, 'application/json'), f'{site.front}: {path} is 404 in JSON')
        t.eq((got.json['error']['code'], got.json['error']['request_id']), ('not_found', got.header('X-Request-ID')),
             f'{site.front}: {path} says what and which request')
        got = site.get(path, {'Accept': 'text/html,*/*;q=0.8'})
        t.eq((got.status, (got.header('Content-Type') or '').split(';')[0]), (404, 'text/html'), f'{site.front}: {path} is 404 as a page')
        t.has(got.text, got.header('X-Request-ID') or '-', f'{site.front}: the page for {path} names the request')


def media(t, site):
    for name, kind in (('a.jpg', 'image/jpeg'), ('b.png', 'image/png'), ('c.mp4', 'video/mp4'), ('d.html', 'application/octet-stream')):
        with open(os.path.join(site.dir, 'media', name), 'wb') as f:
            f.write(b'\x00\x01' * 4096)
        got = site.get(f'/media/{name}')
        t.eq((got.status, len(got.body)), (200, 8192), f'{site.front}: /media/{name} arrives whole')
        t.eq((got.header('Content-Type') or '').split(';')[0], kind, f'{site.front}: /media/{name} has its type')
        t.has(got.header('Content-Security-Policy') or '', 'sandbox', f'{site.front}: /media/{name} is sandboxed')


def not_the_workers(t, site):
    before = site.stats()['http']['requests']
    for _ in range(10):
        site.get('/static/style.css')
    site.get('/media/nothing.jpg')
    t.eq(site.stats()['http']['requests'], before, f'{site.front}: no worker sees static files or media')


def spelled_with_dots(t, front):
    """A directory is the same however it is called: built by ../configure, ours have two dots in their names."""
    with Site(front, front_args=['--static', os.path.join(SRC, 'share', '..', 'share', 'static')]) as site:
        got = site.get('/static/style.css?v=1')
        t.eq((got.status, got.header('Cache-Control')), (200, 'public, max-age=31536000, immutable'), f'{front}: a directory may be called by dots')


with Tap() as t:
    for front in fronts():
        spelled_with_dots(t, front)
        with Site(front, metrics_enabled='true', metrics_sampling_rate='1.0') as site:
            static_files(t, site)
            caching(t, site)
            wrong_paths(t, site)
            media(t, site)
            not_the_workers(t, site)
