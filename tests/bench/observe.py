#!/usr/bin/env python3
"""What looking costs: a log line, a metric and a pooled connection beside the least there could be, the
site with log and metrics beside the same site without, in turn, and how long a monitor waits for its answer.

    make bench [BENCH_ROUNDS=5] [BENCH_SECONDS=2] [BENCH_ONLY='part of a case's name']
"""

import json
import os
import statistics
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from load import ONLY, ROUNDS, lua_get, lua_post, wrk
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


def served(site, begin, route):
    """Milliseconds of the route's answers as the site's log has them, from an offset on."""
    with open(site.log_file, encoding='utf-8') as f:
        f.seek(begin)
        lines = [json.loads(line) for line in f if f'"route":"{route}"' in line]
    return sorted(line['duration_ms'] for line in lines)


def probe(site, path, route, writers, lua):
    """One round: a monitor that asks every few milliseconds, while so many write."""
    load = threading.Thread(target=wrk, args=(f'http://127.0.0.1:{site.port}/micropub', writers, lua))
    begin = os.path.getsize(site.log_file)
    if writers:
        load.start()
    row = wrk(f'http://127.0.0.1:{site.port}{path}', 1, site.monitor)
    if writers:
        load.join()
    own = served(site, begin, route)
    return {**row, 'own': own[len(own) * 99 // 100]}


def health(site):
    """What a monitor waits, in turn: nobody writes, four do with pauses, sixteen do all they can and take both cores for it."""
    token = site.make_token('create')
    site.monitor = lua_get(f'{site.dir}/monitor.lua', 4)
    cases = (('database idle', 0, None), ('4 writers, paced', 4, lua_post(f'{site.dir}/paced.lua', '/micropub', token, 20)),
             ('16 writers, saturated', 16, lua_post(f'{site.dir}/flood.lua', '/micropub', token)))
    failed = 0
    for path, route in (('/health', 'health'), ('/health/ready', 'health_ready')):
        rows = {name: [] for name, _, _ in cases}
        for _ in range(1 + ROUNDS):
            for name, writers, lua in cases:
                rows[name].append(probe(site, path, route, writers, lua))
        for name, part in rows.items():
            del part[0]
            mid = {key: statistics.median(row[key] for row in part) for key in ('p50', 'p99', 'own')}
            ratio = statistics.median(row['p99'] / idle['p99'] for row, idle in zip(part, rows['database idle']))
            failed += sum(row['bad'] + row['errors'] for row in part)
            print(f'{path + ", " + name:38} p50 {mid["p50"]:6.2f}  p99 {mid["p99"]:6.2f} ms (aim 10), {mid["own"]:6.2f} in the program; '
                  f'p99 / idle {ratio:5.1f}', flush=True)
    return failed


def main():
    pieces()
    print(f'{"log and metrics on / off":34} {"on/s":>9} {"off/s":>9}   ratio')
    common = {'page_cache_size': '0'}
    with site_of(**common) as on, site_of(log_level='critical', metrics_enabled='false', metrics_sampling_rate='0', **common) as off:
        failed = pair('home, uncached', '/', on, off) + pair('search', '/search?q=walk', on, off) + pair('health', '/health', on, off)
    if ONLY in 'health':
        with site_of(health_check_detailed='true') as site:
            failed += health(site)
    sys.exit(1 if failed else 0)


main()
