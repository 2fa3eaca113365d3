// scripts/deploy/bugd.service and bugd.socket, as far as they can be judged without a running systemd.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bugd } from '../support/bugd.js';
import { BUGD, ROOT } from '../support/env.js';
import { run, scratchFolder } from '../support/process.js';

const SERVICE = readFileSync(join(ROOT, 'scripts/deploy/bugd.service'), 'utf8');
const SOCKET = readFileSync(join(ROOT, 'scripts/deploy/bugd.socket'), 'utf8');

const analyze = (...args) => run('systemd-analyze', args).catch(() => null);
const skip = (await analyze('--version')) ? false : 'systemd-analyze is not there';

/** Both files in a folder, with the program that is tested. */
function installed() {
  const folder = mkdtempSync(join(scratchFolder(), 'units-'));
  const service = join(folder, 'bugd.service');
  writeFileSync(service, SERVICE.replace('/usr/local/bin/bugd', BUGD));
  writeFileSync(join(folder, 'bugd.socket'), SOCKET);
  return { service, socket: join(folder, 'bugd.socket') };
}

describe('systemd units', () => {
  test('nothing in them is unknown to systemd', { skip }, async () => {
    const { service, socket } = installed();
    const done = await analyze('verify', '--man=no', service, socket);
    const ours = done.stderr.split('\n').filter((line) => /bugd/.test(line));
    assert.deepEqual(ours, []);
    assert.equal(done.code, 0, done.stderr);
  });

  test('the service is exposed to little', { skip }, async (t) => {
    const done = await analyze('security', '--offline=true', '--no-pager', installed().service);
    if (/unrecognized option/.test(done.stderr)) return t.skip('this systemd-analyze knows no --offline');
    const [, exposure] = /Overall exposure level for bugd\.service: (\d+\.\d+)/.exec(done.stdout) ?? assert.fail(done.stdout + done.stderr);
    assert.ok(Number(exposure) < 2, `${exposure}\n${done.stdout}`);
  });

  test('the settings in it are settings', async () => {
    const { stdout } = await bugd(['serve', '--help']);
    const known = new Set([...stdout.matchAll(/^ {2}([A-Z][A-Z0-9_]+)\b/gm)].map(([, name]) => name));
    const used = [...SERVICE.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line]) => line.split(' ').map((pair) => pair.split('=')[0]));
    assert.ok(used.length >= 3);
    for (const name of used) assert.ok(known.has(name.replace(/_FILE$/, '')), name);
  });
});
