#!/usr/bin/env python3
"""Alert rules and dashboard against the tables: what they ask for is counted, and what matters is shown.

Prometheus's own promtool checks the rules and runs them where it is installed (Debian: prometheus).
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))
from starpunk import SRC, Tap

SCRAPE = os.path.join(SRC, 'share', 'prometheus', 'scrape.yml')
RULES = os.path.join(SRC, 'share', 'prometheus', 'starpunk.rules.yml')
DASHBOARD = os.path.join(SRC, 'share', 'grafana', 'starpunk.json')
CASES = os.path.join(SRC, 'tests', 'fixtures', 'prometheus', 'rules_test.yml')
METRIC = re.compile(r'\b(?:starpunk|process)_[a-z0-9_]+\b')
SHOWN = ('check_healthy', 'requests_total', 'errors_total', 'request_duration_seconds', 'pool_active', 'pool_wait_seconds', 'db_slow', 'wal_bytes', 'posts_created',
         'jobs_failed', 'log_dropped', 'resident_memory')


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def counted():
    """Every name that /metrics has, with the parts of histograms."""
    names = set()
    for table in ('metrics', 'families'):
        text = read(os.path.join(SRC, 'src', 'tables', f'{table}.def'))
        for name in re.findall(r'^(?:COUNTER|GAUGE|HISTOGRAM|FAMILY)\([A-Z_]+, "([a-z0-9_]+)"', text, re.M):
            names.update((name, name + '_bucket', name + '_count', name + '_sum') if name.endswith('_seconds') else (name,))
    return names


def unknown(text):
    return sorted(set(METRIC.findall(text)) - counted())


def expressions(dashboard):
    return [t['expr'] for p in dashboard['panels'] for t in p['targets']]


def check_rules(t):
    text = read(RULES)
    alerts = re.findall(r'^ +- alert: (\w+)$', text, re.M)
    t.ok(len(alerts) > 8 and len(alerts) == len(set(alerts)), 'each alert has a name of its own')
    asked = '\n'.join(line for line in text.splitlines() if not re.match(r' +(summary|description):|#', line))
    t.eq(unknown(asked), [], 'the alert rules ask for nothing that is not counted')
    for key in ('expr', 'labels', 'annotations', '  summary', '  description'):
        t.eq(len(re.findall(rf'^ +{key}:', text, re.M)), len(alerts), f'each alert has its {key.strip()}')
    errors = re.findall(r'^ERROR\([A-Z_]+, "([a-z_]+)"', read(os.path.join(SRC, 'src', 'tables', 'errors.def')), re.M)
    named = [name for group in re.findall(r'error=~"([a-z_|]+)"', text) for name in group.split('|')]
    t.eq([name for name in named if name not in errors], [], 'and the errors it names exist')
    t.eq(sorted(set(re.findall(r'alertname: (\w+)', read(CASES))) - set(alerts)), [], 'the cases are about alerts that exist')


def check_dashboard(t):
    dashboard = json.loads(read(DASHBOARD))
    t.eq(unknown(' '.join(expressions(dashboard))), [], 'the dashboard asks for nothing that is not counted')
    t.eq([w for w in SHOWN if not any(w in e for e in expressions(dashboard))], [], 'it shows what is looked for first')
    ids = [p['id'] for p in dashboard['panels']]
    t.eq(len(ids), len(set(ids)), 'each panel has a number of its own')
    t.eq([p['title'] for p in dashboard['panels'] if p['gridPos']['x'] + p['gridPos']['w'] > 24], [], 'and stands within the 24 columns')
    t.eq([e for e in expressions(dashboard) if e.count('(') != e.count(')')], [], 'parentheses are closed')


def check_promtool(t):
    if not shutil.which('promtool'):
        t.ok(True, 'promtool accepts the rules # SKIP it is not installed')
        return
    with tempfile.TemporaryDirectory() as d:
        shutil.copy(RULES, d)
        shutil.copy(CASES, d)
        for what, file in (('check', RULES), ('test', CASES)):
            done = subprocess.run(['promtool', what, 'rules', os.path.basename(file)], cwd=d, capture_output=True, text=True, timeout=60, check=False)
            t.ok(done.returncode == 0, f'promtool {what} rules', done.stdout + done.stderr)
        queries = ''.join(f'  - record: x:{n}\n    expr: {json.dumps(e.replace("$__rate_interval", "5m").replace("$instance", ".*"))}\n'
                          for n, e in enumerate(expressions(json.loads(read(DASHBOARD)))))
        with open(os.path.join(d, 'dashboard.yml'), 'w', encoding='utf-8') as f:
            f.write('groups:\n- name: x\n  rules:\n' + queries)
        done = subprocess.run(['promtool', 'check', 'rules', 'dashboard.yml'], cwd=d, capture_output=True, text=True, timeout=60, check=False)
        t.ok(done.returncode == 0, "the dashboard's queries are such", done.stdout + done.stderr)


def check_scrape(t):
    """The example, as somebody would use it: with his own token, and the rules beside it."""
    text = read(SCRAPE)
    t.has(text, 'job_name: starpunk ', 'the job is called as the alerts call it')
    if not shutil.which('promtool'):
        t.ok(True, 'promtool accepts the example # SKIP it is not installed')
        return
    with tempfile.TemporaryDirectory() as d:
        token = re.search(r'credentials_file: (\S+)', text).group(1)
        with open(os.path.join(d, 'token'), 'w', encoding='ascii') as f:
            f.write('secret\n')
        with open(os.path.join(d, 'prometheus.yml'), 'w', encoding='utf-8') as f:
            f.write(text.replace(f'file: {token}', f'file: {d}/token') + f'rule_files: [{RULES}]\n')
        done = subprocess.run(['promtool', 'check', 'config', 'prometheus.yml'], cwd=d, capture_output=True, text=True, timeout=60, check=False)
        t.ok(done.returncode == 0, 'promtool check config', done.stdout + done.stderr)


with Tap() as t:
    check_rules(t)
    check_scrape(t)
    check_dashboard(t)
    check_promtool(t)
    t.eq(unknown('rate(starpunk_nonsense_total[5m])'), ['starpunk_nonsense_total'], 'a metric that there is not would be found')
