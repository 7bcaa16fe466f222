/*
 * Writers of one pool who stand in line in an order that the test knows: the writers' lock is held
 * until all have come. Each is a thread that does one thing in one transaction.
 */
#ifndef UNIT_SHARE_FIXTURE_H
#define UNIT_SHARE_FIXTURE_H

#include "store/pool.h"
#include "store_site.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { SHARE_SIZE = 8 };

struct share_line {
	struct store_site site;
	struct segment *segment;
	struct pool *pool;
	struct db_share *share;
};

/* What a member does inside its transaction; an error makes it roll back. */
typedef enum err share_work(struct ctx *c, struct db *db, const char *slug);

struct share_member {
	share_work *work;
	struct share_line *line;
	const char *slug;
	pthread_t id;
	int64_t deadline_us;	/* monotonic; 0: none */
	bool guest;		/* it was one */
	bool clean;		/* its connection was, when it came back */
	enum err e;		/* what it would tell its client */
	atomic_bool gone;
};

static inline void
share_init(struct share_line *l)
{
	struct db *db;

	site_init(&l->site);
	db_close(l->site.db);
	l->site.db = NULL;
	l->site.cfg.worker_threads = SHARE_SIZE;
	site_must(segment_create(&l->site.c, l->site.dir.path, &l->segment) == OK, "segment");
	site_must(pool_open(&l->site.c, l->segment, SHARE_SIZE, &l->pool) == OK, "pool");
	site_must(pool_acquire(&l->site.c, l->pool, &db) == OK, "connection");
	l->share = db->share;
	site_must(pool_release(&l->site.c, l->pool, db), "clean");
}

static inline void
share_fini(struct share_line *l)
{
	pool_close(&l->site.c, l->pool);
	segment_close(l->segment);
	site_fini(&l->site);
}

static inline void *
share_member_run(void *p)
{
	struct share_member *m = p;
	struct ctx c;
	struct db *db;

	site_ctx(&m->line->site, &c);
	site_must(pool_acquire(&c, m->line->pool, &db) == OK, "connection");
	c.deadline_us = m->deadline_us;
	m->e = db_tx_begin(&c, db);
	if (m->e == OK) {
		m->guest = db->host != NULL;
		m->e = m->work(&c, db, m->slug);
		c.deadline_us = m->deadline_us;
		if (m->e == OK)
			m->e = db_tx_commit(&c, db);
		else
			db_tx_rollback(&c, db);
	}
	m->clean = pool_release(&c, m->line->pool, db);
	ctx_fini(&c);
	atomic_store(&m->gone, true);
	return NULL;
}

/* Starts a member and waits until it has come, or has come and gone. */
static inline void
share_start(struct share_line *l, struct share_member *m, size_t already)
{
	m->line = l;
	site_must(pthread_create(&m->id, NULL, share_member_run, m) == 0, "thread");
	while (db_share_inside(l->share) == already && !atomic_load(&m->gone))
		(void)sched_yield();
}

/* All come in their order and stand behind a lock that is held. */
static inline void
share_hold(struct share_line *l, struct share_member *m, size_t n)
{
	site_must(segment_writer_lock(&l->site.c, l->segment, INT64_MAX / 2) == OK, "lock");
	for (size_t i = 0; i < n; i++)
		share_start(l, &m[i], i);
}

/* The lock is free, and what they do is done. */
static inline void
share_release(struct share_line *l, struct share_member *m, size_t n)
{
	segment_writer_unlock(l->segment);
	for (size_t i = 0; i < n; i++)
		site_must(pthread_join(m[i].id, NULL) == 0, "join");
}

static inline void
share_run(struct share_line *l, struct share_member *m, size_t n)
{
	share_hold(l, m, n);
	share_release(l, m, n);
}

/* A listed post with a tag. */
static inline enum err
share_insert(struct ctx *c, struct db *db, const char *slug)
{
	struct str tags[] = {S_INIT("tag")};
	struct post_row row = site_note(slug, 1);

	row.tags = tags;
	row.n_tags = 1;
	return post_row_insert(c, db, &row);
}

#endif
