#!/usr/bin/env python3
"""The large site: every kind of page with 100 000 posts beside the same with 1 000, nothing out of a
cache. Both are asked in turn, S L S L …; a figure is the median over the rounds, a ratio the median
of the rounds' ratios.

A page that shows more where there is more says so by its size. Pages about years are compared with a
site of 1 000 posts over the same years, and the page about this day in other years with one whose
posts are all of one day of the year. A search without an index for a word that hardly anybody used
walks until its time is up (a fifth of a second): that row tells what it costs, and has no aim.

    make bench [BENCH_ROUNDS=5] [BENCH_SECONDS=2] [BENCH_ONLY='part of a kind's name']
    BENCH_MILLION=1: with 1 000 000 posts
"""

import contextlib
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from load import ONLY, ROUNDS, SECONDS, wrk
from starpunk import BUILD, PROGRAM, Site

SMALL = 1000
LARGE = 1000000 if os.environ.get('BENCH_MILLION') else 100000
AIM = 1.5
CLIENTS = 4
HOURLY, YEARS, ONE_DAY = range(3)


class Filled:
    """A running site with posts, and places in it to ask for."""

    def __init__(self, count, hours, together=1, **config):
        self.count = count
        self.site = Site('nginx', start=False, quiet_front=True, page_cache_size='0', **config)
        self.site.init()
        subprocess.run([os.path.join(BUILD, 'tests/bench/fill'), self.site.conf, str(count), str(hours), str(together)], check=True)
        self.site.starpunk('reindex', timeout=3600)
        self.site.start()
        self.base = f'http://127.0.0.1:{self.site.port}'
        self.slug, published = self.site.sqlite(f'select slug, published from post order by published limit 1 offset {count // 2}')[0]
        self.day = time.strftime('%Y/%m/%d', time.gmtime(published))
        self.tag = self.site.sqlite('select name from tag order by id limit 1')[0][0].replace(' ', '%20')

    def path(self, pattern):
        """A path with its {places} filled in."""
        return pattern.format(slug=self.slug, tag=self.tag, day=self.day, month=self.day[:7], year=self.day[:4],
                              monthday=self.day[5:].replace('/', '-'), deep=self.count // 40)


# Name, path, which small site it is compared with.
KINDS = [
    ('home', '/', HOURLY),
    ('home, page in the middle', '/page/{deep}', HOURLY),
    ('note', '/note/{slug}', HOURLY),
    ('tag', '/tag/{tag}', HOURLY),
    ('tag, from the middle on', '/tag/{tag}?before={slug}', HOURLY),
    ('tags', '/tags', HOURLY),
    ('tags, most used first', '/tags?by=use', HOURLY),
    ('type', '/articles', HOURLY),
    ('type, from the middle on', '/articles?before={slug}', HOURLY),
    ('notes', '/notes', HOURLY),
    ('notes, from the middle on', '/notes?before={slug}', HOURLY),
    ('archive', '/archive', YEARS),
    ('year', '/{year}', YEARS),
    ('year, from the middle on', '/{year}?before={slug}', YEARS),
    ('month', '/{month}', HOURLY),
    ('day', '/{day}', HOURLY),
    ('on this day', '/on-this-day?date={monthday}', ONE_DAY),
    ('random', '/random', HOURLY),
    ('Atom feed', '/feed.atom', HOURLY),
    ('RSS feed', '/feed.rss', HOURLY),
    ('JSON feed', '/feed.json', HOURLY),
    ('Atom feed of a tag', '/tag/{tag}/feed.atom', HOURLY),
    ('OPML', '/opml.xml', HOURLY),
    ('sitemap', '/sitemap.xml', HOURLY),
    ('feed of a search', '/search/feed.atom?q=the', HOURLY),
    ('search, a rare word', '/search?q=xylophone', HOURLY),
    ('search, a common word', '/search?q=the', HOURLY),
    ('search, two words', '/search?q=the+of', HOURLY),
    ('search, as JSON', '/api/search?q=the', HOURLY),
]


def compare(small, large, name, pattern, aim=AIM):
    """One row; False: over the aim, or answers that failed. None: there is no such page here."""
    paths = [filled.path(pattern) for filled in (small, large)]
    first = [filled.site.get(path) for filled, path in zip((small, large), paths)]
    if any(answer.status not in (200, 302, 303, 307) for answer in first):
        print(f'{name:34} answers {[answer.status for answer in first]}', flush=True)
        return None
    a, b = [], []
    for _ in range(1 + ROUNDS):
        a.append(wrk(small.base + paths[0], CLIENTS))
        b.append(wrk(large.base + paths[1], CLIENTS))
    del a[0], b[0]

    def ratio(key):
        return statistics.median(y[key] / x[key] for x, y in zip(a, b))

    def mid(rows, key):
        return statistics.median(r[key] for r in rows)
    failed = sum(r['bad'] + r['errors'] for r in a + b)
    good = (not aim or ratio('p99') <= aim) and not failed
    print(f'{name:34} {len(first[0].body):8d} {len(first[1].body):8d} {mid(a, "p50"):8.2f} {mid(b, "p50"):8.2f} {ratio("p50"):6.2f} '
          f'{mid(a, "p99"):8.2f} {mid(b, "p99"):8.2f} {ratio("p99"):6.2f} {failed:6d} {"" if good else "over"}', flush=True)
    return good


def main():
    kinds = [kind for kind in KINDS if ONLY in kind[0]]
    if not kinds:
        return
    print(f'{ROUNDS} rounds of {SECONDS} s in turn, {CLIENTS} clients, {SMALL} and {LARGE} posts, nothing cached; aim: p99 at most {AIM} times')
    with contextlib.ExitStack() as stack:
        sites = [stack.enter_context(filled.site) and filled for filled in (
            Filled(SMALL, 1), Filled(SMALL, LARGE // SMALL), Filled(SMALL, 8766, 100), Filled(LARGE, 1))]
        print(f'{"kind":34} {"bytes":>8} {"":>8} {"p50 ms":>8} {"":>8} {"ratio":>6} {"p99 ms":>8} {"":>8} {"ratio":>6} {"failed":>6}')
        results = [compare(sites[small], sites[-1], name, pattern) for name, pattern, small in kinds]
        if any(name.startswith('search') for name, _, _ in kinds):
            for filled in (sites[HOURLY], sites[-1]):
                filled.site.stop_program()
                filled.site.write_config(search_engine='like')
                filled.site.start_program()
                if not filled.site.wait_healthy():
                    raise RuntimeError('the site did not come up')
            results += [compare(sites[HOURLY], sites[-1], f'{name} (LIKE)', pattern, None if 'rare' in name else AIM)
                        for name, pattern, _ in kinds if name.startswith('search')]
    over = sum(good is False for good in results)
    print(f'kinds over the aim: {over} of {sum(good is not None for good in results)}')
    sys.exit(1 if over else 0)


if not os.path.exists(PROGRAM):
    sys.exit('build first: make')
main()
