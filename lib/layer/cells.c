/* cells.c -- a number on a grid of cells becomes normal. */
#include "layer/cells.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "base/real.h"

static const double share = 1 / 8192., wide = 32;

/* sigma(t), sigma(-t), and their product, which is the derivative. */
typedef struct {
    double low, high, slope;
} logistic;

static logistic at(double t)
{
    double e = exp(-fabs(t)), q = 1 / (1 + e), p = e * q;
    return t > 0 ? (logistic){q, p, p * q} : (logistic){p, q, p * q};
}

/* The ends of the cell [k, k + 1], by both parts; F there, 1 - F, and the
 * probability of the cell. */
typedef struct {
    double a, b; /* (k - mu) / s, (k + 1 - mu) / s */
    logistic narrow[2], far[2];
    double low[2], high[2], p;
} cell;

/* sigma(b) - sigma(a) = sigma(b) sigma(-a) (1 - exp(a - b)). */
static double between(const logistic *end, double width)
{
    return end[1].low * end[0].high * -expm1(-width);
}

static cell cell_at(double k, double mu, double s)
{
    cell c = {.a = (k - mu) / s, .b = (k + 1 - mu) / s};
    c.narrow[0] = at(c.a);
    c.narrow[1] = at(c.b);
    c.far[0] = at((k - mu) / wide);
    c.far[1] = at((k + 1 - mu) / wide);
    for (int i = 0; i < 2; i++) {
        c.low[i] = (1 - share) * c.narrow[i].low + share * c.far[i].low;
        c.high[i] = (1 - share) * c.narrow[i].high + share * c.far[i].high;
    }
    c.p = (1 - share) * between(c.narrow, 1 / s) +
          share * between(c.far, 1 / wide);
    return c;
}

/* z at the share w of the cell. */
static double normal_of(const cell *c, double w)
{
    double low = c->low[0] + w * c->p, high = c->high[1] + (1 - w) * c->p;
    return low < high ? gsl_cdf_ugaussian_Pinv(low)
                      : gsl_cdf_ugaussian_Qinv(high);
}

double jf_cells_forward(double x, double mu, double s, double *log_slope)
{
    double k = floor(x);
    cell c = cell_at(k, mu, s);
    double z = normal_of(&c, x - k);
    *log_slope =
        isfinite(z) ? log(c.p) + 0.5 * (z * z + JF_LOG_2PI) : -(double)INFINITY;
    return z;
}

/* Whether F(k) is at most low, or 1 - F(k) at least high, whichever is smaller
 * has more digits. */
static int is_below(double k, double mu, double s, double low, double high)
{
    logistic narrow = at((k - mu) / s), far = at((k - mu) / wide);
    if (low < high)
        return (1 - share) * narrow.low + share * far.low <= low;
    return (1 - share) * narrow.high + share * far.high >= high;
}

double jf_cells_inverse(double z, double mu, double s)
{
    if (!isfinite(z) || !isfinite(mu) || !isfinite(s) || !(s > 0))
        return (double)NAN;
    /* beyond 38 the tail is 0, and no cell would be beyond */
    double low = fmax(gsl_cdf_ugaussian_P(z), DBL_TRUE_MIN);
    double high = fmax(gsl_cdf_ugaussian_Q(z), DBL_TRUE_MIN);
    double k = floor(mu + s * (log(low) - log(high)));
    double from = isfinite(k) ? k : floor(mu), to = from + 1, step = 1;
    for (; !is_below(from, mu, s, low, high); step *= 2) {
        to = from;
        from -= step;
    }
    for (; is_below(to, mu, s, low, high); step *= 2) {
        from = to;
        to += step;
    }
    while (to - from > 1) {
        double half = floor(0.5 * (from + to));
        if (half <= from || half >= to) /* integers are farther apart there */
            break;
        if (is_below(half, mu, s, low, high))
            from = half;
        else
            to = half;
    }
    cell c = cell_at(from, mu, s);
    double w =
        low < high ? (low - c.low[0]) / c.p : 1 - (high - c.high[1]) / c.p;
    return from + fmin(fmax(w, 0), 1);
}

/* With q = dL/dz + g z, as log_slope has z^2 / 2: dL/dG = q / phi(z), and the
 * ends of the cell move G by their shares and log p by 1 / p. */
jf_cells_gradient jf_cells_backward(double x, double mu, double s, double dz,
                                    double g)
{
    double k = floor(x), w = x - k;
    cell c = cell_at(k, mu, s);
    double z = normal_of(&c, w);
    double density = exp(-0.5 * (z * z + JF_LOG_2PI));
    double value = (dz + g * z) / density;
    double end[2] = {(1 - w) * value - g / c.p, w * value + g / c.p};
    double t[2] = {c.a, c.b};
    jf_cells_gradient d = {.x = value * c.p};
    for (int i = 0; i < 2; i++) {
        double narrow = (1 - share) * c.narrow[i].slope / s;
        d.mu -= end[i] * (narrow + share * c.far[i].slope / wide);
        d.s -= end[i] * narrow * t[i];
    }
    return d;
}
