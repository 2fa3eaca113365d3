import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { email } from '../support/database.js';
import { PASSWORD } from '../support/env.js';
import * as expect from '../support/expect.js';
import { LOGIN, ME, events, makeToken, newcomer, signInAs } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const USERS = '/api/v1/users';
const USER = ['id', 'email', 'name', 'handle', 'role', 'is_active', 'created_at', 'updated_at'];

describe('administration of people', () => {
  const t = useTracker();
  const patch = (id, body, client = t.admin) => client.patch(`${USERS}/${id}`, body);

  test('an admin creates people of each role, who can sign in', async () => {
    for (const role of ['reporter', 'developer', 'manager', 'admin']) {
      const p = await newcomer(t, role);
      const { body } = expect.status(await p.client.get(ME), 200);
      expect.members(body, USER);
      expect.includes(body, { id: p.id, role, is_active: true });
      if (role === 'admin') expect.status(await patch(p.id, { is_active: false }), 200);
    }
  });

  test('the location of a new user leads to it', async () => {
    const r = await t.admin.post(USERS, { email: 'located@example.test', password: PASSWORD, name: 'L' });
    assert.equal(expect.status(r, 201).headers.location, `${USERS}/${r.body.id}`);
    assert.equal(r.body.role, 'reporter');
    const read = expect.status(await t.reporter.get(r.headers.location), 200);
    assert.deepEqual(read.body, r.body);
    expect.status(await t.reporter.get(r.headers.location, { headers: { 'If-None-Match': read.headers.etag } }), 304);
    assert.deepEqual((await t.reporter.get(`${r.headers.location}?fields=id`)).body, { id: r.body.id });
  });

  test('bad input for a new one changes nothing', async () => {
    const good = { email: 'new@example.test', password: PASSWORD, name: 'N' };
    await t.unchanged(async () => {
      expect.problem(await t.admin.post(USERS, { ...good, email: email('developer').toUpperCase() }), 409, 'email_taken');
      expect.problem(await t.admin.post(USERS, { ...good, role: 'king' }), 422, 'validation_failed', { role: 'invalid_value' });
      expect.problem(await t.admin.post(USERS, { ...good, is_active: true }), 422, 'validation_failed', { is_active: 'unknown_field' });
      expect.problem(await t.admin.post(USERS, { ...good, password: 'x'.repeat(11) }), 422, 'validation_failed', { password: 'too_short' });
      const bad = ['a'.repeat(1000), `${'a'.repeat(990)}@b.test`, ' a@b.test', 'ä@b.test', 'a@bücher.test', 'a@b', '\u202ea@b.test'];
      for (const address of bad) expect.problem(await t.admin.post(USERS, { ...good, email: address }), 422, 'validation_failed', { email: null });
      expect.problem(await t.admin.post(USERS, { ...good, email: 'a\u0000@b.test' }), 400, 'malformed_json');
      for (const client of [t.manager, t.developer, t.reporter]) expect.problem(await client.post(USERS, good), 403, 'forbidden');
    });
  });

  test('who is not there, or not named by an id: 404', async () => {
    for (const id of ['019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07', 'x', '%27%3b--', 'a'.repeat(500)]) {
      expect.problem(await t.admin.get(`${USERS}/${id}`), 404, 'not_found');
      expect.problem(await patch(id, { name: 'X' }), 404, 'not_found');
    }
  });

  test('a change names what changes, and nothing else', async () => {
    const p = await newcomer(t);
    await t.unchanged(async () => {
      for (const name of ['id', 'email', 'password', 'password_hash', 'version', 'created_at']) {
        expect.problem(await patch(p.id, { [name]: 'x' }), 422, 'validation_failed', { [name]: 'unknown_field' });
      }
      for (const body of [{ role: null }, { role: 'ADMIN' }, { is_active: null }, { is_active: 'no' }, { name: '' }]) {
        expect.problem(await patch(p.id, body), 422, 'validation_failed');
      }
      expect.status(await patch(p.id, {}), 200);
      expect.status(await patch(p.id, { role: 'reporter', is_active: true }), 200);
      for (const client of [t.manager, t.developer, t.reporter, p.client]) {
        expect.problem(await patch(p.id, { role: 'admin' }, client), 403, 'forbidden');
      }
    });
  });

  test('a new role counts at once, with the tokens from before', async () => {
    const p = await newcomer(t);
    expect.problem(await p.client.post('/api/v1/projects', { key: 'EARLY', name: 'Early' }), 403, 'forbidden');
    expect.includes(expect.status(await patch(p.id, { role: 'manager', name: 'Risen' }), 200).body, { role: 'manager', name: 'Risen' });
    expect.status(await p.client.post('/api/v1/projects', { key: 'LATER', name: 'Later' }), 201);
    expect.status(await patch(p.id, { role: 'reporter' }), 200);
    expect.problem(await p.client.post('/api/v1/projects', { key: 'LATEST', name: 'Latest' }), 403, 'forbidden');
    const changes = await events(t, `type=role_changed&user_id=${p.id}&sort=at`);
    assert.deepEqual(changes.map(({ actor_id, detail }) => [actor_id, detail.from, detail.to]),
      [[t.ids.admin, 'reporter', 'manager'], [t.ids.admin, 'manager', 'reporter']]);
  });

  test('who is deactivated is out at once: sessions, refresh and personal tokens; for good', async () => {
    const p = await newcomer(t, 'developer');
    const pat = await makeToken(t, p.client, ['issues:read']);
    expect.status(await pat.client.get('/api/v1/issues'), 200);
    expect.status(await patch(p.id, { is_active: false }), 200);
    expect.unauthenticated(await p.client.get(ME));
    expect.unauthenticated(await pat.client.get('/api/v1/issues'));
    expect.unauthenticated(await t.anyone.post(LOGIN, { email: p.email, password: PASSWORD }), 'invalid_credentials');
    expect.status(await patch(p.id, { is_active: true }), 200);
    expect.unauthenticated(await p.client.get(ME));
    expect.unauthenticated(await pat.client.get('/api/v1/issues'));
    expect.status(await t.anyone.post(LOGIN, { email: p.email, password: PASSWORD }), 200);
  });
});

