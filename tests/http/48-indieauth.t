#!/usr/bin/env python3
"""IndieAuth through a real front server: an application is let in, posts, renews its token and is shown out."""

import concurrent.futures
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from indieauth import Browser, Client
from starpunk import Site, Tap, fronts


def discovery(t, site, f):
    home = site.get('/')
    found = dict((rel, url) for url, rel in re.findall(r'<([^>]+)>; rel="([^"]+)"', home.header('Link') or ''))
    t.eq(found.get('indieauth-metadata'), site.url + '.well-known/oauth-authorization-server', f'{f}: the home page names the metadata by header')
    t.has(home.text, f'<link rel="indieauth-metadata" href="{found.get("indieauth-metadata")}">', f'{f}: and by link')
    got = site.get('/.well-known/oauth-authorization-server')
    t.eq((got.status, got.header('Access-Control-Allow-Origin'), got.header('Cache-Control')), (200, '*', 'public, max-age=3600'),
         f'{f}: the metadata is for everybody, for an hour')
    t.eq((got.json['issuer'], got.json['authorization_endpoint'], got.json['token_endpoint']),
         (site.url, site.url + 'auth', site.url + 'auth/token'), f'{f}: and names the endpoints')


def sign_in(t, site, f, owner):
    client = Client(site)
    owner.headers = {'Accept-Encoding': 'gzip'}
    page = owner.ask(client.url('create update fly'))
    t.eq(page.header('Content-Encoding'), None, f'{f}: pages with secrets and what was asked are not compressed')
    owner.headers = {}
    t.has(page.text, client.id, f'{f}: a stranger signs in and is asked about the application')
    t.has(page.header('Content-Security-Policy'), "form-action 'self' http://127.0.0.1:4321", f'{f}: the policy lets the form lead back')
    answer = owner.decide(page, scopes=('create',))
    t.eq((answer.status, answer.header('Referrer-Policy'), answer.header('Cache-Control')), (303, 'no-referrer', 'no-store'),
         f'{f}: consent leads back, and is kept by nobody')
    back = client.came_back(answer)
    t.ok(answer.header('Location').startswith(client.redirect + '&code='), f'{f}: to the address that was asked for, with its query', answer)
    t.eq((back['state'], back['iss']), (client.state, site.url), f'{f}: with state as it was sent, and iss')
    got = client.redeem(back['code'])
    t.eq((got.status, got.json['scope'], got.json['token_type'], got.json['me']), (200, 'create', 'Bearer', site.url), f'{f}: the code gives a token')
    t.eq((got.header('Cache-Control'), got.header('Access-Control-Allow-Origin')), ('no-store', '*'), f'{f}: to scripts, too, and to no cache')
    post = site.micropub({'content': f'By an app behind {f}'}, token=got.json['access_token'])
    t.eq(post.status, 201, f'{f}: the token posts')
    t.has(site.get(post.header('Location').replace(site.url, '/')).text, f'By an app behind {f}', f'{f}: and the post is there')
    listed = json.loads(site.starpunk('token', 'list', '--json').stdout)[0]
    t.eq((listed['client_id'], listed['scope'], listed['posts'], listed['state']), (client.id, 'create', 1, 'valid'), f'{f}: token list knows it')
    return client, got.json


def afterlife(t, site, f, owner, client, token):
    bearer = {'Authorization': 'Bearer ' + token['access_token']}
    got = client.post('/auth/introspect', bearer, token=token['access_token'])
    t.eq((got.json['active'], got.json['client_id']), (True, client.id), f'{f}: the token can be asked about')
    t.eq(site.get('/auth/userinfo', bearer).status, 403, f'{f}: the profile is not for it')
    new = client.renew(token['refresh_token'])
    t.eq(new.status, 200, f'{f}: it is renewed')
    t.eq(site.micropub({'content': 'x'}, token=token['access_token']).status, 401, f'{f}: the old one is dead')
    t.eq(site.micropub({'content': 'x'}, token=new.json['access_token']).status, 201, f'{f}: the new one works')
    page = owner.go('/admin/access')
    t.has(page.text, client.id, f'{f}: the owner sees it under Access')
    t.eq(client.post('/auth/revoke', token=new.json['refresh_token']).status, 200, f'{f}: it can be given back')
    t.eq(site.micropub({'content': 'x'}, token=new.json['access_token']).status, 401, f'{f}: and is dead at once')
    answer = owner.sign_in_to(client.url('create'), 'deny')
    t.eq(client.came_back(answer)['error'], 'access_denied', f'{f}: the owner can turn it away')
    code = client.came_back(owner.sign_in_to(client.url('profile')))['code']
    got = client.redeem(code, '/auth')
    t.eq((got.status, got.json['profile']['name']), (200, 'Ada'), f'{f}: a profile comes from the authorization endpoint')


def race(t, site, f, owner):
    """Both workers at once."""
    client = Client(site)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        code = client.came_back(owner.sign_in_to(client.url('create')))['code']
        got = sorted(x.status for x in pool.map(lambda _: client.redeem(code), range(8)))
        t.eq(got, [200] + [400] * 7, f'{f}: of eight exchanges of one code at once one wins')
        refresh = client.redeem(client.came_back(owner.sign_in_to(client.url('create')))['code']).json['refresh_token']
        got = [x for x in pool.map(lambda _: client.renew(refresh), range(8)) if x.status == 200]
        alive = [x for x in got if site.get('/auth/token', {'Authorization': 'Bearer ' + x.json['access_token']}).status == 200]
        t.eq(len(alive), 1, f'{f}: of eight renewals at once one token is left')


def wrong(t, site, f, owner):
    client = Client(site)
    for name, more in (('another host', {'redirect_uri': 'https://evil.example/'}), ('a script', {'redirect_uri': 'javascript:alert(1)'}),
                       ('no client', {'client_id': None})):
        got = owner.go(client.url('create', **more))
        t.eq((got.status, got.header('Location')), (400, None), f'{f}: {name}: a page, and nowhere to go')
        t.has(got.text, 'What to tell its author', f'{f}: {name}: that says what to do')
    got = owner.request('GET', '/auth?' + client.url('create', code_challenge=None).partition('?')[2])
    t.eq((got.status, client.came_back(got).get('error')), (302, 'invalid_request'), f'{f}: without PKCE the application is told')
    client.state = 'a' * 1500
    back = client.came_back(owner.sign_in_to(client.url('create')))
    t.eq((back.get('state'), 'code' in back), (client.state, True), f'{f}: a long state comes back whole')
    client.state = 'a' * 6500
    got = owner.request('GET', '/auth?' + client.url('create').partition('?')[2])
    back = client.came_back(got)
    t.eq((got.status, back.get('error'), back.get('state')), (302, 'invalid_request', None), f'{f}: one that does not fit into an answer is a mistake')
    t.eq(site.get('/auth/token?grant_type=authorization_code&code=x').status, 401, f'{f}: GET exchanges nothing')
    site.settle_log()
    log = open(site.log_file, encoding='utf-8').read()
    t.ok('sp_' not in log and 'spr_' not in log and client.verifier not in log, f'{f}: no secret is in the log')
    front = '\n'.join(json.dumps(x) for x in site.front_log())
    t.ok('code=' not in front and not re.search(r'\bspr?_', front), f'{f}: nor in the front server\'s')


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            owner = Browser(site)
            discovery(t, site, front)
            client, token = sign_in(t, site, front, owner)
            afterlife(t, site, front, owner, client, token)
            race(t, site, front, owner)
            wrong(t, site, front, owner)
