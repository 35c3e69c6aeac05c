/* exact.c -- exact flows between the same two laws, in pairs.
 *
 * Question  Do they have the same log |det J|: at every point, in mean, in
 *           variance, in law?
 * Method    Monte Carlo on the pairs of pairs.c, 2e6 / d points at
 *           the default profile, statistical tolerances of 5 standard errors;
 *           identities per point to rounding, formulas against five-point
 *           differences.  The variance-minimal and -maximal couplings of A =
 *           log p_X and B = log p_Z (C1.7) from sorted samples.
 * Writes    uniqueness-exact.csv, a pair per row; uniqueness-logistic.csv, a
 *           histogram of ld of the inversion.  [nats] */
#include "uniqueness.h"

#include <math.h>
#include <string.h>

enum { MOST = 16, DIFFERENCES = 50, BATCHES = 20 };

typedef struct { /* samples of one pair */
    size_t n;
    double *log_density, *base_f, *base_g, *ld_f, *ld_g, *scratch;
} sample;

static sample sample_new(size_t n)
{
    double *all = jf_alloc(6 * n, sizeof *all);
    return (sample){n,           all,         all + n,    all + 2 * n,
                    all + 3 * n, all + 4 * n, all + 5 * n};
}

static void fill(const pair *p, gsl_rng *rng, sample *s)
{
    double x[MOST], z[MOST];
    for (size_t i = 0; i < s->n; i++) {
        p->draw(p, rng, x);
        s->log_density[i] = p->log_density(p, x);
        s->ld_f[i] = p->f(p, x, z);
        s->base_f[i] = p->log_base(p, z);
        s->ld_g[i] = p->g(p, x, z);
        s->base_g[i] = p->log_base(p, z);
    }
}

static int ascending(const void *a, const void *b)
{
    double u = *(const double *)a, v = *(const double *)b;
    return (u > v) - (u < v);
}

typedef struct {
    double like, se_like, opposite, se_opposite;
} coupled;

/* Var(A - B) for n values of A and B sorted alike, and opposite. */
static coupled sort_and_couple(size_t n, const double *log_density,
                               const double *base, double *difference)
{
    double *a = jf_alloc(2 * n, sizeof *a), *b = a + n;
    coupled c = {0};
    memcpy(a, log_density, n * sizeof *a);
    memcpy(b, base, n * sizeof *b);
    qsort(a, n, sizeof *a, ascending);
    qsort(b, n, sizeof *b, ascending);
    for (size_t i = 0; i < n; i++)
        difference[i] = a[i] - b[i];
    c.like = jf_sample_of(n, difference).variance;
    for (size_t i = 0; i < n; i++)
        difference[i] = a[i] - b[n - 1 - i];
    c.opposite = jf_sample_of(n, difference).variance;
    free(a);
    return c;
}

/* C1.7 on all values; sorted ones are not independent, so errors come from
 * BATCHES batches. */
static coupled couplings(const sample *s)
{
    double like[BATCHES], opposite[BATCHES];
    size_t n = s->n / BATCHES;
    for (size_t k = 0; k < BATCHES; k++) {
        coupled c = sort_and_couple(n, s->log_density + k * n,
                                    s->base_f + k * n, s->scratch);
        like[k] = c.like;
        opposite[k] = c.opposite;
    }
    coupled c = sort_and_couple(s->n, s->log_density, s->base_f, s->scratch);
    c.se_like = jf_sample_of(BATCHES, like).se;
    c.se_opposite = jf_sample_of(BATCHES, opposite).se;
    return c;
}

/* C1.1 at every point, relative to the size of its terms. */
static double identity_error(const sample *s)
{
    double worst = 0;
    for (size_t i = 0; i < s->n; i++) {
        double left = s->ld_f[i] - s->ld_g[i];
        double right = s->base_g[i] - s->base_f[i];
        double size = 1 + fabs(s->ld_f[i]) + fabs(s->ld_g[i]) +
                      fabs(s->base_f[i]) + fabs(s->base_g[i]);
        worst = jf_worse(worst, fabs(left - right) / size);
    }
    return worst;
}

