#!/usr/bin/env python3
"""The look of the public site, where it can be measured: nothing wider than a small phone, nothing that moves while it loads, few
bytes, enough contrast by day and by night, either direction of writing, the printed page, whoever wants no motion."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import demo
from browser import Browser
from starpunk import SRC, Site, Tap, wait_for

BYTES, WIRE = 30 * 1024, 12 * 1024     # of a home page with twenty notes, its style and its icon; what of it goes over the line
LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
ARTICLE = f'''A paragraph with *emphasis*, `code`, a [link](https://example.org/) and a note.[^1] {LONG}

> Somebody said this.

```
int main(void) {{ return 0; }} /* a line that is rather long, so that it has to scroll somewhere on a phone, and on a desk as well */
```

| Station | Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday | What to know about all of this |
|---|---|---|---|---|---|---|---|---|
| Gothenburg | 06:12 | 06:12 | 06:12 | 06:12 | 06:14 | 07:40 | 08:10 | change at Herrljunga |

- [x] one
- [ ] two

[^1]: Which stands below.
'''
ARABIC = 'وصلت إلى الساحل في المساء، وكان البحر هادئًا.\n\n> ليس البحر بعيدًا.\n\n- مشيت على الرمل\n\n```\nint x = 1;\n```\n'

# Text whose contrast against what is behind it is less than WCAG 2.2 asks of small text.
FAINT = """
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgb = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
const light = c => { const [r, g, b] = c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] == 255) return c; } return [255, 255, 255]; };
const faint = [];
for (const e of document.body.querySelectorAll('*')) {
	if (![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()) || !e.checkVisibility() || e.closest('.unseen, .skip'))
		continue;
	const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))], ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
	if (ratio < 4.5)
		faint.push(`${e.localName}.${e.className} ${ratio.toFixed(2)}: ${e.textContent.slice(0, 40)}`);
}
return faint;
"""
# What a player of the browser's does inside itself is its own.
SHIFTS = """
const done = arguments[0];
new PerformanceObserver(list => done(list.getEntries().filter(e => e.sources.some(s => s.node)).map(e => [e.value, ...e.sources.map(s => s.node?.className ?? s.node?.nodeName)])))
	.observe({type: 'layout-shift', buffered: true});
