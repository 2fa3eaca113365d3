/*
 * A setting: what one environment variable means. The table of all of them is in app/config.h; it drives
 * reading, checking, `bugd serve --help` and the test of .env.example.
 */
#ifndef BUGD_APP_SETTING_H
#define BUGD_APP_SETTING_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_kind {
	SETTING_TEXT,
	SETTING_SECRET,   /* a text that is never shown; NAME_FILE may name a file that holds it */
	SETTING_NUMBER,   /* a whole number */
	SETTING_DURATION, /* 500ms, 10s, 5m, 1h; without a unit milliseconds */
	SETTING_SIZE,     /* 16KiB, 1MiB, 1GiB; without a unit bytes */
	SETTING_SWITCH,   /* true, on, yes, 1; false, off, no, 0 */
	SETTING_CHOICE,   /* one of some words, kept as its place among them */
};

/* How each kind is written in C. */
#define SETTING_TYPE_TEXT     const char *
#define SETTING_TYPE_SECRET   const char *
#define SETTING_TYPE_NUMBER   unsigned
#define SETTING_TYPE_DURATION uint64_t
#define SETTING_TYPE_SIZE     uint64_t
#define SETTING_TYPE_SWITCH   bool
#define SETTING_TYPE_CHOICE   int

struct setting {
	enum setting_kind kind;
	const char *name;
	const char *standard; /* its value when none is given, as one would write it; NULL: it has none */
	uint64_t low, high;   /* bounds of the value; of the length in bytes, for a text */
	const char *choices;  /* "json|text" */
	const char *doc;      /* a sentence */
	size_t offset;        /* of its field in struct config */
	bool live;            /* it may change while the server runs (app/config_adopt.h) */
};

/*
 * Reads the text into the setting's field of `config`; a text is kept by pointer. False: it is not allowed,
 * and nothing was written.
 */
bool setting_read(const struct setting *s, const char *text, void *config);

/* What would be right, to go on after "expected": "a whole number from 0 to 65535". */
void setting_expected(const struct setting *s, struct buf *out);

#endif
