-- What issues and their history refer to, looked up a statement at a time.
--
-- A foreign key is checked row by row, each time by a query of its own; five of them took a quarter of the time of an
-- import. Triggers on both sides promise the same: whoever writes references locks what they name, for all rows of a
-- statement by one query, and whoever deletes such a row looks for references when he has deleted it. One of the two
-- waits for the other, and who comes second sees what the first has committed.

ALTER TABLE issues DROP CONSTRAINT issues_project_id_fkey, DROP CONSTRAINT issues_creator_id_fkey,
	DROP CONSTRAINT issues_assignee_id_fkey;
ALTER TABLE issue_events DROP CONSTRAINT issue_events_issue_id_fkey, DROP CONSTRAINT issue_events_actor_id_fkey;

CREATE FUNCTION refuse_reference(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'reference "%" is violated', name USING ERRCODE = 'foreign_key_violation', CONSTRAINT = name;
END
$$;

-- ---- who writes references ----

-- One query, and no values from without, for which it would be planned anew each time.
CREATE FUNCTION issues_refer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	wrong text;
BEGIN
	SELECT min(CASE WHEN NOT EXISTS (SELECT FROM projects p WHERE p.id = m.project_id FOR KEY SHARE) THEN 'issues_project_id'
		WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = m.creator_id FOR KEY SHARE) THEN 'issues_user_id'
		WHEN m.assignee_id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = m.assignee_id FOR KEY SHARE)
			THEN 'issues_user_id' END)
	INTO wrong FROM made m;
	IF wrong IS NOT NULL THEN
		PERFORM refuse_reference(wrong);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER issues_refer AFTER INSERT ON issues REFERENCING NEW TABLE AS made
	FOR EACH STATEMENT EXECUTE FUNCTION issues_refer();

CREATE FUNCTION issue_refers_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM projects p WHERE p.id = NEW.project_id FOR KEY SHARE;
	IF NOT FOUND THEN
		PERFORM refuse_reference('issues_project_id');
	END IF;
	PERFORM FROM users u WHERE u.id = NEW.creator_id FOR KEY SHARE;
	IF NOT FOUND THEN
		PERFORM refuse_reference('issues_user_id');
	END IF;
	IF NEW.assignee_id IS NOT NULL THEN
		PERFORM FROM users u WHERE u.id = NEW.assignee_id FOR KEY SHARE;
		IF NOT FOUND THEN
			PERFORM refuse_reference('issues_user_id');
		END IF;
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER issues_refer_again AFTER UPDATE OF project_id, creator_id, assignee_id ON issues FOR EACH ROW
	WHEN (OLD.assignee_id IS DISTINCT FROM NEW.assignee_id OR OLD.creator_id <> NEW.creator_id OR OLD.project_id <> NEW.project_id)
	EXECUTE FUNCTION issue_refers_again();

-- An issue that this transaction has made or changed is nobody else's to delete; others are locked.
CREATE FUNCTION issue_events_refer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	wrong text;
BEGIN
	SELECT min(CASE WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = f.actor_id FOR KEY SHARE) THEN 'issue_events_actor_id'
		WHEN NOT EXISTS (SELECT FROM issues i WHERE i.id = f.issue_id AND i.xmin = pg_current_xact_id()::xid)
			AND NOT EXISTS (SELECT FROM issues i WHERE i.id = f.issue_id FOR KEY SHARE) THEN 'issue_events_issue_id' END)
	INTO wrong FROM fresh f;
	IF wrong IS NOT NULL THEN
		PERFORM refuse_reference(wrong);
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER issue_events_refer AFTER INSERT ON issue_events REFERENCING NEW TABLE AS fresh
	FOR EACH STATEMENT EXECUTE FUNCTION issue_events_refer();

-- ---- who deletes what is referred to ----

-- With an older snapshot, what was committed since would not be seen.
CREATE FUNCTION look_at_latest() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
		RAISE EXCEPTION 'rows that others refer to are deleted in READ COMMITTED only' USING ERRCODE = 'feature_not_supported';
	END IF;
END
$$;

CREATE FUNCTION projects_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM look_at_latest();
	IF EXISTS (SELECT FROM gone g JOIN issues i ON i.project_id = g.id) THEN
		PERFORM refuse_reference('issues_project_id');
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER projects_referred_to AFTER DELETE ON projects REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION projects_deleted();

CREATE FUNCTION users_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM look_at_latest();
	IF EXISTS (SELECT FROM gone g JOIN issues i ON i.creator_id = g.id) THEN
		PERFORM refuse_reference('issues_user_id');
	ELSIF EXISTS (SELECT FROM gone g JOIN issues i ON i.assignee_id = g.id) THEN
		PERFORM refuse_reference('issues_user_id');
	ELSIF EXISTS (SELECT FROM gone g JOIN issue_events e ON e.actor_id = g.id) THEN
		PERFORM refuse_reference('issue_events_actor_id');
	END IF;
	RETURN NULL;
END
$$;
CREATE TRIGGER users_referred_to AFTER DELETE ON users REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION users_deleted();

-- The history of an issue goes with it.
CREATE FUNCTION issues_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM look_at_latest();
	DELETE FROM issue_events e WHERE e.issue_id = ANY(ARRAY(SELECT g.id FROM gone g));
	RETURN NULL;
END
$$;
CREATE TRIGGER issues_referred_to AFTER DELETE ON issues REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION issues_deleted();

CREATE FUNCTION issues_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE issue_events;
	RETURN NULL;
END
$$;
CREATE TRIGGER issues_truncated AFTER TRUNCATE ON issues FOR EACH STATEMENT EXECUTE FUNCTION issues_truncated();

CREATE FUNCTION refuse_new_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'an id never changes' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER users_keep_id BEFORE UPDATE OF id ON users FOR EACH ROW
	WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION refuse_new_id();
CREATE TRIGGER projects_keep_id BEFORE UPDATE OF id ON projects FOR EACH ROW
	WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION refuse_new_id();
CREATE TRIGGER issues_keep_id BEFORE UPDATE OF id ON issues FOR EACH ROW
	WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION refuse_new_id();
