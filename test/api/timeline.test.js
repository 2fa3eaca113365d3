// The history of an issue, and the issue as it was.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random } from '../contract/generate.js';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const SEED = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 32);

describe('the timeline of an issue', () => {
  const t = useTracker();
  const timeline = (issue, query = '', client = t.reporter) => client.get(`${ISSUES}/${issue.id}/timeline${query}`);

  test('tells everything that was done, with who did it', async () => {
    const issue = await t.issue({}, t.reporter);
    await t.change(issue, { status: 'in_progress' });
    await t.change({ ...issue, version: 2 }, { assignee_id: t.ids.developer2 });
    const comment = expect.status(await t.reporter.post(`${ISSUES}/${issue.id}/comments`, { content: 'Why?' }), 201).body;
    await t.change({ ...issue, version: 3 }, { title: 'Another' }, t.manager);
    const { items, meta } = expect.status(await timeline(issue), 200).body;
    assert.deepEqual(items.map((e) => [e.type, e.actor_name, e.version]), [
      ['created', 'reporter', 1], ['status_changed', 'developer', 2], ['assigned', 'developer', 3], ['commented', 'reporter', 3], ['updated', 'manager', 4]]);
    assert.equal(meta.total, 5);
    assert.deepEqual(items[1].changes, { status: { from: 'open', to: 'in_progress' } });
    assert.deepEqual(items[3].comment, { id: comment.id, parent_id: null, content: 'Why?', deleted: false, version: 1 });
    assert.equal(items[0].comment, null);
    for (const event of items) expect.instant(event.at);
    const newest = expect.status(await timeline(issue, '?sort=-at&size=2'), 200).body.items;
    assert.deepEqual(newest.map((e) => e.type), ['updated', 'commented']);
    assert.deepEqual(expect.status(await timeline(issue, '?type=commented&type=created'), 200).body.items.map((e) => e.type), ['created', 'commented']);
    assert.deepEqual((await t.reporter.walk(`${ISSUES}/${issue.key}/timeline?size=2`)).map((e) => e.id), items.map((e) => e.id));
    expect.status(await t.reporter.delete(`/api/v1/comments/${comment.id}`), 204);
    assert.equal(expect.status(await timeline(issue), 200).body.items[3].comment, null);
  });

  test('is for those who may see the issue, and of a deleted one for managers', async () => {
    const hidden = await t.issue({ project_id: (await t.project({ visibility: 'private' })).id }, t.manager);
    expect.problem(await timeline(hidden), 404, 'not_found');
    const gone = await t.issue();
    expect.status(await t.manager.delete(`${ISSUES}/${gone.id}`), 204);
    expect.problem(await timeline(gone), 404, 'not_found');
    assert.deepEqual(expect.status(await timeline(gone, '', t.manager), 200).body.items.map((e) => e.type), ['created', 'deleted']);
    expect.problem(await t.reporter.get(`${ISSUES}/NONE-1/timeline`), 404, 'not_found');
    expect.problem(await timeline(await t.issue(), '?type=voted'), 422, 'validation_failed', { type: 'invalid_value' });
  });
});

describe('an issue as it was', () => {
  const t = useTracker();
  const asOf = (issue, moment, client = t.reporter) => client.get(`${ISSUES}/${issue.id}?as_of=${moment}`);

  test(`is at each of its versions what it was then, after random changes (PROPERTY_SEED=${SEED})`, async () => {
    const random = new Random(SEED);
    const project = await t.project();
    const labels = [];
    for (const name of ['a', 'b', 'c']) labels.push(expect.status(await t.manager.post('/api/v1/labels', { name, color: '#000000', project_id: project.id }), 201).body.id);
    const parents = [await t.issue({ project_id: project.id }), await t.issue({ project_id: project.id })].map((i) => i.id);
    for (let round = 0; round < 5; round++) {
      let issue = await t.issue({ project_id: project.id, description: random.pick(['', 'text']), label_ids: random.pick([[], [labels[0]]]), due_date: random.pick([null, '2031-01-01']) });
      const seen = [issue];
      for (let i = 0; i < 25; i++) {
        const change = random.pick([
          { title: `Title ${random.below(5)}` }, { description: random.pick([null, 'more', 'less']) }, { type: random.pick(['bug', 'task', 'epic']) }, { priority: random.pick(['low', 'high']) },
          { assignee_id: random.pick([null, t.ids.developer, t.ids.reporter]) }, { parent_id: random.pick([null, ...parents]) }, { due_date: random.pick([null, '2030-02-28', '2032-02-29']) },
          { label_ids: labels.filter(() => random.chance(0.5)) }, { status: random.pick(['open', 'in_progress', 'resolved', 'closed']) }, { status: random.pick(['open', 'resolved', 'closed']), title: `Both ${i}` },
        ]);
        const r = await t.developer.patch(`${ISSUES}/${issue.id}`, { version: issue.version, ...change });
        if (r.status === 409) continue; // a transition that there is not
        issue = expect.status(r, 200).body;
        if (issue.version > seen.at(-1).version) seen.push(issue);
      }
      for (const then of seen) {
        const { body } = expect.status(await asOf(issue, then.updated_at), 200);
        assert.deepEqual(body, then);
      }
      assert.deepEqual(seen.at(-1), await t.read(issue));
    }
  });

  test('was not there before it was made, nor while it was deleted', async () => {
    const issue = await t.issue();
    expect.problem(await asOf(issue, '2020-01-01T00:00:00Z'), 404, 'not_found');
    expect.status(await t.manager.delete(`${ISSUES}/${issue.id}`), 204);
    const deleted = (await t.db.rows(`SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at FROM issue_events WHERE issue_id = '${issue.id}' AND type = 'deleted'`))[0].at;
    expect.problem(await asOf(issue, deleted), 404, 'not_found');
    expect.status(await t.manager.post(`${ISSUES}/${issue.id}/restore`), 200);
    expect.problem(await asOf(issue, deleted), 404, 'not_found');
    expect.status(await asOf(issue, issue.updated_at), 200);
    const r = expect.status(await t.reporter.get(`${ISSUES}/${issue.key}?as_of=${issue.updated_at}&fields=title,version`), 200);
    assert.deepEqual(r.body, { title: issue.title, version: 1 });
    expect.problem(await asOf(issue, 'yesterday'), 422, 'validation_failed', { as_of: 'invalid_format' });
  });
});
