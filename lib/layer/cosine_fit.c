/* cosine_fit.c -- the best Gaussian among those that W of cosine.c whitens.
 *
 * With P(f) the mean of y y' over n images, y their coefficients at f, row i of
 * W has a term of -log-likelihood of its own, n sum_f u(f),
 *
 *     u = exp(2 s_i) r / 2 - s_i,   r = v' P v,   v = (n_i0 .. n_i,i-1, 1),
 *
 * quadratic in n_i and convex in s_i, whose second derivative by both has the
 * mean zero at the optimum.  So Newton's steps in each of them at once, halved
 * where they do not lead down, soon end.  Differences of knots beside one
 * another count as drawn from N(0, 1), the weight of one observation: that says
 * what a knot is that no frequency lies near, and keeps one whose only
 * coefficients happen to be small from being a singular one. */
#include <float.h>
#include <string.h>
#include <tgmath.h>

#include "base/error.h"
#include "base/vmath.h"
#include "layer/cosine.h"
#include "linalg/factor.h"

enum { ROUNDS = 200 };

/* What is being solved for row i.  Sums over frequencies of g times hat
 * functions have a grid (knots, knots); those of g times products of two of
 * them one of (2 knots - 1)^2: pairs (a, a), then (a, a + 1). */
typedef struct {
    const jf_cosine_layer *c;
    const double *power;
    double pictures;
    size_t i, grid, pairs;
    real *theta;         /* of row i, (i + 1, grid): n_i, then s_i */
    double *before;      /* the same, where the step began */
    double *step;        /* (i + 1, grid): minus the gradient, then the step */
    double *curvature_n; /* (i grid, i grid) */
    double *curvature_s; /* (grid, grid) */
    double *sums;        /* (i (i + 1) / 2 + 1, pairs^2): products of hats */
    double *along;       /* (pairs): one column */
    real *curve, *e;     /* (knots), (height): exp(2 s) */
    real *n;             /* (i + 1, height): the fields n_i, s_i */
    double *g;           /* (i + 1, height): what is summed */
} problem;

static const double *power_of(const problem *p, size_t i, size_t j, size_t kx)
{
    size_t entry = i > j ? jf_cosine_entry(i, j) : jf_cosine_entry(j, i);
    return p->power + (entry * p->c->width + kx) * p->c->height;
}

/* sums (knots, knots) += sum over the column kx of g times hat functions. */
static void add_hats(const problem *p, size_t kx, const double *g, double *sums)
{
    const jf_cosine_layer *c = p->c;
    size_t knots = c->knots, x = jf_cosine_piece(c, &c->x, kx);
    double u = (double)c->x.share[kx], *along = p->along;
    memset(along, 0, knots * sizeof *along);
    for (size_t a = 0; a + 1 < knots; a++)
        for (size_t k = c->y.begin[a]; k < c->y.begin[a + 1]; k++) {
            double v = (double)c->y.share[k], value = g[k];
            along[a] += (1 - v) * value;
            along[a + 1] += v * value;
        }
    for (size_t a = 0; a < knots; a++) {
        sums[a * knots + x] += (1 - u) * along[a];
        sums[a * knots + x + 1] += u * along[a];
    }
}

/* sums (pairs, pairs) += the same of products of two. */
static void add_pairs(const problem *p, size_t kx, const double *g,
                      double *sums)
{
    const jf_cosine_layer *c = p->c;
    size_t knots = c->knots, x = jf_cosine_piece(c, &c->x, kx);
    double u = (double)c->x.share[kx], *along = p->along;
    memset(along, 0, p->pairs * sizeof *along);
    for (size_t a = 0; a + 1 < knots; a++)
        for (size_t k = c->y.begin[a]; k < c->y.begin[a + 1]; k++) {
            double v = (double)c->y.share[k], value = g[k];
            along[a] += (1 - v) * (1 - v) * value;
            along[a + 1] += v * v * value;
            along[knots + a] += v * (1 - v) * value;
        }
    for (size_t a = 0; a < p->pairs; a++) {
        double *to = sums + a * p->pairs + x;
        to[0] += (1 - u) * (1 - u) * along[a];
        to[1] += u * u * along[a];
        to[knots] += u * (1 - u) * along[a];
    }
}

/* Add images times the sums to a block of a matrix of n columns, symmetric. */
static void spread(const problem *p, const double *sums, double *block,
                   size_t n)
{
    size_t knots = p->c->knots;
    for (size_t q = 0; q < p->grid; q++)
        for (size_t r = 0; r < p->grid; r++) {
            size_t a = q / knots, b = r / knots, x = q % knots, z = r % knots;
            if (a > b + 1 || b > a + 1 || x > z + 1 || z > x + 1)
                continue;
            size_t y = a == b ? a : knots + (a < b ? a : b);
            size_t w = x == z ? x : knots + (x < z ? x : z);
            block[q * n + r] += p->pictures * sums[y * p->pairs + w];
        }
}

