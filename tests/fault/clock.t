#!/usr/bin/env python3
"""A clock that jumps: forward, as when a machine wakes up or NTP sets it, and back. Posts are stored, tokens hold as long as they say,
what was scheduled is published, health tells of a clock that was set back, and waits by the other clock notice nothing."""

import contextlib
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import FaultySite
from starpunk import BUILD, SANITIZED, Tap, wait_for

DAY = 86400
WITHOUT = ['sandbox']  # it would hide the file that says what time it is
SHIM = os.path.join(os.path.abspath(BUILD), 'tests', 'fault', 'shift_clock.so')


@contextlib.contextmanager
def clock(site, seconds):
    """The site's clock is that much ahead, or behind."""
    def put(n):
        with open(site.env['SP_TEST_CLOCK'] + '~', 'w', encoding='ascii') as f:
            f.write(str(n))
        os.replace(site.env['SP_TEST_CLOCK'] + '~', site.env['SP_TEST_CLOCK'])
    put(seconds)
    try:
        yield
    finally:
        put(0)


def goes_on(t, name, site, workers):
    t.eq([site.get(p).status for p in ('/note/kept', '/', '/feed.atom', '/health')], [200] * 4, f'{name}: readers are served')
    t.eq(site.children('worker'), workers, f'{name}: by the workers that there were')
    t.ok(wait_for(lambda: site.metric('starpunk_processes{role="courier"}') == 1, 60), f'{name}: the courier is there')


def jumped(t, name, site, seconds):
    found = site.wait_log('clock_jumped', seconds=60)
    t.ok(found and len(found) == 1 and abs(found[0]['seconds'] - seconds) <= 1, f'{name}: the log says by how much', found)
    t.ok(wait_for(lambda: site.metric('starpunk_clock_jumps_total') == 1, 60), f'{name}: and starpunk_clock_jumps_total has counted it')


def forward(t, site, workers):
    name = 'the clock is set forward by a day'
    when = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + DAY // 2))
    t.eq(site.micropub({'content': 'Tomorrow', 'mp-slug': 'scheduled', 'published': when}).status, 201, f'{name}: (a post is scheduled for before that)')
    with clock(site, DAY):
        t.eq(site.note('ahead').status, 201, f'{name}: posts are stored')
        jumped(t, name, site, DAY)
        goes_on(t, name, site, workers)
        t.eq(site.ready()[:2], (200, WITHOUT), f'{name}: the site is healthy')
        t.ok(wait_for(lambda: site.log('courier_published'), 90), f'{name}: what was scheduled meanwhile is published')
    return name


def back(t, site, workers):
    name = 'the clock is set back by a day'
    with clock(site, -DAY):
        t.eq(site.note('behind').status, 201, f'{name}: posts are stored')
        jumped(t, name, site, -DAY)
        goes_on(t, name, site, workers)
        t.ok(wait_for(lambda: site.ready()[:2] == (200, ['clock', *WITHOUT]), 60), f'{name}: health tells of it, and keeps the site in service', site.ready())
    return name


def limits(t, env):
    """Limits are by the other clock: who has asked just before is not taken for somebody who asks too often."""
    name = 'the clock is set back by a minute and a half'
    with FaultySite(sandbox='off', rate_limit='60/m', env=env) as site:
        t.eq(site.get('/').status, 200, f'{name}: (somebody has asked)')
        with clock(site, -90):
            t.eq([site.get('/').status for _ in range(3)], [200] * 3, f'{name}: who has asked may ask again')


with Tap() as t:
    if SANITIZED:
        t.skip('a sanitizer has to be loaded first', 'a clock that jumps')
    else:
        path = os.path.join(os.environ.get('SP_TEST_TMPDIR', '/tmp'), f'sp-clock-{os.getpid()}')
        for jump in (forward, back):
            with FaultySite(sandbox='off', env={'LD_PRELOAD': SHIM, 'SP_TEST_CLOCK': path}) as site:
                site.keep('kept', 'Was here before')
                workers = site.children('worker')
                name = jump(t, site, workers)
                t.eq(site.note('afterwards').status, 201, f'{name}, and right again: posts are stored')
                t.eq(site.lost(), [], f'{name}: nothing that was acknowledged is lost')
                t.eq(site.starpunk('check', check=False).returncode, 0, f'{name}: the database is whole')
        limits(t, {'LD_PRELOAD': SHIM, 'SP_TEST_CLOCK': path})
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
