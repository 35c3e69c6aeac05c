/* modes.c -- what gaps between modes ask of the inverse.
 *
 * Question  How large a Lipschitz constant M must the inverse of every exact
 *           flow of this table have?
 * Method    For an M-Lipschitz image of N(0, I) and any half-spaces x.u <= a
 *           and x.u <= b, the Gaussian isoperimetric inequality (Sudakov and
 *           Tsirelson 1974, Borell 1975) integrated from a to b gives
 *               M >= (b - a) / (Phi^-1 F(b) - Phi^-1 F(a)),
 *           F the law of x.u (C6.6).  Direction and interval are searched on
 *           one half of the rows (whitened by their own moments), the bound is
 *           read off the other half: the masses left of and between a and b by
 *           Clopper and Pearson (1934), so that it holds with probability 1 -
 *           ALPHA whatever the law.
 * Writes    rows of audit-summary.csv; audit-modes.csv: the bound on laws whose
 *           least M is known. */
#include "parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

static const double alpha = 1e-3;
enum { LEAST_ROWS = 40, MOST_ROWS = 20000, MOST_NUMBERS = 4000000 };

/* An upper bound, at level a, of the chance p of an event seen k times of n:
 * P(at most k) = a at that p.  By bisection, since the inverse beta function
 * of GSL does not always converge. */
static double most_of(size_t n, size_t k, double a)
{
    double low = (double)k / (double)n, high = 1;
    for (size_t i = 0; i < 50 && k < n; i++) {
        double p = 0.5 * (low + high);
        if (gsl_cdf_binomial_P((unsigned)k, p, (unsigned)n) > a)
            low = p;
        else
            high = p;
    }
    return high;
}

/* The bound from counts: below rows up to a, within of them in (a, b], b - a =
 * width; 0 when nothing follows. */
static double bound_of(size_t n, size_t below, size_t within, double width)
{
    double mass = most_of(n, within, alpha / 2), widest = 0;
    double ends[2] = {1 - most_of(n, n - below, alpha / 4),
                      most_of(n, below, alpha / 4)};
    for (size_t k = 0; k < 2; k++) { /* Phi^-1 (F + m) - Phi^-1 F is convex */
        double to = ends[k] + mass;
        double step =
            ends[k] <= 0 || to >= 1
                ? (double)INFINITY
                : gsl_cdf_ugaussian_Pinv(to) - gsl_cdf_ugaussian_Pinv(ends[k]);
        widest = fmax(widest, step);
    }
    return width / widest;
}

/* The search: rows x (n, d) of one half, whitened. */
typedef struct {
    size_t n, d;
    const double *x, *w, *lambda; /* w (d, d): whitening; lambda (d) */
    double *v;                    /* (n) */
    double *height;               /* (n + 1): phi(Phi^-1(i / n)) */
    double most[64];              /* masses, for the counts below */
    size_t count[64], counts;
} search;

typedef struct {
    double *u; /* (d), of unit length */
    double a, b, value;
} cut;

/* Counts grow by a quarter: a gap may hold no rows, or a tenth of them. */
static void prepare(search *s)
{
    s->height[0] = s->height[s->n] = 0;
    for (size_t i = 1; i < s->n; i++)
        s->height[i] = gsl_ran_ugaussian_pdf(
            gsl_cdf_ugaussian_Pinv((double)i / (double)s->n));
    for (size_t k = 0; 4 * k < s->n && s->counts < 64; k += 1 + k / 4) {
        s->count[s->counts] = k;
        s->most[s->counts++] = most_of(s->n, k, alpha / 2);
    }
}

/* The best interval along u: width phi(Phi^-1 F) / mass, the bound for small
 * masses. */
static void try_direction(search *s, cut *c)
{
    double *v = s->v;
    jf_dgemm(JF_NN, s->n, 1, s->d, 1, s->x, c->u, 0, v);
    qsort(v, s->n, sizeof *v, audit_by_value);
    c->value = 0;
    for (size_t k = 0; k < s->counts; k++)
        for (size_t i = 0; i + s->count[k] + 1 < s->n; i++) {
            size_t to = i + s->count[k] + 1;
            double value =
                (v[to] - v[i]) * s->height[(i + 1 + to) / 2] / s->most[k];
            if (value > c->value) {
                c->value = value;
                c->a = v[i];
                c->b = v[to];
            }
        }
}

