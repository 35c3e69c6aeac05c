/* test_cosine.c -- the layer of a matrix by frequency: against the dense matrix
 * built from cosines, at two sizes, its bounds and its start. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jf.h"

static jf_team *team;

static real *theta_of(const jf_layer *f, unsigned long seed, double spread)
{
    real *theta = jf_theta_new(f);
    jf_matrix m = jf_view(theta, 1, f->module.n_params);
    jf_fill_normal(m, seed, JF_PURPOSE_USER, 0);
    for (size_t k = 0; k < m.cols; k++)
        theta[k] *= (real)spread;
    return theta;
}

/* Entry (ky, y) of the orthonormal transform of n. */
static double wave(size_t n, size_t k, size_t y)
{
    double scale = sqrt((k ? 2 : 1) / (double)n);
    return scale * cos(M_PI * ((double)y + 0.5) * (double)k / (double)n);
}

/* Values of a knot's hat function at frequency k of n. */
static double hat(size_t knots, size_t knot, size_t n, size_t k)
{
    double t =
        (double)(knots - 1) * log(1 + 256 * (double)k / (double)n) / log(257);
    return fmax(0, 1 - fabs(t - (double)knot));
}

/* w (channels, channels) at (ky, kx). */
static void filter(size_t height, size_t width, size_t channels, size_t knots,
                   const real *theta, size_t ky, size_t kx, double *w)
{
    memset(w, 0, channels * channels * sizeof *w);
    for (size_t i = 0, q = 0; i < channels; i++)
        for (size_t j = 0; j <= i; j++, q++)
            for (size_t a = 0; a < knots; a++)
                for (size_t b = 0; b < knots; b++)
                    w[i * channels + j] +=
                        (double)theta[(q * knots + a) * knots + b] *
                        hat(knots, a, height, ky) * hat(knots, b, width, kx);
    for (size_t i = 0; i < channels; i++) {
        w[i * channels + i] = exp(w[i * channels + i]);
        for (size_t j = 0; j < i; j++)
            w[i * channels + j] *= w[i * channels + i];
    }
}

/* a (d, d) := D' W D. */
static void dense(size_t height, size_t width, size_t channels, size_t knots,
                  const real *theta, double *a)
{
    size_t d = height * width * channels, c = channels;
    double *w = jf_alloc(c * c, sizeof *w);
    memset(a, 0, d * d * sizeof *a);
    for (size_t k = 0; k < height * width; k++) {
        size_t ky = k / width, kx = k % width;
        filter(height, width, c, knots, theta, ky, kx, w);
        for (size_t p = 0; p < height * width; p++)
            for (size_t q = 0; q < height * width; q++) {
                double v =
                    wave(height, ky, p / width) * wave(width, kx, p % width) *
                    wave(height, ky, q / width) * wave(width, kx, q % width);
                for (size_t i = 0; i < c; i++)
                    for (size_t j = 0; j < c; j++)
                        a[(p * c + i) * d + q * c + j] += v * w[i * c + j];
            }
    }
    free(w);
}

static const struct {
    size_t height, width, channels, knots;
} sizes[] = {{1, 1, 1, 2}, {1, 1, 3, 4}, {1, 7, 2, 3},  {9, 1, 1, 12},
             {5, 4, 3, 2}, {6, 8, 2, 5}, {3, 17, 1, 7}, {2, 2, 12, 3}};

