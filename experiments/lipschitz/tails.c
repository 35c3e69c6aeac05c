/* tails.c -- rounding of log q where tails are not the base (C6.9).
 *
 * Chains of the plane over N(0, I), each layer computed in double, its output
 * and its log-determinant rounded to float, d_k and e_k known but for 1e-16.
 *   sine tau      x_b += sin(tau x_a + c_k), a and b by turns, log|det| = 0;
 *                 tau = 2 and 10, from 24 random starts
 *   trained       three rings, 4 affine couplings and twice and four times as
 *                 many, 24 tanh units each; fresh points
 * Log q errs by sum_k s_k . d_k + e_k to first order, s_k the gradient of the
 * log-density of the tail at the activation h_k, which one pass backward over
 * the computed activations gives (jf_vjp).  The next order is left out where no
 * phase tau x_a is off by more than 1/64, so that slopes change by less; starts
 * beyond that are in the table, not in the row.
 * Writes    lipschitz-tails.csv: errors of the map, over |x|, and of log q, and
 *           that bound, in roundings u, by chain and layers; for trained chains
 *           the largest of all points. */
#include "lipschitz.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { D = 2, DEPTH = 24, STARTS = 24, HIDDEN = 24, POINTS = 1000 };
#define U ((double)FLT_EPSILON / 2)
#define PHASE (1.0 / 64)

/* A chain: sines, or the parts of a flow. */
typedef struct {
    double tau, shift[DEPTH];
    jf_layer *flow;
    real *theta, *unused;
    jf_team *team;
} chain;

/* h (n, 2) := layer k; log_det (n) of it. */
static void step(const chain *c, size_t k, jf_matrix h, double *log_det)
{
    if (c->flow) {
        jf_part part = jf_flow_part(c->flow, k);
        if (jf_forward(part.layer, c->theta + part.first, h, log_det,
                       c->team) != GSL_SUCCESS)
            jf_fail(1, "lipschitz: a layer fails");
        return;
    }
    for (size_t i = 0; i < h.rows; i++) {
        real *x = jf_row(h, i);
        x[1 - k % 2] += (real)sin(c->tau * (double)x[k % 2] + c->shift[k]);
        log_det[i] = 0;
    }
}

/* s (n, 2), the gradient behind layer k, becomes that before it, at x. */
static void pull(const chain *c, size_t k, jf_const_matrix x, jf_matrix s)
{
    if (c->flow) {
        jf_part part = jf_flow_part(c->flow, k);
        jf_matrix copy = jf_matrix_new(x.rows, D);
        double *ones = jf_alloc(x.rows, sizeof *ones);
        jf_matrix_copy(copy, x);
        for (size_t i = 0; i < x.rows; i++)
            ones[i] = 1;
        if (jf_vjp(part.layer, c->theta + part.first, copy, s, ones, c->unused,
                   JF_TAPE_FULL, c->team) != GSL_SUCCESS)
            jf_fail(1, "lipschitz: a layer fails");
        free(ones);
        jf_matrix_free(&copy);
        return;
    }
    for (size_t i = 0; i < s.rows; i++) {
        double a = (double)jf_const_row(x, i)[k % 2];
        real *g = jf_row(s, i);
        g[k % 2] +=
            (real)(c->tau * cos(c->tau * a + c->shift[k])) * g[1 - k % 2];
    }
}

/* What a row shows: errors, bounds of all layers and of the last alone, and the
 * largest distance of an activation from the true one. */
typedef struct {
    double map, log_q, bound, last, off;
} shadow;

typedef struct {
    size_t depth, n;
    jf_matrix h[DEPTH + 1], moved[DEPTH + 1], exact; /* moved: d_k */
    double *kept, *exact_log_det, *ld;               /* kept: sum |e_k| */
    double *log_det, *last, *off;                    /* computed; |e_K| */
} passes;

static void passes_new(passes *p, size_t n)
{
    double **rows[] = {&p->kept,    &p->exact_log_det, &p->ld,
                       &p->log_det, &p->last,          &p->off};
    p->n = n;
    for (size_t k = 0; k <= DEPTH; k++) {
        p->h[k] = jf_matrix_new(n, D);
        p->moved[k] = jf_matrix_new(n, D);
    }
    p->exact = jf_matrix_new(n, D);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        *rows[k] = jf_alloc(n, sizeof **rows[k]);
}

static void passes_free(passes *p)
{
    for (size_t k = 0; k <= DEPTH; k++) {
        jf_matrix_free(&p->h[k]);
        jf_matrix_free(&p->moved[k]);
    }
    jf_matrix_free(&p->exact);
    free(p->kept);
    free(p->exact_log_det);
    free(p->ld);
    free(p->log_det);
    free(p->last);
    free(p->off);
}

