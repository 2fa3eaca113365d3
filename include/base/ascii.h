/* Characters of ASCII, whatever the locale is; all others are left as they are. */
#ifndef BUGD_BASE_ASCII_H
#define BUGD_BASE_ASCII_H

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* What a hexadecimal digit of either case is worth; -1: it is none. */
static inline int ascii_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
