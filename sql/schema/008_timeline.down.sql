DROP FUNCTION issue_field_at(uuid, text, timestamptz), issue_done_at(uuid, text, timestamptz);
DROP INDEX issue_events_issue_idx;
CREATE INDEX issue_events_issue_idx ON issue_events (issue_id, id);
