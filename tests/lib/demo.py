"""One post of each type on a site: the requests of tests/fixtures/content, with the files of tests/fixtures/media."""

import hashlib
import json
import os
import shutil
import sqlite3
import contextlib
import urllib.parse

from starpunk import SRC

FIXTURES = os.path.join(SRC, 'tests', 'fixtures')
# What the files are, and the sizes that are made of them here: a picture of another width would do as well.
MEDIA = {
    'hills.jpg': ('image/jpeg', 1500, 1000), 'sea.jpg': ('image/jpeg', 1000, 1250), 'night.jpg': ('image/jpeg', 1280, 960),
    'waves.webm': ('video/webm', 0, 0), 'tone.wav': ('audio/wav', 0, 0),
}


def place_media(site, sizes=''):
    """Puts the sample files where uploads are, as uploads: a map of their names to their URLs."""
    urls = {}
    for name, (kind, width, height) in MEDIA.items():
        source = os.path.join(FIXTURES, 'media', name)
        with open(source, 'rb') as f:
            digest = hashlib.sha256(f.read()).digest()
        stem, ext = os.path.splitext(name)
        path = f'{digest.hex()[:2]}/{digest.hex()[2:]}{ext}'
        os.makedirs(os.path.join(site.dir, 'media', path[:2]), mode=0o755, exist_ok=True)
        target = os.path.join(site.dir, 'media', path)
        shutil.copyfile(source, target)
        os.chmod(target, 0o644)
        made = sizes if kind == 'image/jpeg' else ''
        for size in made.split():
            for suffix in ('.jpg', '.webp'):
                shutil.copyfile(source, f'{os.path.splitext(target)[0]}-{size}{suffix}')
        with contextlib.closing(sqlite3.connect(f'{site.dir}/starpunk.db', timeout=10)) as db:
            db.execute('INSERT INTO media (name, digest, type, bytes, width, height, sizes, created, client) '
                       "VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')",
                       (path, digest, kind, os.path.getsize(source), width, height, made))
            db.commit()
        urls[name] = f'{site.url}media/{path}'
    return urls


def requests(urls):
    """The requests by name ("15-picture"), with their files' URLs filled in."""
    posts = {}
    for name in sorted(os.listdir(os.path.join(FIXTURES, 'content'))):
        if name.endswith('.json'):
            with open(os.path.join(FIXTURES, 'content', name), encoding='utf-8') as f:
                text = f.read()
            for file, url in urls.items():
                text = text.replace(f'media:{file}', url)
            posts[name[:-5]] = json.loads(text)
    return posts


def post_all(site, skip=(), sizes=''):
    """Posts them; their paths by name."""
    paths = {}
    for name, data in requests(place_media(site, sizes)).items():
        if name in skip:
            continue
        answer = site.micropub_json(data)
        if answer.status != 201:
            raise RuntimeError(f'{name} was not created: {answer!r}')
        paths[name] = urllib.parse.urlsplit(answer.header('Location')).path
    return paths
