/* values.c -- what is known exactly of the pairs: variances and couplings.
 *
 * V_X and V_Z are the variances of A = log p_X(X) and B = log p_Z(Z).  For a
 * normal base -B is a gamma variable of D/2 and a constant, and -A one of D/2
 * (X normal) or D (exponential variables), so that the comonotone and the
 * antitone coupling of C1.7 are integrals over one normal score; of the FGM
 * law the quantiles are those of a grid.  ld of the radial map is the antitone
 * difference itself (C1.3a). */
#include "uniqueness.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

static int is(const pair *p, const char *name)
{
    return strcmp(p->name, name) == 0;
}

/* GSL's quantile and one step of Newton's method. */
double gamma_quantile(double a, double z)
{
    if (z < 0) {
        double p = gsl_cdf_ugaussian_P(z), x = gsl_cdf_gamma_Pinv(p, a, 1);
        return x - (gsl_cdf_gamma_P(x, a, 1) - p) / gsl_ran_gamma_pdf(x, a, 1);
    }
    double q = gsl_cdf_ugaussian_Q(z), x = gsl_cdf_gamma_Qinv(q, a, 1);
    return x + (gsl_cdf_gamma_Q(x, a, 1) - q) / gsl_ran_gamma_pdf(x, a, 1);
}

typedef struct {
    double a, b; /* shapes of -A and -B */
    double sign; /* 1: comonotone, -1: antitone */
} coupling;

static double coupled(const void *arg, double z)
{
    const coupling *c = arg;
    return gamma_quantile(c->b, c->sign * z) - gamma_quantile(c->a, z);
}

static double product_log_det(const void *unused, double z)
{
    (void)unused;
    return 0.5 * (z * z + JF_LOG_2PI) + log(gsl_cdf_ugaussian_Q(z));
}

static double polar_log_det(const void *unused, double z)
{
    (void)unused;
    return JF_LOG_2PI - log1p(gamma_quantile(2, z));
}

/* The FGM law of the plane, log-density A in mass w, on a grid of scores. */
typedef struct {
    double log_density, mass;
} atom;

static int by_density(const void *a, const void *b)
{
    double u = ((const atom *)a)->log_density,
           v = ((const atom *)b)->log_density;
    return (u > v) - (u < v);
}

enum { SIDE = 289 }; /* scores -9, -9 + 1/16, .. 9 */

static atom *fgm_atoms(double parameter)
{
    atom *all = jf_alloc((size_t)SIDE * SIDE, sizeof *all);
    double score[SIDE], rank[SIDE];
    for (int i = 0; i < SIDE; i++) {
        score[i] = (i - SIDE / 2) / 16.0;
        rank[i] = 1 - 2 * gsl_cdf_ugaussian_P(score[i]);
    }
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            double normal =
                -0.5 * (square(score[i]) + square(score[j])) - JF_LOG_2PI;
            double copula = log1p(parameter * rank[i] * rank[j]);
            all[i * SIDE + j] =
                (atom){normal + copula, exp(normal + copula) / 256};
        }
    return all;
}

/* Var (A - B), -B - log 2 pi exponential, by the ranks of A; sign 0: Var A. */
static double fgm_variance(const atom *atoms, double sign)
{
    double m1 = 0, m2 = 0, below = 0;
    for (size_t k = 0; k < (size_t)SIDE * SIDE; k++) {
        if (!(atoms[k].mass > 0)) /* c = 0 to rounding */
            continue;
        double w = atoms[k].mass, rank = below + 0.5 * w;
        double e = sign > 0   ? -log(rank)
                   : sign < 0 ? -log1p(-fmin(rank, 1 - 0.5 * w))
                              : 0;
        double v = atoms[k].log_density + e;
        below += w;
        m1 += w * v;
        m2 += w * v * v;
    }
    return m2 - m1 * m1;
}

static void fgm_values(const pair *p, pair_values *v)
{
    atom *atoms = fgm_atoms(p->parameter);
    qsort(atoms, (size_t)SIDE * SIDE, sizeof *atoms, by_density);
    v->variance_log_density = (double)p->d / 2 * fgm_variance(atoms, 0);
    if (p->d == 2) {
        v->comonotone = fgm_variance(atoms, 1);
        v->antitone = fgm_variance(atoms, -1);
    }
    free(atoms);
}

static void gamma_values(const pair *p, pair_values *v)
{
    double half = 0.5 * (double)p->d;
    coupling c = {v->variance_log_density, half, 1};
    v->comonotone = normal_cumulants(coupled, &c).variance;
    c.sign = -1;
    v->antitone = normal_cumulants(coupled, &c).variance;
}

static void set(pair_values *v, int of_g, double times, cumulants c)
{
    v->variance[of_g] = times * c.variance;
    v->fourth[of_g] = times * c.fourth;
}

pair_values pair_values_of(const pair *p)
{
    double d = (double)p->d, none = (double)NAN;
    pair_values v = {d / 2, d / 2, none, none, {none, none}, {none, none}};
    if (is(p, "exponential")) {
        v.variance_log_density = d;
        set(&v, 0, d, normal_cumulants(product_log_det, NULL));
        set(&v, 1, d / 2, normal_cumulants(polar_log_det, NULL));
    } else if (is(p, "inversion")) {
        set(&v, 1, d / 2,
            (cumulants){0, M_PI * M_PI / 3, 2 * pow(M_PI, 4) / 15});
    } else if (is(p, "radial")) {
        set(&v, 1, 1, normal_cumulants(coupled, &(coupling){d / 2, d / 2, -1}));
    } else if (is(p, "cube")) { /* ld = log p_X = -(chi^2 + constant) / 2 */
        v.variance_log_base = 0;
        v.comonotone = v.antitone = d / 2;
        set(&v, 0, d, (cumulants){0, 0.5, 3});
        set(&v, 1, d, (cumulants){0, 0.5, 3});
    } else if (is(p, "gumbel")) { /* log p = log e - e, e exponential */
        v.variance_log_density = v.variance_log_base = M_PI * M_PI / 6 - 1;
        v.comonotone = 0;
    } else if (is(p, "fgm")) {
        fgm_values(p, &v);
    }
    if (strcmp(p->base, "normal") == 0 && !is(p, "fgm"))
        gamma_values(p, &v);
    return v;
}
