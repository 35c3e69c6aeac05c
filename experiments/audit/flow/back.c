/* back.c -- the inverse against forward: x_back must be x, and log_abs_det_back
 * minus log_abs_det.
 *
 * How many digits an inverse keeps depends on the condition of the map, and on
 * where an iteration stops.  Half of the digits of the format are asked for,
 * relative to the size of the column: what keeps fewer is no inverse for
 * likelihoods. */
#include "field.h"
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

/* What |v - w| may be, v of a column of that size. */
static double half_of_the_digits(const flow_numbers *f, double size)
{
    double unit = fmax(f->of_z.unit, fmax(f->of_ld.unit, f->of_ll.unit));
    double digits = pow(10, -fmin(f->of_z.digits, f->of_ld.digits));
    return sqrt(fmax(unit, digits)) * size;
}

static double column_size(const flow_numbers *f, size_t j)
{
    double most = 0;
    for (size_t i = 0; i < f->n; i++)
        most = fmax(most, fabs(f->x[i * f->d + j]));
    return most;
}

/* Whether row i comes back as it was. */
static int returns(const flow_numbers *f, const double *size, size_t i)
{
    for (size_t j = 0; j < f->d; j++)
        if (!(fabs(f->back[i * f->d + j] - f->x[i * f->d + j]) <=
              half_of_the_digits(f, size[j])))
            return 0;
    return 1;
}

static double *sizes(const flow_numbers *f)
{
    double *size = jf_alloc(f->d, sizeof *size);
    for (size_t j = 0; j < f->d; j++)
        size[j] = column_size(f, j);
    return size;
}

