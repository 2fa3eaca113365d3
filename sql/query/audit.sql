-- The log of security events.

-- name: audit_list :slow
-- args: one_type text, type text[], user_id uuid, actor_id uuid, address text, after timestamptz, before timestamptz
-- args: limit int8, offset int8
-- order: at | e.at | timestamptz | at
-- order: id | e.id | uuid | id
SELECT e.id, e.type, e.user_id, e.actor_id, e.session_id, e.address, e.user_agent, e.at, e.detail --? rows
SELECT count(*) AS _total FROM (SELECT 1 --? count
FROM security_events e WHERE true
AND e.type = :one_type::security_event_type --? one_type
AND e.type = ANY(:type::security_event_type[]) --? type
AND e.user_id = :user_id --? user
AND e.actor_id = :actor_id --? actor
AND e.address = :address --? address
AND e.at > :after --? after
AND e.at < :before --? before
--@ after
--@ order
LIMIT :limit
OFFSET :offset --? offset
) counted --? count
