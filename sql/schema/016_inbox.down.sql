DROP TRIGGER comments_notify_edited ON comments;
DROP TRIGGER issue_events_notify ON issue_events;
DROP FUNCTION purge_notifications(interval, integer), notify_mentioned(), tell_of_due(), notify_people(),
	tell_people(issue_events[]), concerns_people(issue_event_type, jsonb), mentions_of(uuid);
ALTER TABLE users DROP COLUMN muted;
DROP TABLE notices_due, notifications;
DROP TYPE notification_reason;
