/* test_glow.c -- convolution nets, flows of images, their threads and memory.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "check.h"
#include "jf.h"

/* The net by the definition of a convolution, in double. */
typedef struct {
    size_t h, w, c[4]; /* channels: in, hidden, hidden, out */
    const real *theta;
} plain;

/* out (h w, c_out) := taps of in (h w, c_in), zero outside; *theta moves on. */
static void convolve(const plain *p, size_t side, size_t ci, size_t co,
                     const double *in, double *out, const real **theta)
{
    const real *k = *theta, *bias = k + side * side * ci * co;
    size_t middle = side / 2;
    for (size_t y = 0; y < p->h; y++)
        for (size_t x = 0; x < p->w; x++)
            for (size_t o = 0; o < co; o++) {
                double sum = (double)bias[o];
                for (size_t s = 0; s < side * side; s++) {
                    size_t v = y + s / side, u = x + s % side;
                    if (v < middle || u < middle || v - middle >= p->h ||
                        u - middle >= p->w)
                        continue;
                    size_t at = (v - middle) * p->w + u - middle;
                    for (size_t i = 0; i < ci; i++)
                        sum +=
                            in[at * ci + i] * (double)k[(s * ci + i) * co + o];
                }
                out[(y * p->w + x) * co + o] = sum;
            }
    *theta = bias + co;
}

static void plain_net(const plain *p, const double *in, double *out)
{
    size_t n = p->h * p->w;
    double *a = jf_alloc(n * p->c[1], sizeof *a);
    double *b = jf_alloc(n * p->c[2], sizeof *b);
    const real *theta = p->theta;
    convolve(p, 3, p->c[0], p->c[1], in, a, &theta);
    for (size_t i = 0; i < n * p->c[1]; i++)
        a[i] = tanh(a[i]);
    convolve(p, 1, p->c[1], p->c[2], a, b, &theta);
    for (size_t i = 0; i < n * p->c[2]; i++)
        b[i] = tanh(b[i]);
    convolve(p, 3, p->c[2], p->c[3], b, out, &theta);
    free(b);
    free(a);
}

enum { IMAGES = 2 };

/* The net on channels 1 .. c of images with others beside, against the
 * definition; the sums have 9 c terms of size 1, twice. */
static void test_value(size_t h, size_t w, size_t hidden)
{
    plain p = {h, w, {3, hidden, hidden, 5}, NULL};
    jf_net *net = jf_convnet(
        &(jf_convnet_options){h, w, p.c[0], p.c[3], hidden, JF_TANH});
    size_t n = h * w;
    jf_work *work = jf_work_new();
    jf_matrix theta = jf_matrix_new(1, net->module.n_params);
    jf_matrix wide = jf_matrix_new(IMAGES * n, 6);
    jf_matrix in = jf_columns(wide, 1, 3), out = jf_matrix_new(IMAGES * n, 7);
    double *x = jf_alloc(n * 3, sizeof *x), *y = jf_alloc(n * 5, sizeof *y);
    double worst = 0, marks = 0;

    CHECK(net->positions == n);
    jf_fill_normal(theta, 1, JF_PURPOSE_USER, h);
    for (size_t i = 0; i < net->module.n_params; i++)
        theta.data[i] *= R(0.3);
    jf_fill_normal(wide, 2, JF_PURPOSE_USER, w);
    jf_matrix_fill(out, 9);
    p.theta = theta.data;
    CHECK(net->ops->forward(net, theta.data, jf_const(in),
                            jf_columns(out, 1, 5), NULL, work) == GSL_SUCCESS);
    for (size_t b = 0; b < IMAGES; b++) {
        for (size_t i = 0; i < 3 * n; i++)
            x[i] = (double)jf_row(in, b * n + i / 3)[i % 3];
        plain_net(&p, x, y);
        for (size_t i = 0; i < 5 * n; i++)
            worst = fmax(
                worst,
                fabs(y[i] - (double)jf_row(out, b * n + i / 5)[1 + i % 5]));
    }
    for (size_t i = 0; i < IMAGES * n; i++)
        marks += jf_row(out, i)[0] != 9 || jf_row(out, i)[6] != 9;
    CHECK(worst <= 18 * (double)hidden * (double)JF_EPS);
    CHECK(marks == 0);
    CHECK(work->depth == 0);
    free(y);
    free(x);
    jf_matrix_free(&out);
    jf_matrix_free(&wide);
    jf_matrix_free(&theta);
    jf_work_free(work);
    jf_net_free(net);
}

