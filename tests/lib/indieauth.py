"""The owner's browser, as far as signing in to an application takes one: forms, cookies, redirects.

    owner = Browser(site)
    answer = owner.sign_in_to(url)          # the authorization request, over sign-in form and consent
    back = answer.header('Location')        # where the owner is sent: the application's redirect_uri
"""

import base64
import hashlib
import html.parser
import re
import secrets
import urllib.parse

from starpunk import wait_for


class Forms(html.parser.HTMLParser):
    """The forms of a page: action, the fields that are sent as they stand, the labels of buttons."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == 'form':
            self.forms.append({'action': a.get('action', ''), 'fields': [], 'buttons': []})
        elif self.forms and tag == 'input' and a.get('name'):
            ticked = a.get('type') not in ('checkbox', 'radio') or 'checked' in a
            if ticked and a.get('type') != 'password':
                self.forms[-1]['fields'].append((a['name'], a.get('value', '')))
        elif self.forms and tag == 'button' and a.get('name'):
            self.forms[-1]['buttons'].append((a['name'], a.get('value', '')))

    def form(self, action):
        """The first form that leads there; None if there is none."""
        return next((f for f in self.forms if f['action'] == action), None)


class Browser:
    def __init__(self, site):
        self.site = site
        self.cookies = {}
        self.headers = {}       # what it sends with every request

    def request(self, method, path, fields=None):
        """One request with this browser's cookies; those of the answer are kept."""
        headers = dict(self.headers)
        if self.cookies:
            headers['Cookie'] = '; '.join(f'{k}={v}' for k, v in self.cookies.items())
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields).encode()
            headers.update({'Content-Type': 'application/x-www-form-urlencoded', 'Origin': self.site.url.rstrip('/')})
        answer = self.site.request(method, path, headers, body)
        for name, value in answer.headers:
            if name.lower() == 'set-cookie':
                key, _, rest = value.partition('=')
                self.cookies[key] = rest.partition(';')[0]
                if not self.cookies[key]:
                    del self.cookies[key]
        return answer

    def go(self, url):
        """Opens an address of the site and follows it as long as it stays there, over pages that go on by themselves."""
        path = '/' + url[len(self.site.url):] if url.startswith(self.site.url) else url
        for _ in range(10):
            answer = self.request('GET', path)
            to = answer.header('Location') or ''
            if answer.status not in (301, 302, 303) or not to.startswith(self.site.url):
                break
            path = '/' + to[len(self.site.url):]
        again = re.search(r'http-equiv="refresh" content="1;url=([^"]+)"', answer.body.decode(errors='replace'))
        if again:
            return wait_for(lambda: self.settled(again[1]), step=0.5) or answer
        return answer

    def settled(self, path):
        answer = self.request('GET', path)
        return None if b'http-equiv="refresh"' in answer.body else answer

    def submit(self, page, action, more=(), keep=lambda name, value: True):
        """Sends a page's form, with what stands in it and more."""
        form = Forms(page.text).form(action)
        if form is None:
            raise RuntimeError(f'no form leads to {action}: {page!r}')
        fields = [(n, v) for n, v in form['fields'] if keep(n, v)] + list(more)
        return self.request('POST', action, fields)

    def sign_in(self, page):
        """Fills in the sign-in form; goes where it leads."""
        answer = self.submit(page, '/admin/login', [('password', self.site.password)])
        if answer.status != 303:
            raise RuntimeError(f'not signed in: {answer!r}')
        return self.go(answer.header('Location'))

    def ask(self, url):
        """Opens an authorization request; signs in if that is asked for. The consent page, or what comes in its place."""
        page = self.go(url)
        if page.status == 200 and 'action="/admin/login"' in page.text:
            page = self.sign_in(page)
        return page

    def decide(self, page, decision='allow', scopes=None):
        """Decides on the consent page, with these scopes ticked or all."""
        return self.submit(page, '/auth/consent', [('decision', decision)],
                           lambda n, v: n != 'scope' or scopes is None or v in scopes)

    def sign_in_to(self, url, decision='allow', scopes=None):
        return self.decide(self.ask(url), decision, scopes)


class Client:
    """An application on the owner's machine, which is known by its address alone."""

    def __init__(self, site, client_id='http://127.0.0.1:4321/', redirect='http://127.0.0.1:4321/back?x=1'):
        self.site = site
        self.id = client_id
        self.redirect = redirect
        self.verifier = secrets.token_urlsafe(32)
        self.state = 'a+b %é&' + secrets.token_urlsafe(8)

    def url(self, scope, **more):
        digest = hashlib.sha256(self.verifier.encode()).digest()
        fields = {'response_type': 'code', 'client_id': self.id, 'redirect_uri': self.redirect, 'state': self.state, 'scope': scope,
                  'code_challenge': base64.urlsafe_b64encode(digest).rstrip(b'=').decode(), 'code_challenge_method': 'S256', **more}
        return self.site.url + 'auth?' + urllib.parse.urlencode({k: v for k, v in fields.items() if v is not None})

    def came_back(self, answer):
        """The parameters with which the owner was sent back."""
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.header('Location') or '').query))

    def post(self, path, headers=None, **fields):
        return self.site.request('POST', path, {'Content-Type': 'application/x-www-form-urlencoded', **(headers or {})},
                                 urllib.parse.urlencode(fields).encode())

    def redeem(self, code, path='/auth/token', **more):
        return self.post(path, **{'grant_type': 'authorization_code', 'code': code, 'client_id': self.id,
                                  'redirect_uri': self.redirect, 'code_verifier': self.verifier, **more})

    def renew(self, token):
        return self.post('/auth/token', grant_type='refresh_token', refresh_token=token, client_id=self.id)
