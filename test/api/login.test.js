import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { email, emptyDatabase, migrate } from '../support/database.js';
import { PASSWORD, SECRET_KEY } from '../support/env.js';
import * as expect from '../support/expect.js';
import { deactivate } from '../support/identity.js';
import { withConnection, message } from '../support/raw.js';
import { forge, open, tamper } from '../support/token.js';
import { useTracker } from '../support/tracker.js';

const LOGIN = '/api/v1/auth/login';
const ME = '/api/v1/users/me';

describe('login', () => {
  const t = useTracker();
  const me = (token) => t.anyone.as(token).get(ME);

  test('answers an access token that works', async () => {
    const r = expect.status(await t.anyone.post(LOGIN, { email: email('developer'), password: PASSWORD }), 200);
    assert.equal(r.body.token_type, 'Bearer');
    assert.equal(r.body.expires_in, 900);
    assert.equal(expect.status(await me(r.body.access_token), 200).body.email, email('developer'));
  });

  test('must not be stored by a cache', async () => {
    const r = await t.anyone.post(LOGIN, { email: email('developer'), password: PASSWORD });
    assert.match(r.headers['cache-control'] ?? '', /no-store/);
  });

  test('takes the e-mail in any case', async () => {
    const r = await t.anyone.post(LOGIN, { email: email('developer').toUpperCase(), password: PASSWORD });
    expect.status(r, 200);
  });

  test('answers the same to a wrong password and to an unknown e-mail', async () => {
    const wrong = await t.anyone.post(LOGIN, { email: email('developer'), password: 'not the password' });
    const unknown = await t.anyone.post(LOGIN, { email: email('nobody'), password: 'not the password' });
    for (const r of [wrong, unknown]) expect.unauthenticated(r, 'invalid_credentials');
    const same = ({ body: { request_id, ...rest }, headers }) => [rest, Object.keys(headers)];
    assert.deepEqual(same(wrong), same(unknown));
  });

  test('works as long for an unknown e-mail as for a wrong password', () =>
    withServer({ DATABASE_URL: t.db.url, PASSWORD_MEMORY_KIB: '32768', PASSWORD_ITERATIONS: '3' }, async ({ anyone }) => {
      const known = `slow${t.unique()}@example.test`;
      expect.status(await anyone.post('/api/v1/auth/register', { email: known, password: PASSWORD, name: 'Slow' }), 201);
      // The least of several: whatever else the machine does can only add to it, to one more than to the other at first.
      const fastest = { known: Infinity, unknown: Infinity };
      const alike = () => fastest.unknown > fastest.known / 2;
      for (let i = 0; i < 4 || (i < 40 && !alike()); i++) {
        await t.db.exec('DELETE FROM login_throttle;');
        for (const [which, address] of [['known', known], ['unknown', `nobody${i}@example.test`]]) {
          const begin = performance.now();
          expect.unauthenticated(await anyone.post(LOGIN, { email: address, password: 'not the password' }), 'invalid_credentials');
          fastest[which] = Math.min(fastest[which], performance.now() - begin);
        }
      }
      assert.ok(alike(), JSON.stringify(fastest));
    }));

  test('does not tell by its rules for passwords whether one was near', async () => {
    for (const password of ['x', 'x'.repeat(1024)]) {
      const r = await t.anyone.post(LOGIN, { email: email('developer'), password });
      expect.unauthenticated(r, 'invalid_credentials');
    }
  });

  test('refuses what is not of its form', async () => {
    expect.problem(await t.anyone.post(LOGIN, {}), 422, 'validation_failed', { email: 'required', password: 'required' });
    const r = await t.anyone.post(LOGIN, { email: email('developer'), password: PASSWORD, remember: true });
    expect.problem(r, 422, 'validation_failed', { remember: 'unknown_field' });
  });

  test('is refused for a user who was deactivated, and so are the tokens from before', async () => {
    const address = `leaver${t.unique()}@example.test`;
    expect.status(await t.anyone.post('/api/v1/auth/register', { email: address, password: PASSWORD, name: 'Leaver' }), 201);
    const { body: { access_token } } = await t.anyone.post(LOGIN, { email: address, password: PASSWORD });
    expect.status(await me(access_token), 200);
    await deactivate(t, open(access_token).claims.sub);
    expect.unauthenticated(await t.anyone.post(LOGIN, { email: address, password: PASSWORD }), 'invalid_credentials');
    expect.unauthenticated(await me(access_token));
  });

  test('gives a token that says who, until when and for whom, and nothing about the role', async () => {
    const { body: { access_token, expires_in } } = await t.anyone.post(LOGIN, { email: email('admin'), password: PASSWORD });
    const { header, claims } = open(access_token);
    assert.equal(header.alg, 'HS256');
    for (const name of ['sub', 'sid', 'jti', 'iss', 'aud']) assert.equal(typeof claims[name], 'string', name);
    assert.equal(claims.sub, t.ids.admin);
    assert.equal(claims.exp - claims.iat, expires_in);
    assert.ok(!JSON.stringify(claims).includes('"role"'));
  });

  test('the role counts as it is now, not as it was when the token was made', async () => {
    const address = `riser${t.unique()}@example.test`;
    expect.status(await t.anyone.post('/api/v1/auth/register', { email: address, password: PASSWORD, name: 'Riser' }), 201);
    const { body: { access_token } } = await t.anyone.post(LOGIN, { email: address, password: PASSWORD });
    assert.equal((await me(access_token)).body.role, 'reporter');
    expect.status(await t.admin.patch(`/api/v1/users/${open(access_token).claims.sub}`, { role: 'manager' }), 200);
    assert.equal((await me(access_token)).body.role, 'manager');
    await t.project({}, t.anyone.as(access_token));
  });

  test('keeps passwords as Argon2id only', async () => {
    const stored = await t.db.exec('SELECT to_jsonb(u)::text FROM users u;');
    assert.match(stored, /\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    assert.ok(!stored.includes(PASSWORD));
  });
});

describe('a token that is not right', () => {
  const t = useTracker();
  const attempt = (headers) => t.anyone.get(ME, { headers });

  test('none at all: 401', async () => {
    expect.unauthenticated(await attempt({}));
  });

  test('no Bearer, or nothing behind it: 401', async () => {
    const bad = [
      '', 'Bearer', 'Bearer ', t.admin.token, `Token ${t.admin.token}`, `Basic ${btoa(`admin@example.test:${PASSWORD}`)}`,
      `Bearer ${t.admin.token} and more`, `Bearer ${t.admin.token}, Bearer ${t.admin.token}`, `Bearer "${t.admin.token}"`,
    ];
    for (const value of bad) expect.unauthenticated(await attempt({ Authorization: value }));
  });

  test('the scheme is the same in any case', async () => {
    for (const scheme of ['bearer', 'BEARER']) {
      expect.status(await attempt({ Authorization: `${scheme} ${t.admin.token}` }), 200);
    }
  });

  test('garbage: 401', async () => {
    const bad = ['x', '..', '...', 'a.b.c', 'null', '{}', `${t.admin.token}.`, `.${t.admin.token}`, '\u00ff\u00fe', 'e30.e30.', 'A'.repeat(4000)];
    for (const token of bad) {
      expect.unauthenticated(await attempt({ Authorization: `Bearer ${token}` }));
    }
  });

  test('any part of it tampered with: 401', async () => {
    for (const part of [0, 1, 2]) {
      expect.unauthenticated(await attempt({ Authorization: `Bearer ${tamper(t.reporter.token, part)}` }));
    }
  });

  test('every byte of it matters: cut, or longer by one', async () => {
    const token = t.reporter.token;
    for (const bad of [token.slice(0, -1), `${token}A`, token.slice(1), token.split('.').slice(0, 2).join('.')]) {
      expect.unauthenticated(await attempt({ Authorization: `Bearer ${bad}` }));
    }
  });

  test('alg none, or another one, in any spelling: 401', async () => {
    const { claims } = open(t.admin.token);
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined]) {
      for (const token of [forge({ alg, typ: 'JWT' }, claims), forge({ alg, typ: 'JWT' }, claims, SECRET_KEY)]) {
        expect.unauthenticated(await attempt({ Authorization: `Bearer ${token}` }));
      }
    }
    for (const [alg, hash] of [['HS384', 'sha384'], ['HS512', 'sha512'], ['RS256', 'sha256'], ['EdDSA', 'sha256']]) {
      const token = forge({ alg, typ: 'JWT' }, claims, SECRET_KEY, hash);
      expect.unauthenticated(await attempt({ Authorization: `Bearer ${token}` }));
    }
  });

  test('signed by another key, or by none: 401', async () => {
    const { header, claims } = open(t.admin.token);
    for (const key of ['another key that is as long as ours is', '', 'secret']) {
      expect.unauthenticated(await attempt({ Authorization: `Bearer ${forge(header, claims, key)}` }));
    }
  });

  test('the claims of one with the signature of another: 401', async () => {
    const [header, , signature] = t.reporter.token.split('.');
    const [, claims] = t.admin.token.split('.');
    expect.unauthenticated(await attempt({ Authorization: `Bearer ${header}.${claims}.${signature}` }));
  });

  test('100 KiB long: refused, and the server lives', async () => {
    const r = await attempt({ Authorization: `Bearer ${'A'.repeat(100 * 1024)}` });
    expect.problem(r, 431, 'headers_too_large');
    expect.unauthenticated(await attempt({ Authorization: `Bearer ${'A'.repeat(12 * 1024)}` }));
    expect.status(await t.admin.get(ME), 200);
  });

  test('two Authorization headers: refused, even when both are right', async () => {
    const line = `Authorization: Bearer ${t.admin.token}`;
    await withConnection(t.server.address, async (c) => {
      await c.send(message(`GET ${ME} HTTP/1.1`, ['Host: x', line, line]));
      expect.oneOf(await c.response(), [400, 401]);
    });
  });

  test('in the query, in a cookie or in a body: does not count', async () => {
    expect.unauthenticated(await t.anyone.get(`${ME}?access_token=${t.admin.token}`));
    expect.unauthenticated(await attempt({ Cookie: `access_token=${t.admin.token}` }));
    expect.unauthenticated(await t.anyone.post('/api/v1/projects', { access_token: t.admin.token, key: 'AA', name: 'A' }));
  });

  test('a right one of a server with another key: 401', async () => {
    const other = { DATABASE_URL: t.db.url, SECRET_KEY: 'quite another key, long enough for HS256 too' };
    await withServer(other, async ({ anyone }) => {
      expect.unauthenticated(await anyone.as(t.admin.token).get(ME));
    });
  });

  test('a right one of a user who is not there: 401', async () => {
    const address = `gone${t.unique()}@example.test`;
    expect.status(await t.anyone.post('/api/v1/auth/register', { email: address, password: PASSWORD, name: 'Gone' }), 201);
    const { body: { access_token } } = await t.anyone.post(LOGIN, { email: address, password: PASSWORD });
    await t.db.exec(`SET session_replication_role = replica; DELETE FROM users WHERE email = '${address}';`);
    expect.unauthenticated(await t.anyone.as(access_token).get(ME));
  });

  test('comes before anything else of a resource, but not before its path and method', async () => {
    for (const r of [
      await t.anyone.get('/api/v1/issues/not-there-1'), await t.anyone.get('/api/v1/issues?page=0'),
      await t.anyone.post('/api/v1/issues', '{"broken'), await t.anyone.patch('/api/v1/issues/X-1', { nonsense: 1 }),
      await t.anyone.post('/api/v1/projects', {}), await t.anyone.delete('/api/v1/projects/NONE'),
      await t.anyone.get('/api/v1/users'), await t.anyone.get('/api/v1/projects'),
    ]) expect.unauthenticated(r);
    expect.problem(await t.anyone.get('/api/v1/nowhere'), 404, 'not_found');
    expect.problem(await t.anyone.delete('/api/v1/issues'), 405, 'method_not_allowed');
  });
});

