/* Comments, and the people that they mention. */
#include "representation_fields.h"

static const struct field comment_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	ID("issue_id", "The issue that it is about."),
	NULL_ID("parent_id", "The comment that it replies to; null: none."),
	ID("author_id", "Who said it."),
	TEXT("content", "What was said, as Markdown; empty when it is deleted.", "I can reproduce this."),
	FLAG("deleted", "Whether it was deleted, and is there only for the replies to it."),
	VERSION,
	CREATED_AT,
	UPDATED_AT,
};
static const struct member comment_members[] = {
	{ "mentions", "Mention", FIELD_REPEATED, "The people that it mentions, who can see it." },
};
const struct representation representation_comment = {
	.name = "Comment",
	.doc = "What somebody said about an issue.",
	FIELDS_OF(comment_fields),
	MEMBERS_OF(comment_members),
	.tagged = true,
};

static const struct field mention_fields[] = {
	ID("id", "The person's id."),
	TEXT("handle", "What stands behind the @.", "a.new.user"),
	TEXT("name", "The person's name.", "A new user"),
};
const struct representation representation_mention = {
	.name = "Mention",
	.doc = "A person whom a text mentions.",
	FIELDS_OF(mention_fields),
};
