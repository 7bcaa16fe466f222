#!/usr/bin/env python3
"""Mixed load on a whole site while whatever can fail does: `make chaos CHAOS_SECONDS=600`.

Clients post notes and pictures by Micropub, change and delete them, read pages, feeds, searches and metrics, send slowly and
die in the middle. Meanwhile workers, courier, logger and helpers are killed, workers and logger hang, the site is reloaded and its log reopened,
the front server reloads, the database is locked, its disk is full for a moment or slow. At the end: every post that was
acknowledged is there exactly once, with what was last acknowledged of it and its files; every request got an answer within its
deadline; no process has grown; check is clean; each line of the log is JSON. The seed is printed; CHAOS_SEED=N repeats the choices."""

import collections
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import FaultySite, can_trace, injected, own_mounts
from micropub import JSON, files, multipart, png
from starpunk import SRC, request, wait_for

SECONDS = float(os.environ.get('CHAOS_SECONDS') or 60)
SEED = int(os.environ.get('CHAOS_SEED') or time.time_ns() % 1000000)
WRITERS, READERS, RUDE = 6, 4, 2
DEADLINE = 60           # seconds in which every request has to have an answer, whatever happens
MIB = 1 << 20


class Ledger:
    """What was acknowledged, and how everything was answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.posts = {}         # key of a create: what the site has promised of it
        self.answers, self.hung, self.wrong = collections.Counter(), [], []
        self.longest = 0.0

    def count(self, what, status, took):
        with self.lock:
            self.answers[what, status] += 1
            self.longest = max(self.longest, took)


class Client(threading.Thread):
    """Asks until the end; a request that has no answer in its time is one that hung."""

    def __init__(self, site, ledger, n, end):
        super().__init__()
        self.site, self.ledger, self.n, self.end = site, ledger, n, end
        self.dice, self.i = random.Random(SEED * 1000 + n), 0

    def run(self):
        while time.monotonic() < self.end:
            self.turn()

    def ask(self, what, method, path, headers=None, body=None):
        """The answer; None: the connection was lost, which a client notices and may ask again."""
        start = time.monotonic()
        try:
            got = request(self.site.port, method, path, headers, body, timeout=DEADLINE)
        except TimeoutError:
            self.ledger.hung.append((what, path))
            return None
        except (OSError, http.client.HTTPException):
            self.ledger.count(what, 'lost', time.monotonic() - start)
            return None
        self.ledger.count(what, got.status, time.monotonic() - start)
        return got

    def insist(self, what, method, path, headers, body, good):
        """Asks again, as long as it is the site that could not; True: it has said that it is done."""
        end = time.monotonic() + 4 * DEADLINE
        while time.monotonic() < end:
            got = self.ask(what, method, path, headers, body)
            if got is not None and got.status in good:
                return got
            if got is not None and got.status < 500:
                self.ledger.wrong.append((what, got.status, got.text[:200]))
                return None
            time.sleep(self.dice.uniform(0.05, 0.3))
        self.ledger.wrong.append((what, 'never done', path))
        return None


class Writer(Client):
    """Makes posts, then changes or deletes one of its own."""

    def __init__(self, *args):
        super().__init__(*args)
        self.mine = []

    def turn(self):
        kind = self.dice.random()
        if kind < 0.6 or not self.mine:
            self.create()
        elif kind < 0.85:
            self.update(self.dice.choice(self.mine))
        else:
            self.delete(self.mine.pop(self.dice.randrange(len(self.mine))))

    def create(self):
        self.i += 1
        key, text = f'{self.n}-{self.i}', f'Post {self.n}-{self.i} of the storm.'
        picture = png(48, 32, self.n * 100000 + self.i) if self.dice.random() < 0.25 else None
        if picture:
            kind, body = multipart([('content', text), ('photo', 'p.png', 'image/png', picture)])
        else:
            kind, body = JSON, json.dumps({'type': ['h-entry'], 'properties': {'content': [text]}}).encode()
        got = self.insist('create', 'POST', '/micropub', {**self.site.auth(), 'Content-Type': kind, 'Idempotency-Key': f'key-{key}'}, body, (201,))
        if got:
            self.ledger.posts[key] = {'url': got.header('Location'), 'text': text, 'picture': bool(picture), 'deleted': False, 'tag': None}
            self.mine.append(key)

    def change(self, what, key, data):
        return self.insist(what, 'POST', '/micropub', {**self.site.auth(), 'Content-Type': JSON},
                           json.dumps({'url': self.ledger.posts[key]['url'], **data}).encode(), (200, 201, 204))

    def update(self, key):
        self.i += 1
        tag = f'changed-{self.i}'
        if self.change('update', key, {'action': 'update', 'replace': {'category': [tag]}}):
            self.ledger.posts[key]['tag'] = tag

    def delete(self, key):
        if self.change('delete', key, {'action': 'delete'}):
            self.ledger.posts[key]['deleted'] = True


class Reader(Client):
    """Looks at everything that visitors and monitoring look at."""
    PATHS = ('/', '/', '/page/2', '/archive', '/feed.rss', '/feed.atom', '/feed.json', '/search?q=storm', '/api/search?q=post', '/sitemap.xml',
             '/metrics', '/health', '/health/ready', '/nothing', '/micropub?q=config')

    def turn(self):
        path = self.dice.choice(self.PATHS)
        if self.ledger.posts and self.dice.random() < 0.4:
            path = urllib.parse.urlsplit(self.dice.choice(list(self.ledger.posts.values()))['url']).path
        self.ask('read', 'GET', path, self.site.auth() if path.startswith('/micropub') else None)
        time.sleep(0.005)


class Rude(Client):
    """Sends slowly, or dies before it has sent or heard all."""

    def turn(self):
        body = b'content=' + b'x' * 20000
        head = (f'POST /micropub HTTP/1.1\r\nHost: localhost:{self.site.port}\r\nAuthorization: Bearer {self.site.token}\r\n'
                f'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body) + 1}\r\n\r\n').encode()
        with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', self.site.port), timeout=DEADLINE) as s:
            s.sendall(head)
            for at in range(0, len(body), 4000):        # one byte is never sent
                s.sendall(body[at:at + 4000])
                time.sleep(self.dice.uniform(0, 0.2))
        with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', self.site.port), timeout=DEADLINE) as s:
            s.sendall(f'GET /feed.atom HTTP/1.1\r\nHost: localhost:{self.site.port}\r\n\r\n'.encode())
        self.ledger.count('rude', 'gone', 0)


class Faults:
    """One fault after the other, each of them over before the next begins."""

    def __init__(self, site, end):
        self.site, self.end, self.dice = site, end, random.Random(SEED)
        self.counted = collections.Counter()
        self.all = [self.kill_worker, self.kill_worker, self.kill_courier, self.kill_logger, self.hang, self.hang_logger, self.reload, self.reopen, self.front, self.lock]
        if site.disks:
            self.all.append(self.full)
        if can_trace():
            self.all += [self.slow, self.failing]

    def one_of(self, role):
        with contextlib.suppress(RuntimeError, ValueError, IndexError):
            return self.dice.choice(self.site.children(role))
        return None

    def kill(self, role):
        with contextlib.suppress(ProcessLookupError, TypeError):
            os.kill(self.one_of(role), signal.SIGKILL)

    def kill_worker(self):
        self.kill('worker')

    def kill_courier(self):
        self.kill('courier')

    def kill_logger(self):
        self.kill('logger')

    def hang_logger(self):
        """The disk of the log does not answer for a moment."""
        self.hang('logger')

    def hang(self, role='worker'):
        """A process stands still for a moment, as it does when the machine swaps."""
        pid = self.one_of(role)
        with contextlib.suppress(ProcessLookupError, TypeError):
            os.kill(pid, signal.SIGSTOP)
            time.sleep(self.dice.uniform(0.2, 1.5))
            os.kill(pid, signal.SIGCONT)

    def reload(self):
        self.site.process.send_signal(signal.SIGHUP)

    def reopen(self):
        if self.dice.random() < 0.5:
            os.rename(self.site.log_file, f'{self.site.log_file}.{self.counted["reopen"]}')
        self.site.process.send_signal(signal.SIGUSR1)

    def front(self):
        subprocess.run([os.path.join(SRC, 'tools', 'front'), 'reload', self.site.dir], check=False, capture_output=True)

    def lock(self):
        with contextlib.closing(sqlite3.connect(self.site.config['database_path'], isolation_level=None, timeout=60)) as db:
            with contextlib.suppress(sqlite3.OperationalError):
                db.execute('begin immediate')
                time.sleep(self.dice.uniform(0.2, 3))
                db.execute('rollback')

    def full(self):
        with self.site.disks['data'].full():
            time.sleep(self.dice.uniform(0.1, 1.5))

    def traced(self, calls, how, seconds):
        with contextlib.suppress(RuntimeError), injected(self.site.children('worker'), calls, how, self.site.config['database_path'] + '-wal'):
            time.sleep(seconds)

    def slow(self):
        self.traced('fsync,fdatasync', 'delay_enter=300000', self.dice.uniform(0.5, 2))

    def failing(self):
        self.traced('fsync,fdatasync', 'error=EIO', self.dice.uniform(0.2, 1))

    def run(self, sample):
        while time.monotonic() < self.end:
            fault = self.dice.choice(self.all)
            fault()
            self.counted[fault.__name__] += 1
            time.sleep(self.dice.uniform(0.1, 1))
            sample()


class Sizes:
    """Memory and descriptors of the site's processes, over time: by role, the largest there is."""

    def __init__(self, site):
        self.site, self.seen = site, collections.defaultdict(list)

    def sample(self):
        now = collections.defaultdict(lambda: [0, 0])
        with contextlib.suppress(RuntimeError, ValueError):
            people = [(w.get('role', 'worker'), w['pid']) for w in self.site.stats()['workers']]
            for role, pid in set(people + [('supervisor', self.site.process.pid)] + [('logger', pid) for pid in self.site.processes('logger')]):
                with contextlib.suppress(OSError):
                    with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as f:
                        kib = next(int(line.split()[1]) for line in f if line.startswith('Private_Dirty:'))
                    now[role] = [max(now[role][0], kib), max(now[role][1], len(os.listdir(f'/proc/{pid}/fd')))]
        for role, sizes in now.items():
            self.seen[role].append(sizes)

    def thirds(self):
        """(role, what, in the middle third, in the last) by their medians: in the first one caches fill and the site grows from nothing."""
        for role, samples in sorted(self.seen.items()):
            third = max(1, len(samples) // 3)
            for i, what in enumerate(('private KiB', 'descriptors')):
                middle = [sorted(s[i] for s in part)[len(part) // 2] for part in (samples[third:2 * third] or samples, samples[-third:])]
                yield role, what, *middle


# ---- the verdict -----------------------------------------------------------------------------

def posts_wrong(site, ledger):
    rows = {slug: (json.loads(mf2)['properties'], deleted) for slug, mf2, deleted in site.sqlite('select slug, mf2, deleted from post')}
    there, media = files(site), {name for name, in site.sqlite('select name from media')}
    texts = collections.Counter(p.get('content', [''])[0] for p, _ in rows.values())
    wrong = []
    for key, post in ledger.posts.items():
        slug = post['url'].rsplit('/', 1)[1]
        mine, deleted = rows.get(slug, ({}, None))
        photos = [p['value'] if isinstance(p, dict) else p for p in mine.get('photo', [])]
        names = [p.split('/media/', 1)[1] for p in photos]
        if slug not in rows or bool(deleted) != post['deleted']:
            wrong.append((key, 'is not there, or was not deleted'))
        elif not deleted and (mine.get('content') != [post['text']] or texts[post['text']] != 1):
            wrong.append((key, 'has another text, or is there twice'))
        elif not deleted and post['tag'] and mine.get('category') != [post['tag']]:
            wrong.append((key, 'has lost a change'))
        elif not deleted and (len(names) != post['picture'] or any(n not in media or n not in there for n in names)):
            wrong.append((key, 'has lost its picture'))
    return wrong


def log_wrong(site):
    wrong, lines = 0, 0
    where = os.path.dirname(site.log_file)
    for name in os.listdir(where):
        if name.startswith('starpunk.log'):
            with open(os.path.join(where, name), 'rb') as f:
                for line in f:
                    lines += 1
                    try:
                        json.loads(line)
                    except ValueError:
                        wrong += 1
    return wrong, lines


def report(site, ledger, faults, sizes, seconds):
    rows, bad = [], []

    def row(what, value, good=True):
        rows.append((what, value))
        if not good:
            bad.append(what)
    lost = posts_wrong(site, ledger)
    torn, lines = log_wrong(site)
    checked = site.starpunk('check', check=False)
    by_kind = collections.Counter()
    for (what, status), n in ledger.answers.items():
        by_kind[f'{what}: {status}'] += n
    row('seed, seconds', f'{SEED}, {seconds:.0f}')
    row('faults', ', '.join(f'{n} {name}' for name, n in sorted(faults.counted.items())))
    for what, n in sorted(by_kind.items()):
        row(f'answers, {what}', n)
    row('longest answer, seconds', f'{ledger.longest:.1f}')
    row('posts acknowledged', len(ledger.posts), len(ledger.posts) > 0)
    row('of them lost, doubled or changed', len(lost), not lost)
    row('requests that hung', len(ledger.hung), not ledger.hung)
    row('requests refused without a reason', len(ledger.wrong), not ledger.wrong)
    for role, what, first, last in sizes.thirds():
        row(f'{role}, {what}, middle and last third', f'{first}, {last}', last <= first * 1.25 + (2048 if 'KiB' in what else 4))
    row('starpunk check', 'clean' if checked.returncode == 0 else checked.stdout + checked.stderr, checked.returncode == 0)
    # A logger that is killed while it writes may tear one, which the next has again behind it.
    row('lines of the log, and such as are no JSON', f'{lines}, {torn}', torn <= faults.counted['kill_logger'])
    for what, value in rows:
        print(f"{'FAILED  ' if what in bad else ''}{what:<48}  {value}")
    for problem in (lost + ledger.hung + ledger.wrong)[:10]:
        print(f'    {problem}')
    return not bad


def main():
    mounts = own_mounts()
    print(f'CHAOS_SEED={SEED}', flush=True)
    more = {'disks': {'data': 256}, 'database_path': 'DIR/data/starpunk.db'} if mounts else {}
    with FaultySite(quiet_front=True, page_cache_size='1MiB', db_busy_timeout='2s', **more) as site:
        start = time.monotonic()
        end, ledger, sizes = start + SECONDS, Ledger(), Sizes(site)
        faults = Faults(site, end)
        kinds = [Writer] * WRITERS + [Reader] * READERS + [Rude] * RUDE
        clients = [kind(site, ledger, n, end) for n, kind in enumerate(kinds)]
        for client in clients:
            client.start()
        faults.run(sizes.sample)
        for client in clients:
            client.join(6 * DEADLINE)
            if client.is_alive():
                ledger.hung.append(('client', client.n))
        if not wait_for(lambda: site.ready()[0] == 200 and not site.sqlite('select 1 from job'), 120, 0.5):
            ledger.wrong.append(('site', 'not ready at the end', site.ready()[:2]))
        good = report(site, ledger, faults, sizes, time.monotonic() - start)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
