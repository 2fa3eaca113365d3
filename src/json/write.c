#include "json/write.h"

#include "base/clock.h"

#include <yyjson.h>

#include <math.h>
#include <string.h>

#define EACH_BYTE(v) (UINT64_C(0x0101010101010101) * (v))
#define HIGH_BITS    EACH_BYTE(0x80)
#define ESCAPE_MAX   6 /* \u001f */

/* Room for a value of n bytes, behind the comma that it may need. The caller adds to the buffer's n. */
static char *value_room(struct json *j, size_t n)
{
	char *p = buf_reserve(j->out, n + 1);

	*p = ',';
	p += j->comma;
	j->out->n += j->comma;
	j->comma = true;
	return p;
}

/* The high bit of each zero byte; of bytes above a zero byte as well, which does no harm here. */
static uint64_t zero_bytes(uint64_t w)
{
	return (w - EACH_BYTE(1)) & ~w & HIGH_BITS;
}

/* Whether one of eight bytes is a control character, a quote or a backslash. */
static bool escape_among(uint64_t w)
{
	uint64_t control = (w - EACH_BYTE(0x20)) & ~w & HIGH_BITS;

	return (control | zero_bytes(w ^ EACH_BYTE('"')) | zero_bytes(w ^ EACH_BYTE('\\'))) != 0;
}

static bool needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

/* Copies what needs no escape, up to the first byte that does, and returns how much that was. */
static size_t copy_plain(char *to, const char *from, size_t n)
{
	size_t i = 0;

	for (; n - i >= 8; i += 8) {
		uint64_t w;

		memcpy(&w, from + i, sizeof(w));
		if (escape_among(w))
			break;
		memcpy(to + i, &w, sizeof(w));
	}
	for (; i < n && !needs_escape((unsigned char)from[i]); i++)
		to[i] = from[i];
	return i;
}

static size_t put_escape(char *to, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char short_form[256] = { ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
					      ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't' };

	to[0] = '\\';
	to[1] = short_form[c] ? short_form[c] : 'u';
	if (short_form[c])
		return 2;
	to[2] = to[3] = '0';
	to[4] = hex[c >> 4];
	to[5] = hex[c & 15];
	return ESCAPE_MAX;
}

static void add_string(struct json *j, struct str s)
{
	struct buf *out = j->out;

	*value_room(j, s.n + 2) = '"';
	out->n++;
	while (s.n) {
		/* With room for the escape that may follow. */
		char *to = buf_reserve(out, s.n + ESCAPE_MAX);
		size_t n = copy_plain(to, s.p, s.n);

		out->n += n;
		s.p += n;
		s.n -= n;
		if (s.n) {
			out->n += put_escape(to + n, (unsigned char)*s.p);
			s.p++;
			s.n--;
		}
	}
	buf_add_char(out, '"');
}

static void begin(struct json *j, char bracket)
{
	*value_room(j, 1) = bracket;
	j->out->n++;
	j->comma = false;
}

static void end(struct json *j, char bracket)
{
	buf_add_char(j->out, bracket);
	j->comma = true;
}

void json_object_begin(struct json *j)
{
	begin(j, '{');
}

void json_object_end(struct json *j)
{
	end(j, '}');
}

void json_array_begin(struct json *j)
{
	begin(j, '[');
}

void json_array_end(struct json *j)
{
	end(j, ']');
}

void json_key(struct json *j, struct str name)
{
	add_string(j, name);
	buf_add_char(j->out, ':');
	j->comma = false;
}

void json_key_raw(struct json *j, struct str key)
{
	json_raw(j, key);
	j->comma = false;
}

void json_null(struct json *j)
{
	json_raw(j, STR("null"));
}

void json_bool(struct json *j, bool v)
{
	json_raw(j, v ? STR("true") : STR("false"));
}

void json_int(struct json *j, int64_t v)
{
	value_room(j, 0);
	buf_add_i64(j->out, v);
}

void json_double(struct json *j, double v)
{
	char memory[256]; /* of which yyjson takes a few dozen bytes for one number */
	yyjson_alc alc;
	yyjson_val number = { 0 };
	char *text;
	size_t n = 0;

	if (!isfinite(v)) {
		json_null(j);
		return;
	}
	yyjson_alc_pool_init(&alc, memory, sizeof(memory));
	yyjson_set_real(&number, v);
	text = yyjson_val_write_opts(&number, YYJSON_WRITE_NOFLAG, &alc, &n, NULL);
	json_raw(j, (struct str){ text, n });
}

void json_str(struct json *j, struct str v)
{
	if (v.p)
		add_string(j, v);
	else
		json_null(j);
}

/* Room for a value of n bytes that needs no escape, between quotes. */
static char *quoted(struct json *j, size_t n)
{
	char *p = value_room(j, n + 2);

	p[0] = p[n + 1] = '"';
	j->out->n += n + 2;
	return p + 1;
}

void json_uuid(struct json *j, const struct uuid *v)
{
	uuid_format(v, quoted(j, UUID_TEXT_LEN));
}

void json_timestamp(struct json *j, int64_t us)
{
	clock_format_timestamp(us, quoted(j, CLOCK_TIMESTAMP_LEN));
}

void json_date(struct json *j, int32_t days)
{
	clock_format_date(days, quoted(j, CLOCK_DATE_LEN));
}

void json_raw(struct json *j, struct str v)
{
	if (!v.p)
		v = STR("null");
	memcpy(value_room(j, v.n), v.p, v.n);
	j->out->n += v.n;
}
