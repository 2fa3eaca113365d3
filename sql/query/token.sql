-- Personal access tokens.

-- fragment: token_columns
t.id, t.name, to_json(t.scopes) AS scopes, t.project_ids, t.expires_at, t.last_used_at, t.created_at

-- What is remembered of a token. No row: there is none, it has expired, or its user may not sign in.
-- name: token_state :read
-- args: hash bytea
SELECT t.id, t.user_id, u.role, t.expires_at, array_to_string(t.scopes, ' ') AS scopes,
array_to_string(t.project_ids, ' ') AS project_ids
FROM tokens t JOIN users u ON u.id = t.user_id
WHERE t.hash = :hash AND u.is_active AND (t.expires_at IS NULL OR t.expires_at > now())

-- name: token_list :slow
-- args: viewer uuid, limit int8, offset int8
-- order: created_at | t.created_at | timestamptz | created_at
-- order: name | t.name | text | name
-- order: id | t.id | uuid | id
SELECT {{token_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM tokens t
WHERE t.user_id = :viewer
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- Outcomes: ok, unknown_project, too_many. Projects that the maker may not see are as unknown as others.
-- name: token_create :write
-- args: caller access, by doer, id uuid, hash bytea, name text, scopes text[], project_ids uuid[]?
-- args: expires_at timestamptz?, most int4
WITH judged AS (
SELECT CASE
WHEN (SELECT count(*) FROM tokens t WHERE t.user_id = :viewer) >= :most THEN 'too_many'
WHEN EXISTS (SELECT FROM unnest(:project_ids::uuid[]) AS wanted (id) WHERE NOT EXISTS (
SELECT FROM projects p WHERE p.id = wanted.id AND {{visible}})) THEN 'unknown_project'
ELSE 'ok' END AS outcome
), t AS (
INSERT INTO tokens (id, user_id, hash, name, scopes, project_ids, expires_at)
SELECT :id, :viewer, :hash, :name, :scopes, :project_ids, :expires_at FROM judged WHERE outcome = 'ok'
RETURNING *
), event AS (
{{log_event}} SELECT 'token_created', t.user_id, {{doer}}, jsonb_build_object('token_id', t.id, 'name', t.name,
'scopes', t.scopes, 'project_ids', t.project_ids, 'expires_at', t.expires_at) FROM t
)
SELECT judged.outcome AS _outcome, {{token_columns}} FROM judged LEFT JOIN t ON true

-- Deletes one of one's own: a row, if there was such a one.
-- name: token_delete :write
-- args: by doer, id uuid
WITH t AS (
DELETE FROM tokens t WHERE t.id = :id AND t.user_id = :actor RETURNING t.*
), event AS (
{{log_event}} SELECT 'token_deleted', t.user_id, {{doer}}, jsonb_build_object('token_id', t.id, 'name', t.name)
FROM t
)
SELECT t.id AS _id FROM t

-- When tokens were last used, for many at once. The rows are locked in one order for all processes.
-- name: token_touch :write
-- args: ids uuid[], times text[]
WITH locked AS (
SELECT t.id FROM tokens t WHERE t.id = ANY(:ids) ORDER BY t.id FOR UPDATE
)
UPDATE tokens t SET last_used_at = greatest(t.last_used_at, w.at)
FROM locked l JOIN (SELECT x.id, max(x.at::timestamptz) AS at
FROM unnest(:ids::uuid[], :times::text[]) AS x (id, at) GROUP BY x.id) w ON w.id = l.id
WHERE t.id = l.id
