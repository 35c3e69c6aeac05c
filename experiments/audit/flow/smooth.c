/* smooth.c -- what one smooth fit of all points says of log_abs_det: finer than
 * neighbours, and less sure, so that it is noted and accuses nobody.
 *
 * Of points alone nothing can be proved: let phi be a diffeomorphism that is
 * the identity but in small balls about the points, each a fixed point where
 * D phi = e^c_i I.  If f is a flow, f o phi is one with the same x and z, and
 * log_abs_det + d c_i.  Who concludes from points takes it that z is as smooth
 * between them as it looks.
 *
 * Fit        g is affine plus a combination of Gaussian kernels about the
 *            points, of whitened x, through z of nine tenths of the points
 *            (kriging; Rasmussen and Williams 2006, sec. 2.7), and is looked at
 *            on the others, each tenth in turn.  The width is that of six which
 *            leaves the least on the first tenth.
 * Mean       With rho = g(x) - z and A its derivative by z, log |det Dg| is
 *            log |det J| + tr A - tr A^2 / 2 ...  tr A is the divergence of
 *            rho, so that for z ~ N(0, I) and weights w = exp(-t |z|^2 / 2), by
 *            parts (Stein's identity), E w tr A = (1 + t) E w z . rho, which is
 *            seen.  Beside it stand five times half of the variance of log |det Dg| -
 *            log_abs_det, which E tr A^2 / 2 is for entries that are not
 *            correlated, five standard errors, |rho| |z| / 2 for a z that is
 *            not quite normal, and rounding.  t is the one of three that
 *            leaves the least of these. */
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>

enum { FOLDS = 10, MOST_POINTS = 600, MOST_COLUMNS = 8, LEAST_POINTS = 60 };

typedef struct {
    size_t n, d;
    double *x, *z, *ld; /* (n, d), whitened; (n, d); (n) */
    double log_det;     /* of the whitening */
    /* of each point when it was left out (n): log |det Dg| - log_abs_det,
     * z . rho, |rho|^2 */
    double *off, *stein, *missed;
} points;

/* A fit to the points that are not of a fold. */
typedef struct {
    size_t m;
    double width;
    size_t *row;    /* (m) */
    double *upper;  /* (m, m) U' U is the matrix of kernels */
    double *affine; /* (d + 1, d) */
    double *alpha;  /* (m, d) */
} kriging;

static double kernel(const points *p, double width, size_t i, size_t k)
{
    double sum = 0;
    for (size_t j = 0; j < p->d; j++)
        sum += gsl_pow_2(p->x[i * p->d + j] - p->x[k * p->d + j]);
    return exp(-sum / (2 * width * width));
}

/* U of the matrix of kernels: 0 when it is not positive definite. */
static int factor(const points *p, kriging *g)
{
    size_t m = g->m;
    for (size_t a = 0; a < m; a++) {
        for (size_t b = 0; b < a; b++)
            g->upper[a * m + b] = g->upper[b * m + a] =
                kernel(p, g->width, g->row[a], g->row[b]);
        g->upper[a * m + a] = 1 + 1e-9;
    }
    if (jf_cholesky(m, g->upper) != GSL_SUCCESS)
        return 0;
    for (size_t a = 0; a < m; a++)
        for (size_t b = 0; b < a; b++) {
            g->upper[b * m + a] = g->upper[a * m + b];
            g->upper[a * m + b] = 0;
        }
    return 1;
}

/* The affine part by generalised least squares, then the kernels'. */
static int krige(const points *p, kriging *g)
{
    size_t m = g->m, d = p->d, q = d + 1, w = q + d;
    double *h = jf_alloc(m * w + w * w + q * q + q * d, sizeof *h);
    double *gram = h + m * w, *left = gram + w * w, *right = left + q * q, det;
    int good = factor(p, g);
    for (size_t a = 0; a < m; a++) {
        h[a * w] = 1;
        memcpy(h + a * w + 1, p->x + g->row[a] * d, d * sizeof *h);
        memcpy(h + a * w + q, p->z + g->row[a] * d, d * sizeof *h);
    }
    if (good)
        jf_solve_upper(1, m, w, g->upper, h);
    jf_dgemm(JF_TN, w, w, m, 1, h, h, 0, gram);
    for (size_t a = 0; a < q; a++) {
        memcpy(left + a * q, gram + a * w, q * sizeof *h);
        memcpy(right + a * d, gram + a * w + q, d * sizeof *h);
    }
    good = good && jf_invert(q, left, &det) == GSL_SUCCESS;
    if (good) {
        jf_dgemm(JF_NN, q, d, q, 1, left, right, 0, g->affine);
        for (size_t a = 0; a < m; a++)
            memcpy(g->alpha + a * d, h + a * w + q, d * sizeof *h);
        jf_dgemm_part(JF_NN, m, d, q, -1, h, w, g->affine, d, 1, g->alpha, d);
        jf_solve_upper(0, m, d, g->upper, g->alpha);
    }
    free(h);
    return good;
}

