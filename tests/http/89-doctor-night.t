#!/usr/bin/env python3
"""starpunk doctor at night: files, disks, programs and services that are not as they should be, and things that hang.
Each is found, and where a command is named, it is run and has mended it."""

import concurrent.futures
import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from doctor import Doctor, found
from starpunk import BUILD, PROGRAM, SANITIZED, SRC, Site, Tap, fronts, reachable, wait_for

LIBRARIES = os.path.join(os.path.abspath(BUILD), 'tests', 'http')


def preloaded(site, library):
    return {'LD_PRELOAD': os.path.join(LIBRARIES, library), 'ASAN_OPTIONS': 'verify_asan_link_order=0:' + site.env['ASAN_OPTIONS']}


def paste(line, site):
    """What an administrator does with a line."""
    return subprocess.run(line, shell=True, env=site.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)


def mended(t, site, doctor, check, level, text, name):
    """The finding is there, its first line works when it is pasted, and then it is gone."""
    lines = doctor.lines(check, level, text)
    done = paste(lines[0], site) if lines else None
    after = Doctor(site)
    t.ok(done and done.returncode == 0 and not after.has(check, level, text), name, [doctor.wrong(), done, after.of(check)])


# ---- files ------------------------------------------------------------------------------------

def check_modes(t, site):
    found(t, Doctor(site), 'configuration-file', 'note', 'anybody may read it', 'a configuration for everybody to read is noted')
    folder = f"{site.dir}/media/it's here"
    os.mkdir(folder)
    open(f'{folder}/picture.jpg', 'w', encoding='ascii').close()
    os.chmod(f'{folder}/picture.jpg', 0o600)
    site.sign_in()      # it makes the key
    for path, mode in ((site.conf, 0o666), (f'{site.dir}/starpunk.db', 0o644), (f'{site.dir}/starpunk.key', 0o640)):
        os.chmod(path, mode)
    bad = Doctor(site)
    mended(t, site, bad, 'configuration-file', 'error', 'anybody may write it (mode 0666)', 'a configuration for everybody to write is found and mended')
    mended(t, site, bad, 'database-files', 'warning', 'starpunk.db: anybody may read it', 'a database for everybody to read is found and mended')
    mended(t, site, bad, 'key', 'error', 'mode 0640', 'a key that others may read is found and mended')
    mended(t, site, bad, 'media-files', 'warning', 'such as picture.jpg', 'media that the front server cannot read are found and mended')
    shutil.rmtree(folder)


def check_reload(t, site):
    os.utime(site.conf, (time.time() + 5, time.time() + 5))
    found(t, Doctor(site), 'reload', 'warning', 'has been changed since', 'a configuration newer than the program is found', f'kill -HUP {site.process.pid}')
    os.utime(site.conf)
    bad = Doctor(site)
    before = set(site.workers())
    paste(bad.lines('reload', 'warning', 'has been changed')[0], site)
    t.ok(wait_for(lambda: not before & set(site.workers()) and Doctor(site).of('reload', 'ok')), 'and read by the line beside it')
    os.utime(site.conf)
    before = set(site.workers())
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    t.ok(wait_for(lambda: len(set(site.workers()) - before) == 2), 'workers that die are replaced')
    found(t, Doctor(site), 'reload', 'warning', 'has been changed since', 'and have the configuration that was read before it was changed')
    os.utime(site.conf, (1, 1))
    t.ok(Doctor(site).of('reload', 'ok'), 'one that is older than the program is no finding')


def check_libraries(t, site):
    no_fts5 = Doctor(site, env=preloaded(site, 'no_fts5.so'))
    found(t, no_fts5, 'search', 'warning', 'no FTS5', 'a SQLite without FTS5 is found, with the setting that does without', 'search_engine = "like"')
    number = tuple(int(n) for n in no_fts5.of('sqlite')[0]['finding'].split(':')[0].split('.'))
    old = number < (3, 51, 3)
    t.ok(no_fts5.has('sqlite', 'note' if old else 'ok', 'two processes checkpoint' if old else '3.'), 'a SQLite with the defect of its write-ahead log is noted, and no other',
         no_fts5.of('sqlite'))
    newer = Doctor(site, env=preloaded(site, 'new_sqlite.so'))
    t.ok(newer.of('sqlite', 'ok'), 'a later one is well', newer.of('sqlite'))


