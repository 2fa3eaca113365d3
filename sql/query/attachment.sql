-- Attachments: files of issues.

-- fragment: attachment_columns
a.id, a.issue_id, a.uploader_id, a.filename, a.content_type, a.size, a.sha256, a.created_at

-- Before anything of a file is read: whether there is such an issue, and how many bytes its project has left.
-- name: attachment_room :read
-- args: caller access, id uuid?, key text?, quota int8
SELECT i.id AS _issue_id, :quota - coalesce((SELECT s.bytes FROM project_storage s
WHERE s.project_id = i.project_id), 0) AS _left
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = {{issue_id}} AND i.deleted_at IS NULL AND {{visible}}

-- Outcomes: ok, not_found, quota.
-- name: attachment_create :write
-- args: caller access, id uuid, event_id uuid, issue_id uuid, filename text, content_type text, size int8
-- args: sha256 text, quota int8
WITH target AS (
SELECT i.id, i.project_id, i.version
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = :issue_id AND i.deleted_at IS NULL AND {{visible}}
), room AS (
INSERT INTO project_storage AS s (project_id, bytes)
SELECT t.project_id, :size FROM target t WHERE :size <= :quota
ON CONFLICT (project_id) DO UPDATE SET bytes = s.bytes + :size WHERE s.bytes + :size <= :quota
RETURNING s.project_id
), a AS (
INSERT INTO attachments (id, issue_id, project_id, uploader_id, filename, content_type, size, sha256)
SELECT :id, t.id, t.project_id, :viewer, :filename, :content_type, :size, :sha256
FROM target t JOIN room r ON r.project_id = t.project_id
RETURNING *
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT :event_id, t.id, 'attached', :viewer, a.created_at, t.version, jsonb_build_object(
'attachment_id', jsonb_build_object('from', NULL, 'to', a.id),
'filename', jsonb_build_object('from', NULL, 'to', a.filename))
FROM a JOIN target t ON t.id = a.issue_id
)
SELECT CASE WHEN a.id IS NOT NULL THEN 'ok' WHEN t.id IS NULL THEN 'not_found' ELSE 'quota' END AS _outcome,
{{attachment_columns}}
FROM (SELECT 1) one LEFT JOIN target t ON true LEFT JOIN a ON true

-- name: attachment_by_id :read
-- args: caller access, id uuid
SELECT {{attachment_columns}}
FROM attachments a JOIN issues i ON i.id = a.issue_id JOIN projects p ON p.id = i.project_id
WHERE a.id = :id AND i.deleted_at IS NULL AND {{visible}}

-- The last files of an issue, for those who read it with them.
-- fragment: issue_attachments
JOIN projects p ON p.id = i.project_id CROSS JOIN LATERAL (SELECT * FROM attachments a WHERE a.issue_id = i.id
ORDER BY a.created_at DESC, a.id DESC LIMIT 100) a
WHERE i.deleted_at IS NULL AND {{visible}}

-- name: issue_attachments :read
-- args: caller access, id uuid?, key text?
-- many: attachments_of_issues
-- batch: issue_attachments_each
SELECT {{attachment_columns}}
FROM issues i {{issue_attachments}} AND i.id = {{issue_id}}
ORDER BY a.created_at DESC, a.id DESC

-- name: attachments_of_issues :read
-- args: caller access, id uuid[]
SELECT i.id AS _issue, {{attachment_columns}}
FROM issues i {{issue_attachments}} AND i.id = ANY(:id)
ORDER BY i.id, a.created_at DESC, a.id DESC

-- name: issue_attachments_each :read
-- each: viewer uuid, role text, everywhere bool, id uuid
-- let: only = NULL::uuid[]
SELECT asked.n AS _n, {{attachment_columns}}
FROM {{each}} JOIN issues i ON i.id = :id {{issue_attachments}}
ORDER BY asked.n, a.created_at DESC, a.id DESC

-- name: attachment_list :slow
-- args: caller access, issue_id uuid, limit int8, offset int8
-- order: created_at | a.created_at | timestamptz | created_at
-- order: id | a.id | uuid | id
SELECT {{attachment_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM attachments a JOIN issues i ON i.id = a.issue_id JOIN projects p ON p.id = i.project_id
WHERE a.issue_id = :issue_id AND i.deleted_at IS NULL AND {{visible}}
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- Outcomes: ok, not_found, forbidden. One's own, or any for managers.
-- name: attachment_delete :write
-- args: caller access, id uuid, event_id uuid
WITH target AS (
SELECT a.id, a.uploader_id, i.id AS issue_id, i.version, {{role_here}} AS role_here
FROM attachments a JOIN issues i ON i.id = a.issue_id JOIN projects p ON p.id = i.project_id
WHERE a.id = :id AND i.deleted_at IS NULL AND {{visible}}
), gone AS (
DELETE FROM attachments a USING target t
WHERE a.id = t.id AND (t.uploader_id = :viewer OR t.role_here >= 'manager')
RETURNING a.*
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT :event_id, t.issue_id, 'attached', :viewer, now(), t.version, jsonb_build_object(
'attachment_id', jsonb_build_object('from', g.id, 'to', NULL),
'filename', jsonb_build_object('from', g.filename, 'to', NULL))
FROM gone g JOIN target t ON t.id = g.id
)
SELECT CASE WHEN g.id IS NOT NULL THEN 'ok' WHEN t.id IS NULL THEN 'not_found' ELSE 'forbidden' END AS _outcome
FROM (SELECT 1) one LEFT JOIN target t ON true LEFT JOIN gone g ON true

-- The id of the folder for attachments, and whether there are any that would have to be in it.
-- name: attachment_store :write
-- args: id uuid
WITH made AS (
INSERT INTO attachment_store (id) VALUES (:id) ON CONFLICT DO NOTHING RETURNING id
)
SELECT s.id AS _id, EXISTS (SELECT FROM attachments) AS _used
FROM (SELECT id FROM made UNION ALL SELECT id FROM attachment_store) s LIMIT 1

-- One process looks after the folder at a time, for as long as it says so again and again.
-- name: attachment_sweep_claim :write
-- args: owner uuid
UPDATE attachment_store SET swept_by = :owner, swept_until = now() + interval '5 seconds'
WHERE swept_by IS NULL OR swept_by = :owner OR swept_until < now()
RETURNING id AS _id

-- name: attachment_sweep_end :write
-- args: owner uuid
UPDATE attachment_store SET swept_by = NULL, swept_until = NULL WHERE swept_by = :owner

-- Which of these files have a row.
-- name: attachment_known :write
-- args: ids uuid[]
SELECT a.id AS _id FROM attachments a WHERE a.id = ANY(:ids)

-- name: attachment_ids :slow
-- args: after uuid, limit int8
SELECT a.id AS _id FROM attachments a WHERE a.id > :after ORDER BY a.id LIMIT :limit

-- Rows whose files are lost. It is the uploader who did it, as far as the history knows.
-- name: attachment_forget :write
-- args: ids uuid[], event_ids uuid[]
WITH lost AS (
SELECT * FROM unnest(:ids, :event_ids) AS l (id, event_id)
), gone AS (
DELETE FROM attachments a USING lost l WHERE a.id = l.id RETURNING a.*, l.event_id
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT g.event_id, g.issue_id, 'attached', g.uploader_id, now(), i.version, jsonb_build_object(
'attachment_id', jsonb_build_object('from', g.id, 'to', NULL),
'filename', jsonb_build_object('from', g.filename, 'to', NULL))
FROM gone g JOIN issues i ON i.id = g.issue_id
)
SELECT count(*) AS _gone FROM gone
