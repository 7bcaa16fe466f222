#!/usr/bin/env python3
"""The Atom feed: well-formed, complete, streamed, and counted to the byte."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts, wait_for

ATOM = '{http://www.w3.org/2005/Atom}'


def bytes_sent(site):
    return site.stats()['http']['bytes_sent']


def counted(t, site, path, headers=None, method='GET'):
    """The bytes counted for one answer are the bytes that arrived."""
    before = bytes_sent(site)
    got = site.request(method, path, headers)
    line = site.wait_log('request', request_id=got.header('X-Request-ID'))
    grown = wait_for(lambda: (bytes_sent(site) - before) if bytes_sent(site) - before == len(got.body) else None, 5)
    if len(got.body) == 0:
        grown = bytes_sent(site) - before
    t.eq(grown, len(got.body), f'{site.front}: {method} {path}: metrics count the bytes received')
    t.eq(line and line[0]['bytes'], len(got.body), f'{site.front}: {method} {path}: so does the log')
    return got


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            empty = site.get('/feed.atom')
            t.eq(empty.status, 200, f'{front}: the feed of an empty site is a feed')
            ET.fromstring(empty.body)
            site.post('</title><script>alert(1)</script> ]]> &nbsp; \x0b', **{'category[]': '"><x', 'mp-slug': 'hostile'})
            site.micropub_json({'type': ['h-entry'], 'properties': {'name': ['A & B <i>'], 'content': [{'html': '<a href="/x">rel</a>'}]}})
            for i in range(40):
                site.post(f'Entry {i} ' + 'word ' * 1000)
            got = counted(t, site, '/feed.atom')
            t.eq(got.header('Content-Type'), 'application/atom+xml; charset=utf-8', f'{front}: it has its type')
            lint = subprocess.run(['xmllint', '--noout', '-'], input=got.body, capture_output=True, check=False)
            t.eq(lint.returncode, 0, f'{front}: it is well-formed XML')
            feed = ET.fromstring(got.body)
            entries = feed.findall(ATOM + 'entry')
            t.eq(len(entries), 30, f'{front}: it has the 30 newest posts')
            t.has(''.join(entries[0].itertext()), 'Entry 39', f'{front}: newest first')
            for name in ('id', 'title', 'updated', 'author'):
                t.ok(feed.find(ATOM + name) is not None, f'{front}: the feed has {name}')
            t.ok(all(e.find(ATOM + n) is not None for e in entries for n in ('id', 'title', 'updated', 'content', 'link')),
                 f'{front}: each entry has its parts')
            links = {link.get('rel'): link.get('href') for link in feed.findall(ATOM + 'link')}
            t.eq(links.get('self'), site.url + 'feed.atom', f'{front}: it knows its own address')
            t.ok(len(set(e.find(ATOM + 'id').text for e in entries)) == 30, f'{front}: ids are unique')
            counted(t, site, '/feed.atom', method='HEAD')
            counted(t, site, '/feed.atom', {'If-None-Match': got.header('ETag')})
            counted(t, site, '/')
            counted(t, site, '/', method='HEAD')
            counted(t, site, '/nothing')
            t.has(site.get('/').text, 'application/atom+xml', f'{front}: pages announce it')
