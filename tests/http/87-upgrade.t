#!/usr/bin/env python3
"""Upgrades: a program replaced under load without a failed request, and the way back with the database of before."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import PROGRAM, Site, Tap, fronts, wait_for
from uploads import png, upload


LONG = os.environ.get('SP_LONG', '') not in ('', '0')
ROUNDS, RELOADS, POSTS = (5, 4, 2000) if LONG else (2, 1, 0)


class Client(threading.Thread):
    """Asks for one thing after the other; every answer but the good one is kept."""

    def __init__(self, ask, good):
        super().__init__()
        self.ask, self.good, self.ended, self.asked, self.failed = ask, good, threading.Event(), 0, []

    def run(self):
        while not self.ended.is_set():
            try:
                got = self.ask(self.asked)
                if got.status != self.good:
                    self.failed.append(got.status)
            except (OSError, http.client.HTTPException) as e:
                self.failed.append(repr(e))
            self.asked += 1


def crowd(site):
    """Visitors who read, and programs that write."""
    readers = [Client(lambda _: site.get('/'), 200) for _ in range(3)]
    writers = [Client(lambda i, n=n: site.micropub({'content': f'Note {n}-{i}', 'mp-slug': f'note-{n}-{i}'}), 201) for n in range(3)]
    return readers, writers


def asked(clients):
    return sum(c.asked for c in clients)


def reload(t, site):
    before = site.workers()
    site.process.send_signal(signal.SIGHUP)
    t.ok(wait_for(lambda: not set(before) & set(site.workers()), 30, 0.1), f'{site.front}: HUP works though the program has been replaced')


def install(site):
    """What a package does: the program has its old name and is another file."""
    new = os.path.join(site.dir, 'starpunk.new')
    shutil.copy2(PROGRAM, new)
    os.rename(new, os.path.join(site.dir, 'starpunk'))


def serve(site, listening):
    """The service with the socket that the manager keeps."""
    site.start_log = open(os.path.join(site.dir, 'log', 'start.log'), 'ab')
    site.process = subprocess.Popen([os.path.join(site.dir, 'starpunk'), '--config', site.conf, 'serve'], env=site.env, stdin=listening,
                                    stdout=site.start_log, stderr=site.start_log)


def programs(site):
    """The file behind each worker; None for one that has just ended."""
    found = []
    for pid in site.workers():
        try:
            found.append(os.stat(f'/proc/{pid}/exe').st_ino)
        except OSError:
            found.append(None)
    return found


def replaced(t, front):
    f = front
    with Site(front, start=False) as site, socket.socket(socket.AF_UNIX) as listening:
        site.init()
        site.token = site.make_token('create')
        listening.bind(site.socket)
        os.chmod(site.socket, 0o666)
        listening.listen(4096)
        install(site)
        serve(site, listening)
        site.start_front()
        if not site.wait_healthy():
            raise RuntimeError('the site did not come up')
        readers, writers = crowd(site)
        for c in readers + writers:
            c.start()
        try:
            for _ in range(ROUNDS):
                old = programs(site)
                install(site)
                for _ in range(RELOADS):
                    reload(t, site)
                t.eq(set(programs(site)), set(old), f'{f}: and keeps to the old one')
                t.eq(site.stop_program(), 0, f'{f}: the old program ends')
                serve(site, listening)
                before = asked(readers), asked(writers)
                t.ok(wait_for(lambda: asked(readers) > before[0] + 20 and asked(writers) > before[1] + 20, 30), f'{f}: a new one takes over')
                t.ok(not set(programs(site)) & set(old), f'{f}: which is the file that was installed')
                path = site.post('Written after the upgrade')
                t.eq(site.get(path).status, 200, f'{f}: and writes')
            wait_for(lambda: asked(writers) >= POSTS, 120)
        finally:
            for c in readers + writers:
                c.ended.set()
            for c in readers + writers:
                c.join(60)
        t.eq(sum((c.failed for c in readers), []), [], f'{f}: no reader met an error meanwhile ({asked(readers)} asked)')
        t.eq(sum((c.failed for c in writers), []), [], f'{f}: and no post was lost ({asked(writers)} sent)')
        stored = site.sqlite("select count(*) from post where slug like 'note-%'")[0][0]
        t.eq(stored, asked(writers), f'{f}: each is there once')


def way_back(t, front):
    """A newer program has brought the database up to date, and its owner wants the old one back."""
    f = front
    with Site(front) as site:
        url = upload(site, png(600, 400)).header('Location')
        path = site.post('Written before the upgrade')
        page = site.get(path).body
        site.stop_program()
        database = os.path.join(site.dir, 'starpunk.db')
        copy = f'{database}.before-{site.sqlite("PRAGMA user_version")[0][0] + 1:04d}'
        site.sqlite(f"VACUUM INTO '{copy}'")
        site.sqlite("CREATE TABLE newer (x)")
        site.sqlite('PRAGMA user_version = 9999')
        refused = site.starpunk('serve', check=False)
        t.eq(refused.returncode, 1, f'{f}: the old program does not touch the database of a newer one')
        t.has(refused.stderr, copy, f'{f}: and names the copy from before')
        done = site.starpunk('restore', copy, '--yes', check=False)
        t.ok(done.returncode == 0, f'{f}: which restore takes', done.stderr)
        site.start_program()
        if not site.wait_healthy():
            raise RuntimeError('the site did not come up')
        t.eq(site.get(path).body, page, f'{f}: the site is what it was')
        t.eq(site.get(url[len(site.url) - 1:]).status, 200, f'{f}: with its files')
        t.ok(os.path.exists(copy), f'{f}: the copy is still there')
        t.ok(os.path.exists(database + '.before-restore'), f'{f}: and so is the database of the newer program')


with Tap() as t:
    for front in fronts():
        replaced(t, front)
        way_back(t, front)
