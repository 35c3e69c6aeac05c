/* coil.c -- expansion can be replaced by rearrangement: a strip coiled up, and
 * the sharp bound that it approaches (C6.5iii, C6.8).
 *
 * X uniform on (s0, s0 + l) x (0, w), a = w / 2 pi, s0 = pi w.  The involute
 * coil takes (s, y) to the point at distance t = r - y along the tangent at
 * angle q of the circle of radius a, r = a q = sqrt(2 a s).  Singular values 1
 * and t/r; successive turns are 2 pi a = w apart, so that it is one to one.
 * LL = -log 2 pi + E log(1 - y/r) - (a^2 + E (r - y)^2) / 2, r^2 uniform on
 * (w^2, w^2 + l w / pi), y on (0, w).
 * Writes    lipschitz-coil.csv: likelihoods by width, and the bounds for every
 *           flow with L = 1, by volume and by entropy power. */
#include "lipschitz.h"

#include <float.h>
#include <math.h>

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_gamma.h>

#define AREA 4.0

/* The mean over y of log(1 - y/r) - (r - y)^2 / 2. */
static double across(double square_of_r, void *arg)
{
    double w = *(const double *)arg, r = sqrt(square_of_r), left = r - w;
    double log_part = left > 0 ? left / w * log(left / r) : 0;
    return -1 - log_part - 0.5 * (square_of_r - r * w + w * w / 3);
}

/* The coil's likelihood, and half of E |f|^2. */
static double coil_nats(double w, double *half_square)
{
    enum { PIECES = 2000 };
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(PIECES);
    gsl_function fn = {across, &w};
    double a = w / (2 * M_PI), sum, error, e = AREA / M_PI;
    if (gsl_integration_qags(&fn, w * w, w * w + e, 1e-10, 1e-10, PIECES, space,
                             &sum, &error) != GSL_SUCCESS)
        sum = (double)NAN;
    gsl_integration_workspace_free(space);
    double from = w * w, to = w * w + e;
    double mean_r = 2.0 / 3 * (to * sqrt(to) - from * sqrt(from)) / e;
    *half_square = 0.5 * (a * a + 0.5 * (from + to) - mean_r * w + w * w / 3);
    return -JF_LOG_2PI + sum / e - 0.5 * a * a;
}

static double strip_clip_nats(double w)
{
    double lambda[2] = {square(AREA / w) / 12, w * w / 12};
    return clip_value(2, lambda, 1, (double)INFINITY);
}

/* The map, and the spiral p (t + y) e^{it} whose arcs are no involutes. */
static void coil_at(double w, double s, double y, double *z)
{
    double a = w / (2 * M_PI), r = sqrt(2 * a * s), t = r - y;
    double c = cos(r / a), d = sin(r / a);
    z[0] = a * c + t * d;
    z[1] = a * d - t * c;
}

static void polar_at(double w, double s, double y, double *z)
{
    double p = w / (2 * M_PI), t = sqrt(2 * s / p);
    z[0] = (p * t - y) * cos(t);
    z[1] = (p * t - y) * sin(t);
}

typedef void (*plane_map)(double w, double s, double y, double *z);

/* The singular values by central differences. */
static void singular_at(plane_map f, double w, double s, double y, double h,
                        double *sigma)
{
    double j[4];
    for (size_t k = 0; k < 2; k++) {
        double up[2], down[2], ds = k == 0 ? h : 0, dy = k == 1 ? h : 0;
        f(w, s + ds, y + dy, up);
        f(w, s - ds, y - dy, down);
        j[k] = (up[0] - down[0]) / (2 * h);
        j[2 + k] = (up[1] - down[1]) / (2 * h);
    }
    if (jf_singular_values(2, 2, j, sigma) != GSL_SUCCESS)
        sigma[0] = sigma[1] = (double)NAN;
}

