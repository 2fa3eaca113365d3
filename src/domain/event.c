#include "domain/event.h"

const char *const security_event_names[SECURITY_EVENT_COUNT] = {
	"login",          "login_failed",     "logout",          "session_ended",
	"refresh_reused", "password_changed", "user_registered", "user_created",
	"role_changed",   "user_deactivated", "user_activated",  "member_set",
	"member_removed", "token_created",    "token_deleted",
};
