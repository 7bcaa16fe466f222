/*
 * What the sanitizer writes between and inside tags: text, links found in text, and URLs that have
 * been looked at.
 */
#include "text/priv.h"

#include "base/enc.h"

enum { URL_MAX = 2048 }; /* bytes of a URL that becomes a link */

/* ---- text ---------------------------------------------------------------------------------- */

static bool
plain(unsigned char ch)
{
	return (ch >= 0x20 && ch < 0x7F) || ch == '\n' || ch == '\t';
}

void
sanitize_text(struct buf *b, struct str s)
{
	size_t at = 0;

	while (at < s.n) {
		size_t from = at;
		unsigned ch;

		while (at < s.n && plain((unsigned char)s.p[at]))
			at++;
		html_escape(b, str_sub(s, from, at));
		if (at == s.n)
			break;
		ch = enc_utf8_next(s, &at);
		if (ch == '\r')
			buf_putc(b, '\n');
		else if (ch < 0x20 || (ch >= 0x7F && ch < 0xA0))
			enc_utf8_put(b, 0xFFFD);
		else
			enc_utf8_put(b, ch);
	}
}

/* ---- links in text ------------------------------------------------------------------------- */

static bool
is_alnum(char ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
}

/*
 * Where the URL that begins at from ends: at white space or what no URL holds, and before the
 * punctuation that belongs to the sentence; a closing bracket stays if it was opened inside.
 */
static size_t
url_end(struct str s, size_t from)
{
	static const struct {
		char open, close;
	} pairs[] = {{'(', ')'}, {'[', ']'}};
	int balance[2] = {0, 0};
	size_t end = from;
	bool trimmed = true;

	while (end < s.n && end - from < URL_MAX && (unsigned char)s.p[end] > 0x20 &&
		!strchr("<>\"`{}|\\^\x7F", s.p[end])) {
		for (size_t i = 0; i < 2; i++)
			balance[i] += (s.p[end] == pairs[i].open) - (s.p[end] == pairs[i].close);
		end++;
	}
	while (trimmed && end > from) {
		char last = s.p[end - 1];

		trimmed = strchr(".,;:!?'*_~", last) != NULL;
		for (size_t i = 0; i < 2; i++) {
			if (last == pairs[i].close && balance[i] < 0) {
				balance[i]++;
				trimmed = true;
			}
		}
		end -= trimmed;
	}
	return end;
}

/* The scheme that ends at s.p[at] and has no letter or digit before it: its length; 0 for none. */
static size_t
scheme_before(struct str s, size_t from, size_t at)
{
	static const struct str schemes[] = {S_INIT("https"), S_INIT("http")};

	for (size_t i = 0; i < 2; i++) {
		size_t n = schemes[i].n;

		if (at - from >= n && str_eqi(str_sub(s, at - n, at), schemes[i]) &&
			(at == n || !is_alnum(s.p[at - n - 1])))
			return n;
	}
	return 0;
}

/* Finds the first URL at or after from. False: none. Looks at no byte more than twice. */
static bool
url_find(struct str s, size_t from, size_t *begin, size_t *end)
{
	size_t at = from;

	while ((at = str_search(s, S("://"), at)) < s.n) {
		size_t scheme = scheme_before(s, from, at);

		at += 3;
		if (scheme == 0)
			continue;
		*begin = at - 3 - scheme;
		*end = url_end(s, at);
		if (*end > at && is_alnum(s.p[at]) && *end - *begin < URL_MAX)
			return true;
		at = *end;
	}
	return false;
}

void
sanitize_text_links(struct buf *b, struct str s)
{
	size_t from = 0;
	size_t begin, end;

	while (url_find(s, from, &begin, &end)) {
		struct str url = str_sub(s, begin, end);

		sanitize_text(b, str_sub(s, from, begin));
		buf_puts(b, "<a href=\"");
		sanitize_text(b, url);
		buf_puts(b, "\">");
		sanitize_text(b, url);
		buf_puts(b, "</a>");
		from = end;
	}
	sanitize_text(b, str_sub(s, from, s.n));
}

/* ---- URLs in attributes -------------------------------------------------------------------- */

/* A browser drops tab and line ends anywhere in a URL, and controls and space around it. */
static struct str
url_clean(char *to, struct str url)
{
	size_t n = 0;

	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] >= 0x20 && url.p[i] != 0x7F)
			to[n++] = url.p[i];
	while (n > 0 && to[n - 1] == ' ')
		n--;
	while (n > 0 && *to == ' ') {
		to++;
		n--;
	}
	return str_n(to, n);
}

/* Everything before a colon is taken for a scheme, unless a character before it ends the scheme. */
static bool
scheme_allowed(struct str url, enum sanitize_url kind)
{
	static const struct str allowed[] = {
		S_INIT("http"), S_INIT("https"), S_INIT("mailto"), S_INIT("tel")};
	size_t n = kind == SANITIZE_URL_MEDIA ? 2 : sizeof(allowed) / sizeof(allowed[0]);
	size_t end = 0;

	while (end < url.n && !strchr(":/?#\\", url.p[end]))
		end++;
	if (end == url.n || url.p[end] != ':')
		return true;
	for (size_t i = 0; i < n; i++)
		if (str_eqi(str_sub(url, 0, end), allowed[i]))
			return true;
	return false;
}

enum err
sanitize_url(struct ctx *c, struct str url, enum sanitize_url kind, struct str *out)
{
	char *room = ctx_alloc(c, url.n + 1);

	if (!room)
		return ERR_MEMORY;
	*out = url_clean(room, url);
	if (!scheme_allowed(*out, kind))
		*out = S("");
	return OK;
}
