import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertNoStart, bugd, withServer } from '../support/bugd.js';
import { createDatabase } from '../support/database.js';
import { ROOT, SECRET_KEY } from '../support/env.js';
import * as expect from '../support/expect.js';
import { scratchFolder } from '../support/process.js';

/** The names that `bugd serve --help` lists as settings. */
async function helped() {
  const { stdout } = await bugd(['serve', '--help']);
  return [...stdout.matchAll(/^ {2}([A-Z][A-Z0-9_]+)\b/gm)].map(([, name]) => name);
}

describe('settings', () => {
  let db;
  before(async () => (db = await createDatabase()));
  after(() => db?.drop());

  test('every one is in .env.example, and .env.example has no others', async () => {
    const path = join(ROOT, '.env.example');
    assert.ok(existsSync(path), '.env.example is not there');
    const documented = [...readFileSync(path, 'utf8').matchAll(/^#?\s?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
    const known = await helped();
    assert.ok(known.length > 20, `bugd serve --help lists ${known.length} settings`);
    assert.deepEqual([...new Set(documented)].sort(), [...new Set(known)].sort());
  });

  test('.env.example itself is a file that works', async () => {
    const text = readFileSync(join(ROOT, '.env.example'), 'utf8');
    const path = join(scratchFolder(), 'example.env');
    writeFileSync(path, text);
    const done = await bugd(['migrate', 'status', '--env-file', path], { DATABASE_URL: db.url });
    assert.equal(done.code, 0, done.stderr);
    assert.equal(done.stderr, '');
  });

  test('all wrong ones are told at once', async () => {
    const { stderr } = await assertNoStart({ DATABASE_URL: db.url, PORT: 'x', LOG_LEVEL: 'y', SECRET_KEY: 'short' }, /PORT/);
    for (const name of ['LOG_LEVEL', 'SECRET_KEY']) assert.ok(stderr.includes(name), stderr);
  });

  test('a secret that is wrong is not shown', async () => {
    const key = await assertNoStart({ DATABASE_URL: db.url, SECRET_KEY: 'too-short-a-secret' }, /SECRET_KEY.*32/);
    assert.ok(!key.stderr.includes('too-short-a-secret'));
    const url = await assertNoStart({ DATABASE_URL: 'nonsense://user:hunter22222@host/db' }, /DATABASE_URL/);
    assert.ok(!url.stderr.includes('hunter22222'));
  });

  test('without a key or a database it does not start', async () => {
    await assertNoStart({ DATABASE_URL: db.url, SECRET_KEY: '' }, /SECRET_KEY/);
    await assertNoStart({}, /DATABASE_URL/);
  });

  test('a statement may not take longer than its request', async () => {
    await assertNoStart({ DATABASE_URL: db.url, REQUEST_TIMEOUT: '5s', DB_STATEMENT_TIMEOUT: '6s' }, /DB_STATEMENT_TIMEOUT.*REQUEST_TIMEOUT/);
  });

  test('an .env file counts less than the environment', async () => {
    const path = join(scratchFolder(), 'mine.env');
    writeFileSync(path, `DATABASE_URL='${db.url}'\nLOG_LEVEL=nonsense\n`);
    const file = (env) => bugd(['migrate', 'status', '--env-file', path], env);
    assert.match((await file({ LOG_LEVEL: '' })).stderr, /LOG_LEVEL.*mine\.env.*2/);
    const done = await file({ LOG_LEVEL: 'info' });
    assert.equal(done.code, 0, done.stderr);
  });

  test('the .env file of the working directory is read', async () => {
    const path = join(scratchFolder(), '.env');
    writeFileSync(path, `DATABASE_URL='${db.url}'\n`);
    try {
      const done = await bugd(['migrate', 'status']);
      assert.equal(done.code, 0, done.stderr);
    } finally {
      writeFileSync(path, '');
    }
  });

  test('a secret may come from a file', async () => {
    const path = join(scratchFolder(), 'key');
    writeFileSync(path, `${SECRET_KEY}\n`);
    await withServer({ DATABASE_URL: db.url, SECRET_KEY: '', SECRET_KEY_FILE: path }, async (server) => {
      expect.status(await server.anyone.get('/health'), 200);
    });
  });

  test('durations and sizes have units', async () => {
    const env = { DATABASE_URL: db.url, HEAD_TIMEOUT: '10s', IDLE_TIMEOUT: '75000', REQUEST_TIMEOUT: '1m', SHUTDOWN_GRACE: '500ms', MAX_BODY_BYTES: '4KiB', MAX_HEAD_BYTES: '16384' };
    await withServer(env, async ({ anyone }) => {
      const login = (n) => anyone.post('/api/v1/auth/login', `${' '.repeat(n)}{}`);
      expect.status(await login(4000), 422);
      expect.status(await login(4096), 413);
    });
  });

  test('a server with a wrong database setting says so at once, and does not wait', async () => {
    await assertNoStart({ DATABASE_URL: 'postgresql://[broken' }, /DATABASE_URL/);
  });
});
