#include "api/hash_job.h"

#include "base/mem.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE 10

static size_t copy(char *to, size_t most, struct str from)
{
	size_t n = from.n < most ? from.n : most;

	if (n)
		memcpy(to, from.p, n);
	return n;
}

struct hash_job *hash_job_new(const struct password_cost *cost, struct str password)
{
	struct hash_job *job = mem_zalloc(1, sizeof(*job));

	job->cost = *cost;
	job->password_n = copy(job->password, sizeof(job->password), password);
	return job;
}

struct hash_job *hash_job_verify(const struct password_cost *cost, struct str stored, struct str password,
				 struct str next)
{
	struct hash_job *job = hash_job_new(cost, password);

	job->verifies = true;
	/* One that is too long was not made by us; cut it would be another. As "" it fits no password. */
	if (stored.n < sizeof(job->stored))
		copy(job->stored, sizeof(job->stored), stored);
	job->next_n = copy(job->next, sizeof(job->next), next);
	return job;
}

/*
 * Hashing is all computing, and on a machine with few cores it would take the loop's and the database's time. Linux
 * has a nice value for each thread: those that hash let others go first. Failing does no harm.
 */
static void step_back(void)
{
	static _Thread_local bool done;

	if (!done)
		setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	done = true;
}

static bool costs_less(struct str stored, const struct password_cost *today)
{
	struct password_cost cost;

	return !password_hash_cost(stored, &cost) || cost.memory_kib < today->memory_kib ||
	       cost.iterations < today->iterations;
}

void hash_job_run(void *input)
{
	struct hash_job *job = input;
	struct str stored = str_of(job->stored);
	struct str password = { job->password, job->password_n };

	step_back();
	job->right = !job->verifies || password_verify(stored, password);
	if (!job->right)
		return;
	if (job->next_n)
		password = (struct str){ job->next, job->next_n };
	else if (job->verifies && !costs_less(stored, &job->cost))
		return;
	job->failed = !password_hash(password, &job->cost, job->made);
}
