/* lipschitz_program.c -- the best increasing map of the line under bounds on
 * its slope.
 *
 * For a normal base, E log q = sum_i m_i (log phi(y_i) + log s_i) is concave in
 * the node values f_0 .. f_n of a piecewise-linear map with slopes s_i = (f_i+1
 * - f_i) / h and middles y_i (C2.4, C6.5iv).  Newton's method on the negative
 * with a logarithmic barrier for the slopes: the Hessian is tridiagonal.
 * Barrier weights fall to 1e-10 / n, whose optimum is within 2e-10 of the
 * constrained one (Boyd and Vandenberghe 2004, sec. 11.2.2). */
#include "lipschitz_program.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>

typedef struct {
    size_t n;
    const double *mass;
    double h, low, high, barrier;
} program;

/* The value; gradient (n + 1), and the Hessian's diagonal (n + 1) and
 * off-diagonal (n), unless NULL.  Infinite outside of the slope bounds. */
static double value(const program *p, const double *f, double *gradient,
                    double *diagonal, double *off)
{
    double sum = 0;
    for (size_t i = 0; gradient && i <= p->n; i++)
        gradient[i] = diagonal[i] = 0;
    for (size_t i = 0; i < p->n; i++) {
        double s = (f[i + 1] - f[i]) / p->h, y = 0.5 * (f[i] + f[i + 1]);
        double m = p->mass[i], up = p->high - s, down = s - p->low;
        if (!(down > 0) || !(up > 0) || !(s > 0))
            return (double)INFINITY;
        sum += m * (0.5 * y * y - log(s)) - p->barrier * log(down);
        double ds = -m / s - p->barrier / down;
        double dds = m / (s * s) + p->barrier / (down * down);
        if (isfinite(up)) {
            sum -= p->barrier * log(up);
            ds += p->barrier / up;
            dds += p->barrier / (up * up);
        }
        if (!gradient)
            continue;
        ds /= p->h;
        dds /= p->h * p->h;
        gradient[i] += 0.5 * m * y - ds;
        gradient[i + 1] += 0.5 * m * y + ds;
        diagonal[i] += 0.25 * m + dds;
        diagonal[i + 1] += 0.25 * m + dds;
        off[i] = 0.25 * m - dds;
    }
    return sum;
}

/* Newton with backtracking until the decrement is below 1e-12; the value
 * without barrier. */
static double solve(program *p, double *f, double *space)
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
            return (double)NAN;
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
    p->barrier = 0;
    return value(p, f, NULL, NULL, NULL);
}

double best_on_line(size_t n, const double *mass, double h, double low,
                    double high)
{
    double *f = jf_alloc(6 * (n + 1), sizeof *f), best = (double)NAN;
    double start = isinf(high) ? 2 * low + 1 / ((double)n * h)
                               : sqrt(fmax(low, high / 1e6) * high);
    double entropy = 0;
    for (size_t i = 0; i <= n; i++)
        f[i] = start * h * ((double)i - 0.5 * (double)n);
    for (double barrier = 1e-1; barrier >= 1e-10; barrier *= 0.1) {
        program p = {n, mass, h, low, high, barrier / (double)n};
        best = solve(&p, f, f + n + 1);
    }
    for (size_t i = 0; i < n; i++) /* E log p by the same cells */
        entropy += mass[i] > 0 ? mass[i] * log(mass[i] / h) : 0;
    free(f);
    return entropy + 0.5 * JF_LOG_2PI + best;
}

double best_on_mixture(double a, double s, double inverse, double high,
                       size_t cells)
{
    double *mass = jf_alloc(cells, sizeof *mass), end = a + 7 * s, total = 0;
    double h = 2 * end / (double)cells;
    for (size_t i = 0; i < cells; i++) {
        double x = -end + ((double)i + 0.5) * h;
        mass[i] =
            0.5 * h *
            (gsl_ran_gaussian_pdf(x - a, s) + gsl_ran_gaussian_pdf(x + a, s));
        total += mass[i];
    }
    for (size_t i = 0; i < cells; i++)
        mass[i] /= total;
    double best = best_on_line(cells, mass, h, 1 / inverse, high);
    free(mass);
    return best;
}

double best_on_intervals(double half, double inverse, size_t cells)
{
    double *mass = jf_alloc(cells, sizeof *mass), end = half + 1;
    double h = 2 * end / (double)cells, inside = 0;
    for (size_t i = 0; i < cells; i++) {
        double x = fabs(-end + ((double)i + 0.5) * h);
        mass[i] = x > half;
        inside += mass[i];
    }
    for (size_t i = 0; i < cells; i++)
        mass[i] /= inside;
    double best = best_on_line(cells, mass, h, 1 / inverse, (double)INFINITY);
    free(mass);
    return best;
}
