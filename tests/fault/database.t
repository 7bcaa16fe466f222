#!/usr/bin/env python3
"""A database that is locked, replaced, removed, damaged or may not be written, and a pool that is empty: what is told, and that
the site goes on by itself when the fault is over."""

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import Fault, run
from starpunk import Site, Tap, fronts, wait_for


def asked(path):
    return lambda site: site.get(path, {'Accept': 'application/json'})


@contextlib.contextmanager
def locked(site):
    """Another program has begun to write and does not come to an end."""
    db = sqlite3.connect(site.config['database_path'], isolation_level=None, timeout=60)
    db.execute('begin immediate')
    try:
        yield
    finally:
        db.execute('rollback')
        db.close()


@contextlib.contextmanager
def all_connections_taken(site):
    """The one connection of the one worker waits for a lock."""
    with locked(site):
        waiting = threading.Thread(target=site.note, args=('waits',))
        waiting.start()
        wait_for(lambda: site.stats()['database']['pool']['active'] >= 1, 60)
        try:
            yield
        finally:
            pass
    waiting.join()


@contextlib.contextmanager
def removed(site):
    path = site.config['database_path']
    os.rename(path, path + '.away')
    try:
        yield
    finally:
        os.rename(path + '.away', path)


@contextlib.contextmanager
def replaced_by_garbage(site):
    """Another file has its name, as after a restore that went wrong; the one that was open still exists, without one."""
    wait_for(lambda: os.path.getsize(site.config['database_path'] + '-wal') == 0, 60)    # else the log would tell that it is another's
    with removed(site):
        with open(site.config['database_path'], 'wb') as f:
            f.write(b'This is not a database at all. ' * 400)
        yield


@contextlib.contextmanager
def overwritten(site):
    """Garbage was written over it, in its place, while it was open."""
    path = site.config['database_path']
    wait_for(lambda: os.path.getsize(path + '-wal') == 0, 60)
    with open(path, 'rb') as f:
        good = f.read()
    with open(path, 'r+b') as f:
        f.write(b'\xff' * len(good))
    try:
        yield
    finally:
        with open(path, 'r+b') as f:
            f.write(good)


@contextlib.contextmanager
def not_writable(site):
    """Somebody has changed the file's mode, and the workers have opened it since."""
    path = site.config['database_path']
    os.chmod(path, 0o444)
    old = site.children('worker')
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    if not wait_for(lambda: len(site.children('worker')) == 2 and not set(old) & set(site.children('worker')), 60):
        raise RuntimeError('the workers were not replaced')
    try:
        yield
    finally:
        os.chmod(path, 0o644)


SMALL = {'workers': '1', 'db_connection_pool_size': '1', 'db_connection_timeout': '300ms', 'db_busy_timeout': '8s'}
QUICK = {'db_checkpoint_interval': '100ms'}

ROWS = [
    # Readers are served, so it stays with its load balancer; but somebody should look who has the lock.
    Fault('the database is locked longer than db_busy_timeout', locked, code='db_busy', retry='5', health=(200, ['lock']),
          settings={'db_busy_timeout': '500ms'}),
    Fault('all connections are in use', all_connections_taken, ask=asked('/note/kept'), code='pool_exhausted', retry='5', page=lambda site: site.get('/note/kept'),
          metric='starpunk_db_pool_exhausted_total', health=(503, ['database']), reads=False, settings=SMALL),
    Fault('the database was replaced by garbage', replaced_by_garbage, code='db_corrupt', retry='120', page=lambda site: site.get('/note/kept'),
          health=(503, ['database']), reads=False),
    Fault('the database was removed', removed, code='db_missing', retry='120', page=lambda site: site.get('/note/kept'),
          health=(503, ['database']), reads=False),
    Fault('garbage was written over the database', overwritten, code='db_corrupt', retry='120', page=lambda site: site.get('/note/kept'),
          health=(503, ['database']), reads=False, settings=QUICK),
    Fault('the database may not be written', not_writable, code='db_readonly', retry='120', health=(503, ['writing']), same_workers=False,
          settings={'wrap': ('setpriv', '--bounding-set=-all', '--inh-caps=-all', '--')}),
]


