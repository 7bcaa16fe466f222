#!/usr/bin/env python3
"""What bad peers and heavy use do to the processes: nothing."""

import contextlib
import http.client
import os
import resource
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import SANITIZED, Site, Tap, fronts, wait_for


def record(kind, rid, content=b'', padding=0):
    return struct.pack('>BBHHBB', 1, kind, rid, len(content), padding, 0) + content + b'\0' * padding


def pairs(params):
    out = b''
    for name, value in params.items():
        name, value = name.encode(), value.encode()
        for n in (len(name), len(value)):
            out += struct.pack('>I', n | 0x80000000) if n > 127 else bytes([n])
        out += name + value
    return out


def fcgi_get(site, sock, path='/health', rid=1, keep=True):
    """One request spoken straight to the program's socket."""
    sock.sendall(record(1, rid, struct.pack('>HB5x', 1, 1 if keep else 0)) +
                 record(4, rid, pairs({'REQUEST_METHOD': 'GET', 'REQUEST_URI': path, 'HTTP_HOST': f'localhost:{site.port}',
                                       'REMOTE_ADDR': '127.0.0.1', 'SERVER_PROTOCOL': 'HTTP/1.1'})) +
                 record(4, rid) + record(5, rid))
    out = b''
    while True:
        head = b''
        while len(head) < 8:
            got = sock.recv(8 - len(head))
            if not got:
                return out
            head += got
        _, kind, _, length, padding, _ = struct.unpack('>BBHHBB', head)
        rest = b''
        while len(rest) < length + padding:
            rest += sock.recv(length + padding - len(rest))
        if kind == 6:
            out += rest[:length]
        if kind == 3:
            return out


def connect(site):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(site.socket)
    return sock


def silent_connections(t, site):
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(connect(site)) for _ in range(300)]
        kept = [stack.enter_context(connect(site)) for _ in range(100)]
        for sock in kept:
            fcgi_get(site, sock)
        slowest = 0.0
        for _ in range(50):
            start = time.monotonic()
            assert site.get('/health').status == 200
            slowest = max(slowest, time.monotonic() - start)
        t.ok(slowest < 2, f'{site.front}: 400 silent and idle connections hold nobody up', slowest)
        t.has(fcgi_get(site, kept[0]), b'Status: 200', f'{site.front}: a kept connection still answers')
        half = record(1, 1, struct.pack('>HB5x', 1, 1)) + record(4, 1, b'\x0e\x03REQUEST_ME')[:-4]
        for sock in idle[:40]:
            sock.sendall(half[:20])
        t.eq(site.get('/health').status, 200, f'{site.front}: nor do 40 that stop in the middle of a record')


def unread_bodies(t, site):
    bad = []
    conn = http.client.HTTPConnection('127.0.0.1', site.port, timeout=30)
    for i in range(300):
        conn.request('POST', '/nothing', b'x' * 10240, {'Host': f'localhost:{site.port}'})
        got = conn.getresponse()
        got.read()
        if got.status not in (404, 405):
            bad.append(got.status)
        conn.request('GET', '/health', headers={'Host': f'localhost:{site.port}'})
        got = conn.getresponse()
        got.read()
        if got.status != 200:
            bad.append(got.status)
    conn.close()
    t.eq(bad, [], f'{site.front}: bodies that nobody reads disturb no later request')


def backlog(t, site):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
    socks, statuses = [], []
    try:
        for _ in range(1000):
            s = socket.create_connection(('127.0.0.1', site.port), timeout=60)
            socks.append(s)
        ask = f'GET /health HTTP/1.1\r\nHost: localhost:{site.port}\r\nConnection: close\r\n\r\n'.encode()
        for s in socks:
            s.sendall(ask)
        for s in socks:
            statuses.append(s.recv(64).split(b' ')[1:2])
    finally:
        for s in socks:
            s.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    t.eq([s for s in statuses if s != [b'200']], [], f'{site.front}: 1000 at once are all served')


def aborts(t, site):
    for _ in range(100):
        s = socket.create_connection(('127.0.0.1', site.port), timeout=10)
        s.sendall(f'GET /feed.atom HTTP/1.1\r\nHost: localhost:{site.port}\r\n\r\n'.encode())
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        s.close()
    for _ in range(50):
        sock = connect(site)
        sock.sendall(record(1, 1, struct.pack('>HB5x', 1, 1)) +
                     record(4, 1, pairs({'REQUEST_METHOD': 'GET', 'REQUEST_URI': '/feed.atom', 'HTTP_HOST': f'localhost:{site.port}'})) +
                     record(4, 1) + record(5, 1))
        sock.close()
    workers = site.workers()
    t.eq(site.get('/feed.atom').status, 200, f'{site.front}: after 150 aborted requests the next is answered')
    t.eq(site.workers(), workers, f'{site.front}: by the same workers')
    pool = site.stats()['database']['pool']
    t.ok(wait_for(lambda: site.stats()['database']['pool']['active'] == 0, 10), f'{site.front}: no connection leaked', pool)


def cut_upload(t, site):
    before = site.sqlite('select count(*) from post')[0][0]
    for sent in (b'', b'content=cut'):
        s = socket.create_connection(('127.0.0.1', site.port), timeout=10)
        s.sendall(f'POST /micropub HTTP/1.1\r\nHost: localhost:{site.port}\r\nAuthorization: Bearer {site.token}\r\n'
                  'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n\r\n'.encode() + sent)
        s.close()
    sock = connect(site)
    sock.sendall(record(1, 1, struct.pack('>HB5x', 1, 0)) + record(4, 1, pairs({
        'REQUEST_METHOD': 'POST', 'REQUEST_URI': '/micropub', 'HTTP_HOST': f'localhost:{site.port}', 'CONTENT_LENGTH': '50',
        'CONTENT_TYPE': 'application/x-www-form-urlencoded', 'HTTP_AUTHORIZATION': f'Bearer {site.token}'})) +
        record(4, 1) + record(5, 1, b'content=cut') + record(5, 1))
    answer = sock.recv(65536)
    sock.close()
    t.ok(b'Status: 400' in answer, f'{site.front}: a body shorter than announced is 400', answer)
    t.eq(site.get('/health').status, 200, f'{site.front}: the worker lives on')
    t.eq(site.sqlite('select count(*) from post')[0][0], before, f'{site.front}: an upload cut half-way makes no post')


