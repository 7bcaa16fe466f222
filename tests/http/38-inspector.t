#!/usr/bin/env python3
"""The request inspector through the front servers: what is kept, for whom, how long, and that no secret is."""

import json
import os
import signal
import stat
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import Site, Tap, fronts, wait_for
from uploads import png, upload

FORM = 'application/x-www-form-urlencoded'


def journal(site):
    return os.path.join(site.dir, 'run', 'micropub.journal')


def calls(site, *args):
    """What the command shows, newest last."""
    return json.loads(site.starpunk('micropub', 'log', '--json', *args).stdout)


def call_of(site, answer):
    """The call that was answered so. It is written down after the answer has gone out."""
    request_id = answer.header('X-Request-ID')

    def find():
        done = site.starpunk('micropub', 'log', '--json', '--request', request_id, check=False)
        return json.loads(done.stdout)[0] if done.returncode == 0 else None
    return wait_for(find) or {}


def empty(t, site):
    f = site.front
    t.eq(calls(site), [], f'{f}: a new site knows of no calls')
    t.eq(site.starpunk('micropub', 'log').stdout, 'No calls so far.\n', f'{f}: and says so')


def kinds(t, site):
    f = site.front
    call = call_of(site, site.micropub([('h', 'entry'), ('content', 'By form'), ('category[]', 'a'), ('mp-slug', 'form')],
                                       headers={'User-Agent': 'Quill/1.0'}))
    t.eq((call.get('method'), call.get('endpoint'), call.get('status')), ('POST', '/micropub', 201), f'{f}: a form is kept')
    t.eq((call.get('client'), call.get('user_agent'), call.get('remote_addr')), ('test', 'Quill/1.0', '127.0.0.1'), f'{f}: and who sent it')
    t.eq(call.get('location'), site.url + 'note/form', f'{f}: and where it led')
    t.eq(call.get('request'), {'action': 'create', 'type': 'entry', 'mp-slug': 'form',
                               'properties': {'content': ['By form'], 'category': ['a']}}, f'{f}: and how it was understood')
    body = b'--X7\r\nContent-Disposition: form-data; name="content"\r\n\r\nBy multipart\r\n--X7--\r\n'
    call = call_of(site, site.request('POST', '/micropub', {**site.auth(), 'Content-Type': 'multipart/form-data; boundary=X7'}, body))
    t.eq((call.get('media_type'), call.get('bytes')), ('multipart/form-data; boundary=X7', len(body)), f'{f}: multipart is kept')
    call = call_of(site, site.micropub_json({'type': ['h-entry'], 'properties': {'content': [{'html': '<b>x</b>'}], 'n': [1.5]}}))
    t.eq(call.get('request', {}).get('properties'), {'content': [{'html': '<b>x</b>'}], 'n': [1.5]}, f'{f}: JSON is kept')
    call = call_of(site, site.get('/micropub?q=source&url=' + site.url + 'note/form', site.auth()))
    t.eq(call.get('query'), ['q=source', f'url={site.url}note/form'], f'{f}: a query is kept')


def files(t, site):
    f = site.front
    data = png()
    answer = upload(site, data, name='dot.png')
    call = call_of(site, answer)
    t.eq((call.get('endpoint'), call.get('status')), ('/micropub/media', 201), f'{f}: an upload is kept')
    t.eq(call.get('files'), [{'part': 'file', 'filename': 'dot.png', 'media_type': 'application/octet-stream', 'bytes': len(data)}],
         f'{f}: with what the file was called and its size')
    t.eq(call.get('location'), answer.header('Location'), f'{f}: and where it is now')
    text = site.starpunk('micropub', 'log', '--request', answer.header('X-Request-ID')).stdout
    t.has(text, f'file file: dot.png, application/octet-stream, {len(data)} bytes', f'{f}: which the command shows')


