/* laws.c -- what the law of the data asks of a flow: several modes (P12), heavy
 * tails (P14), anomaly scores (P15), patches of images (P16); and what rounding
 * asks of nobody (P13) (C8). */
#include "common/lipschitz_program.h"
#include "common/scores.h"
#include "principles.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_roots.h>

/* P12.  Two unit intervals at distance 2 d, slopes at least 1/M: the best map
 * has slope 1/M on |x| <= x0 and a multiple C of the normal density beyond, C
 * Phi(-x0/M) = P(X > x0) and C phi(x0/M) = M / 2; x0 = d where C phi(d/M) is
 * below M / 2 already (C6.6). */
#define HALF_GAP 0.5

static double multiple(double x0, double budget)
{
    return 0.5 * (HALF_GAP + 1 - x0) / gsl_cdf_ugaussian_P(-x0 / budget);
}

static double mismatch(double x0, void *budget)
{
    double m = *(const double *)budget;
    return multiple(x0, m) * gsl_ran_ugaussian_pdf(x0 / m) - 0.5 * m;
}

/* log p/q is log(M/2) + log 2 pi / 2 + x^2/2M^2 on |x| <= x0, log C beyond. */
static double least_divergence(double budget)
{
    double d = HALF_GAP, x0 = d;
    if (mismatch(d, &budget) > 0) { /* the slope beyond d is below 1/M */
        gsl_root_fsolver *s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
        gsl_function f = {mismatch, &budget};
        gsl_root_fsolver_set(s, &f, d, d + 1);
        for (int i = 0; i < 100; i++) {
            gsl_root_fsolver_iterate(s);
            x0 = gsl_root_fsolver_root(s);
        }
        gsl_root_fsolver_free(s);
    }
    return (x0 - d) * (log(budget / 2) + 0.5 * JF_LOG_2PI) +
           (x0 * x0 * x0 - d * d * d) / (6 * budget * budget) +
           (d + 1 - x0) * log(multiple(x0, budget));
}

static double bound(double budget)
{
    return -log(2 * gsl_cdf_ugaussian_P(-HALF_GAP / budget));
}

static const double budgets[] = {0.5, 1, 2, 3, 5, 64};
enum { BUDGETS = sizeof budgets / sizeof *budgets };

static void above_bound(const experiment *e, finding *f)
{
    double broken = (double)INFINITY;
    (void)e;
    f->d = 1;
    f->n = BUDGETS;
    f->measured = (double)INFINITY;
    for (size_t k = 0; k < BUDGETS; k++) {
        double m = budgets[k], is = least_divergence(m);
        f->measured = -jf_worse(-f->measured, bound(m) - is);
        broken = fmin(broken, is - bound(m * m));
    }
    f->broken = broken - f->measured;
}

/* The convex program over cells, whose value lies above by the order of a cell
 * since the best map is steep without end at both ends: extrapolated from c and
 * 2 c cells, and from 2 c and 4 c.  What that changes is more than the error
 * that is left.  Broken: M^2 for M. */
static double extrapolated(double budget, size_t cells, double *allowed)
{
    double v[3];
    for (size_t k = 0; k < 3; k++)
        v[k] = best_on_intervals(HALF_GAP, budget, cells << k);
    *allowed = fabs(2 * v[2] - 3 * v[1] + v[0]) + 1e-9;
    return 2 * v[2] - v[1];
}

static void swept(const experiment *e, finding *f)
{
    size_t cells = by_profile(e, 300, 1500, 3000);
    double unused;
    f->d = 1;
    f->n = 4 * cells;
    for (size_t k = 1; k < BUDGETS; k++) {
        double m = budgets[k], exact = least_divergence(m), allowed;
        double is = extrapolated(m, cells, &allowed);
        f->measured = jf_worse(f->measured, fabs(is - exact) / allowed);
        if (m == 2)
            f->broken =
                fabs(extrapolated(m * m, cells, &unused) - exact) / allowed;
    }
    f->broken -= f->measured;
}

/* P13.  A chain that keeps N(0, I), so that its tails are smooth: twists of two
 * columns and reflections of all by turns.  The error of log q against its
 * first order, over the bound; broken: what the map errs by, which is what
 * products of Jacobians tell. */
