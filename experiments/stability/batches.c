/* batches.c -- steps on whole tables and on mini-batches of bounded rows.
 *
 * Question  At which rates do steps of the linear flow converge from every
 *           start, and at which does no batch change the sign of det W?
 * Method    Steps by the library's gradient; what is proved of each is watched
 *           after each.  The gauge W -> O W, O orthogonal, commutes with a step
 *           and random tables have random axes, so that W_0 is diagonal.
 *   full    C7.6: all rows, no bias, rate below 1/lambda_1(R), D = 1 .. 6, R of
 *           condition 10.  contraction: (beta' - 1) / (1 + (1 - kappa) (beta -
 *           1)) - 1 is at most 0.  Wrong: kappa = 2 min a; rates to 2/lambda_1.
 *   plain   C7.7a: no bias, rows in the unit ball, one of them on its sphere,
 *           rate below 1, random batches of 1 to 3 rows, D = 1 .. 4.
 *           least: of the eigenvalues of W'W over 4 eta (1 - eta), at least 1;
 *           norm: the mean |W|^2 of a chain over its bound.  Wrong: rate below
 *           1/lambda_1(R).
 *   line    C7.7c: bias, D = 1, |x| <= X <= 1, rate below 1/(1 + X^2).  kernel:
 *           |b| / (X |w|) is at most 1; least: w^2 over 4 eta (1 - 2 eta X^2).
 *   bias    C7.7d: bias, D = 1 .. 4, |x| <= X = 1/2, rate below .6.  kernel:
 *           |W^-1 b| is at most 1; least: over 4 eta (1 - .75 eta).
 *           Of both each step takes, of some candidates on the sphere and 0,
 *           the one that makes the kernel largest; on every other line, the
 *           one that makes w least, from the start at which a step at X attains
 *           the bound: b = X w, w^2 = eta / (1 - 2 eta X^2).  Wrong: rate .95 /
 *           (1 + X^2) with X = 2, every other time at 0, -X e_1 and X e_1.
 *   Cross   C7.7b: 24 steps at 0, one at -2 and one at x make w = 0; x by
 *           bisection.  C7.7c: with X > 1 steps at 0, -X, X make w < 0.
 * Writes    stability-batches.csv, a row of the right rate and one of the wrong
 *           for each start; flips: of the sign of det W; loose: contraction
 *           with the wrong kappa, or least with 4 eta for its bound;
 *           stability-full.csv, some full runs step by step. */
#include "stability.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

enum { PURPOSE = JF_PURPOSE_USER + 460, WIDEST = 6, ROWS = 20, CANDIDATES = 6 };
enum { FULL, PLAIN, LINE, BIAS, PARTS };

#define U (DBL_EPSILON / 2)

static const char *const parts[PARTS] = {"full", "plain", "line", "bias"};
static const size_t widest[PARTS] = {6, 4, 1, 4};

/* What one run was seen to do. */
typedef struct {
    double rate, radius, contraction, loose, kernel, least, norm;
    size_t flips;
} seen;

/* A flow z = W x, or z = W x + b, on the way. */
typedef struct {
    size_t d;
    int bias;
    jf_layer *f;
    jf_team *team;
    real theta[WIDEST * (WIDEST + 1)];
    int sign; /* of det W */
} walker;

static walker walker_new(size_t d, int bias)
{
    walker w = {.d = d, .bias = bias, .f = jf_flow_new(d), .sign = 1};
    jf_flow_add(w.f, jf_dense(d));
    if (bias)
        jf_flow_add(w.f, jf_bias(d));
    w.team = jf_team_new(1);
    return w;
}

static void walker_free(walker *w)
{
    jf_team_free(w->team);
    jf_layer_free(w->f);
}

/* A step on rows; whether the sign of det W changed. */
static size_t walk(walker *w, jf_matrix rows, double rate)
{
    real grad[WIDEST * (WIDEST + 1)];
    jf_latent q = jf_normal();
    jf_likelihood value;
    if (jf_nll(w->f, &q, w->theta, jf_const(rows), &value, grad, w->team))
        grad[0] = (real)NAN;
    for (size_t i = 0; i < w->f->module.n_params; i++)
        w->theta[i] -= (real)rate * grad[i];
    int before = w->sign;
    w->sign = sign_of_det(w->d, w->theta);
    return w->sign != before;
}

