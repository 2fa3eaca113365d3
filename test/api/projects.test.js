import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { deactivate, formerUser, newcomer } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const PROJECTS = '/api/v1/projects';
const PROJECT = [
  'id', 'key', 'name', 'description', 'status', 'visibility', 'owner_id', 'issue_counts', 'version', 'created_at', 'updated_at',
];
const NO_ISSUES = { open: 0, in_progress: 0, resolved: 0, closed: 0 };

describe('projects', () => {
  const t = useTracker();
  const at = (project) => `${PROJECTS}/${project.id}`;
  const input = (fields = {}) => {
    const n = t.unique();
    return { key: `NEW${n}`, name: `New ${n}`, ...fields };
  };

  test('a manager makes one with a key and a name', async () => {
    const sent = input();
    const r = expect.status(await t.manager.post(PROJECTS, sent), 201);
    expect.members(r.body, PROJECT);
    expect.includes(r.body, {
      ...sent, description: '', visibility: 'public', owner_id: t.ids.manager, issue_counts: NO_ISSUES, version: 1,
    });
    expect.uuid(r.body.id);
    expect.instant(r.body.created_at);
    expect.versionTag(r, 1);
    assert.equal(r.headers.location, `${PROJECTS}/${r.body.id}`);
    assert.deepEqual((await t.manager.get(r.headers.location)).body, r.body);
  });

  test('all fields can be given', async () => {
    const sent = input({
      description: 'What it is for.\nTwo lines.', status: 'on_hold', visibility: 'private', owner_id: t.ids.manager2,
    });
    expect.includes(expect.status(await t.admin.post(PROJECTS, sent), 201).body, sent);
  });

  test('an admin makes one, a developer and a reporter may not', async () => {
    expect.status(await t.admin.post(PROJECTS, input()), 201);
    await t.unchanged(async () => {
      for (const client of [t.developer, t.reporter]) {
        expect.problem(await client.post(PROJECTS, input()), 403, 'forbidden');
      }
    });
  });

  test('is read by id and by key, in any case', async () => {
    const project = await t.project();
    for (const name of [project.id, project.id.toUpperCase(), project.key, project.key.toLowerCase()]) {
      const r = expect.status(await t.reporter.get(`${PROJECTS}/${name}`), 200);
      assert.deepEqual(r.body, project);
    }
  });

  test('a key or a name that is taken: 409', async () => {
    const project = await t.project();
    await t.unchanged(async () => {
      expect.problem(await t.manager.post(PROJECTS, input({ key: project.key })), 409, 'key_taken');
      expect.problem(await t.manager.post(PROJECTS, input({ name: project.name })), 409, 'name_taken');
    });
    const other = await t.project();
    const r = await t.manager.patch(at(other), { version: 1, name: project.name });
    expect.problem(r, 409, 'name_taken');
  });

  test('keys are 2 to 10 of A-Z and 0-9, starting with a letter', async () => {
    const n = String(t.unique());
    for (const key of ['ZZ', `Z${n.padStart(9, '0')}`]) expect.status(await t.manager.post(PROJECTS, input({ key })), 201);
    await t.unchanged(async () => {
      for (const key of ['', 'A', '1A', 'ab', 'A-B', 'A B', 'ÄB', 'ABCDEFGHIJK', 'AB\n', ' AB', 'A_B']) {
        const r = await t.manager.post(PROJECTS, input({ key }));
        expect.problem(r, 422, 'validation_failed', { key: null });
      }
    });
  });

  test('what it must not be is told of all fields at once', async () => {
    const r = await t.manager.post(PROJECTS, {
      key: 'a', name: '   ', description: 1, status: 'done', visibility: 'secret', owner_id: 'me', colour: 'red',
    });
    expect.problem(r, 422, 'validation_failed', {
      key: null, name: 'blank', description: null, status: 'invalid_value', visibility: 'invalid_value',
      owner_id: 'invalid_format', colour: 'unknown_field',
    });
    expect.problem(await t.manager.post(PROJECTS, {}), 422, 'validation_failed', { key: 'required', name: 'required' });
  });

  test('an owner who is not there is refused', async () => {
    const project = await t.project();
    const former = await formerUser(t);
    await t.unchanged(async () => {
      for (const owner_id of ['01890000-0000-7000-8000-000000000000', former]) {
        const r = await t.manager.post(PROJECTS, input({ owner_id }));
        expect.problem(r, 422, 'validation_failed', { owner_id: null });
        const c = await t.manager.patch(at(project), { version: project.version, owner_id });
        expect.problem(c, 422, 'validation_failed', { owner_id: null });
      }
    });
  });

  test('an owner who was deactivated since keeps nobody from changing the rest', async () => {
    const { id: owner_id } = await newcomer(t);
    const project = await t.project({ owner_id });
    await deactivate(t, owner_id);
    const r = await t.manager.patch(at(project), { version: project.version, name: `${project.name} b` });
    expect.includes(expect.status(r, 200).body, { name: `${project.name} b`, owner_id });
  });

  test('PATCH changes what it names, and nothing else', async () => {
    const project = await t.project({ description: 'before' });
    const r = expect.status(await t.manager.patch(at(project), { version: 1, name: `${project.name} b` }), 200);
    expect.includes(r.body, { ...project, name: `${project.name} b`, version: 2, updated_at: r.body.updated_at });
    assert.ok(r.body.updated_at > project.updated_at);
    expect.versionTag(r, 2);
    const cleared = expect.status(await t.manager.patch(at(project), { version: 2, description: null }), 200);
    assert.equal(cleared.body.description, '');
  });

  test('what changes nothing makes no version', async () => {
    const project = await t.project({ description: 'as it is' });
    const { name, description, status, visibility, owner_id } = project;
    await t.unchanged(async () => {
      for (const method of ['patch', 'put']) {
        const r = await t.manager[method](at(project), { version: 1, name, description, status, visibility, owner_id });
        assert.deepEqual(expect.status(r, 200).body, project);
        expect.versionTag(r, 1);
      }
    });
  });

  test('PATCH needs a version, and the right one', async () => {
    const project = await t.project();
    const current = await t.manager.patch(at(project), { version: 1, description: 'second' });
    await t.unchanged(async () => {
      expect.problem(await t.manager.patch(at(project), { name: 'x' }), 428, 'version_required');
      const stale = expect.problem(await t.manager.patch(at(project), { version: 1, name: 'x' }), 409, 'version_conflict');
      assert.deepEqual(stale.body.current, current.body);
      const tag = { headers: { 'If-Match': '"1-x"' } };
      const failed = expect.problem(await t.manager.patch(at(project), { name: 'x' }, tag), 412, 'precondition_failed');
      assert.deepEqual(failed.body.current, current.body);
    });
    const tag = { headers: { 'If-Match': current.headers.etag } };
    expect.status(await t.manager.patch(at(project), { description: 'third' }, tag), 200);
  });

  test('the key never changes', async () => {
    const project = await t.project();
    await t.unchanged(async () => {
      const r = await t.manager.patch(at(project), { version: 1, key: 'OTHER' });
      expect.problem(r, 422, 'validation_failed', { key: null });
    });
  });

  test('PUT replaces: what is not given goes back to its default', async () => {
    const project = await t.project({ description: 'before', status: 'on_hold', visibility: 'private' });
    const name = `${project.name} b`;
    const full = { name, description: 'after', status: 'active', visibility: 'private', owner_id: t.ids.manager2 };
    const r = expect.status(await t.manager.put(at(project), { version: 1, ...full }), 200);
    expect.includes(r.body, { ...full, id: project.id, key: project.key, version: 2, created_at: project.created_at });
    const least = expect.status(await t.manager.put(at(project), { version: 2, name }), 200);
    expect.includes(least.body, { name, description: '', status: 'planning', visibility: 'public', owner_id: t.ids.manager2, version: 3 });
  });

  test('PUT needs a version, and every required field', async () => {
    const project = await t.project();
    await t.unchanged(async () => {
      expect.problem(await t.manager.put(at(project), { name: 'x' }), 428, 'version_required');
      expect.problem(await t.manager.put(at(project), { version: 1 }), 422, 'validation_failed', { name: 'required' });
      expect.problem(await t.manager.put(at(project), { version: 7, name: 'x' }), 409, 'version_conflict');
    });
  });

  test('only managers and admins change and delete', async () => {
    const project = await t.project();
    await t.unchanged(async () => {
      for (const client of [t.developer, t.reporter]) {
        expect.problem(await client.patch(at(project), { version: 1, name: 'x' }), 403, 'forbidden');
        expect.problem(await client.put(at(project), { version: 1, name: 'x' }), 403, 'forbidden');
        expect.problem(await client.delete(at(project)), 403, 'forbidden');
      }
    });
    expect.status(await t.admin.patch(at(project), { version: 1, description: 'x' }), 200);
  });

  test('DELETE answers 204, and then it is not there', async () => {
    const project = await t.project();
    const r = expect.status(await t.manager.delete(at(project)), 204);
    assert.equal(r.bytes.length, 0);
    for (const name of [project.id, project.key]) {
      expect.problem(await t.manager.get(`${PROJECTS}/${name}`), 404, 'not_found');
      expect.problem(await t.manager.delete(`${PROJECTS}/${name}`), 404, 'not_found');
      expect.problem(await t.manager.patch(`${PROJECTS}/${name}`, { version: 1, name: 'x' }), 404, 'not_found');
    }
    const all = await t.admin.walk(`${PROJECTS}?size=100`);
    assert.ok(!all.some(({ id }) => id === project.id));
  });

  test('DELETE with a stale If-Match: 412, with the right one: 204', async () => {
    const project = await t.project();
    await t.unchanged(async () => {
      const r = await t.manager.delete(at(project), { headers: { 'If-Match': '"9-x"' } });
      expect.problem(r, 412, 'precondition_failed');
    });
    const { headers } = await t.manager.get(at(project));
    expect.status(await t.manager.delete(at(project), { headers: { 'If-Match': headers.etag } }), 204);
  });

  test('issue_counts follow every change of its issues', async () => {
    const project = await t.project();
    const counts = async () => (await t.reporter.get(at(project))).body.issue_counts;
    const a = await t.issue({ project_id: project.id });
    const b = await t.issue({ project_id: project.id });
    assert.deepEqual(await counts(), { ...NO_ISSUES, open: 2 });
    await t.change(a, { status: 'in_progress' });
    assert.deepEqual(await counts(), { ...NO_ISSUES, open: 1, in_progress: 1 });
    await t.change(b, { status: 'resolved' });
    assert.deepEqual(await counts(), { ...NO_ISSUES, in_progress: 1, resolved: 1 });
    expect.status(await t.manager.delete(`/api/v1/issues/${a.id}`), 204);
    assert.deepEqual(await counts(), { ...NO_ISSUES, resolved: 1 });
    expect.status(await t.manager.post(`/api/v1/issues/${a.id}/restore`), 200);
    assert.deepEqual(await counts(), { ...NO_ISSUES, in_progress: 1, resolved: 1 });
    const listed = (await t.reporter.walk(`${PROJECTS}?size=100`)).find(({ id }) => id === project.id);
    assert.deepEqual(listed.issue_counts, await counts());
  });

  test('completed and archived ones take no new issues', async () => {
    for (const status of ['completed', 'archived']) {
      const project = await t.project({ status });
      await t.unchanged(async () => {
        const r = await t.admin.post('/api/v1/issues', { project_id: project.id, title: 'Too late' });
        expect.problem(r, 409, 'project_closed');
      });
    }
    for (const status of ['planning', 'active', 'on_hold']) {
      await t.issue({ project_id: (await t.project({ status })).id });
    }
  });

  test('what is no id and no key, and what is not there: 404', async () => {
    const names = ['01890000-0000-7000-8000-000000000000', 'NOSUCH', 'a', 'x'.repeat(200), '%20', '1', 'WEB-1', '%C3%A4', "'"];
    for (const name of names) {
      expect.problem(await t.admin.get(`${PROJECTS}/${name}`), 404, 'not_found');
    }
  });
});

