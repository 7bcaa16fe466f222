#!/usr/bin/env python3
"""Signing in through a front server: cookies, codes, what others try, what the commands say; and a restart forgets nothing."""

import json
import os
import re
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from app import App
from starpunk import Site, Tap, form_token, fronts, wait_for

FORM = 'application/x-www-form-urlencoded'


def post(site, path, fields, cookie, **headers):
    return site.request('POST', path, {'Content-Type': FORM, 'Cookie': cookie, **headers}, urllib.parse.urlencode(fields).encode())


def sessions(site):
    return json.loads(site.starpunk('session', 'list', '--json').stdout)


def enrol(site, cookie):
    """An app, through its page; and the codes on paper."""
    answer = site.form('/admin/security/app', {'do': 'begin'}, cookie, page='/admin/security')
    assert answer.status == 303, answer
    secret = re.search(r'class="secret">([^<]+)<', site.get('/admin/security/app', {'Cookie': cookie}).text)[1]
    app = App(secret)
    page = site.form('/admin/security/app', {'do': 'confirm', 'code': app.code()}, cookie)
    return app, re.findall(r'<li><code>([^<]+)</code>', page.text)


def password(t, site):
    f = site.front
    page = site.get('/admin/login')
    t.eq(page.header('Cache-Control'), 'no-store', f'{f}: nobody keeps the form')
    t.has(page.header('Referrer-Policy') or '', 'same-origin', f'{f}: and browsers say where it was sent from')
    visitor = page.cookies()
    fields = {'csrf': form_token(page.text), 'password': site.password}
    t.eq(post(site, '/admin/login', {'password': site.password}, visitor).status, 403, f'{f}: a form without our token is refused')
    t.eq(post(site, '/admin/login', fields, site.visit()).status, 403, f'{f}: and one that was made for another browser')
    for origin in ('https://evil.example', 'null'):
        t.eq(post(site, '/admin/login', fields, visitor, Origin=origin).status, 403, f'{f}: and one from {origin}')
    t.eq(sessions(site), [], f'{f}: nothing was opened so far')
    got = post(site, '/admin/login', fields, visitor)
    t.eq((got.status, got.header('Location')), (303, site.url + 'admin'), f'{f}: our own opens a session')
    for line in (v for k, v in got.headers if k.lower() == 'set-cookie'):
        t.ok('HttpOnly' in line and 'SameSite=Lax' in line and 'Path=/' in line and 'Domain' not in line, f'{f}: by cookies for this host alone', line)
    cookie = got.cookies()
    listed = sessions(site)
    t.eq([(s['factors'], s['remote_addr']) for s in listed], [('password', '127.0.0.1')], f'{f}: which the command lists')
    t.ok(cookie.split('=')[1] not in json.dumps(listed), f'{f}: without its secret')
    for _ in range(6):
        site.get('/admin/micropub', {'Cookie': cookie})
    lines = wait_for(lambda: (lambda found: found if len(found) >= 6 else None)(site.log('request', route='admin_micropub', status=200)))
    # The sign-in has changed the database: each of the two workers reads the site's settings once. On a slow
    # machine one of them also has the time to look whether somebody else has written.
    counts = sorted(line['db_queries'] for line in lines)
    t.ok(counts[:4] == [1] * 4 and counts[4] <= 2 and counts[5] <= 5, f'{f}: a request with a session costs one statement', counts)
    t.eq(site.get('/admin', {'Cookie': f'{cookie}; {cookie}'}).status, 303, f'{f}: two session cookies are none')
    t.eq(site.get('/admin', {'Cookie': cookie + 'x'}).status, 303, f'{f}: nor is a guessed one')
    big = site.get('/admin', {'Cookie': f'{cookie}; more={"x" * 10000}'}).status
    t.ok(big in (303, 400, 431), f'{f}: a huge cookie opens nothing', big)
    t.eq(site.get('/micropub?q=config', {'Cookie': cookie}).status, 401, f'{f}: a session is no token')
    t.eq(site.get('/admin', site.auth(site.make_token('admin'))).status, 303, f'{f}: and a token no session')
    site.starpunk('session', 'revoke', listed[0]['id'])
    t.eq(site.get('/admin', {'Cookie': cookie}).status, 303, f'{f}: revoked by the command, it opens nothing any more')
    t.eq(site.starpunk('session', 'revoke', listed[0]['id'], check=False).returncode, 1, f'{f}: and cannot be revoked again')


