/* scalar.h -- for files of maps: a map given entry by entry.
 *
 * The loops over a block of columns stand in scalar.c once; a map brings three
 * functions of one entry x with its parameters p (n_params), in double in
 * every build.  They are made for maps whose evaluation costs far more than
 * the gathering of p. */
#ifndef JF_SCALAR_H
#define JF_SCALAR_H

#include "map/map.h"

enum { JF_SCALAR_PARAMS = 192 }; /* at most, of one entry */

struct jf_scalar {
    /* z = m(x; p), and log m'(x; p). */
    double (*value)(const jf_map *self, double x, const double *p,
                    double *log_slope);

    /* x with m(x; p) = z.  GSL_EDOM: there is none. */
    int (*invert)(const jf_map *self, double z, const double *p, double *x);

    /* z -> x and *dz -> dx, and sets dp, for a loss that has derivative *dz by
     * z and g by log m'.  GSL_EDOM: as invert. */
    int (*backward)(const jf_map *self, double z, const double *p, double g,
                    double *x, double *dz, double *dp);
};

jf_map jf_map_scalar(const char *name, size_t n_params,
                     const struct jf_scalar *scalar);

#endif
