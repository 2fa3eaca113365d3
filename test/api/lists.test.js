import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { SORTS, compareBy, fillProject } from '../support/lists.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const COUNT = 30;
const ids = (items) => items.map(({ id }) => id);

describe('lists', () => {
  const t = useTracker();
  let list; // of a project with COUNT issues, which no test changes
  let issues;
  before(async () => {
    const filled = await fillProject(t, COUNT);
    issues = filled.issues;
    list = (query = '') => `${ISSUES}?project_id=${filled.project.id}${query && `&${query}`}`;
  });
  const get = async (query, client = t.reporter) => expect.status(await client.get(list(query)), 200);
  const page = async (query, client) => (await get(query, client)).body;

  test('without any parameter: the newest 20, with what there is in all', async () => {
    const { items, meta } = await page('');
    assert.deepEqual(ids(items), ids(issues).reverse().slice(0, 20));
    assert.deepEqual(meta, { page: 1, size: 20, total: COUNT, total_exact: true, pages: 2, has_next: true, has_prev: false });
  });

  test('items are the resource as it is read alone', async () => {
    const { items } = await page('size=3');
    for (const item of items) assert.deepEqual(item, await t.read(item));
  });

  test('pages follow each other without gap or overlap', async () => {
    const all = [];
    for (let n = 1; n <= 5; n++) {
      const { items, meta } = await page(`size=7&page=${n}&sort=priority`);
      all.push(...ids(items));
      assert.deepEqual(meta, { page: n, size: 7, total: COUNT, total_exact: true, pages: 5, has_next: n < 5, has_prev: n > 1 });
    }
    assert.deepEqual([...all].sort(), ids(issues).sort());
  });

  test('a page behind the last one is empty, not an error', async () => {
    const { items, meta } = await page('page=9&size=10');
    assert.deepEqual(items, []);
    expect.includes(meta, { page: 9, total: COUNT, pages: 3, has_next: false, has_prev: true });
  });

  test('nothing found is a list of nothing', async () => {
    const { items, meta } = await page('key=NO-1');
    assert.deepEqual(items, []);
    assert.deepEqual(meta, { page: 1, size: 20, total: 0, total_exact: true, pages: 0, has_next: false, has_prev: false });
  });

  test('count=none counts nothing and still knows whether there is more', async () => {
    assert.deepEqual((await page('size=10&count=none')).meta, { page: 1, size: 10, has_next: true, has_prev: false });
    assert.deepEqual((await page('size=10&page=3&count=none')).meta, { page: 3, size: 10, has_next: false, has_prev: true });
    assert.deepEqual((await page('size=100&count=none')).meta, { page: 1, size: 100, has_next: false, has_prev: false });
  });

  test('count=exact and count=capped count', async () => {
    for (const count of ['exact', 'capped']) {
      expect.includes((await page(`count=${count}`)).meta, { total: COUNT, total_exact: true, pages: 2 });
    }
  });

  for (const name of SORTS) {
    for (const sort of [name, `-${name}`]) {
      test(`sort=${sort} sorts, by pages and by cursors alike, and turns round exactly`, async () => {
        const { items } = await page(`sort=${sort}&size=100`);
        assert.equal(items.length, COUNT);
        const compare = compareBy(name, sort !== name);
        assert.ok(items.every((item, i) => i === 0 || compare(items[i - 1], item) <= 0), items.map((item) => item[name]).join(' '));
        assert.deepEqual(ids(await t.reporter.walk(list(`sort=${sort}&size=4`))), ids(items));
        const pages = [await page(`sort=${sort}&size=16`), await page(`sort=${sort}&size=16&page=2`)];
        assert.deepEqual(pages.flatMap((each) => ids(each.items)), ids(items));
      });
    }
  }

  test('ties are broken by id, always in the same way', async () => {
    const { items } = await page('sort=priority&size=100');
    for (let i = 1; i < items.length; i++) {
      if (items[i].priority === items[i - 1].priority) assert.ok(items[i].id > items[i - 1].id);
    }
  });

  test('several fields sort one behind the other', async () => {
    const { items } = await page('sort=-priority,status,created_at&size=100');
    const order = [compareBy('priority', true), compareBy('status', false), compareBy('created_at', false)];
    for (let i = 1; i < items.length; i++) {
      const first = order.map((compare) => compare(items[i - 1], items[i])).find((result) => result !== 0);
      assert.ok(first < 0, `${i}: ${first}`);
    }
    assert.deepEqual(ids(await t.reporter.walk(list('sort=-priority,status,created_at&size=7'))), ids(items));
    const mixed = await page('sort=due_date,-created_at&size=100');
    assert.deepEqual(ids(await t.reporter.walk(list('sort=due_date,-created_at&size=7'))), ids(mixed.items));
  });

  test('a sort that is not one is refused', async () => {
    for (const sort of ['nonsense', 'created_at,nonsense', '', ',', '-', '--created_at', '+created_at', 'description', 'Created_At', 'created_at desc', "title'"]) {
      const r = await t.reporter.get(list(`sort=${encodeURIComponent(sort)}`));
      expect.problem(r, 422, 'validation_failed', { sort: null });
    }
  });

  test('cursors lead forward and back over the same pages', async () => {
    for (const sort of ['priority', '-priority', 'due_date', '-due_date', '-status,type']) {
      const there = [];
      let cursor = '';
      let meta;
      do {
        const body = await page(`sort=${sort}&size=7&cursor=${cursor}`);
        meta = body.meta;
        expect.members(meta, ['size', 'next_cursor', 'prev_cursor', 'has_next', 'has_prev']);
        there.push(ids(body.items));
        assert.equal(meta.has_prev, there.length > 1);
        cursor = meta.next_cursor;
      } while (meta.has_next);
      assert.equal(there.flat().length, COUNT);
      assert.equal(meta.next_cursor, null);

      const back = [there.at(-1)];
      while (meta.has_prev) {
        const body = await page(`sort=${sort}&size=7&cursor=${meta.prev_cursor}`);
        meta = body.meta;
        assert.equal(meta.has_next, true);
        back.unshift(ids(body.items));
      }
      assert.deepEqual(back, there, sort);
      assert.equal(meta.prev_cursor, null);
    }
  });

  test('a cursor may change the size on its way', async () => {
    const first = await page('size=5&cursor=');
    const second = await page(`size=11&cursor=${first.meta.next_cursor}`);
    assert.deepEqual(ids([...first.items, ...second.items]), ids((await page('size=16')).items));
  });

  test('a cursor that was tampered with is refused, whatever was changed', async () => {
    const { meta: { next_cursor: good } } = await page('size=5&cursor=');
    const flip = (i) => good.slice(0, i) + (good[i] === 'A' ? 'B' : 'A') + good.slice(i + 1);
    const bad = [
      ...Array.from({ length: 12 }, (_, i) => flip(Math.floor((i * (good.length - 2)) / 11))),
      good.slice(0, -1), `${good}A`, good.slice(1), `${good}${good}`, 'x', 'AAAA', '%00', '....', 'null', 'x'.repeat(2000),
    ];
    for (const cursor of bad) {
      const r = await t.reporter.get(list(`size=5&cursor=${cursor}`));
      if (r.status === 400) continue; // %00 is no text at all
      expect.problem(r, 422, 'validation_failed', { cursor: 'invalid_cursor' });
    }
    const long = await t.reporter.get(list(`cursor=${'x'.repeat(4000)}`));
    expect.problem(long, 422, 'validation_failed', { cursor: null });
  });

  test('a cursor of another list is refused', async () => {
    const { meta: { next_cursor } } = await page('size=5&cursor=');
    const others = [
      list(`size=5&sort=priority&cursor=${next_cursor}`), list(`size=5&status=open&cursor=${next_cursor}`),
      `${ISSUES}?size=5&cursor=${next_cursor}`, `/api/v1/projects?cursor=${next_cursor}`,
    ];
    for (const path of others) expect.problem(await t.reporter.get(path), 422, 'validation_failed', { cursor: 'invalid_cursor' });
  });

  test('page and cursor exclude each other', async () => {
    expect.problem(await t.reporter.get(list('page=2&cursor=')), 422, 'validation_failed');
  });

  test('page, size and count have their bounds', async () => {
    const bad = [
      'page=0', 'page=-1', 'page=abc', 'page=', 'page=1.5', 'page=1e3', 'page=%201', 'page=+1', 'page=99999999999999999999', 'page=0x10',
      'size=0', 'size=101', 'size=-5', 'size=abc', 'size=', 'size=1.0', 'count=some', 'count=', 'count=Exact',
    ];
    for (const query of bad) {
      const [name] = query.split('=');
      expect.problem(await t.reporter.get(list(query)), 422, 'validation_failed', { [name]: null });
    }
    expect.problem(await t.reporter.get(list('page=0&size=101&count=x&sort=y&status=z')), 422, 'validation_failed', {
      page: 'out_of_range', size: 'out_of_range', count: 'invalid_value', sort: null, status: 'invalid_value',
    });
  });

  test('pages end at 100,000 rows; deeper goes by cursor', async () => {
    assert.deepEqual((await page('page=1000&size=100')).items, []);
    for (const query of ['page=1001&size=100', 'page=5001&size=20', 'page=100001&size=1', 'page=1000000000000', 'page=9223372036854775807&size=100']) {
      const r = await t.reporter.get(list(query));
      expect.problem(r, 422, 'validation_failed', { page: 'out_of_range' });
      assert.match(r.text, /cursor/);
    }
  });

  test('Link leads by pages, and keeps every filter', async () => {
    const query = 'size=7&sort=-priority&status=open&status=closed&type=bug,feature,task&fields=id,key';
    const first = await get(`${query}&page=1`);
    const { pages } = first.body.meta;
    assert.ok(pages >= 2);
    const middle = await get(`${query}&page=2`);
    const link = expect.links(middle);
    expect.members(link, ['first', 'prev', 'last', ...(pages > 2 ? ['next'] : [])]);
    for (const [rel, number] of [['first', 1], ['prev', 1], ['last', pages]]) {
      const r = expect.status(await t.reporter.get(link[rel]), 200);
      assert.deepEqual(r.body, (await page(`${query}&page=${number}`)), rel);
    }
    assert.ok(!('prev' in expect.links(first)));
    assert.ok('next' in expect.links(first));
  });

  test('Link leads by cursors, too, and has no last', async () => {
    let r = await get('size=7&sort=priority&cursor=');
    const seen = [...ids(r.body.items)];
    for (let link = expect.links(r); link.next; link = expect.links(r)) {
      assert.ok(!('last' in link));
      r = expect.status(await t.reporter.get(link.next), 200);
      seen.push(...ids(r.body.items));
    }
    assert.deepEqual(seen, ids((await page('size=100&sort=priority')).items));
    const { prev, first } = expect.links(r);
    assert.ok(prev);
    assert.deepEqual(ids((await t.reporter.get(first)).body.items), seen.slice(0, 7));
  });

  test('Link has no last where nothing is counted', async () => {
    const link = expect.links(await get('size=7&page=2&count=none'));
    expect.members(link, ['first', 'prev', 'next']);
  });
});

