/* test_measure.c -- moments against sums in long double, and the closed forms
 * of the optimum against likelihoods evaluated at the optimum itself. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jf.h"

static jf_team *team;

/* Rows A g + shift, with A a fixed matrix and g normal. */
static jf_matrix correlated(size_t n, size_t d, double shift)
{
    jf_matrix x = jf_matrix_new(n, d);
    jf_fill_normal(x, 7, JF_PURPOSE_USER, n + d);
    for (size_t i = 0; i < n; i++) {
        real *row = jf_row(x, i);
        for (size_t j = d; j-- > 0;) {
            for (size_t k = 0; k < j; k++)
                row[j] += row[k] * (real)(0.3 + 0.1 * (double)k);
            row[j] = row[j] * (real)(1 + j) + (real)(shift * (double)j);
        }
    }
    return x;
}

static void check_sums(jf_matrix x)
{
    size_t d = x.cols;
    jf_moments m;
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS);
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++) {
            long double ma = 0, mb = 0, s = 0, r = 0;
            for (size_t i = 0; i < x.rows; i++) {
                ma += (long double)jf_row(x, i)[a];
                mb += (long double)jf_row(x, i)[b];
                r +=
                    (long double)jf_row(x, i)[a] * (long double)jf_row(x, i)[b];
            }
            ma /= (long double)x.rows;
            mb /= (long double)x.rows;
            for (size_t i = 0; i < x.rows; i++)
                s += ((long double)jf_row(x, i)[a] - ma) *
                     ((long double)jf_row(x, i)[b] - mb);
            double scale = sqrt(m.sigma[a * d + a]) * sqrt(m.sigma[b * d + b]);
            CHECK_CLOSE(m.mean[a], ma, 1e-14 * (1 + fabs(m.mean[a])));
            CHECK_CLOSE(m.sigma[a * d + b], s / (long double)x.rows,
                        1e-13 * scale);
            scale = sqrt(m.r[a * d + a]) * sqrt(m.r[b * d + b]);
            CHECK_CLOSE(m.r[a * d + b], r / (long double)x.rows, 1e-13 * scale);
        }
    jf_moments_free(&m);
}

static void test_sums(void)
{
    jf_matrix x = correlated(5000, 6, 100), wide = correlated(3, 5, 1);
    jf_matrix gaps = jf_columns(x, 1, 3); /* a view whose rows have gaps */
    check_sums(x);
    check_sums(gaps);
    check_sums(wide);
    jf_matrix_free(&wide);
    jf_matrix_free(&x);
}

/* Eigenvalues of the covariance by one-sided Jacobi on the centred table in long
 * double, whose columns may have any scale. */
static void long_eigenvalues(size_t n, size_t d, const long double *x,
                             long double *lambda)
{
    long double *a = malloc(n * d * sizeof *a);
    for (size_t j = 0; j < d; j++) {
        long double mean = 0;
        for (size_t i = 0; i < n; i++)
            mean += x[i * d + j] / (long double)n;
        for (size_t i = 0; i < n; i++)
            a[i * d + j] = x[i * d + j] - mean;
    }
    for (int sweep = 0; sweep < 40; sweep++)
        for (size_t p = 0; p < d; p++)
            for (size_t q = p + 1; q < d; q++) {
                long double pp = 0, qq = 0, pq = 0;
                for (size_t i = 0; i < n; i++) {
                    pp += a[i * d + p] * a[i * d + p];
                    qq += a[i * d + q] * a[i * d + q];
                    pq += a[i * d + p] * a[i * d + q];
                }
                if (pq == 0)
                    continue;
                long double z = (qq - pp) / (2 * pq);
                long double t =
                    (z < 0 ? -1 : 1) / (fabsl(z) + sqrtl(1 + z * z));
                long double c = 1 / sqrtl(1 + t * t), s = c * t;
                for (size_t i = 0; i < n; i++) {
                    long double u = a[i * d + p], v = a[i * d + q];
                    a[i * d + p] = c * u - s * v;
                    a[i * d + q] = s * u + c * v;
                }
            }
    for (size_t j = 0; j < d; j++) {
        lambda[j] = 0;
        for (size_t i = 0; i < n; i++)
            lambda[j] += a[i * d + j] * a[i * d + j] / (long double)n;
        for (size_t k = j; k > 0 && lambda[k] > lambda[k - 1]; k--) {
            long double keep = lambda[k];
            lambda[k] = lambda[k - 1];
            lambda[k - 1] = keep;
        }
    }
    free(a);
}

