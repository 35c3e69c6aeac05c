/* map.h -- a monotone scalar map z = m(x; p), applied to a block of columns.
 *
 * x, z, dz (n, k) are changed in place.  p, dp (n, k n_params) hold the
 * parameters of each entry: first the k of the first kind, then the k of the
 * second, and so on.  p may have stride 0, one row for all samples; dp never
 * has.  Coupling, autoregressive and elementwise layers share these. */
#ifndef JF_MAP_H
#define JF_MAP_H

#include "base/module.h"

typedef struct jf_map jf_map;

/* A family of maps: the block operations, or, where forward is NULL, those on
 * entries, from which map.c makes the others.  Entries are for maps whose
 * evaluation costs far more than the gathering of p. */
typedef struct {
    /* x -> z;  log_abs_det (n) += sum over columns of log m'(x). */
    int (*forward)(const jf_map *self, jf_matrix x, jf_const_matrix p,
                   double *log_abs_det, jf_work *work);

    /* z -> x.  GSL_EDOM: z is not in the range. */
    int (*inverse)(const jf_map *self, jf_matrix z, jf_const_matrix p,
                   jf_work *work);

    /* z -> x;  dz -> dx;  dp := dL/dp, for a loss that sees z and, with
     * weight d_log_abs_det (n), log m'. */
    int (*backward)(const jf_map *self, jf_matrix z, jf_const_matrix p,
                    jf_matrix dz, const double *d_log_abs_det, jf_matrix dp,
                    jf_work *work);

    /* Of one entry x with p (n_params), in double in every build: z = m(x; p)
     * and log m'(x; p); x with m(x; p) = z; and z -> x, *dz -> dx and dp, for
     * a loss that has the derivative *dz by z and g by log m'. */
    double (*entry_value)(const jf_map *self, double x, const double *p,
                          double *log_slope);
    int (*entry_inverse)(const jf_map *self, double z, const double *p,
                         double *x);
    int (*entry_backward)(const jf_map *self, double z, const double *p,
                          double g, double *x, double *dz, double *dp);

    /* Affine maps: l (n) and, unless NULL, slope = dl/ds (n), from s (n);
     * l may be s.  NULL: the map is not affine, or has no scale. */
    void (*log_scale)(const jf_map *self, size_t n, const real *s, real *l,
                      real *slope);

    /* least, largest := proved bounds of m' on the whole line, for p
     * (n_params).  NULL: none are known. */
    void (*slopes)(const jf_map *self, const double *p, double *least,
                   double *largest);
} jf_map_ops;

enum { JF_MAP_PARAMS = 192 }; /* at most, of a map by entries */

struct jf_map { /* a value: copy it freely; n_params is by column */
    jf_module module;
    char text[96];         /* what it is, as module.h describes modules */
    const jf_map_ops *ops; /* NULL: no map */
    real constant;         /* of the family: alpha, ... */
    real middle;           /* clamp: what log scales lie around */
};

/* For a map's file: one without arguments, and the text of those of another
 * (jf_module_record). */
jf_map jf_map_new(const char *name, const jf_map_ops *ops, size_t n_params);
void jf_map_record(jf_map *map, const char *form, ...)
    __attribute__((format(printf, 2, 3)));

/* The block operations of any map. */
int jf_map_forward(const jf_map *map, jf_matrix x, jf_const_matrix p,
                   double *log_abs_det, jf_work *work);
int jf_map_inverse(const jf_map *map, jf_matrix z, jf_const_matrix p,
                   jf_work *work);
int jf_map_backward(const jf_map *map, jf_matrix z, jf_const_matrix p,
                    jf_matrix dz, const double *d_log_abs_det, jf_matrix dp,
                    jf_work *work);

jf_map jf_map_shift(void); /* z = x + t;                     p = (t)          */
jf_map jf_map_exp(void);   /* z = x e^l + t, l = s;          p = (t, s)       */
jf_map
jf_map_clamp(real alpha); /* ... l = alpha tanh(s / alpha): |l| < alpha */
jf_map jf_map_range(real least, real largest); /* ... e^l between these, l =
                                                  middle + alpha tanh() */
jf_map jf_map_sigmoid(void); /* ... l = log sigmoid(s + 2): contracts only */
jf_map jf_map_sinh_arcsinh(void); /* z = sinh(e^s (asinh x + t)); p = (t, s) */
jf_map jf_map_logit(void);  /* z = log(x / (1 - x)) on (0, 1); no parameters  */
jf_map jf_map_probit(void); /* z = Phi^-1(x) on (0, 1); no parameters         */
jf_map jf_map_normal_cdf(void); /* z = Phi(x); no parameters                  */

/* Rational-quadratic spline of bins parts on [-bound, bound], the identity
 * outside; p = (widths, heights: bins each; slopes: bins - 1). */
jf_map jf_map_spline(size_t bins, real bound);

/* z = logit F(x), F a mixture of logistic laws; p = (logits of weights, means,
 * log scales: components each). */
jf_map jf_map_mixture(size_t components);

#endif
