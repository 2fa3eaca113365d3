#include "domain/issue.h"

#include "base/ascii.h"

const char *const issue_status_names[ISSUE_STATUS_COUNT] = { "open", "in_progress", "resolved", "closed" };
const char *const issue_type_names[ISSUE_TYPE_COUNT] = { "bug", "feature", "improvement", "task", "epic" };
const char *const issue_priority_names[ISSUE_PRIORITY_COUNT] = { "low", "medium", "high", "critical" };
const char *const project_status_names[PROJECT_STATUS_COUNT] = { "planning", "active", "on_hold", "completed",
								 "archived" };
const char *const project_visibility_names[PROJECT_VISIBILITY_COUNT] = { "public", "private" };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

bool project_key_valid(struct str s)
{
	if (s.n < PROJECT_KEY_MIN || s.n > PROJECT_KEY_MAX || !is_upper(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++) {
		if (!is_upper(s.p[i]) && !is_digit(s.p[i]))
			return false;
	}
	return true;
}

/* An issue's number as it is written in keys: from 1, no sign, no leading zero. */
static bool number_valid(struct str s)
{
	int64_t v;

	return s.n && s.p[0] >= '1' && s.p[0] <= '9' && str_to_i64(s, &v) && v <= INT32_MAX;
}

/* Keeps the text in upper case; false when it is longer than any key. */
static bool keep_key(struct str s, struct ref *out)
{
	if (s.n > ISSUE_KEY_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		out->key[i] = ascii_upper(s.p[i]);
	return true;
}

bool ref_parse_project(struct str s, struct ref *out)
{
	*out = (struct ref){ 0 };
	out->is_id = uuid_parse(s, &out->id);
	if (out->is_id || (keep_key(s, out) && project_key_valid((struct str){ out->key, s.n })))
		return true;
	out->key[0] = '\0';
	return false;
}

bool ref_parse_issue(struct str s, struct ref *out)
{
	struct str project;

	*out = (struct ref){ 0 };
	out->is_id = uuid_parse(s, &out->id);
	if (out->is_id)
		return true;
	if (!keep_key(s, out))
		return false;
	s.p = out->key;
	project = str_cut(&s, '-');
	return s.p && project_key_valid(project) && number_valid(s);
}
