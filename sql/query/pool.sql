-- For the pool itself.

-- Undoes what a held change has done (db/hold.h).
-- name: rollback :write
ROLLBACK

-- Stops what another connection of ours executes.
-- name: backend_cancel :read
-- args: pid int4
SELECT pg_cancel_backend(:pid) AS _cancelled

-- Where the primary is in its log, and which history that is a part of (db/replica.h); nothing on a standby.
-- name: wal_position :read
SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8 AS _lsn,
	format('%s:%s:%s', (SELECT system_identifier FROM pg_control_system()),
		(SELECT oid FROM pg_database WHERE datname = current_database()),
		('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int4) AS _lineage
WHERE NOT pg_is_in_recovery()

-- Behind all that was committed so far: what a client takes along of its last change (api/reading.h).
-- name: wal_mark :read
SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8 AS _lsn
WHERE NOT pg_is_in_recovery()
