#!/usr/bin/env python3
"""Every kind of page, as parsers see it that were not written here: html-validate finds no fault, and two parsers of microformats
(Debian's mf2py and npm's microformats-parser) both find what tests/fixtures/microformats says.

`make client` installs the npm packages; without them this says SKIP. SP_UPDATE=1 writes the fixtures anew: to be read before
they are committed.

html-validate is asked for all that it recommends, but for what the length of a title should be, which is the author's. Ids may have
a colon, as those of footnotes do, and only what comes from elsewhere needs an integrity."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import showcase
from starpunk import BUILD, SRC, Tap

try:
    import mf2
except ImportError:
    mf2 = None

PACKAGES = os.path.join(BUILD, 'tests', 'client', 'npm')
FIXTURES = os.path.join(SRC, 'tests', 'fixtures', 'microformats')
# One page of each kind. Lists of many posts are compared by what they are, not by all that their posts say.
KINDS = ['home', 'tag', 'photos', 'archive', 'day', 'error-404', 'error-410'] + [f'post-{slug}' for slug in (
    'hello', 'a-long-note', 'shell-one-liner', 'week-without-weather', 'birches', 'three-evenings', 're-ferry', 'like-starlings', 'like-plain',
    'repost-tide-tables', 'the-slow-web', 'on-timetables', 'homebrew-club', 'repair-cafe-2023', 'cafe-nord', 'the-sea-the-sea', 'side-a',
    'the-lighthouse', 'bell', 'waves', 'dyke', 'regen', 'geshem')]
LONG = ('home', 'tag', 'photos', 'archive')


def fetch(site):
    """All pages, and those of kinds that are only posts of their own."""
    paths = dict(showcase.PAGES, **{'post-repair-cafe-2023': '/note/repair-cafe-2023'})
    return {name: (path, site.get(path, {'Accept': 'text/html'}).text) for name, path in paths.items()}


def validate(t, pages):
    with tempfile.TemporaryDirectory(prefix='sp-pages-') as d:
        for name, (_, html) in pages.items():
            with open(os.path.join(d, f'{name}.html'), 'w', encoding='utf-8') as f:
                f.write(html)
        done = subprocess.run(['node', os.path.join(PACKAGES, 'node_modules', '.bin', 'html-validate'), '--config',
                               os.path.join(SRC, 'tests', 'client', 'html-validate.json'), '--formatter', 'json', d + '/*.html'],
                              cwd=PACKAGES, capture_output=True, text=True, timeout=300, check=False)
    try:
        found = {os.path.basename(f['filePath'])[:-5]: [f'{m["line"]}:{m["column"]} {m["ruleId"]}: {m["message"]}' for m in f['messages']]
                 for f in json.loads(done.stdout)}
    except json.JSONDecodeError:
        found = None
    t.ok(found is not None, 'html-validate runs', done.stderr)
    for name in pages:
        t.eq((found or {}).get(name, []), [], f'{name}: html-validate finds no fault')


class Neutral:
    """Takes out of what a parser says what differs from site to site: the address, the names of files, what counts from today."""

    def __init__(self, site):
        self.site = site
        self.moments = dict(site.sqlite("""SELECT strftime('%Y-%m-%dT%H:%M:%S', max(published, deleted), 'unixepoch'), slug FROM post
            WHERE slug IN ('today', 'repair-cafe', 'a-year-ago', 'three-years-ago', 'six-years-ago', 'gone')"""))

    def text(self, s):
        s = s.replace(self.site.url, 'https://ada.example/')
        for moment, slug in self.moments.items():
            s = re.sub(re.escape(moment) + r'(Z|[+-]\d\d:\d\d)', f'the time of {slug}', s)
        s = re.sub(r' on \d+ \w+ \d{4}, \d\d:\d\d\.', ' on that day.', s)      # of the tombstone
        s = re.sub(r'/media/[0-9a-f]{2}/[0-9a-f]+(-\d+)?\.', '/media/file.', s)
        return re.sub(r'\s+', ' ', s).strip()

    def value(self, v):
        if isinstance(v, str):
            return self.text(v)
        if isinstance(v, list):
            return [self.value(x) for x in v]
        if v.keys() == {'value', 'alt'} and not v['alt']:      # an empty alt is told by one parser only
            return self.text(v['value'])
        return {k: self.value(x) for k, x in v.items() if k != 'id'}

    def result(self, made, brief):
        made = {'items': copy.deepcopy(made['items']), 'rels': {k: sorted(v) for k, v in made['rels'].items()
                                                             if k in ('me', 'author', 'home', 'prev', 'next', 'micropub', 'canonical')}}
        for item in made['items']:
            if brief and 'children' in item:
                item['children'] = [{'type': c['type'], 'url': c['properties'].get('url')} for c in item['children']]
        return self.value(made)


def squeezed(v):
    """Without white space, which the standard leaves to the parser, and without the slash by which one of them ends tags."""
    if isinstance(v, str):
        return re.sub(r'\s+', '', v).replace('/>', '>')
    if isinstance(v, list):
        return [squeezed(x) for x in v]
    return {k: squeezed(x) for k, x in v.items()}


def expected(name, found):
    path = os.path.join(FIXTURES, f'{name}.json')
    if os.environ.get('SP_UPDATE'):
        os.makedirs(FIXTURES, exist_ok=True)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(json.dumps(found, ensure_ascii=False, indent='\t', sort_keys=True) + '\n')
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def microformats(t, site, pages):
    """Both parsers say the same, which is what the fixture says."""
    chosen = {name: pages[name] for name in KINDS}
    sent = {name: {'url': site.url.rstrip('/') + path, 'html': html} for name, (path, html) in chosen.items()}
    done = subprocess.run(['node', f'{SRC}/tests/client/microformats.js'], input=json.dumps(sent), cwd=PACKAGES, text=True, capture_output=True,
                          timeout=120, check=False)
    t.eq((done.returncode, done.stderr), (0, ''), 'microformats-parser runs')
    second, neutral = json.loads(done.stdout), Neutral(site)
    for name, page in sent.items():
        first = neutral.result(mf2.parse(page['html'], page['url']), name in LONG)
        want = expected(name, first)
        t.eq(squeezed(first), squeezed(want), f'{name}: mf2py finds what is expected')
        t.eq(squeezed(neutral.result(second[name], name in LONG)), squeezed(want), f'{name}: microformats-parser finds the same')


if not shutil.which('node') or not os.path.isdir(os.path.join(PACKAGES, 'node_modules', 'html-validate')) or mf2 is None:
    print('1..0 # SKIP html-validate, microformats-parser or python3-mf2py is not installed: make client, apt-get install python3-mf2py')
    sys.exit(0)
with Tap() as t:
    with showcase.open_site() as site:
        pages = fetch(site)
        validate(t, pages)
        microformats(t, site, pages)
