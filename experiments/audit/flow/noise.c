/* noise.c -- whether log_abs_det scatters about what z says, as an estimate by
 * random traces does, seen by the user's own points.
 *
 * A random field is fitted to z: it says what log |det J| is at each point, how
 * far that may be off, and how errors of near points go together.  What is left
 * of log_abs_det is then explained with noise and without.
 *
 * Field      z_c(x) is affine plus a Gaussian process of Matern's covariance,
 *            smoothness 3/2, 5/2 or 7/2 (its derivatives have kinks, jumps of the
 *            second order, or of the third), of whitened x; width, smoothness
 *            and a nugget for the digits of z are those under which each z_i is
 *            most likely given all others (Rasmussen and Williams 2006, sec.
 *            5.4.2), which gives the variance of each column too.
 * Error      J at a point has a normal law given all z, jointly over points;
 *            to first order log |det J| errs by tr(J^-1 E), of covariance C.
 * Ratio      T - log_abs_det, at the half of the points where C is least, is a
 *            constant plus a normal vector of covariance
 *                theta (C + rho M + gamma I),
 *            M of a smooth error of log_abs_det itself (Matern 3/2: one
 *            derivative less than z), of half the width of z, of that, or of
 *            twice.  Without noise gamma is what rounding leaves, and theta, rho
 *            and the width are whatever they like: how large errors are is no
 *            evidence, but that they are as large where z is seen finely as
 *            where it is not, and as different between neighbours as between
 *            others.  Twice the logarithm of the ratio of likelihoods is, for
 *            a parameter at the edge of its range, 0 or chi^2 of one degree with
 *            a chance of 1/2 each (Self and Liang 1987); it is held against the
 *            quantile at the level of one of the report's tests.
 * Rounding   Noise below half of the digits is none: what design points that
 *            are evaluated twice may differ by (decide.c). */
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>

enum {
    MOST_POINTS = 600,
    LEAST_POINTS = 60,
    MOST_COLUMNS = 8,
    SMOOTHNESS = 3, /* 3/2, 5/2, 7/2 */
    WIDTHS = 8,
    NUGGETS = 3,
    PARTS = 10, /* shares of a smooth error that are tried, and of noise */
    NOISES = 30
};
static const double widths[WIDTHS] = {1, 2, 3, 4.5, 7, 12, 20, 40};
static const double nuggets[NUGGETS] = {1e-10, 1e-8, 1e-6};

typedef struct {
    size_t n, d;
    size_t *row;    /* (n) of the finite rows */
    double *x, *z;  /* (n, d) whitened; (n, d) */
    double *apart;  /* (n, n) distances of x */
    double log_det; /* of the whitening */
} cloud;

/* Which covariance: smoothness, width, nugget, by their places. */
typedef struct {
    size_t of[3];
} choice;

typedef struct {
    choice is;
    double score;
    double *inverse;   /* (n, n) of the covariance                        */
    double *projected; /* (n, q) inverse H, H the rows (1, x), q = d + 1  */
    double *trend;     /* (q, q) (H' inverse H)^-1                        */
    double *alpha;     /* (n, d) weights of the points                    */
    double *beta;      /* (q, d) the affine part                          */
    double *variance;  /* (d) of the columns                              */
} field;

/* The covariance at a distance, k; -k'/r; and -(k'/r)'/r. */
typedef struct {
    double value, slope, bend;
} covariance;

static covariance matern(size_t smoothness, double width, double r)
{
    double s = sqrt(3 + 2 * (double)smoothness) * r / width, e = exp(-s);
    double square = gsl_pow_2(width);
    if (smoothness == 0)
        return (covariance){(1 + s) * e, 3 / square * e,
                            r > 0 ? 3 * sqrt(3) / (square * width * r) * e : 0};
    if (smoothness == 1)
        return (covariance){(1 + s + s * s / 3) * e,
                            5.0 / 3 / square * (1 + s) * e,
                            25.0 / 3 / gsl_pow_2(square) * e};
    return (covariance){(1 + s + 0.4 * s * s + s * s * s / 15) * e,
                        7.0 / 15 / square * (3 + 3 * s + s * s) * e,
                        49.0 / 15 / gsl_pow_2(square) * (1 + s) * e};
}

static covariance covariance_of(const cloud *p, const field *g, size_t i,
                                size_t k)
{
    return matern(g->is.of[0], widths[g->is.of[1]], p->apart[i * p->n + k]);
}

