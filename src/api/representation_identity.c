/* Representations: people, what they sign in with, and what is known of it. */
#include "representation_fields.h"

#include "api/resource.h"
#include "domain/event.h"

static const struct enum_names role_enum = { "user_role", role_names, ROLE_COUNT };
static const struct enum_names member_role_enum = { "member_role", role_names, ROLE_ADMIN };
static const struct enum_names scope_enum = { "token_scope", scope_names, SCOPE_COUNT };
static const struct enum_names event_enum = { "security_event_type", security_event_names,
					      SECURITY_EVENT_COUNT };

#define EMAIL                                                                                                \
	{                                                                                                    \
		.name = "email", .type = FIELD_EMAIL, .doc = "In lower case.", .example = "user@example.org" \
	}

static const struct field user_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	EMAIL,
	TEXT("name", "How others see this person.", "A new user"),
	TEXT("handle", "What others mention this person by, made of the name.", "a.new.user"),
	ENUM("role", &role_enum, "The role in all projects that give no other.", "reporter"),
	FLAG("is_active", "Whether this person may sign in."),
	CREATED_AT,
	UPDATED_AT,
};
const struct representation representation_user = {
	.name = "User",
	.doc = "A person who uses the tracker.",
	FIELDS_OF(user_fields),
	.tagged = true,
};

static const struct field tokens_fields[] = {
	TEXT("access_token", "For the header `Authorization: Bearer …`.",
	     "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI…"),
	TEXT("token_type", "Always `Bearer`.", "Bearer"),
	COUNTER("expires_in", "For how many seconds the access token is good.", "900"),
	TEXT("refresh_token", "What a new pair is given for, once.",
	     "bugd_rt_0b9fQ2mXy7dPzK1sVtA4uGh3LwRcE6nJ8oTiB5kDxMZqFpC"),
};
const struct representation representation_tokens = {
	.name = "Tokens",
	.doc = "What a client signs its requests with.",
	FIELDS_OF(tokens_fields),
};

static const struct field key_fields[] = {
	TEXT("kty", "Always `OKP`.", "OKP"),
	TEXT("crv", "Always `Ed25519`.", "Ed25519"),
	TEXT("x", "The public key, base64url.", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
	TEXT("kid", "Its name, as in the header of tokens: its thumbprint (RFC 7638).",
	     "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
	TEXT("use", "Always `sig`.", "sig"),
	TEXT("alg", "Always `EdDSA`.", "EdDSA"),
};
const struct representation representation_key = {
	.name = "Key",
	.doc = "A public key (RFC 7517, RFC 8037).",
	FIELDS_OF(key_fields),
};

static const struct member key_set_members[] = {
	{ "keys", "Key", FIELD_REPEATED, "The one that signs, and then those that signed before." },
};
const struct representation representation_key_set = {
	.name = "KeySet",
	.doc = "The public keys of access tokens.",
	MEMBERS_OF(key_set_members),
	.tagged = true,
};

static const struct field session_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	TEXT("user_agent", "What the client called itself; empty when it did not.", "curl/8.5.0"),
	TEXT("address", "Where it was used from last.", "192.0.2.7"),
	FLAG("current", "Whether it is the one that asks."),
	CREATED_AT,
	TIME("last_used_at", "When it was refreshed last."),
	TIME("expires_at", "When it ends unless it is refreshed before."),
};
const struct representation representation_session = {
	.name = "Session",
	.doc = "A sign-in that is not over.",
	FIELDS_OF(session_fields),
};

#define TOKEN_FIELDS                                                                                         \
	ID("id", "Its id (UUIDv7)."), TEXT("name", "What it is for.", "Nightly import"),                     \
		{ .name = "scopes",                                                                          \
		  .type = FIELD_ENUM,                                                                        \
		  .flags = FIELD_REPEATED,                                                                   \
		  .names = &scope_enum,                                                                      \
		  .doc = "What it may do, as far as its owner's role allows.",                               \
		  .example = "issues:read" },                                                                \
		{ .name = "project_ids",                                                                     \
		  .type = FIELD_UUID,                                                                        \
		  .flags = FIELD_REPEATED | FIELD_NULLABLE,                                                  \
		  .doc = "The projects that it is limited to; null: it may act in all.",                     \
		  .example = EXAMPLE_ID },                                                                   \
		NULL_TIME("expires_at", "When it stops; null: never."),                                      \
		NULL_TIME("last_used_at", "When it was used last, to the minute; null: never."), CREATED_AT

static const struct field token_fields[] = { TOKEN_FIELDS };
const struct representation representation_token = {
	.name = "Token",
	.doc = "A personal access token, without the token itself.",
	FIELDS_OF(token_fields),
};

static const struct field token_created_fields[] = {
	TOKEN_FIELDS,
	TEXT("token", "The token, shown this once.",
	     "bugd_pat_0b9fQ2mXy7dPzK1sVtA4uGh3LwRcE6nJ8oTiB5kDxMZqFpC"),
};
const struct representation representation_token_created = {
	.name = "TokenCreated",
	.doc = "A new personal access token.",
	FIELDS_OF(token_created_fields),
};

static const struct field member_fields[] = {
	ID("user_id", "The user's id."),
	TEXT("name", "How others see this person.", "A new user"),
	EMAIL,
	ENUM("role", &member_role_enum, "The role in this project.", "developer"),
	TIME("added_at", "Since when this person is a member."),
};
const struct representation representation_member = {
	.name = "Member",
	.doc = "A member of a project.",
	FIELDS_OF(member_fields),
	.tagged = true,
};

static const struct field security_event_fields[] = {
	ID("id", "Its id (UUIDv7)."),
	ENUM("type", &event_enum, "What happened.", "login_failed"),
	NULL_ID("user_id", "Whom it concerns; null: nobody is known by what was typed."),
	NULL_ID("actor_id", "Who did it; null: nobody was signed in, or it was done on the command line."),
	NULL_ID("session_id", "The session or the personal access token that was used."),
	TEXT("address", "Where it came from.", "192.0.2.7"),
	TEXT("user_agent", "What the client called itself.", "curl/8.5.0"),
	TIME("at", "When."),
};
static const struct member security_event_members[] = {
	{ "detail", NULL, 0, "More about it, depending on its type." },
};
const struct representation representation_security_event = {
	.name = "SecurityEvent",
	.doc = "An entry of the log of security events, which is only ever added to.",
	FIELDS_OF(security_event_fields),
	MEMBERS_OF(security_event_members),
};
