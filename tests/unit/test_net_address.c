/*
 * net/address: both ends of every network that is closed, and the neighbours that are not.
 */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/un.h>

#include <cmocka.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static union address
address(const char *text, unsigned port)
{
	union address a = {.v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)}};

	if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1)
		return a;
	a.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	if (inet_pton(AF_INET6, text, &a.v6.sin6_addr) != 1)
		fail_msg("%s is no address", text);
	return a;
}

static bool
is_public(const char *text)
{
	union address a = address(text, 80);

	return address_public(&a.any);
}

static void
closed_networks_are_closed_from_end_to_end(void **state)
{
	static const char *const closed[] = {
		"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0",
		"100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254",
		"169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255",
		"192.0.2.0", "192.0.2.255", "192.31.196.1", "192.52.193.1", "192.88.99.0",
		"192.88.99.255", "192.168.0.0", "192.168.255.255", "192.175.48.1", "198.18.0.0",
		"198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255",
		"224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:0.0.0.0",
		"64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1",
		"1fff:ffff::1", "2001::1", "2001:1ff:ffff::1", "2001:db8::1", "2001:db8:ffff::1",
		"2002::1", "2002:7f00:1::1", "2002:808:808::1", "2620:4f:8000::1", "3fff::1",
		"3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "febf::1",
		"fec0::1", "ff02::1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (is_public(closed[i]))
			fail_msg("%s is taken for a public address", closed[i]);
}

static void
their_neighbours_are_open(void **state)
{
	static const char *const open[] = {
		"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
		"126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
		"172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255",
		"192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
		"198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
		"8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2000::1", "2001:200::1",
		"2001:db7::1", "2001:db9::1", "2003::1", "2606:4700::1", "2a00:1450::1",
		"3ffe:ffff::1", "3fff:1000::1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (!is_public(open[i]))
			fail_msg("%s is not taken for a public address", open[i]);
}

static bool
allowed(const char *text, unsigned port, const char *allow)
{
	union address a = address(text, port);

	return address_allowed(&a.any, allow);
}

static void
public_addresses_are_asked_at_the_ports_of_the_web_only(void **state)
{
	(void)state;
	assert_true(allowed("8.8.8.8", 80, ""));
	assert_true(allowed("8.8.8.8", 443, ""));
	assert_true(allowed("2a00::1", 443, ""));
	assert_false(allowed("8.8.8.8", 22, ""));
	assert_false(allowed("8.8.8.8", 8080, ""));
	assert_false(allowed("8.8.8.8", 25, "127.0.0.1"));
}

static void
what_the_owner_allows_may_be_asked_at_any_port(void **state)
{
	(void)state;
	assert_false(allowed("127.0.0.1", 80, ""));
	assert_true(allowed("127.0.0.1", 8080, "127.0.0.1"));
	assert_true(allowed("::ffff:127.0.0.1", 8080, "127.0.0.1"));
	assert_false(allowed("127.0.0.2", 8080, "127.0.0.1"));
	assert_true(allowed("192.168.7.9", 3000, "10.0.0.0/8, 192.168.0.0/16"));
	assert_true(allowed("fd00::7", 3000, "fd00::/8"));
	assert_true(allowed("8.8.8.8", 8080, "8.8.8.0/24"));
}

static void
other_families_are_never_asked(void **state)
{
	union address a = {.local = {.sun_family = AF_UNIX, .sun_path = "/run/secret"}};

	(void)state;
	assert_false(address_public(&a.any));
	assert_false(address_allowed(&a.any, "0.0.0.0/0, ::/0"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_networks_are_closed_from_end_to_end),
		cmocka_unit_test(their_neighbours_are_open),
		cmocka_unit_test(public_addresses_are_asked_at_the_ports_of_the_web_only),
		cmocka_unit_test(what_the_owner_allows_may_be_asked_at_any_port),
		cmocka_unit_test(other_families_are_never_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
