-- An index for every filter and every sort that the list of issues offers. Sorts are made total by the id.

CREATE INDEX issues_created_at_idx ON issues (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_updated_at_idx ON issues (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_due_date_idx ON issues ((coalesce(due_date, 'infinity'::date)), id) WHERE deleted_at IS NULL;
CREATE INDEX issues_priority_idx ON issues (priority, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_status_idx ON issues (status, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_type_idx ON issues (type, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_project_idx ON issues (project_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_assignee_idx ON issues (assignee_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_creator_idx ON issues (creator_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX issues_parent_idx ON issues (parent_id, created_at, id) WHERE parent_id IS NOT NULL;
CREATE INDEX issues_deleted_idx ON issues (deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX issues_deleted_id_idx ON issues (id) WHERE deleted_at IS NOT NULL;
