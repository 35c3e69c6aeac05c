/* measure.c -- volumes of images of small balls.
 *
 * Differences are central and of fourth order: (8 (f(h) - f(-h)) - (f(2h) -
 * f(-2h))) / 12h, truncation h^4 f'''''/30, rounding 1.5 u |f| / h. */
#include "volume.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_integration.h>

#define SECOND_STEP 2e-3 /* of second differences */
#define THIRD_STEP 1e-2

void probe_values(const probe *p, jf_matrix x, jf_matrix z, double *ld)
{
    double *unused = ld ? NULL : jf_alloc(x.rows, sizeof *unused);
    jf_matrix_copy(z, jf_const(x));
    if (jf_forward(p->f, p->theta, z, ld ? ld : unused, p->team) != GSL_SUCCESS)
        jf_fail(1, "volume: a map cannot be evaluated near its point");
    free(unused);
}

double probe_log_abs_det(const probe *p, const double *x)
{
    double ld;
    jf_matrix row = jf_matrix_new(1, p->f->d), z = jf_matrix_new(1, p->f->d);
    for (size_t i = 0; i < p->f->d; i++)
        row.data[i] = (real)x[i];
    probe_values(p, row, z, &ld);
    jf_matrix_free(&z);
    jf_matrix_free(&row);
    return ld;
}

/* x (nodes, 2), z := f(x): nodes on the circle, from the angle pi/2 on. */
static void circle(const probe *p, const double *x0, double r, size_t nodes,
                   jf_matrix x, jf_matrix z)
{
    for (size_t i = 0; i < nodes; i++) {
        double t = M_PI_2 + 2 * M_PI * (double)i / (double)nodes;
        jf_row(x, i)[0] = (real)(x0[0] + r * cos(t));
        jf_row(x, i)[1] = (real)(x0[1] + r * sin(t));
    }
    probe_values(p, x, z, NULL);
}

/* The area is the integral of f1 f2' = -4 pi sum_k k Im(conj(a_k) b_k) for f1 =
 * sum_k a_k e^{ikt}, f2 = sum_k b_k e^{ikt}. */
double volume_contour(const probe *p, const double *x0, double r, size_t nodes)
{
    jf_matrix x = jf_matrix_new(nodes, 2), z = jf_matrix_new(nodes, 2);
    jf_fourier *a = jf_fourier_new(1, nodes), *b = jf_fourier_new(1, nodes);
    double sum = 0;

    circle(p, x0, r, nodes, x, z);
    for (size_t i = 0; i < nodes; i++) {
        a->field[i] = (double)jf_row(z, i)[0];
        b->field[i] = (double)jf_row(z, i)[1];
    }
    jf_fourier_forward(a);
    jf_fourier_forward(b);
    for (size_t k = 1; 2 * k < nodes; k++)
        sum += (double)k *
               (a->half[k][0] * b->half[k][1] - a->half[k][1] * b->half[k][0]);
    jf_fourier_free(b);
    jf_fourier_free(a);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    return fabs(4 * sum) / ((double)nodes * (double)nodes * r * r);
}

double volume_polygon(const probe *p, const double *x0, double r, size_t nodes)
{
    jf_matrix x = jf_matrix_new(nodes, 2), z = jf_matrix_new(nodes, 2);
    double sum = 0, n = (double)nodes;

    circle(p, x0, r, nodes, x, z);
    for (size_t i = 0; i < nodes; i++) {
        const real *a = jf_row(z, i), *b = jf_row(z, (i + 1) % nodes);
        const real *o = jf_row(z, 0); /* differences: no cancellation */
        sum += (double)((a[0] - o[0]) * (b[1] - o[1]) -
                        (a[1] - o[1]) * (b[0] - o[0]));
    }
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    return fabs(sum) / (n * sin(2 * M_PI / n) * r * r);
}

/* sum of exp(ld), and of exp(ld) with the sign of the first layer's share
 * exchanged; x is spent. */
