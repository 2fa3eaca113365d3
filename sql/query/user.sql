-- People.

-- fragment: user_columns
u.id, u.email, u.name, u.role, u.is_active, u.created_at, u.updated_at

-- What is remembered of who calls.
-- name: user_state :read
-- args: id uuid
SELECT u.role, u.is_active FROM users u WHERE u.id = :id

-- name: user_by_id :read
-- args: id uuid
SELECT {{user_columns}} FROM users u WHERE u.id = :id

-- name: user_for_login :read
-- args: email text
SELECT u.id AS _id, u.password_hash AS _password_hash, u.is_active AS _is_active
FROM users u WHERE u.email = :email

-- No row when the e-mail is taken.
-- name: user_register :write
-- args: id uuid, email text, name text, role text, password_hash text
INSERT INTO users AS u (id, email, name, role, password_hash)
VALUES (:id, :email, :name, :role::user_role, :password_hash)
ON CONFLICT (email) DO NOTHING
RETURNING {{user_columns}}

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
