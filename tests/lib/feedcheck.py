"""Looks for the mistakes that feeds are known for, under the names that the W3C's feed validator has for them. What it says is held
against the validator's own test cases (tests/fixtures/feeds)."""

import datetime
import email.utils
import html.parser
import re
import xml.etree.ElementTree as ET

ATOM = '{http://www.w3.org/2005/Atom}'
CONTENT = '{http://purl.org/rss/1.0/modules/content/}encoded'
XML = '{http://www.w3.org/XML/1998/namespace}'

DAYS = 'Mon Tue Wed Thu Fri Sat Sun'.split()
RFC2822 = re.compile(r'((Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d\d? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} '
                     r'\d\d:\d\d(:\d\d)? ([+-]\d{4}|GMT|UT|[ECMP][SD]T|Z)$')
RFC3339 = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$')
LANGUAGE = re.compile(r'[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$')
MIME = re.compile(r'[^\s()<>,;:\\"/\[\]?=]+/[^\s()<>,;:\\"/\[\]?=]+(\s*;\s*[^\s()<>,;:\\"/\[\]?=]+=("[^"]+"|[^\s()<>,;:\\"/\[\]?=]+))*$')
ADDRESS = re.compile(r'[^@\s()]+@[^@\s()]+\.[^@\s()]+( \(.*\))?$')
URI = re.compile(r'[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+$', re.I)
MARKUP = re.compile(r'</?[a-zA-Z]+[^<>]*>|&(#\d+|#x[0-9a-f]+|[a-z]+\d*);', re.I)

RSS_CHANNEL = set('title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs cloud '
                  'ttl image rating textInput skipHours skipDays item'.split())
RSS_ITEM = set('title link description author category comments enclosure guid pubDate source'.split())
RSS_MANY = {'category', 'item', 'enclosure'}
ATOM_FEED = set('author category contributor generator icon id link logo rights subtitle title updated entry'.split())
ATOM_ENTRY = set('author category content contributor id link published rights source summary title updated'.split())
ATOM_MANY = {'author', 'category', 'contributor', 'link', 'entry'}
RELATIONS = {'alternate', 'current', 'enclosure', 'edit', 'edit-media', 'first', 'last', 'license', 'next', 'next-archive', 'payment',
             'prev', 'prev-archive', 'previous', 'related', 'replies', 'self', 'service', 'up', 'via', 'hub'}
OUTLINE_TYPES = {'rss', 'link', 'include', 'song', 'thread', 'tweet', 'photo', 'group', 'spatial', 'blogpost'}


class Html(html.parser.HTMLParser):
    """What is in HTML that readers would have to throw away, or could not follow."""

    def __init__(self, text):
        super().__init__()
        self.found = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag in ('script', 'object', 'embed', 'applet', 'meta', 'link', 'style', 'noscript', 'iframe', 'frame'):
            self.found.add('SecurityRisk')
        for name, value in attrs:
            value = (value or '').strip()
            if name.startswith('on'):
                self.found.add('SecurityRisk')
            if name == 'style' and re.search(r'url|expression|behaviou?r|\\|/\*|position|@import|binding', value):
                self.found.add('DangerousStyleAttr')
            if name in ('href', 'src', 'cite', 'poster') and not re.match(r'[a-z][a-z0-9+.-]*:', value, re.I):
                self.found.add('ContainsRelRef')


def local(element):
    return element.tag if isinstance(element.tag, str) else ''


def text(element):
    return (element.text or '').strip()


def past(when):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    return datetime.datetime(1990, 1, 1, tzinfo=datetime.timezone.utc) <= when <= now


def mail_date(value):
    if not RFC2822.match(value):
        return {'InvalidRFC2822Date'}
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return {'InvalidRFC2822Date'}
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.timezone.utc)
    found = set() if past(when) else {'ImplausibleDate'}
    if value[3] == ',' and value[:3] != DAYS[when.weekday()]:
        found.add('InvalidRFC2822Date')
    return found


def atom_date(value):
    if not RFC3339.match(value):
        return {'InvalidRFC3339Date'}
    try:
        when = datetime.datetime.fromisoformat(re.sub(r'\.\d+', '', value).replace('Z', '+00:00'))
    except ValueError:
        return {'InvalidRFC3339Date'}
    return set() if past(when) else {'ImplausibleDate'}


def twice(element, many, namespace=''):
    names = [local(x) for x in element if local(x).startswith(namespace) and (namespace or '{' not in local(x))]
    return {'DuplicateElement'} if any(names.count(x) > 1 for x in names if x[len(namespace):] not in many) else set()


