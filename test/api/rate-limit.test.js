// Limits of rate: who is counted for what, and what answers say of it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Server, withServer } from '../support/bugd.js';
import { email } from '../support/database.js';
import * as expect from '../support/expect.js';
import { makeToken } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';

/** { policy: [name, quota, window], left, reset } of an answer. */
function limits(r) {
  const [, name, quota, window] = r.headers['ratelimit-policy'].match(/^"([a-z-]+)";q=(\d+);w=(\d+)$/);
  const [, same, left, reset] = r.headers.ratelimit.match(/^"([a-z-]+)";r=(\d+);t=(\d+)$/);
  assert.equal(same, name);
  return { name, quota: Number(quota), window: Number(window), left: Number(left), reset: Number(reset) };
}

async function until429(ask, most) {
  for (let i = 0; i < most; i++) {
    const r = await ask();
    if (r.status === 429) return { after: i, r };
  }
  return assert.fail(`no 429 within ${most}`);
}

describe('with limits of rate', () => {
  // Quotas so small that a few requests reach them, and that a slow machine gets few tokens back meanwhile.
  const t = useTracker({ RATE_LIMIT: 'on', RATE_LIMIT_READ: '30', RATE_LIMIT_WRITE: '6', RATE_LIMIT_SIGN_IN: '20' });

  test('answers say what is left, and one too many gets 429 with Retry-After', async () => {
    const first = limits(expect.status(await t.reporter.get(ISSUES), 200));
    assert.deepEqual([first.name, first.quota, first.window], ['read', 30, 60]);
    const second = limits(expect.status(await t.reporter.get(ISSUES), 200));
    assert.ok(second.left < first.left || second.left === first.left, 'tokens come back');
    assert.ok(second.reset >= 1 && second.reset <= 60);
    const { r } = await until429(() => t.reporter.get(ISSUES), 60);
    expect.problem(r, 429, 'too_many_requests');
    assert.ok(Number(r.headers['retry-after']) >= 1 && Number(r.headers['retry-after']) <= 2, r.headers['retry-after']);
    assert.equal(limits(r).left, 0);
  });

  test('the limit is of one person and one kind', async () => {
    await until429(() => t.reporter2.get(ISSUES), 60);
    expect.status(await t.developer2.get(ISSUES), 200);
    expect.problem(await t.reporter2.post(ISSUES, {}), 422, 'validation_failed', { project_id: 'required', title: 'required' });
    assert.equal(limits(await t.reporter2.patch(`${ISSUES}/NONE-1`, { version: 1, title: 'x' })).name, 'write');
  });

  test('a personal access token has a limit of its own, and its owner one for all of them', async () => {
    const make = async (name) => expect.status(await t.admin.post('/api/v1/users/me/tokens', { name, scopes: ['issues:read'] }), 201).body.token;
    const one = t.anyone.as(await make('one'));
    const other = t.anyone.as(await make('other'));
    const { r } = await until429(() => one.get(ISSUES), 60);
    assert.equal(limits(r).name, 'read');
    expect.problem(await other.get(ISSUES), 429, 'too_many_requests');
  });

  test('health and readiness are never refused', async () => {
    for (let i = 0; i < 50; i++) {
      const r = expect.status(await t.anyone.get('/health'), 200);
      assert.equal(r.headers.ratelimit, undefined);
    }
  });

  test('problems tell the limits, too', async () => {
    assert.equal(limits(expect.problem(await t.manager2.get(`${ISSUES}/NONE-1`), 404, 'not_found')).name, 'read');
  });
});

describe('signing in', () => {
  const t = useTracker({ RATE_LIMIT: 'on', RATE_LIMIT_SIGN_IN: '30' });

  test('is limited for an address, and so are tokens that are not valid', async () => {
    // The cast has signed in from here already.
    const { r } = await until429(() => t.anyone.post('/api/v1/auth/refresh', { refresh_token: 'x' }), 31);
    assert.equal(limits(r).name, 'sign-in');
    const { r: guess } = await until429(() => t.anyone.as(`bugd_pat_${'x'.repeat(49)}`).get(ISSUES), 5);
    expect.problem(guess, 429, 'too_many_requests');
    expect.status(await t.developer.get(ISSUES), 200);
  });
});

describe('an exempt network', () => {
  const t = useTracker({ RATE_LIMIT: 'on', RATE_LIMIT_READ: '1', RATE_LIMIT_EXEMPT: '10.0.0.0/8, 127.0.0.1' });

  test('is not limited', async () => {
    for (let i = 0; i < 5; i++) assert.equal(expect.status(await t.developer.get(ISSUES), 200).headers.ratelimit, undefined);
  });

  test('is known by what a trusted proxy says of the client', async () => {
    const server = await Server.start({ DATABASE_URL: t.db.url, RATE_LIMIT: 'on', RATE_LIMIT_READ: '1', RATE_LIMIT_EXEMPT: '203.0.113.0/24', TRUSTED_PROXIES: '127.0.0.1' });
    try {
      const from = (address) => server.anyone.as(t.developer.token).get(ISSUES, { headers: { 'X-Forwarded-For': address } });
      for (let i = 0; i < 3; i++) expect.status(await from('203.0.113.7'), 200);
      await until429(() => from('198.51.100.7'), 3);
    } finally {
      await server.stop();
    }
  });
});

describe('no limit', () => {
  const t = useTracker({ RATE_LIMIT: 'on', RATE_LIMIT_READ: '0', RATE_LIMIT_WRITE: '1' });

  test('is what 0 means', async () => {
    for (let i = 0; i < 10; i++) assert.equal(expect.status(await t.developer.get(ISSUES), 200).headers.ratelimit, undefined);
    expect.oneOf(await t.anyone.post('/api/v1/auth/login', { email: email('developer'), password: 'correct horse battery' }), [200]);
  });
});

test('a network that is none stops the start', async () => {
  await assert.rejects(withServer({ DATABASE_URL: 'postgresql:///none', RATE_LIMIT_EXEMPT: 'localhost' }, () => undefined, { ready: false }), /RATE_LIMIT_EXEMPT/);
});
