/*
 * The configuration: struct config has one field per row of tables/config.def, already parsed and
 * checked. There is no lookup by name anywhere else, and no other reader of the environment: a key
 * that is misspelt in the code does not compile, one that is misspelt in the file or in a STARPUNK_
 * variable is refused with the nearest key named.
 *
 * The file is read by libconfuse ("key = value" lines, # comments; values with spaces in quotes);
 * each key can be overridden by STARPUNK_<KEY>. Secrets are never configuration.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include "base/buf.h"
#include "base/ctx.h"

struct config_rate {
	int64_t count;		/* this many; 0: no limit */
	int64_t per_us;		/* in this time */
};

enum config_environment { CONFIG_PRODUCTION, CONFIG_DEVELOPMENT };
enum config_synchronous { CONFIG_SYNC_FULL, CONFIG_SYNC_NORMAL };
enum config_search { CONFIG_SEARCH_AUTO, CONFIG_SEARCH_FTS5, CONFIG_SEARCH_LIKE };
enum config_log_format { CONFIG_LOG_AUTO, CONFIG_LOG_JSON, CONFIG_LOG_TEXT };

/* Fields of the types named in config.def. Text is never NULL; a CHOICE holds its word's index. */
#define CONFIG_FIELD_STRING const char *
#define CONFIG_FIELD_URL const char *
#define CONFIG_FIELD_PATH const char *
#define CONFIG_FIELD_ADDRESS const char *
#define CONFIG_FIELD_ZONE const char *
#define CONFIG_FIELD_NETWORKS const char *
#define CONFIG_FIELD_NAMES const char *
#define CONFIG_FIELD_TOKENS const char *
#define CONFIG_FIELD_BOOL bool
#define CONFIG_FIELD_INT int64_t
#define CONFIG_FIELD_SIZE int64_t
#define CONFIG_FIELD_DURATION int64_t
#define CONFIG_FIELD_RATIO double
#define CONFIG_FIELD_RATE struct config_rate
#define CONFIG_FIELD_CHOICE(words) int

struct config {
#define CONFIG(type, key, def, min, max, doc) CONFIG_FIELD_##type key;
#include "tables/config.def"
#undef CONFIG
	const char *file;	/* the file it was read from; "" for none */
};

/*
 * Default place of the file: the variable STARPUNK_CONFIG, the only one of that prefix that is no
 * key, or starpunk.conf under the build's sysconfdir.
 */
const char *config_default_file(void);

/*
 * Reads file (NULL or "": none) and the environment, checks everything, fills *out (heap;
 * config_free()). ERR_CONFIG: every problem has been appended to problems, one a line, each with
 * key, place and remedy: "starpunk.conf:7: worker_thread: unknown key; did you mean
 * 'worker_threads'?"; *out is NULL and the error's detail is the first of them. ERR_MEMORY. Not
 * from two threads at once.
 *
 * Only what this function made may be given to the functions below.
 */
MUST enum err config_load(
	struct ctx *c, const char *file, struct buf *problems, struct config **out);

/*
 * Every default, without file or environment, and an address that nobody uses: for work that concerns no
 * site. Heap; config_free().
 */
MUST enum err config_defaults(struct ctx *c, struct config **out);

/*
 * Looks at the world a configuration names: directories exist and are writable, paths fit into a
 * socket address, users, groups and the zone exist. Changes nothing. Problems as above.
 */
MUST enum err config_check(struct ctx *c, const struct config *cfg, struct buf *problems);

/*
 * The same for programs: problems get a JSON object for each, separated by commas: "place", "key"
 * (null where it is not about one) and "problem".
 */
MUST enum err config_load_json(
	struct ctx *c, const char *file, struct buf *problems, struct config **out);
MUST enum err config_check_json(struct ctx *c, const struct config *cfg, struct buf *problems);

void config_free(struct config *cfg);

/* What the running site uses, out of its database, in place of a key's value; or beside all keys. */
struct config_change {
	struct str key, value;
};

/*
 * Each key, value and origin (default, file:line, environment; "database", and what it takes the place
 * of): as lines of a configuration file with the origin as comment, or as JSON. What is no key of the
 * configuration comes last, in the lines as a comment.
 */
void config_show(const struct config *cfg, bool json, const struct config_change *changes, size_t n,
	struct buf *out);

/* Writes the origin of one key's value as the configuration has it; nothing if there is no such key. */
void config_origin(const struct config *cfg, struct str key, struct buf *out);

/* The reference of all keys: "text" for people, "conf" for etc/starpunk.conf, "mdoc", "json". */
void config_docs(const char *format, struct buf *out);

/*
 * True if addr ("192.0.2.1", "::1") lies in one of the comma-separated networks. An IPv4 address
 * mapped into IPv6 is that IPv4 address.
 */
bool config_network_match(const char *networks, struct str addr);

/*
 * Takes the first "uid=Name" off *rest, a value of type NAMES: a uid is what programs send, a name
 * what people read. False at the end of the list, and where it is malformed (then *rest has p set).
 */
bool config_name_next(struct str *rest, struct str *uid, struct str *name);

/* The name of a uid in the list; p NULL if the list has no such uid. */
struct str config_name_find(const char *names, struct str uid);

#endif
