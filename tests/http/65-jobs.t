#!/usr/bin/env python3
"""Work that the courier does after an answer: smaller pictures of an upload, retried and given up."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import BUILD, SRC, Site, Tap, fronts, wait_for

PICTURES = os.path.join(SRC, 'tests', 'fixtures', 'images')
HELPER = os.path.join(BUILD, 'starpunk-media')


def upload(site, fixture, name, mime, width):
    """What the media endpoint leaves behind: the file, its row and a job. Gives the row's id."""
    path = os.path.join(site.dir, 'media', name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copy(os.path.join(PICTURES, fixture), path)
    now = int(time.time())
    with sqlite3.connect(os.path.join(site.dir, 'starpunk.db'), timeout=10) as db:
        row = db.execute(
            'INSERT INTO media (name, digest, type, bytes, width, height, sizes, created, client)'
            " VALUES (?, ?, ?, 1, ?, 1, '', ?, 't')",
            (name, hashlib.sha256(name.encode()).digest(), mime, width, now)).lastrowid
        db.execute("INSERT INTO job (kind, subject, due, attempts, problem, created) VALUES ('sizes', ?, ?, 0, '', ?)",
                   (row, now, now))
    db.close()
    return row


def sizes(site, row):
    db = sqlite3.connect(os.path.join(site.dir, 'starpunk.db'), timeout=10)
    with db:
        got = db.execute('SELECT sizes FROM media WHERE id = ?', (row,)).fetchone()
    db.close()
    return got[0]


def files(site, folder):
    return sorted(os.listdir(os.path.join(site.dir, 'media', folder)))


def jobs(site):
    return json.loads(site.starpunk('jobs', 'list', '--json').stdout)


def check_sizes(t, front, site):
    jpeg = upload(site, 'wide.jpg', 'aa/x.jpg', 'image/jpeg', 1700)
    png = upload(site, 'wide.png', 'bb/x.png', 'image/png', 500)
    t.ok(wait_for(lambda: sizes(site, jpeg) == '480 960 1600'), f'{front}: the sizes of a picture follow its upload')
    t.ok(wait_for(lambda: sizes(site, png) == '480'), f'{front}: as far as it is wider')
    t.eq(files(site, 'aa'), ['x-1600.jpg', 'x-1600.webp', 'x-480.jpg', 'x-480.webp', 'x-960.jpg', 'x-960.webp',
                             'x.jpg'], f'{front}: a JPEG has WebP and JPEG')
    t.eq(files(site, 'bb'), ['x-480.webp', 'x.png'], f'{front}: a PNG has WebP')
    t.eq(os.stat(os.path.join(site.dir, 'media', 'aa', 'x-480.jpg')).st_mode & 0o777, 0o644,
         f'{front}: the front server may read them')
    t.ok(wait_for(lambda: jobs(site) == []), f'{front}: what is done is no job any more')


def check_failure(t, front, site):
    row = upload(site, 'truncated.jpg', 'cc/x.jpg', 'image/jpeg', 640)
    failed = site.wait_log('job_failed', subject=row)
    t.ok(failed and failed[0]['attempts'] == 1 and not failed[0]['given_up'], f'{front}: a job that fails is logged')
    job = jobs(site)[0]
    t.ok(job['state'] == 'failing' and 'end' in job['problem'], f'{front}: and listed with its problem', job)
    t.has(site.starpunk('jobs', 'list').stdout, 'failing', f'{front}: in the table, too')
    shutil.copy(os.path.join(PICTURES, 'photo.jpg'), os.path.join(site.dir, 'media', 'cc', 'x.jpg'))
    site.starpunk('jobs', 'retry', str(job['id']))
    t.ok(wait_for(lambda: sizes(site, row) == '480', 40), f'{front}: retried by hand, it is done')
    t.eq(files(site, 'cc'), ['x-480.jpg', 'x-480.webp', 'x.jpg'], f'{front}: nothing half made is left')
    done = site.starpunk('jobs', 'retry', '4711', check=False)
    t.ok(done.returncode == 1 and 'jobs list' in done.stderr, f'{front}: a job that is not there', done)
    t.eq(site.starpunk('jobs', 'retry', 'x', check=False).returncode, 2, f'{front}: an id that is none')


def check_removed(t, front, site):
    db = sqlite3.connect(os.path.join(site.dir, 'starpunk.db'), timeout=10)
    with db:
        db.execute("INSERT INTO job (kind, subject, due, attempts, problem, created) VALUES ('sizes', 4711, 1, 0, '', 1)")
    db.close()
    site.post('Moves the generation.')
    t.ok(wait_for(lambda: jobs(site) == []), f'{front}: a picture that is gone needs no sizes')


def without_pictures():
    with open(os.path.join(PICTURES, 'metadata.png'), 'rb') as png, open(os.devnull, 'wb') as out:
        done = subprocess.run(['sh', '-c', f'exec "{HELPER}" prepare 1000000 1 3>/dev/null'], stdin=png, stderr=out,
                              stdout=subprocess.PIPE, check=False)
    return done.stdout.startswith(b'no pictures')


if without_pictures():
    print('1..0 # SKIP built without support for pictures')
    sys.exit(0)

with Tap() as t:
    for front in fronts():
        with Site(front, log_level='debug', media_helper=HELPER) as site:
            check_sizes(t, front, site)
            check_failure(t, front, site)
            check_removed(t, front, site)
            t.ok(site.log('job_done'), f'{front}: jobs that are done are logged')