/* log |det| by five-point differences, step h |x_j|: truncation h^4, rounding
 * u / h. */
static double by_differences(const pair *p,
                             double (*flow)(const pair *, const double *,
                                            double *),
                             const double *x)
{
    static const double step[4] = {-2, -1, 1, 2}, weight[4] = {1, -8, 8, -1};
    double jacobian[MOST * MOST] = {0}, y[MOST], z[MOST], log_det;
    size_t d = p->d;
    for (size_t j = 0; j < d; j++) {
        double h = 1e-3 * fabs(x[j]);
        for (int k = 0; k < 4; k++) {
            memcpy(y, x, d * sizeof *y);
            y[j] += step[k] * h;
            flow(p, y, z);
            for (size_t i = 0; i < d; i++)
                jacobian[i * d + j] += weight[k] * z[i] / (12 * h);
        }
    }
    return jf_log_abs_det(d, jacobian, &log_det) ? (double)NAN : log_det;
}

/* The larger error of both formulas, at points of which no coordinate is
 * extreme: there differences see the map and not its singular points. */
static double formula_error(const pair *p, gsl_rng *rng)
{
    double x[MOST], z[MOST], worst = 0;
    for (int i = 0; i < DIFFERENCES; i++) {
        int central;
        do {
            p->draw(p, rng, x);
            central = 1;
            for (size_t j = 0; j < p->d; j++)
                central &= fabs(x[j]) > 0.2 && fabs(x[j]) < 2.5;
        } while (!central);
        double f = p->f(p, x, z), g = p->g(p, x, z);
        worst = jf_worse(worst, fabs(f - by_differences(p, p->f, x)));
        worst = jf_worse(worst, fabs(g - by_differences(p, p->g, x)));
    }
    return worst;
}

/* C1.4: the least of ld - log p_X + max log p_Z, the excess above the lowest
 * determinant that any flow has at the point; both flows. */
static double least_excess(const pair *p, const sample *s)
{
    double zero[MOST] = {0}, top = p->log_base(p, zero), least = 1e300;
    for (size_t i = 0; i < s->n; i++) {
        least = fmin(least, s->ld_f[i] - s->log_density[i] + top);
        least = fmin(least, s->ld_g[i] - s->log_density[i] + top);
    }
    return least;
}

/* sqrt n times the Kolmogorov-Smirnov distance of ld_g from the logistic. */
static double logistic_distance(const sample *s)
{
    double worst = 0, n = (double)s->n;
    memcpy(s->scratch, s->ld_g, s->n * sizeof *s->scratch);
    qsort(s->scratch, s->n, sizeof *s->scratch, ascending);
    for (size_t i = 0; i < s->n; i++) {
        double f = 1 / (1 + exp(-s->scratch[i]));
        worst = jf_worse(worst, fabs(f - (double)i / n));
        worst = jf_worse(worst, fabs(f - (double)(i + 1) / n));
    }
    return worst * sqrt(n);
}

/* The law of ld_g in BINS bins of [-EDGE, EDGE], beside the logistic density.
 */
static void write_histogram(const sample *s, jf_table *out)
{
    enum { BINS = 60, EDGE = 6 };
    size_t count[BINS] = {0};
    double width = 2.0 * EDGE / BINS, n = (double)s->n;
    for (size_t i = 0; i < s->n; i++)
        if (fabs(s->ld_g[i]) < EDGE)
            count[(size_t)((s->ld_g[i] + EDGE) / width)]++;
    for (size_t k = 0; k < BINS; k++) {
        double x = -EDGE + ((double)k + 0.5) * width, p = (double)count[k] / n;
        double half = 0.5 / cosh(x / 2);
        jf_table_row(out, 0, "%.6g," JF_G "," JF_G "," JF_G, x, p / width,
                     sqrt(p * (1 - p) / n) / width, half * half);
    }
    jf_table_finish(out, 0);
}

