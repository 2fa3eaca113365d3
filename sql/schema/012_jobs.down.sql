DROP TABLE import_external_ids, import_labels, import_people, import_projects, import_rows;
DROP FUNCTION job_holder(uuid), job_lock(uuid);
DROP TABLE job_errors, jobs;
DROP TYPE job_state, job_kind;
DROP TABLE issue_external_ids;
