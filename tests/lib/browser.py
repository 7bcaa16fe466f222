"""A headless Chromium, driven by WebDriver (W3C) through Debian's chromium-driver, for tests/browser."""

import base64
import http.client
import json
import os
import shutil
import subprocess
import tempfile

from starpunk import free_port, wait_for

ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'


class Browser:
    """One window. Everything it writes lies in a directory of its own, which goes with it."""

    def __init__(self, width=1280, height=900, dark=False, scripts=True):
        self.dir = tempfile.mkdtemp(prefix='sp-browser-')
        self.port = free_port()
        self.driver = subprocess.Popen([shutil.which('chromedriver') or '/usr/bin/chromedriver', f'--port={self.port}'],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=self.dir, TMPDIR=self.dir))
        wait_for(self.ready, 30)
        args = ['--headless=new', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
                '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--hide-scrollbars',
                '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost', f'--user-data-dir={self.dir}/profile']
        if dark:
            args.append('--blink-settings=preferredColorScheme=0')
        options = {'args': args, 'binary': shutil.which('chromium') or '/usr/bin/chromium'}
        if not scripts:
            options['prefs'] = {'profile.managed_default_content_settings.javascript': 2}
        # A phone is emulated: a real window cannot be that narrow.
        if width < 600:
            options['mobileEmulation'] = {'deviceMetrics': {'width': width, 'height': height, 'pixelRatio': 2.0}}
        else:
            args.append(f'--window-size={width},{height}')
        got = self.call('POST', '/session', {'capabilities': {'alwaysMatch': {
            'browserName': 'chrome', 'goog:chromeOptions': options, 'goog:loggingPrefs': {'browser': 'ALL'}}}})
        self.session = '/session/' + got['sessionId']

    def ready(self):
        try:
            return self.call('GET', '/status')['ready']
        except OSError:
            return False

    def call(self, method, path, data=None):
        conn = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        try:
            conn.request(method, path, json.dumps(data) if data is not None else None, {'Content-Type': 'application/json'})
            value = json.loads(conn.getresponse().read())['value']
        finally:
            conn.close()
        if isinstance(value, dict) and 'error' in value:
            raise RuntimeError(f'{method} {path}: {value["error"]}: {value["message"][:300]}')
        return value

    def open(self, url):
        self.call('POST', self.session + '/url', {'url': url})

    def url(self):
        return self.call('GET', self.session + '/url')

    def run(self, script, *args):
        """The value of a piece of JavaScript, run by the driver and not by the page."""
        return self.call('POST', self.session + '/execute/sync', {'script': script, 'args': list(args)})

    def find(self, css):
        return self.call('POST', self.session + '/element', {'using': 'css selector', 'value': css})[ELEMENT]

    def type(self, css, text):
        self.call('POST', f'{self.session}/element/{self.find(css)}/value', {'text': text})

    def click(self, css):
        """Clicks what changes the document at hand."""
        self.call('POST', f'{self.session}/element/{self.find(css)}/click', {})

    def submit(self, css):
        """Clicks what leads to another document, and waits until that one is there, whole."""
        self.run('window.left = true')
        self.click(css)
        if not wait_for(lambda: self.run('return !window.left && document.readyState == "complete"')):
            raise RuntimeError(f'{css}: the click led nowhere')

    def messages(self):
        """What the console said since the last call: CSP violations, failed loads, errors."""
        return [entry['message'] for entry in self.call('POST', self.session + '/se/log', {'type': 'browser'})]

    def cdp(self, command, **params):
        """A command of the Chrome DevTools Protocol; its result."""
        return self.call('POST', self.session + '/goog/cdp/execute', {'cmd': command, 'params': params})

    def authenticator(self):
        """Gives the browser an authenticator that knows its person and keeps passkeys; its id."""
        self.cdp('WebAuthn.enable')
        return self.cdp('WebAuthn.addVirtualAuthenticator', options={
            'protocol': 'ctap2', 'transport': 'internal', 'hasResidentKey': True, 'hasUserVerification': True,
            'isUserVerified': True, 'automaticPresenceSimulation': True})['authenticatorId']

    def text(self, css='main'):
        """What a person reads of an element."""
        return self.run('return document.querySelector(arguments[0]).innerText', css)

    def cookies(self):
        """The Cookie header that the browser would send to the page at hand."""
        return '; '.join(f'{c["name"]}={c["value"]}' for c in self.call('GET', self.session + '/cookie'))

    def screenshot(self, path):
        with open(path, 'wb') as f:
            f.write(base64.b64decode(self.call('GET', self.session + '/screenshot')))

    def photograph(self, path):
        """The whole page, not only what the window shows of it."""
        image = self.cdp('Page.captureScreenshot', captureBeyondViewport=True, format='png')
        with open(path, 'wb') as f:
            f.write(base64.b64decode(image['data']))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call('DELETE', self.session)
        except (OSError, RuntimeError):
            pass
        self.driver.terminate()
        self.driver.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)
