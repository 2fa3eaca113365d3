/* The inside of the reader of multipart/form-data, shared by multipart.c (parts) and multipart_head.c (their heads). */
#ifndef BUGD_HTTP_MULTIPART_INTERNAL_H
#define BUGD_HTTP_MULTIPART_INTERNAL_H

#include "http/multipart.h"

#define BOUNDARY_MAX 70 /* RFC 2046, section 5.1.1 */

/* Reads the boundary of a Content-Type. False: it has none, or one that is not allowed. */
bool multipart_boundary(struct str content_type, struct str *boundary);

/*
 * Reads a part's header section, complete lines without the empty one, into name, filename and type. `filename` is
 * absent for a plain field. NULL, or what is wrong with it.
 */
const char *multipart_head(struct arena *a, struct str head, struct multipart_part *part);

#endif
