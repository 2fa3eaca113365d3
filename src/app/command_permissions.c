#include "api/api.h"
#include "app/command.h"
#include "domain/role.h"
#include "http/request.h"
#include "json/write.h"

#include <stdio.h>
#include <string.h>

static const struct command_option options[] = {
	{ "markdown", NULL, "as a table for the README" },
	{ "json", NULL, "for programs, with scopes and routes" },
	{ 0 },
};

static const char *scope_text(enum permission p)
{
	enum scope scope = permission_scope(p);

	return scope == SCOPE_ANY ? "any" : scope == SCOPE_SESSION ? "none" : scope_names[scope];
}

static const char *place_text(enum permission p)
{
	return permission_place(p) == PLACE_PROJECT ? "project" : "tracker";
}

static const char *mark(enum role role, enum permission p)
{
	return role_may(role, p) ? "x" : "";
}

/* ---- for people ---- */

static void print_table(void)
{
	printf("%-15s  %-8s  %-9s  %-7s  %-5s  %-7s  %-14s  %s\n", "PERMISSION", "REPORTER", "DEVELOPER",
	       "MANAGER", "ADMIN", "PLACE", "SCOPE", "WHAT");
	for (enum permission p = 0; p < PERM_COUNT; p++)
		printf("%-15s  %-8s  %-9s  %-7s  %-5s  %-7s  %-14s  %s\n", permission_name(p),
		       mark(ROLE_REPORTER, p), mark(ROLE_DEVELOPER, p), mark(ROLE_MANAGER, p),
		       mark(ROLE_ADMIN, p), place_text(p), scope_text(p), permission_doc(p));
}

static void print_markdown(void)
{
	puts("| may | reporter | developer | manager | admin | role of | a token needs |");
	puts("| --- | --- | --- | --- | --- | --- | --- |");
	for (enum permission p = PERM_PUBLIC + 1; p < PERM_COUNT; p++)
		printf("| %s | %s | %s | %s | %s | %s | %s%s%s |\n", permission_doc(p),
		       mark(ROLE_REPORTER, p), mark(ROLE_DEVELOPER, p), mark(ROLE_MANAGER, p),
		       mark(ROLE_ADMIN, p), place_text(p), permission_scope(p) < SCOPE_COUNT ? "`" : "",
		       permission_scope(p) == SCOPE_SESSION ? "a session instead" : scope_text(p),
		       permission_scope(p) < SCOPE_COUNT ? "`" : "");
	puts("\n| scope | a token with it may |\n| --- | --- |");
	for (enum scope s = 0; s < SCOPE_COUNT; s++)
		printf("| `%s` | %s |\n", scope_names[s], scope_doc(s));
}

/* ---- for programs ---- */

static void member(struct json *j, const char *name, const char *value)
{
	json_key(j, str_of(name));
	json_str(j, str_of(value));
}

static void write_permission(struct json *j, enum permission p)
{
	json_object_begin(j);
	member(j, "name", permission_name(p));
	member(j, "place", place_text(p));
	member(j, "scope", scope_text(p));
	json_key_raw(j, JSON_KEY("roles"));
	json_array_begin(j);
	for (unsigned role = 0; role < ROLE_COUNT; role++) {
		if (role_may((enum role)role, p))
			json_str(j, str_of(role_names[role]));
	}
	json_array_end(j);
	json_object_end(j);
}

static void write_scope(struct json *j, enum scope s)
{
	unsigned set = scope_set_parse(str_of(scope_names[s]));

	json_object_begin(j);
	member(j, "name", scope_names[s]);
	json_key_raw(j, JSON_KEY("covers"));
	json_array_begin(j);
	for (unsigned other = 0; other < SCOPE_COUNT; other++) {
		if (scope_set_has(set, (enum scope)other))
			json_str(j, str_of(scope_names[other]));
	}
	json_array_end(j);
	json_object_end(j);
}

static void write_route(struct json *j, const struct route *r)
{
	json_object_begin(j);
	member(j, "method", http_method_name(r->method));
	member(j, "path", r->path);
	member(j, "permission", permission_name((enum permission)r->permission));
	json_object_end(j);
}

static void print_json(void)
{
	struct buf out = { 0 };
	struct json j = json_writer(&out);

	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("permissions"));
	json_array_begin(&j);
	for (enum permission p = 0; p < PERM_COUNT; p++)
		write_permission(&j, p);
	json_array_end(&j);
	json_key_raw(&j, JSON_KEY("scopes"));
	json_array_begin(&j);
	for (unsigned scope = 0; scope < SCOPE_COUNT; scope++)
		write_scope(&j, (enum scope)scope);
	json_array_end(&j);
	json_key_raw(&j, JSON_KEY("routes"));
	json_array_begin(&j);
	for (size_t i = 0; i < api_route_count; i++)
		write_route(&j, &api_routes[i]);
	json_array_end(&j);
	json_object_end(&j);
	buf_add_char(&out, '\n');
	fwrite(out.p, 1, out.n, stdout);
	buf_free(&out);
}

static int run(const struct command_call *call)
{
	bool markdown = command_option(call, "markdown") != NULL;
	bool json = command_option(call, "json") != NULL;

	if (markdown && json)
		return command_misused(call, "--markdown and --json exclude each other");
	if (markdown)
		print_markdown();
	else if (json)
		print_json();
	else
		print_table();
	return STATUS_DONE;
}

const struct command command_permissions = {
	.name = "permissions",
	.summary = "Print the permission matrix: which role may do what, and which scope a token needs",
	.doc = "The PLACE says whose role counts: the one in the project, or the one in the whole tracker.",
	.options = options,
	.run = run,
};