/* |rho|^2 at point i, and z . rho; kernels (m) of the points about it. */
static double miss(const points *p, const kriging *g, size_t i, double *kernels,
                   double *stein)
{
    size_t d = p->d;
    const double *x = p->x + i * d, *z = p->z + i * d;
    double square = 0;
    *stein = 0;
    for (size_t a = 0; a < g->m; a++)
        kernels[a] = kernel(p, g->width, i, g->row[a]);
    for (size_t c = 0; c < d; c++) {
        double v = g->affine[c];
        for (size_t j = 0; j < d; j++)
            v += x[j] * g->affine[(j + 1) * d + c];
        for (size_t a = 0; a < g->m; a++)
            v += kernels[a] * g->alpha[a * d + c];
        square += gsl_pow_2(v - z[c]);
        *stein += (v - z[c]) * z[c];
    }
    return square;
}

/* Dg at a point that was left out: 0 when it is singular. */
static int look(points *p, const kriging *g, size_t i)
{
    size_t d = p->d, m = g->m;
    double *kernels = jf_alloc(m + m * d + d * d, sizeof *kernels);
    double *slopes = kernels + m, *j = slopes + m * d, log_det;
    p->missed[i] = miss(p, g, i, kernels, &p->stein[i]);
    for (size_t a = 0; a < m; a++)
        for (size_t k = 0; k < d; k++)
            slopes[a * d + k] = kernels[a] / gsl_pow_2(g->width) *
                                (p->x[g->row[a] * d + k] - p->x[i * d + k]);
    memcpy(j, g->affine + d, d * d * sizeof *j); /* of x by z: transposed */
    jf_dgemm(JF_TN, d, d, m, 1, slopes, g->alpha, 1, j);
    int good = jf_log_abs_det(d, j, &log_det) == GSL_SUCCESS;
    p->off[i] = log_det + p->log_det - p->ld[i];
    free(kernels);
    return good && isfinite(log_det);
}

static kriging kriging_new(const points *p, size_t fold, double width)
{
    size_t d = p->d;
    kriging g = {.width = width, .row = jf_alloc(p->n, sizeof *g.row)};
    for (size_t i = 0; i < p->n; i++)
        if (i % FOLDS != fold)
            g.row[g.m++] = i;
    g.upper = jf_alloc(g.m * g.m, sizeof *g.upper);
    g.affine = jf_alloc((d + 1) * d, sizeof *g.affine);
    g.alpha = jf_alloc(g.m * d, sizeof *g.alpha);
    return g;
}

static void kriging_free(kriging *g)
{
    free(g->row);
    free(g->upper);
    free(g->affine);
    free(g->alpha);
}

/* What a width leaves on the first tenth. */
static double left_by(const points *p, double width)
{
    kriging g = kriging_new(p, 0, width);
    double *left = jf_alloc(p->n + g.m, sizeof *left), stein;
    double *kernels = left + p->n, typical = HUGE_VAL;
    size_t count = 0;
    if (krige(p, &g)) {
        for (size_t i = 0; i < p->n; i += FOLDS)
            left[count++] = miss(p, &g, i, kernels, &stein);
        typical = median(count, left);
    }
    free(left);
    kriging_free(&g);
    return typical;
}

/* Every point, left out in its turn: 0 where a fit is singular. */
static int look_at_all(points *p)
{
    static const double widths[] = {2, 3, 4.5, 7, 12, 20};
    double best = HUGE_VAL, width = 0;
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
        double left = left_by(p, widths[k]);
        if (left < best) {
            best = left;
            width = widths[k];
        }
    }
    int good = width > 0;
    for (size_t fold = 0; good && fold < FOLDS; fold++) {
        kriging g = kriging_new(p, fold, width);
        good = krige(p, &g);
        for (size_t i = fold; good && i < p->n; i += FOLDS)
            good = look(p, &g, i);
        kriging_free(&g);
    }
    return good;
}

