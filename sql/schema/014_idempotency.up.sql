-- Answers to POST requests with an Idempotency-Key, to be given again. `owner` is who asked; of a request without
-- a token, what was asked. `fingerprint` is the SHA-256 of the request, `answer` is sealed: it may hold secrets.
CREATE TABLE idempotency_keys (
	owner uuid NOT NULL,
	key text NOT NULL,
	fingerprint bytea NOT NULL,
	answer bytea NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

-- Makes sure that nobody else acts for the key, now or before: else the transaction fails, with BUGD1 when another
-- request is at it, and BUGD2 when one has just been answered.
CREATE FUNCTION claim_idempotency_key(whose uuid, wanted text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended(whose::text || wanted, 7)) THEN
		RAISE EXCEPTION 'a request with this key is under way' USING ERRCODE = 'BUGD1';
	END IF;
	IF EXISTS (SELECT FROM idempotency_keys k WHERE k.owner = whose AND k.key = wanted
		AND k.created_at > now() - interval '24 hours') THEN
		RAISE EXCEPTION 'a request with this key was answered' USING ERRCODE = 'BUGD2';
	END IF;
END
$$;
