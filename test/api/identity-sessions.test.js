import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { email } from '../support/database.js';
import { PASSWORD, SECRET_KEY, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { LOGIN, LOGOUT, ME, REFRESH, events, newcomer, signIn, signInAs } from '../support/identity.js';
import { forge, open } from '../support/token.js';
import { useTracker } from '../support/tracker.js';

const SESSIONS = `${ME}/sessions`;
const NEW_PASSWORD = 'another horse, another battery';

describe('refreshing', () => {
  const t = useTracker();
  const refresh = (refresh_token) => t.anyone.post(REFRESH, { refresh_token });

  test('gives a new pair for the same session', async () => {
    const s = await signInAs(t, 'developer');
    const { body } = expect.status(await refresh(s.refresh_token), 200);
    expect.members(body, ['access_token', 'token_type', 'expires_in', 'refresh_token']);
    assert.notEqual(body.refresh_token, s.refresh_token);
    assert.notEqual(body.access_token, s.access_token);
    assert.equal(open(body.access_token).claims.sid, s.session);
    expect.status(await t.anyone.as(body.access_token).get(ME), 200);
    expect.status(await s.client.get(ME), 200);
  });

  test('must not be stored by a cache', async () => {
    const s = await signInAs(t, 'developer');
    assert.match((await refresh(s.refresh_token)).headers['cache-control'], /no-store/);
  });

  test('a second use ends the whole session, and is logged', async () => {
    const s = await signInAs(t, 'developer');
    const other = await signInAs(t, 'developer');
    const { body: second } = expect.status(await refresh(s.refresh_token), 200);
    const { body: third } = expect.status(await refresh(second.refresh_token), 200);
    expect.unauthenticated(await refresh(s.refresh_token), 'invalid_refresh_token');
    for (const token of [s.access_token, second.access_token, third.access_token]) {
      expect.unauthenticated(await t.anyone.as(token).get(ME));
    }
    for (const token of [s.refresh_token, second.refresh_token, third.refresh_token]) {
      expect.unauthenticated(await refresh(token), 'invalid_refresh_token');
    }
    expect.status(await other.client.get(ME), 200);
    const [event] = await events(t, `type=refresh_reused&user_id=${t.ids.developer}`);
    assert.equal(event.session_id, s.session);
    assert.ok(t.server.logs().some((line) => line.level === 'warn' && line.session === s.session));
  });

  test('of twenty uses at the same time one is right, and then the session is over', async () => {
    const s = await signInAs(t, 'developer2');
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(s.refresh_token)));
    const statuses = answers.map((r) => r.status).sort();
    assert.deepEqual(statuses, [200, ...Array(19).fill(401)]);
    const { body } = answers.find((r) => r.status === 200);
    expect.unauthenticated(await t.anyone.as(body.access_token).get(ME));
    expect.unauthenticated(await refresh(body.refresh_token), 'invalid_refresh_token');
  });

  test('what is no refresh token: all the same 401', async () => {
    const s = await signInAs(t, 'reporter');
    const changed = `${s.refresh_token.slice(0, -1)}${s.refresh_token.endsWith('0') ? '1' : '0'}`;
    const bad = ['', 'x', changed, `${s.refresh_token} `, s.access_token, 'bugd_rt_', "' OR 1=1 --", '\u0001', 'ü'.repeat(5000)];
    const answers = await Promise.all(bad.map(refresh));
    for (const r of answers) {
      expect.unauthenticated(r, 'invalid_refresh_token');
      assert.equal(r.body.detail, answers[0].body.detail);
    }
    expect.status(await refresh(s.refresh_token), 200);
  });

  test('of the wrong form: 422, and the token is not shown', async () => {
    const s = await signInAs(t, 'reporter');
    expect.problem(await t.anyone.post(REFRESH, {}), 422, 'validation_failed', { refresh_token: 'required' });
    const r = await t.anyone.post(REFRESH, { refresh_token: s.refresh_token, role: 'admin' });
    expect.problem(r, 422, 'validation_failed', { role: 'unknown_field' });
    assert.ok(!r.text.includes(s.refresh_token));
  });

  test('ends when the session is over, or its user deactivated', async () => {
    const s = await newcomer(t);
    expect.status(await s.client.post(LOGOUT), 204);
    expect.unauthenticated(await refresh(s.refresh_token), 'invalid_refresh_token');
    const again = await signIn(t.anyone, s.email);
    expect.status(await t.admin.patch(`/api/v1/users/${s.id}`, { is_active: false }), 200);
    expect.unauthenticated(await refresh(again.refresh_token), 'invalid_refresh_token');
  });

  test('ends when the session was not refreshed for too long, and so does its access token', async () => {
    await withServer({ DATABASE_URL: t.db.url, REFRESH_TOKEN_TTL: '1s' }, async ({ anyone }) => {
      const s = await signIn(anyone, email('manager'));
      expect.status(await s.client.get(ME), 200);
      await sleep(1100);
      expect.unauthenticated(await s.client.get(ME));
      expect.unauthenticated(await anyone.post(REFRESH, { refresh_token: s.refresh_token }), 'invalid_refresh_token');
    });
  });

  test('tokens are in no table, only their hashes', async () => {
    const s = await signInAs(t, 'manager');
    const all = await t.db.exec(`SELECT string_agg(r::text, '') FROM (SELECT to_jsonb(x) FROM refresh_tokens x UNION ALL
      SELECT to_jsonb(x) FROM sessions x UNION ALL SELECT to_jsonb(x) FROM security_events x) r;`);
    assert.ok(!all.includes(s.refresh_token.slice(8, 30)));
    assert.ok(!t.server.output().includes(s.refresh_token));
  });
});

