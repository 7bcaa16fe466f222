/*
 * What the files of src/core share among themselves: the table of keys as data, the values a
 * configuration was made of, and the two ways in which core writes text for other readers.
 */
#ifndef CORE_PRIV_H
#define CORE_PRIV_H

#include "base/arena.h"
#include "base/buf.h"
#include "core/config.h"

/* ---- the table of keys ------------------------------------------------------------------- */

enum config_type {
	CONFIG_TYPE_STRING,
	CONFIG_TYPE_URL,
	CONFIG_TYPE_PATH,
	CONFIG_TYPE_ADDRESS,
	CONFIG_TYPE_ZONE,
	CONFIG_TYPE_NETWORKS,
	CONFIG_TYPE_NAMES,
	CONFIG_TYPE_TOKENS,
	CONFIG_TYPE_BOOL,
	CONFIG_TYPE_INT,
	CONFIG_TYPE_SIZE,
	CONFIG_TYPE_DURATION,
	CONFIG_TYPE_RATIO,
	CONFIG_TYPE_RATE,
	CONFIG_TYPE_CHOICE,
	CONFIG_TYPE__MAX
};

/* A key's number in the table. */
enum config_key {
#define CONFIG(type, key, def, min, max, doc) CONFIG_KEY_##key,
#include "tables/config.def"
#undef CONFIG
	CONFIG_KEY__MAX
};

struct config_row {
	const char *name;
	enum config_type type;
	size_t offset;		/* of the field in struct config */
	const char *def;	/* NULL: must be given */
	int64_t min, max;	/* max 0: none */
	const char *words;	/* of a CHOICE: "a|b"; otherwise NULL */
	const char *doc;
};

const struct config_row *config_row(size_t key);

/* Writes the name of the key's environment variable: "STARPUNK_WORKERS". */
void config_row_variable(const struct config_row *row, struct buf *b);

/* ---- a loaded configuration -------------------------------------------------------------- */

enum config_origin {
	CONFIG_ORIGIN_NONE,
	CONFIG_ORIGIN_DEFAULT,
	CONFIG_ORIGIN_FILE,
	CONFIG_ORIGIN_ENVIRONMENT
};

struct config_value {
	struct str text;	/* as written, quotes removed */
	enum config_origin origin;
	int line;		/* in the file */
};

/* What config_load() makes; cfg comes first, so that a struct config * leads back here. */
struct config_loaded {
	struct config cfg;
	struct arena arena;	/* of all texts */
	struct config_value values[CONFIG_KEY__MAX];
};

/* Where problems go. */
struct config_report {
	struct buf *out;
	unsigned n;		/* problems so far */
	bool json;		/* as objects and not as lines */
};

/* A line of a file; the whole file if line is 0; the environment if file is NULL. */
struct config_place {
	const char *file;
	int line;
};

/* Adds "place: subject: text\n", control characters in it made visible as '?'; or an object. */
void config_report_add(struct config_report *r, struct config_place at, struct str subject,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* ---- reading ----------------------------------------------------------------------------- */

/* Takes each setting found; name and value live as long as the call. */
struct config_sink {
	void (*put)(struct config_sink *self, struct config_place at, struct str name,
		struct str value);
};

/*
 * Reads the file, hands on what can be read, reports what cannot. False: nothing can, so that what it says is
 * not known. Not from two threads at once.
 */
bool config_file_read(const char *file, struct config_report *r, struct config_sink *sink);

/*
 * Checks text against the row and stores it in the row's field of out (strings in the arena). On
 * false, *why says what is wrong and what would be right, in static or arena memory.
 */
bool config_value_parse(struct arena *a, const struct config_row *row, struct str text,
	struct config *out, const char **why);

/* Writes a bound of an INT, SIZE or DURATION as one would in the file: "8MiB", "30s", "64". */
void config_amount_put(struct buf *b, enum config_type type, int64_t v);

/* True if it is a list that config_network_match() can read; an empty one is. */
bool config_networks_valid(struct str networks);

/* True if config_name_next() can read the list and no uid is there twice; an empty one is. */
bool config_names_valid(struct str names);

/* ---- writing ----------------------------------------------------------------------------- */

/* Appends s as a JSON string, quotes included; malformed UTF-8 becomes U+FFFD. */
void escape_json(struct buf *b, struct str s);

/* Appends s as text of an mdoc(7) page: no part of it is taken for a request or an escape. */
void escape_mdoc(struct buf *b, struct str s);

#endif
