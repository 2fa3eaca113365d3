// Reports: what they say is computed anew here, from what the API itself shows of issues and from their history.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { login, useTracker } from '../support/tracker.js';

const V1 = '/api/v1';
const REPORTS = `${V1}/reports`;
const DAY = 86_400_000;
const NOBODY = '019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07';
const DONE = ['resolved', 'closed'];
const done = (status) => DONE.includes(status);

/** A generator of numbers from 0 to below 1 that is the same for the same seed. */
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** The day that a moment has in a time zone, as YYYY-MM-DD. */
function dayIn(zone, at) {
  const key = `${zone} ${at}`;
  if (!days.has(key)) days.set(key, new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(at)));
  return days.get(key);
}
const days = new Map();

const plusDays = (day, n) => new Date(Date.parse(`${day}T00:00:00Z`) + n * DAY).toISOString().slice(0, 10);

/** The Monday of the week of a day. */
function monday(day) {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return plusDays(day, -weekday);
}

describe('reports', () => {
  const t = useTracker();
  const get = (path, client = t.manager, headers = {}) => client.request('GET', `${REPORTS}/${path}`, { headers });
  const read = async (path, client) => expect.status(await get(path, client), 200).body;

  describe('of a past that was drawn at random', () => {
    const people = ['developer', 'developer2', 'manager', 'reporter'];
    let project;
    let past; // [{ issue, events }] of what is not deleted
    let milestone;
    const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 1_000_000);

    before(async () => {
      project = await t.project();
      milestone = NOBODY.replace('c07', 'd01');
      await t.db.exec(`INSERT INTO milestones (id, project_id, name) VALUES ('${milestone}', '${project.id}', 'First');`);
      past = await draw(random(seed));
    });

    /**
     * Makes issues and their history through the API, then spreads it over the last 80 days behind its back: as the
     * trigger that keeps the turns sees only what is new, they are then made anew from the history, and have to be what
     * it had made of it.
     */
    async function draw(next) {
      const issues = [];
      for (let n = 0; n < 60; n++) {
        let issue = await t.issue({ project_id: project.id, creator_id: t.ids[people[Math.floor(next() * 3)]] }, t.manager);
        const path = `${V1}/issues/${issue.id}`;
        for (let step = Math.floor(next() * 7); step > 0; step--) {
          const client = t[people[Math.floor(next() * 3)]];
          if (next() < 0.2) {
            const r = await client.patch(path, { assignee_id: next() < 0.5 ? null : t.ids[people[Math.floor(next() * 3)]], version: issue.version });
            issue = expect.status(r, 200).body;
            continue;
          }
          const choices = { open: ['in_progress', 'resolved', 'closed'], in_progress: ['resolved', 'open'], resolved: ['closed', 'open', 'in_progress'], closed: ['open'] }[issue.status];
          issue = await t.change(issue, { status: choices[Math.floor(next() * choices.length)] }, client);
        }
        if (next() < 0.1) expect.status(await t.manager.delete(path), 204);
        issues.push(issue);
      }
      const open = issues.filter((issue) => issue.status === 'open').map(({ id }) => id);
      await t.manager.post(`${V1}/issues/bulk-status`, { issue_ids: open.slice(0, 5), new_status: 'resolved', mode: 'partial' });
      const made = await turns();
      await spread(next, issues);
      const rebuilt = await turns();
      assert.deepEqual(made.map(({ issue_id, type }) => [issue_id, type]), rebuilt.map(({ issue_id, type }) => [issue_id, type]), `seed ${seed}`);
      return history(issues);
    }

    const turns = () => t.db.rows(`SELECT issue_id, type FROM issue_turns WHERE project_id = '${project.id}' ORDER BY issue_id, at, type`);

    async function spread(next, issues) {
      const rows = issues.map(({ id }) => {
        const age = next() * 80;
        return `('${id}'::uuid, ${age.toFixed(4)}, ${(next() * age / 8).toFixed(4)})`;
      });
      await t.db.exec(`
        ALTER TABLE issue_events DISABLE TRIGGER USER;
        CREATE TEMP TABLE moved AS SELECT e.id, now() - interval '1 day' * (r.age - r.step * (row_number() OVER (PARTITION BY e.issue_id ORDER BY e.version, e.id) - 1)) AS at
        FROM issue_events e JOIN (VALUES ${rows}) AS r (issue, age, step) ON r.issue = e.issue_id;
        UPDATE issue_events e SET at = m.at FROM moved m WHERE m.id = e.id;
        ALTER TABLE issue_events ENABLE TRIGGER USER;
        UPDATE issues i SET created_at = e.at FROM issue_events e WHERE e.issue_id = i.id AND e.type = 'created';
        SELECT rebuild_issue_turns(ARRAY(SELECT id FROM issues));`);
    }

    /** What is there of the issues that are not deleted, with their events as the database keeps them. */
    async function history(issues) {
      const events = await t.db.rows(`SELECT json_build_object('issue', issue_id, 'type', type, 'actor', actor_id, 'at', at, 'changes', changes) AS e
        FROM issue_events ORDER BY issue_id, version, id`);
      const all = [];
      for (const { id } of issues) {
        const r = await t.manager.get(`${V1}/issues/${id}`);
        if (r.status !== 200) continue;
        const own = events.map(({ e }) => (typeof e === 'string' ? JSON.parse(e) : e)).filter((e) => e.issue === id);
        all.push({ issue: r.body, events: own.map((e) => ({ ...e, at: Date.parse(e.at) })) });
      }
      return all;
    }

    /** Every move into and out of the statuses that mean that it is done. */
    const moves = ({ events }) => events.flatMap(({ type, at, changes: { status } }) => {
      if (type === 'created' || !status || done(status.from) === done(status.to)) return [];
      return [{ at, to: done(status.to) ? 'resolved' : 'reopened' }];
    });

    for (const zone of ['UTC', 'Asia/Kathmandu', 'America/New_York', 'Pacific/Apia']) {
      test(`velocity by day and by week in ${zone}`, async () => {
        for (const interval of ['day', 'week']) {
          const period = (at) => (interval === 'day' ? dayIn(zone, at) : monday(dayIn(zone, at)));
          const report = await read(`velocity?project_id=${project.key}&days=60&interval=${interval}&time_zone=${zone}`);
          expect.includes(report, { project_id: project.id, days: 60, interval, time_zone: zone });
          const today = dayIn(zone, Date.now());
          const first = interval === 'day' ? plusDays(today, -59) : monday(plusDays(today, -59));
          assert.equal(report.items[0].start, first);
          assert.equal(report.items.at(-1).start, period(Date.now()));
          for (const [i, item] of report.items.entries()) {
            if (i > 0) assert.equal(item.start, plusDays(report.items[i - 1].start, interval === 'day' ? 1 : 7));
            const created = past.filter(({ issue }) => period(issue.created_at) === item.start).length;
            const count = (to) => past.flatMap(moves).filter((move) => move.to === to && period(move.at) === item.start).length;
            const last = interval === 'day' ? item.start : plusDays(item.start, 6);
            const left = past.filter((each) => dayIn(zone, each.issue.created_at) <= last
              && moves(each).filter(({ at }) => dayIn(zone, at) <= last).at(-1)?.to !== 'resolved').length;
            expect.includes(item, {
              created, resolved: count('resolved'), reopened: count('reopened'), net: created + count('reopened') - count('resolved'), open: left,
            }, `${item.start}, seed ${seed}`);
          }
          for (const name of ['created', 'resolved', 'reopened', 'net']) assert.equal(report[name], report.items.reduce((sum, item) => sum + item[name], 0));
        }
      });
    }

    test('latency to the first response and to the resolution that stands', async () => {
      for (const days of [10, 30, 1000]) {
        const report = await read(`latency?project_id=${project.key}&days=${days}`);
        const since = Math.floor((Date.now() - days * DAY) / 900_000) * 900_000;
        const figures = (times) => {
          const sorted = times.filter(([at]) => at >= since).map(([, seconds]) => seconds).sort((a, b) => a - b);
          const rank = (p) => (sorted.length > 0 ? sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] : null);
          const sum = sorted.reduce((a, b) => a + b, 0);
          return {
            count: sorted.length, average: sorted.length > 0 ? Math.round(sum / sorted.length * 10) / 10 : null, p50: rank(0.5), p90: rank(0.9), p99: rank(0.99),
            fastest: sorted[0] ?? null, slowest: sorted.at(-1) ?? null,
          };
        };
        const after = (issue, at) => [at, Math.max(0, Math.floor((at - Date.parse(issue.created_at)) / 1000))];
        const responses = past.flatMap(({ issue, events }) => {
          const first = events.find(({ type, actor, changes }) => type !== 'created' && actor !== issue.creator_id && (changes.status || changes.assignee_id));
          return first ? [after(issue, first.at)] : [];
        });
        const resolutions = past.flatMap((each) => {
          const last = moves(each).at(-1);
          return last?.to === 'resolved' ? [after(each.issue, last.at)] : [];
        });
        assert.deepEqual(report, { project_id: project.id, days, first_response: figures(responses), resolution: figures(resolutions) }, `seed ${seed}`);
      }
    });

    test('top-assignees', async () => {
      const report = await read(`top-assignees?project_id=${project.id}&limit=2`);
      const figures = (issues) => ({
        ...Object.fromEntries(['open', 'in_progress', 'resolved', 'closed'].map((status) => [status, issues.filter((issue) => issue.status === status).length])),
        total: issues.length,
      });
      const of = (id) => past.map(({ issue }) => issue).filter((issue) => issue.assignee_id === id);
      const ids = [...new Set(past.map(({ issue }) => issue.assignee_id))].filter(Boolean);
      const ranked = ids.map((id) => ({ assignee_id: id, ...figures(of(id)) })).sort((a, b) => b.total - a.total);
      assert.deepEqual(report.items.map(({ total }) => total), ranked.slice(0, 2).map(({ total }) => total));
      for (const { name, ...item } of report.items) {
        assert.deepEqual(item, ranked.find((each) => each.assignee_id === item.assignee_id));
        assert.ok(name);
      }
      assert.deepEqual(report.unassigned, figures(of(null)));
      const named = report.items.map((item) => item.assignee_id);
      assert.deepEqual(report.others, figures(ids.filter((id) => !named.includes(id)).flatMap(of)));
      assert.equal(report.other_people, ids.length - named.length);
    });

    test('summary', async () => {
      const report = await read(`summary?project_id=${project.id}`);
      for (const by of ['status', 'priority', 'type']) {
        for (const [value, count] of Object.entries(report[by])) {
          assert.equal(count, past.filter(({ issue }) => issue[by] === value).length, `${by} ${value}`);
        }
      }
      const ages = past.filter(({ issue }) => !done(issue.status)).map(({ issue }) => (Date.now() - Date.parse(issue.created_at)) / DAY);
      const between = (from, to) => ages.filter((age) => age >= from && age < to).length;
      assert.deepEqual(report.age, {
        under_1_day: between(0, 1), under_7_days: between(1, 7), under_30_days: between(7, 30), under_90_days: between(30, 90),
        under_365_days: between(90, 365), older: between(365, Infinity),
      });
      assert.equal(report.total, past.length);
    });

    test('burndown of the project', async () => {
      const until = plusDays(dayIn('UTC', Date.now()), 5);
      const report = await read(`burndown?project_id=${project.id}&days=40&until=${until}`);
      assert.equal(report.items.length, 45);
      const today = dayIn('UTC', Date.now());
      for (const { day, remaining } of report.items) {
        const left = past.filter((each) => dayIn('UTC', each.issue.created_at) <= day && moves(each).filter(({ at }) => dayIn('UTC', at) <= day).at(-1)?.to !== 'resolved').length;
        assert.equal(remaining, day <= today ? left : null, `${day}, seed ${seed}`);
      }
      const most = Math.max(...report.items.map(({ remaining }) => remaining ?? 0));
      const peak = report.items.findIndex(({ remaining }) => remaining === most);
      const steps = report.items.length - 1 - peak;
      for (const [i, { ideal }] of report.items.entries()) {
        assert.equal(ideal, i < peak ? null : Math.round(most * (steps - (i - peak)) / steps * 100) / 100, `day ${i}, seed ${seed}`);
      }
    });
  });

  test('a milestone burns down by what was in it on each day', async () => {
    const project = await t.project();
    const { body: milestone } = await t.manager.post(`${V1}/projects/${project.key}/milestones`, { name: 'Release', due_date: plusDays(dayIn('UTC', Date.now()), 3) });
    const issues = [];
    for (let n = 0; n < 4; n++) issues.push(await t.issue({ project_id: project.id }));
    const path = `burndown?milestone_id=${milestone.id}`;
    const left = async () => (await read(path)).items.find(({ day }) => day === dayIn('UTC', Date.now())).remaining;
    assert.equal(await left(), 0);
    for (const [i, issue] of issues.entries()) issues[i] = await t.change(issue, { milestone_id: milestone.id }, t.manager);
    assert.equal(await left(), 4);
    issues[0] = await t.change(issues[0], { status: 'resolved' });
    issues[1] = await t.change(issues[1], { milestone_id: null }, t.manager);
    assert.equal(await left(), 2);
    issues[0] = await t.change(issues[0], { milestone_id: null }, t.manager);
    issues[0] = await t.change(issues[0], { status: 'open' });
    assert.equal(await left(), 2);
    expect.status(await t.manager.delete(`${V1}/issues/${issues[2].id}`), 204);
    assert.equal(await left(), 1);
    expect.status(await t.manager.post(`${V1}/issues/${issues[2].id}/restore`), 200);
    issues[3] = await t.change(issues[3], { status: 'closed', milestone_id: null }, t.manager);
    assert.equal(await left(), 1);
    const report = await read(path);
    assert.equal(report.until, milestone.due_date);
    assert.equal(report.items.at(-1).day, milestone.due_date);
    const made = await t.db.rows(`SELECT issue_id, type, milestone_id FROM issue_turns WHERE project_id = '${project.id}' ORDER BY issue_id, at, type, milestone_id`);
    await t.db.exec('SELECT rebuild_issue_turns(ARRAY(SELECT id FROM issues));');
    const rebuilt = await t.db.rows(`SELECT issue_id, type, milestone_id FROM issue_turns WHERE project_id = '${project.id}' ORDER BY issue_id, at, type, milestone_id`);
    assert.deepEqual(made.filter(({ type }) => ['resolved', 'reopened', 'responded'].includes(type)), rebuilt.filter(({ type }) => ['resolved', 'reopened', 'responded'].includes(type)));
    assert.equal(await left(), 1);
    expect.problem(await get(`${path}&project_id=${(await t.project()).key}`), 422, 'validation_failed', { milestone_id: 'unknown' });
  });

  test('the first response is that of somebody else, a comment too, and stays the first', async () => {
    const project = await t.project();
    const issue = await t.issue({ project_id: project.id });
    const count = async () => (await read(`latency?project_id=${project.key}`)).first_response.count;
    expect.status(await t.developer.post(`${V1}/issues/${issue.id}/comments`, { content: 'More of it.' }), 201);
    assert.equal(await count(), 0);
    expect.status(await t.reporter.post(`${V1}/issues/${issue.id}/comments`, { content: 'Seen here, too.' }), 201);
    expect.status(await t.developer2.post(`${V1}/issues/${issue.id}/comments`, { content: 'And here.' }), 201);
    assert.equal(await count(), 1);
    const [{ at }] = await t.db.rows(`SELECT at = (SELECT min(e.at) FROM issue_events e WHERE e.issue_id = t.issue_id AND e.type = 'commented' AND e.actor_id <> '${t.ids.developer}') AS at FROM issue_turns t WHERE issue_id = '${issue.id}'`);
    assert.ok(at === true || at === 't');
  });

  test('what is deleted counts nowhere, what is restored counts again, what is purged leaves nothing', async () => {
    const project = await t.project();
    const issue = await t.issueIn('resolved', { project_id: project.id });
    const counts = async () => {
      const { created, resolved } = await read(`velocity?project_id=${project.key}&days=1`);
      return [created, resolved, (await read(`summary?project_id=${project.key}`)).total];
    };
    assert.deepEqual(await counts(), [1, 1, 1]);
    expect.status(await t.manager.delete(`${V1}/issues/${issue.id}`), 204);
    assert.deepEqual(await counts(), [0, 0, 0]);
    expect.status(await t.manager.post(`${V1}/issues/${issue.id}/restore`), 200);
    assert.deepEqual(await counts(), [1, 1, 1]);
    await t.db.exec(`DELETE FROM issues WHERE id = '${issue.id}';`);
    assert.deepEqual(await t.db.rows(`SELECT 1 FROM issue_turns WHERE issue_id = '${issue.id}'`), []);
  });

  test('days that have 23 or 25 hours begin and end where the zone says', async () => {
    const project = await t.project();
    // The last change of the clocks in Berlin: its day, and one quarter of an hour on each side of its midnights.
    const days = Array.from({ length: 370 }, (_, n) => plusDays(dayIn('Europe/Berlin', Date.now()), -n));
    const offset = (day, hour) => Number(new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', timeZoneName: 'longOffset' }).format(new Date(`${day}T${hour}:00:00Z`)).match(/GMT\+(\d+)/)[1]);
    const day = days.find((each) => offset(each, '00') !== offset(each, '12'));
    const begins = Date.parse(`${day}T00:00:00Z`) - offset(day, '00') * 3_600_000;
    const ends = Date.parse(`${plusDays(day, 1)}T00:00:00Z`) - offset(day, '12') * 3_600_000;
    assert.ok([23, 25].includes((ends - begins) / 3_600_000));
    for (const at of [begins - 1, begins, ends - 1, ends]) {
      const issue = await t.issue({ project_id: project.id });
      await t.db.exec(`UPDATE issues SET created_at = to_timestamp(${at / 1000}) WHERE id = '${issue.id}';`);
    }
    const { items } = await read(`velocity?project_id=${project.key}&days=400&time_zone=europe/berlin`);
    const created = (start) => items.find((item) => item.start === start).created;
    assert.deepEqual([created(plusDays(day, -1)), created(day), created(plusDays(day, 1))], [1, 2, 1], day);
  });

  test('few projects and days and many are counted alike', async () => {
    const few = await read('velocity?days=30');
    const ids = Array.from({ length: 700 }, (_, n) => `('01990000-0000-7000-8000-${n.toString(16).padStart(12, '0')}', 'Z${n}', 'Empty ${n}', '${t.ids.manager}')`);
    await t.db.exec(`INSERT INTO projects (id, key, name, owner_id) VALUES ${ids}; INSERT INTO project_counters (project_id) SELECT id FROM projects WHERE key LIKE 'Z%' ON CONFLICT DO NOTHING;`);
    assert.deepEqual(await read('velocity?days=30'), few);
    await t.db.exec("DELETE FROM projects WHERE name LIKE 'Empty %';");
  });

  test('show nothing of projects that the caller may not know of', async () => {
    const secret = await t.project({ visibility: 'private', name: 'Secret plans' });
    const before_ = (await read('summary', t.reporter)).total;
    await t.issue({ project_id: secret.id }, t.manager);
    assert.equal((await read('summary', t.reporter)).total, before_);
    assert.ok((await read('summary', t.admin)).total > before_);
    for (const report of ['summary', 'latency', 'velocity', 'top-assignees', 'burndown']) {
      const hidden = await get(`${report}?project_id=${secret.key}`, t.reporter);
      expect.problem(hidden, 422, 'validation_failed', { project_id: 'unknown' });
      assert.deepEqual(hidden.body.errors, (await get(`${report}?project_id=${NOBODY}`, t.reporter)).body.errors);
    }
  });

  test('bad input: refused', async () => {
    for (const days of ['0', '-1', '100000', '1.5', 'x']) expect.problem(await get(`velocity?days=${days}`), 422, 'validation_failed', { days: null });
    for (const limit of ['0', '101', '-5']) expect.problem(await get(`top-assignees?limit=${limit}`), 422, 'validation_failed', { limit: 'out_of_range' });
    for (const zone of ['Nowhere/Town', 'FOO+5', 'PDT', 'UTC+3', "'; DROP TABLE issues", '2', 'posix/UTC']) {
      expect.problem(await get(`velocity?time_zone=${encodeURIComponent(zone)}`), 422, 'validation_failed', { time_zone: 'unknown' });
    }
    expect.problem(await get('velocity?time_zone='), 422, 'validation_failed', { time_zone: null });
    expect.problem(await get('velocity?interval=month'), 422, 'validation_failed', { interval: 'invalid_value' });
    expect.problem(await get('summary?days=3'), 422, 'validation_failed', { days: 'unknown_parameter' });
    expect.problem(await get('summary?format=pdf'), 422, 'validation_failed', { format: 'invalid_value' });
    expect.problem(await get('burndown'), 422, 'validation_failed', { milestone_id: 'required' });
    expect.problem(await get(`burndown?milestone_id=${NOBODY}`), 422, 'validation_failed', { milestone_id: 'unknown' });
    expect.problem(await get('burndown?project_id=NONE&until=9999-12-31'), 422, 'validation_failed', { until: 'out_of_range' });
    expect.problem(await get('summary', t.anyone), 401, 'unauthenticated');
  });

  describe('as JSON, CSV and SVG', () => {
    const ALL = ['summary', 'latency', 'velocity', 'top-assignees', 'burndown?project_id=FORMS'];
    const type = (r) => r.headers['content-type'].split(';')[0];

    before(async () => {
      const project = await t.project({ key: 'FORMS', name: '=<b>"Forms" & more' });
      await t.db.exec(`UPDATE users SET name = '=cmd|"a", <script>' || chr(7) WHERE id = '${t.ids.developer2}';`);
      await t.issueIn('in_progress', { project_id: project.id, assignee_id: t.ids.developer2 });
    });

    test('by Accept with weights, or by format', async () => {
      const cases = [
        ['text/csv', 'text/csv'], ['image/svg+xml', 'image/svg+xml'], ['*/*', 'application/json'], ['', 'application/json'], ['image/*', 'image/svg+xml'],
        ['text/csv;q=0.5, image/svg+xml;q=0.9', 'image/svg+xml'], ['application/json;q=0, */*', 'text/csv'], ['TEXT/CSV; header=present', 'text/csv'],
        ['text/html, */*;q=0.1', 'application/json'], ['image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5', 'image/svg+xml'],
      ];
      for (const [accept, media] of cases) {
        const r = expect.status(await get('summary', t.manager, { accept }), 200);
        assert.equal(type(r), media, accept);
        assert.equal(r.headers.vary.includes('Accept'), true);
      }
      for (const accept of ['text/html', 'application/json;q=0', 'image/png, text/plain']) expect.problem(await get('summary', t.manager, { accept }), 406, 'not_acceptable');
      for (const [format, media] of [['json', 'application/json'], ['csv', 'text/csv'], ['svg', 'image/svg+xml']]) {
        assert.equal(type(await get(`summary?format=${format}`, t.manager, { accept: 'text/html' })), media);
      }
    });

    test('have an ETag for each form, and 304', async () => {
      const tags = new Set();
      for (const format of ['json', 'csv', 'svg']) {
        const r = expect.status(await get(`top-assignees?format=${format}`), 200);
        tags.add(r.headers.etag);
        expect.status(await get(`top-assignees?format=${format}`, t.manager, { 'If-None-Match': r.headers.etag }), 304);
      }
      assert.equal(tags.size, 3);
    });

    test('CSV has the rows, and no formulas', async () => {
      const csv = (await get('top-assignees?project_id=FORMS&format=csv')).text.split('\r\n');
      assert.equal(csv[0], 'assignee_id,name,open,in_progress,resolved,closed,total');
      assert.ok(csv[1].startsWith(`${t.ids.developer2},"'=cmd|""a"", <script>`), csv[1]);
      for (const path of ALL) {
        const { text } = await get(`${path}${path.includes('?') ? '&' : '?'}format=csv`);
        const columns = text.split('\r\n')[0].split(',').length;
        for (const line of text.trimEnd().split('\r\n').filter((each) => !each.includes('"'))) assert.equal(line.split(',').length, columns, line);
      }
    });

    test('SVG is XML with title and description, without script, and with a policy that allows its style alone', async () => {
      for (const path of ALL) {
        const r = expect.status(await get(`${path}${path.includes('?') ? '&' : '?'}format=svg`), 200);
        well_formed(r.text);
        assert.match(r.text, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]* role="img" aria-labelledby="title description">/);
        assert.match(r.text, /<title id="title">[^<]+<\/title>\n<desc id="description">[^<]+<\/desc>/);
        assert.ok(!/<script|\son\w+=|style="|href/.test(r.text.replaceAll(/&lt;script/g, '')), path);
        const style = r.text.match(/<style>([^]*?)<\/style>/)[1];
        const hash = createHash('sha256').update(style).digest('base64');
        assert.equal(r.headers['content-security-policy'], `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'`);
      }
      assert.match((await get('burndown?project_id=FORMS&format=svg')).text, /=&lt;b&gt;&quot;Forms&quot; &amp; more/);
    });
  });

  test('identical ones at the same time run once, and one who leaves does not hurt the others', async () => {
    const runs = async () => Number((await t.admin.get('/metrics')).text.match(/^bugd_db_statements_total\{statement="report_summary"\} (\d+)$/m)?.[1] ?? 0);
    const waiting = async () => (await t.db.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%issue_status%'")).length;
    const project = await t.project();
    await read(`summary?project_id=${project.key}`);
    const before_ = await runs();
    const held = t.db.exec(`DO $$ BEGIN LOCK TABLE issues IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(2); END $$;`);
    await eventually('the lock is held', async () => (await t.db.rows("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'issues'::regclass")).length > 0);
    const people = [t.admin, t.manager, t.developer, t.reporter, t.developer2];
    const answers = Array.from({ length: 20 }, (_, n) => get(`summary?project_id=${project.key}&format=${['json', 'csv', 'svg'][n % 3]}`, people[n % people.length]));
    const leaving = new AbortController();
    const gone = fetch(`http://127.0.0.1:${t.server.address.port}${REPORTS}/summary?project_id=${project.key}`, { headers: { authorization: `Bearer ${await token()}` }, signal: leaving.signal }).catch((error) => error.name);
    await eventually('one waits', async () => (await waiting()) === 1);
    leaving.abort();
    assert.equal(await gone, 'AbortError', 'the client gave up');
    for (const r of await Promise.all(answers)) expect.status(r, 200);
    await held;
    assert.equal(await runs() - before_, 1);
    expect.status(await get(`summary?project_id=${project.key}`), 200);
    assert.equal(await runs() - before_, 2);
  });

  const token = () => login(t.anyone, 'developer');
});

/** Fails unless the text is an XML element with properly nested ones in it. */
function well_formed(text) {
  const open = [];
  for (const [, close, name, rest] of text.matchAll(/<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*\s*\/?)>/g)) {
    if (close) assert.equal(open.pop(), name);
    else if (!rest.endsWith('/')) open.push(name);
  }
  assert.deepEqual(open, []);
  const left = text.replaceAll(/<\/?[a-z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '').replace(/&(?:amp|lt|gt|quot);/g, '');
  // eslint-disable-next-line no-control-regex
  assert.ok(!/[<&\u0000-\u0008\u000b-\u001f]/.test(left), 'characters that XML does not allow');
}
