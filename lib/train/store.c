/* store.c -- a flow's description and theta in a file. */
#include "train/store.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

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

/* theta and then more, which the caller frees; NULL: no memory. */
static jf_section *join(const jf_layer *flow, void *theta,
                        const jf_section *more, size_t n_more)
{
    jf_section *all = jf_alloc(1 + n_more, sizeof *all);
    if (!all)
        return NULL;
    all[0] = (jf_section){.name = "theta",
                          .type = JF_REALS,
                          .count = flow->module.n_params,
                          .data = theta};
    if (n_more)
        memcpy(all + 1, more, n_more * sizeof *more);
    return all;
}

int jf_store_save(const char *path, const jf_layer *flow, const real *theta,
                  const jf_section *more, size_t n_more)
{
    char *text = jf_describe(&flow->module);
    if (!text)
        return jf_error_missing("no description");
    jf_section *all = join(flow, (void *)(uintptr_t)theta, more, n_more);
    int status = all ? jf_theta_write(path, text, all, 1 + n_more) : GSL_ENOMEM;
    free(all);
    free(text);
    return status;
}

int jf_store_load(const char *path, const jf_layer *flow, real *theta,
                  const jf_section *more, size_t n_more)
{
    char *text = jf_describe(&flow->module);
    if (!text)
        return jf_error_missing("no description");
    jf_section *all = join(flow, theta, more, n_more);
    int status = all ? jf_theta_read(path, text, all, 1 + n_more) : GSL_ENOMEM;
    free(all);
    free(text);
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
