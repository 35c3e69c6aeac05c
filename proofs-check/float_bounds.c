/* float_bounds.c -- what the library computes lies within proved bounds.
 *
 * Theorem   In arithmetic of unit roundoff u, in which every operation and
 *           every sum of n products (in any order, fused or not) returns the
 *           exact result with an error of at most u, or gamma_n = n u/(1 - n u)
 *           times the sum of absolute values, and exp and tanh are within 4
 *           units in the last place, the log-determinant and the inverse after
 *           the forward pass of an affine coupling stack and of a chain of P L
 *           U layers differ from the exact ones by at most the radii below.
 * Source    Claim C6.3; the model of arithmetic is Higham's (2002); 4 units is
 *           what glibc states for its vector functions.
 * Method    The layers' formulas in balls: each operation on enclosures of
 *           what was computed so far, plus its own error.  The same formulas
 *           with u = 0 enclose the exact values.  The matrices of P L U that
 *           are applied, W and the stored X of its inverse, are read from the
 *           library by unit vectors, for which any order of summation is
 *           exact; X need not be the inverse of W.  Sums of log|det| are in
 *           double in every build.  Underflow adds 2^-120 to each operation.
 *
 * Weights, inputs and W, X are binary fractions, hence exact balls.  A row is
 * the library's error as a part of the bound, which must be below 1. */
#include "jf.h"

#include "ball.h"

enum { D = 4, HALF = 2, HIDDEN = 5, LAYERS = 6, BITS = 256, SAMPLES = 8 };

/* Half of JF_EPS is u; model 0 is exact arithmetic. */
typedef struct {
    int rounds;
} arithmetic;

/* z += gamma_k scale, in the build's precision or in double. */
static void round_off(arb_t z, const arb_t scale, slong k, double eps)
{
    arb_t e, t;
    arb_init(e);
    arb_init(t);
    arb_set_d(e, eps / 2);
    arb_mul_si(e, e, k, BITS);
    arb_sub_ui(t, e, 1, BITS);
    arb_neg(t, t);
    arb_div(e, e, t, BITS);
    arb_mul(e, e, scale, BITS);
    arb_add_error(z, e);
    arb_add_error_2exp_si(z, -120);
    arb_clear(t);
    arb_clear(e);
}

/* z = sum of n products a_i b_i (a every step-th) and of c, rounded. */
static void dot(arb_t z, const real *a, size_t step, arb_srcptr b, size_t n,
                real c, arithmetic model)
{
    arb_t scale, t, w;
    arb_init(scale);
    arb_init(t);
    arb_init(w);
    arb_set_d(z, (double)c);
    arb_abs(scale, z);
    for (size_t i = 0; i < n; i++) {
        arb_set_d(w, (double)a[i * step]);
        arb_mul(t, w, b + i, BITS);
        arb_add(z, z, t, BITS);
        arb_abs(t, t);
        arb_add(scale, scale, t, BITS);
    }
    if (model.rounds)
        round_off(z, scale, (slong)n + 1, (double)JF_EPS);
    arb_clear(w);
    arb_clear(t);
    arb_clear(scale);
}

/* z = f(x) within 4 units in the last place, at most 8 u |z|. */
static void apply(arb_t z, const arb_t x, void (*f)(arb_t, const arb_t, slong),
                  arithmetic model)
{
    f(z, x, BITS);
    if (model.rounds)
        round_off(z, z, 8, (double)JF_EPS);
}

/* One operation: its error is u |z|. */
static void rounded(arb_t z, arithmetic model)
{
    if (model.rounds)
        round_off(z, z, 1, (double)JF_EPS);
}

/* A problem: layers, weights, and what stands for them in balls. */
typedef struct {
    const char *name;
    jf_layer *(*layer)(size_t k);
    size_t n_params; /* per layer */
    void (*forward)(arb_ptr x, arb_t ld, size_t k, const real *theta,
                    arithmetic model);
    void (*inverse)(arb_ptr x, size_t k, const real *theta, arithmetic model);
} stack;

/* Affine coupling: t, s = net(x_a), l = 2 tanh(s/2), z_b = x_b e^l + t; the
 * net has one hidden layer of tanh.  Layer k changes the last columns when k
 * is even and the first when it is odd. */

static jf_layer *coupling(size_t k)
{
    return jf_coupling(D, HALF, k % 2 ? JF_LOWER : JF_UPPER,
                       jf_map_clamp(R(2.0)),
                       jf_mlp(&(jf_mlp_options){.n_in = HALF,
                                                .n_out = 2 * HALF,
                                                .hidden = HIDDEN,
                                                .depth = 1,
                                                .activation = JF_TANH}));
}

