import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

describe('health', () => {
  const t = useTracker();

  test('/health answers 200 without a token', async () => {
    const r = expect.status(await t.anyone.get('/health'), 200);
    assert.match(r.headers['content-type'], /^application\/json\b/);
    assert.equal(typeof r.body, 'object');
  });

  test('/ready answers 200 without a token while the database answers', async () => {
    expect.status(await t.anyone.get('/ready'), 200);
  });

  test('neither may be stored by a cache', async () => {
    for (const path of ['/health', '/ready']) {
      const r = await t.anyone.get(path);
      assert.match(r.headers['cache-control'] ?? '', /no-store|no-cache/, path);
    }
  });

  test('HEAD answers what GET answers, without the body', async () => {
    for (const path of ['/health', '/ready']) {
      const get = await t.anyone.get(path);
      const head = expect.status(await t.anyone.head(path), 200);
      assert.equal(head.bytes.length, 0);
      assert.equal(head.headers['content-length'], get.headers['content-length'], path);
    }
  });

  test('they know no other method', async () => {
    for (const path of ['/health', '/ready']) {
      const r = expect.problem(await t.anyone.post(path, {}), 405, 'method_not_allowed');
      assert.match(r.headers.allow, /\bGET\b/);
    }
  });

  test('fetch, a client as people use it, understands the server', async () => {
    const { host, port } = t.server.address;
    const r = await fetch(`http://${host}:${port}/health`);
    assert.equal(r.status, 200);
    assert.equal(typeof (await r.json()), 'object');
  });
});