/* The largest relative error of an eigenvalue over the stated bound, of the
 * same table with its columns in four orders, among them graded ones. */
static double graded_excess(size_t n, size_t d, unsigned long seed)
{
    enum { MAX = 8 };
    jf_matrix x = jf_matrix_new(n, d), y = jf_matrix_new(n, d);
    double scale[MAX], worst = 0, decades = sizeof(real) == 8 ? 24 : 12;
    long double *wide = malloc(n * d * sizeof *wide), lambda[MAX];
    jf_fill_normal(x, seed, JF_PURPOSE_USER, 11);
    for (size_t j = 0; j < d; j++) { /* correlated, then graded downwards */
        scale[j] = pow(10, -decades * (double)j / (double)(d - 1));
        for (size_t i = 0; i < n; i++)
            jf_row(x, i)[j] += (j ? R(0.8) * jf_row(x, i)[j - 1] : 0) + 1;
    }
    for (size_t order = 0; order < 4; order++) {
        jf_moments m;
        for (size_t j = 0; j < d; j++) {
            size_t from = order == 0   ? j
                          : order == 1 ? d - 1 - j
                                       : (3 * j + order) % d;
            for (size_t i = 0; i < n; i++) {
                jf_row(y, i)[j] =
                    (real)((double)jf_row(x, i)[from] * scale[from]);
                wide[i * d + j] = (long double)jf_row(y, i)[j];
            }
        }
        long_eigenvalues(n, d, wide, lambda);
        CHECK(jf_moments_of(jf_const(y), &m, team) == GSL_SUCCESS &&
              m.rank == d);
        for (size_t j = 0; j < d; j++) {
            double error =
                (double)fabsl((long double)m.lambda_sigma[j] / lambda[j] - 1);
            worst = fmax(worst, error / m.relative_error);
        }
        CHECK(m.relative_error < 1e-11);
        jf_moments_free(&m);
    }
    free(wide);
    jf_matrix_free(&y);
    jf_matrix_free(&x);
    return worst;
}

/* Scales from 1 to 1e-24, in any order, cost no digits.  Rounding of the size that
 * general singular values may make, a unit of the norm in one entry, costs all of
 * them; whether a library's do depends on its version and on the processor. */
static void test_graded(void)
{
    for (unsigned long seed = 1; seed <= 20; seed++)
        CHECK(graded_excess(12 + seed, 7, seed) < 1);
    double up[] = {1, .4, .3, .4, 1, .5, .3, .5, 1}, sigma[3], copy[9];
    for (size_t k = 0; k < 9; k++) /* det = .62 before */
        up[k] *= pow(10, -11.0 * (double)(2 - k % 3));
    memcpy(copy, up, sizeof up);
    CHECK(jf_singular_values_relative(3, copy, sigma) == GSL_SUCCESS);
    CHECK_CLOSE(sigma[0] * sigma[1] * sigma[2] / 0.62e-33, 1, 1e-14);
    memcpy(copy, up, sizeof up);
    copy[0] += 0x1p-53;
    CHECK(jf_singular_values_relative(3, copy, sigma) == GSL_SUCCESS);
    CHECK(!(fabs(sigma[0] * sigma[1] * sigma[2] / 0.62e-33 - 1) < 1e-6));
}

/* The same bytes for one thread and for four. */
static void test_threads(void)
{
    jf_matrix x = correlated(20000, 9, 3);
    jf_team *four = jf_team_new(4);
    jf_moments a, b;
    CHECK(jf_moments_of(jf_const(x), &a, team) == GSL_SUCCESS);
    CHECK(jf_moments_of(jf_const(x), &b, four) == GSL_SUCCESS);
    CHECK(memcmp(a.sigma, b.sigma, 81 * sizeof *a.sigma) == 0);
    CHECK(memcmp(a.r, b.r, 81 * sizeof *a.r) == 0);
    CHECK(memcmp(a.lambda_r, b.lambda_r, 9 * sizeof *a.r) == 0);
    jf_moments_free(&b);
    jf_moments_free(&a);
    jf_team_free(four);
    jf_matrix_free(&x);
}