static void normalise(size_t d, double *u)
{
    double square = 0;
    for (size_t j = 0; j < d; j++)
        square += u[j] * u[j];
    for (size_t j = 0; j < d; j++)
        u[j] /= square > 0 ? sqrt(square) : 1;
}

/* best := trial where it is better. */
static int keep_better(size_t d, cut *best, const cut *trial)
{
    if (!(trial->value > best->value))
        return 0;
    memcpy(best->u, trial->u, d * sizeof *best->u);
    best->a = trial->a;
    best->b = trial->b;
    best->value = trial->value;
    return 1;
}

/* Trial k: the principal axes, the columns (y_j is along lambda_k w_kj of the
 * whitened axes k), random directions, and steps around the best. */
static void propose(const search *s, size_t k, size_t tries, const cut *best,
                    double step, gsl_rng *rng, double *u)
{
    size_t d = s->d;
    for (size_t j = 0; j < d; j++)
        u[j] = k < d               ? j == k
               : k < 2 * d         ? s->lambda[j] * s->w[j * d + k - d]
               : k < 2 * d + tries ? jf_stream_normal(rng, 1)
                                   : best->u[j] + step / sqrt((double)d) *
                                                      jf_stream_normal(rng, 1);
    normalise(d, u);
}

/* Steps become smaller after each that fails. */
static void find_cut(search *s, cut *best, size_t tries, gsl_rng *rng)
{
    cut trial = {.u = jf_alloc(s->d, sizeof *trial.u)};
    size_t steps = 2 * s->d + tries;
    double step = 0.5;
    best->value = 0;
    for (size_t k = 0; k < steps + tries; k++) {
        propose(s, k, tries, best, step, rng, trial.u);
        try_direction(s, &trial);
        int better = keep_better(s->d, best, &trial);
        step *= k < steps ? 1 : better ? 1.5 : 0.97;
    }
    free(trial.u);
}

/* x (n, d) := (rows - mean) W', W W' = covariance^-1: rows divided along the
 * principal directions of m.  w (d, d): its rows. */
static double *whiten(const jf_moments *m, const double *w, jf_matrix y,
                      const size_t *order, size_t n)
{
    size_t d = m->d;
    double *x = jf_alloc(n * d, sizeof *x), *c = jf_alloc(n * d, sizeof *c);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            c[i * d + j] = (double)jf_row(y, order[i])[j] - m->mean[j];
    jf_dgemm(JF_NT, n, d, d, 1, c, w, 0, x);
    free(c);
    return x;
}

typedef struct {
    double bound; /* of M for whitened rows */
    double units; /* bound in the units of y, with its scales sd */
    double share; /* of the rows left of the gap */
} asked;

/* The half for the search, as moments and the whitening w (d, d). */
static int moments_of_half(jf_matrix y, const size_t *order, size_t half,
                           jf_team *team, jf_moments *m, double *w)
{
    size_t d = y.cols;
    jf_matrix rows = jf_matrix_new(half, d);
    for (size_t i = 0; i < half; i++)
        memcpy(jf_row(rows, i), jf_row(y, order[i]), d * sizeof(real));
    int status = jf_moments_of(jf_const(rows), m, team);
    jf_matrix_free(&rows);
    JF_TRY(status);
    if (m->rank < d)
        return GSL_ESING;
    memcpy(w, m->sigma, d * d * sizeof *w);
    JF_TRY(jf_eigen_symmetric(d, w, m->lambda_sigma, 1));
    for (size_t k = 0; k < d * d; k++)
        w[k] /= sqrt(m->lambda_sigma[k / d]);
    return GSL_SUCCESS;
}

