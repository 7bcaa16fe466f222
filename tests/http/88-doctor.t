#!/usr/bin/env python3
"""starpunk doctor, seen through each front server: finds nothing on a site that is well, and each fault that is made;
what it says to be pasted mends it."""

import contextlib
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from doctor import Doctor, found, other
from starpunk import SANITIZED, SRC, Site, Tap, fronts, wait_for

TLS = os.path.join(SRC, 'tests', 'fixtures', 'tls')
PATH = os.environ.get('PATH', '') + ':/usr/sbin'
SHIPPED = {'nginx': 'starpunk-locations.conf', 'apache': 'starpunk-site.conf', 'lighttpd': 'starpunk-site.conf', 'caddy': 'starpunk-site.caddy'}

ELSEWHERE = '/nowhere/at/all'

# What is made wrong: check, what is found, the text that is taken out, the one that is put in place. It is mended by
# putting the doctor's line there instead, or, where it names a command that shows it, by taking out what that shows.
WRONG = {
    'nginx': [
        ('host', "sees 'other.example'", 'fastcgi_param HTTP_HOST $http_host;', 'fastcgi_param HTTP_HOST other.example;'),
        ('authorization', 'does not arrive', 'fastcgi_keep_conn on;', 'fastcgi_param HTTP_AUTHORIZATION "";'),
        ('headers', 'If-None-Match is changed', 'fastcgi_connect_timeout 5s;', 'fastcgi_param HTTP_IF_NONE_MATCH "\\"other\\"";'),
        ('request-id', 'sends none', 'fastcgi_param REQUEST_ID $request_id;', '#REQUEST_ID'),
        ('request-uri', 'is decoded on its way', r're:fastcgi_param +REQUEST_URI +\$request_uri;', 'fastcgi_param REQUEST_URI $uri$is_args$args;'),
        ('body-limit', 'refused with 413', 'client_max_body_size 2m;', 'client_max_body_size 100k;'),
        ('upload-limit', 'refused with 413', 'client_max_body_size 66m;', 'client_max_body_size 1m;'),
        ('static-files', 'answered with 404', r're:set \$starpunk_static [^;]+;', f'set $starpunk_static {ELSEWHERE};'),
        ('media-files', 'answered with 404', r're:set \$starpunk_media [^;]+;', f'set $starpunk_media {ELSEWHERE};'),
    ],
    'apache': [
        ('authorization', 'does not arrive', 'CGIPassAuth On', 'CGIPassAuth Off'),
        ('host', "sees 'other.example'", 'RequestHeader unset Proxy early', 'RequestHeader set Host other.example'),
        ('headers', 'If-None-Match is changed', 'LimitRequestLine 16384', 'RequestHeader set If-None-Match "other"'),
        ('body-limit', 'refused with 413', r're:<If "req_novary\(\'Content-Length\'\)[^\n]*', '<If "req_novary(\'Content-Length\') -gt 102400">'),
        ('upload-limit', 'refused with 413', None, '<If "req_novary(\'Content-Length\') -gt 102400">'),
        ('static-files', 'answered with 404', r're:Define STARPUNK_STATIC .*', f'Define STARPUNK_STATIC {ELSEWHERE}'),
        ('media-files', 'answered with 404', r're:Define STARPUNK_MEDIA .*', f'Define STARPUNK_MEDIA {ELSEWHERE}'),
    ],
    'lighttpd': [
        ('authorization', 'does not arrive', 'index-file.names = ()', 'setenv.set-request-header = ("Authorization" => "")'),
        ('headers', 'If-None-Match is changed', 'static-file.exclude-extensions = ()', 'setenv.add-request-header = ("If-None-Match" => "other")'),
        ('body-limit', 'refused with 413', 'server.max-request-size = 2048', 'server.max-request-size = 100'),
        ('upload-limit', 'refused with 413', 'server.max-request-size = 67584', 'server.max-request-size = 1024'),
        ('static-files', 'answered with 404', r're:var.starpunk_static = .*', f'var.starpunk_static = "{ELSEWHERE}"'),
        ('media-files', 'answered with 404', r're:var.starpunk_media = .*', f'var.starpunk_media = "{ELSEWHERE}"'),
    ],
    'caddy': [
        ('authorization', 'does not arrive', 'header_up -Proxy', 'header_up -Authorization'),
        ('host', "sees 'other.example'", 'lb_try_duration 3s', 'header_up Host other.example'),
        ('headers', 'If-None-Match is changed', 'lb_try_interval 100ms', 'header_up If-None-Match other'),
        ('body-limit', 'refused with 413', 'max_size 2MiB', 'max_size 100KiB'),
        ('upload-limit', 'refused with 413', 'max_size 66MiB', 'max_size 1MiB'),
        ('static-files', 'answered with 404', r're:root \* {\$STARPUNK_STATIC:.*', f'root * {ELSEWHERE}/static'),
        ('media-files', 'answered with 404', r're:root \* {\$STARPUNK_MEDIA:.*', f'root * {ELSEWHERE}/media'),
    ],
}

