/* descent.c -- gradient steps on all rows, watched: the gap to the
 * optimum, its bursts, and the sign of det W. */
#include "stability.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

enum { PURPOSE = JF_PURPOSE_USER + 430 };

/* By elimination. */
int sign_of_det(size_t d, const real *a)
{
    double m[64];
    int sign = 1;
    for (size_t i = 0; i < d * d; i++)
        m[i] = (double)a[i];
    for (size_t k = 0; k < d; k++) {
        size_t pivot = k;
        for (size_t i = k + 1; i < d; i++)
            if (fabs(m[i * d + k]) > fabs(m[pivot * d + k]))
                pivot = i;
        for (size_t j = 0; j < d && pivot != k; j++) {
            double keep = m[k * d + j];
            m[k * d + j] = m[pivot * d + j];
            m[pivot * d + j] = keep;
        }
        sign = pivot == k ? sign : -sign;
        sign = m[k * d + k] < 0 ? -sign : sign;
        for (size_t i = k + 1; i < d; i++)
            for (size_t j = d; j-- > k;)
                m[i * d + j] -= m[i * d + k] / m[k * d + k] * m[k * d + j];
    }
    return sign;
}

static int sign_of(const descent *d, const real *theta)
{
    size_t n = d->f->d, factors = d->way ? d->way->factors : 0;
    int sign = 1;
    for (size_t k = 0; k < factors; k++)
        sign *= sign_of_det(n, theta + d->way->before * n + k * n * n);
    return sign;
}

/* What is seen of theta before each step. */
static void watch(const descent *d, const real *theta, descent_result *r,
                  int *sign)
{
    int now = sign_of(d, theta);
    r->flips += r->steps > 1 && now != *sign;
    *sign = now;
    r->largest = fmax(r->largest, r->gap);
}

void nudge(const way *w, const jf_layer *f, real *theta, double size,
           gsl_rng *rng)
{
    real *by = jf_theta_new(f);
    for (size_t i = 0; i < f->module.n_params; i++)
        by[i] = (real)jf_stream_normal(rng, size);
    if (w && w->direct)
        w->direct(f->d, theta, by);
    for (size_t i = 0; i < f->module.n_params; i++)
        theta[i] += by[i];
    free(by);
}

/* The test of an end: is it stable? */
static void nudge_end(const descent *d, size_t step, real *theta)
{
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, 0, PURPOSE, step, d->f->module.n_params);
    nudge(d->way, d->f, theta, 1e-6, rng);
    gsl_rng_free(rng);
}

descent_result descend(const descent *d, real *theta, jf_team *team)
{
    size_t n = d->f->module.n_params, calm = 0;
    jf_latent q = jf_normal();
    descent_result r = {0};
    real *grad = jf_theta_new(d->f);
    real *state =
        jf_alloc(jf_optimizer_state(&d->optimizer, n) + 1, sizeof *state);
    double last[CALM] = {0}, before = 0;
    int sign = 1;

    while (r.steps < d->limit && calm < CALM + d->after) {
        r.steps++;
        jf_likelihood value;
        int code = jf_nll(d->f, &q, theta, jf_const(d->x), &value, grad, team);
        r.gap = value.nll - d->best;
        if (code != GSL_SUCCESS || !isfinite(r.gap) ||
            !isfinite(jf_gradient_norm(n, grad, team))) {
            r.overflow = 1;
            r.gap = (double)INFINITY;
            break;
        }
        watch(d, theta, &r, &sign);
        r.bursts += r.gap > 1 && before <= 1;
        before = last[r.steps % CALM] = r.gap;
        calm = r.gap <= d->tolerance ? calm + 1 : 0;
        if (d->way && d->way->direct)
            d->way->direct(d->f->d, theta, grad);
        if (calm == CALM)
            nudge_end(d, r.steps, theta);
        jf_optimizer_step(&d->optimizer, r.steps, d->rate, 1, n, theta, state,
                          grad, team);
    }
    if (calm == CALM + d->after)
        r.converged = 1;
    gsl_sort(last, 1, CALM);
    r.median = r.steps < CALM
                   ? (double)INFINITY
                   : gsl_stats_median_from_sorted_data(last, 1, CALM);
    free(state);
    free(grad);
    return r;
}
