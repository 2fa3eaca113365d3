import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const times = (n, make) => Promise.all(Array.from({ length: n }, (_, i) => make(i)));
const statuses = (answers) => answers.map((r) => r.status).sort((a, b) => a - b);

describe('at the same time', () => {
  const t = useTracker();
  const at = (issue) => `${ISSUES}/${issue.id}`;

  test('twenty PATCHes of one version: exactly one wins, the others get 409', async () => {
    const issue = await t.issue();
    const answers = await times(20, (i) => t.developer.patch(at(issue), { version: 1, title: `Writer ${i}` }));
    assert.deepEqual(statuses(answers), [200, ...Array(19).fill(409)]);
    const winner = answers.find((r) => r.status === 200);
    for (const r of answers.filter((each) => each !== winner)) {
      expect.problem(r, 409, 'version_conflict');
      assert.deepEqual(r.body.current, winner.body);
      assert.deepEqual(r.body.changed, ['title']);
    }
    assert.deepEqual(await t.read(issue), winner.body);
    const events = await t.db.rows(`SELECT version FROM issue_events WHERE issue_id = '${issue.id}' ORDER BY version`);
    assert.deepEqual(events.map(({ version }) => version), [1, 2]);
  });

  test('twenty PATCHes by If-Match: exactly one wins, the others get 412', async () => {
    const issue = await t.issue();
    const headers = { 'If-Match': (await t.developer.get(at(issue))).headers.etag };
    const answers = await times(20, (i) => t.developer.patch(at(issue), { title: `Writer ${i}` }, { headers }));
    assert.deepEqual(statuses(answers), [200, ...Array(19).fill(412)]);
  });

  test('clients that try again all get their turn, and no change is lost', async () => {
    const issue = await t.issue({ description: '' });
    await times(8, async (i) => {
      for (let attempt = 0; attempt < 100; attempt++) {
        const now = await t.read(issue);
        const r = await t.developer.patch(at(issue), { version: now.version, description: `${now.description ?? ''}[${i}]` });
        if (r.status === 200) return;
        expect.problem(r, 409, 'version_conflict');
      }
      assert.fail('never its turn');
    });
    const { description, version } = await t.read(issue);
    assert.equal(version, 9);
    for (let i = 0; i < 8; i++) assert.ok(description.includes(`[${i}]`), description);
  });

  test('sixty creates: numbers without gaps or doubles', async () => {
    const project = await t.project();
    const answers = await times(60, (i) => [t.developer, t.reporter, t.manager][i % 3].post(ISSUES, { project_id: project.id, title: `Issue ${i}` }));
    const numbers = answers.map((r) => expect.status(r, 201).body.number).sort((a, b) => a - b);
    assert.deepEqual(numbers, Array.from({ length: 60 }, (_, i) => i + 1));
    const { body } = await t.reporter.get(`/api/v1/projects/${project.id}`);
    assert.equal(body.issue_counts.open, 60);
  });

  test('creates of which some are refused: still without gaps', async () => {
    const project = await t.project();
    const answers = await times(40, (i) => t.developer.post(ISSUES, {
      project_id: project.id, title: `Issue ${i}`, assignee_id: i % 2 ? null : '01890000-0000-7000-8000-000000000000',
    }));
    assert.deepEqual(statuses(answers), [...Array(20).fill(201), ...Array(20).fill(422)]);
    const numbers = await t.db.exec(`SELECT string_agg(number::text, ',' ORDER BY number) FROM issues WHERE project_id = '${project.id}';`);
    assert.equal(numbers, Array.from({ length: 20 }, (_, i) => i + 1).join(','));
  });

  test('projects of one key, or of one name: one is made', async () => {
    const n = t.unique();
    const keys = await times(10, (i) => t.manager.post('/api/v1/projects', { key: `SAME${n}`, name: `Same key ${n} ${i}` }));
    assert.deepEqual(statuses(keys), [201, ...Array(9).fill(409)]);
    const names = await times(10, (i) => t.manager.post('/api/v1/projects', { key: `N${n}X${i}`, name: `Same name ${n}` }));
    assert.deepEqual(statuses(names), [201, ...Array(9).fill(409)]);
  });

  test('who waits for another with the same key or name is told which of them is taken', async () => {
    const n = t.unique();
    const insert = (key, name) => `INSERT INTO projects (id, key, name, owner_id) VALUES (make_uuid_v7(), '${key}', '${name}', '${t.ids.manager}')`;
    const mine = { key: `MINE${n}`, name: `Mine ${n}` };
    for (const [key, name, code] of [[mine.key, `Theirs ${n}`, 'key_taken'], [`TH${n}`, mine.name.toUpperCase(), 'name_taken']]) {
      const r = await t.db.heldFrom(insert(key, name), 'NULL', () => t.manager.post('/api/v1/projects', mine));
      expect.problem(r, 409, code);
      await t.db.exec(`DELETE FROM projects WHERE key = '${key}';`);
    }
    const project = await t.project();
    const r = await t.db.heldFrom(insert(`PA${n}`, mine.name), 'NULL',
      () => t.manager.patch(`/api/v1/projects/${project.id}`, { version: 1, name: mine.name }));
    expect.problem(r, 409, 'name_taken');
  });

  test('deletes and restores: the counts and the history agree in the end', async () => {
    const project = await t.project();
    const issue = await t.issue({ project_id: project.id });
    for (let round = 0; round < 3; round++) {
      const gone = await times(6, () => t.manager.delete(at(issue)));
      assert.deepEqual(statuses(gone), [204, 404, 404, 404, 404, 404]);
      const back = await times(6, () => t.manager.post(`${at(issue)}/restore`));
      assert.ok(back.some((r) => r.status === 200));
      for (const r of back) expect.oneOf(r, [200, 404, 409]);
    }
    assert.equal((await t.reporter.get(`/api/v1/projects/${project.id}`)).body.issue_counts.open, 1);
    const events = await t.db.rows(`SELECT type FROM issue_events WHERE issue_id = '${issue.id}' ORDER BY version`);
    assert.deepEqual(events.map(({ type }) => type), ['created', 'deleted', 'restored', 'deleted', 'restored', 'deleted', 'restored']);
  });

  test('status changes of many issues: the project\'s counts are those of its rows', async () => {
    const project = await t.project();
    const issues = await times(12, () => t.issue({ project_id: project.id }));
    await times(12, async (i) => {
      let issue = issues[i];
      for (const status of ['in_progress', 'resolved', 'closed', 'open', 'resolved'].slice(0, (i % 5) + 1)) issue = await t.change(issue, { status });
    });
    const real = Object.fromEntries((await t.db.rows(`
      SELECT s.status, count(i.id)::int AS n FROM unnest(enum_range(NULL::issue_status)) AS s(status)
      LEFT JOIN issues i ON i.status = s.status AND i.project_id = '${project.id}' GROUP BY 1`)).map(({ status, n }) => [status, n]));
    assert.deepEqual((await t.reporter.get(`/api/v1/projects/${project.id}`)).body.issue_counts, real);
  });

  test('readers see whole states only', async () => {
    const issue = await t.issue({ title: 'State 1', description: 'State 1' });
    let reading = true;
    const readers = times(4, async () => {
      while (reading) {
        const { title, description, version } = await t.read(issue);
        assert.equal(title, description);
        assert.equal(title, `State ${version}`);
      }
    });
    let now = issue;
    for (let n = 2; n < 40; n++) now = await t.change(now, { title: `State ${n}`, description: `State ${n}` });
    reading = false;
    await readers;
  });
});
