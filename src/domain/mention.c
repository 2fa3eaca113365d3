#include "domain/mention.h"

#include <stdbool.h>
#include <string.h>

struct scan {
	struct str text;
	size_t at;
};

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool is_handle(char c)
{
	return is_word(c) || c == '.' || c == '-';
}

static size_t run_of(const struct scan *s, char c)
{
	size_t n = 0;

	while (s->at + n < s->text.n && s->text.p[s->at + n] == c)
		n++;
	return n;
}

static bool at_line_start(const struct scan *s)
{
	size_t i = s->at;

	while (i > 0 && s->text.p[i - 1] == ' ' && s->at - i < 3)
		i--;
	return i == 0 || s->text.p[i - 1] == '\n';
}

/* Where a run of exactly n of these characters begins, from `from` on; the text's length when there is none. */
static size_t find_run(const struct scan *s, char c, size_t n, size_t from)
{
	struct scan look = { s->text, from };

	while (look.at < look.text.n) {
		size_t found = run_of(&look, c);

		if (found == n)
			return look.at;
		look.at += found ? found : 1;
	}
	return look.text.n;
}

/* A code span ends with as many backticks as it begins with; without those they are only characters. */
static void skip_span(struct scan *s)
{
	size_t n = run_of(s, '`');
	size_t end = find_run(s, '`', n, s->at + n);

	s->at = end < s->text.n ? end + n : s->at + n;
}

/* A fence ends at a line that begins with as many of its characters, or with the text. */
static void skip_fence(struct scan *s, char c, size_t n)
{
	s->at += n;
	while (s->at < s->text.n) {
		if (s->text.p[s->at] == c && at_line_start(s) && run_of(s, c) >= n) {
			s->at += run_of(s, c);
			return;
		}
		s->at++;
	}
}

static void skip_code(struct scan *s, char c)
{
	size_t n = run_of(s, c);

	if (n >= 3 && at_line_start(s))
		skip_fence(s, c, n);
	else if (c == '`')
		skip_span(s);
	else
		s->at += n;
}

/* The handle behind an '@', without the points and hyphens that end a sentence; absent: none. */
static struct str take_handle(struct scan *s)
{
	size_t begin = s->at + 1, end = begin;
	bool inside = s->at > 0 && (is_handle(s->text.p[s->at - 1]) || s->text.p[s->at - 1] == '@');

	while (end < s->text.n && is_handle(s->text.p[end]))
		end++;
	s->at = end;
	while (end > begin && !is_word(s->text.p[end - 1]))
		end--;
	if (inside || end == begin || end - begin > MENTION_LEN_MAX ||
	    (s->at < s->text.n && s->text.p[s->at] == '@'))
		return STR_NONE;
	return (struct str){ s->text.p + begin, end - begin };
}

static struct str lower(struct arena *a, struct str s)
{
	char *text = arena_alloc(a, s.n);

	for (size_t i = 0; i < s.n; i++)
		text[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]);
	return (struct str){ text, s.n };
}

static bool is_among(const struct str *list, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(list[i], s))
			return true;
	}
	return false;
}

size_t mentions_find(struct str text, struct arena *a, struct str out[MENTIONS_MAX])
{
	struct scan s = { text, 0 };
	size_t n = 0;

	while (s.at < text.n && n < MENTIONS_MAX) {
		char c = text.p[s.at];
		struct str handle;

		if (c == '`' || c == '~') {
			skip_code(&s, c);
		} else if (c == '@') {
			handle = take_handle(&s);
			if (handle.p && !is_among(out, n, handle = lower(a, handle)))
				out[n++] = handle;
		} else {
			s.at++;
		}
	}
	return n;
}
