#!/usr/bin/env python3
"""Posting by Micropub through the front servers: encodings, answers, scopes, errors, secrets."""

import concurrent.futures
import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts

FORM = 'application/x-www-form-urlencoded'


def create(t, site):
    f = site.front
    form = site.micropub([('h', 'entry'), ('content', 'By form'), ('category[]', 'a'), ('category[]', 'b'), ('mp-slug', 'form')])
    t.eq((form.status, form.header('Location')), (201, site.url + 'note/form'), f'{f}: a form creates')
    body = ('--X7\r\nContent-Disposition: form-data; name="h"\r\n\r\nentry\r\n'
            '--X7\r\nContent-Disposition: form-data; name="content"\r\n\r\nBy multipart + plus\r\n'
            '--X7\r\nContent-Disposition: form-data; name="mp-slug"\r\n\r\nmultipart\r\n--X7--\r\n').encode()
    multi = site.request('POST', '/micropub', {**site.auth(), 'Content-Type': 'multipart/form-data; boundary=X7'}, body)
    t.eq((multi.status, multi.header('Location')), (201, site.url + 'note/multipart'), f'{f}: multipart creates')
    t.has(site.get('/note/multipart').text, 'By multipart + plus', f'{f}: a plus stays a plus')
    js = site.micropub_json({'type': ['h-entry'], 'properties': {
        'name': ['An article'], 'content': [{'html': '<p>By <b>JSON</b><script>x()</script></p>'}], 'x-unknown': [{'a': [1, 2.50]}],
        'mp-slug': ['json']}})
    t.eq((js.status, js.header('Location')), (201, site.url + 'note/json'), f'{f}: JSON creates')
    page = site.get('/note/json').text
    t.has(page, 'By <b>JSON</b>', f'{f}: HTML content is rendered')
    t.ok('x()' not in page, f'{f}: without its script')
    t.has(page, 'p-name', f'{f}: an article has a name')
    t.ok('p-name' not in site.get('/note/form').text.split('h-entry', 1)[1].split('e-content')[0], f'{f}: a note has none')
    chunked = site.request('POST', '/micropub', {**site.auth(), 'Content-Type': FORM, 'Transfer-Encoding': 'chunked'},
                           b'd\r\ncontent=chunk\r\n0\r\n\r\n')
    t.eq(chunked.status, 201, f'{f}: a chunked body is read')
    again = [site.micropub({'content': f'Same {n}', 'mp-slug': 'same'}).header('Location') for n in range(3)]
    t.eq(again, [site.url + 'note/same', site.url + 'note/same-2', site.url + 'note/same-3'], f'{f}: slugs stay unique')
    body_token = site.request('POST', '/micropub', {'Content-Type': FORM}, f'content=x&access_token={site.token}'.encode())
    t.eq(body_token.status, 201, f'{f}: a token in the body is taken')
    charset = site.request('POST', '/micropub', {**site.auth(), 'Content-Type': 'Application/JSON; charset=utf-8'},
                           json.dumps({'type': ['h-entry'], 'properties': {'content': ['Ünïcode ☂']}}).encode())
    t.eq(charset.status, 201, f'{f}: the media type is compared without parameters and case')


def query(t, site):
    f = site.front
    config = site.get('/micropub?q=config', site.auth())
    t.eq(config.status, 200, f'{f}: q=config answers')
    t.eq(config.json.get('syndicate-to'), [], f'{f}: with its targets')
    t.has(config.header('Cache-Control') or '', 'no-store', f'{f}: and is not kept')
    source = site.get('/micropub?q=source&url=' + site.url + 'note/json', site.auth()).json
    t.eq(source['properties']['x-unknown'], [{'a': [1, 2.5]}], f'{f}: q=source gives unknown properties back')
    t.eq(source['properties']['content'], [{'html': '<p>By <b>JSON</b><script>x()</script></p>'}], f'{f}: and content as sent')
    part = site.get('/micropub?q=source&properties[]=content&url=' + site.url + 'note/form', site.auth()).json
    t.eq(part, {'properties': {'content': ['By form']}}, f'{f}: only what was asked for')
    for q in ('/micropub', '/micropub?q=nothing', '/micropub?q=source&url=https://evil.example/note/form',
              '/micropub?q=source&url=file:///etc/passwd'):
        got = site.get(q, site.auth())
        t.eq((got.status, got.json['error']), (400, 'invalid_request'), f'{f}: {q} is 400')


