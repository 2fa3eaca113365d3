// The server is killed by -9 while it writes, again and again: every change that was acknowledged is there, versions
// and history agree, and no import is done by half.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Server } from '../support/bugd.js';
import { createDatabase } from '../support/database.js';
import { SLOW, eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { importForm } from '../support/form.js';
import { login } from '../support/tracker.js';

const V1 = '/api/v1';
const KILLS = Number(process.env.TEST_KILLS ?? Math.ceil(50 / SLOW));
const IMPORT_ROWS = 400;

describe('a server that is killed under writes', () => {
  let db;
  let token;
  let managerToken;
  let project;
  before(async () => {
    db = await createDatabase();
    const server = await Server.start({ DATABASE_URL: db.url });
    token = await login(server.anyone, 'developer');
    managerToken = await login(server.anyone, 'manager');
    project = expect.status(await server.anyone.as(managerToken).post(`${V1}/projects`, { key: 'KIL', name: 'Killed', status: 'active' }), 201).body;
    await server.stop();
  });
  after(() => db?.drop());

  // Each remembers what was acknowledged, and what it asked for when the server died.
  const created = new Map(); // title → id
  const asked = new Set();
  const issues = []; // { id, version, asked }: one a worker
  const imports = []; // { external, done }

  async function create(client, n) {
    const title = `Created ${n}`;
    asked.add(title);
    const r = expect.status(await client.post(`${V1}/issues`, { project_id: project.id, title }), 201);
    created.set(title, r.body.id);
    return r.body;
  }

  async function change(client, issue) {
    issue.asked = issue.version + 1;
    const r = await client.patch(`${V1}/issues/${issue.id}`, { version: issue.version, title: `Version ${issue.asked}` });
    // The change before may have been made when the server died without an answer.
    if (r.status === 409) issue.version = r.body.current.version;
    else issue.version = expect.status(r, 200).body.version;
  }

  async function importFile(client, n) {
    const entry = { external: `file ${n}`, done: false };
    imports.push(entry);
    const rows = Array.from({ length: IMPORT_ROWS }, (_, i) => `Imported ${n},${n}-${i}\n`).join('');
    const { body, headers } = importForm(`title,external_id\n${rows}`, { project_id: project.key, mode: 'atomic' });
    const r = expect.status(await client.as(managerToken).post(`${V1}/issues/import`, body, { headers }), 200);
    entry.done = r.body.created_count === IMPORT_ROWS;
  }

  /** Goes on until the connection breaks: that is the only error that there may be. */
  async function worker(step) {
    try {
      for (;;) await step();
    } catch (error) {
      if (!/ECONN|EPIPE|socket hang up/.test(error.code ?? error.message)) throw error;
    }
  }

  test(`${KILLS} times: what was acknowledged is there, and nothing is there by half`, async () => {
    let n = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const server = await Server.start({ DATABASE_URL: db.url });
      const client = server.anyone.as(token);
      if (issues.length === 0) for (let i = 0; i < 3; i++) issues.push(await create(client, `to change ${i}`));
      const workers = [
        ...issues.map((issue) => worker(() => change(client, issue))),
        ...[0, 1, 2].map(() => worker(() => create(client, n++))),
        worker(() => importFile(client, imports.length)),
      ];
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 150));
      await server.kill();
      await Promise.all(workers);
    }
    await eventually('no statement of theirs runs any more', async () => (
      await db.exec(`SELECT count(*) FROM pg_stat_activity WHERE datname = '${db.name}' AND pid <> pg_backend_pid() AND backend_type = 'client backend';`)) === '0');
    assert.ok(created.size > KILLS, `only ${created.size} were created`);
  });

  test('afterwards titles, versions, numbers, counts and history agree', async () => {
    const rows = await db.rows('SELECT id, title, version FROM issues');
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const [title, id] of created) assert.ok(byId.has(id), `answered 201, and is not there: ${title}`);
    for (const { title } of rows) {
      assert.ok(asked.has(title) || /^(Version|Imported) \d+$/.test(title), `is there, and nobody asked for it: ${title}`);
    }
    for (const issue of issues) {
      const { version, title } = byId.get(issue.id);
      assert.ok(version >= issue.version && version <= Math.max(issue.version, issue.asked), `version ${version}, ${JSON.stringify(issue)}`);
      assert.equal(title, `Version ${version}`);
    }
    const wrong = await db.rows(`
      SELECT i.id, i.version, e.events, e.last FROM issues i
      LEFT JOIN (SELECT issue_id, count(*) AS events, max(version) AS last FROM issue_events GROUP BY issue_id) e ON e.issue_id = i.id
      WHERE e.events IS DISTINCT FROM i.version OR e.last IS DISTINCT FROM i.version`);
    assert.deepEqual(wrong, [], 'versions and history differ');
    const [count] = await db.rows(`SELECT count(*)::int AS issues, max(number)::int AS last, count(DISTINCT number)::int AS numbers,
      (SELECT open + in_progress + resolved + closed FROM project_counters)::int AS counted FROM issues`);
    assert.equal(count.counted, count.issues);
    assert.equal(count.numbers, count.issues);
    assert.equal(count.last, count.issues);
  });

  test('no import is there by half, and none that was acknowledged is missing', async () => {
    const there = new Map((await db.rows("SELECT title, count(*)::int AS n FROM issues WHERE title LIKE 'Imported %' GROUP BY title")).map(({ title, n }) => [title, n]));
    for (const [title, n] of there) assert.equal(n, IMPORT_ROWS, title);
    imports.forEach(({ done }, n) => assert.ok(!done || there.has(`Imported ${n}`), `import ${n}`));
  });
});
