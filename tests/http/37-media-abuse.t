#!/usr/bin/env python3
"""Micropub section 3.6 from outside: what a media endpoint must take, what it must refuse, and that nothing is left behind."""

import contextlib
import os
import re
import select
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from micropub import act, ask, counts, create, files, fixture, made, multipart, page, png, run, scoped, send, send_parts, source, upload, update, wav
from starpunk import SANITIZED, Site, Tap, fronts, wait_for

MEDIA = '/micropub/media'
LIMIT = 2 << 20
GIF = b'GIF89a' + struct.pack('<HHBBB', 2, 2, 0x80, 0, 0) + b'\0\0\0\xff\xff\xff'
FRAME = b'\x2c' + struct.pack('<HHHHB', 0, 0, 2, 2, 0) + b'\x02\x03\x44\x34\x05\x00'
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b'<!DOCTYPE html><html><body><script>alert(1)</script></body></html>'


def refusals(t, site):
    f = site.front
    jpeg = fixture('photo.jpg')
    cases = [
        ('SVG named cat.jpg', SVG, (415,)), ('SVG without a prologue', SVG[21:], (415,)), ('HTML named cat.jpg', HTML, (415,)), ('XML', b'<?xml version="1.0"?><a/>', (415,)),
        ('a script', b'#!/bin/sh\nid\n', (415,)), ('JavaScript', b'alert(document.domain)//', (415,)), ('PHP', b'<?php system($_GET[1]);', (415,)),
        ('a program', b'\x7fELF\x02\x01\x01' + bytes(200), (415,)), ('an archive', b'PK\x03\x04' + bytes(100), (415,)), ('text', b'Just words.\n' * 9, (415,)),
        ('nothing at all', b'', (400, 415)), ('one byte', b'\xff', (400, 415)), ('only the magic of a JPEG', jpeg[:4], (400, 415)), ('only the magic of a PNG', png()[:8], (400, 415)),
        ('a truncated JPEG', jpeg[:len(jpeg) * 2 // 3], (400,)), ('a truncated PNG', png(64, 64)[:-60], (400,)), ('a truncated GIF', (GIF + FRAME)[:-4], (400, 415)),
        ('a PNG whose header lies', png(8, 8, claim=(4000, 4000)), (400,)), ('a PNG of 30000x30000', png(8, 8, claim=(30000, 30000)), (413,)),
        ('a PNG of 2147483647x2147483647', png(8, 8, claim=(2**31 - 1, 2**31 - 1)), (400, 413)), ('a PNG of 0x0', png(8, 8, claim=(0, 0)), (400, 415)),
        ('a GIF of 10 000 frames', GIF + FRAME * 10000 + b';', (413,)), ('a JPEG whose scan is noise', jpeg[:300] + os.urandom(200), (400, 415)),
        ('HTML behind the magic of a GIF', b'GIF89a' + HTML, (400, 415)),
    ]
    before, stored, worst = counts(site), files(site), 0.0
    for name, data, want in cases:
        start = time.monotonic()
        got = upload(site, data, 'cat.jpg', 'image/jpeg')
        worst = max(worst, time.monotonic() - start)
        t.ok(got.status in want and got.json.get('error') == 'invalid_request' and got.json.get('error_description'), f'{f}: {name} is refused with {" or ".join(map(str, want))}', got)
    got = send_parts(site, [('content', 'With a bad photo'), ('photo', 'cat.jpg', 'image/jpeg', SVG)])
    t.eq(got.status, 415, f'{f}: a create with an SVG as photo is 415')
    for more, name in (([('in-reply-to', 'javascript:x')], 'bad property'), ([('photo', 'b.jpg', 'image/jpeg', HTML)], 'bad second photo'), ([('visibility', 'hidden')], 'bad visibility')):
        got = send_parts(site, [('content', 'x'), ('photo', 'a.png', 'image/png', png(33, 33)), *more])
        t.ok(got.status in (400, 415), f'{f}: a create with a good photo and a {name} is refused', got)
    t.eq((counts(site), files(site)), (before, stored), f'{f}: of all this no row and no file is left')
    t.ok(worst < (20 if SANITIZED else 10), f'{f}: each in bounded time', worst)


def shapes(t, site):
    """Exactly one file part named file."""
    f = site.front
    stored = files(site)
    one = ('file', 'a.png', 'image/png', png(12, 12))
    for name, parts in (('no part', []), ('only text', [('file', 'text')]), ('two files', [one, ('file', 'b.png', 'image/png', png(13, 12))]), ('another name', [('photo', *one[1:])]),
                        ('a second file of another name', [one, ('photo', *one[1:])])):
        got = send_parts(site, parts, path=MEDIA)
        t.ok(got.status == 400 and got.json['error'] == 'invalid_request', f'{f}: {name} is 400', got)
    for kind, body in (('application/x-www-form-urlencoded', b'file=x'), ('application/json', b'{"file":"x"}'), ('image/png', png()), (None, png())):
        got = send(site, kind, body, path=MEDIA)
        t.ok(got.status in (400, 415), f'{f}: {kind} is refused', got)
    kind, body = multipart([one])
    for cut in (len(body) - 4, len(body) - 40, len(body) // 2, 60):
        got = send(site, kind, body[:cut], path=MEDIA)
        t.eq(got.status, 400, f'{f}: a body that ends after {cut} of {len(body)} bytes is 400')
    many = send(site, *multipart([(f'p{i}', 'x') for i in range(10000)]), path=MEDIA)
    t.eq(many.status, 400, f'{f}: 10 000 parts are 400')
    t.eq(files(site), stored, f'{f}: nothing is left')


def names(t, site):
    f = site.front
    seen = set()
    for i, name in enumerate(('../../etc/cron.d/x', '..\\..\\x', '/etc/passwd', 'a\0b.png', 'a\nb.png', 'x.php', '.htaccess', 'ä☂.png', 'n' * 3000, '', 'a"b;c.png')):
        got = upload(site, png(14, 14, i), name.replace('"', '%22').replace('\n', '%0A') if '"' in name else name)
        where = got.header('Location') or ''
        ok = got.status == 201 and re.fullmatch(re.escape(site.url) + r'media/[A-Za-z0-9/_-]+\.png', where)
        refused = got.status == 400 and len(name) > 255
        t.ok(ok or refused, f'{f}: filename {name[:20]!r} is ignored', got)
        if ok:
            seen.add(where)
            t.ok(page(site, where).body.startswith(b'\x89PNG'), f'{f}: filename {name[:20]!r}: the picture is there')
    t.ok(all(len(re.sub(r'\W', '', w.rsplit('/media/', 1)[1])) >= 22 for w in seen) and seen, f'{f}: URLs have at least 128 bits', seen)
    outside = [os.path.join(w, n) for w, _, ns in os.walk(site.dir) for n in ns if n in ('x', 'passwd', '.htaccess', 'x.php')]
    t.eq(outside, [], f'{f}: no file has a name of the client')
    same = [upload(site, png(15, 15), n).header('Location') for n in ('one.png', 'two.png')]
    t.eq((same[0], len([p for p in files(site) if same[0].endswith(p)])), (same[1], 1), f'{f}: the same bytes are stored once, whatever their name')


def served(t, site):
    f = site.front
    kinds = [('photo.jpg', 'image/jpeg'), ('metadata.png', 'image/png'), ('animated.gif', 'image/gif'), ('metadata.webp', 'image/webp'), ('metadata.avif', 'image/avif'),
             ('clip.mp4', 'video/mp4'), ('clip.webm', 'video/webm'), ('tone.mp3', 'audio/mpeg'), ('tone.m4a', 'audio/mp4'), ('tone.ogg', 'audio/ogg'), ('tone.wav', 'audio/wav'),
             ('page.pdf', 'application/pdf')]
    for name, kind in kinds:
        got = upload(site, fixture(name), 'lie.txt', 'text/html')
        shown = page(site, got.header('Location')) if got.status == 201 else got
        sent = (shown.header('Content-Type') or '').replace('audio/x-wav', 'audio/wav').replace('audio/x-m4a', 'audio/mp4')
        t.ok((got.status, shown.status, sent) == (201, 200, kind), f'{f}: {name} is stored and served as {kind}, whatever it was called', (got, shown))
        policy = shown.header('Content-Security-Policy') or ''
        t.ok(shown.header('X-Content-Type-Options') == 'nosniff' and "default-src 'none'" in policy and 'sandbox' in policy, f'{f}: {name} with nosniff and a sandbox', shown)
    poly = b'GIF89a/*' + struct.pack('<HBBB', 2, 0x80, 0, 0) + b'\0\0\0\xff\xff\xff' + FRAME + b';' + b'*/=1;alert(1)'
    got = upload(site, poly, 'poly.js', 'text/javascript')
    shown = page(site, got.header('Location')) if got.status == 201 else got
    t.ok(got.status in (400, 413) or (shown.header('Content-Type') == 'image/gif' and shown.header('X-Content-Type-Options') == 'nosniff' and b'alert(1)' not in shown.body),
         f'{f}: a GIF that is also a script is a GIF, or refused', (got, shown))
    t.eq(page(site, upload(site, GIF + FRAME + b';').header('Location')).header('Content-Type'), 'image/gif', f'{f}: a small honest GIF is taken')
    for path in ('/media/', '/media/../starpunk.conf', '/media/%2e%2e/starpunk.conf', '/media/.incoming/', '/media/.incoming', '/media/..%2fstarpunk.db', '/media/none.jpg'):
        got = site.get(path)
        t.ok(got.status in (301, 400, 403, 404) and b'site_url' not in got.body and 'Index of' not in got.text, f'{f}: {path} shows nothing', got)
    with open(f'{site.dir}/media/.secret', 'w', encoding='ascii') as out:
        out.write('x')
    t.ok(site.get('/media/.secret').status in (403, 404), f'{f}: a dotfile is not served')
    os.remove(f'{site.dir}/media/.secret')


def photos(t, site):
    """From the camera to the page: no metadata, right way up, sizes that follow."""
    f = site.front
    raw = fixture('orientation-6.jpg')
    got = upload(site, raw)
    shown = page(site, got.header('Location')).body
    t.ok(b'Exif' in raw and b'Exif' not in shown and b'GPS' not in shown, f'{f}: location and other metadata are removed')
    big = upload(site, png(1000, 500)).header('Location')
    url = made(site, content='A wide photo', photo=[{'value': big, 'alt': 'Wide & grey'}], mp_slug='wide')
    text = page(site, url).text
    t.ok(re.search(r'<img[^>]*alt="Wide &amp; grey"', text), f'{f}: the post is there at once, with its alt text')
    sized = wait_for(lambda: (lambda p: p if 'srcset' in p else None)(page(site, url).text), 20)
    t.ok(sized, f'{f}: responsive sizes follow', site.sqlite('select * from job'))
    found = re.findall(r'([^\s",]+) (\d+)w', sized or '')
    t.ok(found and any('.webp' in u for u, _ in found), f'{f}: as WebP, too', found)
    t.ok(all(site.get('/' + u.split('/', 3)[3] if u.startswith('http') else u).status == 200 for u, _ in found), f'{f}: every size is served', found)
    img = re.search(r'<img[^>]*Wide[^>]*>', sized or '')
    t.ok(img and 'width="1000"' in img[0] and 'height="500"' in img[0], f'{f}: with width and height', img and img[0])
    media_row = ask(site, 'source', {'url': big}, path=MEDIA).json
    t.eq((media_row.get('width'), media_row.get('height')), (1000, 500), f'{f}: q=source says the same')


def deletion(t, site):
    f = site.front
    url = upload(site, png(16, 16)).header('Location')
    post = made(site, content='Uses it', photo=url)

    def drop(where, token=True):
        return act_media(site, where, token)
    t.eq((drop(url).status, page(site, url).status), (409, 200), f'{f}: a file that a post shows is 409')
    act(site, 'delete', post)
    for scope, want in (('delete', 401), ('media', 401), ('create', 401), ('media delete', 204)):
        t.eq(drop(url, scoped(site, scope)).status, want, f'{f}: scope {scope}: {want}')
    t.eq((page(site, url).status, drop(url).status), (404, 400), f'{f}: then it is gone, and unknown')
    for where in ('https://evil.example/media/x.png', site.url + 'media/../starpunk.db', site.url + 'note/x', 'file:///etc/passwd', ''):
        t.eq(drop(where).status, 400, f'{f}: delete of {where[-22:]!r} is 400')
    again = upload(site, png(16, 16)).header('Location')
    t.eq(page(site, again).status, 200, f'{f}: the same bytes can be uploaded again')


def act_media(site, url, token=True):
    import urllib.parse
    return send(site, 'application/x-www-form-urlencoded', urllib.parse.urlencode({'action': 'delete', 'url': url}), path=MEDIA, token=token)


def memory(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as f:
        return next(int(line.split()[1]) for line in f if line.startswith('VmHWM:'))


def sizes(t, site):
    f = site.front
    stored, workers = files(site), site.workers()
    before = {pid: memory(pid) for pid in workers}
    got = upload(site, wav(LIMIT // 16000 + 20))
    t.ok(got.status == 413 and got.json['error'] == 'invalid_request', f'{f}: a file larger than max_media_size is 413', got)
    statuses = []
    for i in range(6):
        statuses += [upload(site, wav(2000)).status, *(upload(site, png(18, 18, i * 4 + n)).status for n in range(4))]
    t.eq(statuses, [413, 201, 201, 201, 201] * 6, f'{f}: what is asked behind a large one is answered as if there had been none')
    t.eq(upload(site, wav(LIMIT // 16000 - 5, 1), 'a.wav', 'audio/wav').status, 201, f'{f}: one just below is not')
    got = send_parts(site, [('content', 'x'), ('photo', 'a.wav', 'audio/wav', wav(LIMIT // 16000 + 20))])
    t.eq(got.status, 413, f'{f}: nor is a large one taken with a create')
    got = send_parts(site, [('content', 'x' * (LIMIT - 100000)), ('photo', 'a.png', 'image/png', png())])
    t.eq(got.status, 413, f'{f}: nor megabytes of text beside a file')
    for path in ('/micropub', MEDIA):
        with socket.create_connection(('127.0.0.1', site.port), timeout=30) as s:
            s.sendall(f'POST {path} HTTP/1.1\r\nHost: localhost:{site.port}\r\nAuthorization: Bearer {site.token}\r\n'
                      'Content-Type: multipart/form-data; boundary=B\r\nContent-Length: 10737418240\r\n\r\n--B\r\n'.encode())
            t.has(s.recv(4096), b' 413 ', f'{f}: {path}: 10 GB announced is 413 at once')
        stopped = endless(site, path)
        t.ok(stopped == b'' or b' 413 ' in stopped, f'{f}: {path}: a multipart that never ends is stopped', stopped)
    stored = {**stored, **{p: n for p, n in files(site).items() if p.endswith(('.wav', '.png'))}}
    t.ok(wait_for(lambda: files(site) == stored, 10), f'{f}: nothing else is left on the disk', files(site))
    t.eq(site.workers(), workers, f'{f}: no worker died')
    grown = max(memory(pid) - was for pid, was in before.items())
    t.ok(grown < (65536 if SANITIZED else 6144), f'{f}: and none grew', f'{grown} KiB')


def endless(site, path):
    """Sends chunks until the server has enough: its answer, nothing if it just closed; 'it took all' after 200 MB."""
    head = '--B\r\nContent-Disposition: form-data; name="%s"; filename="x"\r\n\r\n' % ('photo' if path == '/micropub' else 'file')
    with socket.create_connection(('127.0.0.1', site.port), timeout=30) as s:
        s.sendall(f'POST {path} HTTP/1.1\r\nHost: localhost:{site.port}\r\nAuthorization: Bearer {site.token}\r\nContent-Type: multipart/form-data; boundary=B\r\n'
                  f'Transfer-Encoding: chunked\r\n\r\n{len(head):x}\r\n{head}\r\n'.encode())
        chunk = b'%x\r\n%s\r\n' % (1 << 20, b'x' * (1 << 20))
        try:
            for _ in range(200):
                s.sendall(chunk)
                if select.select([s], [], [], 0)[0]:
                    return s.recv(4096)
        except OSError:
            return b''
        return b'it took all'


def aborted(t, site):
    """Uploads that stop in the middle, beside others that do not."""
    f = site.front
    stored = files(site)
    kind, body = multipart([('file', 'a.wav', 'audio/wav', wav(LIMIT // 16000 - 9, 2))])
    for part in (0, 1, 3, 10):
        with socket.create_connection(('127.0.0.1', site.port), timeout=30) as s:
            s.sendall(f'POST {MEDIA} HTTP/1.1\r\nHost: localhost:{site.port}\r\nAuthorization: Bearer {site.token}\r\nContent-Type: {kind}\r\n'
                      f'Content-Length: {len(body)}\r\n\r\n'.encode() + body[:len(body) * part // 11])
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    results = []
    threads = [threading.Thread(target=lambda i=i: results.append(upload(site, png(17, 17, i)).status)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    t.eq(results, [201] * 8, f'{f}: aborted uploads hold nobody up')
    t.ok(wait_for(lambda: len(files(site)) == len(stored) + 8, 10), f'{f}: and leave nothing', (stored, files(site)))
    t.eq(site.starpunk('check').returncode, 0, f'{f}: starpunk check is content')


def full_disk(t, front):
    """A file system of 1 MiB under media_path, where one may be mounted."""
    with Site(front, start=False) as site:
        media = f'{site.dir}/media'
        if os.geteuid() != 0 or subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=755', 'tmpfs', media], capture_output=True, check=False).returncode != 0:
            t.ok(True, f'{front}: a full disk # SKIP no file system can be mounted here')
            return
        try:
            site.init()
            site.token = site.make_token('create media')
            site.start()
            first = upload(site, wav(10), 'a.wav', 'audio/wav')
            t.eq(first.status, 201, f'{front}: what fits is taken')
            stored = files(site)
            for name, got in (('an upload', upload(site, wav(70, 1), 'b.wav', 'audio/wav')),
                              ('a create with a file', send_parts(site, [('content', 'Half a post?'), ('audio', 'c.wav', 'audio/wav', wav(70, 2))]))):
                t.ok(got.status in (507, 503) and got.json.get('error') and '/tmp' not in got.text, f'{front}: {name} on a full disk is 507 or 503', got)
            t.eq((files(site), site.sqlite('select count(*) from post')[0][0]), (stored, 0), f'{front}: no half file, no half post')
            t.eq(upload(site, png()).status, 201, f'{front}: what still fits is still taken')
        finally:
            site.stop()
            subprocess.run(['umount', media], check=False)


with Tap() as t:
    for front in fronts():
        with Site(front, max_media_size=LIMIT) as site:
            run(t, site, (refusals, shapes, names, served, photos, deletion, sizes, aborted))
        full_disk(t, front)
