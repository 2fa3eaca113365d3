/* The kinds of security events, once, for the filter of /audit and the documentation; as in sql/schema. */
#ifndef BUGD_DOMAIN_EVENT_H
#define BUGD_DOMAIN_EVENT_H

#define SECURITY_EVENT_COUNT 15

extern const char *const security_event_names[SECURITY_EVENT_COUNT];

#endif
