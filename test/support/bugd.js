// The program under test: its commands, and a running server.

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUGD, baseEnv, eventually, requireBinary, within } from './env.js';
import { Client } from './client.js';
import { run, start } from './process.js';

/** Runs a command of bugd to its end: { code, stdout, stderr }. */
export function bugd(args, env = {}, input = '') {
  requireBinary();
  return run(BUGD, args, { env: { ...baseEnv(), ...env }, input });
}

/**
 * A server that shall not start: it ends by itself and soon, with 1, and says why. One that goes on is killed, and fails
 * the test with what it printed.
 */
export async function assertNoStart(env, why) {
  requireBinary();
  const settings = { ...baseEnv(), HOST: '127.0.0.1', PORT: '0', UPLOAD_DIR: uploadDir(env.DATABASE_URL), ...env };
  const { code, stdout, stderr } = await run(BUGD, ['serve'], { env: settings, timeout: 10_000 });
  assert.equal(code, 1, stdout + stderr);
  assert.match(stdout + stderr, why);
  return { stdout, stderr };
}

/** Where the attachments of a database of the tests are; removed with it. */
export function uploadDir(url = '') {
  return join(tmpdir(), 'bugd-test-uploads', /([^/?]*)(\?|$)/.exec(url)[1] || 'none');
}

/** A running `bugd serve`. */
export class Server {
  /**
   * Starts it and waits until it listens; and until it is ready, unless `ready` is false. `env` holds its
   * settings; by default it listens on any free port of 127.0.0.1. Its log line tells which, unless the caller
   * knows the address. `program` is another build than BUGD.
   */
  static async start(env, { ready = true, address, program = BUGD } = {}) {
    requireBinary();
    const server = new Server({ ...baseEnv(), HOST: '127.0.0.1', PORT: '0', UPLOAD_DIR: uploadDir(env.DATABASE_URL), ...env }, program);
    try {
      server.address = address ?? (await server.#listening());
      server.anyone = new Client(server.address, { base: env.BASE_PATH });
      if (ready) await server.ready();
    } catch (error) {
      await server.kill();
      throw new Error(`${error.message}\n--- its output\n${server.output()}`, { cause: error });
    }
    return server;
  }

  constructor(env, program) {
    this.stdout = '';
    this.stderr = '';
    this.child = start(program, ['serve'], { env });
    this.pid = this.child.pid;
    this.child.stdout.on('data', (chunk) => (this.stdout += chunk));
    this.child.stderr.on('data', (chunk) => (this.stderr += chunk));
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve({ code: null, signal: error.code }));
      this.child.once('close', (code, signal) => resolve({ code, signal }));
    }).then((end) => (this.end = end));
  }

  /** What it logged so far, each line as an object. */
  logs() {
    return this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1).split('\n').filter(Boolean).map((line) => {
      try {
        return JSON.parse(line);
      } catch {
        throw new Error(`not a JSON log line: ${line}`);
      }
    });
  }

  output() {
    return `${this.stdout.slice(-4000)}${this.stderr.slice(-8000)}`;
  }

  /** Waits for /ready. */
  ready(time = 20_000) {
    return eventually('GET /ready answers 200', async () => {
      assert.equal(this.end, undefined, 'the server ended');
      return (await this.anyone.get('/ready')).status === 200;
    }, { within: time });
  }

  async #listening() {
    const line = await eventually('the log line "listening"', () => {
      if (this.end) return { ended: this.end };
      return this.logs().find((entry) => entry.message === 'listening');
    });
    if (line.ended) throw new Error(`bugd serve ended at once: ${JSON.stringify(line.ended)}`);
    return parseAddress(line.address);
  }

  /** Asks it to end, by a signal, once: a second signal would make it end at once. */
  signal(signal = 'SIGTERM') {
    if (!this.signalled && !this.end) this.child.kill(signal);
    this.signalled = true;
  }

  /**
   * Ends it by the signal, and asserts a clean end: exit code 0 and no report of a sanitizer. Safe to call
   * twice.
   */
  async stop(signal = 'SIGTERM') {
    this.anyone?.close();
    this.signal(signal);
    const end = await within(`the server ends after ${signal}`, 30_000, this.ended).catch(() => null);
    if (!end) await this.kill();
    assert.ok(end, `the server did not end after ${signal}\n${this.output()}`);
    this.assertClean();
    return end;
  }

  assertClean() {
    assert.ok(!/Sanitizer|runtime error/.test(this.stderr), `a sanitizer reported something\n${this.stderr.slice(0, 8000)}`);
    assert.deepEqual(this.end, { code: 0, signal: null }, `it ended badly\n${this.output()}`);
  }

  /** For cleaning up: the hard way, without assertions. */
  async kill() {
    if (!this.end) this.child.kill('SIGKILL');
    await within('the killed server ends', 5000, this.ended);
  }
}

/** "127.0.0.1:80", "[::1]:80" or "unix:/path" as options of net.connect. */
export function parseAddress(text) {
  if (text.startsWith('unix:')) return { path: text.slice('unix:'.length) };
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** Starts a server, hands it to `use`, and stops it with all of stop's assertions. */
export async function withServer(env, use, options) {
  const server = await Server.start(env, options);
  try {
    await use(server);
  } catch (error) {
    await server.stop().catch(() => server.kill());
    throw error;
  }
  await server.stop();
}
