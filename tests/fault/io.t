#!/usr/bin/env python3
"""A disk that reports errors, or is slow: system calls of the running workers fail (strace injects it), and are well again."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import Fault, can_trace, injected, run
from micropub import png, upload
from starpunk import SANITIZED, Tap

SYNC, WRITE, READ = 'fsync,fdatasync', 'pwrite64', 'pread64'


def workers(calls, how, suffix=''):
    """These calls of all workers, on the database or a file beside it."""
    return lambda site: injected(site.children('worker'), calls, how, site.config['database_path'] + suffix)


def everywhere(calls, how):
    return lambda site: injected(site.children('worker'), calls, how)


def picture(site):
    return upload(site, png(40, 40, 1))


ROWS = [
    Fault('a commit cannot be synced', workers(SYNC, 'error=EIO', '-wal'), code='db_io', retry='120', health=(503, ['writing'])),
    Fault('a commit cannot be written', workers(WRITE, 'error=EIO', '-wal'), code='db_io', retry='120', health=(503, ['writing'])),
    Fault('the file system has become read-only', workers(WRITE, 'error=EROFS', '-wal'), code='db_readonly', retry='120', health=(503, ['writing'])),
    Fault('the quota is used up', workers(WRITE, 'error=EDQUOT', '-wal'), code='db_full', retry='120', health=(503, ['writing'])),
    # Nobody can be shown anything but the error; who was signed in is not known any more.
    Fault('the database cannot be read', workers(READ, 'error=EIO'), ask=lambda site: site.get('/note/kept', {'Accept': 'application/json'}),
          code='db_io', retry='120', page=lambda site: site.get('/note/kept'), health=(503, ['database']), reads=False,
          settings={'db_cache_size': '64KiB'}),
    Fault('an upload cannot be synced', everywhere('fsync', 'error=EIO'), ask=picture, status=500, code='io', page=None, again=picture),
    # Slow is no failure: it is waited for, and told.
    Fault('syncing takes seconds', workers(SYNC, 'delay_enter=2000000', '-wal'), status=201, page=None,
          event={'event': 'db_slow_statement'}, metric='starpunk_db_slow_total'),
]

with Tap() as t:
    if not can_trace() or SANITIZED:
        t.skip('strace may not trace processes here', 'a disk that fails')
    else:
        run(t, ROWS)
