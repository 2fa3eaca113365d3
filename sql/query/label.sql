-- Labels, of a project or for all of them.

-- fragment: label_columns
l.id, l.project_id, l.name, l.color, l.description, l.created_at, l.updated_at

-- fragment: label_visible
(l.project_id IS NULL OR {{visible}})

-- Whether the caller may change labels there: a manager of the project, or of the tracker for those of all projects.
-- fragment: label_writable
CASE WHEN p.id IS NOT NULL THEN {{role_here}} >= 'manager' ELSE :everywhere AND :role::user_role >= 'manager' END

-- name: label_by_id :read
-- args: caller access, id uuid
SELECT {{label_columns}} FROM labels l LEFT JOIN projects p ON p.id = l.project_id
WHERE l.id = :id AND {{label_visible}}

-- name: label_list :slow
-- args: caller access, project_id uuid?, project_key text?, name text, limit int8, offset int8
-- order: created_at | l.created_at | timestamptz | created_at
-- order: name | lower(l.name) | text | _key_name
-- order: id | l.id | uuid | id
SELECT {{label_columns}}, lower(l.name) AS _key_name --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM labels l LEFT JOIN projects p ON p.id = l.project_id
WHERE {{label_visible}}
AND l.project_id = {{project_id}} --? project
AND l.project_id IS NULL --? global
AND lower(l.name) = lower(:name) --? name
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- Outcomes: ok, unknown_project, forbidden. A name that is taken violates labels_name_key.
-- name: label_create :write
-- args: caller access, id uuid, in_project bool, project_id uuid?, project_key text?, name text, color text, description text
WITH judged AS (
SELECT p.id AS project_id, CASE WHEN :in_project AND p.id IS NULL THEN 'unknown_project'
WHEN NOT {{label_writable}} THEN 'forbidden' ELSE 'ok' END AS outcome
FROM (SELECT 1) one LEFT JOIN projects p
ON p.id = {{project_id}} AND {{visible}}
), l AS (
INSERT INTO labels (id, project_id, name, color, description)
SELECT :id, j.project_id, :name, lower(:color), :description FROM judged j WHERE j.outcome = 'ok'
RETURNING *
)
SELECT j.outcome AS _outcome, {{label_columns}} FROM judged j LEFT JOIN l ON true

-- Outcomes: ok, not_found, forbidden.
-- name: label_update :write
-- args: caller access, id uuid, name text?, color text?, description text?
WITH judged AS (
SELECT l.id, CASE WHEN NOT {{label_writable}} THEN 'forbidden' ELSE 'ok' END AS outcome
FROM labels l LEFT JOIN projects p ON p.id = l.project_id
WHERE l.id = :id AND {{label_visible}}
), l AS (
UPDATE labels q SET name = coalesce(:name, q.name), color = coalesce(lower(:color), q.color),
description = coalesce(:description, q.description), updated_at = clock_timestamp()
FROM judged j WHERE q.id = j.id AND j.outcome = 'ok'
RETURNING q.*
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{label_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN l ON true

-- Stands in front of label_delete, in its transaction: whoever gives an issue the label at this moment is waited for.
-- name: label_lock :write
-- args: id uuid
SELECT l.id AS _id FROM labels l WHERE l.id = :id FOR UPDATE

-- Takes it off all issues, each with a version and a row of history more. Outcomes: ok, not_found, forbidden.
-- name: label_delete :write
-- args: caller access, id uuid
WITH judged AS (
SELECT l.id, CASE WHEN NOT {{label_writable}} THEN 'forbidden' ELSE 'ok' END AS outcome
FROM labels l LEFT JOIN projects p ON p.id = l.project_id
WHERE l.id = :id AND {{label_visible}}
), marked AS MATERIALIZED (
SELECT i.id, i.label_ids FROM issues i
WHERE i.label_ids @> ARRAY[:id] AND i.label_ids <> '{}' AND EXISTS (SELECT FROM judged j WHERE j.outcome = 'ok')
ORDER BY i.id FOR NO KEY UPDATE OF i
), i AS (
UPDATE issues q SET label_ids = array_remove(q.label_ids, :id), version = q.version + 1, updated_at = clock_timestamp()
FROM marked m WHERE q.id = m.id
RETURNING q.id, q.version, q.updated_at, q.label_ids, m.label_ids AS old_ids
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT make_uuid_v7(), i.id, 'labeled', :viewer, i.updated_at, i.version,
jsonb_build_object('label_ids', jsonb_build_object('from', i.old_ids, 'to', i.label_ids))
FROM i
), gone AS (
DELETE FROM labels l USING judged j WHERE l.id = j.id AND j.outcome = 'ok'
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome FROM (SELECT 1) one LEFT JOIN judged j ON true
