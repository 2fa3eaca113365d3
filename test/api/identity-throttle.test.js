import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Server, withServer } from '../support/bugd.js';
import { PASSWORD, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { LOGIN, events, newcomer } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const WRONG = 'not the password at all';

describe('guessing passwords', () => {
  const t = useTracker();
  const login = (email, password, client = t.anyone) => client.post(LOGIN, { email, password });
  const slowed = (r) => {
    expect.problem(r, 429, 'too_many_requests');
    const wait = Number(r.headers['retry-after']);
    assert.ok(Number.isInteger(wait) && wait >= 1 && wait <= 900, r.headers['retry-after']);
    return wait;
  };
  const forgive = () => t.db.exec('DELETE FROM login_throttle;');
  /** Somebody who never signed in: nobody's usual origin. */
  const stranger = async () => {
    const address = `stranger${t.unique()}@example.test`;
    expect.status(await t.admin.post('/api/v1/users', { email: address, password: PASSWORD, name: 'S' }), 201);
    return address;
  };

  test('from the fifth on takes longer and longer, for an account that is there and one that is not', async () => {
    const waits = [];
    for (const address of [await stranger(), 'nobody.at.all@example.test']) {
      await forgive();
      for (let i = 0; i < 5; i++) expect.unauthenticated(await login(address, WRONG), 'invalid_credentials');
      const seen = [];
      for (let failures = 5; failures < 20; failures++) {
        seen.push(slowed(await login(address, WRONG)));
        await t.db.exec(`UPDATE login_throttle SET next_at = now() WHERE kind = 'account';`);
        expect.unauthenticated(await login(address, WRONG), 'invalid_credentials');
      }
      waits.push(seen);
    }
    assert.deepEqual(waits[0], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]);
    assert.deepEqual(waits[1], waits[0]);
    await forgive();
  });

  test('a refusal is the same for the right password, and nothing is verified', async () => {
    const address = await stranger();
    for (let i = 0; i < 5; i++) await login(address, WRONG);
    const [right, wrong] = [await login(address, PASSWORD), await login(address, WRONG)];
    const same = ({ body: { request_id, ...rest }, headers }) => [rest, headers['retry-after'], Object.keys(headers)];
    assert.deepEqual(same(right), same(wrong));
    await sleep(ms(1100));
    expect.status(await login(address, PASSWORD), 200);
    await forgive();
  });

  test('the right password of somebody who was deactivated counts as a wrong one, so that nothing tells them apart', async () => {
    const address = await stranger();
    await t.db.exec(`UPDATE users SET is_active = false WHERE email = '${address}';`);
    for (let i = 0; i < 5; i++) expect.unauthenticated(await login(address, PASSWORD), 'invalid_credentials');
    slowed(await login(address, PASSWORD));
    await forgive();
  });

  test('whoever signed in from here before gets in while others guess', async () => {
    const p = await newcomer(t);
    await t.db.exec(`UPDATE sessions SET origin = '198.51.100.9' WHERE user_id = '${p.id}';`);
    for (let i = 0; i < 5; i++) expect.status(await login(p.email, WRONG), 401);
    slowed(await login(p.email, PASSWORD));
    await t.db.exec(`UPDATE sessions SET origin = '127.0.0.1' WHERE user_id = '${p.id}';`);
    expect.status(await login(p.email, PASSWORD), 200);
    expect.status(await login(p.email, PASSWORD), 200);
    await forgive();
  });

  test('from the usual origin is counted as well, apart, and a right password ends the count', async () => {
    const p = await newcomer(t);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) expect.status(await login(p.email, WRONG), 401);
      expect.status(await login(p.email, PASSWORD), 200);
    }
    for (let i = 0; i < 5; i++) expect.status(await login(p.email, WRONG), 401);
    slowed(await login(p.email, PASSWORD));
    assert.equal(await t.db.exec(`SELECT string_agg(kind, ',') FROM login_throttle;`), 'usual');
    await forgive();
  });

  test('an origin that tries many accounts is slowed down for those whom it never signed in', async () => {
    const p = await newcomer(t);
    for (let i = 0; i < 30; i++) expect.status(await login(`many${i}@example.test`, WRONG), 401);
    slowed(await login('many30@example.test', WRONG));
    slowed(await login(await stranger(), PASSWORD));
    expect.status(await login(p.email, PASSWORD), 200);
    await forgive();
  });

  test('many at the same time count as many, and then one at a time gets through, for all processes together', async () => {
    const address = await stranger();
    await withServer({ DATABASE_URL: t.db.url }, async (second) => {
      const clients = [t.anyone, second.anyone];
      const guess = (n) => Promise.all(Array.from({ length: n }, (_, i) => login(address, WRONG, clients[i % 2])));
      const first = await guess(40);
      assert.ok(first.every((r) => r.status === 401 || r.status === 429));
      slowed(await login(address, WRONG));
      slowed(await login(address, WRONG, second.anyone));
      await t.db.exec('UPDATE login_throttle SET next_at = now();');
      const next = await guess(20);
      assert.equal(next.filter((r) => r.status === 401).length, 1, next.map((r) => r.status).join(' '));
    });
    await forgive();
  });

  test('logins that are right are not slowed down, however many', async () => {
    const p = await newcomer(t);
    const answers = await Promise.all(Array.from({ length: 60 }, () => login(p.email, PASSWORD)));
    for (const r of answers) expect.oneOf(r, [200, 503]);
    assert.equal(await t.db.exec('SELECT count(*) FROM login_throttle;'), '0');
    expect.status(await login(p.email, PASSWORD), 200);
  });

  test('counts are forgotten after a day, and swept out by the way', async () => {
    const address = await stranger();
    for (let i = 0; i < 5; i++) await login(address, WRONG);
    await t.db.exec(`UPDATE login_throttle SET last_at = now() - interval '25 hours', next_at = now() + interval '1 hour';`);
    expect.status(await login(address, WRONG), 401);
    assert.equal(await t.db.exec(`SELECT failures FROM login_throttle WHERE kind = 'account';`), '1');
    await t.db.exec(`INSERT INTO login_throttle SELECT sha256(i::text::bytea), 'account', 9, now() - interval '2 days', now() FROM generate_series(1, 15) i;`);
    for (let i = 0; i < 2; i++) await login(`sweeper${i}@example.test`, WRONG);
    assert.equal(await t.db.exec(`SELECT count(*) FROM login_throttle WHERE last_at < now() - interval '1 day';`), '0');
    await forgive();
  });

  test('leaves nothing of what was typed: no e-mail, no password', async () => {
    await login('my.secret.by.mistake@example.test', 'a secret that was typed');
    const all = await t.db.exec(`SELECT (SELECT string_agg(encode(key, 'escape') || kind, '') FROM login_throttle) || (SELECT string_agg(e::text, '') FROM security_events e);`);
    assert.doesNotMatch(all, /mistake|secret that/);
    assert.doesNotMatch(t.server.output(), /mistake|secret that/);
    const [event] = await events(t, 'type=login_failed&sort=-at');
    expect.includes(event, { user_id: null, actor_id: null, address: '127.0.0.1' });
    await forgive();
  });
});

