#!/usr/bin/env python3
"""RSS, Atom and JSON Feed say the same: the same posts in the same order with the same texts, dates, tags and files, as
parsers read them that were not written here, of every list and on every page, behind both front servers."""

import calendar
import html
import json
import os
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import demo
from starpunk import Site, Tap, fronts

import feedparser

FORMATS = ('rss', 'atom', 'json')
BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
# feedparser would clean texts and complete addresses: what was sent is to be seen as it is.
feedparser.RESOLVE_RELATIVE_URIS = 0
feedparser.SANITIZE_HTML = 0


def moment(text):
    """Seconds of an RFC 3339 date."""
    return calendar.timegm(time.strptime(text[:19], '%Y-%m-%dT%H:%M:%S')) - offset(text[19:])


def offset(zone):
    if zone == 'Z':
        return 0
    return (1 if zone[0] == '+' else -1) * (int(zone[1:3]) * 3600 + int(zone[4:]) * 60)


def seconds(parsed):
    return calendar.timegm(parsed) if parsed else None


def files(links):
    return [(x['href'], x['type'], int(x['length'])) for x in links if x['rel'] == 'enclosure']


def read_atom(body):
    feed = feedparser.parse(body)
    return feed, [{
        'id': e.id, 'url': e.link, 'title': e.title, 'html': e.content[0].value, 'summary': e.get('summary') if e.get('summary_detail') else None,
        'published': seconds(e.published_parsed), 'updated': seconds(e.updated_parsed),
        'tags': [x.term for x in e.get('tags', [])], 'files': files(e.links)} for e in feed.entries]


def read_rss(body):
    feed = feedparser.parse(body)
    return feed, [{
        'id': e.id, 'url': e.link, 'title': e.get('title'), 'html': e.content[0].value, 'summary': e.summary,
        'published': seconds(e.published_parsed), 'tags': [x.term for x in e.get('tags', [])],
        'files': [(x['url'], x['type'], int(x['filesize'])) for x in e.get('media_content', [])],
        'enclosure': files(e.links), 'author': e.author} for e in feed.entries]


def read_json(body):
    feed = json.loads(body)
    return feed, [{
        'id': e['id'], 'url': e['url'], 'title': e.get('title'), 'html': e['content_html'], 'summary': e.get('summary'),
        'published': moment(e['date_published']), 'updated': moment(e.get('date_modified', e['date_published'])),
        'tags': e.get('tags', []), 'files': [(x['url'], x['mime_type'], x['size_in_bytes']) for x in e.get('attachments', [])]}
        for e in feed['items']]


READERS = {'rss': read_rss, 'atom': read_atom, 'json': read_json}


def read(t, site, path, name, headers=None):
    answer = site.get(path, headers)
    t.eq(answer.status, 200, f'{name}: it is there')
    return READERS[urllib.parse.urlsplit(path).path.rsplit('.', 1)[1]](answer.body)


def same(t, name, by_format):
    """Whether three lists of items say the same."""
    rss, atom, data = (by_format[x] for x in FORMATS)
    for key in ('id', 'url', 'html', 'published', 'tags', 'files'):
        got = [[x[key] for x in items] for items in (rss, atom, data)]
        t.ok(got[0] == got[1] == got[2], f'{name}: the same {key} in all formats', got)
    t.eq([x['updated'] for x in atom], [x['updated'] for x in data], f'{name}: the same changes in Atom and JSON')
    t.eq([x['title'] for x in rss], [x['title'] for x in data], f'{name}: RSS and JSON have the titles that there are')
    t.eq([x['title'] or a['title'] for x, a in zip(rss, atom)], [a['title'] for a in atom], f'{name}: Atom has them, and others')
    t.ok(all(a['title'] for a in atom), f'{name}: no title of Atom is empty')
    t.eq([html.unescape(r['summary']) if d['summary'] else None for r, d in zip(rss, data)], [d['summary'] for d in data],
         f'{name}: the same summaries in RSS and JSON')
    t.ok(all(r['summary'] == r['html'] for r, d in zip(rss, data) if not d['summary']), f'{name}: without one RSS describes by the text')
    t.ok(all(r['enclosure'] == r['files'][:1] for r in rss), f'{name}: RSS encloses the first file', [r['enclosure'] for r in rss])


def all_three(t, site, path, name):
    got = {f: read(t, site, f'{path}.{f}', f'{name}.{f}')[1] for f in FORMATS}
    same(t, name, got)
    return got['json']


def lists(t, site):
    """Every list: what is in its feeds, and that all of them say it."""
    everything = all_three(t, site, '/feed', f'{site.front}: /feed')
    t.ok(len(everything) == 30, f'{site.front}: thirty posts', len(everything))
    for path, holds in (('/tag/rain/feed', lambda x: 'rain' in x['tags']), ('/articles/feed', lambda x: x['title']),
                        ('/photos/feed', lambda x: x['files']), ('/channel/garden/feed', lambda x: 'garden' in x['html'])):
        items = all_three(t, site, path, f'{site.front}: {path}')
        t.ok(items and all(holds(x) for x in items), f'{site.front}: {path}: has what it is of and nothing else', [x['url'] for x in items])


def walk(t, site, fmt):
    """Every page of a feed by the links that lead on: ids in their order."""
    path, ids, pages, seen = f'/feed.{fmt}', [], 0, set()
    while path and pages < 20:
        feed, items = read(t, site, path, f'{site.front}: page {pages + 1} of {fmt}')
        ids += [x['id'] for x in items]
        links = {} if fmt == 'json' else {x['rel']: x['href'] for x in feed.feed.links}
        own = feed['feed_url'] if fmt == 'json' else links['self']
        t.ok(own == site.url.rstrip('/') + path and own not in seen, f'{site.front}: page {pages + 1} of {fmt}: names itself', own)
        seen.add(own)
        more = feed.get('next_url') if fmt == 'json' else links.get('next')
        path = more[len(site.url) - 1:] if more else None
        pages += 1
    return ids, pages