static void add_ring(const probe *p, jf_matrix x, const double *ld,
                     double *first, double sums[2])
{
    jf_part part = jf_flow_part(p->f, 0);
    memset(first, 0, x.rows * sizeof *first);
    if (jf_forward(part.layer, p->theta ? p->theta + part.first : NULL, x,
                   first, p->team) != GSL_SUCCESS)
        jf_fail(1, "volume: a map cannot be evaluated near its point");
    for (size_t i = 0; i < x.rows; i++) {
        sums[0] += exp(ld[i]);
        sums[1] += exp(ld[i] - 2 * first[i]);
    }
}

double volume_integral(const probe *p, const double *x0, double r, size_t radii,
                       size_t angles, double *lost)
{
    gsl_integration_fixed_workspace *w = gsl_integration_fixed_alloc(
        gsl_integration_fixed_legendre, radii, 0, 1, 0, 0);
    jf_matrix x = jf_matrix_new(angles, 2), z = jf_matrix_new(angles, 2);
    double *ld = jf_alloc(2 * angles, sizeof *ld), sum = 0;

    *lost = 0;
    for (size_t k = 0; k < radii; k++) {
        double s = r * sqrt(gsl_integration_fixed_nodes(w)[k]), ring[2] = {0};
        double weight = gsl_integration_fixed_weights(w)[k] / (double)angles;
        for (size_t i = 0; i < angles; i++) {
            double t = 2 * M_PI * (double)i / (double)angles;
            jf_row(x, i)[0] = (real)(x0[0] + s * cos(t));
            jf_row(x, i)[1] = (real)(x0[1] + s * sin(t));
        }
        probe_values(p, x, z, ld);
        add_ring(p, x, ld, ld + angles, ring);
        sum += weight * ring[0];
        *lost += weight * ring[1];
    }
    free(ld);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    gsl_integration_fixed_free(w);
    return sum;
}

/* A point's Jacobian by differences of z at rows 4 i .. 4 i + 3: x + h e_i,
 * x - h e_i, x + 2h e_i, x - 2h e_i. */
static void difference_rows(size_t d, const double *x0, double h, jf_matrix x)
{
    static const double shift[4] = {1, -1, 2, -2};
    for (size_t i = 0; i < 4 * d; i++) {
        for (size_t j = 0; j < d; j++)
            jf_row(x, i)[j] = (real)x0[j];
        jf_row(x, i)[i / 4] += (real)(shift[i % 4] * h);
    }
}

static double log_det_of(size_t d, double *a)
{
    double ld;
    if (jf_log_abs_det(d, a, &ld) != GSL_SUCCESS)
        ld = -(double)INFINITY;
    return ld;
}

static double log_det_of_differences(const probe *p, const double *x0)
{
    size_t d = p->f->d;
    jf_matrix x = jf_matrix_new(4 * d, d), z = jf_matrix_new(4 * d, d);
    double a[MAX_D * MAX_D];

    difference_rows(d, x0, VOLUME_STEP, x);
    probe_values(p, x, z, NULL);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            a[i * d + j] = (8 * ((double)jf_row(z, 4 * i)[j] -
                                 (double)jf_row(z, 4 * i + 1)[j]) -
                            ((double)jf_row(z, 4 * i + 2)[j] -
                             (double)jf_row(z, 4 * i + 3)[j])) /
                           (12 * VOLUME_STEP);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    return log_det_of(d, a);
}

/* The mean of |det| over the sphere of radius r by a rule of degree 5 (Stroud
 * 1971, U_n 5-2): +-e_i and (+-e_i +-e_j)/sqrt 2. */
