/* store.c -- a flow's description for its file, and its probe: one point of
 * the unit box (in the domain of every layer), the image z of which is kept as
 * |z| and three projections. */
#include "train/store.h"

#include <math.h>
#include <stdint.h>
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

/* probe := |z| and projections of z = f(x), by the rows of c. */
static void project(jf_matrix x, jf_matrix c, double *probe)
{
    double square = 0;
    memset(probe, 0, PROBES * sizeof *probe);
    for (size_t j = 0; j < x.cols; j++) {
        double z = (double)x.data[j];
        square += z * z;
        for (size_t k = 0; k + 1 < PROBES; k++)
            probe[k + 1] += z * (double)jf_row(c, k)[j];
    }
    probe[0] = sqrt(square);
}

/* The probe of a flow; NaN first where f has no value, which is no failure. */
static int probe_flow(const jf_layer *f, const real *theta, double *probe)
{
    jf_team *team = jf_team_new(1);
    jf_matrix x = team ? jf_matrix_new(1, f->d) : (jf_matrix){0};
    jf_matrix c = x.data ? jf_matrix_new(PROBES - 1, f->d) : (jf_matrix){0};
    int code = c.data ? GSL_SUCCESS : GSL_ENOMEM;

    if (code == GSL_SUCCESS) {
        jf_error error;
        double unused;
        jf_fill_uniform(x, 0, JF_PURPOSE_INIT, 1);
        jf_fill_uniform(c, 0, JF_PURPOSE_INIT, 2);
        jf_error *before = jf_error_divert(&error);
        code = jf_forward(f, theta, x, &unused, team);
        jf_error_divert(before);
        project(x, c, probe);
        if (code != GSL_SUCCESS)
            probe[0] = (double)NAN;
        if (code == GSL_ENOMEM)
            jf_error_raise(&error);
    }
    jf_matrix_free(&c);
    jf_matrix_free(&x);
    jf_team_free(team);
    return code == GSL_ENOMEM ? code : GSL_SUCCESS;
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

/* What a file says of a flow. */
typedef struct {
    jf_theta_layer *layers;
    size_t n_layers;
    jf_section *sections; /* theta, probe, and more */
    size_t n_sections;
    double probe[PROBES];
} plan;

static void plan_clear(plan *p)
{
    free(p->layers);
    free(p->sections);
}

static int plan_layers(const jf_layer *flow, plan *p)
{
    p->n_layers = jf_flow_leaves(flow, NULL);
    JF_TRY_MEMORY(p->layers = jf_alloc(p->n_layers, sizeof *p->layers));
    jf_part *parts = jf_alloc(p->n_layers, sizeof *parts);
    JF_TRY_MEMORY(parts);
    jf_flow_leaves(flow, parts);
    for (size_t i = 0; i < p->n_layers; i++) {
        const jf_layer *l = parts[i].layer;
        p->layers[i] =
            (jf_theta_layer){l->module.name, l->d, l->module.n_params};
    }
    free(parts);
    return GSL_SUCCESS;
}

/* Fill p; clear it in any case. */
static int plan_file(const jf_layer *flow, void *theta, const jf_section *more,
                     size_t n_more, plan *p)
{
    JF_TRY(plan_layers(flow, p));
    p->n_sections = OWN_SECTIONS + n_more;
    p->sections = jf_alloc(p->n_sections, sizeof *p->sections);
    JF_TRY_MEMORY(p->sections);
    p->sections[0] = (jf_section){.name = "theta",
                                  .type = JF_REALS,
                                  .count = flow->module.n_params,
                                  .data = theta};
    p->sections[1] = (jf_section){
        .name = "probe", .type = JF_DOUBLES, .count = PROBES, .data = p->probe};
    if (n_more)
        memcpy(p->sections + OWN_SECTIONS, more, n_more * sizeof *more);
    return GSL_SUCCESS;
}

int jf_store_save(const char *path, const jf_layer *flow, const real *theta,
                  const jf_section *more, size_t n_more)
{
    plan p = {0};
    JF_TRY(probe_flow(flow, theta, p.probe));
    int status = plan_file(flow, (void *)(uintptr_t)theta, more, n_more, &p);
    if (status == GSL_SUCCESS)
        status = jf_theta_write(path, p.layers, p.n_layers, p.sections,
                                p.n_sections);
    plan_clear(&p);
    return status;
}

/* theta from the file that p describes, into fresh; refused where the function
 * of the flow is another. */
static int read_checked(const char *path, const jf_layer *flow,
                        const real *fresh, const plan *p)
{
    double now[PROBES];
    JF_TRY(jf_theta_read(path, p->layers, p->n_layers, p->sections,
                         p->n_sections));
    JF_TRY(probe_flow(flow, fresh, now));
    if (same_probe(p->probe, now))
        return GSL_SUCCESS;
    return jf_refuse(path, 0,
                     "the layers agree but not their function: another seed "
                     "of a permutation or a fixed factor");
}

int jf_store_load(const char *path, const jf_layer *flow, real *theta,
                  const jf_section *more, size_t n_more)
{
    plan p = {0};
    real *fresh = jf_theta_new(flow);
    int status = fresh ? plan_file(flow, fresh, more, n_more, &p) : GSL_ENOMEM;
    if (status == GSL_SUCCESS)
        status = read_checked(path, flow, fresh, &p);
    if (status == GSL_SUCCESS && flow->module.n_params)
        memcpy(theta, fresh, flow->module.n_params * sizeof(real));
    free(fresh);
    plan_clear(&p);
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
