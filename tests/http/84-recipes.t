#!/usr/bin/env python3
"""The recipes of starpunk-recipes(7), each run as it stands in the page, on the logs of a real site."""

import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
import logschema
from starpunk import BUILD, SRC, Site, Tap, fronts, wait_for

PICTURE = os.path.join(SRC, 'tests', 'fixtures', 'images', 'photo.jpg')
# How many of them have something to say of a request, and of what front server.
LEAST = 15


def recipes(front):
    """The lines behind "$ " of the page as it is shown, with what the functions read left to be named, and what else there is for this server."""
    page = next(p for p in (os.path.join(d, 'man', 'starpunk-recipes.7') for d in (BUILD, SRC)) if os.path.exists(p))
    shown = subprocess.run(['mandoc', '-T', 'ascii', '-O', 'width=1000', page], capture_output=True, text=True, check=True, timeout=30).stdout
    shown = re.sub('.\b', '', shown)
    lines = [line.strip() for line in shown.splitlines()]
    return [line[2:] for line in lines if line.startswith('$ ') or (front == 'caddy' and line.startswith('# front()'))]


def live(site):
    """A little of everything that the recipes ask for."""
    site.get('/')
    site.get('/nowhere')
    site.post('A note')
    site.micropub({'h': 'entry'})
    visit = site.visit()
    site.form('/admin/login', {'password': 'this is not the password'}, visit)
    with open(PICTURE, 'rb') as f:
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' + f.read() + b'\r\n--x--\r\n'
    t.eq(site.request('POST', '/micropub/media', {'Content-Type': 'multipart/form-data; boundary=x', **site.auth()}, body).status, 201, f'{site.front}: (a picture is there)')
    os.kill(site.workers()[0], signal.SIGKILL)
    t.ok(site.wait_log('process_died'), f'{site.front}: (a worker has died)')


def run(site, commands):
    """The last of the commands in a shell in which the others have been run."""
    script = 'set -e -o pipefail\n' + '\n'.join(commands)
    script = script.replace('/var/log/starpunk/starpunk.log', site.log_file)
    script = re.sub('/var/log/(nginx|caddy)/starpunk.log', f'{site.dir}/log/{site.front}.log', script)
    return subprocess.run(['bash', '-c', script], capture_output=True, text=True, timeout=30, check=False)


def check_recipes(t, f, site):
    before, n = [], 0
    site.settle_log()
    for command in recipes(f):
        name = command if len(command) < 70 else command[:67] + '...'
        if command.startswith(('log()', 'front()')) or re.match(r'\w+=', command):
            before.append(command)
            continue
        n += 1
        done = run(site, before + [command])
        t.ok(done.returncode == 0 and done.stdout.strip() and not done.stderr, f'{f}: {name}',
             f'{command}\n{done.returncode}\n{done.stdout[:500]}\n{done.stderr}')
    t.ok(n >= LEAST, f'{f}: all of the page was tried ({n})')


def check_one_request(t, f, site):
    """What the page promises of an id: both logs have it, and so has the courier's work."""
    done = run(site, [r for r in recipes(f) if r.startswith(('log()', 'front()'))] + ['{ front; log; } | jq -r .request_id | sort | uniq -d'])
    t.ok(len(done.stdout.split()) > 3, f'{f}: requests have one id in both logs', done.stderr)
    ordered = site.log('job_done')[-1]['request_id']
    t.eq({e['event'] for e in site.log(request_id=ordered)} >= {'media_stored', 'request', 'job_done'}, True,
         f'{f}: a job is logged under the id of the request that ordered it')
    t.ok(site.log('job_done')[-1]['pid'] != site.log('media_stored')[-1]['pid'], f'{f}: by another process')


def check_schema(t, f, site):
    t.eq(logschema.problems(site.log_file), [], f'{f}: every line is what the JSON Schema says')
    line = site.log('request')[0]
    for wrong, name in (({'status': 'two hundred'}, 'a wrong type'), ({'more': 1}, 'a member too many'), ({'event': 'nonsense'}, 'an unknown event'),
                        ({'level': 'ERROR'}, "another event's level"), ({'pid': None}, 'no pid')):
        t.ok(logschema.problem({**line, **wrong}), f'{f}: {name} would be found')
    t.ok(logschema.problem({k: v for k, v in line.items() if k != 'route'}), f'{f}: a member too few would be found')


with Tap() as t:
    for front in fronts():
        with Site(front, log_level='debug', metrics_slow_query_threshold='0s', scope='create update media') as site:
            live(site)
            if not t.ok(site.wait_log('job_done'), f'{front}: (the courier has done its work)'):
                t.diag(site.output())
            wait_for(lambda: len(site.front_log()) >= 5)
            check_recipes(t, front, site)
            check_one_request(t, front, site)
            check_schema(t, front, site)
