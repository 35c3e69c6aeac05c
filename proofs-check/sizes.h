/* sizes.h -- a proof that --profile and --threads change (ball.h). */
#ifndef SIZES_H
#define SIZES_H

#include "common/args.h"

/* As proofs; sizes says in the help what the two do.  And what was given. */
int proofs_of_sizes(int argc, char **argv, const char *about, const char *sizes,
                    void (*prove)(void));
const jf_args *proof_options(void);

#endif
