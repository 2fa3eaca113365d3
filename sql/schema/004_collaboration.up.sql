-- What people do together on issues: milestones, comments, and links between issues.

-- What a project wants to have done by a day.
CREATE TABLE milestones (
	id uuid PRIMARY KEY,
	project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
	name text NOT NULL,
	description text NOT NULL DEFAULT '',
	due_date date,
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	closed_at timestamptz
);
CREATE UNIQUE INDEX milestones_name_key ON milestones (project_id, lower(name));

ALTER TABLE issues
	ADD COLUMN milestone_id uuid REFERENCES milestones,
	-- Comments that are not deleted. Not part of the version: who comments does not change the issue.
	ADD COLUMN comment_count integer NOT NULL DEFAULT 0;
CREATE INDEX issues_milestone_idx ON issues (milestone_id, created_at, id) WHERE milestone_id IS NOT NULL;

-- A thread is made by `parent_id`, which is of the same issue. A deleted comment that has replies stays, without
-- its content. `mentions` are the people that the content names.
CREATE TABLE comments (
	id uuid PRIMARY KEY,
	issue_id uuid NOT NULL REFERENCES issues ON DELETE CASCADE,
	parent_id uuid REFERENCES comments,
	author_id uuid NOT NULL REFERENCES users,
	content text NOT NULL,
	mentions uuid[] NOT NULL DEFAULT '{}',
	version integer NOT NULL DEFAULT 1,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	deleted_at timestamptz
);
CREATE INDEX comments_issue_idx ON comments (issue_id, created_at, id);
CREATE INDEX comments_parent_idx ON comments (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX comments_author_idx ON comments (author_id, created_at);

-- "from blocks to". `relates_to` has no direction: the smaller id is `from_id`.
CREATE TYPE link_type AS ENUM ('blocks', 'relates_to', 'duplicates');
CREATE TABLE issue_links (
	id uuid PRIMARY KEY,
	type link_type NOT NULL,
	from_id uuid NOT NULL REFERENCES issues ON DELETE CASCADE,
	to_id uuid NOT NULL REFERENCES issues ON DELETE CASCADE,
	creator_id uuid NOT NULL REFERENCES users,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT issue_links_key UNIQUE (from_id, to_id, type),
	CHECK (from_id <> to_id),
	CHECK (type <> 'relates_to' OR from_id < to_id)
);
CREATE INDEX issue_links_to_idx ON issue_links (to_id, type);
