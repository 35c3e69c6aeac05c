/* squeeze.c -- moves of the entries of an image, log |det| = 0.
 *
 * Squeeze: the 2 x 2 pixels of a block become one pixel of 4 c channels, in
 * the order (0,0), (1,1), (0,1), (1,0), so that the first half of the channels
 * is one colour of a checkerboard (Dinh et al. 2017, sec. 3.6; the order of
 * the four is free).  Two rows of pixels become one row in the same place,
 * hence the scratch is two rows.  Unsqueeze is its inverse.
 *
 * Factor out: the first keep channels of all pixels, then the others. */
#include <string.h>

#include "base/bands.h"
#include "base/error.h"
#include "layer/layers.h"

enum { LANE_REALS = 1 << 16 };

typedef struct {
    jf_layer base;
    size_t height, width, channels; /* of the image before the squeeze */
    int forwards;                   /* forward squeezes */
    size_t wide, deep; /* pixels before and after the squeeze, where they can
                          be in bands; 0: they cannot */
} squeeze;

typedef struct {
    jf_layer base;
    size_t pixels, channels, keep;
    size_t banded; /* pixels, or 0: they cannot be in bands */
} factor;

typedef struct {
    const squeeze *s;
    jf_matrix x;
    int squeezes;
} move;

/* Pairs of pixel rows first .. of all samples. */
static int move_pairs(void *arg, size_t lane, size_t first, size_t count,
                      jf_work *work)
{
    static const size_t down[4] = {0, 1, 0, 1}, right[4] = {0, 1, 1, 0};
    const move *m = arg;
    size_t c = m->s->channels, width = m->s->width, size = 2 * width * c;
    size_t pairs = m->s->height / 2;
    real *old = jf_push(work, size);
    (void)lane;

    for (size_t i = first; i < first + count; i++) {
        real *now = jf_row(m->x, i / pairs) + i % pairs * size;
        memcpy(old, now, size * sizeof *old);
        for (size_t q = 0; q < width / 2; q++)
            for (size_t k = 0; k < 4; k++) {
                size_t wide = (down[k] * width + 2 * q + right[k]) * c;
                size_t deep = (4 * q + k) * c;
                memcpy(now + (m->squeezes ? deep : wide),
                       old + (m->squeezes ? wide : deep), c * sizeof *old);
            }
    }
    jf_pop(work, old);
    return GSL_SUCCESS;
}

/* A squeezed image has fewer bands, and is whole in all ranks where it is too
 * small for any. */
static int move_all(const jf_layer *self, jf_matrix x, int forwards,
                    jf_work *work)
{
    const squeeze *s = (const squeeze *)self;
    move m = {s, x, forwards == s->forwards};
    size_t pair = 2 * s->width * s->channels;
    size_t n = x.rows * (s->height / 2);
    if (m.squeezes && s->deep)
        jf_bands_move(work, s->wide, s->deep, n, pair, x.data);
    else if (m.squeezes)
        jf_bands_gather(work, s->wide, self->d, sizeof(real), x.data);
    JF_TRY(jf_bands_divide(work, s->deep, n, jf_lanes(n, LANE_REALS / pair + 1),
                           move_pairs, &m));
    if (!m.squeezes && s->deep)
        jf_bands_move(work, s->deep, s->wide, n, pair, x.data);
    return GSL_SUCCESS;
}

static int squeeze_forward(const jf_layer *self, jf_weights w, jf_matrix x,
                           double *log_abs_det, jf_work *work)
{
    (void)w, (void)log_abs_det;
    return move_all(self, x, 1, work);
}

static int squeeze_inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                           jf_work *work)
{
    (void)w;
    return move_all(self, z, 0, work);
}

/* Both passes keep the half that stays first apart, or the other: forward
 * moves kept channels to places that lie before them, the inverse goes from
 * the last pixel to the first.  Where pixels are in bands, those of this rank;
 * the others leave in all of them. */
static void split_channels(const factor *f, jf_matrix x, jf_work *work)
{
    size_t c = f->channels, keep = f->keep, out = c - keep, first, last;
    real *others = jf_push(work, f->pixels * out);
    jf_bands_own(work, f->banded, f->pixels, &first, &last);
    for (size_t i = 0; i < x.rows; i++) {
        real *row = jf_row(x, i), *left = row + f->pixels * keep;
        for (size_t q = first; q < last; q++) {
            memcpy(others + q * out, row + q * c + keep, out * sizeof *row);
            memmove(row + q * keep, row + q * c, keep * sizeof *row);
        }
        memcpy(left + first * out, others + first * out,
               (last - first) * out * sizeof *row);
        jf_bands_gather(work, f->banded, f->pixels * out, sizeof *left, left);
    }
    jf_pop(work, others);
}

