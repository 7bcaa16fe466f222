#!/usr/bin/env python3
"""Limits of the machine that the running workers meet: descriptors, memory, the size of files."""

import contextlib
import os
import resource
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import Fault, run
from micropub import png, upload
from starpunk import SANITIZED, Tap


@contextlib.contextmanager
def limited(site, which, value):
    """The workers' soft limit, until the end; value(pid) says which."""
    before = {pid: resource.prlimit(pid, which) for pid in site.children('worker')}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, which, (value(pid), hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, which, limits)


def descriptors(site):
    """Not one more than are open: the limit is the first number that is free."""
    def first_free(pid):
        taken = {int(fd) for fd in os.listdir(f'/proc/{pid}/fd')}
        return min(set(range(len(taken) + 1)) - taken)
    return limited(site, resource.RLIMIT_NOFILE, first_free)


def memory(site):
    """Nothing more than is mapped, and what malloc() has kept."""
    def mapped(pid):
        with open(f'/proc/{pid}/statm', encoding='ascii') as f:
            return int(f.read().split()[0]) * resource.getpagesize()
    return limited(site, resource.RLIMIT_AS, mapped)


def file_size(site):
    return limited(site, resource.RLIMIT_FSIZE, lambda pid: os.path.getsize(site.config['database_path'] + '-wal'))


def picture(site):
    return upload(site, png(40, 40, 1))


ROWS = [
    # What is open goes on being used: only who needs another descriptor is told.
    Fault('the workers have no descriptor left', descriptors, ask=picture, code='upload_crowd', retry='10', page=None, again=picture),
    # A note needs none but the connection's, for which one is held back.
    Fault('the workers have no descriptor left, and a note comes', descriptors, status=201, page=None),
    Fault('files may not grow any more', file_size, code='db_full', retry='120', health=(503, ['writing'])),
]
if not SANITIZED:
    ROWS += [
        # Not even for the helper that would look at a picture; what is mapped already suffices for everything else.
        Fault('the workers have no memory left', memory, ask=picture, code='upload_helper', retry='30', page=None, again=picture),
    ]

with Tap() as t:
    run(t, ROWS)
