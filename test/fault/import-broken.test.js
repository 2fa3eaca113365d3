// Imports whose client, server or database goes away: nothing of them is kept.

import assert from 'node:assert/strict';
import { writeFileSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Server, bugd } from '../support/bugd.js';
import { objects } from '../support/csv.js';
import { BUGD, eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { importForm } from '../support/form.js';
import { run, scratchFolder } from '../support/process.js';
import { useTracker, useTrackerOnCluster } from '../support/tracker.js';

const IMPORT = '/api/v1/issues/import';
const rows = (n) => `title,description\n${`A row,${'x'.repeat(100)}\n`.repeat(n)}`;

describe('an import that is broken off', () => {
  const t = useTracker();
  const issues = async () => Number((await t.db.rows('SELECT count(*)::int AS n FROM issues'))[0].n);
  const start = async (project, n) => {
    const { body, headers } = importForm(rows(n), { project_id: project.key });
    return expect.status(await t.manager.post(IMPORT, body, { headers: { ...headers, Prefer: 'respond-async' } }), 202).body.id;
  };
  const state = async (id) => (await t.manager.get(`/api/v1/jobs/${id}`)).body;

  test('a cancelled job keeps nothing, and says so', async () => {
    const project = await t.project();
    const before = await issues();
    const id = await start(project, 60_000);
    expect.status(await t.manager.delete(`/api/v1/jobs/${id}`), 204);
    assert.equal((await state(id)).state, 'cancelled');
    expect.problem(await t.manager.delete(`/api/v1/jobs/${id}`), 409, 'job_finished');
    await eventually('its transaction is gone', async () => (await t.db.rows("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")).length === 0);
    assert.equal(await issues(), before);
    assert.equal((await t.issue({ project_id: project.id })).number, 1);
  });

  test('a client that goes away in the midst of its file leaves nothing behind', async () => {
    const project = await t.project();
    const before = await issues();
    const { body, headers } = importForm(rows(20_000), { project_id: project.key });
    const socket = net.connect(t.server.address);
    socket.write(`POST ${IMPORT} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${t.manager.token}\r\nContent-Type: ${headers['Content-Type']}\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body.subarray(0, body.length / 2));
    await eventually('the import has begun', async () => (await t.db.rows("SELECT id FROM jobs WHERE state = 'running'")).length === 1);
    socket.destroy();
    await eventually('the job is gone', async () => (await t.db.rows("SELECT id FROM jobs WHERE state = 'running'")).length === 0);
    assert.equal(await issues(), before);
  });

  test('a database connection that is lost fails the job with a reason', async () => {
    const before = await issues();
    const id = await start(await t.project(), 60_000);
    await t.db.exec("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    const job = await eventually('the job has failed', async () => {
      const now = await state(id);
      return now.state === 'failed' && now;
    });
    assert.ok(job.error.length > 10);
    assert.equal(await issues(), before);
  });

  test('a server that is killed fails the job, as any other server tells', async () => {
    const other = await Server.start({ DATABASE_URL: t.db.url });
    const before = await issues();
    try {
      const { body, headers } = importForm(rows(60_000), { project_id: (await t.project()).key });
      const client = other.anyone.as(t.manager.token);
      const { id } = expect.status(await client.post(IMPORT, body, { headers: { ...headers, Prefer: 'respond-async' } }), 202).body;
      await other.kill();
      const job = await eventually('the job has failed', async () => {
        const now = await state(id);
        return now.state === 'failed' && now;
      });
      assert.match(job.error, /went away/);
      assert.equal(await issues(), before);
    } finally {
      await other.kill();
    }
  });

  test('bugd import: brings a file over, and puts the bad rows into one of their own', async () => {
    const project = await t.project();
    const file = join(scratchFolder(), 'issues.csv');
    writeFileSync(file, 'title,type\nGood,bug\n,bug\n');
    const { host, port } = t.server.address;
    const run = (args, env) => bugd(['import', ...args], { BUGD_URL: `http://${host}:${port}`, BUGD_TOKEN: t.manager.token, ...env });
    const done = await run([file, '--project', project.key]);
    assert.equal(done.code, 1, done.stderr);
    assert.match(done.stdout, /2 rows: 1 became issues, 1 not valid/);
    expect.includes(objects(readFileSync(`${file}.errors.csv`, 'utf8'))[0], { row_number: '3', title: '', type: 'bug' });
    assert.equal((await run([file, '--project', project.key], { BUGD_TOKEN: 'nonsense' })).code, 1);
    assert.equal((await run([])).code, 2);
  });

  test('bugd import: shows a bar on a terminal, and lines elsewhere', async (context) => {
    const project = await t.project();
    const file = join(scratchFolder(), 'bar.csv');
    writeFileSync(file, rows(30_000));
    const { host, port } = t.server.address;
    const env = { ...process.env, BUGD_URL: `http://${host}:${port}`, BUGD_TOKEN: t.manager.token, TERM: 'xterm' };
    const command = `'${BUGD}' import '${file}' --project ${project.key}`;
    const plain = await run('sh', ['-c', command], { env });
    assert.equal(plain.code, 0, plain.stderr);
    assert.match(plain.stderr, /^\d+ %, \d+ MiB, \d+ rows, \d+ s$/m);
    assert.ok(!plain.stderr.includes('\r'));
    if ((await run('sh', ['-c', 'command -v script'])).code !== 0) return context.skip('there is no script (util-linux)');
    const { code, stdout } = await run('script', ['-qec', command, '/dev/null'], { env });
    assert.equal(code, 0, stdout);
    const bars = stdout.split('\r').filter((line) => line.startsWith('['));
    assert.ok(bars.length > 1, stdout);
    for (const bar of bars) assert.match(bar, /^\[#*\.*\] +\d+ % {2}\d+ MiB {2}\d+ rows {2}\d+ rows\/s {2}\d+ s left /);
    const filled = bars.map((bar) => bar.split('#').length);
    assert.deepEqual(filled, [...filled].sort((a, b) => a - b), 'it never goes back');
    assert.equal(filled.at(-1), 25);
    assert.match(stdout, /30000 rows: 30000 became issues/);
  });
});

describe('an import whose PostgreSQL is killed', () => {
  const t = useTrackerOnCluster();

  test('fails with a reason once it is back, and nothing of it is there; the next one goes through', async () => {
    const project = await t.project();
    const { pid } = t.server;
    const send = (n) => {
      const { body, headers } = importForm(rows(n), { project_id: project.key });
      return t.manager.post(IMPORT, body, { headers: { ...headers, Prefer: 'respond-async' } });
    };
    const { id } = expect.status(await send(60_000), 202).body;
    await eventually('issues are made', async () => (await t.manager.get(`/api/v1/jobs/${id}`)).body.progress >= 40);
    await t.cluster.crash();
    await eventually('requests are refused', async () => (await t.manager.get(`/api/v1/jobs/${id}`)).status === 503);
    await t.cluster.start();
    const job = await eventually('the job has failed', async () => {
      const { status, body } = await t.manager.get(`/api/v1/jobs/${id}`);
      return status === 200 && body.state === 'failed' && body;
    });
    assert.ok(job.error.length > 10);
    expect.includes(job, { created_count: 0 });
    const left = await t.db.rows(`SELECT (SELECT count(*)::int FROM issues) AS issues, (SELECT count(*)::int FROM issue_events) AS events,
      (SELECT sum(last_number)::int FROM project_counters) AS numbers`);
    assert.deepEqual(left, [{ issues: 0, events: 0, numbers: 0 }]);
    const next = expect.status(await send(10), 202).body.id;
    const done = await eventually('the next one is through', async () => {
      const { body } = await t.manager.get(`/api/v1/jobs/${next}`);
      return body.state === 'succeeded' && body;
    });
    expect.includes(done, { created_count: 10, failed_count: 0 });
    assert.equal(t.server.pid, pid);
    assert.equal(t.server.end, undefined);
  });
});