/* The least and the largest eigenvalue of W s W'; s NULL: W W'. */
static void ends_of(const walker *w, const double *s, double *least,
                    double *largest)
{
    size_t d = w->d;
    double a[3 * WIDEST * WIDEST], *half = a + d * d, *p = half + d * d;
    double lambda[WIDEST];
    for (size_t i = 0; i < d * d; i++)
        a[i] = (double)w->theta[i];
    memcpy(half, a, d * d * sizeof *half);
    if (s)
        jf_dgemm(JF_NN, d, d, d, 1, a, s, 0, half);
    jf_dgemm(JF_NT, d, d, d, 1, half, a, 0, p);
    int status = jf_eigen_symmetric(d, p, lambda, 0);
    *largest = status ? (double)NAN : lambda[0];
    *least = status ? (double)NAN : lambda[d - 1] > 0 ? lambda[d - 1] : 0;
}

/* All rows. */

static double beta_of(const walker *w, const double *r)
{
    double least, largest;
    ends_of(w, r, &least, &largest);
    return fmax(largest, 1 / least);
}

static seen run_full(const experiment *e, size_t draw, size_t d, int wrong,
                     gsl_rng *rng)
{
    enum { STEPS = 60 };
    spectrum s = spectrum_new(d, 10, e->args.seed, 300 + draw);
    walker w = walker_new(d, 0);
    double uniform = gsl_rng_uniform(rng);
    double a = wrong ? 1.05 + 0.9 * uniform : 0.05 + 0.94 * uniform;
    seen r = {.rate = a / s.m.lambda_sigma[0],
              .contraction = -(double)INFINITY,
              .loose = -(double)INFINITY};
    double tight = (double)INFINITY, loose = tight;
    for (size_t i = 0; i < d; i++) {
        double ai = r.rate * s.m.lambda_sigma[i];
        tight = fmin(tight, 2 * ai * (1 - ai));
        loose = fmin(loose, 2 * ai);
        w.theta[i * (d + 1)] = (real)exp(3 * gsl_rng_uniform(rng) - 1.5);
    }
    double before = beta_of(&w, s.m.r);
    for (size_t k = 0; k < STEPS; k++) {
        r.flips += walk(&w, s.x, r.rate);
        double after = beta_of(&w, s.m.r), gap = before - 1;
        r.contraction =
            jf_worse(r.contraction, after / (1 + (1 - tight) * gap) - 1);
        r.loose = jf_worse(r.loose, after / (1 + (1 - loose) * gap) - 1);
        before = after;
    }
    walker_free(&w);
    spectrum_free(&s);
    return r;
}

/* The same step by step: D = 3, condition 10, eta lambda_1 = share. */
static void follow_full(const experiment *e, double share, jf_table *out,
                        size_t point)
{
    enum { D = 3, STEPS = 60 };
    spectrum s = spectrum_new(D, 10, e->args.seed, 299);
    walker w = walker_new(D, 0);
    double rate = share / s.m.lambda_sigma[0], kappa = (double)INFINITY;
    for (size_t i = 0; i < D; i++) {
        double a = rate * s.m.lambda_sigma[i];
        kappa = fmin(kappa, 2 * a * (1 - a));
        w.theta[i * (D + 1)] = (real)exp(1.5 * (double)i - 1.5);
    }
    double first = beta_of(&w, s.m.r) - 1, bound = first;
    for (size_t k = 0; k <= STEPS; k++) {
        jf_table_row(out, point, "%g,%d,%zu," JF_G "," JF_G, share, D, k,
                     beta_of(&w, s.m.r) - 1, bound);
        walk(&w, s.x, rate);
        bound *= 1 - kappa;
    }
    jf_table_finish(out, point);
    walker_free(&w);
    spectrum_free(&s);
}

