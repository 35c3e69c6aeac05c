/* convnet.c -- h_1 = a(K_1 * in + b_1), h_2 = a(W_2 h_1 + b_2), out = K_3 * h_2
 * + b_3 by pixel; K_1, K_3 are 3 x 3 convolutions with zero padding.
 *
 * Glow's coupling net (Kingma and Dhariwal 2018, sec. 3.3).  Image rows are cut
 * into lanes, and each lane goes down its rows a strip at a time: h_1 and h_2
 * exist for a strip only, which stays in cache, and its last two rows are what
 * the next strip's border reads.  A lane computes the two rows beyond its ends
 * itself, so lanes do not wait for each other.  A strip's rows are padded by a
 * pixel of zeros on either side; a row outside of the image is zero.
 *
 * Backward: dh_2 = K_3' * dout, dh_1 = W_2' dh_2, din += K_1' * dh_1, where K'
 * is K with its taps in reverse order and its channels exchanged.
 *
 * In bands (base/bands.h) what a lane reads beyond its ends may be of other
 * ranks: two rows of pixels, and one of saved activations. */
#include "base/bands.h"
#include "base/error.h"
#include "base/stream.h"
#include "linalg/convolution.h"
#include "linalg/spectral.h"
#include "linalg/tile.h"
#include "net/activation.h"
#include "net/pane.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TAPS = 9, LANE_ROWS = 16, STRIP = 1 << 15, GRADIENTS = 1 << 20 };

typedef struct {
    jf_net base;
    size_t height, width, hidden;
    jf_activation activation;
    size_t offset[4]; /* where each convolution's slice of theta starts */
} convnet;

/* A convolution's weights and biases. */
typedef struct {
    real *w, *b;
    size_t taps, n_in, n_out;
} kernel;

/* Rows of an image that stand in a pane from line at on. */
typedef struct {
    size_t at, row, count;
} span;

typedef struct {
    const convnet *net;
    kernel k[3];       /* a copy with slack behind it; one when hidden is 0 */
    real *reversed[3]; /* the reversed weights */
    jf_const_matrix in, dout;
    jf_matrix out, din;
    real *to_save;     /* forward's, unless NULL  */
    const real *saved; /* backward's, unless NULL */
    real *grad;        /* (lanes, n_params) */
} job;

/* A lane's strips of: inputs, h_1, h_2; dout, dh_2, dh_1.  When hidden is 0,
 * the inputs take the place of h_2 and dout that of dh_1. */
