-- Saved filters of issues: one's own, and those that are shared with a project.

-- fragment: filter_columns
f.id, f.owner_id, f.project_id, f.name, f.query, f.version, f.created_at, f.updated_at

-- Own ones are there also when their project is not to be seen any more.
-- fragment: filter_visible
((f.owner_id = :viewer AND (:everywhere OR f.project_id = ANY(:only))) OR (p.id IS NOT NULL AND {{visible}}))

-- fragment: filter_writable
(f.owner_id = :viewer OR (p.deleted_at IS NULL AND coalesce({{role_here}} >= 'manager', false)))

-- name: filter_by_id :read
-- args: caller access, id uuid
SELECT {{filter_columns}} FROM saved_filters f LEFT JOIN projects p ON p.id = f.project_id
WHERE f.id = :id AND {{filter_visible}}

-- name: filter_list :slow
-- args: caller access, project_id uuid?, project_key text?, limit int8, offset int8
-- order: created_at | f.created_at | timestamptz | created_at
-- order: name | lower(f.name) | text | _key_name
-- order: id | f.id | uuid | id
SELECT {{filter_columns}}, lower(f.name) AS _key_name --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM saved_filters f LEFT JOIN projects p ON p.id = f.project_id
WHERE {{filter_visible}}
AND f.project_id = {{project_id}} --? project
AND f.project_id IS NULL --? private
AND f.owner_id = :viewer --? own
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- Outcomes: ok, unknown_project, forbidden, too_many. A name that is taken violates saved_filters_name_key.
-- name: filter_create :write
-- args: caller access, id uuid, shared bool, project_id uuid?, project_key text?, name text, query text, most int4
WITH judged AS (
SELECT p.id AS project_id, CASE WHEN :shared AND p.id IS NULL THEN 'unknown_project'
WHEN NOT :shared AND NOT :everywhere THEN 'forbidden'
WHEN :shared AND {{role_here}} < 'developer' THEN 'forbidden'
WHEN (SELECT count(*) FROM saved_filters o WHERE o.owner_id = :viewer) >= :most THEN 'too_many'
ELSE 'ok' END AS outcome
FROM (SELECT 1) one LEFT JOIN projects p ON p.id = {{project_id}} AND {{visible}}
), f AS (
INSERT INTO saved_filters (id, owner_id, project_id, name, query)
SELECT :id, :viewer, j.project_id, :name, :query FROM judged j WHERE j.outcome = 'ok'
RETURNING *
)
SELECT j.outcome AS _outcome, {{filter_columns}} FROM judged j LEFT JOIN f ON true

-- Who does not see the project any more changes nothing of what its people see, but may take it away from there.
-- Outcomes: ok, unchanged, not_found, forbidden, version_conflict, unknown_project.
-- name: filter_update :write
-- args: caller access, id uuid, any_version bool, versions text[], name text?, query text?, set_project bool, shared bool
-- args: project_id uuid?, project_key text?
WITH target AS (
SELECT f.*, {{filter_writable}} AND (p.id IS NULL OR :set_project OR ({{visible}}) IS TRUE) AS writable
FROM saved_filters f LEFT JOIN projects p ON p.id = f.project_id
WHERE f.id = :id AND {{filter_visible}}
FOR NO KEY UPDATE OF f
), judged AS (
SELECT t.id, coalesce(:name, t.name) AS name, coalesce(:query, t.query) AS query,
CASE WHEN :set_project THEN p.id ELSE t.project_id END AS project_id, CASE
WHEN NOT t.writable THEN 'forbidden'
WHEN NOT (:any_version OR t.version::text = ANY(:versions)) THEN 'version_conflict'
WHEN :shared AND p.id IS NULL THEN 'unknown_project'
WHEN :shared AND {{role_here}} < 'developer' THEN 'forbidden'
WHEN :set_project AND NOT :shared AND NOT :everywhere THEN 'forbidden'
WHEN (t.name, t.query, t.project_id) IS NOT DISTINCT FROM (coalesce(:name, t.name), coalesce(:query, t.query),
CASE WHEN :set_project THEN p.id ELSE t.project_id END) THEN 'unchanged'
ELSE 'ok' END AS outcome
FROM target t LEFT JOIN projects p ON p.id = {{project_id}} AND {{visible}}
), f AS (
UPDATE saved_filters q SET name = j.name, query = j.query, project_id = j.project_id, version = q.version + 1,
updated_at = clock_timestamp()
FROM judged j WHERE q.id = j.id AND j.outcome = 'ok'
RETURNING q.*
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{filter_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN f ON true

-- Outcomes: ok, not_found, forbidden, version_conflict.
-- name: filter_delete :write
-- args: caller access, id uuid, any_version bool, versions text[]
WITH target AS (
SELECT f.id, f.version, {{filter_writable}} AS writable
FROM saved_filters f LEFT JOIN projects p ON p.id = f.project_id
WHERE f.id = :id AND {{filter_visible}}
FOR UPDATE OF f
), judged AS (
SELECT t.id, CASE WHEN NOT t.writable THEN 'forbidden'
WHEN NOT (:any_version OR t.version::text = ANY(:versions)) THEN 'version_conflict'
ELSE 'ok' END AS outcome
FROM target t
), gone AS (
DELETE FROM saved_filters f USING judged j WHERE f.id = j.id AND j.outcome = 'ok'
)
SELECT coalesce((SELECT outcome FROM judged), 'not_found') AS _outcome
