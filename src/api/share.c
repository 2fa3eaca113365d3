#include "api/share.h"

#include "api/caller.h"

static void give_back(void *share)
{
	list_remove(&((struct share *)share)->node);
}

bool share_take(struct exchange *x, struct share *s, struct list *taken, size_t most)
{
	const struct uuid *user = &caller_of(x)->id;
	size_t own = 0;

	list_for_each(taken, node, next)
		own += uuid_eq(&list_entry(node, struct share, node)->user, user);
	if (own >= most) {
		exchange_fail_detail(x, ERR_TOO_MANY,
				     "You have %zu of these requests under way; let one end.", own);
		return false;
	}
	s->user = *user;
	list_append(taken, &s->node);
	arena_defer(&x->arena, give_back, s);
	return true;
}
