#!/usr/bin/env python3
"""Micropub section 3.7 and its extensions from outside: q=config and its kin, sources, lists, targets and channels."""

import json
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from micropub import act, ask, create, made, page, png, run, scoped, send, source, update, upload, FORM
from starpunk import Site, Tap, fronts

TARGETS = [{'uid': 'https://social.example/@ada', 'name': 'Ada on Social'}, {'uid': 'wire', 'name': 'The Wire'}]
CHANNELS = [{'uid': 'notes', 'name': 'Notes'}, {'uid': 'garden', 'name': 'The Garden'}]
TYPES = {'note', 'article', 'photo', 'video', 'audio', 'reply', 'like', 'repost', 'bookmark', 'rsvp', 'event', 'checkin', 'read', 'listen'}


def pairs(rows):
    return ', '.join(f'{r["uid"]}={r["name"]}' for r in rows)


def config(t, site):
    f = site.front
    got = ask(site, 'config')
    t.eq((got.status, got.header('Content-Type')), (200, 'application/json'), f'{f}: q=config is JSON')
    data = got.json
    t.eq(data.get('media-endpoint'), site.url + 'micropub/media', f'{f}: media-endpoint is a full URL')
    t.eq(data.get('syndicate-to'), TARGETS, f'{f}: syndicate-to lists the targets with uid and name')
    t.eq(data.get('channels'), CHANNELS, f'{f}: channels')
    t.eq((data.get('post-status'), sorted(data.get('visibility', []))), (['published', 'draft'], ['private', 'public', 'unlisted']), f'{f}: post-status and visibility')
    t.ok({'config', 'source', 'syndicate-to', 'category', 'channel', 'contact', 'post-types'} <= set(data.get('q', [])), f'{f}: q lists every query', data.get('q'))
    t.ok({'slug', 'photo-alt', 'syndicate-to', 'channel'} <= set(data.get('mp', [])), f'{f}: mp lists the commands', data.get('mp'))
    t.ok(isinstance(data.get('categories'), list) and isinstance(data.get('destination'), list), f'{f}: categories and destination', data)
    types = data.get('post-types', [])
    t.eq({p['type'] for p in types}, TYPES, f'{f}: every type that is shown is announced')
    t.ok(all(p['name'] and p['h'] in ('entry', 'event') and set(p['required-properties']) <= set(p['properties']) and p['required-properties'] for p in types),
         f'{f}: with name, h, properties and required-properties', types)
    for q, members in (('syndicate-to', ['syndicate-to']), ('channel', ['channels']), ('post-types', ['post-types']), ('category', ['categories']), ('contact', ['contacts'])):
        got = ask(site, q)
        t.eq((got.status, list(got.json), isinstance(got.json[members[0]], list)), (200, members, True), f'{f}: q={q} answers {members[0]} and nothing else')
        t.has(got.header('Cache-Control') or '', 'no-store', f'{f}: q={q} is not kept')
        if q in ('syndicate-to', 'channel', 'post-types'):
            t.eq(got.json[members[0]], data[members[0]], f'{f}: q={q} says what q=config says')
    for q in data.get('q', []):
        t.eq(ask(site, q).status, 200, f'{f}: the announced q={q} is answered')
    t.eq(ask(site, 'config', {'foo': 'bar', 'limit': 'x'}).status, 200, f'{f}: unknown extra parameters are ignored')
    t.eq(ask(site, 'syndicate-to', {'post-type': 'note'}).json, {'syndicate-to': TARGETS}, f'{f}: post-type beside syndicate-to does no harm')


def bare(t, site):
    """A site without targets and channels."""
    f = site.front
    t.eq(ask(site, 'syndicate-to').json, {'syndicate-to': []}, f'{f}: without targets syndicate-to is []')
    t.eq(ask(site, 'config').json.get('syndicate-to'), [], f'{f}: in q=config, too')
    t.ok(isinstance(ask(site, 'channel').json['channels'], list), f'{f}: and channels is an array')


