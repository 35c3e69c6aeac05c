/* trips.c -- round trips of trained flows, inside and outside of their data.
 *
 * The checkerboard protocol of Behrmann, Vicol, Wang, Grosse and Jacobsen 2021
 * at a smaller size: residual layers with c = .8, affine couplings with scales
 * sigmoid(s + 2) and in (1/2, 1), and ours: log scales within +-.2 and nets of
 * Lipschitz constant 1; 20 and 100 blocks, nets 2 x 32 (theirs: 4 x 128), 300
 * steps of batch 256 (50 000 of 500), grid on [-8, 8]^2.  Predicted at sampled
 * points with e_k = e'_k = 4 u (|h_{k-1}| + |h_k|).  Gradients: backward from z
 * with inverses (lean tape) against stored activations (full); drift of x,
 * relative difference of gradients. */
#include "trips.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/ridge_residual.h"

/* Below it a bound of |x| is one of first order. */
#define FIRST_ORDER 0.25

enum { BATCH = 256, SAMPLED = 40, UNTRAINED = TRIP_MODELS - 1 };

void trip_row(jf_table *out, size_t point, const char *flow, size_t depth,
              double radius, unsigned long seed, const trip *t)
{
    jf_table_row(out, point,
                 "%s,%s,%zu,%g,%lu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G,
                 flow, TRIP_PRECISION, depth, radius, seed, t->error,
                 t->predicted, t->condition, t->log_det_error, t->nonfinite,
                 t->error_9, t->distance_9, t->nats, t->by_layer, t->by_product,
                 t->by_one);
}

static void affine(jf_layer *f, jf_map map, size_t blocks, double lipschitz)
{
    for (size_t k = 0; k < blocks; k++) {
        jf_mlp_options net = {1, 2, 32, 2, JF_TANH, 0, lipschitz};
        jf_flow_add(f, jf_coupling(2, 1, k % 2 ? JF_LOWER : JF_UPPER, map,
                                   jf_mlp(&net)));
    }
}

static void contracting(jf_layer *f, size_t blocks)
{
    affine(f, jf_map_sigmoid(), blocks, 0);
}

static void half_open(jf_layer *f, size_t blocks)
{
    affine(f, jf_map_range(R(0.5), 1), blocks, 0);
}

static void ours(jf_layer *f, size_t blocks)
{
    affine(f, jf_map_clamp(R(0.2)), blocks, 1);
}

/* Each block contracts by e, and so grows errors on the way back. */
static void shrinking(jf_layer *f, size_t blocks)
{
    for (size_t k = 0; k < blocks; k++) {
        jf_mlp_options net = {1, 2, 32, 2, JF_TANH, 0, 1};
        jf_flow_add(f, jf_diagonal(2));
        jf_flow_add(f, jf_coupling(2, 1, k % 2 ? JF_LOWER : JF_UPPER,
                                   jf_map_clamp(R(0.2)), jf_mlp(&net)));
    }
}

static void residual(jf_layer *f, size_t blocks)
{
    for (size_t k = 0; k < blocks; k++)
        jf_flow_add(f, ridge_residual(2, 8, 0.8));
}

static const struct {
    const char *name;
    void (*add)(jf_layer *, size_t);
} models[TRIP_MODELS] = {{"residual", residual},
                         {"affine sigmoid", contracting},
                         {"affine (0.5 1)", half_open},
                         {"ours", ours},
                         {"shrinking", shrinking}};

/* Blocks: of trained flows, in the quick profile, of untrained ones. */
static const size_t depths[3][TRIP_DEPTHS] = {{20, 100}, {5, 10}, {7, 9}};

typedef struct { /* a trained flow */
    const experiment *e;
    const char *name;
    size_t depth;
    jf_layer *f;
    real *theta;
    jf_team *team;
    double nats;
} model;

static void draw(void *arg, jf_matrix x, const size_t *rows, size_t step)
{
    const model *m = arg;
    gsl_rng *rng = jf_stream_new();
    (void)rows;
    for (size_t i = 0; i < x.rows; i++) {
        double at[2];
        jf_stream_seek(rng, m->e->args.seed, PURPOSE_TRIPS + 1, step, i);
        jf_toy_find("checkerboard")->sample(at, rng);
        jf_row(x, i)[0] = (real)at[0];
        jf_row(x, i)[1] = (real)at[1];
    }
    gsl_rng_free(rng);
}

