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
 * is K with its taps in reverse order and its channels exchanged. */
#include "base/error.h"
#include "base/team.h"
#include "linalg/tile.h"
#include "net/activation.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "base/clones.h"

enum { TAPS = 9, LANE_ROWS = 16, STRIP = 1 << 16 };

typedef struct {
    jf_net base;
    size_t height, width, hidden;
    jf_activation activation;
    size_t next[4]; /* where each convolution's slice of theta starts */
} convnet;

/* A convolution's weights and biases. */
typedef struct {
    real *w, *b;
    size_t taps, n_in, n_out;
} kernel;

/* Consecutive image rows with zeros around, c channels a pixel. */
typedef struct {
    real *data;
    size_t c, pitch; /* reals a row */
} pane;

typedef struct {
    const convnet *net;
    kernel k[3];   /* a copy with slack behind it; one when hidden is 0 */
    real *back[3]; /* the reversed weights */
    jf_matrix in, out, dout, din;
    real *saved;
    real *grad; /* (lanes, n_params) */
} job;

/* A lane's buffers: the inputs, h_1 of a row, h_2; dout, dh_2 of a row and
 * dh_1, or dout when hidden is 0. */
typedef struct {
    const job *j;
    size_t image, first, last; /* own rows of the image */
    size_t strip;
    pane x, top, dout, bottom;
    real *h1, *h2, *d2, *grad;
} lane;

static size_t n_kernels(const convnet *n)
{
    return n->hidden ? 3 : 1;
}

static kernel kernel_of(const convnet *n, size_t l, real *theta)
{
    size_t last = n_kernels(n) - 1;
    kernel k = {theta + n->next[l], NULL, l == 1 ? 1 : TAPS,
                l == 0 ? n->base.n_in : n->hidden,
                l == last ? n->base.n_out : n->hidden};
    k.b = k.w + k.taps * k.n_in * k.n_out;
    return k;
}

static void init(const jf_net *self, real *theta, gsl_rng *rng)
{
    const convnet *n = (const convnet *)self;
    memset(theta, 0, self->n_params * sizeof *theta);
    for (size_t l = 0; l + 1 < n_kernels(n); l++) {
        kernel k = kernel_of(n, l, theta);
        double fan_in = (double)(k.taps * k.n_in);
        double sd =
            n->activation == JF_RELU ? sqrt(2 / fan_in) : sqrt(1 / fan_in);
        for (size_t i = 0; i < k.taps * k.n_in * k.n_out; i++)
            k.w[i] = (real)gsl_ran_gaussian_ziggurat(rng, sd);
    }
}

static real *line(pane p, size_t r)
{
    return p.data + r * p.pitch;
}

static real *inside(pane p, size_t r)
{
    return line(p, r) + p.c;
}

/* Rows first - 1 .. of image from m (pixels, c) into p, count of them. */
static void load(const lane *l, jf_matrix m, pane p, size_t first, size_t count)
{
    const convnet *n = l->j->net;
    for (size_t i = 0; i < count; i++) {
        size_t r = first + i; /* of the image, plus 1 */
        if (r == 0 || r > n->height) {
            memset(line(p, i), 0, p.pitch * sizeof(real));
            continue;
        }
        const real *from = jf_row(m, (l->image * n->height + r - 1) * n->width);
        real *to = inside(p, i);
        for (size_t q = 0; q < n->width; q++)
            memcpy(to + q * p.c, from + q * m.stride, p.c * sizeof *to);
    }
}

/* c := start + the convolution of the rows at p, (3 rows) or (1 row). */
static void convolve(size_t width, const real *w, const real *start, pane p,
                     size_t r, size_t n_out, real *c, size_t c_stride, int add)
{
    jf_tile t = {{line(p, r), line(p, r + 1), line(p, r + 2)},
                 3,
                 3 * p.c,
                 p.c,
                 1,
                 w,
                 start,
                 n_out,
                 c,
                 c_stride,
                 add};
    jf_tile_product(width, n_out, &t);
}

static void mix(size_t width, const real *w, const real *start, size_t c,
                const real *h, real *to)
{
    jf_tile t = {{h, NULL, NULL}, 1, c, c, 1, w, start, c, to, c, 0};
    jf_tile_product(width, c, &t);
}

/* h_1 and h_2 (width, hidden) of the image row whose neighbours stand in x
 * from r on. */
