#!/usr/bin/env python3
"""Starting: a wrong configuration refuses, and names key, place and remedy. Commands and exit codes."""

import json
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import PROGRAM, Site, Tap, wait_for


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
        case('an unknown zone', {'timezone': 'Mars/Olympus'}, 'timezone')
        case('a misspelt variable', {}, 'STARPUNK_METRICS_SAMPLING_RATES', 'STARPUNK_METRICS_SAMPLING_RATE',
             env={'STARPUNK_METRICS_SAMPLING_RATES': '1.0'})
        case('two mistakes', {'worker_thread': '4', 'log_level': 'loud'}, 'worker_thread', 'log_level')
        case('no database', {'database_path': site.dir + '/none.db'}, 'init', code=1)
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(site.dir + '/run/taken.sock')
            taken.listen()
            case('a socket that is in use', {'listen': site.dir + '/run/taken.sock'}, 'listen', code=1)
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            case('a port that is taken', {'listen': f'127.0.0.1:{taken.getsockname()[1]}'}, 'listen', code=1)

        site.config = dict(base)
        site.write_config()
        t.eq(site.starpunk('config', 'check').returncode, 0, 'config check accepts a good configuration')
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
        bad = site.starpunk('token', 'create', '--scope', 'create destroy', check=False)
        t.ok(bad.returncode == 2 and 'destroy' in bad.stderr, 'an unknown scope is refused by name', bad)
        made = site.starpunk('token', 'create', '--scope', 'create', '--expires', '30d').stdout
        t.ok(made.startswith('sp_') and made.count('\n') == 1, 'token create prints just the token')
        t.eq(site.starpunk('token', 'revoke', 'nothing', check=False).returncode, 1, 'an unknown token cannot be revoked')
        t.eq(site.starpunk('stats', check=False).returncode, 1, 'stats says that no site runs')
