#!/usr/bin/env python3
"""The benchmark: StarPunk beside the least that a FastCGI program can do (minimal.c), behind one nginx.

Every case runs both in turn, A B A B …; a figure is the median over the rounds, a ratio the median of
the rounds' ratios. Absolute rates say something about this machine only; ratios carry over.

    make bench [BENCH_ROUNDS=5] [BENCH_SECONDS=2] [BENCH_ONLY='part of a case's name']
"""

import contextlib
import http.client
import os
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'lib'))
from load import ONLY, ROUNDS, SECONDS, lua_post, wrk
from starpunk import BUILD, PROGRAM, SRC, Site, free_port, wait_for

POSTS = os.environ.get('BENCH_POSTS', '1000')


class Bench:
    def __init__(self, site):
        self.site = site
        self.base = f'http://127.0.0.1:{site.port}'
        self.rows = []
        self.failed = 0

    def same_rows(self):
        """The yardstick's 20 newest rows say what our 20 newest posts say."""
        newest = self.site.sqlite('select slug, published, html from post order by published desc, id desc limit 20')
        with contextlib.closing(sqlite3.connect(f'{self.site.dir}/minimal.db', timeout=10)) as db, db:
            db.executemany('insert or replace into note(slug, created, body) values (?, ?, ?)', newest)

    def start_minimal(self):
        """The yardstick gets our own pages' bytes and a second server of the same nginx."""
        site, d = self.site, self.site.dir
        pages = []
        for name, path in (('/home', '/'), ('/note', self.note), ('/feed', '/feed.atom')):
            file = f'{d}/page{name.replace("/", "-")}'
            with open(file, 'wb') as f:
                f.write(site.get(path).body)
            pages.append(f'{name}={file}')
        self.minimal = subprocess.Popen([os.path.join(BUILD, 'tests/bench/minimal'), f'{d}/run/minimal.sock', f'{d}/minimal.db', *pages],
                                        start_new_session=True)
        self.port = free_port()
        self.other = f'http://127.0.0.1:{self.port}'
        with open(f'{SRC}/etc/nginx/starpunk-locations.conf', encoding='utf-8') as f:
            shipped = f.read()
        with open(f'{d}/minimal-locations.conf', 'w', encoding='utf-8') as f:
            f.write(shipped.replace('$starpunk_upstream', '$minimal_upstream'))
        with open(f'{d}/nginx.conf', encoding='utf-8') as f:
            conf = f.read().rstrip().rstrip('}')
        with open(f'{d}/nginx.conf', 'w', encoding='utf-8') as f:
            f.write(conf + f'''
	upstream minimal {{
		server unix:{d}/run/minimal.sock max_fails=0;
		server unix:{d}/run/minimal.sock max_fails=0;
		keepalive 32;
		keepalive_timeout 50s;
	}}
	upstream minimal_once {{
		server unix:{d}/run/minimal.sock;
	}}
	map $request_method $minimal_upstream {{
		default minimal_once;
		GET minimal;
		HEAD minimal;
	}}
	server {{
		listen 127.0.0.1:{self.port} backlog=4096;
		access_log off;
		set $starpunk_static {SRC}/share/static;
		set $starpunk_theme /nonexistent;
		set $starpunk_media {d}/media;
		include {d}/minimal-locations.conf;
	}}
}}
''')
        subprocess.run([f'{SRC}/tools/front', 'reload', d], check=True)

        def answers():
            try:
                conn = http.client.HTTPConnection('127.0.0.1', self.port, timeout=2)
                conn.request('GET', '/sql')
                return conn.getresponse().status == 200
            except OSError:
                return False
        if not wait_for(answers, 10):
            raise RuntimeError('the yardstick does not answer')
        self.same_rows()

    def introduce(self):
        """Requests of who is known, and what that costs in statements: the pages need none themselves. While the log is short."""
        self.known = {'a session': ('/admin/micropub', {'Cookie': self.site.sign_in()}),
                      'a token': ('/micropub?q=syndicate-to', {'Authorization': f'Bearer {self.site.token}'})}
        self.extra = {who: self.count(path, headers) - self.count(path, {}) for who, (path, headers) in self.known.items()}

    def count(self, path, headers):
        """The statements of the second of two requests: the first may write down when it was."""
        for _ in range(2):
            request_id = self.site.get(path, headers).header('X-Request-ID')
        return self.site.wait_log('request', request_id=request_id)[-1]['db_queries']

    def stop_minimal(self):
        os.killpg(self.minimal.pid, signal.SIGTERM)
        self.minimal.wait(10)

    def pair(self, name, ours, theirs, aim=None, headers=None, lua=(None, None), clients=32):
        """One case: both sides in turn; headers go with ours."""
        if ONLY not in name:
            return
        a, b = [], []
        # The first of each fills caches and opens connections; nginx's workers of before the last reload go.
        for _ in range(1 + ROUNDS):
            a.append(wrk(self.base + ours, clients, lua[0], headers))
            b.append(wrk(self.other + theirs, clients, lua[1]))
        del a[0], b[0]
        ratio = [x['rate'] / y['rate'] for x, y in zip(a, b)]

        def mid(rows, key):
            return statistics.median(r[key] for r in rows)
        bad = sum(r['bad'] + r['errors'] for r in a)
        self.rows.append((name, mid(a, 'rate'), mid(b, 'rate'), statistics.median(ratio), min(ratio), max(ratio),
                          mid(a, 'p50'), mid(a, 'p99'), bad, aim))
        print(f'{name:34} {mid(a, "rate"):9.0f} {mid(b, "rate"):9.0f}   {statistics.median(ratio):5.2f} '
              f'[{min(ratio):.2f}-{max(ratio):.2f}] {"" if aim is None else f"aim {aim:.2f}":9} '
              f'{mid(a, "p50"):7.2f} {mid(a, "p99"):8.2f} {bad:6d}', flush=True)

    def front_cache(self):
        """nginx's own cache beside nginx's own files: of an ordinary page, and of one that fills several packets."""
        site, d = self.site, self.site.dir
        with open(f'{SRC}/etc/nginx/starpunk-cache-http.conf', encoding='utf-8') as f:
            shipped = f.read()
        with open(f'{d}/starpunk-cache-http.conf', 'w', encoding='utf-8') as f:
            f.write(shipped.replace('/var/lib/nginx/starpunk', f'{d}/cache'))
        with open(f'{d}/nginx.conf', encoding='utf-8') as f:
            conf = f.read()
        for part, more in (('starpunk-http.conf', f'{d}/starpunk-cache-http.conf'),
                           ('starpunk-locations.conf', f'{SRC}/etc/nginx/starpunk-cache.conf')):
            line = f'include {SRC}/etc/nginx/{part};'
            conf = conf.replace(line, f'{line}\n\tinclude {more};', 1)
        with open(f'{d}/nginx.conf', 'w', encoding='utf-8') as f:
            f.write(conf)
        subprocess.run([f'{SRC}/tools/front', 'reload', d], check=True)
        site.write_config(cache_max_age='10s')
        site.process.send_signal(signal.SIGHUP)
        if not wait_for(lambda: site.get('/') and site.get('/').header('Cache-Status') == 'nginx; hit', 20):
            raise RuntimeError('nginx keeps no page')
        for name, path in (('home', '/'), ('long page', '/articles')):
            with open(f'{site.dir}/media/{name.replace(" ", "-")}.jpg', 'wb') as f:
                f.write(site.get(path).body)
            self.pair(f"{name} of nginx's cache / its file", path, f'/media/{name.replace(" ", "-")}.jpg', aim=0.7)
        site.write_config(cache_max_age='0')