def wrong(t, site):
    f = site.front
    queries = ['', '?q=', '?q=unknown', '?q=CONFIG', '?q=source&limit=0', '?q=source&limit=-1', '?q=source&limit=ten', '?q=source&limit=101x', '?q=source&offset=-1',
                  '?q=source&offset=1.5', '?q=source&after=nonsense', '?q=source&limit=99999999999999999999',
                  '?q=source&url=' + urllib.parse.quote('https://evil.example/note/x'), '?q=source&url=' + site.url + 'note/none']
    if not site.lacks('malformed addresses'):
        queries += ['?q=source&before=%00', '?q=source&url=%ff']
    for query in queries:
        got = site.get('/micropub' + query, site.auth())
        t.eq((got.status, got.json['error']), (400, 'invalid_request'), f'{f}: {query[:50] or "no q"} is 400')
    for q in ('config', 'source', 'syndicate-to', 'category'):
        got = site.get(f'/micropub?q={q}')
        t.eq((got.status, got.json['error'], got.header('WWW-Authenticate')), (401, 'unauthorized', 'Bearer'), f'{f}: q={q} needs a token')
    for scope, config_status, source_status in (('profile', 200, 401), ('media', 200, 401), ('create', 200, 200), ('update', 200, 200), ('delete', 200, 200),
                                                ('undelete', 200, 200), ('draft', 200, 200), ('', 401, 401)):
        token = scoped(site, scope)
        got = [ask(site, q, {}, token=token) for q in ('config', 'source')]
        t.eq([g.status for g in got], [config_status, source_status], f'{f}: scope {scope!r}: q=config {config_status}, q=source {source_status}')
        t.ok(all(g.status == 200 or g.json['error'] == 'insufficient_scope' for g in got), f'{f}: scope {scope!r}: the error says why', got)


def sources(t, site):
    f = site.front
    url = made(site, content='Of the source', category=['one'], name='Named', mp_slug='of-the-source', mp_syndicate_to=['wire'])
    full = ask(site, 'source', {'url': url})
    t.eq((list(full.json), full.json['type']), (['type', 'properties'], ['h-entry']), f'{f}: a source has type and properties')
    t.ok(all(isinstance(v, list) for v in full.json['properties'].values()), f'{f}: property values are arrays', full)
    t.ok('mp-' not in full.text and 'access_token' not in full.text, f'{f}: commands and tokens are not in it', full)
    t.eq(ask(site, 'source', [('url', url), ('properties', 'content')]).json, {'properties': {'content': ['Of the source']}}, f'{f}: properties=content gives only that')
    t.eq(ask(site, 'source', [('properties[]', 'name'), ('properties[]', 'category'), ('url', url), ('properties[]', 'photo')]).json,
         {'properties': {'name': ['Named'], 'category': ['one']}}, f'{f}: properties[]: those asked for, absent ones left out')
    t.eq(ask(site, 'source', [('url', url), ('properties', 'mp-slug'), ('properties[]', 'access_token')]).json, {'properties': {}}, f'{f}: asked-for commands are absent')
    for other in (url.upper().replace('NOTE/OF-THE-SOURCE', 'note/of-the-source'), url + '/', url + '#top', url + '?'):
        t.eq(ask(site, 'source', {'url': other}).status, 200, f'{f}: {other[len(site.url) - 7:]} is looked up normalised')
    other = {**site.auth(), 'Host': 'evil.example'}
    got = site.get('/micropub?q=config', other)
    t.ok(got.status in (400, 421) or got.json['media-endpoint'].startswith(site.url), f'{f}: URLs never come from Host', got)


def filled(site):
    """Posts of many kinds, oldest first, a day apart."""
    rows = [
        ('draft', {'content': 'A draft', 'post_status': 'draft'}), ('note', {'content': 'First note', 'category': ['Tea', 'rain']}),
        ('article', {'name': 'An article', 'content': 'Long text', 'category': ['rain', '100%_x']}), ('photo', {'content': 'Photo', 'photo': 'https://elsewhere.example/a.jpg'}),
        ('reply', {'content': 'Reply', 'in_reply_to': 'https://elsewhere.example/post'}), ('like', {'like_of': 'https://elsewhere.example/post'}),
        ('unlisted', {'content': 'Unlisted', 'visibility': 'unlisted', 'category': ['rain']}), ('private', {'content': 'Private', 'visibility': 'private'}),
        ('garden', {'content': 'In the garden', 'mp_channel': 'garden', 'location': 'geo:1,2'}), ('nochannel', {'content': 'Elsewhere', 'mp_channel': 'unknown'}),
    ]
    for day, (slug, more) in enumerate(rows, 1):
        made(site, mp_slug='l-' + slug, published=f'2024-01-{day:02}T10:00:00Z', **more)
    act(site, 'delete', made(site, content='Deleted', category=['never'], published='2024-01-20T10:00:00Z', mp_slug='l-deleted'))
    return [slug for slug, _ in reversed(rows)]


def slugs(answer):
    return [i['properties']['url'][0].rsplit('/l-', 1)[-1] for i in answer.json['items'] if '/note/l-' in i['properties']['url'][0]]


