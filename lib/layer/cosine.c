/* cosine.c -- z = D' W D x on images: a matrix by frequency.
 *
 * D is the orthonormal cosine transform of each channel, along both sides: its
 * waves go on by reflection, so W acts as a convolution of the mirrored image
 * (theory/theory.md, C3.12).  At frequency f = (f_y, f_x), in cycles per pixel,
 * W mixes the channels by a lower triangle,
 *
 *     z_i = exp(s_i(f)) (x_i + sum_{j < i} n_ij(f) x_j),
 *     log |det| = sum_f sum_i s_i(f),
 *
 * and is never singular.  s_i and n_ij are continuous functions of f: values at
 * the knots of a grid (knots, knots), in between linear in t(f_y) and t(f_x),
 *
 *     t(f) = (knots - 1) log(1 + f / f_0) / log(1 + 1 / (2 f_0)),
 *
 * f_0 = 1/512: logarithmic above it, as spectra of photographs are, and with a
 * place for f = 0.  A grid of the two sides, not of radius and angle, has the
 * ridges along the axes that edges and borders make; on photographs of 1024 x
 * 1024 pixels 8 knots come within .004 bits a dimension of 16.  theta: grids,
 * rows along the height, by rows of the triangle, n_10 .. and s_i at the end.
 *
 * So theta is of no size of image, and the filter the same at any: an image that
 * is mirrored to twice its size has the mirrored z, to rounding.  What is not
 * the same: parts of an image differ from the whole by what the filter brings
 * in from behind their borders (measured on photographs of 1024 x 1024: parts of
 * 256 x 256 have together .008 bits a dimension more than the whole, those of
 * 64 x 64 .045), and log |det| by pixel is a sum in place of an integral over f.
 * s and n at f = 0 are those of an image's mean, which init takes as it is: it
 * is no bias.
 *
 * Nothing is left on a tape: coefficients of x are W^-1 those of z, a
 * triangle's solution.  Three sweeps: rows of pixels there, columns of
 * frequencies with W, rows back.  The transforms are those of fourier.h, whose
 * factors cancel up to 1 / (4 height width). */
#include "layer/cosine.h"

#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

#include "base/bands.h"
#include "base/clones.h"
#include "base/error.h"
#include "base/vmath.h"
#include "linalg/factor.h"

enum { LANE_REALS = 1 << 16, COLUMNS = 16, PITCH = 64 / sizeof(real) };

static const double least_frequency = 1.0 / 512; /* f_0 */

/* Column kx of the coefficients: channel i of x and dz at i pitch. */
typedef struct {
    size_t lane, kx, pitch;
    real *x, *dz;
    real *f, *curve; /* scratch (pitch), (knots), (knots) */
    double *sums;
} column;

/* A pass over images.  dz: of backward; else no data. */
typedef struct pass pass;
struct pass {
    const jf_cosine_layer *c;
    const real *theta;
    jf_matrix x, dz;
    void (*at)(const pass *p, const column *v); /* what is done there */
    double *grad;  /* (lanes, n_params): backward */
    double *power; /* what analysis adds to */
    int unused;    /* x and dz need not come back */
};

/* The distance of rows in scratch: aligned, and no power of two. */
static size_t pitch_of(size_t n)
{
    return (n + 2 * PITCH - 1) / PITCH * PITCH;
}

JF_CLONES static void cosine_interpolate(size_t n, const real *share, real a,
                                         real slope, real *f)
{
    for (size_t k = 0; k < n; k++)
        f[k] = a + share[k] * slope;
}

JF_CLONES static void cosine_add(size_t n, const real *f, const real *x,
                                 real *sum)
{
    for (size_t k = 0; k < n; k++)
        sum[k] += f[k] * x[k];
}

JF_CLONES static void cosine_subtract(size_t n, const real *f, const real *x,
                                      real *sum)
{
    for (size_t k = 0; k < n; k++)
        sum[k] -= f[k] * x[k];
}

JF_CLONES static void cosine_multiply(size_t n, const real *f, real *x)
{
    for (size_t k = 0; k < n; k++)
        x[k] *= f[k];
}

JF_CLONES static void cosine_divide(size_t n, const real *f, real *x)
{
    for (size_t k = 0; k < n; k++)
        x[k] /= f[k];
}