static void by_gradients(const experiment *e, finding *f)
{
    enum { D = 4, DEPTH = 12, ROWS = 200 };
    jf_shadow s[ROWS];
    jf_layer *flow = jf_flow_new(D);
    jf_latent normal = jf_normal();
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(ROWS, D);
    double wrong = 0;
    for (size_t k = 0; k < DEPTH; k++) {
        jf_flow_add(flow, jf_twist(D, 0, 1, (jf_disc){0.5, 0.5, 0.5, 6}));
        jf_flow_add(flow, jf_orthogonal(D, 3));
    }
    real *theta = jf_theta_new(flow);
    jf_fill_normal(jf_view(theta, 1, flow->module.n_params), e->args.seed,
                   JF_PURPOSE_USER + 672, 0);
    jf_fill_normal(x, e->args.seed, JF_PURPOSE_USER + 672, 1);
    if (jf_shadow_of(flow, &normal, theta, jf_const(x), s, team) != GSL_SUCCESS)
        jf_fail(1, "principles: a layer fails");
    for (size_t i = 0; i < ROWS; i++) {
        double rest = 16 * DEPTH * DBL_EPSILON, scale = s[i].bound + rest;
        f->measured =
            jf_worse(f->measured, fabs(s[i].log_q - s[i].first) / scale);
        wrong = jf_worse(wrong, fabs(fabs(s[i].log_q) - s[i].map) / scale);
    }
    f->d = D;
    f->n = ROWS;
    f->broken = wrong - f->measured;
    jf_matrix_free(&x);
    jf_team_free(team);
    free(theta);
    jf_layer_free(flow);
}

/* P14.  n Cauchy variables through the bi-Lipschitz map with slopes 1/4 and 1:
 * P(f^2 > s) ~ c s^-1/2 with c = (2/pi) (1 + 1/4) / 2, so that sum f^2 / n^2
 * has in the limit the Levy law of scale pi c^2 / 2, whose median that over
 * Phi^-1(3/4)^2 is; -LL is half that sum over n, which grows as n.  The next
 * order moves the median by 1/n.  Broken: sum f^2 / n, as if E|X|^2 were
 * finite. */
static void drift(const experiment *e, finding *f)
{
    size_t runs = by_profile(e, 400, 2000, 10000), n = 1000;
    double c = 2 / M_PI * 0.625, median = M_PI * c * c / 2;
    size_t below = 0, unscaled = 0;
    gsl_rng *rng = stream(e, 670);
    median /= square(gsl_cdf_ugaussian_Pinv(0.75));
    for (size_t i = 0; i < runs; i++) {
        double sum = 0;
        for (size_t k = 0; k < n; k++) {
            double x = tan(M_PI * ((double)jf_stream_uniform(rng) - 0.5));
            sum += square(x < 0 ? 0.25 * x : x);
        }
        below += sum < median * (double)(n * n);
        unscaled += sum < median * (double)n;
    }
    f->d = 1;
    f->n = runs;
    f->measured = (double)below / (double)runs;
    f->expected = 0.5;
    f->se = 0.5 / sqrt((double)runs);
    f->broken = (double)unscaled / (double)runs - f->measured;
    gsl_rng_free(rng);
}

/* P15.  Rank correlation of |z|^2 and -log q. */
static void anomaly(const experiment *e, finding *f)
{
    static const struct {
        score_map map;
        double is;
    } cases[] = {{SCORE_INVERSION, -1}, {SCORE_POLAR, 1}, {SCORE_CONSTANT, 1}};
    size_t n = by_profile(e, 20000, 200000, 200000);
    double broken = 0;
    f->d = 2;
    f->n = n;
    for (size_t k = 0; k < 3; k++) {
        scores s =
            scores_of(cases[k].map, n, e->args.seed, JF_PURPOSE_USER + 671);
        double *a = ranks_of(n, s.nll), *b = ranks_of(n, s.square);
        f->measured = jf_worse(f->measured,
                               fabs(rank_correlation(n, a, b) - cases[k].is));
        broken =
            jf_worse(broken, fabs(rank_correlation(n, b, b) - cases[k].is));
        free(b);
        free(a);
        scores_clear(&s);
    }
    f->tolerance = 6 / ((double)n * (double)n);
    f->broken = broken - f->measured;
}

/* P16.  Patches of SIDE x SIDE pixels from periodic fields of WHOLE x WHOLE
 * with power 1/(1 + |k|^2): what diagonal filters lose to the affine optimum,
 * per pixel, 1/2 (sum_k log P_k - log det R) / SIDE^2, P_k the mean square of a
 * coefficient in an orthonormal basis. */
enum { WHOLE = 64, SIDE = 8, PIXELS = SIDE * SIDE };

/* r (PIXELS, PIXELS): covariance of the pixels. */
static void patch_covariance(double *r)
{
    double at[SIDE][SIDE];
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            at[y][x] = 0;
            for (int k = -WHOLE / 2; k < WHOLE / 2; k++)
                for (int l = -WHOLE / 2; l < WHOLE / 2; l++)
                    at[y][x] += cos(2 * M_PI * k * y / WHOLE) *
                                cos(2 * M_PI * l * x / WHOLE) /
                                (1 + k * k + l * l) / (WHOLE * WHOLE);
        }
    for (int i = 0; i < PIXELS; i++)
        for (int j = 0; j < PIXELS; j++)
            r[i * PIXELS + j] =
                at[abs(i / SIDE - j / SIDE)][abs(i % SIDE - j % SIDE)];
}

typedef enum { COSINE, CIRCULAR, UNSCALED } basis;

/* Rows: the cosines of the reflecting boundary, orthonormal, or with the
 * constant unscaled; or Fourier waves, cosines and sines of each frequency,
 * whose squares are summed. */