describe('a list that changes while it is read', () => {
  const t = useTracker();

  test('by cursor nothing that was there is skipped or doubled, forward', async () => {
    for (const sort of ['-created_at', 'created_at', 'priority', '-priority', 'due_date', 'type', '-updated_at']) {
      const { project, issues } = await fillProject(t, 16);
      const path = `${ISSUES}?project_id=${project.id}&sort=${sort}&size=5`;
      const seen = [];
      let cursor = '';
      for (let meta = { has_next: true }; meta.has_next; cursor = meta.next_cursor) {
        const { body } = expect.status(await t.reporter.get(`${path}&cursor=${cursor}`), 200);
        seen.push(...ids(body.items));
        meta = body.meta;
        if (seen.length < 40) {
          for (const priority of ['low', 'critical']) await t.issue({ project_id: project.id, title: 'apple 1', priority });
        }
      }
      assert.equal(new Set(seen).size, seen.length, `${sort}: doubled`);
      for (const id of ids(issues)) assert.ok(seen.includes(id), `${sort}: skipped`);
    }
  });

  test('by cursor a row that goes away takes no other with it', async () => {
    const { project, issues } = await fillProject(t, 12);
    const path = `${ISSUES}?project_id=${project.id}&sort=created_at&size=4`;
    const { body } = await t.reporter.get(`${path}&cursor=`);
    for (const issue of [issues[3], issues[1]]) expect.status(await t.manager.delete(`${ISSUES}/${issue.id}`), 204);
    const next = expect.status(await t.reporter.get(`${path}&cursor=${body.meta.next_cursor}`), 200);
    assert.deepEqual(ids(next.body.items), ids(issues.slice(4, 8)));
  });
});

