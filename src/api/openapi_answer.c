/* What an operation answers: the row's answers, and those that every operation has. */
#include "openapi_internal.h"

#include <string.h>

/* What every operation may answer, whatever its row says. */
static const struct common_answer {
	struct route_answer answer;
	const char *name; /* in components.responses */
	bool of_post;     /* only of operations with this method */
} common[] = {
	{ { 400, "Problem", "The request is malformed." }, "Malformed", false },
	{ { 409, "Problem", "A request with the same Idempotency-Key is under way." }, "KeyInUse", true },
	{ { 413, "Problem", "The body is too large." }, "BodyTooLarge", false },
	{ { 414, "Problem", "The request target is too long." }, "TargetTooLong", false },
	{ { 422, "Problem", "Some fields or parameters are not valid." }, "Invalid", false },
	{ { 429, "Problem",
	    "There were too many requests of this kind; `Retry-After` says when there may be another." },
	  "TooMany",
	  false },
	{ { 431, "Problem", "The header section is too large." }, "HeadersTooLarge", false },
	{ { 500, "Problem", "The server has a fault; nothing of its inside is told." }, "Internal", false },
};
#define COMMON_COUNT (sizeof(common) / sizeof(*common))

static void example(struct json *j, const char *name, const char *value)
{
	json_key(j, str_of(name));
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("value"));
	json_raw(j, str_of(value));
	json_object_end(j);
}

static bool is_of(const struct openapi_example *e, const char *operation)
{
	return strcmp(e->operation, operation) == 0;
}

void openapi_request_example(struct json *j, const char *operation)
{
	for (size_t i = 0; i < openapi_example_count; i++) {
		const struct openapi_example *e = &openapi_examples[i];

		if (!is_of(e, operation) || e->status >= 300 || !*e->request)
			continue;
		json_key_raw(j, JSON_KEY("examples"));
		json_object_begin(j);
		example(j, "request", e->request);
		json_object_end(j);
		return;
	}
}

static void reply_examples(struct json *j, const char *operation, int status)
{
	bool begun = false;

	for (size_t i = 0; i < openapi_example_count; i++) {
		const struct openapi_example *e = &openapi_examples[i];

		if (!is_of(e, operation) || e->status != status || !*e->reply)
			continue;
		if (!begun) {
			json_key_raw(j, JSON_KEY("examples"));
			json_object_begin(j);
			begun = true;
		}
		example(j, e->name, e->reply);
	}
	if (begun)
		json_object_end(j);
}

static bool takes_fields(const struct route *r)
{
	return r->query && shape_find(r->query, STR("fields")) >= 0;
}

static void header(struct json *j, const char *name)
{
	json_key(j, str_of(name));
	openapi_reference(j, "headers", str_of(name));
}

static bool is_tagged(const struct route_answer *a)
{
	const struct representation *r = a->shape ? representation_find(str_of(a->shape)) : NULL;

	if (a->status == 304)
		return true;
	return a->status < 300 && a->shape && (r ? r->tagged : representation_item(str_of(a->shape)) != NULL);
}

static const char *accepts_header(enum http_method m)
{
	return m == HTTP_POST ? "Accept-Post" : m == HTTP_PATCH ? "Accept-Patch" : "Accept";
}

static void headers(struct json *j, enum http_method method, const struct route_answer *a)
{
	json_key_raw(j, JSON_KEY("headers"));
	json_object_begin(j);
	header(j, "X-Request-Id");
	/* What PUT creates is where the client put it. */
	if ((a->status == 201 && method == HTTP_POST) || a->status == 308)
		header(j, "Location");
	if (is_tagged(a))
		header(j, "ETag");
	if (a->status == 200 && a->shape && representation_item(str_of(a->shape)))
		header(j, "Link");
	if (a->status == 401)
		header(j, "WWW-Authenticate");
	if (a->status == 429 || a->status == 503)
		header(j, "Retry-After");
	if (a->status == 415)
		header(j, accepts_header(method));
	if (a->status == 405)
		header(j, "Allow");
	json_object_end(j);
}

