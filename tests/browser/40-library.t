#!/usr/bin/env python3
"""The owner's media library and settings in a real browser: on a phone and a desk, light and dark, without a script.

With SP_SCREENSHOTS=DIR every page is also photographed."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import demo
from browser import Browser
from starpunk import Site, Tap

SHOTS = os.environ.get('SP_SCREENSHOTS')
SIZES = {'desktop-light': {}, 'desktop-dark': {'dark': True}, 'phone-light': {'width': 360, 'height': 740},
         'phone-dark': {'width': 360, 'height': 740, 'dark': True}}


def sign_in(b, site):
    b.open(site.url + 'admin/login')
    b.type('input[name=password]', site.password)
    b.submit('form[action="/admin/login"] button')


def look(t, b, name, size):
    """What holds for every page of the owner's, whatever is on it."""
    what = f'{name}, {size}'
    t.eq(b.messages(), [], f'{what}: the console is silent, no CSP violation')
    t.ok(b.run('return document.documentElement.scrollWidth <= document.documentElement.clientWidth'), f'{what}: nothing is wider than the screen',
         b.run('return [document.documentElement.scrollWidth, document.documentElement.clientWidth]'))
    t.eq(b.run('return [...document.querySelectorAll("main input:not([type=hidden]), main textarea")]'
               '.filter(e => !e.labels.length || !e.labels[0].textContent.trim()).length'), 0, f'{what}: every field has its label')
    t.eq(b.run('return [...document.querySelectorAll("main [aria-describedby]")].flatMap(e => e.getAttribute("aria-describedby").split(" "))'
               '.filter(id => !document.getElementById(id)).length'), 0, f'{what}: what describes a field is there')
    t.eq(b.run('const all = [...document.querySelectorAll("[id]")].map(e => e.id); return all.length - new Set(all).size'), 0,
         f'{what}: no id is given twice')
    if SHOTS:
        height = b.run('return Math.max(document.documentElement.scrollHeight, innerHeight)')
        b.screenshot(os.path.join(SHOTS, f'{name}-{size}.png'))
        b.run(f'window.scrollTo(0, {height})')
        b.screenshot(os.path.join(SHOTS, f'{name}-{size}-end.png'))


def fill(b, css, text):
    b.run('document.querySelector(arguments[0]).value = ""', css)
    b.type(css, text)


def settings(t, b, site):
    """One after the other, as a person would."""
    b.open(site.url + 'admin/settings')
    fill(b, '#site_name', 'Ada at the lake')
    fill(b, '#author_name', 'Ada Example')
    fill(b, '#author_note', 'Writes about water, type and small machines.')
    b.type('#navigation-label-1', 'Photographs')
    b.type('#navigation-url-1', '/tag/photos')
    b.type('#navigation-label-2', 'Elsewhere')
    b.type('#navigation-url-2', 'javascript:alert(1)')
    b.type('#rel_me-label-1', 'Code')
    b.type('#rel_me-url-1', 'https://code.example/ada')
    b.submit('main .form-end button')
    t.eq(b.run('return document.querySelectorAll(".field-problem").length'), 2, 'an address that is a script is marked, and its list')
    t.eq(b.run('return document.querySelector("#site_name").value'), 'Ada at the lake', 'and what was typed is still there')
    t.ok(b.run('return document.querySelector("header .brand").textContent') != 'Ada at the lake', 'but not saved')
    t.eq(b.run('return [...document.querySelectorAll("[aria-invalid]")].map(e => e.id)'), ['navigation-url-2'], 'that field alone is marked')
    t.has(b.run('return document.getElementById(document.querySelector("#navigation-url-2").getAttribute("aria-describedby")).textContent'),
          'https://', 'and described by what it may be')
    if SHOTS:
        b.screenshot(os.path.join(SHOTS, 'settings-refused.png'))
    fill(b, '#navigation-url-2', 'https://elsewhere.example/')
    b.submit('main .form-end button')
    t.has(b.run('return document.querySelector("[role=status]").textContent'), 'saved', 'the notice says that it is saved')
    t.eq(b.run('return document.querySelector("header .brand").textContent'), 'Ada at the lake', 'the page itself shows the new name')
    b.submit('button[value=up-navigation-2]')
    t.eq(b.run('return [...document.querySelectorAll("[name=\\"navigation.label\\"]")].map(e => e.value).join("|")'), 'Elsewhere|Photographs||',
         'a link moves up')
    b.type('#author_email', 'ada@ada.example\n')
    t.eq(b.run('return [...document.querySelectorAll("[name=\\"navigation.label\\"]")].map(e => e.value).join("|")'), 'Elsewhere|Photographs||',
         'Return in a field saves, and moves nothing')
    b.open(site.url)
    t.eq(b.run('return [...document.querySelectorAll("header nav a")].map(e => e.textContent + " " + e.getAttribute("href")).slice(0, 2)'),
         ['Elsewhere https://elsewhere.example/', 'Photographs /tag/photos'], 'the home page has the navigation')
    t.eq(b.run('return document.querySelector(".h-card a[rel=me].u-url").href'), 'https://code.example/ada', 'and the link to the author elsewhere')


