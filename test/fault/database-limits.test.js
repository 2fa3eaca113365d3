// PostgreSQL lives and will not: it has no connection left, no room on its disk, or takes no changes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { Cluster } from '../support/cluster.js';
import { eventually, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Traffic } from '../support/load.js';
import { psql } from '../support/psql.js';
import { Tracker, login, useTrackerOnCluster } from '../support/tracker.js';

describe('limits of PostgreSQL under load', () => {
  const t = useTrackerOnCluster({ max_connections: '40', superuser_reserved_connections: '3' });

  /** A server that is no superuser, as those have connections of their own. */
  async function asOrdinary(use) {
    await t.db.exec(`DO $$ BEGIN CREATE ROLE ordinary LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;
      GRANT ALL ON SCHEMA public TO ordinary; GRANT ALL ON ALL TABLES IN SCHEMA public TO ordinary;
      GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ordinary;`);
    const url = new URL(t.db.url);
    url.searchParams.set('user', 'ordinary');
    await withServer({ DATABASE_URL: url.href, DB_STATEMENT_TIMEOUT: `${ms(2000)}`, REQUEST_TIMEOUT: `${ms(3000)}` }, use);
  }
  const underLoad = (use) => asOrdinary(async (server) => {
    const traffic = await Traffic.start(t, server.anyone.as(await login(server.anyone, 'developer')));
    await use(traffic, server);
    await traffic.back();
    await traffic.stop(5000);
  });

  test('max_connections is reached while connections are lost: 503, and all is well when there is room', () => underLoad(async (traffic, server) => {
    const ours = `FROM pg_stat_activity WHERE usename = 'ordinary'`;
    await t.db.exec(`ALTER ROLE ordinary CONNECTION LIMIT 0; SELECT pg_terminate_backend(pid) ${ours};`);
    await traffic.refused();
    await sleep(1200);
    expect.unavailable(await server.anyone.get('/ready'));
    expect.status(await server.anyone.get('/health'), 200);
    // And the real thing: somebody else takes all that there are but those of superusers.
    await t.db.exec('CREATE ROLE greedy LOGIN;');
    const url = new URL(t.db.url);
    url.searchParams.set('user', 'greedy');
    const greedy = Array.from({ length: 40 }, () => psql(url.href, 'SELECT pg_sleep(60);').catch((error) => error.message));
    assert.match(await Promise.race(greedy), /too many clients|reserved/);
    await t.db.exec('ALTER ROLE ordinary CONNECTION LIMIT -1;');
    await sleep(500);
    await t.db.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'greedy';");
    await Promise.all(greedy);
  }));

  test('it has fewer connections than the server wants: it works with those that it gets', async () => {
    await t.db.exec('DO $$ BEGIN CREATE ROLE ordinary LOGIN; EXCEPTION WHEN duplicate_object THEN END $$; ALTER ROLE ordinary CONNECTION LIMIT 8;');
    try {
      await asOrdinary(async (server) => {
        const traffic = await Traffic.start(t, server.anyone.as(await login(server.anyone, 'developer')));
        await traffic.flows();
        await t.db.exec('ALTER ROLE ordinary CONNECTION LIMIT -1;');
        await traffic.stop(5000);
      });
    } finally {
      await t.db.exec('ALTER ROLE ordinary CONNECTION LIMIT -1;');
    }
  });

  test('it becomes read-only: reads go on, changes get 503, until it takes them again', () => underLoad(async (traffic) => {
    const seen = traffic.readers.seen;
    await t.cluster.set({ default_transaction_read_only: 'on' });
    await traffic.refused();
    const { right, refused } = seen;
    await eventually('reads go on', () => seen.right > right + 50);
    assert.equal(seen.refused, refused, 'a read was refused');
    await psql(t.cluster.url, 'SET default_transaction_read_only = off; ALTER SYSTEM RESET default_transaction_read_only;');
    await psql(t.cluster.url, 'SELECT pg_reload_conf();');
  }));
});

describe('a disk of PostgreSQL that is full', () => {
  test('changes get 503, reads go on, and nothing that was promised is lost', async (test_) => {
    const cluster = await Cluster.create();
    const place = `${await cluster.place()}/small`;
    const t = new Tracker();
    let mounted = false;
    try {
      try {
        execFileSync('mkdir', ['-p', place]);
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m,mode=0777', 'tmpfs', place], { stdio: 'pipe' });
        mounted = true;
        execFileSync('chown', ['--reference', `${await cluster.place()}/data`, place]);
      } catch (error) {
        return test_.skip(`a small tmpfs cannot be mounted here: ${String(error.stderr ?? error.message).trim()}`);
      }
      await psql(cluster.url, `CREATE TABLESPACE small LOCATION '${place}';`);
      await t.open(cluster.url);
      await t.server.stop();
      await psql(cluster.url, `ALTER DATABASE ${t.db.name} SET TABLESPACE small;`);
      await withServer({ DATABASE_URL: t.db.url }, async (server) => {
        const developer = server.anyone.as(await login(server.anyone, 'developer'));
        t.developer = developer;
        t.manager = server.anyone.as(await login(server.anyone, 'manager'));
        const traffic = await Traffic.start(t, developer);
        const filler = `${place}/filler`;
        execFileSync('sh', ['-c', `dd if=/dev/zero of=${filler} bs=64k 2>/dev/null; true`]);
        await traffic.refused();
        const { right } = traffic.readers.seen;
        await eventually('reads go on', () => traffic.readers.seen.right > right + 20);
        expect.status(await server.anyone.get('/health'), 200);
        execFileSync('rm', [filler]);
        await traffic.back();
        await traffic.stop();
      });
    } finally {
      await t.server?.kill();
      await cluster.stop().catch(() => {});
      if (mounted) execFileSync('umount', [place]);
      await cluster.remove();
    }
  });
});
