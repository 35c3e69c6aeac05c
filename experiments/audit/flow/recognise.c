/* recognise.c -- how a mistake is recognised when coefficients alone do not say
 * it: one of them is fitted to the numbers, or a question is asked of them. */
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

static double mean_of(size_t n, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] / (double)n;
    return sum;
}

/* The value with half of all weight below it and half above. */
static double weighted_median(size_t n, const double *v, const double *weight)
{
    size_t *order = jf_alloc(n, sizeof *order);
    double all = 0, sum = 0, middle = 0;
    gsl_sort_index(order, v, 1, n);
    for (size_t k = 0; k < n; k++)
        all += weight[k];
    for (size_t k = 0; k < n && 2 * sum < all; k++) {
        middle = v[order[k]];
        sum += weight[order[k]];
    }
    free(order);
    return middle;
}

/* The constant of least absolute deviations: of a VOLUME over their errors. */
static double middle_of(const evidence *v)
{
    double *weight = jf_alloc(v->n, sizeof *weight);
    for (size_t i = 0; i < v->n; i++)
        weight[i] = v->error[i] > 0 ? 1 / v->error[i] : 1;
    double middle = weighted_median(v->n, v->value, weight);
    free(weight);
    return middle;
}

/* The slope of y on x; 0 when x is constant. */
static double slope(size_t n, const double *x, const double *y)
{
    double mx = mean_of(n, x), my = mean_of(n, y), xx = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        xx += gsl_pow_2(x[i] - mx);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xx > 0 ? xy / xx : 0;
}

static double spread(size_t n, const double *v)
{
    double m = mean_of(n, v), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += gsl_pow_2(v[i] - m);
    return sqrt(sum / (double)n);
}

/* value = (k - 1) a or (1/k - 1) a, k whole. */
int fit_factor(const evidence *v, hypothesis *h, double *k)
{
    double va = 0, aa = 0;
    for (size_t i = 0; i < v->n; i++) {
        va += v->value[i] * v->ld[i];
        aa += gsl_pow_2(v->ld[i]);
    }
    double ratio = aa > 0 ? va / aa + 1 : 1;
    *k = ratio >= 1 ? round(ratio) : ratio > 0 ? 1 / round(1 / ratio) : 1;
    h->ld = *k - 1;
    return *k != 1;
}

int fit_constant(const evidence *v, hypothesis *h, double *c)
{
    c[0] = h->constant = middle_of(v);
    c[1] = v->d > 1 ? exp(c[0] / ((double)v->d - 1)) : (double)NAN;
    return 1;
}

/* The base N(0, sd^2): value = (1 - 1/sd^2) |z|^2/2 - d log sd. */
int fit_base(const evidence *v, hypothesis *h, double *sd)
{
    h->half = slope(v->n, v->half, v->value);
    *sd = 1 / sqrt(1 - h->half);
    h->per_d = -log(*sd);
    return h->half < 1 && fabs(h->half) > 1e-6;
}

/* A scale that is s + epsilon in z and s in a (or the reverse, when epsilon
 * comes out negative), small beside s. */
int fit_epsilon(const evidence *v, hypothesis *h, double *epsilon)
{
    double d = (double)v->d, typical = exp(mean_of(v->n, v->ld) / d);
    double low = -0.3 * typical, high = 0.3 * typical;
    double target = middle_of(v);
    for (int k = 0; k < 100; k++) {
        double mean = 0;
        *epsilon = (low + high) / 2;
        for (size_t i = 0; i < v->n; i++)
            mean += d * log1p(*epsilon * exp(-v->ld[i] / d)) / (double)v->n;
        *(mean > target ? &high : &low) = *epsilon;
    }
    h->epsilon = *epsilon;
    return fabs(*epsilon) < 0.299 * typical;
}

/* A constant that an epsilon within 0.3 of the scale would leave. */
int fit_small_constant(const evidence *v, hypothesis *h, double *c)
{
    *c = h->constant = middle_of(v);
    return fabs(*c) < 0.26 * (double)v->d;
}

/* value = c count by least absolute deviations over the errors; how many values
 * that explains, none where the count never varies. */
static size_t explained_by(const evidence *v, const double *count, double *c)
{
    size_t n = v->n, explained = 0;
    int varies = 0;
    double *each = jf_alloc(2 * n, sizeof *each), *weight = each + n;
    double error = HUGE_VAL; /* of c */
    for (size_t i = 0; i < n; i++) {
        varies |= count[i] != count[0];
        if (count[i] == 0)
            continue;
        each[i] = v->value[i] / count[i];
        weight[i] = count[i] / v->error[i];
        error = fmin(error, 1 / weight[i]);
    }
    *c = weighted_median(n, each, weight);
    for (size_t i = 0; i < n && varies; i++)
        explained +=
            fabs(v->value[i] - *c * count[i]) <= v->error[i] + error * count[i];
    free(each);
    return explained;
}

