#!/usr/bin/env python3
"""Uploads that are large, slow, broken off, or one too many for the disk: memory, other visitors, what is left behind."""

import concurrent.futures
import contextlib
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import SANITIZED, Site, Tap, fronts, wait_for
from uploads import Part, mp4, multipart, png, upload

MIB = 1 << 20


def stored(site):
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(f'{site.dir}/media') for name in names)


def peak(site):
    """The most memory that any worker has ever had, in KiB."""
    most = 0
    for pid in site.workers():
        with open(f'/proc/{pid}/status', encoding='utf-8') as f:
            most = max(most, *(int(line.split()[1]) for line in f if line.startswith('VmHWM')))
    return most


class Slow:
    """A client that sends the head and the beginning of a body, and the rest when it is told to."""

    def __init__(self, site, data, announced=None, sent=1000):
        kind, self.body = multipart(Part('file', data, 'x'))
        self.sent = min(sent, len(self.body))
        self.sock = socket.create_connection(('127.0.0.1', site.port), 30)
        self.sock.sendall((f'POST /micropub/media HTTP/1.1\r\nHost: localhost:{site.port}\r\nAuthorization: Bearer {site.token}\r\n'
                           f'Content-Type: {kind}\r\nContent-Length: {announced or len(self.body)}\r\nConnection: close\r\n\r\n').encode() +
                          self.body[:self.sent])

    def finish(self):
        # Who is told to come again may be told so before all is sent.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.sock.sendall(self.body[self.sent:])
        return self.answer()

    def answer(self):
        got = b''
        while True:
            piece = self.sock.recv(65536)
            if not piece:
                break
            got += piece
        self.sock.close()
        return got.decode()


def large(t, site):
    f = site.front
    upload(site, png())
    before = peak(site)
    film = mp4(60 * MIB)
    answer = upload(site, film)
    t.eq(answer.status, 201, f'{f}: a film of 60 MiB is stored')
    path = f'{site.dir}/' + answer.header('Location')[len(site.url):]
    t.eq(os.path.getsize(path), len(film), f'{f}: all of it')
    growth = peak(site) - before
    t.ok(SANITIZED or growth < 4096, f'{f}: no worker has grown by its size', f'{growth} KiB')
    kind, body = multipart(Part('file', mp4(MIB, seed=1), 'x'))
    chunked = b''.join(b'%x\r\n%s\r\n' % (len(piece), piece) for piece in (body[i:i + 50000] for i in range(0, len(body), 50000))) + b'0\r\n\r\n'
    answer = site.request('POST', '/micropub/media', {'Content-Type': kind, 'Transfer-Encoding': 'chunked', **site.auth()}, chunked)
    t.eq(answer.status, 201, f'{f}: the length need not be announced')


def limits(t, site):
    f = site.front
    before = stored(site)
    answer = upload(site, mp4(64 * MIB + 1))
    t.eq((answer.status, answer.json['error']), (413, 'invalid_request'), f'{f}: a film above max_media_size is refused')
    t.has(answer.text, 'larger than this site accepts', f'{f}: by the program, which read it to its end')
    early = Slow(site, png(), announced=80 * MIB).answer()
    t.ok(early.startswith('HTTP/1.1 413 '), f'{f}: one of 80 MB is refused before it is sent', early[:300])
    t.has(early, '{"error":"invalid_request","error_description":', f'{f}: in the standard\'s form')
    t.has(early, 'Access-Control-Allow-Origin: *', f'{f}: for browsers to read')
    answer = site.request('POST', '/micropub/media', {'Content-Type': 'application/x-www-form-urlencoded', **site.auth()}, b'a' * (MIB + 1))
    t.eq(answer.status, 413, f'{f}: a form without a file has no more room than others')
    t.eq(stored(site), before, f'{f}: nothing is left of them')


def slow(t, site):
    """More slow clients than there are threads."""
    f = site.front
    before = stored(site)
    clients = [Slow(site, mp4(3 * MIB, seed=10 + n), sent=MIB) for n in range(12)]
    t.eq([site.get('/').status for _ in range(10)], [200] * 10, f'{f}: while slow clients send, others are answered')
    if site.lacks('spooling'):
        # The program keeps half of its threads for others, and uploads wait or are told to come again.
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(Slow.finish, clients[:6]))
        done = sum(answer.startswith('HTTP/1.1 201 ') for answer in answers)
        t.ok(done and all(answer.startswith('HTTP/1.1 201 ') or '\r\nRetry-After: ' in answer for answer in answers),
             f'{f}: they come to their end, or are told to come again', [answer[:300] for answer in answers])
        for client in clients[6:]:
            client.sock.close()
        t.ok(wait_for(lambda: upload(site, png(seed=71)).status == 201), f'{f}: and the site goes on')
        t.ok(wait_for(lambda: len(stored(site)) == len(before) + done + 1), f'{f}: of those that break off nothing is left')
        return
    t.has(site.starpunk('stats').stdout, 'in flight 0,', f'{f}: and no worker has heard of the slow ones')
    t.eq(upload(site, png(seed=70)).status, 201, f'{f}: not even another upload')
    answers = [client.finish() for client in clients[:6]]
    t.ok(all(answer.startswith('HTTP/1.1 201 ') for answer in answers), f'{f}: they come to their end', answers)
    for client in clients[6:]:
        client.sock.close()
    t.eq(len(stored(site)), len(before) + 7, f'{f}: of those that break off nothing is left')
    t.eq(upload(site, png(seed=71)).status, 201, f'{f}: and the site goes on')


def full(t, front):
    """A file system of one MiB below media_path, where that can be had."""
    with Site(front, start=False) as site:
        done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=755', 'tmpfs', f'{site.dir}/media'], capture_output=True, check=False)
        if done.returncode != 0:
            t.ok(True, f'{front}: a full disk # SKIP only root can make a small one')
            return
        try:
            site.init()
            site.token = site.make_token('create media')
            site.start()
            answer = upload(site, mp4(2 * MIB))
            t.eq((answer.status, answer.json['error']), (507, 'temporarily_unavailable'), f'{front}: a full disk is told')
            t.ok(answer.header('Retry-After') is not None, f'{front}: and when to try again')
            t.eq(stored(site), [], f'{front}: no half file is left')
            t.eq(site.get('/').status, 200, f'{front}: the site goes on')
            t.eq(upload(site, mp4(1000)).status, 201, f'{front}: what has room is stored')
            t.ok(wait_for(lambda: os.statvfs(f'{site.dir}/media').f_bavail * 4096 > MIB // 2), f'{front}: the room has been given back')
        finally:
            site.stop()
            subprocess.run(['umount', f'{site.dir}/media'], check=False)


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            large(t, site)
            limits(t, site)
            slow(t, site)
        full(t, front)
