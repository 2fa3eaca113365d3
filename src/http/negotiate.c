#include "http/negotiate.h"

#include <string.h>

#define Q_MAX 1000 /* three decimals, as many as the grammar has (RFC 9110, section 12.4.2) */

/* How well a range fits: 0 not at all, then with every specific part better. */
static int fits(struct str range, const char *offer)
{
	struct str type = str_of(offer), subtype = range;
	struct str wanted = str_cut(&subtype, '/');
	struct str offered = str_cut(&type, '/');

	if (str_eq_z(wanted, "*"))
		return subtype.p && str_eq_z(subtype, "*") ? 1 : 0;
	if (!subtype.p || !str_ieq(wanted, offered))
		return 0;
	if (str_eq_z(subtype, "*"))
		return 2;
	return str_ieq(subtype, type) ? 3 : 0;
}

/* "0.25" in thousandths; -1: malformed. */
static int parse_q(struct str s)
{
	int q, scale = Q_MAX;

	if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
		return -1;
	q = (s.p[0] - '0') * Q_MAX;
	for (size_t i = 2; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		scale /= 10;
		q += (s.p[i] - '0') * scale;
	}
	return q <= Q_MAX ? q : -1;
}

/* The weight of an element behind its range. */
static int weight(struct str parameters)
{
	while (parameters.p) {
		struct str value = str_cut(&parameters, ';');
		struct str name = str_trim(str_cut(&value, '='));

		if (str_ieq_z(name, "q"))
			return value.p ? parse_q(str_trim(value)) : -1;
	}
	return Q_MAX;
}

struct verdict {
	int fit, q;
};

static void weigh(struct verdict *v, struct str list, const char *offer)
{
	while (list.p) {
		struct str parameters = str_cut(&list, ',');
		int fit = fits(str_trim(str_cut(&parameters, ';')), offer);
		int q = fit > v->fit ? weight(parameters) : -1;

		if (q >= 0)
			*v = (struct verdict){ fit, q };
	}
}

static bool is_accept(const struct header *h)
{
	return str_ieq_z(h->name, "accept") && h->value.n;
}

static bool says_anything(const struct request *r)
{
	for (size_t h = 0; h < r->header_count; h++) {
		if (is_accept(&r->headers[h]))
			return true;
	}
	return false;
}

int negotiate_accept(const struct request *r, const char *const *offers, size_t count)
{
	int best = -1, best_q = 0;

	if (!says_anything(r))
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct verdict v = { 0, 0 };

		for (size_t h = 0; h < r->header_count; h++) {
			if (is_accept(&r->headers[h]))
				weigh(&v, r->headers[h].value, offers[i]);
		}
		if (v.q > best_q) {
			best = (int)i;
			best_q = v.q;
		}
	}
	return best;
}
