# The files of tests/fault: what happens when memory, disks, locks and processes fail. The .t are about the whole site behind
# a front server, each a table of faults and of what is promised; the others about the floor that meets the fault first.
fault_tests = \
	tests/fault/database.t \
	tests/fault/disk.t \
	tests/fault/full.t \
	tests/fault/io.t \
	tests/fault/kills.t \
	tests/fault/hangs.t \
	tests/fault/limits.t \
	tests/fault/clients.t \
	tests/fault/clock.t \
	tests/fault/log.t \
	tests/fault/restore.t
TESTS += $(fault_tests)
EXTRA_DIST += $(fault_tests) tests/lib/faults.py
if HAVE_CMOCKA

check_PROGRAMS += tests/fault/test_fault_db_disk
TESTS += tests/fault/test_fault_db_disk
tests_fault_test_fault_db_disk_SOURCES = tests/fault/test_fault_db_disk.c $(store_test_headers)
tests_fault_test_fault_db_disk_CFLAGS = $(store_test_cflags)
tests_fault_test_fault_db_disk_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/fault/test_fault_db_kill
TESTS += tests/fault/test_fault_db_kill
tests_fault_test_fault_db_kill_SOURCES = tests/fault/test_fault_db_kill.c $(store_test_headers)
tests_fault_test_fault_db_kill_CFLAGS = $(store_test_cflags)
tests_fault_test_fault_db_kill_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/fault/test_fault_db_io
TESTS += tests/fault/test_fault_db_io
tests_fault_test_fault_db_io_SOURCES = tests/fault/test_fault_db_io.c $(store_test_headers) \
	tests/fault/faulty_vfs.h tests/unit/share_fixture.h
tests_fault_test_fault_db_io_CFLAGS = $(store_test_cflags)
tests_fault_test_fault_db_io_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/fault/test_fault_db_memory
TESTS += tests/fault/test_fault_db_memory
tests_fault_test_fault_db_memory_SOURCES = tests/fault/test_fault_db_memory.c $(store_test_headers) \
	tests/unit/share_fixture.h
tests_fault_test_fault_db_memory_CFLAGS = $(store_test_cflags)
tests_fault_test_fault_db_memory_LDADD = $(store_test_ldadd)

endif

# A clock that can be set, for a program that is started with it.
check_DATA += tests/fault/shift_clock.so
CLEANFILES += tests/fault/shift_clock.so
EXTRA_DIST += tests/fault/shift_clock.c
tests/fault/shift_clock.so: tests/fault/shift_clock.c
	$(AM_V_CC)$(MKDIR_P) tests/fault && $(CC) -shared -fPIC -o $@ $(srcdir)/tests/fault/shift_clock.c -ldl