size_t jf_cosine_piece(const jf_cosine_layer *c, const jf_cosine_axis *a,
                       size_t k)
{
    size_t j = 0;
    while (j + 2 < c->knots && a->begin[j + 1] <= k)
        j++;
    return j;
}

void jf_cosine_field(const jf_cosine_layer *c, const real *grid, size_t kx,
                     real *curve, real *f)
{
    size_t knots = c->knots, piece = jf_cosine_piece(c, &c->x, kx);
    real share = c->x.share[kx];
    for (size_t a = 0; a < knots; a++) {
        const real *at = grid + a * knots + piece;
        curve[a] = at[0] + share * (at[1] - at[0]);
    }
    for (size_t j = 0; j + 1 < knots; j++) {
        size_t first = c->y.begin[j], n = c->y.begin[j + 1] - first;
        cosine_interpolate(n, c->y.share + first, curve[j],
                           curve[j + 1] - curve[j], f + first);
    }
}

/* v->f := n_ij, or exp(s_i) where i = j. */
static void entry(const pass *p, const column *v, size_t i, size_t j)
{
    size_t grid = p->c->knots * p->c->knots;
    jf_cosine_field(p->c, p->theta + jf_cosine_entry(i, j) * grid, v->kx,
                    v->curve, v->f);
    if (i == j)
        jf_vexp(p->c->height, v->f, v->f);
}

static void multiply(const pass *p, const column *v)
{
    size_t n = p->c->height;
    for (size_t i = p->c->channels; i-- > 0;) {
        real *x = v->x + i * v->pitch;
        for (size_t j = 0; j < i; j++) {
            entry(p, v, i, j);
            cosine_add(n, v->f, v->x + j * v->pitch, x);
        }
        entry(p, v, i, i);
        cosine_multiply(n, v->f, x);
    }
}

static void solve(const pass *p, const column *v)
{
    size_t n = p->c->height;
    for (size_t i = 0; i < p->c->channels; i++) {
        real *z = v->x + i * v->pitch;
        entry(p, v, i, i);
        cosine_divide(n, v->f, z);
        for (size_t j = 0; j < i; j++) {
            entry(p, v, i, j);
            cosine_subtract(n, v->f, v->x + j * v->pitch, z);
        }
    }
}

/* The gradient by entry (i, j), += what sum_k a_k b_k means for the knots. */
static void collect(const pass *p, const column *v, size_t i, size_t j,
                    const real *a, const real *b)
{
    const jf_cosine_layer *c = p->c;
    size_t knots = c->knots, piece = jf_cosine_piece(c, &c->x, v->kx);
    double *grad = p->grad + v->lane * c->base.module.n_params +
                   jf_cosine_entry(i, j) * knots * knots + piece;
    double share = (double)c->x.share[v->kx];
    double weight = jf_cosines_weight(c->width, v->kx) / (double)c->height;
    memset(v->sums, 0, knots * sizeof *v->sums);
    for (size_t m = 0; m + 1 < knots; m++)
        for (size_t k = c->y.begin[m]; k < c->y.begin[m + 1]; k++) {
            double t = (double)c->y.share[k];
            double g = (k ? 0.5 : 0.25) * (double)a[k] * (double)b[k];
            v->sums[m] += (1 - t) * g;
            v->sums[m + 1] += t * g;
        }
    for (size_t m = 0; m < knots; m++) {
        grad[m * knots] += weight * (1 - share) * v->sums[m];
        grad[m * knots + 1] += weight * share * v->sums[m];
    }
}

/* z -> x, dz -> dx: with q_i = exp(s_i) dz_i, d s_i = dz_i z_i, d n_ij = q_i
 * x_j, dx_j = q_j + sum_{i > j} n_ij q_i. */
static void pull(const pass *p, const column *v)
{
    size_t n = p->c->height, channels = p->c->channels, pitch = v->pitch;
    for (size_t i = 0; i < channels; i++)
        collect(p, v, i, i, v->dz + i * pitch, v->x + i * pitch);
    solve(p, v);
    for (size_t i = 0; i < channels; i++) {
        real *q = v->dz + i * pitch;
        entry(p, v, i, i);
        cosine_multiply(n, v->f, q);
        for (size_t j = 0; j < i; j++) {
            collect(p, v, i, j, q, v->x + j * pitch);
            entry(p, v, i, j);
            cosine_add(n, v->f, q, v->dz + j * pitch);
        }
    }
}

