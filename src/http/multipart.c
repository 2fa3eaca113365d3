#include "multipart_internal.h"

#include "json/schema.h"

#include <string.h>

/* What may stand in front of the first boundary; nobody sends any. */
#define PREAMBLE_MAX 1024
/* Spaces behind a boundary, which gateways of mail once added. */
#define PADDING_MAX 70

enum state {
	STATE_PREAMBLE,
	STATE_BOUNDARY, /* behind a boundary: its line ends, or "--" says that it is the last */
	STATE_HEAD,
	STATE_BODY,
	STATE_EPILOGUE, /* what comes is nobody's */
	STATE_BAD,
};

struct multipart {
	struct arena *arena;
	struct multipart_limits limits;
	struct multipart_part part;
	enum state state;
	bool ended;             /* the file is complete, and that is to be told yet */
	unsigned parts;         /* up to here */
	size_t matched;         /* bytes of the delimiter that the input before ended with */
	size_t dropped;         /* bytes of the preamble */
	size_t value_n;         /* bytes of the plain field that is read */
	size_t head_n;          /* bytes of the part's head, */
	char *head;             /* and they themselves */
	char *value;            /* limits.field_bytes */
	char tail[PADDING_MAX]; /* behind the boundary, up to the end of its line */
	size_t tail_n;
	size_t delimiter_n;
	char delimiter[4 + BOUNDARY_MAX]; /* CR LF "--" boundary */
	enum err err;
	const char *detail;
};

struct multipart *multipart_create(struct arena *a, struct str content_type,
				   const struct multipart_limits *limits, enum err *err, const char **detail)
{
	struct str rest = content_type, boundary;
	struct multipart *m;

	*detail = "Content-Type must be multipart/form-data.";
	*err = ERR_MEDIA_TYPE;
	if (!content_type.p || !str_ieq_z(str_trim(str_cut(&rest, ';')), "multipart/form-data"))
		return NULL;
	*detail = "Content-Type has no boundary, or one that is not allowed.";
	*err = ERR_BAD_REQUEST;
	if (!multipart_boundary(content_type, &boundary))
		return NULL;
	m = arena_new(a, struct multipart);
	m->arena = a;
	m->limits = *limits;
	m->head = arena_alloc(a, MULTIPART_HEAD_MAX);
	m->value = arena_alloc(a, limits->field_bytes + 1);
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary.p, boundary.n);
	m->delimiter_n = boundary.n + 4;
	m->matched = 2; /* the first boundary has no line in front of it that would have to end */
	*err = ERR_NONE;
	*detail = NULL;
	return m;
}

static void skip(struct str *input, size_t n)
{
	input->p += n;
	input->n -= n;
}

static enum multipart_event bad(struct multipart *m, enum err err, const char *detail)
{
	m->state = STATE_BAD;
	m->err = err;
	m->detail = detail;
	return MULTIPART_BAD;
}

/* ---- the delimiter ---- */

