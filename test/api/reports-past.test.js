// Reports: what they say is computed anew here, from what the API itself shows of issues and from their history.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { DAY, dayIn, monday, plusDays, reportsOf } from '../support/reports.js';
import { useTracker } from '../support/tracker.js';

const V1 = '/api/v1';
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

describe('reports of a past that was drawn at random', () => {
  const t = useTracker();
  const { read } = reportsOf(t);
  const people = ['developer', 'developer2', 'manager', 'reporter'];
  let project;
  let past; // [{ issue, events }] of what is not deleted
  const seed = Number(process.env.PROPERTY_SEED ?? Date.now() % 1_000_000);

  before(async () => {
    project = await t.project();
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