/* Of an untrained flow: N(0, 1), for which nets are as steep as their bound
 * allows; logarithms of the scales between them -1, those at the ends 0. */
static void draw_parameters(model *m)
{
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, m->e->args.seed, PURPOSE_TRIPS + 2, m->depth, 0);
    for (size_t i = 0; i < m->f->module.n_params; i++)
        m->theta[i] = (real)jf_stream_normal(rng, 1);
    for (size_t k = 0; k < m->depth; k++) {
        real *scale = m->theta + jf_flow_part(m->f, 1 + 2 * k).first;
        scale[0] = scale[1] = -1;
    }
    size_t ends[2] = {0, jf_flow_part(m->f, 1 + 2 * m->depth).first};
    for (size_t i = 0; i < 2; i++)
        memset(m->theta + ends[i], 0, 4 * sizeof *m->theta);
    gsl_rng_free(rng);
}

static void train(model *m, size_t which)
{
    jf_matrix x = jf_matrix_new(BATCH, 2), test = jf_matrix_new(2000, 2);
    jf_latent q = jf_normal();
    jf_likelihood value = {.nll = (double)NAN};
    jf_fit_result fit;
    size_t steps = by_profile(m->e, 10, 300, 5000);

    m->f = jf_flow_new(2);
    jf_flow_add(m->f, jf_actnorm(2));
    models[which].add(m->f, m->depth);
    jf_flow_add(m->f, jf_actnorm(2));
    m->theta = jf_theta_new(m->f);
    draw(m, x, NULL, 0);
    draw(m, test, NULL, steps + 1);
    jf_init(m->f, m->theta, jf_const(x), m->e->args.seed, m->team);
    if (which == UNTRAINED)
        draw_parameters(m);
    else
        jf_fit(m->f, &q, m->theta, jf_const(x),
               &(jf_fit_options){.steps = steps,
                                 .rate = 5e-3,
                                 .schedule = {JF_COSINE, 20, 0.01, 0, 0},
                                 .clip = 10,
                                 .prepare = draw,
                                 .prepare_arg = m},
               &fit, m->team);
    jf_nll(m->f, &q, m->theta, jf_const(test), &value, NULL, m->team);
    m->nats = -value.nll;
    jf_matrix_free(&test);
    jf_matrix_free(&x);
}

/* j (2, 2) of one layer at h (1, 2), which becomes its image. */
static void step_jacobian(const jf_layer *layer, const real *theta, jf_matrix h,
                          double *j, jf_team *team)
{
    jf_matrix rows = jf_matrix_new(2, 2), dz = jf_matrix_new(2, 2);
    real *grad = jf_theta_new(layer);
    double none[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        memcpy(jf_row(rows, i), h.data, 2 * sizeof *h.data);
        jf_row(dz, i)[i] = 1;
    }
    int failed =
        jf_vjp(layer, theta, rows, dz, none, grad, JF_TAPE_FULL, team) ||
        jf_forward(layer, theta, h, none, team);
    for (size_t i = 0; i < 4; i++)
        j[i] = failed ? (double)NAN : (double)dz.data[i];
    free(grad);
    jf_matrix_free(&dz);
    jf_matrix_free(&rows);
}

/* The first-order bound of the round trip at x (1, 2), the same with 1 for the
 * norms of prefixes, and the Jacobian's condition and log |det| from the
 * product of the layers'. */
static void predict(const model *m, const real *x, double *error, double *alone,
                    double *condition, double *log_det)
{
    jf_matrix h = jf_matrix_new(1, 2);
    double p[4] = {1, 0, 0, 1}, before = 1, sigma[2] = {1, 1};
    memcpy(h.data, x, 2 * sizeof *x);
    *error = *alone = *log_det = 0;
    for (size_t k = 0; k < jf_flow_length(m->f); k++) {
        jf_part part = jf_flow_part(m->f, k);
        double j[4], next[4], size = jf_norm(2, h.data), copy[4];
        step_jacobian(part.layer, m->theta + part.first, h, j, m->team);
        double e = 4 * TRIP_U * (size + jf_norm(2, h.data));
        jf_dgemm(JF_NN, 2, 2, 2, 1, j, p, 0, next); /* J_{1:k} */
        memcpy(p, next, sizeof p);
        memcpy(copy, p, sizeof copy);
        if (jf_singular_values(2, 2, copy, sigma) != GSL_SUCCESS)
            sigma[0] = sigma[1] = (double)NAN;
        *error += e / sigma[1] + before * e;
        *alone += 2 * e;
        before = 1 / sigma[1];
    }
    *condition = sigma[0] / sigma[1];
    *log_det = log(sigma[0]) + log(sigma[1]);
    jf_matrix_free(&h);
}

