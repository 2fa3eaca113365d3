/* The reading half of a pipe: results to operations. Between pipe.c and pipe_read.c only. */
#ifndef BUGD_DB_PIPE_READ_H
#define BUGD_DB_PIPE_READ_H

#include "db/pipe.h"

/* Reads what has come. It may give the connection up: look at its state afterwards. */
void pipe_read(struct pipe *p);

/* Takes the operation off the pipe; what it becomes is the caller's. */
void pipe_take_off(struct pipe *p, struct op *op);
void pipe_send_again(struct pipe *p, struct op *op);

#endif
