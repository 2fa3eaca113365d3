-- Links between issues, seen from one of them.

-- fragment: link_columns
l.id, link_as_seen(l.type, l.from_id = s.id) AS type,
json_build_object('id', o.id, 'key', o.key, 'title', o.title, 'status', o.status) AS issue, l.creator_id, l.created_at

-- A link, the issue s that it is seen from, and the other one o. Who may not see the other one does not see the link.
-- fragment: link_tables
issues s JOIN issue_links l ON (l.from_id = s.id OR l.to_id = s.id)
JOIN issues o ON o.id = CASE WHEN l.from_id = s.id THEN l.to_id ELSE l.from_id END
JOIN projects p ON p.id = o.project_id

-- name: link_list :slow
-- args: caller access, issue_id uuid, types text[], limit int8, offset int8
-- order: created_at | l.created_at | timestamptz | created_at
-- order: id | l.id | uuid | id
SELECT {{link_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM {{link_tables}}
WHERE s.id = :issue_id AND s.deleted_at IS NULL AND o.deleted_at IS NULL AND {{visible}}
AND link_as_seen(l.type, l.from_id = s.id) = ANY(:types) --? types
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- name: link_by_id :read
-- args: caller access, issue_id uuid?, key text?, id uuid
SELECT {{link_columns}}
FROM {{link_tables}}
WHERE l.id = :id AND s.id = coalesce(:issue_id, (SELECT n.id FROM issues n WHERE n.key = :key))
AND s.deleted_at IS NULL AND o.deleted_at IS NULL AND {{visible}}
AND EXISTS (SELECT FROM projects p WHERE p.id = s.project_id AND {{visible}})

-- The two issues that a change of links is about, locked in the order of their ids: their versions are in the history.
-- fragment: link_ends
SELECT i.id, i.version, {{role_here}} AS role_here
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = ANY(ARRAY(SELECT e.id FROM ends e)) AND i.deleted_at IS NULL AND {{visible}}
ORDER BY i.id FOR NO KEY UPDATE OF i

-- Both issues have it in their histories, each as it sees it. Neither gets a new version.
-- fragment: link_events
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT e.id, e.issue_id, 'updated', :viewer, clock_timestamp(), e.version, jsonb_build_object('link', CASE WHEN e.made
THEN jsonb_build_object('from', NULL, 'to', e.link) ELSE jsonb_build_object('from', e.link, 'to', NULL) END)

-- fragment: link_event_rows
CROSS JOIN LATERAL (VALUES
(:event_id, j.own_id, j.own_version, jsonb_build_object('id', l.id, 'type', link_as_seen(l.type, l.from_id = j.own_id),
'issue_id', j.other_id)),
(:other_event_id, j.other_id, j.other_version, jsonb_build_object('id', l.id, 'type',
link_as_seen(l.type, l.from_id = j.other_id), 'issue_id', j.own_id))) AS v (id, issue_id, version, link)

-- Outcomes: ok, not_found, forbidden, unknown_issue, self, exists, cycle.
-- name: link_create :write
-- args: caller access, issue_id uuid?, key text?, other_id uuid?, other_key text?, type text, id uuid, event_id uuid
-- args: other_event_id uuid
WITH named AS MATERIALIZED (
SELECT coalesce(:issue_id, (SELECT n.id FROM issues n WHERE n.key = :key)) AS own,
coalesce(:other_id, (SELECT n.id FROM issues n WHERE n.key = :other_key)) AS other
), ends AS (
SELECT n.own AS id FROM named n UNION ALL SELECT n.other FROM named n
), held AS MATERIALIZED (
{{link_ends}}
), judged AS MATERIALIZED (
SELECT s.id AS own_id, s.version AS own_version, o.id AS other_id, o.version AS other_version, w.from_id, w.to_id, CASE
WHEN s.role_here < 'developer' THEN 'forbidden'
WHEN o.id IS NULL THEN 'unknown_issue'
WHEN o.id = s.id THEN 'self'
WHEN EXISTS (SELECT FROM issue_links l WHERE l.from_id = w.from_id AND l.to_id = w.to_id AND l.type = :type::link_type)
THEN 'exists'
WHEN :type <> 'relates_to' AND closes_link_cycle(:type::link_type, w.from_id, w.to_id) THEN 'cycle'
ELSE 'ok' END AS outcome
FROM named n JOIN held s ON s.id = n.own LEFT JOIN held o ON o.id = n.other
CROSS JOIN LATERAL (SELECT CASE WHEN :type = 'relates_to' THEN least(s.id, o.id) ELSE s.id END AS from_id,
CASE WHEN :type = 'relates_to' THEN greatest(s.id, o.id) ELSE o.id END AS to_id) w
), l AS (
INSERT INTO issue_links (id, type, from_id, to_id, creator_id, created_at)
SELECT :id, :type::link_type, j.from_id, j.to_id, :viewer, clock_timestamp() FROM judged j WHERE j.outcome = 'ok'
RETURNING *
), event AS (
{{link_events}} FROM (SELECT v.*, true AS made FROM l JOIN judged j ON true {{link_event_rows}}) e
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{link_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN l ON true
LEFT JOIN issues s ON s.id = j.own_id LEFT JOIN issues o ON o.id = j.other_id

-- Outcomes: ok, not_found, forbidden.
-- name: link_delete :write
-- args: caller access, issue_id uuid?, key text?, id uuid, event_id uuid, other_event_id uuid
WITH named AS MATERIALIZED (
SELECT coalesce(:issue_id, (SELECT n.id FROM issues n WHERE n.key = :key)) AS own
), ends AS (
SELECT e.id FROM issue_links l CROSS JOIN LATERAL (VALUES (l.from_id), (l.to_id)) AS e (id) WHERE l.id = :id
), held AS MATERIALIZED (
{{link_ends}}
), judged AS MATERIALIZED (
SELECT s.id AS own_id, s.version AS own_version, o.id AS other_id, o.version AS other_version,
CASE WHEN s.role_here < 'developer' THEN 'forbidden' ELSE 'ok' END AS outcome
FROM named n JOIN held s ON s.id = n.own JOIN held o ON o.id <> n.own
), l AS (
DELETE FROM issue_links l USING judged j WHERE l.id = :id AND j.outcome = 'ok'
RETURNING l.*
), event AS (
{{link_events}} FROM (SELECT v.*, false AS made FROM l JOIN judged j ON true {{link_event_rows}}) e
)
SELECT coalesce((SELECT outcome FROM judged), 'not_found') AS _outcome