/* x after times round trips; 0 where it failed. */
static int go_round(const model *m, jf_matrix x, int times)
{
    double *unused = jf_alloc(x.rows, sizeof *unused);
    int status = GSL_SUCCESS;
    for (int k = 0; k < times && status == GSL_SUCCESS; k++) {
        status = jf_forward(m->f, m->theta, x, unused, m->team);
        if (status == GSL_SUCCESS)
            status = jf_inverse(m->f, m->theta, x, m->team);
    }
    free(unused);
    return status == GSL_SUCCESS;
}

static double distance(const real *a, const real *b)
{
    double d = hypot((double)a[0] - (double)b[0], (double)a[1] - (double)b[1]);
    return isfinite(d) ? d : (double)INFINITY;
}

/* A row of the table from the grid points with |x|_inf in the ring. */
static void write_ring(const model *m, jf_matrix x, jf_matrix once,
                       jf_matrix nine, double inner, double outer,
                       jf_table *out, size_t point)
{
    trip t = {.nats = m->nats,
              .by_layer = (double)NAN,
              .by_product = (double)NAN,
              .by_one = (double)NAN};
    double total = 0, lost = 0, far = 0;
    size_t *in = jf_alloc(x.rows, sizeof *in), count = 0;
    for (size_t i = 0; i < x.rows; i++) {
        double r =
            fmax(fabs((double)jf_row(x, i)[0]), fabs((double)jf_row(x, i)[1]));
        if (r < inner || r > outer)
            continue;
        in[count++] = i;
        double gap = distance(jf_row(x, i), jf_row(once, i));
        double gap_9 = distance(jf_row(x, i), jf_row(nine, i));
        total++;
        lost += isinf(gap);
        far += isinf(gap_9) ? 0 : gap_9;
        t.error = fmax(t.error, gap);
        t.error_9 = fmax(t.error_9, gap_9);
    }
    t.nonfinite = 100 * lost / total;
    t.distance_9 = far / total;
    for (size_t k = 0; k < SAMPLED; k++) {
        const real *at = jf_row(x, in[k * count / SAMPLED]);
        double error, alone, condition, log_det, ld = 0;
        jf_matrix one = jf_matrix_new(1, 2);
        memcpy(one.data, at, 2 * sizeof *at);
        predict(m, at, &error, &alone, &condition, &log_det);
        if (jf_forward(m->f, m->theta, one, &ld, m->team) != GSL_SUCCESS)
            ld = (double)NAN;
        t.predicted = jf_worse(t.predicted, error);
        t.condition = jf_worse(t.condition, condition);
        t.log_det_error = jf_worse(t.log_det_error, fabs(ld - log_det));
        jf_matrix_free(&one);
    }
    trip_row(out, point, m->name, m->depth, outer, m->e->args.seed, &t);
    free(in);
}

static void write_grid(const model *m, jf_matrix x, jf_matrix once,
                       jf_table *out, size_t point)
{
    for (size_t i = 0; i < x.rows; i++)
        jf_table_row(out, point, "%s,%s,%zu,%.4g,%.4g,%.4g", m->name,
                     TRIP_PRECISION, m->depth, (double)jf_row(x, i)[0],
                     (double)jf_row(x, i)[1],
                     distance(jf_row(x, i), jf_row(once, i)));
}

typedef struct {         /* of the reversible backward, over rows */
    double drift, bound; /* largest: x's error; as predicted */
    double ratio, alone; /* error over its bound, at one row; over that with 1
                            for the prefixes' norms */
} drift;

