-- People, projects, issues, their workflow and their history.

CREATE TYPE user_role AS ENUM ('reporter', 'developer', 'manager', 'admin');
CREATE TYPE project_status AS ENUM ('planning', 'active', 'on_hold', 'completed', 'archived');
CREATE TYPE project_visibility AS ENUM ('public', 'private');
CREATE TYPE issue_type AS ENUM ('bug', 'feature', 'improvement', 'task', 'epic');
CREATE TYPE issue_status AS ENUM ('open', 'in_progress', 'resolved', 'closed');
CREATE TYPE issue_priority AS ENUM ('low', 'medium', 'high', 'critical');
CREATE TYPE issue_event_type AS ENUM ('created', 'updated', 'status_changed', 'assigned', 'labeled',
	'commented', 'attached', 'deleted', 'restored');

CREATE TABLE users (
	id uuid PRIMARY KEY,
	email text NOT NULL CHECK (email = lower(email)),
	name text NOT NULL,
	role user_role NOT NULL DEFAULT 'reporter',
	is_active boolean NOT NULL DEFAULT true,
	password_hash text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT users_email_key UNIQUE (email)
);
CREATE INDEX users_created_at_idx ON users (created_at, id);
CREATE INDEX users_name_idx ON users (name, id);
CREATE INDEX users_role_idx ON users (role, created_at, id);

-- Every process remembers who may do what; a change is announced to all of them.
CREATE FUNCTION announce_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('bugd_user', OLD.id::text);
	RETURN NULL;
END
$$;
CREATE TRIGGER users_announce AFTER UPDATE OF role, is_active OR DELETE ON users
	FOR EACH ROW EXECUTE FUNCTION announce_user();

-- A person is deactivated and never goes. So who made an issue, or an entry of a history, needs no foreign key: it is the
-- caller, or was looked up by the statement, and the check would take a tenth of the time of an import.
CREATE FUNCTION people_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'people are not deleted, as the history names them'
		USING ERRCODE = 'restrict_violation', HINT = 'Deactivate them: bugd user deactivate.';
END
$$;
CREATE TRIGGER users_stay BEFORE UPDATE OF id OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION people_stay();
CREATE TRIGGER users_stay_all BEFORE TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION people_stay();

CREATE TABLE projects (
	id uuid PRIMARY KEY,
	key text NOT NULL CHECK (key ~ '^[A-Z][A-Z0-9]{1,9}$'),
	name text NOT NULL,
	description text NOT NULL DEFAULT '',
	status project_status NOT NULL DEFAULT 'planning',
	visibility project_visibility NOT NULL DEFAULT 'public',
	owner_id uuid NOT NULL REFERENCES users,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	deleted_at timestamptz,
	CONSTRAINT projects_key_key UNIQUE (key)
);
CREATE UNIQUE INDEX projects_name_key ON projects (lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX projects_created_at_idx ON projects (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_updated_at_idx ON projects (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_name_idx ON projects (name, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_status_idx ON projects (status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX projects_owner_idx ON projects (owner_id, created_at, id) WHERE deleted_at IS NULL;

-- A role in one project counts above the one in users.role there. The owner is a member.
CREATE TABLE project_members (
	project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	role user_role NOT NULL CHECK (role <> 'admin'),
	added_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (project_id, user_id)
);
CREATE INDEX project_members_user_idx ON project_members (user_id, project_id);

-- What changes with every issue is apart from the project, whose row is read all the time: the next number,
-- and how many issues that are not deleted have each status. The free space keeps updates on the page.
CREATE TABLE project_counters (
	project_id uuid PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
	last_number integer NOT NULL DEFAULT 0,
	open integer NOT NULL DEFAULT 0,
	in_progress integer NOT NULL DEFAULT 0,
	resolved integer NOT NULL DEFAULT 0,
	closed integer NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE workflow_transitions (
	from_status issue_status NOT NULL,
	to_status issue_status NOT NULL,
	PRIMARY KEY (from_status, to_status)
);
INSERT INTO workflow_transitions VALUES
	('open', 'in_progress'), ('in_progress', 'resolved'), ('resolved', 'closed'),
	('open', 'resolved'), ('open', 'closed'), ('in_progress', 'open'),
	('resolved', 'open'), ('closed', 'open'), ('resolved', 'in_progress');

CREATE TABLE labels (
	id uuid PRIMARY KEY,
	project_id uuid REFERENCES projects ON DELETE CASCADE,
	name text NOT NULL,
	color text NOT NULL CHECK (color ~ '^#[0-9a-f]{6}$'),
	description text NOT NULL DEFAULT '',
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX labels_name_key
	ON labels (coalesce(project_id, '00000000-0000-0000-0000-000000000000'), lower(name));

CREATE TABLE issues (
	id uuid PRIMARY KEY,
	project_id uuid NOT NULL REFERENCES projects,
	number integer NOT NULL,
	key text NOT NULL, -- the project's key and the number, neither of which ever changes
	title text NOT NULL,
	description text NOT NULL DEFAULT '',
	type issue_type NOT NULL DEFAULT 'bug',
	status issue_status NOT NULL DEFAULT 'open',
	priority issue_priority NOT NULL DEFAULT 'medium',
	creator_id uuid NOT NULL, -- of users: see people_stay
	assignee_id uuid REFERENCES users,
	parent_id uuid REFERENCES issues,
	due_date date,
	label_ids uuid[] NOT NULL DEFAULT '{}',
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	resolved_at timestamptz,
	closed_at timestamptz,
	deleted_at timestamptz,
	CONSTRAINT issues_key_key UNIQUE (key)
) WITH (fillfactor = 85);

-- An append-only history. `changes` holds {"field": {"from": …, "to": …}}; the sum of an issue's events is its
-- row. `version` is that of the issue after the change.
CREATE TABLE issue_events (
	id uuid PRIMARY KEY,
	issue_id uuid NOT NULL REFERENCES issues ON DELETE CASCADE,
	type issue_event_type NOT NULL,
	actor_id uuid NOT NULL, -- of users: see people_stay
	at timestamptz NOT NULL,
	version integer NOT NULL,
	changes jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX issue_events_issue_idx ON issue_events (issue_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the history is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER issue_events_append_only BEFORE UPDATE ON issue_events
	FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The role of a member; NULL for those who are none. See sql/query/access.sql for why it is a function.
CREATE FUNCTION member_role(project uuid, member uuid) RETURNS user_role LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT m.role FROM project_members m WHERE m.project_id = project AND m.user_id = member);
END
$$;

-- Whether the issue is the other one or lies below it, for one who makes it a parent. Such changes of a project
-- wait for each other, else two of them could make a circle together. As the function is volatile, what it looks
-- at after the wait includes what was committed meanwhile.
CREATE FUNCTION is_below(issue uuid, other uuid, project uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM project_counters c WHERE c.project_id = project FOR NO KEY UPDATE;
	RETURN EXISTS (
		WITH RECURSIVE above (id, parent_id) AS (
			SELECT i.id, i.parent_id FROM issues i WHERE i.id = issue
			UNION SELECT i.id, i.parent_id FROM issues i JOIN above a ON i.id = a.parent_id
		) SELECT FROM above a WHERE a.id = other);
END
$$;

-- The labels of an issue as they are shown, by name.
CREATE FUNCTION issue_labels(ids uuid[]) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(json_agg(json_build_object('id', l.id, 'name', l.name, 'color', l.color)
		ORDER BY lower(l.name)), '[]') FROM labels l WHERE l.id = ANY(ids));
END
$$;
