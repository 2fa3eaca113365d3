// Watchers: who is one by what they do, who wants to be one or no more, and who may not know of the issue.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { newcomer } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const at = (issue) => `/api/v1/issues/${issue.id ?? issue}/watchers`;

describe('watchers', () => {
  const t = useTracker();
  const say = async (issue, content, client = t.reporter) => expect.status(await client.post(`/api/v1/issues/${issue.id}/comments`, { content }), 201).body;
  const watching = async (issue, client = t.developer) => {
    const { items } = expect.status(await client.get(at(issue)), 200).body;
    return Object.fromEntries(items.map(({ handle, reason }) => [handle, reason]));
  };

  test('are those who make, work on, comment, and are mentioned, each once and for the first reason that holds', async () => {
    const issue = await t.issue({ assignee_id: t.ids.developer2 });
    assert.deepEqual(await watching(issue), { developer: 'creator', developer2: 'assignee' });
    await say(issue, 'I see it, too. @manager @reporter');
    await say(issue, 'So do I. @reporter2', t.developer);
    const both = { developer: 'creator', developer2: 'assignee', manager: 'mentioned', reporter: 'commented', reporter2: 'mentioned' };
    assert.deepEqual(await watching(issue), both);
    const [first] = expect.status(await t.reporter.get(at(issue)), 200).body.items;
    assert.deepEqual(first, { user_id: t.ids.developer, name: 'developer', handle: 'developer', reason: 'creator' });
    await t.change(issue, { assignee_id: null });
    assert.deepEqual(Object.keys(await watching(issue)), ['developer', 'manager', 'reporter', 'reporter2']);
  });

  test('are those, too, whom a comment mentions since it was edited', async () => {
    const issue = await t.issue();
    const comment = await say(issue, 'It is broken.');
    expect.status(await t.reporter.patch(`/api/v1/comments/${comment.id}`, { content: 'It is broken, @admin.', version: 1 }), 200);
    assert.equal((await watching(issue)).admin, 'mentioned');
  });

  test('become so by their own wish, however often, and no more; without any change of the issue', async () => {
    const issue = await t.issue();
    for (let i = 0; i < 2; i++) expect.status(await t.reporter.put(`${at(issue.key.toLowerCase())}/me`), 204);
    assert.deepEqual(await watching(issue), { developer: 'creator', reporter: 'manual' });
    for (let i = 0; i < 2; i++) expect.status(await t.reporter.delete(`${at(issue)}/me`), 204);
    assert.deepEqual(await watching(issue), { developer: 'creator' });
    assert.deepEqual(await t.read(issue), issue);
    assert.equal((await t.db.rows(`SELECT count(*)::int AS n FROM issue_events WHERE issue_id = '${issue.id}'`))[0].n, 1);
  });

  test('who stopped stays away whatever they do, until they want to again', async () => {
    const issue = await t.issue();
    expect.status(await t.developer.delete(`${at(issue)}/me`), 204);
    assert.deepEqual(await watching(issue), {});
    await say(issue, 'Still me.', t.developer);
    await say(issue, 'Is it, @developer?');
    await t.change(issue, { assignee_id: t.ids.developer });
    assert.deepEqual(await watching(issue), { reporter: 'commented' });
    expect.status(await t.developer.put(`${at(issue)}/me`), 204);
    assert.deepEqual(await watching(issue), { developer: 'creator', reporter: 'commented' });
  });

  test('are no more those who left: out of the project, or deactivated', async () => {
    const project = await t.project({ visibility: 'private' });
    const leaving = await newcomer(t, 'developer');
    const member = `/api/v1/projects/${project.id}/members/${leaving.id}`;
    expect.status(await t.manager.put(member, { role: 'developer' }), 201);
    const issue = await t.issue({ project_id: project.id }, leaving.client);
    const count = async () => expect.status(await t.manager.get(at(issue)), 200).body.meta.total;
    expect.status(await t.manager.put(`${at(issue)}/me`), 204);
    assert.equal(await count(), 2);
    expect.status(await t.manager.delete(member), 204);
    assert.equal(await count(), 1);
    expect.status(await t.manager.put(member, { role: 'reporter' }), 201);
    assert.equal(await count(), 2);
    expect.status(await t.admin.patch(`/api/v1/users/${leaving.id}`, { is_active: false }), 200);
    assert.equal(await count(), 1);
    expect.includes(expect.status(await t.manager.get(`/api/v1/issues/${issue.key}?include=watchers`), 200).body.watchers[0], { handle: 'manager' });
  });

  test('are listed by name, by pages and by cursor', async () => {
    const issue = await t.issue();
    await say(issue, '@admin @manager @manager2 @reporter2');
    const names = ['admin', 'developer', 'manager', 'manager2', 'reporter', 'reporter2'];
    assert.deepEqual((await t.reporter.walk(`${at(issue)}?size=2`)).map((w) => w.name), names);
    assert.deepEqual((await t.reporter.walk(`${at(issue)}?size=2&sort=-name`)).map((w) => w.name), [...names].reverse());
    const page = expect.status(await t.reporter.get(`${at(issue)}?size=4&page=2&fields=name`), 200).body;
    assert.deepEqual(page.items, [{ name: 'reporter' }, { name: 'reporter2' }]);
    assert.equal(page.meta.total, 6);
  });

  test('of an issue that is not there for the caller, nothing is to be had, and nothing is changed', async () => {
    const project = await t.project({ visibility: 'private' });
    const [hidden, gone] = [await t.issue({ project_id: project.id }, t.manager), await t.issue()];
    expect.status(await t.manager.delete(`/api/v1/issues/${gone.id}`), 204);
    await t.unchanged(async () => {
      for (const which of [hidden, gone, randomUUID(), 'NO-1', 'no key']) {
        const path = at(which.id ?? encodeURIComponent(which));
        expect.problem(await t.reporter.get(path), 404, 'not_found');
        expect.problem(await t.reporter.put(`${path}/me`), 404, 'not_found');
        expect.problem(await t.reporter.delete(`${path}/me`), 404, 'not_found');
      }
      expect.status(await t.reporter.put(`${at(hidden)}/${t.ids.reporter2}`), 404);
      expect.problem(await t.reporter.get(`${at(hidden)}?unread=1`), 422, 'validation_failed', { unread: 'unknown_parameter' });
    });
  });

  test('everybody at once: each watches once, nothing fails', async () => {
    const issue = await t.issue();
    const people = ['admin', 'manager', 'developer', 'developer2', 'reporter', 'reporter2'];
    const everybody = '@admin @manager @developer @developer2 @reporter @reporter2';
    await Promise.all(people.flatMap((person) => [say(issue, everybody, t[person]), say(issue, 'x', t[person])]));
    assert.deepEqual(Object.keys(await watching(issue)).sort(), [...people].sort());
    await Promise.all(people.flatMap((person) => Array.from({ length: 4 }, (_, i) => t[person][i % 2 ? 'put' : 'delete'](`${at(issue)}/me`).then((r) => expect.status(r, 204)))));
  });
});
