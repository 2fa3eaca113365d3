// Saved filters and the parts of an issue: lists of issues under another name.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const FILTERS = '/api/v1/filters';
const ISSUES = '/api/v1/issues';
const one = (filter) => `${FILTERS}/${filter.id}`;

describe('saved filters', () => {
  const t = useTracker();
  let project;
  before(async () => {
    project = await t.project();
    for (const [title, fields] of [['a', { priority: 'high', assignee_id: t.ids.developer }], ['b', { priority: 'low', assignee_id: t.ids.developer2 }], ['c', { priority: 'high', type: 'epic' }]]) {
      await t.issue({ project_id: project.id, title, ...fields });
    }
  });
  const save = async (query, more = {}, client = t.developer) => expect.status(await client.post(FILTERS, { name: `Filter ${t.unique()}`, query, ...more }), 201).body;
  const found = async (query, client = t.developer) => (await client.walk(`${ISSUES}?${query}`)).map((i) => i.title);

  test('are made, read, changed and deleted by their owner', async () => {
    const r = expect.status(await t.reporter.post(FILTERS, { name: 'Mine', query: 'status=open&sort=priority' }), 201);
    expect.members(r.body, ['id', 'owner_id', 'project_id', 'name', 'query', 'version', 'created_at', 'updated_at']);
    expect.includes(r.body, { owner_id: t.ids.reporter, project_id: null, name: 'Mine', query: 'status=open&sort=priority', version: 1 });
    assert.equal(r.headers.location, one(r.body));
    assert.deepEqual(expect.status(await t.reporter.get(one(r.body)), 200).body, r.body);
    expect.problem(await t.reporter.post(FILTERS, { name: 'MINE', query: 'status=open' }), 409, 'name_taken');
    const changed = expect.status(await t.reporter.patch(one(r.body), { name: 'Better', version: 1 }), 200).body;
    expect.includes(changed, { name: 'Better', version: 2 });
    assert.deepEqual(expect.problem(await t.reporter.patch(one(r.body), { name: 'x', version: 1 }), 409, 'version_conflict').body.current, changed);
    expect.problem(await t.reporter.delete(one(r.body), { headers: { 'If-Match': '"1-0"' } }), 412, 'precondition_failed');
    assert.deepEqual(expect.status(await t.reporter.patch(one(r.body), { name: 'Better' }), 200).body, changed);
    for (const client of [t.developer, t.manager, t.admin]) expect.problem(await client.get(one(r.body)), 404, 'not_found');
    expect.status(await t.reporter.delete(one(r.body)), 204);
    expect.problem(await t.reporter.get(one(r.body)), 404, 'not_found');
  });

  test('find what their query finds; what a request says itself counts instead', async () => {
    const f = await save(`project_id=${project.key}&priority=high&sort=-created_at`);
    assert.deepEqual(await found(`filter=${f.id}`), ['c', 'a']);
    assert.deepEqual(await found(`filter=${f.id}&priority=low`), ['b']);
    assert.deepEqual(await found(`filter=${f.id}&type=epic`), ['c']);
    assert.deepEqual(await found(`filter=${f.id}&sort=created_at`), ['a', 'c']);
    const r = expect.status(await t.developer.get(`${ISSUES}?filter=${f.id}&size=1`), 200);
    expect.includes(r.body.meta, { total: 2, has_next: true });
    assert.match(r.headers.link, new RegExp(f.id));
  });

  test('mean whoever uses them by `me`', async () => {
    const f = await save(`project_id=${project.id}&assignee_id=me`, { project_id: project.key });
    assert.deepEqual(await found(`filter=${f.id}`), ['a']);
    assert.deepEqual(await found(`filter=${f.id}`, t.developer2), ['b']);
    assert.deepEqual(await found(`filter=${f.id}`, t.manager), []);
  });

  test('that change make cursors into what they were worthless', async () => {
    const f = await save(`project_id=${project.key}&sort=priority`);
    const { next_cursor } = expect.status(await t.developer.get(`${ISSUES}?filter=${f.id}&size=1&cursor=`), 200).body.meta;
    const at = `${ISSUES}?filter=${f.id}&size=1&cursor=${next_cursor}`;
    expect.status(await t.developer.get(at), 200);
    expect.status(await t.developer.patch(one(f), { query: `project_id=${project.key}&sort=due_date` }), 200);
    expect.problem(await t.developer.get(at), 422, 'validation_failed', { cursor: 'invalid_cursor' });
  });

  test('are shared by developers, seen by who sees the project, changed by the owner and its managers', async () => {
    const home = await t.project({ visibility: 'private' });
    for (const [person, role] of [['developer', 'developer'], ['reporter', 'reporter']]) expect.status(await t.manager.put(`/api/v1/projects/${home.id}/members/${t.ids[person]}`, { role }), 201);
    const f = await save('status=open', { project_id: home.id });
    assert.equal(f.project_id, home.id);
    assert.equal(expect.status(await t.reporter.get(one(f)), 200).body.id, f.id);
    assert.deepEqual((await t.reporter.walk(`${FILTERS}?project_id=${home.key}`)).map((each) => each.id), [f.id]);
    await t.unchanged(async () => {
      expect.problem(await t.reporter.patch(one(f), { name: 'x' }), 403, 'forbidden');
      expect.problem(await t.reporter.delete(one(f)), 403, 'forbidden');
      expect.problem(await t.reporter.post(FILTERS, { name: 'Shared', query: 'status=open', project_id: home.id }), 403, 'forbidden');
      expect.problem(await t.developer2.get(one(f)), 404, 'not_found');
      expect.problem(await t.developer2.get(`${ISSUES}?filter=${f.id}`), 422, 'validation_failed', { filter: 'unknown' });
      expect.problem(await t.developer2.post(FILTERS, { name: 'Shared', query: 'status=open', project_id: home.id }), 422, 'validation_failed', { project_id: 'unknown' });
    });
    expect.status(await t.manager.patch(one(f), { query: 'status=closed' }), 200);
    assert.equal(expect.status(await t.developer.patch(one(f), { project_id: null }), 200).body.project_id, null);
    expect.problem(await t.reporter.get(one(f)), 404, 'not_found');
    assert.ok((await t.developer.walk(`${FILTERS}?own=true&project_id=none&size=2`)).some((each) => each.id === f.id));
  });

  test('that are shared with a project stay as they are for its people when their owner has left it; he may take them away', async () => {
    const home = await t.project({ visibility: 'private' });
    const member = `/api/v1/projects/${home.id}/members/${t.ids.developer}`;
    expect.status(await t.manager.put(member, { role: 'developer' }), 201);
    const [kept, taken] = [await save('status=open', { project_id: home.id }), await save('status=open', { project_id: home.id })];
    expect.status(await t.manager.delete(member), 204);
    await t.unchanged(async () => {
      expect.problem(await t.developer.patch(one(kept), { name: 'Read this' }), 403, 'forbidden');
      expect.problem(await t.developer.patch(one(kept), { query: 'status=closed' }), 403, 'forbidden');
      expect.problem(await t.developer.patch(one(kept), { name: 'Read this', project_id: home.id }), 422, 'validation_failed', { project_id: 'unknown' });
    });
    assert.equal(expect.status(await t.manager.get(one(kept)), 200).body.name, kept.name);
    expect.includes(expect.status(await t.developer.patch(one(taken), { name: 'Mine again', project_id: null }), 200).body, { name: 'Mine again', project_id: null });
    expect.problem(await t.manager.get(one(taken)), 404, 'not_found');
    expect.status(await t.developer.delete(one(kept)), 204);
  });

  test('refuse a query that the list would refuse, parameter by parameter', async () => {
    const bad = [['status=done&priority=urgent', { 'query.status': 'invalid_value', 'query.priority': 'invalid_value' }], ['colour=red', { 'query.colour': 'unknown_parameter' }],
      ['page=2&cursor=', { 'query.page': 'not_allowed', 'query.cursor': 'not_allowed' }], [`filter=${randomUUID()}`, { 'query.filter': 'not_allowed' }], ['status=%zz', { query: 'invalid_format' }], ['', { query: 'too_short' }],
      ['x'.repeat(4001), { query: 'too_long' }], ['created_after=soon', { 'query.created_after': 'invalid_format' }]];
    const f = await save('status=open');
    await t.unchanged(async () => {
      for (const [query, errors] of bad) {
        expect.problem(await t.developer.post(FILTERS, { name: 'Bad', query }), 422, 'validation_failed', errors);
        expect.problem(await t.developer.patch(one(f), { query }), 422, 'validation_failed', errors);
      }
      expect.problem(await t.developer.post(FILTERS, { name: ' ' }), 422, 'validation_failed', { name: 'blank', query: 'required' });
      expect.problem(await t.developer.get(`${ISSUES}?filter=mine`), 422, 'validation_failed', { filter: 'invalid_format' });
      expect.problem(await t.developer.get(`${ISSUES}?filter=${randomUUID()}`), 422, 'validation_failed', { filter: 'unknown' });
      expect.problem(await t.developer.get(`${FILTERS}/x`), 404, 'not_found');
    });
  });
});

