/* test_linalg.c -- which BLAS is linked, and what comes of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cblas.h>

#include "base/clones.h"
#include "check.h"
#include "jf.h"
#include "linalg/multiply.h"

int openblas_get_num_threads(void);

/* OpenBLAS serves CBLAS, also for GSL, and runs on one thread. */
static void test_which(void)
{
    Dl_info info = {0};
    CHECK(dladdr((void *)(size_t)&cblas_dgemm, &info) != 0);
    CHECK(info.dli_fname && strstr(info.dli_fname, "openblas"));
    CHECK(dlsym(RTLD_DEFAULT, "openblas_get_num_threads") != NULL);
    CHECK(openblas_get_num_threads() == 1);
}

static jf_matrix random_matrix(size_t rows, size_t cols, unsigned long step)
{
    jf_matrix m = jf_matrix_new(rows, cols);
    jf_fill_normal(m, 5, JF_PURPOSE_USER, step);
    return m;
}

/* c := alpha op(a) op(b) + beta c. */
static void test_gemm(real alpha, real beta)
{
    for (int t = 0; t < 4 * 64; t++) { /* all shapes, thin ones too */
        size_t m = 1 + (size_t)(t / 4 % 4) * 2,
               n = 1 + (size_t)(t / 16 % 4) * 2;
        size_t k = t / 64 == 0 ? 1 : t / 64 == 1 ? 2 : t / 64 == 2 ? 9 : 40;
        m -= m == 3, n -= n == 3; /* 1, 2, 5, 7 */
        n += n == 7 ? 16 : 0;     /* more than a vector */
        jf_matrix a = t & 1 ? random_matrix(k, m, 1) : random_matrix(m, k, 1);
        jf_matrix b = t & 2 ? random_matrix(n, k, 2) : random_matrix(k, n, 2);
        jf_matrix wide = random_matrix(m, n + 2, 3), c = jf_columns(wide, 1, n);
        jf_matrix old = random_matrix(m, n + 2, 3);
        double worst = 0;
        jf_gemm(t & 1 ? JF_TRANSPOSED : JF_PLAIN,
                t & 2 ? JF_TRANSPOSED : JF_PLAIN, alpha, jf_const(a),
                jf_const(b), beta, c);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                double sum = (double)beta * (double)jf_row(old, i)[j + 1];
                for (size_t l = 0; l < k; l++)
                    sum += (double)alpha *
                           (double)(t & 1 ? jf_row(a, l)[i] : jf_row(a, i)[l]) *
                           (double)(t & 2 ? jf_row(b, j)[l] : jf_row(b, l)[j]);
                worst = fmax(worst, fabs(sum - (double)jf_row(c, i)[j]));
            }
        CHECK(worst < 200 * (double)JF_EPS);
        CHECK(jf_row(wide, 0)[0] == jf_row(old, 0)[0] &&
              jf_row(wide, m - 1)[n + 1] == jf_row(old, m - 1)[n + 1]);
        jf_matrix_free(&old);
        jf_matrix_free(&wide);
        jf_matrix_free(&b);
        jf_matrix_free(&a);
    }
}

/* More than a block of the depth, of rows and of columns, by each vector
 * length: entries have the bytes that they have as a product of their own row,
 * and bias and floor come last. */
