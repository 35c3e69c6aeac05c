/* prescribed.c -- determinants that are prescribed, and flows that have them.
 *
 * Question  Which values can |det J| take at one point, or at several at once?
 * Method    X = Z normal in the plane.  log |det T(z)| = (|T z|^2 - |z|^2) / 2
 *           for every T that keeps the law, so a value at z is a circle that
 *           T z has to lie on.  A twist whose disc holds u = Phi(z) turns it
 *           about the centre onto the image w of a point of that circle;
 *           chains of twists go far (C1.4 iii), twists of disjoint discs serve
 *           many points at once (C1.9).
 * Writes    rows of uniqueness-points.csv. */
#include "uniqueness.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

/* One twist that carries u to w in the unit square: half a turn about their
 * midpoint, in a disc of radius reach |w - u|, reach > 1/2; with s = 1 / (4
 * reach^2) there, the angle is alpha exp(1 - 1 / (1 - s)). */
static jf_layer *carry(const double *u, const double *w, double reach)
{
    double length = hypot(w[0] - u[0], w[1] - u[1]);
    double s = 1 / (4 * reach * reach);
    return jf_twist(2, 0, 1,
                    (jf_disc){(u[0] + w[0]) / 2, (u[1] + w[1]) / 2,
                              length * reach, M_PI * exp(1 / (1 - s) - 1)});
}

static double edge(const double *u)
{
    return fmin(fmin(u[0], 1 - u[0]), fmin(u[1], 1 - u[1]));
}

/* A chain of twists from z to b: steps so short that their discs, of reach 1 /
 * sqrt 2, stay in the square; steps are counted. */
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
        jf_flow_add(flow, carry(u, w, M_SQRT1_2));
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

/* The larger error of the flow's own value and of its Jacobian's at z. */
static double error_at(const jf_layer *flow, const double *z, double wanted,
                       jf_team *team)
{
    double own, by_jacobian = by_backwards(flow, z, &own, team);
    return jf_worse(fabs(own - wanted), fabs(by_jacobian - wanted));
}

/* What ld errs at a point of radius r where Phi is rounded: r dz, dz = eps /
 * phi(r). */
static double rounding(double r)
{
    return DBL_EPSILON * (1 + r / gsl_ran_ugaussian_pdf(r));
}

/* From x0 = (1, 0), where the identity has ld = 0, to ld = -1/2, the least
 * value, and to 1/2, 2, 4, 6.  factor 2 is right: |T z|^2 = 1 + 2 ld. */
static void reach_values(finding *f, double factor, double *worst)
{
    const double z[2] = {1, 0}, wanted[] = {-0.5, 0.5, 2, 4, 6};
    jf_team *team = jf_team_new(1);
    f->n = 0;
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
        double b[2] = {sqrt(1 + factor * wanted[k]), 0};
        size_t steps;
        jf_layer *flow = chain(z, b, &steps);
        f->n += steps;
        f->tolerance =
            jf_worse(f->tolerance, 16 * (double)steps * rounding(b[0]));
        *worst = jf_worse(*worst, error_at(flow, z, wanted[k], team));
        jf_layer_free(flow);
    }
    jf_team_free(team);
}

static void range(const experiment *e, finding *f)
{
    double broken = 0;
    (void)e;
    *f = (finding){.d = 2};
    reach_values(f, 1, &broken);
    f->tolerance = 0;
    reach_values(f, 2, &f->measured);
    f->broken = broken - f->measured;
}

/* C1.9: a flow with log |det| = ld[i] at z[i], i < n. */

/* One twist a point, to the point of its circle on the same ray, or with
 * opposite on the other side, where discs overlap.  NULL where a disc leaves
 * the square. */
static jf_layer *prescribe(size_t n, const double (*z)[2], const double *ld,
                           int opposite)
{
    jf_layer *flow = jf_flow_new(2);
    for (size_t i = 0; flow && i < n; i++) {
        double u[2], w[2], square_i = square(z[i][0]) + square(z[i][1]);
        double times = sqrt(1 + 2 * ld[i] / square_i) * (opposite ? -1 : 1);
        for (int k = 0; k < 2; k++) {
            u[k] = gsl_cdf_ugaussian_P(z[i][k]);
            w[k] = gsl_cdf_ugaussian_P(times * z[i][k]);
        }
        jf_layer *twist = carry(u, w, opposite ? 0.55 : M_SQRT1_2);
        if (!twist || jf_flow_add(flow, twist) != GSL_SUCCESS) {
            jf_layer_free(flow);
            flow = NULL;
        }
    }
    return flow;
}

