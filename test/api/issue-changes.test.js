import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { deactivate, formerUser, newcomer } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const NOBODY = '01890000-0000-7000-8000-000000000000';
const at = (issue) => `${ISSUES}/${issue.id}`;

describe('PATCH of an issue', () => {
  const t = useTracker();

  test('changes what it names, and nothing else', async () => {
    const issue = await t.issue({ description: 'before', due_date: '2030-01-01', assignee_id: t.ids.developer });
    const r = expect.status(await t.developer2.patch(at(issue), { version: 1, title: 'After' }), 200);
    assert.deepEqual(r.body, { ...issue, title: 'After', version: 2, updated_at: r.body.updated_at });
    assert.ok(r.body.updated_at > issue.updated_at);
    expect.versionTag(r, 2);
    assert.deepEqual(await t.read(issue), r.body);
  });

  test('null clears', async () => {
    const issue = await t.issue({
      description: 'x', due_date: '2030-01-01', assignee_id: t.ids.developer, parent_id: (await t.issue()).id,
    });
    const cleared = { description: null, due_date: null, assignee_id: null, parent_id: null };
    expect.includes(await t.change(issue, cleared), { ...cleared, description: '', title: issue.title, version: 2 });
  });

  test('sets every field that can be set', async () => {
    const parent = await t.issue();
    const fields = {
      title: 'New', description: 'New too', type: 'task', priority: 'high', assignee_id: t.ids.developer2, parent_id: parent.id,
      due_date: '2030-12-24', status: 'in_progress',
    };
    expect.includes(await t.change(await t.issue(), fields), fields);
  });

  test('by key, in any case', async () => {
    const issue = await t.issue();
    const r = await t.developer.patch(`${ISSUES}/${issue.key.toLowerCase()}`, { version: 1, title: 'By key' });
    assert.equal(expect.status(r, 200).body.title, 'By key');
  });

  test('without a version: 428, and nothing happens', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      expect.problem(await t.developer.patch(at(issue), { title: 'x' }), 428, 'version_required');
    });
  });

  test('on a stale version: 409 with what is current and what changed', async () => {
    const issue = await t.issue();
    const second = await t.change(issue, { title: 'Second', priority: 'low' });
    const third = await t.change(second, { status: 'in_progress' });
    await t.unchanged(async () => {
      const r = expect.problem(await t.developer.patch(at(issue), { version: 1, title: 'x' }), 409, 'version_conflict');
      assert.deepEqual(r.body.current, third);
      for (const name of ['title', 'priority', 'status']) assert.ok(r.body.changed.includes(name), name);
      assert.ok(!r.body.changed.includes('description'));
      const near = expect.problem(await t.developer.patch(at(issue), { version: 2, title: 'x' }), 409, 'version_conflict');
      assert.ok(near.body.changed.includes('status'));
      assert.ok(!near.body.changed.includes('title'));
    });
    const other = await t.issue({ project_id: issue.project_id });
    expect.status(await t.developer.post(`${at(issue)}/comments`, { content: 'No field of it' }), 201);
    expect.status(await t.developer.post(`${at(issue)}/links`, { type: 'relates_to', issue_id: other.id }), 201);
    const far = expect.problem(await t.developer.patch(at(issue), { version: 2, title: 'x' }), 409, 'version_conflict');
    assert.deepEqual(far.body.changed, ['status']);
  });

  test('on a version from the future: 409', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      expect.problem(await t.developer.patch(at(issue), { version: 2, title: 'x' }), 409, 'version_conflict');
    });
  });

  test('versions are whole numbers from 1', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      for (const version of ['1', 1.5, -1, 0, true, [], 1e30]) {
        const r = await t.developer.patch(at(issue), { version, title: 'x' });
        expect.problem(r, 422, 'validation_failed', { version: null });
      }
    });
  });

  test('what is wrong is told of all fields at once', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      const r = await t.developer.patch(at(issue), {
        version: 1, title: '', type: 'wish', priority: null, status: 'done', due_date: 'soon', assignee_id: 3, labels: [], nonsense: 1,
      });
      expect.problem(r, 422, 'validation_failed', {
        title: null, type: 'invalid_value', priority: null, status: 'invalid_value', due_date: 'invalid_format',
        assignee_id: null, labels: null, nonsense: 'unknown_field',
      });
    });
  });

  test('what only the server sets cannot be set', async () => {
    const issue = await t.issue();
    const fields = { id: NOBODY, key: 'X-1', number: 9, created_at: issue.created_at, updated_at: issue.updated_at, resolved_at: null, closed_at: null };
    await t.unchanged(async () => {
      for (const [name, value] of Object.entries(fields)) {
        const r = await t.admin.patch(at(issue), { version: 1, [name]: value });
        expect.problem(r, 422, 'validation_failed', { [name]: null });
      }
    });
  });

  test('people and parents must be there, and no issue is its own ancestor', async () => {
    const [a, b] = [await t.issue(), await t.issue()];
    const child = await t.change(b, { parent_id: a.id });
    const former = await formerUser(t);
    const deleted = await t.issue();
    expect.status(await t.manager.delete(at(deleted)), 204);
    const elsewhere = await t.issue({ project_id: (await t.project()).id });
    await t.unchanged(async () => {
      const set = (issue, fields) => t.developer.patch(at(issue), { version: issue.version, ...fields });
      for (const assignee_id of [NOBODY, former]) {
        expect.problem(await set(a, { assignee_id }), 422, 'validation_failed', { assignee_id: null });
      }
      for (const parent_id of [NOBODY, deleted.id, elsewhere.id]) {
        expect.problem(await set(a, { parent_id }), 422, 'validation_failed', { parent_id: null });
      }
      expect.oneOf(await set(a, { parent_id: a.id }), [409, 422]);
      expect.oneOf(await set(a, { parent_id: child.id }), [409, 422]);
    });
  });

  test('an assignee who was deactivated since stays, whatever else changes', async () => {
    const { id } = await newcomer(t);
    const issue = await t.change(await t.issue(), { assignee_id: id });
    await deactivate(t, id);
    expect.includes(await t.change(issue, { title: 'Renamed', assignee_id: id }), { title: 'Renamed', assignee_id: id });
  });

  test('If-Match in place of the version: the right one, *, and one of several', async () => {
    const issue = await t.issue();
    let { etag } = (await t.developer.get(at(issue))).headers;
    for (const make of [() => etag, () => '*', () => `"77-x", ${etag}`]) {
      const r = await t.developer.patch(at(issue), { title: `Title ${t.unique()}` }, { headers: { 'If-Match': make() } });
      ({ etag } = expect.status(r, 200).headers);
    }
  });

  test('a stale If-Match, or a weak one: 412 with what is current', async () => {
    const issue = await t.issue();
    const { headers: { etag } } = await t.developer.get(at(issue));
    const second = await t.change(issue, { title: 'Second' });
    await t.unchanged(async () => {
      for (const tag of [etag, '"99-x"', '"x"', 'W/"2-x"', '""']) {
        const r = await t.developer.patch(at(issue), { title: 'x' }, { headers: { 'If-Match': tag } });
        expect.problem(r, 412, 'precondition_failed');
        assert.match(r.body.detail, /^If-Match does not name the version/);
        assert.deepEqual(r.body.current, second);
      }
      const r = await t.developer.patch(at(issue), { title: 'x' }, { headers: { 'If-Match': etag } });
      assert.ok(r.body.changed.includes('title'));
    });
  });

  test('with If-Match and a version both must hold', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      const r = await t.developer.patch(at(issue), { version: 1, title: 'x' }, { headers: { 'If-Match': '"2-x"' } });
      expect.problem(r, 412, 'precondition_failed');
      const s = await t.developer.patch(at(issue), { version: 2, title: 'x' }, { headers: { 'If-Match': '"1-x"' } });
      expect.oneOf(s, [409, 412]);
    });
  });

  test('application/merge-patch+json is as good', async () => {
    const issue = await t.issue();
    const headers = { 'Content-Type': 'application/merge-patch+json' };
    expect.status(await t.developer.patch(at(issue), { version: 1, title: 'Merged' }, { headers }), 200);
  });

  test('a merge patch that is no object: 422 or 400', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      for (const body of [[], [1], 'null', '1', '"x"', [[{ op: 'replace', path: '/title', value: 'x' }]]]) {
        expect.oneOf(await t.developer.patch(at(issue), body), [400, 422]);
      }
    });
  });

  test('of an issue that is not there: 404', async () => {
    expect.problem(await t.developer.patch(`${ISSUES}/${NOBODY}`, { version: 1, title: 'x' }), 404, 'not_found');
  });
});

