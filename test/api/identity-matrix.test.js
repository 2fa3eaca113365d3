// The permission matrix, cell by cell: role × action × own or foreign × public or private project × member or not.
// What is expected comes from `bugd permissions --json`. A route without a case in here fails the first test.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { attach, importForm } from '../support/form.js';
import { makeToken, newcomer, permissions, signIn } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const V1 = '/api/v1';
const NOBODY = '019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07';
const ROLES = ['reporter', 'developer', 'manager', 'admin'];
const ANY_VERSION = { headers: { 'If-Match': '*' } };

/** The routes whose answer depends on a project: how each is called in a world, and what it answers when it may. */
const PROJECT_CASES = {
  [`GET ${V1}/projects`]: [{ permission: 'project_read', lists: (w) => w.project.id, run: (c, w) => c.get(`${V1}/projects?size=100&sort=-created_at&visibility=${w.project.visibility}`) }],
  [`GET ${V1}/projects/{id}`]: [{ permission: 'project_read', ok: 200, run: (c, w) => c.get(`${V1}/projects/${w.project.key}`) }],
  [`PATCH ${V1}/projects/{id}`]: [{ permission: 'project_write', ok: 200, run: (c, w) => c.patch(`${V1}/projects/${w.project.id}`, { description: `${Math.random()}` }, ANY_VERSION) }],
  [`PUT ${V1}/projects/{id}`]: [{ permission: 'project_write', ok: 200, run: (c, w) => c.put(`${V1}/projects/${w.project.id}`, { name: w.project.name, status: 'active', visibility: w.project.visibility }, ANY_VERSION) }],
  [`DELETE ${V1}/projects/{id}`]: [{ permission: 'project_write', ok: 204, spoils: true, run: (c, w) => c.delete(`${V1}/projects/${w.project.id}`) }],
  [`GET ${V1}/projects/{id}/members`]: [{ permission: 'project_read', ok: 200, run: (c, w) => c.get(`${V1}/projects/${w.project.id}/members`) }],
  [`PUT ${V1}/projects/{id}/members/{user_id}`]: [{ permission: 'member_write', ok: [200, 201], run: (c, w) => c.put(`${V1}/projects/${w.project.id}/members/${w.other}`, { role: 'developer' }) }],
  [`DELETE ${V1}/projects/{id}/members/{user_id}`]: [{ permission: 'member_write', ok: 204, spoils: true, run: (c, w) => c.delete(`${V1}/projects/${w.project.id}/members/${w.member}`) }],
  [`GET ${V1}/issues`]: [
    { permission: 'issue_read', lists: (w) => w.issue.id, run: (c, w) => c.get(`${V1}/issues?project_id=${w.project.key}&size=100`) },
    { permission: 'issue_read', lists: (w) => w.issue.id, run: (c, w) => c.get(`${V1}/issues?key=${w.issue.key}`) },
  ],
  [`GET ${V1}/issues/export`]: [{ permission: 'issue_read', exports: (w) => `${w.issue.key},`, run: (c, w) => c.get(`${V1}/issues/export?project_id=${w.project.key}`) }],
  [`POST ${V1}/issues/import`]: [{ permission: 'issue_import', ok: 200, hidden: 422, run: (c, w) => { const { body, headers } = importForm('title\nImported\n', { project_id: w.project.key }); return c.post(`${V1}/issues/import`, body, { headers }); } }],
  [`POST ${V1}/issues`]: [
    { permission: 'issue_create', ok: 201, hidden: 422, run: (c, w) => c.post(`${V1}/issues`, { project_id: w.project.key, title: 'New' }) },
    { permission: 'issue_edit', ok: 201, hidden: 422, run: (c, w) => c.post(`${V1}/issues`, { project_id: w.project.id, title: 'New', assignee_id: w.other }) },
    { permission: 'issue_delete', ok: 201, hidden: 422, run: (c, w) => c.post(`${V1}/issues`, { project_id: w.project.id, title: 'For somebody', creator_id: w.other }) },
  ],
  [`GET ${V1}/issues/{id}`]: [
    { permission: 'issue_read', ok: 200, run: (c, w) => c.get(`${V1}/issues/${w.issue.id}`) },
    { permission: 'issue_read', ok: 200, run: (c, w) => c.get(`${V1}/issues/${w.issue.key.toLowerCase()}`) },
  ],
  [`PATCH ${V1}/issues/{id}`]: [
    { permission: (w) => (w.own ? 'issue_edit_own' : 'issue_edit'), ok: 200, run: (c, w) => c.patch(`${V1}/issues/${w.issue.id}`, { title: `Title ${Math.random()}` }, ANY_VERSION) },
    { permission: 'issue_edit', ok: 200, run: (c, w) => c.patch(`${V1}/issues/${w.issue.id}`, { priority: 'high' }, ANY_VERSION) },
    { permission: 'issue_edit', ok: 200, fresh: true, run: (c, w) => c.patch(`${V1}/issues/${w.issue.id}`, { status: 'in_progress' }, ANY_VERSION) },
    { permission: (w) => (w.own ? 'issue_edit_own' : 'issue_edit'), ok: 200, fresh: true, run: (c, w) => c.patch(`${V1}/issues/${w.issue.id}`, { status: 'closed' }, ANY_VERSION) },
  ],
  [`PUT ${V1}/issues/{id}`]: [{ permission: 'issue_edit', ok: 200, run: (c, w) => c.put(`${V1}/issues/${w.issue.id}`, { title: 'Whole', status: w.issue.status }, ANY_VERSION) }],
  [`DELETE ${V1}/issues/{id}`]: [{ permission: 'issue_delete', ok: 204, fresh: true, run: (c, w) => c.delete(`${V1}/issues/${w.issue.id}`) }],
  [`GET ${V1}/issues/{id}/comments`]: [{ permission: 'comment_read', ok: 200, run: (c, w) => c.get(`${V1}/issues/${w.issue.id}/comments`) }],
  [`POST ${V1}/issues/{id}/comments`]: [{ permission: 'comment_create', ok: 201, run: (c, w) => c.post(`${V1}/issues/${w.issue.key}/comments`, { content: 'New' }) }],
  [`GET ${V1}/comments/{id}`]: [{ permission: 'comment_read', ok: 200, run: async (c, w) => c.get(`${V1}/comments/${await w.comment()}`) }],
  [`PATCH ${V1}/comments/{id}`]: [{ permission: (w) => (w.own ? 'comment_create' : 'nobody'), ok: 200, run: async (c, w) => c.patch(`${V1}/comments/${await w.comment()}`, { content: `${Math.random()}` }, ANY_VERSION) }],
  [`DELETE ${V1}/comments/{id}`]: [{ permission: (w) => (w.own ? 'comment_create' : 'issue_delete'), ok: 204, run: async (c, w) => c.delete(`${V1}/comments/${await w.comment()}`) }],
  [`GET ${V1}/labels`]: [{ permission: 'issue_read', lists: (w) => w.label, run: async (c, w) => { w.label = await w.make_label(); return c.get(`${V1}/labels?project_id=${w.project.key}&size=100&sort=-created_at`); } }],
  [`POST ${V1}/labels`]: [{ permission: 'label_write', ok: 201, hidden: 422, run: (c, w) => c.post(`${V1}/labels`, { project_id: w.project.id, name: randomUUID(), color: '#aabbcc' }) }],
  [`GET ${V1}/labels/{id}`]: [{ permission: 'issue_read', ok: 200, run: async (c, w) => c.get(`${V1}/labels/${await w.make_label()}`) }],
  [`PATCH ${V1}/labels/{id}`]: [{ permission: 'label_write', ok: 200, run: async (c, w) => c.patch(`${V1}/labels/${await w.make_label()}`, { color: '#000000' }) }],
  [`DELETE ${V1}/labels/{id}`]: [{ permission: 'label_write', ok: 204, run: async (c, w) => c.delete(`${V1}/labels/${await w.make_label()}`) }],
  [`GET ${V1}/projects/{id}/milestones`]: [{ permission: 'issue_read', ok: 200, run: (c, w) => c.get(`${V1}/projects/${w.project.key}/milestones`) }],
  [`POST ${V1}/projects/{id}/milestones`]: [{ permission: 'milestone_write', ok: 201, run: (c, w) => c.post(`${V1}/projects/${w.project.id}/milestones`, { name: randomUUID() }) }],
  [`GET ${V1}/milestones/{id}`]: [{ permission: 'issue_read', ok: 200, run: async (c, w) => c.get(`${V1}/milestones/${await w.milestone()}`) }],
  [`PATCH ${V1}/milestones/{id}`]: [{ permission: 'milestone_write', ok: 200, run: async (c, w) => c.patch(`${V1}/milestones/${await w.milestone()}`, { state: 'closed' }, ANY_VERSION) }],
  [`DELETE ${V1}/milestones/{id}`]: [{ permission: 'milestone_write', ok: 204, run: async (c, w) => c.delete(`${V1}/milestones/${await w.milestone()}`) }],
  [`GET ${V1}/issues/{id}/timeline`]: [{ permission: 'issue_read', ok: 200, run: (c, w) => c.get(`${V1}/issues/${w.issue.id}/timeline`) }],
  [`GET ${V1}/issues/{id}/watchers`]: [{ permission: 'issue_read', ok: 200, run: (c, w) => c.get(`${V1}/issues/${w.issue.id}/watchers`) }],
  [`PUT ${V1}/issues/{id}/watchers/me`]: [{ permission: 'watch', ok: 204, run: (c, w) => c.put(`${V1}/issues/${w.issue.key}/watchers/me`) }],
  [`DELETE ${V1}/issues/{id}/watchers/me`]: [{ permission: 'watch', ok: 204, run: (c, w) => c.delete(`${V1}/issues/${w.issue.id}/watchers/me`) }],
  [`GET ${V1}/issues/{id}/links`]: [{ permission: 'issue_read', ok: 200, run: (c, w) => c.get(`${V1}/issues/${w.issue.key}/links`) }],
  [`POST ${V1}/issues/{id}/links`]: [{ permission: 'issue_edit', ok: 422, run: (c, w) => c.post(`${V1}/issues/${w.issue.id}/links`, { type: 'blocks', issue_id: NOBODY }) }],
  [`GET ${V1}/issues/{id}/links/{link_id}`]: [{ permission: 'issue_read', ok: 200, run: async (c, w) => c.get(`${V1}/issues/${w.issue.id}/links/${await w.link()}`) }],
  [`DELETE ${V1}/issues/{id}/links/{link_id}`]: [{ permission: 'issue_edit', ok: 204, run: async (c, w) => c.delete(`${V1}/issues/${w.issue.id}/links/${await w.link()}`) }],
  [`GET ${V1}/issues/{id}/children`]: [{ permission: 'issue_read', ok: 200, run: (c, w) => c.get(`${V1}/issues/${w.issue.key}/children`) }],
  [`GET ${V1}/filters`]: [{ permission: 'issue_read', lists: (w) => w.filter, run: async (c, w) => { w.filter = await w.make_filter(); return c.get(`${V1}/filters?project_id=${w.project.id}&sort=-created_at`); } }],
  [`POST ${V1}/filters`]: [{ permission: 'issue_edit', ok: 201, hidden: 422, run: (c, w) => c.post(`${V1}/filters`, { name: randomUUID(), query: 'status=open', project_id: w.project.id }) }],
  [`GET ${V1}/filters/{id}`]: [{ permission: 'issue_read', ok: 200, run: async (c, w) => c.get(`${V1}/filters/${await w.make_filter()}`) }],
  [`PATCH ${V1}/filters/{id}`]: [{ permission: 'issue_delete', ok: 200, run: async (c, w) => c.patch(`${V1}/filters/${await w.make_filter()}`, { query: 'status=closed' }) }],
  [`DELETE ${V1}/filters/{id}`]: [{ permission: 'issue_delete', ok: 204, run: async (c, w) => c.delete(`${V1}/filters/${await w.make_filter()}`) }],
  [`POST ${V1}/issues/bulk-status`]: [{ permission: 'issue_edit', each: true, fresh: true, run: (c, w) => c.post(`${V1}/issues/bulk-status`, { issue_ids: [w.issue.id], new_status: 'closed', mode: 'partial' }) }],
  [`POST ${V1}/issues/bulk`]: [{ permission: 'issue_edit', each: true, run: (c, w) => c.post(`${V1}/issues/bulk`, { issue_ids: [w.issue.id], set: { priority: 'low' }, mode: 'partial' }) }],
  [`GET ${V1}/issues/{id}/labels`]: [{ permission: 'issue_read', ok: 200, run: (c, w) => c.get(`${V1}/issues/${w.issue.id}/labels`) }],
  [`PUT ${V1}/issues/{id}/labels`]: [{ permission: 'issue_edit', ok: 200, run: (c, w) => c.put(`${V1}/issues/${w.issue.id}/labels`, { label_ids: [] }) }],
  [`POST ${V1}/issues/{id}/labels`]: [{ permission: 'issue_edit', ok: 422, run: (c, w) => c.post(`${V1}/issues/${w.issue.id}/labels`, { label_id: NOBODY }) }],
  [`DELETE ${V1}/issues/{id}/labels/{label_id}`]: [{ permission: 'issue_edit', ok: 200, run: (c, w) => c.delete(`${V1}/issues/${w.issue.id}/labels/${NOBODY}`) }],
  [`GET ${V1}/issues/{id}/attachments`]: [{ permission: 'issue_read', ok: 200, run: (c, w) => c.get(`${V1}/issues/${w.issue.id}/attachments`) }],
  [`POST ${V1}/issues/{id}/attachments`]: [{ permission: 'attach', ok: 201, run: (c, w) => attach(c, w.issue.id) }],
  [`GET ${V1}/attachments/{id}`]: [{ permission: 'issue_read', ok: 200, run: async (c, w) => c.get(`${V1}/attachments/${await w.attachment()}`) }],
  [`GET ${V1}/attachments/{id}/content`]: [{ permission: 'issue_read', ok: 200, run: async (c, w) => c.get(`${V1}/attachments/${await w.attachment()}/content`) }],
  [`DELETE ${V1}/attachments/{id}`]: [{ permission: 'issue_delete', ok: 204, run: async (c, w) => c.delete(`${V1}/attachments/${await w.attachment()}`) }],
  [`POST ${V1}/issues/{id}/restore`]: [{ permission: 'issue_delete', ok: 200, fresh: true, deleted: true, run: (c, w) => c.post(`${V1}/issues/${w.issue.id}/restore`) }],
  [`GET ${V1}/reports/top-assignees`]: [{ permission: 'report_read', ok: 200, hidden: 422, run: (c, w) => c.get(`${V1}/reports/top-assignees?project_id=${w.project.key}`) }],
  [`GET ${V1}/reports/latency`]: [{ permission: 'report_read', ok: 200, hidden: 422, run: (c, w) => c.get(`${V1}/reports/latency?project_id=${w.project.id}`) }],
  [`GET ${V1}/reports/velocity`]: [{ permission: 'report_read', ok: 200, hidden: 422, run: (c, w) => c.get(`${V1}/reports/velocity?days=2&project_id=${w.project.key}`) }],
  [`GET ${V1}/reports/summary`]: [{ permission: 'report_read', ok: 200, hidden: 422, run: (c, w) => c.get(`${V1}/reports/summary?project_id=${w.project.id}`) }],
  [`GET ${V1}/reports/burndown`]: [{ permission: 'report_read', ok: 200, hidden: 422, run: (c, w) => c.get(`${V1}/reports/burndown?project_id=${w.project.id}`) }],
};

