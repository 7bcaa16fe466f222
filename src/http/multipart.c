/*
 * multipart/form-data, byte by byte where it matters and in whole runs where it does not.
 *
 * A delimiter is CR LF "--" boundary, and CR stands in it only at its front. So a byte that breaks
 * a partial match can begin a new one only if it is a CR, and what was held back is a prefix of the
 * delimiter: nothing but the count of matched bytes has to be kept between two feeds. At the very
 * start, and behind a part's header, that CR LF has been consumed already: the match then begins
 * with two bytes that are not given back as data when it fails.
 *
 * Line ends are CR LF and nothing else. Once a delimiter is followed by white space it must be
 * followed by a line end; any other byte behind it makes it data.
 */
#include "http/multipart.h"

#include "http/head.h"
#include "http/multipart_part.h"

enum { BOUNDARY_MAX = 70, DELIMITER_MAX = BOUNDARY_MAX + 4 };

enum state {
	IN_DATA, /* of a part, or in the preamble */
	AFTER_DELIMITER,
	AFTER_DASH,   /* one "-" behind it */
	AFTER_DASHES, /* two */
	IN_PADDING,   /* spaces and tabs behind it */
	AFTER_CR,     /* the CR that ends its line */
	IN_HEAD,      /* of a part */
	IN_EPILOGUE,
};

struct multipart {
	struct multipart_sink sink;
	enum state state;
	char delimiter[DELIMITER_MAX];
	size_t delimiter_n;
	size_t matched;  /* bytes of the delimiter seen and held back */
	size_t consumed; /* of them, those that were no data even if the match fails */
	bool in_part;
	unsigned parts;
	char head[MULTIPART_MAX_HEAD];
	size_t head_n;
};

static bool
boundary_valid(struct str s)
{
	if (s.n == 0 || s.n > BOUNDARY_MAX || s.p[s.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];
		bool alnum = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
			     (ch >= '0' && ch <= '9');

		if (!alnum && (ch == '\0' || !strchr("'()+_,-./:=? ", ch)))
			return false;
	}
	return true;
}

/* The one boundary parameter of a Content-Type; empty if it is not usable. */
static struct str
boundary_find(struct str content_type)
{
	struct str rest = content_type, boundary = {0};
	struct head_param param;
	enum head_next next;

	if (!str_eqi(head_value(&rest), S("multipart/form-data")))
		return boundary;
	while ((next = head_param_next(&rest, &param)) == HEAD_PARAM) {
		if (!str_eqi(param.name, S("boundary")))
			continue;
		if (boundary.p || !boundary_valid(param.value))
			return (struct str){0};
		boundary = param.value;
	}
	return next == HEAD_END ? boundary : (struct str){0};
}

enum err
multipart_new(struct ctx *c, struct str content_type, const struct multipart_sink *sink,
	struct multipart **out)
{
	struct str boundary = boundary_find(content_type);
	struct multipart *m;

	if (str_empty(boundary))
		return err_raise(c, ERR_BAD_MULTIPART, "no usable boundary in the Content-Type");
	m = ctx_alloc(c, sizeof(*m));
	if (!m)
		return ERR_MEMORY;
	m->sink = *sink;
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary.p, boundary.n);
	m->delimiter_n = boundary.n + 4;
	m->state = IN_DATA;
	m->matched = m->consumed = 2;
	*out = m;
	return OK;
}

static enum err
data_put(struct ctx *c, struct multipart *m, struct str bytes)
{
	if (!m->in_part || bytes.n == 0)
		return OK;
	return m->sink.data(c, m->sink.self, bytes);
}

/* The bytes held back turn out to be data, and so does what stood behind them. */
static enum err
match_fail(struct ctx *c, struct multipart *m, struct str behind)
{
	struct str held = str_n(m->delimiter + m->consumed, m->matched - m->consumed);
	enum err err = data_put(c, m, held);

	m->matched = m->consumed = 0;
	m->state = IN_DATA;
	return err ? err : data_put(c, m, behind);
}

static enum err
part_close(struct ctx *c, struct multipart *m)
{
	if (!m->in_part)
		return OK;
	m->in_part = false;
	return m->sink.end(c, m->sink.self);
}

