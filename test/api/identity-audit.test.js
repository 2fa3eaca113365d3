import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bugd } from '../support/bugd.js';
import { PASSWORD } from '../support/env.js';
import * as expect from '../support/expect.js';
import { LOGIN, LOGOUT, ME, events, makeToken, newcomer, signIn } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const AUDIT = '/api/v1/audit';
const EVENT = ['id', 'type', 'user_id', 'actor_id', 'session_id', 'address', 'user_agent', 'at', 'detail'];

describe('the log of security events', () => {
  const t = useTracker();

  test('has one entry for each thing that somebody did', async () => {
    const p = await newcomer(t, 'developer');
    await t.anyone.post(LOGIN, { email: p.email, password: 'not the password' });
    const pat = await makeToken(t, p.client, ['issues:read']);
    await p.client.delete(`${ME}/tokens/${pat.id}`);
    const other = await signIn(t.anyone, p.email);
    await p.client.delete(`${ME}/sessions/${other.session}`);
    await p.client.post(`${ME}/password`, { current_password: PASSWORD, new_password: 'quite another password' });
    await t.admin.patch(`/api/v1/users/${p.id}`, { role: 'manager', is_active: false });
    await t.admin.patch(`/api/v1/users/${p.id}`, { is_active: true });
    const again = await signIn(t.anyone, p.email, 'quite another password');
    await again.client.post(LOGOUT);
    const log = await events(t, `user_id=${p.id}&sort=at`);
    for (const event of log) expect.members(event, EVENT);
    assert.deepEqual(log.map(({ type, actor_id }) => [type, actor_id === p.id ? 'self' : actor_id === t.ids.admin ? 'admin' : actor_id]), [
      ['user_created', 'admin'], ['login', 'self'], ['login_failed', null], ['token_created', 'self'], ['token_deleted', 'self'], ['login', 'self'],
      ['session_ended', 'self'], ['password_changed', 'self'], ['role_changed', 'admin'], ['user_deactivated', 'admin'], ['user_activated', 'admin'],
      ['login', 'self'], ['logout', 'self'],
    ]);
    assert.equal(log.find(({ type }) => type === 'login').session_id, p.session);
    assert.deepEqual(log.find(({ type }) => type === 'session_ended').detail, { ended_session_id: other.session });
    assert.deepEqual(log.find(({ type }) => type === 'token_created').detail.scopes, ['issues:read']);
  });

  test('knows who registered, and what the command line did', async () => {
    const r = await t.anyone.post('/api/v1/auth/register', { email: 'registered@example.test', password: PASSWORD, name: 'R' });
    const { id } = expect.status(r, 201).body;
    const env = { DATABASE_URL: t.db.url };
    await bugd(['user', 'set-role', '--email', 'registered@example.test', '--role', 'manager'], env);
    await bugd(['user', 'set-password', '--email', 'registered@example.test'], env, 'a password of the operator\n');
    await bugd(['user', 'deactivate', '--email', 'registered@example.test'], env);
    const log = await events(t, `user_id=${id}&sort=at`);
    assert.deepEqual(log.map(({ type, actor_id, address }) => [type, actor_id, address]), [
      ['user_registered', null, '127.0.0.1'], ['role_changed', null, 'local'], ['password_changed', null, 'local'], ['user_deactivated', null, 'local'],
    ]);
  });

  test('what did not happen is not in it', async () => {
    const count = () => t.db.exec('SELECT count(*) FROM security_events;');
    const p = await newcomer(t);
    const before = await count();
    await t.admin.patch(`/api/v1/users/${p.id}`, { role: 'reporter' });
    await t.admin.patch(`/api/v1/users/${t.ids.admin}`, { role: 'manager' });
    await t.manager.patch(`/api/v1/users/${p.id}`, { role: 'admin' });
    await p.client.delete(`${ME}/sessions/${t.ids.admin}`);
    assert.equal(await count(), before);
  });

  test('is read by filter, page and cursor', async () => {
    const p = await newcomer(t);
    for (let i = 0; i < 3; i++) await t.anyone.post(LOGIN, { email: p.email, password: 'not the password' });
    const failed = `${AUDIT}?user_id=${p.id}&type=login_failed`;
    const page = expect.status(await t.admin.get(`${failed}&size=2`), 200).body;
    assert.equal(page.items.length, 2);
    expect.includes(page.meta, { total: 3, has_next: true });
    const walked = await t.admin.walk(`${failed}&size=1&sort=at`);
    assert.deepEqual(walked.map(({ at }) => at), walked.map(({ at }) => at).sort());
    assert.equal(walked.length, 3);
    const from = walked[0].at;
    assert.equal((await t.admin.get(`${failed}&after=${from}`)).body.meta.total, 2);
    assert.equal((await t.admin.get(`${failed}&before=${from}`)).body.meta.total, 0);
    assert.equal((await t.admin.get(`${AUDIT}?actor_id=${p.id}`)).body.meta.total, 1);
    assert.equal((await t.admin.get(`${failed}&address=127.0.0.1`)).body.meta.total, 3);
    assert.equal((await t.admin.get(`${failed}&address=192.0.2.1`)).body.meta.total, 0);
    assert.equal((await t.admin.get(`${failed}&type=login`)).body.meta.total, 4);
    for (const query of ['type=king', 'user_id=x', 'after=yesterday', 'sort=detail', 'user=x']) {
      expect.problem(await t.admin.get(`${AUDIT}?${query}`), 422, 'validation_failed');
    }
  });

  test('is for admins alone', async () => {
    for (const client of [t.manager, t.developer, t.reporter]) expect.problem(await client.get(AUDIT), 403, 'forbidden');
  });

  test('is only ever added to', async () => {
    for (const sql of ['UPDATE security_events SET address = $$x$$;', 'DELETE FROM security_events;', 'TRUNCATE security_events;']) {
      await assert.rejects(t.db.exec(sql), /append-only/);
    }
  });
});
