/* spline.c -- monotone rational-quadratic spline on [-b, b], identity outside.
 *
 * Durkan, Bekasov, Murray and Papamakarios 2019, eqs. 4-8.  p: K widths, K
 * heights (logits of a softmax, each share at least LEAST), and the K - 1
 * slopes at the inner knots, LEAST + softplus; p = 0 is the identity.  In a
 * bin of width w and height h, s = h / w, end slopes d0 and d1, with xi in
 * [0, 1], t = xi (1 - xi), and
 *
 *     N = h (s xi^2 + d0 t),                 Q = s + (d0 + d1 - 2 s) t,
 *     M = d1 xi^2 + 2 s t + d0 (1 - xi)^2,
 *     z = y_k + N / Q,                       m' = s^2 M / Q^2.
 *
 * The inverse takes that root of the quadratic which has no cancellation,
 * 2 c / (-b - sqrt(b^2 - 4 a c)). */
#include <float.h>
#include <math.h>

#include "base/error.h"
#include "map/map.h"

enum { BINS = 64 };
static const double LEAST = 1e-3;

typedef struct { /* knots of one entry */
    size_t bins;
    double bound;
    double x[BINS + 1], y[BINS + 1];
    const double *slope_logit; /* of knots 1 .. bins - 1 */
} knots;

typedef struct { /* one bin, and a point in it */
    size_t k;
    double w, h, s, d0, d1;
} bin;

/* at (K + 1): ends of the shares of [-b, b] that the logits stand for. */
static void shares(size_t bins, double b, const double *logit, double *at)
{
    double top = logit[0], sum = 0, e[BINS];
    for (size_t k = 1; k < bins; k++)
        top = fmax(top, logit[k]);
    for (size_t k = 0; k < bins; k++)
        sum += e[k] = exp(logit[k] - top);
    at[0] = -b;
    for (size_t k = 0; k < bins; k++)
        at[k + 1] =
            at[k] + 2 * b * (LEAST + (1 - LEAST * (double)bins) * e[k] / sum);
    at[bins] = b;
}

static double softplus(double u)
{
    return fmax(u, 0) + log1p(exp(-fabs(u)));
}

/* softplus(SHIFT) = 1 - LEAST. */
static double shifted(double u)
{
    return u + log(expm1(1 - LEAST));
}

static size_t bins_of(const jf_map *self)
{
    return (self->module.n_params + 1) / 3;
}

static void make_knots(const jf_map *self, const double *p, knots *s)
{
    s->bins = bins_of(self);
    s->bound = (double)self->constant;
    shares(s->bins, s->bound, p, s->x);
    shares(s->bins, s->bound, p + s->bins, s->y);
    s->slope_logit = p + 2 * s->bins;
}

/* At knot k; 1 at both ends, where the identity goes on. */
static double slope(const knots *s, size_t k)
{
    return k == 0 || k == s->bins
               ? 1
               : LEAST + softplus(shifted(s->slope_logit[k - 1]));
}

/* The bin with at[k] <= v < at[k + 1]. */
static bin find_bin(const knots *s, const double *at, double v)
{
    size_t low = 0, high = s->bins;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (v < at[middle])
            high = middle;
        else
            low = middle;
    }
    bin b = {.k = low,
             .w = s->x[low + 1] - s->x[low],
             .h = s->y[low + 1] - s->y[low],
             .d0 = slope(s, low),
             .d1 = slope(s, low + 1)};
    b.s = b.h / b.w;
    return b;
}

static double value(const jf_map *self, double x, const double *p,
                    double *log_slope)
{
    knots s;
    *log_slope = 0;
    if (!(fabs(x) < (double)self->constant))
        return x; /* NaN stays NaN */
    make_knots(self, p, &s);
    bin b = find_bin(&s, s.x, x);
    double xi = (x - s.x[b.k]) / b.w, t = xi * (1 - xi);
    double q = b.s + (b.d0 + b.d1 - 2 * b.s) * t;
    double m = b.d1 * xi * xi + 2 * b.s * t + b.d0 * (1 - xi) * (1 - xi);
    *log_slope = 2 * log(b.s / q) + log(m);
    return s.y[b.k] + b.h * (b.s * xi * xi + b.d0 * t) / q;
}

/* The bin of z in (-b, b), and xi there. */
static bin find_point(const knots *s, double z, double *xi)
{
    bin b = find_bin(s, s->y, z);
    double up = z - s->y[b.k], sigma = b.d0 + b.d1 - 2 * b.s;
    double a = b.h * (b.s - b.d0) + up * sigma;
    double half = b.h * b.d0 - up * sigma, c = -b.s * up;
    double root = sqrt(fmax(half * half - 4 * a * c, 0));
    *xi = up > 0 ? fmin(2 * c / (-half - root), 1) : 0;
    return b;
}

static int invert(const jf_map *self, double z, const double *p, double *x)
{
    knots s;
    double xi;
    *x = z;
    if (!(fabs(z) < (double)self->constant))
        return GSL_SUCCESS;
    make_knots(self, p, &s);
    bin b = find_point(&s, z, &xi);
    *x = s.x[b.k] + xi * b.w;
    return GSL_SUCCESS;
}

