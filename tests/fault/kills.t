#!/usr/bin/env python3
"""SIGKILL: of one process, which somebody else makes good for; and of workers, courier, logger and supervisor at random moments while
clients post notes, pictures and changes.

What was acknowledged is there, once; what a post shows is on disk; nothing half-done is left. The seed is
printed: SP_SEED=N repeats the choices. 300 posts between the front servers; SP_LONG=1 makes 2000 behind each."""

import collections
import contextlib
import http.client
import json
import os
import queue
import random
import select
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from faults import Fault, run
from micropub import JSON, files, multipart, png, upload
from starpunk import SANITIZED, Site, Tap, fronts, request, wait_for

LONG = os.environ.get('SP_LONG', '') not in ('', '0')
POSTS = 2000 if LONG else 300 // len(fronts())
CLIENTS = 6
SEED = int(os.environ.get('SP_SEED') or time.time_ns() % 1000000)
PATIENCE = (1200 if LONG else 240) * (4 if SANITIZED else 1)


class Clients:
    """Post until all is acknowledged. Who gets no answer asks again, with the same Idempotency-Key."""

    def __init__(self, site):
        self.site, self.todo, self.end = site, queue.Queue(), time.monotonic() + PATIENCE
        self.acknowledged, self.pictures, self.updated = {}, {}, []
        self.answers, self.problems = collections.Counter(), []
        for i in range(POSTS):
            self.todo.put(i)
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(CLIENTS)]

    def insist(self, what, good, ask):
        """The first good answer; 5xx and lost connections are asked again."""
        while time.monotonic() < self.end:
            try:
                got = ask()
            except (OSError, http.client.HTTPException):
                self.answers['lost'] += 1
                time.sleep(0.01)
                continue
            self.answers[got.status] += 1
            if got.status in good:
                return got
            if got.status < 500:
                self.problems.append(f'{what}: {got!r}')
                return None
            time.sleep(0.05)
        self.problems.append(f'{what}: not answered in time')
        return None

    def lose(self, headers, body):
        """The request is sent, and nobody waits for its answer."""
        with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', self.site.port), timeout=10) as s:
            head = ''.join(f'{name}: {value}\r\n' for name, value in headers.items())
            s.sendall(f'POST /micropub HTTP/1.1\r\nHost: localhost:{self.site.port}\r\n{head}Content-Length: {len(body)}\r\n\r\n'.encode() + body)
            select.select([s], [], [], 2)
        self.answers['not read'] += 1

    def post(self, i, kind, body, dice):
        key = {'Idempotency-Key': f'create-{i}'}
        if dice.random() < 0.2:
            self.lose({**self.site.auth(), 'Content-Type': kind, **key}, body)
        got = self.insist(f'post {i}', (201,), lambda: request(self.site.port, 'POST', '/micropub', {**self.site.auth(), 'Content-Type': kind, **key}, body))
        if got:
            self.acknowledged[i] = got.header('Location')

    def make(self, i, dice):
        text = f'Post number {i}.'
        picture = png(500 if dice.random() < 0.1 else 40, 30, i) if i % 3 else None
        if not picture:
            self.post(i, JSON, json.dumps({'type': ['h-entry'], 'properties': {'content': [text]}}).encode(), dice)
        elif i % 3 == 1:
            self.post(i, *multipart([('content', text), ('photo', 'p.png', 'image/png', picture)]), dice)
        else:
            stored = self.insist(f'upload {i}', (201,), lambda: upload(self.site, picture))
            if not stored:
                return
            self.pictures[i] = stored.header('Location')
            self.post(i, JSON, json.dumps({'type': ['h-entry'], 'properties': {'content': [text], 'photo': [self.pictures[i]]}}).encode(), dice)
        if i % 5 == 0 and i in self.acknowledged:
            change = json.dumps({'action': 'update', 'url': self.acknowledged[i], 'replace': {'category': [f'changed-{i}']}}).encode()
            if self.insist(f'update {i}', (204,), lambda: request(self.site.port, 'POST', '/micropub', {**self.site.auth(), 'Content-Type': JSON}, change)):
                self.updated.append(i)

    def run(self, n):
        dice = random.Random(SEED * 100 + n)
        with contextlib.suppress(queue.Empty):
            while time.monotonic() < self.end:
                self.make(self.todo.get_nowait(), dice)


def up(site):
    """Whether the program that was started has workers: orphans of the one before answer, too, for a moment."""
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        for worker in site.stats()['workers']:
            with open(f"/proc/{worker['pid']}/stat", encoding='ascii') as stat:
                if int(stat.read().rsplit(')', 1)[1].split()[1]) == site.process.pid:
                    return True
    return False


def restart(site):
    """Kills the supervisor and starts another, again while the last orphans of the dead one still hold the socket."""
    site.stop_program(signal.SIGKILL)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        site.start_program()
        wait_for(lambda: site.process.poll() is not None or up(site), 60)
        if site.process.poll() is None:
            return up(site)
        site.stop_program()
    return False