def check_configuration(t, site):
    theme = f'{site.dir}/theme'
    os.makedirs(f'{theme}/templates')
    with open(f'{theme}/templates/error.html', 'w', encoding='ascii') as f:
        f.write('{{#nothing}}')
    site.write_config(theme_path=theme, media_helper='/bin/true')
    bad = Doctor(site)
    found(t, bad, 'theme', 'warning', 'error.html', "a theme's fault is found")
    t.has(paste(bad.lines('theme', 'warning', 'error.html')[0], site).stdout, 'error.html', 'and what lists them all is named')
    found(t, Doctor(site, env={'STARPUNK_SANDBOX': 'off'}), 'kernel', 'note', 'sandbox is off', 'a sandbox that is switched off is noted', 'sandbox = on')
    found(t, bad, 'helpers', 'warning', 'starpunk-media ended with 0', 'a helper that is none is found', 'timeout 5 /bin/true probe; echo $?')
    site.write_config(theme_path='', media_helper='', media_path=f'{site.dir}/no where')
    mended(t, site, Doctor(site), 'places', 'error', 'media_path', 'a directory that is missing is found and made')
    site.write_config(media_path=f'{site.dir}/media')
    with open(site.conf, 'a', encoding='utf-8') as f:
        f.write('worker_thread = 3\n')
    refused = Doctor(site)
    found(t, refused, 'configuration', 'error', "did you mean 'worker_threads'?", 'an unknown key is found, with the nearest')
    t.eq(refused.status, 3, 'a refused configuration has an exit status of its own')
    t.ok(refused.of('sqlite') and refused.of('kernel'), 'and what does not need one is looked at all the same')
    t.ok({'database', 'program', 'authorization'} <= set(refused.json['unseen']), 'what needs one is said to be unseen', refused.json['unseen'])
    t.eq(paste(refused.lines('configuration', 'error', 'worker_threads')[0], site).returncode, 3, 'the command that looks again is named')
    lines = site.starpunk('doctor', check=False).stdout.splitlines()
    t.ok(lines[0].startswith('1 error,') and lines[2].startswith('error   configuration '), 'people read of it first', lines)
    with open(site.conf, 'w', encoding='utf-8') as f:
        f.write('}{')
    t.eq(Doctor(site).status, 3, 'a file that is no configuration is refused as well')
    os.rename(site.conf, site.conf + '.away')
    t.eq(Doctor(site).status, 3, 'and one that is not there')
    site.write_config()


# ---- disks ------------------------------------------------------------------------------------

@contextlib.contextmanager
def mounted(path, options):
    """A small file system of its own there; None: this is nobody who can mount one."""
    os.makedirs(path, exist_ok=True)
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'mode=0755,{options}', 'none', path], capture_output=True, check=False)
    try:
        yield path if done.returncode == 0 else None
    finally:
        if done.returncode == 0:
            subprocess.run(['umount', '-l', path], check=False)


