import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

const ISSUES = '/api/v1/issues';
const titles = (items) => items.map(({ title }) => title);

describe('a search', () => {
  const t = useTracker();
  let project;
  before(async () => {
    project = await t.project();
  });
  const ask = (q, query = '', client = t.reporter) => client.get(`${ISSUES}?q=${encodeURIComponent(q)}${query && `&${query}`}`);
  const find = async (q, query, client) => expect.status(await ask(q, query, client), 200).body;
  const found = async (q, query, client) => titles((await find(q, query, client)).items).sort();
  const make = (title, fields = {}, client = t.developer) => t.issue({ project_id: project.id, title, ...fields }, client);
  const say = async (issue, content, client = t.reporter) => expect.status(await client.post(`${ISSUES}/${issue.id}/comments`, { content }), 201).body;
  const refused = async (q, code, where) => {
    const { errors: [error, ...more] } = expect.problem(await ask(q), 422, 'validation_failed', { q: code }).body;
    assert.deepEqual(more, []);
    assert.match(error.detail, where);
  };

  test('finds words of title, description and comments, by their stems, in any case', async () => {
    const issue = await make('Walrus swims', { description: 'It was seen diving near the harbour.' });
    await say(issue, 'The lighthouse keeper photographed it.');
    for (const q of ['walrus', 'WALRUS', 'swimming', 'dives', 'harbour', 'photographs', 'walrus lighthouse', 'keepers harbour swim']) {
      assert.deepEqual(await found(q), ['Walrus swims'], q);
    }
    assert.deepEqual(await found('harbour desert'), []);
  });

  test('takes the last word for the beginning of one, and the others whole', async () => {
    await make('Platypus observation');
    assert.deepEqual(await found('platy'), ['Platypus observation']);
    assert.deepEqual(await found('observation platy'), ['Platypus observation']);
    assert.deepEqual((await find('platy observation')).items.filter(({ snippet }) => snippet), []);
  });

  test('finds words in quotes only as they follow each other, and leaves out what a minus excludes', async () => {
    await make('green kettle boils');
    await make('kettle of green paint');
    assert.deepEqual(await found('"green kettle"'), ['green kettle boils']);
    assert.deepEqual(await found('kettle -paint'), ['green kettle boils']);
    assert.deepEqual(await found('kettle -"green kettle"'), ['kettle of green paint']);
    assert.deepEqual(await found('kettle green'), ['green kettle boils', 'kettle of green paint']);
  });

  test('for what is to be lacking alone gives all others in the order of the list, and counts them', async () => {
    const own = await t.project();
    for (const title of ['teapot', 'teacup', 'teaspoon of sugar']) await make(title, { project_id: own.id });
    await say((await find('teacup', `project_id=${own.id}`)).items[0], 'With sugar.');
    const { items, meta } = await find('-sugar', `project_id=${own.id}`);
    assert.deepEqual(titles(items), ['teapot']);
    assert.equal(meta.total, 1);
    assert.deepEqual(titles((await find('-honey', `project_id=${own.id}&size=2`)).items), ['teaspoon of sugar', 'teacup']);
    assert.equal((await find('-honey -the', `project_id=${own.id}&size=2&count=exact`)).meta.total, 3);
    assert.deepEqual(titles((await find('-the', `project_id=${own.id}&sort=created_at`)).items), ['teapot', 'teacup', 'teaspoon of sugar']);
    expect.problem(await ask('-sugar', 'sort=relevance'), 422, 'validation_failed', { sort: 'conflict' });
  });

  test('for many words that follow each other takes no time in texts that say the same again and again', async () => {
    const own = await t.project();
    await make('Echo', { project_id: own.id, description: 'tick tock '.repeat(800) });
    for (const q of [`"${'tick tock '.repeat(90).trim()}"`, Array(15).fill('"tick tock tick tock tick"').join(' ')]) {
      const { items: [{ snippet }] } = await find(q, `project_id=${own.id}`);
      assert.match(snippet, /<mark>tick<\/mark> <mark>tock<\/mark>/);
    }
  });

  test('marks each of the words, where they stem from the same too, and none of those that are excluded', async () => {
    const own = await t.project();
    await make('Marked', { project_id: own.id, description: "It's the flamingos' \\lake: flamingo, pelican." });
    const snippet = async (q) => (await find(q, `project_id=${own.id}`)).items[0].snippet;
    assert.match(await snippet('"pelican" flamingo'), /<mark>flamingos<\/mark>.*<mark>flamingo<\/mark>, <mark>pelican<\/mark>/);
    assert.match(await snippet("flamingo -heron the \\lak"), /<mark>flamingos<\/mark>.*<mark>lake<\/mark>/);
  });

  test('ranks a title before a description, and that before a comment', async () => {
    const third = await make('third of them');
    await say(third, 'A zebra, at last.');
    await make('second of them', { description: 'There is a zebra in it.' });
    await make('zebra, first of them');
    const { items, meta } = await find('zebra');
    assert.deepEqual(titles(items), ['zebra, first of them', 'second of them', 'third of them']);
    assert.deepEqual(meta, { page: 1, size: 20, total: 3, total_exact: true, pages: 1, has_next: false, has_prev: false });
    assert.deepEqual(titles((await find('zebra', 'sort=created_at')).items), ['third of them', 'second of them', 'zebra, first of them']);
    assert.deepEqual((await find('zebra', 'sort=-created_at&size=1&page=2')).meta.total, 3);
  });

  test('goes on by page and by cursor, without gap or overlap', async () => {
    const made = [];
    for (let n = 0; n < 9; n++) made.push((await make(`giraffe ${'and more of it '.repeat(n % 3)}`.trim(), { description: `number ${n}` })).id);
    const paged = [];
    for (let page = 1; page <= 3; page++) {
      const { items, meta } = await find('giraffe', `size=4&page=${page}`);
      paged.push(...items.map(({ id }) => id));
      assert.equal(meta.total, 9);
    }
    const byCursor = [];
    for (let cursor = ''; cursor !== null;) {
      const { items, meta } = await find('giraffe', `size=4&cursor=${cursor}`);
      byCursor.push(...items.map(({ id }) => id));
      cursor = meta.next_cursor;
    }
    assert.deepEqual([...paged].sort(), made.sort());
    assert.deepEqual(byCursor, paged);
    assert.equal((await find('giraffe', 'size=4&page=9')).meta.total, 9);
  });

  test('shows where it was found, and everything but the marks is text', async () => {
    const issue = await make('Markup', { description: 'Write <b>ostrich</b> & "ostrich" <script>alert(1)</script> here.' });
    const { items: [{ snippet }] } = await find('ostrich');
    assert.match(snippet, /<mark>ostrich<\/mark>/);
    assert.doesNotMatch(snippet.replaceAll(/<\/?mark>/g, ''), /[<>"]/);
    await say(issue, 'A heron <img src=x> was there, too.');
    assert.match((await find('heron')).items[0].snippet, /<mark>heron<\/mark>/);
    assert.equal((await find('ostrich', 'fields=title')).items[0].snippet, undefined);
    assert.match((await find('ostrich', 'fields=snippet')).items[0].snippet, /mark/);
    assert.equal((await find('is:open')).items[0].snippet, undefined);
  });

  test('follows what changes: title, description, comments, deletion, restoring', async () => {
    const issue = await make('badger one', { description: 'ferret' });
    const comment = await say(issue, 'weasel');
    const changed = await t.change(issue, { title: 'otter one', description: 'marten' });
    assert.deepEqual(await found('badger'), []);
    assert.deepEqual(await found('ferret'), []);
    assert.deepEqual(await found('otter marten weasel'), ['otter one']);
    expect.status(await t.reporter.patch(`/api/v1/comments/${comment.id}`, { content: 'stoat', version: 1 }), 200);
    assert.deepEqual(await found('weasel'), []);
    assert.deepEqual(await found('stoat otter'), ['otter one']);
    expect.status(await t.reporter.delete(`/api/v1/comments/${comment.id}`), 204);
    assert.deepEqual(await found('stoat'), []);
    expect.status(await t.manager.delete(`${ISSUES}/${changed.id}`), 204);
    assert.deepEqual(await found('marten'), []);
    assert.deepEqual(await found('marten', 'deleted=only', t.manager), ['otter one']);
    expect.status(await t.manager.post(`${ISSUES}/${changed.id}/restore`), 200);
    assert.deepEqual(await found('marten'), ['otter one']);
  });

  test('finds nothing that the caller may not see', async () => {
    const hidden = await t.project({ visibility: 'private' });
    const secret = await make('pangolin, secret', { project_id: hidden.id }, t.manager);
    await say(secret, 'armadillo', t.manager);
    await make('pangolin, public');
    assert.deepEqual(await found('pangolin'), ['pangolin, public']);
    assert.deepEqual(await found('armadillo'), []);
    assert.deepEqual(await found('pangoiln secrt'), []);
    assert.deepEqual(await found('pangolin', '', t.manager), ['pangolin, public', 'pangolin, secret']);
    assert.deepEqual(await found('pangolin', `project_id=${hidden.id}`, t.manager), ['pangolin, secret']);
    assert.deepEqual(await found('pangolin', `project_id=${hidden.key}`, t.manager), ['pangolin, secret']);
  });

  test('finds keys, numbers and the beginnings of keys', async () => {
    const issue = await make('by its key');
    assert.equal((await find(issue.key)).items[0].id, issue.id);
    assert.equal((await find(issue.key.toLowerCase())).items[0].id, issue.id);
    assert.ok((await find(String(issue.number))).items.some(({ id }) => id === issue.id));
    assert.ok((await find(issue.key.slice(0, -1))).items.length > 0);
  });

  test('shows what is alike when nothing is found, and says so', async () => {
    await make('Chameleon changes its colour');
    for (const q of ['chamelion', 'chamelleon', 'camelon chamelon']) {
      const { items, meta } = await find(q);
      if (q.startsWith('cham')) assert.deepEqual(titles(items), ['Chameleon changes its colour'], q);
      assert.equal(meta.similar, items.length > 0 ? true : undefined);
      assert.equal(meta.has_next, false);
      assert.equal(meta.total, items.length);
    }
    const { items, meta } = await find('qqqqzzzz');
    assert.deepEqual([items, meta.similar], [[], undefined]);
    assert.deepEqual(titles((await find('chamelion', 'status=closed')).items), []);
  });

  test('has qualifiers for the filters', async () => {
    const label = expect.status(await t.manager.post('/api/v1/labels', { name: 'needs review', color: '#aabbcc', project_id: project.id }), 201).body;
    const done = await make('lynx one', { type: 'task', priority: 'high', label_ids: [label.id], due_date: '2030-05-05' });
    await t.change(done, { status: 'resolved' });
    await make('lynx two', { assignee_id: t.ids?.developer ?? done.creator_id });
    const both = ['lynx one', 'lynx two'];
    for (const [q, expected] of [
      ['lynx', both], ['lynx is:open', ['lynx two']], ['is:resolved lynx', ['lynx one']], ['status:resolved lynx', ['lynx one']],
      ['status:resolved status:open lynx', both], ['type:task lynx', ['lynx one']], ['Priority:high lynx', ['lynx one']],
      ['label:"needs review" lynx', ['lynx one']], ['no:label lynx', ['lynx two']], ['no:assignee lynx', ['lynx one']],
      [`project:${project.key} lynx`, both], ['project:NONE lynx', []], [`key:${done.key} lynx`, ['lynx one']],
      ['created:>2020-01-01 lynx', both], ['created:<2020-01-01 lynx', []], ['updated:>=2020-01-01 lynx', both],
      ['due:2030-05-05 lynx', ['lynx one']], ['due:<2030-05-05 lynx', []], ['due:<=2030-05-05 lynx', ['lynx one']], ['due:>2030-05-04 lynx', ['lynx one']],
      ['is:overdue lynx', []], ['no:milestone lynx', both],
    ]) assert.deepEqual(await found(q), expected, q);
    assert.deepEqual(await found('assignee:me lynx', '', t.developer), ['lynx two']);
    assert.deepEqual(await found('author:@me lynx', '', t.developer), both);
    assert.deepEqual(await found('is:deleted lynx', '', t.manager), []);
    const day = done.created_at.slice(0, 10);
    assert.deepEqual(await found(`created:${day} lynx`), both);
    assert.deepEqual(await found(`created:>${day} lynx`), []);
  });

  test('has people by their handles', async () => {
    const { handle } = expect.status(await t.developer.get('/api/v1/users/me'), 200).body;
    await make('jackal');
    assert.deepEqual(await found(`jackal author:${handle}`), ['jackal']);
    assert.deepEqual(await found(`jackal author:@${handle.toUpperCase()}`), ['jackal']);
    assert.deepEqual(await found('jackal author:nobody.here'), []);
    assert.deepEqual(await found(`jackal assignee:${handle}`), []);
  });

  test('says where it is wrong, and what would be right', async () => {
    await refused('crash colour:red', 'unknown_qualifier', /"colour" \(character 7\).*label/);
    await refused('is:nonsense', 'invalid_value', /is:nonsense \(character 1\).*overdue/);
    await refused('one status:bad', 'invalid_value', /status:bad \(character 5\).*in_progress/);
    await refused('milestone:soon', 'invalid_format', /milestone:soon \(character 1\)/);
    await refused('created:2026-02-30', 'invalid_format', /2026-11-20/);
    await refused('due:tomorrow', 'invalid_format', /2026-11-20/);
    await refused('say "hello', 'unclosed_quote', /character 5/);
    await refused('label:', 'missing_value', /needs a value/);
    await refused('-is:open', 'excluded_qualifier', /character 1/);
    await refused('a '.repeat(33), 'too_many', /32/);
    await refused('x'.repeat(10_000), 'too_long', /1000/);
  });

  test('conflicts with a parameter that says the same', async () => {
    expect.problem(await ask('is:open', 'status=closed'), 422, 'validation_failed', { q: 'conflict' });
    expect.problem(await ask('', 'sort=relevance'), 422, 'validation_failed', { sort: 'conflict' });
    expect.problem(await ask('is:open', 'sort=relevance'), 422, 'validation_failed', { sort: 'conflict' });
    expect.problem(await ask('word', 'sort=status,relevance'), 422, 'validation_failed', { sort: 'conflict' });
    expect.status(await ask('word', 'sort=relevance,status'), 200);
  });

  test('takes whatever people type', async () => {
    await make('odd one');
    for (const q of ['', '   ', '&', '& | ! ( ) : * <->', "it's", '\\', "\\'", "''", '"" odd', 'odd :*', 'odd & !one', '<b>', '🦄', 'ñandú', '-', '--',
      'std::string', 'https://example.org/a?b=c', 'a@example.org', '1.5e10', '-1', '#12', "'; DROP TABLE issues; --", 'the', 'the odd', '%_', 'x'.repeat(1000)]) {
      expect.status(await ask(q), 200);
    }
    for (const raw of ['q=%00', 'q=%ff', 'q=%c3%28']) assert.ok((await t.reporter.get(`${ISSUES}?${raw}`)).status < 500, raw);
    assert.deepEqual(await found('the odd'), ['odd one']);
    assert.deepEqual(await found('"" odd'), ['odd one']);
  });

  test('serves saved filters and exports, too', async () => {
    await make('capybara in the bath');
    await make('capybara in the sun', { priority: 'low' });
    const filter = expect.status(await t.reporter.post('/api/v1/filters', { name: 'Capybaras', query: `q=${encodeURIComponent('capybara priority:low')}` }), 201).body;
    assert.deepEqual(titles(expect.status(await t.reporter.get(`${ISSUES}?filter=${filter.id}`), 200).body.items), ['capybara in the sun']);
    expect.problem(await t.reporter.post('/api/v1/filters', { name: 'Wrong', query: 'q=colour:red' }), 422, 'validation_failed', { 'query.q': 'unknown_qualifier' });
    const exported = expect.status(await t.manager.get(`${ISSUES}/export?format=ndjson&q=capybara`), 200);
    assert.equal(String(exported.text ?? exported.body).trim().split('\n').length, 2);
    expect.problem(await t.manager.get(`${ISSUES}/export?q=colour:red`), 422, 'validation_failed', { q: 'unknown_qualifier' });
  });

  test('a very long thread can still be written in', async () => {
    const issue = await make('mammoth');
    for (let n = 0; n < 6; n++) await say(issue, Array.from({ length: 9000 }, (_, i) => `w${n}x${i}`).join(' ').slice(0, 65_000));
    await say(issue, 'lemming');
    assert.deepEqual(await found('mammoth w0x17'), ['mammoth']);
  });

  test('goes on while many write', async () => {
    let over = false;
    const writers = Array.from({ length: 6 }, async (_, n) => {
      for (let k = 0; !over; k++) {
        const issue = await make(`cormorant ${n} ${k}`);
        await say(issue, 'and a gannet');
        await t.change(issue, { title: `cormorant ${n} ${k} again` });
      }
    });
    try {
      for (let n = 0; n < 30; n++) {
        const { items } = await find('cormorant');
        assert.ok(items.every(({ title }) => title.startsWith('cormorant')));
      }
    } finally {
      over = true;
      await Promise.all(writers);
    }
  });
});

describe('a search in another language', () => {
  const t = useTracker({ SEARCH_LANGUAGE: 'german', MIGRATE_ON_START: 'true' });

  test('knows its stems', async () => {
    await t.issue({ title: 'Die Häuser brennen' });
    for (const q of ['haus ', 'Häusern', 'brenne haus']) {
      const { items, meta } = expect.status(await t.reporter.get(`${ISSUES}?q=${encodeURIComponent(q)}`), 200).body;
      assert.ok(items.length === 1 && !meta.similar, q);
    }
  });
});
