/*
 * Cells of CSV files (RFC 4180), as they are written and as they are read again.
 *
 * A spreadsheet takes a cell that begins with = + - @, a tab or a CR for a formula. Such a cell is written with an
 * apostrophe in front, and so is one that begins with apostrophes and then one of these; reading takes one
 * apostrophe off exactly those. So what was written is read again as it was.
 *
 * A cell holds a list of labels as a;b;c. A label that has a ; or \ in its name has a \ in front of these.
 */
#ifndef BUGD_DOMAIN_CSV_CELL_H
#define BUGD_DOMAIN_CSV_CELL_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>

/* Appends the text as a cell: made harmless, in quotes when it needs them. An absent one is empty. */
void csv_add_cell(struct buf *out, struct str text);

/* What a cell's text was before it was made harmless. */
struct str csv_restored(struct str cell);

/* Appends the name to the text of a cell for labels. */
void csv_add_label(struct buf *cell, struct str name);

/*
 * Takes the first label off the text of a cell: its name in `name` (which is emptied first), without spaces around it
 * and without what stood in front of ; and \. False: there is none any more. Empty names are passed over.
 */
bool csv_next_label(struct str *rest, struct buf *name);

#endif
