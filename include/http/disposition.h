/* Names of files in headers (RFC 6266, RFC 8187), and names of files that clients send. */
#ifndef BUGD_HTTP_DISPOSITION_H
#define BUGD_HTTP_DISPOSITION_H

#include "base/buf.h"
#include "base/str.h"

/*
 * Appends the value of Content-Disposition that makes a browser save the file under this name: `filename` for all, and
 * `filename*` when that cannot say it.
 */
void disposition_attachment(struct buf *out, struct str name);

/* The last segment of what may be a path of any system; without blanks around it. Empty for "..", "." and "a/". */
struct str disposition_base_name(struct str name);

/* Whether the name has control characters, or those that turn the direction of what follows. Valid UTF-8. */
bool disposition_has_controls(struct str name);

#endif
