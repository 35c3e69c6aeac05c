/* error.h -- GSL's codes and handler are the library's only error system.
 *
 * A caller's mistake    GSL_ERROR("what was wrong", GSL_EBADLEN or GSL_EINVAL)
 * A numerical outcome   GSL_EMAXITER  an iteration did not settle
 *                       GSL_ESING     a singular matrix
 *                       GSL_EDIVERGE  a loss that is not finite
 *                       GSL_EDOM      a point outside a map's domain
 * A file                GSL_EFAILED, after one line on stderr
 *
 * The handler GSL installs stops the program with file and line; programs that
 * study failure switch it off and read the code. */
#ifndef JF_ERROR_H
#define JF_ERROR_H

#include <gsl/gsl_errno.h>

/* Pass a failure of call on to the caller. */
#define JF_TRY(call)                                                           \
    do {                                                                       \
        int jf_status_ = (call);                                               \
        if (jf_status_ != GSL_SUCCESS)                                         \
            return jf_status_;                                                 \
    } while (0)

#endif
