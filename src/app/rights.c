/*
 * Giving up rights, in the one order that works: who we are, then what we are, then what we can ask of
 * the kernel.
 */
#include "app/rights.h"

#include "core/config.h"
#include "core/jail.h"
#include "core/log.h"
#include "core/proc.h"
#include "core/sight.h"

#include <unistd.h>

enum err
rights_drop(struct ctx *c, bool *filtered)
{
	const char *user = c->cfg->user;
	enum err err;

	*filtered = false;
	if (geteuid() == 0 && user[0] == '\0')
		return err_raise(c, ERR_CONFIG, "user: this is root, and root would stay; name "
			"the user that the site is to run as, or say 'user = root'");
	err = proc_drop_privileges(c, user);
	if (!err)
		err = proc_drop_rights(c);
	if (!err)
		*filtered = jail_refuse();
	return err;
}

void
rights_note(struct ctx *c, bool filtered)
{
	const char *why = NULL;

	if (!c->cfg->sandbox)
		why = "sandbox is off";
	else if (!sight_works())
		why = "no Landlock that would do: files cannot be hidden";
	else if (!filtered)
		why = "no seccomp: system calls cannot be refused";
	if (why)
		log_event(c, sandbox_weak, .why = str_z(why), .landlock = landlock_version());
}
