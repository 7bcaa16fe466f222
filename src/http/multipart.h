/*
 * multipart/form-data (RFC 7578, RFC 2046): a streaming parser that is fed bytes in any
 * fragmentation and calls back per part. It keeps at most a boundary's length of bytes back.
 * Limits: boundary 1-70 characters, 256 parts, 16 headers and 8 KiB of headers a part.
 */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "base/ctx.h"

enum {
	MULTIPART_MAX_PARTS = 256,
	MULTIPART_MAX_HEADERS = 16,
	MULTIPART_MAX_HEAD = 8192,	/* bytes of one part's headers */
	MULTIPART_MAX_TEXT = 1048576,	/* bytes of all texts of a form */
};

struct multipart;

/* A part's header, valid during the call. */
struct multipart_part {
	struct str name;
	bool is_file;		/* it has a filename, even an empty one */
	struct str filename;	/* last path component, for display only; may hold CR or LF */
	struct str type;	/* Content-Type; empty if none */
};

struct multipart_sink {
	void *self;
	/* A part begins, its data follows in any number of pieces, it ends. An error stops all. */
	enum err (*begin)(struct ctx *c, void *self, const struct multipart_part *part);
	enum err (*data)(struct ctx *c, void *self, struct str bytes);
	enum err (*end)(struct ctx *c, void *self);
};

/*
 * content_type is the whole header; *sink is copied. ERR_BAD_MULTIPART unless it is
 * multipart/form-data with one usable boundary. In c's arena.
 */
MUST enum err multipart_new(struct ctx *c, struct str content_type,
	const struct multipart_sink *sink, struct multipart **out);
/*
 * The next bytes of the body, any number. ERR_BAD_MULTIPART, ERR_BAD_ENCODING (a name), or what the
 * sink said; after an error the parser is of no more use.
 */
MUST enum err multipart_feed(struct ctx *c, struct multipart *m, struct str bytes);
/* After the last byte: ERR_BAD_MULTIPART unless the closing boundary was seen. */
MUST enum err multipart_end(struct ctx *c, struct multipart *m);

/* What becomes of the files in a form. */
struct multipart_files {
	void *self;
	/* A file begins; its data follows, until the next begins or the form ends. It is the form's
	   pair number field, which has its name and no value: that is for the caller to set. */
	enum err (*begin)(struct ctx *c, void *self, const struct multipart_part *part,
		size_t field);
	enum err (*data)(struct ctx *c, void *self, struct str bytes);
};

struct multipart_fields;

/*
 * A form as pairs, in the order sent: text parts with their values, which are taken as they are
 * (neither "+" nor "%" means anything), and files, whose bytes go to *files (copied). A file control
 * left empty is passed over, as is "_charset_". In c's arena. ERR_BAD_MULTIPART as multipart_new().
 */
MUST enum err multipart_fields_new(struct ctx *c, struct str content_type,
	const struct multipart_files *files, struct multipart_fields **out);
/*
 * The next bytes of the body, any number: ERR_BAD_ENCODING for bad UTF-8 or a NUL in a text,
 * ERR_BODY_TOO_LARGE for more text than MULTIPART_MAX_TEXT, what *files said, and what
 * multipart_feed() gives.
 */
MUST enum err multipart_fields_feed(struct ctx *c, struct multipart_fields *f, struct str bytes);
/*
 * The value of the first text of that name that is whole by now; p NULL if there is none. For who
 * has to know it before a file is taken.
 */
struct str multipart_fields_find(const struct multipart_fields *f, struct str name);
/* After the last byte. ERR_BAD_MULTIPART unless the closing boundary was seen. */
MUST enum err multipart_fields_end(struct ctx *c, struct multipart_fields *f, struct pair **out,
	size_t *n);

#endif
