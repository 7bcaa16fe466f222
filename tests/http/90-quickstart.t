#!/usr/bin/env python3
"""quickstart itself: what it prints works as printed, what it refuses it explains, what it starts it stops."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import BUILD, SRC, Tap, free_port, fronts, request, wait_for

# SP_BUILD: this program, and nothing installed or built.
ENV = {k: v for k, v in os.environ.items() if not k.startswith('STARPUNK_')}
ENV['SP_BUILD'] = BUILD


def command(*args):
    return [os.path.join(SRC, 'quickstart'), *args]


def quickstart(*args, **env):
    return subprocess.run(command(*args), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env={**ENV, **env}, timeout=120, check=False)


def processes():
    """Parent and state of each process: {pid: (ppid, state)}."""
    found = {}
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/stat', encoding='utf-8', errors='replace') as f:
                state, parent = f.read().rpartition(')')[2].split()[:2]
        except (OSError, ValueError):
            continue
        found[int(name)] = (int(parent), state)
    return found


def family(*files):
    """The processes whose ids are in the files, and all that they have started."""
    pids = set()
    for path in files:
        with open(path, encoding='ascii') as f:
            pids.add(int(f.read()))
    now, before = processes(), 0
    while len(pids) != before:
        before = len(pids)
        pids |= {pid for pid, (parent, _) in now.items() if parent in pids}
    return pids


def alive(pids):
    now = processes()
    return [pid for pid in pids if pid in now and now[pid][1] != 'Z']


def printed_curl(out):
    found = re.search(r'^ +(curl .*)$', out, re.M)
    return found.group(1) if found else 'false'


def first_start(t, site, front, port):
    done = quickstart('--dir', site, '--port', str(port), '--front', front, '--detach')
    t.eq(done.returncode, 0, f'{front}: the first start comes up') or t.diag(done.stdout + done.stderr)
    url = f'http://localhost:{port}/'
    t.has(done.stdout, f'StarPunk runs at {url}', f'{front}: it prints the URL')
    t.ok(re.search(r'password \(shown once\): +\S{16,}', done.stdout), f'{front}: and the password', done.stdout)
    t.ok(re.search(r'token \(shown once\): +sp_\S+', done.stdout), f'{front}: and a token', done.stdout)
    shown = re.search(r'^ +Sign in and write: +(\S+)$', done.stdout, re.M)
    t.eq(shown and shown[1], f'{url}admin', f'{front}: and where to sign in')
    if shutil.which('curl'):
        posted = subprocess.run(['sh', '-c', printed_curl(done.stdout)], capture_output=True, text=True, check=False)
        t.ok(' 201 ' in posted.stdout.split('\n', maxsplit=1)[0], f'{front}: the curl line posts a note as printed', posted)
        t.has(request(port, 'GET', '/').text, 'Hello from StarPunk', f'{front}: which the home page shows')
    got = request(port, 'GET', '/static/style.css')
    t.eq((got.status, got.header('Content-Type')), (200, 'text/css; charset=utf-8'), f'{front}: static files arrive')
    t.ok(all(os.path.exists(f'{site}/{name}.pid') for name in ('starpunk', front)), f'{front}: there are pid files', os.listdir(site))
    return done


def again(t, site, front, port, other):
    before = time.monotonic()
    done = quickstart('--dir', site, '--detach')
    t.diag(f'a second start took {time.monotonic() - before:.2f} s')
    t.ok(done.returncode == 0 and f'StarPunk runs at http://localhost:{port}/' in done.stdout
         and 'shown once' not in done.stdout, f'{front}: a second start finds it running, and has no secrets to show', done)
    for args in (['--front', other], ['--port', str(free_port())]):
        done = quickstart('--dir', site, '--detach', *args)
        t.ok(done.returncode == 1 and f'runs behind {front} on port {port}: stop it first' in done.stderr,
             f'{front}: {args[0]} of another kind is refused while it runs', done)
    t.eq(request(port, 'GET', '/health').status, 200, f'{front}: which it still does')


def stop(t, site, front):
    pids = family(f'{site}/starpunk.pid', f'{site}/{front}.pid')
    t.ok(len(pids) > 4, f'{front}: it is several processes', pids)
    done = quickstart('stop', '--dir', site)
    t.eq((done.returncode, done.stdout), (0, f'Stopped the site in {site}\n'), f'{front}: stop')
    # The front server's own children may be a moment behind their master.
    left = [] if wait_for(lambda: not alive(pids), 10) else alive(pids)
    t.eq(left, [], f'{front}: ends all of them')
    t.eq(quickstart('stop', '--dir', site).returncode, 0, f'{front}: stopping twice is no mistake')


def cache(t, site, port):
    done = quickstart('--dir', site, '--cache', '--detach')
    how = lambda: request(port, 'GET', '/').header('Cache-Status')
    t.ok(done.returncode == 0 and how() == 'nginx; fwd=miss', '--cache: the first visitor is answered by the program', done)
    # nginx keeps a page a moment after it has sent it.
    t.ok(wait_for(lambda: how() == 'nginx; hit', 10), '--cache: later ones by nginx alone')
    quickstart('stop', '--dir', site)
    done = quickstart('--dir', site, '--cache', '--front', 'apache', '--detach')
    t.ok(done.returncode == 1 and '--cache is for nginx' in done.stderr, '--cache with Apache is refused', done)


def refusals(t, top):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = quickstart('--dir', f'{top}/other', '--port', str(port), '--detach')
        t.ok(done.returncode == 1 and f'port {port} is taken by another program: choose another with --port' in done.stderr,
             'a taken port is refused', done)
        t.ok(not os.path.exists(f'{top}/other/starpunk.db'), 'before anything is made')
    for args, says in ((['--port', 'x'], '--port takes a number'), (['--front', 'iis'], '--front takes nginx, apache, lighttpd or caddy'),
                       (['stop', '--dir', f'{top}/none'], 'there is no site in')):
        done = quickstart(*args)
        t.ok(done.returncode == 1 and says in done.stderr, f'{" ".join(args[:2])} is refused', done)
    t.eq(quickstart('--dance').returncode, 2, 'an unknown option is wrong usage')
    t.has(quickstart('--help').stdout, 'SP_BUILD', 'help tells of SP_BUILD')
    done = quickstart('--dir', f'{top}/other', '--port', str(free_port()), '--detach', SP_BUILD=f'{top}/none')
    t.ok(done.returncode == 1 and f'there is no program at {top}/none/starpunk' in done.stderr, 'SP_BUILD without a program is refused', done)


def failing_start(t, site):
    for name in ('start.log', 'starpunk.log'):
        with open(f'{site}/log/{name}', 'a', encoding='utf-8') as f:
            f.write('{"message":"of long ago"}\n')
    with open(f'{site}/starpunk.conf', 'r+', encoding='utf-8') as f:
        good = f.read()
        f.write('workers = many\n')
    done = quickstart('--dir', site, '--detach')
    with open(f'{site}/starpunk.conf', 'w', encoding='utf-8') as f:
        f.write(good)
    t.ok(done.returncode == 1 and 'the site did not come up' in done.stderr, 'a start that fails says so', done)
    t.has(done.stderr, "workers: 'many'", 'and why')
    t.ok('of long ago' not in done.stderr, 'and shows nothing of earlier starts', done.stderr)
    t.ok(not os.path.exists(f'{site}/starpunk.pid'), 'and leaves nothing running')


def foreground(t, site):
    with subprocess.Popen(command('--dir', site), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=ENV) as shown:
        said = shown.stdout.readline()
        t.has(said, 'StarPunk runs at', 'without --detach it stays')
        pids = family(f'{site}/starpunk.pid')
        t.eq(shown.poll(), None, 'in the foreground')
        shown.send_signal(signal.SIGTERM)
        t.eq(shown.wait(60), 0, 'until it is told to end')
    t.eq(alive(pids), [], 'with its site')


def ended_early(t, site, front):
    """Who has changed their mind before the site is up."""
    with subprocess.Popen(command('--dir', site), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=ENV) as started:
        t.ok(wait_for(lambda: os.path.exists(f'{site}/starpunk.pid') and os.path.getsize(f'{site}/starpunk.pid') > 0, 30), 'a start has begun')
        pids = family(f'{site}/starpunk.pid')
        started.send_signal(signal.SIGTERM)
        t.ok(started.wait(60) in (0, 1), 'and is ended', started.returncode)
    t.eq(alive(pids), [], 'it leaves no site running')
    t.eq([name for name in os.listdir(site) if name.endswith('.pid')], [], f'and no {front}')


with Tap() as t:
    top = os.path.realpath(tempfile.mkdtemp(prefix='sp-', dir=os.environ.get('SP_TEST_TMPDIR', '/tmp')))
    os.chmod(top, 0o755)
    try:
        for front in fronts():
            site, port = f'{top}/{front}', free_port()
            first_start(t, site, front, port)
            again(t, site, front, port, 'apache' if front == 'nginx' else 'nginx')
            stop(t, site, front)
            if front == 'nginx':
                cache(t, site, port)
        refusals(t, top)
        failing_start(t, site)
        foreground(t, site)
        ended_early(t, site, front)
    finally:
        for name in os.listdir(top):
            quickstart('stop', '--dir', f'{top}/{name}')
        shutil.rmtree(top, ignore_errors=True)
