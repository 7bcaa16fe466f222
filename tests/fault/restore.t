#!/usr/bin/env python3
"""A restore, or its undoing, that is killed at any of its steps: each site is still there, and the same command once more ends what was
begun and does not begin another. Two at once. And disks without the room that is needed."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import Disk, can_trace, own_mounts
from starpunk import PROGRAM, Site, Tap, fronts, wait_for
from uploads import mp4, upload

MOST = 600          # calls of one kind in one command; there are far fewer
BEGUN = ('check', 'backup BACKUP', 'token list', 'serve', 'init', 'jobs list')


def path(site, name):
    return os.path.join(site.dir, name)


# ---- what there is ---------------------------------------------------------------------------

def content(folder):
    """The files below one of the folders of uploads, by name: their digests; hidden folders are others."""
    found = {}
    for at, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith('.')]
        for name in names:
            with open(os.path.join(at, name), 'rb') as f:
                found[os.path.relpath(os.path.join(at, name), folder)] = hashlib.sha256(f.read()).hexdigest()
    return found


def which(database):
    """'old' or 'new', as its posts say; None: there is no database."""
    if not os.path.exists(database):
        return None
    with contextlib.closing(sqlite3.connect(f'file:{database}?mode=ro&immutable=1', uri=True)) as db:
        if db.execute('PRAGMA integrity_check').fetchall() != [('ok',)]:
            return 'damaged'
        return 'old' if db.execute("SELECT count(*) FROM post WHERE text LIKE 'Old%'").fetchone()[0] else 'new'


def places(site):
    """Where a site may be while it is moved: its database, its files."""
    base, media = path(site, 'starpunk.db'), path(site, 'media')
    return {'live': (base, media), 'kept': (base + '.before-restore', media + '/.before-restore'), 'staged': (base + '.restore/starpunk.db', media + '/.restore')}


def state(site):
    return {name: (which(database), content(media)) for name, (database, media) in places(site).items()}


def left_over(site):
    found = [n for n in os.listdir(site.dir) if n.startswith('starpunk.db.') and 'restore' in n and not n.endswith('.before-restore')]
    return found + [n for n in os.listdir(path(site, 'media')) if n == '.restore']


class Kept:
    """The site's data at one moment, to go back to."""

    def __init__(self, site, name):
        self.site, self.dir = site, path(site, name)
        os.mkdir(self.dir)
        for item in self.data():
            (shutil.copytree if os.path.isdir(path(site, item)) else shutil.copy2)(path(site, item), os.path.join(self.dir, item))

    def data(self):
        return [n for n in os.listdir(self.site.dir) if n.startswith('starpunk.db') or n == 'media']

    def back(self):
        for item in self.data():
            (shutil.rmtree if os.path.isdir(path(self.site, item)) else os.unlink)(path(self.site, item))
        shutil.copytree(self.dir, self.site.dir, dirs_exist_ok=True)


# ---- killing ---------------------------------------------------------------------------------

def command(site, *args):
    return [PROGRAM, '--config', site.conf, *args]


def killed_at(site, call, n, *args):
    """Runs a command that is killed when it enters its n-th call of that kind: True; False: it has ended before, well."""
    env = {**site.env, 'ASAN_OPTIONS': 'detect_leaks=0:' + site.env.get('ASAN_OPTIONS', '')}
    done = subprocess.run(['strace', '-f', '-qq', '-o', '/dev/null', '-e', f'trace={call}', '-e', f'inject={call}:signal=KILL:when={n}', *command(site, *args)],
                          env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False)
    if done.returncode not in (0, -signal.SIGKILL, 128 + signal.SIGKILL):
        raise RuntimeError(f'{args}: {done.returncode} {done.stderr}')
    return done.returncode != 0


def nothing_lost(site, sites):
    """Each of the two databases is somewhere, whole, and each of their files."""
    now = state(site)
    databases = [database for database, _ in now.values()]
    files = [set(media.items()) for _, media in now.values()]
    return all(name in databases and set(media.items()) <= set().union(*files) for name, media in sites.items())


def is_said(site):
    """Between two sites every command that needs one says so, and what to do; none is made."""
    wrong = []
    for words in BEGUN:
        done = site.starpunk(*words.replace('BACKUP', path(site, 'no.tar')).split(), check=False, stdin='')
        if done.returncode != 1 or 'a restore' not in done.stderr or 'restore\' again' not in done.stderr:
            wrong.append((words, done.returncode, done.stderr))
    doctor = json.loads(site.starpunk('doctor', '--json', check=False).stdout)
    if 'interrupted' not in json.dumps([f for f in doctor['findings'] if f['check'] == 'restore']):
        wrong.append(('doctor', doctor['findings']))
    return wrong


