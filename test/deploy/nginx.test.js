// scripts/deploy/nginx.conf under a real nginx: in front of two bugd, and of two upstreams that misbehave.

import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { Server } from '../support/bugd.js';
import { Client } from '../support/client.js';
import { createDatabase } from '../support/database.js';
import { eventually, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Load } from '../support/load.js';
import { Nginx } from '../support/nginx.js';
import { scratchFolder } from '../support/process.js';
import { login } from '../support/tracker.js';

describe('nginx before two bugd', () => {
  const servers = [];
  let db;
  let nginx;
  let developer;
  let project;
  const startTcp = (port) => Server.start({ DATABASE_URL: db.url, TRUSTED_PROXIES: '127.0.0.1,unix', PORT: `${port}` });
  before(async () => {
    db = await createDatabase();
    servers[0] = await startTcp(0);
    const path = join(scratchFolder(), 'bugd.sock');
    servers[1] = await Server.start({ DATABASE_URL: db.url, TRUSTED_PROXIES: '127.0.0.1,unix', HOST: `unix:${path}` }, { address: { path } });
    nginx = await Nginx.start(servers.map(({ address }) => address));
    const anyone = nginx.client();
    developer = anyone.as(await login(anyone, 'developer'));
    const manager = anyone.as(await login(anyone, 'manager'));
    project = expect.status(await manager.post('/api/v1/projects', { key: 'NG', name: 'Behind nginx', status: 'active' }), 201).body;
  });
  after(async () => {
    await nginx?.stop();
    for (const server of servers) await server.stop();
    await db?.drop();
  });
  const create = (title = 'Through nginx') => developer.post('/api/v1/issues', { project_id: project.id, title });
  const logged = (id) => eventually('the log line', () => servers.flatMap((server) => server.logs()).find((line) => line.request_id === id));

  test('both take part, and a change made through one is seen through the other', async () => {
    const before = nginx.log().length;
    const issue = expect.status(await create(), 201).body;
    for (let i = 0; i < 8; i++) assert.equal(expect.status(await developer.get(`/api/v1/issues/${issue.key}`), 200).body.id, issue.id);
    await eventually('both were asked', () => new Set(nginx.log().slice(before).map((line) => line.split('|')[0])).size === 2);
  });

  test('client and request are handed on, and what a client claims of itself is not', async () => {
    const id = `through-${process.hrtime.bigint()}`;
    const far = nginx.client({ localAddress: '127.0.0.9' });
    const r = expect.status(await far.get('/health', { headers: { 'X-Request-Id': id, 'X-Forwarded-For': '203.0.113.1', 'X-Forwarded-Proto': 'http' } }), 200);
    assert.equal(r.headers['x-request-id'], id);
    assert.equal((await logged(id)).client, '127.0.0.9');
    const odd = await far.get('/health', { headers: { 'X-Request-Id': 'not; one' } });
    assert.match(odd.headers['x-request-id'], /^[0-9a-f]{32}$/);
    await logged(odd.headers['x-request-id']);
    far.close();
  });

  test('over TLS only, and browsers are told so', async () => {
    const plain = await new Client(nginx.plain).get('/api/v1/issues?x=1').catch((error) => error);
    assert.match(plain.message, /308/); // not a part of the contract, and where it leads
    assert.match((await nginx.client().get('/health')).headers['strict-transport-security'], /^max-age=/);
  });

  test('lists are compressed; single resources keep their strong tags', async () => {
    for (let i = 0; i < 5; i++) expect.status(await create('Long enough to be compressed'), 201);
    const headers = { 'Accept-Encoding': 'gzip' };
    const list = expect.status(await developer.get('/api/v1/issues?size=5', { headers }), 200);
    assert.equal(list.headers['content-encoding'], 'gzip');
    const { items } = JSON.parse(gunzipSync(list.bytes));
    assert.equal(items.length, 5);
    const one = await developer.get(`/api/v1/issues/${items[0].id}`, { headers });
    assert.equal(one.headers['content-encoding'], undefined);
    const changed = await developer.patch(`/api/v1/issues/${items[0].id}`, { title: 'x'.repeat(255), description: 'y'.repeat(5000) }, { headers: { ...headers, 'If-Match': one.headers.etag } });
    expect.status(changed, 200);
    expect.status(await developer.patch(`/api/v1/issues/${items[0].id}`, { title: 'Again' }, { headers: { ...headers, 'If-Match': changed.headers.etag } }), 200);
    expect.status(await developer.patch(`/api/v1/issues/${items[0].id}`, { title: 'Stale' }, { headers: { 'If-Match': changed.headers.etag } }), 412);
  });

  test('bugd says what is too large, and who may not', async () => {
    expect.problem(await developer.post('/api/v1/issues', { project_id: project.id, title: 'x', description: 'y'.repeat(1_500_000) }), 413, 'body_too_large');
    expect.unauthenticated(await nginx.client().post('/api/v1/issues', { project_id: project.id, title: 'x' }));
    expect.problem(await developer.get('/nope'), 404, 'not_found');
  });

  test('one after the other is replaced under load, and no request fails', async () => {
    const loads = [
      new Load(6, async () => expect.status(await developer.get(`/api/v1/projects/${project.id}`), 200)),
      new Load(2, async () => expect.status(await create('While it is replaced'), 201)),
    ];
    for (let i = 0; i < 2; i++) {
      await sleep(ms(200));
      const { port } = servers[0].address;
      await servers[0].stop();
      await sleep(ms(200));
      servers[0] = await startTcp(port);
    }
    await sleep(ms(200));
    for (const load of loads) await load.stop();
    assert.ok(loads[0].steps > 50 && loads[1].steps > 20, `${loads.map(({ steps }) => steps)} requests`);
  });

  test('one that is killed is not missed by those who read', async () => {
    const load = new Load(6, async () => expect.status(await developer.get(`/api/v1/projects/${project.id}`), 200));
    await sleep(ms(200));
    const { port } = servers[0].address;
    await servers[0].kill();
    await sleep(ms(500));
    await load.stop();
    assert.ok(load.steps > 20);
    servers[0] = await startTcp(port);
  });
});

