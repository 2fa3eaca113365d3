#include "app/doctor.h"

#include "json/write.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void doctor_say(struct doctor *d, enum finding_level level, const char *check, const char *mend,
		const char *format, ...)
{
	struct finding *f = &d->v[d->n];
	va_list args;

	if (d->n == FINDINGS_MAX) {
		d->dropped++;
		return;
	}
	va_start(args, format);
	*f = (struct finding){ .level = level,
			       .check = check,
			       .text = arena_vprintf(&d->arena, format, args) };
	va_end(args);
	if (mend)
		f->mend = arena_str(&d->arena, str_of(mend));
	d->n++;
}

const char *doctor_text(struct doctor *d, const char *format, ...)
{
	struct str text;
	va_list args;

	va_start(args, format);
	text = arena_vprintf(&d->arena, format, args);
	va_end(args);
	return text.p;
}

size_t doctor_count(const struct doctor *d, enum finding_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->v[i].level == level;
	return n;
}

void doctor_free(struct doctor *d)
{
	arena_reset(&d->arena);
	d->n = 0;
}

static const char *level_name(enum finding_level level)
{
	static const char *const names[] = { "ok", "warning", "problem" };

	return names[level];
}

static size_t widest_check(const struct doctor *d)
{
	size_t widest = 0;

	for (size_t i = 0; i < d->n; i++)
		if (strlen(d->v[i].check) > widest)
			widest = strlen(d->v[i].check);
	return widest;
}

/* Texts come from libraries, settings and names in the database, too: a terminal gets no control character of theirs. */
static void add_plain(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		buf_add_char(out, (unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f ? ' ' : text.p[i]);
}

void doctor_print(const struct doctor *d, struct buf *out)
{
	int width = (int)widest_check(d);

	for (size_t i = 0; i < d->n; i++) {
		const struct finding *f = &d->v[i];

		buf_printf(out, "%-7s  %-*s  ", level_name(f->level), width, f->check);
		add_plain(out, f->text);
		buf_add_char(out, '\n');
		if (!f->mend.p)
			continue;
		buf_printf(out, "%-7s  %-*s  mend: ", "", width, "");
		add_plain(out, f->mend);
		buf_add_char(out, '\n');
	}
	if (d->dropped)
		buf_printf(out, "%zu more are not shown\n", d->dropped);
	buf_printf(out, "\nproblems: %zu, warnings: %zu\n", doctor_count(d, FINDING_PROBLEM),
		   doctor_count(d, FINDING_WARNING));
}

void doctor_print_json(const struct doctor *d, struct buf *out)
{
	struct json j = json_writer(out);

	json_object_begin(&j);
	json_key(&j, STR("problems"));
	json_int(&j, (int64_t)doctor_count(d, FINDING_PROBLEM));
	json_key(&j, STR("warnings"));
	json_int(&j, (int64_t)doctor_count(d, FINDING_WARNING));
	json_key(&j, STR("dropped"));
	json_int(&j, (int64_t)d->dropped);
	json_key(&j, STR("findings"));
	json_array_begin(&j);
	for (size_t i = 0; i < d->n; i++) {
		const struct finding *f = &d->v[i];

		json_object_begin(&j);
		json_key(&j, STR("level"));
		json_str(&j, str_of(level_name(f->level)));
		json_key(&j, STR("check"));
		json_str(&j, str_of(f->check));
		json_key(&j, STR("text"));
		json_str(&j, f->text);
		json_key(&j, STR("mend"));
		json_str(&j, f->mend);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	buf_add_char(out, '\n');
}
