import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { email } from '../support/database.js';
import { PASSWORD, SECRET_KEY, eventually } from '../support/env.js';
import { scratchFolder } from '../support/process.js';
import { message, withConnection } from '../support/raw.js';
import { useTracker } from '../support/tracker.js';

describe('logs', () => {
  const t = useTracker();
  let requests = 0;

  /** Sends a request under an id of its own; the answer and the lines that name this id. */
  async function logged(client, method, path, options = {}) {
    requests += 1;
    const id = `logged-${requests}`;
    const r = await client.request(method, path, { ...options, headers: { 'X-Request-Id': id, ...options.headers } });
    const find = () => t.server.logs().filter((line) => Object.values(line).includes(id));
    await eventually('a log line of the request', () => find().length > 0);
    return { r, lines: find() };
  }

  /** A server with these settings that answered one request and was stopped. */
  async function serveQuietly(name, env) {
    const path = join(scratchFolder(), `${name}.socket`);
    let ended;
    await withServer({ DATABASE_URL: t.db.url, HOST: `unix:${path}`, ...env }, async (server) => {
      await server.anyone.get('/health');
      ended = server;
    }, { address: { path } });
    return ended;
  }

  test('every request has one line with all that one looks for', async () => {
    const issue = await t.issue();
    const cases = [
      [t.developer, 'GET', `/api/v1/issues/${issue.id}`, 200, '/api/v1/issues/{id}'], [t.developer, 'GET', '/api/v1/issues?size=1', 200, '/api/v1/issues'],
      [t.anyone, 'GET', '/health', 200, '/health'], [t.anyone, 'GET', '/api/v1/users/me', 401, '/api/v1/users/me'], [t.developer, 'GET', '/api/v1/issues/NO-1', 404, '/api/v1/issues/{id}'],
      [t.developer, 'HEAD', `/api/v1/issues/${issue.key}`, 200, '/api/v1/issues/{id}'],
    ];
    for (const [client, method, path, status, route] of cases) {
      const { r, lines } = await logged(client, method, path);
      assert.equal(r.status, status);
      assert.equal(lines.length, 1, JSON.stringify(lines));
      const [line] = lines;
      for (const [name, type] of Object.entries({ time: 'string', level: 'string', request_id: 'string', method: 'string', route: 'string', status: 'number', bytes: 'number', ms: 'number', client: 'string' })) {
        assert.equal(typeof line[name], type, `${name} in ${JSON.stringify(line)}`);
      }
      assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
      assert.equal(line.method, method);
      assert.equal(line.status, status);
      assert.equal(line.route, route);
      assert.ok(line.bytes >= r.bytes.length);
      assert.ok(line.ms >= 0 && line.ms < 60_000);
      assert.match(line.client, /^127\.0\.0\.1/);
    }
  });

  test('names the user, if there is one', async () => {
    const { lines: [known] } = await logged(t.developer, 'GET', '/api/v1/users/me');
    assert.equal(known.user, t.ids.developer);
    const { lines: [unknown] } = await logged(t.anyone, 'GET', '/health');
    assert.equal(unknown.user ?? null, null);
  });

  test('carries the traceparent that a request came with, if it is one', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { lines: [line] } = await logged(t.anyone, 'GET', '/health', { headers: { traceparent } });
    assert.equal(line.traceparent, traceparent);
    const { lines: [other] } = await logged(t.anyone, 'GET', '/health', { headers: { traceparent: 'not one' } });
    assert.ok(!('traceparent' in other));
  });

  test('a path that is not there is logged without being repeated as a route', async () => {
    const { lines: [line] } = await logged(t.developer, 'GET', '/nowhere/secret-path');
    assert.equal(line.status, 404);
    assert.ok(!JSON.stringify(line).includes('secret-path'));
  });

  test('never hold a password, a token, a body or a query', async () => {
    const secrets = ['s3cret-password-of-mine', 'a-title-that-is-private', 'query-value-that-is-private'];
    const address = `private${t.unique()}@example.test`;
    await logged(t.anyone, 'POST', '/api/v1/auth/register', { body: { email: address, password: secrets[0], name: 'Private' } });
    const { r } = await logged(t.anyone, 'POST', '/api/v1/auth/login', { body: { email: address, password: secrets[0] } });
    await logged(t.anyone, 'POST', '/api/v1/auth/login', { body: { email: address, password: `${secrets[0]}-wrong` } });
    const { id: project_id } = await t.project();
    await logged(t.developer, 'POST', '/api/v1/issues', { body: { project_id, title: secrets[1] } });
    await logged(t.developer, 'POST', '/api/v1/issues', { body: `{"title": "${secrets[1]}` });
    await logged(t.developer, 'POST', '/api/v1/issues', { body: { project_id, title: 1, [secrets[1]]: secrets[1] } });
    await logged(t.developer, 'GET', `/api/v1/issues?key=${secrets[2]}`);
    await logged(t.developer, 'GET', `/api/v1/issues?${secrets[2]}=1`);
    await logged(t.anyone, 'GET', `/api/v1/users/me?access_token=${t.developer.token}`);
    const { stdout, stderr } = t.server;
    for (const secret of [...secrets, r.body.access_token, t.developer.token, PASSWORD, SECRET_KEY, 'argon2id']) {
      assert.ok(!stdout.includes(secret) && !stderr.includes(secret), `the log holds ${secret}`);
    }
  });

  test('no input can fake a line', async () => {
    await withConnection(t.server.address, async (c) => {
      await c.send(message('GET /health HTTP/1.1', ['Host: x', 'X-Request-Id: a"},{"level":"fake']));
      await c.response();
      await c.send(message('GET /%0a{"level":"fake"} HTTP/1.1', ['Host: x', 'User-Agent: \xff\xfe"\\']));
      await c.response();
    });
    await logged(t.anyone, 'GET', '/health');
    assert.ok(t.server.logs().every(({ level }) => ['debug', 'info', 'warn', 'error'].includes(level)));
  });

  test('a request that is malformed is logged, too', async () => {
    const before = t.server.logs().length;
    await withConnection(t.server.address, async (c) => {
      await c.send('GET  /health\r\n\r\n');
      await c.response();
    });
    await eventually('its line', () => t.server.logs().slice(before).some(({ status }) => status === 400));
  });

  test('LOG_LEVEL=warn leaves requests out', async () => {
    const { stdout } = await serveQuietly('warn', { LOG_LEVEL: 'warn' });
    assert.doesNotMatch(stdout, /"level":"info"|"route":"\/health"/);
  });

  test('LOG_FORMAT=text writes lines for people', async () => {
    const { stdout } = await serveQuietly('text', { LOG_FORMAT: 'text' });
    const line = stdout.split('\n').find((each) => each.includes('/health'));
    assert.match(line, /^\d\d:\d\d:\d\d\.\d{3} info +\S+:.* status=200\b/);
    assert.doesNotMatch(stdout, /^\{/m);
  });

  test('an e-mail address of somebody who signs in is not in the log', async () => {
    await logged(t.anyone, 'POST', '/api/v1/auth/login', { body: { email: email('developer'), password: PASSWORD } });
    assert.ok(!t.server.stdout.includes(email('developer')));
  });
});
