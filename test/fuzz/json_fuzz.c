/* json_read must take any bytes: no crash, no leak, and what it accepts keeps the promises of its header. */
#include "json/read.h"
#include "json/write.h"

#include <yyjson.h>

#include <stdlib.h>
#include <string.h>

struct body {
	struct field_set given;
	struct str title, email, status, issue;
	struct uuid id;
	int64_t count, at;
	bool flag;
	int32_t day;
	struct field_values ids, words, numbers, flags;
};

static const char *const status_names[] = { "open", "in_progress", "closed" };
static const struct enum_names statuses = { "status", status_names, 3 };
#define AT(member) .offset = offsetof(struct body, member)
static const struct field fields[] = {
	{ .name = "title",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED | FIELD_SINGLE_LINE,
	  AT(title),
	  .max = 255 },
	{ .name = "email", .type = FIELD_EMAIL, AT(email) },
	{ .name = "status", .type = FIELD_ENUM, AT(status), .names = &statuses },
	{ .name = "issue", .type = FIELD_REF, .flags = FIELD_NULLABLE, AT(issue) },
	{ .name = "id", .type = FIELD_UUID, .flags = FIELD_NULLABLE, AT(id) },
	{ .name = "count", .type = FIELD_INT, AT(count), .min = -5, .max = 5 },
	{ .name = "at", .type = FIELD_TIMESTAMP, AT(at) },
	{ .name = "flag", .type = FIELD_BOOL, AT(flag) },
	{ .name = "day", .type = FIELD_DATE, AT(day) },
	{ .name = "ids", .type = FIELD_UUID, .flags = FIELD_REPEATED, AT(ids), .max = 100 },
	{ .name = "words", .type = FIELD_TEXT, .flags = FIELD_REPEATED | FIELD_NOT_BLANK, AT(words) },
	{ .name = "numbers", .type = FIELD_INT, .flags = FIELD_REPEATED, AT(numbers) },
	{ .name = "flags", .type = FIELD_BOOL, .flags = FIELD_REPEATED, AT(flags) },
};
static const struct shape shape = SHAPE(struct body, "Body", fields, "A body.");

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_be_text(struct str s, size_t most)
{
	must(!s.p || (text_valid(s) && text_length(s) <= most));
}

static void check_accepted(const struct body *b)
{
	must(b->title.p && b->given.given & 1);
	must_be_text(b->title, 255);
	must_be_text(b->email, 254);
	must_be_text(b->issue, 36);
	must(b->count >= -5 && b->count <= 5);
	must(b->ids.n <= 100);
	for (size_t i = 0; i < b->words.n; i++)
		must_be_text(((const struct str *)b->words.v)[i], FIELD_ITEM_MAX);
}

static void check_refused(const struct field_errors *errors)
{
	size_t n = 0;

	for (const struct field_error *e = errors->first; e; e = e->next, n++)
		must(e->code[0] && text_valid(e->field) && e->detail.n && text_valid(e->detail));
	must(n > 0 && n == errors->count && n <= FIELD_ERRORS_MAX);
}

/* What the writer makes of a text must be read back as this text. */
static void check_written(struct str text)
{
	struct buf out = { 0 };
	struct json j = json_writer(&out);
	yyjson_doc *doc;
	yyjson_val *v;

	if (!text_valid(text))
		return;
	json_str(&j, text);
	doc = yyjson_read(out.p, out.n, 0);
	must(doc != NULL);
	v = yyjson_doc_get_root(doc);
	must(str_eq((struct str){ yyjson_get_str(v), yyjson_get_len(v) }, text));
	yyjson_doc_free(doc);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct arena arena = ARENA_EMPTY;
	struct field_errors errors = { .arena = &arena };
	struct body body;
	struct str detail = STR_NONE;
	enum err err = json_read(text, &shape, &body, &errors, &detail);

	if (err == ERR_NONE)
		check_accepted(&body);
	else if (err == ERR_VALIDATION)
		check_refused(&errors);
	else
		must(err == ERR_BAD_JSON && detail.n && text_valid(detail));
	if (size)
		check_written(text);
	arena_reset(&arena);
	arena_trim();
	return 0;
}
