/* stream.h -- counter-based random streams behind GSL's generator.
 *
 * Philox4x64-10 (Salmon, Moraes, Dror and Shaw 2011) from Random123.  The key
 * is (seed, purpose) and the counter (block, step, row): every row of every
 * step has a stream of its own, so that a draw depends neither on the number
 * of threads nor on what was drawn before, and a resumed run needs no saved
 * state.  GSL's distributions take it as any gsl_rng; some draw a varying
 * count, hence one seek per row.  Normal draws are jf_stream_normal's: GSL
 * 2.7.1's ziggurat puts 24 bits, one of 128 widths and a sign into a double,
 * whatever the generator, so that draws repeat and some are exactly 0. */
#ifndef JF_STREAM_H
#define JF_STREAM_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

#include "base/matrix.h"

/* What a stream is for: two purposes never share a number.  Programs start
 * their own at JF_PURPOSE_USER. */
typedef enum {
    JF_PURPOSE_DATA,
    JF_PURPOSE_INIT,
    JF_PURPOSE_BATCH,
    JF_PURPOSE_LATENT,
    JF_PURPOSE_DEQUANTIZE,
    JF_PURPOSE_SPLIT,
    JF_PURPOSE_CROP,
    JF_PURPOSE_NORM,
    JF_PURPOSE_USER = 1000
} jf_purpose;

extern const gsl_rng_type *const jf_philox;

/* A generator at stream (0, 0, 0, 0); free with gsl_rng_free.  NULL: no
 * memory. */
gsl_rng *jf_stream_new(void);

/* The same in the caller's memory, while that lives: there is nothing to free.
 */
typedef struct {
    gsl_rng rng;
    uint64_t state[12];
} jf_stream;
gsl_rng *jf_stream_in(jf_stream *stream);

/* Move to the start of the stream (seed, purpose, step, row). */
void jf_stream_seek(gsl_rng *rng, uint64_t seed, uint64_t purpose,
                    uint64_t step, uint64_t row);

/* The next number of U(0, 1) as a real, ends excluded. */
real jf_stream_uniform(gsl_rng *rng);

/* The next draw of N(0, sd^2): the inverse of the distribution function (GSL's,
 * of Wichura 1988) at an odd multiple of 2^-53, one word a draw.  2^52 values,
 * symmetric about 0 and never 0; |draw| <= 8.3 sd. */
double jf_stream_normal(gsl_rng *rng, double sd);

/* Fill x (n, d): row i from the stream (seed, purpose, step, i). */
void jf_fill_normal(jf_matrix x, uint64_t seed, uint64_t purpose,
                    uint64_t step); /* N(0, 1) */
void jf_fill_uniform(jf_matrix x, uint64_t seed, uint64_t purpose,
                     uint64_t step); /* U(0, 1), ends excluded */

#endif
