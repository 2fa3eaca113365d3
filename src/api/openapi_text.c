/* What the OpenAPI document says that belongs to no single route. */
#include "api/embedded.h"
#include "base/err.h"
#include "domain/role.h"
#include "openapi_internal.h"

#include <string.h>

const struct openapi_tag openapi_tags[] = {
	{ "Identity", "Registering and signing in, and what a client signs its requests with." },
	{ "People", "Who uses the tracker, and with which role." },
	{ "Projects", "What issues belong to. A path takes a project's id or its key." },
	{ "Issues",
	  "What is to be done. A path takes an issue's id or its key, such as `WEB-12`, in upper or lower case." },
	{ "Comments", "What people say about issues, in threads." },
	{ "Watchers", "Who is told what happens to an issue." },
	{ "Notifications", "What one was told: the inbox. It is one's own, nobody else reads it." },
	{ "Labels", "Words with a colour that sort issues, of one project or of all." },
	{ "Attachments", "Files that belong to issues." },
	{ "Filters", "Queries of the list of issues that are kept, and shared." },
	{ "Links", "What issues have to do with each other." },
	{ "Milestones", "What a project wants to have done by a day, and how much of it is." },
	{ "Reports",
	  "What the history of issues says, as JSON, as CSV, or as a chart (SVG) that a browser shows by itself: by "
	  "`Accept`, or by `format`. Identical ones that are asked for at the same time are made once." },
	{ "Transfer", "Many issues at once: out to a file and in from one." },
	{ "Health", "For load balancers and those who watch." },
	{ "Documentation", "This document, and pages to read it by." },
	{ NULL, NULL },
};

#define ID_EXAMPLE "019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07"
#define UUID_PARAM(field_name, text)                                                                         \
	{                                                                                                    \
		.name = (field_name), .type = FIELD_UUID, .doc = (text), .example = ID_EXAMPLE               \
	}

/* By the end of the path, up to the parameter itself. */
static const struct path_param {
	const char *path;
	struct field field;
} path_params[] = {
	{ "/projects/{id}",
	  { .name = "id", .type = FIELD_TEXT, .doc = "The project's id, or its key.", .example = "WEB" } },
	{ "/issues/{id}",
	  { .name = "id", .type = FIELD_TEXT, .doc = "The issue's id, or its key.", .example = "WEB-12" } },
	{ "/labels/{label_id}", UUID_PARAM("label_id", "The label's id.") },
	{ "/v1/labels/{id}", UUID_PARAM("id", "The label's id.") },
	{ "/filters/{id}", UUID_PARAM("id", "The filter's id.") },
	{ "/links/{link_id}", UUID_PARAM("link_id", "The link's id.") },
	{ "/milestones/{id}", UUID_PARAM("id", "The milestone's id.") },
	{ "/notifications/{id}", UUID_PARAM("id", "The notification's id.") },
	{ "/comments/{id}", UUID_PARAM("id", "The comment's id.") },
	{ "/users/{id}", UUID_PARAM("id", "The person's id.") },
	{ "/attachments/{id}", UUID_PARAM("id", "The attachment's id.") },
	{ "/jobs/{id}", UUID_PARAM("id", "The job's id.") },
	{ "/tokens/{id}", UUID_PARAM("id", "The token's id.") },
	{ "/sessions/{id}", UUID_PARAM("id", "The session's id.") },
	{ "/members/{user_id}", UUID_PARAM("user_id", "The member's id as a person.") },
	{ "/api/docs/{file}",
	  { .name = "file",
	    .type = FIELD_TEXT,
	    .doc = "The file's name with the hash of its content, as the pages name it.",
	    .example = "page.0123456789abcdef.css" } },
};

const struct field *openapi_path_param(struct str path, struct str name)
{
	for (size_t i = 0; i < sizeof(path_params) / sizeof(*path_params); i++) {
		const struct path_param *p = &path_params[i];
		size_t n = strlen(p->path);

		if (path.n >= n && memcmp(path.p + path.n - n, p->path, n) == 0 &&
		    str_eq_z(name, p->field.name))
			return &p->field;
	}
	return NULL;
}

static const struct header_text {
	const char *name, *doc, *example;
} header_texts[] = {
	{ "X-Request-Id", "Names the exchange: the client's own `X-Request-Id`, or one that was made.",
	  "c842d6d819c57ba4018b91f3dab66873" },
	{ "Location", "Where the resource is.", "/api/v1/issues/" ID_EXAMPLE },
	{ "ETag", "Names this version of the representation, for `If-None-Match` and `If-Match`.",
	  "\"1-8c736521ab2c9f00\"" },
	{ "Link", "Where the list goes on (RFC 8288): `first`, `prev`, `next`, `last`, with every filter.",
	  "</api/v1/issues?page=2>; rel=\"next\"" },
	{ "WWW-Authenticate", "How to sign the request (RFC 6750).", "Bearer realm=\"bugd\"" },
	{ "Retry-After", "After how many seconds to try again.", "1" },
	{ "Allow", "The methods that the path has.", "GET, HEAD, OPTIONS" },
	{ "Accept-Post", "The media types that the route takes.", "application/json" },
	{ "Accept-Patch", "The media types that the route takes.",
	  "application/json, application/merge-patch+json" },
	{ "Accept", "The media types that the route takes.", "application/json" },
};

void openapi_headers(struct json *j)
{
	json_object_begin(j);
	for (size_t i = 0; i < sizeof(header_texts) / sizeof(*header_texts); i++) {
		json_key(j, str_of(header_texts[i].name));
		json_object_begin(j);
		openapi_text(j, "description", header_texts[i].doc);
		json_key_raw(j, JSON_KEY("required"));
		json_bool(j, true);
		json_key_raw(j, JSON_KEY("schema"));
		json_object_begin(j);
		openapi_text(j, "type", "string");
		json_object_end(j);
		openapi_text(j, "example", header_texts[i].example);
		json_object_end(j);
	}
	json_object_end(j);
}

/* ---- the introduction ---- */

static void permissions(struct buf *out)
{
	buf_add_lit(out, "| permission | may |");
	for (int role = 0; role < ROLE_COUNT; role++)
		buf_printf(out, " %s |", role_names[role]);
	buf_add_lit(out, "\n| --- | --- | --- | --- | --- | --- |\n");
	for (int p = 0; p < PERM_COUNT; p++) {
		if (p == PERM_PUBLIC)
			continue;
		buf_printf(out, "| `%s` | %s |", permission_name((enum permission)p),
			   permission_doc((enum permission)p));
		for (int role = 0; role < ROLE_COUNT; role++)
			buf_add_str(out,
				    role_may((enum role)role, (enum permission)p) ? STR(" x |") : STR("  |"));
		buf_add_char(out, '\n');
	}
}

static void problems(struct buf *out)
{
	buf_add_lit(out, "| status | `code` | meaning |\n| --- | --- | --- |\n");
	for (int e = ERR_NONE + 1; e < ERR_COUNT; e++)
		buf_printf(out, "| %d | `%s` | %s |\n", err_status((enum err)e), err_code((enum err)e),
			   err_title((enum err)e));
}

/* Two places of the text are tables that the program itself is made of. */
void openapi_introduction(struct buf *out)
{
	struct str rest = embedded_text("introduction.md");

	while (rest.p) {
		struct str line = str_cut(&rest, '\n');

		if (str_eq_z(line, "{{permissions}}"))
			permissions(out);
		else if (str_eq_z(line, "{{problems}}"))
			problems(out);
		else
			buf_printf(out, "%.*s\n", STR_FMT(line));
	}
}
