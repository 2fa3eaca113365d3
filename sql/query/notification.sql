-- What a person was told. Whether the person may see it is asked again whenever it is read: people leave projects, and
-- issues are deleted.

-- fragment: notification_columns
n.id, n.reason, e.type, n.issue_id, i.key AS issue_key, i.title AS issue_title, n.project_id, n.event_id, e.actor_id,
a.name AS actor_name, (e.changes -> 'comment_id' ->> 'to')::uuid AS comment_id, n.created_at, n.read_at

-- What it is about, for those who may see that. LIMIT 1 keeps the person's notifications in front, also when PostgreSQL
-- does not know yet how many issues there are.
-- fragment: notification_subject
CROSS JOIN LATERAL (SELECT * FROM issues i WHERE i.id = n.issue_id LIMIT 1) i
CROSS JOIN LATERAL (SELECT * FROM projects p WHERE p.id = n.project_id LIMIT 1) p

-- fragment: notification_event
CROSS JOIN LATERAL (SELECT * FROM issue_events e WHERE e.id = n.event_id LIMIT 1) e
CROSS JOIN LATERAL (SELECT * FROM users a WHERE a.id = e.actor_id LIMIT 1) a

-- fragment: notification_visible
n.user_id = :viewer AND i.deleted_at IS NULL AND {{visible}}

-- name: notification_list :slow
-- args: caller access, reason text[], project_id uuid?, project_key text?, limit int8, offset int8
-- order: created_at | n.id | uuid | id
SELECT {{notification_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM notifications n {{notification_subject}}
{{notification_event}} --? rows
WHERE {{notification_visible}}
AND n.read_at IS NULL --? unread
AND n.read_at IS NOT NULL --? read
AND n.reason = ANY(:reason::notification_reason[]) --? reason
AND n.project_id = {{project_id}} --? project
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- Those that were not read, counted up to a bound.
-- name: notification_unread :slow
-- args: caller access, most int8
SELECT least(count(*), :most) AS unread, count(*) <= :most AS unread_exact
FROM (SELECT FROM notifications n {{notification_subject}} WHERE {{notification_visible}} AND n.read_at IS NULL
LIMIT :most + 1) counted

-- name: notification_set_read :write
-- args: caller access, id uuid, read bool
WITH n AS (
UPDATE notifications n SET read_at = CASE WHEN :read THEN coalesce(n.read_at, now()) END
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE n.id = :id AND i.id = n.issue_id AND {{notification_visible}}
RETURNING n.*
)
SELECT {{notification_columns}}
FROM n JOIN issues i ON i.id = n.issue_id {{notification_event}}

-- Several at once, locked in the order of their ids: two that do so at the same time wait for each other, and no more.
-- Those that are not the caller's, or not there any more, do not count.
-- name: notification_read_those :write
-- args: viewer uuid, ids uuid[], most int8
WITH chosen AS MATERIALIZED (
SELECT n.id FROM notifications n WHERE n.user_id = :viewer AND n.id = ANY(:ids) AND n.read_at IS NULL
ORDER BY n.id FOR NO KEY UPDATE
), marked AS (
UPDATE notifications n SET read_at = now()
WHERE n.user_id = :viewer AND n.id = ANY(ARRAY(SELECT c.id FROM chosen c)) AND n.read_at IS NULL
RETURNING n.id
)
SELECT count(*) AS marked, count(*) >= :most AS more FROM marked

-- The oldest first: all that are not read, up to the last that was locked.
-- name: notification_read_until :write
-- args: viewer uuid, until uuid, most int8
WITH chosen AS MATERIALIZED (
SELECT n.id FROM notifications n WHERE n.user_id = :viewer AND n.id <= :until AND n.read_at IS NULL
ORDER BY n.id LIMIT :most FOR NO KEY UPDATE
), marked AS (
UPDATE notifications n SET read_at = now()
WHERE n.user_id = :viewer AND n.id <= (SELECT c.id FROM chosen c ORDER BY c.id DESC LIMIT 1) AND n.read_at IS NULL
RETURNING n.id
)
SELECT count(*) AS marked, count(*) >= :most AS more FROM marked

-- fragment: notification_settings
'mentioned' <> ALL(u.muted) AS mentioned, 'assigned' <> ALL(u.muted) AS assigned,
'status_changed' <> ALL(u.muted) AS status_changed, 'commented' <> ALL(u.muted) AS commented,
'attached' <> ALL(u.muted) AS attached

-- name: notification_settings :read
-- args: viewer uuid
SELECT {{notification_settings}} FROM users u WHERE u.id = :viewer

-- name: notification_set_settings :write
-- args: viewer uuid, mentioned bool?, assigned bool?, status_changed bool?, commented bool?, attached bool?
UPDATE users AS u SET muted = ARRAY(SELECT s.reason FROM (VALUES
('mentioned'::notification_reason, :mentioned), ('assigned', :assigned), ('status_changed', :status_changed),
('commented', :commented), ('attached', :attached)) AS s (reason, told)
WHERE NOT coalesce(s.told, s.reason <> ALL(u.muted)))
WHERE u.id = :viewer
RETURNING {{notification_settings}}