/* Points that differ, spread over the file: 0 where there are too few. */
static int take_points(const flow_numbers *f, cloud *p)
{
    size_t d = f->d, count = 0, *first = jf_alloc(f->n, sizeof *first);
    same_points(f->n, d, f->x, first);
    for (size_t i = 0; i < f->n; i++)
        if (first[i] == i)
            first[count++] = i;
    size_t n = count < MOST_POINTS ? count : MOST_POINTS;
    *p = (cloud){.n = n, .d = d, .row = first};
    if (n < LEAST_POINTS || n < 10 * d)
        return 0;
    p->x = jf_alloc(2 * n * d + n * n + d + d * d, sizeof *p->x);
    p->z = p->x + n * d;
    p->apart = p->z + n * d;
    double *mean = p->apart + n * n, *l = mean + d;
    for (size_t k = 0; k < n; k++) {
        size_t i = p->row[k] = first[k * count / n];
        memcpy(p->x + k * d, f->x + i * d, d * sizeof *p->x);
        memcpy(p->z + k * d, f->z + i * d, d * sizeof *p->z);
    }
    if (!whiten(n, d, p->x, mean, l))
        return 0;
    for (size_t j = 0; j < d; j++)
        p->log_det -= log(l[j * d + j]);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            double sum = 0;
            for (size_t j = 0; j < d; j++)
                sum += gsl_pow_2(p->x[i * d + j] - p->x[k * d + j]);
            p->apart[i * n + k] = sqrt(sum);
        }
    return 1;
}

static field field_new(const cloud *p)
{
    size_t n = p->n, d = p->d, q = d + 1;
    field g = {.score = -HUGE_VAL};
    g.inverse =
        jf_alloc(n * n + n * q + q * q + n * d + q * d + d, sizeof *g.inverse);
    g.projected = g.inverse + n * n;
    g.trend = g.projected + n * q;
    g.alpha = g.trend + q * q;
    g.beta = g.alpha + n * d;
    g.variance = g.beta + q * d;
    return g;
}

/* (n, q) rows (1, x). */
static double *affine(const cloud *p)
{
    size_t q = p->d + 1;
    double *h = jf_alloc(p->n * q, sizeof *h);
    for (size_t i = 0; i < p->n; i++) {
        h[i * q] = 1;
        memcpy(h + i * q + 1, p->x + i * p->d, p->d * sizeof *h);
    }
    return h;
}

/* The weights of all points and the affine part by generalised least squares:
 * 0 when singular. */
static int solve(const cloud *p, field *g)
{
    size_t n = p->n, d = p->d, q = d + 1;
    double det, *h = affine(p), *right = jf_alloc(q * d, sizeof *right);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            g->inverse[i * n + k] = covariance_of(p, g, i, k).value +
                                    (i == k ? nuggets[g->is.of[2]] : 0);
    int good = jf_invert(n, g->inverse, &det) == GSL_SUCCESS;
    if (good) {
        jf_dgemm(JF_NN, n, q, n, 1, g->inverse, h, 0, g->projected);
        jf_dgemm(JF_TN, q, q, n, 1, h, g->projected, 0, g->trend);
        good = jf_invert(q, g->trend, &det) == GSL_SUCCESS;
    }
    if (good) {
        jf_dgemm(JF_TN, q, d, n, 1, g->projected, p->z, 0, right);
        jf_dgemm(JF_NN, q, d, q, 1, g->trend, right, 0, g->beta);
        jf_dgemm(JF_NN, n, d, n, 1, g->inverse, p->z, 0, g->alpha);
        jf_dgemm(JF_NN, n, d, q, -1, g->projected, g->beta, 1, g->alpha);
    }
    free(h);
    free(right);
    return good;
}

/* The likelihood of each z_i given all others, and the variances. */
static void score(const cloud *p, field *g)
{
    size_t n = p->n, d = p->d, q = d + 1;
    double sum = 0;
    memset(g->variance, 0, d * sizeof *g->variance);
    for (size_t i = 0; i < n; i++) {
        double own = g->inverse[i * n + i];
        const double *h = g->projected + i * q;
        for (size_t a = 0; a < q; a++)
            for (size_t b = 0; b < q; b++)
                own -= h[a] * g->trend[a * q + b] * h[b];
        if (!(own > 0)) {
            g->score = -HUGE_VAL;
            return;
        }
        for (size_t c = 0; c < d; c++)
            g->variance[c] += gsl_pow_2(g->alpha[i * d + c]) / own / (double)n;
        sum += (double)d / 2 * log(own);
    }
    for (size_t c = 0; c < d; c++)
        sum -= (double)n / 2 * log(fmax(g->variance[c], 1e-300));
    g->score = sum;
}

