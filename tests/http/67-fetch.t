#!/usr/bin/env python3
"""Asking others: starpunk-fetch against servers that lie, drip and redirect, and the courier that uses it."""

import http.server
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zlib
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import BUILD, SRC, Site, Tap, fronts, wait_for

HELPER = os.path.join(BUILD, 'starpunk-fetch')
SITE = 'https://ada.example/'
CERTIFICATE = os.path.join(SRC, 'tests', 'fixtures', 'tls', 'self-signed.pem')
PICTURE = os.path.join(SRC, 'tests', 'fixtures', 'images', 'photo.jpg')

APP_PAGE = '''<!doctype html><title>An app</title><link rel="redirect_uri" href="/cb">
<link rel="stylesheet REDIRECT_URI" href="myapp://cb"><link rel="redirect_uri" href="javascript:alert(1)">
<div class="x h-app"><img src="logo.png" alt="" class="u-logo"><a href="/" class="u-url p-name"> My
 &lt;b&gt;App&lt;/b&gt; </a></div>'''
HOSTILE_NAME = 'Good\u202eppA\u0007 \u2066<script>' + 'x' * 5000


def chunk(data):
    return b'%x\r\n%s\r\n' % (len(data), data)


class Others(http.server.BaseHTTPRequestHandler):
    """Every kind of stranger, by path."""

    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def own(self, path='/'):
        return f'http://127.0.0.1:{self.server.server_port}{path}'

    def answer(self, body, kind='text/html', status=200, **headers):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.send_header('Connection', 'close')
        for name, value in headers.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, to):
        self.answer('', status=302, Location=to)

    def metadata(self, **more):
        self.answer(json.dumps({'client_id': self.own(self.path), **more}), 'application/json; charset=utf-8')

    def endless(self, pause):
        self.send_response(200)
        self.send_header('Content-Type', 'text/html')
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        for _ in range(100000):
            self.wfile.write(chunk(b'x' if pause else b'x' * 4096))
            if self.server.over.wait(pause):
                break

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers), self.client_address))
        self.close_connection = True
        name, _, rest = self.path[1:].partition('/')
        try:
            getattr(self, f'at_{name}', lambda rest: self.answer('', status=404))(rest)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def at_app(self, rest):
        self.answer(APP_PAGE, Cache_Control='max-age=600', Link='<cb2>; rel="x redirect_uri", <no>; rel=next')

    def at_json(self, rest):
        self.metadata(client_name='An app', client_uri=self.own('/'), logo_uri=self.own('/logo'),
                      redirect_uris=[self.own('/cb'), 'myapp:/cb', 'data:text/html,x', 7])

    def at_elsewhere(self, rest):
        self.metadata(client_name='An app', client_uri='https://bank.example/')

    def at_foreign(self, rest):
        self.answer(json.dumps({'client_id': 'https://other.example/', 'client_name': 'Other'}), 'application/json')

    def at_hostile(self, rest):
        self.metadata(client_name=HOSTILE_NAME, logo_uri='javascript:alert(1)')

    def at_logo(self, rest):
        with open(PICTURE, 'rb') as f:
            self.answer(f.read(), 'image/jpeg')

    def at_hop(self, rest):
        self.redirect(f'/hop/{int(rest) - 1}' if int(rest) > 1 else '/app')

    def at_loop(self, rest):
        self.redirect('/loop')

    def at_to(self, rest):
        self.redirect(urllib.parse.unquote(rest))

    def at_large(self, rest):
        self.answer(b'x' * 10_000_000)

    def at_head(self, rest):
        self.answer('', X='y' * 60000)

    def at_endless(self, rest):
        self.endless(0)

    def at_drip(self, rest):
        self.endless(0.05)

    def at_silent(self, rest):
        self.server.over.wait(60)

    def at_bomb(self, rest):
        gzip = zlib.compressobj(9, zlib.DEFLATED, 31)
        body = gzip.compress(b'<p>' * 10_000_000) + gzip.flush()
        self.answer(body, Content_Encoding='gzip')

    def at_nested(self, rest):
        self.answer('<div>' * 13000)

    def at_attributes(self, rest):
        self.answer('<p ' + ' '.join(f'a{i}' for i in range(9000)) + '>')

    def at_status(self, rest):
        self.answer('<p>', status=int(rest))

    def at_pdf(self, rest):
        self.answer('%PDF', 'application/pdf')

    def at_broken(self, rest):
        self.answer('{"client_id":', 'application/json')

    def at_bytes(self, rest):
        self.answer(b'<p class="h-app">\xff\xfe\x00<b class="p-name">A\xffB</b>')


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address='127.0.0.1'):
        super().__init__((address, 0), Others)
        self.seen = []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path, host='127.0.0.1'):
        return f'http://{host}:{self.server_port}{path}'

    def paths(self):
        return [path for path, _, _ in self.seen]

    def end(self):
        self.over.set()
        self.shutdown()
        self.server_close()


