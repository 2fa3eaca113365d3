-- Idempotency keys: sql/schema/014_idempotency.up.sql says what they are.

-- name: idempotency_find :read
-- args: owner uuid, key text
SELECT k.fingerprint AS _fingerprint, k.answer AS _answer FROM idempotency_keys k
WHERE k.owner = :owner AND k.key = :key AND k.created_at > now() - interval '24 hours'

-- Stands in front of the change, in its transaction.
-- name: idempotency_claim :write
-- args: owner uuid, key text
SELECT claim_idempotency_key(:owner, :key) AS _claimed

-- Stands behind it. What was there before is out of date.
-- name: idempotency_keep :write
-- args: owner uuid, key text, fingerprint bytea, answer bytea
INSERT INTO idempotency_keys (owner, key, fingerprint, answer) VALUES (:owner, :key, :fingerprint, :answer)
ON CONFLICT (owner, key) DO UPDATE
SET fingerprint = excluded.fingerprint, answer = excluded.answer, created_at = excluded.created_at