describe('nginx before upstreams that misbehave', () => {
  const fakes = [];
  let nginx;
  let seen; // what reached an upstream: { fake, method, url }
  let behave; // (fake, request, response)
  before(async () => {
    for (let fake = 0; fake < 2; fake++) {
      const server = http.createServer((request, response) => {
        seen.push({ fake, method: request.method, url: request.url });
        behave(fake, request, response);
      });
      server.keepAliveTimeout = 70_000;
      server.connections = 0;
      server.on('connection', () => (server.connections += 1));
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      fakes.push(server);
    }
    nginx = await Nginx.start(fakes.map((server) => ({ host: '127.0.0.1', port: server.address().port })));
  });
  after(async () => {
    await nginx?.stop();
    for (const server of fakes) {
      server.closeAllConnections();
      server.close();
    }
  });
  const answer = (request, response) => request.resume().once('end', () => response.end('{}'));

  /** Asks without caring for the contract. */
  const ask = (method, path, body) => new Promise((resolve, reject) => {
    const request = https.request({ ...nginx.address, ...nginx.tls, method, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk)).once('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.once('error', reject).end(body);
  });

  /** Waits until none is left alone for what it did. */
  const forgiven = async () => {
    behave = (fake, request, response) => answer(request, response);
    await eventually('both are tried again', async () => {
      seen = [];
      for (let i = 0; i < 4; i++) await ask('GET', '/health');
      return new Set(seen.map(({ fake }) => fake)).size === 2;
    }, { every: 200 });
    seen = [];
  };

  test('connections to upstreams are kept', async () => {
    seen = [];
    behave = (fake, request, response) => answer(request, response);
    for (let i = 0; i < 50; i++) assert.equal((await ask('GET', '/health')).status, 200);
    const opened = fakes[0].connections + fakes[1].connections;
    assert.ok(opened <= 4, `${opened} connections for 50 requests`);
  });

  test('what reads is tried at the other one, what writes is never sent twice', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'PUT', 'DELETE']) {
      for (const path of ['/api/v1/issues', '/api/v1/issues/WEB-1', '/api/v1/issues/import']) {
        const reads = /GET|HEAD|OPTIONS/.test(method);
        if (reads && path.endsWith('import')) continue;
        await forgiven();
        let broken = false;
        behave = (fake, request, response) => {
          if (broken) return answer(request, response);
          broken = true;
          return request.socket.destroy();
        };
        const r = await ask(method, path, reads ? undefined : '{"title":"x"}');
        const what = `${method} ${path}: ${JSON.stringify(seen)}`;
        assert.equal(seen.length, reads ? 2 : 1, what);
        assert.equal(r.status, reads ? 200 : 503, what);
        if (reads) continue;
        assert.match(r.headers['content-type'], /^application\/problem\+json/);
        assert.equal(r.headers['retry-after'], '1');
        assert.equal(JSON.parse(r.text).request_id, r.headers['x-request-id']);
      }
    }
  });

  test('bodies of imports and uploads go through as they come, others when they are there', async () => {
    for (const [path, early] of [['/api/v1/issues/import', true], ['/api/v1/issues/WEB-1/attachments', true], ['/api/v1/issues', false]]) {
      let arrived = 0;
      seen = [];
      behave = (fake, request, response) => {
        request.on('data', (chunk) => (arrived += chunk.length)).once('end', () => response.end('{}'));
      };
      const done = new Promise((resolve, reject) => {
        const request = https.request({ ...nginx.address, ...nginx.tls, method: 'POST', path, agent: false, headers: { 'Content-Length': 200_000 } }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode));
        });
        request.once('error', reject).write('x'.repeat(100_000));
        const watch = early ? eventually(`half of it arrives at ${path}`, () => arrived >= 50_000) : sleep(ms(300));
        watch.then(() => {
          if (!early) assert.equal(seen.length, 0, path);
          request.end('x'.repeat(100_000));
        }).catch(reject);
      });
      assert.equal(await done, 200);
      assert.equal(arrived, 200_000);
    }
  });

  test('one that is gone is left alone; a write finds the other', async () => {
    await forgiven();
    const { port } = fakes[0].address();
    fakes[0].closeAllConnections();
    await new Promise((resolve) => fakes[0].close(resolve));
    for (const method of ['POST', 'GET', 'PATCH', 'POST', 'POST', 'PUT', 'DELETE', 'POST']) assert.equal((await ask(method, '/api/v1/issues', method === 'GET' ? undefined : '{}')).status, 200, method);
    await new Promise((resolve) => fakes[0].listen(port, '127.0.0.1', resolve));
    seen = [];
    await eventually('it is tried again', async () => {
      assert.equal((await ask('GET', '/health')).status, 200);
      return seen.some(({ fake }) => fake === 0);
    }, { every: 300 });
  });
});
