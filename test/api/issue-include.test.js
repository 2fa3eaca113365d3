import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { attach as send } from '../support/form.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';

describe('an issue with what belongs to it', () => {
  const t = useTracker();
  let issue;
  const attach = async (to, filename) =>
    expect.status(await send(t.developer, to.id, { filename, data: `The content of ${filename}.\n` }), 201).body;
  const say = async (to, content, fields = {}) =>
    expect.status(await t.reporter.post(`${ISSUES}/${to.id}/comments`, { content, ...fields }), 201).body;
  const read = async (which, query, client = t.reporter) => expect.status(await client.get(`${ISSUES}/${which}?${query}`), 200).body;
  const list = async (path) => expect.status(await t.reporter.get(`${ISSUES}/${issue.id}/${path}`), 200).body.items;

  before(async () => {
    const made = await t.issue();
    const first = await say(made, 'Who can reproduce this?');
    await say(made, 'I can.', { parent_id: first.id });
    await attach(made, 'first.txt');
    await attach(made, 'second.txt');
    await t.issueIn('resolved', { project_id: made.project_id, parent_id: made.id });
    await t.issue({ project_id: made.project_id, parent_id: made.id });
    issue = await t.read(made);
  });

  test('is the same issue, by id and by key, with the parts as their own routes show them', async () => {
    const parts = {
      comments: await list('comments'),
      attachments: await list('attachments'),
      allowed_statuses: ['in_progress', 'resolved', 'closed'],
      children: { done: 1, total: 2 },
      watchers: await list('watchers'),
    };
    assert.equal(parts.comments.length, 2);
    assert.equal(parts.attachments.length, 2);
    assert.equal(parts.watchers.length, 2);
    for (const which of [issue.id, issue.key]) {
      const whole = await read(which, 'include=comments,labels,attachments,allowed_statuses,children,watchers');
      assert.deepEqual({ ...whole, allowed_statuses: [...whole.allowed_statuses].sort() },
        { ...issue, ...parts, allowed_statuses: parts.allowed_statuses.sort() });
    }
  });

  test('has only the parts that were named, however they are written', async () => {
    const withComments = { ...issue, comments: await list('comments') };
    assert.deepEqual(await read(issue.id, 'include=comments'), withComments);
    assert.deepEqual(await read(issue.id, 'include=comments,comments'), withComments);
    const both = { ...withComments, attachments: await list('attachments') };
    assert.deepEqual(await read(issue.id, 'include=attachments&include=comments'), both);
    assert.deepEqual(await read(issue.id, 'include=labels'), issue);
    const { comments } = withComments;
    assert.deepEqual(await read(issue.id, 'fields=key&include=comments'), { key: issue.key, comments });
  });

  test('has empty parts where there is nothing', async () => {
    const bare = await t.issue();
    const { comments, attachments, children } = await read(bare.id, 'include=comments,attachments,children');
    assert.deepEqual({ comments, attachments, children }, { comments: [], attachments: [], children: { done: 0, total: 0 } });
  });

  test('has the first hundred comments, oldest first', async () => {
    const loud = await t.issue();
    for (let n = 1; n <= 103; n++) await say(loud, `number ${n}`);
    const { comments, comment_count } = await read(loud.id, 'include=comments');
    assert.equal(comment_count, 103);
    assert.deepEqual(comments.map(({ content }) => content), Array.from({ length: 100 }, (_, i) => `number ${i + 1}`));
  });

  test('has another tag when a part has changed', async () => {
    const talked = await t.issue();
    const path = `${ISSUES}/${talked.id}?include=comments`;
    const comment = await say(talked, 'once');
    const { etag } = (await t.reporter.get(path)).headers;
    const again = () => t.reporter.get(path, { headers: { 'if-none-match': etag } });
    expect.status(await again(), 304);
    expect.status(await t.reporter.patch(`/api/v1/comments/${comment.id}`, { content: 'twice', version: 1 }), 200);
    const r = expect.status(await again(), 200);
    assert.equal(r.body.comments[0].content, 'twice');
    expect.status(await t.developer.patch(`${ISSUES}/${talked.id}`, { title: 'By that tag' }, { headers: { 'if-match': r.headers.etag } }), 200);
  });

  test('asked for by many at once, each gets the parts of its own', async () => {
    const all = [];
    for (let n = 0; n < 12; n++) {
      const made = await t.issue();
      for (let k = 0; k < n % 4; k++) await say(made, `${n}, ${k}`);
      if (n % 3 === 0) await attach(made, `of-${n}.txt`);
      all.push(made);
    }
    const asked = Array.from({ length: 10 }, () => all).flat();
    for (const people of [[t.reporter], [t.reporter, t.developer, t.manager, t.admin, t.reporter]]) {
      const answers = await Promise.all(asked.map(({ id }, i) => read(id, 'include=comments,attachments,watchers', people[i % people.length])));
      answers.forEach((answer, i) => {
        const n = i % all.length;
        assert.equal(answer.id, all[n].id);
        assert.deepEqual(answer.comments.map(({ content }) => content), Array.from({ length: n % 4 }, (_, k) => `${n}, ${k}`));
        assert.deepEqual(answer.attachments.map(({ filename }) => filename), n % 3 === 0 ? [`of-${n}.txt`] : []);
        assert.equal(answer.watchers.length, n % 4 ? 2 : 1);
      });
    }
  });

  test('is nothing for those who may not see it', async () => {
    const project = await t.project({ visibility: 'private' });
    const hidden = await t.issue({ project_id: project.id }, t.manager);
    expect.problem(await t.reporter.get(`${ISSUES}/${hidden.id}?include=comments,attachments`), 404, 'not_found');
    expect.problem(await t.reporter.get(`${ISSUES}/NO-1?include=comments`), 404, 'not_found');
    expect.status(await t.manager.delete(`${ISSUES}/${hidden.id}`), 204);
    expect.problem(await t.manager.get(`${ISSUES}/${hidden.id}?include=comments`), 404, 'not_found');
  });

  test('refuses parts that there are not, and parts of the past', async () => {
    expect.problem(await t.reporter.get(`${ISSUES}/${issue.id}?include=everything`), 422, 'validation_failed', { 'include': 'invalid_value' });
    expect.problem(await t.reporter.get(`${ISSUES}/${issue.id}?include=comments&as_of=${issue.created_at}`), 422, 'validation_failed', { include: 'conflict' });
  });

  test('HEAD has the tag and the length of what GET has', async () => {
    const path = `${ISSUES}/${issue.id}?include=comments,attachments`;
    const [get, head] = [await t.reporter.get(path), await t.reporter.request('HEAD', path)];
    assert.equal(head.headers.etag, get.headers.etag);
    assert.equal(head.headers['content-length'], get.headers['content-length']);
  });
});
