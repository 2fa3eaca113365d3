-- Reports. What a caller sees is found first, by report_scope, report_project or report_milestone; the report itself is
-- then made of these projects alone, so that all who see the same and ask at the same time share one run. What they
-- are made of is in sql/schema/013_reports.up.sql.

-- fragment: report_issues
coalesce((SELECT c.open + c.in_progress + c.resolved + c.closed FROM project_counters c WHERE c.project_id = p.id), 0)

-- name: report_scope :read
-- args: caller access
SELECT p.id AS _id, {{report_issues}} AS _issues FROM projects p WHERE {{visible}} ORDER BY p.id

-- name: report_project :read
-- args: caller access, id uuid?, key text?
SELECT p.id AS _id, {{report_issues}} AS _issues, p.name AS _name FROM projects p WHERE {{project_named}} AND {{visible}}

-- A milestone of the named project, or of any; and for how many days it had issues.
-- name: report_milestone :read
-- args: caller access, milestone_id uuid, id uuid?, key text?, time_zone text
SELECT p.id AS _id, {{report_issues}} AS _issues, m.name AS _name, m.due_date AS _due_date,
1 + (now() AT TIME ZONE :time_zone)::date - (to_timestamp((SELECT min(t.slot) FROM issue_turns t
WHERE t.milestone_id = m.id AND NOT t.deleted) * 900.0) AT TIME ZONE :time_zone)::date AS _days
FROM milestones m JOIN projects p ON p.id = m.project_id
WHERE m.id = :milestone_id AND {{visible}} AND (:id IS NULL AND :key IS NULL OR {{project_named}})

-- Names of time zones as PostgreSQL knows them; to find them it reads a few hundred files.
-- name: report_time_zones :slow
SELECT z.name AS _name FROM pg_timezone_names z
WHERE z.name ~ '^[A-Z]' AND z.name <> 'Factory' ORDER BY lower(z.name)

-- name: report_assignees :slow
-- args: project_ids uuid[], limit int8
WITH counted AS (
SELECT n.assignee_id, coalesce(sum(n.issues) FILTER (WHERE n.status = 'open'), 0) AS open,
coalesce(sum(n.issues) FILTER (WHERE n.status = 'in_progress'), 0) AS in_progress,
coalesce(sum(n.issues) FILTER (WHERE n.status = 'resolved'), 0) AS resolved,
coalesce(sum(n.issues) FILTER (WHERE n.status = 'closed'), 0) AS closed, sum(n.issues) AS total
FROM unnest(:project_ids) AS p (id) CROSS JOIN LATERAL (
SELECT i.assignee_id, i.status, count(*) AS issues FROM issues i
WHERE i.project_id = p.id AND i.deleted_at IS NULL GROUP BY i.assignee_id, i.status) n
GROUP BY n.assignee_id
), ranked AS (
SELECT c.*, u.name, row_number() OVER (ORDER BY u.id IS NULL, c.total DESC, lower(u.name), u.id) AS place
FROM counted c LEFT JOIN users u ON u.id = c.assignee_id
), kind AS (
SELECT r.*, CASE WHEN r.assignee_id IS NULL THEN 'unassigned' WHEN r.place <= :limit THEN 'person'
ELSE 'others' END AS kind
FROM ranked r
)
SELECT k.kind AS _kind, count(*) AS _people, CASE WHEN k.kind = 'person' THEN k.assignee_id END AS assignee_id,
CASE k.kind WHEN 'person' THEN k.name WHEN 'others' THEN 'Others' ELSE 'Unassigned' END AS name, sum(k.open)::bigint AS open,
sum(k.in_progress)::bigint AS in_progress, sum(k.resolved)::bigint AS resolved, sum(k.closed)::bigint AS closed,
sum(k.total)::bigint AS total
FROM kind k GROUP BY 1, 3, 4 ORDER BY min(k.place)

-- fragment: latency_columns
l.measure, l.issues AS count, round(l.average::numeric, 1)::float8 AS average, l.seconds[2] AS p50, l.seconds[3] AS p90,
l.seconds[4] AS p99, l.seconds[1] AS fastest, l.seconds[5] AS slowest

-- name: report_latency :slow
-- args: project_ids uuid[], days int4
SELECT {{latency_columns}}
FROM response_latencies(:project_ids, slot_of(now() - :days * interval '24 hours')) r
CROSS JOIN resolution_latencies(:project_ids, slot_of(now() - :days * interval '24 hours')) d
CROSS JOIN LATERAL (VALUES (1, 'first_response', r.seconds, r.average, r.issues),
(2, 'resolution', d.seconds, d.average, d.issues)) AS l (place, measure, seconds, average, issues) ORDER BY l.place

