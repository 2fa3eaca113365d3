// A streaming standby of a test's own cluster (pg_basebackup -R), and what a test wants of it.

import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, POSTGRES, signal } from './cluster.js';
import { eventually } from './env.js';
import { atExit } from './process.js';
import { psql } from './psql.js';

export class Standby extends Cluster {
  /** Copies the primary, which runs, and starts to follow it. */
  static async of(primary, settings = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'bugd-standby-'));
    await chmod(folder, 0o755);
    const standby = new Standby(folder, { fsync: 'off', ...settings });
    standby.forget = atExit(() => spawnSync(POSTGRES, ['remove', folder]));
    await standby.script('standby', primary.folder);
    standby.url = (await standby.script('url', 'postgres', 'postgres')).trim();
    standby.primary = primary;
    return standby;
  }

  /** Stops to apply what it receives, as when it cannot keep up. */
  pause() {
    return psql(this.url, 'SELECT pg_wal_replay_pause();');
  }

  resume() {
    return psql(this.url, 'SELECT pg_wal_replay_resume();');
  }

  promote() {
    return this.script('promote');
  }

  /** Waits until it has applied all that the primary has written so far. */
  async caughtUp() {
    const lsn = await psql(this.primary.url, 'SELECT pg_current_wal_insert_lsn();');
    await eventually('the standby has caught up', async () =>
      (await psql(this.url, `SELECT pg_last_wal_replay_lsn() >= '${lsn}';`)) === 't');
  }

  /** Its processes stand still, with their connections: SIGSTOP. `thaw` lets them go on. */
  async freeze() {
    this.frozen = await this.pids();
    for (const pid of this.frozen) signal(pid, 'SIGSTOP');
  }

  thaw() {
    for (const pid of this.frozen ?? []) signal(pid, 'SIGCONT');
    this.frozen = undefined;
  }
}
