-- The history of an issue, and what it was at a moment.

-- A link to an issue is nothing for those who may not see that issue.
-- fragment: timeline_link_visible
(NOT e.changes ? 'link' OR NOT EXISTS (SELECT FROM issues o JOIN projects p ON p.id = o.project_id
WHERE o.id = coalesce(e.changes -> 'link' -> 'to' ->> 'issue_id', e.changes -> 'link' -> 'from' ->> 'issue_id')::uuid
AND ({{visible}}) IS NOT TRUE))

-- A comment or an attachment goes along with its event as long as it is there.
-- name: timeline_list :slow
-- args: caller access, issue_id uuid, type text[], limit int8, offset int8
-- order: at | e.at | timestamptz | at
-- order: id | e.id | uuid | id
SELECT e.id, e.type, e.actor_id, u.name AS actor_name, e.at, e.version, e.changes, --? rows
CASE WHEN e.type = 'commented' THEN (SELECT json_build_object('id', c.id, 'parent_id', c.parent_id, 'content', c.content, --? rows
'deleted', c.deleted_at IS NOT NULL, 'version', c.version) --? rows
FROM comments c WHERE c.id = (e.changes -> 'comment_id' ->> 'to')::uuid) END AS comment, --? rows
CASE WHEN e.type = 'attached' THEN (SELECT json_build_object('id', a.id, 'filename', a.filename, --? rows
'content_type', a.content_type, 'size', a.size) --? rows
FROM attachments a WHERE a.id = (e.changes -> 'attachment_id' ->> 'to')::uuid) END AS attachment --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM issue_events e JOIN issues i ON i.id = e.issue_id JOIN projects p ON p.id = i.project_id JOIN users u ON u.id = e.actor_id
WHERE e.issue_id = :issue_id AND {{visible}} AND (i.deleted_at IS NULL OR {{role_here}} >= 'manager')
AND {{timeline_link_visible}}
AND e.type = ANY(:type::issue_event_type[]) --? type
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- Managers see the history of a deleted issue, too.
-- name: timeline_issue :read
-- args: caller access, id uuid?, key text?
SELECT i.id AS _id FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = {{issue_id}} AND {{visible}} AND (i.deleted_at IS NULL OR {{role_here}} >= 'manager')

-- What never changes is read from the row; all else from its history. Nothing before it was made, and while it was
-- deleted.
-- name: issue_as_of :read
-- args: caller access, id uuid?, key text?, moment timestamptz
SELECT i.id, i.key, i.number, i.project_id, issue_field_at(i.id, 'title', :moment) #>> '{}' AS title,
coalesce(issue_field_at(i.id, 'description', :moment) #>> '{}', '') AS description,
(issue_field_at(i.id, 'type', :moment) #>> '{}')::issue_type AS type,
(issue_field_at(i.id, 'status', :moment) #>> '{}')::issue_status AS status,
(issue_field_at(i.id, 'priority', :moment) #>> '{}')::issue_priority AS priority, i.creator_id,
(issue_field_at(i.id, 'assignee_id', :moment) #>> '{}')::uuid AS assignee_id,
(issue_field_at(i.id, 'parent_id', :moment) #>> '{}')::uuid AS parent_id,
(issue_field_at(i.id, 'milestone_id', :moment) #>> '{}')::uuid AS milestone_id,
(issue_field_at(i.id, 'due_date', :moment) #>> '{}')::date AS due_date,
issue_labels(ARRAY(SELECT jsonb_array_elements_text(coalesce(issue_field_at(i.id, 'label_ids', :moment), '[]'))::uuid)) AS labels,
(SELECT count(*)::integer FROM comments c WHERE c.issue_id = i.id AND c.created_at <= :moment AND c.deleted_at IS NULL)
AS comment_count, last.version, i.created_at, last.at AS updated_at,
issue_done_at(i.id, 'resolved', :moment) AS resolved_at, issue_done_at(i.id, 'closed', :moment) AS closed_at
FROM issues i JOIN projects p ON p.id = i.project_id CROSS JOIN LATERAL (
SELECT e.version, e.at, e.type FROM issue_events e
WHERE e.issue_id = i.id AND e.at <= :moment AND e.type NOT IN ('commented', 'attached') AND NOT e.changes ? 'link'
ORDER BY e.version DESC, e.at DESC LIMIT 1) last
WHERE i.id = {{issue_id}} AND i.deleted_at IS NULL AND {{visible}} AND last.type <> 'deleted'
