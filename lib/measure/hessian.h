/* hessian.h -- curvature of the mean negative log-likelihood in theta.
 *
 * H v = (g(theta + h v) - g(theta - h v)) / 2h for the exact gradient g of
 * jf_nll and |v| = 1.  Error: truncation h^2/6 times the third derivative of g
 * along v, rounding about u |terms of g| / h; the default h = (3 u)^1/3
 * max(1, |theta|_rms), u the unit roundoff, balances the two where g's terms
 * and derivatives are of order 1, and leaves about 1e-10 (float: 1e-5) there.
 * Gradient descent theta - eta g is linearly stable at a minimum iff eta <
 * 2 / lambda_max(H). */
#ifndef JF_HESSIAN_H
#define JF_HESSIAN_H

#include "train/objective.h"

typedef struct {
    const jf_layer *f;
    const jf_latent *q;
    const real *theta; /* (n_params) */
    jf_const_matrix x; /* (n, d)     */
    jf_team *team;
    double step; /* h; 0: the default above */
} jf_hessian;

/* hv (n_params) := H v, for v (n_params) of any length but 0. */
int jf_hessian_times(const jf_hessian *h, const double *v, double *hv);

/* a (n_params, n_params) := H, symmetrised; asymmetry, unless NULL, := the
 * largest |H_ij - H_ji| before that, which tells the error. */
int jf_hessian_dense(const jf_hessian *h, double *a, double *asymmetry);

/* The ends of the spectrum by Lanczos with full reorthogonalisation, from a
 * start drawn with seed, until both Ritz residuals are below tolerance times
 * the larger |end| or products are spent (at least 2; at most n_params are
 * used).  residual: of the largest; some eigenvalue is that close to it
 * (Parlett 1998, th. 4.5.1).  top (n_params), unless NULL := its unit vector.
 * GSL_EMAXITER: residuals are above tolerance; the rest is filled. */
typedef struct {
    double smallest, largest, residual;
    size_t products;
} jf_extremes;
int jf_hessian_extremes(const jf_hessian *h, unsigned long seed,
                        size_t products, double tolerance, jf_extremes *out,
                        double *top);

#endif
