-- Sessions, personal access tokens, the pauses after wrong passwords, and the log of security events.

-- An id of version 7 (RFC 9562), with the microseconds where the version allows them, for rows that are made
-- inside a statement.
CREATE FUNCTION make_uuid_v7() RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	us bigint := extract(epoch FROM clock_timestamp()) * 1000000;
BEGIN
	RETURN encode(substring(int8send(us / 1000) FROM 3)
		|| int2send((28672 + us % 1000 * 4096 / 1000)::smallint)
		|| substring(uuid_send(gen_random_uuid()) FROM 9), 'hex')::uuid;
END
$$;

-- Tells a password that was changed from one that was only hashed anew.
ALTER TABLE users ADD COLUMN password_changed_at timestamptz NOT NULL DEFAULT now();

-- A sign-in, until it is ended or not refreshed for too long. `origin` is the network that it came from: an
-- IPv4 address, or the first half of an IPv6 address.
CREATE TABLE sessions (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	created_at timestamptz NOT NULL DEFAULT now(),
	last_used_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	revoked_at timestamptz,
	user_agent text NOT NULL,
	address text NOT NULL,
	origin text NOT NULL
);
CREATE INDEX sessions_created_at_idx ON sessions (user_id, created_at, id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_last_used_at_idx ON sessions (user_id, last_used_at, id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_origin_idx ON sessions (user_id, origin);

-- The refresh tokens of a session, by their SHA-256. Those that were used stay, to be recognised.
CREATE TABLE refresh_tokens (
	hash bytea PRIMARY KEY,
	session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
	issued_at timestamptz NOT NULL DEFAULT now(),
	used_at timestamptz
);
CREATE INDEX refresh_tokens_session_idx ON refresh_tokens (session_id, used_at);

-- Personal access tokens, by their SHA-256. `project_ids` limits a token to these projects; NULL does not.
CREATE TABLE tokens (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	hash bytea NOT NULL,
	name text NOT NULL,
	scopes text[] NOT NULL,
	project_ids uuid[] CHECK (project_ids <> '{}'),
	expires_at timestamptz,
	last_used_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT tokens_hash_key UNIQUE (hash)
);
CREATE INDEX tokens_created_at_idx ON tokens (user_id, created_at, id);
CREATE INDEX tokens_name_idx ON tokens (user_id, name, id);

-- Every process remembers who a session or a token stands for; the end of one is announced to all of them.
CREATE FUNCTION announce_credential() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('bugd_credential', OLD.id::text);
	RETURN NULL;
END
$$;
CREATE TRIGGER sessions_announce_end AFTER UPDATE OF revoked_at ON sessions FOR EACH ROW
	WHEN (OLD.revoked_at IS DISTINCT FROM NEW.revoked_at) EXECUTE FUNCTION announce_credential();
CREATE TRIGGER sessions_announce_deletion AFTER DELETE ON sessions FOR EACH ROW
	WHEN (OLD.revoked_at IS NULL) EXECUTE FUNCTION announce_credential();
CREATE TRIGGER tokens_announce AFTER DELETE ON tokens
	FOR EACH ROW EXECUTE FUNCTION announce_credential();

-- Wrong passwords, counted for an account, for an origin, and for an account from its usual origin. The keys
-- are keyed hashes: what people type as their e-mail is now and then their password. A crash of PostgreSQL
-- forgets the counts (UNLOGGED), and so counting costs no flush to disk.
CREATE UNLOGGED TABLE login_throttle (
	key bytea PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('account', 'origin', 'usual')),
	failures integer NOT NULL,
	last_at timestamptz NOT NULL,
	next_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX login_throttle_last_at_idx ON login_throttle (last_at);

-- How long the next guess has to wait after so many failures: from the fifth on 1 s, 2 s, 4 s, up to a quarter
-- of an hour; an origin stands for many people, so it has more of them free.
CREATE FUNCTION guess_pause(kind text, failures integer) RETURNS interval LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	beyond integer := failures - CASE kind WHEN 'origin' THEN 30 ELSE 5 END;
BEGIN
	RETURN CASE WHEN beyond < 0 THEN interval '0'
		ELSE least(interval '15 minutes', interval '1 second' * 2 ^ least(beyond, 10)) END;
END
$$;

CREATE TYPE security_event_type AS ENUM ('login', 'login_failed', 'logout', 'session_ended', 'refresh_reused',
	'password_changed', 'user_registered', 'user_created', 'role_changed', 'user_deactivated', 'user_activated',
	'member_set', 'member_removed', 'token_created', 'token_deleted');

-- Append-only, and without references, so that it outlives what it speaks of. `user_id` is whom it concerns,
-- `actor_id` who did it (nobody is known before a login, and on the command line), `session_id` the session or
-- token that was used.
CREATE TABLE security_events (
	id uuid PRIMARY KEY DEFAULT make_uuid_v7(),
	type security_event_type NOT NULL,
	user_id uuid,
	actor_id uuid,
	session_id uuid,
	address text NOT NULL,
	user_agent text NOT NULL,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX security_events_at_idx ON security_events (at, id);
CREATE INDEX security_events_type_idx ON security_events (type, at, id);
CREATE INDEX security_events_user_idx ON security_events (user_id, at, id);
CREATE INDEX security_events_actor_idx ON security_events (actor_id, at, id);
CREATE INDEX security_events_address_idx ON security_events (address, at, id);
CREATE TRIGGER security_events_append_only BEFORE UPDATE OR DELETE ON security_events
	FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER security_events_whole BEFORE TRUNCATE ON security_events
	FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The members of a project, in the orders that their list offers.
CREATE INDEX project_members_added_idx ON project_members (project_id, added_at, user_id);
CREATE INDEX project_members_role_idx ON project_members (project_id, role, user_id);
