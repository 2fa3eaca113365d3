/* The routes of the world that stream, and what all of its routes wait with. */
#ifndef BUGD_TEST_HTTP_WORLD_ROUTES_H
#define BUGD_TEST_HTTP_WORLD_ROUTES_H

#include "http_world.h"

/* Waits for world_wake. */
struct slow {
	struct co co;
	struct awaitable wait;
	struct list node;
};

struct awaitable *world_wait(struct slow *f);

/* Counts the bytes of its body and adds them up. X-Limit: takes so many; X-Refuse: asks for none. */
enum co_state world_sink(struct exchange *x, void *frame);
/* Reads a body that world_wake lets go on, chunk by chunk; its frame is a struct slow. */
enum co_state world_patient(struct exchange *x, void *frame);
/* Sends back what comes, while it comes; its frame is that of world_sink. */
enum co_state world_mirror(struct exchange *x, void *frame);
/*
 * Answers as many bytes as the path says, in pieces of 100,000. X-Length announces a length, X-Wait waits for
 * world_wake before the end, X-Fail fails there, X-Fail-First before anything was sent, X-Empty answers 204.
 */
enum co_state world_source(struct exchange *x, void *frame);

extern const size_t world_sink_size, world_source_size;

#endif
