/* test_latent.c -- the latent densities: mass one, gradient, sampler, support.
 *
 * Masses and entropies come from the trapezoidal rule, which converges
 * geometrically for these integrands; heavy tails go through z = sinh t.
 * Counts of draws stay within 5 standard errors. */
#include <float.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>

#include "check.h"
#include "jf.h"

static const int SINGLE = sizeof(real) == sizeof(float);

static const double weight[3] = {0.5, 0.3, 0.2}, sd[3] = {0.5, 1.0, 0.25};
static const double mean1[3] = {-1.5, 0.5, 2.0};
static const double mean2[6] = {-1.0, 0.5, 1.0, 1.0, 0.0, -1.5};

static double log_q1(const jf_latent *q, double x)
{
    real z = (real)x;
    double value;
    q->log_density(q, jf_const_view(&z, 1, 1), &value, 1.0, (jf_matrix){0});
    return value;
}

/* The integral of q over sinh(low) .. sinh(high), and of -q log q. */
static double mass(const jf_latent *q, double low, double high, double *entropy)
{
    enum { STEPS = 1 << 14 };
    double h = (high - low) / STEPS, sum = 0;
    *entropy = 0;
    for (size_t i = 0; i <= STEPS; i++) {
        double t = low + h * (double)i, value = log_q1(q, sinh(t));
        double w = (i == 0 || i == STEPS ? 0.5 : 1.0) * h * cosh(t);
        if (!isfinite(value))
            continue;
        sum += w * exp(value);
        *entropy -= w * exp(value) * value;
    }
    return sum;
}

/* Mass one and entropy (nats, NaN: not known) in one dimension. */
static void test_mass(const jf_latent *q, double entropy)
{
    double found;
    CHECK_CLOSE(mass(q, -40.0, 40.0, &found), 1.0, SINGLE ? 1e-5 : 1e-12);
    if (!isnan(entropy))
        CHECK_CLOSE(found, entropy, SINGLE ? 3e-5 : 1e-11);
}

static void test_masses(void)
{
    jf_latent normal = jf_normal(), logistic = jf_logistic();
    jf_latent cauchy = jf_student(1.0), student = jf_student(5.0);
    jf_latent mixture = jf_mixture(3, weight, mean1, sd);

    test_mass(&normal, 0.5 * (1.0 + JF_LOG_2PI));
    test_mass(&logistic, 2.0);
    test_mass(&cauchy, log(4.0 * M_PI));
    /* (v + 1)/2 (psi((v + 1)/2) - psi(v/2)) + log(sqrt(v) B(v/2, 1/2)) */
    double psi = 1.5 + 2.0 * M_LN2 - 8.0 / 3.0; /* psi(3) - psi(5/2) */
    test_mass(&student, 3.0 * psi + 0.5 * log(5.0) + lgamma(2.5) + lgamma(0.5) -
                            lgamma(3.0));
    test_mass(&mixture, (double)NAN);
}

/* In two dimensions, on a grid of step 1/32 (exact in float). */
static void test_mass2(const jf_latent *q, double half)
{
    size_t side = (size_t)(64.0 * half);
    jf_matrix z = jf_matrix_new(side, 2);
    double *log_q = calloc(side, sizeof *log_q), sum = 0;
    for (size_t i = 0; i < side; i++) {
        for (size_t j = 0; j < side; j++) {
            jf_row(z, j)[0] = (real)(-half + ((double)i + 0.5) / 32.0);
            jf_row(z, j)[1] = (real)(-half + ((double)j + 0.5) / 32.0);
        }
        q->log_density(q, jf_const(z), log_q, 1.0, (jf_matrix){0});
        for (size_t j = 0; j < side; j++)
            sum += exp(log_q[j]) / 1024.0;
    }
    CHECK_CLOSE(sum, 1.0, 1e-12);
    free(log_q);
    jf_matrix_free(&z);
}

/* d log q / dz against central differences of two steps, extrapolated; scale
 * multiplies; the columns beside are not touched. */
