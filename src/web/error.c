/*
 * Answers to failures. What may be said stands in the error's row of tables/errors.def, plus the
 * hint, which names the client's own input; detail goes to the log only. The form follows the route
 * and the client: the Micropub standard's, our JSON object, problem details (RFC 9457), a page; and
 * a line of text that needs no memory, when there is none to make anything better of.
 */
#include "web/priv.h"
#include "web/snapshot.h"

#include "http/cond.h"

enum form { FORM_PAGE, FORM_JSON, FORM_PROBLEM, FORM_MICROPUB, FORM_EMPTY };

static bool
is_api(const struct txn *t)
{
	switch (t->row ? t->row->route : ROUTE_NONE) {
	case ROUTE_HEALTH:
	case ROUTE_HEALTH_READY:
	case ROUTE_METRICS:
	case ROUTE_ADMIN_METRICS:
	case ROUTE_AUTH_METADATA:
		return true;
	default:
		return false;
	}
}

static enum form
form_of(const struct txn *t, enum err e)
{
	struct str accept = req_header(&t->req, "Accept");
	int problem = accept_quality(accept, S("application/problem+json"));

	if (t->row && (t->row->gate == ROUTE_GATE_TOKEN || auth_is_endpoint(t)))
		return e == ERR_TOKEN_TWICE ? FORM_EMPTY : FORM_MICROPUB;
	if (problem > accept_quality(accept, S("text/html")) &&
		problem > accept_quality(accept, S("application/json")))
		return FORM_PROBLEM;
	return is_api(t) || accept_prefers_json(&t->req) ? FORM_JSON : FORM_PAGE;
}

/*
 * What is told in JSON is English: programs read it, and the people who write them. Only the scripts
 * of the owner's pages show what they are told.
 */
static const char *
said(const struct ctx *c, const struct txn *t, const char *text)
{
	bool owners = t->row && (t->row->gate == ROUTE_GATE_LOGIN || t->row->gate == ROUTE_GATE_SESSION);

	return owners ? tr(c, text) : text;
}

/* ---- JSON -------------------------------------------------------------------------------- */

/* What all three JSON forms have in common. */
static enum err
put_help(struct ctx *c, const struct txn *t, struct json *o, const struct err_info *info)
{
	struct json *steps;
	enum err err = json_set_str(c, o, S("suggestion"), str_z(said(c, t, info->suggestion)));

	if (!err)
		err = json_array(c, &steps);
	for (size_t i = 0; !err && i < 4 && info->steps[i]; i++)
		err = json_push_str(c, steps, str_z(said(c, t, info->steps[i])));
	if (!err)
		err = json_set(c, o, S("troubleshooting"), steps);
	return err ? err : json_set_str(c, o, S("request_id"), str_z(c->request_id));
}

/* {"error":{"code","message","suggestion","troubleshooting","request_id"}} */
static enum err
answer_json(struct ctx *c, struct txn *t, const struct err_info *info, struct str hint)
{
	struct json *outer, *o;
	enum err err = json_object(c, &outer);

	if (!err)
		err = json_object(c, &o);
	if (!err)
		err = json_set_str(c, o, S("code"), str_z(info->name));
	if (!err)
		err = json_set_str(c, o, S("message"), str_z(said(c, t, info->message)));
	if (!err && hint.n > 0)
		err = json_set_str(c, o, S("detail"), hint);
	if (!err)
		err = put_help(c, t, o, info);
	if (!err)
		err = json_set(c, outer, S("error"), o);
	return err ? err : txn_json(c, t, "application/json", outer);
}

static enum err
answer_problem(struct ctx *c, struct txn *t, const struct err_info *info, struct str hint)
{
	struct json *o;
	enum err err = json_object(c, &o);

	if (!err)
		err = json_set_str(c, o, S("type"), S("about:blank"));
	if (!err)
		err = json_set_str(c, o, S("title"), str_z(info->message));
	if (!err)
		err = json_set_int(c, o, S("status"), info->status);
	if (!err && hint.n > 0)
		err = json_set_str(c, o, S("detail"), hint);
	if (!err)
		err = json_set_str(c, o, S("code"), str_z(info->name));
	if (!err)
		err = put_help(c, t, o, info);
	return err ? err : txn_json(c, t, "application/problem+json", o);
}

/* Micropub section 3.8, with our own members beside those of the standard. */
static enum err
answer_micropub(struct ctx *c, struct txn *t, const struct err_info *info, struct str hint)
{
	bool scope = info->status == 401 && str_eq(str_z(info->code), S("insufficient_scope"));
	struct str text = str_z(info->message);
	struct json *o;
	enum err err = json_object(c, &o);

	if (!err && hint.n > 0)
		err = ctx_printf(c, &text, "%s (%.*s)", info->message, STR(hint));
	if (!err)
		err = json_set_str(c, o, S("error"), str_z(info->code));
	if (!err)
		err = json_set_str(c, o, S("error_description"), text);
	if (!err && scope && hint.n > 0)
		err = json_set_str(c, o, S("scope"), hint);
	if (!err)
		err = json_set_str(c, o, S("message"), str_z(info->message));
	if (!err)
		err = put_help(c, t, o, info);
	return err ? err : txn_json(c, t, "application/json", o);
}

/* ---- pages ------------------------------------------------------------------------------- */

