// `make run` as a newcomer types it: scripts/run in a tree that holds no data yet, with what it would install and build,
// where it listens on a unix socket, as no port is sure to be free; and in one without.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.js';
import { emptyDatabase } from '../support/database.js';
import { BUGD, ROOT, baseEnv, eventually, within } from '../support/env.js';
import * as expect from '../support/expect.js';
import { atExit, run, scratchFolder, start } from '../support/process.js';

const ANNOUNCED = /First admin, shown this once: (\S+), password (\S+)/;
const READY = 'Ctrl-C stops it';

/** A tree like a clone in which `make` has been. */
class Tree {
  static async make() {
    const tree = new Tree();
    tree.root = await mkdtemp(join(tmpdir(), 'bugd-run-'));
    chmodSync(tree.root, 0o711); // PostgreSQL's account must be able to pass
    for (const folder of ['scripts', 'bin']) mkdirSync(join(tree.root, folder));
    for (const script of ['run', 'postgres']) symlinkSync(join(ROOT, 'scripts', script), join(tree.root, 'scripts', script));
    for (const done of ['scripts/deps', 'bin/make']) writeFileSync(join(tree.root, done), '#!/bin/sh\n', { mode: 0o755 });
    const { SECRET_KEY, ...env } = baseEnv();
    tree.env = { ...env, PATH: `${join(tree.root, 'bin')}:${env.PATH}`, BUILD: dirname(BUGD), HOST: `unix:${tree.at('socket')}` };
    tree.anyone = new Client({ path: tree.at('socket') });
    tree.running = new Set();
    return tree;
  }

  at(name) {
    return join(this.root, name);
  }

  /** scripts/run, up to where it serves: { output, stop }. */
  async serve(env = {}) {
    const child = spawn(this.at('scripts/run'), [], { env: { ...this.env, ...env }, cwd: this.root, stdio: ['ignore', 'pipe', 'pipe'] });
    const served = { output: '' };
    // Killed, it would leave what it has started; asked, it stops that. It holds the lock as long as it runs.
    const forget = atExit(() => {
      child.kill('SIGTERM');
      spawn('flock', [this.at('var/lock'), 'rm', '-rf', this.root], { detached: true, stdio: 'ignore' });
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (served.output += chunk));
    const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    this.running.add(served);
    ended.then((end) => {
      this.running.delete(served);
      served.end = end;
      forget();
    });
    served.stop = async (signal) => {
      child.kill(signal);
      const end = await within(`it ends after ${signal}`, 30_000, ended);
      assert.deepEqual(end, { code: 0, signal: null }, served.output);
    };
    await eventually('it serves', () => {
      assert.equal(served.end, undefined, served.output);
      return served.output.includes(READY);
    }, { within: 40_000 }).catch((error) => {
      child.kill('SIGTERM');
      throw new Error(`${error.message}\n${served.output}`);
    });
    return served;
  }

  /** Whether PostgreSQL runs below var/. */
  databaseRuns() {
    return existsSync(this.at('var/postgres/data/postmaster.pid'));
  }

  async remove() {
    this.anyone.close();
    for (const served of this.running) await served.stop('SIGTERM'); // of a test that failed
    await run(join(ROOT, 'scripts/postgres'), ['remove', this.at('var/postgres')], { env: this.env });
    await rm(this.root, { recursive: true, force: true });
  }
}

describe('make run', () => {
  let tree;
  before(async () => (tree = await Tree.make()));
  after(() => tree?.remove());

  test('serves with a database and an admin of its own, stops all of it, and finds the data again', async () => {
    const first = await tree.serve();
    const [, email, password] = ANNOUNCED.exec(first.output) ?? assert.fail(first.output);
    assert.ok(password.length >= 16, password);

    // The line to be pasted signs in as that admin.
    const line = /^ +(curl .*)$/m.exec(first.output)[1];
    const pasted = await run('bash', ['-c', line], { env: tree.env });
    assert.equal(pasted.code, 0, pasted.stderr);
    const admin = tree.anyone.as(JSON.parse(pasted.stdout).access_token);
    expect.includes(expect.status(await admin.get('/api/v1/users/me'), 200).body, { email, role: 'admin' });
    const project = expect.status(await admin.post('/api/v1/projects', { key: 'KEPT', name: 'Kept' }), 201).body;

    // Nobody else may read the key, and another one does not serve from the same data.
    assert.equal(statSync(tree.at('var/secret_key')).mode & 0o777, 0o600);
    const another = await run(tree.at('scripts/run'), [], { env: tree.env, cwd: tree.root });
    assert.equal(another.code, 1, another.stdout);
    assert.match(another.stderr, /another "make run"/);

    await first.stop('SIGINT');
    assert.equal(tree.databaseRuns(), false);
    assert.equal(existsSync(tree.at('socket')), false);

    // The same data and the same key: the token is still good. The password is not shown again.
    const second = await tree.serve();
    assert.ok(tree.databaseRuns());
    assert.doesNotMatch(second.output, /password/);
    expect.includes(expect.status(await admin.get('/api/v1/projects/KEPT'), 200).body, { id: project.id });
    await second.stop('SIGTERM');
    assert.equal(tree.databaseRuns(), false);
  });

  test('with DATABASE_URL uses that database, and starts none', async (test_) => {
    const other = await Tree.make();
    const db = await emptyDatabase();
    test_.after(async () => {
      await other.remove();
      await db.drop();
    });
    const served = await other.serve({ DATABASE_URL: db.url });
    const [, email] = ANNOUNCED.exec(served.output) ?? assert.fail(served.output);
    assert.deepEqual(await db.rows('SELECT email, role FROM users'), [{ email, role: 'admin' }]);
    assert.equal(existsSync(other.at('var/postgres')), false);
    await served.stop('SIGINT');
  });
});

/** A tree that has the scripts and nothing to build. */
function bareTree() {
  const folder = mkdtempSync(join(scratchFolder(), 'tree-'));
  for (const part of ['scripts', 'vendor/fetch']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'var'));
  return folder;
}

describe('make run in a tree where nothing was built', () => {
  test('ends before it installs or builds while another one works in the same tree', async () => {
    const folder = bareTree();
    const other = start('flock', ['--no-fork', join(folder, 'var/lock'), 'sh', '-c', 'echo locked; exec sleep 60']);
    await new Promise((resolve) => { other.stdout.once('data', resolve); });
    const { code, stdout, stderr } = await run(join(folder, 'scripts/run'), [], { env: { ...process.env, NO_INSTALL: '1' } });
    other.kill('SIGKILL');
    assert.equal(code, 1);
    assert.equal(stderr, 'make run: another "make run" works here; stop that one first\n');
    assert.equal(stdout, '');
    assert.ok(!existsSync(join(folder, 'build')));
  });

  test('names what is missing, and installs nothing with NO_INSTALL', async () => {
    const { code, stdout, stderr } = await run(join(bareTree(), 'scripts/run'), [], { env: { ...process.env, NO_INSTALL: '1', PKG_CONFIG_LIBDIR: '/nonexistent', PKG_CONFIG_PATH: '' } });
    assert.equal(code, 1);
    assert.match(stdout, /^Missing here, and what for:\n(.*\n)* {2}libuv1-dev +the event loop\n/);
    assert.equal(stderr, 'NO_INSTALL is set, so nothing was installed.\n');
  });
});
