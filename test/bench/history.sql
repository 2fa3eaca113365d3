-- A tracker with a past, for the reports: 200 users, 20 projects, and :issues issues over a year with about four
-- events each. psql -v issues=1000000 -f test/bench/history.sql, on a migrated database that test/bench/seed.sql was
-- not run on.

CREATE FUNCTION bench_id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
$$;

INSERT INTO users (id, email, name, role, password_hash, created_at)
SELECT bench_id('0000a000', n), 'user' || n || '@example.org', 'User ' || n, 'developer', 'no password', now() - interval '400 days'
FROM generate_series(1, 200) n;

INSERT INTO projects (id, key, name, status, owner_id, created_at, updated_at)
SELECT bench_id('0000b000', n), 'PRJ' || n, 'Project ' || n, 'active', bench_id('0000a000', n),
  now() - interval '400 days', now() - interval '400 days'
FROM generate_series(1, 20) n;
INSERT INTO project_counters (project_id) SELECT bench_id('0000b000', n) FROM generate_series(1, 20) n;
INSERT INTO milestones (id, project_id, name, due_date)
SELECT bench_id('0000d000', n), bench_id('0000b000', n), 'Milestone ' || n, current_date + 14 FROM generate_series(1, 20) n;

-- What happens to each issue, by a draw that is the same each time: hours from its creation on; NULL: never.
SELECT setseed(0.5) \g /dev/null
CREATE TEMP TABLE plan AS
SELECT n, bench_id('0000c000', n) AS id, 1 + (n * 7919) % 20 AS project, made.at,
  bench_id('0000a000', 1 + (n * 31) % 200) AS creator, bench_id('0000a000', 1 + (n * 17 + 5) % 200) AS person,
  CASE WHEN random() < 0.7 THEN made.at + interval '1 hour' * -ln(1 - random()) * 20 END AS assigned,
  CASE WHEN random() < 0.8 THEN made.at + interval '1 hour' * -ln(1 - random()) * 30 END AS commented,
  CASE WHEN random() < 0.75 THEN made.at + interval '1 hour' * (1 -ln(1 - random()) * 300) END AS resolved,
  random() AS luck, CASE WHEN n > :issues * 0.97 AND random() < 0.2 THEN bench_id('0000d000', 1 + (n * 7919) % 20) END AS milestone
FROM generate_series(1, :issues::bigint) n
CROSS JOIN LATERAL (SELECT now() - interval '365 days' * (1 - n::float8 / :issues)) made (at);
UPDATE plan SET resolved = NULL WHERE resolved > now();
UPDATE plan SET assigned = NULL WHERE assigned > now();
UPDATE plan SET commented = NULL WHERE commented > now();

-- The turns are noted afterwards, in one go. Nobody searches here.
ALTER TABLE issues DISABLE TRIGGER USER;
ALTER TABLE issue_events DISABLE TRIGGER USER;
INSERT INTO issues (id, project_id, number, key, title, description, type, status, priority, creator_id, assignee_id, milestone_id,
  created_at, updated_at, resolved_at, closed_at)
SELECT p.id, bench_id('0000b000', p.project), p.n, 'PRJ' || p.project || '-' || p.n, 'Issue ' || p.n || ': the page is not what was expected',
  'Seen in version ' || p.n % 37 || '. Steps: open the page, wait, and look again.',
  (ARRAY['bug', 'bug', 'feature', 'improvement', 'task', 'epic'])[1 + p.n % 6]::issue_type,
  CASE WHEN p.resolved IS NULL OR p.luck < 0.05 THEN CASE WHEN p.assigned IS NULL THEN 'open' ELSE 'in_progress' END
    WHEN p.luck < 0.4 THEN 'resolved' ELSE 'closed' END::issue_status,
  (ARRAY['low', 'medium', 'medium', 'high', 'critical'])[1 + p.n / 6 % 5]::issue_priority, p.creator,
  CASE WHEN p.assigned IS NOT NULL THEN p.person END, p.milestone, p.at, coalesce(p.resolved, p.at),
  CASE WHEN p.luck >= 0.05 THEN p.resolved END, CASE WHEN p.luck >= 0.4 THEN p.resolved END
FROM plan p ORDER BY p.n;

INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT bench_id('0000e' || substr('000' || e.version, 2), p.n), p.id, e.type::issue_event_type, e.actor, e.at, e.version, e.changes
FROM plan p CROSS JOIN LATERAL (VALUES
  (1, 'created', p.creator, p.at, '{"title": {"from": null, "to": "The page is not what was expected"}, "status": {"from": null, "to": "open"}}'::jsonb
    || CASE WHEN p.milestone IS NULL THEN '{}' ELSE jsonb_build_object('milestone_id', jsonb_build_object('from', NULL, 'to', p.milestone)) END),
  (2, 'commented', p.person, p.commented, '{"comment_id": {"from": null, "to": "0000f000-0000-7000-8000-000000000001"}}'),
  (3, 'assigned', p.person, p.assigned, jsonb_build_object('assignee_id', jsonb_build_object('from', NULL, 'to', p.person))),
  (4, 'status_changed', p.person, p.resolved, '{"status": {"from": "open", "to": "resolved"}}'),
  (5, 'status_changed', p.creator, CASE WHEN p.luck < 0.1 THEN p.resolved + (now() - p.resolved) * 0.3 END,
    '{"status": {"from": "resolved", "to": "open"}}'),
  (6, 'status_changed', p.person, CASE WHEN p.luck BETWEEN 0.05 AND 0.1 THEN p.resolved + (now() - p.resolved) * 0.6 END,
    '{"status": {"from": "open", "to": "resolved"}}')) AS e (version, type, actor, at, changes)
WHERE e.at IS NOT NULL;
ALTER TABLE issue_events ENABLE TRIGGER USER;
ALTER TABLE issues ENABLE TRIGGER USER;
SELECT rebuild_issue_turns(ARRAY(SELECT p.id FROM plan p)) \g /dev/null

UPDATE project_counters c SET last_number = :issues, open = i.open, in_progress = i.in_progress, resolved = i.resolved, closed = i.closed
FROM (SELECT project_id, count(*) FILTER (WHERE status = 'open') AS open, count(*) FILTER (WHERE status = 'in_progress') AS in_progress,
    count(*) FILTER (WHERE status = 'resolved') AS resolved, count(*) FILTER (WHERE status = 'closed') AS closed
  FROM issues GROUP BY project_id) i
WHERE c.project_id = i.project_id;
VACUUM (ANALYZE, FREEZE);
