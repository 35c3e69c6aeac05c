/* float_stack.c -- see float_stack.h. */
#include "float_stack.h"

#include <stdio.h>
#include <stdlib.h>

enum { SAMPLES = 8 };

void round_off(arb_t z, const arb_t scale, slong k, double eps)
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

void dot(arb_t z, const real *a, arb_srcptr b, size_t n, real c,
         arithmetic model)
{
    arb_t scale, t, w;
    arb_init(scale);
    arb_init(t);
    arb_init(w);
    arb_set_d(z, (double)c);
    arb_abs(scale, z);
    for (size_t i = 0; i < n; i++) {
        arb_set_d(w, (double)a[i]);
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

void apply(arb_t z, const arb_t x, void (*f)(arb_t, const arb_t, slong),
           arithmetic model)
{
    f(z, x, BITS);
    if (model.rounds)
        round_off(z, z, 8, (double)JF_EPS);
}

void rounded(arb_t z, arithmetic model)
{
    if (model.rounds)
        round_off(z, z, 1, (double)JF_EPS);
}

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
    const stack *s = q->stack;
    size_t n = LAYERS * s->n_params;
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

void prove_stack(const stack *s)
{
    statements_are(MEASUREMENT);
    for (size_t i = 0; i < 2 * SAMPLES; i++) {
        char what[128], when[160];
        claim c = {"C6.3", what, when, "error over bound"};
        question q = {s, i % SAMPLES, i >= SAMPLES};
        if (!s->ld_depends && !q.trip && q.sample)
            continue;
        snprintf(what, sizeof what,
                 "%s of the %s: the library's error is within the bound",
                 q.trip ? "round trip" : "log|det|", s->name);
        snprintf(when, sizeof when,
                 "%s, %d layers, D = %d, input %zu; exp and tanh within 4 ulp",
                 JF_PRECISION, LAYERS, D, q.sample);
        prove_statement(&c, holds, &q, "< 1", "strict inequality");
    }
}
