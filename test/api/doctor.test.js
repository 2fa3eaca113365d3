// `bugd doctor`: each fault is made for real, and has to be named with what mends it.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bugd } from '../support/bugd.js';
import { createDatabase, emptyDatabase } from '../support/database.js';
import { BUGD, SECRET_KEY, baseEnv, ms } from '../support/env.js';
import { run, scratchFolder } from '../support/process.js';
import { Proxy } from '../support/proxy.js';

// What other tests leave of the server's connections has to do.
const SMALL = { DB_READ_CONNECTIONS: '1', DB_WRITE_CONNECTIONS: '1', DB_SLOW_CONNECTIONS: '1', DB_COPY_CONNECTIONS: '2' };
const folder = () => mkdtempSync(join(scratchFolder(), 'doctor-'));

describe('bugd doctor', () => {
  let db;
  let role;
  let url; // as a role that owns the tables, and is no superuser
  let hasty; // the tests' PostgreSQL mostly does without fsync, which is a finding of its own
  before(async () => {
    db = await createDatabase();
    hasty = (await db.exec('SHOW fsync;')) === 'off';
    role = `doctor_${db.name}`;
    await db.exec(`CREATE ROLE ${role} LOGIN; GRANT ALL ON SCHEMA public TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role};`);
    url = as(role);
  });
  after(async () => {
    await db?.exec(`DROP OWNED BY ${role}; DROP ROLE ${role};`);
    await db?.drop();
  });
  const as = (name) => {
    const other = new URL(db.url);
    if (other.hostname) other.username = name;
    else other.searchParams.set('user', name);
    return other.href;
  };
  const settings = (env) => ({ DATABASE_URL: url, UPLOAD_DIR: join(scratchFolder(), 'uploads'), ...SMALL, ...env });

  /** What it finds: { code, findings, of(check, level) }. */
  const examine = async (env = {}, args = []) => {
    const { code, stdout, stderr } = await bugd(['doctor', '--json', ...args], settings(env));
    assert.equal(stderr, '');
    const found = JSON.parse(stdout);
    const problems = found.findings.filter(({ level }) => level === 'problem');
    assert.equal(found.problems, problems.length);
    assert.equal(code, problems.length ? 1 : 0, stdout);
    for (const { level, mend, text } of found.findings) assert.equal(mend !== null, level !== 'ok', text);
    const unsafe = found.findings.filter(({ level, text }) => level === 'warning' && text.startsWith('fsync is off'));
    assert.equal(unsafe.length, hasty && found.findings.some(({ check }) => check === 'writing') ? 1 : 0);
    return found.findings.map((f) => (unsafe.includes(f) ? { ...f, level: 'ok' } : f));
  };
  /** The one problem there is. */
  const theProblem = async (env, args) => {
    const problems = (await examine(env, args)).filter(({ level }) => level === 'problem');
    assert.equal(problems.length, 1, JSON.stringify(problems));
    return problems[0];
  };

  test('finds nothing wrong where nothing is', async () => {
    const findings = await examine();
    assert.deepEqual(findings.filter(({ level }) => level !== 'ok'), []);
    for (const check of ['settings', 'proxies', 'secrets', 'attachments', 'disk', 'descriptors', 'database', 'version', 'writing', 'role', 'connections', 'clock', 'schema', 'indexes', 'tables', 'privileges'])
      assert.ok(findings.some((f) => f.check === check), check);
  });

  test('writes aligned lines for people, and the same to a pipe', async () => {
    const { code, stdout } = await bugd(['doctor'], settings({ HOST: '*', REGISTRATION: 'closed' }));
    assert.equal(code, 0);
    const lines = stdout.split('\n').filter((line) => /^(ok|warning|problem) /.test(line));
    assert.ok(lines.length > 15);
    for (const line of lines) assert.match(line, /^(ok {5}|warning|problem) {2}[a-z]+ *  \S/);
    assert.equal(new Set(lines.map((line) => /^.{7}  [a-z]+ +/.exec(line)[0].length)).size, 1);
    assert.match(stdout, /^warning {2}listening.*HOST=\*.*\n +mend: .*TLS/m);
    assert.ok(stdout.endsWith(`problems: 0, warnings: ${hasty ? 2 : 1}\n`), stdout);
  });

  test('changes nothing', async () => {
    const before = await db.fingerprint();
    await examine();
    assert.equal(await db.fingerprint(), before);
  });

  test('names wrong settings, and goes on with what does not need them', async () => {
    const findings = await examine({ PORT: 'http', LOG_LEVEL: 'loud' });
    const wrong = findings.filter(({ level }) => level === 'problem');
    assert.equal(wrong.length, 2);
    assert.match(wrong[0].text + wrong[1].text, /PORT: "http".*LOG_LEVEL: "loud"|LOG_LEVEL: "loud".*PORT: "http"/);
    assert.match(wrong.find(({ text }) => text.startsWith('PORT')).mend, /0 to 65535/);
    assert.ok(findings.some(({ check, level }) => check === 'schema' && level === 'ok'));
  });

  test('names unknown names in the .env file, and their nearest', async () => {
    const path = join(folder(), 'x.env');
    writeFileSync(path, 'LOG_LEVLE=debug\nSOMETHING_OF_OTHERS=1\nISSUER=x\nSECRET_KEY_FILE=\n');
    const warnings = (await examine({}, ['--env-file', path])).filter(({ level }) => level === 'warning');
    assert.deepEqual(warnings.map(({ text }) => text.replace(path, 'x')).sort(), ['x, line 1: bugd knows no LOG_LEVLE; is LOG_LEVEL meant?', 'x, line 2: bugd knows no SOMETHING_OF_OTHERS']);
  });

  test('names secrets that are short, or can be guessed, and shows none', async () => {
    const short = 'a-short-and-secret-text';
    const { text, mend } = await theProblem({ SECRET_KEY: short });
    assert.match(text, /SECRET_KEY/);
    assert.match(mend, /32/);
    const guess = await theProblem({ SECRET_KEY: 'abcabcabc'.repeat(8) });
    assert.match(guess.text, /SECRET_KEY can be guessed/);
    const { stdout } = await bugd(['doctor'], { DATABASE_URL: 'postgresql://x:hunter2222@127.0.0.1:1/x', SECRET_KEY: short });
    for (const secret of [short, 'abcabc', 'hunter2222']) assert.ok(!stdout.includes(secret));
  });

  test('names files of secrets that others may read, and its command mends them', async () => {
    const path = join(folder(), 'key');
    writeFileSync(path, SECRET_KEY, { mode: 0o644 });
    chmodSync(path, 0o644);
    const env = { SECRET_KEY: '', SECRET_KEY_FILE: path };
    const found = await theProblem(env);
    assert.match(found.text, /SECRET_KEY_FILE.*everybody may read/);
    assert.equal((await run('sh', ['-c', found.mend])).code, 0);
    assert.ok((await examine(env)).every(({ level }) => level === 'ok'));
    const file = join(folder(), 'open.env');
    writeFileSync(file, `SECRET_KEY=${SECRET_KEY}\n`);
    chmodSync(file, 0o666);
    assert.match((await theProblem({}, ['--env-file', file])).text, /open\.env holds secrets/);
  });

  test('names settings that contradict each other', async () => {
    assert.match((await theProblem({ TRUSTED_PROXIES: '10.0.0.0/8, 0.0.0.0/0' })).text, /TRUSTED_PROXIES holds every address/);
    const of = async (env) => (await examine(env)).filter(({ level }) => level === 'warning').map(({ text }) => text).join();
    assert.match(await of({ HOST: 'unix:/run/bugd.sock', TRUSTED_PROXIES: '127.0.0.1' }), /no unix/);
    assert.match(await of({ X_ACCEL_REDIRECT: '/files' }), /X_ACCEL_REDIRECT.*TRUSTED_PROXIES names none/);
    assert.match(await of({ SEARCH_LANGUAGE: 'german' }), /indexed in english, and SEARCH_LANGUAGE is german/);
    assert.match(await of({ METRICS_NETWORKS: '0.0.0.0/0' }), /METRICS_NETWORKS/);
    assert.match(await of({ ACCESS_TOKEN_TTL: '1h', REFRESH_TOKEN_TTL: '1m' }), /ACCESS_TOKEN_TTL/);
  });

  test('names a database that is not there, or not for us', async () => {
    const nowhere = await theProblem({ DATABASE_URL: 'postgresql://bugd@127.0.0.1:1/bugd' });
    assert.equal(nowhere.check, 'database');
    assert.match(nowhere.text, /refused/);
    const other = new URL(url);
    other.pathname = '/there_is_none';
    const missing = await theProblem({ DATABASE_URL: other.href });
    assert.match(missing.text, /there_is_none/);
    assert.doesNotMatch(missing.text, /3D000|LOCATION/);
    assert.match(missing.mend, /^createdb /);
    const stranger = await theProblem({ DATABASE_URL: as('nobody_of_that_name') });
    assert.match(stranger.text, /nobody_of_that_name/);
    assert.match(stranger.mend, /pg_hba/);
  });

  test('names replicas that are none, or cannot be reached, each by itself', async () => {
    const findings = await examine({ DATABASE_REPLICA_URLS: `${url} postgresql://bugd@127.0.0.1:1/bugd` });
    const [none, away, ...more] = findings.filter(({ check }) => check === 'replica');
    assert.deepEqual(more, []);
    assert.match(none.text, /is no standby/);
    assert.match(away.text, /^127\.0\.0\.1:1: .*refused/);
    assert.deepEqual([none.level, away.level], ['problem', 'problem']);
    const alone = await examine({ DATABASE_URL: 'postgresql://bugd@127.0.0.1:1/bugd', DATABASE_REPLICA_URLS: url });
    assert.ok(alone.some(({ check, text }) => check === 'replica' && /is no standby/.test(text)));
  });

  test('ends in time when the database says nothing', async (t) => {
    const server = new URL(db.url);
    const host = server.searchParams.get('host') ?? server.hostname;
    const upstream = host.startsWith('/') ? { path: join(host, `.s.PGSQL.${server.port || 5432}`) } : { host, port: Number(server.port || 5432) };
    let mute = true;
    let lines = 0;
    const proxy = await Proxy.start(upstream, { ahead: (chunk) => !mute && !(lines > 0 && chunk.includes('server_version_num')) });
    t.after(() => proxy.stop());
    const timed = async () => {
      const began = Date.now();
      const { text } = await theProblem({ DATABASE_URL: proxy.url(url), DB_CONNECT_TIMEOUT: '300ms' });
      assert.ok(Date.now() - began < ms(3000), `${Date.now() - began} ms`);
      return text;
    };
    assert.match(await timed(), /did not accept the connection in time/);
    mute = false;
    lines = 1; // connections are made, and the first question is swallowed
    assert.match(await timed(), /did not answer in time/);
  });

  test('names a schema that is older, edited or newer', async (t) => {
    const old = await emptyDatabase();
    t.after(() => old.drop());
    const env = { DATABASE_URL: old.url };
    const found = await theProblem(env);
    assert.equal(found.check, 'schema');
    assert.match(found.text, /older/);
    assert.equal((await run('sh', ['-c', found.mend.replace(/^bugd/, BUGD)], { env: { ...baseEnv(), ...env } })).code, 0);
    assert.deepEqual((await examine(env)).filter(({ level }) => level === 'problem'), []);
    await old.exec(`UPDATE schema_migrations SET checksum = repeat('0', 64) WHERE number = 1;`);
    assert.match((await theProblem(env)).text, /edited/);
    await old.exec(`UPDATE schema_migrations SET checksum = 'x', number = 999 WHERE number = 1;`);
    assert.match((await theProblem(env)).text, /edited|newer/);
  });

  test('names every index that is missing, and its commands make them as they were', async (t) => {
    const broken = await createDatabase();
    t.after(() => broken.drop());
    const definitions = () => broken.rows(`SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname`);
    const before = await definitions();
    const own = await broken.rows(`SELECT i.indexname AS name FROM pg_indexes i WHERE schemaname = 'public'
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)`);
    await broken.exec([...own.map(({ name }) => `DROP INDEX ${name};`), 'ALTER TABLE tokens DROP CONSTRAINT tokens_hash_key;'].join('\n'));
    const env = { DATABASE_URL: broken.url };
    const missing = (await examine(env)).filter(({ level }) => level === 'problem');
    assert.equal(missing.length, own.length + 1);
    for (const { name } of own) assert.ok(missing.some(({ text }) => text === `index ${name} is missing`), name);
    for (const { mend } of missing) assert.equal((await run('sh', ['-c', mend], { env: { ...process.env, ...env } })).code, 0, mend);
    assert.deepEqual(await definitions(), before);
    assert.deepEqual((await examine(env)).filter(({ level }) => level === 'problem'), []);
  });

  test('names an index that is invalid, and its command mends it', async (t) => {
    const broken = await createDatabase();
    t.after(() => broken.drop());
    const env = { DATABASE_URL: broken.url };
    await broken.exec('DROP INDEX users_name_idx;');
    await assert.rejects(broken.exec('CREATE UNIQUE INDEX CONCURRENTLY users_name_idx ON users ((1));')); // leaves an invalid one
    const found = await theProblem(env);
    assert.match(found.text, /users_name_idx is invalid/);
    await broken.exec('SET session_replication_role = replica; DELETE FROM users WHERE id <> (SELECT id FROM users LIMIT 1);');
    assert.equal((await run('sh', ['-c', found.mend], { env: { ...process.env, ...env } })).code, 0);
    assert.ok((await examine(env)).every(({ level }) => level !== 'problem'));
  });

  test('names tables that are missing, and what the role may not do', async (t) => {
    const broken = await createDatabase();
    t.after(() => broken.drop());
    await broken.exec('DROP TABLE job_errors;');
    const lost = (await examine({ DATABASE_URL: broken.url })).filter(({ level }) => level === 'problem');
    assert.ok(lost.some(({ text }) => text === 'table job_errors is missing'));
    await db.exec(`REVOKE UPDATE, DELETE ON issues FROM ${role}; REVOKE CREATE ON SCHEMA public FROM ${role}, PUBLIC;`);
    const findings = await examine();
    await db.exec(`GRANT ALL ON issues TO ${role}; GRANT CREATE ON SCHEMA public TO ${role};`);
    assert.ok(findings.some(({ level, text }) => level === 'problem' && /lacks (UPDATE, DELETE|DELETE, UPDATE) on table issues/.test(text)));
    assert.ok(findings.some(({ level, text }) => level === 'warning' && /may not create tables/.test(text)));
    assert.ok((await examine({ DATABASE_URL: db.url })).some(({ level, text }) => level === 'warning' && /superuser/.test(text)));
  });

  test('names a server that takes no changes, and limits of connections', async () => {
    await db.exec(`ALTER ROLE ${role} SET default_transaction_read_only = on;`);
    assert.match((await theProblem()).text, /default_transaction_read_only/);
    await db.exec(`ALTER ROLE ${role} RESET default_transaction_read_only; ALTER ROLE ${role} CONNECTION LIMIT 5;`);
    assert.match((await theProblem()).text, /room for 5/);
    await db.exec(`ALTER ROLE ${role} CONNECTION LIMIT -1;`);
    assert.equal((await theProblem({}, ['--processes', '1000'])).check, 'connections');
    assert.equal((await bugd(['doctor', '--processes', '0'], settings())).code, 2);
  });

  test('names clocks that differ', async (t) => {
    const late = await createDatabase();
    t.after(() => late.drop());
    await late.exec(`CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT pg_catalog.clock_timestamp() - interval '2 minutes' $$;
      ALTER DATABASE ${late.name} SET search_path = public, pg_catalog;`);
    const { check, text } = await theProblem({ DATABASE_URL: late.url });
    assert.equal(check, 'clock');
    assert.match(text, /(119|120)\d{3} ms behind/);
  });

  test('names a folder for attachments that does not work', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    assert.match((await theProblem({ UPLOAD_DIR: file })).text, /not a folder/);
    assert.match((await theProblem({ UPLOAD_DIR: '/proc/nowhere/uploads' })).text, /cannot be written/);
    const split = join(folder(), 'uploads');
    mkdirSync(split);
    symlinkSync('/proc', join(split, 'incoming'));
    assert.match((await theProblem({ UPLOAD_DIR: split })).text, /incoming is on another file system/);
    assert.match((await theProblem({ MAX_ATTACHMENT_BYTES: '1024GiB' })).text, /less than one attachment/);
  });

  test('names a limit of open files that is too low', async () => {
    const limited = async (n) => {
      const { stdout } = await run('sh', ['-c', `ulimit -n ${n}; exec "$0" doctor --json`, BUGD], { env: { ...baseEnv(), ...settings() } });
      return JSON.parse(stdout).findings.find(({ check }) => check === 'descriptors');
    };
    assert.equal((await limited(180)).level, 'problem');
    const few = await limited(1024);
    assert.equal(few.level, 'warning');
    assert.match(few.mend, /LimitNOFILE=10133/);
  });
});