/* z and log |det|, also by LU; bounds are the extreme singular values. */
static void test_dense(void)
{
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t height = sizes[s].height, width = sizes[s].width;
        size_t c = sizes[s].channels, knots = sizes[s].knots;
        size_t d = height * width * c;
        jf_layer *f = jf_cosine(height, width, c, knots);
        real *theta = theta_of(f, s, 0.5);
        jf_matrix x = jf_matrix_new(2, d), z = jf_matrix_new(2, d);
        double *a = jf_alloc(d * d, sizeof *a), *sigma = jf_alloc(d, sizeof *a);
        double ld[2], exact, least, largest, size = 0;
        jf_fill_normal(x, s, JF_PURPOSE_USER, 1);
        jf_matrix_copy(z, jf_const(x));
        dense(height, width, c, knots, theta, a);
        CHECK(jf_forward(f, theta, z, ld, team) == GSL_SUCCESS);
        for (size_t k = 0; k < d * d; k++)
            size = fmax(size, fabs(a[k]) * sqrt((double)d));
        for (size_t r = 0; r < 2; r++)
            for (size_t i = 0; i < d; i++) {
                double sum = 0;
                for (size_t j = 0; j < d; j++)
                    sum += a[i * d + j] * (double)jf_row(x, r)[j];
                CHECK_CLOSE(jf_row(z, r)[i], sum, 64 * size * (double)JF_EPS);
            }
        CHECK(jf_stretch_proved(f, theta, 1, &least, &largest, NULL,
                                jf_const(jf_rows(x, 0, 0)),
                                team) == GSL_SUCCESS);
        double *copy = jf_alloc(d * d, sizeof *copy);
        memcpy(copy, a, d * d * sizeof *a);
        CHECK(jf_singular_values(d, d, copy, sigma) == GSL_SUCCESS);
        double room = 64 * (double)d * (double)JF_EPS * sigma[0];
        CHECK_CLOSE(largest, sigma[0], room);
        CHECK_CLOSE(least, sigma[d - 1], room);
        CHECK(jf_log_abs_det(d, a, &exact) == GSL_SUCCESS);
        for (size_t r = 0; r < 2; r++)
            CHECK_CLOSE(ld[r], exact, 16 * (double)d * (double)JF_EPS);
        free(copy);
        free(sigma);
        free(a);
        jf_matrix_free(&z);
        jf_matrix_free(&x);
        free(theta);
        jf_layer_free(f);
    }
}

/* Bounds are the extremes over all frequencies, wherever they are. */
static void test_bounds(void)
{
    enum { H = 11, W = 14, C = 2, KNOTS = 5 };
    jf_layer *f = jf_cosine(H, W, C, KNOTS);
    jf_matrix none = jf_matrix_new(0, f->d);
    for (unsigned long seed = 0; seed < 40; seed++) {
        real *theta = theta_of(f, seed, seed % 2 ? 0.5 : 2);
        double least, largest, low = (double)INFINITY, high = 0;
        CHECK(jf_stretch_proved(f, theta, 1, &least, &largest, NULL,
                                jf_const(none), team) == GSL_SUCCESS);
        for (size_t k = 0; k < H * W; k++) {
            double w[C * C], sigma[C];
            filter(H, W, C, KNOTS, theta, k / W, k % W, w);
            CHECK(jf_singular_values(C, C, w, sigma) == GSL_SUCCESS);
            low = fmin(low, sigma[1]);
            high = fmax(high, sigma[0]);
        }
        CHECK_CLOSE(largest / high, 1, 100 * (double)JF_EPS);
        CHECK_CLOSE(least, low, 100 * (double)JF_EPS * high);
        free(theta);
    }
    jf_matrix_free(&none);
    jf_layer_free(f);
}

/* The same theta at twice the size does the same to the image that is mirrored
 * at its lower and right side. */
