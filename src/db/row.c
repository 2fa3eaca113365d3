#include "db/row.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* Unsigned, as infinity is the greatest number there is. */
#define EPOCH_DAYS 10957u
#define EPOCH_US   (UINT64_C(10957) * 86400 * 1000000)

/* Types with a format of their own (src/include/catalog/pg_type.dat); all others are sent as their text. */
enum {
	OID_BOOL = 16,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_JSON = 114,
	OID_FLOAT8 = 701,
	OID_DATE = 1082,
	OID_TIMESTAMPTZ = 1184,
	OID_UUID = 2950,
	OID_UUID_ARRAY = 2951,
	OID_JSONB = 3802,
};

int row_column(const PGresult *r, const char *name)
{
	return PQfnumber(r, name);
}

static uint64_t get_u64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static uint32_t get_u32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

static struct str value(const PGresult *r, int row, int column)
{
	size_t n = (size_t)PQgetlength(r, row, column);

	/* Each question costs a call; what has a length is not NULL. */
	if (n == 0 && PQgetisnull(r, row, column))
		return STR_NONE;
	return (struct str){ PQgetvalue(r, row, column), n };
}

bool row_is_null(const PGresult *r, int row, int column)
{
	return PQgetisnull(r, row, column) != 0;
}

struct str row_text(const PGresult *r, int row, int column)
{
	struct str v = value(r, row, column);

	if (v.p && v.n && PQftype(r, column) == OID_JSONB) {
		v.p++; /* the version of the format */
		v.n--;
	}
	return v;
}

struct uuid row_uuid(const PGresult *r, int row, int column)
{
	struct str v = value(r, row, column);
	struct uuid u = { { 0 } };

	if (v.n == sizeof(u.b))
		memcpy(u.b, v.p, sizeof(u.b));
	return u;
}

static int64_t get_int(struct str v)
{
	uint16_t small;

	switch (v.n) {
	case 2:
		memcpy(&small, v.p, sizeof(small));
		return (int16_t)ntohs(small);
	case 4:
		return (int32_t)get_u32(v.p);
	case 8:
		return (int64_t)get_u64(v.p);
	default:
		return 0;
	}
}

int64_t row_int(const PGresult *r, int row, int column)
{
	return get_int(value(r, row, column));
}

bool row_bool(const PGresult *r, int row, int column)
{
	struct str v = value(r, row, column);

	return v.n == 1 && v.p[0];
}

