/*
 * The parts of a post as the templates see them: what it is to others, and the words for times and
 * places.
 */
#include "web/priv.h"

#include "base/time.h"
#include "text/date.h"

/* ---- what the post is to others -------------------------------------------------------------- */

static enum err
cites_of(struct ctx *c, const struct post_cites *cites, struct tmpl_list *out)
{
	struct view_cite *list = ctx_calloc(c, cites->n, sizeof(*list));

	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < cites->n; i++) {
		list[i].url = cites->list[i].url;
		list[i].name = cites->list[i].name;
		list[i].author = cites->list[i].author;
		list[i].more = i + 1 < cites->n;
	}
	*out = (struct tmpl_list){list, cites->n};
	return OK;
}

/* Absent if there are none. */
static enum err
relation_of(struct ctx *c, const struct post_cites *cites, const struct view_relation **out)
{
	struct view_relation *r;

	*out = NULL;
	if (cites->n == 0)
		return OK;
	r = ctx_alloc(c, sizeof(*r));
	*out = r;
	return r ? cites_of(c, cites, &r->cites) : ERR_MEMORY;
}

static enum err
reading_of(struct ctx *c, const struct post_parts *parts, const struct view_reading **out)
{
	struct view_reading *r;

	if (parts->relations[POST_READ].n == 0)
		return OK;
	r = ctx_calloc(c, 1, sizeof(*r));
	if (!r)
		return ERR_MEMORY;
	r->value = parts->read_status;
	r->wanted = str_eq(r->value, S("to-read"));
	r->begun = str_eq(r->value, S("reading"));
	r->finished = str_eq(r->value, S("finished"));
	*out = r;
	return cites_of(c, &parts->relations[POST_READ], &r->cites);
}

static enum err
rsvp_of(struct ctx *c, struct str value, const struct view_rsvp **out)
{
	struct view_rsvp *r;

	if (value.n == 0)
		return OK;
	r = ctx_calloc(c, 1, sizeof(*r));
	if (!r)
		return ERR_MEMORY;
	r->value = value;
	r->yes = str_eq(value, S("yes"));
	r->no = str_eq(value, S("no"));
	r->maybe = str_eq(value, S("maybe"));
	r->interested = str_eq(value, S("interested"));
	*out = r;
	return OK;
}

static enum err
relations_of(struct ctx *c, const struct post_parts *parts, struct view_parts *out)
{
	const struct view_relation **places[POST_RELATION__MAX] = {
		[POST_REPLY] = &out->reply,
		[POST_LIKE] = &out->like,
		[POST_REPOST] = &out->repost,
		[POST_BOOKMARK] = &out->bookmark,
		[POST_QUOTATION] = &out->quotation,
		[POST_LISTEN] = &out->listen,
		[POST_WATCH] = &out->watch,
	};
	enum err err = rsvp_of(c, parts->rsvp, &out->rsvp);

	for (size_t i = 0; !err && i < POST_RELATION__MAX; i++)
		if (places[i])
			err = relation_of(c, &parts->relations[i], places[i]);
	return err ? err : reading_of(c, parts, &out->read);
}

/* ---- when and where -------------------------------------------------------------------------- */

static enum err
day_of(struct ctx *c, const struct post_time *when, struct view_date *out)
{
	struct time_parts p;
	enum err err;

	time_split(when->seconds, when->zone, &p);
	err = ctx_printf(c, &out->iso, "%04d-%02d-%02d", p.year, p.month, p.day);
	return err ? err : date_text(c, DATE_DAY, when->seconds, when->zone, &out->text);
}

/* Absent if there is none. On the day of since, the hour says it all. */
static enum err
time_of(struct ctx *c, const struct post_time *when, const struct post_time *since,
	const struct view_date **out)
{
	struct time_parts p, from;
	struct view_date *d;
	enum err err;

	if (!when->set)
		return OK;
	d = ctx_calloc(c, 1, sizeof(*d));
	if (!d)
		return ERR_MEMORY;
	*out = d;
	if (when->day)
		return day_of(c, when, d);
	err = view_date(c, when->seconds, when->zone, d);
	if (err || !since || !since->set || since->day || since->zone != when->zone)
		return err;
	time_split(when->seconds, when->zone, &p);
	time_split(since->seconds, since->zone, &from);
	if (p.day != from.day || p.month != from.month || p.year != from.year)
		return OK;
	return ctx_printf(c, &d->text, "%02d:%02d", p.hour, p.minute);
}

