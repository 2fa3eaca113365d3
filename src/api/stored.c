#include "api/stored.h"

#include "api/answer.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zlib.h>

/* Window bits of zlib that stand for the gzip format. */
#define GZIP_FORMAT (MAX_WBITS + 16)

static void tag(struct stored *s)
{
	snprintf(s->tag, sizeof(s->tag), "%016llx", (unsigned long long)XXH3_64bits(s->gzip.p, s->gzip.n));
}

static Bytef *bytes(struct str s)
{
	return (Bytef *)(uintptr_t)s.p; /* zlib takes its input without const */
}

void stored_make(struct stored *s, struct str content)
{
	z_stream z = { .next_in = bytes(content), .avail_in = (uInt)content.n };
	size_t room;

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_FORMAT, MAX_MEM_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* zlib had no memory; see base/mem.h */
	room = deflateBound(&z, (uLong)content.n);
	z.next_out = (Bytef *)buf_reserve(&s->own, room);
	z.avail_out = (uInt)room;
	deflate(&z, Z_FINISH);
	s->own.n = z.total_out;
	deflateEnd(&z);
	s->gzip = buf_str(&s->own);
	s->size = content.n;
	tag(s);
}

void stored_take(struct stored *s, struct str gzip)
{
	uint32_t size = 0;

	/* The format ends with the size of what was compressed. */
	if (gzip.n >= sizeof(size))
		memcpy(&size, gzip.p + gzip.n - sizeof(size), sizeof(size));
	s->gzip = gzip;
	s->size = le32toh(size);
	tag(s);
}

void stored_free(struct stored *s)
{
	buf_free(&s->own);
}

static void inflate_into(struct buf *out, const struct stored *s)
{
	z_stream z = { .next_in = bytes(s->gzip), .avail_in = (uInt)s->gzip.n };

	if (inflateInit2(&z, GZIP_FORMAT) != Z_OK)
		abort();
	z.next_out = (Bytef *)buf_reserve(out, s->size);
	z.avail_out = (uInt)s->size;
	inflate(&z, Z_FINISH);
	out->n += z.total_out;
	inflateEnd(&z);
}

/* Whether "gzip;q=0.5" or "*" is what is meant and not weighed with 0. */
static bool coding_fits(struct str item)
{
	struct str name = str_trim(str_cut(&item, ';'));
	struct str weight = item.p ? str_trim(item) : STR("q=1");

	if (!str_ieq_z(name, "gzip") && !str_ieq_z(name, "x-gzip") && !str_eq_z(name, "*"))
		return false;
	for (size_t i = 2; i < weight.n; i++) {
		if (weight.p[i] >= '1' && weight.p[i] <= '9')
			return true;
	}
	return false;
}

static bool takes_gzip(const struct request *r)
{
	struct str list = request_header(r, "accept-encoding");

	while (list.p) {
		if (coding_fits(str_cut(&list, ',')))
			return true;
	}
	return false;
}

void stored_answer(struct exchange *x, const struct stored *s)
{
	struct response *r = &x->response;
	bool gzip = takes_gzip(&x->request);
	struct str etag = arena_printf(&x->arena, "\"%s%s\"", s->tag, gzip ? "-gz" : "");

	r->status = 200;
	response_header(r, "ETag", etag);
	response_header(r, "Cache-Control", s->cache);
	response_header(r, "Vary", STR("Accept-Encoding"));
	if (answer_client_has(x, etag)) {
		r->status = 304;
		return;
	}
	r->content_type = s->media;
	if (s->policy.p)
		response_header(r, "Content-Security-Policy", s->policy);
	if (gzip)
		response_header(r, "Content-Encoding", STR("gzip"));
	if (gzip)
		buf_add_str(&r->body, s->gzip);
	else
		inflate_into(&r->body, s);
}