/* From one choice to the best of its neighbours until none is better. */
static int find_field(const cloud *p, field *best)
{
    static const size_t most[3] = {SMOOTHNESS, WIDTHS, NUGGETS};
    char tried[SMOOTHNESS][WIDTHS][NUGGETS] = {{{0}}};
    field next = field_new(p);
    int better = 1, start = 1;
    *best = field_new(p);
    best->is = (choice){{1, 2, 0}};
    while (better) {
        choice from = best->is;
        better = 0;
        for (size_t k = 0; k < 7; k++) {
            next.is = from;
            size_t *at = &next.is.of[k / 2 % 3];
            if (k < 6)
                *at += k % 2 ? 1 : (size_t)-1;
            else if (!start)
                continue;
            char *known = *at < most[k / 2 % 3]
                              ? &tried[next.is.of[0]][next.is.of[1]]
                                      [next.is.of[2]]
                              : NULL;
            if (!known || *known)
                continue;
            *known = 1;
            if (!solve(p, &next))
                continue;
            score(p, &next);
            if (next.score > best->score) {
                field kept = *best;
                *best = next;
                next = kept;
                better = 1;
            }
        }
        start = 0;
    }
    free(next.inverse);
    return isfinite(best->score);
}

/* What is known at the points: T - log_abs_det and J^-1 (n, d, d), [x][z]. */
typedef struct {
    double *off, *back, *sd; /* (n), (n, d, d), (n) */
    size_t m, *chosen;       /* (m) of the least sd */
    double *c;               /* (m, m) */
} seen;

/* J at point i, transposed, and its inverse in place: 0 when singular. */
static int look(const cloud *p, const field *g, const flow_numbers *f, size_t i,
                seen *s)
{
    size_t n = p->n, d = p->d;
    double *j = s->back + i * d * d, log_det, *t = jf_alloc(d * d, sizeof *t);
    memcpy(j, g->beta + d, d * d * sizeof *j);
    for (size_t a = 0; a < n; a++) {
        double slope = covariance_of(p, g, i, a).slope;
        for (size_t k = 0; k < d; k++) {
            double w = slope * (p->x[a * d + k] - p->x[i * d + k]);
            for (size_t c = 0; c < d; c++)
                j[k * d + c] += w * g->alpha[a * d + c];
        }
    }
    int good = jf_invert(d, j, &log_det) == GSL_SUCCESS && isfinite(log_det);
    memcpy(t, j, d * d * sizeof *t); /* [z][x] so far */
    for (size_t k = 0; k < d; k++)
        for (size_t c = 0; c < d; c++)
            j[k * d + c] = t[c * d + k];
    s->off[i] = log_det + p->log_det - f->ld[p->row[i]];
    free(t);
    return good;
}

/* Of column c: the covariance of z at all points with v_i . grad z at the m of
 * rows, (n, m), and of the affine part with it, (q, m). */
static void directions(const cloud *p, const field *g, const seen *s, size_t c,
                       double *w, double *h)
{
    size_t n = p->n, d = p->d, m = s->m;
    memset(h, 0, m * sizeof *h);
    for (size_t b = 0; b < m; b++) {
        size_t i = s->chosen[b];
        const double *v = s->back + i * d * d + c;
        for (size_t k = 0; k < d; k++)
            h[(k + 1) * m + b] = v[k * d];
        for (size_t a = 0; a < n; a++) {
            double along = 0;
            for (size_t k = 0; k < d; k++)
                along += v[k * d] * (p->x[a * d + k] - p->x[i * d + k]);
            w[a * m + b] = along * covariance_of(p, g, i, a).slope;
        }
    }
}

/* The covariance of v_i . grad z and v_k . grad z before z is known. */
static double before(const cloud *p, const field *g, const seen *s, size_t c,
                     size_t i, size_t k)
{
    size_t d = p->d;
    const double *v = s->back + i * d * d + c, *w = s->back + k * d * d + c;
    double both = 0, one = 0, other = 0;
    covariance at = covariance_of(p, g, i, k);
    for (size_t j = 0; j < d; j++) {
        double by = p->x[i * d + j] - p->x[k * d + j];
        both += v[j * d] * w[j * d];
        one += v[j * d] * by;
        other += w[j * d] * by;
    }
    return at.slope * both - at.bend * one * other;
}

