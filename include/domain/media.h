/* Types of files: which are taken, and whether what a client says of one fits what is in it. */
#ifndef BUGD_DOMAIN_MEDIA_H
#define BUGD_DOMAIN_MEDIA_H

#include "base/str.h"

#include <stdbool.h>

/* Whether "image/png" is in the list "image/png, text/x-*, *": names, and beginnings of names with a star behind. */
bool media_allowed(struct str list, struct str type);

/* Whether the text is such a list; *wrong is the first item that is none. */
bool media_list_valid(struct str list, struct str *wrong);

/*
 * Whether a file of the type `found`, by its content, may be declared as `declared` (a Content-Type, with parameters;
 * absent or application/octet-stream: nothing was declared). Content does not tell one text from another, nor what is
 * in an archive; so those fit whatever is made of text, and of an archive of that kind.
 */
bool media_fits(struct str declared, struct str found);

#endif
