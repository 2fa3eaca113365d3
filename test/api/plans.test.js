// The lists on 100,000 issues: no statement of theirs may scan the whole table. PostgreSQL itself tells, by
// auto_explain, how it ran what the server really sent.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { fillDatabase } from '../support/bulk.js';
import * as expect from '../support/expect.js';
import { SORTS } from '../support/lists.js';
import { looked, nodes, plansOf, scanned, useTrackerWithPlans } from '../support/plans.js';

const ISSUES = '/api/v1/issues';

describe('lists of 100,000 issues', () => {
  const t = useTrackerWithPlans();
  let project;
  let user;
  let lists; // the plans of the lists of issues that PostgreSQL ran, in no order
  before(async () => {
    await fillDatabase(t.db);
    ({ body: { items: [project] } } = await t.admin.get('/api/v1/projects?size=1'));
    ({ body: { items: [{ creator_id: user }] } } = await t.admin.get(`${ISSUES}?size=1`));
    lists = await askAll();
  });

  /** Each filter, alone and as people put them together. */
  const filters = () => [
    '', `project_id=${project.id}`, `project_id=${project.key}`, 'status=open', 'status=open&status=in_progress', 'priority=critical', 'type=epic',
    'priority=high&priority=critical&status=open', `assignee_id=${user}`, 'assignee_id=me', 'assignee_id=none', `assignee_id=none&assignee_id=${user}`,
    `creator_id=${user}`, `key=${project.key}-7`, `key=${project.key}-7&key=${project.key}-8`, 'created_after=2025-12-01T00:00:00Z',
    'created_before=2025-01-05T00:00:00Z', 'created_after=2025-06-01T00:00:00Z&created_before=2025-06-02T00:00:00Z', 'updated_after=2025-12-15T00:00:00Z',
    'due_before=2025-02-10', 'overdue=true', `parent_id=${user}`, 'deleted=only', `project_id=${project.id}&status=open`,
    `project_id=${project.id}&assignee_id=${user}`, `project_id=${project.id}&assignee_id=none&status=open`, `project_id=${project.id}&priority=critical&type=bug`,
    `assignee_id=${user}&status=open&status=in_progress`, `creator_id=${user}&status=closed`, `project_id=${project.id}&overdue=true`,
    `project_id=${project.id}&created_after=2025-12-01T00:00:00Z`, `assignee_id=${user}&overdue=true`,
  ];
  const sorts = [...SORTS.flatMap((name) => [name, `-${name}`]), '-priority,due_date', 'status,-updated_at'];

  /** Asks for every filter in every order, by cursor; in two orders by page as well, with and without a count. */
  const askAll = () => plansOf(t, 'issues', async () => {
    let asked = 0;
    for (const filter of filters()) {
      for (const sort of sorts) {
        const client = filter.includes('deleted') || asked % 2 ? t.manager : t.reporter;
        const path = `${ISSUES}?size=20&sort=${sort}&${filter}`;
        expect.status(await client.get(`${path}&cursor=`), 200);
        asked += 1;
        if (sort === '-created_at' || sort === 'priority') {
          expect.status(await client.get(path), 200);
          expect.status(await client.get(`${path}&count=none&page=3`), 200);
          asked += 2;
        }
      }
    }
    return asked;
  });

  const shown = (list) => {
    const texts = new Map(list.map((plan) => [plan['Query Text'], `${plan['Query Text']}\n${JSON.stringify(outline(plan.Plan))}`]));
    return `${list.length} of ${lists.length} plans, ${texts.size} statements:\n\n${[...texts.values()].slice(0, 12).join('\n\n')}`;
  };

  test('none of their statements scans the table of issues', () => {
    const bad = lists.filter((plan) => scanned(plan).includes('issues'));
    assert.equal(bad.length, 0, shown(bad));
  });

  test('every order is read from an index, and no further than the page', () => {
    const whole = lists.filter((plan) => /deleted_at IS NULL\s+ORDER BY [^,]+(,\s*'infinity'::date\))?( DESC)?(, i\.id( DESC)?)?\s+LIMIT \$\d+\s*$/.test(plan['Query Text']));
    assert.ok(whole.length >= SORTS.length * 2, `${whole.length} lists without a filter`);
    const bad = whole.filter((plan) => touched(plan) > 100);
    assert.equal(bad.length, 0, shown(bad));
  });

  test('what a filter leaves few of is found by an index, in whatever order', () => {
    const narrow = lists.filter((plan) => /i\.(assignee_id|creator_id) = \$|parent_id = ANY|i\.deleted_at IS NOT NULL|created_at > \$\d+\s+AND i.created_at < /.test(plan['Query Text']));
    assert.ok(narrow.length >= sorts.length * 6, `${narrow.length} lists with a narrow filter`);
    const bad = narrow.filter((plan) => touched(plan) > 5000);
    assert.equal(bad.length, 0, shown(bad));
  });

  test('lookups by id and by key do not either', async () => {
    const { body: { items: [issue] } } = await t.admin.get(`${ISSUES}?size=1`);
    const taken = await plansOf(t, 'issues', async () => {
      for (const name of [issue.id, issue.key]) {
        const r = expect.status(await t.developer.get(`${ISSUES}/${name}`), 200);
        expect.status(await t.developer.patch(`${ISSUES}/${name}`, { version: r.body.version, title: `${name}!` }), 200);
      }
      expect.status(await t.developer.post(ISSUES, { project_id: project.id, title: 'One more' }), 201);
      return 5;
    });
    for (const plan of taken) assert.ok(!scanned(plan).includes('issues'), JSON.stringify(plan));
  });

  test('nor do searches, in whatever order, for what is everywhere and for what is nowhere', async () => {
    const taken = await plansOf(t, 'issues', async () => {
      let asked = 0;
      for (const q of ['issue', 'is:open%20nowhere', 'issue%20-nowhere', 'isseu', 'issue%20author:nobody', 'issue%20assignee:nobody']) {
        for (const rest of ['', '&sort=-created_at', `&project_id=${project.id}`, '&cursor=']) {
          expect.status(await t.reporter.get(`${ISSUES}?q=${q}${rest}`), 200);
          asked += 1;
        }
      }
      return asked;
    });
    for (const plan of taken) assert.deepEqual(scanned(plan).filter((name) => name === 'issues' || name === 'issue_search'), [], plan['Query Text']);
  });

  test('counting stops at 10,000 unless an exact count is asked for', async () => {
    const capped = expect.status(await t.admin.get(ISSUES), 200).body.meta;
    expect.includes(capped, { total: 10_000, total_exact: false, has_next: true });
    const exact = expect.status(await t.admin.get(`${ISSUES}?count=exact`), 200).body.meta;
    const rows = Number(await t.db.exec('SELECT count(*) FROM issues WHERE deleted_at IS NULL;'));
    expect.includes(exact, { total: rows, total_exact: true, pages: Math.ceil(rows / 20) });
    const few = expect.status(await t.admin.get(`${ISSUES}?project_id=${project.id}`), 200).body.meta;
    assert.equal(few.total_exact, true);
  });

  test('the last page by cursors is found, and no row is doubled or missing on the way', async () => {
    const items = await t.admin.walk(`${ISSUES}?project_id=${project.id}&sort=priority&size=100&fields=id`);
    const rows = Number(await t.db.exec(`SELECT count(*) FROM issues WHERE deleted_at IS NULL AND project_id = '${project.id}';`));
    assert.equal(new Set(items.map(({ id }) => id)).size, rows);
    assert.equal(items.length, rows);
  });
});

/** How many entries of the issues and their indexes it looked at. */
function touched(plan) {
  return nodes(plan).filter((node) => node['Relation Name'] === 'issues' || node['Node Type'] === 'Bitmap Index Scan')
    .reduce((sum, node) => sum + looked(node), 0);
}

/** A plan cut down to what one looks for. */
function outline(plan) {
  const name = [plan['Node Type'], plan['Index Name'] ?? plan['Relation Name']].filter(Boolean).join(' ');
  return plan.Plans ? { [name]: plan.Plans.map(outline) } : name;
}