static void listed(const experiment *e, finding *f)
{
    static const double widths[] = {0.1, 0.04, 0.004, 4e-4, 1e-5};
    static const double nats[] = {-2.214483, -2.178157, -2.158253, -2.156391,
                                  -2.156192};
    double wrong = 0;
    (void)e;
    f->d = 2;
    f->n = 5;
    for (size_t k = 0; k < 5; k++) {
        double half, is = coil_nats(widths[k], &half);
        f->measured = jf_worse(f->measured, fabs(is - nats[k]));
        wrong = jf_worse(wrong, fabs(is + half - half / square(1.05) -
                                     2 * log(1.05) - nats[k]));
    }
    f->broken = wrong - f->measured;
}

static void at_a_width(const experiment *e, finding *f)
{
    double half;
    (void)e;
    f->d = 2;
    f->measured = coil_nats(0.004, &half);
    f->expected = -2.158253;
    f->broken = half - half / square(1.05) - 2 * log(1.05);
}

/* Points of the strip of width .1. */
static const double width = 0.1;

static void draw_point(gsl_rng *rng, double *s, double *y)
{
    *s = M_PI * width + AREA / width * gsl_rng_uniform(rng);
    *y = width * gsl_rng_uniform(rng);
}

static void stretch_of_coil(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 620);
    double wrong = 0, a = width / (2 * M_PI), s, y, sigma[2];
    f->d = 2;
    f->n = by_profile(e, 1000, 10000, 100000);
    for (size_t i = 0; i < f->n; i++) {
        draw_point(rng, &s, &y);
        double r = sqrt(2 * a * s), h = 3e-6 * r;
        singular_at(coil_at, width, s, y, h, sigma);
        f->measured = jf_worse(f->measured, fabs(sigma[0] - 1));
        f->measured = jf_worse(f->measured, fabs(sigma[1] - (1 - y / r)));
        singular_at(polar_at, width, s, y, h, sigma);
        wrong = jf_worse(wrong, fabs(sigma[0] - 1));
    }
    f->broken = wrong - f->measured;
    gsl_rng_free(rng);
}

/* s of the image z, on the turn whose t lies in (r - w, r), and so many turns
 * further. */
static double uncoiled(double w, const double *z, double turns)
{
    double a = w / (2 * M_PI);
    double t = sqrt(fmax(0, z[0] * z[0] + z[1] * z[1] - a * a));
    double angle = atan2(z[1], z[0]) + atan2(t, a);
    double q = angle + 2 * M_PI * (ceil((t / a - angle) / (2 * M_PI)) + turns);
    return 0.5 * a * q * q;
}

static void one_to_one(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 621);
    double wrong = 0, s, y, z[2];
    f->d = 2;
    f->n = by_profile(e, 1000, 10000, 100000);
    for (size_t i = 0; i < f->n; i++) {
        draw_point(rng, &s, &y);
        coil_at(width, s, y, z);
        f->measured =
            jf_worse(f->measured, fabs(uncoiled(width, z, 0) / s - 1));
        wrong = jf_worse(wrong, fabs(uncoiled(width, z, -1) / s - 1));
    }
    f->broken = wrong - f->measured;
    gsl_rng_free(rng);
}

static void strip_clip(const experiment *e, finding *f)
{
    double w = 0.004, lambda = square(AREA / w) / 12;
    double s = 1 / lambda; /* the clip of 1/lambda, not of its root */
    (void)e;
    f->d = 2;
    f->measured = strip_clip_nats(w);
    f->expected = -8.0032;
    f->broken = -JF_LOG_2PI - 0.5 * s * s * lambda + log(s) - 0.5 * w * w / 12 -
                f->measured;
}

static void entropy_power(const experiment *e, finding *f)
{
    double n = AREA * AREA / (2 * M_PI * M_E); /* 2h for 2h/d */
    (void)e;
    f->d = 2;
    f->measured = -log(AREA) - forward_cost(2, log(AREA), 1);
    f->expected = -2.0721;
    f->broken = -log(AREA) - 2 * psi(n) - f->measured;
}

