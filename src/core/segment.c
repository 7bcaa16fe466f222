/*
 * The file behind the shared segment: made whole under a temporary name and renamed, so that nobody
 * ever maps half of it; the generation; the writers' lock. Slots are in slot.c, limits in
 * segment_rate.c, details in ring.c; layout.h says what lies where.
 */
#include "core/segment.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/config.h"
#include "core/crypto.h"
#include "core/slot.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__SANITIZE_THREAD__)
#define SP_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SP_TSAN 1
#endif
#endif

/* ThreadSanitizer knows pthread_mutex_unlock(), but not pthread_mutex_clocklock(): tell it. */
#ifdef SP_TSAN
#include <sanitizer/tsan_interface.h>
#define BEFORE_LOCK(lock) __tsan_mutex_pre_lock((lock), __tsan_mutex_try_lock)
#define AFTER_LOCK(lock, taken)                                                                    \
	__tsan_mutex_post_lock(                                                                    \
		(lock), __tsan_mutex_try_lock | ((taken) ? 0 : __tsan_mutex_try_lock_failed), 0)
#else
#define BEFORE_LOCK(lock) ((void)(lock))
#define AFTER_LOCK(lock, taken) ((void)(lock), (void)(taken))
#endif

static const char magic[8] = "STARPUNK";

static enum err
segment_path(struct ctx *c, const char *dir, const char *name, char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);

	if (n < 0 || n >= PATH_MAX)
		return err_raise(c, ERR_CONFIG, "path of the metrics segment is too long: %s", dir);
	return OK;
}

static size_t
ring_size_wanted(const struct ctx *c)
{
	return c->cfg ? (size_t)c->cfg->metrics_buffer_size : LAYOUT_RING_DEFAULT;
}

/* Maps all of s->fd; the size has been checked. */
static enum err
file_map(struct ctx *c, struct segment *s, size_t size)
{
	int prot = s->writable ? PROT_READ | PROT_WRITE : PROT_READ;
	void *p = mmap(NULL, size, prot, MAP_SHARED, s->fd, 0);

	if (p == MAP_FAILED)
		return err_raise(c, ERR_IO, "cannot map the metrics segment: %s", strerror(errno));
	/* On a disk, the kernel would else read ahead at the first touch: milliseconds of zeros. */
	(void)posix_madvise(p, size, POSIX_MADV_RANDOM); /* a hint */
	s->map = p;
	s->size = size;
	return OK;
}

/*
 * Reserves memory for everything but the slots' counts, which are reserved one by one when they are
 * claimed: a full file system is an error here and not a SIGBUS later.
 */
static enum err
file_reserve(struct ctx *c, int fd, size_t ring_size)
{
	off_t fixed = offsetof(struct layout, counts);
	off_t ring = (off_t)(ring_size * sizeof(struct layout_record));

	if (ftruncate(fd, (off_t)layout_size(ring_size)) != 0)
		goto fail;
	if (fallocate(fd, 0, 0, fixed) == 0 && fallocate(fd, 0, sizeof(struct layout), ring) == 0)
		return OK;
	if (errno == EOPNOTSUPP || errno == ENOSYS)
		return OK;
fail:
	return err_raise(
		c, ERR_IO, "cannot make room for the metrics segment: %s", strerror(errno));
}

static enum err
writer_lock_init(struct ctx *c, pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	int rc = pthread_mutexattr_init(&attr);

	if (rc == 0)
		rc = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (rc == 0)
		rc = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	if (rc == 0)
		rc = pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	if (rc == 0)
		rc = pthread_mutex_init(lock, &attr);
	if (rc != 0)
		return err_raise(
			c, ERR_INTERNAL, "cannot make the writers' lock: %s", strerror(rc));
	(void)pthread_mutexattr_destroy(&attr);
	return OK;
}

