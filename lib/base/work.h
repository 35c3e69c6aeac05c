/* work.h -- a stack of scratch buffers for one thread.
 *
 * Inside a pass only jf_push allocates, and buffers are popped in reverse
 * order.  The memory is an arena that grows to the largest pass it has seen
 * and is then reused: no malloc in a training step.  Under the address
 * sanitizer everything that is not on the stack is poisoned, so that an
 * overrun of one buffer is seen as if each had been malloc'ed.
 *
 * A push that finds no memory does not return: it leaves the innermost
 * jf_work_run of its stack, which then fails with GSL_ENOMEM, so that nothing
 * in a pass looks at what jf_push returns.  Every call on a flow and every lane
 * of a team is such a run.  Between two pushes of a pass nothing may be held
 * that only its own code frees: memory, a lock, a file.  Outside of a run a
 * push that fails returns NULL. */
#ifndef JF_WORK_H
#define JF_WORK_H

#include "base/matrix.h"

/* What forward leaves on the stack for backward to pop.
 *   JF_TAPE_NONE   nothing: an evaluation
 *   JF_TAPE_LEAN   only what is costly to recompute; memory independent of
 *                  depth, a third more arithmetic (reversible backward)
 *   JF_TAPE_FULL   all activations: the fastest backward */
typedef enum { JF_TAPE_NONE, JF_TAPE_LEAN, JF_TAPE_FULL } jf_tape;

typedef struct jf_work {
    jf_tape tape;
    struct jf_block *block; /* the block that holds the top of the stack */
    size_t depth;           /* buffers on the stack */
    size_t peak_bytes;      /* the largest stack so far */
    size_t bytes;
    int forward_only;         /* nothing will be inverted in this pass: prepare
                                 may leave out what inverse and a lean tape
                                 need */
    struct jf_work *second;   /* of jf_second_stack; NULL: not yet */
    struct jf_work *owner;    /* of a second stack: whose it is; NULL */
    struct jf_escape *escape; /* out of the innermost run; NULL: none */
    struct jf_team *team; /* helps with this pass: jf_divide of team.h; NULL */
    struct jf_bands *bands; /* of the image of this pass: bands.h; NULL */
} jf_work;

jf_work *jf_work_new(void); /* NULL: no memory */
void jf_work_free(jf_work *work);

/* A second stack, for a layer that wraps another: its buffers must outlive a
 * call in which the inner layer pushes or pops what it leaves for backward. */
jf_work *jf_second_stack(jf_work *work);

/* task(arg, work) as a run (above); its status.  When that is no success, the
 * stack is as deep as before, and tape, forward_only, team and bands are what
 * they were. */
typedef int (*jf_work_task)(void *arg, jf_work *work);
int jf_work_run(jf_work *work, jf_work_task task, void *arg);

/* A buffer of count reals / bytes / rows x cols reals, aligned to 64 bytes,
 * not cleared. */
real *jf_push(jf_work *work, size_t count);
void *jf_push_bytes(jf_work *work, size_t bytes);
jf_matrix jf_push_matrix(jf_work *work, size_t rows, size_t cols);

/* Free the top buffer; data must be its address. */
void jf_pop(jf_work *work, const void *data);

/* The address of the top buffer; NULL, with GSL_EINVAL, when there is none. */
void *jf_top(const jf_work *work);

/* Free all buffers above the given depth: the way out of a failed pass. */
void jf_work_release(jf_work *work, size_t depth);

#endif
