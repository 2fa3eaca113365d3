import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { fillProject } from '../support/lists.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const COUNT = 36;
const NOBODY = '01890000-0000-7000-8000-000000000000';
const keys = (items) => items.map(({ key }) => key).sort();

describe('filters', () => {
  const t = useTracker();
  let project;
  let issues; // as they are now
  before(async () => ({ project, issues } = await fillProject(t, COUNT)));

  const found = async (query, client = t.reporter) => {
    const r = expect.status(await client.get(`${ISSUES}?project_id=${project.id}&size=100&${query}`), 200);
    assert.equal(r.body.meta.total, r.body.items.length);
    return keys(r.body.items);
  };
  /** The query finds exactly the issues of which this holds, and those are some but not all. */
  const finds = async (query, holds, client) => {
    const expected = keys(issues.filter(holds));
    assert.ok(expected.length > 0 && expected.length < COUNT, `${query}: a test of nothing`);
    assert.deepEqual(await found(query, client), expected, query);
  };

  for (const [name, values] of Object.entries({
    status: ['open', 'in_progress', 'resolved', 'closed'], priority: ['low', 'medium', 'high', 'critical'],
    type: ['bug', 'feature', 'improvement', 'task', 'epic'],
  })) {
    test(`${name}: one, any of several, all`, async () => {
      for (const value of values) await finds(`${name}=${value}`, (issue) => issue[name] === value);
      const some = values.slice(1, 3);
      await finds(some.map((value) => `${name}=${value}`).join('&'), (issue) => some.includes(issue[name]));
      await finds(`${name}=${some.join(',')}`, (issue) => some.includes(issue[name]));
      await finds(`${name}=${some[0]}&${name}=${some[0]}`, (issue) => issue[name] === some[0]);
      assert.deepEqual(await found(values.map((value) => `${name}=${value}`).join('&')), keys(issues));
    });
  }

  test('assignee_id: somebody, me, none, any of these', async () => {
    const { developer, developer2 } = t.ids;
    await finds(`assignee_id=${developer}`, (issue) => issue.assignee_id === developer);
    await finds('assignee_id=me', (issue) => issue.assignee_id === developer, t.developer);
    await finds('assignee_id=none', (issue) => issue.assignee_id === null);
    await finds(`assignee_id=${developer}&assignee_id=${NOBODY}`, (issue) => issue.assignee_id === developer);
    await finds(`assignee_id=none&assignee_id=${developer2}`, (issue) => [null, developer2].includes(issue.assignee_id));
    await finds('assignee_id=me&assignee_id=none', (issue) => [null, developer2].includes(issue.assignee_id), t.developer2);
    assert.deepEqual(await found(`assignee_id=${NOBODY}`), []);
    assert.deepEqual(await found('assignee_id=me', t.manager), []);
  });

  test('creator_id', async () => {
    await finds(`creator_id=${t.ids.reporter}`, (issue) => issue.creator_id === t.ids.reporter);
    await finds(`creator_id=${t.ids.reporter}&creator_id=${NOBODY}`, (issue) => issue.creator_id === t.ids.reporter);
    assert.deepEqual(await found(`creator_id=${t.ids.reporter}&creator_id=${t.ids.developer}`), keys(issues));
  });

  test('project_id: ids and keys, several, unknown', async () => {
    const other = await t.issue();
    const count = async (query) => expect.status(await t.reporter.get(`${ISSUES}?${query}&count=exact`), 200).body.meta.total;
    assert.equal(await count(`project_id=${project.id}`), COUNT);
    assert.equal(await count(`project_id=${project.key.toLowerCase()}`), COUNT);
    assert.equal(await count(`project_id=${project.id}&project_id=${other.project_id}&key=${other.key}`), 1);
    assert.ok(await count(`project_id=${project.id}&project_id=${other.project_id}`) > COUNT);
    assert.equal(await count(`project_id=${NOBODY}`), 0);
  });

  test('key: one, several, in any case', async () => {
    const some = [issues[3].key, issues[7].key];
    await finds(`key=${some[0]}`, (issue) => issue.key === some[0]);
    await finds(`key=${some[0].toLowerCase()}&key=${some[1]}`, (issue) => some.includes(issue.key));
  });

  test('parent_id', async () => {
    const [parent] = issues;
    await finds(`parent_id=${parent.id}`, (issue) => issue.parent_id === parent.id);
    await finds(`parent_id=${parent.id}&parent_id=${issues[1].id}`, (issue) => issue.parent_id === parent.id);
  });

  test('created_after and created_before', async () => {
    const { created_at: then } = issues[COUNT / 2];
    await finds(`created_after=${then}`, (issue) => issue.created_at > then);
    await finds(`created_before=${then}`, (issue) => issue.created_at < then);
    const [from, to] = [issues[5].created_at, issues[20].created_at];
    await finds(`created_after=${from}&created_before=${to}`, (issue) => issue.created_at > from && issue.created_at < to);
  });

  test('updated_after', async () => {
    const sorted = [...issues].sort((a, b) => (a.updated_at < b.updated_at ? -1 : 1));
    const middle = sorted[COUNT / 2];
    await finds(`updated_after=${middle.updated_at}`, (issue) => issue.updated_at > middle.updated_at);
    await finds(`updated_before=${middle.updated_at}`, (issue) => issue.updated_at < middle.updated_at);
  });

  test('times may have any offset', async () => {
    const then = issues[10].created_at;
    const shifted = new Date(Date.parse(then) + 2 * 3600_000).toISOString().slice(0, 19) + then.slice(19, 26) + '+02:00';
    assert.deepEqual(await found(`created_after=${encodeURIComponent(shifted)}`), await found(`created_after=${then}`));
  });

  test('due_before and overdue', async () => {
    await finds('due_before=2020-05-06', (issue) => issue.due_date === '2020-05-05');
    assert.deepEqual(await found('due_before=2020-05-05'), []);
    await finds('due_before=2089-12-31', (issue) => issue.due_date !== null && issue.due_date < '2089');
    const late = (issue) => issue.due_date !== null && issue.due_date < '2021' && ['open', 'in_progress'].includes(issue.status);
    await finds('overdue=true', late);
    await finds('overdue=false', (issue) => !late(issue));
    await finds('due_after=2020-05-05', (issue) => issue.due_date !== null && issue.due_date > '2020-05-05');
  });

  test('what is due today is not overdue', async () => {
    const today = () => t.db.exec('SELECT current_date;');
    for (let day = ''; day !== (await today());) {
      day = await today(); // once more when a day begins meanwhile
      const { id: project_id } = await t.project();
      await t.issue({ project_id, due_date: day });
      const yesterday = await t.issue({ project_id, due_date: await t.db.exec(`SELECT date '${day}' - 1;`) });
      const r = expect.status(await t.reporter.get(`${ISSUES}?project_id=${project_id}&overdue=true`), 200);
      if (day === (await today())) assert.deepEqual(keys(r.body.items), [yesterday.key]);
    }
  });

  test('different filters must all hold', async () => {
    await finds('status=open&status=closed&priority=low&priority=high&assignee_id=none', (issue) => (
      ['open', 'closed'].includes(issue.status) && ['low', 'high'].includes(issue.priority) && issue.assignee_id === null));
    await finds(`type=bug&creator_id=${t.ids.developer}`, (issue) => issue.type === 'bug' && issue.creator_id === t.ids.developer);
    assert.deepEqual(await found('overdue=true&status=closed'), []);
  });

  test('filters and sorting and cursors go together', async () => {
    const path = `${ISSUES}?project_id=${project.id}&status=open&status=resolved&sort=-priority,due_date`;
    const byCursor = (await t.reporter.walk(`${path}&size=3`)).map(({ key }) => key);
    const byPage = (await t.reporter.get(`${path}&size=100`)).body.items.map(({ key }) => key);
    assert.deepEqual(byCursor, byPage);
    assert.deepEqual([...byPage].sort(), keys(issues.filter(({ status }) => ['open', 'resolved'].includes(status))));
  });

  test('a value that is not one is refused, all at once', async () => {
    const bad = {
      status: 'done', priority: 'Low', type: 'wish', assignee_id: 'somebody', creator_id: 'x', created_after: 'yesterday',
      created_before: '2026-01-01T00:00:00', updated_after: '2026-02-30T00:00:00Z', due_before: '2026-02-30', overdue: 'maybe', deleted: 'some',
    };
    const query = Object.entries(bad).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
    const r = await t.reporter.get(`${ISSUES}?${query}`);
    expect.problem(r, 422, 'validation_failed', Object.fromEntries(Object.keys(bad).map((name) => [name, null])));
    for (const [name, value] of Object.entries(bad)) {
      const one = await t.reporter.get(`${ISSUES}?${name}=${encodeURIComponent(value)}`);
      expect.problem(one, 422, 'validation_failed', { [name]: null });
    }
    expect.problem(await t.reporter.get(`${ISSUES}?status=open&status=done`), 422, 'validation_failed');
    expect.problem(await t.reporter.get(`${ISSUES}?creator_id=none`), 422, 'validation_failed', { creator_id: null });
  });

  test('no value can leave its place in the statement', async () => {
    await t.unchanged(async () => {
      for (const value of ["' OR 1=1 --", "'; DROP TABLE issues; --", '$1', '%', '\\', '"', 'open)', "open'::issue_status"]) {
        for (const name of ['status', 'assignee_id', 'key', 'project_id', 'parent_id', 'created_after', 'sort', 'fields', 'cursor']) {
          const r = await t.reporter.get(`${ISSUES}?${name}=${encodeURIComponent(value)}`);
          expect.oneOf(r, [200, 422]);
          if (r.status === 200) assert.deepEqual(r.body.items, [], `${name}=${value}`);
        }
      }
    });
  });

  test('projects can be filtered, too', async () => {
    const held = await t.project({ status: 'on_hold' });
    const list = async (query) => (await t.admin.walk(`/api/v1/projects?size=100&${query}`)).map(({ id }) => id);
    assert.ok((await list('status=on_hold')).includes(held.id));
    assert.ok(!(await list('status=active')).includes(held.id));
    assert.ok((await list('status=active&status=on_hold')).includes(held.id));
  });
});