static void merge_channels(const factor *f, jf_matrix z, jf_work *work)
{
    size_t c = f->channels, keep = f->keep, out = c - keep, first, last;
    real *others = jf_push(work, f->pixels * out);
    jf_bands_own(work, f->banded, f->pixels, &first, &last);
    for (size_t i = 0; i < z.rows; i++) {
        real *row = jf_row(z, i), *left = row + f->pixels * keep;
        memcpy(others + first * out, left + first * out,
               (last - first) * out * sizeof *row);
        for (size_t q = last; q-- > first;) {
            memmove(row + q * c, row + q * keep, keep * sizeof *row);
            memcpy(row + q * c + keep, others + q * out, out * sizeof *row);
        }
    }
    jf_pop(work, others);
}

static int factor_forward(const jf_layer *self, jf_weights w, jf_matrix x,
                          double *log_abs_det, jf_work *work)
{
    (void)w, (void)log_abs_det;
    split_channels((const factor *)self, x, work);
    return GSL_SUCCESS;
}

static int factor_inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                          jf_work *work)
{
    (void)w;
    merge_channels((const factor *)self, z, work);
    return GSL_SUCCESS;
}

static const jf_layer_ops squeeze_ops = {.forward = squeeze_forward,
                                         .inverse = squeeze_inverse,
                                         .backward = jf_orthogonal_backward,
                                         .bounds = jf_orthogonal_bounds};

static const jf_layer_ops factor_ops = {.forward = factor_forward,
                                        .inverse = factor_inverse,
                                        .backward = jf_orthogonal_backward,
                                        .bounds = jf_orthogonal_bounds};

/* The pixels of an image that can be in bands, of pairs of rows; or 0. */
static size_t in_bands(size_t pixels, size_t pairs)
{
    size_t bands = jf_bands_count(pixels);
    return bands > 1 && pairs % bands == 0 ? pixels : 0;
}

static jf_layer *make(const char *name, size_t height, size_t width,
                      size_t channels, int forwards)
{
    if (!height || !width || !channels || height % 2 || width % 2)
        JF_ERROR_NULL("a squeeze needs sides that are even", GSL_EINVAL);
    squeeze *s = (squeeze *)jf_layer_new(sizeof *s, name, &squeeze_ops,
                                         height * width * channels, 0);
    if (!s)
        return NULL;
    s->base.positions = height * width / 4;
    s->height = height;
    s->width = width;
    s->channels = channels;
    s->forwards = forwards;
    s->wide = in_bands(height * width, height / 2);
    s->deep = s->wide ? in_bands(s->base.positions, height / 2) : 0;
    size_t in = forwards ? s->wide : s->deep,
           out = forwards ? s->deep : s->wide;
    if (in)
        s->base.band_in = (jf_banded){s->base.d, in};
    if (in && out)
        s->base.band_out = (jf_banded){s->base.d, out};
    return jf_layer_record(&s->base, "height=%zu, width=%zu, channels=%zu",
                           height, width, channels);
}

jf_layer *jf_squeeze(size_t height, size_t width, size_t channels)
{
    return make("squeeze", height, width, channels, 1);
}

jf_layer *jf_unsqueeze(size_t height, size_t width, size_t channels)
{
    return make("unsqueeze", height, width, channels, 0);
}

jf_layer *jf_factor_out(size_t pixels, size_t channels, size_t keep)
{
    if (!pixels || !keep || keep >= channels)
        JF_ERROR_NULL("some channels stay and some leave", GSL_EINVAL);
    factor *f = (factor *)jf_layer_new(sizeof *f, "factor_out", &factor_ops,
                                       pixels * channels, 0);
    if (!f)
        return NULL;
    f->pixels = pixels;
    f->channels = channels;
    f->keep = keep;
    f->banded = in_bands(pixels, pixels);
    if (f->banded) {
        f->base.band_in = (jf_banded){pixels * channels, pixels};
        f->base.band_out = (jf_banded){pixels * keep, pixels};
    }
    return jf_layer_record(&f->base, "pixels=%zu, channels=%zu, keep=%zu",
                           pixels, channels, keep);
}
