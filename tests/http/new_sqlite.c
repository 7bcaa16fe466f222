/*
 * Loaded before a program (LD_PRELOAD), has SQLite say that it is a version without the defects of older ones.
 */
#include <sqlite3.h>

int
sqlite3_libversion_number(void)
{
	return 3053000;
}