describe('the parts of an issue', () => {
  const t = useTracker();

  test('are listed with the filters of all issues, and with how much is done', async () => {
    const parent = await t.issue({ type: 'epic' });
    const made = {};
    for (const [title, status] of [['a', 'open'], ['b', 'in_progress'], ['c', 'resolved'], ['d', 'closed'], ['e', 'open']]) made[title] = await t.issueIn(status, { parent_id: parent.id, title });
    await t.issue({ parent_id: made.a.id });
    expect.status(await t.manager.delete(`${ISSUES}/${made.e.id}`), 204);
    const at = `${ISSUES}/${parent.key}/children`;
    const r = expect.status(await t.reporter.get(`${at}?sort=created_at&size=2`), 200).body;
    assert.deepEqual(r.items.map((i) => i.title), ['a', 'b']);
    expect.includes(r.meta, { total: 4, progress: { done: 2, total: 4 } });
    assert.deepEqual((await t.reporter.walk(`${at}?sort=created_at&size=1`)).map((i) => i.title), ['a', 'b', 'c', 'd']);
    const done = expect.status(await t.reporter.get(`${at}?status=closed`), 200).body;
    assert.deepEqual([done.items.map((i) => i.title), done.meta.progress], [['d'], { done: 2, total: 4 }]);
    assert.deepEqual(expect.status(await t.reporter.get(`${ISSUES}/${made.d.id}/children`), 200).body.meta.progress, { done: 0, total: 0 });
    expect.problem(await t.reporter.get(`${at}?parent_id=${parent.id}`), 422, 'validation_failed', { parent_id: 'conflict' });
    expect.problem(await t.reporter.get(`${ISSUES}/${made.e.id}/children`), 404, 'not_found');
    expect.problem(await t.reporter.get(`${ISSUES}/NONE-1/children`), 404, 'not_found');
    assert.equal('progress' in expect.status(await t.reporter.get(ISSUES), 200).body.meta, false);
  });
});
