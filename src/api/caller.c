#include "api/caller.h"

#include "api/handler.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/listen.h"
#include "db/row.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_PLACES 4096

struct remembered {
	struct uuid id;
	bool valid;
	bool is_active;
	enum role role;
};

struct caller_cache {
	struct listen *listen;
	bool listening;
	/* Counts what was forgotten, so that an answer of the database that is older than that is not kept. */
	uint64_t forgotten;
	struct remembered place[CACHE_PLACES];
};

struct str caller_role(const struct caller *c)
{
	return str_of(role_names[c->role]);
}

/* The last bytes of a version 7 id are random. */
static struct remembered *place_of(struct caller_cache *c, const struct uuid *id)
{
	uint32_t h;

	memcpy(&h, id->b + 12, sizeof(h));
	return &c->place[h % CACHE_PLACES];
}

/* NULL: not remembered. */
static const struct remembered *find(struct caller_cache *c, const struct uuid *id)
{
	const struct remembered *r = place_of(c, id);

	return r->valid && uuid_eq(&r->id, id) ? r : NULL;
}

static void notified(void *arg, struct str channel, struct str payload)
{
	struct caller_cache *c = arg;
	struct uuid id;

	(void)channel;
	c->forgotten++;
	if (uuid_parse(payload, &id))
		place_of(c, &id)->valid = false;
}

static void listening(void *arg, bool on)
{
	struct caller_cache *c = arg;

	c->listening = on;
	c->forgotten++;
	for (size_t i = 0; i < CACHE_PLACES; i++)
		c->place[i].valid = false;
}

struct caller_cache *caller_cache_create(const struct conn_config *conn)
{
	static const char *const channels[] = { "bugd_user", NULL };
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
	free(c);
}

/* The token of "Authorization: Bearer …" (RFC 6750, section 2.1); absent unless there is exactly one field. */
static struct str bearer_token(const struct exchange *x)
{
	struct str v;

	if (request_header_count(&x->request, "authorization") != 1)
		return STR_NONE;
	v = request_header(&x->request, "authorization");
	if (v.n < 7 || !str_ieq_z((struct str){ v.p, 7 }, "Bearer "))
		return STR_NONE;
	return str_trim((struct str){ v.p + 7, v.n - 7 });
}

/* Whether the role in the project decides, which only the statement knows. */
static bool project_decides(enum permission p)
{
	switch (p) {
	case PERM_ISSUE_CREATE:
	case PERM_ISSUE_EDIT_OWN:
	case PERM_ISSUE_EDIT:
	case PERM_ISSUE_DELETE:
	case PERM_PROJECT_WRITE:
		return true;
	default:
		return false;
	}
}

static void admit(struct exchange *x, const struct uuid *id, enum role role)
{
	struct caller *c = arena_new(&x->arena, struct caller);
	char text[UUID_TEXT_LEN];

	c->id = *id;
	c->role = role;
	uuid_format(id, text);
	x->user = arena_str(&x->arena, (struct str){ text, sizeof(text) });
	x->context = c;
}

static bool permit(struct exchange *x, const struct uuid *id, bool is_active, enum role role)
{
	enum permission permission = (enum permission)x->route->permission;

	if (!is_active) {
		exchange_fail(x, ERR_UNAUTHENTICATED);
		return false;
	}
	admit(x, id, role);
	if (!project_decides(permission) && !role_may(role, permission)) {
		exchange_fail(x, ERR_FORBIDDEN);
		return false;
	}
	return true;
}

struct gate_frame {
	struct co co;
	struct jwt_claims claims;
	const struct remembered *known; /* not used behind the await */
	struct db_reply *reply;
	uint64_t forgotten;
};

const size_t caller_gate_frame_size = sizeof(struct gate_frame);

/* Keeps what the database said, unless something was forgotten since it was asked. */
static bool keep(struct exchange *x, const struct gate_frame *f)
{
	struct caller_cache *c = api_of(x)->callers;
	struct remembered fresh = { .id = f->claims.sub };
	const PGresult *r = f->reply->result[0];

	if (PQntuples(r) == 1 && role_parse(row_text(r, 0, 0), &fresh.role)) {
		fresh.is_active = row_bool(r, 0, 1);
		fresh.valid = true;
	}
	if (fresh.valid && c->listening && c->forgotten == f->forgotten)
		*place_of(c, &fresh.id) = fresh;
	return permit(x, &fresh.id, fresh.is_active, fresh.role);
}

enum co_state caller_gate(struct exchange *x, void *frame)
{
	struct gate_frame *f = frame;
	struct caller_cache *c = api_of(x)->callers;

	co_begin(f);
	if (x->route->permission == PERM_PUBLIC)
		return CO_DONE;
	if (!jwt_verify(api_of(x)->keys, bearer_token(x), clock_now_us() / 1000000, &f->claims))
		co_fail(exchange_fail(x, ERR_UNAUTHENTICATED));
	f->known = find(c, &f->claims.sub);
	if (f->known)
		return permit(x, &f->known->id, f->known->is_active, f->known->role) ? CO_DONE : CO_FAILED;
	f->forgotten = c->forgotten;
	co_db(f, x, f->reply, user_state, .id = f->claims.sub);
	return keep(x, f) ? CO_DONE : CO_FAILED;
	co_end();
}
