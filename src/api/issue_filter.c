/* The filters of issues: from what the query says to options of the statement. */
#include "api/issue_filter.h"

#include <string.h>

static const char *const deleted_names[] = { "exclude", "only", "include" };
const struct enum_names issue_filter_deleted = { "deleted", deleted_names, 3 };

static const char *const assignee_words[] = { "me", "none" };
const struct enum_names issue_filter_assignee = { "assignee", assignee_words, 2 };
const struct enum_names issue_filter_creator = { "creator", assignee_words, 1 };

static const char *const milestone_words[] = { "none" };
const struct enum_names issue_filter_milestone = { "milestone", milestone_words, 1 };

struct filtering {
	struct choice *choice;
	struct issue_list_args *args;
};

static void choose(struct filtering *f, int option)
{
	f->choice->options |= OPTION(option);
}

static struct db_array array_of(const struct field_values *values)
{
	return (struct db_array){ values->v, values->n };
}

static void choose_array(struct filtering *f, const struct field_values *values, struct db_array *arg,
			 int option)
{
	*arg = array_of(values);
	if (values->n)
		choose(f, option);
}

/* One status is compared by equality, so that the index's order can be used behind it. */
static void filter_status(struct filtering *f, const struct issue_filter *q)
{
	if (q->status.n != 1) {
		choose_array(f, &q->status, &f->args->status, ISSUE_LIST_STATUS);
		return;
	}
	f->args->one_status = *(const struct str *)q->status.v;
	choose(f, ISSUE_LIST_ONE_STATUS);
}

static void filter_projects(struct exchange *x, struct filtering *f, const struct issue_filter *q)
{
	struct uuid *ids = arena_array(&x->arena, struct uuid, q->project_id.n);
	struct str *keys = arena_array(&x->arena, struct str, q->project_id.n);
	const struct str *v = q->project_id.v;
	size_t id_count = 0, key_count = 0;
	struct ref ref;

	/* What is neither an id nor a key names no project; nothing is found in it. */
	for (size_t i = 0; i < q->project_id.n; i++) {
		if (!ref_parse_project(v[i], &ref))
			continue;
		if (ref.is_id)
			ids[id_count++] = ref.id;
		else
			keys[key_count++] = arena_str(&x->arena, str_of(ref.key));
	}
	if (q->project_id.n == 1 && id_count == 1) {
		f->args->project_id = ids[0];
		choose(f, ISSUE_LIST_PROJECT);
		return;
	}
	f->args->project_ids = (struct db_array){ ids, id_count };
	f->args->project_keys = (struct db_array){ keys, key_count };
	if (q->project_id.n)
		choose(f, ISSUE_LIST_PROJECTS);
}

/* Ids, the word `me`, and `none`, which is told apart. */
static struct db_array read_ids(struct exchange *x, const struct field_values *values, bool *none)
{
	struct uuid *ids = arena_array(&x->arena, struct uuid, values->n);
	const struct str *v = values->v;
	size_t n = 0;

	for (size_t i = 0; i < values->n; i++) {
		if (str_eq_z(v[i], "none"))
			*none = true;
		else if (str_eq_z(v[i], "me"))
			ids[n++] = caller_of(x)->id;
		else if (uuid_parse(v[i], &ids[n]))
			n++;
	}
	return (struct db_array){ ids, n };
}

static void filter_assignee(struct filtering *f, bool none)
{
	const struct db_array *ids = &f->args->assignee_ids;

	if (none) {
		choose(f, ids->n ? ISSUE_LIST_ASSIGNEES_OR_NONE : ISSUE_LIST_UNASSIGNED);
	} else if (ids->n > 1) {
		choose(f, ISSUE_LIST_ASSIGNEES);
	} else if (ids->n == 1) {
		f->args->assignee_id = *(const struct uuid *)ids->v;
		choose(f, ISSUE_LIST_ASSIGNEE);
	}
}

static void filter_creator(struct filtering *f)
{
	const struct db_array *ids = &f->args->creator_ids;

	if (ids->n > 1) {
		choose(f, ISSUE_LIST_CREATORS);
	} else if (ids->n == 1) {
		f->args->creator_id = *(const struct uuid *)ids->v;
		choose(f, ISSUE_LIST_CREATOR);
	}
}

static void filter_people(struct exchange *x, struct filtering *f, const struct issue_filter *q)
{
	bool none = false;

	f->args->assignee_ids = read_ids(x, &q->assignee_id, &none);
	filter_assignee(f, none);
	f->args->creator_ids = read_ids(x, &q->creator_id, &none);
	filter_creator(f);
}

