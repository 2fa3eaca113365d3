#include "app/config_adopt.h"

#include <string.h>

static const struct {
	size_t bytes;
	bool text;
} fields[] = {
	[SETTING_TEXT] = { sizeof(SETTING_TYPE_TEXT), true },
	[SETTING_SECRET] = { sizeof(SETTING_TYPE_SECRET), true },
	[SETTING_NUMBER] = { sizeof(SETTING_TYPE_NUMBER), false },
	[SETTING_DURATION] = { sizeof(SETTING_TYPE_DURATION), false },
	[SETTING_SIZE] = { sizeof(SETTING_TYPE_SIZE), false },
	[SETTING_SWITCH] = { sizeof(SETTING_TYPE_SWITCH), false },
	[SETTING_CHOICE] = { sizeof(SETTING_TYPE_CHOICE), false },
};

static void *field_of(const struct config *c, const struct setting *s)
{
	return (char *)(uintptr_t)c + s->offset;
}

static bool same(const struct config *a, const struct config *b, const struct setting *s)
{
	const char *x, *y;

	if (!fields[s->kind].text)
		return memcmp(field_of(a, s), field_of(b, s), fields[s->kind].bytes) == 0;
	x = *(const char **)field_of(a, s);
	y = *(const char **)field_of(b, s);
	return x && y ? strcmp(x, y) == 0 : x == y;
}

/* What config_check made of the live ones. */
static void adopt_derived(struct config *c, const struct config *fresh)
{
	c->metrics_from = fresh->metrics_from;
	c->rate = fresh->rate;
	c->front.proxies = fresh->front.proxies;
	c->front.cors = fresh->front.cors;
}

void config_adopt(struct config *c, struct config *fresh, void (*differs)(void *arg, const struct setting *s),
		  void *arg)
{
	for (size_t i = 0; i < config_setting_count; i++) {
		const struct setting *s = &config_settings[i];

		if (!same(c, fresh, s))
			differs(arg, s);
		if (s->live)
			memcpy(field_of(c, s), field_of(fresh, s), fields[s->kind].bytes);
	}
	adopt_derived(c, fresh);
	arena_reset(&c->live);
	c->live = fresh->arena;
	*fresh = (struct config){ 0 };
}
