/* convnet.c -- h_1 = a(K_1 * in + b_1), h_2 = a(W_2 h_1 + b_2), out = K_3 * h_2
 * + b_3 by pixel; K_1, K_3 are 3 x 3 convolutions with zero padding.
 *
 * Glow's coupling net (Kingma and Dhariwal 2018, sec. 3.3).  The stack of image
 * rows (winograd.h) is cut into lanes, and each lane goes down its rows a strip
 * at a time: what exists between the convolutions does so for a strip only,
 * which stays in cache, and the last two rows that the second one reads are
 * those that the next strip starts with.  A lane computes the two rows beyond
 * its ends itself, so lanes do not wait for each other.
 *
 * Backward: dh_2 = K_3' * dout, dh_1 = W_2' dh_2, din += K_1' * dh_1, where K'
 * is K with its taps in reverse order and its channels exchanged.
 *
 * In bands (base/bands.h) what a lane reads beyond its ends may be of other
 * ranks: two rows of pixels, and one of saved activations.  Where bands are more
 * than the lanes of a gradient, each rank is sent all and does all. */
#include "base/bands.h"
#include "base/clones.h"
#include "base/error.h"
#include "base/stream.h"
#include "linalg/convolution.h"
#include "linalg/multiply.h"
#include "linalg/spectral.h"
#include "linalg/tile.h"
#include "net/activation.h"
#include "net/winograd.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TAPS = 9,
    POINTS = 3 * JF_POINTS,
    LANE_ROWS = 16,
    STRIP = 1 << 15,
    GRADIENTS = 1 << 20,
    RANGE = 1 << 14,
    BLOCK = 1 << 10
};

typedef struct {
    jf_net base;
    size_t height, width, hidden;
    jf_activation activation;
    int whole;        /* in bands each rank does all rows */
    size_t offset[4]; /* where each convolution's slice of theta starts */
} convnet;

/* A convolution's weights and biases. */
typedef struct {
    real *w, *b;
    size_t taps, n_in, n_out;
} kernel;

typedef struct {
    const convnet *net;
    kernel k[3];       /* a copy; one when hidden is 0 */
    const real *zeros; /* (hidden) */
    const real *points[2], *points_reversed[2]; /* the 3 x 3 kernels there */
    jf_const_matrix in, dout;
    jf_matrix out, din;
    real *to_save;     /* forward's, unless NULL  */
    const real *saved; /* backward's, unless NULL */
    size_t lanes;
    real *sums; /* (lanes, n_sums) */
} job;

/* A lane's strips, by rows of the stack.  At the points: the inputs of the
 * first convolution and of the last, the gradients of the outputs of either;
 * spread, of the hidden side of one whose gradient is sought.  h_1, h_2 and
 * their gradients.  When hidden is 0, there is but one convolution: the last
 * one forward, the first one backward. */
typedef struct {
    const job *j;
    size_t first, last; /* own rows */
    size_t strip;
    jf_points in, h2, dout, d1, spread;
    real *h[2], *dh[2];
    real *sums;
    jf_work *work;
} lane;

static size_t n_kernels(const convnet *n)
{
    return n->hidden ? 3 : 1;
}

/* theta NULL: its shape alone. */
static kernel kernel_of(const convnet *n, size_t l, real *theta)
{
    size_t last = n_kernels(n) - 1;
    kernel k = {.taps = l == 1 ? 1 : TAPS,
                .n_in = l == 0 ? n->base.n_in : n->hidden,
                .n_out = l == last ? n->base.n_out : n->hidden};
    if (theta) {
        k.w = theta + n->offset[l];
        k.b = k.w + k.taps * k.n_in * k.n_out;
    }
    return k;
}

static int init(const jf_module *self, real *theta, gsl_rng *rng, jf_work *work)
{
    const convnet *n = (const convnet *)self;
    (void)work;
    memset(theta, 0, self->n_params * sizeof *theta);
    for (size_t l = 0; l + 1 < n_kernels(n); l++) {
        kernel k = kernel_of(n, l, theta);
        double fan_in = (double)(k.taps * k.n_in);
        double sd =
            n->activation == JF_RELU ? sqrt(2 / fan_in) : sqrt(1 / fan_in);
        for (size_t i = 0; i < k.taps * k.n_in * k.n_out; i++)
            k.w[i] = (real)jf_stream_normal(rng, sd);
    }
    return GSL_SUCCESS;
}