def many_writers(t, front):
    """Who waits for a lock holds a thread and a connection: some are refused at once, so that readers have theirs."""
    with Site(front, db_busy_timeout='60s', request_timeout='120s', page_cache_size='0', workers='2', worker_threads='4') as site:
        site.post('First', **{'mp-slug': 'first'})
        answers = []
        with contextlib.closing(sqlite3.connect(f'{site.dir}/starpunk.db', isolation_level=None, timeout=60)) as db:
            db.execute('begin immediate')
            writers = [threading.Thread(target=lambda: answers.append(site.micropub({'content': 'Waits'}))) for _ in range(12)]
            for writer in writers:
                writer.start()
            # Each worker keeps three waiting; the others are told, which needs no end of the lock.
            t.ok(wait_for(lambda: len(answers) >= 6, 60), f'{front}: of many writers most are refused while the database is locked', answers)
            t.ok(all(a.status == 503 and a.header('Retry-After') == '5' for a in answers), f'{front}: and told when to come again', answers)
            t.eq([site.get('/note/first').status for _ in range(4)], [200] * 4, f'{front}: readers are answered while writers wait')
            t.ok(len(answers) < 12, f'{front}: which some still do', answers)
            db.execute('rollback')
        for writer in writers:
            writer.join()
        t.eq((set(a.status for a in answers), len(answers)), ({201, 503}, 12), f'{front}: and get their turn')


def broken_at_start(t, site):
    path = f'{site.dir}/starpunk.db'
    site.post('Was here', **{'mp-slug': 'here'})
    site.stop_program()
    files = [p for p in (path, path + '-wal', path + '-shm') if os.path.exists(p)]
    for p in files:
        os.rename(p, p + '.good')
    with open(path, 'wb') as f:
        f.write(b'This is not a database at all. ' * 400)
    site.start_program()
    t.ok(wait_for(lambda: site.process.poll() is not None, 60), 'a site whose database is broken does not start')
    t.ok(site.stop_program() not in (None, 0) and f'{path}: file is not a database' in site.output(), 'and says which file, and why')
    t.ok(not re.search(r'PRAGMA|SELECT', site.output()), 'in words, and not in SQL')
    for p in files:
        os.replace(p + '.good', p)
    site.start_program()
    t.ok(site.wait_healthy() and site.get('/note/here').status == 200, 'with the good one it does, and has its posts')


def told_unasked(t, site):
    """A site that nobody visits and nobody watches says all the same what is wrong with it."""
    with removed(site):
        found = site.wait_log('health_failed', check='database', seconds=60)
        t.ok(found and site.config['database_path'] in found[0]['detail'], 'that the database is gone is told though nobody asks', found)
    t.ok(site.wait_log('health_recovered', check='database', seconds=60), 'and so is that it is back')
    t.eq(len(site.log('health_failed', check='database')), 1, 'once')


def replaced_while_down(t, site):
    """A copy from before an upgrade, say, is put into the database's place, and the log beside it is left."""
    name = 'a database that was replaced beside its old log'
    path = f'{site.dir}/starpunk.db'
    site.post('Was here', **{'mp-slug': 'here'})
    site.stop_program()
    site.starpunk('check')
    site.sqlite('PRAGMA wal_checkpoint(TRUNCATE)')
    shutil.copy(path, path + '.old')
    site.start_program()
    t.ok(site.wait_healthy(), f'{name}: (the site runs)')
    for i in range(30):
        site.post('x' * 2000, **{'mp-slug': f'later-{i}'})
    t.ok(wait_for(lambda: os.path.getsize(path) > os.path.getsize(path + '.old'), 60), f'{name}: (it has got something out of the log)')
    site.post('And something is in the log again')
    site.stop_program()
    with open(path + '.old', 'rb') as f:
        before = f.read()
    os.replace(path, path + '.new')
    shutil.copy(path + '.old', path)
    site.start_program()
    t.ok(wait_for(lambda: site.process.poll() is not None, 60) and site.stop_program() == 1, f'{name}: the site does not start')
    t.has(site.output(), f"{path}' ", f'{name}: and says why')
    with open(path, 'rb') as f:
        t.ok(f.read() == before, f'{name}: nothing was written into it')
    for tail in ('-wal', '-shm'):
        os.rename(path + tail, path + tail + '.aside')
    site.start_program()
    t.ok(site.wait_healthy() and site.get('/note/here').status == 200, f'{name}: without that log it is taken')
    site.stop_program()
    for tail in ('-wal', '-shm'):
        os.rename(path + tail + '.aside', path + tail)
    os.replace(path + '.new', path)
    site.start_program()
    t.ok(site.wait_healthy() and site.get('/note/later-29').status == 200, f'{name}: and the newer one with what belongs to it')
    t.eq(site.starpunk('check').returncode, 0, f'{name}: which is whole')


with Tap() as t:
    run(t, ROWS)
    with Site(fronts()[0], db_checkpoint_interval='5s') as site:
        replaced_while_down(t, site)
    for front in fronts():
        many_writers(t, front)
    with Site(fronts()[0]) as site:
        told_unasked(t, site)
        broken_at_start(t, site)
