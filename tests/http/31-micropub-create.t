#!/usr/bin/env python3
"""Micropub sections 2 to 4 and 3.3 from outside: discovery, methods, the three encodings, values, creating, safe retry."""

import json
import os
import re
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from micropub import FORM, JSON, ask, counts, create, files, made, multipart, page, png, run, send, send_json, send_parts, source
from starpunk import Site, Tap, fronts, wait_for


def form(site, text, headers=None, token=True):
    return send(site, FORM, text, headers, token=token)


def at(answer):
    """Where a create says its post is."""
    return answer.header('Location') if answer.status == 201 else f'not created: {answer!r}'


def discovery(t, site):
    f = site.front
    home = site.get('/')
    links = re.findall(r'<([^>]+)>\s*;\s*rel="?micropub"?', home.header('Link') or '')
    t.eq(links, [site.url + 'micropub'], f'{f}: the home page advertises the endpoint by one Link header, absolute, one rel')
    head = home.text.split('</head>')[0]
    rels = [e for e in re.findall(r'<link[^>]+>', head) if re.search(r'rel="?micropub"?[ >/]', e)]
    t.ok(len(rels) == 1 and f'{site.url}micropub' in rels[0], f'{f}: and by one <link rel=micropub> in its head', rels)


def methods(t, site):
    f = site.front
    got = site.get('/micropub?x=1&q=config&y=q%3Dsource', site.auth())
    t.ok(got.status == 200 and 'media-endpoint' in got.json, f'{f}: a query string before q= is no obstacle', got)
    t.eq(send(site, FORM, 'content=behind+a+query+string', path='/micropub?from=client').status, 201,
         f'{f}: an endpoint with a query string creates')
    head, get = site.head('/micropub?q=syndicate-to', site.auth()), ask(site, 'syndicate-to')
    t.eq((head.status, head.body, head.header('Content-Type')), (200, b'', get.header('Content-Type')), f'{f}: HEAD is GET without a body')
    for method in ('PUT', 'DELETE', 'PATCH'):
        got = site.request(method, '/micropub', site.auth(), b'')
        t.eq((got.status, sorted((got.header('Allow') or '').replace(' ', '').split(','))), (405, ['GET', 'HEAD', 'OPTIONS', 'POST']),
             f'{f}: {method} is 405 with Allow')
    for path in ('/micropub', '/micropub/media'):
        got = site.request('OPTIONS', path, {'Origin': 'https://client.example', 'Access-Control-Request-Method': 'POST'})
        allowed = {h.strip().lower() for h in (got.header('Access-Control-Allow-Headers') or '').split(',')}
        t.eq((got.status, got.header('Access-Control-Allow-Origin')), (204, '*'), f'{f}: OPTIONS {path} is answered without a token')
        t.ok({'authorization', 'content-type'} <= allowed, f'{f}: and lets a browser client send its token to {path}', allowed)
    got = site.request('OPTIONS', '/micropub', {'Origin': 'https://client.example', 'Access-Control-Request-Method': 'POST'})
    allowed = {h.strip().lower() for h in (got.header('Access-Control-Allow-Headers') or '').split(',')}
    t.ok({'if-match', 'if-unmodified-since', 'idempotency-key'} <= allowed, f'{f}: the preflight allows If-Match and Idempotency-Key', allowed)


