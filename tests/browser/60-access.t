#!/usr/bin/env python3
"""An application is let in by a real browser, which holds the pages to their policy: sign-in, consent, the way back, the Access
screen; on a phone, in the dark, without scripts. SP_SCREENSHOTS=DIR keeps pictures."""

import http.server
import os
import shutil
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from browser import Browser
from indieauth import Client
from starpunk import Site, Tap

SHOTS = os.environ.get('SP_SCREENSHOTS')
APP = '.access section:has(code[dir=ltr])'


class App:
    """An application on the owner's machine: says at which address the owner came back."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Type', 'text/html')
                self.end_headers()
                self.wfile.write(b'<title>App</title>Welcome back')

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = f'http://127.0.0.1:{self.server.server_port}/'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def look(t, b, name, size):
    what = f'{name}, {size}'
    t.eq(b.messages(), [], f'{what}: the console is silent, no CSP violation')
    t.ok(b.run('return document.documentElement.scrollWidth <= document.documentElement.clientWidth'), f'{what}: nothing is wider than the screen',
         b.run('return [document.documentElement.scrollWidth, document.documentElement.clientWidth]'))
    t.eq(b.run('return document.querySelectorAll("script, [style], [onclick]").length'), 0, f'{what}: no script, no inline style')
    t.eq(b.run('return [...document.querySelectorAll("input:not([type=hidden]), select")].filter(e => !e.labels || !e.labels.length).length'), 0,
         f'{what}: every field has a label')
    t.ok(b.run('return [...document.querySelectorAll("main button, main label.tick, main summary")].filter(e => e.offsetParent)'
               '.every(e => e.getBoundingClientRect().height >= 24)'), f'{what}: all that is pressed is large enough')
    if SHOTS:
        b.screenshot(os.path.join(SHOTS, f'{name}-{size}.png'))


def come_in(t, b, site, app, size, signed_in=False):
    client = Client(site, app.url, app.url + 'back?x=1')
    b.open(client.url('create update media profile fly'))
    if not signed_in:
        t.has(b.url(), '/admin/login', f'{size}: an application leads to the sign-in form')
        b.type('input[name=password]', site.password)
        b.submit('form[action="/admin/login"] button')
    t.has(b.run('return document.body.innerText'), 'wants to come in', f'{size}: then to the question')
    look(t, b, 'consent', size)
    b.click('input[value=update]')
    b.submit('button[value=allow]')
    t.ok(b.url().startswith(app.url + 'back?x=1&code='), f'{size}: consent leads back to the application', b.url())
    code = b.url().split('code=')[1].split('&')[0]
    got = client.redeem(code)
    t.eq(got.json.get('scope'), 'create media profile', f'{size}: with what was left ticked')
    return client, got.json


def access(t, b, site, app, size):
    b.open(site.url + 'admin/access')
    t.has(b.run('return document.body.innerText'), app.url, f'{size}: the application stands under Access')
    look(t, b, 'access', size)
    b.click(f'{APP} summary')
    look(t, b, 'access-open', size)
    b.click(f'{APP} input[name=drafts]')
    b.submit(f'{APP} button[type=submit]')
    t.has(b.run('return document.body.innerText'), 'Whatever it posts becomes a draft', f'{size}: it can be held to drafts')
    b.type('#name', 'A script of mine')
    b.click('form.stack input[value=create]')
    b.submit('form.stack button')
    t.has(b.run('return document.querySelector(".once").innerText'), 'sp_', f'{size}: a token by hand is shown')
    look(t, b, 'access-token', size)


def revoke(t, b, site, size, token):
    b.open(site.url + 'admin/access')
    b.click(f'{APP} summary')
    b.submit(f'{APP} form:last-of-type button')
    t.has(b.run('return document.body.innerText'), 'It has no access any more', f'{size}: an application is revoked')
    t.eq(site.micropub({'content': 'x'}, token=token['access_token']).status, 401, f'{size}: and may post no more')


def others(t, b, site, size, how):
    """The owner in another browser is seen here, and signed out."""
    with Browser(**how) as other:
        other.open(site.url + 'admin')
        other.type('input[name=password]', site.password)
        other.submit('form[action="/admin/login"] button')
        b.open(site.url + 'admin/access')
        t.eq(b.run('return document.querySelectorAll(".mark").length'), 1, f'{size}: this browser is marked among two')
        look(t, b, 'access-browsers', size)
        b.submit('form:has(input[value=end]) button')
        t.has(b.run('return document.body.innerText'), 'That browser is signed out', f'{size}: the other one is signed out')
        other.open(site.url + 'admin')
        t.has(other.url(), '/admin/login', f'{size}: and has to sign in again')


def misfit(t, b, site, size):
    b.open(Client(site).url('create', redirect_uri='https://evil.example/'))
    t.has(b.run('return document.body.innerText'), 'What to tell its author', f'{size}: a mistake of the application is told')
    b.messages()
    look(t, b, 'auth-error', size)


if not shutil.which('chromedriver'):
    print('1..0 # SKIP chromedriver is not installed')
    sys.exit(0)
with Tap() as t:
    if SHOTS:
        os.makedirs(SHOTS, exist_ok=True)
    app = App()
    for size, how in (('desktop', {}), ('phone', {'width': 360, 'height': 740}), ('desktop-dark', {'dark': True}),
                      ('phone-dark', {'width': 360, 'height': 740, 'dark': True}), ('no-script', {'scripts': False})):
        with Site('nginx', site_name='Ada writes', author_name='Ada Example') as site:
            with Browser(**how) as b:
                client, token = come_in(t, b, site, app, size)
                site.micropub({'content': 'By the app'}, token=token['access_token'])
                access(t, b, site, app, size)
                revoke(t, b, site, size, token)
                others(t, b, site, size, how)
                misfit(t, b, site, size)