/* Columns 0 .. d - 1 with a constant and a copy among them. */
static void test_rank(void)
{
    jf_matrix x = correlated(400, 6, 1e6);
    jf_moments m;
    for (size_t i = 0; i < x.rows; i++) {
        jf_row(x, i)[2] = R(1234567.0);
        jf_row(x, i)[5] = jf_row(x, i)[3];
    }
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS);
    CHECK(m.rank == 4);
    CHECK(m.rank_r == 5); /* the constant is no longer lost */
    CHECK(m.mean[2] == 1234567.0 && m.sigma[2 * 6 + 2] == 0);
    CHECK(m.lambda_sigma[3] > 0 && m.lambda_sigma[4] == 0);
    CHECK(isinf(jf_eig(6, m.lambda_sigma)) && jf_eig(6, m.lambda_sigma) > 0);
    CHECK(isinf(jf_eig_log_det(6, m.log_det_sigma)));
    CHECK(isnan(jf_bias_cost(&m)));
    jf_moments_free(&m);

    jf_matrix few = jf_rows(x, 0, 3), one = jf_rows(x, 0, 1);
    few = jf_columns(few, 0, 2);
    CHECK(jf_moments_of(jf_const(few), &m, team) == GSL_SUCCESS && m.rank == 2);
    jf_moments_free(&m);
    CHECK(jf_moments_of(jf_const(jf_rows(x, 0, 3)), &m, team) == GSL_SUCCESS);
    CHECK(m.rank == 2); /* n < d: n - 1 */
    jf_moments_free(&m);
    CHECK(jf_moments_of(jf_const(one), &m, team) == GSL_SUCCESS && m.rank == 0);
    jf_moments_free(&m);
    jf_matrix_free(&x);
}

/* Columns a part of 2^-42 apart are two: 18 times what the tolerance says. */
static void test_near(void)
{
    enum { N = 64 };
    jf_moments m;
    if (sizeof(real) == sizeof(float)) /* has no such numbers */
        return;
    jf_matrix x = jf_matrix_new(N, 2);
    for (size_t i = 0; i < N; i++) {
        jf_row(x, i)[0] = i % 2 ? 1 : -1;
        jf_row(x, i)[1] = jf_row(x, i)[0] + (real)(i / 2 % 2 ? 0x1p-42 : 0);
    }
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS && m.rank == 2);
    jf_moments_free(&m);
    for (size_t i = 0; i < N; i++)
        jf_row(x, i)[1] = jf_row(x, i)[0] + (real)(i / 2 % 2 ? 0x1p-52 : 0);
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS && m.rank == 1);
    jf_moments_free(&m);
    jf_matrix_free(&x);
}

/* By hand. */
static void test_sample(void)
{
    const double v[4] = {1, 2, 4, 9};
    jf_sample_moments s = jf_sample_of(4, v);
    CHECK_CLOSE(s.mean, 4, 1e-15);
    CHECK_CLOSE(s.variance, 38.0 / 3, 1e-14);
    CHECK_CLOSE(s.se, sqrt(38.0 / 12), 1e-15);
    CHECK_CLOSE(s.se_variance, sqrt((722.0 / 4 - 1444.0 / 9) / 4), 1e-14);
    CHECK(isnan(jf_sample_of(1, v).se));
}

/* Units from 1e-9 to 1e9 change neither rank nor the standardised optimum. */
static void test_units(void)
{
    jf_matrix x = correlated(300, 5, 0);
    jf_moments m, scaled;
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS);
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < 5; j++)
            jf_row(x, i)[j] *= (real)pow(2, 15.0 * (double)j - 30);
    CHECK(jf_moments_of(jf_const(x), &scaled, team) == GSL_SUCCESS);
    CHECK(scaled.rank == 5);
    CHECK_CLOSE(jf_standardised(&scaled), jf_standardised(&m), 1e-12);
    CHECK_CLOSE(scaled.log_det_sigma, m.log_det_sigma, 1e-12);
    jf_moments_free(&scaled);
    jf_moments_free(&m);
    jf_matrix_free(&x);
}

static void test_refusals(void)
{
    jf_matrix x = jf_matrix_new(4, 2);
    jf_moments m;
    CHECK(jf_moments_of(jf_const(jf_rows(x, 0, 0)), &m, team) == GSL_EBADLEN);
    jf_row(x, 2)[1] = (real)NAN;
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_EDOM);
    jf_matrix_free(&x);
}

