#include "api/idempotency.h"

#include "api/handler.h"
#include "db/row.h"
#include "domain/seal.h"

#include <openssl/evp.h>
#include <string.h>

#define FINGERPRINT_LEN 32 /* of SHA-256 */

/* A request with a key; x->watch is one. */
struct keyed {
	struct uuid owner;
	struct str key;
	unsigned char fingerprint[FINGERPRINT_LEN];
	struct db_hold hold;
};

/* ---- the key ---- */

static bool is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '!' || s.p[i] > '~')
			return false;
	}
	return s.n > 0;
}

bool idempotency_begin(struct exchange *x)
{
	struct str key = request_header(&x->request, "idempotency-key");
	struct keyed *k;

	if (!key.p || x->request.method != HTTP_POST)
		return true;
	if (key.n > IDEMPOTENCY_KEY_MAX || !is_printable(key) ||
	    request_header_count(&x->request, "idempotency-key") > 1) {
		exchange_fail_detail(
			x, ERR_BAD_REQUEST,
			"Idempotency-Key must be one text of 1 to %d printable ASCII characters.",
			IDEMPOTENCY_KEY_MAX);
		return false;
	}
	k = arena_new(&x->arena, struct keyed);
	k->key = key;
	x->watch = k;
	return true;
}

/* With its length, so that no two lists of parts look the same. */
static bool hash_part(EVP_MD_CTX *h, struct str part)
{
	const uint64_t n = part.n;

	return EVP_DigestUpdate(h, &n, sizeof(n)) && EVP_DigestUpdate(h, part.p, part.n);
}

static bool hash_request(const struct request *r, unsigned char out[FINGERPRINT_LEN])
{
	EVP_MD_CTX *h = EVP_MD_CTX_new();
	bool made = h && EVP_DigestInit_ex(h, EVP_sha256(), NULL) && hash_part(h, r->path) &&
		    hash_part(h, r->query) && hash_part(h, r->body) && EVP_DigestFinal_ex(h, out, NULL);

	EVP_MD_CTX_free(h);
	return made;
}

/*
 * What makes two requests the same, for the same owner. A streamed body is not part of it, as it was not read yet.
 * Those who have no token own what they ask for: nobody else can have sent it, and their keys never collide.
 */
static bool identify(struct exchange *x, struct keyed *k)
{
	const struct caller *c = caller_of(x);

	if (!hash_request(&x->request, k->fingerprint))
		return false;
	/* A token that is limited to projects has keys of its own: what its owner was answered may be of others. */
	if (c)
		k->owner = c->only ? c->session : c->id;
	else
		memcpy(k->owner.b, k->fingerprint, sizeof(k->owner.b));
	return true;
}

static struct str fingerprint(const struct keyed *k)
{
	return (struct str){ (const char *)k->fingerprint, sizeof(k->fingerprint) };
}

/* ---- the stored answer: lengths, and then the texts ---- */

struct answer_head {
	uint32_t status, type, headers, own;
};

static void pack(const struct response *r, struct buf *out)
{
	const struct answer_head head = { (uint32_t)r->status, (uint32_t)r->content_type.n,
					  (uint32_t)r->headers.n, r->own };

	buf_add(out, &head, sizeof(head));
	buf_add_str(out, r->content_type);
	buf_add_str(out, buf_str(&r->headers));
	buf_add_str(out, buf_str(&r->body));
}

static bool unpack(struct exchange *x, struct str packed)
{
	struct response *r = &x->response;
	struct answer_head head;
	size_t lengths;

	if (packed.n < sizeof(head))
		return false;
	memcpy(&head, packed.p, sizeof(head));
	lengths = sizeof(head) + head.type + head.headers;
	if (packed.n < lengths)
		return false;
	response_reset(r);
	r->status = (int)head.status;
	r->own = head.own;
	if (head.type)
		r->content_type = arena_str(&x->arena, (struct str){ packed.p + sizeof(head), head.type });
	buf_add(&r->headers, packed.p + sizeof(head) + head.type, head.headers);
	buf_add(&r->body, packed.p + lengths, packed.n - lengths);
	return true;
}