describe('private projects', () => {
  const t = useTracker();

  test('are there for their owner and for admins, and 404 for everybody else', async () => {
    const project = await t.project({ visibility: 'private' });
    const issue = await t.issue({ project_id: project.id }, t.manager);
    const paths = [
      `${PROJECTS}/${project.id}`, `${PROJECTS}/${project.key}`, `/api/v1/issues/${issue.id}`, `/api/v1/issues/${issue.key}`,
    ];
    for (const client of [t.manager, t.admin]) for (const path of paths) expect.status(await client.get(path), 200);
    await t.unchanged(async () => {
      for (const client of [t.manager2, t.developer, t.reporter]) {
        for (const path of paths) {
          expect.problem(await client.get(path), 404, 'not_found');
          const r = await client.patch(path, { version: 1, description: 'x' });
          expect.oneOf(r, path.startsWith(PROJECTS) ? [403, 404] : [404]);
          expect.oneOf(await client.delete(path), [403, 404]);
        }
      }
    });
  });

  test('are in nobody else\'s lists or counts', async () => {
    const project = await t.project({ visibility: 'private' });
    const issue = await t.issue({ project_id: project.id }, t.manager);
    const sees = async (client, path, id) => {
      const { body } = expect.status(await client.get(path), 200);
      assert.equal(body.meta.total, body.items.length);
      return body.items.some((item) => item.id === id);
    };
    const lists = [
      [`${PROJECTS}?size=100`, project.id], ['/api/v1/issues?size=100', issue.id],
      [`/api/v1/issues?project_id=${project.id}`, issue.id], [`/api/v1/issues?key=${issue.key}`, issue.id],
    ];
    for (const [path, id] of lists) {
      for (const client of [t.manager, t.admin]) assert.ok(await sees(client, path, id), path);
      for (const client of [t.manager2, t.developer, t.reporter]) assert.ok(!(await sees(client, path, id)), path);
    }
  });

  test('for a new issue are the same as none', async () => {
    const project = await t.project({ visibility: 'private' });
    await t.unchanged(async () => {
      const make = (client, project_id) => client.post('/api/v1/issues', { project_id, title: 'x' });
      const foreign = expect.oneOf(await make(t.reporter, project.id), [404, 422]);
      const none = await make(t.reporter, '01890000-0000-7000-8000-000000000000');
      assert.equal(none.status, foreign.status);
      assert.equal(none.body.code, foreign.body.code);
      assert.deepEqual(none.body.errors?.map(({ field, code }) => [field, code]), foreign.body.errors?.map(({ field, code }) => [field, code]));
      assert.equal((await make(t.reporter, project.key)).status, foreign.status);
    });
  });
});