def paging(t, site, posts):
    walks = {f: walk(t, site, f) for f in FORMATS}
    t.ok(walks['rss'] == walks['atom'] == walks['json'], f'{site.front}: all formats have the same pages')
    ids, pages = walks['atom']
    t.eq((len(ids), len(set(ids))), (posts, posts), f'{site.front}: every post once')
    t.eq(pages, -(-posts // 30), f'{site.front}: on as few pages as there can be')


def negotiation(t, site):
    for accept, want in ((None, 'feed.rss'), ('*/*', 'feed.rss'), (BROWSER, ''), ('application/atom+xml', 'feed.atom'),
                         ('application/feed+json', 'feed.json'), ('application/atom+xml;q=0.5, application/feed+json;q=0.6', 'feed.json'),
                         ('*/*;q=0.00001,' * 300, 'feed.rss')):
        answer = site.get('/feed', {'Accept': accept} if accept else {})
        t.eq((answer.status, answer.header('Location')), (302, site.url + want), f'{site.front}: who asks for {str(accept)[:60]} is led to /{want}')
        t.has(answer.header('Vary') or '', 'Accept', f'{site.front}: and others by what they ask for')
    t.eq(site.get('/tag/rain/feed', {'Accept': 'application/atom+xml'}).header('Location'), site.url + 'tag/rain/feed.atom',
         f'{site.front}: the same for a tag')


def conditions(t, site):
    for fmt, kind in (('rss', 'application/rss+xml; charset=utf-8'), ('atom', 'application/atom+xml; charset=utf-8'), ('json', 'application/feed+json')):
        path = f'/feed.{fmt}'
        whole = site.get(path)
        t.eq(whole.header('Content-Type'), kind, f'{site.front}: {path}: its media type')
        t.eq(whole.header('Access-Control-Allow-Origin'), '*', f'{site.front}: {path}: scripts of others may read it')
        t.eq(whole.header('X-Content-Type-Options'), 'nosniff', f'{site.front}: {path}: nobody guesses what it is')
        t.eq(whole.header('Set-Cookie'), None, f'{site.front}: {path}: no cookie')
        head = site.head(path)
        t.eq((head.status, head.header('ETag'), head.header('Content-Type'), head.body), (200, whole.header('ETag'), kind, b''),
             f'{site.front}: {path}: HEAD says the same')
        known = site.get(path, {'If-None-Match': whole.header('ETag')})
        t.eq((known.status, known.header('ETag'), known.body), (304, whole.header('ETag'), b''), f'{site.front}: {path}: who knows it is told so')
        t.eq(site.get(path, {'If-None-Match': ', '.join(f'"{i}"' for i in range(900))}).status, 200,
             f'{site.front}: {path}: many other tags are no trouble')
    t.eq(site.get('/feed.rss', {'Accept': BROWSER}).header('Content-Type'), 'application/xml; charset=utf-8',
         f'{site.front}: browsers are sent what they show')
    tags = {site.get(f'/feed.{f}').header('ETag') for f in FORMATS}
    t.eq(len(tags), 3, f'{site.front}: each format has an entity tag of its own')


def opml(t, site):
    import xml.etree.ElementTree as ET
    answer = site.get('/opml.xml')
    t.eq(answer.header('Content-Type'), 'text/x-opml; charset=utf-8', f'{site.front}: the list of feeds has its type')
    root = ET.fromstring(answer.body)
    t.eq((root.tag, root.get('version'), [x.tag for x in root]), ('opml', '2.0', ['head', 'body']), f'{site.front}: it is OPML')
    outlines = list(root.iter('outline'))
    t.ok(outlines and all(x.get('text') for x in outlines), f'{site.front}: every outline has a text')
    feeds = [x.get('xmlUrl') for x in outlines if x.get('type') == 'rss']
    t.ok(len(feeds) == len(set(feeds)) > 5, f'{site.front}: feeds are named once', feeds)
    for url in feeds:
        path = url[len(site.url) - 1:]
        t.ok(not feedparser.parse(site.get(path).body).bozo, f'{site.front}: {path} is a feed')


with Tap() as t:
    for front in fronts():
        with Site(front, channels='garden=The garden') as site:
            demo.post_all(site, skip=('07-photo',))
            site.post('Among the beds of the garden', **{'mp-channel': 'garden', 'mp-slug': 'beds'})
            site.micropub_json({'type': ['h-entry'], 'properties': {
                'name': ['</title><script>alert(1)</script> & <b>'], 'summary': ['a < b & "c"'], 'category': ['rain', '"><x', 'café'],
                'content': [{'html': '<p>]]&gt; <a href="/x?a=1&amp;b=2">rel</a> &nbsp; it\'s</p>'}]}})
            for i in range(65):
                site.post(f'Note {i}, of rain & wind', **{'category[]': 'rain' if i % 2 else 'wind'})
            site.micropub_json({'action': 'update', 'url': site.url + 'note/beds', 'replace': {'content': ['Among the beds, and later, of the garden']}},
                               token=site.make_token('update'))
            count = site.sqlite('SELECT posts FROM site')[0][0]
            lists(t, site)
            paging(t, site, count)
            negotiation(t, site)
            conditions(t, site)
            opml(t, site)