static int is_logistic(const pair *p)
{
    return strcmp(p->name, "inversion") == 0 && p->d == 2;
}

static const char columns[] =
    "case,base,d,parameter,mean_difference,se_mean,sd_difference,"
    "max_difference,mean_log_abs_det_f,mean_log_abs_det_g,entropy_difference,"
    "n,se_f,se_g,variance_f,se_variance_f,variance_g,se_variance_g,"
    "variance_log_density,se_variance_log_density,variance_log_base,"
    "se_variance_log_base,comonotone_variance,se_comonotone,antitone_variance,"
    "se_antitone,identity_error,formula_error,least_excess,ks_logistic";

static void write(const pair *p, const sample *s, double formula, jf_table *out,
                  size_t point)
{
    double largest = 0;
    jf_sample_moments f = jf_sample_of(s->n, s->ld_f);
    jf_sample_moments g = jf_sample_of(s->n, s->ld_g);
    jf_sample_moments a = jf_sample_of(s->n, s->log_density);
    jf_sample_moments b = jf_sample_of(s->n, s->base_f);
    for (size_t i = 0; i < s->n; i++) {
        s->scratch[i] = s->ld_f[i] - s->ld_g[i];
        largest = jf_worse(largest, fabs(s->scratch[i]));
    }
    jf_sample_moments m = jf_sample_of(s->n, s->scratch);
    coupled c = couplings(s);
    jf_table_row(
        out, point,
        "%s,%s,%zu,%g," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
        "," JF_G ",%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
        "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
        ",%.3e,%.3e," JF_G "," JF_G,
        p->name, p->base, p->d, p->parameter, m.mean, m.se, sqrt(m.variance),
        largest, f.mean, g.mean, p->entropy_difference(p), s->n, f.se, g.se,
        f.variance, f.se_variance, g.variance, g.se_variance, a.variance,
        a.se_variance, b.variance, b.se_variance, c.like, c.se_like, c.opposite,
        c.se_opposite, identity_error(s), formula, least_excess(p, s),
        is_logistic(p) ? logistic_distance(s) : (double)NAN);
}

static void run(const experiment *e, size_t point, jf_table *out,
                jf_table *histogram)
{
    const pair *p = &exact_pairs[point];
    sample s = sample_new(by_profile(e, 40000, 2000000, 16000000) / p->d);
    gsl_rng *rng = stream(e, 1000 + point);
    double formula = formula_error(p, rng);
    fill(p, rng, &s);
    write(p, &s, formula, out, point);
    if (is_logistic(p))
        write_histogram(&s, histogram);
    gsl_rng_free(rng);
    free(s.log_density);
}

/* Verdicts. */

static double at(const jf_table *t, size_t point, const char *column)
{
    return jf_table_number(t, point, 0, column);
}

/* How many of its errors v lies outside of [low, high]; each with its own. */
static double outside(double v, double se, double low, double se_low,
                      double high, double se_high)
{
    double below = (low - v) / (hypot(se, se_low) + 1e-12);
    double above = (v - high) / (hypot(se, se_high) + 1e-12);
    return jf_worse(below, above);
}

