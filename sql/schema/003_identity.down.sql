DROP INDEX project_members_added_idx, project_members_role_idx;
DROP TABLE security_events, login_throttle, tokens, refresh_tokens, sessions;
DROP FUNCTION announce_credential(), guess_pause(text, integer), make_uuid_v7();
DROP TYPE security_event_type;
ALTER TABLE users DROP COLUMN password_changed_at;
