DROP INDEX issues_created_at_idx, issues_updated_at_idx, issues_due_date_idx, issues_priority_idx,
	issues_status_idx, issues_type_idx, issues_project_idx, issues_assignee_idx, issues_creator_idx,
	issues_parent_idx, issues_deleted_idx, issues_deleted_id_idx;
