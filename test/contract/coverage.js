// What of the document the tests have seen: reads the file that test/support/observe.js wrote, and names every
// documented answer that no test got.
//
//   node test/contract/coverage.js FILE

import { existsSync, readFileSync } from 'node:fs';
import { contract } from './document.js';

const [, , file] = process.argv;
const seen = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []);

const operations = contract().operations.map((operation) => {
  // 500 is what the server answers when it has a fault, so no test should get it.
  const statuses = Object.keys(operation.responses).filter((status) => status !== '500');
  return { id: operation.operationId, statuses, missing: statuses.filter((status) => !seen.has(`${operation.operationId} ${status}`)) };
});
const exercised = operations.filter(({ statuses, missing }) => missing.length < statuses.length);
const answers = operations.reduce((n, { statuses }) => n + statuses.length, 0);
const missing = operations.reduce((n, operation) => n + operation.missing.length, 0);

console.log(`the contract: ${exercised.length} of ${operations.length} operations exercised, ${answers - missing} of ${answers} documented answers seen (500 apart)`);
for (const { id, missing: statuses } of operations.filter((operation) => operation.missing.length > 0)) {
  console.log(`  not seen: ${id} ${statuses.join(' ')}`);
}
