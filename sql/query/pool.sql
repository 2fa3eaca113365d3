-- For the pool itself.

-- Stops what another connection of ours executes.
-- name: backend_cancel :read
-- args: pid int4
SELECT pg_cancel_backend(:pid) AS _cancelled
