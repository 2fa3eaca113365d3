#include "app/config_check.h"

#include "db/direct.h"
#include "domain/email.h"
#include "domain/password.h"

#include <string.h>

#define check(condition, ...) ((condition) ? (void)0 : buf_printf(errors, __VA_ARGS__))

static void check_needs(const struct config *c, unsigned needs, struct buf *errors)
{
	check(c->database_url || !(needs & CONFIG_NEEDS_DATABASE),
	      "DATABASE_URL is not set; expected where PostgreSQL is, as postgresql://user@host:5432/bugd\n");
	check(c->secret_key || !(needs & CONFIG_NEEDS_KEY),
	      "SECRET_KEY is not set; expected a random text of at least 32 bytes, as from "
	      "`head -c 48 /dev/urandom | base64 -w 0`\n");
}

static void check_database(const struct config *c, struct buf *errors)
{
	char fault[DIRECT_ERROR_MAX];

	check(!c->database_url || direct_url_check(c->database_url, fault), "DATABASE_URL: %s\n", fault);
	check(c->db_statement_timeout < c->request_timeout,
	      "DB_STATEMENT_TIMEOUT: %llu ms is not less than REQUEST_TIMEOUT, %llu ms; expected less, so "
	      "that a request ends by the database's answer\n",
	      (unsigned long long)c->db_statement_timeout, (unsigned long long)c->request_timeout);
}

static void check_host(const struct config *c, struct buf *errors)
{
	static const struct str scheme = STR_INIT("unix:");
	struct str host = str_of(c->host);

	check(!str_starts(host, scheme) || host.p[scheme.n] == '/',
	      "HOST: \"%s\" is not allowed; expected an absolute path behind unix:\n", c->host);
}

static void check_password_cost(const struct config *c, struct buf *errors)
{
	check(c->password_memory_kib >= 8 * c->password_parallelism,
	      "PASSWORD_MEMORY_KIB: %u is not enough for PASSWORD_PARALLELISM %u; expected at least %u\n",
	      c->password_memory_kib, c->password_parallelism, 8 * c->password_parallelism);
}

static void check_bootstrap(const struct config *c, struct buf *errors)
{
	const char *email = c->bootstrap_admin_email;

	check(!email == !c->bootstrap_admin_password,
	      "BOOTSTRAP_ADMIN_EMAIL and BOOTSTRAP_ADMIN_PASSWORD: only one of them is set; expected both "
	      "or none\n");
	check(!email || email_valid(str_of(email)),
	      "BOOTSTRAP_ADMIN_EMAIL: \"%s\" is not an e-mail address; expected one such as "
	      "admin@example.org\n",
	      email);
}

void config_check(const struct config *c, unsigned needs, struct buf *errors)
{
	check_needs(c, needs, errors);
	check_database(c, errors);
	check_host(c, errors);
	check_password_cost(c, errors);
	check_bootstrap(c, errors);
}
