#!/usr/bin/env python3
"""Signing in, in a real browser: the first time, with an authenticator app, with a passkey; and what ends it.

With SP_SCREENSHOTS=DIR every screen is also photographed, on desktop and phone, light and dark."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from app import App
from browser import Browser
from starpunk import Site, Tap, wait_for

SHOTS = os.environ.get('SP_SCREENSHOTS')
SIZES = {'desktop': {}, 'phone': {'width': 360, 'height': 740}}


def look(t, b, name, quiet=True):
    """What holds for every screen."""
    t.ok(b.run('return document.documentElement.scrollWidth <= document.documentElement.clientWidth'), f'{name}: nothing is wider than the screen')
    t.eq(b.run('return [...document.querySelectorAll("input:not([type=hidden]):not([hidden])")].filter(e => e.labels.length == 0).length'), 0,
         f'{name}: every field has a label')
    t.eq(b.run('return document.querySelectorAll("script:not([src]), [style], [onclick], style").length'), 0, f'{name}: no inline script or style')
    if quiet:
        t.eq(b.messages(), [], f'{name}: the console is silent')
    if SHOTS:
        b.screenshot(os.path.join(SHOTS, f'{name}.png'))


def password(b, site):
    b.open(site.url + 'admin/login')
    b.type('#password', site.password)
    b.submit('form:not([data-passkey]) button')


def confirm(b, site, app=None):
    b.type('#password', site.password)
    if app:
        b.type('#code', app.code())
    b.submit('form[action="/admin/confirm"] button')


def first_login(t, b, site):
    b.open(site.url + 'admin/security')
    t.has(b.url(), '/admin/login?next=/admin/security', 'who is not signed in is shown the way')
    look(t, b, 'login-desktop')
    b.type('#password', 'not the password at all')
    b.submit('form:not([data-passkey]) button')
    t.has(b.text('[role=alert]:not([hidden])'), 'not right', 'a wrong password is said to be wrong')
    b.messages()
    look(t, b, 'login-wrong-desktop')
    b.type('#password', site.password)
    b.submit('form:not([data-passkey]) button')
    t.eq(b.url(), site.url + 'admin/security', 'the right one leads on to where it was asked for')
    t.has(b.text(), 'password alone', 'and the owner is told to add something')


def enrol_app(t, b):
    b.submit('form[action="/admin/security/app"] button')
    look(t, b, 'app-desktop')
    secret = b.text('.secret')
    t.ok(re.fullmatch('([A-Z2-7]{4} ){7}[A-Z2-7]{4}', secret), 'the secret can be typed', secret)
    app = App(secret)
    b.type('#code', '000000')
    b.submit('form[action="/admin/security/app"] button')
    t.has(b.text('[role=alert]'), 'not right', 'a wrong code does not make the app active')
    b.messages()
    b.type('#code', app.code())
    b.submit('form[action="/admin/security/app"] button')
    codes = b.run('return [...document.querySelectorAll(".codes code")].map(e => e.textContent)')
    t.eq(len(set(codes)), 10, 'the first code makes the app active, and recovery codes are shown')
    look(t, b, 'codes-desktop')
    b.submit('main a.button')
    t.has(b.text(), 'Active since', 'then the app is in the list')
    return app, codes


def app_login(t, site, app, codes):
    with Browser() as b:
        password(b, site)
        t.has(b.url(), '/admin/login/code', 'after the password the code is asked for')
        b.open(site.url + 'admin')
        t.has(b.url(), '/admin/login', 'and the password alone opens nothing')
        password(b, site)
        look(t, b, 'code-desktop')
        b.type('#code', '12 34 56')
        b.submit('form[action="/admin/login/code"] button')
        t.has(b.text('[role=alert]:not([hidden])'), 'not right', 'a wrong code is said to be wrong')
        shown = app.code()
        b.type('#code', shown[:3] + ' ' + shown[3:])
        b.submit('form[action="/admin/login/code"] button')
        t.eq(b.url(), site.url + 'admin', 'the right one, with a space in it, opens the site')
    with Browser() as b:
        password(b, site)
        b.type('#code', codes[0].lower())
        b.submit('form[action="/admin/login/code"] button')
        t.has(b.url(), '/admin/security', 'a recovery code opens it, too')
        t.has(b.text('[role=status]'), 'used up', 'and says that it is used up')
        t.has(b.text(), '9 are left', 'and how many are left')


def passkeys(t, b, site, app):
    b.open(site.url + 'admin/security')
    if 'confirm' in b.text().lower() and b.run('return !!document.querySelector("a[href^=\\"/admin/confirm\\"]")'):
        b.submit('a[href^="/admin/confirm"]')
        confirm(b, site, app)
    b.authenticator()
    b.type('#name', 'Laptop')
    b.submit('form[data-passkey=make] button')
    t.has(b.text(), 'Laptop', 'a passkey is added')
    look(t, b, 'security-desktop')
    b.submit('.desk-ways form button')
    b.open(site.url + 'admin/login?next=/admin/micropub')
    b.submit('form[data-passkey=use] button')
    t.eq(b.url(), site.url + 'admin/micropub', 'and signs in without a password, to where it was asked for')
    b.open(site.url + 'admin/confirm')
    look(t, b, 'confirm-desktop')
    before = b.cookies()
    b.submit('form[data-passkey=use] button')
    t.eq(b.url(), site.url + 'admin/security', 'and confirms')
    t.ok(b.cookies() != before, 'which gives the session another cookie')
    b.type('#name', 'Again')
    b.click('form[data-passkey=make] button')
    t.ok(wait_for(lambda: 'already' in b.text('form[data-passkey=make] [role=alert]')), 'the same device does not make a second one')
    b.messages()


def sessions(t, b, site):
    """Ended by somebody else, or by a new password."""
    with Browser() as other:
        other.authenticator()
        password(other, site)
    listed = json.loads(site.starpunk('session', 'list', '--json').stdout)
    mine = [s for s in listed if s['factors'] == 'passkey']
    t.eq(len(mine), 1, 'the passkey\'s session is in the list')
    site.starpunk('session', 'revoke', mine[0]['id'])
    b.open(site.url + 'admin')
    t.has(b.url(), '/admin/login', 'a session that was revoked is signed out at its next page')


def screens(t, site):
    """All screens on a phone and in the dark; without script."""
    for dark in (False, True):
        for size, window in SIZES.items():
            with Browser(dark=dark, **window) as b:
                name = f'{size}-{"dark" if dark else "light"}'
                b.open(site.url + 'admin/login')
                look(t, b, f'login-{name}')
                password(b, site)
                look(t, b, f'security-locked-{name}' if 'security' in b.url() else f'overview-{name}', quiet=False)
                b.open(site.url + 'admin/security')
                look(t, b, f'security-{name}')
                b.submit('form[action="/admin/security/app"] button')
                look(t, b, f'app-{name}')
                b.open(site.url + 'admin/security')
                b.submit('form[action="/admin/security/codes"] button')
                look(t, b, f'codes-{name}')
                b.open(site.url + 'admin/confirm')
                look(t, b, f'confirm-{name}')


def without_script(t, site):
    with Browser(scripts=False) as b:
        b.open(site.url + 'admin/login')
        t.eq(b.run('return document.querySelector("form[data-passkey]").hidden'), True, 'without script no passkey is offered')
        password(b, site)
        b.open(site.url + 'admin/security')
        b.submit('form[action="/admin/security/app"] button')
        app = App(b.text('.secret'))
        b.type('#code', app.code())
        b.submit('form[action="/admin/security/app"] button')
        t.eq(b.run('return document.querySelectorAll(".codes code").length'), 10, 'without script an app is enrolled')
        b.submit('.desk-ways form button')
        password(b, site)
        b.type('#code', app.code())
        b.submit('form[action="/admin/login/code"] button')
        t.eq(b.url(), site.url + 'admin', 'and signs in')
        b.open(site.url + 'admin/security')
        b.submit('form[action="/admin/security/app"] button')
        t.has(b.text('[role=status]'), 'removed', 'and is removed')


with Tap() as t:
    with Site() as site:
        with Browser() as b:
            first_login(t, b, site)
            app, codes = enrol_app(t, b)
            app_login(t, site, app, codes)
            passkeys(t, b, site, app)
            sessions(t, b, site)
    with Site() as site:
        screens(t, site)
    with Site() as site:
        without_script(t, site)