/* Pixel (y, x) of image b (h w, c), and NULL beyond the border. */
static const real *pixel(jf_matrix m, size_t h, size_t w, size_t b, size_t y,
                         size_t x)
{
    return y < h && x < w ? jf_row(m, (b * h + y) * w + x) : NULL;
}

/* A sum of products, and by multiply-adds in order. */
typedef struct {
    long double sum;
    real direct;
} running;

static void add_term(running *r, real a, real b)
{
    r->sum += (long double)a * (long double)b;
    r->direct = (real)fma((double)a, (double)b, (double)r->direct);
}

/* Root mean squares of what value and r.direct are off by, of n values, in
 * epsilon. */
static void compare(running r, real value, size_t n, double off[2])
{
    double scale = (double)JF_EPS * sqrt((double)n);
    off[0] = hypot(off[0], (double)((long double)value - r.sum) / scale);
    off[1] = hypot(off[1], (double)((long double)r.direct - r.sum) / scale);
}

/* A convolution and its kernel's gradient at the points, by vectors of bytes:
 * off by at most four times what the sums over nine taps in order are off by,
 * and the first, whose rows stand in a ring of four lines, has the same bytes
 * when they come one at a time. */
static void test_points(int bytes, size_t h, size_t w, size_t ci, size_t co)
{
    size_t n = IMAGES * h * w, rows = IMAGES * (h + 1) - 1, size = ci * co;
    size_t stride = jf_points_stride(co);
    jf_work *work = jf_work_new();
    jf_matrix in = jf_matrix_new(n, ci), d = jf_matrix_new(n, co);
    jf_matrix k = jf_matrix_new(9, size), out[2], zero = jf_matrix_new(1, co);
    real *g = jf_alloc(18 * ci * stride + JF_TILE_SLACK, sizeof *g);
    real *dg = jf_alloc(18 * size, sizeof *dg), *dw = jf_alloc(9 * size, 8);
    double off[2] = {0}, off_dw[2] = {0};

    jf_vector_bytes = bytes;
    jf_fill_normal(in, 1, JF_PURPOSE_USER, 0);
    jf_fill_normal(d, 2, JF_PURPOSE_USER, 0);
    jf_fill_normal(k, 3, JF_PURPOSE_USER, 0);
    jf_points_kernel(ci, co, k.data, g);
    jf_points u = jf_points_push(h, w, rows + 2, ci, work);
    jf_points v = jf_points_push(h, w, rows, co, work);
    jf_points ring = jf_points_push(h, w, 4, ci, work);
    v.first = 1;
    for (size_t e = 0; e < 2; e++)
        out[e] = jf_matrix_new(n, co);
    jf_points_read(u, 0, rows + 2, jf_const(in));
    jf_points_convolve(u, 1, rows, g, zero.data, out[0], work);
    jf_points_spread(v, 1, rows, jf_const(d));
    jf_points_correlate(u, v, 1, rows, dg);
    jf_points_gradient(ci, co, dg, dw);
    for (size_t r = 0; r < rows + 2; r++) {
        size_t at = jf_stack_above(h, r) * w, to = jf_stack_above(h, r - !!r);
        jf_points_read(ring, r, 1, jf_const_rows(jf_const(in), at, n - at));
        if (r >= 2)
            jf_points_convolve(ring, r - 1, 1, g, zero.data,
                               jf_rows(out[1], to * w, n - to * w), work);
    }
    CHECK(memcmp(out[0].data, out[1].data, n * co * sizeof(real)) == 0);

    for (size_t q = 0; q < n * co; q++) {
        size_t b = q / co / (h * w), y = q / co / w % h, x = q / co % w;
        running r = {0};
        for (size_t t = 0; t < 9; t++) {
            const real *p = pixel(in, h, w, b, y + t / 3 - 1, x + t % 3 - 1);
            for (size_t i = 0; p && i < ci; i++)
                add_term(&r, p[i], jf_row(k, t)[i * co + q % co]);
        }
        compare(r, out[0].data[q], n * co, off);
    }
    for (size_t q = 0; q < 9 * size; q++) {
        size_t t = q / size, i = q % size / co, o = q % co;
        running r = {0};
        for (size_t z = 0; z < n; z++) {
            size_t b = z / (h * w), y = z / w % h, x = z % w;
            const real *p = pixel(in, h, w, b, y + t / 3 - 1, x + t % 3 - 1);
            if (p)
                add_term(&r, p[i], jf_row(d, z)[o]);
        }
        compare(r, dw[q], 9 * size, off_dw);
    }
    printf("  %zu x %zu, %zu to %zu, %d bytes: off by %.3g epsilon, in order "
           "%.3g; gradient %.3g, %.3g\n",
           h, w, ci, co, bytes, off[0], off[1], off_dw[0], off_dw[1]);
    CHECK(off[0] <= 4 * off[1]);
    CHECK(off_dw[0] <= 4 * off_dw[1]);
    jf_vector_bytes = 64;
    for (size_t e = 0; e < 2; e++)
        jf_matrix_free(&out[e]);
    free(dw);
    free(dg);
    free(g);
    jf_matrix_free(&zero);
    jf_matrix_free(&k);
    jf_matrix_free(&d);
    jf_matrix_free(&in);
    jf_work_release(work, 0);
    jf_work_free(work);
}

