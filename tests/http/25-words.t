#!/usr/bin/env python3
"""Sites in German and in Chinese behind both front servers: what visitors and the owner read, what programs read, a
language that changes by HUP, and languages that there are no texts in."""

import os
import re
import shutil
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import SRC, Site, Tap, fronts, wait_for

RAIN = {'published': '2026-03-01T09:30:00Z', 'mp-slug': 'rain', 'category': 'wetter'}


def title(answer):
    return re.search('<title>(.*?)</title>', answer.text, re.S).group(1)


def german(t, front):
    with Site(front, language='de-AT') as site:
        path = site.post('Regen', **RAIN)
        page = site.get(path)
        t.has(page.text, '<html lang="de-AT"', f'{front}: the page says the language that the author writes')
        t.has(page.text, '>1. März 2026, 09:30</time>', f'{front}: and its date is German')
        t.has(page.text, 'datetime="2026-03-01T09:30:00Z"', f'{front}: for programs it is as ever')
        t.has(title(site.get('/tag/wetter')), 'Schlagwort „wetter“', f'{front}: a list has a German name')
        t.has(site.get('/nirgends').text, 'Unter dieser Adresse gibt es nichts.', f'{front}: so has an error')
        t.has(site.get('/nirgends', {'Accept': 'application/json'}).text, 'There is nothing at this address.',
              f'{front}: what a program is told is English')
        feed = site.get('/feed.atom')
        t.has(feed.text, 'xml:lang="de-AT"', f'{front}: the feed says its language')
        t.has(feed.text, '2026-03-01T09:30:00Z', f'{front}: and its dates are those of the standard')
        cookie = site.sign_in()
        access = site.get('/admin/access', {'Cookie': cookie}).text
        t.has(access, '<html lang="de">', f'{front}: the owner reads the nearest language that there is')
        t.has(access, '<h1>Zugang</h1>', f'{front}: on pages')
        t.has(access, '<dd>1 Beitrag</dd>', f'{front}: one post is one in German')
        t.eq(site.log('language_fallback'), [], f'{front}: nothing is missing')
        change_to_chinese(t, site, path, page.header('ETag'), front)


def change_to_chinese(t, site, path, etag, front):
    site.write_config(language='zh-CN')
    site.process.send_signal(signal.SIGHUP)
    site.wait_log('supervisor_reloaded')
    # A worker that is being replaced may still answer what came by a connection that it keeps.
    t.ok(wait_for(lambda: site.get(path, {'If-None-Match': etag}).status == 200), f'{front}: after HUP the page is another one')
    page = site.get(path)
    t.has(page.text, '>2026年3月1日 09:30</time>', f'{front}: with a Chinese date')
    t.has(page.text, '<html lang="zh-CN"', f'{front}: in Chinese')
    t.has(title(site.get('/tag/wetter')), '标签“wetter”', f'{front}: lists have Chinese names')
    t.has(site.get('/admin/login').text, '<h1>登录</h1>', f'{front}: the owner signs in in Chinese')


def without_texts(t, front):
    with Site(front, language='tlh', workers=3) as site:
        t.has(site.get('/admin/login').text, '<h1>Sign in</h1>', f'{front}: a language without texts speaks English')
        t.has(site.get('/').text, '<html lang="tlh"', f'{front}: what the author writes is what the author says')
        told = site.wait_log('language_fallback')
        t.eq([line['language'] for line in told], ['tlh'], f'{front}: the log says so once, for all workers')


def with_a_broken_catalogue(t, front):
    with Site(front, start=False, language='de') as site:
        share = os.path.join(site.dir, 'share')
        shutil.copytree(os.path.join(SRC, 'share'), share)
        catalogue = os.path.join(share, 'locale/de/LC_MESSAGES/starpunk.mo')
        with open(catalogue, 'r+b') as f:
            f.truncate(os.path.getsize(catalogue) // 2)
        site.write_config(share_path=share)
        site.init()
        site.start()
        t.has(site.get('/admin/login').text, '<h1>Sign in</h1>', f'{front}: a broken catalogue takes no site down')
        told = site.wait_log('language_fallback')
        t.has(told[0]['problem'], 'starpunk.mo', f'{front}: the log says which file it is')


with Tap() as t:
    for front in fronts():
        german(t, front)
        without_texts(t, front)
        with_a_broken_catalogue(t, front)
