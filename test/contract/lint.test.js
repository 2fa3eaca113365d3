// The document is one that tools for OpenAPI accept, without an error or a warning.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, scratchFolder } from '../support/process.js';
import { readDocument } from './document.js';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '../node_modules');
// Nothing of a linter's is fetched or reported.
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };

describe('the document passes', () => {
  const file = join(scratchFolder(), 'openapi.json');

  before(() => writeFileSync(file, JSON.stringify(readDocument(), null, 2)));

  const lints = (script, ...args) => async () => {
    const done = await run(process.execPath, [join(modules, script), ...args, file], { env, timeout: 180_000 });
    assert.equal(done.code, 0, done.stdout + done.stderr);
  };

  test('redocly lint', lints('@redocly/cli/bin/cli.js', 'lint', '--max-problems=20', `--config=${join(here, 'redocly.yaml')}`));
  test('spectral lint', lints('@stoplight/spectral-cli/dist/index.js', 'lint', '--fail-severity=warn', `--ruleset=${join(here, 'spectral.yaml')}`));
});
