/* places.c -- single points, and what is exact beside the pairs.
 *
 * Question  What are the values at the points that C1.3 names, and how far
 *           does a gap move the mean of log |det|?
 * Method    The maps of pairs.c and layers of the library at those points.
 * Writes    rows of uniqueness-points.csv. */
#include "uniqueness.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

/* log |det| of f or g of a pair at x, against the expected value, and against
 * what the broken formula gives. */
static void place(finding *f, const pair *p, int of_g, const double *x,
                  double expected, double wrong)
{
    double z[2], ld = (of_g ? p->g : p->f)(p, x, z);
    *f = (finding){.d = p->d,
                   .n = 1,
                   .measured = ld,
                   .expected = expected,
                   .broken = wrong - ld};
}

static void inversion(const experiment *e, finding *f)
{
    (void)e;
    place(f, pair_find("inversion", 2, 0), 1, (double[]){1, 0},
          0.43275212956718857189, -log(expm1(1)));
}

static void knothe(finding *f, int of_g, double expected)
{
    const pair *p = pair_find("fgm", 2, 1);
    double z[2], wrong = (of_g ? p->g : p->f)(p, (double[]){0, 1}, z);
    place(f, p, of_g, (double[]){1, 0}, expected, wrong);
}

static void knothe_12(const experiment *e, finding *f)
{
    (void)e;
    knothe(f, 0, 0.09758060795988044849834);
}

static void knothe_21(const experiment *e, finding *f)
{
    (void)e;
    knothe(f, 1, 0);
}

static void product(const experiment *e, finding *f)
{
    const pair *p = pair_find("exponential", 2, 0);
    double z[2], ld = p->f(p, (double[]){1, 1}, z);
    (void)e;
    place(f, p, 0, (double[]){1, 1}, -0.048233582423004756,
          ld + 0.5 * (square(z[0]) + square(z[1])));
}

static void polar(const experiment *e, finding *f)
{
    (void)e;
    place(f, pair_find("exponential", 2, 0), 1, (double[]){1, 1},
          log(2 * M_PI / 3), JF_LOG_2PI - log(2));
}

static void gumbel(finding *f, double x, double expected)
{
    double z;
    const pair *p = pair_find("gumbel", 1, 0);
    place(f, p, 1, &x, expected, p->f(p, &x, &z));
}

static void gumbel_0(const experiment *e, finding *f)
{
    (void)e;
    gumbel(f, 0, 0.2380882091325953003319);
}

static void gumbel_1(const experiment *e, finding *f)
{
    (void)e;
    gumbel(f, 1, -0.3536510890622255796458);
}

/* D = 1, an interval: the increasing maps of a law to itself are the identity
 * alone; a chain of Phi, logit, its inverse and Phi^-1 is one. */
static void increasing(const experiment *e, finding *f)
{
    jf_layer *chain = jf_flow_new(1);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(1001, 1);
    double *ld = jf_alloc(x.rows, sizeof *ld), broken = 0;
    (void)e;
    jf_flow_add(chain, jf_elementwise(1, jf_map_normal_cdf()));
    jf_flow_add(chain, jf_elementwise(1, jf_map_logit()));
    jf_flow_add(chain, jf_inverted(jf_elementwise(1, jf_map_logit())));
    jf_flow_add(chain, jf_elementwise(1, jf_map_probit()));
    for (size_t i = 0; i < x.rows; i++)
        jf_row(x, i)[0] = (real)(-4 + 8 * (double)i / 1000);
    *f = (finding){.d = 1, .n = x.rows};
    if (jf_forward(chain, NULL, x, ld, team) != GSL_SUCCESS)
        f->measured = (double)NAN;
    for (size_t i = 0; i < x.rows; i++) {
        double at = -4 + 8 * (double)i / 1000;
        f->measured = jf_worse(f->measured, fabs(ld[i]));
        broken = jf_worse(broken, fabs(ld[i] + 0.5 * (at * at + JF_LOG_2PI)));
    }
    f->tolerance = 16 * DBL_EPSILON / gsl_cdf_ugaussian_Q(4);
    f->broken = broken - f->measured;
    free(ld);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(chain);
}

/* The disc of C1.3c; and what its rotation is not: the angle depends on the
 * direction, so that area is not kept. */