/* Fills a new, zeroed map. */
static enum err
map_fill(struct ctx *c, struct layout *map, size_t ring_size)
{
	enum err e = crypto_init(c);

	if (e)
		return e;
	crypto_random(&map->header.secret, sizeof(map->header.secret));
	map->header.hash = layout_hash();
	map->header.size = layout_size(ring_size);
	map->header.ring_at = sizeof(struct layout);
	map->header.ring_size = ring_size;
	map->header.maker = process_identity();
	map->header.start_us = time_now_us();
	map->header.start_mono_us = time_mono_us();
	atomic_store(&map->generation, 1);
	atomic_store(&map->moved_us, map->header.start_us);
	memcpy(map->header.magic, magic, sizeof(map->header.magic));
	return writer_lock_init(c, &map->writer);
}

static enum err
segment_make(struct ctx *c, struct segment *s, const char *temporary, const char *path)
{
	size_t ring_size = ring_size_wanted(c);
	enum err e;

	(void)unlink(temporary); /* of a process of our pid that died here */
	s->fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (s->fd < 0)
		return err_raise(c, ERR_IO, "cannot make '%s': %s", temporary, strerror(errno));
	e = file_reserve(c, s->fd, ring_size);
	if (!e)
		e = file_map(c, s, layout_size(ring_size));
	if (!e)
		e = map_fill(c, s->map, ring_size);
	if (!e && (fchmod(s->fd, 0640) != 0 || rename(temporary, path) != 0))
		e = err_raise(c, ERR_IO, "cannot put '%s' in place: %s", path, strerror(errno));
	if (e)
		(void)unlink(temporary);
	return e;
}

static struct segment *
handle_new(bool writable)
{
	struct segment *s = mem_alloc(sizeof(*s));

	if (s)
		*s = (struct segment){.fd = -1, .writable = writable};
	return s;
}

enum err
segment_create(struct ctx *c, const char *dir, struct segment **out)
{
	char path[PATH_MAX], temporary[PATH_MAX], name[64];
	struct segment *s;
	enum err e;

	(void)snprintf(name, sizeof(name), "metrics.shm.%d", (int)getpid());
	e = segment_path(c, dir, "metrics.shm", path);
	if (!e)
		e = segment_path(c, dir, name, temporary);
	if (e)
		return e;
	s = handle_new(true);
	if (!s)
		return err_memory(c);
	e = segment_make(c, s, temporary, path);
	if (e) {
		segment_close(s);
		return e;
	}
	*out = s;
	return OK;
}

/* Looks at the header before the rest is believed. */
static enum err
file_check(struct ctx *c, int fd, const char *path, size_t *size)
{
	struct layout_header head;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_raise(c, ERR_IO, "cannot read '%s': %s", path, strerror(errno));
	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
		memcmp(head.magic, magic, sizeof(magic)) != 0)
		return err_raise(c, ERR_CONFIG, "'%s' is not a metrics segment", path);
	if (head.hash != layout_hash())
		return err_raise(c, ERR_CONFIG,
			"'%s' belongs to another version of starpunk (layout %016llx, ours is "
			"%016llx): "
			"restart the site with this version",
			path, (unsigned long long)head.hash, (unsigned long long)layout_hash());
	if (head.ring_size == 0 || head.size != (uint64_t)st.st_size ||
		head.size != layout_size(head.ring_size) || head.ring_at != sizeof(struct layout))
		return err_raise(c, ERR_CONFIG, "'%s' is damaged: its sizes do not agree", path);
	*size = head.size;
	return OK;
}

enum err
segment_attach(struct ctx *c, const char *dir, bool writable, struct segment **out)
{
	struct segment *s = NULL;
	char path[PATH_MAX];
	size_t size = 0;
	enum err e = segment_path(c, dir, "metrics.shm", path);

	if (e)
		return e;
	s = handle_new(writable);
	if (!s)
		return err_memory(c);
	s->fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0)
		e = err_raise(c, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot open '%s': %s",
			path, strerror(errno));
	if (!e)
		e = file_check(c, s->fd, path, &size);
	if (!e)
		e = file_map(c, s, size);
	if (!e && !slot_any_live(s))
		e = err_raise(c, ERR_NOT_FOUND, "the site that made '%s' has ended", path);
	if (e) {
		segment_close(s);
		return e;
	}
	*out = s;
	return OK;
}

