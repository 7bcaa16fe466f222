#!/usr/bin/env python3
"""The media endpoint through the front servers: what is stored, how it is served, what is refused, what is left behind."""

import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts
from uploads import HTML, SVG, Part, gif, mp4, multipart, pdf, png, post, upload, wav

NAME = re.compile(r'media/[0-9a-f]{2}/[0-9a-f]{62}\.[a-z0-9]+$')


def path_of(answer):
    return urllib.parse.urlsplit(answer.header('Location')).path


def stored(site):
    """Every file below media_path, however it is called."""
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(f'{site.dir}/media') for name in names)


def types(t, site):
    f = site.front
    for data, name, kind in ((png(), 'a.html', 'image/png'), (gif(), 'a.php', 'image/gif'), (wav(), 'a.svg', 'audio/wav'),
                             (mp4(3000), 'a.js', 'video/mp4'), (pdf(), 'a', 'application/pdf')):
        answer = upload(site, data, name)
        if not t.eq(answer.status, 201, f'{f}: {kind} is stored, whatever it is called'):
            t.diag(answer)
            continue
        t.ok(answer.header('Location').startswith(site.url) and NAME.search(answer.header('Location')),
             f'{f}: {kind}: its URL is absolute and says nothing', answer.header('Location'))
        got = site.get(path_of(answer))
        t.eq((got.status, got.header('Content-Type')), (200, kind), f'{f}: {kind}: it is served as what it is')
        t.eq((got.header('X-Content-Type-Options'), got.header('Content-Security-Policy'), got.header('Cache-Control')),
             ('nosniff', "default-src 'none'; sandbox", 'public, max-age=31536000, immutable'), f'{f}: {kind}: and as nothing else, for ever')
        t.eq(upload(site, data).header('Location'), answer.header('Location'), f'{f}: {kind}: the same bytes have the same URL')
    t.eq(len(stored(site)), 5, f'{f}: each is stored once')


def queries(t, site):
    f = site.front
    auth = site.auth()
    listed = site.get('/micropub/media?q=source&limit=2', auth)
    t.eq((listed.status, len(listed.json['items'])), (200, 2), f'{f}: q=source lists files')
    t.eq(listed.header('Cache-Control'), 'no-store', f'{f}: and is not kept')
    last = site.get('/micropub/media?q=last', auth).json
    t.eq(last, {'url': listed.json['items'][0]['url']}, f'{f}: q=last is the newest')
    one = site.get('/micropub/media?q=source&url=' + urllib.parse.quote(last['url'], safe=''), auth)
    t.eq(one.json, listed.json['items'][0], f'{f}: q=source of a URL is that file')
    t.eq(site.get('/micropub/media?q=config', auth).json, {}, f'{f}: q=config is empty')
    for query in ('', '?q=', '?q=everything', '?q=source&limit=many', '?q=source&url=' + urllib.parse.quote(site.url + 'media/../starpunk.db')):
        answer = site.get('/micropub/media' + query, auth)
        t.eq((answer.status, answer.json['error']), (400, 'invalid_request'), f'{f}: "{query}" is no query')
    t.eq(site.get('/micropub/media?q=last').status, 401, f'{f}: queries need a token')
    t.eq(site.get('/micropub/media?q=last&access_token=' + site.token).status, 401, f'{f}: and not in the query')


