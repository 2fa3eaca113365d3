// The forms in which reports are told.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import * as expect from '../support/expect.js';
import { reportsOf } from '../support/reports.js';
import { useTracker } from '../support/tracker.js';

describe('reports as JSON, CSV and SVG', () => {
  const t = useTracker();
  const { get } = reportsOf(t);
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
