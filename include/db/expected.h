/* What the server has yet to answer on one connection, in order: a ring that grows. Part of a pipe. */
#ifndef BUGD_DB_EXPECTED_H
#define BUGD_DB_EXPECTED_H

#include <stddef.h>
#include <stdint.h>

struct op;

enum expected_kind { EXPECT_PREPARE, EXPECT_DEALLOCATE, EXPECT_EXECUTE, EXPECT_SYNC };

struct expected {
	enum expected_kind kind;
	int index;           /* of the operation's statement */
	struct op *op;       /* NULL for a Sync */
	uint64_t generation; /* EXPECT_DEALLOCATE: of the text that goes */
};

/* A zeroed struct is empty. */
struct expected_ring {
	struct expected *slots;
	size_t head, count, size;
};

struct expected *expected_add(struct expected_ring *r, enum expected_kind kind, struct op *op, int index);
/* NULL when nothing is expected. What these two return is valid until the next call. */
const struct expected *expected_first(const struct expected_ring *r);
void expected_drop_first(struct expected_ring *r);
void expected_clear(struct expected_ring *r);
void expected_free(struct expected_ring *r);

#endif