def refusals(t, site):
    f = site.front
    before = stored(site)
    broken = png()[:-20]
    for data, name, status in ((SVG, 'cat.jpg', 415), (HTML, 'cat.png', 415), (b'#!/bin/sh\n', 'cat.gif', 415), (b'', 'cat.png', 415),
                               (b'\x00' * 1000, 'cat.png', 415), (broken, 'cat.png', 400)):
        answer = upload(site, data, name)
        t.eq((answer.status, answer.json['error']), (status, 'invalid_request'), f'{f}: {data[:12]!r} named {name} is refused')
        t.eq(answer.header('Access-Control-Allow-Origin'), '*', f'{f}: for browsers to read')
    file = Part('file', png(seed=9), 'x.png')
    for parts, what in (([], 'no file'), ([file, file], 'two files'), ([Part('photo', png(), 'x.png')], 'a file of another name'),
                        ([Part('file', 'text')], 'a text')):
        t.eq(post(site, '/micropub/media', *parts).status, 400, f'{f}: {what} is no upload')
    kind, body = multipart(file, end=False)
    t.eq(site.request('POST', '/micropub/media', {'Content-Type': kind, **site.auth()}, body).status, 400, f'{f}: nor is a body without its end')
    t.eq(post(site, '/micropub/media', file, token=False).status, 401, f'{f}: without a token nothing is taken')
    t.eq(post(site, '/micropub/media', file, Part('access_token', 'sp_wrong'), token=False).status, 401, f'{f}: nor with a wrong one behind the file')
    t.eq(post(site, '/micropub/media', file, Part('access_token', site.token)).status, 400, f'{f}: nor with two')
    answer = upload(site, png(seed=9), token=site.make_token('update profile'))
    t.eq((answer.status, answer.json['error'], answer.json['scope']), (401, 'insufficient_scope', 'media'), f'{f}: nor with one for something else')
    t.eq(stored(site), before, f'{f}: nothing is left of what was refused')


def names(t, site):
    """A file's name is the client's business and nobody else's."""
    f = site.front
    for n, name in enumerate((b'../../../../etc/cron.d/x', b'..\\\\..\\\\x', b'/etc/passwd', b'CON', b'a' * 4000, b'a\0b.png', b'a\nb.png', 'cat\u202egnp.jpg'.encode())):
        answer = post(site, '/micropub/media', Part('file', png(seed=20 + n), name))
        t.eq(answer.status, 201, f'{f}: a file named {name[:24]!r} is stored')
        t.ok(NAME.search(answer.header('Location') or ''), f'{f}: under a name of our own')
    t.eq(post(site, '/micropub/media', Part('file', png(seed=30), b'a\r\nb.png')).status, 400, f'{f}: but a line of the header ends where it ends')
    t.ok(all(NAME.search(path) for path in stored(site)), f'{f}: there are no other names below media_path', stored(site))


def late_token(t, site):
    f = site.front
    answer = post(site, '/micropub/media', Part('file', png(seed=40), 'x.png'), Part('access_token', site.token), token=False)
    t.eq(answer.status, 201, f'{f}: a token behind the file counts')
    t.ok(site.token not in site.output(), f'{f}: and is in no log')


def deletion(t, site):
    f = site.front
    url = upload(site, png(seed=50)).header('Location')
    path = urllib.parse.urlsplit(url).path

    def delete(target, token=None):
        return site.request('POST', '/micropub/media', {'Content-Type': 'application/x-www-form-urlencoded', **site.auth(token)},
                            urllib.parse.urlencode({'action': 'delete', 'url': target}).encode())
    t.eq(delete(url, site.make_token('media')).status, 401, f'{f}: deleting needs its scope')
    place = site.post('With a picture', photo=url)
    t.eq(delete(url).status, 409, f'{f}: a file that a post shows stays')
    t.eq(site.get(path).status, 200, f'{f}: it is still there')
    unused = upload(site, png(seed=51)).header('Location')
    t.eq(delete(unused).status, 204, f'{f}: one that none shows goes')
    t.eq(site.get(urllib.parse.urlsplit(unused).path).status, 404, f'{f}: it is gone')
    t.eq(delete(unused).status, 400, f'{f}: what is gone is unknown')
    t.eq(delete(site.url + place[1:]).status, 400, f'{f}: a post is no file')
    t.eq(delete('https://example.org/media/x.png').status, 400, f'{f}: nor is another site\'s')


