-- The members of projects.

-- fragment: member_columns
m.user_id, u.name, u.email, m.role, m.added_at

-- name: member_list :slow
-- args: caller access, project_id uuid, member_role text[], limit int8, offset int8
-- order: added_at | m.added_at | timestamptz | added_at
-- order: role | m.role | user_role | role
-- order: user_id | m.user_id | uuid | user_id
SELECT {{member_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM project_members m JOIN projects p ON p.id = m.project_id JOIN users u ON u.id = m.user_id
WHERE m.project_id = :project_id AND {{visible}}
AND m.role = ANY(:member_role::user_role[]) --? role
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- Outcomes: ok, unchanged, not_found, forbidden, unknown_user, owner. The project is locked, so that its owner
-- stays the same meanwhile.
-- name: member_set :write
-- args: caller access, by doer, id uuid?, key text?, user_id uuid, member_role text
WITH target AS (
SELECT p.id, p.owner_id, {{role_here}} AS role_here
FROM projects p WHERE {{project_named}} AND {{visible}}
FOR SHARE OF p
), judged AS (
SELECT t.id, old.role AS old_role, CASE
WHEN t.role_here < 'manager' THEN 'forbidden'
WHEN u.id IS NULL THEN 'unknown_user'
WHEN u.id = t.owner_id AND :member_role <> 'manager' THEN 'owner'
WHEN old.role = :member_role::user_role THEN 'unchanged'
ELSE 'ok' END AS outcome
FROM target t LEFT JOIN users u ON u.id = :user_id AND u.is_active
LEFT JOIN project_members old ON old.project_id = t.id AND old.user_id = :user_id
), changed AS (
INSERT INTO project_members (project_id, user_id, role)
SELECT j.id, :user_id, :member_role::user_role FROM judged j WHERE j.outcome = 'ok'
ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role
RETURNING *
), event AS (
{{log_event}} SELECT 'member_set', c.user_id, {{doer}},
jsonb_build_object('project_id', c.project_id, 'from', j.old_role, 'to', c.role)
FROM changed c JOIN judged j ON true
), m AS (
SELECT c.* FROM changed c
UNION ALL SELECT s.* FROM project_members s JOIN judged j ON j.outcome = 'unchanged' AND s.project_id = j.id
WHERE s.user_id = :user_id
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, j.old_role IS NULL AS _created, {{member_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN m ON true LEFT JOIN users u ON u.id = m.user_id

-- Outcomes: ok, not_found, forbidden, unknown_user, owner.
-- name: member_remove :write
-- args: caller access, by doer, id uuid?, key text?, user_id uuid
WITH target AS (
SELECT p.id, p.owner_id, {{role_here}} AS role_here
FROM projects p WHERE {{project_named}} AND {{visible}}
FOR SHARE OF p
), judged AS (
SELECT t.id, CASE
WHEN t.role_here < 'manager' THEN 'forbidden'
WHEN t.owner_id = :user_id THEN 'owner'
WHEN NOT EXISTS (SELECT FROM project_members m WHERE m.project_id = t.id AND m.user_id = :user_id)
THEN 'unknown_user'
ELSE 'ok' END AS outcome
FROM target t
), gone AS (
DELETE FROM project_members m USING judged j
WHERE m.project_id = j.id AND m.user_id = :user_id AND j.outcome = 'ok'
RETURNING m.*
), event AS (
{{log_event}} SELECT 'member_removed', g.user_id, {{doer}},
jsonb_build_object('project_id', g.project_id, 'from', g.role) FROM gone g
)
SELECT coalesce((SELECT outcome FROM judged), 'not_found') AS _outcome