describe('PUT of an issue', () => {
  const t = useTracker();

  test('replaces all that can be set', async () => {
    const issue = await t.issue({ description: 'before', assignee_id: t.ids.developer });
    const fields = {
      title: 'After', description: 'new', type: 'feature', status: 'in_progress', priority: 'critical',
      assignee_id: t.ids.developer2, parent_id: null, due_date: '2032-02-29',
    };
    const r = expect.status(await t.developer.put(at(issue), { version: 1, ...fields }), 200);
    expect.includes(r.body, { ...fields, id: issue.id, key: issue.key, creator_id: issue.creator_id, created_at: issue.created_at, version: 2 });
  });

  test('what is not given goes back to its default', async () => {
    const issue = await t.issue({
      description: 'x', type: 'epic', priority: 'critical', assignee_id: t.ids.developer, due_date: '2030-01-01',
    });
    const r = expect.status(await t.developer.put(at(issue), { version: 1, title: 'Bare' }), 200);
    expect.includes(r.body, {
      title: 'Bare', description: '', type: 'bug', priority: 'medium', assignee_id: null, parent_id: null, due_date: null,
      status: 'open', version: 2,
    });
  });

  test('needs a title and a version', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      expect.problem(await t.developer.put(at(issue), { version: 1 }), 422, 'validation_failed', { title: 'required' });
      expect.problem(await t.developer.put(at(issue), { title: 'x' }), 428, 'version_required');
      expect.problem(await t.developer.put(at(issue), { version: 4, title: 'x' }), 409, 'version_conflict');
      const r = await t.developer.put(at(issue), { title: 'x' }, { headers: { 'If-Match': '"4-x"' } });
      expect.problem(r, 412, 'precondition_failed');
    });
  });

  test('obeys the workflow', async () => {
    const issue = await t.issueIn('closed');
    await t.unchanged(async () => {
      const r = await t.developer.put(at(issue), { version: issue.version, title: 'x', status: 'resolved' });
      expect.problem(r, 409, 'invalid_transition');
    });
  });

  test('makes nothing where nothing is', async () => {
    await t.unchanged(async () => {
      expect.problem(await t.developer.put(`${ISSUES}/${NOBODY}`, { version: 1, title: 'x' }), 404, 'not_found');
    });
  });
});