/* The net's derivative along a direction of (in, theta), by the gradient of
 * sum dout . out, against differences of the definition: both gradients,
 * with and without saved activations, over lanes and strips. */
static void test_gradient(size_t h, size_t w, size_t hidden, jf_team *team)
{
    size_t n = h * w, in_size = 3 * n, out_size = 5 * n;
    jf_net *net =
        jf_convnet(&(jf_convnet_options){h, w, 3, 5, hidden, JF_TANH});
    size_t size = net->module.n_params;
    jf_matrix v = jf_matrix_new(1, 2 * (size + in_size) + out_size);
    jf_fill_normal(v, 3, JF_PURPOSE_USER, n);
    real *theta = v.data, *d_theta = theta + size, *x = d_theta + size;
    real *d_x = x + in_size, *a = d_x + in_size;
    for (size_t i = 0; i < size; i++)
        theta[i] *= R(0.1);
    jf_matrix out = jf_matrix_new(n, 5), dout = jf_matrix_new(n, 5);
    jf_matrix din = jf_matrix_new(n, 3);
    real *saved = jf_alloc(n * net->n_saved, sizeof *saved);

    /* exact: d/dt of sum a . net(x + t d_x; theta + t d_theta) at 0 */
    double h_step = sizeof(real) == 8 ? 0x1p-16 : 0x1p-7, value[2];
    for (int e = 0; e < 2; e++) {
        double t = e ? -h_step : h_step;
        real *moved = jf_alloc(size, sizeof *moved);
        double *in = jf_alloc(in_size, sizeof *in);
        double *y = jf_alloc(out_size, sizeof *y);
        plain p = {h, w, {3, hidden, hidden, 5}, moved};
        for (size_t i = 0; i < size; i++)
            moved[i] = (real)((double)theta[i] + t * (double)d_theta[i]);
        for (size_t i = 0; i < in_size; i++)
            in[i] = (double)x[i] + t * (double)d_x[i];
        plain_net(&p, in, y);
        value[e] = 0;
        for (size_t i = 0; i < out_size; i++)
            value[e] += (double)a[i] * y[i];
        free(y);
        free(in);
        free(moved);
    }
    double slope = (value[0] - value[1]) / (2 * h_step);

    for (int keeps = 0; keeps < 2; keeps++) {
        jf_work *work = team->work[0];
        real *grad = jf_alloc(size, sizeof *grad);
        double sum = 0, terms = 0;
        work->team = team;
        net->ops->forward(net, theta, jf_const_view(x, n, 3), out,
                          keeps ? saved : NULL, work);
        memcpy(dout.data, a, out_size * sizeof *a);
        jf_matrix_fill(din, 0);
        CHECK(net->ops->backward(net, theta, jf_const_view(x, n, 3),
                                 keeps ? saved : NULL, dout, din, grad,
                                 work) == GSL_SUCCESS);
        work->team = NULL;
        for (size_t i = 0; i < size; i++) {
            sum += (double)grad[i] * (double)d_theta[i];
            terms += fabs((double)grad[i] * (double)d_theta[i]);
        }
        for (size_t i = 0; i < in_size; i++) {
            sum += (double)din.data[i] * (double)d_x[i];
            terms += fabs((double)din.data[i] * (double)d_x[i]);
        }
        /* Differences lose h^2 of the terms, and eps / h in theta's steps. */
        double limit = (64 * h_step * h_step + (double)JF_EPS / h_step) * terms;
        if (!(fabs(sum - slope) <= limit))
            fprintf(stderr, "%zu x %zu, hidden %zu, keeps %d: %g, limit %g\n",
                    h, w, hidden, keeps, sum - slope, limit);
        CHECK(fabs(sum - slope) <= limit);
        free(grad);
    }
    free(saved);
    jf_matrix_free(&din);
    jf_matrix_free(&dout);
    jf_matrix_free(&out);
    jf_matrix_free(&v);
    jf_net_free(net);
}