static void hidden_row(const lane *l, size_t r, real *h1, real *h2)
{
    const job *j = l->j;
    const convnet *n = j->net;
    size_t size = n->width * n->hidden;
    convolve(n->width, j->k[0].w, j->k[0].b, l->x, r, n->hidden, h1, n->hidden,
             0);
    jf_activate(n->activation, size, h1);
    mix(n->width, j->k[1].w, j->k[1].b, n->hidden, h1, h2);
    jf_activate(n->activation, size, h2);
}

/* Where h_1 (which = 0) or h_2 of an image row is saved. */
static real *saved_row(const lane *l, size_t which, size_t row)
{
    const convnet *n = l->j->net;
    size_t size = n->width * n->hidden;
    return l->j->saved + which * l->j->in.rows * n->hidden +
           (l->image * n->height + row) * size;
}

/* Rows first - 1 .. of what the last convolution reads, into its pane from
 * line at on. */
static void fill_top(const lane *l, size_t at, size_t first, size_t count)
{
    const convnet *n = l->j->net;
    pane top = l->top;
    top.data = line(top, at);
    if (!n->hidden) {
        load(l, l->j->in, top, first, count);
        return;
    }
    /* x holds rows first - 2 .. when there is such a row. */
    size_t shift = first == 0 ? 1 : 0;
    load(l, l->j->in, l->x, first + shift - 1, count + 2 - shift);
    for (size_t i = 0; i < count; i++) {
        size_t r = first + i, size = n->width * n->hidden * sizeof(real);
        if (r == 0 || r > n->height) {
            memset(line(top, i), 0, top.pitch * sizeof(real));
            continue;
        }
        hidden_row(l, i - shift, l->h1, inside(top, i));
        if (l->j->saved && r > l->first && r <= l->last) {
            memcpy(saved_row(l, 0, r - 1), l->h1, size);
            memcpy(saved_row(l, 1, r - 1), inside(top, i), size);
        }
    }
}

/* The two rows that the next strip reads again go to the front. */
static void keep_border(pane p, size_t rows)
{
    memmove(p.data, line(p, rows), 2 * p.pitch * sizeof(real));
}

static pane pane_push(const convnet *n, size_t rows, size_t c, jf_work *work)
{
    size_t pitch = (n->width + 2) * c, size = rows * pitch + JF_TILE_SLACK;
    pane p = {jf_push(work, size), c, pitch};
    memset(p.data, 0, size * sizeof *p.data);
    return p;
}

static real *row_push(const convnet *n, jf_work *work)
{
    size_t size = n->width * n->hidden + JF_TILE_SLACK;
    real *row = jf_push(work, size);
    memset(row, 0, size * sizeof *row);
    return row;
}

static lane lane_start(const job *j, jf_work *work)
{
    const convnet *n = j->net;
    size_t widest = n->hidden > n->base.n_in ? n->hidden : n->base.n_in;
    lane l = {.j = j};
    l.strip = STRIP / (n->width * widest) + 1;
    if (l.strip > n->height)
        l.strip = n->height;
    l.x = pane_push(n, l.strip + 4, n->base.n_in, work);
    l.h1 = row_push(n, work);
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
        for (size_t i = 0; i < rows; i++)
            convolve(n->width, k.w, k.b, l->top, i, k.n_out,
                     jf_row(j->out, (l->image * n->height + s + i) * n->width),
                     j->out.stride, 0);
        keep_border(l->top, rows);
    }
}

static int forward_lane(void *arg, size_t index, size_t first, size_t count,
                        jf_work *work)
{
    const job *j = arg;
    size_t depth = work->depth;
    lane l = lane_start(j, work);
    (void)index;
    l.top =
        pane_push(j->net, l.strip + 2, j->k[n_kernels(j->net) - 1].n_in, work);
    each_image(&l, first, count, forward_image);
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}

JF_CLONES static void add_columns(size_t rows, size_t n, const real *d,
                                  real *sum)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < n; k++)
            sum[k] += d[i * n + k];
}

/* The gradient of a convolution with inputs at rows r .. r + 2 of p and d
 * (width, n_out) of its output. */
