#!/usr/bin/env python3
"""starpunk doctor: finds nothing on a site that is well, and each fault that is made, with its remedy."""

import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import BUILD, SRC, Site, Tap, fronts, wait_for

CERTIFICATE = os.path.join(SRC, 'tests', 'fixtures', 'tls', 'self-signed.pem')

# What is made wrong in a copy of the shipped file, per front server.
BROKEN = {
    'nginx': ('starpunk-locations.conf', [
        ('fastcgi_param HTTP_HOST $http_host;', 'fastcgi_param HTTP_HOST other.example; fastcgi_param HTTP_AUTHORIZATION ""; '
                                                'fastcgi_param HTTP_IF_NONE_MATCH "\\"other\\"";'),
        ('fastcgi_param REQUEST_ID $request_id;', ''),
        ('client_max_body_size 2m;', 'client_max_body_size 100k;'),
        ('client_max_body_size 66m;', 'client_max_body_size 1m;'),
        ('location ^~ /static/ {', 'location ^~ /elsewhere/ {'),
        ('location ~ ^/static/', 'location ~ ^/elsewhere/'),
    ]),
    'apache': ('starpunk-site.conf', [
        ('CGIPassAuth On', 'CGIPassAuth Off'),
        ('RequestHeader unset Proxy early', 'RequestHeader set Host other.example\nRequestHeader set If-None-Match "other"'),
        ('-gt 2097152', '-gt 102400'),
        ('69206016', '1048576'),
        ('ProxyPass "/static/" "!"', ''),
    ]),
}


class Doctor:
    """What one run of the command said."""

    def __init__(self, site, *args, env=None):
        done = subprocess.run([os.path.join(BUILD, 'starpunk'), '--config', site.conf, 'doctor', '--json', *args],
                              env={**site.env, **(env or {})}, capture_output=True, text=True, timeout=60, check=False)
        self.status = done.returncode
        self.raw = done.stdout + done.stderr
        self.json = json.loads(done.stdout)

    def of(self, check, level=None):
        return [f for f in self.json['findings'] if f['check'] == check and level in (None, f['level'])]

    def has(self, check, level, text):
        return any(text in f['finding'] and f.get('remedy') for f in self.of(check, level))


def found(t, doctor, check, level, text, name):
    t.ok(doctor.has(check, level, text), name, [f for f in doctor.json['findings'] if f['level'] != 'ok'])


def break_front(site):
    """Has the front server read a copy of the shipped file in which several things are wrong."""
    name, changes = BROKEN[site.front]
    shipped = os.path.join(SRC, 'etc', site.front, name)
    with open(shipped, encoding='utf-8') as f:
        text = f.read()
    for old, new in changes:
        if old not in text:
            raise RuntimeError(f'{name} has no {old!r}')
        text = text.replace(old, new)
    copy = os.path.join(site.dir, name)
    with open(copy, 'w', encoding='utf-8') as f:
        f.write(text)
    conf = os.path.join(site.dir, f'{site.front}.conf')
    with open(conf, encoding='utf-8') as f:
        text = f.read().replace(shipped, copy).replace(f'{site.dir}/media', f'{site.dir}/other')
    with open(conf, 'w', encoding='utf-8') as f:
        f.write(text)
    os.mkdir(f'{site.dir}/other')
    subprocess.run([os.path.join(SRC, 'tools', 'front'), 'reload', site.dir], check=True)


def check_front(t, site):
    front = site.front
    well = Doctor(site)
    t.ok(well.status == 0 and well.json['errors'] == 0 and well.json['warnings'] == 0,
         f'{front}: a site that is well has no errors and no warnings', well.raw)
    for check in ('site-url', 'authorization', 'host', 'headers', 'request-id', 'client-address', 'request-uri', 'body-limit',
                  'upload-limit', 'static-files', 'media-files', 'socket', 'database', 'courier'):
        t.ok(well.of(check, 'ok') and len(well.of(check)) == len(well.of(check, 'ok')), f'{front}: {check} is looked at and well')
    t.eq([n for n in os.listdir(f'{site.dir}/media') if not n.startswith('.')], [], f'{front}: nothing is left in media_path')
    t.ok(not site.log('request', route='doctor', status=404), f'{front}: the program knew each of its passes')
    break_front(site)
    last = []

    def reloaded():
        last[:] = [Doctor(site)]
        return last[0].has('authorization', 'error', 'does not arrive') and last[0].has('media-files', 'error', '404')
    wait_for(reloaded, 20)
    bad = last[0]
    found(t, bad, 'authorization', 'error', 'Authorization does not arrive', f'{front}: a dropped Authorization is found')
    found(t, bad, 'host', 'error', "sees 'other.example'", f'{front}: another Host is found')
    found(t, bad, 'headers', 'error', 'If-None-Match is changed', f'{front}: a changed header is found')
    found(t, bad, 'body-limit', 'error', 'refused with 413', f'{front}: a body limit below ours is found')
    found(t, bad, 'upload-limit', 'error', 'refused with 413', f'{front}: an upload limit below ours is found')
    found(t, bad, 'static-files', 'error', 'passed on to the program', f'{front}: static files that reach the program are found')
    found(t, bad, 'media-files', 'error', 'answered with 404', f'{front}: a /media/ that leads elsewhere is found')
    if front == 'nginx':
        found(t, bad, 'request-id', 'warning', 'sends none', 'nginx: a request id that is not sent is found')
    t.eq(bad.status, 1, f'{front}: the exit status says that there are errors')
    t.ok(bad.of('site-url', 'ok'), f'{front}: it is still known to be this site')


