/* tail.c -- two mini-batch steps leave a parameter of infinite mean.
 *
 * Question  Is P(|w_2| > t) ~ c / t after two steps of stochastic gradient
 *           descent at any rate, with c in closed form, and what cures it?
 * Method    Many pairs of steps w' = w - a (w S - 1/w) from w_0 = 1, S the mean
 *           square of b draws of N(0, 1); in two dimensions W' = W - a (W S -
 *           W^-T) from I, |W| Frobenius.  (points.c holds the same
 *           steps against the library's gradient.)
 *   D = 1   Given w_1, |w_2| > t is S < (|w_1| + a/|w_1| - t) / (a |w_1|) or S
 *           > (|w_1| + a/|w_1| + t) / (a |w_1|); its probability is integrated
 *           over the first S = y^2 by quadrature.
 *   Limit   The second step divides by w_1, whose density at 0 is positive,
 *               t P(|w_2| > t) -> c = 2 a f(0), f the density of w_1,
 *           and f(0) = g((1 + a) / a) / a, g the density of S.  In two
 *           dimensions |W_2| ~ a / sigma_min(W_1), W_1 = (1 + a) I - a S: c =
 *           2 rho((1 + a) / a), rho the sum of the densities of the
 *           eigenvalues of S: for b = 1 that of chi^2_2, for b = 4 Wishart's,
 *           with the density (l m)^(1/2) (l - m) e^-(l + m)/2 / 8 of 4 S
 *           (Muirhead 1982, th. 3.2.18), integrated over the other.  What is
 *           left out of |W_2|^2 = (a / sigma_min)^2 + .. is of order 1, so that
 *           c / t is off by a few times 1 / t^2: from t = 100 on by less than
 *           1e-3.  Counts are binomial; their number is fixed by profile.
 *           A finite table has no density: there E |w_2| is finite unless w_1
 *           = 0 exactly, and batches.c has what is true of it.
 * Cures     From w_0 = 1, each step w' <= w (1 - a S) + a/w.
 *   rate below 1/max x^2  0 <= a S <= a max x^2 < 1: w_1 lies in [1 - a max x^2
 *           + a, 1 + a], and w + a/w is convex: w_2 is at most (1 + a) + a / (1
 *           + a), or that of the other end, which is less.  After any step |w|
 *           >= 2 (a (1 - a max x^2))^1/2.
 *   clipped gradient  at 1: each step moves at most a, and up at most a min(1,
 *           1/w): the same bound; nothing more is proved.
 *   log scale  s' = s - a (e^2s S - 1) <= s + a: w_2 <= e^2a.  Down a step may
 *           go any way; all moments are finite at each step, none is bounded.
 * Writes    stability-tail.csv: survival, scaled: t times it; predicted: its
 *           probability, for D = 2 that of the limit; predicted_constant: c;
 *           stability-cures.csv: extremes of |w| over long chains. */
#include "stability.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>

enum { PURPOSE = JF_PURPOSE_USER + 420, CHUNK = 1 << 14 };

static const double levels[] = {0.3, 0.5,  0.7,  1,    1.2, 1.4, 1.6, 1.8, 2,
                                3,   5,    10,   20,   30,  50,  100, 200, 300,
                                500, 1000, 2000, 3000, 1e4, 3e4, 1e5, 3e5, 1e6};
enum { LEVELS = sizeof levels / sizeof *levels, AT_30 = 13 };

/* |w_2| of one draw. */
typedef struct pairs pairs;
struct pairs {
    const char *name;
    size_t d, b;
    double a;
    double (*draw)(const pairs *p, gsl_rng *rng);
    double (*constant)(const pairs *p); /* NULL: bounded      */
    double (*bound)(const pairs *p);    /* of |w_2|, if it is */
};

static double mean_square(size_t b, gsl_rng *rng)
{
    double s = 0;
    for (size_t i = 0; i < b; i++)
        s += square(jf_stream_normal(rng, 1.0));
    return s / (double)b;
}

static double draw_scalar(const pairs *p, gsl_rng *rng)
{
    double w = 1;
    for (int step = 0; step < 2; step++)
        w -= p->a * (w * mean_square(p->b, rng) - 1 / w);
    return fabs(w);
}

static double draw_uniform(const pairs *p, gsl_rng *rng)
{
    double w = 1;
    for (int step = 0; step < 2; step++) {
        double x = sqrt(3) * (2 * gsl_rng_uniform(rng) - 1);
        w -= p->a * (w * x * x - 1 / w);
    }
    return fabs(w);
}

