// Changes of many issues at once, and that they go by the rules of a single one.

import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { Random } from '../contract/generate.js';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const STATUS = `${ISSUES}/bulk-status`;
const BULK = `${ISSUES}/bulk`;
const SEED = Number(process.env.PROPERTY_SEED ?? randomInt(2 ** 31));
/** The field that a single change names for what is a code in a change of many. */
const FIELD = { unknown_assignee: 'assignee_id', unknown_parent: 'parent_id', parent_cycle: 'parent_id', unknown_label: 'label_ids' };

describe('changing many issues', () => {
  const t = useTracker();
  const make = (n, fields = {}) => Promise.all(Array.from({ length: n }, () => t.issue(fields)));
  const ids = (issues) => issues.map((issue) => issue.id);
  const codes = (errors) => errors.map((error) => [error.issue_id, error.code]);
  const label = async (project, name) => {
    const id = `01890000-0000-7000-8000-${String(t.unique()).padStart(12, '0')}`;
    await t.db.exec(`INSERT INTO labels (id, project_id, name, color) VALUES ('${id}', ${project ? `'${project}'` : 'NULL'}, '${name}', '#aabbcc');`);
    return id;
  };

  test('moves all of them, each with a row of history and a new version', async () => {
    const issues = await make(5);
    const r = expect.status(await t.developer.post(STATUS, { issue_ids: ids(issues), new_status: 'in_progress' }), 200);
    assert.deepEqual(r.body, { success_count: 5, failure_count: 0, errors: [], message: '5 of 5 issues were changed.' });
    for (const issue of issues) {
      const now = await t.read(issue);
      expect.includes(now, { status: 'in_progress', version: 2 });
      const [event] = await t.db.rows(`SELECT type, version, changes FROM issue_events WHERE issue_id = '${issue.id}' ORDER BY version DESC LIMIT 1`);
      expect.includes(event, { type: 'status_changed', version: 2 });
    }
  });

  test('keeps the counters of the projects', async () => {
    const projects = await Promise.all([t.project(), t.project()]);
    const issues = (await Promise.all(projects.flatMap((p) => make(3, { project_id: p.id })))).flat();
    expect.status(await t.developer.post(STATUS, { issue_ids: ids(issues), new_status: 'closed' }), 200);
    for (const project of projects) {
      const { body } = await t.developer.get(`/api/v1/projects/${project.id}`);
      assert.deepEqual(body.issue_counts, { open: 0, in_progress: 0, resolved: 0, closed: 3 });
    }
  });

  test('changes none when one cannot be, and names all that cannot', async () => {
    const [good, done] = [await t.issue(), await t.issueIn('closed')];
    const nobody = randomUUID();
    await t.unchanged(async () => {
      const r = expect.problem(await t.developer.post(STATUS, { issue_ids: [good.id, done.id, nobody], new_status: 'resolved' }), 409, 'bulk_failed');
      assert.deepEqual(codes(r.body.failures), [[done.id, 'invalid_transition'], [nobody, 'not_found']]);
    });
  });

  test('partial keeps those that can be', async () => {
    const [good, done] = [await t.issue(), await t.issueIn('closed')];
    const r = expect.status(await t.developer.post(STATUS, { issue_ids: [done.id, good.id], new_status: 'resolved', mode: 'partial' }), 200);
    expect.includes(r.body, { success_count: 1, failure_count: 1, message: '1 of 2 issues were changed.' });
    assert.deepEqual(codes(r.body.errors), [[done.id, 'invalid_transition']]);
    assert.equal((await t.read(good)).status, 'resolved');
    assert.equal((await t.read(done)).status, 'closed');
  });

  test('dry_run says what would happen, and changes nothing', async () => {
    const [good, done] = [await t.issue(), await t.issueIn('closed')];
    await t.unchanged(async () => {
      const both = { issue_ids: [good.id, done.id], new_status: 'resolved', dry_run: true };
      expect.includes(expect.status(await t.developer.post(STATUS, { ...both, mode: 'partial' }), 200).body, { success_count: 1, failure_count: 1, message: '1 of 2 issues would be changed.' });
      expect.includes(expect.status(await t.developer.post(STATUS, both), 200).body, { success_count: 0, failure_count: 1 });
    });
  });

  test('counts those that need no change, and leaves their versions', async () => {
    const issue = await t.issue();
    const r = expect.status(await t.developer.post(STATUS, { issue_ids: [issue.id], new_status: 'open' }), 200);
    assert.equal(r.body.success_count, 1);
    assert.equal((await t.read(issue)).version, 1);
  });

  test('refuses the same issue twice', async () => {
    const [a, b] = await make(2);
    const r = expect.problem(await t.developer.post(STATUS, { issue_ids: [a.id, b.id, a.id], new_status: 'closed' }), 409, 'bulk_failed');
    assert.deepEqual(codes(r.body.failures), [[a.id, 'duplicate_id']]);
    const partial = expect.status(await t.developer.post(STATUS, { issue_ids: [a.id, a.id], new_status: 'closed', mode: 'partial' }), 200);
    expect.includes(partial.body, { success_count: 1, failure_count: 1 });
  });

  test('honours versions when they are given', async () => {
    const [a, b] = await make(2);
    await t.change(b, { title: 'Changed meanwhile' });
    const body = { issue_ids: [a.id, b.id], versions: [1, 1], new_status: 'closed', mode: 'partial' };
    const r = expect.status(await t.developer.post(STATUS, body), 200);
    assert.deepEqual(codes(r.body.errors), [[b.id, 'version_conflict']]);
    expect.problem(await t.developer.post(STATUS, { ...body, versions: [1] }), 422, 'validation_failed', { versions: 'wrong_count' });
  });

  test('is not for reporters, whose own issues are theirs one by one', async () => {
    const issue = await t.issue({}, t.reporter);
    const r = expect.problem(await t.reporter.post(STATUS, { issue_ids: [issue.id], new_status: 'closed' }), 409, 'bulk_failed');
    assert.deepEqual(codes(r.body.failures), [[issue.id, 'forbidden']]);
  });

  test('does not tell of issues that the caller may not see', async () => {
    const project = await t.project({ visibility: 'private' });
    const hidden = await t.issue({ project_id: project.id }, t.manager);
    const gone = await t.issue();
    expect.status(await t.manager.delete(`${ISSUES}/${gone.id}`), 204);
    const r = expect.problem(await t.developer.post(STATUS, { issue_ids: [hidden.id, gone.id], new_status: 'closed' }), 409, 'bulk_failed');
    assert.deepEqual(codes(r.body.failures), [[hidden.id, 'not_found'], [gone.id, 'not_found']]);
  });

  test('sets every field that a single change sets', async () => {
    const project = await t.project();
    const [bug, old] = [await label(project.id, 'bug'), await label(null, 'old')];
    const issues = await make(3, { project_id: project.id, label_ids: [old] });
    const set = { assignee_id: t.ids.developer2, priority: 'critical', type: 'task', due_date: '2031-01-31', add_labels: [bug], remove_labels: [old] };
    expect.status(await t.developer.post(BULK, { issue_ids: ids(issues), set }), 200);
    for (const issue of issues) {
      const now = await t.read(issue);
      expect.includes(now, { assignee_id: t.ids.developer2, priority: 'critical', type: 'task', due_date: '2031-01-31', version: 2 });
      assert.deepEqual(now.labels.map((l) => l.name), ['bug']);
    }
    expect.status(await t.developer.post(BULK, { issue_ids: ids(issues), set: { assignee_id: null, due_date: null, label_ids: [] } }), 200);
    expect.includes(await t.read(issues[0]), { assignee_id: null, due_date: null, labels: [], version: 3 });
  });

  test('refuses what a single change refuses', async () => {
    const issue = await t.issue();
    const foreign = await label((await t.project()).id, 'foreign');
    const attempts = [[{ assignee_id: randomUUID() }, 'unknown_assignee'], [{ parent_id: randomUUID() }, 'unknown_parent'], [{ parent_id: issue.id }, 'parent_cycle'],
      [{ milestone_id: randomUUID() }, 'unknown_milestone'], [{ add_labels: [foreign] }, 'unknown_label'], [{ label_ids: [randomUUID()] }, 'unknown_label']];
    for (const [set, code] of attempts) {
      const r = expect.problem(await t.developer.post(BULK, { issue_ids: [issue.id], set }), 409, 'bulk_failed');
      assert.deepEqual(codes(r.body.failures), [[issue.id, code]]);
      const { status, body } = await t.developer.patch(`${ISSUES}/${issue.id}`, { version: 1, ...(set.add_labels ? { label_ids: set.add_labels } : set) });
      assert.equal(status, 422, JSON.stringify(body));
    }
  });

  test('refuses what is malformed, and changes nothing', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      const bad = [[{ issue_ids: [], new_status: 'closed' }, { issue_ids: 'too_few' }], [{ new_status: 'closed' }, { issue_ids: 'required' }],
        [{ issue_ids: Array.from({ length: 10_001 }, () => issue.id), new_status: 'closed' }, { issue_ids: 'too_many' }],
        [{ issue_ids: [issue.id, 'WEB-1'], new_status: 'closed' }, { 'issue_ids[1]': 'invalid_format' }], [{ issue_ids: [issue.id], new_status: 'done' }, { new_status: 'invalid_value' }],
        [{ issue_ids: [issue.id], new_status: 'closed', mode: 'maybe' }, { mode: 'invalid_value' }], [{ issue_ids: issue.id, new_status: 'closed' }, { issue_ids: 'invalid_type' }]];
      for (const [body, errors] of bad) expect.problem(await t.developer.post(STATUS, body), 422, 'validation_failed', errors);
      const sets = [[{}, { set: 'required' }], [{ priorty: 'low' }, { 'set.priorty': 'unknown_field' }], [{ priority: 'urgent', title: ' ' }, { 'set.priority': 'invalid_value', 'set.title': 'blank' }],
        [{ version: 1 }, { 'set.version': 'unknown_field' }], [[], { set: 'invalid_type' }], ['x', { set: 'invalid_type' }]];
      for (const [set, errors] of sets) expect.problem(await t.developer.post(BULK, { issue_ids: [issue.id], set }), 422, 'validation_failed', errors);
      expect.problem(await t.developer.post(BULK, { issue_ids: [issue.id] }), 422, 'validation_failed', { set: 'required' });
    });
  });

  test('of 10,000 is one transaction', async () => {
    const project = await t.project();
    await t.db.exec(`INSERT INTO issues (id, project_id, number, key, title, creator_id)
      SELECT ('01890000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, '${project.id}', n, '${project.key}-' || n, 'Issue ' || n, '${t.ids.developer}' FROM generate_series(1, 10000) n;
      UPDATE project_counters SET last_number = 10000, open = 10000 WHERE project_id = '${project.id}';`);
    const issue_ids = Array.from({ length: 10_000 }, (_, n) => `01890000-0000-7000-9000-${(n + 1).toString(16).padStart(12, '0')}`);
    const r = expect.status(await t.developer.post(STATUS, { issue_ids, new_status: 'resolved' }), 200);
    assert.equal(r.body.success_count, 10_000);
    assert.deepEqual((await t.developer.get(`/api/v1/projects/${project.id}`)).body.issue_counts, { open: 0, in_progress: 0, resolved: 10_000, closed: 0 });
    const [{ n, times }] = await t.db.rows(`SELECT count(*) AS n, count(DISTINCT xmin::text) AS times FROM issues WHERE project_id = '${project.id}' AND status = 'resolved'`);
    assert.deepEqual([Number(n), Number(times)], [10_000, 1]);
  });

  test('of the same issues in opposite order at the same time ends well, a hundred times', async () => {
    const issues = await make(20, { project_id: (await t.project()).id });
    const other = await make(20, { project_id: (await t.project()).id });
    const there = ids([...issues, ...other]);
    const back = [...there].reverse();
    for (let round = 0; round < 100; round++) {
      const [a, b] = round % 2 ? ['closed', 'closed'] : ['open', 'open'];
      const answers = await Promise.all([t.developer.post(STATUS, { issue_ids: there, new_status: a, mode: 'partial' }), t.developer2.post(STATUS, { issue_ids: back, new_status: b, mode: 'partial' })]);
      for (const r of answers) assert.equal(expect.status(r, 200).body.failure_count, 0);
    }
  });

  test('makes the same rows and the same history as one change after the other', async () => {
    const project = await t.project();
    const labels = [await label(project.id, 'one'), await label(project.id, 'two')];
    const changes = [{ status: 'in_progress', assignee_id: t.ids.developer2 }, { priority: 'high', title: 'Another' }, { status: 'open' }, { status: 'closed', label_ids: labels },
      { label_ids: [labels[1]], description: 'text' }, { status: 'open', due_date: '2030-02-02' }, { type: 'epic', assignee_id: null }, { status: 'closed' }, { status: 'in_progress' }];
    const [one, many] = await make(2, { project_id: project.id, title: 'The same' });
    for (const change of changes) {
      const single = await t.developer.patch(`${ISSUES}/${one.id}`, { ...change, version: (await t.read(one)).version });
      const bulk = await t.developer.post(BULK, { issue_ids: [many.id], set: change });
      assert.equal(bulk.status === 200, single.status === 200, `${single.text}\n${bulk.text}`);
      if (bulk.status !== 200) assert.equal(bulk.body.failures[0].code, single.body.code);
    }
    const bare = ({ id, key, number, created_at, updated_at, resolved_at, closed_at, ...rest }) => rest;
    assert.deepEqual(bare(await t.read(many)), bare(await t.read(one)));
    const history = (issue) => t.db.rows(`SELECT type, version, actor_id, changes FROM issue_events WHERE issue_id = '${issue.id}' AND version > 1 ORDER BY version`);
    assert.deepEqual(await history(many), await history(one));
  });

  test(`does with random changes what single ones do (PROPERTY_SEED=${SEED})`, async () => {
    const random = new Random(SEED);
    const project = await t.project();
    const foreign = await label((await t.project()).id, 'foreign');
    const labels = await Promise.all(['x', 'y', 'z'].map((name) => label(project.id, name)));
    const [blocker, ...rest] = await make(13, { project_id: project.id, title: 'Random' });
    const [ones, many] = [rest.slice(0, 6), rest.slice(6)];
    for (const issue of [ones[0], many[0]]) {
      await t.db.exec(`INSERT INTO issue_links (id, type, from_id, to_id, creator_id) VALUES (gen_random_uuid(), 'blocks', '${blocker.id}', '${issue.id}', '${t.ids.developer}');`);
    }
    const values = {
      status: ['open', 'in_progress', 'resolved', 'closed'], priority: ['low', 'medium', 'high'], type: ['bug', 'epic'], title: ['One', 'Two'], description: ['', 'text', null],
      assignee_id: [null, t.ids.developer, t.ids.developer2, randomUUID()], due_date: [null, '2030-01-01', '2031-02-28'], parent_id: [null, blocker.id, randomUUID()],
      label_ids: [[], labels.slice(0, 2), labels, [foreign]], force: [true, false],
    };
    for (let round = 0; round < 40; round++) {
      const names = Object.keys(values).filter(() => random.below(4) === 0);
      if (names.length === 0) continue;
      const change = Object.fromEntries(names.map((name) => [name, random.pick(values[name])]));
      const codes = [];
      for (const issue of ones) {
        const r = await t.developer.patch(`${ISSUES}/${issue.id}`, { ...change, version: (await t.read(issue)).version });
        if (r.status !== 200) codes.push([ones.indexOf(issue), r.body.errors ? r.body.errors[0].field : r.body.code]);
      }
      const bulk = expect.status(await t.developer.post(BULK, { issue_ids: ids(many), set: change, mode: 'partial' }), 200);
      const places = bulk.body.errors.map((error) => [ids(many).indexOf(error.issue_id), FIELD[error.code] ?? error.code]);
      assert.deepEqual(places, codes, JSON.stringify(change));
    }
    const row = async (issue) => {
      const { id, key, number, created_at, updated_at, ...rest } = await t.read(issue);
      return { ...rest, resolved_at: rest.resolved_at !== null, closed_at: rest.closed_at !== null };
    };
    const history = (issue) => t.db.rows(`SELECT type, version, actor_id, changes FROM issue_events WHERE issue_id = '${issue.id}' ORDER BY version`);
    for (const [n, issue] of ones.entries()) {
      assert.deepEqual(await row(many[n]), await row(issue));
      assert.deepEqual(await history(many[n]), await history(issue));
    }
    const now = await Promise.all([blocker, ...rest].map((issue) => t.read(issue)));
    const counts = Object.fromEntries(values.status.map((status) => [status, now.filter((issue) => issue.status === status).length]));
    assert.deepEqual((await t.developer.get(`/api/v1/projects/${project.id}`)).body.issue_counts, counts);
  });
});

