DROP TRIGGER issues_forget_turns ON issues;
DROP TRIGGER issue_events_turns ON issue_events;
DROP FUNCTION forget_issue_turns, note_issue_turns, rebuild_issue_turns, hide_issue_turns, undo_issue_turns, count_created, count_turned,
	response_latencies, resolution_latencies, is_response, is_done;
DROP INDEX issues_report_idx, issues_unresolved_idx;
DROP TABLE issue_turns;
DROP FUNCTION slot_of, seconds_between;
DROP TYPE issue_turn_type;
