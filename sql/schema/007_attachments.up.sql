-- Files that belong to issues. Their content is in UPLOAD_DIR, under the row's id (include/io/store.h).

CREATE TABLE attachments (
	id uuid PRIMARY KEY,
	issue_id uuid NOT NULL REFERENCES issues ON DELETE CASCADE,
	project_id uuid NOT NULL REFERENCES projects, -- the issue's, which never changes
	uploader_id uuid NOT NULL REFERENCES users,
	filename text NOT NULL,
	content_type text NOT NULL,
	size bigint NOT NULL CHECK (size > 0),
	sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attachments_issue_idx ON attachments (issue_id, created_at, id);

-- How much room the attachments of a project take. Added to by the statement that adds one, which looks at the quota;
-- taken from by whatever removes them.
CREATE TABLE project_storage (
	project_id uuid PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
	bytes bigint NOT NULL
);
CREATE FUNCTION give_storage_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE project_storage s SET bytes = s.bytes - g.bytes
	FROM (SELECT project_id, sum(size)::bigint AS bytes FROM gone GROUP BY project_id) g
	WHERE s.project_id = g.project_id;
	RETURN NULL;
END
$$;
CREATE TRIGGER attachments_gone AFTER DELETE ON attachments
	REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION give_storage_back();

-- Whose UPLOAD_DIR it is: the folder holds the same id. And which process looks after it, until when.
CREATE TABLE attachment_store (
	only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
	id uuid NOT NULL,
	swept_by uuid,
	swept_until timestamptz
);