static double draw_log(const pairs *p, gsl_rng *rng)
{
    double s = 0; /* w = e^s */
    for (int step = 0; step < 2; step++)
        s -= p->a * (exp(2 * s) * mean_square(p->b, rng) - 1);
    return exp(s);
}

static double draw_clipped(const pairs *p, gsl_rng *rng)
{
    double w = 1;
    for (int step = 0; step < 2; step++) {
        double g = w * mean_square(p->b, rng) - 1 / w;
        w -= p->a * fmax(-1, fmin(1, g));
    }
    return fabs(w);
}

/* S (b draws) = (xx, xy; xy, yy). */
static double draw_plane(const pairs *p, gsl_rng *rng)
{
    double w[4] = {1, 0, 0, 1};
    for (int step = 0; step < 2; step++) {
        double xx = 0, xy = 0, yy = 0, n = (double)p->b;
        for (size_t i = 0; i < p->b; i++) {
            double x = jf_stream_normal(rng, 1.0);
            double y = jf_stream_normal(rng, 1.0);
            xx += x * x / n;
            xy += x * y / n;
            yy += y * y / n;
        }
        double det = w[0] * w[3] - w[1] * w[2];
        double g[4] = {w[0] * xx + w[1] * xy - w[3] / det,
                       w[0] * xy + w[1] * yy + w[2] / det,
                       w[2] * xx + w[3] * xy + w[1] / det,
                       w[2] * xy + w[3] * yy - w[0] / det};
        for (size_t i = 0; i < 4; i++)
            w[i] -= p->a * g[i];
    }
    return sqrt(w[0] * w[0] + w[1] * w[1] + w[2] * w[2] + w[3] * w[3]);
}

static double constant_scalar(const pairs *p)
{
    double b = (double)p->b, s = (1 + p->a) / p->a;
    return 2 * b * gsl_ran_chisq_pdf(b * s, b);
}

static double constant_plane_1(const pairs *p)
{
    return 2 * gsl_ran_chisq_pdf((1 + p->a) / p->a, 2);
}

static double wishart(double m, void *l)
{
    double other = *(double *)l;
    return sqrt(m * other) * fabs(m - other) * exp(-0.5 * (m + other)) / 8;
}

/* The density of 4 S at 4 s, over the other eigenvalue; |l - m| has a kink. */
static double constant_plane_4(const pairs *p)
{
    double l = 4 * (1 + p->a) / p->a, below, above, error;
    gsl_function f = {wishart, &l};
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(200);
    gsl_integration_qag(&f, 0, l, 0, 1e-10, 200, GSL_INTEG_GAUSS31, w, &below,
                        &error);
    gsl_integration_qagiu(&f, l, 0, 1e-10, 200, w, &above, &error);
    gsl_integration_workspace_free(w);
    return 2 * 4 * (below + above);
}

/* P(|w_2| > t) given w_1, times the density of y, S = y^2, at it. */
typedef struct {
    const pairs *p;
    double t;
} beyond;

static double both_steps(double y, void *data)
{
    const beyond *at = data;
    double a = at->p->a, b = (double)at->p->b, u = fabs(1 + a - a * y * y);
    double density = 2 * pow(y, b - 1) *
                     exp(0.5 * b * (log(0.5 * b) - y * y) - lgamma(0.5 * b));
    double middle = u + a / u, given = 1;
    if (u > 1e-100)
        given = gsl_cdf_chisq_P(fmax(0, b * (middle - at->t) / (a * u)), b) +
                gsl_cdf_chisq_Q(fmax(0, b * (middle + at->t) / (a * u)), b);
    return given * density;
}

/* P(|w_2| > t), D = 1, t^2 > 4 a: pieces between the y at which w_1 is 0 and
 * those at which |w_1| + a/|w_1| = t. */
static double survival_scalar(const pairs *p, double t)
{
    enum { LIMIT = 1000 };
    beyond at = {p, t};
    double a = p->a, root = sqrt(t * t - 4 * a), result, error;
    double u[2] = {2 * a / (t + root), 0.5 * (t + root)}, points[7] = {0};
    size_t n = 1;
    for (int k = 1; k >= 0; k--)
        if (u[k] < 1 + a)
            points[n++] = sqrt((1 + a - u[k]) / a);
    points[n++] = sqrt((1 + a) / a);
    for (int k = 0; k < 2; k++)
        points[n++] = sqrt((1 + a + u[k]) / a);
    points[n] = points[n - 1] + 40; /* the density is 0 in doubles */
    n++;
    gsl_function f = {both_steps, &at};
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(LIMIT);
    int status =
        gsl_integration_qagp(&f, points, n, 0, 1e-8, LIMIT, w, &result, &error);
    gsl_integration_workspace_free(w);
    return status == GSL_SUCCESS ? result : (double)NAN;
}

