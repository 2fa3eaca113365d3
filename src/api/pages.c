#include "api/pages.h"

#include "api/embedded.h"
#include "api/openapi.h"
#include "api/resource.h"
#include "api/stored.h"
#include "base/mem.h"
#include "version.h"

#include <stdlib.h>
#include <string.h>

#define FILES_MAX 16

/*
 * Nothing comes from elsewhere and no script is in a page. Both programs set styles from scripts, and ReDoc
 * searches in a worker that it makes of a text.
 */
#define POLICY                                                                                               \
	"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "    \
	"font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; "                     \
	"form-action 'none'; frame-ancestors 'none'"

/* A name never means another content, as the hash is a part of it. */
#define CACHE_FOR_EVER "public, max-age=31536000, immutable"
#define CACHE_BY_TAG   "no-cache"

struct file {
	const char *plain; /* "swagger-ui.css" */
	struct buf name;   /* "swagger-ui.0123456789abcdef.css" */
	struct stored stored;
};

struct pages {
	struct str base_path;
	struct stored document, home, swagger, redoc;
	struct file files[FILES_MAX];
	size_t file_count;
};

struct str embedded_text(const char *name)
{
	for (const struct embedded_file *f = embedded_files; f->name; f++) {
		if (strcmp(f->name, name) == 0)
			return (struct str){ f->begin, (size_t)(f->end - f->begin) };
	}
	return STR_NONE;
}

/* ---- files ---- */

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && strcmp(name + n - k, suffix) == 0;
}

/* Absent for what is no file of a page. */
static struct str media_of(const char *name)
{
	if (has_suffix(name, ".js"))
		return STR("text/javascript; charset=utf-8");
	if (has_suffix(name, ".css"))
		return STR("text/css; charset=utf-8");
	if (has_suffix(name, ".svg"))
		return STR("image/svg+xml");
	return STR_NONE;
}

static void add_file(struct pages *p, const struct embedded_file *from)
{
	struct file *f = &p->files[p->file_count++];
	struct str content = { from->begin, (size_t)(from->end - from->begin) };
	const char *dot = strrchr(from->name, '.');

	f->plain = from->name;
	f->stored.media = media_of(from->name);
	f->stored.cache = STR(CACHE_FOR_EVER);
	if (from->gzip)
		stored_take(&f->stored, content);
	else
		stored_make(&f->stored, content);
	buf_printf(&f->name, "%.*s.%s%s", (int)(dot - from->name), from->name, f->stored.tag, dot);
}

static const struct file *find_file(const struct pages *p, struct str name)
{
	for (size_t i = 0; i < p->file_count; i++) {
		if (str_eq(name, buf_str(&p->files[i].name)))
			return &p->files[i];
	}
	return NULL;
}

/* The whole name of a file by the one that it has without its hash; absent when this build has none. */
static struct str hashed_name(const struct pages *p, struct str name)
{
	for (size_t i = 0; i < p->file_count; i++) {
		if (str_eq_z(name, p->files[i].plain))
			return buf_str(&p->files[i].name);
	}
	return STR_NONE;
}

/* ---- pages ---- */

/* {{version}}, {{commit}}, {{base}} (what paths begin with), or the name of a file. False: this build has no such file. */
static bool fill_in(struct buf *out, const struct pages *p, struct str what)
{
	struct str file;

	if (str_eq_z(what, "version")) {
		buf_add_str(out, str_of(BUGD_VERSION));
		return true;
	}
	if (str_eq_z(what, "commit")) {
		buf_add_str(out, str_of(BUGD_COMMIT));
		return true;
	}
	buf_add_str(out, p->base_path);
	if (str_eq_z(what, "base"))
		return true;
	file = hashed_name(p, what);
	buf_add_lit(out, "/api/docs/");
	buf_add_str(out, file);
	return file.p != NULL;
}

/* Leaves the page empty when it needs a file that this build does not have. */
static void make_page(struct stored *page, const struct pages *p, const char *name)
{
	struct str rest = embedded_text(name);
	struct buf out = { 0 };
	bool whole = true;

	while (rest.n) {
		const char *open = memmem(rest.p, rest.n, "{{", 2);
		const char *close = open ? memmem(open, (size_t)(rest.p + rest.n - open), "}}", 2) : NULL;

		if (!close)
			break;
		buf_add(&out, rest.p, (size_t)(open - rest.p));
		whole = fill_in(&out, p, (struct str){ open + 2, (size_t)(close - open - 2) }) && whole;
		rest = (struct str){ close + 2, (size_t)(rest.p + rest.n - close - 2) };
	}
	buf_add_str(&out, rest);
	page->media = STR("text/html; charset=utf-8");
	page->cache = STR(CACHE_BY_TAG);
	page->policy = STR(POLICY);
	if (whole)
		stored_make(page, buf_str(&out));
	buf_free(&out);
}

static void make_document(struct stored *document, struct str base_path)
{
	struct buf out = { 0 };

	openapi_write(&out, api_routes, api_route_count, base_path);
	document->media = STR("application/json");
	document->cache = STR(CACHE_BY_TAG);
	stored_make(document, buf_str(&out));
	buf_free(&out);
}

struct pages *pages_create(struct str base_path)
{
	struct pages *p = mem_zalloc(1, sizeof(*p));

	p->base_path = base_path;
	for (const struct embedded_file *f = embedded_files; f->name && p->file_count < FILES_MAX; f++) {
		if (media_of(f->name).p)
			add_file(p, f);
	}
	make_document(&p->document, base_path);
	make_page(&p->home, p, "home.html");
	make_page(&p->swagger, p, "swagger.html");
	make_page(&p->redoc, p, "redoc.html");
	return p;
}

void pages_free(struct pages *p)
{
	for (size_t i = 0; i < p->file_count; i++) {
		buf_free(&p->files[i].name);
		stored_free(&p->files[i].stored);
	}
	stored_free(&p->document);
	stored_free(&p->home);
	stored_free(&p->swagger);
	stored_free(&p->redoc);
	free(p);
}

/* ---- handlers ---- */

static enum co_state answer_page(struct exchange *x, const struct stored *page)
{
	if (page->gzip.p) {
		stored_answer(x, page);
		return CO_DONE;
	}
	exchange_fail_detail(x, ERR_NOT_FOUND,
			     "This server was built without the pages of the documentation (DOCS=0); "
			     "/openapi.json is there.");
	return CO_FAILED;
}

enum co_state page_home(struct exchange *x, void *frame)
{
	(void)frame;
	return answer_page(x, &api_of(x)->pages->home);
}

enum co_state page_swagger(struct exchange *x, void *frame)
{
	(void)frame;
	return answer_page(x, &api_of(x)->pages->swagger);
}

enum co_state page_redoc(struct exchange *x, void *frame)
{
	(void)frame;
	return answer_page(x, &api_of(x)->pages->redoc);
}

enum co_state page_document(struct exchange *x, void *frame)
{
	(void)frame;
	return answer_page(x, &api_of(x)->pages->document);
}

enum co_state page_file(struct exchange *x, void *frame)
{
	const struct file *f = find_file(api_of(x)->pages, x->params[0]);

	(void)frame;
	if (!f) {
		exchange_fail(x, ERR_NOT_FOUND);
		return CO_FAILED;
	}
	stored_answer(x, &f->stored);
	return CO_DONE;
}

enum co_state page_docs(struct exchange *x, void *frame)
{
	(void)frame;
	x->response.status = 308;
	response_header_printf(&x->response, "Location", "%.*s/api/docs",
			       STR_FMT(x->service->front->base_path));
	return CO_DONE;
}
