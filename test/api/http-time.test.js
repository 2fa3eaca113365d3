// Clients that are slow, silent or do not read; and where the server listens. Servers with small settings.

import assert from 'node:assert/strict';
import net from 'node:net';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server, assertNoStart, withServer } from '../support/bugd.js';
import { createDatabase } from '../support/database.js';
import { eventually, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { scratchFolder } from '../support/process.js';
import { RawConnection, message, withConnection } from '../support/raw.js';
import { login } from '../support/tracker.js';

const HOST = 'Host: bugd.test';
const health = (...lines) => message('GET /health HTTP/1.1', [HOST, ...lines]);
const STEP = ms(300);

describe('slow clients', () => {
  let db;
  let server;
  before(async () => {
    db = await createDatabase();
    server = await Server.start({
      DATABASE_URL: db.url, HEAD_TIMEOUT: `${STEP}`, BODY_TIMEOUT: `${STEP}`, IDLE_TIMEOUT: `${STEP}ms`, WRITE_TIMEOUT: `${STEP}`,
    });
  });
  after(async () => {
    await server?.stop();
    await db?.drop();
  });
  const connected = (use) => withConnection(server.address, use);
  const timed = async (use) => {
    const begin = Date.now();
    await use();
    return Date.now() - begin;
  };
  /** Sends a byte each tenth of the time-out until the server says or does something. */
  const drip = async (c, bytes) => {
    for (const byte of bytes) {
      if (c.ended || c.input.length > 0) return;
      await c.send(byte);
      await sleep(STEP / 10);
    }
  };

  test('a head that does not come: 408, and the end', () => connected(async (c) => {
    const time = await timed(async () => {
      await c.send('GET /health HTTP/1.1\r\nHost: x\r\n');
      expect.problem(await c.response(), 408, 'request_timeout');
      await c.closed();
    });
    assert.ok(time >= STEP * 0.9, `${time} ms`);
  }));

  test('a head that drips: 408 all the same, for the time counts from its first byte', () => connected(async (c) => {
    await drip(c, 'GET /health HTTP/1.1\r\nHost: x\r\nX-Long: this takes more than ten steps\r\n\r\n');
    expect.status(await c.response(), 408);
  }));

  test('empty lines do not keep a connection open for ever', () => connected(async (c) => {
    await drip(c, Array.from({ length: 40 }, () => '\r\n'));
    assert.ok(c.ended || c.input.length > 0, 'it is still open after four time-outs');
  }));

  test('a body that does not come: 408, and the end', () => connected(async (c) => {
    await c.send(message('POST /api/v1/auth/login HTTP/1.1', [HOST, 'Content-Type: application/json', 'Content-Length: 100'], '{"em'));
    expect.problem(await c.response(), 408, 'request_timeout');
    await c.closed();
  }));

  test('a body that drips: 408', () => connected(async (c) => {
    await c.send(message('POST /api/v1/auth/login HTTP/1.1', [HOST, 'Content-Type: application/json', 'Content-Length: 100']));
    await drip(c, 'x'.repeat(99));
    expect.status(await c.response(), 408);
  }));

  test('a connection without any request is closed, without a word', () => connected((c) => c.closed()));

  test('one that rests after a request is closed, without a word', () => connected(async (c) => {
    await c.send(health());
    expect.status(await c.response(), 200);
    await c.closed();
  }));

  test('one that goes on asking stays', () => connected(async (c) => {
    for (let i = 0; i < 8; i++) {
      await c.send(health());
      expect.status(await c.response(), 200);
      await sleep(STEP / 2);
    }
  }));

  test('a client that does not read is closed', async () => {
    const socket = net.connect(server.address);
    socket.on('error', () => {});
    socket.pause();
    const many = Buffer.concat(Array.from({ length: 20_000 }, () => message('GET /nowhere HTTP/1.1', [HOST])));
    for (let i = 0; i < 10; i++) socket.write(many);
    const closed = await eventually('the server gives it up', async () => {
      socket.write('x');
      await sleep(50);
      return socket.destroyed || socket.errored;
    }, { within: 20_000 }).finally(() => socket.destroy());
    assert.ok(closed);
    expect.status(await server.anyone.get('/health'), 200);
  });
});

describe('too many connections', () => {
  test('over the limit are closed, and the others are served', async () => {
    const db = await createDatabase();
    try {
      await withServer({ DATABASE_URL: db.url, MAX_CONNECTIONS: '5' }, async (server) => {
        server.anyone.close();
        await eventually('room for five', async () => {
          const open = await Promise.all(Array.from({ length: 5 }, () => RawConnection.open(server.address)));
          const answers = await Promise.all(open.map(async (c) => {
            await c.send(health());
            return c.response().catch(() => null);
          }));
          if (answers.some((r) => r?.status !== 200)) {
            open.forEach((c) => c.close());
            return false;
          }
          const sixth = await RawConnection.open(server.address);
          await sixth.send(health());
          assert.equal(await sixth.response(), null, 'a sixth connection was served');
          for (const c of open) {
            await c.send(health());
            expect.status(await c.response(), 200);
            c.close();
          }
          return true;
        });
        await eventually('room again', async () => (await server.anyone.get('/health')).status === 200);
      });
    } finally {
      await db.drop();
    }
  });
});

describe('listening', () => {
  let db;
  before(async () => (db = await createDatabase()));
  after(() => db?.drop());

  test('on a unix socket, which goes away with the server', async () => {
    const path = join(scratchFolder(), 'listen.socket');
    await withServer({ DATABASE_URL: db.url, HOST: `unix:${path}` }, async (server) => {
      assert.deepEqual(server.address, { path });
      const token = await login(server.anyone, 'reporter');
      expect.status(await server.anyone.as(token).get('/api/v1/users/me'), 200);
    });
    assert.ok(!existsSync(path));
  });

  test('on a unix socket that a crashed server left behind', async () => {
    const path = join(scratchFolder(), 'stale.socket');
    const crashed = await Server.start({ DATABASE_URL: db.url, HOST: `unix:${path}` });
    await crashed.kill();
    assert.ok(existsSync(path));
    await withServer({ DATABASE_URL: db.url, HOST: `unix:${path}` }, async (server) => {
      expect.status(await server.anyone.get('/health'), 200);
    });
  });

  test('on IPv6, where there is any', async (test_) => {
    const probe = net.createServer();
    const there = await new Promise((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(0, '::1', () => probe.close(() => resolve(true)));
    });
    if (!there) return test_.skip('no IPv6 here');
    await withServer({ DATABASE_URL: db.url, HOST: '::1' }, async (server) => {
      assert.equal(server.address.host, '::1');
      expect.status(await server.anyone.get('/health'), 200);
    });
  });

  test('on a port that is taken: an error that says so', async () => {
    const taken = net.createServer();
    await new Promise((resolve) => taken.listen(0, '127.0.0.1', resolve));
    try {
      const { stdout, stderr } = await assertNoStart({ DATABASE_URL: db.url, PORT: `${taken.address().port}` }, /another process listens|address already in use/i);
      assert.ok(`${stdout}${stderr}`.includes(String(taken.address().port)));
    } finally {
      taken.close();
    }
  });
});