/* h[0] (n, 2) holds starts, which are floats. */
static void run(passes *p, const chain *c, size_t depth)
{
    p->depth = depth;
    jf_matrix_copy(p->exact, jf_const(p->h[0]));
    for (size_t i = 0; i < p->n; i++)
        p->kept[i] = p->exact_log_det[i] = p->log_det[i] = p->off[i] = 0;
    for (size_t k = 0; k < depth; k++) {
        jf_matrix h = p->h[k + 1];
        jf_matrix_copy(h, jf_const(p->h[k]));
        step(c, k, h, p->ld);
        for (size_t i = 0; i < p->n; i++) {
            double ld = (double)(float)p->ld[i];
            p->last[i] = fabs(ld - p->ld[i]);
            p->kept[i] += p->last[i];
            p->log_det[i] += ld;
            for (size_t j = 0; j < D; j++) {
                double before = (double)jf_row(h, i)[j];
                jf_row(h, i)[j] = (real)(float)before;
                jf_row(p->moved[k + 1], i)[j] =
                    (real)((double)(float)before - before);
            }
        }
        step(c, k, p->exact, p->ld);
        for (size_t i = 0; i < p->n; i++) {
            p->exact_log_det[i] += p->ld[i];
            for (size_t j = 0; j < D; j++)
                p->off[i] = jf_worse(
                    p->off[i],
                    fabs((double)(jf_row(h, i)[j] - jf_row(p->exact, i)[j])));
        }
    }
}

static double dot(const real *x, const real *y)
{
    return (double)x[0] * (double)y[0] + (double)x[1] * (double)y[1];
}

/* out (n), after run. */
static void judge(const passes *p, const chain *c, shadow *out)
{
    jf_matrix s = jf_matrix_new(p->n, D);
    const size_t depth = p->depth;
    for (size_t i = 0; i < p->n; i++) {
        const real *z = jf_row(p->h[depth], i), *x = jf_row(p->h[0], i);
        const real *is = jf_row(p->exact, i);
        double half = 0.5 * ((double)(is[0] - z[0]) * (double)(is[0] + z[0]) +
                             (double)(is[1] - z[1]) * (double)(is[1] + z[1]));
        out[i] = (shadow){
            .map = hypot((double)(z[0] - is[0]), (double)(z[1] - is[1])) /
                   sqrt(dot(x, x)),
            .log_q = fabs(half + p->log_det[i] - p->exact_log_det[i]),
            .bound = p->kept[i],
            .last = p->last[i],
            .off = p->off[i]};
        for (size_t j = 0; j < D; j++)
            jf_row(s, i)[j] = -z[j];
    }
    for (size_t k = depth; k > 0; k--) {
        for (size_t i = 0; i < p->n; i++) {
            double term = fabs(dot(jf_row(s, i), jf_row(p->moved[k], i)));
            out[i].bound += term;
            if (k == depth)
                out[i].last += term;
        }
        pull(c, k - 1, jf_const(p->h[k - 1]), s);
    }
    jf_matrix_free(&s);
}

static chain sines(const experiment *e, double tau)
{
    chain c = {.tau = tau};
    gsl_rng *rng = stream(e, 690);
    for (size_t k = 0; k < DEPTH; k++)
        c.shift[k] = 2 * M_PI * (double)jf_stream_uniform(rng);
    gsl_rng_free(rng);
    return c;
}

static void sine_starts(const experiment *e, jf_matrix x)
{
    gsl_rng *rng = stream(e, 691);
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < D; j++)
            jf_row(x, i)[j] = (real)(float)jf_stream_normal(rng, 1);
    gsl_rng_free(rng);
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
    chain c = {.flow = jf_flow_new(D), .team = jf_team_new(1)};
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
    c.unused = jf_theta_new(c.flow);
    rings(e, x, 0, 0);
    if (jf_init(c.flow, c.theta, jf_const(x), e->args.seed, c.team) !=
            GSL_SUCCESS ||
        jf_fit(c.flow, &normal, c.theta, jf_const(x), &options, &result,
               c.team) != GSL_SUCCESS)
        jf_fail(1, "lipschitz: a flow is not trained");
    jf_matrix_free(&x);
    return c;
}

static void chain_free(chain *c)
{
    jf_layer_free(c->flow);
    free(c->theta);
    free(c->unused);
    if (c->team)
        jf_team_free(c->team);
}

