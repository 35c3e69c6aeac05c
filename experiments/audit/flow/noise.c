/* noise.c -- whether log_abs_det scatters about what z says, as an estimate by
 * random traces does, seen by the user's own points.
 *
 * A random field is fitted to z: it says what log |det J| is at each point, how
 * far that may be off, and how errors of near points go together.  What is left
 * of log_abs_det is then explained with noise and without.
 *
 * Field      field.c, fitted to z.
 * Error      J at a point has a normal law given all z, jointly over points;
 *            to first order log |det J| errs by tr(J^-1 E), of covariance C.
 * Ratio      T - log_abs_det, at the points where C is at most 1 (beyond that the
 *            first order says nothing), is a constant plus a normal vector of
 *            covariance
 *                theta (C + rho M + gamma I),
 *            M of an error of log_abs_det itself, smooth (Matern 3/2: one
 *            derivative less than z) or with jumps (exponential: kinks of z),
 *            of half the width of z or of twice that.  Without noise gamma is
 *            what rounding leaves, rho and the width are whatever they like,
 *            and theta up to five errors: that errors are large is no evidence,
 *            but that they are as large where z is seen finely as where it is
 *            not, and as different between neighbours as between others.  Twice the logarithm of the ratio of
 *            likelihoods is, for a parameter at the edge of its range, 0 or
 *            chi^2 of one degree with a chance of 1/2 each (Self and Liang
 *            1987); it is held against the quantile at NOISE_RATE.  Of numbers
 *            that are not normal the variance of a squared one is
 *            (kurtosis - 1) / 2 times as large, and with it the ratio's: the kurtosis is that of z_i about what the others say.
 *            Without noise theta may be up to five errors, with it up to 1: what
 *            is taken for noise is none of an error that the field has misjudged.
 *            Above the quantile it is open, which accuses nobody: of flows that
 *            are no such fields the law is not known.  It is told by name where
 *            neighbours show a wrong volume that no other mistake explains.
 * Normal     Where a field is none (the knots of splines), few points are far
 *            off: the noise is to have a normal kurtosis, within five errors.
 * Kinks      Where log_abs_det has the same values at many points (z is straight
 *            between kinks) it has no noise.  Kinks so many that it has not look
 *            like noise, which is one more reason why it is open.
 * Columns    Up to five: beyond, some hundred points see z so coarsely that what
 *            the field lacks is as large as any noise.
 * Small      Noise of less than half of what the field says of its own errors
 *            (their median) is none: that much it may misjudge them.
 * Rounding   Five times what two answers at one point may differ by (decide.c),
 *            and what the nugget hides, are no noise. */
#include "field.h"
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>

enum {
    MOST_COLUMNS = 5,
    LEAST_SEEN = 30,
    PARTS = 10, /* shares of a smooth error that are tried, and of noise */
    NOISES = 30
};