/* How far the coil is above the bound, at its nearest. */
static void below_volume(const experiment *e, finding *f)
{
    static const double widths[] = {0.4, 0.1, 0.04, 0.004, 4e-4, 1e-5};
    double half, uniform = -JF_LOG_2PI - 0.5 * AREA / M_PI;
    double wrong = -(double)INFINITY;
    (void)e;
    f->d = 2;
    f->n = 6;
    f->measured = -(double)INFINITY;
    for (size_t k = 0; k < 6; k++) {
        double is = coil_nats(widths[k], &half);
        f->measured =
            jf_worse(f->measured, is + log(AREA) + volume_cost(2, AREA, 1));
        wrong = jf_worse(wrong, is - uniform);
    }
    f->broken = wrong - f->measured;
}

/* C6.8 by quadrature: p* = max(c, e^k p_Z) on |y| < R.  Volume and surface of
 * the unit ball, d <= 3. */
static double ball_volume(size_t d)
{
    return pow(M_PI, 0.5 * (double)d) / gsl_sf_gamma(0.5 * (double)d + 1);
}

typedef struct {
    size_t d;
    double c, k, rho, end; /* log c, k */
} sorted_law;

/* Mass, or KL to N(0, I), by Gauss's rule on both parts. */
static double integral(const sorted_law *p, int divergence)
{
    enum { POINTS = 64 };
    double sum = 0, x, w, d = (double)p->d;
    gsl_integration_glfixed_table *rule =
        gsl_integration_glfixed_table_alloc(POINTS);
    for (size_t i = 0; i < 2 * POINTS; i++) {
        double from = i < POINTS ? 0 : p->rho;
        double to = i < POINTS ? p->rho : p->end;
        gsl_integration_glfixed_point(from, to, i % POINTS, &x, &w, rule);
        double log_z = -0.5 * d * JF_LOG_2PI - 0.5 * x * x;
        double log_p = i < POINTS ? p->k + log_z : p->c;
        sum += w * d * ball_volume(p->d) * pow(x, d - 1) * exp(log_p) *
               (divergence ? log_p - log_z : 1);
    }
    gsl_integration_glfixed_table_free(rule);
    return sum;
}

static sorted_law with_radius(size_t d, double log_c, double rho)
{
    return (sorted_law){d, log_c,
                        log_c + 0.5 * (double)d * JF_LOG_2PI + 0.5 * rho * rho,
                        rho, sqrt(rho * rho + 2)};
}

/* KL of p* for volume v and budget L. */
static double volume_by_quadrature(size_t d, double v, double lip)
{
    double log_c = -log(v) - (double)d * log(lip), low = 0, high = 8;
    sorted_law p = {d, log_c, 0, 0,
                    pow(exp(-log_c) / ball_volume(d), 1 / (double)d)};
    if (p.end <= M_SQRT2)
        return integral(&p, 1);
    for (int k = 0; k < 100; k++) {
        double middle = 0.5 * (low + high);
        p = with_radius(d, log_c, middle);
        if (integral(&p, 0) < 1)
            low = middle;
        else
            high = middle;
    }
    return integral(&p, 1);
}

static const struct {
    size_t d;
    double v, lip, nats, digit; /* as in C6.8, half of its last digit */
} volumes[] = {{2, 4, 1, -2.15618695, 5e-9},    {1, 1, 1, -.96061, 5e-6},
               {2, 1, 1, -1.91745, 5e-6},       {3, 1, 1, -2.87227, 5e-6},
               {2, 1, 4, -M_PI / 16, 1e-12},    {2, 1, 10, -M_PI / 100, 1e-12},
               {2, 1, 2.6, -M_PI / 6.76, 1e-12}};
enum { VOLUMES = sizeof volumes / sizeof *volumes };

/* The largest distance in units of what is allowed. */
static void volume_values(const experiment *e, finding *f)
{
    double wrong = 0;
    (void)e;
    f->n = VOLUMES;
    f->tolerance = 1;
    for (size_t k = 0; k < VOLUMES; k++) {
        size_t d = volumes[k].d;
        double v = volumes[k].v, lip = volumes[k].lip, full = (double)d;
        double is = -log(v) - volume_by_quadrature(d, v, lip);
        double r2 = pow(v / ball_volume(d), 2 / full) * lip * lip;
        double flat = full * log(lip) - 0.5 * full * JF_LOG_2PI - 0.5 * r2;
        double digit = volumes[k].digit;
        f->measured = jf_worse(f->measured, fabs(is - volumes[k].nats) / digit);
        wrong = jf_worse(wrong, fabs(flat - volumes[k].nats) / digit);
    }
    f->broken = wrong - f->measured;
}

