/*
 * Loaded before a program (LD_PRELOAD), takes the search index FTS5 out of every connection that it
 * opens, as a SQLite built without it would be.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <sqlite3.h>
#include <string.h>

typedef int open_function(const char *path, sqlite3 **out, int flags, const char *vfs);

int
sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs)
{
	static const char *keep[] = {"json_each", "json_tree", NULL};
	void *found = dlsym(RTLD_NEXT, "sqlite3_open_v2");
	open_function *real;
	int rc;

	memcpy(&real, &found, sizeof(real)); /* ISO C knows no other way from data to code */
	rc = real(path, out, flags, vfs);
	if (rc == SQLITE_OK)
		rc = sqlite3_drop_modules(*out, keep);
	return rc;
}
