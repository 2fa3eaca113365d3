/* The route table: what each route is, in one place. */
#include "api/answer.h"
#include "api/rate_limit.h"
#include "api/resource.h"
#include "api/resource_changes.h"
#include "api/resource_comments.h"
#include "api/resource_planning.h"
#include "api/resource_timeline.h"
#include "api/resource_watching.h"

#define V1 "/api/v1"
#define ANSWERS(...)                                                                                         \
	.answers = (const struct route_answer[])                                                             \
	{                                                                                                    \
		__VA_ARGS__,                                                                                 \
		{                                                                                            \
			0                                                                                    \
		}                                                                                            \
	}

/* Answers that many routes have. */
#define PROBLEM(status, text)                                                                                \
	{                                                                                                    \
		(status), "Problem", (text)                                                                  \
	}
#define OK(shape_name, text)                                                                                 \
	{                                                                                                    \
		200, (shape_name), (text)                                                                    \
	}
#define CREATED(shape_name, text)                                                                            \
	{                                                                                                    \
		201, (shape_name), (text)                                                                    \
	}
#define NO_CONTENT(text)                                                                                     \
	{                                                                                                    \
		204, NULL, (text)                                                                            \
	}
#define NOT_MODIFIED                                                                                         \
	{                                                                                                    \
		304, NULL, "The client's copy is still right."                                               \
	}
#define INVALID   PROBLEM(422, "Some fields or parameters are not valid.")
#define SIGN_IN   PROBLEM(401, "There is no valid token.")
#define FORBIDDEN PROBLEM(403, "The role does not allow it, or the token has not the scope.")
#define MISSING   PROBLEM(404, "There is none, or none that the caller may know of.")
#define AWAY      PROBLEM(503, "The database is away, or there is too much to do.")
#define MALFORMED PROBLEM(400, "The request is malformed.")
#define STALE                                                                                                \
	PROBLEM(409, "Somebody else has changed it; `current` is what it is now."),                          \
		PROBLEM(412, "If-Match does not fit; `current` is what it is now."),                         \
		PROBLEM(428, "The version that the change is based on was not named.")
#define MEDIA PROBLEM(415, "The body is not JSON.")

/* A page or a file of the documentation. */
#define PAGE(route_path, run, name, text, more)                                                              \
	.method = HTTP_GET, .path = (route_path), .handler = (run), .permission = PERM_PUBLIC,               \
	.tag = "Documentation", .operation = (name), .summary = (text), .doc = (more)

