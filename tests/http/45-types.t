#!/usr/bin/env python3
"""Every post type as a program of others reads it: what was sent comes back from the page by a microformats2 parser
that was not written here, and from the feed by an XML parser."""

import os
import re
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import demo
import mf2
from starpunk import Site, Tap, fronts

ATOM = '{http://www.w3.org/2005/Atom}'
THREAD = '{http://purl.org/syndication/thread/1.0}'
# Properties that are shown in the form in which they are sent.
PLAIN = ('name', 'summary', 'published', 'start', 'end', 'rsvp', 'read-status', 'in-reply-to', 'like-of', 'repost-of', 'bookmark-of',
         'quotation-of', 'read-of', 'listen-of', 'watch-of', 'checkin', 'location', 'category', 'photo', 'video', 'audio', 'featured',
         'syndication')
URLS = ('in-reply-to', 'like-of', 'repost-of', 'bookmark-of', 'quotation-of', 'read-of', 'listen-of', 'watch-of')


def label(url):
    """How a page names what has no name."""
    text = re.sub(r'^https?://(www\.)?', '', url).rstrip('/')
    return text if len(text.encode()) <= 60 else text.encode()[:60].decode() + '…'


def wanted(name, value):
    """What a parser is to find for a value that was sent."""
    if name in URLS and isinstance(value, str):
        return {'type': ['h-cite'], 'properties': {'name': [label(value)], 'url': [value]}}
    if name in ('photo', 'featured'):
        return value if isinstance(value, dict) else {'value': value, 'alt': ''}
    if name == 'location' and isinstance(value, str) and value.startswith('geo:'):
        latitude, longitude = value[4:].split(';')[0].split(',')[:2]
        return {'type': ['h-geo'], 'properties': {'latitude': [latitude], 'longitude': [longitude]}}
    if isinstance(value, dict):
        properties = {k: v for k, v in value['properties'].items() if k != 'uid'}
        if 'author' in properties:
            properties['author'] = [a['properties']['name'][0] if isinstance(a, dict) else a for a in properties['author']]
        return {'type': value['type'], 'properties': properties}
    return value


def found(value):
    """A parsed value without what the parser adds for those who want text."""
    if isinstance(value, dict) and 'type' in value:
        return {'type': value['type'], 'properties': value['properties']}
    return value


def shown(name, data):
    values = [wanted(name, v) for v in data.get(name, [])]
    # A name is the title of some types only; in the others the text begins with it.
    return sorted(values, key=str)


def page(t, site, name, data, path):
    f = f'{site.front}: {name}'
    answer = site.get(path)
    t.eq(answer.status, 200, f'{f} has a page')
    items = mf2.parse(answer.text, site.url + path.lstrip('/'))['items']
    t.eq([i['type'] for i in items], [data['type']], f'{f} is one item of its type')
    props = items[0]['properties']
    for prop in PLAIN:
        t.eq(sorted((found(v) for v in props.get(prop, [])), key=str), shown(prop, data['properties']), f'{f}: {prop} comes back')
    t.eq(props.get('url'), [site.url.rstrip('/') + path], f'{f} has its permalink')
    t.eq([a['properties']['url'] for a in props.get('author', [])], [[site.url]], f'{f} has its author')
    t.eq('content' in props, 'content' in data['properties'], f'{f} has content if it was sent')
    strange = set(props) - set(PLAIN) - {'author', 'content', 'uid', 'url'}
    t.eq(strange, set(), f'{f} claims nothing else')


def sizes(t, site):
    """The courier's sizes are named by the page, and each is what the page says."""
    f = site.front
    html = site.get('/note/demo-picture').text
    named = re.findall(r'(/media/[^ ",]*) (\d+)w', html)
    t.eq(sorted({int(width) for _, width in named}), [480, 960, 1500], f'{f}: the page names the sizes of its picture')
    for path, width in named:
        answer = site.get(path)
        kind = 'image/webp' if path.endswith('.webp') else 'image/jpeg'
        t.eq((answer.status, answer.header('Content-Type')), (200, kind), f'{f}: the picture of width {width} is there, as {kind}')


def home(t, site, posts):
    seen = {}
    for path in ('/', '/page/2'):
        feed = mf2.parse(site.get(path).text, site.url)['items']
        lists = [i for i in feed if 'h-feed' in i['type']]
        t.eq(len(lists), 1, f'{site.front}: {path} is one h-feed')
        seen.update({e['properties']['url'][0]: e for e in lists[0].get('children', [])})
    t.eq(len(seen), len(posts), f'{site.front}: every post is in the lists')
    like = seen[site.url + 'note/demo-like']['properties']
    t.eq(like['like-of'][0]['value'], posts['28-like']['properties']['like-of'][0], f'{site.front}: a like is one in lists, too')


def feed(t, site, posts):
    f = site.front
    root = ET.fromstring(site.get('/feed.atom').body)
    entries = {e.find(ATOM + 'id').text: e for e in root.findall(ATOM + 'entry')}
    t.ok(all((e.find(ATOM + 'title').text or '').strip() for e in entries.values()), f'{f}: every entry of the feed has a title')
    picture = entries[site.url + 'note/demo-picture']
    t.eq(picture.find(ATOM + 'title').text, 'Photo, 15 March 2026', f'{f}: a photo without words is called by its day')
    link = [e.attrib for e in picture.findall(ATOM + 'link') if e.attrib['rel'] == 'enclosure'][0]
    file = site.get(link['href'].replace(site.url, '/'))
    t.eq((file.status, file.header('Content-Type'), str(len(file.body))), (200, link['type'], link['length']),
         f'{f}: the enclosure is there, of that type and length')
    reply = entries[site.url + 'note/demo-rsvp'].find(THREAD + 'in-reply-to')
    t.eq(reply.attrib['href'], 'https://club.example/events/14', f'{f}: an answer names what it answers')
    for id_, entry in entries.items():
        html = entry.find(ATOM + 'content').text
        t.eq(re.findall(r'(?:href|src|srcset|poster)="(?!https?://)[^"]*"', html), [], f'{f}: {id_} has absolute links only')


with Tap() as t:
    for front in fronts():
        with Site(front, author_name='Ada') as site:
            urls = demo.upload_media(site)
            posts = demo.requests(urls)
            for name, data in posts.items():
                answer = site.micropub_json(data)
                t.eq(answer.status, 201, f'{front}: {name} is created')
                page(t, site, name, data, answer.header('Location').replace(site.url, '/'))
            sizes(t, site)
            home(t, site, posts)
            feed(t, site, posts)