/* Keys in upper case, those alone that have the form of one. */
static void filter_keys(struct exchange *x, struct filtering *f, const struct issue_filter *q)
{
	struct str *keys = arena_array(&x->arena, struct str, q->key.n);
	const struct str *v = q->key.v;
	size_t n = 0;
	struct ref ref;

	for (size_t i = 0; i < q->key.n; i++) {
		if (ref_parse_issue(v[i], &ref) && !ref.is_id)
			keys[n++] = arena_str(&x->arena, str_of(ref.key));
	}
	f->args->keys = (struct db_array){ keys, n };
	if (q->key.n)
		choose(f, ISSUE_LIST_KEYS);
}

static void filter_times(struct filtering *f, const struct issue_filter *q, const struct field_set *given)
{
	static const struct {
		int place, option;
	} filters[] = {
		{ FILTER_CREATED_AFTER, ISSUE_LIST_CREATED_AFTER },
		{ FILTER_CREATED_BEFORE, ISSUE_LIST_CREATED_BEFORE },
		{ FILTER_UPDATED_AFTER, ISSUE_LIST_UPDATED_AFTER },
		{ FILTER_UPDATED_BEFORE, ISSUE_LIST_UPDATED_BEFORE },
		{ FILTER_DUE_BEFORE, ISSUE_LIST_DUE_BEFORE },
		{ FILTER_DUE_AFTER, ISSUE_LIST_DUE_AFTER },
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		if (field_given(given, filters[i].place))
			choose(f, filters[i].option);
	}
	if (field_given(given, FILTER_OVERDUE))
		choose(f, q->overdue ? ISSUE_LIST_OVERDUE : ISSUE_LIST_NOT_OVERDUE);
	f->args->created_after = q->created_after;
	f->args->created_before = q->created_before;
	f->args->updated_after = q->updated_after;
	f->args->updated_before = q->updated_before;
	f->args->due_before = q->due_before;
	f->args->due_after = q->due_after;
}

/* One milestone is compared by equality, as there are statistics for that. */
static void filter_milestone(struct exchange *x, struct filtering *f, const struct issue_filter *q)
{
	bool none = false;
	struct db_array ids = read_ids(x, &q->milestone_id, &none);

	f->args->milestone_ids = ids;
	if (none) {
		choose(f, ids.n ? ISSUE_LIST_MILESTONES_OR_NONE : ISSUE_LIST_UNPLANNED);
	} else if (ids.n > 1) {
		choose(f, ISSUE_LIST_MILESTONES);
	} else if (ids.n == 1) {
		f->args->milestone_id = *(const struct uuid *)ids.v;
		choose(f, ISSUE_LIST_MILESTONE);
	}
}

/* As they are compared, in lower case; `none` is told apart. */
static void filter_labels(struct exchange *x, struct filtering *f, const struct issue_filter *q)
{
	struct str *groups = arena_array(&x->arena, struct str, q->label.n);
	const struct str *v = q->label.v;
	bool none = false, several = false;
	size_t n = 0;

	for (size_t i = 0; i < q->label.n; i++) {
		if (str_ieq_z(v[i], "none")) {
			none = true;
			continue;
		}
		groups[n++] = v[i];
		several = several || memchr(v[i].p, ',', v[i].n);
	}
	f->args->labels = (struct db_array){ groups, n };
	if (none)
		choose(f, n ? ISSUE_LIST_LABELS_OR_NONE : ISSUE_LIST_UNLABELED);
	else if (n)
		choose(f, ISSUE_LIST_LABELS);
	if (n && several && !none)
		choose(f, ISSUE_LIST_ALL_LABELS);
}

static void filter_deleted(struct filtering *f, const struct issue_filter *q)
{
	if (str_eq_z(q->deleted, "only"))
		choose(f, ISSUE_LIST_DELETED);
	else if (str_eq_z(q->deleted, "include"))
		choose(f, ISSUE_LIST_ALL);
	else
		choose(f, ISSUE_LIST_LIVE);
}

void issue_filter_apply(struct exchange *x, const struct issue_filter *q, const struct field_set *given,
			struct choice *choice, struct issue_list_args *args)
{
	struct filtering f = { choice, args };

	filter_people(x, &f, q);
	filter_status(&f, q);
	choose_array(&f, &q->priority, &args->priority, ISSUE_LIST_PRIORITY);
	choose_array(&f, &q->type, &args->type, ISSUE_LIST_TYPE);
	choose_array(&f, &q->parent_id, &args->parent_ids, ISSUE_LIST_PARENTS);
	filter_projects(x, &f, q);
	filter_keys(x, &f, q);
	filter_labels(x, &f, q);
	filter_milestone(x, &f, q);
	filter_times(&f, q, given);
	filter_deleted(&f, q);
}
