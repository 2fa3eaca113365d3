#include "app/doctor_judge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CLOCK_WARNING_MS INT64_C(1000)
#define CLOCK_PROBLEM_MS INT64_C(30000)
#define DISTINCT_LEAST   12

static bool loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
}

static bool is_local(const char *host)
{
	return loopback(host) || strncmp(host, "unix:", 5) == 0;
}

static bool is_every_address(const char *host)
{
	return strcmp(host, "*") == 0 || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static bool trusts_all(const struct network_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].bits == 0 || (l->v[i].bits == 96 && l->v[i].address.b[12] == 0))
			return true;
	return false;
}

static void judge_proxies(struct doctor *d, const struct config *c)
{
	bool on_socket = strncmp(c->host, "unix:", 5) == 0;

	if (trusts_all(&c->front.proxies))
		doctor_say(d, FINDING_PROBLEM, "proxies",
			   "set TRUSTED_PROXIES to the addresses of your proxies alone",
			   "TRUSTED_PROXIES holds every address: each client may claim to be any other");
	else if (on_socket && !c->front.proxies.local)
		doctor_say(
			d, FINDING_WARNING, "proxies",
			"add unix to TRUSTED_PROXIES, as in TRUSTED_PROXIES=unix",
			"HOST is a unix socket, and TRUSTED_PROXIES has no unix: all clients count as one");
	else if ((c->x_accel_redirect || c->base_path) && !c->trusted_proxies)
		doctor_say(
			d, FINDING_WARNING, "proxies",
			"set TRUSTED_PROXIES to the address of the proxy, such as 127.0.0.1",
			"%s is for a proxy in front, and TRUSTED_PROXIES names none: all clients count as one, and all "
			"may read /metrics when the proxy is on this machine",
			c->x_accel_redirect ? "X_ACCEL_REDIRECT" : "BASE_PATH");
	else
		doctor_say(d, FINDING_OK, "proxies", NULL, "trusted: %s",
			   c->trusted_proxies ? c->trusted_proxies : "none");
}

static void judge_listening(struct doctor *d, const struct config *c)
{
	if (!is_local(c->host) && !c->trusted_proxies)
		doctor_say(
			d, FINDING_WARNING, "listening",
			"put nginx with TLS in front (scripts/deploy/nginx.conf) and set HOST=127.0.0.1, or TRUSTED_PROXIES "
			"where that is done",
			"HOST=%s is reachable from elsewhere, and no proxy is trusted: passwords would cross the network as they are",
			c->host);
	else
		doctor_say(d, FINDING_OK, "listening", NULL, "HOST=%s, PORT=%u", c->host, c->port);
	if (c->admin.host && is_every_address(c->admin.host))
		doctor_say(d, FINDING_WARNING, "listening",
			   "set ADMIN_LISTEN to an address of an internal network",
			   "ADMIN_LISTEN=%s serves /metrics on every address", c->admin_listen);
}

static void judge_metrics(struct doctor *d, const struct config *c)
{
	if (c->admin.host)
		return;
	if (trusts_all(&c->metrics_from))
		doctor_say(d, FINDING_WARNING, "metrics",
			   "set METRICS_NETWORKS to those who watch, or ADMIN_LISTEN",
			   "METRICS_NETWORKS holds every address: anybody may read /metrics");
	else
		doctor_say(d, FINDING_OK, "metrics", NULL, "/metrics is for %s", c->metrics_networks);
}

/* Who gets in, and for how long. */
static void judge_access(struct doctor *d, const struct config *c)
{
	if (c->access_token_ttl > c->refresh_token_ttl)
		doctor_say(d, FINDING_WARNING, "tokens", "set ACCESS_TOKEN_TTL below REFRESH_TOKEN_TTL",
			   "ACCESS_TOKEN_TTL is more than REFRESH_TOKEN_TTL: access outlives its session");
	if (c->registration == CONFIG_REGISTRATION_OPEN && !is_local(c->host) && !c->rate_limit)
		doctor_say(d, FINDING_WARNING, "registration", "set RATE_LIMIT=on, or REGISTRATION=closed",
			   "anybody may register, and nothing limits how often");
	if (c->front.cors.any)
		doctor_say(d, FINDING_WARNING, "origins", "set CORS_ORIGINS to the origins of your pages",
			   "CORS_ORIGINS=* lets the pages of every site read what is public");
}

void judge_fronts(struct doctor *d, const struct config *c)
{
	judge_listening(d, c);
	judge_proxies(d, c);
	judge_metrics(d, c);
	judge_access(d, c);
}

