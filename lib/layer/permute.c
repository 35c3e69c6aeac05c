/* permute.c -- z_i = x_from[i]: an index table, log |det| = 0. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "base/error.h"
#include "base/stream.h"
#include "layer/factors.h"
#include "layer/layers.h"

static const uint32_t NOWHERE = UINT32_MAX;

typedef struct {
    jf_layer base;
    uint32_t *from, *back; /* back[from[i]] = i */
} permutation;

static void gather(jf_matrix x, const uint32_t *from, jf_work *work)
{
    real *old = jf_push(work, x.cols);
    for (size_t i = 0; i < x.rows; i++) {
        real *row = jf_row(x, i);
        memcpy(old, row, x.cols * sizeof *old);
        for (size_t j = 0; j < x.cols; j++)
            row[j] = old[from[j]];
    }
    jf_pop(work, old);
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    (void)w, (void)log_abs_det;
    gather(x, ((const permutation *)self)->from, work);
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    (void)w;
    gather(z, ((const permutation *)self)->back, work);
    return GSL_SUCCESS;
}

static void clear(jf_module *self)
{
    free(((permutation *)self)->from);
    free(((permutation *)self)->back);
}

static const jf_layer_ops ops = {.module = {.clear = clear},
                                 .forward = forward,
                                 .inverse = inverse,
                                 .backward = jf_orthogonal_backward,
                                 .bounds = jf_orthogonal_bounds};

/* The layer owns from, which may be NULL: no memory. */
static jf_layer *make(const char *name, size_t d, uint32_t *from)
{
    permutation *p =
        from ? (permutation *)jf_layer_new(sizeof *p, name, &ops, d, 0) : NULL;
    if (!p) {
        free(from);
        return NULL;
    }
    p->base.rowwise = 1;
    p->from = from;
    p->back = jf_alloc(d, sizeof *p->back);
    if (!p->back) {
        jf_layer_free(&p->base);
        return NULL;
    }
    for (size_t i = 0; i < d; i++)
        p->back[i] = NOWHERE;
    for (size_t i = 0; i < d; i++) {
        if (from[i] >= d || p->back[from[i]] != NOWHERE) {
            jf_layer_free(&p->base);
            JF_ERROR_NULL("from is no permutation of 0 .. d-1", GSL_EINVAL);
        }
        p->back[from[i]] = (uint32_t)i;
    }
    return &p->base;
}

/* A table of d places; NULL: no memory, or too many. */
static uint32_t *table(size_t d)
{
    if (d >= NOWHERE)
        JF_ERROR_NULL("a permutation of 2^32 columns or more", GSL_EINVAL);
    return jf_alloc(d, sizeof(uint32_t));
}

/* from (d) in a table. */
static uint32_t *narrow(size_t d, const size_t *from)
{
    uint32_t *to = table(d);
    for (size_t i = 0; to && i < d; i++)
        to[i] = from[i] < d ? (uint32_t)from[i] : NOWHERE;
    return to;
}

jf_layer *jf_permutation(size_t d, const size_t *from)
{
    enum { DIGITS = 21 }; /* of a size_t, with the space before it */
    jf_layer *layer = make("permutation", d, narrow(d, from));
    char *text = layer ? jf_alloc(d * DIGITS + 1, 1) : NULL, *end = text;
    for (size_t i = 0; text && i < d; i++)
        end += sprintf(end, i ? " %zu" : "%zu", from[i]);
    if (text)
        layer = jf_layer_record(layer, "from=%s", text);
    else
        jf_layer_free(layer);
    layer = text ? layer : NULL;
    free(text);
    return layer;
}

jf_layer *jf_reverse(size_t d)
{
    uint32_t *from = table(d);
    for (size_t i = 0; from && i < d; i++)
        from[i] = (uint32_t)(d - 1 - i);
    return jf_layer_record(make("reverse", d, from), "d=%zu", d);
}

size_t *jf_random_permutation(size_t d, uint64_t seed)
{
    size_t *index = jf_alloc(d, sizeof *index);
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    if (!index)
        return NULL;
    jf_stream_seek(rng, seed, JF_PURPOSE_INIT, 0, d);
    for (size_t i = 0; i < d; i++)
        index[i] = i;
    if (d > 1)
        gsl_ran_shuffle(rng, index, d, sizeof *index);
    return index;
}

jf_layer *jf_shuffle(size_t d, uint64_t seed)
{
    size_t *drawn = jf_random_permutation(d, seed);
    if (!drawn)
        return NULL;
    uint32_t *from = narrow(d, drawn);
    free(drawn);
    return jf_layer_record(make("shuffle", d, from), "d=%zu, seed=%" PRIu64, d,
                           seed);
}
