// What every operation answers to requests that are wrong in the same ways everywhere, and to those that come at
// the wrong time: each as the document says.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { SECRET_KEY } from '../support/env.js';
import * as expect from '../support/expect.js';
import { form as upload } from '../support/form.js';
import { forge, open } from '../support/token.js';
import { useTracker } from '../support/tracker.js';
import { contract } from './document.js';

const LARGE = 'x'.repeat(70_000);
const AWAY = 'postgresql:///none?host=/nonexistent&user=x';

const { operations } = contract();
const documents = (operation, status) => operation.responses[status] !== undefined;
const takesBody = (operation) => operation.requestBody !== undefined;
const takesJson = (operation) => operation.requestBody?.content['application/json'] !== undefined;
const takesToken = (operation) => operation.security.length > 0;
const named = (operation) => `${operation.method.toUpperCase()} ${operation.path}`;

/** The body of the operation's example; without a version, unless it is given. */
function example(operation, version) {
  const content = operation.requestBody?.content['application/json'];
  if (!content) return undefined;
  const { version: old, ...body } = Object.values(content.examples ?? { none: { value: {} } })[0].value;
  return version && old ? { ...body, version } : body;
}

describe('every operation', () => {
  const t = useTracker({ MAX_BODY_BYTES: '4096' });
  const things = {};

  /** The operation's path with what is there, or with what is not. */
  function path(operation, there) {
    return operation.path.replaceAll(/([a-z]+)\/\{[^}]+\}/g, (_, kind) => `${kind}/${(there && things[kind]) || randomUUID()}`);
  }

  async function prepare() {
    things.projects ??= (await t.project({ key: 'WEB', name: 'Web shop' })).id;
    things.issues ??= (await t.issue({ project_id: things.projects })).id;
    things.users ??= t.ids.reporter2;
    things.members ??= t.ids.reporter2;
    if (things.comments) return;
    const make = async (target, body, options) => expect.oneOf(await t.admin.post(target, body, options), [200, 201]).body;
    const other = await t.issue({ project_id: things.projects });
    things.comments = (await make(`/api/v1/issues/${things.issues}/comments`, { content: 'text' })).id;
    things.labels = (await make('/api/v1/labels', { name: 'a label', color: '#aabbcc' })).id;
    things.milestones = (await make(`/api/v1/projects/${things.projects}/milestones`, { name: 'a milestone' })).id;
    things.links = (await make(`/api/v1/issues/${things.issues}/links`, { type: 'relates_to', issue_id: other.id })).id;
    things.filters = (await make('/api/v1/filters', { name: 'a filter', query: 'status=open' })).id;
    expect.status(await t.reporter.post(`/api/v1/issues/${things.issues}/comments`, { content: 'text' }), 201);
    things.notifications = expect.status(await t.admin.get('/api/v1/notifications'), 200).body.items[0].id;
    const file = upload({ name: 'file', filename: 'a.txt', type: 'text/plain', data: 'text' });
    things.attachments = (await make(`/api/v1/issues/${things.issues}/attachments`, file.body, { headers: file.headers })).id;
    const csv = upload({ name: 'project_id', data: 'WEB' }, { name: 'file', filename: 'a.csv', type: 'text/csv', data: 'title\nImported\n' });
    things.jobs = (await make('/api/v1/issues/import', csv.body, { headers: csv.headers })).job_id;
  }

  /** What goes with a request that may succeed. */
  const sent = (operation, version) => {
    if (!takesBody(operation) || takesJson(operation)) return { body: example(operation, version) };
    return upload({ name: 'file', filename: 'a.txt', type: 'text/plain', data: 'text' });
  };

  function each(title, applies, attempt) {
    test(title, async () => {
      await prepare();
      for (const operation of operations.filter(applies)) await attempt(operation, operation.method.toUpperCase());
    });
  }

  each('refuses a query that is malformed: 400', () => true, async (operation, method) => {
    const r = await t.admin.request(method, `${path(operation, true)}?%zz=1`, { body: example(operation) });
    expect.problem(r, 400, 'malformed_query');
  });

  each('refuses a parameter that is not known: 422', () => true, async (operation, method) => {
    const r = await t.admin.request(method, `${path(operation, true)}?unheard_of=1`, { body: example(operation) });
    expect.problem(r, 422, 'validation_failed');
  });

  each('refuses a target without measure: 414', () => true, async (operation, method) => {
    expect.problem(await t.anyone.request(method, `${path(operation, true)}?q=${LARGE}`), 414, 'uri_too_long');
  });

  each('refuses a head without measure: 431', () => true, async (operation, method) => {
    expect.problem(await t.anyone.request(method, path(operation, true), { headers: { 'X-Large': LARGE } }), 431, 'headers_too_large');
  });

  each('refuses a body without measure: 413', takesJson, async (operation, method) => {
    expect.problem(await t.admin.request(method, path(operation, true), { body: JSON.stringify(LARGE) }), 413, 'body_too_large');
  });

  each('refuses a body that is no JSON: 400', takesJson, async (operation, method) => {
    expect.problem(await t.admin.request(method, path(operation, true), { body: '{' }), 400, 'malformed_json');
  });

  each('refuses a body of another kind: 415', takesBody, async (operation, method) => {
    const r = await t.admin.request(method, path(operation, true), { body: 'text', headers: { 'Content-Type': 'text/plain' } });
    expect.problem(r, 415, 'unsupported_media_type');
  });

  each('refuses who has no token: 401', takesToken, async (operation, method) => {
    expect.unauthenticated(await t.anyone.request(method, path(operation, true), { body: example(operation) }));
  });

  test('refuses a token that was made for something else: 403', async () => {
    await prepare();
    const tokens = await Promise.all(['issues:read', 'users:read'].map(async (scope) => {
      const r = await t.admin.post('/api/v1/users/me/tokens', { name: scope, scopes: [scope] });
      return expect.status(r, 201).body.token;
    }));
    for (const operation of operations.filter((operation_) => documents(operation_, 403) && takesToken(operation_))) {
      const statuses = [];
      for (const token of tokens) {
        const r = await t.anyone.as(token).request(operation.method.toUpperCase(), path(operation, false), { body: example(operation, 1) });
        statuses.push(r.status);
      }
      assert.ok(statuses.includes(403), `${named(operation)}: ${statuses}`);
    }
  });

  each('says that the copy is still right: 304', (operation) => documents(operation, 304), async (operation, method) => {
    const query = operation.path.includes('burndown') ? '?project_id=WEB' : '';
    const target = operation.path === '/api/docs/{file}' ? await anyFile(t) : path(operation, true) + query;
    const { headers } = expect.status(await t.admin.request(method, target), 200);
    expect.status(await t.admin.request(method, target, { headers: { 'If-None-Match': headers.etag } }), 304);
  });

  each('knows what is not there: 404', (operation) => documents(operation, 404) && /\{/.test(operation.path), async (operation, method) => {
    const r = await t.admin.request(method, path(operation, false), sent(operation, 1));
    expect.oneOf(r, [404, 422]);
  });

  each('wants the version that the client has seen: 412', (operation) => documents(operation, 412), async (operation, method) => {
    if (operation.operationId === 'restoreIssue') expect.status(await t.admin.delete(path(operation, true).replace('/restore', '')), 204);
    const r = await t.admin.request(method, path(operation, true), { body: example(operation), headers: { 'If-Match': '"99-0123456789abcdef"' } });
    expect.problem(r, 412, 'precondition_failed');
    if (operation.operationId === 'restoreIssue') expect.status(await t.admin.post(path(operation, true)), 200);
  });

  test('needs the database, or says so: 503', async () => {
    await prepare();
    const { header, claims } = open(t.admin.token);
    const token = forge(header, claims, SECRET_KEY);
    await withServer({ DATABASE_URL: AWAY }, async (server) => {
      const client = server.anyone.as(token);
      for (const operation of operations.filter((each_) => documents(each_, 503))) {
        const r = await client.request(operation.method.toUpperCase(), path(operation, true), { body: example(operation, 1) });
        expect.unavailable(r);
      }
    }, { ready: false });
  });
});

/** A file that a page names. */
async function anyFile(t) {
  const { text } = await t.anyone.get('/');
  return /href="(\/api\/docs\/[^"]+\.css)"/.exec(text)[1];
}
