DROP FUNCTION is_transition(issue_status, issue_status), is_active_user(uuid), is_issue_of(uuid, uuid),
	is_milestone_of(uuid, uuid), are_labels_of(uuid[], uuid), is_blocked(uuid), array_minus(uuid[], uuid[]),
	change_labels(uuid[], uuid[], uuid[]), count_moves(uuid[], issue_status[], issue_status[]);
