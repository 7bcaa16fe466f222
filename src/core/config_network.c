/*
 * Lists of networks: addresses and CIDR ranges (RFC 4632, RFC 4291 section 2.3) separated by
 * commas. An IPv4 address is the same address when it comes mapped into IPv6 (::ffff:192.0.2.1), as
 * it does from a socket that listens to both.
 */
#include "core/priv.h"

#include <arpa/inet.h>
#include <string.h>

/* Address bits, the most significant first; IPv4 ones are kept mapped, so bits is out of 128. */
struct network {
	unsigned char address[16];
	unsigned bits;
};

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

static bool
address_parse(struct str s, struct network *out, bool *is_v4)
{
	char text[INET6_ADDRSTRLEN];

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (memchr(text, '\0', s.n))
		return false;
	*is_v4 = inet_pton(AF_INET, text, out->address + sizeof(mapped)) == 1;
	if (*is_v4)
		memcpy(out->address, mapped, sizeof(mapped));
	return *is_v4 || inet_pton(AF_INET6, text, out->address) == 1;
}

static bool
network_parse(struct str s, struct network *out)
{
	struct str rest = s, address = str_cut(&rest, '/');
	unsigned long long bits = 0;
	bool is_v4;

	if (!address_parse(address, out, &is_v4))
		return false;
	out->bits = 128;
	if (!rest.p)
		return true;
	if (!str_u64(rest, is_v4 ? 32 : 128, &bits))
		return false;
	out->bits = (unsigned)bits + (is_v4 ? 96 : 0);
	return true;
}

static bool
network_contains(const struct network *net, const struct network *address)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	unsigned char mask = (unsigned char)(0xff00u >> rest);

	if (memcmp(net->address, address->address, whole) != 0)
		return false;
	return rest == 0 || ((net->address[whole] ^ address->address[whole]) & mask) == 0;
}

bool
config_networks_valid(struct str networks)
{
	struct network net;

	if (str_empty(str_trim(networks)))
		return true;
	while (networks.p)
		if (!network_parse(str_trim(str_cut(&networks, ',')), &net))
			return false;
	return true;
}

bool
config_network_match(const char *networks, struct str addr)
{
	struct str rest = str_z(networks);
	struct network net, address;
	bool is_v4;

	if (!address_parse(addr, &address, &is_v4))
		return false;
	while (rest.p)
		if (network_parse(str_trim(str_cut(&rest, ',')), &net) &&
			network_contains(&net, &address))
			return true;
	return false;
}
