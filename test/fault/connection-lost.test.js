// Single connections to the database that die or hang, while the database itself lives.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { eventually, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Load, Writers, discrepancies } from '../support/load.js';
import { login, useTracker, useTrackerOnCluster } from '../support/tracker.js';

describe('a connection to the database dies', () => {
  const t = useTracker();
  const backends = () => `FROM pg_stat_activity WHERE datname = '${t.db.name}' AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
  /** Terminates backends of the server: some, or all. */
  const terminate = (limit = 'ALL') => t.db.exec(`SELECT pg_terminate_backend(pid) FROM (SELECT pid ${backends()} ORDER BY random() LIMIT ${limit}) p;`);
  const connections = async () => Number(await t.db.exec(`SELECT count(*) ${backends()};`));

  test('under reads: no reader sees an error', async () => {
    const issue = await t.issue();
    const paths = [`/api/v1/issues/${issue.id}`, `/api/v1/issues?project_id=${issue.project_id}`, `/api/v1/projects/${issue.project_id}`, '/api/v1/users/me'];
    const readers = new Load(8, async (n) => {
      expect.status(await t.reporter.get(paths[n % paths.length]), 200);
    });
    const all = await connections();
    for (let i = 0; i < 15; i++) {
      await terminate(1);
      await eventually('the connection is there again', async () => (await connections()) === all);
    }
    await readers.stop();
    assert.ok(readers.steps > 100);
  });

  test('under writes: each is there once or not at all, and its answer is true', async () => {
    const project = await t.project();
    const writers = new Writers(t.developer, project);
    for (let i = 0; i < 10; i++) {
      await sleep(100);
      await terminate(i % 2 ? 'ALL' : 3);
    }
    const made = writers.created.size;
    await eventually('writes succeed again', () => writers.created.size > made + 20 || writers.error);
    await writers.stop();
    assert.deepEqual(await discrepancies(t.db, project, writers), []);
  });

  test('all of them at once, with nobody asking: they come back', async () => {
    await terminate();
    await t.server.ready();
    await t.issue();
  });
});

describe('a connection to a database of our own', () => {
  const t = useTrackerOnCluster();

  test('dies after a commit, before its answer: 503, the outcome is unknown, and nothing is done twice', async () => {
    // PostgreSQL waits for a standby that does not exist: the change is committed here, and nobody is told.
    const standby = (name) => t.cluster.set({ synchronous_standby_names: name });
    const endWhatWaits = async () => (await t.db.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep';")) !== '';
    /** A setting is in force some time after the server was told to read it. */
    const commitsWait = () => eventually('commits wait for the standby', async () => {
      let over = false;
      const commit = t.db.exec("SELECT pg_logical_emit_message(true, 'a test', 'of commits');").catch(() => 'ended').then(() => (over = true));
      while (!over) {
        if (await endWhatWaits()) return commit;
      }
      return false;
    });
    const issue = await t.issue();
    const other = await t.issue({ project_id: issue.project_id });
    const changes = {
      create: () => t.developer.post('/api/v1/issues', { project_id: issue.project_id, title: 'Perhaps' }),
      change: () => t.developer.patch(`/api/v1/issues/${issue.id}`, { version: 1, title: 'Perhaps' }),
      delete: () => t.manager.delete(`/api/v1/issues/${other.id}`),
    };
    await standby('nobody');
    try {
      await commitsWait();
      for (const [what, change] of Object.entries(changes)) {
        const answer = change();
        await eventually(`the ${what} waits at its commit`, endWhatWaits);
        expect.unavailable(await answer, 'outcome_unknown');
      }
    } finally {
      await standby('');
    }
    await t.server.ready();
    expect.includes(await t.read(issue), { title: 'Perhaps', version: 2 });
    expect.status(await t.developer.get(`/api/v1/issues/${other.id}`), 404);
    assert.equal(await t.db.exec("SELECT count(*) FROM issues WHERE title = 'Perhaps';"), '2');
    assert.equal(await t.db.exec("SELECT string_agg(type::text, ',' ORDER BY type) FROM issue_events WHERE version > 1;"), 'updated,deleted');
  });

  test('hangs: requests get 503 within their deadline, and all is well when it goes on', async () => {
    const env = { DATABASE_URL: t.db.url, REQUEST_TIMEOUT: `${ms(600)}`, DB_STATEMENT_TIMEOUT: `${ms(500)}` };
    await withServer(env, async (server) => {
      const developer = server.anyone.as(await login(server.anyone, 'developer'));
      const issue = await t.issue();
      const pids = (await t.db.exec(`SELECT pid FROM pg_stat_activity WHERE datname = '${t.db.name}' AND backend_type = 'client backend' AND pid <> pg_backend_pid();`)).split('\n').map(Number);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      try {
        const begin = Date.now();
        const answers = await Promise.all([
          developer.get(`/api/v1/issues/${issue.id}`), developer.get('/api/v1/issues'), developer.patch(`/api/v1/issues/${issue.id}`, { version: 1, title: 'x' }),
        ]);
        for (const r of answers) expect.unavailable(r);
        assert.ok(Date.now() - begin < ms(5000), `it took ${Date.now() - begin} ms`);
        expect.status(await server.anyone.get('/health'), 200);
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      }
      await server.ready();
      await eventually('reads succeed', async () => (await developer.get(`/api/v1/issues/${issue.id}`)).status === 200);
    });
  });
});
