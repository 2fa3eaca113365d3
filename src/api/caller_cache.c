#include "api/caller_cache.h"

#include "base/clock.h"
#include "base/mem.h"
#include "db/listen.h"

#include <stdlib.h>
#include <string.h>

#define PLACES 4096
/* A line that is cut is noticed late: nothing is believed for longer than this, whatever was not heard. */
#define AGE_MAX_US (60 * UINT64_C(1000000))

struct place {
	bool taken;
	uint64_t kept_us; /* since when, of clock_mono_us: a clock that is set back makes nothing younger */
	struct credential credential;
	struct standing standing;
};

struct caller_cache {
	struct listen *listen;
	bool listening;
	uint64_t forgotten; /* counts the announcements */
	struct place place[PLACES];
};

static void vacate(struct place *p)
{
	free((void *)(uintptr_t)p->standing.only.v);
	memset(p, 0, sizeof(*p));
}

/* The key ends with random bytes: of a version 7 id, or of a hash. */
static struct place *place_of(struct caller_cache *c, const struct credential *credential)
{
	uint32_t a, b;

	memcpy(&a, credential->key + 12, sizeof(a));
	memcpy(&b, credential->key + 28, sizeof(b));
	return &c->place[(a ^ b) % PLACES];
}

/* Changes are rare, so they may look through the whole table. */
void caller_cache_forget(struct caller_cache *c, const struct uuid *id)
{
	c->forgotten++;
	for (size_t i = 0; i < PLACES; i++) {
		struct place *p = &c->place[i];

		if (p->taken && (uuid_eq(&p->standing.id, id) || uuid_eq(&p->standing.user, id)))
			vacate(p);
	}
}

static void notified(void *arg, struct str channel, struct str payload)
{
	struct uuid id;

	(void)channel;
	if (uuid_parse(payload, &id))
		caller_cache_forget(arg, &id);
}

static void listening(void *arg, bool on)
{
	struct caller_cache *c = arg;

	c->listening = on;
	c->forgotten++;
	for (size_t i = 0; i < PLACES; i++)
		vacate(&c->place[i]);
}

struct caller_cache *caller_cache_create(const struct conn_config *conn)
{
	static const char *const channels[] = { "bugd_user", "bugd_credential", NULL };
	static const struct listen_owner owner = { notified, listening };
	struct caller_cache *c = mem_zalloc(1, sizeof(*c));

	c->listen = listen_create(conn, channels, &owner, c);
	return c;
}

void caller_cache_open(struct caller_cache *c)
{
	listen_open(c->listen);
}

void caller_cache_close(struct caller_cache *c, void (*closed)(void *), void *arg)
{
	listen_close(c->listen, closed, arg);
}

void caller_cache_free(struct caller_cache *c)
{
	for (size_t i = 0; i < PLACES; i++)
		vacate(&c->place[i]);
	free(c);
}

static bool same(const struct credential *a, const struct credential *b)
{
	return a->personal == b->personal && memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

static bool is_over(const struct place *p)
{
	return clock_mono_us() - p->kept_us > AGE_MAX_US || p->standing.expires_at <= clock_now_us();
}

struct standing *caller_cache_find(struct caller_cache *c, const struct credential *credential)
{
	struct place *p = place_of(c, credential);

	if (!p->taken || !same(&p->credential, credential) || is_over(p))
		return NULL;
	return &p->standing;
}

uint64_t caller_cache_mark(const struct caller_cache *c)
{
	return c->forgotten;
}

void caller_cache_keep(struct caller_cache *c, const struct credential *credential,
		       const struct standing *standing, uint64_t mark)
{
	struct place *p = place_of(c, credential);

	if (!c->listening || c->forgotten != mark) {
		free((void *)(uintptr_t)standing->only.v);
		return;
	}
	vacate(p);
	p->taken = true;
	p->kept_us = clock_mono_us();
	p->credential = *credential;
	p->standing = *standing;
}