def at_every_step(t, site, begin, sites, what, want, calls):
    """want: which site is to be live in the end; the other one is to be kept. sites: which are there from the beginning."""
    other = 'new' if want == 'old' else 'old'
    said, words = False, ' '.join(w for w in what if '/' not in w)
    for call, steps in calls:
        last = n = 0
        for n in steps:
            begin.back()
            if not killed_at(site, call, n, *what):
                break
            last = n
            if not nothing_lost(site, sites):
                t.ok(False, f'killed at {call} {n}, nothing is lost', {k: (d, len(m)) for k, (d, m) in state(site).items()})
            if not said and not os.path.exists(path(site, 'starpunk.db')):
                said = True
                t.eq(is_said(site), [], f'{words}: between two sites every command says so and what to do')
            again = site.starpunk(*what, check=False)
            now = state(site)
            good = again.returncode == 0 and now['live'] == (want, SITES[want]) and now['kept'] == (other, SITES[other]) and not left_over(site)
            if not good:
                t.ok(False, f'killed at {call} {n} and run again, the wanted site is there and the other one kept',
                     (again.returncode, again.stderr, {k: (d, len(m)) for k, (d, m) in now.items()}, left_over(site)))
                break
        t.ok(last > 0, f'{words}: killed at each of {last} calls of {call}, nothing is lost, and it can be run again')
    t.ok(said, 'and some of them were between two sites')


SITES = {}
SOME = (1, 2, 3, 4, 300, 511, *range(513, 521))
EVERY = range(1, MOST)


def two_sites(site):
    """A backup of a new one, and an old one that is live, with files that the other one has not."""
    for i in range(2):
        site.post(f'New {i}')
    gone = upload(site, mp4(20000, seed=1), 'x.mp4').header('Location')
    upload(site, mp4(20000, seed=2), 'x.mp4')
    site.starpunk('backup', path(site, 'good.tar'))
    SITES['new'] = content(path(site, 'media'))
    site.post('Old, and not in the backup')
    site.request('POST', '/micropub/media', {**site.auth(), 'Content-Type': 'application/x-www-form-urlencoded'}, f'action=delete&url={gone}'.encode())
    upload(site, mp4(20000, seed=3), 'x.mp4')
    site.starpunk('backup', path(site, 'other.tar'))
    SITES['old'] = content(path(site, 'media'))
    site.stop_program()
    with contextlib.closing(sqlite3.connect(path(site, 'starpunk.db'))) as db:
        db.execute('PRAGMA wal_checkpoint(TRUNCATE)')


def killed(t, site):
    restore, undo = ('restore', path(site, 'good.tar'), '--yes'), ('restore', '--undo', '--yes')
    begin = Kept(site, 'begin')
    at_every_step(t, site, begin, {'old': SITES['old']}, restore, 'new',
                  (('unlink', EVERY), ('unlinkat', EVERY), ('fsync', EVERY), ('syncfs', EVERY), ('rename', SOME)))
    begin.back()
    site.starpunk(*restore)
    restored = Kept(site, 'restored')
    at_every_step(t, site, restored, SITES, undo, 'old', (('unlink', EVERY), ('unlinkat', EVERY), ('fsync', EVERY), ('rename', SOME)))
    begin.back()
    killed_at(site, 'rename', 60, *restore)
    site.starpunk(*undo)
    now = state(site)
    t.eq((now['live'], now['kept'][0]), (('old', SITES['old']), 'new'), 'a restore that was killed can be undone at once')
    begin.back()
    killed_at(site, 'rename', 60, *restore)
    done = site.starpunk('restore', path(site, 'other.tar'), '--yes', check=False)
    now = state(site)
    t.eq((done.returncode, now['live'][0], now['kept']), (1, 'new', ('old', SITES['old'])), 'nor does another backup push out what it has kept')
    t.has(done.stderr, 'finished first', 'which is said')
    begin.back()


# ---- two at once -----------------------------------------------------------------------------

