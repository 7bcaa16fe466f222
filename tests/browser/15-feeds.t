#!/usr/bin/env python3
"""A feed opened in a browser: it says what it is and what to do with it, and shows what is in it, by day and by night, on a desk and
on a phone, in the language of the site."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from browser import Browser
from starpunk import Site, Tap

SHOWN = '''const all = [...document.querySelectorAll(arguments[0])];
return all.filter(x => getComputedStyle(x).display != 'none').map(x => x.textContent.trim());'''
NAMES = '''return [...document.querySelectorAll('*')].filter(x => x.getClientRects().length).map(x => x.tagName)'''
HINT = "return getComputedStyle(document.documentElement, '::before').content"
# Relative luminance and contrast, as WCAG 2.2 defines them.
CONTRAST = '''const light = c => { const [r, g, b] = c.match(/[0-9.]+/g).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const back = light(getComputedStyle(document.documentElement).backgroundColor);
return Math.min(...[...document.querySelectorAll('*')].filter(x => getComputedStyle(x).display != 'none').map(x => {
	const front = light(getComputedStyle(x).color);
	return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05); }));'''


def feed(t, browser, site, fmt, item):
    name = f'/feed.{fmt}'
    browser.open(site.url + name[1:])
    t.has(browser.run(HINT), 'feed reader', f'{name} says what it is for')
    titles = browser.run(SHOWN, 'title')
    t.ok('Test site' in titles and 'A title & more' in titles, f'{name} shows titles', titles)
    t.eq(browser.run(SHOWN, f'{item} > {"description, item > *|encoded" if fmt == "rss" else "content, entry > summary"}'), [],
         f'{name} shows no markup as text')
    t.eq(len(browser.run(SHOWN, f'{item} > {"pubDate" if fmt == "rss" else "published"}')), 2, f'{name} shows when')
    t.ok(browser.run(SHOWN, f'{item} > link'), f'{name} shows where')
    t.ok(browser.run('return document.documentElement.scrollWidth <= innerWidth'), f'{name} is no wider than its window')
    t.eq(sorted(set(browser.run(NAMES))), sorted({'rss': ['rss', 'channel', 'item', 'title', 'description', 'link', 'pubDate'],
                                                  'atom': ['feed', 'entry', 'title', 'subtitle', 'link', 'published']}[fmt]),
         f'{name} shows nothing else')
    contrast = browser.run(CONTRAST)
    t.ok(contrast >= 4.5, f'{name} can be read', contrast)
    t.eq(browser.messages(), [], f'{name}: the browser has nothing to complain of')


def keep(browser, name):
    """A picture for whoever looks: SP_PICTURES names the directory."""
    if os.environ.get('SP_PICTURES'):
        browser.screenshot(os.path.join(os.environ['SP_PICTURES'], name + '.png'))


with Tap() as t:
    with Site('nginx', author_note='Notes on rain') as site:
        site.post('A note of rain & wind, <b>and</b> ' + 'averylongwordindeed' * 20)
        site.post('The text.', name='A title & more')
        for width, dark in ((1280, False), (1280, True), (390, False), (390, True)):
            with Browser(width, 900, dark=dark) as browser:
                for fmt, item in (('rss', 'item'), ('atom', 'entry')):
                    feed(t, browser, site, fmt, item)
                    keep(browser, f'feed-{fmt}-{width}-{"dark" if dark else "light"}')
                if width == 390:
                    size = browser.run('return parseFloat(getComputedStyle(document.documentElement).fontSize) * screen.width / innerWidth')
                    t.ok(size >= 14, 'on a phone its letters are as large as others', size)
    with Site('nginx', language='de') as site:
        with Browser() as browser:
            for fmt in ('rss', 'atom'):
                browser.open(f'{site.url}feed.{fmt}')
                t.has(browser.run(HINT), 'Das ist ein Feed', f'/feed.{fmt} says it in the language of the site')