/* What is known at the points: T - log_abs_det and J^-1 (n, d, d), [x][z]. */
typedef struct {
    double *off, *back; /* (n), (n, d, d) */
    size_t m, *chosen;  /* (m) of an error of first order */
    double *c;          /* (m, m) */
    double resolved;    /* variance of what the nugget hides, in mean */
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
    for (size_t k = 0; k < d; k++)
        log_det -= log(p->l[k * d + k]);
    s->off[i] = log_det - f->ld[p->row[i]];
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
            if (!diagonal && a == b)
                s->resolved += g->nugget * g->variance[c] * v / (double)m;
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

/* The points whose error is of first order, and C of them: 0 where too few are
 * so. */
static int see(const cloud *p, const field *g, const flow_numbers *f, seen *s)
{
    size_t n = p->n, d = p->d, good = 0;
    *s = (seen){.off = jf_alloc(n * (1 + d * d), sizeof *s->off)};
    s->back = s->off + n;
    s->c = jf_alloc(n * n, sizeof *s->c);
    s->chosen = jf_alloc(n, sizeof *s->chosen);
    for (size_t i = 0; i < n; i++)
        if (look(p, g, f, i, s))
            s->chosen[s->m++] = i;
    for (size_t c = 0; c < d; c++)
        add_column(p, g, c, 1, s);
    for (size_t a = 0; a < s->m; a++)
        if (s->c[a] <= 1)
            s->chosen[good++] = s->chosen[a];
    s->m = good;
    memset(s->c, 0, n * n * sizeof *s->c);
    for (size_t c = 0; c < d; c++)
        add_column(p, g, c, 0, s);
    return s->m >= LEAST_SEEN;
}

static void seen_free(seen *s)
{
    free(s->off);
    free(s->c);
    free(s->chosen);
}

/* What was tried: twice the log-likelihood, the variance of the noise, and the
 * kurtosis of the noise itself, as it is estimated at each point. */
typedef struct {
    double likelihood, noise, kurtosis;
} explained;

/* A covariance by its eigenvalues (m), with the vector that it is to explain
 * and that of ones in their basis. */
typedef struct {
    size_t m;
    double *e, *off, *one;
} spectrum;

/* theta, at most so much, and the constant, which is subtracted from what is left,
 * by the likelihood itself: from the products of off and ones, each whitened. */
static explained explain(size_t m, double aa, double ab, double bb,
                         double log_det, double most, double *constant)
{
    double n = (double)m;
    double square = fmax(aa - ab * ab / bb, 1e-300);
    double theta = fmin(square / n, most);
    *constant = ab / bb;
    return (explained){-n * log(theta) - square / theta - log_det, theta, 0};
}

/* theta (e + gamma) */
static explained with_noise(const spectrum *s, double gamma, double *constant)
{
    double aa = 0, ab = 0, bb = 0, log_det = 0;
    for (size_t k = 0; k < s->m; k++) {
        double v = fmax(s->e[k], 0) + gamma;
        aa += gsl_pow_2(s->off[k]) / v;
        ab += s->off[k] * s->one[k] / v;
        bb += gsl_pow_2(s->one[k]) / v;
        log_det += log(v);
    }
    explained of = explain(s->m, aa, ab, bb, log_det, 1, constant);
    of.noise *= gamma;
    return of;
}

/* theta c, c (m, m), which is overwritten. */
static double without_noise(size_t m, const double *off, double *c)
{
    double *v = jf_alloc(2 * m + m * m, sizeof *v), *upper = v + 2 * m;
    double aa = 0, ab = 0, bb = 0, log_det = 0, unused, of = -HUGE_VAL;
    if (jf_cholesky(m, c) == GSL_SUCCESS) {
        for (size_t a = 0; a < m; a++) {
            v[2 * a] = off[a];
            v[2 * a + 1] = 1;
            log_det += 2 * log(c[a * m + a]);
            for (size_t b = 0; b <= a; b++)
                upper[b * m + a] = c[a * m + b];
        }
        jf_solve_upper(1, m, 2, upper, v);
        for (size_t a = 0; a < m; a++) {
            aa += v[2 * a] * v[2 * a];
            ab += v[2 * a] * v[2 * a + 1];
            bb += v[2 * a + 1] * v[2 * a + 1];
        }
        of = explain(m, aa, ab, bb, log_det, gsl_pow_2(VOLUME_ERRORS), &unused)
                 .likelihood;
    }
    free(v);
    return of;
}

/* Of the noise at each point, its mean given all that is left, over its
 * deviation; c: the eigenvectors, by rows. */
static double kurtosis_of(const spectrum *s, const double *c, double gamma,
                          double constant)
{
    size_t m = s->m;
    double second = 0, fourth = 0;
    for (size_t i = 0; i < m; i++) {
        double mean = 0, variance = 0;
        for (size_t k = 0; k < m; k++) {
            double v = fmax(s->e[k], 0) + gamma, by = c[k * m + i];
            mean += by * (s->off[k] - constant * s->one[k]) / v;
            variance += by * by / v;
        }
        second += gsl_pow_2(mean) / variance / (double)m;
        fourth += gsl_pow_2(gsl_pow_2(mean) / variance) / (double)m;
    }
    return fourth / gsl_pow_2(second);
}

/* Step k of a count, from low to high, evenly in the logarithm. */
static double step_of(double low, double high, int k, int count)
{
    return low * pow(high / low, (double)k / (count - 1));
}

/* The best with any noise between low and high beside the covariance c (m, m),
 * of which s->e is all that is left, if that is better than what is known. */
static void try_noise(spectrum *s, const double *off, double *c, double low,
                      double high, explained *best)
{
    size_t m = s->m;
    double constant, best_gamma = 0, best_constant = 0;
    if (jf_eigen_symmetric(m, c, s->e, 1) != GSL_SUCCESS)
        return;
    for (size_t k = 0; k < m; k++) { /* vector k is row k */
        s->off[k] = s->one[k] = 0;
        for (size_t i = 0; i < m; i++) {
            s->off[k] += c[k * m + i] * off[i];
            s->one[k] += c[k * m + i];
        }
    }
    for (int k = 0; k < NOISES; k++) {
        double gamma = step_of(low, high, k, NOISES);
        explained now = with_noise(s, gamma, &constant);
        if (now.likelihood > best->likelihood) {
            *best = now;
            best_gamma = gamma;
            best_constant = constant;
        }
    }
    if (best_gamma > 0)
        best->kurtosis = kurtosis_of(s, c, best_gamma, best_constant);
}

/* An error that is no noise: its variance and width; whether its values jump. */
typedef struct {
    double rho, width;
    int jumps;
} own_error;

/* C + rho M + least I (m, m). */
static void mix(const cloud *p, const seen *s, own_error of, double least,
                double *to)
{
    size_t m = s->m;
    for (size_t a = 0; a < m; a++)
        for (size_t b = 0; b < m; b++) {
            double r = p->apart[s->chosen[a] * p->n + s->chosen[b]];
            double error = of.rho * (of.jumps ? exp(-r / of.width)
                                              : matern(0, of.width, r).value);
            to[a * m + b] = s->c[a * m + b] + error + (a == b ? least : 0);
        }
}

/* Twice the logarithm of the ratio, and the noise: beside no smooth error, and
 * beside the one that does best without. */
static double ratio(const cloud *p, const field *g, const seen *s, double least,
                    explained *noise)
{
    size_t m = s->m;
    double *off = jf_alloc(m * (4 + m), sizeof *off), *c = off + 4 * m;
    spectrum of = {m, off + m, off + 2 * m, off + 3 * m};
    double usual = 0, most, best = -HUGE_VAL;
    own_error kept = {0};
    *noise = (explained){-HUGE_VAL, 0, 0};
    for (size_t a = 0; a < m; a++) {
        off[a] = s->off[s->chosen[a]];
        usual += fmax(s->c[a * m + a], 0) / (double)m;
    }
    least = fmax(gsl_pow_2(least) + s->resolved, 1e-13 * (double)m * usual);
    usual += least;
    most = 64 * fmax(usual, jf_sample_of(m, off).variance);
    for (int part = 0; part <= PARTS; part++)
        for (int k = 0; k < (part ? 4 : 1); k++) {
            own_error now = {part ? step_of(usual / 16, most, part - 1, PARTS)
                                  : 0,
                             g->width * exp2(k % 2 ? 1 : -1), k / 2};
            mix(p, s, now, least, c);
            double likelihood = without_noise(m, off, c);
            if (likelihood > best) {
                best = likelihood;
                kept = now;
            }
        }
    for (int part = 0; part <= (kept.rho > 0); part++) {
        mix(p, s, part ? kept : (own_error){0, 1, 0}, least, c);
        try_noise(&of, off, c, usual / 4096, most, noise);
    }
    free(off);
    return isfinite(best) ? fmax(0, noise->likelihood - best) : 0;
}

/* What rounding may do to log_abs_det. */
static double rounding(const flow_numbers *f)
{
    double most = 0;
    for (size_t i = 0; i < f->n; i++)
        most = fmax(most, two_answers(f, &f->of_ld, f->ld[i]));
    return most;
}

/* The median of what the field may err by, in nats. */
static double usual_error(const seen *s)
{
    double *v = jf_alloc(s->m, sizeof *v);
    for (size_t a = 0; a < s->m; a++)
        v[a] = sqrt(fmax(s->c[a * s->m + a], 0));
    double of = median_size(s->m, v);
    free(v);
    return of;
}

static void judge(const flow_numbers *f, const field *g, const seen *s,
                  double found, const explained *noise, audit_report *r)
{
    double level =
        gsl_cdf_chisq_Qinv(2 * NOISE_RATE, 1) * fmax(1, (g->kurtosis - 1) / 2);
    double least = sqrt(gsl_pow_2(rounding(f)) + s->resolved);
    double sd = sqrt(noise->noise), errors = sqrt(24 / (double)s->m);
    int normal = noise->kurtosis <= 3 + VOLUME_ERRORS * errors;
    int noted = found > level && normal && sd > VOLUME_ERRORS * least &&
                sd > usual_error(s) / 2;
    /* It never accuses: of flows that are no such fields its rate of false alarms
     * is known only where it was counted (cells.c).  Where neighbours
     * have shown that something is wrong, and no mistake that is known, only its
     * name is in question. */
    int sure = noted && r->volume_wrong && r->found && r->found->last;
    audit_line *line = audit_add(r, "scatter", "C6.3",
                                 "log_abs_det without noise: likelihood ratio",
                                 found, 0, level,
                                 sure            ? AUDIT_WRONG
                                 : noted         ? AUDIT_OPEN
                                 : found > level ? AUDIT_NOTE
                                                 : AUDIT_OK);
    line->at_most = 1;
    if (found > level && !noted)
        audit_detail(line,
                     "of deviation %.2g nats: too little, or of a few "
                     "points alone, as of a fit to z that misjudges its "
                     "own errors; no noise is told from that",
                     sd);
    if (noted)
        audit_detail(line,
                     "noise of deviation %.2g nats in log_abs_det explains "
                     "it, and no smooth error does, by a random field fitted "
                     "to z; a design (audit --design) decides",
                     sd);
    r->maybe_noise = noted && !sure ? sd : 0;
    if (!sure)
        return;
    r->not_a_function = 1;
    r->scatter = sd;
    r->n_also = 0;
    audit_diagnose(f, r);
}

/* Whether a quarter of the values of log_abs_det are those of other points, but for
 * how they are written and a few roundings. */
static int values_repeat(const flow_numbers *f, const cloud *p)
{
    size_t equal = 0;
    double *v = jf_alloc(p->n, sizeof *v);
    for (size_t k = 0; k < p->n; k++)
        v[k] = f->ld[p->row[k]];
    gsl_sort(v, 1, p->n);
    for (size_t k = 1; k < p->n; k++)
        equal += v[k] - v[k - 1] <= 2 * written_error(&f->of_ld, v[k]) +
                                        8 * f->of_ld.unit * (1 + fabs(v[k]));
    free(v);
    return 4 * equal > p->n;
}

int audit_noise(const flow_numbers *f, audit_report *r)
{
    int looked = 0;
    cloud p;
    field g;
    seen s = {0};
    if (!f->x || r->stencils || r->residual_wrong || r->not_a_function ||
        r->not_one_to_one || r->misfit || f->d > MOST_COLUMNS ||
        (r->found && !r->volume_wrong))
        return 0;
    if (cloud_take(f, f->z, f->d, &p) && !values_repeat(f, &p)) {
        if (field_find(&p, &g) && see(&p, &g, f, &s)) {
            explained noise;
            looked = 1;
            double found = ratio(&p, &g, &s, rounding(f), &noise);
            judge(f, &g, &s, found, &noise, r);
        }
        field_free(&g);
        seen_free(&s);
    }
    cloud_free(&p);
    return looked;
}
