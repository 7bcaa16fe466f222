/*
 * What the supervisor gives up before it starts anything, and so takes from all processes of the site:
 * being root, capabilities, system calls that no server needs. It has no view of its own (core/sight): what
 * it starts after a HUP must see what a new configuration names.
 */
#ifndef APP_RIGHTS_H
#define APP_RIGHTS_H

#include "base/ctx.h"

/*
 * Becomes the configured user, for good. ERR_CONFIG: we are root, and nobody wrote down as whom to go
 * on. ERR_INTERNAL: the kernel refused; the caller must end. *filtered: whether system calls are
 * refused; a kernel without seccomp lets them be.
 */
MUST enum err rights_drop(struct ctx *c, bool *filtered);

/* Logs, in one line, what this kernel or the configuration leaves out of the sandbox, if anything. */
void rights_note(struct ctx *c, bool filtered);

#endif
