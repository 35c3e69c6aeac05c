/* tails.c -- rounding of log q where tails are not the base (C6.9).
 *
 * Chains of the plane over N(0, I), each layer computed in double, its output
 * and its log-determinant rounded to float (measure/shadow.h).
 *   sine tau      x_b += sin(tau x_a + c_k), a and b by turns, log|det| = 0;
 *                 tau = 2 and 10, from 24 random starts
 *   trained       three rings, 4 affine couplings and twice and four times as
 *                 many, 24 tanh units each; fresh points
 * Log q errs by sum_k s_k . d_k + e_k to first order, s_k the gradient of the
 * log-density of the tail at the activation h_k.  The next order is left out
 * where no phase tau x_a is off by more than 1/64, so that slopes change by
 * less; starts beyond that are in the table, not in the row.
 * Writes    lipschitz-tails.csv: errors of the map, over |x|, and of log q, and
 *           that bound, in roundings u, by chain and layers; for trained chains
 *           the largest of all points. */
#include "lipschitz.h"

#include <float.h>
#include <math.h>

enum { D = 2, DEPTH = 24, STARTS = 24, HIDDEN = 24, POINTS = 1000 };
#define U ((double)FLT_EPSILON / 2)
#define PHASE (1.0 / 64)

/* x_b += sin(tau x_a + c). */
typedef struct {
    jf_layer base;
    double tau, shift;
    size_t a;
} sine;

static int sine_forward(const jf_layer *self, jf_weights w, jf_matrix x,
                        double *log_abs_det, jf_work *work)
{
    const sine *s = (const sine *)self;
    (void)w, (void)log_abs_det;
    if (work->tape != JF_TAPE_NONE)
        jf_matrix_copy(jf_push_matrix(work, x.rows, D), jf_const(x));
    for (size_t i = 0; i < x.rows; i++) {
        real *row = jf_row(x, i);
        row[1 - s->a] += (real)sin(s->tau * (double)row[s->a] + s->shift);
    }
    return GSL_SUCCESS;
}

static int sine_backward(const jf_layer *self, jf_weights w, jf_matrix z,
                         jf_matrix dz, const double *d_log_abs_det,
                         jf_grad grad, jf_work *work)
{
    const sine *s = (const sine *)self;
    real *old = jf_top(work);
    (void)w, (void)d_log_abs_det, (void)grad;
    jf_matrix_copy(z, jf_const_view(old, z.rows, D));
    jf_pop(work, old);
    for (size_t i = 0; i < z.rows; i++) {
        double a = (double)jf_row(z, i)[s->a];
        real *g = jf_row(dz, i);
        g[s->a] += (real)(s->tau * cos(s->tau * a + s->shift)) * g[1 - s->a];
    }
    return GSL_SUCCESS;
}

static const jf_layer_ops sine_ops = {.forward = sine_forward,
                                      .backward = sine_backward};

static jf_layer *sine_new(double tau, double shift, size_t a)
{
    sine *s = (sine *)jf_layer_new(sizeof *s, "sine", &sine_ops, D, 0);
    s->tau = tau;
    s->shift = shift;
    s->a = a;
    return jf_layer_record(&s->base, "tau=%.17g, shift=%.17g, a=%zu", tau,
                           shift, a);
}

/* A chain, points for it and what they show. */
typedef struct {
    size_t depth, n;
    jf_layer *flow;
    real *theta;
    jf_matrix x;
    jf_shadow *s;
    jf_team *team;
} chain;

static chain chain_new(size_t depth, size_t n)
{
    return (chain){.depth = depth,
                   .n = n,
                   .flow = jf_flow_new(D),
                   .x = jf_matrix_new(n, D),
                   .s = jf_alloc(n, sizeof(jf_shadow)),
                   .team = jf_team_new(1)};
}

static void chain_free(chain *c)
{
    jf_layer_free(c->flow);
    free(c->theta);
    jf_matrix_free(&c->x);
    free(c->s);
    jf_team_free(c->team);
}

/* c->s, once flow, theta and x are there. */
static void run(const chain *c)
{
    jf_latent normal = jf_normal();
    if (jf_shadow_of(c->flow, &normal, c->theta, jf_const(c->x), c->s,
                     c->team) != GSL_SUCCESS)
        jf_fail(1, "lipschitz: a layer fails");
}

