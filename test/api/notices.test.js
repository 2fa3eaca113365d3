// Who is told of changes of many issues, which is done after they were committed: by whoever is there, each event once.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Server } from '../support/bugd.js';
import { eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { newcomer } from '../support/identity.js';
import { useTracker } from '../support/tracker.js';

const BULK = '/api/v1/issues/bulk-status';
/** Of more events than this people are told afterwards. */
const AT_ONCE = 200;

describe('notifications of changes of many issues', () => {
  const t = useTracker();

  /** A project with `count` issues, which `person` made and `other` works on. */
  async function issuesOf(person, other, count) {
    const project = await t.project();
    await t.db.exec(`INSERT INTO issues (id, project_id, number, key, title, creator_id, assignee_id)
        SELECT make_uuid_v7(), '${project.id}', n, '${project.key}-' || n, 'Issue ' || n, '${person.id}', '${other.id}' FROM generate_series(1, ${count}) n;
      UPDATE project_counters SET last_number = ${count}, open = ${count} WHERE project_id = '${project.id}';`);
    return (await t.db.rows(`SELECT id FROM issues WHERE project_id = '${project.id}'`)).map(({ id }) => id);
  }

  async function newIssues(count) {
    const [person, other] = [await newcomer(t, 'developer'), await newcomer(t, 'developer')];
    return { person, other, issue_ids: await issuesOf(person, other, count) };
  }

  /** How often this person was told of how many events of these issues. */
  async function told({ id }) {
    const [{ all, events }] = await t.db.rows(`SELECT count(*) AS all, count(DISTINCT event_id) AS events FROM notifications WHERE user_id = '${id}'`);
    return [Number(all), Number(events)];
  }

  const due = async () => Number((await t.db.rows('SELECT count(*) AS n FROM notices_due'))[0].n);
  const allTold = () => eventually('all that is due is told', async () => await due() === 0);

  /** A change by a process that died before it told of it. */
  const changeAndDie = (issue_ids) => t.db.exec(`INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
    SELECT make_uuid_v7(), i.id, 'status_changed', '${t.ids.manager}', now(), 2, '{"status": {"from": "open", "to": "in_progress"}}'
    FROM issues i WHERE i.id = ANY('{${issue_ids.join()}}');`);

  test('come afterwards, one for each event and person, and none for who did it', async () => {
    const { person, other, issue_ids } = await newIssues(2 * AT_ONCE + 50);
    expect.status(await t.manager.post(BULK, { issue_ids, new_status: 'in_progress' }), 200);
    await allTold();
    for (const somebody of [person, other]) assert.deepEqual(await told(somebody), [issue_ids.length, issue_ids.length]);
    expect.status(await other.client.post(BULK, { issue_ids, new_status: 'resolved' }), 200);
    await allTold();
    assert.deepEqual(await told(person), [2 * issue_ids.length, 2 * issue_ids.length]);
    assert.deepEqual(await told(other), [issue_ids.length, issue_ids.length]);
    const { items } = expect.status(await person.client.get('/api/v1/notifications?size=1'), 200).body;
    expect.includes(items[0], { reason: 'status_changed', actor_id: other.id });
  });

  test('come with the change when it is not of that many', async () => {
    const { person, other, issue_ids } = await newIssues(AT_ONCE);
    expect.status(await t.manager.post(BULK, { issue_ids, new_status: 'in_progress' }), 200);
    for (const somebody of [person, other]) assert.deepEqual(await told(somebody), [AT_ONCE, AT_ONCE]);
  });

  test('are not due for what changes nothing', async () => {
    const { person, issue_ids } = await newIssues(AT_ONCE + 1);
    expect.status(await t.manager.post(BULK, { issue_ids, new_status: 'in_progress', dry_run: true }), 200);
    expect.problem(await t.manager.post(BULK, { issue_ids, new_status: 'in_progress', versions: issue_ids.map((id, n) => (n ? 1 : 7)) }), 409, 'bulk_failed');
    expect.status(await t.manager.post('/api/v1/issues/bulk', { issue_ids, set: { priority: 'high' } }), 200);
    assert.equal(await due(), 0);
    assert.deepEqual(await told(person), [0, 0]);
  });

  test('come once, however many are at it', async () => {
    const { person, other, issue_ids } = await newIssues(10 * AT_ONCE);
    await changeAndDie(issue_ids);
    await Promise.all(Array.from({ length: 4 }, () => t.db.exec('DO $$ BEGIN WHILE tell_of_due() IS NOT NULL LOOP COMMIT; END LOOP; END $$;')));
    assert.equal(await due(), 0);
    for (const somebody of [person, other]) assert.deepEqual(await told(somebody), [issue_ids.length, issue_ids.length]);
  });

  test('come from the next process when one died before', async () => {
    const { person, issue_ids } = await newIssues(AT_ONCE + 1);
    await changeAndDie(issue_ids);
    const next = await Server.start({ DATABASE_URL: t.db.url });
    try {
      await allTold();
    } finally {
      await next.stop();
    }
    assert.deepEqual(await told(person), [issue_ids.length, issue_ids.length]);
  });

  test('do not come when the issue was deleted meanwhile', async () => {
    const { person, issue_ids } = await newIssues(AT_ONCE + 1);
    await changeAndDie(issue_ids);
    await t.db.exec(`UPDATE issues SET deleted_at = now() WHERE id = '${issue_ids[0]}'; DO $$ BEGIN WHILE tell_of_due() IS NOT NULL LOOP COMMIT; END LOOP; END $$;`);
    assert.deepEqual(await told(person), [AT_ONCE, AT_ONCE]);
  });

  test('are made in steps when thousands watch, so that no time-out keeps them, and those after them, for ever', async () => {
    const watchers = 2500;
    const [crowded, after] = [await newIssues(AT_ONCE + 1), await newIssues(AT_ONCE + 1)];
    await t.db.exec(`WITH u AS (INSERT INTO users (id, email, name, password_hash)
        SELECT make_uuid_v7(), 'watcher' || n || '@crowd.example', 'Watcher', '' FROM generate_series(1, ${watchers}) n RETURNING id)
      INSERT INTO issue_watchers (issue_id, user_id, reason) SELECT i, u.id, 'manual' FROM u, unnest('{${crowded.issue_ids.slice(0, 3).join()}}'::uuid[]) i;`);
    await changeAndDie(crowded.issue_ids);
    await changeAndDie(after.issue_ids);
    const steps = [];
    for (let step = ''; step !== null;) {
      step = (await t.db.rows('SELECT tell_of_due() AS told'))[0].told;
      steps.push(Number(step));
    }
    // No more than of one such issue at a time, on top of those who are told of the others.
    assert.ok(Math.max(...steps) < 2 * watchers, `told in steps of ${steps}`);
    await allTold();
    const [{ n }] = await t.db.rows(`SELECT count(*) AS n FROM notifications WHERE issue_id = ANY('{${crowded.issue_ids.join()}}')`);
    assert.equal(Number(n), 3 * watchers + 2 * (AT_ONCE + 1));
    for (const somebody of [crowded.person, crowded.other, after.person, after.other]) assert.deepEqual(await told(somebody), [AT_ONCE + 1, AT_ONCE + 1]);
  });

  test('of which it cannot tell keep nobody from being told of the others', async () => {
    const [broken, after] = [await newIssues(AT_ONCE + 1), await newIssues(AT_ONCE + 1)];
    await t.db.exec(`CREATE FUNCTION break_notice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
      CREATE TRIGGER broken BEFORE INSERT ON notifications FOR EACH ROW WHEN (NEW.issue_id = '${broken.issue_ids[7]}') EXECUTE FUNCTION break_notice();`);
    await changeAndDie(broken.issue_ids);
    await changeAndDie(after.issue_ids);
    const tell = async () => (await t.db.rows('SELECT tell_of_due() AS told'))[0].told;
    const tellOfAll = async () => {
      while (await tell() !== null);
    };
    const again = () => t.db.exec(`UPDATE notices_due SET not_before = '-infinity';`);
    await tellOfAll();
    for (const somebody of [after.person, after.other]) assert.deepEqual(await told(somebody), [AT_ONCE + 1, AT_ONCE + 1]);
    assert.ok(await due() > 0);
    await again();
    await tellOfAll();
    for (const somebody of [broken.person, broken.other]) assert.deepEqual(await told(somebody), [AT_ONCE, AT_ONCE]);
    assert.equal(await due(), 1);
    await t.db.exec('DROP TRIGGER broken ON notifications; DROP FUNCTION break_notice;');
    await again();
    await tellOfAll();
    await allTold();
    assert.deepEqual(await told(broken.person), [AT_ONCE + 1, AT_ONCE + 1]);
  });
});
