-- Who watches issues. Of the others nobody but the person itself decides.

-- fragment: watcher_columns
w.user_id, w.name, w.handle, w.reason

-- name: watcher_list :slow
-- args: caller access, issue_id uuid, limit int8, offset int8
-- order: name | w.name | text | name
-- order: user_id | w.user_id | uuid | user_id
SELECT {{watcher_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM issues i JOIN projects p ON p.id = i.project_id CROSS JOIN LATERAL people_watching(i.id) w
WHERE i.id = :issue_id AND i.deleted_at IS NULL AND {{visible}}
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- The first watchers of an issue, for those who read it with them.
-- fragment: issue_watchers
JOIN projects p ON p.id = i.project_id CROSS JOIN LATERAL (SELECT * FROM people_watching(i.id) w
ORDER BY w.name, w.user_id LIMIT 100) w
WHERE i.deleted_at IS NULL AND {{visible}}

-- name: issue_watchers :read
-- args: caller access, id uuid?, key text?
-- many: watchers_of_issues
-- batch: issue_watchers_each
SELECT {{watcher_columns}}
FROM issues i {{issue_watchers}} AND i.id = {{issue_id}}
ORDER BY w.name, w.user_id

-- name: watchers_of_issues :read
-- args: caller access, id uuid[]
SELECT i.id AS _issue, {{watcher_columns}}
FROM issues i {{issue_watchers}} AND i.id = ANY(:id)
ORDER BY i.id, w.name, w.user_id

-- name: issue_watchers_each :read
-- each: viewer uuid, role text, everywhere bool, id uuid
-- let: only = NULL::uuid[]
SELECT asked.n AS _n, {{watcher_columns}}
FROM {{each}} JOIN issues i ON i.id = :id {{issue_watchers}}
ORDER BY asked.n, w.name, w.user_id

-- A row, unless there is no such issue. What is so already stays as it is.
-- name: watcher_set :write
-- args: caller access, id uuid?, key text?, ignored bool
WITH target AS (
SELECT i.id FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = {{issue_id}} AND i.deleted_at IS NULL AND {{visible}}
), changed AS (
INSERT INTO issue_watchers AS w (issue_id, user_id, reason, ignored)
SELECT t.id, :viewer, 'manual', :ignored FROM target t
ON CONFLICT (issue_id, user_id) DO UPDATE SET ignored = :ignored, reason = 'manual', created_at = now()
WHERE w.ignored <> :ignored
)
SELECT t.id AS _id FROM target t
