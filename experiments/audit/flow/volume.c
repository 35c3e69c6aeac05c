/* volume.c -- the volume of the map x -> z from its pairs alone.
 *
 * About a centre (x_i, z_i), z_j - z_i = J (x_j - x_i) + a quadratic form +
 * what is left out, of size |x_j - x_i|^(q + 1) with q = 2, or q = 1 where
 * there are too few rows for the quadratic form.  Least squares over the
 * nearest distinct neighbours, every equation divided by that size (and by
 * rounding where it is smaller) so that all are equally good, gives J; its log
 * |det| is independent of the flow's own formulas.
 *
 * Error.  With E the error of J, log |det(J + E)| - log |det J| = tr(J^-1 E) +
 * second order.  Let S be the covariance of the residuals and G the inverse
 * normal matrix of the linear unknowns.
 *   first order   If what is left out were independent from column to column
 *                 of z, tr(J^-1 E) would have variance v = tr(G J^-1 S J^-T).
 *                 It is a smooth function and not random: the d terms of the
 *                 trace may all have one sign, and then their sum is at most
 *                 sqrt(d v) (Cauchy and Schwarz).  Neighbourhoods overlap, so
 *                 no credit is taken for averaging over centres.  S is of few
 *                 residuals in one or two dimensions: v is divided by the mean
 *                 of 1 / chi^2 as Student's law has it.
 *   second order  A mean of Jacobians has a smaller determinant than they
 *                 have: their second moment is J J' + S / r^2, r^2 a mean
 *                 square of the distances by coordinate, so that by concavity
 *                 of log det the loss is 1/2 log det(1 + J^-1 S J^-T / r^2)
 *                 at least in that mean; the fit of x to z has as much too
 *                 large a determinant.  Where neighbourhoods are as wide as the
 *                 law of x (in many dimensions), what x lacks to a normal law
 *                 is lost as well, of which this sees a part.
 *   next order    With a quadratic fit, what the quadratic form changes in
 *                 log |det J| (the linear fit to the same neighbours is the
 *                 leading block of the same factor) is allowed as well: of a
 *                 series that converges no later term is as large.  Rounding of
 *                 the differences stands here too.
 * Five times the first two are allowed, and the third: of 21 000 flows of five
 * families in 1 to 128 dimensions none came above .71 of that (cells.c,
 * results/long/audit-correct.csv).
 * From row to row the median of |T - ld| is asked to be that small, not the
 * root mean square: the estimates have tails of Student's law.  Centres (chosen
 * without a look at the log-determinant) are the better half by the first.
 * Where the sum is not small the answer is open: pairs alone decide nothing
 * then, and a design (design.c) does.
 *
 * Where the sum is not small, the best of many centres show more than the better
 * half of some: the density of rows varies.
 * Leaky units of the first layer bend the map where an x_j is 0, and no radius
 * is small enough there.  Among rows with the same signs of all x_j the map is
 * smooth: by_sign takes neighbours of those alone, and centres that have enough.
 *
 * Distances are those of whitened x, whose own log-determinant is added. */
#include "flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

enum {
    CENTRES = 64,
    MANY = 256, /* centres, of which the best LEAST .. BEST are taken */
    BEST = 32,
    LEAST = 16,
    FIRST_LOOK = 8,
    MOST_UNKNOWNS = 80
};

typedef struct {
    size_t n, d, unknowns, neighbours;
    int quadratic;
    double log_det;             /* of the whitening */
    double rounding, unit;      /* of numbers as written, of their format */
    double *x, *z;              /* (n, d) of distinct points; x whitened */
    size_t *row;                /* (n) of the finite rows */
    size_t *side;               /* (n) rows of the same signs have the same;
                                   NULL: all are neighbours */
    size_t *centre, candidates; /* rows that may be centres */
    double *distance, *a, *tau; /* (n); (neighbours, unknowns + d) columns */
    double *t, *j, *s, *left;
    size_t *near;
} fit;

int whiten(size_t n, size_t d, double *x, double *mean, double *l)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            mean[j] += x[i * d + j] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            x[i * d + j] -= mean[j];
    jf_dgemm(JF_TN, d, d, n, 1 / (double)n, x, x, 0, l);
    double trace = 0;
    for (size_t j = 0; j < d; j++)
        trace = fmax(trace, l[j * d + j]);
    int good = jf_cholesky(d, l) == GSL_SUCCESS;
    for (size_t j = 0; good && j < d; j++)
        good = l[j * d + j] > 1e-12 * sqrt(trace);
    for (size_t i = 0; good && i < n; i++) /* L y = x, row by row */
        for (size_t j = 0; j < d; j++) {
            double sum = x[i * d + j];
            for (size_t k = 0; k < j; k++)
                sum -= l[j * d + k] * x[i * d + k];
            x[i * d + j] = sum / l[j * d + j];
        }
    return good;
}