/* What a lane adds up for the gradient of k: weights at the points where it has
 * nine taps, and the last one's in reverse; then biases. */
static size_t n_weights(const convnet *n, size_t l)
{
    kernel k = kernel_of(n, l, NULL);
    return (k.taps == TAPS ? POINTS : 1) * k.n_in * k.n_out;
}

static kernel sums_of(const convnet *n, size_t l, real *sums)
{
    kernel k = kernel_of(n, l, NULL);
    for (size_t i = 0; i < l; i++)
        sums += n_weights(n, i) + kernel_of(n, i, NULL).n_out;
    k.w = sums;
    k.b = sums + n_weights(n, l);
    return k;
}

static size_t n_sums(const convnet *n)
{
    size_t size = 0;
    for (size_t l = 0; l < n_kernels(n); l++)
        size += n_weights(n, l) + kernel_of(n, l, NULL).n_out;
    return size;
}

/* Pixels of images above row v of the stack. */
static size_t above(const convnet *n, size_t v)
{
    return jf_stack_above(n->height, v) * n->width;
}

/* Those of rows v .. v + count - 1, of a matrix of all. */
static jf_const_matrix part(const convnet *n, jf_const_matrix m, size_t v,
                            size_t count)
{
    return jf_const_rows(m, above(n, v), above(n, v + count) - above(n, v));
}

/* Rows v .. without borders at their ends. */
static void trim(const convnet *n, size_t *v, size_t *count)
{
    size_t period = n->height + 1;
    if (*count && *v % period == 0)
        ++*v, --*count;
    if (*count && (*v + *count - 1) % period == 0)
        --*count;
}

/* Own rows among them; returns how many. */
static size_t own_rows(const lane *l, size_t *v, size_t count)
{
    size_t end = *v + count;
    *v = *v > l->first ? *v : l->first;
    end = end < l->last ? end : l->last;
    return end > *v ? end - *v : 0;
}

/* h_2 := a(h_1 W_2 + b_2), in pixels rows. */
static void mix(const job *j, size_t pixels, const real *h1, real *h2)
{
    const convnet *n = j->net;
    size_t c = n->hidden;
    jf_multiply(&(jf_multiplication){.a = jf_const_view(h1, pixels, c),
                                     .b = jf_const_view(j->k[1].w, c, c),
                                     .bias = j->k[1].b,
                                     .relu = n->activation == JF_RELU},
                jf_view(h2, pixels, c));
    if (n->activation != JF_RELU)
        jf_activate(n->activation, pixels * c, h2);
}

/* h_1 and h_2 of rows v .. */
static void hidden_rows(const lane *l, size_t v, size_t count, real *const h[2])
{
    const job *j = l->j;
    const convnet *n = j->net;
    trim(n, &v, &count);
    if (!count)
        return;
    size_t pixels = above(n, v + count) - above(n, v);
    jf_points in = l->in;
    in.first = v - 1;
    jf_points_read(in, v - 1, count + 2, part(n, j->in, v - 1, count + 2));
    jf_points_convolve(in, v, count, j->points[0], j->k[0].b,
                       jf_view(h[0], pixels, n->hidden), l->work);
    jf_activate(n->activation, pixels * n->hidden, h[0]);
    mix(j, pixels, h[0], h[1]);
}

/* Where h_1 (which = 0) or h_2 of row v is saved. */
static size_t saved_at(const lane *l, size_t which, size_t v)
{
    const convnet *n = l->j->net;
    return (which * l->j->in.rows + above(n, v)) * n->hidden;
}

/* Rows v .. of what the last convolution reads, at the points.  Own rows of
 * hidden layers are made where they are saved. */
static void fill_top(const lane *l, size_t v, size_t count)
{
    const job *j = l->j;
    const convnet *n = j->net;
    if (!n->hidden) {
        jf_points_read(l->h2, v, count, part(n, j->in, v, count));
        return;
    }
    for (size_t end = v + count, some; v < end; v += some) {
        size_t from = v, own = own_rows(l, &from, end - v);
        int saves = own && from == v && j->to_save;
        real *h[2] = {l->h[0], l->h[1]};
        for (size_t k = 0; saves && k < 2; k++)
            h[k] = j->to_save + saved_at(l, k, v);
        some = own && from == v ? own : 1;
        hidden_rows(l, v, some, h);
        size_t pixels = above(n, v + some) - above(n, v);
        jf_points_read(l->h2, v, some, jf_const_view(h[1], pixels, n->hidden));
    }
}

