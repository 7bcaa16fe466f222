"""What the Micropub scripts of tests/http share: bodies, small pictures, questions to the endpoint."""

import contextlib
import json
import os
import struct
import urllib.parse
import zlib

FORM = 'application/x-www-form-urlencoded'
JSON = 'application/json'
FIXTURES = os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'fixtures', 'images')


def fixture(name):
    """The bytes of a small file of tests/fixtures/images."""
    with open(os.path.join(FIXTURES, name), 'rb') as f:
        return f.read()


def _chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png(width=8, height=8, seed=0, claim=None):
    """A grey PNG; another seed, other bytes. claim: the width and height that the header says."""
    rows = b''.join(b'\0' + bytes((x * 7 + y * 13 + seed) & 255 for x in range(width)) for y in range(height))
    head = struct.pack('>IIBBBBB', *(claim or (width, height)), 8, 0, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + _chunk(b'IHDR', head) + _chunk(b'tEXt', b'Comment\0seed %d' % seed) \
        + _chunk(b'IDAT', zlib.compress(rows)) + _chunk(b'IEND', b'')


def wav(seconds=1, seed=0):
    """A WAV file of silence but for its first sample."""
    data = struct.pack('<h', seed) + bytes(16000 * seconds - 2)
    return b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt ' + struct.pack('<IHHIIHH', 16, 1, 1, 8000, 16000, 2, 16) \
        + b'data' + struct.pack('<I', len(data)) + data


def multipart(parts, boundary='sp7mmmAAA'):
    """Content-Type and body of (name, text) and (name, filename, type, bytes) parts, in this order."""
    body = b''
    for part in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{part[0]}"'
        if len(part) == 4:
            head += f'; filename="{part[1]}"\r\nContent-Type: {part[2]}'
        data = part[-1].encode() if isinstance(part[-1], str) else part[-1]
        body += head.encode() + b'\r\n\r\n' + data + b'\r\n'
    return f'multipart/form-data; boundary={boundary}', body + f'--{boundary}--\r\n'.encode()


def send(site, kind, body, headers=None, path='/micropub', token=True):
    """POST of these bytes as this media type; kind None: without one."""
    body = body.encode() if isinstance(body, str) else body
    auth = site.auth(None if token is True else token) if token else {}
    return site.request('POST', path, {**auth, **({'Content-Type': kind} if kind else {}), **(headers or {})}, body)


def send_json(site, data, headers=None, token=True):
    return send(site, JSON, data if isinstance(data, (bytes, str)) else json.dumps(data), headers, token=token)


def send_parts(site, parts, headers=None, path='/micropub', token=True):
    kind, body = multipart(parts)
    return send(site, kind, body, headers, path, token)


def upload(site, data, name='picture.png', kind='image/png', headers=None, token=True):
    """The bytes as the one part 'file' to the media endpoint."""
    return send_parts(site, [('file', name, kind, data)], headers, '/micropub/media', token)


def ask(site, q, args=(), headers=None, token=None, path='/micropub'):
    """A query; args: pairs or a dict."""
    pairs = [('q', q), *(args.items() if isinstance(args, dict) else args)]
    return site.get(f'{path}?{urllib.parse.urlencode(pairs)}', {**site.auth(token), **(headers or {})})


def source(site, url, *names):
    """The properties of a post; only these, if any are named."""
    got = ask(site, 'source', [('url', url), *(('properties[]', n) for n in names)])
    if got.status != 200:
        raise RuntimeError(f'no source of {url}: {got!r}')
    return got.json['properties']


def update(site, url, headers=None, token=True, **operations):
    return send_json(site, {'action': 'update', 'url': url, **operations}, headers, token)


def act(site, action, url, headers=None, token=True):
    """delete or undelete, as a form."""
    return send(site, FORM, urllib.parse.urlencode({'action': action, 'url': url}), headers, token=token)


def create(site, *, headers=None, token=True, kind='h-entry', **properties):
    """A create by JSON; _ in names is a hyphen; values that are no list become one."""
    props = {k.replace('_', '-'): v if isinstance(v, list) else [v] for k, v in properties.items()}
    return send_json(site, {'type': [kind], 'properties': props}, headers, token)


def made(site, **more):
    """The URL of a new post of these properties."""
    got = create(site, **more)
    if got.status != 201:
        raise RuntimeError(f'not created: {got!r}')
    return got.header('Location')


def page(site, url):
    """The answer at a URL of the site, which may be absolute."""
    return site.get(url[len(site.url) - 1:] if url.startswith(site.url) else url)


def files(site):
    """Every file below media_path, hidden ones too, with its size."""
    found = {}
    for where, _, names in os.walk(f'{site.dir}/media'):
        for name in names:
            path = os.path.join(where, name)
            with contextlib.suppress(FileNotFoundError):
                found[os.path.relpath(path, f'{site.dir}/media')] = os.path.getsize(path)
    return found


def counts(site):
    """How many posts and media rows there are."""
    return site.sqlite('select (select count(*) from post), (select count(*) from media)')[0]


def scoped(site, scope):
    """A token whose scope is exactly this text, even one that the command would refuse to make."""
    import sqlite3
    token = site.make_token('profile')
    with contextlib.closing(sqlite3.connect(f'{site.dir}/starpunk.db', timeout=10)) as db, db:
        db.execute('update token set scope = ? where id = (select max(id) from token)', (scope,))
    return token


def run(t, site, tests):
    """Runs the tests one after another; one that breaks off fails, and the others still run."""
    import traceback
    for test in tests:
        try:
            test(t, site)
        except Exception:
            t.ok(False, f'{site.front}: {test.__name__} runs to its end', traceback.format_exc())
