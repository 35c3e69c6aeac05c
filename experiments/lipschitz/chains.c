/* chains.c -- round trips of chains whose constants are known.
 *
 * Eight layers.  Linear ones, d = 16: orthogonal; of condition 2 and 10; four
 * of condition 4 followed by their inverses.  e_k = gamma |W_k| |h| entry by
 * entry, gamma = d u, e'_k alike with W^-1 and gamma + u (float: inverses are
 * rounded from double; in double their own error, gamma cond W |W^-1| |h|, is
 * added).  A shift by 1e6 and back, which rounds to the spacing there.
 * Additive couplings x_b += sin(tau x_a + c), d = 2: the argument errs by u (2
 * |tau x_a + c| + |c|), the sine by u, the sum by u (|x_b| + 1), so that e_k =
 * u (|x_b| + 2 + 2 |tau x_a + c| + |c|), and back with 1 more.  Errors are
 * relative to |x|. */
#include "trips.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { D = 16, LAYERS = 8 };

/* w (D, D) := U diag(s) V', s spread by powers from 1 to 1/condition, times
 * sqrt condition. */
static void draw_matrix(double condition, gsl_rng *rng, double *w)
{
    jf_layer *f = jf_svd(D);
    jf_team *team = jf_team_new(1);
    real *theta = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(D, D);
    double unused[D];
    for (size_t i = 0; i < f->module.n_params - D; i++)
        theta[i] = (real)jf_stream_normal(rng, 1);
    for (size_t i = 0; i < D; i++) {
        theta[f->module.n_params - D + i] =
            (real)(log(condition) * (0.5 - (double)i / (D - 1)));
        jf_row(x, i)[i] = 1;
    }
    jf_forward(f, theta, x, unused, team);
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++)
            w[j * D + i] = (double)jf_row(x, i)[j];
    jf_matrix_free(&x);
    free(theta);
    jf_team_free(team);
    jf_layer_free(f);
}

/* | |a| |v| | for a (D, D). */
static double absolute_product(const double *a, const real *v)
{
    double sum = 0;
    for (size_t i = 0; i < D; i++) {
        double r = 0;
        for (size_t j = 0; j < D; j++)
            r += fabs(a[i * D + j]) * fabs((double)v[j]);
        sum += r * r;
    }
    return sqrt(sum);
}

/* norm := |A|_2, condition := sigma_1 / sigma_D; a is kept. */
static void norms(const double *a, double *norm, double *condition)
{
    double copy[D * D], sigma[D];
    memcpy(copy, a, sizeof copy);
    if (jf_singular_values(D, D, copy, sigma) != GSL_SUCCESS)
        sigma[0] = (double)NAN;
    *norm = sigma[0];
    *condition = sigma[0] / sigma[D - 1];
}

/* The bound of the round trip at h (1, D), which becomes its image, and the
 * largest condition of J_{1:k}. */
static void predict(const jf_layer *f, const real *theta, jf_matrix h,
                    jf_team *team, trip *t)
{
    double inverse[D * D], prefix[D * D] = {0}, next[D * D], unused;
    double before = 1; /* |J_{1:k-1}^-1| */
    double product = 1;
    for (size_t i = 0; i < D; i++)
        prefix[i * (D + 1)] = 1;
    for (size_t k = 0; k < LAYERS; k++) {
        double own[D * D], after, cond, own_norm, own_cond;
        for (size_t i = 0; i < D * D; i++)
            own[i] = (double)theta[k * D * D + i];
        norms(own, &own_norm, &own_cond);
        double e = D * TRIP_U * absolute_product(own, h.data);
        jf_part part = jf_flow_part(f, k);
        jf_forward(part.layer, theta + part.first, h, &unused, team);
        memcpy(inverse, own, sizeof inverse);
        if (jf_invert(D, inverse, &unused) != GSL_SUCCESS)
            inverse[0] = (double)NAN;
        double back = (D * TRIP_U + TRIP_U) * absolute_product(inverse, h.data);
        if (sizeof(real) == sizeof(double)) /* the inverse's own error */
            back += D * TRIP_U * own_cond * absolute_product(inverse, h.data);
        jf_dgemm(JF_NN, D, D, D, 1, prefix, inverse, 0, next);
        memcpy(prefix, next, sizeof prefix);
        norms(prefix, &after, &cond);
        t->predicted += after * e + before * back;
        t->by_layer += own_cond / own_norm * e + back;
        t->by_product += product * (own_cond / own_norm * e + back);
        t->by_one += e + back;
        product *= own_cond / own_norm;
        t->condition = fmax(t->condition, cond);
        before = after;
    }
}

/* A chain's matrices w (LAYERS, D, D) at x: its round trip and the bound. */
static trip linear_trip(const double *w, gsl_rng *rng)
{
    jf_layer *f = jf_flow_new(D);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(1, D), h = jf_matrix_new(1, D);
    double unused, sum = 0;
    trip t = {.predicted = 0, .condition = 1};

    for (size_t k = 0; k < LAYERS; k++)
        jf_flow_add(f, jf_dense(D));
    real *theta = jf_theta_new(f);
    for (size_t i = 0; i < f->module.n_params; i++)
        theta[i] = (real)w[i];
    for (size_t i = 0; i < D; i++)
        x.data[i] = (real)jf_stream_normal(rng, 1);
    jf_matrix_copy(h, jf_const(x));
    predict(f, theta, h, team, &t);
    jf_matrix_copy(h, jf_const(x));
    int failed =
        jf_forward(f, theta, h, &unused, team) || jf_inverse(f, theta, h, team);
    for (size_t i = 0; i < D; i++) {
        double gap = (double)h.data[i] - (double)x.data[i];
        sum += gap * gap;
    }
    double size = jf_norm(D, x.data);
    t.error = failed ? (double)NAN : sqrt(sum) / size;
    t.predicted /= size;
    t.by_layer /= size;
    t.by_product /= size;
    t.by_one /= size;
    t.nonfinite = isfinite(t.error) ? 0 : 100;
    free(theta);
    jf_matrix_free(&h);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
    return t;
}

