-- What reports are made of: the turns that the history of an issue took. When issues are created, and what they are
-- now, is in issues.
--
-- resolved: it moved from open or in progress to resolved or closed; undone: the same, but it was reopened since.
-- entered, left: it moved into a milestone, or out of it, while it was not resolved; so what is left to do for a milestone
-- is what entered or was reopened in it, without what left or was resolved in it. responded: somebody else than the
-- creator commented first, or changed its status or who has it.
CREATE TYPE issue_turn_type AS ENUM ('responded', 'resolved', 'undone', 'reopened', 'entered', 'left');

-- Quarters of an hour since 1970, of which the days of every time zone are made.
CREATE FUNCTION slot_of(at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT floor(date_part('epoch', at AT TIME ZONE 'UTC') / 900)::integer
$$;

CREATE FUNCTION seconds_between(since timestamptz, until timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT greatest(0, least(floor(date_part('epoch', until - since)), 2147483647))::integer
$$;

CREATE TABLE issue_turns (
	issue_id uuid NOT NULL, -- no foreign key, whose check would cost as much as the row; see forget_issue_turns
	project_id uuid NOT NULL,
	milestone_id uuid, -- in which it was then
	type issue_turn_type NOT NULL,
	at timestamptz NOT NULL,
	slot integer NOT NULL, -- of `at`
	seconds integer NOT NULL, -- since the issue was created
	deleted boolean NOT NULL -- the issue; it counts nowhere then, not even in the past
);
CREATE INDEX issue_turns_issue_idx ON issue_turns (issue_id);
-- One index a kind, as a report goes through hundreds of thousands of entries, and each column less is a sixth of its time.
CREATE INDEX issue_turns_responded_idx ON issue_turns (project_id, slot, seconds) WHERE type = 'responded' AND NOT deleted;
CREATE INDEX issue_turns_done_idx ON issue_turns (project_id, slot, type, seconds)
	WHERE type IN ('resolved', 'undone') AND NOT deleted;
CREATE INDEX issue_turns_reopened_idx ON issue_turns (project_id, slot) WHERE type = 'reopened' AND NOT deleted;
CREATE INDEX issue_turns_milestone_idx ON issue_turns (milestone_id, slot) WHERE milestone_id IS NOT NULL AND NOT deleted;

-- How many issues of a kind there are, who has them, and how old those are that are left, without looking at them.
CREATE INDEX issues_report_idx ON issues (project_id, status, priority, type, assignee_id) WHERE deleted_at IS NULL;
CREATE INDEX issues_unresolved_idx ON issues (project_id, created_at)
	WHERE deleted_at IS NULL AND status IN ('open', 'in_progress');

CREATE FUNCTION is_done(status text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(status IN ('resolved', 'closed'), false)
$$;

CREATE FUNCTION is_response(type issue_event_type, changes jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT type = 'commented' OR type <> 'created' AND changes ?| ARRAY['status', 'assignee_id']
$$;

-- Makes the turns of these issues anew from their whole history.
CREATE FUNCTION rebuild_issue_turns(ids uuid[]) RETURNS void LANGUAGE sql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
	DELETE FROM issue_turns t WHERE t.issue_id = ANY(ids);
	INSERT INTO issue_turns (issue_id, project_id, milestone_id, type, at, slot, seconds, deleted)
	WITH issue AS (
		SELECT i.id, i.project_id, i.creator_id, i.created_at, i.deleted_at IS NOT NULL AS deleted
		FROM unnest(ids) AS n (id) JOIN issues i ON i.id = n.id
	), step AS (
		SELECT i.*, e.version, e.at,
			CASE WHEN e.type = 'created' OR e.changes ? 'status' THEN is_done(e.changes -> 'status' ->> 'to') END AS sets_done,
			e.type = 'created' OR e.changes ? 'milestone_id' AS sets_milestone,
			e.changes -> 'milestone_id' ->> 'to' AS to_milestone
		FROM issue i JOIN issue_events e ON e.issue_id = i.id
		WHERE e.type = 'created' OR e.changes ?| ARRAY['status', 'milestone_id']
	), placed AS (
		SELECT s.*, count(s.sets_done) OVER w AS done_place, count(*) FILTER (WHERE s.sets_milestone) OVER w AS milestone_place
		FROM step s WINDOW w AS (PARTITION BY s.id ORDER BY s.version)
	), state AS (
		SELECT p.*, bool_or(p.sets_done) OVER (PARTITION BY p.id, p.done_place) AS done,
			max(p.to_milestone) OVER (PARTITION BY p.id, p.milestone_place)::uuid AS milestone
		FROM placed p
	), compared AS (
		SELECT s.*, lag(s.done, 1, false) OVER w AS was_done, lag(s.milestone) OVER w AS was_in,
			bool_or(NOT s.done) OVER (w ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS opens_later
		FROM state s WINDOW w AS (PARTITION BY s.id ORDER BY s.version)
	), turn AS (
		SELECT c.*, CASE WHEN c.opens_later THEN 'undone' ELSE 'resolved' END AS type, coalesce(c.was_in, c.milestone) AS milestone_id
		FROM compared c WHERE c.done AND NOT c.was_done
		UNION ALL SELECT c.*, 'reopened', c.milestone FROM compared c WHERE c.was_done AND NOT c.done
		UNION ALL SELECT c.*, 'left', c.was_in FROM compared c
		WHERE NOT c.done AND NOT c.was_done AND c.was_in <> c.milestone IS NOT FALSE AND c.was_in IS NOT NULL
		UNION ALL SELECT c.*, 'entered', c.milestone FROM compared c
		WHERE NOT c.was_done AND c.milestone IS NOT NULL AND (c.version = 1 OR NOT c.done) AND c.was_in IS DISTINCT FROM c.milestone
	)
	SELECT t.id, t.project_id, t.milestone_id, t.type::issue_turn_type, t.at, slot_of(t.at), seconds_between(t.created_at, t.at), t.deleted
	FROM turn t
	UNION ALL
	SELECT i.id, i.project_id, NULL, 'responded', r.at, slot_of(r.at), seconds_between(i.created_at, r.at), i.deleted
	FROM issue i CROSS JOIN LATERAL (
		SELECT min(e.at) AS at FROM issue_events e
		WHERE e.issue_id = i.id AND e.actor_id <> i.creator_id AND is_response(e.type, e.changes)) r
	WHERE r.at IS NOT NULL;
$$;

CREATE FUNCTION undo_issue_turns(issue uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE issue_turns t SET type = 'undone' WHERE t.issue_id = issue AND t.type = 'resolved';
END
$$;

CREATE FUNCTION hide_issue_turns(issue uuid, hidden boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE issue_turns t SET deleted = hidden WHERE t.issue_id = issue;
END
$$;

-- Keeps them in step with the history, a statement at a time. Plans of a function stay as they were made first, so
-- they may not depend on how many events that statement wrote: each of its parts goes by the index of the issue alone.
CREATE FUNCTION note_issue_turns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	begins boolean;
	turns boolean;
	hides boolean;
	many boolean;
	mixed uuid[];
BEGIN
	SELECT bool_or(f.type = 'created' AND (f.changes ? 'milestone_id' OR is_done(f.changes -> 'status' ->> 'to'))),
		bool_or(f.type <> 'created' AND (f.type = 'commented' OR f.changes ?| ARRAY['status', 'milestone_id', 'assignee_id'])),
		bool_or(f.type IN ('deleted', 'restored')), count(*) > 1
	INTO begins, turns, hides, many FROM fresh f;
	-- Nothing was there before: an import makes many of them, and this takes a third of the time of what is below.
	IF begins THEN
		INSERT INTO issue_turns (issue_id, project_id, milestone_id, type, at, slot, seconds, deleted)
		SELECT f.issue_id, i.project_id, f.milestone_id, t.type, f.at, slot_of(f.at), seconds_between(i.created_at, f.at),
			i.deleted_at IS NOT NULL
		FROM (SELECT f.issue_id, f.at, is_done(f.changes -> 'status' ->> 'to') AS done,
				(f.changes -> 'milestone_id' ->> 'to')::uuid AS milestone_id
			FROM fresh f WHERE f.type = 'created') f
		CROSS JOIN LATERAL (SELECT * FROM issues i WHERE i.id = f.issue_id LIMIT 1) i
		JOIN (VALUES ('resolved'::issue_turn_type), ('entered')) AS t (type)
			ON CASE t.type WHEN 'resolved' THEN f.done ELSE f.milestone_id IS NOT NULL END
		WHERE f.done OR f.milestone_id IS NOT NULL;
	END IF;
	IF turns THEN
		IF many THEN
			mixed := ARRAY(SELECT f.issue_id FROM fresh f GROUP BY f.issue_id HAVING count(*) > 1);
		END IF;
		INSERT INTO issue_turns (issue_id, project_id, milestone_id, type, at, slot, seconds, deleted)
		SELECT f.issue_id, i.project_id, t.milestone_id, t.type::issue_turn_type, f.at, slot_of(f.at),
			seconds_between(i.created_at, f.at), i.deleted_at IS NOT NULL
		FROM (SELECT * FROM fresh f WHERE f.type <> 'created') f
		CROSS JOIN LATERAL (SELECT * FROM issues i WHERE i.id = f.issue_id LIMIT 1) i
		CROSS JOIN LATERAL (SELECT is_done(f.changes -> 'status' ->> 'from') AS was_done,
			CASE WHEN f.changes ? 'status' THEN is_done(f.changes -> 'status' ->> 'to') ELSE is_done(i.status::text) END AS done,
			(f.changes -> 'milestone_id' ->> 'from')::uuid AS was_in, (f.changes -> 'milestone_id' ->> 'to')::uuid AS enters) c
		CROSS JOIN LATERAL (
			SELECT 'resolved' AS type, coalesce(c.was_in, i.milestone_id) AS milestone_id
			WHERE f.changes ? 'status' AND c.done AND NOT c.was_done
			UNION ALL SELECT 'reopened', i.milestone_id WHERE c.was_done AND NOT c.done
			UNION ALL SELECT 'left', c.was_in WHERE c.was_in IS NOT NULL AND NOT c.was_done AND NOT c.done
			UNION ALL SELECT 'entered', c.enters
			WHERE c.enters IS NOT NULL AND NOT c.was_done AND (f.type = 'created' OR NOT c.done)
			UNION ALL SELECT 'responded', NULL
			WHERE CASE WHEN f.actor_id <> i.creator_id AND is_response(f.type, f.changes) -- else it would be looked for first
				THEN (SELECT r.at FROM issue_turns r WHERE r.issue_id = f.issue_id AND r.type = 'responded' LIMIT 1) IS NULL END) t;
		PERFORM undo_issue_turns(f.issue_id) FROM fresh f
		WHERE is_done(f.changes -> 'status' ->> 'from') AND NOT is_done(f.changes -> 'status' ->> 'to');
	END IF;
	IF hides THEN
		PERFORM hide_issue_turns(f.issue_id, f.type = 'deleted') FROM fresh f WHERE f.type IN ('deleted', 'restored');
	END IF;
	IF cardinality(mixed) > 0 THEN
		PERFORM rebuild_issue_turns(mixed);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER issue_events_turns AFTER INSERT ON issue_events REFERENCING NEW TABLE AS fresh
	FOR EACH STATEMENT EXECUTE FUNCTION note_issue_turns();

-- The turns of an issue that is purged go with it.
CREATE FUNCTION forget_issue_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM issue_turns t WHERE t.issue_id = ANY(ARRAY(SELECT g.id FROM gone g));
	RETURN NULL;
END
$$;
CREATE TRIGGER issues_forget_turns AFTER DELETE ON issues REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION forget_issue_turns();

-- The halves of the reports that go through the past. They are said to cost so much that a statement which puts two of
-- them together by UNION ALL has them made at the same time, by two processes, when PostgreSQL has workers to spare; one
-- that joins them, one after the other. Their setting is the usual one, and keeps them from being inlined.

-- How many issues were created in each period, by its place from 1; a period ends where the next begins. When they are few,
-- each of each project is counted in the index, which takes some microseconds; else it goes through all issues once.
CREATE FUNCTION count_created(project_ids uuid[], since timestamptz[], few boolean)
RETURNS TABLE (place integer, created bigint, reopened bigint, resolved bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000000 SET enable_seqscan = off AS $$
	SELECT q.place, sum((SELECT count(*)::integer FROM issues i WHERE i.project_id = p.id AND i.deleted_at IS NULL
		AND i.created_at >= since[q.place] AND i.created_at < since[q.place + 1])), 0, 0
	FROM generate_series(1, cardinality(since) - 1) AS q (place) CROSS JOIN unnest(project_ids) AS p (id)
	WHERE few GROUP BY q.place
	UNION ALL SELECT width_bucket(i.created_at, since), count(*), 0, 0 FROM issues i
	WHERE NOT few AND i.project_id = ANY(project_ids) AND i.deleted_at IS NULL
		AND i.created_at >= since[1] AND i.created_at < since[cardinality(since)] GROUP BY 1
$$;

-- The same of those that were reopened, and resolved.
CREATE FUNCTION count_turned(project_ids uuid[], first integer[], few boolean)
RETURNS TABLE (place integer, created bigint, reopened bigint, resolved bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000000 SET enable_seqscan = off AS $$
	SELECT q.place, 0, sum((SELECT count(*)::integer FROM issue_turns t WHERE t.project_id = p.id AND t.type = 'reopened'
		AND NOT t.deleted AND t.slot >= first[q.place] AND t.slot < first[q.place + 1])),
		sum((SELECT count(*)::integer FROM issue_turns t WHERE t.project_id = p.id AND t.type IN ('resolved', 'undone')
		AND NOT t.deleted AND t.slot >= first[q.place] AND t.slot < first[q.place + 1]))
	FROM generate_series(1, cardinality(first) - 1) AS q (place) CROSS JOIN unnest(project_ids) AS p (id)
	WHERE few GROUP BY q.place
	UNION ALL SELECT m.place, 0, sum(m.reopened), sum(m.resolved) FROM (
		SELECT width_bucket(t.slot, first) AS place, count(*)::integer AS reopened, 0 AS resolved FROM issue_turns t
		WHERE t.project_id = ANY(project_ids) AND t.type = 'reopened' AND NOT t.deleted
			AND t.slot >= first[1] AND t.slot < first[cardinality(first)] GROUP BY 1
		UNION ALL SELECT width_bucket(t.slot, first), 0, count(*)::integer FROM issue_turns t
		WHERE t.project_id = ANY(project_ids) AND t.type IN ('resolved', 'undone') AND NOT t.deleted
			AND t.slot >= first[1] AND t.slot < first[cardinality(first)] GROUP BY 1) m
	WHERE NOT few GROUP BY m.place
$$;

-- With the memory that sorting a million numbers takes. A percentile is the nearest rank, a time that an issue really took.
CREATE FUNCTION response_latencies(project_ids uuid[], since integer)
RETURNS TABLE (seconds integer[], average float8, issues bigint) -- seconds: fastest, p50, p90, p99, slowest
LANGUAGE sql STABLE PARALLEL SAFE COST 10000000 SET enable_seqscan = off SET work_mem = '64MB' AS $$
	SELECT percentile_disc(ARRAY[0, 0.5, 0.9, 0.99, 1]) WITHIN GROUP (ORDER BY t.seconds),
		sum(t.seconds)::float8 / nullif(count(*), 0), count(*)
	FROM issue_turns t
	WHERE t.project_id = ANY(project_ids) AND t.type = 'responded' AND NOT t.deleted AND t.slot >= since
$$;

CREATE FUNCTION resolution_latencies(project_ids uuid[], since integer)
RETURNS TABLE (seconds integer[], average float8, issues bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000000 SET enable_seqscan = off SET work_mem = '64MB' AS $$
	SELECT percentile_disc(ARRAY[0, 0.5, 0.9, 0.99, 1]) WITHIN GROUP (ORDER BY t.seconds),
		sum(t.seconds)::float8 / nullif(count(*), 0), count(*)
	FROM issue_turns t
	WHERE t.project_id = ANY(project_ids) AND t.type = 'resolved' AND NOT t.deleted AND t.slot >= since
$$;

SELECT rebuild_issue_turns(ARRAY(SELECT i.id FROM issues i));
