/* The list of issues: filters to options of the statement. */
#include "api/issue_shape.h"
#include "api/list.h"
#include "base/clock.h"

struct issue_list_query {
	struct field_set given;
	struct list_query list;
	struct field_values status, priority, type, project_id, assignee_id, creator_id, key, parent_id;
	int64_t created_after, created_before, updated_after, updated_before;
	int32_t due_before, due_after;
	bool overdue;
	struct str deleted;
};

static const char *const deleted_names[] = { "exclude", "only", "include" };
static const struct enum_names deleted_enum = { "deleted", deleted_names, 3 };

static const struct enum_names order_enum = { "issue_order", issue_list_order_names, ISSUE_LIST_ORDERS };
static const char *const assignee_words[] = { "me", "none" };
static const struct enum_names assignee_enum = { "assignee", assignee_words, 2 };
static const struct enum_names creator_enum = { "creator", assignee_words, 1 };

#define AT(member) .offset = offsetof(struct issue_list_query, member)
#define VALUES_MAX 100

/* The places of the filters in the table, behind those that every list has. */
enum {
	FILTER_CREATED_AFTER = 6,
	FILTER_CREATED_BEFORE,
	FILTER_UPDATED_AFTER,
	FILTER_UPDATED_BEFORE,
	FILTER_DUE_BEFORE,
	FILTER_DUE_AFTER,
	FILTER_OVERDUE,
};

static const struct field list_fields[] = {
	LIST_FIELDS(struct issue_list_query, order_enum),
	[FILTER_CREATED_AFTER] = { .name = "created_after",
				   .type = FIELD_TIMESTAMP,
				   AT(created_after),
				   .doc = "Created after this moment.",
				   .example = "2026-11-01T00:00:00Z" },
	[FILTER_CREATED_BEFORE] = { .name = "created_before",
				    .type = FIELD_TIMESTAMP,
				    AT(created_before),
				    .doc = "Created before this moment." },
	[FILTER_UPDATED_AFTER] = { .name = "updated_after",
				   .type = FIELD_TIMESTAMP,
				   AT(updated_after),
				   .doc = "Changed after this moment." },
	[FILTER_UPDATED_BEFORE] = { .name = "updated_before",
				    .type = FIELD_TIMESTAMP,
				    AT(updated_before),
				    .doc = "Not changed since this moment." },
	[FILTER_DUE_BEFORE] = { .name = "due_before",
				.type = FIELD_DATE,
				AT(due_before),
				.doc = "Due before this day.",
				.example = "2026-12-24" },
	[FILTER_DUE_AFTER] = { .name = "due_after",
			       .type = FIELD_DATE,
			       AT(due_after),
			       .doc = "Due after this day." },
	[FILTER_OVERDUE] = { .name = "overdue",
			     .type = FIELD_BOOL,
			     AT(overdue),
			     .doc = "Due before today, and neither resolved nor closed." },
	{ .name = "status",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  AT(status),
	  .min = 1,
	  .max = VALUES_MAX,
	  .names = &issue_status_enum,
	  .doc = "Any of these statuses.",
	  .example = "open" },
	{ .name = "priority",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  AT(priority),
	  .min = 1,
	  .max = VALUES_MAX,
	  .names = &issue_priority_enum,
	  .doc = "Any of these priorities." },
	{ .name = "type",
	  .type = FIELD_ENUM,
	  .flags = FIELD_REPEATED,
	  AT(type),
	  .min = 1,
	  .max = VALUES_MAX,
	  .names = &issue_type_enum,
	  .doc = "Any of these types." },
	{ .name = "project_id",
	  .type = FIELD_REF,
	  .flags = FIELD_REPEATED,
	  AT(project_id),
	  .min = 1,
	  .max = VALUES_MAX,
	  .doc = "In any of these projects, by id or key.",
	  .example = "WEB" },
	{ .name = "assignee_id",
	  .type = FIELD_ID_OR_NAME,
	  .names = &assignee_enum,
	  .flags = FIELD_REPEATED,
	  AT(assignee_id),
	  .min = 1,
	  .max = VALUES_MAX,
	  .doc = "Assigned to any of these: ids, `me`, or `none`.",
	  .example = "me" },
	{ .name = "creator_id",
	  .type = FIELD_ID_OR_NAME,
	  .names = &creator_enum,
	  .flags = FIELD_REPEATED,
	  AT(creator_id),
	  .min = 1,
	  .max = VALUES_MAX,
	  .doc = "Created by any of these: ids, or `me`." },
	{ .name = "key",
	  .type = FIELD_REF,
	  .flags = FIELD_REPEATED,
	  AT(key),
	  .min = 1,
	  .max = VALUES_MAX,
	  .doc = "Any of these keys.",
	  .example = "WEB-12" },
	{ .name = "parent_id",
	  .type = FIELD_UUID,
	  .flags = FIELD_REPEATED,
	  AT(parent_id),
	  .min = 1,
	  .max = VALUES_MAX,
	  .doc = "A part of any of these issues." },
	{ .name = "deleted",
	  .type = FIELD_ENUM,
	  AT(deleted),
	  .names = &deleted_enum,
	  .doc = "Whether deleted issues are shown, to managers.",
	  .example = "exclude" },
};

