// Access tokens by key: Ed25519, the change of keys, and every way to forge one that the issue names.

import assert from 'node:assert/strict';
import { createHash, createHmac, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { writeFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertNoStart, withServer } from '../support/bugd.js';
import { createDatabase, email } from '../support/database.js';
import { SECRET_KEY } from '../support/env.js';
import * as expect from '../support/expect.js';
import { ME, signIn } from '../support/identity.js';
import { withConnection, message } from '../support/raw.js';
import { open } from '../support/token.js';
import { useTracker } from '../support/tracker.js';

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey, publicKey,
    private_pem: privateKey.export({ type: 'pkcs8', format: 'pem' }), public_pem: publicKey.export({ type: 'spki', format: 'pem' }),
  };
}

const by = {
  hmac: (text, key, hash = 'sha256') => createHmac(hash, key).update(text).digest('base64url'),
  ed25519: (text, key) => sign(null, Buffer.from(text), key).toString('base64url'),
};

function made(header, claims, signer, ...key) {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${signer(text, ...key)}`;
}

/** Whatever is wrong: the same 401, which tells nothing about what. */
async function refused(anyone, tokens) {
  const answers = [];
  for (const [what, token] of Object.entries(tokens)) {
    const r = await anyone.get(ME, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(r.status, 401, `${what}: ${r.text}`);
    expect.unauthenticated(r);
    answers.push(r);
  }
  const bare = await anyone.get(ME);
  const same = ({ body: { request_id, ...rest }, headers }) => [rest, headers['www-authenticate']];
  for (const r of answers) assert.deepEqual(same(r), same(bare));
}

describe('access tokens by a secret', () => {
  const t = useTracker();

  test('name their key, and are refused in any other form', async () => {
    const { header, claims } = open(t.admin.token);
    expect.members(header, ['alg', 'typ', 'kid']);
    expect.includes(header, { alg: 'HS256', typ: 'at+jwt' });
    expect.members(claims, ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'nbf', 'exp']);
    const text = t.admin.token.split('.')[0]; // the header's own bytes
    const with_claims = (more) => {
      const signed = `${text}.${encode({ ...claims, ...more })}`;
      return `${signed}.${by.hmac(signed, SECRET_KEY)}`;
    };
    expect.status(await t.anyone.as(with_claims({})).get(ME), 200); // the forging itself is right
    const now = Math.floor(Date.now() / 1000);
    const with_header = (more, signer = by.hmac, ...key) => made({ ...header, ...more }, claims, signer, ...(key.length ? key : [SECRET_KEY]));
    await refused(t.anyone, {
      'alg none': `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
      'alg none, signed': with_header({ alg: 'none' }),
      'another alg': with_header({ alg: 'HS512' }, by.hmac, SECRET_KEY, 'sha512'),
      'alg EdDSA': with_header({ alg: 'EdDSA' }, by.ed25519, keyPair().privateKey),
      'signed by the kid': with_header({}, by.hmac, header.kid),
      'unknown kid': with_header({ kid: 'AAAAAAAAAAAA' }),
      'no kid': made({ alg: 'HS256', typ: 'at+jwt' }, claims, by.hmac, SECRET_KEY),
      'kid with a path': with_header({ kid: '../../../dev/null' }, by.hmac, ''),
      'kid with SQL': with_header({ kid: "x' UNION SELECT 'key" }, by.hmac, 'key'),
      'kid with a URL': with_header({ kid: 'http://127.0.0.1/key' }),
      'kid of another type': with_header({ kid: [header.kid] }),
      'a key of its own': with_header({ jwk: { kty: 'oct', k: encode('key') } }, by.hmac, 'key'),
      'a key by URL': with_header({ jku: 'http://127.0.0.1/jwks.json' }),
      'crit': with_header({ crit: ['exp'] }),
      'another type': with_header({ typ: 'JWT' }),
      'members in another order': made({ kid: header.kid, typ: header.typ, alg: header.alg }, claims, by.hmac, SECRET_KEY),
      expired: with_claims({ iat: now - 1000, nbf: now - 1000, exp: now - 1 }),
      'not yet valid': with_claims({ nbf: now + 600 }),
      'of the future': with_claims({ iat: now + 600 }),
      'another issuer': with_claims({ iss: 'other' }),
      'another audience': with_claims({ aud: 'other' }),
      'several audiences': with_claims({ aud: ['bugd', 'other'] }),
      'no issuer': with_claims({ iss: undefined }),
      'no audience': with_claims({ aud: undefined }),
      'no expiry': with_claims({ exp: undefined }),
      'endless expiry': with_claims({ exp: 1e300 }),
      'expiry as text': with_claims({ exp: String(now + 600) }),
      'no session': with_claims({ sid: undefined }),
      'a session of nobody': with_claims({ sid: '019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07' }),
      'the session of somebody else': with_claims({ sid: open(t.reporter.token).claims.sid }),
      'somebody else by this session': with_claims({ sub: t.ids.reporter }),
      'sub with SQL': with_claims({ sub: "' OR 1=1 --" }),
      truncated: t.admin.token.slice(0, 100),
      'longer than any': `${text}.${'A'.repeat(8000)}.${'A'.repeat(43)}`,
      'padded base64': `${t.admin.token}=`,
      empty: '',
    });
  });

  test('100 KiB, two headers, Basic, in the query: refused', async () => {
    expect.problem(await t.anyone.get(ME, { headers: { Authorization: `Bearer ${'A'.repeat(100 * 1024)}` } }), 431, 'headers_too_large');
    expect.unauthenticated(await t.anyone.get(ME, { headers: { Authorization: `Basic ${btoa(`${email('admin')}:x`)}` } }));
    expect.unauthenticated(await t.anyone.get(`${ME}?access_token=${t.admin.token}`));
    const line = `Authorization: Bearer ${t.admin.token}`;
    await withConnection(t.server.address, async (c) => {
      await c.send(message(`GET ${ME} HTTP/1.1`, ['Host: x', line, line]));
      expect.unauthenticated(await c.response());
    });
  });

  test('there are no public keys', async () => {
    assert.deepEqual(expect.status(await t.anyone.get('/.well-known/jwks.json'), 200).body, { keys: [] });
  });

  test('of an old key are good while OLD_SECRET_KEYS names it', async () => {
    const url = { DATABASE_URL: t.db.url };
    const key = 'a newer key of the tests, long enough for HS256';
    let fresh;
    await withServer({ ...url, SECRET_KEY: key, OLD_SECRET_KEYS: `yet another old key, which is long enough too\n${SECRET_KEY}` }, async ({ anyone }) => {
      expect.status(await anyone.as(t.admin.token).get(ME), 200);
      fresh = await signIn(anyone, email('developer'));
      expect.status(await fresh.client.get(ME), 200);
      expect.unauthenticated(await t.anyone.as(fresh.access_token).get(ME));
    });
    await withServer({ ...url, SECRET_KEY: key }, async ({ anyone }) => {
      expect.unauthenticated(await anyone.as(t.admin.token).get(ME));
      expect.status(await anyone.as(fresh.access_token).get(ME), 200);
    });
  });
});

