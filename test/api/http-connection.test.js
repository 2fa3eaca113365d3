// Connections: who keeps them, who closes them, and in what order answers come (RFC 9112, 9; RFC 9110, 7 to 10).

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { PASSWORD } from '../support/env.js';
import { email } from '../support/database.js';
import * as expect from '../support/expect.js';
import { chunked, message, withConnection } from '../support/raw.js';
import { useTracker } from '../support/tracker.js';

const HOST = 'Host: bugd.test';
const health = (...lines) => message('GET /health HTTP/1.1', [HOST, ...lines]);

describe('HTTP connections', () => {
  const t = useTracker();
  const connected = (use) => withConnection(t.server.address, use);
  const auth = () => `Authorization: Bearer ${t.developer.token}`;
  let issue;
  let create; // (lines, body) → bytes
  before(async () => {
    issue = await t.issue();
    create = (lines, body) => message('POST /api/v1/issues HTTP/1.1', [HOST, auth(), 'Content-Type: application/json', ...lines], body);
  });
  const json = () => JSON.stringify({ project_id: issue.project_id, title: 'Connected' });

  describe('persistence (RFC 9112, 9.3)', () => {
    test('HTTP/1.1 goes on', () => connected(async (c) => {
      for (let i = 0; i < 20; i++) {
        await c.send(health());
        assert.equal(expect.status(await c.response(), 200).headers.connection, undefined);
      }
    }));

    test('Connection: close ends it, and says so', () => connected(async (c) => {
      await c.send(health('Connection: close'));
      assert.equal(expect.status(await c.response(), 200).headers.connection, 'close');
      await c.closed();
      assert.ok(!c.reset);
    }));

    test('close counts among other options, in any case', async () => {
      for (const lines of [['Connection: Close'], ['Connection: x, close'], ['Connection: keep-alive, close'], ['Connection: keep-alive', 'Connection: close']]) {
        await connected(async (c) => {
          await c.send(health(...lines));
          expect.status(await c.response(), 200);
          await c.closed();
        });
      }
    });

    test('what follows Connection: close is not answered', () => connected(async (c) => {
      await c.send(Buffer.concat([health('Connection: close'), health(), health()]));
      expect.status(await c.response(), 200);
      await c.closed();
    }));

    test('HTTP/1.0 ends, unless it asks to go on', async () => {
      await connected(async (c) => {
        await c.send(message('GET /health HTTP/1.0'));
        expect.status(await c.response(), 200);
        await c.closed();
      });
      await connected(async (c) => {
        for (let i = 0; i < 2; i++) {
          await c.send(message('GET /health HTTP/1.0', ['Connection: keep-alive']));
          assert.match(expect.status(await c.response(), 200).headers.connection ?? '', /keep-alive/i);
        }
      });
    });

    test('a client that has said its last still gets its answer', () => connected(async (c) => {
      await c.send(message(`GET /api/v1/issues/${issue.id} HTTP/1.1`, [HOST, auth()]));
      c.finish();
      expect.status(await c.response(), 200);
      await c.closed();
    }));

    test('a client that comes and goes without a word is no error', () => connected(async (c) => {
      c.finish();
      await c.closed();
    }));
  });

  describe('pipelining (RFC 9112, 9.3.2)', () => {
    test('answers come in the order of the requests', () => connected(async (c) => {
      const requests = Array.from({ length: 1000 }, (_, i) => health(`X-Request-Id: n${i}`));
      await c.send(Buffer.concat(requests));
      const answers = await c.responses(1000);
      assert.deepEqual(answers.map((r) => r.headers['x-request-id']), requests.map((_, i) => `n${i}`));
    }));

    test('also when the first takes long, and some fail', () => connected(async (c) => {
      const login = JSON.stringify({ email: email('developer'), password: PASSWORD });
      const read = (path, id) => message(`GET ${path} HTTP/1.1`, [HOST, auth(), `X-Request-Id: ${id}`]);
      await c.send(Buffer.concat([
        message('POST /api/v1/auth/login HTTP/1.1', [HOST, 'Content-Type: application/json', `Content-Length: ${login.length}`, 'X-Request-Id: a'], login),
        health('X-Request-Id: b'), read(`/api/v1/issues/${issue.id}`, 'c'), read('/nowhere', 'd'),
        create([`Content-Length: ${json().length}`, 'X-Request-Id: e'], json()), create(['Transfer-Encoding: chunked', 'X-Request-Id: f'], chunked(['{'])),
        read('/api/v1/issues?size=1', 'g'), message('HEAD /health HTTP/1.1', [HOST, 'X-Request-Id: h']),
      ]));
      const answers = [...(await c.responses(7)), await c.response({ head: true })];
      assert.deepEqual(answers.map((r) => [r.headers['x-request-id'], r.status]), [
        ['a', 200], ['b', 200], ['c', 200], ['d', 404], ['e', 201], ['f', 400], ['g', 200], ['h', 200],
      ]);
    }));

    test('a change is there for the request behind it', () => connected(async (c) => {
      const target = await t.issue();
      const patch = JSON.stringify({ version: 1, title: 'Piped' });
      await c.send(Buffer.concat([
        message(`PATCH /api/v1/issues/${target.id} HTTP/1.1`, [HOST, auth(), 'Content-Type: application/json', `Content-Length: ${patch.length}`], patch),
        message(`GET /api/v1/issues/${target.id} HTTP/1.1`, [HOST, auth()]),
      ]));
      expect.status(await c.response(), 200);
      assert.equal((await c.response()).json.title, 'Piped');
    }));

    test('a malformed one behind good ones: those are answered, then 400, then the end', () => connected(async (c) => {
      await c.send(Buffer.concat([health(), health(), Buffer.from(' GET / HTTP/1.1\r\n\r\n'), health()]));
      assert.deepEqual((await c.responses(3)).map((r) => r.status), [200, 200, 400]);
      await c.closed();
    }));
  });

  describe('Expect (RFC 9110, 10.1.1)', () => {
    const expecting = 'Expect: 100-continue';

    test('100 Continue, then the body, then the answer', () => connected(async (c) => {
      await c.send(create([expecting, `Content-Length: ${json().length}`]));
      expect.status(await c.response(), 100);
      await c.send(json());
      expect.status(await c.response(), 201);
    }));

    test('in any case, and for chunks', () => connected(async (c) => {
      await c.send(create(['expect: 100-Continue', 'Transfer-Encoding: chunked']));
      expect.status(await c.response(), 100);
      await c.send(chunked([json()]));
      expect.status(await c.response(), 201);
    }));

    test('a body that is there already needs no 100', () => connected(async (c) => {
      await c.send(create([expecting, `Content-Length: ${json().length}`], json()));
      let r = await c.response();
      if (r.status === 100) r = await c.response();
      expect.status(r, 201);
    }));

    test('a body that is too long is refused before it is sent', () => connected(async (c) => {
      await c.send(create([expecting, 'Content-Length: 2097152']));
      expect.problem(await c.response(), 413, 'body_too_large');
    }));

    test('without a body there is no 100', () => connected(async (c) => {
      await c.send(health(expecting));
      expect.status(await c.response(), 200);
    }));

    test('HTTP/1.0 gets none', () => connected(async (c) => {
      await c.send(message('POST /health HTTP/1.0', [expecting, 'Content-Length: 2']));
      await c.send('{}');
      expect.status(await c.response(), 405);
    }));

    test('another expectation: 417', () => connected(async (c) => {
      await c.send(health('Expect: a-miracle'));
      expect.problem(await c.response(), 417, 'expectation_failed');
    }));
  });

  describe('answers (RFC 9110, 6.4 and 9.3.2)', () => {
    test('carry a Date', () => connected(async (c) => {
      await c.send(health());
      const { date } = (await c.response()).headers;
      assert.match(date, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/);
      assert.ok(Math.abs(Date.parse(date) - Date.now()) < 60_000);
    }));

    test('to HEAD have the length of GET and no body', () => connected(async (c) => {
      for (const path of ['/health', `/api/v1/issues/${issue.id}`, '/nowhere']) {
        await c.send(Buffer.concat(['HEAD', 'GET'].map((method) => message(`${method} ${path} HTTP/1.1`, [HOST, auth(), 'X-Request-Id: same']))));
        const [head, get] = [await c.response({ head: true }), await c.response()];
        assert.equal(head.status, get.status);
        assert.equal(head.headers['content-length'], String(Buffer.byteLength(get.body)));
      }
    }));

    test('204 and 304 have neither body nor length', () => connected(async (c) => {
      const gone = await t.issue();
      const tag = (await t.developer.get(`/api/v1/issues/${issue.id}`)).headers.etag;
      await c.send(Buffer.concat([
        message(`DELETE /api/v1/issues/${gone.id} HTTP/1.1`, [HOST, `Authorization: Bearer ${t.manager.token}`]),
        message(`GET /api/v1/issues/${issue.id} HTTP/1.1`, [HOST, auth(), `If-None-Match: ${tag}`]), health(),
      ]));
      assert.deepEqual((await c.responses(3)).map((r) => r.status), [204, 304, 200]);
    }));

    test('an upgrade that is offered is not taken, and the connection goes on', () => connected(async (c) => {
      await c.send(Buffer.concat([
        health('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13'),
        health('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'),
        create(['Connection: Upgrade', 'Upgrade: h2c', `Content-Length: ${json().length}`], json()), health(),
      ]));
      assert.deepEqual((await c.responses(4)).map((r) => r.status), [200, 200, 201, 200]);
    }));
  });

  describe('limits', () => {
    test('a head of just under 16 KiB is read', () => connected(async (c) => {
      await c.send(health(`X-Long: ${'x'.repeat(16 * 1024 - 200)}`));
      expect.status(await c.response(), 200);
    }));

    test('a longer one: 431, at once, and the end', async () => {
      for (const lines of [[`X-Long: ${'x'.repeat(17 * 1024)}`], Array.from({ length: 2000 }, (_, i) => `X-${i}: y`), [`${'X'.repeat(20_000)}: y`]]) {
        await connected(async (c) => {
          await c.send(health(...lines));
          expect.problem(await c.response(), 431, 'headers_too_large');
          await c.closed();
        });
      }
    });

    test('one that never ends: 431 before its end', () => connected(async (c) => {
      await c.send(`GET /health HTTP/1.1\r\n${HOST}\r\nX-Long: ${'x'.repeat(40_000)}`);
      expect.problem(await c.response(), 431, 'headers_too_large');
    }));

    test('a request line that never ends: 414', () => connected(async (c) => {
      await c.send(`GET /${'x'.repeat(40_000)}`);
      expect.problem(await c.response(), 414, 'uri_too_long');
    }));

    test('a method that never ends: refused', () => connected(async (c) => {
      await c.send('X'.repeat(40_000));
      expect.oneOf(await c.response(), [400, 414, 431, 501]);
    }));

    const long = 'x'.repeat(100_000);
    for (const [what, body] of Object.entries({
      'a trailer': () => chunked([json()], [`X-T: ${long}`]), 'many trailers': () => chunked([json()], Array.from({ length: 5000 }, (_, i) => `X-${i}: y`)),
      'a chunk extension': () => `${json().length.toString(16)};${long}\r\n${json()}\r\n0\r\n\r\n`,
      'extensions of many small chunks': () => Buffer.concat([Buffer.from(`1;${'a'.repeat(50)}\r\n \r\n`.repeat(40_000)), chunked([json()])]),
    })) {
      test(`${what} without measure: refused`, () => connected(async (c) => {
        c.send(create(['Transfer-Encoding: chunked'], body()));
        expect.oneOf(await c.response(), [400, 413, 431]);
      }));
    }

    test('a body over the limit: 413, even while the client is still sending it', async () => {
      const part = 'x'.repeat(256 * 1024);
      await connected(async (c) => {
        c.send(create(['Content-Length: 8388608']));
        for (let i = 0; i < 32; i++) c.send(part);
        expect.problem(await c.response(), 413, 'body_too_large');
      });
      await connected(async (c) => {
        c.send(create(['Transfer-Encoding: chunked']));
        for (let i = 0; i < 32; i++) c.send(`40000\r\n${part}\r\n`);
        expect.problem(await c.response(), 413, 'body_too_large');
      });
    });

    test('refused while it was still sending, a client can read why', () => connected(async (c) => {
      c.send(Buffer.concat([Buffer.from(' GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(512 * 1024, 'x')]));
      expect.problem(await c.response(), 400, 'bad_request');
    }));
  });
});