/* Rows made from moments have these moments; the log-determinant survives a
 * condition number of 1e12 of the covariance. */
static void test_rows(void)
{
    enum { D = 8 };
    jf_moments m, again;
    jf_matrix x = correlated(200, D, 1), rows = jf_matrix_new(D + 1, D);
    double tolerance = 100 * (double)JF_EPS;

    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS);
    for (size_t i = 0; i < D && sizeof(real) == sizeof(double); i++)
        for (size_t j = i; j < D; j++) /* small rows hide in a mixed triangle */
            m.t_sigma[i * D + j] *= pow(10, -6.0 * (double)i / (D - 1));
    double log_det = 0;
    for (size_t i = 0; i < D; i++)
        log_det += 2 * log(fabs(m.t_sigma[i * D + i]));
    jf_moments_rows(&m, rows);
    CHECK(jf_moments_of(jf_const(rows), &again, team) == GSL_SUCCESS);
    CHECK_CLOSE(again.log_det_sigma, log_det,
                sizeof(real) == sizeof(double) ? 1e-9 : 1e-3);
    CHECK_CLOSE(jf_eig(D, again.lambda_sigma), jf_eig_log_det(D, log_det),
                sizeof(real) == sizeof(double) ? 1e-9 : 1e-3);
    for (size_t j = 0; j < D; j++)
        CHECK_CLOSE(again.mean[j], m.mean[j],
                    tolerance * (fabs(m.mean[j]) + sqrt(m.sigma[j * D + j])));
    jf_moments_free(&again);
    jf_moments_free(&m);
    jf_matrix_free(&rows);
    jf_matrix_free(&x);
}

/* log-likelihood of z = W x, E xx' = S, W = diag(w). */
static double diagonal_nats(size_t d, const double *s, const double *w)
{
    double value = 0;
    for (size_t i = 0; i < d; i++)
        value += log(w[i]) - 0.5 * (JF_LOG_2PI + w[i] * w[i] * s[i * d + i]);
    return value;
}

static void test_gaps(void)
{
    enum { D = 6 };
    jf_matrix x = correlated(500, D, 0.2);
    jf_moments m;
    double w[D], best, eig, trace = 0, g;

    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS);
    const double *s = m.r, *lambda = m.lambda_r;
    eig = jf_eig(D, lambda);
    CHECK_CLOSE(eig, jf_eig_log_det(D, m.log_det_r), 1e-12 * fabs(eig));
    for (size_t i = 0; i < D; i++)
        w[i] = 1 / sqrt(s[i * D + i]);
    CHECK_CLOSE(jf_gap_diagonal(D, s, lambda), eig - diagonal_nats(D, s, w),
                1e-11);
    for (size_t i = 0; i < D; i++)
        trace += s[i * D + i];
    for (size_t i = 0; i < D; i++)
        w[i] = sqrt(D / trace);
    CHECK_CLOSE(jf_gap_scalar(D, lambda), eig - diagonal_nats(D, s, w), 1e-11);
    /* |det W| = 1: W S W' = g I, tr = D g, log det 0. */
    g = exp(m.log_det_r / D);
    best = -0.5 * D * (JF_LOG_2PI + g);
    CHECK_CLOSE(jf_gap_special(D, lambda), eig - best, 1e-10);
    jf_moments_free(&m);
    jf_matrix_free(&x);
}

/* I (x) V sees each position as a sample of its own, hence the linear optimum of
 * the table with positions x n rows. */
static void test_shared(void)
{
    enum { N = 300, POSITIONS = 3, C = 2, D = POSITIONS * C };
    jf_matrix x = correlated(N, D, 0.1);
    jf_moments m, position;
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS);
    CHECK(jf_moments_of(jf_const_view(x.data, N * POSITIONS, C), &position,
                        team) == GSL_SUCCESS);
    double best = POSITIONS * jf_eig(C, position.lambda_r);
    CHECK_CLOSE(jf_gap_shared(D, C, m.r, m.lambda_r),
                jf_eig(D, m.lambda_r) - best, 1e-10);
    CHECK_CLOSE(jf_bias_cost(&m),
                jf_eig(D, m.lambda_sigma) - jf_eig(D, m.lambda_r), 1e-11);
    jf_moments_free(&position);
    jf_moments_free(&m);
    jf_matrix_free(&x);
}