def fetch(url, allow='127.0.0.1', mode='client', env=None, request_id=''):
    """What the program answers; None if it failed itself."""
    done = subprocess.run([HELPER, mode, url, SITE, allow, request_id], capture_output=True, timeout=60, check=False,
                          env=dict(os.environ, **(env or {})))
    return json.loads(done.stdout) if done.returncode == 0 else None


def problem(url, **how):
    answer = fetch(url, **how)
    return answer['problem'] if answer else 'no answer'


def documents(t, server):
    got = fetch(server.url('/app'))
    t.eq(got['name'], 'My <b>App</b>', 'the name of an h-app is its text on one line')
    t.eq((got['home'], got['logo']), (server.url('/'), server.url('/logo.png')), 'its addresses are absolute')
    t.eq(got['redirect_uris'].split(), [server.url('/cb2'), server.url('/cb'), 'myapp://cb'],
         'redirect URIs come from the Link header and from links, none that runs code')
    t.eq((got['status'], got['max_age'], got['url']), (200, 600, server.url('/app')), 'and how long it holds')
    got = fetch(server.url('/json'))
    t.eq((got['name'], got['home'], got['logo']), ('An app', server.url('/'), server.url('/logo')), 'a JSON document')
    t.eq(got['redirect_uris'].split(), [server.url('/cb'), 'myapp:/cb'], 'with its redirect URIs')
    t.eq(fetch(server.url('/elsewhere'))['home'], '', 'a client_uri that the client_id does not begin with is left out')
    got = fetch(server.url('/foreign'))
    t.eq((got['problem'], got['name']), ('document', ''), 'a document of another client_id is ignored')
    got = fetch(server.url('/hostile'))
    t.eq(got['name'], ('GoodppA <script>' + 'x' * 100)[:100], 'a name loses what turns text round, and is cut')
    t.eq(got['logo'], '', 'a logo that is no address is left out')
    t.eq(fetch(server.url('/bytes'))['name'], 'A\ufffdB', 'bytes that are no text are replaced')
    for path, word in (('pdf', 'type'), ('broken', 'document'), ('status/404', 'status'), ('status/500', 'status')):
        t.eq(problem(server.url(f'/{path}')), word, f'/{path}: {word}')


def manners(t, server):
    server.seen.clear()
    proxy = {'http_proxy': 'http://127.0.0.1:9/', 'HTTP_PROXY': 'http://127.0.0.1:9/', 'all_proxy': 'http://127.0.0.1:9/'}
    t.eq(problem(server.url('/to//app'), env=proxy), '', 'no proxy is asked')
    for _, headers, _ in server.seen:
        t.eq(sorted(headers), ['Accept', 'Accept-Encoding', 'Host', 'User-Agent'], 'nothing but the request is sent')
        t.has(headers['User-Agent'], f'(+{SITE})', 'which says who asks')
        t.eq(headers['Accept-Encoding'], 'identity', 'and wants no encoding')
    server.seen.clear()
    fetch(server.url('/to//app'), request_id='0123456789abcdef')
    t.eq([h.get('X-Request-ID') for _, h, _ in server.seen], ['0123456789abcdef'] * len(server.seen), 'the request for which somebody is asked is named')
    t.ok(len(server.seen) > 1, 'at each redirect')
    t.eq(fetch('http://u:p@127.0.0.1:1/'), None, 'an address with a user is not asked')
    t.eq(fetch('file:///etc/passwd'), None, 'nor a file')


