import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const at = (issue) => `${ISSUES}/${issue.id}`;

describe('conventions', () => {
  const t = useTracker();

  test('a trailing slash names the same resource', async () => {
    const issue = await t.issue();
    for (const path of ['/health', '/ready', at(issue), ISSUES, '/api/v1/projects', '/api/v1/users/me']) {
      const r = expect.status(await t.developer.get(`${path}/`), 200);
      assert.deepEqual(Object.keys(r.body), Object.keys((await t.developer.get(path)).body), path);
    }
    expect.status(await t.developer.get(`${ISSUES}/?size=1`), 200);
    expect.status(await t.developer.patch(`${at(issue)}/`, { version: 1, title: 'Slash' }), 200);
  });

  test('paths are otherwise exact: case, empty segments, dots', async () => {
    for (const path of ['/API/v1/issues', '/api/v1/Issues', '//api/v1/issues', '/api//v1/issues', '/api/v1/issues//', '/api/v1', '/api', '/healthz', '/health/x']) {
      expect.problem(await t.developer.get(path), 404, 'not_found');
    }
  });

  test('percent-encoding in a path is decoded, once', async () => {
    const issue = await t.issue();
    expect.status(await t.developer.get('/%68ealth'), 200);
    expect.status(await t.developer.get(`${ISSUES}/${issue.key.replace('-', '%2D')}`), 200);
    expect.problem(await t.developer.get(`${ISSUES}/${issue.key.replace('-', '%252D')}`), 404, 'not_found');
    expect.oneOf(await t.developer.get('/api/v1%2Fissues'), [400, 404]);
    for (const broken of ['%', '%z1', '%4', '%ff', '%c0%af']) {
      expect.oneOf(await t.developer.get(`${ISSUES}/${broken}`), [400]);
    }
  });

  test('X-Request-Id comes back as it was sent', async () => {
    for (const id of ['abc', 'A-b_c.1', 'x'.repeat(100)]) {
      for (const path of ['/health', at({ id: 'NO-1' })]) {
        assert.equal((await t.developer.get(path, { headers: { 'X-Request-Id': id } })).headers['x-request-id'], id);
      }
    }
  });

  test('X-Request-Id is made when there is none, or none that can be used, and never twice the same', async () => {
    const seen = new Set();
    for (const id of [undefined, undefined, '', 'x'.repeat(1000), 'with space', 'quote"']) {
      const made = (await t.developer.get('/health', { headers: { 'X-Request-Id': id } })).headers['x-request-id'];
      assert.match(made, /^[\w.:/-]{8,128}$/);
      seen.add(made);
    }
    assert.equal(seen.size, 6);
  });

  test('every problem is complete, whatever its reason', async () => {
    const issue = await t.issue();
    const all = [
      [await t.developer.post(ISSUES, '{'), 400], [await t.developer.get(`${ISSUES}?sort=%zz`), 400],
      [await t.anyone.get(at(issue)), 401], [await t.reporter.delete(at(issue)), 403], [await t.developer.get(`${ISSUES}/NO-1`), 404],
      [await t.developer.get('/nowhere'), 404], [await t.developer.put(ISSUES, {}), 405],
      [await t.developer.patch(at(issue), { version: 9, title: 'x' }), 409],
      [await t.developer.patch(at(issue), { title: 'x' }, { headers: { 'If-Match': '"9-x"' } }), 412],
      [await t.developer.post(ISSUES, 'x'.repeat(1100 * 1024)), 413],
      [await t.developer.post(ISSUES, '<x/>', { headers: { 'Content-Type': 'text/xml' } }), 415],
      [await t.developer.post(ISSUES, {}), 422], [await t.developer.patch(at(issue), { title: 'x' }), 428],
      [await t.developer.get('/health', { headers: { 'X-Big': 'x'.repeat(20_000) } }), 431],
    ];
    for (const [r, status] of all) {
      expect.problem(r, status);
      assert.doesNotMatch(r.text, /src\/|postgres|libpq|SELECT|stack/i);
    }
  });

  test('instance is the path, without the query', async () => {
    const r = await t.developer.get('/api/v1/issues/NO-1?fields=id');
    assert.equal(expect.problem(r, 404).body.instance, '/api/v1/issues/NO-1');
  });

  test('unknown fields and parameters are errors, all at once, with what was perhaps meant', async () => {
    const { id: project_id } = await t.project();
    const r = await t.developer.post(ISSUES, { project_id, title: 'x', titel: 1, prio: 'low' });
    expect.problem(r, 422, 'validation_failed', { titel: 'unknown_field', prio: 'unknown_field' });
    for (const path of [ISSUES, '/api/v1/projects', '/api/v1/users', at(await t.issue()), '/api/v1/users/me']) {
      const q = await t.developer.get(`${path}?nonsense=1&more=2`);
      expect.problem(q, 422, 'validation_failed', { nonsense: 'unknown_parameter', more: 'unknown_parameter' });
    }
  });

  test('a parameter that takes one value refuses two', async () => {
    const r = await t.developer.get(`${ISSUES}?page=1&page=2&size=3&size=3`);
    expect.problem(r, 422, 'validation_failed', { page: 'repeated_parameter', size: 'repeated_parameter' });
  });

  test('what needs a token is not stored by shared caches', async () => {
    const issue = await t.issue();
    for (const path of [at(issue), ISSUES, '/api/v1/users/me']) {
      const { headers } = await t.developer.get(path);
      assert.match(headers['cache-control'] ?? '', /private|no-store|no-cache/, path);
      assert.doesNotMatch(headers['cache-control'], /public/, path);
    }
  });
});