static void test_gradient(const jf_latent *q, size_t d)
{
    enum { N = 40 };
    jf_matrix z = jf_matrix_new(N, d), wide = jf_matrix_new(N, d + 2);
    jf_matrix dz = jf_columns(wide, 1, d);
    double log_q[N], side[4][N], scale = -0.75;
    const double step[4] = {1.0 / 256, -1.0 / 256, 1.0 / 512, -1.0 / 512};

    jf_fill_normal(z, 3, JF_PURPOSE_USER, d);
    for (size_t i = 0; i < N * d; i++) /* a coarse grid: z + step is exact */
        z.data[i] = (real)(round(512.0 * (double)z.data[i]) / 512.0);
    jf_matrix_fill(wide, 7);
    q->log_density(q, jf_const(z), log_q, scale, dz);
    for (size_t j = 0; j < d; j++) {
        for (size_t k = 0; k < 4; k++) {
            jf_matrix moved = jf_matrix_new(N, d);
            jf_matrix_copy(moved, jf_const(z));
            for (size_t i = 0; i < N; i++)
                jf_row(moved, i)[j] += (real)step[k];
            q->log_density(q, jf_const(moved), side[k], 1.0, (jf_matrix){0});
            jf_matrix_free(&moved);
        }
        for (size_t i = 0; i < N; i++) {
            double coarse = (side[0][i] - side[1][i]) * 128.0;
            double fine = (side[2][i] - side[3][i]) * 256.0;
            double expected = scale * (4.0 * fine - coarse) / 3.0;
            CHECK_CLOSE((double)jf_row(dz, i)[j], expected,
                        1e-7 + 8.0 * (double)JF_EPS * (1 + fabs(expected)));
        }
    }
    for (size_t i = 0; i < N; i++)
        CHECK(jf_row(wide, i)[0] == 7 && jf_row(wide, i)[d + 1] == 7);
    jf_matrix_free(&wide);
    jf_matrix_free(&z);
}

/* Draws fall into 24 cells of sinh t as the density says, and the mean of
 * log q is minus the entropy: 5 standard errors. */
static void test_sampler(const jf_latent *q, double low, double high)
{
    enum { N = 100000, CELLS = 24 };
    jf_matrix z = jf_matrix_new(N, 1);
    double *log_q = calloc(N, sizeof *log_q), entropy, unused;
    size_t count[CELLS] = {0};

    jf_latent_sample(q, z, 11, 0);
    for (size_t i = 0; i < N; i++) {
        double t = (asinh((double)z.data[i]) - low) / (high - low);
        if (t >= 0 && t < 1)
            count[(size_t)(t * CELLS)]++;
    }
    for (size_t c = 0; c < CELLS; c++) {
        double a = low + (high - low) * (double)c / CELLS;
        double p = mass(q, a, a + (high - low) / CELLS, &unused);
        double se = sqrt(p * (1 - p) / N) + 1.0 / N;
        CHECK_CLOSE((double)count[c] / N, p, 5.0 * se);
    }
    mass(q, -40.0, 40.0, &entropy);
    q->log_density(q, jf_const(z), log_q, 1.0, (jf_matrix){0});
    double sum = 0, square = 0;
    for (size_t i = 0; i < N; i++) {
        sum += log_q[i] / N;
        square += log_q[i] * log_q[i] / N;
    }
    CHECK_CLOSE(-sum, entropy, 5.0 * sqrt((square - sum * sum) / N));
    free(log_q);
    jf_matrix_free(&z);
}

/* Mean and covariance of the mixture's draws in two dimensions. */
static void test_mixture_moments(void)
{
    enum { N = 100000 };
    jf_latent q = jf_mixture(3, weight, mean2, sd);
    jf_matrix z = jf_matrix_new(N, 2);
    double mean[2] = {0}, product = 0, expected[2] = {0}, cross = 0;

    jf_latent_sample(&q, z, 5, 1);
    for (size_t i = 0; i < N; i++) {
        mean[0] += (double)jf_row(z, i)[0] / N;
        mean[1] += (double)jf_row(z, i)[1] / N;
        product += (double)(jf_row(z, i)[0] * jf_row(z, i)[1]) / N;
    }
    for (size_t k = 0; k < 3; k++) {
        expected[0] += weight[k] * mean2[2 * k];
        expected[1] += weight[k] * mean2[2 * k + 1];
        cross += weight[k] * mean2[2 * k] * mean2[2 * k + 1];
    }
    CHECK_CLOSE(mean[0], expected[0], 5.0 * 1.2 / sqrt(N));
    CHECK_CLOSE(mean[1], expected[1], 5.0 * 1.3 / sqrt(N));
    CHECK_CLOSE(product, cross, 5.0 * 1.8 / sqrt(N));
    jf_matrix_free(&z);
}

/* The box: its density, its edge, its outside. */
static void test_box(void)
{
    jf_latent q = jf_uniform(-0.1, 0.3);
    jf_matrix z = jf_matrix_new(5000, 3), dz = jf_matrix_new(5000, 3);
    double *log_q = calloc(5000, sizeof *log_q), mean = 0;

    jf_latent_sample(&q, z, 2, 0);
    jf_row(z, 1)[0] = (real)-0.1; /* the ends belong to it */
    jf_row(z, 1)[1] = (real)0.3;
    jf_row(z, 2)[2] = R(0.31);
    jf_row(z, 3)[0] = R(-0.11);
    jf_matrix_fill(dz, 9);
    q.log_density(&q, jf_const(z), log_q, 1.0, dz);
    for (size_t i = 0; i < 5000; i++) {
        if (i == 2 || i == 3)
            CHECK(log_q[i] == (double)-INFINITY);
        else
            CHECK_CLOSE(log_q[i], -3.0 * log(0.4), 1e-14);
        for (size_t j = 0; j < 3; j++)
            CHECK(jf_row(dz, i)[j] == 0);
        if (i > 3)
            mean += (double)jf_row(z, i)[1] / 4996;
    }
    CHECK_CLOSE(mean, 0.1, 5.0 * 0.4 / sqrt(12.0 * 4996));
    free(log_q);
    jf_matrix_free(&dz);
    jf_matrix_free(&z);
}

