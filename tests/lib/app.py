"""An authenticator app (RFC 6238), for tests."""

import base64
import hashlib
import hmac
import struct
import time

from starpunk import wait_for


def code(secret, step):
    key = base64.b32decode(secret.replace(' ', ''))
    mac = hmac.new(key, struct.pack('>Q', step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f'{(struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06}'


class App:
    """Never shows a code of a step that it has shown before."""

    def __init__(self, secret):
        self.secret = secret
        self.last = 0

    def code(self):
        """Of now, or of the step to come; waits where both were shown."""
        wait_for(lambda: int(time.time()) // 30 + 1 > self.last, 40, 0.2)
        self.last = max(self.last + 1, int(time.time()) // 30)
        return code(self.secret, self.last)
