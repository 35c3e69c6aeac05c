/* places.c -- single points, and how far a determinant can go.
 *
 * Question  What are the values at the points that the theory names, and which
 *           values can |det J(x0)| take at one point?
 * Method    The maps of pairs.c at those points; a chain of twists
 *           that carries f(x0) wherever it should go (C1.4 iii).
 * Writes    rows of uniqueness-points.csv. */
#include "uniqueness.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

static const pair *find(const char *name, size_t d, double parameter)
{
    size_t k = 0;
    while (strcmp(exact_pairs[k].name, name) != 0 || exact_pairs[k].d != d ||
           exact_pairs[k].parameter != parameter)
        k++;
    return &exact_pairs[k];
}

/* log |det| of f or g of a pair at x, against the expected value. */
static void place(finding *f, const char *name, double parameter, size_t d,
                  int of_g, const double *x, double expected)
{
    const pair *p = find(name, d, parameter);
    double z[2];
    *f = (finding){d, 1, (of_g ? p->g : p->f)(p, x, z), expected, 0};
}

static void inversion(const experiment *e, finding *f)
{
    (void)e;
    place(f, "inversion", 0, 2, 1, (double[]){1, 0}, 0.43275212956718857189);
}

static void knothe_12(const experiment *e, finding *f)
{
    (void)e;
    place(f, "fgm", 1, 2, 0, (double[]){1, 0}, 0.09758060795988044849834);
}

static void knothe_21(const experiment *e, finding *f)
{
    (void)e;
    place(f, "fgm", 1, 2, 1, (double[]){1, 0}, 0);
}

static void product(const experiment *e, finding *f)
{
    (void)e;
    place(f, "exponential", 0, 2, 0, (double[]){1, 1}, -0.048233582423004756);
}

static void polar(const experiment *e, finding *f)
{
    (void)e;
    place(f, "exponential", 0, 2, 1, (double[]){1, 1}, log(2 * M_PI / 3));
}

static void gumbel_0(const experiment *e, finding *f)
{
    (void)e;
    place(f, "gumbel", 0, 1, 1, (double[]){0}, 0.2380882091325953003319);
}

static void gumbel_1(const experiment *e, finding *f)
{
    (void)e;
    place(f, "gumbel", 0, 1, 1, (double[]){1}, -0.3536510890622255796458);
}

/* D = 1: the increasing maps of a law to itself are the identity alone; two
 * triangular factorisations of it, Phi^-1 o Phi and logit-probit chains, are
 * the same function. */
static void increasing(const experiment *e, finding *f)
{
    jf_layer *chain = jf_flow_new(1);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(1001, 1);
    double *ld = jf_alloc(x.rows, sizeof *ld);
    (void)e;
    jf_flow_add(chain, jf_elementwise(1, jf_map_normal_cdf()));
    jf_flow_add(chain, jf_elementwise(1, jf_map_logit()));
    jf_flow_add(chain, jf_inverted(jf_elementwise(1, jf_map_logit())));
    jf_flow_add(chain, jf_elementwise(1, jf_map_probit()));
    for (size_t i = 0; i < x.rows; i++)
        jf_row(x, i)[0] = (real)(-4 + 8 * (double)i / 1000);
    *f = (finding){1, x.rows, 0, 0, 0};
    if (jf_forward(chain, NULL, x, ld, team) != GSL_SUCCESS)
        f->measured = (double)NAN;
    for (size_t i = 0; i < x.rows; i++)
        f->measured = jf_worse(f->measured, fabs(ld[i]));
    free(ld);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(chain);
}

/* One twist that carries u to w in the unit square: half a turn about their
 * midpoint, in a disc of radius |w - u| / sqrt 2; there s = 1 / 2, where the
 * angle is alpha / e. */
static jf_layer *carry(const double *u, const double *w)
{
    double length = hypot(w[0] - u[0], w[1] - u[1]);
    return jf_twist(2, 0, 1,
                    (jf_disc){(u[0] + w[0]) / 2, (u[1] + w[1]) / 2,
                              length / sqrt(2), M_PI * exp(1)});
}

static double edge(const double *u)
{
    return fmin(fmin(u[0], 1 - u[0]), fmin(u[1], 1 - u[1]));
}

/* A chain of twists from z to b: steps so short that their discs stay in the
 * square; steps are counted. */
static jf_layer *chain(const double *z, const double *b, size_t *steps)
{
    jf_layer *flow = jf_flow_new(2);
    double u[2], end[2], w[2];
    for (int k = 0; k < 2; k++) {
        u[k] = gsl_cdf_ugaussian_P(z[k]);
        end[k] = gsl_cdf_ugaussian_P(b[k]);
    }
    for (*steps = 0; *steps < 1000; ++*steps) {
        double length = hypot(end[0] - u[0], end[1] - u[1]);
        double step = fmin(length, 0.5 * edge(u));
        if (length <= 1e-14)
            break;
        /* The disc reaches (1/2 + 1/sqrt 2) of the step beyond its ends. */
        if (length < 0.5 * edge(end))
            step = length;
        for (int k = 0; k < 2; k++)
            w[k] =
                step < length ? u[k] + (end[k] - u[k]) * step / length : end[k];
        jf_flow_add(flow, carry(u, w));
        memcpy(u, w, sizeof u);
    }
    return flow;
}