static void correlate(size_t width, pane p, size_t r, const real *d,
                      kernel gradient)
{
    for (size_t s = 0; s < 3; s++) {
        jf_tile t = {{line(p, r + s), NULL, NULL},
                     1,
                     width,
                     1,
                     p.c,
                     d,
                     NULL,
                     gradient.n_out,
                     gradient.w + s * 3 * p.c * gradient.n_out,
                     gradient.n_out,
                     1};
        jf_tile_product(3 * p.c, gradient.n_out, &t);
    }
    add_columns(width, gradient.n_out, d, gradient.b);
}

/* The gradient of the last convolution by one row of h_2, whose outputs'
 * gradients stand around row r + 1 of l->dout. */
static void correlate_top(const lane *l, size_t r, const real *h2,
                          kernel gradient)
{
    size_t c = gradient.n_in, n = gradient.n_out, width = l->j->net->width;
    for (size_t t = 0; t < TAPS; t++) {
        const real *d = line(l->dout, r + 2 - t / 3) + (2 - t % 3) * n;
        jf_tile p = {{h2, NULL, NULL},       1, width, 1, c, d, NULL, n,
                     gradient.w + t * c * n, n, 1};
        jf_tile_product(c, n, &p);
    }
    add_columns(width, n, inside(l->dout, r + 1), gradient.b);
}

/* The row of dh_1 at image row r - 1, which is row i of the pane. */
static void back_row(lane *l, size_t i, size_t shift, size_t r, real *d1)
{
    const job *j = l->j;
    const convnet *n = j->net;
    size_t c = n->hidden, size = n->width * c, at = i - shift;
    real *h1 = l->h1, *h2 = l->h2;
    int own = r > l->first && r <= l->last;
    kernel g[3];

    if (j->saved) {
        h1 = saved_row(l, 0, r - 1);
        h2 = saved_row(l, 1, r - 1);
    } else {
        hidden_row(l, at, h1, h2);
    }
    convolve(n->width, j->back[2], NULL, l->dout, at, c, l->d2, c, 0);
    jf_activation_slope(n->activation, size, h2, l->d2);
    mix(n->width, j->back[1], NULL, c, l->d2, d1);
    jf_activation_slope(n->activation, size, h1, d1);
    if (!own)
        return;
    for (size_t k = 0; k < 3; k++)
        g[k] = kernel_of(n, k, l->grad);
    correlate_top(l, at, h2, g[2]);
    jf_tile t = {{h1, NULL, NULL}, 1, n->width, 1, c, l->d2, NULL, c,
                 g[1].w,           c, 1};
    jf_tile_product(c, c, &t);
    add_columns(n->width, c, l->d2, g[1].b);
    correlate(n->width, l->x, at, d1, g[0]);
}

/* Rows first - 1 .. of dh_1 into its pane from line at on. */
static void fill_bottom(lane *l, size_t at, size_t first, size_t count)
{
    const convnet *n = l->j->net;
    pane bottom = l->bottom;
    size_t shift = first == 0 ? 1 : 0;
    bottom.data = line(bottom, at);
    load(l, l->j->in, l->x, first + shift - 1, count + 2 - shift);
    if (!n->hidden) {
        load(l, l->j->dout, bottom, first, count);
        for (size_t i = 0; i < count; i++)
            if (first + i > l->first && first + i <= l->last)
                correlate(n->width, l->x, i - shift, inside(bottom, i),
                          kernel_of(n, 0, l->grad));
        return;
    }
    load(l, l->j->dout, l->dout, first + shift - 1, count + 2 - shift);
    for (size_t i = 0; i < count; i++) {
        size_t r = first + i;
        if (r == 0 || r > n->height)
            memset(line(bottom, i), 0, bottom.pitch * sizeof(real));
        else
            back_row(l, i, shift, r, inside(bottom, i));
    }
}

static void backward_image(lane *l)
{
    const job *j = l->j;
    const convnet *n = j->net;
    for (size_t s = l->first, rows; s < l->last; s += rows) {
        rows = l->last - s < l->strip ? l->last - s : l->strip;
        size_t kept = s == l->first ? 0 : 2;
        fill_bottom(l, kept, s + kept, rows + 2 - kept);
        for (size_t i = 0; i < rows; i++)
            convolve(n->width, j->back[0], NULL, l->bottom, i, n->base.n_in,
                     jf_row(j->din, (l->image * n->height + s + i) * n->width),
                     j->din.stride, 1);
        keep_border(l->bottom, rows);
    }
}

