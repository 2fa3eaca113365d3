/* The machine: where attachments go, and how many files may be open. */
#include "app/doctor_judge.h"
#include "app/server_needs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Cuts the path to its nearest ancestor that is there. */
static void nearest_that_is(char *path)
{
	while (access(path, F_OK) != 0) {
		char *slash = strrchr(path, '/');

		if (!slash || slash == path) {
			path[0] = slash ? '/' : '.';
			path[1] = '\0';
			return;
		}
		*slash = '\0';
	}
}

static void look_at_space(struct doctor *d, const struct config *c, const char *path)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0)
		doctor_say(d, FINDING_WARNING, "disk", doctor_text(d, "df '%s'", path),
			   "the space below %s is not known: %s", path, strerror(errno));
	else
		judge_space(d, path, (uint64_t)fs.f_bavail * fs.f_frsize, (uint64_t)fs.f_blocks * fs.f_frsize,
			    c->max_attachment_bytes);
}

/* Really writes, because rights alone do not tell (read-only file systems, quotas). Leaves nothing. */
static bool can_write_in(const char *folder)
{
	char path[PATH_MAX];
	bool written;
	int fd;

	if (snprintf(path, sizeof(path), "%s/.doctor-XXXXXX", folder) >= (int)sizeof(path))
		return false;
	fd = mkstemp(path);
	if (fd < 0)
		return false;
	written = write(fd, "x", 1) == 1;
	close(fd);
	unlink(path);
	return written;
}

/* Files are put into their place by renaming, from one folder in UPLOAD_DIR to another. */
static void look_at_mounts(struct doctor *d, const char *dir, const struct stat *whole)
{
	char path[PATH_MAX];
	struct stat st;

	for (int i = -1; i < 256; i++) {
		if (i < 0)
			snprintf(path, sizeof(path), "%.3900s/incoming", dir);
		else
			snprintf(path, sizeof(path), "%.3900s/%02x", dir, (unsigned)i);
		if (stat(path, &st) != 0 || st.st_dev == whole->st_dev)
			continue;
		doctor_say(d, FINDING_PROBLEM, "attachments",
			   doctor_text(d, "umount '%s', and mount the file system at %s instead", path, dir),
			   "%s is on another file system than UPLOAD_DIR: no attachment can be put there",
			   path);
		return;
	}
}

static void say_unwritable(struct doctor *d, const struct config *c, const char *path, bool there)
{
	const char *why = strerror(errno), *dir = c->upload_dir;
	unsigned id = (unsigned)geteuid();

	doctor_say(d, FINDING_PROBLEM, "attachments",
		   there ? doctor_text(d, "chown -R %u '%s' && chmod u+rwx '%s'", id, dir, dir)
			 : doctor_text(d, "mkdir -p '%s' && chown %u '%s'", dir, id, dir),
		   "UPLOAD_DIR: %s cannot be written: %s", path, why);
}

static void look_at_uploads(struct doctor *d, const struct config *c)
{
	char path[PATH_MAX];
	struct stat st;
	bool there;

	snprintf(path, sizeof(path), "%s", c->upload_dir);
	there = stat(path, &st) == 0;
	if (!there)
		nearest_that_is(path);
	if (there && !S_ISDIR(st.st_mode)) {
		doctor_say(d, FINDING_PROBLEM, "attachments", "set UPLOAD_DIR to a folder",
			   "UPLOAD_DIR: %s is not a folder", path);
		return;
	}
	if (!can_write_in(path)) {
		say_unwritable(d, c, path, there);
		return;
	}
	doctor_say(d, FINDING_OK, "attachments", NULL, "UPLOAD_DIR: %s %s", c->upload_dir,
		   there ? "can be written" : "is not there, and is made at the start");
	if (there)
		look_at_mounts(d, path, &st);
	look_at_space(d, c, path);
}

static void look_at_descriptors(struct doctor *d, const struct config *c)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		judge_descriptors(d, limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : limit.rlim_max,
				  c->max_connections,
				  pool_size(c) + replica_pool_size(c) + OTHER_DESCRIPTORS);
}

void doctor_machine(struct doctor *d, const struct config *c)
{
	look_at_uploads(d, c);
	look_at_descriptors(d, c);
}
