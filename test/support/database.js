// One database a test file, copied from a template that was migrated once and holds the cast.

import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { BUGD, PASSWORD, eventually, requireBinary, testDatabaseUrl } from './env.js';
import { bugd, uploadDir } from './bugd.js';
import { literal, psql, rows, withDatabase } from './psql.js';

/** The people of every test database: one or two of each role. */
export const CAST = {
  admin: 'admin',
  manager: 'manager',
  manager2: 'manager',
  developer: 'developer',
  developer2: 'developer',
  reporter: 'reporter',
  reporter2: 'reporter',
};
export const email = (name) => `${name}@example.test`;

const unique = () => randomBytes(6).toString('hex');

/** A database of the tests. */
class Database {
  constructor(server, name) {
    this.server = server;
    this.name = name;
    this.url = withDatabase(server, name);
  }

  /** Executes SQL behind the server's back. */
  exec(sql) {
    return psql(this.url, sql);
  }

  /** The rows of a query as objects. */
  rows(query) {
    return rows(this.url, query);
  }

  /**
   * Executes `first` and holds what it locked while `use` runs, until somebody waits for that; then executes `last`
   * and commits. What `use` answers.
   */
  async heldFrom(first, last, use) {
    const held = this.exec(`DO $$ BEGIN
      ${first};
      PERFORM pg_advisory_xact_lock(hashtext('held'), 1);
      FOR i IN 1..1000 LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted AND pg_backend_pid() = ANY(pg_blocking_pids(l.pid)));
        PERFORM pg_sleep(0.01);
      END LOOP;
      ${last};
    END $$;`);
    const isHeld = `SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
      WHERE l.locktype = 'advisory' AND l.classid::bigint = hashtext('held')::bigint & 4294967295 AND l.objid = 1;`;
    await eventually('it is held', async () => (await this.exec(isHeld)) === '1');
    const answer = await use();
    await held;
    return answer;
  }

  /**
   * A text that differs whenever any row of any table differs, but for what a server notes by itself, later: one
   * table, and when a token was used.
   */
  async fingerprint() {
    return this.exec(`
      SELECT string_agg(format('%s.%s %s', schemaname, tablename, (xpath('/row/h/text()', query_to_xml(
          format('SELECT count(*) || '' '' || md5(coalesce(string_agg(r, chr(10) ORDER BY r), '''')) AS h
                  FROM (SELECT (to_jsonb(t) - ''last_used_at'')::text AS r FROM %I.%I t) rows', schemaname, tablename), false, true, '')))[1]::text), chr(10) ORDER BY tablename)
      FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'attachment_store';`);
  }

  async drop() {
    await rm(uploadDir(this.url), { recursive: true, force: true });
    return psql(this.server, `DROP DATABASE IF EXISTS ${this.name} WITH (FORCE);`);
  }
}

/** A database without anything in it. */
export async function emptyDatabase(server = testDatabaseUrl()) {
  const database = new Database(server, `test_${unique()}`);
  await psql(server, `CREATE DATABASE ${database.name};`);
  return database;
}

/** A migrated database with the cast in it. */
export async function createDatabase(server = testDatabaseUrl()) {
  const template = await ensureTemplate(server);
  const database = new Database(server, `test_${unique()}`);
  await psql(server, `CREATE DATABASE ${database.name} TEMPLATE ${template};`);
  return database;
}

/** Makes the template under another name first: renaming is what tells who of several was the first. */
async function ensureTemplate(server) {
  requireBinary();
  const { mtimeMs, size, ino } = statSync(BUGD);
  const mark = createHash('sha256').update(`${BUGD} ${mtimeMs} ${size} ${ino}`).digest('hex').slice(0, 12);
  const name = `template_${mark}`;
  if (await exists(server, name)) return name;

  const fresh = await emptyDatabase(server);
  try {
    await migrate(fresh);
    for (const [person, role] of Object.entries(CAST)) await createUser(fresh, person, role);
    await psql(server, `ALTER DATABASE ${fresh.name} RENAME TO ${name};`);
  } catch (error) {
    await fresh.drop();
    if (!(await exists(server, name))) throw error;
  }
  return name;
}

async function exists(server, name) {
  return (await psql(server, `SELECT 1 FROM pg_database WHERE datname = ${literal(name)};`)) === '1';
}

export async function migrate(database) {
  const done = await bugd(['migrate', 'up'], { DATABASE_URL: database.url });
  if (done.code !== 0) throw new Error(`bugd migrate up: exit ${done.code}\n${done.stdout}${done.stderr}`);
}

/** Through `bugd user create`. */
export async function createUser(database, person, role, password = PASSWORD) {
  const done = await bugd(['user', 'create', '--role', role, '--email', email(person), '--name', person], {
    DATABASE_URL: database.url,
  }, `${password}\n`);
  if (done.code !== 0) throw new Error(`bugd user create: exit ${done.code}\n${done.stdout}${done.stderr}`);
}