static void opaque_content(struct json *j, const struct representation *r, const char *media_types)
{
	struct str rest = str_of(media_types);

	while (rest.p) {
		struct str media = str_trim(str_cut(&rest, ','));

		media = str_cut(&media, ';');
		json_key(j, media);
		json_object_begin(j);
		json_key_raw(j, JSON_KEY("schema"));
		json_object_begin(j);
		openapi_text(j, "type", str_eq_z(media, "application/json") ? "object" : "string");
		openapi_text(j, "description", r->doc);
		json_object_end(j);
		json_object_end(j);
	}
}

static void content(struct json *j, const char *operation, const struct route_answer *a, bool sparse)
{
	const struct representation *r = representation_find(str_of(a->shape));

	json_key_raw(j, JSON_KEY("content"));
	json_object_begin(j);
	if (r && r->media) {
		opaque_content(j, r, r->media);
	} else {
		json_key(j, a->status >= 400 ? STR("application/problem+json") : STR("application/json"));
		json_object_begin(j);
		json_key_raw(j, JSON_KEY("schema"));
		openapi_answer_schema(j, str_of(a->shape), sparse);
		reply_examples(j, operation, a->status);
		json_object_end(j);
	}
	if (r && r->also)
		opaque_content(j, r, r->also);
	json_object_end(j);
}

static void answer(struct json *j, const struct route *r, const struct route_answer *a, struct str doc)
{
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("description"));
	json_str(j, doc);
	headers(j, r ? r->method : HTTP_GET, a);
	if (a->shape)
		content(j, r ? r->operation : "*", a, r && a->status == 200 && takes_fields(r));
	json_object_end(j);
}

static const struct common_answer *common_of(int status)
{
	for (size_t i = 0; i < COMMON_COUNT; i++) {
		if (common[i].answer.status == status)
			return &common[i];
	}
	return NULL;
}

/* The texts of all the row's answers of this status. */
static void join_docs(struct buf *out, const struct route *r, int status)
{
	for (const struct route_answer *a = r->answers; a && a->status; a++) {
		if (a->status == status && a->doc)
			buf_printf(out, "%s%s", out->n ? " " : "", a->doc);
	}
}

static void row_answer(struct json *j, const struct route *r, const struct route_answer *a)
{
	struct buf doc = { 0 };

	join_docs(&doc, r, a->status);
	answer(j, r, a, buf_str(&doc));
	buf_free(&doc);
}

static void status_key(struct json *j, int status)
{
	char key[4] = { (char)('0' + status / 100), (char)('0' + status / 10 % 10),
			(char)('0' + status % 10) };

	json_key(j, str_of(key));
}

/* In the order of the status codes, of which there are few: the one of the row, else the common one. */
void openapi_responses(struct json *j, const struct route *r)
{
	json_key_raw(j, JSON_KEY("responses"));
	json_object_begin(j);
	for (int status = 100; status < 600; status++) {
		const struct common_answer *c = common_of(status);
		const struct route_answer *a = r->answers;

		while (a && a->status && a->status != status)
			a++;
		if (a && a->status) {
			status_key(j, status);
			row_answer(j, r, a);
		} else if (c && (status != 413 || openapi_body(r)) &&
			   (!c->of_post || r->method == HTTP_POST)) {
			status_key(j, status);
			openapi_reference(j, "responses", str_of(c->name));
		}
	}
	json_object_end(j);
}

void openapi_common_responses(struct json *j)
{
	json_object_begin(j);
	for (size_t i = 0; i < COMMON_COUNT; i++) {
		json_key(j, str_of(common[i].name));
		answer(j, NULL, &common[i].answer, str_of(common[i].answer.doc));
	}
	json_object_end(j);
}

/* Answers to requests that reach no operation. */
void openapi_refusals(struct json *j)
{
	static const struct route_answer refusals[] = {
		{ 404, "Problem", "There is no such path." },
		{ 405, "Problem", "The path does not have this method." },
		{ 408, "Problem", "The request took too long to arrive." },
		{ 413, "Problem", "The body is too large." },
		{ 417, "Problem", "The expectation cannot be met." },
		{ 501, "Problem", "The server does not know this method or this coding of the body." },
		{ 505, "Problem", "The version of HTTP is not supported." },
	};

	json_object_begin(j);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		status_key(j, refusals[i].status);
		answer(j, NULL, &refusals[i], str_of(refusals[i].doc));
	}
	json_object_end(j);
}
