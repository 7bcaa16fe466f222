"""What `starpunk doctor` says, and somebody who answers in a site's place."""

import contextlib
import http.server
import json
import os
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request

from starpunk import PROGRAM


class Doctor:
    """What one run of the command said; that its parts agree is looked at each time."""

    def __init__(self, site, *args, env=None, program=PROGRAM):
        start = time.monotonic()
        done = subprocess.run([program, '--config', site.conf, 'doctor', '--json', *args],
                              env={**site.env, **(env or {})}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=80, check=False)
        self.seconds = time.monotonic() - start
        self.status = done.returncode
        self.raw = done.stdout + done.stderr
        self.json = json.loads(done.stdout)
        self.findings = self.json['findings']
        self.agree('the configuration is refused' in done.stderr)

    def agree(self, refused):
        """Counts, exit status, and that there is a remedy for all that is not well and for nothing else."""
        for name in ('error', 'warning', 'note'):
            n = sum(f['level'] == name for f in self.findings)
            if self.json[name + 's'] != n:
                raise RuntimeError(f'{n} {name}s are counted as {self.json[name + "s"]}')
        if self.status != (3 if refused else 1 if self.json['errors'] else 0):
            raise RuntimeError(f'status {self.status}: {self.raw}')
        for f in self.findings:
            if bool(f.get('remedy')) != (f['level'] != 'ok') or ('try' in f) != (f['level'] != 'ok'):
                raise RuntimeError(f'what to do about {f}?')

    def of(self, check, level=None):
        return [f for f in self.findings if f['check'] == check and level in (None, f['level'])]

    def wrong(self):
        return [f for f in self.findings if f['level'] != 'ok']

    def one(self, check, level, text):
        """The finding with that text; None if there is none."""
        return next((f for f in self.of(check, level) if text in f['finding']), None)

    def has(self, check, level, text):
        return self.one(check, level, text) is not None

    def lines(self, check, level, text):
        """What can be pasted for that finding."""
        return (self.one(check, level, text) or {'try': []})['try']


def found(t, doctor, check, level, text, name, line=None):
    """That it is found, and that line is among what can be pasted for it."""
    t.ok(doctor.has(check, level, text) and (line is None or line in doctor.lines(check, level, text)), name, doctor.wrong())


# ---- who answers in its place -----------------------------------------------------------------

class Other(http.server.BaseHTTPRequestHandler):
    """Somebody else's server, or with server.to a proxy, whose clock may be wrong, or who fails at long bodies."""

    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(time.time() - self.server.behind)

    def do_GET(self):
        if self.server.location:
            self.answer(301, b'', Location=self.server.location + self.path)
            return
        body, status = b'<h1>Hello</h1>', 200
        sent = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        if self.server.broken and len(sent) > self.server.broken:
            self.answer(502, b'<h1>Bad Gateway</h1>')
            return
        if self.server.to:
            request = urllib.request.Request(self.server.to + self.path, sent or None, dict(self.headers), method=self.command)
            try:
                with urllib.request.urlopen(request) as answer:
                    body, status = answer.read(), answer.status
            except urllib.error.HTTPError as e:
                body, status = e.read(), e.code
        self.answer(status, body)

    def answer(self, status, body, **headers):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Who does not like the certificate hangs up; that is what is tried."""


@contextlib.contextmanager
def other(to=None, behind=0, certificate=None, location=None, broken=0):
    server = Server(('127.0.0.1', 0), Other)
    server.to, server.behind, server.location, server.broken = to, behind, location, broken
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f'{"https" if certificate else "http"}://localhost:{server.server_port}/'
    finally:
        server.shutdown()
        server.server_close()
