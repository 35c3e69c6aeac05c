/* stream.c -- Philox4x64-10 as a gsl_rng. */
#include "base/stream.h"

#include <stdlib.h>

#include <Random123/philox.h>
#include <gsl/gsl_cdf.h>

typedef struct {
    philox4x64_key_t key; /* seed, purpose */
    philox4x64_ctr_t ctr; /* block, step, row, 0 */
    philox4x64_ctr_t out;
    unsigned used; /* words of out already returned */
} state;

static void set(void *vstate, unsigned long seed)
{
    state *s = vstate;
    *s = (state){.key.v = {seed, 0}, .used = 4};
}

static unsigned long get(void *vstate)
{
    state *s = vstate;
    if (s->used == 4) {
        s->out = philox4x64(s->ctr, s->key);
        s->ctr.v[0]++;
        s->used = 0;
    }
    return s->out.v[s->used++];
}

/* The top 53 bits: uniform on [0, 1). */
static double get_double(void *vstate)
{
    return (double)(get(vstate) >> 11) * 0x1p-53;
}

static const gsl_rng_type philox_type = {
    "philox4x64", UINT64_MAX, 0, sizeof(state), set, get, get_double};
const gsl_rng_type *const jf_philox = &philox_type;

gsl_rng *jf_stream_new(void)
{
    gsl_rng *rng = jf_alloc(1, sizeof *rng);
    void *s = rng ? jf_alloc(1, sizeof(state)) : NULL;
    if (!s) {
        free(rng);
        return NULL;
    }
    *rng = (gsl_rng){jf_philox, s};
    set(s, 0);
    return rng;
}

gsl_rng *jf_stream_in(jf_stream *stream)
{
    _Static_assert(sizeof(state) <= sizeof stream->state, "room of a state");
    stream->rng = (gsl_rng){jf_philox, stream->state};
    set(stream->state, 0);
    return &stream->rng;
}

void jf_stream_seek(gsl_rng *rng, uint64_t seed, uint64_t purpose,
                    uint64_t step, uint64_t row)
{
    state *s = gsl_rng_state(rng);
    *s = (state){
        .key.v = {seed, purpose}, .ctr.v = {0, step, row, 0}, .used = 4};
}

void jf_fill_normal(jf_matrix x, uint64_t seed, uint64_t purpose, uint64_t step)
{
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    for (size_t i = 0; i < x.rows; i++) {
        jf_stream_seek(rng, seed, purpose, step, i);
        for (size_t j = 0; j < x.cols; j++)
            jf_row(x, i)[j] = (real)jf_stream_normal(rng, 1);
    }
}

double jf_stream_normal(gsl_rng *rng, double sd)
{
    double u = ((double)(gsl_rng_get(rng) >> 12) + 0.5) * 0x1p-52;
    return sd * gsl_cdf_ugaussian_Pinv(u);
}

real jf_stream_uniform(gsl_rng *rng)
{
    real u; /* a float may round to either end */
    do
        u = (real)gsl_rng_uniform(rng);
    while (u <= 0 || u >= 1);
    return u;
}

void jf_fill_uniform(jf_matrix x, uint64_t seed, uint64_t purpose,
                     uint64_t step)
{
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    for (size_t i = 0; i < x.rows; i++) {
        jf_stream_seek(rng, seed, purpose, step, i);
        for (size_t j = 0; j < x.cols; j++)
            jf_row(x, i)[j] = jf_stream_uniform(rng);
    }
}