/* Adds column c's part to s->c (m, m), or to its diagonal alone, as (m). */
static void add_column(const cloud *p, const field *g, size_t c, int diagonal,
                       seen *s)
{
    size_t n = p->n, q = p->d + 1, m = s->m;
    double *w = jf_alloc(2 * n * m + 2 * q * m, sizeof *w), *u = w + n * m;
    double *h = u + n * m, *t = h + q * m;
    directions(p, g, s, c, w, h);
    jf_dgemm(JF_NN, n, m, n, 1, g->inverse, w, 0, u);
    jf_dgemm(JF_TN, q, m, n, -1, g->projected, w, 1, h);
    jf_dgemm(JF_NN, q, m, q, 1, g->trend, h, 0, t);
    for (size_t a = 0; a < m; a++)
        for (size_t b = diagonal ? a : 0; b < (diagonal ? a + 1 : m); b++) {
            double v = before(p, g, s, c, s->chosen[a], s->chosen[b]);
            for (size_t i = 0; diagonal && i < n; i++)
                v -= w[i * m + a] * u[i * m + b];
            for (size_t i = 0; i < q; i++)
                v += h[i * m + a] * t[i * m + b];
            s->c[diagonal ? a : a * m + b] += g->variance[c] * v;
        }
    if (!diagonal)
        jf_dgemm(JF_TN, m, m, n, -g->variance[c], w, u, 1, s->c);
    free(w);
}

/* The better half of the points, and C of them: 0 where too few are regular. */
static int see(const cloud *p, const field *g, const flow_numbers *f, seen *s)
{
    size_t n = p->n, d = p->d, good = 0;
    *s = (seen){.off = jf_alloc(n * (2 + d * d), sizeof *s->off)};
    s->sd = s->off + n;
    s->back = s->sd + n;
    s->c = jf_alloc(n * n, sizeof *s->c);
    s->chosen = jf_alloc(2 * n, sizeof *s->chosen);
    for (size_t i = 0; i < n; i++)
        if (look(p, g, f, i, s))
            s->chosen[good++] = i;
    s->m = good;
    for (size_t c = 0; c < d; c++)
        add_column(p, g, c, 1, s);
    size_t *order = s->chosen + n, *kept = jf_alloc(n + 1, sizeof *kept);
    gsl_sort_index(order, s->c, 1, good);
    s->m = n / 2 < good ? n / 2 : good;
    for (size_t a = 0; a < s->m; a++)
        kept[a] = s->chosen[order[a]];
    memcpy(s->chosen, kept, s->m * sizeof *kept);
    memset(s->c, 0, n * n * sizeof *s->c);
    for (size_t c = 0; c < d; c++)
        add_column(p, g, c, 0, s);
    free(kept);
    return s->m >= LEAST_POINTS / 2;
}

static void seen_free(seen *s)
{
    free(s->off);
    free(s->c);
    free(s->chosen);
}

/* The best of what was tried: twice the log-likelihood, and the variance of the
 * noise. */
typedef struct {
    double likelihood, noise;
} explained;

/* A covariance by its eigenvalues (m), with the vector that it is to explain
 * and that of ones in their basis. */
typedef struct {
    size_t m;
    double *e, *off, *one;
} spectrum;

/* theta (e + gamma); theta and the constant by the likelihood itself. */
static explained explain(const spectrum *s, double gamma)
{
    double aa = 0, ab = 0, bb = 0, log_det = 0, n = (double)s->m;
    for (size_t k = 0; k < s->m; k++) {
        double v = fmax(s->e[k], 0) + gamma;
        aa += gsl_pow_2(s->off[k]) / v;
        ab += s->off[k] * s->one[k] / v;
        bb += gsl_pow_2(s->one[k]) / v;
        log_det += log(v);
    }
    double theta = fmax((aa - ab * ab / bb) / n, 1e-300);
    return (explained){-n * log(theta) - log_det, theta * gamma};
}

/* Step k of a count, from low to high, evenly in the logarithm. */
static double step_of(double low, double high, int k, int count)
{
    return low * pow(high / low, (double)k / (count - 1));
}

/* s->e is all that is left of the covariance c (m, m): without noise, and with
 * any, between low and high. */
