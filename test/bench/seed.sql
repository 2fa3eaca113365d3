-- What the benchmark runs on: 200 users (one is there already), 20 projects, 100,000 issues with their first
-- event, 300,000 comments and 50,000 files (their rows). The ids are computed from a number, so that wrk and pgbench can name any row without asking for it:
-- users ...-8000-N in 0000a000, projects in 0000b000, issues in 0000c000.

CREATE FUNCTION bench_id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
$$;

INSERT INTO users (id, email, name, role, password_hash, created_at)
SELECT bench_id('0000a000', n), 'user' || n || '@example.org', 'User ' || n,
  (ARRAY['reporter', 'developer', 'developer', 'manager'])[1 + n % 4]::user_role, 'no password',
  now() - interval '400 days'
FROM generate_series(1, 199) n;

INSERT INTO projects (id, key, name, status, owner_id, created_at, updated_at)
SELECT bench_id('0000b000', n), 'PRJ' || n, 'Project ' || n, 'active', bench_id('0000a000', n),
  now() - interval '400 days', now() - interval '400 days'
FROM generate_series(1, 20) n;

INSERT INTO project_members (project_id, user_id, role)
SELECT bench_id('0000b000', n), bench_id('0000a000', n), 'manager' FROM generate_series(1, 20) n;

INSERT INTO project_counters (project_id)
SELECT bench_id('0000b000', n) FROM generate_series(1, 20) n
ON CONFLICT DO NOTHING;

-- Issue n is in project 1 + n % 20, one a few minutes over the last year; half of them are assigned.
INSERT INTO issues (id, project_id, number, key, title, description, type, status, priority, creator_id, assignee_id,
  due_date, comment_count, created_at, updated_at, resolved_at, closed_at)
SELECT bench_id('0000c000', n), bench_id('0000b000', 1 + n % 20), 1 + (n - 1) / 20,
  (SELECT key FROM projects WHERE id = bench_id('0000b000', 1 + n % 20)) || '-' || 1 + (n - 1) / 20,
  'Issue ' || n || ': the page is not what was expected',
  'Seen in version ' || n % 37 || '. Steps: open the page, wait, and look again.',
  (ARRAY['bug', 'feature', 'improvement', 'task', 'epic'])[1 + n % 5]::issue_type, s.status,
  (ARRAY['low', 'medium', 'high', 'critical'])[1 + n / 5 % 4]::issue_priority,
  bench_id('0000a000', 1 + n % 199), CASE WHEN n % 2 = 0 THEN bench_id('0000a000', 1 + n / 2 % 199) END,
  CASE WHEN n % 3 = 0 THEN t.created::date + 30 END, 3, t.created, t.created,
  CASE WHEN s.status IN ('resolved', 'closed') THEN t.created END, CASE WHEN s.status = 'closed' THEN t.created END
FROM generate_series(1, 100000) n
CROSS JOIN LATERAL (SELECT now() - interval '5 minutes' * (100000 - n)) t (created)
CROSS JOIN LATERAL (SELECT (ARRAY['open', 'in_progress', 'resolved', 'closed'])[1 + n / 7 % 4]::issue_status) s (status);

INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT bench_id('0000e000', n), i.id, 'created', i.creator_id, i.created_at, 1,
  jsonb_build_object('title', jsonb_build_object('from', NULL, 'to', i.title))
FROM generate_series(1, 100000) n JOIN issues i ON i.id = bench_id('0000c000', n);

-- Three comments an issue, of 2,000 words that are as frequent as words are: the first ones of the list are in every
-- second issue, the last ones in one of a hundred.
SELECT setseed(0.5);
INSERT INTO comments (id, issue_id, author_id, content, created_at, updated_at)
SELECT bench_id('0000d000', n), i.id, bench_id('0000a000', 1 + n % 199), said.text, said.at, said.at
FROM (SELECT array_agg(base || suffix ORDER BY place, k) AS words FROM unnest(ARRAY['button', 'user', 'login', 'shows',
    'empty', 'browser', 'request', 'server', 'timeout', 'click', 'form', 'list', 'value', 'search', 'upload', 'error',
    'message', 'network', 'reload', 'session', 'password', 'export', 'column', 'filter', 'invoice', 'payment', 'basket',
    'shipping', 'tablet', 'printer', 'keyboard', 'scroll', 'unicode', 'timezone', 'currency', 'discount', 'voucher',
    'newsletter', 'captcha', 'thumbnail', 'gradient', 'kerning', 'hyphen', 'accordion', 'carousel', 'leapyear',
    'semaphore', 'zeppelin', 'marmalade', 'umbrella']) WITH ORDINALITY AS b (base, k)
  CROSS JOIN generate_series(0, 39) place
  CROSS JOIN LATERAL (SELECT CASE WHEN place = 0 THEN '' ELSE 'x' || place END) s (suffix)) w
CROSS JOIN generate_series(0, 299999) n JOIN issues i ON i.id = bench_id('0000c000', 1 + n / 3)
CROSS JOIN LATERAL (SELECT i.created_at + interval '1 minute' * (n % 3) AS at,
  string_agg(w.words[1 + floor(2000 * power(random(), 2))::int], ' ' ORDER BY k) AS text
  FROM generate_series(1, 12) k) said;

INSERT INTO attachments (id, issue_id, project_id, uploader_id, filename, content_type, size, sha256, created_at)
SELECT bench_id('0000f000', n), i.id, i.project_id, i.creator_id, 'screenshot-' || n || '.png', 'image/png', 48213,
  md5(n::text) || md5((-n)::text), i.created_at
FROM generate_series(1, 50000) n JOIN issues i ON i.id = bench_id('0000c000', 2 * n);

UPDATE project_counters c SET last_number = i.last, open = i.open, in_progress = i.in_progress,
  resolved = i.resolved, closed = i.closed
FROM (SELECT project_id, max(number) AS last, count(*) FILTER (WHERE status = 'open') AS open,
    count(*) FILTER (WHERE status = 'in_progress') AS in_progress,
    count(*) FILTER (WHERE status = 'resolved') AS resolved, count(*) FILTER (WHERE status = 'closed') AS closed
  FROM issues GROUP BY project_id) i
WHERE c.project_id = i.project_id;

VACUUM (ANALYZE, FREEZE);
CHECKPOINT;
