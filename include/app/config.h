/*
 * The settings of bugd: one table, and reading them from the environment and an .env file.
 *
 * The environment wins over the file. An empty value counts as not given.
 */
#ifndef BUGD_APP_CONFIG_H
#define BUGD_APP_CONFIG_H

#include "api/api.h"
#include "app/setting.h"
#include "base/arena.h"
#include "db/replica_urls.h"
#include "domain/password.h"
#include "http/front.h"

#define SECONDS(n) ((n)*UINT64_C(1000))
#define MINUTES(n) ((n)*SECONDS(60))
#define HOURS(n)   ((n)*MINUTES(60))
#define KIB(n)     ((n)*UINT64_C(1024))
#define MIB(n)     ((n)*KIB(1024))
#define GIB(n)     ((n)*MIB(1024))

/* What is allowed. */
#define RANGE(from, to) .low = (from), .high = (to)
#define BYTES(from, to) .low = (from), .high = (to)
#define ONE_OF(words)   .choices = (words)
#define ON_OR_OFF       .choices = NULL
/* Around it: read again on SIGHUP. */
#define LIVE(...) __VA_ARGS__, .live = true

#define ATTACHMENT_TYPES_STANDARD                                                                                      \
	"image/png, image/jpeg, image/gif, image/webp, image/bmp, image/tiff, application/pdf, text/plain, text/csv, " \
	"text/x-*, application/json, application/zip, application/gzip, application/x-tar, application/x-bzip2, "      \
	"application/x-xz, application/zstd, application/vnd.openxmlformats-officedocument*, "                         \
	"application/vnd.oasis.opendocument*, video/mp4, video/webm, video/quicktime, audio/mpeg, audio/ogg, audio/x-wav"