@contextlib.contextmanager
def held_up(site, call, *args):
    """A command that stands still at its first call of that kind, until the end; its status is appended to what is given."""
    status = []
    process = subprocess.Popen(['strace', '-f', '-qq', '-o', '/dev/null', '-e', f'trace={call}', '-e', f'inject={call}:signal=STOP:when=1', *command(site, *args)],
                               env={**site.env, 'ASAN_OPTIONS': 'detect_leaks=0'}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def child():
        with open(f'/proc/{process.pid}/task/{process.pid}/children', encoding='ascii') as f:
            return [int(pid) for pid in f.read().split()]

    def stands():
        for pid in child():
            with contextlib.suppress(OSError), open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as f:
                if f.read().rpartition(')')[2].split()[0] in 'tT':
                    return pid
        return None
    try:
        # Each call is a short stop for strace; the one that lasts is ours.
        if not wait_for(lambda: stands() and wait_for(lambda: not stands(), 0.3, 0.01) is None, 60):
            raise RuntimeError(f'{args} does not come to {call}')
        yield status
    finally:
        for pid in child():
            os.kill(pid, signal.SIGCONT)
        status.append(process.wait(90))


def at_once(t, site):
    for name in ('a.tar', 'b.tar'):
        with held_up(site, 'fsync', 'backup', path(site, 'a.tar')) as first:
            second = site.starpunk('backup', path(site, name), check=False)
            t.eq((second.returncode, os.path.exists(path(site, name))), (1, False), f'of two backups of a site at once, to {"the same file" if name == "a.tar" else "two files"}, the second is refused')
            t.has(second.stderr, 'another backup of this site is being made', 'with the reason')
        t.eq((first, site.starpunk('backup', 'verify', path(site, 'a.tar')).returncode), ([0], 0), 'and the first one is good')
        os.unlink(path(site, 'a.tar'))
    with held_up(site, 'syncfs', 'restore', path(site, 'good.tar'), '--yes') as first:
        for what in (('restore', path(site, 'other.tar'), '--yes'), ('restore', '--undo', '--yes'), ('init', '--password-stdin')):
            second = site.starpunk(*what, check=False, stdin='password, long enough\n')
            t.ok(second.returncode == 1, f'while a restore is at work, {" ".join(what[::2])} is refused', second.stderr)
    t.eq((first, state(site)['live'], left_over(site)), ([0], ('new', SITES['new']), []), 'and that one comes to its end')


# ---- room ------------------------------------------------------------------------------------

def room(t):
    """Nothing is begun for which there is not the room, and it is said how much is missing."""
    with Site(fronts()[0], start=False) as site:
        disks = {name: Disk(path(site, name), 24) for name in ('data', 'pictures', 'backups')}
        try:
            site.write_config(database_path=path(site, 'data/starpunk.db'), media_path=path(site, 'pictures'))
            site.init()
            site.token = site.make_token('create media')
            site.start()
            upload(site, mp4(2_000_000, seed=1), 'x.mp4')
            site.stop_program()
            backup = path(site, 'backups/good.tar')
            site.starpunk('backup', backup)
            for name, what, says in (('data', ('backup', path(site, 'more.tar')), 'data'), ('backups', ('backup', path(site, 'backups/more.tar')), 'backups'),
                                     ('data', ('restore', backup, '--yes'), 'data'), ('pictures', ('restore', backup, '--yes'), 'pictures')):
                before = {n: (os.stat(os.path.join(at, n)).st_mtime_ns, os.stat(os.path.join(at, n)).st_size)
                          for d in disks.values() for at, _, names in os.walk(d.path) for n in names if n != '.ballast'}
                with disks[name].full():
                    done = site.starpunk(*what, check=False)
                after = {n: (os.stat(os.path.join(at, n)).st_mtime_ns, os.stat(os.path.join(at, n)).st_size)
                         for d in disks.values() for at, _, names in os.walk(d.path) for n in names if n not in ('.ballast', 'starpunk.db.backup.lock', 'starpunk.db-shm')}
                t.ok(done.returncode == 1 and f'/{says} has room for 0 MB' in done.stderr and 'MB are missing' in done.stderr,
                     f'{what[0]}: without room at {name} it is said how much is missing', done.stderr)
                t.eq({n: v for n, v in after.items() if before.get(n) != v}, {}, 'and nothing was begun')
            t.eq(site.starpunk('restore', backup, '--yes').returncode, 0, 'with room again, it is done')
        finally:
            for disk in disks.values():
                disk.unmount()


def room_on_one(t):
    """Database and pictures on the same disk, which needs room for both."""
    with Site(fronts()[0], start=False) as site:
        disk = Disk(path(site, 'all'), 24)
        try:
            os.mkdir(path(site, 'all/media'))
            site.write_config(database_path=path(site, 'all/starpunk.db'), media_path=path(site, 'all/media'))
            site.init()
            site.starpunk('backup', path(site, 'good.tar'))
            with disk.full():
                done = site.starpunk('restore', path(site, 'good.tar'), '--yes', check=False)
            t.ok(done.returncode == 1 and 'has room for 0 MB' in done.stderr and 'MB are missing' in done.stderr, 'restore: nor on a disk that has both', done.stderr)
        finally:
            disk.unmount()


with Tap() as t:
    mounts = own_mounts()
    if mounts:
        # In memory: what is tried is the order of steps, some hundred times.
        memory = tempfile.mkdtemp(prefix='sp-', dir=os.environ.get('SP_TEST_TMPDIR', '/tmp'))
        os.chmod(memory, 0o755)
        Disk(memory, 256)
        os.environ['SP_TEST_TMPDIR'] = memory
    if can_trace():
        with Site(fronts()[0]) as site:
            two_sites(site)
            killed(t, site)
            at_once(t, site)
    else:
        t.skip('no program may be traced here', 'restores that are killed')
    if mounts:
        room(t)
        room_on_one(t)
    else:
        t.skip('no file systems may be mounted here', 'disks without room')
    if mounts:
        subprocess.run(['umount', '-l', memory], check=False, capture_output=True)
        os.rmdir(memory)
