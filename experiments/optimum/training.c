/* training.c -- the likelihood along training, for the figure.
 *
 * Method    Full-batch Adam on the training rows of one table, by four linear
 *           parameterisations.
 * Writes    optimum-training.csv [nats per sample]. */
#include "common/linear_layers.h"
#include "optimum.h"

#include <stdlib.h>

/* From a permutation of its own. */
static void plu(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_plu(d, 1));
}

static const struct {
    const char *name;
    void (*add)(jf_layer *f, size_t d);
    double (*gap)(size_t d, const double *sigma, const double *lambda);
} lines[] = {{"dense", add_dense, NULL},
             {"P L U", plu, NULL},
             {"triangular", add_triangular, NULL},
             {"diagonal", add_diagonal, jf_gap_diagonal}};
enum { LINES = sizeof lines / sizeof *lines };

typedef struct {
    jf_table *out;
    size_t point;
    const char *data, *name;
    double eigen, predicted;
} trace;

/* Every step at first, then every tenth: for a logarithmic axis. */
static int trace_row(void *arg, const jf_fit_point *p)
{
    const trace *t = arg;
    if (p->step > 20 && p->step % 10 != 0)
        return 0;
    jf_table_row(t->out, t->point,
                 "%s,%s,%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G,
                 t->data, t->name, p->step, -p->value.nll, t->eigen,
                 t->predicted, t->eigen + p->value.nll, p->value.log_abs_det,
                 p->value.second_moment);
    return 0;
}

static void train(const experiment *e, const char *data, jf_matrix x,
                  const jf_moments *m, size_t line, jf_table *out)
{
    size_t d = m->d;
    jf_team *team = jf_team_new(1); /* rows are few: lines go in parallel */
    jf_layer *flow = jf_flow_new(d);
    jf_latent q = jf_normal();
    jf_fit_result fit;
    double gap =
        lines[line].gap ? lines[line].gap(d, m->sigma, m->lambda_sigma) : 0;
    double eigen = jf_eig(d, m->lambda_sigma);
    trace t = {out, line, data, lines[line].name, eigen, eigen - gap};

    jf_flow_add(flow, jf_bias(d));
    lines[line].add(flow, d);
    real *theta = jf_theta_new(flow);
    jf_init(flow, theta, jf_const(x), e->args.seed, team);
    jf_fit(flow, &q, theta, jf_const(x),
           &(jf_fit_options){.rate = 1e-2,
                             .steps = by_profile(e, 300, 3000, 3000),
                             .trace = trace_row,
                             .trace_arg = &t},
           &fit, team);
    free(theta);
    jf_layer_free(flow);
    jf_team_free(team);
}

void optimum_training(experiment *e)
{
    jf_dataset data = optimum_data(e, e->args.data ? e->args.data : "wine");
    jf_matrix x, others[2];
    jf_moments m;
    jf_table *out =
        jf_table_new(&e->args, "optimum-training",
                     "data,parameterisation,step,train_nats,"
                     "eigen_nats,predicted_nats,gap_nats,mean_log_abs_det,"
                     "second_moment",
                     LINES);

    jf_split(data.x, 0.6, 0.2, e->args.seed, &x, &others[0], &others[1]);
    if (jf_moments_of(jf_const(x), &m, e->team) != GSL_SUCCESS)
        jf_fail(1, "%s: eigenvalues did not converge", data.name);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < LINES; k++)
        if (!jf_table_has(out, k)) {
            train(e, data.name, x, &m, k, out);
            jf_table_finish(out, k);
        }
    jf_table_close(out);
    jf_moments_free(&m);
    jf_matrix_free(&x);
    jf_matrix_free(&others[0]);
    jf_matrix_free(&others[1]);
    jf_data_free(&data);
}
