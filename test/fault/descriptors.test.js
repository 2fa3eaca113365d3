// The server has no file descriptor left: it closes what it cannot serve, does not spin, and recovers.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { BUGD, eventually, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Traffic } from '../support/load.js';
import { scratchFolder } from '../support/process.js';
import { login, useTracker } from '../support/tracker.js';

const CLOCK_TICKS = 100; // a second, on every Linux that Node runs on

/** Seconds of processor time that a process has taken. */
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const limit = (pid, n) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${n}:20000`]);

function connect(address) {
  const socket = net.connect(address);
  socket.on('error', () => {});
  socket.resume();
  return socket;
}

describe('a server without a free descriptor', () => {
  const t = useTracker();

  test('takes no more connections than its limit allows, whatever the setting, and says so', async () => {
    const program = join(scratchFolder(), 'few-descriptors');
    writeFileSync(program, `#!/bin/sh\nulimit -n 400\nexec "${BUGD}" "$@"\n`, { mode: 0o755 });
    await withServer({ DATABASE_URL: t.db.url, MAX_CONNECTIONS: '1000' }, async (server) => {
      const { detail } = server.logs().find(({ message }) => /MAX_CONNECTIONS/.test(message));
      const [, most, wanted] = /^(\d+) instead of (\d+)$/.exec(detail);
      assert.equal(wanted, '1000');
      assert.ok(Number(most) > 1 && Number(most) < 400, detail);
    }, { program });
  });

  test('closes new connections, goes on with those that it has, does not spin, and recovers', async () => {
    await withServer({ DATABASE_URL: t.db.url }, async (server) => {
      const developer = server.anyone.as(await login(server.anyone, 'developer'));
      const traffic = await Traffic.start(t, developer);
      const { pid } = server;
      const crowd = [];
      limit(pid, descriptors(pid) + 10);
      try {
        for (let i = 0; i < 100; i++) crowd.push(connect(server.address));
        await eventually('the surplus is closed', () => crowd.filter((s) => s.closed).length >= 80);
        await traffic.flows();
        await sleep(100);
        // Nothing but the crowd knocks: the processor has nothing to do.
        await Promise.all([traffic.writers.stop(), traffic.readers.stop()]);
        const begin = cpu(pid);
        const knocks = setInterval(() => crowd.push(connect(server.address)), 20);
        await sleep(1000);
        clearInterval(knocks);
        const used = cpu(pid) - begin;
        assert.ok(used < ms(300) / 1000, `it took ${used} s of a second`);
      } finally {
        limit(pid, 20_000);
        for (const socket of crowd) socket.destroy();
      }
      const begin = Date.now();
      await eventually('a new connection is served', async () => {
        const client = new developer.constructor(server.address, { token: developer.token });
        try {
          return expect.status(await client.get('/api/v1/users/me'), 200);
        } finally {
          client.close();
        }
      });
      assert.ok(Date.now() - begin < ms(1500), `it took ${Date.now() - begin} ms`);
      await traffic.stop();
    });
  });

  test('connects to the database again as soon as there is one', async () => {
    await withServer({ DATABASE_URL: t.db.url }, async (server) => {
      const traffic = await Traffic.start(t, server.anyone.as(await login(server.anyone, 'developer')));
      const { pid } = server;
      const sockets = readdirSync(`/proc/${pid}/fd`).map(Number);
      limit(pid, Math.min(...sockets) + 5); // below what is open: nothing new can be
      try {
        await t.db.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${t.db.name}' AND pid <> pg_backend_pid();`);
        await traffic.refused();
        const begin = cpu(pid);
        await sleep(1000);
        assert.ok(cpu(pid) - begin < ms(700) / 1000, `it took ${cpu(pid) - begin} s of a second`);
      } finally {
        limit(pid, 20_000);
      }
      await traffic.back();
      await traffic.stop();
    });
  });
});
