// A database of a size that shows which plans PostgreSQL takes: 100,000 issues, 20 projects, 200 users.

const id7 = (time, n) => `(lpad(to_hex((extract(epoch FROM ${time}) * 1000)::bigint), 12, '0') || '7' || substr(md5((${n})::text), 1, 3) || '8' || substr(md5((${n})::text), 4, 15))::uuid`;

/** Fills a migrated database behind the server's back; about 5 seconds. */
export function fillDatabase(db, { issues = 100_000, projects = 20, users = 200 } = {}) {
  return db.exec(`
    -- Where plans are logged, these need not be.
    SET auto_explain.log_min_duration = -1;
    SET auto_explain.log_analyze = off;
    BEGIN;
    INSERT INTO users (id, email, name, role, password_hash)
    SELECT ${id7("timestamptz '2025-01-01'", "'u' || n")}, 'bulk' || n || '@example.test', 'Bulk ' || n, 'developer', '!'
    FROM generate_series(1, ${users}) n;

    INSERT INTO projects (id, key, name, status, owner_id)
    SELECT ${id7("timestamptz '2025-01-02'", "'p' || n")}, 'BULK' || n, 'Bulk ' || n, 'active', (SELECT id FROM users WHERE email = 'bulk1@example.test')
    FROM generate_series(1, ${projects}) n;
    INSERT INTO project_counters (project_id) SELECT id FROM projects WHERE key LIKE 'BULK%';

    CREATE TEMP TABLE people AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM users WHERE email LIKE 'bulk%';
    CREATE TEMP TABLE homes AS SELECT id, key, row_number() OVER (ORDER BY id) - 1 AS place FROM projects WHERE key LIKE 'BULK%';
    INSERT INTO issues (id, project_id, number, key, title, description, type, status, priority, creator_id, assignee_id, due_date,
      version, created_at, updated_at, resolved_at, closed_at, deleted_at)
    SELECT ${id7('created', 'n')}, home.id, k + 1, home.key || '-' || k + 1, 'Bulk issue ' || n, repeat('What is the matter. ', k % 20),
      (enum_range(NULL::issue_type))[1 + (k * 7 + n) % 5], status, (enum_range(NULL::issue_priority))[1 + (k / 3) % 4], author.id,
      CASE WHEN k % 5 > 0 THEN owner.id END, CASE WHEN k / 2 % 3 = 0 THEN (created + interval '30 days')::date END, 1 + k % 4, created,
      created + interval '1 hour' * (n % 500), CASE WHEN status IN ('resolved', 'closed') THEN created + interval '1 day' END,
      CASE WHEN status = 'closed' THEN created + interval '2 days' END, CASE WHEN k % 100 = 9 THEN created + interval '3 days' END
    FROM generate_series(0, ${issues} - 1) n
    CROSS JOIN LATERAL (SELECT n / ${projects} AS k, timestamptz '2025-01-03' + interval '5 minutes' * n AS created,
      (ARRAY['open', 'in_progress', 'resolved', 'closed', 'closed', 'closed']::issue_status[])[1 + n / ${projects} % 6] AS status) made
    JOIN homes home ON home.place = n % ${projects}
    JOIN people author ON author.place = (n * 17 + k) % ${users} JOIN people owner ON owner.place = (k * 31 + n) % ${users};
    UPDATE issues child SET parent_id = parent.id FROM issues parent
    WHERE child.number % 50 = 7 AND parent.project_id = child.project_id AND parent.number = child.number - 1;

    UPDATE project_counters c SET last_number = s.last_number, open = s.open, in_progress = s.in_progress, resolved = s.resolved, closed = s.closed
    FROM (SELECT project_id, max(number) AS last_number, count(*) FILTER (WHERE status = 'open') AS open,
      count(*) FILTER (WHERE status = 'in_progress') AS in_progress, count(*) FILTER (WHERE status = 'resolved') AS resolved,
      count(*) FILTER (WHERE status = 'closed') AS closed FROM issues WHERE deleted_at IS NULL GROUP BY 1) s
    WHERE s.project_id = c.project_id;
    COMMIT;
    VACUUM ANALYZE;`);
}
