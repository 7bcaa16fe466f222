/*
 * The page cache: a hash table with a list by age, under one mutex that is held for a few pointers'
 * time and never while anything is made, read or sent.
 *
 * The generation is the sum of two counters that only grow, the segment's and our own count of
 * changes seen in the database, so that it stays the same only if both do. A change of our own
 * makes a second move when the poll comes by it: cheaper than to find out whose it was, and never
 * wrong.
 */
#include "web/cache.h"

#include "base/mem.h"
#include "base/mutex.h"
#include "base/time.h"
#include "core/crypto.h"
#include "store/post.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
	POLL_US = 100 * 1000, /* how long a change from outside may go unnoticed */
	BUCKETS = 2048,       /* power of two; about one page each in a full cache of 8 MiB */
};

struct cache_entry {
	struct cache_entry *next; /* in its bucket */
	struct cache_entry *newer, *older;
	uint64_t hash;
	unsigned refs;              /* the table's own counts as one */
	size_t size;                /* of the whole block */
	bool marked;
	struct str key, body, etag; /* behind the struct, in the same block */
};

struct cache {
	pthread_mutex_t lock; /* guards all below but the atomics */
	size_t max_bytes, bytes;
	uint64_t generation; /* of every entry */
	struct cache_entry *newest, *oldest;
	struct cache_entry *buckets[BUCKETS];
	struct {
		bool known;
		int64_t revision;     /* post_row_revision() */
		uint64_t generation;  /* the segment's, read before it */
		int64_t noticed;      /* second of the last poll that found a change from outside */
	} last;                       /* poll */
	_Atomic uint64_t polled;      /* changes of the revision that polls found */
	_Atomic int64_t next_poll_us; /* monotonic */
};

enum err
cache_new(struct ctx *c, size_t max_bytes, struct cache **out)
{
	struct cache *k = mem_alloc(sizeof(*k));

	if (!k)
		return err_memory(c);
	if (pthread_mutex_init(&k->lock, NULL) != 0) {
		mem_free(k);
		return err_raise(c, ERR_INTERNAL, "pthread_mutex_init failed");
	}
	k->max_bytes = max_bytes;
	*out = k;
	return OK;
}

static void
unref(struct cache_entry *e)
{
	assert(e->refs > 0);
	if (--e->refs == 0)
		mem_free(e);
}

/* Takes an entry out of table and list, and gives the table's reference back. */
static void
drop(struct cache *k, struct cache_entry *e)
{
	struct cache_entry **p = &k->buckets[e->hash % BUCKETS];

	while (*p != e)
		p = &(*p)->next;
	*p = e->next;
	*(e->newer ? &e->newer->older : &k->newest) = e->older;
	*(e->older ? &e->older->newer : &k->oldest) = e->newer;
	k->bytes -= e->size;
	unref(e);
}

static void
drop_all(struct cache *k)
{
	while (k->oldest)
		drop(k, k->oldest);
}

static void
push_newest(struct cache *k, struct cache_entry *e)
{
	e->newer = NULL;
	e->older = k->newest;
	*(k->newest ? &k->newest->newer : &k->oldest) = e;
	k->newest = e;
}

/* An entry that was just asked for becomes the last to go. */
static void
touch(struct cache *k, struct cache_entry *e)
{
	if (k->newest == e)
		return;
	e->newer->older = e->older;
	*(e->older ? &e->older->newer : &k->oldest) = e->newer;
	push_newest(k, e);
}

static struct cache_entry *
look_up(struct cache *k, uint64_t hash, struct str key)
{
	struct cache_entry *e = k->buckets[hash % BUCKETS];

	while (e && !(e->hash == hash && str_eq(e->key, key)))
		e = e->next;
	return e;
}

void
cache_free(struct cache *k)
{
	if (!k)
		return;
	drop_all(k);
	(void)pthread_mutex_destroy(&k->lock);
	mem_free(k);
}