/* Error over bound, of all layers and of the last; 8 K u: e_k of the sum. */
static void worst(finding *f, double *wrong, const passes *p, const shadow *s,
                  double tau)
{
    double rest = 8 * (double)p->depth * (double)DBL_EPSILON;
    for (size_t i = 0; i < p->n; i++) {
        if (!(tau * s[i].off < PHASE))
            continue;
        f->n++;
        f->measured = jf_worse(f->measured, s[i].log_q / (s[i].bound + rest));
        *wrong = jf_worse(*wrong, s[i].log_q / (s[i].last + rest));
    }
}

static void sine_bound(const experiment *e, finding *f)
{
    static const double taus[] = {2, 10};
    shadow s[STARTS];
    double wrong = 0;
    passes p;
    passes_new(&p, STARTS);
    f->d = D;
    for (size_t t = 0; t < 2; t++) {
        chain c = sines(e, taus[t]);
        sine_starts(e, p.h[0]);
        for (size_t depth = 1; depth <= DEPTH; depth++) {
            run(&p, &c, depth);
            judge(&p, &c, s);
            worst(f, &wrong, &p, s, taus[t]);
        }
    }
    f->expected = 1;
    f->broken = wrong - f->measured;
    passes_free(&p);
}

/* Decades by which the largest error of log q after eight sines exceeds what
 * it would be, sum_k |h_k||d_k|, if every tail were the base. */
static double beyond_base(const experiment *e, double tau)
{
    enum { EIGHT = 8 };
    shadow s[STARTS];
    passes p;
    chain c = sines(e, tau);
    double error = 0, base = 0;
    passes_new(&p, STARTS);
    sine_starts(e, p.h[0]);
    run(&p, &c, EIGHT);
    judge(&p, &c, s);
    for (size_t i = 0; i < STARTS; i++) {
        double sum = 0;
        for (size_t k = 1; k <= EIGHT; k++)
            sum += sqrt(dot(jf_row(p.h[k], i), jf_row(p.h[k], i)) *
                        dot(jf_row(p.moved[k], i), jf_row(p.moved[k], i)));
        error = jf_worse(error, s[i].log_q);
        base = jf_worse(base, sum);
    }
    passes_free(&p);
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
    shadow *s = jf_alloc(POINTS, sizeof *s);
    double wrong = 0;
    passes p;
    passes_new(&p, POINTS);
    f->d = D;
    for (size_t depth = 4; depth <= 16; depth *= 2) {
        chain c = trained(e, depth);
        rings(e, p.h[0], 1, depth);
        run(&p, &c, depth);
        judge(&p, &c, s);
        worst(f, &wrong, &p, s, 0);
        chain_free(&c);
    }
    f->expected = 1;
    f->broken = wrong - f->measured;
    passes_free(&p);
    free(s);
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

static void add_rows(jf_table *out, size_t at, const char *name,
                     const passes *p, const shadow *s, int all)
{
    shadow most = {0};
    for (size_t i = 0; i < p->n; i++) {
        most.map = jf_worse(most.map, s[i].map);
        most.log_q = jf_worse(most.log_q, s[i].log_q);
        most.bound = jf_worse(most.bound, s[i].bound);
        if (all)
            jf_table_row(out, at, "%s,%zu,%zu," JF_G "," JF_G "," JF_G, name,
                         p->depth, i, s[i].map / U, s[i].log_q / U,
                         s[i].bound / U);
    }
    if (!all)
        jf_table_row(out, at, "%s,%zu,nan," JF_G "," JF_G "," JF_G, name,
                     p->depth, most.map / U, most.log_q / U, most.bound / U);
}

static void sine_rows(const experiment *e, jf_table *out, size_t at, double tau)
{
    char name[32];
    shadow s[STARTS];
    passes p;
    chain c = sines(e, tau);
    passes_new(&p, STARTS);
    sine_starts(e, p.h[0]);
    snprintf(name, sizeof name, "sine tau=%g", tau);
    for (size_t depth = 1; depth <= DEPTH; depth += depth < 8 ? 1 : 4) {
        run(&p, &c, depth);
        judge(&p, &c, s);
        add_rows(out, at, name, &p, s, 1);
    }
    passes_free(&p);
}

static void trained_rows(const experiment *e, jf_table *out, size_t at,
                         size_t depth)
{
    shadow *s = jf_alloc(POINTS, sizeof *s);
    passes p;
    chain c = trained(e, depth);
    passes_new(&p, POINTS);
    rings(e, p.h[0], 1, depth);
    run(&p, &c, depth);
    judge(&p, &c, s);
    add_rows(out, at, "trained", &p, s, 0);
    chain_free(&c);
    passes_free(&p);
    free(s);
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
            trained_rows(e, out, p, (size_t)1 << p);
        jf_table_finish(out, p);
    }
    jf_table_close(out);
}