/* p = (t, s) from a (HALF); then s becomes l. */
static void network(arb_ptr p, arb_srcptr a, const real *theta,
                    arithmetic model)
{
    const real *b1 = theta + HALF * HIDDEN, *w2 = b1 + HIDDEN;
    const real *b2 = w2 + 2 * HALF * HIDDEN;
    arb_ptr h = _arb_vec_init(HIDDEN);
    for (size_t i = 0; i < HIDDEN; i++) {
        dot(h + i, theta + i * HALF, 1, a, HALF, b1[i], model);
        apply(h + i, h + i, arb_tanh, model);
    }
    for (size_t i = 0; i < 2 * HALF; i++)
        dot(p + i, w2 + i * HIDDEN, 1, h, HIDDEN, b2[i], model);
    for (size_t i = HALF; i < 2 * HALF; i++) { /* 1/2 and 2 are exact */
        arb_mul_2exp_si(p + i, p + i, -1);
        apply(p + i, p + i, arb_tanh, model);
        arb_mul_2exp_si(p + i, p + i, 1);
    }
    _arb_vec_clear(h, HIDDEN);
}

static void coupling_forward(arb_ptr x, arb_t ld, size_t k, const real *theta,
                             arithmetic model)
{
    arb_ptr a = k % 2 ? x + HALF : x, b = k % 2 ? x : x + HALF;
    arb_ptr p = _arb_vec_init(2 * HALF);
    arb_t e;
    arb_init(e);
    network(p, a, theta, model);
    for (size_t i = 0; i < HALF; i++) {
        apply(e, p + HALF + i, arb_exp, model);
        arb_mul(b + i, b + i, e, BITS);
        rounded(b + i, model);
        arb_add(b + i, b + i, p + i, BITS);
        rounded(b + i, model);
        arb_add(ld, ld, p + HALF + i, BITS);
    }
    if (model.rounds) { /* HALF + 1 sums of at most 2 D LAYERS, in double */
        arb_set_si(e, 2 * D * LAYERS);
        round_off(ld, e, HALF + 1, DBL_EPSILON);
    }
    arb_clear(e);
    _arb_vec_clear(p, 2 * HALF);
}

static void coupling_inverse(arb_ptr x, size_t k, const real *theta,
                             arithmetic model)
{
    arb_ptr a = k % 2 ? x + HALF : x, b = k % 2 ? x : x + HALF;
    arb_ptr p = _arb_vec_init(2 * HALF);
    arb_t e;
    arb_init(e);
    network(p, a, theta, model);
    for (size_t i = 0; i < HALF; i++) {
        apply(e, p + HALF + i, arb_exp, model);
        arb_sub(b + i, b + i, p + i, BITS);
        rounded(b + i, model);
        arb_div(b + i, b + i, e, BITS);
        rounded(b + i, model);
    }
    arb_clear(e);
    _arb_vec_clear(p, 2 * HALF);
}

/* P L U: log|det| is the sum of theta's diagonal. */

static jf_layer *plu(size_t k)
{
    return jf_plu(D, 7 + k);
}

/* Row i of W, or of X when backwards: what the layer does to unit vectors. */
static void read_matrix(real *m, size_t k, const real *theta, int backwards)
{
    jf_layer *f = plu(k);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(D, D);
    double ld[D];
    for (size_t i = 0; i < D; i++)
        jf_row(x, i)[i] = 1;
    if (backwards)
        jf_inverse(f, theta, x, team);
    else
        jf_forward(f, theta, x, ld, team);
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++)
            m[i * D + j] = jf_row(x, j)[i];
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
}

static void multiply(arb_ptr x, const real *m, arithmetic model)
{
    arb_ptr y = _arb_vec_init(D);
    for (size_t i = 0; i < D; i++)
        dot(y + i, m + i * D, 1, x, D, 0, model);
    _arb_vec_set(x, y, D);
    _arb_vec_clear(y, D);
}

static void plu_forward(arb_ptr x, arb_t ld, size_t k, const real *theta,
                        arithmetic model)
{
    real w[D * D];
    arb_t t, scale;
    arb_init(t);
    arb_init(scale);
    read_matrix(w, k, theta, 0);
    multiply(x, w, model);
    for (size_t i = 0; i < D; i++) {
        arb_set_d(t, (double)theta[i * D + i]);
        arb_add(ld, ld, t, BITS);
        arb_abs(t, t);
        arb_add(scale, scale, t, BITS);
    }
    if (model.rounds) { /* two reals hold it: 2^-47 in single precision */
        arb_mul_si(scale, scale, LAYERS, BITS);
        round_off(ld, scale, D + 1, DBL_EPSILON);
        round_off(ld, scale, 1, (double)JF_EPS * (double)JF_EPS);
    }
    arb_clear(scale);
    arb_clear(t);
}

/* In exact arithmetic the inverse is that of W. */
static void plu_inverse(arb_ptr x, size_t k, const real *theta,
                        arithmetic model)
{
    real m[D * D];
    read_matrix(m, k, theta, 1);
    multiply(x, m, model);
}

static const stack stacks[] = {
    {"affine coupling stack", coupling,
     (HALF + 1) * HIDDEN + (HIDDEN + 1) * 2 * HALF, coupling_forward,
     coupling_inverse},
    {"P L U chain", plu, D *D, plu_forward, plu_inverse},
};