void stability_full(experiment *e)
{
    static const double shares[] = {0.2, 0.5, 0.9};
    enum { SHARES = sizeof shares / sizeof *shares };
    jf_table *out =
        jf_table_new(&e->args, "stability-full",
                     "share,d,step,beta_less_1,predicted_beta_less_1", SHARES);
    for (size_t p = 0; p < SHARES; p++)
        if (!jf_table_has(out, p))
            follow_full(e, shares[p], out, p);
    jf_table_close(out);
}

/* Batches, no bias. */

/* Uniform directions; the last row on the sphere. */
static jf_matrix ball(size_t d, gsl_rng *rng)
{
    jf_matrix x = jf_matrix_new(ROWS, d);
    for (size_t i = 0; i < ROWS; i++) {
        double u[WIDEST], length = i + 1 < ROWS ? gsl_rng_uniform(rng) : 1;
        gsl_ran_dir_nd(rng, d, u);
        for (size_t j = 0; j < d; j++)
            jf_row(x, i)[j] = (real)(length * u[j]);
    }
    return x;
}

/* Second moments: their least and largest eigenvalue. */
static void ends_of_rows(jf_matrix x, double *least, double *largest)
{
    double r[WIDEST * WIDEST] = {0}, lambda[WIDEST];
    size_t d = x.cols;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k < d; k++)
                r[j * d + k] += (double)jf_row(x, i)[j] *
                                (double)jf_row(x, i)[k] / (double)x.rows;
    if (jf_eigen_symmetric(d, r, lambda, 0))
        lambda[0] = lambda[d - 1] = (double)NAN;
    *least = lambda[d - 1];
    *largest = lambda[0];
}

static seen run_plain(const experiment *e, size_t draw, size_t d, int wrong,
                      gsl_rng *rng)
{
    enum { STEPS = 300 };
    (void)e;
    jf_matrix x = ball(d, rng), batch = jf_matrix_new(3, d);
    walker w = walker_new(d, 0);
    double low, high, share = draw % 2 ? 0.3 : 0.95;
    ends_of_rows(x, &low, &high);
    double most = wrong ? 1 / high : 1, eta = share * most;
    double bound = 4 * eta * (1 - share), slack = 2 + 0.25 / (1 - share);
    double norm = (double)d * slack / (low * (2 - share));
    seen r = {.rate = eta, .radius = 1, .least = (double)INFINITY};
    for (size_t i = 0; i < d; i++)
        w.theta[i * (d + 1)] = 1;
    for (size_t k = 0; k < STEPS; k++) {
        size_t n = 1 + gsl_rng_uniform_int(rng, 3);
        for (size_t i = 0; i < n; i++)
            memcpy(jf_row(batch, i), jf_row(x, gsl_rng_uniform_int(rng, ROWS)),
                   d * sizeof(real));
        r.flips += walk(&w, jf_rows(batch, 0, n), eta);
        ends_of(&w, NULL, &low, &high);
        r.least = fmin(r.least, low / bound);
        double square = jf_norm(d * d, w.theta);
        r.norm += square * square / norm / STEPS;
        if (!(square < 1e9)) /* of the wrong rate */
            break;
    }
    walker_free(&w);
    jf_matrix_free(&batch);
    jf_matrix_free(&x);
    return r;
}

/* Single rows, bias, an adversary. */

/* |W^-1 b|. */
static double kernel_of(size_t d, const double *w, const double *b)
{
    double inverse[WIDEST * WIDEST], unused, sum = 0;
    memcpy(inverse, w, d * d * sizeof *inverse);
    if (jf_invert(d, inverse, &unused))
        return (double)NAN;
    for (size_t i = 0; i < d; i++) {
        double beta = 0;
        for (size_t j = 0; j < d; j++)
            beta += inverse[i * d + j] * b[j];
        sum += beta * beta;
    }
    return sqrt(sum);
}

/* The kernel, or -w if low, after a step at x: [W b] - eta z (x, 1)' + eta
 * [W^-T 0]. */
