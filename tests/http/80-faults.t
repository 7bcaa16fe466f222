#!/usr/bin/env python3
"""A database that is locked, slow, read-only, full or broken; a pool that is empty; limits of rate."""

import os
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, form_token, fronts, wait_for


def explained(t, got, status, what):
    t.eq(got.status, status, f'{what}: {status}')
    t.ok(got.header('Retry-After'), f'{what}: with Retry-After')
    t.ok(got.json.get('error') == 'temporarily_unavailable' and got.json.get('suggestion'), f'{what}: explained', got)
    t.ok('/tmp' not in got.text and 'database is locked' not in got.text, f'{what}: without inside knowledge')


def locked(t, site):
    db = sqlite3.connect(f'{site.dir}/starpunk.db', isolation_level=None, timeout=5)
    db.execute('begin immediate')
    start = time.monotonic()
    got = site.micropub({'content': 'Not now', 'mp-slug': 'locked'})
    took = time.monotonic() - start
    explained(t, got, 503, f'{site.front}: a database locked by someone else')
    t.ok(0.4 < took < 4, f'{site.front}: after db_busy_timeout', took)
    t.eq(site.get('/').status, 200, f'{site.front}: readers go on')
    db.execute('rollback')
    db.close()
    t.eq(site.get('/note/locked').status, 404, f'{site.front}: nothing was stored')
    t.eq(site.micropub({'content': 'Now'}).status, 201, f'{site.front}: it works again without a restart')
    error = site.wait_log('error', request_id=got.header('X-Request-ID'))
    t.ok(error and error[0]['code'] == 'db_busy', f'{site.front}: the log has the error under the same id', error)


def many_writers(t, front):
    with Site(front, db_busy_timeout='60s', request_timeout='120s', page_cache_size='0', workers='2', worker_threads='4') as site:
        site.post('First', **{'mp-slug': 'first'})
        db = sqlite3.connect(f'{site.dir}/starpunk.db', isolation_level=None, timeout=5)
        db.execute('begin immediate')
        answers = []
        writers = [threading.Thread(target=lambda: answers.append(site.micropub({'content': 'Waits'}))) for _ in range(12)]
        for writer in writers:
            writer.start()
        # Each worker keeps three waiting; the others are told, which needs no end of the lock.
        t.ok(wait_for(lambda: len(answers) >= 6, 30), f'{front}: of many writers most are refused while the database is locked', answers)
        for got in answers[:1]:
            explained(t, got, 503, f'{front}: a writer too many')
        t.eq([site.get('/note/first').status for _ in range(4)], [200] * 4, f'{front}: readers are answered while writers wait')
        t.ok(len(answers) < 12, f'{front}: which some still do', answers)
        db.execute('rollback')
        db.close()
        for writer in writers:
            writer.join()
        statuses = sorted(a.status for a in answers)
        t.eq((set(statuses), len(statuses)), ({201, 503}, 12), f'{front}: and get their turn')


def pool_empty(t, front):
    with Site(front, db_connection_pool_size='1', worker_threads='4', workers='1', db_connection_timeout='300ms',
              db_busy_timeout='3s', page_cache_size='0') as site:
        site.post('First', **{'mp-slug': 'first'})
        db = sqlite3.connect(f'{site.dir}/starpunk.db', isolation_level=None, timeout=5)
        db.execute('begin immediate')
        writer = threading.Thread(target=lambda: site.micropub({'content': 'Waits'}))
        writer.start()
        got = wait_for(lambda: (lambda r: r if r.status == 503 else None)(site.get('/note/first', {'Accept': 'application/json'})), 5)
        db.execute('rollback')
        db.close()
        writer.join()
        t.ok(got, f'{front}: an empty pool is 503')
        if got:
            t.ok(got.header('Retry-After') and got.json['error']['code'] == 'pool_exhausted', f'{front}: with Retry-After', got)
            t.ok(site.wait_log('db_pool_exhausted', request_id=got.header('X-Request-ID')), f'{front}: the log says so')
        t.ok(site.stats()['database']['pool']['exhausted'] >= 1, f'{front}: and the metrics')
        t.eq(site.get('/note/first').status, 200, f'{front}: then it goes on')