static double power(basis b, const double *r, int u, int v)
{
    double sum = 0;
    for (int part = 0; part < (b == CIRCULAR ? 2 : 1); part++) {
        double w[PIXELS];
        for (int i = 0; i < PIXELS; i++) {
            int y = i / SIDE, x = i % SIDE;
            double wave = 2 * M_PI * (u * y + v * x) / SIDE;
            double lean = (u && b == COSINE) || b == UNSCALED ? M_SQRT2 : 1;
            double side = (v && b == COSINE) || b == UNSCALED ? M_SQRT2 : 1;
            w[i] = b == CIRCULAR
                       ? (part ? sin(wave) : cos(wave)) / SIDE
                       : lean * side / SIDE * cos(M_PI * (y + 0.5) * u / SIDE) *
                             cos(M_PI * (x + 0.5) * v / SIDE);
        }
        for (int i = 0; i < PIXELS; i++)
            for (int j = 0; j < PIXELS; j++)
                sum += w[i] * r[i * PIXELS + j] * w[j];
    }
    return sum;
}

static double gap_per_pixel(basis b)
{
    double *r = jf_alloc(PIXELS * PIXELS, sizeof *r), sum = 0, ld;
    patch_covariance(r);
    for (int u = 0; u < SIDE; u++)
        for (int v = 0; v < SIDE; v++)
            sum += log(power(b, r, u, v));
    if (jf_log_abs_det(PIXELS, r, &ld) != GSL_SUCCESS)
        ld = (double)NAN;
    free(r);
    return 0.5 * (sum - ld) / PIXELS;
}

static void reflecting(const experiment *e, finding *f)
{
    (void)e;
    f->d = PIXELS;
    f->measured = gap_per_pixel(COSINE);
    f->expected = 0.0083170524726341;
    f->broken = gap_per_pixel(UNSCALED) - f->measured;
}

static void circular(const experiment *e, finding *f)
{
    (void)e;
    f->d = PIXELS;
    f->measured = gap_per_pixel(CIRCULAR);
    f->expected = 0.0568248807459852;
    f->broken = gap_per_pixel(COSINE) - f->measured;
}

#define C(id, statement, hypotheses, method, kind, broken)                     \
    {                                                                          \
        id, statement, hypotheses, method, kind, broken                        \
    }

static const check checks[] = {
    {C("C8.P12", "at any budget M KL stays above -log 2 Phi(-d/M)",
       "two intervals at distance 1, M = 1/2 .. 64; equality where no slope is "
       "at its bound",
       "least excess of the best map, by one root; 16 roundings", JF_IDENTITY,
       "M^2 for M"),
     "P12", JF_AT_LEAST, 16 * DBL_EPSILON, above_bound},
    {C("C8.P12", "a sweep over maps finds the divergence of the best one",
       "two intervals at distance 1, M = 1 .. 64",
       "convex program over cells, extrapolated; largest difference over what "
       "doubling the cells changes, plus 1e-9",
       JF_OPTIMISATION, "M^2 for M"),
     "P12 sweep", JF_EQUAL, 1, swept},
    {C("C8.P13",
       "log q errs by activation gradients times roundings, not by what the "
       "map "
       "does",
       "12 twists and as many reflections that keep N(0, I), d = 4; rounded to "
       "float after each layer; 200 rows",
       "largest difference over the bound of C6.9; 5% for the next order",
       JF_IDENTITY, "the error of the map for that of log q"),
     "P13", JF_AT_MOST, 0.05, by_gradients},
    {C("C8.P14",
       "where E|X|^2 is infinite -LL of n rows grows as n, by Levy's law",
       "Cauchy variables, bi-Lipschitz map of slopes 1/4 and 1, normal base, n "
       "= 1000",
       "share of samples below the median of the limit; exact standard error",
       JF_STATISTIC, "E|X|^2 finite"),
     "P14", JF_EQUAL, 0, drift},
    {C("C8.P15",
       "|z|^2 ranks as -log q where log|det| is constant, and may rank the "
       "other way round for an exact flow",
       "constant determinant and polar map of two exponential variables: 1; "
       "inversion of the normal plane: -1",
       "largest deviation of the rank correlation; every rank may move by one",
       JF_IDENTITY, "-log q without log|det|"),
     "P15", JF_EQUAL, 0, anomaly},
    {C("C8.P16", "patches: cosine filters lose .00832 nats a pixel",
       "8 x 8 from periodic 64 x 64, power 1/(1 + |k|^2)",
       "closed form; rounding times the condition of the covariance",
       JF_IDENTITY, "cosines not orthonormal"),
     "P16 cosine", JF_EQUAL, 1e-11, reflecting},
    {C("C8.P16", "patches: circular filters lose .05682 nats a pixel",
       "8 x 8 from periodic 64 x 64, power 1/(1 + |k|^2)",
       "closed form; rounding times the condition of the covariance",
       JF_IDENTITY, "the cosine's"),
     "P16 circular", JF_EQUAL, 1e-11, circular},
};

const check_list list_laws = {checks, sizeof checks / sizeof *checks};