typedef struct {
    const job *j;
    size_t image, first, last; /* own rows of the image */
    size_t strip;
    jf_pane x, h1, h2, dout, d2, d1;
    real *grad;
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

/* Rows first - 1 .. of the lane's image, count of them, into line at on: those
 * outside of it are zero.  Returns the others. */
static span clip(const lane *l, jf_pane p, size_t at, size_t first,
                 size_t count)
{
    span s = {at, first - 1, count};
    if (first == 0) {
        jf_pane_clear(p, at);
        s = (span){at + 1, 0, count - 1};
    }
    if (s.row + s.count > l->j->net->height) {
        s.count--;
        jf_pane_clear(p, s.at + s.count);
    }
    return s;
}

/* The same, from m (pixels, c). */
static void load(const lane *l, jf_const_matrix m, jf_pane p, size_t at,
                 size_t first, size_t count)
{
    const convnet *n = l->j->net;
    span s = clip(l, p, at, first, count);
    for (size_t i = 0; i < s.count; i++)
        jf_pane_load(
            p, s.at + i,
            jf_const_row(m, (l->image * n->height + s.row + i) * n->width),
            m.stride);
}

static void activate(const convnet *n, jf_pane h, size_t at, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        jf_activate(n->activation, n->width * h.c, jf_pane_inside(h, at + i));
}

static void slope(const convnet *n, jf_pane h, jf_pane dh, size_t at,
                  size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        jf_activation_slope(n->activation, n->width * h.c, jf_pane_inside(h, i),
                            jf_pane_inside(dh, at + i));
}

/* h_1 and h_2 of the rows s, whose neighbours stand in x from line 0 on; h_1
 * from line 0. */
static void hidden_rows(const lane *l, span s)
{
    const job *j = l->j;
    const convnet *n = j->net;
    jf_pane_convolve(l->x, 0, s.count, j->k[0].w, j->k[0].b, n->hidden,
                     jf_pane_inside(l->h1, 0), n->hidden, l->h1.pitch, 0);
    activate(n, l->h1, 0, s.count);
    jf_pane_convolve_pixels(l->h1, 0, s.count, j->k[1].w, j->k[1].b, l->h2,
                            s.at);
    activate(n, l->h2, s.at, s.count);
}

/* Where h_1 (which = 0) or h_2 of an image row is saved. */
static size_t saved_at(const lane *l, size_t which, size_t row)
{
    const convnet *n = l->j->net;
    size_t size = n->width * n->hidden;
    return which * l->j->in.rows * n->hidden +
           (l->image * n->height + row) * size;
}

/* Own rows of s go to the saved activations when there is room for them, or
 * all come from those that forward has saved. */
static void exchange(const lane *l, span s)
{
    const job *j = l->j;
    size_t size = j->net->width * j->net->hidden * sizeof(real);
    for (size_t i = 0; i < s.count; i++) {
        real *h[2] = {jf_pane_inside(l->h1, i),
                      jf_pane_inside(l->h2, s.at + i)};
        int own = s.row + i >= l->first && s.row + i < l->last;
        for (size_t k = 0; k < 2; k++) {
            size_t at = saved_at(l, k, s.row + i);
            if (j->saved)
                memcpy(h[k], j->saved + at, size);
            else if (j->to_save && own)
                memcpy(j->to_save + at, h[k], size);
        }
    }
}

/* Rows first - 1 .. of what the last convolution reads, from line at on. */
static void fill_top(const lane *l, size_t at, size_t first, size_t count)
{
    if (!l->j->net->hidden) {
        load(l, l->j->in, l->h2, at, first, count);
        return;
    }
    span s = clip(l, l->h2, at, first, count);
    load(l, l->j->in, l->x, 0, s.row, s.count + 2);
    hidden_rows(l, s);
    exchange(l, s);
}

static lane lane_start(const job *j, jf_work *work)
{
    const convnet *n = j->net;
    size_t widest = n->hidden > n->base.n_in ? n->hidden : n->base.n_in;
    lane l = {.j = j};
    l.strip = STRIP / (n->width * widest) + 1;
    if (l.strip > n->height)
        l.strip = n->height;
    l.x = jf_pane_push(n->width, l.strip + 4, n->base.n_in, work);
    if (n->hidden)
        l.h1 = jf_pane_push(n->width, l.strip + 2, n->hidden, work);
    l.h2 = jf_pane_push(n->width, l.strip + 2,
                        n->hidden ? n->hidden : n->base.n_in, work);
    return l;
}

/* Call work_on for the part of each image that lies in rows first .. of all. */
static void each_image(lane *l, size_t first, size_t count,
                       void (*work_on)(lane *))
{
    size_t height = l->j->net->height;
    while (count) {
        size_t row = first % height, left = height - row;
        l->image = first / height;
        l->first = row;
        l->last = row + (count < left ? count : left);
        work_on(l);
        first += l->last - row;
        count -= l->last - row;
    }
}

static void forward_image(lane *l)
{
    const job *j = l->j;
    const convnet *n = j->net;
    kernel k = j->k[n_kernels(n) - 1];
    for (size_t s = l->first, rows; s < l->last; s += rows) {
        rows = l->last - s < l->strip ? l->last - s : l->strip;
        size_t kept = s == l->first ? 0 : 2;
        fill_top(l, kept, s + kept, rows + 2 - kept);
        jf_pane_convolve(l->h2, 0, rows, k.w, k.b, k.n_out,
                         jf_row(j->out, (l->image * n->height + s) * n->width),
                         j->out.stride, n->width * j->out.stride, 0);
        jf_pane_keep(l->h2, rows);
    }
}

static int forward_lane(void *arg, size_t index, size_t first, size_t count,
                        jf_work *work)
{
    size_t depth = work->depth;
    lane l = lane_start(arg, work);
    (void)index;
    each_image(&l, first, count, forward_image);
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}

/* Own rows of s: how many, and the first, counted from s.row. */
static size_t own_rows(const lane *l, span s, size_t *offset)
{
    size_t first = s.row > l->first ? s.row : l->first, end = s.row + s.count;
    if (end > l->last)
        end = l->last;
    *offset = first - s.row;
    return end > first ? end - first : 0;
}

/* dh_1 of the rows s; the gradients of own rows.  That of the last weights is
 * found in reverse: dout takes the inputs' place, and h_2 the outputs'. */
static void back_rows(lane *l, span s)
{
    const job *j = l->j;
    const convnet *n = j->net;
    kernel g[3];
    span top = {0, s.row, s.count};
    size_t own, from;

    load(l, j->dout, l->dout, 0, s.row, s.count + 2);
    if (j->saved)
        exchange(l, top);
    else
        hidden_rows(l, top);
    jf_pane_convolve(l->dout, 0, s.count, j->reversed[2], NULL, n->hidden,
                     jf_pane_inside(l->d2, 0), n->hidden, l->d2.pitch, 0);
    slope(n, l->h2, l->d2, 0, s.count);
    jf_pane_convolve_pixels(l->d2, 0, s.count, j->reversed[1], NULL, l->d1,
                            s.at);
    slope(n, l->h1, l->d1, s.at, s.count);

    own = own_rows(l, s, &from);
    for (size_t k = 0; k < 3; k++)
        g[k] = kernel_of(n, k, l->grad);
    jf_pane_correlate(l->dout, from, l->h2, from, own, g[2].w);
    jf_pane_add(l->dout, from + 1, own, g[2].b);
    jf_pane_correlate_pixels(l->h1, l->d2, from, own, g[1].w);
    jf_pane_add(l->d2, from, own, g[1].b);
}

/* Rows first - 1 .. of dh_1 into its pane from line at on. */
static void fill_bottom(lane *l, size_t at, size_t first, size_t count)
{
    const convnet *n = l->j->net;
    kernel g = kernel_of(n, 0, l->grad);
    size_t own, from;
    span s = clip(l, l->d1, at, first, count);
    load(l, l->j->in, l->x, 0, s.row, s.count + 2);
    if (n->hidden)
        back_rows(l, s);
    else
        load(l, l->j->dout, l->d1, at, first, count);
    own = own_rows(l, s, &from);
    jf_pane_correlate(l->x, from, l->d1, s.at + from, own, g.w);
    jf_pane_add(l->d1, s.at + from, own, g.b);
}

static void backward_image(lane *l)
{
    const job *j = l->j;
    const convnet *n = j->net;
    for (size_t s = l->first, rows; s < l->last; s += rows) {
        rows = l->last - s < l->strip ? l->last - s : l->strip;
        size_t kept = s == l->first ? 0 : 2;
        fill_bottom(l, kept, s + kept, rows + 2 - kept);
        jf_pane_convolve(l->d1, 0, rows, j->reversed[0], NULL, n->base.n_in,
                         jf_row(j->din, (l->image * n->height + s) * n->width),
                         j->din.stride, n->width * j->din.stride, 1);
        jf_pane_keep(l->d1, rows);
    }
}

static int backward_lane(void *arg, size_t index, size_t first, size_t count,
                         jf_work *work)
{
    const job *j = arg;
    const convnet *n = j->net;
    size_t depth = work->depth;
    lane l = lane_start(j, work);
    l.grad = j->grad + index * n->base.module.n_params;
    l.d1 = jf_pane_push(n->width, l.strip + 2, j->k[0].n_out, work);
    if (n->hidden) {
        l.d2 = jf_pane_push(n->width, l.strip + 2, n->hidden, work);
        l.dout = jf_pane_push(n->width, l.strip + 4, n->base.n_out, work);
    }
    each_image(&l, first, count, backward_image);
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

static real *reverse_kernel(kernel k, jf_work *work)
{
    size_t size = k.taps * k.n_in * k.n_out + JF_TILE_SLACK;
    real *reversed = jf_push(work, size);
    memset(reversed, 0, size * sizeof *reversed);
    reverse(k.taps, k.n_in, k.n_out, k.w, reversed);
    return reversed;
}

/* grad += the lanes' gradients, in order; that of the last weights is in
 * reverse. */
static void add_lanes(const job *j, size_t lanes, real *grad, jf_work *work)
{
    const convnet *n = j->net;
    size_t size = n->base.module.n_params;
    for (size_t l = 1; l < lanes; l++)
        for (size_t i = 0; i < size; i++)
            j->grad[i] += j->grad[l * size + i];
    if (n->hidden) {
        kernel k = kernel_of(n, 2, j->grad);
        size_t count = k.taps * k.n_in * k.n_out;
        real *straight = jf_push(work, count);
        reverse(k.taps, k.n_out, k.n_in, k.w, straight);
        memcpy(k.w, straight, count * sizeof *straight);
        jf_pop(work, straight);
    }
    for (size_t i = 0; i < size; i++)
        grad[i] += j->grad[i];
}

static int job_start(job *j, const jf_net *self, const real *theta,
                     jf_const_matrix in, jf_work *work)
{
    const convnet *n = j->net = (const convnet *)self;
    if (in.rows % (n->height * n->width) != 0)
        JF_ERROR("rows are no whole images", GSL_EBADLEN);
    size_t size = self->module.n_params + JF_TILE_SLACK;
    real *copy = jf_push(work, size);
    memset(copy, 0, size * sizeof *copy);
    memcpy(copy, theta, self->module.n_params * sizeof *copy);
    for (size_t l = 0; l < n_kernels(n); l++)
        j->k[l] = kernel_of(n, l, copy);
    j->in = in;
    return GSL_SUCCESS;
}

/* In bands: the neighbours of this rank's rows of pixels. */
static int neighbours(const convnet *n, jf_const_matrix pixels, jf_work *work)
{
    jf_band_rows rows = {(real *)pixels.data, n->height, n->width, pixels.cols,
                         pixels.stride};
    return jf_bands_halo(work, n->base.banded, rows, 2);
}

static int neighbours_saved(const convnet *n, real *saved, jf_work *work)
{
    size_t size = n->width * n->hidden;
    for (size_t k = 0; k < 2 && saved && size; k++) {
        jf_band_rows rows = {saved + k * n->height * size, n->height, 1, size,
                             size};
        JF_TRY(jf_bands_halo(work, n->base.banded, rows, 1));
    }
    return GSL_SUCCESS;
}

static int forward(const jf_net *self, const real *theta, jf_const_matrix in,
                   jf_matrix out, real *saved, jf_work *work)
{
    size_t depth = work->depth;
    job j = {.out = out, .to_save = saved};
    JF_TRY(job_start(&j, self, theta, in, work));
    size_t rows = in.rows / j.net->width;
    JF_TRY(neighbours(j.net, in, work));
    JF_TRY(jf_bands_divide(work, self->banded, rows, jf_lanes(rows, LANE_ROWS),
                           forward_lane, &j));
    JF_TRY(neighbours_saved(j.net, saved, work));
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
    size_t depth = work->depth, n = self->module.n_params;
    job j = {.dout = jf_const(dout), .din = din, .saved = saved};
    JF_TRY(job_start(&j, self, theta, in, work));
    size_t rows = in.rows / j.net->width, lanes = gradient_lanes(j.net, rows);
    for (size_t l = 0; l < n_kernels(j.net); l++)
        j.reversed[l] = reverse_kernel(j.k[l], work);
    j.grad = jf_push(work, lanes * n);
    memset(j.grad, 0, lanes * n * sizeof *j.grad);
    JF_TRY(neighbours(j.net, in, work));
    JF_TRY(neighbours(j.net, j.dout, work));
    JF_TRY(jf_bands_divide(work, self->banded, rows, lanes, backward_lane, &j));
    JF_TRY(
        jf_bands_gather(work, self->banded, lanes * n, sizeof(real), j.grad));
    add_lanes(&j, lanes, grad, work);
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
    if (n->base.positions >= JF_BAND_PIXELS && n->height % JF_MAX_LANES == 0 &&
        gradient_lanes(n, n->height) == JF_MAX_LANES)
        n->base.banded = n->base.positions;
    return (jf_net *)jf_module_record(
        &n->base.module,
        "height=%zu, width=%zu, in=%zu, out=%zu, hidden=%zu, activation=%s",
        o->height, o->width, o->n_in, o->n_out, o->hidden,
        jf_activation_names[o->activation]);
}
