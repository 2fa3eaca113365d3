/* Labels. */
#include "representation_fields.h"

static const struct field label_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	NULL_ID("project_id", "The project that it is for; null: for all of them."),
	TEXT("name", "Its name.", "needs-review"),
	TEXT("color", "Its colour, `#rrggbb`.", "#d73a4a"),
	TEXT("description", "What it means; empty when nothing was said.", "Somebody should look."),
	CREATED_AT,
	UPDATED_AT,
};
const struct representation representation_label = {
	.name = "Label",
	.doc = "A word with a colour that sorts issues.",
	FIELDS_OF(label_fields),
	.tagged = true,
};