const struct shape issue_list_query_shape =
	SHAPE(struct issue_list_query, "IssueListQuery", list_fields, "Which issues to list, and how.");

static const struct list_kind kind = LIST_KIND(issue_list, ISSUE_LIST);

struct list_frame {
	struct co co;
	struct list_run run;
	struct issue_list_args args;
	struct issue_count_args count_args;
};
const size_t issue_list_frame_size = sizeof(struct list_frame);

static void choose(struct list_frame *f, int option)
{
	f->run.choice.options |= OPTION(option);
}

static struct db_array array_of(const struct field_values *values)
{
	return (struct db_array){ values->v, values->n };
}

static void choose_array(struct list_frame *f, const struct field_values *values, struct db_array *arg,
			 int option)
{
	*arg = array_of(values);
	if (values->n)
		choose(f, option);
}

/* One status is compared by equality, so that the index's order can be used behind it. */
static void filter_status(struct list_frame *f, const struct issue_list_query *q)
{
	if (q->status.n != 1) {
		choose_array(f, &q->status, &f->args.status, ISSUE_LIST_STATUS);
		return;
	}
	f->args.one_status = *(const struct str *)q->status.v;
	choose(f, ISSUE_LIST_ONE_STATUS);
}

static void filter_projects(struct exchange *x, struct list_frame *f, const struct issue_list_query *q)
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
		f->args.project_id = ids[0];
		choose(f, ISSUE_LIST_PROJECT);
		return;
	}
	f->args.project_ids = (struct db_array){ ids, id_count };
	f->args.project_keys = (struct db_array){ keys, key_count };
	if (q->project_id.n)
		choose(f, ISSUE_LIST_PROJECTS);
}

/* Ids, the word `me`, and `none`, which is told apart. */
static struct db_array read_people(struct exchange *x, const struct field_values *values, bool *none)
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

static void filter_assignee(struct list_frame *f, bool none)
{
	const struct db_array *ids = &f->args.assignee_ids;

	if (none) {
		choose(f, ids->n ? ISSUE_LIST_ASSIGNEES_OR_NONE : ISSUE_LIST_UNASSIGNED);
	} else if (ids->n > 1) {
		choose(f, ISSUE_LIST_ASSIGNEES);
	} else if (ids->n == 1) {
		f->args.assignee_id = *(const struct uuid *)ids->v;
		choose(f, ISSUE_LIST_ASSIGNEE);
	}
}

static void filter_creator(struct list_frame *f)
{
	const struct db_array *ids = &f->args.creator_ids;

	if (ids->n > 1) {
		choose(f, ISSUE_LIST_CREATORS);
	} else if (ids->n == 1) {
		f->args.creator_id = *(const struct uuid *)ids->v;
		choose(f, ISSUE_LIST_CREATOR);
	}
}

