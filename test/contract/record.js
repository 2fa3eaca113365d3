// Records the examples of the document anew: runs the session against the program and a database of its own, and
// writes docs/examples.tsv. To be run after a change that examples.test.js complains about:
//
//   TEST_DATABASE_URL=... node test/contract/record.js

import { Tracker } from '../support/tracker.js';
import { writeExamples } from './examples.js';
import { session } from './session.js';

const tracker = new Tracker();
await tracker.open();
try {
  const records = await session(tracker);
  writeExamples(records);
  console.log(`${records.length} exchanges`);
} finally {
  await tracker.close();
}