def refusals(t, site):
    f = site.front
    cases = [('no token', {}, FORM, b'content=x', 401, 'unauthorized'),
             ('a wrong token', site.auth('sp_wrong'), FORM, b'content=x', 401, 'token_invalid'),
             ('XML', site.auth(), 'application/xml', b'<x/>', 415, 'unsupported_media_type'),
             ('cut JSON', site.auth(), 'application/json', b'{"type":', 400, 'bad_json'),
             ('a scalar', site.auth(), 'application/json', b'{"properties":{"content":"x"}}', 400, 'micropub_property'),
             ('a large body', site.auth(), FORM, b'content=' + b'x' * (1060 * 1024), 413, 'body_too_large'),
             ('an unknown action', site.auth(), FORM, b'action=explode&url=x', 400, 'micropub_action')]
    for name, auth, kind, body, status, error in cases:
        answer = site.request('POST', '/micropub', {**auth, 'Content-Type': kind}, body)
        t.eq(answer.status, status, f'{f}: {name} is {status}')
        call = call_of(site, answer)
        t.eq((call.get('status'), call.get('error', {}).get('name')), (status, error), f'{f}: {name} is kept with its reason')
        t.ok(call.get('error', {}).get('suggestion') == answer.json['suggestion'], f'{f}: and with what to do', call)
    text = site.starpunk('micropub', 'log', '--request', answer.header('X-Request-ID')).stdout
    t.has(text, 'POST /micropub  400', f'{f}: the command shows it to people')
    t.has(text, 'action: explode', f'{f}: with what the client sent')
    t.has(text, answer.json['suggestion'], f'{f}: and what to do')


def command(t, site):
    f = site.front
    t.eq(len(calls(site, '--limit', '3')), 3, f'{f}: --limit counts')
    t.ok(calls(site)[0]['time'] <= calls(site)[-1]['time'], f'{f}: the newest is last')
    t.eq(calls(site, '--limit', '1')[0], calls(site)[-1], f'{f}: and the one that stays')
    for args in (['--limit', '0'], ['--limit', 'x'], ['--request'], ['--nothing'], ['operand']):
        t.eq(site.starpunk('micropub', 'log', *args, check=False).returncode, 2, f'{f}: {args} is wrong usage')
    gone = site.starpunk('micropub', 'log', '--request', 'f' * 32, check=False)
    t.eq(gone.returncode, 1, f'{f}: an unknown request is a failure')
    t.has(gone.stderr, 'Only the newest calls are kept', f'{f}: that is explained')
    site.micropub([('content', 'colours \x1b[31m and \u202e bells \x07')])
    t.ok(wait_for(lambda: 'colours' in site.starpunk('micropub', 'log', '--limit', '1').stdout), f'{f}: a control character is kept')
    text = site.starpunk('micropub', 'log', '--limit', '1').stdout
    t.ok(not any(ch in text for ch in '\x1b\u202e\x07'), f'{f}: but does nothing to the terminal', repr(text))


def owner(t, site):
    f = site.front
    admin = site.make_token('admin')
    got = site.get('/admin/micropub', site.auth(admin))
    t.eq((got.status, got.header('Content-Type')), (200, 'application/json'), f'{f}: a token of scope admin reads JSON')
    t.eq(got.json['calls'][0], calls(site)[-1], f'{f}: newest first')
    t.eq(site.get('/admin/micropub', site.auth()).status, 401, f'{f}: another token does not')
    t.eq(site.get('/admin/micropub', {'Accept': 'application/json'}).status, 401, f'{f}: nor does nobody')
    t.eq(site.get('/admin/micropub', {'Accept': 'text/html'}).status, 303, f'{f}: a browser is sent to sign in')
    cookie = {'Cookie': site.sign_in(), 'Accept': 'text/html'}
    page = site.get('/admin/micropub', cookie)
    t.eq(page.status, 200, f'{f}: the owner sees the page')
    t.has(page.text, 'unsupported_media_type', f'{f}: with the refusals')
    t.has(site.get('/admin', cookie).text, '/admin/micropub', f'{f}: to which the overview leads')