/* The largest entry of |w s w' - c I| / c, c = (det s)^(1/d). */
static double off_scalar(size_t d, const double *s, const double *w)
{
    enum { MOST = 9 };
    double half[MOST * MOST], all[MOST * MOST], log_det, worst = 0;
    memcpy(all, s, d * d * sizeof *s);
    CHECK(jf_log_abs_det(d, all, &log_det) == GSL_SUCCESS);
    jf_dgemm(JF_NN, d, d, d, exp(-log_det / (double)d), w, s, 0, half);
    jf_dgemm(JF_NT, d, d, d, 1, half, w, 0, all);
    for (size_t i = 0; i < d * d; i++)
        worst = jf_worse(worst, fabs(all[i] - (i % (d + 1) == 0)));
    return worst;
}

/* Two laws of which the gaps are known, for odd d with t_1 > 1 and t_q < 1; and
 * random ones, each half scaled so that both cases come up. */
static void test_shears(void)
{
    static const double s3[9] = {.25, 0, 0, 0, 2, 0, 0, 0, 2};
    static const double gap3[6] = {.52246, .52246, .52246, .19400, .19400, 0};
    static const double gap5[6] = {.91677, .91677, .08622, .08457, 0, 0};
    static const double l5[5] = {4, 4, .8, .7, .6};
    double s5[25] = {0}, w[81], log_det;
    size_t count, counts[6] = {0};

    for (size_t i = 0; i < 5; i++)
        s5[i * 6] = l5[i];
    for (size_t k = 0; k < 6; k++) {
        CHECK_CLOSE(jf_gap_shears(3, k, s3), gap3[k], 5e-6);
        CHECK_CLOSE(jf_gap_shears(5, k, s5), gap5[k], 5e-6);
    }
    CHECK(jf_shears(3, s3, w, &count) == GSL_SUCCESS && count == 5);
    CHECK(off_scalar(3, s3, w) < 1e-13);
    CHECK(jf_shears(5, s5, w, &count) == GSL_SUCCESS && count == 4);
    CHECK(off_scalar(5, s5, w) < 1e-13);
    for (size_t d = 1; d <= 9; d++)
        for (int k = -1; k <= 1; k++) {
            jf_matrix x = correlated(100, d, 0.1);
            jf_moments m;
            for (size_t i = 0; i < x.rows; i++)
                for (size_t j = 0; j < d / 2; j++)
                    jf_row(x, i)[j] *= (real)pow(1000, k);
            CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS);
            CHECK(jf_shears(d, m.sigma, w, &count) == GSL_SUCCESS);
            counts[count]++;
            CHECK(off_scalar(d, m.sigma, w) <
                  1e-13 * m.lambda_sigma[0] / m.lambda_sigma[d - 1]);
            CHECK(jf_log_abs_det(d, w, &log_det) == GSL_SUCCESS);
            CHECK_CLOSE(log_det, 0, 1e-11);
            CHECK_CLOSE(jf_gap_shears(d, count, m.sigma), 0, 1e-12);
            CHECK(count < 4 || jf_gap_shears(d, count - 1, m.sigma) > 1e-6);
            CHECK_CLOSE(jf_gap_shears(d, 0, m.sigma),
                        jf_gap_scalar(d, m.lambda_sigma), 1e-10);
            jf_moments_free(&m);
            jf_matrix_free(&x);
        }
    CHECK(counts[3] > 0 && counts[4] > 0 && counts[5] > 0);
    CHECK(isnan(jf_gap_shears(2, 1, (double[]){1, 2, 2, 1})));
    CHECK(jf_shears(2, (double[]){1, 2, 2, 1}, w, &count) == GSL_ESING);
}

static void test_ppca(void)
{
    enum { D = 6 };
    static const double lambda[D] = {5, 3, 1.2, .7, .3, .1};
    static const double gap[D] = {2.107584, 1.436822, .733685,
                                  .426663,  .143841,  0};
    for (size_t q = 0; q < D; q++) {
        double noise = jf_ppca_noise(D, lambda, q), value = 0;
        for (size_t i = 0; i < D; i++) { /* E log N(x; 0, diag(model)) */
            double model = i < q ? lambda[i] : noise;
            value -= 0.5 * (JF_LOG_2PI + log(model) + lambda[i] / model);
        }
        CHECK_CLOSE(jf_ppca(D, lambda, q), value, 1e-13);
        CHECK_CLOSE(jf_ppca_gap(D, lambda, q), gap[q], 5e-7);
        CHECK_CLOSE(jf_ppca_gap(D, lambda, q), jf_eig(D, lambda) - value,
                    1e-13);
    }
    CHECK_CLOSE(jf_ppca(D, lambda, 2), -8.7608858234, 5e-11);
}

