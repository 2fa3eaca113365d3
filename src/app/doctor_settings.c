/* The settings: what config_load found, names that nobody reads, secrets and the files that hold them. */
#include "app/doctor_judge.h"
#include "app/env_file.h"
#include "app/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_MAX_BYTES 96

/* A line of the report ends with what was expected: that is how to mend it. */
static void say_line(struct doctor *d, enum finding_level level, struct str line)
{
	static const char expected[] = "; expected ", meant[] = "; is ";
	const char *text = arena_str(&d->arena, line).p, *at = strstr(text, expected);

	if (at)
		doctor_say(d, level, "settings", doctor_text(d, "set it to %s", at + sizeof(expected) - 1),
			   "%.*s", (int)(at - text), text);
	else if (strstr(text, meant))
		doctor_say(d, level, "settings", "write the name as it is meant, or remove the line", "%s",
			   text);
	else
		doctor_say(d, level, "settings",
			   "`bugd serve --help` lists every setting and what is allowed", "%s", text);
}

static void say_lines(struct doctor *d, enum finding_level level, const struct buf *lines)
{
	struct str rest = buf_str(lines);

	while (rest.n)
		say_line(d, level, str_cut(&rest, '\n'));
}

void doctor_settings(struct doctor *d, const struct config *c, const struct config_report *report, bool right)
{
	say_lines(d, FINDING_PROBLEM, &report->errors);
	say_lines(d, FINDING_WARNING, &report->warnings);
	if (!right)
		return;
	doctor_say(d, FINDING_OK, "settings", NULL, "all %zu are allowed", config_setting_count);
	judge_fronts(d, c);
}

/* Names that are nearly a setting's are in the report already. */
static void look_for_strangers(struct doctor *d, const struct env_file *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++) {
		struct str name = str_of(f->v[i].name);

		if (!config_knows(name) && !config_nearest(name))
			doctor_say(d, FINDING_WARNING, "settings",
				   "remove it, unless another program reads this file, too",
				   "%s, line %d: bugd knows no %s", path, f->v[i].line, f->v[i].name);
	}
}

static bool read_entries(struct doctor *d, const char *path, struct env_file *out)
{
	char error[FILE_ERROR_MAX];
	struct buf errors = { 0 };
	struct str text;
	bool read = file_read(path, MIB(1), &d->arena, &text, error) &&
		    env_file_parse(text, path, &d->arena, out, &errors);

	/* What is wrong with the file was reported when the settings were read. */
	buf_free(&errors);
	return read;
}

static void look_at_file(struct doctor *d, const char *name, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		judge_secret_file(d, name, path, st.st_mode);
}

static const char *value_of(const struct env_file *f, const char *name)
{
	const char *value = getenv(name);
	const struct env_entry *e;

	if (value && *value)
		return value;
	e = env_file_find(f, name);
	return e && *e->value ? e->value : NULL;
}

static bool holds_secrets(const struct env_file *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct setting *s = config_find(str_of(f->v[i].name));

		if (s && s->kind == SETTING_SECRET && *f->v[i].value)
			return true;
	}
	return false;
}

static void look_at_secret(struct doctor *d, const struct env_file *f, const struct setting *s)
{
	char name[NAME_MAX_BYTES];
	const char *path;

	snprintf(name, sizeof(name), "%s_FILE", s->name);
	path = value_of(f, name);
	if (path)
		look_at_file(d, name, path);
}

void doctor_secrets(struct doctor *d, const struct config *c, const char *env_file)
{
	const char *path = env_file ? env_file : ".env";
	struct env_file entries = { 0 };

	if (file_exists(path) && !file_is_stream(path) && read_entries(d, path, &entries)) {
		look_for_strangers(d, &entries, path);
		if (holds_secrets(&entries))
			look_at_file(d, "settings", path);
	}
	for (size_t i = 0; i < config_setting_count; i++)
		if (config_settings[i].kind == SETTING_SECRET)
			look_at_secret(d, &entries, &config_settings[i]);
	if (c->secret_key)
		judge_secret(d, "SECRET_KEY", str_of(c->secret_key));
}
