// What RFC 9112 and RFC 9110 demand of a server about the form of a request: a test each, by section.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { bytewise, chunked, message, withConnection } from '../support/raw.js';
import { useTracker } from '../support/tracker.js';

const GET = 'GET /health HTTP/1.1';
const HOST = 'Host: bugd.test';

describe('HTTP syntax', () => {
  const t = useTracker();
  /** Sends the bytes; the answer, of a connection that is still open afterwards. */
  const ok = (bytes, options) => withConnection(t.server.address, async (c) => {
    await c.send(bytes);
    const r = expect.status(await c.response(options), 200);
    await c.send(message(GET, [HOST]));
    expect.status(await c.response(), 200);
    return r;
  });
  /** Sends the bytes; they are answered once, with one of the statuses, and the connection is closed. */
  const refused = (bytes, statuses = [400], code = 'bad_request') => withConnection(t.server.address, async (c) => {
    await c.send(bytes);
    const r = expect.oneOf(await c.response(), statuses);
    if (statuses.length === 1) expect.problem(r, statuses[0], code);
    assert.equal(r.headers.connection, 'close', 'Connection: close');
    await c.closed();
    return r;
  });

  describe('request line (RFC 9112, 3)', () => {
    test('a request is answered', () => ok(message(GET, [HOST])));

    test('empty lines before it are passed over (2.2)', () => ok(Buffer.concat([Buffer.from('\r\n\r\n'), message(GET, [HOST])])));

    test('byte by byte is as good', () => withConnection(t.server.address, async (c) => {
      await c.trickle(bytewise(message(GET, [HOST, 'X-Request-Id: bytewise'])));
      assert.equal(expect.status(await c.response(), 200).headers['x-request-id'], 'bytewise');
    }));

    test('white space elsewhere than once between its parts: 400', async () => {
      for (const line of ['GET  /health HTTP/1.1', 'GET /health  HTTP/1.1', 'GET\t/health HTTP/1.1', ' GET /health HTTP/1.1', 'GET /health HTTP/1.1 ', 'GET /health\tHTTP/1.1', 'GET /hea lth HTTP/1.1']) {
        await refused(message(line, [HOST]));
      }
    });

    test('parts that are missing: 400', async () => {
      for (const line of ['GET', 'GET ', 'GET /health', 'GET HTTP/1.1', '/health HTTP/1.1', ': HTTP/1.1']) {
        await refused(message(line, [HOST]));
      }
    });

    test('methods are tokens, in upper case for those that are known (RFC 9110, 9.1)', async () => {
      for (const line of ['G@T /health HTTP/1.1', '"GET" /health HTTP/1.1', 'GE\x01T /health HTTP/1.1', '\xe4 /health HTTP/1.1']) await refused(message(line, [HOST]));
      for (const line of ['get /health HTTP/1.1', 'Get /health HTTP/1.1', 'BREW /health HTTP/1.1', 'X-UNKNOWN /health HTTP/1.1']) {
        await refused(message(line, [HOST]), [400, 405, 501]);
      }
    });

    test('a method that is known but not here: 405 or 501', async () => {
      for (const method of ['TRACE', 'PROPFIND', 'LINK', 'MKCOL', 'PURGE']) {
        await withConnection(t.server.address, async (c) => {
          await c.send(message(`${method} /health HTTP/1.1`, [HOST]));
          expect.oneOf(await c.response(), [405, 501]);
        });
      }
    });

    test('CONNECT opens no tunnel', () => withConnection(t.server.address, async (c) => {
      await c.send(Buffer.concat([message('CONNECT bugd.test:443 HTTP/1.1', ['Host: bugd.test:443']), message(GET, [HOST])]));
      expect.oneOf(await c.response(), [400, 405, 501]);
    }));

    test('other versions: 505 or 400', async () => {
      for (const version of ['HTTP/2.0', 'HTTP/0.9', 'HTTP/3.0']) await refused(message(`GET /health ${version}`, [HOST]), [400, 505]);
      for (const version of ['http/1.1', 'HTTP/1', 'HTTP/11', 'HTTP/1.11', 'HTTP/ 1.1', 'HTTP/1.x', 'HTTTP/1.1', 'SIP/2.0', 'ICE/1.0']) {
        await refused(message(`GET /health ${version}`, [HOST]), [400, 505]);
      }
    });

    test('HTTP/2 and TLS by mistake: refused, nothing hangs', async () => {
      await refused(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), [400, 505]);
      const hello = Buffer.from('16030100f1010000ed0303', 'hex');
      await refused(Buffer.concat([hello, Buffer.alloc(200, 7)]));
    });

    test('random bytes: refused', async () => {
      for (const bytes of [Buffer.alloc(100), Buffer.alloc(3000, 0xff), Buffer.from('{"json": true}\r\n\r\n')]) await refused(bytes);
    });
  });

  describe('request target (RFC 9112, 3.2)', () => {
    test('absolute-form is understood, and its authority counts before Host (3.2.2)', async () => {
      await ok(message('GET http://other.test:81/health HTTP/1.1', [HOST]));
      await ok(message('GET HTTP://other.test/health HTTP/1.1', [HOST]));
      await withConnection(t.server.address, async (c) => {
        await c.send(message('GET http://other.test HTTP/1.1', [HOST]));
        assert.match(expect.status(await c.response(), 200).headers['content-type'], /^text\/html/);
      });
    });

    test('asterisk-form is for OPTIONS (3.2.4)', async () => {
      await refused(message('GET * HTTP/1.1', [HOST]));
      await withConnection(t.server.address, async (c) => {
        await c.send(message('OPTIONS * HTTP/1.1', [HOST]));
        const r = expect.oneOf(await c.response(), [200, 204]);
        assert.match(r.headers.allow ?? '', /GET/);
      });
    });

    test('anything else: 400', async () => {
      for (const target of ['health', 'bugd.test:80', 'http:/health', 'http:///health', 'ftp://x/health', 'http://user@other.test/health', 'http://a b/health', '//', '?a=b', '#x', '*x', 'http://other.test:x/health']) {
        await refused(message(`GET ${target} HTTP/1.1`, [HOST]), target === '//' ? [400, 404] : [400]).catch((error) => {
          if (target !== '//') throw error; // a path of two empty segments is a path
        });
      }
    });

    test('a fragment, controls and bytes over 0x7e are not allowed in it', async () => {
      for (const target of ['/health#x', '/hea\x01lth', '/hea\x7flth', '/\xe4', '/health?\xff', '/health"'.replace('"', '\x00')]) {
        await refused(message(`GET ${target} HTTP/1.1`, [HOST]));
      }
    });
  });

  describe('Host (RFC 9112, 3.2; RFC 9110, 7.2)', () => {
    test('missing: 400; in HTTP/1.0 it may be', async () => {
      await refused(message(GET));
      await refused(message('GET http://other.test/health HTTP/1.1'));
      await withConnection(t.server.address, async (c) => {
        await c.send(message('GET /health HTTP/1.0'));
        expect.status(await c.response(), 200);
      });
    });

    test('twice: 400, even the same', async () => {
      await refused(message(GET, [HOST, HOST]));
      await refused(message(GET, [HOST, 'host: other.test']));
    });

    test('a value that is no host: 400', async () => {
      for (const value of ['a b', 'a/b', 'user@host', 'http://a', 'a:b', 'a:99999', 'a,b', 'ä', '[::1', '::1', 'a:80:80', 'a?b', 'a#b', 'a\\b', '%zz']) {
        if (value === 'a,b') continue; // a comma is a sub-delim of a reg-name
        await refused(message(GET, [`Host: ${value}`]));
      }
    });

    test('names, addresses and ports: fine', async () => {
      for (const value of ['localhost', 'localhost:8080', '127.0.0.1:1', '[::1]:80', '[::1]', 'a-b.c_d.test', 'a:']) await ok(message(GET, [`Host: ${value}`]));
    });
  });

  describe('header fields (RFC 9112, 5)', () => {
    test('white space before the colon: 400 (5.1)', async () => {
      for (const line of ['X-A : b', 'X-A\t: b', 'Host : x', 'Content-Length : 0', 'Transfer-Encoding : chunked']) await refused(message(GET, [HOST, line]));
    });

    test('a folded line: 400 (5.2)', async () => {
      for (const fold of ['X-A: b\r\n c', 'X-A: b\r\n\tc', 'X-A:\r\n b']) await refused(message(GET, [HOST, fold]));
      await refused(message(GET, [' X-First: folded', HOST]));
    });

    test('names that are no tokens: 400', async () => {
      for (const line of ['X A: b', ': b', 'X(A): b', 'X-Ä: b', 'X@A: b', 'nocolon', 'X\x00A: b', '"X": b', 'X/A: b', 'X[A]: b']) await refused(message(GET, [HOST, line]));
    });

    test('NUL, bare CR and control characters in a value: 400 (RFC 9110, 5.5)', async () => {
      for (const value of ['a\x00b', 'a\rb', '\x01', 'a\x1fb', 'a\x7fb', 'a\r']) await refused(message(GET, [HOST, `X-A: ${value}`]));
    });

    test('bare LF as a line\'s end: 400', async () => {
      const lines = [`${GET}\n${HOST}\n\n`, `${GET}\r\n${HOST}\nX-A: b\r\n\r\n`, `${GET}\n${HOST}\r\n\r\n`, `${GET}\r\n${HOST}\r\n\n`, `${GET}\r\n${HOST}\n\r\n`];
      for (const text of lines) await refused(Buffer.from(text));
    });

    test('white space around a value does not count, an empty value is fine, and so are bytes over 0x7f', async () => {
      const r = await ok(message(GET, ['Host:bugd.test', 'X-Request-Id: \t padded \t ', 'X-Empty:', 'X-Latin: \xe4\xf6']));
      assert.equal(r.headers['x-request-id'], 'padded');
    });

    test('names are the same in any case', async () => {
      const r = await ok(message(GET, ['hOST: x', 'x-REQUEST-iD: any-case']));
      assert.equal(r.headers['x-request-id'], 'any-case');
    });
  });

  describe('content (RFC 9112, 6 and 7)', () => {
    let post; // (header lines, body) → bytes of a request that makes an issue
    before(async () => {
      const project = await t.project();
      const json = JSON.stringify({ project_id: project.id, title: 'Sent raw' });
      post = (lines, body = json) => message('POST /api/v1/issues HTTP/1.1', [HOST, `Authorization: Bearer ${t.developer.token}`, 'Content-Type: application/json', ...lines], body);
      post.json = json;
    });
    const created = (bytes) => withConnection(t.server.address, async (c) => {
      await (Array.isArray(bytes) ? c.trickle(bytes) : c.send(bytes));
      const r = expect.status(await c.response(), 201);
      await c.send(message(GET, [HOST]));
      expect.status(await c.response(), 200);
      return r;
    });
    const nothing = async (bytes, statuses) => t.unchanged(() => refused(bytes, statuses));

    test('by Content-Length, also byte by byte', async () => {
      await created(post([`Content-Length: ${post.json.length}`]));
      await created(bytewise(post([`Content-Length: ${post.json.length}`])));
    });

    test('Content-Length that is no number: 400', async () => {
      for (const value of ['', '-1', '+5', '0x5', '5a', '1e3', ' ', '5 5', '5.0', '"5"', '99999999999999999999', '18446744073709551617']) {
        await nothing(post([`Content-Length: ${value}`]), value.length > 10 ? [400, 413] : [400]);
      }
    });

    test('two Content-Lengths: 400 (6.3)', async () => {
      const n = post.json.length;
      await nothing(post([`Content-Length: ${n}`, 'Content-Length: 5']));
      await nothing(post(['Content-Length: 5', `Content-Length: ${n}`]));
      await nothing(post([`Content-Length: ${n}, 5`]));
      await nothing(post([`Content-Length: ${n}`, `Content-Length: ${n}`]));
    });

    test('Content-Length and Transfer-Encoding together: 400 (6.1)', async () => {
      const body = chunked([post.json]);
      for (const lines of [[`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked'], ['Transfer-Encoding: chunked', 'Content-Length: 0'], ['Content-Length: 3', 'transfer-encoding: CHUNKED']]) {
        await nothing(post(lines, body));
      }
    });

    test('in chunks: one, many, with extensions, upper case, trailers (7.1)', async () => {
      const te = ['Transfer-Encoding: chunked'];
      await created(post(te, chunked([post.json])));
      await created(post(te, chunked([...post.json])));
      await created(post(['Transfer-Encoding: Chunked'], chunked([post.json], ['X-Trailer: yes', 'X-Other: no'])));
      const size = post.json.length.toString(16).toUpperCase();
      for (const extension of [';a', ';a=b', ';a="b c"', ';a=b;c']) {
        await created(post(te, `${size}${extension}\r\n${post.json}\r\n0${extension}\r\n\r\n`));
      }
      await created(post(te, `000${size}\r\n${post.json}\r\n000\r\n\r\n`));
    });

    test('in chunks, split at every byte', async () => {
      await created(bytewise(post(['Transfer-Encoding: chunked'], chunked([post.json.slice(0, 9), post.json.slice(9, 10), post.json.slice(10)], ['X-T: u']))));
      const whole = post(['Transfer-Encoding: chunked'], chunked([post.json.slice(0, 9), post.json.slice(9)]));
      await Promise.all(Array.from({ length: whole.length - 1 }, (_, i) => created([whole.subarray(0, i + 1), whole.subarray(i + 1)])));
    });

    test('broken chunks: 400', async () => {
      const te = ['Transfer-Encoding: chunked'];
      const [json, size] = [post.json, post.json.length.toString(16)];
      const bodies = [
        `x\r\n${json}\r\n0\r\n\r\n`, `-5\r\n${json}\r\n0\r\n\r\n`, `0x${size}\r\n${json}\r\n0\r\n\r\n`, `+${size}\r\n${json}\r\n0\r\n\r\n`, `\r\n${json}\r\n0\r\n\r\n`,
        `${size}\r\n${json}0\r\n\r\n`, `${size}\r\n${json}xx0\r\n\r\n`, `5\r\n${json}\r\n0\r\n\r\n`, `${size}\n${json}\r\n0\r\n\r\n`, `${size}\r\n${json}\n0\r\n\r\n`,
        `${size} \r\n${json}\r\n0\r\n\r\n`.replace(' \r', '\x0b\r'), `fffffffffffffffff\r\n${json}\r\n0\r\n\r\n`, `${size}\r\n${json}\r\n0\r\n broken\r\n\r\n`, `${size};a=\nb\r\n${json}\r\n0\r\n\r\n`,
      ];
      for (const body of bodies) await nothing(post(te, body), body.startsWith('f') ? [400, 413] : [400]);
    });

    test('other transfer codings: 501 or 400 (6.1)', async () => {
      for (const coding of ['gzip, chunked', 'gzip', 'chunked, gzip', 'chunked, chunked', 'identity', 'xchunked', 'chunked-x', '', 'chunked;q=1', '"chunked"', 'chunked,']) {
        await nothing(post([`Transfer-Encoding: ${coding}`], chunked([post.json])), [400, 501]);
      }
      await nothing(post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], chunked([post.json])), [400, 501]);
      await nothing(post(['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], chunked([post.json])), [400, 501]);
    });

    test('a trailer is no header: it brings no token, no length, no host (RFC 9110, 6.5.1)', async () => {
      const bytes = message('POST /api/v1/issues HTTP/1.1', [HOST, 'Content-Type: application/json', 'Transfer-Encoding: chunked'],
        chunked([post.json], [`Authorization: Bearer ${t.developer.token}`, 'Content-Length: 3', 'X-Request-Id: trailer']));
      await withConnection(t.server.address, async (c) => {
        await c.send(bytes);
        const r = expect.oneOf(await c.response(), [401, 400]);
        assert.notEqual(r.headers['x-request-id'], 'trailer');
      });
    });

    test('a request in front of another one is not mixed up with it (smuggling)', () => withConnection(t.server.address, async (c) => {
      const inner = message('GET /nowhere HTTP/1.1', [HOST]);
      await c.send(Buffer.concat([message('POST /health HTTP/1.1', [HOST, `Content-Length: ${inner.length}`], inner), message(GET, [HOST, 'X-Request-Id: second'])]));
      expect.status(await c.response(), 405);
      assert.equal(expect.status(await c.response(), 200).headers['x-request-id'], 'second');
    }));
  });
});