/* A constant for each negative coordinate of x, if that explains more than one
 * for each of z does (sign 1), less (-1) or as much (0). */
static int fit_negative(const evidence *v, int sign, double *c)
{
    double of_z = 0;
    *c = 0;
    size_t x = explained_by(v, v->negative, c);
    size_t z = explained_by(v, v->negative_z, &of_z);
    if (sign < 0)
        *c = of_z;
    return (x > z) - (x < z) == sign && x + z > 0;
}

int fit_negative_x(const evidence *v, hypothesis *h, double *c)
{
    int good = fit_negative(v, 1, c);
    h->negative = *c;
    return good;
}

int fit_negative_z(const evidence *v, hypothesis *h, double *c)
{
    int good = fit_negative(v, -1, c);
    h->negative_z = *c;
    return good;
}

int fit_negative_either(const evidence *v, hypothesis *h, double *c)
{
    int good = fit_negative(v, 0, c);
    h->negative = *c;
    return good;
}

/* (d - 1) log s, s or 1 / s whole or of at most three digits, where that is told
 * from others: such numbers lie so much further apart than the values vary that
 * another constant is none of them. */
int fit_scale_once(const evidence *v, hypothesis *h, double *s)
{
    double d1 = (double)v->d - 1, c = middle_of(v), varies = 0;
    for (size_t i = 0; i < v->n; i++)
        varies = fmax(varies, fabs(v->value[i] - c));
    double scale = exp(fabs(c) / d1);
    for (int decimals = 0; v->d > 1 && scale < 1e6 && decimals <= 2; decimals++)
        for (int inverse = 0; inverse <= 1; inverse++) {
            double unit = pow(10, -decimals - (inverse ? 1 : 0));
            double of = inverse ? 1 / scale : scale;
            double k = unit * round(of / unit);
            double times = decimals || inverse ? 1000 : 20;
            if (k <= 0 || fabs(k - 1) < unit / 2 ||
                times * varies >= d1 * log1p(unit / k) ||
                d1 * fabs(log(of / k)) > 4 * varies + 1e-12 * fabs(c))
                continue;
            *s = (c > 0) == (inverse == 0) ? k : 1 / k;
            h->constant = d1 * log(*s);
            return 1;
        }
    return 0;
}

/* The same of the whole number that is nearest, though others may be as near:
 * to be named beside what else it could be. */
int fit_scale_once_or_other(const evidence *v, hypothesis *h, double *s)
{
    double d1 = (double)v->d - 1, c = middle_of(v);
    double k = v->d > 1 ? round(exp(fabs(c) / d1)) : 0;
    *s = c > 0 ? k : 1 / k;
    h->constant = d1 * log(*s);
    return k >= 2 && k < 1e3;
}

/* Whether a and b hold the same numbers in another order. */
static int same_set(size_t n, const double *a, const double *b,
                    const double *allowed)
{
    double *s = jf_alloc(2 * n, sizeof *s), *t = s + n, most = 0;
    int same = 1;
    memcpy(s, a, n * sizeof *s);
    memcpy(t, b, n * sizeof *t);
    gsl_sort(s, 1, n);
    gsl_sort(t, 1, n);
    for (size_t i = 0; i < n; i++)
        most = fmax(most, allowed[i]);
    for (size_t i = 0; same && i < n; i++)
        same = fabs(s[i] - t[i]) <= 2 * most;
    free(s);
    return same;
}

static int difference_is(const flow_numbers *f, const double *a,
                         const double *b, const double *c)
{
    double *v = jf_alloc(f->n, sizeof *v);
    for (size_t i = 0; i < f->n; i++)
        v[i] = a[i] - b[i];
    int same = same_set(f->n, v, c, f->allowed);
    free(v);
    return same;
}

int z_reordered(const flow_numbers *f, const audit_report *r, double *parameter)
{
    (void)r, (void)parameter;
    return difference_is(f, f->ll, f->ld, f->base);
}

int ld_reordered(const flow_numbers *f, const audit_report *r,
                 double *parameter)
{
    (void)r, (void)parameter;
    return difference_is(f, f->ll, f->base, f->ld);
}