/* Points that differ, MOST_POINTS of them at most, spread over the file. */
static int take_points(const flow_numbers *f, points *p)
{
    size_t d = f->d, count = 0, *first = jf_alloc(f->n, sizeof *first);
    same_points(f->n, d, f->x, first);
    for (size_t i = 0; i < f->n; i++)
        if (first[i] == i)
            first[count++] = i;
    p->d = d;
    p->n = count < MOST_POINTS ? count : MOST_POINTS;
    p->x = jf_alloc(p->n * (2 * d + 4) + d + d * d, sizeof *p->x);
    p->z = p->x + p->n * d;
    p->ld = p->z + p->n * d;
    p->off = p->ld + p->n;
    p->stein = p->off + p->n;
    p->missed = p->stein + p->n;
    double *mean = p->missed + p->n, *l = mean + d;
    for (size_t k = 0; k < p->n; k++) {
        size_t i = first[k * count / p->n];
        memcpy(p->x + k * d, f->x + i * d, d * sizeof *p->x);
        memcpy(p->z + k * d, f->z + i * d, d * sizeof *p->z);
        p->ld[k] = f->ld[i];
    }
    free(first);
    int good = p->n >= LEAST_POINTS && p->n >= 10 * d &&
               whiten(p->n, d, p->x, mean, l);
    for (size_t j = 0; good && j < d; j++)
        p->log_det -= log(l[j * d + j]);
    return good;
}

/* The mean for weights exp(-t |z|^2 / 2), and what may be wrong with it. */
static double mean_at(const points *p, double t, double *allowed)
{
    double all = 0, mean = 0, off = 0, variance = 0, error = 0, rho = 0,
           square = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < p->n; i++) {
            double z = 0;
            for (size_t j = 0; j < p->d; j++)
                z += gsl_pow_2(p->z[i * p->d + j]);
            double w = exp(-t * z / 2), v = p->off[i] - (1 + t) * p->stein[i];
            if (pass == 0) {
                all += w;
                mean += w * v;
                off += w * p->off[i];
                continue;
            }
            variance += w / all * gsl_pow_2(p->off[i] - off / all);
            error += gsl_pow_2(w / all * (v - mean / all));
            rho += w / all * p->missed[i];
            square += w / all * z;
        }
    *allowed =
        VOLUME_ERRORS * (variance / 2 + sqrt(error)) + sqrt(rho * square) / 2;
    return mean / all;
}

/* The lambda of a logit whose d log(1 - 2 lambda) is near c, if x lies where
 * that logit is defined; 0: none. */
static double lambda_near(const flow_numbers *f, double c, double allowed)
{
    static const double known[] = {0.05, 0.1, 0.025, 0.01};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        double lost = (double)f->d * log1p(-2 * known[k]);
        if (logit_defined(f, known[k]) && fabs(c - lost) <= allowed / 2)
            return known[k];
    }
    return 0;
}

static void note_mean(const flow_numbers *f, const points *p, audit_report *r)
{
    static const double weights[] = {0.5, 1, 2};
    double least = HUGE_VAL, mean = 0, rounding = 0;
    for (size_t i = 0; i < f->n; i++)
        rounding = fmax(rounding, f->allowed[i]);
    for (size_t k = 0; k < sizeof weights / sizeof *weights; k++) {
        double allowed, at = mean_at(p, weights[k], &allowed);
        if (allowed < least) {
            least = allowed;
            mean = at;
        }
    }
    least += rounding;
    r->mean_off = mean;
    r->mean_allowed = least;
    if (!(fabs(mean) > least))
        return;
    audit_line *line = audit_add(r, "smooth-mean", "C1.2",
                                 "log_abs_det in mean, by a smooth fit: off by",
                                 mean, 0, least, AUDIT_NOTE);
    double lambda = lambda_near(f, mean, least);
    if (lambda > 0)
        audit_detail(line,
                     "lambda of the logit? d log(1 - 2 lambda) is %.3g for "
                     "lambda = %g; a design (audit --design) decides",
                     (double)f->d * log1p(-2 * lambda), lambda);
    else
        audit_detail(line,
                     "shift? a constant miscounted in both columns, if z is as "
                     "smooth between the rows as it looks; a design (audit "
                     "--design) decides");
}

void audit_smooth(const flow_numbers *f, audit_report *r)
{
    if (!f->x || r->stencils || r->wrong || r->misfit || f->d > MOST_COLUMNS)
        return;
    points p = {0};
    if (take_points(f, &p) && look_at_all(&p))
        note_mean(f, &p, r);
    free(p.x);
}
