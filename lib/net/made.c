/* made.c -- an autoregressive network: outputs of column j see columns < j.
 *
 * Germain, Gregor, Murray and Larochelle 2015 (MADE), eqs. 8-13: the network
 * is an MLP whose weights are masked.  Input i has degree i, an output of
 * column j degree j, and the hidden units of a layer have the degrees k mod
 * (d - 1), k = 0 .., in ascending order; a hidden unit sees degrees up to its
 * own, an output only smaller ones.  Output q d + j is parameter q of column j,
 * as maps want it.  theta is the MLP's; its masked entries are never read and
 * have gradient 0.
 *
 * As degrees ascend, row i of a matrix sees its first limit(i) columns: half of
 * the arithmetic falls away, and given one column after the other, each unit is
 * computed once, when its last input is known.  Products go over bands of rows,
 * of which the columns that all see are taken from theta, and the staircase
 * behind them from a masked copy. */
#include <string.h>

#include "base/error.h"
#include "base/team.h"
#include "linalg/multiply.h"
#include "net/activation.h"

enum { BAND = 64 };

typedef struct {
    jf_net base;
    jf_net *mlp;
    size_t hidden, depth;
    jf_activation activation;
} made;

static size_t degrees(const made *m)
{
    return m->base.n_in > 1 ? m->base.n_in - 1 : 1;
}

/* Hidden units of degree below degree. */
static size_t count_below(const made *m, size_t degree)
{
    size_t each = m->hidden / degrees(m), more = m->hidden % degrees(m);
    return degree * each + (degree < more ? degree : more);
}

/* The degree of hidden unit k, and how many of that degree stand before it. */
static size_t degree_of(const made *m, size_t k, size_t *before)
{
    size_t each = m->hidden / degrees(m), more = m->hidden % degrees(m);
    size_t larger = more * (each + 1); /* units of degrees with one more */
    size_t degree = k < larger ? k / (each + 1) : more + (k - larger) / each;
    *before = k - count_below(m, degree);
    return degree;
}

/* One affine map in theta. */
typedef struct {
    jf_const_matrix w; /* (n_out, n_in)                        */
    size_t first, b;   /* where the weights and the biases start */
    size_t l;
} affine;

static affine affine_of(const made *m, size_t l, const real *theta)
{
    affine a = {.l = l};
    size_t first = 0;
    for (size_t k = 0; k <= l; k++) {
        size_t n_in = k == 0 ? m->base.n_in : m->hidden;
        size_t n_out = k == m->depth ? m->base.n_out : m->hidden;
        a.first = first;
        a.w = jf_const_view(theta + first, n_out, n_in);
        a.b = first + n_out * n_in;
        first = a.b + n_out;
    }
    return a;
}

/* The weights of such a map in a vector like theta, to be written. */
static jf_matrix weights_in(affine a, real *vector)
{
    return jf_view(vector + a.first, a.w.rows, a.w.cols);
}

/* Columns that row i of map l sees. */
static size_t limit(const made *m, size_t l, size_t i)
{
    size_t unused, degree = i % m->base.n_in;
    if (l < m->depth)
        degree = degree_of(m, i, &unused) + 1; /* and all below it */
    return l == 0 ? degree : count_below(m, degree);
}

/* Rows first .. first + count - 1 of a map: all see columns below low, none
 * those from high on. */
typedef struct {
    size_t first, count, low, high;
} band;

/* The band after b, or the first one after {0}; limits ascend in it.  0: there
 * is none. */
static int next_band(const made *m, affine a, band *b)
{
    size_t run = a.l == m->depth ? m->base.n_in : a.w.rows;
    b->first += b->count;
    if (b->first == a.w.rows)
        return 0;
    b->count = run - b->first % run;
    b->count = b->count < BAND ? b->count : BAND;
    b->low = limit(m, a.l, b->first);
    b->high = limit(m, a.l, b->first + b->count - 1);
    return 1;
}