/* ---- before the handler ---- */

struct before_frame {
	struct co co;
	struct db_reply *reply;
};
const size_t idempotency_before_frame_size = sizeof(struct before_frame);

static enum co_state replay(struct exchange *x, const struct keyed *k, const PGresult *r)
{
	struct buf packed = { 0 };
	bool whole;

	if (!str_eq(row_text(r, 0, 0), fingerprint(k))) {
		exchange_fail(x, ERR_KEY_REUSED);
		return CO_FAILED;
	}
	whole = seal_open(api_of(x)->answer_key, k->key, row_text(r, 0, 1), &packed) &&
		unpack(x, buf_str(&packed));
	buf_free(&packed);
	if (!whole) {
		exchange_fail_detail(
			x, ERR_CONFLICT,
			"The request was answered, but the answer was stored with another SECRET_KEY.");
		return CO_FAILED;
	}
	response_header(&x->response, "Idempotency-Replayed", STR("true"));
	return CO_DONE;
}

enum co_state idempotency_before(struct exchange *x, void *frame)
{
	struct before_frame *f = frame;
	struct keyed *k = x->watch;

	co_begin(f);
	if (!identify(x, k))
		co_fail(exchange_fail(x, ERR_INTERNAL));
	co_db(f, x, f->reply, idempotency_find, .owner = k->owner, .key = k->key);
	if (PQntuples(f->reply->result[0]))
		return replay(x, k, f->reply->result[0]);
	co_end();
}

/* ---- the change ---- */

struct op *change_begin(struct exchange *x)
{
	struct keyed *k = x->watch;

	if (!k)
		return db_begin(api_of(x)->db, DB_WRITE);
	return hold_begin(&statement_idempotency_claim,
			  &(struct idempotency_claim_args){ .owner = k->owner, .key = k->key });
}

struct db_reply *change_submit(struct exchange *x, struct op *op)
{
	struct keyed *k = x->watch;

	read_mark_owner(x, op);
	return k ? db_submit_held(api_of(x)->db, op, &k->hold, &x->arena)
		 : db_submit(api_of(x)->db, op, &x->arena);
}

struct db_reply *change_run(struct exchange *x, const struct statement *st, const void *args)
{
	struct op *op = change_begin(x);

	db_add(op, st, args);
	return change_submit(x, op);
}

/* ---- behind the handler ---- */

struct after_frame {
	struct co co;
	struct db_reply *reply;
};
const size_t idempotency_after_frame_size = sizeof(struct after_frame);

/* An answer that is a problem is not stored, but what was done on the way to it counts, as it does without a key. */
static struct db_reply *commit(struct exchange *x, struct keyed *k)
{
	struct op *op = db_begin(api_of(x)->db, DB_WRITE);
	struct buf packed = { 0 }, sealed = { 0 };

	if (x->response.status < 400) {
		pack(&x->response, &packed);
		seal(api_of(x)->answer_key, k->key, buf_str(&packed), &sealed);
		db_add(op, &statement_idempotency_keep,
		       &(struct idempotency_keep_args){ .owner = k->owner,
							.key = k->key,
							.fingerprint = fingerprint(k),
							.answer = buf_str(&sealed) });
		buf_free(&packed);
		buf_free(&sealed);
	}
	return hold_commit(&k->hold, op, &x->arena);
}

enum co_state idempotency_after(struct exchange *x, void *frame)
{
	struct after_frame *f = frame;
	struct keyed *k = x->watch;

	co_begin(f);
	/* Nothing was changed, or it failed. But a change that is gone must not be answered as if it were there. */
	if (!k->hold.db || (!hold_is_open(&k->hold) && x->response.status >= 400))
		return CO_DONE;
	if (x->response.status >= 500) {
		hold_release(&k->hold);
		return CO_DONE;
	}
	f->reply = commit(x, k);
	co_await(f, x, &f->reply->wait);
	if (f->reply->err)
		co_fail(handler_db_failed(x, f->reply));
	co_end();
}
