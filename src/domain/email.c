#include "domain/email.h"

#include "base/ascii.h"

#include <string.h>

#define LOCAL_MAX 64
#define LABEL_MAX 63

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 5322, section 3.2.3. */
static bool is_atext(char c)
{
	return is_letter(c) || is_digit(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool local_part_valid(struct str s)
{
	if (s.n == 0 || s.n > LOCAL_MAX)
		return false;
	while (s.p) {
		struct str atom = str_cut(&s, '.');

		if (atom.n == 0)
			return false;
		for (size_t i = 0; i < atom.n; i++) {
			if (!is_atext(atom.p[i]))
				return false;
		}
	}
	return true;
}

/* RFC 1123, section 2.1. */
static bool label_valid(struct str s)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-')
			return false;
	}
	return true;
}

static bool host_valid(struct str s)
{
	size_t labels = 0;
	struct str label = STR_NONE;

	for (; s.p; labels++) {
		label = str_cut(&s, '.');
		if (!label_valid(label))
			return false;
	}
	/* A last label that starts with a digit is an address's, not a name's. */
	return labels >= 2 && is_letter(label.p[0]);
}

bool email_valid(struct str s)
{
	struct str host = s;
	struct str local = str_cut(&host, '@');

	return s.n <= EMAIL_MAX && host.p && local_part_valid(local) && host_valid(host);
}

void email_normalise(struct str s, char *out)
{
	for (size_t i = 0; i < s.n; i++)
		out[i] = ascii_lower(s.p[i]);
}
