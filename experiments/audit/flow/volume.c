/* volume.c -- the volume of the map x -> z from its pairs alone.
 *
 * About a centre (x_i, z_i), z_j - z_i = J (x_j - x_i) + a quadratic form +
 * what is left out, of size |x_j - x_i|^(q + 1) with q = 2, or q = 1 where
 * there are too few rows for the quadratic form.  Least squares over the
 * nearest neighbours, every equation divided by that size (and by rounding
 * where it is smaller) so that all are equally good, gives J; its log |det|
 * is independent of the flow's own formulas.
 *
 * Error.  With S the covariance of the residuals and G the inverse normal
 * matrix of the linear unknowns, log |det J| has variance tr(G J^-1 S J^-T) to
 * first order.  What is left out is not random: it has a sign, and
 * neighbourhoods overlap.  So no credit is taken for averaging: the error of a
 * mean over centres is at most the root mean square of theirs, and an alarm
 * asks for five of it.  From row to row the median of |T - ld| is asked to be
 * as small, not the root mean square: the estimates have tails of Student's
 * law.  Centres (chosen without a look at the log-determinant) are the better
 * half by this error.
 *
 * Distances are those of whitened x, whose own log-determinant is added. */
#include "flow.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

enum { CENTRES = 64, MOST_UNKNOWNS = 80 };

typedef struct {
    size_t n, d, unknowns, neighbours;
    int quadratic;
    double log_det, rounding; /* of the whitening; of numbers, relative */
    double *x;                /* (n, d) whitened */
    const double *z;
    double *distance, *a, *tau; /* (n); (neighbours, unknowns + d) columns */
    double *t, *j, *s, *left;
    size_t *near;
} fit;

/* x whitened by the Cholesky factor of its covariance: 0 when singular. */
static int whiten(const flow_numbers *f, fit *t)
{
    size_t n = f->n, d = f->d;
    double *mean = jf_alloc(d, sizeof *mean);
    double *l = jf_alloc(d * d, sizeof *l);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            mean[j] += f->x[i * d + j] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            t->x[i * d + j] = f->x[i * d + j] - mean[j];
    jf_dgemm(JF_TN, d, d, n, 1 / (double)n, t->x, t->x, 0, l);
    double trace = 0;
    for (size_t j = 0; j < d; j++)
        trace = fmax(trace, l[j * d + j]);
    int good = jf_cholesky(d, l) == GSL_SUCCESS;
    for (size_t j = 0; good && j < d; j++) {
        good = l[j * d + j] > 1e-12 * sqrt(trace);
        t->log_det -= log(l[j * d + j]);
    }
    for (size_t i = 0; good && i < n; i++) /* L y = x, row by row */
        for (size_t j = 0; j < d; j++) {
            double sum = t->x[i * d + j];
            for (size_t k = 0; k < j; k++)
                sum -= l[j * d + k] * t->x[i * d + k];
            t->x[i * d + j] = sum / l[j * d + j];
        }
    free(mean);
    free(l);
    return good;
}

static void sizes(fit *t)
{
    size_t d = t->d, q = d + d * (d + 1) / 2, k = 2 * q + 2;
    t->quadratic = q <= MOST_UNKNOWNS && 3 * k <= t->n;
    t->unknowns = t->quadratic ? q : d;
    t->neighbours = t->quadratic ? k : 2 * d + 2;
    if (t->neighbours > t->n - 1)
        t->neighbours = t->n - 1;
}

static fit fit_new(const flow_numbers *f)
{
    fit t = {.n = f->n, .d = f->d, .z = f->z};
    size_t d = f->d;
    sizes(&t);
    t.rounding = 8 * fmax(f->of_x.unit, f->of_z.unit);
    t.x = jf_alloc(f->n * d, sizeof *t.x);
    t.distance = jf_alloc(f->n, sizeof *t.distance);
    t.near = jf_alloc(t.neighbours, sizeof *t.near);
    t.a = jf_alloc(t.neighbours * (t.unknowns + d), sizeof *t.a);
    t.tau = jf_alloc(t.unknowns + d, sizeof *t.tau);
    t.t = jf_alloc(t.unknowns * t.unknowns, sizeof *t.t);
    t.j = jf_alloc(t.unknowns * d, sizeof *t.j);
    t.s = jf_alloc(t.unknowns * d, sizeof *t.s);
    t.left = jf_alloc(2 * t.neighbours * d, sizeof *t.left);
    return t;
}