/* d_logit (K) for shares whose ends at[k] and at[k + 1] have the derivatives
 * low and high: the width of bin k moves the upper end, all earlier ones move
 * both. */
static void shares_gradient(size_t bins, double b, const double *at, size_t k,
                            double low, double high, double *d_logit)
{
    double rest = 1 - LEAST * (double)bins, e[BINS], mean = 0;
    for (size_t i = 0; i < bins; i++) {
        double by_width = i < k ? low + high : i == k ? high : 0;
        e[i] = ((at[i + 1] - at[i]) / (2 * b) - LEAST) / rest;
        d_logit[i] = 2 * b * rest * by_width;
        mean += e[i] * d_logit[i];
    }
    for (size_t i = 0; i < bins; i++)
        d_logit[i] = e[i] * (d_logit[i] - mean);
}

typedef struct { /* derivatives of the loss by the quantities of a bin */
    double xi, s, h, d0, d1;
} slopes;

static slopes by_bin(const bin *b, double xi, double dz, double g)
{
    double t = xi * (1 - xi), dt = 1 - 2 * xi, sigma = b->d0 + b->d1 - 2 * b->s;
    double q = b->s + sigma * t, n = b->h * (b->s * xi * xi + b->d0 * t);
    double m = b->d1 * xi * xi + 2 * b->s * t + b->d0 * (1 - xi) * (1 - xi);
    double z_n = dz / q, z_q = -dz * n / (q * q), by_m = g / m;
    double by_q = z_q - 2 * g / q;
    return (slopes){
        .xi = z_n * b->h * (2 * b->s * xi + b->d0 * dt) + by_q * sigma * dt +
              by_m * 2 * (b->d1 * xi + b->s * dt - b->d0 * (1 - xi)),
        .s = z_n * b->h * xi * xi + by_q * (1 - 2 * t) + by_m * 2 * t +
             2 * g / b->s,
        .h = z_n * n / b->h,
        .d0 = z_n * b->h * t + by_q * t + by_m * (1 - xi) * (1 - xi),
        .d1 = by_q * t + by_m * xi * xi};
}

static int backward(const jf_map *self, double z, const double *p, double g,
                    double *x, double *dz, double *dp)
{
    knots s;
    size_t bins = bins_of(self);
    double *d_slope = dp + 2 * bins, xi;
    for (size_t q = 0; q < self->module.n_params; q++)
        dp[q] = 0;
    *x = z;
    if (!(fabs(z) < (double)self->constant))
        return GSL_SUCCESS;
    make_knots(self, p, &s);
    bin b = find_point(&s, z, &xi);
    *x = s.x[b.k] + xi * b.w;
    slopes v = by_bin(&b, xi, *dz, g);
    /* xi = (x - x_k) / w, s = h / w, w = x_{k+1} - x_k, and so for y. */
    double dx = v.xi / b.w, dw = -(v.xi * xi + v.s * b.s) / b.w;
    double dh = v.h + v.s / b.w;
    shares_gradient(bins, s.bound, s.x, b.k, -dx - dw, dw, dp);
    shares_gradient(bins, s.bound, s.y, b.k, *dz - dh, dh, dp + bins);
    if (b.k > 0)
        d_slope[b.k - 1] = v.d0 / (1 + exp(-shifted(p[2 * bins + b.k - 1])));
    if (b.k + 1 < bins)
        d_slope[b.k] = v.d1 / (1 + exp(-shifted(p[2 * bins + b.k])));
    *dz = dx;
    return GSL_SUCCESS;
}

/* By bin, with rho = (d0 + d1) / 2s: max(s, d0, d1) / min(1, rho)^2 and min(s,
 * d0, d1) / max(1, rho)^2; 1 outside. */
static void bin_slopes(const jf_map *self, const double *p, double *least,
                       double *largest)
{
    knots s;
    make_knots(self, p, &s);
    *least = *largest = 1;
    for (size_t k = 0; k < s.bins; k++) {
        bin b = find_bin(&s, s.x, s.x[k]);
        double rho = (b.d0 + b.d1) / (2 * b.s);
        double up = fmin(1, rho), down = fmax(1, rho);
        double high = fmax(b.s, fmax(b.d0, b.d1)) / (up * up);
        double low = fmin(b.s, fmin(b.d0, b.d1)) / (down * down);
        *largest = fmax(*largest, high * (1 + 64 * DBL_EPSILON));
        *least = fmin(*least, low * (1 - 64 * DBL_EPSILON));
    }
}

static const jf_map_ops spline = {.entry_value = value,
                                  .entry_inverse = invert,
                                  .entry_backward = backward,
                                  .slopes = bin_slopes};

jf_map jf_map_spline(size_t bins, real bound)
{
    if (bins < 2 || bins > BINS || !(bound > 0))
        JF_ERROR_VAL("a spline needs 2 to 64 bins and a positive bound",
                     GSL_EINVAL, (jf_map){0});
    jf_map map = jf_map_new("spline", &spline, 3 * bins - 1);
    map.constant = bound;
    jf_map_record(&map, "bins=%zu, bound=%.17g", bins, (double)bound);
    return map;
}
