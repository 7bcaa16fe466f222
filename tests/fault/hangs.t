#!/usr/bin/env python3
"""Processes that stand still: one worker, the courier, and all of them at once, as when the machine slept.

Who alone gives no sign of life is killed and replaced; when all were still nobody is to blame."""

import concurrent.futures
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import FaultySite
from starpunk import Tap, wait_for

HANG = 5    # seconds; the shortest hang_timeout
METRIC = 'starpunk_process_hangs_total'


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


with Tap() as t:
    with FaultySite(hang_timeout=f'{HANG}s') as site:
        all_stand_still(t, site)
        one_stands_still(t, site)
