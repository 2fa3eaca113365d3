/*
 * The shape of an input: one table of fields drives reading, checking and the documentation.
 *
 * A shape describes a C struct. json/read.h fills it from a JSON body, http/query.h from a query string;
 * both report all failing fields at once. Reading leaves slices that point into the request's arena.
 */
#ifndef BUGD_JSON_SCHEMA_H
#define BUGD_JSON_SCHEMA_H

#include "base/arena.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_TEXT,       /* struct str; min and max count Unicode characters */
	FIELD_ENUM,       /* struct str: one of `names`, as spelt there */
	FIELD_UUID,       /* struct uuid */
	FIELD_INT,        /* int64_t; min and max are its bounds */
	FIELD_BOOL,       /* bool */
	FIELD_DATE,       /* int32_t, days since 1970-01-01 */
	FIELD_TIMESTAMP,  /* int64_t, microseconds since 1970-01-01 */
	FIELD_EMAIL,      /* struct str, in lower case (domain/email.h says what is taken for an address) */
	FIELD_REF,        /* struct str: a UUID or a key such as WEB or WEB-12; resolved by the statement */
	FIELD_ID_OR_NAME, /* struct str: a UUID, or one of `names` such as "me" */
	FIELD_OBJECT,     /* the struct of `shape`; in JSON bodies only, neither repeated nor nullable */
	FIELD_SORT,       /* struct str: one of `names`, with or without a '-' before it */
};

enum field_flag {
	FIELD_REQUIRED = 1,     /* must be given (and so may not be null) */
	FIELD_NULLABLE = 2,     /* null is allowed, and recorded */
	FIELD_NOT_BLANK = 4,    /* a text needs a character that is not white space */
	FIELD_REPEATED = 8,     /* struct field_values: a JSON array, or a repeated query parameter */
	FIELD_SECRET = 16,      /* its value is never shown in an error */
	FIELD_SINGLE_LINE = 32, /* a text without control characters (below U+0020, and U+007F) */
	FIELD_BYTES = 64,       /* min and max of a text count bytes */
	FIELD_WHOLE = 128,      /* a repeated query parameter is not cut at its commas */
};

/* The items of a repeated text have 1 to this many characters. */
#define FIELD_ITEM_MAX 255

/* Values of a FIELD_REPEATED field: `v` is an array of the field's type, in the arena. */
struct field_values {
	const void *v;
	size_t n;
};

/* The allowed spellings of an enumeration; the same table serves SQL, JSON, CSV and the documentation. */
struct enum_names {
	const char *type; /* its name in SQL and in the documentation, as "issue_status" */
	const char *const *v;
	size_t n;
};

struct shape;

struct field {
	const char *name;
	enum field_type type;
	unsigned flags;
	size_t offset; /* of the value in the struct */
	/*
	 * Bounds of characters, of numbers, or of items when repeated. Both 0: none; max below min: no upper one.
	 */
	int64_t min, max;
	const struct enum_names *names;
	const struct shape *shape; /* of an object */
	const char *doc;           /* a sentence */
	const char *example;
	const char *pattern; /* for the documentation: the form of a text that the handler checks itself */
};

/* At most 64 fields a shape: `given` and `nulls` below are bit sets by the field's place in the table. */
struct shape {
	const char *name; /* as in the documentation: "IssueCreate" */
	const struct field *fields;
	size_t count;
	size_t size;         /* of the struct */
	size_t given_offset; /* of its member `struct field_set given` */
	const char *doc;
};

/* Which fields were given, and which of them as null. A shape's struct has a member `given` of this type. */
struct field_set {
	uint64_t given;
	uint64_t nulls;
};

#define SHAPE(struct_type, shape_name, field_table, text)                                                    \
	{                                                                                                    \
		.name = (shape_name), .fields = (field_table),                                               \
		.count = sizeof(field_table) / sizeof(*(field_table)), .size = sizeof(struct_type),          \
		.given_offset = offsetof(struct_type, given), .doc = (text)                                  \
	}

/* Why a field was refused. `code` is stable and machine-readable, the detail says what would be right. */
struct field_error {
	struct str field; /* a path: "title", "label_ids[3]" */
	const char *code;
	struct str detail;
	struct field_error *next;
};

/* In order of appearance; at most FIELD_ERRORS_MAX are kept. */
struct field_errors {
	struct arena *arena;
	struct field_error *first, *last;
	size_t count;
};

#define FIELD_ERRORS_MAX 100

void field_error_add(struct field_errors *errors, struct str field, const char *code, struct str detail);

/* Whether no further error would be kept, so that looking for more is idle work. */
bool field_errors_full(const struct field_errors *errors);

/* The place of the named field in the shape, or -1. */
int shape_find(const struct shape *s, struct str name);

/*
 * Adds an error ("unknown_field", "unknown_parameter") for a name that the shape does not have; its detail
 * proposes the field that was probably meant. The shape may be NULL, as one without fields.
 */
void shape_refuse_unknown(const struct shape *s, struct str name, const char *code,
			  struct field_errors *errors);

/* Whether the field at this place was given, or given as null. */
bool field_given(const struct field_set *set, int place);
bool field_null(const struct field_set *set, int place);

/*
 * Checks one value that came as text (a query parameter, a JSON string, a CSV cell) and writes it to `out`,
 * which is of the field's type; texts are not copied. On failure adds an error under `path` and returns false.
 * Codes: "blank", "too_short", "too_long", "invalid_value" (enumeration, boolean), "invalid_format" (UUID, date,
 * time, e-mail, key, number), "out_of_range", "invalid_character" (NUL, control characters, not UTF-8).
 * Of a repeated field it checks one item.
 */
bool field_check_text(const struct field *f, struct str value, struct str path, void *out,
		      struct field_errors *errors);

/* The same for a number that came as one. */
bool field_check_int(const struct field *f, int64_t value, struct str path, void *out,
		     struct field_errors *errors);

/* Whether a repeated field may have n items. Codes: "too_few", "too_many". */
bool field_check_count(const struct field *f, size_t n, struct str path, struct field_errors *errors);

/* Adds "required" for each required field that was not given. */
void shape_check_required(const struct shape *s, const struct field_set *set, struct field_errors *errors);

/* The size of one value of the type in C. */
size_t field_size(enum field_type type);

/* Whether the bytes are well-formed UTF-8 (RFC 3629) without NUL. */
bool text_valid(struct str s);
/* Unicode characters (code points) of valid UTF-8. */
size_t text_length(struct str s);
/* Whether valid UTF-8 holds nothing but white space and characters without width. */
bool text_blank(struct str s);
/* Valid UTF-8 cut to at most `bytes` bytes, between two characters. */
struct str text_cut(struct str s, size_t bytes);

#endif