/* log |det| of a flow of the plane at a point, from two backwards, and its own
 * claim. */
static double by_backwards(const jf_layer *flow, const double *at, double *own,
                           jf_team *team)
{
    real x[4], v[4] = {1, 0, 0, 1};
    double zero[2] = {0}, ld[2], wide[4], log_det = (double)NAN;
    for (size_t k = 0; k < 4; k++)
        x[k] = (real)at[k % 2];
    int failed = jf_vjp(flow, NULL, jf_view(x, 2, 2), jf_view(v, 2, 2), zero,
                        NULL, JF_TAPE_LEAN, team);
    for (size_t k = 0; k < 4; k++) {
        wide[k] = (double)v[k];
        x[k] = (real)at[k % 2];
    }
    failed |= jf_forward(flow, NULL, jf_view(x, 2, 2), ld, team);
    if (failed || jf_log_abs_det(2, wide, &log_det) != GSL_SUCCESS)
        log_det = (double)NAN;
    *own = ld[0];
    return log_det;
}

/* A swirl of the unit square: its Jacobian's log |det| at uniform points. */
static void swirl(const experiment *e, finding *f)
{
    jf_layer *flow = jf_swirl(2, 0, 1, (jf_disc){.5, .5, .5, M_PI});
    jf_team *team = jf_team_new(1);
    gsl_rng *rng = stream(e, 14);
    *f = (finding){2, 1000, 0, 0, 0};
    for (size_t k = 0; k < f->n; k++) {
        double at[2] = {gsl_rng_uniform_pos(rng), gsl_rng_uniform_pos(rng)};
        double own, by_jacobian = by_backwards(flow, at, &own, team);
        f->measured = jf_worse(f->measured, fabs(by_jacobian));
    }
    gsl_rng_free(rng);
    jf_team_free(team);
    jf_layer_free(flow);
}

/* From x0 = (1, 0), where the identity has ld = 0, to ld = -1/2, the least
 * value, and to 1/2, 2, 4, 6: the largest error of the Jacobian's. */
static void range(const experiment *e, finding *f)
{
    const double z[2] = {1, 0}, wanted[] = {-0.5, 0.5, 2, 4, 6};
    jf_team *team = jf_team_new(1);
    (void)e;
    f->d = 2;
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
        double b[2] = {sqrt(1 + 2 * wanted[k]), 0}, own;
        size_t steps;
        jf_layer *flow = chain(z, b, &steps);
        double by_jacobian = by_backwards(flow, z, &own, team);
        f->n += steps;
        f->measured = jf_worse(f->measured, fabs(own - wanted[k]));
        f->measured = jf_worse(f->measured, fabs(by_jacobian - wanted[k]));
        jf_layer_free(flow);
    }
    jf_team_free(team);
}

static const char value[] = "the formula at the point; printed digits";

static const check places[] = {
    {{"C1.3a", "ld of the inversion at (1 0)", "D = 2, normal base", value},
     "inversion",
     JF_EQUAL,
     1e-12,
     inversion},
    {{"C1.3b", "ld of the order 1-2 at (1 0)", "FGM copula, a = 1", value},
     "Knothe 1-2",
     JF_EQUAL,
     1e-12,
     knothe_12},
    {{"C1.3b", "ld of the order 2-1 at (1 0)", "FGM copula, a = 1", value},
     "Knothe 2-1",
     JF_EQUAL,
     1e-12,
     knothe_21},
    {{"C1.3d", "ld of the product map at (1 1)", "Exp(1)^2", value},
     "product",
     JF_EQUAL,
     1e-12,
     product},
    {{"C1.3d", "ld of the polar map at (1 1)", "Exp(1)^2", value},
     "polar",
     JF_EQUAL,
     1e-12,
     polar},
    {{"C1.3e", "ld of the decreasing map at 0", "Gumbel, D = 1", value},
     "decreasing at 0",
     JF_EQUAL,
     1e-12,
     gumbel_0},
    {{"C1.3e", "ld of the decreasing map at 1", "Gumbel, D = 1", value},
     "decreasing at 1",
     JF_EQUAL,
     1e-12,
     gumbel_1},
    {{"C1.5", "an increasing map of N(0 1) to itself has ld = 0",
      "D = 1; a chain through (0 1) and the logistic law",
      "largest |ld| at 1001 points of [-4 4]; rounding of 1 - Phi(4)"},
     "increasing",
     JF_EQUAL,
     1e-9,
     increasing},
    {{"C1.4",
      "over a uniform base log|det| of T o f is that of f: T keeps the uniform "
      "law and has log|det| 0",
      "T a swirl of the unit square",
      "largest |log|det J|| from backwards at 1000 points; rounding"},
     "swirl",
     JF_EQUAL,
     1e-12,
     swirl},
    {{"C1.4", "at one point log|det J| takes any value from its least one on",
      "X = Z normal, x0 = (1 0); values -1/2 .. 6",
      "chains of twists; largest error of value and of the Jacobian's"},
     "range",
     JF_EQUAL,
     1e-7,
     range},
};
const check_list list_places = {places, sizeof places / sizeof *places};
