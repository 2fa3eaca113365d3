-- Imports: what issues are called elsewhere, jobs and how far they are, and what was wrong with the rows of a file.

-- How another system calls an issue. An issue that is there already is not imported again.
CREATE TABLE issue_external_ids (
	project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
	external_id text NOT NULL,
	issue_id uuid NOT NULL REFERENCES issues ON DELETE CASCADE,
	PRIMARY KEY (project_id, external_id),
	CONSTRAINT issue_external_ids_issue_key UNIQUE (issue_id)
);

CREATE TYPE job_kind AS ENUM ('import');
CREATE TYPE job_state AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');

-- Something that takes long. Whoever runs it holds an advisory lock (job_is_held) until the last state is committed, so
-- that a job whose server has gone is known by that.
CREATE TABLE jobs (
	id uuid PRIMARY KEY,
	kind job_kind NOT NULL,
	state job_state NOT NULL DEFAULT 'running',
	owner_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	progress integer NOT NULL DEFAULT 0, -- per cent
	rows_read integer NOT NULL DEFAULT 0,
	created_count integer NOT NULL DEFAULT 0,
	failed_count integer NOT NULL DEFAULT 0,
	skipped_count integer NOT NULL DEFAULT 0,
	columns text[] NOT NULL DEFAULT '{}', -- of the file, in its order
	error text,
	created_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	finished_at timestamptz
);
CREATE INDEX jobs_owner_idx ON jobs (owner_id, created_at, id);
CREATE INDEX jobs_created_at_idx ON jobs (created_at);

-- The rows that were not taken: why, and as they were.
CREATE TABLE job_errors (
	job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
	row_number integer NOT NULL,
	errors jsonb NOT NULL, -- [{"field", "code", "error", "value"}]
	cells json NOT NULL,   -- {"title": "…"}
	PRIMARY KEY (job_id, row_number)
);

-- The number of the lock that whoever runs the job holds.
CREATE FUNCTION job_lock(job uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
	SELECT hashtextextended(job::text, 12)
$$;

-- Who holds it: the number of a server process of PostgreSQL; NULL when nobody does.
CREATE FUNCTION job_holder(job uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE
	number bigint := job_lock(job);
BEGIN
	RETURN (SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
		AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
		AND l.classid::bigint = (number >> 32) & 4294967295 AND l.objid::bigint = number & 4294967295);
END
$$;

-- What an import makes temporary tables of the same names like: the rows of a file, and what they name.
CREATE TABLE import_rows (
	n integer NOT NULL, -- in the file; the head is row 1
	id uuid NOT NULL,
	event_id uuid NOT NULL,
	title text,
	description text,
	type text,
	status text,
	priority text,
	assignee text,
	labels text[],
	due_date text,
	project text,
	external_id text,
	errors text, -- JSON of those that are found without looking at other rows; NULL: none
	cells text   -- JSON of the cells of a row that has some
);
CREATE TABLE import_projects (
	given text PRIMARY KEY, -- as the rows name it; '' where they name none
	id uuid,
	key text,
	problem text
);
CREATE TABLE import_people (
	email text PRIMARY KEY, -- as given
	id uuid NOT NULL
);
CREATE TABLE import_labels (
	project_id uuid,
	names text[],
	ids uuid[] NOT NULL,
	unknown text, -- one of them that there is not
	PRIMARY KEY (project_id, names)
);
CREATE TABLE import_external_ids (
	project_id uuid,
	external_id text,
	first_n integer NOT NULL,
	issue_id uuid, -- it is there already
	PRIMARY KEY (project_id, external_id)
);