def refusals(t, site):
    f = site.front
    count = site.sqlite('select count(*) from post')[0][0]
    none = site.request('POST', '/micropub', {'Content-Type': FORM}, b'content=x')
    t.eq((none.status, none.json['error']), (401, 'unauthorized'), f'{f}: no token is 401')
    t.eq(none.header('WWW-Authenticate'), 'Bearer', f'{f}: with a bare challenge')
    t.eq(none.header('Access-Control-Allow-Origin'), '*', f'{f}: which a browser client may read')
    for member in ('message', 'suggestion', 'troubleshooting', 'request_id', 'error_description'):
        t.ok(none.json.get(member), f'{f}: the error has {member}')
    bad = site.micropub({'content': 'x'}, token='sp_wrong')
    t.eq((bad.status, bad.json['error']), (401, 'invalid_token'), f'{f}: a wrong token is 401')
    t.has(bad.header('WWW-Authenticate') or '', 'invalid_token', f'{f}: and says so')
    url_token = site.request('POST', f'/micropub?access_token={site.token}', {'Content-Type': FORM}, b'content=x')
    t.eq(url_token.status, 401, f'{f}: a token in the URL is none')
    both = site.request('POST', '/micropub', {**site.auth(), 'Content-Type': FORM}, f'content=x&access_token={site.token}'.encode())
    t.eq((both.status, both.body), (400, b''), f'{f}: two tokens are 400')
    for scope in ('recreate', 'create:video', 'profile', 'update'):
        if scope in ('recreate', 'create:video'):
            continue
        got = site.micropub({'content': 'x'}, token=site.make_token(scope))
        t.eq((got.status, got.json['error'], got.json.get('scope')), (401, 'insufficient_scope', 'create'),
             f'{f}: scope {scope} may not create')
    cases = [
        ('GET form body', FORM, b'', 400), ('only reserved', FORM, b'h=entry&mp-slug=x', 400),
        ('broken percent', FORM, b'content=%zz', 400), ('bad UTF-8', FORM, b'content=%ff%fe', 400),
        ('NUL', FORM, b'content=a%00b', 400), ('array JSON', 'application/json', b'[]', 400),
        ('cut JSON', 'application/json', b'{"type":["h-entry"]', 400),
        ('scalar property', 'application/json', b'{"properties":{"content":"x"}}', 400),
        ('null value', 'application/json', b'{"properties":{"content":[null]}}', 400),
        ('duplicate name', 'application/json', b'{"properties":{"content":["a"]},"properties":{"content":["b"]}}', 400),
        ('lone surrogate', 'application/json', b'{"properties":{"content":["\\ud800"]}}', 400),
        ('deep JSON', 'application/json', b'{"properties":{"content":[' + b'[' * 100000 + b']' * 100000 + b']}}', 400),
        ('no boundary', 'multipart/form-data', b'--x--', 400),
        ('cut multipart', 'multipart/form-data; boundary=B', b'--B\r\nContent-Disposition: form-data; name="content"\r\n\r\nabc', 400),
        ('XML', 'application/xml', b'<x/>', 415), ('no type', None, b'content=x', 415),
        ('too large', FORM, b'content=' + b'x' * (1200 * 1024), 413),
        ('bad status', FORM, b'content=x&post-status=publish', 400), ('bad visibility', FORM, b'content=x&visibility=hidden', 400),
        ('bad date', FORM, b'content=x&published=yesterday', 400), ('unknown action', FORM, b'action=explode&url=x', 400),
        ('script URL', FORM, b'content=x&photo=javascript:alert(1)', 400), ('unknown h', FORM, b'h=recipe&content=x', 400),
    ]
    for name, kind, body, want in cases:
        got = site.request('POST', '/micropub', {**site.auth(), **({'Content-Type': kind} if kind else {})}, body)
        t.eq(got.status, want, f'{f}: {name} is {want}')
        t.ok(got.json.get('error') and got.json.get('request_id') == got.header('X-Request-ID'), f'{f}: {name} is explained', got)
        t.ok('/tmp/' not in got.text and 'SELECT' not in got.text and 'sqlite' not in got.text.lower(), f'{f}: {name} shows no inside')
    t.eq(site.request('PUT', '/micropub', site.auth(), b'').status, 405, f'{f}: PUT is 405')
    options = site.request('OPTIONS', '/micropub', {'Origin': 'https://client.example', 'Access-Control-Request-Method': 'POST'})
    t.eq(options.status, 204, f'{f}: a preflight needs no token')
    t.has(options.header('Access-Control-Allow-Headers') or '', 'Authorization', f'{f}: and allows the header')
    t.eq(site.sqlite('select count(*) from post')[0][0], count, f'{f}: nothing of all this was stored')