def lists(t, site):
    f = site.front
    order = filled(site)
    got = ask(site, 'source')
    t.eq((got.status, set(got.json)), (200, {'items', 'paging'}), f'{f}: q=source without url gives items and paging')
    t.ok(all(set(i) == {'type', 'properties'} and len(i['properties']['url']) == 1 for i in got.json['items']), f'{f}: each item has type, properties and its url')
    t.eq(slugs(ask(site, 'source', {'limit': 100})), order, f'{f}: newest first, every status and visibility, without what is deleted')
    walk, args, pages = [], {'limit': 3}, 0
    while pages < 12:
        got = ask(site, 'source', args)
        walk += [i['properties']['url'][0] for i in got.json['items']]
        pages += 1
        if 'after' not in got.json['paging']:
            break
        if pages == 2:
            middle = got
        if pages == 3:
            made(site, content='Comes in between', mp_slug='l-between')
        args = {'limit': 3, 'after': got.json['paging']['after']}
    all_urls = [i['properties']['url'][0] for i in ask(site, 'source', {'limit': 100}).json['items']]
    t.eq(walk, [u for u in all_urls if not u.endswith('/l-between')], f'{f}: after= walks all posts once, whatever is posted meanwhile')
    t.ok('before' not in ask(site, 'source', {'limit': 3}).json['paging'], f'{f}: the first page has no before')
    back = ask(site, 'source', {'limit': 3, 'before': middle.json['paging']['before']})
    t.eq(len(back.json['items']), 3, f'{f}: before= leads back')
    t.eq([i['properties']['url'][0] for i in back.json['items']], walk[:3], f'{f}: to the page before')
    t.eq([i['properties']['url'] for i in ask(site, 'source', {'limit': 2, 'offset': 3}).json['items']], [[u] for u in all_urls[3:5]], f'{f}: offset')
    t.eq(len(ask(site, 'source', {'limit': 1}).json['items']), 1, f'{f}: limit')
    for name, args, want in (
            ('post-type=article', {'post-type': 'article'}, ['article']), ('post-type=like', {'post-type': 'like'}, ['like']),
            ('post-status=draft', {'post-status': 'draft'}, ['draft']), ('category=rain', {'category': 'rain'}, ['unlisted', 'article', 'note']),
            ('mp-channel=garden', {'mp-channel': 'garden'}, ['garden']), ('exists[]=photo', {'exists[]': 'photo'}, ['photo']),
            ('not-exists[]=content', {'not-exists[]': 'content'}, ['like']), ('exists[] and not-exists[]', {'exists[]': 'category', 'not-exists[]': 'name'}, ['unlisted', 'note']),
            ('two filters', {'category': 'rain', 'post-type': 'note'}, ['unlisted', 'note']), ('a category of nobody', {'category': 'nobody'}, [])):
        t.eq(slugs(ask(site, 'source', {**args, 'limit': 100})), want, f'{f}: list by {name}')
    first = ask(site, 'source', {'category': 'rain', 'limit': 2})
    rest = ask(site, 'source', {'category': 'rain', 'limit': 2, 'after': first.json['paging']['after']})
    t.eq((slugs(first), slugs(rest), 'after' in rest.json['paging']), (['unlisted', 'article'], ['note'], False), f'{f}: a filtered list pages, too')
    t.ok('mp-' not in got.text and 'access_token' not in got.text, f'{f}: no commands in lists')
    some = ask(site, 'source', [('limit', '3'), ('properties[]', 'content')])
    t.ok(some.status == 200 and all(i['properties'].get('url') for i in some.json['items']), f'{f}: properties[] of a list leaves the url', some)


def categories(t, site):
    f = site.front
    cats = ask(site, 'category').json['categories']
    t.ok({'Tea', 'rain', '100%_x'} <= set(cats) and 'never' not in cats, f'{f}: q=category lists the tags of posts that are there', cats)
    t.ok(cats.index('rain') < cats.index('Tea'), f'{f}: most used first', cats)
    for part, want in (('te', ['Tea']), ('AIN', ['rain']), ('%', ['100%_x']), ('_', ['100%_x']), ('zz', [])):
        t.eq(ask(site, 'category', {'filter': part}).json['categories'], want, f'{f}: filter={part} is a substring')


def contacts(t, site):
    f = site.front
    card = create(site, kind='h-card', name='Grace Hopper', nickname='grace', url='https://grace.example/', photo='https://grace.example/me.jpg')
    create(site, kind='h-card', name='Alan', url='https://alan.example/')
    t.eq(card.status, 201, f'{f}: an h-card is made')
    for arg in ('filter', 'search'):
        got = ask(site, 'contact', {arg: 'GRACE'}).json['contacts']
        t.eq(got, [{'name': 'Grace Hopper', 'nickname': 'grace', 'url': 'https://grace.example/', 'photo': 'https://grace.example/me.jpg',
                    '_internal_url': card.header('Location')}], f'{f}: q=contact by {arg}=')
    t.eq(sorted(c['name'] for c in ask(site, 'contact').json['contacts']), ['Alan', 'Grace Hopper'], f'{f}: without it, all')


