#!/usr/bin/env python3
"""Disks that are full or may not be written, under a site that runs: what visitors, the owner, the log and monitoring are told, and
that it goes on by itself once there is room."""

import contextlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import Fault, own_mounts, run
from micropub import png, upload
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

with Tap() as t:
    if own_mounts():
        run(t, ROWS)
    else:
        t.skip('no file systems may be mounted here', 'full disks')
