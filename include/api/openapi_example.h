/* Real exchanges that the OpenAPI document shows; scripts/generate-examples.awk makes the table at build. */
#ifndef BUGD_API_OPENAPI_EXAMPLE_H
#define BUGD_API_OPENAPI_EXAMPLE_H

#include <stddef.h>

/* A line of docs/examples.tsv, which test/contract/record.js records. */
struct openapi_example {
	const char *operation; /* "*": of any operation */
	int status;
	const char *name;    /* "reply", or the problem's code */
	const char *request; /* JSON; "" when there was no body */
	const char *reply;
};

extern const struct openapi_example openapi_examples[];
extern const size_t openapi_example_count;

#endif