static void test_multiply(int bytes, size_t n, jf_op op_a, jf_op op_b, int add)
{
    enum { M = 515, K = 300 };
    jf_vector_bytes = bytes;
    jf_matrix a = op_a == JF_PLAIN ? random_matrix(M, K + 3, 1)
                                   : random_matrix(K, M + 3, 1);
    jf_matrix b = op_b == JF_PLAIN ? random_matrix(K, n + 3, 2)
                                   : random_matrix(n, K + 3, 2);
    jf_matrix wide = random_matrix(M, n + 2, 3), c = jf_columns(wide, 1, n);
    jf_matrix old = random_matrix(M, n + 2, 3), bias = random_matrix(1, n, 4);
    jf_matrix row = jf_matrix_new(1, n);
    a = jf_columns(a, 0, op_a == JF_PLAIN ? K : M);
    b = jf_columns(b, 0, op_b == JF_PLAIN ? n : K);
    jf_multiplication f = {.op_a = op_a,
                           .op_b = op_b,
                           .a = jf_const(a),
                           .b = jf_const(b),
                           .add = add,
                           .relu = 1,
                           .bias = bias.data};
    double worst = 0;
    int same = 1, kept = 1;
    jf_multiply(&f, c);
    for (size_t i = 0; i < M; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = add ? (double)jf_row(old, i)[j + 1] : 0;
            for (size_t k = 0; k < K; k++)
                sum += (double)(op_a == JF_PLAIN ? jf_row(a, i)[k]
                                                 : jf_row(a, k)[i]) *
                       (double)(op_b == JF_PLAIN ? jf_row(b, k)[j]
                                                 : jf_row(b, j)[k]);
            sum = fmax(sum + (double)bias.data[j], 0);
            worst = fmax(worst, fabs(sum - (double)jf_row(c, i)[j]));
        }
        kept &= jf_row(wide, i)[0] == jf_row(old, i)[0] &&
                jf_row(wide, i)[n + 1] == jf_row(old, i)[n + 1];
        if (i % 32 != 3) /* a few rows alone */
            continue;
        jf_multiplication alone = f;
        alone.a =
            jf_const(op_a == JF_PLAIN ? jf_rows(a, i, 1) : jf_columns(a, i, 1));
        memcpy(row.data, jf_row(old, i) + 1, n * sizeof(real));
        jf_multiply(&alone, row);
        same &= memcmp(row.data, jf_row(c, i), n * sizeof(real)) == 0;
    }
    CHECK(worst < K * 16 * (double)JF_EPS);
    CHECK(same);
    CHECK(kept);
    jf_vector_bytes = 64;
    jf_matrix_free(&row);
    jf_matrix_free(&bias);
    jf_matrix_free(&old);
    jf_matrix_free(&wide);
    jf_matrix_free(&b);
    jf_matrix_free(&a);
}

#ifdef JF_SINGLE
#define GEMM cblas_sgemm
#else
#define GEMM cblas_dgemm
#endif

/* The error of a sum over k terms is at most four times that of OpenBLAS's, which
 * it replaces: worst of 64 x 64 entries. */
static void test_error(int bytes, size_t k)
{
    enum { N = 64 };
    jf_vector_bytes = bytes;
    jf_matrix a = random_matrix(N, k, 1), b = random_matrix(k, N, 2);
    jf_matrix c = jf_matrix_new(N, N), d = jf_matrix_new(N, N);
    jf_multiplication f = {.a = jf_const(a), .b = jf_const(b)};
    long double ours = 0, theirs = 0;
    jf_multiply(&f, c);
    GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, N, N, (int)k, 1, a.data,
         (int)k, b.data, N, 0, d.data, N);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            long double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum +=
                    (long double)jf_row(a, i)[l] * (long double)jf_row(b, l)[j];
            ours = fmaxl(ours, fabsl((long double)jf_row(c, i)[j] - sum));
            theirs = fmaxl(theirs, fabsl((long double)jf_row(d, i)[j] - sum));
        }
    CHECK(ours <= 4 * theirs);
    jf_vector_bytes = 64;
    jf_matrix_free(&d);
    jf_matrix_free(&c);
    jf_matrix_free(&b);
    jf_matrix_free(&a);
}

/* With a bias and a floor, or without, whatever multiplies; NaN stays. */
static void test_affine(int bytes, size_t m, size_t n, size_t k)
{
    jf_vector_bytes = bytes;
    jf_matrix x = random_matrix(m, k, 1), w = random_matrix(n, k, 2);
    jf_matrix z = jf_matrix_new(m, n), b = random_matrix(1, n, 3);
    double worst = 0;
    jf_row(x, 0)[0] = (real)NAN;
    for (int t = 0; t < 4; t++) {
        jf_affine(jf_const(x), jf_const(w), t & 1 ? b.data : NULL, t & 2, z);
        for (size_t i = 1; i < m; i++)
            for (size_t j = 0; j < n; j++) {
                double sum = t & 1 ? (double)b.data[j] : 0;
                for (size_t l = 0; l < k; l++)
                    sum += (double)jf_row(x, i)[l] * (double)jf_row(w, j)[l];
                sum = t & 2 && sum < 0 ? 0 : sum;
                worst = fmax(worst, fabs(sum - (double)jf_row(z, i)[j]));
            }
        CHECK(isnan(jf_row(z, 0)[0]) && isnan(jf_row(z, 0)[n - 1]));
    }
    CHECK(worst < 200 * (double)JF_EPS);
    jf_vector_bytes = 64;
    jf_matrix_free(&b);
    jf_matrix_free(&z);
    jf_matrix_free(&w);
    jf_matrix_free(&x);
}