describe('media types', () => {
  const t = useTracker();
  const bad = ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', 'nonsense', '', undefined];
  const send = (client, method, path, type, body) => client.request(method, path, { body, headers: { 'Content-Type': type } });

  test('POST of anything but JSON: 415 with Accept-Post', async () => {
    const { id: project_id } = await t.project();
    const body = JSON.stringify({ project_id, title: 'x' });
    await t.unchanged(async () => {
      for (const type of [...bad, 'application/merge-patch+json']) {
        const r = expect.problem(await send(t.developer, 'POST', ISSUES, type, body), 415, 'unsupported_media_type');
        assert.match(r.headers['accept-post'] ?? '', /application\/json/);
      }
    });
  });

  test('PATCH of anything but JSON: 415 with Accept-Patch', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      for (const type of [...bad, 'application/json-patch+json']) {
        const r = await send(t.developer, 'PATCH', at(issue), type, '{"version":1,"title":"x"}');
        expect.problem(r, 415, 'unsupported_media_type');
        assert.match(r.headers['accept-patch'] ?? '', /application\/merge-patch\+json/);
        assert.match(r.headers['accept-patch'], /application\/json/);
      }
    });
  });

  test('PUT of anything but JSON: 415', async () => {
    const issue = await t.issue();
    for (const type of bad) {
      expect.problem(await send(t.developer, 'PUT', at(issue), type, '{"version":1,"title":"x"}'), 415);
    }
  });

  test('PUT of a part is not taken for the whole (RFC 9110, 14.5): 400, and nothing is changed', async () => {
    const issue = await t.issue();
    const body = { version: 1, title: 'A part' };
    const put = (headers) => t.developer.put(at(issue), body, { headers });
    expect.problem(await put({ 'Content-Range': 'bytes 0-9/100' }), 400, 'bad_request');
    assert.equal(expect.status(await t.developer.get(at(issue)), 200).body.version, 1);
    expect.status(await put({}), 200);
  });

  test('parameters and case of the type do not matter, a charset other than UTF-8 does', async () => {
    const { id: project_id } = await t.project();
    const body = JSON.stringify({ project_id, title: 'x' });
    for (const type of ['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON', 'application/json ; x=y']) {
      expect.status(await send(t.developer, 'POST', ISSUES, type, body), 201);
    }
    expect.problem(await send(t.developer, 'POST', ISSUES, 'application/json; charset=iso-8859-1', body), 415);
  });

  test('an encoded body: 415', async () => {
    const { id: project_id } = await t.project();
    for (const encoding of ['gzip', 'br', 'x-unknown']) {
      const r = await t.developer.post(ISSUES, { project_id, title: 'x' }, { headers: { 'Content-Encoding': encoding } });
      expect.problem(r, 415, 'unsupported_media_type');
    }
    const r = await t.developer.post(ISSUES, { project_id, title: 'x' }, { headers: { 'Content-Encoding': 'identity' } });
    expect.oneOf(r, [201, 415]);
  });

  test('answers are application/json', async () => {
    assert.match((await t.developer.get(ISSUES)).headers['content-type'], /^application\/json(; charset=utf-8)?$/);
  });
});

