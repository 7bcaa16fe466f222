#!/usr/bin/env python3
"""Micropub section 3.4 and 3.5 from outside: update, delete, undelete, who may, conditions, moved posts, the two axes."""

import json
import os
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from micropub import FORM, act, ask, create, made, page, run, scoped, send, send_json, source, update
from starpunk import Site, Tap, fronts, wait_for


def operations(t, site):
    f = site.front
    url = made(site, content='Operations', category=['a', 'b'], x_other=[{'keep': [1.50]}])
    got = update(site, url, replace={'content': ['Replaced']})
    t.eq((got.status, got.body), (204, b''), f'{f}: an update is 204 without a body')
    t.eq(source(site, url, 'content', 'category', 'x-other'), {'content': ['Replaced'], 'category': ['a', 'b'], 'x-other': [{'keep': [1.5]}]},
         f'{f}: replace sets all values, other properties stay')
    t.ok('Replaced' in page(site, url).text and 'Replaced' in site.get('/feed.atom').text, f'{f}: page and feed show it')
    cases = [
        ('replace creates a property that is absent', {'replace': {'summary': ['New']}}, 'summary', ['New']),
        ('add appends', {'add': {'category': ['c']}}, 'category', ['a', 'b', 'c']),
        ('add creates a property that is absent', {'add': {'location': ['geo:1,2']}}, 'location', ['geo:1,2']),
        ('delete of values removes those values', {'delete': {'category': ['b']}}, 'category', ['a', 'c']),
        ('deleting what is not there is no error', {'delete': {'category': ['zzz'], 'nowhere': ['x']}}, 'category', ['a', 'c']),
        ('the last value gone removes the property', {'delete': {'category': ['a', 'c']}}, 'category', None),
        ('delete of names removes whole properties', {'delete': ['location', 'not-there']}, 'location', None),
        ('replace with [] removes the property', {'replace': {'summary': []}}, 'summary', None),
        ('an object is added as it is', {'add': {'x-o': [{'b': 1, 'a': [1.0, {'c': 'd'}]}]}}, 'x-o', [{'b': 1, 'a': [1.0, {'c': 'd'}]}]),
        ('a value that is deleted is compared exactly', {'delete': {'x-o': [{'b': 1, 'a': [1.0, {'c': 'D'}]}]}}, 'x-o', [{'b': 1, 'a': [1.0, {'c': 'd'}]}]),
        ('and deeply, in whatever order its members are', {'delete': {'x-o': [{'a': [1.0, {'c': 'd'}], 'b': 1}]}}, 'x-o', None),
        ('combined they are applied as replace, delete, add', {'add': {'category': ['two']}, 'delete': {'category': ['one']}, 'replace': {'category': ['one', 'three']}},
         'category', ['three', 'two']),
    ]
    for name, ops, prop, want in cases:
        got = update(site, url, **ops)
        t.eq((got.status, source(site, url).get(prop)), (204, want), f'{f}: {name}')
    t.ok('[]' not in json.dumps(source(site, url)), f'{f}: no empty array is left')
    t.ok('updated' in source(site, url) or 'dt-updated' in page(site, url).text, f'{f}: the time of the update is noted')
    t.eq(update(site, url.replace('http://localhost', 'http://LOCALHOST') + '/#x', add={'category': ['norm']}).status, 204,
         f'{f}: the URL is found whatever its case of host, trailing slash and fragment')


