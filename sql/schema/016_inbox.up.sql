-- What people are told.

-- From the weakest to the strongest.
CREATE TYPE notification_reason AS ENUM ('attached', 'commented', 'status_changed', 'assigned', 'mentioned');

-- One for each event and each person whom it concerns, for the strongest reason; all who are told of an event share the
-- id, which was made at that moment. What it refers to has no foreign keys:
-- to check them would cost more than all else here, and what points to nothing is not shown.
CREATE TABLE notifications (
	user_id uuid NOT NULL,
	id uuid NOT NULL,
	event_id uuid NOT NULL,
	issue_id uuid NOT NULL,
	project_id uuid NOT NULL,
	reason notification_reason NOT NULL,
	created_at timestamptz NOT NULL,
	read_at timestamptz,
	PRIMARY KEY (user_id, id)
);
CREATE INDEX notifications_unread_idx ON notifications (user_id, id) WHERE read_at IS NULL;

-- For the retention; it costs next to nothing while rows are added.
CREATE INDEX notifications_created_idx ON notifications USING brin (created_at);

-- What a person does not want to be told of.
ALTER TABLE users ADD COLUMN muted notification_reason[] NOT NULL DEFAULT '{}';

CREATE FUNCTION mentions_of(comment uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT c.mentions FROM comments c WHERE c.id = comment);
END
$$;