def commands(t, site):
    f = site.front
    form = send(site, FORM, urllib.parse.urlencode([('content', 'To everywhere'), ('mp-syndicate-to[]', 'wire'), ('mp-syndicate-to[]', 'unknown-target'),
                                                    ('mp-syndicate-to[]', TARGETS[0]['uid']), ('mp-slug', 'everywhere')]))
    t.eq(form.status, 201, f'{f}: an unknown target is ignored, the post is made')
    stored = site.sqlite("select syndicate_to from post where slug = 'everywhere'")[0][0]
    t.eq(sorted(u for u in stored.split('\x1f') if u), sorted(r['uid'] for r in TARGETS), f'{f}: the known ones are kept')
    t.ok('syndication' not in source(site, form.header('Location')), f'{f}: and not pretended to be done')
    t.eq(create(site, content='x', mp_destination='https://evil.example/').status, 400, f'{f}: an unknown destination is 400')
    t.eq(create(site, content='Right destination', mp_destination=site.url).status, 201, f'{f}: our own is not')
    alt = create(site, content='With alt', photo=['https://elsewhere.example/1.jpg', 'https://elsewhere.example/2.jpg'], mp_photo_alt=['One <1>', 'Two "2"'])
    t.eq(source(site, alt.header('Location'), 'photo')['photo'], [{'value': 'https://elsewhere.example/1.jpg', 'alt': 'One <1>'},
                                                                  {'value': 'https://elsewhere.example/2.jpg', 'alt': 'Two "2"'}], f'{f}: alt texts are kept')
    t.has(page(site, alt.header('Location')).text, 'alt="One &lt;1&gt;"', f'{f}: and shown')
    update(site, alt.header('Location'), add={'category': ['later']})
    t.eq(source(site, alt.header('Location'), 'photo')['photo'][1]['alt'], 'Two "2"', f'{f}: through an update of something else')
    update(site, alt.header('Location'), replace={'photo': [{'value': 'https://elsewhere.example/3.jpg', 'alt': 'Three'}]})
    t.has(page(site, alt.header('Location')).text, 'alt="Three"', f'{f}: and a new one by update')


def media_queries(t, site):
    f = site.front
    path = '/micropub/media'
    empty = ask(site, 'last', path=path)
    t.eq((empty.status, empty.json), (200, {}), f'{f}: media q=last is empty at first')
    urls = [upload(site, png(10 + i, 10)).header('Location') for i in range(3)]
    t.eq(ask(site, 'last', path=path).json.get('url'), urls[-1], f'{f}: then the newest upload')
    t.eq(ask(site, 'config', path=path).json, {}, f'{f}: media q=config is {{}}')
    got = ask(site, 'source', {'limit': 2}, path=path).json
    t.eq(([i['url'] for i in got['items']], isinstance(got['paging'], dict)), ([urls[2], urls[1]], True), f'{f}: media q=source lists, newest first')
    t.eq({k: got['items'][0].get(k) for k in ('mime_type', 'width', 'height')}, {'mime_type': 'image/png', 'width': 12, 'height': 10}, f'{f}: with type and size')
    t.ok(got['items'][0].get('published'), f'{f}: and time', got)
    t.eq([i['url'] for i in ask(site, 'source', {'limit': 2, 'offset': 2}, path=path).json['items']], urls[:1], f'{f}: media offset')
    t.eq(ask(site, 'source', {'url': urls[1]}, path=path).json.get('url'), urls[1], f'{f}: media q=source&url= is one object')
    for args in ({'limit': 'x'}, {'url': site.url + 'media/none.png'}):
        t.eq(ask(site, 'source', args, path=path).status, 400, f'{f}: media q=source {args} is 400')
    t.eq((ask(site, 'nothing', path=path).status, site.get(path, site.auth()).status, site.get(path + '?q=last').status), (400, 400, 401), f'{f}: other media queries are refused')


with Tap() as t:
    for front in fronts():
        with Site(front, syndicate_to=pairs(TARGETS), channels=pairs(CHANNELS)) as site:
            run(t, site, (lists, categories, config, wrong, sources, contacts, commands, media_queries))
        if front == fronts()[0]:
            with Site(front) as site:
                run(t, site, (bare,))
