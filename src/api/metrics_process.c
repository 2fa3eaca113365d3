#include "metrics_process.h"

#include "version.h"

#include <dirent.h>
#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

static const exposition_labels none = { NULL };

static void gauge(struct exposition *e, const char *name, const char *help, double value)
{
	exposition_family(e, name, METRIC_GAUGE, help);
	exposition_sample(e, none, value);
}

static void memory(struct exposition *e)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long all = 0, resident = 0;
	double page = (double)sysconf(_SC_PAGESIZE);
	int n = f ? fscanf(f, "%llu %llu", &all, &resident) : 0;

	if (f)
		fclose(f);
	if (n != 2)
		return;
	gauge(e, "process_resident_memory_bytes", "Resident memory.", (double)resident * page);
	gauge(e, "process_virtual_memory_bytes", "Virtual memory.", (double)all * page);
}

static void descriptors(struct exposition *e)
{
	struct rlimit limit;
	DIR *d = opendir("/proc/self/fd");
	int n = -3; /* ".", "..", and the folder itself */

	for (; d && readdir(d); n++)
		;
	if (d) {
		closedir(d);
		gauge(e, "process_open_fds", "Open files and sockets.", n);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		gauge(e, "process_max_fds", "How many there may be.", (double)limit.rlim_cur);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static void cpu(struct exposition *e)
{
	struct rusage use;

	if (getrusage(RUSAGE_SELF, &use))
		return;
	exposition_family(e, "process_cpu_seconds", METRIC_COUNTER,
			  "Time of processors, user's and system's.");
	exposition_sample(e, none, seconds(use.ru_utime) + seconds(use.ru_stime));
}

/* The age of the process by the kernel's count, so that a clock that was set does not matter. */
static void start_time(struct exposition *e)
{
	FILE *f = fopen("/proc/self/stat", "re");
	unsigned long long ticks = 0;
	struct timespec up;
	int n = 0;

	/* The name of the program, in parentheses, has no blank in it. Field 22. */
	if (f) {
		n = fscanf(
			f,
			"%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
			&ticks);
		fclose(f);
	}
	if (n != 1 || clock_gettime(CLOCK_BOOTTIME, &up))
		return;
	gauge(e, "process_start_time_seconds", "When it was started, since 1970.",
	      (double)time(NULL) - (double)up.tv_sec + (double)ticks / (double)sysconf(_SC_CLK_TCK));
}

static void build(struct exposition *e)
{
	char libpq[16];

	snprintf(libpq, sizeof(libpq), "%d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000);
	exposition_family(e, "bugd_build_info", METRIC_GAUGE,
			  "1; what the process is made of is in the labels.");
	exposition_sample(e,
			  (exposition_labels){ "version", BUGD_VERSION, "commit", BUGD_COMMIT, "libuv",
					       uv_version_string(), "libpq", libpq, "openssl",
					       OpenSSL_version(OPENSSL_VERSION_STRING), NULL },
			  1);
}

void metrics_process(struct exposition *e)
{
	memory(e);
	descriptors(e);
	cpu(e);
	start_time(e);
	build(e);
}
