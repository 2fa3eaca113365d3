#include "app/command.h"
#include "app/file.h"
#include "app/transfer.h"
#include "base/clock.h"
#include "base/uuid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yyjson.h>

#define URL_STANDARD "http://127.0.0.1:8080"
#define TOKEN_MAX    4096
#define POLL_US      300000u
#define BAR_WIDTH    24
/* How often a terminal is written to, and how many per cent lie between two lines elsewhere. */
#define DRAW_US      100000u
#define LINE_PERCENT 10

static const struct command_option options[] = {
	{ "project", "KEY", "project of the rows that name none" },
	{ "mode", "MODE", "partial (the default): keep the good rows; atomic: keep none if one is bad" },
	{ "dry-run", NULL, "check all rows and keep none" },
	{ "url", "URL", "the server; default: BUGD_URL, or " URL_STANDARD },
	{ "token", "T",
	  "access token or personal access token; default: BUGD_TOKEN, or the content of BUGD_TOKEN_FILE" },
	{ 0 },
};

struct importing {
	const struct command_call *call;
	struct transfer transfer;
	struct arena arena;
	struct buf answer;
	const char *file;
	bool terminal;
	uint64_t began_us, drawn_us, bytes;
	int percent, line_percent;
	int64_t rows;
};

/* ---- progress ---- */

static void draw_bar(const struct importing *im, double seconds)
{
	char bar[BAR_WIDTH + 1];
	int full = im->percent * BAR_WIDTH / 100;
	int64_t left = im->percent > 0 ? (int64_t)(seconds * (100 - im->percent) / im->percent) : 0;

	memset(bar, '.', BAR_WIDTH);
	memset(bar, '#', (size_t)full);
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr,
		"\r[%s] %3d %%  %" PRIu64 " MiB  %" PRId64 " rows  %.0f rows/s  %" PRId64 " s left \033[K",
		bar, im->percent, im->bytes >> 20, im->rows, seconds > 0 ? (double)im->rows / seconds : 0,
		left);
}

static void show(struct importing *im, bool last)
{
	uint64_t now = clock_mono_us();
	double seconds = (double)(now - im->began_us) / 1e6;

	if (im->terminal) {
		if (!last && now - im->drawn_us < DRAW_US)
			return;
		im->drawn_us = now;
		draw_bar(im, seconds);
		if (last)
			fputc('\n', stderr);
	} else if (im->percent >= im->line_percent + LINE_PERCENT) {
		im->line_percent = im->percent - im->percent % LINE_PERCENT;
		fprintf(stderr, "%d %%, %" PRIu64 " MiB, %" PRId64 " rows, %.0f s\n", im->line_percent,
			im->bytes >> 20, im->rows, seconds);
	}
}

/* The first part of the way is to bring the file over; the server counts it as 30 per cent, too. */
static void uploading(void *arg, uint64_t sent, uint64_t all)
{
	struct importing *im = arg;

	if (all == 0)
		return;
	im->bytes = sent;
	im->percent = (int)(sent * 30 / all);
	show(im, false);
}

/* ---- answers ---- */

static int64_t number(yyjson_val *object, const char *name)
{
	return yyjson_get_sint(yyjson_obj_get(object, name));
}

static const char *text(yyjson_val *object, const char *name)
{
	const char *s = yyjson_get_str(yyjson_obj_get(object, name));

	return s ? s : "";
}

/* Says what a problem (RFC 9457) says. */
static int refused(struct importing *im, long status)
{
	yyjson_doc *doc = yyjson_read(im->answer.p ? im->answer.p : "", im->answer.n, 0);
	yyjson_val *root = yyjson_doc_get_root(doc), *error;
	size_t i, n;

	if (status == 0) {
		command_failed(im->call, "%s", im->transfer.error);
	} else {
		const char *detail = text(root, "detail");

		command_failed(im->call, "%ld %s%s%s", status, text(root, "title"), *detail ? ": " : "",
			       detail);
		yyjson_arr_foreach(yyjson_obj_get(root, "errors"), i, n, error)
			command_failed(im->call, "%s: %s", text(error, "field"), text(error, "detail"));
	}
	yyjson_doc_free(doc);
	return STATUS_FAILED;
}

/* The bad rows, with the reasons, beside the file. */
static int save_errors(struct importing *im, const char *id)
{
	struct str path = arena_printf(&im->arena, "/api/v1/jobs/%s/errors?format=csv", id);
	struct str name = arena_printf(&im->arena, "%s.errors.csv", im->file);
	long status = transfer_get(&im->transfer, path.p, &im->answer);
	FILE *out;
	bool written;

	if (status != 200)
		return refused(im, status);
	out = fopen(name.p, "w");
	written = out && fwrite(im->answer.p, 1, im->answer.n, out) == im->answer.n;
	if (out && fclose(out) != 0)
		written = false;
	if (!written)
		return command_failed(im->call, "%s: %s", name.p, strerror(errno));
	printf("The rows that are not valid are in %s, with the reasons. Mend them there and import that file.\n",
	       name.p);
	return STATUS_FAILED;
}