static void test_mirrored(void)
{
    enum { H = 6, W = 10, C = 2, KNOTS = 6 };
    jf_layer *small = jf_cosine(H, W, C, KNOTS);
    jf_layer *large = jf_cosine(2 * H, 2 * W, C, KNOTS);
    real *theta = theta_of(small, 3, 0.5);
    jf_matrix x = jf_matrix_new(1, small->d), y = jf_matrix_new(1, large->d);
    double ld[2];
    CHECK(small->module.n_params == large->module.n_params);
    jf_fill_normal(x, 3, JF_PURPOSE_USER, 1);
    for (int pass = 0; pass < 2; pass++) { /* before and after */
        for (size_t r = 0; r < 2 * H; r++)
            for (size_t q = 0; q < 2 * W; q++)
                for (size_t i = 0; i < C; i++) {
                    size_t p = r < H ? r : 2 * H - 1 - r;
                    size_t s = q < W ? q : 2 * W - 1 - q;
                    real value = x.data[(p * W + s) * C + i];
                    real *at = y.data + (r * 2 * W + q) * C + i;
                    if (pass)
                        CHECK_CLOSE(*at, value, 200 * JF_EPS);
                    else
                        *at = value;
                }
        if (!pass) {
            CHECK(jf_forward(small, theta, x, ld, team) == GSL_SUCCESS);
            CHECK(jf_forward(large, theta, y, ld + 1, team) == GSL_SUCCESS);
        }
    }
    jf_matrix_free(&y);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(large);
    jf_layer_free(small);
}

/* -log-likelihood a pixel of the whole x (side, side), one channel, cut into
 * parts (part, part), under the filter theta over N(0, 1). */
static double nats_of_parts(jf_matrix x, size_t side, size_t part, size_t knots,
                            const real *theta)
{
    jf_layer *f = jf_cosine(part, part, 1, knots);
    jf_latent q = jf_normal();
    size_t along = side / part;
    jf_matrix y = jf_matrix_new(along * along, part * part);
    double *log_p = jf_alloc(y.rows, sizeof *log_p), sum = 0;
    for (size_t r = 0; r < side; r++)
        for (size_t k = 0; k < along; k++)
            memcpy(jf_row(y, r / part * along + k) + r % part * part,
                   x.data + r * side + k * part, part * sizeof(real));
    CHECK(jf_log_prob(f, &q, theta, jf_const(y), log_p, team) == GSL_SUCCESS);
    for (size_t r = 0; r < y.rows; r++)
        sum -= log_p[r];
    free(log_p);
    jf_matrix_free(&y);
    jf_layer_free(f);
    return sum / (double)(side * side);
}

/* What is not the same: a part lacks what stands behind its borders.  Parts of
 * an image that the filter whitens have together a lower likelihood than the
 * whole, by less the larger they are; in the middle of a part z comes near that
 * of the whole. */
static void test_parts(void)
{
    enum { SIDE = 128, KNOTS = 6, MIDDLE = 4 };
    jf_layer *whole = jf_cosine(SIDE, SIDE, 1, KNOTS);
    real *theta = theta_of(whole, 4, 0.1);
    jf_matrix x = jf_matrix_new(1, whole->d), z = jf_matrix_new(1, whole->d);
    double cost[3], off[3], ld, before;
    for (size_t k = 0; k < KNOTS * KNOTS; k++) /* amplitudes fall as 1 / f */
        theta[k] += (real)(k / KNOTS > k % KNOTS ? k / KNOTS : k % KNOTS);
    jf_fill_normal(z, 4, JF_PURPOSE_USER, 1);
    jf_matrix_copy(x, jf_const(z));
    CHECK(jf_inverse(whole, theta, x, team) == GSL_SUCCESS);
    before = nats_of_parts(x, SIDE, SIDE, KNOTS, theta);
    for (size_t k = 0, part = 16; k < 3; k++, part *= 2) {
        jf_layer *f = jf_cosine(part, part, 1, KNOTS);
        jf_matrix y = jf_matrix_new(1, f->d);
        size_t first = (SIDE - part) / 2, inside = (part - MIDDLE) / 2;
        cost[k] = nats_of_parts(x, SIDE, part, KNOTS, theta) - before;
        for (size_t r = 0; r < part; r++)
            memcpy(y.data + r * part, x.data + (first + r) * SIDE + first,
                   part * sizeof(real));
        CHECK(jf_forward(f, theta, y, &ld, team) == GSL_SUCCESS);
        off[k] = 0;
        for (size_t r = inside; r < inside + MIDDLE; r++)
            for (size_t q = inside; q < inside + MIDDLE; q++) {
                real *at = z.data + (first + r) * SIDE + first + q;
                off[k] = jf_worse(off[k],
                                  fabs((double)(y.data[r * part + q] - *at)));
            }
        jf_matrix_free(&y);
        jf_layer_free(f);
    }
    CHECK(cost[0] > cost[1] && cost[1] > cost[2] && cost[2] > 0);
    CHECK(off[0] > off[1] && off[1] > off[2]);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(whole);
}

