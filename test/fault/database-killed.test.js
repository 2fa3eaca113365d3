// PostgreSQL killed by -9 under load and started again: every 201 is in the database afterwards, every other
// answer was 503, and the server was never restarted.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Server } from '../support/bugd.js';
import { Cluster } from '../support/cluster.js';
import { eventually, ms } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Load, Writers, discrepancies } from '../support/load.js';
import { Tracker, useTrackerOnCluster } from '../support/tracker.js';

describe('PostgreSQL is killed', () => {
  const t = useTrackerOnCluster();

  test('with -9 under load, three times: nothing that was promised is lost', { timeout: ms(120_000) }, async () => {
    const { pid } = t.server;
    const project = await t.project();
    const writers = new Writers(t.developer, project);
    const answered = new Map();
    const readers = new Load(4, async () => {
      const r = await t.reporter.get(`/api/v1/issues?project_id=${project.id}&size=5`);
      answered.set(r.status, (answered.get(r.status) ?? 0) + 1);
      if (r.status === 503) expect.unavailable(r);
    });
    for (let round = 0; round < 3; round++) {
      const made = writers.created.size;
      await eventually('writes succeed', () => writers.created.size > made + 200 || writers.error);
      await t.cluster.crash();
      await eventually('writes are refused', () => writers.refused.size > 0);
      await t.cluster.start();
      const begin = Date.now();
      const again = writers.created.size;
      await eventually('writes succeed again', () => writers.created.size > again || writers.error);
      assert.ok(Date.now() - begin < ms(5000), `it took ${Date.now() - begin} ms to come back`);
    }
    await writers.stop();
    await readers.stop();
    assert.deepEqual(await discrepancies(t.db, project, writers), []);
    assert.deepEqual([...answered.keys()].filter((status) => ![200, 503].includes(status)), []);
    assert.equal(t.server.pid, pid);
    assert.equal(t.server.end, undefined);
    await t.server.ready();
    const { body } = await t.reporter.get(`/api/v1/projects/${project.id}`);
    assert.equal(body.issue_counts.open, Number(await t.db.exec(`SELECT count(*) FROM issues WHERE project_id = '${project.id}';`)));
  });

  test('while it is away: ready says 503, health 200, requests 503 at once', async () => {
    await t.cluster.crash();
    await eventually('/ready says so', async () => (await t.anyone.get('/ready')).status === 503);
    const begin = Date.now();
    for (let i = 0; i < 20; i++) {
      expect.unavailable(await t.developer.get('/api/v1/issues'));
      expect.unavailable(await t.developer.post('/api/v1/issues', { project_id: 'AA', title: 'x' }));
      expect.status(await t.anyone.get('/health'), 200);
    }
    assert.ok(Date.now() - begin < ms(5000), 'the answers waited for the database');
    await t.cluster.start();
    await t.server.ready();
    expect.status(await t.developer.get('/api/v1/issues'), 200);
  });

  test('a restart in good order under load is survived, too', { timeout: ms(60_000) }, async () => {
    const project = await t.project();
    const writers = new Writers(t.developer, project);
    await eventually('writes succeed', () => writers.created.size > 100 || writers.error);
    await t.cluster.stop();
    await t.cluster.start();
    const made = writers.created.size;
    await eventually('writes succeed again', () => writers.created.size > made || writers.error);
    await writers.stop();
    assert.deepEqual(await discrepancies(t.db, project, writers), []);
  });
});

describe('PostgreSQL is away at the start', () => {
  test('the server starts all the same, says so, and heals', async () => {
    const cluster = await Cluster.create();
    const t = new Tracker();
    let server;
    try {
      await t.open(cluster.url);
      const { token } = t.developer;
      await t.server.stop();
      await cluster.stop();
      server = await Server.start({ DATABASE_URL: t.db.url }, { ready: false });
      const { anyone } = server;
      expect.status(await anyone.get('/health'), 200);
      expect.unavailable(await anyone.get('/ready'));
      expect.unavailable(await anyone.as(token).get('/api/v1/issues'));
      expect.unavailable(await anyone.post('/api/v1/auth/login', { email: 'a@b.test', password: 'x' }));
      expect.status(await anyone.get('/api/v1/nowhere'), 404);
      await cluster.start();
      await server.ready(10_000);
      expect.status(await anyone.as(token).get('/api/v1/issues'), 200);
      await server.stop();
    } finally {
      await server?.kill();
      await cluster.remove();
    }
  });
});
