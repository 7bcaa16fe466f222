/*
 * The configuration described: what is set and by whom (config show), and the reference of all keys
 * out of the table, for people, for etc/starpunk.conf, for starpunk.conf(5) and for programs.
 */
#include "core/priv.h"

#include <string.h>

/* How values of a type are written; column of "text" and "json", sentence in the manual. */
static const char *const forms[CONFIG_TYPE__MAX] = {
	[CONFIG_TYPE_STRING] = "text",
	[CONFIG_TYPE_URL] = "http or https URL of a host, without path and query",
	[CONFIG_TYPE_PATH] = "absolute path",
	[CONFIG_TYPE_ADDRESS] = "absolute path of a Unix socket, or host:port",
	[CONFIG_TYPE_ZONE] = "time zone, such as Europe/Berlin",
	[CONFIG_TYPE_NETWORKS] = "addresses or CIDR ranges, separated by commas",
	[CONFIG_TYPE_NAMES] = "uid=Name pairs, separated by commas",
	[CONFIG_TYPE_TOKENS] = "words, separated by commas",
	[CONFIG_TYPE_BOOL] = "true or false",
	[CONFIG_TYPE_INT] = "number",
	[CONFIG_TYPE_SIZE] = "size, such as 64KiB, 8MiB or 1GiB",
	[CONFIG_TYPE_DURATION] = "duration, such as 250ms, 30s, 5m, 2h or 30d",
	[CONFIG_TYPE_RATIO] = "number from 0.0 to 1.0",
	[CONFIG_TYPE_RATE] = "rate, such as 100/s, 600/m or 20/h; 0 for no limit",
	[CONFIG_TYPE_CHOICE] = "one of ",
};

static const char *const types[CONFIG_TYPE__MAX] = {
	[CONFIG_TYPE_STRING] = "string",
	[CONFIG_TYPE_URL] = "url",
	[CONFIG_TYPE_PATH] = "path",
	[CONFIG_TYPE_ADDRESS] = "address",
	[CONFIG_TYPE_ZONE] = "zone",
	[CONFIG_TYPE_NETWORKS] = "networks",
	[CONFIG_TYPE_NAMES] = "names",
	[CONFIG_TYPE_TOKENS] = "words",
	[CONFIG_TYPE_BOOL] = "bool",
	[CONFIG_TYPE_INT] = "int",
	[CONFIG_TYPE_SIZE] = "size",
	[CONFIG_TYPE_DURATION] = "duration",
	[CONFIG_TYPE_RATIO] = "ratio",
	[CONFIG_TYPE_RATE] = "rate",
	[CONFIG_TYPE_CHOICE] = "choice",
};

/* "number, from 1 to 64"; "one of production, development" */
static void
form_put(struct buf *b, const struct config_row *row)
{
	bool bounded = row->type == CONFIG_TYPE_INT || row->type == CONFIG_TYPE_SIZE ||
		row->type == CONFIG_TYPE_DURATION;
	struct str words = str_z(row->words);

	buf_puts(b, forms[row->type]);
	while (words.p) {
		buf_put(b, str_cut(&words, '|'));
		buf_puts(b, words.p ? ", " : "");
	}
	if (bounded && row->max != 0) {
		buf_puts(b, "; from ");
		config_amount_put(b, row->type, row->min);
		buf_puts(b, " to ");
		config_amount_put(b, row->type, row->max);
	} else if (bounded && row->min != 0) {
		buf_puts(b, "; at least ");
		config_amount_put(b, row->type, row->min);
	}
}

/* A value as the file wants it: in quotes if it has anything that libconfuse takes for itself. */
static void
value_put(struct buf *b, struct str text)
{
	bool plain = text.n > 0;

	for (size_t i = 0; plain && i < text.n; i++)
		plain = !strchr(" \t\"'#,=(){}+[]\\$", text.p[i]);
	if (plain) {
		buf_put(b, text);
		return;
	}
	buf_putc(b, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (strchr("\"\\$", text.p[i]))
			buf_putc(b, '\\');
		buf_putc(b, text.p[i]);
	}
	buf_putc(b, '"');
}

