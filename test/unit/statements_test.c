#include "db/compose.h"
#include "db/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Every statement is prepared against the schema (`make test` starts a PostgreSQL for it). */

static struct direct db;
static char schema[64];
static int failures;

static void run(const char *before, const char *behind)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %s %s", before, schema, behind);
	if (!direct_run(&db, text))
		fail_msg("%s: %s", text, db.error);
}

static int make_schema(void **state)
{
	struct migrator m = { .db = &db, .files = migration_files, .file_count = migration_file_count };

	(void)state;
	if (!getenv("TEST_DATABASE_URL"))
		return 0;
	snprintf(schema, sizeof(schema), "statements_test_%d", (int)getpid());
	if (!direct_open(&db, getenv("TEST_DATABASE_URL"), 5000, -1))
		return -1;
	run("SET client_min_messages = warning; CREATE SCHEMA", "");
	run("SET search_path =", "");
	if (!migrate_up(&m))
		fail_msg("%s", db.error);
	return 0;
}

static int drop_schema(void **state)
{
	(void)state;
	compose_stop();
	if (!getenv("TEST_DATABASE_URL"))
		return 0;
	run("DROP SCHEMA", "CASCADE");
	direct_close(&db);
	return 0;
}

static void needs_database(void)
{
	if (!getenv("TEST_DATABASE_URL"))
		skip();
	failures = 0;
}

static void complain(const char *name, const char *variant, const char *what)
{
	print_error("%s (%s): %s\n", name, variant, what);
	failures++;
}

/* What db/row.c writes; another type would be sent as bytes that are not JSON. */
static bool is_writable(Oid type)
{
	static const Oid known[] = { 16, 20, 21, 23, 25, 114, 701, 1043, 1082, 1184, 2950, 2951, 3802 };
	char text[96];
	PGresult *r;
	bool is_enum;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (known[i] == type)
			return true;
	}
	snprintf(text, sizeof(text), "SELECT 1 FROM pg_type WHERE oid = %u AND typtype = 'e'", type);
	r = PQexec(db.pg, text);
	is_enum = PQntuples(r) == 1;
	PQclear(r);
	return is_enum;
}

static void check_columns(const char *name, const char *variant, const PGresult *r)
{
	if (PQnfields(r) > 64)
		complain(name, variant, "more columns than a row may have");
	for (int i = 0; i < PQnfields(r); i++) {
		/* Those for the code alone are never written. */
		if (PQfname(r, i)[0] != '_' && !is_writable(PQftype(r, i)))
			complain(name, variant, PQfname(r, i));
	}
}

static void prepare(const char *name, const char *variant, const char *text, int count, const Oid *types)
{
	PGresult *r = PQprepare(db.pg, "", text, count, types);

	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		complain(name, variant, PQresultErrorMessage(r));
		print_error("%s\n", text);
	} else {
		PQclear(r);
		r = PQdescribePrepared(db.pg, "");
		check_columns(name, variant, r);
	}
	PQclear(r);
}

static void prepare_choice(const struct statement *st, const struct choice *choice, const char *variant)
{
	struct composed *c = compose(st, choice);

	prepare(st->name, variant, c->text, c->arg_count, c->oid);
	composed_release(c);
}

static void fixed_statements_fit_the_schema(void **state)
{
	Oid types[STATEMENT_ARGS_MAX];

	(void)state;
	needs_database();
	for (size_t i = 0; i < statement_count; i++) {
		const struct statement *st = statements[i];

		if (!st->text)
			continue;
		for (size_t k = 0; k < st->arg_count; k++)
			types[k] = db_type_oid(st->args[k].type);
		prepare(st->name, "fixed", st->text, (int)st->arg_count, types);
	}
	assert_int_equal(failures, 0);
}

/* What is selected, of which one is chosen at a time. */
static const char *const kind_names[] = { "rows", "count", "csv", "ndjson" };
#define KINDS (sizeof(kind_names) / sizeof(*kind_names))

static bool is_kind(const char *option)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(option, kind_names[i]) == 0)
			return true;
	}
	return false;
}

static uint64_t option(const struct statement *st, const char *name)
{
	for (size_t i = 0; i < st->option_count; i++) {
		if (strcmp(st->options[i], name) == 0)
			return OPTION(i);
	}
	return 0;
}

/* Options, and an order, that are chosen only together with others, or for some of what may be selected. */
static const struct {
	const char *name, *with[4];
	const char *kinds; /* NULL: all */
	bool instead;      /* of another one, so that not all options can be chosen at once */
} bound[] = {
	{ "found_in_project", { "found" }, NULL, false },
	{ "snippet", { "found" }, "rows", false },
	{ "near", { "found", "ranked" }, "rows count", false },
	{ "ranked", { "found", "near" }, "rows count", false },
	{ "alike", { "near" }, "rows count", true },
	{ "lacking", { NULL }, NULL, true },
	{ "rank_columns", { "found", "ranked", "near" }, "rows", false },
	{ "relevance", { "found", "ranked", "near", "rank_columns" }, NULL, false },
};
#define BOUND (sizeof(bound) / sizeof(*bound))

static uint64_t with_it(const struct statement *st, const char *name)
{
	uint64_t options = option(st, name);

	for (size_t i = 0; i < BOUND; i++) {
		for (size_t k = 0; k < 4 && strcmp(bound[i].name, name) == 0 && bound[i].with[k]; k++)
			options |= option(st, bound[i].with[k]);
	}
	return options;
}

