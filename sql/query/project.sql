-- Projects.

-- fragment: project_columns
p.id, p.key, p.name, p.description, p.status, p.visibility, p.owner_id,
json_build_object('open', c.open, 'in_progress', c.in_progress, 'resolved', c.resolved,
'closed', c.closed) AS issue_counts,
p.version, p.created_at, p.updated_at

-- The project that a field or a filter names: by its id, or by its key.
-- fragment: project_id
coalesce(:project_id, (SELECT k.id FROM projects k WHERE k.key = :project_key))

-- The project that a path names, likewise.
-- fragment: project_named
p.id = coalesce(:id, (SELECT k.id FROM projects k WHERE k.key = :key))

-- The project that a list is of, for one who may see it.
-- name: project_place :read
-- args: caller access, id uuid?, key text?
SELECT p.id AS _id FROM projects p WHERE {{project_named}} AND {{visible}}

-- name: project_by_ref :read
-- args: caller access, id uuid?, key text?
SELECT {{project_columns}}
FROM projects p JOIN project_counters c ON c.project_id = p.id
WHERE {{project_named}} AND {{visible}}

-- name: project_list :slow
-- args: caller access, status text[], visibility text[], owner_id uuid, limit int8, offset int8
-- order: created_at | p.created_at | timestamptz | created_at
-- order: updated_at | p.updated_at | timestamptz | updated_at
-- order: name | p.name | text | name
-- order: key | p.key | text | key
-- order: id | p.id | uuid | id
SELECT {{project_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM projects p JOIN project_counters c ON c.project_id = p.id
WHERE {{visible}}
AND p.status = ANY(:status::project_status[]) --? status
AND p.visibility = ANY(:visibility::project_visibility[]) --? visibility
AND p.owner_id = :owner_id --? owner
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- The owner becomes a member, so that a private project is not lost to its maker. Outcomes: ok, unknown_owner,
-- key_taken, name_taken.
-- name: project_create :write
-- args: id uuid, key text, name text, description text, status text, visibility text, owner_id uuid
WITH judged AS (
SELECT CASE
WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = :owner_id AND u.is_active) THEN 'unknown_owner'
WHEN EXISTS (SELECT FROM projects k WHERE k.key = :key) THEN 'key_taken'
WHEN EXISTS (SELECT FROM projects n WHERE lower(n.name) = lower(:name) AND n.deleted_at IS NULL)
THEN 'name_taken'
ELSE 'ok' END AS outcome
), p AS (
INSERT INTO projects (id, key, name, description, status, visibility, owner_id)
SELECT :id, :key, :name, :description, :status::project_status, :visibility::project_visibility, :owner_id
FROM judged WHERE outcome = 'ok'
RETURNING *
), c AS (
INSERT INTO project_counters (project_id) SELECT p.id FROM p RETURNING *
), member AS (
INSERT INTO project_members (project_id, user_id, role) SELECT p.id, p.owner_id, 'manager' FROM p
)
SELECT judged.outcome AS _outcome, {{project_columns}}
FROM judged LEFT JOIN p ON true LEFT JOIN c ON true

-- Outcomes: ok, unchanged, not_found, forbidden, version_conflict, unknown_owner, name_taken.
-- name: project_update :write
-- args: caller access, id uuid?, key text?, any_version bool, versions text[]
-- args: name text?, description text?, status text?, visibility text?, owner_id uuid?
WITH target AS (
SELECT p.*, {{role_here}} AS role_here
FROM projects p
WHERE {{project_named}} AND {{visible}}
FOR NO KEY UPDATE OF p
), wanted AS (
SELECT t.id, coalesce(:name, t.name) AS name, coalesce(:description, t.description) AS description,
coalesce(:status::project_status, t.status) AS status,
coalesce(:visibility::project_visibility, t.visibility) AS visibility,
coalesce(:owner_id, t.owner_id) AS owner_id
FROM target t
), judged AS (
SELECT t.id, CASE
WHEN t.role_here < 'manager' THEN 'forbidden'
WHEN NOT (:any_version OR t.version::text = ANY(:versions)) THEN 'version_conflict'
WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = w.owner_id AND (u.is_active OR u.id = t.owner_id))
THEN 'unknown_owner'
WHEN EXISTS (SELECT FROM projects n WHERE lower(n.name) = lower(w.name) AND n.deleted_at IS NULL AND n.id <> t.id)
THEN 'name_taken'
WHEN (t.name, t.description, t.status, t.visibility, t.owner_id)
= (w.name, w.description, w.status, w.visibility, w.owner_id) THEN 'unchanged'
ELSE 'ok' END AS outcome
FROM target t JOIN wanted w ON w.id = t.id
), p AS (
UPDATE projects q SET name = w.name, description = w.description, status = w.status,
visibility = w.visibility, owner_id = w.owner_id, version = q.version + 1, updated_at = clock_timestamp()
FROM wanted w JOIN judged j ON j.id = w.id
WHERE q.id = w.id AND j.outcome = 'ok'
RETURNING q.*
), member AS (
INSERT INTO project_members (project_id, user_id, role) SELECT p.id, p.owner_id, 'manager' FROM p
ON CONFLICT (project_id, user_id) DO UPDATE SET role = 'manager'
WHERE project_members.role <> 'manager'
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{project_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN p ON true
LEFT JOIN project_counters c ON c.project_id = p.id

-- Outcomes: ok, not_found, forbidden, version_conflict.
-- name: project_delete :write
-- args: caller access, id uuid?, key text?, any_version bool, versions text[]
WITH target AS (
SELECT p.id, p.version, {{role_here}} AS role_here
FROM projects p
WHERE {{project_named}} AND {{visible}}
FOR NO KEY UPDATE OF p
), judged AS (
SELECT t.id, CASE
WHEN t.role_here < 'manager' THEN 'forbidden'
WHEN NOT (:any_version OR t.version::text = ANY(:versions)) THEN 'version_conflict'
ELSE 'ok' END AS outcome
FROM target t
), gone AS (
UPDATE projects q SET deleted_at = clock_timestamp(), version = q.version + 1, updated_at = clock_timestamp()
FROM judged j WHERE q.id = j.id AND j.outcome = 'ok'
)
SELECT coalesce((SELECT outcome FROM judged), 'not_found') AS _outcome
