-- For the pool itself.

-- Undoes what a held change has done (db/hold.h).
-- name: rollback :write
ROLLBACK

-- Stops what another connection of ours executes.
-- name: backend_cancel :read
-- args: pid int4
SELECT pg_cancel_backend(:pid) AS _cancelled