describe('signing out', () => {
  const t = useTracker();

  test('ends this session at once, and no other', async () => {
    const [a, b] = [await signInAs(t, 'developer'), await signInAs(t, 'developer')];
    expect.status(await a.client.get(ME), 200);
    expect.status(await a.client.post(LOGOUT), 204);
    expect.unauthenticated(await a.client.get(ME));
    expect.unauthenticated(await a.client.post(LOGOUT));
    expect.status(await b.client.get(ME), 200);
  });

  test('is at once for requests of the same moment, too', async () => {
    for (let round = 0; round < 20; round++) {
      const s = await signInAs(t, 'reporter');
      const reads = Array.from({ length: 5 }, () => s.client.get(ME));
      expect.status(await s.client.post(LOGOUT), 204);
      expect.unauthenticated(await s.client.get(ME));
      for (const r of await Promise.all(reads)) expect.oneOf(r, [200, 401]);
      expect.unauthenticated(await s.client.get(ME));
    }
  });
});

describe('own sessions', () => {
  const t = useTracker();

  test('are told apart, however many ask: 600 of two people', async () => {
    const people = [t.ids.developer, t.ids.reporter];
    await t.db.exec(`INSERT INTO sessions (id, user_id, expires_at, user_agent, address, origin)
      SELECT make_uuid_v7(), (ARRAY['${people[0]}', '${people[1]}']::uuid[])[1 + n % 2], now() + interval '1 hour', 'one of 600', '', ''
      FROM generate_series(1, 600) n;`);
    const sessions = await t.db.rows("SELECT id, user_id FROM sessions WHERE user_agent = 'one of 600'");
    assert.equal(sessions.length, 600);
    const { header, claims } = open(t.developer.token);
    for (let round = 0; round < 2; round++) {
      await Promise.all(sessions.map(async ({ id, user_id }) => {
        const token = forge(header, { ...claims, sub: user_id, sid: id }, SECRET_KEY);
        assert.equal(expect.status(await t.anyone.as(token).get(ME), 200).body.id, user_id);
      }));
    }
  });

  test('are listed, with the one that asks', async () => {
    const p = await newcomer(t);
    const other = await signIn(t.anyone, p.email, PASSWORD, { 'User-Agent': 'A browser' });
    const { body } = expect.status(await p.client.get(SESSIONS), 200);
    assert.deepEqual(body.items.map(({ id, current }) => [id, current]), [[other.session, false], [p.session, true]]);
    expect.members(body.items[0], ['id', 'user_agent', 'address', 'current', 'created_at', 'last_used_at', 'expires_at']);
    expect.includes(body.items[0], { user_agent: 'A browser', address: '127.0.0.1' });
    const walked = await p.client.walk(`${SESSIONS}?size=1&sort=last_used_at`);
    assert.deepEqual(walked.map(({ id }) => id), [p.session, other.session]);
  });

  test('can be ended, one by one and all others', async () => {
    const p = await newcomer(t);
    const others = await Promise.all([1, 2, 3].map(() => signIn(t.anyone, p.email)));
    expect.status(await p.client.delete(`${SESSIONS}/${others[0].session}`), 204);
    expect.unauthenticated(await others[0].client.get(ME));
    expect.problem(await p.client.delete(`${SESSIONS}/${others[0].session}`), 404, 'not_found');
    expect.status(await others[1].client.get(ME), 200);
    expect.status(await p.client.delete(SESSIONS), 204);
    for (const s of others) expect.unauthenticated(await s.client.get(ME));
    expect.status(await p.client.get(ME), 200);
    assert.equal((await p.client.get(SESSIONS)).body.items.length, 1);
  });

  test('of somebody else: 404, also for admins, and nothing changes', async () => {
    const p = await newcomer(t);
    for (const client of [t.admin, t.reporter]) {
      for (const id of [p.session, '019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07', 'x', "'; DROP TABLE sessions; --", '%2e%2e%2fx']) {
        expect.problem(await client.delete(`${SESSIONS}/${encodeURIComponent(id)}`), 404, 'not_found');
      }
    }
    expect.status(await p.client.get(ME), 200);
  });

  test('a User-Agent that is no text, or endless, does no harm', async () => {
    const p = await newcomer(t);
    for (const agent of ['\u00ff\u00fe\u0080', 'x'.repeat(5000), '']) {
      await signIn(t.anyone, p.email, PASSWORD, { 'User-Agent': agent });
    }
    const { items } = (await p.client.get(SESSIONS)).body;
    assert.deepEqual(items.map(({ user_agent }) => user_agent.length).slice(0, 3), [0, 255, 0]);
  });

  test('ended ones are forgotten in time', async () => {
    const p = await newcomer(t);
    const old = await signIn(t.anyone, p.email);
    await t.db.exec(`UPDATE sessions SET expires_at = now() - interval '31 days' WHERE id = '${old.session}';`);
    await signIn(t.anyone, p.email);
    assert.equal(await t.db.exec(`SELECT count(*) FROM sessions WHERE id = '${old.session}';`), '0');
  });
});

