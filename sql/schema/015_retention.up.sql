-- What is not kept for ever.

CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);
CREATE INDEX sessions_revoked_at_idx ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX tokens_expires_at_idx ON tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX projects_deleted_idx ON projects (deleted_at) WHERE deleted_at IS NOT NULL;

-- The log of security events is append-only, but for its purge.
DROP TRIGGER security_events_append_only ON security_events;
CREATE TRIGGER security_events_append_only BEFORE UPDATE ON security_events
	FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER security_events_kept BEFORE DELETE ON security_events
	FOR EACH ROW WHEN (current_setting('bugd.purging', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION refuse_change();

-- Removes what is over, so many rows of each kind at most, and says how many it were. Nobody else does it meanwhile, or
-- there are no rows in the answer. What people have deleted goes after `deleted_for`; an issue that is a parent goes after
-- its parts. Sessions and tokens that are over stay for a month, for those who look at the log of security events.
CREATE FUNCTION purge(deleted_for interval, logged_for interval, at_most integer)
RETURNS TABLE (what text, removed bigint) LANGUAGE plpgsql AS $$
DECLARE
	over timestamptz := now() - interval '30 days';
	n bigint;
BEGIN
	IF NOT pg_try_advisory_xact_lock(7309453120) THEN
		RETURN;
	END IF;
	PERFORM set_config('bugd.purging', 'on', true);

	DELETE FROM idempotency_keys k WHERE k.ctid = ANY(ARRAY(SELECT x.ctid FROM idempotency_keys x
		WHERE x.created_at < now() - interval '24 hours' LIMIT at_most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN QUERY SELECT 'idempotency keys', n;

	DELETE FROM login_throttle t WHERE t.ctid = ANY(ARRAY(SELECT x.ctid FROM login_throttle x
		WHERE x.last_at < now() - interval '24 hours' LIMIT at_most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN QUERY SELECT 'counts of wrong passwords', n;

	DELETE FROM sessions s WHERE s.id = ANY(ARRAY(SELECT x.id FROM sessions x WHERE x.expires_at < over
		UNION SELECT x.id FROM sessions x WHERE x.revoked_at < over LIMIT at_most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN QUERY SELECT 'sessions', n;

	DELETE FROM tokens t WHERE t.id = ANY(ARRAY(SELECT x.id FROM tokens x WHERE x.expires_at < over LIMIT at_most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN QUERY SELECT 'tokens', n;

	DELETE FROM issues i WHERE i.id = ANY(ARRAY(SELECT x.id FROM issues x
		WHERE x.deleted_at < now() - deleted_for AND NOT EXISTS (SELECT FROM issues c WHERE c.parent_id = x.id)
		LIMIT at_most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN QUERY SELECT 'deleted issues', n;

	DELETE FROM issues i WHERE i.id = ANY(ARRAY(SELECT x.id FROM issues x JOIN projects p ON p.id = x.project_id
		WHERE p.deleted_at < now() - deleted_for AND NOT EXISTS (SELECT FROM issues c WHERE c.parent_id = x.id)
		LIMIT at_most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN QUERY SELECT 'issues of deleted projects', n;

	DELETE FROM projects p WHERE p.id = ANY(ARRAY(SELECT x.id FROM projects x
		WHERE x.deleted_at < now() - deleted_for AND NOT EXISTS (SELECT FROM issues i WHERE i.project_id = x.id)
		LIMIT at_most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN QUERY SELECT 'deleted projects', n;

	DELETE FROM security_events e WHERE e.id = ANY(ARRAY(SELECT x.id FROM security_events x
		WHERE x.at < now() - logged_for ORDER BY x.at LIMIT at_most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN QUERY SELECT 'security events', n;

	PERFORM set_config('bugd.purging', '', true);
END
$$;