/* C1.2c and C1.7 for the variance in column v. */
static void judge_variance(const jf_table *t, size_t k, const char *v,
                           const char *se_v, double *bracket, double *coupling)
{
    double a = at(t, k, "variance_log_density");
    double b = at(t, k, "variance_log_base");
    double ra = sqrt(a), rb = sqrt(b), se = at(t, k, se_v);
    /* d (ra -+ rb)^2 = (1 -+ rb / ra) da + (1 -+ ra / rb) db. */
    double sa = at(t, k, "se_variance_log_density");
    double sb = at(t, k, "se_variance_log_base");
    double low = hypot((1 - rb / ra) * sa, b > 0 ? (1 - ra / rb) * sb : 0);
    double high = hypot((1 + rb / ra) * sa, b > 0 ? (1 + ra / rb) * sb : 0);
    *bracket =
        jf_worse(*bracket, outside(at(t, k, v), se, (ra - rb) * (ra - rb), low,
                                   (ra + rb) * (ra + rb), high));
    *coupling = jf_worse(*coupling, outside(at(t, k, v), se,
                                            at(t, k, "comonotone_variance"),
                                            at(t, k, "se_comonotone"),
                                            at(t, k, "antitone_variance"),
                                            at(t, k, "se_antitone")));
}

/* Var ld of cases that have a closed form or a value of C1.3; else NaN. */
static double known_variance(const pair *p, int of_g)
{
    static const double radial[][2] = {{1, 1.43933},  {2, 3.28987},
                                       {3, 5.23060},  {4, 7.20001},
                                       {8, 15.15434}, {16, 31.13226}};
    double blocks = (double)p->d / 2;
    if (of_g && strcmp(p->name, "inversion") == 0)
        return blocks * M_PI * M_PI / 3;
    for (size_t k = 0; of_g && k < 6; k++)
        if (strcmp(p->name, "radial") == 0 && radial[k][0] == (double)p->d)
            return radial[k][1];
    if (strcmp(p->name, "exponential") == 0)
        return blocks * (of_g ? 0.19269472464638815 : 1.8087288063052788);
    return (double)NAN;
}

static void say(const experiment *e, const char *id, const char *statement,
                const char *hypotheses, const char *method, double measured,
                jf_relation relation, double expected, double tolerance)
{
    jf_claim claim = {id, statement, hypotheses, method};
    jf_verdict(e->verdicts, &claim, measured, relation, expected, tolerance);
}

static void judge_points(const experiment *e, const jf_table *t)
{
    double identity = 0, formula = 0, excess = 0, equal = 0, differ = 1e300;
    for (size_t k = 0; k < n_exact_pairs; k++) {
        identity = jf_worse(identity, at(t, k, "identity_error"));
        formula = jf_worse(formula, at(t, k, "formula_error"));
        if (strcmp(exact_pairs[k].base, "normal") == 0)
            excess = -jf_worse(-excess, -at(t, k, "least_excess"));
        if (exact_pairs[k].equal)
            equal = jf_worse(equal, at(t, k, "max_difference"));
        else
            differ = -jf_worse(-differ, -at(t, k, "sd_difference"));
    }
    say(e, "C1.1", "ld_f - ld_g = log p_Z(g) - log p_Z(f) at every point",
        "29 pairs of exact flows, D = 1 .. 16",
        "largest relative error over all points; rounding", identity, JF_EQUAL,
        0, 1e-10);
    say(e, "C1.1", "the formulas for log|det| are those of the maps' Jacobians",
        "50 central points of every pair",
        "five-point differences, relative step 1e-3", formula, JF_EQUAL, 0,
        1e-7);
    say(e, "C1.4", "log|det J| >= log p_X - log p_Z(0) at every point",
        "pairs over N(0 I)", "least excess; rounding", excess, JF_AT_LEAST, 0,
        1e-12);
    say(e, "C1.4", "over a uniform base log|det J| is unique at every point",
        "two exact flows onto the cube, D = 2, 4, 8, 16",
        "largest difference; rounding", equal, JF_EQUAL, 0, 1e-10);
    say(e, "C1.3w",
        "as worded: the Jacobian determinant is unique for given distributions",
        "base not uniform",
        "least sd of ld_f - ld_g over the counterexamples; certified by "
        "proofs-check/antitone_maps and variable_orders",
        differ, JF_EQUAL, 0, 1e-10);
}

