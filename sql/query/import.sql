-- Imports. They run on a connection of their own (db/copy.h): the rows of the file go into a temporary table, and what
-- these statements do is one transaction.

-- Held until the end of the session or job_release: it tells that somebody is at it.
-- name: import_hold_job :slow
-- args: id uuid
SELECT pg_advisory_lock(job_lock(:id)) AS _held

-- name: import_release_job :slow
-- args: id uuid
SELECT pg_advisory_unlock(job_lock(:id)) AS _released

-- Committed before the transaction of the import begins, so that others see it. What is old goes.
-- name: import_create_job :slow
-- args: id uuid, owner uuid, columns text[]
WITH old AS (
DELETE FROM jobs j WHERE j.created_at < now() - interval '7 days' AND job_holder(j.id) IS NULL
)
INSERT INTO jobs (id, kind, owner_id, columns, started_at) VALUES (:id, 'import', :owner, :columns, now())

-- name: import_drop_job :slow
-- args: id uuid
DELETE FROM jobs WHERE id = :id

-- The rows name projects by key or id, or the request does for all rows that name none.
-- name: import_find_projects :slow
-- args: caller access, project_id uuid?, project_key text?
INSERT INTO import_projects (given, id, key, problem)
SELECT g.given, p.id, p.key, CASE WHEN p.id IS NULL THEN 'unknown'
WHEN {{role_here}} < 'manager' THEN 'forbidden'
WHEN p.status IN ('completed', 'archived') THEN 'project_closed' END
FROM (SELECT DISTINCT coalesce(r.project, '') AS given FROM import_rows r) g
LEFT JOIN projects p ON (CASE WHEN g.given = '' THEN p.id = :project_id OR p.key = :project_key
ELSE p.key = upper(g.given) OR p.id::text = lower(g.given) END) AND {{visible}}

-- The project that the request names, and the creator. Outcomes: ok, unknown_project, forbidden, project_closed, unknown_creator.
-- name: import_check :slow
-- args: caller access, named bool, project_id uuid?, project_key text?, creator_id uuid?
SELECT CASE
WHEN :creator_id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = :creator_id AND u.is_active)
THEN 'unknown_creator'
WHEN NOT :named THEN 'ok'
WHEN p.id IS NULL THEN 'unknown_project'
WHEN {{role_here}} < 'manager' THEN 'forbidden'
WHEN p.status IN ('completed', 'archived') THEN 'project_closed'
ELSE 'ok' END AS _outcome
FROM (SELECT 1) one LEFT JOIN projects p
ON p.id = coalesce(:project_id, (SELECT k.id FROM projects k WHERE k.key = :project_key)) AND {{visible}}

-- From here on nobody else gets numbers in these projects. In a fixed order, against deadlocks.
-- name: import_lock_projects :slow
SELECT c.project_id FROM project_counters c JOIN import_projects p ON p.id = c.project_id WHERE p.problem IS NULL
ORDER BY c.project_id FOR NO KEY UPDATE OF c

-- name: import_find_people :slow
INSERT INTO import_people (email, id)
SELECT g.assignee, u.id FROM (SELECT DISTINCT r.assignee FROM import_rows r WHERE r.assignee IS NOT NULL) g
JOIN users u ON u.email = lower(g.assignee) AND u.is_active

-- A label of the project counts before one for all projects. They stay until the import is committed.
-- name: import_find_labels :slow
INSERT INTO import_labels (project_id, names, ids, unknown)
SELECT g.id, g.labels, coalesce(f.ids, '{}'), f.unknown
FROM (SELECT DISTINCT p.id, r.labels FROM import_rows r JOIN import_projects p ON p.given = coalesce(r.project, '')
WHERE r.labels IS NOT NULL AND p.problem IS NULL) g
CROSS JOIN LATERAL (SELECT array_agg(DISTINCT l.id ORDER BY l.id) FILTER (WHERE l.id IS NOT NULL) AS ids,
min(n.name) FILTER (WHERE l.id IS NULL) AS unknown
FROM unnest(g.labels) AS n (name) LEFT JOIN LATERAL (SELECT k.id FROM labels k
WHERE lower(k.name) = lower(n.name) AND (k.project_id = g.id OR k.project_id IS NULL)
ORDER BY k.project_id NULLS LAST LIMIT 1 FOR KEY SHARE) l ON true) f