static enum err
address_of(struct ctx *c, const struct post_place *place, struct tmpl_list *out)
{
	static const struct str properties[POST_ADDRESS__MAX] = {
		[POST_STREET] = S_INIT("p-street-address"),
		[POST_EXTENDED] = S_INIT("p-extended-address"),
		[POST_POSTAL_CODE] = S_INIT("p-postal-code"),
		[POST_LOCALITY] = S_INIT("p-locality"),
		[POST_REGION] = S_INIT("p-region"),
		[POST_COUNTRY] = S_INIT("p-country-name"),
	};
	struct view_address *list = ctx_calloc(c, POST_ADDRESS__MAX, sizeof(*list));
	size_t n = 0;

	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; i < POST_ADDRESS__MAX; i++) {
		if (place->address[i].n == 0)
			continue;
		list[n].property = properties[i];
		list[n].text = place->address[i];
		list[n].first = n == 0 && place->name.n == 0;
		n++;
	}
	*out = (struct tmpl_list){list, n};
	return OK;
}

/* "52.52° N": the half of the world instead of the sign. */
static enum err
coordinates_of(struct ctx *c, const struct post_place *place, struct str *out)
{
	bool south = place->latitude.p[0] == '-', west = place->longitude.p[0] == '-';

	return ctx_printf(c, out, "%.*s° %c, %.*s° %c",
		STR(str_sub(place->latitude, south, place->latitude.n)), south ? 'S' : 'N',
		STR(str_sub(place->longitude, west, place->longitude.n)), west ? 'W' : 'E');
}

static enum err
place_of(struct ctx *c, const struct post_place *place, const struct view_place **out)
{
	struct view_place *p;
	enum err err;

	if (!post_place_known(place))
		return OK;
	p = ctx_calloc(c, 1, sizeof(*p));
	if (!p)
		return ERR_MEMORY;
	*out = p;
	p->root = place->root;
	p->name = place->name;
	p->url = place->url;
	p->latitude = place->latitude;
	p->longitude = place->longitude;
	err = address_of(c, place, &p->address);
	if (!err && p->latitude.n > 0 && p->name.n == 0 && p->address.n == 0)
		err = coordinates_of(c, place, &p->coordinates);
	return err;
}

static enum err
event_of(struct ctx *c, const struct post_parts *parts, const struct view_event **out)
{
	struct view_event *e;
	enum err err;

	if (!parts->start.set && !parts->end.set && !post_place_known(&parts->location))
		return OK;
	e = ctx_calloc(c, 1, sizeof(*e));
	if (!e)
		return ERR_MEMORY;
	*out = e;
	err = time_of(c, &parts->start, NULL, &e->start);
	if (!err)
		err = time_of(c, &parts->end, &parts->start, &e->end);
	return err ? err : place_of(c, &parts->location, &e->place);
}

/* ---- the whole ------------------------------------------------------------------------------- */

enum err
view_parts(struct ctx *c, const struct web *w, const struct shown *shown, struct str page,
	struct view_parts *out)
{
	const struct post_parts *parts = shown->parts;
	bool event = str_eq(shown->post->type, S("event"));
	enum err err = view_media(c, w, parts, page, out);

	if (!err)
		err = relations_of(c, parts, out);
	if (!err)
		err = place_of(c, &parts->checkin, &out->checkin);
	if (!err)
		err = event ? event_of(c, parts, &out->event)
			    : place_of(c, &parts->location, &out->location);
	if (!err)
		err = relation_of(c, &parts->people, &out->people);
	if (!err)
		err = relation_of(c, &parts->syndication, &out->syndication);
	out->facts = out->location || out->people || out->syndication;
	return err;
}
