/* Random bytes of the kernel's generator (getrandom(2)), buffered, fit for secrets. One thread: the loop's. */
#ifndef BUGD_BASE_RAND_H
#define BUGD_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *out, size_t n);
uint64_t rand_u64(void);

#endif
