#include "domain/password.h"

#include "base/base64.h"

#include <argon2.h>
#include <openssl/crypto.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define SALT_LEN 16
#define HASH_LEN 32
/* What a stored hash from elsewhere may have; RFC 9106, section 3.1, has 8 and 4 as its lowest. */
#define SALT_MIN 8
#define SALT_MAX 64
#define HASH_MIN 16
#define HASH_MAX 64

#define PREFIX "$argon2id$v=19$"

/* $argon2id$v=19$m=19456,t=2,p=1$salt$hash, taken apart. */
struct phc {
	struct password_cost cost;
	uint8_t salt[SALT_MAX], hash[HASH_MAX];
	size_t salt_n, hash_n;
};

static bool cost_allowed(const struct password_cost *c)
{
	return c->parallelism >= 1 && c->parallelism <= PASSWORD_PARALLELISM_MAX && c->iterations >= 1 &&
	       c->iterations <= PASSWORD_ITERATIONS_MAX && c->memory_kib >= 8 * c->parallelism &&
	       c->memory_kib <= PASSWORD_MEMORY_MAX_KIB;
}

/* Takes "m=19456" from the front of a list, with the comma behind it. */
static bool take_cost(struct str *list, char name, uint32_t *out)
{
	struct str item = str_cut(list, ',');
	int64_t v;

	/* Decimal of PHC: no sign, no leading zero. */
	if (item.n < 3 || item.p[0] != name || item.p[1] != '=' || item.p[2] < '1' || item.p[2] > '9')
		return false;
	if (!str_to_i64((struct str){ item.p + 2, item.n - 2 }, &v) || v > UINT32_MAX)
		return false;
	*out = (uint32_t)v;
	return true;
}

static bool take_bytes(struct str text, size_t min, size_t max, uint8_t *out, size_t *n)
{
	*n = BASE64_DATA_LEN(text.n);
	return *n >= min && *n <= max && base64_decode(text, out);
}

static bool phc_parse(struct str s, struct phc *out)
{
	struct str prefix = STR(PREFIX);
	struct str costs, salt;

	if (s.n >= PASSWORD_HASH_MAX || !str_starts(s, prefix))
		return false;
	s = (struct str){ s.p + prefix.n, s.n - prefix.n };
	costs = str_cut(&s, '$');
	salt = str_cut(&s, '$');
	return take_cost(&costs, 'm', &out->cost.memory_kib) &&
	       take_cost(&costs, 't', &out->cost.iterations) &&
	       take_cost(&costs, 'p', &out->cost.parallelism) && !costs.p && cost_allowed(&out->cost) &&
	       take_bytes(salt, SALT_MIN, SALT_MAX, out->salt, &out->salt_n) &&
	       take_bytes(s, HASH_MIN, HASH_MAX, out->hash, &out->hash_n);
}

static void phc_write(const struct phc *phc, char out[PASSWORD_HASH_MAX])
{
	char salt[BASE64_TEXT_LEN(SALT_MAX) + 1] = { 0 };
	char hash[BASE64_TEXT_LEN(HASH_MAX) + 1] = { 0 };

	base64_encode(phc->salt, phc->salt_n, salt);
	base64_encode(phc->hash, phc->hash_n, hash);
	snprintf(out, PASSWORD_HASH_MAX, PREFIX "m=%u,t=%u,p=%u$%s$%s", phc->cost.memory_kib,
		 phc->cost.iterations, phc->cost.parallelism, salt, hash);
}

/*
 * The working memory of a hash is mapped and unmapped: malloc would keep it for the thread for good, and there
 * may be many threads. Huge pages save most of the page faults, where the system has them.
 */
static int map_memory(uint8_t **memory, size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return ARGON2_MEMORY_ALLOCATION_ERROR;
	madvise(p, bytes, MADV_HUGEPAGE);
	*memory = p;
	return ARGON2_OK;
}

static void unmap_memory(uint8_t *memory, size_t bytes)
{
	munmap(memory, bytes);
}

/*
 * The hash of the password with the salt and cost of `phc`. The simple functions of libargon2 start a thread
 * for each lane, which a stored hash would then choose; so this is the full one, with one thread.
 */
static bool compute(const struct phc *phc, struct str password, uint8_t *out)
{
	argon2_context context = {
		.out = out,
		.outlen = (uint32_t)phc->hash_n,
		.pwd = (uint8_t *)(uintptr_t)password.p, /* only read, without ARGON2_FLAG_CLEAR_PASSWORD */
		.pwdlen = (uint32_t)password.n,
		.salt = (uint8_t *)(uintptr_t)phc->salt,
		.saltlen = (uint32_t)phc->salt_n,
		.t_cost = phc->cost.iterations,
		.m_cost = phc->cost.memory_kib,
		.lanes = phc->cost.parallelism,
		.threads = 1,
		.version = ARGON2_VERSION_13,
		.allocate_cbk = map_memory,
		.free_cbk = unmap_memory,
		.flags = ARGON2_DEFAULT_FLAGS,
	};

	return password.n <= PASSWORD_MAX && argon2_ctx(&context, Argon2_id) == ARGON2_OK;
}

/* Of the kernel at once: base/rand.h belongs to the loop's thread. */
static void random_fill(uint8_t *out, size_t n)
{
	ssize_t got;

	do {
		got = getrandom(out, n, 0);
	} while (got < 0 && errno == EINTR);
	/* Requests of up to 256 bytes are never cut (getrandom(2)). */
	if (got != (ssize_t)n) {
		perror("bugd: the kernel gives no random bytes");
		abort();
	}
}

bool password_hash(struct str password, const struct password_cost *cost, char out[PASSWORD_HASH_MAX])
{
	struct phc phc = { .cost = *cost, .salt_n = SALT_LEN, .hash_n = HASH_LEN };

	out[0] = '\0';
	if (!cost_allowed(cost))
		return false;
	random_fill(phc.salt, SALT_LEN);
	if (!compute(&phc, password, phc.hash))
		return false;
	phc_write(&phc, out);
	return true;
}

bool password_hash_nobody(const struct password_cost *cost, char out[PASSWORD_HASH_MAX])
{
	struct phc phc = { .cost = *cost, .salt_n = SALT_LEN, .hash_n = HASH_LEN };

	out[0] = '\0';
	if (!cost_allowed(cost))
		return false;
	random_fill(phc.salt, SALT_LEN);
	random_fill(phc.hash, HASH_LEN);
	phc_write(&phc, out);
	return true;
}

bool password_hash_cost(struct str hash, struct password_cost *out)
{
	struct phc phc;

	if (!phc_parse(hash, &phc))
		return false;
	*out = phc.cost;
	return true;
}

bool password_verify(struct str hash, struct str password)
{
	struct phc phc;
	uint8_t computed[HASH_MAX];

	return phc_parse(hash, &phc) && compute(&phc, password, computed) &&
	       CRYPTO_memcmp(computed, phc.hash, phc.hash_n) == 0;
}
