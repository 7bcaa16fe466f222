/*
 * Names of routes and methods, out of their tables, as metrics and log lines spell them.
 */
#include "core/facts.h"

#include <stddef.h>

const char *
facts_route_name(enum route r)
{
	static const char *const names[ROUTE__MAX] = {
		[ROUTE_NONE] = "none",
#define ROUTE(sym, name, ...) [ROUTE_##sym] = name,
#include "tables/routes.def"
#undef ROUTE
	};

	return (size_t)r < ROUTE__MAX ? names[r] : names[ROUTE_NONE];
}

const char *
facts_method_name(enum method m)
{
	static const char *const names[METHOD__MAX] = {
#define METHOD(m) [METHOD_##m] = #m,
#include "tables/methods.def"
#undef METHOD
		[METHOD_UNKNOWN] = "other",
	};

	return (size_t)m < METHOD__MAX ? names[m] : names[METHOD_UNKNOWN];
}
