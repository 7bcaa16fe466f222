#!/usr/bin/env python3
"""Disks that are full or may not be written, under a site that runs: what visitors, the owner, the log and monitoring are told, and
that it goes on by itself once there is room."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import Fault, FaultySite, own_mounts, run
from micropub import png, upload
from uploads import mp4
from starpunk import Tap


def full(name):
    return lambda site: site.disks[name].full()


def picture(site, seed=1):
    return upload(site, png(40, 40, seed))


ROWS = [
    Fault('the disk of the database is full', full('data'), code='db_full', retry='120',
          health=(503, ['filesystem', 'writing']), settings={'disks': {'data': 48}, 'database_path': 'DIR/data/starpunk.db'}),
    # A note without a picture goes on, and so does what the owner writes.
    Fault('the disk of the pictures is full', full('media'), ask=picture, status=507, code='disk_full', retry='120', page=None,
          health=(503, ['filesystem']), again=picture, settings={'disks': {'media': 48}}),
]

def files(site):
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(site.config['media_path']) for name in names if name != '.ballast')


def restoring(t):
    """A backup is made ready beside what is there, and there is no room for that."""
    name = 'a restore does not fit on the disk'
    backup = ['backup.tar', '--yes']
    with FaultySite(disks={'media': 24}, media_path='DIR/media') as site:
        site.keep('kept', 'Was here before')
        for seed in range(4):
            upload(site, mp4(2000000, seed=seed), 'x.mp4')
        backup[0] = os.path.join(site.dir, backup[0])
        site.starpunk('backup', backup[0])
        site.stop_program()
        before = files(site)
        with site.disks['media'].full():
            refused = site.starpunk('restore', *backup, check=False)
            t.eq(refused.returncode, 1, f'{name}: it is not begun')
            t.ok(re.search(r'needed: \d+ MB are missing', refused.stderr), f'{name}: and says how much room is missing', refused.stderr)
            t.has(refused.stderr, 'Nothing was changed', f'{name}: that nothing was changed')
            t.eq(files(site), before, f'{name}: which is true')
        t.eq(site.starpunk('restore', *backup, check=False).returncode, 0, f'{name}: with room it can be')
        site.start_program()
        t.ok(site.wait_healthy(), f'{name}: and the site runs')
        t.eq(site.lost(), [], f'{name}: with all that it had')


with Tap() as t:
    if own_mounts():
        run(t, ROWS)
        restoring(t)
    else:
        t.skip('no file systems may be mounted here', 'full disks')