describe('access tokens by Ed25519', () => {
  const [one, two] = [keyPair(), keyPair()];
  let db;
  let env;
  before(async () => {
    db = await createDatabase();
    env = { DATABASE_URL: db.url, JWT_ALGORITHM: 'EdDSA', JWT_PRIVATE_KEY: one.private_pem };
  });
  after(() => db?.drop());

  test('are verified by the public key that everybody can read', async () => {
    await withServer(env, async ({ anyone }) => {
      const { access_token, client } = await signIn(anyone, email('manager'));
      expect.status(await client.get(ME), 200);
      const r = expect.status(await anyone.get('/.well-known/jwks.json'), 200);
      const [key] = r.body.keys;
      assert.equal(r.body.keys.length, 1);
      expect.includes(key, { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' });
      assert.ok(!('d' in key));
      const { header } = open(access_token);
      assert.equal(header.alg, 'EdDSA');
      assert.equal(header.kid, key.kid);
      const thumbprint = createHash('sha256').update(JSON.stringify({ crv: key.crv, kty: key.kty, x: key.x })).digest('base64url');
      assert.equal(key.kid, thumbprint);
      const [head, claims, signature] = access_token.split('.');
      const publicKey = createPublicKey({ key, format: 'jwk' });
      assert.ok(verify(null, Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url')));
    });
  });

  test('are refused in any other form; the public key is no secret key', async () => {
    await withServer(env, async ({ anyone }) => {
      const { access_token } = await signIn(anyone, email('manager'));
      const { header, claims } = open(access_token);
      expect.status(await anyone.as(made(header, claims, by.ed25519, one.privateKey)).get(ME), 200);
      const x = Buffer.from(one.publicKey.export({ format: 'jwk' }).x, 'base64url');
      await refused(anyone, {
        'HS256 by the public key, PEM': made({ ...header, alg: 'HS256' }, claims, by.hmac, one.public_pem),
        'HS256 by the public key, raw': made({ ...header, alg: 'HS256' }, claims, by.hmac, x),
        'HS256 by the secret key': made({ ...header, alg: 'HS256' }, claims, by.hmac, SECRET_KEY),
        'EdDSA, but an HMAC': made(header, claims, by.hmac, one.public_pem),
        'another key': made(header, claims, by.ed25519, two.privateKey),
        'another key, by its own kid': made({ ...header, kid: 'AAAA' }, claims, by.ed25519, two.privateKey),
        'alg none': `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
        'without signature': access_token.split('.').slice(0, 2).join('.'),
        'a signature of zeros': `${access_token.split('.').slice(0, 2).join('.')}.${'A'.repeat(86)}`,
      });
    });
  });

  test('of an old key are good while JWT_PUBLIC_KEYS names it; keys can come from files', async () => {
    const files = { private: join(tmpdir(), `bugd-${process.pid}.pem`) };
    await writeFile(files.private, two.private_pem, { mode: 0o600 });
    let token;
    await withServer(env, async ({ anyone }) => ({ access_token: token } = await signIn(anyone, email('manager'))));
    const next = { DATABASE_URL: db.url, JWT_ALGORITHM: 'EdDSA', JWT_PRIVATE_KEY_FILE: files.private };
    await withServer({ ...next, JWT_PUBLIC_KEYS: one.public_pem + keyPair().public_pem }, async ({ anyone }) => {
      expect.status(await anyone.as(token).get(ME), 200);
      assert.equal((await anyone.get('/.well-known/jwks.json')).body.keys.length, 3);
      const fresh = await signIn(anyone, email('manager'));
      assert.notEqual(open(fresh.access_token).header.kid, open(token).header.kid);
    });
    await withServer(next, async ({ anyone }) => expect.unauthenticated(await anyone.as(token).get(ME)));
    await rm(files.private);
  });

  test('keys that cannot be used are told at the start, without showing them', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const cases = [
      [{ JWT_PRIVATE_KEY: undefined }, /JWT_PRIVATE_KEY is not set/],
      [{ JWT_PRIVATE_KEY: 'nonsense that is secret' }, /JWT_PRIVATE_KEY: it is not an Ed25519 key/],
      [{ JWT_PRIVATE_KEY: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) }, /JWT_PRIVATE_KEY: it is not an Ed25519 key/],
      [{ JWT_PUBLIC_KEYS: 'nonsense that is secret' }, /JWT_PUBLIC_KEYS: one is not an Ed25519 public key/],
      [{ JWT_PUBLIC_KEYS: one.public_pem + rsa.publicKey.export({ type: 'spki', format: 'pem' }) }, /JWT_PUBLIC_KEYS/],
      [{ JWT_ALGORITHM: 'none' }, /JWT_ALGORITHM.*HS256, EdDSA/],
      [{ JWT_ALGORITHM: 'HS256', OLD_SECRET_KEYS: `${'x'.repeat(40)}\nshort and secret` }, /OLD_SECRET_KEYS: a line/],
      [{ JWT_ALGORITHM: 'HS256', ISSUER: 'two words' }, /ISSUER/],
    ];
    for (const [settings, what] of cases) {
      const { stdout, stderr } = await assertNoStart({ ...env, ...settings }, what);
      assert.doesNotMatch(stdout + stderr, /secret that|is secret|and secret|BEGIN/);
    }
  });
});