static double harm(const walker *w, const double *inverse, const real *x,
                   double rate, int low)
{
    size_t d = w->d;
    double next[WIDEST * WIDEST], b[WIDEST];
    for (size_t i = 0; i < d; i++) {
        double z = (double)w->theta[d * d + i];
        for (size_t j = 0; j < d; j++)
            z += (double)w->theta[i * d + j] * (double)x[j];
        for (size_t j = 0; j < d; j++)
            next[i * d + j] = (double)w->theta[i * d + j] +
                              rate * (inverse[j * d + i] - z * (double)x[j]);
        b[i] = (double)w->theta[d * d + i] - rate * z;
    }
    return low ? -next[0] : kernel_of(d, next, b);
}

/* x (1, d) := the worst candidate. */
static void choose(const walker *w, jf_matrix x, double radius, double rate,
                   int low, gsl_rng *rng)
{
    size_t d = w->d;
    double inverse[WIDEST * WIDEST], unused, worst = -(double)INFINITY;
    real best[WIDEST] = {0};
    for (size_t i = 0; i < d * d; i++)
        inverse[i] = (double)w->theta[i];
    jf_invert(d, inverse, &unused);
    for (size_t c = 0; c <= CANDIDATES; c++) {
        double u[WIDEST];
        gsl_ran_dir_nd(rng, d, u);
        for (size_t j = 0; j < d; j++)
            x.data[j] = (real)(c ? radius * u[j] : 0);
        double is = harm(w, inverse, x.data, rate, low);
        if (is > worst) {
            worst = is;
            memcpy(best, x.data, d * sizeof *best);
        }
    }
    memcpy(x.data, best, d * sizeof *best);
}

static seen run_bias(const experiment *e, size_t draw, size_t d, int part,
                     int wrong, gsl_rng *rng)
{
    enum { STEPS = 100 };
    (void)e;
    int line = part == LINE;
    double uniform = gsl_rng_uniform(rng), share = gsl_rng_uniform(rng);
    double radius = wrong ? 2 : line ? 0.2 + 0.8 * uniform : 0.5;
    double eta = line || wrong ? (0.1 + 0.85 * (wrong ? 1 : share)) /
                                     (1 + radius * radius)
                               : 0.05 + 0.55 * share;
    double most = wrong || line ? radius : 1; /* of the kernel */
    double delta = line ? 2 * eta * radius * radius : 0.75 * eta;
    double bound = 4 * eta * (1 - delta), high, scale = exp(2 * uniform - 1);
    int cross = wrong && draw % 2 == 0, attain = line && draw % 2 && !wrong;
    if (attain)
        scale = sqrt(eta / (1 - delta));
    walker w = walker_new(d, 1);
    jf_matrix x = jf_matrix_new(1, d);
    seen r = {.rate = eta, .radius = radius, .least = (double)INFINITY};
    r.loose = r.least;
    for (size_t i = 0; i < d; i++)
        w.theta[i * (d + 1)] = (real)scale;
    w.theta[d * d] = (real)(scale * most * (draw % 2 && !attain ? share : 1));
    for (size_t k = 0; k < STEPS; k++) {
        double low;
        if (cross)
            jf_matrix_fill(x, 0);
        else
            choose(&w, x, radius, eta, attain, rng);
        if (cross && k % 42 >= 40)
            x.data[0] = (real)(k % 42 == 40 ? -radius : radius);
        r.flips += walk(&w, x, eta);
        ends_of(&w, NULL, &low, &high);
        r.least = fmin(r.least, low / bound);
        r.loose = fmin(r.loose, low / (4 * eta));
        double matrix[WIDEST * (WIDEST + 1)];
        for (size_t i = 0; i < d * (d + 1); i++)
            matrix[i] = (double)w.theta[i];
        r.kernel =
            jf_worse(r.kernel, kernel_of(d, matrix, matrix + d * d) / most);
        if (!(high < 1e9))
            break;
    }
    jf_matrix_free(&x);
    walker_free(&w);
    return r;
}