/* p->power += products of coefficients. */
static void analyse(const pass *p, const column *v)
{
    const jf_cosine_layer *c = p->c;
    double along = jf_cosines_weight(c->width, v->kx);
    for (size_t i = 0; i < c->channels; i++)
        for (size_t j = 0; j <= i; j++) {
            const real *a = v->x + i * v->pitch, *b = v->x + j * v->pitch;
            double *to = p->power +
                         (jf_cosine_entry(i, j) * c->width + v->kx) * c->height;
            for (size_t k = 0; k < c->height; k++)
                to[k] += along * jf_cosines_weight(c->height, k) *
                         (double)a[k] * (double)b[k];
        }
}

/* Rows of pixels: channels become planes, of coefficients. */
static int rows_there(void *arg, size_t lane, size_t first, size_t count,
                      jf_work *work)
{
    const pass *p = arg;
    size_t c = p->c->channels, n = p->c->width, height = p->c->height;
    real *plane = jf_push(work, c * pitch_of(n));
    real *scratch = jf_push(work, p->c->x.transform->room);
    (void)lane;
    for (size_t r = first; r < first + count; r++) {
        real *row = jf_row(p->x, r / height) + r % height * n * c;
        for (size_t i = 0; i < c; i++) {
            real *to = plane + i * pitch_of(n);
            for (size_t k = 0; k < n; k++)
                to[k] = row[k * c + i];
            jf_cosines_forward(p->c->x.transform, to, scratch);
        }
        for (size_t i = 0; i < c; i++)
            memcpy(row + i * n, plane + i * pitch_of(n), n * sizeof *row);
    }
    jf_pop(work, scratch);
    jf_pop(work, plane);
    return GSL_SUCCESS;
}

static int rows_back(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    const pass *p = arg;
    size_t c = p->c->channels, n = p->c->width, height = p->c->height;
    real *plane = jf_push(work, c * pitch_of(n));
    real *scratch = jf_push(work, p->c->x.transform->room);
    real scale = (real)(0.25 / ((double)n * (double)height));
    (void)lane;
    for (size_t r = first; r < first + count; r++) {
        real *row = jf_row(p->x, r / height) + r % height * n * c;
        for (size_t i = 0; i < c; i++) {
            real *to = plane + i * pitch_of(n);
            memcpy(to, row + i * n, n * sizeof *to);
            jf_cosines_inverse(p->c->x.transform, to, scratch);
        }
        for (size_t i = 0; i < c; i++)
            for (size_t k = 0; k < n; k++)
                row[k * c + i] = scale * plane[i * pitch_of(n) + k];
    }
    jf_pop(work, scratch);
    jf_pop(work, plane);
    return GSL_SUCCESS;
}

/* Some columns of frequencies: block, (n, channels) of them that lie pitch
 * apart, is of the columns first .. first + n - 1 of an image of planes. */
typedef struct {
    size_t first, n, pitch;
    real *data, *scratch;
} block;

static void load(const jf_cosine_layer *c, const real *image, block b)
{
    for (size_t k = 0; k < c->height; k++)
        for (size_t i = 0; i < c->channels; i++) {
            const real *from =
                image + (k * c->channels + i) * c->width + b.first;
            for (size_t q = 0; q < b.n; q++)
                b.data[(q * c->channels + i) * b.pitch + k] = from[q];
        }
    for (size_t q = 0; q < b.n * c->channels; q++)
        jf_cosines_forward(c->y.transform, b.data + q * b.pitch, b.scratch);
}

static void store(const jf_cosine_layer *c, block b, real *image)
{
    for (size_t q = 0; q < b.n * c->channels; q++)
        jf_cosines_inverse(c->y.transform, b.data + q * b.pitch, b.scratch);
    for (size_t k = 0; k < c->height; k++)
        for (size_t i = 0; i < c->channels; i++) {
            real *to = image + (k * c->channels + i) * c->width + b.first;
            for (size_t q = 0; q < b.n; q++)
                to[q] = b.data[(q * c->channels + i) * b.pitch + k];
        }
}

static size_t blocks_of(const jf_cosine_layer *c)
{
    return (c->width + COLUMNS - 1) / COLUMNS;
}

