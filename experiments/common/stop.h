/* stop.h -- runs that stop when they are asked to, and go on later.
 *
 * SIGTERM, SIGUSR1, a file "stop" in the output folder, or the end of
 * --max-hours: the point or step of training in hand is done, what is finished
 * is kept, and the program ends with status 0.  The same command with --resume
 * goes on, to the same bytes. */
#ifndef JF_STOP_H
#define JF_STOP_H

#include "args.h"
#include "jf.h"

/* From here on listen; --max-hours counts from now.  Of ranks that work on the
 * same points (args->together) each hears what one is told. */
void jf_stop_listen(const jf_args *args);

/* Whether to stop; once so it stays so.  From any thread, but where ranks hear
 * of each other from the first, by all of them at the same places. */
int jf_stop_asked(void);

/* By what, in words; NULL: go on. */
const char *jf_stop_reason(void);

#endif