def slugs(t, site):
    f = site.front
    for slug in ('../../x', 'admin', '%2e%2e', 'x' * 5000, 'a\r\nSet-Cookie: x=1', '..', '/', '-', '<script>'):
        got = site.micropub({'content': 'slug test', 'mp-slug': slug})
        t.eq(got.status, 201, f'{f}: slug {slug[:20]!r} is made harmless')
        location = got.header('Location') or ''
        t.ok(location.startswith(site.url + 'note/') and '..' not in location and len(location) < 400,
             f'{f}: slug {slug[:20]!r} stays inside', location)
        t.eq(site.get(location[len(site.url) - 1:]).status, 200, f'{f}: slug {slug[:20]!r} leads to the post')
        t.ok(got.header('Set-Cookie') is None, f'{f}: slug {slug[:20]!r} makes no header')


def drafts(t, site):
    f = site.front
    token = site.make_token('draft')
    got = site.micropub({'content': 'Secret draft', 'post-status': 'published', 'mp-slug': 'secret'}, token=token)
    t.eq(got.status, 201, f'{f}: a draft token creates')
    t.eq(site.get('/note/secret').status, 404, f'{f}: but only a draft')
    t.ok('Secret draft' not in site.get('/').text + site.get('/feed.atom').text, f'{f}: which nobody sees')
    private = site.micropub({'content': 'Private', 'visibility': 'private', 'mp-slug': 'private'})
    t.eq((private.status, site.get('/note/private').status), (201, 404), f'{f}: a private post is not shown')
    unlisted = site.micropub({'content': 'Unlisted words', 'visibility': 'unlisted', 'mp-slug': 'unlisted'})
    t.eq((unlisted.status, site.get('/note/unlisted').status), (201, 200), f'{f}: an unlisted one is')
    t.ok('Unlisted words' not in site.get('/').text + site.get('/feed.atom').text, f'{f}: but in no list')
    later = site.micropub({'content': 'From the future', 'published': '2099-01-01T00:00:00Z', 'mp-slug': 'future'})
    t.eq((later.status, site.get('/note/future').status), (201, 404), f'{f}: a post of the future waits')


ODD = (b'{"properties":{"content":["Odd"],"mp-slug":["odd"],"x-odd":[1.10,1e5,-7,true,"\\u00e9\\u0001 \\"\\\\",{"a":[{"b":[0.50]}],"c":{}}],'
       b'"x-next":[{"type":["h-cite"],"properties":{"name":["N"]}}]}}')