/* The largest error over the points; the tolerance is 16 roundings of each of
 * the n twists at the outermost one. */
static double prescribed_error(finding *f, size_t n, const double (*z)[2],
                               const double *ld, int opposite)
{
    jf_layer *flow = prescribe(n, z, ld, opposite);
    jf_team *team = jf_team_new(1);
    double worst = flow ? 0 : (double)NAN;
    for (size_t i = 0; flow && i < n; i++) {
        double r = sqrt(square(z[i][0]) + square(z[i][1]) + 2 * ld[i]);
        worst = jf_worse(worst, error_at(flow, z[i], ld[i], team));
        f->tolerance = jf_worse(f->tolerance, 16 * (double)n * rounding(r));
    }
    jf_team_free(team);
    if (flow)
        jf_layer_free(flow);
    return worst;
}

static const double three[3][2] = {{.5, .2}, {-.9, .6}, {.1, -1.1}};

static void three_points(const experiment *e, finding *f)
{
    const double ld[3] = {log(1.4), log(.8), log(1.5)};
    (void)e;
    *f = (finding){.d = 2, .n = 3};
    double broken = prescribed_error(f, 3, three, ld, 1);
    f->measured = prescribed_error(f, 3, three, ld, 0);
    f->broken = broken - f->measured;
}

/* Points at the centres of the cells of side 1/4 of the unit square; the discs
 * stay in the cells for these values. */
static void grid_points(finding *f, size_t n)
{
    static const double wanted[4] = {.15, -.08, .1, -.05};
    double z[16][2], ld[16], exchanged[16];
    for (size_t i = 0; i < n; i++) {
        size_t cell = i * (16 / n);
        z[i][0] = gsl_cdf_ugaussian_Pinv(((double)(cell % 4) + 0.5) / 4);
        z[i][1] = gsl_cdf_ugaussian_Pinv(((double)(cell / 4) + 0.5) / 4);
        ld[i] = wanted[(i + i / 4) % 4];
        exchanged[i] = wanted[(i + 1 + i / 4) % 4];
    }
    *f = (finding){.d = 2, .n = n};
    jf_layer *wrong = prescribe(n, z, exchanged, 0);
    jf_team *team = jf_team_new(1);
    double broken = wrong ? 0 : (double)NAN;
    for (size_t i = 0; wrong && i < n; i++)
        broken = jf_worse(broken, error_at(wrong, z[i], ld[i], team));
    if (wrong)
        jf_layer_free(wrong);
    jf_team_free(team);
    f->measured = prescribed_error(f, n, z, ld, 0);
    f->broken = broken - f->measured;
}

static void two_cells(const experiment *e, finding *f)
{
    (void)e;
    grid_points(f, 2);
}

static void four_cells(const experiment *e, finding *f)
{
    (void)e;
    grid_points(f, 4);
}

static void sixteen_cells(const experiment *e, finding *f)
{
    (void)e;
    grid_points(f, 16);
}

#define GRID(n, name, run)                                                     \
    {                                                                          \
        {"C1.9",                                                               \
         "one exact flow has a prescribed log|det J| at " n " points",         \
         "X = Z normal, D = 2; centres of cells of the square, values of "     \
         "either sign",                                                        \
         "twists in disjoint discs; largest error of value and of the "        \
         "Jacobian's, 16 roundings of Phi a twist",                            \
         JF_IDENTITY,                                                          \
         "values exchanged"},                                                  \
            name, JF_EQUAL, 0, run                                             \
    }

static const check prescribed[] = {
    {{"C1.4", "at one point log|det J| takes any value from its least one on",
      "X = Z normal, x0 = (1 0); values -1/2 .. 6",
      "chains of twists; largest error of value and of the Jacobian's, 16 "
      "roundings of Phi a twist",
      JF_IDENTITY, "|T z|^2 for |T z|^2/2"},
     "range",
     JF_EQUAL,
     0,
     range},
    {{"C1.9",
      "one exact flow has log|det J| = log 1.4, log .8, log 1.5 at three "
      "points",
      "X = Z normal; (.5, .2), (-.9, .6), (.1, -1.1)",
      "twists in disjoint discs; largest error of value and of the "
      "Jacobian's, 16 roundings of Phi a twist",
      JF_IDENTITY, "discs overlapping"},
     "three points",
     JF_EQUAL,
     0,
     three_points},
    GRID("two", "two cells", two_cells),
    GRID("four", "four cells", four_cells),
    GRID("sixteen", "sixteen cells", sixteen_cells),
};
const check_list list_prescribed = {prescribed,
                                    sizeof prescribed / sizeof *prescribed};
