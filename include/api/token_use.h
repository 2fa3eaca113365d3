/*
 * When personal access tokens were last used, without a write per request: a process notes each token once a
 * minute at most, and writes what it has noted in one statement, some seconds later or when the list is full.
 */
#ifndef BUGD_API_TOKEN_USE_H
#define BUGD_API_TOKEN_USE_H

#include "api/caller_cache.h"
#include "db/reply.h"

#include <uv.h>

struct token_use;
struct token_use *token_use_create(uv_loop_t *loop, struct db *db);

/* A use just now. */
void token_use_note(struct token_use *u, struct standing *standing);

/* Writes what is noted, as far as the database still takes it; then token_use_free, after the loop ran. */
void token_use_close(struct token_use *u);
void token_use_free(struct token_use *u);

#endif