/* What the other half says about the cut. */
static asked judge_cut(size_t n, size_t d, const double *x, const cut *c,
                       const double *w, const double *sd)
{
    size_t below = 0, within = 0;
    double square = 0;
    for (size_t i = 0; i < n; i++) {
        double v = 0;
        for (size_t j = 0; j < d; j++)
            v += c->u[j] * x[i * d + j];
        below += v <= c->a;
        within += v > c->a && v <= c->b;
    }
    for (size_t j = 0; j < d; j++) { /* |gradient of the cut| in x */
        double g = 0;
        for (size_t k = 0; k < d; k++)
            g += c->u[k] * w[k * d + j];
        g /= sd ? sd[j] : 1;
        square += g * g;
    }
    double bound = bound_of(n, below, within, c->b - c->a);
    return (asked){bound, bound / sqrt(square),
                   ((double)below + 0.5 * (double)within) / (double)n};
}

/* How many of n rows are looked at: each direction costs all of them. */
size_t audit_mode_rows(size_t n, size_t d)
{
    size_t most = MOST_NUMBERS / d;
    most = most < 6 * d ? 6 * d : most > MOST_ROWS ? MOST_ROWS : most;
    return n < most ? n : most;
}

/* sd (d): scales of the columns of y in the user's table; NULL: 1. */
static int ask(jf_matrix y, const double *sd, size_t tries, unsigned long seed,
               jf_team *team, asked *out)
{
    size_t n = audit_mode_rows(y.rows, y.cols), d = y.cols;
    size_t *order = audit_shuffle(y.rows, seed, 3), half = n / 2;
    double *w = jf_alloc(d * d, sizeof *w);
    gsl_rng *rng = jf_stream_new();
    jf_moments m;

    jf_stream_seek(rng, seed, JF_PURPOSE_USER + 310, 0, 0);
    int status = moments_of_half(y, order, half, team, &m, w);
    if (status == GSL_SUCCESS) {
        search s = {.n = half, .d = d, .w = w, .lambda = m.lambda_sigma};
        cut best = {.u = jf_alloc(d, sizeof *best.u)};
        double *x = whiten(&m, w, y, order, half);
        double *other = whiten(&m, w, y, order + half, n - half);
        s.x = x;
        s.v = jf_alloc(2 * half + 1, sizeof *s.v);
        s.height = s.v + half;
        prepare(&s);
        find_cut(&s, &best, tries, rng);
        *out = judge_cut(n - half, d, other, &best, w, sd);
        free(s.v);
        free(other);
        free(x);
        free(best.u);
    }
    jf_moments_free(&m);
    gsl_rng_free(rng);
    free(w);
    free(order);
    return status;
}

static size_t tries_of(const experiment *e, size_t n)
{
    size_t tries = by_profile(e, 30, 150, 600);
    return n > 2000 ? 2000 * tries / n + 10 : tries;
}

void audit_modes(audit *a, audit_tables *t)
{
    asked found;
    size_t n = a->y.rows;
    a->least_inverse = 0;
    if (!a->trainable || n < LEAST_ROWS ||
        ask(a->y, a->sd, tries_of(a->e, n), a->e->args.seed, a->e->team,
            &found) != GSL_SUCCESS)
        return;
    a->least_inverse = found.bound;
    a->modes_share = found.share;
    audit_say(a, t, "C6.6", "least Lip of the inverse: whitened data", "",
              found.bound, 0, " at 99.9 %");
    audit_mention(a, t, "C6.6", "  in the units of the table", "",
                  fmax(found.units, sqrt(a->raw.lambda_sigma[0])), 0,
                  found.units < sqrt(a->raw.lambda_sigma[0])
                      ? " by the largest eigenvalue (C6.1)"
                      : "");
}

/* Draws of (1/2) N(-a e1, I) + (1/2) N(a e1, I) in d dimensions: the least M is
 * exp(a^2 / 2) in these units (C6.6); a = 0 is the normal law, with M = 1. */
typedef struct {
    double a;
    size_t d, n;
} law;

static const law laws[] = {
    {0, 2, 1000}, {1.5, 1, 1000}, {1.5, 3, 1000}, {3, 2, 2000}};
enum { LAWS = sizeof laws / sizeof *laws };

