import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Server, assertNoStart, bugd } from '../support/bugd.js';
import { createDatabase, email, emptyDatabase, migrate } from '../support/database.js';
import { BUGD, PASSWORD, ms, sleep } from '../support/env.js';
import * as expect from '../support/expect.js';
import { run } from '../support/process.js';
import { login } from '../support/tracker.js';

const COMMANDS = ['serve', 'migrate up', 'migrate down', 'migrate status', 'user create', 'version'];

/** It ends with 2, and says what is wrong, and where help is, in a line on standard error. */
async function misused(args, what) {
  const done = await bugd(args);
  assert.equal(done.code, 2, `bugd ${args.join(' ')}: ${done.stderr}`);
  assert.match(done.stderr, what);
  assert.match(done.stderr, /--help/);
  assert.equal(done.stderr.trim().split('\n').length, 1, done.stderr);
  assert.equal(done.stdout, '');
}

describe('command line', () => {
  test('wrong usage ends with 2 and a line that says what is wrong', async () => {
    await misused([], /command is missing/);
    await misused(['nonsense'], /nonsense/);
    await misused(['serv'], /serve/);
    await misused(['migrate'], /missing/);
    await misused(['migrate', 'sideways'], /sideways/);
    await misused(['--nonsense'], /nonsense/);
    await misused(['user'], /missing/);
    await misused(['version', 'more'], /more/);
    for (const command of COMMANDS) {
      await misused([...command.split(' '), '--nonsense'], /nonsense/);
      await misused([...command.split(' '), 'more'], /more/);
    }
    await misused(['user', 'create', '--email'], /value/);
    await misused(['user', 'create', '--email', 'a@b.test', '--email', 'a@b.test'], /twice/);
    await misused(['user', 'create', '--email', 'a@b.test'], /--name/);
    await misused(['user', 'create', '--email', 'a@b.test', '--name', 'A', '--admin=yes'], /--admin takes no value/);
    await misused(['user', 'create', '--email', 'a@b.test', '--name', 'A', '--role', 'king'], /king.*reporter.*admin/);
    await misused(['user', 'create', '--email', 'a@b.test', '--name', 'A', '--role', 'admin', '--admin'], /--admin/);
  });

  test('--help is everywhere, on standard output', async () => {
    for (const args of [['--help'], ['-h'], ['migrate', '--help'], ['user', '--help'], ...COMMANDS.map((command) => [...command.split(' '), '--help'])]) {
      const done = await bugd(args);
      assert.equal(done.code, 0, args.join(' '));
      assert.match(done.stdout, /^Usage: bugd/);
      assert.equal(done.stderr, '');
    }
  });

  test('output that cannot be written is a failure', async () => {
    const done = await run('bash', ['-c', `"${BUGD}" version >/dev/full`]);
    assert.equal(done.code, 1);
    assert.match(done.stderr, /standard output/);
  });

  test('--help names every command', async () => {
    const { stdout } = await bugd(['--help']);
    for (const command of COMMANDS) assert.ok(stdout.includes(command), command);
  });

  test('version says which one it is', async () => {
    for (const args of [['version'], ['--version']]) {
      const done = await bugd(args);
      assert.equal(done.code, 0);
      assert.match(done.stdout, /^bugd \d+\.\d+\.\d+/);
    }
  });
});

