#!/usr/bin/env python3
"""What a worker, the courier or the logger can do that somebody has taken over, and as whom the site runs.

A burglar (burglar.c) in the processes tries doors; the visible site goes on as ever."""

import ctypes
import errno
import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from micropub import png, upload
from starpunk import BUILD, PROGRAM, SANITIZED, SRC, Site, Tap, fronts, reachable, wait_for

BURGLAR = os.path.join(BUILD, 'tests', 'http', 'burglar.so')
OTHER = 'www-data'


def landlock():
    """The version of this kernel's Landlock."""
    return max(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1), 0)


def place(site, **config):
    """The configuration and what is secret lie apart from what the site writes, as in a deployment."""
    for sub in ('data', 'theme', 'other'):
        os.mkdir(f'{site.dir}/{sub}')
    with open(f'{site.dir}/other/secret', 'w', encoding='ascii') as f:
        f.write('another site')
    site.write_config(database_path=f'{site.dir}/data/starpunk.db', theme_path=f'{site.dir}/theme',
                      media_helper=f'{BUILD}/starpunk-media', fetch_helper=f'{BUILD}/starpunk-fetch', **config)


def reports(site, who):
    """What each process of that role came away with."""
    where = f'{site.dir}/log' if who == 'logger' else f'{site.dir}/media'
    names = [n for n in os.listdir(where) if n.startswith(f'plan.{who}.')]
    found = []
    for name in names:
        with open(f'{where}/{name}', encoding='ascii') as f:
            text = f.read()
        if text.endswith('gone\n'):
            found.append(dict(line.rsplit(': ', 1) for line in text.splitlines()[:-1]))
    return found


def burglary(t, site):
    d, shut = site.dir, str(errno.EACCES)
    doors = {
        'read /etc/shadow': shut, 'read /etc/passwd': shut, f'read {d}/other/secret': shut, f'read {site.conf}': shut,
        f'write {site.conf}': shut, 'list /': shut, 'list /home': shut,
        f'write {SRC}/share/templates/admin.html': shut, f'make {SRC}/share/static/evil.js': shut, f'make {d}/theme/evil': shut,
        f'write {site.log_file}': shut, f'read {site.log_file}': shut, f'make {d}/log/evil': shut,
        'make /tmp/sp-evil': shut, 'run /bin/sh': shut, f'run {PROGRAM}': shut,
        f'read /proc/{os.getpid()}/environ': shut, f'signal {os.getpid()}': str(errno.EPERM) if landlock() >= 6 else '0',
        f'trace {os.getpid()}': str(errno.EPERM), f'connect {site.port}': str(errno.EAFNOSUPPORT),
        f'send {d}/other/ear': str(errno.EAFNOSUPPORT), f'memory {BUILD}/starpunk-media': str(errno.EPERM),
        f'read {d}/data/starpunk.db': '0', f'write {d}/data/starpunk.db': '0', f'make {d}/media/mine': '0',
        f'read {SRC}/share/static/style.css': '0', f'list {d}/theme': '0', f'run {BUILD}/starpunk-media': '0',
    }
    courier = dict(doors)
    courier.update({'read /etc/passwd': '0', 'read /etc/shadow': '0' if os.geteuid() == 0 else shut, f'connect {site.port}': None,
                    f'send {d}/other/ear': None, f'memory {BUILD}/starpunk-media': None})
    logger = {door: shut if result == '0' else result for door, result in doors.items()}
    logger.update({f'write {site.log_file}': '0', f'make {d}/log/evil': '0', f'signal {os.getpid()}': doors[f'signal {os.getpid()}']})
    if SANITIZED:
        for expected in (doors, courier, logger):
            del expected[f'trace {os.getpid()}']
    for name in ('templates/admin.html', 'static/style.css'):
        if not os.path.exists(f'{SRC}/share/{name}'):
            raise RuntimeError(f'the test names {name}, which is gone')
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.bind(f'{d}/other/ear')
    with open(f'{d}/media/plan', 'w', encoding='ascii') as f:
        f.write(''.join(f'{door}\n' for door in doors))
    site.env.update({'SP_BURGLAR_LOGGER': '\n'.join(logger), 'SP_BURGLAR_LOG': f'{d}/log/plan'})
    site.start()
    for who, expected in (('worker', doors), ('courier', courier), ('logger', logger)):
        n = 2 if who == 'worker' else 1
        t.ok(wait_for(lambda: len(reports(site, who)) >= n), f'the burglar was in each {who}')
        for door, result in expected.items():
            got = {r.get(door) for r in reports(site, who)}
            if result is not None:
                t.eq(got, {result}, f'{who}: {door.replace(d, "DIR").replace(SRC, "SRC").replace(BUILD, "BUILD")}: '
                     f'{"can" if result == "0" else "cannot"}')
    ear.close()
    t.ok(not os.path.exists('/tmp/sp-evil') and not os.path.exists(f'{SRC}/share/static/evil.js'), 'nothing was left behind')
    t.eq(site.log('sandbox_weak'), [], 'and the log has no complaint of the kernel')


