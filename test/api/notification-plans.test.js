// The inbox among 100,000 notifications: PostgreSQL itself tells, by auto_explain, how it ran what the server sent.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { fillDatabase } from '../support/bulk.js';
import * as expect from '../support/expect.js';
import { looked, nodes, plans, plansOf, scanned, useTrackerWithPlans } from '../support/plans.js';

const INBOX = '/api/v1/notifications';
const TABLES = ['notifications', 'issues', 'issue_events', 'issue_watchers', 'comments'];

describe('the inbox among 100,000 notifications', () => {
  const t = useTrackerWithPlans({ 'auto_explain.log_nested_statements': 'on' });
  before(async () => {
    await fillDatabase(t.db);
    // Ten thousand are the developer's, the others of people who each have one; one in ten is not read yet.
    await t.db.exec(`SET bugd.quiet = 'on';
      INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
        SELECT make_uuid_v7(), i.id, 'commented', i.creator_id, i.created_at, 1, '{}' FROM (SELECT * FROM issues ORDER BY id LIMIT 10000) i;
      INSERT INTO notifications (user_id, id, event_id, issue_id, project_id, reason, created_at, read_at)
        SELECT CASE n WHEN 0 THEN '${t.ids.developer}' ELSE gen_random_uuid() END, CASE n WHEN 0 THEN make_uuid_v7() ELSE gen_random_uuid() END, e.id, e.issue_id, i.project_id,
          (ARRAY['commented', 'mentioned', 'status_changed', 'assigned'])[1 + (i.number / 10 + n) % 4]::notification_reason, now(), CASE WHEN i.number % 10 > 0 THEN now() END
        FROM issue_events e JOIN issues i ON i.id = e.issue_id CROSS JOIN generate_series(0, 9) n WHERE e.type = 'commented';
      ANALYZE;`);
  });

  const scannedOf = (plan) => scanned(plan).filter((name) => TABLES.includes(name));
  const lookedAt = (plan) => nodes(plan).filter((node) => node['Relation Name'] === 'notifications').reduce((sum, node) => sum + looked(node), 0);

  function judge(list, most) {
    for (const plan of list) {
      assert.deepEqual(scannedOf(plan), [], plan['Query Text']);
      assert.ok(lookedAt(plan) <= most, `${lookedAt(plan)} rows: ${plan['Query Text']}\n${JSON.stringify(plan.Plan)}`);
    }
  }

  test('a page, by whatever filter and from whatever place, reads hardly more than is on it', async () => {
    const { body: { meta } } = await t.developer.get(`${INBOX}?cursor=&size=20`);
    const queries = ['', '&unread=true', '&unread=false', '&reason=mentioned', '&reason=mentioned,assigned&unread=true', '&sort=created_at'];
    judge(await plansOf(t, 'notifications', async () => {
      for (const query of queries) {
        expect.status(await t.developer.get(`${INBOX}?size=20&cursor=${query}`), 200);
        expect.status(await t.developer.get(`${INBOX}?size=20&count=none&page=2${query}`), 200);
      }
      expect.status(await t.developer.get(`${INBOX}?size=20&cursor=${encodeURIComponent(meta.next_cursor)}`), 200);
      return queries.length * 2 + 1;
    }), 500);
  });

  test('the rows of nobody else are looked at, for a project and for a count', async () => {
    const { body: { items: [{ project_id }] } } = await t.developer.get(INBOX);
    judge(await plansOf(t, 'notifications', async () => {
      expect.status(await t.developer.get(`${INBOX}?project_id=${project_id}`), 200);
      expect.status(await t.developer.get(`${INBOX}/unread`), 200);
      return 3;
    }), 10_001);
  });

  test('marking finds what it marks by an index', async () => {
    const { body: { items: [first, second] } } = await t.developer.get(`${INBOX}?unread=true`);
    judge(await plansOf(t, 'notifications', async () => {
      expect.status(await t.developer.patch(`${INBOX}/${first.id}`, { read: true }), 200);
      expect.status(await t.developer.post(`${INBOX}/read`, { ids: [first.id, second.id] }), 200);
      expect.status(await t.developer.post(`${INBOX}/read`, { until: first.id }), 200);
      return 3;
    }), 4000);
  });

  test('telling of an event scans no table, and neither does watching', async () => {
    const { body: { items: [issue] } } = await t.developer.get('/api/v1/issues?size=1');
    const list = await plansOf(t, 'notifications', async () => {
      expect.status(await t.reporter.post(`/api/v1/issues/${issue.id}/comments`, { content: '@developer' }), 201);
      expect.status(await t.reporter.put(`/api/v1/issues/${issue.id}/watchers/me`), 204);
      expect.status(await t.reporter.get(`/api/v1/issues/${issue.id}/watchers`), 200);
      return 1;
    });
    judge(list, 100);
    for (const plan of await plans(t)) {
      if (/issue_watchers|notifications/.test(plan['Query Text']) && !/generate_series/.test(plan['Query Text'])) assert.deepEqual(scannedOf(plan), [], plan['Query Text']);
    }
  });
});