struct cache_moment
cache_moment(struct cache *k, const struct segment *seg)
{
	struct cache_moment m;

	/* The time first: it may be older than the generation then, but not newer. */
	m.since = segment_generation_time(seg) / 1000000;
	m.generation = segment_generation(seg) + atomic_load(&k->polled);
	mutex_lock(&k->lock);
	/* Not less: who was overtaken after reading the counters must not bring old pages back. */
	if (m.generation > k->generation) {
		drop_all(k);
		k->generation = m.generation;
	}
	if (k->last.noticed > m.since)
		m.since = k->last.noticed;
	mutex_unlock(&k->lock);
	return m;
}

static void
compare(struct cache *k, uint64_t generation, int64_t revision, int64_t now)
{
	mutex_lock(&k->lock);
	if (!k->last.known || revision != k->last.revision)
		atomic_fetch_add(&k->polled, 1);
	if (k->last.known && revision != k->last.revision && generation == k->last.generation)
		k->last.noticed = now;
	k->last.known = true;
	k->last.revision = revision;
	k->last.generation = generation;
	mutex_unlock(&k->lock);
}

void
cache_poll(struct ctx *c, struct cache *k, const struct segment *seg, struct pool *pool)
{
	int64_t now = time_mono_us(), due = atomic_load(&k->next_poll_us), revision;
	uint64_t generation = segment_generation(seg);
	const struct err_slot before = c->err;
	struct pool_stats stats;
	struct db *db;

	if (now < due || !atomic_compare_exchange_strong(&k->next_poll_us, &due, now + POLL_US))
		return;
	pool_stats(pool, &stats);
	if (stats.active >= stats.size)
		return;
	if (pool_acquire(c, pool, &db) == OK) {
		if (post_row_revision(c, db, &revision) == OK)
			compare(k, generation, revision, c->now_us / 1000000);
		(void)pool_release(c, pool, db);
	}
	c->err = before;
}

bool
cache_find(struct cache *k, uint64_t generation, struct str key, struct cache_page *out)
{
	uint64_t hash = crypto_digest64(key);
	struct cache_entry *e = NULL;

	mutex_lock(&k->lock);
	if (generation == k->generation)
		e = look_up(k, hash, key);
	if (e) {
		e->refs++;
		touch(k, e);
	}
	mutex_unlock(&k->lock);
	if (!e)
		return false;
	*out = (struct cache_page){e->body, e->etag, e->marked, e};
	return true;
}

void
cache_release(struct cache *k, struct cache_page *page)
{
	mutex_lock(&k->lock);
	unref(page->entry);
	mutex_unlock(&k->lock);
	page->entry = NULL;
}

static struct str
copy_behind(char **at, struct str s)
{
	struct str copy = str_n(*at, s.n);

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static struct cache_entry *
entry_new(struct str key, struct str body, struct str etag)
{
	size_t size = sizeof(struct cache_entry) + key.n + body.n + etag.n;
	struct cache_entry *e = mem_alloc(size);
	char *at;

	if (!e)
		return NULL;
	at = (char *)(e + 1);
	e->size = size;
	e->refs = 1;
	e->hash = crypto_digest64(key);
	e->key = copy_behind(&at, key);
	e->body = copy_behind(&at, body);
	e->etag = copy_behind(&at, etag);
	return e;
}

void
cache_put(struct cache *k, uint64_t generation, struct str key, struct str body, struct str etag,
	bool marked)
{
	struct cache_entry *e, *old;

	if (body.n + key.n > k->max_bytes / 8)
		return;
	e = entry_new(key, body, etag);
	if (!e)
		return;
	e->marked = marked;
	mutex_lock(&k->lock);
	if (generation != k->generation) {
		unref(e);
	} else {
		old = look_up(k, e->hash, key);
		if (old)
			drop(k, old);
		while (k->oldest && k->bytes + e->size > k->max_bytes)
			drop(k, k->oldest);
		e->next = k->buckets[e->hash % BUCKETS];
		k->buckets[e->hash % BUCKETS] = e;
		push_newest(k, e);
		k->bytes += e->size;
	}
	mutex_unlock(&k->lock);
}