# How the socket is named.
SOCKET = {
    'nginx': (r'server unix:[^;]+;', 'server unix:/nowhere.sock max_fails=0;'),
    'apache': (r'Define STARPUNK_SOCKET .*', 'Define STARPUNK_SOCKET /nowhere.sock'),
    'lighttpd': (r'var.starpunk_socket = .*', 'var.starpunk_socket = "/nowhere.sock"'),
    'caddy': (r'reverse_proxy unix/.*', 'reverse_proxy unix//nowhere.sock {'),
}


class Front:
    """The front server's files in the site's directory, to be broken and mended."""

    def __init__(self, site):
        self.site = site
        name = SHIPPED[site.front]
        shipped = os.path.join(SRC, 'etc', site.front, name)
        self.files = [os.path.join(site.dir, name), os.path.join(site.dir, f'{site.front}.conf')]
        shutil.copy(shipped, self.files[0])
        self.replace(re.escape(shipped), self.files[0])
        if site.front == 'nginx':
            self.files.append(os.path.join(site.dir, 'fastcgi_params'))
            os.remove(self.files[-1])
            shutil.copy('/etc/nginx/fastcgi_params', self.files[-1])

    def replace(self, pattern, text):
        """In whichever of the files it stands."""
        n = 0
        for path in self.files:
            with open(path, encoding='utf-8') as f:
                new, k = re.subn(pattern, lambda m: text, f.read())
            with open(path, 'w', encoding='utf-8') as f:
                f.write(new)
            n += k
        if n == 0:
            raise RuntimeError(f'{self.site.front}: nowhere is {pattern}')

    def reload(self):
        site = self.site
        if site.front != 'caddy':
            subprocess.run([os.path.join(SRC, 'tools', 'front'), 'reload', site.dir], check=True)
            return
        env = dict(os.environ, STARPUNK_SOCKET=site.socket, STARPUNK_STATIC=f'{SRC}/share/static', STARPUNK_THEME=f'{site.dir}/theme',
                   STARPUNK_MEDIA=f'{site.dir}/media', HOME=f'{site.dir}/tmp')
        subprocess.run(['caddy', 'reload', '--config', f'{site.dir}/caddy.conf', '--adapter', 'caddyfile', '--address', f'unix/{site.dir}/tmp/caddy.sock'],
                       env=env, check=True, capture_output=True, timeout=30)

    def shown_by(self, command):
        """What a command that searches the front server's files prints of these."""
        command = re.sub(r'/etc/(apache2|lighttpd|caddy)/', self.site.dir + '/', command)
        command = command.replace('nginx -T', f'nginx -T -c {self.site.dir}/nginx.conf 2>/dev/null').replace('grep ', 'grep --include=*.conf --include=*.caddy ', 1 if command.startswith('grep') else 0)
        return subprocess.run(command, shell=True, env=dict(os.environ, PATH=PATH), capture_output=True, text=True, check=False).stdout

    def mend(self, line, wrong):
        """As an administrator would with that line; false if it is none that could help."""
        if line.startswith(('grep ', 'nginx -T')):
            if wrong not in self.shown_by(line):
                return False
            self.replace(re.escape(wrong), '')
        else:
            self.replace(re.escape(wrong), line)
        return True


