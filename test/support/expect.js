// Assertions about answers. Each shows the whole answer when it fails.

import assert from 'node:assert/strict';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

const shown = (r) => `${r.method ?? ''} ${(r.path ?? '').slice(0, 200)} → ${r.status}\n${(r.text ?? r.body ?? '').slice(0, 2000)}`;

/** The answer has this status. Returns the answer. */
export function status(r, expected) {
  assert.ok(r, `expected ${expected}, but the connection was closed`);
  assert.equal(r.status, expected, shown(r));
  return r;
}

/** The answer has one of these statuses. */
export function oneOf(r, expected) {
  assert.ok(r, `expected one of ${expected}, but the connection was closed`);
  assert.ok(expected.includes(r.status), `expected one of ${expected}\n${shown(r)}`);
  return r;
}

/**
 * The answer is a complete problem (RFC 9457 and our members) of this status and code. `fields` are the
 * field errors: an object of codes by field, all of them; a code given as null may be any. Returns the answer.
 */
export function problem(r, expected, code, fields) {
  status(r, expected);
  const type = r.headers['content-type'];
  assert.match(type ?? '', /^application\/problem\+json\b/, shown(r));
  const body = r.json ?? r.body;
  for (const name of ['type', 'title', 'detail', 'instance', 'code', 'request_id']) {
    assert.equal(typeof body[name], 'string', `the problem's ${name}\n${shown(r)}`);
    // Of a request line that could not be read there is no path to name.
    if (name !== 'instance' || r.path) assert.notEqual(body[name], '', `the problem's ${name}\n${shown(r)}`);
  }
  assert.equal(body.status, expected, shown(r));
  assert.equal(body.request_id, r.headers['x-request-id'], 'request_id is the header\'s');
  if (code) assert.equal(body.code, code, shown(r));
  // Who may not do something is told who may.
  if (expected === 403) assert.notEqual(body.detail, body.title, shown(r));
  if (fields) {
    assert.ok(Array.isArray(body.errors), `no errors\n${shown(r)}`);
    for (const error of body.errors) {
      assert.equal(typeof error.field, 'string', shown(r));
      assert.match(error.code, /^[a-z_]+$/, shown(r));
      assert.equal(typeof error.detail, 'string', shown(r));
    }
    const got = {};
    for (const { field, code: why } of body.errors) got[field] = fields[field] === null ? null : why;
    assert.deepEqual(got, fields, shown(r));
  }
  return r;
}

/** A 401 as RFC 6750 wants it. */
export function unauthenticated(r, code = 'unauthenticated') {
  problem(r, 401, code);
  assert.match(r.headers['www-authenticate'] ?? '', /^Bearer\b/, shown(r));
  return r;
}

/** A 503 that says when to come again. */
export function unavailable(r, code) {
  problem(r, 503, code);
  assert.match(r.headers['retry-after'] ?? '', /^\d+$/, shown(r));
  return r;
}

/** The members of `expected` are in the object so; others may be whatever they are. */
export function includes(actual, expected, what = '') {
  const part = Object.fromEntries(Object.keys(expected).map((name) => [name, actual[name]]));
  assert.deepEqual(part, expected, what || JSON.stringify(actual));
  return actual;
}

/** The object has these members, in this order or another, and no others. */
export function members(actual, names) {
  assert.deepEqual(Object.keys(actual).sort(), [...names].sort());
}

export function uuid(text) {
  assert.match(text, UUID7);
}

export function instant(text) {
  assert.match(text, INSTANT);
}

/** A strong entity tag made of the version and a hash. */
export function versionTag(r, version) {
  assert.match(r.headers.etag ?? '', new RegExp(`^"${version}-[A-Za-z0-9_-]+"$`), shown(r));
}

/** The Link header as { rel: URL's path and query }. */
export function links(r) {
  const found = {};
  for (const part of (r.headers.link ?? '').split(/,\s*(?=<)/).filter(Boolean)) {
    const match = /^<([^>]*)>\s*;\s*rel="?([a-z]+)"?$/.exec(part);
    assert.ok(match, `not a link: ${part}`);
    const url = new URL(match[1], 'http://server.test');
    found[match[2]] = url.pathname + url.search;
  }
  return found;
}