def encodings(t, site):
    f = site.front
    for kind in ('application/x-www-form-urlencoded; charset=UTF-8', 'Application/X-WWW-Form-Urlencoded'):
        t.eq(send(site, kind, f'content=type+{len(kind)}').status, 201, f'{f}: {kind} is a form')
    for kind in ('application/json;charset=utf-8', 'APPLICATION/JSON ; charset="utf-8"'):
        t.eq(send(site, kind, json.dumps({'properties': {'content': [kind]}})).status, 201, f'{f}: {kind} is JSON')
    cases = [
        ('name[]=a&name[]=b gives both in order', 'category[]=b&category[]=a&category[]=c', ['b', 'a', 'c']),
        ('category=one without brackets gives an array of one', 'category=one', ['one']),
        ('repeated plain names are all kept', 'category=x&category=y', ['x', 'y']),
        ('numbered brackets are kept in order', 'category[0]=p&category[1]=q', ['p', 'q']),
        ('names are percent-decoded first', 'category%5B%5D=m&category%5b%5d=n', ['m', 'n']),
        ('empty values are not given', 'category[]=&category[]=z&name=', ['z']),
    ]
    for name, fields, want in cases:
        url = at(form(site, f'h=entry&content={urllib.parse.quote(name)}&{fields}'))
        got = source(site, url)
        t.eq(got.get('category'), want, f'{f}: {name}')
    t.ok('name' not in got, f'{f}: and an empty name makes no article', got)
    reserved = source(site, at(form(site, f'h=entry&access_token={site.token}&content=reserved&mp-slug=reserved-names&mp-x-unknown=1&url=&action=', token=False)))
    t.eq([k for k in reserved if k in ('h', 'action', 'access_token') or k.startswith('mp-')], [], f'{f}: reserved names are no properties')
    t.eq(form(site, 'content[foo]=x').status, 400, f'{f}: other bracket content is refused')
    html = at(form(site, 'content[html]=%3Cp%3EBy+%3Cb%3Ebrackets%3C%2Fb%3E%3C%2Fp%3E'))
    t.eq(source(site, html, 'content')['content'], [{'html': '<p>By <b>brackets</b></p>'}], f'{f}: content[html] is HTML')
    t.eq(json.loads(ask(site, 'source', {'url': html}).body)['type'], ['h-entry'], f'{f}: a missing h means entry')
    for h, want in (('event', 201), ('card', 201), ('cite', 201), ('recipe', 400)):
        t.eq(form(site, f'h={h}&name=A+{h}&content={h}').status, want, f'{f}: h={h} is {want}')


def multipart_files(t, site):
    f = site.front
    for i, (name, names) in enumerate((('photo', ['photo']), ('photo[]', ['photo[]', 'photo[]']), ('photo twice', ['photo', 'photo']))):
        parts = [('h', 'entry'), ('content', f'Files as {name} + plus')]
        parts += [(n, f'a{k}.png', 'image/png', png(9 + i, 9, k)) for k, n in enumerate(names)]
        got = source(site, at(send_parts(site, parts)))
        t.ok(len(got.get('photo', [])) == len(names) and len(set(map(str, got['photo']))) == len(names), f'{f}: {name}: every file is stored', got)
        t.eq(got['content'], [f'Files as {name} + plus'], f'{f}: {name}: a plus is not a space in multipart')
        t.ok(all(p.startswith(site.url + 'media/') and page(site, p).header('Content-Type') == 'image/png' for p in got['photo']),
             f'{f}: {name}: its URL is absolute and gives an image/png', got)
    mixed = at(send_parts(site, [('photo[]', 'https://elsewhere.example/1.jpg'), ('photo[]', 'x.png', 'image/png', png(7, 5)),
                                 ('photo[]', 'https://elsewhere.example/3.jpg'), ('mp-photo-alt[]', 'first'), ('mp-photo-alt[]', 'the second')]))
    photos = source(site, mixed, 'photo')['photo']
    flat = [p['value'] if isinstance(p, dict) else p for p in photos]
    t.ok(len(flat) == 3 and flat[0].endswith('/1.jpg') and flat[1].startswith(site.url + 'media/') and flat[2].endswith('/3.jpg'),
         f'{f}: text and file parts of one name mix and keep their order', photos)
    t.eq([p.get('alt') if isinstance(p, dict) else None for p in photos], ['first', 'the second', None], f'{f}: the n-th alt text is of the n-th photo')
    before = files(site)
    wrong = send_parts(site, [('content', 'x'), ('attachment', 'x.png', 'image/png', png(6, 6))])
    t.eq((wrong.status, wrong.json['error']), (400, 'invalid_request'), f'{f}: a file in another property is 400')
    t.eq(files(site), before, f'{f}: and leaves no file')
    token = at(send_parts(site, [('content', 'token as a part'), ('photo', 'y.png', 'image/png', png(5, 7)), ('access_token', site.token)], token=False))
    t.ok('access_token' not in source(site, token), f'{f}: a token in a multipart text part is taken, also behind the file')


