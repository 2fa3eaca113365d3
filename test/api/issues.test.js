import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { formerUser } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const ISSUE = [
  'id', 'key', 'number', 'project_id', 'title', 'description', 'type', 'status', 'priority', 'creator_id', 'assignee_id',
  'parent_id', 'milestone_id', 'due_date', 'labels', 'comment_count', 'version', 'created_at', 'updated_at', 'resolved_at', 'closed_at',
];
const NOBODY = '01890000-0000-7000-8000-000000000000';
const at = (issue) => `${ISSUES}/${issue.id}`;

describe('creating an issue', () => {
  const t = useTracker();

  test('needs a project and a title; the rest has defaults', async () => {
    const project = await t.project();
    const r = expect.status(await t.reporter.post(ISSUES, { project_id: project.id, title: 'It is broken' }), 201);
    expect.members(r.body, ISSUE);
    expect.includes(r.body, {
      key: `${project.key}-1`, number: 1, project_id: project.id, title: 'It is broken', description: '', type: 'bug',
      status: 'open', priority: 'medium', creator_id: t.ids.reporter, assignee_id: null, parent_id: null, due_date: null,
      labels: [], version: 1, resolved_at: null, closed_at: null,
    });
    expect.uuid(r.body.id);
    expect.instant(r.body.created_at);
    assert.equal(r.body.updated_at, r.body.created_at);
    assert.equal(r.headers.location, `${ISSUES}/${r.body.id}`);
    expect.versionTag(r, 1);
    assert.deepEqual((await t.reporter.get(r.headers.location)).body, r.body);
  });

  test('takes every field', async () => {
    const project = await t.project();
    const parent = await t.issue({ project_id: project.id });
    const sent = {
      title: 'Ünïcödé 😀 "quoted" \\ </script>', description: 'a\nb\tc\r\n\u2028 end', type: 'epic', priority: 'critical',
      assignee_id: t.ids.developer2, parent_id: parent.id, due_date: '2031-02-28',
    };
    const r = expect.status(await t.developer.post(ISSUES, { project_id: project.id, ...sent }), 201);
    expect.includes(r.body, { ...sent, number: 2 });
    assert.deepEqual((await t.reporter.get(at(r.body))).body, r.body);
  });

  test('takes the key of the project for its id, in any case', async () => {
    const project = await t.project();
    for (const name of [project.key, project.key.toLowerCase()]) {
      const r = await t.reporter.post(ISSUES, { project_id: name, title: 'By key' });
      assert.equal(expect.status(r, 201).body.project_id, project.id);
    }
  });

  test('numbers the issues of each project from 1', async () => {
    const [a, b] = [await t.project(), await t.project()];
    const made = [];
    for (const project of [a, b, a, a, b]) made.push((await t.issue({ project_id: project.id })).key);
    assert.deepEqual(made, [`${a.key}-1`, `${b.key}-1`, `${a.key}-2`, `${a.key}-3`, `${b.key}-2`]);
  });

  test('refused, uses up no number', async () => {
    const project = await t.project();
    await t.issue({ project_id: project.id });
    const refused = { project_id: project.id, title: 'x', assignee_id: NOBODY };
    expect.problem(await t.developer.post(ISSUES, refused), 422, 'validation_failed', { assignee_id: null });
    assert.equal((await t.issue({ project_id: project.id })).number, 2);
  });

  test('a title of 1 to 255 characters, not bytes', async () => {
    for (const title of ['x', 'x'.repeat(255), 'ü'.repeat(255), '😀'.repeat(255)]) {
      assert.equal((await t.issue({ title })).title, title);
    }
    const { id: project_id } = await t.project();
    await t.unchanged(async () => {
      const bad = { '': null, ' ': 'blank', '\t\n': null, '\u00a0\u2003': 'blank', ['x'.repeat(256)]: 'too_long', ['😀'.repeat(256)]: 'too_long' };
      for (const [title, code] of Object.entries(bad)) {
        expect.problem(await t.developer.post(ISSUES, { project_id, title }), 422, 'validation_failed', { title: code });
      }
    });
  });

  test('a description of up to 65,536 characters', async () => {
    const description = 'ü'.repeat(65_536);
    assert.equal((await t.issue({ description })).description, description);
    const { id: project_id } = await t.project();
    const r = await t.developer.post(ISSUES, { project_id, title: 'x', description: `${description}u` });
    expect.problem(r, 422, 'validation_failed', { description: 'too_long' });
  });

  test('what is wrong is told of all fields at once', async () => {
    await t.unchanged(async () => {
      const r = await t.developer.post(ISSUES, {
        title: ' ', description: 7, type: 'wish', priority: 'Low', assignee_id: 'me', parent_id: '', due_date: '2031-02-29',
        titel: 'x',
      });
      expect.problem(r, 422, 'validation_failed', {
        project_id: 'required', title: 'blank', description: null, type: 'invalid_value', priority: 'invalid_value',
        assignee_id: null, parent_id: null, due_date: 'invalid_format', titel: 'unknown_field',
      });
      expect.problem(await t.developer.post(ISSUES, {}), 422, 'validation_failed', { project_id: 'required', title: 'required' });
    });
  });

  test('null is no value of what must have one', async () => {
    const { id: project_id } = await t.project();
    const r = await t.developer.post(ISSUES, { project_id, title: null, type: null, priority: null });
    expect.problem(r, 422, 'validation_failed', { title: null, type: null, priority: null });
    await t.issue({ project_id, description: null, assignee_id: null, parent_id: null, due_date: null });
  });

  test('its status and what the server keeps cannot be given', async () => {
    const { id: project_id } = await t.project();
    const given = { status: 'closed', id: NOBODY, key: 'X-1', number: 7, version: 3, created_at: '2020-01-01T00:00:00Z', resolved_at: null };
    await t.unchanged(async () => {
      for (const [name, value] of Object.entries(given)) {
        const r = await t.admin.post(ISSUES, { project_id, title: 'x', [name]: value });
        expect.problem(r, 422, 'validation_failed', { [name]: null });
      }
    });
  });

  test('dates are days of the calendar', async () => {
    for (const due_date of ['2028-02-29', '1999-12-31', '9999-12-31']) assert.equal((await t.issue({ due_date })).due_date, due_date);
    const { id: project_id } = await t.project();
    await t.unchanged(async () => {
      for (const due_date of ['2027-02-29', '2027-13-01', '2027-00-10', '27-01-01', '2027-1-1', '2027-01-01T00:00:00Z', 'tomorrow', '', '20270101', 20270101, '0000-01-01', '-001-01-01']) {
        const r = await t.developer.post(ISSUES, { project_id, title: 'x', due_date });
        expect.problem(r, 422, 'validation_failed', { due_date: null });
      }
    });
  });

  test('people and parents must be there', async () => {
    const { id: project_id } = await t.project();
    const former = await formerUser(t);
    const deleted = await t.issue({ project_id });
    expect.status(await t.manager.delete(at(deleted)), 204);
    const elsewhere = await t.issue({ project_id: (await t.project()).id });
    const refused = {
      assignee_id: [NOBODY, former], creator_id: [NOBODY, former], parent_id: [NOBODY, deleted.id, elsewhere.id],
    };
    await t.unchanged(async () => {
      for (const [field, ids] of Object.entries(refused)) {
        for (const id of ids) {
          const r = await t.manager.post(ISSUES, { project_id, title: 'x', [field]: id });
          expect.problem(r, 422, 'validation_failed', { [field]: null });
        }
      }
    });
  });

  test('managers and admins may name another creator, others only themselves', async () => {
    const { id: project_id } = await t.project();
    for (const client of [t.manager, t.admin]) {
      assert.equal((await t.issue({ project_id, creator_id: t.ids.reporter2 }, client)).creator_id, t.ids.reporter2);
    }
    await t.unchanged(async () => {
      for (const client of [t.developer, t.reporter]) {
        const r = await client.post(ISSUES, { project_id, title: 'x', creator_id: t.ids.reporter2 });
        expect.problem(r, 403, 'forbidden');
      }
    });
    await t.issue({ project_id, creator_id: t.ids.reporter }, t.reporter);
  });

  test('in a project that is not there is refused', async () => {
    await t.unchanged(async () => {
      for (const project_id of [NOBODY, 'NOSUCH']) {
        expect.oneOf(await t.admin.post(ISSUES, { project_id, title: 'x' }), [404, 422]);
      }
    });
  });
});

