import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CAST, email } from '../support/database.js';
import * as expect from '../support/expect.js';
import { formerUser } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const USER = ['id', 'email', 'name', 'handle', 'role', 'is_active', 'created_at', 'updated_at'];

describe('users', () => {
  const t = useTracker();

  test('/users/me is who the token is for', async () => {
    for (const [person, role] of Object.entries(CAST)) {
      const { body } = expect.status(await t[person].get('/api/v1/users/me'), 200);
      expect.members(body, USER);
      expect.includes(body, { email: email(person), name: person, role, is_active: true });
    }
  });

  test('/users lists everybody to everybody who is signed in', async () => {
    for (const client of [t.admin, t.reporter]) {
      const { body } = expect.status(await client.get('/api/v1/users?size=100'), 200);
      assert.deepEqual(body.items.map((user) => user.name).sort(), Object.keys(CAST).sort());
      assert.equal(body.meta.total, Object.keys(CAST).length);
    }
  });

  test('no user is shown with a secret', async () => {
    const { text } = await t.admin.get('/api/v1/users?size=100');
    assert.doesNotMatch(text, /password|argon2|hash/);
  });

  test('/users has pages, cursors and sparse fields as every list', async () => {
    const page = expect.status(await t.reporter.get('/api/v1/users?size=3&page=2'), 200).body;
    assert.equal(page.items.length, 3);
    expect.includes(page.meta, { page: 2, size: 3, total: 7, total_exact: true, pages: 3, has_next: true, has_prev: true });
    const all = await t.reporter.walk('/api/v1/users?size=2');
    assert.equal(new Set(all.map((user) => user.id)).size, 7);
    const { body: sparse } = expect.status(await t.reporter.get('/api/v1/users?fields=id,name'), 200);
    expect.members(sparse.items[0], ['id', 'name']);
  });

  test('nobody is deleted or gets another id, not even by SQL: histories name them', async () => {
    for (const sql of ['DELETE FROM users', 'UPDATE users SET id = make_uuid_v7()', 'TRUNCATE users CASCADE']) {
      await assert.rejects(t.db.exec(`${sql};`), /people are not deleted/, sql);
    }
    expect.status(await t.reporter.get('/api/v1/users/me'), 200);
  });

  test('paths below users that are not there are 404', async () => {
    expect.problem(await t.admin.get('/api/v1/users/me/nothing'), 404, 'not_found');
  });
});

describe('the list of users', () => {
  const t = useTracker();

  test('can be filtered by role and by who may sign in', async () => {
    const former = await formerUser(t);
    const { items } = expect.status(await t.reporter.get('/api/v1/users?size=100'), 200).body;
    for (const [query, holds] of [
      ['role=developer', (u) => u.role === 'developer'],
      ['role=admin&role=manager', (u) => ['admin', 'manager'].includes(u.role)],
      ['is_active=false', (u) => u.id === former],
      ['is_active=true', (u) => u.id !== former],
      ['role=reporter&is_active=true', (u) => u.role === 'reporter' && u.id !== former],
    ]) {
      const expected = items.filter(holds).map(({ id }) => id);
      assert.ok(expected.length > 0 && expected.length < items.length, query);
      const r = expect.status(await t.reporter.get(`/api/v1/users?size=100&${query}`), 200);
      assert.deepEqual(r.body.items.map(({ id }) => id), expected, query);
      assert.equal(r.body.meta.total, expected.length);
    }
  });
});
