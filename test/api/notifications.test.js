// The inbox: who is told of what, for which reason, and never of what is nobody's business; marking as read; settings.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { bugd } from '../support/bugd.js';
import { eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { attach, importForm } from '../support/form.js';
import { newcomer } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const INBOX = '/api/v1/notifications';
const ISSUES = '/api/v1/issues';

describe('notifications', () => {
  const t = useTracker();
  const say = async (issue, content, client) => expect.status(await client.post(`${ISSUES}/${issue.id}/comments`, { content }), 201).body;
  const inbox = async (client, query = '') => expect.status(await client.get(`${INBOX}?size=100${query}`), 200).body.items;
  const unread = async (client) => expect.status(await client.get(`${INBOX}/unread`), 200).body.unread;
  /** What this person was told about an issue, the oldest first. */
  const told = async (client, issue) => (await inbox(client)).filter((n) => n.issue_id === issue.id).map((n) => n.reason).reverse();
  const mark = async (client, body) => expect.status(await client.post(`${INBOX}/read`, body), 200).body;

  test('tell those who watch an issue of comments, files and its status, and of nothing else', async () => {
    const issue = await t.issue({ assignee_id: t.ids.developer2 });
    const comment = await say(issue, 'It happens here, too.', t.reporter);
    const changed = await t.change(await t.read(issue), { status: 'in_progress' }, t.manager);
    await t.change(changed, { title: 'Nobody is told of this', priority: 'low' }, t.manager);
    const file = expect.status(await attach(t.manager, issue.id), 201).body;
    expect.status(await t.manager.delete(`/api/v1/attachments/${file.id}`), 204);
    assert.deepEqual(await told(t.developer, issue), ['commented', 'status_changed', 'attached']);
    assert.deepEqual(await told(t.developer2, issue), ['assigned', 'commented', 'status_changed', 'attached']);
    assert.deepEqual(await told(t.reporter, issue), ['status_changed', 'attached']);
    for (const client of [t.manager, t.reporter2, t.admin]) assert.deepEqual(await told(client, issue), []);
    const [first] = (await inbox(t.developer)).filter((n) => n.issue_id === issue.id).reverse();
    expect.includes(first, {
      reason: 'commented', type: 'commented', issue_key: issue.key, issue_title: 'Nobody is told of this', project_id: issue.project_id,
      actor_id: t.ids.reporter, actor_name: 'reporter', comment_id: comment.id, read_at: null,
    });
    const { items } = expect.status(await t.developer.get(`${ISSUES}/${issue.id}/timeline?type=commented`), 200).body;
    assert.equal(items[0].id, first.event_id);
  });

  test('come once for each event, for the strongest reason, and never for what one did oneself', async () => {
    const issue = await t.issue({ assignee_id: t.ids.developer2 });
    await say(issue, '@developer @developer2 @manager @reporter', t.reporter);
    assert.deepEqual(await told(t.developer, issue), ['mentioned']);
    assert.deepEqual(await told(t.developer2, issue), ['assigned', 'mentioned']);
    assert.deepEqual(await told(t.manager, issue), ['mentioned']);
    assert.deepEqual(await told(t.reporter, issue), []);
    await t.change(await t.read(issue), { status: 'in_progress', assignee_id: t.ids.reporter2 }, t.manager);
    assert.deepEqual(await told(t.reporter2, issue), ['assigned']);
    assert.deepEqual((await told(t.developer2, issue)).at(-1), 'assigned', 'who is taken off is told so');
    assert.deepEqual((await told(t.developer, issue)).at(-1), 'status_changed');
    await t.change(await t.read(issue), { assignee_id: t.ids.developer }, t.developer);
    assert.equal((await told(t.developer, issue)).length, 2);
  });

  test('tell whom an edited comment mentions only since then', async () => {
    const issue = await t.issue();
    const comment = await say(issue, 'Hm, @manager.', t.reporter);
    expect.status(await t.reporter.patch(`/api/v1/comments/${comment.id}`, { content: '@manager @admin @reporter', version: 1 }), 200);
    assert.deepEqual(await told(t.manager, issue), ['mentioned']);
    assert.deepEqual(await told(t.admin, issue), ['mentioned']);
    assert.deepEqual(await told(t.reporter, issue), []);
  });

  test('tell those who stopped watching only of what names them', async () => {
    const issue = await t.issue();
    expect.status(await t.developer.delete(`${ISSUES}/${issue.id}/watchers/me`), 204);
    await say(issue, 'Hello?', t.reporter);
    await say(issue, 'Hello, @developer?', t.reporter);
    await t.change(await t.read(issue), { status: 'in_progress' }, t.manager);
    await t.change(await t.read(issue), { assignee_id: t.ids.developer }, t.manager);
    assert.deepEqual(await told(t.developer, issue), ['mentioned', 'assigned']);
  });

  test('nobody hears of what they may not see, at the event or when reading', async () => {
    const project = await t.project({ visibility: 'private' });
    const leaving = await newcomer(t, 'developer');
    const member = `/api/v1/projects/${project.id}/members/${leaving.id}`;
    expect.status(await t.manager.put(member, { role: 'developer' }), 201);
    const issue = await t.issue({ project_id: project.id }, leaving.client);
    await say(issue, '@developer', t.manager);
    assert.equal((await told(leaving.client, issue)).length, 1);
    assert.deepEqual(await told(t.developer, issue), []);
    const [{ id }] = await inbox(leaving.client);
    expect.status(await t.manager.delete(member), 204);
    assert.deepEqual(await inbox(leaving.client), []);
    assert.equal(await unread(leaving.client), 0);
    expect.problem(await leaving.client.patch(`${INBOX}/${id}`, { read: true }), 404, 'not_found');
    await say(issue, 'Behind the back', t.manager);
    expect.status(await t.manager.put(member, { role: 'reporter' }), 201);
    assert.equal((await told(leaving.client, issue)).length, 1);
    expect.status(await t.manager.delete(`${ISSUES}/${issue.id}`), 204);
    assert.deepEqual(await inbox(leaving.client), []);
    expect.status(await t.manager.post(`${ISSUES}/${issue.id}/restore`), 200);
    assert.equal(await unread(leaving.client), 1);
  });

  test('who is deactivated is told nothing more', async () => {
    const left = await newcomer(t, 'developer');
    const issue = await t.issue({}, left.client);
    expect.status(await t.admin.patch(`/api/v1/users/${left.id}`, { is_active: false }), 200);
    await say(issue, 'Where are they?', t.reporter);
    assert.equal((await t.db.rows(`SELECT count(*)::int AS n FROM notifications WHERE user_id = '${left.id}'`))[0].n, 0);
  });

  test('an import tells nobody', async () => {
    const project = await t.project();
    const before = await unread(t.developer2);
    const { body, headers } = importForm('title,assignee\nOne,developer2@example.test\nTwo,developer2@example.test\n', { project_id: project.key });
    assert.equal(expect.status(await t.manager.post(`${ISSUES}/import`, body, { headers }), 200).body.created_count, 2);
    assert.equal(await unread(t.developer2), before);
  });

  test('a change of many tells of each, in the same transaction', async () => {
    const person = await newcomer(t, 'developer');
    const made = await Promise.all(Array.from({ length: 30 }, () => t.issue({}, person.client)));
    const change = (more) => t.developer.post(`${ISSUES}/bulk-status`, { issue_ids: made.map(({ id }) => id), new_status: 'in_progress', ...more });
    expect.status(await change({ dry_run: true }), 200);
    assert.equal(await unread(person.client), 0);
    expect.status(await change({}), 200);
    const items = await inbox(person.client);
    assert.deepEqual(items.map((n) => n.issue_id).sort(), made.map(({ id }) => id).sort());
    expect.status(await change({ new_status: 'closed', issue_ids: [...made.map(({ id }) => id), randomUUID()] }), 409);
    assert.equal(await unread(person.client), 30);
  });

  test('thousands at once are told and listed in time, also when PostgreSQL does not know yet how many there are', async () => {
    const person = await newcomer(t, 'developer');
    const project = await t.project();
    await t.issue({ project_id: project.id }, person.client);
    const { body, headers } = importForm(`title,assignee\n${`Many,${person.email}\n`.repeat(5000)}`, { project_id: project.key });
    assert.equal(expect.status(await t.manager.post(`${ISSUES}/import`, body, { headers }), 200).body.created_count, 5000);
    const issue_ids = (await t.db.rows(`SELECT id FROM issues WHERE project_id = '${project.id}'`)).map(({ id }) => id);
    expect.status(await t.manager.post(`${ISSUES}/bulk-status`, { issue_ids, new_status: 'in_progress' }), 200);
    await eventually('all is told', async () => expect.status(await person.client.get(`${INBOX}?size=1`), 200).body.meta.total === 5001);
    const [{ id: until }] = await inbox(person.client);
    assert.deepEqual(await mark(person.client, { until }), { marked: 5001, more: false });
  });

  test('are listed newest first, by pages and cursor, and by what filters say', async () => {
    const person = await newcomer(t, 'developer');
    const [one, two] = [await t.issue({ project_id: (await t.project()).id }, person.client), await t.issue({}, person.client)];
    for (let n = 0; n < 5; n++) await say(n % 2 ? one : two, `${n}`, t.reporter);
    await say(one, `@${(await person.client.get('/api/v1/users/me')).body.handle}`, t.reporter);
    const all = await inbox(person.client);
    assert.equal(all.length, 6);
    const newest = [...all].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)).map((n) => n.id);
    assert.deepEqual(all.map((n) => n.id), newest);
    assert.deepEqual((await person.client.walk(`${INBOX}?size=2`)).map((n) => n.id), newest);
    assert.deepEqual((await person.client.walk(`${INBOX}?size=2&sort=created_at`)).map((n) => n.id), [...newest].reverse());
    assert.equal((await inbox(person.client, '&reason=mentioned')).length, 1);
    assert.equal((await inbox(person.client, '&reason=mentioned,commented')).length, 6);
    assert.equal((await inbox(person.client, `&project_id=${one.project_id}`)).length, 3);
    assert.equal((await inbox(person.client, `&project_id=${one.key.split('-')[0].toLowerCase()}&reason=commented`)).length, 2);
    assert.deepEqual(await inbox(person.client, '&project_id=NONE'), []);
    await mark(person.client, { ids: [all[0].id, all[3].id, randomUUID()] });
    assert.deepEqual((await inbox(person.client, '&unread=false')).map((n) => n.id), [all[0].id, all[3].id]);
    assert.equal((await inbox(person.client, '&unread=true')).length, 4);
    expect.problem(await person.client.get(`${INBOX}?unread=maybe&reason=own&sort=title&type=x`), 422, 'validation_failed', { unread: 'invalid_value', reason: 'invalid_value', sort: 'invalid_value', type: 'unknown_parameter' });
  });

  test('are marked one by one and taken back, by their owner alone', async () => {
    const issue = await t.issue({}, t.developer2);
    await say(issue, '@manager2', t.reporter);
    const [note] = await inbox(t.developer2);
    const read = expect.status(await t.developer2.patch(`${INBOX}/${note.id}`, { read: true }), 200).body;
    assert.ok(read.read_at);
    assert.deepEqual(read, { ...note, read_at: read.read_at });
    assert.deepEqual(expect.status(await t.developer2.patch(`${INBOX}/${note.id}`, { read: true }), 200).body, read);
    // The other one who was told of the event has an own copy.
    assert.equal((await inbox(t.manager2))[0].read_at, null);
    assert.deepEqual(expect.status(await t.developer2.patch(`${INBOX}/${note.id}`, { read: false }), 200).body, note);
    await t.unchanged(async () => {
      for (const id of [note.id, randomUUID(), 'none']) expect.problem(await t.reporter2.patch(`${INBOX}/${id}`, { read: true }), 404, 'not_found');
      assert.deepEqual(await mark(t.reporter2, { ids: [note.id] }), { marked: 0, more: false });
      expect.problem(await t.developer2.patch(`${INBOX}/${note.id}`, {}), 422, 'validation_failed', { read: 'required' });
      expect.problem(await t.developer2.post(`${INBOX}/read`, {}), 422, 'validation_failed', { ids: 'required' });
      expect.problem(await t.developer2.post(`${INBOX}/read`, { ids: [note.id], until: note.id }), 422, 'validation_failed', { until: 'conflict' });
      expect.problem(await t.developer2.post(`${INBOX}/read`, { ids: Array(101).fill(note.id) }), 422, 'validation_failed', { ids: 'too_many' });
    });
  });

  test('all up to one are marked, what came later is not', async () => {
    const person = await newcomer(t, 'developer');
    const issue = await t.issue({}, person.client);
    for (let n = 0; n < 3; n++) await say(issue, `${n}`, t.reporter);
    const [{ id: until }] = await inbox(person.client);
    await say(issue, 'later', t.reporter);
    const key = { headers: { 'Idempotency-Key': randomUUID() } };
    for (let n = 0; n < 2; n++) assert.deepEqual(expect.status(await person.client.post(`${INBOX}/read`, { until }, key), 200).body, { marked: 3, more: false });
    assert.equal(await unread(person.client), 1);
    assert.deepEqual(await mark(person.client, { until }), { marked: 0, more: false });
  });

  test('two who comment while one reads and marks: every one is either seen or still unread', async () => {
    const person = await newcomer(t, 'developer');
    const issue = await t.issue({}, person.client);
    const seen = new Set();
    let running = true;
    const talk = async (client) => {
      for (let n = 0; n < 40; n++) await say(issue, `${n}`, client);
    };
    const look = async () => {
      while (running) {
        const items = await inbox(person.client, '&unread=true');
        items.forEach(({ id }) => seen.add(id));
        if (items.length) await mark(person.client, { ids: items.map(({ id }) => id) });
      }
    };
    const looking = Promise.all([look(), look()]);
    await Promise.all([talk(t.reporter), talk(t.manager)]).finally(() => (running = false));
    await looking;
    const all = (await person.client.walk(`${INBOX}?size=100`)).filter((n) => n.issue_id === issue.id);
    assert.equal(all.length, 80);
    for (const n of all) assert.equal(n.read_at !== null, seen.has(n.id), n.id);
  });

  test('settings keep away what one does not want to know, from then on', async () => {
    const person = await newcomer(t, 'developer');
    const settings = async (fields) => expect.status(await person.client.patch(`${INBOX}/settings`, fields), 200).body;
    const all = { mentioned: true, assigned: true, status_changed: true, commented: true, attached: true };
    assert.deepEqual(expect.status(await person.client.get(`${INBOX}/settings`), 200).body, all);
    const issue = await t.issue({}, person.client);
    const handle = expect.status(await person.client.get('/api/v1/users/me'), 200).body.handle;
    await say(issue, 'one', t.reporter);
    assert.deepEqual(await settings({ commented: false, assigned: false }), { ...all, commented: false, assigned: false });
    assert.deepEqual(await settings({ assigned: true }), { ...all, commented: false });
    await say(issue, 'two', t.reporter);
    await say(issue, `@${handle}`, t.reporter);
    assert.deepEqual(await told(person.client, issue), ['commented', 'mentioned']);
    await settings({ mentioned: false, commented: true });
    await say(issue, `@${handle}`, t.reporter);
    assert.deepEqual((await told(person.client, issue)).at(-1), 'commented', 'a mention is a comment still');
    expect.problem(await person.client.patch(`${INBOX}/settings`, { commented: null, created: true }), 422, 'validation_failed', { commented: 'null_not_allowed', created: 'unknown_field' });
  });

  test('the count of unread ones ends at a thousand', async () => {
    const person = await newcomer(t, 'developer');
    const issue = await t.issue({}, person.client);
    await t.db.exec(`INSERT INTO notifications (user_id, id, event_id, issue_id, project_id, reason, created_at)
      SELECT '${person.id}', make_uuid_v7(), (SELECT id FROM issue_events WHERE issue_id = '${issue.id}'), '${issue.id}', '${issue.project_id}', 'commented', now() FROM generate_series(1, 10001);`);
    assert.deepEqual(expect.status(await person.client.get(`${INBOX}/unread`), 200).body, { unread: 1000, unread_exact: false });
    const [{ id: until }] = await inbox(person.client);
    assert.deepEqual(await mark(person.client, { until }), { marked: 10000, more: true });
    assert.deepEqual(await mark(person.client, { until }), { marked: 1, more: false });
    assert.deepEqual(expect.status(await person.client.get(`${INBOX}/unread`), 200).body, { unread: 0, unread_exact: true });
  });

  test('go after their time: those that were read before those that were not', async () => {
    const person = await newcomer(t, 'developer');
    const row = (id, days, read) => `('${person.id}', '${id}', '${id}', '${id}', '${id}', 'commented', now() - interval '${days} days', ${read ? 'now()' : 'NULL'})`;
    const [fresh, old, waiting, ancient] = Array.from({ length: 4 }, () => randomUUID());
    await t.db.exec(`INSERT INTO notifications VALUES ${[row(fresh, 29, true), row(old, 31, true), row(waiting, 119, false), row(ancient, 121, false)].join()};`);
    const left = async (env = {}) => {
      const done = await bugd(['maintenance'], { DATABASE_URL: t.db.url, ...env });
      assert.equal(done.code, 0, done.stderr);
      return (await t.db.rows(`SELECT id FROM notifications WHERE user_id = '${person.id}'`)).map((r) => r.id).sort();
    };
    assert.deepEqual(await left(), [fresh, waiting].sort());
    assert.deepEqual(await left({ NOTIFICATION_RETENTION: '24h' }), []);
  });
});