/* x whitened, and digits in units of L and of z: 0 when singular. */
static int whiten_points(const flow_numbers *f, fit *t)
{
    size_t n = t->n, d = f->d;
    double *mean = jf_alloc(d + d * d, sizeof *mean), *l = mean + d;
    for (size_t i = 0; i < n; i++)
        memcpy(t->x + i * d, f->x + t->row[i] * d, d * sizeof *l);
    int good = whiten(n, d, t->x, mean, l);
    for (size_t j = 0; good && j < d; j++) {
        double scale = l[j * d + j];
        t->log_det -= log(scale);
        t->rounding = fmax(
            t->rounding, 4 * written_error(&f->of_x, mean[j] + scale) / scale);
    }
    t->rounding = fmax(t->rounding, 4 * written_error(&f->of_z, 1));
    free(mean);
    return good;
}

/* Neighbours of the same point say nothing more: each point counts once. */
static void take_distinct(const flow_numbers *f, fit *t)
{
    size_t *first = jf_alloc(f->n, sizeof *first);
    t->row = jf_alloc(f->n, sizeof *t->row);
    same_points(f->n, f->d, f->x, first);
    for (size_t i = 0; i < f->n; i++)
        if (first[i] == i)
            t->row[t->n++] = i;
    t->z = jf_alloc(t->n * f->d, sizeof *t->z);
    for (size_t i = 0; i < t->n; i++)
        memcpy(t->z + i * f->d, f->z + t->row[i] * f->d, f->d * sizeof *t->z);
    free(first);
}

/* Among rows (room) that may be neighbours. */
static void sizes(fit *t, size_t room)
{
    size_t d = t->d, q = d + d * (d + 1) / 2, k = 2 * q + 2;
    t->quadratic = q <= MOST_UNKNOWNS && 3 * k <= room;
    t->unknowns = t->quadratic ? q : d;
    t->neighbours = t->quadratic ? k : 2 * d + 2;
    if (t->neighbours > room - 1)
        t->neighbours = room - 1;
    if (t->neighbours == 0) /* one point */
        t->neighbours = 1;
}

/* The rows of each side counted; the rows (candidates) whose side has as many as
 * that of FIRST_LOOK rows, and how many those are. */
static size_t take_sides(fit *t, const flow_numbers *f)
{
    size_t n = t->n, d = t->d, *count = jf_alloc(2 * n, sizeof *count);
    size_t *sorted = count + n;
    double *sign = jf_alloc(n * d, sizeof *sign);
    t->side = jf_alloc(n, sizeof *t->side);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            sign[i * d + j] = f->x[t->row[i] * d + j] < 0;
    same_points(n, d, sign, t->side);
    for (size_t i = 0; i < n; i++)
        count[t->side[i]]++;
    for (size_t i = 0; i < n; i++)
        sorted[i] = count[t->side[i]];
    gsl_sort_ulong(sorted, 1, n);
    size_t room = sorted[n - (n < FIRST_LOOK ? n : FIRST_LOOK)];
    /* twice as many as a linear fit takes, or what those few have */
    if (room > 4 * d + 4)
        room = 4 * d + 4;
    for (size_t i = 0; i < n; i++)
        if (count[t->side[i]] >= room)
            t->centre[t->candidates++] = i;
    free(sign);
    free(count);
    return room;
}

static fit fit_new(const flow_numbers *f, int by_sign)
{
    fit t = {.d = f->d};
    size_t d = f->d;
    take_distinct(f, &t);
    t.centre = jf_alloc(t.n, sizeof *t.centre);
    if (by_sign) {
        sizes(&t, take_sides(&t, f));
    } else {
        for (size_t i = 0; i < t.n; i++)
            t.centre[t.candidates++] = i;
        sizes(&t, t.n);
    }
    t.unit = t.rounding = 8 * fmax(f->of_x.unit, f->of_z.unit);
    t.x = jf_alloc(t.n * d, sizeof *t.x);
    t.distance = jf_alloc(t.n, sizeof *t.distance);
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
    free(t->z);
    free(t->row);
    free(t->side);
    free(t->centre);
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
        int other = k == i || (t->side && t->side[k] != t->side[i]);
        t->distance[k] = other ? HUGE_VAL : sum;
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
        const size_t d = f->d, j = t->row[t->near[k]], c = t->row[i];
        double dx = apart(d, f->x + j * d, f->x + c * d);
        if (dx > 0)
            largest = fmax(largest, apart(d, f->z + j * d, f->z + c * d) / dx);
    }
    return largest;
}

