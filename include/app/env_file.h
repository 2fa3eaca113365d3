/*
 * .env files: lines NAME=value, as shells and the many dotenv libraries read them.
 *
 *	# a comment
 *	export PORT=8080          # "export" is allowed and means nothing
 *	ISSUER="tab: \t, quote: \""  escapes \n \r \t \" \\ \$
 *	SECRET_KEY='taken as it is'
 *
 * Nothing is expanded: a $ is a $. Of a name that is there twice, the last one counts.
 */
#ifndef BUGD_APP_ENV_FILE_H
#define BUGD_APP_ENV_FILE_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>

struct env_entry {
	const char *name, *value;
	int line; /* from 1 */
};

struct env_file {
	struct env_entry *v; /* in the arena */
	size_t n;
};

/*
 * Reads the text of a file. False: `errors` got a line for each line of the file that is wrong, which begins
 * with `path` and the number and never shows a value.
 */
bool env_file_parse(struct str text, const char *path, struct arena *a, struct env_file *out,
		    struct buf *errors);

/* The last entry of this name; NULL when there is none. */
const struct env_entry *env_file_find(const struct env_file *f, const char *name);

#endif