describe('hashes of passwords', () => {
  test('are made anew at the next login when the cost was raised, and only then', async () => {
    const t = { db: undefined };
    const { createDatabase, email } = await import('../support/database.js');
    t.db = await createDatabase();
    const stored = () => t.db.exec(`SELECT substring(password_hash FROM 'm=[0-9]+,t=[0-9]+') || ' ' || md5(password_hash) FROM users WHERE email = '${email('developer')}';`);
    const server = (cost) => Server.start({ DATABASE_URL: t.db.url, ...cost });
    try {
      const before = await stored();
      for (const [cost, expected] of [[{ PASSWORD_ITERATIONS: '1' }, /^m=64,t=1 /], [{ PASSWORD_ITERATIONS: '2' }, /^m=64,t=2 /],
        [{ PASSWORD_MEMORY_KIB: '128', PASSWORD_ITERATIONS: '2' }, /^m=128,t=2 /], [{ PASSWORD_ITERATIONS: '1' }, /^m=128,t=2 /]]) {
        const s = await server(cost);
        const answers = await Promise.all([1, 2, 3].map(() => s.anyone.post(LOGIN, { email: email('developer'), password: PASSWORD })));
        for (const r of answers) expect.status(r, 200);
        expect.status(await s.anyone.post(LOGIN, { email: email('developer'), password: WRONG }), 401);
        assert.match(await stored(), expected);
        await s.stop();
      }
      assert.notEqual(await stored(), before);
    } finally {
      await t.db.drop();
    }
  });

  test('one that is beyond the bounds is not computed', async () => {
    const { createDatabase, email } = await import('../support/database.js');
    const db = await createDatabase();
    try {
      await withServer({ DATABASE_URL: db.url }, async ({ anyone }) => {
        for (const hash of ['$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA', '$argon2id$v=19$m=64,t=4294967295,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA', '', 'x'.repeat(10_000)]) {
          await db.exec(`UPDATE users SET password_hash = '${hash}' WHERE email = '${email('developer')}';`);
          const started = Date.now();
          expect.status(await anyone.post(LOGIN, { email: email('developer'), password: PASSWORD }), 401);
          assert.ok(Date.now() - started < ms(1000));
        }
      });
    } finally {
      await db.drop();
    }
  });
});
