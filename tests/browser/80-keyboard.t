#!/usr/bin/env python3
"""The owner has nothing but a keyboard, and a browser that runs no script: signs in, lets an application in, writes, publishes, changes,
deletes, restores, uploads with a description, changes settings, revokes. Where the focus is can be seen at each step of the way.
Then what a system asks of a page: less motion, its own colours."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import rich
from browser import ELEMENT, Browser
from indieauth import Client
from starpunk import Site, Tap, wait_for

TAB, ENTER, SPACE, ESCAPE = '\ue004', '\ue007', '\ue00d', '\ue00c'
PICTURE = os.path.realpath(os.path.join(rich.demo.FIXTURES, 'media', 'night.jpg'))
# Whether the focus can be seen: an outline, on the screen, and nothing in front of it.
SEEN = """
const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
const over = document.elementFromPoint(box.left + box.width / 2, Math.min(box.top + box.height / 2, innerHeight - 1));
return e === document.body || (style.outlineStyle != 'none' && parseFloat(style.outlineWidth) >= 2
	&& box.bottom > 0 && box.top < innerHeight && !!over && (e.contains(over) || over.contains(e)));
"""


class Hands:
    """A keyboard, and nothing else; remembers where the focus could not be seen."""

    def __init__(self, t, site, browser):
        self.t, self.site, self.b, self.unseen = t, site, browser, []

    def press(self, keys):
        strokes = [{'type': kind, 'value': key} for key in keys for kind in ('keyDown', 'keyUp')]
        self.b.call('POST', self.b.session + '/actions', {'actions': [{'type': 'key', 'id': 'keys', 'actions': strokes}]})

    def choose(self, file):
        """What the system's dialog for files would do."""
        at = self.b.call('GET', self.b.session + '/element/active')[ELEMENT]
        self.b.call('POST', f'{self.b.session}/element/{at}/value', {'text': file})

    def at(self, css):
        return self.b.run('return document.activeElement.matches(arguments[0])', css)

    def to(self, css, most=90):
        """Tabs there; how many steps it took."""
        for step in range(most):
            if step and not wait_for(lambda: self.b.run(SEEN), 2):
                self.unseen.append(self.b.run('return location.pathname + " " + document.activeElement.outerHTML.slice(0, 90)'))
            if self.at(css):
                return step
            self.press(TAB)
        raise RuntimeError(f'{css} cannot be reached on {self.b.url()}')

    def go(self, css):
        """Tabs to what leads to another page, and presses Enter."""
        self.to(css)
        self.b.run('window.left = true')
        self.press(ENTER)
        if not wait_for(lambda: self.b.run('return !window.left && document.readyState == "complete"')):
            raise RuntimeError(f'{css}: Enter led nowhere')

    def fill(self, css, text):
        self.to(css)
        self.press(text)

    def open(self, path):
        self.b.open(self.site.url + path)


def sign_in(h):
    h.fill('#password', h.site.password)
    h.go('form[action="/admin/login"] button')


def past_the_navigation(h):
    for path in ('', 'admin'):
        h.open(path)
        h.press(TAB)
        h.t.ok(wait_for(lambda: h.at('.skip') and h.b.run('return document.activeElement.getBoundingClientRect().top >= 0')),
               f'/{path}: the first step is to the way past the navigation, which shows itself')
        h.press(ENTER)
        h.press(TAB)
        h.t.ok(h.b.run('return document.querySelector("main").contains(document.activeElement)'), f'/{path}: it leads into the page')
        h.t.eq(h.b.run('return document.querySelectorAll("[tabindex]:not([tabindex=\\"0\\"]):not([tabindex=\\"-1\\"])").length'), 0,
               f'/{path}: nothing jumps the queue')


def let_in(h):
    h.b.open(Client(h.site).url('create media'))
    sign_in(h)
    h.to('input[name=scope][value=media]')
    h.press(SPACE)
    h.to('button[value=allow]')
    h.to('button[value=deny]')
    h.go('button[value=deny]')
    h.t.has(h.b.url(), '127.0.0.1:4321', 'an application is judged by keys alone, and the way leads back to it')