static void fit_free(fit *t)
{
    free(t->x);
    free(t->distance);
    free(t->near);
    free(t->a);
    free(t->tau);
    free(t->t);
    free(t->j);
    free(t->s);
    free(t->left);
}

/* The nearest rows to row i, itself apart. */
static void find_near(fit *t, size_t i)
{
    size_t d = t->d;
    for (size_t k = 0; k < t->n; k++) {
        double sum = 0;
        for (size_t j = 0; j < d; j++) {
            double v = t->x[k * d + j] - t->x[i * d + j];
            sum += v * v;
        }
        t->distance[k] = k == i ? HUGE_VAL : sum;
    }
    gsl_sort_smallest_index(t->near, t->neighbours, t->distance, 1, t->n);
}

static double apart(size_t d, const double *a, const double *b)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sqrt(sum);
}

/* The largest |dz| / |dx| of row i and its neighbours, in the file's units:
 * no Lipschitz constant of the map is less. */
static double stretch_at(const flow_numbers *f, const fit *t, size_t i)
{
    double largest = 0;
    for (size_t k = 0; k < t->neighbours; k++) {
        const size_t d = f->d, j = t->near[k];
        double dx = apart(d, f->x + j * d, f->x + i * d);
        if (dx > 0)
            largest = fmax(largest, apart(d, f->z + j * d, f->z + i * d) / dx);
    }
    return largest;
}

/* The equations of centre i, column by column: unknowns, then the right. */
static void equations(fit *t, size_t i)
{
    size_t d = t->d, m = t->neighbours;
    const double *x0 = t->x + i * d, *z0 = t->z + i * d;
    for (size_t k = 0; k < m; k++) {
        const double *x = t->x + t->near[k] * d, *z = t->z + t->near[k] * d;
        double r = sqrt(t->distance[t->near[k]]);
        double size = (t->quadratic ? r * r * r : r * r) + t->rounding;
        double *to = t->a + k;
        for (size_t j = 0; j < d; j++, to += m)
            *to = (x[j] - x0[j]) / size;
        for (size_t j = 0; t->quadratic && j < d; j++)
            for (size_t l = 0; l <= j; l++, to += m)
                *to = (x[j] - x0[j]) * (x[l] - x0[l]) / size;
        for (size_t j = 0; j < d; j++, to += m)
            *to = (z[j] - z0[j]) / size;
    }
}

/* log |det J| about row i and the variance of it; NaN when singular. */
static double local(fit *t, size_t i, double *variance)
{
    size_t d = t->d, m = t->neighbours, p = t->unknowns;
    double log_det = (double)NAN, sum = 0;
    find_near(t, i);
    equations(t, i);
    *variance = HUGE_VAL;
    if (jf_qr_columns(m, p + d, t->a, t->tau) != GSL_SUCCESS)
        return (double)NAN;
    for (size_t r = 0; r < p; r++)
        for (size_t c = 0; c < p; c++)
            t->t[r * p + c] = c < r ? 0 : t->a[c * m + r];
    for (size_t r = 0; r < p; r++)
        if (t->t[r * p + r] == 0)
            return (double)NAN;
    for (size_t r = 0; r < p; r++)
        for (size_t c = 0; c < d; c++) {
            t->j[r * d + c] = t->a[(p + c) * m + r];
            t->s[r * d + c] = r == c;
        }
    jf_solve_upper(0, p, d, t->t, t->j); /* J transposed, then the forms */
    jf_solve_upper(1, p, d, t->t, t->s);
    if (jf_invert(d, t->j, &log_det) != GSL_SUCCESS)
        return (double)NAN;
    /* Residuals times J^-1, (m - p, d), then by s transposed. */
    size_t rest = m - p;
    double *e = t->left, *w = t->left + m * d;
    for (size_t r = 0; r < rest; r++)
        for (size_t c = 0; c < d; c++)
            e[r * d + c] = r <= c ? t->a[(p + c) * m + p + r] : 0;
    jf_dgemm(JF_NN, rest, d, d, 1, e, t->j, 0, w);
    for (size_t r = 0; r < rest; r++)
        for (size_t k = 0; k < p; k++) {
            double v = 0;
            for (size_t c = 0; c < d; c++)
                v += w[r * d + c] * t->s[k * d + c];
            sum += v * v;
        }
    *variance = sum / (double)rest;
    return log_det + t->log_det;
}

