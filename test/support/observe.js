// Every answer that a test gets through the client is held against the OpenAPI document; an answer that is not
// documented fails the test. With CONTRACT_LOG set, what was seen is added to that file when the process ends,
// for test/contract/coverage.js.

import { appendFileSync } from 'node:fs';
import { contract } from '../contract/document.js';

const seen = new Set();

if (process.env.CONTRACT_LOG) {
  process.on('exit', () => appendFileSync(process.env.CONTRACT_LOG, [...seen].map((line) => `${line}\n`).join('')));
}

/** Throws when the answer is not as the document says; else returns it. */
export function observe(answer) {
  const { method, path, status, text } = answer;
  const wrong = contract().violations(answer);
  if (wrong.length > 0) throw new Error(`not as documented: ${method} ${path.slice(0, 300)} → ${status}: ${wrong.join('; ')}\n${text.slice(0, 2000)}`);
  const operation = contract().find(method, path);
  if (operation) seen.add(`${operation.operationId} ${status}`);
  return answer;
}
