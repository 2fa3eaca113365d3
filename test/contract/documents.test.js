// How the document and the pages come over the wire: /openapi.json, /, /docs, /api/docs, /api/redoc, their files.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';
import { readDocument } from './document.js';

const gzip = { headers: { 'Accept-Encoding': 'gzip' } };

describe('the document', () => {
  const t = useTracker();

  test('is what `bugd openapi` prints', async () => {
    const r = expect.status(await t.anyone.get('/openapi.json'), 200);
    assert.equal(r.headers['content-type'], 'application/json');
    assert.deepEqual(r.body, readDocument());
  });

  test('comes compressed to those who take it so, and to no others', async () => {
    const plain = await t.anyone.get('/openapi.json');
    const coded = await t.anyone.get('/openapi.json', { headers: { 'Accept-Encoding': 'br, gzip;q=0.5' } });
    assert.equal(coded.headers['content-encoding'], 'gzip');
    assert.deepEqual(gunzipSync(coded.bytes), plain.bytes);
    assert.ok(coded.bytes.length < plain.bytes.length / 5);
    assert.notEqual(coded.headers.etag, plain.headers.etag);
    for (const refuses of ['gzip;q=0', 'br', 'identity', 'gzip; q=0.000']) {
      const r = await t.anyone.get('/openapi.json', { headers: { 'Accept-Encoding': refuses } });
      assert.equal(r.headers['content-encoding'], undefined, refuses);
      assert.match(r.headers.vary, /accept-encoding/i);
    }
  });

  test('is read again only when it is another', async () => {
    for (const options of [{}, gzip]) {
      const { etag } = (await t.anyone.get('/openapi.json', options)).headers;
      const r = await t.anyone.get('/openapi.json', { headers: { ...options.headers, 'If-None-Match': etag } });
      expect.status(r, 304);
      assert.equal(r.headers.etag, etag);
    }
  });

  test('has an operation for every path and method that the server knows, and no other', async () => {
    const document = readDocument();
    for (const [path, item] of Object.entries(document.paths)) {
      const concrete = path.replaceAll(/\{[^}]+\}/g, 'x');
      const { allow } = (await t.anyone.options(concrete)).headers;
      const documented = Object.keys(item).map((name) => name.toUpperCase());
      const known = allow.split(', ').filter((name) => !['HEAD', 'OPTIONS'].includes(name));
      assert.deepEqual(documented.sort(), known.sort(), path);
    }
  });
});

// A build with DOCS=0 has neither.
describe('the pages', { skip: process.env.DOCS === '0' }, () => {
  const t = useTracker();

  test('says the order of every list, and what a new issue is that is told nothing', () => {
    const { paths, components: { schemas } } = readDocument();
    const sorts = Object.values(paths).flatMap((item) => item.get?.parameters ?? []).filter(({ name }) => name === 'sort');
    assert.ok(sorts.length > 15);
    for (const { description, schema } of sorts) {
      const [, said] = /`(\S+)` unless told/.exec(description) ?? assert.fail(description);
      assert.ok(schema.items.enum.includes(said), description);
    }
    assert.match(schemas.IssueCreate.properties.type.description, /bug unless told/);
    assert.match(schemas.IssueCreate.properties.priority.description, /medium unless told/);
    assert.match(schemas.ProjectCreate.properties.status.description, /`planning` unless told/);
    assert.doesNotMatch(schemas.ProjectPatch.properties.status.description, /unless/);
  });

  test('/docs leads to them', async () => {
    const r = expect.status(await t.anyone.get('/docs'), 308);
    assert.equal(r.headers.location, '/api/docs');
  });

  for (const path of ['/', '/api/docs', '/api/redoc']) {
    test(`${path} is a page that needs nobody else`, async () => {
      const r = expect.status(await t.anyone.get(path), 200);
      assert.match(r.headers['content-type'], /^text\/html; charset=utf-8$/);
      const policy = r.headers['content-security-policy'];
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /script-src 'self';/);
      assert.doesNotMatch(policy, /https?:/);
      assert.doesNotMatch(r.text, /\{\{|https?:|<script>|<style|style=|onclick/);
    });

    test(`the files of ${path} may be kept for ever`, async () => {
      const { text } = await t.anyone.get(path);
      const files = [...text.matchAll(/(?:src|href)="(\/api\/docs\/[^"]+)"/g)].map((match) => match[1]);
      assert.ok(files.length >= 2, text);
      for (const file of files) {
        const plain = expect.status(await t.anyone.get(file), 200);
        const coded = expect.status(await t.anyone.get(file, gzip), 200);
        assert.deepEqual(gunzipSync(coded.bytes), plain.bytes, file);
        assert.match(plain.headers['cache-control'], /max-age=31536000, immutable/);
        assert.equal(plain.headers['x-content-type-options'], 'nosniff');
        expect.problem(await t.anyone.get(file.replace(/\.[0-9a-f]{16}\./, '.0123456789abcdef.')), 404, 'not_found');
      }
    });
  }

  test('/ says which version runs', async () => {
    const { text } = await t.anyone.get('/');
    assert.match(text, /Version \d+\.\d+\.\d+/);
    for (const link of ['/api/docs', '/api/redoc', '/openapi.json', '/health']) assert.ok(text.includes(`href="${link}"`), link);
  });
});