/* The size of what is left out at neighbour k. */
static double size_of(const fit *t, size_t k)
{
    double r = sqrt(t->distance[k]);
    return (t->quadratic ? r * r * r : r * r) + t->rounding;
}

/* The equations of centre i, column by column: unknowns, then the right. */
static void equations(fit *t, size_t i)
{
    size_t d = t->d, m = t->neighbours;
    const double *x0 = t->x + i * d, *z0 = t->z + i * d;
    for (size_t k = 0; k < m; k++) {
        const double *x = t->x + t->near[k] * d, *z = t->z + t->near[k] * d;
        double size = size_of(t, t->near[k]);
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

/* What a neighbourhood tells. */
typedef struct {
    double log_det;       /* NaN: singular */
    double first, second; /* squared error, and error, of the head comment */
    double next;          /* what the quadratic form changes */
} local;

/* log |det| of the linear fit with the same equations, by the leading block
 * of the factor. */
static double linear_log_det(fit *t)
{
    size_t d = t->d, m = t->neighbours, p = t->unknowns;
    double log_det = (double)NAN;
    for (size_t r = 0; r < d; r++)
        for (size_t c = 0; c < d; c++) {
            t->t[r * d + c] = c < r ? 0 : t->a[c * m + r];
            t->s[r * d + c] = t->a[(p + c) * m + r];
        }
    jf_solve_upper(0, d, d, t->t, t->s);
    return jf_invert(d, t->s, &log_det) == GSL_SUCCESS ? log_det : (double)NAN;
}

/* J transposed (the first d of p rows of j), and the first d columns of the
 * inverse factor transposed in s: 0 when singular. */
static int solve(fit *t)
{
    size_t d = t->d, m = t->neighbours, p = t->unknowns;
    for (size_t r = 0; r < p; r++)
        for (size_t c = 0; c < p; c++)
            t->t[r * p + c] = c < r ? 0 : t->a[c * m + r];
    for (size_t r = 0; r < p; r++)
        if (t->t[r * p + r] == 0)
            return 0;
    for (size_t r = 0; r < p; r++)
        for (size_t c = 0; c < d; c++) {
            t->j[r * d + c] = t->a[(p + c) * m + r];
            t->s[r * d + c] = r == c;
        }
    jf_solve_upper(0, p, d, t->t, t->j); /* J transposed, then the forms */
    jf_solve_upper(1, p, d, t->t, t->s);
    return 1;
}

/* 1/2 log det(1 + by w' w / rest), w (rest, d). */
static double half_log_det(fit *t, size_t rest, const double *w, double by)
{
    size_t d = t->d;
    double *a = t->j, sum = 0; /* J^-1 is in w by now */
    jf_dgemm(JF_TN, d, d, rest, by / (double)rest, w, w, 0, a);
    for (size_t j = 0; j < d; j++)
        a[j * d + j] += 1;
    if (jf_cholesky(d, a) != GSL_SUCCESS)
        return HUGE_VAL;
    for (size_t j = 0; j < d; j++)
        sum += log(a[j * d + j]);
    return sum;
}

/* The errors from the residuals times J^-1, (m - p, d): to first order those
 * times s, to second their own size where the neighbours are. */
static void errors(fit *t, local *of)
{
    size_t d = t->d, m = t->neighbours, p = t->unknowns, rest = m - p;
    double *e = t->left, *w = t->left + m * d, scale = 0;
    for (size_t r = 0; r < rest; r++)
        for (size_t c = 0; c < d; c++)
            e[r * d + c] = r <= c ? t->a[(p + c) * m + p + r] : 0;
    jf_dgemm(JF_NN, rest, d, d, 1, e, t->j, 0, w);
    for (size_t r = 0; r < rest; r++) {
        for (size_t k = 0; k < p; k++) {
            double v = 0;
            for (size_t c = 0; c < d; c++)
                v += w[r * d + c] * t->s[k * d + c];
            of->first += v * v / (double)rest;
        }
    }
    for (size_t k = 0; k < m; k++) /* (size / r)^2: undo the division */
        scale += pow(size_of(t, t->near[k]), 2) / t->distance[t->near[k]];
    double freedom = (double)(rest * d);
    of->first *= freedom > 2 ? freedom / (freedom - 2) : HUGE_VAL;
    /* Rounding of d differences of size r, were all of one sign. */
    of->next += (double)d * t->unit / sqrt(t->distance[t->near[m / 2]]);
    of->second = half_log_det(t, rest, w, scale / (double)m * (double)d);
}

static local look(fit *t, size_t i)
{
    local of = {.log_det = (double)NAN};
    size_t d = t->d, p = t->unknowns;
    find_near(t, i);
    equations(t, i);
    if (jf_qr_columns(t->neighbours, p + d, t->a, t->tau) != GSL_SUCCESS)
        return of;
    double linear = t->quadratic ? linear_log_det(t) : 0, log_det;
    if (!solve(t) || jf_invert(d, t->j, &log_det) != GSL_SUCCESS)
        return of;
    errors(t, &of);
    of.log_det = log_det + t->log_det;
    if (t->quadratic)
        of.next += fabs(log_det - linear);
    return of;
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

/* How many of m centres are taken. */
static size_t taken(size_t m, look_at way)
{
    size_t best = m / 4 < LEAST ? LEAST : m / 4 > BEST ? BEST : m / 4;
    return way == VOLUME_BEST && best < (m + 1) / 2 ? best : (m + 1) / 2;
}

/* The better half of all centres, or the best. */
static void choose(const flow_numbers *f, flow_volume *v, size_t m,
                   const size_t *row, const local *of)
{
    size_t *order = jf_alloc(m, sizeof *order), n = 0;
    double *first = jf_alloc(4 * m, sizeof *first), square = 0;
    double *apart_by = first + m, *second = first + 2 * m;
    double *next = first + 3 * m;
    for (size_t k = 0; k < m; k++)
        first[k] = isfinite(of[k].log_det) && isfinite(of[k].first)
                       ? of[k].first
                       : HUGE_VAL;
    gsl_sort_index(order, first, 1, m);
    size_t count = taken(m, v->way);
    for (size_t k = 0; k < count && isfinite(first[order[k]]); k++) {
        const local *l = &of[order[k]];
        size_t i = row[order[k]];
        apart_by[n] = l->log_det - f->ld[i];
        second[n] = l->second;
        next[n] = l->next;
        square += l->first;
        v->row[n] = i;
        v->log_det[n++] = l->log_det;
    }
    v->centres = n;
    v->first = sqrt((double)f->d * square / (double)n);
    v->second = median(n, second);
    v->next = median(n, next);
    v->middle = median(n, apart_by);
    v->typical = median_size(n, apart_by);
    if (n == 0)
        v->why = "no neighbourhood has a regular Jacobian";
    free(order);
    free(first);
}

/* Centres that cost some seconds at most, in any dimension. */
static size_t centres_of(const fit *t, look_at way)
{
    double columns = (double)(t->unknowns + t->d);
    double room = way == VOLUME_BEST ? MANY : CENTRES;
    double most = 4e9 / ((double)t->neighbours * columns * columns);
    size_t m = (size_t)fmin(fmax(most, 4), room);
    return t->candidates < m ? t->candidates : m;
}

/* Whether the map is so curved at the centres looked at that the second order
 * alone allows too much, several times for the best of many: the others would
 * cost time and change nothing. */
static int hopeless(const local *of, size_t d, look_at way)
{
    double least = (double)d * (way == VOLUME_BEST ? 4 : 1);
    size_t count = 0;
    for (size_t k = 0; k < FIRST_LOOK; k++)
        count += !(VOLUME_ERRORS * of[k].second < least);
    return count >= FIRST_LOOK - 1;
}

void volume_of(const flow_numbers *f, look_at way, flow_volume *v)
{
    *v = (flow_volume){.first = (double)NAN, .way = way};
    if (!f->x) {
        v->why = "no columns x1 .. xd";
        return;
    }
    fit t = fit_new(f, way == VOLUME_BY_SIGN);
    size_t m = centres_of(&t, way), *row = jf_alloc(m, sizeof *row);
    local *of = jf_alloc(m, sizeof *of);
    v->neighbours = t.neighbours;
    v->quadratic = t.quadratic;
    v->row = jf_alloc(m, sizeof *v->row);
    v->log_det = jf_alloc(m, sizeof *v->log_det);
    if (t.neighbours <= t.unknowns)
        v->why = "fewer distinct points than d + 2";
    else if (!whiten_points(f, &t))
        v->why = "the columns of x are linearly dependent";
    for (size_t k = 0; !v->why && k < m; k++) {
        size_t centre = t.centre[k * t.candidates / m];
        row[k] = t.row[centre];
        of[k] = look(&t, centre);
        if (k + 1 == FIRST_LOOK && hopeless(of, t.d, way)) {
            m = FIRST_LOOK;
            break;
        }
        v->stretch = fmax(v->stretch, stretch_at(f, &t, centre));
    }
    if (!v->why)
        choose(f, v, m, row, of);
    free(of);
    free(row);
    fit_free(&t);
}

void volume_free(flow_volume *v)
{
    free(v->row);
    free(v->log_det);
    free(v->allowed);
    *v = (flow_volume){0};
}
