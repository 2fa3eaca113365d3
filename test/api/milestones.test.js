// Milestones: of a project, with a due date and progress, and the issues that are for them.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const of = (project) => `/api/v1/projects/${project.id}/milestones`;
const one = (milestone) => `/api/v1/milestones/${milestone.id}`;

describe('milestones', () => {
  const t = useTracker();
  let project;
  before(async () => (project = await t.project()));
  const make = async (more = {}, home = project) => expect.status(await t.manager.post(of(home), { name: `Release ${t.unique()}`, ...more }), 201).body;
  const read = async (milestone) => expect.status(await t.reporter.get(one(milestone)), 200).body;

  test('are made, read, changed on the version that was seen, closed and opened again', async () => {
    const r = expect.status(await t.manager.post(`/api/v1/projects/${project.key}/milestones`, { name: 'Release 1', due_date: '2030-05-01', description: 'First' }), 201);
    expect.members(r.body, ['id', 'project_id', 'name', 'description', 'due_date', 'state', 'progress', 'version', 'created_at', 'updated_at', 'closed_at']);
    expect.includes(r.body, { project_id: project.id, name: 'Release 1', due_date: '2030-05-01', state: 'open', closed_at: null, version: 1, progress: { done: 0, total: 0 } });
    assert.equal(r.headers.location, one(r.body));
    expect.versionTag(r, 1);
    assert.deepEqual(await read(r.body), r.body);
    const closed = expect.status(await t.manager.patch(one(r.body), { state: 'closed', due_date: null, version: 1 }), 200).body;
    expect.includes(closed, { state: 'closed', due_date: null, description: 'First', version: 2 });
    assert.ok(closed.closed_at);
    const same = expect.status(await t.manager.patch(one(r.body), { state: 'closed', version: 2 }), 200).body;
    assert.deepEqual(same, closed);
    await t.unchanged(async () => {
      assert.deepEqual(expect.problem(await t.manager.patch(one(r.body), { name: 'x', version: 1 }), 409, 'version_conflict').body.current, closed);
      expect.problem(await t.manager.patch(one(r.body), { name: 'x' }, { headers: { 'If-Match': '"1-0"' } }), 412, 'precondition_failed');
      expect.problem(await t.manager.patch(one(r.body), { name: 'x' }), 428, 'version_required');
      expect.problem(await t.manager.delete(one(r.body), { headers: { 'If-Match': '"1-0"' } }), 412, 'precondition_failed');
    });
    expect.includes(expect.status(await t.manager.patch(one(r.body), { state: 'open', version: 2 }), 200).body, { state: 'open', closed_at: null, version: 3 });
  });

  test('have a name that is unlike others of the project in any case', async () => {
    const [a, b] = [await make({ name: 'Twin' }), await make()];
    expect.problem(await t.manager.post(of(project), { name: 'TWIN' }), 409, 'name_taken');
    expect.problem(await t.manager.patch(one(b), { name: 'twin', version: 1 }), 409, 'name_taken');
    expect.status(await t.manager.patch(one(a), { name: 'tWIN', version: 1 }), 200);
    await make({ name: 'Twin' }, await t.project());
    const twins = await Promise.all(Array.from({ length: 8 }, () => t.manager.post(of(project), { name: 'At once' })));
    assert.deepEqual(twins.map((r) => r.status).sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
  });

  test('are listed by due date, those without one last, by state, by pages and by cursor', async () => {
    const home = await t.project();
    const made = {};
    for (const [name, fields] of [['never', {}], ['late', { due_date: '2031-01-01' }], ['soon', { due_date: '2030-01-01' }], ['done', { due_date: '2029-01-01', state: 'closed' }]]) {
      made[name] = await make({ name, ...fields }, home);
    }
    const names = async (query) => (await t.reporter.walk(`${of(home)}?size=1&${query}`)).map((m) => m.name);
    assert.deepEqual(await names(''), ['done', 'soon', 'late', 'never']);
    assert.deepEqual(await names('state=open&sort=-due_date'), ['never', 'late', 'soon']);
    assert.deepEqual(await names('state=closed'), ['done']);
    assert.deepEqual(await names('sort=name'), ['done', 'late', 'never', 'soon']);
    assert.equal(expect.status(await t.reporter.get(of(home)), 200).body.meta.total, 4);
    assert.deepEqual(expect.status(await t.reporter.get(of(await t.project())), 200).body.items, []);
  });

  test('know how much is done: resolved and closed issues, none that are deleted', async () => {
    const m = await make();
    const issues = [];
    for (const status of ['open', 'in_progress', 'resolved', 'closed', 'closed']) issues.push(await t.issueIn(status, { project_id: project.id, milestone_id: m.id }));
    assert.deepEqual((await read(m)).progress, { done: 3, total: 5 });
    expect.status(await t.manager.delete(`${ISSUES}/${issues[4].id}`), 204);
    await t.change(issues[0], { milestone_id: null });
    const now = await read(m);
    assert.deepEqual(now.progress, { done: 2, total: 3 });
    assert.equal(now.version, 1);
    const listed = expect.status(await t.reporter.get(`${of(project)}?size=100`), 200).body.items.find((each) => each.id === m.id);
    assert.deepEqual(listed, now);
  });

  test('find their issues, several at once, and those without any', async () => {
    const home = await t.project();
    const [a, b] = [await make({}, home), await make({}, home)];
    for (const [title, milestone_id] of [['a', a.id], ['b', b.id], ['none', null], ['a2', a.id]]) await t.issue({ project_id: home.id, title, milestone_id });
    const found = async (query) => (await t.reporter.walk(`${ISSUES}?project_id=${home.key}&sort=created_at&${query}`)).map((i) => i.title);
    assert.deepEqual(await found(`milestone_id=${a.id}`), ['a', 'a2']);
    assert.deepEqual(await found(`milestone_id=${a.id}&milestone_id=${b.id}`), ['a', 'b', 'a2']);
    assert.deepEqual(await found('milestone_id=none'), ['none']);
    assert.deepEqual(await found(`milestone_id=none,${b.id}`), ['b', 'none']);
    assert.deepEqual(await found(`milestone_id=${randomUUID()}`), []);
    expect.problem(await t.reporter.get(`${ISSUES}?milestone_id=soon`), 422, 'validation_failed', { milestone_id: 'invalid_format' });
  });

  test('leave their issues when they are deleted, with a version and a row of history each', async () => {
    const [m, stays] = [await make(), await make()];
    const issues = [];
    for (let i = 0; i < 3; i++) issues.push(await t.issue({ project_id: project.id, milestone_id: m.id }));
    const other = await t.issue({ project_id: project.id, milestone_id: stays.id });
    expect.status(await t.manager.delete(`${ISSUES}/${issues[2].id}`), 204);
    expect.status(await t.manager.delete(one(m), { headers: { 'If-Match': '"1-0"' } }), 204);
    expect.problem(await t.reporter.get(one(m)), 404, 'not_found');
    expect.problem(await t.manager.delete(one(m)), 404, 'not_found');
    for (const issue of issues.slice(0, 2)) expect.includes(await t.read(issue), { milestone_id: null, version: 2 });
    assert.equal(expect.status(await t.manager.post(`${ISSUES}/${issues[2].id}/restore`), 200).body.milestone_id, null);
    const events = await t.db.rows(`SELECT type, actor_id, version, changes FROM issue_events WHERE issue_id = '${issues[0].id}' AND version = 2`);
    assert.equal(events.length, 1);
    expect.includes(events[0], { type: 'updated', actor_id: t.ids.manager });
    assert.deepEqual(events[0].changes, { milestone_id: { from: m.id, to: null } });
    assert.deepEqual(await t.read(other), other);
  });

  test('that are deleted while issues get them leave none behind', async () => {
    for (let i = 0; i < 15; i++) {
      const m = await make();
      const issues = await Promise.all([1, 2, 3, 4].map(() => t.issue({ project_id: project.id })));
      const given = issues.map((issue) => t.developer.patch(`${ISSUES}/${issue.id}`, { milestone_id: m.id, version: 1 }));
      const [gone, ...answers] = await Promise.all([t.manager.delete(one(m)), ...given]);
      expect.status(gone, 204);
      for (const r of answers) expect.oneOf(r, [200, 422]);
      for (const issue of issues) assert.equal((await t.read(issue)).milestone_id, null);
      const lost = await t.db.rows(`SELECT i.id FROM issues i WHERE i.version <> (SELECT count(*) FROM issue_events e WHERE e.issue_id = i.id) AND i.id IN (${issues.map(({ id }) => `'${id}'`)})`);
      assert.deepEqual(lost, []);
    }
  });

  test('refuse what is malformed, and those who are no managers', async () => {
    const m = await make();
    const hidden = await t.project({ visibility: 'private' });
    const theirs = await make({}, hidden);
    await t.unchanged(async () => {
      const bad = [[{}, { name: 'required' }], [{ name: ' ' }, { name: 'blank' }], [{ name: 'x'.repeat(101) }, { name: 'too_long' }], [{ name: 'a\nb' }, { name: 'invalid_character' }],
        [{ name: 'x', due_date: '2030-02-30', state: 'done' }, { due_date: 'invalid_format', state: 'invalid_value' }], [{ name: 'x', project_id: project.id }, { project_id: 'unknown_field' }],
        [{ name: null, description: 'x'.repeat(65_537) }, { name: 'null_not_allowed', description: 'too_long' }]];
      for (const [body, errors] of bad) expect.problem(await t.manager.post(of(project), body), 422, 'validation_failed', errors);
      expect.problem(await t.developer.post(of(project), { name: 'mine' }), 403, 'forbidden');
      expect.problem(await t.developer.delete(one(m)), 403, 'forbidden');
      for (const r of [await t.reporter.get(one(theirs)), await t.manager2.patch(one(theirs), { name: 'x', version: 1 }), await t.manager2.delete(one(theirs)), await t.reporter.get(of(hidden)),
        await t.manager2.post(of(hidden), { name: 'x' }), await t.manager.get(`/api/v1/milestones/${randomUUID()}`), await t.manager.get('/api/v1/milestones/1'), await t.manager.get('/api/v1/projects/NONE1/milestones')]) {
        expect.problem(r, 404, 'not_found');
      }
    });
  });
});
