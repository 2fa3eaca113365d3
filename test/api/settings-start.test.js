// Each documented setting: a start with a value of it, and a start that a wrong one stops.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server, assertNoStart, bugd } from '../support/bugd.js';
import { createDatabase } from '../support/database.js';
import { SECRET_KEY } from '../support/env.js';
import { scratchFolder } from '../support/process.js';

const AT_A_TIME = 4;

const pem = (key, type) => key.export({ type, format: 'pem' });
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const EDDSA = { JWT_ALGORITHM: 'EdDSA', JWT_PRIVATE_KEY: pem(privateKey, 'pkcs8') };
const socket = join(scratchFolder(), 'start.sock');
const long = (n) => 'x'.repeat(n);

/**
 * A value other than the default, a wrong one, what the message says is allowed. `with` goes along with the first,
 * `withWrong` with the second; a `hidden` value must not be shown; `address` is where it listens.
 */
const TABLE = {
  DATABASE_URL: { good: null, wrong: 'nonsense://user:hunter2222@host/db', allowed: /postgresql/i, hidden: 'hunter2222' },
  DATABASE_REPLICA_URLS: { good: 'postgresql://bugd@127.0.0.1:1/none', wrong: 'nonsense://user:hunter3333@host/db', allowed: /expected/, hidden: 'hunter3333' },
  SECRET_KEY: { good: 'another key of the tests, long enough for HS256', wrong: 'short-and-secret', allowed: /32 to 4096/, hidden: 'short-and-secret' },
  HOST: { good: `unix:${socket}`, address: { path: socket }, wrong: 'unix:relative', allowed: /absolute path/ },
  PORT: { good: '0', wrong: ['65536', 'http', '-1', '80.5'], allowed: /0 to 65535/ },
  ADMIN_LISTEN: { good: '127.0.0.1:0', wrong: ['nowhere', '127.0.0.1:99999', 'unix:relative'], allowed: /127\.0\.0\.1:9090/ },
  METRICS_NETWORKS: { good: '10.0.0.0/8', wrong: 'everybody', allowed: /10\.0\.0\.0\/8/ },
  BASE_PATH: { good: '/bugs', wrong: ['bugs', '/bugs/', '/a b'], allowed: /\/bugs, without a slash/ },
  TRUSTED_PROXIES: { good: '10.0.0.0/8, ::1, unix', wrong: ['10.0.0.0/99', 'proxy'], allowed: /10\.0\.0\.0\/8/ },
  CORS_ORIGINS: { good: 'https://app.example.org, https://b.example.org:8443', wrong: ['app.example.org', 'https://a.example.org/path', '*, https://a.example.org'], allowed: /https:\/\/app\.example\.org/ },
  LOG_LEVEL: { good: 'debug', wrong: ['loud', 'INFO'], allowed: /debug, info, warn, error/ },
  LOG_FORMAT: { good: 'text', with: { HOST: `unix:${socket}.text` }, address: { path: `${socket}.text` }, wrong: 'xml', allowed: /auto, json, text/ },
  SLOW_REQUEST: { good: '3s', wrong: '2h', allowed: /0ms to 1h/ },
  SLOW_STATEMENT: { good: '0', wrong: '1.5s', allowed: /500ms, 10s, 5m; 500 is 500ms/ },
  MIGRATE_ON_START: { good: 'yes', wrong: 'perhaps', allowed: /true or false/ },
  SEARCH_LANGUAGE: { good: 'german', wrong: long(64), allowed: /1 to 63 bytes/ },
  BOOTSTRAP_ADMIN_EMAIL: { good: 'first@example.test', with: { BOOTSTRAP_ADMIN_PASSWORD: 'a long password' }, wrong: 'nobody', withWrong: { BOOTSTRAP_ADMIN_PASSWORD: 'a long password' }, allowed: /e-mail/ },
  BOOTSTRAP_ADMIN_PASSWORD: { good: 'a long password', with: { BOOTSTRAP_ADMIN_EMAIL: 'first@example.test' }, wrong: 'qwertz', allowed: /12 to 1024/, hidden: 'qwertz' },
  UPLOAD_DIR: { good: join(scratchFolder(), 'other-uploads'), wrong: long(3901), allowed: /1 to 3900 bytes/ },
  MAX_ATTACHMENT_BYTES: { good: '1KiB', wrong: ['0', '1TB', '-1'], allowed: /1B to 1024GiB/ },
  PROJECT_ATTACHMENT_QUOTA: { good: '0', wrong: 'all', allowed: /512B, 16KiB, 1MiB/ },
  ATTACHMENT_TYPES: { good: 'image/png, text/x-*', wrong: ['image', '*/png'], allowed: /image\/png/ },
  X_ACCEL_REDIRECT: { good: '/files', wrong: ['files', '/files/', '/'], allowed: /\/attachments/ },
  PURGE_AFTER: { good: '24h', wrong: '30m', allowed: /1h to 87840h/ },
  AUDIT_RETENTION: { good: '1h', wrong: 'for ever', allowed: /1h to 878400h/ },
  NOTIFICATION_RETENTION: { good: '48h', wrong: '1s', allowed: /1h to/ },
  RATE_LIMIT: { good: 'on', wrong: ['7', 'maybe'], allowed: /on, off/ },
  RATE_LIMIT_READ: { good: '7', with: { RATE_LIMIT: 'on' }, wrong: '7/s', allowed: /0 to 1000000000/ },
  RATE_LIMIT_WRITE: { good: '0', with: { RATE_LIMIT: 'on' }, wrong: '-7', allowed: /0 to 1000000000/ },
  RATE_LIMIT_HEAVY: { good: '7', with: { RATE_LIMIT: 'on' }, wrong: '1000000001', allowed: /0 to 1000000000/ },
  RATE_LIMIT_SIGN_IN: { good: '7', with: { RATE_LIMIT: 'on' }, wrong: 'few', allowed: /0 to 1000000000/ },
  RATE_LIMIT_EXEMPT: { good: '10.0.0.0/8, unix', with: { RATE_LIMIT: 'on' }, wrong: 'me', allowed: /10\.0\.0\.0\/8/ },
  REGISTRATION: { good: 'closed', wrong: 'maybe', allowed: /open, closed/ },
  ISSUER: { good: 'https://bugs.example.org', wrong: ['two words', 'a"b'], allowed: /printable ASCII/ },
  ACCESS_TOKEN_TTL: { good: '1m', wrong: '25h', allowed: /1s to 24h/ },
  REFRESH_TOKEN_TTL: { good: '1h', wrong: '0', allowed: /1s to 8784h/ },
  JWT_ALGORITHM: { good: 'EdDSA', with: EDDSA, wrong: 'RS256', allowed: /HS256, EdDSA/ },
  JWT_PRIVATE_KEY: { good: EDDSA.JWT_PRIVATE_KEY, with: { JWT_ALGORITHM: 'EdDSA' }, wrong: 'no-key-but-secret', withWrong: { JWT_ALGORITHM: 'EdDSA' }, allowed: /PEM/, hidden: 'no-key-but-secret' },
  JWT_PUBLIC_KEYS: { good: pem(publicKey, 'spki'), with: EDDSA, wrong: 'no-key', withWrong: EDDSA, allowed: /PEM/, unshown: true },
  OLD_SECRET_KEYS: { good: `${SECRET_KEY} before\n${SECRET_KEY} earlier`, wrong: `${SECRET_KEY}\nshort-and-old`, allowed: /32 bytes/, hidden: 'short-and-old' },
  PASSWORD_MEMORY_KIB: { good: '128', wrong: ['7', '1048577'], allowed: /8 to 1048576/ },
  PASSWORD_ITERATIONS: { good: '3', wrong: '0', allowed: /1 to 64/ },
  PASSWORD_PARALLELISM: { good: '2', wrong: '17', allowed: /1 to 16/ },
  HASH_THREADS: { good: '3', wrong: '65', allowed: /1 to 64/ },
  HASH_QUEUE_MAX: { good: '0', wrong: '100001', allowed: /0 to 100000/ },
  MAX_HEAD_BYTES: { good: '4KiB', wrong: '512', allowed: /1KiB to 1MiB/ },
  MAX_BODY_BYTES: { good: '2MiB', wrong: ['1TB', '2GiB'], allowed: /1KiB to 1GiB/ },
  MAX_IMPORT_BYTES: { good: '1MiB', wrong: '65GiB', allowed: /1KiB to 64GiB/ },
  MAX_CONNECTIONS: { good: '100', wrong: '0', allowed: /1 to 1000000/ },
  HEAD_TIMEOUT: { good: '5s', wrong: ['10 parsecs', '5ms', '2h'], allowed: /10ms to 1h/ },
  BODY_TIMEOUT: { good: '5s', wrong: '1.5s', allowed: /10ms to 1h/ },
  IDLE_TIMEOUT: { good: '90000', wrong: 'never', allowed: /10ms to 1h/ },
  WRITE_TIMEOUT: { good: '5s', wrong: '-1s', allowed: /10ms to 1h/ },
  REQUEST_TIMEOUT: { good: '1m', wrong: '3601s', allowed: /10ms to 1h/ },
  SHUTDOWN_GRACE: { good: '500ms', wrong: 'long', allowed: /0ms to 1h/ },
  DB_READ_CONNECTIONS: { good: '1', wrong: '0', allowed: /1 to 128/ },
  DB_WRITE_CONNECTIONS: { good: '1', wrong: '129', allowed: /1 to 128/ },
  DB_SLOW_CONNECTIONS: { good: '1', wrong: 'some', allowed: /1 to 128/ },
  DB_COPY_CONNECTIONS: { good: '2', wrong: '1', allowed: /2 to 64/ },
  DB_QUEUE_MAX: { good: '16', wrong: 'many', allowed: /1 to 1000000/ },
  DB_STATEMENT_TIMEOUT: { good: '5s', wrong: '9ms', allowed: /10ms to 1h/ },
  REPLICA_MAX_LAG: { good: '2s', wrong: '500ms', allowed: /1s to 1m/ },
  DB_CONNECT_TIMEOUT: { good: '2s', wrong: '6m', allowed: /10ms to 5m/ },
};