def long_passwords(t, site):
    f = site.front
    for text in ('x' * 129, 'a long enough\0password', 'x' * 900000):
        t.eq(site.form('/admin/login', {'password': text}, site.visit()).status, 400, f'{f}: {len(text)} characters are no password')
    t.ok(site.form('/admin/login', {'password': 'x' * 10_000_000}, site.visit()).status in (400, 413), f'{f}: nor are ten million')


def next_page(t, site):
    f = site.front
    for path in ('//evil.example', '/\\evil.example', 'javascript:alert(1)', '%2f%2fevil', 'https://evil.example/', '/a\r\nX: y'):
        got = site.form('/admin/login', {'password': site.password, 'next': path}, site.visit())
        t.eq(got.header('Location'), site.url + 'admin', f'{f}: next={path!r} leads to the start page')
    path = '/admin/micropub?a=' + 'b' * 1500 + '&c=%2F%26'
    way = site.get(path).header('Location')
    t.has(way or '', '/admin/login?next=', f'{f}: a long address is kept on the way to the form')
    hidden = re.search(r'name="next" value="([^"]+)"', site.get('/' + way.split('/', 3)[3]).text)[1].replace('&amp;', '&')
    t.eq(hidden, path, f'{f}: and stands in the form')
    got = site.form('/admin/login', {'password': site.password, 'next': hidden}, site.visit())
    t.eq(got.header('Location'), site.url.rstrip('/') + path, f'{f}: and is gone to afterwards')
    path = '/admin/micropub?a=' + '+%26' * 2000
    way = site.get(path).header('Location') or ''
    t.ok(len(way) > 2000 and path.startswith(urllib.parse.unquote(way.partition('?next=')[2])), f'{f}: of one that is too long, the beginning', way[:80])


def codes(t, site):
    f = site.front
    app, paper = enrol(site, site.sign_in())
    t.eq(len(paper), 10, f'{f}: an app is enrolled, with ten codes on paper')
    key = os.stat(os.path.join(site.dir, 'starpunk.key'))
    t.eq(key.st_mode & 0o777, 0o600, f'{f}: its secret is sealed with a key that is nobody else\'s to read')
    got = site.form('/admin/login', {'password': site.password}, site.visit())
    t.eq(got.header('Location'), site.url + 'admin/login/code', f'{f}: from then on the password leads to the code')
    pending = got.cookies()
    t.eq(site.get('/admin', {'Cookie': pending}).status, 303, f'{f}: and opens nothing by itself')
    for i in range(5):
        got = site.form('/admin/login/code', {'code': f'00000{i}'}, pending)
    t.eq(got.status, 401, f'{f}: wrong codes are refused')
    got = site.form('/admin/login/code', {'code': app.code()}, pending, page='/admin/login')
    t.eq(got.status, 401, f'{f}: and after five the right one, too')
    pending = site.sign_in()
    got = site.form('/admin/login/code', {'code': paper[0]}, pending)
    t.eq(got.status, 303, f'{f}: a code on paper opens the site')
    pending = site.sign_in()
    t.eq(site.form('/admin/login/code', {'code': paper[0]}, pending).status, 401, f'{f}: once')
    t.has(site.starpunk('factor', 'list').stdout, '9 of 10 recovery codes left', f'{f}: the command counts them')