int ll_reordered(const flow_numbers *f, const audit_report *r,
                 double *parameter)
{
    double *sum = jf_alloc(f->n, sizeof *sum);
    (void)r, (void)parameter;
    for (size_t i = 0; i < f->n; i++)
        sum[i] = f->base[i] + f->ld[i];
    int same = same_set(f->n, sum, f->ll, f->allowed);
    free(sum);
    return same;
}

/* -(ll - ld) follows the law of |z|^2/2, but is not that of this z. */
int other_batch(const flow_numbers *f, const audit_report *r, double *parameter)
{
    double *v = jf_alloc(f->n, sizeof *v), n = (double)f->n;
    (void)parameter;
    for (size_t i = 0; i < f->n; i++)
        v[i] = f->ld[i] - f->ll[i] - (double)f->d / 2 * JF_LOG_2PI;
    double distance = audit_gamma_distance(f->n, f->d, v);
    double correlation =
        slope(f->n, f->half, v) * spread(f->n, f->half) / spread(f->n, v);
    free(v);
    return distance <= audit_distance_allowed(f->n, r->level) &&
           fabs(correlation) < 5 / sqrt(n);
}

static int is_constant(size_t n, const double *v, const double *allowed)
{
    double low = v[0], high = v[0], most = 0;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, v[i]);
        high = fmax(high, v[i]);
        most = fmax(most, allowed[i]);
    }
    return high - low <= most;
}

int ll_averaged(const flow_numbers *f, const audit_report *r, double *parameter)
{
    (void)r, (void)parameter;
    return f->n > 1 && is_constant(f->n, f->ll, f->allowed);
}

/* One log p_Z for all rows: the mean of theirs. */
int base_of_batch(const flow_numbers *f, const audit_report *r,
                  double *parameter)
{
    double most = 0, *v = jf_alloc(f->n, sizeof *v),
           mean = mean_of(f->n, f->base);
    (void)r, (void)parameter;
    for (size_t i = 0; i < f->n; i++) {
        v[i] = f->ll[i] - f->ld[i];
        most = fmax(most, f->allowed[i]);
    }
    int holds =
        is_constant(f->n, v, f->allowed) && fabs(v[0] - mean) <= 4 * most;
    free(v);
    return holds;
}

/* One log-determinant for all rows: the mean of what should be there. */
int ld_averaged(const flow_numbers *f, const audit_report *r, double *parameter)
{
    double mean = 0, most = 0;
    (void)r, (void)parameter;
    for (size_t i = 0; i < f->n; i++) {
        mean += (f->ll[i] - f->base[i] - f->ld[i]) / (double)f->n;
        most = fmax(most, f->allowed[i]);
    }
    return is_constant(f->n, f->ld, f->allowed) && fabs(mean) <= 4 * most;
}

int ld_averaged_in_both(const flow_numbers *f, const audit_report *r,
                        double *parameter)
{
    (void)parameter;
    return is_constant(f->n, f->ld, f->allowed) &&
           fabs(r->volume.middle) <= r->least_visible;
}

/* One number for all rows, though the change of volume varies. */
int ld_one_in_both(const flow_numbers *f, const audit_report *r,
                   double *parameter)
{
    const flow_volume *v = &r->volume;
    double low = HUGE_VAL, high = -HUGE_VAL;
    (void)parameter;
    for (size_t k = 0; k < v->centres; k++) {
        low = fmin(low, v->log_det[k]);
        high = fmax(high, v->log_det[k]);
    }
    return is_constant(f->n, f->ld, f->allowed) &&
           high - low > 2 * r->least_visible;
}

int ld_differs(const flow_numbers *f, const audit_report *r, double *parameter)
{
    (void)f, (void)parameter;
    return r->not_a_function == 1;
}

int ld_scatters(const flow_numbers *f, const audit_report *r, double *sd)
{
    (void)f;
    *sd = r->scatter;
    return r->scatter > 0;
}

int logit_defined(const flow_numbers *f, double lambda)
{
    double out = lambda / (1 - 2 * lambda) + 1e-6;
    for (size_t i = 0; i < f->n * f->d; i++)
        if (!(f->x[i] >= -out && f->x[i] <= 1 + out))
            return 0;
    return 1;
}

