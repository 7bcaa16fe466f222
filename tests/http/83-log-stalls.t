#!/usr/bin/env python3
"""A log that cannot be written, or not now: no request fails or waits, nothing is lost that a pipe can hold, and what is missing is
counted, seen in /health/ready and told afterwards."""

import contextlib
import os
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from faults import can_trace, injected
from starpunk import Site, Tap, fronts, wait_for

LONG = 'x' * 900
# More requests than the pipes hold lines of, a MiB where the kernel allows it, whatever the path's share of a line.
ENOUGH = 4000


def dropped(site):
    return metric(site, 'starpunk_log_dropped_total')


def metric(site, name):
    return sum(float(line.split()[-1]) for line in site.get('/metrics').text.splitlines() if line.startswith(name))


def log_check(site):
    return site.get('/health/ready').json['checks']['log']['healthy']


def told(path, what=b'"event":"log_resumed"'):
    with open(path, 'rb') as f:
        return what in f.read()


def flood(site):
    """Requests until lines are dropped; what they were answered."""
    statuses = set()
    for n in range(ENOUGH):
        statuses.add(site.get('/' + LONG).status)
        if n % 100 == 99 and dropped(site) > 0:
            break
    return statuses


def check_outage(t, name, site):
    """Whatever holds the log: clients do not notice, the operator does."""
    t.eq(site.micropub({'h': 'entry', 'content': 'Hello'}).status, 201, f'{name}: posts are taken')
    t.eq(flood(site), {404}, f'{name}: requests are answered')
    t.ok(dropped(site) > 0, f'{name}: lines that nobody could keep are counted')
    t.ok(metric(site, 'starpunk_log_failing') > 0 and not log_check(site), f'{name}: gauge and /health/ready say so')
    t.eq(site.get('/health/ready').status, 200, f'{name}: without taking the site out of service')


def check_recovery(t, name, site):
    t.ok(wait_for(lambda: metric(site, 'starpunk_log_failing') == 0 and log_check(site), 60), f'{name}: then all is well, without a restart')
    before = dropped(site)
    site.get('/')
    t.eq(dropped(site), before, f'{name}: nothing more is dropped')


def check_pipe(t, front):
    """log_file is a pipe whose reader is stopped, as a log shipper that hangs."""
    name = f'{front}, a reader that does not read'
    with Site(front, start=False, health_check_detailed='true') as site:
        pipe, seen = os.path.join(site.dir, 'log', 'pipe'), os.path.join(site.dir, 'log', 'seen')
        site.init()
        site.token = site.make_token('create')
        os.mkfifo(pipe)
        with open(seen, 'wb') as out:
            reader = subprocess.Popen(['sh', '-c', f'exec cat <>{pipe}'], stdout=out)
        try:
            site.write_config(log_file=pipe)
            site.start()
            t.ok(log_check(site), f'{name}: a log that is read is well')
            os.kill(reader.pid, signal.SIGSTOP)
            check_outage(t, name, site)
            os.kill(reader.pid, signal.SIGCONT)
            t.ok(wait_for(lambda: told(seen)), f'{name}: read again, it says that lines are missing')
            check_recovery(t, name, site)
        finally:
            with contextlib.suppress(OSError):
                os.kill(reader.pid, signal.SIGCONT)
            reader.kill()
            reader.wait()


def check_leaves(t, front):
    """Whoever meets a log that is stuck may name another one: then nobody is held up by the old one any more."""
    name = f'{front}, a log that is left'
    with Site(front, start=False, health_check_detailed='true') as site:
        pipe = os.path.join(site.dir, 'log', 'pipe')
        site.init()
        site.token = site.make_token('create')
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDWR)
        site.write_config(log_file=pipe)
        site.start()
        check_outage(t, name, site)
        # The supervisor says something that is longer than what room may be left in the pipe.
        failing = metric(site, 'starpunk_log_failing')
        site.write_config(**{'x' * 900: ''})
        site.process.send_signal(signal.SIGHUP)
        wait_for(lambda: metric(site, 'starpunk_log_failing') > failing, 5)
        del site.config['x' * 900]
        site.write_config(log_file=site.log_file)
        site.process.send_signal(signal.SIGHUP)
        t.ok(site.wait_log('supervisor_reloaded'), f'{name}: HUP takes another file')
        t.ok(site.wait_log('log_resumed', pid=site.process.pid), f'{name}: what the supervisor could not say is told there')
        check_recovery(t, name, site)
        os.close(reader)