/* w + a/w at 1 + a. */
static double bound_steps(const pairs *p)
{
    return 1 + p->a + p->a / (1 + p->a);
}

static double bound_log(const pairs *p)
{
    return exp(2 * p->a);
}

static const pairs cases[] = {
    {"D=1 b=1", 1, 1, 0.3, draw_scalar, constant_scalar, NULL},
    {"D=1 b=4", 1, 4, 0.3, draw_scalar, constant_scalar, NULL},
    {"D=2 b=1", 2, 1, 0.5, draw_plane, constant_plane_1, NULL},
    {"D=2 b=4", 2, 4, 0.5, draw_plane, constant_plane_4, NULL},
    {"rate below 1/max x^2", 1, 1, 0.3, draw_uniform, NULL, bound_steps},
    {"log scale", 1, 1, 0.3, draw_log, NULL, bound_log},
    {"clipped gradient", 1, 1, 0.3, draw_clipped, NULL, bound_steps},
};
enum { CASES = sizeof cases / sizeof *cases };

/* The same pair of steps by jf_nll on the rows that draw takes. */
static double library_pair(const pairs *p, gsl_rng *rng, jf_team *team)
{
    jf_layer *f = jf_dense(p->d);
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(p->b, p->d);
    real w[4] = {R(1.0)}, grad[4];
    w[p->d * p->d - 1] = R(1.0);
    for (int step = 0; step < 2; step++) {
        jf_likelihood value;
        for (size_t i = 0; i < p->b * p->d; i++)
            x.data[i] = (real)jf_stream_normal(rng, 1.0);
        if (jf_nll(f, &q, w, jf_const(x), &value, grad, team) != GSL_SUCCESS)
            w[0] = (real)NAN;
        for (size_t i = 0; i < p->d * p->d; i++)
            w[i] -= (real)p->a * grad[i];
    }
    jf_matrix_free(&x);
    jf_layer_free(f);
    return jf_norm(p->d * p->d, w);
}

/* W_1 is rounded by some 16 u of terms of size 2 + |W|, and the second step
 * takes its error times at most 1 + |W_2|^2 / a, as 1 / sigma_min^2. */
double tail_step_error(const experiment *e, size_t n, double factor)
{
    gsl_rng *rng = jf_stream_new();
    jf_team *team = jf_team_new(1);
    double worst = 0;
    for (size_t k = 0; k < CASES; k++)
        for (size_t i = 0; i < n && cases[k].constant; i++) {
            pairs changed = cases[k];
            changed.a *= factor;
            jf_stream_seek(rng, e->args.seed, PURPOSE + 3, k, i);
            double own = cases[k].draw(&changed, rng);
            jf_stream_seek(rng, e->args.seed, PURPOSE + 3, k, i);
            double theirs = library_pair(&cases[k], rng, team);
            double unit = 32 * DBL_EPSILON * square(1 + theirs) / changed.a;
            worst = jf_worse(worst, fabs(own - theirs) / unit);
        }
    jf_team_free(team);
    gsl_rng_free(rng);
    return worst;
}

typedef struct {
    size_t above[LEVELS];
    double largest;
} count;

static void count_chunk(const experiment *e, size_t k, size_t chunk,
                        count *total)
{
    count c = {{0}, 0};
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, e->args.seed, PURPOSE, k, chunk);
    for (size_t i = 0; i < CHUNK; i++) {
        double w = cases[k].draw(&cases[k], rng);
        c.largest = fmax(c.largest, w);
        for (size_t l = 0; l < LEVELS && w > levels[l]; l++)
            c.above[l]++;
    }
    gsl_rng_free(rng);
#pragma omp critical(stability_tail_count)
    {
        total->largest = fmax(total->largest, c.largest);
        for (size_t l = 0; l < LEVELS; l++)
            total->above[l] += c.above[l];
    }
}

static void write_case(const pairs *p, const count *c, size_t n, jf_table *out,
                       size_t point)
{
    double constant = p->constant ? p->constant(p) : 0;
    for (size_t l = 0; l < LEVELS; l++) {
        double survival = (double)c->above[l] / (double)n, t = levels[l];
        double q = !p->constant                    ? (double)NAN
                   : p->d == 1 && t * t > 4 * p->a ? survival_scalar(p, t)
                                                   : constant / t;
        jf_table_row(out, point,
                     "%s,%zu,%zu,%g,%zu,%g,%zu," JF_G ",%.6e," JF_G "," JF_G
                     "," JF_G "," JF_G,
                     p->name, p->d, p->b, p->a, n, t, c->above[l], survival,
                     q < 1 ? sqrt(q * (1 - q) / (double)n) : (double)NAN,
                     t * survival, q, constant, c->largest);
    }
    jf_table_finish(out, point);
}

