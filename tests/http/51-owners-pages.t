#!/usr/bin/env python3
"""The owner's pages of a running site: metrics over time that add up, health, errors, the audit trail; and what a restart leaves of them."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts, wait_for

PAGES = ('/admin', '/admin/metrics-dashboard', '/admin/health', '/admin/errors', '/admin/audit')


def history(site, cookie, span='10m'):
    return site.get(f'/admin/metrics?span={span}', cookie).json['history']


def total(series, name):
    return sum(n or 0 for n in series['series'][name])


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            cookie = {'Cookie': site.sign_in()}
            for page in PAGES:
                t.eq(site.get(page).status, 303, f'{front}: {page} asks a stranger to sign in')
                got = site.get(page, cookie)
                t.eq(got.status, 200, f'{front}: {page} opens to the owner')
                t.eq(got.header('Cache-Control'), 'no-store', f'{front}: {page} is kept by nobody')
            site.post('One note', **{'mp-slug': 'one'})
            for _ in range(20):
                site.get('/note/one')
            # All that has been answered by now is in the samples as soon as the next ones are written.
            wait_for(lambda: site.stats()['http']['requests'] >= 33, 10)
            seen = wait_for(lambda: (lambda h, s: h if total(h, 'requests') >= s - 3 else None)
                            (history(site, cookie), site.stats()['http']['requests']), 20)
            t.ok(seen, f'{front}: the samples of the last minutes catch up with what was counted')
            t.eq(len(seen['series']['requests']), 120, f'{front}: ten minutes are 120 samples of five seconds')
            t.eq(seen['series']['requests'][0], None, f'{front}: before its start there are none')
            t.ok(total(seen, 'db_operations') > 0 and total(seen, 'bytes_sent') > 0, f'{front}: they tell of the database and of bytes, too')
            t.ok(max(n or 0 for n in seen['series']['memory_bytes']) > 1000000, f'{front}: and of memory')
            page = site.get('/admin/metrics-dashboard', cookie).text
            t.has(page, '<th scope="row">note</th><td>20</td><td>0</td><td>0</td>', f'{front}: the dashboard shows 20 requests as 20')
            health = site.get('/admin/health', cookie).text
            t.has(health, 'Courier <span class="mark">Good</span>', f'{front}: the courier is at work')
            ready = site.get('/health/ready', cookie).json
            t.eq(ready['checks']['courier'], {'healthy': True}, f'{front}: and /health/ready says the same')
            t.has(site.get('/admin/errors', cookie).text, 'Nothing went wrong lately.', f'{front}: nothing went wrong')
            audit = site.get('/admin/audit', dict(cookie, Accept='application/json')).json['audit']
            t.eq(audit[0]['what'], 'sign-in', f'{front}: the sign-in is in the audit trail')
            shown = json.loads(site.starpunk('audit', '--json').stdout)
            t.eq([row['id'] for row in shown], [row['id'] for row in audit], f'{front}: the command knows the same rows')

            before = site.stats()['http']['requests']
            site.stop()
            site.start()
            day = history(site, cookie, '24h')
            t.ok(total(day, 'requests') >= before, f'{front}: after a restart the day before is still there', (total(day, 'requests'), before))
            t.ok(site.stats()['http']['requests'] < before, f'{front}: though the counters begin anew')