const struct route api_routes[] = {
	{ PAGE("/", page_home, "getHome", "What this is",
	       "A page with links to all that people look for first."),
	  ANSWERS(OK("Page", "The page."), NOT_MODIFIED) },
	{ PAGE("/openapi.json", page_document, "getDocument", "Read this document",
	       "Made from the route table of the running server."),
	  ANSWERS(OK("Document", "The document."), NOT_MODIFIED) },
	{ PAGE("/docs", page_docs, "getDocs", "Where the documentation is", NULL),
	  ANSWERS({ 308, NULL, "At /api/docs." }) },
	{ PAGE("/api/docs", page_swagger, "getSwagger", "Try the API out", "Swagger UI, with this document."),
	  ANSWERS(OK("Page", "The page."), NOT_MODIFIED,
		  PROBLEM(404, "The server was built without this page.")) },
	{ PAGE("/api/redoc", page_redoc, "getRedoc", "Read about the API", "ReDoc, with this document."),
	  ANSWERS(OK("Page", "The page."), NOT_MODIFIED,
		  PROBLEM(404, "The server was built without this page.")) },
	{ PAGE("/api/docs/{file}", page_file, "getAsset", "Read a file of a page",
	       "May be kept for ever: its name has the hash of its content."),
	  ANSWERS(OK("Asset", "The file."), NOT_MODIFIED, MISSING) },
	{ .method = HTTP_GET,
	  .path = "/health",
	  .handler = health,
	  .frame_size = &health_frame_size,
	  .place = ROUTE_FOR_BOTH,
	  .rate = RATE_FREE,
	  .permission = PERM_PUBLIC,
	  .tag = "Health",
	  .operation = "getHealth",
	  .summary = "Whether the process lives",
	  .doc = "Does not ask the database.",
	  ANSWERS(OK("Status", "It does.")) },
	{ .method = HTTP_GET,
	  .path = "/ready",
	  .handler = ready,
	  .frame_size = &ready_frame_size,
	  .place = ROUTE_FOR_OPERATORS,
	  .rate = RATE_FREE,
	  .permission = PERM_PUBLIC,
	  .tag = "Health",
	  .operation = "getReady",
	  .summary = "Whether requests can be served",
	  .doc = "Makes a round trip to the database.",
	  ANSWERS(OK("Status", "They can."), AWAY) },
	{ .method = HTTP_GET,
	  .path = "/metrics",
	  .handler = metrics_read,
	  .place = ROUTE_FOR_OPERATORS,
	  .rate = RATE_FREE,
	  .permission = PERM_PUBLIC,
	  .tag = "Health",
	  .operation = "getMetrics",
	  .summary = "What the process counts",
	  .doc = "In the text format of Prometheus, or as OpenMetrics when the client prefers that. For the networks of "
		 "METRICS_NETWORKS, or at the address of ADMIN_LISTEN.",
	  ANSWERS(OK("Metrics", "The metrics."), PROBLEM(404, "Not for this client.")) },
#include "routes_changes.h"
#include "routes_comments.h"
#include "routes_identity.h"
#include "routes_planning.h"
#include "routes_timeline.h"
#include "routes_watching.h"
	{ .method = HTTP_GET,
	  .path = V1 "/projects",
	  .handler = project_list,
	  .frame_size = &project_list_frame_size,
	  .permission = PERM_PROJECT_READ,
	  .query = &project_list_query_shape,
	  .tag = "Projects",
	  .operation = "listProjects",
	  .summary = "List projects",
	  .doc = "Those that the caller may see.",
	  ANSWERS(OK("ProjectList", "A page of projects."), NOT_MODIFIED, SIGN_IN, FORBIDDEN, INVALID,
		  AWAY) },
	{ .method = HTTP_POST,
	  .path = V1 "/projects",
	  .handler = project_create,
	  .frame_size = &project_create_frame_size,
	  .permission = PERM_PROJECT_CREATE,
	  .body = &project_create_shape,
	  .tag = "Projects",
	  .operation = "createProject",
	  .summary = "Create a project",
	  ANSWERS(CREATED("Project", "The new project."), MALFORMED, SIGN_IN, FORBIDDEN,
		  PROBLEM(409, "The key or the name is taken."), MEDIA, INVALID, AWAY) },
	{ .method = HTTP_GET,
	  .path = V1 "/projects/{id}",
	  .handler = project_read,
	  .frame_size = &project_read_frame_size,
	  .permission = PERM_PROJECT_READ,
	  .query = &read_query_shape,
	  .tag = "Projects",
	  .operation = "getProject",
	  .summary = "Read a project",
	  .doc = "By id or key.",
	  ANSWERS(OK("Project", "The project."), NOT_MODIFIED, SIGN_IN, FORBIDDEN, MISSING, INVALID, AWAY) },
	{ .method = HTTP_PATCH,
	  .path = V1 "/projects/{id}",
	  .handler = project_patch,
	  .frame_size = &project_patch_frame_size,
	  .permission = PERM_PROJECT_WRITE,
	  .body = &project_patch_shape,
	  .merge_patch = true,
	  .tag = "Projects",
	  .operation = "updateProject",
	  .summary = "Change a project",
	  ANSWERS(OK("Project", "The project after the change."), MALFORMED, SIGN_IN, FORBIDDEN, MISSING,
		  STALE, MEDIA, INVALID, AWAY) },
	{ .method = HTTP_PUT,
	  .path = V1 "/projects/{id}",
	  .handler = project_put,
	  .frame_size = &project_put_frame_size,
	  .permission = PERM_PROJECT_WRITE,
	  .body = &project_put_shape,
	  .tag = "Projects",
	  .operation = "replaceProject",
	  .summary = "Replace a project",
	  ANSWERS(OK("Project", "The project after the change."), MALFORMED, SIGN_IN, FORBIDDEN, MISSING,
		  STALE, MEDIA, INVALID, AWAY) },
	{ .method = HTTP_DELETE,
	  .path = V1 "/projects/{id}",
	  .handler = project_delete,
	  .frame_size = &project_delete_frame_size,
	  .permission = PERM_PROJECT_WRITE,
	  .tag = "Projects",
	  .operation = "deleteProject",
	  .summary = "Delete a project",
	  .doc = "Its issues go with it.",
	  ANSWERS(NO_CONTENT("It is gone."), SIGN_IN, FORBIDDEN, MISSING,
		  PROBLEM(412, "If-Match does not fit."), AWAY) },
	{ .method = HTTP_GET,
	  .path = V1 "/issues",
	  .handler = issue_list,
	  .frame_size = &issue_list_frame_size,
	  .permission = PERM_ISSUE_READ,
	  .query = &issue_list_query_shape,
	  .tag = "Issues",
	  .operation = "listIssues",
	  .summary = "List issues",
	  .doc = "Those that the caller may see, filtered, sorted, by page or by cursor. With `q` what fits best comes first, "
		 "unless told.",
	  ANSWERS(OK("IssueList", "A page of issues."), NOT_MODIFIED, SIGN_IN, FORBIDDEN, INVALID, AWAY) },
	{ .method = HTTP_POST,
	  .path = V1 "/issues",
	  .handler = issue_create,
	  .frame_size = &issue_create_frame_size,
	  .permission = PERM_ISSUE_CREATE,
	  .body = &issue_create_shape,
	  .tag = "Issues",
	  .operation = "createIssue",
	  .summary = "Create an issue",
	  .doc = "Whom it is assigned to, its milestone and its labels are named by developers of the project.",
	  ANSWERS(CREATED("Issue", "The new issue."), MALFORMED, SIGN_IN, FORBIDDEN,
		  PROBLEM(409, "The project takes no new issues."), MEDIA, INVALID, AWAY) },
#include "routes_reports.h"
#include "routes_transfer.h"
	{ .method = HTTP_GET,
	  .path = V1 "/issues/{id}",
	  .handler = issue_read,
	  .frame_size = &issue_read_frame_size,
	  .permission = PERM_ISSUE_READ,
	  .query = &issue_read_query_shape,
	  .tag = "Issues",
	  .operation = "getIssue",
	  .summary = "Read an issue",
	  .doc = "By id, or by a key such as WEB-12; with `include` also what belongs to it, and with `as_of` as it was "
		 "at a moment, by its history.",
	  ANSWERS(OK("Issue", "The issue."), NOT_MODIFIED, SIGN_IN, FORBIDDEN, MISSING, INVALID, AWAY) },
	{ .method = HTTP_PATCH,
	  .path = V1 "/issues/{id}",
	  .handler = issue_patch,
	  .frame_size = &issue_patch_frame_size,
	  .permission = PERM_ISSUE_EDIT_OWN,
	  .body = &issue_patch_shape,
	  .merge_patch = true,
	  .tag = "Issues",
	  .operation = "updateIssue",
	  .summary = "Change an issue",
	  .doc = "A status that the workflow does not allow answers 409 with `allowed`.",
	  ANSWERS(OK("Issue", "The issue after the change."), MALFORMED, SIGN_IN, FORBIDDEN, MISSING, STALE,
		  MEDIA, INVALID, AWAY) },
	{ .method = HTTP_PUT,
	  .path = V1 "/issues/{id}",
	  .handler = issue_put,
	  .frame_size = &issue_put_frame_size,
	  .permission = PERM_ISSUE_EDIT,
	  .body = &issue_put_shape,
	  .tag = "Issues",
	  .operation = "replaceIssue",
	  .summary = "Replace an issue",
	  ANSWERS(OK("Issue", "The issue after the change."), MALFORMED, SIGN_IN, FORBIDDEN, MISSING, STALE,
		  MEDIA, INVALID, AWAY) },
	{ .method = HTTP_DELETE,
	  .path = V1 "/issues/{id}",
	  .handler = issue_delete,
	  .frame_size = &issue_delete_frame_size,
	  .permission = PERM_ISSUE_DELETE,
	  .tag = "Issues",
	  .operation = "deleteIssue",
	  .summary = "Delete an issue",
	  .doc = "Managers can restore it.",
	  ANSWERS(NO_CONTENT("It is gone."), SIGN_IN, FORBIDDEN, MISSING,
		  PROBLEM(412, "If-Match does not fit."), AWAY) },
	{ .method = HTTP_POST,
	  .path = V1 "/issues/{id}/restore",
	  .handler = issue_restore,
	  .frame_size = &issue_restore_frame_size,
	  .permission = PERM_ISSUE_DELETE,
	  .tag = "Issues",
	  .operation = "restoreIssue",
	  .summary = "Restore a deleted issue",
	  ANSWERS(OK("Issue", "The issue, back again."), SIGN_IN, FORBIDDEN, MISSING,
		  PROBLEM(412, "If-Match does not fit."), AWAY) },
#include "routes_attachment.h"
};

const size_t api_route_count = sizeof(api_routes) / sizeof(*api_routes);