def check_disks(t, site):
    path = f'{site.dir}/disk'
    site.write_config(media_path=path)
    with mounted(path, 'size=100m') as disk:
        if not disk:
            t.skip('only root can mount', 'disks that are nearly full, full and read-only')
            site.write_config(media_path=f'{site.dir}/media')
            return
        found(t, Doctor(site), 'disk', 'warning', f'{disk}: 100 MiB free', 'a disk that is nearly full is a warning')
        with open(f'{disk}/full', 'wb') as f:
            f.write(bytes(90 * 1024 * 1024))
        bad = Doctor(site)
        found(t, bad, 'disk', 'error', f'{disk}: 10 MiB free', 'one with too little room for a post an error')
        t.has(paste(bad.lines('disk', 'error', disk)[0], site).stdout, f'{disk}', 'what takes the room is shown by the line beside it')
        os.remove(f'{disk}/full')
        subprocess.run(['mount', '-o', 'remount,ro', disk], check=True)
        bad = Doctor(site)
        mended(t, site, bad, 'disk', 'error', f'{disk}: its file system is mounted read-only', 'one that is mounted read-only is found, and mounted again')
        t.ok(bad.has('places', 'error', disk), 'that the site cannot write there is said, too', bad.of('places'))
        stored = bad.one('media-files', 'error', disk)
        t.ok(stored and 'nginx' not in stored['remedy'], 'and the front server is not blamed for it', stored)
    with mounted(path, 'size=600m,nr_inodes=1') as disk:
        found(t, Doctor(site), 'disk', 'error', 'no inode left', 'one without an inode left is found', f'df -i {disk}')
    site.write_config(media_path=f'{site.dir}/media')
    with mounted(f'{site.dir}/logs', 'size=1m') as disk:
        site.write_config(log_file=f'{disk}/starpunk.log')
        found(t, Doctor(site), 'disk', 'error', f'{disk}: ', 'the disk of the log is looked at, too')
        site.write_config(log_file=site.log_file)


# ---- what hangs -------------------------------------------------------------------------------

