-- Issues. What a change means for the history and the counters is part of the statement that makes it.

-- fragment: issue_columns_before_labels
i.id, i.key, i.number, i.project_id, i.title, i.description, i.type, i.status,
i.priority, i.creator_id, i.assignee_id, i.parent_id, i.milestone_id, i.due_date

-- fragment: issue_columns_behind_labels
i.comment_count, i.version, i.created_at, i.updated_at, i.resolved_at, i.closed_at

-- fragment: issue_columns
{{issue_columns_before_labels}},
CASE WHEN cardinality(i.label_ids) = 0 THEN '[]'::json ELSE issue_labels(i.label_ids) END AS labels,
{{issue_columns_behind_labels}}

-- The issue that a path names: by its id, or by its key.
-- fragment: issue_id
coalesce(:id, (SELECT n.id FROM issues n WHERE n.key = :key))

-- The most frequent statement of all, so it has no more in it than it needs.
-- name: issue_by_id :read
-- args: caller access, id uuid
-- many: issues_by_ids
-- batch: issue_by_id_each
SELECT {{issue_columns}}
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = :id AND i.deleted_at IS NULL AND {{visible}}

-- name: issues_by_ids :read
-- args: caller access, id uuid[]
SELECT {{issue_columns}}
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = ANY(:id) AND i.deleted_at IS NULL AND {{visible}}

-- name: issue_by_id_each :read
-- each: viewer uuid, role text, everywhere bool, id uuid
-- let: only = NULL::uuid[]
SELECT asked.n AS _n, i.*
FROM {{each}} CROSS JOIN LATERAL (SELECT {{issue_columns}}
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = :id AND i.deleted_at IS NULL AND {{visible}} LIMIT 1) i

-- name: issue_by_key :read
-- args: caller access, key text
-- many: issues_by_keys
SELECT {{issue_columns}}
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.key = :key AND i.deleted_at IS NULL AND {{visible}}

-- name: issues_by_keys :read
-- args: caller access, key text[]
SELECT i.key AS _key, {{issue_columns}}
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.key = ANY(:key) AND i.deleted_at IS NULL AND {{visible}}

-- The issue as it is now, for one who had the version :since: with the fields that were changed after it.
-- name: issue_conflict :read
-- args: caller access, id uuid?, key text?, since int4
SELECT (SELECT coalesce(json_agg(DISTINCT field), '[]')
FROM issue_events e CROSS JOIN LATERAL jsonb_object_keys(e.changes) AS field
WHERE e.issue_id = i.id AND e.version > :since AND e.type NOT IN ('commented', 'attached') AND NOT e.changes ? 'link') AS _changed,
{{issue_columns}}
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = {{issue_id}} AND {{visible}}

-- Where an issue may go from its status.
-- name: issue_allowed :read
-- args: caller access, id uuid?, key text?
SELECT t.to_status AS status
FROM issues i JOIN projects p ON p.id = i.project_id JOIN workflow_transitions t ON t.from_status = i.status
WHERE i.id = {{issue_id}} AND {{visible}} ORDER BY t.to_status