static enum err
answer_page(struct ctx *c, struct txn *t, const struct err_info *info, struct str hint)
{
	struct str steps[4];
	const struct view_page page = {.title = tr_str(c, info->message), .hidden = true};
	struct view_failure data = {.page = &page,
		.status = info->status,
		.message = tr_str(c, info->message),
		.hint = hint,
		.suggestion = tr_str(c, info->suggestion),
		.request_id = str_z(c->request_id)};
	size_t n = 0;

	snapshot_try(c, t);
	data.site = t->site;
	for (; n < 4 && info->steps[n]; n++)
		steps[n] = tr_str(c, info->steps[n]);
	data.steps = (struct tmpl_list){steps, n};
	data.has_steps = n > 0;
	data.lost = info->status == 404 || info->status == 410;
	data.action = t->site->search;
	return view_send(c, t, VIEW_ERROR, &data);
}

/* ---- headers ----------------------------------------------------------------------------- */

/* RFC 6750 section 3: a request without any token is told the scheme and no error. */
static void
put_authenticate(struct txn *t, enum err e)
{
	bool asks = t->row &&
		    (t->row->gate == ROUTE_GATE_TOKEN || t->row->gate == ROUTE_GATE_ADMIN ||
			    auth_is_endpoint(t) ||
			    t->row->route == ROUTE_METRICS || t->row->route == ROUTE_HEALTH_READY);

	if (e == ERR_TOKEN_INVALID)
		resp_set(&t->resp, "WWW-Authenticate", S("Bearer error=\"invalid_token\""));
	else if (e == ERR_SCOPE || e == ERR_AUTH_PROFILE)
		resp_set(&t->resp, "WWW-Authenticate", S("Bearer error=\"insufficient_scope\""));
	else if (e == ERR_TOKEN_TWICE)
		resp_set(&t->resp, "WWW-Authenticate", S("Bearer error=\"invalid_request\""));
	else if (asks && err_info(e)->status == 401)
		resp_set(&t->resp, "WWW-Authenticate", S("Bearer"));
}

static enum err
put_headers(struct ctx *c, struct txn *t, enum err e)
{
	int seconds = t->retry_after ? t->retry_after : err_info(e)->retry_after;
	struct str text;
	enum err err = OK;

	put_authenticate(t, e);
	if (e == ERR_METHOD_NOT_ALLOWED) {
		err = route_allow(c, t->row, &text);
		if (!err)
			resp_set(&t->resp, "Allow", text);
	}
	if (!err && seconds > 0) {
		err = ctx_printf(c, &text, "%d", seconds);
		if (!err)
			resp_set(&t->resp, "Retry-After", text);
	}
	return err;
}

/* A form of the owner's that was not filled in right is shown again, with what is wrong. */
static bool
is_form_failure(const struct txn *t, enum err e)
{
	bool owners = t->row && t->req.method == METHOD_POST &&
		      (t->row->gate == ROUTE_GATE_LOGIN || t->row->gate == ROUTE_GATE_SESSION);

	return owners && (e == ERR_LOGIN_FAILED || e == ERR_PASSKEY || e == ERR_PASSWORD_RULES);
}

static enum err
answer_form(struct ctx *c, struct txn *t, enum err e, struct str hint)
{
	switch (t->row->route) {
	case ROUTE_ADMIN_CONFIRM:
	case ROUTE_ADMIN_CONFIRM_PASSKEY:
		return confirm_answer(c, t, e);
	case ROUTE_ADMIN_SECURITY_PASSWORD:
	case ROUTE_ADMIN_SECURITY_APP:
	case ROUTE_ADMIN_SECURITY_PASSKEY:
		return security_answer(c, t, e, hint);
	default:
		return login_answer(c, t, e);
	}
}

static enum err
answer(struct ctx *c, struct txn *t, enum err e, struct str hint)
{
	const struct err_info *info = err_info(e);
	enum err err = put_headers(c, t, e);

	if (err)
		return err;
	if (is_form_failure(t, e) && form_of(t, e) == FORM_PAGE)
		return answer_form(c, t, e, hint);
	if (t->row && t->row->route == ROUTE_AUTH && form_of(t, e) == FORM_PAGE && info->status == 400)
		return auth_error_answer(c, t, e, hint);
	switch (form_of(t, e)) {
	case FORM_EMPTY:
		return OK;
	case FORM_MICROPUB:
		return answer_micropub(c, t, info, hint);
	case FORM_JSON:
		return answer_json(c, t, info, hint);
	case FORM_PROBLEM:
		return answer_problem(c, t, info, hint);
	case FORM_PAGE:
		break;
	}
	return answer_page(c, t, info, hint);
}

void
error_answer(struct ctx *c, struct txn *t, enum err e)
{
	const struct err_info *info = err_info(e);
	struct err_slot first = c->err;
	bool told = first.code == e;

	c->facts->error = e;
	resp_init(&t->resp);
	t->resp.status = info->status;
	t->etag = (struct str){0};
	err_clear(c);
	if (answer(c, t, e, told ? str_z(first.hint) : (struct str){0}) != OK) {
		resp_init(&t->resp);
		t->resp.status = info->status;
		if (info->retry_after > 0)
			resp_set(&t->resp, "Retry-After", S("5"));
		resp_buf(&t->resp, "text/plain; charset=utf-8", str_z(info->message));
	}
	/* The log is told the cause, and not what went wrong while saying so. */
	c->err = first;
}
