/*
 * Base 64 (RFC 4648) without padding, in both alphabets: the standard one ('+', '/': PHC strings) and the one
 * for URLs ('-', '_': tokens, cursors).
 *
 * Each sequence of bytes has exactly one text: decoding refuses padding, foreign characters, impossible
 * lengths, and last characters whose unused bits are not zero.
 */
#ifndef BUGD_BASE_BASE64_H
#define BUGD_BASE_BASE64_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Characters of the text of n bytes, and bytes of a text of n characters. */
#define BASE64_TEXT_LEN(n) (((n)*4 + 2) / 3)
#define BASE64_DATA_LEN(n) ((n)*3 / 4)

/* Writes exactly BASE64_TEXT_LEN(n) characters, no NUL. */
void base64_encode(const void *data, size_t n, char *out);
void base64url_encode(const void *data, size_t n, char *out);

/* Writes exactly BASE64_DATA_LEN(s.n) bytes, when it returns true. */
bool base64_decode(struct str s, void *out);
bool base64url_decode(struct str s, void *out);

#endif
