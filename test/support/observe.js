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

/**
 * The same for an answer whose request is not known, as there may have been none that can be read: its status is
 * one of the document's, and an error is a problem.
 */
export function observeRaw(answer) {
  const { status, headers, json } = answer;
  const problem = json !== undefined && /^application\/problem\+json\b/.test(headers['content-type'] ?? '');
  const wrong = problem ? contract().errors('/components/schemas/Problem', json) : '';
  if (status >= 200 && !contract().statuses.has(status)) throw new Error(`status ${status} is nowhere in the document`);
  if (wrong) throw new Error(`not a problem as documented: ${wrong}\n${JSON.stringify(json)}`);
  return answer;
}
