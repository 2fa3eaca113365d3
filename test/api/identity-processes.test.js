// Two servers on one database: what one of them does to sessions, roles and tokens, the other knows in no time.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Server, bugd, withServer } from '../support/bugd.js';
import { PASSWORD, eventually, ms } from '../support/env.js';
import * as expect from '../support/expect.js';
import { LOGOUT, ME, REFRESH, makeToken, newcomer, signIn } from '../support/identity.js';
import { Proxy } from '../support/proxy.js';
import { useTracker } from '../support/tracker.js';

const SECOND = 1000;

describe('two processes', () => {
  const t = useTracker();
  let other;
  before(async () => (other = await Server.start({ DATABASE_URL: t.db.url })));
  after(() => other?.stop());

  /** The client's requests through the other server: 200 now, and `then` within a second of the change. */
  async function within(client, path, then, change) {
    const there = other.anyone.as(client.token);
    for (let i = 0; i < 3; i++) expect.status(await there.get(path), 200); // it is remembered there
    await change();
    const started = Date.now();
    await eventually(`the other process answers ${then}`, async () => (await there.get(path)).status === then, { within: SECOND, every: 2 });
    const took = Date.now() - started;
    assert.ok(took < ms(SECOND), `${took} ms`);
    for (let i = 0; i < 3; i++) expect.status(await there.get(path), then);
  }

  test('signing out', async () => {
    const p = await newcomer(t);
    await within(p.client, ME, 401, async () => expect.status(await p.client.post(LOGOUT), 204));
  });

  test('ending a session from another one, and all others', async () => {
    const p = await newcomer(t);
    const [a, b] = [await signIn(t.anyone, p.email), await signIn(t.anyone, p.email)];
    await within(a.client, ME, 401, async () => expect.status(await p.client.delete(`${ME}/sessions/${a.session}`), 204));
    await within(b.client, ME, 401, async () => expect.status(await p.client.delete(`${ME}/sessions`), 204));
  });

  test('a new password', async () => {
    const p = await newcomer(t);
    const a = await signIn(t.anyone, p.email);
    await within(a.client, ME, 401, async () => (
      expect.status(await p.client.post(`${ME}/password`, { current_password: PASSWORD, new_password: 'quite another password' }), 204)));
  });

  test('a refresh token that is used twice, once on each', async () => {
    const p = await newcomer(t);
    await within(p.client, ME, 401, async () => {
      expect.status(await t.anyone.post(REFRESH, { refresh_token: p.refresh_token }), 200);
      expect.status(await other.anyone.post(REFRESH, { refresh_token: p.refresh_token }), 401);
    });
  });

  test('deactivating', async () => {
    const p = await newcomer(t);
    await within(p.client, ME, 401, async () => expect.status(await t.admin.patch(`/api/v1/users/${p.id}`, { is_active: false }), 200));
  });

  test('demoting', async () => {
    const p = await newcomer(t, 'admin');
    await within(p.client, '/api/v1/audit', 403, async () => expect.status(await t.admin.patch(`/api/v1/users/${p.id}`, { role: 'manager' }), 200));
  });

  test('deleting a personal access token', async () => {
    const p = await newcomer(t);
    const pat = await makeToken(t, p.client, ['issues:read']);
    await within(pat.client, '/api/v1/issues', 401, async () => expect.status(await p.client.delete(`${ME}/tokens/${pat.id}`), 204));
  });

  test('the command line', async () => {
    const env = { DATABASE_URL: t.db.url };
    const admin = await newcomer(t, 'admin');
    await within(admin.client, '/api/v1/audit', 403, async () => assert.equal((await bugd(['user', 'set-role', '--email', admin.email, '--role', 'reporter'], env)).code, 0));
    const [a, b] = [await newcomer(t), await newcomer(t)];
    await within(a.client, ME, 401, async () => assert.equal((await bugd(['user', 'deactivate', '--email', a.email], env)).code, 0));
    await within(b.client, ME, 401, async () => assert.equal((await bugd(['user', 'set-password', '--email', b.email], env, 'a password of the operator\n')).code, 0));
    await signIn(t.anyone, b.email, 'a password of the operator');
  });

  test('a process that lost its connection for announcements asks the database meanwhile', async () => {
    const p = await newcomer(t);
    const there = other.anyone.as(p.access_token);
    expect.status(await there.get(ME), 200);
    const changes = 10;
    for (let i = 0; i < changes; i++) {
      await t.db.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database();
        UPDATE users SET role = '${i % 2 ? 'admin' : 'reporter'}' WHERE id = '${p.id}';`);
      await eventually('the role counts', async () => (await there.get('/api/v1/audit')).status === (i % 2 ? 200 : 403), { within: SECOND, every: 5 });
    }
    await t.db.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database();`);
    expect.status(await p.client.post(LOGOUT), 204);
    await eventually('the session is over there', async () => (await there.get(ME)).status === 401, { within: SECOND, every: 5 });
  });
});

describe('a process far from the database', () => {
  const t = useTracker();

  /** A server behind a proxy with these hooks. */
  async function far(hooks, use) {
    const proxy = await Proxy.toDatabase(hooks);
    try {
      await withServer({ DATABASE_URL: proxy.url(t.db.url) }, use);
    } finally {
      await proxy.stop();
    }
  }

  test('that hears no announcements remembers nobody', async () => {
    const deaf = { ahead: (chunk, line) => !chunk.includes('LISTEN') || line.cut() };
    await far(deaf, async ({ anyone }) => {
      const p = await newcomer(t);
      const there = anyone.as(p.access_token);
      expect.status(await there.get(ME), 200);
      expect.status(await p.client.post(LOGOUT), 204);
      expect.status(await there.get(ME), 401);
    });
  });

  test('does not remember what was over before it was told: an announcement may overtake an answer', async () => {
    const held = [];
    const listening = new Set();
    let holds = false;
    let told = false;
    const hooks = {
      ahead: (chunk, line) => {
        if (chunk.includes('LISTEN')) listening.add(line);
      },
      back: (chunk, line) => {
        if (listening.has(line)) told ||= chunk.includes('bugd_credential');
        else if (holds) return held.push(() => line.client.write(chunk)) === 0;
      },
    };
    await far(hooks, async ({ anyone }) => {
      const p = await newcomer(t);
      const there = anyone.as(p.access_token);
      await eventually('it listens', () => listening.size > 0);
      holds = true;
      const first = there.get(ME);
      await eventually('the database has answered', () => held.length > 0);
      expect.status(await p.client.post(LOGOUT), 204);
      await eventually('it is announced', () => told);
      holds = false;
      for (const go of held) go();
      await first;
      expect.status(await there.get(ME), 401);
    });
  });
});