def check_full(t, front):
    """/dev/full is a disk without room; the log moves to one that has some, as after a clean-up or a rotation."""
    name = f'{front}, a full disk'
    with Site(front, start=False, health_check_detailed='true') as site:
        site.init()
        site.token = site.make_token('create')
        os.symlink('/dev/full', site.log_file + '.full')
        os.replace(site.log_file + '.full', site.log_file)
        site.start()
        t.ok(wait_for(lambda: not log_check(site)), f'{name}: /health/ready says so at once')
        first = site.get('/first').header('X-Request-ID')
        check_outage(t, name, site)
        os.unlink(site.log_file)
        site.process.send_signal(signal.SIGUSR1)
        t.ok(site.wait_log('log_reopened'), f'{name}: USR1 opens the log where there is room')
        t.ok(site.wait_log('log_resumed'), f'{name}: processes that have dropped lines say how many')
        check_recovery(t, name, site)
        t.ok(site.log('request', request_id=first), f'{name}: what could be kept meanwhile is there')
        # A line may be dropped while it is counted, and never be missing without having been.
        t.ok(sum(e['dropped'] for e in site.log('log_resumed')) <= dropped(site), f'{name}: what they say adds up')


def check_slow(t, front, hold, what):
    """The disk does not answer: whoever writes to it stands still, and nobody else."""
    name = f'{front}, {what}'
    with Site(front, health_check_detailed='true') as site:
        first = None
        with hold(site):
            first = site.get('/first').header('X-Request-ID')
            check_outage(t, name, site)
            victim = site.workers()[0]
            os.kill(victim, signal.SIGKILL)
            t.ok(wait_for(lambda: len(site.workers()) == 2 and victim not in site.workers()), f'{name}: a killed worker is replaced')
            t.eq(site.log_now('request', request_id=first), [], f'{name}: (nothing is written meanwhile)')
        t.ok(site.wait_log('log_resumed', 60), f'{name}: processes that have dropped lines say how many')
        check_recovery(t, name, site)
        t.ok(site.log('request', request_id=first), f'{name}: what could be kept meanwhile is there')


@contextlib.contextmanager
def stopped(site):
    pid = site.processes('logger')[0]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def delayed(site):
    """Each write takes a minute, until the end."""
    with injected(site.processes('logger'), 'write', 'delay_enter=60000000'):
        yield


def check_killed(t, front):
    """A logger that is killed, again and again, loses nothing: what it has not written is still in the pipe."""
    name = f'{front}, a logger that is killed'
    with Site(front, health_check_detailed='true') as site:
        asked, done = [], threading.Event()

        def ask():
            # Not more in the second that a logger killed at once is waited for than the pipe holds.
            while not done.wait(0.01):
                asked.append(site.get('/').header('X-Request-ID'))
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        victims = set()
        for _ in range(4):
            victim = wait_for(lambda: [p for p in site.processes('logger') if p not in victims])
            before = len(asked)
            wait_for(lambda: len(asked) > before + 20)
            victims.add(victim[0])
            os.kill(victim[0], signal.SIGKILL)
            t.ok(site.wait_log('process_died', child=victim[0], role='logger'), f'{name}: the next one tells of it')
        done.set()
        for thread in threads:
            thread.join()
        got = {e['request_id'] for e in site.log('request')}
        t.eq((set(asked) - got, dropped(site)), (set(), 0), f'{name}: no line is lost ({len(asked)} requests)')
        t.ok(wait_for(lambda: log_check(site)), f'{name}: all is well')
        t.eq((site.stop_program(), len(site.log('supervisor_stopped'))), (0, 1), f'{name}: the last word is in the log')


