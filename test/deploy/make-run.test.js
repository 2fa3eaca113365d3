// scripts/run (`make run`), as far as it goes without building anything.

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT } from '../support/env.js';
import { run, scratchFolder, start } from '../support/process.js';

/** A tree that has the scripts and nothing to build. */
function tree() {
  const folder = mkdtempSync(join(scratchFolder(), 'tree-'));
  for (const part of ['scripts', 'vendor/fetch']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'var'));
  return folder;
}

describe('make run', () => {
  test('ends before it installs or builds while another one works in the same tree', async () => {
    const folder = tree();
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
    const { code, stdout, stderr } = await run(join(tree(), 'scripts/run'), [], { env: { ...process.env, NO_INSTALL: '1', PKG_CONFIG_LIBDIR: '/nonexistent', PKG_CONFIG_PATH: '' } });
    assert.equal(code, 1);
    assert.match(stdout, /^Missing here, and what for:\n(.*\n)* {2}libuv1-dev +the event loop\n/);
    assert.equal(stderr, 'NO_INSTALL is set, so nothing was installed.\n');
  });
});