/* Singular values from 1/300 to 333, as photographs need: an image of that
 * spectrum comes back to rounding, since the rounding of z goes back through
 * the filter that made the image from noise. */
static void test_round_trip(void)
{
    enum { SIDE = 256, C = 3, KNOTS = 8, GRID = KNOTS * KNOTS };
    jf_layer *f = jf_cosine(SIDE, SIDE, C, KNOTS);
    real *theta = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(1, f->d), y = jf_matrix_new(1, f->d);
    double ld, least, largest, error = 0, size = 0;
    for (size_t i = 0; i < C; i++)
        for (size_t k = 0; k < GRID; k++) {
            size_t a = k / KNOTS, b = k % KNOTS;
            theta[(i * (i + 3) / 2) * GRID + k] =
                (real)(-log(300) +
                       log(1e5) * (double)(a > b ? a : b) / (KNOTS - 1));
        }
    CHECK(jf_stretch_proved(f, theta, 1, &least, &largest, NULL,
                            jf_const(jf_rows(x, 0, 0)), team) == GSL_SUCCESS);
    CHECK_CLOSE(300 * least, 1, 100 * (double)JF_EPS);
    CHECK(largest > 320 && largest < 1e5 / 300);
    jf_fill_normal(x, 5, JF_PURPOSE_USER, 1);
    CHECK(jf_inverse(f, theta, x, team) == GSL_SUCCESS);
    jf_matrix_copy(y, jf_const(x));
    CHECK(jf_forward(f, theta, y, &ld, team) == GSL_SUCCESS);
    CHECK(jf_inverse(f, theta, y, team) == GSL_SUCCESS);
    for (size_t k = 0; k < f->d; k++) {
        error += pow((double)y.data[k] - (double)x.data[k], 2);
        size += pow((double)x.data[k], 2);
    }
    CHECK(sqrt(error / size) < 8 * (double)JF_EPS);
    jf_matrix_free(&y);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(f);
}

