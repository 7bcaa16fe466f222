/*
 * Which addresses of the Internet may be asked for what strangers name: those that everybody can
 * reach, and those that the owner has allowed by name (fetch_allow). Everything else is this machine,
 * its neighbours, or nobody (IANA's registries of special-purpose addresses, RFC 6890).
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include "base/str.h"

#include <stdbool.h>

struct sockaddr;

/* An address that is global and one host's. IPv4 inside of IPv6 is judged as IPv4. */
bool address_public(const struct sockaddr *address);

/*
 * True if a connection may be made to that address and port: a public one at port 80 or 443, or
 * one in allow, a list of networks as in the configuration, at any port.
 */
bool address_allowed(const struct sockaddr *address, const char *allow);

#endif
