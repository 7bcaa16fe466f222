#!/usr/bin/env python3
"""The log as people read it: `starpunk log` on the log of a running site."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import BUILD, Site, Tap, fronts, wait_for

REQUEST_ID = 'a' * 31 + '7'
HOSTILE = ('{"timestamp":"2026-03-01T09:30:00.000Z","level":"ERROR","logger":"web","event":"x",'
           '"message":"red \\u001b[31m \\u202eturned","n":3,"path":"/a b","list":[1,2]}\n')


def lines(site, *args, **kw):
    return site.starpunk('log', *args, **kw).stdout.splitlines()


def piped(text, *args):
    """`starpunk log` with a text on its standard input: status, output, errors."""
    done = subprocess.run([os.path.join(BUILD, 'starpunk'), 'log', *args], input=text, text=True,
                          capture_output=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr


def check_request(t, f, site):
    answer = site.get('/nothing', {'X-Request-ID': REQUEST_ID})
    request_id = answer.header('X-Request-ID')
    t.ok(wait_for(lambda: lines(site, '--request', request_id)), f'{f}: the lines of a request are found by its id')
    shown = lines(site, '--request', request_id)
    t.ok(all(f'request_id={request_id}' in line for line in shown), f'{f}: and no others')
    t.ok(any(' path=/nothing ' in line and ' status=404 ' in line for line in shown), f'{f}: with what they say')
    t.ok(shown[0].split()[1] in ('INFO', 'WARNING'), f'{f}: time and level stand first')
    raw = lines(site, '--request', request_id, '--json')
    t.eq([json.loads(line)['request_id'] for line in raw], [request_id] * len(shown), f'{f}: --json gives the lines as they are')
    t.eq(lines(site, '--request', 'f' * 32), [], f'{f}: an id that is not there shows nothing')


def check_filters(t, f, site):
    site.settle_log()
    everything = lines(site)
    with open(site.log_file, encoding='utf-8') as log:
        t.ok(len(everything) >= len([line for line in log if '"event"' in line]) > 0, f'{f}: the whole log by default')
    copy = os.path.join(site.dir, 'copy.log')
    shutil.copy(site.log_file, copy)
    t.eq(lines(site, copy, '--limit', '3'), lines(site, copy)[-3:], f'{f}: the last lines, of a file that is named')
    t.eq(lines(site, copy, '--limit', '2', '--level', 'info'), lines(site, copy, '--level', 'info')[-2:],
         f'{f}: the last of those that fit')
    t.ok(all(line.split()[1] in ('WARNING', 'ERROR', 'CRITICAL') for line in lines(site, '--level', 'warning')),
         f'{f}: those from a level up')
    for args in (('--level', 'loud'), ('--limit', '0'), ('--limit', 'x')):
        t.eq(site.starpunk('log', *args, check=False).returncode, 2, f'{f}: {" ".join(args)} is wrong usage')
    missing = site.starpunk('log', os.path.join(site.dir, 'no.log'), check=False)
    t.eq((missing.returncode, 'no.log' in missing.stderr), (1, True), f'{f}: a file that is not there is named')
    packed = os.path.join(site.dir, 'starpunk.log.2.gz')
    with gzip.open(packed, 'wb') as out, open(site.log_file, 'rb') as old:
        shutil.copyfileobj(old, out)
    done = site.starpunk('log', packed, check=False)
    t.ok(done.returncode == 2 and f'zcat {packed} | starpunk log -' in done.stderr, f'{f}: how to read a packed one is said', done.stderr)


def check_follow(t, f, site):
    """What is written later is shown, also in the file that takes the place of a renamed one."""
    seen = os.path.join(site.dir, 'seen')
    with open(seen, 'wb') as out:
        p = subprocess.Popen([os.path.join(BUILD, 'starpunk'), '--config', site.conf, 'log', '--follow', '--limit', '1'],
                             stdout=out, stderr=subprocess.DEVNULL)

    def shown(what):
        with open(seen, encoding='utf-8') as text:
            return what in text.read()

    try:
        site.get('/first-look')
        t.ok(wait_for(lambda: shown('path=/first-look ')), f'{f}: followed, a log shows what comes')
        os.rename(site.log_file, site.log_file + '.1')
        site.process.send_signal(signal.SIGUSR1)
        t.ok(wait_for(lambda: os.path.exists(site.log_file)), f'{f}: (a new log file is there)')
        site.get('/second-look')
        t.ok(wait_for(lambda: shown('path=/second-look ')), f'{f}: also after it was rotated')
    finally:
        p.terminate()
        p.wait(timeout=10)


def check_pipe(t):
    status, out, _ = piped(HOSTILE + 'a line of a library\n' + '{"half', '-')
    t.eq(status, 0, 'standard input is read to its end')
    shown = out.splitlines()
    t.eq(shown[0], '2026-03-01T09:30:00.000Z ERROR    web        red \\u001b[31m \\u202eturned event=x n=3 '
         'path="/a b" list=[1,2]', 'nothing in a line moves the cursor or turns the text')
    t.eq(shown[1:], ['a line of a library', '{"half'], 'lines that are no JSON are shown as they stand')
    t.eq(piped(HOSTILE + 'plain\n', '-', '--level', 'error')[1].count('\n'), 1, 'unless a level is asked for')
    t.eq(piped('x' * 200000 + '\n' + HOSTILE, '-')[1].count('\n'), 1, 'a line beyond all measure is passed over')
    t.eq(piped(HOSTILE, '-', '--follow')[0], 2, 'standard input is not followed')


with Tap() as t:
    check_pipe(t)
    for front in fronts():
        with Site(front) as site:
            check_request(t, front, site)
            check_filters(t, front, site)
            check_follow(t, front, site)
