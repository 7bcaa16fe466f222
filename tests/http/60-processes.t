#!/usr/bin/env python3
"""Supervisor, workers, courier: signals, sudden death, reload, and no acknowledged post ever lost."""

import contextlib
import datetime
import http.client
import os
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import SRC, Site, Tap, fronts, wait_for


class Load:
    """Clients that post notes until told to stop; keeps the slugs that were acknowledged."""

    def __init__(self, site, clients=4, reads=False):
        self.site, self.reads = site, reads
        self.acknowledged, self.statuses, self.errors = [], [], []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(clients)]

    def run(self, n):
        i = 0
        while not self.stopping.is_set():
            i += 1
            try:
                if self.reads:
                    got = self.site.get('/')
                else:
                    got = self.site.micropub({'content': f'Post {n}-{i}', 'mp-slug': f'load-{n}-{i}'})
                self.statuses.append(got.status)
                if got.status == 201:
                    self.acknowledged.append(f'load-{n}-{i}')
            except (OSError, http.client.HTTPException) as e:
                self.errors.append(repr(e))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def kill(pid, sig=signal.SIGKILL):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sig)


def kept_connections(site):
    """Leaves the front server with kept connections to every worker."""
    reached = set()
    while len(reached) < 2:
        for thread in [threading.Thread(target=site.get, args=('/health',)) for _ in range(16)]:
            thread.start()
            thread.join(0.005)
        reached = {w['pid'] for w in site.stats()['workers'] if w.get('role') == 'worker' and w['requests'] > 0}


def worker_killed(t, site):
    f = site.front
    for _ in range(3):
        kept_connections(site)
        victim = site.workers()[0]
        kill(victim)
        got = [site.get(path).status for path in ('/', '/health', '/', '/feed.atom')]
        t.eq(got, [200] * 4, f'{f}: the requests after a SIGKILL do not notice')
        wait_for(lambda: len(site.workers()) == 2, 5)
    victim = site.workers()[0]
    kill(victim)
    start = time.monotonic()
    t.eq(site.get('/').status, 200, f'{f}: the request after a SIGKILL does not notice')
    new = wait_for(lambda: (lambda w: w if len(w) == 2 and victim not in w else None)(site.workers()), 5)
    t.ok(new and time.monotonic() - start < 1.5, f'{f}: a killed worker is replaced within a second', time.monotonic() - start)
    died = site.wait_log('process_died', child=victim)
    t.ok(died and died[0]['signal'] == 9, f'{f}: the log says who died of what')
    before = site.stats()['http']['requests']
    t.ok(before > 0, f'{f}: what the dead one counted is not lost', before)


def killed_at_start(t, site):
    f = site.front
    site.stop_program()
    site.start_program()
    children = wait_for(lambda: [e['child'] for e in site.log_now('process_started') if e['pid'] == site.process.pid and e['role'] != 'logger'], step=0.001)
    kill(children[-1])
    t.ok(site.wait_healthy(), f'{f}: a child that is killed before it is ready does not keep the site from starting')
    t.ok(wait_for(lambda: len(site.workers()) == 2, 5), f'{f}: and is replaced')


def killed_under_load(t, site):
    f = site.front
    with Load(site) as load:
        for _ in range(8):
            time.sleep(0.25)
            for pid in site.workers()[:1]:
                kill(pid)
    there = {row[0] for row in site.sqlite('select slug from post')}
    lost = [s for s in load.acknowledged if s not in there]
    t.ok(len(load.acknowledged) > 20, f'{f}: posts were acknowledged while workers died', len(load.acknowledged))
    t.eq(lost, [], f'{f}: none of the acknowledged posts is lost')
    slugs = site.sqlite("select count(*), count(distinct slug) from post where slug like 'load-%'")[0]
    t.eq(slugs[0], slugs[1], f'{f}: none is there twice')
    t.eq(site.starpunk('check').returncode, 0, f'{f}: the database is whole')
    for slug in load.acknowledged[-3:]:
        t.eq(site.get(f'/note/{slug}').status, 200, f'{f}: {slug} is shown')


def supervisor_killed(t, site):
    f = site.front
    with Load(site, 2) as load:
        time.sleep(0.3)
        old = site.workers()
        site.stop_program(signal.SIGKILL)
        t.ok(wait_for(lambda: not any(os.path.exists(f'/proc/{p}') for p in old), 5), f'{f}: workers end with their supervisor')
        t.ok(site.get('/').status in (502, 503), f'{f}: the front server says that the site is down')
        site.start_program()
        t.ok(site.wait_healthy(), f'{f}: it starts again at once over what was left behind')
        time.sleep(0.3)
    there = {row[0] for row in site.sqlite('select slug from post')}
    t.eq([s for s in load.acknowledged if s not in there], [], f'{f}: no acknowledged post is lost')