/* Blocks first .. of all images, with p->at at each of their columns. */
static int columns(void *arg, size_t lane, size_t first, size_t count,
                   jf_work *work)
{
    const pass *p = arg;
    const jf_cosine_layer *c = p->c;
    size_t blocks = blocks_of(c), pitch = pitch_of(c->height);
    size_t size = c->channels * pitch, images = p->dz.data ? 2 : 1;
    column v = {.lane = lane, .pitch = pitch};
    v.sums = jf_push_bytes(work, c->knots * sizeof *v.sums);
    v.f = jf_push(work, pitch + c->knots);
    v.curve = v.f + pitch;
    real *data = jf_push(work, images * COLUMNS * size);
    real *scratch = jf_push(work, c->y.transform->room);

    for (size_t q = first; q < first + count; q++) {
        size_t kx = q % blocks * COLUMNS, left = c->width - kx;
        block x = {kx, left < COLUMNS ? left : COLUMNS, pitch, data, scratch},
              dz = x;
        dz.data += COLUMNS * size;
        load(c, jf_row(p->x, q / blocks), x);
        if (images == 2)
            load(c, jf_row(p->dz, q / blocks), dz);
        for (size_t b = 0; b < x.n; b++) {
            v.kx = kx + b;
            v.x = x.data + b * size;
            v.dz = images == 2 ? dz.data + b * size : NULL;
            p->at(p, &v);
        }
        if (!p->unused)
            store(c, x, jf_row(p->x, q / blocks));
        if (!p->unused && images == 2)
            store(c, dz, jf_row(p->dz, q / blocks));
    }
    jf_pop(work, scratch);
    jf_pop(work, data);
    jf_pop(work, v.f);
    jf_pop(work, v.sums);
    return GSL_SUCCESS;
}

/* A sweep over the rows of pixels of all images of x. */
static int rows(const pass *p, jf_matrix x, jf_lane_task sweep, jf_work *work)
{
    pass q = *p;
    size_t n = x.rows * p->c->height, size = p->c->width * p->c->channels;
    q.x = x;
    return jf_bands_divide(work, p->c->banded, n,
                           jf_lanes(n, LANE_REALS / size + 1), sweep, &q);
}

/* In bands: whose rows of pixels they were has columns of frequencies, or back.
 */
static void turn(const jf_cosine_layer *c, jf_matrix x, int back, jf_work *work)
{
    jf_bands_turn(work, c->banded, c->height, c->channels, c->width, x.data,
                  back);
}

static size_t column_lanes(const jf_cosine_layer *c, size_t images)
{
    size_t size = COLUMNS * c->channels * c->height;
    return jf_lanes(images * blocks_of(c), LANE_REALS / size + 1);
}

static int run(pass *p, jf_work *work)
{
    size_t n = p->x.rows;
    const jf_cosine_layer *c = p->c;
    jf_matrix image[] = {p->x, p->dz};
    size_t images = p->dz.data ? 2 : 1;
    for (size_t k = 0; k < images; k++) {
        JF_TRY(rows(p, image[k], rows_there, work));
        turn(c, image[k], 0, work);
    }
    JF_TRY(jf_bands_divide(work, c->banded, n * blocks_of(c),
                           column_lanes(c, n), columns, p));
    for (size_t k = 0; k < images && !p->unused; k++) {
        turn(c, image[k], 1, work);
        JF_TRY(rows(p, image[k], rows_back, work));
    }
    return GSL_SUCCESS;
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const jf_cosine_layer *c = (const jf_cosine_layer *)self;
    size_t knots = c->knots;
    double sum = 0;
    for (size_t i = 0; i < c->channels; i++) {
        const real *s = w.theta + jf_cosine_entry(i, i) * knots * knots;
        for (size_t q = 0; q < knots * knots; q++)
            sum += c->y.total[q / knots] * c->x.total[q % knots] * (double)s[q];
    }
    for (size_t i = 0; i < x.rows; i++)
        log_abs_det[i] += sum;
    return run(&(pass){.c = c, .theta = w.theta, .x = x, .at = multiply}, work);
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const jf_cosine_layer *c = (const jf_cosine_layer *)self;
    return run(&(pass){.c = c, .theta = w.theta, .x = z, .at = solve}, work);
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const jf_cosine_layer *c = (const jf_cosine_layer *)self;
    size_t lanes = column_lanes(c, z.rows), n = self->module.n_params;
    size_t knots = c->knots;
    pass p = {.c = c,
              .theta = w.theta,
              .x = z,
              .dz = dz,
              .at = pull,
              .unused = grad.input_unused};
    double total = 0;

    p.grad = jf_push_bytes(work, lanes * n * sizeof *p.grad);
    memset(p.grad, 0, lanes * n * sizeof *p.grad);
    JF_TRY(run(&p, work));
    jf_bands_gather(work, c->banded, lanes * n, sizeof *p.grad, p.grad);
    for (size_t i = 0; i < z.rows; i++)
        total += d_log_abs_det[i];
    for (size_t i = 0; i < c->channels; i++) {
        double *ds = p.grad + jf_cosine_entry(i, i) * knots * knots;
        for (size_t q = 0; q < knots * knots; q++)
            ds[q] += total * c->y.total[q / knots] * c->x.total[q % knots];
    }
    for (size_t k = 0; k < n; k++) {
        double sum = 0;
        for (size_t l = 0; l < lanes; l++)
            sum += p.grad[l * n + k];
        grad.theta[k] += (real)sum;
    }
    jf_pop(work, p.grad);
    return GSL_SUCCESS;
}

