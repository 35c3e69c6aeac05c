/* lipschitz_program.c -- the best increasing map of the line under bounds on
 * its slope.
 *
 * For a normal base E log q is concave in the node values f_0 .. f_n of a
 * piecewise-linear map (C2.4, C6.5iv): with masses m, means mu and variances v
 * of cells, place and length in units of the cell's width h,
 *     -E log q = sum m (y^2/2 + v (h s)^2/2 - log s) + log(2 pi)/2,
 * s = (f_i+1 - f_i) / h, y = f_i + mu h s: exact, no rule of midpoints.
 * Newton's method with a logarithmic barrier for the slopes: the Hessian is
 * tridiagonal.  Barrier weights fall to 1e-10 / n, whose optimum is within
 * BEST_BARRIER of the constrained one (Boyd and Vandenberghe 2004, sec.
 * 11.2.2). */
#include "lipschitz_program.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>

#define FIRST_BARRIER 1e-1
#define LAST_BARRIER 1e-10

typedef struct {
    line_law law;
    size_t n;
    double start, h;
    double *mass, *mean, *variance; /* (n) */
    double low, high, barrier;
} program;

static double density(line_law law, double x)
{
    if (law.s > 0)
        return 0.5 * (gsl_ran_gaussian_pdf(x - law.a, law.s) +
                      gsl_ran_gaussian_pdf(x + law.a, law.s));
    return fabs(x) > law.a && fabs(x) < law.a + 1 ? 0.5 : 0;
}

/* P(X > x), x >= 0. */
static double above(line_law law, double x)
{
    if (law.s > 0)
        return 0.5 * (gsl_cdf_gaussian_Q(x - law.a, law.s) +
                      gsl_cdf_gaussian_Q(x + law.a, law.s));
    return 0.5 * (law.a + 1 - fmax(x, law.a));
}

/* E log p; of normal laws by midpoints, whose error falls faster than any power
 * of their distance. */
static double negative_entropy(line_law law)
{
    enum { POINTS = 8000 };
    double end = law.a + 9 * law.s, h = 2 * end / POINTS, sum = 0;
    if (law.s == 0)
        return log(0.5);
    for (size_t i = 0; i < POINTS; i++) {
        double p = density(law, -end + ((double)i + 0.5) * h);
        sum += p > 0 ? p * log(p) * h : 0;
    }
    return sum;
}

/* Moments of cell i of a normal law by Gauss's rule of five points; of the
 * cells at the ends, which reach 2 s further, by one of 32. */
static void smooth_cell(const program *p, size_t i,
                        gsl_integration_glfixed_table *const rule[2])
{
    int end = i == 0 || i == p->n - 1;
    double from = p->start + (double)i * p->h, to = from + p->h;
    double left = i == 0 ? from - 2 * p->law.s : from;
    double right = i == p->n - 1 ? to + 2 * p->law.s : to;
    double sum[3] = {0}, x, w;
    for (size_t k = 0; k < rule[end]->n; k++) {
        gsl_integration_glfixed_point(left, right, k, &x, &w, rule[end]);
        double at = (x - from) / p->h, m = w * density(p->law, x);
        sum[0] += m;
        sum[1] += m * at;
        sum[2] += m * at * at;
    }
    p->mass[i] = sum[0];
    p->mean[i] = sum[1] / sum[0];
    p->variance[i] = fmax(0, sum[2] / sum[0] - p->mean[i] * p->mean[i]);
}

/* Of an interval's part in cell i. */
static void flat_cell(const program *p, size_t i)
{
    double from = p->start + (double)i * p->h, to = from + p->h;
    double side = from + to > 0 ? 1 : -1;
    double left = fmax(from, fmin(side * p->law.a, side * (p->law.a + 1)));
    double right = fmin(to, fmax(side * p->law.a, side * (p->law.a + 1)));
    double length = fmax(0, right - left) / p->h;
    p->mass[i] = 0.5 * length * p->h;
    p->mean[i] = length > 0 ? (left - from) / p->h + 0.5 * length : 0.5;
    p->variance[i] = length * length / 12;
}

