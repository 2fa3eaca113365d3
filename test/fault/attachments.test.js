// What becomes of files when a process dies in the middle, when processes share the folder, and when the disk is full.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server, uploadDir, withServer } from '../support/bugd.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { attach, form } from '../support/form.js';
import { RawConnection } from '../support/raw.js';
import { login } from '../support/tracker.js';

const V1 = '/api/v1';

describe('attachments of a process that dies', () => {
  let db;
  let dir;
  let token;
  let issue;
  before(async () => {
    db = await createDatabase();
    dir = uploadDir(db.url);
    await withServer({ DATABASE_URL: db.url }, async (server) => {
      const client = server.anyone.as(await login(server.anyone, 'manager'));
      const project = expect.status(await client.post(`${V1}/projects`, { key: 'DIE', name: 'Dies', status: 'active' }), 201).body;
      issue = expect.status(await client.post(`${V1}/issues`, { project_id: project.id, title: 'x' }), 201).body;
      token = client.token;
    });
  });
  after(() => db?.drop());

  const start = (env) => Server.start({ DATABASE_URL: db.url, ...env });
  const arriving = () => readdirSync(join(dir, 'incoming'));
  const placed = (id) => existsSync(join(dir, id.slice(-2), id));
  const begin = async (server, data, sent) => {
    const { body, headers } = form({ filename: 'a.txt', data });
    const connection = await RawConnection.open(server.address);
    await connection.send(`POST ${V1}/issues/${issue.id}/attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${headers['Content-Type']}\r\nContent-Length: ${body.length}\r\n\r\n`);
    await connection.send(body.subarray(0, sent));
    return { connection, rest: body.subarray(sent) };
  };
  const ids = async () => (await db.rows('SELECT id FROM attachments')).map((row) => row.id);

  test('in the middle of an upload: the half file is removed', async () => {
    const server = await start();
    const { connection } = await begin(server, 'x'.repeat(1000000), 600000);
    await eventually('some of it is there', () => arriving().length === 1);
    await server.kill();
    connection.close();
    assert.equal(arriving().length, 1);
    await withServer({ DATABASE_URL: db.url }, () => eventually('it is removed', () => arriving().length === 0));
    assert.deepEqual(await ids(), []);
  });

  test('between the row and the place: the file is put into its place', async () => {
    await db.exec(`CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NEW; END $$;
      CREATE TRIGGER hold_up BEFORE INSERT ON attachments FOR EACH ROW EXECUTE FUNCTION hold_up();`);
    const server = await start();
    const { connection } = await begin(server, 'complete', 100000);
    await eventually('the row is being written', async () => (await db.rows("SELECT 1 AS one FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).length === 1);
    await server.kill();
    connection.close();
    const [id] = await eventually('the row is committed', async () => {
      const all = await ids();
      return all.length === 1 && all;
    });
    await db.exec('DROP FUNCTION hold_up CASCADE;');
    assert.ok(!placed(id) && arriving().includes(id));
    await withServer({ DATABASE_URL: db.url }, async (next) => {
      await eventually('it is in its place', () => placed(id) && arriving().length === 0);
      assert.equal((await next.anyone.as(token).get(`${V1}/attachments/${id}/content`)).text, 'complete');
    });
  });

  test('a file without a row is removed, and a row without a file', async () => {
    let kept;
    let lost;
    await withServer({ DATABASE_URL: db.url }, async (server) => {
      kept = expect.status(await attach(server.anyone.as(token), issue.id, { data: 'kept' }), 201).body.id;
      lost = expect.status(await attach(server.anyone.as(token), issue.id, { data: 'lost', filename: 'lost.txt' }), 201).body.id;
    });
    const stray = '019aa3c2-7f10-7c3e-9d55-2b8f6a1e4c07';
    rmSync(join(dir, lost.slice(-2), lost));
    writeFileSync(join(dir, '07', stray), 'nobody knows me');
    writeFileSync(join(dir, 'incoming', stray), 'nor me');
    await withServer({ DATABASE_URL: db.url }, async () => {
      await eventually('the strays are gone', () => !placed(stray) && arriving().length === 0);
      await eventually('the row is gone', async () => !(await ids()).includes(lost));
    });
    assert.ok(placed(kept) && (await ids()).includes(kept));
    const trace = await db.rows(`SELECT changes FROM issue_events WHERE issue_id = '${issue.id}' AND type = 'attached' ORDER BY id DESC LIMIT 1`);
    assert.deepEqual(trace[0].changes.filename, { from: 'lost.txt', to: null });
    const bytes = await db.rows('SELECT s.bytes::int AS bytes, (SELECT sum(size)::int FROM attachments a WHERE a.project_id = s.project_id) AS real FROM project_storage s');
    assert.equal(bytes[0].bytes, bytes[0].real);
  });

  test('what another process is writing is left alone', async () => {
    const one = await start();
    const { connection, rest } = await begin(one, 'x'.repeat(1000000), 600000);
    await eventually('some of it is there', () => arriving().length === 1);
    const stray = '019aa3c2-7f10-7c3e-9d55-2b8f6a1e4cff';
    writeFileSync(join(dir, 'incoming', stray), 'mark');
    try {
      await withServer({ DATABASE_URL: db.url }, async (two) => {
        await eventually('the other one has swept', () => !arriving().includes(stray));
        await connection.send(rest);
        const r = await connection.response();
        assert.equal(r.status, 201);
        const back = await two.anyone.as(token).get(`${V1}/attachments/${r.json.id}/content`);
        assert.equal(expect.status(back, 200).bytes.length, 1000000);
      });
    } finally {
      connection.close();
      await one.stop();
    }
  });

  test('the folder of another database is not touched', async () => {
    const other = await createDatabase();
    const mine = await ids();
    try {
      await withServer({ DATABASE_URL: other.url, UPLOAD_DIR: dir }, async (server) => {
        const client = server.anyone.as(await login(server.anyone, 'manager'));
        const project = expect.status(await client.post(`${V1}/projects`, { key: 'OTH', name: 'Other', status: 'active' }), 201).body;
        const theirs = expect.status(await client.post(`${V1}/issues`, { project_id: project.id, title: 'x' }), 201).body;
        await eventually('it is told', () => server.logs().some((line) => line.message === 'UPLOAD_DIR is not usable'));
        expect.problem(await attach(client, theirs.id), 503, 'unavailable');
      });
      for (const id of mine) assert.ok(placed(id));
    } finally {
      await other.drop();
    }
  });
});

describe('a disk that is full', () => {
  let db;
  let dir;
  let why;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'bugd-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', dir], { stdio: 'pipe' });
      db = await createDatabase();
    } catch (error) {
      why = `a small tmpfs cannot be mounted here: ${String(error.stderr ?? error.message).trim()}`;
    }
  });
  after(async () => {
    if (!why) execFileSync('umount', [dir]);
    rmSync(dir, { recursive: true, force: true });
    await db?.drop();
  });

  test('gives 507, leaves nothing, and takes what fits', async (t) => {
    if (why) return t.skip(why);
    await withServer({ DATABASE_URL: db.url, UPLOAD_DIR: dir }, async (server) => {
      const client = server.anyone.as(await login(server.anyone, 'manager'));
      const project = expect.status(await client.post(`${V1}/projects`, { key: 'FUL', name: 'Full', status: 'active' }), 201).body;
      const issue = expect.status(await client.post(`${V1}/issues`, { project_id: project.id, title: 'x' }), 201).body;
      expect.problem(await attach(client, issue.id, { data: 'x'.repeat(5000000) }), 507, 'insufficient_storage');
      await eventually('nothing is left', () => readdirSync(join(dir, 'incoming')).length === 0);
      assert.deepEqual(await db.rows('SELECT id FROM attachments'), []);
      const { id } = expect.status(await attach(client, issue.id, { data: 'x'.repeat(500000) }), 201).body;
      assert.equal((await client.get(`${V1}/attachments/${id}/content`)).bytes.length, 500000);
    });
  });
});