int lambda_forgotten(const flow_numbers *f, const audit_report *r,
                     double *lambda)
{
    static const double known[] = {0.05, 0.01, 1e-6, 0.1, 0.025, 1e-3};
    const flow_volume *v = &r->volume;
    double *left = jf_alloc(v->centres, sizeof *left), seen = r->least_visible;
    int holds = 0;
    for (size_t i = 0; !holds && i < sizeof known / sizeof *known; i++) {
        double c = (double)f->d * log1p(-2 * known[i]);
        for (size_t k = 0; k < v->centres; k++)
            left[k] = v->log_det[k] - f->ld[v->row[k]] - c;
        *lambda = known[i];
        holds = fabs(c) > 2 * seen && median_size(v->centres, left) <= seen &&
                logit_defined(f, known[i]);
    }
    free(left);
    return holds;
}

int not_one_to_one(const flow_numbers *f, const audit_report *r,
                   double *parameter)
{
    (void)f;
    parameter[0] = (double)r->singular;
    parameter[1] = (double)r->stencils;
    return r->singular > 0;
}

/* The error of T - log_abs_det at a centre. */
static double error_at(const audit_report *r, size_t k)
{
    const flow_volume *v = &r->volume;
    return v->allowed ? v->allowed[k] : r->least_visible;
}

/* How T - log_abs_det, off (m), does as whole multiples of a step. */
typedef struct {
    const audit_report *r;
    const double *off;
    double step, chance; /* of numbers that lie anywhere; 1: it does not fit */
} multiples;

/* The step by least squares, from a first one. */
static double refine(multiples *u)
{
    double weights = 0;
    for (int pass = 0; pass < 3; pass++) {
        double sum = weights = 0;
        for (size_t k = 0; k < u->r->volume.centres; k++) {
            double times = round(u->off[k] / u->step);
            double w = gsl_pow_2(1 / error_at(u->r, k));
            sum += w * times * u->off[k];
            weights += w * times * times;
        }
        u->step = sum / weights;
    }
    return weights;
}

/* Numbers that lie anywhere are so near to multiples with the product of twice
 * their errors over the step for a chance, but for one that the step itself is
 * from.  Nine tenths are to be so near, of one sign, and not all the same. */
static void try_step(multiples *u, double step)
{
    size_t fits = 0, m = u->r->volume.centres;
    double lowest = HUGE_VAL, highest = -HUGE_VAL, chance = 1, surest = 1;
    u->step = step;
    double weights = refine(u);
    for (size_t k = 0; k < m && isfinite(u->step); k++) {
        double times = round(u->off[k] / u->step);
        double error = error_at(u->r, k) + fabs(times) / sqrt(weights);
        if (!(fabs(u->off[k] - times * u->step) <= error))
            continue;
        double own = fmin(1, 2 * error / u->step);
        surest = fmin(surest, own);
        chance *= own;
        lowest = fmin(lowest, times);
        highest = fmax(highest, times);
        fits++;
    }
    u->chance = 10 * fits >= 9 * m && lowest < highest &&
                        lowest * highest >= 0 && highest - lowest < 64
                    ? chance / surest
                    : 1;
    if (highest <= 0)
        u->step = -u->step;
}

/* T - log_abs_det is a whole multiple of one constant, not the same one at all
 * points: how often a unit of a few slopes is on the side that is miscounted.
 * Tried are the values and the differences of two, where they are no errors,
 * and whole parts of them; of all that the one which chance has least often,
 * its level being shared by their number and, of parts, as 1 / k^2. */
int unit_slope(const flow_numbers *f, const audit_report *r, double *constant)
{
    enum { PARTS = 32 };
    const flow_volume *v = &r->volume;
    size_t m = v->centres;
    double least = HUGE_VAL, tried = 0, *off = jf_alloc(m + 2, sizeof *off);
    multiples u = {.r = r, .off = off};
    for (size_t k = 0; k < m; k++)
        off[k] = v->log_det[k] - f->ld[v->row[k]];
    for (size_t k = 0; k < m; k++)
        for (size_t l = 0; l <= k; l++) {
            double other = l == k ? 0 : off[l];
            double error = error_at(r, k) + (l == k ? 0 : error_at(r, l));
            double step = fabs(off[k] - other);
            tried += step > 4 * error;
            for (int part = 1; part <= PARTS && step > 4 * error * part;
                 part++) {
                try_step(&u, step / part);
                double share = gsl_pow_2(M_PI * part) / 6;
                if (u.chance * share < least) {
                    least = u.chance * share;
                    *constant = u.step;
                }
            }
        }
    free(off);
    return least * tried < AUDIT_LEVEL;
}

/* log_abs_det goes with the change of volume and is near it at most points, but
 * is not it. */