def workers_heard(site):
    """Waits until each worker has answered; ids of what they were asked."""
    ids = []
    while site.process.poll() is None:
        ids.append(site.get('/heard').header('X-Request-ID'))
        if set(site.workers()) <= {e['pid'] for e in site.log('request') if e['request_id'] in ids}:
            return ids
    return []


def check_moves(t, front):
    """The file is renamed, opened anew, or another one is named: together, at once, and everybody writes to the new one."""
    with Site(front) as site:
        old = site.log_file + '.1'
        os.rename(site.log_file, old)
        site.write_config(site_name='Renamed')
        site.process.send_signal(signal.SIGHUP)
        site.process.send_signal(signal.SIGUSR1)
        t.ok(site.wait_log('log_reopened') and site.wait_log('supervisor_reloaded'), f'{front}: USR1 while HUP replaces the workers opens the log anew')
        size = os.path.getsize(old)
        t.ok(workers_heard(site), f'{front}: each worker writes to the new file')
        t.eq(os.path.getsize(old), size, f'{front}: and nobody to the old one')
        loggers = site.processes('logger')
        site.write_config(log_file=site.log_file + '.other')
        site.process.send_signal(signal.SIGHUP)
        site.log_file += '.other'
        t.ok(site.wait_log('supervisor_reloaded') and workers_heard(site), f'{front}: HUP takes another file')
        t.ok(wait_for(lambda: len(site.processes('logger')) == 1 and site.processes('logger') != loggers), f'{front}: the logger of the old one ends with those who wrote to it')
        loggers = site.processes('logger')
        site.write_config(log_file=site.dir + '/nowhere/log')
        site.process.send_signal(signal.SIGHUP)
        refused = site.wait_log('config_refused')
        t.ok(refused and 'log_file' in refused[0]['problem'], f'{front}: one that cannot be written is refused', refused)
        os.makedirs(site.dir + '/nowhere/log')
        site.process.send_signal(signal.SIGHUP)
        t.ok(wait_for(lambda: len(site.log_now('config_refused')) == 2), f'{front}: also when only the attempt shows it', site.log_now('config_refused'))
        t.ok(wait_for(lambda: site.processes('logger') == loggers) and site.get('/').status == 200, f'{front}: and the old log stays')


def check_moves_without_logger(t, front):
    """Another file is named in the second before a logger that was killed has its successor."""
    with Site(front) as site:
        first = site.processes('logger')[0]
        os.kill(first, signal.SIGKILL)
        second = wait_for(lambda: [p for p in site.processes('logger') if p != first])[0]
        os.kill(second, signal.SIGKILL)
        wait_for(lambda: not site.processes('logger'))
        ids = {site.get('/').header('X-Request-ID') for _ in range(20)}
        old = site.log_file
        site.write_config(log_file=old + '.other')
        site.process.send_signal(signal.SIGHUP)
        site.log_file += '.other'
        t.ok(site.wait_log('supervisor_reloaded'), f'{front}: HUP names another file while no logger is there')
        site.log_file = old
        t.ok(wait_for(lambda: ids <= {e.get('request_id') for e in site.log_now('request')}), f'{front}: what was said before is in the old one')


def check_shell(t, front):
    """Standard error is a file, by a shell: that is a disk, too."""
    with Site(front, start=False) as site:
        site.init()
        site.token = site.make_token('create')
        with open(site.dir + '/log/stderr', 'ab') as site.stderr:
            site.write_config(log_file='')
            site.start()
            t.eq(len(site.processes('logger')), 1, f'{front}: standard error in a file has a logger')
            site.log_file = site.dir + '/log/stderr'
            rid = site.get('/').header('X-Request-ID')
            t.ok(site.wait_log('request', request_id=rid), f'{front}: which writes to it')


with Tap() as t:
    for front in fronts():
        check_full(t, front)
        check_slow(t, front, stopped, 'a logger that stands still')
    front = fronts()[0]
    check_pipe(t, front)
    check_leaves(t, front)
    check_killed(t, front)
    if can_trace():
        check_slow(t, front, delayed, 'a disk that takes a minute')
    else:
        t.skip('no process may be traced here', f'{front}, a disk that takes a minute')
    check_moves(t, front)
    check_moves_without_logger(t, front)
    check_shell(t, front)