def sees(site, condition):
    """A look of the doctor's of which that is true: a front server takes its time to read its files."""
    last = []

    def look():
        last[:] = [Doctor(site)]
        return condition(last[0])
    wait_for(look, 20)
    return last[0]


def is_well(doctor):
    return doctor.status == 0 and doctor.json['warnings'] == 0


def check_well(t, site):
    front = site.front
    well = Doctor(site)
    t.ok(is_well(well), f'{front}: a site that is well has no errors and no warnings', well.wrong())
    for check in ('site-url', 'authorization', 'host', 'headers', 'request-id', 'client-address', 'request-uri', 'body-limit',
                  'upload-limit', 'static-files', 'media-files', 'socket', 'database', 'courier'):
        t.ok(well.of(check, 'ok') and len(well.of(check)) == len(well.of(check, 'ok')), f'{front}: {check} is looked at and well', well.of(check))
    t.eq(well.json['unseen'], [], f'{front}: everything could be looked at')
    t.has(well.of('front-server')[0]['finding'].lower(), front, f'{front}: it is known which server that is')
    t.eq([n for n in os.listdir(f'{site.dir}/media') if not n.startswith('.')], [], f'{front}: nothing is left in media_path')
    t.ok(not site.log('request', route='doctor', status=404), f'{front}: the program knew each of its passes')


def check_wrong(t, site, files):
    """All at once: found one by one, and gone when what the doctor says is done."""
    front = site.front
    for _, _, old, new in WRONG[front]:
        if old:
            files.replace(old[3:] if old.startswith('re:') else re.escape(old), new)
    files.reload()
    bad = sees(site, lambda d: all(d.has(check, None, text) for check, text, _, _ in WRONG[front]))
    pasted = {}
    for check, text, _, new in WRONG[front]:
        level = 'warning' if check == 'request-id' else 'error'
        lines = bad.lines(check, level, text)
        t.ok(lines, f'{front}: {check}: found, with what to do', bad.of(check))
        if lines and pasted.get(new) != lines[0]:
            t.ok(files.mend(lines[0], new), f'{front}: {check}: what to do is about it', lines)
            pasted[new] = lines[0]
    t.eq(bad.status, 1, f'{front}: the exit status says that there are errors')
    t.ok(bad.of('site-url', 'ok'), f'{front}: it is still known to be this site')
    files.reload()
    well = sees(site, is_well)
    t.ok(is_well(well), f'{front}: what was to be pasted has mended all of it', well.wrong())


def check_socket(t, site, files):
    front = site.front
    pattern, wrong = SOCKET[front]
    files.replace(pattern, wrong)
    files.reload()
    text = 'though the program runs'
    bad = sees(site, lambda d: d.has('front-server', 'error', text))
    found(t, bad, 'front-server', 'error', text, f'{front}: that it looks for another socket is found')
    t.ok({'authorization', 'body-limit', 'static-files'} <= set(bad.json['unseen']), f'{front}: and what is hidden by that is said', bad.json['unseen'])
    lines = bad.lines('front-server', 'error', text)
    t.ok(lines and files.mend(lines[0], wrong), f'{front}: with the line that names it', lines)
    files.reload()
    well = sees(site, is_well)
    t.ok(is_well(well), f'{front}: which has mended it', well.wrong())


# ---- what answers at the address --------------------------------------------------------------

