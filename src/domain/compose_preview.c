/*
 * What a form would become, without making it; and the request to publish at once.
 */
#include "base/time.h"
#include "domain/compose_priv.h"
#include "domain/priv.h"
#include "domain/site.h"

static enum err
preview_new(struct ctx *c, const struct compose_form *form, struct post_row *out)
{
	struct micropub_request request;
	enum err err = compose_request(c, form, COMPOSE_PUBLISH, &request);

	if (err == OK)
		err = post_build(c, &request.draft, out);
	return err == OK ? post_slug_wish(c, &request.draft, out, &out->slug) : err;
}

enum err
compose_preview(struct ctx *c, const struct compose_form *form, const struct post_row *row,
	struct post_row *out)
{
	struct micropub_request request;
	bool changes;
	enum err err;

	if (!row)
		return preview_new(c, form, out);
	*out = *row;
	err = compose_change(c, form, row, COMPOSE_SAVE, &request, &changes);
	return err == OK && changes ? post_update_preview(c, &request.update, out) : err;
}

enum err
compose_now(struct ctx *c, struct str slug, struct micropub_request *out)
{
	int64_t now = domain_now(c);
	struct json *replace;
	struct str written;
	struct buf b;
	enum err err = json_object(c, &replace);

	*out = (struct micropub_request){.action = MICROPUB_UPDATE, .update = {.replace = replace}};
	buf_init(&b, &c->arena, 64);
	time_rfc3339(&b, now, time_zone_offset(now));
	if (err == OK)
		err = buf_end(c, &b, &written);
	if (err == OK)
		err = query_set_one(c, replace, S("published"), written);
	if (err == OK)
		err = query_set_one(c, replace, S("post-status"), S("published"));
	return err == OK ? site_permalink(c, slug, &out->url) : err;
}