# ---- what answers at the address --------------------------------------------------------------

class Other(http.server.BaseHTTPRequestHandler):
    """Somebody else's server, or with server.to a proxy whose clock is wrong."""

    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(time.time() - self.server.behind)

    def do_GET(self):
        body, status = b'<h1>Hello</h1>', 200
        if self.server.to:
            sent = self.rfile.read(int(self.headers.get('Content-Length') or 0))
            request = urllib.request.Request(self.server.to + self.path, sent or None, dict(self.headers), method=self.command)
            try:
                with urllib.request.urlopen(request) as answer:
                    body, status = answer.read(), answer.status
            except urllib.error.HTTPError as e:
                body, status = e.read(), e.code
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET


@contextlib.contextmanager
def other(to=None, behind=0, tls=False):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Other)
    server.to, server.behind = to, behind
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f'{"https" if tls else "http"}://localhost:{server.server_port}/'
    finally:
        server.shutdown()
        server.server_close()


def check_address(t, site):
    with other() as url:
        bad = Doctor(site, '--url', url)
        found(t, bad, 'site-url', 'error', 'is not this site', 'a foreign server at the address is found')
        t.ok(not bad.of('authorization'), 'what cannot be known behind it is not claimed')
        t.eq(bad.json['url'], url, 'the report names the address')
    found(t, Doctor(site, '--url', url), 'front-server', 'error', 'no server answers', 'nobody at the address is found')
    with other(to=site.url.rstrip('/'), behind=3600) as url:
        found(t, Doctor(site, '--url', url), 'clock', 'error', 'it differs by', 'a clock that differs by an hour is found')
    with other(tls=True) as url:
        found(t, Doctor(site, '--url', url), 'certificate', 'error', url, 'a certificate that is not good is found')
    open_air = Doctor(site, '--url', f'http://0.0.0.0:{site.port}/')
    found(t, open_air, 'https', 'warning', 'without encryption', 'passwords that would travel in the clear are found')
    t.eq(site.starpunk('doctor', '--url', 'nonsense', check=False).returncode, 2, 'an address that is none is wrong usage')


def check_strangers(t, site):
    t.eq(site.get('/health/doctor').status, 404, 'strangers find nothing at /health/doctor')
    forged = 'starpunk-doctor=' + 'A' * 75
    t.eq(site.get(f'/health/doctor?{forged}').status, 404, 'nor with a pass of their own making')
    t.has(site.get(f'/?{forged}').text, 'Test site', 'and other addresses answer as ever')


# ---- files ------------------------------------------------------------------------------------

@contextlib.contextmanager
def mode(path, bits):
    before = os.stat(path).st_mode & 0o7777
    os.chmod(path, bits)
    try:
        yield
    finally:
        os.chmod(path, before)


def check_files(t, site):
    found(t, Doctor(site), 'configuration-file', 'note', 'anybody may read it', 'a configuration for everybody to read is noted')
    picture = f'{site.dir}/media/ab'
    os.mkdir(picture)
    open(f'{picture}/picture.jpg', 'w', encoding='ascii').close()
    with mode(site.conf, 0o666), mode(f'{site.dir}/starpunk.db', 0o644), mode(f'{site.dir}/starpunk.key', 0o640), \
            mode(f'{picture}/picture.jpg', 0o600):
        bad = Doctor(site)
    found(t, bad, 'configuration-file', 'error', 'anybody may write it (mode 0666)', 'a configuration for everybody to write is found')
    found(t, bad, 'database-files', 'warning', 'starpunk.db: anybody may read it', 'a database for everybody to read is found')
    found(t, bad, 'key', 'error', 'mode 0640', 'a key that others may read is found')
    found(t, bad, 'media-files', 'warning', 'such as picture.jpg', 'media that the front server cannot read are found')
    shutil.rmtree(picture)
    os.utime(site.conf, (time.time() + 5, time.time() + 5))
    found(t, Doctor(site), 'reload', 'warning', 'has been changed since', 'a configuration newer than the program is found')
    os.utime(site.conf, (1, 1))
    t.ok(Doctor(site).of('reload', 'ok'), 'and one that is not is no finding')
    no_fts5 = Doctor(site, env={'LD_PRELOAD': os.path.join(os.path.abspath(BUILD), 'tests', 'http', 'no_fts5.so'),
                                'ASAN_OPTIONS': 'verify_asan_link_order=0:' + site.env['ASAN_OPTIONS']})
    found(t, no_fts5, 'search', 'warning', 'no FTS5', 'a SQLite without FTS5 is found')
    t.ok(any('3.' in f['finding'] for f in no_fts5.of('sqlite')), 'the version of SQLite is shown')