describe('bugd migrate', () => {
  let db;
  before(async () => (db = await emptyDatabase()));
  after(() => db?.drop());
  const run = (...args) => bugd(['migrate', ...args], { DATABASE_URL: db.url });
  const schema = (database) => database.exec(`
    SELECT string_agg(table_name || '.' || column_name || ' ' || data_type, ',' ORDER BY 1) FROM (
      SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2) c;`);

  test('up, status, down and up again', async () => {
    const states = async () => (await run('status')).stdout.split('\n').slice(1).filter(Boolean);
    assert.ok((await states()).every((line) => line.includes('pending')));
    assert.equal((await run('up')).code, 0);
    assert.ok((await states()).every((line) => line.includes('applied')));
    const whole = await schema(db);
    const again = await run('up');
    assert.equal(again.code, 0);
    assert.match(again.stdout, /nothing/);

    const steps = (await states()).length;
    assert.equal((await run('down')).code, 0);
    const after_ = await states();
    assert.ok(after_.at(-1).includes('pending'));
    assert.equal(after_.filter((line) => line.includes('pending')).length, 1, 'down takes one step');
    for (let i = 1; i < steps; i++) assert.equal((await run('down')).code, 0);
    assert.equal((await run('down')).code, 0, 'nothing to take back');
    assert.equal(await db.exec(`SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations';`), '0');
    assert.equal(await db.exec(`SELECT count(*) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE nspname = 'public' AND typtype = 'e';`), '0');
    assert.equal((await run('up')).code, 0);
    assert.equal(await schema(db), whole);
  });

  test('ten at once: each ends well, and each migration is applied once', async () => {
    const fresh = await emptyDatabase();
    try {
      const all = await Promise.all(Array.from({ length: 10 }, () => bugd(['migrate', 'up'], { DATABASE_URL: fresh.url })));
      for (const done of all) assert.equal(done.code, 0, done.stderr);
      assert.equal(all.filter((done) => /applied/.test(done.stdout)).length, 1);
    } finally {
      await fresh.drop();
    }
  });

  test('ten servers that migrate on start at once: all become ready', async () => {
    const fresh = await emptyDatabase();
    const env = { DATABASE_URL: fresh.url, MIGRATE_ON_START: 'true', DB_READ_CONNECTIONS: '1', DB_WRITE_CONNECTIONS: '1', DB_SLOW_CONNECTIONS: '1' };
    try {
      const servers = await Promise.all(Array.from({ length: 10 }, () => Server.start(env)));
      await Promise.all(servers.map((server) => server.stop()));
    } finally {
      await fresh.drop();
    }
  });

  test('an applied file that was edited since is refused, by the server too', async () => {
    const edited = await createDatabase();
    try {
      await edited.exec(`UPDATE schema_migrations SET checksum = repeat('0', 64) WHERE number = 1;`);
      for (const args of [['migrate', 'up'], ['migrate', 'down']]) {
        const done = await bugd(args, { DATABASE_URL: edited.url });
        assert.equal(done.code, 1);
        assert.match(done.stderr, /001.*(edited|changed)|(edited|changed).*001/);
      }
      assert.match((await bugd(['migrate', 'status'], { DATABASE_URL: edited.url })).stdout, /001.*edited/);
      for (const MIGRATE_ON_START of ['true', 'false']) {
        await assertNoStart({ DATABASE_URL: edited.url, MIGRATE_ON_START }, /001.*(edited|changed)|(edited|changed).*001/);
      }
    } finally {
      await edited.drop();
    }
  });

  test('the server refuses an older schema, unless it may migrate', async () => {
    const older = await emptyDatabase();
    try {
      await assertNoStart({ DATABASE_URL: older.url }, /migrate/i);
      await migrate(older);
      await bugd(['migrate', 'down'], { DATABASE_URL: older.url });
      await assertNoStart({ DATABASE_URL: older.url }, /migrate/i);
      const server = await Server.start({ DATABASE_URL: older.url, MIGRATE_ON_START: 'true' });
      await server.stop();
    } finally {
      await older.drop();
    }
  });

  test('the server refuses a newer schema, always', async () => {
    const newer = await createDatabase();
    try {
      await newer.exec(`INSERT INTO schema_migrations (number, name, checksum) VALUES (999, 'from_the_future', repeat('0', 64));`);
      for (const MIGRATE_ON_START of ['true', 'false']) {
        await assertNoStart({ DATABASE_URL: newer.url, MIGRATE_ON_START }, /999.*newer|newer.*999/i);
      }
    } finally {
      await newer.drop();
    }
  });

  test('without a database: 1, and why', async () => {
    for (const command of ['up', 'down', 'status']) {
      const done = await bugd(['migrate', command], { DATABASE_URL: 'postgresql:///none?host=/nonexistent&user=x' });
      assert.equal(done.code, 1);
      assert.match(done.stderr, /nonexistent/);
      const unset = await bugd(['migrate', command]);
      assert.equal(unset.code, 1);
      assert.match(unset.stderr, /DATABASE_URL/);
    }
  });
});

describe('bugd user create', () => {
  let db;
  let server;
  before(async () => {
    db = await createDatabase();
    server = await Server.start({ DATABASE_URL: db.url });
  });
  after(async () => {
    await server?.stop();
    await db?.drop();
  });
  const create = (person, options, input = `${PASSWORD}\n`) => (
    bugd(['user', 'create', '--email', email(person), '--name', person, ...options], { DATABASE_URL: db.url }, input));

  test('makes somebody of each role, who can sign in at once', async () => {
    const cases = { boss: [['--admin'], 'admin'], lead: [['--role', 'manager'], 'manager'], coder: [['--role=developer'], 'developer'], user: [[], 'reporter'] };
    for (const [person, [options, role]] of Object.entries(cases)) {
      const done = await create(person, options);
      assert.equal(done.code, 0, done.stderr);
      assert.ok(!`${done.stdout}${done.stderr}`.includes(PASSWORD));
      const token = await login(server.anyone, person);
      assert.equal((await server.anyone.as(token).get('/api/v1/users/me')).body.role, role);
    }
  });

  test('takes the password as it stands, without the line\'s end', async () => {
    assert.equal((await create('spacey', [], '  a password with spaces  ')).code, 0);
    await login(server.anyone, 'spacey', '  a password with spaces  ');
  });

  test('refuses an e-mail that is taken, a short password, and none', async () => {
    const before_ = await db.fingerprint();
    for (const [person, input, what, code] of [['admin', `${PASSWORD}\n`, /admin@example\.test/, 3], ['short', 'short\n', /password/, 1], ['none', '', /password/, 1]]) {
      const done = await create(person, [], input);
      assert.equal(done.code, code);
      assert.match(done.stderr, what);
      assert.ok(!done.stderr.includes('short\n'));
    }
    const bad = await bugd(['user', 'create', '--email', 'nonsense', '--name', 'x'], { DATABASE_URL: db.url }, `${PASSWORD}\n`);
    assert.ok(bad.code > 0);
    assert.equal(await db.fingerprint(), before_);
  });

  test('on a schema that is not its own does nothing, and says what to do', async () => {
    const empty = await emptyDatabase();
    try {
      const done = await bugd(['user', 'create', '--email', 'a@b.test', '--name', 'A'], { DATABASE_URL: empty.url }, `${PASSWORD}\n`);
      assert.equal(done.code, 1);
      assert.match(done.stderr, /bugd migrate up/);
    } finally {
      await empty.drop();
    }
  });

  test('no argument of it is a password, which others could see', async () => {
    await misused(['user', 'create', '--email', 'a@b.test', '--name', 'A', '--password', 'x'], /--password/);
  });
});

describe('starting', () => {
  test('stops by SIGINT as by SIGTERM, also while it waits for a database', async () => {
    const away = { DATABASE_URL: 'postgresql:///none?host=/nonexistent&user=x' };
    for (const signal of ['SIGINT', 'SIGTERM']) {
      const server = await Server.start(away, { ready: false });
      await sleep(ms(100));
      expect.status(await server.anyone.get('/health'), 200);
      await server.stop(signal);
    }
  });
});
