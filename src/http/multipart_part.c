/*
 * Part headers. Browsers write name and filename as quoted strings in which exactly three bytes are
 * percent-encoded (the quote, CR and LF) and nothing else is; older clients put a backslash before
 * a quote. filename* is not for forms (RFC 7578 section 4.2) and is passed over.
 */
#include "http/multipart_part.h"

#include "base/enc.h"
#include "http/form.h"
#include "http/head.h"

/* What the lines said; p NULL if they did not. */
struct lines {
	struct str disposition, type, encoding;
};

/* Undoes %22, %0D, %0A and backslash-quote. A name of no text is ERR_BAD_ENCODING. */
static enum err
text_decode(struct ctx *c, const struct head_param *param, struct str *out)
{
	static const struct {
		struct str from;
		char to;
	} escapes[] = {{S_INIT("%22"), '"'}, {S_INIT("%0D"), '\r'}, {S_INIT("%0A"), '\n'},
		{S_INIT("\\\""), '"'}};
	struct str rest = param->value;
	char *p = ctx_alloc(c, rest.n + 1);
	size_t n = 0;

	if (!p)
		return ERR_MEMORY;
	while (rest.n > 0) {
		size_t took = 1;

		p[n] = rest.p[0];
		for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]) && took == 1; i++)
			if (str_eqi(str_sub(rest, 0, escapes[i].from.n), escapes[i].from)) {
				p[n] = escapes[i].to;
				took = escapes[i].from.n;
			}
		n++;
		rest = str_sub(rest, took, rest.n);
	}
	*out = str_n(p, n);
	if (str_find(*out, '\0', 0) < n || !enc_utf8_valid(*out))
		return err_raise(
			c, ERR_BAD_ENCODING, "%.*s of a part is not UTF-8", STR(param->name));
	return OK;
}

/* What stands behind the last slash or backslash. */
static struct str
last_component(struct str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/' && path.p[at - 1] != '\\')
		at--;
	return at < path.n ? str_sub(path, at, path.n) : S("");
}

/* The stray controls of a line: each of them ends a line for somebody, or a string. */
static size_t
controls(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0';
	return n;
}

static enum err
param_take(struct ctx *c, const struct head_param *param, struct multipart_part *out)
{
	bool is_name = str_eqi(param->name, S("name"));
	bool is_filename = str_eqi(param->name, S("filename"));
	struct str text;
	enum err err;

	if (!is_name && !is_filename)
		return OK;
	if (is_name ? out->name.p != NULL : out->is_file)
		return err_raise(c, ERR_BAD_MULTIPART, "a part has two names");
	if (!param->quoted && !head_is_token(param->value))
		return err_raise(c, ERR_BAD_MULTIPART, "a part's name is not quoted");
	err = text_decode(c, param, &text);
	/* What a client calls its file is for people to read and names nothing: Latin-1 does no harm. */
	if (err == ERR_BAD_ENCODING && is_filename) {
		err_clear(c);
		err = OK;
		text = S("");
	}
	if (err)
		return err;
	if (is_name) {
		out->name = text;
	} else {
		out->is_file = true;
		out->filename = last_component(text);
	}
	return OK;
}

static enum err
disposition_parse(struct ctx *c, struct str value, struct multipart_part *out)
{
	struct head_param param;
	enum head_next next;
	size_t stray = controls(value);
	enum err err = OK;

	if (!str_eqi(head_value(&value), S("form-data")))
		return err_raise(c, ERR_BAD_MULTIPART, "a part is not form-data");
	while (!err && (next = head_param_next(&value, &param)) != HEAD_END) {
		if (next == HEAD_MALFORMED)
			return err_raise(c, ERR_BAD_MULTIPART, "malformed Content-Disposition");
		err = param_take(c, &param, out);
		/* In the name of a file, which names nothing here, they do no harm. */
		if (param.quoted && str_eqi(param.name, S("filename")))
			stray -= controls(param.value);
	}
	if (err)
		return err;
	if (stray > 0)
		return err_raise(c, ERR_BAD_MULTIPART, "a stray control in a part");
	if (!out->name.p)
		return err_raise(c, ERR_BAD_MULTIPART, "a part has no name");
	if (out->name.n > FORM_MAX_NAME)
		return err_raise(c, ERR_BAD_MULTIPART, "a part's name has %zu bytes", out->name.n);
	return OK;
}

static enum err
line_take(struct ctx *c, struct str line, struct lines *out)
{
	struct str value = line;
	struct str name = str_cut(&value, ':');
	struct str *place = NULL;

	if (!value.p || !head_is_token(name))
		return err_raise(c, ERR_BAD_MULTIPART, "a part's header line is malformed");
	if (str_eqi(name, S("content-disposition")))
		place = &out->disposition;
	else if (str_eqi(name, S("content-type")))
		place = &out->type;
	else if (str_eqi(name, S("content-transfer-encoding")))
		place = &out->encoding;
	/* Those of a disposition are for who takes it apart, but for those around it. */
	if (controls(line) > (place == &out->disposition ? controls(str_trim(value)) : 0))
		return err_raise(c, ERR_BAD_MULTIPART, "a stray control in a part");
	if (!place)
		return OK;
	if (place->p)
		return err_raise(c, ERR_BAD_MULTIPART, "a part has a header twice");
	*place = str_trim(value);
	return OK;
}

static enum err
lines_split(struct ctx *c, struct str head, struct lines *out)
{
	enum err err = OK;

	for (unsigned n = 0; !err && !str_eq(head, S("\r\n")); n++) {
		size_t end = str_search(head, S("\r\n"), 0);
		struct str line = str_sub(head, 0, end);

		if (n == MULTIPART_MAX_HEADERS)
			return err_raise(c, ERR_BAD_MULTIPART, "more than %u headers in a part", n);
		err = line_take(c, line, out);
		head = str_sub(head, end + 2, head.n);
	}
	return err;
}

enum err
multipart_part_parse(struct ctx *c, struct str head, struct multipart_part *out)
{
	struct lines lines = {0};
	struct str encoding, type;
	enum err err = lines_split(c, head, &lines);

	*out = (struct multipart_part){0};
	if (err)
		return err;
	encoding = lines.encoding;
	if (encoding.n > 0 && !str_eqi(encoding, S("binary")) && !str_eqi(encoding, S("8bit")) &&
		!str_eqi(encoding, S("7bit")))
		return err_raise(
			c, ERR_BAD_MULTIPART, "transfer encoding '%.*s' of a part", STR(encoding));
	type = lines.type;
	if (str_eqi(str_sub(type, 0, 10), S("multipart/")))
		return err_raise(c, ERR_BAD_MULTIPART, "a part is itself a multipart");
	out->type = type;
	return disposition_parse(c, lines.disposition, out);
}
