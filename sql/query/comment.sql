-- Comments on issues. A change of one is one statement with what it means for the issue and its history.

-- fragment: comment_columns
c.id, c.issue_id, c.parent_id, c.author_id, c.content, c.deleted_at IS NOT NULL AS deleted,
CASE WHEN cardinality(c.mentions) = 0 THEN '[]'::json ELSE mentioned_people(c.mentions) END AS mentions,
c.version, c.created_at, c.updated_at

-- name: comment_by_id :read
-- args: caller access, id uuid
SELECT {{comment_columns}}
FROM comments c JOIN issues i ON i.id = c.issue_id JOIN projects p ON p.id = i.project_id
WHERE c.id = :id AND i.deleted_at IS NULL AND {{visible}}

-- name: comment_list :slow
-- args: caller access, issue_id uuid, parent_ids uuid[], author_ids uuid[], limit int8, offset int8
-- order: created_at | c.created_at | timestamptz | created_at
-- order: updated_at | c.updated_at | timestamptz | updated_at
-- order: id | c.id | uuid | id
SELECT {{comment_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM comments c JOIN issues i ON i.id = c.issue_id JOIN projects p ON p.id = i.project_id
WHERE c.issue_id = :issue_id AND i.deleted_at IS NULL AND {{visible}}
AND c.parent_id = ANY(:parent_ids) --? parents
AND c.parent_id IS NULL --? top
AND c.author_id = ANY(:author_ids) --? authors
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- The first comments of an issue, for those who read it with them.
-- fragment: issue_comments
JOIN projects p ON p.id = i.project_id CROSS JOIN LATERAL (SELECT * FROM comments c WHERE c.issue_id = i.id
ORDER BY c.created_at, c.id LIMIT 100) c
WHERE i.deleted_at IS NULL AND {{visible}}

-- name: issue_comments :read
-- args: caller access, id uuid?, key text?
-- many: comments_of_issues
-- batch: issue_comments_each
SELECT {{comment_columns}}
FROM issues i {{issue_comments}} AND i.id = {{issue_id}}
ORDER BY c.created_at, c.id

-- name: comments_of_issues :read
-- args: caller access, id uuid[]
SELECT i.id AS _issue, {{comment_columns}}
FROM issues i {{issue_comments}} AND i.id = ANY(:id)
ORDER BY i.id, c.created_at, c.id

-- name: issue_comments_each :read
-- each: viewer uuid, role text, everywhere bool, id uuid
-- let: only = NULL::uuid[]
SELECT asked.n AS _n, {{comment_columns}}
FROM {{each}} JOIN issues i ON i.id = :id {{issue_comments}}
ORDER BY asked.n, c.created_at, c.id

-- The issue is locked first, here and when one is deleted: a reply and the end of what it replies to wait for each
-- other in this order. Outcomes: ok, not_found, unknown_parent.
-- name: comment_create :write
-- args: caller access, issue_id uuid?, key text?, id uuid, event_id uuid, parent_id uuid?, content text, handles text[]
WITH target AS (
SELECT i.id, i.project_id, i.version
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = coalesce(:issue_id, (SELECT n.id FROM issues n WHERE n.key = :key)) AND i.deleted_at IS NULL AND {{visible}}
FOR NO KEY UPDATE OF i
), judged AS (
SELECT t.*, CASE WHEN :parent_id IS NOT NULL AND NOT EXISTS (SELECT FROM comments r
WHERE r.id = :parent_id AND r.issue_id = t.id AND r.deleted_at IS NULL) THEN 'unknown_parent' ELSE 'ok' END AS outcome
FROM target t
), c AS (
INSERT INTO comments (id, issue_id, parent_id, author_id, content, mentions, created_at, updated_at)
SELECT :id, j.id, :parent_id, :viewer, :content,
CASE WHEN cardinality(:handles) > 0 THEN people_named(:handles, j.project_id) ELSE '{}' END, n.at, n.at
FROM judged j CROSS JOIN (SELECT clock_timestamp() AS at OFFSET 0) n WHERE j.outcome = 'ok'
RETURNING *
), counted AS (
UPDATE issues i SET comment_count = i.comment_count + 1 FROM c WHERE i.id = c.issue_id
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT :event_id, c.issue_id, 'commented', :viewer, c.created_at, j.version,
jsonb_build_object('comment_id', jsonb_build_object('from', NULL, 'to', c.id))
FROM c JOIN judged j ON true
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{comment_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN c ON true

-- The author alone changes what was said. Outcomes: ok, unchanged, not_found, forbidden, version_conflict.
-- name: comment_update :write
-- args: caller access, id uuid, any_version bool, versions text[], content text, handles text[]
WITH target AS (
SELECT c.*, i.project_id
FROM comments c JOIN issues i ON i.id = c.issue_id JOIN projects p ON p.id = i.project_id
WHERE c.id = :id AND c.deleted_at IS NULL AND i.deleted_at IS NULL AND {{visible}}
FOR NO KEY UPDATE OF c
), judged AS (
SELECT t.id, t.project_id, CASE
WHEN t.author_id <> :viewer THEN 'forbidden'
WHEN NOT (:any_version OR t.version::text = ANY(:versions)) THEN 'version_conflict'
WHEN t.content = :content THEN 'unchanged'
ELSE 'ok' END AS outcome
FROM target t
), c AS (
UPDATE comments q SET content = :content, version = q.version + 1, updated_at = clock_timestamp(),
mentions = CASE WHEN cardinality(:handles) > 0 THEN people_named(:handles, j.project_id) ELSE '{}' END
FROM judged j WHERE q.id = j.id AND j.outcome = 'ok'
RETURNING q.*
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{comment_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN c ON true

-- By its author or a manager. Outcomes: ok, not_found, forbidden, version_conflict.
-- name: comment_delete :write
-- args: caller access, id uuid, any_version bool, versions text[]
WITH target AS (
SELECT c.id, c.issue_id, c.author_id, c.version, {{role_here}} AS role_here
FROM comments c JOIN issues i ON i.id = c.issue_id JOIN projects p ON p.id = i.project_id
WHERE c.id = :id AND c.deleted_at IS NULL AND i.deleted_at IS NULL AND {{visible}}
FOR NO KEY UPDATE OF i FOR UPDATE OF c
), judged AS (
SELECT t.*, CASE
WHEN t.author_id <> :viewer AND t.role_here < 'manager' THEN 'forbidden'
WHEN NOT (:any_version OR t.version::text = ANY(:versions)) THEN 'version_conflict'
ELSE 'ok' END AS outcome
FROM target t
), counted AS (
UPDATE issues i SET comment_count = i.comment_count - 1 FROM judged j WHERE i.id = j.issue_id AND j.outcome = 'ok'
RETURNING i.id
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, CASE WHEN n.id IS NOT NULL THEN remove_comment(:id) END AS _removed
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN counted n ON true