def json_forms(t, site):
    f = site.front
    for name, data in (('without a type', {'properties': {'content': ['no type']}}), ('with a type that is a string', {'type': 'h-entry', 'properties': {'content': ['bare type']}}),
                       ('with commands at the top', {'type': ['h-entry'], 'mp-slug': 'top-command', 'properties': {'content': ['top']}}),
                       ('with a command that is a bare string', {'type': ['h-entry'], 'properties': {'content': ['bare'], 'mp-slug': 'bare-command'}}),
                       ('with a command in an array', {'type': ['h-entry'], 'properties': {'content': ['array'], 'mp-slug': ['array-command']}})):
        got = send_json(site, data)
        t.eq(got.status, 201, f'{f}: an object {name} creates')
        if 'command' in str(data):
            t.ok(at(got).endswith('-command'), f'{f}: and is obeyed', got)
    for name, data in (('a bare value', {'properties': {'content': 'x'}}), ('a null value', {'properties': {'content': ['x'], 'x': [None]}}),
                       ('a null deep inside', {'properties': {'content': ['x'], 'x': [{'a': {'b': None}}]}}), ('properties as an array', {'properties': []}),
                       ('an array as body', []), ('a string as body', 'x'), ('a type that is none', {'type': ['entry'], 'properties': {'content': ['x']}}),
                       ('a type not known', {'type': ['h-recipe'], 'properties': {'content': ['x']}}), ('101 properties', {'properties': {f'p{i}': ['x'] for i in range(101)}}),
                       ('1001 values', {'properties': {'content': ['x'], 'v': ['y'] * 1001}})):
        got = send_json(site, data)
        t.eq((got.status, got.json.get('error')), (400, 'invalid_request'), f'{f}: {name} is 400')
    t.eq(send_json(site, {'properties': {'content': ['100 of them'], **{f'p{i}': ['x'] for i in range(99)}}}).status, 201, f'{f}: 100 properties are not too many')


NESTED = (b'[{"type":["h-cite","h-x"],"properties":{"z":[1.10,1e5,-0.0,1234567890123456789,true,false,"\\u00e9\\u2028</script>"],'
          b'"a":[{"deep":{"er":[[],{}]}}]},"children":[{"value":"a\\tb"}]},"",{"b":1,"a":2}]')


def round_trip(t, site):
    f = site.front
    body = b'{"type":["h-entry"],"properties":{"content":["Round\\r\\n trip  \\u00e9 <b>raw</b> \\ud83d\\ude00"],"x-unknown":' + NESTED + b',"zz":["last"],"aa":["after"]}}'
    url = at(send(site, JSON, body))
    got = ask(site, 'source', {'url': url})
    want = json.loads(NESTED)
    t.eq([v for v in got.json['properties']['x-unknown'] if v != ''], [v for v in want if v != ''], f'{f}: nested objects come back as they were given')
    for number in (b'1.10', b'1e5', b'-0.0', b'1234567890123456789'):
        t.ok(number in got.body, f'{f}: the number {number.decode()} keeps its digits', got.body)
    t.ok(got.body.index(b'"z"') < got.body.index(b'"deep"') < got.body.index(b'"children"') and got.body.index(b'"b":1') < got.body.index(b'"a":2'),
         f'{f}: members keep their order', got.body)
    t.eq(got.json['properties']['content'], ['Round\r\n trip  é <b>raw</b> 😀'], f'{f}: content comes back as the very text sent, as a string')
    names = [k for k in got.json['properties'] if k in ('x-unknown', 'zz', 'aa')]
    t.eq(names, ['x-unknown', 'zz', 'aa'], f'{f}: properties keep their order')
    t.ok('<b>raw</b>' not in page(site, url).text, f'{f}: raw HTML in plain text is neutralised')
    cut = got.body[got.body.index(b'"x-unknown":'):got.body.index(b',"zz"')]
    t.eq(send_json(site, {'action': 'update', 'url': url, 'add': {'category': ['new']}, 'replace': {'zz': ['changed']}}).status, 204, f'{f}: another property is updated')
    after = ask(site, 'source', {'url': url}).body
    t.ok(cut in after and b'"Round\\r\\n' in after, f'{f}: and what was not touched is the same byte for byte', (cut, after))