def pss(pid):
    with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as f:
        return next(int(line.split()[1]) for line in f if line.startswith('Pss:')) / 1024


def cold_start(site):
    """Milliseconds from exec to the first answer, spoken straight to the socket."""
    import struct

    def record(kind, content=b''):
        return struct.pack('>BBHHBB', 1, kind, 1, len(content), 0, 0) + content
    params = b''.join(bytes([len(k), len(v)]) + k + v for k, v in (
        (b'REQUEST_METHOD', b'GET'), (b'REQUEST_URI', b'/health'), (b'HTTP_HOST', f'localhost:{site.port}'.encode()), (b'REMOTE_ADDR', b'127.0.0.1')))
    ask = record(1, struct.pack('>HB5x', 1, 0)) + record(4, params) + record(4) + record(5)
    start = time.monotonic()
    site.start_program()
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(site.socket)
                s.sendall(ask)
                if b'Status: 200' in s.recv(4096):
                    return (time.monotonic() - start) * 1000
        except OSError:
            time.sleep(0.0005)


def fill(site):
    subprocess.run([os.path.join(BUILD, 'tests/bench/fill'), site.conf, POSTS], check=True)


def main():
    print(f'{ROUNDS} rounds of {SECONDS} s in turn, 32 clients unless said, {POSTS} posts, nginx, 2 workers')
    print(f'{"case":34} {"ours/s":>9} {"least/s":>9}   {"ratio":5} {"[min-max]":11} {"":9} {"p50 ms":>7} {"p99 ms":>8} {"failed":>6}')
    common = {'quiet_front': True, 'log_level': 'info'}
    with Site('nginx', start=False, **common) as site:
        site.init()
        site.token = site.make_token('create')
        fill(site)
        cold = []
        for _ in range(5):
            cold.append(cold_start(site))
            site.stop_program()
        site.start()
        bench = Bench(site)
        bench.note = re.search(r'href="[^"]*(/note/[^"]+)"', site.get('/').text).group(1)
        bench.introduce()
        bench.start_minimal()
        try:
            bench.pair('home, cached', '/', '/home', aim=0.75)
            bench.pair('permalink, cached', bench.note, '/note')
            bench.pair('home, 304', '/', '/304', headers={'If-None-Match': site.get('/').header('ETag')})
            bench.pair('Atom feed / its bytes', '/feed.atom', '/feed')
            bench.pair('Atom feed / SELECT of 20', '/feed.atom', '/sql')
            for who, (path, headers) in bench.known.items():
                bench.pair(f'request with {who} / SELECT of 20', path, '/sql', headers=headers)
            site.write_config(page_cache_size='0')
            site.process.send_signal(signal.SIGHUP)
            time.sleep(2)
            bench.pair('home, uncached / SELECT of 20', '/', '/sql', aim=0.6)
            bench.pair('permalink, uncached / its bytes', bench.note, '/note')
            memory = max(pss(pid) for pid in site.workers())
            site.write_config(page_cache_size='8MiB')
            site.process.send_signal(signal.SIGHUP)
            time.sleep(2)
            lua = (lua_post(f'{site.dir}/ours.lua', '/micropub', site.token), lua_post(f'{site.dir}/least.lua', '/insert', 'x'))
            bench.pair('Micropub create, 1 client / INSERT', '/micropub', '/insert', aim=0.5, clients=1, lua=lua)
            bench.pair('Micropub create, 16 clients / INSERT', '/micropub', '/insert', aim=0.5, clients=16, lua=lua)
            bench.front_cache()
        finally:
            bench.stop_minimal()
        print(f'worker memory (PSS, largest): {memory:.1f} MiB (aim 16)')
        print(f'cold start to the first answer: {statistics.median(cold):.1f} ms [{min(cold):.1f}-{max(cold):.1f}] (aim 30)')
        print('statements to be known by: ' + ', '.join(f'{n} for {who}' for who, n in bench.extra.items()) + ' (aim 1)')
        costly = max(bench.extra.values()) > 1
        failed = bench.failed + sum(row[8] for row in bench.rows)
        print(f'failed requests: {failed}')
        sys.exit(1 if failed or costly else 0)


if not os.path.exists(PROGRAM):
    sys.exit('build first: make')
main()