describe('the last admin', () => {
  const t = useTracker();
  const patch = (id, body, client) => client.patch(`${USERS}/${id}`, body);
  const admins = async () => Number(await t.db.exec(`SELECT count(*) FROM users WHERE role = 'admin' AND is_active;`));

  test('can be neither demoted nor deactivated', async () => {
    await t.unchanged(async () => {
      for (const body of [{ role: 'manager' }, { is_active: false }, { role: 'reporter', is_active: false }]) {
        expect.problem(await patch(t.ids.admin, body, t.admin), 409, 'last_admin');
      }
    });
    expect.status(await patch(t.ids.admin, { name: 'Still here', role: 'admin', is_active: true }, t.admin), 200);
  });

  test('an admin who is not active does not count', async () => {
    const other = await newcomer(t, 'admin');
    expect.status(await patch(other.id, { is_active: false }, t.admin), 200);
    expect.problem(await patch(t.ids.admin, { role: 'manager' }, t.admin), 409, 'last_admin');
    expect.status(await patch(other.id, { role: 'reporter' }, t.admin), 200);
  });

  test('two who demote each other at the same time: one stays', async () => {
    for (let round = 0; round < 15; round++) {
      const { client } = await signInAs(t, 'admin');
      const other = await newcomer(t, 'admin', client);
      const body = round % 2 ? { role: 'manager' } : { is_active: false };
      const answers = await Promise.all([patch(other.id, body, client), patch(t.ids.admin, body, other.client)]);
      assert.equal(await admins(), 1, answers.map((r) => r.text).join('\n'));
      assert.equal(answers.filter((r) => r.status === 200).length, 1);
      await t.db.exec(`UPDATE users SET role = 'admin', is_active = true WHERE id = '${t.ids.admin}';
        UPDATE users SET role = 'reporter' WHERE id = '${other.id}';`);
    }
  });

  test('ten who all step down at the same time: one stays', async () => {
    const { client } = await signInAs(t, 'admin');
    const others = [];
    for (let n = 0; n < 9; n++) others.push(await newcomer(t, 'admin', client));
    const all = [{ id: t.ids.admin, client }, ...others];
    const answers = await Promise.all(all.map((p) => patch(p.id, { role: 'reporter' }, p.client)));
    assert.equal(answers.filter((r) => r.status === 200).length, 9, answers.map((r) => r.text).join('\n'));
    assert.equal(await admins(), 1);
  });
});
