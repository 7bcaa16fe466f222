#!/usr/bin/env python3
"""Starting: a wrong configuration refuses, and names key, place and remedy. Commands and exit codes."""

import json
import os
import pwd
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import PROGRAM, SRC, Site, Tap, wait_for


def refused(t, site, what, *parts, code=3):
    site.start_program()
    wait_for(lambda: site.process.poll() is not None, 30)
    status = site.stop_program()
    with open(os.path.join(site.dir, 'log', 'start.log'), encoding='utf-8') as f:
        said = f.read()
    with open(os.path.join(site.dir, 'log', 'start.log'), 'w', encoding='utf-8'):
        pass
    t.eq(status, code, f'{what}: exit status {code}')
    for part in parts:
        t.has(said, part, f'{what}: says {part!r}')


def directories(t, site):
    """init makes missing directories for who runs it; root is told how to make them for the site's user."""
    fresh = site.dir + '/fresh'
    user = site.config.pop('user', None)
    site.write_config(database_path=fresh + '/starpunk.db', media_path=fresh + '/media', user='nobody')
    done = site.starpunk('init', '--password-stdin', stdin=site.password + '\n', check=False)
    if os.geteuid() == 0:
        t.eq((done.returncode, os.path.exists(fresh)), (1, False), 'init as root does not make the site\'s directories')
        t.has(done.stderr, f'install -d -o nobody -g nogroup -m 755 {fresh} {fresh}/media\n', 'but says how to, by the names of the user')
        os.mkdir(fresh)
        done = site.starpunk('init', '--password-stdin', stdin=site.password + '\n', check=False)
        t.has(done.stderr, f'-m 755 {fresh} {fresh}/media\n', 'a directory of root\'s is none for the user')
        os.chown(fresh, pwd.getpwnam('nobody').pw_uid, -1)
        done = site.starpunk('init', '--password-stdin', stdin=site.password + '\n', check=False)
        t.has(done.stderr, f'-m 755 {fresh}/media\n', 'and only what is missing is named')
        site.write_config(user='nobody-of-that-name')
        done = site.starpunk('init', '--password-stdin', stdin=site.password + '\n', check=False)
        t.ok(done.returncode == 3 and 'no such user' in done.stderr and 'adduser' in done.stderr, 'a user that is missing is said to be', done.stderr)
    else:
        t.eq((done.returncode, os.path.exists(fresh + '/media')), (0, True), 'init makes the directories of who runs it')
        t.eq(os.stat(fresh).st_mode & 0o777, 0o750, 'that of the database is not for everybody')
        t.eq(os.stat(fresh + '/media').st_mode & 0o777, 0o755, 'that of the media is')
    if user:
        site.config['user'] = user


def problems_json(t, site, base):
    """config check --json: the list of problems, with the exit status of the words."""
    done = site.starpunk('config', 'check', '--json')
    t.eq((done.stdout, done.stderr), ('[]\n', ''), 'config check --json: no problems')
    site.write_config(worker_thread='4', log_level='loud')
    site.env['STARPUNK_WORKER'] = '2'
    done = site.starpunk('config', 'check', '--json', check=False)
    del site.env['STARPUNK_WORKER']
    lines = len(site.config)
    problems = json.loads(done.stdout)
    t.eq(done.returncode, 3, 'config check --json: exit status 3')
    t.eq([(p['place'], p['key']) for p in problems],
         [(f'{site.conf}:{lines - 1}', 'worker_thread'), (f'{site.conf}:{lines}', 'log_level'), ('environment', 'STARPUNK_WORKER')],
         'config check --json: each problem with place and key')
    t.ok(all(set(p) == {'place', 'key', 'problem'} for p in problems), 'config check --json: and what it is', problems)
    t.has(problems[0]['problem'], "did you mean 'worker_threads'?", 'config check --json: with the remedy')
    t.ok('refused' in done.stderr and '{' not in done.stderr, 'config check --json: the outcome in words too', done.stderr)
    site.config = dict(base)
    site.write_config(media_path='/nonexistent/media')
    done = site.starpunk('config', 'check', '--json', check=False)
    t.eq((done.returncode, [p['key'] for p in json.loads(done.stdout)]), (3, ['media_path']), 'config check --json: what it points to')
    with open(site.conf, 'a', encoding='utf-8') as f:
        f.write('what is "this"\n')
    done = site.starpunk('config', 'check', '--json', check=False)
    t.ok(json.loads(done.stdout)[0]['key'] is None, 'config check --json: what is about no key', done)
    site.config = dict(base)
    site.write_config()


