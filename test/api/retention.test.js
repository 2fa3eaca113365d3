// What is over is removed, and nothing else.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bugd } from '../support/bugd.js';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

describe('bugd maintenance', () => {
  const t = useTracker();
  const maintain = async (env = {}) => {
    const done = await bugd(['maintenance'], { DATABASE_URL: t.db.url, ...env });
    assert.equal(done.code, 0, done.stderr);
    return done.stdout;
  };
  const count = async (from) => Number((await t.db.rows(`SELECT count(*) AS n FROM ${from}`))[0].n);

  test('removes deleted issues and projects after their time, parents after their parts', async () => {
    const project = await t.project();
    const [parent, child, kept, fresh] = [await t.issue({ project_id: project.id }), null, await t.issue({ project_id: project.id }), await t.issue({ project_id: project.id })];
    const part = await t.issue({ project_id: project.id, parent_id: parent.id });
    expect.status(await t.reporter.post(`/api/v1/issues/${part.id}/comments`, { content: 'text' }), 201);
    for (const issue of [parent, part, fresh]) expect.status(await t.manager.delete(`/api/v1/issues/${issue.id}`), 204);
    await t.db.exec(`UPDATE issues SET deleted_at = now() - interval '91 days' WHERE id IN ('${parent.id}', '${part.id}');`);
    const gone = await t.project();
    await t.issue({ project_id: gone.id });
    expect.status(await t.manager.delete(`/api/v1/projects/${gone.id}`), 204);
    await t.db.exec(`UPDATE projects SET deleted_at = now() - interval '91 days' WHERE id = '${gone.id}';`);
    const said = await maintain();
    assert.match(said, /removed deleted issues: 1\n/);
    assert.match(said, /removed deleted projects: 1\n/);
    assert.equal(await count(`issues WHERE id IN ('${parent.id}', '${part.id}')`), 0);
    assert.equal(await count(`issues WHERE id IN ('${kept.id}', '${fresh.id}')`), 2);
    assert.equal(await count(`comments WHERE issue_id = '${part.id}'`), 0);
    assert.equal(await count(`projects WHERE id = '${gone.id}'`), 0);
    expect.status(await t.manager.post(`/api/v1/issues/${fresh.id}/restore`), 200);
    assert.match(await maintain(), /^nothing is over\n$/);
    assert.equal(child, null);
  });

  test('keeps to PURGE_AFTER and AUDIT_RETENTION', async () => {
    const issue = await t.issue();
    expect.status(await t.manager.delete(`/api/v1/issues/${issue.id}`), 204);
    await t.db.exec(`UPDATE issues SET deleted_at = now() - interval '2 hours' WHERE id = '${issue.id}';
      INSERT INTO security_events (type, address, user_agent, at) VALUES ('logout', '', '', now() - interval '2 hours'), ('logout', '', '', now() - interval '400 days');`);
    await maintain();
    assert.equal(await count(`issues WHERE id = '${issue.id}'`), 1);
    assert.equal(await count("security_events WHERE address = ''"), 1);
    await maintain({ PURGE_AFTER: '1h', AUDIT_RETENTION: '1h' });
    assert.equal(await count(`issues WHERE id = '${issue.id}'`), 0);
    assert.equal(await count("security_events WHERE address = ''"), 0);
    await assert.rejects(t.db.exec('DELETE FROM security_events;'), /append-only/);
  });

  test('removes keys, sessions and tokens that are over, and leaves those in use', async () => {
    await t.db.exec(`INSERT INTO idempotency_keys SELECT gen_random_uuid(), 'k' || n, '', '', now() - n * interval '10 hours' FROM generate_series(1, 5) n;
      UPDATE sessions SET revoked_at = now() - interval '31 days' WHERE user_id = '${t.ids.reporter2}';
      INSERT INTO tokens (id, user_id, hash, name, scopes, expires_at) VALUES (gen_random_uuid(), '${t.ids.reporter}', 'a', 'old', '{}', now() - interval '31 days'),
        (gen_random_uuid(), '${t.ids.reporter}', 'b', 'new', '{}', now() - interval '29 days');`);
    await maintain();
    assert.equal(await count('idempotency_keys'), 2);
    assert.equal(await count(`sessions WHERE user_id = '${t.ids.reporter2}'`), 0);
    assert.deepEqual((await t.db.rows("SELECT name FROM tokens WHERE name IN ('old', 'new')")).map((r) => r.name), ['new']);
    expect.status(await t.developer.get('/api/v1/users/me'), 200);
  });
});
