// Under a service manager: it hands the socket on, is told what goes on, and a new version replaces an old one while
// clients work.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Client } from '../support/client.js';
import { createDatabase } from '../support/database.js';
import { ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Load } from '../support/load.js';
import { Supervisor } from '../support/supervisor.js';
import { login } from '../support/tracker.js';

describe('under a service manager', () => {
  let db;
  const supervisors = [];
  const open = async (env) => {
    supervisors.push(await Supervisor.open({ DATABASE_URL: db.url, ...env }));
    return supervisors.at(-1);
  };
  before(async () => (db = await createDatabase()));
  after(async () => {
    for (const supervisor of supervisors) supervisor.kill();
    await db?.drop();
  });

  test('it is told of the start, of life, and of the stop', async () => {
    const supervisor = await open({ WATCHDOG_USEC: '200000' });
    const server = await supervisor.start();
    await server.told('READY=1');
    assert.equal((await new Client(supervisor.address).get('/ready')).status, 200);
    await sleep(ms(500));
    const beats = server.heard().filter((line) => line === 'WATCHDOG=1').length;
    assert.ok(beats >= 3, `${beats} signs of life in 500 ms`);
    server.stop();
    await server.told('STOPPING=1');
    assert.deepEqual(await supervisor.close(), [0]);
  });

  test('an upgrade under load: no request fails, no connection is refused', async () => {
    const supervisor = await open();
    let server = await supervisor.start();
    await server.told('READY=1');

    const keeping = new http.Agent({ keepAlive: true, maxSockets: 16 });
    const anyone = new Client(supervisor.address, { agent: keeping });
    const developer = anyone.as(await login(anyone, 'developer'));
    const manager = anyone.as(await login(anyone, 'manager'));
    const project = expect.status(await manager.post('/api/v1/projects', { key: 'UP', name: 'Upgrade', status: 'active' }), 201).body;
    const fresh = new Client(supervisor.address, { token: developer.token, agent: new http.Agent({ keepAlive: false }) });
    let created = 0;
    const loads = [
      new Load(8, async () => {
        expect.status(await developer.post('/api/v1/issues', { project_id: project.id, title: 'Meanwhile' }), 201);
        created += 1;
      }),
      new Load(8, async () => expect.status(await developer.get(`/api/v1/projects/${project.id}`), 200)),
      new Load(4, async () => expect.status(await fresh.get(`/api/v1/projects/${project.id}`), 200)),
    ];
    try {
      for (let i = 0; i < 4; i++) {
        await sleep(ms(200));
        const next = await supervisor.start();
        await next.told('READY=1');
        server.stop();
        await server.told('STOPPING=1');
        server = next;
      }
      await sleep(ms(1500)); // until the last of the old ones has gone
    } finally {
      await Promise.all(loads.map((load) => load.stop()));
      keeping.destroy();
    }
    const steps = loads.reduce((sum, load) => sum + load.steps, 0);
    assert.ok(steps > 200, `only ${steps} requests`);
    const rows = Number(await db.exec(`SELECT count(*) FROM issues WHERE project_id = '${project.id}';`));
    assert.equal(rows, created);
    server.stop();
    assert.deepEqual(await supervisor.close(), [0, 0, 0, 0, 0]);
  });

  test('stopped before the next one starts, connections wait', async () => {
    const supervisor = await open();
    const old = await supervisor.start();
    await old.told('READY=1');
    const before = new Client(supervisor.address, { agent: new http.Agent({ keepAlive: false }) });
    assert.equal((await before.get('/health')).status, 200);
    old.stop();
    await old.told('STOPPING=1');
    const waiting = Promise.all(Array.from({ length: 20 }, () => before.get('/health')));
    await sleep(ms(300));
    const next = await supervisor.start();
    for (const r of await waiting) expect.status(r, 200);
    await next.told('READY=1');
    next.stop();
    assert.deepEqual(await supervisor.close(), [0, 0]);
  });
});
