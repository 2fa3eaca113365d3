#include "api/problem.h"

#include "api/caller.h"
#include "json/write.h"

#define MEMBERS_MAX (sizeof(((struct problem *)0)->members) / sizeof(struct problem_member) - 1)

void problem_member(struct exchange *x, const char *name, struct str json)
{
	for (size_t i = 0; i < MEMBERS_MAX; i++) {
		struct problem_member *m = &x->problem.members[i];

		if (m->name)
			continue;
		m->name = name;
		m->json = json;
		return;
	}
}

static void member(struct json *j, struct str key, struct str value)
{
	json_key_raw(j, key);
	json_str(j, value);
}

static void write_fields(struct json *j, const struct field_errors *errors)
{
	if (!errors->first)
		return;
	json_key_raw(j, JSON_KEY("errors"));
	json_array_begin(j);
	for (const struct field_error *e = errors->first; e; e = e->next) {
		json_object_begin(j);
		member(j, JSON_KEY("field"), e->field);
		member(j, JSON_KEY("code"), str_of(e->code));
		member(j, JSON_KEY("detail"), e->detail);
		json_object_end(j);
	}
	json_array_end(j);
}

/* The path alone: a query may hold what nobody else should see in a log of answers. */
static struct str instance(const struct request *r)
{
	struct str target = r->target;

	return target.p ? str_cut(&target, '?') : STR("");
}

static void add_headers(struct exchange *x)
{
	struct response *r = &x->response;
	enum err err = x->problem.err;
	int status = err_status(err);

	if (status == 401)
		response_header(r, "WWW-Authenticate", STR("Bearer realm=\"bugd\""));
	if (x->problem.content_range.p)
		response_header(r, "Content-Range", x->problem.content_range);
	if (err == ERR_SCOPE)
		caller_add_challenge(x);
	if (status == 503 || status == 429)
		response_header_printf(r, "Retry-After", "%u",
				       x->problem.retry_after ? x->problem.retry_after : 1);
}

static struct str detail_of(struct exchange *x)
{
	const struct problem *p = &x->problem;

	if (p->detail.p)
		return p->detail;
	if (p->err == ERR_SCOPE || p->err == ERR_FORBIDDEN)
		return caller_lacks(x);
	return str_of(err_title(p->err));
}

void problem_answer(struct exchange *x)
{
	const struct problem *p = &x->problem;
	struct response *r = &x->response;
	struct json j = response_json(r, err_status(p->err));

	r->content_type = STR("application/problem+json");
	add_headers(x);
	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("type"));
	json_str(&j, arena_printf(&x->arena, "urn:bugd:problem:%s", err_code(p->err)));
	member(&j, JSON_KEY("title"), str_of(err_title(p->err)));
	json_key_raw(&j, JSON_KEY("status"));
	json_int(&j, err_status(p->err));
	member(&j, JSON_KEY("detail"), detail_of(x));
	member(&j, JSON_KEY("instance"), instance(&x->request));
	member(&j, JSON_KEY("code"), str_of(err_code(p->err)));
	member(&j, JSON_KEY("request_id"), x->request_id);
	write_fields(&j, &p->fields);
	for (const struct problem_member *m = p->members; m->name; m++) {
		json_key(&j, str_of(m->name));
		json_raw(&j, m->json);
	}
	json_object_end(&j);
}
