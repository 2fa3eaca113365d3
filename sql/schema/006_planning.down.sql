DROP TABLE saved_filters;
DROP FUNCTION issue_progress(uuid);
DROP FUNCTION closes_link_cycle(link_type, uuid, uuid), link_as_seen(link_type, boolean);
DROP FUNCTION milestone_progress(uuid);
DROP INDEX issues_progress_idx;
DROP INDEX milestones_project_idx, milestones_due_date_idx, milestones_project_name_idx;
DROP FUNCTION has_labels(uuid[], text[]), labels_named(text[]);
DROP INDEX issues_label_idx, labels_created_at_idx, labels_name_idx, labels_project_idx;
