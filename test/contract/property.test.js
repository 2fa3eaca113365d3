// Requests made of the document, valid and invalid, from everybody: no answer is a 500, a hang, or undocumented
// (test/support/observe.js sees to that), and no body that the document forbids is taken.
//
// PROPERTY_SEED=N repeats a run, PROPERTY_RUNS=N makes so many requests an operation (24).

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { useTracker } from '../support/tracker.js';
import { contract } from './document.js';
import { Generator, Random } from './generate.js';

const SEED = Number(process.env.PROPERTY_SEED ?? randomInt(2 ** 31));
const RUNS = Number(process.env.PROPERTY_RUNS ?? 24);
const LANES = 4;

describe(`requests made of the document (PROPERTY_SEED=${SEED})`, () => {
  const t = useTracker();
  const everybody = ['anyone', 'admin', 'manager', 'developer', 'reporter'];

  for (const [place, operation] of contract().operations.entries()) {
    test(`${operation.method.toUpperCase()} ${operation.path}`, async () => {
      await t.signIn(everybody.slice(1)); // one of the operations signs them out
      const names = await things(t);
      const make = new Requests(new Random(SEED + place * 7919), operation, names);
      const seen = {};
      const lane = async (n) => {
        for (let i = n; i < RUNS; i += LANES) {
          const request = make.request();
          const who = make.random.pick(everybody);
          const r = await t[who].request(operation.method.toUpperCase(), request.target, { ...request.options, timeout: 30_000 });
          const shown = `${who}: ${JSON.stringify(request).slice(0, 1500)}\n${r.status} ${r.text.slice(0, 500)}`;
          assert.notEqual(r.status, 500, shown);
          if (request.forbidden) assert.ok(r.status >= 400, `the document forbids it: ${shown}`);
          seen[r.status] = (seen[r.status] ?? 0) + 1;
        }
      };
      await Promise.all(Array.from({ length: LANES }, (_, n) => lane(n)));
      assert.equal(Object.values(seen).reduce((a, b) => a + b), RUNS);
    });
  }
});

/** A project and an issue that can be named. */
async function things(t) {
  const project = await t.project();
  const issue = await t.issue({ project_id: project.id });
  // Who may lose role and account meanwhile: not those who send the requests.
  const user = [t.ids.manager2, t.ids.developer2, t.ids.reporter2];
  return { project: [project.id, project.key], issue: [issue.id, issue.key, issue.key.toLowerCase()], user, parent: [issue.id] };
}

class Requests {
  constructor(random, operation, names) {
    this.random = random;
    this.operation = operation;
    this.names = names;
    this.generator = new Generator(random, (schema) => contract().resolve(schema), {
      project_id: names.project, parent_id: [null, ...names.parent], assignee_id: [null, ...names.user], creator_id: names.user,
      owner_id: names.user, key: Array.from({ length: 20 }, () => `Q${random.below(1e6)}`), user_id: names.user, version: [1, 2, 3],
    });
  }

  request() {
    const parameters = this.operation.parameters ?? [];
    const query = this.#query(parameters.filter((parameter) => parameter.in === 'query'));
    const target = this.#path() + (query ? `?${query}` : '');
    return { target, ...this.#body(parameters.filter((parameter) => parameter.in === 'header')) };
  }

  #path() {
    return this.operation.path.replaceAll(/\{[^}]+\}/g, () => {
      const kind = /(project|issue|user)s\//.exec(this.operation.path)?.[1];
      if (this.names[kind] && this.random.chance(0.7)) return this.random.pick(this.names[kind]);
      if (this.random.chance(0.5)) return this.generator.uuid();
      return encode(this.generator.strange()).slice(0, 200) || 'x';
    });
  }

  /** Each parameter seldom; a value that fits more often than one that does not. */
  #query(parameters) {
    const parts = [];
    for (const { name, schema } of parameters) {
      if (!this.random.chance(0.15)) continue;
      const value = this.random.chance(0.7) ? this.generator.fitting(schema) : this.generator.strange();
      for (const item of [value].flat()) parts.push(`${name}=${encode(item)}`);
    }
    if (this.random.chance(0.05)) parts.push(`${encode(this.generator.text(1))}=${encode(this.generator.strange())}`);
    return parts.join('&');
  }

  #body(headers) {
    const send = {};
    for (const { name } of headers) {
      if (this.random.chance(0.3)) send[name] = this.random.pick(['*', '"1-0123456789abcdef"', 'W/"1"', 'x', '"', '"1-0", "2-0"', ',']);
    }
    const content = this.operation.requestBody?.content;
    if (!content) return { options: { headers: send } };
    const media = this.random.pick(Object.keys(content));
    const { schema } = content[media];
    // Form data is no JSON: whatever comes is answered.
    if (!schema?.$ref || !media.includes('json')) {
      send['Content-Type'] = this.random.pick([media, `${media}; boundary=x`]);
      const part = `--x\r\nContent-Disposition: form-data; name="file"; filename="${this.generator.text(1).replaceAll(/["\\\r\n]/g, '')}"\r\n\r\n`;
      return { options: { headers: send, body: this.random.pick(['', '--x--\r\n', part, `${part}text\r\n--x--\r\n`, this.generator.strange()]) } };
    }
    const value = this.random.chance(0.5) ? this.generator.fitting(schema) : this.generator.bent(schema);
    send['Content-Type'] = media;
    const place = schema.$ref.slice(1);
    return { options: { headers: send, body: JSON.stringify(value) }, forbidden: contract().errors(place, value) !== '' };
  }
}

/** A lone surrogate cannot be encoded; it goes as what replaces it. */
const encode = (value) => encodeURIComponent(Buffer.from(String(value)).toString());
