"""Microformats as Debian's mf2py finds them (python3-mf2py), whichever version it is."""

import inspect
import re

import starpunk  # noqa: F401	it knows where Debian's packages are

import mf2py

# From 2.0 on the text of an image comes with it in any case, and so do its sizes; offsets of times are without a colon.
HOW = {'img_with_alt': True} if 'img_with_alt' in inspect.signature(mf2py.parse).parameters else {}
OFFSET = re.compile(r'(\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d)(\d\d)')


def common(value):
    if isinstance(value, dict):
        return {key: common(v) for key, v in value.items() if key != 'srcset'}
    if isinstance(value, list):
        return [common(v) for v in value]
    return OFFSET.sub(r'\1:\2', value) if isinstance(value, str) and OFFSET.fullmatch(value) else value


def parse(text, url):
    return common(mf2py.parse(doc=text, url=url, html_parser='html5lib', **HOW))