def at_once(t, site, app):
    """Many browsers with the right password and the same code."""
    f = site.front
    browsers = []
    for _ in range(12):
        pending = site.sign_in()
        browsers.append((pending, form_token(site.get('/admin/login/code', {'Cookie': pending}).text)))
    shown = app.code()
    before = len(sessions(site))
    answers = []
    threads = [threading.Thread(target=lambda b=b: answers.append(post(site, '/admin/login/code', {'csrf': b[1], 'code': shown}, b[0]).status))
               for b in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    t.eq(answers.count(303), 1, f'{f}: one code, shown at once in many browsers, opens one session')
    t.eq(len(sessions(site)), before + 1, f'{f}: and no more')


def restart(t, site):
    """What was tried stays counted."""
    f = site.front
    for _ in range(10):
        got = site.form('/admin/login', {'password': 'wrong'}, site.visit())
    t.eq(got.status, 401, f'{f}: ten wrong passwords are refused')
    site.stop_program()
    site.start_program()
    site.wait_healthy()
    got = site.form('/admin/login', {'password': site.password}, site.visit())
    t.eq(got.status, 429, f'{f}: after a restart the eleventh is not looked at')
    t.ok(800 < int(got.header('Retry-After') or 0) <= 900, f'{f}: for a quarter of an hour', got.header('Retry-After'))
    page = site.get('/admin/login')
    got = post(site, '/admin/login/challenge', {}, page.cookies(), **{'X-CSRF-Token': form_token(page.text)})
    t.eq(got.status, 200, f'{f}: passkeys go on working')


def commands(t, site):
    f = site.front
    kinds = [x['kind'] for x in json.loads(site.starpunk('factor', 'list', '--json').stdout)]
    t.eq(kinds, ['app', 'codes'], f'{f}: the command lists what is enrolled')
    site.starpunk('factor', 'remove', 'app')
    t.eq(sessions(site), [], f'{f}: to remove one ends all sessions')
    site.starpunk('factor', 'remove', '--all')
    t.eq(json.loads(site.starpunk('factor', 'list', '--json').stdout), [], f'{f}: and all can be removed')
    t.eq(site.starpunk('factor', 'remove', 'app', check=False).returncode, 1, f'{f}: once')
    for args in (('factor', 'remove'), ('session', 'revoke'), ('session', 'revoke', 'x', '--all')):
        t.eq(site.starpunk(*args, check=False).returncode, 2, f'{f}: {" ".join(args)} is not understood')
    refused = site.starpunk('user', 'password', '--password-stdin', stdin='password1234\n', check=False)
    t.ok(refused.returncode != 0 and 'tried first' in refused.stderr, f'{f}: a common password is refused by the command, too', refused.stderr)
    secret = json.dumps(site.log()) + site.output()
    t.ok(site.password not in secret and site.password.replace(' ', '+') not in secret, f'{f}: the log knows no password')


def sign_in_and_out(t, site):
    f = site.front
    page = site.get('/admin/login')
    t.eq(page.status, 200, f'{f}: there is a sign-in page')
    t.has(page.header('Content-Security-Policy') or '', "frame-ancestors 'none'", f'{f}: which cannot be framed')
    cookie = page.cookies()
    fields = {'csrf': form_token(page.text)}
    def sign_in(password, headers=None, extra=None):
        body = urllib.parse.urlencode({**fields, **(extra or {}), 'password': password}).encode()
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
                                                 'Origin': site.url.rstrip('/')}, urllib.parse.urlencode(csrf).encode())
    t.eq(out.status, 303, f'{f}: signing out works')
    t.eq(site.get('/admin/metrics', {'Cookie': jar}).status, 401, f'{f}: and ends the session')


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            password(t, site)
            long_passwords(t, site)
            next_page(t, site)
            codes(t, site)
        with Site(front) as site:
            app, _ = enrol(site, site.sign_in())
            at_once(t, site, app)
            commands(t, site)
            restart(t, site)
        with Site(front) as site:
            sign_in_and_out(t, site)
