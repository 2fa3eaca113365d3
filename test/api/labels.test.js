// Labels: of a project or for all, their names, and the issues that have them.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const LABELS = '/api/v1/labels';
const ISSUES = '/api/v1/issues';

describe('labels', () => {
  const t = useTracker();
  let project;
  before(async () => (project = await t.project()));
  const make = async (name, more = {}, client = t.manager) => expect.status(await client.post(LABELS, { name, color: '#AABBCC', ...more }), 201).body;

  test('are made for a project or for all, read, changed and listed', async () => {
    const r = expect.status(await t.manager.post(LABELS, { name: 'Needs review', color: '#D73A4A', description: 'Look', project_id: project.key }), 201);
    expect.members(r.body, ['id', 'project_id', 'name', 'color', 'description', 'created_at', 'updated_at']);
    expect.includes(r.body, { project_id: project.id, name: 'Needs review', color: '#d73a4a', description: 'Look' });
    assert.equal(r.headers.location, `${LABELS}/${r.body.id}`);
    assert.deepEqual(expect.status(await t.reporter.get(r.headers.location), 200).body, r.body);
    const global = await make('for all');
    assert.equal(global.project_id, null);
    const changed = expect.status(await t.manager.patch(`${LABELS}/${r.body.id}`, { name: 'Reviewed', description: null }), 200).body;
    expect.includes(changed, { name: 'Reviewed', color: '#d73a4a', description: '' });
    const names = async (query) => (await t.reporter.walk(`${LABELS}?sort=name&${query}`)).map((l) => l.name);
    assert.deepEqual(await names(`project_id=${project.id}`), ['Reviewed']);
    assert.ok((await names('project_id=none')).includes('for all'));
    assert.deepEqual(await names('name=REVIEWED'), ['Reviewed']);
    assert.deepEqual(await names('project_id=NONE1'), []);
  });

  test('have a name that is unlike others of the same scope in any case', async () => {
    const [a, b] = [await make('Twin', { project_id: project.id }), await make('other', { project_id: project.id })];
    expect.problem(await t.manager.post(LABELS, { name: 'TWIN', color: '#000000', project_id: project.id }), 409, 'name_taken');
    expect.problem(await t.manager.patch(`${LABELS}/${b.id}`, { name: 'twin' }), 409, 'name_taken');
    expect.status(await t.manager.patch(`${LABELS}/${a.id}`, { name: 'tWIN' }), 200);
    await make('Twin');
    await make('Twin', { project_id: (await t.project()).id });
  });

  test('refuse what is malformed', async () => {
    await t.unchanged(async () => {
      const bad = [[{ name: 'x', color: 'red' }, { color: 'too_short' }], [{ name: 'x', color: '#12345g' }, { color: 'invalid_format' }], [{ name: ' ', color: '#000000' }, { name: 'blank' }],
        [{ name: 'a,b', color: '#000000' }, { name: 'invalid_character' }], [{ name: 'x'.repeat(101), color: '#000000' }, { name: 'too_long' }], [{}, { name: 'required', color: 'required' }],
        [{ name: 'x', color: '#000000', project_id: 'NONE1' }, { project_id: 'unknown' }], [{ name: 'a\nb', color: '#000000' }, { name: 'invalid_character' }]];
      for (const [body, errors] of bad) expect.problem(await t.manager.post(LABELS, body), 422, 'validation_failed', errors);
      expect.problem(await t.manager.get(`${LABELS}/${randomUUID()}`), 404, 'not_found');
      expect.problem(await t.manager.get(`${LABELS}/bug`), 404, 'not_found');
    });
  });

  test('for all projects are for managers of the tracker; those of a hidden project are hidden', async () => {
    expect.problem(await t.developer.post(LABELS, { name: 'mine', color: '#000000' }), 403, 'forbidden');
    const hidden = await t.project({ visibility: 'private' });
    const label = await make('hidden', { project_id: hidden.id });
    for (const r of [await t.reporter.get(`${LABELS}/${label.id}`), await t.manager2.delete(`${LABELS}/${label.id}`), await t.manager2.patch(`${LABELS}/${label.id}`, { name: 'x' })]) {
      expect.problem(r, 404, 'not_found');
    }
    assert.ok(!(await t.reporter.walk(LABELS)).some((l) => l.id === label.id));
  });

  test('show their new name everywhere, and leave all issues when they are deleted, with a row of history each', async () => {
    const home = await t.project();
    const [gone, stays] = [await make('gone', { project_id: home.id }), await make('stays', { project_id: home.id })];
    const issues = await Promise.all([1, 2, 3].map((i) => t.issue({ project_id: home.id, label_ids: i < 3 ? [gone.id, stays.id] : [stays.id] })));
    expect.status(await t.manager.patch(`${LABELS}/${gone.id}`, { name: 'about to go' }), 200);
    assert.deepEqual((await t.read(issues[0])).labels.map((l) => l.name), ['about to go', 'stays']);
    expect.status(await t.manager.delete(`${LABELS}/${gone.id}`), 204);
    expect.problem(await t.manager.delete(`${LABELS}/${gone.id}`), 404, 'not_found');
    assert.deepEqual((await Promise.all(issues.map((i) => t.read(i)))).map((i) => [i.version, i.labels.map((l) => l.name)]), [[2, ['stays']], [2, ['stays']], [1, ['stays']]]);
    const events = await t.db.rows(`SELECT type, changes FROM issue_events WHERE issue_id = '${issues[0].id}' ORDER BY version`);
    assert.equal(events[1].type, 'labeled');
    assert.ok(JSON.stringify(events[1].changes).includes(gone.id));
  });

  test('are gone from an issue that gets them at the very moment', async () => {
    const home = await t.project();
    for (let i = 0; i < 20; i++) {
      const label = await make(`moment ${i}`, { project_id: home.id });
      const issue = await t.issue({ project_id: home.id });
      const [added, gone] = await Promise.all([t.developer.post(`${ISSUES}/${issue.id}/labels`, { label_id: label.id }), t.manager.delete(`${LABELS}/${label.id}`)]);
      expect.status(gone, 204);
      expect.oneOf(added, [200, 422]);
      assert.equal((await t.db.rows(`SELECT 1 FROM issues WHERE label_ids @> ARRAY['${label.id}'::uuid]`)).length, 0);
    }
  });
});