/** Name, and default where there is one, of what `bugd serve --help` lists. */
async function documented() {
  const { stdout } = await bugd(['serve', '--help']);
  const parts = stdout.split(/^ {2}(?=[A-Z][A-Z0-9_]+\b)/m).slice(1);
  return new Map(parts.map((part) => [/^[A-Z0-9_]+/.exec(part)[0], /default: ([^.;]*(?:\.\d[^.;]*)*)/.exec(part.replace(/\s+/g, ' '))?.[1]]));
}

/** Runs all jobs, some at a time; the failures together. */
async function all(jobs) {
  const left = [...jobs];
  const wrong = [];
  const worker = async () => {
    for (let job = left.shift(); job; job = left.shift()) await job().catch((error) => wrong.push(error.message));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  assert.deepEqual(wrong, []);
}

describe('each setting', () => {
  let db;
  before(async () => (db = await createDatabase()));
  after(() => db?.drop());
  const small = { DB_READ_CONNECTIONS: '1', DB_WRITE_CONNECTIONS: '1', DB_SLOW_CONNECTIONS: '1', DB_COPY_CONNECTIONS: '2' };

  test('that is documented is in the table of this test, with a value that is not its default', async () => {
    const known = await documented();
    assert.deepEqual(Object.keys(TABLE).sort(), [...known.keys()].sort());
    for (const [name, { good }] of Object.entries(TABLE)) if (known.get(name) !== undefined && name !== 'RATE_LIMIT') assert.notEqual(good, known.get(name), name);
  });

  test('starts a server with that value, which serves', () => all(Object.entries(TABLE).map(([name, row]) => async () => {
    const env = { DATABASE_URL: db.url, ...small, ...row.with, ...(row.good !== null && { [name]: row.good }) };
    const server = await Server.start(env, { ready: false, address: row.address });
    try {
      // A server whose address is known in advance may not listen yet.
      const { status } = row.address ? await server.ready().then(() => server.anyone.get('/health')) : await server.anyone.get('/health');
      assert.equal(status, 200);
    } catch (error) {
      throw new Error(`${name}=${row.good}: ${error.message}`, { cause: error });
    } finally {
      await server.stop();
    }
  })));

  test('stops the start when it is wrong, with its name, the value and what is allowed', () => all(
    Object.entries(TABLE).flatMap(([name, row]) => [row.wrong].flat().map((value) => async () => {
      const done = await assertNoStart({ DATABASE_URL: db.url, ...row.withWrong, [name]: value }, new RegExp(`^bugd serve: ${name}\\b`, 'm'));
      const shown = `${name}=${value}: ${done.stderr}`;
      assert.match(done.stderr, row.allowed, shown);
      if (row.hidden) assert.ok(!(done.stdout + done.stderr).includes(row.hidden), shown);
      else if (!row.unshown) assert.ok(done.stderr.includes(value.split(',')[0]), shown);
    })),
  ));
});
