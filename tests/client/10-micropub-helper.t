#!/usr/bin/env python3
"""A Micropub client that was not written here: the npm package micropub-helper, pinned, behind nginx and Apache.

`make client` (quickstart's check does it) installs it into the build directory; without it this says SKIP."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from micropub import page, png
from starpunk import BUILD, SRC, Site, Tap, fronts

PACKAGES = os.path.join(BUILD, 'tests', 'client', 'npm')


def client(t, site):
    picture = f'{site.dir}/picture.png'
    with open(picture, 'wb') as f:
        f.write(png(320, 200))
    done = subprocess.run(['node', f'{SRC}/tests/client/helper.js', site.url + 'micropub', picture], input=site.token, cwd=PACKAGES, text=True,
                          capture_output=True, timeout=120, check=False)
    lines = done.stdout.splitlines()
    for i, line in enumerate(lines):
        if line.startswith(('ok - ', 'not ok - ')):
            t.ok(line.startswith('ok'), f'{site.front}: micropub-helper: {line.split(" - ", 1)[1]}', '\n'.join(lines[i + 1:i + 2]))
        elif line.startswith('url '):
            t.eq(page(site, line[4:]).status, 200, f'{site.front}: {line[4 + len(site.url):]} is shown')
    t.eq((done.returncode, done.stderr), (0, ''), f'{site.front}: micropub-helper ends well')
    t.ok(len([x for x in lines if 'ok - ' in x]) >= 14, f'{site.front}: and did everything', lines)


if not shutil.which('node') or not os.path.isdir(os.path.join(PACKAGES, 'node_modules', 'micropub-helper')):
    print('1..0 # SKIP micropub-helper is not installed: make client (needs node and the npm registry)')
    sys.exit(0)
with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            client(t, site)
