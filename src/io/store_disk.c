/* What the store does on threads. */
#include "store_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CREATE_TRIES 5

/* So much is handed to the disk at a time, while more comes, so that fsync finds little left to do. */
#define HAND_BYTES ((uint64_t)8 * 1024 * 1024)

unsigned store_dir_of(const struct uuid *id)
{
	return id->b[sizeof(id->b) - 1];
}

void store_dir_path(const struct store *s, unsigned dir, char out[STORE_PATH_MAX])
{
	if (dir < STORE_DIRS)
		snprintf(out, STORE_PATH_MAX, "%s/%02x", s->dir, dir);
	else
		snprintf(out, STORE_PATH_MAX, "%s/incoming", s->dir);
}

void store_path(const struct store *s, const struct uuid *id, bool incoming, char out[STORE_PATH_MAX])
{
	char text[UUID_TEXT_LEN];
	size_t n;

	uuid_format(id, text);
	store_dir_path(s, incoming ? STORE_DIRS : store_dir_of(id), out);
	n = strlen(out);
	snprintf(out + n, STORE_PATH_MAX - n, "/%.*s", UUID_TEXT_LEN, text);
}

/*
 * The sweeper may have come between making and locking the file: it holds the lock then, and has
 * removed the file when we get it.
 */
static int create_locked(const char *path, int *fd)
{
	for (int i = 0; i < CREATE_TRIES; i++) {
		struct stat st;

		*fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		if (*fd < 0)
			return errno;
		if (flock(*fd, LOCK_EX) == 0 && fstat(*fd, &st) == 0 && st.st_nlink > 0)
			return 0;
		close(*fd);
		*fd = -1;
	}
	return EAGAIN;
}

static int create(struct store_file *f)
{
	char path[STORE_PATH_MAX];

	store_path(f->store, &f->id, true, path);
	f->head = mem_alloc(STORE_HEAD_BYTES);
	return create_locked(path, &f->fd);
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t written = write(fd, p, n);

		if (written < 0 && errno != EINTR)
			return errno;
		if (written > 0) {
			p += written;
			n -= (size_t)written;
		}
	}
	return 0;
}

static void hand_to_disk(struct store_file *f)
{
	if (f->size - f->handed < HAND_BYTES)
		return;
	sync_file_range(f->fd, (off_t)f->handed, (off_t)(f->size - f->handed), SYNC_FILE_RANGE_WRITE);
	f->handed = f->size;
}

int store_disk_write(struct store_job_input *in)
{
	const struct store_buffer *b = in->written;
	struct store_file *f = in->file;
	size_t room = STORE_HEAD_BYTES - f->head_n;
	int error = f->fd < 0 ? create(f) : 0;

	if (error)
		return error;
	room = b->n < room ? b->n : room;
	memcpy(f->head + f->head_n, b->bytes, room);
	f->head_n += room;
	error = write_all(f->fd, b->bytes, b->n);
	if (error)
		return error;
	f->size += b->n;
	hand_to_disk(f);
	return 0;
}

int store_disk_hash(struct store_job_input *in)
{
	struct store_file *f = in->file;

	if (!f->sha) {
		f->sha = EVP_MD_CTX_new();
		if (!f->sha || !EVP_DigestInit_ex(f->sha, EVP_sha256(), NULL))
			return ENOMEM;
	}
	return EVP_DigestUpdate(f->sha, in->written->bytes, in->written->n) ? 0 : EIO;
}

int store_sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return errno;
	if (fsync(fd))
		error = errno;
	close(fd);
	return error;
}

int store_disk_finish(struct store_job_input *in)
{
	struct store_file *f = in->file;
	unsigned char digest[EVP_MAX_MD_SIZE];
	char path[STORE_PATH_MAX];
	unsigned n = 0;

	if (!EVP_DigestFinal_ex(f->sha, digest, &n))
		return EIO;
	for (unsigned i = 0; i < n && 2 * i + 2 < sizeof(f->sha256); i++)
		snprintf(f->sha256 + (size_t)2 * i, 3, "%02x", digest[i]);
	filetype_of(f->head, f->head_n, f->type);
	if (fsync(f->fd))
		return errno;
	store_dir_path(f->store, STORE_DIRS, path);
	return store_sync_dir(path);
}

/* Allowed for several at a time: the first one does it. */
int store_put_in_place(const struct store *s, const struct uuid *id)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], dir[STORE_PATH_MAX];

	store_path(s, id, true, from);
	store_path(s, id, false, to);
	store_dir_path(s, store_dir_of(id), dir);
	if (rename(from, to) == 0)
		return store_sync_dir(dir);
	if (errno != ENOENT)
		return errno;
	return access(to, F_OK) == 0 ? 0 : ENOENT;
}

int store_disk_place(struct store_job_input *in)
{
	return store_put_in_place(in->file->store, &in->file->id);
}

int store_disk_open(struct store_job_input *in)
{
	struct store_file *f = in->file;
	char path[STORE_PATH_MAX];
	struct stat st;
	int error;

	store_path(f->store, &f->id, false, path);
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 && errno == ENOENT) {
		error = store_put_in_place(f->store, &f->id);
		if (error)
			return error;
		f->fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (f->fd < 0 || fstat(f->fd, &st))
		return errno;
	f->size = (uint64_t)st.st_size;
	return 0;
}

int store_disk_read(struct store_job_input *in)
{
	size_t done = 0;

	in->buffer = mem_alloc(in->n);
	while (done < in->n) {
		ssize_t n = pread(in->file->fd, in->buffer + done, in->n - done, (off_t)(in->at + done));

		if (n == 0)
			return EIO; /* it was as long as its row says when it was opened */
		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}