static enum err
part_open(struct ctx *c, struct multipart *m)
{
	struct multipart_part part;
	enum err err = multipart_part_parse(c, str_n(m->head, m->head_n), &part);

	if (err)
		return err;
	m->in_part = true;
	m->state = IN_DATA;
	m->matched = m->consumed = 2;
	return m->sink.begin(c, m->sink.self, &part);
}

/* Data up to the next CR, or the next byte of a match. Takes what it consumes off *in. */
static enum err
feed_data(struct ctx *c, struct multipart *m, struct str *in)
{
	if (m->matched == 0) {
		size_t run = str_find(*in, '\r', 0);
		struct str data = str_sub(*in, 0, run);

		m->matched = run < in->n;
		*in = str_sub(*in, run + 1, in->n);
		return data_put(c, m, data);
	}
	if (in->p[0] != m->delimiter[m->matched])
		return match_fail(c, m, S(""));
	*in = str_sub(*in, 1, in->n);
	if (++m->matched == m->delimiter_n)
		m->state = AFTER_DELIMITER;
	return OK;
}

/* One byte behind a delimiter. It is left in *in if the delimiter turns out to be data. */
static enum err
feed_delimiter(struct ctx *c, struct multipart *m, struct str *in)
{
	char ch = in->p[0];
	bool blank = ch == ' ' || ch == '\t';

	if (m->state == AFTER_DELIMITER && ch != '-' && ch != '\r' && ch != '\n' && !blank)
		return match_fail(c, m, S(""));
	if (m->state == AFTER_DASH && ch != '-')
		return match_fail(c, m, S("-"));
	if (m->state == AFTER_DASHES && ch != '\r' && !blank)
		return match_fail(c, m, S("--"));
	*in = str_sub(*in, 1, in->n);
	if (m->state == AFTER_DASHES) {
		m->state = IN_EPILOGUE;
		return part_close(c, m);
	}
	if (m->state == AFTER_DASH) {
		m->state = AFTER_DASHES;
		return OK;
	}
	if (m->state == AFTER_DELIMITER && ch == '-') {
		m->state = AFTER_DASH;
		return OK;
	}
	if (!blank && ch != '\r')
		return err_raise(c, ERR_BAD_MULTIPART, "a boundary's line does not end in CR LF");
	m->state = blank ? IN_PADDING : AFTER_CR;
	return OK;
}

/* The LF that ends a delimiter's line: the next part's header begins. */
static enum err
feed_line_end(struct ctx *c, struct multipart *m, struct str *in)
{
	if (in->p[0] != '\n')
		return err_raise(c, ERR_BAD_MULTIPART, "a boundary's line does not end in CR LF");
	*in = str_sub(*in, 1, in->n);
	if (++m->parts > MULTIPART_MAX_PARTS)
		return err_raise_hint(
			c, ERR_BAD_MULTIPART, "more than %d parts", MULTIPART_MAX_PARTS);
	m->state = IN_HEAD;
	m->head_n = 0;
	return part_close(c, m);
}

/* One byte of a part's header, which ends with an empty line. */
static enum err
feed_head(struct ctx *c, struct multipart *m, struct str *in)
{
	struct str head;

	if (m->head_n == sizeof(m->head))
		return err_raise(
			c, ERR_BAD_MULTIPART, "a part's header exceeds %zu bytes", m->head_n);
	m->head[m->head_n++] = in->p[0];
	*in = str_sub(*in, 1, in->n);
	head = str_n(m->head, m->head_n);
	if (str_ends(head, S("\r\n\r\n")) || str_eq(head, S("\r\n")))
		return part_open(c, m);
	return OK;
}

enum err
multipart_feed(struct ctx *c, struct multipart *m, struct str bytes)
{
	enum err err = OK;

	while (!err && bytes.n > 0 && m->state != IN_EPILOGUE) {
		if (m->state == IN_DATA)
			err = feed_data(c, m, &bytes);
		else if (m->state == AFTER_CR)
			err = feed_line_end(c, m, &bytes);
		else if (m->state == IN_HEAD)
			err = feed_head(c, m, &bytes);
		else
			err = feed_delimiter(c, m, &bytes);
	}
	return err;
}

enum err
multipart_end(struct ctx *c, struct multipart *m)
{
	if (m->state != IN_EPILOGUE && m->state != AFTER_DASHES)
		return err_raise(c, ERR_BAD_MULTIPART, "the closing boundary is missing");
	m->state = IN_EPILOGUE;
	return part_close(c, m);
}
