// What stands in front of the server: proxies, a path above it, browsers; and bodies that nobody asked for.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { assertNoStart } from '../support/bugd.js';
import { Client } from '../support/client.js';
import { eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { message, withConnection } from '../support/raw.js';
import { useTracker } from '../support/tracker.js';

/** The log line of the request. */
const logged = (server, id) => eventually('the log line', () => server.logs().find((entry) => entry.request_id === id));

const HOST = 'Host: bugd.test';
const ORIGIN = 'https://app.example.org';

describe('below a path, behind a proxy, for pages of another origin', () => {
  const t = useTracker({ BASE_PATH: '/bugs', TRUSTED_PROXIES: '127.0.0.0/8', CORS_ORIGINS: `${ORIGIN}, https://b.example` });
  let issue;
  let top; // does not add the path by itself
  const below = (path) => path.slice('/bugs'.length);
  before(async () => {
    issue = await t.issue();
    top = new Client(t.server.address, { token: t.developer.token });
  });

  test('everything is below the path, and what leads elsewhere stays below it', async () => {
    const r = expect.status(await t.developer.post('/api/v1/issues', { project_id: issue.project_id, title: 'Below' }), 201);
    assert.equal(r.headers.location, `/bugs/api/v1/issues/${r.body.id}`);
    expect.status(await t.developer.get(below(r.headers.location)), 200);
    const list = expect.status(await t.developer.get('/api/v1/issues?size=1'), 200);
    for (const link of Object.values(expect.links(list))) {
      assert.match(link, /^\/bugs\/api\/v1\/issues\?/);
      expect.status(await t.developer.get(below(link)), 200);
    }
    assert.equal(expect.problem(await t.developer.get('/api/v1/issues/none'), 404).body.instance, '/bugs/api/v1/issues/none');
    for (const path of ['/health', '/api/v1/issues', '/', '/bugsy/health']) expect.problem(await top.get(path), 404, 'not_found');
  });

  test('the pages, too', async () => {
    const home = expect.status(await t.anyone.get('/'), 200).text;
    const leads = [...home.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    assert.ok(leads.length > 5);
    for (const lead of leads) {
      assert.match(lead, /^\/bugs\//);
      expect.status(await t.anyone.get(below(lead)), 200);
    }
    assert.equal((await t.anyone.get('/openapi.json')).body.servers[0].url, '/bugs');
  });

  test('the log names the client and the request as the proxy does', async () => {
    const id = `proxy-${process.hrtime.bigint()}`;
    await t.developer.get('/health', { headers: { 'X-Forwarded-For': '203.0.113.9, 192.0.2.7, 127.0.0.5', 'X-Request-Id': id } });
    const line = await logged(t.server, id);
    assert.equal(line.client, '192.0.2.7');
  });

  test('over TLS, browsers are told to stay there', async () => {
    const over = async (proto) => (await t.developer.get('/health', { headers: { 'X-Forwarded-Proto': proto } })).headers;
    assert.match((await over('https'))['strict-transport-security'], /^max-age=\d{7,}$/);
    assert.equal((await over('http'))['strict-transport-security'], undefined);
  });

  test('a browser asks before, and its page reads the answer', async () => {
    const path = `/api/v1/issues/${issue.id}`;
    const asked = expect.status(await t.developer.options(path, {
      headers: { Origin: ORIGIN, 'Access-Control-Request-Method': 'PATCH', 'Access-Control-Request-Headers': 'authorization,content-type,if-match' },
    }), 204);
    assert.equal(asked.headers['access-control-allow-origin'], ORIGIN);
    assert.deepEqual(asked.headers['access-control-allow-methods'].split(', ').sort(), asked.headers.allow.split(', ').sort());
    for (const name of ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Idempotency-Key', 'X-Request-Id']) {
      assert.ok(asked.headers['access-control-allow-headers'].split(', ').includes(name), name);
    }
    assert.match(asked.headers['access-control-max-age'], /^\d+$/);
    assert.match(asked.headers.vary, /\bOrigin\b/);

    const r = expect.status(await t.developer.get(path, { headers: { Origin: ORIGIN } }), 200);
    assert.equal(r.headers['access-control-allow-origin'], ORIGIN);
    for (const name of ['ETag', 'Location', 'Link', 'X-Request-Id', 'Retry-After', 'RateLimit', 'RateLimit-Policy']) {
      assert.ok(r.headers['access-control-expose-headers'].split(', ').includes(name), name);
    }
    expect.unauthenticated(await t.anyone.get(path, { headers: { Origin: ORIGIN } }));
  });

  test('no other origin is let in, nor reflected', async () => {
    for (const Origin of ['https://evil.example', 'null', `${ORIGIN}.evil.example`, ORIGIN.replace('https', 'http'), `${ORIGIN}:444`]) {
      for (const r of [
        await t.developer.get(`/api/v1/issues/${issue.id}`, { headers: { Origin } }),
        await t.developer.options('/api/v1/issues', { headers: { Origin, 'Access-Control-Request-Method': 'POST' } }),
      ]) {
        assert.deepEqual(Object.keys(r.headers).filter((name) => name.startsWith('access-control')), [], Origin);
        assert.match(r.headers.vary, /\bOrigin\b/);
      }
    }
  });
});

describe('as it comes', () => {
  const t = useTracker();

  test('every answer tells browsers to be careful, and nothing of the server', async () => {
    const issue = await t.issue();
    for (const r of [
      await t.anyone.get('/health'), await t.anyone.get('/ready'), await t.anyone.get('/nope'), await t.anyone.get('/api/v1/issues'),
      await t.developer.get(`/api/v1/issues/${issue.id}`), await t.developer.get('/api/v1/issues'), await t.anyone.options('/api/v1/issues'),
      await t.anyone.get('/'), await t.anyone.get('/openapi.json'),
    ]) {
      assert.equal(r.headers['x-content-type-options'], 'nosniff', r.path);
      assert.equal(r.headers['referrer-policy'], 'no-referrer', r.path);
      assert.match(r.headers['content-security-policy'], /^default-src 'none'.*frame-ancestors 'none'/, r.path);
      assert.ok(r.headers['cache-control'], r.path);
      if (/^\/(api|health|ready|nope)/.test(r.path)) assert.match(r.headers['cache-control'], /^(no-store|private, no-cache)$/, r.path);
      for (const name of ['server', 'strict-transport-security', 'access-control-allow-origin']) assert.equal(r.headers[name], undefined, `${r.path}: ${name}`);
    }
  });

  test('the page that a client has kept is not given another policy', async () => {
    const page = expect.status(await t.anyone.get('/'), 200);
    const kept = expect.status(await t.anyone.get('/', { headers: { 'If-None-Match': page.headers.etag } }), 304);
    assert.equal(kept.headers['content-security-policy'], undefined);
    assert.equal(kept.headers['cache-control'], page.headers['cache-control']);
  });

  test('nobody in front is believed', async () => {
    const id = `anybody-${process.hrtime.bigint()}`;
    const r = await t.anyone.get('/health', { headers: { 'X-Forwarded-For': '192.0.2.7', 'X-Forwarded-Proto': 'https', 'X-Request-Id': id } });
    assert.equal(r.headers['x-request-id'], id);
    assert.equal(r.headers['strict-transport-security'], undefined);
    assert.equal((await logged(t.server, id)).client, '127.0.0.1');
  });

  test('a stranger is refused before the body: no 100, 401, the end', async () => {
    for (const lines of [['Expect: 100-continue', 'Content-Length: 20'], ['Content-Length: 1000000'], ['Expect: 100-continue', 'Transfer-Encoding: chunked']]) {
      await withConnection(t.server.address, async (c) => {
        await c.send(message('POST /api/v1/issues HTTP/1.1', [HOST, 'Content-Type: application/json', ...lines]));
        const r = expect.unauthenticated(await c.response());
        assert.equal(r.headers.connection, 'close');
        await c.closed();
      });
    }
  });

  test('whoever may is asked for it, also when it is not remembered who that is', async () => {
    const body = JSON.stringify({ project_id: (await t.project()).id, title: 'Asked' });
    for (let i = 0; i < 2; i++) {
      await withConnection(t.server.address, async (c) => {
        await c.send(message('POST /api/v1/issues HTTP/1.1', [
          HOST, `Authorization: Bearer ${t.developer.token}`, 'Content-Type: application/json', 'Expect: 100-continue', `Content-Length: ${body.length}`,
        ]));
        expect.status(await c.response(), 100);
        await c.send(body);
        expect.status(await c.response(), 201);
      });
    }
  });

  test('the settings are checked', async () => {
    for (const [name, value, wrong] of [
      ['BASE_PATH', '/a/', '/a/'], ['BASE_PATH', 'a', 'a'], ['TRUSTED_PROXIES', '10.0.0.0/8, 10.1.1.1/8', '10.1.1.1/8'], ['TRUSTED_PROXIES', 'all', 'all'],
      ['CORS_ORIGINS', 'https://a.example/', 'https://a.example/'], ['CORS_ORIGINS', '*, https://a.example', '*'], ['CORS_ORIGINS', 'a.example', 'a.example'],
    ]) {
      const { stderr } = await assertNoStart({ DATABASE_URL: t.db.url, [name]: value }, /is not allowed/);
      assert.ok(stderr.includes(`${name}: "${wrong}" is not allowed; expected `), stderr);
    }
  });
});