def refused(t, site):
    f = site.front
    url = made(site, content='All or nothing', category=['a'])
    before = ask(site, 'source', {'url': url}).body
    cases = [
        ('without an operation', {}), ('with replace a string', {'replace': 'x'}), ('with a scalar value', {'replace': {'content': 'x'}}),
        ('with add an array', {'add': ['category']}), ('with a scalar in delete', {'delete': {'category': 'a'}}), ('with delete a string', {'delete': 'category'}),
        ('with an object in a delete array', {'delete': [{'category': ['a']}]}), ('with a null', {'add': {'category': [None]}}),
        ('that removes published', {'delete': ['published']}), ('that removes url', {'delete': ['url']}), ('that removes uid', {'replace': {'uid': []}}),
        ('that empties published', {'replace': {'published': []}}), ('with a bad status', {'replace': {'post-status': ['publish']}}),
        ('with a bad visibility', {'replace': {'visibility': ['hidden']}}), ('with a bad date', {'replace': {'published': ['soon']}}),
        ('with a script as photo', {'add': {'photo': ['javascript:alert(1)']}}), ('that leaves nothing', {'delete': ['content', 'category']}),
    ]
    for name, ops in cases:
        good = {k: dict(v) if isinstance(v, dict) else v for k, v in ops.items()}
        if ops and 'add' not in good:
            good['add'] = {'category': ['half']}
        if name == 'that leaves nothing':
            del good['add']
        got = update(site, url, **good)
        t.eq((got.status, got.json.get('error') if got.body else None), (400, 'invalid_request'), f'{f}: an update {name} is 400')
    t.eq(ask(site, 'source', {'url': url}).body, before, f'{f}: and nothing of them was applied')
    form = send(site, FORM, urllib.parse.urlencode({'action': 'update', 'url': url, 'replace[content]': 'x'}))
    t.eq((form.status, form.json['error']), (400, 'invalid_request'), f'{f}: an update as a form is 400')
    for where in ('https://evil.example/note/x', site.url + 'admin', site.url + 'note/none', 'file:///etc/passwd', site.url + 'note/../../x', '', 'x' * 3000):
        got = update(site, where, replace={'content': ['x']})
        t.eq((got.status, got.json.get('error')), (400, 'invalid_request'), f'{f}: an update of {where[:30]!r} is 400')
    t.eq(send_json(site, {'action': 'update', 'replace': {'content': ['x']}}).status, 400, f'{f}: and so is one without a url')
    t.eq(send_json(site, {'action': 'explode', 'url': url}).status, 400, f'{f}: an unknown action is 400')


def concurrent(t, site):
    f = site.front
    url = made(site, content='Two at once', category=['start'])
    statuses = []

    def adds(who):
        for i in range(8):
            statuses.append(update(site, url, add={'category': [f'{who}{i}']}).status)
    threads = [threading.Thread(target=adds, args=(who,)) for who in 'xyz']
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    want = sorted(['start', *(f'{w}{i}' for w in 'xyz' for i in range(8))])
    t.eq((set(statuses), sorted(source(site, url, 'category')['category'])), ({204}, want), f'{f}: updates at the same time lose nothing of one another')


