#!/usr/bin/env python3
"""An owner's theme: files of it take the place of shipped ones without a restart, a bad one does not take the site down,
and what is wrong with it is told. And the demonstration, to look at it with."""

import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import SRC, Site, Tap, fronts, wait_for


def put(site, name, text):
    path = os.path.join(site.dir, 'theme', name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def reloaded(site, holds):
    """HUP; whether it holds of the home page once all workers have been replaced and the former ones are gone."""
    before, done = site.workers(), len(site.log('supervisor_reloaded'))
    site.process.send_signal(signal.SIGHUP)
    return wait_for(lambda: len(site.log_now('supervisor_reloaded')) > done and not any(os.path.exists(f'/proc/{pid}') for pid in before), 30) \
        and holds(site.get('/'))


def style_of(page, name='style.css'):
    found = re.search(rf'href="(/static/{name}\?v=[0-9a-f]{{16}})"', page.text)
    return found and found.group(1)


def templates(t, site):
    f = site.front
    put(site, 'templates/footer.html', '<footer>Made by hand by {{site.author}}</footer>\n</body>\n</html>\n')
    t.ok(reloaded(site, lambda page: 'Made by hand by Ada' in page.text), f'{f}: a template of the theme is shown after HUP, without a restart')
    t.ok('class="masthead"' in site.get('/').text, f'{f}: the other templates stay the shipped ones')

    put(site, 'templates/footer.html', '<footer>\n{{site.autor}}\n</footer>\n')
    t.ok(reloaded(site, lambda page: page.status == 200 and 'class="colophon"' in page.text),
         f'{f}: in place of a broken template the shipped one is shown')
    said = site.wait_log('template_fallback')
    t.ok(said and 'footer.html:2:' in said[-1]['problem'] and "did you mean 'author'" in said[-1]['problem'],
         f'{f}: the log says file, line and the nearest name', said)

    put(site, 'templates/footer.html', '<footer>Mended</footer>\n</body>\n</html>\n')
    t.ok(reloaded(site, lambda page: 'Mended' in page.text), f'{f}: mended, it is shown after the next HUP')


def styles(t, site):
    f = site.front
    shipped = style_of(site.get('/'))
    t.ok('--' in site.get(shipped).text, f'{f}: without a style of the theme there is the shipped one')
    put(site, 'static/style.css', 'body { color: teal }\n')
    t.ok(reloaded(site, lambda page: style_of(page) not in (None, shipped)), f'{f}: a style of the theme has an address of its own')
    answer = site.get(style_of(site.get('/')))
    t.eq((answer.status, answer.text), (200, 'body { color: teal }\n'), f'{f}: the front server sends the style of the theme')
    t.eq((answer.header('Content-Type').split(';')[0], answer.header('Cache-Control')), ('text/css', 'public, max-age=31536000, immutable'),
         f'{f}: as a style sheet that may be kept')
    t.eq(site.get('/static/desk.css').status, 200, f'{f}: the other static files stay the shipped ones')
    t.eq(site.get('/static/../starpunk.conf').status in (400, 404), True, f'{f}: nothing beside them can be had')
    t.eq(site.get('/static/%2e%2e/starpunk.conf').status in (400, 404), True, f'{f}: nor by an encoded path')
    os.remove(os.path.join(site.dir, 'theme', 'static', 'style.css'))
    t.ok(reloaded(site, lambda page: style_of(page) == shipped), f'{f}: taken away, the shipped one is back')
    t.eq(site.get(shipped).status, 200, f'{f}: under the address it had')

    t.ok(not style_of(site.get('/'), 'theme.css'), f'{f}: there is no theme.css unless the theme has one')
    put(site, 'static/theme.css', 'h1 { color: teal }\n')
    t.ok(reloaded(site, lambda page: style_of(page, 'theme.css')), f'{f}: a theme.css is linked')
    page = site.get('/').text
    t.ok(page.index('/static/style.css') < page.index('/static/theme.css'), f'{f}: behind the shipped style, so that it wins')
    t.eq(site.get(style_of(site.get('/'), 'theme.css')).text, 'h1 { color: teal }\n', f'{f}: and the front server sends it')


def findings(site, *args):
    done = site.starpunk('theme', 'check', *args, '--json', check=False)
    return done.returncode, {(e['file'], e['line'], e['level']): e['message'] for e in json.loads(done.stdout)}


def checks(t, site):
    f = site.front
    other = os.path.join(site.dir, 'other')
    site.starpunk('theme', 'init', other)
    t.eq(findings(site, other), (0, {}), f'{f}: a theme that has just been made is good')
    t.eq(site.starpunk('theme', 'init', other, check=False).returncode, 1, f'{f}: and is not made over')
    t.eq(site.starpunk('theme', 'show', 'footer.html').stdout, open(f'{SRC}/share/templates/footer.html', encoding='utf-8').read(),
         f'{f}: theme show prints a shipped template')
    t.ok('static/style.css\n' in site.starpunk('theme', 'show').stdout, f'{f}: and lists what there is')
    t.eq(site.starpunk('theme', 'show', '../passwords.txt', check=False).returncode, 2, f'{f}: and nothing else')

    files = {
        'templates/footer.html': '<p>\n\n{{site.nmae}}</p>\n',
        'templates/list.html': '{{#entries}}\n',
        'templates/fotter.html': 'x',
        'templates/header.txt': 'x',
        'static/style.css': '/* fine */\nbody {\n\tbackground: url(https://elsewhere.example/x.png);\n}\n@import "//cdn.example/a.css";\np { color: red\n',
        'static/theme.css': 'a { background: url("missing.png") }\n/* b {',
        'static/desk.cs': '',
        'footer.html': '',
    }
    for name, text in files.items():
        path = os.path.join(other, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
    status, found = findings(site, other)
    t.eq(status, 1, f'{f}: a theme with errors is told by the exit status')
    t.ok("did you mean 'name'" in found.get(('templates/footer.html', 3, 'error'), ''), f'{f}: an unknown name, with the nearest', found)
    t.ok(any(k[0] == 'templates/list.html' and k[2] == 'error' for k in found), f'{f}: a section that does not end, in the same call', found)
    t.ok("did you mean 'footer.html'" in found.get(('templates/fotter.html', 0, 'warning'), ''), f'{f}: a file that nothing includes', found)
    t.ok(('templates/header.txt', 0, 'warning') in found, f'{f}: a file that is no template', found)
    t.ok('elsewhere.example' in found.get(('static/style.css', 3, 'warning'), ''), f'{f}: a picture of another server', found)
    t.ok('cdn.example' in found.get(('static/style.css', 5, 'warning'), ''), f'{f}: an @import of another server', found)
    t.ok('brace' in found.get(('static/style.css', 6, 'error'), ''), f'{f}: a brace that is not closed, where it was opened', found)
    t.ok('missing.png' in found.get(('static/theme.css', 1, 'warning'), ''), f'{f}: a file that a style names and that is not there', found)
    t.ok('comment' in found.get(('static/theme.css', 2, 'error'), ''), f'{f}: a comment that does not end', found)
    t.ok("did you mean 'desk.css'" in found.get(('static/desk.cs', 0, 'warning'), ''), f'{f}: a static file that is nearly a shipped one', found)
    t.ok(('footer.html', 0, 'warning') in found, f'{f}: a file in the wrong place', found)
    t.ok(len(found) == 11, f'{f}: and nothing more is found', found)
    said = site.starpunk('theme', 'check', other, check=False)
    t.ok('templates/footer.html:3: error: ' in said.stdout and said.stderr, f'{f}: people are told the same', said)
    t.eq(findings(site), (0, {}), f'{f}: without a directory it is the theme of the site, which is good')


def demo(t, site):
    f = site.front
    site.post('Mine.', **{'mp-slug': 'mine'})
    t.eq(site.starpunk('demo', check=False).returncode, 1, f'{f}: the demonstration leaves a site with posts alone')
    said = site.starpunk('demo', '--force').stdout
    made = int(re.match(r'(\d+) posts made', said).group(1))
    t.ok(made > 40, f'{f}: unless it is told otherwise', said)
    t.ok('0 posts made' in site.starpunk('demo', '--force').stdout, f'{f}: a second time it makes nothing')
    types = {row[0] for row in site.sqlite('SELECT type FROM post')}
    t.eq(types, {'note', 'article', 'photo', 'reply', 'like', 'repost', 'bookmark', 'rsvp', 'event', 'checkin', 'read', 'listen', 'watch', 'audio',
                 'video'}, f'{f}: it shows every type of post')
    t.ok(site.sqlite("SELECT count(*) FROM post WHERE mf2 LIKE '%demo:%'") == [(0,)], f'{f}: every file and moment in it was filled in')
    for slug, in site.sqlite("SELECT slug FROM post WHERE listed AND client = 'demo'"):
        if site.get(f'/note/{slug}').status != 200:
            t.ok(False, f'{f}: /note/{slug} is shown')
    t.ok(wait_for(lambda: site.sqlite("SELECT count(*) FROM job WHERE kind = 'sizes'") == [(0,)], 60), f'{f}: its pictures get their sizes')
    t.ok(wait_for(lambda: site.sqlite('SELECT done >= (SELECT max(id) FROM post) FROM search_state') == [(1,)], 60), f'{f}: and is searched')
    t.ok(f'{made} posts' in site.starpunk('demo', '--remove').stdout, f'{f}: it is taken away again')
    t.eq(site.sqlite('SELECT slug FROM post'), [('mine',)], f'{f}: and nothing else is')
    t.eq((site.get('/note/hello').status, site.get('/note/mine').status), (404, 200), f'{f}: its pages are gone at once, without a trace')
    t.ok(wait_for(lambda: site.sqlite('SELECT count(*) FROM search_stale') == [(0,)], 60), f'{f}: the search has forgotten them')
    site.post('A zeppelin over the harbour.', **{'mp-slug': 'zeppelin'})
    t.ok('/note/zeppelin' in site.get('/api/search?q=zeppelin').text, f'{f}: what is posted then is found, though its id was one of theirs')
    left = [n for _, _, names in os.walk(os.path.join(site.dir, 'media')) for n in names]
    t.eq(left, [], f'{f}: and so are its files')


with Tap() as t:
    for front in fronts():
        with Site(front, start=False) as site:
            site.write_config(theme_path=os.path.join(site.dir, 'theme'))
            os.makedirs(os.path.join(site.dir, 'theme'))
            site.init()
            site.token = site.make_token('create update delete media')
            site.start()
            templates(t, site)
            styles(t, site)
            checks(t, site)
            if front == fronts()[0]:
                demo(t, site)
