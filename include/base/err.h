/*
 * The errors of bugd: one list. Each has its place in HTTP (status), a stable machine-readable code and a
 * title (RFC 9457). Only api/problem.c turns one into an answer.
 */
#ifndef BUGD_BASE_ERR_H
#define BUGD_BASE_ERR_H

/*	X(name, HTTP status, code, title) */
#define ERR_TABLE(X)                                                                                         \
	X(ERR_BAD_REQUEST, 400, "bad_request", "The request is malformed")                                   \
	X(ERR_BAD_JSON, 400, "malformed_json", "The body is not valid JSON")                                 \
	X(ERR_BAD_QUERY, 400, "malformed_query", "The query string is malformed")                            \
	X(ERR_UNAUTHENTICATED, 401, "unauthenticated", "Authentication is required")                         \
	X(ERR_BAD_CREDENTIALS, 401, "invalid_credentials", "E-mail or password is wrong")                    \
	X(ERR_BAD_REFRESH, 401, "invalid_refresh_token", "The refresh token is not valid any more")          \
	X(ERR_FORBIDDEN, 403, "forbidden", "You may not do this")                                            \
	X(ERR_SCOPE, 403, "insufficient_scope", "The token was not made for this")                           \
	X(ERR_REGISTRATION_CLOSED, 403, "registration_closed", "Registration is closed")                     \
	X(ERR_NOT_FOUND, 404, "not_found", "There is no such resource")                                      \
	X(ERR_METHOD, 405, "method_not_allowed", "The resource does not know this method")                   \
	X(ERR_NOT_ACCEPTABLE, 406, "not_acceptable", "No representation that you accept is available")       \
	X(ERR_TIMEOUT, 408, "request_timeout", "The request took too long to arrive")                        \
	X(ERR_CONFLICT, 409, "conflict", "The request conflicts with the state of the resource")             \
	X(ERR_EMAIL_TAKEN, 409, "email_taken", "This e-mail is registered already")                          \
	X(ERR_KEY_TAKEN, 409, "key_taken", "Another project has this key")                                   \
	X(ERR_NAME_TAKEN, 409, "name_taken", "Another resource has this name")                               \
	X(ERR_LAST_ADMIN, 409, "last_admin", "There would be no active admin left")                          \
	X(ERR_PROJECT_OWNER, 409, "project_owner", "The owner of a project stays its manager")               \
	X(ERR_TOO_MANY_TOKENS, 409, "too_many_tokens", "There are too many tokens; delete some")             \
	X(ERR_JOB_FINISHED, 409, "job_finished", "The job has ended already")                                \
	X(ERR_PROJECT_CLOSED, 409, "project_closed", "The project takes no new issues")                      \
	X(ERR_INVALID_TRANSITION, 409, "invalid_transition",                                                 \
	  "The workflow does not allow this change of status")                                               \
	X(ERR_BULK_FAILED, 409, "bulk_failed", "Some of the issues cannot be changed, so none was")          \
	X(ERR_BLOCKED, 409, "blocked", "Another issue that blocks this one is not done")                     \
	X(ERR_LINK_EXISTS, 409, "link_exists", "The issues are linked so already")                           \
	X(ERR_LINK_CYCLE, 409, "link_cycle", "Links of this type would lead in a circle")                    \
	X(ERR_VERSION_CONFLICT, 409, "version_conflict", "The resource was changed by somebody else")        \
	X(ERR_KEY_IN_USE, 409, "idempotency_key_in_use", "A request with this Idempotency-Key is under way") \
	X(ERR_PRECONDITION, 412, "precondition_failed", "The precondition does not hold")                    \
	X(ERR_BODY_TOO_LARGE, 413, "body_too_large", "The body is too large")                                \
	X(ERR_URI_TOO_LONG, 414, "uri_too_long", "The request target is too long")                           \
	X(ERR_MEDIA_TYPE, 415, "unsupported_media_type", "The body's media type is not supported")           \
	X(ERR_QUOTA, 413, "quota_exceeded", "The project's attachments take too much room")                  \
	X(ERR_FILE_TYPE, 415, "file_type_not_allowed", "Files of this type are not taken")                   \
	X(ERR_RANGE, 416, "range_not_satisfiable", "The range is not in the file")                           \
	X(ERR_EXPECTATION, 417, "expectation_failed", "The expectation cannot be met")                       \
	X(ERR_FILE_MISMATCH, 422, "file_type_mismatch", "The file is of another type than was declared")     \
	X(ERR_VALIDATION, 422, "validation_failed", "Some fields are not valid")                             \
	X(ERR_KEY_REUSED, 422, "idempotency_key_reused", "The Idempotency-Key was used for another request") \
	X(ERR_VERSION_REQUIRED, 428, "version_required", "The change must name the version it is based on")  \
	X(ERR_TOO_MANY, 429, "too_many_requests", "Too many requests")                                       \
	X(ERR_HEAD_TOO_LARGE, 431, "headers_too_large", "The request's header section is too large")         \
	X(ERR_INTERNAL, 500, "internal", "An internal error occurred")                                       \
	X(ERR_NOT_IMPLEMENTED, 501, "not_implemented", "The server does not implement this")                 \
	X(ERR_UNAVAILABLE, 503, "unavailable", "The service is not available at the moment")                 \
	X(ERR_BUSY, 503, "busy", "The service has too much to do at the moment")                             \
	X(ERR_SHUTTING_DOWN, 503, "shutting_down", "The service is shutting down")                           \
	X(ERR_DEADLINE, 503, "deadline_exceeded", "The request took too long")                               \
	X(ERR_OUTCOME_UNKNOWN, 503, "outcome_unknown",                                                       \
	  "The change may or may not have been made; read before repeating it")                              \
	X(ERR_HTTP_VERSION, 505, "http_version_not_supported", "The HTTP version is not supported")          \
	X(ERR_STORAGE, 507, "insufficient_storage", "There is no room left for this")

enum err {
	ERR_NONE = 0,
#define ERR_ENUM(name, status, code, title) name,
	ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
		ERR_COUNT,
};

/* Marks functions whose error must be looked at. */
#define MUST_CHECK __attribute__((warn_unused_result))

int err_status(enum err e);
const char *err_code(enum err e);
const char *err_title(enum err e);

#endif
