/* optimum_flows.c -- beyond linear flows: which line is a ceiling?
 *
 * Question  Affine flows stop at EIG.  How much of the negentropy, the gap
 *           between EIG and -h(X), do flows of constant determinant and
 *           nonlinear flows capture?
 * Method    Adam on train rows, early stop on validation rows, likelihood on
 *           test rows; real tables standardised and split 60/20/20, toys with
 *           known density.  affine: dense + bias.  constant_det: the same
 *           and additive couplings.  nonlinear: affine couplings between
 *           dense maps (RealNVP, Dinh et al. 2017), clamped scales.
 * Writes    optimum-flows.csv, optimum-training.csv [nats per sample]. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HIDDEN = 32, COUPLINGS = 6, BATCH = 256 };

/* Flows. */

static jf_net *net(size_t in, size_t out)
{
    return jf_mlp(&(jf_mlp_options){in, out, HIDDEN, 2, JF_TANH, 0});
}

static void add_couplings(jf_layer *f, size_t d, jf_map map, int mix)
{
    for (size_t k = 0; k < COUPLINGS; k++) {
        jf_side side = k % 2 ? JF_LOWER : JF_UPPER;
        size_t b = side == JF_UPPER ? d - d / 2 : d / 2;
        if (mix && k > 0)
            jf_flow_add(f, jf_plu(d, k));
        jf_flow_add(f, jf_coupling(d, d / 2, side, map,
                                   net(d - b, b * map.n_params)));
    }
}

static void affine(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_actnorm(d));
    jf_flow_add(f, jf_dense(d));
}

static void constant_det(jf_layer *f, size_t d)
{
    affine(f, d);
    add_couplings(f, d, jf_map_shift(), 0);
    jf_flow_add(f, jf_actnorm(d));
}

static void nonlinear(jf_layer *f, size_t d)
{
    affine(f, d);
    add_couplings(f, d, jf_map_clamp(2), 1);
    jf_flow_add(f, jf_actnorm(d));
}

static const struct {
    const char *name, *class;
    void (*add)(jf_layer *, size_t);
} flows[] = {
    {"affine", "affine", affine},
    {"additive couplings + scale", "constant_det", constant_det},
    {"RealNVP", "nonlinear", nonlinear},
};
enum { FLOWS = sizeof flows / sizeof *flows };

/* Tables. */

typedef struct {
    char name[64];
    jf_matrix train, validation, test;
    const jf_toy *toy; /* NULL: a real table */
    jf_moments m;      /* of train */
    double entropy;    /* nats; NaN when unknown */
    double ceiling;    /* of constant determinant; NaN when unknown */
} table;

/* The constant-determinant optimum of C3.9, where it is known. */
static double constant_det_ceiling(const char *toy)
{
    if (strcmp(toy, "square") == 0)
        return log(2.0) - 1;
    if (strcmp(toy, "exponential") == 0)
        return -(1 + log(3.0));
    if (strcmp(toy, "banana") == 0 || strcmp(toy, "gauss") == 0)
        return strcmp(toy, "banana") == 0
                   ? -log(2 * M_PI * M_E)
                   : -log(2 * M_PI * M_E) - 0.5 * log(1 - 0.8 * 0.8);
    return (double)NAN;
}

static void take_toy(const optimum *o, table *t, const char *name)
{
    size_t n = by_profile(o, 1000, 10000, 40000);
    jf_matrix all = jf_matrix_new(3 * n, 0);
    jf_matrix_free(&all);
    snprintf(t->name, sizeof t->name, "%s", name);
    t->toy = jf_toy_find(name);
    if (!t->toy)
        jf_fail(1, "no toy density is called %s", name);
    t->train = jf_matrix_new(n, t->toy->d);
    t->validation = jf_matrix_new(n, t->toy->d);
    t->test = jf_matrix_new(n, t->toy->d);
    jf_toy_fill(t->toy, t->train, o->args.seed);
    jf_toy_fill(t->toy, t->validation, o->args.seed + 1000003);
    jf_toy_fill(t->toy, t->test, o->args.seed + 2000003);
    t->entropy = jf_toy_entropy(t->toy, NULL);
    t->ceiling = constant_det_ceiling(name);
}

static void take_real(const optimum *o, table *t, const char *name)
{
    jf_dataset data = optimum_data(o, name);
    snprintf(t->name, sizeof t->name, "%s", data.name);
    jf_split(data.x, 0.6, 0.2, o->args.seed, &t->train, &t->validation,
             &t->test);
    t->entropy = t->ceiling = (double)NAN;
    jf_data_free(&data);
}
