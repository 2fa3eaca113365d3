// A TypeScript client, made of the document by openapi-typescript, compiles and runs a session (client.ts).

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PASSWORD } from '../support/env.js';
import { email } from '../support/database.js';
import { atExit, run } from '../support/process.js';
import { useTracker } from '../support/tracker.js';
import { readDocument } from './document.js';

const here = dirname(fileURLToPath(import.meta.url));
const bin = (path) => join(here, '../node_modules', path);

const OPTIONS = { strict: true, target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], module: 'nodenext', types: [] };

describe('a generated client', () => {
  const t = useTracker();
  // Beside the tests, where the modules are found that the client imports.
  const folder = mkdtempSync(join(here, '.client-'));
  atExit(() => rmSync(folder, { recursive: true, force: true }));

  const node = async (...args) => {
    const done = await run(process.execPath, args, { cwd: folder, timeout: 180_000 });
    assert.equal(done.code, 0, `${args[0]}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  };

  test('compiles strictly, and works', async () => {
    writeFileSync(join(folder, 'openapi.json'), JSON.stringify(readDocument()));
    copyFileSync(join(here, 'client.ts'), join(folder, 'client.ts'));
    await node(bin('openapi-typescript/bin/cli.js'), 'openapi.json', '--output', 'schema.d.ts');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, files: ['client.ts'] }));
    await node(bin('typescript/bin/tsc'));
    const { host, port } = t.server.address;
    const said = await node('client.js', `http://${host}:${port}`, email('manager'), PASSWORD);
    assert.match(said, /^done CLI-1 resolved\n$/);
  });
});