/* From random starts, which are floats. */
static chain sines(const experiment *e, double tau, size_t depth)
{
    chain c = chain_new(depth, STARTS);
    gsl_rng *rng = stream(e, 690);
    c.theta = jf_theta_new(c.flow);
    for (size_t k = 0; k < depth; k++)
        jf_flow_add(
            c.flow,
            sine_new(tau, 2 * M_PI * (double)jf_stream_uniform(rng), k % 2));
    gsl_rng_free(rng);
    rng = stream(e, 691);
    for (size_t i = 0; i < STARTS; i++)
        for (size_t j = 0; j < D; j++)
            jf_row(c.x, i)[j] = (real)(float)jf_stream_normal(rng, 1);
    gsl_rng_free(rng);
    run(&c);
    return c;
}

/* Rows of three rings, floats. */
static void rings(const experiment *e, jf_matrix x, unsigned long name,
                  size_t step)
{
    const jf_toy *toy = jf_toy_find("rings");
    gsl_rng *rng = jf_stream_new();
    for (size_t i = 0; i < x.rows; i++) {
        double at[D];
        jf_stream_seek(rng, e->args.seed, JF_PURPOSE_USER + 301 + name, step,
                       i);
        toy->sample(at, rng);
        for (size_t j = 0; j < D; j++)
            jf_row(x, i)[j] = (real)(float)at[j];
    }
    gsl_rng_free(rng);
}

static void fresh(void *arg, jf_matrix batch, const size_t *rows, size_t step)
{
    (void)rows;
    rings(arg, batch, 0, step);
}

static chain trained(const experiment *e, size_t depth)
{
    chain c = chain_new(depth, POINTS);
    jf_matrix x = jf_matrix_new(256, D);
    jf_latent normal = jf_normal();
    experiment own = *e;
    jf_fit_result result = {0};
    jf_fit_options options = {.rate = 5e-3,
                              .schedule = {.kind = JF_COSINE},
                              .steps = by_profile(e, 200, 2000, 5000),
                              .seed = e->args.seed,
                              .prepare = fresh,
                              .prepare_arg = &own};
    for (size_t k = 0; k < depth; k++)
        jf_flow_add(
            c.flow,
            jf_coupling(D, 1, k % 2 ? JF_LOWER : JF_UPPER, jf_map_clamp(2),
                        jf_mlp(&(jf_mlp_options){.n_in = 1,
                                                 .n_out = 2,
                                                 .hidden = HIDDEN,
                                                 .depth = 1,
                                                 .activation = JF_TANH})));
    c.theta = jf_theta_new(c.flow);
    rings(e, x, 0, 0);
    if (jf_init(c.flow, c.theta, jf_const(x), e->args.seed, c.team) !=
            GSL_SUCCESS ||
        jf_fit(c.flow, &normal, c.theta, jf_const(x), &options, &result,
               c.team) != GSL_SUCCESS)
        jf_fail(1, "lipschitz: a flow is not trained");
    jf_matrix_free(&x);
    rings(e, c.x, 1, depth);
    run(&c);
    return c;
}

/* Error over bound, of all layers and of the last; 8 K u: e_k of the sum. */
static void worst(finding *f, double *wrong, const chain *c, double tau)
{
    double rest = 8 * (double)c->depth * (double)DBL_EPSILON;
    for (size_t i = 0; i < c->n; i++) {
        const jf_shadow *s = &c->s[i];
        if (!(tau * s->off < PHASE))
            continue;
        f->n++;
        f->measured = jf_worse(f->measured, fabs(s->log_q) / (s->bound + rest));
        *wrong = jf_worse(*wrong, fabs(s->log_q) / (s->last + rest));
    }
}

static void sine_bound(const experiment *e, finding *f)
{
    static const double taus[] = {2, 10};
    double wrong = 0;
    f->d = D;
    for (size_t t = 0; t < 2; t++)
        for (size_t depth = 1; depth <= DEPTH; depth++) {
            chain c = sines(e, taus[t], depth);
            worst(f, &wrong, &c, taus[t]);
            chain_free(&c);
        }
    f->expected = 1;
    f->broken = wrong - f->measured;
}

/* sum_k |h_k||d_k| of row i. */
static double if_base(const chain *c, size_t i)
{
    double sum = 0, unused = 0;
    jf_matrix h = jf_matrix_new(1, D);
    jf_matrix_copy(h, jf_const(jf_rows(c->x, i, 1)));
    for (size_t k = 0; k < c->depth; k++) {
        double moved = 0, size = 0;
        if (jf_forward(jf_flow_part(c->flow, k).layer, c->theta, h, &unused,
                       c->team) != GSL_SUCCESS)
            jf_fail(1, "lipschitz: a layer fails");
        for (size_t j = 0; j < D; j++) {
            double before = (double)h.data[j];
            h.data[j] = (real)(float)before;
            moved += square((double)h.data[j] - before);
            size += square((double)h.data[j]);
        }
        sum += sqrt(size * moved);
    }
    jf_matrix_free(&h);
    return sum;
}

