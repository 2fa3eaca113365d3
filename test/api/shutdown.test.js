import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Server } from '../support/bugd.js';
import { createDatabase } from '../support/database.js';
import { eventually, sleep, ms, within } from '../support/env.js';
import * as expect from '../support/expect.js';
import { holdCounters } from '../support/load.js';
import { RawConnection, message } from '../support/raw.js';
import { login } from '../support/tracker.js';

const HOST = 'Host: bugd.test';

describe('stopping', () => {
  let db;
  let server;
  before(async () => (db = await createDatabase()));
  after(async () => {
    await server?.kill();
    await db?.drop();
  });

  async function started(env = {}) {
    await server?.kill();
    server = await Server.start({ DATABASE_URL: db.url, ...env });
    const developer = server.anyone.as(await login(server.anyone, 'developer'));
    const manager = server.anyone.as(await login(server.anyone, 'manager'));
    const key = `S${process.hrtime.bigint() % 100_000_000n}`;
    const project = expect.status(await manager.post('/api/v1/projects', { key, name: key, status: 'active' }), 201).body;
    return { developer, project };
  }

  test('under load: what was begun is finished, nothing that was promised is lost, exit 0', async () => {
    const { developer, project } = await started();
    let made = 0;
    let refused = 0;
    let stopping = false;
    const writer = async () => {
      while (!stopping || refused < 1000) {
        try {
          const r = await developer.post('/api/v1/issues', { project_id: project.id, title: 'Under load' });
          if (r.status === 201) made += 1;
          else expect.unavailable(r, 'shutting_down');
        } catch (error) {
          if (!stopping) throw error;
          assert.match(error.code ?? '', /ECONNREFUSED|ECONNRESET|EPIPE/, error.stack);
          refused += 1;
          if (error.code === 'ECONNREFUSED') return;
        }
      }
    };
    const writers = Array.from({ length: 16 }, writer);
    await eventually('some writes are done', () => made > 100);
    stopping = true;
    const end = server.stop();
    await within('the writers end', 20_000, Promise.all(writers));
    await end;
    const rows = Number(await db.exec(`SELECT count(*) FROM issues WHERE project_id = '${project.id}';`));
    assert.ok(rows >= made, `${made} answers of 201, ${rows} rows`);
    assert.ok(rows <= made + refused);
  });

  test('a request that runs is answered, with Connection: close; idle connections are closed', async () => {
    const { developer, project } = await started();
    const idle = await RawConnection.open(server.address);
    await idle.send(message('GET /health HTTP/1.1', [HOST]));
    expect.status(await idle.response(), 200);

    const lock = await holdCounters(db, project);
    const busy = await RawConnection.open(server.address);
    const body = JSON.stringify({ project_id: project.id, title: 'Slow' });
    await busy.send(message('POST /api/v1/issues HTTP/1.1', [HOST, `Authorization: Bearer ${developer.token}`, 'Content-Type: application/json', `Content-Length: ${body.length}`], body));
    await eventually('the write waits for the lock', async () => (await lock.waiting()) > 0);
    server.signal();
    await idle.closed();
    await assert.rejects(new Promise((resolve, reject) => net.connect(server.address).once('connect', resolve).once('error', reject)), /ECONNREFUSED/);
    await lock.release();
    const r = expect.status(await busy.response(), 201);
    assert.equal(r.headers.connection, 'close');
    await busy.closed();
    await server.stop();
  });

  test('after SHUTDOWN_GRACE it ends all the same, exit 0', async () => {
    const { developer, project } = await started({ SHUTDOWN_GRACE: `${ms(300)}` });
    const lock = await holdCounters(db, project);
    try {
      const stuck = developer.post('/api/v1/issues', { project_id: project.id, title: 'Stuck' }).catch((error) => error);
      await eventually('the write waits for the lock', async () => (await lock.waiting()) > 0);
      const begin = Date.now();
      server.signal();
      // stop() would close the client's connection first
      assert.ok((await stuck) instanceof Error, 'it was not cut off');
      assert.ok(Date.now() - begin >= ms(300) * 0.9, `${Date.now() - begin} ms`);
      await server.stop();
      assert.ok(server.logs().some(({ message }) => message === 'SHUTDOWN_GRACE is over'));
    } finally {
      await lock.release();
    }
  });

  test('a second signal ends it at once, whatever runs', async () => {
    const { developer, project } = await started({ SHUTDOWN_GRACE: '1h' });
    const lock = await holdCounters(db, project);
    try {
      const stuck = developer.post('/api/v1/issues', { project_id: project.id, title: 'Stuck' }).catch(() => {});
      await eventually('the write waits for the lock', async () => (await lock.waiting()) > 0);
      for (let i = 0; i < 2; i++) {
        server.child.kill('SIGTERM');
        await sleep(ms(50));
      }
      await within('it ends', 5000, server.ended);
      await stuck;
    } finally {
      await lock.release();
    }
  });

  test('a log that nobody reads any more does not hold it up', async () => {
    await started();
    const requests = await RawConnection.open(server.address);
    server.child.stdout.pause();
    for (let n = 0; n < 40; n++) {
      await requests.send(`GET /health HTTP/1.1\r\n${HOST}\r\n\r\n`.repeat(50));
      await sleep(5);
    }
    requests.close();
    const exit = new Promise((resolve) => server.child.once('exit', resolve));
    server.signal();
    assert.equal(await within('it ends', 10_000, exit), 0);
    server.child.stdout.resume();
    await server.ended;
  });

  test('half a request does not hold it up', async () => {
    await started({ SHUTDOWN_GRACE: '30s' });
    const half = await RawConnection.open(server.address);
    await half.send('GET /health HTTP/1.1\r\nHo');
    await sleep(ms(50));
    const begin = Date.now();
    await server.stop();
    assert.ok(Date.now() - begin < ms(5000), `it took ${Date.now() - begin} ms`);
  });
});
