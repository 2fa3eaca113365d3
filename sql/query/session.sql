-- Sessions: signing in, refreshing, ending.

-- Before a password is verified: whose it may be, and whether a guess is allowed now (_wait: seconds until it
-- is). Who signs in from where this account did before is counted apart, so that others who guess cannot lock
-- people out. A count that has reached its pauses allows one guess at a time: a guess claims its turn here, as
-- if it had failed already. The user is named by e-mail, or by id when the password is to be changed.
-- name: guess_begin :write
-- args: id uuid?, email text?, origin text, account_key bytea, origin_key bytea?, usual_key bytea
WITH who AS (
SELECT u.id, u.password_hash, u.password_changed_at, u.is_active,
EXISTS (SELECT FROM sessions s WHERE s.user_id = u.id AND s.origin = :origin) AS usual
FROM users u WHERE u.id = coalesce(:id, (SELECT e.id FROM users e WHERE e.email = :email))
), slowed AS (
SELECT t.key, t.kind, t.failures, t.next_at FROM login_throttle t
WHERE t.key = ANY(CASE WHEN EXISTS (SELECT FROM who WHERE usual) THEN ARRAY[:usual_key]
ELSE ARRAY[:account_key, :origin_key] END)
AND t.last_at > now() - interval '1 day' AND guess_pause(t.kind, t.failures) > interval '0'
ORDER BY t.key FOR UPDATE
), verdict AS (
SELECT max(s.next_at) AS until FROM slowed s WHERE s.next_at > now()
), claimed AS (
UPDATE login_throttle t SET next_at = now() + guess_pause(t.kind, t.failures + 1)
FROM slowed s, verdict v WHERE t.key = s.key AND v.until IS NULL
)
SELECT ceil(extract(epoch FROM v.until - now()))::integer AS _wait, w.id AS _id,
w.password_hash AS _password_hash, w.password_changed_at AS _password_changed_at,
w.is_active AS _is_active, coalesce(w.usual, false) AS _usual
FROM verdict v LEFT JOIN who w ON true

-- A wrong password. Keys that are NULL do not count. What nobody touched for a day is swept out by the way.
-- name: guess_failed :write
-- args: by doer, user_id uuid?, account_key bytea?, origin_key bytea?, usual_key bytea?
WITH counted AS (
INSERT INTO login_throttle AS t (key, kind, failures, last_at, next_at)
SELECT k.key, k.kind, 1, now(), now()
FROM (VALUES (:account_key, 'account'), (:origin_key, 'origin'), (:usual_key, 'usual')) AS k (key, kind)
WHERE k.key IS NOT NULL ORDER BY k.key
ON CONFLICT (key) DO UPDATE SET last_at = now(),
failures = CASE WHEN t.last_at > now() - interval '1 day' THEN t.failures + 1 ELSE 1 END,
next_at = now() + CASE WHEN t.last_at > now() - interval '1 day' THEN guess_pause(t.kind, t.failures + 1)
ELSE interval '0' END
), swept AS (
DELETE FROM login_throttle t WHERE t.key IN (SELECT o.key FROM login_throttle o
WHERE o.last_at < now() - interval '1 day' AND o.key IS DISTINCT FROM :account_key
AND o.key IS DISTINCT FROM :origin_key AND o.key IS DISTINCT FROM :usual_key
ORDER BY o.last_at LIMIT 10 FOR UPDATE SKIP LOCKED)
)
{{log_event}} VALUES ('login_failed', :user_id, {{doer}}, '{}')

-- A right password: the session begins, unless the user was deactivated or the password changed while it was
-- verified (then there is no row; user_lock keeps either from happening in between).
-- name: session_begin :write
-- args: by doer, id uuid, user_id uuid, password_changed_at timestamptz, refresh_hash bytea, origin text
-- args: expires_at timestamptz, usual_key bytea, new_hash text?
WITH u AS (
SELECT u.id FROM users u
WHERE u.id = :user_id AND u.is_active AND u.password_changed_at = :password_changed_at
FOR KEY SHARE
), s AS (
INSERT INTO sessions (id, user_id, expires_at, user_agent, address, origin)
SELECT :id, u.id, :expires_at, :agent, :address, :origin FROM u
RETURNING id, user_id
), r AS (
INSERT INTO refresh_tokens (hash, session_id) SELECT :refresh_hash, s.id FROM s
), forgiven AS (
DELETE FROM login_throttle t USING s WHERE t.key = :usual_key
), hashed_anew AS (
UPDATE users q SET password_hash = :new_hash FROM u WHERE q.id = u.id AND :new_hash IS NOT NULL
), swept AS (
DELETE FROM sessions o WHERE o.id IN (SELECT x.id FROM sessions x
WHERE x.user_id = :user_id AND least(x.expires_at, x.revoked_at) < now() - interval '30 days'
LIMIT 20 FOR UPDATE SKIP LOCKED)
), event AS (
{{log_event}} SELECT 'login', s.user_id, s.user_id, s.id, :address, :agent,
jsonb_build_object('hashed_anew', :new_hash IS NOT NULL) FROM s
)
SELECT s.id AS _id FROM s

