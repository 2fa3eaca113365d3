#include "store_internal.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Threads that files take at a time. */
#define WIDTH 2

struct store *store_create(uv_loop_t *loop, const char *dir)
{
	struct store *s = mem_zalloc(1, sizeof(*s));

	s->dir = dir;
	/* A file has two jobs at a time at most, so that files alone bound how many there are. */
	work_lane_init(&s->lane, loop, "files", WIDTH, 2 * STORE_FILES_MAX);
	return s;
}

void store_free(struct store *s)
{
	filetype_stop();
	free(s);
}

unsigned store_open_files(const struct store *s)
{
	return s->open;
}

/* ---- handles ---- */

struct store_file *store_file_create(struct store *s, const struct uuid *id)
{
	struct store_file *f;

	if (s->open == STORE_FILES_MAX)
		return NULL;
	f = mem_zalloc(1, sizeof(*f));
	f->store = s;
	f->id = *id;
	f->refs = 1;
	f->fd = -1;
	s->open++;
	return f;
}

/* Removing a large file takes time, and closing it may, too. */
static void close_on_thread(void *input)
{
	struct store_file *f = input;
	char path[STORE_PATH_MAX];

	if (f->written && !f->keep) {
		store_path(f->store, &f->id, true, path);
		unlink(path);
	}
	close(f->fd);
}

static void destroy(void *input)
{
	struct store_file *f = input;

	f->store->open--;
	EVP_MD_CTX_free(f->sha);
	free(f->head);
	free(f);
}

static void unref(struct store_file *f)
{
	if (--f->refs)
		return;
	if (f->fd < 0)
		destroy(f);
	else
		work_detach(&f->store->lane, close_on_thread, f, sizeof(*f), destroy);
}

void store_file_free(void *file)
{
	unref(file);
}

void store_file_keep(struct store_file *f, bool keep)
{
	f->keep = keep;
}

/* ---- jobs ---- */

struct store_buffer *store_buffer_create(void)
{
	struct store_buffer *b = mem_alloc(sizeof(*b));

	b->refs = 0;
	b->n = 0;
	return b;
}

static void run(void *input)
{
	struct store_job_input *in = input;

	in->error = in->act(in);
}

static void release(void *input)
{
	struct store_job_input *in = input;

	unref(in->file);
	if (in->written && --in->written->refs == 0)
		free(in->written);
	free(in->buffer);
	free(in);
}

static struct awaitable *submit(struct store_file *f, struct store_job *j,
				int (*act)(struct store_job_input *in), const struct store_job_input *given)
{
	struct store_job_input *in = mem_alloc(sizeof(*in));

	*in = *given;
	in->file = f;
	in->act = act;
	f->refs++;
	work_release(&j->work);
	j->work = (struct work){ .release = release };
	return work_submit(&f->store->lane, &j->work, run, in, sizeof(*in));
}

void store_write(struct store_file *f, struct store_write *w, struct store_buffer *buffer)
{
	f->written = true;
	buffer->refs = 2;
	submit(f, &w->hash, store_disk_hash, &(struct store_job_input){ .written = buffer });
	submit(f, &w->disk, store_disk_write, &(struct store_job_input){ .written = buffer });
}

struct awaitable *store_write_wait(struct store_write *w)
{
	if (!w->disk.work.wait.done)
		return &w->disk.work.wait;
	return w->hash.work.wait.done ? NULL : &w->hash.work.wait;
}

struct awaitable *store_finish(struct store_file *f, struct store_job *j)
{
	return submit(f, j, store_disk_finish, &(struct store_job_input){ 0 });
}

struct awaitable *store_place(struct store_file *f, struct store_job *j)
{
	return submit(f, j, store_disk_place, &(struct store_job_input){ 0 });
}

struct awaitable *store_open(struct store_file *f, struct store_job *j)
{
	return submit(f, j, store_disk_open, &(struct store_job_input){ 0 });
}

struct awaitable *store_read(struct store_file *f, struct store_job *j, uint64_t at, size_t n)
{
	return submit(f, j, store_disk_read, &(struct store_job_input){ .at = at, .n = n });
}

static enum err err_of(int error)
{
	switch (error) {
	case 0:
		return ERR_NONE;
	case ENOENT:
		return ERR_NOT_FOUND;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_STORAGE;
	default:
		log_event(LOG_ERROR, "store", "a file could not be written or read", "%s", strerror(error));
		return ERR_INTERNAL;
	}
}

enum err store_result(struct store_job *j)
{
	const struct store_job_input *in = j->work.result;

	return j->work.refused ? ERR_BUSY : err_of(in->error);
}

enum err store_write_result(struct store_write *w)
{
	enum err disk = store_result(&w->disk), hash = store_result(&w->hash);

	return disk ? disk : hash;
}

struct str store_bytes(const struct store_job *j)
{
	const struct store_job_input *in = j->work.result;

	return (struct str){ in->buffer, in->n };
}

void store_job_end(void *job)
{
	work_release(&((struct store_job *)job)->work);
}

void store_write_end(void *write)
{
	struct store_write *w = write;

	store_job_end(&w->disk);
	store_job_end(&w->hash);
}

/* ---- what is known of a file ---- */

uint64_t store_file_size(const struct store_file *f)
{
	return f->size;
}

const char *store_file_type(const struct store_file *f)
{
	return f->type;
}

const char *store_file_sha256(const struct store_file *f)
{
	return f->sha256;
}

/* ---- removal ---- */

struct removal {
	struct store *store;
	struct uuid id;
};

static void remove_on_thread(void *input)
{
	struct removal *r = input;
	char path[STORE_PATH_MAX];

	store_path(r->store, &r->id, false, path);
	unlink(path);
	store_path(r->store, &r->id, true, path);
	unlink(path);
}

void store_remove(struct store *s, const struct uuid *id)
{
	struct removal *r = mem_alloc(sizeof(*r));

	*r = (struct removal){ s, *id };
	work_detach(&s->lane, remove_on_thread, r, sizeof(*r), NULL);
}