int other_map(const flow_numbers *f, const audit_report *r, double *parameter)
{
    const flow_volume *v = &r->volume;
    size_t m = v->centres;
    double *ld = jf_alloc(3 * m + 1, sizeof *ld), *rank = ld + m;
    for (size_t k = 0; k < m; k++)
        ld[k] = f->ld[v->row[k]];
    parameter[0] =
        m > 2 ? gsl_stats_spearman(v->log_det, 1, ld, 1, m, rank) : 0;
    parameter[1] = v->typical;
    int holds = m >= 6 && parameter[0] > 0.9 &&
                v->typical <= 0.1 * spread(m, v->log_det);
    free(ld);
    return holds;
}

int mass_lost(const flow_numbers *f, const audit_report *r, double *mass)
{
    (void)f;
    *mass = r->mass;
    return r->mass_wrong < 0;
}

int ld_is_zero(const flow_numbers *f, const audit_report *r, double *parameter)
{
    (void)r, (void)parameter;
    for (size_t i = 0; i < f->n; i++)
        if (fabs(f->ld[i]) > f->allowed[i])
            return 0;
    return 1;
}

/* Small at every row, but above rounding. */
int small_everywhere(const flow_numbers *f, const audit_report *r,
                     double *times)
{
    (void)r;
    *times = 0;
    for (size_t i = 0; i < f->n; i++)
        *times = fmax(*times,
                      fabs(f->ll[i] - f->base[i] - f->ld[i]) / f->allowed[i]);
    return *times <= 1000;
}

/* No offset, and most of the variance of B is there all the same. */
int noise(const flow_numbers *f, const audit_report *r, double *sd)
{
    double *v = jf_alloc(2 * f->n, sizeof *v), *w = v + f->n;
    (void)r;
    for (size_t i = 0; i < f->n; i++) {
        v[i] = f->ll[i] - f->base[i] - f->ld[i];
        w[i] = f->ll[i] - f->ld[i];
    }
    jf_sample_moments m = jf_sample_of(f->n, v);
    *sd = sqrt(m.variance);
    int holds = fabs(m.mean) <= 5 * m.se && *sd < 0.5 * spread(f->n, f->base) &&
                slope(f->n, f->base, w) > 0.5;
    free(v);
    return holds;
}

/* Whether z passes every test of its law once it is shifted and scaled. */
static int law_after(const flow_numbers *f, const audit_report *r, int centre,
                     int by_column, double *sd)
{
    size_t n = f->n, d = f->d;
    double *z = jf_alloc(n * d, sizeof *z), total = 0;
    memcpy(z, f->z, n * d * sizeof *z);
    for (size_t j = 0; j < d; j++) {
        double mean = 0, moment = 0;
        for (size_t i = 0; centre && i < n; i++)
            mean += z[i * d + j] / (double)n;
        for (size_t i = 0; i < n; i++) {
            z[i * d + j] -= mean;
            moment += gsl_pow_2(z[i * d + j]) / (double)n;
        }
        for (size_t i = 0; by_column && i < n; i++)
            z[i * d + j] /= sqrt(moment);
        total += moment / (double)d;
    }
    *sd = sqrt(total);
    for (size_t i = 0; !centre && !by_column && i < n * d; i++)
        z[i] /= *sd;
    size_t bad = audit_law(n, d, z, r->level, NULL);
    free(z);
    return bad == 0;
}

int law_scaled(const flow_numbers *f, const audit_report *r, double *sd)
{
    return law_after(f, r, 0, 0, sd);
}

int law_shifted(const flow_numbers *f, const audit_report *r, double *sd)
{
    return law_after(f, r, 1, 0, sd);
}

int law_columns(const flow_numbers *f, const audit_report *r, double *sd)
{
    return law_after(f, r, 1, 1, sd);
}

int law_wide(const flow_numbers *f, const audit_report *r, double *ratio)
{
    (void)r;
    *ratio = mean_of(f->n, f->half) * 2 / (double)f->d;
    return *ratio > 1;
}

int law_narrow(const flow_numbers *f, const audit_report *r, double *ratio)
{
    return !law_wide(f, r, ratio);
}

int ld_lost(const flow_numbers *f, const audit_report *r, double *rows)
{
    rows[0] = (double)f->lost;
    rows[1] = (double)f->lost_row[0];
    return r->stencils > 0 && f->lost > 0;
}

int some_rows(const flow_numbers *f, const audit_report *r, double *share)
{
    (void)r;
    *share = 100 * (double)(f->rows - f->n) / (double)f->rows;
    return f->rows > f->n;
}

int always(const flow_numbers *f, const audit_report *r, double *parameter)
{
    (void)f, (void)r;
    *parameter = 0;
    return 1;
}
