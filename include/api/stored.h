/*
 * Stored answers: what is made once, at start, and answered as it is, compressed for those who take it so
 * (gzip, RFC 9110, section 12.5.3), with a strong ETag for each coding.
 */
#ifndef BUGD_API_STORED_H
#define BUGD_API_STORED_H

#include "api/handler.h"

struct stored {
	struct str media;
	struct str cache;  /* Cache-Control */
	struct str policy; /* Content-Security-Policy; absent: none */
	struct str gzip;   /* the content, compressed */
	size_t size;       /* of the plain content */
	struct buf own;    /* the memory behind `gzip`, unless that is in the program itself */
	char tag[17];      /* a hash of the content, in hexadecimal */
};

/* Compresses the content. */
void stored_make(struct stored *s, struct str content);
/* Takes content that was compressed before (RFC 1952) and outlives `s`. */
void stored_take(struct stored *s, struct str gzip);
void stored_free(struct stored *s);

/* The whole answer; 304 when the client has it. */
void stored_answer(struct exchange *x, const struct stored *s);

#endif
