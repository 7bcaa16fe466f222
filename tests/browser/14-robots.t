#!/usr/bin/env python3
"""What stands in pages for machines is nothing to a browser: no data in them is run or complained of, icons are found, and the owner's
page of redirects works on a phone, by keyboard alone."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from browser import Browser
from starpunk import Site, Tap

SHOTS = os.environ.get('SP_SCREENSHOTS')
EVIL = '</script><script>document.title = "run"</script>'


with Tap() as t, Site('nginx') as site:
    site.post('It rains.', **{'name': EVIL, 'mp-slug': 'rain'})
    with Browser(width=360, height=740) as b:
        for path in ('', 'note/rain', 'nothing-here'):
            b.open(site.url + path)
            said = [line for line in b.messages() if '404' not in str(line)]
            t.eq(said, [], f'/{path}: the browser has nothing to complain of')
            t.ok(b.run('return document.title') != 'run', f'/{path}: no data is run')
        b.open(site.url + 'note/rain')
        t.eq(b.run('return JSON.parse(document.querySelector("script[type=\'application/ld+json\']").textContent)["@graph"][0].headline'), EVIL,
             'the data is what the page says')
        b.open(site.url + 'nothing-here')
        t.eq(b.run('return document.querySelector("form[role=search] input[type=search]").name'), 'q', 'who finds nothing may search')
        t.eq(b.run('return document.documentElement.scrollWidth <= innerWidth'), True, 'on a phone')

        b.open(site.url + 'admin/login')
        b.type('input[name=password]', site.password)
        b.submit('form[action="/admin/login"] button')
        b.open(site.url + 'admin/redirects')
        b.type('#from', 'rain.html')
        b.type('#to', '/note/rain')
        b.submit('button[value=add]')
        t.has(b.text('.problem'), 'a path of this site', 'what is not possible is said')
        t.eq(b.run('return [...document.querySelectorAll("[aria-describedby]")].flatMap(e => e.getAttribute("aria-describedby").split(" "))'
                   '.filter(id => !document.getElementById(id))'), [], 'beside its field')
        b.run('document.querySelector("#from").value = ""')
        b.type('#from', '/2019/05/a-rather-long-address-of-another-time-and-another-program.html')
        b.submit('button[value=add]')
        b.type('#from', '/blog/*')
        b.type('#to', '/note/*')
        b.submit('button[value=add]')
        t.has(b.text('.done'), 'leads there now', 'what is, too')
        t.eq(len(b.run('return [...document.querySelectorAll(".things li")].map(e => e.textContent)')), 2, 'both are listed')
        t.eq(b.run('return document.documentElement.scrollWidth <= innerWidth'), True, 'nothing is wider than a phone')
        t.eq([m for m in b.messages() if 'Failed to load' not in str(m)], [], 'and the browser is content')
        for dark in (False, True):
            if SHOTS:
                b.screenshot(os.path.join(SHOTS, f'redirects-phone{"-dark" if dark else ""}.png'))
            b.cdp('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark'}])
        if SHOTS:
            b.open(site.url + 'nothing-here')
            b.screenshot(os.path.join(SHOTS, 'not-found.png'))
        b.open(site.url + 'blog/rain')
        t.eq(b.url(), site.url + 'note/rain', 'an old address leads to the post')
