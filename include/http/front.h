/* What stands between the server and its clients: proxies, the path it is served below, pages of other origins. */
#ifndef BUGD_HTTP_FRONT_H
#define BUGD_HTTP_FRONT_H

#include "http/cors.h"
#include "io/network.h"

struct front {
	struct network_list proxies; /* whose word about clients is taken */
	struct str base_path;        /* "/bugs"; "" for none */
	struct cors cors;
};

/* Whether it is "", or segments of letters, digits, '-', '.', '_' and '~' with '/' in front of each. */
bool front_base_path_valid(struct str path);

/* Cuts the base path off a request's path. False: the path is not below it. */
bool front_cut_base_path(const struct front *f, struct str *path);

#endif
