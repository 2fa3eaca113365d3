#include "app/setting.h"

#include <inttypes.h>
#include <string.h>

/* A suffix that multiplies the number before it. Tables are ordered from small to large. */
struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit duration_units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 }, { "h", 60 * 60 * 1000 }, { NULL, 0 },
};

static const struct unit size_units[] = {
	{ "B", 1 }, { "KiB", 1024 }, { "MiB", 1024 * 1024 }, { "GiB", 1024 * 1024 * 1024 }, { NULL, 0 },
};

static const struct {
	const char *word;
	bool value;
} switch_words[] = {
	{ "true", true },   { "on", true },   { "yes", true }, { "1", true },
	{ "false", false }, { "off", false }, { "no", false }, { "0", false },
};

static bool within(const struct setting *s, uint64_t v)
{
	return v >= s->low && v <= s->high;
}

/*
 * Digits, and behind them one of the units; without a unit, or with units NULL, the number is taken as it is.
 */
static bool read_number(const char *text, const struct unit *units, uint64_t *out)
{
	size_t digits = strspn(text, "0123456789");
	int64_t n;

	if (!str_to_i64((struct str){ text, digits }, &n))
		return false;
	*out = (uint64_t)n;
	if (!text[digits])
		return true;
	for (const struct unit *u = units; u && u->name; u++)
		if (str_ieq_z(str_of(text + digits), u->name))
			return !__builtin_mul_overflow((uint64_t)n, u->factor, out);
	return false;
}

static bool read_switch(const char *text, bool *out)
{
	for (size_t i = 0; i < sizeof(switch_words) / sizeof(*switch_words); i++) {
		if (str_ieq_z(str_of(text), switch_words[i].word)) {
			*out = switch_words[i].value;
			return true;
		}
	}
	return false;
}

static bool read_choice(const struct setting *s, const char *text, int *out)
{
	struct str rest = str_of(s->choices);

	for (int place = 0; rest.p; place++) {
		if (str_eq_z(str_cut(&rest, '|'), text)) {
			*out = place;
			return true;
		}
	}
	return false;
}

static bool read_bounded(const struct setting *s, const char *text, const struct unit *units, uint64_t *out)
{
	uint64_t v;

	if (!read_number(text, units, &v) || !within(s, v))
		return false;
	*out = v;
	return true;
}

bool setting_read(const struct setting *s, const char *text, void *config)
{
	void *field = (char *)config + s->offset;
	uint64_t number;

	switch (s->kind) {
	case SETTING_TEXT:
	case SETTING_SECRET:
		if (!within(s, strlen(text)))
			return false;
		*(const char **)field = text;
		return true;
	case SETTING_NUMBER:
		if (!read_bounded(s, text, NULL, &number))
			return false;
		*(unsigned *)field = (unsigned)number;
		return true;
	case SETTING_DURATION:
		return read_bounded(s, text, duration_units, field);
	case SETTING_SIZE:
		return read_bounded(s, text, size_units, field);
	case SETTING_SWITCH:
		return read_switch(text, field);
	case SETTING_CHOICE:
		return read_choice(s, text, field);
	}
	return false;
}

/* Writes a value in the largest unit that gives a whole number. */
static void add_with_unit(struct buf *out, uint64_t v, const struct unit *units)
{
	const struct unit *best = units;

	for (const struct unit *u = units; u->name; u++)
		if (v && v % u->factor == 0)
			best = u;
	buf_add_u64(out, v / best->factor);
	buf_add_str(out, str_of(best->name));
}

static void add_range(const struct setting *s, struct buf *out, const char *what, const struct unit *units)
{
	buf_printf(out, "%s from ", what);
	add_with_unit(out, s->low, units);
	buf_add_lit(out, " to ");
	add_with_unit(out, s->high, units);
}

void setting_expected(const struct setting *s, struct buf *out)
{
	switch (s->kind) {
	case SETTING_TEXT:
	case SETTING_SECRET:
		buf_printf(out, "a text of %" PRIu64 " to %" PRIu64 " bytes", s->low, s->high);
		break;
	case SETTING_NUMBER:
		buf_printf(out, "a whole number from %" PRIu64 " to %" PRIu64, s->low, s->high);
		break;
	case SETTING_DURATION:
		add_range(s, out, "a duration (500ms, 10s, 5m; 500 is 500ms)", duration_units);
		break;
	case SETTING_SIZE:
		add_range(s, out, "a size (512B, 16KiB, 1MiB)", size_units);
		break;
	case SETTING_SWITCH:
		buf_add_lit(out, "true or false (also on, off, yes, no, 1, 0)");
		break;
	case SETTING_CHOICE:
		buf_add_lit(out, "one of ");
		for (const char *p = s->choices; *p; p++)
			buf_add_str(out, *p == '|' ? STR(", ") : (struct str){ p, 1 });
		break;
	}
}
