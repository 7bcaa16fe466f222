/*
 * core/config: the values that each type of key takes, and what is said of the others.
 */
#include "config_fixture.h"

/* ---- types ------------------------------------------------------------------------------- */

static void
site_url_is_normalised(void **state)
{
	static const char *const pairs[][2] = {
		{"https://ada.example", "https://ada.example/"},
		{"HTTPS://Ada.Example:443", "https://ada.example/"},
		{"http://ada.example:80/", "http://ada.example/"},
		{"http://ada.example:8080/", "http://ada.example:8080/"},
		{"\"http://[::1]:8080\"", "http://[::1]:8080/"},
		{"https://xn--jrg-sna.example", "https://xn--jrg-sna.example/"},
	};
	struct site *s = *state;
	char text[256];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		(void)snprintf(text, sizeof(text), "site_url = %s\n", pairs[i][0]);
		assert_int_equal(load(s, text), OK);
		assert_string_equal(s->cfg->site_url, pairs[i][1]);
	}
}

static void
site_url_is_refused_when_links_would_be_wrong(void **state)
{
	static const char *const bad[] = {"", "ada.example", "ftp://ada.example/", "https://",
		"https:///x", "https://ada.example/?a=b", "https://ada.example/#top",
		"https://ada@ada.example/", "https://ada.example:0/", "https://ada.example:99999/",
		"https://ada.example:/", "https://ada.example:x/", "https://j\xc3\xb6rg.example/",
		"https://ada example/", "https://ada.example//x", "https://ada.example/./x",
		"https://ada.example/../x", "https://ada.example/%2e", "https://[::1/",
		"https://[]/", "https://[::1]x/", "https://[1.2.3.4]/", "https://ada.example/\\x",
		"http:/ada.example/", "https://ada_x.example/"};
	struct site *s = *state;
	char text[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "site_url = '%s'\n", bad[i]);
		if (load(s, text) != ERR_CONFIG)
			fail_msg("'%s' is taken for '%s'", bad[i], s->cfg->site_url);
		assert_said(s, "starpunk.conf:1: site_url: ");
	}
}

static void
site_url_has_no_path(void **state)
{
	static const char *const bad[] = {"https://ada.example/blog", "http://ada.example:8080/b/",
		"https://ada.example/~ada", "https://ada.example//", "https://[::1]/x"};
	struct site *s = *state;
	char text[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "site_url = '%s'\n", bad[i]);
		if (load(s, text) != ERR_CONFIG)
			fail_msg("'%s' is taken for '%s'", bad[i], s->cfg->site_url);
		assert_said(s, "must not have a path: StarPunk serves a whole host");
	}
}

static void
durations_have_units(void **state)
{
	struct site *s = *state;

	assert_good(s, "request_timeout = 1000ms");
	assert_int_equal(s->cfg->request_timeout, 1000000);
	assert_good(s, "session_timeout = 2h");
	assert_int_equal(s->cfg->session_timeout, 7200000000);
	assert_good(s, "metrics_slow_query_threshold = 0");
	assert_int_equal(s->cfg->metrics_slow_query_threshold, 0);
	assert_bad(s, "request_timeout = 30", "not a duration; write 250ms, 30s, 5m, 2h or 30d");
	assert_bad(s, "request_timeout = 8MiB", "not a duration");
	assert_bad(s, "request_timeout = 1.5s", "not a duration");
	assert_bad(s, "request_timeout = -5s", "not a duration");
	assert_bad(s, "request_timeout = s", "not a duration");
	assert_bad(s, "request_timeout = 30S", "not a duration");
	assert_bad(s, "request_timeout = 999ms", "out of range; from 1s to 10m");
	assert_bad(s, "request_timeout = 11m", "out of range; from 1s to 10m");
	assert_bad(s, "session_timeout = 1s", "too small; at least 1m");
	assert_bad(s, "session_timeout = 999999999999999999d", "not a duration");
}

