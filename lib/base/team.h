/* team.h -- parallel work in fixed pieces: same bytes for every thread count.
 *
 * Rows are cut into lanes, contiguous ranges whose number and bounds depend on
 * the problem alone.  A lane is worked by one thread, top to bottom, on a work
 * stack of its own, and is a run of it (work.h); what the lanes return is
 * combined in lane order, the failure of the first as well (error.h).  Which
 * thread takes which lane cannot be seen in the result.  BLAS runs single-
 * threaded inside (linalg/blas.h).
 *
 * The caller works too and takes what no other thread has taken, so a team
 * whose threads get no processor, on a busy machine, is as fast as one thread:
 * it waits only for lanes that were begun, never for a barrier. */
#ifndef JF_TEAM_H
#define JF_TEAM_H

#include <stdint.h>

#include "base/ranks.h"
#include "base/work.h"

enum { JF_MAX_LANES = 16 };

/* Hears of every time that lanes are worked, by a team of one thread, which stands
 * for one of more: the seconds of processor time of each, in the order in which
 * they are begun.  Of these follows what other numbers of threads would take. */
typedef struct jf_trace {
    void (*heard)(struct jf_trace *self, size_t lanes, const double *seconds);
} jf_trace;

typedef struct jf_team {
    size_t threads; /* at most this many; set by jf_team_new */
    size_t memory;  /* bytes of activations a training pass may store
                       before it recomputes them; default 1 GiB */
    uint64_t order; /* for tests: lanes are begun in an order that is drawn from
                       it; 0, the default: from the first to the last */
    jf_trace *trace; /* NULL: none */
    const jf_ranks *ranks;         /* that share the lanes of a likelihood and
                                    of its gradient; NULL: this process alone */
    jf_work *work[JF_MAX_LANES];   /* work[0] also serves the caller */
    jf_work *pieces[JF_MAX_LANES]; /* of the threads, for jf_divide */
    size_t room[2];                /* bytes that these have, by jf_divide */
    struct jf_pool *pool;          /* the other threads; NULL for one thread */
} jf_team;

/* threads = 0: as many as the machine has.  A team serves one caller at a
 * time; fewer threads than asked for when the system refuses more.  NULL: no
 * memory. */
jf_team *jf_team_new(size_t threads);
void jf_team_free(jf_team *team);

/* Rows first .. first + count - 1 of lane.  Returns a GSL code. */
typedef int (*jf_lane_task)(void *arg, size_t lane, size_t first, size_t count,
                            jf_work *work);

/* Run task on n rows in lanes (1 .. JF_MAX_LANES) pieces; the code of the
 * first lane that failed.  A lane may be empty when n < lanes: it is not
 * called. */
int jf_team_run(jf_team *team, size_t n, size_t lanes, jf_lane_task task,
                void *arg);

/* The same inside a pass, for a layer that divides the work within its rows:
 * by the pass's team when it has one to itself (work->team), otherwise lane
 * after lane on work.  Lanes leave nothing on their stacks, which are those of
 * the threads: what one lane has used is in cache for the next. */
int jf_divide(jf_work *work, size_t n, size_t lanes, jf_lane_task task,
              void *arg);

/* Lanes for n rows of which each lane should have at least min_rows. */
size_t jf_lanes(size_t n, size_t min_rows);

#endif
