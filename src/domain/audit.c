/*
 * The audit trail.
 */
#include "domain/audit.h"

#include "base/enc.h"
#include "core/facts.h"
#include "domain/priv.h"
#include "text/words.h"

enum { TEXT_MAX = 500 };

static const struct {
	const char *word;
	const char *text;
} table[AUDIT__MAX] = {
#define AUDIT(sym, word, text) [AUDIT_##sym] = {word, text},
#include "tables/audits.def"
#undef AUDIT
};

enum err
audit_put(struct ctx *c, struct db *db, enum audit what, struct str subject, struct str detail)
{
	struct audit_row row = {.time = domain_now(c),
		.what = str_z(table[what].word),
		.subject = enc_utf8_cut(subject, TEXT_MAX),
		.detail = enc_utf8_cut(detail, TEXT_MAX),
		.remote_addr = S(""),
		.user_agent = S(""),
		.request_id = str_z(c->request_id)};

	if (c->facts) {
		row.remote_addr = c->facts->remote_addr;
		row.user_agent = enc_utf8_cut(c->facts->user_agent, TEXT_MAX);
	}
	return audit_row_insert(c, db, &row);
}

struct str
audit_text(const struct ctx *c, struct str word)
{
	for (size_t i = 0; i < AUDIT__MAX; i++)
		if (str_eq(word, str_z(table[i].word)))
			return tr_str(c, table[i].text);
	return word;
}

const char *
audit_word(size_t i, const char **text)
{
	if (i >= AUDIT__MAX)
		return NULL;
	*text = table[i].text;
	return table[i].word;
}

/* Inside a transaction. Those of strangers first: they make room for themselves. */
static enum err
clean(struct ctx *c, struct db *db, int64_t *n)
{
	static const enum audit strangers[] = {AUDIT_SIGN_IN_FAILED, AUDIT_TRIES};
	int64_t rest = 0;
	enum err err = OK;

	*n = 0;
	for (size_t i = 0; !err && i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		err = audit_row_trim(
			c, db, str_z(table[strangers[i]].word), AUDIT_STRANGERS, &rest);
		*n += rest;
	}
	if (!err)
		err = audit_row_clean(c, db, domain_now(c) - AUDIT_KEPT, AUDIT_MOST, &rest);
	*n += err ? 0 : rest;
	return err;
}

enum err
audit_clean(struct ctx *c, struct db *db, int64_t *n)
{
	enum err err = db_tx_begin(c, db);

	return err ? err : domain_tx_end(c, db, clean(c, db, n));
}
