// /metrics, and where it is served; the log of what is slow.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Client } from '../support/client.js';
import { parseAddress, withServer } from '../support/bugd.js';
import { createDatabase } from '../support/database.js';
import { ROOT, eventually } from '../support/env.js';
import { parseMetrics, valueOf } from '../support/exposition.js';
import * as expect from '../support/expect.js';
import { importForm } from '../support/form.js';
import { useTracker } from '../support/tracker.js';

const OPEN_METRICS = 'application/openmetrics-text';

async function read(client, options) {
  return parseMetrics(expect.status(await client.get('/metrics', options), 200).text);
}

describe('the metrics', () => {
  // A replica that nobody can reach has figures as well.
  const t = useTracker({ DATABASE_REPLICA_URLS: 'postgresql:///bugd?host=/nonexistent' });

  test('count requests by route, method and class of status, and no route by its path', async () => {
    const issue = await t.issue();
    const before = await read(t.anyone);
    for (let i = 0; i < 3; i++) await t.developer.get(`/api/v1/issues/${issue.id}`);
    await t.developer.get('/api/v1/issues/NONE-1');
    await t.anyone.get('/api/v1/no/such/path');
    const after = await read(t.anyone);
    const grown = (family, labels) => valueOf(after, family, labels) - valueOf(before, family, labels);
    const route = { route: '/api/v1/issues/{id}', method: 'GET' };
    assert.equal(grown('bugd_http_requests_total', { ...route, status: '2xx' }), 3);
    assert.equal(grown('bugd_http_requests_total', { ...route, status: '4xx' }), 1);
    assert.equal(grown('bugd_http_requests_total', { route: '', status: '4xx' }), 1);
    assert.ok(grown('bugd_http_response_bytes_total', route) > 4 * 100);
    assert.ok(grown('bugd_db_statements_total') >= 4);
    assert.ok(grown('bugd_db_statement_rows_total') >= 3);
    for (const s of after.get('bugd_http_requests_total').samples) assert.ok(!s.labels.route.includes('NONE') && !s.labels.route.includes('such'));
  });

  test('are of a bounded size, whatever clients ask for', async () => {
    const size = async () => (await read(t.anyone)).get('bugd_http_requests_total').samples.length;
    await t.anyone.get('/nothing/at/all');
    const before = await size();
    for (let i = 0; i < 50; i++) await t.anyone.get(`/nothing/${i}`);
    assert.equal(await size(), before);
  });

  test('are OpenMetrics for a client that takes it', async () => {
    const r = expect.status(await t.anyone.get('/metrics', { headers: { Accept: `${OPEN_METRICS};version=1.0.0,text/plain;version=0.0.4;q=0.5` } }), 200);
    assert.match(r.headers['content-type'], /^application\/openmetrics-text; version=1\.0\.0; charset=utf-8$/);
    const families = parseMetrics(r.text, { openMetrics: true });
    assert.equal(families.get('bugd_http_requests').type, 'counter');
    assert.match(expect.status(await t.anyone.get('/metrics'), 200).headers['content-type'], /^text\/plain; version=0\.0\.4/);
  });

  test('say what the process is and uses', async () => {
    const m = await read(t.anyone);
    assert.equal(valueOf(m, 'bugd_build_info'), 1);
    assert.ok(valueOf(m, 'process_resident_memory_bytes') > 1e6);
    assert.ok(valueOf(m, 'process_open_fds') > 5);
    const started = valueOf(m, 'process_start_time_seconds');
    assert.ok(Math.abs(Date.now() / 1000 - started) < 600, `${started}`);
    assert.equal(valueOf(m, 'bugd_db_up'), 1);
    assert.equal(valueOf(m, 'bugd_http_requests_in_flight'), 1);
    assert.ok(valueOf(m, 'bugd_http_connections') >= 1);
  });

  test('say what exports and imports have of what there is little of', async () => {
    const m = await read(t.anyone);
    assert.equal(valueOf(m, 'bugd_copy_connections'), 4);
    assert.equal(valueOf(m, 'bugd_copy_connections_taken'), 0);
    assert.equal(valueOf(m, 'bugd_attachments_open'), 0);
    const rows = `title\n${'A row\n'.repeat(60_000)}`;
    const { body, headers } = importForm(rows, { project_id: (await t.project()).key });
    const { id } = expect.status(await t.manager.post('/api/v1/issues/import', body, { headers: { ...headers, Prefer: 'respond-async' } }), 202).body;
    assert.equal(valueOf(await read(t.anyone), 'bugd_copy_connections_taken'), 1);
    expect.status(await t.manager.delete(`/api/v1/jobs/${id}`), 204);
    await eventually('it is given back', async () => valueOf(await read(t.anyone), 'bugd_copy_connections_taken') === 0);
  });

  test('pass promtool', (context) => {
    const unpacked = join(ROOT, 'vendor/root/promtool/usr/bin/promtool');
    const promtool = existsSync(unpacked) ? unpacked : 'promtool';
    const found = spawnSync(promtool, ['--version']);
    if (found.error) return context.skip('there is no promtool here; "make lint" brings it in');
    return t.anyone.get('/metrics').then((r) => {
      const checked = spawnSync(promtool, ['check', 'metrics'], { input: r.text, encoding: 'utf8' });
      assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    });
  });

  test('whose alerts say in the guide what each means and what to do', () => {
    const alerts = [...readFileSync(join(ROOT, 'scripts/deploy/alerts.yaml'), 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const guide = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8');
    const rows = [...guide.matchAll(/^\| (Bugd\w+) \| ([^|]{10,}) \| ([^|]{20,}) \|$/gm)].map(([, name]) => name);
    assert.ok(alerts.length > 5);
    assert.deepEqual(rows.sort(), alerts.sort());
  });

  test('that the dashboard and the alerts name are all there', async () => {
    await t.issue();
    const m = parseMetrics(expect.status(await t.anyone.get('/metrics'), 200).text);
    const names = new Set([...m.values()].flatMap((f) => (f.type === 'histogram' ? [`${f.name}_bucket`, `${f.name}_sum`, `${f.name}_count`] : [f.name])));
    for (const file of ['grafana.json', 'alerts.yaml']) {
      const text = readFileSync(join(ROOT, 'scripts/deploy', file), 'utf8');
      const used = new Set(text.match(/\b(?:bugd|process)_[a-z_]+/g));
      assert.ok(used.size > 5, file);
      for (const name of used) assert.ok(names.has(name), `${file}: ${name}`);
    }
    JSON.parse(readFileSync(join(ROOT, 'scripts/deploy/grafana.json'), 'utf8'));
  });
});

describe('who may read the metrics', () => {
  const t = useTracker({ METRICS_NETWORKS: '192.0.2.0/24' });

  test('is decided by the network: for others there is no such path', async () => {
    expect.problem(await t.anyone.get('/metrics'), 404, 'not_found');
    expect.problem(await t.admin.get('/metrics'), 404, 'not_found');
    expect.status(await t.anyone.get('/ready'), 200);
  });
});

test('with an address for operators metrics and readiness are there, and there alone', async () => {
  const db = await createDatabase();
  try {
    await withServer({ DATABASE_URL: db.url, ADMIN_LISTEN: '127.0.0.1:0', METRICS_NETWORKS: '192.0.2.1' }, async (server) => {
      const line = await eventually('its address', () => server.logs().find((entry) => entry.message === 'listening for operators'));
      const operator = new Client(parseAddress(line.address));
      try {
        await read(operator);
        await eventually('it is ready', async () => (await operator.get('/ready')).status === 200);
        expect.status(await operator.get('/health'), 200);
        expect.status(await server.anyone.get('/health'), 200);
        for (const path of ['/metrics', '/ready']) expect.problem(await server.anyone.get(path), 404, 'not_found');
        for (const path of ['/api/v1/issues/WEB-1', '/api/v1/projects/WEB']) expect.problem(await operator.get(path), 404, 'not_found');
      } finally {
        operator.close();
      }
    }, { ready: false });
  } finally {
    await db.drop();
  }
});

describe('the log of what is slow', () => {
  const t = useTracker({ SLOW_REQUEST: '30ms', SLOW_STATEMENT: '20ms' });

  test('names slow requests and statements, and nothing that is quick', async () => {
    await t.issue();
    const issue = await t.issue();
    const quick = t.server.logs().length;
    const held = t.db.exec(`DO $$ BEGIN PERFORM FROM issues WHERE id = '${issue.id}' FOR UPDATE; PERFORM pg_sleep(0.4); END $$;`);
    await eventually('the change waits', async () => (await t.db.rows("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DO %pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()")).length > 0);
    await t.change(issue, { title: 'Later' });
    await held;
    const logs = () => t.server.logs().slice(quick);
    // On a busy machine others may be slow as well.
    const statement = await eventually('a line about the statement', () => logs().find((entry) => entry.message === 'slow statement' && entry.statement === 'issue_update'));
    assert.ok(statement.ms >= 20);
    const request = await eventually('a line about the request', () => logs().find((entry) => entry.message === 'slow request' && entry.method === 'PATCH'));
    assert.equal(request.route, '/api/v1/issues/{id}');
    assert.equal(request.level, 'warn');
  });
});

test('an address for operators that is none stops the start', async () => {
  for (const address of ['9090', 'localhost', '127.0.0.1:99999', ':1', 'unix:relative', '127.0.0.1:x']) {
    await assert.rejects(withServer({ DATABASE_URL: 'postgresql:///none', ADMIN_LISTEN: address }, () => undefined, { ready: false }), /ADMIN_LISTEN/);
  }
});
