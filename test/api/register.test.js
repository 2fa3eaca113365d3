import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { email } from '../support/database.js';
import { PASSWORD } from '../support/env.js';
import * as expect from '../support/expect.js';
import { login, useTracker } from '../support/tracker.js';

const REGISTER = '/api/v1/auth/register';

describe('registration', () => {
  const t = useTracker();
  const newcomer = (fields = {}) => ({
    email: `newcomer${t.unique()}@example.test`, password: PASSWORD, name: 'New Comer', ...fields,
  });

  test('makes a user, a reporter, and answers 201 without any secret', async () => {
    const input = newcomer();
    const r = expect.status(await t.anyone.post(REGISTER, input), 201);
    expect.members(r.body, ['id', 'email', 'name', 'handle', 'role', 'is_active', 'created_at', 'updated_at']);
    expect.includes(r.body, { email: input.email, name: input.name, role: 'reporter', is_active: true });
    expect.uuid(r.body.id);
    expect.instant(r.body.created_at);
    assert.equal(r.body.updated_at, r.body.created_at);
  });

  test('makes somebody who can sign in', async () => {
    const input = newcomer();
    expect.status(await t.anyone.post(REGISTER, input), 201);
    expect.status(await t.anyone.post('/api/v1/auth/login', { email: input.email, password: input.password }), 200);
  });

  test('keeps the e-mail in lower case', async () => {
    const n = t.unique();
    const r = await t.anyone.post(REGISTER, newcomer({ email: `Mixed.Case${n}@Example.TEST` }));
    assert.equal(expect.status(r, 201).body.email, `mixed.case${n}@example.test`);
  });

  test('refuses an e-mail that is taken, in any case', async () => {
    for (const taken of [email('developer'), email('developer').toUpperCase()]) {
      expect.problem(await t.anyone.post(REGISTER, newcomer({ email: taken })), 409, 'email_taken');
    }
  });

  test('lets one of twenty at the same time have an e-mail', async () => {
    const input = newcomer();
    const answers = await Promise.all(Array.from({ length: 20 }, () => t.anyone.post(REGISTER, input)));
    const statuses = answers.map((r) => r.status).sort();
    assert.deepEqual(statuses, [201, ...Array(19).fill(409)]);
  });

  test('takes passwords of 12 to 1024 bytes, whatever is in them', async () => {
    const good = ['123456789012', ' '.repeat(12), 'x'.repeat(1024), 'üüüüüü', '😀😀😀', 'tab\tand\nline end'];
    for (const password of good) {
      const input = newcomer({ password });
      expect.status(await t.anyone.post(REGISTER, input), 201);
      expect.status(await t.anyone.post('/api/v1/auth/login', { email: input.email, password }), 200);
      const longer = await t.anyone.post('/api/v1/auth/login', { email: input.email, password: `${password}x` });
      expect.unauthenticated(longer, 'invalid_credentials');
    }
  });

  test('refuses shorter and longer ones, and does not show them', async () => {
    const bad = { '12345678901': 'too_short', '': 'too_short', ['x'.repeat(1025)]: 'too_long', ['ü'.repeat(513)]: 'too_long' };
    for (const [password, code] of Object.entries(bad)) {
      const r = await t.anyone.post(REGISTER, newcomer({ password }));
      expect.problem(r, 422, 'validation_failed', { password: code });
      if (password) assert.ok(!r.text.includes(password), 'the answer shows the password');
    }
  });

  test('tells all failing fields at once', async () => {
    const r = await t.anyone.post(REGISTER, { email: 'nobody', password: 'short', name: '   ', role: 'admin' });
    expect.problem(r, 422, 'validation_failed', {
      email: 'invalid_format', password: 'too_short', name: 'blank', role: 'unknown_field',
    });
    const empty = await t.anyone.post(REGISTER, {});
    expect.problem(empty, 422, 'validation_failed', { email: 'required', password: 'required', name: 'required' });
  });

  test('refuses what is no e-mail address', async () => {
    await t.unchanged(async () => {
      const bad = ['', 'a', '@', 'a@', '@b.test', 'a b@c.test', 'a@b c', 'a@b@c.test', ' a@b.test', 'a@b.test ', 'a@-b.test', `${'a'.repeat(250)}@b.test`];
      for (const address of bad) {
        const r = await t.anyone.post(REGISTER, newcomer({ email: address }));
        expect.problem(r, 422, 'validation_failed', { email: null });
      }
    });
  });

  test('refuses wrong types and null', async () => {
    for (const value of [null, 1, true, [], {}]) {
      const r = await t.anyone.post(REGISTER, { email: value, password: value, name: value });
      expect.problem(r, 422, 'validation_failed', { email: null, password: null, name: null });
    }
  });

  test('can be closed by a setting', async () => {
    await withServer({ DATABASE_URL: t.db.url, REGISTRATION: 'closed' }, async ({ anyone }) => {
      await t.unchanged(async () => {
        expect.problem(await anyone.post(REGISTER, newcomer()), 403, 'registration_closed');
      });
      await login(anyone, 'reporter');
    });
  });
});