describe('a list that many ask for at once', () => {
  const t = useTracker();

  test('each gets the fields, the order and the projects that are its own', async () => {
    const own = await t.project({ visibility: 'private' });
    const { project } = await fillProject(t, 12);
    await t.issue({ project_id: own.id, title: 'for managers only' }, t.manager);
    const asks = [t.manager, t.reporter].flatMap((client) =>
      ['', '&fields=id,title', '&sort=priority', '&page=2', `&project_id=${project.id}`].map((query) => ({ client, path: `${ISSUES}?size=8${query}` })));
    const alone = [];
    for (const { client, path } of asks) alone.push(expect.status(await client.get(path), 200).body);
    assert.notDeepEqual(ids(alone[0].items), ids(alone[5].items));
    const rounds = Array.from({ length: 20 }, () => asks).flat();
    const answers = await Promise.all(rounds.map(({ client, path }) => client.get(path)));
    answers.forEach((answer, i) => assert.deepEqual(expect.status(answer, 200).body, alone[i % asks.length], rounds[i].path));
  });

  test('who wrote sees it, however many ask beside', async () => {
    const project = await t.project();
    const path = `${ISSUES}?project_id=${project.id}&size=100`;
    let over = false;
    const others = Array.from({ length: 8 }, async () => {
      while (!over) expect.status(await t.manager.get(path), 200);
    });
    try {
      for (let n = 1; n <= 40; n++) {
        const made = await t.issue({ project_id: project.id }, t.manager);
        assert.equal(expect.status(await t.manager.get(path), 200).body.items[0].id, made.id);
      }
    } finally {
      over = true;
      await Promise.all(others);
    }
  });
});