static const jf_disc disc = {.3, .5, .28, M_PI};

static void lean(const void *unused, const double *u, double *w)
{
    double v[2] = {u[0] - disc.x, u[1] - disc.y};
    double s = (square(v[0]) + square(v[1])) / square(disc.radius);
    (void)unused;
    memcpy(w, u, 2 * sizeof *w);
    if (!(s < 1))
        return;
    double angle = v[0] / disc.radius * disc.angle * exp(1 - 1 / (1 - s));
    w[0] = disc.x + cos(angle) * v[0] - sin(angle) * v[1];
    w[1] = disc.y + sin(angle) * v[0] + cos(angle) * v[1];
}

static void lean_normal(const double *x, double *z)
{
    double u[2] = {gsl_cdf_ugaussian_P(x[0]), gsl_cdf_ugaussian_P(x[1])}, w[2];
    lean(NULL, u, w);
    for (int k = 0; k < 2; k++)
        z[k] = gsl_cdf_ugaussian_Pinv(w[k]);
}

enum { SIDE = 8 };

/* Counts of Phi(z) in the cells of side 1 / 8 of the unit square. */
static void count_cell(const double *z, double *count)
{
    size_t cell = 0;
    for (int k = 0; k < 2; k++)
        cell = cell * SIDE +
               (size_t)fmin(gsl_cdf_ugaussian_P(z[k]) * SIDE, SIDE - 1);
    count[cell]++;
}

/* p of Pearson's chi-squared, when a part of all n is moved from the first cell
 * to the next. */
static double uniform_p(const double *count, double n, double moved)
{
    double each = n / (SIDE * SIDE), sum = 0;
    for (int k = 0; k < SIDE * SIDE; k++) {
        double planted = k == 0 ? -moved : k == 1 ? moved : 0;
        sum += square(count[k] + planted * n - each) / each;
    }
    return gsl_cdf_chisq_Q(sum, SIDE * SIDE - 1);
}

/* The law of T(Z), in cells that are equally likely under N(0, I). */
static void image_law(const experiment *e, finding *f)
{
    const pair *p = pair_find("twist", 2, 0);
    double right[SIDE * SIDE] = {0}, wrong[SIDE * SIDE] = {0}, x[2], z[2];
    double share = JF_LEVEL / JF_SHARES, low = 0, high = 1;
    size_t n = by_profile(e, 20000, 1000000, 4000000);
    gsl_rng *rng = stream(e, 15);
    for (size_t i = 0; i < n; i++) {
        p->draw(p, rng, x);
        p->g(p, x, z);
        count_cell(z, right);
        lean_normal(x, z);
        count_cell(z, wrong);
    }
    gsl_rng_free(rng);
    for (int k = 0; k < 40; k++) {
        double middle = 0.5 * (low + high);
        *(uniform_p(right, (double)n, middle) < share ? &high : &low) = middle;
    }
    /* A count of a cell has variance n / 64. */
    double least =
        high + gsl_cdf_ugaussian_Pinv(0.9) / (SIDE * sqrt((double)n));
    *f = (finding){.d = 2,
                   .n = n,
                   .measured = uniform_p(right, (double)n, 0),
                   .expected = share,
                   .law = JF_BY_P,
                   .p = uniform_p(right, (double)n, 0),
                   .detectable = least,
                   .planted_p = uniform_p(right, (double)n, 1.5 * least),
                   .broken = uniform_p(wrong, (double)n, 0)};
}

static void layer_map(const void *layer, const double *x, double *z)
{
    const jf_layer *f = layer;
    double ld = 0;
    memcpy(z, x, f->d * sizeof *z);
    if (f->ops->forward(f, (jf_weights){NULL, NULL}, jf_view(z, 1, f->d), &ld,
                        NULL) != GSL_SUCCESS)
        z[0] = (double)NAN;
}