def places(t, server, private):
    """Where it does not go, however it is led there."""
    ways = {
        'an address': private.url('/', '127.0.0.2'),
        'a short address': private.url('/', '127.2'),
        'a number': private.url('/', '2130706434'),
        'a hexadecimal address': private.url('/', '0x7f.0.0.2'),
        'IPv4 in IPv6': private.url('/', '[::ffff:127.0.0.2]'),
    }
    for what, url in ways.items():
        t.eq(problem(url), 'address', f'{what} of loopback is not asked')
        t.eq(problem(server.url('/to/' + urllib.parse.quote(url))), 'address', f'nor when a redirect leads to {what}')
    t.eq(private.seen, [], 'nobody has heard of it there')
    for name in ('localhost', '127.0.0.1'):
        t.eq(problem(server.url('/app', name), allow=''), 'address', f'{name} is not asked if nothing allows it')
    for url in ('http://10.1.2.3/', 'http://169.254.169.254/', 'http://[fe80::1]/', 'http://[::]/', 'http://0/'):
        t.eq(problem(url), 'address', f'{url} is not asked')
    for to in ('file:///etc/passwd', 'gopher://127.0.0.1/', '//u@127.0.0.1/', '/\\127.0.0.1/', ''):
        t.eq(problem(server.url('/to/' + urllib.parse.quote(to))), 'redirects', f'a redirect to {to!r} is not followed')
    t.eq(problem('http://no-such-name.invalid/'), 'name', 'a name that is nobody\'s')
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        t.eq(problem(f'http://127.0.0.1:{s.getsockname()[1]}/'), 'connect', 'a port where nobody listens')


def redirects(t, server):
    t.eq(problem(server.url('/hop/5')), '', 'five redirects are followed')
    server.seen.clear()
    t.eq(problem(server.url('/hop/6')), 'redirects', 'six are not')
    t.eq(problem(server.url('/loop')), 'redirects', 'nor is a circle')
    t.eq(len(server.seen), 12, 'and it is left after six requests')
    got = fetch(server.url('/to//app'))
    t.eq((got['url'], got['logo']), (server.url('/app'), server.url('/logo.png')), 'addresses are relative to where it ends')
    t.ok(got['redirect_uris'], 'redirect URIs from the same host count')
    got = fetch(server.url('/to/' + server.url('/app', 'localhost')), allow='127.0.0.1, ::1')
    t.eq((got['name'], got['redirect_uris']), ('My <b>App</b>', ''), 'those from another host do not')


def excess(t, server):
    """Those that cost time are asked at once."""
    wanted = {'large': 'large', 'endless': 'large', 'head': 'large', 'drip': 'timeout', 'silent': 'timeout',
              'bomb': 'type', 'nested': '', 'attributes': ''}
    with ThreadPoolExecutor(len(wanted)) as pool:
        got = dict(zip(wanted, pool.map(lambda path: problem(server.url(f'/{path}')), wanted)))
    for path, word in wanted.items():
        good = ('', 'document') if path in ('nested', 'attributes') else (word,)
        t.ok(got[path] in good, f'/{path} ends by {word or "being read or given up"}', got[path])


def file_mode(t, server):
    with tempfile.TemporaryFile() as out:
        done = subprocess.run(['sh', '-c', f'exec "$0" file "$1" {SITE} 127.0.0.1 "" 3>&1 >&2', HELPER, server.url('/logo')],
                              stdout=out, stderr=subprocess.PIPE, check=False)
        out.seek(0)
        with open(PICTURE, 'rb') as f:
            t.eq(out.read() == f.read(), True, 'a file comes byte for byte')
    t.eq(json.loads(done.stderr)['problem'], '', 'with an answer beside it')


def certificates(t, server):
    t.eq(problem(server.url('/app').replace('http:', 'https:')), 'tls', 'what speaks no TLS is not asked without it')
    secure = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    t.eq(problem(secure.url('/app').replace('http:', 'https:')), 'tls', 'nor who has signed his own certificate')
    t.eq(secure.seen, [], 'he has not even heard what for')
    secure.end()


def jail(t, server):
    done = subprocess.run([HELPER, 'probe'], capture_output=True, check=False)
    t.eq(done.returncode, -signal.SIGSYS, 'opening a file in its jail kills it')


# ---- in a site -----------------------------------------------------------------------------------

