/*
 * Lists of what has a uid for programs and a name for people: "garden=Garden, work=Work". A uid may
 * be a URL; it has neither "=" nor ",", and a name has no ",".
 */
#include "core/priv.h"

bool
config_name_next(struct str *rest, struct str *uid, struct str *name)
{
	struct str after = *rest;

	if (str_trim(after).n == 0) {
		*rest = (struct str){0};
		return false;
	}
	*name = str_cut(&after, ',');
	*uid = str_trim(str_cut(name, '='));
	*name = str_trim(*name);
	if (uid->n == 0 || name->n == 0 || (after.p && str_trim(after).n == 0))
		return false;
	*rest = after;
	return true;
}

struct str
config_name_find(const char *names, struct str uid)
{
	struct str rest = str_z(names), each, name;

	while (config_name_next(&rest, &each, &name))
		if (str_eq(each, uid))
			return name;
	return (struct str){0};
}

bool
config_names_valid(struct str names)
{
	struct str rest = names, uid, name;

	while (config_name_next(&rest, &uid, &name)) {
		struct str behind = rest, other;

		while (config_name_next(&behind, &other, &name))
			if (str_eq(uid, other))
				return false;
	}
	return !rest.p;
}
