#!/usr/bin/env python3
"""Every page, the public's and the owner's, is held to WCAG 2.2 AA as far as axe-core can tell, and to what this site promises of each:
a language, a title, one h1, one main, labels, ids that are there once, nothing wider than the screen, nothing that the content
security policy would not have. On a desk and on a phone, by day and by night.

`make client` installs axe-core from the npm registry; without it this says SKIP. With SP_SCREENSHOTS=DIR every page is also
photographed, whole."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import rich
from app import App
from browser import Browser
from indieauth import Client
from starpunk import BUILD, Site, Tap, wait_for

AXE = os.path.join(BUILD, 'tests', 'client', 'npm', 'node_modules', 'axe-core', 'axe.min.js')
SHOTS = os.environ.get('SP_SCREENSHOTS')
DESK, PHONE = {'width': 1280, 'height': 900}, {'width': 390, 'height': 844}
LOOKS = {'desktop-light': DESK, 'phone-dark': {**PHONE, 'dark': True}}
if SHOTS:
    LOOKS.update({'desktop-dark': {**DESK, 'dark': True}, 'phone-light': PHONE})

TYPES = ('note', 'article', 'photo', 'reply', 'like', 'repost', 'bookmark', 'rsvp', 'event', 'checkin', 'read', 'listen', 'watch',
         'video', 'audio')
OWNERS = [('overview', 'admin'), ('metrics', 'admin/metrics-dashboard'), ('health', 'admin/health'), ('errors', 'admin/errors'),
          ('audit', 'admin/audit'), ('calls', 'admin/micropub'), ('settings', 'admin/settings'), ('media', 'admin/media'),
          ('media-unused', 'admin/media?show=unused'), ('access', 'admin/access'), ('posts', 'admin/posts'),
          ('posts-none', 'admin/posts?q=nowhere'), ('edit', 'admin/compose?post=draft'), ('share', 'admin/share?title=A+page&url=https://a.example/'),
          ('confirm', 'admin/confirm'), ('error-400', 'admin/compose?type=nonsense'), ('error-404', 'admin/media/00/nothing.jpg')]
OWNERS += [(f'posts-{shelf}', f'admin/posts?status={shelf}') for shelf in ('published', 'draft', 'scheduled', 'trash')]
OWNERS += [(f'compose-{kind}', f'admin/compose?type={kind}') for kind in TYPES]

# Rules that are not about a standard's clause are left to people; these tags are WCAG's, up to 2.2 AA.
RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
# What is promised of a page besides; the names of the promises that it breaks.
PROMISES = """
const all = css => [...document.querySelectorAll(css)], ids = all('[id]').map(e => e.id);
const described = all('[aria-describedby], [aria-labelledby]').flatMap(e =>
	['aria-describedby', 'aria-labelledby'].flatMap(a => (e.getAttribute(a) || '').split(' ').filter(Boolean)));