static int init(const jf_layer *self, real *theta, jf_const_matrix x,
                gsl_rng *rng, jf_work *work)
{
    const jf_cosine_layer *c = (const jf_cosine_layer *)self;
    size_t entries = jf_cosine_entry(c->channels, 0);
    size_t size = entries * c->height * c->width;
    pass p = {.c = c, .at = analyse, .unused = 1};
    (void)rng;
    p.power = jf_push_bytes(work, size * sizeof *p.power);
    memset(p.power, 0, size * sizeof *p.power);
    p.x = jf_push_matrix(work, 1, self->d);
    for (size_t i = 0; i < x.rows; i++) {
        jf_matrix_copy(p.x, jf_const_rows(x, i, 1));
        JF_TRY(run(&p, work));
    }
    jf_pop(work, p.x.data);
    for (size_t k = 0; k < size; k++)
        p.power[k] /= (double)x.rows;
    JF_TRY(jf_cosine_fit(c, p.power, x.rows, theta, work));
    jf_pop(work, p.power);
    return GSL_SUCCESS;
}

/* A search for the extreme singular values of all W.  Those of two matrices
 * differ by no more than the norm of the difference, so most need none of
 * their own: last is the one that sigma is of. */
typedef struct {
    const jf_cosine_layer *c;
    const real *theta;
    double *w, *last, *scratch, *sigma;
    double least, largest;
} search;

/* s->w (channels, channels) := W at the frequency (ky, kx). */
static void matrix(search *s, size_t ky, size_t kx)
{
    const jf_cosine_layer *c = s->c;
    size_t m = c->channels, knots = c->knots;
    size_t y = jf_cosine_piece(c, &c->y, ky), x = jf_cosine_piece(c, &c->x, kx);
    double v = (double)c->y.share[ky], u = (double)c->x.share[kx];
    for (size_t i = 0; i < m; i++)
        for (size_t j = i + 1; j-- > 0;) {
            const real *at = s->theta + jf_cosine_entry(i, j) * knots * knots +
                             y * knots + x;
            const real *next = at + knots;
            double low = (1 - u) * (double)at[0] + u * (double)at[1];
            double high = (1 - u) * (double)next[0] + u * (double)next[1];
            double value = (1 - v) * low + v * high;
            s->w[i * m + j] = i == j ? exp(value) : value * s->w[i * m + i];
        }
}

/* LAPACK's values are within m u of the largest one (Golub and Van Loan 2013,
 * sec. 8.6), 16 times that is allowed. */
static int look_at(search *s, size_t ky, size_t kx)
{
    size_t m = s->c->channels;
    double square = 0;
    matrix(s, ky, kx);
    for (size_t k = 0; k < m * m; k++)
        square += (s->w[k] - s->last[k]) * (s->w[k] - s->last[k]);
    if (s->sigma[0] + sqrt(square) <= s->largest &&
        s->sigma[m - 1] - sqrt(square) >= s->least)
        return GSL_SUCCESS;
    memcpy(s->last, s->w, m * m * sizeof *s->w);
    memcpy(s->scratch, s->w, m * m * sizeof *s->w);
    JF_TRY(jf_singular_values(m, m, s->scratch, s->sigma));
    double error = 16 * (double)m * DBL_EPSILON * s->sigma[0];
    s->sigma[0] += error;
    s->sigma[m - 1] -= error;
    s->largest = fmax(s->largest, s->sigma[0]);
    s->least = fmin(s->least, s->sigma[m - 1]);
    return GSL_SUCCESS;
}