static void filter_people(struct exchange *x, struct list_frame *f, const struct issue_list_query *q)
{
	bool none = false;

	f->args.assignee_ids = read_people(x, &q->assignee_id, &none);
	filter_assignee(f, none);
	f->args.creator_ids = read_people(x, &q->creator_id, &none);
	filter_creator(f);
}

/* Keys in upper case, those alone that have the form of one. */
static void filter_keys(struct exchange *x, struct list_frame *f, const struct issue_list_query *q)
{
	struct str *keys = arena_array(&x->arena, struct str, q->key.n);
	const struct str *v = q->key.v;
	size_t n = 0;
	struct ref ref;

	for (size_t i = 0; i < q->key.n; i++) {
		if (ref_parse_issue(v[i], &ref) && !ref.is_id)
			keys[n++] = arena_str(&x->arena, str_of(ref.key));
	}
	f->args.keys = (struct db_array){ keys, n };
	if (q->key.n)
		choose(f, ISSUE_LIST_KEYS);
}

static void filter_times(struct list_frame *f, const struct issue_list_query *q)
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
		if (field_given(&q->given, filters[i].place))
			choose(f, filters[i].option);
	}
	if (field_given(&q->given, FILTER_OVERDUE))
		choose(f, q->overdue ? ISSUE_LIST_OVERDUE : ISSUE_LIST_NOT_OVERDUE);
	f->args.created_after = q->created_after;
	f->args.created_before = q->created_before;
	f->args.updated_after = q->updated_after;
	f->args.updated_before = q->updated_before;
	f->args.due_before = q->due_before;
	f->args.due_after = q->due_after;
}

static void filter_deleted(struct list_frame *f, const struct issue_list_query *q)
{
	if (str_eq_z(q->deleted, "only"))
		choose(f, ISSUE_LIST_DELETED);
	else if (str_eq_z(q->deleted, "include"))
		choose(f, ISSUE_LIST_ALL);
	else
		choose(f, ISSUE_LIST_LIVE);
}

/* The counters of a project know the total as long as nothing but its status is filtered. */
static void plan_count(struct exchange *x, struct list_frame *f, const struct issue_list_query *q)
{
	const uint64_t known = OPTION(ISSUE_LIST_LIVE) | OPTION(ISSUE_LIST_PROJECT) |
			       OPTION(ISSUE_LIST_STATUS) | OPTION(ISSUE_LIST_ONE_STATUS);
	const uint64_t needed = OPTION(ISSUE_LIST_LIVE) | OPTION(ISSUE_LIST_PROJECT);
	struct str *all = arena_array(&x->arena, struct str, ISSUE_STATUS_COUNT);

	if ((f->run.choice.options & ~known) || (f->run.choice.options & needed) != needed)
		return;
	for (size_t i = 0; i < ISSUE_STATUS_COUNT; i++)
		all[i] = str_of(issue_status_names[i]);
	f->count_args = (struct issue_count_args){
		.caller = f->args.caller,
		.project_id = f->args.project_id,
		.status = q->status.n ? array_of(&q->status) : (struct db_array){ all, ISSUE_STATUS_COUNT },
	};
	f->run.counter = &statement_issue_count;
	f->run.counter_args = &f->count_args;
}

static bool plan(struct exchange *x, struct list_frame *f, const struct issue_list_query *q)
{
	f->args.caller = access_of(x);
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	filter_people(x, f, q);
	filter_status(f, q);
	choose_array(f, &q->priority, &f->args.priority, ISSUE_LIST_PRIORITY);
	choose_array(f, &q->type, &f->args.type, ISSUE_LIST_TYPE);
	choose_array(f, &q->parent_id, &f->args.parent_ids, ISSUE_LIST_PARENTS);
	filter_projects(x, f, q);
	filter_keys(x, f, q);
	filter_times(f, q);
	filter_deleted(f, q);
	plan_count(x, f, q);
	return true;
}

enum co_state issue_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!plan(x, f, x->query))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}