def write(h):
    h.open('admin/compose?type=photo')
    h.to('input[type=file]')
    h.choose(PICTURE)
    h.go('.add button')
    h.fill('.file textarea', 'Night')
    h.fill('#f-content', 'By *keys*')
    h.to('details.more summary')
    h.press(ENTER)
    h.fill('#f-mp-slug', 'keys')
    h.go('.deeds .primary')
    h.t.has(h.b.text(), 'Published.', 'a picture is uploaded, described and published')
    h.t.has(h.site.get('/note/keys').text, 'alt="Night"', 'its page has the description')
    h.go('.post-item.fresh h2 a')
    h.fill('#f-content', ' more')
    h.go('.deeds .primary')
    h.t.has(h.site.get('/note/keys').text, 'more', 'the post is changed')
    h.to('.post-item.fresh .confirm summary')
    h.press(ENTER)
    h.go('.post-item.fresh .confirm button')
    h.t.eq(h.site.get('/note/keys').status, 410, 'deleted')
    h.open('admin/posts?status=trash')
    h.go('.post-item .post-deeds button')
    h.t.eq(h.site.get('/note/keys').status, 200, 'and restored')


def settle(h):
    h.open('admin/settings')
    h.fill('#author_note', 'Writes by keys.')
    h.go('.form-end button')
    h.t.has(h.site.get('/').text, 'Writes by keys.', 'a setting is changed')
    h.open('admin/access')
    h.t.ok('127.0.0.1:4321' in h.b.text(), 'an application that was let in is in the list')
    h.to('.access section:has(code[dir=ltr]) summary')
    h.press(ENTER)
    h.go('.access section:has(code[dir=ltr]) form:last-of-type button')
    h.t.has(h.b.text(), 'It has no access any more', 'and is revoked')
    h.go('.desk-ways form button')
    h.open('admin')
    h.t.has(h.b.url(), '/admin/login', 'the owner signs out')


def menu(t, site):
    """On a phone the navigation is behind a button; it needs no script, either."""
    with Browser(width=360, height=740, scripts=False) as b:
        h = Hands(t, site, b)
        h.open('admin')
        sign_in(h)
        h.open('admin')
        h.to('.desk-menu')
        t.eq(b.run('return document.querySelector(".desk-nav").checkVisibility()'), False, 'the menu is closed')
        h.press(ENTER)
        t.ok(wait_for(lambda: b.run('return document.querySelector(".desk-nav").checkVisibility()')), 'Enter opens it')
        h.press(TAB)
        t.ok(h.at('.desk-nav a'), 'the next step is its first page')
        h.press(ESCAPE)
        t.ok(wait_for(lambda: not b.run('return document.querySelector(".desk-nav").checkVisibility()')), 'Escape closes it')
        t.ok(h.at('.desk-menu'), 'and the focus is back at the button')
        h.press(ENTER)
        h.go('.desk-nav a[href="/admin/posts"]')
        t.has(b.url(), '/admin/posts', 'a page is chosen')
        t.eq(h.unseen, [], 'the focus was seen all the way')


def wishes(t, site):
    """What a person has told the system."""
    with Browser() as b:
        h = Hands(t, site, b)
        h.open('admin')
        sign_in(h)
        b.cdp('Emulation.setEmulatedMedia', features=[{'name': 'prefers-reduced-motion', 'value': 'reduce'}])
        for path in ('', 'admin', 'admin/compose'):
            h.open(path)
            t.eq(b.run('return [...document.querySelectorAll("*")].filter(e => { const s = getComputedStyle(e);'
                       'return parseFloat(s.transitionDuration) > 0 || s.animationName != "none" || s.scrollBehavior == "smooth" }).length'), 0,
                 f'/{path}: nothing moves where less motion is asked for')
        b.cdp('Emulation.setEmulatedMedia', features=[{'name': 'forced-colors', 'value': 'active'}])
        h.open('admin/metrics-dashboard')
        t.ok(b.run('return matchMedia("(forced-colors: active)").matches'), 'the system has its own colours')
        t.ok(b.run('return getComputedStyle(document.querySelector(".desk-nav [aria-current]")).outlineStyle == "solid"'),
             'then an outline says which page this is')
        t.ok(b.run('const line = getComputedStyle(document.querySelector(".plot .bar.first")).fill;'
                   'return line != getComputedStyle(document.querySelector(".plot")).backgroundColor'), 'a chart can be told from its ground')
        h.open('admin/compose')
        t.ok(b.run('return [...document.querySelectorAll(".deeds button")].every(e => parseFloat(getComputedStyle(e).borderTopWidth) >= 1)'),
             'and a button has its border')


with Tap() as t, Site() as site:
    site.post('Rain again', **{'mp-slug': 'rain'})
    rich.let_in(site)
    with Browser(scripts=False) as b:
        h = Hands(t, site, b)
        let_in(h)
        past_the_navigation(h)
        write(h)
        settle(h)
        t.eq(h.unseen, [], 'the focus was seen all the way')
    menu(t, site)
    wishes(t, site)
