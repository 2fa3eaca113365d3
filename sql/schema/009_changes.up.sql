-- The questions that a change of issues asks. They are functions, because PostgreSQL prepares every subquery of a
-- statement at each execution, also those that it never comes to; a function costs nothing until it is called.

CREATE FUNCTION is_transition(before issue_status, after issue_status) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM workflow_transitions t WHERE t.from_status = before AND t.to_status = after);
END
$$;

CREATE FUNCTION is_active_user(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM users u WHERE u.id = person AND u.is_active);
END
$$;

CREATE FUNCTION is_issue_of(issue uuid, project uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM issues i WHERE i.id = issue AND i.project_id = project AND i.deleted_at IS NULL);
END
$$;

-- The milestone stays until the change is committed: who deletes it waits for that.
CREATE FUNCTION is_milestone_of(milestone uuid, project uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM milestones m WHERE m.id = milestone AND m.project_id = project FOR KEY SHARE;
	RETURN FOUND;
END
$$;

-- Whether all of them are labels of the project, or for all projects. They stay until the change is committed.
CREATE FUNCTION are_labels_of(ids uuid[], project uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	found_ones integer;
BEGIN
	SELECT count(*) INTO found_ones FROM (SELECT FROM labels l
		WHERE l.id = ANY(ids) AND (l.project_id IS NULL OR l.project_id = project)
		ORDER BY l.id FOR KEY SHARE) held;
	RETURN found_ones = cardinality(ids);
END
$$;

-- Whether an issue that is not done blocks it.
CREATE FUNCTION is_blocked(issue uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM issue_links l JOIN issues b ON b.id = l.from_id
		WHERE l.to_id = issue AND l.type = 'blocks' AND b.deleted_at IS NULL AND b.status IN ('open', 'in_progress'));
END
$$;

CREATE FUNCTION array_minus(ids uuid[], others uuid[]) RETURNS uuid[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN ARRAY(SELECT x FROM unnest(ids) x WHERE x <> ALL(others));
END
$$;

-- Labels with some more and without others, each once and in a fixed order, so that equal sets are equal.
CREATE FUNCTION change_labels(ids uuid[], more uuid[], less uuid[]) RETURNS uuid[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN ARRAY(SELECT DISTINCT x FROM unnest(ids || more) x WHERE x <> ALL(less) ORDER BY x);
END
$$;

-- Keeps the counters of projects when issues go from one status to another: the n-th one is in projects[n]. Locks them
-- in the order of their ids. False: there were none.
CREATE FUNCTION count_moves(projects uuid[], befores issue_status[], afters issue_status[])
RETURNS boolean LANGUAGE plpgsql STRICT AS $$
BEGIN
	PERFORM FROM project_counters c WHERE c.project_id = ANY(projects) ORDER BY c.project_id FOR NO KEY UPDATE;
	UPDATE project_counters c SET open = c.open + m.open, in_progress = c.in_progress + m.in_progress,
		resolved = c.resolved + m.resolved, closed = c.closed + m.closed
	FROM (SELECT a.project, sum((a.after = 'open')::integer - (a.before = 'open')::integer) AS open,
			sum((a.after = 'in_progress')::integer - (a.before = 'in_progress')::integer) AS in_progress,
			sum((a.after = 'resolved')::integer - (a.before = 'resolved')::integer) AS resolved,
			sum((a.after = 'closed')::integer - (a.before = 'closed')::integer) AS closed
		FROM unnest(projects, befores, afters) AS a (project, before, after) GROUP BY a.project) m
	WHERE c.project_id = m.project;
	RETURN FOUND;
END
$$;