/* The staircase of a band, masked: (count, high - low) in buffer. */
static jf_matrix stairs(const made *m, affine a, band b, real *buffer)
{
    jf_matrix s = jf_view(buffer, b.count, b.high - b.low);
    memset(buffer, 0, s.rows * s.cols * sizeof *buffer);
    for (size_t i = 0; i < b.count; i++)
        memcpy(jf_row(s, i), jf_const_row(a.w, b.first + i) + b.low,
               (limit(m, a.l, b.first + i) - b.low) * sizeof *buffer);
    return s;
}

/* Reals of a buffer for the staircase of any band. */
static size_t stairs_size(const made *m)
{
    size_t d = m->base.n_in;
    return BAND * (d > m->hidden ? d : m->hidden);
}

/* The products of a map under its masks.  In a pass that has a team to itself they
 * are divided into pieces: by bands and rows, and those of the weights by bands and
 * columns. */
typedef struct {
    const made *m;
    affine a;
    jf_const_matrix in;
    jf_matrix out, din, dw; /* out: the map's, or dL/dout */
    size_t blocks;          /* of rows, in a divided forward; 0: one */
} products;

static jf_const_matrix left_of(affine a, band b)
{
    return jf_const_columns(jf_const_rows(a.w, b.first, b.count), 0, b.low);
}

/* Columns of out in the band := in w'. */
static void multiply(const products *p, band b, real *buffer)
{
    jf_matrix part = jf_columns(p->out, b.first, b.count);
    size_t width = b.high - b.low;
    if (b.low == 0)
        for (size_t i = 0; i < part.rows; i++)
            memset(jf_row(part, i), 0, part.cols * sizeof(real));
    else
        jf_gemm(JF_PLAIN, JF_TRANSPOSED, 1, jf_const_columns(p->in, 0, b.low),
                left_of(p->a, b), 0, part);
    if (width)
        jf_gemm(JF_PLAIN, JF_TRANSPOSED, 1,
                jf_const_columns(p->in, b.low, width),
                jf_const(stairs(p->m, p->a, b, buffer)), 1, part);
}

/* din += what comes of the band's columns of dout. */
static void multiply_back(const products *p, band b, real *buffer)
{
    jf_const_matrix part = jf_const(jf_columns(p->out, b.first, b.count));
    size_t width = b.high - b.low;
    if (b.low)
        jf_gemm(JF_PLAIN, JF_PLAIN, 1, part, left_of(p->a, b), 1,
                jf_columns(p->din, 0, b.low));
    if (width)
        jf_gemm(JF_PLAIN, JF_PLAIN, 1, part,
                jf_const(stairs(p->m, p->a, b, buffer)), 1,
                jf_columns(p->din, b.low, width));
}

/* Columns first .. of the band's rows of dw += dout' in, all of them seen. */
static void add_left(const products *p, band b, size_t first, size_t count)
{
    if (count)
        jf_gemm(JF_TRANSPOSED, JF_PLAIN, 1,
                jf_const(jf_columns(p->out, b.first, b.count)),
                jf_const_columns(p->in, first, count), 1,
                jf_columns(jf_rows(p->dw, b.first, b.count), first, count));
}

/* The same of its staircase. */
static void add_stairs(const products *p, band b, real *buffer)
{
    size_t width = b.high - b.low;
    jf_matrix s = jf_view(buffer, b.count, width);
    if (!width)
        return;
    jf_gemm(JF_TRANSPOSED, JF_PLAIN, 1,
            jf_const(jf_columns(p->out, b.first, b.count)),
            jf_const_columns(p->in, b.low, width), 0, s);
    for (size_t i = 0; i < b.count; i++) {
        real *row = jf_row(p->dw, b.first + i) + b.low;
        size_t seen = limit(p->m, p->a.l, b.first + i) - b.low;
        for (size_t j = 0; j < seen; j++)
            row[j] += jf_row(s, i)[j];
    }
}

