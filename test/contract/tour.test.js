// docs/tour.http, request by request.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { email } from '../support/database.js';
import { PASSWORD, ROOT } from '../support/env.js';
import * as expect from '../support/expect.js';
import { useTracker } from '../support/tracker.js';

/** The requests of the file: { title, name, lines, status }. */
function parse(text) {
  return text.split(/^### /m).slice(1).map((part) => {
    const [title, ...lines] = part.split('\n');
    const find = (pattern) => lines.map((line) => pattern.exec(line)?.[1]).find(Boolean);
    return { title, name: find(/^# @name (\w+)/), status: Number(find(/^# → (\d+)/)), lines: lines.filter((line) => !line.startsWith('#')) };
  });
}

/** The value of {{name}} or {{request.response.body.member}}. */
function lookUp(path, variables) {
  const value = path.split('.').reduce((at, key) => at?.[key], variables);
  assert.notEqual(value, undefined, `{{${path}}} is not known`);
  return String(value);
}

describe('the tour', () => {
  const t = useTracker();

  test('goes as the file says', async () => {
    const variables = { base: '', email: email('admin'), password: PASSWORD };
    const requests = parse(readFileSync(join(ROOT, 'docs/tour.http'), 'utf8'));
    assert.ok(requests.length > 10);
    for (const { title, name, lines, status } of requests) {
      const text = lines.join('\n').replaceAll(/\{\{([\w.]+)\}\}/g, (_, path) => lookUp(path, variables)).trim();
      const [head, ...body] = text.split('\n\n');
      const [line, ...fields] = head.split('\n');
      const [method, path] = line.split(' ');
      const headers = Object.fromEntries(fields.map((field) => field.split(': ')));
      const content = body.length > 0 ? body.join('\n\n') : undefined;
      // As the editors that run such files do: the lines of a form end in CR LF.
      const form = headers['Content-Type']?.startsWith('multipart/');
      const r = await t.anyone.request(method, path, { headers, body: form ? content.replaceAll('\n', '\r\n') : content });
      assert.equal(r.status, status, `${title}\n${r.text}`);
      if (name) variables[name] = { response: { body: r.body } };
    }
  });
});
