// What issues and their history refer to is there, whoever writes: PostgreSQL sees to it (sql/schema/017_references.up.sql).

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { eventually } from '../support/env.js';
import { useTracker } from '../support/tracker.js';

describe('references of issues and their history', () => {
  const t = useTracker();
  const violated = (name) => new RegExp(`reference "${name}" is violated`);
  const refused = (sql, name) => assert.rejects(t.db.exec(sql), violated(name));
  const count = async (from) => Number((await t.db.rows(`SELECT count(*) AS n FROM ${from}`))[0].n);

  async function person() {
    const id = randomUUID();
    await t.db.exec(`INSERT INTO users (id, email, name, password_hash) VALUES ('${id}', '${id}@example.org', 'New', '-');`);
    return id;
  }

  const insertIssue = (project, names = {}) => {
    const id = randomUUID();
    const { creator = t.ids.developer, assignee = null } = names;
    return `INSERT INTO issues (id, project_id, number, key, title, creator_id, assignee_id)
      VALUES ('${id}', '${project}', 1, 'X-${id}', 'title', '${creator}', ${assignee ? `'${assignee}'` : 'NULL'});`;
  };
  const insertEvent = (issue, actor = t.ids.developer) => `INSERT INTO issue_events (id, issue_id, type, actor_id, at, version)
    VALUES ('${randomUUID()}', '${issue}', 'updated', '${actor}', now(), 1);`;

  test('an issue of a project, creator or assignee that is not there is refused', async () => {
    const project = await t.project();
    await refused(insertIssue(randomUUID()), 'issues_project_id');
    await refused(insertIssue(project.id, { creator: randomUUID() }), 'issues_user_id');
    await refused(insertIssue(project.id, { assignee: randomUUID() }), 'issues_user_id');
    await t.db.exec(insertIssue(project.id, { assignee: t.ids.reporter }));
    await t.db.exec(insertIssue(project.id));
  });

  test('one bad row among a thousand is enough', async () => {
    const { id } = await t.project();
    const insert = (last) => `INSERT INTO issues (id, project_id, number, key, title, creator_id, assignee_id)
      SELECT gen_random_uuid(), '${id}', n, 'Y-' || n, 'title', '${t.ids.developer}', CASE n WHEN 1000 THEN ${last} ELSE '${t.ids.reporter}' END
      FROM generate_series(1, 1000) n;`;
    await refused(insert('gen_random_uuid()'), 'issues_user_id');
    await t.db.exec(insert('NULL::uuid'));
    const events = (where) => `INSERT INTO issue_events (id, issue_id, type, actor_id, at, version)
      SELECT gen_random_uuid(), CASE number WHEN 7 THEN ${where} ELSE id END, 'updated', '${t.ids.developer}', now(), 1 FROM issues WHERE project_id = '${id}';`;
    await refused(events('gen_random_uuid()'), 'issue_events_issue_id');
    await t.db.exec(events('id'));
  });

  test('a change to one that is not there is refused', async () => {
    const issue = await t.issue();
    for (const [column, name] of [['project_id', 'issues_project_id'], ['creator_id', 'issues_user_id'], ['assignee_id', 'issues_user_id']]) {
      await refused(`UPDATE issues SET ${column} = gen_random_uuid() WHERE id = '${issue.id}';`, name);
    }
    await t.db.exec(`UPDATE issues SET assignee_id = '${t.ids.reporter}' WHERE id = '${issue.id}'; UPDATE issues SET assignee_id = NULL WHERE id = '${issue.id}';`);
  });

  test('an event of an issue or a person that is not there is refused', async () => {
    const issue = await t.issue();
    await refused(insertEvent(randomUUID()), 'issue_events_issue_id');
    await refused(insertEvent(issue.id, randomUUID()), 'issue_events_actor_id');
    await t.db.exec(insertEvent(issue.id));
    await t.db.exec(`BEGIN; UPDATE issues SET title = 'other' WHERE id = '${issue.id}'; ${insertEvent(issue.id)} COMMIT;`);
    await t.db.exec(`BEGIN; SAVEPOINT s; UPDATE issues SET title = 'third' WHERE id = '${issue.id}'; RELEASE s; ${insertEvent(issue.id)} COMMIT;`);
  });

  test('who is referred to is not deleted, and ids do not change', async () => {
    const project = await t.project();
    const [creator, assignee, actor, nobody] = await Promise.all([person(), person(), person(), person()]);
    const issue = await t.issue({ project_id: project.id });
    await t.db.exec(insertIssue(project.id, { creator }) + insertIssue(project.id, { assignee }) + insertEvent(issue.id, actor));
    for (const [id, name] of [[creator, 'issues_user_id'], [assignee, 'issues_user_id'], [actor, 'issue_events_actor_id']]) {
      await refused(`DELETE FROM users WHERE id = '${id}';`, name);
    }
    await refused(`DELETE FROM projects WHERE id = '${project.id}';`, 'issues_project_id');
    for (const [table, id] of [['users', nobody], ['projects', project.id], ['issues', issue.id]]) {
      await assert.rejects(t.db.exec(`UPDATE ${table} SET id = gen_random_uuid() WHERE id = '${id}';`), /an id never changes/);
    }
    await t.db.exec(`DELETE FROM users WHERE id = '${nobody}';`);
  });

  test('the history goes with its issue', async () => {
    const issue = await t.issue();
    assert.equal(await count(`issue_events WHERE issue_id = '${issue.id}'`), 1);
    await t.db.exec(`DELETE FROM issues WHERE id = '${issue.id}';`);
    assert.equal(await count(`issue_events WHERE issue_id = '${issue.id}'`), 0);
    await t.issue();
    assert.equal(await t.db.exec('BEGIN; TRUNCATE issues CASCADE; SELECT count(*) FROM issue_events; ROLLBACK;'), '0');
  });

  test('deletions with an older snapshot are refused', async () => {
    const issue = await t.issue();
    for (const sql of [`DELETE FROM issues WHERE id = '${issue.id}';`, `DELETE FROM users WHERE id = '${await person()}';`]) {
      await assert.rejects(t.db.exec(`BEGIN ISOLATION LEVEL REPEATABLE READ; ${sql} COMMIT;`), /READ COMMITTED only/);
    }
  });

  /** `first` is done but not yet committed when `second` comes; how each ended. */
  async function race(first, second) {
    const sleeping = `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`;
    const one = t.db.exec(`BEGIN; ${first} SELECT pg_sleep(1); COMMIT;`);
    await eventually('the first has done its part', async () => (await t.db.rows(sleeping))[0].n > 0);
    return Promise.allSettled([one, t.db.exec(second)]);
  }

  const lost = (results, name) => {
    assert.equal(results[0].status, 'fulfilled', results[0].reason?.message);
    assert.equal(results[1].status, 'rejected');
    assert.match(results[1].reason.message, violated(name));
  };

  test('who deletes and who refers at the same time wait for each other', async () => {
    const project = await t.project();
    const issue = await t.issue({ project_id: project.id });
    const [a, b, c, d] = await Promise.all([person(), person(), person(), person()]);
    lost(await race(insertIssue(project.id, { assignee: a }), `DELETE FROM users WHERE id = '${a}';`), 'issues_user_id');
    lost(await race(`DELETE FROM users WHERE id = '${b}';`, insertIssue(project.id, { assignee: b })), 'issues_user_id');
    lost(await race(insertEvent(issue.id, c), `DELETE FROM users WHERE id = '${c}';`), 'issue_events_actor_id');
    lost(await race(`DELETE FROM users WHERE id = '${d}';`, `UPDATE issues SET assignee_id = '${d}' WHERE id = '${issue.id}';`), 'issues_user_id');
  });

  test('an event of an issue that is deleted meanwhile is refused, and one before goes along', async () => {
    const [one, two] = [await t.issue(), await t.issue()];
    lost(await race(`DELETE FROM issues WHERE id = '${one.id}';`, insertEvent(one.id)), 'issue_events_issue_id');
    const results = await race(insertEvent(two.id), `DELETE FROM issues WHERE id = '${two.id}';`);
    assert.deepEqual(results.map(({ status }) => status), ['fulfilled', 'fulfilled']);
    assert.equal(await count(`issue_events WHERE issue_id IN ('${one.id}', '${two.id}')`), 0);
  });
});