typedef struct {
    const stack *stack;
    size_t sample;
    int trip; /* the round trip, otherwise the log-determinant */
} question;

/* Within [-.51, .51] and [-2.2, 2.2], and binary fractions as any real is. */
static real weight(size_t i)
{
    return (real)((int)((37 * i + 11) % 65) - 32) / 63;
}

static real input(size_t sample, size_t j)
{
    return (real)((int)((29 * sample + 13 * j + 5) % 65) - 32) / 15;
}

/* What the library returns: x after the round trip, and log|det|. */
static double run(const question *q, const real *theta, real *x)
{
    const stack *s = q->stack;
    jf_layer *flow = jf_flow_new(D);
    jf_team *team = jf_team_new(1);
    jf_matrix row = jf_view(x, 1, D);
    double ld;
    for (size_t k = 0; k < LAYERS; k++)
        jf_flow_add(flow, s->layer(k));
    jf_forward(flow, theta, row, &ld, team);
    jf_inverse(flow, theta, row, team);
    jf_team_free(team);
    jf_layer_free(flow);
    return ld;
}

/* The enclosures: ld and, after the way back, x. */
static void enclose(const question *q, const real *theta, arb_ptr x, arb_t ld,
                    arithmetic model)
{
    const stack *s = q->stack;
    arb_zero(ld);
    for (size_t k = 0; k < LAYERS; k++)
        s->forward(x, ld, k, theta + k * s->n_params, model);
    for (size_t k = LAYERS; model.rounds && k-- > 0;)
        s->inverse(x, k, theta + k * s->n_params, model);
}

/* Largest distance of a ball's points from centre, and the point's. */
static void distances(arb_t bound, arb_t error, const arb_t ball, double point,
                      const arb_t centre)
{
    arb_t t;
    arf_t top;
    arb_init(t);
    arf_init(top);
    arb_sub(t, ball, centre, BITS);
    arb_get_abs_ubound_arf(top, t, BITS);
    arb_set_arf(t, top);
    arb_max(bound, bound, t, BITS);
    arb_set_d(t, point);
    arb_sub(t, t, centre, BITS);
    arb_abs(t, t);
    arb_max(error, error, t, BITS);
    arf_clear(top);
    arb_clear(t);
}

/* 1 - error/bound > 0; measured: error/bound. */
static verdict holds(arb_t measured, const void *data, int control, slong bits)
{
    const question *q = data;
    size_t n = LAYERS * q->stack->n_params;
    real *theta = jf_alloc(n, sizeof *theta), x[D];
    arb_ptr exact = _arb_vec_init(D), ball = _arb_vec_init(D);
    arb_ptr t = _arb_vec_init(4); /* ld exact, ld, bound, error */
    for (size_t i = 0; i < n; i++)
        theta[i] = weight(i);
    for (size_t j = 0; j < D; j++) {
        x[j] = input(q->sample, j);
        arb_set_d(ball + j, (double)x[j]);
        arb_set(exact + j, ball + j);
    }
    double ld = run(q, theta, x);
    enclose(q, theta, ball, t + 1, (arithmetic){1});
    if (q->trip) {
        for (size_t j = 0; j < D; j++)
            distances(t + 2, t + 3, ball + j, (double)x[j], exact + j);
    } else {
        enclose(q, theta, exact, t, (arithmetic){0});
        distances(t + 2, t + 3, t + 1, ld, t);
    }
    arb_div(measured, t + 3, t + 2, bits);
    arb_sub_ui(t, measured, 1, bits);
    arb_neg(t, t);
    remark(" of %.3g", arf_get_d(arb_midref(t + 2), ARF_RND_UP));
    verdict v = positive(t, control);
    _arb_vec_clear(t, 4);
    _arb_vec_clear(ball, D);
    _arb_vec_clear(exact, D);
    free(theta);
    return v;
}

static void prove(void)
{
    for (size_t k = 0; k < sizeof stacks / sizeof *stacks; k++)
        for (size_t i = 0; i < 2 * SAMPLES; i++) {
            char what[128], when[160];
            claim c = {"C6.3", what, when, "error over bound"};
            question q = {stacks + k, i % SAMPLES, i >= SAMPLES};
            if (stacks[k].layer == plu && !q.trip && q.sample)
                continue; /* its log|det| does not depend on the input */
            snprintf(what, sizeof what,
                     "%s of the %s: the library's error is within the bound",
                     q.trip ? "round trip" : "log|det|", q.stack->name);
            snprintf(when, sizeof when,
                     "%s, %d layers, D = %d, input %zu; exp and tanh within 4 "
                     "ulp",
                     JF_PRECISION, LAYERS, D, q.sample);
            prove_statement(&c, holds, &q, "< 1", "strict inequality");
        }
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies bounds of the library's rounding errors.", prove);
}