setTimeout(() => done([]), 300);
"""
WIDER = """
const out = [];
for (const e of document.body.querySelectorAll('*'))
	if (!e.closest('pre, table, .unseen, .skip') && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
		out.push(e.localName + '.' + e.className);
return document.documentElement.scrollWidth > document.documentElement.clientWidth || out.length ? [document.documentElement.scrollWidth, ...out] : [];
"""
# Pictures of a gallery that leave a hole in it, or stand outside.
HOLES = """
const all = document.querySelector('.photos').getBoundingClientRect();
const area = [...document.querySelectorAll('.photos img')].map(i => i.getBoundingClientRect())
	.reduce((sum, r) => sum + (r.width + 4) * (r.height + 4), 0);
return Math.round(100 * area / ((all.width + 4) * (all.height + 4)));
"""


def furnish(site):
    """Posts of each type, and those that try the theme; their paths by name."""
    files = demo.upload_media(site)
    paths = {}
    for name, data in demo.requests(files).items():
        if name != '07-photo':                       # its picture is on another site
            paths[name[3:]] = 'note/' + site.micropub_json(data).header('Location').rsplit('/', 1)[1]
    for name, more in {'plain': {'content': ARTICLE, 'name': 'An article', 'category[]': 'trains', 'lang': 'en'},
                       'arabic': {'content': ARABIC, 'name': 'رسالة من البحر', 'summary': 'ثلاثة أيام.', 'lang': 'ar', 'category[]': 'سفر'}}.items():
        site.micropub({'h': 'entry', 'mp-slug': name, **more})
        paths[name] = 'note/' + name
    pictures = [{'value': url, 'alt': name} for name, url in files.items() if name.endswith('.jpg')]
    for n in range(1, 9):
        site.micropub_json({'type': ['h-entry'], 'properties': {'photo': (pictures * 3)[:n], 'mp-slug': [f'photos-{n}']}})
        paths[f'photos-{n}'] = f'note/photos-{n}'
    site.post('Thrown away.', **{'mp-slug': 'gone'})
    site.micropub([('action', 'delete'), ('url', site.url + 'note/gone')])
    return {**paths, 'home': '', 'older': 'page/2', 'tag': 'tag/trains', 'missing': 'nothing', 'gone': 'note/gone'}


def small_phone(t, site, paths):
    with Browser(width=320, height=640) as b:
        for name, path in paths.items():
            b.open(site.url + path)
            t.eq(b.run(WIDER), [], f'{name}: at 320 pixels nothing has to be scrolled sideways')
        b.open(site.url + paths['plain'])
        for css in ('pre', '.prose table'):
            t.ok(b.run('const e = document.querySelector(arguments[0]); e.scrollLeft = 50; return e.scrollLeft == 50', css),
                 f'{css}: what is too wide scrolls within itself')
        t.ok(b.run('const [w, h] = [".when", "h1"].map(c => document.querySelector(c).getBoundingClientRect()); return w.bottom <= h.top'),
             'the date stands above its post')


def desk(t, site, paths):
    with Browser() as b:
        for name in ('note', 'plain', 'home', 'arabic'):
            b.open(site.url + paths[name])
            t.ok(b.run('return [...document.querySelectorAll(".post")].every(p => '
                       'p.querySelector(".when").getBoundingClientRect().right < p.getBoundingClientRect().left)'),
                 f'{name}: on a desk each date has the margin for itself')
        for n in range(1, 9):
            b.open(site.url + paths[f'photos-{n}'])
            t.eq(b.run(HOLES), 100, f'a gallery of {n}: its pictures fill it')


def stillness(t, site, paths):
    """Pictures are held back, so that the page is there before they are."""
    for size, how in (('desk', {}), ('phone', {'width': 390, 'height': 844})):
        with Browser(**how) as b:
            b.cdp('Network.enable')
            b.cdp('Network.emulateNetworkConditions', offline=False, latency=60, downloadThroughput=400000, uploadThroughput=400000)
            for name in ('home', 'plain', 'featured', 'pictures', 'picture', 'video', 'audio', 'missing'):
                b.open(site.url + paths[name])
                t.eq(b.call('POST', b.session + '/execute/async', {'script': SHIFTS, 'args': []}), [], f'{name}, {size}: nothing moves while it loads')


def contrast(t, site, paths):
    for look, how in (('by day', {}), ('by night', {'dark': True})):
        with Browser(**how) as b:
            for name in ('home', 'plain', 'reply', 'event', 'rsvp', 'people', 'missing', 'gone', 'tag'):
                b.open(site.url + paths[name])
                t.eq(b.run(FAINT), [], f'{name}: {look} all text has a contrast of 4.5 at least')
            b.run('const s = document.querySelector(".masthead a").style; s.transition = "none"; s.color = "#777"')
            t.eq(len(b.run(FAINT)), 1, f'{look} faint text would be found')


def directions(t, site, paths):
    style = 'return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]'
    with Browser() as b:
        b.open(site.url + paths['arabic'])
        t.eq(b.run('return document.querySelector("article").lang'), 'ar', 'a post in Arabic says so')
        for css, what in (('h1', 'its title'), ('.lead', 'its summary'), ('.prose', 'its text'), ('.prose blockquote', 'a quotation')):
            t.eq(b.run(style, css, 'direction'), 'rtl', f'{what} runs from right to left')
        t.eq(b.run(style, '.prose blockquote', 'borderRightWidth'), '3px', 'a quotation has its rule on the right')
        t.eq(b.run(style, '.prose ul', 'paddingLeft'), '0px', 'a list is indented on the right')
        t.eq(b.run(style, '.prose pre', 'direction'), 'ltr', 'code stays as it is')
        t.eq(b.run(style, 'h1', 'letterSpacing'), 'normal', 'joined letters are not pulled apart')
        t.eq(b.run(style, '.masthead', 'direction'), 'ltr', 'the page around it stays as it is')
        b.open(site.url + paths['note'])
        t.eq(b.run(style, '.prose', 'direction'), 'ltr', 'a post in English runs from left to right')


def arabic_site(t):
    with Site('nginx', language='ar', site_name='آدا') as site:
        site.post('مرحبا', **{'mp-slug': 'a', 'category[]': 'سفر'})
        with Browser() as b:
            b.open(site.url + 'note/a')
            t.eq(b.run('return getComputedStyle(document.body).direction'), 'rtl', 'a site in Arabic runs from right to left')
            t.ok(b.run('const [w, p] = [".when", ".post"].map(c => document.querySelector(c).getBoundingClientRect()); return w.left > p.right'),
                 'and has its margin on the right')


def media(t, site, paths):
    shown = 'return [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility()).length'
    moving = ('return [...document.querySelectorAll("*")].filter(e => { const s = getComputedStyle(e); '
              'return s.animationName != "none" || s.transitionDuration.split(", ").some(d => d != "0s") }).length')
    with Browser() as b:
        b.open(site.url + paths['plain'])
        for value, want in (('no-preference', True), ('reduce', False)):
            b.cdp('Emulation.setEmulatedMedia', features=[{'name': 'prefers-reduced-motion', 'value': value}])
            t.eq(b.run(moving) > 0, want, f'prefers-reduced-motion: {value} is respected')
        b.cdp('Emulation.setEmulatedMedia', media='print', features=[{'name': 'prefers-color-scheme', 'value': 'dark'}])
        t.eq(b.run(shown, '.masthead nav, .skip, .pager, .colophon'), 0, 'paper has no navigation')
        t.eq(b.run(shown, 'h1, .prose, .when, .brand'), 4, 'it has the post, its date and whose it is')
        t.eq(b.run('return getComputedStyle(document.body).color'), 'rgb(0, 0, 0)', 'in black, also from a dark screen')
        t.eq(b.run('return getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)', 'on white')
        t.has(b.run('return getComputedStyle(document.querySelector(".prose a[href^=http]"), "::after").content'), 'https://example.org/',
              'and links say where they lead')
        t.ok(len(b.call('POST', b.session + '/print', {})) > 1000, 'it can be printed')


def weight(t):
    with Site('nginx', author_note='Engines, trains and weather.') as site:
        for i in range(21):
            site.post(f'Note number {i}.')
        with Browser() as b:
            b.open(site.url)
            sizes = b.run('return performance.getEntries().filter(e => e.entryType == "navigation" || e.entryType == "resource")'
                          '.map(e => [new URL(e.name).pathname, e.decodedBodySize, e.encodedBodySize])')
        t.ok({path for path, _, _ in sizes} <= {'/', '/static/style.css', '/static/favicon.svg'}, 'a first visit asks for page, style and icon', sizes)
        icon = len(site.get('/static/favicon.svg').body)
        sizes += [] if any(path.endswith('.svg') for path, _, _ in sizes) else [['/static/favicon.svg', icon, icon]]
        t.ok(sum(size for _, size, _ in sizes) <= BYTES, f'twenty notes, style and icon are {BYTES} bytes at most', sizes)
        t.ok(sum(size for _, _, size in sizes) <= WIRE, f'of which {WIRE} at most go over the line', sizes)
        t.diag(json.dumps(sizes))


def main():
    with Tap() as t:
        with Site('nginx', site_name='Ada writes', author_name='Ada Example', author_note='Engines, trains and weather.', posts_per_page='12') as site:
            paths = furnish(site)
            for look in (small_phone, desk, stillness, contrast, directions, media):
                look(t, site, paths)
        arabic_site(t)
        weight(t)


main()
