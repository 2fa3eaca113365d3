// What an import of many rows brings in is found by the search soon after it was committed, as it is then.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Server } from '../support/bugd.js';
import { eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { importForm } from '../support/form.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
/** From so many rows on. */
const LATER = 1000;

describe('the search and what was brought in at once', () => {
  const t = useTracker();
  const found = async (q) => expect.status(await t.developer.get(`${ISSUES}?q=${q}&size=1`), 200).body.meta.total;
  /** Counts beyond what a ranked search counts. */
  const searchable = async (word) => Number((await t.db.rows(`SELECT count(*) AS n FROM issue_search s WHERE s.document @@ to_tsquery('bugd_search', '${word}')`))[0].n);
  const due = async () => Number((await t.db.rows('SELECT count(*) AS n FROM search_due'))[0].n);
  const allDone = () => eventually('all is searchable', async () => await due() === 0);
  const makeAllSearchable = 'DO $$ BEGIN WHILE make_searchable() LOOP COMMIT; END LOOP; END $$;';

  async function importRows(project, word, count) {
    const { body, headers } = importForm(`title\n${`Some ${word}\n`.repeat(count)}`, { project_id: project.key });
    assert.equal(expect.status(await t.manager.post(`${ISSUES}/import`, body, { headers }), 200).body.created_count, count);
  }

  /** As an import does whose process died after the commit. */
  async function importAndDie(word, count, description = '') {
    const project = await t.project();
    await t.db.exec(`SET bugd.search_later = 'on';
      INSERT INTO issues (id, project_id, number, key, title, description, creator_id)
      SELECT make_uuid_v7(), '${project.id}', n, '${project.key}-' || n, 'Some ${word}', '${description}', '${t.ids.developer}' FROM generate_series(1, ${count}) n;
      UPDATE project_counters SET last_number = ${count}, open = ${count} WHERE project_id = '${project.id}';`);
    return t.db.rows(`SELECT id, version FROM issues WHERE project_id = '${project.id}' ORDER BY number`);
  }

  test('finds all of an import of many rows', async () => {
    await importRows(await t.project(), 'aardvark', LATER + 600);
    await allDone();
    assert.equal(await searchable('aardvark'), LATER + 600);
    assert.ok(await found('aardvark') > 0);
  });

  test('finds an import of some rows at once', async () => {
    await importRows(await t.project(), 'badger', LATER - 1);
    assert.equal(await searchable('badger'), LATER - 1);
  });

  test('finds what was changed, commented on, deleted and restored before it was searchable, as it is then', async () => {
    const [changed, commented, deleted, restored] = await importAndDie('capybara', 4);
    await t.change(changed, { title: 'No dormouse' }, t.developer);
    expect.status(await t.developer.post(`${ISSUES}/${commented.id}/comments`, { content: 'It is an elephant.' }), 201);
    for (const issue of [deleted, restored]) expect.status(await t.manager.delete(`${ISSUES}/${issue.id}`), 204);
    expect.status(await t.manager.post(`${ISSUES}/${restored.id}/restore`), 200);
    await t.db.exec(makeAllSearchable);
    assert.deepEqual([await found('capybara'), await found('dormouse'), await found('elephant')], [2, 1, 1]);
    await t.change(commented, { title: 'Some ferret' }, t.developer);
    assert.deepEqual([await found('capybara'), await found('ferret'), await found('elephant')], [1, 1, 1]);
  });

  test('is never behind what is changed while it is made searchable', async () => {
    const issues = await importAndDie('gopher', 300);
    await Promise.all([
      t.db.exec(makeAllSearchable), t.db.exec(makeAllSearchable),
      ...issues.slice(0, 40).map((issue) => t.change(issue, { title: 'Some hamster' }, t.developer)),
      ...issues.slice(40, 80).map(async ({ id }) => expect.status(await t.developer.post(`${ISSUES}/${id}/comments`, { content: 'An iguana!' }), 201)),
    ]);
    await allDone();
    assert.deepEqual([await found('gopher'), await found('hamster'), await found('iguana')], [260, 40, 40]);
  });

  test('is made in pieces that no description makes large', async () => {
    const before = await due();
    await importAndDie('koala', 20, 'word '.repeat(20_000));
    const pieces = await t.db.rows('SELECT cardinality(issue_ids) AS issues FROM search_due');
    assert.equal(before, 0);
    assert.ok(pieces.length >= 4 && pieces.every(({ issues }) => issues <= 6), JSON.stringify(pieces));
    await t.db.exec(makeAllSearchable);
    assert.equal(await searchable('koala'), 20);
  });

  test('finds what a process that died has left, by the next one', async () => {
    await importAndDie('jackal', 700);
    const next = await Server.start({ DATABASE_URL: t.db.url });
    try {
      await allDone();
    } finally {
      await next.stop();
    }
    assert.equal(await searchable('jackal'), 700);
  });
});