/* theta away from the start, where the nets' last layers are zero. */
static real *theta_of(const jf_layer *f, jf_matrix x, jf_team *team)
{
    real *theta = jf_theta_new(f);
    jf_matrix noise = jf_matrix_new(1, f->module.n_params);
    CHECK(jf_init(f, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    jf_fill_normal(noise, 5, JF_PURPOSE_USER, 0);
    for (size_t i = 0; i < f->module.n_params; i++)
        theta[i] += R(0.02) * noise.data[i];
    jf_matrix_free(&noise);
    return theta;
}

static jf_layer *glow(size_t size, size_t depth, size_t checkpoint)
{
    return jf_glow(&(jf_glow_options){.height = size,
                                      .width = size,
                                      .levels = 3,
                                      .depth = depth,
                                      .hidden = 8,
                                      .activation = JF_TANH,
                                      .checkpoint = checkpoint});
}

/* Value, gradient, latent and image are the same bytes for any team. */
static void test_threads(size_t rows)
{
    jf_layer *f = glow(64, 2, 0);
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(rows, f->d), z[3];
    real *theta, *grad[3];
    jf_likelihood value[3];
    jf_team *one = jf_team_new(1);

    jf_fill_normal(x, 1, JF_PURPOSE_DATA, 0);
    theta = theta_of(f, x, one);
    for (size_t t = 0; t < 3; t++) {
        jf_team *team = jf_team_new(t + 1);
        double *ld = jf_alloc(rows, sizeof *ld);
        team->memory = 0;
        grad[t] = jf_theta_new(f);
        z[t] = jf_matrix_new(rows, f->d);
        jf_matrix_copy(z[t], jf_const(x));
        CHECK(jf_nll(f, &q, theta, jf_const(x), &value[t], grad[t], team) == 0);
        CHECK(jf_forward(f, theta, z[t], ld, team) == 0);
        CHECK(jf_inverse(f, theta, z[t], team) == 0);
        double worst = 0;
        for (size_t i = 0; i < rows * f->d; i++)
            worst = fmax(worst, fabs((double)(z[t].data[i] - x.data[i])));
        CHECK(worst < 1e4 * (double)JF_EPS);
        CHECK(memcmp(&value[t].nll, &value[0].nll, sizeof(double)) == 0);
        CHECK(memcmp(grad[t], grad[0], f->module.n_params * sizeof(real)) == 0);
        CHECK(memcmp(z[t].data, z[0].data, rows * f->d * sizeof(real)) == 0);
        free(ld);
        jf_team_free(team);
    }
    for (size_t t = 0; t < 3; t++) {
        free(grad[t]);
        jf_matrix_free(&z[t]);
    }
    free(theta);
    jf_team_free(one);
    jf_matrix_free(&x);
    jf_layer_free(f);
}

/* sum over images i of (i + 1) (a . z_i + ld_i), and its derivative along v in
 * (theta, x) by backward. */
static double weighted(const jf_layer *f, const real *theta, jf_matrix x,
                       const real *a, jf_team *team)
{
    jf_matrix z = jf_matrix_new(x.rows, x.cols);
    double *ld = jf_alloc(x.rows, sizeof *ld), sum = 0;
    jf_matrix_copy(z, jf_const(x));
    CHECK(jf_forward(f, theta, z, ld, team) == GSL_SUCCESS);
    for (size_t i = 0; i < x.rows; i++) {
        double own = ld[i];
        for (size_t k = 0; k < x.cols; k++)
            own += (double)a[k] * (double)jf_row(z, i)[k];
        sum += (double)(i + 1) * own;
    }
    free(ld);
    jf_matrix_free(&z);
    return sum;
}

static double slope(const jf_layer *f, const real *theta, jf_matrix x,
                    const real *a, const real *v, jf_tape tape, jf_team *team)
{
    jf_matrix z = jf_matrix_new(x.rows, x.cols), dz;
    double *weight = jf_alloc(x.rows, sizeof *weight), sum = 0;
    real *grad = jf_theta_new(f);
    dz = jf_matrix_new(x.rows, x.cols);
    jf_matrix_copy(z, jf_const(x));
    for (size_t i = 0; i < x.rows; i++) {
        weight[i] = (double)(i + 1);
        for (size_t k = 0; k < x.cols; k++)
            jf_row(dz, i)[k] = (real)(i + 1) * a[k];
    }
    CHECK(jf_vjp(f, theta, z, dz, weight, grad, tape, team) == GSL_SUCCESS);
    for (size_t i = 0; i < f->module.n_params; i++)
        sum += (double)grad[i] * (double)v[i];
    for (size_t i = 0; i < x.rows * x.cols; i++)
        sum += (double)dz.data[i] * (double)v[f->module.n_params + i];
    free(grad);
    free(weight);
    jf_matrix_free(&dz);
    jf_matrix_free(&z);
    return sum;
}

/* The gradient where every layer works in several lanes and pieces, against
 * central differences D(h): their extrapolation (4 D(h/2) - D(h)) / 3 is closer
 * to the derivative than D(h) to D(h/2). */
static void test_large_gradient(void)
{
    enum { ROWS = 2 };
    jf_layer *f = glow(64, 2, 0);
    jf_team *team = jf_team_new(2);
    size_t m = f->module.n_params, size = m + ROWS * f->d;
    jf_matrix at = jf_matrix_new(1, size), v = jf_matrix_new(1, size);
    jf_matrix moved = jf_matrix_new(1, size), a = jf_matrix_new(1, f->d);
    jf_matrix x = jf_view(at.data + m, ROWS, f->d);
    double d[2];

    jf_fill_normal(x, 1, JF_PURPOSE_DATA, 0);
    real *theta = theta_of(f, x, team);
    memcpy(at.data, theta, m * sizeof *theta);
    jf_fill_normal(v, 2, JF_PURPOSE_USER, 0);
    jf_fill_normal(a, 3, JF_PURPOSE_USER, 0);
    for (int e = 0; e < 2; e++) {
        double h = 0x1p-13 / (1 + e), value[2];
        for (int side = 0; side < 2; side++) {
            for (size_t i = 0; i < size; i++)
                moved.data[i] = (real)((double)at.data[i] +
                                       (side ? -h : h) * (double)v.data[i]);
            value[side] =
                weighted(f, moved.data, jf_view(moved.data + m, ROWS, f->d),
                         a.data, team);
        }
        d[e] = (value[0] - value[1]) / (2 * h);
    }
    for (int t = 0; t < 2; t++) {
        double g = slope(f, theta, x, a.data, v.data,
                         t ? JF_TAPE_FULL : JF_TAPE_LEAN, team);
        double error = g - (4 * d[1] - d[0]) / 3;
        printf("  slope %g off by %.1e, differences apart %.1e\n", g, error,
               d[1] - d[0]);
        CHECK(fabs(error) <= fabs(d[1] - d[0]));
    }
    free(theta);
    jf_matrix_free(&a);
    jf_matrix_free(&moved);
    jf_matrix_free(&v);
    jf_matrix_free(&at);
    jf_team_free(team);
    jf_layer_free(f);
}

/* Peak bytes of scratch over a gradient without stored activations. */
static size_t peak(size_t depth, size_t checkpoint, size_t memory)
{
    jf_layer *f = glow(64, depth, checkpoint);
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(1, f->d);
    jf_team *start = jf_team_new(1), *team = jf_team_new(1);
    real *grad = jf_theta_new(f), *theta;
    jf_likelihood value;

    jf_fill_normal(x, 1, JF_PURPOSE_DATA, 0);
    theta = theta_of(f, x, start);
    team->memory = memory;
    CHECK(jf_nll(f, &q, theta, jf_const(x), &value, grad, team) == 0);
    /* Less what grows with the parameters: gradients and derived matrices. */
    size_t bytes =
        team->work[0]->peak_bytes + team->pieces[0]->peak_bytes -
        (f->module.n_params + f->module.n_pulled + f->module.n_derived) *
            sizeof(real);
    free(theta);
    free(grad);
    jf_team_free(team);
    jf_team_free(start);
    jf_matrix_free(&x);
    jf_layer_free(f);
    return bytes;
}

static void test_memory(void)
{
    size_t image = 64 * 64 * 3 * sizeof(real);
    size_t shallow = peak(1, 0, 0), deep = peak(8, 0, 0);
    CHECK((double)deep <= 1.05 * (double)shallow);
    CHECK(peak(8, 1, 0) >= deep + 7 * image); /* checkpoints cost images */
    CHECK(peak(8, 0, (size_t)1 << 30) >= deep + 16 * image);
}

/* A flat flow of an image, so that every prefix is at hand. */
static jf_layer *steps(size_t size, size_t channels, size_t depth)
{
    size_t side = size / 2, c = 4 * channels;
    jf_layer *f = jf_flow_new(size * size * channels);
    jf_flow_add(f, jf_squeeze(size, size, channels));
    for (size_t k = 0; k < depth; k++) {
        jf_flow_add(f, jf_shared(side * side, jf_plu(c, k)));
        jf_flow_add(
            f, jf_image_coupling(side, side, c, c / 2,
                                 k % 2 ? JF_LOWER : JF_UPPER, jf_map_clamp(2),
                                 jf_convnet(&(jf_convnet_options){
                                     side, side, c / 2, c, 6, JF_TANH})));
    }
    return f;
}

/* Largest and least singular value of the Jacobian of parts 0 .. count - 1 at
 * x (1, d), and the largest entry of what goes into a part. */
static double extremes(const jf_layer *f, const real *theta, size_t count,
                       const real *x, double *least, double *most,
                       jf_team *team)
{
    size_t d = f->d;
    jf_matrix rows = jf_matrix_new(d, d), j = jf_matrix_new(d, d);
    jf_matrix wide = jf_matrix_new(d, d);
    double *a = jf_alloc(d * d, sizeof *a), *sigma = jf_alloc(d, sizeof *sigma);
    double *zero = jf_alloc(d, sizeof *zero);
    real *unused = jf_theta_new(f);

    for (size_t i = 0; i < d; i++) {
        memcpy(jf_row(rows, i), x, d * sizeof *x);
        jf_row(j, i)[i] = 1; /* a row of J' is the image of a unit row */
    }
    *most = 1;
    for (size_t k = count; k-- > 0;) { /* the prefix, last part first */
        jf_part part = jf_flow_part(f, k);
        for (size_t i = 0; i < d; i++)
            memcpy(jf_row(wide, i), x, d * sizeof *x);
        for (size_t m = 0; m < k; m++) {
            jf_part before = jf_flow_part(f, m);
            jf_forward(before.layer, theta + before.first, wide, zero, team);
        }
        for (size_t i = 0; i < d; i++)
            *most = fmax(*most, fabs((double)jf_row(wide, 0)[i]));
        memset(zero, 0, d * sizeof *zero);
        jf_vjp(part.layer, theta + part.first, wide, j, zero,
               unused + part.first, JF_TAPE_FULL, team);
    }
    for (size_t i = 0; i < d * d; i++)
        a[i] = (double)j.data[i];
    CHECK(jf_singular_values(d, d, a, sigma) == GSL_SUCCESS);
    double largest = sigma[0];
    *least = sigma[d - 1];
    free(unused);
    free(zero);
    free(sigma);
    free(a);
    jf_matrix_free(&wide);
    jf_matrix_free(&j);
    jf_matrix_free(&rows);
    return largest;
}

/* What convolutions prove of singular values holds at a point within the
 * radius. */
static void test_bounds(void)
{
    jf_layer *f = steps(4, 2, 2);
    jf_team *team = jf_team_new(1);
    jf_work *work = jf_work_new();
    jf_matrix x = jf_matrix_new(1, f->d),
              noise = jf_matrix_new(1, f->module.n_params);
    real *theta = jf_theta_new(f);
    real *derived = jf_alloc(f->module.n_derived, sizeof *derived);
    double least, largest, unused, radius = 0;

    jf_fill_normal(x, 1, JF_PURPOSE_DATA, 0);
    jf_fill_normal(noise, 2, JF_PURPOSE_USER, 0);
    jf_init(f, theta, jf_const(x), 1, team);
    for (size_t i = 0; i < f->module.n_params; i++)
        theta[i] = R(0.3) * theta[i] + R(0.02) * noise.data[i];
    for (size_t i = 0; i < f->d; i++)
        radius = hypot(radius, (double)x.data[i]);
    CHECK(jf_prepare(&f->module, theta, derived, work) == GSL_SUCCESS);
    CHECK(jf_bounds(f, (jf_weights){theta, derived}, radius, &least, &largest,
                    work) == GSL_SUCCESS);
    double at_least, at_most = extremes(f, theta, jf_flow_length(f), x.data,
                                        &at_least, &unused, team);
    printf("  largest singular value %g <= %g, smallest %g >= %g\n", at_most,
           largest, at_least, least);
    CHECK(largest >= at_most && largest < (double)INFINITY);
    CHECK(least <= at_least && least > 0);
    free(derived);
    free(theta);
    jf_matrix_free(&noise);
    jf_matrix_free(&x);
    jf_work_free(work);
    jf_team_free(team);
    jf_layer_free(f);
}

/* A net of one path, input a to output o by the hidden units of its number,
 * stretches by the product of its three weights: what is proved of outputs with
 * o among them is at least that, and nothing of others. */
static void test_path(size_t a, size_t h, size_t o)
{
    enum { IN = 3, WIDE = 5, OUT = 4 };
    jf_net *net = jf_convnet(&(jf_convnet_options){.height = 4,
                                                   .width = 4,
                                                   .n_in = IN,
                                                   .n_out = OUT,
                                                   .hidden = WIDE,
                                                   .activation = JF_RELU});
    jf_work *work = jf_work_new();
    real *theta = jf_alloc(net->module.n_params, sizeof *theta);
    size_t second = (9 * IN + 1) * WIDE, third = second + (WIDE + 1) * WIDE;
    double all, with, without;
    theta[(4 * IN + a) * WIDE + h] = 2; /* tap 4 is the middle */
    theta[second + h * WIDE + WIDE - 1 - h] = 3;
    theta[third + (4 * WIDE + WIDE - 1 - h) * OUT + o] = 5;
    CHECK(net->ops->lipschitz(net, theta, 0, OUT, &all, work) == GSL_SUCCESS);
    CHECK(net->ops->lipschitz(net, theta, o, 1, &with, work) == GSL_SUCCESS);
    CHECK(net->ops->lipschitz(net, theta, o ? 0 : 1, o ? o : OUT - 1, &without,
                              work) == GSL_SUCCESS);
    CHECK(all >= 30 && all < 60 && with >= 30 && with <= all);
    CHECK(without == 0);
    free(theta);
    jf_work_free(work);
    jf_net_free(net);
}

/* What backward recovers is off by at most u times the sum over prefixes of
 * condition number times size of activations, times the terms of a sum (C6.3,
 * P7); the gradient, relative to its norm, likewise. */
static void test_tapes(double spread)
{
    jf_layer *f = steps(4, 2, 4);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(1, f->d),
              noise = jf_matrix_new(1, f->module.n_params);
    real *theta = jf_theta_new(f), *grad[2];
    jf_matrix back[2];
    double ld[1] = {0.7}, sum = 0, most, apart = 0, norm = 0, drift = 0;

    jf_fill_normal(x, 1, JF_PURPOSE_DATA, 0);
    jf_fill_normal(noise, 2, JF_PURPOSE_USER, 0);
    jf_init(f, theta, jf_const(x), 1, team);
    for (size_t i = 0; i < f->module.n_params; i++)
        theta[i] += (real)spread * noise.data[i];
    for (size_t k = 1; k <= jf_flow_length(f); k++) {
        double least,
            largest = extremes(f, theta, k, x.data, &least, &most, team);
        sum += largest / least * most;
    }
    for (int t = 0; t < 2; t++) {
        jf_matrix dz = jf_matrix_new(1, f->d);
        jf_fill_normal(dz, 3, JF_PURPOSE_USER, 0);
        back[t] = jf_matrix_new(1, f->d);
        jf_matrix_copy(back[t], jf_const(x));
        grad[t] = jf_theta_new(f);
        CHECK(jf_vjp(f, theta, back[t], dz, ld, grad[t],
                     t ? JF_TAPE_FULL : JF_TAPE_LEAN, team) == GSL_SUCCESS);
        jf_matrix_free(&dz);
    }
    for (size_t i = 0; i < f->module.n_params; i++) {
        norm = hypot(norm, (double)grad[1][i]);
        apart = hypot(apart, (double)(grad[0][i] - grad[1][i]));
    }
    for (size_t i = 0; i < f->d; i++)
        drift = fmax(drift, fabs((double)(back[0].data[i] - x.data[i])));
    double bound = (double)f->d * (double)JF_EPS / 2 * sum;
    printf("  spread %g: gradient %.2e, recovered x %.2e, bound %.2e\n", spread,
           apart / norm, drift, bound);
    CHECK(apart <= bound * norm);
    CHECK(drift <= bound);
    CHECK(drift > 0); /* the bound is of something */
    for (int t = 0; t < 2; t++) {
        free(grad[t]);
        jf_matrix_free(&back[t]);
    }
    free(theta);
    jf_matrix_free(&noise);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
}

/* A checkpoint gives the very x back; without one the inverse of an ill-
 * conditioned map does not. */
static void test_checkpoint(void)
{
    enum { D = 4 };
    jf_team *team = jf_team_new(1);
    double drift[2] = {0};
    for (int with = 0; with < 2; with++) {
        jf_layer *f = jf_flow_new(D);
        if (with)
            jf_flow_add(f, jf_checkpoint(D));
        jf_flow_add(f, jf_dense(D));
        real *theta = jf_theta_new(f), *grad = jf_theta_new(f);
        double one[1] = {1};
        jf_matrix x = jf_matrix_new(1, D), dz = jf_matrix_new(1, D), before;
        for (size_t i = 0; i < D; i++)
            for (size_t k = 0; k < D; k++) /* Hilbert's matrix */
                theta[i * D + k] = 1 / (real)(i + k + 1);
        jf_fill_normal(x, 1, JF_PURPOSE_DATA, 0);
        before = jf_matrix_new(1, D);
        jf_matrix_copy(before, jf_const(x));
        CHECK(jf_vjp(f, theta, x, dz, one, grad, JF_TAPE_LEAN, team) == 0);
        for (size_t i = 0; i < D; i++)
            drift[with] =
                fmax(drift[with], fabs((double)(x.data[i] - before.data[i])));
        free(theta);
        free(grad);
        jf_matrix_free(&before);
        jf_matrix_free(&dz);
        jf_matrix_free(&x);
        jf_layer_free(f);
    }
    CHECK(drift[0] > 0);
    CHECK(drift[1] <= 0);
    jf_team_free(team);
}

int main(void)
{
    jf_team *team = jf_team_new(2);
    test_value(1, 1, 3);
    test_value(2, 5, 7);
    test_value(40, 3, 17);
    test_value(33, 70, 40); /* several strips */
    for (int bytes = 16; bytes <= 64; bytes *= 2) {
        test_points(bytes, 5, 7, 3, 5);
        test_points(bytes, 6, 4, 17, 2);
        test_points(bytes, 9, 13, 6, 40);
        test_points(bytes, 16, 16, 32, 12);
    }
    test_points(64, 12, 16, 128, 12);
    test_gradient(3, 4, 5, team);
    test_gradient(70, 9, 6, team); /* four lanes */
    test_gradient(64, 64, 40, team);
    test_threads(1);
    test_threads(3);
    if (sizeof(real) == 8) /* in float, rounding exceeds the differences */
        test_large_gradient();
    test_memory();
    test_bounds();
    for (size_t a = 0; a < 3; a++)
        for (size_t h = 0; h < 5; h++)
            for (size_t o = 0; o < 4; o++)
                test_path(a, h, o);
    test_tapes(0.02);
    test_tapes(0.15);
    test_checkpoint();
    jf_team_free(team);
    return check_end();
}
