import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { describe, test } from 'node:test';
import { objects, records } from '../support/csv.js';
import { fillDatabase } from '../support/bulk.js';
import { email } from '../support/database.js';
import { SLOW, eventually, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { makeToken } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

/** A sanitizer keeps what was freed, up to 256 MiB. */
const QUARANTINE = SLOW > 1 ? 32 : 1;
const residentBytes = (pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
const EXPORT = '/api/v1/issues/export';
const COLUMNS = ['key', 'project', 'title', 'description', 'type', 'status', 'priority', 'assignee', 'labels', 'due_date', 'external_id',
  'created_at', 'updated_at'];

describe('export', () => {
  const t = useTracker();
  const out = async (query, client = t.reporter) => expect.status(await client.get(`${EXPORT}?${query}`), 200);
  const lines = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));

  /** Gives the issue new labels behind the server's back. */
  const label = (issue, ...names) => t.db.exec(`
    INSERT INTO labels (id, name, color) SELECT gen_random_uuid(), n, '#ff0000' FROM unnest(ARRAY[${names.map((n) => `$$${n}$$`)}]) n;
    UPDATE issues SET label_ids = ARRAY(SELECT id FROM labels WHERE name = ANY(ARRAY[${names.map((n) => `$$${n}$$`)}])) WHERE id = '${issue.id}';`);

  test('CSV has a row for each issue, oldest first, below the names of its columns', async () => {
    const project = await t.project();
    const first = await t.issue({ project_id: project.id, title: 'Say "no", please', description: 'two\r\nlines', assignee_id: t.ids.developer, due_date: '2026-12-24', type: 'task', priority: 'high' });
    const second = await t.issue({ project_id: project.id });
    await label(first, 'ui', 'a;b', 'c\\d');
    const r = await out(`project_id=${project.key}`);
    assert.deepEqual(records(r.text)[0], COLUMNS);
    const rows = objects(r.text);
    assert.equal(rows.length, 2);
    assert.deepEqual(rows[0], {
      key: first.key, project: project.key, title: 'Say "no", please', description: 'two\r\nlines', type: 'task', status: 'open', priority: 'high',
      assignee: email('developer'), labels: 'a\\;b;c\\\\d;ui', due_date: '2026-12-24', external_id: '', created_at: first.created_at, updated_at: first.updated_at,
    });
    expect.includes(rows[1], { key: second.key, description: '', assignee: '', labels: '', due_date: '' });
    assert.match(r.headers['content-type'], /^text\/csv; charset=utf-8/);
    assert.match(r.headers['content-disposition'], /^attachment; filename="issues-\d{4}-\d\d-\d\d\.csv"$/);
  });

  test('a cell that a spreadsheet would take for a formula is defused', async () => {
    const project = await t.project();
    const titles = ['=HYPERLINK("http://x.example")', '+1', '-1', '@SUM(A1)', "'=1", "'quoted'", '1-1'];
    for (const title of titles) await t.issue({ project_id: project.id, title, description: `\t${title}` });
    const rows = objects((await out(`project_id=${project.key}`)).text);
    assert.deepEqual(rows.map((row) => row.title), ["'=HYPERLINK(\"http://x.example\")", "'+1", "'-1", "'@SUM(A1)", "''=1", "'quoted'", '1-1']);
    for (const row of rows) assert.ok(row.description.startsWith("'\t"));
  });

  test('NDJSON has the issues as they are read one by one', async () => {
    const project = await t.project();
    const issues = [await t.issue({ project_id: project.id }), await t.issue({ project_id: project.id, assignee_id: t.ids.developer, due_date: '2026-12-24' })];
    await label(issues[0], 'zebra', 'Ape');
    const r = await out(`project_id=${project.key}&format=ndjson`);
    assert.match(r.headers['content-type'], /^application\/x-ndjson/);
    assert.deepEqual(lines(r.text), await Promise.all(issues.map((issue) => t.read(issue))));
    assert.deepEqual(lines(r.text)[0].labels.map(({ name }) => name), ['Ape', 'zebra']);
  });

  test('takes the filters of the list', async () => {
    const project = await t.project();
    const mine = await t.issue({ project_id: project.id, assignee_id: t.ids.developer, priority: 'critical' });
    const other = await t.issue({ project_id: project.id });
    const found = async (query) => objects((await out(`project_id=${project.key}&${query}`)).text).map(({ key }) => key);
    assert.deepEqual(await found('priority=critical'), [mine.key]);
    assert.deepEqual(await found('assignee_id=none'), [other.key]);
    assert.deepEqual(await found(`key=${other.key}&key=${mine.key}`), [mine.key, other.key]);
    assert.deepEqual(await found('status=closed'), []);
    expect.status(await t.manager.delete(`/api/v1/issues/${other.id}`), 204);
    assert.deepEqual(await found(''), [mine.key]);
    assert.deepEqual(objects((await out(`project_id=${project.key}&deleted=only`, t.manager)).text).map(({ key }) => key), [other.key]);
  });

  test('takes a saved filter, whose order does not count', async () => {
    const project = await t.project();
    const high = await t.issue({ project_id: project.id, priority: 'high' });
    const low = await t.issue({ project_id: project.id, priority: 'low' });
    const save = async (query) => expect.status(await t.developer.post('/api/v1/filters', { name: `Filter ${t.unique()}`, query }), 201).body.id;
    const id = await save(`project_id=${project.key}&priority=high&sort=-status&size=1&fields=key`);
    const found = async (query) => objects((await out(query, t.developer)).text).map(({ key }) => key);
    assert.deepEqual(await found(`filter=${id}`), [high.key]);
    assert.deepEqual(await found(`filter=${id}&priority=low`), [low.key]);
    assert.deepEqual(await found(`filter=${await save(`q=project:${project.key} priority:low`)}`), [low.key]);
    assert.equal((await t.developer.head(`${EXPORT}?filter=${id}&format=ndjson`)).headers['x-total-count'], '1');
    expect.problem(await t.reporter.get(`${EXPORT}?filter=${id}`), 422, 'validation_failed', { filter: 'unknown' });
    expect.problem(await t.reporter.get(`${EXPORT}?filter=mine`), 422, 'validation_failed', { filter: null });
  });

  test('shows nobody what they may not see', async () => {
    const project = await t.project({ visibility: 'private' });
    await t.issue({ project_id: project.id }, t.manager);
    assert.equal(objects((await out(`project_id=${project.key}`)).text).length, 0);
    assert.equal(objects((await out(`project_id=${project.key}`, t.manager)).text).length, 1);
    assert.equal((await t.reporter.head(`${EXPORT}?project_id=${project.key}`)).headers['x-total-count'], '0');
    expect.unauthenticated(await t.anyone.get(EXPORT));
    const { token } = await makeToken(t, t.manager, ['projects:read']);
    expect.problem(await t.manager.as(token).get(EXPORT), 403, 'insufficient_scope');
  });

  test('HEAD tells how many there are', async () => {
    const project = await t.project();
    for (let n = 0; n < 3; n++) await t.issue({ project_id: project.id });
    const r = expect.status(await t.reporter.head(`${EXPORT}?project_id=${project.key}&format=ndjson`), 200);
    assert.equal(r.headers['x-total-count'], '3');
    assert.match(r.headers['content-disposition'], /\.ndjson"$/);
    assert.equal(r.text, '');
  });

  test('bad input: refused', async () => {
    expect.problem(await t.reporter.get(`${EXPORT}?format=xlsx`), 422, 'validation_failed', { format: 'invalid_value' });
    expect.problem(await t.reporter.get(`${EXPORT}?status=done`), 422, 'validation_failed', { status: 'invalid_value' });
    expect.problem(await t.reporter.get(`${EXPORT}?page=2`), 422, 'validation_failed', { page: 'unknown_parameter' });
    expect.problem(await t.reporter.post(EXPORT, {}), 405, 'method_not_allowed');
  });
});

describe('export of many issues', () => {
  const t = useTracker({ DB_COPY_CONNECTIONS: '2' });
  const connections = async () => Number((await t.db.rows("SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"))[0].n);

  /** A request whose answer is not read until somebody does. */
  const begin = (client = t.admin) => new Promise((resolve, reject) => {
    const { path: socketPath, ...tcp } = t.server.address;
    const request = http.get({ ...tcp, ...(socketPath && { socketPath }), agent: false, path: EXPORT, headers: { Authorization: `Bearer ${client.token}` } });
    request.once('error', reject);
    request.once('response', (response) => resolve({ request, response }));
  });
  const rest = async (response) => {
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  test('all are there, as they were when it began, and a client that does not read costs no memory', async () => {
    await fillDatabase(t.db, { issues: 60_000 });
    const total = Number((await t.admin.head(EXPORT)).headers['x-total-count']);
    assert.ok(total > 50_000);
    const before = residentBytes(t.server.pid);
    const { response } = await begin();
    await sleep(500);
    assert.ok(residentBytes(t.server.pid) - before < 16 * QUARANTINE * 1024 * 1024);
    await t.db.exec("UPDATE issues SET due_date = '1999-12-31'; DELETE FROM issue_events; ");
    const rows = objects(await rest(response));
    assert.equal(rows.length, total);
    assert.equal(new Set(rows.map(({ key }) => key)).size, total);
    assert.ok(rows.every(({ due_date }) => due_date !== '1999-12-31'));
    assert.deepEqual(rows.map((row) => row.created_at), rows.map((row) => row.created_at).sort());
  });

  test('one person has half of the connections at most, however slowly he reads', async () => {
    const { request, response } = await begin(t.reporter);
    assert.equal(response.statusCode, 200);
    const refused = expect.problem(await t.reporter.get(EXPORT), 429, 'too_many_requests');
    assert.ok(Number(refused.headers['retry-after']) > 0);
    const other = await begin(t.reporter2);
    assert.equal(other.response.statusCode, 200);
    for (const one of [request, other.request]) one.destroy();
    await eventually('the connections are free', async () => (await connections()) === 0);
    const again = await begin(t.reporter);
    assert.equal(again.response.statusCode, 200);
    again.request.destroy();
    await eventually('the connections are free', async () => (await connections()) === 0);
  });

  test('a client that goes away gives its connection back; more at a time than there are connections are refused', async () => {
    const two = [await begin(), await begin(t.manager)];
    expect.unavailable(await t.developer.get(EXPORT), 'busy');
    for (const { request } of two) request.destroy();
    await eventually('the connections are free', async () => (await connections()) === 0);
    const { response } = await begin();
    assert.ok((await rest(response)).length > 1_000_000);
  });

  test('a database that goes away cuts the answer off, so that nobody takes it for whole', async () => {
    const { response } = await begin();
    await eventually('the connection is killed', async () => (await t.db.rows(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'FETCH%' AND state LIKE 'idle in t%'")).length);
    await assert.rejects(rest(response));
  });
});