static size_t counted(const jf_table *t, size_t k, size_t l, const char *column)
{
    return (size_t)jf_table_number(t, k, l, column);
}

/* Case k: counts at the levels that predicted is right at. */
static void judge_tail(experiment *e, const jf_table *t, size_t k)
{
    double z[LEVELS], broken[LEVELS], least = cases[k].d == 1 ? 3 : 100;
    size_t cells = 0;
    jf_text says = {0};
    jf_finding found = {.d = cases[k].d};
    for (size_t l = 0; l < LEVELS; l++)
        if (levels[l] >= least && levels[l] <= 1000) {
            size_t above = counted(t, k, l, "count"), n = counted(t, k, l, "n");
            double p = jf_table_number(t, k, l, "predicted");
            z[cells] = binomial_z(above, n, p);
            broken[cells++] = binomial_z(above, n, 0.5 * p);
        }
    jf_family(&found, cells, z, 0, JF_EQUAL);
    jf_family_broken(&found, cells, broken, 0, JF_EQUAL);
    jf_text_add(&says,
                cases[k].d == 1
                    ? "%s: P(|w_2| > t) is the integral over w_1, t "
                      "= 3 .. 1000"
                    : "%s: P(|W_2| > t) = c / t, t = 100 .. 1000",
                cases[k].name);
    jf_judge(e->verdicts,
             &(jf_claim){"C7.4", says.data,
                         "Gaussian data, two mini-batch steps",
                         "standard errors, exact binomial", JF_STATISTIC,
                         "one sign of w_1 alone: half of it"},
             JF_EQUAL, &found);
    free(says.data);
}

/* t P(|w_2| > t) at t = 30, where quadrature finds it nearer c than 1e-3. */
static void judge_constant(experiment *e, const jf_table *t)
{
    double c = jf_table_number(t, 0, AT_30, "predicted_constant");
    double level = levels[AT_30], p = c / level;
    size_t above = counted(t, 0, AT_30, "count"), n = counted(t, 0, AT_30, "n");
    jf_finding found = {.d = 1};
    jf_binomial(&found, above, n, p, JF_EQUAL);
    found.measured *= level;
    found.expected *= level;
    found.tolerance *= level;
    found.detectable *= level;
    found.broken = jf_binomial_p(above, n, 0.5 * p, JF_EQUAL);
    jf_judge(e->verdicts,
             &(jf_claim){"C7.4",
                         "t P(|w_2| > t) at t = 30 is 2 chi2pdf_1((1+a)/a)",
                         "Gaussian data, a = .3, b = 1, D = 1",
                         "exact binomial; the limit is off by less than 1e-3 "
                         "relative",
                         JF_STATISTIC, "factor 2 of the two signs"},
             JF_EQUAL, &found);
}

/* Of a cure: the largest of all draws against its bound. */
static void judge_cure(experiment *e, const jf_table *t, size_t k)
{
    jf_text says = {0};
    jf_finding found = {.d = 1, .n = counted(t, k, 0, "n")};
    int log_scale = cases[k].bound == bound_log;
    found.measured = jf_table_number(t, k, 0, "largest");
    found.expected = cases[k].bound(&cases[k]);
    found.tolerance = 4 * DBL_EPSILON * found.expected;
    found.broken = jf_table_number(t, 0, 0, "largest") - found.measured;
    jf_text_add(&says, "%s: two steps from 1 end at %s at most", cases[k].name,
                log_scale ? "e^2a" : "1 + a + a / (1 + a)");
    jf_judge(e->verdicts,
             &(jf_claim){"C7.4", says.data,
                         log_scale ? "Gaussian data, a = .3"
                         : k + 1 == CASES
                             ? "Gaussian data, a = .3, clipped at 1"
                             : "uniform data, a = .3",
                         "largest of all draws; proved, four roundings",
                         JF_IDENTITY, "no cure: the steps of case D=1 b=1"},
             JF_AT_MOST, &found);
    free(says.data);
}

static void judge(experiment *e, const jf_table *t)
{
    for (size_t k = 0; k < CASES; k++)
        if (cases[k].bound)
            judge_cure(e, t, k);
        else
            judge_tail(e, t, k);
    judge_constant(e, t);
}

