/* The inside of the store, shared by store.c (files), store_disk.c (what runs on threads) and store_batch.c. */
#ifndef BUGD_IO_STORE_INTERNAL_H
#define BUGD_IO_STORE_INTERNAL_H

#include "io/store.h"

#include <openssl/evp.h>

/* What libmagic is shown. */
#define STORE_HEAD_BYTES ((size_t)64 * 1024)
#define STORE_PATH_MAX   (4096 + 64)

struct store {
	const char *dir;
	struct work_lane lane;
	unsigned open;
};

struct store_file {
	struct store *store;
	struct uuid id;
	unsigned refs; /* the handle's and the running job's; on the loop alone */
	bool written;  /* it is in incoming/, or may be */
	bool keep;

	/* For the job that runs; `sha` for the one that hashes, the rest for the one that writes. */
	int fd;
	EVP_MD_CTX *sha;
	uint64_t size, handed; /* handed: what the disk was told to write already */
	char *head;
	size_t head_n;
	char sha256[STORE_SHA256_TEXT];
	char type[FILETYPE_MAX];
};

struct store_job_input {
	struct store_file *file; /* held */
	int (*act)(struct store_job_input *in);
	struct store_buffer *written; /* shared by two jobs */
	char *buffer;                 /* was read */
	size_t n;
	uint64_t at;
	int error; /* of errno */
};

/* Paths of a file, and of its folder. */
void store_path(const struct store *s, const struct uuid *id, bool incoming, char out[STORE_PATH_MAX]);
void store_dir_path(const struct store *s, unsigned dir, char out[STORE_PATH_MAX]);
unsigned store_dir_of(const struct uuid *id);

/* On threads; 0 or an errno. */
int store_disk_write(struct store_job_input *in);
int store_disk_hash(struct store_job_input *in);
int store_disk_finish(struct store_job_input *in);
int store_disk_place(struct store_job_input *in);
int store_disk_open(struct store_job_input *in);
int store_disk_read(struct store_job_input *in);
int store_sync_dir(const char *path);
int store_put_in_place(const struct store *s, const struct uuid *id);

#endif
