#!/usr/bin/env python3
"""Metrics that tell the truth: a quiet site shows exactly what it served, whatever the sampling."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts, wait_for


def series(text, name, **labels):
    """Sum of the samples of a Prometheus family that carry these labels."""
    total, seen = 0.0, False
    for line in text.splitlines():
        if line.startswith('#') or not line.startswith((name + ' ', name + '{')):
            continue
        if all(f'{k}="{v}"' in line for k, v in labels.items()):
            total += float(line.rsplit(' ', 1)[1])
            seen = True
    return total if seen else None


with Tap() as t:
    for front in fronts():
        for rate in ('0.0', '0.1', '1.0'):
            with Site(front, metrics_sampling_rate=rate) as site:
                admin = site.make_token('admin')
                site.post('One note', **{'mp-slug': 'one'})
                # The answer goes out before the request is counted.
                assert site.wait_log('request', route='micropub')
                before = site.stats()
                for _ in range(20):
                    t_status = site.get('/note/one').status
                    assert t_status == 200, t_status
                after = wait_for(lambda: (lambda s: s if s['http']['requests'] >= before['http']['requests'] + 20 else None)(site.stats()), 5) or site.stats()
                what = f'{front}, sampling {rate}'
                t.eq(after['http']['requests'] - before['http']['requests'], 20, f'{what}: 20 requests are counted as 20')
                route = {r['route']: r for r in after['http']['routes']}
                t.eq(route['note']['requests'], 20, f'{what}: under their route')
                t.ok(after['database']['operations'] > 0, f'{what}: the database shows operations')
                t.ok(any(o['table'] == 'post' and o['operation'] == 'insert' and o['count'] == 1 for o in after['database']['by_operation']),
                     f'{what}: one insert is one insert', after['database']['by_operation'])
                t.ok(after['http']['duration_ms']['p50'] > 0 and after['http']['duration_ms']['max'] >= after['http']['duration_ms']['p99'],
                     f'{what}: with durations', after['http']['duration_ms'])
                pool = after['database']['pool']
                t.ok(pool['created'] == pool['pool_size'] and pool['acquired'] == pool['released'] and pool['active'] == 0,
                     f'{what}: the pool is balanced', pool)
                t.eq(after['sampling']['rate'], float(rate), f'{what}: the rate is the one that was set')
                if rate != '1.0':
                    continue
                web = site.get('/admin/metrics', site.auth(admin))
                t.eq(web.status, 200, f'{front}: /admin/metrics answers a token of scope admin')
                t.eq(web.json['http']['requests'], after['http']['requests'], f'{front}: with the same figures')
                for member in ('uptime_seconds', 'workers', 'http', 'database', 'render', 'sampling', 'recent'):
                    t.ok(member in web.json, f'{front}: it has {member}')
                t.ok(any(r['path'] == '/note/one' for r in web.json['recent']), f'{front}: detail is kept')
                t.eq(site.get('/admin/metrics').status, 401, f'{front}: not without a token')
                t.eq(site.get('/admin/metrics', site.auth()).status, 401, f'{front}: nor with one of another scope')
                prom = site.get('/metrics')
                t.eq(prom.status, 200, f'{front}: /metrics answers on loopback')
                t.has(prom.header('Content-Type') or '', 'text/plain; version=0.0.4', f'{front}: with its type')
                t.eq(series(prom.text, 'starpunk_http_requests_total', route='note'), 20.0, f'{front}: and the same count')
                t.eq(series(prom.text, 'starpunk_posts_created_total'), 1.0, f'{front}: one post created')
                t.ok(prom.text.endswith('\n') and '\r' not in prom.text, f'{front}: lines end with LF')
                names = [line.split()[2] for line in prom.text.splitlines() if line.startswith('# TYPE')]
                t.eq(len(names), len(set(names)), f'{front}: each family once')
                t.ok('starpunk_errors_total{error="db_corrupt"} 0' in prom.text, f'{front}: errors are counted from 0 on, or an alert would miss the first')
                t.eq(series(prom.text, 'starpunk_check_healthy', check='database', vital='yes'), 1.0, f'{front}: checks are shown')
                if shutil.which('promtool'):
                    done = subprocess.run(['promtool', 'check', 'metrics'], input=prom.text, capture_output=True, text=True, timeout=60, check=False)
                    t.ok(done.returncode == 0, f'{front}: promtool check metrics has nothing to say', done.stdout + done.stderr)
                else:
                    t.skip('promtool is not installed', f'{front}: promtool check metrics')
        with Site(front, metrics_allow='192.0.2.0/24') as site:
            t.eq(site.get('/metrics').status, 403, f'{front}: /metrics is closed to others')
            t.eq(site.get('/metrics', site.auth(site.make_token('admin'))).status, 200, f'{front}: but for a token')