describe('reading an issue', () => {
  const t = useTracker();

  test('by id and by key, in any case', async () => {
    const issue = await t.issue();
    for (const name of [issue.id, issue.id.toUpperCase(), issue.key, issue.key.toLowerCase()]) {
      const r = expect.status(await t.reporter2.get(`${ISSUES}/${name}`), 200);
      assert.deepEqual(r.body, issue);
      expect.versionTag(r, 1);
    }
  });

  test('what is no id and no key, and what is not there: 404', async () => {
    const { key } = await t.issue();
    const [project] = key.split('-');
    const names = [
      NOBODY, `${project}-0`, `${project}-999999`, `${project}-01`, `${project}-99999999999999999999`, `${project}--1`, `${project}-`,
      project, 'NOSUCH-1', '1', '-', 'x'.repeat(300), NOBODY.slice(1), NOBODY.replaceAll('-', ''), `${NOBODY}x`, `{${NOBODY}}`,
    ];
    for (const name of names) {
      expect.problem(await t.admin.get(`${ISSUES}/${name}`), 404, 'not_found');
    }
  });
});

describe('deleting and restoring an issue', () => {
  const t = useTracker();

  test('a deleted one is nowhere, until it is restored', async () => {
    const project = await t.project();
    const issue = await t.issue({ project_id: project.id, title: 'Keep me' });
    const r = expect.status(await t.manager.delete(at(issue)), 204);
    assert.equal(r.bytes.length, 0);
    const list = `${ISSUES}?project_id=${project.id}`;
    for (const client of [t.reporter, t.manager, t.admin]) {
      expect.problem(await client.get(at(issue)), 404, 'not_found');
      expect.problem(await client.get(`${ISSUES}/${issue.key}`), 404, 'not_found');
      expect.oneOf(await client.patch(at(issue), { version: 2, title: 'x' }), [404]);
      assert.equal((await client.get(list)).body.meta.total, 0);
    }
    expect.problem(await t.manager.delete(at(issue)), 404, 'not_found');

    const restored = expect.status(await t.manager.post(`${at(issue)}/restore`), 200).body;
    expect.includes(restored, { id: issue.id, key: issue.key, title: 'Keep me', status: 'open' });
    assert.ok(restored.version > issue.version);
    assert.deepEqual((await t.reporter.get(at(issue))).body, restored);
    assert.equal((await t.reporter.get(list)).body.meta.total, 1);
  });

  test('managers find the deleted ones by deleted=only', async () => {
    const project = await t.project();
    const [kept, gone] = [await t.issue({ project_id: project.id }), await t.issue({ project_id: project.id })];
    expect.status(await t.manager.delete(at(gone)), 204);
    const only = `${ISSUES}?project_id=${project.id}&deleted=only`;
    for (const client of [t.manager, t.admin]) {
      assert.deepEqual(expect.status(await client.get(only), 200).body.items.map(({ id }) => id), [gone.id]);
    }
    for (const client of [t.developer, t.reporter]) {
      const r = expect.oneOf(await client.get(only), [200, 403]);
      assert.ok(!r.text.includes(gone.id));
    }
    assert.ok(kept);
  });

  test('its number is never given again', async () => {
    const project = await t.project();
    await t.issue({ project_id: project.id });
    const last = await t.issue({ project_id: project.id });
    expect.status(await t.manager.delete(at(last)), 204);
    assert.equal((await t.issue({ project_id: project.id })).number, 3);
  });

  test('only managers and admins do either', async () => {
    const issue = await t.issue({}, t.reporter);
    await t.unchanged(async () => {
      for (const client of [t.reporter, t.developer]) expect.problem(await client.delete(at(issue)), 403, 'forbidden');
    });
    expect.status(await t.manager.delete(at(issue)), 204);
    await t.unchanged(async () => {
      for (const client of [t.reporter, t.developer]) {
        expect.oneOf(await client.post(`${at(issue)}/restore`), [403]);
      }
    });
    expect.status(await t.admin.post(`${at(issue)}/restore`), 200);
  });

  test('DELETE honours If-Match', async () => {
    const issue = await t.issue();
    const changed = await t.change(issue, { title: 'Changed' });
    await t.unchanged(async () => {
      const r = await t.manager.delete(at(issue), { headers: { 'If-Match': '"1-x"' } });
      expect.problem(r, 412, 'precondition_failed');
      assert.deepEqual(r.body.current, changed);
    });
    expect.status(await t.manager.delete(at(issue), { headers: { 'If-Match': '"2-x"' } }), 204);
  });

  test('what is not deleted, or not there, cannot be restored', async () => {
    const issue = await t.issue();
    await t.unchanged(async () => {
      expect.oneOf(await t.manager.post(`${at(issue)}/restore`), [200, 409, 404]);
      expect.problem(await t.manager.post(`${ISSUES}/${NOBODY}/restore`), 404, 'not_found');
    });
  });
});