static int backward_lane(void *arg, size_t index, size_t first, size_t count,
                         jf_work *work)
{
    const job *j = arg;
    const convnet *n = j->net;
    size_t depth = work->depth;
    lane l = lane_start(j, work);
    l.grad = j->grad + index * n->base.n_params;
    l.bottom = pane_push(n, l.strip + 2, j->k[0].n_out, work);
    if (n->hidden) {
        l.h2 = row_push(n, work);
        l.d2 = row_push(n, work);
        l.dout = pane_push(n, l.strip + 4, n->base.n_out, work);
    }
    each_image(&l, first, count, backward_image);
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}

/* Taps in reverse order, channels exchanged. */
static real *reversed(kernel k, jf_work *work)
{
    size_t size = k.taps * k.n_in * k.n_out + JF_TILE_SLACK;
    real *back = jf_push(work, size);
    memset(back, 0, size * sizeof *back);
    for (size_t t = 0; t < k.taps; t++)
        for (size_t i = 0; i < k.n_in; i++)
            for (size_t o = 0; o < k.n_out; o++)
                back[((k.taps - 1 - t) * k.n_out + o) * k.n_in + i] =
                    k.w[(t * k.n_in + i) * k.n_out + o];
    return back;
}

static int job_start(job *j, const jf_net *self, const real *theta,
                     jf_matrix in, jf_work *work)
{
    const convnet *n = j->net = (const convnet *)self;
    if (in.rows % (n->height * n->width) != 0)
        GSL_ERROR("rows are no whole images", GSL_EBADLEN);
    size_t size = self->n_params + JF_TILE_SLACK;
    real *copy = jf_push(work, size);
    memset(copy, 0, size * sizeof *copy);
    memcpy(copy, theta, self->n_params * sizeof *copy);
    for (size_t l = 0; l < n_kernels(n); l++)
        j->k[l] = kernel_of(n, l, copy);
    j->in = in;
    return GSL_SUCCESS;
}

static int forward(const jf_net *self, const real *theta, jf_matrix in,
                   jf_matrix out, real *saved, jf_work *work)
{
    size_t depth = work->depth;
    job j = {.out = out, .saved = saved};
    JF_TRY(job_start(&j, self, theta, in, work));
    size_t rows = in.rows / j.net->width;
    int status =
        jf_divide(work, rows, jf_lanes(rows, LANE_ROWS), forward_lane, &j);
    jf_work_release(work, depth);
    return status;
}

static int backward(const jf_net *self, const real *theta, jf_matrix in,
                    const real *saved, jf_matrix dout, jf_matrix din,
                    real *grad, jf_work *work)
{
    size_t depth = work->depth, n = self->n_params;
    job j = {.dout = dout, .din = din, .saved = (real *)saved};
    JF_TRY(job_start(&j, self, theta, in, work));
    size_t rows = in.rows / j.net->width, lanes = jf_lanes(rows, LANE_ROWS);
    for (size_t l = 0; l < n_kernels(j.net); l++)
        j.back[l] = reversed(j.k[l], work);
    j.grad = jf_push(work, lanes * n);
    memset(j.grad, 0, lanes * n * sizeof *j.grad);
    int status = jf_divide(work, rows, lanes, backward_lane, &j);
    for (size_t l = 0; l < lanes; l++)
        for (size_t i = 0; i < n; i++)
            grad[i] += j.grad[l * n + i];
    jf_work_release(work, depth);
    return status;
}

static const jf_net_ops convnet_ops = {"convnet", init, forward,
                                       backward,  NULL, NULL};

jf_net *jf_convnet(const jf_convnet_options *o)
{
    if (!o->height || !o->width || !o->n_in || !o->n_out)
        GSL_ERROR_NULL("a net needs pixels, inputs and outputs", GSL_EINVAL);
    convnet *n = jf_alloc(1, sizeof *n);
    n->base = (jf_net){.ops = &convnet_ops,
                       .n_in = o->n_in,
                       .n_out = o->n_out,
                       .n_saved = 2 * o->hidden,
                       .sites = o->height * o->width,
                       .recomputes = 1};
    n->height = o->height;
    n->width = o->width;
    n->hidden = o->hidden;
    n->activation = o->activation;
    for (size_t l = 0; l < n_kernels(n); l++) {
        kernel k = kernel_of(n, l, NULL);
        n->next[l + 1] = n->next[l] + (k.taps * k.n_in + 1) * k.n_out;
    }
    n->base.n_params = n->next[n_kernels(n)];
    return &n->base;
}
