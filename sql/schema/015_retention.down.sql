DROP FUNCTION purge(interval, interval, integer);
DROP TRIGGER security_events_kept ON security_events;
DROP TRIGGER security_events_append_only ON security_events;
CREATE TRIGGER security_events_append_only BEFORE UPDATE OR DELETE ON security_events
	FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP INDEX sessions_expires_at_idx, sessions_revoked_at_idx, tokens_expires_at_idx, projects_deleted_idx;
