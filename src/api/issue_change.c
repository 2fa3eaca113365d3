#include "api/issue_change.h"

#define BIT(place) (UINT64_C(1) << (place))

/* What the creator of an issue may change in it without being a developer. */
#define OWN_FIELDS                                                                                           \
	(BIT(ISSUE_TITLE) | BIT(ISSUE_DESCRIPTION) | BIT(ISSUE_TYPE) | BIT(ISSUE_STATUS) | BIT(ISSUE_VERSION))

static struct db_array array_of(const struct field_values *values)
{
	return (struct db_array){ values->v, values->n };
}

void issue_change_patch(struct issue_change *c, const struct issue_input *in)
{
	c->beyond_own = (in->given.given & ~OWN_FIELDS) != 0;
	c->force = in->force;
	c->title = in->title;
	c->description = field_null(&in->given, ISSUE_DESCRIPTION) ? STR("") : in->description;
	c->type = in->type;
	c->status = in->status;
	c->priority = in->priority;
	c->set_assignee = field_given(&in->given, ISSUE_ASSIGNEE);
	c->assignee_id = GIVEN(in, ISSUE_ASSIGNEE, assignee_id);
	c->set_parent = field_given(&in->given, ISSUE_PARENT);
	c->parent_id = GIVEN(in, ISSUE_PARENT, parent_id);
	c->set_milestone = field_given(&in->given, ISSUE_MILESTONE);
	c->milestone_id = GIVEN(in, ISSUE_MILESTONE, milestone_id);
	c->set_due_date = field_given(&in->given, ISSUE_DUE_DATE);
	c->due_date = GIVEN(in, ISSUE_DUE_DATE, due_date);
	c->set_labels = field_given(&in->given, ISSUE_LABELS);
	c->label_ids = array_of(&in->label_ids);
	c->add_labels = array_of(&in->add_labels);
	c->remove_labels = array_of(&in->remove_labels);
}

void issue_change_put(struct issue_change *c, const struct issue_input *in)
{
	issue_change_patch(c, in);
	c->beyond_own = true;
	c->description = in->description.p ? in->description : STR("");
	c->type = in->type.p ? in->type : STR("bug");
	c->priority = in->priority.p ? in->priority : STR("medium");
	c->set_assignee = c->set_parent = c->set_milestone = c->set_due_date = c->set_labels = true;
}

/* What a change may be refused for, and the field whose fault it is; those without one are about the whole. */
static const struct {
	const char *outcome, *field, *code, *text;
	enum err err;
} refusals[] = {
	{ "not_found", NULL, NULL, "There is no such issue, or none that you may see.", ERR_NOT_FOUND },
	{ "forbidden", NULL, NULL,
	  "This takes the role developer in the project. Reporters edit title, description and type of their own issues, "
	  "and withdraw them while open.",
	  ERR_FORBIDDEN },
	{ "duplicate_id", NULL, NULL, "The issue is in the list twice.", ERR_VALIDATION },
	{ "version_conflict", NULL, NULL, "Somebody else has changed it.", ERR_VERSION_CONFLICT },
	{ "invalid_transition", NULL, NULL, "The workflow does not allow this change of status.",
	  ERR_INVALID_TRANSITION },
	{ "blocked", NULL, NULL, "Another issue that blocks it is not done.", ERR_BLOCKED },
	{ "unknown_assignee", "assignee_id", "unknown", "There is no such active user.", ERR_VALIDATION },
	{ "unknown_parent", "parent_id", "unknown", "There is no such issue in this project.",
	  ERR_VALIDATION },
	{ "parent_cycle", "parent_id", "cycle", "An issue cannot be a part of itself.", ERR_VALIDATION },
	{ "unknown_milestone", "milestone_id", "unknown", "There is no such milestone in this project.",
	  ERR_VALIDATION },
	{ "unknown_label", "label_ids", "unknown", "One of these is no label of this project.",
	  ERR_VALIDATION },
	{ "too_many_labels", "label_ids", "too_many", "An issue has at most 100 labels.", ERR_VALIDATION },
};
#define REFUSALS (sizeof(refusals) / sizeof(*refusals))

void issue_change_refused(struct exchange *x, struct str outcome)
{
	for (size_t i = 0; i < REFUSALS; i++) {
		if (!str_eq_z(outcome, refusals[i].outcome))
			continue;
		if (refusals[i].field)
			exchange_fail_field(x, refusals[i].field, refusals[i].code, refusals[i].text);
		else if (refusals[i].err == ERR_FORBIDDEN)
			exchange_fail_detail(x, ERR_FORBIDDEN, "%s", refusals[i].text);
		else
			exchange_fail(x, refusals[i].err);
		return;
	}
	exchange_fail(x, ERR_INTERNAL);
}

const char *issue_change_reason(struct str outcome)
{
	for (size_t i = 0; i < REFUSALS; i++) {
		if (str_eq_z(outcome, refusals[i].outcome))
			return refusals[i].text;
	}
	return "It cannot be changed so.";
}
