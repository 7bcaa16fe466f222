#!/usr/bin/env python3
"""A reader that was not written here: the npm package feedsmith, pinned, behind nginx and Apache, finds the same in all formats of
a feed.

`make client` (quickstart's check does it) installs it into the build directory; without it this says SKIP."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import demo
from starpunk import BUILD, SRC, Site, Tap, fronts

PACKAGES = os.path.join(BUILD, 'tests', 'client', 'npm')


def reader(t, site):
    done = subprocess.run(['node', f'{SRC}/tests/client/feeds.js', site.url], cwd=PACKAGES, text=True, capture_output=True, timeout=120, check=False)
    lines = done.stdout.splitlines()
    for i, line in enumerate(lines):
        if line.startswith(('ok - ', 'not ok - ')):
            t.ok(line.startswith('ok'), f'{site.front}: feedsmith: {line.split(" - ", 1)[1]}', '\n'.join(lines[i + 1:i + 2]))
    t.eq((done.returncode, done.stderr), (0, ''), f'{site.front}: feedsmith ends well')
    t.ok(len([x for x in lines if 'ok - ' in x]) >= 20, f'{site.front}: and did everything', lines)


if not shutil.which('node') or not os.path.isdir(os.path.join(PACKAGES, 'node_modules', 'feedsmith')):
    print('1..0 # SKIP feedsmith is not installed: make client (needs node and the npm registry)')
    sys.exit(0)
with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            demo.post_all(site, skip=('07-photo',))
            site.micropub_json({'type': ['h-entry'], 'properties': {
                'name': ['</title> & <b>'], 'category': ['rain', '"><x'], 'content': [{'html': '<p>]]&gt; <a href="/x?a=1&amp;b=2">rel</a></p>'}]}})
            reader(t, site)
