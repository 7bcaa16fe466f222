#!/usr/bin/env python3
"""A choice of the other scripts behind lighttpd and Caddy: files and compression, large bodies, pages and errors, Micropub,
what the logs hold, bad peers.

All of them run so with SP_FRONTS="lighttpd caddy"; then this one has nothing left to do."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import SANITIZED, Tap, fronts

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = ('10-static', '12-duties', '20-pages', '30-micropub', '48-indieauth', '70-limits')
PATH = os.environ.get('PATH', '') + ':/usr/sbin'


with Tap() as t:
    for front in ('lighttpd', 'caddy'):
        why = 'these are looked at without sanitizers' if SANITIZED else \
            'SP_FRONTS has it' if front in fronts() else \
            'it is not installed' if not shutil.which(front, path=PATH) else None
        for script in SCRIPTS:
            if why:
                t.ok(True, f'{front}: {script} # SKIP {why}')
                continue
            done = subprocess.run([os.path.join(HERE, f'{script}.t')], env=dict(os.environ, SP_FRONTS=front), text=True,
                                  capture_output=True, timeout=300, check=False)
            bad = [line for line in done.stdout.splitlines() if line.startswith(('not ok', '#'))]
            t.ok(done.returncode == 0, f'{front}: {script}', '\n'.join(bad) + done.stderr)