static bool is_for(const char *name, const char *kind)
{
	for (size_t i = 0; i < BOUND; i++) {
		if (strcmp(bound[i].name, name) == 0)
			return !bound[i].kinds || strstr(bound[i].kinds, kind);
	}
	return true;
}

static bool is_instead(const char *name)
{
	for (size_t i = 0; i < BOUND; i++) {
		if (strcmp(bound[i].name, name) == 0)
			return bound[i].instead;
	}
	return false;
}

/* Each option alone, or with those that it needs; then all of them at once. */
static void prepare_options_of(const struct statement *st, const char *kind_name)
{
	uint64_t kind = option(st, kind_name), all = kind;

	prepare_choice(st, &(struct choice){ .options = kind }, "no option");
	for (size_t i = 0; i < st->option_count; i++) {
		const char *name = st->options[i];

		if (is_kind(name) || !is_for(name, kind_name))
			continue;
		prepare_choice(st, &(struct choice){ .options = kind | with_it(st, name) }, name);
		all |= is_instead(name) ? 0 : OPTION(i);
	}
	prepare_choice(st, &(struct choice){ .options = all }, "all options");
}

static void prepare_options(const struct statement *st)
{
	for (size_t k = 0; k < KINDS; k++) {
		if (option(st, kind_names[k]) || k == 0)
			prepare_options_of(st, kind_names[k]);
	}
}

static void prepare_order(const struct statement *st, size_t column, struct choice *choice)
{
	char variant[128];

	for (unsigned i = 0; i < 16; i++) {
		choice->order[0] = (struct order_term){ &st->orders[column], i & 1 };
		choice->order[1] = (struct order_term){ &st->orders[st->order_count - 1], (i >> 1) & 1 };
		choice->order_count = column + 1 < st->order_count ? 2 : 1;
		choice->backward = i & 4;
		choice->after = i & 8;
		snprintf(variant, sizeof(variant), "by %s, %u", st->orders[column].name, i);
		prepare_choice(st, choice, variant);
	}
}

/* A cursor holds the value of the order's key column as it came, so both must have one type. */
static void check_key(const struct statement *st, const struct order_column *column)
{
	struct choice choice = { .options = option(st, "rows") | with_it(st, column->name) };
	struct composed *c = compose(st, &choice);
	PGresult *r = PQprepare(db.pg, "", c->text, c->arg_count, c->oid);
	char text[128];
	int at;

	PQclear(r);
	composed_release(c);
	r = PQdescribePrepared(db.pg, "");
	at = PQfnumber(r, column->key);
	snprintf(text, sizeof(text), "SELECT '%s'::regtype::oid", column->cast);
	if (at < 0) {
		complain(st->name, column->name, "there is no key column");
	} else {
		PGresult *type = PQexec(db.pg, text);

		if (strtoul(PQgetvalue(type, 0, 0), NULL, 10) != PQftype(r, at))
			complain(st->name, column->name,
				 "the key column has another type than the cursor's value");
		PQclear(type);
	}
	PQclear(r);
}

static void templates_fit_the_schema_with_every_option_and_order(void **state)
{
	int templates = 0;

	(void)state;
	needs_database();
	for (size_t i = 0; i < statement_count; i++) {
		const struct statement *st = statements[i];

		if (st->text)
			continue;
		templates++;
		prepare_options(st);
		for (size_t k = 0; k < st->order_count; k++) {
			struct choice choice = { .options = option(st, "rows") |
							    with_it(st, st->orders[k].name) };

			prepare_order(st, k, &choice);
			check_key(st, &st->orders[k]);
		}
	}
	assert_true(templates >= 3);
	assert_int_equal(failures, 0);
}

static void all_columns_of_an_order_at_once(void **state)
{
	(void)state;
	needs_database();
	for (size_t i = 0; i < statement_count; i++) {
		const struct statement *st = statements[i];
		struct choice choice = { .options = option(st, "rows"), .after = true };

		for (; choice.order_count < st->order_count && choice.order_count < ORDER_MAX;
		     choice.order_count++)
			choice.order[choice.order_count] =
				(struct order_term){ &st->orders[choice.order_count],
						     choice.order_count % 2 };
		if (choice.order_count)
			prepare_choice(st, &choice, "all orders");
	}
	assert_int_equal(failures, 0);
}

static void the_table_keeps_its_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < statement_count; i++) {
		const struct statement *st = statements[i];

		assert_int_equal(st->index, i);
		assert_true(st->arg_count + (st->order_count ? ORDER_MAX : 0) <= STATEMENT_ARGS_MAX);
		assert_true(st->option_count <= 64);
		assert_true(strlen(st->name) < 64); /* the server cuts longer names */
		/* A list is a template, and what writes is not. */
		assert_true(st->text || st->lane != DB_WRITE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_statements_fit_the_schema),
		cmocka_unit_test(templates_fit_the_schema_with_every_option_and_order),
		cmocka_unit_test(all_columns_of_an_order_at_once),
		cmocka_unit_test(the_table_keeps_its_bounds),
	};

	return cmocka_run_group_tests(tests, make_schema, drop_schema);
}
