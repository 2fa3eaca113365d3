#include "api/import_row.h"

#include "api/issue_shape.h"
#include "domain/csv_cell.h"
#include "json/write.h"

#include <arpa/inet.h>
#include <string.h>

/* Bytes of a cell that an error shows. */
#define SHOWN_MAX 200u

#define OID_TEXT 25u

static const struct field assignee_field = { .name = "assignee", .type = FIELD_EMAIL };
static const struct field project_field = { .name = "project", .type = FIELD_REF };
static const struct field external_id_field = { .name = "external_id",
						.type = FIELD_TEXT,
						.flags = FIELD_NOT_BLANK | FIELD_SINGLE_LINE,
						.min = 1,
						.max = 255 };
static const struct field label_field = {
	.name = "labels", .type = FIELD_TEXT, .flags = FIELD_SINGLE_LINE, .min = 1, .max = 255
};

static const struct field *of_shape(const struct shape *s, const char *name)
{
	return &s->fields[shape_find(s, str_of(name))];
}

static const struct field *field_of(enum csv_column column)
{
	switch (column) {
	case CSV_ASSIGNEE:
		return &assignee_field;
	case CSV_PROJECT:
		return &project_field;
	case CSV_EXTERNAL_ID:
		return &external_id_field;
	case CSV_LABELS:
		return &label_field;
	case CSV_STATUS:
		return of_shape(&issue_patch_shape, "status");
	default:
		return of_shape(&issue_create_shape, csv_column_names[column]);
	}
}

/* ---- binary ---- */

static void put_u16(struct buf *out, uint16_t v)
{
	v = htons(v);
	buf_add(out, &v, sizeof(v));
}

static void put_u32(struct buf *out, uint32_t v)
{
	v = htonl(v);
	buf_add(out, &v, sizeof(v));
}

static void put_text(struct buf *out, struct str s)
{
	put_u32(out, s.p ? (uint32_t)s.n : UINT32_MAX);
	if (s.p)
		buf_add_str(out, s);
}

static void put_uuid(struct buf *out)
{
	struct uuid id = uuid_v7();

	put_text(out, (struct str){ (const char *)id.b, sizeof(id.b) });
}

/* ---- what is wrong with a row ---- */

/* Text that PostgreSQL takes: what is not UTF-8 is shown as U+FFFD. */
static struct str shown(struct import_rows *rows, struct str s)
{
	struct buf *b = &rows->scratch;

	if (text_valid(s))
		return s;
	b->n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] > 0)
			buf_add_char(b, s.p[i]);
		else
			buf_add_lit(b, "\xef\xbf\xbd");
	}
	return arena_str(&rows->arena, buf_str(b));
}

static struct str beginning(struct import_rows *rows, struct str s)
{
	struct str head = { s.p, s.n < SHOWN_MAX ? s.n : SHOWN_MAX };

	/* The cut may have gone through a character. */
	if (s.n > SHOWN_MAX && text_valid(s))
		return text_cut(s, SHOWN_MAX);
	return shown(rows, head);
}

/* The one whose name the error's path has; of the row as a whole there is none. */
static struct str cell_named(const struct csv_row *row, struct str name)
{
	for (int i = 0; i < CSV_READ_COUNT; i++) {
		if (str_eq_z(name, csv_column_names[i]))
			return row->cell[i];
	}
	return STR_NONE;
}

