#include "api/precondition.h"

#define TAGS_MAX 32

/* The version at the start of one of our strong tags; false for anything else, which then fits nothing. */
static bool tag_version(struct str tag, struct str *version)
{
	struct str rest;
	int64_t n;

	if (tag.n < 3 || tag.p[0] != '"' || tag.p[tag.n - 1] != '"')
		return false;
	rest = (struct str){ tag.p + 1, tag.n - 2 };
	*version = str_cut(&rest, '-');
	return rest.p && str_to_i64(*version, &n) && n > 0;
}

static void read_if_match(struct exchange *x, struct str list, struct precondition *out)
{
	struct str *versions = arena_array(&x->arena, struct str, TAGS_MAX);
	size_t n = 0;

	while (list.p && n < TAGS_MAX) {
		struct str tag = str_trim(str_cut(&list, ','));

		if (str_eq_z(tag, "*"))
			out->any = true;
		else if (tag_version(tag, &versions[n]))
			n++;
	}
	out->from_if_match = true;
	out->versions = (struct db_array){ versions, n };
}

static int32_t since(const struct db_array *versions)
{
	const struct str *v = versions->v;
	int64_t n;

	return versions->n && str_to_i64(v[0], &n) && n <= INT32_MAX ? (int32_t)n : 0;
}

/* Narrows what If-Match allows to the body's version. */
static void require_version(struct exchange *x, int64_t version, struct precondition *out)
{
	struct str *text = arena_new(&x->arena, struct str);
	const struct str *allowed = out->versions.v;
	bool fits = !out->from_if_match || out->any;

	*text = arena_printf(&x->arena, "%lld", (long long)version);
	for (size_t i = 0; i < out->versions.n; i++)
		fits = fits || str_eq(allowed[i], *text);
	out->any = false;
	out->versions = (struct db_array){ text, fits ? 1 : 0 };
}

bool precondition_read(struct exchange *x, bool in_body, int64_t body_version, bool required,
		       struct precondition *out)
{
	struct str if_match = request_header(&x->request, "if-match");

	*out = (struct precondition){ .any = false };
	if (if_match.p)
		read_if_match(x, if_match, out);
	if (in_body)
		require_version(x, body_version, out);
	out->since = in_body && body_version <= INT32_MAX ? (int32_t)body_version : since(&out->versions);
	if (if_match.p || in_body)
		return true;
	out->any = true;
	if (!required)
		return true;
	exchange_fail_detail(
		x, ERR_VERSION_REQUIRED,
		"Send the version that the change is based on, as \"version\" in the body or as If-Match.");
	return false;
}

void precondition_fail(struct exchange *x, const struct precondition *p)
{
	if (p->from_if_match)
		exchange_fail_detail(
			x, ERR_PRECONDITION,
			"If-Match does not name the version that `current` is, or the body names another. "
			"An ETag is sent as the server gave it, with its quotes.");
	else
		exchange_fail(x, ERR_VERSION_CONFLICT);
}
