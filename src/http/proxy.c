#include "http/proxy.h"

#include "http/conformance.h"

#include <string.h>

/* Cuts the last item off a list with commas; absent when there was none left. */
static struct str cut_last(struct str *list)
{
	const char *comma = list->p ? memrchr(list->p, ',', list->n) : NULL;
	struct str item = *list;

	if (!comma) {
		*list = STR_NONE;
		return str_trim(item);
	}
	item.p = comma + 1;
	item.n = (size_t)(list->p + list->n - item.p);
	list->n = (size_t)(comma - list->p);
	return str_trim(item);
}

/* The last item of the last field line of this name. */
static struct str last_value(const struct request *r, const char *name)
{
	for (size_t i = r->header_count; i-- > 0;) {
		struct str value = r->headers[i].value;

		if (str_ieq_z(r->headers[i].name, name))
			return cut_last(&value);
	}
	return STR_NONE;
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80" */
static bool parse_hop(struct str text, struct network_address *out)
{
	const char *colon = text.n ? memchr(text.p, ':', text.n) : NULL;

	if (text.n && text.p[0] == '[') {
		text = (struct str){ text.p + 1, text.n - 1 };
		text = str_cut(&text, ']');
	} else if (colon && colon == memrchr(text.p, ':', text.n)) {
		text.n = (size_t)(colon - text.p);
	}
	return network_address_parse(text, out);
}

/*
 * Walks back from the peer. Every trusted proxy tells the truth about who was before it; the first address that is
 * not one of theirs is the client's, and what it says about those before is worth nothing.
 */
static bool find_client(const struct request *r, const struct network_list *trusted,
			struct network_address *client)
{
	bool found = false;

	for (size_t i = r->header_count; i-- > 0;) {
		struct str list = r->headers[i].value;

		if (!str_ieq_z(r->headers[i].name, "X-Forwarded-For"))
			continue;
		while (list.p) {
			struct network_address hop;

			if (!parse_hop(cut_last(&list), &hop))
				return found;
			*client = hop;
			found = true;
			if (!network_list_has(trusted, &hop))
				return true;
		}
	}
	return found;
}

void proxy_hear(struct request *r, const struct network_list *trusted, struct arena *a)
{
	struct str host = last_value(r, "X-Forwarded-Host");
	struct network_address client;

	if (find_client(r, trusted, &client)) {
		char *text = arena_alloc(a, NETWORK_ADDRESS_TEXT);

		network_address_format(&client, text);
		r->client = str_of(text);
	}
	if (host.p && conformance_host(host))
		r->host = host;
	r->secure = str_ieq_z(last_value(r, "X-Forwarded-Proto"), "https");
}
