#!/usr/bin/env python3
"""Clients that are slow, die, or send nonsense: only they are told, the log and the metrics know of them, and nobody else waits."""

import contextlib
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from faults import FaultySite
from starpunk import Tap, fronts, wait_for

ABORTED = 'starpunk_http_aborted_total'


def head(site, size, path='/micropub'):
    return (f'POST {path} HTTP/1.1\r\nHost: localhost:{site.port}\r\nAuthorization: Bearer {site.token}\r\n'
            f'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {size}\r\n\r\n').encode()


@contextlib.contextmanager
def connected(site, n=1):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection(('127.0.0.1', site.port), timeout=60)) for _ in range(n)]


def well(t, name, site, workers):
    t.eq([site.get(p).status for p in ('/note/kept', '/health', '/feed.atom')], [200] * 3, f'{name}: everybody else is served')
    t.eq(site.ready()[:2], (200, []), f'{name}: the site is healthy')
    t.eq(site.children('worker'), workers, f'{name}: with the workers that it had')


def settled(site):
    """Nothing is being worked on, and no connection of the database is out."""
    return wait_for(lambda: site.metric('starpunk_http_in_flight') <= 1 and site.stats()['database']['pool']['active'] == 0, 60)


def dying_senders(t, f, site, workers):
    name = f'{f}: clients that die in the middle of a body'
    with connected(site, 20) as socks:
        for sock in socks:
            sock.sendall(head(site, 100000) + b'content=' + b'x' * 5000)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    well(t, name, site, workers)
    t.ok(settled(site), f'{name}: leave nothing behind')
    t.eq(site.sqlite("select count(*) from post where slug <> 'kept'")[0][0], 0, f'{name}: and no half of a post')


def dying_readers(t, f, site, workers):
    """Enough of them that the site notices: what fits into the sockets' buffers is sent to nobody."""
    name = f'{f}: clients that die before their answer'
    before = site.metric(ABORTED)

    def some():
        with connected(site, 10) as socks:
            for sock in socks:
                sock.sendall(f'GET /feed.atom HTTP/1.1\r\nHost: localhost:{site.port}\r\n\r\n'.encode())
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        return site.metric(ABORTED) > before
    t.ok(f == 'apache' or wait_for(some, 60), f'{name}: {ABORTED} has moved')
    if f != 'apache':
        t.ok(wait_for(lambda: site.log('request', aborted=True), 60), f'{name}: the log says so')
    well(t, name, site, workers)
    t.ok(settled(site), f'{name}: leave nothing behind')


def slow_senders(t, f, site, workers):
    name = f'{f}: clients that send slowly'
    with connected(site, 24) as socks:
        for i, sock in enumerate(socks):
            body = f'content=Slow+but+complete&mp-slug=slow-{f}-{i}'.encode()
            sock.sendall(head(site, len(body)) + body[:10])
        well(t, name, site, workers)
        for i, sock in enumerate(socks):
            sock.sendall(f'content=Slow+but+complete&mp-slug=slow-{f}-{i}'.encode()[10:])
        answers = {sock.recv(4096).split(b' ')[1] for sock in socks}
    t.eq(answers, {b'201'}, f'{name}: are answered once they have said all')


def slow_readers(t, f, site, workers):
    name = f'{f}: clients that read nothing'
    with connected(site, 24) as socks:
        for sock in socks:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.sendall((f'GET /feed.atom HTTP/1.1\r\nHost: localhost:{site.port}\r\n\r\n' * 8).encode())
        well(t, name, site, workers)
    t.ok(settled(site), f'{name}: leave nothing behind')


with Tap() as t:
    for front in fronts():
        with FaultySite(front) as site:
            site.keep('kept', 'Was here before' + ' word' * 4000)
            workers = site.children('worker')
            dying_senders(t, front, site, workers)
            dying_readers(t, front, site, workers)
            slow_readers(t, front, site, workers)
            slow_senders(t, front, site, workers)
            t.eq(site.lost(), [], f'{front}: nothing that was acknowledged is lost')