static program program_new(line_law law, double inverse, double high, size_t n)
{
    double end = law.s > 0 ? law.a + 7 * law.s : law.a + 1;
    program p = {.law = law,
                 .n = n,
                 .start = -end,
                 .h = 2 * end / (double)n,
                 .mass = jf_alloc(3 * n, sizeof(double)),
                 .low = 1 / inverse,
                 .high = high};
    gsl_integration_glfixed_table *rule[2] = {
        gsl_integration_glfixed_table_alloc(5),
        gsl_integration_glfixed_table_alloc(32)};
    p.mean = p.mass + n;
    p.variance = p.mean + n;
    for (size_t i = 0; i < n; i++)
        if (law.s > 0)
            smooth_cell(&p, i, rule);
        else
            flat_cell(&p, i);
    gsl_integration_glfixed_table_free(rule[1]);
    gsl_integration_glfixed_table_free(rule[0]);
    return p;
}

/* -E log q less log(2 pi)/2, and the barrier; gradient (n + 1), and the
 * Hessian's diagonal (n + 1) and off-diagonal (n), unless NULL.  Infinite
 * outside of the slope bounds. */
static double value(const program *p, const double *f, double *gradient,
                    double *diagonal, double *off)
{
    double sum = 0;
    for (size_t i = 0; gradient && i <= p->n; i++)
        gradient[i] = diagonal[i] = 0;
    for (size_t i = 0; i < p->n; i++) {
        double rise = f[i + 1] - f[i], s = rise / p->h, m = p->mass[i];
        double mu = p->mean[i], v = p->variance[i], y = f[i] + mu * rise;
        double up = p->high - s, down = s - p->low;
        int inside = down > 0 && up > 0;
        if (!(s > 0) || (p->barrier > 0 && !inside))
            return (double)INFINITY;
        sum += m * (0.5 * (y * y + v * rise * rise) - log(s));
        double ds = -m / s, dds = m / (s * s);
        if (p->barrier > 0) {
            sum -= p->barrier * log(down);
            ds -= p->barrier / down;
            dds += p->barrier / (down * down);
        }
        if (p->barrier > 0 && isfinite(up)) {
            sum -= p->barrier * log(up);
            ds += p->barrier / up;
            dds += p->barrier / (up * up);
        }
        if (!gradient)
            continue;
        ds = ds / p->h + m * v * rise;
        dds = dds / (p->h * p->h) + m * v;
        gradient[i] += m * y * (1 - mu) - ds;
        gradient[i + 1] += m * y * mu + ds;
        diagonal[i] += m * (1 - mu) * (1 - mu) + dds;
        diagonal[i + 1] += m * mu * mu + dds;
        off[i] = m * mu * (1 - mu) - dds;
    }
    return sum;
}

/* Newton with backtracking until the decrement is below 1e-12. */
static void solve(const program *p, double *f, double *space)
{
    size_t n = p->n;
    double *gradient = space, *diagonal = gradient + n + 1;
    double *off = diagonal + n + 1, *step = off + n + 1, *next = step + n + 1;
    for (int k = 0; k < 200; k++) {
        double now = value(p, f, gradient, diagonal, off), slope = 0, t = 1;
        gsl_vector_view g = gsl_vector_view_array(gradient, n + 1);
        gsl_vector_view a = gsl_vector_view_array(diagonal, n + 1);
        gsl_vector_view b = gsl_vector_view_array(off, n);
        gsl_vector_view x = gsl_vector_view_array(step, n + 1);
        if (gsl_linalg_solve_symm_tridiag(&a.vector, &b.vector, &g.vector,
                                          &x.vector) != GSL_SUCCESS)
            f[0] = (double)NAN;
        for (size_t i = 0; i <= n; i++)
            slope += gradient[i] * step[i];
        if (!(slope > 1e-12))
            break;
        for (int half = 0; half < 60; half++, t *= 0.5) {
            for (size_t i = 0; i <= n; i++)
                next[i] = f[i] - t * step[i];
            if (value(p, next, NULL, NULL, NULL) <= now - 0.1 * t * slope)
                break;
        }
        memcpy(f, next, (n + 1) * sizeof *f);
    }
}

/* KL of the map with nodes f. */
static double kl_of(program *p, const double *f)
{
    p->barrier = 0;
    return negative_entropy(p->law) + 0.5 * JF_LOG_2PI +
           value(p, f, NULL, NULL, NULL);
}