/* The law of differences: its second derivative to a block, its gradient at
 * theta from step; what it adds to the value. */
static double add_law(const problem *p, const real *theta, double *step,
                      double *block, size_t n)
{
    size_t knots = p->c->knots;
    double value = 0;
    for (size_t q = 0; q < p->grid; q++)
        for (size_t side = 0; side < 2; side++) {
            size_t r = q + (side ? knots : 1);
            if (side ? r >= p->grid : r % knots == 0)
                continue;
            double difference = (double)theta[r] - (double)theta[q];
            value += difference * difference / 2;
            step[q] += difference;
            step[r] -= difference;
            block[q * n + q]++;
            block[r * n + r]++;
            block[q * n + r]--;
            block[r * n + q]--;
        }
    return value;
}

/* The terms of column kx; *value += the sum of u. */
static void add_column(const problem *p, size_t kx, double *value)
{
    size_t height = p->c->height, i = p->i;
    double *sums = p->sums, *er = p->g + i * height;
    const double *ii = power_of(p, i, i, kx);
    const real *s = p->n + i * height;
    for (size_t a = 0; a <= i; a++)
        jf_cosine_field(p->c, p->theta + a * p->grid, kx, p->curve,
                        p->n + a * height);
    for (size_t k = 0; k < height; k++)
        p->e[k] = 2 * s[k];
    jf_vexp(height, p->e, p->e);

    memcpy(er, ii, height * sizeof *er);
    for (size_t a = 0; a < i; a++) { /* g_a := (P v)_a */
        const double *ia = power_of(p, i, a, kx);
        double *g = p->g + a * height;
        memcpy(g, ia, height * sizeof *g);
        for (size_t b = 0; b < i; b++) {
            const double *ab = power_of(p, a, b, kx);
            for (size_t k = 0; k < height; k++)
                g[k] += ab[k] * (double)p->n[b * height + k];
        }
        for (size_t k = 0; k < height; k++)
            er[k] += (double)p->n[a * height + k] * (ia[k] + g[k]);
    }
    for (size_t k = 0; k < height; k++) { /* r is no smaller than its error */
        er[k] = (double)p->e[k] * fmax(er[k], DBL_EPSILON * ii[k]);
        *value += er[k] / 2 - (double)s[k];
    }
    for (size_t a = 0; a < i; a++) {
        double *g = p->g + a * height;
        for (size_t k = 0; k < height; k++)
            g[k] *= -(double)p->e[k];
        add_hats(p, kx, g, p->step + a * p->grid);
        for (size_t b = 0; b <= a; b++, sums += p->pairs * p->pairs) {
            const double *ab = power_of(p, a, b, kx);
            for (size_t k = 0; k < height; k++)
                g[k] = (double)p->e[k] * ab[k];
            add_pairs(p, kx, g, sums);
        }
    }
    for (size_t k = 0; k < height; k++)
        er[k] *= 2;
    add_pairs(p, kx, er, sums);
    for (size_t k = 0; k < height; k++)
        er[k] = 1 - er[k] / 2;
    add_hats(p, kx, er, p->step + i * p->grid);
}

/* Value, minus its gradient and its curvature at p->theta. */
static double evaluate(const problem *p)
{
    size_t m = p->i * p->grid, area = p->pairs * p->pairs;
    double value = 0, *sums = p->sums;
    memset(p->step, 0, (m + p->grid) * sizeof *p->step);
    memset(p->curvature_n, 0, m * m * sizeof *p->curvature_n);
    memset(p->curvature_s, 0, p->grid * p->grid * sizeof *p->curvature_s);
    memset(sums, 0, (jf_cosine_entry(p->i, 0) + 1) * area * sizeof *sums);
    for (size_t kx = 0; kx < p->c->width; kx++)
        add_column(p, kx, &value);
    for (size_t q = 0; q < m + p->grid; q++)
        p->step[q] *= p->pictures;
    value *= p->pictures;
    for (size_t a = 0; a < p->i; a++)
        for (size_t b = 0; b <= a; b++, sums += area) {
            spread(p, sums, p->curvature_n + a * p->grid * m + b * p->grid, m);
            if (b < a)
                spread(p, sums, p->curvature_n + b * p->grid * m + a * p->grid,
                       m);
        }
    spread(p, sums, p->curvature_s, p->grid);
    for (size_t a = 0; a < p->i; a++)
        value += add_law(p, p->theta + a * p->grid, p->step + a * p->grid,
                         p->curvature_n + a * p->grid * (m + 1), m);
    return value +
           add_law(p, p->theta + m, p->step + m, p->curvature_s, p->grid);
}

/* p->step := Newton's, s by no more than 1; *size := its largest entry.  Where
 * channels are the same, any share of each in n_i is as good: hence damping. */
