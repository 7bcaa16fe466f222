/*
 * Versions of the theme's static files. The front server sends the files themselves; what stands
 * here is how a page names them, so that a browser may keep a file for ever and still see the next
 * version at once.
 */
#include "web/static.h"

#include "web/priv.h"

#include "base/mem.h"
#include "core/digest.h"
#include "core/log.h"
#include "domain/site.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1024 * 1024 };

/* A digest of the file's bytes. False: there is no such file, or it cannot be a theme's. */
static bool
file_digest(const char *path, uint64_t *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t n = 0;
	ssize_t got = 1;
	char *p = NULL;
	bool whole;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX)
		p = mem_alloc((size_t)st.st_size + 1);
	while (p && n < (size_t)st.st_size && got > 0) {
		got = read(fd, p + n, (size_t)st.st_size - n);
		n += got > 0 ? (size_t)got : 0;
	}
	whole = p && got >= 0;
	if (whole)
		*out = digest64(str_n(p, n));
	mem_free(p);
	(void)close(fd);
	return whole;
}

static enum err
static_url(struct ctx *c, struct web *w, const char *name, struct str *out)
{
	const char *dirs[] = {c->cfg->theme_path, c->cfg->share_path};
	struct str path, url;
	uint64_t digest = 0;
	bool found = false;
	enum err err = OK;

	for (size_t i = 0; !err && !found && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (!dirs[i][0])
			continue;
		err = ctx_printf(c, &path, "%s/static/%s", dirs[i], name);
		found = !err && file_digest(path.p, &digest);
		if (!err && !found && i == 0 && (access(path.p, R_OK) == 0 || errno != ENOENT))
			log_event(c, static_fallback, .file = path);
	}
	if (!err)
		err = ctx_printf(c, &path, "/static/%s", name);
	if (!err && found)
		err = ctx_printf(
			c, &path, "/static/%s?v=%016llx", name, (unsigned long long)digest);
	if (!err)
		err = site_url(c, path, &url);
	if (err)
		return err;
	*out = arena_str(&w->arena, str_sub(url, w->origin.n, url.n));
	return out->p ? OK : err_memory(c);
}

enum err
statics_init(struct ctx *c, struct web *w)
{
	static const char *const files[STATIC__MAX] = {
#define STATIC(sym, file) [STATIC_##sym] = file,
#include "tables/statics.def"
#undef STATIC
	};
	enum err err = OK;

	for (size_t i = STATIC_NONE + 1; !err && i < STATIC__MAX; i++)
		err = static_url(c, w, files[i], &w->statics[i]);
	return err;
}