# ---- RSS ---------------------------------------------------------------------------------------

def enclosure(element):
    found = {'MissingAttribute'} if None in (element.get('url'), element.get('length'), element.get('type')) else set()
    if not re.match(r'https?://[^\s/]+', element.get('url') or 'http://x'):
        found.add('InvalidURLAttribute')
    if not MIME.match(element.get('type') or 'a/b'):
        found.add('InvalidMIMEAttribute')
    if not re.match(r'\d+$', element.get('length') or '0'):
        found.add('InvalidIntegerAttribute')
    return found


def rss_common(element):
    found = set()
    for x in element:
        name, value = local(x), text(x)
        if name in ('pubDate', 'lastBuildDate'):
            found |= mail_date(value)
        if name == 'link' and not URI.match(value):
            found.add('InvalidLink')
        if name == 'title' and MARKUP.search(x.text or ''):
            found.add('ContainsHTML')
        if name in ('author', 'managingEditor', 'webMaster') and not ADDRESS.match(value):
            found.add('InvalidContact')
        if name == 'language' and not LANGUAGE.match(value):
            found.add('InvalidLanguage')
        if name in ('title', 'link', 'description', 'guid') and not value and not len(x):
            found.add('NotBlank')
        if name in ('description', CONTENT):
            found |= Html(x.text or '').found
    return found


def rss_item(item):
    names = [local(x) for x in item]
    found = rss_common(item) | twice(item, RSS_MANY)
    if not {'title', 'description'} & set(names):
        found.add('ItemMustContainTitleOrDescription')
    if 'guid' not in names:
        found.add('MissingGuid')
    if CONTENT in names and ('description' not in names or names.index('description') > names.index(CONTENT)):
        found.add('NeedDescriptionBeforeContent')
    if names.count('enclosure') > 1:
        found.add('DuplicateEnclosure')
    for x in item:
        if local(x) == 'guid' and x.get('isPermaLink', 'true') == 'true' and not re.match(r'[a-z]+://', text(x)):
            found.add('InvalidHttpGUID')
        if local(x) == 'guid' and x.get('isPermaLink', 'true') not in ('true', 'false'):
            found.add('InvalidBooleanAttribute')
        if local(x) == 'enclosure':
            found |= enclosure(x)
        if '{' not in local(x) and local(x) not in RSS_ITEM:
            found.add('UndefinedElement')
    return found


def rss_image(image, channel):
    parts = {local(x): text(x) for x in image}
    found = twice(image, set())
    for name, missing in (('title', 'MissingTitle'), ('link', 'MissingLink'), ('url', 'MissingElement')):
        if name not in parts:
            found.add(missing)
    if parts.get('title') != channel.findtext('title', '').strip():
        found.add('ImageTitleDoesntMatch')
    if parts.get('link') != channel.findtext('link', '').strip():
        found.add('ImageLinkDoesntMatch')
    if not re.search(r'\.(gif|jpe?g|png)$', parts.get('url', '.gif')):
        found.add('ImageUrlFormat')
    if (image.text or '').strip():
        found.add('UnexpectedText')
    return found


def rss(root):
    channel = root.find('channel')
    if channel is None:
        return {'MissingElement'}
    names = [local(x) for x in channel]
    found = rss_common(channel) | twice(channel, RSS_MANY)
    for name, missing in (('title', 'MissingTitle'), ('link', 'MissingLink'), ('description', 'MissingDescription')):
        if name not in names:
            found.add(missing)
    if not any(x.get('rel') == 'self' for x in channel.findall(ATOM + 'link')):
        found.add('MissingSelf')
    if 'item' in names and any(x != 'item' for x in names[names.index('item'):]):
        found.add('MisplacedItem')
    if any(not k.startswith(XML) and k != 'version' for k in root.keys()):
        found.add('UseOfExtensionAttr' if any('{' in k for k in root.keys()) else 'UnexpectedAttribute')
    for x in channel:
        if local(x) == 'image':
            found |= rss_image(x, channel)
        if '{' not in local(x) and local(x) not in RSS_CHANNEL:
            found.add('UndefinedElement')
    guids = [text(x) for x in channel.findall('item/guid')]
    if len(set(guids)) < len(guids):
        found.add('DuplicateValue')
    for item in channel.findall('item'):
        found |= rss_item(item)
    return found


# ---- Atom --------------------------------------------------------------------------------------

