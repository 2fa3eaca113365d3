#include "domain/issue.h"

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

static char to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
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
static bool parse_number(struct str s, int32_t *out)
{
	int64_t v;

	if (s.n == 0 || s.p[0] < '1' || s.p[0] > '9' || !str_to_i64(s, &v) || v > INT32_MAX)
		return false;
	*out = (int32_t)v;
	return true;
}

static bool parse_project_key(struct str s, struct ref *out)
{
	if (s.n > PROJECT_KEY_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		out->project_key[i] = to_upper(s.p[i]);
	return project_key_valid((struct str){ out->project_key, s.n });
}

bool ref_parse_project(struct str s, struct ref *out)
{
	*out = (struct ref){ 0 };
	out->is_id = uuid_parse(s, &out->id);
	return out->is_id || parse_project_key(s, out);
}

bool ref_parse_issue(struct str s, struct ref *out)
{
	*out = (struct ref){ 0 };
	out->is_id = uuid_parse(s, &out->id);
	if (out->is_id)
		return true;

	struct str key = str_cut(&s, '-');

	return s.p && parse_project_key(key, out) && parse_number(s, &out->number);
}
