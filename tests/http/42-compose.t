#!/usr/bin/env python3
"""The owner's writing through both front servers: forms with files and their limits, what proves a form to be ours, one post
however often it is sent, the trash, the manifest that phones share by."""

import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts
from uploads import Part, mp4, multipart, png

MIB = 1 << 20
FORM = 'application/x-www-form-urlencoded'


class Owner:
    """Signed in; sends forms as a browser does."""

    def __init__(self, site):
        self.site = site
        self.cookie = site.sign_in()

    def headers(self, **more):
        return {'Cookie': self.cookie, 'Origin': self.site.url.rstrip('/'), **more}

    def get(self, path):
        return self.site.get(path, self.headers())

    def hidden(self, path, name):
        return re.search(f'name="{name}" value="([^"]*)"', self.get(path).text)[1]

    def send(self, path, fields, csrf=None):
        pairs = [('csrf', csrf or self.hidden('/admin/compose', 'csrf')), *(fields.items() if isinstance(fields, dict) else fields)]
        return self.site.request('POST', path, self.headers(**{'Content-Type': FORM}), urllib.parse.urlencode(pairs).encode())

    def send_parts(self, path, *parts, **more):
        kind, body = multipart(*parts)
        return self.site.request('POST', path, self.headers(**{'Content-Type': kind, **more}), body)


def stored(site):
    return [name for _, _, names in os.walk(f'{site.dir}/media') for name in names]


def writing(t, site, owner):
    f = site.front
    page = owner.get('/admin/compose?type=photo')
    t.eq(page.status, 200, f'{f}: the form is there')
    csp = page.header('Content-Security-Policy')
    t.ok("script-src 'self'" in csp and 'unsafe' not in csp and "frame-ancestors 'none'" in csp, f'{f}: under a strict policy', csp)
    for script in re.findall(r'src="(/static/[^"]+\.js[^"]*)"', page.text) + ['/static/compose-files.js']:
        answer = site.get(script)
        t.eq([answer.status, answer.header('Content-Type').split(';')[0]], [200, 'text/javascript'], f'{f}: {script.split("?")[0]} is served as a script')
    csrf = owner.hidden('/admin/compose', 'csrf')
    answer = owner.send_parts('/admin/compose', Part('csrf', csrf), Part('type', 'photo'), Part('photo', ''),
                              Part('photo.new', png(seed=1), 'a.png', 'image/png'), Part('content', 'On *paper*'),
                              Part('mp-slug', 'paper'), Part('do', 'publish'))
    t.eq([answer.status, answer.header('Location')], [303, site.url + 'admin/posts?new=paper&done=post-published'], f'{f}: a photo is published with its form')
    t.has(site.get('/note/paper').text, '<em>paper</em>', f'{f}: the page is there')
    t.eq(len(stored(site)), 1, f'{f}: with its file')
    key = owner.hidden('/admin/compose', 'key')
    both = [owner.send('/admin/compose', {'type': 'note', 'content': 'Once', 'key': key, 'do': 'publish'}, csrf).header('Location') for _ in range(2)]
    t.eq(both[0], both[1], f'{f}: a form that is sent twice makes one post')
    answer = owner.send('/admin/compose', {'type': 'like', 'like-of': 'nowhere', 'do': 'publish'}, csrf)
    t.eq(answer.status, 422, f'{f}: what is wrong is said')
    t.has(answer.text, 'value="nowhere"', f'{f}: and comes back')


