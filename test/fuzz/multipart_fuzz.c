/*
 * Form data as an attacker writes it: any bytes, in any pieces. What comes out must not depend on the pieces, must keep
 * the bounds, and data must be no more than what was put in.
 *
 * Input: a byte that chooses the pieces, then the body; its boundary is "xy".
 */
#include "base/arena.h"
#include "base/buf.h"
#include "http/multipart.h"
#include "json/schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct multipart_limits limits = { .parts = 3, .field_bytes = 16 };

static void expect(int condition)
{
	if (!condition)
		abort();
}

static void note(struct buf *out, struct str s)
{
	buf_add_u64(out, s.p ? s.n : 0);
	buf_add_char(out, s.p ? ':' : '-');
	if (s.p)
		buf_add_str(out, s);
}

struct outcome {
	struct buf text;
	unsigned parts;
	bool bad;
};

static void tell(struct outcome *o, enum multipart_event event, const struct multipart_part *p)
{
	if (event == MULTIPART_DATA) {
		expect(p->data.n > 0);
		buf_add_str(&o->text, p->data);
		return;
	}
	buf_add_char(&o->text, (char)('0' + event));
	if (event == MULTIPART_FILE_END)
		return;
	expect(++o->parts <= limits.parts && text_valid(p->name));
	note(&o->text, p->name);
	if (event == MULTIPART_FIELD) {
		expect(p->value.n <= limits.field_bytes && text_valid(p->value));
		note(&o->text, p->value);
	} else {
		expect(text_valid(p->filename));
		note(&o->text, p->filename);
		note(&o->text, p->type);
	}
}

static struct outcome read_form(const uint8_t *data, size_t n, size_t step)
{
	struct outcome o = { 0 };
	struct arena arena = ARENA_EMPTY;
	const char *detail;
	enum err err;
	struct multipart *m =
		multipart_create(&arena, STR("multipart/form-data; boundary=xy"), &limits, &err, &detail);

	expect(m != NULL);
	for (size_t at = 0; at < n && !o.bad; at += step) {
		size_t piece = n - at < step ? n - at : step;
		char *copy = malloc(piece);
		struct str input = { copy, piece };
		enum multipart_event event;

		memcpy(copy, data + at, piece);
		while ((event = multipart_next(m, &input, at + piece == n)) != MULTIPART_MORE && !o.bad) {
			o.bad = event == MULTIPART_BAD;
			if (!o.bad)
				tell(&o, event, multipart_part(m));
		}
		expect(o.bad || input.n == 0);
		free(copy);
	}
	if (o.bad)
		expect(multipart_error(m, &detail) != ERR_NONE && detail);
	expect(o.text.n <= n + 64 * limits.parts);
	arena_reset(&arena);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct outcome whole, cut;

	if (n < 2)
		return 0;
	whole = read_form(data + 1, n - 1, n - 1);
	cut = read_form(data + 1, n - 1, data[0] % 32 + 1u);
	/* Of what is bad in two ways either may be found first; and what comes before it must be the same. */
	expect(whole.bad == cut.bad);
	if (!whole.bad)
		expect(whole.text.n == cut.text.n && memcmp(whole.text.p ? whole.text.p : "",
							    cut.text.p ? cut.text.p : "", whole.text.n) == 0);
	buf_free(&whole.text);
	buf_free(&cut.text);
	return 0;
}