static lane lane_start(const job *j, size_t first, size_t count, jf_work *work)
{
    const convnet *n = j->net;
    size_t widest = n->hidden > n->base.n_in ? n->hidden : n->base.n_in;
    lane l = {.j = j, .work = work};
    l.first = jf_stack_place(n->height, first);
    l.last = jf_stack_place(n->height, first + count - 1) + 1;
    l.strip = STRIP / (n->width * widest) + 1;
    if (l.strip > l.last - l.first)
        l.strip = l.last - l.first;
    l.in = jf_points_push(n->height, n->width, l.strip + 4, n->base.n_in, work);
    size_t size = (l.strip + 2) * n->width * n->hidden;
    for (size_t k = 0; k < 2 && n->hidden && !j->saved; k++)
        l.h[k] = jf_push(work, size);
    return l;
}

static int forward_lane(void *arg, size_t index, size_t first, size_t count,
                        jf_work *work)
{
    const job *j = arg;
    const convnet *n = j->net;
    kernel k = j->k[n_kernels(n) - 1];
    size_t depth = work->depth;
    (void)index;
    lane l = lane_start(j, first, count, work);
    l.h2 = jf_points_push(n->height, n->width, l.strip + 2, k.n_in, work);
    l.h2.first = l.first - 1;
    for (size_t v = l.first, rows; v < l.last; v += rows) {
        rows = l.last - v < l.strip ? l.last - v : l.strip;
        size_t kept = v == l.first ? 0 : 2, at = above(n, v);
        fill_top(&l, v - 1 + kept, rows + 2 - kept);
        jf_points_convolve(l.h2, v, rows, j->points[n->hidden > 0], k.b,
                           jf_rows(j->out, at, above(n, v + rows) - at), work);
    }
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}

/* The gradients of the last two layers from h_1, h_2, dh_2 of own rows v ..,
 * and from dout at the points.  That of the last weights is
 * found in reverse: dout takes the inputs' place, and h_2 the outputs'. */
static void add_top(const lane *l, size_t v, size_t count, jf_points dout,
                    const real *h1, const real *h2, const real *d2)
{
    const job *j = l->j;
    const convnet *n = j->net;
    kernel middle = sums_of(n, 1, l->sums), top = sums_of(n, 2, l->sums);
    size_t pixels = above(n, v + count) - above(n, v), c = n->hidden;
    jf_points spread = l->spread;
    spread.first = v;
    jf_points_spread(spread, v, count, jf_const_view(h2, pixels, c));
    jf_points_correlate(dout, spread, v, count, top.w);
    jf_add_rows(part(n, j->dout, v, count), top.b);
    jf_multiply(&(jf_multiplication){.op_a = JF_TRANSPOSED,
                                     .a = jf_const_view(h1, pixels, c),
                                     .b = jf_const_view(d2, pixels, c),
                                     .add = 1},
                jf_view(middle.w, c, c));
    jf_add_rows(jf_const_view(d2, pixels, c), middle.b);
}

/* dh_1 of rows v .., and gradients from own rows. */
static void back_rows(const lane *l, size_t v, size_t count)
{
    const job *j = l->j;
    const convnet *n = j->net;
    const real *h[2] = {l->h[0], l->h[1]};
    trim(n, &v, &count);
    if (!count)
        return;
    size_t pixels = above(n, v + count) - above(n, v), c = n->hidden;
    if (!j->saved)
        hidden_rows(l, v, count, l->h);
    for (size_t k = 0; j->saved && k < 2; k++)
        h[k] = j->saved + saved_at(l, k, v);

    jf_points dout = l->dout;
    dout.first = v - 1;
    jf_points_read(dout, v - 1, count + 2, part(n, j->dout, v - 1, count + 2));
    jf_points_convolve(dout, v, count, j->points_reversed[1], j->zeros,
                       jf_view(l->dh[1], pixels, c), l->work);
    jf_activation_slope(n->activation, pixels * c, h[1], l->dh[1]);
    jf_multiply(&(jf_multiplication){.op_b = JF_TRANSPOSED,
                                     .a = jf_const_view(l->dh[1], pixels, c),
                                     .b = jf_const_view(j->k[1].w, c, c)},
                jf_view(l->dh[0], pixels, c));
    jf_activation_slope(n->activation, pixels * c, h[0], l->dh[0]);

    size_t own = v, some = own_rows(l, &own, count);
    size_t at = (above(n, own) - above(n, v)) * c;
    if (some)
        add_top(l, own, some, dout, h[0] + at, h[1] + at, l->dh[1] + at);
}