/* Pieces have so many rows. */
enum { ROWS = 16, TALL = 64 };

/* The rows of a piece. */
static products rows_of(const products *p, size_t first, size_t count)
{
    products part = *p;
    part.in = jf_const_rows(p->in, first, count);
    part.out = jf_rows(p->out, first, count);
    if (p->din.data)
        part.din = jf_rows(p->din, first, count);
    return part;
}

/* Pieces first ..: a band after the other, of each its blocks of rows. */
static int forward_pieces(void *arg, size_t lane, size_t first, size_t count,
                          jf_work *work)
{
    const products *p = arg;
    size_t rows = p->in.rows, blocks = p->blocks ? p->blocks : 1, at = 0;
    real *buffer = jf_push(work, stairs_size(p->m));
    (void)lane;
    for (band b = {0}; next_band(p->m, p->a, &b);)
        for (size_t k = 0; k < blocks; k++, at++) {
            size_t from = rows * k / blocks, to = rows * (k + 1) / blocks;
            products part = rows_of(p, from, to - from);
            if (at >= first && at < first + count)
                multiply(&part, b, buffer);
        }
    jf_pop(work, buffer);
    return GSL_SUCCESS;
}

static int backward_rows(void *arg, size_t lane, size_t first, size_t count,
                         jf_work *work)
{
    const products *p = arg;
    products part = rows_of(p, first, count);
    real *buffer = jf_push(work, stairs_size(p->m));
    (void)lane;
    for (band b = {0}; next_band(p->m, p->a, &b);)
        multiply_back(&part, b, buffer);
    jf_pop(work, buffer);
    return GSL_SUCCESS;
}

/* Three pieces a band: two halves of what all its rows see, and the staircase. */
enum { PIECES = 3 };

static int weight_pieces(void *arg, size_t lane, size_t first, size_t count,
                         jf_work *work)
{
    const products *p = arg;
    real *buffer = jf_push(work, stairs_size(p->m));
    size_t at = 0;
    (void)lane;
    for (band b = {0}; next_band(p->m, p->a, &b);)
        for (int k = 0; k < PIECES; k++, at++) {
            size_t half = b.low / 2 / ROWS * ROWS;
            if (at < first || at >= first + count)
                continue;
            if (k == 0)
                add_left(p, b, 0, half);
            else if (k == 1)
                add_left(p, b, half, b.low - half);
            else
                add_stairs(p, b, buffer);
        }
    jf_pop(work, buffer);
    return GSL_SUCCESS;
}

static size_t bands_of(const products *p)
{
    size_t count = 0;
    for (band b = {0}; next_band(p->m, p->a, &b);)
        count++;
    return count;
}

/* Whether a team helps, and the bytes stay: those of the library's own products
 * do.  A piece of one column would be another product. */
static int is_divided(const products *p, const jf_work *work)
{
    return work->team && p->in.rows >= 2 * ROWS &&
           jf_multiply_is_faster(JF_PLAIN, JF_PLAIN, 2, p->out) &&
           p->in.rows * p->a.w.rows * p->a.w.cols >= JF_LARGE_PRODUCT;
}

static int multiply_all(products *p, jf_work *work)
{
    if (!is_divided(p, work))
        return forward_pieces(p, 0, 0, bands_of(p), work);
    p->blocks = p->in.rows / TALL ? p->in.rows / TALL : 1;
    size_t pieces = bands_of(p) * p->blocks;
    return jf_divide(work, pieces, jf_lanes(pieces, 1), forward_pieces, p);
}

/* din += dout w and dw += dout' in. */
static int multiply_all_back(products *p, jf_work *work)
{
    size_t n = p->in.rows, pieces = PIECES * bands_of(p);
    if (!is_divided(p, work)) {
        JF_TRY(backward_rows(p, 0, 0, n, work));
        return weight_pieces(p, 0, 0, pieces, work);
    }
    JF_TRY(jf_divide(work, n, jf_lanes(n, ROWS), backward_rows, p));
    return jf_divide(work, pieces, jf_lanes(pieces, 1), weight_pieces, p);
}