/*	X(kind, field, name, default, allowed, what it is) */
#define SETTING_TABLE(X)                                                                                                           \
	X(SECRET, database_url, "DATABASE_URL", NULL, BYTES(1, 4096),                                                              \
	  "Where PostgreSQL is: postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or "                                                \
	  "postgresql:///DATABASE?host=/FOLDER&user=USER for a unix socket.")                                                      \
	X(SECRET, database_replica_urls, "DATABASE_REPLICA_URLS", NULL, BYTES(1, 16384),                                           \
	  "Streaming standbys of that server, separated by spaces or commas, to which reads go as well; of each its own address.") \
	X(SECRET, secret_key, "SECRET_KEY", NULL, BYTES(32, 4096),                                                                 \
	  "Key that signs access tokens and cursors, the same for all processes that share a database; "                           \
	  "`head -c 48 /dev/urandom | base64 -w 0` makes one.")                                                                    \
	X(TEXT, host, "HOST", "127.0.0.1", BYTES(1, 128),                                                                          \
	  "Address to listen on: an IPv4 or IPv6 address, a name, * for all addresses, or unix:/path.")                            \
	X(NUMBER, port, "PORT", "8080", RANGE(0, 65535), "TCP port to listen on; 0 takes any free one.")                           \
	X(TEXT, admin_listen, "ADMIN_LISTEN", NULL, BYTES(1, 128),                                                                 \
	  "Address for operators, such as 127.0.0.1:9090 or unix:/path: /metrics and /ready are served there alone.")              \
	X(TEXT, metrics_networks, "METRICS_NETWORKS", "127.0.0.0/8, ::1, unix", LIVE(BYTES(1, 4096)),                              \
	  "Networks whose clients may read /metrics when ADMIN_LISTEN is not set; for others there is no such path.")              \
	X(TEXT, base_path, "BASE_PATH", NULL, BYTES(1, 255),                                                                       \
	  "Path below which everything is served, such as /bugs; by default nothing stands in front.")                             \
	X(TEXT, trusted_proxies, "TRUSTED_PROXIES", NULL, LIVE(BYTES(1, 4096)),                                                    \
	  "Networks of proxies, separated by commas, such as 10.0.0.0/8, ::1, unix (peers on a unix socket). What they say in "    \
	  "X-Forwarded-For, -Proto, -Host and X-Request-Id is believed; without any, X-Request-Id of everybody is.")               \
	X(TEXT, cors_origins, "CORS_ORIGINS", NULL, LIVE(BYTES(1, 4096)),                                                          \
	  "Origins, separated by commas, whose pages may read answers, such as https://app.example.org; or * for all, without "    \
	  "credentials.")                                                                                                          \
	X(CHOICE, log_level, "LOG_LEVEL", "info", LIVE(ONE_OF("debug|info|warn|error")),                                           \
	  "Least level that is logged.")                                                                                           \
	X(CHOICE, log_format, "LOG_FORMAT", "auto", LIVE(ONE_OF("auto|json|text")),                                                \
	  "How log lines are written; auto is text on a terminal, and JSON elsewhere.")                                            \
	X(DURATION, slow_request, "SLOW_REQUEST", "1s", LIVE(RANGE(0, HOURS(1))),                                                  \
	  "Requests that take that long are logged as warnings; 0: none are.")                                                     \
	X(DURATION, slow_statement, "SLOW_STATEMENT", "500ms", LIVE(RANGE(0, HOURS(1))),                                           \
	  "Statements that take that long are logged, by name; 0 logs none.")                                                      \
	X(SWITCH, migrate_on_start, "MIGRATE_ON_START", "false", ON_OR_OFF,                                                        \
	  "Whether `bugd serve` applies pending migrations; otherwise it refuses an older schema.")                                \
	X(TEXT, search_language, "SEARCH_LANGUAGE", "english", BYTES(1, 63),                                                       \
	  "Language of what people write, for the search: a text search configuration of PostgreSQL (`\\dF` in "                   \
	  "psql lists them), or simple for none. After a change, `bugd migrate up` indexes all issues anew.")                      \
	X(TEXT, bootstrap_admin_email, "BOOTSTRAP_ADMIN_EMAIL", NULL, BYTES(3, 254),                                               \
	  "E-mail of the admin that is created while there are no users at all.")                                                  \
	X(SECRET, bootstrap_admin_password, "BOOTSTRAP_ADMIN_PASSWORD", NULL, BYTES(12, 1024),                                     \
	  "Password of that admin.")                                                                                               \
	X(TEXT, upload_dir, "UPLOAD_DIR", "var/uploads", BYTES(1, 3900),                                                           \
	  "Folder for attachments, the same one for all processes that share a database, and for none of another.")                \
	X(SIZE, max_attachment_bytes, "MAX_ATTACHMENT_BYTES", "25MiB", LIVE(RANGE(1, GIB(1024))),                                  \
	  "Largest attachment.")                                                                                                   \
	X(SIZE, project_attachment_quota, "PROJECT_ATTACHMENT_QUOTA", "10GiB",                                                     \
	  LIVE(RANGE(0, GIB(1024 * 1024))), "What all attachments of a project may take; 0 is no limit.")                          \
	X(TEXT, attachment_types, "ATTACHMENT_TYPES", ATTACHMENT_TYPES_STANDARD, LIVE(BYTES(1, 4096)),                             \
	  "Types of files that are accepted, judged by content, separated by commas; text/x-* is all that begin so, * is all.")    \
	X(TEXT, x_accel_redirect, "X_ACCEL_REDIRECT", NULL, LIVE(BYTES(1, 255)),                                                   \
	  "Internal location of an nginx in front that has UPLOAD_DIR, such as /attachments; it sends the files then.")            \
	X(DURATION, purge_after, "PURGE_AFTER", "2160h", LIVE(RANGE(HOURS(1), HOURS(24 * 3660))),                                  \
	  "How long deleted issues and projects are kept, so that they can be restored.")                                          \
	X(DURATION, audit_retention, "AUDIT_RETENTION", "8760h", LIVE(RANGE(HOURS(1), HOURS(24 * 36600))),                         \
	  "How long security events are kept.")                                                                                    \
	X(DURATION, notification_retention, "NOTIFICATION_RETENTION", "720h",                                                      \
	  LIVE(RANGE(HOURS(1), HOURS(24 * 3660))),                                                                                 \
	  "How long notifications are kept that were read; those that were not, four times as long.")                              \
	X(SWITCH, rate_limit, "RATE_LIMIT", "on", LIVE(ON_OR_OFF), "Whether requests are limited by rate.")                        \
	X(NUMBER, rate_limit_read, "RATE_LIMIT_READ", "6000", LIVE(RANGE(0, 1000000000)),                                          \
	  "Requests in a minute that read, for one user and for one personal access token; 0 is no limit.")                        \
	X(NUMBER, rate_limit_write, "RATE_LIMIT_WRITE", "1200", LIVE(RANGE(0, 1000000000)),                                        \
	  "The same, for requests that change something.")                                                                         \
	X(NUMBER, rate_limit_heavy, "RATE_LIMIT_HEAVY", "120", LIVE(RANGE(0, 1000000000)),                                         \
	  "The same, for imports, exports and reports.")                                                                           \
	X(NUMBER, rate_limit_sign_in, "RATE_LIMIT_SIGN_IN", "120", LIVE(RANGE(0, 1000000000)),                                     \
	  "The same, for signing in, and for tokens that are not valid, from one address.")                                        \
	X(TEXT, rate_limit_exempt, "RATE_LIMIT_EXEMPT", NULL, LIVE(BYTES(1, 4096)),                                                \
	  "Networks whose clients are not limited, separated by commas, such as 10.0.0.0/8, unix.")                                \
	X(CHOICE, registration, "REGISTRATION", "open", LIVE(ONE_OF("open|closed")),                                               \
	  "Whether people may register themselves.")                                                                               \
	X(TEXT, issuer, "ISSUER", "bugd", BYTES(1, 255), "Issuer and audience of access tokens.")                                  \
	X(DURATION, access_token_ttl, "ACCESS_TOKEN_TTL", "15m", LIVE(RANGE(SECONDS(1), HOURS(24))),                               \
	  "How long an access token is valid.")                                                                                    \
	X(DURATION, refresh_token_ttl, "REFRESH_TOKEN_TTL", "720h",                                                                \
	  LIVE(RANGE(SECONDS(1), HOURS(24 * 366))), "How long a session lives without being refreshed.")                           \
	X(CHOICE, jwt_algorithm, "JWT_ALGORITHM", "HS256", ONE_OF("HS256|EdDSA"),                                                  \
	  "What signs access tokens: SECRET_KEY (HS256), or JWT_PRIVATE_KEY (EdDSA), so that others can verify "                   \
	  "them with the public keys at /.well-known/jwks.json.")                                                                  \
	X(SECRET, jwt_private_key, "JWT_PRIVATE_KEY", NULL, BYTES(1, 4096),                                                        \
	  "Ed25519 key in PEM for EdDSA; `openssl genpkey -algorithm ed25519` makes one.")                                         \
	X(TEXT, jwt_public_keys, "JWT_PUBLIC_KEYS", NULL, BYTES(1, 16384),                                                         \
	  "Public keys in PEM, one after the other, of earlier JWT_PRIVATE_KEYs whose tokens are still to be taken.")              \
	X(SECRET, old_secret_keys, "OLD_SECRET_KEYS", NULL, BYTES(32, 65536),                                                      \
	  "Earlier SECRET_KEYs, one a line, whose access tokens (HS256) are still to be taken.")                                   \
	X(NUMBER, password_memory_kib, "PASSWORD_MEMORY_KIB", "19456", RANGE(8, 1024 * 1024),                                      \
	  "Memory that hashing a new password takes (Argon2id), in KiB; at least 8 for each lane.")                                \
	X(NUMBER, password_iterations, "PASSWORD_ITERATIONS", "2", RANGE(1, 64), "Passes over that memory.")                       \
	X(NUMBER, password_parallelism, "PASSWORD_PARALLELISM", "1", RANGE(1, 16), "Lanes of that memory.")                        \
	X(NUMBER, hash_threads, "HASH_THREADS", "2", RANGE(1, 64),                                                                 \
	  "How many passwords are hashed at a time.")                                                                              \
	X(NUMBER, hash_queue_max, "HASH_QUEUE_MAX", "64", RANGE(0, 100000),                                                        \
	  "How many passwords may wait to be hashed; beyond, requests get 503.")                                                   \
	X(SIZE, max_head_bytes, "MAX_HEAD_BYTES", "16KiB", RANGE(KIB(1), MIB(1)),                                                  \
	  "Largest request line and header section.")                                                                              \
	X(SIZE, max_body_bytes, "MAX_BODY_BYTES", "1MiB", RANGE(KIB(1), GIB(1)), "Largest JSON body.")                             \
	X(SIZE, max_import_bytes, "MAX_IMPORT_BYTES", "256MiB", LIVE(RANGE(KIB(1), GIB(64))),                                      \
	  "Largest file that is imported.")                                                                                        \
	X(NUMBER, max_connections, "MAX_CONNECTIONS", "10000", LIVE(RANGE(1, 1000000)),                                            \
	  "Client connections at a time; lowered when the limit of open files is less.")                                           \
	X(DURATION, head_timeout, "HEAD_TIMEOUT", "10s", RANGE(10, HOURS(1)),                                                      \
	  "Time for a request's head to arrive.")                                                                                  \
	X(DURATION, body_timeout, "BODY_TIMEOUT", "30s", RANGE(10, HOURS(1)),                                                      \
	  "Time for its body to arrive.")                                                                                          \
	X(DURATION, idle_timeout, "IDLE_TIMEOUT", "75s", RANGE(10, HOURS(1)),                                                      \
	  "How long a connection may rest between requests.")                                                                      \
	X(DURATION, write_timeout, "WRITE_TIMEOUT", "30s", RANGE(10, HOURS(1)),                                                    \
	  "How long a client may leave unread what waits for it.")                                                                 \
	X(DURATION, request_timeout, "REQUEST_TIMEOUT", "30s", RANGE(10, HOURS(1)),                                                \
	  "Time to answer a request; beyond, it gets 503.")                                                                        \
	X(DURATION, shutdown_grace, "SHUTDOWN_GRACE", "15s", LIVE(RANGE(0, HOURS(1))),                                             \
	  "How long running requests may take to end once the server was told to stop.")                                           \
	X(NUMBER, db_read_connections, "DB_READ_CONNECTIONS", "2", RANGE(1, 128),                                                  \
	  "Connections to the database for lookups, which share them in groups.")                                                  \
	X(NUMBER, db_write_connections, "DB_WRITE_CONNECTIONS", "8", RANGE(1, 128),                                                \
	  "Connections to the database for changes.")                                                                              \
	X(NUMBER, db_slow_connections, "DB_SLOW_CONNECTIONS", "2", RANGE(1, 128),                                                  \
	  "Connections to the database for lists and reports. Of several, one is kept from searches.")                             \
	X(NUMBER, db_copy_connections, "DB_COPY_CONNECTIONS", "4", RANGE(2, 64),                                                   \
	  "Connections to the database for exports and imports, one for each; half of them for imports at most.")                  \
	X(NUMBER, db_queue_max, "DB_QUEUE_MAX", "4096", RANGE(1, 1000000),                                                         \
	  "Operations that may wait for each kind of connection, a quarter of the lists for one person; beyond, "                  \
	  "requests get 503.")                                                                                                     \
	X(DURATION, db_statement_timeout, "DB_STATEMENT_TIMEOUT", "10s", RANGE(10, HOURS(1)),                                      \
	  "How long a statement may run; less than REQUEST_TIMEOUT.")                                                              \
	X(DURATION, replica_max_lag, "REPLICA_MAX_LAG", "5s", RANGE(SECONDS(1), MINUTES(1)),                                       \
	  "How far a standby may be behind before reads do not go to it.")                                                         \
	X(DURATION, db_connect_timeout, "DB_CONNECT_TIMEOUT", "5s", RANGE(10, MINUTES(5)),                                         \
	  "How long connecting to the database may take.")

