/*
 * Fills a database with posts, many in one transaction, through the same code that Micropub uses:
 *
 *	fill CONFIGURATION COUNT [HOURS [TOGETHER]]
 *
 * Notes of about 500 characters with up to four tags, one article in ten, so many hours apart (1), so many
 * together, a minute apart (1), and ending now. The same COUNT gives the same posts, so that two runs of a
 * benchmark read the same pages. Sentences and tags come from tests/fixtures/content under SP_TOP_SRCDIR.
 */
#include "base/mem.h"
#include "base/time.h"
#include "core/config.h"
#include "core/crypto.h"
#include "domain/post.h"
#include "text/markdown.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 250, LINES_MAX = 200, NOTE_CHARS = 500, ARTICLE_CHARS = 3000, TAGS_MAX = 4 };

struct lines {
	struct str at[LINES_MAX];
	size_t n;
};

struct source {
	struct lines sentences, tags;
	uint64_t random;	/* state of the generator; never 0 */
	int64_t hours;		/* between two posts, or groups of posts */
	int64_t together;	/* posts of a group */
};

/* xorshift64: the same posts in every run. */
static size_t
pick(struct source *s, size_t n)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (size_t)(s->random % n);
}

/* Reads the lines of a file; they are kept for the life of the process. */
static bool
lines_read(const char *name, struct lines *out)
{
	enum { ROOM = 64 * 1024 };
	const char *top = getenv("SP_TOP_SRCDIR");
	char path[4096];
	char *text = mem_alloc(ROOM);
	struct str rest;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/tests/fixtures/content/%s", top ? top : ".", name);
	f = fopen(path, "re");
	if (!f || !text) {
		perror(path);
		mem_free(text);
		return false;
	}
	rest = str_n(text, fread(text, 1, ROOM, f));
	(void)fclose(f);
	while (rest.p && out->n < LINES_MAX) {
		struct str line = str_cut(&rest, '\n');

		if (line.n > 0)
			out->at[out->n++] = line;
	}
	return out->n > 0;
}

/* Sentences up to about so many bytes, a blank line after every third. */
static enum err
text_make(struct ctx *c, struct source *s, size_t length, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, 2 * ARTICLE_CHARS);
	for (size_t i = 1; b.n < length; i++) {
		buf_put(&b, s->sentences.at[pick(s, s->sentences.n)]);
		buf_puts(&b, i % 3 == 0 ? "\n\n" : " ");
	}
	return buf_end(c, &b, out);
}

static enum err
set_text(struct ctx *c, struct json *properties, struct str name, struct str value)
{
	struct json *values;
	enum err err = json_array(c, &values);

	if (err == OK)
		err = json_push_str(c, values, value);
	return err == OK ? json_set(c, properties, name, values) : err;
}

static enum err
set_tags(struct ctx *c, struct source *s, struct json *properties)
{
	struct json *values;
	size_t n = pick(s, TAGS_MAX + 1);
	enum err err = json_array(c, &values);

	for (size_t i = 0; err == OK && i < n; i++)
		err = json_push_str(c, values, s->tags.at[pick(s, s->tags.n)]);
	return err == OK && n > 0 ? json_set(c, properties, S("category"), values) : err;
}

static enum err
draft_make(struct ctx *c, struct source *s, int64_t published, struct post_draft *out)
{
	bool article = pick(s, 10) == 0;
	struct json *properties;
	struct str text, date;
	struct buf b;
	enum err err = json_object(c, &properties);

	if (err == OK && article)
		err = set_text(c, properties, S("name"), s->sentences.at[pick(s, s->sentences.n)]);
	if (err == OK)
		err = text_make(c, s, article ? ARTICLE_CHARS : NOTE_CHARS, &text);
	if (err == OK)
		err = set_text(c, properties, S("content"), text);
	if (err == OK)
		err = set_tags(c, s, properties);
	buf_init(&b, &c->arena, 64);
	time_rfc3339(&b, published, 0);
	if (err == OK)
		err = buf_end(c, &b, &date);
	if (err == OK)
		err = set_text(c, properties, S("published"), date);
	*out = (struct post_draft){.kind = S("entry"), .properties = properties};
	return err;
}

/* Posts number from to to - 1 of count, in one transaction. */
static enum err
batch_insert(struct ctx *c, struct db *db, struct source *s, int64_t from, int64_t to,
	int64_t count)
{
	enum err err = db_tx_begin(c, db);

	for (int64_t i = from; err == OK && i < to; i++) {
		int64_t behind = count - i - 1;
		int64_t published = c->now_us / 1000000 - (behind / s->together + 1) * s->hours * 3600 -
			behind % s->together * 60;
		struct post_draft draft;
		struct post_row row;

		err = draft_make(c, s, published, &draft);
		if (err == OK)
			err = post_build(c, &draft, &row);
		if (err == OK)
			err = post_insert(c, db, &draft, &row);
	}
	if (err == OK)
		err = db_tx_commit(c, db);
	if (err != OK)
		db_tx_rollback(c, db);
	return err;
}

static enum err
fill(struct ctx *c, struct db *db, int64_t count, int64_t hours, int64_t together)
{
	struct source s = {.random = 88172645463325252u, .hours = hours, .together = together};
	int64_t now = time_now_us();
	enum err err = OK;

	if (!lines_read("sentences.txt", &s.sentences) || !lines_read("tags.txt", &s.tags))
		return err_raise(c, ERR_IO, "no sentences and tags to make posts of");
	for (int64_t i = 0; err == OK && i < count; i += BATCH) {
		ctx_reset(c);
		c->now_us = now;
		err = batch_insert(c, db, &s, i, i + BATCH < count ? i + BATCH : count, count);
		if (err == OK)
			err = db_checkpoint_long(c, db);
	}
	return err;
}

/* Everything a command needs besides its arguments. The segment is there only if the site runs. */
static enum err
site_open(struct ctx *c, const char *file, struct config **cfg, struct segment **seg,
	struct db **db)
{
	struct buf problems;
	enum err err;

	buf_init(&problems, &c->arena, 64 * 1024);
	err = config_load(c, file, &problems, cfg);
	if (err != OK) {
		(void)fprintf(stderr, "%.*s", STR(buf_str(&problems)));
		return err;
	}
	c->cfg = *cfg;
	err = crypto_init(c);
	if (err != OK)
		return err;
	markdown_init();
	err = segment_attach(c, (*cfg)->runtime_path, true, seg);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	return db_open(c, *seg, db);
}

int
main(int argc, char **argv)
{
	unsigned long long count, hours = 1, together = 1;
	struct config *cfg = NULL;
	struct segment *seg = NULL;
	struct db *db = NULL;
	struct ctx c;
	enum err err;

	if (argc < 3 || argc > 5 || !str_u64(str_z(argv[2]), 100000000, &count) ||
		(argc > 3 && !str_u64(str_z(argv[3]), 10000, &hours)) ||
		(argc > 4 && (!str_u64(str_z(argv[4]), 10000, &together) || together == 0))) {
		(void)fprintf(stderr, "usage: fill CONFIGURATION COUNT [HOURS [TOGETHER]]\n");
		return 2;
	}
	ctx_init(&c, 256 * 1024 * 1024);
	err = site_open(&c, argv[1], &cfg, &seg, &db);
	if (err == OK)
		err = fill(&c, db, (int64_t)count, (int64_t)hours, (int64_t)together);
	if (err != OK)
		(void)fprintf(stderr, "fill: %s %s\n", err_info(err)->message, c.err.detail);
	db_close(db);
	segment_close(seg);
	config_free(cfg);
	ctx_fini(&c);
	return err == OK ? 0 : 1;
}
