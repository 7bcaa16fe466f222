/*
 * The address is judged when the connection is made, after the name was resolved.
 */
#include "net/guard.h"

#include "net/address.h"

#include <sys/socket.h>

static curl_socket_t
on_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct guard *g = self;

	(void)purpose;
	if (!address_allowed(&address->addr, g->allow)) {
		g->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CURLcode
guard_set(CURL *curl, struct guard *g)
{
	CURLcode e = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");

#define SET(option, value)                                           \
	do {                                                         \
		if (e == CURLE_OK)                                   \
			e = curl_easy_setopt(curl, (option), (value)); \
	} while (0)
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, g);
#undef SET
	return e;
}

enum fetch_problem
guard_judge(const struct guard *g, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return FETCH_OK;
	case CURLE_COULDNT_RESOLVE_HOST:
		return FETCH_NAME;
	case CURLE_OPERATION_TIMEDOUT:
		return FETCH_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
		return FETCH_TLS;
	default:
		return g->refused ? FETCH_ADDRESS : FETCH_CONNECT;
	}
}