static void judge_moments(const experiment *e, const jf_table *t)
{
    double mean = 0, bracket = -1e300, coupling = -1e300, variance = 0;
    for (size_t k = 0; k < n_exact_pairs; k++) {
        double expected = at(t, k, "entropy_difference");
        for (int of_g = 0; of_g < 2; of_g++) {
            const char *v = of_g ? "variance_g" : "variance_f";
            const char *se = of_g ? "se_variance_g" : "se_variance_f";
            double known = known_variance(&exact_pairs[k], of_g);
            mean = jf_worse(
                mean, jf_in_errors(at(t, k,
                                      of_g ? "mean_log_abs_det_g"
                                           : "mean_log_abs_det_f"),
                                   expected, at(t, k, of_g ? "se_g" : "se_f")));
            judge_variance(t, k, v, se, &bracket, &coupling);
            if (!isnan(known))
                variance = jf_worse(
                    variance, jf_in_errors(at(t, k, v), known, at(t, k, se)));
        }
    }
    say(e, "C1.2", "E log|det J| = h(Z) - h(X) for every exact flow",
        "58 flows in 29 pairs", "largest error in standard errors", mean,
        JF_AT_MOST, 5, 0);
    say(e, "C1.2c", "Var ld lies between (sqrt V_X -+ sqrt V_Z)^2",
        "58 flows in 29 pairs", "largest excess in standard errors", bracket,
        JF_AT_MOST, 5, 0);
    say(e, "C1.7",
        "Var ld lies between the comonotone and the antitone coupling",
        "58 flows in 29 pairs",
        "sorted samples; largest excess in standard errors", coupling,
        JF_AT_MOST, 5, 0);
    say(e, "C1.3", "the variances of ld have the values of the theory",
        "inversion, radial and exponential pairs",
        "largest error in standard errors", variance, JF_AT_MOST, 5, 0);
}

/* The case by name and d. */
static size_t find(const char *name, size_t d)
{
    size_t k = 0;
    while (strcmp(exact_pairs[k].name, name) != 0 || exact_pairs[k].d != d)
        k++;
    return k;
}

static void judge_laws(const experiment *e, const jf_table *t)
{
    size_t inversion = find("inversion", 2), plane = find("exponential", 2);
    say(e, "C1.3a", "ld of the inversion has the standard logistic law",
        "D = 2, normal base",
        "sqrt n times the Kolmogorov-Smirnov distance; level 1e-3",
        at(t, inversion, "ks_logistic"), JF_AT_MOST, 1.95, 0);
    say(e, "C1.7", "the polar map of Exp(1)^2 has the least variance of all",
        "D = 2; 2 delta - 1, delta the Gompertz constant",
        "comonotone variance of sorted samples; 5 standard errors",
        at(t, plane, "comonotone_variance"), JF_EQUAL, 0.19269472464638815,
        5 * at(t, plane, "se_comonotone"));
    say(e, "C1.7", "the largest variance of any flow from Exp(1)^2 is 5.0536",
        "D = 2", "antitone variance of sorted samples; 5 standard errors",
        at(t, plane, "antitone_variance"), JF_EQUAL, 5.0536,
        5 * at(t, plane, "se_antitone"));
}

void uniqueness_exact(experiment *e)
{
    jf_table *t =
        jf_table_new(&e->args, "uniqueness-exact", columns, n_exact_pairs);
    jf_table *histogram =
        jf_table_new(&e->args, "uniqueness-logistic",
                     "log_abs_det,density,se_density,logistic_density", 1);
    size_t done = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < n_exact_pairs; k++) {
        if (!jf_table_has(t, k) ||
            (is_logistic(&exact_pairs[k]) && !jf_table_has(histogram, 0))) {
            run(e, k, t, histogram);
            jf_table_finish(t, k);
        }
#pragma omp critical(uniqueness_exact)
        jf_progress(&e->args, "exact pairs", ++done, n_exact_pairs);
    }
    judge_points(e, t);
    judge_moments(e, t);
    judge_laws(e, t);
    jf_table_close(t);
    jf_table_close(histogram);
}
