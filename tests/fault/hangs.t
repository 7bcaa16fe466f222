#!/usr/bin/env python3
"""Processes that stand still: one worker, the courier, and all of them at once, as when the machine slept. And a disk that does.

Who alone gives no sign of life is killed and replaced; when all were still nobody is to blame. Who asks for the health is told of a
disk that does not answer, and waits for it no more than a second."""

import concurrent.futures
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import FaultySite, can_trace, injected
from starpunk import SANITIZED, Tap, wait_for

HANG = 5    # seconds; the shortest hang_timeout
METRIC = 'starpunk_process_hangs_total'


PROBES = 12  # more than all workers have threads
BOUND = 10  # seconds that a probe takes at most: one, and what a tracer and a busy machine add
STUCK = 120  # seconds; several times what all probes take: one that waits for the disk is later than BOUND
PATIENCE = 3 * HANG     # seconds that the courier may be silent
SWEEP = 15  # seconds; as often as it asks for a folder of the uploads


def at_once(ask, n=6):
    """The answers to some requests at the same time: the front server may hand one of them to a process that stands still."""
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        return list(pool.map(lambda _: ask(), range(n)))


class Prober:
    """Asks for the health until somebody says that a worker is amiss; those who wait for the one that stands still may wait."""

    def __init__(self, site, n=6):
        self.site, self.found = site, []
        self.threads = [threading.Thread(target=self.run) for _ in range(n)]

    def run(self):
        end = time.monotonic() + 60
        while not self.found and time.monotonic() < end:
            status, amiss, _ = self.site.ready()
            if 'workers' in amiss:
                self.found.append((status, amiss))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self.threads:
            thread.join()


def one_stands_still(t, site):
    name = 'a worker and the courier are stopped'
    site.keep('kept', 'Was here before')
    workers, (courier,) = site.children('worker'), site.children('courier')
    victim, other = workers
    os.kill(courier, signal.SIGSTOP)
    os.kill(victim, signal.SIGSTOP)
    with Prober(site) as prober:
        wait_for(lambda: prober.found, 60)
        t.ok(prober.found and prober.found[0] == (200, ['workers']), f'{name}: health is degraded by it, and keeps the site in service', prober.found)
    t.eq({a.status for a in at_once(lambda: site.get('/note/kept'))}, {200}, f'{name}: readers are served, if some of them late')
    t.eq([site.note(f'meanwhile-{i}').status for i in range(4)], [201] * 4, f'{name}: posts are stored')
    hung = site.wait_log('process_hung', seconds=60, child=victim)
    t.ok(hung and hung[0]['role'] == 'worker' and hung[0]['silent_ms'] >= HANG * 1000, f'{name}: the log says which worker is killed, and why', hung)
    died = site.wait_log('process_died', seconds=60, child=victim)
    t.ok(died and died[0]['signal'] == signal.SIGKILL, f'{name}: and that it is dead')
    t.ok(wait_for(lambda: len(site.children('worker')) == 2 and victim not in site.children('worker'), 60), f'{name}: another takes its place')
    t.ok(other in site.children('worker'), f'{name}: the one that did its work stays')
    hung = site.wait_log('process_hung', seconds=60, child=courier)
    t.ok(hung and hung[0]['role'] == 'courier' and hung[0]['silent_ms'] >= 3 * HANG * 1000, f'{name}: the courier has three times as long', hung)
    t.ok(wait_for(lambda: site.children('courier') not in ([], [courier]), 60), f'{name}: and is replaced')
    t.eq(site.metric(METRIC), 2, f'{name}: {METRIC} has counted both')
    t.ok(wait_for(lambda: site.ready()[:2] == (200, []), 60), f'{name}: the site is well again', site.ready())
    t.eq(site.note('afterwards').status, 201, f'{name}: and stores posts')
    t.eq(site.lost(), [], f'{name}: nothing that was acknowledged is lost')
    t.eq(len(site.log('process_hung')), 2, f'{name}: nobody else was killed')


def all_stand_still(t, site):
    name = 'everything is stopped for longer than that'
    workers, couriers = site.children('worker'), site.children('courier')
    everybody = [site.process.pid, *workers, *couriers]
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: False, 1.5 * HANG)     # it is time itself that has to pass
    for pid in everybody:       # the supervisor first: it sees all the others silent
        os.kill(pid, signal.SIGCONT)
    t.ok(wait_for(lambda: site.ready()[:2] == (200, []), 60), f'{name}: health does not mind', site.ready())
    site.process.send_signal(signal.SIGUSR1)
    t.ok(site.wait_log('log_reopened', seconds=60), f'{name}: the supervisor is at work')
    wait_for(lambda: False, HANG / 4)       # two of its looks
    t.eq((site.children('worker'), site.children('courier')), (workers, couriers), f'{name}: nobody is killed for it')
    t.eq(site.log('process_hung'), [], f'{name}: nor accused')


