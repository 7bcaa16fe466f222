#!/usr/bin/env python3
"""Backups: made while people post, looked through, and put back, over a site or where there is none, whatever interrupts it."""

import contextlib
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import PROGRAM, Site, Tap, fronts, wait_for
from uploads import Part, mp4, multipart, png, upload

PAGES = ('/', '/page/2', '/archive', '/feed.atom', '/feed.json', '/tag/kept', '/search?q=lake')


class Writer(threading.Thread):
    """Somebody who posts, each with a file, until told to stop; what was acknowledged."""

    def __init__(self, site):
        super().__init__()
        self.site, self.ended, self.posts = site, threading.Event(), []

    def run(self):
        seed = 1000
        while not self.ended.is_set():
            seed += 1
            kind, body = multipart(Part('h', b'entry'), Part('content', f'lake {seed}'.encode()), Part('video', mp4(20000, seed=seed), 'x.mp4'))
            answer = self.site.request('POST', '/micropub', {**self.site.auth(), 'Content-Type': kind}, body)
            self.posts.append((answer.status, answer.header('Location')))


@contextlib.contextmanager
def writing(site):
    writer = Writer(site)
    writer.start()
    wait_for(lambda: len(writer.posts) >= 3, 30)
    try:
        yield writer
    finally:
        writer.ended.set()
        writer.join(60)


def path(site, name):
    return os.path.join(site.dir, name)


def entries(name):
    with tarfile.open(name) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar.getmembers()}


def files(site):
    """Everything that belongs to the site's data, by name: what must not change when a restore is refused."""
    found = {}
    for folder, _, names in os.walk(path(site, 'media')):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as f:
                found[os.path.relpath(os.path.join(folder, name), site.dir)] = hashlib.sha256(f.read()).hexdigest()
    with contextlib.suppress(FileNotFoundError), open(path(site, 'starpunk.db'), 'rb') as f:
        found['starpunk.db'] = hashlib.sha256(f.read()).hexdigest()
    return found


def left_over(site):
    """What a backup or a restore has left behind and should not have."""
    found = [n for n in os.listdir(site.dir) if re.search(r'\.(part|backup|restore|restore-plan|restore-undo)$', n)]
    return found + [n for n in os.listdir(path(site, 'media')) if n in ('.backup', '.restore')]


def fill(site):
    for i in range(30):
        site.post(f'By the lake, number {i}', **{'category[]': 'kept'})
    urls = [upload(site, png(600, 400, seed=i)).header('Location') for i in range(3)]
    for url in urls:
        site.micropub([('h', 'entry'), ('content', 'A picture'), ('photo', url)])
    wait_for(lambda: not json.loads(site.starpunk('jobs', 'list', '--json').stdout or '[]'), 60)
    return urls


def snapshot(site, urls):
    return {p: re.sub(rb'nonce-[^"\']*|name="csrf"[^>]*', b'', site.get(p).body) for p in (*PAGES, *[u[len(site.url) - 1:] for u in urls])}


