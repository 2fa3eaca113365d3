import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { events, newcomer } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const NOBODY = '019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07';

describe('members', () => {
  const t = useTracker();
  const path = (project, user = '') => `/api/v1/projects/${project.key}/members${user && `/${user}`}`;
  const put = (project, user, role, client = t.manager) => client.put(path(project, user), { role });

  test('the owner is the first, and a manager', async () => {
    const project = await t.project();
    const { body } = expect.status(await t.reporter.get(path(project)), 200);
    assert.equal(body.items.length, 1);
    expect.members(body.items[0], ['user_id', 'name', 'email', 'role', 'added_at']);
    expect.includes(body.items[0], { user_id: t.ids.manager, role: 'manager' });
  });

  test('are added, changed and removed, by id or key of the project', async () => {
    const project = await t.project();
    const r = expect.status(await put(project, t.ids.reporter, 'developer'), 201);
    expect.includes(r.body, { user_id: t.ids.reporter, role: 'developer' });
    const again = expect.status(await put(project, t.ids.reporter, 'developer'), 200);
    assert.deepEqual(again.body, r.body);
    expect.includes(expect.status(await put(project, t.ids.reporter, 'manager'), 200).body, { role: 'manager', added_at: r.body.added_at });
    expect.status(await t.manager.delete(`/api/v1/projects/${project.id}/members/${t.ids.reporter}`), 204);
    expect.problem(await t.manager.delete(path(project, t.ids.reporter)), 404, 'not_found');
    const log = await events(t, `user_id=${t.ids.reporter}&type=member_set&type=member_removed&sort=at`);
    assert.deepEqual(log.filter((e) => e.detail.project_id === project.id).map(({ type, detail }) => [type, detail.from, detail.to]),
      [['member_set', null, 'developer'], ['member_set', 'developer', 'manager'], ['member_removed', 'manager', undefined]]);
  });

  test('the role in the project counts there, above and below the global one', async () => {
    const project = await t.project();
    const issue = await t.issue({ project_id: project.id }, t.manager);
    const edit = (client, version) => client.patch(`/api/v1/issues/${issue.id}`, { version, priority: 'high' });
    expect.problem(await edit(t.reporter, 1), 403, 'forbidden');
    await put(project, t.ids.reporter, 'developer');
    expect.status(await edit(t.reporter, 1), 200);
    await put(project, t.ids.developer, 'reporter');
    expect.problem(await edit(t.developer, 2), 403, 'forbidden');
    await put(project, t.ids.developer, 'manager');
    expect.status(await put(project, t.ids.developer2, 'manager', t.developer), 201);
    await put(project, t.ids.manager2, 'reporter');
    expect.problem(await put(project, t.ids.reporter, 'manager', t.manager2), 403, 'forbidden');
  });

  test('the owner stays', async () => {
    const project = await t.project();
    await t.unchanged(async () => {
      for (const client of [t.manager, t.admin]) {
        expect.problem(await t.manager.delete(path(project, t.ids.manager)), 409, 'project_owner');
        expect.problem(await put(project, t.ids.manager, 'reporter', client), 409, 'project_owner');
        expect.status(await put(project, t.ids.manager, 'manager', client), 200);
      }
    });
  });

  test('of a private project are unknown to others, and so is the project', async () => {
    const project = await t.project({ visibility: 'private' });
    const outsiders = [t.reporter, t.developer, t.manager2];
    await t.unchanged(async () => {
      for (const client of outsiders) {
        const absent = await client.get(path({ key: 'NOWHERE' }));
        const hidden = await client.get(path(project));
        expect.problem(hidden, 404, 'not_found');
        assert.equal(hidden.body.detail, absent.body.detail);
        expect.problem(await put(project, t.ids.reporter, 'manager', client), 404, 'not_found');
        expect.problem(await client.delete(path(project, t.ids.manager)), 404, 'not_found');
      }
    });
    expect.status(await t.admin.get(path(project)), 200);
    expect.status(await put(project, t.ids.reporter, 'reporter', t.admin), 201);
    expect.status(await t.reporter.get(path(project)), 200);
    expect.status(await t.reporter.get(`/api/v1/projects/${project.id}`), 200);
    expect.status(await t.manager.delete(path(project, t.ids.reporter)), 204);
    expect.problem(await t.reporter.get(`/api/v1/projects/${project.id}`), 404, 'not_found');
  });

  test('bad input: refused', async () => {
    const project = await t.project();
    const gone = await newcomer(t);
    expect.status(await t.admin.patch(`/api/v1/users/${gone.id}`, { is_active: false }), 200);
    await t.unchanged(async () => {
      for (const role of ['admin', 'owner', '', 'Developer', null, 3]) {
        expect.problem(await put(project, t.ids.reporter, role), 422, 'validation_failed', { role: null });
      }
      expect.problem(await t.manager.put(path(project, t.ids.reporter), {}), 422, 'validation_failed', { role: 'required' });
      const extra = await t.manager.put(path(project, t.ids.reporter), { role: 'reporter', user_id: t.ids.admin });
      expect.problem(extra, 422, 'validation_failed', { user_id: 'unknown_field' });
      for (const id of [NOBODY, gone.id, 'x', 'me']) expect.problem(await put(project, id, 'reporter'), 404, 'not_found');
      expect.problem(await t.manager.get(`${path(project)}?role=king`), 422, 'validation_failed');
    });
  });

  test('are listed by page and cursor, filter and order', async () => {
    const project = await t.project();
    for (const [person, role] of [['reporter', 'reporter'], ['developer', 'developer'], ['developer2', 'developer'], ['admin', 'manager']]) {
      await put(project, t.ids[person], role);
    }
    const ids = (list) => list.map(({ user_id }) => user_id);
    const all = ids((await t.reporter.get(path(project))).body.items);
    assert.deepEqual(all, [t.ids.manager, t.ids.reporter, t.ids.developer, t.ids.developer2, t.ids.admin]);
    assert.deepEqual(ids(await t.reporter.walk(`${path(project)}?size=2`)), all);
    const developers = (await t.reporter.get(`${path(project)}?role=developer&sort=-role`)).body;
    assert.deepEqual(new Set(ids(developers.items)), new Set([t.ids.developer, t.ids.developer2]));
    assert.equal(developers.meta.total, 2);
  });

  test('a change of owner and the removal of the new one at the same time leave an owner who is a member', async () => {
    for (let round = 0; round < 10; round++) {
      const project = await t.project();
      await put(project, t.ids.manager2, 'manager');
      await Promise.all([
        t.manager.patch(`/api/v1/projects/${project.id}`, { version: 1, owner_id: t.ids.manager2 }),
        t.admin.delete(path(project, t.ids.manager2)),
      ]);
      const { owner_id } = (await t.admin.get(`/api/v1/projects/${project.id}`)).body;
      const { items } = (await t.admin.get(path(project))).body;
      assert.ok(items.some((m) => m.user_id === owner_id && m.role === 'manager'), JSON.stringify({ owner_id, items }));
    }
  });
});
