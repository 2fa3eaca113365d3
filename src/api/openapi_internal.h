/* What the files that make the OpenAPI document share. */
#ifndef BUGD_API_OPENAPI_INTERNAL_H
#define BUGD_API_OPENAPI_INTERNAL_H

#include "api/openapi_example.h"
#include "api/representation.h"
#include "http/route.h"
#include "json/write.h"

/* ---- openapi_schema.c ---- */

/* "key": "text"; nothing when the text is NULL. */
void openapi_text(struct json *j, const char *key, const char *text);
/* "key": {"$ref": "#/components/KIND/NAME"} and the same without a key. */
void openapi_reference(struct json *j, const char *kind, struct str name);

/* The JSON Schema of a value. `names`, when not NULL, lists what a text may be. */
void openapi_field_schema(struct json *j, const struct field *f, const struct representation *names);
/* The field's example as JSON: a number, a word or a text; a list of one when it is repeated. */
void openapi_field_example(struct json *j, const struct field *f);

/* The members of components.schemas that describe a body, a representation, a list of it. */
void openapi_shape(struct json *j, const struct shape *s);
void openapi_representation(struct json *j, const struct representation *r);
void openapi_partial(struct json *j, const struct representation *r);
void openapi_list(struct json *j, struct str name, const struct representation *item);
/* The schema of an answer; `sparse`: the client can choose fields. */
void openapi_answer_schema(struct json *j, struct str name, bool sparse);

/* ---- openapi_operation.c ---- */

void openapi_operation(struct json *j, const struct route *route);
/* ---- openapi_answer.c ---- */

/* "responses": {…}. */
void openapi_responses(struct json *j, const struct route *route);
/* components.responses: what every operation may answer, whatever its row says. */
void openapi_common_responses(struct json *j);
/* What is answered to requests that reach no operation. */
void openapi_refusals(struct json *j);
/* "examples": {…} with the operation's first recorded request that succeeded; nothing when there is none. */
void openapi_request_example(struct json *j, const char *operation);

/* ---- openapi_text.c ---- */

struct openapi_tag {
	const char *name, *doc;
};
extern const struct openapi_tag openapi_tags[]; /* ended by NULL, in the order of the document */

/* The field that describes the path's parameter, which ends at `end`; NULL: nobody does. */
const struct field *openapi_path_param(struct str path, struct str name);

/* components.headers, and whether there is one of this name. */
void openapi_headers(struct json *j);

/* The introduction: conventions, roles, codes of problems. */
void openapi_introduction(struct buf *out);

/* What a route takes in its body: NULL when it takes none, or tells nothing of it. */
static inline const struct shape *openapi_body(const struct route *r)
{
	return r->body ? r->body : r->form;
}

#endif
