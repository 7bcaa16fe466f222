/*
 * The listening socket: taken over from the service manager, from a parent as descriptor 0
 * (FastCGI 1.0, section 2.2), or made as the key `listen` says: a Unix socket of mode 0660, or a
 * TCP port on loopback and nowhere else, since FastCGI has no authentication.
 */
#ifndef APP_LISTEN_H
#define APP_LISTEN_H

#include "core/config.h"

#include <sys/un.h>

struct listen {
	int fd;			/* non-blocking, close-on-exec; -1: none */
	bool inherited;		/* somebody else made it and will keep it */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];	/* of a socket we made; or "" */
};

/*
 * Fills *out. A socket file that nobody answers on is replaced. ERR_LISTEN: the address is in use
 * by a running process. ERR_CONFIG: another value of `listen` or `listen_group` is needed. The key
 * is named.
 */
MUST enum err listen_open(struct ctx *c, const struct config *cfg, struct listen *out);

/*
 * Nobody can connect any more; who has done so already waits to be accepted. Own Unix sockets only.
 */
void listen_unlink(struct listen *l);

/* listen_unlink() and closes. */
void listen_close(struct listen *l);

#endif
