"""Load on one URL by wrk; what the benchmarks share."""

import os
import re
import subprocess

ROUNDS = int(os.environ.get('BENCH_ROUNDS', '5'))
SECONDS = os.environ.get('BENCH_SECONDS', '2')
ONLY = os.environ.get('BENCH_ONLY', '')


def wrk(url, clients=32, lua=None, headers=None):
    """Requests per second, p50 and p99 in ms, and the number of answers that were not 2xx or 3xx."""
    args = ['wrk', '-t', str(min(2, clients)), '-c', str(clients), '-d', SECONDS + 's', '--latency', '--timeout', '20s']
    if lua:
        args += ['-s', lua]
    for name, value in (headers or {}).items():
        args += ['-H', f'{name}: {value}']
    out = subprocess.run(args + [url], capture_output=True, text=True, check=True).stdout

    def ms(label):
        n, unit = re.search(label + r'\s+([\d.]+)(us|ms|s|m)\b', out).groups()
        return float(n) * {'us': 0.001, 'ms': 1, 's': 1000, 'm': 60000}[unit]
    bad = re.search(r'Non-2xx or 3xx responses: (\d+)', out)
    errors = re.search(r'Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)', out)
    return {'rate': float(re.search(r'Requests/sec:\s+([\d.]+)', out).group(1)), 'p50': ms('50%'), 'p99': ms('99%'),
            'bad': int(bad.group(1)) if bad else 0, 'errors': sum(map(int, errors.groups())) if errors else 0}