static void
sizes_have_binary_units(void **state)
{
	struct site *s = *state;

	assert_good(s, "max_body_size = 2048");
	assert_int_equal(s->cfg->max_body_size, 2048);
	assert_good(s, "memory_threshold = 2GiB");
	assert_int_equal(s->cfg->memory_threshold, 2LL << 30);
	assert_good(s, "page_cache_size = 0");
	assert_bad(s, "max_body_size = 8MB",
		"not a size; write 64KiB, 8MiB, 1GiB, or a number of bytes");
	assert_bad(s, "max_body_size = 30s", "not a size");
	assert_bad(s, "max_body_size = 1KiB5", "not a size");
	assert_bad(s, "max_body_size = 1000", "out of range; from 1KiB to 64MiB");
	assert_bad(s, "max_body_size = 99999999999GiB", "not a size");
}

static void
numbers_stay_in_their_bounds(void **state)
{
	struct site *s = *state;

	assert_good(s, "worker_threads = 64");
	assert_bad(s, "worker_threads = 65", "out of range; from 1 to 64");
	assert_bad(s, "worker_threads = 0", "out of range; from 1 to 64");
	assert_bad(s, "worker_threads = 4s",
		"not a number; write it in decimal digits, without a unit");
	assert_bad(s, "worker_threads = 0x4", "not a number");
	assert_bad(s, "worker_threads = \"\"", "not a number");
}

static void
ratios_are_from_zero_to_one(void **state)
{
	struct site *s = *state;

	assert_good(s, "metrics_sampling_rate = 0.25");
	assert_true(
		s->cfg->metrics_sampling_rate > 0.2499 && s->cfg->metrics_sampling_rate < 0.2501);
	assert_good(s, "metrics_sampling_rate = 0");
	assert_good(s, "metrics_sampling_rate = 1");
	assert_good(s, "metrics_sampling_rate = 1.000");
	assert_bad(s, "metrics_sampling_rate = 1.1", "not a ratio; write a number from 0.0 to 1.0");
	assert_bad(s, "metrics_sampling_rate = 2", "not a ratio");
	assert_bad(s, "metrics_sampling_rate = 50%", "not a ratio");
	assert_bad(s, "metrics_sampling_rate = .5", "not a ratio");
	assert_bad(s, "metrics_sampling_rate = 0.", "not a ratio");
	assert_bad(s, "metrics_sampling_rate = 1e-1", "not a ratio");
}

static void
rates_are_counts_per_time(void **state)
{
	struct site *s = *state;

	assert_good(s, "rate_limit = 20/h");
	assert_int_equal(s->cfg->rate_limit.count, 20);
	assert_int_equal(s->cfg->rate_limit.per_us, 3600000000);
	assert_good(s, "rate_limit = 100/s");
	assert_int_equal(s->cfg->rate_limit.per_us, 1000000);
	assert_good(s, "rate_limit = 0");
	assert_int_equal(s->cfg->rate_limit.count, 0);
	assert_bad(
		s, "rate_limit = 100", "not a rate; write 100/s, 600/m or 20/h, or 0 for no limit");
	assert_bad(s, "rate_limit = 100/d", "not a rate");
	assert_bad(s, "rate_limit = /s", "not a rate");
	assert_bad(s, "rate_limit = 1/s/s", "not a rate");
}

static void
words_are_those_of_the_table(void **state)
{
	struct site *s = *state;

	assert_good(s, "environment = development");
	assert_int_equal(s->cfg->environment, CONFIG_DEVELOPMENT);
	assert_bad(s, "environment = dev", "not one of production|development");
	assert_bad(s, "environment = Production", "not one of");
	assert_bad(s, "environment = \"production|development\"", "not one of");
	assert_good(s, "metrics_enabled = off");
	assert_false(s->cfg->metrics_enabled);
	assert_good(s, "health_check_detailed = yes");
	assert_true(s->cfg->health_check_detailed);
	assert_bad(s, "metrics_enabled = 1", "neither true (yes, on) nor false (no, off)");
	assert_bad(s, "metrics_enabled = \"\"", "neither true");
	assert_bad(s, "metrics_enabled = \"yes on\"", "neither true");
}

