#include "app/transfer.h"

#include "base/mem.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_SECONDS 10L
/* Without a byte for that long, a request is given up. */
#define SILENCE_SECONDS 120L
/* An answer that is kept in memory; lists of errors may be long. */
#define ANSWER_MAX ((size_t)1024 * 1024 * 1024)

#define SYMBOLS(X)                                                                                           \
	X(easy_init)                                                                                         \
	X(easy_setopt)                                                                                       \
	X(easy_perform)                                                                                      \
	X(easy_getinfo)                                                                                      \
	X(easy_reset)                                                                                        \
	X(easy_cleanup)                                                                                      \
	X(easy_strerror)                                                                                     \
	X(mime_init)                                                                                         \
	X(mime_addpart)                                                                                      \
	X(mime_name)                                                                                         \
	X(mime_data)                                                                                         \
	X(mime_filedata)                                                                                     \
	X(mime_free)                                                                                         \
	X(slist_append)                                                                                      \
	X(slist_free_all)

struct curl_library {
	void *library;
#define SYMBOL(name) __typeof__(curl_##name) *name;
	SYMBOLS(SYMBOL)
#undef SYMBOL
};

static bool load(struct transfer *t, void **out, const char *symbol)
{
	*out = dlsym(t->curl->library, symbol);
	if (!*out)
		snprintf(t->error, sizeof(t->error), "libcurl has no %s", symbol);
	return *out != NULL;
}

bool transfer_open(struct transfer *t)
{
	struct curl_library *c = mem_zalloc(1, sizeof(*c));

	t->curl = c;
	c->library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	if (!c->library) {
		snprintf(t->error, sizeof(t->error), "%s (the package libcurl4 has it)", dlerror());
		return false;
	}
#define SYMBOL(name)                                                                                         \
	if (!load(t, (void **)&c->name, "curl_" #name))                                                      \
		return false;
	SYMBOLS(SYMBOL)
#undef SYMBOL
	t->handle = c->easy_init();
	return t->handle != NULL;
}

void transfer_close(struct transfer *t)
{
	if (!t->curl)
		return;
	if (t->handle)
		t->curl->easy_cleanup(t->handle);
	if (t->curl->library)
		dlclose(t->curl->library);
	free(t->curl);
	*t = (struct transfer){ 0 };
}

static size_t take(char *p, size_t size, size_t n, void *arg)
{
	struct buf *out = arg;

	if (out->n + size * n > ANSWER_MAX)
		return 0;
	buf_add(out, p, size * n);
	return size * n;
}

static void address(const struct transfer *t, const char *path, char *out, size_t size)
{
	size_t n = strlen(t->url);

	while (n && t->url[n - 1] == '/')
		n--;
	snprintf(out, size, "%.*s%s", (int)n, t->url, path);
}

/* What all requests have in common; the header fields are to be freed. */
static struct curl_slist *prepare(struct transfer *t, const char *path, struct buf *out)
{
	const struct curl_library *c = t->curl;
	struct curl_slist *fields = NULL;
	struct buf bearer = { 0 };
	char url[2048];

	out->n = 0;
	address(t, path, url, sizeof(url));
	buf_printf(&bearer, "Authorization: Bearer %s", t->token);
	buf_add_char(&bearer, '\0');
	fields = c->slist_append(fields, bearer.p);
	fields = c->slist_append(fields, "Prefer: respond-async");
	memset(bearer.p, 0, bearer.n);
	buf_free(&bearer);
	c->easy_reset(t->handle);
	c->easy_setopt(t->handle, CURLOPT_URL, url);
	c->easy_setopt(t->handle, CURLOPT_HTTPHEADER, fields);
	c->easy_setopt(t->handle, CURLOPT_NOSIGNAL, 1L);
	c->easy_setopt(t->handle, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	c->easy_setopt(t->handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
	c->easy_setopt(t->handle, CURLOPT_LOW_SPEED_TIME, SILENCE_SECONDS);
	c->easy_setopt(t->handle, CURLOPT_WRITEFUNCTION, take);
	c->easy_setopt(t->handle, CURLOPT_WRITEDATA, out);
	return fields;
}

static long perform(struct transfer *t, struct curl_slist *fields)
{
	const struct curl_library *c = t->curl;
	CURLcode code = c->easy_perform(t->handle);
	long status = 0;

	c->easy_getinfo(t->handle, CURLINFO_RESPONSE_CODE, &status);
	c->slist_free_all(fields);
	/* An answer counts, also when the server then would not read the rest of the request. */
	if (code != CURLE_OK && status < 400) {
		snprintf(t->error, sizeof(t->error), "%s: %s", t->url, c->easy_strerror(code));
		return 0;
	}
	return status;
}

long transfer_get(struct transfer *t, const char *path, struct buf *out)
{
	return perform(t, prepare(t, path, out));
}

struct watch {
	void (*progress)(void *arg, uint64_t sent, uint64_t all);
	void *arg;
};

static int watch(void *arg, curl_off_t download, curl_off_t downloaded, curl_off_t upload,
		 curl_off_t uploaded)
{
	const struct watch *w = arg;

	(void)download;
	(void)downloaded;
	w->progress(w->arg, (uint64_t)uploaded, (uint64_t)upload);
	return 0;
}

long transfer_post_form(struct transfer *t, const char *path, const struct transfer_part *parts,
			struct buf *out, void (*progress)(void *arg, uint64_t sent, uint64_t all), void *arg)
{
	const struct curl_library *c = t->curl;
	struct curl_slist *fields = prepare(t, path, out);
	struct watch w = { progress, arg };
	curl_mime *form = c->mime_init(t->handle);
	long status;

	for (const struct transfer_part *p = parts; p->name; p++) {
		curl_mimepart *part = c->mime_addpart(form);

		c->mime_name(part, p->name);
		if (p->file)
			c->mime_filedata(part, p->file);
		else
			c->mime_data(part, p->value, CURL_ZERO_TERMINATED);
	}
	c->easy_setopt(t->handle, CURLOPT_MIMEPOST, form);
	c->easy_setopt(t->handle, CURLOPT_NOPROGRESS, 0L);
	c->easy_setopt(t->handle, CURLOPT_XFERINFOFUNCTION, watch);
	c->easy_setopt(t->handle, CURLOPT_XFERINFODATA, &w);
	status = perform(t, fields);
	c->mime_free(form);
	return status;
}
