#include "app/config_check.h"

#include "db/direct.h"
#include "domain/email.h"
#include "domain/jwt.h"
#include "domain/media.h"
#include "domain/password.h"

#include <stdlib.h>
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

static void check_database(struct config *c, struct buf *errors)
{
	char fault[DIRECT_ERROR_MAX];

	check(!c->database_url || direct_url_check(c->database_url, fault), "DATABASE_URL: %s\n", fault);
	if (c->database_replica_urls)
		replica_urls_parse(c->database_replica_urls, &c->arena, &c->replicas, errors);
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

/* "127.0.0.1:9090", "[::1]:9090", "*:9090", "unix:/path". */
static bool parse_address(struct arena *a, const char *text, struct config_address *out)
{
	const char *colon = strrchr(text, ':');
	struct str host, port;

	*out = (struct config_address){ .host = text };
	if (strncmp(text, "unix:", 5) == 0)
		return text[5] == '/';
	if (!colon)
		return false;
	host = (struct str){ text, (size_t)(colon - text) };
	port = str_of(colon + 1);
	if (host.n > 1 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = (struct str){ host.p + 1, host.n - 2 };
	if (host.n == 0 || port.n == 0 || port.n > 5)
		return false;
	for (size_t i = 0; i < port.n; i++) {
		if (port.p[i] < '0' || port.p[i] > '9')
			return false;
	}
	out->host = arena_str(a, host).p;
	out->port = (uint16_t)atoi(port.p);
	return atoi(port.p) <= UINT16_MAX;
}

static void check_operators(struct config *c, struct buf *errors)
{
	struct str wrong;

	check(!c->admin_listen || parse_address(&c->arena, c->admin_listen, &c->admin),
	      "ADMIN_LISTEN: \"%s\" is not allowed; expected an address with a port, such as 127.0.0.1:9090 or "
	      "[::1]:9090, or unix:/path\n",
	      c->admin_listen);
	check(network_list_parse(&c->metrics_from, str_of(c->metrics_networks), &wrong),
	      "METRICS_NETWORKS: \"%.*s\" is not allowed; expected networks such as 10.0.0.0/8 or ::1, or unix; "
	      "%d at most\n",
	      STR_FMT(wrong), NETWORKS_MAX);
}

static void check_rates(struct config *c, struct buf *errors)
{
	struct str wrong;

	c->rate = (struct rate_config){
		.on = c->rate_limit,
		.sign_in = c->rate_limit_sign_in,
		.read = c->rate_limit_read,
		.write = c->rate_limit_write,
		.heavy = c->rate_limit_heavy,
	};
	check(!c->rate_limit_exempt ||
		      network_list_parse(&c->rate.exempt, str_of(c->rate_limit_exempt), &wrong),
	      "RATE_LIMIT_EXEMPT: \"%.*s\" is not allowed; expected networks such as 10.0.0.0/8 or ::1, or unix; "
	      "%d at most\n",
	      STR_FMT(wrong), NETWORKS_MAX);
}

static void check_front(const struct config *c, struct front *f, struct buf *errors)
{
	struct str wrong;

	*f = (struct front){ .base_path = c->base_path ? str_of(c->base_path) : STR("") };
	check(front_base_path_valid(f->base_path),
	      "BASE_PATH: \"%s\" is not allowed; expected a path such as /bugs, without a slash at its end\n",
	      c->base_path);
	check(!c->trusted_proxies || network_list_parse(&f->proxies, str_of(c->trusted_proxies), &wrong),
	      "TRUSTED_PROXIES: \"%.*s\" is not allowed; expected networks such as 10.0.0.0/8 or ::1, or unix; "
	      "%d at most\n",
	      STR_FMT(wrong), NETWORKS_MAX);
	check(!c->cors_origins || cors_parse(&f->cors, str_of(c->cors_origins), &wrong),
	      "CORS_ORIGINS: \"%.*s\" is not allowed; expected origins such as https://app.example.org, in lower "
	      "case and without a path, %d at most, or * alone\n",
	      STR_FMT(wrong), CORS_ORIGINS_MAX);
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

/* Makes the keys of access tokens once, and drops them. */
static void check_jwt(const struct config *c, unsigned needs, struct buf *errors)
{
	bool eddsa = c->jwt_algorithm == CONFIG_JWT_EDDSA;
	struct str issuer = str_of(c->issuer), secret = str_of(c->secret_key),
		   pem = str_of(c->jwt_private_key);
	struct jwt_keys *keys;

	if (!(needs & CONFIG_NEEDS_KEY) || !secret.p)
		return;
	check(!eddsa || pem.p,
	      "JWT_PRIVATE_KEY is not set; expected an Ed25519 key for JWT_ALGORITHM=EdDSA\n");
	if (eddsa && !pem.p)
		return;
	keys = eddsa ? jwt_keys_create_eddsa(pem, issuer) : jwt_keys_create(secret, issuer);
	if (eddsa)
		check(keys,
		      "JWT_PRIVATE_KEY: it is not an Ed25519 key without a password; expected one in PEM\n");
	else
		check(keys,
		      "ISSUER: \"%s\" is not allowed; expected printable ASCII characters without space and quotes\n",
		      c->issuer);
	if (keys && eddsa)
		check(jwt_keys_add(keys, str_of(c->jwt_public_keys)),
		      "JWT_PUBLIC_KEYS: one is not an Ed25519 public key; expected PEM\n");
	if (keys && !eddsa)
		check(jwt_keys_add(keys, str_of(c->old_secret_keys)),
		      "OLD_SECRET_KEYS: a line has less than %d bytes; expected earlier SECRET_KEYs\n",
		      JWT_KEY_MIN);
	jwt_keys_free(keys);
}

static void check_attachments(const struct config *c, struct buf *errors)
{
	struct str accel = str_of(c->x_accel_redirect), wrong;

	check(media_list_valid(str_of(c->attachment_types), &wrong),
	      "ATTACHMENT_TYPES: \"%.*s\" is not allowed; expected types such as image/png, text/x-* or *\n",
	      STR_FMT(wrong));
	check(!accel.p || (accel.n > 1 && front_base_path_valid(accel)),
	      "X_ACCEL_REDIRECT: \"%s\" is not allowed; expected a path such as /attachments, without a slash at its "
	      "end\n",
	      c->x_accel_redirect);
}

void config_check(struct config *c, unsigned needs, struct buf *errors)
{
	check_needs(c, needs, errors);
	check_database(c, errors);
	check_host(c, errors);
	check_operators(c, errors);
	check_rates(c, errors);
	check_front(c, &c->front, errors);
	check_attachments(c, errors);
	check_password_cost(c, errors);
	check_bootstrap(c, errors);
	check_jwt(c, needs, errors);
}