/* A matrix with known determinant and spectrum: Q diag(lambda) Q'. */
static void known(size_t n, double *a, double *lambda)
{
    jf_matrix v = random_matrix(n, n, 7), q = jf_matrix_new(n, n);
    double unused[8];
    jf_layer *layer = jf_orthogonal(n, n);
    jf_team *team = jf_team_new(1);
    for (size_t i = 0; i < n; i++) {
        lambda[i] = pow(10, 2 - (double)i);
        jf_row(q, i)[i] = 1;
    }
    jf_forward(layer, v.data, q, unused, team);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            a[i * n + j] = 0;
            for (size_t k = 0; k < n; k++)
                a[i * n + j] += (double)jf_row(q, k)[i] * lambda[k] *
                                (double)jf_row(q, k)[j];
        }
    jf_team_free(team);
    jf_layer_free(layer);
    jf_matrix_free(&q);
    jf_matrix_free(&v);
}

static void test_factors(void)
{
    enum { N = 6 };
    double a[N * N], copy[N * N], l[N], expected[N], log_det, sum = 0;
    double tolerance = 1e4 * (double)JF_EPS; /* condition 1e5, real entries */
    known(N, a, expected);
    for (size_t i = 0; i < N; i++)
        sum += log(expected[i]);
    memcpy(copy, a, sizeof a);
    CHECK(jf_log_abs_det(N, copy, &log_det) == GSL_SUCCESS);
    CHECK_CLOSE(log_det, sum, 1e5 * tolerance);
    memcpy(copy, a, sizeof a);
    CHECK(jf_invert(N, copy, &log_det) == GSL_SUCCESS);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double product = 0;
            for (size_t k = 0; k < N; k++)
                product += a[i * N + k] * copy[k * N + j];
            CHECK_CLOSE(product, i == j, 1e-9);
        }
    memcpy(copy, a, sizeof a);
    CHECK(jf_eigen_symmetric(N, copy, l, 1) == GSL_SUCCESS);
    for (size_t k = 0; k < N; k++) {
        CHECK_CLOSE(l[k], expected[k], 100 * tolerance);
        for (size_t i = 0; i < N; i++) { /* row k is the eigenvector */
            double av = 0;
            for (size_t j = 0; j < N; j++)
                av += a[i * N + j] * copy[k * N + j];
            CHECK_CLOSE(av, l[k] * copy[k * N + i], 1e-12 * 100);
        }
    }
    memcpy(copy, a, sizeof a);
    CHECK(jf_singular_values(N, N, copy, l) == GSL_SUCCESS);
    CHECK_CLOSE(l[0], expected[0], 100 * tolerance);
    memcpy(copy, a, sizeof a);
    CHECK(jf_cholesky(N, copy) == GSL_SUCCESS);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double product = 0;
            for (size_t k = 0; k < N; k++)
                product += copy[i * N + k] * copy[j * N + k];
            CHECK_CLOSE(product, a[i * N + j], 1e-12 * 100);
            CHECK(j <= i || copy[i * N + j] == 0);
        }
}

/* Both ways to an inverse, by size: its residual, and log |det| against the
 * singular values, of normal matrices; errors grow with the condition. */
