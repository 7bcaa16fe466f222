/*
 * core/key: the site's key is made once, is nobody else's to read, and is the same for all.
 */
#include "core/key.h"

#include "core/config.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 8, ROOM = 128 };

struct place {
	char dir[ROOM], db[ROOM + 16], key[ROOM + 16];
	struct config cfg;
	struct ctx c;
};

static int
place_setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/sp-key-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	(void)snprintf(p->db, sizeof(p->db), "%s/site.db", p->dir);
	(void)snprintf(p->key, sizeof(p->key), "%s/starpunk.key", p->dir);
	p->cfg.database_path = p->db;
	p->cfg.key_path = "";
	ctx_init(&p->c, 1 << 20);
	p->c.cfg = &p->cfg;
	*state = p;
	return crypto_init(&p->c) == OK ? 0 : -1;
}

static int
place_teardown(void **state)
{
	struct place *p = *state;

	(void)unlink(p->key);
	assert_int_equal(rmdir(p->dir), 0);	/* nothing else was left there */
	ctx_fini(&p->c);
	free(p);
	return 0;
}

static void
a_key_is_made_when_it_is_needed_first(void **state)
{
	unsigned char a[CRYPTO_KEY_BYTES], b[CRYPTO_KEY_BYTES], other[CRYPTO_KEY_BYTES];
	struct place *p = *state;
	struct stat st;

	assert_int_equal(access(p->key, F_OK), -1);
	assert_int_equal(key_get(&p->c, "forms", a), OK);
	assert_int_equal(stat(p->key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(key_get(&p->c, "forms", b), OK);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(key_get(&p->c, "totp", other), OK);
	assert_memory_not_equal(a, other, sizeof(a));
}

static void
a_key_may_lie_elsewhere(void **state)
{
	unsigned char key[CRYPTO_KEY_BYTES];
	struct place *p = *state;
	char path[ROOM + 16];

	(void)snprintf(path, sizeof(path), "%s/other", p->dir);
	p->cfg.key_path = path;
	assert_int_equal(key_get(&p->c, "forms", key), OK);
	assert_int_equal(access(p->key, F_OK), -1);
	assert_int_equal(unlink(path), 0);
}

static void
a_file_that_is_no_key_is_not_written_over(void **state)
{
	static const char *const bad[] = {"", "abc\n",
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\n",
		"00000000000000000000000000000000000000000000000000000000000000000000\n"};
	unsigned char key[CRYPTO_KEY_BYTES];
	struct place *p = *state;
	struct stat st;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		FILE *f = fopen(p->key, "w");

		assert_non_null(f);
		assert_true(fputs(bad[i], f) >= 0);
		assert_int_equal(fclose(f), 0);
		assert_int_equal(key_get(&p->c, "forms", key), ERR_IO);
		err_clear(&p->c);
		assert_int_equal(stat(p->key, &st), 0);
		assert_int_equal(st.st_size, strlen(bad[i]));
	}
}

static void
without_a_directory_there_is_no_key(void **state)
{
	unsigned char key[CRYPTO_KEY_BYTES];
	struct place *p = *state;

	p->cfg.key_path = "/nowhere/at/all";
	assert_int_equal(key_get(&p->c, "forms", key), ERR_IO);
	err_clear(&p->c);
}

struct racer {
	struct place *place;
	pthread_barrier_t *start;
	unsigned char key[CRYPTO_KEY_BYTES];
	enum err err;
};

static void *
race(void *arg)
{
	struct racer *r = arg;
	struct ctx c;

	ctx_init(&c, 1 << 20);
	c.cfg = &r->place->cfg;
	(void)pthread_barrier_wait(r->start);
	r->err = key_get(&c, "forms", r->key);
	ctx_fini(&c);
	return NULL;
}

static void
who_makes_it_at_once_gets_the_same(void **state)
{
	struct racer racers[THREADS];
	pthread_t threads[THREADS];
	pthread_barrier_t start;

	assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
	for (size_t i = 0; i < THREADS; i++) {
		racers[i] = (struct racer){.place = *state, .start = &start};
		assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(racers[i].err, OK);
		assert_memory_equal(racers[i].key, racers[0].key, sizeof(racers[0].key));
	}
	(void)pthread_barrier_destroy(&start);
}

static void
what_is_sealed_opens_with_its_key_only(void **state)
{
	unsigned char key[CRYPTO_KEY_BYTES], other[CRYPTO_KEY_BYTES];
	struct place *p = *state;
	struct str sealed, again, out;
	bool good;

	crypto_random(key, sizeof(key));
	crypto_random(other, sizeof(other));
	assert_int_equal(crypto_seal(&p->c, key, S("the secret"), &sealed), OK);
	assert_int_equal(sealed.n, 10 + CRYPTO_SEAL_BYTES);
	assert_true(str_search(sealed, S("secret"), 0) == sealed.n);
	assert_int_equal(crypto_seal(&p->c, key, S("the secret"), &again), OK);
	assert_false(str_eq(sealed, again));
	assert_int_equal(crypto_open(&p->c, key, sealed, &out, &good), OK);
	assert_true(good && str_eq(out, S("the secret")));
	assert_int_equal(crypto_open(&p->c, other, sealed, &out, &good), OK);
	assert_false(good);
	assert_int_equal(crypto_open(&p->c, key, str_sub(sealed, 0, 39), &out, &good), OK);
	assert_false(good);
	assert_int_equal(crypto_open(&p->c, key, str_sub(sealed, 0, 49), &out, &good), OK);
	assert_false(good);
}

/* RFC 4231 has no key of 32 bytes; this is of Python's hmac. */
static void
hmac_sha256_is_that_of_the_standard(void **state)
{
	static const unsigned char want[CRYPTO_HMAC_BYTES] = {0x37, 0x85, 0x3a, 0xff, 0x7d, 0xf2,
		0xff, 0x1f};
	unsigned char key[CRYPTO_KEY_BYTES], got[CRYPTO_HMAC_BYTES];

	(void)state;
	memset(key, 7, sizeof(key));
	crypto_hmac_sha256(key, S("what do ya want for nothing?"), got);
	assert_memory_equal(got, want, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_key_is_made_when_it_is_needed_first, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(a_key_may_lie_elsewhere, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(
			a_file_that_is_no_key_is_not_written_over, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(
			without_a_directory_there_is_no_key, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(
			who_makes_it_at_once_gets_the_same, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_sealed_opens_with_its_key_only, place_setup, place_teardown),
		cmocka_unit_test_setup_teardown(
			hmac_sha256_is_that_of_the_standard, place_setup, place_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