-- Reports over many issues are made by two processes, each of which makes one half.
-- name: report_latency_by_two :slow
-- args: project_ids uuid[], days int4
SELECT {{latency_columns}} FROM (
SELECT 1 AS place, 'first_response' AS measure, r.seconds, r.average, r.issues
FROM response_latencies(:project_ids, slot_of(now() - :days * interval '24 hours')) r
UNION ALL SELECT 2, 'resolution', d.seconds, d.average, d.issues
FROM resolution_latencies(:project_ids, slot_of(now() - :days * interval '24 hours')) d) l ORDER BY l.place

-- The periods of the last :days days up to today, in the time zone: each with its quarters of an hour. Where a day begins
-- is the zone's matter; some have 23 hours, some 25, and a few begin at one o'clock.
-- fragment: report_periods
SELECT d.day::date AS day, d.day AT TIME ZONE :time_zone AS since, (d.day + s.step) AT TIME ZONE :time_zone AS until,
slot_of(d.day AT TIME ZONE :time_zone) AS first, slot_of((d.day + s.step) AT TIME ZONE :time_zone) AS next
FROM (SELECT (now() AT TIME ZONE :time_zone)::date AS today,
CASE WHEN :weekly THEN interval '7 days' ELSE interval '1 day' END AS step) s
CROSS JOIN LATERAL generate_series(CASE WHEN :weekly THEN date_trunc('week', (s.today - (:days - 1))::timestamp)
ELSE (s.today - (:days - 1))::timestamp END, s.today::timestamp, s.step) AS d (day)

-- Where the periods begin, and where the last one ends. (An array made by || would be copied for each issue.)
-- fragment: report_bounds
ARRAY(SELECT q.since FROM period q UNION ALL SELECT max(q.until) FROM period q ORDER BY 1)

-- fragment: report_slots
ARRAY(SELECT q.first FROM period q UNION ALL SELECT max(q.next) FROM period q ORDER BY 1)

-- fragment: report_places
(SELECT q.day, row_number() OVER (ORDER BY q.day) AS place FROM period q) q

-- What happened in each period, counted by one process
-- fragment: report_flow
SELECT q.day, c.created, t.reopened, t.resolved
FROM {{report_places}} LEFT JOIN count_created(:project_ids, {{report_bounds}}, :few) c ON c.place = q.place
LEFT JOIN count_turned(:project_ids, {{report_slots}}, :few) t ON t.place = q.place

-- or by two.
-- fragment: report_flow_by_two
SELECT q.day, f.created, f.reopened, f.resolved
FROM {{report_places}} LEFT JOIN (
SELECT f.place, sum(f.created) AS created, sum(f.reopened) AS reopened, sum(f.resolved) AS resolved
FROM (SELECT c.* FROM count_created(:project_ids, {{report_bounds}}, :few) c
UNION ALL SELECT t.* FROM count_turned(:project_ids, {{report_slots}}, :few) t) f GROUP BY f.place) f ON f.place = q.place

