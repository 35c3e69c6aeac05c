/* exact.c -- exact flows between the same two laws, in pairs.
 *
 * Question  Do they have the same log |det J|: at every point, in mean, in
 *           variance, in law?
 * Method    The pairs of pairs.c: at 50 points each log |det J| of the maps by
 *           differences, and Monte Carlo over 2e6 / d points at the default
 *           profile, beside what is known exactly (values.c).  judge_exact.c
 *           judges the table.
 * Writes    uniqueness-exact.csv, a pair per row; uniqueness-logistic.csv, a
 *           histogram of ld of the inversion.  [nats] */
#include "exact.h"

#include <math.h>
#include <string.h>

enum { MOST = 16, DIFFERENCES = 50 };

/* At the points of differences: errors in nats, their largest ratio to what the
 * differences may err, and that ratio when the formula is broken. */
typedef struct {
    double error, ratio, broken;
} deviation;

static void deviate(deviation *d, double error, double broken, double allowed)
{
    d->error = jf_worse(d->error, fabs(error));
    d->ratio = jf_worse(d->ratio, fabs(error) / allowed);
    d->broken = jf_worse(d->broken, fabs(broken) / allowed);
}

typedef struct {
    deviation identity; /* C1.1; broken: sign exchanged          */
    deviation formula;  /* broken: |z|^2 for |z|^2 / 2           */
    double excess;      /* C1.4: least of ld - log p_X + log p_Z(0), plus what
                           the differences may err               */
} closeness;

/* A point of which no coordinate is extreme: there differences see the map and
 * not its poles. */
static void draw_central(const pair *p, gsl_rng *rng, double *x)
{
    int central;
    do {
        p->draw(p, rng, x);
        central = 1;
        for (size_t j = 0; j < p->d; j++)
            central &= fabs(x[j]) > 0.2 && fabs(x[j]) < 2.5;
    } while (!central);
}

static closeness close_at_points(const pair *p, gsl_rng *rng)
{
    double x[MOST], z[MOST], zero[MOST] = {0}, top = p->log_base(p, zero);
    closeness c = {.excess = (double)INFINITY};
    for (int i = 0; i < DIFFERENCES; i++) {
        double ld[2], base[2], allowed[2], log_p;
        draw_central(p, rng, x);
        log_p = p->log_density(p, x);
        for (int k = 0; k < 2; k++) {
            pair_map flow = {p, k ? p->g : p->f};
            ld[k] = by_differences(p->d, pair_follow, &flow, x, &allowed[k]);
            double formula = flow.flow(p, x, z);
            base[k] = p->log_base(p, z);
            deviate(&c.formula, formula - ld[k],
                    formula - ld[k] + top - base[k], allowed[k]);
            double excess = ld[k] - log_p + top + allowed[k];
            c.excess = -jf_worse(-c.excess, -excess);
        }
        double left = ld[0] - ld[1], right = base[1] - base[0];
        deviate(&c.identity, left - right, left + right,
                allowed[0] + allowed[1]);
    }
    return c;
}

typedef struct { /* samples of one pair */
    size_t n;
    double *ld_f, *ld_g, *scratch;
    double relative, relative_broken; /* largest |ld_f - ld_g| to the size of
                                         its terms; ld_f counted twice */
} sample;