/* Numbers of C2.8, C3.4, C3.5, C3.9 and C3.11 in theory/theory.md. */
static void test_constants(void)
{
    static const size_t dims[] = {1, 3, 8, 64, 1024};
    static const double uniform[] = {0.17649, 0.41025, 0.74030, 1.66972,
                                     3.03924};
    CHECK_CLOSE(jf_sample_gap(5, 20, 1), 1.538461538461538, 1e-14);
    CHECK_CLOSE(jf_sample_gap(5, 20, 0), 1.071428571428571, 1e-14);
    CHECK_CLOSE(jf_sample_square(5, 20), 8.076923076923077, 1e-14);
    CHECK_CLOSE(jf_log_det_bias(5, 20), -1.13206, 5e-6);
    CHECK_CLOSE(jf_log_det_variance(5, 20), 0.6291, 5e-5);
    CHECK(isnan(jf_sample_gap(5, 7, 1)) && !isnan(jf_sample_gap(5, 8, 1)));
    CHECK(isnan(jf_sample_gap(5, 6, 0)) && !isnan(jf_sample_gap(5, 7, 0)));
    CHECK(isnan(jf_log_det_bias(5, 5)) && isnan(jf_log_det_variance(5, 5)));
    CHECK_CLOSE(jf_point(4, 9, 0.01), 0.13283, 5e-6);
    CHECK_CLOSE(jf_uniform_gap(2), 1 - log(2.0), 1e-14);
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++)
        CHECK_CLOSE(jf_uniform_gap(dims[i]), uniform[i], 5e-6);
    /* Exp(1)^2: E |X*|^2 = 3 / pi; banana: 2. */
    CHECK_CLOSE(jf_constant_det(2, 3 / M_PI), -(1 + log(3.0)), 1e-14);
    CHECK_CLOSE(jf_constant_det(2, 2), -log(2 * M_PI * M_E), 1e-14);
    /* N(0, I): direction uniform on the sphere, E r^2 = d. */
    CHECK_CLOSE(jf_homogeneous(3, log(4 * M_PI), log(3.0)),
                -1.5 * log(2 * M_PI * M_E), 1e-13);
    /* Density (1 + .6 cos t) / 2 pi, E[r^2 | t] = 3 (1 + .3 sin t)^2. */
    double h = log(2 * M_PI), log_square = log(3.0);
    for (size_t k = 0; k < 1000; k++) {
        double t = 2 * M_PI * (double)k / 1000, p = 1 + 0.6 * cos(t);
        h -= p * log(p) / 1000;
        log_square += 2 * p * log1p(0.3 * sin(t)) / 1000;
    }
    CHECK_CLOSE(jf_homogeneous(2, h, log_square), -3.102103, 5e-7);
}

/* Values computed elsewhere from the shipped tables, by the eigenvalues of the
 * covariance in double, which leaves an error of about 1e-11. */
static void test_tables(void)
{
    static const struct {
        const char *name;
        double sigma, r, standardised;
    } expected[] = {
        {"iris", -2.53276420081514, -4.97079430151133, -3.26840143239822},
        {"wine", -18.7137624302633, -21.9751654557800, -14.6134730670465},
        {"diabetes", -27.8616682456515, -31.1269420195334, 0},
        {"breast-cancer", 32.5129438885685, 28.7465815336133, -7.2446853041226},
    };
    double relative = sizeof(real) == sizeof(double) ? 1e-9 : 1e-3;

    for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
        jf_dataset data;
        jf_moments m;
        CHECK(jf_data_load(expected[k].name, NULL, 1, &data) == GSL_SUCCESS);
        CHECK(jf_moments_of(jf_const(data.x), &m, team) == GSL_SUCCESS);
        CHECK(m.rank == m.d && m.rank_r == m.d);
        CHECK_CLOSE(jf_eig(m.d, m.lambda_sigma), expected[k].sigma,
                    relative * fabs(expected[k].sigma));
        CHECK_CLOSE(jf_eig_log_det(m.d, m.log_det_sigma), expected[k].sigma,
                    relative * fabs(expected[k].sigma));
        CHECK_CLOSE(jf_eig_log_det(m.d, m.log_det_r), expected[k].r,
                    relative * fabs(expected[k].r));
        CHECK_CLOSE(jf_bias_cost(&m), expected[k].sigma - expected[k].r,
                    relative * fabs(expected[k].sigma));
        if (expected[k].standardised != 0)
            CHECK_CLOSE(jf_standardised(&m), expected[k].standardised,
                        relative * fabs(expected[k].standardised));
        jf_moments_free(&m);
        jf_data_free(&data);
    }
}

