/*
 * The table of addresses that are not to be asked.
 */
#include "net/address.h"

#include "core/config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>

/* ---- IPv4 -------------------------------------------------------------------------------- */

static const struct {
	uint32_t net;
	unsigned bits;
} closed_v4[] = {
	{0x00000000, 8},	/* 0.0.0.0: this network */
	{0x0a000000, 8},	/* 10.0.0.0: private */
	{0x64400000, 10},	/* 100.64.0.0: shared by providers */
	{0x7f000000, 8},	/* 127.0.0.0: loopback */
	{0xa9fe0000, 16},	/* 169.254.0.0: link-local, where clouds keep their secrets */
	{0xac100000, 12},	/* 172.16.0.0: private */
	{0xc0000000, 24},	/* 192.0.0.0: protocol assignments */
	{0xc0000200, 24},	/* 192.0.2.0: documentation */
	{0xc01fc400, 24},	/* 192.31.196.0: AS112 */
	{0xc034c100, 24},	/* 192.52.193.0: AMT */
	{0xc0586300, 24},	/* 192.88.99.0: relays of 6to4 */
	{0xc0a80000, 16},	/* 192.168.0.0: private */
	{0xc0af3000, 24},	/* 192.175.48.0: AS112 */
	{0xc6120000, 15},	/* 198.18.0.0: benchmarks */
	{0xc6336400, 24},	/* 198.51.100.0: documentation */
	{0xcb007100, 24},	/* 203.0.113.0: documentation */
	{0xe0000000, 4},	/* 224.0.0.0: multicast */
	{0xf0000000, 4},	/* 240.0.0.0: reserved, and 255.255.255.255 */
};

static bool
public_v4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(closed_v4) / sizeof(closed_v4[0]); i++)
		if ((address ^ closed_v4[i].net) >> (32 - closed_v4[i].bits) == 0)
			return false;
	return true;
}

/* ---- IPv6 -------------------------------------------------------------------------------- */

struct prefix {
	unsigned char bytes[12];
	unsigned bits;
};

/* Of 2000::/3, outside of which nothing is global. */
static const struct prefix closed_v6[] = {
	{{0x20, 0x01, 0x00}, 23},		/* 2001::/23: protocol assignments, Teredo */
	{{0x20, 0x01, 0x0d, 0xb8}, 32},		/* documentation */
	{{0x20, 0x02}, 16},			/* 6to4: reaches IPv4 of whatever kind */
	{{0x3f, 0xff, 0x00}, 20},		/* documentation */
	{{0x26, 0x20, 0x00, 0x4f, 0x80}, 48},	/* AS112 */
};

/* Behind these an IPv4 address is meant. */
static const struct prefix mapped_v4[] = {
	{{[10] = 0xff, [11] = 0xff}, 96},	/* ::ffff:0:0/96 */
	{{0x00, 0x64, 0xff, 0x9b}, 96},		/* 64:ff9b::/96: translation */
};

static bool
begins(const unsigned char *address, const struct prefix *p)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;
	unsigned char mask = (unsigned char)(0xff00u >> rest);

	return memcmp(address, p->bytes, whole) == 0 &&
	       (rest == 0 || ((address[whole] ^ p->bytes[whole]) & mask) == 0);
}

static bool
public_v6(const unsigned char a[16])
{
	for (size_t i = 0; i < sizeof(mapped_v4) / sizeof(mapped_v4[0]); i++)
		if (begins(a, &mapped_v4[i]))
			return public_v4((uint32_t)a[12] << 24 | (uint32_t)a[13] << 16 |
					 (uint32_t)a[14] << 8 | a[15]);
	if (a[0] >> 5 != 1)
		return false;
	for (size_t i = 0; i < sizeof(closed_v6) / sizeof(closed_v6[0]); i++)
		if (begins(a, &closed_v6[i]))
			return false;
	return true;
}

/* ---- both -------------------------------------------------------------------------------- */

/* A sockaddr in a form that can be read without casting it; false: it is of another family. */
struct address {
	unsigned char bytes[16];
	int family;
	unsigned port;
};

static bool
address_read(const struct sockaddr *from, struct address *out)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	*out = (struct address){.family = from->sa_family};
	if (from->sa_family == AF_INET) {
		memcpy(&v4, from, sizeof(v4));
		memcpy(out->bytes, &v4.sin_addr, 4);
		out->port = ntohs(v4.sin_port);
	} else if (from->sa_family == AF_INET6) {
		memcpy(&v6, from, sizeof(v6));
		memcpy(out->bytes, &v6.sin6_addr, 16);
		out->port = ntohs(v6.sin6_port);
	} else {
		return false;
	}
	return true;
}

static bool
is_public(const struct address *a)
{
	if (a->family == AF_INET6)
		return public_v6(a->bytes);
	return public_v4((uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 |
			 (uint32_t)a->bytes[2] << 8 | a->bytes[3]);
}

bool
address_public(const struct sockaddr *address)
{
	struct address a;

	return address_read(address, &a) && is_public(&a);
}

bool
address_allowed(const struct sockaddr *address, const char *allow)
{
	char text[INET6_ADDRSTRLEN];
	struct address a;

	if (!address_read(address, &a))
		return false;
	if (is_public(&a) && (a.port == 80 || a.port == 443))
		return true;
	return inet_ntop(a.family, a.bytes, text, sizeof(text)) &&
	       config_network_match(allow, str_z(text));
}
