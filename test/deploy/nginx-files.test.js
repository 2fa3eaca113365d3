// Attachments through a real nginx: sent by it when bugd says so (X-Accel-Redirect), taken by bugd as they come.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server, uploadDir } from '../support/bugd.js';
import { createDatabase } from '../support/database.js';
import { eventually, ms, within } from '../support/env.js';
import * as expect from '../support/expect.js';
import { attach, form } from '../support/form.js';
import { Nginx } from '../support/nginx.js';
import { login } from '../support/tracker.js';

const V1 = '/api/v1';

describe('nginx that sends attachments', () => {
  let db;
  let direct; // sends by itself, to compare
  let servers;
  let nginx;
  let front;
  let developer;
  let reporter;
  let issue;
  const data = Buffer.concat([Buffer.from('Bytes of no type that is known\n\0'), randomBytes(3_000_000)]).subarray(0, 3_000_000);
  const files = [];
  before(async () => {
    db = await createDatabase();
    const env = { DATABASE_URL: db.url, TRUSTED_PROXIES: '127.0.0.1', CORS_ORIGINS: 'https://app.example.test', ATTACHMENT_TYPES: '*' };
    servers = await Promise.all([1, 2].map(() => Server.start({ ...env, X_ACCEL_REDIRECT: '/attachments' })));
    direct = await Server.start(env);
    nginx = await Nginx.start(servers.map(({ address }) => address), { uploads: uploadDir(db.url) });
    front = nginx.client();
    const token = await login(front, 'developer');
    developer = { front: front.as(token), direct: direct.anyone.as(token) };
    reporter = front.as(await login(front, 'reporter'));
    const manager = front.as(await login(front, 'manager'));
    const project = expect.status(await manager.post(`${V1}/projects`, { key: 'FI', name: 'Files', status: 'active', visibility: 'private' }), 201).body;
    expect.status(await manager.put(`${V1}/projects/${project.id}/members/${(await developer.front.get(`${V1}/users/me`)).body.id}`, { role: 'developer' }), 201);
    issue = expect.status(await developer.front.post(`${V1}/issues`, { project_id: project.id, title: 'With files' }), 201).body;
    for (const file of [{ data, filename: 'random.bin' }, { data: 'a,b\n'.repeat(5000), filename: 'Grüße und mehr.csv', type: 'text/csv' }, { data: 'hello', filename: 'small.txt' }])
      files.push(expect.status(await attach(developer.direct, issue.id, file), 201).body);
  });
  after(async () => {
    front?.close();
    await nginx?.stop();
    for (const server of [...(servers ?? []), direct]) await server?.stop();
    await db?.drop();
  });
  const content = (file) => `${V1}/attachments/${file.id}/content`;

  /** What a client is to see the same of, whoever sends. */
  const seen = ({ status, headers, bytes }) => {
    const own = new Set(['date', 'server', 'connection', 'keep-alive', 'x-request-id', 'strict-transport-security']); // of the way, not of the file
    if (status === 206) own.add('accept-ranges'); // nginx leaves it out where Content-Range says the same
    return { status, bytes: createHash('sha256').update(bytes).digest('hex'), headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name)).sort()) };
  };
  const both = async (file, headers = {}, method = 'get') => {
    const [there, here] = await Promise.all([developer.front[method](content(file), { headers }), developer.direct[method](content(file), { headers })]);
    assert.deepEqual(seen(there), seen(here), JSON.stringify(headers));
    return there;
  };
  const sentByNginx = async (ask) => {
    const from = nginx.log().length;
    await ask();
    return eventually('the line of the log', () => nginx.log().slice(from).find((line) => /content/.test(line)));
  };

  test('sends the same bytes and headers as bugd does', async () => {
    for (const file of files) {
      const r = await both(file);
      assert.equal(r.status, 200);
      assert.equal(r.headers.etag, `"${file.sha256}"`);
      assert.equal(r.headers['x-content-type-options'], 'nosniff');
      assert.match(r.headers['content-security-policy'], /default-src 'none'/);
      assert.match(r.headers['content-disposition'], /^attachment; filename/);
      assert.match(r.headers['strict-transport-security'], /max-age/);
      assert.equal(r.headers['x-accel-redirect'], undefined);
      await both(file, { 'Accept-Encoding': 'gzip' });
      await both(file, {}, 'head');
      await both(file, { Origin: 'https://app.example.test' });
    }
  });

  test('really does so: bugd sends no byte of it', async () => {
    const before = await servers.reduce(async (sum, server) => (await sum) + (await sentBytes(server)), Promise.resolve(0));
    await both(files[0]);
    const after = await servers.reduce(async (sum, server) => (await sum) + (await sentBytes(server)), Promise.resolve(0));
    assert.ok(after - before < 500_000, `${after - before} bytes`);
    assert.match(await sentByNginx(() => developer.front.get(content(files[0]))), /\|200\|200\|/);
  });
  const sentBytes = async ({ anyone }) => {
    const { text } = await anyone.get('/metrics');
    const values = [...text.matchAll(/^bugd_http_(?:response|sent)_bytes(?:_total|_sum)?(?:\{[^}]*\})? (\S+)$/gm)].map(([, value]) => Number(value));
    assert.ok(values.length > 0, text.slice(0, 3000));
    return values.reduce((sum, value) => sum + value, 0);
  };

  test('answers for parts as bugd does', async () => {
    const [file] = files;
    const etag = `"${file.sha256}"`;
    for (const range of ['bytes=0-0', 'bytes=10-99', 'bytes=2999990-', 'bytes=-7', 'bytes=0-99999999', 'lines=1-2'])
      await both(file, { Range: range });
    assert.equal((await both(file, { Range: 'bytes=1000-1999' })).status, 206);
    assert.equal((await both(file, { Range: 'bytes=0-0, 5-9' })).status, 200);
    assert.equal((await both(file, { Range: 'bytes=0-9', 'If-Range': etag })).status, 206);
    assert.equal((await both(file, { Range: 'bytes=0-9', 'If-Range': '"other"' })).status, 200);
    for (const client of [developer.front, developer.direct]) {
      const r = await client.get(content(file), { headers: { Range: 'bytes=3000000-' } });
      expect.problem(r, 416, 'range_not_satisfiable');
      assert.equal(r.headers['content-range'], 'bytes */3000000');
    }
  });

  test('answers who has it already as bugd does', async () => {
    const [file] = files;
    assert.equal((await both(file, { 'If-None-Match': `"${file.sha256}"` })).status, 304);
    assert.equal((await both(file, { 'If-None-Match': '"other"' })).status, 200);
    assert.equal((await both(file, { 'If-Modified-Since': new Date(Date.now() + 86400e3).toUTCString() })).status, 200);
  });

  test('sends nothing to those who may not see it', async () => {
    expect.problem(await reporter.get(content(files[0])), 404, 'not_found');
    expect.unauthenticated(await front.get(content(files[0])));
  });

  test('nobody reaches the files without asking bugd', async () => {
    const { id } = files[0];
    const ask = (path) => new Promise((resolve, reject) => {
      https.get({ ...nginx.address, ...nginx.tls, path, agent: false, headers: { Authorization: `Bearer ${developer.front.token}` } }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk)).once('end', () => resolve({ status: response.statusCode, bytes: Buffer.concat(chunks) }));
      }).once('error', reject);
    });
    for (const path of [`/attachments/${id.slice(-2)}/${id}`, `/attachments/owner`, `/attachments/incoming/${id}`, `//attachments/${id.slice(-2)}/${id}`, `/attachments/./${id.slice(-2)}/${id}`, `/attachments/../attachments/${id.slice(-2)}/${id}`,
      `/%61ttachments/${id.slice(-2)}/${id}`, `/attachments../uploads/${id}`, `/api/v1/../../attachments/${id.slice(-2)}/${id}`, '/attachments/']) {
      const { status, bytes } = await ask(path);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      assert.ok(bytes.length < 2000 && !bytes.includes(data.subarray(0, 16)), path);
    }
  });

  test('uploads reach bugd while the client still sends', async () => {
    const { body, headers } = form({ filename: 'slow.bin', data });
    const incoming = () => {
      const folder = join(uploadDir(db.url), 'incoming');
      return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    };
    const answered = new Promise((resolve, reject) => {
      const request = https.request({ ...nginx.address, ...nginx.tls, agent: false, method: 'POST', path: `${V1}/issues/${issue.id}/attachments`,
        headers: { ...headers, 'Content-Length': body.length, Authorization: `Bearer ${developer.front.token}` } }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk)).once('end', () => resolve({ status: response.statusCode, text }));
      }).once('error', reject);
      request.write(body.subarray(0, 2_000_000));
      eventually('bugd has a part', () => incoming() > 500_000).then(() => request.end(body.subarray(2_000_000)), (error) => {
        request.destroy();
        reject(error);
      });
    });
    const { status, text } = await within('the upload ends', ms(20_000), answered);
    assert.equal(status, 201, text);
    assert.equal((await both(JSON.parse(text))).bytes.compare(data), 0);
  });
});