static void test_sizes(void)
{
    enum { MOST = 8 };
    double a[MOST * MOST], copy[MOST * MOST], sigma[MOST], log_det, again;
    for (size_t n = 1; n <= MOST; n++)
        for (uint64_t seed = 0; seed < 50; seed++) {
            jf_matrix x = jf_matrix_new(n, n);
            double sum = 0;
            jf_fill_normal(x, seed, JF_PURPOSE_USER, n);
            for (size_t k = 0; k < n * n; k++)
                a[k] = (double)x.data[k];
            jf_matrix_free(&x);
            memcpy(copy, a, n * n * sizeof *a);
            CHECK(jf_singular_values(n, n, copy, sigma) == GSL_SUCCESS);
            for (size_t k = 0; k < n; k++)
                sum += log(sigma[k]);
            double limit = 1e2 * 0x1p-52 * (double)n * sigma[0] / sigma[n - 1];
            memcpy(copy, a, n * n * sizeof *a);
            CHECK(jf_log_abs_det(n, copy, &again) == GSL_SUCCESS);
            memcpy(copy, a, n * n * sizeof *a);
            CHECK(jf_invert(n, copy, &log_det) == GSL_SUCCESS);
            CHECK(log_det == again);
            CHECK_CLOSE(log_det, sum, limit);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++) {
                    double product = 0;
                    for (size_t k = 0; k < n; k++)
                        product += a[i * n + k] * copy[k * n + j];
                    CHECK_CLOSE(product, i == j, limit);
                }
        }
}

static void test_refusals(void)
{
    double singular[4] = {1, 2, 2, 4}, indefinite[4] = {1, 2, 2, 1}, log_det;
    double copy[4];
    memcpy(copy, singular, sizeof copy);
    CHECK(jf_invert(2, copy, &log_det) == GSL_ESING);
    memcpy(copy, singular, sizeof copy);
    CHECK(jf_log_abs_det(2, copy, &log_det) == GSL_ESING);
    CHECK(isinf(log_det) && log_det < 0);
    CHECK(jf_cholesky(2, indefinite) == GSL_ESING);
    for (size_t k = 0; k < 4; k++) { /* a NaN anywhere */
        double bad[4] = {1, 0, 0, 1};
        bad[k] = (double)NAN;
        CHECK(jf_invert(2, bad, &log_det) != GSL_SUCCESS);
    }
}

static void test_upper(void)
{
    double t[9] = {2, 1, -1, 0, 3, 5, 0, 0, 4}, b[6] = {1, 2, 3, 4, 5, 6};
    double x[6];
    for (int transposed = 0; transposed < 2; transposed++) {
        memcpy(x, b, sizeof x);
        jf_solve_upper(transposed, 3, 2, t, x);
        for (size_t i = 0; i < 3; i++)
            for (size_t j = 0; j < 2; j++) {
                double sum = 0;
                for (size_t k = 0; k < 3; k++)
                    sum += (transposed ? t[k * 3 + i] : t[i * 3 + k]) *
                           x[k * 2 + j];
                CHECK_CLOSE(sum, b[i * 2 + j], 1e-14);
            }
    }
}

/* A number below n that i chooses. */
static size_t pick(size_t i, size_t which, size_t n)
{
    return (i * 2654435761u + which * 40503u * (i + 7)) / 64 % n;
}

/* Small products of every shape against their definition; entries beside c's
 * do not change. */
