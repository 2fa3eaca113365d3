-- Who watches issues.

-- The creator and the assignee of an issue watch it without a row. Who stopped watching stays as one who is `ignored`,
-- so that no comment makes a watcher again; only the person alone does.
CREATE TYPE watch_reason AS ENUM ('mentioned', 'commented', 'manual');
CREATE TABLE issue_watchers (
	issue_id uuid NOT NULL REFERENCES issues ON DELETE CASCADE,
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	reason watch_reason NOT NULL,
	ignored boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (issue_id, user_id)
);
CREATE INDEX issue_watchers_user_idx ON issue_watchers (user_id, issue_id);

-- Who comments, or is mentioned, watches from then on.
CREATE FUNCTION watch_commented() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO issue_watchers (issue_id, user_id, reason)
	SELECT c.issue_id, c.author_id, 'commented'::watch_reason FROM fresh c
	UNION SELECT c.issue_id, x, 'mentioned' FROM fresh c CROSS JOIN unnest(c.mentions) x WHERE x <> c.author_id
	ORDER BY 1, 2, 3
	ON CONFLICT DO NOTHING;
	RETURN NULL;
END
$$;
CREATE TRIGGER comments_watch AFTER INSERT ON comments
	REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION watch_commented();

-- So does whom a comment mentions only since it was edited.
CREATE FUNCTION watch_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO issue_watchers (issue_id, user_id, reason)
	SELECT NEW.issue_id, x, 'mentioned' FROM unnest(NEW.mentions) x WHERE x <> ALL(OLD.mentions) ORDER BY x
	ON CONFLICT DO NOTHING;
	RETURN NULL;
END
$$;
CREATE TRIGGER comments_watch_edited AFTER UPDATE OF mentions ON comments FOR EACH ROW
	WHEN (NEW.mentions <> OLD.mentions AND NEW.mentions <> '{}') EXECUTE FUNCTION watch_edited();

-- Who watches an issue: active people who may see it, each for the strongest reason.
CREATE FUNCTION people_watching(issue uuid) RETURNS TABLE (user_id uuid, name text, handle text, reason text)
LANGUAGE plpgsql STABLE ROWS 5 AS $$
BEGIN
	RETURN QUERY SELECT u.id, u.name, u.handle, w.reason
	FROM issues i JOIN projects p ON p.id = i.project_id CROSS JOIN LATERAL (
		SELECT DISTINCT ON (x.person) x.person, x.reason FROM (VALUES (1, i.creator_id, 'creator'), (2, i.assignee_id, 'assignee')
			UNION ALL SELECT 3, r.user_id, r.reason::text FROM issue_watchers r WHERE r.issue_id = i.id
		) AS x (place, person, reason) ORDER BY x.person, x.place) w
	JOIN users u ON u.id = w.person
	WHERE i.id = issue AND u.is_active
	AND NOT EXISTS (SELECT FROM issue_watchers r WHERE r.issue_id = i.id AND r.user_id = u.id AND r.ignored)
	AND (p.visibility = 'public' OR u.role = 'admin' OR member_role(p.id, u.id) IS NOT NULL);
END
$$;