/* ---- show -------------------------------------------------------------------------------- */

static void
origin_put(struct buf *b, const struct config *cfg, const struct config_value *value)
{
	if (value->origin == CONFIG_ORIGIN_FILE)
		buf_printf(b, "%s:%d", cfg->file, value->line);
	else
		buf_puts(b, value->origin == CONFIG_ORIGIN_ENVIRONMENT ? "environment" : "default");
}

/* A JSON value: a boolean, a number, or the text as it was written. */
static void
json_value_put(
	struct buf *b, const struct config *cfg, const struct config_row *row, struct str text)
{
	const char *field = (const char *)cfg + row->offset;

	if (row->type == CONFIG_TYPE_BOOL)
		buf_puts(b, *(const bool *)(const void *)field ? "true" : "false");
	else if (row->type == CONFIG_TYPE_INT)
		buf_puti(b, *(const int64_t *)(const void *)field);
	else
		escape_json(b, text);
}

/* The change of a key; NULL: there is none. */
static const struct config_change *
change_find(const struct config_change *changes, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(changes[i].key, str_z(key)))
			return &changes[i];
	return NULL;
}

/* True for what the database has and the configuration knows nothing of. */
static bool
is_beside(const struct config_change *change)
{
	for (size_t i = 0; i < CONFIG_KEY__MAX; i++)
		if (str_eq(change->key, str_z(config_row(i)->name)))
			return false;
	return true;
}

static void
show_key_json(const struct config_loaded *in, size_t key, const struct config_change *change,
	struct buf *out)
{
	struct str text = in->values[key].text;
	struct buf origin;

	buf_init(&origin, out->arena, 8192);
	if (change)
		buf_puts(&origin, "database");
	else
		origin_put(&origin, &in->cfg, &in->values[key]);
	buf_printf(out, "%s\n{\"key\":\"%s\",\"value\":", key ? "," : "", config_row(key)->name);
	json_value_put(out, &in->cfg, config_row(key), change ? change->value : text);
	buf_puts(out, ",\"origin\":");
	escape_json(out, buf_str(&origin));
	if (change) {
		buf_puts(out, ",\"configured\":");
		json_value_put(out, &in->cfg, config_row(key), text);
	}
	buf_putc(out, '}');
}

static void
show_json(const struct config_loaded *in, const struct config_change *changes, size_t n,
	struct buf *out)
{
	buf_puts(out, "{\"file\":");
	escape_json(out, str_z(in->cfg.file));
	buf_puts(out, ",\"keys\":[");
	for (size_t i = 0; i < CONFIG_KEY__MAX; i++)
		show_key_json(in, i, change_find(changes, n, config_row(i)->name), out);
	for (size_t i = 0; i < n; i++) {
		if (!is_beside(&changes[i]))
			continue;
		buf_printf(out, ",\n{\"key\":\"%.*s\",\"value\":", STR(changes[i].key));
		escape_json(out, changes[i].value);
		buf_puts(out, ",\"origin\":\"database\"}");
	}
	buf_puts(out, "\n]}\n");
}

void
config_origin(const struct config *cfg, struct str key, struct buf *out)
{
	const struct config_loaded *in = (const struct config_loaded *)(const void *)cfg;

	for (size_t i = 0; i < CONFIG_KEY__MAX; i++)
		if (str_eq(key, str_z(config_row(i)->name)))
			origin_put(out, cfg, &in->values[i]);
}

void
config_show(const struct config *cfg, bool json, const struct config_change *changes, size_t n,
	struct buf *out)
{
	const struct config_loaded *in = (const struct config_loaded *)(const void *)cfg;

