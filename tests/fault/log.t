#!/usr/bin/env python3
"""A log that cannot be written: its disk is full, its file is gone, or nobody reads its pipe. Lines are lost and counted; requests are not."""

import contextlib
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import Fault, FaultySite, own_mounts, run
from starpunk import Tap, wait_for

DROPPED = 'starpunk_log_dropped_total'


def pipe(t):
    """Whoever reads the log of a site without log_file has stopped doing so."""
    read, write = os.pipe()
    with FaultySite(log_file='', stderr=write) as site:
        before = site.metric(DROPPED)
        statuses = {site.get('/health').status for _ in range(400)}
        t.eq(statuses, {200}, 'nobody reads the pipe of the log: every request is answered')
        t.ok(wait_for(lambda: site.metric(DROPPED) > before, 60), f'nobody reads the pipe of the log: {DROPPED} has moved')
        t.eq(site.ready()[0], 200, 'nobody reads the pipe of the log: the site is healthy')
        os.set_blocking(read, False)
        text = b''
        with contextlib.suppress(BlockingIOError):
            while True:
                text += os.read(read, 1 << 20)
        t.eq(site.note('afterwards').status, 201, 'the pipe is read again: posts are stored')

        def said():
            nonlocal text
            with contextlib.suppress(BlockingIOError):
                text += os.read(read, 1 << 20)
            return b'"post_created"' in text
        t.ok(wait_for(said, 60), 'the pipe is read again: and told')
        t.ok(all(json.loads(line) for line in text.splitlines() if line.startswith(b'{')), 'the pipe is read again: no line is torn')
    os.close(read)
    os.close(write)


def lines(site):
    """What can be read of the log, and what cannot."""
    good, bad = [], []
    with open(site.log_file, 'rb') as f:
        for line in f.read().splitlines():
            try:
                good.append(json.loads(line))
            except ValueError:
                bad.append(line)
    return good, bad


def told(site, event, slug):
    return [e for e in lines(site)[0] if (e['event'], e.get('slug')) == (event, slug)]


def full_disk(t):
    with FaultySite(disks={'logs': 8}, log_file='DIR/logs/starpunk.log') as site:
        site.log_file = site.config['log_file']
        site.keep('kept', 'Was here before')
        before, workers = site.metric(DROPPED), site.children('worker')
        with site.disks['logs'].full():
            # A page of the file may still have room.
            t.ok(wait_for(lambda: site.note('while-full').status == 201 and site.ready()[:2] == (200, ['log']), 60),
                 'the disk of the log is full: health tells of it, and keeps the site in service')
            t.eq(site.note('in-the-pipe').status, 201, 'the disk of the log is full: posts are stored')
            statuses = set()
            t.ok(wait_for(lambda: statuses.update(site.get('/' + 'x' * 900).status for _ in range(100)) or site.metric(DROPPED) > before, 60),
                 f'the disk of the log is full: when the pipe is full, too, {DROPPED} moves')
            t.eq(statuses, {404}, 'the disk of the log is full: nobody waits for it')
            t.eq([site.get(p).status for p in ('/', '/note/kept', '/nothing')], [200, 200, 404], 'the disk of the log is full: requests are answered')
        t.ok(wait_for(lambda: told(site, 'post_created', 'in-the-pipe'), 60), 'the disk of the log has room: what the pipe has kept is told')
        t.ok(wait_for(lambda: any(e['event'] == 'log_resumed' for e in lines(site)[0]), 60), 'the disk of the log has room: and how much is missing')
        got = site.note('afterwards')
        t.ok(wait_for(lambda: told(site, 'post_created', 'afterwards'), 60), 'the disk of the log has room: what happens is told again')
        t.eq((got.status, site.children('worker')), (201, workers), 'the disk of the log has room: without a restart')
        t.eq(site.lost(), [], 'the disk of the log is full: nothing that was acknowledged is lost')
        bad = lines(site)[1]
        t.ok(len(bad) <= 1, 'the disk of the log is full: at most one line is torn, and spoils no other', bad)


with Tap() as t:
    if own_mounts():
        full_disk(t)
    else:
        t.skip('no file systems may be mounted here', 'the disk of the log is full')
    pipe(t)