describe('methods', () => {
  const t = useTracker();
  const has = (r, methods) => {
    const allowed = r.headers.allow.split(/,\s*/);
    for (const method of methods) assert.ok(allowed.includes(method), `${method} is not in Allow: ${r.headers.allow}`);
    return allowed;
  };

  test('one that a path does not have: 405 with Allow, also without a token', async () => {
    const issue = await t.issue();
    const cases = [
      ['PUT', ISSUES, ['GET', 'HEAD', 'POST', 'OPTIONS']], ['POST', at(issue), ['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']],
      ['GET', `${at(issue)}/restore`, ['POST', 'OPTIONS']], ['DELETE', '/api/v1/projects', ['GET', 'POST']], ['PUT', '/health', ['GET', 'HEAD']],
      ['GET', '/api/v1/auth/login', ['POST']],
    ];
    for (const client of [t.admin, t.anyone]) {
      for (const [method, path, allow] of cases) {
        const r = expect.problem(await client.request(method, path), 405, 'method_not_allowed');
        assert.ok(!has(r, allow).includes(method), `${method} is in Allow: ${r.headers.allow}`);
      }
    }
  });

  test('OPTIONS answers Allow, without a token', async () => {
    const issue = await t.issue();
    has(expect.status(await t.anyone.options(ISSUES), 204), ['GET', 'HEAD', 'POST', 'OPTIONS']);
    has(expect.status(await t.anyone.options(at(issue)), 204), ['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);
    expect.problem(await t.anyone.options('/nowhere'), 404, 'not_found');
  });

  test('pages of other origins may not read answers, unless a setting says so', async () => {
    const preflight = await t.anyone.options(ISSUES, {
      headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization, content-type' },
    });
    has(expect.status(preflight, 204), ['GET', 'POST']);
    const simple = expect.status(await t.developer.get(ISSUES, { headers: { Origin: 'https://app.example' } }), 200);
    for (const { headers } of [preflight, simple]) {
      assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith('access-control-')), []);
    }
  });

  test('HEAD answers what GET answers, without the body', async () => {
    const issue = await t.issue();
    for (const path of [at(issue), `${ISSUES}?size=1`, '/api/v1/projects', '/api/v1/users/me', '/nowhere', `${ISSUES}/NO-1`, `${ISSUES}?page=0`]) {
      const [get, head] = [await t.developer.get(path), await t.developer.head(path)];
      assert.equal(head.status, get.status, path);
      assert.equal(head.bytes.length, 0);
      for (const name of ['content-type', 'etag', 'link']) assert.equal(head.headers[name], get.headers[name], `${path} ${name}`);
      if (get.status === 200) assert.equal(head.headers['content-length'], get.headers['content-length'], path);
    }
  });
});