/* EIG(R) is by R's triangle where the covariance is singular, and agrees with it
 * where the mean is near 0; far from 0 it is that of the moments, which are
 * known: Sigma = diag(1, 4, 16), mu = c (1, 1, 1). */
static void test_without_bias(void)
{
    enum { N = 8, D = 3 };
    jf_matrix x = correlated(400, D, 0.2), cube = jf_matrix_new(N, D);
    jf_moments m;
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS);
    CHECK_CLOSE(jf_eig_without_bias(&m), jf_eig_log_det(D, m.log_det_r), 1e-12);
    jf_moments_free(&m);
    for (size_t i = 0; i < x.rows; i++)
        jf_row(x, i)[2] = R(5.0);
    CHECK(jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS && m.rank == 2);
    CHECK(jf_eig_without_bias(&m) == jf_eig_log_det(D, m.log_det_r));
    CHECK(isfinite(m.log_det_r));
    jf_moments_free(&m);

    /* whole numbers that either precision holds */
    double c = sizeof(real) == sizeof(double) ? 1e15 : 1e7;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < D; j++)
            jf_row(cube, i)[j] =
                (real)(c + (i >> j & 1 ? -1 : 1) * (double)(1 << j));
    CHECK(jf_moments_of(jf_const(cube), &m, team) == GSL_SUCCESS);
    CHECK(m.rank == D);
    double log_det = 6 * M_LN2 + log1p(c * c * (1 + 1.0 / 4 + 1.0 / 16));
    CHECK_CLOSE(jf_eig_without_bias(&m), jf_eig_log_det(D, log_det), 1e-12);
    if (sizeof(real) == sizeof(double)) /* and not by the triangle */
        CHECK(isinf(jf_eig_log_det(D, m.log_det_r)));
    jf_moments_free(&m);
    jf_matrix_free(&cube);
    jf_matrix_free(&x);
}

/* Whole numbers: rank 61 of 64, and Sigma + I / 12 in bits per dimension. */
static void test_digits(void)
{
    jf_dataset data;
    jf_moments m;
    double lambda[64];
    CHECK(jf_data_load("digits", NULL, 1, &data) == GSL_SUCCESS);
    CHECK(jf_moments_of(jf_const(data.x), &m, team) == GSL_SUCCESS);
    CHECK(m.d == 64 && m.rank == 61);
    for (size_t i = 0; i < 64; i++)
        lambda[i] = m.lambda_sigma[i] + 1.0 / 12;
    CHECK_CLOSE(jf_eig(64, lambda), -129.401024670296, 1e-9 * 129);
    CHECK_CLOSE(jf_bits_per_dim(jf_eig(64, lambda), 64, 0), 2.91697213402791,
                1e-9);
    jf_moments_free(&m);
    jf_data_free(&data);
}

/* A dense map at its optimum has the eigenvalues l_i + l_j, i <= j, and zeros.
 * Rounding is about u^(2/3) of the largest, 50 times that is allowed. */
static void check_spectrum(const jf_hessian *h, const double *expected)
{
    size_t n = h->f->module.n_params;
    double a[81], lambda[9], v[9], hv[9], top[9], worst, quotient = 0;
    double tolerance = 50 * pow((double)JF_EPS, 2.0 / 3) * expected[0];
    jf_extremes ends;
    CHECK(jf_hessian_dense(h, a, &worst) == GSL_SUCCESS);
    CHECK(worst < tolerance);
    for (size_t i = 0; i < n; i++)
        v[i] = 3.0 + (double)i;
    CHECK(jf_hessian_times(h, v, hv) == GSL_SUCCESS);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            hv[i] -= a[i * n + j] * v[j];
        CHECK_CLOSE(hv[i], 0, 21 * tolerance);
    }
    CHECK(jf_hessian_extremes(h, 5, n, tolerance / expected[0], &ends, top) ==
          GSL_SUCCESS);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            quotient += top[i] * a[i * n + j] * top[j];
    CHECK(jf_eigen_symmetric(n, a, lambda, 0) == GSL_SUCCESS);
    for (size_t i = 0; i < n; i++)
        CHECK_CLOSE(lambda[i], expected[i], tolerance);
    CHECK_CLOSE(ends.largest, expected[0], tolerance);
    CHECK_CLOSE(ends.smallest, expected[n - 1], tolerance);
    CHECK_CLOSE(quotient, expected[0], tolerance);
    CHECK(ends.residual <= tolerance);
}

