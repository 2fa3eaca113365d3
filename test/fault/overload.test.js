// More than the server can do: every queue has a bound, and beyond it there is a 503 with Retry-After.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { email } from '../support/database.js';
import { PASSWORD, eventually, ms } from '../support/env.js';
import * as expect from '../support/expect.js';
import { hold, holdCounters } from '../support/load.js';
import { login, useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const times = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const count = (answers, status) => answers.filter((r) => r.status === status).length;

describe('overload', () => {
  const t = useTracker();
  const small = (env) => ({ DATABASE_URL: t.db.url, ...env });

  test('writes beyond the queue get 503 at once; those in it are done, and reads go on', async () => {
    const project = await t.project();
    await withServer(small({ DB_WRITE_CONNECTIONS: '1', DB_QUEUE_MAX: '4' }), async ({ anyone }) => {
      const developer = anyone.as(await login(anyone, 'developer'));
      const lock = await holdCounters(t.db, project);
      let writes;
      try {
        writes = times(20, (i) => developer.post(ISSUES, { project_id: project.id, title: `Write ${i}` }));
        const early = [];
        for (const write of writes) write.then((r) => early.push(r), () => {});
        await eventually('the surplus is refused', () => early.length >= 10);
        for (const r of early) expect.unavailable(r, 'busy');
        expect.status(await developer.get(`/api/v1/projects/${project.id}`), 200);
      } finally {
        await lock.release();
      }
      const answers = await Promise.all(writes);
      assert.ok(count(answers, 201) >= 4, `${count(answers, 201)} were done`);
      assert.equal(count(answers, 201) + count(answers, 503), 20);
      assert.equal(Number(await t.db.exec(`SELECT count(*) FROM issues WHERE project_id = '${project.id}';`)), count(answers, 201));
    });
  });

  test('logins beyond the queue get 503; those in it are done, and other requests go on', async () => {
    const env = small({ HASH_THREADS: '1', HASH_QUEUE_MAX: '2', PASSWORD_MEMORY_KIB: '19456', PASSWORD_ITERATIONS: '10' });
    await withServer(env, async ({ anyone }) => {
      // A hash's own cost counts, so somebody is needed whose password was hashed at this cost.
      const person = `costly${t.unique()}`;
      expect.status(await anyone.post('/api/v1/auth/register', { email: email(person), password: PASSWORD, name: person }), 201);
      const logins = times(20, () => anyone.post('/api/v1/auth/login', { email: email(person), password: PASSWORD }));
      expect.status(await anyone.get('/health'), 200);
      const answers = await Promise.all(logins);
      for (const r of answers.filter(({ status }) => status !== 200)) expect.unavailable(r, 'busy');
      assert.ok(count(answers, 200) >= 3, `${count(answers, 200)} were done`);
      assert.ok(count(answers, 503) > 0, 'nothing was refused');
      await login(anyone, person);
    });
  });

  test('a statement that takes too long is given up, and nothing of it stays', async () => {
    const project = await t.project();
    await withServer(small({ DB_STATEMENT_TIMEOUT: `${ms(300)}` }), async ({ anyone }) => {
      const developer = anyone.as(await login(anyone, 'developer'));
      const lock = await holdCounters(t.db, project);
      try {
        const r = await developer.post(ISSUES, { project_id: project.id, title: 'Too slow' });
        expect.unavailable(r);
        assert.notEqual(r.body.code, 'outcome_unknown');
      } finally {
        await lock.release();
      }
      assert.equal(await t.db.exec(`SELECT count(*) FROM issues WHERE project_id = '${project.id}';`), '0');
      expect.status(await developer.post(ISSUES, { project_id: project.id, title: 'Fine' }), 201);
    });
  });

  test('a request that takes too long is answered 503', async () => {
    const project = await t.project();
    await withServer(small({ REQUEST_TIMEOUT: `${ms(400)}`, DB_STATEMENT_TIMEOUT: `${ms(350)}`, DB_WRITE_CONNECTIONS: '1' }), async ({ anyone }) => {
      const developer = anyone.as(await login(anyone, 'developer'));
      const lock = await holdCounters(t.db, project);
      try {
        const answers = await Promise.all(times(6, (i) => developer.post(ISSUES, { project_id: project.id, title: `Slow ${i}` })));
        for (const r of answers) expect.unavailable(r);
      } finally {
        await lock.release();
      }
      expect.status(await developer.post(ISSUES, { project_id: project.id, title: 'Fine' }), 201);
    });
  });

  test('one person who searches for what takes long keeps nobody from lists, nor for ever from searching', async () => {
    await withServer(small({ DB_SLOW_CONNECTIONS: '2', DB_QUEUE_MAX: '40' }), async ({ anyone }) => {
      const reporter = anyone.as(await login(anyone, 'reporter'));
      const developer = anyone.as(await login(anyone, 'developer'));
      const lock = await hold(t.db, 'LOCK TABLE issue_search IN ACCESS EXCLUSIVE MODE;');
      const early = [];
      let searches, other;
      try {
        searches = times(30, (i) => reporter.get(`${ISSUES}?q=word${i}`));
        for (const search of searches) search.then((r) => early.push(r), () => {});
        await eventually('what is more than one person may have waiting is refused', () => early.length >= 15);
        for (const r of early) expect.unavailable(r, 'busy');
        // One of the two connections is left to lists, those of the same person too.
        for (let i = 0; i < 5; i++) expect.status(await developer.get(`${ISSUES}?size=${i + 1}`, { timeout: ms(5000) }), 200);
        other = developer.get(`${ISSUES}?q=word`);
      } finally {
        await lock.release();
      }
      expect.status(await other, 200);
      const answers = await Promise.all(searches);
      assert.equal(count(answers, 200) + count(answers, 503), 30);
      assert.ok(count(answers, 200) >= 10, `${count(answers, 200)} were done`);
    });
  });

  test('a thousand connections that ask at once are all answered', async () => {
    const { default: http } = await import('node:http');
    const agent = new http.Agent({ keepAlive: false, maxSockets: 1000 });
    const client = new t.developer.constructor(t.server.address, { token: t.developer.token, agent });
    const answers = await Promise.all(times(1000, (i) => client.get(i % 2 ? '/api/v1/users/me' : `${ISSUES}?size=1`, { timeout: 60_000 })));
    assert.equal(count(answers, 200), 1000);
    client.close();
  });
});
