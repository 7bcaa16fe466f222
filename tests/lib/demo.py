"""One post of each type on a site: the requests of tests/fixtures/content, with the files of tests/fixtures/media."""

import json
import os
import urllib.parse

from starpunk import SRC, wait_for
from uploads import upload

FIXTURES = os.path.join(SRC, 'tests', 'fixtures')


def upload_media(site):
    """Uploads the sample files and waits until the courier has made the sizes of the pictures: a map of names to URLs."""
    urls = {}
    for name in sorted(os.listdir(os.path.join(FIXTURES, 'media'))):
        if name == 'README':
            continue
        with open(os.path.join(FIXTURES, 'media', name), 'rb') as f:
            answer = upload(site, f.read(), name)
        if answer.status != 201:
            raise RuntimeError(f'{name} was not stored: {answer!r}')
        urls[name] = answer.header('Location')
    if not wait_for(lambda: site.sqlite("SELECT count(*) FROM job WHERE kind = 'sizes'") == [(0,)], 60):
        raise RuntimeError(f'no sizes: {site.sqlite("SELECT * FROM job")}')
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


def post_all(site, skip=()):
    """Posts them; their paths by name."""
    paths = {}
    for name, data in requests(upload_media(site)).items():
        if name in skip:
            continue
        answer = site.micropub_json(data)
        if answer.status != 201:
            raise RuntimeError(f'{name} was not created: {answer!r}')
        paths[name] = urllib.parse.urlsplit(answer.header('Location')).path
    return paths