/* Images 1 x 1: W' W is the inverse of the mean of x x', exactly. */
static void test_start_of_pixels(void)
{
    enum { C = 3, N = 40 };
    jf_layer *f = jf_cosine(1, 1, C, 4);
    real *theta = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(N, C);
    double ld[N], mean[C * C] = {0}, log_det;
    jf_fill_normal(x, 5, JF_PURPOSE_USER, 0);
    for (size_t r = 0; r < N; r++) {
        jf_row(x, r)[1] += 2 * jf_row(x, r)[0];
        jf_row(x, r)[2] = R(0.1) * jf_row(x, r)[2] - jf_row(x, r)[1];
        for (size_t q = 0; q < C * C; q++)
            mean[q] +=
                (double)jf_row(x, r)[q / C] * (double)jf_row(x, r)[q % C] / N;
    }
    CHECK(jf_log_abs_det(C, mean, &log_det) == GSL_SUCCESS);
    CHECK(jf_init(f, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(jf_forward(f, theta, x, ld, team) == GSL_SUCCESS);
    CHECK_CLOSE(ld[0], -log_det / 2, 1e4 * (double)JF_EPS);
    for (size_t i = 0; i < C; i++)
        for (size_t j = 0; j < C; j++) {
            double sum = 0;
            for (size_t r = 0; r < N; r++)
                sum += (double)jf_row(x, r)[i] * (double)jf_row(x, r)[j] / N;
            CHECK_CLOSE(sum, i == j, 1e4 * (double)JF_EPS);
        }
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(f);
}

/* Images that are each a wave of one channel through the inverse of a known W,
 * copies of each: their powers are those that W whitens.  How far the second
 * moment of z is from I at the start. */
static double start_of_waves(size_t copies)
{
    enum { H = 6, W = 8, C = 2, D = H * W * C };
    jf_layer *f = jf_cosine(H, W, C, 3);
    real *theta = theta_of(f, 6, 0.4);
    size_t n = copies * D;
    jf_matrix x = jf_matrix_new(n, D);
    double *ld = jf_alloc(n, sizeof *ld), worst = 0;
    for (size_t r = 0; r < n; r++)
        for (size_t q = r % C; q < D; q += C)
            jf_row(x, r)[q] =
                (real)(sqrt((double)D) * wave(H, r % D / C / W, q / C / W) *
                       wave(W, r / C % W, q / C % W));
    CHECK(jf_inverse(f, theta, x, team) == GSL_SUCCESS);
    CHECK(jf_init(f, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(jf_forward(f, theta, x, ld, team) == GSL_SUCCESS);
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j <= i; j++) {
            double product = 0;
            for (size_t r = 0; r < n; r++)
                product += (double)jf_row(x, r)[i] * (double)jf_row(x, r)[j];
            worst = jf_worse(worst, fabs(product / (double)n - (i == j)));
        }
    free(ld);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(f);
    return worst;
}

/* The start whitens, by which the critical rate of C7.2 is 1, but for the law
 * of differences, which has the weight of one observation. */
static void test_start_of_waves(void)
{
    double once = start_of_waves(16), more = start_of_waves(64);
    CHECK(once < 0.01);
    CHECK_CLOSE(once / more, 4, 0.2);
}

/* The gradient of the likelihood at the start is that of the law of
 * differences. */
static void test_start_is_an_optimum(void)
{
    enum { H = 12, W = 9, C = 3, KNOTS = 4, N = 30, GRID = KNOTS * KNOTS };
    jf_layer *f = jf_cosine(H, W, C, KNOTS), *truth = jf_cosine(H, W, C, 7);
    real *theta = jf_theta_new(f), *grad = jf_theta_new(f);
    real *other = theta_of(truth, 7, 0.7);
    jf_latent q = jf_normal();
    jf_likelihood value;
    jf_matrix x = jf_matrix_new(N, f->d);
    jf_fill_normal(x, 7, JF_PURPOSE_USER, 1);
    CHECK(jf_inverse(truth, other, x, team) == GSL_SUCCESS);
    CHECK(jf_init(f, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(jf_nll(f, &q, theta, jf_const(x), &value, grad, team) == GSL_SUCCESS);
    for (size_t k = 0; k < f->module.n_params; k++) {
        size_t a = k % GRID / KNOTS, b = k % KNOTS;
        double sum = N * (double)grad[k], here = (double)theta[k];
        sum += a > 0 ? here - (double)theta[k - KNOTS] : 0;
        sum += b > 0 ? here - (double)theta[k - 1] : 0;
        sum += a + 1 < KNOTS ? here - (double)theta[k + KNOTS] : 0;
        sum += b + 1 < KNOTS ? here - (double)theta[k + 1] : 0;
        CHECK_CLOSE(sum, 0, sizeof(real) == 8 ? 1e-6 : 0.05);
    }
    jf_matrix_free(&x);
    free(other);
    free(grad);
    free(theta);
    jf_layer_free(truth);
    jf_layer_free(f);
}

/* Images of no colour, of no contrast, of nothing: a start without a singular
 * matrix; and what has none. */
static void test_poor_images(void)
{
    enum { S = 8, C = 3, N = 4 };
    jf_layer *f = jf_cosine(S, S, C, 5);
    real *theta = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(N, f->d), z = jf_matrix_new(N, f->d);
    double ld[N], least, largest;
    for (int kind = 0; kind < 3; kind++) {
        jf_fill_normal(x, 8, JF_PURPOSE_USER, 0);
        for (size_t k = 0; k < N * f->d; k++)
            x.data[k] = kind == 0   ? x.data[k - k % C]
                        : kind == 1 ? (real)(k / f->d + 1)
                                    : 0;
        CHECK(jf_init(f, theta, jf_const(x), 1, team) == GSL_SUCCESS);
        jf_matrix_copy(z, jf_const(x));
        CHECK(jf_forward(f, theta, z, ld, team) == GSL_SUCCESS);
        CHECK(jf_matrix_finite(jf_const(z)) && isfinite(ld[0]));
        CHECK(jf_inverse(f, theta, z, team) == GSL_SUCCESS);
        for (size_t k = 0; k < N * f->d; k++)
            CHECK_CLOSE(z.data[k], x.data[k], 1e-3);
        CHECK(jf_stretch_proved(f, theta, 1, &least, &largest, NULL,
                                jf_const(jf_rows(x, 0, 0)),
                                team) == GSL_SUCCESS);
        CHECK(least >= 0 && isfinite(largest));
    }
    x.data[5] = (real)NAN;
    CHECK(jf_init(f, theta, jf_const(x), 1, team) == GSL_ESING);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(f);
}

/* Large enough for lanes: the same bytes on any number of threads. */
static void test_threads(void)
{
    enum { H = 150, W = 260, C = 3, KNOTS = 4, N = 2 };
    jf_layer *f = jf_cosine(H, W, C, KNOTS);
    size_t p = f->module.n_params;
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(N, f->d), z[2];
    real *theta[2], *grad[2];
    jf_likelihood value;
    double ld[N];
    jf_fill_normal(x, 9, JF_PURPOSE_USER, 0);
    for (size_t t = 0; t < 2; t++) {
        jf_team *some = jf_team_new(t ? 3 : 1);
        theta[t] = jf_theta_new(f);
        grad[t] = jf_theta_new(f);
        z[t] = jf_matrix_new(N, f->d);
        jf_matrix_copy(z[t], jf_const(x));
        CHECK(jf_init(f, theta[t], jf_const(x), 1, some) == GSL_SUCCESS);
        CHECK(jf_nll(f, &q, theta[t], jf_const(x), &value, grad[t], some) ==
              GSL_SUCCESS);
        CHECK(jf_forward(f, theta[t], z[t], ld, some) == GSL_SUCCESS);
        CHECK(jf_vjp(f, theta[t], x, z[t], ld, grad[t], JF_TAPE_LEAN, some) ==
              GSL_SUCCESS);
        CHECK(jf_inverse(f, theta[t], z[t], some) == GSL_SUCCESS);
        jf_fill_normal(x, 9, JF_PURPOSE_USER, 0);
        jf_team_free(some);
    }
    CHECK(memcmp(theta[0], theta[1], p * sizeof(real)) == 0);
    CHECK(memcmp(grad[0], grad[1], p * sizeof(real)) == 0);
    CHECK(memcmp(z[0].data, z[1].data, N * f->d * sizeof(real)) == 0);
    for (size_t t = 0; t < 2; t++) {
        free(theta[t]);
        free(grad[t]);
        jf_matrix_free(&z[t]);
    }
    jf_matrix_free(&x);
    jf_layer_free(f);
}

static void test_bad_sizes(void)
{
    CHECK(jf_cosine(0, 4, 3, 2) == NULL && jf_cosine(4, 0, 3, 2) == NULL);
    CHECK(jf_cosine(4, 4, 0, 2) == NULL && jf_cosine(4, 4, 3, 1) == NULL);
    CHECK(jf_error_last()->code == GSL_EINVAL);
}

int main(void)
{
    team = jf_team_new(1);
    test_dense();
    test_bounds();
    test_mirrored();
    test_parts();
    test_round_trip();
    test_start_of_pixels();
    test_start_of_waves();
    test_start_is_an_optimum();
    test_poor_images();
    test_threads();
    test_bad_sizes();
    jf_team_free(team);
    return check_end();
}