static void draw_law(const law *l, unsigned long seed, unsigned long draw,
                     jf_matrix x)
{
    gsl_rng *rng = jf_stream_new();
    for (size_t i = 0; i < l->n; i++) {
        jf_stream_seek(rng, seed, JF_PURPOSE_USER + 311, draw, i);
        for (size_t j = 0; j < l->d; j++)
            jf_row(x, i)[j] = (real)jf_stream_normal(rng, 1);
        jf_row(x, i)[0] += (real)(gsl_rng_uniform(rng) < 0.5 ? -l->a : l->a);
    }
    gsl_rng_free(rng);
}

static void one_draw(const experiment *e, const law *l, size_t k, size_t draw,
                     jf_table *out, size_t point)
{
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(l->n, l->d);
    asked found = {(double)NAN, (double)NAN, (double)NAN};
    draw_law(l, e->args.seed, 1000 * k + draw, x);
    ask(x, NULL, 30, e->args.seed + draw, team, &found);
    jf_table_row(out, point, "%zu,%zu," JF_G ",%zu," JF_G "," JF_G, l->n, l->d,
                 l->a, draw, found.units, exp(0.5 * l->a * l->a));
    jf_matrix_free(&x);
    jf_team_free(team);
}

/* Draws whose bound exceeds the least inverse constant when it is taken times
 * so much. */
static size_t count_above(const jf_table *t, size_t points, double times)
{
    size_t count = 0;
    for (size_t p = 0; p < points; p++)
        count += !(times * jf_table_number(t, p, 0, "bound") <=
                   jf_table_number(t, p, 0, "least_inverse"));
    return count;
}

/* Draws of law k whose bound exceeds Poincare's of a = 3, by the variance. */
static size_t count_seen(const jf_table *t, size_t k, size_t draws)
{
    size_t count = 0;
    for (size_t p = k * draws; p < (k + 1) * draws; p++)
        count += jf_table_number(t, p, 0, "bound") > sqrt(1 + 3.0 * 3.0);
    return count;
}

static void judge_draws(experiment *e, const jf_table *t, size_t draws)
{
    size_t points = LAWS * draws;
    jf_finding f = {0};
    jf_binomial(&f, count_above(t, points, 1), points, alpha, JF_AT_MOST);
    f.broken =
        jf_binomial_p(count_above(t, points, 2), points, alpha, JF_AT_MOST);
    jf_judge(e->verdicts,
             &(jf_claim){"C6.6",
                         "the bound from gaps of a sample is below the least "
                         "inverse constant: share of draws above it",
                         "two Gaussian modes and one, constant in closed form",
                         "the bound's own level; exact binomial law",
                         JF_STATISTIC, "the whole gap 2 d for its half"},
             JF_AT_MOST, &f);
    f = (jf_finding){0};
    jf_binomial(&f, count_seen(t, LAWS - 1, draws), draws, 0.5, JF_AT_LEAST);
    f.broken = jf_binomial_p(count_seen(t, 0, draws), draws, 0.5, JF_AT_LEAST);
    jf_judge(e->verdicts,
             &(jf_claim){"C6.6",
                         "the bound sees two modes more often than not: share "
                         "of draws with a = 3 where it exceeds Poincare's",
                         "2000 rows in the plane", "exact binomial law",
                         JF_STATISTIC, "the modes shuffled away (a = 0)"},
             JF_AT_LEAST, &f);
}

void audit_modes_self(experiment *e)
{
    size_t draws = by_profile(e, 50, 250, 1000);
    size_t points = LAWS * draws, done = 0;
    jf_table *out = jf_table_new(&e->args, "audit-modes",
                                 "n,d,a,draw,bound,least_inverse", points);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t p = 0; p < points; p++) {
        if (!jf_table_has(out, p)) {
            one_draw(e, &laws[p / draws], p / draws, p % draws, out, p);
            jf_table_finish(out, p);
        }
#pragma omp critical(audit_modes)
        jf_progress(&e->args, "gaps of modes", ++done, points);
    }
    if (jf_table_whole(out))
        judge_draws(e, out, draws);
    jf_table_close(out);
}