static struct str write_errors(struct import_rows *rows, const struct csv_row *row,
			       const struct field_errors *errors)
{
	struct buf b = { 0 };
	struct json j = json_writer(&b);
	struct str text;

	json_array_begin(&j);
	for (const struct field_error *e = errors->first; e; e = e->next) {
		struct str cell = cell_named(row, e->field);

		json_object_begin(&j);
		json_key_raw(&j, JSON_KEY("field"));
		json_str(&j, e->field);
		json_key_raw(&j, JSON_KEY("code"));
		json_str(&j, str_of(e->code));
		json_key_raw(&j, JSON_KEY("error"));
		json_str(&j, e->detail);
		json_key_raw(&j, JSON_KEY("value"));
		json_str(&j, cell.p ? beginning(rows, cell) : STR_NONE);
		json_object_end(&j);
	}
	json_array_end(&j);
	text = arena_str(&rows->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

static struct str write_cells(struct import_rows *rows, const struct csv_row *row)
{
	struct buf b = { 0 };
	struct json j = json_writer(&b);
	struct str text;

	json_object_begin(&j);
	for (int i = 0; i < CSV_READ_COUNT; i++) {
		if (!csv_reader_has(rows->reader, (enum csv_column)i))
			continue;
		json_key(&j, str_of(csv_column_names[i]));
		json_str(&j, row->cell[i].p ? shown(rows, row->cell[i]) : STR(""));
	}
	json_object_end(&j);
	text = arena_str(&rows->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

/* ---- checking ---- */

/* Of texts the spaces count. */
static bool is_free_text(enum csv_column column)
{
	return column == CSV_TITLE || column == CSV_DESCRIPTION || column == CSV_EXTERNAL_ID;
}

static struct str check_cell(const struct csv_row *row, enum csv_column column, struct field_errors *errors)
{
	const struct field *f = field_of(column);
	struct str cell = csv_restored(row->cell[column]), name = str_of(f->name);
	union {
		struct str text;
		struct uuid id;
		int64_t number;
		int32_t day;
	} out = { .text = STR_NONE };

	if (!is_free_text(column))
		cell = str_trim(cell);
	if (cell.n == 0 && !(f->flags & FIELD_REQUIRED))
		return STR_NONE;
	if (row->cut[column]) {
		field_error_add(errors, name, "too_long", STR("Is far too long"));
		return STR_NONE;
	}
	if (!field_check_text(f, cell, name, &out, errors))
		return STR_NONE;
	return column == CSV_ASSIGNEE ? out.text : cell;
}

/* The names as text[]; absent when there are none. */
static struct str check_labels(struct import_rows *rows, const struct csv_row *row,
			       struct field_errors *errors)
{
	struct str rest = csv_restored(row->cell[CSV_LABELS]), name, out;
	struct buf *array = &rows->labels;
	uint32_t n = 0;

	if (rest.n == 0 || row->cut[CSV_LABELS] || !text_valid(rest)) {
		check_cell(row, CSV_LABELS, errors);
		return STR_NONE;
	}
	array->n = 0;
	put_u32(array, 1); /* dimensions */
	put_u32(array, 0); /* no NULL among them */
	put_u32(array, OID_TEXT);
	put_u32(array, 0); /* how many: below */
	put_u32(array, 1); /* the lower bound */
	while (csv_next_label(&rest, &rows->scratch)) {
		name = buf_str(&rows->scratch);
		if (!field_check_text(&label_field, name, STR("labels"), &out, errors))
			return STR_NONE;
		put_text(array, name);
		n++;
	}
	if (n > IMPORT_LABELS_MAX)
		field_error_add(errors, STR("labels"), "too_many", STR("At most 100 labels"));
	n = htonl(n);
	memcpy(array->p + 12, &n, sizeof(n));
	return n ? buf_str(array) : STR_NONE;
}

static void check_width(struct import_rows *rows, const struct csv_row *row, struct field_errors *errors)
{
	if (row->cells > row->expected)
		field_error_add(errors, STR("row"), "too_many_cells",
				arena_printf(&rows->arena, "Has %zu cells below %zu columns", row->cells,
					     row->expected));
}

void import_rows_add(void *arg, const struct csv_row *row)
{
	static const enum csv_column order[] = { CSV_TITLE,  CSV_DESCRIPTION, CSV_TYPE,
						 CSV_STATUS, CSV_PRIORITY,    CSV_ASSIGNEE };
	static const enum csv_column behind_labels[] = { CSV_DUE_DATE, CSV_PROJECT, CSV_EXTERNAL_ID };
	struct import_rows *rows = arg;
	struct field_errors errors = { .arena = &rows->arena };
	struct buf *out = &rows->out;

	put_u16(out, 15);
	put_u32(out, sizeof(uint32_t));
	put_u32(out, row->number);
	put_uuid(out);
	put_uuid(out);
	check_width(rows, row, &errors);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		put_text(out, check_cell(row, order[i], &errors));
	put_text(out, check_labels(rows, row, &errors));
	for (size_t i = 0; i < sizeof(behind_labels) / sizeof(*behind_labels); i++)
		put_text(out, check_cell(row, behind_labels[i], &errors));
	put_text(out, errors.first ? write_errors(rows, row, &errors) : STR_NONE);
	put_text(out, errors.first ? write_cells(rows, row) : STR_NONE);
	rows->last = row->number;
	if (rows->arena.total)
		arena_reset(&rows->arena);
}

void import_rows_init(struct import_rows *rows)
{
	*rows = (struct import_rows){ 0 };
	buf_add(&rows->out, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0",
		19); /* PostgreSQL manual, COPY, "Binary Format" */
}

void import_rows_end(struct import_rows *rows)
{
	put_u16(&rows->out, UINT16_MAX);
}

void import_rows_free(struct import_rows *rows)
{
	buf_free(&rows->out);
	buf_free(&rows->scratch);
	buf_free(&rows->labels);
	arena_reset(&rows->arena);
}