-- What is only to be lacking is in nearly all issues: the index would have to list them all, so they are looked at as the
-- others are. Of what there may be alike the beginning counts: each title that has something of it is compared with it.
-- name: issue_list :slow
-- args: caller access, project_id uuid, project_ids uuid[], project_keys text[], status text[]
-- args: one_status text, priority text[], type text[], assignee_id uuid, assignee_ids uuid[], creator_id uuid
-- args: creator_ids uuid[], keys text[], created_after timestamptz, created_before timestamptz
-- args: updated_after timestamptz, updated_before timestamptz, due_before date, due_after date
-- args: parent_ids uuid[], labels text[], milestone_id uuid, milestone_ids uuid[], words text[], alike text
-- args: assignee_handles text[], creator_handles text[], limit int8, offset int8
-- order: created_at | i.created_at | timestamptz | created_at
-- order: updated_at | i.updated_at | timestamptz | updated_at
-- order: due_date | coalesce(i.due_date, 'infinity'::date) | date | _key_due_date
-- order: priority | i.priority | issue_priority | priority
-- order: status | i.status | issue_status | status
-- order: type | i.type | issue_type | type
-- order: relevance | i.distance | float8 | _key_relevance
-- order: id | i.id | uuid | id
SELECT {{issue_columns}}, coalesce(i.due_date, 'infinity'::date) AS _key_due_date --? rows
, i.distance AS _key_relevance, count(*) OVER () AS _matches --? rank_columns
, search_snippet(i.id, i.description, (SELECT search_marks(:words))) AS snippet --? snippet
SELECT count(*) AS _total FROM (SELECT 1 --? count
SELECT i.key, p.key AS project, i.title, i.description, i.type, i.status, i.priority, a.email AS assignee, i.label_ids AS labels, i.due_date, x.external_id, i.created_at, i.updated_at --? csv
SELECT {{issue_columns_before_labels}}, i.label_ids AS labels, {{issue_columns_behind_labels}} --? ndjson
FROM (SELECT i.*, -ts_rank(s.document, (SELECT search_query(:words)), 1)::float8 AS distance --? ranked
FROM (SELECT i.*, s.distance --? alike
FROM issues i JOIN projects p ON p.id = i.project_id
JOIN issue_search s ON s.issue_id = i.id --? found
JOIN issue_search s ON s.issue_id = i.id --? lacking
JOIN issues_alike(left(:alike, 100)) s ON s.issue_id = i.id --? alike
LEFT JOIN users a ON a.id = i.assignee_id LEFT JOIN issue_external_ids x ON x.issue_id = i.id --? csv
WHERE {{visible}}
AND s.document @@ (SELECT search_query(:words)) --? found
AND (s.document @@ (SELECT search_query(:words))) IS NOT FALSE --? lacking
AND s.project_id = :project_id --? found_in_project
AND i.deleted_at IS NULL --? live
AND i.deleted_at IS NOT NULL AND {{role_here}} >= 'manager' --? deleted
AND (i.deleted_at IS NULL OR {{role_here}} >= 'manager') --? all
AND i.project_id = :project_id --? project
AND i.project_id IN (SELECT k.id FROM projects k WHERE k.id = ANY(:project_ids) OR k.key = ANY(:project_keys)) --? projects
AND i.status = :one_status::issue_status --? one_status
AND i.status = ANY(:status::issue_status[]) --? status
AND i.priority = ANY(:priority::issue_priority[]) --? priority
AND i.type = ANY(:type::issue_type[]) --? type
AND i.assignee_id = :assignee_id --? assignee
AND i.assignee_id = ANY(:assignee_ids) --? assignees
AND i.assignee_id IS NULL --? unassigned
AND (i.assignee_id IS NULL OR i.assignee_id = ANY(:assignee_ids)) --? assignees_or_none
AND i.assignee_id IN (SELECT u.id FROM users u WHERE u.handle = ANY(:assignee_handles)) --? assignee_handles
AND i.creator_id = :creator_id --? creator
AND i.creator_id = ANY(:creator_ids) --? creators
AND i.creator_id IN (SELECT u.id FROM users u WHERE u.handle = ANY(:creator_handles)) --? creator_handles
AND i.key = ANY(:keys) --? keys
AND i.created_at > :created_after --? created_after
AND i.created_at < :created_before --? created_before
AND i.updated_at > :updated_after --? updated_after
AND i.updated_at < :updated_before --? updated_before
AND coalesce(i.due_date, 'infinity'::date) < :due_before --? due_before
AND coalesce(i.due_date, 'infinity'::date) > :due_after AND i.due_date IS NOT NULL --? due_after
AND coalesce(i.due_date, 'infinity'::date) < current_date AND i.status IN ('open', 'in_progress') --? overdue
AND NOT (coalesce(i.due_date, 'infinity'::date) < current_date AND i.status IN ('open', 'in_progress')) --? not_overdue
AND i.parent_id = ANY(:parent_ids) --? parents
AND i.milestone_id = :milestone_id --? milestone
AND i.milestone_id = ANY(:milestone_ids) --? milestones
AND i.milestone_id IS NULL --? unplanned
AND (i.milestone_id IS NULL OR i.milestone_id = ANY(:milestone_ids)) --? milestones_or_none
AND i.label_ids && labels_named(lower(:labels::text)::text[]) AND i.label_ids <> '{}' --? labels
AND has_labels(i.label_ids, lower(:labels::text)::text[]) --? all_labels
AND i.label_ids = '{}' --? unlabeled
AND (i.label_ids = '{}' OR has_labels(i.label_ids, lower(:labels::text)::text[])) --? labels_or_none
LIMIT 500) i WHERE true --? near
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- How many issues of the project have one of the statuses, without counting them.
-- name: issue_count :slow
-- args: caller access, project_id uuid, status text[]
SELECT coalesce(sum(n.issues), 0)::bigint AS _total
FROM projects p JOIN project_counters c ON c.project_id = p.id
CROSS JOIN LATERAL (VALUES ('open', c.open), ('in_progress', c.in_progress), ('resolved', c.resolved),
('closed', c.closed)) AS n (status, issues)
WHERE p.id = :project_id AND {{visible}} AND n.status = ANY(:status)

-- Outcomes: ok, unknown_project, forbidden, project_closed, unknown_creator, unknown_assignee, unknown_parent,
-- unknown_milestone, unknown_label.
-- The number is taken from the project's counters, whose row is locked until the commit: no gaps, no doubles.
-- name: issue_create :write
-- args: caller access, id uuid, event_id uuid, project_id uuid?, project_key text?, title text
-- args: description text, type text, priority text, creator_id uuid?, assignee_id uuid?, parent_id uuid?
-- args: milestone_id uuid?, due_date date?, label_ids uuid[]
WITH p AS (
SELECT p.id, p.key, p.status, {{role_here}} AS role_here
FROM projects p
WHERE p.id = {{project_id}} AND {{visible}}
), judged AS (
SELECT p.id AS project_id, CASE
WHEN :creator_id IS NOT NULL AND :creator_id <> :viewer AND p.role_here < 'manager' THEN 'forbidden'
WHEN p.status IN ('completed', 'archived') THEN 'project_closed'
WHEN :creator_id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = :creator_id AND u.is_active)
THEN 'unknown_creator'
WHEN :assignee_id IS NOT NULL AND p.role_here < 'developer' THEN 'forbidden'
WHEN :assignee_id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = :assignee_id AND u.is_active)
THEN 'unknown_assignee'
WHEN :parent_id IS NOT NULL AND NOT EXISTS (SELECT FROM issues n
WHERE n.id = :parent_id AND n.project_id = p.id AND n.deleted_at IS NULL) THEN 'unknown_parent'
WHEN (:milestone_id IS NOT NULL OR cardinality(:label_ids) > 0) AND p.role_here < 'developer' THEN 'forbidden'
WHEN :milestone_id IS NOT NULL AND NOT is_milestone_of(:milestone_id, p.id) THEN 'unknown_milestone'
WHEN cardinality(:label_ids) > 0 AND NOT are_labels_of(change_labels(:label_ids, '{}', '{}'), p.id) THEN 'unknown_label'
ELSE 'ok' END AS outcome
FROM p
), numbered AS (
UPDATE project_counters c SET last_number = c.last_number + 1, open = c.open + 1
FROM judged j WHERE c.project_id = j.project_id AND j.outcome = 'ok'
RETURNING c.project_id, c.last_number AS number
), i AS (
INSERT INTO issues (id, project_id, number, key, title, description, type, priority, creator_id, assignee_id,
parent_id, milestone_id, due_date, label_ids)
SELECT :id, n.project_id, n.number, p.key || '-' || n.number, :title, :description, :type::issue_type, :priority::issue_priority,
coalesce(:creator_id, :viewer), :assignee_id, :parent_id, :milestone_id, :due_date, change_labels(:label_ids, '{}', '{}')
FROM numbered n JOIN p ON p.id = n.project_id
RETURNING *
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT :event_id, i.id, 'created', :viewer, i.created_at, i.version,
(SELECT jsonb_object_agg(f.name, jsonb_build_object('from', NULL, 'to', f.value))
FROM (VALUES ('title', to_jsonb(i.title)), ('description', to_jsonb(i.description)), ('type', to_jsonb(i.type)),
('status', to_jsonb(i.status)), ('priority', to_jsonb(i.priority)), ('creator_id', to_jsonb(i.creator_id)),
('assignee_id', to_jsonb(i.assignee_id)), ('parent_id', to_jsonb(i.parent_id)),
('milestone_id', to_jsonb(i.milestone_id)), ('due_date', to_jsonb(i.due_date)),
('label_ids', CASE WHEN cardinality(i.label_ids) > 0 THEN to_jsonb(i.label_ids) END)) AS f (name, value)
WHERE f.value IS NOT NULL)
FROM i
)
SELECT coalesce(j.outcome, 'unknown_project') AS _outcome, {{issue_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN i ON true

-- What a change may set. The rules for it are below, in one place for one issue and for many.
-- group: issue_change beyond_own bool, force bool, title text?, description text?, type text?, status text?, priority text?, set_assignee bool, assignee_id uuid?, set_parent bool, parent_id uuid?, set_milestone bool, milestone_id uuid?, set_due_date bool, due_date date?, set_labels bool, label_ids uuid[], add_labels uuid[], remove_labels uuid[]

-- Of the rows of target, which are locked: what each is to become, and whether it may. A reporter changes title,
-- description and type of the own issue and may withdraw it while it is open; :beyond_own says that the request
-- names other fields. Outcomes: ok, unchanged, forbidden, version_conflict, invalid_transition, blocked,
-- unknown_assignee, unknown_parent, parent_cycle, unknown_milestone, unknown_label, too_many_labels.
-- All that is known of an issue goes along in one row: joins of such lists, of which PostgreSQL does not know how long
-- they are, would compare each with each. OFFSET 0 keeps what stands before it from being computed twice.
-- fragment: issue_change_judged
judged AS MATERIALIZED (
SELECT t.id, t.event_id, t.place, t.status AS old_status, w.status <> t.status AS moves, d.changes, w.title,
w.description, w.type, w.status, w.priority, w.assignee_id, w.parent_id, w.milestone_id, w.due_date, w.label_ids, w.at, CASE
WHEN t.role_here < 'developer' AND NOT (t.creator_id = :viewer AND NOT :beyond_own
AND (w.status = t.status OR (t.status = 'open' AND w.status = 'closed'))) THEN 'forbidden'
WHEN NOT t.fits THEN 'version_conflict'
WHEN w.status <> t.status AND NOT is_transition(t.status, w.status) THEN 'invalid_transition'
WHEN w.status <> t.status AND w.status IN ('resolved', 'closed') AND NOT :force AND is_blocked(t.id) THEN 'blocked'
WHEN w.assignee_id <> t.assignee_id IS NOT FALSE AND w.assignee_id IS NOT NULL AND NOT is_active_user(w.assignee_id)
THEN 'unknown_assignee'
WHEN :set_parent AND :parent_id IS NOT NULL AND NOT is_issue_of(:parent_id, t.project_id) THEN 'unknown_parent'
WHEN :set_parent AND :parent_id IS NOT NULL AND is_below(:parent_id, t.id, t.project_id) THEN 'parent_cycle'
WHEN :set_milestone AND :milestone_id IS NOT NULL AND NOT is_milestone_of(:milestone_id, t.project_id)
THEN 'unknown_milestone'
WHEN w.label_ids <> t.label_ids AND NOT are_labels_of(array_minus(w.label_ids, t.label_ids), t.project_id)
THEN 'unknown_label'
WHEN w.label_ids <> t.label_ids AND cardinality(w.label_ids) > 100 THEN 'too_many_labels'
WHEN d.changes IS NULL THEN 'unchanged'
ELSE 'ok' END AS outcome
FROM target t CROSS JOIN LATERAL (
SELECT coalesce(:title, t.title) AS title, coalesce(:description, t.description) AS description,
coalesce(:type::issue_type, t.type) AS type, coalesce(:status::issue_status, t.status) AS status,
coalesce(:priority::issue_priority, t.priority) AS priority,
CASE WHEN :set_assignee THEN :assignee_id ELSE t.assignee_id END AS assignee_id,
CASE WHEN :set_parent THEN :parent_id ELSE t.parent_id END AS parent_id,
CASE WHEN :set_milestone THEN :milestone_id ELSE t.milestone_id END AS milestone_id,
CASE WHEN :set_due_date THEN :due_date ELSE t.due_date END AS due_date,
CASE WHEN :set_labels THEN change_labels(:label_ids, '{}', '{}')
WHEN cardinality(:add_labels) + cardinality(:remove_labels) > 0 THEN change_labels(t.label_ids, :add_labels, :remove_labels)
ELSE t.label_ids END AS label_ids, clock_timestamp() AS at OFFSET 0) w CROSS JOIN LATERAL (
SELECT nullif('{}'::jsonb
|| CASE WHEN w.title = t.title THEN '{}' ELSE jsonb_build_object('title', jsonb_build_object('from', t.title, 'to', w.title)) END
|| CASE WHEN w.description = t.description THEN '{}' ELSE jsonb_build_object('description', jsonb_build_object('from', t.description, 'to', w.description)) END
|| CASE WHEN w.type = t.type THEN '{}' ELSE jsonb_build_object('type', jsonb_build_object('from', t.type, 'to', w.type)) END
|| CASE WHEN w.status = t.status THEN '{}' ELSE jsonb_build_object('status', jsonb_build_object('from', t.status, 'to', w.status)) END
|| CASE WHEN w.priority = t.priority THEN '{}' ELSE jsonb_build_object('priority', jsonb_build_object('from', t.priority, 'to', w.priority)) END
|| CASE WHEN w.assignee_id IS NOT DISTINCT FROM t.assignee_id THEN '{}' ELSE jsonb_build_object('assignee_id', jsonb_build_object('from', t.assignee_id, 'to', w.assignee_id)) END
|| CASE WHEN w.parent_id IS NOT DISTINCT FROM t.parent_id THEN '{}' ELSE jsonb_build_object('parent_id', jsonb_build_object('from', t.parent_id, 'to', w.parent_id)) END
|| CASE WHEN w.milestone_id IS NOT DISTINCT FROM t.milestone_id THEN '{}' ELSE jsonb_build_object('milestone_id', jsonb_build_object('from', t.milestone_id, 'to', w.milestone_id)) END
|| CASE WHEN w.due_date IS NOT DISTINCT FROM t.due_date THEN '{}' ELSE jsonb_build_object('due_date', jsonb_build_object('from', t.due_date, 'to', w.due_date)) END
|| CASE WHEN w.label_ids = t.label_ids THEN '{}' ELSE jsonb_build_object('label_ids', jsonb_build_object('from', t.label_ids, 'to', w.label_ids)) END, '{}') AS changes OFFSET 0) d
)

-- Changes the judged ones that are ok, with their history, when `go` says so. Whoever uses it calls count_moves for
-- those that move.
-- fragment: issue_change_made
i AS (
UPDATE issues q SET title = j.title, description = j.description, type = j.type, status = j.status,
priority = j.priority, assignee_id = j.assignee_id, parent_id = j.parent_id, milestone_id = j.milestone_id,
due_date = j.due_date, label_ids = j.label_ids, version = q.version + 1, updated_at = j.at,
resolved_at = CASE WHEN NOT j.moves THEN q.resolved_at WHEN j.status = 'resolved' THEN j.at
WHEN j.status = 'closed' THEN q.resolved_at END,
closed_at = CASE WHEN NOT j.moves THEN q.closed_at WHEN j.status = 'closed' THEN j.at END
FROM judged j CROSS JOIN go
WHERE q.id = j.id AND j.outcome = 'ok' AND go.go
RETURNING q.*, j.event_id, j.old_status, j.moves, j.changes
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version, changes)
SELECT i.event_id, i.id, CASE WHEN i.moves THEN 'status_changed' WHEN i.changes ? 'assignee_id' THEN 'assigned'
WHEN i.changes ? 'label_ids' THEN 'labeled' ELSE 'updated' END::issue_event_type,
:viewer, i.updated_at, i.version, i.changes
FROM i
)

-- PATCH and PUT. Outcomes: those above, and not_found.
-- The row is locked as an UPDATE of it would: a stronger lock would stand against those who make it a parent,
-- and they hold the project's counters, for which this waits.
-- name: issue_update :write
-- args: caller access, id uuid?, key text?, event_id uuid, any_version bool, versions text[], set issue_change
WITH target AS (
SELECT i.*, {{role_here}} AS role_here, (:any_version OR i.version::text = ANY(:versions)) AS fits,
:event_id AS event_id, 1 AS place
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = {{issue_id}} AND i.deleted_at IS NULL AND {{visible}}
FOR NO KEY UPDATE OF i
), {{issue_change_judged}}, go AS (SELECT true AS go), {{issue_change_made}}
SELECT coalesce(j.outcome, 'not_found') AS _outcome,
CASE WHEN i.moves THEN count_moves(ARRAY[i.project_id], ARRAY[i.old_status], ARRAY[i.status]) END AS _counted,
{{issue_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN i ON true

-- Many at once, each of them once in :ids, locked in the order of their ids, so that two such requests never wait for
-- each other in a circle. A version of '' is any. The rows are those that were found, by their places in :ids. With
-- :at_least nothing is changed unless so many can be.
-- name: issues_update :write
-- args: caller access, ids uuid[], event_ids uuid[], versions text[], at_least int4, dry_run bool, set issue_change
WITH target AS MATERIALIZED (
SELECT i.*, {{role_here}} AS role_here, (a.version = '' OR i.version::text = a.version) AS fits, a.event_id, a.place
FROM unnest(:ids, :event_ids, :versions) WITH ORDINALITY AS a (id, event_id, version, place)
JOIN issues i ON i.id = a.id JOIN projects p ON p.id = i.project_id
WHERE i.deleted_at IS NULL AND {{visible}}
ORDER BY i.id FOR NO KEY UPDATE OF i
), {{issue_change_judged}}, go AS MATERIALIZED (
SELECT NOT :dry_run AND (SELECT count(*) FROM judged j WHERE j.outcome IN ('ok', 'unchanged')) >= :at_least AS go
), {{issue_change_made}}, counted AS MATERIALIZED (
SELECT count_moves(array_agg(i.project_id), array_agg(i.old_status), array_agg(i.status)) AS counted FROM i WHERE i.moves
)
SELECT j.outcome AS _outcome, j.place AS _place, c.counted AS _counted FROM judged j CROSS JOIN counted c

-- The keys of what keeps an issue from being done, of those that the caller may see.
-- name: issue_blockers :read
-- args: caller access, id uuid?, key text?
SELECT i.key FROM issue_links l JOIN issues i ON i.id = l.from_id JOIN projects p ON p.id = i.project_id
WHERE l.to_id = {{issue_id}} AND l.type = 'blocks' AND i.deleted_at IS NULL AND i.status IN ('open', 'in_progress')
AND {{visible}} ORDER BY i.key

-- Soft deletion and its undoing. Outcomes: ok, not_found, forbidden, version_conflict.
-- fragment: issue_deletion_counted
UPDATE project_counters c SET
open = c.open + :step * (i.status = 'open')::integer,
in_progress = c.in_progress + :step * (i.status = 'in_progress')::integer,
resolved = c.resolved + :step * (i.status = 'resolved')::integer,
closed = c.closed + :step * (i.status = 'closed')::integer
FROM i WHERE c.project_id = i.project_id

-- name: issue_set_deleted :write
-- args: caller access, id uuid?, key text?, event_id uuid, any_version bool
-- args: versions text[], deleted bool, step int4
WITH target AS (
SELECT i.id, i.version, {{role_here}} AS role_here
FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = {{issue_id}} AND (i.deleted_at IS NULL) = :deleted AND {{visible}}
FOR NO KEY UPDATE OF i
), judged AS (
SELECT t.id, CASE
WHEN t.role_here < 'manager' THEN 'forbidden'
WHEN NOT (:any_version OR t.version::text = ANY(:versions)) THEN 'version_conflict'
ELSE 'ok' END AS outcome
FROM target t
), i AS (
UPDATE issues q SET deleted_at = CASE WHEN :deleted THEN clock_timestamp() END, version = q.version + 1,
updated_at = clock_timestamp()
FROM judged j WHERE q.id = j.id AND j.outcome = 'ok'
RETURNING q.*
), event AS (
INSERT INTO issue_events (id, issue_id, type, actor_id, at, version)
SELECT :event_id, i.id, CASE WHEN :deleted THEN 'deleted' ELSE 'restored' END::issue_event_type,
:viewer, i.updated_at, i.version
FROM i
), counted AS (
{{issue_deletion_counted}}
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{issue_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN i ON true

-- The issue that a list is of, for one who may see it.
-- name: issue_place :read
-- args: caller access, id uuid?, key text?
SELECT i.id AS _id FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = {{issue_id}} AND i.deleted_at IS NULL AND {{visible}}

-- The issue whose parts are listed, and how much of them is done.
-- name: issue_parent :read
-- args: caller access, id uuid?, key text?
SELECT i.id AS _id, issue_progress(i.id) AS _progress FROM issues i JOIN projects p ON p.id = i.project_id
WHERE i.id = {{issue_id}} AND i.deleted_at IS NULL AND {{visible}}
