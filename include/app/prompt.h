/* Reads a password: on a terminal by a prompt without echo, else the first line of standard input. */
#ifndef BUGD_APP_PROMPT_H
#define BUGD_APP_PROMPT_H

#include "base/str.h"

#include <stdbool.h>

#define PROMPT_ERROR_MAX 160

/*
 * Reads a new password, on a terminal twice, into `out` of `size` bytes without the line's end. False:
 * `error` says why. The caller wipes `out`.
 */
bool prompt_new_password(char *out, size_t size, char error[PROMPT_ERROR_MAX]);

#endif
