/*
 * The pages for people, and the document that they show: `/`, /api/docs (Swagger UI), /api/redoc (ReDoc), their
 * files, and /openapi.json. All of it is made at start and answered as it is.
 */
#ifndef BUGD_API_PAGES_H
#define BUGD_API_PAGES_H

#include "base/str.h"

struct pages;

/* `base_path` is what stands in front of every path: "/bugs", or "". It must outlive the pages. */
struct pages *pages_create(struct str base_path);
void pages_free(struct pages *p);

#endif
