/*
 * Loaded before a program (LD_PRELOAD), never answers what room a file system has, as one on a network whose
 * server is gone.
 */
#include <sys/statvfs.h>
#include <unistd.h>

int
statvfs(const char *path, struct statvfs *out)
{
	(void)path;
	(void)out;
	for (;;)
		(void)pause();
}