/* Rows v .. of dh_1 at the points, and the gradient of the first weights. */
static void fill_bottom(const lane *l, size_t v, size_t count)
{
    const job *j = l->j;
    const convnet *n = j->net;
    kernel g = sums_of(n, 0, l->sums);
    jf_const_matrix d1 = part(n, j->dout, v, count);
    if (n->hidden) {
        back_rows(l, v, count);
        d1 = jf_const_view(l->dh[0], d1.rows, n->hidden);
    }
    jf_points_read(l->d1, v, count, d1);
    size_t own = v, some = own_rows(l, &own, count);
    if (!some)
        return;
    size_t skipped = above(n, own) - above(n, v);
    d1 = jf_const_rows(d1, skipped, above(n, own + some) - above(n, own));
    jf_points in = l->in, spread = l->spread;
    in.first = own - 1;
    spread.first = own;
    jf_points_read(in, own - 1, some + 2, part(n, j->in, own - 1, some + 2));
    jf_points_spread(spread, own, some, d1);
    jf_points_correlate(in, spread, own, some, g.w);
    jf_add_rows(d1, g.b);
}

static int backward_lane(void *arg, size_t index, size_t first, size_t count,
                         jf_work *work)
{
    const job *j = arg;
    const convnet *n = j->net;
    size_t depth = work->depth, h = n->height, w = n->width;
    lane l = lane_start(j, first, count, work);
    l.sums = j->sums + index * n_sums(n);
    l.d1 = jf_points_push(h, w, l.strip + 2, j->k[0].n_out, work);
    l.d1.first = l.first - 1;
    l.spread = jf_points_push(h, w, l.strip + 2, j->k[0].n_out, work);
    if (n->hidden)
        l.dout = jf_points_push(h, w, l.strip + 4, n->base.n_out, work);
    for (size_t k = 0; n->hidden && k < 2; k++)
        l.dh[k] = jf_push(work, (l.strip + 2) * w * n->hidden);
    for (size_t v = l.first, rows; v < l.last; v += rows) {
        rows = l.last - v < l.strip ? l.last - v : l.strip;
        size_t kept = v == l.first ? 0 : 2, at = above(n, v);
        fill_bottom(&l, v - 1 + kept, rows + 2 - kept);
        jf_points_convolve(l.d1, v, rows, j->points_reversed[0], NULL,
                           jf_rows(j->din, at, above(n, v + rows) - at), work);
    }
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}

/* Taps in reverse order, channels exchanged: of w (taps, from, to). */
static void reverse(size_t taps, size_t from, size_t to, const real *w,
                    real *reversed)
{
    for (size_t t = 0; t < taps; t++)
        for (size_t i = 0; i < from; i++)
            for (size_t o = 0; o < to; o++)
                reversed[((taps - 1 - t) * to + o) * from + i] =
                    w[(t * from + i) * to + o];
}

static const real *reverse_kernel(kernel k, jf_work *work)
{
    real *reversed = jf_push(work, k.taps * k.n_in * k.n_out);
    reverse(k.taps, k.n_in, k.n_out, k.w, reversed);
    return reversed;
}

static const real *at_points(size_t n_in, size_t n_out, const real *w,
                             jf_work *work)
{
    size_t size = POINTS * n_in * jf_points_stride(n_out);
    real *g = jf_push(work, size + JF_TILE_SLACK);
    memset(g + size, 0, JF_TILE_SLACK * sizeof *g);
    jf_points_kernel(n_in, n_out, w, g);
    return g;
}

