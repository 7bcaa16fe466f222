#!/usr/bin/env python3
"""Photographs every kind of page of a site with the demonstration on it, whole: phone and desk, by day and by night.

	tests/browser/screenshots.py DIR [NAME ...]

Names are those of tests/lib/showcase.py; without any it is all of them. DIR/index.html shows them side by side."""

import html
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import showcase
from browser import Browser

LOOKS = {'desk-day': (1280, 900, 1, False), 'desk-night': (1280, 900, 1, True), 'phone-day': (390, 844, 2, False), 'phone-night': (390, 844, 2, True)}


def photograph(site, browser, directory, names):
    for look, (width, height, scale, dark) in LOOKS.items():
        browser.cdp('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=scale, mobile=width < 600)
        browser.cdp('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        for name in names:
            browser.open(site.url.rstrip('/') + showcase.PAGES[name])
            # What waits to be scrolled to is to be in the picture, too.
            browser.call('POST', browser.session + '/execute/async', {'args': [], 'script': """
                for (const image of document.images)
                    image.loading = 'eager';
                Promise.all([...document.images].map(image => image.decode().catch(() => {}))).then(arguments[0]);"""})
            browser.photograph(os.path.join(directory, f'{name}-{look}.png'))
        print(f'{look}: {len(names)} pages', flush=True)


def index(directory, names):
    with open(os.path.join(directory, 'index.html'), 'w', encoding='utf-8') as f:
        f.write('<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Every page</title>\n')
        for name in names:
            f.write(f'<h2>{html.escape(name)}</h2>\n<p>' + ' '.join(
                f'<a href="{name}-{look}.png"><img src="{name}-{look}.png" alt="{look}" height="600" loading="lazy"></a>' for look in LOOKS) + '</p>\n')


def main():
    if len(sys.argv) < 2 or any(name not in showcase.PAGES for name in sys.argv[2:]):
        sys.exit(__doc__ + '\n' + ' '.join(showcase.PAGES))
    directory, names = sys.argv[1], sys.argv[2:] or list(showcase.PAGES)
    os.makedirs(directory, exist_ok=True)
    with showcase.open_site() as site, Browser() as browser:
        photograph(site, browser, directory, names)
    index(directory, names)


main()