-- Whether somebody may have to be told of such an event.
CREATE FUNCTION concerns_people(type issue_event_type, changes jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT type IN ('commented', 'status_changed') OR changes ? 'assignee_id'
		OR (type = 'attached' AND changes -> 'attachment_id' ->> 'to' IS NOT NULL)
$$;

-- Tells of events, of one or of many: those who watch the issue of comments, files and its status, those who are named, by
-- a mention or an assignment, also when they have stopped watching. Nobody is told of what they did themselves, may not
-- see, or do not want to know. Returns how many notifications that made. The plan stays as it was made first, so it has to
-- be good for one event and for many, and for tables that were empty then: each row by its index, and the events first,
-- which is what LIMIT 1 is for.
CREATE FUNCTION tell_people(events issue_events[]) RETURNS bigint LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
	told bigint;
BEGIN
	INSERT INTO notifications (user_id, id, event_id, issue_id, project_id, reason, created_at)
	SELECT u.id, e.notice, e.id, e.issue_id, i.project_id, r.reason, e.told_at
	FROM (
		SELECT clock_timestamp() AS told_at, make_uuid_v7() AS notice, e.id, e.issue_id, e.actor_id, CASE e.type WHEN 'commented' THEN 'commented'::notification_reason
				WHEN 'status_changed' THEN 'status_changed'::notification_reason
				WHEN 'attached' THEN 'attached'::notification_reason END AS reason,
			CASE WHEN e.changes ? 'assignee_id' THEN ARRAY[e.changes -> 'assignee_id' ->> 'to',
				e.changes -> 'assignee_id' ->> 'from']::uuid[] ELSE '{}' END AS assigned,
			CASE WHEN e.type = 'commented' THEN mentions_of((e.changes -> 'comment_id' ->> 'to')::uuid) ELSE '{}' END AS mentioned
		FROM unnest(events) e OFFSET 0) e
	CROSS JOIN LATERAL (SELECT * FROM issues i WHERE i.id = e.issue_id LIMIT 1) i
	CROSS JOIN LATERAL (SELECT * FROM projects p WHERE p.id = i.project_id LIMIT 1) p
	CROSS JOIN LATERAL (
		SELECT coalesce(array_agg(w.user_id) FILTER (WHERE NOT w.ignored), '{}') AS watching,
			coalesce(array_agg(w.user_id) FILTER (WHERE w.ignored), '{}') AS ignoring
		FROM issue_watchers w WHERE w.issue_id = e.issue_id) w
	JOIN users u ON u.id = ANY(array_remove(e.assigned || e.mentioned || w.watching || i.creator_id || i.assignee_id, e.actor_id))
	CROSS JOIN LATERAL (
		SELECT CASE WHEN u.id = ANY(e.mentioned) AND 'mentioned' <> ALL(u.muted) THEN 'mentioned'
			WHEN u.id = ANY(e.assigned) AND 'assigned' <> ALL(u.muted) THEN 'assigned'
			WHEN u.id <> ALL(w.ignoring) AND e.reason <> ALL(u.muted) THEN e.reason
			END AS reason OFFSET 0) r
	WHERE u.is_active AND r.reason IS NOT NULL AND i.deleted_at IS NULL AND p.deleted_at IS NULL
	AND (p.visibility = 'public' OR u.role = 'admin' OR member_role(p.id, u.id) IS NOT NULL);
	GET DIAGNOSTICS told = ROW_COUNT;
	RETURN told;
END
$$;

-- To tell of a change of thousands of issues takes as long as the change itself. So it is put down here with the change, some
-- events a row, and done after that is committed (tell_of_due).
CREATE TABLE notices_due (
	id uuid PRIMARY KEY, -- in the order of their making
	event_ids uuid[] NOT NULL,
	not_before timestamptz NOT NULL DEFAULT '-infinity' -- later: it could not be done
);

-- Tells of events at once, and of more than 200 later. Most changes are nobody's business, so that is asked first.
CREATE FUNCTION notify_people() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	events issue_events[];
	told bigint;
BEGIN
	events := ARRAY(SELECT ROW(e.id, e.issue_id, e.type, e.actor_id, e.at, e.version, e.changes)::issue_events
		FROM fresh e WHERE concerns_people(e.type, e.changes) LIMIT 201);
	IF cardinality(events) > 200 THEN
		INSERT INTO notices_due (id, event_ids)
		SELECT make_uuid_v7(), array_agg(e.id ORDER BY e.place)
		FROM (SELECT e.id, row_number() OVER () AS place FROM fresh e WHERE concerns_people(e.type, e.changes)) e
		GROUP BY (e.place - 1) / 200;
	ELSIF cardinality(events) > 0 THEN
		told := tell_people(events);
	END IF;
	RETURN NULL;
END
$$;
-- Whoever brings in many issues at once sets bugd.quiet, and nobody is told.
CREATE TRIGGER issue_events_notify AFTER INSERT ON issue_events
	REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
	WHEN (current_setting('bugd.quiet', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION notify_people();

-- Tells of a row of what is due, which nobody else is at; when thousands watch these issues, of some of its events, one at a
-- time, and the rest stays, as it would run into the time-out again and again. An event of which it cannot tell goes to the
-- end of its row, which has to wait, and PostgreSQL's log says why. Null: there is nothing to be done now. The plans are as
-- tell_people wants them.
CREATE FUNCTION tell_of_due() RETURNS bigint LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
	most CONSTANT integer := 2000;
	due notices_due;
	step integer;
	told bigint := 0;
BEGIN
	SELECT * INTO due FROM notices_due d WHERE d.not_before <= now() ORDER BY d.id LIMIT 1 FOR UPDATE SKIP LOCKED;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	step := CASE WHEN EXISTS (SELECT FROM issue_events e JOIN issue_watchers w ON w.issue_id = e.issue_id
		WHERE e.id = ANY(due.event_ids) OFFSET most) THEN 1 ELSE cardinality(due.event_ids) END;
	WHILE cardinality(due.event_ids) > 0 AND told < most LOOP
		BEGIN
			told := told + tell_people(ARRAY(SELECT e FROM issue_events e WHERE e.id = ANY(due.event_ids[:step])));
		EXCEPTION WHEN query_canceled OR OTHERS THEN
			IF step > 1 AND SQLSTATE <> '57014' THEN
				step := 1; -- to tell of those that are not at fault
				CONTINUE;
			END IF;
			RAISE WARNING 'nobody could be told of the event %, which is tried again: %', due.event_ids[1], SQLERRM;
			UPDATE notices_due d SET event_ids = due.event_ids[2:] || due.event_ids[1], not_before = now() + interval '30 s'
			WHERE d.id = due.id;
			RETURN told;
		END;
		due.event_ids := due.event_ids[step + 1:];
	END LOOP;
	IF cardinality(due.event_ids) > 0 THEN
		UPDATE notices_due d SET event_ids = due.event_ids WHERE d.id = due.id;
	ELSE
		DELETE FROM notices_due d WHERE d.id = due.id;
	END IF;
	RETURN told;
END
$$;

-- Whom a comment mentions only since it was edited. Who was told already is told again, by one notification.
CREATE FUNCTION notify_mentioned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO notifications (user_id, id, event_id, issue_id, project_id, reason, created_at)
	SELECT u.id, make_uuid_v7(), e.id, e.issue_id, p.id, 'mentioned', clock_timestamp()
	FROM issue_events e JOIN issues i ON i.id = e.issue_id JOIN projects p ON p.id = i.project_id
	JOIN users u ON u.id = ANY(NEW.mentions)
	WHERE e.issue_id = NEW.issue_id AND e.type = 'commented' AND e.changes -> 'comment_id' ->> 'to' = NEW.id::text
	AND u.id <> ALL(OLD.mentions) AND u.id <> NEW.author_id AND u.is_active AND 'mentioned' <> ALL(u.muted)
	AND (p.visibility = 'public' OR u.role = 'admin' OR member_role(p.id, u.id) IS NOT NULL);
	RETURN NULL;
END
$$;
CREATE TRIGGER comments_notify_edited AFTER UPDATE OF mentions ON comments FOR EACH ROW
	WHEN (NEW.mentions <> OLD.mentions AND NEW.mentions <> '{}') EXECUTE FUNCTION notify_mentioned();

-- Removes what was read, and was told longer ago than `read_for`; what was not, after four times as long. As purge does
-- it, so many rows at most, and by nobody else meanwhile.
CREATE FUNCTION purge_notifications(read_for interval, at_most integer)
RETURNS TABLE (what text, removed bigint) LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	IF NOT pg_try_advisory_xact_lock(7309453120) THEN
		RETURN;
	END IF;
	DELETE FROM notifications n WHERE n.ctid = ANY(ARRAY(SELECT x.ctid FROM notifications x
		WHERE x.created_at < now() - read_for AND (x.read_at IS NOT NULL OR x.created_at < now() - 4 * read_for)
		LIMIT at_most));
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN QUERY SELECT 'notifications', n;
END
$$;