static sample sample_of(const pair *p, size_t n, gsl_rng *rng)
{
    double x[MOST], z[MOST], *all = jf_alloc(3 * n, sizeof *all);
    sample s = {n, all, all + n, all + 2 * n, 0, 0};
    for (size_t i = 0; i < n; i++) {
        p->draw(p, rng, x);
        s.ld_f[i] = p->f(p, x, z);
        s.ld_g[i] = p->g(p, x, z);
        double size = 1 + fabs(s.ld_f[i]) + fabs(s.ld_g[i]);
        s.relative = jf_worse(s.relative, fabs(s.ld_f[i] - s.ld_g[i]) / size);
        s.relative_broken =
            jf_worse(s.relative_broken, fabs(2 * s.ld_f[i] - s.ld_g[i]) / size);
    }
    return s;
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

/* ld of the inversion with exp(|z|^2) for exp(|z|^2 / 2), from the right one.
 */
static double doubled(double ld)
{
    return -log(expm1(2 * log1p(exp(-ld))));
}

static const char columns[] =
    "case,base,d,parameter,mean_difference,se_mean,sd_difference,"
    "max_difference,mean_log_abs_det_f,mean_log_abs_det_g,entropy_difference,"
    "n,se_f,se_g,variance_f,se_variance_f,variance_g,se_variance_g,"
    "variance_log_density,variance_log_base,comonotone_variance,"
    "antitone_variance,known_variance_f,known_fourth_f,known_variance_g,"
    "known_fourth_g,mean_abs_difference,relative_difference,"
    "relative_difference_broken,identity_error,identity_ratio,identity_broken,"
    "formula_error,formula_ratio,formula_broken,least_excess,ks_logistic,ks_p,"
    "ks_detectable,ks_planted_p,ks_broken_p,mean_abs_broken";

static void write(const pair *p, const sample *s, const closeness *c,
                  jf_table *out, size_t point)
{
    double largest = 0, mean_abs = 0, broken = 0, none = (double)NAN;
    jf_sample_moments f = jf_sample_of(s->n, s->ld_f);
    jf_sample_moments g = jf_sample_of(s->n, s->ld_g);
    logistic_fit fit = {none, none, none, none}, wrong = fit;
    for (size_t i = 0; i < s->n; i++) {
        s->scratch[i] = s->ld_f[i] - s->ld_g[i];
        largest = jf_worse(largest, fabs(s->scratch[i]));
        mean_abs += fabs(s->scratch[i]) / (double)s->n;
    }
    jf_sample_moments m = jf_sample_of(s->n, s->scratch);
    if (is_logistic(p)) {
        for (size_t i = 0; i < s->n; i++) {
            s->scratch[i] = doubled(s->ld_g[i]);
            broken += fabs(s->scratch[i]) / (double)s->n;
        }
        wrong = logistic_fit_of(s->n, s->scratch);
        memcpy(s->scratch, s->ld_g, s->n * sizeof *s->scratch);
        fit = logistic_fit_of(s->n, s->scratch);
    }
    pair_values v = pair_values_of(p);
    jf_table_row(
        out, point,
        "%s,%s,%zu,%g," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
        "," JF_G ",%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
        "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
        "," JF_G ",%.3e,%.3e,%.3e,%.3e,%.3e,%.3e,%.3e,%.3e," JF_G "," JF_G
        "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G,
        p->name, p->base, p->d, p->parameter, m.mean, m.se, sqrt(m.variance),
        largest, f.mean, g.mean, p->entropy_difference(p), s->n, f.se, g.se,
        f.variance, f.se_variance, g.variance, g.se_variance,
        v.variance_log_density, v.variance_log_base, v.comonotone, v.antitone,
        v.variance[0], v.fourth[0], v.variance[1], v.fourth[1], mean_abs,
        s->relative, s->relative_broken, c->identity.error, c->identity.ratio,
        c->identity.broken, c->formula.error, c->formula.ratio,
        c->formula.broken, c->excess, fit.distance, fit.p, fit.detectable,
        fit.planted_p, wrong.p, is_logistic(p) ? broken : none);
}

static void run(const experiment *e, size_t point, jf_table *out,
                jf_table *histogram)
{
    const pair *p = &exact_pairs[point];
    gsl_rng *rng = stream(e, 1000 + point);
    closeness c = close_at_points(p, rng);
    sample s =
        sample_of(p, by_profile(e, 40000, 2000000, 16000000) / p->d, rng);
    if (is_logistic(p))
        write_histogram(&s, histogram);
    write(p, &s, &c, out, point);
    gsl_rng_free(rng);
    free(s.ld_f);
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
    if (jf_table_whole(t))
        judge_exact(e, t);
    jf_table_close(t);
    jf_table_close(histogram);
}
