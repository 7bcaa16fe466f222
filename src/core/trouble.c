/*
 * An error of the site's as an entry of a journal.
 */
#include "core/trouble.h"

#include "base/time.h"
#include "core/config.h"
#include "core/facts.h"
#include "core/log_line.h"

enum { TEXT_MAX = 300 };

enum err
trouble_path(struct ctx *c, struct str *out)
{
	return ctx_printf(c, out, "%s/trouble.journal", c->cfg->runtime_path);
}

bool
trouble_is(enum err e)
{
	return e != OK && err_info(e)->fault == ERR_FAULT_SYSTEM;
}

static void
put_text(struct journal_entry *e, struct str name, struct str value)
{
	if (value.n > 0)
		journal_entry_str(e, name, value, TEXT_MAX);
}

static void
put_request(struct journal_entry *e, const struct ctx *c, const struct facts *f)
{
	put_text(e, S("request_id"), str_z(c->request_id));
	put_text(e, S("method"), str_z(facts_method_name(f->method)));
	put_text(e, S("path"), f->path);
	put_text(e, S("route"), str_z(facts_route_name(f->route)));
	journal_entry_int(e, S("status"), f->status);
}

void
trouble_put(struct ctx *c, struct journal *j, const struct facts *f)
{
	/* Eight KiB need not be zeroed for an entry of three hundred bytes. */
	struct journal_entry e __attribute__((uninitialized));
	enum err error = f && f->error ? f->error : c->err.code;
	char stamp[LOG_TIME_BYTES];

	if (!trouble_is(error))
		return;
	log_time_format(time_now_us(), stamp);
	journal_entry_begin(&e);
	put_text(&e, S("time"), str_n(stamp, sizeof(stamp)));
	put_text(&e, S("code"), str_z(err_info(error)->name));
	if (f)
		put_request(&e, c, f);
	if (c->err.code == error)
		put_text(&e, S("detail"), str_z(c->err.detail));
	journal_put(c, j, &e);
}