def making(t, site):
    f = site.front
    urls = fill(site)
    with writing(site) as writer:
        before = len(writer.posts)
        done = site.starpunk('backup', path(site, 'load.tar'), '--json')
        wait_for(lambda: len(writer.posts) > before, 30)
    t.ok(len(writer.posts) > before, f'{f}: people post while a backup is made')
    t.ok(all(s == 201 for s, _ in writer.posts), f'{f}: and none of them is refused', {s for s, _ in writer.posts})
    report = json.loads(done.stdout)
    t.eq((report['made'], report['missing'], report['site_url']), (True, 0, site.url), f'{f}: the backup says what it holds')
    t.eq(os.stat(path(site, 'load.tar')).st_mode & 0o777, 0o600, f'{f}: it is for its owner alone')
    t.eq(left_over(site), [], f'{f}: nothing else is left behind')
    held = entries(path(site, 'load.tar'))
    manifest = json.loads(held.pop('manifest.json'))
    t.eq(report['created'], manifest['created'], f'{f}: and says when it was made, as the manifest does')
    t.eq({m['name']: m['sha256'] for m in manifest['files']}, {n: hashlib.sha256(b).hexdigest() for n, b in held.items()},
         f'{f}: tar reads it, and the manifest has the digest of each file')
    with open(path(site, 'copy.db'), 'wb') as out:
        out.write(held['starpunk.db'])
    with contextlib.closing(sqlite3.connect(path(site, 'copy.db'))) as db:
        known = {name for (name,) in db.execute('SELECT name FROM media')}
        t.eq(db.execute('PRAGMA integrity_check').fetchall(), [('ok',)], f'{f}: its database is whole')
    t.ok(known <= {n[len('media/'):] for n in held}, f'{f}: every file that it knows is in the backup')
    good = site.starpunk('backup', 'verify', path(site, 'load.tar'), '--json')
    t.eq(json.loads(good.stdout)['good'], True, f'{f}: verify finds it good')
    alone = subprocess.run([PROGRAM, 'backup', 'verify', path(site, 'load.tar')], env={**site.env, 'STARPUNK_CONFIG': path(site, 'none.conf')},
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    t.ok(alone.returncode == 0 and 'backup good' in alone.stdout, f'{f}: so it does on a machine that knows nothing of the site', alone.stderr)
    named = subprocess.run([PROGRAM, '--config', path(site, 'none.conf'), 'backup', 'verify', path(site, 'load.tar')], env=site.env,
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    t.eq(named.returncode, 3, f'{f}: though a configuration that is named has to be there')
    again = site.starpunk('backup', path(site, 'load.tar'), check=False)
    t.eq(again.returncode, 1, f'{f}: a file that is there is not overwritten')
    t.eq(site.starpunk('backup', path(site, 'load.tar'), '--force').returncode, 0, f'{f}: unless that is asked for')
    out = subprocess.run([PROGRAM, '--config', site.conf, 'backup', '-'], env=site.env, stdin=subprocess.DEVNULL,
                         capture_output=True, timeout=60, check=False)
    with tarfile.open(fileobj=io.BytesIO(out.stdout)) as tar:
        t.eq(tar.getnames()[-1], 'manifest.json', f'{f}: - writes it to standard output')
    with subprocess.Popen([PROGRAM, '--config', site.conf, 'backup', '-'], env=site.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as given_up:
        os.read(given_up.stdout.fileno(), 1)
        given_up.stdout.close()
        said = given_up.stderr.read()
        t.eq(given_up.wait(60), 1, f'{f}: one whose reader ends fails')
    t.ok(b'must take all of it' in said and b'install -d' not in said, f'{f}: and is not told to make a folder', said)
    full = site.starpunk('backup', '/dev/full/x', check=False)
    t.eq((full.returncode, left_over(site)), (1, []), f'{f}: where it cannot be, it says so and leaves nothing')
    return urls


def meanwhile(t, site):
    """Held up in its middle by who reads it; files are deleted and uploaded, and the backup is of the moment at which it began."""
    f = site.front
    gone = upload(site, mp4(30000, seed=7), 'x.mp4').header('Location')
    process = subprocess.Popen([PROGRAM, '--config', site.conf, 'backup', '-'], env=site.env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    data = process.stdout.read(1000)
    deleted = site.request('POST', '/micropub/media', {**site.auth(), 'Content-Type': 'application/x-www-form-urlencoded'},
                           urllib.parse.urlencode({'action': 'delete', 'url': gone}).encode())
    t.eq((deleted.status, site.get(gone[len(site.url) - 1:]).status), (204, 404), f'{f}: a file can be deleted while a backup is made')
    come = upload(site, mp4(30000, seed=8), 'y.mp4').header('Location')
    data += process.stdout.read()
    t.eq(process.wait(60), 0, f'{f}: the backup is made none the less')
    process.stdout.close()
    process.stderr.close()
    with open(path(site, 'meanwhile.tar'), 'wb') as out:
        out.write(data)
    names = entries(path(site, 'meanwhile.tar'))
    t.eq([u[len(site.url):] in names for u in (gone, come)], [True, False], f'{f}: and holds the files of the moment at which it began')
    t.eq(site.starpunk('backup', 'verify', path(site, 'meanwhile.tar')).returncode, 0, f'{f}: which are those that its database knows')


def lost(t, site):
    """A file that was lost long ago keeps nobody from a backup of the rest."""
    f = site.front
    name = sorted(n for n in files(site) if n.endswith('.mp4'))[0]
    os.rename(path(site, name), path(site, 'away'))
    done = site.starpunk('backup', path(site, 'lost.tar'), '--json')
    t.eq(json.loads(done.stdout)['missing'], 1, f'{f}: a file that was lost before is told')
    good = json.loads(site.starpunk('backup', 'verify', path(site, 'lost.tar'), '--json').stdout)
    t.eq((good['good'], good['missing'], good['deleted']), (True, 1, 0), f'{f}: and the backup is good none the less, and tells it, too')
    os.rename(path(site, 'away'), path(site, name))


def traced(site):
    """Environment for what is traced: sanitizers cannot look for leaks then."""
    return {**site.env, 'ASAN_OPTIONS': 'detect_leaks=0:' + site.env.get('ASAN_OPTIONS', '')}


def under(call, how, n, on=None):
    """A tracer that interferes with the n-th call of that kind, or that of those on one path."""
    return ['strace', '-f', '-qq', '-o', '/dev/null', '-e', f'trace={call}', '-e', f'inject={call}:{how}:when={n}', *(['-P', on] if on else [])]


def killed_at(site, call, n, *args):
    """Runs a command that is killed at its n-th call of that kind; the exit status: 0 if it does not come to that."""
    return subprocess.run([*under(call, 'signal=KILL', n), PROGRAM, '--config', site.conf, *args], env=traced(site), stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, check=False).returncode


def killed(t, site):
    f = site.front
    for call, n in (('linkat', 2), ('mkdir', 1), ('pwrite64', 9), ('fsync', 1), ('write', 1), ('write', 9), ('write', 20), ('fsync', 2)):
        name = path(site, 'killed.tar')
        t.ok(killed_at(site, call, n, 'backup', name) != 0, f'{f}: a backup can be killed at {call} number {n}')
        t.ok(not os.path.exists(name) and not os.path.exists(name + '.part'), f'{f}: and is not there then, nor a part of it')
        site.starpunk('backup', name)
        t.eq((left_over(site), site.starpunk('backup', 'verify', name).returncode), ([], 0), f'{f}: the next one is good and cleans up behind it')
        os.unlink(name)
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        # It waits for somebody to read, until it is told to stop.
        process = subprocess.Popen([PROGRAM, '--config', site.conf, 'backup', '-'], env=site.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.read(process.stdout.fileno(), 1)
        process.send_signal(sig)
        _, said = process.communicate(timeout=60)
        t.ok(process.returncode == 1 and b'told to stop' in said and not left_over(site), f'{f}: one that is told to stop by {sig.name} leaves nothing', (process.returncode, said, left_over(site)))


def failing_at(site, call, error, n, *args, on=None):
    """Runs a command whose n-th call of that kind, of those on a path, fails; exit status and what it says."""
    done = subprocess.run([*under(call, f'error={error}', n, on), PROGRAM, '--config', site.conf, *args], env=traced(site), stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=60, check=False)
    return done.returncode, done.stderr


def failing(t, site):
    f = site.front
    name = path(site, 'failing.tar')
    for call, error, n, said in (('write', 'ENOSPC', 1, 'No space'), ('write', 'ENOSPC', 12, 'No space'), ('pwrite64', 'ENOSPC', 9, 'full'),
                                 ('fsync', 'EIO', 1, 'sync'), ('fsync', 'EIO', 2, 'Input/output'), ('linkat', 'EIO', 1, 'Input/output')):
        status, text = failing_at(site, call, error, n, 'backup', name, on=name if call == 'linkat' else None)
        t.eq((status, os.path.exists(name), left_over(site)), (1, False, []), f'{f}: with {error} at {call} number {n} there is no backup and nothing is left')
        t.has(text, said, f'{f}: and it is said why')
    status, text = failing_at(site, 'linkat', 'EPERM', '2+', 'backup', '--force', name)
    t.ok(status == 1 and not os.path.exists(name) and not left_over(site), f'{f}: where it cannot be given a name, it is said', text)
    for call, error, n, on in (('linkat', 'EPERM', '1+', None), ('openat', 'EOPNOTSUPP', 3, site.dir)):
        status, text = failing_at(site, call, error, n, 'backup', name, on=on)
        t.eq((status, site.starpunk('backup', 'verify', name).returncode, left_over(site)), (0, 0, []),
             f'{f}: where files cannot have second names, or be without one ({call}), a backup is made without')
        os.unlink(name)
    with open(name + '.part', 'w', encoding='ascii') as part:
        fcntl.flock(part, fcntl.LOCK_EX)
        done = site.starpunk('backup', name, check=False)
        t.eq((done.returncode, os.path.exists(name), os.path.exists(name + '.part')), (1, False, True), f'{f}: what another backup writes to is left to it')
        t.has(done.stderr, 'is being written by another backup', f'{f}: which is said')
    t.eq((site.starpunk('backup', name).returncode, left_over(site)), (0, []), f'{f}: what a killed one has left there is taken')
    os.unlink(name)


def own_files(t, site):
    """What the site lives on is never replaced by its backup, by whatever path it is named."""
    f = site.front
    os.symlink(site.dir, path(site, 'elsewhere'))
    os.link(path(site, 'starpunk.db'), path(site, 'second.db'))
    os.mkdir(path(site, 'media/own'))
    def data():
        return os.stat(path(site, 'starpunk.db')).st_ino, {n: d for n, d in files(site).items() if n != 'starpunk.db'}
    before = data()
    for name in ('starpunk.db', 'elsewhere/starpunk.db', 'second.db', 'log/../starpunk.db', 'starpunk.db-wal', 'starpunk.db-shm', 'starpunk.db.lock', 'starpunk.key',
                 'starpunk.db.before-0001', 'elsewhere/starpunk.db.before-restore', 'starpunk.conf', 'media/backup.tar', 'elsewhere/media/own/backup.tar'):
        for flags in ((), ('--force',)):
            done = site.starpunk('backup', path(site, name), *flags, check=False)
            t.ok(done.returncode == 2 and "the site's own files" in done.stderr and 'for backups alone' in done.stderr, f'{f}: {" ".join((name, *flags))} is refused', done.stderr)
    t.ok(data() == before and site.starpunk('check').returncode == 0, f'{f}: and nothing was changed')
    done = subprocess.run([PROGRAM, '--config', site.conf, 'backup', '--force', 'starpunk.db'], cwd=site.dir, env=site.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    t.eq(done.returncode, 2, f'{f}: nor by a relative one')
    os.rmdir(path(site, 'media/own'))
    for name in ('elsewhere', 'second.db'):
        os.unlink(path(site, name))


def unheld(t, site):
    """Files are deleted while they cannot be held: they are not in the backup, and are told from those that had been lost."""
    f = site.front
    urls = [upload(site, mp4(30000, seed=seed), 'x.mp4').header('Location') for seed in (21, 22, 23)]
    process = subprocess.Popen([*under('linkat', 'error=EPERM', '1+'), PROGRAM, '--config', site.conf, 'backup', '-', '--json'], env=traced(site),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    data = process.stdout.read(1000)
    for url in urls[:2]:
        site.request('POST', '/micropub/media', {**site.auth(), 'Content-Type': 'application/x-www-form-urlencoded'}, urllib.parse.urlencode({'action': 'delete', 'url': url}).encode())
    data += process.stdout.read()
    said = process.stderr.read()
    process.wait(60)
    process.stdout.close()
    process.stderr.close()
    with open(path(site, 'unheld.tar'), 'wb') as out:
        out.write(data)
    report, names = json.loads(said), entries(path(site, 'unheld.tar'))
    t.eq((report['missing'], report['deleted'], report['files']), (0, 2, len(names) - 2), f'{f}: files that were deleted meanwhile and could not be held are told as such')
    t.eq([u[len(site.url):] in names for u in urls], [False, False, True], f'{f}: and are not in the backup')
    good = site.starpunk('backup', 'verify', path(site, 'unheld.tar'))
    t.ok('2 files were deleted by the site while it was made' in good.stderr and 'lost' not in good.stderr, f'{f}: verify says the same', good.stderr)


def scratches():
    """Folders of verify in which nobody is at work."""
    found = []
    for name in os.listdir('/var/tmp'):
        with contextlib.suppress(OSError):
            if name.startswith('starpunk-verify-'):
                fd = os.open(os.path.join('/var/tmp', name), os.O_RDONLY)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    found.append(name)
                finally:
                    os.close(fd)
    return set(found)


def verifying(t, site):
    f = site.front
    name = path(site, 'load.tar')
    alone = {'PATH': os.environ['PATH'], 'STARPUNK_CONFIG': path(site, 'none.conf')}
    with open(name, 'rb') as whole, open(path(site, 'half.tar'), 'wb') as half:
        half.write(whole.read()[:-2000])
    done = subprocess.run([PROGRAM, 'backup', 'verify', path(site, 'half.tar')], env=alone, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    t.eq(done.returncode, 1, f'{f}: and half of one is found out there, too')
    before = scratches()
    t.ok(killed_at(site, 'pread64', 60, 'backup', 'verify', name) != 0, f'{f}: verify can be killed')
    site.starpunk('backup', 'verify', name)
    t.eq(scratches() - before, set(), f'{f}: the next one removes the copy of the database that it has left')


def failing_restore(t, site):
    f = site.front
    count = 'SELECT count(*) FROM post'
    names, posts = set(files(site)), site.sqlite(count)
    for call, error, n in (('write', 'ENOSPC', 1), ('write', 'ENOSPC', 9), ('syncfs', 'EIO', 1), ('syncfs', 'EIO', 2), ('rename', 'EIO', 1)):
        status, _ = failing_at(site, call, error, n, 'restore', path(site, 'good.tar'), '--yes')
        t.eq((status, set(files(site)) ^ names, left_over(site), site.sqlite(count)), (1, set(), [], posts),
             f'{f}: a restore that meets {error} at {call} number {n} changes nothing')


def bad_backups(good):
    """Name, bytes and what is said of backups that must be refused."""
    data = bytearray(good)
    with tarfile.open(fileobj=io.BytesIO(good)) as tar:
        file = tar.getmembers()[1]
    manifest = good.rindex(b'manifest.json\0')
    def changed(at, byte):
        copy = bytearray(data)
        copy[at] ^= byte
        return bytes(copy)
    yield 'a flipped bit in the database', changed(512 + 5000, 1), 'is damaged'
    yield 'a flipped bit in a file', changed(file.offset_data + 100, 4), 'is damaged'
    yield 'a flipped bit in a header', changed(file.offset + 140, 1), 'no header'
    yield 'a flipped bit in the manifest', changed(good.index(b'"site_url": "http://l', manifest) + 14, 1), 'it has been changed'
    yield 'one that is cut', good[:len(good) // 2], 'ends in the middle'
    yield 'one that is cut at the end', good[:-1], 'ends in the middle'
    yield 'one with something behind it', good + b'\0' * 512, 'something follows'
    yield 'an empty one', b'', 'ends in the middle'
    yield 'some other file', b'Nothing of the kind. ' * 1000, 'no header'
    yield 'one without a file', rebuilt(good, lambda e: [x for i, x in enumerate(e) if i != 1]), 'not in the manifest, or not there'
    yield 'one with a file more', rebuilt(good, lambda e: [*e[:-1], ('media/ff/' + 'f' * 62 + '.png', b'x'), e[-1]]), 'not in the manifest'
    yield 'one with a path that climbs', rebuilt(good, lambda e: [e[0], ('media/../../climbed', b'x'), *e[1:]]), 'no header'
    yield 'one with an absolute path', rebuilt(good, lambda e: [e[0], ('/tmp/climbed', b'x'), *e[1:]]), 'no header'
    yield 'one with a path of nobody', rebuilt(good, lambda e: [e[0], ('media/ab/climbed', b'x'), *e[1:]]), 'does not belong there'
    yield 'one with a file twice', rebuilt(good, lambda e: [e[0], e[1], *e[1:]]), 'does not belong there'
    yield 'one without a manifest', rebuilt(good, lambda e: e[:-1]), 'no manifest'
    yield 'one without a database', rebuilt(good, lambda e: e[1:]), 'does not belong there'
    yield 'one with a link', rebuilt(good, lambda e: e, b'2'), 'no header'
    def newer(e):
        return [*e[:-1], ('manifest.json', seal(e[-1][1].replace(b'"schema": ', b'"schema": 9')))]
    yield 'one of a newer schema', rebuilt(good, newer), 'this program knows'
    def stranger(e):
        name, content = 'media/ff/' + 'f' * 62 + '.png', b'x'
        line = b',\n{"name": "%s", "bytes": 1, "sha256": "%s"}\n],\n' % (name.encode(), hashlib.sha256(content).hexdigest().encode())
        return [*e[:-1], (name, content), ('manifest.json', seal(e[-1][1].replace(b'\n],\n', line)))]
    yield 'one with a file that its database does not know', rebuilt(good, stranger), 'does not know'
    def bereft(e):
        gone, text = e[1][0].encode(), e[-1][1]
        text = re.sub(rb'\{"name": "' + re.escape(gone) + rb'"[^}]*\},?\n', b'', text).replace(b'},\n],', b'}\n],')
        return [x for x in e[:-1] if x[0].encode() != gone] + [('manifest.json', seal(text))]
    yield 'one whose database knows a file that is not in it', rebuilt(good, bereft), 'knows a file that it has not'


def header(name, size, kind=b'0'):
    """A header as the program writes it."""
    head = bytearray(512)
    def put(at, text):
        head[at:at + len(text)] = text
    put(0, name.encode())
    put(100, b'0000644' if name.startswith('media') else b'0000600')
    put(108, b'0000000\x000000000')
    put(124, b'%011o' % size)
    put(136, b'%011o' % 1)
    put(148, b' ' * 8)
    put(156, kind)
    put(257, b'ustar\x0000')
    put(329, b'0000000\x000000000')
    put(148, b'%06o\0 ' % sum(head))
    return bytes(head)


def rebuilt(good, edit, kind=b'0'):
    """The same backup with other entries."""
    with tarfile.open(fileobj=io.BytesIO(good)) as tar:
        members = [(m.name, tar.extractfile(m).read()) for m in tar.getmembers()]
    return b''.join(header(n, len(c), kind) + c + b'\0' * (-len(c) % 512) for n, c in edit(members)) + b'\0' * 1024


def seal(manifest):
    """The manifest with the digest that its lines have now."""
    head = manifest[:manifest.rindex(b'"sha256": ')]
    return head + b'"sha256": "%s"\n}\n' % hashlib.sha256(head).hexdigest().encode()


def refused(t, site):
    f = site.front
    with open(path(site, 'good.tar'), 'rb') as file:
        good = file.read()
    before = files(site)
    with open(path(site, 'same.tar'), 'wb') as out:
        out.write(rebuilt(good, lambda e: e))
    t.eq(site.starpunk('backup', 'verify', path(site, 'same.tar')).returncode, 0, f'{f}: a backup that was built anew as it is written is good')
    for what, data, said in bad_backups(good):
        with open(path(site, 'bad.tar'), 'wb') as out:
            out.write(data)
        verify = site.starpunk('backup', 'verify', path(site, 'bad.tar'), check=False)
        restore = site.starpunk('restore', path(site, 'bad.tar'), '--yes', check=False)
        t.eq((verify.returncode, restore.returncode), (1, 1), f'{f}: {what} is refused')
        t.ok(said in verify.stderr and said in restore.stderr, f'{f}: for what is wrong with it', verify.stderr)
        t.ok(files(site) == before and not left_over(site), f'{f}: and changes nothing', left_over(site))
    os.unlink(path(site, 'bad.tar'))


def restoring(t, site, urls, thoroughly):
    f = site.front
    site.starpunk('backup', path(site, 'good.tar'))
    shown = snapshot(site, urls)
    site.post('Written after the backup')
    upload(site, png(500, 300, seed=99))
    running = site.starpunk('restore', path(site, 'good.tar'), '--yes', check=False)
    t.eq(running.returncode, 1, f'{f}: a running site is not restored')
    t.has(running.stderr, 'running', f'{f}: and that is said')
    site.stop_program()
    if thoroughly:
        refused(t, site)
        failing_restore(t, site)
    later = files(site)
    unasked = site.starpunk('restore', path(site, 'good.tar'), check=False, stdin='')
    t.eq((unasked.returncode, files(site) == later), (2, True), f'{f}: without a terminal --yes is needed')
    holder = sqlite3.connect(path(site, 'starpunk.db'))
    holder.execute('SELECT count(*) FROM post').fetchall()
    held = site.starpunk('restore', path(site, 'good.tar'), '--yes', check=False)
    t.eq((held.returncode, left_over(site)), (1, []), f'{f}: nor one whose database somebody has open')
    holder.close()
    done = json.loads(site.starpunk('restore', path(site, 'good.tar'), '--yes', '--json').stdout)
    t.eq((done['restored'], done['kept']), (True, path(site, 'starpunk.db.before-restore')), f'{f}: a site is restored, and the old one kept')
    t.eq(left_over(site), [], f'{f}: nothing else is left behind')
    start(site)
    t.eq(snapshot(site, urls), shown, f'{f}: it shows the same pages and files, byte for byte')
    t.eq(json.loads(site.starpunk('check', '--json').stdout)['media']['unknown'], 0, f'{f}: and has no other file')
    site.stop_program()
    site.starpunk('restore', '--undo', '--yes')
    kept = {n: d for n, d in files(site).items() if '.before-restore' not in n}
    t.eq(set(kept), set(later), f'{f}: --undo brings back what was there')
    t.eq(site.starpunk('restore', '--undo', '--yes').returncode, 0, f'{f}: and once more what was restored')
    start(site)
    t.eq(snapshot(site, urls), shown, f'{f}: which shows the same pages again')
    site.stop_program()


def start(site):
    site.start_program()
    if not site.wait_healthy():
        raise RuntimeError('the site did not come up')


def empty_place(t, site, urls):
    """The disk is gone; there are a fresh machine, the configuration and the backup."""
    f = site.front
    start(site)
    shown = snapshot(site, urls)
    site.stop_program()
    for name in os.listdir(site.dir):
        if name.startswith('starpunk.db'):
            os.unlink(path(site, name))
    shutil.rmtree(path(site, 'media'))
    t.eq(site.starpunk('restore', path(site, 'good.tar'), '--yes').returncode, 0, f'{f}: a backup is restored where nothing is')
    start(site)
    t.eq(snapshot(site, urls), shown, f'{f}: and shows the same pages and files')
    t.eq(site.starpunk('check', check=False).returncode, 0, f'{f}: and is sound')
    site.stop_program()


def interrupted(t, site):
    """Killed at every system call that changes a name, one after the other; each time it is run again."""
    f = site.front
    start(site)
    site.post('Something that the backup does not have')
    site.stop_program()
    state = path(site, 'state')
    os.mkdir(state)
    for name in ('starpunk.db', 'starpunk.db-wal'):
        shutil.copy2(path(site, name), state)
    shutil.copytree(path(site, 'media'), os.path.join(state, 'media'))
    wanted = {n: d for n, d in files(site).items() if n.startswith('media') and '/.' not in n}
    for n in (1, 2, 3, 60, 510, 514, 515, 516, 517, 518):
        for name in os.listdir(site.dir):
            if name.startswith('starpunk.db'):
                (shutil.rmtree if os.path.isdir(path(site, name)) else os.unlink)(path(site, name))
        shutil.rmtree(path(site, 'media'))
        shutil.copytree(os.path.join(state, 'media'), path(site, 'media'))
        for name in ('starpunk.db', 'starpunk.db-wal'):
            shutil.copy2(os.path.join(state, name), site.dir)
        if killed_at(site, 'rename', n, 'restore', path(site, 'good.tar'), '--yes') == 0:
            t.ok(n > 510, f'{f}: a restore has {n - 1} renames at most')
            break
        there = os.path.exists(path(site, 'starpunk.db'))
        if not there:
            t.eq((site.starpunk('check', check=False).returncode, site.starpunk('init', check=False).returncode), (1, 1),
                 f'{f}: between two sites, after rename {n}, there is none, and none is made')
            status, text = failing_at(site, 'rename', 'EIO', 1, 'restore', path(site, 'good.tar'), '--yes')
            t.ok(status == 1 and 'run it again' in text, f'{f}: it is said what to do when it fails there', text)
        again = site.starpunk('restore', path(site, 'good.tar'), '--yes', check=False)
        t.ok(again.returncode == 0, f'{f}: killed at rename {n}, it can be run again', again.stderr)
        got = {n: d for n, d in files(site).items() if n.startswith('media') and '/.' not in n}
        t.ok(got == wanted and not left_over(site), f'{f}: and is then whole')
        with contextlib.closing(sqlite3.connect(path(site, 'starpunk.db.before-restore'))) as db:
            t.eq(db.execute("SELECT count(*) FROM post WHERE text LIKE 'Something that%'").fetchall(), [(1,)], f'{f}: with the old database kept')
    start(site)
    t.ok(site.get('/').status == 200, f'{f}: the site runs')


def main():
    with Tap() as t:
        for front in fronts():
            with Site(front) as site:
                urls = making(t, site)
                meanwhile(t, site)
                # What the front server has no part in is tried behind one of them.
                first = front == fronts()[0]
                if first:
                    lost(t, site)
                    killed(t, site)
                    failing(t, site)
                    own_files(t, site)
                    unheld(t, site)
                    verifying(t, site)
                restoring(t, site, urls, first)
                empty_place(t, site, urls)
                if first:
                    interrupted(t, site)


main()
