// Bad input: answered with the right problem, nothing changed, and the server as well as before.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const REGISTER = '/api/v1/auth/register';

describe('bad input', () => {
  const t = useTracker();
  let project;
  let issue;
  before(async () => {
    project = await t.project();
    issue = await t.issue({ project_id: project.id });
  });
  const at = () => `${ISSUES}/${issue.id}`;
  /** Every way in which a client sends this body to us; the answers. */
  const everywhere = async (body, options) => [
    await t.developer.post(ISSUES, body, options), await t.developer.patch(at(), body, options), await t.developer.put(at(), body, options),
    await t.manager.post('/api/v1/projects', body, options), await t.anyone.post(REGISTER, body, options),
    await t.anyone.post('/api/v1/auth/login', body, options),
  ];
  const create = (fields) => JSON.stringify({ project_id: project.id, title: 'x', ...fields });

  test('broken JSON: 400 that says where', async () => {
    const broken = [
      '{', '}', '[', '"', '{"title"', '{"title":', '{"title":"x"', '{"title":"x",}', '{title:"x"}', "{'title':'x'}", '{"title":"x"} x', '{"a":1}{"b":2}',
      'nul', 'True', '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":1.}', '{"a":NaN}', '{"a":Infinity}', '{"a":0x1}', '{"a":"\t"}', '{"a":"\n"}',
      '{"a":"\\x41"}', '{"a":"\\u12"}', '{"a":1,,"b":2}', '{"a":/**/1}', '\ufeff{"title":"x"}', '{"a":[1,2}',
    ];
    await t.unchanged(async () => {
      for (const body of broken) {
        for (const r of await everywhere(body)) assert.notEqual(expect.problem(r, 400, 'malformed_json').body.detail, '');
      }
    });
  });

  test('an empty body, or white space: 400', async () => {
    await t.unchanged(async () => {
      for (const body of ['', ' ', '\r\n\t ']) for (const r of await everywhere(body)) expect.problem(r, 400, 'malformed_json');
    });
  });

  test('JSON that is no object: refused', async () => {
    await t.unchanged(async () => {
      for (const body of ['null', 'true', '1', '"x"', '[]', '[{"title":"x"}]']) {
        for (const r of await everywhere(body)) expect.oneOf(r, [400, 422]);
      }
    });
  });

  test('the same name twice: 400, however it is written', async () => {
    const twice = [
      `{"project_id":"${project.id}","title":"a","title":"b"}`, `{"project_id":"${project.id}","title":"a","\\u0074itle":"b"}`,
      `{"project_id":"${project.id}","title":"a","x":{"y":1,"y":2}}`,
    ];
    await t.unchanged(async () => {
      for (const body of twice) expect.problem(await t.developer.post(ISSUES, body), 400, 'malformed_json');
    });
  });

  test('NUL in any text, escaped or plain: 400', async () => {
    await t.unchanged(async () => {
      for (const [name, value] of [['title', 'a\u0000b'], ['description', '\u0000'], ['nonsense', '\u0000'], ['a\u0000b', 'x']]) {
        expect.problem(await t.developer.post(ISSUES, create({ [name]: value })), 400, 'malformed_json');
      }
      const plain = Buffer.from(create({ title: 'a?b' }).replace('?', '\0'));
      expect.problem(await t.developer.post(ISSUES, plain), 400, 'malformed_json');
      const r = await t.anyone.post(REGISTER, { email: 'nul@example.test', password: 'a long \u0000 password', name: 'Nul' });
      expect.problem(r, 400, 'malformed_json');
      expect.problem(await t.anyone.post('/api/v1/auth/login', { email: 'a\u0000@b.test', password: 'x' }), 400, 'malformed_json');
    });
  });

  test('what is not UTF-8: 400', async () => {
    const bad = ['ff', 'c3', 'c328', 'e28228', 'c0af', 'eda080', 'f4908080', 'f8888080', '80', 'fe', 'eda080edb080'];
    await t.unchanged(async () => {
      for (const hex of bad) {
        const [head, tail] = create({ title: 'a?b' }).split('?');
        const body = Buffer.concat([Buffer.from(head), Buffer.from(hex, 'hex'), Buffer.from(tail)]);
        expect.problem(await t.developer.post(ISSUES, body), 400, 'malformed_json');
      }
    });
  });

  test('half of a surrogate pair: 400', async () => {
    await t.unchanged(async () => {
      for (const text of ['\\ud800', '\\udc00', '\\ud83dx', '\\ude00\\ud83d']) {
        const body = create({ title: '?' }).replace('?', text);
        expect.problem(await t.developer.post(ISSUES, body), 400, 'malformed_json');
      }
    });
    const whole = create({ title: '?' }).replace('?', '\\ud83d\\ude00');
    assert.equal(expect.status(await t.developer.post(ISSUES, whole), 201).body.title, '😀');
  });

  test('control characters in a line of text: refused; in a description: kept', async () => {
    await t.unchanged(async () => {
      for (const title of ['a\nb', 'a\rb', 'a\u0007b', '\u001b[31mred', 'a\u007fb']) {
        expect.problem(await t.developer.post(ISSUES, create({ title })), 422, 'validation_failed', { title: null });
      }
    });
    const description = 'a\nb\tc\r\nd';
    assert.equal((await t.issue({ description })).description, description);
  });

  test('nesting over 32: 400, also when it is 100,000 deep', async () => {
    await t.unchanged(async () => {
      for (const depth of [32, 33, 1000, 100_000]) {
        const body = `{"project_id":"${project.id}","title":"x","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
        expect.problem(await t.developer.post(ISSUES, body), 400, 'malformed_json');
        const objects = `${'{"a":'.repeat(depth + 1)}1${'}'.repeat(depth + 1)}`;
        expect.problem(await t.developer.post(ISSUES, objects), 400, 'malformed_json');
      }
      const shallow = `{"project_id":"${project.id}","title":"x","x":${'['.repeat(31)}${']'.repeat(31)}}`;
      expect.problem(await t.developer.post(ISSUES, shallow), 422, 'validation_failed', { x: 'unknown_field' });
    });
  });

  test('100,000 unknown fields: an answer of bounded size', async () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`f${i}`, 1]));
    await t.unchanged(async () => {
      const r = expect.problem(await t.developer.post(ISSUES, many), 422, 'validation_failed');
      assert.ok(r.body.errors.length <= 100);
      assert.ok(r.bytes.length < 64 * 1024);
    });
  });

  test('a very long name of a field: an answer of bounded size', async () => {
    await t.unchanged(async () => {
      const r = expect.problem(await t.developer.post(ISSUES, { ['x'.repeat(500_000)]: 1 }), 422, 'validation_failed');
      assert.ok(r.bytes.length < 64 * 1024);
    });
  });

  test('wrong types: 422 for each field', async () => {
    const fields = ['project_id', 'title', 'description', 'type', 'priority', 'assignee_id', 'parent_id', 'due_date'];
    await t.unchanged(async () => {
      for (const value of [1, -1.5, true, [], {}, ['x'], { id: 'x' }, 1e400]) {
        for (const name of fields) {
          const body = value === Infinity ? create({ [name]: 7 }).replace(`"${name}":7`, `"${name}":1e400`) : create({ [name]: value });
          const r = await t.developer.post(ISSUES, body);
          if (value === Infinity && r.status === 400) continue;
          expect.problem(r, 422, 'validation_failed', { [name]: null });
        }
      }
    });
  });

  test('a body of 2 MiB: 413, and one of a little less than 1 MiB is read', async () => {
    await t.unchanged(async () => {
      for (const size of [2 * 1024 * 1024, 1024 * 1024 + 1]) {
        for (const r of await everywhere('x'.repeat(size))) expect.problem(r, 413, 'body_too_large');
      }
    });
    const padded = `${' '.repeat(1024 * 1024 - 200)}${create({ title: 'Late' })}`;
    expect.status(await t.developer.post(ISSUES, padded), 201);
  });

  test('a body where none is expected: refused or not looked at', async () => {
    const gone = await t.issue();
    expect.oneOf(await t.manager.request('DELETE', `${ISSUES}/${gone.id}`, { body: '{' }), [204, 400]);
    expect.oneOf(await t.developer.request('GET', at(), { body: '{' }), [200, 400]);
    expect.oneOf(await t.developer.request('GET', '/health', { body: 'x'.repeat(2 * 1024 * 1024) }), [200, 400, 413]);
  });

  test('statuses, priorities and types that are not: 422 that names what is', async () => {
    await t.unchanged(async () => {
      for (const [name, values] of [['status', ['Open', 'done', '', ' open', 'open\n']], ['priority', ['urgent']], ['type', ['story']]]) {
        for (const value of values) {
          const r = await t.developer.patch(at(), { version: 1, [name]: value });
          expect.problem(r, 422, 'validation_failed', { [name]: null });
        }
      }
    });
    const r = await t.developer.patch(at(), { version: 1, status: 'done' });
    assert.match(r.body.errors[0].detail, /in_progress/);
  });

  test('queries that are malformed: 400', async () => {
    for (const query of ['status=%', 'status=%4', 'status=%zz', 'status=%ff', '%ff=1', 'key=%00', 'key=a%00b', '%=1']) {
      expect.problem(await t.developer.get(`${ISSUES}?${query}`), 400, 'malformed_query');
    }
  });

  test('queries with odd but right syntax: read like any form', async () => {
    for (const query of ['', '&', '&&size=1&', 'size=1&', 'st%61tus=open', 'status=%6Fpen']) {
      expect.status(await t.developer.get(`${ISSUES}?${query}`), 200);
    }
    expect.problem(await t.developer.get(`${ISSUES}?status`), 422, 'validation_failed', { status: null });
    expect.problem(await t.developer.get(`${ISSUES}?status=op+en`), 422, 'validation_failed', { status: null });
    expect.problem(await t.developer.get(`${ISSUES}?=1`), 422, 'validation_failed');
  });

  test('a thousand parameters: refused', async () => {
    const query = Array.from({ length: 1000 }, () => 'status=open').join('&');
    expect.oneOf(await t.developer.get(`${ISSUES}?${query}`), [400, 422]);
  });

  test('paths of 100 KiB: 414, and the connection ends', async () => {
    const r = await t.developer.get(`${ISSUES}/${'x'.repeat(100 * 1024)}`);
    expect.problem(r, 414, 'uri_too_long');
    expect.problem(await t.developer.get(`${ISSUES}?key=${'x'.repeat(100 * 1024)}`), 414, 'uri_too_long');
    expect.problem(await t.developer.get(`${ISSUES}/${'x'.repeat(8 * 1024)}`), 404, 'not_found');
  });

  test('after all this the server is as well as before', async () => {
    expect.status(await t.anyone.get('/ready'), 200);
    assert.deepEqual(await t.read(issue), issue);
    assert.ok(!t.server.logs().some((line) => line.level === 'error'), 'errors were logged');
  });
});
