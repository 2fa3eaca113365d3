// The README is true: its tables are the program's, and its tour gives what it shows.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BUGD, PASSWORD, ROOT } from '../support/env.js';
import { email } from '../support/database.js';
import { run } from '../support/process.js';
import { useTracker } from '../support/tracker.js';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The blocks of the tour, in order: what is typed, and what is shown for it. */
function tour() {
  const chapter = /\n## A tour in five minutes\n([^]*?)\n## /.exec(README)[1];
  return [...chapter.matchAll(/```(sh|json)\n([^]*?)```/g)].map(([, language, text]) => ({ language, text }));
}

/** As a reader would, who has another server, admin and password. */
const adapted = (text, server) => text
  .replace('http://127.0.0.1:8080', server)
  .replace('read -rs PASSWORD', `PASSWORD='${PASSWORD}'`)
  .replace('admin@example.org', email('admin'));

/** Documents that follow each other, as jq prints them. */
const documents = (text) => text.trim().split(/\n(?=[[{])/).map((each) => JSON.parse(each));

describe('the README', () => {
  const t = useTracker();

  test('has the tables that the program makes', async () => {
    const { code, stderr } = await run(join(ROOT, 'scripts/readme'), ['--check'], { env: { ...process.env, BUGD } });
    assert.equal(code, 0, stderr);
  });

  test('has a tour whose every command works, and shows what comes of it', async () => {
    const blocks = tour();
    const typed = blocks.filter(({ language }) => language === 'sh');
    const script = typed.map(({ text }) => `${adapted(text, `http://${t.server.address.host}:${t.server.address.port}`)}\nprintf '\\n====\\n'\n`).join('');
    const { code, stdout, stderr } = await run('bash', ['-e', '-u', '-o', 'pipefail', '-c', script], { timeout: 60_000, cwd: ROOT });
    assert.equal(code, 0, stderr);
    const printed = stdout.split('\n====\n');
    let at = -1;
    for (const { language, text } of blocks) {
      if (language === 'sh') at += 1;
      else assert.deepEqual(documents(printed[at]), documents(text), `what the README shows below:\n${typed[at].text}`);
    }
    assert.ok(at > 5 && printed.slice(2, -1).every((each) => each.trim()), 'a command that printed nothing');
  });
});
