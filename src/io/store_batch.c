/* The store as a whole: claiming it, and what the sweeper does. */
#include "store_internal.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Says whose folder it is. */
#define OWNER_FILE "owner"

struct store_batch_input {
	struct store *store;
	bool (*act)(struct store_batch_input *in);
	struct uuid owner;
	bool fresh;
	bool ok;
	unsigned dir;
	size_t from, n;
	struct uuid id[STORE_BATCH];
	bool has_row[STORE_BATCH];
	int lock[STORE_BATCH]; /* of a file in incoming/; -1: none */
};

/* ---- on threads ---- */

/* The folder with all that lead to it. */
static bool make_path(const char *dir)
{
	char path[STORE_PATH_MAX];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(path, 0750) && errno != EEXIST)
			return false;
		*at = '/';
	}
	return mkdir(path, 0750) == 0 || errno == EEXIST;
}

static bool make_dirs(struct store *s)
{
	char path[STORE_PATH_MAX];

	if (!make_path(s->dir))
		return false;
	for (unsigned i = 0; i <= STORE_DIRS; i++) {
		store_dir_path(s, i, path);
		if (mkdir(path, 0750) && errno != EEXIST)
			return false;
	}
	return true;
}

static bool write_owner(struct store *s, const char *path, const char text[UUID_TEXT_LEN])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	bool written = fd >= 0 && write(fd, text, UUID_TEXT_LEN) == UUID_TEXT_LEN && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return written && store_sync_dir(s->dir) == 0;
}

static bool claim(struct store_batch_input *in)
{
	char path[STORE_PATH_MAX], text[UUID_TEXT_LEN], found[UUID_TEXT_LEN];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/" OWNER_FILE, in->store->dir);
	uuid_format(&in->owner, text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && in->fresh && make_dirs(in->store) &&
		       write_owner(in->store, path, text);
	n = read(fd, found, sizeof(found));
	close(fd);
	return n == UUID_TEXT_LEN && memcmp(found, text, UUID_TEXT_LEN) == 0 && make_dirs(in->store);
}

/* Whoever writes a file holds its lock; with the lock in our hands, nobody does. */
static int lock_file(const struct store *s, const struct uuid *id)
{
	char path[STORE_PATH_MAX];
	struct stat st;
	int fd;

	store_path(s, id, true, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && (flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &st) || st.st_nlink == 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void take_entry(struct store_batch_input *in, const struct dirent *entry, size_t *seen)
{
	struct uuid id;
	int lock = -1;

	if (in->n == STORE_BATCH || !uuid_parse(str_of(entry->d_name), &id) || (*seen)++ < in->from)
		return;
	if (in->dir == STORE_DIRS) {
		lock = lock_file(in->store, &id);
		if (lock < 0)
			return;
	}
	in->lock[in->n] = lock;
	in->id[in->n++] = id;
}

static bool list(struct store_batch_input *in)
{
	char path[STORE_PATH_MAX];
	const struct dirent *entry;
	size_t seen = 0;
	DIR *dir;

	store_dir_path(in->store, in->dir, path);
	dir = opendir(path);
	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		take_entry(in, entry, &seen);
	closedir(dir);
	return true;
}

static bool settle(struct store_batch_input *in)
{
	bool incoming = in->dir == STORE_DIRS;
	char path[STORE_PATH_MAX];

	for (size_t i = 0; i < in->n; i++) {
		if (!in->has_row[i]) {
			store_path(in->store, &in->id[i], incoming, path);
			unlink(path);
		} else if (incoming) {
			store_put_in_place(in->store, &in->id[i]);
		}
	}
	return true;
}

static bool is_there(const struct store *s, const struct uuid *id, bool incoming)
{
	char path[STORE_PATH_MAX];

	store_path(s, id, incoming, path);
	return access(path, F_OK) == 0 || errno != ENOENT;
}

static bool missing(struct store_batch_input *in)
{
	size_t n = 0;

	for (size_t i = 0; i < in->n; i++) {
		const struct uuid *id = &in->id[i];

		/* It may go into its place between two looks. */
		if (!is_there(in->store, id, false) && !is_there(in->store, id, true) &&
		    !is_there(in->store, id, false))
			in->id[n++] = *id;
	}
	in->n = n;
	return true;
}

/* ---- on the loop ---- */

static void run(void *input)
{
	struct store_batch_input *in = input;

	in->ok = in->act(in);
}

/* Closing gives the locks back; a few hundred descriptors without anything to write take no time. */
static void release(void *input)
{
	struct store_batch_input *in = input;

	for (size_t i = 0; i < in->n; i++) {
		if (in->lock[i] >= 0)
			close(in->lock[i]);
	}
	free(in);
}

static struct store_batch_input *new_input(struct store *s, bool (*act)(struct store_batch_input *in))
{
	struct store_batch_input *in = mem_zalloc(1, sizeof(*in));

	in->store = s;
	in->act = act;
	for (size_t i = 0; i < STORE_BATCH; i++)
		in->lock[i] = -1;
	return in;
}

static struct awaitable *submit(struct store_batch *b, struct store_batch_input *in)
{
	store_batch_free(b);
	b->work = (struct work){ .release = release };
	b->input = in;
	return work_submit(&in->store->lane, &b->work, run, in, sizeof(*in));
}

struct awaitable *store_claim(struct store *s, struct store_batch *b, const struct uuid *owner, bool fresh)
{
	struct store_batch_input *in = new_input(s, claim);

	in->owner = *owner;
	in->fresh = fresh;
	return submit(b, in);
}

struct awaitable *store_list(struct store *s, struct store_batch *b, unsigned dir, size_t from)
{
	struct store_batch_input *in = new_input(s, list);

	in->dir = dir;
	in->from = from;
	return submit(b, in);
}

struct awaitable *store_settle(struct store *s, struct store_batch *b)
{
	struct store_batch_input *in = new_input(s, settle), *listed = b->input;

	/* The locks go along. */
	memcpy(in->id, listed->id, sizeof(in->id));
	memcpy(in->has_row, listed->has_row, sizeof(in->has_row));
	memcpy(in->lock, listed->lock, sizeof(in->lock));
	in->n = listed->n;
	in->dir = listed->dir;
	listed->n = 0;
	return submit(b, in);
}

struct awaitable *store_missing(struct store *s, struct store_batch *b, const struct uuid *ids, size_t n)
{
	struct store_batch_input *in = new_input(s, missing);

	in->n = n < STORE_BATCH ? n : STORE_BATCH;
	memcpy(in->id, ids, in->n * sizeof(*ids));
	return submit(b, in);
}

bool store_batch_ok(struct store_batch *b)
{
	return !b->work.refused && b->input->ok;
}

size_t store_batch_count(const struct store_batch *b)
{
	return b->input->n;
}

struct uuid *store_batch_ids(const struct store_batch *b)
{
	return b->input->id;
}

void store_batch_has_row(struct store_batch *b, const struct uuid *id)
{
	for (size_t i = 0; i < b->input->n; i++) {
		if (memcmp(&b->input->id[i], id, sizeof(*id)) == 0)
			b->input->has_row[i] = true;
	}
}

void store_batch_free(void *batch)
{
	struct store_batch *b = batch;

	work_release(&b->work);
	b->input = NULL;
}