def reload(t, site):
    f = site.front
    old = site.workers()
    with Load(site, 2, reads=True) as load:
        site.write_config(site_name='Renamed')
        site.process.send_signal(signal.SIGHUP)
        t.ok(wait_for(lambda: 'Renamed' in site.get('/').text, 10), f'{f}: HUP brings the new configuration')
        t.ok(wait_for(lambda: not set(old) & set(site.workers()), 10), f'{f}: all workers are new')
    t.eq([s for s in load.statuses if s != 200] + load.errors, [], f'{f}: no request failed meanwhile ({len(load.statuses)} asked)')
    now = site.workers()
    site.write_config(worker_thread='3')
    site.process.send_signal(signal.SIGHUP)
    refused = site.wait_log('config_refused')
    t.ok(refused and 'worker_threads' in refused[0]['problem'], f'{f}: a bad configuration is refused, with the nearest key', refused)
    del site.config['worker_thread']
    site.write_config()
    t.eq((site.get('/').status, site.workers()), (200, now), f'{f}: the old workers stay')
    site.write_config(metrics_buffer_size='2000')
    site.process.send_signal(signal.SIGHUP)
    t.ok(wait_for(lambda: [e for e in site.log_now('config_refused') if 'metrics_buffer_size' in e['problem']]),
         f'{f}: so is what only a restart can change, rather than taken for done')
    del site.config['metrics_buffer_size']
    site.write_config()


def reload_hangs(t, site):
    """A successor that hangs before it is ready (here: reading a template that is a pipe) is given up."""
    f = site.front
    theme = os.path.join(site.dir, 'theme')
    os.makedirs(os.path.join(theme, 'templates'))
    os.mkfifo(os.path.join(theme, 'templates', 'list.html'))
    before = len(site.log('config_refused'))
    now = site.workers()
    site.write_config(theme_path=theme)
    site.process.send_signal(signal.SIGHUP)
    t.ok(wait_for(lambda: len(site.log('config_refused')) > before, 40), f'{f}: a reload that hangs is refused')
    t.eq((site.get('/').status, site.workers()), (200, now), f'{f}: the old workers stay')
    site.write_config(theme_path='', site_name='After all')
    site.process.send_signal(signal.SIGHUP)
    t.ok(wait_for(lambda: 'After all' in site.get('/').text, 20), f'{f}: and the next reload works')


def descriptors(t, site):
    """Standard input stays what it was: no socket or pipe ever takes its number."""
    for pid in [site.process.pid, *site.workers()]:
        t.eq(os.readlink(f'/proc/{pid}/fd/0'), '/dev/null', f'{site.front}: descriptor 0 of {"a worker" if pid != site.process.pid else "the supervisor"} is standard input')


def rotate(t, site):
    f = site.front
    os.rename(site.log_file, site.log_file + '.1')
    site.process.send_signal(signal.SIGUSR1)
    t.ok(wait_for(lambda: os.path.exists(site.log_file), 5), f'{f}: USR1 opens a new log file')

    def logged():
        rid = site.get('/health').header('X-Request-ID')
        return site.wait_log('request', 0.5, request_id=rid)
    t.ok(all(wait_for(logged, 5) for _ in range(6)), f'{f}: all workers write to it')


def stopped_under_load(t, site):
    f = site.front
    with Load(site, 3) as load:
        time.sleep(0.4)
        start = time.monotonic()
        status = site.stop_program()
        took = time.monotonic() - start
        load.stopping.set()
    t.eq(status, 0, f'{f}: TERM ends with exit status 0')
    t.ok(took < 5, f'{f}: and soon', took)
    t.ok(not os.path.exists(site.socket), f'{f}: the socket is gone')
    bad = [s for s in load.statuses if s not in (201, 502, 503)]
    t.eq(bad, [], f'{f}: every request got its answer or a clear "down"')
    there = {row[0] for row in site.sqlite('select slug from post')}
    t.eq([s for s in load.acknowledged if s not in there], [], f'{f}: no acknowledged post is lost')
    site.start_program()
    t.ok(site.wait_healthy(), f'{f}: and it starts again')


