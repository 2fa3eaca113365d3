/*
 * One import: from the first row to the committed transaction. It outlives the request when that asked for a job.
 *
 * The request's handler owns it while the file comes (src/api/issue_import.c): import_create → import_begin_… → rows.
 * Then import_run goes through the rest by itself, as a task of the loop, and `finished` is done. One that is
 * freed before its end is undone, as its connection is closed.
 */
#ifndef BUGD_API_IMPORT_H
#define BUGD_API_IMPORT_H

#include "api/handler.h"
#include "api/import_row.h"
#include "api/ref.h"
#include "io/turn.h"

/* What the request asks for. */
struct import_wish {
	bool has_project, has_creator, atomic, dry_run;
	struct ref project; /* of rows that name none */
	struct uuid creator;
};

struct import {
	struct api *api;
	struct list node; /* in api->imports */
	struct uuid id;   /* of the job */
	struct arena arena;
	struct access access;
	struct import_wish wish;
	struct copy *copy;
	struct csv_reader *reader;
	struct import_rows rows;
	uint64_t taken, length; /* bytes of the request, of all of them (UINT64_MAX: not known) */

	/* How it ended. */
	struct awaitable finished;
	enum err err;       /* ERR_NONE: as `report` says */
	struct str field;   /* of ERR_VALIDATION */
	const char *detail; /* NULL: none */
	struct buf report;  /* the answer, as JSON */

	/* Its own. */
	struct co co;
	struct waker waker;
	struct awaitable *awaited;
	struct turn_task task;
	struct db_reply *reply;
	struct arena progress_arena;
	struct db_reply *progress;
	uint64_t progress_at;
	uint32_t next;
	int64_t total, created, failed, skipped;
	bool detached; /* nobody waits: it frees itself */
	bool known;    /* there is a row of jobs, of which nobody was told and which has no end */
	bool leaving;
};

/* NULL: there are as many as may be (ERR_BUSY). */
struct import *import_create(struct exchange *x);
void import_free(struct import *imp);
/* The request ends before it: what was begun is undone, and then it is freed. */
void import_leave(struct import *imp);
/* All of an api, when it stops. */
void imports_stop(struct api *api);

/* Coroutines of the exchange: the job, the transaction and the table for the rows; `frame` is zeroed. */
struct import_begin {
	struct co co;
};
enum co_state import_begin(struct exchange *x, struct import *imp, struct import_begin *f);

/* Tells others how far it is, now and then. */
void import_note_progress(struct import *imp, int progress);

/* All rows are there. */
void import_run(struct import *imp);

/* The import could not begin or go on: what its connection said becomes the exchange's problem. */
void import_fail_exchange(struct exchange *x, const struct import *imp);

#endif
