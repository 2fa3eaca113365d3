// PostgreSQL's processes are killed, stopped at once, or hang, under load: one of them, or the one that starts all.

import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { eventually, ms, sleep } from '../support/env.js';
import { Traffic } from '../support/load.js';
import { useTrackerOnCluster } from '../support/tracker.js';

const REQUEST = 600;
const STATEMENT = 400;

describe('processes of PostgreSQL under load', () => {
  const t = useTrackerOnCluster();

  /** A server with short deadlines, and traffic on it; `use` breaks something and mends it. */
  async function underLoad(use) {
    await t.server.ready(); // the tracker's own has lost its connections, too
    const env = { DATABASE_URL: t.db.url, REQUEST_TIMEOUT: `${ms(REQUEST)}`, DB_STATEMENT_TIMEOUT: `${ms(STATEMENT)}` };
    await withServer(env, async (server) => {
      const traffic = await Traffic.start(t, server.anyone.as(t.developer.token));
      await use(traffic);
      await traffic.back();
      await traffic.stop(REQUEST + 2000);
    });
  }

  test('one backend gets kill -9: all others are ended by PostgreSQL, and nothing that was promised is lost', () => underLoad(async (traffic) => {
    for (let i = 0; i < 2; i++) {
      process.kill((await t.cluster.backends(t.db.name))[0], 'SIGKILL');
      await sleep(50);
      await eventually('PostgreSQL has recovered', async () => (await t.db.exec('SELECT 1;')) === '1');
      await traffic.back();
    }
  }));

  test('the postmaster alone gets kill -9', () => underLoad(async (traffic) => {
    await t.cluster.end('SIGKILL');
    await traffic.refused();
    await eventually('it starts again', async () => {
      await t.cluster.start();
      return true;
    });
  }));

  test('PostgreSQL is stopped at once', () => underLoad(async (traffic) => {
    await t.cluster.end('SIGQUIT');
    await traffic.refused();
    await t.cluster.start();
  }));

  test('all backends hang for longer than the deadline: 503 within it', () => underLoad(async (traffic) => {
    const pids = await t.cluster.backends(t.db.name);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await traffic.refused();
      await sleep(ms(REQUEST));
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
  }));

  test('one backend hangs: what waits for it gets 503 within its deadline, and the others go on', () => underLoad(async (traffic) => {
    const [pid] = await t.cluster.backends(t.db.name);
    process.kill(pid, 'SIGSTOP');
    try {
      await sleep(ms(REQUEST));
      await traffic.flows();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }));

  test('the postmaster hangs: connections that are there go on; new ones wait for it', () => underLoad(async (traffic) => {
    const pid = await t.cluster.postmaster();
    const some = (await t.cluster.backends(t.db.name)).slice(0, 4);
    process.kill(pid, 'SIGSTOP');
    try {
      for (const each of some) process.kill(each, 'SIGTERM');
      await sleep(ms(300));
      await traffic.flows();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }));
});