static double over_sphere(const probe *p, const double *x0, double r)
{
    size_t d = p->f->d;
    double n = (double)d, at[MAX_D], axes = 0, pairs = 0;

    memcpy(at, x0, d * sizeof *at);
    for (size_t i = 0; i < d; i++) {
        for (int s = -1; s <= 1; s += 2) {
            at[i] = x0[i] + s * r;
            axes += exp(log_det_of_differences(p, at));
        }
        for (size_t j = 0; j < i; j++)
            for (int s = 0; s < 4; s++) {
                at[i] = x0[i] + (s & 1 ? r : -r) * M_SQRT1_2;
                at[j] = x0[j] + (s & 2 ? r : -r) * M_SQRT1_2;
                pairs += exp(log_det_of_differences(p, at));
                at[j] = x0[j];
            }
        at[i] = x0[i];
    }
    return ((4 - n) / (2 * n) * axes + pairs / n) / (n + 2);
}

/* Over the ball: (d/2) int_0^1 t^{d/2-1} S(r sqrt t) dt, S the sphere's mean,
 * by three Gauss-Jacobi nodes. */
double volume_cubature(const probe *p, const double *x0, double r)
{
    double half = 0.5 * (double)p->f->d, sum = 0;
    gsl_integration_fixed_workspace *w = gsl_integration_fixed_alloc(
        gsl_integration_fixed_jacobi, 3, 0, 1, 0, half - 1);
    for (size_t k = 0; k < 3; k++)
        sum += half * gsl_integration_fixed_weights(w)[k] *
               over_sphere(p, x0, r * sqrt(gsl_integration_fixed_nodes(w)[k]));
    gsl_integration_fixed_free(w);
    return sum;
}

/* The box around the image of the circle; the image of the ball lies inside
 * that of its boundary, f being a homeomorphism.  Between nodes the curve can
 * leave the box of the nodes by O(nodes^-2): hence the margin. */
static void image_box(const probe *p, const double *x0, double r, double low[2],
                      double high[2])
{
    enum { NODES = 512 };
    jf_matrix x = jf_matrix_new(NODES, 2), z = jf_matrix_new(NODES, 2);
    circle(p, x0, r, NODES, x, z);
    for (size_t k = 0; k < 2; k++) {
        low[k] = high[k] = (double)jf_row(z, 0)[k];
        for (size_t i = 1; i < NODES; i++) {
            low[k] = fmin(low[k], (double)jf_row(z, i)[k]);
            high[k] = fmax(high[k], (double)jf_row(z, i)[k]);
        }
        double margin = 0.01 * (high[k] - low[k]);
        low[k] -= margin;
        high[k] += margin;
    }
    jf_matrix_free(&z);
    jf_matrix_free(&x);
}

size_t volume_monte_carlo(const probe *p, const double *x0, double r, size_t n,
                          gsl_rng *rng, double *box)
{
    double low[2], high[2];
    size_t hits = 0;
    jf_matrix z = jf_matrix_new(n, 2);

    image_box(p, x0, r, low, high);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2; k++)
            jf_row(z, i)[k] =
                (real)(low[k] + (high[k] - low[k]) * gsl_rng_uniform(rng));
    if (jf_inverse(p->f, p->theta, z, p->team) != GSL_SUCCESS)
        jf_fail(1, "volume: an inverse did not settle");
    for (size_t i = 0; i < n; i++)
        hits += hypot((double)jf_row(z, i)[0] - x0[0],
                      (double)jf_row(z, i)[1] - x0[1]) < r;
    jf_matrix_free(&z);
    *box = (high[0] - low[0]) * (high[1] - low[1]) / (M_PI * r * r);
    return hits;
}

double volume_parallelepiped(const probe *p, const double *x0, double h,
                             int central)
{
    size_t d = p->f->d;
    jf_matrix x = jf_matrix_new(d + 1 + d, d), z = jf_matrix_new(2 * d + 1, d);
    double a[MAX_D * MAX_D];

    for (size_t i = 0; i < 2 * d + 1; i++)
        for (size_t j = 0; j < d; j++)
            jf_row(x, i)[j] = (real)x0[j];
    for (size_t i = 0; i < d; i++) {
        jf_row(x, i)[i] += (real)h;
        jf_row(x, d + i)[i] -= (real)h;
    }
    probe_values(p, x, z, NULL);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double to = (double)jf_row(z, i)[j];
            double from = (double)jf_row(z, central ? d + i : 2 * d)[j];
            a[i * d + j] = (to - from) / (central ? 2 * h : h);
        }
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    return exp(log_det_of(d, a));
}

