// The examples in the document are real replies: the session that they come from gives them again.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { useTracker } from '../support/tracker.js';
import { contract } from './document.js';
import { comparable, readExamples } from './examples.js';
import { session } from './session.js';

const hint = 'record them anew: node test/contract/record.js';

describe('the examples', () => {
  const t = useTracker();

  test('are what the server answers', async () => {
    const now = comparable(await session(t));
    const then = comparable(readExamples());
    assert.deepEqual(now.map((r) => `${r.operation} ${r.status} ${r.name}`), then.map((r) => `${r.operation} ${r.status} ${r.name}`), hint);
    for (const [i, record] of now.entries()) assert.deepEqual(record, then[i], `${record.operation} ${record.status}; ${hint}`);
  });

  test('are there for every body that an operation takes, and every one that it answers with success', () => {
    const missing = [];
    for (const operation of contract().operations) {
      for (const [media, body] of Object.entries(operation.requestBody?.content ?? {})) {
        if (/json/.test(media) && !body.examples) missing.push(`${operation.operationId}: its body as ${media}`);
      }
      for (const [status, answer] of Object.entries(operation.responses)) {
        const content = answer.content?.['application/json'];
        if (status < 300 && content?.schema.$ref && !content.examples) missing.push(`${operation.operationId}: ${status}`);
        if (status < 300 && content?.schema.anyOf && !content.examples) missing.push(`${operation.operationId}: ${status}`);
      }
    }
    assert.deepEqual(missing, [], 'add a step to test/contract/session.js, then record');
  });

  test('fit the schemas that they are shown with', () => {
    const wrong = [];
    for (const operation of contract().operations) {
      const at = `/paths/${encodeURIComponent(operation.path.replaceAll('/', '~1'))}/${operation.method}`;
      for (const [status, answer] of Object.entries(operation.responses)) {
        for (const [media, content] of Object.entries(answer.content ?? {})) {
          const place = `${at}/responses/${status}/content/${encodeURIComponent(media.replaceAll('/', '~1'))}/schema`;
          for (const [name, example] of Object.entries(content.examples ?? {})) {
            const errors = contract().errors(place, example.value);
            if (errors) wrong.push(`${operation.operationId} ${status} ${name}: ${errors}`);
          }
        }
      }
    }
    assert.deepEqual(wrong, []);
  });
});
