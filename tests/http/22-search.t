#!/usr/bin/env python3
"""Searching the site: the page, the JSON, both engines, and a SQLite that has one of them only."""

import contextlib
import os
import re
import sqlite3
import sys
from urllib.parse import quote

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts, wait_for

BUILD = os.environ.get('SP_TOP_BUILDDIR', '.')

HOSTILE = ['"', '""', '\'', '*', '-', '(', 'a AND', 'OR', 'NEAR(a b)', 'text:a', '{x}: y', 'a"b', '^a', 'a^2', '\\', '%', ';--',
           '<script>alert(1)</script>', '"><img src=x>', '\u202eabc', '🎉' * 50, 'x' * 3000, '"' * 300, '-' * 300, 'tag:', 'tag:""',
           'before:9999-99-99', 'a* ' * 200, 'ﷺ' * 100]


def ask(site, query, **more):
    return site.get('/api/search?q=' + quote(query) + ''.join(f'&{k}={quote(str(v))}' for k, v in more.items()))


def slugs(answer):
    return [r['url'].rsplit('/', 1)[1] for r in answer.json['results']]


def kept(site):
    """The courier has come to all posts."""
    return wait_for(lambda: site.sqlite('SELECT (SELECT max(id) FROM post) = done AND NOT EXISTS (SELECT 1 FROM search_stale) FROM search_state') == [(1,)], 30)


def search_health(site):
    ready = site.get('/health/ready', site.auth(site.make_token('admin')))
    return ready.json['checks']['search']


def fill(site):
    site.post('Ein Café am *Kanal*', **{'mp-slug': 'cafe', 'category[]': 'Trips'})
    site.post('The canal & its <boats>', **{'mp-slug': 'boats', 'name': 'Boats of the café'})
    site.post('a secret cafe', **{'mp-slug': 'secret', 'post-status': 'draft'})


def page(t, site):
    front = site.front
    empty = site.get('/search')
    t.eq(empty.status, 200, f'{front}: there is a search page')
    t.has(empty.text, 'role="search"', f'{front}: with a form')
    t.ok('noindex' not in empty.text, f'{front}: which search engines may know')
    got = site.get('/search?q=CAFE')
    t.has(got.text, 'Ein <mark>Café</mark> am', f'{front}: a word is found without case and accents, and marked')
    t.has(got.text, 'Boats of the <mark>café</mark></a>', f'{front}: in titles, too')
    t.has(got.text, 'The canal &amp; its &lt;boats&gt;', f'{front}: what is shown is escaped')
    t.ok(got.text.index('Boats of the') < got.text.index('Ein <mark>'), f'{front}: a title counts for more than a text')
    t.has(got.text, 'noindex', f'{front}: results are not for search engines')
    t.has(got.text, 'value="CAFE"', f'{front}: the form holds what was typed')
    t.ok('secret' not in got.text, f'{front}: drafts are not found')
    t.eq(got.header('Set-Cookie'), None, f'{front}: no cookie is set')
    again = site.get('/search?q=CAFE', {'If-None-Match': got.header('ETag')})
    t.eq(again.status, 304, f'{front}: it has an entity tag')
    t.has(site.get('/search?q=nothingofit').text, 'No post has that in it', f'{front}: finding nothing is said')
    t.has(site.get('/').text, 'href="/search"', f'{front}: pages lead to it')


def api(t, site):
    front = site.front
    got = ask(site, 'cafe')
    t.eq(got.header('Content-Type'), 'application/json', f'{front}: the same as JSON')
    t.eq(got.header('Access-Control-Allow-Origin'), '*', f'{front}: for scripts of any origin')
    body = got.json
    t.eq(sorted(body), ['at_least', 'engine', 'found', 'more', 'partial', 'query', 'results'], f'{front}: with its members')
    t.eq(body['found'], 2, f'{front}: the number of posts')
    first = body['results'][1]
    t.eq(sorted(first), ['published', 'snippet', 'snippet_html', 'tags', 'title', 'type', 'url'], f'{front}: a result has its members')
    t.eq(first['snippet_html'], 'Ein <mark>Café</mark> am Kanal', f'{front}: a snippet as HTML')
    t.eq(first['snippet'], 'Ein Café am Kanal', f'{front}: and as text')
    t.eq(first['tags'], ['Trips'], f'{front}: tags')
    t.eq(slugs(ask(site, 'cafe type:article')), ['boats'], f'{front}: of a type')
    t.eq(slugs(ask(site, 'cafe -boats')), ['cafe'], f'{front}: without a word')
    t.eq(ask(site, '').json['results'], [], f'{front}: nothing asked, nothing found')
    for limit in ('0', '51', 'x', '-1'):
        t.eq(ask(site, 'cafe', limit=limit).status, 400, f'{front}: limit={limit} is refused')
    t.eq(ask(site, 'cafe', before='no-such-post').status, 404, f'{front}: a cursor that never was is not found')