def courier(t, site):
    f = site.front
    soon = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 3))
    start = time.monotonic()
    made = site.micropub({'content': 'In a moment', 'published': soon, 'mp-slug': 'soon'})
    t.diag(f'{made.status} after {time.monotonic() - start:.2f} s')
    t.eq(site.get('/note/soon').status, 404, f'{f}: a scheduled post waits')
    t.ok(wait_for(lambda: site.get('/note/soon').status == 200, 15), f'{f}: and appears at its time')
    t.has(site.get('/').text, 'In a moment', f'{f}: also on the home page')
    wal = f'{site.dir}/starpunk.db-wal'
    for i in range(20):
        site.post(f'Filler {i} ' + 'x' * 3000)
    t.ok(wait_for(lambda: not os.path.exists(wal) or os.path.getsize(wal) == 0, 15), f'{f}: the courier empties the write-ahead log')
    pid = next((w['pid'] for w in site.stats()['workers'] if w.get('role') == 'courier'), None)
    t.ok(pid, f'{f}: the courier is listed')
    kill(pid)
    t.ok(wait_for(lambda: [w for w in site.stats()['workers'] if w.get('role') == 'courier' and w['pid'] != pid], 5),
         f'{f}: a killed courier is replaced')


class Writer:
    """A request that posts, spoken to the program itself, which is told its length and given its beginning."""

    def __init__(self, site, slug):
        self.rest = f'content=Slowly&mp-slug={slug}'.encode()
        params = {'REQUEST_METHOD': 'POST', 'REQUEST_URI': '/micropub', 'HTTP_HOST': f'localhost:{site.port}', 'REMOTE_ADDR': '127.0.0.1',
                  'HTTP_AUTHORIZATION': f'Bearer {site.token}', 'CONTENT_TYPE': 'application/x-www-form-urlencoded', 'CONTENT_LENGTH': str(len(self.rest))}
        pairs = b''.join(struct.pack('>BB', len(k), len(v)) + k.encode() + v.encode() for k, v in params.items())
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(site.socket)
        self.send(1, struct.pack('>HB5x', 1, 0))
        self.send(4, pairs)
        self.send(4)

    def send(self, kind, content=b''):
        self.sock.sendall(struct.pack('>BBHHBB', 1, kind, 1, len(content), 0, 0) + content)

    def finish(self):
        self.send(5, self.rest)
        self.send(5)
        with self.sock, self.sock.makefile('rb') as answer:
            return answer.read()


def readers_beside_writers(t, front):
    """Writers that wait, as many as there may be."""
    with Site(front, workers='1', worker_threads='2') as site:
        def busy(n):
            return wait_for(lambda: f'in flight {n},' in site.starpunk('stats').stdout)
        site.get('/')
        slow = [Writer(site, f'slow-{n}') for n in range(2)]
        t.ok(busy(2), f'{front}: two are being worked on, which is all that may be')
        t.eq([site.get(path).status for path in ('/', '/health', '/health/ready')], [200] * 3, f'{front}: who reads is answered')
        t.ok(busy(2), f'{front}: while they wait')
        third = Writer(site, 'third').finish()
        t.has(third, b'Status: 201', f'{front}: a third one is let in when nobody goes')
        t.ok(busy(2), f'{front}: while they wait still')
        t.ok(all(b'Status: 201' in writer.finish() for writer in slow), f'{front}: and come to their end')
        t.ok(busy(0), f'{front}: nothing is left behind')


def recycled_beside_upload(t, front):
    """Requests that come while the only worker has done its share and waits for somebody who sends slowly."""
    with Site(front, workers='1', worker_max_requests='10', stop_timeout='30s') as site:
        first = site.workers()
        slow = Writer(site, 'slow')
        t.ok(wait_for(lambda: 'in flight 1,' in site.starpunk('stats').stdout), f'{front}: somebody sends slowly')
        took = []
        for _ in range(30):
            start = time.monotonic()
            took.append((site.get('/').status, time.monotonic() - start))
        t.eq({status for status, _ in took}, {200}, f'{front}: all visitors are answered')
        t.ok(max(seconds for _, seconds in took) < 5, f'{front}: at once', max(took, key=lambda one: one[1]))
        t.ok(wait_for(lambda: set(site.processes('worker')) - set(first), 20), f'{front}: by another worker')
        t.ok(set(first) <= set(site.processes('worker')), f'{front}: while the first one waits')
        t.ok(len(site.processes('worker')) <= 2, f'{front}: there are not more than needed', site.processes('worker'))
        t.has(slow.finish(), b'Status: 201', f'{front}: the slow one comes to its end')
        t.ok(wait_for(lambda: len(site.processes('worker')) == 1 and not set(first) & set(site.workers()), 10), f'{front}: then one is left')
        t.eq(site.log('process_died'), [], f'{front}: nobody died')


