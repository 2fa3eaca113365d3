// Comments: threads, mentions, editing, deleting, and what they mean for the issue.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const at = (issue) => `/api/v1/issues/${issue.id}/comments`;
const one = (comment) => `/api/v1/comments/${comment.id}`;

describe('comments', () => {
  const t = useTracker();
  const comment = async (issue, content = 'text', more = {}, client = t.reporter) => expect.status(await client.post(at(issue), { content, ...more }), 201).body;
  const count = async (issue) => (await t.read(issue)).comment_count;

  test('are made, read, and counted on the issue, whose version stays', async () => {
    const issue = await t.issue();
    const r = expect.status(await t.reporter.post(`/api/v1/issues/${issue.key.toLowerCase()}/comments`, { content: 'It *is* broken.' }), 201);
    expect.members(r.body, ['id', 'issue_id', 'parent_id', 'author_id', 'content', 'deleted', 'mentions', 'version', 'created_at', 'updated_at']);
    expect.includes(r.body, { issue_id: issue.id, parent_id: null, author_id: t.ids.reporter, content: 'It *is* broken.', deleted: false, mentions: [], version: 1 });
    assert.equal(r.headers.location, one(r.body));
    expect.versionTag(r, 1);
    assert.deepEqual(expect.status(await t.developer.get(one(r.body)), 200).body, r.body);
    const now = await t.read(issue);
    assert.deepEqual([now.comment_count, now.version, now.updated_at], [1, issue.version, issue.updated_at]);
    const [event] = await t.db.rows(`SELECT type, version, changes FROM issue_events WHERE issue_id = '${issue.id}' AND type = 'commented'`);
    assert.equal(event.version, 1);
    assert.ok(JSON.stringify(event.changes).includes(r.body.id));
  });

  test('make threads of any depth, within one issue', async () => {
    const [issue, other] = [await t.issue(), await t.issue()];
    let last = null;
    for (let i = 0; i < 500; i++) last = await comment(issue, `${i}`, { parent_id: last?.id ?? null });
    assert.equal(await count(issue), 500);
    for (const parent_id of [randomUUID(), (await comment(other)).id]) {
      expect.problem(await t.reporter.post(at(issue), { content: 'x', parent_id }), 422, 'validation_failed', { parent_id: 'unknown' });
    }
    const replies = expect.status(await t.reporter.get(`${at(issue)}?parent_id=${last.parent_id}`), 200).body;
    assert.deepEqual(replies.items.map((c) => c.id), [last.id]);
    assert.equal(expect.status(await t.reporter.get(`${at(issue)}?parent_id=none`), 200).body.items.length, 1);
  });

  test('are listed from the oldest on, by pages and by cursor', async () => {
    const issue = await t.issue();
    const made = [];
    for (let i = 0; i < 7; i++) made.push((await comment(issue, `${i}`, {}, i % 2 ? t.developer : t.reporter)).id);
    const page = expect.status(await t.reporter.get(`${at(issue)}?size=3&page=2`), 200).body;
    assert.deepEqual(page.items.map((c) => c.id), made.slice(3, 6));
    assert.equal(page.meta.total, 7);
    assert.deepEqual((await t.reporter.walk(`${at(issue)}?size=2`)).map((c) => c.id), made);
    assert.deepEqual((await t.reporter.walk(`${at(issue)}?size=2&sort=-created_at`)).map((c) => c.id), [...made].reverse());
    assert.equal(expect.status(await t.developer.get(`${at(issue)}?author_id=me`), 200).body.meta.total, 3);
    assert.deepEqual(expect.status(await t.reporter.get(at(await t.issue())), 200).body.items, []);
  });

  test('mention active people who can see them', async () => {
    const project = await t.project({ visibility: 'private' });
    expect.status(await t.manager.put(`/api/v1/projects/${project.id}/members/${t.ids.developer}`, { role: 'developer' }), 201);
    const issue = await t.issue({ project_id: project.id }, t.manager);
    const text = '@developer, `@manager` @reporter2 @Admin and @nobody';
    const made = await comment(issue, text, {}, t.developer);
    assert.deepEqual(made.mentions.map((m) => m.handle), ['admin', 'developer']);
    const open = await comment(await t.issue(), text, {}, t.developer);
    assert.deepEqual(open.mentions.map((m) => m.handle), ['admin', 'developer', 'reporter2']);
    assert.deepEqual(open.mentions[1], { id: t.ids.developer, handle: 'developer', name: 'developer' });
    assert.equal(expect.status(await t.developer.get('/api/v1/users/me'), 200).body.handle, 'developer');
  });

  test('are changed by their authors alone, on the version that they have seen', async () => {
    const issue = await t.issue();
    const made = await comment(issue);
    const changed = expect.status(await t.reporter.patch(one(made), { content: 'Better. @manager', version: 1 }), 200);
    expect.includes(changed.body, { content: 'Better. @manager', version: 2 });
    assert.deepEqual(changed.body.mentions.map((m) => m.handle), ['manager']);
    expect.versionTag(changed, 2);
    assert.equal(expect.status(await t.reporter.patch(one(made), { content: 'Better. @manager', version: 2 }), 200).body.version, 2);
    await t.unchanged(async () => {
      assert.deepEqual(expect.problem(await t.reporter.patch(one(made), { content: 'x', version: 1 }), 409, 'version_conflict').body.current, changed.body);
      expect.problem(await t.reporter.patch(one(made), { content: 'x' }, { headers: { 'If-Match': '"1-0"' } }), 412, 'precondition_failed');
      expect.problem(await t.reporter.patch(one(made), { content: 'x' }), 428, 'version_required');
      for (const person of [t.developer, t.manager, t.admin]) expect.problem(await person.patch(one(made), { content: 'x', version: 2 }), 403, 'forbidden');
      expect.problem(await t.reporter.patch(one({ id: randomUUID() }), { content: 'x', version: 1 }), 404, 'not_found');
    });
  });

  test('that are deleted stay for their replies, without what they said', async () => {
    const issue = await t.issue();
    const top = await comment(issue, 'secret');
    const middle = await comment(issue, 'middle', { parent_id: top.id });
    const leaf = await comment(issue, 'leaf', { parent_id: middle.id }, t.developer);
    expect.problem(await t.developer.delete(one(top)), 403, 'forbidden');
    expect.status(await t.reporter.delete(one(top)), 204);
    assert.equal(await count(issue), 2);
    const tombstone = expect.status(await t.reporter.get(one(top)), 200).body;
    expect.includes(tombstone, { content: '', deleted: true, mentions: [] });
    expect.problem(await t.reporter.delete(one(top)), 404, 'not_found');
    expect.problem(await t.reporter.patch(one(top), { content: 'x', version: 2 }), 404, 'not_found');
    expect.problem(await t.reporter.post(at(issue), { content: 'x', parent_id: top.id }), 422, 'validation_failed', { parent_id: 'unknown' });
    expect.status(await t.manager.delete(one(middle)), 204);
    assert.equal(expect.status(await t.reporter.get(at(issue)), 200).body.meta.total, 3);
    // With the last reply all that stayed for its sake goes.
    expect.status(await t.developer.delete(one(leaf)), 204);
    assert.deepEqual(expect.status(await t.reporter.get(at(issue)), 200).body.items, []);
    assert.equal(await count(issue), 0);
    expect.problem(await t.reporter.get(one(top)), 404, 'not_found');
    assert.equal((await t.db.rows("SELECT 1 FROM comments WHERE content = 'secret'")).length, 0);
  });

  test('If-Match is honoured by DELETE when it is given', async () => {
    const made = await comment(await t.issue());
    expect.problem(await t.reporter.delete(one(made), { headers: { 'If-Match': '"7-0"' } }), 412, 'precondition_failed');
    expect.status(await t.reporter.delete(one(made), { headers: { 'If-Match': '"1-0"' } }), 204);
  });

  test('are counted right however many come and go at the same time', async () => {
    const issue = await t.issue();
    const top = await comment(issue);
    const made = await Promise.all(Array.from({ length: 40 }, (_, i) => comment(issue, `${i}`, i % 2 ? { parent_id: top.id } : {}, [t.reporter, t.developer][i % 2])));
    const gone = await Promise.all([...made.slice(0, 20), top].map((c) => t.manager.delete(one(c))));
    for (const r of gone) expect.status(r, 204);
    const left = await t.reporter.walk(`${at(issue)}?size=10`);
    assert.equal(left.filter((c) => !c.deleted).length, 20);
    assert.equal(await count(issue), 20);
  });

  test('a reply and the end of what it replies to do not meet badly', async () => {
    for (let i = 0; i < 30; i++) {
      const issue = await t.issue();
      const top = await comment(issue);
      const [reply, gone] = await Promise.all([t.developer.post(at(issue), { content: 'reply', parent_id: top.id }), t.reporter.delete(one(top))]);
      expect.status(gone, 204);
      expect.oneOf(reply, [201, 409, 422]);
      const all = expect.status(await t.reporter.get(at(issue)), 200).body.items;
      assert.equal(all.length, reply.status === 201 ? 2 : 0);
      assert.equal(await count(issue), reply.status === 201 ? 1 : 0);
    }
  });

  test('are not for those who may not see the issue, nor on one that is deleted', async () => {
    const project = await t.project({ visibility: 'private' });
    const hidden = await t.issue({ project_id: project.id }, t.manager);
    const said = await comment(hidden, 'hidden', {}, t.manager);
    const gone = await t.issue();
    const lost = await comment(gone);
    expect.status(await t.manager.delete(`/api/v1/issues/${gone.id}`), 204);
    await t.unchanged(async () => {
      for (const issue of [hidden, gone]) {
        expect.problem(await t.reporter.get(at(issue)), 404, 'not_found');
        expect.problem(await t.reporter.post(at(issue), { content: 'x' }), 404, 'not_found');
      }
      for (const each of [said, lost]) {
        expect.problem(await t.reporter.get(one(each)), 404, 'not_found');
        expect.problem(await t.reporter.patch(one(each), { content: 'x', version: 1 }), 404, 'not_found');
        expect.problem(await t.reporter.delete(one(each)), 404, 'not_found');
      }
      expect.problem(await t.reporter.get(one({ id: 'x' })), 404, 'not_found');
    });
  });

  test('have a content of 1 to 65,536 characters that is not blank', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      for (const [content, code] of [['', 'blank'], [' \n\t', 'blank'], ['x'.repeat(70_000), 'too_long'], [7, 'invalid_type'], [null, 'null_not_allowed']]) {
        expect.problem(await t.reporter.post(at(issue), { content }), 422, 'validation_failed', { content: code });
      }
      expect.problem(await t.reporter.post(at(issue), {}), 422, 'validation_failed', { content: 'required' });
      expect.problem(await t.reporter.post(at(issue), { content: 'x', parent_id: 'top' }), 422, 'validation_failed', { parent_id: 'invalid_format' });
      expect.problem(await t.reporter.post(at(issue), { content: 'x', issue_id: issue.id }), 422, 'validation_failed', { issue_id: 'unknown_field' });
      expect.problem(await t.reporter.post(at(issue), '{"content": "a\\u0000b"}'), 400, 'malformed_json');
    });
    assert.equal((await comment(issue, 'ä'.repeat(65_536))).content.length, 65_536);
  });
});