def reloads(t, site):
    """What the unit's ExecReload does: look at the configuration, then replace the workers."""
    with open(os.path.join(SRC, 'etc', 'systemd', 'starpunk.service.in'), encoding='utf-8') as f:
        steps = [line.strip().split('=', 1)[1] for line in f if line.startswith('ExecReload=')]
    t.ok(len(steps) == 2 and steps[1].endswith('kill -HUP $MAINPID'), 'the unit checks, then sends HUP', steps)
    look = steps[0].replace('@bindir@/starpunk', PROGRAM).replace('@sysconfdir@/starpunk/starpunk.conf', site.conf).split()
    t.eq(subprocess.run(look, capture_output=True, env=site.env, check=False).returncode, 0, 'a good configuration passes')
    site.start_program()
    t.ok(site.wait_log('supervisor_started'), 'the site is up')
    site.process.send_signal(signal.SIGHUP)
    done = site.wait_log('supervisor_reloaded')
    t.ok(done and done[0]['workers'] == 2, 'the end of a reload is logged', done)
    site.write_config(workers='many')
    refused_now = subprocess.run(look, capture_output=True, text=True, env=site.env, check=False)
    t.ok(refused_now.returncode == 3 and 'workers' in refused_now.stderr, 'a bad configuration stops the reload', refused_now)
    t.eq(site.stop_program(), 0, 'the site stops')


def one_site_each(t, site):
    """A configuration that was copied and has another socket would count in the first site's metrics and take its pid file."""
    site.start_program()
    t.ok(site.wait_log('supervisor_started', pid=site.process.pid), 'a site runs')
    segment = os.stat(site.dir + '/run/metrics.shm').st_ino
    other = {**site.env, 'STARPUNK_LISTEN': site.dir + '/run/other.sock'}
    second = subprocess.run([PROGRAM, '--config', site.conf, 'serve'], capture_output=True, text=True, env=other, timeout=60, check=False)
    t.eq(second.returncode, 1, 'another with the same runtime_path does not start')
    t.has(second.stderr, f'starpunk.pid is that of the running process {site.process.pid}: each site needs a runtime_path of its own', 'it is told why')
    with open(site.dir + '/run/starpunk.pid', encoding='utf-8') as f:
        t.eq(int(f.read()), site.process.pid, 'the first keeps its pid file')
    t.eq(os.stat(site.dir + '/run/metrics.shm').st_ino, segment, 'and its metrics')
    t.eq(os.path.exists(site.dir + '/run/other.sock'), False, 'and no socket is left behind')
    children = [pid for role in ('worker', 'courier', 'logger') for pid in site.processes(role)]
    os.kill(site.process.pid, signal.SIGKILL)
    site.stop_program()
    t.ok(children and wait_for(lambda: not any(os.path.exists(f'/proc/{pid}') for pid in children), 60), 'who is killed takes all the rest along')
    site.start_program()
    t.ok(site.wait_log('supervisor_started', pid=site.process.pid), 'and keeps nobody out')
    t.eq(site.stop_program(), 0, 'the site stops')