const named = e => (e.labels && [...e.labels].some(l => l.textContent.trim())) || e.ariaLabel;
const promises = {
	'a language': document.documentElement.lang,
	'a title': document.title.trim(),
	'one h1': all('h1').length == 1 && all('h1')[0].textContent.trim(),
	'one main': all('main').length == 1,
	'a way past the navigation': document.querySelector('.skip')?.hash == '#' + document.querySelector('main')?.id,
	'a label for every field': all('input:not([type=hidden]):not([hidden]), select, textarea').every(named),
	'ids that are there once': new Set(ids).size == ids.length,
	'ids that are there': described.every(id => document.getElementById(id)),
	// Data for search engines is no script: nothing runs it.
	'no inline style or script': !all('[style], style, script:not([src], [type="application/ld+json"])').length,
	'nothing wider than the screen': document.documentElement.scrollWidth <= document.documentElement.clientWidth,
};
return Object.keys(promises).filter(name => !promises[name]);
"""


class Walk:
    """One browser that looks at pages; which of them were seen, and how."""

    def __init__(self, t, site, browser, look):
        self.t, self.site, self.b, self.look = t, site, browser, look
        with open(AXE, encoding='utf-8') as f:
            self.axe = f.read()

    def see(self, name, path=None, loud=False):
        """Judges a page, which is opened first or is the one at hand. Loud is one that is meant to have failed."""
        what = f'{name}, {self.look}'
        if path is not None:
            self.b.open(self.site.url + path)
        said = [m for m in self.b.messages() if not ((loud or name.startswith('error')) and 'responded with a status of 4' in m)]
        self.t.eq(said, [], f'{what}: the console is silent, no violation of the policy')
        self.t.eq(self.b.run(PROMISES), [], f'{what}: the page has all that every page has')
        self.b.run(self.axe)
        found = self.b.call('POST', self.b.session + '/execute/async', {'args': [RULES], 'script': """
            const done = arguments[1];
            axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']}).then(r => done(r.violations.map(v =>
                `${v.impact} ${v.id}: ` + v.nodes.slice(0, 4).map(n => n.target + ' ' + n.any.concat(n.all).map(c => c.message)[0]).join(' | '))))"""})
        self.t.eq(found, [], f'{what}: axe finds nothing')
        if SHOTS:
            self.b.photograph(os.path.join(SHOTS, f'{self.look}-{name}.png'))

    def sign_in(self):
        self.b.type('#password', self.site.password)
        self.b.submit('form[action="/admin/login"] button')


def public(w, paths):
    for name, path in paths.items():
        w.see(name, path.lstrip('/'))
    for name, path in (('home', ''), ('older', 'page/2'), ('tag', 'tag/weather'), ('error-410', 'note/gone'), ('error-404', 'nothing')):
        w.see(name, path)


def signing_in(w):
    """Sign-in form, its refusal, and what an application leads to."""
    w.see('login', 'admin/login')
    w.b.type('#password', 'not the password at all')
    w.b.submit('form[action="/admin/login"] button')
    w.see('login-wrong', loud=True)
    w.b.open(Client(w.site).url('create update media profile fly'))
    w.sign_in()
    if not wait_for(lambda: w.b.run('return !!document.querySelector("form[action=\\"/auth/consent\\"]")')):
        raise RuntimeError('no consent page')
    w.see('consent')
    w.b.open(Client(w.site).url('create', redirect_uri='https://evil.example/'))
    w.see('auth-error', loud=True)


def owners(w):
    for name, path in OWNERS:
        w.see(name, path)
    w.b.open(w.site.url + 'admin/media')
    w.b.submit('.stock-file')
    w.see('file')


def opened(w):
    """What is folded away on the pages, unfolded."""
    for name, path in (('compose-more', 'admin/compose?type=event'), ('calls-open', 'admin/micropub'), ('errors-open', 'admin/errors'),
                       ('access-open', 'admin/access'), ('posts-open', 'admin/posts'), ('metrics-open', 'admin/metrics-dashboard')):
        w.b.open(w.site.url + path)
        w.b.run('document.querySelectorAll("main details").forEach(e => e.open = true)')
        w.see(name)
    if w.b.run('return innerWidth < 600'):
        w.b.open(w.site.url + 'admin')
        w.b.click('.desk-menu')
        w.see('menu')


def writing(w, path):
    """A preview, a refusal, a conflict."""
    w.b.open(w.site.url + 'admin/compose')
    w.b.type('#f-content', '# Rain\n\nSome *words*, a [link](https://a.example/) and\n\n- one\n- two\n')
    w.b.click('#preview-button')
    wait_for(lambda: w.b.run('return !!document.querySelector("#preview .preview em")'))
    w.see('preview')
    w.b.open(w.site.url + 'admin/compose?type=like')
    w.b.type('#f-like-of', 'http://')
    w.b.run('document.querySelector("#compose").noValidate = true')
    w.b.submit('.deeds .primary')
    w.see('refused', loud=True)
    w.b.open(w.site.url + 'admin/compose?post=' + path.rsplit('/', 1)[1])
    w.site.micropub_json({'action': 'update', 'url': w.site.url.rstrip('/') + path, 'replace': {'content': [f'Theirs, {w.look}']}})
    w.b.type('#f-content', ' mine')
    w.b.submit('.deeds .primary')
    w.see('conflict', loud=True)


def security(w):
    """The screen locked and open, the app's, the codes', the code's: each look enrols an app of its own and takes it away."""
    w.see('security', 'admin/security')
    w.b.submit('form[action="/admin/security/app"] button')
    w.see('app')
    app = App(w.b.text('.secret'))
    w.b.type('#code', app.code())
    w.b.submit('form[action="/admin/security/app"] button')
    w.see('codes')
    w.see('security-app', 'admin/security')
    w.see('confirm-code', 'admin/confirm')
    w.b.submit('.desk-ways form button')
    w.b.open(w.site.url + 'admin/login')
    w.sign_in()
    w.see('login-code')
    w.b.type('#code', app.code())
    w.b.submit('form[action="/admin/login/code"] button')
    w.b.open(w.site.url + 'admin/security')
    w.b.submit('form[action="/admin/security/app"] button')
    w.see('security-done')


def empty(w):
    """A site on its first day."""
    w.see('first-home', '')
    w.b.open(w.site.url + 'admin')
    w.sign_in()
    for name in ('admin', 'admin/posts', 'admin/posts?status=trash', 'admin/media', 'admin/micropub', 'admin/errors', 'admin/audit'):
        w.see('first-' + name.replace('/', '-').replace('?status=', '-'), name)


def main():
    if not os.path.exists(AXE):
        print('1..0 # SKIP axe-core is not installed: make client (needs node and the npm registry)')
        return
    if SHOTS:
        os.makedirs(SHOTS, exist_ok=True)
    with Tap() as t, Site() as site, Site() as new:
        paths = rich.furnish(site)
        for look, how in LOOKS.items():
            with Browser(**how) as b:
                w = Walk(t, site, b, look)
                public(w, paths)
                signing_in(w)
                owners(w)
                opened(w)
                writing(w, paths['01-note'])
                security(w)
            with Browser(**how) as b:
                empty(Walk(t, new, b, look))


main()