def pages(t, site):
    front = site.front
    for i in range(7):
        site.post(f'Paging {i}', **{'mp-slug': f'paging-{i}'})
    seen, answer = [], ask(site, 'paging', limit=3)
    while True:
        seen += slugs(answer)
        if not answer.json['more']:
            break
        t.ok(answer.json['next'].startswith(site.url + 'api/search?q=paging&before='), f'{front}: the next page has an address')
        answer = ask(site, 'paging', limit=3, before=answer.json['next'].split('before=')[1])
    t.eq(seen, [f'paging-{i}' for i in range(6, -1, -1)], f'{front}: pages show each post once, newer ones first among equals')
    for i in range(21):
        site.post(f'Many of them {i}')
    first = site.get('/search?q=many')
    t.has(first.text, '21 posts', f'{front}: the page says how many there are')
    more = re.search(r'href="([^"]*before=[^"]*)"[^>]*>More results', first.text).group(1).replace('&amp;', '&')
    rest = site.get(more[len(site.url) - 1:])
    t.eq(rest.text.count('class="h-entry finding"'), 1, f'{front}: and leads to the rest')
    t.has(rest.text, 'First results', f'{front}: and back')


def changes(t, site):
    front = site.front
    url = site.url + 'note/cafe'
    site.micropub_json({'action': 'update', 'url': url, 'replace': {'content': ['Ein Teehaus']}})
    t.eq(slugs(ask(site, 'cafe')), ['boats'], f'{front}: a word that was taken out is not found any more')
    t.eq(slugs(ask(site, 'teehaus')), ['cafe'], f'{front}: the one in its place is, at once')
    site.micropub_json({'action': 'delete', 'url': url})
    t.eq(slugs(ask(site, 'teehaus')), [], f'{front}: a deleted post is not found')
    t.ok(kept(site), f'{front}: the courier comes to it')
    t.eq(slugs(ask(site, 'teehaus')), [], f'{front}: nor then')
    site.micropub_json({'action': 'undelete', 'url': url})
    t.eq(slugs(ask(site, 'teehaus')), ['cafe'], f'{front}: one that is brought back is')


def hostile(t, site):
    front = site.front
    for query in HOSTILE:
        got, shown = ask(site, query), site.get('/search?q=' + quote(query))
        t.ok(got.status == 200 and shown.status == 200 and '<script>alert' not in shown.text and '<img src=x' not in shown.text,
             f'{front}: {query[:20]!r} ({len(query)}) is text', f'{got!r} {shown!r}')
    t.eq(site.log('error'), [], f'{front}: none of it is an error')


def commands(t, site):
    front = site.front
    done = site.starpunk('reindex', '--json')
    t.has(done.stdout, '"engine":', f'{front}: reindex says what it did')
    t.eq(done.stderr, '', f'{front}: and shows no bar where there is no terminal')
    t.has(site.starpunk('check').stdout, 'search: good', f'{front}: check looks at it')
    with contextlib.closing(sqlite3.connect(f'{site.dir}/starpunk.db', timeout=10)) as db, db:
        db.execute('DELETE FROM search WHERE key IN (SELECT key FROM search LIMIT 1)')
    bad = site.starpunk('check', check=False)
    t.ok(bad.returncode == 1 and 'starpunk reindex' in bad.stderr, f'{front}: and finds what is lost', bad.stdout + bad.stderr)
    site.starpunk('reindex')
    t.has(site.starpunk('check').stdout, 'search: good', f'{front}: reindex mends it')


def engines(t, front):
    """What holds with each engine, and how it is told which one it is."""
    shim = os.path.join(os.path.abspath(BUILD), 'tests', 'http', 'no_fts5.so')
    ways = [('fts5', {}, {}), ('like', {'search_engine': 'like'}, {}),
            ('like', {}, {'LD_PRELOAD': shim, 'ASAN_OPTIONS': 'verify_asan_link_order=0:' + os.environ.get('ASAN_OPTIONS', '')})]
    for engine, config, env in ways:
        with Site(front, env=env, **config) as site:
            fill(site)
            t.ok(kept(site), f'{front}: the courier brings searches up to date')
            t.eq(slugs(ask(site, 'cafe')), ['boats', 'cafe'], f'{front}, {engine}: finds')
            t.eq(ask(site, 'cafe').json['engine'], engine, f'{front}, {engine}: is the engine')
            without = bool(env)
            t.eq(search_health(site), {'healthy': not without, 'engine': engine, 'enabled': True}, f'{front}, {engine}: health knows it')
            t.eq(len(site.log('search_without_index')), int(without), f'{front}, {engine}: one warning if it is not meant')
            commands(t, site)
            changes(t, site)
            hostile(t, site)


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            fill(site)
            page(t, site)
            api(t, site)
            pages(t, site)
            t.ok(kept(site), f'{front}: the courier brings searches up to date')
            page(t, site)
            t.ok(site.stats()['database']['operations'] > 0, f'{front}: statements are counted')
            text = site.get('/metrics').text
            t.ok(re.search(r'starpunk_searches_total [1-9]', text), f'{front}: searches are counted')
        engines(t, front)
        with Site(front, search_enabled='false') as site:
            site.post('nobody finds this')
            t.eq(site.get('/search').status, 404, f'{front}: switched off, there is no search page')
            t.eq(ask(site, 'nobody').status, 404, f'{front}: nor JSON')
            t.ok('href="/search"' not in site.get('/').text, f'{front}: nor a way to it')
            t.eq(search_health(site), {'healthy': True, 'engine': 'none', 'enabled': False}, f'{front}: health says so')
