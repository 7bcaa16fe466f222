/*
 * The configuration file, read with libconfuse one line at a time: a line that cannot be read costs
 * only itself, every problem has its line number, and nothing spans lines. Before libconfuse sees a
 * line, a small scanner refuses what it would do in silence: expanding ${VARIABLE}, cutting a value
 * at '#', a second key on the line, the comments of C.
 *
 * libconfuse's scanner is not reentrant; configurations are read by one thread.
 */
#include "core/priv.h"

#include "base/enc.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 256 * 1024 };

static const char line_form[] = "not of the form 'key = value'; a value with spaces "
	"or any of , = # { } ( ) + ' needs \"quotes\"";

/* libconfuse would print to standard error; the caller says it better. */
static void
be_quiet(cfg_t *cfg, const char *fmt, va_list ap)
{
	(void)cfg;
	(void)fmt;
	(void)ap;
}

/* The first character that libconfuse takes for itself and what is wrong with it; NULL: none. */
static const char *
line_surprise(struct str line)
{
	unsigned equals = 0;
	char quote = '\0';

	for (size_t i = 0; i < line.n; i++) {
		char ch = line.p[i], next = i + 1 < line.n ? line.p[i + 1] : '\0';
		bool after_space = i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t';

		if (quote != '\'' && ch == '$' && next == '{')
			return "variables are not expanded here; write the value itself, "
				"or put it in 'single quotes'";
		if (quote) {
			if (ch == '\\')
				i++;
			else if (ch == quote)
				quote = '\0';
			continue;
		}
		if (ch == '"' || ch == '\'')
			quote = ch;
		else if (ch == '#')
			return after_space ? NULL : "a '#' inside a value needs \"quotes\"";
		else if (after_space && ch == '/' && (next == '/' || next == '*'))
			return "a comment begins with '#'";
		else if (ch == '=' && equals++ > 0)
			return line_form;
	}
	return quote ? "the quotes are not closed on this line" : NULL;
}

/* Reads one line, NUL-terminated at line.n. */
static void
line_read(
	struct str line, struct config_place at, struct config_report *r, struct config_sink *sink)
{
	static const struct str nothing = {0};
	cfg_opt_t none[] = {CFG_END()};
	const char *problem = NULL;
	cfg_opt_t *opt;
	cfg_t *cfg;

	if (memchr(line.p, '\0', line.n) || !enc_utf8_valid(line))
		problem = "not UTF-8 text; save the file as UTF-8";
	else
		problem = line_surprise(line);
	if (problem) {
		config_report_add(r, at, nothing, "%s", problem);
		return;
	}
	cfg = cfg_init(none, CFGF_KEYSTRVAL);
	if (!cfg) {
		config_report_add(r, at, nothing, "out of memory");
		return;
	}
	(void)cfg_set_error_function(cfg, be_quiet);
	if (cfg_parse_buf(cfg, line.p) != CFG_SUCCESS || cfg_num(cfg) != 1) {
		config_report_add(r, at, nothing, "%s", line_form);
	} else {
		opt = cfg_getnopt(cfg, 0);
		sink->put(sink, at, str_z(cfg_opt_name(opt)), str_z(cfg_opt_getstr(opt)));
	}
	(void)cfg_free(cfg);
}

/* The whole file; an errno value on failure. */
static int
file_slurp(struct arena *a, const char *file, struct str *out)
{
	char *p = arena_alloc(a, FILE_MAX + 1);
	size_t n = 0;
	ssize_t got = 1;
	int e = 0, fd;

	if (!p)
		return ENOMEM;
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno;
	while (got != 0 && n <= FILE_MAX) {
		got = read(fd, p + n, FILE_MAX + 1 - n);
		if (got > 0)
			n += (size_t)got;
		else if (got < 0 && errno != EINTR)
			break;
	}
	if (got < 0)
		e = errno;
	else if (n > FILE_MAX)
		e = EFBIG;
	(void)close(fd);
	*out = str_n(p, n);
	return e;
}

static bool
lines_read(struct arena *a, const char *file, struct config_report *r, struct config_sink *sink)
{
	struct config_place at = {file, 0};
	struct str rest, nothing = {0};
	int e = file_slurp(a, file, &rest);

	if (e != 0) {
		config_report_add(r, at, nothing, "cannot be read: %s; %sname another with --config",
			strerror(e), e == EACCES ? "do this as root or as the site's user, or " : "");
		return false;
	}
	while (rest.p) {
		struct str line = str_trim(str_cut(&rest, '\n'));

		at.line++;
		if (str_empty(line) || line.p[0] == '#')
			continue;
		line = arena_str(a, line);
		if (line.p)
			line_read(line, at, r, sink);
		else
			config_report_add(r, at, nothing, "out of memory");
	}
	return true;
}

bool
config_file_read(const char *file, struct config_report *r, struct config_sink *sink)
{
	struct arena a;
	bool known;

	/* The file, and a terminated copy of each line, which is at least 16 bytes. */
	arena_init(&a, 32 * FILE_MAX);
	known = lines_read(&a, file, r, sink);
	arena_fini(&a);
	return known;
}
