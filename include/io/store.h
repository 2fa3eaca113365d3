/*
 * A folder of files that were uploaded, shared by all processes of one database.
 *
 *	incoming/ID    is being written, locked (flock) by who writes it; or complete, and its row is about to be committed
 *	ab/ID          in its place; ab are the last digits of the ID. There is a row, or there was one until a moment ago
 *
 * A file goes into its place only when its row is committed, and is removed only when its row is gone. So, whenever a
 * process dies: what is in its place without a row is garbage; what is in incoming/ and not locked is garbage without
 * a row, and with one it is put into its place by whoever finds it, a reader or the sweeper. Content and
 * folder are on the disk (fsync) before the row is.
 *
 * Everything runs on threads, one job a file at a time, or two that write it; a file's handle lives until its last job
 * is done.
 */
#ifndef BUGD_IO_STORE_H
#define BUGD_IO_STORE_H

#include "base/err.h"
#include "base/uuid.h"
#include "io/filetype.h"
#include "io/work.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_BUFFER_BYTES ((size_t)128 * 1024)
#define STORE_SHA256_TEXT  65
#define STORE_FILES_MAX    256 /* open at a time; beyond, requests get 503 */

struct store;
struct store_file;

/* `dir` must outlive it. Folders are made by store_claim. */
struct store *store_create(uv_loop_t *loop, const char *dir);
void store_free(struct store *s);
/* How many files are open now. */
unsigned store_open_files(const struct store *s);

/* ---- one file ---- */

/* A handle, empty yet; NULL: there are too many. store_file_free (or arena_defer of it) is allowed at any time. */
struct store_file *store_file_create(struct store *s, const struct uuid *id);

/*
 * Ends the handle, after the job that runs if one does. A file that was written and is not to be kept
 * is removed; the lock goes.
 */
void store_file_free(void *file);

/* From here on the file's fate is the row's: it is removed with the handle, or it is not. */
void store_file_keep(struct store_file *f, bool keep);

/* A job on a file; lies in the waiter's frame. */
struct store_job {
	struct work work;
};

struct store_buffer {
	unsigned refs; /* the store's own */
	size_t n;
	char bytes[STORE_BUFFER_BYTES];
};

/* An empty one, for store_write; free gives back one that was not written. */
struct store_buffer *store_buffer_create(void);

/* The two jobs of a write: one thread hashes what another writes. */
struct store_write {
	struct store_job disk, hash;
};

/* Writes the buffer, and takes it, behind those before, which must be done. */
void store_write(struct store_file *f, struct store_write *w, struct store_buffer *buffer);
/* What is to be waited for, one after the other; NULL: both are done. */
struct awaitable *store_write_wait(struct store_write *w);
/* Nothing follows: looks at the type, and brings it to the disk. */
struct awaitable *store_finish(struct store_file *f, struct store_job *j);
/* The row is committed: puts the file into its place. */
struct awaitable *store_place(struct store_file *f, struct store_job *j);
/* Opens a file that has a row, for reading; puts it into its place if it is not there. */
struct awaitable *store_open(struct store_file *f, struct store_job *j);
/* Reads n bytes from `at`, STORE_BUFFER_BYTES at most. */
struct awaitable *store_read(struct store_file *f, struct store_job *j, uint64_t at, size_t n);

/*
 * What came of a job: ERR_NONE, ERR_NOT_FOUND, ERR_STORAGE (the disk is full), ERR_BUSY, or ERR_INTERNAL with a line on
 * the log. Looked at once; bytes that were read stay until store_job_end, or the next job with this struct.
 */
enum err store_result(struct store_job *j) MUST_CHECK;
struct str store_bytes(const struct store_job *j);
void store_job_end(void *job);
/* The same for the two of a write. */
enum err store_write_result(struct store_write *w) MUST_CHECK;
void store_write_end(void *write);

/* Of a finished file. */
uint64_t store_file_size(const struct store_file *f);
const char *store_file_type(const struct store_file *f);
const char *store_file_sha256(const struct store_file *f);

/* Removes a file whose row is gone. Nobody waits for it. */
void store_remove(struct store *s, const struct uuid *id);

/* ---- the whole folder ---- */

/* Many files at once, for the sweeper. Zeroed before each use; freed by store_batch_free. */
#define STORE_BATCH 256
#define STORE_DIRS  256 /* folders of files in their place: 0 to 255; incoming/ is the one behind */

struct store_batch {
	struct work work;
	struct store_batch_input *input;
};

/*
 * Makes the folders, and claims them for the database that is named: false in store_batch_ok when they are another's, or
 * when they are nobody's and `fresh` is false, as then the files of this database are elsewhere.
 */
struct awaitable *store_claim(struct store *s, struct store_batch *b, const struct uuid *owner, bool fresh);
/* Lists files of a folder, STORE_BATCH at most, from the `from`th on. Those of incoming/ are locked until the batch is freed. */
struct awaitable *store_list(struct store *s, struct store_batch *b, unsigned dir, size_t from);
/* Removes the listed files that have no row, and puts the others into their place. */
struct awaitable *store_settle(struct store *s, struct store_batch *b);
/* Looks which of the ids have no file: those stay in the batch. */
struct awaitable *store_missing(struct store *s, struct store_batch *b, const struct uuid *ids, size_t n);

bool store_batch_ok(struct store_batch *b);
size_t store_batch_count(const struct store_batch *b);
struct uuid *store_batch_ids(const struct store_batch *b);
/* Says that the file has a row. */
void store_batch_has_row(struct store_batch *b, const struct uuid *id);
void store_batch_free(void *batch);

#endif
