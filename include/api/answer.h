/* Answers: representations with ETag, conditional reads and sparse fields. */
#ifndef BUGD_API_ANSWER_H
#define BUGD_API_ANSWER_H

#include "api/handler.h"
#include "db/row.h"

/* The query of routes that answer with one resource. */
struct read_query {
	struct field_set given;
	struct field_values fields; /* names; none: all */
};
extern const struct shape read_query_shape;

/* The field `fields` for a query's table. */
#define FIELD_FIELDS(struct_type)                                                                            \
	{                                                                                                    \
		.name = "fields", .type = FIELD_TEXT, .flags = FIELD_REPEATED,                               \
		.offset = offsetof(struct_type, fields), .min = 1, .max = ROW_COLUMNS_MAX,                   \
		.doc = "Only these fields of the representation, separated by commas.",                      \
		.example = "id,title"                                                                        \
	}

/*
 * The row as the whole answer. A GET is conditional (If-None-Match: 304) and sparse (`fields`, which may have
 * no names). The ETag is "<version>-<hash of the body>", for rows without a version "<hash>". False: a name in
 * `fields` is not known, and the exchange has failed.
 */
bool answer_row(struct exchange *x, int status, const struct statement *st, const PGresult *r, int row,
		const struct field_values *fields) MUST_CHECK;

/* The bits of the named fields; all when there are none. False as above. */
bool answer_mask(struct exchange *x, const struct row_shape *shape, const struct field_values *fields,
		 uint64_t *mask) MUST_CHECK;

/*
 * Ends a GET whose body is written: a weak ETag of the body, and 304 when the client has it. `version` 0: none.
 */
void answer_conditional(struct exchange *x, int64_t version, bool weak);

/* Whether If-None-Match names this tag. */
bool answer_client_has(const struct exchange *x, struct str etag);

/* A Location header of the path and the id. */
void answer_location(struct exchange *x, const char *collection, const struct uuid *id);

#endif
