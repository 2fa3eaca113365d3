DROP FUNCTION member_role(uuid, uuid), is_below(uuid, uuid, uuid);
DROP TABLE issue_events, issues, labels, workflow_transitions, project_counters, project_members, projects, users;
DROP FUNCTION announce_user(), people_stay(), refuse_change(), issue_labels(uuid[]);
DROP TYPE issue_event_type, issue_priority, issue_status, issue_type, project_visibility, project_status, user_role;
