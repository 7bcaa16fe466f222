"""What the scripts of tests/fault share: a table of faults, and the five promises each of them is held to.

    1. the answer      status, code and Retry-After, in JSON for programs and on a page for people
    2. the event       a line in the log, under the answer's request id
    3. the metric      a counter that Prometheus sees
    4. the health      what /health/ready says while it lasts
    5. the recovery    when it is over all is well again, by the same site, without a restart

Under all of them lies a sixth: what was acknowledged is there, before, during and after."""

import contextlib
import dataclasses
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import typing
import urllib.parse

from starpunk import SRC, Site, form_token, wait_for

PATIENCE = 60       # seconds that anything may take on a busy machine; nothing here should


# ---- means -----------------------------------------------------------------------------------

def own_mounts():
    """
    Starts the script anew where it may mount file systems that nobody else sees and that are gone with it: as root in a mount
    namespace of its own, else in a user namespace. False where neither is permitted.
    """
    if os.environ.get('SP_OWN_MOUNTS') == '1':
        return True
    if os.environ.get('SP_OWN_MOUNTS') == '0' or not shutil.which('unshare'):
        return False
    unshare = ['unshare', '--mount'] + ([] if os.geteuid() == 0 else ['--user', '--map-root-user'])
    if subprocess.run([*unshare, 'mount', '-t', 'tmpfs', 'none', '/mnt'], capture_output=True, check=False).returncode != 0:
        return False
    os.environ['SP_OWN_MOUNTS'] = '1'
    sys.stdout.flush()
    os.execvp('unshare', [*unshare, sys.executable, *sys.argv])