/* The twist of another disc at (1, 0), where C1.3 prints ten digits. */
static void twist(const experiment *e, finding *f)
{
    jf_layer *t = jf_twist(2, 0, 1, (jf_disc){.5, .5, .45, M_PI / 2});
    double z[2] = {1, 0}, ld = 0;
    (void)e;
    if (t->ops->forward(t, (jf_weights){NULL, NULL}, jf_view(z, 1, 2), &ld,
                        NULL) != GSL_SUCCESS)
        ld = (double)NAN;
    *f = (finding){.d = 2,
                   .n = 1,
                   .measured = ld,
                   .expected = -0.0433389377,
                   .tolerance = 5e-11,
                   .broken = square(z[0]) + square(z[1]) - 1 - ld};
    jf_layer_free(t);
}

/* A swirl of the unit square: log |det| at uniform points. */
static void swirl(const experiment *e, finding *f)
{
    jf_layer *flow = jf_swirl(2, 0, 1, disc);
    gsl_rng *rng = stream(e, 14);
    double broken = 0;
    *f = (finding){.d = 2, .n = 1000, .expected = 1};
    for (size_t k = 0; k < f->n; k++) {
        double at[2] = {gsl_rng_uniform_pos(rng), gsl_rng_uniform_pos(rng)};
        double allowed, ld = by_differences(2, layer_map, flow, at, &allowed);
        f->measured = jf_worse(f->measured, fabs(ld) / allowed);
        ld = by_differences(2, lean, NULL, at, &allowed);
        broken = jf_worse(broken, fabs(ld) / allowed);
    }
    f->broken = broken - f->measured;
    gsl_rng_free(rng);
    jf_layer_free(flow);
}

/* C1.4 where f(x) = 0: ld - log p_X - (D/2) log 2 pi by differences. */
static void lowest(const experiment *e, finding *f)
{
    const pair *fgm = pair_find("fgm", 2, 1);
    const pair *power = pair_find("exponential", 2, 0);
    const pair *plane = pair_find("twist", 2, 0);
    jf_layer *t = jf_twist(2, 0, 1, disc);
    double origin[2] = {0, 0}, broken = 0;
    (void)e;
    if (t->ops->inverse(t, (jf_weights){NULL, NULL}, jf_view(origin, 1, 2),
                        NULL) != GSL_SUCCESS)
        origin[0] = (double)NAN;
    const struct {
        pair_map flow;
        double x[2];
    } at[] = {{{fgm, fgm->f}, {0, 0}},
              {{fgm, fgm->g}, {0, 0}},
              {{power, power->f}, {M_LN2, M_LN2}},
              {{plane, plane->g}, {origin[0], origin[1]}}};
    *f = (finding){.d = 2, .n = sizeof at / sizeof *at};
    for (size_t k = 0; k < f->n; k++) {
        const pair *p = at[k].flow.p;
        double allowed;
        double excess =
            by_differences(2, pair_follow, &at[k].flow, at[k].x, &allowed) -
            p->log_density(p, at[k].x);
        f->measured = jf_worse(f->measured, fabs(excess - JF_LOG_2PI));
        f->tolerance = jf_worse(f->tolerance, allowed);
        broken = jf_worse(broken, fabs(excess));
    }
    f->broken = broken - f->measured;
    jf_layer_free(t);
}

/* C1.2d: sqrt(r) f_0, X = Z normal and f_0 = id. */

/* log p - log q of a column at z. */
static double log_ratio(const void *r, double z)
{
    double scale = *(const double *)r;
    return 0.5 * (scale - 1) * z * z - 0.5 * log(scale);
}

static void scaled(const experiment *e, finding *f)
{
    static const double r[] = {0.25, 0.5, 2, 4}, d[] = {2, 3, 8};
    double broken = 0;
    (void)e;
    *f = (finding){.d = 8, .n = 12, .tolerance = 64 * 8 * DBL_EPSILON};
    for (size_t k = 0; k < f->n; k++) {
        double at = r[k % 4], half = d[k / 4] / 2;
        double gap = 2 * half * normal_cumulants(log_ratio, &at).mean;
        double shift = half * log(at);
        f->measured = jf_worse(
            f->measured, fabs(shift - half * log_root(gap / half, at - 1)));
        broken =
            jf_worse(broken, fabs(shift - half * log_root(2 * gap, at - 1)));
    }
    f->broken = broken - f->measured;
}

static const char value[] =
    "the formula at the point; 64 eps: a few roundings of terms below 3";
#define FEW (64 * DBL_EPSILON)