def check_address(t, site):
    with other() as url:
        bad = Doctor(site, '--url', url)
        found(t, bad, 'site-url', 'error', 'is not this site', 'a foreign server at the address is found')
        t.ok(not bad.of('authorization'), 'what cannot be known behind it is not claimed')
        t.eq(bad.json['url'], url, 'the report names the address')
    found(t, Doctor(site, '--url', url), 'front-server', 'error', 'no server answers', 'nobody at the address is found')
    bad = Doctor(site, '--url', 'http://no-such-name.invalid/')
    found(t, bad, 'site-url', 'error', 'cannot be resolved', 'a name that there is not is found', 'getent hosts no-such-name.invalid || cat /etc/resolv.conf')
    with other(location=site.url.rstrip('/')) as url:
        found(t, Doctor(site, '--url', url), 'site-url', 'error', 'there this site answers', 'an address that only leads to the site is found, with the right one',
              f'site_url = "{site.url}"')
    with other(to=site.url.rstrip('/'), broken=1000) as url:
        bad = Doctor(site, '--url', url)
        found(t, bad, 'body-limit', 'error', 'answered with 502', 'a front server that fails at a body is found')
        remedies = [f['remedy'] for f in bad.of('body-limit')]
        t.ok(all('no matter of limits' in text for text in remedies), 'and no limit is blamed for it', remedies)
    with other(to=site.url.rstrip('/'), behind=3600) as url:
        found(t, Doctor(site, '--url', url), 'clock', 'error', 'it differs by', 'a clock that differs by an hour is found', 'timedatectl set-ntp true')
    open_air = Doctor(site, '--url', f'http://0.0.0.0:{site.port}/')
    found(t, open_air, 'https', 'warning', 'without encryption', 'passwords that would travel in the clear are found')
    t.eq(site.starpunk('doctor', '--url', 'nonsense', check=False).returncode, 2, 'an address that is none is wrong usage')


def check_strangers(t, site):
    t.eq(site.get('/health/doctor').status, 404, 'strangers find nothing at /health/doctor')
    forged = 'starpunk-doctor=' + 'A' * 75
    t.eq(site.get(f'/health/doctor?{forged}').status, 404, 'nor with a pass of their own making')
    t.has(site.get(f'/?{forged}').text, 'Test site', 'and other addresses answer as ever')


# ---- certificates -----------------------------------------------------------------------------

def certificate(site, days, names):
    """A new one of the site's machine, good for so long."""
    pem = f'{site.dir}/{days}.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', str(days), '-subj', '/CN=test',
                    '-addext', f'subjectAltName={names}', '-keyout', f'{pem}.key', '-out', f'{pem}.crt'], check=True, capture_output=True)
    with open(pem, 'w', encoding='ascii') as out:
        for part in ('key', 'crt'):
            with open(f'{pem}.{part}', encoding='ascii') as f:
                out.write(f.read())
    return pem


@contextlib.contextmanager
def trusting(site, pem):
    """The site's doctor trusts that certificate as one that the system trusts."""
    helper = f'{site.dir}/fetch'
    build = os.path.abspath(os.environ.get('SP_TOP_BUILDDIR') or os.path.join(SRC, 'build'))
    with open(helper, 'w', encoding='utf-8') as f:
        f.write('#!/bin/sh\n[ "$1" = ask ] || exec ' + f'{build}/starpunk-fetch "$@"\n'
                f'LD_PRELOAD={build}/tests/http/trust.so SP_TRUST={pem} ASAN_OPTIONS=verify_asan_link_order=0 exec {build}/starpunk-fetch "$@"\n')
    os.chmod(helper, 0o755)
    site.write_config(fetch_helper=helper)
    try:
        yield
    finally:
        site.write_config(fetch_helper='')


def look_by_tls(site, pem):
    with trusting(site, pem), other(to=site.url.rstrip('/'), certificate=pem) as url:
        return Doctor(site, '--url', url)