static double best(line_law law, double inverse, double high, size_t cells,
                   double last)
{
    program p = program_new(law, inverse, high, cells);
    double *f = jf_alloc(6 * (cells + 1), sizeof *f);
    double slope = isinf(high) ? 2 * p.low + 0.5 / -p.start
                               : sqrt(fmax(p.low, high / 1e6) * high);
    for (size_t i = 0; i <= cells; i++)
        f[i] = slope * p.h * ((double)i - 0.5 * (double)cells);
    for (double t = FIRST_BARRIER; t >= last; t *= 0.1) {
        p.barrier = t / (double)cells;
        solve(&p, f, f + cells + 1);
    }
    double kl = kl_of(&p, f);
    free(f);
    free(p.mass);
    return kl;
}

double best_on_line(line_law law, double inverse, double high, size_t cells)
{
    return best(law, inverse, high, cells, LAST_BARRIER);
}

double best_unfinished(line_law law, double inverse, size_t cells)
{
    return best(law, inverse, (double)INFINITY, cells, FIRST_BARRIER);
}

/* log of C phi(x/M) / (M p(x)). */
static double excess(line_law law, double inverse, double x)
{
    double p = law.s > 0 ? density(law, x) : 0.5;
    return log(above(law, x) / gsl_cdf_ugaussian_Q(x / inverse)) +
           log(gsl_ran_ugaussian_pdf(x / inverse) / (inverse * p));
}

/* x_0; the end of the law where it is clipped everywhere. */
static double clipped_to(line_law law, double inverse)
{
    double low = law.s > 0 ? 0 : law.a;
    double high = law.s > 0 ? law.a + 9 * law.s : law.a + 1;
    if (!(excess(law, inverse, low) > 0))
        return low;
    for (int k = 0; k < 100; k++) {
        double middle = 0.5 * (low + high);
        if (excess(law, inverse, middle) > 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The integral of p log(M p(x) / phi(x/M)) over the clipped part, x > 0. */
static double clipped_part(line_law law, double inverse, double end)
{
    enum { PIECES = 40, POINTS = 20 };
    double from = law.s > 0 ? 0 : law.a, h = (end - from) / PIECES, sum = 0;
    gsl_integration_glfixed_table *rule =
        gsl_integration_glfixed_table_alloc(POINTS);
    for (size_t k = 0; k < (size_t)PIECES * POINTS; k++) {
        double x, w, left = from + (double)(k / POINTS) * h;
        gsl_integration_glfixed_point(left, left + h, k % POINTS, &x, &w, rule);
        double p = law.s > 0 ? density(law, x) : 0.5;
        sum += w * p *
               (log(inverse * p) + 0.5 * JF_LOG_2PI +
                0.5 * x * x / (inverse * inverse));
    }
    gsl_integration_glfixed_table_free(rule);
    return sum;
}

double best_exact(line_law law, double inverse)
{
    double end = clipped_to(law, inverse), rest = above(law, end);
    double kl = clipped_part(law, inverse, end);
    if (rest > 0)
        kl += rest * log(rest / gsl_cdf_ugaussian_Q(end / inverse));
    return 2 * kl;
}

/* The best node at the right end of a cell of the interval whose left node is
 * f: (f + r/2)/2 + r/12 = 1/r for the rise r. */
static double last_node(double f)
{
    return f + 1.5 * (sqrt(0.25 * f * f + 4.0 / 3) - 0.5 * f);
}

double best_interpolant(line_law law, double inverse, size_t cells)
{
    program p = program_new(law, inverse, (double)INFINITY, cells);
    double *f = jf_alloc(cells + 1, sizeof *f);
    double end = clipped_to(law, inverse);
    double c = above(law, end) / gsl_cdf_ugaussian_Q(end / inverse);
    for (size_t i = 0; i <= cells; i++) {
        double x = p.start + (double)i * p.h, r = fabs(x);
        double y =
            r <= end ? r / inverse : gsl_cdf_ugaussian_Qinv(above(law, r) / c);
        f[i] = copysign(y, x);
    }
    if (law.s == 0) {
        f[cells] = last_node(f[cells - 1]);
        f[0] = -f[cells];
    }
    double kl = kl_of(&p, f);
    free(f);
    free(p.mass);
    return kl;
}