static int report(struct importing *im, yyjson_val *job)
{
	const char *state = text(job, "state"), *error = text(job, "error");
	bool dry = command_option(im->call, "dry-run") != NULL;
	int64_t failed = number(job, "failed_count");
	char id[UUID_TEXT_LEN + 1];

	snprintf(id, sizeof(id), "%s", text(job, "id"));
	printf("%" PRId64 " rows: %" PRId64 " %s, %" PRId64 " not valid, %" PRId64 " there already.\n",
	       number(job, "rows_read"), number(job, "created_count"),
	       dry ? "would become issues" : "became issues", failed, number(job, "skipped_count"));
	if (*error)
		command_failed(im->call, "%s", error);
	else if (strcmp(state, "cancelled") == 0)
		command_failed(im->call, "the import was cancelled; nothing was imported");
	if (failed)
		return save_errors(im, id);
	return strcmp(state, "succeeded") == 0 ? STATUS_DONE : STATUS_FAILED;
}

/* The server tells now and then, and may know less than what was seen here. */
static void note_progress(struct importing *im, int percent)
{
	if (percent > im->percent)
		im->percent = percent;
}

/* Asks until it has ended. A server that does not answer for a moment is asked again. */
static int follow(struct importing *im, const char *id)
{
	struct str path = arena_printf(&im->arena, "/api/v1/jobs/%s", id);
	int failures = 0;

	for (;;) {
		long status = transfer_get(&im->transfer, path.p, &im->answer);
		yyjson_doc *doc = yyjson_read(im->answer.p ? im->answer.p : "", im->answer.n, 0);
		yyjson_val *job = yyjson_doc_get_root(doc);
		const char *state = text(job, "state");
		int end = -1;

		failures = status == 200 ? 0 : failures + 1;
		if (status != 200 && (failures > 20 || (status >= 400 && status < 500 && status != 429))) {
			end = refused(im, status);
		} else if (status == 200) {
			note_progress(im, (int)number(job, "progress"));
			im->rows = number(job, "rows_read");
			if (strcmp(state, "running") != 0 && strcmp(state, "queued") != 0) {
				show(im, true);
				end = report(im, job);
			} else {
				show(im, false);
			}
		}
		yyjson_doc_free(doc);
		if (end >= 0)
			return end;
		usleep(POLL_US);
	}
}

static int send_file(struct importing *im)
{
	const char *project = command_option(im->call, "project"), *mode = command_option(im->call, "mode");
	struct transfer_part parts[5] = { 0 }, *p = parts;
	yyjson_doc *doc;
	char id[UUID_TEXT_LEN + 1];
	long status;

	if (project)
		*p++ = (struct transfer_part){ .name = "project_id", .value = project };
	if (mode)
		*p++ = (struct transfer_part){ .name = "mode", .value = mode };
	if (command_option(im->call, "dry-run"))
		*p++ = (struct transfer_part){ .name = "dry_run", .value = "true" };
	*p = (struct transfer_part){ .name = "file", .file = im->file };
	status =
		transfer_post_form(&im->transfer, "/api/v1/issues/import", parts, &im->answer, uploading, im);
	if (status != 202)
		return refused(im, status);
	doc = yyjson_read(im->answer.p, im->answer.n, 0);
	snprintf(id, sizeof(id), "%s", text(yyjson_doc_get_root(doc), "id"));
	yyjson_doc_free(doc);
	return follow(im, id);
}

/* ---- the call ---- */

static const char *or_environment(const char *given, const char *name)
{
	const char *value = given ? given : getenv(name);

	return value && *value ? value : NULL;
}

/* False: there is none, and that was said. */
static bool read_token(struct importing *im)
{
	const char *path = getenv("BUGD_TOKEN_FILE");
	char error[FILE_ERROR_MAX];
	struct str content;

	im->transfer.token = or_environment(command_option(im->call, "token"), "BUGD_TOKEN");
	if (im->transfer.token)
		return true;
	if (!path || !*path) {
		command_misused(im->call, "a token is missing: --token, BUGD_TOKEN, or BUGD_TOKEN_FILE");
		return false;
	}
	if (!file_read(path, TOKEN_MAX, &im->arena, &content, error)) {
		command_failed(im->call, "%s", error);
		return false;
	}
	while (content.n && (content.p[content.n - 1] == '\n' || content.p[content.n - 1] == '\r'))
		content.n--;
	im->transfer.token = secret_copy(&im->arena, content);
	return true;
}

static int import_file(struct importing *im)
{
	const char *url = or_environment(command_option(im->call, "url"), "BUGD_URL");
	struct stat st;

	if (stat(im->file, &st) != 0)
		return command_failed(im->call, "%s: %s", im->file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return command_failed(im->call, "%s is not a file", im->file);
	if (!read_token(im))
		return STATUS_USAGE;
	im->transfer.url = url ? url : URL_STANDARD;
	if (!transfer_open(&im->transfer))
		return command_failed(im->call, "%s", im->transfer.error);
	im->terminal = isatty(STDERR_FILENO);
	im->began_us = clock_mono_us();
	return send_file(im);
}

static int run(const struct command_call *call)
{
	struct importing im = { .call = call, .file = call->operand };
	int status;

	if (!im.file)
		return command_misused(call, "the file is missing");
	status = import_file(&im);
	transfer_close(&im.transfer);
	buf_free(&im.answer);
	arena_reset(&im.arena);
	return status;
}

const struct command command_import = {
	.name = "import",
	.summary = "Import issues from a CSV file into a running server",
	.doc = "What the columns are is said at POST /api/v1/issues/import. Ends with 1 when a row was not valid;\n"
	       "those rows are then in FILE.errors.csv with the reason, to be mended and imported in turn. Others on\n"
	       "the machine can see what stands on a command line: a token had better come from the environment.",
	.operand = "FILE",
	.options = options,
	.run = run,
};