describe('the filter by label', () => {
  const t = useTracker();
  let project;
  const ids = {};
  before(async () => {
    project = await t.project();
    for (const name of ['A', 'b', 'c']) ids[name] = expect.status(await t.manager.post(LABELS, { name, color: '#000000', project_id: project.id }), 201).body.id;
    for (const [title, labels] of [['none', []], ['a', ['A']], ['b', ['b']], ['ab', ['A', 'b']], ['abc', ['A', 'b', 'c']]]) {
      await t.issue({ project_id: project.id, title, label_ids: labels.map((name) => ids[name]) });
    }
  });
  const found = async (query) => (await t.reporter.walk(`${ISSUES}?project_id=${project.key}&sort=created_at&${query}`)).map((i) => i.title);

  test('finds any of repeated ones, all of those with commas, and those without', async () => {
    assert.deepEqual(await found('label=a'), ['a', 'ab', 'abc']);
    assert.deepEqual(await found('label=A&label=c'), ['a', 'ab', 'abc']);
    assert.deepEqual(await found('label=c&label=B'), ['b', 'ab', 'abc']);
    assert.deepEqual(await found('label=a,b'), ['ab', 'abc']);
    assert.deepEqual(await found('label=a,b,c'), ['abc']);
    assert.deepEqual(await found('label=a,c&label=b'), ['b', 'ab', 'abc']);
    assert.deepEqual(await found('label=none'), ['none']);
    assert.deepEqual(await found('label=none&label=a,b'), ['none', 'ab', 'abc']);
    assert.deepEqual(await found(`label=${ids.c}`), ['abc']);
    assert.deepEqual(await found('label=nothing'), []);
    assert.deepEqual(await found(`label=${encodeURIComponent('"a",{b}')}`), []);
    assert.equal(expect.status(await t.reporter.get(`${ISSUES}?project_id=${project.key}&label=a,b&count=exact`), 200).body.meta.total, 2);
  });
});
