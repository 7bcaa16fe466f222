"""Microformats as Debian's mf2py finds them (python3-mf2py)."""

import inspect

import starpunk  # noqa: F401	it knows where Debian's packages are

import mf2py

# From 2.0 on the text of an image comes with it in any case.
HOW = {'img_with_alt': True} if 'img_with_alt' in inspect.signature(mf2py.parse).parameters else {}


def parse(text, url):
    return mf2py.parse(doc=text, url=url, html_parser='html5lib', **HOW)