static void
paths_are_absolute(void **state)
{
	struct site *s = *state;

	assert_good(s, "media_path = /srv/media//");
	assert_string_equal(s->cfg->media_path, "/srv/media");
	assert_good(s, "media_path = /");
	assert_string_equal(s->cfg->media_path, "/");
	assert_good(s, "log_file = \"\"");
	assert_bad(s, "media_path = media", "not an absolute path; begin it with '/'");
	assert_bad(s, "media_path = \"\"", "empty; write an absolute path");
}

static void
listen_is_a_path_or_a_loopback_address(void **state)
{
	struct site *s = *state;

	assert_good(s, "listen = 127.0.0.1:9000");
	assert_good(s, "listen = [::1]:9000");
	assert_good(s, "listen = localhost:9000");
	assert_bad(s, "listen = 0.0.0.0:9000", "not a loopback address");
	assert_bad(s, "listen = ada.example:9000", "not a loopback address");
	assert_bad(s, "listen = :9000", "not a loopback address");
	assert_bad(s, "listen = 127.0.0.1",
		"not an address; write /run/starpunk/starpunk.sock or 127.0.0.1:9000");
	assert_bad(s, "listen = 127.0.0.1:0", "not an address");
	assert_bad(s, "listen = 127.0.0.1:70000", "not an address");
	assert_bad(s, "listen = \"\"", "not an address");
}

static void
other_texts_are_checked_for_what_they_are(void **state)
{
	struct site *s = *state;

	assert_good(s, "language = pt-BR");
	assert_good(s, "language = de-Latn-1996");
	assert_bad(s, "language = pt_BR", "not a language tag; write en, de or pt-BR");
	assert_bad(s, "language = e", "not a language tag");
	assert_bad(s, "language = en-", "not a language tag");
	assert_good(s, "timezone = America/Argentina/Buenos_Aires");
	assert_bad(s, "timezone = ../../etc/passwd", "not a time zone");
	assert_bad(s, "timezone = \"\"", "not a time zone");
	assert_good(s, "author_photo = https://ada.example/me.jpg");
	assert_bad(s, "author_photo = me.jpg", "not a web address");
	assert_bad(s, "site_name = \"\"", "empty");
	assert_good(s, "site_first_url = \"\"");
	assert_bad(s, "site_first_url = http://old.example/blog", "must not have a path");
	assert_good(s, "metrics_allow = \"\"");
	assert_bad(s, "metrics_allow = 10.0.0.0/33", "not a list of networks");
	assert_bad(s, "metrics_allow = \"10.0.0.1,\"", "not a list of networks");
	assert_bad(s, "metrics_allow = localhost", "not a list of networks");
	assert_good(s, "channels = \"\"");
	assert_good(s, "channels = \"garden=Garden\"");
	assert_good(s, "syndicate_to = \"https://a.example/@b = The pond, c=C = D\"");
	assert_bad(s, "channels = garden", "not a list of names; write \"uid=Name, uid=Name\"");
	assert_bad(s, "channels = \"garden=\"", "not a list of names");
	assert_bad(s, "channels = \"=Garden\"", "not a list of names");
	assert_bad(s, "channels = \"a=A,\"", "not a list of names");
	assert_bad(s, "channels = \"a=A,,b=B\"", "not a list of names");
	assert_bad(s, "channels = \"a=A, b=B, a=C\"", "not a list of names");
}

static void
names_are_found_by_their_uid(void **state)
{
	static const char list[] = " https://a.example/@b = The pond , c=C = D";
	struct str rest = str_z(list), uid, name;

	(void)state;
	assert_true(config_name_next(&rest, &uid, &name));
	assert_true(str_eq(uid, S("https://a.example/@b")));
	assert_true(str_eq(name, S("The pond")));
	assert_true(config_name_next(&rest, &uid, &name));
	assert_true(str_eq(uid, S("c")));
	assert_true(str_eq(name, S("C = D")));
	assert_false(config_name_next(&rest, &uid, &name));
	assert_true(str_eq(config_name_find(list, S("c")), S("C = D")));
	assert_null(config_name_find(list, S("C")).p);
	assert_null(config_name_find("", S("")).p);
}