JF_CLONES static void convnet_add(size_t n, const real *restrict from,
                                  real *restrict to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* A range of the sums of the first lane += those of the others, in order. */
static int add_range(void *arg, size_t index, size_t first, size_t count,
                     jf_work *work)
{
    const job *j = arg;
    size_t size = n_sums(j->net);
    (void)index, (void)work;
    for (size_t i = 0, some; i < count; i += some) {
        real *to = j->sums + first + i;
        some = count - i < BLOCK ? count - i : BLOCK;
        for (size_t l = 1; l < j->lanes; l++)
            convnet_add(some, to + l * size, to);
    }
    return GSL_SUCCESS;
}

/* Pixels whose bands are those of the lanes. */
static size_t bands_of(const convnet *n)
{
    return n->whole ? 0 : n->base.banded;
}

/* grad += the lanes' sums, brought back from the points; those of the last
 * weights are in reverse. */
static int add_lanes(job *j, real *grad, jf_work *work)
{
    const convnet *n = j->net;
    size_t size = n_sums(n);
    if (jf_in_bands(work, bands_of(n)))
        jf_bands_add(work, bands_of(n), j->lanes, size, j->sums);
    else
        JF_TRY(jf_divide(work, size, jf_lanes(size, RANGE), add_range, j));
    for (size_t l = 0; l < n_kernels(n); l++) {
        kernel sums = sums_of(n, l, j->sums), to = kernel_of(n, l, grad);
        size_t pairs = to.n_in * to.n_out, count = to.taps * pairs;
        real *w = sums.w, *straight = sums.w;
        if (to.taps == TAPS) {
            straight = w = jf_push(work, 2 * count);
            memset(w, 0, count * sizeof *w);
            jf_points_gradient(to.n_in, to.n_out, sums.w, w);
        }
        if (l == 2)
            reverse(to.taps, to.n_out, to.n_in, w, straight = w + count);
        convnet_add(count, straight, to.w);
        convnet_add(to.n_out, sums.b, to.b);
        if (to.taps == TAPS)
            jf_pop(work, w);
    }
    return GSL_SUCCESS;
}

static int job_start(job *j, const jf_net *self, const real *theta,
                     jf_const_matrix in)
{
    const convnet *n = j->net = (const convnet *)self;
    if (in.rows % (n->height * n->width) != 0)
        JF_ERROR("rows are no whole images", GSL_EBADLEN);
    for (size_t l = 0; l < n_kernels(n); l++)
        j->k[l] = kernel_of(n, l, (real *)theta);
    j->in = in;
    return GSL_SUCCESS;
}

static jf_band_rows pixel_rows(const convnet *n, jf_const_matrix pixels)
{
    return (jf_band_rows){(real *)pixels.data, n->height, n->width, pixels.cols,
                          pixels.stride};
}

/* In bands: of count images the neighbours of this rank's rows, or all others.
 */
static void neighbours(const convnet *n, size_t count,
                       const jf_band_rows *images, jf_work *work)
{
    jf_bands_halo(work, n->base.banded, count, images,
                  n->whole ? n->height : 2);
}

static void neighbours_saved(const convnet *n, real *saved, jf_work *work)
{
    size_t size = n->width * n->hidden, h = n->height;
    if (saved && size)
        jf_bands_halo(work, bands_of(n), 2,
                      (jf_band_rows[]){{saved, h, 1, size, size},
                                       {saved + h * size, h, 1, size, size}},
                      1);
}

static int forward(const jf_net *self, const real *theta, jf_const_matrix in,
                   jf_matrix out, real *saved, jf_work *work)
{
    size_t depth = work->depth;
    job j = {.out = out, .to_save = saved};
    JF_TRY(job_start(&j, self, theta, in));
    for (size_t l = 0; l < n_kernels(j.net); l += 2)
        j.points[l > 0] = at_points(j.k[l].n_in, j.k[l].n_out, j.k[l].w, work);
    size_t rows = in.rows / j.net->width;
    neighbours(j.net, 1, (jf_band_rows[]){pixel_rows(j.net, in)}, work);
    JF_TRY(jf_bands_divide(work, bands_of(j.net), rows,
                           jf_lanes(rows, LANE_ROWS), forward_lane, &j));
    neighbours_saved(j.net, saved, work);
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}

/* Lanes whose gradients, to be cleared and added up, are GRADIENTS bytes in
 * all; at least two; beside a large image they are nothing. */
static size_t gradient_lanes(const convnet *n, size_t rows)
{
    size_t lanes = jf_lanes(rows, LANE_ROWS);
    size_t most = GRADIENTS / (n->base.module.n_params * sizeof(real));
    if (n->base.positions >= JF_BAND_PIXELS)
        most = JF_MAX_LANES;
    if (most < 2)
        most = 2;
    return lanes < most ? lanes : most;
}

static int backward(const jf_net *self, const real *theta, jf_const_matrix in,
                    const real *saved, jf_matrix dout, jf_matrix din,
                    real *grad, jf_work *work)
{
    size_t depth = work->depth, rows, size, hidden;
    job j = {.dout = jf_const(dout), .din = din, .saved = saved};
    JF_TRY(job_start(&j, self, theta, in));
    hidden = j.net->hidden;
    if (hidden && !saved)
        j.points[0] = at_points(j.k[0].n_in, hidden, theta, work);
    for (size_t l = 0; l < n_kernels(j.net); l += 2) {
        kernel k = j.k[l];
        j.points_reversed[l > 0] =
            at_points(k.n_out, k.n_in, reverse_kernel(k, work), work);
    }
    real *zeros = jf_push(work, hidden);
    memset(zeros, 0, hidden * sizeof *zeros);
    j.zeros = zeros;

    rows = in.rows / j.net->width;
    size = n_sums(j.net);
    j.lanes = gradient_lanes(j.net, rows);
    j.sums = jf_push(work, j.lanes * size);
    memset(j.sums, 0, j.lanes * size * sizeof *j.sums);
    neighbours(
        j.net, 2,
        (jf_band_rows[]){pixel_rows(j.net, j.dout), pixel_rows(j.net, in)},
        work);
    JF_TRY(jf_bands_divide(work, bands_of(j.net), rows, j.lanes, backward_lane,
                           &j));
    JF_TRY(add_lanes(&j, grad, work));
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}

/* |K| of outputs first .. first + count - 1 of a kernel, from above. */
static double norm_of(const convnet *n, kernel k, size_t first, size_t count,
                      jf_work *work)
{
    size_t rows = k.taps * k.n_in;
    jf_matrix part = jf_push_matrix(work, rows, count);
    double bound;
    jf_matrix_copy(
        part, jf_const(jf_columns(jf_view(k.w, rows, k.n_out), first, count)));
    if (k.taps == TAPS) {
        bound = jf_convolution_bound(
            &(jf_convolution){n->height, n->width, k.n_in, count, part.data},
            work);
    } else {
        double *wide = jf_push_bytes(work, rows * count * sizeof *wide);
        for (size_t i = 0; i < rows * count; i++)
            wide[i] = (double)part.data[i];
        bound = jf_norm_bound(rows, count, wide, work);
        jf_pop(work, wide);
    }
    jf_pop(work, part.data);
    return bound;
}

/* The product of the norms, since activations have slopes up to 1. */
static int lipschitz(const jf_net *self, const real *theta, size_t first,
                     size_t count, double *constant, jf_work *work)
{
    const convnet *n = (const convnet *)self;
    size_t last = n_kernels(n) - 1;
    *constant = 1 + 8 * DBL_EPSILON;
    for (size_t l = 0; l <= last; l++) {
        kernel k = kernel_of(n, l, (real *)theta);
        *constant *= norm_of(n, k, l == last ? first : 0,
                             l == last ? count : k.n_out, work);
    }
    return GSL_SUCCESS;
}

static const jf_net_ops ops = {.module = {.init = init},
                               .forward = forward,
                               .backward = backward,
                               .lipschitz = lipschitz};

jf_net *jf_convnet(const jf_convnet_options *o)
{
    if (!o->height || !o->width || !o->n_in || !o->n_out)
        JF_ERROR_NULL("a net needs pixels, inputs and outputs", GSL_EINVAL);
    convnet *n =
        (convnet *)jf_net_new(sizeof *n, "convnet", &ops, o->n_in, o->n_out);
    if (!n)
        return NULL;
    n->base.n_saved = 2 * o->hidden;
    n->base.positions = o->height * o->width;
    n->base.recomputes = 1;
    n->height = o->height;
    n->width = o->width;
    n->hidden = o->hidden;
    n->activation = o->activation;
    for (size_t l = 0; l < n_kernels(n); l++) {
        kernel k = kernel_of(n, l, NULL);
        n->offset[l + 1] = n->offset[l] + (k.taps * k.n_in + 1) * k.n_out;
    }
    n->base.module.n_params = n->offset[n_kernels(n)];
    size_t bands = jf_bands_count(n->base.positions);
    if (bands > 1 && n->height % bands == 0) {
        n->base.banded = n->base.positions;
        n->whole = gradient_lanes(n, n->height) % bands != 0;
    }
    return (jf_net *)jf_module_record(
        &n->base.module,
        "height=%zu, width=%zu, in=%zu, out=%zu, hidden=%zu, activation=%s",
        o->height, o->width, o->n_in, o->n_out, o->hidden,
        jf_activation_names[o->activation]);
}
