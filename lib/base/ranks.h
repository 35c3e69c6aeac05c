/* ranks.h -- processes of one run, on one machine or many (MPI-3).
 *
 * What is computed is cut by the problem alone, into lanes as for threads
 * (team.h); rank r of R has the lanes lanes r / R .. lanes (r + 1) / R - 1.
 * What lanes give is gathered and added in the order of lanes, never in that of
 * arrival, so that the bytes do not depend on the number of ranks.  Only the
 * thread that began may call; every rank makes the same calls.
 *
 * A build without MPI has no ranks: jf_ranks_begin says so.  Before it and there
 * a rank of several finds that the others have nothing, and what they would send
 * stays what it was: for measurements of what one rank does. */
#ifndef JF_RANKS_H
#define JF_RANKS_H

#include <stddef.h>

#include "base/error.h"
#include "base/real.h"

typedef struct jf_ranks {
    size_t rank, count; /* this one, 0 .. count - 1 */
} jf_ranks;

/* How many processes a launcher of MPI says that it started, by what it leaves
 * in the environment; 1: there is none, or it tells no number. */
size_t jf_ranks_launched(void);

/* Begin, once in a process.  GSL_EFAILED after one line on stderr: no MPI in
 * this build, or one that does not see those that the launcher started.  From
 * here on a process that exits without jf_ranks_end ends all. */
int jf_ranks_begin(jf_ranks *ranks);
void jf_ranks_end(jf_ranks *ranks);

/* Whether value is not 0 in any rank; each waits for all, soon asleep, as that
 * may take hours. */
int jf_ranks_any(const jf_ranks *ranks, int value);

/* data := that of the first rank, size bytes. */
void jf_ranks_share(const jf_ranks *ranks, void *data, size_t size);

/* The lanes of this rank: first .. last - 1. */
void jf_ranks_lanes(const jf_ranks *ranks, size_t lanes, size_t *first,
                    size_t *last);

/* Of n things of size bytes, in lanes, each rank has those of its lanes: data
 * := all. */
void jf_ranks_gather(const jf_ranks *ranks, size_t n, size_t lanes, size_t size,
                     void *data);

/* To each rank k out[k] reals of sent, one after the other, and from each in[k]
 * into got. */
void jf_ranks_trade(const jf_ranks *ranks, const size_t *out, const real *sent,
                    const size_t *in, real *got);

/* One rank after the other: sum (n), the same in all at the start, gets added
 * what each adds to it, that of the first rank first, and is then the same in
 * all again.  Few bytes, and as many messages as ranks one after the other. */
void jf_ranks_in_turn(const jf_ranks *ranks, size_t size, void *sum,
                      void (*add)(void *arg, void *sum), void *arg);

/* The status of the first rank in which one is not GSL_SUCCESS, whose error is
 * raised in all. */
int jf_ranks_agree(const jf_ranks *ranks, int status, jf_error *error);

/* sum (n) := that of lane[0] + lane[1] + ..., added from the left, of which
 * each rank has its own, (n) each; sum may be lane[0]. */
int jf_ranks_add(const jf_ranks *ranks, size_t n, size_t lanes,
                 real *const *lane, real *sum);

#endif