def dead(site, role, calls, *paths):
    """What is asked of these names takes for ever: a mount whose server is gone."""
    return injected(site.children(role), calls, f'delay_enter={STUCK * 1000000}', *paths)


def probe(site):
    before = time.monotonic()
    status, amiss, _ = site.ready()
    return status, amiss, time.monotonic() - before


def a_disk_does_not_answer(t, site, name, paths, said, reads=True):
    """Asks often enough for all threads to be stuck, if each probe took one with it."""
    site.keep('kept', 'Was here before')
    workers = site.children('worker')
    t.eq(site.ready()[:2], (200, []), f'{name}: before, all is well')
    with dead(site, 'worker', '%file', *paths):
        for turn in ('at first', 'and again', 'and again and again'):
            got = at_once(lambda: probe(site), PROBES)
            t.eq({status for status, _, _ in got}, {503}, f'{name}: all who ask for the health are told, {turn}')
            t.ok(all(set(said) <= set(amiss) for _, amiss, _ in got), f'{name}: what it is', got)
            t.ok(max(took for _, _, took in got) < BOUND, f'{name}: in time', got)
        t.eq({a.status for a in at_once(lambda: site.get('/health'))}, {200}, f'{name}: the process answers')
        if reads:
            t.eq({a.status for a in at_once(lambda: site.get('/note/kept'))}, {200}, f'{name}: readers are served')
            t.eq(site.note(name.replace(' ', '-')).status, 201, f'{name}: and posts are stored')
        told = site.wait_log('health_failed', check=said[-1], seconds=60)
        t.ok(told and f"'{paths[0]}' did not answer within 1 s" in told[0]['detail'], f'{name}: the log says which directory', told)
    t.ok(wait_for(lambda: site.ready()[:2] == (200, []), 60), f'{name}: when it answers again all is well', site.ready())
    t.eq(site.children('worker'), workers, f'{name}: by the same workers')
    t.eq(site.log('process_hung'), [], f'{name}: which were not silent')
    t.eq(site.lost(), [], f'{name}: nothing that was acknowledged is lost')


def the_courier_looks_on(t, site, name, paths, said, seconds=0):
    """
    It asks nothing of a disk that does not answer, for longer than it may be silent after these seconds, and says what it has
    found.
    """
    couriers = site.children('courier')
    with dead(site, 'courier', '%file,%desc', *paths):
        told = site.wait_log('health_failed', check=said, seconds=60)
        t.ok(told and f"'{paths[0]}' did not answer within 1 s" in told[0]['detail'], f'{name}: the log says which directory, unasked', told)
        wait_for(lambda: site.log_now('process_hung'), seconds + PATIENCE + HANG)
        t.eq((site.log('process_hung'), site.log('process_died')), ([], []), f'{name}: nobody hangs or dies of it')
        t.eq(site.children('courier'), couriers, f'{name}: the courier stays')
    t.ok(site.wait_log('health_recovered', check=said, seconds=60), f'{name}: when it answers again that is told')
    t.eq(site.note('afterwards').status, 201, f'{name}: posts are stored')
    t.eq((site.children('courier'), site.log('process_hung')), (couriers, []), f'{name}: the courier is at work')
    t.eq(site.lost(), [], f'{name}: nothing that was acknowledged is lost')


def database_of(site):
    path = site.config['database_path']
    return [os.path.dirname(path), path, f'{path}-wal', f'{path}-shm']


def disks_stand_still(t):
    with FaultySite() as site:
        a_disk_does_not_answer(t, site, 'the disk of the uploads does not answer', [site.config['media_path']], ['filesystem'])
    with FaultySite() as site:
        # Pages come from there, and wait.
        a_disk_does_not_answer(t, site, 'the disk of the database does not answer', database_of(site),
                               ['database', 'filesystem'], reads=False)
    with FaultySite(hang_timeout=f'{HANG}s') as site:
        the_courier_looks_on(t, site, 'the disk of the database does not answer the courier', database_of(site), 'database')
    with FaultySite(hang_timeout=f'{HANG}s') as site:
        the_courier_looks_on(t, site, 'the disk of the uploads does not answer the courier', [site.config['media_path']], 'filesystem', SWEEP)


with Tap() as t:
    if not can_trace() or SANITIZED:
        t.skip('strace may not trace processes here', 'a disk that does not answer')
    else:
        disks_stand_still(t)
    with FaultySite(hang_timeout=f'{HANG}s') as site:
        all_stand_still(t, site)
        one_stands_still(t, site)