static void test_tile(int bytes)
{
    jf_vector_bytes = bytes;
    enum { SIZE = 8192, SHAPES = 500 };
    jf_matrix numbers = jf_matrix_new(3, SIZE);
    real *a = jf_row(numbers, 0), *b = jf_row(numbers, 1), *c;
    double *expected = jf_alloc(SIZE, sizeof *expected), worst = 0;
    c = jf_row(numbers, 2);
    jf_fill_normal(numbers, 1, JF_PURPOSE_USER, 0);

    for (size_t i = 0; i < SHAPES; i++) {
        size_t m = 1 + pick(i, 0, 23), n = 1 + pick(i, 1, 40);
        int add = (int)pick(i, 2, 2);
        jf_tile t = {.a = {a, a + 100, a + 300},
                     .segments = 1 + pick(i, 3, 3),
                     .depth = 1 + pick(i, 4, 9),
                     .a_i = 1 + pick(i, 5, 5),
                     .a_k = 1 + pick(i, 6, 3),
                     .b = b,
                     .start = !add && pick(i, 7, 2) ? b + SIZE / 2 : NULL,
                     .b_stride = n,
                     .c = c,
                     .c_stride = n + pick(i, 8, 3),
                     .add = add,
                     .relu = (int)pick(i, 12, 2),
                     .bias = pick(i, 13, 2) ? b + SIZE / 4 : NULL,
                     .run = pick(i, 9, 7)};
        t.a_run = t.run * t.a_i + pick(i, 10, 9);
        t.c_run = t.run * t.c_stride + pick(i, 11, 5);
        for (size_t k = 0; k < SIZE; k++)
            expected[k] = (double)c[k];
        for (size_t r = 0; r < m; r++)
            for (size_t j = 0; j < n; j++) {
                size_t run = t.run ? r / t.run : 0, q = r - run * t.run;
                size_t to = run * t.c_run + q * t.c_stride + j;
                double sum = add ? (double)c[to] : 0;
                if (t.start)
                    sum = (double)t.start[j];
                for (size_t k = 0; k < t.segments * t.depth; k++)
                    sum += (double)t.a[k / t.depth][run * t.a_run + q * t.a_i +
                                                    k % t.depth * t.a_k] *
                           (double)b[k * n + j];
                sum += t.bias ? (double)t.bias[j] : 0;
                expected[to] = t.relu && sum < 0 ? 0 : sum;
            }
        jf_tile_product(m, n, &t);
        for (size_t k = 0; k < SIZE; k++)
            worst = fmax(worst, fabs(expected[k] - (double)c[k]));
        jf_fill_normal(jf_view(c, 1, SIZE), 2, JF_PURPOSE_USER, i);
    }
    CHECK(worst <= 28 * 16 * (double)JF_EPS); /* 28 terms below 16 */
    jf_vector_bytes = 64;
    free(expected);
    jf_matrix_free(&numbers);
}

/* The norm of a convolution between its bounds, by the singular values of its
 * dense matrix; and A' is the transpose of A. */
static void test_convolution(size_t height, size_t width, size_t n_in,
                             size_t n_out)
{
    size_t rows = height * width * n_out, cols = height * width * n_in;
    size_t least = rows < cols ? rows : cols;
    jf_matrix w = jf_matrix_new(1, 9 * n_in * n_out);
    jf_convolution a = {height, width, n_in, n_out, w.data};
    double *dense = jf_alloc(rows * cols, sizeof *dense);
    double *unit = jf_alloc(cols + rows, sizeof *unit), *out = unit + cols;
    double *sigma = jf_alloc(least, sizeof *sigma), below, apart = 0;

    jf_fill_normal(w, height, JF_PURPOSE_USER, n_out);
    for (size_t i = 0; i < cols; i++) {
        unit[i] = 1;
        jf_convolution_apply(&a, 0, unit, out);
        unit[i] = 0;
        for (size_t k = 0; k < rows; k++)
            dense[k * cols + i] = out[k];
    }
    for (size_t k = 0; k < rows; k++) {
        memset(out, 0, rows * sizeof *out);
        out[k] = 1;
        jf_convolution_apply(&a, 1, out, unit);
        for (size_t i = 0; i < cols; i++)
            apart = fmax(apart, fabs(unit[i] - dense[k * cols + i]));
    }
    CHECK(apart <= 0);
    CHECK(jf_singular_values(rows, cols, dense, sigma) == GSL_SUCCESS);
    /* the second direction falls by the square of the gap a product, from a
     * share that is not below 1e-4, to a residual of 1e-6 */
    double products = ceil(log(1e12) / log(sigma[0] / sigma[1]));
    CHECK(jf_convolution_norm(&a, 1, 100 + (size_t)products, 1e-6, &below) ==
          GSL_SUCCESS);
    jf_work *work = jf_work_new();
    double above = jf_convolution_bound(&a, work), exact = sigma[0];
    jf_work_free(work);
    double loose = pow(2 * (double)(n_in < n_out ? n_in : n_out), 0.125);
    CHECK(below <= exact * (1 + 1e-12));
    CHECK(below >= exact * (1 - 1e-6));
    CHECK(above >= exact);
    CHECK(height * width < 64 || above <= 1.2 * loose * exact);
    free(sigma);
    free(unit);
    free(dense);
    jf_matrix_free(&w);
}

