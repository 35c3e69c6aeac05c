/* pieces.h -- the partial files of the shares of a table.
 *
 *     OUT/NAME.csv.partial          of a run in one piece
 *     OUT/NAME.csv.2-of-3.partial   of --shard 2/3
 *
 * A folder may hold those of several ways to share: each is of points that are
 * finished, and the same point has the same rows in all. */
#ifndef JF_PIECES_H
#define JF_PIECES_H

#include "args.h"

/* Where this run keeps what it has finished of OUT/NAME.csv; free() it. */
char *jf_piece_path(const jf_args *args, const char *name);

/* All that are there, but for its own unless it merges, in the order of their
 * names; their number.  free() each, and the list. */
size_t jf_pieces_find(const jf_args *args, const char *name, char ***paths);

#endif
