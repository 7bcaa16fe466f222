"""Files to upload, made here and as small as they can be, and the multipart bodies they come in."""

import struct
import zlib


def png(width=16, height=12, seed=0):
    """A picture of its own for each seed."""
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    row = b'\0' + bytes((seed + 7 * x) % 256 for x in range(3 * width))
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(row * height)) + chunk(b'IEND', b''))


def gif(width=2, height=2):
    return (b'GIF89a' + struct.pack('<HH', width, height) + b'\x80\0\0\xff\xff\xff\0\0\0' +
            b'\x2c\0\0\0\0' + struct.pack('<HH', width, height) + b'\0\x02\x02\x84\x51\0\x3b')


def wav(seconds=0.01, seed=0):
    data = bytes((seed + n) % 256 for n in range(int(8000 * seconds)))
    return (b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt ' +
            struct.pack('<IHHIIHH', 16, 1, 1, 8000, 8000, 1, 8) + b'data' + struct.pack('<I', len(data)) + data)


def mp4(size=0, seed=0):
    """A film of one box of that many bytes."""
    def box(kind, data):
        return struct.pack('>I', 8 + len(data)) + kind + data
    return (box(b'ftyp', b'isom\0\0\x02\0isomiso2mp41') + box(b'moov', box(b'mvhd', bytes(100))) +
            box(b'mdat', (bytes([seed % 256]) * 1024 * ((size + 1023) // 1024))[:size]))


def pdf():
    return (b'%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n'
            b'xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n'
            b'trailer<</Size 3/Root 1 0 R>>\nstartxref\n101\n%%EOF\n')


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b'<!DOCTYPE html><html><body><script>alert(1)</script></body></html>'


class Part:
    """A part of a form; with a filename (even an empty one) it is a file."""

    def __init__(self, name, data, filename=None, kind=None):
        self.name = name
        self.data = data if isinstance(data, bytes) else data.encode()
        self.filename = filename
        self.kind = kind


def multipart(*parts, boundary='sp-boundary', end=True):
    """Content-Type and body. end=False: cut off before the last boundary."""
    body = b''
    for part in parts:
        body += b'--' + boundary.encode() + b'\r\nContent-Disposition: form-data; name="' + part.name.encode() + b'"'
        if part.filename is not None:
            filename = part.filename if isinstance(part.filename, bytes) else part.filename.encode()
            body += b'; filename="' + filename + b'"'
        if part.kind:
            body += b'\r\nContent-Type: ' + part.kind.encode()
        body += b'\r\n\r\n' + part.data + b'\r\n'
    if end:
        body += b'--' + boundary.encode() + b'--\r\n'
    return f'multipart/form-data; boundary={boundary}', body


def post(site, path, *parts, token=None, headers=None):
    """POSTs a form with files as the site's client."""
    kind, body = multipart(*parts)
    auth = site.auth(token) if token is not False else {}
    return site.request('POST', path, {'Content-Type': kind, **auth, **(headers or {})}, body)


def upload(site, data, name='photo.png', token=None, headers=None):
    """POSTs one file to the media endpoint."""
    return post(site, '/micropub/media', Part('file', data, name, 'application/octet-stream'), token=token, headers=headers)
