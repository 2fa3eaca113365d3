// Reports: what they count, day by day, who may see them, and what they refuse. More in reports-past and reports-forms.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { REPORTS, dayIn, plusDays, reportsOf } from '../support/reports.js';
import { login, useTracker } from '../support/tracker.js';

const V1 = '/api/v1';
const NOBODY = '019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07';

describe('reports', () => {
  const t = useTracker();
  const { get, read } = reportsOf(t);

  test('a milestone burns down by what was in it on each day', async () => {
    const project = await t.project();
    const { body: milestone } = await t.manager.post(`${V1}/projects/${project.key}/milestones`, { name: 'Release', due_date: plusDays(dayIn('UTC', Date.now()), 3) });
    const issues = [];
    for (let n = 0; n < 4; n++) issues.push(await t.issue({ project_id: project.id }));
    const path = `burndown?milestone_id=${milestone.id}`;
    const left = async () => (await read(path)).items.find(({ day }) => day === dayIn('UTC', Date.now())).remaining;
    assert.equal(await left(), 0);
    for (const [i, issue] of issues.entries()) issues[i] = await t.change(issue, { milestone_id: milestone.id }, t.manager);
    assert.equal(await left(), 4);
    issues[0] = await t.change(issues[0], { status: 'resolved' });
    issues[1] = await t.change(issues[1], { milestone_id: null }, t.manager);
    assert.equal(await left(), 2);
    issues[0] = await t.change(issues[0], { milestone_id: null }, t.manager);
    issues[0] = await t.change(issues[0], { status: 'open' });
    assert.equal(await left(), 2);
    expect.status(await t.manager.delete(`${V1}/issues/${issues[2].id}`), 204);
    assert.equal(await left(), 1);
    expect.status(await t.manager.post(`${V1}/issues/${issues[2].id}/restore`), 200);
    issues[3] = await t.change(issues[3], { status: 'closed', milestone_id: null }, t.manager);
    assert.equal(await left(), 1);
    const report = await read(path);
    assert.equal(report.until, milestone.due_date);
    assert.equal(report.items.at(-1).day, milestone.due_date);
    const made = await t.db.rows(`SELECT issue_id, type, milestone_id FROM issue_turns WHERE project_id = '${project.id}' ORDER BY issue_id, at, type, milestone_id`);
    await t.db.exec('SELECT rebuild_issue_turns(ARRAY(SELECT id FROM issues));');
    const rebuilt = await t.db.rows(`SELECT issue_id, type, milestone_id FROM issue_turns WHERE project_id = '${project.id}' ORDER BY issue_id, at, type, milestone_id`);
    assert.deepEqual(made.filter(({ type }) => ['resolved', 'reopened', 'responded'].includes(type)), rebuilt.filter(({ type }) => ['resolved', 'reopened', 'responded'].includes(type)));
    assert.equal(await left(), 1);
    expect.problem(await get(`${path}&project_id=${(await t.project()).key}`), 422, 'validation_failed', { milestone_id: 'unknown' });
  });

  test('the first response is that of somebody else, a comment too, and stays the first', async () => {
    const project = await t.project();
    const issue = await t.issue({ project_id: project.id });
    const count = async () => (await read(`latency?project_id=${project.key}`)).first_response.count;
    expect.status(await t.developer.post(`${V1}/issues/${issue.id}/comments`, { content: 'More of it.' }), 201);
    assert.equal(await count(), 0);
    expect.status(await t.reporter.post(`${V1}/issues/${issue.id}/comments`, { content: 'Seen here, too.' }), 201);
    expect.status(await t.developer2.post(`${V1}/issues/${issue.id}/comments`, { content: 'And here.' }), 201);
    assert.equal(await count(), 1);
    const [{ at }] = await t.db.rows(`SELECT at = (SELECT min(e.at) FROM issue_events e WHERE e.issue_id = t.issue_id AND e.type = 'commented' AND e.actor_id <> '${t.ids.developer}') AS at FROM issue_turns t WHERE issue_id = '${issue.id}'`);
    assert.ok(at === true || at === 't');
  });

  test('what is deleted counts nowhere, what is restored counts again, what is purged leaves nothing', async () => {
    const project = await t.project();
    const issue = await t.issueIn('resolved', { project_id: project.id });
    const counts = async () => {
      const { created, resolved } = await read(`velocity?project_id=${project.key}&days=1`);
      return [created, resolved, (await read(`summary?project_id=${project.key}`)).total];
    };
    assert.deepEqual(await counts(), [1, 1, 1]);
    expect.status(await t.manager.delete(`${V1}/issues/${issue.id}`), 204);
    assert.deepEqual(await counts(), [0, 0, 0]);
    expect.status(await t.manager.post(`${V1}/issues/${issue.id}/restore`), 200);
    assert.deepEqual(await counts(), [1, 1, 1]);
    await t.db.exec(`DELETE FROM issues WHERE id = '${issue.id}';`);
    assert.deepEqual(await t.db.rows(`SELECT 1 FROM issue_turns WHERE issue_id = '${issue.id}'`), []);
  });

  test('days that have 23 or 25 hours begin and end where the zone says', async () => {
    const project = await t.project();
    // The last change of the clocks in Berlin: its day, and one quarter of an hour on each side of its midnights.
    const days = Array.from({ length: 370 }, (_, n) => plusDays(dayIn('Europe/Berlin', Date.now()), -n));
    const offset = (day, hour) => Number(new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', timeZoneName: 'longOffset' }).format(new Date(`${day}T${hour}:00:00Z`)).match(/GMT\+(\d+)/)[1]);
    const day = days.find((each) => offset(each, '00') !== offset(each, '12'));
    const begins = Date.parse(`${day}T00:00:00Z`) - offset(day, '00') * 3_600_000;
    const ends = Date.parse(`${plusDays(day, 1)}T00:00:00Z`) - offset(day, '12') * 3_600_000;
    assert.ok([23, 25].includes((ends - begins) / 3_600_000));
    for (const at of [begins - 1, begins, ends - 1, ends]) {
      const issue = await t.issue({ project_id: project.id });
      await t.db.exec(`UPDATE issues SET created_at = to_timestamp(${at / 1000}) WHERE id = '${issue.id}';`);
    }
    const { items } = await read(`velocity?project_id=${project.key}&days=400&time_zone=europe/berlin`);
    const created = (start) => items.find((item) => item.start === start).created;
    assert.deepEqual([created(plusDays(day, -1)), created(day), created(plusDays(day, 1))], [1, 2, 1], day);
  });

  /** Runs `body` while the counters of a project, by which reports are planned, say that there are so many more issues. */
  async function pretending(project, more, body) {
    const add = (n) => t.db.exec(`UPDATE project_counters SET closed = closed + ${n} WHERE project_id = '${project.id}';`);
    await add(more);
    await body();
    await add(-more);
  }

  test('few projects and days and many are counted alike, by one process and by two', async () => {
    const project = await t.project();
    const issue = await t.issueIn('resolved', { project_id: project.id });
    await t.change(issue, { status: 'open' });
    await t.issueIn('closed', { project_id: project.id });
    const paths = [
      ...['velocity', 'burndown', 'latency'].map((name) => `${name}?project_id=${project.key}&days=7`), 'velocity?days=30', 'velocity?days=60&interval=week',
    ];
    const first = await Promise.all(paths.map((path) => read(path)));
    const compare = async () => {
      for (const [i, path] of paths.entries()) assert.deepEqual(await read(path), first[i], path);
    };
    await pretending(project, 150_000, compare);
    await pretending(project, 200_000, compare);
    const ids = Array.from({ length: 700 }, (_, n) => `('01990000-0000-7000-8000-${n.toString(16).padStart(12, '0')}', 'Z${n}', 'Empty ${n}', '${t.ids.manager}')`);
    await t.db.exec(`INSERT INTO projects (id, key, name, owner_id) VALUES ${ids}; INSERT INTO project_counters (project_id) SELECT id FROM projects WHERE key LIKE 'Z%' ON CONFLICT DO NOTHING;`);
    await compare();
    await pretending(project, 200_000, compare);
    await t.db.exec("DELETE FROM projects WHERE name LIKE 'Empty %';");
    const metrics = (await t.admin.get('/metrics')).text;
    for (const name of ['velocity', 'burndown', 'latency']) assert.match(metrics, new RegExp(`statement="report_${name}_by_two"\\} [1-9]`));
  });

  test('PostgreSQL makes the halves of large reports at the same time', async () => {
    for (const halves of [["count_created('{}', '{}', true)", "count_turned('{}', '{}', true)"], ["response_latencies('{}', 0)", "resolution_latencies('{}', 0)"]]) {
      assert.match(await t.db.exec(`EXPLAIN ${halves.map((half) => `SELECT * FROM ${half}`).join(' UNION ALL ')};`), /Parallel Append/);
    }
  });

  test('who sees no project sees every day, with nothing in it', async () => {
    const project = await t.project();
    await t.issue({ project_id: project.id });
    const shown = (await t.db.rows("SELECT id FROM projects WHERE visibility <> 'private'")).map(({ id }) => `'${id}'`);
    await t.db.exec("UPDATE projects SET visibility = 'private';");
    const { items } = await read('velocity?days=3', t.reporter);
    await t.db.exec(`UPDATE projects SET visibility = 'public' WHERE id IN (${shown});`);
    const today = dayIn('UTC', Date.now());
    assert.deepEqual(items.map(({ start, created, open }) => [start, created, open]), [-2, -1, 0].map((n) => [plusDays(today, n), 0, 0]));
  });

  test('show nothing of projects that the caller may not know of', async () => {
    const secret = await t.project({ visibility: 'private', name: 'Secret plans' });
    const before_ = (await read('summary', t.reporter)).total;
    await t.issue({ project_id: secret.id }, t.manager);
    assert.equal((await read('summary', t.reporter)).total, before_);
    assert.ok((await read('summary', t.admin)).total > before_);
    for (const report of ['summary', 'latency', 'velocity', 'top-assignees', 'burndown']) {
      const hidden = await get(`${report}?project_id=${secret.key}`, t.reporter);
      expect.problem(hidden, 422, 'validation_failed', { project_id: 'unknown' });
      assert.deepEqual(hidden.body.errors, (await get(`${report}?project_id=${NOBODY}`, t.reporter)).body.errors);
    }
  });

  test('bad input: refused', async () => {
    for (const days of ['0', '-1', '100000', '1.5', 'x']) expect.problem(await get(`velocity?days=${days}`), 422, 'validation_failed', { days: null });
    for (const limit of ['0', '101', '-5']) expect.problem(await get(`top-assignees?limit=${limit}`), 422, 'validation_failed', { limit: 'out_of_range' });
    for (const zone of ['Nowhere/Town', 'FOO+5', 'PDT', 'UTC+3', "'; DROP TABLE issues", '2', 'posix/UTC']) {
      expect.problem(await get(`velocity?time_zone=${encodeURIComponent(zone)}`), 422, 'validation_failed', { time_zone: 'unknown' });
    }
    expect.problem(await get('velocity?time_zone='), 422, 'validation_failed', { time_zone: null });
    expect.problem(await get('velocity?interval=month'), 422, 'validation_failed', { interval: 'invalid_value' });
    expect.problem(await get('summary?days=3'), 422, 'validation_failed', { days: 'unknown_parameter' });
    expect.problem(await get('summary?format=pdf'), 422, 'validation_failed', { format: 'invalid_value' });
    expect.problem(await get('burndown'), 422, 'validation_failed', { milestone_id: 'required' });
    expect.problem(await get(`burndown?milestone_id=${NOBODY}`), 422, 'validation_failed', { milestone_id: 'unknown' });
    expect.problem(await get('burndown?project_id=NONE&until=9999-12-31'), 422, 'validation_failed', { until: 'out_of_range' });
    expect.problem(await get('summary', t.anyone), 401, 'unauthenticated');
  });

  test('identical ones at the same time run once, and one who leaves does not hurt the others', async () => {
    const runs = async () => Number((await t.admin.get('/metrics')).text.match(/^bugd_db_statements_total\{statement="report_summary"\} (\d+)$/m)?.[1] ?? 0);
    const waiting = async () => (await t.db.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'WITH cell%'")).length;
    const project = await t.project();
    await read(`summary?project_id=${project.key}`);
    const before_ = await runs();
    const held = t.db.exec(`DO $$ BEGIN LOCK TABLE issues IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(2); END $$;`);
    await eventually('the lock is held', async () => (await t.db.rows("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'issues'::regclass")).length > 0);
    const people = [t.admin, t.manager, t.developer, t.reporter, t.developer2];
    const answers = Array.from({ length: 20 }, (_, n) => get(`summary?project_id=${project.key}&format=${['json', 'csv', 'svg'][n % 3]}`, people[n % people.length]));
    const leaving = new AbortController();
    const gone = fetch(`http://127.0.0.1:${t.server.address.port}${REPORTS}/summary?project_id=${project.key}`, { headers: { authorization: `Bearer ${await token()}` }, signal: leaving.signal }).catch((error) => error.name);
    await eventually('one waits', async () => (await waiting()) === 1);
    leaving.abort();
    assert.equal(await gone, 'AbortError', 'the client gave up');
    for (const r of await Promise.all(answers)) expect.status(r, 200);
    await held;
    assert.equal(await runs() - before_, 1);
    expect.status(await get(`summary?project_id=${project.key}`), 200);
    assert.equal(await runs() - before_, 2);
  });

  const token = () => login(t.anyone, 'developer');
});
