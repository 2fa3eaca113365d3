// Load on a server while something is broken: workers that go on whatever is answered, and what they saw.

import { sleep } from './env.js';

/** Runs `step(n)` again and again in `count` workers until stopped; n counts all steps. The first error ends it. */
export class Load {
  constructor(count, step) {
    this.steps = 0;
    this.stopping = false;
    this.done = Promise.all(Array.from({ length: count }, async () => {
      while (!this.stopping) await step(this.steps++);
    })).catch((error) => {
      this.error = error;
      this.stopping = true;
    });
  }

  /** Ends the workers after their present step; throws what one of them threw. */
  async stop() {
    this.stopping = true;
    await this.done;
    if (this.error) throw this.error;
  }
}

/** Creates issues with titles of their own; which were answered by 201, and which by something else. */
export class Writers extends Load {
  constructor(client, project, count = 8) {
    const seen = { created: new Map(), refused: new Map(), other: [] };
    super(count, async (n) => {
      const title = `Written ${n}`;
      const r = await client.post('/api/v1/issues', { project_id: project.id, title });
      if (r.status === 201) seen.created.set(title, r.body.id);
      else if (r.status === 503 && r.headers['retry-after']) {
        seen.refused.set(title, r.body.code);
        await sleep(5);
      } else seen.other.push(`${r.status} ${r.text}`);
    });
    Object.assign(this, seen);
  }
}

/** What is wrong between what was answered and what is in the database: [] when nothing is. */
export async function discrepancies(db, project, { created, refused, other }) {
  const rows = await db.rows(`SELECT id, title, number FROM issues WHERE project_id = '${project.id}'`);
  const byTitle = new Map(rows.map((row) => [row.title, row]));
  const wrong = other.map((text) => `answered neither 201 nor 503: ${text}`);
  for (const [title, id] of created) if (byTitle.get(title)?.id !== id) wrong.push(`answered 201, and is not there: ${title}`);
  for (const { title } of rows) {
    if (!created.has(title) && !refused.has(title)) wrong.push(`is there, and nobody knows why: ${title}`);
    if (refused.has(title) && refused.get(title) !== 'outcome_unknown') wrong.push(`is there, and its 503 said ${refused.get(title)}: ${title}`);
  }
  if (byTitle.size !== rows.length) wrong.push(`${rows.length - byTitle.size} were written twice`);
  if (Math.max(0, ...rows.map(({ number }) => number)) !== rows.length) wrong.push('the numbers have gaps');
  const events = Number(await db.exec(`SELECT count(*) FROM issue_events e JOIN issues i ON i.id = e.issue_id WHERE i.project_id = '${project.id}';`));
  if (events !== rows.length) wrong.push(`${rows.length} issues have ${events} events`);
  return wrong;
}

/** Holds a lock on the project's counters, so that creates wait; `waiting()` counts them, `release()` lets go. */
export async function holdCounters(db, project) {
  const name = `hold_${project.id.replaceAll('-', '')}`;
  const held = db.exec(`BEGIN; SELECT 1 FROM project_counters WHERE project_id = '${project.id}' FOR UPDATE;
    SET application_name = '${name}'; SELECT pg_sleep(120);`).catch(() => {});
  const holder = `SELECT pid FROM pg_stat_activity WHERE application_name = '${name}'`;
  while ((await db.rows(holder)).length === 0) await sleep(10);
  return {
    waiting: async () => Number(await db.exec(`SELECT count(*) FROM pg_stat_activity WHERE (${holder}) = ANY(pg_blocking_pids(pid));`)),
    release: async () => {
      await db.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${name}';`);
      await held;
    },
  };
}