/* det(J + h/2 K2) = j (1 + h/2 tr(J^-1 K2) + ...), column i of K2: d_i^2 f; and
 * det(J + h^2/6 K3) alike. */
static double parallelepiped_by(const probe *p, const double *x0, int central,
                                double h, double *scale)
{
    size_t d = p->f->d;
    double trace = 0, unused;
    double jacobian[MAX_D * MAX_D];
    jf_matrix x = jf_matrix_new(4 * d + 1, d), z = jf_matrix_new(4 * d + 1, d);

    difference_rows(d, x0, h, x);
    for (size_t j = 0; j < d; j++)
        jf_row(x, 4 * d)[j] = (real)x0[j];
    probe_values(p, x, z, NULL);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            jacobian[j * d + i] = (8 * ((double)jf_row(z, 4 * i)[j] -
                                        (double)jf_row(z, 4 * i + 1)[j]) -
                                   ((double)jf_row(z, 4 * i + 2)[j] -
                                    (double)jf_row(z, 4 * i + 3)[j])) /
                                  (12 * h);
    if (jf_invert(d, jacobian, &unused) != GSL_SUCCESS)
        trace = (double)NAN;
    *scale = 0;
    for (size_t i = 0; i < d; i++) {
        double term = 0;
        for (size_t j = 0; j < d; j++) {
            double up = (double)jf_row(z, 4 * i)[j];
            double down = (double)jf_row(z, 4 * i + 1)[j];
            double up2 = (double)jf_row(z, 4 * i + 2)[j];
            double down2 = (double)jf_row(z, 4 * i + 3)[j];
            double here = (double)jf_row(z, 4 * d)[j];
            double k = central
                           ? (up2 - down2 - 2 * (up - down)) / (2 * h * h * h)
                           : (16 * (up + down) - up2 - down2 - 30 * here) /
                                 (12 * h * h);
            term += jacobian[i * d + j] * k / (central ? 6 : 2);
        }
        trace += term;
        *scale += fabs(term);
    }
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    return trace;
}

double parallelepiped_coefficient(const probe *p, const double *x0, int central,
                                  double *scale, double *resolved)
{
    double h = central ? THIRD_STEP : SECOND_STEP;
    double coarse = parallelepiped_by(p, x0, central, 2 * h, scale);
    double fine = parallelepiped_by(p, x0, central, h, scale);
    *resolved = fabs(fine - coarse);
    return fine;
}

static double ball_by(const probe *p, const double *x0, double h, double *scale)
{
    size_t d = p->f->d;
    double sum = 0, here = probe_log_abs_det(p, x0);
    double *ld = jf_alloc(4 * d, sizeof *ld);
    jf_matrix x = jf_matrix_new(4 * d, d), z = jf_matrix_new(4 * d, d);

    difference_rows(d, x0, h, x);
    probe_values(p, x, z, ld);
    *scale = 0;
    for (size_t i = 0; i < d; i++) {
        const double *l = ld + 4 * i;
        /* of j / j(x0) - 1: expm1 keeps the digits */
        double second = (16 * (expm1(l[0] - here) + expm1(l[1] - here)) -
                         expm1(l[2] - here) - expm1(l[3] - here)) /
                        (12 * h * h);
        sum += second;
        *scale += fabs(second);
    }
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    free(ld);
    *scale /= 2 * (double)(d + 2);
    return sum / (2 * (double)(d + 2));
}

double ball_coefficient(const probe *p, const double *x0, double *scale,
                        double *resolved)
{
    double coarse = ball_by(p, x0, 2 * SECOND_STEP, scale);
    double fine = ball_by(p, x0, SECOND_STEP, scale);
    *resolved = fabs(fine - coarse);
    return fine;
}
