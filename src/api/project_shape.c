#include "api/project_shape.h"

#define AT(member) .offset = offsetof(struct project_input, member)

const struct enum_names project_status_enum = { "project_status", project_status_names,
						PROJECT_STATUS_COUNT };
const struct enum_names project_visibility_enum = { "project_visibility", project_visibility_names,
						    PROJECT_VISIBILITY_COUNT };

/* The fields that mean the same wherever they are sent. */
#define SHARED_FIELDS(name_flags, status_default, visibility_default)                                                       \
	[PROJECT_NAME] = { .name = "name",                                                                                  \
			   .type = FIELD_TEXT,                                                                              \
			   .flags = FIELD_NOT_BLANK | FIELD_SINGLE_LINE | (name_flags),                                     \
			   AT(name),                                                                                        \
			   .min = 1,                                                                                        \
			   .max = 255,                                                                                      \
			   .doc = "Its name, unlike any other project's.",                                                  \
			   .example = "Web shop" },                                                                         \
	[PROJECT_DESCRIPTION] = { .name = "description",                                                                    \
				  .type = FIELD_TEXT,                                                                       \
				  .flags = FIELD_NULLABLE,                                                                  \
				  AT(description),                                                                          \
				  .max = DESCRIPTION_MAX,                                                                   \
				  .doc = "What it is about." },                                                             \
	[PROJECT_STATUS] = { .name = "status",                                                                              \
			     .type = FIELD_ENUM,                                                                            \
			     AT(status),                                                                                    \
			     .names = &project_status_enum,                                                                 \
			     .doc = "Where it stands; completed and archived ones take no new issues." status_default,      \
			     .example = "active" },                                                                         \
	[PROJECT_VISIBILITY] = { .name = "visibility",                                                                      \
				 .type = FIELD_ENUM,                                                                        \
				 AT(visibility),                                                                            \
				 .names = &project_visibility_enum,                                                         \
				 .doc = "Public for every signed-in user, or private to its members." visibility_default }, \
	[PROJECT_OWNER] = {                                                                                                 \
		.name = "owner_id",                                                                                         \
		.type = FIELD_UUID,                                                                                         \
		AT(owner_id),                                                                                               \
		.doc = "Who is responsible, at first whoever made it; becomes a member with the role manager."              \
	}

/* What a project is that is not told. */
#define STATUS_DEFAULT     " `planning` unless told."
#define VISIBILITY_DEFAULT " `public` unless told."

#define VERSION_FIELD                                                                                        \
	[PROJECT_VERSION] = { .name = "version",                                                             \
			      .type = FIELD_INT,                                                             \
			      AT(version),                                                                   \
			      .min = 1,                                                                      \
			      .max = INT32_MAX,                                                              \
			      .doc = "The version that the change is based on.",                             \
			      .example = "1" }

static const struct field create_fields[] = {
	SHARED_FIELDS(FIELD_REQUIRED, STATUS_DEFAULT, VISIBILITY_DEFAULT),
	{ .name = "key",
	  .type = FIELD_TEXT,
	  .flags = FIELD_REQUIRED,
	  AT(key),
	  .min = PROJECT_KEY_MIN,
	  .max = PROJECT_KEY_MAX,
	  .doc = "Begins the keys of its issues; A-Z and 0-9, a letter first; never changes.",
	  .example = "WEB",
	  .pattern = "^[A-Z][A-Z0-9]{1,9}$" },
};

static const struct field patch_fields[] = { SHARED_FIELDS(0, "", ""), VERSION_FIELD };
static const struct field put_fields[] = { SHARED_FIELDS(FIELD_REQUIRED, STATUS_DEFAULT, VISIBILITY_DEFAULT),
					   VERSION_FIELD };

const struct shape project_create_shape =
	SHAPE(struct project_input, "ProjectCreate", create_fields, "A new project.");
const struct shape project_patch_shape =
	SHAPE(struct project_input, "ProjectPatch", patch_fields, "What to change; absent fields stay.");
const struct shape project_put_shape =
	SHAPE(struct project_input, "ProjectPut", put_fields,
	      "The whole project; fields that are absent get their standard value, the owner stays.");