static void
long_values_are_refused_and_shown_cut(void **state)
{
	struct site *s = *state;
	char line[5000], value[4500];

	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	(void)snprintf(line, sizeof(line), "site_name = %s", value);
	assert_bad(s, line, "longer than 4096 bytes");
	assert_true(s->problems.n < 300);
	(void)snprintf(line, sizeof(line), "site_name = %.4096s", value);
	assert_good(s, line);
}

/* ---- networks ---------------------------------------------------------------------------- */

static void
networks_match_addresses_and_ranges(void **state)
{
	static const char list[] = "127.0.0.1, 10.0.0.0/8,192.0.2.128/25 , ::1,2001:db8::/33";

	(void)state;
	assert_true(config_network_match(list, S("127.0.0.1")));
	assert_false(config_network_match(list, S("127.0.0.2")));
	assert_true(config_network_match(list, S("10.255.0.1")));
	assert_false(config_network_match(list, S("11.0.0.1")));
	assert_true(config_network_match(list, S("192.0.2.200")));
	assert_false(config_network_match(list, S("192.0.2.127")));
	assert_true(config_network_match(list, S("::1")));
	assert_true(config_network_match(list, S("0:0:0:0:0:0:0:1")));
	assert_true(config_network_match(list, S("2001:db8:7fff::1")));
	assert_false(config_network_match(list, S("2001:db8:8000::1")));
	assert_true(config_network_match("0.0.0.0/0", S("8.8.8.8")));
	assert_false(config_network_match("0.0.0.0/0", S("2001:db8::1")));
	assert_true(config_network_match("::/0", S("2001:db8::1")));
}

static void
mapped_addresses_are_ipv4_addresses(void **state)
{
	(void)state;
	assert_true(config_network_match("10.0.0.0/8", S("::ffff:10.1.2.3")));
	assert_true(config_network_match("::ffff:10.0.0.0/104", S("10.1.2.3")));
	assert_false(config_network_match("10.0.0.0/8", S("::ffff:11.1.2.3")));
	assert_false(config_network_match("10.0.0.0/8", S("::10.1.2.3")));
}

static void
what_is_no_address_matches_nothing(void **state)
{
	static const char everyone[] = "0.0.0.0/0, ::/0";

	(void)state;
	assert_false(config_network_match(everyone, S("")));
	assert_false(config_network_match(everyone, (struct str){0}));
	assert_false(config_network_match(everyone, S("localhost")));
	assert_false(config_network_match(everyone, S("10.0.0.1 ")));
	assert_false(config_network_match(everyone, S("10.0.0")));
	assert_false(config_network_match(everyone, S("10.0.0.0/8")));
	assert_false(config_network_match(everyone, str_n("::1\0", 4)));
	assert_false(config_network_match(everyone,
		S("2001:0db8:0000:0000:0000:0000:0000:00010000000000000")));
	assert_false(config_network_match("", S("127.0.0.1")));
	assert_false(config_network_match("x, 10.0.0.0/x", S("10.0.0.1")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(site_url_is_normalised),
		TEST(site_url_is_refused_when_links_would_be_wrong),
		TEST(site_url_has_no_path),
		TEST(durations_have_units),
		TEST(sizes_have_binary_units),
		TEST(numbers_stay_in_their_bounds),
		TEST(ratios_are_from_zero_to_one),
		TEST(rates_are_counts_per_time),
		TEST(words_are_those_of_the_table),
		TEST(paths_are_absolute),
		TEST(listen_is_a_path_or_a_loopback_address),
		TEST(other_texts_are_checked_for_what_they_are),
		cmocka_unit_test(names_are_found_by_their_uid),
		TEST(long_values_are_refused_and_shown_cut),
		cmocka_unit_test(networks_match_addresses_and_ranges),
		cmocka_unit_test(mapped_addresses_are_ipv4_addresses),
		cmocka_unit_test(what_is_no_address_matches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
