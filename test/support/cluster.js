// A PostgreSQL of a test's own, for tests that break it. scripts/postgres makes and runs it.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, eventually } from './env.js';
import { atExit, run } from './process.js';
import { psql } from './psql.js';

export const POSTGRES = join(ROOT, 'scripts/postgres');

export class Cluster {
  /** Makes and starts one; `settings` are PostgreSQL's, e.g. { fsync: 'off' }. */
  static async create(settings = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'bugd-cluster-'));
    await chmod(folder, 0o755); // as root, the server runs as somebody else
    const cluster = new Cluster(folder, { fsync: 'off', ...settings });
    cluster.forget = atExit(() => spawnSync(POSTGRES, ['remove', folder]));
    await cluster.start();
    return cluster;
  }

  constructor(folder, settings) {
    this.folder = folder;
    this.settings = Object.entries(settings).map(([name, value]) => `${name}=${value}`).join(' ');
  }

  async start() {
    await this.script('start');
    this.url = (await this.script('url', 'postgres', 'postgres')).trim();
  }

  /** Stops it in an orderly way, as for maintenance. */
  stop() {
    return this.script('stop');
  }

  /** As if the machine had lost power: every process of it gets SIGKILL, the postmaster first. */
  async crash() {
    const pids = await this.pids();
    for (const each of pids) signal(each, 'SIGKILL');
    await eventually('the killed PostgreSQL is gone', () => pids.every((each) => !alive(each)));
  }

  /** The numbers of its processes, the postmaster's first. */
  async pids() {
    const [pid] = (await readFile(join(await this.place(), 'data/postmaster.pid'), 'utf8')).split('\n');
    const others = await psql(this.url, 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid();');
    return [pid, ...others.split('\n')].filter(Boolean).map(Number);
  }

  /** Sends a signal to the postmaster alone, and waits until all that was PostgreSQL has ended. */
  async end(name) {
    const pids = await this.pids();
    signal(pids[0], name);
    await eventually('PostgreSQL is gone', () => pids.every((each) => !alive(each)));
  }

  /** The process id of the first process. */
  async postmaster() {
    return (await this.pids())[0];
  }

  /** Process ids of what serves a database. */
  async backends(name) {
    const pids = await psql(this.url, `SELECT pid FROM pg_stat_activity WHERE datname = '${name}' AND backend_type = 'client backend';`);
    return pids.split('\n').filter(Boolean).map(Number);
  }

  /** Changes settings of the running server: { name: value }, null for the default. */
  async set(settings) {
    const changes = Object.entries(settings).map(([name, value]) => (
      value === null ? `ALTER SYSTEM RESET ${name};` : `ALTER SYSTEM SET ${name} = '${value}';`));
    await psql(this.url, `${changes.join(' ')} SELECT pg_reload_conf();`);
  }

  /** The server's log, as text. */
  async log() {
    return readFile(join(await this.place(), 'log/postgres.log'), 'utf8');
  }

  async remove() {
    await this.script('remove');
    await rm(this.folder, { recursive: true, force: true });
    this.forget();
  }

  /** The folder in which the data, the log and the socket really are. */
  async place() {
    return (await readFile(join(this.folder, 'place'), 'utf8').catch(() => this.folder)).trim();
  }

  /** Runs scripts/postgres on it. */
  async script(command, ...args) {
    const done = await run(POSTGRES, [command, this.folder, ...args], {
      env: { ...process.env, PG_SETTINGS: this.settings }, timeout: 90_000,
    });
    if (done.code !== 0) throw new Error(`scripts/postgres ${command}: exit ${done.code}\n${done.stderr}`);
    return done.stdout;
  }
}

/** The signal to a process that may have ended. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Whether the process still runs; one that is dead but not yet waited for does not. */
function alive(pid) {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
