// Reads from a streaming standby: they go there, nobody misses his own changes, and whatever happens to the standby, no
// read fails or is wrong. And a primary that fails over to its standby.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Server, bugd } from '../support/bugd.js';
import { Cluster } from '../support/cluster.js';
import { eventually, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { parseMetrics } from '../support/exposition.js';
import { importForm } from '../support/form.js';
import { Load } from '../support/load.js';
import { psql, withDatabase } from '../support/psql.js';
import { Standby } from '../support/standby.js';
import { Tracker } from '../support/tracker.js';

const HEADER = 'bugd-consistency';

/** What the server says of its replica: { in_use, lag_seconds, reads_total, reads_returned_total, reads_passed_total }. */
async function replica(server) {
  const families = parseMetrics((await server.anyone.get('/metrics')).text);
  const found = {};
  for (const [name, { samples }] of families) {
    if (name.startsWith('bugd_replica_')) found[name.slice('bugd_replica_'.length)] = samples[0].value;
  }
  return found;
}

const inUse = (server, yes = true, within = 10_000) =>
  eventually(`the replica is ${yes ? '' : 'not '}in use`, async () => (await replica(server)).in_use === Number(yes), { within });

/** Reads until the replica is asked: what the user changed is there by then. */
async function readsReach(server, client, path) {
  const { reads_total: before } = await replica(server);
  await eventually('reads reach the replica', async () => {
    expect.status(await client.get(path), 200);
    return (await replica(server)).reads_total > before;
  });
}

describe('reads from a standby', () => {
  const t = new Tracker({
    REPLICA_MAX_LAG: '60s',
    get DATABASE_REPLICA_URLS() {
      return withDatabase(standby.url, t.db.name);
    },
  });
  const others = [];
  let primary;
  let standby;
  before(async () => {
    primary = await Cluster.create();
    standby = await Standby.of(primary, { log_statement: 'all', max_standby_streaming_delay: '50ms' });
    await t.open(primary.url);
    await inUse(t.server);
  });
  afterEach(() => standby.resume().catch(() => {}));
  after(async () => {
    try {
      standby.thaw();
      for (const server of others) await server.stop();
      await t.server?.stop();
    } finally {
      await standby?.remove();
      await primary?.remove();
    }
  });

  /** Another process of the same tracker. */
  async function another(env = {}) {
    const server = await Server.start({ DATABASE_URL: t.db.url, ...t.env, DATABASE_REPLICA_URLS: t.env.DATABASE_REPLICA_URLS, ...env });
    others.push(server);
    await inUse(server);
    return server;
  }

  const whole = async (path, client) => expect.status(await client.get(path), 200).body;

  test('what projects hold is read there, and who somebody is at the primary', async () => {
    const issue = await t.issue();
    await readsReach(t.server, t.developer, `/api/v1/issues/${issue.id}`);
    await standby.caughtUp();
    for (const path of [`/api/v1/issues/${issue.id}`, '/api/v1/issues', '/api/v1/projects', `/api/v1/issues/${issue.id}/comments`]) {
      await readsReach(t.server, t.reporter, path);
    }
    for (const path of ['/api/v1/users/me', '/api/v1/users', '/api/v1/users/me/sessions', '/api/v1/users/me/tokens']) {
      expect.oneOf(await t.admin.get(path), [200, 404]);
    }
    const log = await standby.log();
    assert.match(log, /execute issue_/);
    assert.doesNotMatch(log, /execute (user|session|token|audit|job|idempotency|guess)_/);
    assert.doesNotMatch(log, /(INSERT INTO|UPDATE) (issues|users|sessions)/);
  });

  test('a client sees his own changes always, while the standby applies nothing', async () => {
    let issue = await t.issue();
    await readsReach(t.server, t.developer, `/api/v1/issues/${issue.id}`);
    const second = await another();
    await standby.caughtUp();
    await standby.pause();
    const old = issue.title;
    const { reads_total: reads } = await replica(t.server);
    for (let n = 0; n < 40; n++) {
      const r = expect.status(await t.developer.patch(`/api/v1/issues/${issue.id}`, { version: issue.version, title: `Written ${n}` }), 200);
      issue = r.body;
      const token = { [HEADER]: r.headers[HEADER] };
      assert.match(token[HEADER], /^[0-9a-f]{16}$/);
      assert.equal((await t.read(issue)).title, `Written ${n}`);
      const list = await whole(`/api/v1/issues?project_id=${issue.project_id}&fields=id,title&size=100`, t.developer);
      assert.equal(list.items.find(({ id }) => id === issue.id).title, `Written ${n}`);
      for (const client of [t.reporter, second.anyone.as(t.reporter.token), second.anyone.as(t.developer.token)]) {
        const read = expect.status(await client.get(`/api/v1/issues/${issue.id}`, { headers: token }), 200);
        assert.equal(read.body.title, `Written ${n}`, 'the token that the change was answered with counts for everybody');
      }
    }
    assert.equal((await replica(t.server)).reads_total, reads, 'none of it was to be read from the standby');
    // And it is really behind: those who never asked for more read what was there when it stopped.
    assert.equal((await whole(`/api/v1/issues/${issue.id}`, second.anyone.as(t.manager2.token))).title, old);
    const nonsense = await second.anyone.as(t.manager2.token).get(`/api/v1/issues/${issue.id}`, { headers: { [HEADER]: 'soon' } });
    assert.equal(expect.status(nonsense, 200).body.title, 'Written 39', 'what cannot be read asks for the primary');
    await standby.resume();
    await readsReach(t.server, t.developer, `/api/v1/issues/${issue.id}`);
    assert.equal((await t.read(issue)).title, 'Written 39');
  });

  test('an importer sees what he has imported, at whatever process', async () => {
    const project = await t.project();
    await readsReach(t.server, t.manager, `/api/v1/projects/${project.id}`);
    const second = (await another()).anyone.as(t.manager.token);
    await standby.caughtUp();
    await standby.pause();
    const list = `/api/v1/issues?project_id=${project.id}&fields=id,title&size=100`;
    let n = 0;
    for (const more of [{}, { Prefer: 'respond-async' }]) {
      const { body, headers } = importForm(`title\n${'A row\n'.repeat(20)}`, { project_id: project.key });
      let r = expect.oneOf(await t.manager.post('/api/v1/issues/import', body, { headers: { ...headers, ...more } }), [200, 202]);
      if (r.status === 202) {
        const job = `/api/v1/jobs/${r.body.id}`;
        r = await eventually('the job has ended', async () => {
          const now = await t.manager.get(job);
          return now.body.state === 'succeeded' && now;
        });
      }
      n += 20;
      const token = { [HEADER]: r.headers[HEADER] };
      assert.match(token[HEADER] ?? '', /^[0-9a-f]{16}$/);
      assert.equal((await whole(list, t.manager)).items.length, n);
      assert.equal(expect.status(await second.get(list, { headers: token }), 200).body.items.length, n);
    }
  });

  test('who is taken out of a project is told so at once, as is who was refused a change', async () => {
    const project = await t.project({ visibility: 'private' });
    const member = `/api/v1/projects/${project.id}/members/${t.ids.reporter2}`;
    expect.oneOf(await t.manager.put(member, { role: 'reporter' }), [200, 201]);
    await standby.caughtUp();
    await readsReach(t.server, t.reporter2, `/api/v1/projects/${project.id}`);
    await standby.pause();
    expect.status(await t.manager.delete(member), 204);
    expect.status(await t.reporter2.get(`/api/v1/projects/${project.id}`), 404);
  });

  test('who is refused changes of projects sends nobody else to the primary', async () => {
    const project = await t.project();
    await standby.caughtUp();
    await readsReach(t.server, t.developer, `/api/v1/projects/${project.id}`);
    await standby.pause();
    const { reads_total: reads } = await replica(t.server);
    for (const path of ['', `/members/${t.ids.reporter2}`]) {
      expect.status(await t.reporter.delete(`/api/v1/projects/${project.id}${path}`), 403);
    }
    expect.status(await t.reporter.patch(`/api/v1/users/${t.ids.reporter2}`, { role: 'admin' }), 403);
    expect.status(await t.developer.get(`/api/v1/projects/${project.id}`), 200);
    assert.ok((await replica(t.server)).reads_total > reads, 'the primary was asked');
  });

  test('bugd doctor says whether it follows, and how far it is behind', async () => {
    const examine = async (env = {}) => {
      const { stdout } = await bugd(['doctor', '--json'], { DATABASE_URL: t.db.url, ...t.env, DATABASE_REPLICA_URLS: t.env.DATABASE_REPLICA_URLS, ...env });
      const [found, ...more] = JSON.parse(stdout).findings.filter(({ check }) => check === 'replica');
      assert.deepEqual(more, []);
      return `${found.level}: ${found.text}`;
    };
    await t.issue();
    assert.match(await examine(), /^ok: .* follows the primary/);
    await standby.pause();
    await t.issue();
    assert.match(await examine({ REPLICA_MAX_LAG: '1s' }), /^warning: .* bytes of the log behind, as replaying was paused/);
    await standby.resume();
    assert.match(await examine({ DATABASE_URL: 'postgresql://127.0.0.1:1/nobody' }), /^ok: .* is a standby/);
    assert.match(await examine({ DATABASE_REPLICA_URLS: withDatabase(standby.url, 'postgres') }), /^problem: .* does not follow the primary/);
  });

  test('one that is too far behind is left out, and comes back', async () => {
    const server = await another({ REPLICA_MAX_LAG: '1s' });
    const issue = await t.issue();
    const reader = server.anyone.as(t.manager2.token);
    await standby.caughtUp();
    await standby.pause();
    const changed = await t.change(issue, { title: 'Later' });
    await inUse(server, false);
    assert.equal((await t.read(changed, reader)).title, 'Later');
    assert.ok((await replica(server)).lag_seconds > 0);
    assert.ok(server.logs().some((line) => line.message === 'replica is not in use' && /REPLICA_MAX_LAG/.test(line.reason)));
    await standby.resume();
    await inUse(server);
    assert.equal((await t.read(changed, reader)).title, 'Later');
  });

  /** Users who change an issue of their own and read it, and one who reads lists; `during` happens meanwhile. */
  async function underLoad(during) {
    const issues = await Promise.all([1, 2, 3, 4].map(() => t.issue()));
    let slowest = 0;
    const load = new Load(4, async (n) => {
      const mine = issues[n % 4];
      const begin = Date.now();
      if (mine.busy) return void (await sleep(1));
      mine.busy = true;
      if (n % 8 < 4) Object.assign(mine, await t.change(mine, { title: `Step ${n}` }));
      for (let i = 0; i < 4; i++) {
        const read = await t.read(mine);
        assert.deepEqual([read.title, read.version], [mine.title, mine.version]);
      }
      expect.status(await t.reporter.get('/api/v1/issues?size=20'), 200);
      slowest = Math.max(slowest, Date.now() - begin);
      mine.busy = false;
    });
    const readers = new Load(4, async () => expect.status(await t.manager2.get(`/api/v1/issues/${issues[0].id}`), 200));
    await sleep(300);
    await during(() => load.error || readers.error);
    await load.stop();
    await readers.stop();
    return slowest;
  }

  test('killed with -9 under load: no read fails or is wrong, and it comes back', { timeout: ms(60_000) }, async () => {
    await inUse(t.server);
    await underLoad(async (error) => {
      const { reads_total: before } = await replica(t.server);
      await eventually('reads reach it', async () => error() || (await replica(t.server)).reads_total > before + 100);
      await standby.crash();
      await inUse(t.server, false);
      await sleep(300);
      await standby.start();
      await inUse(t.server);
      const { reads_total: again } = await replica(t.server);
      await eventually('reads reach it again', async () => error() || (await replica(t.server)).reads_total > again + 100);
    });
  });

  test('standing still with its connections: what it was asked the primary answers within seconds', { timeout: ms(60_000) }, async () => {
    const slowest = await underLoad(async () => {
      await standby.freeze();
      await inUse(t.server, false);
      await sleep(300);
      standby.thaw();
      await inUse(t.server);
    });
    assert.ok(slowest < ms(5000), `one waited ${slowest} ms`);
    assert.ok((await replica(t.server)).reads_returned_total > 0);
  });

  test('a read that stands in the way of what it applies is cancelled, and done by the primary', async () => {
    const issue = await t.issue();
    await readsReach(t.server, t.manager2, `/api/v1/issues/${issue.id}`);
    const { reads_returned_total: before } = await replica(t.server);
    const lock = (table, time) => t.db.exec(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE; SELECT pg_switch_wal(); SELECT pg_sleep(${time}); COMMIT;`);
    const applied = (table) => eventually(`the lock of ${table} is there, too`, async () =>
      (await psql(withDatabase(standby.url, t.db.name), `SELECT 1 FROM pg_locks WHERE relation = '${table}'::regclass AND mode = 'AccessExclusiveLock' AND granted;`)) === '1');
    // The read has the issues and waits for the projects; then the standby is told to lock the issues.
    const first = lock('projects', 1.5);
    await applied('projects');
    const read = t.manager2.get(`/api/v1/issues/${issue.id}`);
    await sleep(100);
    const second = lock('issues', 0.5);
    expect.status(await read, 200);
    await Promise.all([first, second]);
    assert.match(await standby.log(), /conflict with recovery/);
    assert.ok((await replica(t.server)).reads_returned_total > before);
  });

  test('promoted, it is a replica no more, and the log says so', async () => {
    await inUse(t.server);
    const issue = await t.issue();
    await standby.promote();
    await inUse(t.server, false);
    assert.ok(t.server.logs().some((line) => line.message === 'replica is not in use' && /promoted/.test(line.reason)));
    const changed = await t.change(issue, { title: 'On the primary' });
    assert.equal((await t.read(changed, t.manager2)).title, 'On the primary');
    await t.server.ready();
  });

  test('a primary that fails over: writes go on at the promoted standby within seconds, by several hosts in DATABASE_URL', { timeout: ms(60_000) }, async () => {
    const successor = await Standby.of(primary);
    let server;
    try {
      const hosts = [primary, successor].map(({ url }) => new URL(url).searchParams.get('host')).join(',');
      const url = `postgresql:///${t.db.name}?host=${hosts}&user=postgres&target_session_attrs=read-write`;
      // The replica is the one that takes over: in use until then, and not a moment longer.
      server = await Server.start({ DATABASE_URL: url, DATABASE_REPLICA_URLS: withDatabase(successor.url, t.db.name) });
      await inUse(server);
      const developer = server.anyone.as(t.developer.token);
      const issue = await t.issue({}, developer);
      await successor.caughtUp();
      await primary.crash();
      await eventually('it is noticed', async () => (await server.anyone.get('/ready')).status === 503);
      const change = (title) => developer.patch(`/api/v1/issues/${issue.id}`, { version: issue.version, title });
      expect.unavailable(await change('Nowhere'));
      await successor.promote();
      const begin = Date.now();
      const changed = await eventually('a change succeeds', async () => {
        const r = await change('Moved');
        return r.status === 200 && r.body;
      });
      assert.ok(Date.now() - begin < ms(5000), `it took ${Date.now() - begin} ms`);
      await server.ready();
      for (const client of [developer, server.anyone.as(t.reporter.token)]) {
        const read = await t.read(changed, client);
        assert.deepEqual([read.title, read.version], ['Moved', issue.version + 1]);
      }
      await inUse(server, false);
      await server.stop();
    } finally {
      await server?.kill();
      await successor.remove();
    }
  });
});
