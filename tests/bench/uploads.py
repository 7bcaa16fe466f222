#!/usr/bin/env python3
"""The benchmark of uploads: what one large file costs a worker and the others, and how many photo posts a second there are.

Everything goes through nginx. Memory is what the kernel counts for the workers (VmRSS; VmHWM, its peak, set
back before each upload). The other client reads the home page, a permalink and q=config in turn while the file
comes in; its figures without an upload stand beside them.

    make bench [BENCH_UPLOAD_MB=200] [BENCH_ROUNDS=5]
"""

import http.client
import os
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from micropub import multipart, png
from starpunk import PROGRAM, Site
from uploads import mp4

MB = int(os.environ.get('BENCH_UPLOAD_MB', '200'))
ROUNDS = int(os.environ.get('BENCH_ROUNDS', '5'))
PHOTOS = int(os.environ.get('BENCH_PHOTOS', '200'))


def memory(site, name):
    """The largest figure of this name among the workers, in MiB."""
    largest = 0
    for pid in site.workers():
        with open(f'/proc/{pid}/status', encoding='ascii') as f:
            largest = max(largest, next(int(line.split()[1]) for line in f if line.startswith(name + ':')))
    return largest / 1024


def peaks_back(site):
    for pid in site.workers():
        with open(f'/proc/{pid}/clear_refs', 'w', encoding='ascii') as f:
            f.write('5')


class Reader:
    """Another client, on a kept connection, until told to stop; milliseconds of each answer."""

    def __init__(self, site):
        self.site, self.took, self.failed = site, [], 0

    def run(self):
        asked = [('/', {}), (self.site.note, {}), ('/micropub?q=config', self.site.auth())]
        conn = http.client.HTTPConnection('localhost', self.site.port, timeout=60)
        while not self.stopping.is_set():
            path, headers = asked[len(self.took) % 3]
            start = time.monotonic()
            conn.request('GET', path, headers=headers)
            got = conn.getresponse()
            got.read()
            self.took.append((time.monotonic() - start) * 1000)
            self.failed += got.status != 200
            time.sleep(0.002)
        conn.close()

    def __enter__(self):
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def figures(self):
        cuts = statistics.quantiles(self.took, n=100)
        return f'p50 {cuts[49]:6.2f} ms, p99 {cuts[98]:7.2f} ms, longest {max(self.took):7.2f} ms, {len(self.took)} asked, {self.failed} failed'


def send(site, film):
    """Uploads it; megabytes a second."""
    head, tail = multipart([('file', 'film.mp4', 'video/mp4', b'\0')])[1].split(b'\0')
    conn = http.client.HTTPConnection('localhost', site.port, timeout=300)
    start = time.monotonic()
    conn.putrequest('POST', '/micropub/media')
    for name, value in {**site.auth(), 'Content-Type': 'multipart/form-data; boundary=sp7mmmAAA', 'Content-Length': str(len(head) + len(film) + len(tail))}.items():
        conn.putheader(name, value)
    conn.endheaders(head)
    view = memoryview(film)
    for at in range(0, len(film), 1 << 18):
        conn.send(view[at:at + (1 << 18)])
    conn.send(tail)
    got = conn.getresponse()
    got.read()
    if got.status != 201:
        sys.exit(f'the upload was answered {got.status}')
    return (len(film) >> 20) / (time.monotonic() - start)


def large(site):
    alone, reader = Reader(site), Reader(site)
    with alone:
        time.sleep(4)
    print(f'another client, no upload:     {alone.figures()}')
    rates, before = [], memory(site, 'VmRSS')
    peaks_back(site)
    for i in range(ROUNDS):
        film = mp4(MB << 20, i)
        with reader:
            rates.append(send(site, film))
    peak, after = memory(site, 'VmHWM'), memory(site, 'VmRSS')
    print(f'another client, {MB} MB coming:  {reader.figures()}')
    print(f'{ROUNDS} uploads of {MB} MB: {statistics.median(rates):.0f} MB/s [{min(rates):.0f}-{max(rates):.0f}]')
    print(f'largest worker: {before:.1f} MiB before, {peak:.1f} at most, {after:.1f} after')
    return alone.failed + reader.failed


def photos(site, clients):
    """Creates with a picture each, 640x480, another one each time."""
    bodies = [multipart([('content', f'Photo {clients}-{i}'), ('photo', 'p.png', 'image/png', png(640, 480, clients * PHOTOS + i))]) for i in range(PHOTOS)]
    took, bad, lock = [], [], threading.Lock()

    def post():
        conn = http.client.HTTPConnection('localhost', site.port, timeout=60)
        while True:
            with lock:
                if not bodies:
                    return
                kind, body = bodies.pop()
            start = time.monotonic()
            conn.request('POST', '/micropub', body, {**site.auth(), 'Content-Type': kind})
            got = conn.getresponse()
            got.read()
            took.append((time.monotonic() - start) * 1000)
            if got.status != 201:
                bad.append(got.status)
    threads = [threading.Thread(target=post) for _ in range(clients)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = statistics.quantiles(took, n=100)
    print(f'photo posts, {clients:2} clients: {PHOTOS / (time.monotonic() - start):6.1f} a second, p50 {cuts[49]:6.1f} ms, p99 {cuts[98]:6.1f} ms, {len(bad)} failed {sorted(set(bad)) or ""}')
    return len(bad)


def main():
    with Site('nginx', quiet_front=True, max_media_size=f'{MB + 1}MiB', front_args=('--max-media', str(MB + 20))) as site:
        site.note = site.post('A note to read', **{'mp-slug': 'read'})
        failed = photos(site, 1) + photos(site, 8) + large(site)
        sys.exit(1 if failed else 0)


if not os.path.exists(PROGRAM):
    sys.exit('build first: make')
main()
