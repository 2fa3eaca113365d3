// Idempotency-Key: a POST that is repeated is answered as the first time, and changes nothing.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { eventually, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Proxy } from '../support/proxy.js';
import { Server } from '../support/bugd.js';
import { email } from '../support/database.js';
import { makeToken } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const keyed = (key = randomUUID()) => ({ headers: { 'Idempotency-Key': key } });
const count = async (t, table) => Number((await t.db.rows(`SELECT count(*) AS n FROM ${table}`))[0].n);

describe('a POST with an Idempotency-Key', () => {
  const t = useTracker();

  test('is done once, and answered the same each time', async () => {
    const project_id = (await t.project()).id;
    const body = { project_id, title: 'Once' };
    const key = keyed();
    const before = await count(t, 'issues');
    const first = expect.status(await t.reporter.post(ISSUES, body, key), 201);
    assert.equal(first.headers['idempotency-replayed'], undefined);
    for (let i = 0; i < 3; i++) {
      const again = expect.status(await t.reporter.post(ISSUES, body, key), 201);
      assert.equal(again.text, first.text);
      assert.equal(again.headers['idempotency-replayed'], 'true');
      for (const name of ['location', 'etag', 'content-type', 'cache-control']) assert.equal(again.headers[name], first.headers[name], name);
      assert.notEqual(again.headers['x-request-id'], first.headers['x-request-id']);
    }
    assert.equal(await count(t, 'issues'), before + 1);
  });

  test('gets the first answer also when the resource has changed since', async () => {
    const project_id = (await t.project()).id;
    const key = keyed();
    const first = expect.status(await t.developer.post(ISSUES, { project_id, title: 'As it was' }, key), 201);
    await t.change(first.body, { title: 'As it is' });
    assert.equal(expect.status(await t.developer.post(ISSUES, { project_id, title: 'As it was' }, key), 201).text, first.text);
  });

  test('is refused when the same key comes with another request', async () => {
    const project_id = (await t.project()).id;
    const key = keyed();
    expect.status(await t.reporter.post(ISSUES, { project_id, title: 'One' }, key), 201);
    await t.unchanged(async () => {
      expect.problem(await t.reporter.post(ISSUES, { project_id, title: 'Another' }, key), 422, 'idempotency_key_reused');
      expect.problem(await t.reporter.post(`${ISSUES}/${randomUUID()}/restore`, undefined, key), 422, 'idempotency_key_reused');
    });
  });

  test('is of one person: the same key of somebody else is another', async () => {
    const project_id = (await t.project()).id;
    const key = keyed();
    const mine = expect.status(await t.reporter.post(ISSUES, { project_id, title: 'Mine' }, key), 201);
    const other = expect.status(await t.developer.post(ISSUES, { project_id, title: 'Mine' }, key), 201);
    assert.notEqual(other.body.id, mine.body.id);
  });

  test('is of one token when that is limited to projects: it is not told what its owner was answered', async () => {
    const [open, hidden] = [await t.project(), await t.project({ visibility: 'private' })];
    const body = { project_id: hidden.id, title: 'Of another project' };
    const key = keyed();
    expect.status(await t.manager.post(ISSUES, body, key), 201);
    const limited = await makeToken(t, t.manager, ['issues:write'], { project_ids: [open.id] });
    expect.problem(await limited.client.post(ISSUES, body, key), 422, 'validation_failed', { project_id: 'unknown' });
    const free = await makeToken(t, t.manager, ['issues:write']);
    assert.equal((await free.client.post(ISSUES, body, key)).headers['idempotency-replayed'], 'true');
    const own = expect.status(await limited.client.post(ISSUES, { ...body, project_id: open.id }, key), 201);
    assert.equal((await limited.client.post(ISSUES, { ...body, project_id: open.id }, key)).text, own.text);
  });

  test('may be tried again when it was refused', async () => {
    const key = keyed();
    const n = t.unique();
    const project = { key: `Q${n}`, name: `Again ${n}` };
    const taken = expect.status(await t.manager.post('/api/v1/projects', project), 201);
    expect.problem(await t.manager.post('/api/v1/projects', project, key), 409, 'key_taken');
    expect.status(await t.admin.delete(`/api/v1/projects/${taken.body.id}`), 204);
    expect.problem(await t.manager.post('/api/v1/projects', project, key), 409, 'key_taken');
    const reporter = { project_id: taken.body.id, title: '' };
    expect.problem(await t.reporter.post(ISSUES, reporter, key), 422, 'validation_failed', { title: null });
    assert.equal(await count(t, `idempotency_keys WHERE key = '${key.headers['Idempotency-Key']}'`), 0);
  });

  test('runs once, however many come at the same time', async () => {
    const project_id = (await t.project()).id;
    for (let round = 0; round < 5; round++) {
      const key = keyed();
      const body = { project_id, title: `Together ${round}` };
      const before = await count(t, 'issues');
      const answers = await Promise.all(Array.from({ length: 12 }, () => t.reporter.post(ISSUES, body, key)));
      const made = answers.filter((r) => r.status === 201);
      for (const r of answers) if (r.status !== 201) expect.problem(r, 409, 'idempotency_key_in_use');
      assert.ok(made.length > 0);
      assert.equal(new Set(made.map((r) => r.text)).size, 1);
      assert.equal(await count(t, 'issues'), before + 1);
    }
  });

  test('needs a key of 1 to 255 printable characters', async () => {
    const project_id = (await t.project()).id;
    await t.unchanged(async () => {
      for (const key of ['', ' ', 'a b', 'x'.repeat(256)]) {
        expect.problem(await t.reporter.post(ISSUES, { project_id, title: 'x' }, keyed(key)), 400, 'bad_request');
      }
    });
    expect.status(await t.reporter.post(ISSUES, { project_id, title: 'x' }, keyed('x'.repeat(255))), 201);
  });

  test('counts for nothing with other methods', async () => {
    const issue = await t.issue();
    const key = keyed();
    expect.status(await t.developer.patch(`${ISSUES}/${issue.id}`, { version: 1, title: 'Changed' }, key), 200);
    expect.problem(await t.developer.patch(`${ISSUES}/${issue.id}`, { version: 1, title: 'Changed' }, key), 409, 'version_conflict');
  });

  test('repeats answers that hold secrets, and stores them so that the database does not tell them', async () => {
    const key = keyed();
    const body = { name: 'ci', scopes: ['issues:read'] };
    const first = expect.status(await t.reporter.post('/api/v1/users/me/tokens', body, key), 201);
    const again = expect.status(await t.reporter.post('/api/v1/users/me/tokens', body, key), 201);
    assert.equal(again.body.token, first.body.token);
    expect.status(await t.anyone.as(again.body.token).get(ISSUES), 200);
    const [{ answer }] = await t.db.rows(`SELECT encode(answer, 'escape') AS answer FROM idempotency_keys WHERE key = '${key.headers['Idempotency-Key']}'`);
    assert.ok(!answer.includes('bugd_pat_'), 'the token is readable in the database');
  });

  test('lets a lost refresh be repeated, which without one ends the session', async () => {
    const signIn = async () => expect.status(await t.anyone.post('/api/v1/auth/login', { email: email('reporter2'), password: 'correct horse battery' }), 200).body;
    const { refresh_token } = await signIn();
    const key = keyed();
    const first = expect.status(await t.anyone.post('/api/v1/auth/refresh', { refresh_token }, key), 200);
    const again = expect.status(await t.anyone.post('/api/v1/auth/refresh', { refresh_token }, key), 200);
    assert.equal(again.text, first.text);
    expect.status(await t.anyone.post('/api/v1/auth/refresh', { refresh_token: again.body.refresh_token }), 200);
    // A thief has another key, or none.
    expect.problem(await t.anyone.post('/api/v1/auth/refresh', { refresh_token }, keyed()), 401, 'invalid_refresh_token');
    expect.problem(await t.anyone.post('/api/v1/auth/refresh', { refresh_token: again.body.refresh_token }), 401, 'invalid_refresh_token');
  });

  test('of those who are not signed in does not meet that of others', async () => {
    const key = keyed('1');
    const register = (n) => t.anyone.post('/api/v1/auth/register', { email: `keyed${n}@example.test`, password: 'correct horse battery', name: 'A new user' }, key);
    const first = expect.status(await register(1), 201);
    const other = expect.status(await register(2), 201);
    assert.notEqual(first.body.id, other.body.id);
    assert.equal(expect.status(await register(1), 201).text, first.text);
  });

  test('is forgotten after a day', async () => {
    const project_id = (await t.project()).id;
    const key = keyed();
    const body = { project_id, title: 'Yesterday' };
    const first = expect.status(await t.reporter.post(ISSUES, body, key), 201);
    await t.db.exec(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = '${key.headers['Idempotency-Key']}';`);
    const second = expect.status(await t.reporter.post(ISSUES, body, key), 201);
    assert.notEqual(second.body.id, first.body.id);
    assert.equal(expect.status(await t.reporter.post(ISSUES, body, key), 201).text, second.text);
  });

  test('of a client that goes away is done once by the time it asks again', async () => {
    const project_id = (await t.project()).id;
    for (let i = 0; i < 20; i++) {
      const key = keyed();
      const body = { project_id, title: `Gone ${i}` };
      const before = await count(t, 'issues');
      await t.reporter.post(ISSUES, body, { ...key, timeout: 1 + (i % 5) }).catch(() => undefined);
      const r = await eventually('the repetition is answered', async () => {
        const answer = await t.reporter.post(ISSUES, body, key);
        return answer.status === 201 && answer;
      });
      assert.equal(r.body.title, body.title);
      assert.equal(await count(t, 'issues'), before + 1);
    }
  });
});

describe('a POST whose answer is lost', () => {
  const t = useTracker();

  /** A server of its own on the same database, reached through these hooks; and a client of it. */
  async function behind(hooks, use) {
    const proxy = await Proxy.toDatabase(hooks);
    try {
      const server = await Server.start({ DATABASE_URL: proxy.url(t.db.url) });
      try {
        await use(server.anyone.as(t.developer.token));
      } finally {
        await server.stop();
      }
    } finally {
      await proxy.stop();
    }
  }

  test('between the commit and the server is answered by the stored answer', async () => {
    const project_id = (await t.project()).id;
    const key = keyed();
    const body = { project_id, title: 'Committed, but who knows' };
    const before = await count(t, 'issues');
    let cutting = true;
    const hooks = {
      ahead: (chunk, line) => {
        // The last statement of the transaction, with its commit: it gets there, its answer does not come back.
        if (cutting && chunk.includes('idempotency_keep')) line.deaf = true;
      },
      back: (chunk, line) => {
        if (!line.deaf) return true;
        if (cutting && chunk.includes('INSERT')) setTimeout(line.cut, 50);
        return false;
      },
    };
    await behind(hooks, async (client) => {
      expect.problem(await client.post(ISSUES, body, key), 503, 'outcome_unknown');
      cutting = false;
      await eventually('the change is there', async () => (await count(t, 'issues')) === before + 1);
      const again = await eventually('the repetition is answered', async () => {
        const r = await client.post(ISSUES, body, key);
        return r.status === 201 && r;
      });
      assert.equal(again.headers['idempotency-replayed'], 'true');
      assert.equal(again.body.title, body.title);
      assert.equal(await count(t, 'issues'), before + 1);
    });
  });

  test('before the commit left nothing, and is done by the repetition', async () => {
    const project_id = (await t.project()).id;
    const key = keyed();
    const body = { project_id, title: 'Not committed' };
    const before = await count(t, 'issues');
    let cutting = true;
    const hooks = {
      ahead: (chunk, line) => {
        if (!cutting || !chunk.includes('idempotency_keep')) return true;
        line.cut();
        return false;
      },
    };
    await behind(hooks, async (client) => {
      expect.problem(await client.post(ISSUES, body, key), 503, null);
      cutting = false;
      await sleep(50);
      assert.equal(await count(t, 'issues'), before);
      const again = await eventually('the repetition is answered', async () => {
        const r = await client.post(ISSUES, body, key);
        return r.status === 201 && r;
      });
      assert.equal(again.headers['idempotency-replayed'], undefined);
      assert.equal(await count(t, 'issues'), before + 1);
    });
  });
});
