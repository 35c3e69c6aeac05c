/* law.c -- training on a law, by fresh draws. */
#include "volume.h"

enum { PURPOSE = JF_PURPOSE_USER + 501, BATCH = 256 };

void volume_draw(const training *t, jf_matrix x, unsigned long step)
{
    gsl_rng *rng = jf_stream_new();
    for (size_t i = 0; i < x.rows; i++) {
        jf_stream_seek(rng, t->seed, PURPOSE, step, i);
        for (size_t k = 0; k < t->copies; k++) {
            double at[2];
            t->toy->sample(at, rng);
            jf_row(x, i)[2 * k] = (real)at[0];
            jf_row(x, i)[2 * k + 1] = (real)at[1];
        }
    }
    gsl_rng_free(rng);
}

static void fresh_draws(void *arg, jf_matrix batch, const size_t *rows,
                        size_t step)
{
    (void)rows;
    volume_draw(arg, batch, step);
}

const char *volume_train(const training *t, const jf_layer *f, real *theta,
                         jf_team *team)
{
    training copy = *t;
    jf_matrix x = jf_matrix_new(BATCH, 2 * t->copies);
    jf_latent q = jf_normal();
    jf_fit_result fit;

    volume_draw(t, x, 0);
    jf_init(f, theta, jf_const(x), t->seed, team);
    jf_fit(f, &q, theta, jf_const(x),
           &(jf_fit_options){.steps = t->steps,
                             .rate = t->a->rate,
                             .schedule = {JF_COSINE, 50, 0.01, 0, 0},
                             .clip = 10,
                             .prepare = fresh_draws,
                             .prepare_arg = &copy,
                             .trace = t->trace,
                             .trace_arg = t->trace_arg},
           &fit, team);
    jf_matrix_free(&x);
    return jf_fit_status_name(fit.status);
}
