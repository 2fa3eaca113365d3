/* The list of issues. */
#include "api/issue_filter.h"
#include "api/issue_search.h"
#include "api/list.h"
#include "api/ref.h"
#include "api/resource_planning.h"
#include "api/saved_filter.h"
#include "db/row.h"

#define DEFAULT_SORT "-created_at"

struct issue_list_query {
	struct field_set given;
	struct issue_filter filter;
	struct list_query list;
	struct uuid saved;
};

static const struct enum_names order_enum = { "issue_order", issue_list_order_names, ISSUE_LIST_ORDERS };

static const struct field list_fields[] = {
	ISSUE_FILTER_FIELDS(struct issue_list_query),
	LIST_FIELDS(struct issue_list_query, order_enum, DEFAULT_SORT),
	{ .name = "filter",
	  .type = FIELD_UUID,
	  .offset = offsetof(struct issue_list_query, saved),
	  .doc = "A saved filter. A parameter that is given here counts instead of the filter's." },
};

const struct shape issue_list_query_shape =
	SHAPE(struct issue_list_query, "IssueListQuery", list_fields, "Which issues to list, and how.");

static const struct list_kind kind = LIST_KIND(issue_list, ISSUE_LIST, DEFAULT_SORT);

struct list_frame {
	struct co co;
	struct list_run run;
	struct issue_list_args args;
	struct issue_count_args count_args;
	struct saved_filter saved;
	struct issue_search search;
	struct ref ref;
	struct uuid parent; /* whose parts are listed */
	struct db_reply *reply;
};
const size_t issue_list_frame_size = sizeof(struct list_frame);
const size_t issue_children_frame_size = sizeof(struct list_frame);

/* The counters of a project know the total as long as nothing but its status is filtered. */
static void plan_count(struct exchange *x, struct list_frame *f, const struct issue_filter *q)
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
		.status = q->status.n ? (struct db_array){ q->status.v, q->status.n }
				      : (struct db_array){ all, ISSUE_STATUS_COUNT },
	};
	f->run.counter = &statement_issue_count;
	f->run.counter_args = &f->count_args;
}

static bool refuse_relevance(struct exchange *x, const char *why)
{
	exchange_fail_field(x, "sort", "conflict", why);
	return false;
}

/* Whether the fields that are asked for, when not all are, include it: it is the dearest of them. */
static bool shows_snippet(const struct list_run *run)
{
	const struct str *v = run->query->fields.v;

	for (size_t i = 0; i < run->query->fields.n; i++) {
		if (str_eq_z(v[i], "snippet"))
			return true;
	}
	return run->query->fields.n == 0;
}

static bool sorts_by_relevance(const struct list_run *run)
{
	return str_eq_z(str_of(run->choice.order[0].column->name), "relevance");
}

/* Words are ranked where nothing else decides the order, and only there: all that was found is looked at for it. */
static bool plan_search(struct exchange *x, struct list_frame *f)
{
	struct list_run *run = &f->run;

	issue_search_apply(&f->search, &run->choice, &f->args);
	run->large = f->search.words.n > 0;
	if (f->search.alike.n && shows_snippet(run))
		run->row_options |= OPTION(ISSUE_LIST_SNIPPET);
	for (size_t i = 1; i < run->choice.order_count; i++) {
		if (str_eq_z(str_of(run->choice.order[i].column->name), "relevance"))
			return refuse_relevance(x, "Relevance must be the first that it is sorted by.");
	}
	if (!sorts_by_relevance(run))
		return true;
	if (!f->search.alike.n)
		return refuse_relevance(x, "There are no words in `q` to be relevant for.");
	run->otherwise = run->choice.options;
	run->choice.options |= OPTION(ISSUE_LIST_RANKED) | OPTION(ISSUE_LIST_NEAR);
	run->row_options |= OPTION(ISSUE_LIST_RANK_COLUMNS);
	run->matches = "_matches";
	run->matches_max = SEARCH_MATCHES_MAX;
	run->otherwise &= ~(OPTION(ISSUE_LIST_FOUND) | OPTION(ISSUE_LIST_FOUND_IN_PROJECT));
	run->otherwise |= OPTION(ISSUE_LIST_ALIKE) | OPTION(ISSUE_LIST_NEAR);
	return true;
}

static bool plan(struct exchange *x, struct list_frame *f, const struct issue_list_query *q)
{
	f->args.caller = access_of(x);
	f->run.scope = f->saved.scope;
	if (f->search.alike.n)
		f->run.default_sort = "relevance";
	if (!list_plan(x, &f->run, &kind, &q->list))
		return false;
	issue_filter_apply(x, &q->filter, &q->given, &f->run.choice, &f->args);
	return plan_search(x, f);
}

static bool read_search(struct exchange *x, struct list_frame *f, struct issue_list_query *q)
{
	struct field_errors errors = { .arena = &x->arena };

	if (issue_search_read(&issue_list_query_shape, q, &errors, &f->search))
		return true;
	exchange_fail(x, ERR_VALIDATION);
	field_error_add(&x->problem.fields, errors.first->field, errors.first->code, errors.first->detail);
	return false;
}

/* What a saved filter adds to the query, when one is named. */
static enum co_state add_saved(struct exchange *x, struct list_frame *f)
{
	struct issue_list_query *q = x->query;

	if (!field_given(&q->given, shape_find(&issue_list_query_shape, STR("filter"))))
		return CO_DONE;
	return saved_filter_apply(x, &q->saved, &issue_list_query_shape, q, &f->saved);
}

enum co_state issue_list(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;
	const struct issue_list_query *q = x->query;

	co_begin(f);
	co_call(f, add_saved(x, f));
	if (!read_search(x, f, x->query) || !plan(x, f, q))
		return CO_FAILED;
	plan_count(x, f, &q->filter);
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}

/* ---- the parts of an issue ---- */

static bool plan_children(struct exchange *x, struct list_frame *f)
{
	const struct issue_list_query *q = x->query;

	if (q->filter.parent_id.n) {
		exchange_fail_field(x, "parent_id", "conflict", "The path names the parent.");
		return false;
	}
	f->parent = row_uuid(f->reply->result[0], 0, 0);
	f->run.progress = arena_str(&x->arena, row_text(f->reply->result[0], 0, 1));
	if (!plan(x, f, q))
		return false;
	f->args.parent_ids = (struct db_array){ &f->parent, 1 };
	f->run.choice.options |= OPTION(ISSUE_LIST_PARENTS);
	return true;
}

enum co_state issue_children(struct exchange *x, void *frame)
{
	struct list_frame *f = frame;

	co_begin(f);
	if (!ref_issue(x, &f->ref))
		return CO_FAILED;
	co_db(f, x, f->reply, issue_parent, .caller = access_of(x), .id = REF_ID(&f->ref),
	      .key = REF_KEY(&f->ref));
	if (PQntuples(f->reply->result[0]) == 0)
		co_fail(exchange_fail(x, ERR_NOT_FOUND));
	co_call(f, add_saved(x, f));
	if (!read_search(x, f, x->query) || !plan_children(x, f))
		return CO_FAILED;
	co_call(f, list_answer(x, &f->run, &f->args, &f->args.limit, &f->args.offset));
	co_end();
}