static const check places[] = {
    {{"C1.3a", "ld of the inversion at (1 0)", "D = 2, normal base", value,
      JF_IDENTITY, "exp(|z|^2) for exp(|z|^2/2)"},
     "inversion",
     JF_EQUAL,
     FEW,
     inversion},
    {{"C1.3b", "ld of the order 1-2 at (1 0)", "FGM copula, a = 1", value,
      JF_IDENTITY, "u and v exchanged"},
     "Knothe 1-2",
     JF_EQUAL,
     FEW,
     knothe_12},
    {{"C1.3b", "ld of the order 2-1 at (1 0)", "FGM copula, a = 1", value,
      JF_IDENTITY, "u and v exchanged"},
     "Knothe 2-1",
     JF_EQUAL,
     FEW,
     knothe_21},
    {{"C1.3c", "ld of a twist at (1 0)",
      "disc (.5, .5), radius .45, angle pi/2", "ten digits are printed",
      JF_IDENTITY, "|T z|^2 for |T z|^2/2"},
     "twist",
     JF_EQUAL,
     0,
     twist},
    {{"C1.3c", "T(Z) has the law of Z",
      "D = 2; disc (.3, .5), radius .28, angle pi",
      "p of Pearson's chi-squared, 64 equally likely cells; detectable: part "
      "of "
      "the law in a wrong cell",
      JF_STATISTIC, "angle by the direction: area not kept"},
     "image law",
     JF_AT_LEAST,
     0,
     image_law},
    {{"C1.3d", "ld of the product map at (1 1)", "Exp(1)^2", value, JF_IDENTITY,
      "|z|^2 for |z|^2/2"},
     "product",
     JF_EQUAL,
     FEW,
     product},
    {{"C1.3d", "ld of the polar map at (1 1)", "Exp(1)^2", value, JF_IDENTITY,
      "log t for log(1 + t)"},
     "polar",
     JF_EQUAL,
     FEW,
     polar},
    {{"C1.3e", "ld of the decreasing map at 0", "Gumbel, D = 1", value,
      JF_IDENTITY, "the increasing map"},
     "decreasing at 0",
     JF_EQUAL,
     FEW,
     gumbel_0},
    {{"C1.3e", "ld of the decreasing map at 1", "Gumbel, D = 1", value,
      JF_IDENTITY, "the increasing map"},
     "decreasing at 1",
     JF_EQUAL,
     FEW,
     gumbel_1},
    {{"C1.5", "an increasing map of N(0 1) to itself has ld = 0",
      "D = 1, an interval; a chain through (0 1) and the logistic law",
      "largest |ld| at 1001 points of [-4 4]; 16 eps over 1 - Phi(4), the "
      "rounding of Phi near 1",
      JF_IDENTITY, "derivative of Phi left out"},
     "increasing",
     JF_EQUAL,
     0,
     increasing},
    {{"C1.4",
      "over a uniform base log|det| of T o f is that of f: T keeps the uniform "
      "law and has log|det| 0",
      "T a swirl of the unit square",
      "five-point differences at 1000 points; largest |log|det J|| over what "
      "these may err: the change from twice the step, and rounding",
      JF_IDENTITY, "angle by the direction: area not kept"},
     "swirl",
     JF_AT_MOST,
     0,
     swirl},
    {{"C1.4", "log|det J| = log p_X + (D/2) log 2 pi where f(x) = 0",
      "FGM, both orders; product map of Exp(1)^2; twist",
      "five-point differences; tolerance: what these may err, the change from "
      "twice the step, and rounding",
      JF_IDENTITY, "(D/2) log 2 pi missing"},
     "lowest",
     JF_EQUAL,
     0,
     lowest},
    {{"C1.2d",
      "the mean of log|det| of sqrt(r) f_0 is (D/2) log r from h(Z) - h(X), "
      "the farthest that its gap allows",
      "f_0 exact; X normal, D = 2, 3, 8; r = 1/4, 1/2, 2, 4",
      "gap by quadrature, root of r - 1 - log r = 2 g/D by halving; 64 eps D, "
      "its rounding",
      JF_IDENTITY, "2 g for 2 g/D"},
     "scaled",
     JF_EQUAL,
     0,
     scaled},
};
const check_list list_places = {places, sizeof places / sizeof *places};
