#!/usr/bin/env python3
"""Settings that change while the site runs, through the front server: every worker shows the change with its next answer.

And the media library, as the owner's browser asks for it."""

import concurrent.futures
import os
import re
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts, wait_for
from uploads import png, upload

WORKERS = 3


class Owner:
    """The owner's browser: a cookie, and the fields that forms carry."""

    def __init__(self, site):
        self.site = site
        self.cookie = site.sign_in()

    def form_headers(self):
        return {'Content-Type': 'application/x-www-form-urlencoded', 'Origin': self.site.url.rstrip('/')}

    def get(self, path):
        return self.site.get(path, {'Cookie': self.cookie})

    def post(self, path, page=None, **fields):
        """Sends the form of a page, with what is hidden in it."""
        hidden = re.findall(r'type="hidden" name="(csrf|version)" value="([^"]*)"', self.get(page or path).text)
        return self.site.request('POST', path, dict(self.form_headers(), Cookie=self.cookie), urllib.parse.urlencode(hidden + list(fields.items())).encode())


def from_every_worker(site, path, headers=None):
    """Asks many times at once until each worker has answered: all texts, by pid."""
    texts = {}
    with concurrent.futures.ThreadPoolExecutor(16) as crowd:
        for _ in range(40):
            answers = {a.header('X-Request-ID'): a.text for a in crowd.map(lambda _: site.get(path, headers), range(32))}
            wait_for(lambda: answers.keys() <= {line['request_id'] for line in site.log('request')})
            for line in site.log('request'):
                if line['request_id'] in answers:
                    texts.setdefault(line['pid'], set()).add(answers[line['request_id']])
            if len(texts) == WORKERS:
                break
    return texts


def lacking(texts, part):
    """The workers that have answered without it."""
    return [pid for pid, said in texts.items() if not all(part in text for text in said)]


def settings(t, site, owner, front):
    for path in ('/', '/feed.atom', '/nothing-here', '/admin/login'):
        texts = from_every_worker(site, path)
        t.eq(len(texts), WORKERS, f'{front}: {path} is answered by every worker')
    answer = owner.post('/admin/settings', site_name='Rain & Sun', author_name='Ada of the lake')
    t.eq(answer.status, 303, f'{front}: the form is answered by a redirect')
    # From here on nobody may say the old name, whoever answers first.
    for path in ('/', '/feed.atom', '/nothing-here', '/admin/login'):
        texts = from_every_worker(site, path)
        t.eq((len(texts), lacking(texts, 'Rain &amp; Sun')), (WORKERS, []), f'{front}: {path} has the new name in every worker')
    texts = from_every_worker(site, '/micropub?q=config', site.auth())
    t.eq((len(texts), lacking(texts, '"Rain & Sun"')), (WORKERS, []), f'{front}: so has q=config')
    shown = site.starpunk('config', 'show').stdout
    t.has(shown, 'site_name = "Rain & Sun"  # database, in place of ', f'{front}: config show knows it')
    answer = owner.post('/admin/settings', **{'do': 'back-site_name'})
    t.eq(answer.status, 303, f'{front}: back to what the file says')
    texts = from_every_worker(site, '/')
    t.eq((len(texts), lacking(texts, 'Test site'), lacking(texts, 'Ada of the lake')), (WORKERS, [], []), f'{front}: in every worker')
    t.has(site.starpunk('config', 'show', '--json').stdout, '"value":"Test site","origin":"', f'{front}: and config show says so')
    answer = site.request('POST', '/admin/settings', dict(owner.form_headers(), Cookie=owner.cookie), b'site_name=Evil')
    t.eq(answer.status, 403, f'{front}: a form without its token is refused')
    answer = owner.post('/admin/settings', **{'navigation.label': 'X', 'navigation.url': 'javascript:alert(1)'})
    t.eq(answer.status, 422, f'{front}: an address that is a script is refused')
    t.ok('Evil' not in site.get('/').text and 'javascript' not in site.get('/').text, f'{front}: neither shows')


def while_posts_come(t, site, front):
    """The settings are looked at once for each move of the generation, by reads alone."""
    answer = site.micropub([('h', 'entry'), ('content', 'x')])
    queries = site.wait_log('request', request_id=answer.header('X-Request-ID'))[0]['db_queries']
    answer = site.micropub([('h', 'entry'), ('content', 'y')])
    t.eq(site.wait_log('request', request_id=answer.header('X-Request-ID'))[0]['db_queries'], queries, f'{front}: a post after a post asks for nothing more')


def library(t, site, owner, front):
    url = upload(site, png()).header('Location')
    path = urllib.parse.urlsplit(url).path
    page = '/admin' + path
    t.ok(page.startswith('/admin/media/'), f'{front}: a file has a page below /admin/media/')
    t.has(owner.get('/admin/media?show=unused').text, page, f'{front}: the library shows an upload')
    site.micropub_json({'type': ['h-entry'], 'properties': {'content': ['x'], 'photo': [url]}})
    t.has(owner.get(page).text, site.url + 'note/', f'{front}: its page names the post that shows it')
    t.eq(owner.post(page, page='/admin/settings', action='delete').status, 409, f'{front}: then it is not deleted')
    t.eq(site.get(path).status, 200, f'{front}: and still there')
    second = urllib.parse.urlsplit(upload(site, png(seed=1)).header('Location')).path
    t.eq(owner.post('/admin' + second, action='delete').status, 303, f'{front}: one that nothing shows is')
    t.eq(site.get(second).status, 404, f'{front}: and gone from the front server, too')
    t.eq(site.get('/admin/media').status, 303, f'{front}: who is not signed in sees nothing of it')


with Tap() as t:
    for front in fronts():
        with Site(front, workers=WORKERS, scope='create update delete media') as site:
            owner = Owner(site)
            settings(t, site, owner, front)
            while_posts_come(t, site, front)
            library(t, site, owner, front)