def broken(t, front):
    with Site(front, page_cache_size='0') as site:
        site.post('Was here', **{'mp-slug': 'here'})
        time.sleep(0.1)
        path = f'{site.dir}/starpunk.db'
        site.stop_program()
        good = open(path, 'rb').read()
        with open(path, 'wb') as f:
            f.write(b'This is not a database at all. ' * 400)
        site.start_program()
        status = None
        if wait_for(lambda: site.process.poll() is not None, 20):
            status = site.stop_program()
        t.ok(status not in (None, 0), f'{front}: a broken database does not start', status)
        t.ok('database' in site.output(), f'{front}: and the reason is told')
        with open(path, 'wb') as f:
            f.write(good)
        site.start_program()
        t.ok(site.wait_healthy(), f'{front}: a restored one does')
        t.eq(site.get('/note/here').status, 200, f'{front}: with its posts')
        # Under the feet of a running site.
        site.stop_program()
        for name in ('-wal', '-shm'):
            if os.path.exists(path + name):
                os.remove(path + name)
        site.start_program()
        site.wait_healthy()
        with open(path, 'r+b') as f:
            f.seek(0)
            f.write(b'\xff' * min(len(good), 65536))
        got = site.micropub({'content': 'Lost?'})
        t.eq(got.status, 503, f'{front}: a database damaged while running gives a clear answer')
        with open(path, 'r+b') as f:
            f.write(good)


def rate_limits(t, front):
    with Site(front, rate_limit='20/m', login_rate_limit='5/m') as site:
        statuses = [site.get('/').status for _ in range(40)]
        t.ok(200 in statuses and 429 in statuses, f'{front}: too many requests are 429', statuses)
        got = site.get('/')
        t.ok(got.status == 429 and int(got.header('Retry-After') or 0) > 0, f'{front}: with Retry-After', got)
    with Site(front, login_rate_limit='5/m') as site:
        for _ in range(10):
            last = site.micropub({'content': 'x'}, token='sp_wrong')
        t.eq(last.status, 429, f'{front}: guessing tokens is stopped')
        t.eq(site.get('/').status, 200, f'{front}: readers at the same address are not')


def login(t, site):
    from urllib.parse import urlencode
    f = site.front
    page = site.get('/admin/login')
    t.eq(page.status, 200, f'{f}: there is a sign-in page')
    t.has(page.header('Content-Security-Policy') or '', "frame-ancestors 'none'", f'{f}: which cannot be framed')
    cookie = page.cookies()
    fields = {'csrf': form_token(page.text)}
    def sign_in(password, headers=None, extra=None):
        body = urlencode({**fields, **(extra or {}), 'password': password}).encode()
        return site.request('POST', '/admin/login', {'Content-Type': 'application/x-www-form-urlencoded', 'Cookie': cookie,
                                                     'Origin': site.url.rstrip('/'), **(headers or {})}, body)
    t.eq(sign_in('wrong').status, 401, f'{f}: a wrong password is refused')
    t.eq(sign_in(site.password, {'Origin': 'https://evil.example'}).status, 403, f'{f}: a form from elsewhere too')
    got = sign_in(site.password)
    t.eq(got.status, 303, f'{f}: the right one signs in')
    session = [v for k, v in got.headers if k.lower() == 'set-cookie']
    t.ok(any('HttpOnly' in c and 'SameSite=Lax' in c for c in session), f'{f}: by a guarded cookie', session)
    jar = got.cookies()
    t.eq(site.get('/admin/metrics', {'Cookie': jar}).status, 200, f'{f}: the session opens the metrics')
    evil = sign_in(site.password, extra={'next': '//evil.example/'})
    t.ok('evil' not in (evil.header('Location') or ''), f'{f}: and redirects nowhere else', evil)
    admin = site.get('/admin', {'Cookie': jar})
    t.eq(admin.status, 200, f'{f}: and the owner\'s page')
    csrf = {'csrf': form_token(admin.text)}
    out = site.request('POST', '/admin/logout', {'Content-Type': 'application/x-www-form-urlencoded', 'Cookie': jar,
                                                 'Origin': site.url.rstrip('/')}, urlencode(csrf).encode())
    t.eq(out.status, 303, f'{f}: signing out works')
    t.eq(site.get('/admin/metrics', {'Cookie': jar}).status, 401, f'{f}: and ends the session')


with Tap() as t:
    for front in fronts():
        with Site(front, db_busy_timeout='500ms') as site:
            locked(t, site)
            login(t, site)
        many_writers(t, front)
        pool_empty(t, front)
        broken(t, front)
        rate_limits(t, front)
