#include "base/err.h"

static const struct {
	int status;
	const char *code, *title;
} table[ERR_COUNT] = { [ERR_NONE] = { 200, "none", "No error" },
#define ERR_ROW(name, status, code, title) [name] = { status, code, title },
		       ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

int err_status(enum err e)
{
	return table[e].status;
}

const char *err_code(enum err e)
{
	return table[e].code;
}

const char *err_title(enum err e)
{
	return table[e].title;
}
