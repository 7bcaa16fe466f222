#!/usr/bin/env python3
"""What health says of a database whose disk is full, as long as that lasts, and how often the log does."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import PATIENCE, FaultySite, own_mounts
from starpunk import Tap, wait_for

CHECK = 'starpunk_check_healthy{check="writing",vital="yes"}'


def told(site, event):
    return site.log(event, check='writing')


def stays_told(t):
    """Few pages fit into what the log of the database has already: that they do is no proof that a post would."""
    with FaultySite(disks={'data': 48}, database_path='DIR/data/starpunk.db') as site:
        seen = []

        def tried_twice():
            seen.append(site.ready()[1])
            return sum('no room for' in line['detail'] for line in site.log('error')) >= 2

        with site.disks['data'].full():
            t.eq(site.note('no-room').status, 503, 'without a byte to spare no post is stored')
            t.ok(wait_for(tried_twice, PATIENCE, 0.1), 'the site looks by itself whether one can be')
            t.eq([amiss for amiss in seen if 'writing' not in amiss], [], 'and says all the while that none can')
            t.eq(site.note('no-room').status, 503, 'which is true')
            t.eq(len(told(site, 'health_failed')), 1, 'the log says it once, however many looked')
            t.eq(site.metric(CHECK), 0.0, 'and so does Prometheus')
        t.ok(wait_for(lambda: told(site, 'health_recovered'), PATIENCE, 0.2), 'when there is room the log says that it is over')
        t.eq((site.note('room').status, len(told(site, 'health_failed')), site.metric(CHECK)), (201, 1, 1.0), 'once, and it is')


with Tap() as t:
    if own_mounts():
        stays_told(t)
    else:
        t.skip('no file systems may be mounted here', 'a full disk')