/* Where to listen. */
struct config_address {
	const char *host; /* as HOST is written; NULL: nowhere */
	uint16_t port;
};

struct config {
#define SETTING_FIELD(kind, field, name, standard, allowed, doc) SETTING_TYPE_##kind field;
	SETTING_TABLE(SETTING_FIELD)
#undef SETTING_FIELD
	struct config_address admin;      /* of ADMIN_LISTEN */
	struct network_list metrics_from; /* of METRICS_NETWORKS */
	struct replica_urls replicas;     /* of DATABASE_REPLICA_URLS */
	struct rate_config rate;          /* of RATE_LIMIT… */
	struct front front;               /* of BASE_PATH, TRUSTED_PROXIES and CORS_ORIGINS */
	struct arena arena, live;         /* hold the texts; the second those of SIGHUP */
};

/* The places of the choices. LOG_LEVEL's are those of enum log_level. */
enum { CONFIG_LOG_AUTO, CONFIG_LOG_JSON, CONFIG_LOG_TEXT };
enum { CONFIG_JWT_HS256, CONFIG_JWT_EDDSA };
enum { CONFIG_REGISTRATION_OPEN, CONFIG_REGISTRATION_CLOSED };

extern const struct setting config_settings[];
extern const size_t config_setting_count;

/* What a command cannot do without. */
enum config_need { CONFIG_NEEDS_DATABASE = 1, CONFIG_NEEDS_KEY = 2 };

/* What was found, a line each, for people. */
struct config_report {
	struct buf errors, warnings;
};

/*
 * Reads all settings. `env_file` is the file to read beside the environment; NULL takes .env of the working
 * directory, if there is one. `needs` is a set of enum config_need. False: the report's errors say all that
 * is wrong. The config must be freed in either case.
 */
bool config_load(struct config *c, const char *env_file, unsigned needs, struct config_report *report);

/* Wipes the secrets and frees all memory. */
void config_free(struct config *c);
void config_report_free(struct config_report *report);

/* What hashing a new password costs. */
static inline struct password_cost config_password_cost(const struct config *c)
{
	return (struct password_cost){ c->password_memory_kib, c->password_iterations,
				       c->password_parallelism };
}

/* The setting of this name; NULL when there is none. */
const struct setting *config_find(struct str name);

/* Whether it is a setting's name, or that of one with _FILE. */
bool config_knows(struct str name);

/* The setting that somebody probably meant by this name; NULL when none resembles it. */
const struct setting *config_nearest(struct str name);

/* Appends the list of all settings, for `--help`. */
void config_help(struct buf *out);

#endif