def atom_text(element):
    kind, found = element.get('type', 'text'), set()
    if element.tag == ATOM + 'content' and ('/' in kind or element.get('src')):
        return found
    if kind not in ('text', 'html', 'xhtml'):
        found.add('InvalidTextType')
    if kind == 'text' and MARKUP.search(element.text or ''):
        found.add('ContainsUndeclaredHTML')
    if kind == 'html':
        found |= Html(element.text or '').found
    return found


def atom_link(link):
    found = set()
    if not link.get('href'):
        found.add('MissingHref')
    if link.get('type') and not MIME.match(link.get('type')):
        found.add('InvalidMIMEType')
    rel = link.get('rel', 'alternate')
    if rel not in RELATIONS and ':' not in rel:
        found.add('UnregisteredAtomLinkRel')
    if len(link) or (link.text or '').strip():
        found.add('AtomLinkNotEmpty')
    return found


def atom_common(element, known, where):
    found = twice(element, ATOM_MANY, ATOM)
    for x in element:
        name = local(x).replace(ATOM, '')
        if local(x).startswith(ATOM) and name not in known or '{' not in local(x):
            found.add('UndefinedElement')
        if name in ('updated', 'published'):
            found |= atom_date(text(x))
        if name in ('title', 'subtitle', 'summary', 'rights', 'content'):
            found |= atom_text(x)
        if name == 'link':
            found |= atom_link(x)
        if name in ('author', 'contributor') and x.find(ATOM + 'name') is None:
            found.add('MissingElement')
        if name in ('id', 'title') and not text(x) and not len(x):
            found.add('NotBlank')
    for name in ('id', 'title', 'updated'):
        if element.find(ATOM + name) is None:
            found.add('MissingElement')
    alternates = [(x.get('type'), x.get('hreflang')) for x in element.findall(ATOM + 'link') if x.get('rel', 'alternate') == 'alternate']
    if len(set(alternates)) < len(alternates):
        found.add('DuplicateAtomLink')
    if where == 'entry' and element.find(ATOM + 'content') is None and not alternates:
        found.add('MissingContentOrAlternate')
    return found


def atom(root):
    found = atom_common(root, ATOM_FEED, 'feed')
    entries = root.findall(ATOM + 'entry')
    if root.find(ATOM + 'author') is None and not all(x.find(ATOM + 'author') is not None or x.find(f'{ATOM}source/{ATOM}author') is not None
                                                      for x in entries):
        found.add('MissingElement')
    if not any(x.get('rel') == 'self' for x in root.findall(ATOM + 'link')):
        found.add('MissingSelf')
    ids = [x.findtext(ATOM + 'id', '').strip() for x in entries]
    if len(set(ids)) < len(ids) or root.findtext(ATOM + 'id') in ids:
        found.add('DuplicateEntries')
    for entry in entries:
        found |= atom_common(entry, ATOM_ENTRY, 'entry')
    return found


# ---- OPML --------------------------------------------------------------------------------------

def outline(element):
    found = set()
    if element.get('text') is None:
        found.add('MissingAttribute')
    kind = element.get('type')
    if kind and kind.lower() not in OUTLINE_TYPES:
        found.add('InvalidOutlineType')
    if kind == 'rss':
        found |= set() if element.get('xmlUrl') else {'MissingXmlURL'}
        found |= set() if element.get('title') is not None else {'MissingTitleAttr'}
        found |= set() if element.get('version', 'RSS') in ('RSS', 'RSS1', 'RSS2', 'scriptingNews') else {'InvalidOutlineVersion'}
    if kind == 'link' and not element.get('url'):
        found.add('MissingUrlAttr')
    if element.get('language') and not LANGUAGE.match(element.get('language')):
        found.add('InvalidLanguage')
    return found


def opml(root):
    found = set() if root.get('version') in ('1.0', '1.1', '2.0') else {'InvalidOPMLVersion'}
    if [x.tag for x in root] != ['head', 'body'] or root.find('body/outline') is None:
        found.add('MissingElement')
    for name in ('dateCreated', 'dateModified'):
        for x in root.findall(f'head/{name}'):
            found |= mail_date(text(x))
    for x in root.iter('outline'):
        found |= outline(x)
    return found


def mistakes(body):
    """The names of what is wrong with a feed, or with a list of feeds; bytes or text."""
    try:
        root = ET.fromstring(body)
    except ET.ParseError:
        return {'SAXError'}
    kinds = {'rss': rss, ATOM + 'feed': atom, 'opml': opml}
    return kinds[root.tag](root) if root.tag in kinds else {'UndefinedElement'}