describe('the first admin', () => {
  test('is made from the settings on an empty database, and only there', async () => {
    const db = await emptyDatabase();
    const env = {
      DATABASE_URL: db.url, MIGRATE_ON_START: 'true',
      BOOTSTRAP_ADMIN_EMAIL: 'first@example.test', BOOTSTRAP_ADMIN_PASSWORD: 'the first password',
    };
    const signIn = (client, who, password) => client.post(LOGIN, { email: who, password });
    try {
      await withServer(env, async ({ anyone }) => {
        const r = expect.status(await signIn(anyone, 'first@example.test', 'the first password'), 200);
        assert.equal((await anyone.as(r.body.access_token).get(ME)).body.role, 'admin');
      });
      const later = { ...env, BOOTSTRAP_ADMIN_EMAIL: 'second@example.test', BOOTSTRAP_ADMIN_PASSWORD: 'another password' };
      await withServer(later, async ({ anyone }) => {
        expect.status(await signIn(anyone, 'first@example.test', 'the first password'), 200);
        expect.status(await signIn(anyone, 'second@example.test', 'another password'), 401);
      });
    } finally {
      await db.drop();
    }
  });

  test('is made by one of two processes that start at once', async () => {
    const db = await emptyDatabase();
    const env = { DATABASE_URL: db.url, BOOTSTRAP_ADMIN_EMAIL: 'mine@example.test', BOOTSTRAP_ADMIN_PASSWORD: 'the first password' };
    try {
      await migrate(db);
      // What another process does in the meantime.
      await db.heldFrom(`PERFORM pg_advisory_xact_lock(hashtext('bugd first admin'))`,
        `INSERT INTO users (id, email, name, role, password_hash) VALUES (make_uuid_v7(), 'theirs@example.test', 'Admin', 'admin', '')`,
        () => withServer(env, async () => {}));
      assert.deepEqual(await db.rows('SELECT email FROM users'), [{ email: 'theirs@example.test' }]);
    } finally {
      await db.drop();
    }
  });
});
