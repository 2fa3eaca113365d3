// No memory: the n-th allocation fails, of the server's own code or of a library, or the process may have no more. The
// server ends then and says why, or answers 5xx, or closes; what it answers is right, and nothing is lost.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { withServer } from '../support/bugd.js';
import { email } from '../support/database.js';
import { PASSWORD, SLOW, eventually } from '../support/env.js';
import * as expect from '../support/expect.js';
import { Faults, noFaults } from '../support/faults.js';
import { form, importForm } from '../support/form.js';
import { discrepancies } from '../support/load.js';
import { login, useTracker } from '../support/tracker.js';

const V1 = '/api/v1';
const POINTS = Math.ceil(Number(process.env.TEST_ALLOCATIONS ?? 8) / SLOW); // for each kind of request

describe('memory that runs out', () => {
  const t = useTracker();

  describe('at the n-th allocation', { skip: noFaults }, () => {
    let faults;
    let server;
    let token;
    before(async () => {
      faults = new Faults();
      await start();
      token = await login(server.anyone, 'manager');
    });
    after(async () => {
      try {
        await server?.stop();
      } finally {
        faults?.close();
      }
    });

    async function start() {
      server = await faults.start({ DATABASE_URL: t.db.url });
    }

    const gone = () => server.child.exitCode !== null || server.child.signalCode !== null;

    /** The one way to end without memory: a word of it, and an abort. libmagic frees what it has not got, and dies. */
    async function restartIfGone(crashes) {
      if (!gone()) return;
      const end = await server.ended;
      assert.ok(end.signal, server.output());
      if (!crashes) {
        assert.equal(end.signal, 'SIGABRT', server.output());
        assert.match(server.stderr, /^bugd: .+/m);
      }
      await start();
    }

    function servesAgain(crashes) {
      return eventually('it serves again', async () => {
        await restartIfGone(crashes);
        return (await server.anyone.as(token).get(`${V1}/users/me`)).status === 200;
      });
    }

    /** Whether the request succeeded; nothing but that, a 5xx or a cut connection is allowed. */
    async function attempt(request) {
      try {
        const r = await request(server.anyone.as(token));
        assert.ok(r.status < 300 || r.status >= 500, `${r.status} ${r.text}`);
        return r.status < 300 ? r : null;
      } catch (error) {
        if (!/ECONN|EPIPE|socket hang up/.test(error.code ?? error.message)) throw error;
        return null;
      }
    }

    /** Fails allocations at points spread over all that the request needs, each in an attempt of its own. */
    async function walk(request, { crashes = false } = {}) {
      const before_ = faults.allocations;
      assert.ok(await attempt(request), 'it succeeds with memory');
      const needed = faults.allocations - before_;
      const points = new Set(Array.from({ length: POINTS }, (_, i) => 1 + Math.floor((i * needed) / POINTS)));
      for (const n of points) {
        for (const count of [1, 5]) {
          faults.failAt(n, count);
          await attempt(request);
          faults.failNone();
          await servesAgain(crashes);
        }
      }
      return needed;
    }

    const requests = {
      'a lookup': async () => {
        const issue = await t.issue();
        return (c) => c.get(`${V1}/issues/${issue.id}?include=comments,watchers`);
      },
      'a list': async () => (c) => c.get(`${V1}/issues?sort=-priority&size=20&status=open`),
      'a login': async () => (c) => c.post(`${V1}/auth/login`, { email: email('developer'), password: PASSWORD }),
      'a report': async () => (c) => c.get(`${V1}/reports/velocity`, { headers: { Accept: 'image/svg+xml' } }),
      'an export': async () => (c) => c.get(`${V1}/issues/export?format=csv`),
      'the OpenAPI document': async () => (c) => c.get('/openapi.json', { headers: { 'Accept-Encoding': 'gzip' } }),
      'an upload': async () => {
        const issue = await t.issue();
        let n = 0;
        return (c) => {
          const { body, headers } = form({ filename: `a${n++}.txt`, data: `some text ${n}` });
          return c.post(`${V1}/issues/${issue.id}/attachments`, body, { headers });
        };
      },
      'an import': async () => {
        const project = await t.project();
        const { body, headers } = importForm('title\nOne\nTwo\n', { project_id: project.key });
        return (c) => c.post(`${V1}/issues/import`, body, { headers });
      },
    };
    for (const [what, make] of Object.entries(requests)) {
      test(`in ${what}`, async (test_) => {
        test_.diagnostic(`${await walk(await make(), { crashes: what === 'an upload' })} allocations`);
      });
    }

    test('in a create: what was promised is there, once', async () => {
      const project = await t.project();
      const seen = { created: new Map(), refused: new Map(), other: [] };
      let n = 0;
      await walk(async (c) => {
        const title = `Written ${n++}`;
        seen.refused.set(title, 'outcome_unknown'); // until it is known
        const r = await c.post(`${V1}/issues`, { project_id: project.id, title });
        if (r.status === 201) {
          seen.refused.delete(title);
          seen.created.set(title, r.body.id);
        } else seen.refused.set(title, r.body?.code === 'internal' ? 'outcome_unknown' : r.body?.code);
        return r;
      });
      assert.deepEqual(await discrepancies(t.db, project, seen), []);
    });

    test('in connecting to the database again', async () => {
      const kill = () => t.db.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${t.db.name}' AND pid <> pg_backend_pid();`);
      for (const n of [1, 30, 100, 300, 1000].slice(0, SLOW === 1 ? 5 : 2)) {
        const { failed } = faults;
        faults.failAt(n, 20);
        await kill();
        await eventually('it has tried', async () => {
          await restartIfGone();
          return faults.failed > failed;
        });
        faults.failNone();
        await servesAgain();
      }
    });
  });

  test('as the process may have no more: it says so and ends, or goes on; a new one finds everything', async (test_) => {
    const project = await t.project();
    const created = new Map();
    const options = { DATABASE_URL: t.db.url };
    const work = async (server) => {
      const client = server.anyone.as(t.developer.token);
      let n = created.size;
      const data = Math.floor(Number(/VmData:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1])) * 1024;
      execFileSync('prlimit', ['--pid', String(server.pid), `--data=${data + 256 * 1024}:${data + 64 * 1024 * 1024}`]);
      try {
        for (const size of [10, 60_000, 10, 60_000]) {
          const answers = await Promise.allSettled(Array.from({ length: 64 }, async () => {
            const title = `Large ${n++}`;
            const r = await client.post(`${V1}/issues`, { project_id: project.id, title, description: 'x'.repeat(size) });
            assert.ok(r.status === 201 || r.status >= 500, `${r.status} ${r.text}`);
            if (r.status === 201) created.set(title, r.body.id);
          }));
          for (const { reason } of answers) if (reason && !/ECONN|EPIPE|socket hang up/.test(reason.code ?? reason.message)) throw reason;
        }
      } finally {
        if (!server.end && server.child.signalCode === null) execFileSync('prlimit', ['--pid', String(server.pid), `--data=${data + 64 * 1024 * 1024}`]);
      }
    };
    if (SLOW > 1) return test_.skip('a sanitizer needs memory of its own');
    const { Server } = await import('../support/bugd.js');
    const server = await Server.start(options);
    try {
      await work(server);
      if (server.child.signalCode === null) await server.stop();
      else {
        assert.equal((await server.ended).signal, 'SIGABRT', server.stderr);
        assert.match(server.stderr, /out of memory/);
      }
      test_.diagnostic(server.child.signalCode ? 'it ended' : 'it went on');
    } finally {
      await server.kill();
    }
    await withServer(options, async (next) => {
      const client = next.anyone.as(t.developer.token);
      for (const id of created.values()) expect.status(await client.get(`${V1}/issues/${id}`), 200);
      expect.status(await client.post(`${V1}/issues`, { project_id: project.id, title: 'Again' }), 201);
    });
  });
});
