/*
 * The history on disk, between two runs of a site: a header that says what layout it is of, and the
 * cells as they lie in the segment. It is written under another name and renamed, so that whoever
 * finds it finds all of it.
 */
#include "core/history.h"

#include "base/mem.h"
#include "core/history_cell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct file_cell {
	uint64_t state;
	uint64_t value[SAMPLE__MAX];
};

struct file {
	char magic[8];
	uint64_t hash;
	struct file_cell cell[HISTORY_CELLS];
};

static const char magic[8] = "STARHIST";

static size_t
fill(const struct segment *seg, struct file *f)
{
	memcpy(f->magic, magic, sizeof(magic));
	f->hash = layout_hash();
	for (size_t i = 0; i < HISTORY_CELLS; i++) {
		const struct layout_sample *from = &seg->map->history[i];

		f->cell[i].state = atomic_load_explicit(&from->state, memory_order_acquire);
		for (size_t k = 0; k < SAMPLE__MAX; k++)
			f->cell[i].value[k] =
				atomic_load_explicit(&from->value[k], memory_order_acquire);
	}
	return sizeof(*f);
}

static enum err
write_whole(struct ctx *c, const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	ssize_t done;

	if (fd < 0)
		return err_raise(c, ERR_IO, "cannot make '%s': %s", path, strerror(errno));
	done = write(fd, p, n);
	if (close(fd) != 0 || done != (ssize_t)n)
		return err_raise(c, ERR_IO, "cannot write '%s': %s", path, strerror(errno));
	return OK;
}

enum err
history_save(struct ctx *c, const struct segment *seg, const char *dir)
{
	struct file *f = mem_alloc(sizeof(*f));
	struct str path, temporary;
	enum err err = f ? ctx_printf(c, &path, "%s/history", dir) : err_memory(c);

	if (!err)
		err = ctx_printf(c, &temporary, "%s/history.new", dir);
	if (!err)
		err = write_whole(c, temporary.p, f, fill(seg, f));
	if (!err && rename(temporary.p, path.p) != 0)
		err = err_raise(c, ERR_IO, "cannot put '%s' in place: %s", path.p, strerror(errno));
	mem_free(f);
	return err;
}

/* True if there was a whole file of our layout. */
static bool
read_whole(const char *path, struct file *f)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, f, sizeof(*f));
	(void)close(fd);
	return n == (ssize_t)sizeof(*f) && memcmp(f->magic, magic, sizeof(magic)) == 0 &&
	       f->hash == layout_hash();
}

enum err
history_load(struct ctx *c, struct segment *seg, const char *dir)
{
	struct file *f = mem_alloc(sizeof(*f));
	struct str path;
	enum err err = f ? ctx_printf(c, &path, "%s/history", dir) : err_memory(c);
	bool there = !err && read_whole(path.p, f);

	for (size_t i = 0; there && i < HISTORY_CELLS; i++) {
		enum history_ring ring = i < HISTORY_FINE_CELLS ? HISTORY_FINE : HISTORY_COARSE;
		struct history_sample sample = {.known = true};

		if (f->cell[i].state == 0 || (f->cell[i].state & 1) != 0)
			continue;
		memcpy(sample.value, f->cell[i].value, sizeof(sample.value));
		history_cell_put(seg, ring, (int64_t)(f->cell[i].state >> 1) - 1, &sample);
	}
	mem_free(f);
	return err;
}