double row_double(const PGresult *r, int row, int column)
{
	struct str v = value(r, row, column);
	uint64_t bits = v.n == 8 ? get_u64(v.p) : 0;
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

int64_t row_timestamp(const PGresult *r, int row, int column)
{
	struct str v = value(r, row, column);

	return v.n == 8 ? (int64_t)(get_u64(v.p) + EPOCH_US) : 0;
}

int32_t row_date(const PGresult *r, int row, int column)
{
	struct str v = value(r, row, column);

	return v.n == 4 ? (int32_t)(get_u32(v.p) + EPOCH_DAYS) : 0;
}

/* An array of one dimension: three numbers, its length, its lower bound, then each item behind its own length. */
#define ARRAY_HEAD 20u
#define ARRAY_UUID (4u + sizeof(struct uuid))

size_t row_uuid_count(const PGresult *r, int row, int column)
{
	struct str v = value(r, row, column);
	size_t n = v.n >= ARRAY_HEAD ? get_u32(v.p + 12) : 0;

	return n * ARRAY_UUID + ARRAY_HEAD <= v.n ? n : 0;
}

struct uuid row_uuid_at(const PGresult *r, int row, int column, size_t i)
{
	const char *items = value(r, row, column).p;
	struct uuid u = { 0 };

	if (items)
		memcpy(u.b, items + ARRAY_HEAD + i * ARRAY_UUID + 4, sizeof(u.b));
	return u;
}

size_t row_text_count(const PGresult *r, int row, int column)
{
	struct str v = value(r, row, column);

	return v.n >= ARRAY_HEAD ? get_u32(v.p + 12) : 0;
}

struct str row_text_at(const PGresult *r, int row, int column, size_t i)
{
	const char *p = value(r, row, column).p;

	if (!p)
		return STR_NONE;
	p += ARRAY_HEAD;
	while (i-- > 0)
		p += 4 + (get_u32(p) == UINT32_MAX ? 0 : get_u32(p));
	return get_u32(p) == UINT32_MAX ? STR_NONE : (struct str){ p + 4, get_u32(p) };
}

static struct str make_key(const char *name)
{
	struct buf b = { 0 };
	struct json j = json_writer(&b);

	json_key(&j, str_of(name));
	return buf_str(&b);
}

struct kept_shape {
	struct kept_shape *next;
	const void *statement;
	struct row_shape shape;
};

/* Few statements have many columns, and the same few are asked for again: a short hash table of lists. */
#define BUCKETS 64
static struct kept_shape *kept[BUCKETS];

static struct kept_shape **bucket_of(const void *statement)
{
	uintptr_t h = (uintptr_t)statement;

	return &kept[(h >> 4 ^ h >> 10) % BUCKETS];
}

static void shape_free_keys(struct row_shape *s)
{
	for (int i = 0; i < s->count; i++)
		free((void *)(uintptr_t)s->key[i].p);
}

static void shape_fill(struct row_shape *s, const PGresult *r)
{
	*s = (struct row_shape){ .count = PQnfields(r), .version_column = row_column(r, "version") };
	if (s->count > ROW_COLUMNS_MAX)
		s->count = ROW_COLUMNS_MAX;
	for (int i = 0; i < s->count; i++) {
		const char *name = PQfname(r, i);

		s->oid[i] = PQftype(r, i);
		if (name[0] == '_')
			continue;
		s->key[i] = make_key(name);
		s->written |= UINT64_C(1) << i;
	}
}

static bool shape_fits(const struct row_shape *s, const PGresult *r)
{
	int n = PQnfields(r);

	if (n != s->count)
		return false;
	for (int i = 0; i < n; i++) {
		if (s->oid[i] != PQftype(r, i))
			return false;
	}
	return true;
}

const struct row_shape *row_shape(const void *statement, const PGresult *r)
{
	struct kept_shape **bucket = bucket_of(statement);
	struct kept_shape *k = *bucket;

	while (k && k->statement != statement)
		k = k->next;
	if (k && shape_fits(&k->shape, r))
		return &k->shape;
	if (!k) {
		k = mem_zalloc(1, sizeof(*k));
		k->statement = statement;
		k->next = *bucket;
		*bucket = k;
	}
	shape_free_keys(&k->shape);
	shape_fill(&k->shape, r);
	return &k->shape;
}

uint64_t row_field(const struct row_shape *s, struct str name)
{
	for (int i = 0; i < s->count; i++) {
		struct str key = s->key[i];

		if (key.p && key.n == name.n + 3 && memcmp(key.p + 1, name.p, name.n) == 0)
			return UINT64_C(1) << i;
	}
	return 0;
}

static void write_uuids(struct json *j, struct str v)
{
	uint32_t n = v.n >= 20 ? get_u32(v.p + 12) : 0;

	json_array_begin(j);
	for (uint32_t i = 0; i < n && v.n >= 20 + (i + 1) * 20u; i++)
		json_uuid(j, (const struct uuid *)(const void *)(v.p + 20 + i * 20u + 4));
	json_array_end(j);
}

static void write_value(struct json *j, unsigned oid, struct str v)
{
	double d;
	uint64_t bits;

	if (!v.p) {
		json_null(j);
		return;
	}
	switch (oid) {
	case OID_UUID:
		json_uuid(j, (const struct uuid *)(const void *)v.p);
		break;
	case OID_BOOL:
		json_bool(j, v.p[0] != 0);
		break;
	case OID_INT2:
	case OID_INT4:
	case OID_INT8:
		json_int(j, get_int(v));
		break;
	case OID_FLOAT8:
		bits = get_u64(v.p);
		memcpy(&d, &bits, sizeof(d));
		json_double(j, d);
		break;
	case OID_TIMESTAMPTZ:
		json_timestamp(j, (int64_t)(get_u64(v.p) + EPOCH_US));
		break;
	case OID_DATE:
		json_date(j, (int32_t)(get_u32(v.p) + EPOCH_DAYS));
		break;
	case OID_JSON:
		json_raw(j, v);
		break;
	case OID_JSONB:
		json_raw(j, (struct str){ v.p + 1, v.n - 1 });
		break;
	case OID_UUID_ARRAY:
		write_uuids(j, v);
		break;
	default:
		json_str(j, v);
	}
}

void row_write_fields(struct json *j, const struct row_shape *s, const PGresult *r, int row, uint64_t mask)
{
	mask &= s->written;
	for (int i = 0; i < s->count; i++) {
		if (!(mask >> i & 1))
			continue;
		json_key_raw(j, s->key[i]);
		write_value(j, s->oid[i], value(r, row, i));
	}
}

void row_write(struct json *j, const struct row_shape *s, const PGresult *r, int row, uint64_t mask)
{
	json_object_begin(j);
	row_write_fields(j, s, r, row, mask);
	json_object_end(j);
}

void row_stop(void)
{
	for (int i = 0; i < BUCKETS; i++) {
		while (kept[i]) {
			struct kept_shape *k = kept[i];

			kept[i] = k->next;
			shape_free_keys(&k->shape);
			free(k);
		}
	}
}