/* A shift by (1, -1): |S| = 1 everywhere, so the bound is its two factors. */
static void test_shift(void)
{
    real w[9] = {0};
    double sigma, step = cos(acos(-1.0) / 24);
    jf_convolution a = {12, 9, 1, 1, w};
    w[6] = 1;
    CHECK(jf_convolution_norm(&a, 1, 100, 1e-9, &sigma) == GSL_SUCCESS);
    CHECK_CLOSE(sigma, 1, 1e-12);
    jf_work *work = jf_work_new();
    CHECK_CLOSE(jf_convolution_bound(&a, work), pow(2, 0.125) / step / step,
                1e-12);
    jf_work_free(work);
}

static double condition(size_t d, const double *a)
{
    double *copy = jf_alloc(d * d + d, sizeof *copy), *sigma = copy + d * d;
    memcpy(copy, a, d * d * sizeof *copy);
    CHECK(jf_singular_values(d, d, copy, sigma) == GSL_SUCCESS);
    double c = sigma[0] / sigma[d - 1];
    free(copy);
    return c;
}

/* Determinants of a batch are those of one at a time in double, within what LU
 * loses, 4 d^2 cond u in a matrix; and the same bytes as those of a batch of
 * one. */
static void test_batch(size_t d)
{
    enum { N = 37 };
    size_t dd = d * d;
    jf_work *work = jf_work_new();
    jf_matrix a = random_matrix(N, dd, d), one = jf_matrix_new(1, dd);
    double *wide = jf_alloc(dd, sizeof *wide), ld[N] = {0}, single, exact;

    for (size_t k = 0; d > 1 && k < d; k++) /* a pivot has to be found */
        jf_row(a, 3)[k * d] = k + 1 == d;
    jf_matrix copy = jf_matrix_new(N, dd);
    jf_matrix_copy(copy, jf_const(a));
    jf_log_abs_dets(N, d, copy.data, ld, work);
    for (size_t i = 0; i < N; i++) {
        for (size_t e = 0; e < dd; e++)
            wide[e] = (double)jf_row(a, i)[e];
        double limit = 4 * (double)dd * condition(d, wide) * (double)JF_EPS;
        CHECK(jf_log_abs_det(d, wide, &exact) == GSL_SUCCESS);
        CHECK(fabs(ld[i] - exact) <= limit);
        jf_matrix_copy(one, jf_const(jf_rows(a, i, 1)));
        single = 0;
        jf_log_abs_dets(1, d, one.data, &single, work);
        CHECK(single == ld[i]);
    }
    memset(one.data, 0, dd * sizeof *one.data);
    single = 1;
    jf_log_abs_dets(1, d, one.data, &single, work);
    CHECK(single == -(double)INFINITY);
    jf_matrix_copy(one, jf_const(jf_rows(a, 0, 1)));
    one.data[dd - 1] = (real)NAN;
    jf_log_abs_dets(1, d, one.data, &single, work);
    CHECK(isnan(single));
    CHECK(work->depth == 0);
    jf_matrix_free(&copy);
    jf_matrix_free(&one);
    jf_matrix_free(&a);
    free(wide);
    jf_work_free(work);
}

int main(void)
{
    test_which();
    for (int bytes = 16; bytes <= 64; bytes *= 2) {
        jf_vector_bytes = bytes;
        test_gemm(2, 3);
        test_gemm(1, 1);
        test_gemm(1, 0);
        jf_vector_bytes = 64;
        for (int t = 0; t < 6; t++)
            for (size_t n = 1; n <= 67; n = n == 4 ? 67 : n + 1)
                test_multiply(bytes, n, t % 3 == 1, t % 3 == 2, t / 3);
        test_error(bytes, 64);
        test_error(bytes, 512);
        test_error(bytes, 2048);
        test_affine(bytes, 7, 5, 40);
        test_affine(bytes, 2, 1, 3);
        test_affine(bytes, 20, 64, 16);
    }
    test_factors();
    test_sizes();
    test_refusals();
    test_upper();
    for (int bytes = 16; bytes <= 64; bytes *= 2)
        test_tile(bytes);
    test_batch(1);
    test_batch(2);
    test_batch(7);
    test_batch(16);
    test_batch(17);
    test_batch(40);
    test_shift();
    test_convolution(1, 1, 3, 2);
    test_convolution(4, 5, 2, 3);
    test_convolution(16, 12, 1, 1);
    test_convolution(10, 9, 3, 2);
    return check_end();
}
