/*
 * JSON out: a writer that appends to a buffer and places the commas itself. Nobody else writes JSON.
 *
 * Strings are escaped after RFC 8259, section 7; input is trusted to be UTF-8 (it was checked on the way in,
 * and PostgreSQL checks it again).
 */
#ifndef BUGD_JSON_WRITE_H
#define BUGD_JSON_WRITE_H

#include "base/buf.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

struct json {
	struct buf *out;
	bool comma; /* the next value needs one before it */
};

/* A name with its quotes and colon, escaped once: JSON_KEY("title") is "\"title\":". */
#define JSON_KEY(name) STR("\"" name "\":")

static inline struct json json_writer(struct buf *out)
{
	return (struct json){ .out = out, .comma = false };
}

void json_object_begin(struct json *j);
void json_object_end(struct json *j);
void json_array_begin(struct json *j);
void json_array_end(struct json *j);

/* The name of the next value. json_key_raw takes what JSON_KEY made and does not look at it. */
void json_key(struct json *j, struct str name);
void json_key_raw(struct json *j, struct str key);

void json_null(struct json *j);
void json_bool(struct json *j, bool v);
void json_int(struct json *j, int64_t v);
void json_double(struct json *j, double v);  /* shortest form that reads back the same; not finite: null */
void json_str(struct json *j, struct str v); /* absent: null */
void json_uuid(struct json *j, const struct uuid *v);
void json_timestamp(struct json *j, int64_t us);
void json_date(struct json *j, int32_t days);
/* A value that is JSON already (from PostgreSQL's json types); absent: null. */
void json_raw(struct json *j, struct str v);

#endif
