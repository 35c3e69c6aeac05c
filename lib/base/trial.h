/* trial.h -- a call tried in a copy of this process first: other people's code
 * that may end its process, as decoders of damaged files have done. */
#ifndef JF_TRIAL_H
#define JF_TRIAL_H

/* f(arg) in a copy, of which nothing is seen or kept: what it writes to stdout
 * and stderr goes nowhere, and no handler hears of its failures.  *signal: by
 * which one it was ended; 0: it returned.  0, or the errno for which no copy
 * could be made.  f may not use a team (team.h), whose threads a copy lacks. */
int jf_try_apart(void (*f)(void *arg), void *arg, int *signal);

#endif