describe('the labels of an issue', () => {
  const t = useTracker();
  let project;
  const label = async (name, project_id) => {
    const id = `01890000-0000-7000-8000-${String(t.unique()).padStart(12, '0')}`;
    await t.db.exec(`INSERT INTO labels (id, project_id, name, color) VALUES ('${id}', ${project_id ? `'${project_id}'` : 'NULL'}, '${name}', '#aabbcc');`);
    return id;
  };
  const names = (r) => r.body.items.map((l) => l.name);

  test('are replaced all at once, and one is added or taken off', async () => {
    project = await t.project();
    const issue = await t.issue({ project_id: project.id });
    const [a, b, c] = [await label('a', project.id), await label('B', project.id), await label('c')];
    const path = `${ISSUES}/${issue.key}/labels`;
    assert.deepEqual(names(expect.status(await t.developer.put(path, { label_ids: [c, a, a] }), 200)), ['a', 'c']);
    assert.deepEqual(names(expect.status(await t.developer.post(path, { label_id: b }), 200)), ['a', 'B', 'c']);
    assert.deepEqual(names(expect.status(await t.developer.post(path, { label_id: b }), 200)), ['a', 'B', 'c']);
    assert.deepEqual(names(expect.status(await t.developer.delete(`${path}/${a}`), 200)), ['B', 'c']);
    assert.deepEqual(names(expect.status(await t.developer.delete(`${path}/${a}`), 200)), ['B', 'c']);
    assert.deepEqual(names(expect.status(await t.reporter.get(path), 200)), ['B', 'c']);
    const now = await t.read(issue);
    assert.deepEqual([now.version, now.labels.map((l) => l.name)], [4, ['B', 'c']]);
    const events = await t.db.rows(`SELECT type, changes FROM issue_events WHERE issue_id = '${issue.id}' ORDER BY version`);
    assert.deepEqual(events.map((e) => e.type), ['created', 'labeled', 'labeled', 'labeled']);
  });

  test('are of the project or of all, and not more than 100', async () => {
    const issue = await t.issue({ project_id: (await t.project()).id });
    const foreign = await label('foreign', project.id);
    const path = `${ISSUES}/${issue.id}/labels`;
    const many = [];
    for (let i = 0; i < 101; i++) many.push(await label(`many ${i}`));
    expect.status(await t.developer.put(path, { label_ids: many.slice(0, 100) }), 200);
    await t.unchanged(async () => {
      expect.problem(await t.developer.post(path, { label_id: foreign }), 422, 'validation_failed', { label_ids: 'unknown' });
      expect.problem(await t.developer.post(path, { label_id: many[100] }), 422, 'validation_failed', { label_ids: 'too_many' });
      expect.problem(await t.developer.put(path, { label_ids: Array.from({ length: 1000 }, () => many[0]) }), 422, 'validation_failed', { label_ids: 'too_many' });
      expect.problem(await t.developer.put(path, { label_ids: ['bug'] }), 422, 'validation_failed', { 'label_ids[0]': 'invalid_format' });
      expect.problem(await t.developer.delete(`${path}/bug`), 404, 'not_found');
      expect.problem(await t.reporter.put(path, { label_ids: [] }), 403, 'forbidden');
      expect.problem(await t.developer.put(`${ISSUES}/NONE-1/labels`, { label_ids: [] }), 404, 'not_found');
      expect.problem(await t.developer.put(path, { label_ids: [] }, { headers: { 'If-Match': '"1-0"' } }), 412, 'precondition_failed');
    });
  });

  test('may be given when the issue is made, by those who may label', async () => {
    const a = await label('first');
    const issue = await t.issue({ label_ids: [a] });
    assert.deepEqual(issue.labels.map((l) => l.name), ['first']);
    const project_id = issue.project_id;
    expect.problem(await t.reporter.post(ISSUES, { project_id, title: 'x', label_ids: [a] }), 403, 'forbidden');
    expect.problem(await t.developer.post(ISSUES, { project_id, title: 'x', label_ids: [randomUUID()] }), 422, 'validation_failed', { label_ids: 'unknown' });
  });
});

describe('an issue that is blocked', () => {
  const t = useTracker();

  test('is not done until what blocks it is, unless by force', async () => {
    const [blocker, blocked] = [await t.issue(), await t.issue()];
    await t.db.exec(`INSERT INTO issue_links (id, type, from_id, to_id, creator_id) VALUES (gen_random_uuid(), 'blocks', '${blocker.id}', '${blocked.id}', '${t.ids.developer}');`);
    const path = `${ISSUES}/${blocked.id}`;
    const r = expect.problem(await t.developer.patch(path, { version: 1, status: 'resolved' }), 409, 'blocked');
    assert.deepEqual(r.body.blocked_by, [blocker.key]);
    const bulk = expect.problem(await t.developer.post(STATUS, { issue_ids: [blocked.id], new_status: 'closed' }), 409, 'bulk_failed');
    assert.equal(bulk.body.failures[0].code, 'blocked');
    await t.change(blocked, { status: 'in_progress' });
    await t.change({ ...blocked, version: 2 }, { status: 'resolved', force: true });
    await t.change({ ...blocked, version: 3 }, { status: 'open' });
    await t.change(blocker, { status: 'closed' });
    await t.change({ ...blocked, version: 4 }, { status: 'closed' });
  });
});
