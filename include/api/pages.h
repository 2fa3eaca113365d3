/*
 * The pages for people, and the document that they show: `/`, /api/docs (Swagger UI), /api/redoc (ReDoc), their
 * files, and /openapi.json. All of it is made at start and answered as it is.
 */
#ifndef BUGD_API_PAGES_H
#define BUGD_API_PAGES_H

struct pages;

struct pages *pages_create(void);
void pages_free(struct pages *p);

#endif
