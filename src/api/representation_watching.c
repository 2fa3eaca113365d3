/* Watchers, and what people are told. */
#include "api/resource_watching.h"
#include "representation_fields.h"

static const struct field watcher_fields[] = {
	ID("user_id", "The person's id."),
	TEXT("name", "The person's name.", "A new user"),
	TEXT("handle", "What mentions the person behind an @.", "a.new.user"),
	ENUM("reason", &watcher_reason_enum,
	     "Why, the first that holds: made it, works on it, said something, was mentioned, or wants to.",
	     "creator"),
};
const struct representation representation_watcher = {
	.name = "Watcher",
	.doc = "Who watches an issue, and is told what happens to it.",
	FIELDS_OF(watcher_fields),
};