	if (json) {
		show_json(in, changes, n, out);
		return;
	}
	for (size_t i = 0; i < CONFIG_KEY__MAX; i++) {
		const struct config_change *change = change_find(changes, n, config_row(i)->name);

		buf_printf(out, "%s = ", config_row(i)->name);
		value_put(out, change ? change->value : in->values[i].text);
		buf_puts(out, change ? "  # database, in place of " : "  # ");
		origin_put(out, cfg, &in->values[i]);
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < n; i++) {
		if (!is_beside(&changes[i]))
			continue;
		buf_printf(out, "# %.*s = ", STR(changes[i].key));
		escape_json(out, changes[i].value);
		buf_puts(out, "  # database\n");
	}
}

/* ---- the reference ----------------------------------------------------------------------- */

static void
docs_text(struct buf *b, const struct config_row *row)
{
	buf_printf(b, "%s = ", row->name);
	if (row->def)
		value_put(b, str_z(row->def));
	else
		buf_puts(b, "(required)");
	buf_printf(b, "\n    %s\n    Form: ", row->doc);
	form_put(b, row);
	buf_puts(b, "\n    Environment: ");
	config_row_variable(row, b);
	buf_puts(b, "\n\n");
}

static void
docs_conf(struct buf *b, const struct config_row *row)
{
	buf_printf(b, "\n# %s\n# Form: ", row->doc);
	form_put(b, row);
	buf_puts(b, row->def ? ".\n#" : ". Required.\n");
	buf_printf(b, "%s = ", row->name);
	value_put(b, str_z(row->def ? row->def : "http://localhost:8080/"));
	buf_putc(b, '\n');
}

static void
docs_mdoc(struct buf *b, const struct config_row *row)
{
	buf_printf(b, ".It Ic %s\n", row->name);
	escape_mdoc(b, str_z(row->doc));
	buf_puts(b, "\n.br\nForm: ");
	form_put(b, row);
	if (!row->def) {
		buf_puts(b, ".\nRequired.\n");
		return;
	}
	buf_puts(b, ".\nDefault: ");
	if (row->def[0] == '\0')
		buf_puts(b, "empty");
	else
		escape_mdoc(b, str_z(row->def));
	buf_puts(b, ".\n");
}

static void
docs_json(struct buf *b, const struct config_row *row)
{
	buf_printf(b, "%s\n{\"key\":\"%s\",\"type\":\"%s\",\"form\":\"",
		row == config_row(0) ? "" : ",", row->name, types[row->type]);
	form_put(b, row);
	buf_puts(b, "\",\"environment\":\"");
	config_row_variable(row, b);
	buf_puts(b, "\",\"default\":");
	if (row->def)
		escape_json(b, str_z(row->def));
	else
		buf_puts(b, "null");
	buf_puts(b, ",\"description\":");
	escape_json(b, str_z(row->doc));
	buf_putc(b, '}');
}

static const char conf_head[] =
	"# Configuration of StarPunk; see starpunk.conf(5).\n#\n"
	"# Lines are \"key = value\"; a value with spaces or any of , = # { } ( ) + ' needs\n"
	"# \"quotes\".\n"
	"# What is commented out shows its default. Each key can also be set in the environment,\n"
	"# as STARPUNK_ and its name in capitals, which wins. Unknown keys are refused.\n"
	"# After a change: starpunk config check, then reload.\n";

void
config_docs(const char *format, struct buf *out)
{
	static const struct {
		const char *name, *head;
		void (*row)(struct buf *b, const struct config_row *row);
		const char *tail;
	} writers[] = {
		{"text", "", docs_text, ""},
		{"conf", conf_head, docs_conf, ""},
		{"mdoc", ".Bl -tag -width Ds\n", docs_mdoc, ".El\n"},
		{"json", "[", docs_json, "\n]\n"},
	};

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		if (strcmp(format, writers[i].name) != 0)
			continue;
		buf_puts(out, writers[i].head);
		for (size_t key = 0; key < CONFIG_KEY__MAX; key++)
			writers[i].row(out, config_row(key));
		buf_puts(out, writers[i].tail);
	}
}
