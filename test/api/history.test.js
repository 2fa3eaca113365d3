import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const at = (issue) => `/api/v1/issues/${issue.id}`;

describe('history', () => {
  const t = useTracker();
  const history = (issue) => t.db.rows(`
    SELECT type, actor_id, version, changes, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
    FROM issue_events WHERE issue_id = '${issue.id}' ORDER BY version`);
  const last = async (issue) => (await history(issue)).at(-1);

  test('begins with who created it, at the time that the issue says', async () => {
    const issue = await t.issue({}, t.reporter);
    const [event, ...more] = await history(issue);
    assert.deepEqual(more, []);
    expect.includes(event, { type: 'created', actor_id: t.ids.reporter, version: 1, at: issue.created_at });
  });

  test('of an issue made for somebody else names who really made it', async () => {
    const issue = await t.issue({ creator_id: t.ids.reporter }, t.manager);
    assert.equal((await last(issue)).actor_id, t.ids.manager);
  });

  test('keeps each changed field with what it was and what it became', async () => {
    const issue = await t.issue({ due_date: '2030-01-01' });
    const changed = await t.change(issue, { title: 'New title', priority: 'high', due_date: null, type: 'task' }, t.developer2);
    const event = await last(issue);
    expect.includes(event, { type: 'updated', actor_id: t.ids.developer2, version: 2, at: changed.updated_at });
    assert.deepEqual(event.changes, {
      title: { from: issue.title, to: 'New title' }, priority: { from: 'medium', to: 'high' }, type: { from: 'bug', to: 'task' },
      due_date: { from: '2030-01-01', to: null },
    });
  });

  test('tells changes of status and of the assignee apart', async () => {
    const issue = await t.issue();
    const moved = await t.change(issue, { status: 'in_progress' });
    const event = await last(issue);
    assert.equal(event.type, 'status_changed');
    assert.deepEqual(event.changes.status, { from: 'open', to: 'in_progress' });
    await t.change(moved, { assignee_id: t.ids.developer2 });
    const assigned = await last(issue);
    assert.equal(assigned.type, 'assigned');
    assert.deepEqual(assigned.changes.assignee_id, { from: null, to: t.ids.developer2 });
  });

  test('has a row for every version, whatever made it', async () => {
    const issue = await t.issue();
    let now = await t.change(issue, { title: 'Two', status: 'resolved', assignee_id: t.ids.developer });
    now = (await t.developer.put(at(issue), { version: now.version, title: 'Three', status: 'closed' })).body;
    expect.status(await t.manager.delete(at(issue)), 204);
    now = expect.status(await t.manager.post(`${at(issue)}/restore`), 200).body;
    now = await t.change(now, { status: 'open' });
    const events = await history(issue);
    const versions = [...new Set(events.map(({ version }) => version))];
    assert.deepEqual(versions, Array.from({ length: now.version }, (_, i) => i + 1));
    assert.deepEqual(events.filter(({ type }) => ['deleted', 'restored'].includes(type)).map(({ type }) => type), ['deleted', 'restored']);
    assert.ok(events.every(({ at: time }, i) => i === 0 || time >= events[i - 1].at));
  });

  test('is as long as it was after a change that was refused', async () => {
    const issue = await t.issueIn('closed');
    await t.unchanged(async () => {
      expect.status(await t.developer.patch(at(issue), { version: 1, title: 'x' }), 409);
      expect.status(await t.developer.patch(at(issue), { version: 2, status: 'resolved' }), 409);
      expect.status(await t.reporter.patch(at(issue), { version: 2, title: 'x' }), 403);
      expect.status(await t.developer.patch(at(issue), { version: 2, title: '' }), 422);
      expect.status(await t.developer.patch(at(issue), { title: 'x' }), 428);
      expect.status(await t.developer.delete(at(issue)), 403);
      expect.status(await t.manager.delete(at(issue), { headers: { 'If-Match': '"1-x"' } }), 412);
    });
  });

  test('undone from the end, gives what the issue was at first', async () => {
    const issue = await t.issue({ description: 'first', due_date: '2030-06-01' });
    let now = issue;
    const steps = [
      { title: 'B', description: '' }, { status: 'in_progress', assignee_id: t.ids.developer }, { due_date: null, priority: 'critical' },
      { status: 'resolved', type: 'epic' }, { description: 'again', assignee_id: null },
    ];
    for (const step of steps) now = await t.change(now, step);
    const state = { ...now };
    for (const { changes, type } of (await history(issue)).reverse()) {
      if (type === 'created') continue;
      for (const [name, { from, to }] of Object.entries(changes)) {
        assert.deepEqual(state[name] ?? null, to, name);
        state[name] = from;
      }
    }
    for (const name of ['title', 'description', 'type', 'status', 'priority', 'assignee_id', 'due_date', 'parent_id']) {
      assert.deepEqual(state[name], issue[name], name);
    }
  });

  test('cannot be rewritten', async () => {
    const issue = await t.issue();
    await assert.rejects(t.db.exec(`UPDATE issue_events SET actor_id = '${t.ids.admin}' WHERE issue_id = '${issue.id}';`), /append-only/);
  });
});
