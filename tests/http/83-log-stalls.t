#!/usr/bin/env python3
"""A log that cannot be written: no request fails or waits, what is missing is counted, seen in /health/ready and told afterwards."""

import contextlib
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts, wait_for

LONG = 'x' * 900
# What a pipe holds is written full by so many requests, whatever the path's share of a line.
ENOUGH = 400


def dropped(site):
    return metric(site, 'starpunk_log_dropped_total')


def metric(site, name):
    return sum(float(line.split()[-1]) for line in site.get('/metrics').text.splitlines() if line.startswith(name))


def log_check(site):
    return site.get('/health/ready').json['checks']['log']['healthy']


def told(path):
    with open(path, 'rb') as f:
        return b'"event":"log_resumed"' in f.read()


def check_pipe(t, front):
    """log_file is a pipe whose reader is stopped, as a log shipper that hangs."""
    with Site(front, start=False, health_check_detailed='true') as site:
        pipe, seen = os.path.join(site.dir, 'log', 'pipe'), os.path.join(site.dir, 'log', 'seen')
        site.init()
        site.token = site.make_token('create')
        os.mkfifo(pipe)
        with open(seen, 'wb') as out:
            reader = subprocess.Popen(['sh', '-c', f'exec cat <>{pipe}'], stdout=out)
        try:
            site.write_config(log_file=pipe)
            site.start()
            t.ok(log_check(site), f'{front}: a log that is read is well')
            os.kill(reader.pid, signal.SIGSTOP)
            answers = [site.get('/' + LONG).status for _ in range(ENOUGH)]
            t.eq(set(answers), {404}, f'{front}: with a reader that does not read, requests are answered')
            t.eq(site.micropub({'h': 'entry', 'content': 'Hello'}).status, 201, f'{front}: and posts are taken')
            t.ok(dropped(site) > 0, f'{front}: the lines that are missing are counted')
            t.ok(not log_check(site), f'{front}: and /health/ready says so')
            t.eq(site.get('/health/ready').status, 200, f'{front}: without taking the site out of service')
            os.kill(reader.pid, signal.SIGCONT)
            t.ok(wait_for(lambda: told(seen)), f'{front}: read again, it says that lines are missing')
            t.ok(wait_for(lambda: log_check(site)), f'{front}: and all is well')
            before = dropped(site)
            site.get('/')
            t.eq(dropped(site), before, f'{front}: nothing more is dropped')
        finally:
            with contextlib.suppress(OSError):
                os.kill(reader.pid, signal.SIGCONT)
            reader.kill()
            reader.wait()


def check_full(t, front):
    """/dev/full is a disk without room; the log moves to one that has some, as after a clean-up or a rotation."""
    with Site(front, start=False, health_check_detailed='true') as site:
        site.init()
        site.token = site.make_token('create')
        os.symlink('/dev/full', site.log_file + '.full')
        os.replace(site.log_file + '.full', site.log_file)
        site.start()
        t.eq(site.micropub({'h': 'entry', 'content': 'Hello'}).status, 201, f'{front}: with a full disk under the log, posts are taken')
        t.ok(dropped(site) > 0, f'{front}: the lines that are missing are counted')
        t.ok(metric(site, 'starpunk_log_failing') > 0 and not log_check(site), f'{front}: gauge and /health/ready say so')
        os.unlink(site.log_file)
        site.process.send_signal(signal.SIGUSR1)
        t.ok(site.wait_log('log_resumed'), f'{front}: with room again, each process says what is missing')
        t.ok(wait_for(lambda: metric(site, 'starpunk_log_failing') == 0), f'{front}: and no gauge stays behind')
        t.ok(log_check(site), f'{front}: all is well, without a restart')
        # A line may be dropped while it is counted, and never be missing without having been.
        t.ok(sum(e['dropped'] for e in site.log('log_resumed')) <= dropped(site), f'{front}: what they say adds up')


with Tap() as t:
    for front in fronts():
        check_pipe(t, front)
        check_full(t, front)