void
segment_close(struct segment *s)
{
	if (!s)
		return;
	if (s->map)
		(void)munmap(s->map, s->size);
	if (s->fd >= 0)
		(void)close(s->fd);
	mem_free(s);
}

void
segment_remove(const struct segment *s, const char *dir)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/metrics.shm", dir);
	struct stat ours, there;

	if (s && n > 0 && n < PATH_MAX && fstat(s->fd, &ours) == 0 && lstat(path, &there) == 0 &&
		ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
		(void)unlink(path);
}

uint64_t
segment_generation(const struct segment *s)
{
	return s ? atomic_load_explicit(&s->map->generation, memory_order_acquire) : 0;
}

void
segment_generation_move(struct segment *s)
{
	if (!s)
		return;
	assert(s->writable);
	atomic_fetch_add_explicit(&s->map->generation, 1, memory_order_acq_rel);
	atomic_store_explicit(&s->map->moved_us, time_now_us(), memory_order_release);
}

int64_t
segment_generation_time(const struct segment *s)
{
	return s ? atomic_load_explicit(&s->map->moved_us, memory_order_acquire) : 0;
}

/* Since when something is so, or 0: it is not. Who finds it said already writes nothing. */
static void
since_set(_Atomic int64_t *since_us, bool so)
{
	int64_t none = 0;

	if ((atomic_load_explicit(since_us, memory_order_acquire) != 0) == so)
		return;
	if (so)
		(void)atomic_compare_exchange_strong(
			since_us, &none, time_mono_us()); /* the first one's time stays */
	else
		atomic_store_explicit(since_us, 0, memory_order_release);
}

void
segment_writable_set(struct segment *s, bool writable)
{
	if (s)
		since_set(&s->map->unwritable_us, !writable);
}

bool
segment_writable(const struct segment *s)
{
	return !s || atomic_load_explicit(&s->map->unwritable_us, memory_order_acquire) == 0;
}

void
segment_locked_set(struct segment *s, bool locked)
{
	if (s)
		since_set(&s->map->locked_us, locked);
}

bool
segment_locked(const struct segment *s)
{
	return s && atomic_load_explicit(&s->map->locked_us, memory_order_acquire) != 0;
}

void
segment_configured_set(struct segment *s, int64_t us)
{
	if (s)
		atomic_store_explicit(&s->map->configured_us, us, memory_order_relaxed);
}

int64_t
segment_configured(const struct segment *s)
{
	return s ? atomic_load_explicit(&s->map->configured_us, memory_order_relaxed) : 0;
}

enum err
segment_writer_lock(struct ctx *c, struct segment *s, int64_t deadline_us)
{
	struct timespec until = {
		.tv_sec = (time_t)(deadline_us / 1000000),
		.tv_nsec = (long)(deadline_us % 1000000 * 1000),
	};
	int rc;

	if (!s)
		return OK;
	assert(s->writable && deadline_us >= 0);
	BEFORE_LOCK(&s->map->writer);
	rc = pthread_mutex_clocklock(&s->map->writer, CLOCK_MONOTONIC, &until);
	AFTER_LOCK(&s->map->writer, rc == 0 || rc == EOWNERDEAD);
	if (rc == EOWNERDEAD) /* SQLite has rolled its transaction back; the lock guards nothing
				 else */
		rc = pthread_mutex_consistent(&s->map->writer);
	if (rc == ETIMEDOUT)
		return err_raise(c, ERR_DB_BUSY, "the writers' lock stayed taken");
	if (rc != 0)
		return err_raise(c, ERR_INTERNAL, "writers' lock: %s", strerror(rc));
	return OK;
}

void
segment_writer_unlock(struct segment *s)
{
	int rc;

	if (!s)
		return;
	rc = pthread_mutex_unlock(&s->map->writer);
	assert(rc == 0);
	(void)rc;
}
