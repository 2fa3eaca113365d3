-- Imports: what they know issues by elsewhere, and how far they are.

-- How another system calls an issue. An issue that is there already is not imported again.
CREATE TABLE issue_external_ids (
	project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
	external_id text NOT NULL,
	issue_id uuid NOT NULL REFERENCES issues ON DELETE CASCADE,
	PRIMARY KEY (project_id, external_id),
	CONSTRAINT issue_external_ids_issue_key UNIQUE (issue_id)
);
