DROP TRIGGER comments_watch_edited ON comments;
DROP TRIGGER comments_watch ON comments;
DROP FUNCTION people_watching(uuid), watch_edited(), watch_commented();
DROP TABLE issue_watchers;
DROP TYPE watch_reason;
