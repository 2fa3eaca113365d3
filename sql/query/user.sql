-- People.

-- fragment: user_columns
u.id, u.email, u.name, u.handle, u.role, u.is_active, u.created_at, u.updated_at

-- name: user_by_id :read
-- args: id uuid
SELECT {{user_columns}} FROM users u WHERE u.id = :id

-- Whether :actor may still administer people; the gate's knowledge may be some milliseconds old. Nobody in
-- particular acts when people register, and on the command line.
-- fragment: actor_is_admin
(:actor::uuid IS NULL
OR EXISTS (SELECT FROM users a WHERE a.id = :actor::uuid AND a.role = 'admin' AND a.is_active))

-- Outcomes: ok, forbidden, email_taken.
-- name: user_create :write
-- args: by doer, event text, id uuid, email text, name text, role text, password_hash text
WITH u AS (
INSERT INTO users (id, email, name, role, password_hash)
SELECT :id, :email, :name, :role::user_role, :password_hash WHERE {{actor_is_admin}}
ON CONFLICT (email) DO NOTHING
RETURNING *
), event AS (
{{log_event}} SELECT :event::security_event_type, u.id, {{doer}}, jsonb_build_object('role', u.role) FROM u
)
SELECT CASE WHEN u.id IS NOT NULL THEN 'ok' WHEN {{actor_is_admin}} THEN 'email_taken' ELSE 'forbidden' END
AS _outcome, {{user_columns}}
FROM (SELECT 1) one LEFT JOIN u ON true

-- Locks a user, and with :admins all active admins, in one order. It comes before a change that must see what
-- others have done until then: who waits here goes on with a fresh view of the data.
-- name: user_lock :write
-- args: id uuid, admins bool
SELECT u.id AS _id FROM users u
WHERE u.id IN (SELECT :id::uuid UNION ALL
SELECT a.id FROM users a WHERE :admins AND a.role = 'admin' AND a.is_active)
ORDER BY u.id FOR UPDATE

-- Behind user_lock, in the same transaction. Whoever is deactivated loses all sessions and tokens. Outcomes: ok,
-- unchanged, not_found, forbidden, last_admin.
-- name: user_update :write
-- args: by doer, id uuid, name text?, role text?, is_active bool?
WITH t AS (
SELECT u.*, coalesce(:name, u.name) AS new_name, coalesce(:role::user_role, u.role) AS new_role,
coalesce(:is_active, u.is_active) AS new_active
FROM users u WHERE u.id = :id
), judged AS (
SELECT t.id, CASE
WHEN NOT {{actor_is_admin}} THEN 'forbidden'
WHEN t.role = 'admin' AND t.is_active AND NOT (t.new_role = 'admin' AND t.new_active)
AND NOT EXISTS (SELECT FROM users a WHERE a.role = 'admin' AND a.is_active AND a.id <> t.id) THEN 'last_admin'
WHEN (t.name, t.role, t.is_active) = (t.new_name, t.new_role, t.new_active) THEN 'unchanged'
ELSE 'ok' END AS outcome
FROM t
), changed AS (
UPDATE users q SET name = t.new_name, role = t.new_role, is_active = t.new_active, updated_at = clock_timestamp()
FROM t JOIN judged j ON j.outcome = 'ok' WHERE q.id = t.id
RETURNING q.*
), ended AS (
UPDATE sessions s SET revoked_at = now() FROM changed c
WHERE NOT c.is_active AND s.user_id = c.id AND s.revoked_at IS NULL
), dropped AS (
DELETE FROM tokens k USING changed c WHERE NOT c.is_active AND k.user_id = c.id
), event AS (
{{log_event}} SELECT e.type::security_event_type, c.id, {{doer}}, e.detail
FROM changed c JOIN t ON true CROSS JOIN LATERAL (VALUES
('role_changed', c.role <> t.role, jsonb_build_object('from', t.role, 'to', c.role)),
('user_deactivated', t.is_active AND NOT c.is_active, '{}'),
('user_activated', c.is_active AND NOT t.is_active, '{}')) AS e (type, happened, detail)
WHERE e.happened
), u AS (
SELECT c.* FROM changed c
UNION ALL SELECT o.* FROM users o JOIN judged j ON j.outcome = 'unchanged' AND o.id = j.id
)
SELECT coalesce(j.outcome, 'not_found') AS _outcome, {{user_columns}}
FROM (SELECT 1) one LEFT JOIN judged j ON true LEFT JOIN u ON true

-- One's own profile.
-- name: user_rename :write
-- args: id uuid, name text
UPDATE users AS u SET name = :name, updated_at = CASE WHEN u.name = :name THEN u.updated_at
ELSE clock_timestamp() END
WHERE u.id = :id AND u.is_active
RETURNING {{user_columns}}

-- Behind user_lock. Ends all sessions but the one that asks, which is none on the command line. A row, unless
-- the password was changed since :password_changed_at (NULL: whenever that was).
-- name: user_set_password :write
-- args: by doer, id uuid, password_changed_at timestamptz?, password_hash text
WITH u AS (
UPDATE users u SET password_hash = :password_hash, password_changed_at = clock_timestamp(),
updated_at = clock_timestamp()
WHERE u.id = :id AND u.password_changed_at = coalesce(:password_changed_at, u.password_changed_at)
RETURNING u.id
), ended AS (
UPDATE sessions s SET revoked_at = now() FROM u
WHERE s.user_id = u.id AND s.id IS DISTINCT FROM :session::uuid AND s.revoked_at IS NULL
), event AS (
{{log_event}} SELECT 'password_changed', u.id, {{doer}}, '{}' FROM u
)
SELECT u.id AS _id FROM u

-- name: user_list :slow
-- args: user_role text[], is_active bool, limit int8, offset int8
-- order: created_at | u.created_at | timestamptz | created_at
-- order: name | u.name | text | name
-- order: email | u.email | text | email
-- order: id | u.id | uuid | id
SELECT {{user_columns}} --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM users u WHERE true
AND u.role = ANY(:user_role::user_role[]) --? role
AND u.is_active = :is_active --? active
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count

-- A round trip, and no more.
-- name: ping :read
SELECT 1 AS _one