/* Where hidden unit k stands among degrees k mod (d - 1) that are not sorted:
 * weights are drawn in that order. */
static size_t drawn(const made *m, size_t k)
{
    size_t before, degree = degree_of(m, k, &before);
    return degree + before * degrees(m);
}

static int init(const jf_module *self, real *theta, gsl_rng *rng, jf_work *work)
{
    const made *m = (const made *)self;
    real *draws = jf_push(work, self->n_params);
    JF_TRY(jf_module_init(&m->mlp->module, draws, rng, work));
    for (size_t l = 0; l <= m->depth; l++) {
        affine to = affine_of(m, l, theta), from = affine_of(m, l, draws);
        jf_matrix w = weights_in(to, theta);
        for (size_t i = 0; i < w.rows; i++) {
            size_t row = l < m->depth ? drawn(m, i) : i;
            theta[to.b + i] = draws[from.b + row];
            for (size_t j = 0; j < w.cols; j++)
                jf_row(w, i)[j] =
                    jf_const_row(from.w, row)[l > 0 ? drawn(m, j) : j];
        }
    }
    jf_pop(work, draws);
    return GSL_SUCCESS;
}

static int forward(const jf_net *self, const real *theta, jf_const_matrix in,
                   jf_matrix out, real *saved, jf_work *work)
{
    const made *m = (const made *)self;
    for (size_t l = 0; l <= m->depth; l++) {
        affine a = affine_of(m, l, theta);
        jf_matrix h = l == m->depth ? out : jf_view(saved, in.rows, m->hidden);
        products p = {.m = m, .a = a, .in = in, .out = h};
        JF_TRY(multiply_all(&p, work));
        if (l == m->depth)
            jf_add_bias(h, theta + a.b);
        else
            jf_activate_biased(m->activation, h, theta + a.b);
        in = jf_const(h);
        saved += in.rows * m->hidden;
    }
    return GSL_SUCCESS;
}

static int backward(const jf_net *self, const real *theta, jf_const_matrix in,
                    const real *saved, jf_matrix dout, jf_matrix din,
                    real *grad, jf_work *work)
{
    const made *m = (const made *)self;
    size_t n = in.rows, size = n * m->hidden;
    real *below = jf_push(work, 2 * size);
    jf_matrix dh = dout;

    for (size_t l = m->depth + 1; l-- > 0;) {
        affine a = affine_of(m, l, theta);
        jf_matrix dw = weights_in(a, grad);
        jf_const_matrix h = in;
        jf_matrix next = din;
        if (l > 0) {
            h = jf_const_view(saved + (l - 1) * size, n, m->hidden);
            next = jf_view(below + (l % 2) * size, n, m->hidden);
            memset(next.data, 0, size * sizeof(real));
        }
        products p = {
            .m = m, .a = a, .in = h, .out = dh, .din = next, .dw = dw};
        JF_TRY(multiply_all_back(&p, work));
        jf_add_rows(jf_const(dh), grad + a.b);
        if (l > 0)
            jf_activation_slope(m->activation, size, h.data, next.data);
        dh = next;
    }
    jf_pop(work, below);
    return GSL_SUCCESS;
}

/* state: the columns of in that are known, and the units of each hidden layer
 * that see no others, with a row for each and a column for each sample.  Column
 * j - 1 becomes known, and with it the units that see it last; returns the last
 * layer's, or the inputs. */