describe('sparse fields', () => {
  const t = useTracker();

  test('fields= gives just these', async () => {
    const issue = await t.issue();
    const r = expect.status(await t.developer.get(`${at(issue)}?fields=id,title`), 200);
    assert.deepEqual(r.body, { id: issue.id, title: issue.title });
    const list = expect.status(await t.developer.get(`${ISSUES}?fields=key,status&size=2`), 200);
    for (const item of list.body.items) expect.members(item, ['key', 'status']);
    expect.members(list.body, ['items', 'meta']);
    const project = expect.status(await t.developer.get('/api/v1/projects?fields=key,issue_counts'), 200);
    for (const item of project.body.items) expect.members(item, ['key', 'issue_counts']);
  });

  test('every field can be asked for alone', async () => {
    const issue = await t.issue();
    for (const name of Object.keys(issue)) {
      const r = expect.status(await t.developer.get(`${at(issue)}?fields=${name}`), 200);
      assert.deepEqual(r.body, { [name]: issue[name] });
    }
  });

  test('a field that is not there is an error', async () => {
    const issue = await t.issue();
    for (const path of [at(issue), ISSUES, '/api/v1/projects', '/api/v1/users']) {
      for (const fields of ['nonsense', 'id,nonsense', 'ID', 'id;title', '', 'id,']) {
        expect.problem(await t.developer.get(`${path}?fields=${fields}`), 422, 'validation_failed', { fields: null });
      }
    }
  });

  test('the cursor of a sparse list still works', async () => {
    const project = await t.project();
    for (let i = 0; i < 5; i++) await t.issue({ project_id: project.id });
    const items = await t.developer.walk(`${ISSUES}?project_id=${project.id}&fields=number&sort=created_at&size=2`);
    assert.deepEqual(items, [1, 2, 3, 4, 5].map((number) => ({ number })));
  });
});

describe('entity tags', () => {
  const t = useTracker();
  const ask = (path, tag) => t.developer.get(path, { headers: { 'If-None-Match': tag } });

  test('one resource has a strong one, by version', async () => {
    const issue = await t.issue();
    const r = await t.developer.get(at(issue));
    expect.versionTag(r, 1);
    await t.change(issue, { title: 'x' });
    expect.versionTag(await t.developer.get(at(issue)), 2);
  });

  test('If-None-Match: 304 without a body, in each of its forms', async () => {
    const issue = await t.issue();
    for (const path of [at(issue), `/api/v1/projects/${issue.project_id}`, `${ISSUES}?size=2`, '/api/v1/users']) {
      const { headers: { etag } } = await t.developer.get(path);
      assert.ok(etag, path);
      const strong = etag.replace(/^W\//, '');
      for (const tag of [etag, strong, `W/${strong}`, `"x", ${etag}, "y"`, '*', `"a,b" , ${etag}`]) {
        const r = expect.status(await ask(path, tag), 304);
        assert.equal(r.bytes.length, 0);
        assert.equal(r.headers.etag, etag);
        assert.equal(r.headers['content-type'], undefined);
      }
      for (const tag of ['"x"', strong.slice(0, -1), strong.replaceAll('"', ''), '']) expect.status(await ask(path, tag), 200);
      expect.status(await t.developer.head(path, { headers: { 'If-None-Match': etag } }), 304);
    }
  });

  test('a change makes another one', async () => {
    const issue = await t.issue();
    const list = `${ISSUES}?project_id=${issue.project_id}`;
    const [one, many] = [(await t.developer.get(at(issue))).headers.etag, (await t.developer.get(list)).headers.etag];
    await t.change(issue, { title: 'Changed' });
    expect.status(await ask(at(issue), one), 200);
    expect.status(await ask(list, many), 200);
  });

  test('lists have weak ones', async () => {
    for (const path of [ISSUES, '/api/v1/projects', '/api/v1/users']) {
      assert.match((await t.developer.get(path)).headers.etag ?? '', /^W\/"[^"]+"$/, path);
    }
  });

  test('other representations have other ones', async () => {
    const issue = await t.issue();
    const whole = (await t.developer.get(at(issue))).headers.etag;
    const sparse = (await t.developer.get(`${at(issue)}?fields=id`)).headers.etag;
    assert.notEqual(whole, sparse);
    const r = await t.developer.patch(at(issue), { title: 'x' }, { headers: { 'If-Match': sparse } });
    expect.status(r, 200);
  });

  test('If-None-Match on what is not a read does not make a 304', async () => {
    const issue = await t.issue();
    const { headers: { etag } } = await t.developer.get(at(issue));
    for (const tags of [etag, '*']) {
      const { body: { version } } = await t.developer.get(at(issue));
      const r = await t.developer.patch(at(issue), { version, title: `x ${tags}` }, { headers: { 'If-None-Match': tags } });
      expect.oneOf(r, [200, 412]);
    }
  });
});
