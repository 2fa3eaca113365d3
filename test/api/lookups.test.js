// Lookups that arrive together are answered by one execution (include/db/batch.h): each must still get its own
// answer, and only what its caller may see.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { makeToken } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const shuffled = (list) => list.map((each) => [Math.random(), each]).sort(([a], [b]) => a - b).map(([, each]) => each);

describe('lookups at the same time', () => {
  const t = useTracker({ DB_READ_CONNECTIONS: '1' });

  test('each of 300, by many people, of issues seen, hidden, deleted and unknown, gets its own answer', async () => {
    const secret = await t.project({ visibility: 'private' });
    const open = await Promise.all(Array.from({ length: 20 }, () => t.issue()));
    const hidden = await Promise.all(Array.from({ length: 10 }, () => t.issue({ project_id: secret.id }, t.manager)));
    const deleted = await Promise.all(Array.from({ length: 5 }, () => t.issue()));
    for (const issue of deleted) expect.status(await t.manager.delete(`${ISSUES}/${issue.id}`), 204);

    const sees = (who, issue) => !issue.gone && (issue.project_id !== secret.id || who === 'manager' || who === 'admin');
    const all = [...open, ...hidden, ...deleted.map((issue) => ({ ...issue, gone: true })), { id: randomUUID(), gone: true }];
    const asked = shuffled(Array.from({ length: 300 }, (_, i) => ({ who: ['admin', 'manager', 'developer', 'reporter'][i % 4], issue: all[i % all.length] })));
    const answers = await Promise.all(asked.map(({ who, issue }) => t[who].get(`${ISSUES}/${issue.id}`)));
    answers.forEach((r, i) => {
      const { who, issue } = asked[i];
      if (sees(who, issue)) assert.deepEqual(expect.status(r, 200).body, issue);
      else expect.problem(r, 404, 'not_found');
    });
  });

  test('one person is answered for each of 300, by id and by key, whole and limited to a project', async () => {
    const [inside, outside] = [await t.project(), await t.project()];
    const issues = await Promise.all(Array.from({ length: 40 }, (_, i) => t.issue({ project_id: [inside, outside][i % 2].id })));
    const { client } = await makeToken(t, t.developer, ['issues:read'], { project_ids: [inside.id] });
    const asked = shuffled(Array.from({ length: 300 }, (_, i) => ({ by: [t.developer, client][i % 2], issue: issues[i % 13 * 3], name: ['id', 'key'][i % 3 % 2] })));
    const answers = await Promise.all(asked.map(({ by, issue, name }) => by.get(`${ISSUES}/${issue[name]}`)));
    answers.forEach((r, i) => {
      const { by, issue } = asked[i];
      if (by === client && issue.project_id === outside.id) expect.problem(r, 404, 'not_found');
      else assert.deepEqual(expect.status(r, 200).body, issue);
    });
  });

  test('those by key, by id and with sparse fields do not mix', async () => {
    const issues = await Promise.all(Array.from({ length: 30 }, () => t.issue()));
    const answers = await Promise.all(issues.flatMap((issue) => [
      t.developer.get(`${ISSUES}/${issue.id}`),
      t.developer.get(`${ISSUES}/${issue.key.toLowerCase()}`),
      t.developer.get(`${ISSUES}/${issue.id}?fields=key,version`),
    ]));
    issues.forEach((issue, i) => {
      assert.deepEqual(answers[3 * i].body, issue);
      assert.deepEqual(answers[3 * i + 1].body, issue);
      assert.equal(answers[3 * i].headers.etag, answers[3 * i + 1].headers.etag);
      assert.deepEqual(answers[3 * i + 2].body, { key: issue.key, version: issue.version });
    });
  });
});