/* At the ends of all pieces first, where extremes mostly are, then at all
 * frequencies.  D is orthonormal. */
static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const jf_cosine_layer *c = (const jf_cosine_layer *)self;
    size_t m = c->channels, size = (3 * m + 1) * m;
    double *all = jf_push_bytes(work, size * sizeof *all);
    search s = {c,
                w.theta,
                all,
                all + m * m,
                all + 2 * m * m,
                all + 3 * m * m,
                (double)INFINITY,
                0};
    (void)radius;
    memset(all, 0, size * sizeof *all);
    for (size_t y = 0; y < c->knots; y++)
        for (size_t x = 0; x < c->knots; x++) {
            size_t ky = c->y.begin[y], kx = c->x.begin[x];
            JF_TRY(look_at(&s, ky ? ky - 1 : 0, kx ? kx - 1 : 0));
        }
    for (size_t ky = 0; ky < c->height; ky++)
        for (size_t kx = 0; kx < c->width; kx++)
            JF_TRY(look_at(&s, ky, kx));
    *least = fmax(s.least, 0);
    *largest = s.largest;
    jf_pop(work, all);
    return GSL_SUCCESS;
}

static void clear_axis(jf_cosine_axis *a)
{
    jf_cosines_free(a->transform);
    free(a->begin);
    free(a->share);
    free(a->total);
}

static void clear(jf_module *self)
{
    jf_cosine_layer *c = (jf_cosine_layer *)self;
    clear_axis(&c->y);
    clear_axis(&c->x);
}

static int make_axis(jf_cosine_axis *a, size_t n, size_t knots)
{
    double scale = (double)(knots - 1) / log1p(0.5 / least_frequency);
    size_t piece = 0;
    a->n = n;
    JF_TRY_MEMORY(a->begin = jf_alloc(knots, sizeof *a->begin));
    JF_TRY_MEMORY(a->share = jf_alloc(n, sizeof *a->share));
    JF_TRY_MEMORY(a->total = jf_alloc(knots, sizeof *a->total));
    JF_TRY_MEMORY(a->transform = jf_cosines_new(n));
    for (size_t k = 0; k < n; k++) {
        double f = (double)k / (2 * (double)n);
        double t = scale * log1p(f / least_frequency);
        while (t >= (double)(piece + 1) && piece + 2 < knots)
            a->begin[++piece] = k;
        a->share[k] = (real)(t - (double)piece);
        a->total[piece] += 1 - (double)a->share[k];
        a->total[piece + 1] += (double)a->share[k];
    }
    while (++piece < knots)
        a->begin[piece] = n;
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.module = {.clear = clear},
                                 .init_from_data = init,
                                 .forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = bounds};

jf_layer *jf_cosine(size_t height, size_t width, size_t channels, size_t knots)
{
    if (!height || !width || !channels)
        JF_ERROR_NULL("an image has pixels and channels", GSL_EINVAL);
    if (knots < 2)
        JF_ERROR_NULL("a cosine layer needs two knots a side", GSL_EINVAL);
    jf_cosine_layer *c = (jf_cosine_layer *)jf_layer_new(
        sizeof *c, "cosine", &ops, height * width * channels,
        jf_cosine_entry(channels, 0) * knots * knots);
    if (!c)
        return NULL;
    c->height = height;
    c->width = width;
    c->channels = channels;
    c->knots = knots;
    c->base.positions = height * width;
    c->base.rowwise = 1;
    if (height * width >= JF_BAND_PIXELS && height % JF_MAX_LANES == 0 &&
        width % (JF_MAX_LANES * COLUMNS) == 0 &&
        column_lanes(c, 1) == JF_MAX_LANES) {
        c->banded = height * width;
        c->base.band_in = c->base.band_out = (jf_banded){c->base.d, c->banded};
    }
    if (make_axis(&c->y, height, knots) != GSL_SUCCESS ||
        make_axis(&c->x, width, knots) != GSL_SUCCESS) {
        jf_layer_free(&c->base);
        return NULL;
    }
    return jf_layer_record(&c->base,
                           "height=%zu, width=%zu, channels=%zu, knots=%zu",
                           height, width, channels, knots);
}