-- name: import_find_external_ids :slow
INSERT INTO import_external_ids (project_id, external_id, first_n, issue_id)
SELECT p.id, r.external_id, min(r.n), (array_agg(x.issue_id))[1]
FROM import_rows r JOIN import_projects p ON p.given = coalesce(r.project, '')
LEFT JOIN issue_external_ids x ON x.project_id = p.id AND x.external_id = r.external_id
WHERE r.external_id IS NOT NULL AND r.errors IS NULL AND p.problem IS NULL
GROUP BY p.id, r.external_id

-- A row with all that it names.
-- fragment: import_named
import_rows r JOIN import_projects p ON p.given = coalesce(r.project, '')
LEFT JOIN import_people a ON a.email = r.assignee
LEFT JOIN import_labels l ON l.project_id = p.id AND l.names = r.labels
LEFT JOIN import_external_ids x ON x.project_id = p.id AND x.external_id = r.external_id

-- fragment: import_good
r.errors IS NULL AND p.problem IS NULL AND (r.assignee IS NULL OR a.id IS NOT NULL) AND l.unknown IS NULL
AND (x.first_n IS NULL OR x.first_n = r.n)

-- Keeps what is wrong with the rows; and counts: all, those that are not good, those that are there already.
-- A field that was refused for its form is not looked up besides.
-- name: import_judge :slow
-- args: job uuid, columns text[]
WITH judged AS MATERIALIZED (
SELECT r.n, coalesce({{import_good}}, false) AS good, x.issue_id IS NOT NULL AS is_there
FROM {{import_named}}
), bad AS (
INSERT INTO job_errors (job_id, row_number, errors, cells)
SELECT :job, r.n, coalesce(r.errors::jsonb, '[]') || coalesce((
SELECT jsonb_agg(jsonb_build_object('field', f.field, 'code', f.code, 'error', f.error, 'value', left(f.value, 200)))
FROM (VALUES
('project', p.problem, r.project, CASE p.problem WHEN 'unknown' THEN 'There is no such project.'
WHEN 'forbidden' THEN 'Only managers of the project import into it.' ELSE 'The project takes no new issues.' END),
('assignee', CASE WHEN r.assignee IS NOT NULL AND a.id IS NULL THEN 'unknown' END, r.assignee,
'There is no active user with this e-mail.'),
('labels', CASE WHEN l.unknown IS NOT NULL THEN 'unknown' END, l.unknown, 'There is no such label.'),
('external_id', CASE WHEN x.first_n < r.n THEN 'duplicate' END, r.external_id, 'Row ' || x.first_n || ' has the same.')
) AS f (field, code, value, error)
WHERE f.code IS NOT NULL AND NOT coalesce(r.errors::jsonb @> jsonb_build_array(jsonb_build_object('field', f.field)), false)), '[]'),
coalesce(r.cells::json, (SELECT json_object_agg(c.name, c.cell) FROM (VALUES
('title', r.title), ('description', coalesce(r.description, '')), ('type', coalesce(r.type, '')),
('status', coalesce(r.status, '')), ('priority', coalesce(r.priority, '')), ('assignee', coalesce(r.assignee, '')),
('labels', coalesce((SELECT string_agg(replace(replace(n, chr(92), repeat(chr(92), 2)), ';', chr(92) || ';'), ';') FROM unnest(r.labels) n), '')),
('due_date', coalesce(r.due_date, '')), ('project', coalesce(r.project, '')),
('external_id', coalesce(r.external_id, ''))) AS c (name, cell) WHERE c.name = ANY(:columns)))
FROM judged j JOIN {{import_named}} ON r.n = j.n
WHERE NOT j.good
)
SELECT count(*) AS total, count(*) FILTER (WHERE NOT good) AS failed,
count(*) FILTER (WHERE good AND is_there) AS skipped
FROM judged

