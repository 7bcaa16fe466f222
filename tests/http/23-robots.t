#!/usr/bin/env python3
"""What machines read about the site, behind both front servers: robots.txt by Python's own reader, sitemaps of 120 000 posts against
the protocol's rules, the OpenSearch description, icons, and old addresses that lead to new ones."""

import json
import os
import re
import sqlite3
import sys
import urllib.robotparser
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import uploads
from starpunk import Site, Tap, fronts

SITEMAP = '{http://www.sitemaps.org/schemas/sitemap/0.9}'
MOMENT = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z')
POSTS, PART = 120_000, 40_000


def path_of(site, url):
    return '/' + url[len(site.url):]


def sitemap(t, site, path):
    """A sitemap as the protocol wants it: [(loc, lastmod)], and whether it is an index."""
    got = site.get(path)
    if got.status != 200:
        return None, [], len(got.body)
    root = ET.fromstring(got.body)
    index = root.tag == SITEMAP + 'sitemapindex'
    wrong, places = [], []
    if root.tag not in (SITEMAP + 'sitemapindex', SITEMAP + 'urlset'):
        wrong.append(root.tag)
    for child in root:
        names = [e.tag for e in child]
        loc, lastmod = child.findtext(SITEMAP + 'loc'), child.findtext(SITEMAP + 'lastmod')
        if child.tag != SITEMAP + ('sitemap' if index else 'url') or names not in ([SITEMAP + 'loc'], [SITEMAP + 'loc', SITEMAP + 'lastmod']):
            wrong.append(names)
        if not loc or not loc.startswith(site.url) or len(loc) >= 2048 or (lastmod and not MOMENT.match(lastmod)):
            wrong.append((loc, lastmod))
        places.append((loc, lastmod))
    if not places or len(places) > 50_000 or len(got.body) > 50 * 1024 * 1024 or len({p for p, _ in places}) != len(places):
        wrong.append((len(places), len(got.body)))
    t.eq(wrong, [], f'{site.front}: {path} is as the protocol wants it')
    return index, places, len(got.body)


def robots(t, site):
    front, got = site.front, site.get('/robots.txt')
    t.eq((got.status, got.header('Content-Type')), (200, 'text/plain; charset=utf-8'), f'{front}: there is a robots.txt')
    reader = urllib.robotparser.RobotFileParser()
    reader.parse(got.text.splitlines())
    for path, good in (('', True), ('note/x', True), ('tag/a', True), ('feed.atom', True), ('admin', False), ('admin/posts', False),
                       ('auth?x=1', False), ('micropub', False), ('random', False), ('search?q=a', False)):
        t.eq(reader.can_fetch('Googlebot', site.url + path), good, f'{front}: /{path} is {"open" if good else "closed"} to search engines')
    t.eq([reader.can_fetch(n, site.url) for n in ('GPTBot', 'CCBot', 'ChatGPT-User', 'EvilBot', 'Bingbot')],
         [False, False, True, False, True], f'{front}: those that the owner keeps out are told so')
    t.eq(reader.site_maps(), [site.url + 'sitemap.xml'], f'{front}: it names the sitemap')
    again = site.get('/robots.txt', {'If-None-Match': got.header('ETag')})
    t.eq(again.status, 304, f'{front}: and has an entity tag')


def small(t, site):
    front = site.front
    site.post('First', **{'mp-slug': 'first', 'category[]': 'Café & co', 'published': '2019-01-02T03:04:05+01:00'})
    site.post('Private', **{'mp-slug': 'private', 'visibility': 'private'})
    index, places, _ = sitemap(t, site, '/sitemap.xml')
    t.eq(index, False, f'{front}: a small site has one sitemap')
    t.has(places, (site.url + 'note/first', '2019-01-02T02:04:05Z'), f'{front}: with its posts and when they changed')
    t.ok(not any('private' in p for p, _ in places), f'{front}: but none that are not public')
    bad = [p for p, _ in places if site.get(path_of(site, p)).status != 200]
    t.eq(bad, [], f'{front}: all that it names is there')


