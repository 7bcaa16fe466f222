"""What the scripts of tests/http share: TAP, and a real site behind a real front server.

Every site has a directory, a socket, a database and a port of its own, and is ended by its own
process id. Scripts run against every front server that SP_FRONTS names (default: nginx apache):

    with Tap() as t:
        for front in fronts():
            with Site(front) as site:
                t.ok(site.get('/').status == 200, f'{front}: the home page answers')
"""

import contextlib
import http.client
import json
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

# Debian's packages for Python are there, whatever python3 comes first; who needs one imports it after this.
sys.path.append('/usr/lib/python3/dist-packages')

SRC = os.environ.get('SP_TOP_SRCDIR') or os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD = os.environ.get('SP_TOP_BUILDDIR') or os.path.join(SRC, 'build')
PROGRAM = os.path.join(BUILD, 'starpunk')
# A program under a sanitizer is slower and keeps freed memory for a while.
SANITIZED = os.environ.get('SP_SANITIZERS', 'no') not in ('no', '')


def fronts():
    return os.environ.get('SP_FRONTS', 'nginx apache').split()


# What a front server cannot be made to do; README tells.
LACKS = {
    # A header without a value is dropped (src/request.c). An address that is malformed (%00, %ff) is refused before
    # the host's block is looked up, so with a page of lighttpd's own (wiki, server.http-parseopts).
    'lighttpd': {'empty headers', 'malformed addresses'},
    # Large bodies are passed on as they come: request_buffers are in memory, and to spool is a wish (issue 6637).
    'caddy': {'spooling'},
}