-- Makes issues of the good rows from :first to :last that are not there yet. The history is put together as text, which
-- takes a quarter of the time of jsonb_build_object.
-- name: import_rows :slow
-- args: viewer uuid, creator_id uuid?, first int4, last int4
WITH wanted AS MATERIALIZED (
SELECT r.n, r.id, r.event_id, p.id AS project_id, p.key AS project_key,
row_number() OVER (PARTITION BY p.id ORDER BY r.n) AS place,
r.title, coalesce(r.description, '') AS description, coalesce(r.type, 'bug')::issue_type AS type,
coalesce(r.status, 'open')::issue_status AS status, coalesce(r.priority, 'medium')::issue_priority AS priority,
a.id AS assignee_id, r.due_date::date AS due_date, coalesce(l.ids, '{}') AS label_ids, r.external_id
FROM {{import_named}}
WHERE r.n BETWEEN :first AND :last AND {{import_good}} AND x.issue_id IS NULL
), counted AS (
UPDATE project_counters c SET last_number = c.last_number + w.issues, open = c.open + w.open,
in_progress = c.in_progress + w.in_progress, resolved = c.resolved + w.resolved, closed = c.closed + w.closed
FROM (SELECT project_id, count(*)::integer AS issues, (count(*) FILTER (WHERE status = 'open'))::integer AS open,
(count(*) FILTER (WHERE status = 'in_progress'))::integer AS in_progress,
(count(*) FILTER (WHERE status = 'resolved'))::integer AS resolved,
(count(*) FILTER (WHERE status = 'closed'))::integer AS closed FROM wanted GROUP BY project_id) w
WHERE c.project_id = w.project_id
RETURNING c.project_id, c.last_number - w.issues AS base
), made AS (
INSERT INTO issues (id, project_id, number, key, title, description, type, status, priority, creator_id, assignee_id,
due_date, label_ids, resolved_at, closed_at)
SELECT w.id, w.project_id, c.base + w.place, w.project_key || '-' || c.base + w.place, w.title, w.description, w.type,
w.status, w.priority, coalesce(:creator_id, :viewer), w.assignee_id, w.due_date, w.label_ids,
CASE WHEN w.status = 'resolved' THEN now() END, CASE WHEN w.status = 'closed' THEN now() END
FROM wanted w JOIN counted c ON c.project_id = w.project_id
), named AS (
INSERT INTO issue_external_ids (project_id, external_id, issue_id)
SELECT w.project_id, w.external_id, w.id FROM wanted w WHERE w.external_id IS NOT NULL
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT w.event_id, w.id, 'created', :viewer, now(), 1, concat(
'{"title":{"from": null,"to":', to_json(w.title), '},"description":{"from": null,"to":', to_json(w.description),
'},"type":{"from": null,"to":"', w.type, '"},"status":{"from": null,"to":"', w.status,
'"},"priority":{"from": null,"to":"', w.priority,
'"},"creator_id":{"from": null,"to":"', coalesce(:creator_id, :viewer), '"}',
CASE WHEN w.assignee_id IS NOT NULL THEN concat(',"assignee_id":{"from": null,"to":"', w.assignee_id, '"}') END,
CASE WHEN w.due_date IS NOT NULL THEN concat(',"due_date":{"from": null,"to":"', w.due_date, '"}') END,
CASE WHEN w.label_ids <> '{}' THEN concat(',"label_ids":{"from": null,"to":', to_json(w.label_ids), '}') END,
'}')::jsonb
FROM wanted w
)
SELECT count(*) AS created FROM wanted

-- The first of the errors, a row for each, as an answer shows them.
-- name: import_errors :slow
-- args: job uuid, limit int8
SELECT e.row_number, f.item->>'field' AS field, f.item->>'value' AS value, f.item->>'error' AS error,
f.item->>'code' AS code, e.cells AS raw_data
FROM job_errors e CROSS JOIN LATERAL jsonb_array_elements(e.errors) WITH ORDINALITY f (item, place)
WHERE e.job_id = :job ORDER BY e.row_number, f.place LIMIT :limit

-- No row: it was cancelled meanwhile, and must not be committed.
-- name: import_finish_job :slow
-- args: id uuid, failed bool, error text?, rows_read int4, created_count int4, failed_count int4, skipped_count int4
UPDATE jobs SET state = CASE WHEN :failed THEN 'failed' ELSE 'succeeded' END::job_state, error = :error,
progress = 100, rows_read = :rows_read, created_count = :created_count, failed_count = :failed_count,
skipped_count = :skipped_count, finished_at = clock_timestamp()
WHERE id = :id AND state = 'running'
RETURNING id

-- name: import_fail_job :write
-- args: id uuid, error text
UPDATE jobs SET state = 'failed', error = :error, finished_at = clock_timestamp() WHERE id = :id AND state = 'running'

-- name: import_progress :write
-- args: id uuid, progress int4, rows_read int4
UPDATE jobs SET progress = :progress, rows_read = :rows_read WHERE id = :id AND state = 'running'

-- The same as import_drop_job, on another connection. What the import has committed meanwhile stays.
-- name: import_drop_job_elsewhere :write
-- args: id uuid
DELETE FROM jobs WHERE id = :id AND state = 'running'