def fill(site):
    """Many posts at once, as nobody could post them."""
    with sqlite3.connect(f'{site.dir}/starpunk.db', timeout=60) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'post'").fetchall()
        for name, _ in triggers:
            db.execute(f'DROP TRIGGER {name}')
        columns = [r[1] for r in db.execute('PRAGMA table_info(post)')]
        values = {'id': 'n', 'uid': "'/note/p' || n", 'slug': "'p' || n", 'published': '1500000000 + n'}
        names = ', '.join(columns)
        wanted = ', '.join(values.get(c, c) for c in columns)
        db.execute(f"""INSERT INTO post ({names}) WITH RECURSIVE many (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM many WHERE n < {POSTS})
                       SELECT {wanted} FROM many, (SELECT {', '.join(c for c in columns if c not in values)} FROM post WHERE slug = 'first')""")
        for _, sql in triggers:
            db.execute(sql)
        db.execute('UPDATE site SET revision = revision + 1')


def large(t, site):
    front = site.front
    fill(site)
    index, parts, _ = sitemap(t, site, '/sitemap.xml')
    t.ok(index, f'{front}: a large site has an index')
    names = [path_of(site, p) for p, _ in parts]
    t.eq(names, [f'/sitemap-{n}.xml' for n in range(POSTS // PART + 1)], f'{front}: of parts')
    seen = []
    for name in names[1:]:
        _, places, size = sitemap(t, site, name)
        t.ok(len(places) <= PART and size < 10 * 1024 * 1024, f'{front}: {name} is no larger than it should be', (len(places), size))
        seen += [p.rsplit('/', 1)[1] for p, _ in places]
    t.eq((len(seen), len(set(seen))), (POSTS - 99 + 1, POSTS - 99 + 1), f'{front}: the parts name each post once')
    before = site.get(names[1])
    site.post('One more', **{'mp-slug': 'one-more'})
    t.ok(site.get(names[1]).body == before.body, f'{front}: a new post leaves the parts of older ones as they were')
    last = sitemap(t, site, '/sitemap.xml')[1][-1][0]
    t.has(sitemap(t, site, path_of(site, last))[1][-1][0], 'one-more', f'{front}: and stands in the last one')
    t.eq(site.head(names[1]).status, 200, f'{front}: HEAD is answered, too')
    t.eq(site.get(names[1], {'If-None-Match': site.get(names[1]).header('ETag')}).status, 304, f'{front}: parts have entity tags')
    t.eq(site.get('/sitemap-99.xml').status, 404, f'{front}: a part that is not there is not found')


def opensearch(t, site):
    front, got = site.front, site.get('/opensearch.xml')
    t.eq(got.header('Content-Type'), 'application/opensearchdescription+xml; charset=utf-8', f'{front}: the search has a description')
    ns, root = '{http://a9.com/-/spec/opensearch/1.1/}', ET.fromstring(got.body)
    t.ok(root.tag == ns + 'OpenSearchDescription' and 0 < len(root.findtext(ns + 'ShortName')) <= 16 and root.findtext(ns + 'Description'),
         f'{front}: with names', got.text)
    template = next(u.get('template') for u in root.iter(ns + 'Url') if u.get('type') == 'text/html')
    t.eq(site.get(path_of(site, template.replace('{searchTerms}', 'first'))).status, 200, f'{front}: and leads to results')


def linked(t, site):
    front = site.front
    found = {}
    for path in ('/', '/note/first'):
        data = re.findall(r'<script type="application/ld\+json">(.*?)</script>', site.get(path).text, re.S)
        t.eq(len(data), 1, f'{front}: {path} has data for search engines')
        found[path] = json.loads(data[0])
    t.eq(found['/']['@type'], 'WebSite', f'{front}: the home page is a site')
    t.eq([g['@type'] for g in found['/note/first']['@graph']], ['SocialMediaPosting', 'BreadcrumbList'], f'{front}: a note is a posting')
    t.eq(found['/note/first']['@graph'][0]['datePublished'], '2019-01-02T03:04:05+01:00', f'{front}: with its date')


def redirects(t, site):
    front = site.front
    lines = '# old ones\n/2019/rain.html /note/first\n/blog/* /note/*,302\n"/?p=7", "/note/first"\n/shop gone\n' \
            '/.well-known/webfinger https://fed.example/.well-known/webfinger;\n'
    done = site.starpunk('redirect', 'import', '-', stdin=lines)
    t.has(done.stdout, '5 redirects: 5 new or changed', f'{front}: a file of old addresses is taken')
    t.has(site.starpunk('redirect', 'import', '-', stdin=lines).stdout, '0 new or changed, 5 were there', f'{front}: again without effect')
    bad = site.starpunk('redirect', 'import', '-', stdin='/a /b\nnonsense\n/c /c\n', check=False)
    t.ok(bad.returncode == 1 and '-:2: ' in bad.stderr and site.get('/a').status == 404, f'{front}: all of it or nothing, and why', bad.stderr)
    for path, status, to in (('/2019/rain.html', 301, 'note/first'), ('/2019/rain.html?a=b', 301, 'note/first?a=b'), ('/blog/first/', 302, 'note/first'),
                             ('/?p=7', 301, 'note/first'), ('/?p=7&x=1', 301, 'note/first')):
        got = site.get(path)
        t.eq((got.status, got.header('Location')), (status, site.url + to), f'{front}: {path} leads to /{to}')
    got = site.get('/.well-known/webfinger?resource=acct:ada@ada.example')
    t.eq(got.header('Location'), 'https://fed.example/.well-known/webfinger?resource=acct:ada@ada.example', f'{front}: elsewhere, too, with the query')
    t.eq(site.get('/shop').status, 410, f'{front}: what is gone says so')
    t.eq((site.get('/?p=8').status, site.get('/').status), (200, 200), f'{front}: the home page is there')
    listed = site.starpunk('redirect', 'list').stdout
    t.has(site.starpunk('redirect', 'import', '-', stdin=listed).stdout, '0 new or changed', f'{front}: what list says can be imported')
    first = json.loads(site.starpunk('redirect', 'list', '--json').stdout)[0]
    t.eq(sorted(first), ['created', 'from', 'status', 'to'], f'{front}: list speaks JSON')
    site.starpunk('redirect', 'add', '/blog/odd', '/archive', '--status', '308')
    t.eq(site.get('/blog/odd').status, 308, f'{front}: a command adds one, the closest counts')
    site.starpunk('redirect', 'remove', '/blog/odd')
    t.eq(site.get('/blog/odd').status, 302, f'{front}: and removes it')
    circle = site.starpunk('redirect', 'add', '/x/*', '/x/y/*', check=False)
    t.ok(circle.returncode == 1 and 'circle' in circle.stderr, f'{front}: a circle is refused', circle.stderr)
    many = ''.join(f'/{i // 100}/{i}.html /note/p{i}\n' for i in range(20_000))
    t.has(site.starpunk('redirect', 'import', '-', stdin=many).stdout, '20000 new', f'{front}: so are twenty thousand')
    t.eq(site.get('/150/15000.html').header('Location'), site.url + 'note/p15000', f'{front}: and they are found')


def icons(t, site):
    front = site.front
    got = site.get('/favicon.ico')
    t.has(got.header('Location') or '', '/static/icon-192.png', f'{front}: /favicon.ico leads to the shipped icon')
    cookie = site.sign_in()
    kind, body = uploads.multipart(uploads.Part('file', uploads.png(640, 480), 'a.png', 'image/png'))
    sent = site.request('POST', '/micropub/media', {'Content-Type': kind, **site.auth()}, body)
    path = path_of(site, sent.header('Location'))
    before = site.get('/').header('ETag')
    done = site.form('/admin' + path, {'action': 'icon'}, cookie)
    t.eq(done.status, 303, f'{front}: a picture of the library becomes the icon', )
    page = site.get('/')
    t.ok(page.header('ETag') != before, f'{front}: pages change')
    names = re.findall(r'<link rel="(?:apple-touch-)?icon" href="([^"]*)"', page.text)
    t.eq([re.search(r'-(\d+)\.png$', n).group(1) for n in names], ['48', '180'], f'{front}: they name the icons made of it')
    manifest = site.get('/manifest.webmanifest').json
    names += [i['src'] for i in manifest['icons']] + [path_of(site, site.get('/favicon.ico').header('Location'))]
    for name in names:
        icon = site.get(name)
        t.ok(icon.status == 200 and icon.header('Content-Type') == 'image/png' and icon.body[:4] == b'\x89PNG', f'{front}: {name[-10:]} is there', icon)
    t.eq(site.form('/admin' + path, {'action': 'delete'}, cookie).status, 409, f'{front}: it cannot be deleted meanwhile')


with Tap() as t:
    for front in fronts():
        with Site(front, robots_block='training, EvilBot') as site:
            small(t, site)
            robots(t, site)
            opensearch(t, site)
            linked(t, site)
            icons(t, site)
            redirects(t, site)
            large(t, site)
            t.eq(site.log('error'), [], f'{front}: none of it is an error')
