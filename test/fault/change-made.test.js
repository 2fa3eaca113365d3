// A change is made, and something behind it does not come before the time is over: the client gets what is known of it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { eventually, ms } from '../support/env.js';
import * as expect from '../support/expect.js';
import { importForm } from '../support/form.js';
import { Proxy } from '../support/proxy.js';
import { Tracker } from '../support/tracker.js';

const REQUEST = 600;
const STATEMENT = 400;

describe('behind a change', () => {
  const t = new Tracker();
  let proxy;
  let silent; // what is kept back: the answers on a line from the moment on that this was sent on it
  const mute = new WeakSet();
  before(async () => {
    await t.open();
    proxy = await Proxy.toDatabase({
      ahead: (chunk, line) => {
        if (silent && chunk.includes(silent)) mute.add(line);
        return true;
      },
      back: (chunk, line) => !mute.has(line),
    });
  });
  after(async () => {
    await t.close();
    await proxy?.stop();
  });

  const withSilence = (what, env, use) => withServer({ DATABASE_URL: proxy.url(t.db.url), REQUEST_TIMEOUT: `${ms(REQUEST)}`, DB_STATEMENT_TIMEOUT: `${ms(STATEMENT)}`, ...env }, async (server) => {
    const client = server.anyone.as(t.manager.token);
    expect.status(await client.get('/api/v1/users/me'), 200);
    silent = what;
    try {
      await use(client);
    } finally {
      silent = undefined;
    }
  });
  const titled = async (title) => (await t.db.rows(`SELECT id FROM issues WHERE title = '${title}'`)).length;
  const importOf = (project, title) => {
    const { body, headers } = importForm(`title\n${title}\n`, { project_id: project.key });
    return (client) => client.post('/api/v1/issues/import', body, { headers });
  };

  test('the mark of where it is in the log is left out', () => withSilence('wal_mark', { DATABASE_REPLICA_URLS: 'postgresql://127.0.0.1:1/nobody' }, async (client) => {
    const { id: project_id } = await t.project();
    const r = expect.status(await client.post('/api/v1/issues', { project_id, title: 'Without a mark' }), 201);
    assert.equal(r.headers['bugd-consistency'], undefined);
    assert.equal(await titled('Without a mark'), 1);
  }));

  test('with an Idempotency-Key it is the same, and a repetition gets it again', () => withSilence('wal_mark', { DATABASE_REPLICA_URLS: 'postgresql://127.0.0.1:1/nobody' }, async (client) => {
    const { id: project_id } = await t.project();
    const again = () => client.post('/api/v1/issues', { project_id, title: 'With a key' }, { headers: { 'Idempotency-Key': 'behind-a-change' } });
    const first = expect.status(await again(), 201);
    silent = undefined;
    const second = expect.status(await again(), 201);
    assert.equal(second.headers['idempotency-replayed'], 'true');
    assert.equal(second.body.id, first.body.id);
  }));

  test('that a job is cancelled stands, whether or not its connection can be ended', () => withSilence('job_stop', {}, async (client) => {
    const project = await t.project();
    const { body, headers } = importForm(`title\n${'A row\n'.repeat(60_000)}`, { project_id: project.key });
    const { id } = expect.status(await client.post('/api/v1/issues/import', body, { headers: { ...headers, Prefer: 'respond-async' } }), 202).body;
    expect.status(await client.delete(`/api/v1/jobs/${id}`), 204);
    assert.equal((await t.manager.get(`/api/v1/jobs/${id}`)).body.state, 'cancelled');
  }));

  test('whether an import is committed is not known', () => withSilence('COMMIT\0', {}, async (client) => {
    const post = importOf(await t.project(), 'Of an import');
    expect.problem(await post(client), 503, 'outcome_unknown');
    await eventually('it is committed', async () => await titled('Of an import') === 1);
  }));

  test('what an import was still waiting for leaves nothing of it', () => withSilence('import_find_people', {}, async (client) => {
    const post = importOf(await t.project(), 'Of none');
    silent = 'ANALYZE import_projects';
    expect.problem(await post(client), 503, 'deadline_exceeded');
    await eventually('it is undone', async () => (await t.db.rows("SELECT id FROM jobs WHERE state = 'running'")).length === 0);
    assert.equal(await titled('Of none'), 0);
  }));
});
