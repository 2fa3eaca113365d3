/*
 * Settings that change while the server serves. Which may is in the one table of settings (LIVE, app/config.h): those
 * whose new value is all that is needed. What was sized, opened or derived at the start keeps its value till the next.
 */
#ifndef BUGD_APP_CONFIG_ADOPT_H
#define BUGD_APP_CONFIG_ADOPT_H

#include "app/config.h"

/*
 * Reads the settings anew, as config_load does, for a server that runs with `running`. A secret's file that is no
 * regular one, such as a pipe, was read at the start and cannot be read again: its value stays.
 */
bool config_load_again(struct config *fresh, const struct config *running, const char *env_file,
		       unsigned needs, struct config_report *report);

/*
 * Takes the live ones over from `fresh`, and tells of each setting that differs, live or not. The texts of `fresh`
 * become those of `c`, and what an earlier call brought is freed: nobody may hold a text of a live setting. `fresh` is
 * empty then.
 */
void config_adopt(struct config *c, struct config *fresh, void (*differs)(void *arg, const struct setting *s),
		  void *arg);

#endif