def values(t, site):
    f = site.front
    url = made(site, content='Photo of another host', photo=['https://elsewhere.example/p.jpg', {'value': 'https://elsewhere.example/q.jpg', 'alt': 'A "q" & more'}],
               location=['geo:48.2,16.37,171;u=10', {'type': ['h-adr'], 'properties': {'locality': ['Wien']}}])
    got = source(site, url)
    t.eq(got['photo'], ['https://elsewhere.example/p.jpg', {'value': 'https://elsewhere.example/q.jpg', 'alt': 'A "q" & more'}], f'{f}: photos of other hosts are stored as URLs, alt text kept')
    t.eq(got['location'], ['geo:48.2,16.37,171;u=10', {'type': ['h-adr'], 'properties': {'locality': ['Wien']}}], f'{f}: location is text, geo URI or nested microformat')
    t.ok(not [p for p in files(site) if 'elsewhere' in p], f'{f}: nothing was fetched')
    html = made(site, content=[{'html': '<p>An <em>HTML</em> post<script>alert(1)</script></p>'}])
    t.ok('<em>HTML</em>' in page(site, html).text and 'alert(1)' not in page(site, html).text, f'{f}: HTML content is rendered, not escaped, and sanitised')
    t.eq(source(site, html, 'content')['content'], [{'html': '<p>An <em>HTML</em> post<script>alert(1)</script></p>'}], f'{f}: and comes back as HTML, as sent')
    mark = page(site, made(site, content='*Marked* down\nsecond line')).text
    t.ok(re.search(r'<em>Marked</em> down\s*<br ?/?>\s*second line', mark), f'{f}: plain content is Markdown and keeps its line breaks')
    rtl = page(site, made(site, content='שלום עולם', name='كتاب')).text
    t.ok(rtl.count('dir="auto"') >= 2, f'{f}: right-to-left text has dir=auto')


def times(t, site):
    f = site.front
    default = source(site, made(site, content='time by default'), 'published')['published'][0]
    t.ok(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)', default), f'{f}: published defaults to now, with a zone', default)
    t.eq(source(site, made(site, content='t1', published='2024-05-06T07:08:09+05:30'), 'published')['published'], ['2024-05-06T07:08:09+05:30'], f'{f}: published is kept as given')
    page_text = page(site, made(site, content='zoneless', published='2024-05-06T07:08:09')).text
    t.has(page_text, '2024-05-06T07:08:09+02:00', f'{f}: a time without offset is meant in the zone of the site')
    for bad in ('tomorrow', '2024-13-01T00:00:00Z', '06.05.2024', '2024-05-06T25:00:00Z'):
        t.eq(create(site, content='x', published=bad).status, 400, f'{f}: published {bad} is 400')


def scheduled(t, site):
    """A moment of the future, said in another zone than the site's; begun early, judged at the end."""
    when = int(time.time()) + 4
    text = time.strftime('%Y-%m-%dT%H:%M:%S-09:30', time.gmtime(when - 34200))
    got = create(site, content='Appears to the second', published=text, mp_slug='to-the-second')
    hidden = site.get('/note/to-the-second').status, 'Appears to the second' in site.get('/').text

    def judge():
        f = site.front
        t.eq((got.status, hidden), (201, (404, False)), f'{f}: published in the future is 201 and not yet shown')
        t.ok(wait_for(lambda: site.get('/note/to-the-second').status == 200, 15), f'{f}: it appears')
        t.ok(time.time() >= when, f'{f}: not before its second')
        t.has(site.get('/').text + site.get('/feed.atom').text, 'Appears to the second', f'{f}: in lists and feeds, too')
    return judge