static size_t common(const char *a, const char *b, size_t n)
{
	size_t i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

/*
 * Goes on with a delimiter that the input before began. CR is nowhere in it but at its beginning, so what turns out to
 * be none of it is data as a whole.
 */
static struct str go_on_matching(struct multipart *m, struct str *input, bool *found)
{
	size_t left = m->delimiter_n - m->matched, n = input->n < left ? input->n : left;
	struct str data = { m->delimiter, m->matched };

	if (common(m->delimiter + m->matched, input->p, n) < n) {
		m->matched = 0;
		return data;
	}
	skip(input, n);
	*found = n == left;
	m->matched = *found ? 0 : m->matched + n;
	return (struct str){ m->delimiter, 0 };
}

/* Takes the data in front of the next delimiter, and the delimiter if it is there as a whole. */
static struct str take_data(struct multipart *m, struct str *input, bool *found)
{
	struct str data = { input->p, 0 };
	const char *at = input->p, *end = input->p + input->n;

	*found = false;
	if (m->matched)
		return go_on_matching(m, input, found);
	while (at < end && (at = memchr(at, '\r', (size_t)(end - at)))) {
		size_t left = (size_t)(end - at), n = left < m->delimiter_n ? left : m->delimiter_n;

		if (common(m->delimiter, at, n) == n) {
			data.n = (size_t)(at - data.p);
			*found = n == m->delimiter_n;
			m->matched = *found ? 0 : n;
			skip(input, data.n + n);
			return data;
		}
		at++;
	}
	data.n = input->n;
	skip(input, data.n);
	return data;
}

/* ---- between parts ---- */

static enum multipart_event read_preamble(struct multipart *m, struct str *input)
{
	bool found;

	m->dropped += take_data(m, input, &found).n;
	if (m->dropped > PREAMBLE_MAX)
		return bad(m, ERR_BAD_REQUEST,
			   "The body does not begin with the boundary that Content-Type names.");
	if (found)
		m->state = STATE_BOUNDARY;
	return MULTIPART_MORE;
}

static bool is_blank(struct str s)
{
	return str_trim(s).n == 0;
}

/* The rest of a boundary's line: nothing, or "--" behind the last one. */
static enum multipart_event read_boundary(struct multipart *m, struct str *input)
{
	while (input->n) {
		struct str line;

		m->tail[m->tail_n++] = *input->p;
		skip(input, 1);
		line = (struct str){ m->tail, m->tail_n };
		if (line.n == 2 && memcmp(line.p, "--", 2) == 0) {
			m->state = STATE_EPILOGUE;
			return MULTIPART_MORE;
		}
		if (line.n >= 2 && line.p[line.n - 1] == '\n' && line.p[line.n - 2] == '\r' &&
		    is_blank((struct str){ line.p, line.n - 2 })) {
			m->tail_n = m->head_n = 0;
			m->state = STATE_HEAD;
			return MULTIPART_MORE;
		}
		if (line.n == PADDING_MAX || line.p[line.n - 1] == '\n')
			return bad(m, ERR_BAD_REQUEST,
				   "A boundary is followed by something else than a new line.");
	}
	return MULTIPART_MORE;
}

/* ---- parts ---- */

static enum multipart_event begin_part(struct multipart *m)
{
	const char *wrong;

	if (m->parts++ == m->limits.parts)
		return bad(m, ERR_BAD_REQUEST, "The body has too many parts.");
	wrong = multipart_head(m->arena, (struct str){ m->head, m->head_n - 2 }, &m->part);
	if (wrong)
		return bad(m, ERR_BAD_REQUEST, wrong);
	m->state = STATE_BODY;
	m->value_n = 0;
	return m->part.filename.p ? MULTIPART_FILE : MULTIPART_MORE;
}

/* Up to the empty line. */
static enum multipart_event read_head(struct multipart *m, struct str *input)
{
	while (input->n) {
		char *head = m->head;

		if (m->head_n == MULTIPART_HEAD_MAX)
			return bad(m, ERR_BAD_REQUEST, "A part's header is larger than the server takes.");
		head[m->head_n++] = *input->p;
		skip(input, 1);
		if (m->head_n == 2 && memcmp(head, "\r\n", 2) == 0)
			return bad(m, ERR_BAD_REQUEST, "A part has no Content-Disposition.");
		if (m->head_n >= 4 && memcmp(head + m->head_n - 4, "\r\n\r\n", 4) == 0)
			return begin_part(m);
	}
	return MULTIPART_MORE;
}

static enum multipart_event end_field(struct multipart *m)
{
	m->state = STATE_BOUNDARY;
	m->part.value = arena_str(m->arena, (struct str){ m->value, m->value_n });
	if (!text_valid(m->part.value))
		return bad(m, ERR_BAD_REQUEST, "A field is not UTF-8, or has NUL in it.");
	return MULTIPART_FIELD;
}

static enum multipart_event read_field(struct multipart *m, struct str *input)
{
	bool found;
	struct str data = take_data(m, input, &found);

	if (data.n > m->limits.field_bytes - m->value_n)
		return bad(m, ERR_BODY_TOO_LARGE, "A field is larger than the server takes.");
	memcpy(m->value + m->value_n, data.p, data.n);
	m->value_n += data.n;
	return found ? end_field(m) : MULTIPART_MORE;
}

static enum multipart_event read_file(struct multipart *m, struct str *input)
{
	bool found;

	m->part.data = take_data(m, input, &found);
	if (found)
		m->state = STATE_BOUNDARY;
	m->ended = found;
	return m->part.data.n ? MULTIPART_DATA : MULTIPART_MORE;
}

static enum multipart_event read_some(struct multipart *m, struct str *input)
{
	switch (m->state) {
	case STATE_PREAMBLE:
		return read_preamble(m, input);
	case STATE_BOUNDARY:
		return read_boundary(m, input);
	case STATE_HEAD:
		return read_head(m, input);
	case STATE_BODY:
		return m->part.filename.p ? read_file(m, input) : read_field(m, input);
	case STATE_EPILOGUE:
		skip(input, input->n);
		return MULTIPART_MORE;
	case STATE_BAD:
	default:
		return MULTIPART_BAD;
	}
}

enum multipart_event multipart_next(struct multipart *m, struct str *input, bool end)
{
	enum multipart_event event = MULTIPART_MORE;

	if (m->state == STATE_BAD)
		return MULTIPART_BAD;
	do {
		if (m->ended) {
			m->ended = false;
			return MULTIPART_FILE_END;
		}
		if (input->n)
			event = read_some(m, input);
	} while (event == MULTIPART_MORE && (input->n || m->ended));
	if (event == MULTIPART_MORE && end && m->state != STATE_EPILOGUE)
		return bad(m, ERR_BAD_REQUEST, "The body ends before its last boundary.");
	return event;
}

const struct multipart_part *multipart_part(const struct multipart *m)
{
	return &m->part;
}

enum err multipart_error(const struct multipart *m, const char **detail)
{
	*detail = m->detail;
	return m->err;
}
