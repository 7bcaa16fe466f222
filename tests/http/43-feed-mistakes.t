#!/usr/bin/env python3
"""Feeds have none of the mistakes that feeds are known for, whatever their posts hold. Those are looked for by tests/lib/feedcheck.py,
which is first held against the test cases of the W3C's feed validator."""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import demo
import feedcheck
from starpunk import SRC, Site, Tap, fronts

HOSTILE = '</title><script>alert(1)</script> ]]> &nbsp; &#0; \x0b"><x'


def calibrate(t):
    """What the checker says of the validator's own cases."""
    with open(os.path.join(SRC, 'tests', 'fixtures', 'feeds', 'validator.json'), encoding='utf-8') as f:
        cases = json.load(f)
    wrong, caught = [], set()
    for case in cases:
        silent, name = re.match(r'(!?)\s*(\w+)', case['expect']).groups()
        if (name in feedcheck.mistakes(case['xml'].encode())) == bool(silent):
            wrong.append(case['name'])
        if not silent:
            caught.add(name)
    t.eq(wrong, [], f'the checker says of {len(cases)} feeds what the validator says')
    t.ok(len(caught) > 35, f'it knows {len(caught)} mistakes', caught)


def furnish(site):
    demo.post_all(site, skip=('07-photo',))
    site.post(HOSTILE, **{'name': HOSTILE, 'summary': HOSTILE, 'category[]': HOSTILE.replace('\x0b', ''), 'mp-slug': 'hostile'})
    site.post(HOSTILE)
    site.micropub_json({'type': ['h-entry'], 'properties': {'content': [{
        'html': '<p style="position:fixed" onclick="x()">a<script>x()</script><a href="/x?a=1&amp;b=2">b</a><img src="//h/i.png" alt="">'
                '<iframe src="https://b.example/"></iframe><object data="x"></object> \x08</p>'}]}})
    site.micropub_json({'type': ['h-entry'], 'properties': {'content': ['雨 🌧 \u2028 \ufffe x'], 'lang': ['zh']}})
    site.post('Long. ' * 5000, **{'mp-slug': 'long'})
    site.post('Dated back', published='1999-12-31T23:59:59-09:30')
    for i in range(31):
        site.post(f'Note {i}')


def json_mistakes(body):
    """The same for JSON Feed 1.1, by its text."""
    feed, found = json.loads(body), []

    def empty(value):
        if isinstance(value, dict):
            return any(empty(x) for x in value.values())
        return value in (None, '', {}) if not isinstance(value, list) else any(empty(x) for x in value)

    if feed.get('version') != 'https://jsonfeed.org/version/1.1' or not feed.get('title') or not isinstance(feed.get('items'), list):
        found.append('the top')
    if empty(feed):
        found.append('something empty')
    if feed.get('next_url') == feed['feed_url'] or 'author' in feed:
        found.append('next_url or author')
    ids = [x.get('id') for x in feed['items']]
    if not all(isinstance(x, str) for x in ids) or len(set(ids)) < len(ids):
        found.append('ids')
    for item in feed['items']:
        if not ('content_html' in item or 'content_text' in item):
            found.append('no content')
        if not all(isinstance(x, str) for x in item.get('tags', ['x'])) or item.get('tags') == []:
            found.append('tags')
        if not all(feedcheck.RFC3339.match(item.get(x, '2026-01-01T00:00:00Z')) for x in ('date_published', 'date_modified')):
            found.append('dates')
        if not all(x.get('url') and x.get('mime_type') and isinstance(x['size_in_bytes'], int) for x in item.get('attachments', [])):
            found.append('attachments')
        found += sorted(feedcheck.Html(item.get('content_html', '')).found)
    return found


def check(t, site, path):
    answer = site.get(path)
    found = json_mistakes(answer.body) if path.split('?')[0].endswith('.json') else feedcheck.mistakes(answer.body)
    # A title of nothing but text may look like markup: the validator warns, and we mean it.
    meant = {'ContainsHTML', 'ContainsUndeclaredHTML'} if b'alert(1)' in answer.body else set()
    found = sorted(set(found) - meant)
    t.eq((answer.status, found), (200, []), f'{site.front}: {path} has no mistakes')
    t.ok(len(answer.body) < 1000000, f'{site.front}: {path} is no megabyte', len(answer.body))


with Tap() as t:
    calibrate(t)
    for front in fronts():
        with Site(front, author_note='Notes & more', language='en-GB') as site:
            for fmt in ('rss', 'atom', 'json'):
                check(t, site, f'/feed.{fmt}')
            furnish(site)
            check(t, site, '/opml.xml')
            for fmt in ('rss', 'atom', 'json'):
                check(t, site, f'/feed.{fmt}')
                check(t, site, f'/feed.{fmt}?before=long')
                check(t, site, f'/feed.{fmt}?before=hostile')
                for path in ('articles', 'photos', 'videos', 'audio', 'bookmarks', 'replies', 'likes', 'reposts', 'rsvps', 'checkins', 'tag/photography'):
                    check(t, site, f'/{path}/feed.{fmt}')
