/*
 * The log described out of tables/events.def: the list of events for starpunk-log(7), and a JSON
 * Schema (draft 2020-12) that every line of the JSON format obeys.
 */
#include "core/log.h"

#include "core/metrics.h"
#include "core/priv.h"

struct field {
	const char *name, *suffix, *type, *doc;
};

enum { FIELDS_MAX = 24 };

struct event_doc {
	const char *name, *level, *logger, *counter, *message, *doc;
	struct field fields[FIELDS_MAX];	/* the last has no name */
};

#define COUNTER(sym, name, help) static const char counter_##sym[] = name;
#define GAUGE(...)
#define HISTOGRAM(...)
#include "tables/metrics.def"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
static const char counter_NONE[] = "";

static const struct event_doc events[] = {
#define F_STR(name, doc) {#name, "", "string", doc},
#define F_INT(name, doc) {#name, "", "integer", doc},
#define F_MS(name, doc) {#name, "_ms", "number", doc},
#define F_BOOL(name, doc) {#name, "", "boolean", doc},
#define EVENT(sym, level, logger, counter, message, fields, doc) \
	{#sym, #level, logger, counter_##counter, message, doc, {fields {0}}},
#include "tables/events.def"
#undef EVENT
#undef F_STR
#undef F_INT
#undef F_MS
#undef F_BOOL
};

enum { EVENTS = sizeof(events) / sizeof(events[0]) };

/* ---- starpunk-log(7) --------------------------------------------------------------------- */

static void
mdoc_fields(struct buf *b, const struct field *f)
{
	if (!f->name)
		return;
	buf_puts(b, ".Bl -tag -compact -width Ds\n");
	for (; f->name; f++) {
		buf_printf(b, ".It Va %s%s\n", f->name, f->suffix);
		escape_mdoc(b, str_z(f->doc));
		buf_puts(b, f->suffix[0] ? ", in milliseconds\n" : "\n");
	}
	buf_puts(b, ".El\n");
}

static void
docs_mdoc(struct buf *b)
{
	buf_puts(b, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < EVENTS; i++) {
		const struct event_doc *ev = &events[i];

		buf_printf(b, ".It Ic %s Pq %s\n", ev->name, ev->level);
		escape_mdoc(b, str_z(ev->doc));
		buf_printf(b, "\nLogger: %s.\nMessage:\n.Dq ", ev->logger);
		escape_mdoc(b, str_z(ev->message));
		buf_puts(b, " .\n");
		if (ev->counter[0])
			buf_printf(b, "Counter:\n.Va %s .\n", ev->counter);
		mdoc_fields(b, ev->fields);
	}
	buf_puts(b, ".El\n");
}

/* ---- JSON Schema ------------------------------------------------------------------------- */

static void
schema_event(struct buf *b, const struct event_doc *ev)
{
	buf_puts(b, "{\"title\":");
	escape_json(b, str_z(ev->name));
	buf_puts(b, ",\"description\":");
	escape_json(b, str_z(ev->doc));
	buf_printf(b, ",\"properties\":{\"event\":{\"const\":\"%s\"},\"logger\":{\"const\":\"%s\"}",
		ev->name, ev->logger);
	/* Level and message of an error are those of its row in errors.def. */
	if (!str_eq(str_z(ev->name), S("error"))) {
		buf_printf(b, ",\"level\":{\"const\":\"%s\"},\"message\":{\"const\":", ev->level);
		escape_json(b, str_z(ev->message));
		buf_putc(b, '}');
	}
	for (const struct field *f = ev->fields; f->name; f++) {
		buf_printf(b, ",\n\"%s%s\":{\"type\":\"%s\",\"description\":", f->name, f->suffix,
			f->type);
		escape_json(b, str_z(f->doc));
		buf_putc(b, '}');
	}
	buf_puts(b, "},\"required\":[\"event\"");
	for (const struct field *f = ev->fields; f->name; f++)
		buf_printf(b, ",\"%s%s\"", f->name, f->suffix);
	buf_puts(b, "]}");
}

#define PROPERTY(name, type, doc) \
	"\"" name "\":{\"type\":\"" type "\",\"description\":\"" doc "\"},\n"

static const char schema_head[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n"
	"\"title\":\"A line of StarPunk's log\",\n\"type\":\"object\",\n"
	"\"required\":[\"timestamp\",\"level\",\"logger\",\"event\",\"message\",\"pid\"],\n"
	"\"properties\":{\n"
	"\"timestamp\":{\"type\":\"string\",\"format\":\"date-time\"},\n"
	PROPERTY("logger", "string", "part of the program")
	PROPERTY("event", "string", "what happened; says which other members there are")
	PROPERTY("message", "string", "the same for people")
	PROPERTY("request_id", "string", "of the request at hand; absent outside one")
	PROPERTY("pid", "integer", "process that wrote the line")
	"\"level\":{\"enum\":[\"DEBUG\",\"INFO\",\"WARNING\",\"ERROR\",\"CRITICAL\"]}\n},\n"
	"\"oneOf\":[\n";

static void
docs_schema(struct buf *b)
{
	buf_puts(b, schema_head);
	for (size_t i = 0; i < EVENTS; i++) {
		buf_puts(b, i ? ",\n" : "");
		schema_event(b, &events[i]);
	}
	buf_puts(b, "\n],\n\"unevaluatedProperties\":false}\n");
}

void
log_docs(const char *format, struct buf *out)
{
	if (str_eq(str_z(format), S("schema")))
		docs_schema(out);
	else
		docs_mdoc(out);
}