def recycled_under_load(t, front):
    with Site(front, workers='1', worker_max_requests='50') as site:
        with Load(site, 3) as posts, Load(site, 3, reads=True) as reads:
            wait_for(lambda: len(reads.statuses) > 300 and len(posts.statuses) > 100, 60)
            site.process.send_signal(signal.SIGHUP)
            t.ok(site.wait_log('supervisor_reloaded'), f'{front}: a reload has its turn between those who do their share')
            wait_for(lambda: len([e for e in site.log_now('process_started') if e['role'] == 'worker']) > 4, 60)
        bad = [s for s in posts.statuses if s != 201] + [s for s in reads.statuses if s != 200]
        asked = len(posts.statuses) + len(reads.statuses)
        t.eq(bad + posts.errors + reads.errors, [], f'{front}: no request fails while workers are replaced ({asked} asked)')
        started = [e for e in site.log('process_started') if e['role'] == 'worker']
        t.ok(4 < len(started) <= asked / 50 + 3, f'{front}: which they are', len(started))
        t.eq(site.log('process_died') + site.log('error'), [], f'{front}: nothing is amiss')
        there = {row[0] for row in site.sqlite('select slug from post')}
        t.eq([s for s in posts.acknowledged if s not in there], [], f'{front}: no acknowledged post is lost')


def recycled_by_turns(t, front):
    """More workers than may be replaced at a time want to be, all at once."""
    with Site(front, workers='5', worker_max_requests='5') as site:
        first, most = site.workers(), 0
        with Load(site, 4, reads=True) as reads:
            deadline = time.monotonic() + 60
            while set(first) & (now := set(site.processes('worker'))) and time.monotonic() < deadline:
                most = max(most, len(now))
        t.eq(set(first) & set(site.workers()), set(), f'{front}: each of several workers is replaced')
        t.ok(most <= 8, f'{front}: a few at a time', most)
        t.eq([s for s in reads.statuses if s != 200] + reads.errors, [], f'{front}: nobody notices ({len(reads.statuses)} asked)')
        started = [e for e in site.log('process_started') if e['role'] == 'worker']
        first_at, last_at = (datetime.datetime.fromisoformat(started[i]['timestamp']) for i in (0, -1))
        lasted = (last_at - first_at).total_seconds()
        t.ok(len(started) <= 5 * (lasted / 2 + 2), f'{front}: none is replaced within two seconds', (len(started), lasted))


def recycled_in_vain(t, front):
    """Where no other one can start, a worker that has done its share goes on."""
    with tempfile.TemporaryDirectory() as own:
        os.chmod(own, 0o755)
        share = os.path.join(own, 'share')
        os.symlink(os.path.join(SRC, 'share'), share)
        with Site(front, workers='1', worker_max_requests='10', share_path=share) as site:
            first = site.workers()

            def tries():
                return len([e for e in site.log('process_started') if e['role'] == 'worker']) - 1

            os.unlink(share)
            start, answers = time.monotonic(), []
            while time.monotonic() - start < 6:
                answers.append(site.get('/').status)
                time.sleep(0.02)
            t.eq(set(answers), {200}, f'{front}: whoever asks is answered ({len(answers)})')
            t.eq(site.workers(), first, f'{front}: by the same worker')
            tried = tries()
            t.ok(2 <= tried <= 9, f'{front}: others are tried, ever more rarely', tried)
            t.ok(wait_for(lambda: len(site.log('error')) == tries(), 20), f'{front}: the log says of each why it cannot start')
            site.process.send_signal(signal.SIGHUP)
            t.ok(site.wait_log('config_refused'), f'{front}: a reload is refused meanwhile')
            t.eq((site.get('/').status, site.workers()), (200, first), f'{front}: and changes nothing')
            os.symlink(os.path.join(SRC, 'share'), share)
            t.ok(wait_for(lambda: len(site.workers()) == 1 and site.workers() != first, 15), f'{front}: as soon as one can start it takes over')
            t.eq(site.get('/').status, 200, f'{front}: and answers')


with Tap() as t:
    recycled_in_vain(t, fronts()[0])
    readers_beside_writers(t, fronts()[0])
    for front in fronts():
        recycled_beside_upload(t, front)
        recycled_under_load(t, front)
        recycled_by_turns(t, front)
        with Site(front, db_checkpoint_interval='1s') as site:
            descriptors(t, site)
            worker_killed(t, site)
            killed_at_start(t, site)
            killed_under_load(t, site)
            courier(t, site)
            reload(t, site)
            if front == fronts()[0]:
                reload_hangs(t, site)
            rotate(t, site)
            supervisor_killed(t, site)
            stopped_under_load(t, site)