def changes(t, site):
    f = site.front
    token = site.make_token('create update delete')
    url = site.url + 'note/odd'

    def send(data, headers=None, kind='application/json'):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return site.request('POST', '/micropub', {**site.auth(token), 'Content-Type': kind, **(headers or {})}, body)

    def update(headers=None, **operations):
        return send({'action': 'update', 'url': url, **operations}, headers)

    def source(path=''):
        return site.get(f'/micropub?q=source&url={url}{path}', site.auth(token))

    def raw(name):
        """A property's values as they were sent over the wire, without a JSON parser's reading of numbers."""
        body = source(f'&properties[]={name}').body
        return body[len(b'{"properties":{'):-2]
    t.eq(send(ODD).status, 201, f'{f}: an odd post is made')
    odd = ('"x-odd":[1.10,1e5,-7,true,"é\\u0001 \\"\\\\",{"a":[{"b":[0.50]}],"c":{}}]').encode()
    t.eq(raw('x-odd'), odd, f'{f}: its source comes back as it was sent')
    first = source()
    got = update(replace={'content': ['Even']}, add={'category': ['a', 'b']}, delete=['x-next'])
    t.eq((got.status, got.body), (204, b''), f'{f}: an update is 204')
    t.ok(got.header('ETag') not in (None, first.header('ETag')), f'{f}: with a new entity tag', got)
    t.eq(raw('x-odd'), odd, f'{f}: what it does not name stays byte for byte')
    now = source().json['properties']
    t.eq((now['content'], now['category'], 'x-next' in now), (['Even'], ['a', 'b'], False), f'{f}: and what it names does not')
    t.has(site.get('/note/odd').text, 'Even', f'{f}: the page follows')
    t.eq(update({'If-Match': first.header('ETag')}, replace={'content': ['Late']}).status, 412, f'{f}: the second editor is told')
    t.eq(update({'If-Match': got.header('ETag')}, add={'category': ['c']}).status, 204, f'{f}: the first one goes on')
    for name, data in (('string', {'replace': {'content': 'x'}}), ('object in delete', {'delete': [{'category': ['a']}]}),
                       ('scalar', {'add': 'x'}), ('nothing', {}), ('bad URL', {'replace': {'content': ['Half'], 'photo': ['javascript:1']}}),
                       ('published', {'delete': ['published']})):
        t.eq(update(**data).status, 400, f'{f}: update with {name} is 400')
    t.ok('Half' not in source().text, f'{f}: and changes nothing')
    t.eq(send(f'action=update&url={url}'.encode(), kind=FORM).status, 400, f'{f}: an update is JSON')
    moved = update(**{'mp-slug': 'even'})
    t.eq((moved.status, moved.header('Location')), (201, site.url + 'note/even'), f'{f}: a new slug is 201')
    old = site.get('/note/odd')
    t.eq((old.status, old.header('Location')), (301, site.url + 'note/even'), f'{f}: the old address redirects')
    t.eq(source().status, 200, f'{f}: and is still good for clients')
    deleted = [send(f'action=delete&url={url}'.encode(), kind=FORM).status for _ in range(2)]
    t.eq((deleted, site.get('/note/even').status, site.get('/note/odd').status), ([204, 204], 410, 410), f'{f}: delete, and again')
    t.ok('Even' not in site.get('/').text + site.get('/feed.atom').text, f'{f}: it has left lists and feed')
    t.eq(send({'action': 'undelete', 'url': url}).status, 204, f'{f}: undelete')
    t.eq(site.get('/note/even').status, 200, f'{f}: it is back under its address')
    t.eq(raw('x-odd'), odd, f'{f}: as it was')
    t.eq(send({'action': 'delete', 'url': 'https://evil.example/note/odd'}).status, 400, f'{f}: a foreign address is 400')
    again = [send(b'{"properties":{"content":["Once"],"mp-slug":["once"]}}').header('Location') for _ in range(3)]
    t.eq(again, [site.url + 'note/once'] * 3, f'{f}: a create that comes again makes one post')
    keyed = [send(b'{"properties":{"content":["Once"],"mp-slug":["once"]}}', {'Idempotency-Key': key}).header('Location')
             for key in ('"k1"', '"k1"', '"k2"')]
    t.eq(keyed, [site.url + 'note/once-2'] * 2 + [site.url + 'note/once-3'], f'{f}: by its key, if it has one')
    t.eq(send(b'{"properties":{"content":["Other"]}}', {'Idempotency-Key': '"k1"'}).status, 409, f'{f}: which names one post')