/* A NaN stays one; the far tail is finite or minus infinity, never NaN. */
static void test_extremes(const jf_latent *q, int finite)
{
    real data[4] = {(real)NAN, 0, SINGLE ? R(1e30) : R(1e38), 0}, out[4];
    double log_q[2];
    q->log_density(q, jf_const_view(data, 2, 2), log_q, 1.0,
                   jf_view(out, 2, 2));
    CHECK(isnan(log_q[0]));
    CHECK(finite ? isfinite(log_q[1]) : log_q[1] == (double)-INFINITY);
    CHECK(!isnan(out[2]) && !isnan(out[3]));
}

/* log q and its derivative far out, by 2 log |z| in place of z^2: the powers
 * that double does not have are a float's alone. */
static void test_student_tail(double v)
{
    jf_latent q = jf_student(v);
    double log_q[2], most = SINGLE ? 1e38 : 1e307;
    real z[2] = {0}, slope[2];
    for (double at = SINGLE ? 1e10 : 1e20; at < most; at *= 10) {
        z[1] = (real)-at;
        q.log_density(&q, jf_const_view(z, 2, 1), log_q, 1.0,
                      jf_view(slope, 2, 1));
        double far = fabs((double)z[1]);
        CHECK_CLOSE(log_q[1] - log_q[0],
                    -0.5 * (v + 1) * (2 * log(far) - log(v)),
                    1e-14 * v * log(far));
        CHECK_CLOSE((double)slope[1] * far, v + 1,
                    4 * (v + 1) * (double)JF_EPS);
    }
}

/* Row i is stream (seed, step, i), whatever else is drawn. */
static void test_rows(const jf_latent *q)
{
    jf_matrix few = jf_matrix_new(4, 2), many = jf_matrix_new(9, 2);
    jf_latent_sample(q, few, 1, 7);
    jf_latent_sample(q, many, 1, 7);
    for (size_t i = 0; i < 8; i++)
        CHECK(few.data[i] == many.data[i]);
    jf_latent_sample(q, many, 1, 8);
    CHECK(few.data[0] != many.data[0]);
    jf_matrix_free(&many);
    jf_matrix_free(&few);
}

static void test_refusals(void)
{
    const double bad[3] = {0.5, -0.3, 0.2}, flat[3] = {1.0, 0.0, 1.0};
    for (int k = 0; k < 4; k++) {
        jf_error_clear();
        (void)(k == 0   ? jf_uniform(1.0, 1.0)
               : k == 1 ? jf_student(0.0)
               : k == 2 ? jf_mixture(3, bad, mean1, sd)
                        : jf_mixture(3, weight, mean1, flat));
        CHECK(jf_error_last()->code == GSL_EINVAL);
    }
    jf_error_clear();
    (void)jf_mixture(3, weight, mean1, sd);
    CHECK(jf_error_last()->code == GSL_SUCCESS);
}

int main(void)
{
    jf_latent q[] = {jf_normal(), jf_logistic(), jf_student(1.0),
                     jf_student(5.0), jf_mixture(3, weight, mean1, sd)};
    jf_latent mixture = jf_mixture(3, weight, mean2, sd);
    jf_latent box = jf_uniform(-2.0, 2.0);

    test_masses();
    test_mass2(&mixture, 8.0);
    test_mass2(&q[0], 8.0);
    test_mass2(&box, 4.0);
    for (size_t k = 0; k < 4; k++) {
        test_gradient(&q[k], 1);
        test_gradient(&q[k], 2);
        test_gradient(&q[k], 5);
        test_rows(&q[k]);
        test_extremes(&q[k], 1);
    }
    test_gradient(&q[4], 1);
    test_gradient(&mixture, 2);
    test_rows(&mixture);
    test_rows(&box);
    test_student_tail(5);
    test_student_tail(0.5);
    test_extremes(&mixture, 1);
    test_extremes(&box, 0);
    for (size_t k = 0; k < 5; k++)
        test_sampler(&q[k], -1.8, 2.1);
    test_mixture_moments();
    test_box();
    test_refusals();
    return check_end();
}