def secrets(t, site):
    f = site.front
    site.request('POST', '/micropub', {'Content-Type': FORM}, f'content=x&access_token={site.token}'.encode())
    site.request('POST', f'/micropub?access_token={site.token}', {'Content-Type': FORM, 'User-Agent': site.token}, b'content=x')
    last = site.micropub([('content', f'My token is {site.token}!'), ('password', 'hunter2')])
    t.ok(call_of(site, last), f'{f}: calls with secrets are kept')
    with open(journal(site), encoding='utf-8') as file:
        kept = file.read()
    t.ok(site.token not in kept and site.token[3:20] not in kept, f'{f}: but not the token')
    t.ok('hunter2' not in kept, f'{f}: nor a password')
    t.ok(site.token not in site.starpunk('micropub', 'log').stdout, f'{f}: nor does the command know it')
    t.eq(stat.S_IMODE(os.stat(journal(site)).st_mode), 0o600, f'{f}: the file is its owner\'s')


def life(t, site):
    f = site.front
    before = calls(site, '--limit', '1000')
    site.process.send_signal(signal.SIGHUP)
    t.ok(site.wait_log('supervisor_reloaded'), f'{f}: the site is reloaded')
    call_of(site, site.micropub({'content': 'after the reload'}))
    t.eq(calls(site, '--limit', '1000')[:-1], before, f'{f}: which keeps the calls')
    for pid in site.workers():
        os.kill(pid, signal.SIGKILL)
    t.ok(site.wait_healthy(), f'{f}: workers are killed and replaced')
    call_of(site, site.micropub({'content': 'after the kill'}))
    t.eq(calls(site, '--limit', '1000')[:len(before)], before, f'{f}: which keeps the calls')
    site.stop_program()
    t.eq(calls(site, '--limit', '1000')[:len(before)], before, f'{f}: a stopped site can be asked')
    site.start_program()
    t.ok(site.wait_healthy(), f'{f}: the site is started again')
    call_of(site, site.micropub({'content': 'after the start'}))
    t.eq(calls(site, '--limit', '1000')[:len(before)], before, f'{f}: which keeps the calls')


def storm(t, site):
    """Bad requests from many clients at once: the files stay small and every entry whole."""
    f = site.front
    body = ('{"properties":{' + ','.join(f'"p{n}":["{"x" * 400}"]' for n in range(50)) + ',"bad":1}}').encode()

    def client():
        for _ in range(60):
            site.request('POST', '/micropub', {**site.auth(), 'Content-Type': 'application/json'}, body)
    threads = [threading.Thread(target=client) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    t.ok(wait_for(lambda: os.path.exists(journal(site) + '.1')), f'{f}: a storm fills a file')
    sizes = [os.stat(journal(site) + end).st_size for end in ('', '.1')]
    t.ok(max(sizes) < (512 + 32) * 1024, f'{f}: and no more than that', sizes)
    lines = []
    for end in ('.1', ''):
        with open(journal(site) + end, encoding='utf-8') as file:
            lines += file.read().splitlines()
    t.ok(all(len(line) < 8192 and json.loads(line)['cut'] for line in lines[-200:]), f'{f}: each entry is whole and cut')
    metric = [line for line in site.get('/metrics', site.auth(site.make_token('admin'))).text.splitlines()
              if line.startswith('starpunk_journal_dropped_total')]
    t.eq(metric, ['starpunk_journal_dropped_total 0'], f'{f}: none was dropped')


with Tap() as t:
    for front in fronts():
        with Site(front) as site:
            empty(t, site)
            kinds(t, site)
            files(t, site)
            refusals(t, site)
            command(t, site)
            owner(t, site)
            secrets(t, site)
            life(t, site)
            storm(t, site)