/** The routes that need a body to be called at all, whose roles count in the whole tracker. */
const BODIES = {
  [`PATCH ${V1}/users/me`]: { name: 'Somebody' },
  [`POST ${V1}/users/me/tokens`]: { name: 'x', scopes: ['issues:read'] },
  [`PATCH ${V1}/users/{id}`]: { name: 'Somebody' },
};

const fill = (path) => path.replace('{user_id}', NOBODY).replaceAll(/\{[a-z_]+\}/g, NOBODY);

describe('the permission matrix', () => {
  const t = useTracker({ DB_COPY_CONNECTIONS: '16' });
  let matrix;
  let routes;
  let scopes;
  const people = {};
  const name = ({ method, path }) => `${method} ${path}`;
  const permission = (id) => matrix.find((p) => p.name === id);
  const may = (role, id) => permission(id)?.roles.includes(role) ?? false;
  const call = (client, route, body = BODIES[name(route)] ?? {}) => (
    ['POST', 'PUT', 'PATCH'].includes(route.method) ? client.request(route.method, fill(route.path), { body }) : client.request(route.method, fill(route.path)));
  const guarded = () => routes.filter((route) => route.permission !== 'public');

  before(async () => {
    ({ permissions: matrix, routes, scopes } = await permissions());
    for (const role of ROLES) people[role] = await newcomer(t, role);
  });

  test('has a case here for every route', () => {
    for (const route of guarded()) {
      const { place } = permission(route.permission);
      if (place === 'project') assert.ok(PROJECT_CASES[name(route)], `add a case for ${name(route)} to PROJECT_CASES`);
    }
    for (const key of Object.keys(PROJECT_CASES)) assert.ok(routes.some((route) => name(route) === key), `${key} is no route any more`);
  });

  test('every route but the public ones: no token and bad ones give the same 401', async () => {
    const same = ({ body: { request_id, instance, ...rest }, headers }) => [rest, headers['www-authenticate']];
    const token = people.admin.access_token;
    const bad = ['nonsense', `${token}x`, token.slice(0, -2), people.admin.refresh_token, `bugd_pat_${'0'.repeat(49)}`, 'eyJhbGciOiJub25lIn0.e30.'];
    let first;
    for (const route of guarded()) {
      for (const client of [t.anyone, ...bad.map((each) => t.anyone.as(each))]) {
        const r = expect.unauthenticated(await call(client, route, {}));
        first ??= same(r);
        assert.deepEqual(same(r), first, name(route));
      }
    }
  });

  test('a public route asks nobody who they are', async () => {
    for (const route of routes.filter((each) => each.permission === 'public')) {
      for (const client of [t.anyone, t.anyone.as('nonsense')]) {
        const r = await call(client, route, {});
        assert.ok(r.status !== 401 && r.status !== 403, `${name(route)}: ${r.status}`);
      }
    }
  });

  test('where the role in the tracker counts: every route with the token of each role', async () => {
    let cells = 0;
    for (const route of guarded().filter((each) => permission(each.permission).place === 'tracker')) {
      for (const role of ROLES) {
        const { client } = await signIn(t.anyone, people[role].email); // one that signing out may end
        const r = await call(client, route);
        const where = `${name(route)} as ${role}: ${r.text}`;
        if (may(role, route.permission)) assert.ok(r.status < 500 && ![401, 403].includes(r.status), where);
        else expect.problem(r, 403, 'forbidden');
        cells += 1;
      }
    }
    assert.ok(cells >= 4 * 15);
    for (const role of ROLES) Object.assign(people[role], await signIn(t.anyone, people[role].email));
  });

  for (const visibility of ['public', 'private']) {
    for (const member of [null, 'reporter', 'developer', 'manager']) {
      test(`in a ${visibility} project, ${member ? `as a member with the role ${member}` : 'not as a member'}`, async () => {
        const cells = await Promise.all(ROLES.map((role) => project_cells(role, visibility, member)));
        assert.ok(cells.every((n) => n >= 40), String(cells));
      });
    }
  }

  /** All cells of one person in one kind of project. */
  async function project_cells(role, visibility, member) {
    const here = role === 'admin' ? 'admin' : member ?? (visibility === 'public' ? role : null);
    let cells = 0;
    for (const own of [true, false]) {
      let world = await make_world(role, visibility, member, own);
      for (const [route, cases] of Object.entries(PROJECT_CASES)) {
        for (const each of cases) {
          if (each.fresh) world.issue = await make_issue(world, each.deleted);
          const r = await each.run(people[role].client, world);
          judge(r, each, world, here, `${route} as ${role}, ${here} here, ${own ? 'own' : 'foreign'} issue: ${r.text}`);
          if (each.fresh) world.issue = await make_issue(world);
          if (each.spoils && r.status < 300) world = await make_world(role, visibility, member, own);
          cells += 1;
        }
      }
    }
    return cells;
  }

  function judge(r, each, world, here, where) {
    const id = typeof each.permission === 'function' ? each.permission(world) : each.permission;
    if (each.lists) {
      assert.equal(r.status, 200, where);
      assert.equal(r.body.items.some((item) => item.id === each.lists(world)), here !== null, where);
      if (!here && r.path.includes('/issues')) assert.equal(r.body.meta.total, 0, where);
    } else if (each.exports) {
      assert.equal(r.status, 200, where);
      assert.equal(r.text.includes(each.exports(world)), here !== null, where);
    } else if (each.each) {
      // What asks for many says of each what a single request would be told.
      assert.equal(r.status, 200, where);
      assert.equal(r.body.errors[0]?.code, here === null ? 'not_found' : may(here, id) ? undefined : 'forbidden', where);
    } else if (here === null) {
      assert.equal(r.status, each.hidden ?? 404, where);
      assert.ok(!r.text.includes(world.project.name), where);
    } else if (may(here, id)) {
      assert.ok([each.ok].flat().includes(r.status), `${where} (expected ${each.ok})`);
    } else {
      assert.equal(r.status, 403, where);
      assert.equal(r.body.code, 'forbidden', where);
    }
  }

  async function make_world(role, visibility, member, own) {
    const project = await t.project({ visibility }, t.admin);
    const put = async (user, as) => expect.oneOf(await t.admin.put(`${V1}/projects/${project.id}/members/${user}`, { role: as }), [200, 201]);
    if (member) await put(people[role].id, member);
    await put(t.ids.reporter2, 'reporter');
    const world = { project, own, person: people[role].id, other: t.ids.developer2, member: t.ids.reporter2 };
    world.issue = await make_issue(world);
    // A fresh comment, by the person when the world is the own one: behind the server's back, as few may see the project.
    world.comment = async () => {
      const id = randomUUID();
      await t.db.exec(`INSERT INTO comments (id, issue_id, author_id, content) VALUES ('${id}', '${world.issue.id}', '${own ? people[role].id : t.ids.reporter2}', 'text');`);
      return id;
    };
    world.make_label = async () => {
      const id = randomUUID();
      await t.db.exec(`INSERT INTO labels (id, project_id, name, color) VALUES ('${id}', '${project.id}', '${id}', '#aabbcc');`);
      return id;
    };
    world.attachment = async () => expect.status(await attach(t.admin, world.issue.id), 201).body.id;
    world.link = async () => {
      const [id, other] = [randomUUID(), await t.issue({ project_id: project.id }, t.admin)];
      await t.db.exec(`INSERT INTO issue_links (id, type, from_id, to_id, creator_id) VALUES ('${id}', 'blocks', '${other.id}', '${world.issue.id}', '${t.ids.admin}');`);
      return id;
    };
    world.make_filter = async () => {
      const id = randomUUID();
      await t.db.exec(`INSERT INTO saved_filters (id, owner_id, project_id, name, query) VALUES ('${id}', '${t.ids.reporter2}', '${project.id}', '${id}', 'status=open');`);
      return id;
    };
    world.milestone = async () => {
      const id = randomUUID();
      await t.db.exec(`INSERT INTO milestones (id, project_id, name) VALUES ('${id}', '${project.id}', '${id}');`);
      return id;
    };
    return world;
  }

  async function make_issue(world, deleted = false) {
    const creator_id = world.own ? world.person : t.ids.developer;
    const issue = await t.issue({ project_id: world.project.id, creator_id }, t.admin);
    if (deleted) expect.status(await t.admin.delete(`${V1}/issues/${issue.id}`), 204);
    return issue;
  }

  test('a personal access token needs the scope of each route, and a limited one stays in its projects', async () => {
    const admin = await newcomer(t, 'admin');
    const elsewhere = await t.project({}, t.admin);
    for (const route of guarded()) {
      const { scope, place } = permission(route.permission);
      for (const { name: given, covers } of scopes) {
        const { client } = scoped[given] ?? (scoped[given] = await makeToken(t, admin.client, [given]));
        const r = await call(client, route, {});
        const enough = scope === 'any' || covers.includes(scope);
        assert.equal(r.body?.code === 'insufficient_scope', !enough, `${name(route)} with ${given}: ${r.text}`);
        if (!enough) assert.equal(r.status, 403);
        else assert.notEqual(r.status, 401, `${name(route)} with ${given}`);
      }
      limited ??= await makeToken(t, admin.client, ['issues:write', 'projects:write'], { project_ids: [elsewhere.id] });
      if (place === 'tracker' && scope !== 'any') expect.status(await call(limited.client, route, {}), 403);
    }
    const world = await make_world('admin', 'public', null, false);
    for (const [route, cases] of Object.entries(PROJECT_CASES)) {
      for (const each of cases) judge(await each.run(limited.client, world), each, world, null, `${route} with a token for another project`);
    }
  });
  const scoped = {};
  let limited;
});