static int newton(const problem *p, double *size)
{
    size_t m = p->i * p->grid;
    double most = 0, *step = p->step, damping = 1e-10;
    for (size_t q = 0; q < m; q++)
        p->curvature_n[q * (m + 1)] *= 1 + damping;
    if (m)
        JF_TRY(jf_solve_definite(m, p->curvature_n, step));
    JF_TRY(jf_solve_definite(p->grid, p->curvature_s, step + m));
    for (size_t q = 0; q < p->grid; q++)
        most = fmax(most, fabs(step[m + q]));
    for (size_t q = 0; q < p->grid && most > 1; q++)
        step[m + q] /= most;
    *size = 0;
    for (size_t q = 0; q < m + p->grid; q++)
        *size = fmax(*size, fabs(step[q]));
    return GSL_SUCCESS;
}

/* s := that of the mean power near each knot, smoothed; n := 0. */
static int start(const problem *p)
{
    size_t m = p->i * p->grid, knots = p->c->knots;
    double *near = p->step, *matrix = p->curvature_s;
    memset(p->theta, 0, (m + p->grid) * sizeof *p->theta);
    memset(near, 0, (m + p->grid) * sizeof *near);
    memset(matrix, 0, p->grid * p->grid * sizeof *matrix);
    for (size_t kx = 0; kx < p->c->width; kx++)
        add_hats(p, kx, power_of(p, p->i, p->i, kx), near);
    add_law(p, p->theta, p->before, matrix, p->grid);
    for (size_t q = 0; q < p->grid; q++) {
        double count = p->c->y.total[q / knots] * p->c->x.total[q % knots];
        near[q] = count > 0 ? -count * log(near[q] / count) / 2 : 0;
        matrix[q * (p->grid + 1)] += count;
    }
    JF_TRY(jf_solve_definite(p->grid, matrix, near));
    for (size_t q = 0; q < p->grid; q++)
        p->theta[m + q] = (real)near[q];
    return GSL_SUCCESS;
}

/* One row of W, from its start. */
static int solve(const problem *p)
{
    size_t size = (p->i + 1) * p->grid;
    double least = (double)INFINITY, share = 1, length = 1;
    double slack = (double)JF_EPS * (double)(p->c->base.d) * p->pictures;
    double small = fmax(64 * (double)JF_EPS, 1e-10);
    double *best = p->before, *way = p->before + size;
    JF_TRY(start(p));
    for (int round = 0; round < ROUNDS && share * length > small; round++) {
        double value = evaluate(p);
        if (value <= least + slack) {
            least = value;
            for (size_t q = 0; q < size; q++)
                best[q] = (double)p->theta[q];
            JF_TRY(newton(p, &length));
            memcpy(way, p->step, size * sizeof *way);
            share = 1;
        } else {
            share /= 2;
        }
        for (size_t q = 0; q < size; q++)
            p->theta[q] = (real)(best[q] + share * way[q]);
    }
    return GSL_SUCCESS;
}

/* What rounding of an image adds to its powers, JF_EPS^2 of the mean one, so
 * that none is zero. */
static void add_noise(const jf_cosine_layer *c, double *power)
{
    size_t n = c->height * c->width;
    for (size_t i = 0; i < c->channels; i++) {
        double *at = power + jf_cosine_entry(i, i) * n, sum = 0;
        for (size_t k = 0; k < n; k++)
            sum += at[k] / (double)n;
        for (size_t k = 0; k < n; k++)
            at[k] += sum > 0 ? sum * (double)JF_EPS * (double)JF_EPS : 1;
    }
}

int jf_cosine_fit(const jf_cosine_layer *c, double *power, size_t pictures,
                  real *theta, jf_work *work)
{
    size_t last = c->channels - 1, depth = work->depth, height = c->height;
    problem p = {.c = c,
                 .power = power,
                 .pictures = (double)pictures,
                 .grid = c->knots * c->knots,
                 .pairs = 2 * c->knots - 1};
    size_t m = last * p.grid, area = p.pairs * p.pairs;
    int status = GSL_SUCCESS;
    p.before = jf_push_bytes(work, 2 * (m + p.grid) * sizeof *p.before);
    p.step = jf_push_bytes(work, (m + p.grid) * sizeof *p.step);
    p.curvature_n = jf_push_bytes(work, m * m * sizeof *p.curvature_n);
    p.curvature_s = jf_push_bytes(work, p.grid * p.grid * sizeof(double));
    p.sums = jf_push_bytes(work, (jf_cosine_entry(last, 0) + 1) * area *
                                     sizeof *p.sums);
    p.along = jf_push_bytes(work, p.pairs * sizeof *p.along);
    p.curve = jf_push(work, c->knots);
    p.e = jf_push(work, height);
    p.n = jf_push(work, c->channels * height);
    p.g = jf_push_bytes(work, c->channels * height * sizeof *p.g);
    add_noise(c, power);
    for (p.i = 0; p.i < c->channels && status == GSL_SUCCESS; p.i++) {
        p.theta = theta + jf_cosine_entry(p.i, 0) * p.grid;
        status = solve(&p);
    }
    jf_work_release(work, depth);
    return status;
}