class Disk:
    """A small file system at a directory, in memory, which can be filled."""

    def __init__(self, path, mib):
        self.path, self.ballast = path, os.path.join(path, '.ballast')
        os.makedirs(path, exist_ok=True)
        subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={mib}m', 'starpunk-test', path], check=True, capture_output=True)

    @contextlib.contextmanager
    def full(self):
        """Not a page is left, until the end."""
        with open(self.ballast, 'wb', buffering=0) as f, contextlib.suppress(OSError):
            for block in (1 << 20, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        f.write(b'\0' * block)
        try:
            yield
        finally:
            self.free()

    def free(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.ballast)

    def unmount(self):
        subprocess.run(['umount', '-l', self.path], check=False, capture_output=True)


def can_trace():
    """Whether strace is there and may look at processes."""
    if not shutil.which('strace'):
        return False
    return subprocess.run(['strace', '-qq', '-o', '/dev/null', 'true'], capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def injected(pids, calls, how, *paths):
    """
    System calls of these processes fail or are slow, as strace has it (how: 'error=EIO', 'delay_enter=1000000'), until the end;
    paths: only those on these files.
    """
    tracers = []
    try:
        for pid in pids:
            out = tempfile.TemporaryFile()
            args = ['strace', '-f', '-p', str(pid), '-o', '/dev/null', '-e', f'trace={calls}', '-e', f'inject={calls}:{how}']
            tracers.append((subprocess.Popen(args + [arg for path in paths for arg in ('-P', path)], stdin=subprocess.DEVNULL,
                                             stdout=subprocess.DEVNULL, stderr=out), pid, out))
        for tracer, pid, out in tracers:
            if not wait_for(lambda: traced(pid) or tracer.poll() is not None, PATIENCE) or tracer.poll() is not None:
                out.seek(0)
                raise RuntimeError(f'strace does not attach: {out.read()!r}')
        yield
    finally:
        for tracer, _, out in tracers:
            tracer.terminate()
            try:
                tracer.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                tracer.kill()
                tracer.wait()
            out.close()


def traced(pid):
    """Whether all threads of a process have a tracer."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{thread}/status', encoding='ascii') as f:
                if re.search(r'^TracerPid:\s+0$', f.read(), re.M):
                    return False
        return True
    return False


# ---- the site --------------------------------------------------------------------------------

class FaultySite(Site):
    """
    A site that shows its health to everybody, keeps no pages in memory, and remembers what it has acknowledged. disks: directories
    of the site that become small disks, with their size in MiB; a setting that begins with DIR/ is a path below the site's own.
    """

    def __init__(self, front='nginx', disks=None, **config):
        self.disks, self.kept, self.drawer = {}, {}, None
        super().__init__(front, start=False, **{'health_check_detailed': 'true', 'page_cache_size': '0', 'db_busy_timeout': '1s',
                                                'worker_threads': '4', **config})
        self.write_config(**{key: value.replace('DIR', self.dir) for key, value in self.config.items() if value.startswith('DIR/')})
        for name, mib in (disks or {}).items():
            self.disks[name] = Disk(os.path.join(self.dir, name), mib)
        self.init()
        self.token = self.make_token('create update delete undelete media draft')
        self.start()

    def stop(self):
        if os.environ.get('SP_KEEP'):
            shutil.copytree(os.path.join(self.dir, 'log'), f'{self.dir}.log', dirs_exist_ok=True)
        status = super().stop()
        for disk in self.disks.values():
            disk.unmount()
        return status

    def sqlite(self, sql):
        import sqlite3
        with contextlib.closing(sqlite3.connect(self.config['database_path'], timeout=PATIENCE)) as db:
            return db.execute(sql).fetchall()

    def keep(self, slug, text):
        """Posts what will have to be there at the end."""
        self.post(text, **{'mp-slug': slug})
        self.kept[slug] = text

    def note(self, slug='not-now', **more):
        """Asks for a note; what is acknowledged is kept in mind."""
        got = self.micropub({'h': 'entry', 'content': f'The note {slug}', 'mp-slug': slug, **more})
        if got.status == 201:
            self.kept[slug] = f'The note {slug}'
        return got

    def open_drawer(self):
        """The owner signs in and has the form for a note open."""
        cookie = self.sign_in()
        self.drawer = cookie, form_token(self.get('/admin/compose', {'Cookie': cookie}).text)

    def write_by_form(self, slug):
        """The owner sends the form: the answer is a page."""
        cookie, csrf = self.drawer
        body = urllib.parse.urlencode({'csrf': csrf, 'type': 'note', 'content': f'The note {slug}', 'mp-slug': slug, 'do': 'publish'})
        return self.request('POST', '/admin/compose', {'Content-Type': 'application/x-www-form-urlencoded', 'Cookie': cookie,
                                                       'Origin': self.url.rstrip('/'), 'Accept': 'text/html'}, body.encode())

    def children(self, role):
        if role == 'logger':
            return sorted(self.processes(role))
        return sorted(w['pid'] for w in self.stats()['workers'] if w.get('role') == role)

    def metric(self, name):
        """The value of one line of /metrics; 0 if it is not there."""
        for line in self.get('/metrics').text.splitlines():
            if line.startswith(name + ' '):
                return float(line.rsplit(' ', 1)[1])
        return 0.0

    def ready(self):
        """Status of /health/ready, and the checks that are not well."""
        got = self.get('/health/ready')
        return got.status, sorted(name for name, check in got.json.get('checks', {}).items() if not check.get('healthy', True)), got

    def lost(self):
        """What was acknowledged and is not shown as it was sent, to readers and in the database."""
        missing = []
        for slug, text in self.kept.items():
            got = self.get(f'/note/{slug}')
            rows = self.sqlite(f"select count(*) from post where slug = '{slug}'")[0][0]
            if got.status != 200 or text not in got.text or rows != 1:
                missing.append((slug, got.status, rows))
        return missing


# ---- the table -------------------------------------------------------------------------------

@dataclasses.dataclass
class Fault:
    """
    One row: what goes wrong and what is promised then. None: nothing is promised there, and the row's comment says why.

    begin(site) is a context manager: the fault lasts while it is open. ask(site) is the request that meets it, as a program
    sends it; page(site) the same as a person does. metric is a name with its labels, event the fields of a line.
    """
    name: str
    begin: typing.Callable
    ask: typing.Callable = lambda site: site.note()
    status: int | tuple = 503
    code: typing.Optional[str] = None
    retry: typing.Optional[str] = None
    page: typing.Optional[typing.Callable] = lambda site: site.write_by_form('by-form')
    event: typing.Optional[dict] = None
    metric: typing.Optional[str] = None
    health: tuple = (200, [])
    reads: bool = True                          # readers are served all the while
    again: typing.Callable = lambda site: site.note('afterwards')
    settings: dict = dataclasses.field(default_factory=dict)
    same_workers: bool = True


SECRETS = re.compile(r'/tmp/|starpunk\.db|errno|sqlite|disk I/O|ENOSPC|EIO|database is locked')


def check_answer(t, name, row, got):
    t.eq(got.status, row.status, f'{name}: the answer is {row.status}')
    t.eq(got.header('Retry-After'), row.retry, f'{name}: which says when to try again' if row.retry else f'{name}: without Retry-After')
    said = got.json
    where = said['error'] if isinstance(said.get('error'), dict) else said
    want = [row.code] if isinstance(said.get('error'), dict) else ['temporarily_unavailable', 'server_error']
    t.ok((where.get('code') or said.get('error')) in want, f'{name}: names the kind of failure', said)
    t.ok(where.get('message') and where.get('suggestion') and where.get('troubleshooting') and
         where.get('request_id') == got.header('X-Request-ID'), f'{name}: and what to do about it', said)
    t.ok(not SECRETS.search(got.text), f'{name}: without inside knowledge', got.text)


def check_page(t, name, row, got, said):
    t.eq((got.status, got.header('Retry-After')), (row.status, row.retry), f'{name}: a person is told the same')
    message = said.get('message') or said.get('error', {}).get('message', '')
    t.ok('<html' in got.text and message in html.unescape(got.text), f'{name}: in the same words, on a page', got.text)
    t.ok(not SECRETS.search(re.sub(r'<link[^>]*>|<form.*?</form>', '', got.text, flags=re.S)), f'{name}: without inside knowledge, too', got.text)


def check_recovery(t, name, row, site, workers, healthy):
    t.ok(wait_for(lambda: site.ready()[:2] == healthy, PATIENCE, 0.2), f'{name}: when it is over the site is as healthy as before', site.ready())
    got = wait_for(lambda: (lambda a: a if a.status < 400 else None)(row.again(site)), PATIENCE, 0.2)
    t.ok(got, f'{name}: and does its work again')
    if row.same_workers:
        t.eq(site.children('worker'), workers, f'{name}: without a restart')
    t.eq(site.lost(), [], f'{name}: nothing that was acknowledged is lost')
    checked = site.starpunk('check', check=False)
    t.ok(checked.returncode == 0, f'{name}: and the database is whole', checked.stdout + checked.stderr)


def as_promised(promised, ready):
    """The status, and these checks amiss: others may be for the same reason, but none of a site that is healthy."""
    status, amiss, _ = ready
    return status == promised[0] and set(promised[1]) <= set(amiss) and (bool(promised[1]) or not amiss)


def hold(t, row, site):
    """Holds a site to its promises under one fault."""
    name = row.name
    site.keep('kept', 'Was here before')
    site.open_drawer()
    workers = site.children('worker')
    before, healthy = site.metric(row.metric) if row.metric else 0, site.ready()[:2]
    with row.begin(site):
        got = row.ask(site)
        if row.code:
            check_answer(t, name, row, got)
        else:
            may = row.status if isinstance(row.status, tuple) else (row.status,)
            t.ok(got.status in may, f'{name}: the answer is {" or ".join(map(str, may))}', got)
        if row.page and row.code:
            check_page(t, name, row, row.page(site), got.json)
        event = row.event or ({'event': 'error', 'code': row.code, 'request_id': got.header('X-Request-ID')} if row.code else None)
        if event:
            found = site.wait_log(**event, seconds=PATIENCE)
            t.ok(found, f"{name}: the log has {event['event']}", site.log_now()[-6:])
        metric = row.metric or (f'starpunk_errors_total{{error="{row.code}"}}' if row.code else None)
        if metric:
            t.ok(wait_for(lambda: site.metric(metric) > before, PATIENCE, 0.1), f'{name}: {metric} has moved', (before, site.metric(metric)))
        if row.health:
            now = wait_for(lambda: (lambda r: r if as_promised(row.health, r) else None)(site.ready()), PATIENCE, 0.1)
            t.ok(now, f'{name}: /health/ready is {row.health[0]}, {", ".join(row.health[1]) or "nothing"} amiss', site.ready())
        if row.reads:
            t.eq([site.get(path).status for path in ('/note/kept', '/', '/feed.atom', '/health')], [200] * 4, f'{name}: readers are served')
    check_recovery(t, name, row, site, workers, healthy)


def run(t, rows, front='nginx', **more):
    """A site of its own for each fault: what one leaves behind is not the next one's excuse."""
    wanted = os.environ.get('SP_FAULT', '')
    for row in rows:
        if wanted in row.name:
            with FaultySite(front, **{**more, **row.settings}) as site:
                hold(t, row, site)
