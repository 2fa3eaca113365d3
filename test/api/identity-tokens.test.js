import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { describe, test } from 'node:test';
import { eventually, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { LOGOUT, ME, events, makeToken, newcomer, permissions } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const TOKENS = `${ME}/tokens`;
/** A gzip file ends with it and the length (RFC 1952, section 2.3.1). */
const crc32 = (text) => gzipSync(text).subarray(-8).readUInt32LE();
const FORM = /^bugd_pat_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/;

describe('personal access tokens', () => {
  const t = useTracker();

  test('are shown once, in a form that scanners recognise', async () => {
    const r = await t.developer.post(TOKENS, { name: 'CI', scopes: ['issues:read', 'issues:write'], expires_at: '2099-01-01T00:00:00Z' });
    const { body } = expect.status(r, 201);
    expect.members(body, ['id', 'name', 'scopes', 'project_ids', 'expires_at', 'last_used_at', 'created_at', 'token']);
    expect.includes(body, { name: 'CI', scopes: ['issues:read', 'issues:write'], project_ids: null, last_used_at: null });
    assert.match(body.token, FORM);
    assert.match(r.headers['cache-control'], /no-store/);
    const list = expect.status(await t.developer.get(TOKENS), 200);
    assert.ok(!list.text.includes(body.token.slice(9)));
    assert.deepEqual(list.body.items.find(({ id }) => id === body.id), (({ token, ...rest }) => rest)(body));
    const stored = await t.db.exec(`SELECT string_agg(to_jsonb(x)::text, '') FROM tokens x;`);
    assert.ok(!stored.includes(body.token.slice(9, 40)));
    assert.ok(!t.server.output().includes(body.token.slice(9, 40)));
    assert.ok(!JSON.stringify(await events(t, 'type=token_created')).includes(body.token.slice(9, 40)));
  });

  test('end with a checksum that anybody can compute', async () => {
    const { token } = await makeToken(t, t.developer, ['issues:read']);
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    let crc = crc32(token.slice(0, -6));
    let check = '';
    for (let i = 0; i < 6; i++, crc = Math.floor(crc / 62)) check = digits[crc % 62] + check;
    assert.equal(token.slice(-6), check);
  });

  test('act as their owner, within their scopes', async () => {
    const reads = await makeToken(t, t.developer, ['issues:read']);
    const issue = await t.issue();
    expect.status(await reads.client.get(`/api/v1/issues/${issue.id}`), 200);
    assert.equal((await reads.client.get(ME)).body.id, t.ids.developer);
    for (const r of [
      await reads.client.patch(`/api/v1/issues/${issue.id}`, { version: 1, title: 'X' }), await reads.client.get('/api/v1/projects'),
      await reads.client.get('/api/v1/users'), await reads.client.get('/api/v1/audit'),
    ]) {
      expect.problem(r, 403, 'insufficient_scope');
      const [, scope] = /^Bearer .*error="insufficient_scope", scope="([a-z]+(?::[a-z]+)?)"$/.exec(r.headers['www-authenticate']) ?? assert.fail(r.text);
      assert.equal(r.body.detail, `The token needs the scope ${scope}.`);
    }
    const writes = await makeToken(t, t.developer, ['issues:write']);
    expect.status(await writes.client.patch(`/api/v1/issues/${issue.id}`, { version: 1, title: 'X' }), 200);
    expect.status(await writes.client.get(`/api/v1/issues/${issue.id}`), 200);
  });

  test('may never do more than their owner may', async () => {
    const everything = (await permissions()).scopes.map(({ name }) => name);
    const pat = await makeToken(t, t.reporter, everything);
    expect.problem(await pat.client.get('/api/v1/audit'), 403, 'forbidden');
    expect.problem(await pat.client.post('/api/v1/projects', { key: 'NOPE', name: 'Nope' }), 403, 'forbidden');
    expect.problem(await pat.client.patch(`/api/v1/users/${t.ids.reporter}`, { role: 'admin' }), 403, 'forbidden');
    expect.problem(await pat.client.patch(`/api/v1/issues/${(await t.issue()).id}`, { version: 1, priority: 'low' }), 403, 'forbidden');
  });

  test('reach nothing of the account itself', async () => {
    const everything = (await permissions()).scopes.map(({ name }) => name);
    const { client, id } = await makeToken(t, t.admin, everything);
    await t.unchanged(async () => {
      for (const r of [
        await client.post(TOKENS, { name: 'more', scopes: ['admin'] }), await client.get(TOKENS), await client.delete(`${TOKENS}/${id}`),
        await client.post(`${ME}/password`, { current_password: 'x', new_password: 'x'.repeat(12) }), await client.patch(ME, { name: 'X' }),
        await client.get(`${ME}/sessions`), await client.delete(`${ME}/sessions`), await client.post(LOGOUT),
      ]) expect.problem(r, 403, 'insufficient_scope');
    });
  });

  test('limited to projects they see and change nothing else', async () => {
    const [inside, outside, hidden] = [await t.project(), await t.project(), await t.project({ visibility: 'private' })];
    const [a, b] = [await t.issue({ project_id: inside.id }), await t.issue({ project_id: outside.id })];
    for (const person of ['manager', 'admin']) {
      const { client } = await makeToken(t, t[person], ['issues:write', 'projects:write'], { project_ids: [inside.id] });
      assert.deepEqual((await client.get('/api/v1/projects')).body.items.map(({ key }) => key), [inside.key]);
      assert.equal((await client.get('/api/v1/projects')).body.meta.total, 1);
      const issues = expect.status(await client.get('/api/v1/issues?size=100'), 200).body;
      assert.ok(issues.items.every((i) => i.project_id === inside.id) && issues.meta.total === issues.items.length);
      expect.status(await client.get(`/api/v1/issues/${a.id}`), 200);
      await t.unchanged(async () => {
        for (const r of [
          await client.get(`/api/v1/issues/${b.id}`), await client.get(`/api/v1/issues/${b.key}`), await client.get(`/api/v1/projects/${outside.key}`),
          await client.patch(`/api/v1/issues/${b.id}`, { version: 1, title: 'X' }), await client.delete(`/api/v1/issues/${b.id}`),
          await client.patch(`/api/v1/projects/${outside.id}`, { version: 1, name: 'X' }), await client.delete(`/api/v1/projects/${hidden.id}`),
          await client.get(`/api/v1/projects/${outside.id}/members`), await client.put(`/api/v1/projects/${outside.id}/members/${t.ids.reporter}`, { role: 'manager' }),
        ]) expect.problem(r, 404, 'not_found');
        assert.equal((await client.post('/api/v1/issues', { project_id: outside.id, title: 'X' })).status, 422);
        expect.problem(await client.post('/api/v1/projects', { key: 'MORE', name: 'More' }), 403, 'forbidden');
        assert.deepEqual((await client.get(`/api/v1/issues?project_id=${outside.key}`)).body.items, []);
      });
      expect.status(await client.post('/api/v1/issues', { project_id: inside.id, title: 'X' }), 201);
    }
  });

  test('a limit to projects that the owner may no longer see gives nothing', async () => {
    const project = await t.project({ visibility: 'private' });
    await t.manager.put(`/api/v1/projects/${project.id}/members/${t.ids.developer}`, { role: 'developer' });
    const { client } = await makeToken(t, t.developer, ['projects:read'], { project_ids: [project.id] });
    expect.status(await client.get(`/api/v1/projects/${project.id}`), 200);
    await t.manager.delete(`/api/v1/projects/${project.id}/members/${t.ids.developer}`);
    expect.problem(await client.get(`/api/v1/projects/${project.id}`), 404, 'not_found');
    assert.deepEqual((await client.get('/api/v1/projects')).body.items, []);
  });

  test('bad input: refused', async () => {
    const hidden = await t.project({ visibility: 'private' });
    const post = (body) => t.developer.post(TOKENS, body);
    const good = { name: 'x', scopes: ['issues:read'] };
    await t.unchanged(async () => {
      expect.problem(await post({}), 422, 'validation_failed', { name: 'required', scopes: 'required' });
      for (const scopes of [[], ['king'], ['ISSUES:READ'], 'issues:read', [null], null, Array(50).fill('issues:read')]) {
        expect.problem(await post({ ...good, scopes }), 422, 'validation_failed');
      }
      for (const project_ids of [[], ['x'], [hidden.id], ['019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07'], Array(51).fill(hidden.id)]) {
        expect.problem(await post({ ...good, project_ids }), 422, 'validation_failed');
      }
      for (const expires_at of ['2020-01-01T00:00:00Z', 'tomorrow', 7]) {
        expect.problem(await post({ ...good, expires_at }), 422, 'validation_failed', { expires_at: null });
      }
      const project_ids = [(await t.manager.get('/api/v1/projects?visibility=public&size=1')).body.items[0].id];
      expect.problem(await post({ name: 'x', scopes: ['users:read'], project_ids }), 422, 'validation_failed', { scopes: 'conflict' });
      for (const name of ['token', 'id', 'user_id', 'hash', 'last_used_at']) {
        expect.problem(await post({ ...good, [name]: 'x' }), 422, 'validation_failed', { [name]: 'unknown_field' });
      }
    });
  });

  test('stop at once when they are deleted, or have expired', async () => {
    const pat = await makeToken(t, t.developer, ['issues:read'], { expires_at: new Date(Date.now() + ms(1500)).toISOString() });
    const other = await makeToken(t, t.developer, ['issues:read']);
    for (const { client } of [pat, other]) expect.status(await client.get('/api/v1/issues'), 200);
    expect.status(await t.developer.delete(`${TOKENS}/${other.id}`), 204);
    expect.unauthenticated(await other.client.get('/api/v1/issues'));
    expect.problem(await t.developer.delete(`${TOKENS}/${other.id}`), 404, 'not_found');
    await sleep(ms(1600));
    expect.unauthenticated(await pat.client.get('/api/v1/issues'));
  });

  test('of somebody else: 404, also for admins', async () => {
    const pat = await makeToken(t, t.developer, ['issues:read']);
    for (const client of [t.admin, t.reporter]) expect.problem(await client.delete(`${TOKENS}/${pat.id}`), 404, 'not_found');
    assert.ok(!(await t.admin.get(TOKENS)).text.includes(pat.id));
    expect.status(await pat.client.get('/api/v1/issues'), 200);
  });

  test('anything like one is the same 401', async () => {
    const { token } = await makeToken(t, t.developer, ['issues:read']);
    const last = token.endsWith('0') ? '1' : '0';
    const bad = [`${token}x`, token.slice(0, -1), token.slice(0, -1) + last, token.toUpperCase(), token.replace('pat', 'rt'), 'bugd_pat_', `bugd_pat_${'0'.repeat(49)}`, ` ${token.slice(9)}`];
    for (const each of bad) expect.unauthenticated(await t.anyone.as(each).get(ME));
    expect.unauthenticated(await t.anyone.get(`${ME}?access_token=${token}`));
    expect.unauthenticated(await t.anyone.get(ME, { headers: { Authorization: `token ${token}` } }));
  });

  test('when they were used is kept, without a write for each request', async () => {
    const p = await newcomer(t);
    const pat = await makeToken(t, p.client, ['issues:read']);
    const started = Date.now();
    // Each write of the row is another transaction, which leaves its number there.
    const versions = new Set();
    const look = async () => versions.add((await t.db.rows(`SELECT xmin::text AS x FROM tokens WHERE id = '${pat.id}'`))[0].x);
    await look();
    for (let i = 0; i < 50; i++) {
      expect.status(await pat.client.get('/api/v1/issues?size=1'), 200);
      await look();
    }
    const used = await eventually('the time of the last use is there', async () => (await p.client.get(TOKENS)).body.items[0].last_used_at, { within: 15_000, every: 200 });
    assert.ok(Math.abs(Date.parse(used) - started) < ms(5000), used);
    await look();
    assert.ok(versions.size - 1 < 10, `${versions.size - 1} writes`);
  });

  test('a person has a hundred at most', async () => {
    const p = await newcomer(t);
    await t.db.exec(`INSERT INTO tokens (id, user_id, hash, name, scopes) SELECT gen_random_uuid(), '${p.id}', sha256(i::text::bytea), 'x', '{admin}' FROM generate_series(1, 100) i;`);
    expect.problem(await p.client.post(TOKENS, { name: 'x', scopes: ['admin'] }), 409, 'too_many_tokens');
    const walked = await p.client.walk(`${TOKENS}?sort=name&size=30`);
    assert.equal(new Set(walked.map(({ id }) => id)).size, 100);
  });
});