def limits(t, site, owner):
    f = site.front
    csrf = owner.hidden('/admin/compose', 'csrf')
    film = mp4(5 * MIB)
    answer = owner.send_parts('/admin/upload', Part('csrf', csrf), Part('file', film, 'film.mp4', 'video/mp4'), Accept='application/json')
    t.eq([answer.status, answer.json['files'][0]['type']], [201, 'video/mp4'], f'{f}: a film of 5 MiB passes')
    path = urllib.parse.urlsplit(answer.json['files'][0]['url']).path
    t.eq(site.get(path).body, film, f'{f}: and is served as it came')
    before = len(stored(site))
    for name, parts, header in (('no token', (), {}), ('a wrong token', (Part('csrf', 'x' * 43),), {}), ('a wrong header', (), {'X-CSRF-Token': 'x' * 43})):
        answer = owner.send_parts('/admin/upload', *parts, Part('file', png(seed=9), 'x.png', 'image/png'), Accept='application/json', **header)
        t.eq([answer.status, answer.json['error']['code']], [403, 'csrf'], f'{f}: an upload with {name} is refused')
    answer = owner.send_parts('/admin/upload', Part('file', png(seed=9), 'x.png'), Part('csrf', csrf), Accept='application/json')
    t.eq(answer.status, 403, f'{f}: so is one with its token behind the file')
    kind, body = multipart(Part('csrf', csrf), Part('file', png(seed=9), 'x.png'))
    answer = site.request('POST', '/admin/upload', owner.headers(**{'Content-Type': kind, 'Origin': 'https://evil.example'}), body)
    t.eq(answer.status, 403, f'{f}: and one from another site')
    answer = site.request('POST', '/admin/upload', {'Content-Type': kind}, body)
    t.eq(answer.status, 303, f'{f}: who is not signed in is shown the way')
    t.eq(len(stored(site)), before, f'{f}: nothing is left of any')
    answer = owner.send_parts('/admin/upload', Part('csrf', csrf), Part('file', png(seed=2), 'x.png'))
    t.eq([answer.status, answer.header('Location')], [303, site.url + 'admin/media?done=uploaded'], f'{f}: a plain form goes to the files')
    answer = owner.send('/admin/posts', {'do': 'delete', 'post': 'x' * (2 * MIB + 10000)}, csrf)
    t.eq(answer.status, 413, f'{f}: where no files are taken, two MiB are too much')


def keeping(t, site, owner):
    f = site.front
    csrf = owner.hidden('/admin/compose', 'csrf')
    version = owner.hidden('/admin/compose?post=paper', 'version')
    site.micropub_json({'action': 'update', 'url': site.url + 'note/paper', 'replace': {'content': ['Theirs']}})
    answer = owner.send('/admin/compose', {'type': 'photo', 'post': 'paper', 'version': version, 'content': 'Mine', 'do': 'save'}, csrf)
    t.eq(answer.status, 409, f'{f}: a post that changed meanwhile is not overwritten')
    t.ok('Theirs' in answer.text and 'Mine' in answer.text, f'{f}: both texts are shown')
    owner.send('/admin/posts', {'post': 'paper', 'do': 'delete'}, csrf)
    t.eq(site.get('/note/paper').status, 410, f'{f}: deleted')
    t.has(owner.get('/admin/posts?status=trash').text, 'Restore', f'{f}: it lies in the trash')
    owner.send('/admin/posts', {'post': 'paper', 'do': 'restore'}, csrf)
    t.eq(site.get('/note/paper').status, 200, f'{f}: restored')
    answer = owner.send('/admin/preview', {'type': 'note', 'content': '<script>alert(1)</script> *seen*'}, csrf)
    t.ok('<em>seen</em>' in answer.text and '<script' not in answer.text, f'{f}: a preview is as harmless as the page')


def sharing(t, site, owner):
    f = site.front
    answer = site.get('/manifest.webmanifest')
    t.eq([answer.status, answer.header('Content-Type')], [200, 'application/manifest+json'], f'{f}: the manifest is public')
    for icon in answer.json['icons']:
        got = site.get(icon['src'])
        size = 'x'.join(str(int.from_bytes(got.body[at:at + 4], 'big')) for at in (16, 20))
        t.eq([got.status, got.header('Content-Type'), size], [200, 'image/png', icon['sizes']], f'{f}: icon {icon["sizes"]}, {icon["purpose"]}')
    target = answer.json['share_target']
    query = urllib.parse.urlencode({target['params']['title']: 'Ein Bild', target['params']['text']: 'Schön & gut', target['params']['url']: 'https://b.example/?a=1&b=2'})
    answer = site.get(f'{target["action"]}?{query}')
    t.eq(answer.status, 303, f'{f}: a shared page asks to sign in')
    following = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.header('Location')).query)['next'][0]
    answer = site.form('/admin/login', {'password': site.password, 'next': following}, site.visit())
    page = owner.get(answer.header('Location')[len(site.url) - 1:])
    t.ok('Schön &amp; gut' in page.text and 'https://b.example/?a=1&amp;b=2' in page.text, f'{f}: and is there behind it')
    t.eq(site.sqlite("SELECT count(*) FROM post WHERE text LIKE '%gut%'"), [(0,)], f'{f}: nothing was stored by looking')


with Tap() as tap:
    for front in fronts():
        with Site(front) as s:
            o = Owner(s)
            writing(tap, s, o)
            limits(tap, s, o)
            keeping(tap, s, o)
            sharing(tap, s, o)
