import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const STATUSES = ['open', 'in_progress', 'resolved', 'closed'];
const ALLOWED = {
  open: ['in_progress', 'resolved', 'closed'],
  in_progress: ['resolved', 'open'],
  resolved: ['closed', 'open', 'in_progress'],
  closed: ['open'],
};

describe('workflow', () => {
  const t = useTracker();
  const move = (issue, status) => t.developer.patch(`/api/v1/issues/${issue.id}`, { version: issue.version, status });

  for (const from of STATUSES) {
    for (const to of STATUSES.filter((status) => status !== from)) {
      if (ALLOWED[from].includes(to)) {
        test(`${from} → ${to} is allowed`, async () => {
          const issue = await t.issueIn(from);
          const moved = expect.status(await move(issue, to), 200).body;
          expect.includes(moved, { status: to, version: issue.version + 1 });
        });
      } else {
        test(`${from} → ${to} is refused with what is allowed`, async () => {
          const issue = await t.issueIn(from);
          await t.unchanged(async () => {
            const r = expect.problem(await move(issue, to), 409, 'invalid_transition');
            assert.deepEqual([...r.body.allowed].sort(), [...ALLOWED[from]].sort());
          });
        });
      }
    }
  }

  test('the same status again is no transition', async () => {
    for (const status of STATUSES) {
      const issue = await t.issueIn(status);
      const r = expect.status(await move(issue, status), 200);
      expect.includes(r.body, { status, resolved_at: issue.resolved_at, closed_at: issue.closed_at });
    }
  });

  test('a refused transition changes none of the other fields', async () => {
    const issue = await t.issueIn('in_progress');
    await t.unchanged(async () => {
      const r = await t.developer.patch(`/api/v1/issues/${issue.id}`, { version: issue.version, title: 'x', status: 'closed' });
      expect.problem(r, 409, 'invalid_transition');
    });
  });

  test('a stale version is told before a forbidden transition', async () => {
    const issue = await t.issueIn('in_progress');
    const r = await t.developer.patch(`/api/v1/issues/${issue.id}`, { version: issue.version - 1, status: 'closed' });
    expect.problem(r, 409, 'version_conflict');
  });

  test('resolved_at is when it was resolved, and goes when it is taken up again', async () => {
    for (const again of ['open', 'in_progress']) {
      const resolved = await t.change(await t.issue(), { status: 'resolved' });
      assert.equal(resolved.resolved_at, resolved.updated_at);
      assert.equal(resolved.closed_at, null);
      const edited = await t.change(resolved, { title: 'Still resolved' });
      assert.equal(edited.resolved_at, resolved.resolved_at);
      expect.includes(await t.change(edited, { status: again }), { resolved_at: null, closed_at: null });
    }
  });

  test('closed_at is when it was closed; resolved_at stays; reopening clears both', async () => {
    const resolved = await t.change(await t.issue(), { status: 'resolved' });
    const closed = await t.change(resolved, { status: 'closed' });
    expect.includes(closed, { resolved_at: resolved.resolved_at, closed_at: closed.updated_at });
    const edited = await t.change(closed, { title: 'Still closed' });
    expect.includes(edited, { resolved_at: resolved.resolved_at, closed_at: closed.closed_at });
    expect.includes(await t.change(edited, { status: 'open' }), { resolved_at: null, closed_at: null });
  });

  test('closing at once sets closed_at', async () => {
    const closed = await t.change(await t.issue(), { status: 'closed' });
    assert.equal(closed.closed_at, closed.updated_at);
  });

  test('the transitions are rows of the database, not code', async () => {
    const issue = await t.issueIn('closed');
    expect.problem(await move(issue, 'in_progress'), 409, 'invalid_transition');
    await t.db.exec("INSERT INTO workflow_transitions (from_status, to_status) VALUES ('closed', 'in_progress');");
    try {
      expect.status(await move(issue, 'in_progress'), 200);
    } finally {
      await t.db.exec("DELETE FROM workflow_transitions WHERE from_status = 'closed' AND to_status = 'in_progress';");
    }
  });
});