static seen run(const experiment *e, int part, size_t draw, int wrong)
{
    size_t d = 1 + draw % widest[part];
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, e->args.seed, PURPOSE, (unsigned long)part, draw);
    seen r = part == FULL    ? run_full(e, draw, d, wrong, rng)
             : part == PLAIN ? run_plain(e, draw, d, wrong, rng)
                             : run_bias(e, draw, d, part, wrong, rng);
    gsl_rng_free(rng);
    return r;
}

/* One weight, one bias, chosen steps. */

static size_t step_at(walker *w, double x, double rate)
{
    jf_matrix row = jf_matrix_new(1, 1);
    row.data[0] = (real)x;
    size_t flips = walk(w, row, rate);
    jf_matrix_free(&row);
    return flips;
}

/* w after 24 steps at 0, one at -2, one at x, of rate .19. */
static double end_at(double x, int bias)
{
    const double rate = 0.19;
    walker w = walker_new(1, bias);
    w.theta[0] = 1;
    for (int k = 0; k < 24; k++)
        step_at(&w, 0, rate);
    step_at(&w, -2, rate);
    step_at(&w, x, rate);
    double end = (double)w.theta[0];
    walker_free(&w);
    return end;
}

static double crossing(int bias)
{
    double low = 1.9, high = 3;
    for (int k = 0; k < 60; k++) {
        double middle = 0.5 * (low + high);
        if (end_at(middle, bias) > 0)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* How often w changes its sign in 20 steps at X after 1000 at 0 and 10 at -X,
 * of rate .9 / (1 + X^2). */
static double flips_beyond(double radius)
{
    double rate = 0.9 / (1 + radius * radius), flips = 0;
    walker w = walker_new(1, 1);
    w.theta[0] = 1;
    for (int k = 0; k < 1030; k++)
        flips += (double)step_at(&w,
                                 k < 1000   ? 0
                                 : k < 1010 ? -radius
                                            : radius,
                                 rate);
    walker_free(&w);
    return flips;
}

/* Judgement. */

typedef struct {
    const jf_table *t;
    size_t draws;
} results;

/* The worst of a column among the rows of one part. */
static double worst_of(const results *r, int part, int wrong,
                       const char *column, jf_relation relation)
{
    double sign = relation == JF_AT_LEAST ? -1 : 1;
    double worst = -(double)INFINITY;
    for (size_t k = 0; k < r->draws; k++)
        worst = jf_worse(
            worst, sign * jf_table_number(r->t, (size_t)part * r->draws + k,
                                          (size_t)wrong, column));
    return sign * worst;
}

static double flips_of(const results *r, int part, int wrong)
{
    double sum = 0;
    for (size_t k = 0; k < r->draws; k++)
        sum += jf_table_number(r->t, (size_t)part * r->draws + k, (size_t)wrong,
                               "flips");
    return sum;
}

/* A bound on a column that is proved. */
typedef struct {
    jf_claim claim;
    int part, wrong; /* wrong: the row that the broken formula is read from */
    const char *column, *broken_column;
    jf_relation relation;
    double expected, tolerance;
} bound;

static const char batches[] =
    "random tables, batches of 1 to 3, D = 1 .. 4, no bias";
static const char line_case[] = "bias, D = 1, max|x| = X <= 1, eta (1 + X^2) "
                                "<= 1, greedy adversary";
static const char bias_case[] =
    "bias, D = 1 .. 4, max|x| = 1/2, eta <= .6, greedy adversary";
static const char eigenvalue[] = "least ratio after any step; rounding of "
                                 "eigenvalues, u times the condition "
                                 "of W'W, which is below 1e5";

static const bound bounds[] = {
    {{"C7.6", "beta' - 1 <= (1 - kappa)(beta - 1), kappa = 2 min a_i (1 - a_i)",
      "all rows, rate below 1/lambda_1, D = 1 .. 6, W_0 of condition to 20",
      "largest relative excess, 60 steps; rounding of eigenvalues, 16 D u "
      "beta^2, beta below 250",
      JF_IDENTITY, "kappa = 2 min a_i"},
     FULL,
     0,
     "contraction",
     "loose",
     JF_AT_MOST,
     0,
     16 * 6 * U * 250 * 250},
    {{"C7.7", "W'W >= 4 eta (1 - eta max|x|^2) I after every step", batches,
      eigenvalue, JF_IDENTITY, "eta lambda_1 < 1 as the condition"},
     PLAIN,
     1,
     "least",
     "least",
     JF_AT_LEAST,
     1,
     1e5 * 16 * U},
    {{"C7.7", "|b| <= X w for ever", line_case,
      "largest ratio after any step; rounding of a step", JF_IDENTITY,
      "eta (1 + X^2) <= 1 alone: X = 2"},
     LINE,
     1,
     "kernel",
     "kernel",
     JF_AT_MOST,
     1,
     64 * U},
    {{"C7.7", "w^2 >= 4 eta (1 - 2 eta X^2) after every step", line_case,
      "least ratio after any step, attained; rounding of a step of which a "
      "twentieth is left, squared",
      JF_IDENTITY, "4 eta, as at X = 0"},
     LINE,
     0,
     "least",
     "loose",
     JF_AT_LEAST,
     1,
     512 * U},
    {{"C7.7", "with a bias the norm of W^-1 b stays at most 1", bias_case,
      "largest norm after any step; rounding of an inverse", JF_IDENTITY,
      "eta (1 + max|x|^2) <= 1 alone: max|x| = 2"},
     BIAS,
     1,
     "kernel",
     "kernel",
     JF_AT_MOST,
     1,
     1e5 * 16 * U},
    {{"C7.7", "W'W >= 4 eta (1 - .75 eta) I after every step", bias_case,
      eigenvalue, JF_IDENTITY, "eta (1 + max|x|^2) <= 1 alone: max|x| = 2"},
     BIAS,
     1,
     "least",
     "least",
     JF_AT_LEAST,
     1,
     1e5 * 16 * U},
};

static void judge_bounds(experiment *e, const results *r)
{
    for (size_t k = 0; k < sizeof bounds / sizeof *bounds; k++) {
        const bound *b = &bounds[k];
        jf_finding found = {
            .n = r->draws, .expected = b->expected, .tolerance = b->tolerance};
        found.measured = worst_of(r, b->part, 0, b->column, b->relation);
        found.broken =
            worst_of(r, b->part, b->wrong, b->broken_column, b->relation) -
            found.measured;
        jf_judge(e->verdicts, &b->claim, b->relation, &found);
    }
}

static void judge_flips(experiment *e, const results *r)
{
    static const struct {
        jf_claim claim;
        int part;
    } rows[] = {
        {{"C7.6", "full batch: sign det W never changes",
          "all rows, rate below 1/lambda_1, D = 1 .. 6, 60 steps",
          "number of changes", JF_IDENTITY, "rates to 2/lambda_1"},
         FULL},
        {{"C7.7", "mini-batches: sign det W never changes", batches,
          "number of changes", JF_IDENTITY,
          "eta lambda_1 < 1 as the condition"},
         PLAIN},
        {{"C7.7", "with a bias: w > 0 for ever", line_case, "number of changes",
          JF_IDENTITY, "eta (1 + X^2) <= 1 alone: X = 2"},
         LINE},
        {{"C7.7", "with a bias: sign det W never changes", bias_case,
          "number of changes", JF_IDENTITY,
          "eta (1 + max|x|^2) <= 1 alone: max|x| = 2"},
         BIAS},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        jf_finding found = {.n = r->draws, .tolerance = 0.5};
        found.measured = flips_of(r, rows[k].part, 0);
        found.broken = flips_of(r, rows[k].part, 1) - found.measured;
        jf_judge(e->verdicts, &rows[k].claim, JF_EQUAL, &found);
    }
}

/* The chains' means, each of its own table, over the bounds. */
static jf_sample_moments norms_of(const results *r, int wrong)
{
    double *v = jf_alloc(r->draws, sizeof *v);
    for (size_t k = 0; k < r->draws; k++)
        v[k] =
            jf_table_number(r->t, PLAIN * r->draws + k, (size_t)wrong, "norm");
    jf_sample_moments m = jf_sample_of(r->draws, v);
    free(v);
    return m;
}

static void judge_norm(experiment *e, const results *r)
{
    jf_sample_moments m = norms_of(r, 0);
    jf_finding found = {.n = r->draws,
                        .law = JF_BY_ERRORS,
                        .measured = m.mean,
                        .expected = 1,
                        .se = m.se,
                        .freedom = (double)r->draws - 1};
    found.broken = norms_of(r, 1).mean - m.mean;
    jf_judge(
        e->verdicts,
        &(jf_claim){"C7.7",
                    "E |W|^2 <= D (2 + 1/(4 (1 - eta rho))) / (lambda_D (2 "
                    "- eta rho)), rho = max|x|^2",
                    batches,
                    "mean over chains of the ratio, each of its own table; "
                    "Student's t",
                    JF_STATISTIC, "eta lambda_1 < 1 as the condition"},
        JF_AT_MOST, &found);
}

static void judge_crossings(experiment *e)
{
    /* 26 steps of at most 8 roundings of terms below 4, over |dw/dx| = .85. */
    jf_finding found = {.d = 1,
                        .n = 26,
                        .measured = crossing(1),
                        .expected = 1.95741945015972,
                        .tolerance = 1e-12};
    found.broken = crossing(0) - found.measured;
    jf_judge(e->verdicts,
             &(jf_claim){
                 "C7.7",
                 "with a bias w = 0 after 24 steps at 0, one at -2, one "
                 "at x = 1.95741945015972",
                 "D = 1, |x| <= 2, eta = .19, 5 eta < 1",
                 "x by bisection of the library's steps; rounding of 26 "
                 "steps over dw/dx",
                 JF_IDENTITY, "no bias: a batch below 1/max|(x, 1)|^2 is safe"},
             JF_EQUAL, &found);
    found = (jf_finding){.d = 1,
                         .n = 1030,
                         .measured = flips_beyond(1.2),
                         .expected = 1,
                         .tolerance = 0.5};
    found.broken = flips_beyond(1) - found.measured;
    jf_judge(e->verdicts,
             &(jf_claim){"C7.7",
                         "X = 1.2: steps at 0, -X, X make w change sign",
                         "bias, D = 1, eta (1 + X^2) = .9",
                         "changes of sign, an integer, in 20 steps at X after "
                         "1000 at 0 and 10 at -X",
                         JF_IDENTITY, "X = 1"},
             JF_AT_LEAST, &found);
}

void stability_batches(experiment *e)
{
    size_t draws = by_profile(e, 24, 240, 2400), points = PARTS * draws;
    size_t done = 0;
    jf_table *out =
        jf_table_new(&e->args, "stability-batches",
                     "part,draw,d,wrong,rate,max_x,contraction,loose,kernel,"
                     "least,norm,flips",
                     points);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        int part = (int)(k / draws);
        for (int wrong = 0; wrong < 2 && !jf_table_has(out, k); wrong++) {
            seen r = run(e, part, k % draws, wrong);
            jf_table_row(out, k,
                         "%s,%zu,%zu,%d," JF_G "," JF_G "," JF_G "," JF_G
                         "," JF_G "," JF_G "," JF_G ",%zu",
                         parts[part], k % draws, 1 + k % draws % widest[part],
                         wrong, r.rate, r.radius, r.contraction, r.loose,
                         r.kernel, r.least, r.norm, r.flips);
        }
        if (!jf_table_has(out, k))
            jf_table_finish(out, k);
#pragma omp critical(stability_batches)
        jf_progress(&e->args, "batches", ++done, points);
    }
    results r = {out, draws};
    if (jf_table_whole(out)) {
        judge_bounds(e, &r);
        judge_flips(e, &r);
        judge_norm(e, &r);
        judge_crossings(e);
    }
    jf_table_close(out);
}
