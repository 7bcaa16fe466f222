/*
 * tables/types.def as an array, and the search in it.
 */
#include "domain/post_kind.h"

const struct post_kind post_kinds[] = {
#define TYPE(type, path, plural, singular) \
	{S_INIT(type), S_INIT(path), S_INIT(plural), S_INIT(singular)},
#include "tables/types.def"
#undef TYPE
};

const size_t post_n_kinds = sizeof(post_kinds) / sizeof(post_kinds[0]);

const struct post_kind *
post_kind_find(struct str type)
{
	for (size_t i = 0; i < post_n_kinds; i++)
		if (str_eq(post_kinds[i].type, type))
			return &post_kinds[i];
	return NULL;
}

const struct post_kind *
post_kind_of_path(struct str path)
{
	for (size_t i = 0; i < post_n_kinds; i++)
		if (str_eq(post_kinds[i].path, path))
			return &post_kinds[i];
	return NULL;
}
