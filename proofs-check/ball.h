/* ball.h -- statements decided in ball arithmetic.
 *
 * An enclosure is computed at 64 bits, then at twice as many, until the
 * statement is decided or 2^14 bits do not decide it.  What is certified is
 * proved, up to the correctness of Arb; no double enters but as an exact ball.
 * Programs take --out DIR, --profile P, --digits N, --quiet, --help and
 * --version; --negative-control, for the tests alone, perturbs every statement
 * (a constant by 1e-12, an inequality by its sign), after which none may be
 * certified. */
#ifndef BALL_H
#define BALL_H

#if __has_include(<flint/arb.h>)
#include <flint/acb_hypgeom.h>
#include <flint/arb.h>
#include <flint/arb_hypgeom.h>
#else
#include <acb_hypgeom.h>
#include <arb.h>
#include <arb_hypgeom.h>
#endif

/* Where in the theory, what is said, when, and by whom. */
typedef struct {
    const char *id, *statement, *hypotheses, *source;
} claim;

/* An enclosure of a number at a precision in bits. */
typedef void (*enclosure)(arb_t value, slong bits);

/* The number agrees with a printed decimal to all its digits: |value -
 * decimal| is less than one unit in its last place. */
void prove_decimal(const claim *c, enclosure f, const char *decimal);

/* The number is greater than 0. */
void prove_positive(const claim *c, enclosure f);

/* Read the options, run prove, which calls the above, write the rows of
 * DIR/verdicts/PROGRAM.csv by atomic rename, and return the exit status: 0 all
 * certified, 1 some refuted or undecided, 2 bad usage. */
int proofs(int argc, char **argv, const char *about, void (*prove)(void));

#endif
