"""Load on one URL by wrk; what the benchmarks share."""

import os
import re
import subprocess

ROUNDS = int(os.environ.get('BENCH_ROUNDS', '5'))
SECONDS = os.environ.get('BENCH_SECONDS', '2')
ONLY = os.environ.get('BENCH_ONLY', '')


def lua_pace(pace):
    """The wait of each client between two requests, if there is one; up to twice as long, so that clients do not march in step."""
    return f'delay = function() return math.random(0, {2 * pace}) end\n' if pace else ''


def lua_get(path, pace):
    """Requests with a pause of so many milliseconds on average."""
    with open(path, 'w', encoding='utf-8') as f:
        f.write(lua_pace(pace))
    return path


def lua_post(path, target, token, pace=0):
    """Each request another note of about 500 characters, with a pause of so many milliseconds on average."""
    with open(path, 'w', encoding='utf-8') as f:
        f.write(lua_pace(pace) + f'''
local n = 0
local id = tostring({{}}):match("0x(%x+)") .. os.time()
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = "Bearer {token}"
local text = string.rep("some+words+of+a+note+that+says+little+", 12)
request = function()
	n = n + 1
	return wrk.format(nil, "{target}", nil, "h=entry&category[]=bench&content=Note+" .. id .. "+" .. n .. "+" .. text)
end
''')
    return path


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
