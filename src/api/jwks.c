/* The public keys of access tokens (RFC 7517, RFC 8037); none when they are signed by a secret. */
#include "api/answer.h"
#include "api/resource.h"

const size_t jwks_frame_size = sizeof(struct co);

static void write_key(struct json *j, const struct jwt_key *key)
{
	json_object_begin(j);
	json_key_raw(j, JSON_KEY("kty"));
	json_str(j, STR("OKP"));
	json_key_raw(j, JSON_KEY("crv"));
	json_str(j, STR("Ed25519"));
	json_key_raw(j, JSON_KEY("x"));
	json_str(j, jwt_key_x(key));
	json_key_raw(j, JSON_KEY("kid"));
	json_str(j, jwt_key_id(key));
	json_key_raw(j, JSON_KEY("use"));
	json_str(j, STR("sig"));
	json_key_raw(j, JSON_KEY("alg"));
	json_str(j, STR("EdDSA"));
	json_object_end(j);
}

enum co_state jwks(struct exchange *x, void *frame)
{
	const struct jwt_keys *keys = api_of(x)->keys;
	struct json j = response_json(&x->response, 200);
	const struct jwt_key *key;

	(void)frame;
	json_object_begin(&j);
	json_key_raw(&j, JSON_KEY("keys"));
	json_array_begin(&j);
	for (size_t i = 0; (key = jwt_keys_at(keys, i)); i++) {
		if (jwt_key_x(key).p)
			write_key(&j, key);
	}
	json_array_end(&j);
	json_object_end(&j);
	answer_conditional(x, 0, false);
	return CO_DONE;
}
