/* places.c -- trained points: of linear maps on tables, of nonlinear flows. */
#include "edge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 400, HIDDEN = 8 };

void place_free(place *p)
{
    jf_matrix_free(&p->x);
    free(p->theta);
    jf_layer_free(p->f);
}

table table_read(const experiment *e, const char *spec)
{
    jf_dataset data;
    table t = {"", {0}};
    int status = e->args.data ? experiment_data(e, spec, &data)
                              : jf_data_load(spec, NULL, e->args.seed, &data);
    if (status != GSL_SUCCESS || jf_data_check(&data) != GSL_SUCCESS)
        jf_end(2);
    snprintf(t.name, sizeof t.name, "%s", data.name);
    t.x = jf_matrix_new(data.x.rows, data.x.cols);
    jf_matrix_copy(t.x, jf_const(data.x));
    jf_data_free(&data);
    return t;
}

/* w (d, d) := T'^-1, an optimum for S = T'T. */
static void closed_optimum(const jf_moments *m, double *w)
{
    for (size_t i = 0; i < m->d * m->d; i++)
        w[i] = i % (m->d + 1) == 0;
    jf_solve_upper(1, m->d, m->d, m->t_sigma, w);
}

/* The moments of rows times w', or of rows over their deviations. */
static jf_moments transformed(const jf_moments *m, int transform,
                              jf_matrix rows, jf_team *team)
{
    size_t d = m->d;
    double *w = jf_alloc(d * d, sizeof *w);
    jf_moments_rows(m, rows);
    closed_optimum(m, w);
    for (size_t i = 0; i < rows.rows; i++) {
        double *z = jf_alloc(d, sizeof *z);
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k < d; k++)
                z[j] +=
                    w[j * d + k] * ((double)jf_row(rows, i)[k] - m->mean[k]);
        for (size_t j = 0; j < d; j++) {
            double u = (double)jf_row(rows, i)[j] - m->mean[j];
            jf_row(rows, i)[j] = (real)(transform == WHITENED ? z[j]
                                        : transform == STANDARDISED
                                            ? u / sqrt(m->sigma[j * (d + 1)])
                                            : u);
        }
        free(z);
    }
    free(w);
    jf_moments changed;
    if (jf_moments_of(jf_const(rows), &changed, team) != GSL_SUCCESS ||
        changed.rank < d)
        jf_fail(2,
                "%zu columns of rank %zu: training has no optimum; leave "
                "some out with --columns",
                d, changed.rank);
    return changed;
}

place linear_place(const table *t, int transform, jf_team *team)
{
    size_t d = t->x.cols;
    place p = {jf_flow_new(d), NULL, jf_matrix_new(d + 1, d), 0, (double)NAN};
    jf_moments raw;
    if (jf_moments_of(jf_const(t->x), &raw, team) != GSL_SUCCESS)
        jf_fail(1, "%s: the eigenvalues did not converge", t->name);
    int both = transform == TRAINED_ACTNORM;
    jf_moments m =
        transformed(&raw, both ? STANDARDISED : transform, p.x, team);
    double *w = jf_alloc(d * d, sizeof *w);
    closed_optimum(&m, w);
    if (both) { /* scales 1 / sd, then the optimum of standardised rows */
        jf_moments again = transformed(&raw, RAW, p.x, team);
        jf_moments_free(&again);
        jf_flow_add(p.f, jf_diagonal(d));
    }
    jf_flow_add(p.f, jf_dense(d));
    p.theta = jf_theta_new(p.f);
    for (size_t j = 0; j < d && both; j++)
        p.theta[j] = (real)(-0.5 * log(raw.sigma[j * (d + 1)]));
    for (size_t i = 0; i < d * d; i++)
        p.theta[(both ? d : 0) + i] = (real)w[i];
    p.step = cbrt(1.5 * (double)JF_EPS) / sqrt(fmax(1, m.lambda_sigma[0]));
    if (!both)
        p.closed_form = 1 / m.lambda_sigma[0];
    free(w);
    jf_moments_free(&m);
    jf_moments_free(&raw);
    return p;
}

static void couple(jf_layer *f, size_t d, jf_map map, size_t hidden,
                   size_t count)
{
    size_t half = d / 2;
    for (size_t k = 0; k < count; k++) {
        size_t b = k % 2 ? half : d - half;
        jf_mlp_options net = {
            d - b, b * map.module.n_params, hidden, 1, JF_TANH, 0, 0};
        jf_flow_add(f, jf_coupling(d, half, k % 2 ? JF_LOWER : JF_UPPER, map,
                                   jf_mlp(&net)));
    }
}

static void add_affine(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_actnorm(d));
    couple(f, d, jf_map_clamp(2), HIDDEN, 4);
}

static void add_additive(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_actnorm(d));
    couple(f, d, jf_map_shift(), HIDDEN, 4);
    jf_flow_add(f, jf_diagonal(d));
}

static void add_spline(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_actnorm(d));
    couple(f, d, jf_map_spline(4, 4), HIDDEN, 2);
}

static void add_marginal(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_actnorm(d));
    jf_flow_add(f, jf_elementwise(d, jf_map_sinh_arcsinh()));
    jf_flow_add(f, jf_dense(d));
}

/* Too small to pass through the rows: its likelihood is bounded, and descent on
 * it comes to rest. */
static void add_small(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_actnorm(d));
    couple(f, d, jf_map_shift(), 1, 1);
    jf_flow_add(f, jf_diagonal(d));
}

const edge_flow edge_flows[EDGE_FLOWS] = {
    {"affine couplings", add_affine, 1},
    {"additive couplings", add_additive, 1},
    {"spline couplings", add_spline, 0},
    {"sinh-arcsinh + 1x1", add_marginal, 1},
    {"additive (1 unit)", add_small, 1}};

place flow_place(const experiment *e, const table *t, size_t which,
                 unsigned long seed, jf_team *team)
{
    size_t d = t->x.cols, n = t->x.rows < ROWS ? t->x.rows : ROWS;
    place p = {jf_flow_new(d), NULL, jf_matrix_new(n, d), 0, (double)NAN};
    p.step = cbrt(1.5 * (double)JF_EPS); /* whatever the size of theta */
    double *unused = jf_alloc(2 * d, sizeof *unused);
    jf_latent q = jf_normal();
    jf_fit_result fit;

    jf_matrix_copy(p.x, jf_const(jf_rows(t->x, 0, n)));
    jf_standardize(p.x, unused, unused + d);
    free(unused);
    edge_flows[which].add(p.f, d);
    p.theta = jf_theta_new(p.f);
    jf_init(p.f, p.theta, jf_const(p.x), seed, team);
    jf_fit(p.f, &q, p.theta, jf_const(p.x),
           &(jf_fit_options){.method = JF_LBFGS,
                             .steps = by_profile(e, 1000, 1000, 5000)},
           &fit, team);
    return p;
}
