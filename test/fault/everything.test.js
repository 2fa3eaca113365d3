// Clients that leave at any moment, in the midst of everything that there is to ask, while the line to the database is
// cut now and then and the time is short: nobody's leaving may be felt by another, and nothing stays behind.

import assert from 'node:assert/strict';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server, withServer } from '../support/bugd.js';
import { eventually, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { parseMetrics } from '../support/exposition.js';
import { form, importForm, importParts } from '../support/form.js';
import { Proxy } from '../support/proxy.js';
import { Tracker } from '../support/tracker.js';

const SECONDS = Number(process.env.FAULT_SECONDS ?? 6);
const REQUEST = 300;
const STATEMENT = 200;

const below = (n) => Math.floor(Math.random() * n);
const one = (list) => list[below(list.length)];

describe('everything at once', () => {
  const t = new Tracker();
  let proxy;
  let env;
  let project;
  let issue;
  let file;
  before(async () => {
    await t.open();
    proxy = await Proxy.toDatabase();
    env = {
      DATABASE_URL: proxy.url(t.db.url), REQUEST_TIMEOUT: `${ms(REQUEST)}`, DB_STATEMENT_TIMEOUT: `${ms(STATEMENT)}`, DB_CONNECT_TIMEOUT: `${ms(500)}`,
      WRITE_TIMEOUT: `${ms(500)}`, BODY_TIMEOUT: `${ms(500)}`, DB_SLOW_CONNECTIONS: '2', DB_COPY_CONNECTIONS: '4', SHUTDOWN_GRACE: '300ms',
    };
    project = await t.project({}, t.manager);
    issue = await t.issue({ project_id: project.id });
    const { body, headers } = form({ filename: 'a.txt', type: 'text/plain', data: 'text '.repeat(400_000) });
    file = expect.status(await t.developer.post(`/api/v1/issues/${issue.id}/attachments`, body, { headers }), 201).body;
    const rows = importForm(`title\n${'A row\n'.repeat(2000)}`, { project_id: project.key });
    expect.status(await t.manager.post('/api/v1/issues/import', rows.body, { headers: rows.headers }), 200);
  });
  after(async () => {
    await t.close();
    await proxy?.stop();
  });

  const head = (method, path, fields = {}) =>
    `${method} /api/v1${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${t.manager.token}\r\n${Object.entries(fields).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`;
  const get = (path) => [head('GET', path)];
  const json = (method, path, value, fields = {}) => {
    const body = JSON.stringify(value);
    return [head(method, path, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...fields }), body];
  };
  const upload = (path, parts, fields = {}) => {
    const { body, headers } = form(...parts);
    const cuts = [0, below(body.length), body.length];
    return [head('POST', path, { ...headers, 'Content-Length': body.length, ...fields }), body.subarray(0, cuts[1]), body.subarray(cuts[1])];
  };
  const asks = [
    () => get(`/issues?project_id=${project.id}&size=100`),
    () => get(`/issues?project_id=${project.id}&size=100`),
    () => get(`/issues?project_id=${project.id}&q=row&count=exact`),
    () => get(`/issues/${issue.id}?include=comments,links`),
    () => [head('GET', '/users/me') + head('GET', `/issues/${issue.id}`) + head('GET', '/projects')],
    () => get(`/reports/summary?project_id=${project.id}`),
    () => get(`/reports/latency?project_id=${project.id}`),
    () => get(`/issues/export?project_id=${project.id}&format=${one(['csv', 'ndjson'])}`),
    () => get(`/attachments/${file.id}/content`),
    () => json('POST', '/issues', { project_id: project.id, title: 'Another one' }, below(2) ? { 'Idempotency-Key': `k${below(20)}` } : {}),
    () => json('PATCH', `/issues/${issue.id}`, { version: 1 + below(3), title: 'Changed' }),
    () => json('POST', '/auth/login', { email: 'nobody@example.test', password: 'wrong' }),
    () => upload(`/issues/${issue.id}/attachments`, [{ filename: 'b.txt', type: 'text/plain', data: 'text '.repeat(below(100_000)) }],
      below(3) ? {} : { 'Idempotency-Key': `u${below(1e9)}` }),
    () => upload('/issues/import', importParts(`title\n${'A row\n'.repeat(below(3000))}`, { project_id: project.key }), below(2) ? { Prefer: 'respond-async' } : {}),
    () => get('/jobs?size=10'),
    () => ['GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'],
  ];

  /** One client: it asks once or twice, and leaves when it likes. */
  async function visit(server) {
    const socket = net.connect({ ...server.address, highWaterMark: 4096 }).on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const patience = sleep(below(4) ? below(60) : 1500);
    if (below(4)) socket.resume();
    for (let n = 1 + below(2); n > 0 && !socket.destroyed; n--) {
      for (const piece of one(asks)()) {
        socket.write(piece);
        if (below(2)) await sleep(below(20));
      }
    }
    if (below(5) === 0) socket.end();
    await Promise.race([closed, patience]);
    socket.destroy();
  }

  /** Clients that come again and again, and cuts of the line, until `over` says so. */
  async function rush(server, over) {
    const clients = Array.from({ length: 24 }, async () => {
      while (!over()) await visit(server);
    });
    while (!over()) {
      await sleep(50 + below(400));
      const lines = [...proxy.lines];
      for (let n = below(4); n > 0 && lines.length; n--) one(lines).cut();
    }
    await Promise.all(clients);
  }

  test('nothing stays behind', { timeout: ms(60_000 + SECONDS * 1000) }, () => withServer(env, async (server) => {
    const until = Date.now() + SECONDS * 1000;
    await rush(server, () => Date.now() > until);
    await server.ready();
    expect.status(await server.anyone.as(t.manager.token).get(`/api/v1/issues/${issue.id}`), 200);
    const seen = new Set(server.logs().map(({ status }) => status));
    for (const status of [200, 201, 202, 409, 499, 503]) assert.ok(seen.has(status), `no ${status} among ${[...seen]}`);
    const value = (families, name) => families.get(name).samples.reduce((sum, sample) => sum + sample.value, 0);
    await eventually('nothing is under way', async () => {
      const families = parseMetrics((await server.anyone.get('/metrics')).text);
      return value(families, 'bugd_http_requests_in_flight') === 1 && value(families, 'bugd_db_in_flight') === 0 &&
        (await t.db.rows("SELECT id FROM jobs WHERE state = 'running' AND job_holder(id) IS NOT NULL")).length === 0;
    }, { within: 20_000 });
  }));

  test('a server that is stopped in the midst of it ends as it should', { timeout: ms(60_000) }, async () => {
    for (let n = 0; n < Math.max(2, SECONDS / 3); n++) {
      let over = false;
      const server = await Server.start(env);
      const rushing = rush(server, () => over);
      await sleep(300 + below(500));
      try {
        await server.stop();
      } finally {
        over = true;
        await rushing;
      }
    }
  });
});