describe('the own profile and password', () => {
  const t = useTracker();
  const change = (client, current_password, new_password) => client.post(`${ME}/password`, { current_password, new_password });

  test('the name can be changed, and nothing else by it', async () => {
    const p = await newcomer(t);
    const { body } = expect.status(await p.client.patch(ME, { name: 'Better' }), 200);
    expect.includes(body, { id: p.id, name: 'Better', role: 'reporter' });
    await t.unchanged(async () => {
      const extra = { role: 'admin', id: t.ids.admin, is_active: false, version: 7, email: 'x@y.test', password_hash: 'x', created_at: null };
      for (const [name, value] of Object.entries(extra)) {
        expect.problem(await p.client.patch(ME, { name: 'Worse', [name]: value }), 422, 'validation_failed', { [name]: 'unknown_field' });
      }
      for (const name of ['', '  ', 'x'.repeat(256), 'a\nb', null, 7]) {
        expect.problem(await p.client.patch(ME, { name }), 422, 'validation_failed', { name: null });
      }
      expect.problem(await p.client.patch(ME, { name: 'a\u0000b' }), 400, 'malformed_json');
    });
  });

  test('registration takes no member beyond its own', async () => {
    await t.unchanged(async () => {
      for (const name of ['role', 'id', 'is_active', 'version', 'is_admin', 'created_at']) {
        const r = await t.anyone.post('/api/v1/auth/register', { email: 'm@example.test', password: PASSWORD, name: 'M', [name]: 'admin' });
        expect.problem(r, 422, 'validation_failed', { [name]: 'unknown_field' });
      }
    });
  });

  test('a new password ends the other sessions at once', async () => {
    const p = await newcomer(t);
    const other = await signIn(t.anyone, p.email);
    expect.status(await other.client.get(ME), 200);
    expect.status(await change(p.client, PASSWORD, NEW_PASSWORD), 204);
    expect.unauthenticated(await other.client.get(ME));
    expect.unauthenticated(await t.anyone.post(REFRESH, { refresh_token: other.refresh_token }), 'invalid_refresh_token');
    expect.status(await p.client.get(ME), 200);
    expect.status(await t.anyone.post(REFRESH, { refresh_token: p.refresh_token }), 200);
    expect.unauthenticated(await t.anyone.post(LOGIN, { email: p.email, password: PASSWORD }), 'invalid_credentials');
    await signIn(t.anyone, p.email, NEW_PASSWORD);
  });

  test('needs the current one, and follows the rules', async () => {
    const p = await newcomer(t);
    const wrong = await change(p.client, 'not the password', NEW_PASSWORD);
    expect.problem(wrong, 422, 'validation_failed', { current_password: 'wrong' });
    for (const [password, code] of [['x'.repeat(11), 'too_short'], ['x'.repeat(1025), 'too_long']]) {
      const r = await change(p.client, PASSWORD, password);
      expect.problem(r, 422, 'validation_failed', { new_password: code });
      assert.ok(!r.text.includes(password));
    }
    expect.status(await change(p.client, PASSWORD, ' '.repeat(12)), 204);
    await signIn(t.anyone, p.email, ' '.repeat(12));
  });

  test('of two changes at the same time one wins', async () => {
    const p = await newcomer(t);
    const answers = await Promise.all([1, 2, 3].map((n) => change(p.client, PASSWORD, `${NEW_PASSWORD} ${n}`)));
    assert.equal(answers.filter((r) => r.status === 204).length, 1, answers.map((r) => r.text).join('\n'));
    for (const r of answers) expect.oneOf(r, [204, 409, 422]);
  });

  test('a login that is under way when the password changes gets no session that lives on', async () => {
    for (let round = 0; round < 10; round++) {
      const p = await newcomer(t);
      const logins = Array.from({ length: 4 }, () => t.anyone.post(LOGIN, { email: p.email, password: PASSWORD }));
      const changed = change(p.client, PASSWORD, NEW_PASSWORD);
      const answers = await Promise.all(logins);
      expect.status(await changed, 204);
      for (const r of answers) {
        if (expect.oneOf(r, [200, 401]).status === 200) expect.unauthenticated(await t.anyone.as(r.body.access_token).get(ME));
      }
    }
  });

  for (const [what, change_] of [['password', 'password_changed_at = clock_timestamp()'], ['access', 'is_active = false']]) {
    test(`a login whose ${what} is taken while the password is verified is refused, and begins no session`, async () => {
      const p = await newcomer(t);
      // The login waits for the row behind the verification.
      const r = await t.db.heldFrom(`PERFORM FROM users WHERE id = '${p.id}' FOR UPDATE`, `UPDATE users SET ${change_} WHERE id = '${p.id}'`,
        () => t.anyone.post(LOGIN, { email: p.email, password: PASSWORD }));
      expect.problem(r, 401, 'invalid_credentials');
      assert.equal(await t.db.exec(`SELECT count(*) FROM sessions WHERE user_id = '${p.id}';`), '1');
    });
  }

  test('a guess at the own password is slowed down as others are', async () => {
    const p = await newcomer(t);
    for (let i = 0; i < 5; i++) expect.status(await change(p.client, `guess number ${i}`, NEW_PASSWORD), 422);
    const r = expect.problem(await change(p.client, PASSWORD, NEW_PASSWORD), 429, 'too_many_requests');
    assert.ok(Number(r.headers['retry-after']) >= 1);
    await signIn(t.anyone, p.email);
    await sleep(ms(1100));
    expect.status(await change(p.client, PASSWORD, NEW_PASSWORD), 204);
  });
});