def library(t, b, site):
    b.open(site.url + 'admin/media')
    t.eq(b.run('return document.querySelectorAll(".stock li").length'), 5, 'the library has every upload')
    t.ok(b.run('return [...document.querySelectorAll(".stock img")].every(e => e.getAttribute("src").includes("-480."))'),
         'a picture is shown in its smallest size')
    b.submit('.filters a[href*=unused]')
    before = b.run('return document.querySelectorAll(".stock li").length')
    t.ok(before >= 1, 'some are shown by no post')
    b.submit('.stock-file')
    b.click('.danger summary')
    b.submit('.danger button')
    t.has(b.run('return document.querySelector("[role=status]").textContent'), 'deleted', 'one of them is deleted')
    b.open(site.url + 'admin/media?show=pictures')
    b.submit('.stock-file')
    t.eq(b.run('return document.querySelectorAll(".danger").length'), 0, 'one that a post shows cannot be')
    t.ok(b.run('return document.querySelectorAll(".uses a").length') >= 1, 'and says which')
    b.submit('button[value=portrait]')
    t.has(b.run('return document.querySelector(".uses").textContent'), 'Your picture', 'it becomes the author\'s picture')
    b.open(site.url)
    t.ok(b.run('return document.querySelector(".intro img.u-photo").naturalWidth') > 0, 'which the home page shows')


with Tap() as t, Site() as site:
    urls = demo.upload_media(site)
    site.micropub_json({'type': ['h-entry'], 'properties': {'content': ['At the lake, before anybody else was up.'], 'category': ['photos'],
                        'photo': [{'value': urls['sea.jpg'], 'alt': 'The sea'}, {'value': urls['hills.jpg'], 'alt': 'Hills'}]}})
    site.micropub_json({'type': ['h-entry'], 'properties': {'name': ['A night out'], 'content': ['<p>Stars.</p>'], 'photo': [urls['night.jpg']],
                        'video': [urls['waves.webm']]}})
    with Browser() as b:
        sign_in(b, site)
        settings(t, b, site)
    file = '/admin/media' + urls['sea.jpg'].split('/media', 1)[1]
    for size, how in SIZES.items():
        with Browser(**how) as b:
            sign_in(b, site)
            for name, path in (('settings', '/admin/settings'), ('media', '/admin/media'), ('media-file', file)):
                b.messages()
                b.open(site.url.rstrip('/') + path)
                look(t, b, name, size)
            if SHOTS:
                b.open(site.url)
                b.screenshot(os.path.join(SHOTS, f'home-{size}.png'))
    with Browser(scripts=False) as b:
        sign_in(b, site)
        library(t, b, site)