-- What is left at the end of a period is what is left now, without what came later.
-- fragment: report_steps
SELECT t.day, t.created, t.reopened, t.resolved, t.created + t.reopened - t.resolved AS net,
(SELECT coalesce(sum(c.open + c.in_progress), 0)::bigint FROM project_counters c WHERE c.project_id = ANY(:project_ids))
- coalesce(sum(t.created + t.reopened - t.resolved) OVER (ORDER BY t.day DESC
ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS open
FROM (SELECT f.day, coalesce(f.created, 0)::bigint AS created, coalesce(f.reopened, 0)::bigint AS reopened,
coalesce(f.resolved, 0)::bigint AS resolved FROM flow f) t

-- fragment: velocity_answer
SELECT s.day AS start, CASE WHEN :weekly THEN to_char(s.day, 'IYYY-"W"IW') END AS week, s.created, s.reopened,
s.resolved, s.net, s.open
FROM ({{report_steps}}) s ORDER BY s.day

-- name: report_velocity :slow
-- args: project_ids uuid[], few bool, days int4, weekly bool, time_zone text
WITH period AS MATERIALIZED ({{report_periods}}), flow AS MATERIALIZED ({{report_flow}})
{{velocity_answer}}

-- name: report_velocity_by_two :slow
-- args: project_ids uuid[], few bool, days int4, weekly bool, time_zone text
WITH period AS MATERIALIZED ({{report_periods}}), flow AS MATERIALIZED ({{report_flow_by_two}})
{{velocity_answer}}

-- name: report_summary :slow
-- args: project_ids uuid[]
WITH cell AS (
SELECT n.status, n.priority, n.type, sum(n.issues) AS issues
FROM unnest(:project_ids) AS p (id) CROSS JOIN LATERAL (
SELECT i.status, i.priority, i.type, count(*) AS issues FROM issues i
WHERE i.project_id = p.id AND i.deleted_at IS NULL GROUP BY i.status, i.priority, i.type) n
GROUP BY n.status, n.priority, n.type
), age AS (
SELECT b.place, sum((SELECT count(*)::integer FROM issues i
WHERE i.project_id = p.id AND i.deleted_at IS NULL AND i.status IN ('open', 'in_progress')
AND i.created_at >= coalesce(now() - b.oldest * interval '24 hours', '-infinity')
AND i.created_at < coalesce(now() - b.youngest * interval '24 hours', 'infinity'))) AS issues
FROM (VALUES (0, NULL, 365), (1, 365, 90), (2, 90, 30), (3, 30, 7), (4, 7, 1), (5, 1, NULL)) AS b (place, oldest, youngest)
CROSS JOIN unnest(:project_ids) AS p (id) GROUP BY b.place
)
SELECT a.by, a.value, a.issues FROM (
SELECT 1 AS part, 'status' AS by, v.place, v.value::text AS value, coalesce(sum(c.issues), 0)::bigint AS issues
FROM unnest(enum_range(NULL::issue_status)) WITH ORDINALITY AS v (value, place) LEFT JOIN cell c ON c.status = v.value
GROUP BY v.value, v.place
UNION ALL SELECT 2, 'priority', v.place, v.value::text, coalesce(sum(c.issues), 0)::bigint
FROM unnest(enum_range(NULL::issue_priority)) WITH ORDINALITY AS v (value, place) LEFT JOIN cell c ON c.priority = v.value
GROUP BY v.value, v.place
UNION ALL SELECT 3, 'type', v.place, v.value::text, coalesce(sum(c.issues), 0)::bigint
FROM unnest(enum_range(NULL::issue_type)) WITH ORDINALITY AS v (value, place) LEFT JOIN cell c ON c.type = v.value
GROUP BY v.value, v.place
UNION ALL SELECT 4, 'age', 5 - v.place, v.value, coalesce(a.issues, 0)
FROM (VALUES (5, 'under_1_day'), (4, 'under_7_days'), (3, 'under_30_days'), (2, 'under_90_days'), (1, 'under_365_days'),
(0, 'older')) AS v (place, value) LEFT JOIN age a ON a.place = v.place) a ORDER BY a.part, a.place

-- The days of a burndown are those of report_periods up to today, and then those up to its goal, without a figure. The
-- ideal line leads from the day on which most was left to nothing on the day of the goal.
-- fragment: burndown_answer
SELECT d.day, r.remaining, CASE WHEN d.day BETWEEN f.day AND g.goal AND g.goal > f.day
THEN round(f.remaining * (g.goal - d.day)::numeric / (g.goal - f.day), 2)::float8 END AS ideal
FROM (SELECT max(p.day) AS today, coalesce(:until, max(p.day)) AS goal FROM period p) g
CROSS JOIN LATERAL (SELECT p.day FROM period p UNION SELECT n.day::date
FROM generate_series(g.today::timestamp, g.goal::timestamp, interval '1 day') AS n (day)) d
LEFT JOIN remaining r ON r.day = d.day
LEFT JOIN (SELECT o.day, o.remaining FROM remaining o WHERE o.remaining > 0
ORDER BY o.remaining DESC, o.day LIMIT 1) f ON true
ORDER BY d.day

-- name: report_burndown :slow
-- args: project_ids uuid[], few bool, days int4, time_zone text, weekly bool, until date?
WITH period AS MATERIALIZED ({{report_periods}}), flow AS MATERIALIZED ({{report_flow}}), remaining AS (
SELECT s.day, s.open AS remaining FROM ({{report_steps}}) s
)
{{burndown_answer}}

-- name: report_burndown_by_two :slow
-- args: project_ids uuid[], few bool, days int4, time_zone text, weekly bool, until date?
WITH period AS MATERIALIZED ({{report_periods}}), flow AS MATERIALIZED ({{report_flow_by_two}}), remaining AS (
SELECT s.day, s.open AS remaining FROM ({{report_steps}}) s
)
{{burndown_answer}}

-- Of the issues that were in the milestone at the time, whether they still are or not.
-- name: report_milestone_burndown :slow
-- args: milestone_id uuid, days int4, time_zone text, weekly bool, until date?
WITH period AS MATERIALIZED ({{report_periods}}), remaining AS (
SELECT q.day, coalesce(sum(f.change) OVER (ORDER BY q.day), 0)::bigint AS remaining
FROM (SELECT q.day, row_number() OVER (ORDER BY q.day) AS place FROM period q) q LEFT JOIN (
SELECT greatest(width_bucket(t.slot, (SELECT array_agg(q.first ORDER BY q.day) FROM period q)), 1) AS place,
sum(CASE WHEN t.type IN ('entered', 'reopened') THEN 1 ELSE -1 END) AS change
FROM issue_turns t WHERE t.milestone_id = :milestone_id AND NOT t.deleted
GROUP BY 1) f ON f.place = q.place
)
{{burndown_answer}}
