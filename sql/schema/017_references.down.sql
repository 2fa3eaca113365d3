DROP TRIGGER issues_keep_id ON issues;
DROP TRIGGER projects_keep_id ON projects;
DROP TRIGGER users_keep_id ON users;
DROP TRIGGER issues_truncated ON issues;
DROP TRIGGER issues_referred_to ON issues;
DROP TRIGGER users_referred_to ON users;
DROP TRIGGER projects_referred_to ON projects;
DROP TRIGGER issue_events_refer ON issue_events;
DROP TRIGGER issues_refer_again ON issues;
DROP TRIGGER issues_refer ON issues;
DROP FUNCTION refuse_new_id, issues_truncated, issues_deleted, users_deleted, projects_deleted, look_at_latest,
	issue_events_refer, issue_refers_again, issues_refer, refuse_reference;
ALTER TABLE issue_events ADD CONSTRAINT issue_events_issue_id_fkey FOREIGN KEY (issue_id) REFERENCES issues ON DELETE CASCADE,
	ADD CONSTRAINT issue_events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES users;
ALTER TABLE issues ADD CONSTRAINT issues_project_id_fkey FOREIGN KEY (project_id) REFERENCES projects,
	ADD CONSTRAINT issues_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES users,
	ADD CONSTRAINT issues_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES users;
