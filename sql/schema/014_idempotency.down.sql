DROP FUNCTION claim_idempotency_key(uuid, text);
DROP TABLE idempotency_keys;
