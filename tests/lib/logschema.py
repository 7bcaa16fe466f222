"""Log lines against the JSON Schema that the program gives for them (Debian: python3-jsonschema)."""

import functools
import json
import subprocess

from starpunk import PROGRAM

import jsonschema


@functools.lru_cache
def schema():
    return json.loads(subprocess.run([PROGRAM, 'docs', 'events', 'schema'], capture_output=True, check=True, timeout=30).stdout)


@functools.lru_cache
def validators():
    """The validator of a line of each event: the schema with that event's branch alone, since sixty at a time are slow."""
    jsonschema.Draft202012Validator.check_schema(schema())
    return {branch['title']: jsonschema.Draft202012Validator({**schema(), 'oneOf': [branch]}) for branch in schema()['oneOf']}


def problem(entry):
    """What is wrong with a line; None if it is good."""
    validator = validators().get(entry.get('event'))
    if validator is None:
        return f'there is no event {entry.get("event")!r}'
    error = next(validator.iter_errors(entry), None)
    return None if error is None else f'{entry["event"]}: {error.message[:300]}'


def lines(path):
    """The JSON lines of a file. Others, of a library or cut short by a full disk, are not ours to judge."""
    try:
        with open(path, encoding='utf-8', errors='replace') as f:
            for line in f:
                if line.startswith('{"timestamp"') and line.endswith('}\n'):
                    try:
                        yield json.loads(line)
                    except ValueError:
                        continue
    except FileNotFoundError:
        return


def problems(path):
    """What is wrong with a log; of lines that are alike in names, types, level and logger one is looked at."""
    found, seen = [], set()
    for entry in lines(path):
        shape = (entry.get('event'), entry.get('level'), entry.get('logger'), entry.get('message'),
                 tuple((k, type(v).__name__) for k, v in entry.items()))
        if shape not in seen:
            seen.add(shape)
            found.append(problem(entry))
    return [p for p in found if p]
