// Load on a server while something is broken: workers that go on whatever is answered, and what they saw.

import { randomUUID } from 'node:crypto';
import assert from 'node:assert/strict';
import { eventually, ms, sleep } from './env.js';
import * as expect from './expect.js';

/**
 * Runs `step(n)` again and again in `count` workers until stopped; n counts all steps, `slowest` is how many
 * milliseconds the longest took. The first error ends it.
 */
export class Load {
  constructor(count, step) {
    this.steps = 0;
    this.slowest = 0;
    this.stopping = false;
    this.done = Promise.all(Array.from({ length: count }, async () => {
      while (!this.stopping) {
        const begin = performance.now();
        await step(this.steps++);
        this.slowest = Math.max(this.slowest, performance.now() - begin);
      }
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

/** Reads an issue, a list and the reader; each answer is right, or 503. */
export class Readers extends Load {
  constructor(client, issue, count = 4) {
    const seen = { right: 0, refused: 0 };
    super(count, async (n) => {
      const path = [`/issues/${issue.id}`, `/issues?project_id=${issue.project_id}&sort=created_at&size=1`, '/users/me'][n % 3];
      const r = await client.get(`/api/v1${path}`);
      if (r.status === 503) {
        seen.refused += 1;
        expect.unavailable(r);
        await sleep(5);
        return;
      }
      const { body } = expect.status(r, 200);
      if (n % 3 === 2) assert.equal(body.email, 'developer@example.test');
      else expect.includes(n % 3 ? body.items[0] : body, { id: issue.id, title: issue.title, version: 1 });
      seen.right += 1;
    });
    this.seen = seen;
  }
}

/** Writers and readers of a developer's, in a project of their own, while something is broken. */
export class Traffic {
  /** `t` is a Tracker; `client` another server's, if it is not the tracker's own. */
  static async start(t, client = t.developer) {
    const traffic = new Traffic();
    traffic.db = t.db;
    traffic.project = await t.project();
    const issue = await t.issue({ project_id: traffic.project.id, title: 'Read again and again' });
    traffic.writers = new Writers(client, traffic.project, 4);
    traffic.writers.created.set(issue.title, issue.id);
    traffic.readers = new Readers(client, issue);
    await traffic.flows();
    return traffic;
  }

  #until(what, more, count) {
    const from = count();
    return eventually(what, () => this.writers.error || this.readers.error || count() >= from + more, { every: 5 });
  }

  /** Waits until some more writes and reads have succeeded; how many milliseconds that took. */
  async flows() {
    const begin = performance.now();
    await Promise.all([
      this.#until('writes succeed', 5, () => this.writers.created.size), this.#until('reads succeed', 5, () => this.readers.seen.right),
    ]);
    return performance.now() - begin;
  }

  /** Waits until writes are refused; what breaks reads is seen there, too. */
  refused() {
    return this.#until('writes are refused', 1, () => this.writers.refused.size);
  }

  /** The cause is gone: within a second, and what a busy machine takes, all is well. */
  async back() {
    const took = await this.flows();
    assert.ok(took < ms(2500), `it took ${Math.round(took)} ms to come back`);
  }

  /** Ends it: no answer was wrong, none is lost, none took longer than `longest` milliseconds. */
  async stop(longest = 10_000) {
    await Promise.all([this.writers.stop(), this.readers.stop()]);
    assert.deepEqual(await discrepancies(this.db, this.project, this.writers), []);
    const slowest = Math.max(this.writers.slowest, this.readers.slowest);
    assert.ok(slowest < ms(longest), `an answer took ${Math.round(slowest)} ms`);
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
export const holdCounters = (db, project) => hold(db, `SELECT 1 FROM project_counters WHERE project_id = '${project.id}' FOR UPDATE;`);

/** Holds what these statements lock, until released. */
export async function hold(db, statements) {
  const name = `hold_${randomUUID().replaceAll('-', '')}`;
  const held = db.exec(`BEGIN; ${statements}
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
