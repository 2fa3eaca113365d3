#include "app/config.h"

#include "app/config_adopt.h"
#include "app/config_check.h"
#include "app/env_file.h"
#include "app/file.h"
#include "json/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct setting config_settings[] = {
#define SETTING_ROW(kind_, field_, name_, standard_, allowed, doc_)                                          \
	{ .kind = SETTING_##kind_,                                                                           \
	  .name = name_,                                                                                     \
	  .standard = standard_,                                                                             \
	  allowed,                                                                                           \
	  .doc = doc_,                                                                                       \
	  .offset = offsetof(struct config, field_) },
	SETTING_TABLE(SETTING_ROW)
#undef SETTING_ROW
};

const size_t config_setting_count = sizeof(config_settings) / sizeof(*config_settings);

#define SETTING_NAME_MAX 64
#define SETTING_FILE_MAX 65536

/* Where values come from, and where what is found is told. */
struct reading {
	struct config *config;
	struct config_report *report;
	const char *path;             /* of the .env file */
	const struct config *running; /* NULL at the start */
	struct env_file file;
};

/* A value and where it stands. */
struct given {
	const char *value; /* NULL: nowhere */
	int line;          /* of the .env file; 0: in the environment */
};

static struct given lookup(const struct reading *r, const char *name, bool in_file)
{
	const struct env_entry *e = in_file ? env_file_find(&r->file, name) : NULL;
	const char *value = in_file ? (e ? e->value : NULL) : getenv(name);

	return (struct given){ .value = value && *value ? value : NULL, .line = e ? e->line : 0 };
}

/* Begins a line of the report: "PORT (.env, line 3): ". */
static struct buf *complain(const struct reading *r, const char *name, const struct given *g)
{
	struct buf *out = &r->report->errors;

	buf_add_str(out, str_of(name));
	if (g->line)
		buf_printf(out, " (%s, line %d)", r->path, g->line);
	buf_add_lit(out, ": ");
	return out;
}

/* The length without the line's end. */
static size_t cut_line_end(struct str s)
{
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return s.n;
}

/* The content of the file that NAME_FILE names, without the line's end. */
static bool read_secret_file(struct reading *r, const struct setting *s, const char *name, struct given *g)
{
	struct str content;
	char error[FILE_ERROR_MAX];

	if (r->running && file_is_stream(g->value)) {
		g->value = *(const char *const *)((const char *)r->running + s->offset);
		return true;
	}
	if (!file_read(g->value, SETTING_FILE_MAX, &r->config->arena, &content, error)) {
		buf_printf(complain(r, name, g), "%s\n", error);
		return false;
	}
	if (memchr(content.p, '\0', content.n)) {
		buf_printf(complain(r, name, g), "%s holds a NUL byte; expected a text\n", g->value);
		return false;
	}
	content.n = cut_line_end(content);
	g->value = secret_copy(&r->config->arena, content);
	return true;
}

/* One setting in one place, the environment or the file. False: it is there, but wrong. */
static bool find_in(struct reading *r, const struct setting *s, bool in_file, struct given *out)
{
	char name[SETTING_NAME_MAX + sizeof("_FILE")];
	struct given by_file;

	*out = lookup(r, s->name, in_file);
	if (s->kind != SETTING_SECRET)
		return true;
	snprintf(name, sizeof(name), "%s_FILE", s->name);
	by_file = lookup(r, name, in_file);
	if (!by_file.value)
		return true;
	if (out->value) {
		buf_printf(complain(r, s->name, out), "%s is given, too; expected one of the two\n", name);
		return false;
	}
	*out = by_file;
	return read_secret_file(r, s, name, out);
}

static void refuse(struct reading *r, const struct setting *s, const struct given *g)
{
	struct buf *out = complain(r, s->name, g);

	if (s->kind == SETTING_SECRET)
		buf_printf(out, "its value of %zu bytes is not allowed; expected ", strlen(g->value));
	else
		buf_printf(out, "\"%s\" is not allowed; expected ", g->value);
	setting_expected(s, out);
	buf_add_char(out, '\n');
}