describe('who may change an issue', () => {
  const t = useTracker();
  const set = (client, issue, fields) => client.patch(at(issue), { version: issue.version, ...fields });

  test('developers, managers and admins: any issue', async () => {
    let issue = await t.issue({}, t.reporter);
    for (const client of [t.developer, t.manager, t.admin]) {
      issue = expect.status(await set(client, issue, { title: `By ${t.unique()}`, assignee_id: t.ids.developer }), 200).body;
    }
  });

  test('a reporter: not somebody else\'s', async () => {
    const issue = await t.issue({}, t.reporter);
    await t.unchanged(async () => {
      expect.problem(await set(t.reporter2, issue, { title: 'x' }), 403, 'forbidden');
      expect.problem(await set(t.reporter2, issue, { status: 'closed' }), 403, 'forbidden');
      expect.problem(await t.reporter2.put(at(issue), { version: 1, title: 'x' }), 403, 'forbidden');
      expect.problem(await set(t.reporter2, issue, { title: 'x', version: 5 }), 403, 'forbidden');
    });
  });

  test('a reporter: title, description and type of the own', async () => {
    const issue = await t.issue({}, t.reporter);
    const fields = { title: 'Better', description: 'More', type: 'improvement' };
    expect.includes(expect.status(await set(t.reporter, issue, fields), 200).body, fields);
  });

  test('a reporter: nothing else of the own', async () => {
    const issue = await t.issue({}, t.reporter);
    const parent = await t.issue();
    await t.unchanged(async () => {
      const others = { priority: 'low', assignee_id: t.ids.reporter, due_date: '2030-01-01', parent_id: parent.id, status: 'in_progress' };
      for (const [name, value] of Object.entries(others)) {
        expect.problem(await set(t.reporter, issue, { title: 'x', [name]: value }), 403, 'forbidden');
      }
      expect.problem(await set(t.reporter, issue, { status: 'resolved' }), 403, 'forbidden');
    });
  });

  test('a reporter withdraws the own while it is open, and only then', async () => {
    const issue = await t.issue({}, t.reporter);
    const closed = expect.status(await set(t.reporter, issue, { status: 'closed' }), 200).body;
    assert.equal(closed.status, 'closed');
    await t.unchanged(async () => {
      expect.problem(await set(t.reporter, closed, { status: 'open' }), 403, 'forbidden');
    });
    const started = await t.change(await t.issue({}, t.reporter), { status: 'resolved' });
    await t.unchanged(async () => {
      expect.problem(await set(t.reporter, started, { status: 'closed' }), 403, 'forbidden');
    });
  });

  test('a reporter\'s PUT may not change what a PATCH may not', async () => {
    const issue = await t.issue({}, t.reporter);
    await t.unchanged(async () => {
      // What a PUT does not name it sets, too.
      for (const more of [{ priority: 'critical' }, {}]) {
        const r = await t.reporter.put(at(issue), { version: 1, title: 'x', ...more });
        expect.problem(r, 403, 'forbidden');
      }
    });
  });
});
