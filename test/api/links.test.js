// Links between issues: how each of the two sees them, who may make them, and that they never lead in a circle.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const at = (issue) => `/api/v1/issues/${issue.id}/links`;

describe('links', () => {
  const t = useTracker();
  const post = (from, type, to, client = t.developer) => client.post(at(from), { type, issue_id: to.id });
  const link = async (from, type, to, client) => expect.status(await post(from, type, to, client), 201).body;
  const seen = async (issue, query = '', client = t.reporter) => (await client.walk(`${at(issue)}?size=2${query}`)).map((l) => [l.type, l.issue.key]);
  const issues = (n, fields) => Promise.all(Array.from({ length: n }, () => t.issue(fields)));

  test('are seen from both issues, each in its own words', async () => {
    const [a, b, c] = await issues(3);
    const r = expect.status(await t.developer.post(`/api/v1/issues/${a.key.toLowerCase()}/links`, { type: 'blocks', issue_id: b.key.toLowerCase() }), 201);
    expect.members(r.body, ['id', 'type', 'issue', 'creator_id', 'created_at']);
    expect.includes(r.body, { type: 'blocks', issue: { id: b.id, key: b.key, title: b.title, status: 'open' }, creator_id: t.ids.developer });
    assert.equal(r.headers.location, `/api/v1/issues/${a.key}/links/${r.body.id}`);
    assert.deepEqual(expect.status(await t.reporter.get(r.headers.location), 200).body, r.body);
    expect.includes(expect.status(await t.reporter.get(`${at(b)}/${r.body.id}`), 200).body, { type: 'blocked_by', issue: { id: a.id, key: a.key, title: a.title, status: 'open' } });
    await link(a, 'duplicates', c);
    await link(c, 'relates_to', a);
    assert.deepEqual(await seen(a), [['blocks', b.key], ['duplicates', c.key], ['relates_to', c.key]]);
    assert.deepEqual(await seen(a, '&type=relates_to,blocks&sort=-created_at'), [['relates_to', c.key], ['blocks', b.key]]);
    assert.deepEqual(await seen(b), [['blocked_by', a.key]]);
    assert.deepEqual(await seen(c), [['duplicated_by', a.key], ['relates_to', a.key]]);
    assert.equal(expect.status(await t.reporter.get(at(a)), 200).body.meta.total, 3);
    expect.status(await t.developer.delete(`${at(b)}/${r.body.id}`), 204);
    expect.problem(await t.developer.delete(`${at(b)}/${r.body.id}`), 404, 'not_found');
    assert.deepEqual(await seen(b), []);
  });

  test('are in the history of both issues, whose versions stay', async () => {
    const [a, b] = await issues(2);
    const made = await link(a, 'blocks', b);
    expect.status(await t.developer2.delete(`${at(a)}/${made.id}`), 204);
    const events = (issue) => t.db.rows(`SELECT type, actor_id, version, changes FROM issue_events WHERE issue_id = '${issue.id}' AND changes ? 'link' ORDER BY id`);
    for (const [issue, type, other] of [[a, 'blocks', b], [b, 'blocked_by', a]]) {
      const to = { id: made.id, type, issue_id: other.id };
      assert.deepEqual(await events(issue), [
        { type: 'updated', actor_id: t.ids.developer, version: 1, changes: { link: { from: null, to } } },
        { type: 'updated', actor_id: t.ids.developer2, version: 1, changes: { link: { from: to, to: null } } },
      ]);
      assert.deepEqual(await t.read(issue), issue);
    }
  });

  test('are there once, in whichever direction and however many ask at once', async () => {
    const [a, b, c] = await issues(3);
    await link(a, 'relates_to', b);
    await t.unchanged(async () => {
      expect.problem(await post(a, 'relates_to', b), 409, 'link_exists');
      expect.problem(await post(b, 'relates_to', a), 409, 'link_exists');
    });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? post(a, 'relates_to', c) : post(c, 'relates_to', a))));
    assert.deepEqual(answers.map((r) => r.status).sort(), [201, ...Array(9).fill(409)]);
    await link(a, 'blocks', b);
  });

  test('never lead in a circle, near or far', async () => {
    const chain = await issues(6);
    for (let i = 1; i < chain.length; i++) await link(chain[i - 1], 'blocks', chain[i]);
    await t.unchanged(async () => {
      for (const [from, to] of [[1, 0], [5, 0], [4, 2]]) expect.problem(await post(chain[from], 'blocks', chain[to]), 409, 'link_cycle');
    });
    await link(chain[0], 'blocks', chain[5]);
    await link(chain[5], 'relates_to', chain[0]);
    await link(chain[5], 'duplicates', chain[0]);
    expect.problem(await post(chain[0], 'duplicates', chain[5]), 409, 'link_cycle');
  });

  test('two that would close a circle together: one of them is refused, in the same project or in two', async () => {
    const other = await t.project();
    for (let round = 0; round < 50; round++) {
      const ring = [...await issues(2), ...await issues(1, round % 2 ? { project_id: other.id } : {})];
      const answers = await Promise.all(ring.map((issue, i) => post(issue, 'blocks', ring[(i + 1) % ring.length], [t.developer, t.developer2, t.manager][i])));
      assert.deepEqual(answers.map((r) => r.status).sort(), [201, 201, 409], `round ${round}`);
      expect.problem(answers.find((r) => r.status === 409), 409, 'link_cycle');
    }
  });

  test('and changes of the issues do not wait for each other in a circle', async () => {
    const all = await issues(8);
    const jobs = [];
    for (let i = 0; i < 60; i++) {
      const [a, b] = [all[i % 8], all[(i * 3 + 1) % 8]];
      if (i % 3 === 2) jobs.push(t.developer.post('/api/v1/issues/bulk', { issue_ids: all.map(({ id }) => id).sort(() => (i % 2 ? 1 : -1)), set: { priority: i % 2 ? 'low' : 'high' } }));
      else jobs.push(post(a, i % 2 ? 'relates_to' : 'blocks', b));
    }
    for (const r of await Promise.all(jobs)) expect.oneOf(r, [200, 201, 409, 422]);
  });

  test('keep a blocked issue from being done', async () => {
    const [a, b] = await issues(2);
    await link(a, 'blocks', b);
    const r = expect.problem(await t.developer.patch(`/api/v1/issues/${b.id}`, { status: 'resolved', version: 1 }), 409, 'blocked');
    assert.deepEqual(r.body.blocked_by, [a.key]);
    await t.change(a, { status: 'closed' });
    await t.change(b, { status: 'resolved' });
  });

  test('are in the history of an issue for those alone who may see the other one', async () => {
    const hidden = await t.project({ visibility: 'private' });
    const [mine, other] = await issues(2);
    const secret = await t.issue({ project_id: hidden.id }, t.manager);
    const made = await link(mine, 'relates_to', secret, t.manager);
    await link(mine, 'relates_to', other);
    expect.status(await t.manager.delete(`${at(mine)}/${made.id}`), 204);
    const timeline = async (client) => {
      const { items, meta } = expect.status(await client.get(`/api/v1/issues/${mine.id}/timeline?type=updated`), 200).body;
      assert.equal(meta.total, items.length);
      return items.map(({ changes: { link: { from, to } } }) => [from?.issue_id, to?.issue_id]);
    };
    const public_ = [undefined, other.id];
    assert.deepEqual(await timeline(t.manager), [[undefined, secret.id], public_, [secret.id, undefined]]);
    assert.deepEqual(await timeline(t.reporter), [public_]);
    expect.status(await t.manager.delete(`/api/v1/projects/${hidden.id}`), 204);
    assert.deepEqual(await timeline(t.manager), [public_], 'nobody sees the project any more');
  });

  test('are not for reporters, and show nothing of what is hidden or deleted', async () => {
    const hidden = await t.project({ visibility: 'private' });
    const [mine, other] = await issues(2);
    const secret = await t.issue({ project_id: hidden.id }, t.manager);
    const made = await link(mine, 'blocks', secret, t.manager);
    const gone = await link(mine, 'blocks', other);
    expect.status(await t.manager.delete(`/api/v1/issues/${other.id}`), 204);
    assert.deepEqual(await seen(mine), []);
    assert.deepEqual(await seen(mine, '', t.manager), [['blocks', secret.key]]);
    await t.unchanged(async () => {
      expect.problem(await post(mine, 'relates_to', secret), 422, 'validation_failed', { issue_id: 'unknown' });
      expect.problem(await post(mine, 'relates_to', other), 422, 'validation_failed', { issue_id: 'unknown' });
      expect.problem(await post(mine, 'relates_to', await t.read(mine), t.reporter), 403, 'forbidden');
      for (const r of [await t.developer.get(at(secret)), await post(secret, 'blocks', mine), await t.developer.get(`${at(mine)}/${made.id}`), await t.developer.delete(`${at(mine)}/${made.id}`),
        await t.developer.delete(`${at(mine)}/${gone.id}`), await t.developer.get(`${at(secret)}/${made.id}`), await t.developer.get(at(other)), await t.manager.get(`${at(mine)}/${randomUUID()}`), await t.manager.get(`${at(mine)}/x`)]) {
        expect.problem(r, 404, 'not_found');
      }
    });
  });

  test('refuse what is malformed', async () => {
    const [a, b] = await issues(2);
    await t.unchanged(async () => {
      const bad = [[{}, { type: 'required', issue_id: 'required' }], [{ type: 'blocked_by', issue_id: b.id }, { type: 'invalid_value' }], [{ type: 'blocks', issue_id: a.key }, { issue_id: 'conflict' }],
        [{ type: 'blocks', issue_id: 'no issue' }, { issue_id: 'invalid_format' }], [{ type: 'blocks', issue_id: randomUUID() }, { issue_id: 'unknown' }], [{ type: 'blocks', issue_id: b.id, force: true }, { force: 'unknown_field' }]];
      for (const [body, errors] of bad) expect.problem(await t.developer.post(at(a), body), 422, 'validation_failed', errors);
      expect.problem(await t.developer.get(`${at(a)}?type=links`), 422, 'validation_failed', { type: 'invalid_value' });
    });
  });
});