static void read_setting(struct reading *r, const struct setting *s)
{
	struct given g;

	if (s->standard)
		setting_read(s, s->standard, r->config);
	if (!find_in(r, s, false, &g) || (!g.value && !find_in(r, s, true, &g)) || !g.value)
		return;
	/* The environment may change. */
	if (s->kind == SETTING_TEXT || s->kind == SETTING_SECRET)
		g.value = secret_copy(&r->config->arena, str_of(g.value));
	if (!setting_read(s, g.value, r->config))
		refuse(r, s, &g);
}

const struct setting *config_find(struct str name)
{
	for (size_t i = 0; i < config_setting_count; i++)
		if (str_eq_z(name, config_settings[i].name))
			return &config_settings[i];
	return NULL;
}

const struct setting *config_nearest(struct str name)
{
	struct suggestion meant = suggest_for(name);

	for (size_t i = 0; i < config_setting_count; i++)
		suggest_consider(&meant, config_settings[i].name);
	return config_find(str_of(meant.best));
}

bool config_knows(struct str name)
{
	static const struct str suffix = STR_INIT("_FILE");
	const struct setting *s = config_find(name);

	if (s || name.n <= suffix.n || memcmp(name.p + name.n - suffix.n, suffix.p, suffix.n) != 0)
		return s != NULL;
	s = config_find((struct str){ name.p, name.n - suffix.n });
	return s && s->kind == SETTING_SECRET;
}

/* The file may serve other programs, too; so only a name that is nearly one of ours is worth a word. */
static void warn_of_misspelt(const struct reading *r)
{
	for (size_t i = 0; i < r->file.n; i++) {
		const struct env_entry *e = &r->file.v[i];
		const struct setting *meant =
			config_knows(str_of(e->name)) ? NULL : config_nearest(str_of(e->name));

		if (meant)
			buf_printf(&r->report->warnings, "%s, line %d: bugd knows no %s; is %s meant?\n",
				   r->path, e->line, e->name, meant->name);
	}
}

static void read_env_file(struct reading *r, const char *path)
{
	struct buf *errors = &r->report->errors;
	struct str text;
	char error[FILE_ERROR_MAX];

	r->path = path ? path : ".env";
	if (!path && !file_exists(r->path))
		return;
	if (r->running && file_is_stream(r->path)) {
		buf_printf(errors, "%s is no regular file, which alone can be read again\n", r->path);
		return;
	}
	if (!file_read(r->path, MIB(1), &r->config->arena, &text, error)) {
		buf_printf(errors, "%s\n", error);
		return;
	}
	env_file_parse(text, r->path, &r->config->arena, &r->file, errors);
}

static bool load(struct reading *r, const char *env_file, unsigned needs)
{
	struct config *c = r->config;
	struct config_report *report = r->report;

	*c = (struct config){ 0 };
	*report = (struct config_report){ 0 };
	read_env_file(r, env_file);
	for (size_t i = 0; i < config_setting_count; i++)
		read_setting(r, &config_settings[i]);
	warn_of_misspelt(r);
	/* What the values must have in common is worth a look only when each for itself is right. */
	if (report->errors.n == 0)
		config_check(c, needs, &report->errors);
	return report->errors.n == 0;
}

bool config_load(struct config *c, const char *env_file, unsigned needs, struct config_report *report)
{
	struct reading r = { .config = c, .report = report };

	return load(&r, env_file, needs);
}

bool config_load_again(struct config *fresh, const struct config *running, const char *env_file,
		       unsigned needs, struct config_report *report)
{
	struct reading r = { .config = fresh, .report = report, .running = running };

	return load(&r, env_file, needs);
}

void config_free(struct config *c)
{
	arena_reset(&c->arena);
	arena_reset(&c->live);
	*c = (struct config){ 0 };
}

void config_report_free(struct config_report *report)
{
	buf_free(&report->errors);
	buf_free(&report->warnings);
}