/* Decades by which the largest error of log q after eight sines exceeds what
 * it would be, sum_k |h_k||d_k|, if every tail were the base. */
static double beyond_base(const experiment *e, double tau)
{
    chain c = sines(e, tau, 8);
    double error = 0, base = 0;
    for (size_t i = 0; i < c.n; i++) {
        error = jf_worse(error, fabs(c.s[i].log_q));
        base = jf_worse(base, if_base(&c, i));
    }
    chain_free(&c);
    return log10(error / base);
}

static void rough(const experiment *e, finding *f)
{
    f->d = D;
    f->n = STARTS;
    f->measured = beyond_base(e, 10);
    f->broken = beyond_base(e, 0) - f->measured;
}

static void trained_bound(const experiment *e, finding *f)
{
    double wrong = 0;
    f->d = D;
    for (size_t depth = 4; depth <= 16; depth *= 2) {
        chain c = trained(e, depth);
        worst(f, &wrong, &c, 0);
        chain_free(&c);
    }
    f->expected = 1;
    f->broken = wrong - f->measured;
}

#define FLOAT "rounded to float after each layer, N(0, I)"

static const check checks[] = {
    {{"C6.9",
      "log q errs by at most sum_k |s_k . d_k| + |e_k| along chains of sines",
      "tau = 2 and 10, up to 24 layers, while phases are within 1/64; " FLOAT,
      "largest ratio; s_k by one pass backward; slopes change by 1/64 a layer: "
      "5%",
      JF_IDENTITY, "the last layer's rounding alone"},
     "sines bound",
     JF_AT_MOST,
     0.05,
     sine_bound},
    {{"C6.9", "where tails are rough log q is lost with the map",
      "eight sines, tau = 10, 24 starts; " FLOAT,
      "decades by which the largest error of log q exceeds sum |h_k||d_k| "
      "against 0",
      JF_IDENTITY, "tau = 0: isometries"},
     "sines rough",
     JF_AT_LEAST,
     0,
     rough},
    {{"C6.9",
      "log q errs by at most sum_k |s_k . d_k| + |e_k| in trained couplings",
      "three rings, 4, 8 and 16 affine couplings, 1000 fresh points "
      "each; " FLOAT,
      "largest ratio; s_k by one pass backward; 5% for the next order",
      JF_IDENTITY, "the last layer's rounding alone"},
     "trained bound",
     JF_AT_MOST,
     0.05,
     trained_bound},
};

const check_list list_tails = {checks, sizeof checks / sizeof *checks};

/* A row for each point, or one with the largest of all. */
static void add_rows(jf_table *out, size_t at, const char *name, chain c,
                     int all)
{
    double map = 0, log_q = 0, bound = 0;
    for (size_t i = 0; i < c.n; i++) {
        const jf_shadow *s = &c.s[i];
        const real *x = jf_row(c.x, i);
        double over = s->map / hypot((double)x[0], (double)x[1]);
        map = jf_worse(map, over);
        log_q = jf_worse(log_q, fabs(s->log_q));
        bound = jf_worse(bound, s->bound);
        if (all)
            jf_table_row(out, at, "%s,%zu,%zu," JF_G "," JF_G "," JF_G, name,
                         c.depth, i, over / U, fabs(s->log_q) / U,
                         s->bound / U);
    }
    if (!all)
        jf_table_row(out, at, "%s,%zu,nan," JF_G "," JF_G "," JF_G, name,
                     c.depth, map / U, log_q / U, bound / U);
    chain_free(&c);
}

static void sine_rows(const experiment *e, jf_table *out, size_t at, double tau)
{
    char name[32];
    snprintf(name, sizeof name, "sine tau=%g", tau);
    for (size_t depth = 1; depth <= DEPTH; depth += depth < 8 ? 1 : 4)
        add_rows(out, at, name, sines(e, tau, depth), 1);
}

void lipschitz_tails(experiment *e)
{
    enum { ROWS = 5 };
    jf_table *out = jf_table_new(&e->args, "lipschitz-tails",
                                 "chain,layers,start,map_error_u,log_q_error_u,"
                                 "bound_u",
                                 ROWS);
    for (size_t p = 0; p < ROWS; p++) {
        if (jf_table_has(out, p))
            continue;
        if (p < 2)
            sine_rows(e, out, p, p ? 10 : 2);
        else
            add_rows(out, p, "trained", trained(e, (size_t)1 << p), 0);
        jf_table_finish(out, p);
    }
    jf_table_close(out);
}
