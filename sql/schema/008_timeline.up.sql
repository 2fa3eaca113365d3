-- The history of an issue in the order of time, and as the events of one kind.
DROP INDEX issue_events_issue_idx;
CREATE INDEX issue_events_issue_idx ON issue_events (issue_id, at, id);

-- The value that a field of an issue had at a moment, by its history: that of the last event before which set it. The
-- rows of an issue's history are few.
CREATE FUNCTION issue_field_at(issue uuid, field text, moment timestamptz) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT e.changes -> field -> 'to' FROM issue_events e
		WHERE e.issue_id = issue AND e.at <= moment AND e.changes ? field
		ORDER BY e.version DESC, e.at DESC LIMIT 1);
END
$$;

-- When the issue got the status last, of those times that count at the moment: not before it was opened again.
CREATE FUNCTION issue_done_at(issue uuid, wanted text, moment timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
	e record;
BEGIN
	FOR e IN SELECT x.at, x.changes -> 'status' ->> 'to' AS status FROM issue_events x
		WHERE x.issue_id = issue AND x.at <= moment AND x.changes ? 'status' ORDER BY x.version DESC
	LOOP
		EXIT WHEN e.status IN ('open', 'in_progress');
		IF e.status = wanted THEN
			RETURN e.at;
		END IF;
	END LOOP;
	RETURN NULL;
END
$$;