def living(t, site):
    """Inside, everything goes on: posts, pictures, search, a new log, another configuration."""
    path = site.post('Inside the walls')
    t.has(site.get(path).text, 'Inside the walls', 'a note is posted')
    t.has(site.get('/search?q=walls').text, path, 'it is found')
    picture = upload(site, png())
    t.eq(picture.status, 201, 'a picture is taken')
    if picture.status == 201:
        t.eq(site.get(urllib.parse.urlsplit(picture.header('Location')).path).status, 200, 'and shown')
    os.rename(site.log_file, site.log_file + '.1')
    site.process.send_signal(signal.SIGUSR1)
    pids = set(site.workers())
    t.ok(site.wait_log('log_reopened'), 'the logger opens a new log on USR1')
    t.ok(site.get('/').status == 200 and site.log('request'), 'in which the workers are heard')
    os.makedirs(f'{site.dir}/moved/theme/static')
    with open(f'{site.dir}/moved/theme/static/theme.css', 'w', encoding='ascii') as f:
        f.write('h1 { color: teal }\n')
    os.mkdir(f'{site.dir}/moved/media')
    site.write_config(theme_path=f'{site.dir}/moved/theme', media_path=f'{site.dir}/moved/media')
    site.process.send_signal(signal.SIGHUP)
    t.ok(site.wait_log('supervisor_reloaded'), 'HUP takes other directories')
    t.ok(wait_for(lambda: not pids & set(site.workers())), 'in new workers')
    second = upload(site, png(seed=1))
    t.eq(second.status, 201, 'which see them')
    t.ok(any(files for _, _, files in os.walk(f'{site.dir}/moved/media')), 'the picture lies there')
    t.has(site.get('/').text, 'theme.css', 'and the theme is the other one')
    t.eq(site.log('error'), [], 'no error is logged')


def ids(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as f:
        return {k: v.split() for k, v in (line.rstrip('\n').split(':', 1) for line in f)}


def as_other(t, front):
    """Started as root, with a user: nothing is root's any more, and everything works."""
    other = pwd.getpwnam(OTHER)
    with Site(front, start=False, user=OTHER) as site:
        place(site)
        for sub in ('data', 'theme', 'media', 'run', 'log'):
            os.chown(f'{site.dir}/{sub}', other.pw_uid, other.pw_gid)
        site.init()
        site.token = site.make_token('create media')
        site.start()
        for pid in [site.process.pid, *site.workers()]:
            s = ids(pid)
            t.eq((s['Uid'], s['Gid']), ([str(other.pw_uid)] * 4, [str(other.pw_gid)] * 4), f'a process is {OTHER}')
            t.ok('0' not in s['Groups'], 'and in no group of root\'s', s['Groups'])
            t.eq([s[c] for c in ('CapPrm', 'CapEff', 'CapInh', 'CapBnd', 'CapAmb')], [['0' * 16]] * 5, 'without capabilities')
            t.eq(s['NoNewPrivs'], ['1'], 'and gets none by programs')
        st = os.stat(site.socket)
        t.eq((st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)), (other.pw_uid, other.pw_gid, 0o660), 'the socket belongs to the user')
        living_files(t, site, other.pw_uid)


def living_files(t, site, uid):
    path = site.post('By another user')
    t.eq(site.get(path).status, 200, 'a note is posted')
    t.eq(upload(site, png()).status, 201, 'a picture is taken')
    owners = {os.stat(os.path.join(d, f)).st_uid for sub in ('data', 'media', 'run', 'log/starpunk.log')
              for d, _, files in os.walk(f'{site.dir}/{sub}') for f in files}
    owners.add(os.stat(site.log_file).st_uid)
    t.eq(owners, {uid}, 'every file that the site made is the user\'s')
    t.eq((site.log('sandbox_weak'), site.log('error')), ([], []), 'nothing is wrong')


def as_root(t, front):
    """Root by itself is refused."""
    with Site(front, start=False) as site:
        site.init()
        del site.config['user']
        site.write_config()
        done = site.starpunk('serve', check=False, timeout=30)
        t.eq(done.returncode, 3, 'a site of root\'s does not start without a word')
        t.has(done.stderr, "user = root", 'it says which word')


def off(t, front):
    with Site(front, sandbox='off') as site:
        t.eq(len(site.wait_log('sandbox_weak') or []), 1, 'without the sandbox there is one warning')
        t.eq(site.get('/').status, 200, 'and the site runs')


with Tap() as t:
    front = fronts()[0]
    if landlock() < 2:
        print(f'ok {t.n + 1} - files are hidden # SKIP this kernel has no Landlock that would do')
        t.n += 1
    else:
        with Site(front, start=False, env={'LD_PRELOAD': BURGLAR, 'SP_BURGLAR_PLAN': '/dev/null', 'ASAN_OPTIONS': 'verify_asan_link_order=0'}) as site:
            site.env['SP_BURGLAR_PLAN'] = f'{site.dir}/media/plan'
            place(site)
            site.init()
            site.token = site.make_token('create media')
            burglary(t, site)
            living(t, site)
    off(t, front)
    if os.geteuid() != 0:
        print(f'ok {t.n + 1} - root gives up being root # SKIP nobody is root here')
        t.n += 1
    else:
        as_root(t, front)
        if reachable(OTHER):
            as_other(t, front)
        else:
            print(f'ok {t.n + 1} - another user runs the site # SKIP {OTHER} may not reach {PROGRAM}')
            t.n += 1
