#!/usr/bin/env python3
"""Lists as readers walk through them: by type, tag, channel and date, to their ends and back, and an
archive that counts by the site's zone as Python's calendar does."""

import collections
import datetime
import html
import os
import random
import re
import sys
import zoneinfo

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts

ZONE = 'America/St_Johns'
POSTS = 70


def links(page, rel):
    return [html.unescape(u) for u in re.findall(rf'<link rel="{rel}" href="([^"]*)"', page.text)]


def permalinks(page):
    return list(dict.fromkeys(re.findall(r'class="[^"]*u-url[^"]*" href="[^"]*/note/([^"]+)"', page.text)))


def local(site, url):
    return '/' + url[len(site.url):] if url.startswith(site.url) else url


def fill(site):
    """Posts around the ends of months and clock changes; slug -> the moment in the site's zone."""
    zone, dice, when = zoneinfo.ZoneInfo(ZONE), random.Random(21), {}
    for i in range(POSTS):
        month = datetime.datetime(2004 + i % 5 * 4, 1 + i * 5 % 12, 1, tzinfo=datetime.timezone.utc)
        at = month + datetime.timedelta(seconds=dice.randrange(-20000, 20000))
        slug = f'p{i}'
        fields = {'mp-slug': slug, 'published': at.strftime('%Y-%m-%dT%H:%M:%SZ'), 'category[]': 'seen'}
        if i % 7 == 0:
            fields['mp-channel'] = 'garden'
        if i % 10 == 0:
            fields['name'] = f'Article {i}'
        site.post(f'Post number {i}', **fields)
        when[slug] = at.astimezone(zone)
    return when


def walk(site, path, rel='next'):
    """Slugs of a list from page to page, and how many pages there are."""
    seen, pages = [], 0
    while path and pages < 60:
        page = site.get(path)
        if page.status == 302:
            page = site.get(local(site, page.header('Location')))
        if page.status != 200:
            return seen + [f'{path} is {page.status}'], pages
        pages += 1
        seen = seen + permalinks(page) if rel == 'next' else permalinks(page) + seen
        onward = links(page, rel)
        path = local(site, onward[0]) if onward else None
    return seen, pages


def newest_first(when, wanted):
    return [s for s in sorted(when, key=lambda s: (when[s], int(s[1:])), reverse=True) if wanted(s)]


def walks(t, site, when):
    f = site.front
    lists = {
        '/': lambda s: True,
        '/notes': lambda s: int(s[1:]) % 10 != 0,
        '/articles': lambda s: int(s[1:]) % 10 == 0,
        '/tag/seen': lambda s: True,
        '/channel/garden': lambda s: int(s[1:]) % 7 == 0,
        '/2012': lambda s: when[s].year == 2012,
    }
    for path, wanted in lists.items():
        want = newest_first(when, wanted)
        seen, pages = walk(site, path)
        t.eq(seen, want, f'{f}: {path} shows its posts once each, newest first')
        t.eq(pages, -(-len(want) // 5), f'{f}: {path} has pages of five')
    last = newest_first(when, lambda s: True)[-3]
    back, _ = walk(site, f'/tag/seen?after={last}', 'prev')
    t.eq(list(dict.fromkeys(back))[:10], newest_first(when, lambda s: True)[:10], f'{f}: and the way back leads to the newest')


def archive(t, site, when):
    f = site.front
    page = site.get('/archive')
    t.eq(page.status, 200, f'{f}: the archive answers')
    counted = dict((k, int(n)) for k, n in re.findall(
        r'href="[^"]*?/(\d{4}(?:/\d\d)?)">[^<]*</a> <span class="count">(\d+)<', page.text))
    months = collections.Counter(w.strftime('%Y/%m') for w in when.values())
    years = collections.Counter(w.strftime('%Y') for w in when.values())
    t.eq(counted, {**months, **years}, f'{f}: it counts years and months of the site\'s zone')
    month = max(months, key=lambda m: (months[m], m))
    days = collections.Counter(w.strftime('%Y/%m/%d') for w in when.values() if w.strftime('%Y/%m') == month)
    got = site.get('/' + month)
    found = dict((k, int(n)) for k, n in re.findall(
        r'href="[^"]*?/(\d{4}/\d\d/\d\d)">[^<]*</a> <span class="count">(\d+)<', got.text))
    t.eq(found, dict(days), f'{f}: a month counts its days')
    for day in days:
        want = {s for s, w in when.items() if w.strftime('%Y/%m/%d') == day}
        t.eq(set(permalinks(site.get('/' + day))), want, f'{f}: {day} has its posts')
    some = sorted(months)
    t.has(site.get('/' + some[3]).text, f'class="older" href="{site.url}{some[2]}"', f'{f}: a month leads to the one before that has posts')
    for path in ('/1999', '/2004/13', '/2005/02/29', '/99999', '/2004/1'):
        t.eq(site.get(path).status, 404, f'{f}: {path} is not there')


def this_day(t, site, when):
    f = site.front
    slug = max(when, key=lambda s: when[s])
    want = {s for s, w in when.items() if (w.month, w.day) == (when[slug].month, when[slug].day)}
    seen, _ = walk(site, when[slug].strftime('/on-this-day?date=%m-%d'))
    t.eq(set(seen), want, f'{f}: one day of the calendar has the posts of all years')
    t.eq(site.get('/on-this-day').status, 200, f'{f}: today has a page, too')
    t.eq(site.get('/on-this-day?date=02-30').status, 404, f'{f}: the 30th of February has none')
    where = site.get('/random')
    t.eq((where.status, where.header('Cache-Control')), (302, 'no-store'), f'{f}: any post is another one each time')
    t.ok(local(site, where.header('Location'))[6:] in when, f'{f}: and one of those that are there', where)


def conditional(t, site):
    f = site.front
    for path in ('/notes', '/tags', '/archive', '/2012', '/2012/01', '/channel/garden', '/tag/seen?before=p3', '/on-this-day'):
        first = site.get(path)
        tag = first.header('ETag')
        again = site.get(path, {'If-None-Match': tag or ''})
        t.eq((first.status, again.status, again.body), (200, 304, b''), f'{f}: {path} is not sent again')
        head = site.head(path)
        t.eq((head.status, head.header('ETag'), head.body), (200, tag, b''), f'{f}: HEAD {path} tells the same')
        t.ok(first.header('Set-Cookie') is None, f'{f}: {path} sets no cookie')
    old = site.get('/archive').header('ETag')
    site.post('Later', **{'mp-slug': 'later'})
    t.eq(site.get('/archive', {'If-None-Match': old}).status, 200, f'{f}: a new post makes a new archive')


def wrong(t, site):
    f = site.front
    for path, status in (('/notes?before=nothing', 404), ('/notes?before=p1&after=p2', 400), ('/sonnets', 404),
                         ('/channel/attic', 404), ('/tags?by=chance', 400), ('/tags?after=nothing', 404)):
        t.eq(site.get(path).status, status, f'{f}: {path} is {status}')
    t.has(site.get('/videos').text, 'There is nothing here yet.', f'{f}: a list without posts says so')
    t.eq(site.request('POST', '/notes', body=b'').status, 405, f'{f}: a list is only read')
    slash = site.get('/2012/')
    t.eq((slash.status, slash.header('Location')), (301, site.url + '2012'), f'{f}: a slash too many is redirected')


with Tap() as t:
    for front in fronts():
        with Site(front, timezone=ZONE, posts_per_page=5, channels='garden=The garden') as site:
            when = fill(site)
            walks(t, site, when)
            archive(t, site, when)
            this_day(t, site, when)
            conditional(t, site)
            wrong(t, site)
