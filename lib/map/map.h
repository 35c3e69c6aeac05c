/* map.h -- a monotone scalar map z = m(x; p), applied to a block of columns.
 *
 * x, z, dz (n, k) are changed in place.  p, dp (n, k n_params) hold the
 * parameters of each entry: first the k of the first kind, then the k of the
 * second, and so on.  p may have stride 0, one row for all samples; dp never
 * has.  Coupling, autoregressive and elementwise layers share these. */
#ifndef JF_MAP_H
#define JF_MAP_H

#include "base/matrix.h"
#include "base/work.h"

typedef struct jf_map jf_map;
struct jf_map {
    const char *name;
    size_t n_params; /* per column */

    /* x -> z;  log_abs_det (n) += sum over columns of log m'(x). */
    int (*forward)(const jf_map *self, jf_matrix x, jf_matrix p,
                   double *log_abs_det, jf_work *work);

    /* z -> x.  GSL_EDOM: z is not in the range. */
    int (*inverse)(const jf_map *self, jf_matrix z, jf_matrix p, jf_work *work);

    /* z -> x;  dz -> dx;  dp := dL/dp, for a loss that sees z and, with
     * weight d_log_abs_det (n), log m'. */
    int (*backward)(const jf_map *self, jf_matrix z, jf_matrix p, jf_matrix dz,
                    const double *d_log_abs_det, jf_matrix dp, jf_work *work);

    real constant; /* of the family: alpha, ... */
    real middle;   /* clamp: what log scales lie around */

    /* Affine maps: l (n) and, unless NULL, slope = dl/ds (n), from s (n);
     * l may be s. */
    void (*log_scale)(const jf_map *self, size_t n, const real *s, real *l,
                      real *slope);

    const struct jf_scalar *scalar; /* maps by entry (scalar.h) */

    /* least, largest := proved bounds of m' on the whole line, for p
     * (n_params).  NULL: none are known. */
    void (*slopes)(const jf_map *self, const double *p, double *least,
                   double *largest);
};

jf_map jf_map_shift(void); /* z = x + t;                     p = (t)          */
jf_map jf_map_exp(void);   /* z = x e^l + t, l = s;          p = (t, s)       */
jf_map
jf_map_clamp(real alpha);    /* ... l = alpha tanh(s / alpha): |l| < alpha */
jf_map jf_map_range(real least, real largest); /* ... e^l between these, l =
                                                  middle + alpha tanh() */
jf_map jf_map_sigmoid(void); /* ... l = log sigmoid(s + 2): contracts only */
jf_map jf_map_sinh_arcsinh(void); /* z = sinh(e^s (asinh x + t)); p = (t, s) */
jf_map jf_map_logit(void);  /* z = log(x / (1 - x)) on (0, 1); no parameters  */
jf_map jf_map_probit(void); /* z = Phi^-1(x) on (0, 1); no parameters         */
jf_map jf_map_normal_cdf(void); /* z = Phi(x); no parameters                  */

/* Rational-quadratic spline of bins pieces on [-bound, bound], the identity
 * outside; p = (widths, heights: bins each; slopes: bins - 1). */
jf_map jf_map_spline(size_t bins, real bound);

/* z = logit F(x), F a mixture of logistic laws; p = (logits of weights, means,
 * log scales: components each). */
jf_map jf_map_mixture(size_t components);

#endif
