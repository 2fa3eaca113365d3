// Containerfile and compose.yaml, as far as they can be judged where no container engine runs: what they install is
// what bugd needs, what they name is there, and their nginx does what it says.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BUGD, ROOT, eventually } from '../support/env.js';
import { Nginx } from '../support/nginx.js';
import { run } from '../support/process.js';

const file = (name) => readFileSync(join(ROOT, name), 'utf8');
const CONTAINERFILE = file('Containerfile').replace(/^#.*$/gm, '');
const COMPOSE = file('compose.yaml').replace(/^#.*$/gm, '');
const SETTINGS = new Set([...file('.env.example').matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name));

/** What each of the two stages installs. */
const [building, running] = [...CONTAINERFILE.matchAll(/--no-install-recommends \\\n([^]*?)(?:&&|\n[A-Z])/g)].map(([, names]) => new Set(names.replaceAll('\\', ' ').split(/\s+/).filter(Boolean)));

/** Packages of Debian that are not called like the library in them. */
const UNLIKE = { 'libcrypto.so.3': 'libssl3', 'libz.so.1': 'zlib1g' };

describe('the container', () => {
  test('is built with all that scripts/deps wants for a build', () => {
    const [, group] = /\n\tbuild\)\n([^]*?);;/.exec(file('scripts/deps'));
    const wanted = [...group.matchAll(/^\t\tneed (\S+)/gm)].map(([, name]) => name);
    assert.ok(wanted.length > 10);
    assert.deepEqual([...wanted, 'libllhttp-dev', 'libyyjson-dev', 'git'].filter((name) => !building.has(name)), []);
  });

  test('has every library that the program is linked with, or loads', { skip: Boolean(process.env.SANITIZE) }, async () => {
    const { stdout } = await run('readelf', ['-d', BUGD]);
    const linked = [...stdout.matchAll(/\(NEEDED\).*\[(\S+)\]/g)].map(([, name]) => name);
    const loaded = /dlopen\("(\S+?)"/.exec(file('src/app/transfer.c'))[1];
    const lacking = [...linked, 'libllhttp.so.9.2', loaded].filter((name) => {
      if (/^(libc|libm|libpthread|libdl|ld-linux.*|lib[a-z]*san)\.so/.test(name)) return false;
      const [, stem, version] = /^(.+)\.so\.(.+)$/.exec(name);
      const like = UNLIKE[name] ?? `${stem}${/\d$/.test(stem) ? '-' : ''}${version}`;
      return ![like, `${like}t64`, `${stem}-${version}`].some((each) => running.has(each));
    });
    assert.deepEqual(lacking, []);
  });

  test('is told settings that there are, and secrets that scripts/deploy/secrets makes', () => {
    const named = [...CONTAINERFILE.matchAll(/^ENV (.*)$/gm)].flatMap(([, line]) => line.split(' ').map((each) => each.split('=')[0]));
    const [, block] = /\n {2}environment:\n([^]*?)\n {2}\w/.exec(COMPOSE);
    named.push(...[...block.matchAll(/^ {4}([A-Z_]+):/gm)].map(([, name]) => name.replace(/_FILE$/, '')));
    assert.ok(named.length > 8);
    assert.deepEqual(named.filter((name) => !SETTINGS.has(name)), []);

    const made = [...file('scripts/deploy/secrets').matchAll(/^make (\w+) /gm)].map(([, name]) => name).sort();
    const mounted = [...COMPOSE.matchAll(/^ {2}(\w+): \{ file: var\/secrets\/(\w+) \}$/gm)].map(([, name, source]) => (assert.equal(name, source), name)).sort();
    assert.deepEqual(mounted, made);
    assert.deepEqual([...new Set([...COMPOSE.matchAll(/\/run\/secrets\/(\w+)/g)].map(([, name]) => name))].sort(), made);
    for (const [, source] of COMPOSE.matchAll(/\.\/([\w./-]+):/g)) assert.ok(existsSync(join(ROOT, source)), source);
  });
});

describe('nginx of compose.yaml', () => {
  let nginx;
  let behave;
  let seen = [];
  const answer = (request, response) => request.resume().once('end', () => response.end('{}'));
  const fakes = [0, 1].map((fake) => http.createServer((request, response) => {
    seen.push({ fake, method: request.method });
    behave(fake, request, response);
  }));
  before(async () => {
    behave = (fake, request, response) => answer(request, response);
    for (const fake of fakes) await new Promise((resolve) => fake.listen(0, '127.0.0.1', resolve));
    nginx = await Nginx.start(fakes.map((fake) => ({ host: '127.0.0.1', port: fake.address().port })), { compose: true });
  });
  after(async () => {
    await nginx?.stop();
    for (const fake of fakes) {
      fake.closeAllConnections();
      await new Promise((resolve) => fake.close(resolve));
    }
  });

  const ask = (method, body, path = '/api/v1/issues/WEB-1') => new Promise((resolve, reject) => {
    const request = http.request({ ...nginx.plain, method, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk)).once('end', () => resolve({ status: response.statusCode, text }));
    });
    request.once('error', reject).end(body);
  });

  /** Waits until none is left alone for what it did. */
  const forgiven = async () => {
    behave = (fake, request, response) => answer(request, response);
    await eventually('both are tried again', async () => {
      seen = [];
      for (let i = 0; i < 4; i++) await ask('GET');
      return new Set(seen.map(({ fake }) => fake)).size === 2;
    }, { every: 200 });
    seen = [];
  };

  for (const how of ['goes away', 'answers 503']) {
    test(`tries again what reads, and never what writes, when one ${how}`, async () => {
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'PUT', 'DELETE']) {
        const reads = /GET|HEAD|OPTIONS/.test(method);
        for (const body of reads ? [undefined] : [undefined, '{"title":"x"}']) {
          await forgiven();
          behave = (fake, request, response) => {
            if (seen.length > 1) return answer(request, response);
            if (how === 'goes away') return request.socket.destroy();
            response.statusCode = 503;
            return answer(request, response);
          };
          const r = await ask(method, body);
          assert.equal(seen.length, reads ? 2 : 1, `${method} ${body}: ${JSON.stringify(seen)}`);
          assert.equal(r.status, reads ? 200 : how === 'goes away' ? 502 : 503, `${method} ${body}`);
        }
      }
    });
  }

  test('hands on bodies of any size, and hides what is counted', async () => {
    await forgiven();
    let length = 0;
    behave = (fake, request, response) => {
      length = 0;
      request.on('data', (chunk) => (length += chunk.length)).once('end', () => response.end('{}'));
    };
    for (const method of ['POST', 'PUT']) {
      assert.equal((await ask(method, 'x'.repeat(3_000_000))).status, 200);
      assert.equal(length, 3_000_000, method);
    }
    seen = [];
    assert.equal((await ask('GET', undefined, '/metrics')).status, 404);
    assert.deepEqual(seen, []);
  });
});
