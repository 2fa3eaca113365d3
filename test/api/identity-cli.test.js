import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bugd } from '../support/bugd.js';
import { CAST, email } from '../support/database.js';
import { PASSWORD } from '../support/env.js';
import * as expect from '../support/expect.js';
import { LOGIN, ME, newcomer, permissions, signIn } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

describe('bugd user', () => {
  const t = useTracker();
  const user = (args, input) => bugd(['user', ...args], { DATABASE_URL: t.db.url }, input);

  test('list shows everybody, and no secret', async () => {
    const done = await user(['list']);
    assert.equal(done.code, 0, done.stderr);
    const lines = done.stdout.trim().split('\n').slice(1).map((line) => line.split(/\s+/));
    for (const [person, role] of Object.entries(CAST)) assert.ok(lines.some((l) => l[0] === email(person) && l[1] === role && l[2] === 'yes' && l[4] === person));
    assert.doesNotMatch(done.stdout, /argon2/);
  });

  test('set-role', async () => {
    const p = await newcomer(t);
    const done = await user(['set-role', '--email', p.email.toUpperCase(), '--role', 'manager']);
    assert.equal(done.code, 0, done.stderr);
    assert.equal((await p.client.get(ME)).body.role, 'manager');
  });

  test('set-password reads it from standard input, and ends the sessions', async () => {
    const p = await newcomer(t);
    const done = await user(['set-password', '--email', p.email], 'given by the operator\n');
    assert.equal(done.code, 0, done.stderr);
    assert.ok(!`${done.stdout}${done.stderr}`.includes('given by'));
    expect.unauthenticated(await p.client.get(ME));
    expect.status(await t.anyone.post(LOGIN, { email: p.email, password: PASSWORD }), 401);
    await signIn(t.anyone, p.email, 'given by the operator');
  });

  test('deactivate', async () => {
    const p = await newcomer(t);
    assert.equal((await user(['deactivate', '--email', p.email])).code, 0);
    expect.unauthenticated(await p.client.get(ME));
    assert.match((await user(['list'])).stdout, new RegExp(`${p.email} +reporter +no`));
  });

  test('what cannot be done: 1, why, and nothing is changed', async () => {
    await t.unchanged(async () => {
      for (const [args, what, input] of [
        [['set-role', '--email', 'nobody@example.test', '--role', 'manager'], /no user.*nobody@example\.test/],
        [['deactivate', '--email', 'nobody@example.test'], /no user/],
        [['set-password', '--email', 'nobody@example.test'], /no user/, `${PASSWORD}\n`],
        [['set-password', '--email', email('reporter')], /the password/, 'short\n'],
        [['set-password', '--email', email('reporter')], /password/, ''],
        [['set-role', '--email', email('admin'), '--role', 'reporter'], /last active admin/],
        [['deactivate', '--email', email('admin')], /last active admin/],
      ]) {
        const done = await user(args, input);
        assert.equal(done.code, 1, args.join(' '));
        assert.match(done.stderr, what);
      }
      for (const args of [['set-role'], ['set-role', '--email', email('reporter')], ['set-role', '--email', email('reporter'), '--role', 'king'],
        ['deactivate', '--email', 'nonsense'], ['set-password', '--email', email('reporter'), '--password', PASSWORD]]) {
        assert.equal((await user(args)).code, 2, args.join(' '));
      }
    });
  });
});

describe('bugd permissions', () => {
  test('prints the matrix, for people, for the README and for programs', async () => {
    const { permissions: matrix, scopes, routes } = await permissions();
    const [text, markdown] = await Promise.all([[], ['--markdown']].map((args) => bugd(['permissions', ...args])));
    for (const { name } of matrix) assert.ok(text.stdout.includes(name), name);
    for (const { name } of scopes) assert.ok(markdown.stdout.includes(`\`${name}\``), name);
    for (const { permission } of routes) assert.ok(matrix.some(({ name }) => name === permission), permission);
    assert.equal((await bugd(['permissions', '--json', '--markdown'])).code, 2);
  });
});