static void test_hessian(void)
{
    enum { D = 3 };
    static const double expected[] = {18, 13, 10, 8, 5, 2, 0, 0, 0};
    jf_layer *f = jf_dense(D);
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(2 * D, D); /* covariance diag(9, 4, 1) */
    real theta[9] = {R(1.0) / 3, 0, 0, 0, R(0.5), 0, 0, 0, 1};
    double zero[9] = {0}, hv[9];
    jf_hessian h = {f, &q, theta, jf_const(x), team, 0};
    jf_extremes ends;
    for (size_t i = 0; i < D; i++) {
        jf_row(x, 2 * i)[i] = (real)((3 - (double)i) * sqrt(3));
        jf_row(x, 2 * i + 1)[i] = -jf_row(x, 2 * i)[i];
    }
    check_spectrum(&h, expected);
    CHECK(jf_hessian_extremes(&h, 5, 2, 1e-3, &ends, NULL) == GSL_EMAXITER);
    CHECK(ends.products == 2 && ends.largest < 18.1 && ends.largest > 9);
    double nearest = (double)INFINITY; /* the residual bounds the distance */
    for (size_t i = 0; i < 9; i++)
        nearest = fmin(nearest, fabs(ends.largest - expected[i]));
    CHECK(nearest > 0 && nearest <= ends.residual && ends.residual < 18);
    CHECK(jf_hessian_times(&h, zero, hv) == GSL_EINVAL);
    jf_matrix_free(&x);
    jf_layer_free(f);
}

/* A v of a diagonal A: log det (I + A) is known. */
static void diagonal(const void *arg, const double *v, double *av)
{
    const double *a = arg;
    for (size_t i = 0; i < 3; i++)
        av[i] = a[i] * v[i];
}

static void test_series(void)
{
    enum { DRAWS = 100000 };
    const double a[3] = {0.6, 0.5, 0.6};
    double exact = 2 * log1p(0.6) + log1p(0.5);
    double *draws = jf_alloc(DRAWS, sizeof *draws);
    gsl_rng *rng = jf_stream_new();
    for (size_t n = 1; n <= 60; n++)
        CHECK(fabs(jf_series_truncated(3, diagonal, a, n) - exact) <=
              jf_series_bias(3, 0.6, n) + 1e-15);
    CHECK_CLOSE(jf_series_truncated(3, diagonal, a, 100), exact, 1e-14);
    /* what is left for A = -c I, all terms of one sign, comes close to it */
    for (size_t n = 1; n <= 200; n++) {
        double left = 0;
        for (double k = 200; k > 0; k--)
            left += 3 * pow(0.6, (double)n + k) / ((double)n + k);
        double bound = jf_series_bias(3, 0.6, n), late = (double)n + 1;
        CHECK(left <= bound * (1 + 1e-13));
        CHECK(left >= bound * (1 - 1.5 / late)); /* 1 - c / (1 - c) / late */
    }
    for (size_t i = 0; i < DRAWS; i++)
        draws[i] = jf_series_roulette(3, diagonal, a, 0.8, rng);
    jf_sample_moments m = jf_sample_of(DRAWS, draws);
    CHECK(jf_in_errors(m.mean, exact, m.se) <= 5);
    free(draws);
    gsl_rng_free(rng);
}

int main(void)
{
    team = jf_team_new(1);
    test_sums();
    test_graded();
    test_threads();
    test_rank();
    test_near();
    test_sample();
    test_units();
    test_refusals();
    test_rows();
    test_gaps();
    test_shared();
    test_shears();
    test_ppca();
    test_constants();
    test_tables();
    test_without_bias();
    test_digits();
    test_hessian();
    jf_team_free(team);
    test_series();
    return check_end();
}