static jf_matrix learn_column(const made *m, const real *theta, size_t j,
                              jf_const_matrix in, real *state)
{
    size_t n = in.rows, first = 0, count = 0;
    jf_matrix known = jf_view(state, m->base.n_in, n);
    if (j > 0) {
        first = count_below(m, j - 1);
        count = count_below(m, j) - first;
        for (size_t i = 0; i < n; i++)
            jf_row(known, j - 1)[i] = jf_const_row(in, i)[j - 1];
    }
    for (size_t l = 0; l < m->depth; l++) {
        affine a = affine_of(m, l, theta);
        size_t sees = count ? limit(m, l, first) : 0;
        jf_matrix h = jf_view(known.data + known.rows * n, m->hidden, n);
        jf_matrix new = jf_rows(h, first, count);
        if (count)
            jf_gemm(JF_PLAIN, JF_PLAIN, 1,
                    jf_const_columns(jf_const_rows(a.w, first, count), 0, sees),
                    jf_const(jf_rows(known, 0, sees)), 0, new);
        for (size_t k = 0; k < count; k++)
            for (size_t i = 0; i < n; i++)
                jf_row(new, k)[i] += theta[a.b + first + k];
        jf_activate(m->activation, count * n, new.data);
        known = h;
    }
    return known;
}

static int column(const jf_net *self, const real *theta, size_t j,
                  jf_const_matrix in, real *state, jf_matrix own, jf_work *work)
{
    const made *m = (const made *)self;
    size_t n = in.rows, d = self->n_in, q = self->n_out / d;
    jf_matrix known = learn_column(m, theta, j, in, state);
    affine a = affine_of(m, m->depth, theta);
    size_t sees = limit(m, m->depth, j);
    jf_const_matrix w = {q, sees, d * a.w.stride, jf_const_row(a.w, j)};
    jf_matrix out = jf_push_matrix(work, q, n);
    if (sees)
        jf_gemm(JF_PLAIN, JF_PLAIN, 1, w, jf_const(jf_rows(known, 0, sees)), 0,
                out);
    else
        jf_matrix_fill(out, 0);
    for (size_t k = 0; k < q; k++)
        for (size_t i = 0; i < n; i++)
            jf_row(own, i)[k] = jf_row(out, k)[i] + theta[a.b + k * d + j];
    jf_pop(work, out.data);
    return GSL_SUCCESS;
}

static int lipschitz(const jf_net *self, const real *theta, size_t first,
                     size_t count, double *constant, jf_work *work)
{
    const made *m = (const made *)self;
    real *masked = jf_push(work, self->module.n_params);
    memcpy(masked, theta, self->module.n_params * sizeof *masked);
    for (size_t l = 0; l <= m->depth; l++) {
        jf_matrix w = weights_in(affine_of(m, l, masked), masked);
        for (size_t i = 0; i < w.rows; i++)
            for (size_t j = limit(m, l, i); j < w.cols; j++)
                jf_row(w, i)[j] = 0;
    }
    JF_TRY(
        m->mlp->ops->lipschitz(m->mlp, masked, first, count, constant, work));
    jf_pop(work, masked);
    return GSL_SUCCESS;
}

static const jf_net_ops ops = {.module = {.init = init},
                               .forward = forward,
                               .backward = backward,
                               .column = column,
                               .lipschitz = lipschitz};

jf_net *jf_made(size_t d, size_t n_params, size_t hidden, size_t depth,
                jf_activation activation)
{
    jf_mlp_options o = {d, d * n_params, hidden, depth, activation, 0, 0};
    jf_net *mlp = jf_mlp(&o);
    if (!mlp)
        return NULL;
    jf_net *net = jf_net_new(sizeof(made), "made", &ops, d, d * n_params);
    made *m = (made *)jf_module_adopt((jf_module *)net, &mlp->module);
    if (!m)
        return NULL;
    m->base.n_saved = mlp->n_saved;
    m->base.n_state = d + depth * hidden;
    m->mlp = mlp;
    m->hidden = hidden;
    m->depth = depth;
    m->activation = activation;
    mlp->module.silent = 1;
    return (jf_net *)jf_module_record(
        &m->base.module,
        "d=%zu, params=%zu, hidden=%zu, depth=%zu, "
        "activation=%s",
        d, n_params, hidden, depth, jf_activation_names[activation]);
}