def creating(t, site):
    f = site.front
    before = counts(site)[0]
    for name, text in (('nothing', ''), ('only reserved names', 'h=entry&mp-slug=x&mp-syndicate-to=y'), ('only empty values', 'h=entry&content=&name=&category[]=')):
        got = form(site, text)
        t.eq((got.status, got.json['error']), (400, 'invalid_request'), f'{f}: {name} is 400')
    t.eq(counts(site)[0], before, f'{f}: and stores nothing')
    for name, more in (('a post', {}), ('a draft', {'post_status': 'draft'}), ('a private post', {'visibility': 'private'}), ('an unlisted post', {'visibility': 'unlisted'})):
        got = create(site, content=f'Created as {name}', **more)
        t.ok(got.status == 201 and (got.header('Location') or '').startswith(site.url + 'note/'), f'{f}: {name} is 201 with an absolute permalink', got)
        t.eq(page(site, got.header('Location')).status, 200 if 'status' not in str(more) and 'private' not in str(more) else 404, f'{f}: {name} is shown to whom it may be')
    slugs = [at(create(site, content=f'slug {i}', mp_slug='taken'))[len(site.url):] for i in range(3)]
    t.eq(slugs, ['note/taken', 'note/taken-2', 'note/taken-3'], f'{f}: a slug that is taken gets -2, -3')
    t.ok(at(create(site, name='From the Name', content='x')).endswith('/note/from-the-name'), f'{f}: the slug comes from the name')


def retry(t, site):
    f = site.front
    fields = 'h=entry&content=The+answer+was+lost&category[]=retry&mp-slug=lost'
    first, again = form(site, fields), form(site, fields)
    t.eq((again.status, at(again)), (201, at(first)), f'{f}: the same create again is the same post')
    t.eq(len(site.sqlite("select 1 from post where slug like 'lost%'")), 1, f'{f}: which is there once')
    other = form(site, fields, token=site.make_token('create'))
    t.ok(at(other) not in (at(first), None), f'{f}: the same from another client is another post', other)
    kind, body = multipart([('content', 'With a file'), ('photo', 'r.png', 'image/png', png(11, 3))])
    photo = [at(send(site, kind, body)) for _ in range(2)]
    t.ok(photo[0] == photo[1] and photo[0].startswith(site.url), f'{f}: a create with a file, too', photo)
    reordered = [at(send_json(site, {'type': ['h-entry'], 'properties': {'content': ['Same by JSON'], 'category': ['a', 'b']}})) for _ in range(2)]
    t.eq(reordered[0], reordered[1], f'{f}: and one by JSON')
    t.ok(at(create(site, content='Same by JSON', category=['a'])) != reordered[0], f'{f}: other content is another post')
    key = {'Idempotency-Key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    keyed = [create(site, headers=key, content='By key') for _ in range(2)]
    t.ok(at(keyed[0]) == at(keyed[1]) and at(keyed[0]).startswith(site.url), f'{f}: an Idempotency-Key names one create', keyed)
    conflict = create(site, headers=key, content='By the same key, but something else')
    t.eq((conflict.status, conflict.json.get('error')), (409, 'invalid_request'), f'{f}: the key with other content is 409')
    t.ok(at(create(site, headers={'Idempotency-Key': 'k2'}, content='By key')) != at(keyed[0]), f'{f}: another key is another post, even with the same content')
    for bad in ('x' * 256,) if site.lacks('empty headers') else ('', 'x' * 256):
        t.eq(create(site, headers={'Idempotency-Key': bad}, content='Bad key').status, 400, f'{f}: a key of {len(bad)} characters is 400')
    t.eq(send(site, FORM, urllib.parse.urlencode({'action': 'delete', 'url': at(first)})).status, 204, f'{f}: the first post is deleted')
    t.ok(at(form(site, fields)) not in (at(first), None), f'{f}: then the same create makes a new one')


with Tap() as t:
    for front in fronts():
        with Site(front, timezone='Europe/Vienna') as site:
            judge = scheduled(t, site)
            run(t, site, (discovery, methods, encodings, json_forms, round_trip, values, times, creating, retry, multipart_files))
            judge()
