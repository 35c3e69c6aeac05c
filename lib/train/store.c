/* store.c -- a flow's description for its file, and its probe: one point of
 * the unit box (in the domain of every layer), the image z of which is kept as
 * |z| and three projections. */
#include "train/store.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/stream.h"

enum { PROBES = 4, OWN_SECTIONS = 2 };
static const double AGREEMENT = 1e-3; /* other machines round otherwise */

/* The leaves of a layer whose theta starts at first; a layer that is no flow
 * is its own only part. */
static size_t leaves(const jf_layer *layer, size_t first, jf_part *out)
{
    size_t count = 0, length = jf_flow_length(layer);
    for (size_t i = 0; i < length; i++) {
        jf_part p = jf_flow_part(layer, i);
        if (p.layer == layer) {
            if (out)
                out[0] = (jf_part){layer, first};
            return 1;
        }
        count += leaves(p.layer, first + p.first, out ? out + count : NULL);
    }
    return count;
}

size_t jf_flow_leaves(const jf_layer *flow, jf_part *out)
{
    return leaves(flow, 0, out);
}

/* probe := |z| and projections of z = f(x); NaN where f has no value. */
static void probe_flow(const jf_layer *f, const real *theta, double *probe)
{
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(1, f->d);
    jf_matrix c = jf_matrix_new(PROBES - 1, f->d);
    double unused, square = 0;

    jf_fill_uniform(x, 0, JF_PURPOSE_INIT, 1);
    jf_fill_uniform(c, 0, JF_PURPOSE_INIT, 2);
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    int code = jf_forward(f, theta, x, &unused, team);
    gsl_set_error_handler(handler);
    memset(probe, 0, PROBES * sizeof *probe);
    for (size_t j = 0; j < f->d; j++) {
        double z = (double)x.data[j];
        square += z * z;
        for (size_t k = 0; k + 1 < PROBES; k++)
            probe[k + 1] += z * (double)jf_row(c, k)[j];
    }
    probe[0] = code == GSL_SUCCESS ? sqrt(square) : (double)NAN;
    jf_matrix_free(&c);
    jf_matrix_free(&x);
    jf_team_free(team);
}

static int same_probe(const double *a, const double *b)
{
    if (!isfinite(a[0]) || !isfinite(b[0]))
        return isfinite(a[0]) == isfinite(b[0]);
    for (size_t k = 0; k < PROBES; k++)
        if (fabs(a[k] - b[k]) > AGREEMENT * (1.0 + a[0]))
            return 0;
    return 1;
}

/* Layers of flow, and sections theta, probe, more: free both.  The number of
 * layers. */
static size_t plan(const jf_layer *flow, void *theta, void *probe,
                   const jf_section *more, size_t n_more,
                   jf_theta_layer **layers, jf_section **sections)
{
    size_t count = jf_flow_leaves(flow, NULL);
    jf_part *parts = jf_alloc(count, sizeof *parts);

    *layers = jf_alloc(count, sizeof **layers);
    jf_flow_leaves(flow, parts);
    for (size_t i = 0; i < count; i++) {
        const jf_layer *l = parts[i].layer;
        (*layers)[i] =
            (jf_theta_layer){l->module.name, l->d, l->module.n_params};
    }
    free(parts);
    *sections = jf_alloc(OWN_SECTIONS + n_more, sizeof **sections);
    (*sections)[0] = (jf_section){.name = "theta",
                                  .type = JF_REALS,
                                  .count = flow->module.n_params,
                                  .data = theta};
    (*sections)[1] = (jf_section){
        .name = "probe", .type = JF_DOUBLES, .count = PROBES, .data = probe};
    if (n_more)
        memcpy(*sections + OWN_SECTIONS, more, n_more * sizeof *more);
    return count;
}

int jf_store_save(const char *path, const jf_layer *flow, const real *theta,
                  const jf_section *more, size_t n_more)
{
    double probe[PROBES];
    jf_theta_layer *layers;
    jf_section *sections;

    probe_flow(flow, theta, probe);
    size_t count = plan(flow, (void *)(uintptr_t)theta, probe, more, n_more,
                        &layers, &sections);
    int status =
        jf_theta_write(path, layers, count, sections, OWN_SECTIONS + n_more);
    free(sections);
    free(layers);
    return status;
}

int jf_store_load(const char *path, const jf_layer *flow, real *theta,
                  const jf_section *more, size_t n_more)
{
    double probe[PROBES], now[PROBES];
    jf_theta_layer *layers;
    jf_section *sections;
    real *fresh = jf_theta_new(flow);

    size_t count = plan(flow, fresh, probe, more, n_more, &layers, &sections);
    int status =
        jf_theta_read(path, layers, count, sections, OWN_SECTIONS + n_more);
    if (status == GSL_SUCCESS) {
        probe_flow(flow, fresh, now);
        if (!same_probe(probe, now)) {
            fprintf(stderr,
                    "jacflow: %s: the layers agree but not their function: "
                    "another seed of a permutation or a fixed factor\n",
                    path);
            status = GSL_EFAILED;
        } else if (flow->module.n_params) {
            memcpy(theta, fresh, flow->module.n_params * sizeof(real));
        }
    }
    free(fresh);
    free(sections);
    free(layers);
    return status;
}

int jf_theta_save(const char *path, const jf_layer *flow, const real *theta)
{
    return jf_store_save(path, flow, theta, NULL, 0);
}

int jf_theta_load(const char *path, const jf_layer *flow, real *theta)
{
    return jf_store_load(path, flow, theta, NULL, 0);
}
