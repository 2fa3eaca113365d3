-- Milestones: what a project wants to have done by a day.

-- fragment: milestone_columns
m.id, m.project_id, m.name, m.description, m.due_date,
CASE WHEN m.closed_at IS NULL THEN 'open' ELSE 'closed' END AS state,
CASE WHEN m.id IS NOT NULL THEN milestone_progress(m.id) END AS progress,
m.version, m.created_at, m.updated_at, m.closed_at

-- name: milestone_by_id :read
-- args: caller access, id uuid
SELECT {{milestone_columns}} FROM milestones m JOIN projects p ON p.id = m.project_id
WHERE m.id = :id AND {{visible}}

-- name: milestone_list :slow
-- args: caller access, project_id uuid, limit int8, offset int8
-- order: created_at | m.created_at | timestamptz | created_at
-- order: due_date | coalesce(m.due_date, 'infinity'::date) | date | _key_due_date
-- order: name | m.name | text | name
-- order: id | m.id | uuid | id
SELECT {{milestone_columns}}, coalesce(m.due_date, 'infinity'::date) AS _key_due_date --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM milestones m JOIN projects p ON p.id = m.project_id
WHERE m.project_id = :project_id AND {{visible}}
AND m.closed_at IS NULL --? open
AND m.closed_at IS NOT NULL --? closed
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- Outcomes: ok, not_found, forbidden. A name that is taken violates milestones_name_key.
-- name: milestone_create :write
-- args: caller access, project_id uuid?, project_key text?, id uuid, name text, description text, due_date date?, closed bool
WITH judged AS (
SELECT p.id AS project_id, CASE WHEN {{role_here}} < 'manager' THEN 'forbidden' ELSE 'ok' END AS outcome
FROM projects p
WHERE p.id = {{project_id}} AND {{visible}}
), m AS (
INSERT INTO milestones (id, project_id, name, description, due_date, closed_at)
SELECT :id, j.project_id, :name, :description, :due_date, CASE WHEN :closed THEN clock_timestamp() END
FROM judged j WHERE j.outcome = 'ok'
RETURNING *
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{milestone_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN m ON true

-- Outcomes: ok, unchanged, not_found, forbidden, version_conflict.
-- name: milestone_update :write
-- args: caller access, id uuid, any_version bool, versions text[], name text?, description text?, set_due_date bool
-- args: due_date date?, state text?
WITH target AS (
SELECT m.*, {{role_here}} AS role_here
FROM milestones m JOIN projects p ON p.id = m.project_id
WHERE m.id = :id AND {{visible}}
FOR NO KEY UPDATE OF m
), wanted AS (
SELECT t.id, coalesce(:name, t.name) AS name, coalesce(:description, t.description) AS description,
CASE WHEN :set_due_date THEN :due_date ELSE t.due_date END AS due_date,
CASE :state WHEN 'open' THEN NULL WHEN 'closed' THEN coalesce(t.closed_at, clock_timestamp()) ELSE t.closed_at END AS closed_at
FROM target t
), judged AS (
SELECT t.id, CASE
WHEN t.role_here < 'manager' THEN 'forbidden'
WHEN NOT (:any_version OR t.version::text = ANY(:versions)) THEN 'version_conflict'
WHEN (t.name, t.description, t.due_date, t.closed_at)
IS NOT DISTINCT FROM (w.name, w.description, w.due_date, w.closed_at) THEN 'unchanged'
ELSE 'ok' END AS outcome
FROM target t JOIN wanted w ON w.id = t.id
), m AS (
UPDATE milestones q SET name = w.name, description = w.description, due_date = w.due_date, closed_at = w.closed_at,
version = q.version + 1, updated_at = clock_timestamp()
FROM wanted w JOIN judged j ON j.id = w.id
WHERE q.id = w.id AND j.outcome = 'ok'
RETURNING q.*
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{milestone_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN m ON true

-- Two that stand in front of milestone_delete, in its transaction. Whoever changes an issue has that first and then what
-- it is given, so it is the same here. After them nobody gives an issue the milestone any more.
-- name: milestone_hold_issues :write
-- args: caller access, id uuid
SELECT count(*) AS _held FROM (
SELECT 1 FROM issues i WHERE i.milestone_id = (SELECT m.id FROM milestones m JOIN projects p ON p.id = m.project_id
WHERE m.id = :id AND {{visible}} AND {{role_here}} >= 'manager')
ORDER BY i.id FOR NO KEY UPDATE OF i) held

-- name: milestone_hold :write
-- args: caller access, id uuid
SELECT m.id AS _id FROM milestones m JOIN projects p ON p.id = m.project_id
WHERE m.id = :id AND {{visible}} AND {{role_here}} >= 'manager' FOR UPDATE OF m

-- Takes it off all issues, each with a version and a row of history more. Outcomes: ok, not_found, forbidden,
-- version_conflict.
-- name: milestone_delete :write
-- args: caller access, id uuid, any_version bool, versions text[]
WITH judged AS MATERIALIZED (
SELECT m.id, CASE
WHEN {{role_here}} < 'manager' THEN 'forbidden'
WHEN NOT (:any_version OR m.version::text = ANY(:versions)) THEN 'version_conflict'
ELSE 'ok' END AS outcome
FROM milestones m JOIN projects p ON p.id = m.project_id
WHERE m.id = :id AND {{visible}}
), held AS MATERIALIZED (
SELECT i.id FROM issues i WHERE i.milestone_id = (SELECT j.id FROM judged j WHERE j.outcome = 'ok')
ORDER BY i.id FOR NO KEY UPDATE OF i
), i AS (
UPDATE issues q SET milestone_id = NULL, version = q.version + 1, updated_at = clock_timestamp()
FROM held h WHERE q.id = h.id
RETURNING q.id, q.version, q.updated_at
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT make_uuid_v7(), i.id, 'updated', :viewer, i.updated_at, i.version,
jsonb_build_object('milestone_id', jsonb_build_object('from', :id, 'to', NULL))
FROM i
), gone AS (
DELETE FROM milestones m USING judged j WHERE m.id = j.id AND j.outcome = 'ok'
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome FROM (SELECT 1) one LEFT JOIN judged j ON true