static void try_covariance(spectrum *s, const double *off, double *c,
                           double least, double low, double high,
                           explained best[2])
{
    size_t m = s->m;
    if (jf_eigen_symmetric(m, c, s->e, 1) != GSL_SUCCESS)
        return;
    for (size_t k = 0; k < m; k++) { /* vector k is row k */
        s->off[k] = s->one[k] = 0;
        for (size_t i = 0; i < m; i++) {
            s->off[k] += c[k * m + i] * off[i];
            s->one[k] += c[k * m + i];
        }
    }
    /* as exact as eigenvalues are */
    least = fmax(least, 1e-13 * s->e[m - 1]);
    explained now = explain(s, least);
    if (now.likelihood > best[0].likelihood)
        best[0] = now;
    for (int k = 0; k < NOISES; k++) {
        now = explain(s, least + step_of(low, high, k, NOISES));
        if (now.likelihood > best[1].likelihood)
            best[1] = now;
    }
}

/* C + rho M (m, m), M of that width. */
static void mix(const cloud *p, const seen *s, double rho, double width,
                double *to)
{
    for (size_t a = 0; a < s->m; a++)
        for (size_t b = 0; b < s->m; b++) {
            double r = p->apart[s->chosen[a] * p->n + s->chosen[b]];
            double error = rho > 0 ? rho * matern(0, width, r).value : 0;
            to[a * s->m + b] = s->c[a * s->m + b] + error;
        }
}

/* Twice the logarithm of the ratio, and the deviation of the noise. */
static double ratio(const cloud *p, const field *g, const seen *s, double least,
                    double *noise)
{
    size_t m = s->m;
    double *off = jf_alloc(m * (4 + m), sizeof *off), *c = off + 4 * m;
    spectrum of = {m, off + m, off + 2 * m, off + 3 * m};
    double usual = gsl_pow_2(least), most;
    explained best[2] = {{-HUGE_VAL, 0}, {-HUGE_VAL, 0}};
    for (size_t a = 0; a < m; a++) {
        off[a] = s->off[s->chosen[a]];
        usual += fmax(s->c[a * m + a], 0) / (double)m;
    }
    most = 64 * fmax(usual, jf_sample_of(m, off).variance);
    for (int part = 0; part <= PARTS; part++)
        for (int wide = -1; wide <= (part ? 1 : -1); wide++) {
            double rho = part ? step_of(usual / 16, most, part - 1, PARTS) : 0;
            mix(p, s, rho, widths[g->is.of[1]] * exp2(wide), c);
            try_covariance(&of, off, c, gsl_pow_2(least), usual / 4096,
                           most + rho, best);
        }
    free(off);
    *noise = sqrt(best[1].noise);
    return fmax(0, best[1].likelihood - best[0].likelihood);
}

/* What rounding may do to log_abs_det. */
static double rounding(const flow_numbers *f)
{
    double most = 0;
    for (size_t i = 0; i < f->n; i++)
        most = fmax(most, two_answers(f, &f->of_ld, f->ld[i]));
    return most;
}

static void judge(const flow_numbers *f, double found, double noise,
                  audit_report *r)
{
    double allowed = gsl_cdf_chisq_Qinv(2 * r->level, 1);
    int bad = found > allowed && noise > rounding(f);
    audit_line *line = audit_add(
        r, "scatter", "C6.3", "log_abs_det without noise: likelihood ratio",
        found, 0, allowed, bad ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    if (!bad)
        return;
    audit_detail(line,
                 "noise of deviation %.2g nats explains it, and no smooth "
                 "error does, by a random field fitted to z",
                 noise);
    r->not_a_function = 1;
    r->scatter = noise;
    r->n_also = 0;
    audit_diagnose(f, r);
}

void audit_noise(const flow_numbers *f, audit_report *r)
{
    cloud p;
    field g;
    seen s = {0};
    if (!f->x || r->stencils || r->residual_wrong || r->not_a_function ||
        r->not_one_to_one || r->misfit || f->d > MOST_COLUMNS ||
        (r->found && !(r->volume_wrong && r->found->last)))
        return;
    if (take_points(f, &p)) {
        int good = find_field(&p, &g);
        good = good && see(&p, &g, f, &s);
        if (good) {
            double noise, found = ratio(&p, &g, &s, rounding(f), &noise);
            judge(f, found, noise, r);
        }
        free(g.inverse);
        seen_free(&s);
    }
    free(p.x);
    free(p.row);
}
