-- Jobs, as their owner and admins see them.

-- fragment: job_columns
j.id, j.kind, j.state, j.progress, j.rows_read, j.created_count, j.failed_count, j.skipped_count,
:base || '/api/v1/jobs/' || j.id || '/errors' AS errors_url,
j.error, j.created_at, j.started_at, j.finished_at

-- fragment: job_visible
(j.owner_id = :viewer OR :role = 'admin')

-- fragment: job_orphaned
'The server that ran it went away. Nothing was imported.'

-- _gone: nobody runs it any more, and it has no end. Then job_bury.
-- name: job_by_id :read
-- args: viewer uuid, role text, base text, id uuid
SELECT j.state IN ('queued', 'running') AND job_holder(j.id) IS NULL AS _gone, array_to_string(j.columns, ',') AS _columns, {{job_columns}}
FROM jobs j WHERE j.id = :id AND {{job_visible}}

-- name: job_bury :write
-- args: id uuid
UPDATE jobs j SET state = 'failed', finished_at = clock_timestamp(), error = {{job_orphaned}}
WHERE j.id = :id AND j.state IN ('queued', 'running') AND job_holder(j.id) IS NULL

-- The same of all that one has, before they are listed.
-- name: job_bury_own :write
-- args: owner uuid
UPDATE jobs j SET state = 'failed', finished_at = clock_timestamp(), error = {{job_orphaned}}
WHERE j.owner_id = :owner AND j.state IN ('queued', 'running') AND job_holder(j.id) IS NULL

-- name: job_list :slow
-- args: viewer uuid, base text, states text[], limit int8, offset int8
-- order: created_at | j.created_at | timestamptz | created_at
-- order: id | j.id | uuid | id
SELECT {{job_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM jobs j
WHERE j.owner_id = :viewer
AND j.state = ANY(:states::job_state[]) --? state
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- The transaction of the import cannot be committed any more, and is ended wherever it runs.
-- Outcomes: ok, finished, not_found.
-- name: job_cancel :write
-- args: viewer uuid, role text, id uuid
WITH target AS (
SELECT j.id, j.state FROM jobs j WHERE j.id = :id AND {{job_visible}} FOR NO KEY UPDATE
), cancelled AS (
UPDATE jobs j SET state = 'cancelled', finished_at = clock_timestamp()
FROM target t WHERE j.id = t.id AND t.state IN ('queued', 'running')
RETURNING j.*
)
SELECT CASE WHEN t.id IS NULL THEN 'not_found' WHEN j.id IS NULL THEN 'finished' ELSE 'ok' END AS _outcome
FROM (SELECT 1) one LEFT JOIN target t ON true LEFT JOIN cancelled j ON true

-- name: job_stop :write
-- args: id uuid
SELECT pg_terminate_backend(job_holder(:id)) AS _stopped

-- The bad rows of an import: why, their cells in the order of the file's columns, and the errors as an answer shows them.
-- name: job_error_list :slow
-- args: id uuid, after int4
SELECT e.row_number,
(SELECT string_agg((f.item->>'field') || ': ' || (f.item->>'error'), '; ' ORDER BY f.place)
FROM jsonb_array_elements(e.errors) WITH ORDINALITY f (item, place)) AS reason,
ARRAY(SELECT coalesce(e.cells->>c.name, '') FROM unnest(j.columns) WITH ORDINALITY c (name, place) ORDER BY c.place) AS _cells,
(SELECT string_agg(json_build_object('row_number', e.row_number, 'field', f.item->>'field', 'value', f.item->>'value',
'error', f.item->>'error', 'code', f.item->>'code', 'raw_data', e.cells)::text, ',' ORDER BY f.place)
FROM jsonb_array_elements(e.errors) WITH ORDINALITY f (item, place)) AS _errors
FROM jobs j JOIN job_errors e ON e.job_id = j.id
WHERE j.id = :id AND e.row_number > :after
ORDER BY e.row_number LIMIT 500
