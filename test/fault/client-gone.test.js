// Clients that go away, 10,000 times: in the middle of a request, and in the middle of its answer. Nothing may
// stay behind: no descriptor, no memory, no lock. A sanitizer build tells of leaks when the server ends.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { PASSWORD, SLOW, eventually } from '../support/env.js';
import { email } from '../support/database.js';
import * as expect from '../support/expect.js';
import { RawConnection, chunked, message } from '../support/raw.js';
import { useTracker } from '../support/tracker.js';

const TIMES = 10_000;
const AT_ONCE = 100;
const HOST = 'Host: bugd.test';

describe('clients that go away', () => {
  const t = useTracker();
  let ways;
  before(async () => {
    const project = await t.project();
    const issue = await t.issue({ project_id: project.id });
    for (let i = 0; i < 100; i++) await t.issue({ project_id: project.id, description: 'x'.repeat(10_000) });
    const auth = `Authorization: Bearer ${t.developer.token}`;
    const json = JSON.stringify({ project_id: project.id, title: 'From a client that goes' });
    const post = (lines, body) => message('POST /api/v1/issues HTTP/1.1', [HOST, auth, 'Content-Type: application/json', ...lines], body);
    const login = JSON.stringify({ email: email('developer'), password: PASSWORD });
    const get = (path) => message(`GET ${path} HTTP/1.1`, [HOST, auth]);
    const whole = post([`Content-Length: ${json.length}`], json);
    ways = [
      Buffer.from('GET /hea'), Buffer.alloc(0), whole.subarray(0, whole.length - 5), post(['Transfer-Encoding: chunked'], '20\r\n{"title"'),
      post(['Transfer-Encoding: chunked'], chunked([json]).subarray(0, -3)), post(['Expect: 100-continue', 'Content-Length: 100']),
      get('/health'), get(`/api/v1/issues/${issue.id}`), get('/api/v1/issues?size=100'), get('/api/v1/issues?size=100&count=exact'), whole,
      message('POST /api/v1/auth/login HTTP/1.1', [HOST, 'Content-Type: application/json', `Content-Length: ${login.length}`], login),
      Buffer.concat(Array.from({ length: 20 }, () => get(`/api/v1/issues/${issue.id}`))), Buffer.from('nonsense\r\n\r\n'),
      message(`PATCH /api/v1/issues/${issue.id} HTTP/1.1`, [HOST, auth, 'Content-Type: application/json', 'Content-Length: 27'], '{"version":1,"title":"gone"}'.slice(0, 27)),
    ];
  });

  /** One client: says its part and goes, at once, a moment later or after the first byte of the answer. */
  async function visit(n) {
    const c = await RawConnection.open(t.server.address);
    await c.send(ways[n % ways.length]);
    const manner = Math.floor(n / ways.length) % 4;
    if (manner === 1) await new Promise(setImmediate);
    if (manner === 2) await new Promise((resolve) => {
      c.socket.once('data', resolve);
      setTimeout(resolve, 5);
    });
    if (manner === 3) c.close();
    else c.destroy();
  }

  async function visits(from, count) {
    for (let n = from; n < from + count; n += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => visit(n + i)));
    }
  }

  const descriptors = () => readdirSync(`/proc/${t.server.pid}/fd`).length;
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${t.server.pid}/status`, 'utf8'))[1]) * 1024;
  const settled = (count) => eventually('all connections are closed', () => descriptors() <= count, { within: 20_000 });

  test('cost nothing and leave nothing behind', async () => {
    const open = descriptors();
    await visits(0, 2000); // warm: buffers and caches have their size now
    await settled(open + 5);
    const before_ = resident();
    await visits(2000, TIMES - 2000);
    await settled(open + 5);
    const grown = resident() - before_;
    if (SLOW === 1) assert.ok(grown < 8 * 1024 * 1024, `it grew by ${Math.round(grown / 1024)} KiB in 8,000 visits`);

    expect.status(await t.anyone.get('/ready'), 200);
    const { body } = expect.status(await t.developer.get('/api/v1/issues?size=1'), 200);
    expect.status(await t.developer.patch(`/api/v1/issues/${body.items[0].id}`, { version: body.items[0].version, title: 'Still here' }), 200);
  });

  test('leave no transaction, no lock and no half of a change', async () => {
    await eventually('no statement runs any more', async () => (
      await t.db.exec(`SELECT count(*) FROM pg_stat_activity WHERE datname = '${t.db.name}' AND state <> 'idle' AND pid <> pg_backend_pid();`)) === '0');
    const [{ issues, events, last, counted }] = await t.db.rows(`
      SELECT (SELECT count(*) FROM issues) AS issues, (SELECT count(DISTINCT issue_id) FROM issue_events) AS events,
        (SELECT max(last_number) FROM project_counters) AS last, (SELECT sum(open + in_progress + resolved + closed) FROM project_counters) AS counted`);
    assert.equal(events, issues);
    assert.equal(last, issues);
    assert.equal(counted, issues);
  });
});
