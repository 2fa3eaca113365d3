-- What imports, exports and uploads are measured on: 200 users, a project with ten labels, and 1,000 issues that are
-- read meanwhile (0000c000-0000-7000-8000-N). bench_reset() brings it back to that.

CREATE FUNCTION bench_id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
$$;

INSERT INTO users (id, email, name, role, password_hash, created_at)
SELECT bench_id('0000a000', n), 'user' || n || '@example.org', 'User ' || n, 'developer', 'no password', now() - interval '400 days'
FROM generate_series(1, 200) n;
INSERT INTO projects (id, key, name, status, owner_id) VALUES
  (bench_id('0000b000', 1), 'WEB', 'Web', 'active', bench_id('0000a000', 1)),
  (bench_id('0000b000', 2), 'OLD', 'Old', 'active', bench_id('0000a000', 1));
INSERT INTO project_counters (project_id) SELECT p.id FROM projects p ON CONFLICT DO NOTHING;
INSERT INTO labels (id, project_id, name, color)
SELECT bench_id('0000f000', n), bench_id('0000b000', 1), 'label ' || n, '#d73a4a' FROM generate_series(0, 9) n;

CREATE FUNCTION bench_reset() RETURNS void LANGUAGE sql AS $$
  TRUNCATE issues, issue_turns, issue_search, search_due, jobs CASCADE;
  UPDATE project_counters SET last_number = 0, open = 0, in_progress = 0, resolved = 0, closed = 0;
  INSERT INTO issues (id, project_id, number, key, title, creator_id)
  SELECT bench_id('0000c000', n), bench_id('0000b000', 2), n, 'OLD-' || n, 'Issue ' || n, bench_id('0000a000', 1)
  FROM generate_series(1, 1000) n;
  UPDATE project_counters SET last_number = 1000, open = 1000 WHERE project_id = bench_id('0000b000', 2);
$$;
SELECT bench_reset() \g /dev/null
VACUUM (ANALYZE);