static drift drift_of(const model *m, jf_matrix x, jf_matrix back)
{
    drift d = {0};
    for (size_t i = 0; i < x.rows; i++)
        d.drift = fmax(d.drift, distance(jf_row(x, i), jf_row(back, i)));
    for (size_t i = 0; i < x.rows; i += x.rows / SAMPLED) {
        double error, alone, condition, log_det;
        double is = distance(jf_row(x, i), jf_row(back, i));
        predict(m, jf_row(x, i), &error, &alone, &condition, &log_det);
        d.bound = jf_worse(d.bound, error);
        if (error >= FIRST_ORDER)
            continue;
        d.ratio = jf_worse(d.ratio, is / error);
        d.alone = jf_worse(d.alone, is / alone);
    }
    return d;
}

/* Gradients of the batch's likelihood by both tapes. */
static void write_gradients(const model *m, jf_table *out, size_t point)
{
    size_t n = m->f->module.n_params;
    jf_matrix x = jf_matrix_new(BATCH, 2), z = jf_matrix_new(BATCH, 2);
    jf_matrix dz = jf_matrix_new(BATCH, 2), back = jf_matrix_new(BATCH, 2);
    real *grad[2] = {jf_theta_new(m->f), jf_theta_new(m->f)};
    double weight[BATCH], ld[BATCH], gap = 0, size = 0;

    draw((void *)m, x, NULL, 1u << 20);
    jf_matrix_copy(z, jf_const(x));
    int failed = jf_forward(m->f, m->theta, z, ld, m->team);
    for (size_t i = 0; i < BATCH; i++)
        weight[i] = -1.0 / BATCH;
    for (int lean = 0; lean < 2; lean++) {
        for (size_t i = 0; i < BATCH; i++)
            for (size_t j = 0; j < 2; j++)
                jf_row(dz, i)[j] = jf_row(z, i)[j] / BATCH;
        jf_matrix_copy(back, jf_const(x));
        failed |= jf_vjp(m->f, m->theta, back, dz, weight, grad[lean],
                         lean ? JF_TAPE_LEAN : JF_TAPE_FULL, m->team);
    }
    drift d = drift_of(m, x, back);
    for (size_t i = 0; i < n; i++) {
        gap += square((double)grad[1][i] - (double)grad[0][i]);
        size += square((double)grad[0][i]);
    }
    jf_table_row(
        out, point, "%s,%s,%zu," JF_G "," JF_G "," JF_G ",%d," JF_G "," JF_G,
        m->name, TRIP_PRECISION, m->depth, d.drift, d.bound,
        failed ? (double)NAN : sqrt(gap / size), !(sqrt(gap / size) < 1e-3),
        failed ? (double)NAN : d.ratio, d.alone);
    free(grad[1]);
    free(grad[0]);
    jf_matrix_free(&back);
    jf_matrix_free(&dz);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
}

void trip_flow(const experiment *e, const trip_tables *t, size_t point,
               size_t which)
{
    size_t side = by_profile(e, 17, 41, 321);
    model m = {
        .e = e,
        .name = models[which / TRIP_DEPTHS].name,
        .depth = depths[which / TRIP_DEPTHS == UNTRAINED ? 2
                        : e->args.profile == JF_QUICK    ? 1
                                                      : 0][which % TRIP_DEPTHS],
        .team = jf_team_new(1)};
    jf_matrix x = jf_matrix_new(side * side, 2);
    jf_matrix once = jf_matrix_new(side * side, 2);
    jf_matrix nine = jf_matrix_new(side * side, 2);

    train(&m, which / TRIP_DEPTHS);
    for (size_t i = 0; i < side * side; i++) {
        jf_row(x, i)[0] =
            (real)(16.0 * (double)(i % side) / (double)(side - 1) - 8);
        jf_row(x, i)[1] =
            (real)(16.0 * (double)(i / side) / (double)(side - 1) - 8);
    }
    jf_matrix_copy(once, jf_const(x));
    if (!go_round(&m, once, 1))
        jf_matrix_fill(once, (real)NAN);
    jf_matrix_copy(nine, jf_const(once));
    if (!go_round(&m, nine, 8))
        jf_matrix_fill(nine, (real)NAN);
    write_ring(&m, x, once, nine, 0, 4, t->inverse, point);
    write_ring(&m, x, once, nine, 4, 8, t->inverse, point);
    if (which % TRIP_DEPTHS)
        write_grid(&m, x, once, t->grid, point);
    write_gradients(&m, t->gradients, point);
    jf_matrix_free(&nine);
    jf_matrix_free(&once);
    jf_matrix_free(&x);
    free(m.theta);
    jf_layer_free(m.f);
    jf_team_free(m.team);
}