def check_hangs(t, site):
    """All at once: each takes as long as the doctor has patience."""
    sleeper = f'{site.dir}/sleeper'
    with open(sleeper, 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\nexec sleep 300\n')
    os.chmod(sleeper, 0o755)
    os.makedirs(f'{site.dir}/slow', exist_ok=True)
    shutil.copy(sleeper, f'{site.dir}/slow/systemctl')
    with socket.create_server(('127.0.0.1', 0)) as silent, concurrent.futures.ThreadPoolExecutor() as pool:
        disk = pool.submit(Doctor, site, env=preloaded(site, 'hang.so'))
        front = pool.submit(Doctor, site, '--url', f'http://localhost:{silent.getsockname()[1]}/')
        helper = pool.submit(Doctor, site, env={'STARPUNK_FETCH_HELPER': sleeper, 'STARPUNK_MEDIA_HELPER': sleeper})
        systemd = pool.submit(Doctor, site, env={'PATH': f'{site.dir}/slow:' + site.env['PATH']})
        disk, front, helper, systemd = (f.result() for f in (disk, front, helper, systemd))
    found(t, disk, 'disk', 'error', 'looking at it does not end', 'a file system that does not answer is found, and not waited for')
    t.ok(disk.of('configuration', 'ok'), 'and what was found before is said')
    found(t, front, 'front-server', 'error', 'no answer came in time', 'a front server that does not answer is found')
    found(t, helper, 'helpers', 'error', 'starpunk-media: it does not end', 'a helper that hangs is found and killed')
    t.ok(not helper.of('front-server') and not helper.of('site-url') and 'authorization' in helper.json['unseen'],
         'and what could not be asked without it is not blamed', helper.wrong())
    found(t, systemd, 'service', 'warning', 'does not answer', 'a systemd that does not answer is found')
    t.ok(all(d.seconds < 60 for d in (disk, front, helper, systemd)), 'none takes a minute')


# ---- systemd ----------------------------------------------------------------------------------

def systemctl(site, **properties):
    """A look with a systemctl before it that says so of the unit; without properties, as where there is no systemd."""
    bin_path = f'{site.dir}/bin'
    os.makedirs(bin_path, exist_ok=True)
    with open(f'{bin_path}/systemctl', 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\n')
        if properties:
            f.write('cat <<END\n' + ''.join(f'{k}={v}\n' for k, v in properties.items()) + 'END\n')
        else:
            f.write('echo "System has not been booted with systemd as init system (PID 1). Can\'t operate." >&2\nexit 1\n')
    os.chmod(f'{bin_path}/systemctl', 0o755)
    return Doctor(site, env={'PATH': f'{bin_path}:' + site.env['PATH']})


UNIT = {'LoadState': 'loaded', 'ActiveState': 'active', 'NRestarts': 0, 'Result': 'success', 'ExecMainStatus': 0, 'UnitFileState': 'enabled', 'NeedDaemonReload': 'no'}


def check_service(t, site):
    t.ok(systemctl(site, **UNIT).of('service', 'ok'), 'an active unit is well')
    found(t, systemctl(site, **{**UNIT, 'NRestarts': 7}), 'service', 'warning', 'restarted 7 times', 'one that had to be restarted is found')
    found(t, systemctl(site, **{**UNIT, 'ActiveState': 'inactive'}), 'service', 'note', 'started in another way', 'one that another start makes needless is noted')
    found(t, systemctl(site, **{**UNIT, 'UnitFileState': 'disabled'}), 'service', 'warning', 'does not start with the machine', 'one that is not enabled is found',
          'systemctl enable starpunk.socket starpunk.service')
    found(t, systemctl(site, **{**UNIT, 'NeedDaemonReload': 'yes'}), 'service', 'warning', 'systemd has not read it', 'one whose file was changed is found',
          'systemctl daemon-reload && systemctl restart starpunk.service')
    t.eq(systemctl(site, **{**UNIT, 'LoadState': 'not-found', 'ActiveState': 'inactive'}).of('service'), [], 'where there is no unit nothing is said of it')
    t.eq(systemctl(site).of('service'), [], 'nor where there is no systemd')


def check_service_down(t, site):
    failed = systemctl(site, **{**UNIT, 'ActiveState': 'failed', 'Result': 'exit-code', 'ExecMainStatus': 3})
    found(t, failed, 'service', 'error', 'the unit is failed (exit-code, exit status 3)', 'a unit that has failed is found, with the way to what it said',
          'journalctl -u starpunk -n 20 --no-pager')
    t.ok('systemctl start starpunk.socket starpunk.service' in failed.lines('program', 'error', 'no program runs'), 'and the way to start it is systemd', failed.of('program'))
    found(t, systemctl(site, **{**UNIT, 'LoadState': 'masked', 'ActiveState': 'inactive'}), 'service', 'error', 'is masked', 'one that is masked is found',
          'systemctl unmask starpunk.service')


# ---- the program ------------------------------------------------------------------------------

def courier_pid(site):
    return int(re.search(r'^ *courier +([0-9]+)', site.starpunk('stats').stdout, re.M)[1])


def check_courier(t, site):
    courier = courier_pid(site)
    os.kill(site.process.pid, signal.SIGSTOP)   # else it starts another one
    try:
        os.kill(courier, signal.SIGKILL)
        bad = wait_for(lambda: (d := Doctor(site)).of('courier', 'error') and d)
        t.ok(bad and bad.has('courier', 'error', 'does not run'), 'a courier that is gone is found')
    finally:
        os.kill(site.process.pid, signal.SIGCONT)


def check_jobs(t, site):
    with contextlib.closing(sqlite3.connect(f'{site.dir}/starpunk.db', timeout=20)) as db, db:
        db.execute("INSERT INTO job (id, kind, subject, due, attempts, problem, created) VALUES (77, 'variants', 1, 0, 9, 'no such file', 1)")
    bad = Doctor(site)
    found(t, bad, 'jobs', 'warning', '1 given up', 'a job that was given up is found')
    t.has(paste(bad.lines('jobs', 'warning', 'given up')[0], site).stdout, 'no such file', 'and the line beside it says why')
    with contextlib.closing(sqlite3.connect(f'{site.dir}/starpunk.db', timeout=20)) as db, db:
        db.execute('DELETE FROM job')


def check_writers(t, site):
    """Somebody with the database's shell who has forgotten a transaction."""
    with contextlib.closing(sqlite3.connect(f'{site.dir}/starpunk.db', isolation_level=None)) as db:
        db.execute('BEGIN IMMEDIATE')
        bad = Doctor(site)
        db.execute('ROLLBACK')
        found(t, bad, 'database', 'error', 'nobody can write', 'a lock of writers that somebody keeps is found', f'ps -fp {os.getpid()}')
    t.ok(Doctor(site).of('database', 'ok'), 'and only as long as it is kept')


def fronts_running(name):
    """Processes of that front server on this machine, whoever started them."""
    pids = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        with contextlib.suppress(OSError), open(f'/proc/{pid}/status', encoding='utf-8') as f:
            text = f.read()
            if text.startswith(f'Name:\t{name}') and 'State:\tZ' not in text:
                pids.append(pid)
    return pids


def check_kept_connections(t, site):
    """nginx without the right to pass modes that the tests give it otherwise: it goes on by the connections that it has."""
    subprocess.run([os.path.join(SRC, 'tools', 'front'), 'stop', site.dir], check=False)
    name = 'a socket that nginx could not connect to again is found, though it is still answered'
    if site.front != 'nginx' or os.geteuid() != 0 or not reachable('www-data') or fronts_running('nginx'):
        t.skip('it takes root, files that www-data may read, and no other nginx on the machine', name)
        site.start_front()
        return
    for path in (site.dir, f'{site.dir}/log', f'{site.dir}/tmp'):
        os.chmod(path, 0o777)
    for path in os.listdir(f'{site.dir}/log'):
        os.chmod(f'{site.dir}/log/{path}', 0o666)
    shutil.chown(site.socket, group='www-data')
    subprocess.run(['setpriv', '--reuid=www-data', '--regid=www-data', '--init-groups', 'nginx', '-e', f'{site.dir}/log/nginx-error.log', '-c', f'{site.dir}/nginx.conf'],
                   env=dict(os.environ, PATH=os.environ['PATH'] + ':/usr/sbin'), check=True, capture_output=True)
    t.ok(wait_for(lambda: site.get('/health').status == 200) and Doctor(site).of('socket', 'ok'), 'a socket of its group is well')
    os.chmod(site.socket, 0o600)
    bad = Doctor(site)
    mended(t, site, bad, 'socket', 'error', 'lives on connections that it has kept', name)
    subprocess.run([os.path.join(SRC, 'tools', 'front'), 'stop', site.dir], check=False)
    for path in (site.dir, f'{site.dir}/log'):
        os.chmod(path, 0o755)
    site.start_front()


def check_socket(t, site):
    subprocess.run([os.path.join(SRC, 'tools', 'front'), 'stop', site.dir], check=False)
    for path, bits in ((site.socket, 0o600), (f'{site.dir}/run', 0o700)):
        os.chmod(path, bits)
        mended(t, site, Doctor(site), 'socket', 'error', f'{path} is closed to', f'{os.path.basename(path)} that is closed to the front server is found and opened')
    site.start_front()


def check_stopped(t, site):
    site.stop_program()
    stopped = wait_for(lambda: (d := Doctor(site)).of('front-server', 'error') and d)
    found(t, stopped, 'program', 'error', 'no program runs', 'a program that does not run is found')
    found(t, stopped, 'front-server', 'error', 'which does not run', 'and that the front server says so')
    found(t, stopped, 'socket', 'error', 'nobody listens there', 'and that nobody listens')
    t.ok(not any('upstream' in f['remedy'] or 'server unix' in ' '.join(f['try']) for f in stopped.of('front-server')), 'which is not blamed for that',
         stopped.of('front-server'))
    t.ok(stopped.of('database', 'ok'), 'the database is looked at without it')
    check_service_down(t, site)
    with open(f'{site.dir}/starpunk.db-wal', 'wb') as f:
        f.truncate(70 * 1024 * 1024)
    found(t, Doctor(site), 'wal', 'warning', '70 MiB', 'a write-ahead log that has grown is found')
    os.remove(f'{site.dir}/starpunk.db-wal')
    command = stopped.lines('program', 'error', 'no program runs')[-1]
    with subprocess.Popen(['sh', '-c', 'exec ' + command], env=site.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        t.ok(wait_for(lambda: site.get('/health').status == 200), 'the line that starts it starts it')
        started.terminate()


def check_database(t, site):
    """Of a site that does not run."""
    path = f'{site.dir}/starpunk.db'
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute('PRAGMA locking_mode=EXCLUSIVE')
        db.execute('BEGIN EXCLUSIVE')
        locked = Doctor(site)
        found(t, locked, 'database', 'error', '', 'a database that another program keeps to itself is found')
        shown = paste(locked.lines('database', 'error', '')[0], site).stdout
        t.has(shown, str(os.getpid()), 'and the line beside it shows which')
    shutil.move(path, f'{site.dir}/kept')
    with open(path, 'wb') as f:
        f.write(b'garbage ' * 4096)
    found(t, Doctor(site), 'database', 'error', '', 'a database that is garbage is found')
    os.remove(path)
    gone = Doctor(site)
    found(t, gone, 'database', 'error', 'there is no database', 'one that is gone is found, and asked whether its disk is there', f'findmnt -T {site.dir}')
    t.ok({'front-server', 'site-url'} <= set(gone.json['unseen']), 'nobody can be asked without a key, and that is said', gone.json['unseen'])
    done = paste(gone.lines('database', 'error', 'there is no database')[-1], site)
    t.ok(done.returncode == 0 and os.path.exists(path), 'and the line beside it makes one', done)
    os.replace(f'{site.dir}/kept', path)


def can_be_another():
    """True if a user of the system's could run the site out of this tree."""
    look = ['setpriv', '--reuid=www-data', '--regid=www-data', '--clear-groups', 'test', '-r', f'{SRC}/share/templates/error.html', '-a', '-x', PROGRAM]
    return os.geteuid() == 0 and shutil.which('setpriv') and subprocess.run(look, check=False).returncode == 0


def check_upgrade(t):
    """A site whose program is a copy that is replaced, as by a package. Its processes show themselves to nobody but root, so it has a user of its own if it can."""
    with Site(fronts()[0], start=False, max_media_size='2MiB', media_helper=f'{os.path.abspath(BUILD)}/starpunk-media', fetch_helper=f'{os.path.abspath(BUILD)}/starpunk-fetch') as site:
        copy = f'{site.dir}/starpunk'
        shutil.copy2(PROGRAM, copy)
        wrap = f'{site.dir}/start'
        with open(wrap, 'w', encoding='utf-8') as f:
            f.write(f'#!/bin/sh\nshift\nexec {copy} "$@"\n')
        os.chmod(wrap, 0o755)
        site.wrap = [wrap]
        if can_be_another():
            subprocess.run(['chown', '-R', 'www-data:www-data', site.dir], check=True)
            site.write_config(user='www-data')
        site.init()
        site.start()
        t.ok(Doctor(site, program=copy).of('program', 'ok'), 'a program that runs from its file is well')
        shutil.copy2(PROGRAM, f'{copy}.new')
        os.rename(f'{copy}.new', copy)
        bad = Doctor(site, program=copy)
        found(t, bad, 'program', 'warning', 'has been replaced since it was started', 'one that was replaced while it runs is found')
        lines = bad.lines('program', 'warning', 'replaced')
        t.ok(lines and lines[0].startswith(f'kill {site.process.pid};'), 'with what restarts it', lines)


with Tap() as t:
    with Site(fronts()[0], max_media_size='2MiB') as site:
        check_modes(t, site)
        check_reload(t, site)
        check_libraries(t, site)
        check_service(t, site)
        check_configuration(t, site)
        check_hangs(t, site)
        check_disks(t, site)
        check_jobs(t, site)
        check_writers(t, site)
        check_kept_connections(t, site)
        check_courier(t, site)
        check_socket(t, site)
        check_stopped(t, site)
        check_database(t, site)
    check_upgrade(t)
