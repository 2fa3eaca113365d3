#include "fake_rig.h"

struct fake fake;

int fake_rig_begin(void **state)
{
	(void)state;
	rig_begin();
	fake_start(&fake, &rig.loop);
	return 0;
}

int fake_rig_end(void **state)
{
	(void)state;
	rig_close();
	fake_stop(&fake);
	rig_end();
	return 0;
}

void fake_rig_open(fake_script *script)
{
	fake.script = script;
	rig_open(fake.url, NULL);
	rig_ready();
}

void fake_rig_impatient(struct db_config *c)
{
	c->conn.statement_timeout_ms = 1;
	c->conn.connect_timeout_ms = 200;
}

bool fake_rig_is_first(const struct fake_session *s)
{
	return s->number <= 3;
}

bool fake_rig_black_hole(struct fake_session *s, char type, const char *body)
{
	(void)type;
	(void)body;
	return fake_rig_is_first(s);
}