def conditions(t, site):
    f = site.front
    url = made(site, content='Two editors')
    seen = ask(site, 'source', {'url': url})
    tag = seen.header('ETag')
    t.ok(tag and tag.startswith('"'), f'{f}: q=source has a strong ETag', seen)
    t.ok(wait_for(lambda: ask(site, 'source', {'url': url}).header('Last-Modified'), 5), f'{f}: and, once that second is over, Last-Modified')
    first = update(site, url, {'If-Match': tag}, replace={'content': ['The first']})
    t.eq(first.status, 204, f'{f}: the first editor saves')
    second = update(site, url, {'If-Match': tag}, replace={'content': ['The second']})
    t.ok(second.status == 412 and second.json.get('error'), f'{f}: the second is 412', second)
    t.eq(source(site, url, 'content')['content'], ['The first'], f'{f}: and overwrites nothing')
    now = ask(site, 'source', {'url': url}).header('ETag')
    t.ok(now != tag and first.header('ETag') == now, f'{f}: the answer to an update carries the new ETag', (tag, now, first))
    for match, want in (('"other", %s', 204), ('*', 204), ('"other"', 412), ('W/%s', 412), ('%s', 204)):
        now = ask(site, 'source', {'url': url}).header('ETag')
        got = update(site, url, {'If-Match': match.replace('%s', now)}, add={'category': [match]})
        t.eq(got.status, want, f'{f}: If-Match: {match} is {want}')
    past, future = 'Mon, 01 Jan 2024 00:00:00 GMT', time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime(time.time() + 60))
    t.eq(update(site, url, {'If-Unmodified-Since': past}, add={'category': ['u']}).status, 412, f'{f}: If-Unmodified-Since of before the last change is 412')
    t.eq(update(site, url, {'If-Unmodified-Since': future}, add={'category': ['v']}).status, 204, f'{f}: one of after it is not')
    for action in ('delete', 'undelete'):
        t.eq(act(site, action, url, {'If-Match': '"old"'}).status, 412, f'{f}: {action} keeps to If-Match')
        t.eq(act(site, action, url, {'If-Match': '*'}).status, 204, f'{f}: {action} with If-Match: * is done')
    answers = []
    tag = ask(site, 'source', {'url': url}).header('ETag')
    threads = [threading.Thread(target=lambda i=i: answers.append(update(site, url, {'If-Match': tag}, replace={'content': [f'racer {i}']}).status)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    t.eq(sorted(answers), [204, 412, 412, 412], f'{f}: of four editors at once exactly one saves')


def moved(t, site):
    f = site.front
    url = made(site, content='Movable', mp_slug='before')
    got = update(site, url, replace={'mp-slug': ['after']})
    new = site.url + 'note/after'
    t.eq((got.status, got.header('Location')), (201, new), f'{f}: an update that moves the post is 201 with its new Location')
    old = site.get('/note/before')
    t.eq((old.status, old.header('Location')), (301, new), f'{f}: the old URL answers 301 to the new one')
    t.eq((page(site, new).status, site.get('/').text.count('href="/note/before') + site.get('/').text.count(f'href="{url}')), (200, 0), f'{f}: the new one shows it, lists link to it')
    t.eq(source(site, url, 'content'), {'content': ['Movable']}, f'{f}: q=source still finds it by the old URL')
    t.eq(made(site, content='Newcomer', mp_slug='before'), site.url + 'note/before-2', f'{f}: nobody else gets the old slug')
    third = send_json(site, {'action': 'update', 'url': url, 'mp-slug': 'third', 'add': {'category': ['m']}})
    t.eq((third.status, third.header('Location')), (201, site.url + 'note/third'), f'{f}: a command at the top moves it again, asked by an old URL')
    t.eq([site.get(p).header('Location') for p in ('/note/before', '/note/after')], [site.url + 'note/third'] * 2, f'{f}: every old URL leads straight to the newest')
    back = update(site, new, replace={'mp-slug': ['before']})
    t.eq((back.status, back.header('Location'), site.get('/note/before').status, site.get('/note/third').status), (201, url, 200, 301), f'{f}: it can move back')
    t.eq(act(site, 'delete', site.url + 'note/third').status, 204, f'{f}: delete takes an old URL')
    t.eq({site.get(p).status for p in ('/note/third', '/note/before')} <= {301, 410} and site.get('/note/before').status, 410, f'{f}: and then it is gone')
    for slug in ('../../x', 'admin', '%0d%0aSet-Cookie: a=b', 'x' * 5000):
        url = made(site, content=f'Hostile move {slug[:9]}')
        got = update(site, url, replace={'mp-slug': [slug]})
        where = got.header('Location') or url
        t.ok(got.status in (201, 204) and where.startswith(site.url + 'note/') and '..' not in where and len(where) < 300 and got.header('Set-Cookie') is None
             and page(site, where).status == 200, f'{f}: a move to {slug[:9]!r} stays inside', got)
    private = made(site, content='Hidden move', mp_slug='hidden-old', visibility='private')
    update(site, private, replace={'mp-slug': ['hidden-new']})
    t.eq((site.get('/note/hidden-old').status, site.get('/note/hidden-new').status), (404, 404), f'{f}: a redirect does not betray a private post')


def deleting(t, site):
    f = site.front
    url = made(site, content='Short-lived words', category=['gone'], mp_slug='short-lived')
    update(site, url, replace={'mp-slug': ['short']})
    url = site.url + 'note/short'
    feed, home = site.get('/feed.atom').text, site.get('/').text
    t.eq(act(site, 'delete', url).status, 204, f'{f}: delete is 204')
    tomb = page(site, url)
    t.eq(tomb.status, 410, f'{f}: the permalink is 410')
    t.ok('Short-lived words' not in tomb.text and 'deleted' in tomb.text.lower(), f'{f}: with a tombstone', tomb)
    seen = [p for p in ('/', '/feed.atom', '/tag/gone') if 'Short-lived' in site.get(p).text]
    t.eq(seen, [], f'{f}: it is in no list and no feed')
    listed = [i for i in ask(site, 'source', {'limit': 100}).json['items'] if i['properties']['url'] == [url]]
    t.eq((listed, ask(site, 'source', {'url': url}).status), ([], 400), f'{f}: and not in q=source')
    t.eq(act(site, 'delete', url).status, 204, f'{f}: a repeated delete is 204')
    t.eq(update(site, url, replace={'content': ['x']}).status, 400, f'{f}: an update of it is 400')
    t.eq(made(site, content='Other', mp_slug='short'), site.url + 'note/short-2', f'{f}: its slug stays taken')
    t.eq(send_json(site, {'action': 'undelete', 'url': url}).status, 204, f'{f}: undelete by JSON is 204')
    t.eq(page(site, url).status, 200, f'{f}: it is back under the same URL')
    t.ok('Short-lived words' in site.get('/').text and 'Short-lived words' in site.get('/feed.atom').text and 'Short-lived words' in site.get('/tag/gone').text,
         f'{f}: and in every list and feed')
    t.eq(feed.count('Short-lived') == site.get('/feed.atom').text.count('Short-lived') and 'Short-lived' in home, True, f'{f}: as it was')
    t.eq(act(site, 'undelete', url).status, 204, f'{f}: a repeated undelete is 204')
    t.eq(source(site, url, 'category', 'content'), {'content': ['Short-lived words'], 'category': ['gone']}, f'{f}: nothing of it was lost')
    for action in ('delete', 'undelete'):
        for where in (site.url + 'note/never-was', 'https://evil.example/note/short', site.url + 'admin', '../', 'file:///etc/passwd'):
            got = act(site, action, where)
            t.eq((got.status, got.json['error']), (400, 'invalid_request'), f'{f}: {action} of {where[-20:]} is 400')


def scopes(t, site):
    f = site.front
    url = made(site, content='Guarded', mp_slug='guarded')
    draft = made(site, content='A draft', post_status='draft', mp_slug='a-draft')
    want = {'update': {'update'}, 'delete': {'delete'}, 'undelete': {'undelete', 'delete'}}
    for scope in ('create', 'draft', 'update', 'delete', 'undelete', 'media', 'profile', 'updates', 'delete:note'):
        token = scoped(site, scope)
        for action, allowed in want.items():
            if action == 'undelete' and scope == 'undelete':
                act(site, 'delete', url)
            got = update(site, url, token=token, add={'category': ['s']}) if action == 'update' else act(site, action, url, token=token)
            expected = 204 if scope in allowed else 401
            body = {} if got.status == 204 else got.json
            t.ok(got.status == expected and (expected == 204 or (body.get('error') == 'insufficient_scope' and body.get('scope') == action)),
                 f'{f}: scope {scope} {"may" if expected == 204 else "may not"} {action}', got)
        act(site, 'undelete', url)
    token = scoped(site, 'draft')
    t.eq(update(site, draft, token=token, replace={'content': ['Still a draft']}).status, 204, f'{f}: scope draft updates a draft')
    for ops in ({'replace': {'post-status': ['published']}}, {'delete': ['post-status']}, {'replace': {'post-status': []}}):
        got = update(site, draft, token=token, **ops)
        t.ok(got.status == 401 and got.json['error'] == 'insufficient_scope' if 'published' in str(ops) else got.status in (204, 400, 401),
             f'{f}: which stays a draft ({ops})', got)
    t.eq((site.get('/note/a-draft').status, source(site, draft, 'content')), (404, {'content': ['Still a draft']}), f'{f}: and is shown to nobody')
    t.eq(act(site, 'delete', draft, token=token).status, 401, f'{f}: scope draft does not delete')
    t.eq(update(site, draft, token=scoped(site, 'create update'), replace={'post-status': ['published']}).status, 204, f'{f}: scope update publishes it')
    t.eq(site.get('/note/a-draft').status, 200, f'{f}: now it is shown')


def axes(t, site):
    """Status and visibility change by updates, each for itself."""
    f = site.front
    url = made(site, content='On two axes', mp_slug='axes', published='2024-02-03T04:05:06Z')

    def shown():
        return page(site, url).status, 'On two axes' in site.get('/?').text, 'On two axes' in site.get('/feed.atom').text
    for prop, value, want in (('visibility', 'unlisted', (200, False, False)), ('visibility', 'private', (404, False, False)), ('post-status', 'draft', (404, False, False)),
                              ('visibility', 'public', (404, False, False)), ('post-status', 'published', (200, True, True))):
        got = update(site, url, replace={prop: [value]})
        t.eq((got.status, shown(), source(site, url, prop)), (204, want, {prop: [value]}), f'{f}: {prop} becomes {value}')
    t.eq(source(site, url, 'published')['published'], ['2024-02-03T04:05:06Z'], f'{f}: the time it was given stays')
    late = made(site, content='Finished later', post_status='draft', mp_slug='late')
    site_time = site.sqlite("select published from post where slug = 'late'")
    wait_for(lambda: time.time() >= site_time[0][0] + 1, 5)
    update(site, late, replace={'post-status': ['published']})
    t.ok(site.sqlite("select published from post where slug = 'late'") > site_time, f'{f}: a draft without a time is published when it is published', site_time)
    when = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 3))
    t.eq(update(site, late, replace={'published': [when]}).status, 204, f'{f}: a published post can be put off')
    t.eq(site.get('/note/late').status, 404, f'{f}: then it waits')
    t.ok(wait_for(lambda: site.get('/note/late').status == 200, 15), f'{f}: and appears at its time')
    t.eq(create(site, content='x', post_status='published', visibility='everyone').status, 400, f'{f}: a typing error publishes nothing private')


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            run(t, site, (operations, refused, concurrent, conditions, moved, deleting, scopes, axes))
