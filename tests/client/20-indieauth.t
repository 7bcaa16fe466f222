#!/usr/bin/env python3
"""Applications that were not written here sign the owner in, behind nginx and Apache: the npm packages oauth4webapi, which goes
by the metadata and checks all that the standards have to be checked, and indieauth-helper with micropub-helper, which know no
PKCE and need the setting allow_no_pkce.

`make client` (quickstart's check does it) installs them into the build directory; without them this says SKIP."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from indieauth import Browser
from micropub import page
from starpunk import BUILD, SRC, Site, Tap, fronts

PACKAGES = os.path.join(BUILD, 'tests', 'client', 'npm')


def run(t, site, mode, least):
    name = f'{site.front}: {"oauth4webapi" if mode == "strict" else "indieauth-helper"}'
    owner, done, posts = Browser(site), 0, 0
    with subprocess.Popen(['timeout', '120', 'node', f'{SRC}/tests/client/indieauth.js', site.url, mode], cwd=PACKAGES, text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
        for line in client.stdout:
            word, _, rest = line.strip().partition(' ')
            if word == 'visit':
                answer = owner.sign_in_to(rest)
                t.eq(answer.status, 303, f'{name}: the owner signs in and lets it in')
                client.stdin.write((answer.header('Location') or '') + '\n')
                client.stdin.flush()
            elif word == 'url':
                posts += 1
                t.eq(page(site, rest).status, 200, f'{name}: its post is there')
            elif word == '#':
                t.diag(rest)
            else:
                done += 1
                t.ok(word == 'ok', f'{name}: {line.strip().split(" - ", 1)[1]}')
        errors = client.stderr.read()
    t.ok((client.returncode, posts) == (0, 1), f'{name}: ends well, with a post', errors)
    t.ok(done >= least, f'{name}: and did everything', done)


if not shutil.which('node') or not os.path.isdir(os.path.join(PACKAGES, 'node_modules', 'oauth4webapi')):
    print('1..0 # SKIP oauth4webapi is not installed: make client (needs node and the npm registry)')
    sys.exit(0)
with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            run(t, site, 'strict', 9)
        with Site(front, allow_no_pkce='true') as site:
            run(t, site, 'old', 3)