static void volume_closed(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 622);
    double wrong = 0;
    f->d = 3;
    f->n = by_profile(e, 20, 200, 1000);
    for (size_t i = 0; i < f->n; i++) {
        size_t d = 1 + i % 3;
        double v = exp(jf_stream_normal(rng, 1)), full = (double)d;
        double most = M_SQRT2 * pow(ball_volume(d) / v, 1 / full);
        double lip = most * (d == 2 ? 4 : 1) * gsl_rng_uniform(rng);
        double is = volume_by_quadrature(d, v, lip);
        double r2 = pow(v / ball_volume(d), 2 / full) * lip * lip;
        double flat =
            -log(v) - full * log(lip) + 0.5 * full * JF_LOG_2PI + 0.5 * r2;
        f->measured = jf_worse(f->measured, fabs(is - volume_cost(d, v, lip)));
        wrong = jf_worse(wrong, fabs(is - flat));
    }
    f->broken = wrong - f->measured;
    gsl_rng_free(rng);
}

/* A random law of rings with values in {0} or above c, from the best one: KL in
 * exact terms, as |y|^2 = area / pi is uniform on a ring. */
static double ring_law(double c, double spread, gsl_rng *rng)
{
    enum { RINGS = 12 };
    double mass[RINGS], left = 1, area = 0, kl = 0, value[RINGS];
    double rho2 = 2 * log(1 / (2 * M_PI * c)); /* c = p_Z there */
    for (size_t i = 0; i < RINGS; i++) {
        double a = rho2 > 0 && i < RINGS - 1
                       ? rho2 * ((double)i + 0.5) / (RINGS - 1)
                       : rho2;
        value[i] = fmax(c, exp(-0.5 * a) / (2 * M_PI)) *
                   exp(spread * jf_stream_normal(rng, 1));
        value[i] = fmax(c, value[i]);
        mass[i] = i < RINGS - 1 ? value[i] * M_PI * rho2 / (RINGS - 1) : left;
        mass[i] = fmin(left, mass[i]);
        left -= mass[i];
    }
    for (size_t i = 0; i < RINGS; i++) {
        double hole = gsl_rng_uniform(rng) < 0.2
                          ? spread * gsl_rng_uniform(rng) * area
                          : 0;
        double inner = area + hole, outer = inner + mass[i] / value[i];
        if (mass[i] > 0)
            kl += mass[i] *
                  (log(value[i]) + JF_LOG_2PI + 0.25 * (inner + outer) / M_PI);
        area = outer;
    }
    return kl;
}

static void admissible(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 623);
    double wrong = (double)INFINITY;
    f->d = 2;
    f->n = by_profile(e, 1500, 15000, 150000);
    f->measured = (double)INFINITY;
    for (size_t i = 0; i < f->n; i++) {
        double r2 = 2 + 10 * gsl_rng_uniform(rng);
        double c = 1 / (M_PI * r2), best = 1 / r2; /* v L^2 = 1 / c */
        double flat = log(c) + JF_LOG_2PI + 0.25 * r2;
        double kl = ring_law(c, gsl_rng_uniform(rng), rng);
        f->measured = fmin(f->measured, kl - best);
        wrong = fmin(wrong, kl - flat);
    }
    f->broken = wrong - f->measured;
    gsl_rng_free(rng);
}