static void tails(experiment *e)
{
    size_t chunks = by_profile(e, 16, 256, 2560), done = 0;
    count total[CASES] = {{{0}, 0}};
    jf_table *out = jf_table_new(&e->args, "stability-tail",
                                 "case,d,batch,rate,n,t,count,survival,"
                                 "se_survival,scaled,predicted,predicted_"
                                 "constant,"
                                 "largest",
                                 CASES);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t i = 0; i < CASES * chunks; i++) {
        if (!jf_table_has(out, i / chunks))
            count_chunk(e, i / chunks, i % chunks, &total[i / chunks]);
#pragma omp critical(stability_tail)
        jf_progress(&e->args, "two steps", ++done, CASES * chunks);
    }
    for (size_t k = 0; k < CASES; k++)
        if (!jf_table_has(out, k))
            write_case(&cases[k], &total[k], chunks * CHUNK, out, k);
    if (jf_table_whole(out))
        judge(e, out);
    jf_table_close(out);
}

/* Long chains on uniform data, max x^2 = 3, and with a log scale. */

static const double rates[] = {0.1, 0.2, 0.3, 0.33, 0.34, 0.4, 0.5};
enum { RATES = sizeof rates / sizeof *rates, STEPS = 1000 };

static void run_chains(const experiment *e, size_t k, size_t chains,
                       jf_table *out)
{
    double a = rates[k], least = (double)INFINITY, most = 0;
    gsl_rng *rng = jf_stream_new();
    for (size_t c = 0; c < chains; c++) {
        double w = 1;
        jf_stream_seek(rng, e->args.seed, PURPOSE + 1, k, c);
        for (size_t i = 0; i < STEPS; i++) {
            double x = sqrt(3) * (2 * gsl_rng_uniform(rng) - 1);
            w -= a * (w * x * x - 1 / w);
            least = fmin(least, fabs(w));
            most = fmax(most, fabs(w));
        }
    }
    double *s_square = jf_alloc(chains, sizeof *s_square);
    for (size_t c = 0; c < chains; c++) {
        double s = 0;
        jf_stream_seek(rng, e->args.seed, PURPOSE + 2, k, c);
        for (size_t i = 0; i < STEPS; i++) {
            s -= a * (exp(2 * s) * mean_square(1, rng) - 1);
            s_square[c] += i >= STEPS / 2 ? s * s / (STEPS / 2) : 0;
        }
    }
    jf_sample_moments m = jf_sample_of(chains, s_square);
    double linear = 3 * a < 1 ? a / (2 - 6 * a) : (double)NAN;
    jf_table_row(
        out, k, "%g,%zu,%d," JF_G "," JF_G "," JF_G "," JF_G ",%.6e," JF_G, a,
        chains, STEPS, least, most, 3 * a < 1 ? 2 * sqrt(a * (1 - 3 * a)) : 0.0,
        m.mean, m.se, linear);
    free(s_square);
    gsl_rng_free(rng);
}

/* The largest excess of 2 (a (1 - a square))^1/2 over the least |w|, among the
 * rates below 1/max x^2. */
static double short_of(const jf_table *t, double most)
{
    double worst = -(double)INFINITY;
    for (size_t k = 0; k < RATES; k++)
        if (3 * rates[k] < 1)
            worst = jf_worse(worst, 2 * sqrt(rates[k] * (1 - most * rates[k])) -
                                        jf_table_number(t, k, 0, "least_w"));
    return worst;
}

static void judge_chains(experiment *e, const jf_table *t)
{
    jf_finding found = {.d = 1, .measured = short_of(t, 3)};
    found.tolerance = 8 * DBL_EPSILON;
    found.broken = short_of(t, 1) - found.measured;
    jf_judge(e->verdicts,
             &(jf_claim){"C7.4",
                         "rate < 1/max x^2: |w| >= 2 (a (1 - a max x^2))^1/2 "
                         "for ever",
                         "uniform data, b = 1",
                         "largest bound - min |w| over all chains; proved, "
                         "eight roundings",
                         JF_IDENTITY, "E x^2 for max x^2"},
             JF_AT_MOST, &found);
}

void stability_tail(experiment *e)
{
    tails(e);
    size_t chains = by_profile(e, 100, 2000, 20000), done = 0;
    jf_table *out = jf_table_new(&e->args, "stability-cures",
                                 "rate,chains,steps,least_w,largest_w,bound,"
                                 "log_scale_square,se_log_scale_square,"
                                 "linearised",
                                 RATES);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < RATES; k++) {
        if (!jf_table_has(out, k)) {
            run_chains(e, k, chains, out);
            jf_table_finish(out, k);
        }
#pragma omp critical(stability_cures)
        jf_progress(&e->args, "chains", ++done, RATES);
    }
    if (jf_table_whole(out))
        judge_chains(e, out);
    jf_table_close(out);
}