double median(size_t n, double *v)
{
    gsl_sort(v, 1, n);
    return n ? gsl_stats_median_from_sorted_data(v, 1, n) : (double)NAN;
}

double median_size(size_t n, double *v)
{
    for (size_t i = 0; i < n; i++)
        v[i] = fabs(v[i]);
    return median(n, v);
}

/* The better half of all centres. */
static void choose(const flow_numbers *f, flow_volume *v, size_t m,
                   const size_t *row, const double *log_det,
                   const double *variance)
{
    size_t *order = jf_alloc(m, sizeof *order);
    gsl_sort_index(order, variance, 1, m);
    double square = 0, *apart_by = jf_alloc(m, sizeof *apart_by);
    for (size_t k = 0; k < (m + 1) / 2; k++) {
        size_t i = order[k];
        if (!isfinite(log_det[i]) || !isfinite(variance[i]))
            continue;
        apart_by[v->centres] = log_det[i] - f->ld[row[i]];
        v->row[v->centres] = row[i];
        v->log_det[v->centres++] = log_det[i];
        square += variance[i];
    }
    double count = (double)v->centres;
    v->error = sqrt(square / count);
    v->middle = median(v->centres, apart_by);
    v->typical = median_size(v->centres, apart_by);
    if (v->centres == 0)
        v->why = "no neighbourhood has a regular Jacobian";
    free(order);
    free(apart_by);
}

/* Centres that cost some seconds at most, in any dimension. */
static size_t centres_of(const fit *t)
{
    double columns = (double)(t->unknowns + t->d);
    double most = 4e9 / ((double)t->neighbours * columns * columns);
    size_t m = most > CENTRES ? CENTRES : most < 4 ? 4 : (size_t)most;
    return t->n < m ? t->n : m;
}

void volume_of(const flow_numbers *f, flow_volume *v)
{
    *v = (flow_volume){.error = (double)NAN};
    if (!f->x) {
        v->why = "no columns x1 .. xd";
        return;
    }
    fit t = fit_new(f);
    size_t m = centres_of(&t);
    double *log_det = jf_alloc(2 * m, sizeof *log_det), *variance = log_det + m;
    size_t *row = jf_alloc(m, sizeof *row);
    v->neighbours = t.neighbours;
    v->quadratic = t.quadratic;
    v->row = jf_alloc(m, sizeof *v->row);
    v->log_det = jf_alloc(m, sizeof *v->log_det);
    if (t.neighbours <= t.unknowns)
        v->why = "fewer rows than d + 2";
    else if (!whiten(f, &t))
        v->why = "the columns of x are linearly dependent";
    for (size_t k = 0; !v->why && k < m; k++) {
        row[k] = k * f->n / m;
        log_det[k] = local(&t, row[k], &variance[k]);
        v->stretch = fmax(v->stretch, stretch_at(f, &t, row[k]));
    }
    if (!v->why)
        choose(f, v, m, row, log_det, variance);
    free(log_det);
    free(row);
    fit_free(&t);
}

void volume_free(flow_volume *v)
{
    free(v->row);
    free(v->log_det);
    *v = (flow_volume){0};
}