def posts(t, site):
    f = site.front
    before = set(stored(site))
    answer = post(site, '/micropub', Part('content', 'Two'), Part('photo[]', png(seed=60), 'b.png', 'image/png'), Part('photo[]', png(seed=61), 'a.png'),
                  Part('mp-photo-alt[]', 'the first'), Part('mp-photo-alt[]', 'the second'), Part('mp-slug', 'two-photos'))
    t.eq((answer.status, answer.header('Location')), (201, site.url + 'note/two-photos'), f'{f}: a post comes with its photos')
    source = site.get('/micropub?q=source&url=' + site.url + 'note/two-photos', site.auth()).json['properties']['photo']
    t.eq([photo['alt'] for photo in source], ['the first', 'the second'], f'{f}: in their order, with their descriptions')
    t.ok(all(site.get(urllib.parse.urlsplit(photo['value']).path).header('Content-Type') == 'image/png' for photo in source), f'{f}: they are there')
    again = post(site, '/micropub', Part('content', 'Two'), Part('photo[]', png(seed=60), 'b.png'), Part('photo[]', png(seed=61), 'a.png'),
                 Part('mp-slug', 'two-again'))
    t.eq(again.status, 201, f'{f}: the same photos once more')
    t.eq(len(set(stored(site)) - before), 2, f'{f}: are stored once')
    mixed = post(site, '/micropub', Part('photo[]', 'https://example.org/1.jpg'), Part('photo[]', png(seed=62), 'x.png'), Part('photo[]', 'https://example.org/3.jpg'),
                 Part('audio', wav(), 'x.wav'), Part('content', 'Mixed'), Part('mp-slug', 'mixed'))
    t.eq(mixed.status, 201, f'{f}: addresses and files mix')
    properties = site.get('/micropub?q=source&url=' + site.url + 'note/mixed', site.auth()).json['properties']
    t.ok([p.rsplit('.', 1)[1] for p in properties['photo']] == ['jpg', 'png', 'jpg'], f'{f}: and keep their places', properties)
    left = stored(site)
    for parts, status, what in (((Part('attachment', png(seed=63), 'x.png'),), 400, 'a file in another property'),
                                ((Part('photo', png(seed=63), 'x.png'), Part('photo', SVG, 'x.png')), 415, 'one bad file among good ones'),
                                ((Part('photo', png(seed=63), 'x.png'), Part('published', 'someday')), 400, 'a post that is none'),
                                ((Part('photo', png(seed=63), 'x.png'), Part('action', 'update'), Part('url', site.url)), 400, 'an update with files')):
        t.eq(post(site, '/micropub', Part('content', 'x'), *parts).status, status, f'{f}: {what} is refused')
    t.eq(stored(site), left, f'{f}: and leaves nothing')


def hidden(t, site):
    f = site.front
    os.makedirs(f'{site.dir}/media/.incoming', exist_ok=True)
    for name in ('.incoming/x', '.secret'):
        with open(f'{site.dir}/media/{name}', 'w', encoding='utf-8') as out:
            out.write('not complete')
        t.eq(site.get('/media/' + name).status, 404, f'{f}: /media/{name} is not served')
        os.unlink(f'{site.dir}/media/{name}')


def check(t, site):
    f = site.front
    good = site.starpunk('check', '--json')
    import json
    report = json.loads(good.stdout)['media']
    t.eq((report['healthy'], report['lost'], report['unknown']), (True, 0, 0), f'{f}: check finds every file')
    victim = stored(site)[0]
    os.rename(victim, victim + '.away')
    bad = site.starpunk('check', check=False)
    t.eq(bad.returncode, 1, f'{f}: and misses one that is gone')
    t.has(bad.stdout, 'missing: ' + victim[len(site.dir) + len('/media/'):], f'{f}: by its name')
    os.rename(victim + '.away', victim)


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            types(t, site)
            queries(t, site)
            refusals(t, site)
            names(t, site)
            late_token(t, site)
            deletion(t, site)
            posts(t, site)
            hidden(t, site)
            check(t, site)
