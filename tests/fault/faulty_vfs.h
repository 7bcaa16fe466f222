/*
 * A file system for SQLite that fails once, at the n-th call of a kind, and otherwise is the usual
 * one. Registered as the default, so that the program under test opens its databases on it.
 */
#ifndef FAULT_FAULTY_VFS_H
#define FAULT_FAULTY_VFS_H

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum faulty_kind {
	FAULTY_READ, FAULTY_WRITE, FAULTY_SYNC, FAULTY_LOCK, FAULTY_TRUNCATE, FAULTY_OPEN,
	FAULTY__MAX
};

/* One test program, one thread: its state may be global. */
static struct {
	enum faulty_kind kind;
	int countdown;		/* the call that fails; 0: none */
	int hit;		/* 1 once it has failed */
	sqlite3_vfs vfs, *real;
	sqlite3_io_methods methods;
} faulty;

struct faulty_file {
	sqlite3_file base;
	sqlite3_file *real;	/* right behind */
};

/* Lets the n-th call of that kind fail; 0 lets none. */
static inline void
faulty_at(enum faulty_kind kind, int n)
{
	faulty.kind = kind;
	faulty.countdown = n;
	faulty.hit = 0;
}

static inline int
faulty_now(enum faulty_kind kind)
{
	if (faulty.countdown == 0 || faulty.kind != kind || --faulty.countdown > 0)
		return 0;
	faulty.hit = 1;
	return 1;
}

static inline sqlite3_file *
faulty_real(sqlite3_file *f)
{
	return ((struct faulty_file *)(void *)f)->real;
}

#define FAULTY_PASS(name, params, ...) \
	static int faulty_##name params \
	{ \
		sqlite3_file *r = faulty_real(f); \
		return r->pMethods->name(__VA_ARGS__); \
	}
#define FAULTY_FAIL(name, kind, code, params, ...) \
	static int faulty_##name params \
	{ \
		sqlite3_file *r = faulty_real(f); \
		return faulty_now(kind) ? code : r->pMethods->name(__VA_ARGS__); \
	}

FAULTY_PASS(xClose, (sqlite3_file *f), r)
FAULTY_FAIL(xRead, FAULTY_READ, SQLITE_IOERR_READ,
	(sqlite3_file *f, void *p, int n, sqlite3_int64 at), r, p, n, at)
FAULTY_FAIL(xWrite, FAULTY_WRITE, SQLITE_IOERR_WRITE,
	(sqlite3_file *f, const void *p, int n, sqlite3_int64 at), r, p, n, at)
FAULTY_FAIL(xTruncate, FAULTY_TRUNCATE, SQLITE_IOERR_TRUNCATE,
	(sqlite3_file *f, sqlite3_int64 n), r, n)
FAULTY_FAIL(xSync, FAULTY_SYNC, SQLITE_IOERR_FSYNC, (sqlite3_file *f, int flags), r, flags)
FAULTY_PASS(xFileSize, (sqlite3_file *f, sqlite3_int64 *n), r, n)
FAULTY_FAIL(xLock, FAULTY_LOCK, SQLITE_IOERR_LOCK, (sqlite3_file *f, int level), r, level)
FAULTY_PASS(xUnlock, (sqlite3_file *f, int level), r, level)
FAULTY_PASS(xCheckReservedLock, (sqlite3_file *f, int *out), r, out)
FAULTY_PASS(xFileControl, (sqlite3_file *f, int op, void *p), r, op, p)
FAULTY_PASS(xSectorSize, (sqlite3_file *f), r)
FAULTY_PASS(xDeviceCharacteristics, (sqlite3_file *f), r)
FAULTY_PASS(xShmMap, (sqlite3_file *f, int i, int n, int extend, void volatile **p),
	r, i, n, extend, p)
FAULTY_PASS(xShmUnmap, (sqlite3_file *f, int remove), r, remove)

/* Only taking a lock can fail. */
static int
faulty_xShmLock(sqlite3_file *f, int at, int n, int flags)
{
	if ((flags & SQLITE_SHM_LOCK) && faulty_now(FAULTY_LOCK))
		return SQLITE_IOERR_SHMLOCK;
	return faulty_real(f)->pMethods->xShmLock(faulty_real(f), at, n, flags);
}

static void
faulty_xShmBarrier(sqlite3_file *f)
{
	faulty_real(f)->pMethods->xShmBarrier(faulty_real(f));
}

static int
faulty_xOpen(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	struct faulty_file *file = (struct faulty_file *)(void *)f;
	int rc;

	(void)vfs;
	file->base.pMethods = NULL;
	file->real = (sqlite3_file *)(void *)(file + 1);
	if (faulty_now(FAULTY_OPEN))
		return SQLITE_CANTOPEN;
	rc = faulty.real->xOpen(faulty.real, name, file->real, flags, out);
	if (file->real->pMethods)
		file->base.pMethods = &faulty.methods;
	return rc;
}

/* Once, before the first database is opened. */
static inline void
faulty_register(void)
{
	faulty.real = sqlite3_vfs_find(NULL);
	faulty.methods = (sqlite3_io_methods){
		.iVersion = 2,
		.xClose = faulty_xClose, .xRead = faulty_xRead, .xWrite = faulty_xWrite,
		.xTruncate = faulty_xTruncate, .xSync = faulty_xSync, .xFileSize = faulty_xFileSize,
		.xLock = faulty_xLock, .xUnlock = faulty_xUnlock,
		.xCheckReservedLock = faulty_xCheckReservedLock,
		.xFileControl = faulty_xFileControl,
		.xSectorSize = faulty_xSectorSize,
		.xDeviceCharacteristics = faulty_xDeviceCharacteristics, .xShmMap = faulty_xShmMap,
		.xShmLock = faulty_xShmLock, .xShmBarrier = faulty_xShmBarrier,
		.xShmUnmap = faulty_xShmUnmap,
	};
	faulty.vfs = *faulty.real;
	faulty.vfs.zName = "faulty";
	faulty.vfs.szOsFile = (int)sizeof(struct faulty_file) + faulty.real->szOsFile;
	faulty.vfs.xOpen = faulty_xOpen;
	if (sqlite3_vfs_register(&faulty.vfs, 1) != SQLITE_OK)
		abort();
}

#endif
