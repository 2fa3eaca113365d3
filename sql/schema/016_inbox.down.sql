DROP TRIGGER comments_notify_edited ON comments;
DROP TRIGGER issue_events_notify ON issue_events;
DROP FUNCTION purge_notifications(interval, integer), notify_mentioned(), notify_people(), mentions_of(uuid);
ALTER TABLE users DROP COLUMN muted;
DROP TABLE notifications;
DROP TYPE notification_reason;
