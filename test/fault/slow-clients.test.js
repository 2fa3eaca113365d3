// Clients that are slow, half gone, or many and idle: they get what is theirs, and nobody else notices.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import net from 'node:net';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { SLOW, eventually, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Traffic } from '../support/load.js';
import { RawConnection } from '../support/raw.js';
import { login, useTracker } from '../support/tracker.js';

const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const resident = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

describe('difficult clients', () => {
  const t = useTracker();

  test('500 slow ones, with heads, bodies and reading, are cut off in time while service goes on', async () => {
    const env = { DATABASE_URL: t.db.url, HEAD_TIMEOUT: `${ms(1500)}`, BODY_TIMEOUT: `${ms(1500)}`, WRITE_TIMEOUT: `${ms(1500)}`, IDLE_TIMEOUT: `${ms(1500)}` };
    const big = await t.issue({ description: 'x'.repeat(60_000) });
    await withServer(env, async (server) => {
      const token = await login(server.anyone, 'developer');
      const traffic = await Traffic.start(t, server.anyone.as(token));
      const get = `GET /api/v1/issues/${big.id} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`;
      const ways = [
        ['GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: ', 'x'],
        [`POST /api/v1/issues HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{"title": "`, 'x'],
        [get.repeat(60), ''], // 3.5 MB of answers, and nobody reads them
      ];
      const before = descriptors(server.pid);
      const slow = await Promise.all(Array.from({ length: 500 }, async (_, i) => {
        const [first, more] = ways[i % ways.length];
        const socket = net.connect(server.address);
        await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
        socket.on('error', () => {});
        if (more) socket.resume();
        else socket.pause();
        socket.write(first);
        return { socket, more };
      }));
      const drip = setInterval(() => {
        for (const { socket, more } of slow) if (more && socket.writable) socket.write(more);
      }, 200);
      try {
        await traffic.flows();
        await eventually('all of them are cut off', () => descriptors(server.pid) <= before + 10, { within: 10_000 });
      } finally {
        clearInterval(drip);
        for (const { socket } of slow) socket.destroy();
      }
      await traffic.back();
      await traffic.stop();
    });
  });

  test('half-open connections get their answer, and are closed then', async () => {
    const before = descriptors(t.server.pid);
    const request = `GET /api/v1/users/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${t.developer.token}\r\n\r\n`;
    await Promise.all(Array.from({ length: 100 }, async () => {
      const connection = await RawConnection.open(t.server.address);
      await connection.send(request);
      connection.finish();
      expect.status(await connection.response(), 200);
      await connection.closed();
      connection.close();
    }));
    // And those that say nothing at all, or half of something, before they close their side.
    const silent = await Promise.all(['', 'GET /hea'].flatMap((text) => Array.from({ length: 50 }, async () => {
      const connection = await RawConnection.open(t.server.address);
      if (text) await connection.send(text);
      connection.finish();
      return connection;
    })));
    await Promise.all(silent.map((connection) => eventually('it is closed', () => connection.ended)));
    for (const connection of silent) connection.close();
    await eventually('nothing of them stays', () => descriptors(t.server.pid) <= before + 5);
  });

  test('10,000 idle ones cost little, and service goes on', { timeout: ms(60_000) }, async (test_) => {
    const own = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))[1]);
    const hard = Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))[1]);
    if (own < hard) execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${hard}:${hard}`]);
    const count = Math.min(SLOW === 1 ? 10_000 : 2000, hard - 500);
    await withServer({ DATABASE_URL: t.db.url, MAX_CONNECTIONS: '12000', IDLE_TIMEOUT: '5m', HEAD_TIMEOUT: '5m' }, async (server) => {
      const traffic = await Traffic.start(t, server.anyone.as(await login(server.anyone, 'developer')));
      const before = resident(server.pid);
      const idle = [];
      try {
        while (idle.length < count) {
          const some = Math.min(250, count - idle.length);
          idle.push(...await Promise.all(Array.from({ length: some }, () => RawConnection.open(server.address))));
          // They have been served once: what a request needed is given back.
          await Promise.all(idle.slice(-some).map(async (connection) => {
            await connection.send('GET /health HTTP/1.1\r\nHost: a\r\n\r\n');
            expect.status(await connection.response(), 200);
          }));
        }
        const each = (resident(server.pid) - before) / count;
        test_.diagnostic(`${count} idle connections take ${Math.round(each)} bytes each`);
        if (SLOW === 1) assert.ok(each < 8192, `${Math.round(each)} bytes for each`);
        await traffic.flows();
        await sleep(200);
        assert.equal(idle.filter((connection) => connection.ended).length, 0);
      } finally {
        for (const connection of idle) connection.close();
      }
      await eventually('they are gone', () => descriptors(server.pid) < 200, { within: 20_000 });
      await traffic.stop();
    });
  });
});
