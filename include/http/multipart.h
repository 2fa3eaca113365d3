/*
 * multipart/form-data (RFC 7578; RFC 2046, section 5.1), read while it comes: bytes may be cut anywhere.
 *
 *	f->form = multipart_create(&x->arena, request_header(&x->request, "Content-Type"), &limits);
 *	do {
 *		co_await(f, x, body_next(x));
 *		while ((event = multipart_next(f->form, &x->upload.chunk, x->upload.end)) != MULTIPART_MORE)
 *			...
 *	} while (!x->upload.end);
 *
 * (An await must not stand in a `switch` over the event.) Plain fields come whole, files piece by piece; nothing of a
 * file is kept. What no sane client sends is refused: header fields that are folded, control characters in them, a part
 * without a name, `filename*` (RFC 7578, section 4.2, forbids it), a Content-Transfer-Encoding that encodes.
 */
#ifndef BUGD_HTTP_MULTIPART_H
#define BUGD_HTTP_MULTIPART_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define MULTIPART_HEAD_MAX 8192 /* bytes of a part's header section */

struct multipart_limits {
	unsigned parts;     /* fields and files */
	size_t field_bytes; /* of one plain field's value */
};

enum multipart_event {
	MULTIPART_MORE,     /* all input is used; at the end of the body: it was complete */
	MULTIPART_FIELD,    /* a plain field: name and value */
	MULTIPART_FILE,     /* a file begins: name, filename, type */
	MULTIPART_DATA,     /* bytes of it: data, valid as long as the input */
	MULTIPART_FILE_END, /* it is complete */
	MULTIPART_BAD,      /* err and detail say why; there is nothing more to be read */
};

/* What the last event was about. All but `data` lives as long as the arena. */
struct multipart_part {
	struct str name;
	struct str value; /* of a plain field: UTF-8 without NUL */
	struct str
		filename; /* as sent, UTF-8: not a path to be used; %22, %0D and %0A are decoded, as browsers encode */
	struct str type; /* Content-Type of a file; absent when it has none */
	struct str data;
};

struct multipart;

/*
 * A parser of the arena for a body of this Content-Type. NULL: *err is ERR_MEDIA_TYPE for anything but
 * multipart/form-data, or ERR_BAD_REQUEST, with *detail, when its boundary is none.
 */
struct multipart *multipart_create(struct arena *a, struct str content_type,
				   const struct multipart_limits *limits, enum err *err, const char **detail);

/* Takes bytes off *input until something is to be told. `end`: nothing comes behind this input. */
enum multipart_event multipart_next(struct multipart *m, struct str *input, bool end);

const struct multipart_part *multipart_part(const struct multipart *m);

/* Why the body is bad: ERR_BAD_REQUEST, or ERR_BODY_TOO_LARGE for a field that is. */
enum err multipart_error(const struct multipart *m, const char **detail);

#endif