def kill_some(site, clients, counted):
    """Kills somebody every now and then, until the clients are done."""
    dice = random.Random(SEED)
    while any(thread.is_alive() for thread in clients.threads):
        time.sleep(dice.uniform(0.05, 0.4))
        who = dice.choices(('worker', 'courier', 'logger', 'supervisor'), (12, 3, 3, 1))[0]
        if who == 'supervisor':
            counted[who] += 1
            if not restart(site):
                clients.problems.append('the site did not start again')
                clients.end = 0
                return
            continue
        pids = sorted(site.processes(who) if who == 'logger' else (w['pid'] for w in site.stats()['workers'] if w.get('role', 'worker') == who))
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(pids), signal.SIGKILL)
                counted[who] += 1


def judge(t, site, clients, counted):
    f = site.front
    t.diag(f'{dict(counted)} killed, answers {dict(clients.answers)}')
    t.eq(clients.problems[:5], [], f'{f}: every request has got its answer in the end')
    t.eq(len(clients.acknowledged), POSTS, f'{f}: {POSTS} posts were acknowledged')
    t.ok(counted['worker'] > 3 and (counted['courier'] and counted['supervisor'] or not LONG), f'{f}: while processes were killed', counted)
    rows = {slug: json.loads(mf2)['properties'] for slug, mf2 in site.sqlite('select slug, mf2 from post')}
    texts = collections.Counter(p['content'][0] for p in rows.values())
    t.eq([i for i in clients.acknowledged if texts[f'Post number {i}.'] != 1], [], f'{f}: each of them is there, once')
    t.eq(len(rows), len(texts), f'{f}: and nothing else')
    wrong = [i for i, url in clients.acknowledged.items() if rows.get(url.rsplit('/', 1)[1], {}).get('content') != [f'Post number {i}.']]
    t.eq(wrong, [], f'{f}: each under the URL that was told')
    t.eq([i for i in clients.updated if rows[clients.acknowledged[i].rsplit('/', 1)[1]].get('category') != [f'changed-{i}']], [], f'{f}: no acknowledged change is lost')
    media = {name: size for name, size in site.sqlite('select name, bytes from media')}
    there = files(site)
    t.eq([n for n, size in media.items() if there.get(n) != size], [], f'{f}: every file that is known is on the disk, whole')
    shown = [u.split('/media/', 1)[1] for p in rows.values() for u in p.get('photo', [])]
    t.eq([n for n in shown if n not in media], [], f'{f}: every picture that a post shows is known')
    t.eq((len(shown), len(set(shown))), (sum(1 for i in range(POSTS) if i % 3), len(media)), f'{f}: each is stored once, none twice')
    t.eq([p for p in there if os.path.basename(p).startswith('.') or '/.' in '/' + p], [], f'{f}: no temporary file is left')
    t.ok(wait_for(lambda: not site.sqlite('select 1 from job'), 60), f'{f}: the courier has done what it had to', site.sqlite('select * from job'))
    stems = {n.rsplit('.', 1)[0] for n in media}
    stray = [p for p in files(site) if p.rsplit('.', 1)[0] not in stems and p.rsplit('-', 1)[0] not in stems]
    t.diag(f'{len(media)} files known, {len(stray)} stored and not known (the courier removes them after a day)')
    t.ok(len(stray) <= counted['worker'] + counted['supervisor'], f'{f}: at most one stray file for each death', stray)
    checked = site.starpunk('check', check=False)
    t.eq(checked.returncode, 0, f'{f}: starpunk check is content')
    if checked.returncode:
        t.diag(checked.stdout + checked.stderr)
    t.ok(all(site.get('/' + u.split('/', 3)[3]).status == 200 for u in list(clients.acknowledged.values())[-5:]), f'{f}: the posts are shown')


def killed(role, how_many=1):
    """These processes are dead, and others have come."""
    @contextlib.contextmanager
    def begin(site):
        old = site.children(role)
        for pid in old[:how_many]:
            os.kill(pid, signal.SIGKILL)
        yield
        wait_for(lambda: len(site.children(role)) == len(old) and not set(old[:how_many]) & set(site.children(role)), 60)
    return begin


def death(role):
    return {'event': {'event': 'process_died', 'role': role, 'signal': 9}, 'metric': 'starpunk_process_deaths_total', 'same_workers': False}


ROWS = [
    # Whose post meets the death of its worker may have to send it again: nobody else may do that for a POST.
    Fault('a worker is killed', killed('worker'), status=(201, 502, 503), **death('worker')),
    Fault('all workers are killed', killed('worker', 2), status=(201, 502, 503), **death('worker')),
    Fault('the courier is killed', killed('courier'), status=201, **death('courier')),
    Fault('the logger is killed', killed('logger'), status=201, **{**death('logger'), 'same_workers': True}),
]

with Tap() as t:
    run(t, ROWS)
    t.diag(f'SP_SEED={SEED}')
    for front in fronts()[:1 if SANITIZED else None]:
        with Site(front, quiet_front=True) as site:
            clients, counted, start = Clients(site), collections.Counter(), time.monotonic()
            for thread in clients.threads:
                thread.start()
            kill_some(site, clients, counted)
            for thread in clients.threads:
                thread.join()
            t.diag(f'{front}: {POSTS} posts in {time.monotonic() - start:.1f} s')
            judge(t, site, clients, counted)
