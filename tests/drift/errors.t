#!/usr/bin/env python3
"""Each row of errors.def is met by a test: tests/drift/errors.list says by which, and that is tried by running it.

Tests in C are linked so that they note, in the file that SP_RAISED names, which errors the product's own code
raises while they run (tests/lib/raised.c). What a test raises itself does not count, so a row that the code can no
longer raise, or that no test leads it to any more, is told here.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import BUILD, PROGRAM, SRC, Tap



WAY_OUT = re.compile(r'\b(log|starpunk|check|look|send|use|raise|try|ask|open|set|free|install|save|sign|remove|update|create|stop|keep|run|take|let|restore|compare|'
                     r'slow|list|allow|copy|clear|reduce|link|empty|answer|report|correct|tell)\b', re.I)


def rows():
    with open(os.path.join(SRC, 'src', 'tables', 'errors.def'), encoding='utf-8') as f:
        return re.findall(r'^ERROR\([A-Z_]+, "([a-z_]+)"', f.read(), re.M)


def pairs():
    with open(os.path.join(SRC, 'tests', 'drift', 'errors.list'), encoding='utf-8') as f:
        return [line.split() for line in f if line.strip() and not line.startswith('#')]


def raised_by(test):
    """The names of the errors that a test has met, and what it printed if it failed."""
    with tempfile.TemporaryDirectory() as d:
        note = os.path.join(d, 'raised')
        done = subprocess.run([os.path.join(BUILD, test)], env={**os.environ, 'SP_RAISED': note, 'SP_TOP_SRCDIR': SRC, 'SP_TOP_BUILDDIR': BUILD},
                              cwd=BUILD, capture_output=True, text=True, timeout=90, check=False)
        names = set()
        if os.path.exists(note):
            with open(note, encoding='utf-8') as f:
                names.update(f.read().split())
    return names, '' if done.returncode == 0 else (done.stdout + done.stderr)[-2000:]


def check_raised(t):
    listed = pairs()
    tests = sorted({test for _, test in listed})
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(tests, pool.map(raised_by, tests)))
    for test in tests:
        t.ok(not found[test][1], f'{test} runs to its end', found[test][1])
    t.eq([name for name in rows() if name not in {n for n, _ in listed}], [], 'every error has a test that meets it')
    t.eq([name for name, _ in listed if name not in rows()], [], 'and no test is named for an error that there is not')
    for name, test in listed:
        t.ok(name in found[test][0], f'{name} is raised in {test}')


def check_texts(t):
    """Whoever meets one at night is told what to do."""
    errors = json.loads(subprocess.run([PROGRAM, 'docs', 'errors', 'json'], capture_output=True, check=True, timeout=30).stdout)
    t.eq([e['error'] for e in errors], rows(), 'the program knows every error as JSON')
    t.eq([e['error'] for e in errors if not (e['message'].endswith('.') and e['suggestion'].endswith('.') and e['troubleshooting'])], [],
         'each has a message, a suggestion and steps')
    t.eq([e['error'] for e in errors if not any(WAY_OUT.search(text) for text in e['troubleshooting'] + [e['suggestion']])], [], 'with something to do')
    t.eq([e['error'] for e in errors if e['status'] == 503 and not e['retry_after']], [], 'who is told to come again is told when')
    t.eq([e['error'] for e in errors if e['fault'] == 'user' and e['level'] in ('error', 'critical') and e['error'] not in ('usage', 'exists')], [],
         "a client's mistake wakes nobody up")
    for e in errors:
        one = subprocess.run([PROGRAM, 'explain', e['error'], '--json'], capture_output=True, check=True, timeout=30).stdout
        if json.loads(one) != e:
            t.ok(False, f'starpunk explain {e["error"]} says the same')
    text = subprocess.run([PROGRAM, 'explain', 'db_full'], capture_output=True, text=True, check=True, timeout=30).stdout
    t.has(text, 'Free space on the file system of database_path.', 'starpunk explain says what to do')
    wrong = subprocess.run([PROGRAM, 'explain', 'db_ful'], capture_output=True, text=True, timeout=30, check=False)
    t.eq((wrong.returncode, "did you mean 'db_full'?" in wrong.stderr), (2, True), 'and names the nearest for one that there is not')


if not os.path.exists(os.path.join(BUILD, pairs()[0][1])):
    print('1..0 # SKIP the tests in C are not built')
    sys.exit(0)
with Tap() as t:
    check_texts(t)
    check_raised(t)
