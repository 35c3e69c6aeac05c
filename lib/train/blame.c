/* blame.c -- a failed evaluation is repeated one layer at a time. */
#include "train/blame.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "train/store.h"

static const jf_culprit nobody = {JF_BLAME_NONE, (size_t)-1, "-", GSL_SUCCESS};

static jf_culprit accuse(jf_blame blame, const jf_part *leaves, size_t i)
{
    return (jf_culprit){blame, i, leaves[i].layer->module.name, GSL_SUCCESS};
}

static jf_culprit accuse_nobody(jf_blame blame)
{
    jf_culprit c = nobody;
    c.blame = blame;
    return c;
}

static int all_finite(size_t n, const double *value)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(value[i]))
            return 0;
    return 1;
}

/* The largest |entry| in a leaf's slice; NaN or infinite when one is. */
static double largest(const jf_part *leaf, const real *vector)
{
    double top = 0;
    for (size_t i = 0; i < leaf->layer->module.n_params; i++) {
        double m = fabs((double)vector[leaf->first + i]);
        if (!isfinite(m))
            return m;
        top = fmax(top, m);
    }
    return top;
}

static jf_culprit blame_theta(const jf_part *leaves, size_t count,
                              const real *theta)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(largest(&leaves[i], theta)))
            return accuse(JF_BLAME_THETA, leaves, i);
    return nobody;
}

/* z (n, d) holds x and goes through the leaves; ld (n) is scratch. */
static jf_culprit blame_forward(const jf_part *leaves, size_t count,
                                const jf_latent *q, const real *theta,
                                jf_matrix z, double *ld, jf_team *team)
{
    for (size_t i = 0; i < count; i++) {
        int code =
            jf_forward(leaves[i].layer, theta + leaves[i].first, z, ld, team);
        jf_culprit c = accuse(JF_BLAME_CODE, leaves, i);
        c.code = code;
        if (code != GSL_SUCCESS)
            return c;
        if (!jf_matrix_finite(jf_const(z)))
            return accuse(JF_BLAME_Z, leaves, i);
        if (!all_finite(z.rows, ld))
            return accuse(JF_BLAME_LOG_ABS_DET, leaves, i);
    }
    q->log_density(q, jf_const(z), ld, 0.0, (jf_matrix){0});
    return all_finite(z.rows, ld) ? nobody : accuse_nobody(JF_BLAME_LOG_LATENT);
}

static jf_culprit blame_gradient(const jf_part *leaves, size_t count,
                                 const real *grad)
{
    size_t worst = 0;
    double top = -1;
    for (size_t i = count; i-- > 0;) {
        double m = largest(&leaves[i], grad);
        if (!isfinite(m))
            return accuse(JF_BLAME_GRADIENT, leaves, i);
        if (m > top) {
            top = m;
            worst = i;
        }
    }
    return count ? accuse(JF_BLAME_GRADIENT, leaves, worst)
                 : accuse_nobody(JF_BLAME_GRADIENT);
}

/* z holds x; what fails in a layer is what is looked for, no memory is not. */
static jf_culprit find(const jf_part *leaves, size_t count, const jf_latent *q,
                       const real *theta, jf_matrix z, double *ld, double nll,
                       const real *grad, jf_team *team)
{
    jf_culprit c = blame_theta(leaves, count, theta);
    if (c.blame == JF_BLAME_NONE) {
        jf_error error, *before = jf_error_divert(&error);
        c = blame_forward(leaves, count, q, theta, z, ld, team);
        jf_error_divert(before);
        if (c.code == GSL_ENOMEM)
            jf_error_raise(&error);
    }
    if (c.blame == JF_BLAME_NONE && !isfinite(nll))
        c = accuse_nobody(JF_BLAME_LOSS);
    if (c.blame == JF_BLAME_NONE)
        c = blame_gradient(leaves, count, grad);
    return c;
}

jf_culprit jf_find_blame(const jf_layer *f, const jf_latent *q,
                         const real *theta, jf_const_matrix x, double nll,
                         const real *grad, jf_team *team)
{
    size_t count = jf_flow_leaves(f, NULL);
    jf_part *leaves = jf_alloc(count, sizeof *leaves);
    jf_matrix z = leaves ? jf_matrix_new(x.rows, x.cols) : (jf_matrix){0};
    double *ld = z.data ? jf_alloc(x.rows, sizeof *ld) : NULL;
    jf_culprit c = nobody;

    if (ld) {
        jf_flow_leaves(f, leaves);
        jf_matrix_copy(z, x);
        c = find(leaves, count, q, theta, z, ld, nll, grad, team);
    } else {
        c = accuse_nobody(JF_BLAME_CODE);
        c.code = GSL_ENOMEM;
    }
    free(ld);
    jf_matrix_free(&z);
    free(leaves);
    return c;
}

const char *jf_blame_name(jf_blame blame)
{
    static const char *const names[] = {
        "none", "theta",    "z",     "log_abs_det", "log_latent",
        "loss", "gradient", "bound", "validation",  "code"};
    return names[blame];
}
