#!/usr/bin/env python3
"""What looking costs: a log line, a metric and a pooled connection beside the least there could be, and the
site with log and metrics beside the same site without, in turn.

    make bench [BENCH_ROUNDS=5] [BENCH_SECONDS=2] [BENCH_ONLY='part of a case's name']
"""

import os
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from load import ONLY, ROUNDS, SECONDS, wrk
from starpunk import BUILD, Site

POSTS = os.environ.get('BENCH_POSTS', '1000')
AIM = 0.95
TURNS, TURN_MS = 199, 5


def pieces():
    with Site('nginx', start=False) as site:
        site.init()
        print(f'{"piece":34} {"ours":>9} {"least":>9}   ratio   (aim of a log line with its write: 1500 ns)')
        subprocess.run([os.path.join(BUILD, 'tests/bench/observe'), site.conf, str(TURNS), str(TURN_MS)], check=True)


def site_of(**config):
    site = Site('nginx', start=False, quiet_front=True, **config)
    site.init()
    subprocess.run([os.path.join(BUILD, 'tests/bench/fill'), site.conf, POSTS], check=True)
    site.start()
    return site


def pair(name, path, on, off):
    if ONLY not in name:
        return 0
    rows = {on: [], off: []}
    for _ in range(1 + ROUNDS):
        for site in (on, off):
            rows[site].append(wrk(f'http://127.0.0.1:{site.port}{path}'))
    a, b = rows[on][1:], rows[off][1:]
    ratio = [x['rate'] / y['rate'] for x, y in zip(a, b)]
    bad = sum(r['bad'] + r['errors'] for r in a + b)
    print(f'{name:34} {statistics.median(r["rate"] for r in a):9.0f} {statistics.median(r["rate"] for r in b):9.0f}   {statistics.median(ratio):5.2f} '
          f'[{min(ratio):.2f}-{max(ratio):.2f}] aim {AIM:.2f}  p99 {statistics.median(r["p99"] for r in a):.2f} / '
          f'{statistics.median(r["p99"] for r in b):.2f} ms, failed {bad}', flush=True)
    return bad


def main():
    pieces()
    print(f'{"log and metrics on / off":34} {"on/s":>9} {"off/s":>9}   ratio')
    common = {'page_cache_size': '0'}
    with site_of(**common) as on, site_of(log_level='critical', metrics_enabled='false', metrics_sampling_rate='0', **common) as off:
        failed = pair('home, uncached', '/', on, off) + pair('search', '/search?q=walk', on, off) + pair('health', '/health', on, off)
    sys.exit(1 if failed else 0)


main()