-- Changes a refresh token for a new one. A token that was used before ends its session: somebody has a copy.
-- No row: there is no such token, or its session is over.
-- name: session_refresh :write
-- args: by doer, hash bytea, fresh_hash bytea, origin text, expires_at timestamptz
WITH live AS (
SELECT s.id, s.user_id FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
JOIN users u ON u.id = s.user_id
WHERE t.hash = :hash AND s.revoked_at IS NULL AND s.expires_at > now() AND u.is_active
FOR UPDATE OF s
), used AS (
UPDATE refresh_tokens t SET used_at = now() FROM live WHERE t.hash = :hash AND t.used_at IS NULL
RETURNING t.session_id
), fresh AS (
INSERT INTO refresh_tokens (hash, session_id) SELECT :fresh_hash, used.session_id FROM used
), extended AS (
UPDATE sessions s SET last_used_at = now(), expires_at = :expires_at, user_agent = :agent,
address = :address, origin = :origin FROM used WHERE s.id = used.session_id
), ended AS (
UPDATE sessions s SET revoked_at = now() FROM live
WHERE s.id = live.id AND NOT EXISTS (SELECT FROM used)
), swept AS (
DELETE FROM refresh_tokens t USING used
WHERE t.session_id = used.session_id AND t.used_at < now() - interval '30 days'
), event AS (
{{log_event}} SELECT 'refresh_reused', live.user_id, :actor::uuid, coalesce(:session::uuid, live.id), :address,
:agent, '{}' FROM live WHERE NOT EXISTS (SELECT FROM used)
)
SELECT EXISTS (SELECT FROM used) AS _ok, live.id AS _id, live.user_id AS _user_id FROM live

-- What is remembered of a session. No row: it is over, or its user may not sign in.
-- name: session_state :read
-- args: id uuid, user_id uuid
SELECT u.role, s.expires_at FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.id = :id AND s.user_id = :user_id AND s.revoked_at IS NULL AND s.expires_at > now() AND u.is_active

-- name: session_list :slow
-- args: viewer uuid, current uuid, limit int8, offset int8
-- order: created_at | s.created_at | timestamptz | created_at
-- order: last_used_at | s.last_used_at | timestamptz | last_used_at
-- order: id | s.id | uuid | id
SELECT s.id, s.user_agent, s.address, s.id = :current AS current, s.created_at, s.last_used_at, s.expires_at --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM sessions s
WHERE s.user_id = :viewer AND s.revoked_at IS NULL AND s.expires_at > now()
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- Ends one of one's own sessions: a row, if there was such a one.
-- name: session_end :write
-- args: by doer, id uuid, event text
WITH s AS (
UPDATE sessions s SET revoked_at = now()
WHERE s.id = :id AND s.user_id = :actor AND s.revoked_at IS NULL AND s.expires_at > now()
RETURNING s.id, s.user_id
), event AS (
{{log_event}} SELECT :event::security_event_type, s.user_id, {{doer}},
jsonb_build_object('ended_session_id', s.id) FROM s
)
SELECT s.id AS _id FROM s

-- Ends all of one's own sessions but the one that asks.
-- name: session_end_others :write
-- args: by doer
WITH s AS (
UPDATE sessions s SET revoked_at = now()
WHERE s.user_id = :actor AND s.id IS DISTINCT FROM :session::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
RETURNING s.id, s.user_id
), event AS (
{{log_event}} SELECT 'session_ended', s.user_id, {{doer}},
jsonb_build_object('ended_session_id', s.id) FROM s
)
SELECT count(*) AS _count FROM s
