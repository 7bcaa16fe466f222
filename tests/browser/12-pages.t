#!/usr/bin/env python3
"""Every kind of page that visitors see, in a browser: nothing moves once it is drawn, nothing is asked of another server, the console is
silent, axe finds nothing, and nothing is wider than the screen. On a desk and on a phone, by day and by night.

`make client` installs axe-core from the npm registry; without it this says SKIP."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import showcase
from browser import Browser
from starpunk import BUILD, Tap

AXE = os.path.join(BUILD, 'tests', 'client', 'npm', 'node_modules', 'axe-core', 'axe.min.js')
RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

# Asked in another way, below: today's browsers let the keyboard into whatever scrolls, and axe asks for an attribute.
LEFT_OUT = {'scrollable-region-focusable': {'enabled': False}}

# Of what moves within a browser's own player there is no element to be named. Pictures that wait to be scrolled to are fetched, too; what has moved by then, and what was asked of whom.
LOOK = """
const done = arguments[arguments.length - 1];
const shifts = [];
new PerformanceObserver(list => shifts.push(...list.getEntries())).observe({type: 'layout-shift', buffered: true});
for (const image of document.images)
	image.loading = 'eager';
const loaded = [...document.images].map(image => image.complete ? 0 : new Promise(then => { image.onload = image.onerror = then; }));
Promise.all(loaded).then(() => requestAnimationFrame(() => requestAnimationFrame(() => done({
	shifts: shifts.flatMap(s => s.sources.filter(x => x.node).map(x => x.node.nodeName + '.' + x.node.className)),
	broken: [...document.images].filter(image => !image.naturalWidth).map(image => image.src),
	others: performance.getEntriesByType('resource').map(r => r.name).filter(url => new URL(url).origin != location.origin),
	wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
	cookies: document.cookie,
	scripts: document.scripts.length - document.querySelectorAll('script[type="application/ld+json"]').length,
}))));
"""
# A slow machine draws a page that it has half read, and what stands there moves as the rest arrives: that is said of the look, not of the page.
WATCH = """
const watch = () => requestAnimationFrame(() => {
	window.drawnHalfRead = document.readyState == 'loading' && document.body != null;
	if (document.readyState == 'loading' && !document.body)
		watch();
});
watch();
"""
CHECK = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: arguments[0], rules: arguments[1], resultTypes: ['violations']}).then(r => done(r.violations.map(v =>
	`${v.impact} ${v.id}: ` + v.nodes.slice(0, 4).map(n => n.target + ' ' + n.any.concat(n.all).map(c => c.message)[0]).join(' | '))));
"""


DIFFERENT = [name for name in showcase.PAGES if not name.startswith('post-') or name[5:] in (
    'hello', 'long-words', 'many-tags', 'sourdough-log', 'shell-one-liner', 'elements', 'week-without-weather', 'birches', 'six-pictures', 'repair-cafe',
    'cafe-nord', 'the-sea-the-sea', 'bell', 'waves', 'dyke', 'geshem')]


def slowly(browser, script, *args):
    """The value that a piece of JavaScript hands to its last argument."""
    return browser.call('POST', browser.session + '/execute/async', {'script': script, 'args': list(args)})


def found_at(browser, url, name):
    """What LOOK finds at a page that was read whole before it was drawn, and what the console said."""
    return_code = {'error-404': 404, 'error-410': 410, 'tag-nothing': 404, 'year-nothing': 404}.get(name)
    for _ in range(20):
        browser.cdp('Network.clearBrowserCache')
        browser.open(url)
        said = [m for m in browser.messages() if not (return_code and f'responded with a status of {return_code}' in m)]
        found = slowly(browser, LOOK)
        found['console'] = said
        if not (found['shifts'] and browser.run('return window.drawnHalfRead')):
            break
    return found


def look(t, site, browser, name, path, axe):
    found = found_at(browser, site.url.rstrip('/') + path, name)
    t.eq(found, {'shifts': [], 'broken': [], 'others': [], 'wide': False, 'cookies': '', 'scripts': 0, 'console': []},
         f'{name}, {browser.name}: it keeps still and to itself')
    browser.run(axe)
    t.eq(slowly(browser, CHECK, RULES, LEFT_OUT), [], f'{name}, {browser.name}: axe finds nothing')


def scrolls_by_keyboard(t, site, browser):
    """Code that is wider than its column can be reached with Tab."""
    browser.open(site.url + 'note/shell-one-liner')
    for _ in range(40):
        for kind in ('keyDown', 'keyUp'):
            browser.cdp('Input.dispatchKeyEvent', type=kind, key='Tab', code='Tab', windowsVirtualKeyCode=9)
        if browser.run('return document.activeElement.tagName') == 'PRE':
            break
    t.eq(browser.run('return document.activeElement.tagName'), 'PRE', f'{browser.name}: what scrolls is reached by keyboard')


def schemes(browser, dark):
    browser.cdp('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])


def sizes(browser, phone):
    browser.cdp('Emulation.setDeviceMetricsOverride', width=390 if phone else 1280, height=844 if phone else 900,
                deviceScaleFactor=2 if phone else 1, mobile=phone)


if not os.path.isfile(AXE):
    print('1..0 # SKIP axe-core is not installed: make client (needs node and the npm registry)')
    sys.exit(0)
with open(AXE, encoding='utf-8') as f:
    AXE_SOURCE = f.read()
with Tap() as t:
    with showcase.open_site() as site, Browser() as b:
        b.cdp('Page.addScriptToEvaluateOnNewDocument', source=WATCH)
        # All pages once, those that differ in more than words at the other end, and the two looks between where most things meet.
        for phone, dark, names in ((False, False, showcase.PAGES), (True, True, DIFFERENT),
                                   (False, True, ('home', 'post-elements', 'post-re-ferry', 'error-404')),
                                   (True, False, ('home', 'post-elements', 'post-five-and-a-bird', 'archive'))):
            sizes(b, phone)
            schemes(b, dark)
            b.name = f'{"phone" if phone else "desk"} by {"night" if dark else "day"}'
            for name in names:
                look(t, site, b, name, showcase.PAGES[name], AXE_SOURCE)
        scrolls_by_keyboard(t, site, b)
