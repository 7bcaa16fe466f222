/*
 * What workers, courier and logger see of their site, and which programs they start.
 */
#include "core/sight.h"

#include "core/config.h"
#include "core/folder.h"
#include "core/helper.h"
#include "core/key.h"

#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { USE_ALL = USE_READ | USE_WRITE | USE_MAKE };

/* ---- places ------------------------------------------------------------------------------ */

/* The directory that path, which is absolute, lies in. */
static enum err
put_parent(struct ctx *c, struct sight *v, const char *path, unsigned uses)
{
	struct str parent;
	enum err err = folder_parent(c, path, &parent);

	if (!err)
		sight_put(v, parent.p, uses);
	return err;
}

/* The directory of a file, and of what it leads to if it is a link: SQLite's other files are there. */
static enum err
put_place(struct ctx *c, struct sight *v, const char *path, unsigned uses)
{
	char real[PATH_MAX];
	enum err err = put_parent(c, v, path, uses);

	if (err || !realpath(path, real))
		return err;
	return put_parent(c, v, real, uses);
}

/* ---- programs ---------------------------------------------------------------------------- */

/* Notes the loader of the running program, which is that of its helpers, too. */
static int
note_loader(struct dl_phdr_info *info, size_t size, void *out)
{
	const char **loader = out;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*loader = (const char *)(uintptr_t)(info->dlpi_addr +
							    info->dlpi_phdr[i].p_vaddr);
	return 1;	/* the program itself is the first, and we look no further */
}

/* A helper: one that was found may be replaced by an upgrade, one that was named is just that file. */
static enum err
put_helper(struct ctx *c, struct sight *v, const char *name, const char *named)
{
	const char *path;
	struct str copy;
	enum err err = helper_find(c, name, named, &path);

	if (!err && path != named)
		return put_parent(c, v, path, USE_RUN);
	if (!err)
		err = ctx_str(c, str_z(path), &copy);
	if (!err)
		sight_put(v, copy.p, USE_RUN);
	return err;
}

static enum err
put_programs(struct ctx *c, struct sight *v, bool courier)
{
	const char *loader = NULL;
	enum err err = put_helper(c, v, "starpunk-media", c->cfg->media_helper);

	(void)dl_iterate_phdr(note_loader, &loader);
	if (!err && loader)
		err = put_place(c, v, loader, USE_RUN);
	if (!err && courier)
		err = put_helper(c, v, "starpunk-fetch", c->cfg->fetch_helper);
	return err;
}

/* ---- views ------------------------------------------------------------------------------- */

static enum err
put_site(struct ctx *c, struct sight *v)
{
	const struct config *cfg = c->cfg;
	struct str key;
	enum err err = key_path(c, &key);

	sight_put(v, cfg->share_path, USE_READ);
	if (cfg->theme_path[0])
		sight_put(v, cfg->theme_path, USE_READ);
	sight_put(v, cfg->media_path, USE_ALL);
	sight_put(v, cfg->runtime_path, USE_ALL);
	if (!err)
		err = put_place(c, v, cfg->database_path, USE_ALL);
	/* A key that is there is read; one that is not will be made. */
	if (!err && access(key.p, F_OK) == 0)
		sight_put(v, key.p, USE_READ);
	else if (!err)
		err = put_place(c, v, key.p, USE_ALL);
	return err;
}

enum err
sight_worker(struct ctx *c, struct sight *out)
{
	enum err err;

	sight_system(out);
	err = put_site(c, out);
	return err ? err : put_programs(c, out, false);
}

enum err
sight_courier(struct ctx *c, struct sight *out)
{
	enum err err;

	sight_system(out);
	sight_lookups(out);
	/*
	 * What is looked up with may be made anew, by a network that changes, and starpunk-fetch sees no
	 * more than we do. It keeps to single files, those that are there when it starts.
	 */
	sight_put(out, "/etc", USE_READ);
	err = put_site(c, out);
	return err ? err : put_programs(c, out, true);
}

enum err
sight_logger(struct ctx *c, const char *path, struct sight *out)
{
	*out = (struct sight){.n = 0};
	return path ? put_place(c, out, path, USE_WRITE | USE_MAKE) : OK;
}