def check_certificates(t, site):
    days = {n: look_by_tls(site, certificate(site, n, 'DNS:localhost')) for n in (60, 10, 3)}
    t.ok(days[60].of('certificate', 'ok') and days[60].of('site-url', 'ok'), 'a good certificate is well', days[60].wrong())
    found(t, days[10], 'certificate', 'warning', 'good for ', 'one that ends within two weeks is a warning')
    found(t, days[3], 'certificate', 'error', 'good for ', 'one that ends within three days an error')
    t.ok(any('certbot renew' in line for line in days[3].lines('certificate', 'error', 'good for')), 'with what renews it', days[3].of('certificate'))
    ended = look_by_tls(site, os.path.join(TLS, 'ended.pem'))
    found(t, ended, 'certificate', 'error', 'certificate has expired', 'one that has ended is found', 'certbot renew')
    strange = look_by_tls(site, certificate(site, 61, 'DNS:other.example'))
    found(t, strange, 'certificate', 'error', "match", 'one of another name is found', 'certbot certonly -d localhost')
    plain = Doctor(site, '--url', site.url.replace('http:', 'https:'))
    t.ok('No TLS is spoken there' in (plain.one('certificate', 'error', 'wrong version number') or {'remedy': ''})['remedy'],
         'https where http is spoken is told from a bad certificate', plain.of('certificate'))
    with other(certificate=os.path.join(TLS, 'self-signed.pem')) as url:
        bad = Doctor(site, '--url', url)
        found(t, bad, 'certificate', 'error', 'self-signed certificate', 'one that nobody vouches for is found')
        shown = subprocess.run(bad.lines('certificate', 'error', 'self-signed')[0], shell=True, capture_output=True, text=True, timeout=20, check=False).stdout
        t.has(shown, 'notAfter=', 'and the command beside it shows whose it is, and until when')
    t.ok('authorization' in ended.json['unseen'], 'what lies behind a bad one is said to be unseen')


# ---- what people see --------------------------------------------------------------------------

def check_text(t, site):
    lines = site.starpunk('doctor', check=False).stdout.splitlines()
    t.has(lines[0], 'Nothing is wrong: 0 errors, 0 warnings', 'the first line says how things are')
    at = next((i for i, line in enumerate(lines) if line.startswith('note    configuration-file')), None)
    t.ok(at is not None and lines[at + 1].strip().startswith('-> It should be') and 'chmod 640' in lines[at + 2],
         'below a finding stands what to do, and what can be pasted', lines)
    t.ok(any('authorization' in line for line in lines[lines.index('Well:'):]), 'what is well is named', lines)
    lines = site.starpunk('doctor', '--all', check=False).stdout.splitlines()
    t.ok(any(line.startswith('ok      authorization') for line in lines), 'with --all each has a line', lines)
    t.ok(not any('\033' in line for line in lines), 'without colours where it is no terminal')
    shown = subprocess.run(['script', '-qec', f'{os.environ.get("SP_TOP_BUILDDIR", "build")}/starpunk --config {site.conf} doctor --all', '/dev/null'],
                           env=site.env, text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False).stdout
    t.ok('\033[32mok' in shown, 'and with them on one', shown)
    t.ok('looking at front-server' in shown, 'where people wait they see what for', shown)
    site.stop_program()
    lines = site.starpunk('doctor', check=False).stdout.splitlines()
    t.has(lines[0], 'error', 'when something is wrong, that is the first line')
    t.ok(lines[2].startswith('error   program '), 'and what it comes from the next', lines)
    site.start_program()
    site.wait_healthy()


def everyone():
    """The front servers that are asked for, and the others that are installed."""
    more = () if SANITIZED else ('lighttpd', 'caddy')
    return fronts() + [f for f in more if f not in fronts() and shutil.which(f, path=PATH)]


with Tap() as t:
    for front in everyone():
        with Site(front) as site:
            check_well(t, site)
            files = Front(site)
            check_wrong(t, site, files)
            check_socket(t, site, files)
    with Site(fronts()[0], max_media_size='2MiB') as site:
        check_text(t, site)
        check_address(t, site)
        check_strangers(t, site)
        check_certificates(t, site)
