/*
 * How templates are kept: what tmpl_parse.c, tmpl_bind.c, tmpl_load.c and tmpl_render.c share.
 *
 * A file is parsed once, into nodes with names. Each way in which it is used, that is with a
 * certain stack of types around it, is an instance: a copy of the nodes whose names have become
 * slots. The slot of a name says which type holds it and where; at render time the newest frame of
 * each type is known, so a name costs an index and an addition. A frame below another one of its
 * own type can never be named, so that a stack counts each type once: recursive partials lead back
 * to instances that exist already, and the number of instances is finite.
 */
#ifndef TEXT_TMPL_PRIV_H
#define TEXT_TMPL_PRIV_H

#include "text/tmpl.h"

#include <stdint.h>

enum {
	TMPL_FILE_MAX = 256 * 1024, /* bytes of a file */
	TMPL_NEST_MAX = 50, /* sections inside one another in a file; partials at render time */
	TMPL_EVALS_MAX = 1000 * 1000, /* nodes evaluated in one rendering */
	TMPL_TYPES_MAX = 160,         /* record types of a set */
	TMPL_PATH_MAX = 8,            /* parts of a dotted name */
	TMPL_INSTANCES_MAX = 512,
};

enum tmpl_op {
	TMPL_OP_TEXT,     /* literal text */
	TMPL_OP_VAR,      /* {{x}} */
	TMPL_OP_RAW,      /* {{{x}}} */
	TMPL_OP_SECTION,  /* {{#x}} */
	TMPL_OP_INVERTED, /* {{^x}} */
	TMPL_OP_END,      /* {{/x}} */
	TMPL_OP_PARTIAL,  /* {{>x}} */
};

/* Where a value is. Kind TMPL__MAX: nowhere, always absent. */
struct tmpl_slot {
	enum tmpl_kind kind;
	uint8_t base; /* index of a type, or TMPL_BASE_DOT */
	uint8_t type; /* index of the type of RECORD and LIST */
	uint8_t n;    /* offsets; all but the last lead to a pointer to a record */
	uint16_t offsets[TMPL_PATH_MAX];
};

enum { TMPL_BASE_DOT = 255 }; /* the text (flag, number) that the innermost section stands for */

struct tmpl_node {
	enum tmpl_op op;
	bool bol;        /* first on its line: a partial's indentation goes before it */
	bool standalone; /* of PARTIAL: alone on its line */
	uint32_t line;
	uint32_t jump; /* of SECTION, INVERTED: the index of their END, and the other way round */
	uint32_t instance; /* of PARTIAL: its index */
	struct str text;   /* of TEXT; of PARTIAL its indentation */
	struct str name;   /* of the others */
	struct tmpl_slot slot;
};

struct tmpl_file {
	const char *name; /* without ".html" */
	const char *path;
	bool theme; /* the owner's, not ours */
	struct tmpl_node *nodes;
	size_t n;
};

/* The types whose fields can be named, the innermost last, each once. */
struct tmpl_scope {
	uint8_t types[TMPL_TYPES_MAX];
	size_t n;
	enum tmpl_kind
		dot; /* kind of TMPL_BASE_DOT; TMPL__MAX if the innermost frame is a record */
};

struct tmpl_instance {
	const struct tmpl_file *file;
	struct tmpl_node *nodes; /* NULL until bound */
	size_t n;
	uint32_t parent; /* the instance that first included it; itself for a view */
	struct tmpl_scope scope;
};

struct tmpl_set {
	struct arena arena; /* holds everything below */
	const struct tmpl_type *types[TMPL_TYPES_MAX];
	size_t ntypes;
	struct tmpl_instance *instances; /* the first nviews are the views' */
	size_t ninstances;
	size_t nviews;
	uint64_t digest; /* of the files read */
};

/*
 * Parses source, which must live as long as a, into f->nodes. ERR_TEMPLATE with "file:line: what".
 */
MUST enum err tmpl_parse(struct ctx *c, struct arena *a, struct str source, struct tmpl_file *f);

/*
 * The source with its texts in the language of c->words; itself where there are none. In a.
 * ERR_TEMPLATE as above.
 */
MUST enum err tmpl_words(
	struct ctx *c, struct arena *a, const char *path, struct str source, struct str *out);

/* How tmpl_bind() gets at the files of partials. *out NULL: there is no such file. */
struct tmpl_finder {
	enum err (*find)(struct ctx *c, void *self, struct str name, const struct tmpl_file **out);
	void *self;
	/*
	 * As the mustache specification has it, for its tests: a missing name or partial is empty,
	 * and everything may be written raw.
	 */
	bool lenient;
};

/* An instance of file for data of type; ERR_TEMPLATE when there are too many types. */
MUST enum err tmpl_bind_view(struct ctx *c, struct tmpl_set *s, const struct tmpl_file *file,
	const struct tmpl_type *type);

/*
 * Binds all instances that are not bound yet and those they include. On ERR_TEMPLATE *culprit is
 * the instance in which a name was not good.
 */
MUST enum err tmpl_bind_all(
	struct ctx *c, struct tmpl_set *s, const struct tmpl_finder *finder, uint32_t *culprit);

/* tmpl_load() with lenient as above. */
MUST enum err tmpl_load_with(struct ctx *c, const char *dir, const char *theme,
	const struct tmpl_view *views, size_t n, bool lenient, struct tmpl_set **out);

#endif