static const check checks[] = {
    {{"C6.5iii", "the coiled strip has likelihood -2.158253 at L = 1",
      "uniform on 1000 x .004; involute coil; half of the last digit",
      "quadrature along the strip, across it in closed form", JF_IDENTITY,
      "a spiral that is no involute divided by 1.05"},
     "coil",
     JF_EQUAL,
     5.1e-7,
     at_a_width},
    {{"C6.5iii",
      "its likelihoods are -2.214483 .. -2.156192 for widths .1 .. 1e-5",
      "area 4; involute coil, L = 1",
      "quadrature against the listed values; largest distance; half of "
      "their last digit",
      JF_IDENTITY, "a spiral that is no involute divided by 1.05"},
     "coils",
     JF_EQUAL,
     5.1e-7,
     listed},
    {{"C6.5iii", "its singular values are 1 and 1 - y/r",
      "width .1; random points",
      "largest deviation; central differences of step 3e-6 r: truncation "
      "1e-11, "
      "rounding 500 u / 3e-6 of an angle below 80",
      JF_IDENTITY, "a polar spiral for the involute"},
     "stretch of the coil",
     JF_EQUAL,
     1e-7,
     stretch_of_coil},
    {{"C6.5iii", "it is one to one: turns are parallel, one width apart",
      "width .1; random points",
      "largest relative error of s from the image; sixteen roundings of an "
      "angle below 80, doubled by its square",
      JF_IDENTITY, "one turn less"},
     "inverse of the coil",
     JF_EQUAL,
     16 * 2 * 80 * DBL_EPSILON,
     one_to_one},
    {{"C6.5iii", "the affine clip has -8.0032", "uniform on 1000 x .004, L = 1",
      "closed form; half of the last digit", JF_IDENTITY,
      "1/lambda for its root"},
     "clip",
     JF_EQUAL,
     5e-5,
     strip_clip},
    {{"C6.5iii", "no flow with L = 1 exceeds -2.0721", "area 4; entropy power",
      "closed form; half of the last digit", JF_IDENTITY,
      "exp(2h) for exp(2h/d)"},
     "bound",
     JF_EQUAL,
     5e-5,
     entropy_power},
    {{"C6.8", "the coil stays below the volume bound, which it approaches",
      "area 4, L = 1; widths .4 .. 1e-5", "largest excess; quadrature",
      JF_IDENTITY, "d r^2/2d for d r^2/2(d+2)"},
     "coil below",
     JF_AT_MOST,
     1e-9,
     below_volume},
    {{"C6.8", "volume bounds as listed, by quadrature of p*",
      "area 4, L = 1; unit volume, L = 1, d = 1, 2, 3, and L = 2.6, 4, 10, d = "
      "2",
      "largest distance in units of half the last digit, 1e-12 where closed",
      JF_IDENTITY, "d r^2/2d for d r^2/2(d+2); also beyond r^2 = 2"},
     "volume bounds",
     JF_EQUAL,
     1,
     volume_values},
    {{"C6.8", "their closed forms: r0^2 <= 2, and d = 2",
      "random volumes and L, d = 1, 2, 3",
      "largest distance from quadrature; Gauss's rule, a hundred roundings",
      JF_IDENTITY, "d r^2/2d for d r^2/2(d+2); also beyond r^2 = 2"},
     "closed forms",
     JF_EQUAL,
     1e-12,
     volume_closed},
    {{"C6.8", "no admissible density has a smaller KL than p*",
      "d = 2, v L^2/pi in 2 .. 12; random laws of twelve rings with values 0 "
      "or at least 1/(v L^2)",
      "least excess, exact for rings; rounding", JF_IDENTITY,
      "p* uniform on the ball beyond r0^2 = 2"},
     "admissible",
     JF_AT_LEAST,
     1e-12,
     admissible},
};

const check_list list_coil = {checks, sizeof checks / sizeof *checks};

void lipschitz_coil(experiment *e)
{
    enum { WIDTHS = 49 };
    jf_table *out = jf_table_new(&e->args, "lipschitz-coil",
                                 "width,coil_nats,clip_nats,volume_bound_nats,"
                                 "entropy_power_nats",
                                 WIDTHS);
    for (size_t p = 0; p < WIDTHS; p++) {
        double w = pow(10, -(double)p / 8), half;
        if (!jf_table_has(out, p)) {
            jf_table_row(out, p, JF_G "," JF_G "," JF_G "," JF_G "," JF_G, w,
                         coil_nats(w, &half), strip_clip_nats(w),
                         -log(AREA) - volume_cost(2, AREA, 1),
                         -log(AREA) - forward_cost(2, log(AREA), 1));
            jf_table_finish(out, p);
        }
    }
    jf_table_close(out);
}