def ask(site, client_id, request_id=''):
    """What the authorization endpoint leaves behind. Gives the row's id."""
    import sqlite3
    now = int(time.time())
    db = sqlite3.connect(os.path.join(site.dir, 'starpunk.db'), timeout=10)
    with db:
        row = db.execute(
            'INSERT INTO client (client_id, state, name, url, logo_url, logo, redirect_uris, problem, asked, fetched,'
            " expires, kept) VALUES (?, 0, '', '', '', '', '', '', ?, 0, 0, 0)", (client_id, now)).lastrowid
        db.execute("INSERT INTO job (kind, subject, due, attempts, problem, created, request) VALUES ('client', ?, ?, 0, '', ?, ?)",
                   (row, now, now, request_id))
    db.close()
    return row


def client(site, row, columns):
    return site.sqlite(f'SELECT {columns} FROM client WHERE id = {row}')[0]


def jobs(site):
    return json.loads(site.starpunk('jobs', 'list', '--json').stdout)


def courier(t, server, site):
    server.seen.clear()
    row = ask(site, server.url('/json'))
    t.ok(wait_for(lambda: client(site, row, 'state')[0] == 1), 'the courier looks an application up')
    t.eq(client(site, row, 'name, url'), ('An app', server.url('/')), 'and keeps what it says')
    pictures = site.config['media_helper']
    t.ok(wait_for(lambda: client(site, row, 'logo_url')[0] == ''), 'its logo is looked at, too')
    logo = client(site, row, 'logo')[0]
    t.ok(logo.startswith('data:image/webp;base64,') if pictures else logo == '', 'and kept as a small picture', logo[:60])
    t.ok(site.wait_log('client_fetched', client=server.url('/json')), 'it is logged')
    t.ok(all('X-Request-ID' not in h for _, h, _ in server.seen), 'what nobody asked for by a request names none')
    row = ask(site, server.url('/json?again'), 'fedcba9876543210')
    t.ok(site.wait_log('client_fetched', request_id='fedcba9876543210') or site.wait_log('client_failed', request_id='fedcba9876543210'),
         'a job is logged under the id of the request that ordered it')
    t.ok(any(h.get('X-Request-ID') == 'fedcba9876543210' for _, h, _ in server.seen), 'and who is asked is told')
    row = ask(site, 'http://127.0.0.2/')
    t.ok(wait_for(lambda: client(site, row, 'state')[0] == 2), 'what must not be asked has failed')
    t.eq(client(site, row, 'problem, name'), ('address', ''), 'with the reason')
    fetched, expires = client(site, row, 'fetched, expires')
    t.eq(expires - fetched, 300, 'and is not asked again for five minutes')
    t.ok(site.wait_log('client_failed', problem='address'), 'that is logged')
    t.ok(wait_for(lambda: jobs(site) == []), 'a failure is a state and no job that comes again')


def walls(t, site):
    def filters(pid):
        with open(f'/proc/{pid}/status', encoding='ascii') as f:
            return int(re.search(r'Seccomp_filters:\t(\d+)', f.read())[1])
    common = filters(site.process.pid)
    t.ok(all(filters(pid) == common + 1 for pid in site.workers()), 'workers have given up the network')
    with open(f'/proc/{site.workers()[0]}/maps', encoding='ascii') as f:
        t.ok('libcurl' not in f.read(), 'and carry no HTTP client')
    courier = [w['pid'] for w in site.stats()['workers'] if w.get('role') == 'courier']
    t.ok(all(filters(pid) == common for pid in courier), 'the courier has it')


def pictures():
    helper = os.path.join(BUILD, 'starpunk-media')
    with open(PICTURE, 'rb') as f:
        done = subprocess.run(['sh', '-c', f'exec "{helper}" prepare 1 1 3>/dev/null'], stdin=f, capture_output=True, check=False)
    return '' if done.stdout.startswith(b'no pictures') else helper


with Tap() as t:
    server, private = Server(), Server('127.0.0.2')
    for check in (documents, manners, redirects, excess, file_mode, certificates, jail):
        check(t, server)
    places(t, server, private)
    with Site(fronts()[0], fetch_allow='127.0.0.1', fetch_helper=HELPER, media_helper=pictures()) as site:
        courier(t, server, site)
        walls(t, site)
    server.end()
    private.end()