class Tap:
    """Counts and prints TAP; the plan comes last. An exception is a failed test of its own."""

    def __init__(self):
        self.n = 0
        self.failed = 0

    def ok(self, good, name, detail=None):
        self.n += 1
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}", flush=True)
        if not good:
            self.failed += 1
            if detail is not None:
                self.diag(detail)
        return bool(good)

    def eq(self, got, want, name):
        return self.ok(got == want, name, f'got {got!r}, wanted {want!r}')

    def has(self, text, part, name):
        return self.ok(part in text, name, f'{part!r} is not in {text[:2000]!r}')

    def skip(self, reason, name):
        """A test that cannot be run here."""
        self.n += 1
        print(f'ok {self.n} - {name} # SKIP {reason}', flush=True)

    def diag(self, text):
        for line in str(text).splitlines()[:60]:
            print(f'# {line}', flush=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None and issubclass(kind, Exception):
            import traceback
            self.ok(False, 'the script runs to its end', ''.join(traceback.format_exception(kind, value, trace)))
        print(f'1..{self.n}', flush=True)
        sys.exit(1 if self.failed else 0)


def wait_for(condition, seconds=20, step=0.02):
    """Waits until condition() gives something true, and returns it; None when the time is up."""
    end = time.monotonic() + seconds
    while True:
        got = condition()
        if got or time.monotonic() > end:
            return got or None
        time.sleep(step)


def reachable(user):
    """Whether that user may run the program where it lies, on this machine."""
    done = subprocess.run(['sh', '-c', f'test -x "{PROGRAM}" && test -r "{SRC}/share/templates/admin.html" && test -w /dev/null'], user=user, check=False,
                          group=pwd.getpwnam(user).pw_gid, extra_groups=[])
    return done.returncode == 0


def free_port():
    """A port that nobody has, below those that the system hands out: no connection takes it before its server does."""
    while True:
        port = random.randrange(10000, 30000)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(('127.0.0.1', port))
            return port


def form_token(text):
    """The token of the forms of a page."""
    return re.search(r'name="csrf" value="([^"]+)"', text)[1]


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        """The header's value, several joined with ', '; None if it was not sent."""
        values = [v for k, v in self.headers if k.lower() == name.lower()]
        return ', '.join(values) if values else None

    def cookies(self):
        """What the answer sets, as a Cookie header."""
        values = [v.split(';')[0] for k, v in self.headers if k.lower() == 'set-cookie']
        return '; '.join(v for v in values if not v.endswith('='))

    @property
    def text(self):
        return self.body.decode('utf-8')

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f'<{self.status} {self.headers} {self.body[:600]!r}>'


def request(port, method, path, headers=None, body=None, timeout=60):
    """One request on a connection of its own; the path goes out as it is."""
    conn = http.client.HTTPConnection('127.0.0.1', port, timeout=timeout)
    try:
        conn.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        sent = {k.lower() for k in (headers or {})}
        if 'host' not in sent:
            conn.putheader('Host', f'localhost:{port}')
        for name, value in (headers or {}).items():
            conn.putheader(name, value)
        if body is not None and 'content-length' not in sent and 'transfer-encoding' not in sent:
            conn.putheader('Content-Length', str(len(body)))
        # Who is refused early may find the connection closed while sending; the answer has come before that.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            conn.endheaders(body)
        answer = conn.getresponse()
        return Response(answer.status, answer.getheaders(), answer.read())
    finally:
        conn.close()


class Site:
    """A site with its owner, a token of every scope, workers and a front server."""

    def __init__(self, front='nginx', scope='create update delete undelete media draft', start=True,
                 quiet_front=False, front_args=(), env=None, wrap=(), stderr=None, **config):
        self.front = front
        self.quiet_front = quiet_front
        self.front_args = list(front_args)
        self.wrap = list(wrap)
        self.stderr = stderr
        self.dir = tempfile.mkdtemp(prefix='sp-', dir=os.environ.get('SP_TEST_TMPDIR', '/tmp'))
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        self.url = f'http://localhost:{self.port}/'
        self.conf = os.path.join(self.dir, 'starpunk.conf')
        self.log_file = os.path.join(self.dir, 'log', 'starpunk.log')
        self.socket = os.path.join(self.dir, 'run', 'starpunk.sock')
        self.env = dict(os.environ, **(env or {}))
        for name in list(self.env):
            if name.startswith('STARPUNK_'):
                del self.env[name]
        self.env.update(env or {})
        for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS', 'LSAN_OPTIONS'):
            self.env[name] = f'log_path={self.dir}/log/sanitizer:' + self.env.get(name, '')
        # Freed memory is kept for a while, so that its use is seen; a little is enough to see growth.
        self.env['ASAN_OPTIONS'] = 'quarantine_size_mb=8:' + self.env['ASAN_OPTIONS']
        self.env['TSAN_OPTIONS'] = f'suppressions={SRC}/tests/lib/tsan.supp:' + self.env['TSAN_OPTIONS']
        self.config = {
            'site_url': self.url, 'site_name': 'Test site', 'author_name': 'Ada', 'timezone': 'UTC',
            'database_path': f'{self.dir}/starpunk.db', 'media_path': f'{self.dir}/media',
            'share_path': f'{SRC}/share', 'runtime_path': f'{self.dir}/run', 'listen': self.socket,
            'log_file': self.log_file, 'workers': '2', 'rate_limit': '0', 'login_rate_limit': '0',
        }
        if os.geteuid() == 0:
            self.config['user'] = 'root'
        if 'thread' in os.environ.get('SP_SANITIZERS', ''):
            # Or ThreadSanitizer cannot start the program that names functions, and tsan.supp goes by names.
            self.config['sandbox'] = 'false'
        self.config.update({k: str(v) for k, v in config.items()})
        self.process = None
        for sub in ('media', 'run', 'log'):
            os.mkdir(os.path.join(self.dir, sub))
        self.write_config()
        self.password = 'correct horse battery staple'
        self.token = None
        if start:
            self.init()
            self.token = self.make_token(scope)
            self.start()

    # ---- life ------------------------------------------------------------------------------

    def write_config(self, **changes):
        self.config.update({k: str(v) for k, v in changes.items()})
        with open(self.conf, 'w', encoding='utf-8') as f:
            for key, value in self.config.items():
                f.write(f'{key} = "{value}"\n')

    def starpunk(self, *args, stdin=None, check=True, timeout=120):
        """Runs a command of the program on this site."""
        done = subprocess.run([PROGRAM, '--config', self.conf, *args], input=stdin, text=True,
                              capture_output=True, env=self.env, timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f'starpunk {args}: exit {done.returncode}\n{done.stdout}{done.stderr}')
        return done

    def init(self):
        self.starpunk('init', '--url', self.url, '--password-stdin', stdin=self.password + '\n')

    def make_token(self, scope):
        return self.starpunk('token', 'create', '--scope', scope, '--name', 'test').stdout.strip()

    def start_program(self):
        self.start_log = open(os.path.join(self.dir, 'log', 'start.log'), 'ab')
        self.process = subprocess.Popen([*self.wrap, PROGRAM, '--config', self.conf, 'serve'], env=self.env,
                                        stdin=subprocess.DEVNULL, stdout=self.start_log, stderr=self.start_log if self.stderr is None else self.stderr)

    def start_front(self):
        args = [os.path.join(SRC, 'tools', 'front'), 'start', self.front, '--dir', self.dir,
                '--port', str(self.port), '--socket', self.socket, '--static', f'{SRC}/share/static',
                '--media', f'{self.dir}/media']
        subprocess.run(args + (['--quiet-log'] if self.quiet_front else []) + self.front_args, check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def start(self):
        self.start_program()
        self.start_front()
        if not self.wait_healthy():
            raise RuntimeError('the site did not come up:\n' + self.output())

    def wait_healthy(self, seconds=60):
        def healthy():
            if self.process.poll() is not None:
                return False
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.get('/health').status == 200
            return False
        return wait_for(healthy, seconds)

    def stop_program(self, sig=signal.SIGTERM, seconds=60):
        """Sends the signal and returns the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = 'it had to be killed'
        self.process = None
        self.start_log.close()
        return status

    def stop(self):
        subprocess.run([os.path.join(SRC, 'tools', 'front'), 'stop', self.dir], check=False)
        return self.stop_program()

    def __enter__(self):
        return self

    def sanitizer_reports(self):
        """What sanitizers found in any of the site's processes."""
        names = [n for n in sorted(os.listdir(os.path.join(self.dir, 'log'))) if n.startswith('sanitizer')]
        text = ''
        for name in names:
            with open(os.path.join(self.dir, 'log', name), encoding='utf-8', errors='replace') as f:
                text += f.read()
        return text

    def __exit__(self, kind, value, trace):
        self.stop()
        reports = self.sanitizer_reports()
        wrong = self.log_problems()
        if wrong and kind is None:
            raise RuntimeError('the log is not what its schema says:\n' + '\n'.join(wrong[:5]))
        if reports and kind is None:
            kind = RuntimeError
            for line in reports.splitlines()[:60]:
                print(f'# {line}', flush=True)
        if (kind is not None and issubclass(kind, Exception)) or os.environ.get('SP_KEEP'):
            print(f'# {self.front}: kept {self.dir}', flush=True)
            for line in self.output().splitlines()[-30:]:
                print(f'# {line}', flush=True)
        if not os.environ.get('SP_KEEP'):
            shutil.rmtree(self.dir, ignore_errors=True)
        if reports and value is None:
            raise RuntimeError('a sanitizer found something')

    def lacks(self, what):
        return what in LACKS.get(self.front, ())

    # ---- asking ----------------------------------------------------------------------------

    def request(self, method, path, headers=None, body=None, timeout=60):
        return request(self.port, method, path, headers, body, timeout)

    def get(self, path, headers=None):
        return self.request('GET', path, headers)

    def head(self, path, headers=None):
        return self.request('HEAD', path, headers)

    def auth(self, token=None):
        return {'Authorization': f'Bearer {token or self.token}'}

    def micropub(self, fields, token=None, headers=None):
        """POST of a form: a dict or a list of pairs."""
        body = urllib.parse.urlencode(fields).encode()
        return self.request('POST', '/micropub', {
            'Content-Type': 'application/x-www-form-urlencoded', **self.auth(token), **(headers or {})}, body)

    def micropub_json(self, data, token=None):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.request('POST', '/micropub', {'Content-Type': 'application/json', **self.auth(token)}, body)

    def post(self, content, **more):
        """Makes a note and returns its path."""
        answer = self.micropub({'h': 'entry', 'content': content, **more})
        if answer.status != 201:
            raise RuntimeError(f'not created: {answer!r}')
        return urllib.parse.urlsplit(answer.header('Location')).path

    def form(self, path, fields, cookie, page=None, headers=None):
        """Sends a form of the owner's as a browser does: with the token that stands on its page."""
        csrf = form_token(self.get(page or path, {'Cookie': cookie}).text)
        return self.request('POST', path, {'Content-Type': 'application/x-www-form-urlencoded', 'Cookie': cookie, 'Origin': self.url.rstrip('/'),
                                           **(headers or {})}, urllib.parse.urlencode({'csrf': csrf, **fields}).encode())

    def visit(self):
        """A browser that has come to sign in: its cookie."""
        return self.get('/admin/login').cookies()

    def sign_in(self, password=None):
        """Shows the password; the Cookie header of the session, or of what else the answer leads to."""
        answer = self.form('/admin/login', {'password': password or self.password}, self.visit())
        if answer.status != 303:
            raise RuntimeError(f'not signed in: {answer!r}')
        return answer.cookies()

    # ---- looking inside --------------------------------------------------------------------

    def log_now(self, event=None, **fields):
        """What is in the program's log already: the lines of one event, with these values."""
        lines = []
        with contextlib.suppress(FileNotFoundError), open(self.log_file, encoding='utf-8') as f:
            for line in f:
                if not line.endswith('\n'):
                    continue
                entry = json.loads(line)
                if (event is None or entry['event'] == event) and all(entry.get(k) == v for k, v in fields.items()):
                    lines.append(entry)
        return lines

    def settle_log(self, seconds=5):
        """
        Waits until all is written that has been said: lines go through a pipe, and reach the file in their order. So the line of
        a request that is made now comes after them. A site that does not run has nothing more to say.
        """
        if self.process is None or self.process.poll() is not None or not os.path.exists(self.log_file):
            return
        with contextlib.suppress(OSError, http.client.HTTPException):
            asked = self.get('/health')
            if asked.header('X-Request-ID') and asked.status == 200:
                wait_for(lambda: self.log_now('request', request_id=asked.header('X-Request-ID')), seconds)

    def log(self, event=None, **fields):
        """The lines of the program's log, as log_now() gives them, of all that had been said when it was asked for."""
        self.settle_log()
        return self.log_now(event, **fields)

    def wait_log(self, event, seconds=20, **fields):
        return wait_for(lambda: self.log_now(event, **fields), seconds)

    def processes(self, role):
        """Process ids of the supervisor's children of a role: worker, courier, logger."""
        found = []
        for pid in filter(str.isdigit, os.listdir('/proc')):
            with contextlib.suppress(OSError), open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as f:
                name, rest = f.read().split('(', 1)[1].rsplit(')', 1)
                if name == role and int(rest.split()[1]) == self.process.pid and rest.split()[0] != 'Z':
                    found.append(int(pid))
        return found

    def front_log(self):
        with open(os.path.join(self.dir, 'log', f'{self.front}.log'), encoding='utf-8', errors='replace') as f:
            lines = [json.loads(line) for line in f if line.endswith('\n')]
        if self.front == 'caddy':
            # Caddy's lines have a shape of their own.
            lines = [dict(e, path=e['request']['uri'], request_id=e['resp_headers'].get('X-Request-Id', [''])[0]) for e in lines]
        return lines

    def log_problems(self):
        """What the log's JSON Schema says against its lines, by a validator that others wrote; nothing if it is not installed."""
        try:
            import logschema
        except ImportError:
            return []
        return logschema.problems(self.log_file)

    def output(self):
        """Everything that anybody logged, for a failed test."""
        text = ''
        for name in sorted(os.listdir(os.path.join(self.dir, 'log'))):
            with open(os.path.join(self.dir, 'log', name), encoding='utf-8', errors='replace') as f:
                text += ''.join(f'{name}: {line}' for line in f.readlines()[-20:])
        return text

    def stats(self):
        return json.loads(self.starpunk('stats', '--json').stdout)

    def workers(self):
        """Process ids of the live workers."""
        return [w['pid'] for w in self.stats()['workers'] if w.get('role', 'worker') == 'worker']

    def sqlite(self, sql):
        import sqlite3
        with contextlib.closing(sqlite3.connect(f'{self.dir}/starpunk.db', timeout=10)) as db:
            return db.execute(sql).fetchall()