static void check_rows(const flow_numbers *f, audit_report *r)
{
    double *size = sizes(f), worst = 0;
    size_t bad = 0, first = 0;
    for (size_t i = 0; i < f->n; i++) {
        for (size_t j = 0; j < f->d; j++)
            worst =
                fmax(worst, fabs(f->back[i * f->d + j] - f->x[i * f->d + j]) /
                                size[j]);
        if (!returns(f, size, i) && bad++ == 0)
            first = f->row[i] + 1;
    }
    audit_line *line = audit_add(
        r, "round-trip", "C6.3", "x_back = x, to half of the digits", worst, 0,
        half_of_the_digits(f, 1), bad ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    r->back_wrong |= bad > 0;
    if (bad)
        audit_detail(line,
                     "%zu of %zu rows do not come back, the first is row "
                     "%zu; relative to the column",
                     bad, f->n, first);
    free(size);
}

static double log_det_allowed(const flow_numbers *f, size_t i)
{
    return half_of_the_digits(f, (double)f->d + fabs(f->ld[i]));
}

static void check_log_det(const flow_numbers *f, audit_report *r)
{
    double worst = 0, allowed = 1;
    size_t bad = 0;
    for (size_t i = 0; i < f->n; i++) {
        double sum = fabs(f->ld[i] + f->ld_back[i]);
        double tolerance = log_det_allowed(f, i);
        bad += !(sum <= tolerance);
        if (!(sum / tolerance <= worst / allowed)) {
            worst = sum;
            allowed = tolerance;
        }
    }
    audit_line *line =
        audit_add(r, "back-log-det", "C1.1", "log_abs_det_back = -log_abs_det",
                  worst, 0, allowed, bad ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    r->back_wrong |= bad > 0;
    if (bad)
        audit_detail(line, "%zu of %zu rows contradict it", bad, f->n);
}

void audit_back(const flow_numbers *f, audit_report *r)
{
    if (f->back && f->x)
        check_rows(f, r);
    if (f->ld_back)
        check_log_det(f, r);
}

int x_moved(const flow_numbers *f, const audit_report *r, double *by)
{
    (void)r;
    if (!f->back || !f->x)
        return 0;
    double *size = sizes(f);
    int holds = 1;
    for (size_t j = 0; j < f->d; j++) {
        double first = f->back[j] - f->x[j];
        for (size_t i = 0; i < f->n; i++)
            holds &= fabs(f->back[i * f->d + j] - f->x[i * f->d + j] - first) <=
                     half_of_the_digits(f, size[j]);
        if (fabs(first) > fabs(*by))
            *by = first;
    }
    holds &= !returns(f, size, 0);
    free(size);
    return holds;
}

static int comes_back(const flow_numbers *f)
{
    double *size = sizes(f);
    int all = 1;
    for (size_t i = 0; all && i < f->n; i++)
        all = returns(f, size, i);
    free(size);
    return all;
}

/* x_back_j = slope x_j + constant in every column, by least squares. */
int x_scaled(const flow_numbers *f, const audit_report *r, double *slopes)
{
    (void)r;
    if (!f->back || !f->x || f->n < 8)
        return 0;
    double *size = sizes(f), *x = jf_alloc(2 * f->n, sizeof *x), *y = x + f->n;
    int holds = 1;
    slopes[0] = slopes[1] = 1;
    for (size_t j = 0; j < f->d && holds; j++) {
        double constant, slope, unused[4];
        for (size_t i = 0; i < f->n; i++) {
            x[i] = f->x[i * f->d + j];
            y[i] = f->back[i * f->d + j];
        }
        gsl_fit_linear(x, 1, y, 1, f->n, &constant, &slope, &unused[0],
                       &unused[1], &unused[2], &unused[3]);
        for (size_t i = 0; i < f->n; i++)
            holds &= fabs(y[i] - slope * x[i] - constant) <=
                     half_of_the_digits(f, size[j]) * (1 + fabs(slope));
        slopes[0] = fmin(slopes[0], slope);
        slopes[1] = fmax(slopes[1], slope);
    }
    free(x);
    free(size);
    return holds && !comes_back(f);
}

/* Every entry that does not come back is the least or the largest of x_back, and
 * one of them occurs three times: bounds, their number. */
int back_at_bound(const flow_numbers *f, const audit_report *r, double *bound)
{
    (void)r;
    if (!f->back || !f->x)
        return 0;
    double *size = sizes(f), low = HUGE_VAL, high = -HUGE_VAL;
    size_t at_low = 0, at_high = 0, off = 0;
    for (size_t i = 0; i < f->n * f->d; i++) {
        low = fmin(low, f->back[i]);
        high = fmax(high, f->back[i]);
    }
    for (size_t i = 0; i < f->n * f->d; i++) {
        double near = half_of_the_digits(f, size[i % f->d]);
        if (fabs(f->back[i] - f->x[i]) <= near)
            continue;
        off++;
        if (f->back[i] - low <= near)
            at_low++;
        else
            at_high += high - f->back[i] <= near;
    }
    bound[0] = low;
    bound[1] = high;
    bound[2] = (double)off;
    free(size);
    return at_low + at_high == off && (at_low >= 3 || at_high >= 3);
}

/* In fewer than half of the rows. */
int some_rows_back(const flow_numbers *f, const audit_report *r,
                   double *parameter)
{
    (void)r;
    if (!f->back || !f->x)
        return 0;
    double *size = sizes(f);
    size_t bad = 0;
    for (size_t i = 0; i < f->n; i++)
        if (!returns(f, size, i) && bad++ == 0)
            parameter[1] = (double)(f->row[i] + 1);
    parameter[0] = (double)bad;
    free(size);
    return bad > 0 && 2 * bad < f->n;
}

int back_with_sign(const flow_numbers *f, const audit_report *r, double *unused)
{
    (void)r, (void)unused;
    for (size_t i = 0; i < f->n; i++)
        if (!f->ld_back ||
            !(fabs(f->ld_back[i] - f->ld[i]) <= log_det_allowed(f, i)))
            return 0;
    return 1;
}

static int is_off(const flow_numbers *f, size_t i)
{
    return !(fabs(f->ld_back[i] + f->ld[i]) <= log_det_allowed(f, i));
}

/* At some rows, and minus forward's at as many others at least; how many, and by
 * how much. */
int back_in_part(const flow_numbers *f, const audit_report *r,
                 double *parameter)
{
    size_t bad = 0;
    (void)r;
    for (size_t i = 0; f->ld_back && i < f->n; i++)
        if (is_off(f, i)) {
            bad++;
            parameter[1] = fmax(parameter[1], fabs(f->ld_back[i] + f->ld[i]));
        }
    parameter[0] = (double)bad;
    return bad > 0 && 2 * bad <= f->n;
}

/* A number of each row by which rows may differ, 2 (d + 3) of them: of x, then
 * of z, the columns, the least, the largest, the largest size. */
static double trait(const flow_numbers *f, size_t k, size_t i)
{
    size_t d = f->d, c = k % (d + 3);
    const double *v = (k < d + 3 ? f->x : f->z) + i * d;
    double of = c < d ? v[c] : c == d ? HUGE_VAL : c == d + 1 ? -HUGE_VAL : 0;
    for (size_t j = 0; c >= d && j < d; j++)
        of = c == d       ? fmin(of, v[j])
             : c == d + 1 ? fmax(of, v[j])
                          : fmax(of, fabs(v[j]));
    return of;
}

static void trait_name(const flow_numbers *f, size_t k, jf_text *text)
{
    static const char *const of[] = {"the least", "the largest",
                                     "the largest size of"};
    size_t d = f->d, c = k % (d + 3);
    const char *v = k < d + 3 ? "x" : "z";
    if (c < d)
        jf_text_add(text, "%s%zu", v, c + 1);
    else
        jf_text_add(text, "%s %s_j", of[c - d], v);
}

/* The range of a trait over the rows that are off: whether no other is there. */
static int parts(const flow_numbers *f, size_t k, double *low, double *high)
{
    int alone = 1;
    *low = HUGE_VAL;
    *high = -HUGE_VAL;
    for (size_t i = 0; i < f->n; i++)
        if (is_off(f, i)) {
            *low = fmin(*low, trait(f, k, i));
            *high = fmax(*high, trait(f, k, i));
        }
    for (size_t i = 0; alone && i < f->n; i++) {
        double v = trait(f, k, i);
        alone = is_off(f, i) || v < *low || v > *high;
    }
    return alone;
}

void back_part_say(const flow_numbers *f, jf_text *text)
{
    double low, high;
    for (size_t k = f->x ? 0 : f->d + 3; k < 2 * (f->d + 3); k++)
        if (parts(f, k, &low, &high)) {
            jf_text_add(text, "They are those where ");
            trait_name(f, k, text);
            jf_text_add(text, " lies in [%.4g, %.4g].\n", low, high);
            return;
        }
}

int back_of_log_det(const flow_numbers *f, const audit_report *r,
                    double *unused)
{
    (void)r, (void)unused;
    for (size_t i = 0; i < f->n; i++)
        if (f->ld_back && is_off(f, i))
            return 1;
    return 0;
}

static double correlation(size_t n, const double *a, const double *b)
{
    double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i < n; i++) {
        ma += a[i] / (double)n;
        mb += b[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        aa += gsl_pow_2(a[i] - ma);
        bb += gsl_pow_2(b[i] - mb);
        ab += (a[i] - ma) * (b[i] - mb);
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

/* The chance that ranks of a go with those of b beyond what both have of c, by
 * the partial correlation, were they to have nothing in common but that. */
static double chance_of(size_t n, const double *a, const double *b,
                        const double *c)
{
    double *room = jf_alloc(2 * n, sizeof *room), m = (double)n - 3;
    double ab = gsl_stats_spearman(a, 1, b, 1, n, room);
    double ac = gsl_stats_spearman(a, 1, c, 1, n, room);
    double bc = gsl_stats_spearman(b, 1, c, 1, n, room);
    double left = (1 - ac * ac) * (1 - bc * bc);
    double part = left > 0 ? (ab - ac * bc) / sqrt(left) : 0;
    free(room);
    return part * part < 1
               ? gsl_cdf_tdist_Q(part * sqrt(m / (1 - part * part)), m)
               : part < 0;
}

/* log_abs_det at z_i as its function of x tells it: by a quadratic form, with
 * products where there are rows for them; 0 when it is singular. */
static int by_form(const flow_numbers *f, double *at_z)
{
    size_t d = f->d, p = 2 * d + 1, all = p + d * (d - 1) / 2;
    if (f->n >= 4 * all)
        p = all;
    if (f->n < 2 * p + 4)
        return 0;
    double *c = jf_alloc(p, sizeof *c);
    int good = form_fit(f->n, d, p, f->x, f->ld, NULL, c);
    for (size_t i = 0; good && i < f->n; i++)
        at_z[i] = form_value(d, p, c, f->z + i * d);
    free(c);
    return good;
}

/* Or by the rows whose x is nearest to z_i, without its own: a linear form, no
 * less or more than they have; where there are too few for that, the nearest. */
static int by_neighbours(const flow_numbers *f, double *at_z)
{
    size_t d = f->d, count = f->n > 8 * (d + 1) ? 3 * (d + 1) : 1;
    double *square = jf_alloc(f->n + count * (d + 1) + d + 1, sizeof *square);
    double *x = square + f->n, *ld = x + count * d, *c = ld + count;
    size_t *near = jf_alloc(count, sizeof *near);
    for (size_t i = 0; i < f->n; i++) {
        double least = HUGE_VAL, most = -HUGE_VAL;
        for (size_t k = 0; k < f->n; k++) {
            square[k] = k == i ? HUGE_VAL : 0;
            for (size_t j = 0; j < d; j++)
                square[k] += gsl_pow_2(f->x[k * d + j] - f->z[i * d + j]);
        }
        gsl_sort_smallest_index(near, count, square, 1, f->n);
        for (size_t k = 0; k < count; k++) {
            for (size_t j = 0; j < d; j++)
                x[k * d + j] = f->x[near[k] * d + j] - f->z[i * d + j];
            ld[k] = f->ld[near[k]];
            least = fmin(least, ld[k]);
            most = fmax(most, ld[k]);
        }
        int good = count > 1 && form_fit(count, d, d + 1, x, ld, NULL, c);
        at_z[i] = good ? fmin(fmax(c[0], least), most) : ld[0];
    }
    free(near);
    free(square);
    return f->n > 1;
}

/* Or by a random field, which follows knots of splines that neither sees. */
static int by_field(const flow_numbers *f, double *at_z)
{
    cloud p;
    field g;
    int good = cloud_take(f, f->ld, 1, &p);
    if (good) {
        good = field_find(&p, &g);
        for (size_t i = 0; good && i < f->n; i++)
            at_z[i] = field_value(&p, &g, f->z + i * f->d);
        field_free(&g);
    }
    cloud_free(&p);
    return good;
}

/* The sum of squares of a - b. */
static double distance(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += gsl_pow_2(a[i] - b[i]);
    return sum;
}

/* -log_abs_det_back goes with what log_abs_det is at z more than with
 * log_abs_det at its own row: Fisher's z of the two correlations differ by five
 * errors, or it is nearer by half; or it is nearer and goes with it beyond chance,
 * where an error of another kind, added to log_abs_det, would not be. */
static int is_at_z(size_t n, const double *minus, const double *at_z,
                   const double *ld, double *parameter)
{
    double error = sqrt(2 / ((double)n - 3));
    double to_z = distance(n, minus, at_z), to_x = distance(n, minus, ld);
    parameter[0] = correlation(n, minus, at_z);
    parameter[1] = correlation(n, minus, ld);
    if (parameter[0] > 0.5 &&
        (4 * to_z < to_x ||
         atanh(parameter[0]) - atanh(fabs(parameter[1])) > 5 * error))
        return 1;
    return to_z < to_x && chance_of(n, minus, at_z, ld) < AUDIT_LEVEL / 2;
}

/* In one of three ways to tell it. */
int back_at_input(const flow_numbers *f, const audit_report *r,
                  double *parameter)
{
    static int (*const ways[])(const flow_numbers *,
                               double *) = {by_form, by_neighbours, by_field};
    if (!f->x || f->n < 8 || !back_of_log_det(f, r, parameter))
        return 0;
    double *at_z = jf_alloc(2 * f->n, sizeof *at_z), *minus = at_z + f->n;
    int holds = 0;
    for (size_t i = 0; i < f->n; i++)
        minus[i] = -f->ld_back[i];
    for (size_t k = 0; !holds && k < sizeof ways / sizeof *ways; k++)
        holds =
            ways[k](f, at_z) && is_at_z(f->n, minus, at_z, f->ld, parameter);
    free(at_z);
    return holds;
}
