// SIGHUP: settings that may change do, while requests go on; the others wait for a restart; a wrong value changes nothing.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, afterEach, describe, test } from 'node:test';
import { Server, bugd } from '../support/bugd.js';
import { createDatabase } from '../support/database.js';
import { ROOT, SECRET_KEY, baseEnv, eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Load } from '../support/load.js';
import { scratchFolder } from '../support/process.js';
import { Supervisor } from '../support/supervisor.js';
import { login } from '../support/tracker.js';

/** What `bugd serve --help` says of each setting: Map of name to whether it is live. */
async function settings() {
  const { stdout } = await bugd(['serve', '--help']);
  const parts = stdout.split(/^ {2}(?=[A-Z][A-Z0-9_]+\b)/m).slice(1);
  return new Map(parts.map((part) => [/^[A-Z0-9_]+/.exec(part)[0], /Read\s+again\s+on\s+SIGHUP/.test(part)]));
}

describe('SIGHUP', () => {
  const path = join(scratchFolder(), '.env'); // the working directory of servers
  let db;
  let server;
  let seen; // lines of the log that were looked at
  const write = (values) => writeFileSync(path, Object.entries(values).map(([name, value]) => `${name}='${value}'\n`).join(''));
  before(async () => (db = await createDatabase()));
  after(() => db?.drop());
  beforeEach(async () => {
    write({});
    // What stands in the environment cannot change.
    server = await Server.start({ DATABASE_URL: db.url, LOG_LEVEL: '', RATE_LIMIT: '', RATE_LIMIT_EXEMPT: '' });
  });
  afterEach(async () => {
    rmSync(path, { force: true });
    await server?.stop();
  });

  const END = /^(settings were read again|settings stay as they were)$/;
  /** Asks for the settings to be read again, and answers the lines about it. */
  const hangUp = async (values) => {
    if (values) write(values);
    const from = server.logs().length;
    process.kill(server.pid, 'SIGHUP');
    await eventually('the settings were read', () => server.logs().slice(from).some(({ message }) => END.test(message)));
    return server.logs().slice(from).filter(({ module }) => module === 'app');
  };
  const of = (lines, message) => lines.filter((line) => line.message === message).map(({ detail }) => detail);

  test('changes the level of the log', async () => {
    const ask = async (id) => expect.status(await server.anyone.get('/health', { headers: { 'X-Request-Id': id } }), 200);
    const logged = (id) => server.logs().some(({ request_id }) => request_id === id);
    await ask('first');
    await eventually('the first line', () => logged('first'));
    // The level leaves this warning, which tells that it was read.
    write({ LOG_LEVEL: 'warn', ISSUER: 'other' });
    process.kill(server.pid, 'SIGHUP');
    await eventually('it was read', () => server.logs().some(({ message }) => message === 'a setting needs a restart'));
    await ask('second');
    await hangUp({ LOG_LEVEL: 'info' });
    await ask('third');
    await eventually('the third line', () => logged('third'));
    assert.ok(!logged('second'));
  });

  test('no request and no connection is lost while it happens again and again', async () => {
    const developer = server.anyone.as(await login(server.anyone, 'developer'));
    const load = new Load(6, async () => expect.status(await developer.get('/api/v1/issues'), 200));
    for (let i = 0; i < 20; i++) await hangUp({ MAX_CONNECTIONS: `${500 + i}`, CORS_ORIGINS: `https://a${i}.example.test`, RATE_LIMIT: i % 2 ? 'on' : 'off', ATTACHMENT_TYPES: `image/x-${i}` });
    await load.stop();
    assert.ok(load.steps > 20, `${load.steps} requests`);
  });

  test('changes limits of rate, and switches them', async () => {
    const limits = async () => (await server.anyone.get('/api/v1/issues')).headers['ratelimit-policy'];
    const sign = async () => (await server.anyone.post('/api/v1/auth/login', { email: 'nobody@example.test', password: 'wrong and long' })).headers['ratelimit-policy'];
    assert.match(await sign(), /q=120;/);
    await hangUp({ RATE_LIMIT_SIGN_IN: '7' });
    assert.match(await sign(), /q=7;/);
    await hangUp({ RATE_LIMIT: 'off' });
    assert.equal(await sign(), undefined);
    await hangUp({ RATE_LIMIT: 'on', RATE_LIMIT_SIGN_IN: '9' });
    assert.match(await sign(), /q=9;/);
    await hangUp({ RATE_LIMIT_SIGN_IN: '9', RATE_LIMIT_EXEMPT: '127.0.0.1' });
    assert.equal(await sign(), undefined);
    assert.equal(await limits(), undefined);
  });

  test('changes origins, registration, lifetimes and sizes', async () => {
    const origin = 'https://app.example.test';
    const allowed = async () => (await server.anyone.get('/health', { headers: { Origin: origin } })).headers['access-control-allow-origin'];
    const register = () => server.anyone.post('/api/v1/auth/register', { email: `x${process.hrtime.bigint()}@example.test`, name: 'A new user', password: 'correct horse battery' });
    assert.equal(await allowed(), undefined);
    expect.status(await register(), 201);
    await hangUp({ CORS_ORIGINS: origin, REGISTRATION: 'closed', ACCESS_TOKEN_TTL: '42s' });
    assert.equal(await allowed(), origin);
    expect.status(await register(), 403);
    const { body } = expect.status(await server.anyone.post('/api/v1/auth/login', { email: 'developer@example.test', password: 'correct horse battery' }), 200);
    assert.equal(body.expires_in, 42);
    await hangUp({});
    assert.equal(await allowed(), undefined);
    expect.status(await register(), 201);
  });

  test('says of what cannot change that it needs a restart, each time', async () => {
    for (let i = 0; i < 2; i++) {
      const lines = await hangUp({ MAX_BODY_BYTES: '4KiB', ISSUER: 'other', SLOW_REQUEST: '2s' });
      assert.deepEqual(of(lines, 'a setting needs a restart').map((text) => text.split(' ')[0]).sort(), ['ISSUER', 'MAX_BODY_BYTES']);
      assert.deepEqual(of(lines, 'a setting has changed'), i ? [] : ['SLOW_REQUEST']);
    }
    expect.status(await server.anyone.post('/api/v1/auth/login', `${' '.repeat(5000)}{}`), 422); // not 413
  });

  test('a wrong value changes nothing, and is named', async () => {
    const lines = await hangUp({ MAX_CONNECTIONS: 'many', REGISTRATION: 'closed', LOG_LEVEL: 'loud' });
    const told = of(lines, 'settings stay as they were').join('\n');
    assert.match(told, /MAX_CONNECTIONS.*many.*1 to/);
    assert.match(told, /LOG_LEVEL.*loud.*debug/);
    expect.status(await server.anyone.post('/api/v1/auth/register', { email: 'still@example.test', name: 'A new user', password: 'correct horse battery' }), 201);
    writeFileSync(path, 'this is no setting\n');
    assert.match(of(await hangUp(), 'settings stay as they were')[0], /line 1/);
    assert.deepEqual(of(await hangUp({ REGISTRATION: 'closed' }), 'a setting has changed'), ['REGISTRATION']);
  });

  test('the environment wins over the file then, too', async () => {
    assert.deepEqual(of(await hangUp({ LOG_FORMAT: 'text', PASSWORD_ITERATIONS: '9' }), 'a setting has changed'), []);
    expect.status(await server.anyone.get('/health'), 200);
    server.logs(); // JSON still
  });

  test('a name that is not quite a setting is told', async () => {
    assert.match(of(await hangUp({ LOG_LEVLE: 'debug' }), 'settings').join(), /LOG_LEVEL meant/);
  });

  test('before the database is there, it works as well', async (t) => {
    const early = await Server.start({ DATABASE_URL: 'postgresql://bugd@127.0.0.1:1/bugd', LOG_LEVEL: '' }, { ready: false });
    t.after(() => early.stop());
    write({ MAX_CONNECTIONS: '77' });
    process.kill(early.pid, 'SIGHUP');
    await eventually('it was read', () => early.logs().some(({ message }) => message === 'settings were read again'));
  });

  test('a secret that was piped in stays, and one in a file may differ after a restart', async (t) => {
    const folder = mkdtempSync(join(scratchFolder(), 'hup-'));
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const key = join(folder, 'key');
    writeFileSync(key, SECRET_KEY);
    const file = await Server.start({ DATABASE_URL: db.url, SECRET_KEY: '', SECRET_KEY_FILE: key });
    t.after(() => file.stop());
    writeFileSync(key, 'another key of the tests, as long as HS256 needs');
    process.kill(file.pid, 'SIGHUP');
    await eventually('it was read', () => file.logs().some(({ message, detail }) => message === 'a setting needs a restart' && /^SECRET_KEY /.test(detail)));
    assert.ok(!file.output().includes('another key'));
    const starting = Server.start({ DATABASE_URL: db.url, SECRET_KEY: '', SECRET_KEY_FILE: fifo });
    writeFileSync(fifo, SECRET_KEY);
    const piped = await starting;
    t.after(() => piped.stop());
    process.kill(piped.pid, 'SIGHUP');
    await eventually('it was read', () => piped.logs().some(({ message }) => message === 'settings were read again'));
    assert.ok(!piped.logs().some(({ message }) => /needs a restart|stay as/.test(message)));
  });

  test('.env.example marks the same settings as the help', async () => {
    const known = await settings();
    assert.ok([...known.values()].filter(Boolean).length > 20);
    const parts = readFileSync(join(ROOT, '.env.example'), 'utf8').split(/\n\n/);
    const marked = new Map(parts.flatMap((part) => [...part.matchAll(/^#?\s?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => [name, /Read again on SIGHUP/.test(part)])));
    for (const [name, live] of known) assert.equal(marked.get(name), live, name);
  });
});

describe('a service manager that reloads', () => {
  let db;
  before(async () => (db = await createDatabase()));
  after(() => db?.drop());

  test('is told when it begins, by the monotonic clock, and when it is done', async () => {
    const supervisor = await Supervisor.open({ DATABASE_URL: db.url });
    try {
      const server = await supervisor.start();
      await server.told('READY=1');
      const before = server.heard().length;
      process.kill(server.pid, 'SIGHUP');
      await eventually('it is ready again', () => server.heard().slice(before - 1).includes('READY=1'));
      const told = server.heard().slice(before - 1).filter((line) => /^(RELOADING|MONOTONIC_USEC|READY)/.test(line));
      assert.equal(told[0], 'RELOADING=1');
      assert.match(told[1], /^MONOTONIC_USEC=\d+$/);
      assert.equal(told[2], 'READY=1');
      // Node's clock is the same one.
      const ago = process.hrtime.bigint() / 1000n - BigInt(told[1].split('=')[1]);
      assert.ok(ago >= 0n && ago < 60_000_000n, `${ago} µs`);
      server.stop();
      await supervisor.close();
    } finally {
      supervisor.kill();
    }
  });
});