with Tap() as t:
    with Site('nginx', start=False) as site:
        site.init()
        base = dict(site.config)

        def case(what, changes, *parts, code=3, env=None):
            site.config = dict(base)
            site.write_config(**changes)
            site.env.update(env or {})
            refused(t, site, what, *parts, code=code)
            for name in env or {}:
                del site.env[name]

        case('an unknown key', {'worker_thread': '4'}, 'starpunk.conf:', 'worker_thread', "'worker_threads'")
        case('a bad unit', {'db_busy_timeout': '5 parsecs'}, 'db_busy_timeout', 'starpunk.conf:')
        case('a number out of range', {'worker_threads': '0'}, 'worker_threads')
        case('a missing directory', {'media_path': '/nonexistent/media'}, 'media_path', '/nonexistent/media')
        case('an unknown zone', {'timezone': 'Mars/Olympus'}, 'starpunk.conf:', "timezone: no time zone 'Mars/Olympus'", 'tzdata')
        case('a misspelt variable', {}, 'STARPUNK_METRICS_SAMPLING_RATES', 'STARPUNK_METRICS_SAMPLING_RATE',
             env={'STARPUNK_METRICS_SAMPLING_RATES': '1.0'})
        case('two mistakes', {'worker_thread': '4', 'log_level': 'loud'}, 'worker_thread', 'log_level')
        case('a site_url with a path', {'site_url': site.url + 'blog'}, 'site_url', 'must not have a path')
        case('no database', {'database_path': site.dir + '/none.db'}, 'init', code=1)
        for args in (['token', 'list'], ['token', 'create', '--scope', 'create'], ['token', 'revoke', 'x'], ['check'],
                     ['user', 'password']):
            done = site.starpunk(*args, check=False)
            t.ok(done.returncode == 1 and 'there is no database at' in done.stderr and 'starpunk init' in done.stderr
                 and 'version' not in done.stderr, f'{" ".join(args)} without a database names init', done)
        site.sqlite('alter table token rename column name to title')
        case('a table that is not as the program wants it', {}, 'token_', code=1)
        site.sqlite('alter table token rename column title to name')
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(site.dir + '/run/taken.sock')
            taken.listen()
            case('a socket that is in use', {'listen': site.dir + '/run/taken.sock'}, 'listen: ',
                 '/run/taken.sock is in use', "'listen' is set by: " + site.conf + ':', "set 'listen' to another", code=1)
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            address = f'127.0.0.1:{taken.getsockname()[1]}'
            case('a port that is taken', {'listen': address}, f'listen: {address}', "'listen' is set by: " + site.conf, code=1)
            case('a port that is taken, in the environment', {}, f'listen: {address}', "'listen' is set by: environment",
                 code=1, env={'STARPUNK_LISTEN': address})

        site.config = dict(base)
        site.write_config()
        t.eq(site.starpunk('config', 'check').returncode, 0, 'config check accepts a good configuration')
        problems_json(t, site, base)
        shown = site.starpunk('config', 'show').stdout
        t.has(shown, 'metrics_sampling_rate', 'config show lists every key')
        t.has(shown, 'starpunk.conf:', 'with where its value comes from')
        t.has(shown, 'default', 'defaults too')
        json.loads(site.starpunk('config', 'show', '--json').stdout)
        docs = site.starpunk('config', 'docs').stdout
        t.has(docs, 'db_connection_pool_size', 'config docs explains every key')
        again = site.starpunk('init', '--url', site.url, '--password-stdin', stdin='x\n', check=False)
        t.eq(again.returncode, 1, 'init refuses to overwrite')
        t.eq(subprocess.run([PROGRAM], capture_output=True, check=False).returncode, 2, 'no command is wrong usage')
        t.eq(subprocess.run([PROGRAM, 'dance'], capture_output=True, check=False).returncode, 2, 'an unknown command too')
        for args in (['--help'], ['--version'], ['token', 'create', '--help'], ['serve', '--help']):
            done = subprocess.run([PROGRAM, *args], capture_output=True, text=True, check=False)
            t.ok(done.returncode == 0 and done.stdout and not done.stderr, f'{" ".join(args)} prints to standard output')
        alone = subprocess.run([PROGRAM, 'token'], capture_output=True, text=True, check=False)
        t.ok(alone.returncode == 2 and 'create, list, revoke' in alone.stderr, 'half a command is answered with what may follow', alone)
        bad = site.starpunk('token', 'create', '--scope', 'create destroy', check=False)
        t.ok(bad.returncode == 2 and 'destroy' in bad.stderr, 'an unknown scope is refused by name', bad)
        made = site.starpunk('token', 'create', '--scope', 'create', '--expires', '30d').stdout
        t.ok(made.startswith('sp_') and made.count('\n') == 1, 'token create prints just the token')
        listed = site.starpunk('token', 'list').stdout.splitlines()
        t.ok(listed[0].split() == ['ID', 'STATE', 'CREATED', 'EXPIRES', 'SCOPE', 'NAME'] and len(listed) == 2,
             'token list has column titles', listed)
        t.eq(site.starpunk('token', 'revoke', 'nothing', check=False).returncode, 1, 'an unknown token cannot be revoked')
        t.eq(site.starpunk('stats', check=False).returncode, 1, 'stats says that no site runs')
        directories(t, site)
        site.write_config(**base)
        reloads(t, site)
        site.write_config(**base)
        one_site_each(t, site)
