#include "db/statement.h"

#include <arpa/inet.h>
#include <endian.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* PostgreSQL counts from 2000-01-01. */
#define EPOCH_DAYS 10957u
#define EPOCH_US   (UINT64_C(10957) * 86400 * 1000000)

#define OID_UUID 2950
#define OID_TEXT 25

unsigned db_type_oid(enum db_type type)
{
	static const unsigned oids[DB_TYPE_COUNT] = {
		[DB_UUID] = OID_UUID,   [DB_TEXT] = OID_TEXT,   [DB_JSONB] = 3802, [DB_INT4] = 23,
		[DB_INT8] = 20,         [DB_BOOL] = 16,         [DB_DATE] = 1082,  [DB_TIMESTAMPTZ] = 1184,
		[DB_UUID_ARRAY] = 2951, [DB_TEXT_ARRAY] = 1009, [DB_BYTEA] = 17,   [DB_BOOL_ARRAY] = 1000,
	};

	return oids[type];
}

static char *put_u32(char *out, uint32_t v)
{
	v = htonl(v);
	memcpy(out, &v, sizeof(v));
	return out + sizeof(v);
}

static char *put_u64(char *out, uint64_t v)
{
	v = htobe64(v);
	memcpy(out, &v, sizeof(v));
	return out + sizeof(v);
}

/* Makes room for the value's n bytes and records them as the next value. */
static char *value_room(struct db_values *out, struct arena *arena, size_t n)
{
	char *p = arena_alloc(arena, n ? n : 1);

	if (n > INT_MAX)
		abort(); /* far beyond what a request may hold */
	out->value[out->count] = p;
	out->length[out->count++] = (int)n;
	return p;
}

static void value_null(struct db_values *out)
{
	out->value[out->count] = NULL;
	out->length[out->count++] = 0;
}

/* One dimension, no NULLs (src/backend/utils/adt/arrayfuncs.c, array_send). */
static void encode_array(const struct db_array *array, bool uuids, struct arena *arena, struct db_values *out)
{
	const struct uuid *ids = array->v;
	const struct str *texts = array->v;
	size_t bytes = 20;
	char *at;

	for (size_t i = 0; i < array->n; i++)
		bytes += 4 + (uuids ? sizeof(struct uuid) : texts[i].n);
	at = value_room(out, arena, array->n ? bytes : 12);
	at = put_u32(at, array->n ? 1 : 0);
	at = put_u32(at, 0);
	at = put_u32(at, uuids ? OID_UUID : OID_TEXT);
	if (array->n == 0)
		return;
	at = put_u32(at, (uint32_t)array->n);
	at = put_u32(at, 1);
	for (size_t i = 0; i < array->n; i++) {
		const void *from = uuids ? (const void *)ids[i].b : (const void *)texts[i].p;
		size_t n = uuids ? sizeof(struct uuid) : texts[i].n;

		at = put_u32(at, (uint32_t)n);
		if (n)
			memcpy(at, from, n);
		at += n;
	}
}

static void encode_text(struct str text, bool jsonb, struct arena *arena, struct db_values *out)
{
	char *at;

	if (!text.p) {
		value_null(out);
		return;
	}
	at = value_room(out, arena, text.n + jsonb);
	if (jsonb)
		*at++ = 1; /* the version of jsonb's binary format */
	if (text.n)
		memcpy(at, text.p, text.n);
}

void statement_encode(const struct statement_arg *arg, const void *args, struct arena *arena,
		      struct db_values *out)
{
	const void *at = (const char *)args + arg->offset;

	if (arg->type == DB_TEXT || arg->type == DB_JSONB || arg->type == DB_BYTEA) {
		encode_text(*(const struct str *)at, arg->type == DB_JSONB, arena, out);
		return;
	}
	/* What may be NULL is given by a pointer. */
	if (arg->nullable && !(at = *(const void *const *)at)) {
		value_null(out);
		return;
	}
	switch (arg->type) {
	case DB_UUID:
		memcpy(value_room(out, arena, sizeof(struct uuid)), at, sizeof(struct uuid));
		break;
	case DB_INT4:
		put_u32(value_room(out, arena, 4), (uint32_t) * (const int32_t *)at);
		break;
	case DB_INT8:
		put_u64(value_room(out, arena, 8), (uint64_t) * (const int64_t *)at);
		break;
	case DB_BOOL:
		*value_room(out, arena, 1) = *(const bool *)at;
		break;
	case DB_DATE:
		put_u32(value_room(out, arena, 4), (uint32_t) * (const int32_t *)at - EPOCH_DAYS);
		break;
	case DB_TIMESTAMPTZ:
		put_u64(value_room(out, arena, 8), (uint64_t) * (const int64_t *)at - EPOCH_US);
		break;
	case DB_UUID_ARRAY:
	case DB_TEXT_ARRAY:
		encode_array(at, arg->type == DB_UUID_ARRAY, arena, out);
		break;
	case DB_TEXT:
	case DB_JSONB:
	case DB_BYTEA:
	case DB_BOOL_ARRAY:
	case DB_TYPE_COUNT:
		break;
	}
}