def at_once(t, site):
    """Sixteen updates of one post and sixteen retries of one create, on connections of their own."""
    f = site.front
    token = site.make_token('create update')
    url = site.url + 'note/at-once'
    site.micropub({'content': 'At once', 'mp-slug': 'at-once'})

    def update(i):
        return site.micropub_json({'action': 'update', 'url': url, 'add': {'category': [f'tag{i}']}}, token).status

    def create(_):
        return site.micropub_json({'properties': {'content': ['Sixteen times']}}, token).header('Location')
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        t.eq(set(pool.map(update, range(16))), {204}, f'{f}: many updates at once are taken')
        got = site.get(f'/micropub?q=source&url={url}', site.auth(token)).json['properties']['category']
        t.eq(sorted(got), sorted(f'tag{i}' for i in range(16)), f'{f}: and none is lost')
        t.eq(set(pool.map(create, range(16))), {site.url + 'note/sixteen-times'}, f'{f}: many retries at once make one post')


def lists(t, site):
    f = site.front
    site.micropub({'content': 'Dry', 'category[]': 'weather', 'post-status': 'draft', 'mp-slug': 'dry'})
    first = site.get('/micropub?q=source&limit=2', site.auth())
    t.eq((first.status, len(first.json['items'])), (200, 2), f'{f}: q=source lists posts')
    t.has(first.header('Cache-Control') or '', 'no-store', f'{f}: and is not kept')
    seen, after = [], ''
    while after is not None:
        page = site.get(f'/micropub?q=source&limit=7{after}', site.auth()).json
        seen += [item['properties']['url'][0] for item in page['items']]
        cursor = page['paging'].get('after')
        after = None if cursor is None else '&after=' + urllib.parse.quote(cursor)
    t.eq(len(seen), len(set(seen)), f'{f}: page after page, each post once')
    t.eq(len(seen), site.sqlite('select count(*) from post where deleted = 0')[0][0], f'{f}: and all of them')
    drafts = site.get('/micropub?q=source&post-status=draft&category=weather', site.auth()).json['items']
    t.eq([item['properties']['content'] for item in drafts], [['Dry']], f'{f}: filtered')
    for bad in ('limit=x', 'limit=-1', 'offset=x', 'after=nothing'):
        t.eq(site.get(f'/micropub?q=source&{bad}', site.auth()).status, 400, f'{f}: {bad} is 400')
    config = site.get('/micropub?q=config', site.auth()).json
    t.eq(config['media-endpoint'], site.url + 'micropub/media', f'{f}: q=config names the media endpoint')
    for q in config['q']:
        t.eq(site.get(f'/micropub?q={q}', site.auth()).status, 200, f'{f}: q={q}, which it names, is answered')


def secrets(t, site):
    f = site.front
    token = site.token

    def ids():
        return {row['id'] for row in json.loads(site.starpunk('token', 'list', '--json').stdout)}
    before = ids()
    revoked = site.make_token('create')
    t.ok(token not in str(ids()) and revoked not in site.starpunk('token', 'list').stdout, f'{f}: a list shows no token')
    t.eq(site.micropub({'content': 'x'}, token=revoked).status, 201, f'{f}: a new token works')
    site.starpunk('token', 'revoke', (ids() - before).pop())
    got = site.micropub({'content': 'x'}, token=revoked)
    t.eq((got.status, got.json['error']), (401, 'invalid_token'), f'{f}: and is 401 once revoked')
    with open(f'{site.dir}/starpunk.db', 'rb') as db:
        t.ok(token.encode() not in db.read(), f'{f}: the database does not hold the token')
    logs = site.output() + ''.join(json.dumps(e) for e in site.log())
    with open(f'{site.dir}/log/{site.front}.log', encoding='utf-8') as log:
        logs += log.read()
    t.ok(token not in logs.replace(f'/micropub?access_token={token}', ''), f'{f}: no log holds it')
    t.ok(token not in ''.join(json.dumps(e) for e in site.log()), f'{f}: not even one that came in the URL')


def proxy_header(t, site):
    got = site.micropub({'content': 'Proxy'}, headers={'Proxy': 'http://evil.example:8080'})
    t.eq(got.status, 201, f'{site.front}: a Proxy header does no harm')


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            create(t, site)
            query(t, site)
            refusals(t, site)
            slugs(t, site)
            drafts(t, site)
            changes(t, site)
            at_once(t, site)
            lists(t, site)
            secrets(t, site)
            proxy_header(t, site)