void judge_secret(struct doctor *d, const char *name, struct str value)
{
	bool seen[256] = { false };
	size_t distinct = 0;

	for (size_t i = 0; i < value.n; i++) {
		distinct += !seen[(unsigned char)value.p[i]];
		seen[(unsigned char)value.p[i]] = true;
	}
	if (distinct < DISTINCT_LEAST)
		doctor_say(
			d, FINDING_PROBLEM, "secrets",
			doctor_text(d, "set %s to what `head -c 48 /dev/urandom | base64 -w 0` makes", name),
			"%s can be guessed: it has only %zu different bytes", name, distinct);
	else
		doctor_say(d, FINDING_OK, "secrets", NULL, "%s has %zu bytes", name, value.n);
}

void judge_secret_file(struct doctor *d, const char *name, const char *path, mode_t mode)
{
	unsigned bits = (unsigned)mode & 0777U;

	if (bits & (S_IROTH | S_IWOTH | S_IWGRP))
		doctor_say(d, FINDING_PROBLEM, "secrets",
			   doctor_text(d, "chmod %s '%s'", bits & S_IRGRP ? "640" : "600", path),
			   "%s: %s holds secrets, and %s (mode %04o)", name, path,
			   bits & S_IROTH ? "everybody may read it" : "others may change it", bits);
	else
		doctor_say(d, FINDING_OK, "secrets", NULL, "%s: %s has mode %04o", name, path, bits);
}

void judge_space(struct doctor *d, const char *path, uint64_t free_bytes, uint64_t size, uint64_t largest)
{
	uint64_t mib = 1024 * 1024;
	const char *mend =
		doctor_text(d, "make room below %s, or move UPLOAD_DIR to a larger file system", path);

	if (free_bytes < largest)
		doctor_say(d, FINDING_PROBLEM, "disk", mend,
			   "UPLOAD_DIR: %s has %" PRIu64
			   " MiB left, less than one attachment may have (MAX_ATTACHMENT_BYTES, %" PRIu64
			   " MiB)",
			   path, free_bytes / mib, largest / mib);
	else if (free_bytes < size / 20)
		doctor_say(d, FINDING_WARNING, "disk", mend,
			   "UPLOAD_DIR: %s has %" PRIu64 " MiB left, less than a twentieth", path,
			   free_bytes / mib);
	else
		doctor_say(d, FINDING_OK, "disk", NULL, "UPLOAD_DIR: %s has %" PRIu64 " MiB left", path,
			   free_bytes / mib);
}

void judge_descriptors(struct doctor *d, uint64_t limit, unsigned connections, unsigned others)
{
	uint64_t needed = (uint64_t)connections + others;

	if (limit < (uint64_t)others + 100)
		doctor_say(d, FINDING_PROBLEM, "descriptors",
			   doctor_text(d,
				       "ulimit -n %" PRIu64 ", or LimitNOFILE=%" PRIu64
				       " in the service's unit",
				       needed, needed),
			   "%" PRIu64 " files may be open, of which %u are needed beside connections", limit,
			   others);
	else if (limit < needed)
		doctor_say(d, FINDING_WARNING, "descriptors",
			   doctor_text(d,
				       "ulimit -n %" PRIu64 ", LimitNOFILE=%" PRIu64
				       " in the service's unit, or MAX_CONNECTIONS=%" PRIu64,
				       needed, needed, limit - others),
			   "%" PRIu64 " files may be open; MAX_CONNECTIONS=%u needs %" PRIu64, limit,
			   connections, needed);
	else
		doctor_say(d, FINDING_OK, "descriptors", NULL,
			   "%" PRIu64 " files may be open, %" PRIu64 " are needed at most", limit, needed);
}

void judge_clock(struct doctor *d, int64_t ahead_ms, uint64_t round_trip_ms)
{
	static const char *const mend =
		"set both clocks by NTP: `timedatectl set-ntp true`, here and where PostgreSQL runs";
	/* As far as the round trip leaves it open, it is taken to be well. */
	int64_t known = llabs(ahead_ms) - (int64_t)(round_trip_ms / 2);
	enum finding_level level = known >= CLOCK_PROBLEM_MS   ? FINDING_PROBLEM
				   : known >= CLOCK_WARNING_MS ? FINDING_WARNING
							       : FINDING_OK;

	doctor_say(d, level, "clock", level ? mend : NULL,
		   "the database's clock is %lld ms %s ours (±%" PRIu64 " ms)", llabs(ahead_ms),
		   ahead_ms < 0 ? "behind" : "ahead of", round_trip_ms / 2 + 1);
}