def garbage(t, site):
    for junk in (b'\0' * 64, os.urandom(4096), b'GET / HTTP/1.0\r\n\r\n', record(1, 1, b'\0\1\0'), record(200, 5, b'x'),
                 record(4, 1, b'x'), struct.pack('>BBHHBB', 2, 1, 1, 8, 0, 0) + b'\0' * 8,
                 record(1, 1, struct.pack('>HB5x', 1, 1)) + record(4, 1, b'\xff\xff\xff\xff\xff\xff\xff\xff')):
        with contextlib.suppress(OSError):
            sock = connect(site)
            sock.sendall(junk)
            sock.settimeout(0.2)
            with contextlib.suppress(OSError):
                sock.recv(100)
            sock.close()
    t.ok(wait_for(lambda: site.get('/health').status == 200, 10), f'{site.front}: garbage on the socket does no harm')
    sock = connect(site)
    ids = [fcgi_get(site, sock, rid=r)[:11] for r in (1, 7, 65535)]
    t.eq(ids, [b'Status: 200'] * 3, f'{site.front}: any request id is served on one connection')
    sock.close()


def slow_upload(t, site):
    s = socket.create_connection(('127.0.0.1', site.port), timeout=30)
    s.sendall(f'POST /micropub HTTP/1.1\r\nHost: localhost:{site.port}\r\nAuthorization: Bearer {site.token}\r\n'
              'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 28\r\n\r\n'.encode())
    s.sendall(b'content=slow')
    slowest = 0.0
    for _ in range(20):
        start = time.monotonic()
        site.get('/')
        slowest = max(slowest, time.monotonic() - start)
    t.ok(slowest < 2, f'{site.front}: a slow upload holds nobody up', slowest)
    s.sendall(b'-but-complete-ok')
    t.has(s.recv(4096), b' 201 ', f'{site.front}: and is answered when it is complete')
    s.close()


def slow_uploads(t, site, chunked=False):
    """More slow senders than there are threads: nobody else waits. In chunks, Apache passes on what comes as it comes."""
    head = (f'POST /micropub HTTP/1.1\r\nHost: localhost:{site.port}\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
            ('Transfer-Encoding: chunked\r\n\r\n7d8\r\ncontent=' if chunked else 'Content-Length: 100000\r\n\r\ncontent=')).encode()
    drip = b'\r\nc6\r\n' + b'y' * 198 if chunked else b'y' * 200
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(socket.create_connection(('127.0.0.1', site.port))) for _ in range(16)]
        for sock in socks:
            sock.sendall(head + b'x' * 2000)
        slowest = 0.0
        for _ in range(10):
            for sock in socks:
                with contextlib.suppress(OSError):
                    sock.sendall(drip)
            start = time.monotonic()
            assert site.get('/health').status == 200
            slowest = max(slowest, time.monotonic() - start)
        t.ok(slowest < 2, f'{site.front}: 16 slow senders{" of chunks" if chunked else ""} hold nobody up', slowest)


def many_requests(t, site):
    def rss():
        total = 0
        for pid in site.workers():
            with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as f:
                total += next(int(line.split()[1]) for line in f if line.startswith('Pss:'))
        return total
    def ask(n):
        sock = connect(site)
        for i in range(n):
            fcgi_get(site, sock, '/' if i % 3 else '/feed.atom')
        sock.close()
    def round_of(n):
        threads = [threading.Thread(target=ask, args=(n,)) for _ in range(4)]
        for th in threads:
            th.start()
        for th in threads:
            th.join()
    round_of(500)
    before = rss()
    round_of(1500)
    grown = rss() - before
    t.ok(grown < (65536 if SANITIZED else 4096), f'{site.front}: 6000 more requests cost no memory', f'{before} KiB, then {grown} KiB more')


def rate_limits(t, front):
    with Site(front, rate_limit='20/m', login_rate_limit='5/m') as site:
        statuses = [site.get('/').status for _ in range(40)]
        t.ok(200 in statuses and 429 in statuses, f'{front}: too many requests are 429', statuses)
        got = site.get('/')
        t.ok(got.status == 429 and int(got.header('Retry-After') or 0) > 0, f'{front}: with Retry-After', got)
    with Site(front, login_rate_limit='5/m') as site:
        for _ in range(10):
            last = site.micropub({'content': 'x'}, token='sp_wrong')
        t.eq(last.status, 429, f'{front}: guessing tokens is stopped')
        t.eq(site.get('/').status, 200, f'{front}: readers at the same address are not')


with Tap() as t:
    for front in fronts():
        rate_limits(t, front)
        with Site(front, quiet_front=True, worker_threads='4') as site:
            for i in range(35):
                site.post(f'Entry {i} ' + 'word ' * 500)
            silent_connections(t, site)
            unread_bodies(t, site)
            backlog(t, site)
            aborts(t, site)
            cut_upload(t, site)
            garbage(t, site)
            slow_upload(t, site)
            slow_uploads(t, site)
            slow_uploads(t, site, chunked=True)
            many_requests(t, site)
