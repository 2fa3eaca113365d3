#include "api/rate_limit.h"

#include "api/caller.h"
#include "api/handler.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/rand.h"
#include "domain/rate.h"
#include "domain/throttle.h"

#include <stdlib.h>
#include <xxhash.h>

/* A megabyte at most, of which the system gives what is used. */
#define BUCKETS   65536
#define WINDOW_US UINT64_C(60000000)

static const char *const kind_names[RATE_KINDS] = { NULL, NULL, "sign-in", "read", "write", "heavy" };

struct rate_limit {
	const struct rate_config *config;
	struct rate_table *table;
	struct rate rates[RATE_KINDS];
	uint64_t seed; /* so that nobody can choose who shares a bucket */
};

static void set_rates(struct rate_limit *l, const struct rate_config *config)
{
	l->config = config;
	l->rates[RATE_SIGN_IN] = (struct rate){ config->sign_in, WINDOW_US };
	l->rates[RATE_READ] = (struct rate){ config->read, WINDOW_US };
	l->rates[RATE_WRITE] = (struct rate){ config->write, WINDOW_US };
	l->rates[RATE_HEAVY] = (struct rate){ config->heavy, WINDOW_US };
}

struct rate_limit *rate_limit_create(const struct rate_config *config)
{
	struct rate_limit *l;

	if (!config->on)
		return NULL;
	l = mem_zalloc(1, sizeof(*l));
	l->table = rate_table_create(BUCKETS);
	l->seed = rand_u64();
	set_rates(l, config);
	return l;
}

void rate_limit_configure(struct rate_limit **l, const struct rate_config *config)
{
	if (config->on && *l) {
		set_rates(*l, config);
		return;
	}
	rate_limit_free(*l);
	*l = rate_limit_create(config);
}

void rate_limit_free(struct rate_limit *l)
{
	if (!l)
		return;
	rate_table_free(l->table);
	free(l);
}

static enum rate_kind kind_of(const struct exchange *x)
{
	if (x->route->rate != RATE_BY_METHOD)
		return (enum rate_kind)x->route->rate;
	return x->request.method == HTTP_GET || x->request.method == HTTP_HEAD ? RATE_READ : RATE_WRITE;
}

static bool is_exempt(const struct rate_limit *l, const struct exchange *x)
{
	struct network_address address;

	if (str_eq_z(x->request.client, "unix"))
		return l->config->exempt.local;
	return network_address_parse(x->request.client, &address) &&
	       network_list_has(&l->config->exempt, &address);
}

static uint64_t hash_of(const struct rate_limit *l, enum rate_kind kind, const void *who, size_t n)
{
	return XXH3_64bits_withSeed(who, n, l->seed + (uint64_t)kind);
}

static uint64_t hash_of_address(const struct rate_limit *l, enum rate_kind kind, struct str address)
{
	char origin[THROTTLE_ORIGIN_MAX];

	throttle_origin(address, origin);
	return hash_of(l, kind, origin, str_of(origin).n);
}

/* Both in one field each, in the form of the draft. Rounded up, so that who waits so long has a token. */
static void tell(struct exchange *x, enum rate_kind kind, const struct rate *r, const struct rate_verdict *v)
{
	x->lasting = arena_printf(
		&x->arena, "RateLimit-Policy: \"%s\";q=%u;w=%llu\r\nRateLimit: \"%s\";r=%u;t=%llu\r\n",
		kind_names[kind], r->quota, (unsigned long long)(r->window_us / 1000000), kind_names[kind],
		v->remaining, (unsigned long long)((v->reset_us + 999999) / 1000000));
}

static bool take(struct exchange *x, struct rate_limit *l, enum rate_kind kind, uint64_t hash)
{
	const struct rate *r = &l->rates[kind];
	struct rate_verdict v;

	if (r->quota == 0)
		return true;
	v = rate_take(r, rate_table_find(l->table, hash), clock_mono_us());
	tell(x, kind, r, &v);
	if (v.allowed)
		return true;
	x->problem.retry_after = (unsigned)((v.retry_us + 999999) / 1000000);
	exchange_fail_detail(x, ERR_TOO_MANY, "More than %u requests of the kind \"%s\" in a minute.",
			     r->quota, kind_names[kind]);
	return false;
}

bool rate_limit_admit(struct exchange *x, const struct caller *caller)
{
	struct rate_limit *l = api_of(x)->rate_limit;
	enum rate_kind kind;

	if (!l)
		return true;
	kind = kind_of(x);
	if (kind == RATE_FREE || is_exempt(l, x))
		return true;
	if (!caller)
		return take(x, l, kind, hash_of_address(l, kind, x->request.client));
	/* The token is counted first: when it has used up what it may, its owner should not pay for it. */
	if (caller->personal &&
	    !take(x, l, kind, hash_of(l, kind, &caller->session, sizeof(caller->session))))
		return false;
	return take(x, l, kind, hash_of(l, kind, &caller->id, sizeof(caller->id)));
}

bool rate_limit_stranger(struct exchange *x)
{
	struct rate_limit *l = api_of(x)->rate_limit;

	if (!l || is_exempt(l, x))
		return true;
	return take(x, l, RATE_SIGN_IN, hash_of_address(l, RATE_SIGN_IN, x->request.client));
}