def check_configuration(t, site):
    theme = f'{site.dir}/theme'
    os.makedirs(f'{theme}/templates')
    with open(f'{theme}/templates/error.html', 'w', encoding='ascii') as f:
        f.write('{{#nothing}}')
    site.write_config(theme_path=theme, media_helper='/bin/true')
    bad = Doctor(site)
    found(t, bad, 'theme', 'warning', 'error.html', "a theme's fault is found")
    found(t, bad, 'helpers', 'warning', 'starpunk-media ended with 0', 'a helper that is none is found')
    site.write_config(theme_path='', media_helper='', media_path=f'{site.dir}/nowhere')
    found(t, Doctor(site), 'places', 'error', 'media_path', 'a directory that is missing is found')
    site.write_config(media_path=f'{site.dir}/media')
    with open(site.conf, 'a', encoding='utf-8') as f:
        f.write('worker_thread = 3\n')
    refused = Doctor(site)
    found(t, refused, 'configuration', 'error', "did you mean 'worker_threads'?", 'an unknown key is found, with the nearest')
    t.eq(refused.status, 3, 'a refused configuration has an exit status of its own')
    t.ok(refused.of('sqlite'), 'and what does not need one is looked at all the same')
    site.write_config()


# ---- the program ------------------------------------------------------------------------------

def courier_pid(site):
    return int(re.search(r'^ *courier +([0-9]+)', site.starpunk('stats').stdout, re.M)[1])


def check_program(t, site):
    courier = courier_pid(site)
    os.kill(site.process.pid, signal.SIGSTOP)   # else it starts another one
    try:
        os.kill(courier, signal.SIGKILL)
        bad = wait_for(lambda: (d := Doctor(site)).of('courier', 'error') and d)
        t.ok(bad and bad.has('courier', 'error', 'does not run'), 'a courier that is gone is found')
    finally:
        os.kill(site.process.pid, signal.SIGCONT)
    subprocess.run([os.path.join(SRC, 'tools', 'front'), 'stop', site.dir], check=False)
    with mode(site.socket, 0o600):
        found(t, Doctor(site), 'socket', 'error', f'{site.socket} is closed to', 'a socket closed to the front server is found')
    site.start_front()
    site.stop_program()
    stopped = wait_for(lambda: (d := Doctor(site)).of('front-server', 'error') and d)
    found(t, stopped, 'program', 'error', 'no program runs', 'a program that does not run is found')
    found(t, stopped, 'front-server', 'error', 'does not reach the program', 'and that the front server says so')
    found(t, stopped, 'socket', 'error', 'nobody listens there', 'and that nobody listens')
    t.ok(stopped.of('database', 'ok'), 'the database is looked at without it')
    with open(f'{site.dir}/starpunk.db-wal', 'wb') as f:
        f.truncate(70 * 1024 * 1024)
    found(t, Doctor(site), 'wal', 'warning', '70 MiB', 'a write-ahead log that has grown is found')
    os.remove(f'{site.dir}/starpunk.db-wal')
    shutil.move(f'{site.dir}/starpunk.db', f'{site.dir}/gone')
    found(t, Doctor(site), 'database', 'error', 'there is no database', 'a database that is gone is found')


def check_text(t, site):
    done = site.starpunk('doctor', check=False)
    lines = done.stdout.splitlines()
    t.ok(any(line.startswith('ok      authorization') for line in lines), 'people get a line for each check', done.stdout)
    at = next((i for i, line in enumerate(lines) if line.startswith('note    configuration-file')), None)
    t.ok(at is not None and lines[at + 1].strip().startswith('-> It should be'), 'and below a finding what to do', done.stdout)
    t.ok('\033' not in done.stdout, 'without colours where it is no terminal')
    shown = subprocess.run(['script', '-qec', f'{BUILD}/starpunk --config {site.conf} doctor', '/dev/null'], env=site.env, text=True,
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False).stdout
    t.ok('\033[32mok' in shown, 'and with them on one', shown)


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            check_front(t, site)
    with Site(fronts()[0]) as site:
        check_text(t, site)
        check_address(t, site)
        check_strangers(t, site)
        check_files(t, site)
        check_configuration(t, site)
        check_program(t, site)
