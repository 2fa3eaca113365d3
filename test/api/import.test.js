import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { csv, objects } from '../support/csv.js';
import { email } from '../support/database.js';
import { SLOW, eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { form, importForm, importParts } from '../support/form.js';
import { message, withConnection } from '../support/raw.js';
import { useTracker } from '../support/tracker.js';

const IMPORT = '/api/v1/issues/import';
/** A sanitizer keeps what was freed, up to 256 MiB. */
const QUARANTINE = SLOW > 1 ? 32 : 1;
const residentBytes = (pid) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

describe('import', () => {
  const t = useTracker();
  const send = (content, fields, client = t.manager, more = {}) => {
    const { body, headers } = importForm(content, fields);
    return client.post(IMPORT, body, { headers: { ...headers, ...more } });
  };
  const taken = async (content, fields, client) => expect.status(await send(content, fields, client), 200).body;
  const issuesOf = async (project) => (await t.manager.get(`/api/v1/issues?project_id=${project.key}&sort=created_at&size=100`)).body.items;
  /** Fails when issues, their history, numbers or external ids are others afterwards. */
  const nothingImported = async (attempts) => {
    const state = () => t.db.exec(`SELECT (SELECT count(*) FROM issues), (SELECT count(*) FROM issue_events), (SELECT count(*) FROM issue_external_ids),
      (SELECT string_agg(c::text, ' ' ORDER BY project_id) FROM project_counters c), (SELECT count(*) FROM import_rows)`);
    const before = await state();
    await attempts();
    assert.equal(await state(), before);
  };

  test('rows become issues as if each had been created', async () => {
    const project = await t.project();
    await t.db.exec("INSERT INTO labels (id, name, color) VALUES (gen_random_uuid(), 'imported', '#ff0000'), (gen_random_uuid(), 'a;b', '#ff0000')");
    const r = await taken(csv([
      ['status', 'title', 'description', 'type', 'priority', 'assignee', 'labels', 'due_date'],
      ['', 'First', 'two\r\nlines, "quoted"', 'task', 'high', email('developer').toUpperCase(), 'IMPORTED; a\\;b ;', '2026-12-24'],
      ['resolved', 'Second'], ['closed', "'=Third"], ['in_progress', ' Fourth '],
    ]), { project_id: project.key.toLowerCase() });
    expect.includes(r, { total_rows: 4, created_count: 4, failed_count: 0, skipped_count: 0 });
    assert.deepEqual(r.errors, []);
    const issues = await issuesOf(project);
    assert.deepEqual(issues.map(({ number, key, title, status }) => [number, key, title, status]),
      [[1, `${project.key}-1`, 'First', 'open'], [2, `${project.key}-2`, 'Second', 'resolved'], [3, `${project.key}-3`, '=Third', 'closed'], [4, `${project.key}-4`, ' Fourth ', 'in_progress']]);
    expect.includes(issues[0], { description: 'two\r\nlines, "quoted"', type: 'task', priority: 'high', assignee_id: t.ids.developer, due_date: '2026-12-24', creator_id: t.ids.manager, version: 1 });
    assert.deepEqual(issues[0].labels.map(({ name }) => name), ['a;b', 'imported']);
    assert.deepEqual(issues.map((i) => [i.resolved_at !== null, i.closed_at !== null]), [[false, false], [true, false], [false, true], [false, false]]);
    expect.includes((await t.manager.get(`/api/v1/projects/${project.key}`)).body, { issue_counts: { open: 1, in_progress: 1, resolved: 1, closed: 1 } });
    assert.equal((await t.issue({ project_id: project.id })).number, 5);
  });

  test('the history begins as that of an issue that was created', async () => {
    const project = await t.project();
    const made = await t.issue({ project_id: project.id, title: 'A "title"', description: 'x\ty', assignee_id: t.ids.developer, due_date: '2026-12-24', creator_id: t.ids.reporter }, t.manager);
    await taken(csv([['title', 'description', 'assignee', 'due_date'], ['A "title"', 'x\ty', email('developer'), '2026-12-24']]), { project_id: project.id, creator_id: t.ids.reporter });
    const events = await t.db.rows(`SELECT e.type, e.actor_id, e.version, e.changes, e.at = i.created_at AS same FROM issue_events e JOIN issues i ON i.id = e.issue_id WHERE i.project_id = '${project.id}' ORDER BY i.number`);
    assert.equal(events.length, 2);
    assert.deepEqual(events[0], events[1]);
    assert.equal(made.number, 1);
  });

  test('an export is imported again as it was', async () => {
    const from = await t.project();
    const to = await t.project();
    const titles = ['=1+1', "'=2", "'quoted'", '-', '@x', 'a, "b"'];
    for (const title of titles) await t.issue({ project_id: from.id, title, description: `${title}\r\nmore`, due_date: '2026-12-24', assignee_id: t.ids.developer });
    const out = async (project) => (await t.manager.get(`/api/v1/issues/export?project_id=${project.key}`)).text;
    const text = (await out(from)).replaceAll(`,${from.key},`, `,${to.key},`);
    expect.includes(await taken(text), { created_count: titles.length, failed_count: 0 });
    const facts = (file) => objects(file).map(({ key, project, created_at, updated_at, ...rest }) => rest);
    assert.deepEqual(facts(await out(to)), facts(await out(from)));
  });

  test('partial keeps the good rows, atomic and dry_run keep none; each error is told with its row', async () => {
    const project = await t.project();
    const file = csv([['title', 'type', 'due_date', 'assignee', 'labels', 'external_id'], ['Good'], ['', 'bug'], ['Bad', 'bugg', '2026-02-30', email('nobody'), 'no such label', 'E-1'],
      ['x'.repeat(256)], ['Also good', '', '', '', '', 'E-1'], ['Twice', '', '', '', '', 'E-1']]);
    for (const fields of [{ mode: 'atomic' }, { dry_run: 'true' }, { mode: 'atomic', dry_run: 'true' }]) {
      await nothingImported(async () => {
        const r = await taken(file, { project_id: project.key, ...fields });
        expect.includes(r, { total_rows: 6, failed_count: 4, created_count: fields.dry_run ? 2 : 0 });
      });
    }
    const r = await taken(file, { project_id: project.key, mode: 'partial' });
    expect.includes(r, { total_rows: 6, created_count: 2, failed_count: 4 });
    assert.deepEqual(r.errors.map(({ row_number, field, code }) => [row_number, field, code]), [
      [3, 'title', 'blank'], [4, 'type', 'invalid_value'], [4, 'due_date', 'invalid_format'], [4, 'assignee', 'unknown'], [4, 'labels', 'unknown'], [5, 'title', 'too_long'], [7, 'external_id', 'duplicate'],
    ]);
    assert.deepEqual(r.errors[0].raw_data, { title: '', type: 'bug', due_date: '', assignee: '', labels: '', external_id: '' });
    assert.equal(r.errors[2].value, '2026-02-30');
    assert.deepEqual((await issuesOf(project)).map(({ title, number }) => [title, number]), [['Good', 1], ['Also good', 2]]);
    const listed = await t.manager.get(`/api/v1/jobs/${r.job_id}/errors`);
    assert.deepEqual(listed.body.items, r.errors);
    const rows = objects((await t.manager.get(`/api/v1/jobs/${r.job_id}/errors?format=csv`)).text);
    assert.deepEqual(rows.map(({ row_number }) => row_number), ['3', '4', '5', '7']);
    assert.match(rows[1].reason, /type: Must be bug.*due_date: .*assignee: There is no active user/);
  });

  test('the list of bad rows is imported again when it was mended', async () => {
    const project = await t.project();
    const r = await taken(csv([['title', 'description'], ['', 'no title']]), { project_id: project.key });
    const file = (await t.manager.get(`/api/v1/jobs/${r.job_id}/errors?format=csv`)).text;
    expect.includes(await taken(file.replace(',,no title', ',Mended,no title'), { project_id: project.key }), { created_count: 1, failed_count: 0 });
    assert.equal((await issuesOf(project))[0].title, 'Mended');
  });

  test('a second import of the same file changes nothing where there is an external_id', async () => {
    const project = await t.project();
    const file = csv([['title', 'external_id'], ['One', 'X-1'], ['Two', 'X-2']]);
    expect.includes(await taken(file, { project_id: project.key }), { created_count: 2, skipped_count: 0 });
    await nothingImported(async () => {
      expect.includes(await taken(file, { project_id: project.key }), { created_count: 0, skipped_count: 2, failed_count: 0 });
    });
    expect.includes(await taken(`${file}Three,X-3\n`, { project_id: project.key }), { created_count: 1, skipped_count: 2 });
    const other = await t.project();
    expect.includes(await taken(file, { project_id: other.key }), { created_count: 2 });
  });

  test('the same file twice at the same time is imported once', async () => {
    const project = await t.project();
    const file = csv([['title', 'external_id'], ...Array.from({ length: 500 }, (_, i) => [`Row ${i}`, `X-${i}`])]);
    const both = await Promise.all([taken(file, { project_id: project.key }), taken(file, { project_id: project.key })]);
    assert.deepEqual(both.map(({ created_count }) => created_count).sort(), [0, 500]);
    expect.includes((await t.manager.get(`/api/v1/projects/${project.key}`)).body.issue_counts, { open: 500 });
  });

  test('a column project names the project of each row, where the caller must be a manager', async () => {
    const [one, two, archived] = [await t.project(), await t.project(), await t.project({ status: 'archived' })];
    const foreign = await t.project({ visibility: 'private' }, t.manager2);
    const low = await t.project({ visibility: 'public' }, t.manager2);
    await t.manager2.put(`/api/v1/projects/${low.key}/members/${t.ids.manager}`, { role: 'developer' });
    const r = await taken(csv([['project', 'title'], [one.key, 'a'], [two.key.toLowerCase(), 'b'], ['', 'c'], ['NOPE', 'd'], [foreign.key, 'e'], [low.key, 'f'], [archived.key, 'g']]), { project_id: one.id });
    expect.includes(r, { created_count: 3, failed_count: 4 });
    assert.deepEqual(r.errors.map(({ row_number, field, code }) => [row_number, field, code]),
      [[5, 'project', 'unknown'], [6, 'project', 'unknown'], [7, 'project', 'forbidden'], [8, 'project', 'project_closed']]);
    assert.deepEqual((await issuesOf(one)).map(({ title }) => title), ['a', 'c']);
    assert.deepEqual((await issuesOf(two)).map(({ title }) => title), ['b']);
  });

  test('bad files: refused as a whole, with the reason, and nothing is kept', async () => {
    const project = await t.project();
    const cases = [
      ['', 'empty_file'], ['description\nx\n', 'missing_column'], ['title,colour\nx,y\n', 'unknown_column'], ['title,title\nx,y\n', 'duplicate_column'],
      ['title;description\nx;y\n', 'unknown_column'], ['title\n"never closed\nx\n', 'unclosed_quote'], ['title\na"b\n', 'bad_quote'],
      [gzipSync('title\nx\n'), 'compressed'], [Buffer.from('\ufefftitle\nx\n', 'utf16le'), 'wrong_encoding'], [Buffer.from('title\nx\n', 'utf16le'), 'wrong_encoding'],
      [Buffer.from('PK\x03\x04zip'), 'not_csv'], [Buffer.from('titel\xe4\nx\n', 'latin1'), 'unknown_column'],
    ];
    await t.unchanged(async () => {
      for (const [content, code] of cases) {
        expect.problem(await send(content, { project_id: project.key }), 422, 'validation_failed', { file: code });
      }
    });
  });

  test('bad rows: each is told, and the others are kept', async () => {
    const project = await t.project();
    const rows = [
      Buffer.from('title,description\n'), Buffer.from('Good 2,x\n'), Buffer.from('M\xfcll,x\n', 'latin1'), Buffer.from('N\0L,x\n'), Buffer.from(`Long,${'y'.repeat(70_000)}\n`),
      Buffer.from(`Very long,"${'z'.repeat(10 << 20)}"\n`), Buffer.from(`Wide${',1'.repeat(51)}\n`), Buffer.from('Good 8\n'), Buffer.from('"two\nlines",x\n'),
    ];
    const { body, headers } = importForm(Buffer.concat(rows), { project_id: project.key });
    const started = expect.status(await t.manager.post(IMPORT, body, { headers }), 202).body;
    const job = await ended(started.id);
    expect.includes(job, { state: 'succeeded', created_count: 2, failed_count: 6, rows_read: 8 });
    const { items } = (await t.manager.get(`/api/v1/jobs/${started.id}/errors`)).body;
    assert.deepEqual(items.map(({ row_number, field, code }) => [row_number, field, code]), [
      [3, 'title', 'invalid_character'], [4, 'title', 'invalid_character'], [5, 'description', 'too_long'], [6, 'description', 'too_long'], [7, 'row', 'too_many_cells'], [9, 'title', 'invalid_character']]);
    assert.ok(items.every(({ raw_data }) => typeof raw_data.title === 'string'));
  });

  test('line ends and a BOM do not matter; a head alone has no rows', async () => {
    const project = await t.project();
    for (const text of ['title\na\nb\n', 'title\r\na\r\nb\r\n', 'title\ra\rb\r', '\ufefftitle\na\nb']) {
      expect.includes(await taken(text, { project_id: project.key }), { created_count: 2, failed_count: 0 });
    }
    for (const text of ['title', 'title\n', '\ufefftitle\r\n\r\n']) {
      expect.includes(await taken(text, { project_id: project.key }), { total_rows: 0, created_count: 0 });
    }
  });

  test('bad requests: refused', async () => {
    const project = await t.project();
    const good = csv([['title'], ['x']]);
    const closed = await t.project({ status: 'completed' });
    const parts = importParts(good, { project_id: project.key });
    const post = (made, boundary) => t.manager.post(IMPORT, made.body, { headers: boundary ? { 'Content-Type': `multipart/form-data; boundary=${boundary}` } : made.headers });
    await t.unchanged(async () => {
      for (const id of ['NOPE', '!', t.ids.manager]) expect.problem(await send(good, { project_id: id }), 422, 'validation_failed', { project_id: null });
      expect.problem(await send(good, { project_id: project.key, mode: 'some' }), 422, 'validation_failed', { mode: 'invalid_value' });
      expect.problem(await send(good, { project_id: project.key, dry_run: 'maybe' }), 422, 'validation_failed', { dry_run: 'invalid_value' });
      expect.problem(await send(good, { project_id: project.key, creator_id: project.id }), 422, 'validation_failed', { creator_id: 'unknown' });
      expect.problem(await send(good, { project_id: project.key, colour: 'x' }), 422, 'validation_failed', { colour: 'unknown_field' });
      expect.problem(await send(good, { project_id: closed.key }), 409, 'project_closed');
      expect.problem(await post(form(parts[0])), 422, 'validation_failed', { file: 'required' });
      expect.problem(await post(form(...parts, parts[1])), 422, 'validation_failed', { file: 'too_many' });
      expect.problem(await post(form(parts[0], ...parts)), 422, 'validation_failed', { project_id: 'duplicate' });
      expect.problem(await post(form(...parts), 'another'), 400, 'bad_request');
      expect.problem(await t.manager.post(IMPORT, { title: 'x' }), 415, 'unsupported_media_type');
    });
    await nothingImported(async () => {
      expect.problem(await send(good), 422, 'validation_failed', { project_id: 'required' });
      expect.problem(await send('title\nx\n"never closed', { project_id: project.key }), 422, 'validation_failed', { file: 'unclosed_quote' });
      await eventually('the jobs are gone', async () => (await t.db.rows("SELECT id FROM jobs WHERE state = 'running'")).length === 0);
    });
  });

  test('all that is wrong with the form is told at once, wherever the file stands', async () => {
    const wrong = { mode: 'some', dry_run: 'maybe', creator_id: 'x', colour: 'red' };
    const codes = { mode: 'invalid_value', dry_run: 'invalid_value', creator_id: 'invalid_format', colour: 'unknown_field' };
    const project = await t.project();
    const file = importParts(csv([['title'], ['x']])).at(-1);
    const field = (name, data) => ({ name, data });
    const fields = Object.entries(wrong).map(([name, value]) => field(name, value));
    const post = (parts) => {
      const { body, headers } = form(...parts);
      return t.manager.post(IMPORT, body, { headers });
    };
    await nothingImported(async () => {
      for (const parts of [[...fields, file], [file, ...fields], [...fields.slice(0, 2), file, ...fields.slice(2)]]) {
        expect.problem(await post([field('project_id', project.key), ...parts]), 422, 'validation_failed', codes);
      }
      expect.problem(await post(fields), 422, 'validation_failed', { ...codes, file: 'required' });
      expect.problem(await post([field('project_id', project.key), field('mode', 'some'), file, file, { ...file, name: 'other' }]), 422, 'validation_failed',
        { mode: 'invalid_value', file: 'too_many', other: 'unknown_field' });
      expect.problem(await post([file, ...fields]), 422, 'validation_failed', { ...codes, project_id: 'required' });
      const cut = form(...fields, file);
      expect.problem(await t.manager.post(IMPORT, cut.body.subarray(0, -10), { headers: cut.headers }), 400, 'bad_request');
      await eventually('the jobs are gone', async () => (await t.db.rows("SELECT id FROM jobs WHERE state = 'running'")).length === 0);
    });
  });

  test('a form that is refused is not read on for a large file', async () => {
    const { body, headers } = importForm(`title\n${'x\n'.repeat(3 << 20)}`, { project_id: (await t.project()).key, mode: 'some' });
    const lines = ['Host: a', `Authorization: Bearer ${t.manager.token}`, `Content-Type: ${headers['Content-Type']}`, `Content-Length: ${body.length}`];
    await withConnection(t.server.address, async (c) => {
      await c.send(message(`POST ${IMPORT} HTTP/1.1`, lines, body.subarray(0, 5 << 20)));
      expect.problem(await c.response(), 422, 'validation_failed', { mode: 'invalid_value' });
    });
  });

  test('needs a manager, in the project', async () => {
    const project = await t.project();
    const good = csv([['title'], ['x']]);
    await t.unchanged(async () => {
      for (const client of [t.reporter, t.developer]) expect.problem(await send(good, { project_id: project.key }, client), 403, 'forbidden');
      expect.unauthenticated(await send(good, { project_id: project.key }, t.anyone));
    });
    await t.manager.put(`/api/v1/projects/${project.key}/members/${t.ids.developer2}`, { role: 'manager' });
    expect.includes(await taken(good, { project_id: project.key }, t.developer2), { created_count: 1 });
  });

  test('fields may stand behind the file', async () => {
    const project = await t.project();
    const [field, file] = importParts(csv([['title'], ['x']]), { project_id: project.key });
    const { body, headers } = form(file, field);
    expect.includes(expect.status(await t.manager.post(IMPORT, body, { headers }), 200).body, { created_count: 1 });
  });

  test('rows by the hundred thousand, all of them bad, cost no memory, and the first thousand are told', async () => {
    const project = await t.project();
    const file = `title,type\n${'x,nonsense\n'.repeat(200_000)}`;
    const before = residentBytes(t.server.pid);
    const { body, headers } = importForm(file, { project_id: project.key });
    const { id } = expect.status(await t.manager.post(IMPORT, body, { headers: { ...headers, Prefer: 'respond-async' } }), 202).body;
    const job = await ended(id);
    expect.includes(job, { state: 'succeeded', created_count: 0, failed_count: 200_000 });
    assert.ok(residentBytes(t.server.pid) - before < 32 * QUARANTINE * 1024 * 1024);
    const small = await taken(`title,type\n${'x,nonsense\n'.repeat(2000)}`, { project_id: project.key });
    assert.equal(small.errors.length, 1000);
    assert.equal(small.failed_count, 2000);
  });

  async function ended(id, client = t.manager) {
    for (;;) {
      const job = expect.status(await client.get(`/api/v1/jobs/${id}`), 200).body;
      if (!['queued', 'running'].includes(job.state)) return job;
    }
  }

  test('a job tells how far it is, to its owner and to admins alone', async () => {
    const project = await t.project();
    const r = await send(csv([['title'], ['x']]), { project_id: project.key }, t.manager, { Prefer: 'return=minimal, respond-async' });
    const { id } = expect.status(r, 202).body;
    assert.equal(r.headers.location, `/api/v1/jobs/${id}`);
    assert.equal(r.headers['preference-applied'], 'respond-async');
    const job = await ended(id);
    expect.includes(job, { kind: 'import', state: 'succeeded', progress: 100, rows_read: 1, created_count: 1, failed_count: 0, error: null, errors_url: `/api/v1/jobs/${id}/errors` });
    expect.instant(job.finished_at);
    expect.status(await t.admin.get(`/api/v1/jobs/${id}`), 200);
    for (const client of [t.manager2, t.developer]) {
      for (const path of [`/api/v1/jobs/${id}`, `/api/v1/jobs/${id}/errors`]) expect.problem(await client.get(path), 404, 'not_found');
      expect.problem(await client.delete(`/api/v1/jobs/${id}`), 404, 'not_found');
    }
    expect.problem(await t.manager.delete(`/api/v1/jobs/${id}`), 409, 'job_finished');
    expect.problem(await t.manager.get('/api/v1/jobs/x'), 404, 'not_found');
  });

  test('the jobs of oneself are listed, newest first, by state', async () => {
    const project = await t.project();
    const ids = [];
    for (const content of ['title\nx\n', 'title,type\nx,bugs\n', 'title\ny\n']) {
      const r = await send(content, { project_id: project.key, mode: 'atomic' }, t.admin, { Prefer: 'respond-async' });
      ids.unshift(expect.status(r, 202).body.id);
      await ended(ids[0], t.admin);
    }
    const list = async (query = '', client = t.admin) => expect.status(await client.get(`/api/v1/jobs${query}`), 200).body;
    const all = await list();
    assert.deepEqual(all.items.map(({ id }) => id), ids);
    assert.equal(all.meta.total, 3);
    assert.deepEqual(all.items[0], (await t.admin.get(`/api/v1/jobs/${ids[0]}`)).body);
    assert.deepEqual((await list('?state=failed,cancelled')).items.map(({ id }) => id), [ids[1]]);
    assert.deepEqual((await list('?state=running')).items, []);
    assert.deepEqual((await t.admin.walk('/api/v1/jobs?sort=created_at&size=2')).map(({ id }) => id), [...ids].reverse());
    assert.deepEqual((await list('', t.reporter)).items, []);
    expect.problem(await t.admin.get('/api/v1/jobs?state=done'), 422, 'validation_failed', { state: 'invalid_value' });
    expect.unauthenticated(await t.anyone.get('/api/v1/jobs'));
    await t.db.exec(`UPDATE jobs SET state = 'running', finished_at = NULL WHERE id = '${ids[2]}'`);
    const [orphan] = (await list('?state=failed&size=1&sort=created_at')).items;
    assert.equal(orphan.id, ids[2]);
    assert.match(orphan.error, /went away/);
  });
});