static const struct {
    const char *name;
    double condition;
    int back; /* the second half inverts the first */
} chains[] = {{"orthogonal", 1, 0},
              {"condition 2", 2, 0},
              {"condition 10", 10, 0},
              {"condition 4 and back", 4, 1}};

static trip chain_trip(size_t which, gsl_rng *rng)
{
    double *w = jf_alloc(LAYERS * D * D, sizeof *w), unused;
    size_t drawn = chains[which].back ? LAYERS / 2 : LAYERS;
    for (size_t k = 0; k < drawn; k++)
        draw_matrix(chains[which].condition, rng, w + k * D * D);
    for (size_t k = drawn; k < LAYERS; k++) {
        memcpy(w + k * D * D, w + (LAYERS - 1 - k) * D * D, D * D * sizeof *w);
        if (jf_invert(D, w + k * D * D, &unused) != GSL_SUCCESS)
            w[k * D * D] = (double)NAN;
    }
    trip t = linear_trip(w, rng);
    free(w);
    return t;
}

/* x + 1e6 - 1e6, relative: L = M = 1, activations of 1e6. */
static trip shift_trip(gsl_rng *rng)
{
    volatile real far;
    double sum = 0, size = 0;
    for (size_t i = 0; i < D; i++) {
        real x = (real)jf_stream_normal(rng, 1);
        far = x + (real)FAR;
        real gap = (real)(far - (real)FAR) - x;
        sum += (double)(gap * gap);
        size += (double)(x * x);
    }
    double bound = sqrt(D) * 0.5 * FAR_SPACING / sqrt(size);
    return (trip){.error = sqrt(sum / size),
                  .predicted = bound,
                  .condition = 1,
                  .by_layer = bound,
                  .by_product = bound,
                  .by_one = bound};
}

/* One step of the sine chain on x (2), which column moves by parity. */
static void sine_step(real *x, size_t k, real tau, real shift, int back)
{
    real *b = &x[k % 2], a = x[1 - k % 2];
    real move = (real)sin((double)(real)(tau * a + shift));
    *b = back ? *b - move : *b + move;
}

static trip sine_trip(double tau, gsl_rng *rng)
{
    real x[2], h[2], shift[LAYERS];
    double p[4] = {1, 0, 0, 1}, sigma[2], before = 1;
    trip t = {.predicted = 0};
    for (size_t i = 0; i < 2; i++)
        h[i] = x[i] = (real)jf_stream_normal(rng, 1);
    double size = hypot((double)x[0], (double)x[1]);
    for (size_t k = 0; k < LAYERS; k++) {
        shift[k] = (real)jf_stream_normal(rng, 1);
        double at = tau * (double)h[1 - k % 2] + (double)shift[k];
        double slope = tau * cos(at), copy[4];
        double own = exp(asinh(0.5 * fabs(slope)));
        double e = TRIP_U / size *
                   (fabs((double)h[k % 2]) + 2 + 2 * fabs(at) +
                    fabs((double)shift[k]));
        double back = e + TRIP_U / size;
        sine_step(h, k, (real)tau, shift[k], 0);
        /* prefix^-1 := prefix^-1 step^-1, step^-1 = 1 - slope e_b e_a' */
        for (size_t i = 0; i < 2; i++)
            p[2 * i + 1 - k % 2] -= p[2 * i + k % 2] * slope;
        memcpy(copy, p, sizeof copy);
        if (jf_singular_values(2, 2, copy, sigma) != GSL_SUCCESS)
            sigma[0] = (double)NAN;
        t.predicted += sigma[0] * e + before * back;
        t.by_layer += own * e + back;
        t.by_one += e + back;
        before = sigma[0];
    }
    for (size_t k = LAYERS; k-- > 0;)
        sine_step(h, k, (real)tau, shift[k], 1);
    t.error = hypot((double)(h[0] - x[0]), (double)(h[1] - x[1])) / size;
    t.condition = square(before);
    t.by_product = (double)NAN;
    return t;
}

static const double taus[SINES] = {1, 5, 10, 100};

double trip_first_order(size_t which)
{
    return which <= SHIFT ? (double)INFINITY
                          : 1 / (16 * taus[which - SHIFT - 1]);
}

void trip_chain(const experiment *e, jf_table *out, size_t point, size_t which)
{
    static const char *const names[SINES] = {"sine tau=1", "sine tau=5",
                                             "sine tau=10", "sine tau=100"};
    size_t linear = sizeof(real) < sizeof(double) ? 30 : 10;
    size_t seeds = by_profile(e, which < CHAINS ? linear : 100, 100, 1000);
    gsl_rng *rng = jf_stream_new();
    for (size_t i = 0; i < seeds; i++) {
        jf_stream_seek(rng, e->args.seed, PURPOSE_TRIPS, which, i);
        trip t = which < CHAINS   ? chain_trip(which, rng)
                 : which == SHIFT ? shift_trip(rng)
                                  : sine_trip(taus[which - SHIFT - 1], rng);
        t.log_det_error = t.error_9 = t.distance_9 = t.nats = (double)NAN;
        trip_row(out, point,
                 which < CHAINS   ? chains[which].name
                 : which == SHIFT ? "shift 1e6"
                                  : names[which - SHIFT - 1],
                 LAYERS, (double)INFINITY, i + 1, &t);
    }
    gsl_rng_free(rng);
}
