/* winograd.c -- transforms to the points and back, and tile products there.
 *
 * With points a, -a, b, -b the sums of even and of odd powers serve two each.
 * a = 3/4 and b = 3/2 round least of a few such pairs, and their powers are
 * exact: an output is off by 1.4 to 2.4 times what the sum over nine taps is
 * off by (tests/test_glow.c), where 1 and 2 make it up to 3.  Against those
 * sums a step of W3 takes a quarter less time, of W4 a fifth
 * (docs/performance.md). */
#include "net/winograd.h"

#include <string.h>

#include "base/clones.h"
#include "linalg/tile.h"

#define A R(0.75)
#define B R(1.5)
#define A2 (A * A)
#define B2 (B * B)

enum { PIXELS = 4, CHUNK = 1 << 14 };

/* Reals from a point to the next. */
static size_t plane(jf_points u)
{
    return jf_points_stride(u.lines * u.tiles * u.c);
}

jf_points jf_points_push(size_t height, size_t width, size_t lines, size_t c,
                         jf_work *work)
{
    size_t tiles = (width + PIXELS - 1) / PIXELS;
    size_t size = JF_POINTS * jf_points_stride(lines * tiles * c);
    real *data = jf_push(work, size + c + JF_TILE_SLACK);
    memset(data + size, 0, (c + JF_TILE_SLACK) * sizeof *data);
    return (jf_points){data, height, width, c, tiles, lines, 0};
}

static size_t line_of(jf_points u, size_t v)
{
    return (v - u.first) % u.lines;
}

static real *row(jf_points u, size_t v)
{
    return u.data + line_of(u, v) * u.tiles * u.c;
}

/* A pixel of zeros, which nobody writes. */
static const real *zeros(jf_points u)
{
    return u.data + JF_POINTS * plane(u);
}

/* Transforms of the channels of a tile that stand at i in x or y, at j in u or
 * m: as many as type has. */
#define AT(type, p) (*(type *)(p))
#define READ(type)                                                             \
    {                                                                          \
        type a0 = AT(const type, x0 + i), a1 = AT(const type, x1 + i);         \
        type a2 = AT(const type, x2 + i), a3 = AT(const type, x3 + i);         \
        type a4 = AT(const type, x4 + i), a5 = AT(const type, x5 + i);         \
        type even_a = a4 - B2 * a2, odd_a = A * (a3 - B2 * a1);                \
        type even_b = a4 - A2 * a2, odd_b = B * (a3 - A2 * a1);                \
        AT(type, u + j) = A2 * B2 * a0 - (A2 + B2) * a2 + a4;                  \
        AT(type, u + apart + j) = even_a + odd_a;                              \
        AT(type, u + 2 * apart + j) = even_a - odd_a;                          \
        AT(type, u + 3 * apart + j) = even_b + odd_b;                          \
        AT(type, u + 4 * apart + j) = even_b - odd_b;                          \
        AT(type, u + 5 * apart + j) = A2 * B2 * a1 - (A2 + B2) * a3 + a5;      \
    }
#define SPREAD(type)                                                           \
    {                                                                          \
        type a0 = AT(const type, x0 + i), a1 = AT(const type, x1 + i);         \
        type a2 = AT(const type, x2 + i), a3 = AT(const type, x3 + i);         \
        type even_a = a0 + A2 * a2, odd_a = A * (a1 + A2 * a3);                \
        type even_b = a0 + B2 * a2, odd_b = B * (a1 + B2 * a3);                \
        AT(type, u + j) = a0;                                                  \
        AT(type, u + apart + j) = even_a + odd_a;                              \
        AT(type, u + 2 * apart + j) = even_a - odd_a;                          \
        AT(type, u + 3 * apart + j) = even_b + odd_b;                          \
        AT(type, u + 4 * apart + j) = even_b - odd_b;                          \
        AT(type, u + 5 * apart + j) = a3;                                      \
    }
/* y := start + A' m, or y + it when start is NULL. */
#define WRITE(type)                                                            \
    {                                                                          \
        type m1 = AT(const type, m + apart + j);                               \
        type m2 = AT(const type, m + 2 * apart + j);                           \
        type m3 = AT(const type, m + 3 * apart + j);                           \
        type m4 = AT(const type, m + 4 * apart + j);                           \
        type even_a = m1 + m2, odd_a = A * (m1 - m2);                          \
        type even_b = m3 + m4, odd_b = B * (m3 - m4);                          \
        type z0 = AT(const type, m + j) + (even_a + even_b);                   \
        type z1 = odd_a + odd_b, z2 = A2 * even_a + B2 * even_b;               \
        type z3 =                                                              \
            (A2 * odd_a + B2 * odd_b) + AT(const type, m + 5 * apart + j);     \
        AT(type, y0 + i) = AT(const type, start ? start + j : y0 + i) + z0;    \
        AT(type, y1 + i) = AT(const type, start ? start + j : y1 + i) + z1;    \
        AT(type, y2 + i) = AT(const type, start ? start + j : y2 + i) + z2;    \
        AT(type, y3 + i) = AT(const type, start ? start + j : y3 + i) + z3;    \
    }

#define VECTOR(bytes)                                                          \
    __attribute__((vector_size(bytes), aligned(sizeof(real)), may_alias))
typedef real quarter VECTOR(16); /* as long as any processor has */
typedef real eighth VECTOR(8);

/* f for all channels: by the longest vector, then by shorter ones. */
#define WHILE(type, f)                                                         \
    for (; j + sizeof(type) / sizeof(real) <= c;                               \
         j += sizeof(type) / sizeof(real), i += sizeof(type) / sizeof(real))   \
    f(type)
#define EACH_CHANNEL(name, f)                                                  \
    for (size_t t = 0; t < tiles; t++) {                                       \
        size_t i = t * step, j = 0;                                            \
        WHILE(name##_vector, f)                                                \
        WHILE(name##_half, f)                                                  \
        WHILE(quarter, f)                                                      \
        WHILE(eighth, f)                                                       \
        WHILE(real, f)                                                         \
        NEXT_##f;                                                              \
    }
#define NEXT_READ u += c
#define NEXT_SPREAD u += c
#define NEXT_WRITE m += stride

/* The transforms of tiles tiles, whose pixels are step apart, for vectors of a
 * number of bytes. */
#define KERNEL(name, target, bytes, half)                                      \
    typedef real name##_vector VECTOR(bytes);                                  \
    typedef real name##_half VECTOR(half);                                     \
                                                                               \
    target static void name##_read(size_t tiles, size_t c,                     \
                                   const real *const *x, size_t step,          \
                                   size_t apart, real *u)                      \
    {                                                                          \
        const real *x0 = x[0], *x1 = x[1], *x2 = x[2];                         \
        const real *x3 = x[3], *x4 = x[4], *x5 = x[5];                         \
        EACH_CHANNEL(name, READ)                                               \
    }                                                                          \
                                                                               \
    target static void name##_spread(size_t tiles, size_t c,                   \
                                     const real *const *x, size_t step,        \
                                     size_t apart, real *u)                    \
    {                                                                          \
        const real *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];             \
        EACH_CHANNEL(name, SPREAD)                                             \
    }                                                                          \
                                                                               \
    target static void name##_write(                                           \
        size_t tiles, size_t c, const real *m, size_t stride, size_t apart,    \
        const real *start, real *const *y, size_t step)                        \
    {                                                                          \
        real *y0 = y[0], *y1 = y[1], *y2 = y[2], *y3 = y[3];                   \
        EACH_CHANNEL(name, WRITE)                                              \
    }                                                                          \
                                                                               \
    static const transforms name = {name##_read, name##_spread, name##_write};

typedef void transform(size_t tiles, size_t c, const real *const *x,
                       size_t step, size_t apart, real *u);
typedef struct {
    transform *read, *spread;
    void (*write)(size_t tiles, size_t c, const real *m, size_t stride,
                  size_t apart, const real *start, real *const *y, size_t step);
} transforms;

#if JF_X86
KERNEL(wide, JF_WIDE, 64, 32)
KERNEL(middle, JF_MIDDLE, 32, 32)
#endif
KERNEL(narrow, , 16, 16)

static const transforms *best(void)
{
#if JF_X86
    if (jf_has_wide())
        return &wide;
    if (jf_has_middle())
        return &middle;
#endif
    return &narrow;
}

/* A line of count inputs a tile, the first of them before pixels before it:
 * tiles that read pixels of the image alone go together. */
static void read_row(jf_points u, transform *f, size_t count, size_t before,
                     const real *pixels, size_t stride, real *to)
{
    for (size_t t = 0, n; t < u.tiles; t += n) {
        const real *x[6];
        size_t inner = (u.width - count + before) / PIXELS; /* the last one */
        int whole =
            PIXELS * t >= before && u.width + before >= count && t <= inner;
        for (size_t k = 0; k < count; k++) {
            size_t at = PIXELS * t + k - before;
            x[k] = at < u.width ? pixels + at * stride : zeros(u);
        }
        n = whole ? inner + 1 - t : 1;
        f(n, u.c, x, PIXELS * stride, plane(u), to + t * u.c);
    }
}

static void read_rows(jf_points u, transform *f, size_t count, size_t before,
                      size_t v, size_t rows, jf_const_matrix pixels)
{
    size_t next = 0;
    for (size_t end = v + rows; v < end; v++) {
        real *to = row(u, v);
        if (v % (u.height + 1) == 0) {
            for (size_t k = 0; k < JF_POINTS; k++)
                memset(to + k * plane(u), 0, u.tiles * u.c * sizeof *to);
            continue;
        }
        read_row(u, f, count, before, jf_const_row(pixels, next), pixels.stride,
                 to);
        next += u.width;
    }
}

void jf_points_read(jf_points u, size_t v, size_t count, jf_const_matrix pixels)
{
    read_rows(u, best()->read, 6, 1, v, count, pixels);
}

void jf_points_spread(jf_points u, size_t v, size_t count,
                      jf_const_matrix pixels)
{
    read_rows(u, best()->spread, 4, 0, v, count, pixels);
}

/* Tiles first .. first + count - 1 of rows v .. from the products m. */
static void write_tiles(jf_points u, size_t v, size_t first, size_t count,
                        size_t apart, const real *m, const real *start,
                        jf_matrix out, real *nowhere)
{
    size_t above = jf_stack_above(u.height, v);
    size_t stride = jf_points_stride(out.cols);
    for (size_t n; count; first += n, count -= n, m += n * stride) {
        size_t now = v + first / u.tiles, t = first % u.tiles;
        size_t pixel =
            (jf_stack_above(u.height, now) - above) * u.width + PIXELS * t;
        size_t whole = u.width / PIXELS;
        n = t < whole ? whole - t : 1;
        n = n < count ? n : count;
        if (now % (u.height + 1) == 0)
            continue;
        real *y[4];
        for (size_t k = 0; k < PIXELS; k++)
            y[k] = PIXELS * t + k < u.width ? jf_row(out, pixel + k) : nowhere;
        best()->write(n, out.cols, m, stride, apart, start, y,
                      PIXELS * out.stride);
    }
}

/* The products of tiles first .. of rows v .., whose neighbours' lines follow
 * one another: planes of m are apart. */
static void multiply(jf_points u, size_t v, size_t first, size_t count,
                     const real *g, size_t n, real *m, size_t apart)
{
    size_t stride = jf_points_stride(n);
    for (size_t k = 0; k < JF_POINTS; k++) {
        size_t at = k * plane(u) + first * u.c;
        jf_tile t = {
            .a = {row(u, v - 1) + at, row(u, v) + at, row(u, v + 1) + at},
            .segments = 3,
            .depth = u.c,
            .a_i = u.c,
            .a_k = 1,
            .b = g + k * 3 * u.c * stride,
            .b_stride = stride,
            .c = m + k * apart,
            .c_stride = stride,
            .spill = 1};
        jf_tile_product(count, n, &t);
    }
}

/* Rows from v on until the lines of one of the three neighbours wrap. */
static size_t run_of_lines(jf_points u, size_t v, size_t count)
{
    for (size_t s = 0; s < 3; s++) {
        size_t left = u.lines - line_of(u, v + s - 1);
        count = count < left ? count : left;
    }
    return count;
}

void jf_points_convolve(jf_points u, size_t v, size_t count, const real *g,
                        const real *start, jf_matrix out, jf_work *work)
{
    size_t n = out.cols, stride = jf_points_stride(n);
    size_t chunk = CHUNK / (JF_POINTS * stride) / 24 * 24 + 24;
    size_t apart = chunk * stride;
    real *m = jf_push(work, JF_POINTS * apart + n);
    real *nowhere = m + JF_POINTS * apart;
    memset(nowhere, 0, n * sizeof *nowhere);
    for (size_t end = v + count, rows; v < end; v += rows) {
        rows = run_of_lines(u, v, end - v);
        for (size_t i = 0, some, tiles = rows * u.tiles; i < tiles; i += some) {
            some = tiles - i < chunk ? tiles - i : chunk;
            multiply(u, v, i, some, g, n, m, apart);
            write_tiles(u, v, i, some, apart, m, start, out, nowhere);
        }
        out.data +=
            (jf_stack_above(u.height, v + rows) - jf_stack_above(u.height, v)) *
            u.width * out.stride;
    }
    jf_pop(work, m);
}

void jf_points_correlate(jf_points u, jf_points d, size_t v, size_t count,
                         real *dg)
{
    for (size_t k = 0; count && k < JF_POINTS; k++) {
        jf_tile t = {.a = {row(u, v - 1) + k * plane(u)},
                     .segments = 1,
                     .depth = count * u.tiles,
                     .a_i = 1,
                     .a_k = u.c,
                     .b = row(d, v) + k * plane(d),
                     .b_stride = d.c,
                     .c = dg + k * 3 * u.c * d.c,
                     .c_stride = d.c,
                     .add = 1,
                     .run = u.c,
                     .a_run = u.tiles * u.c,
                     .c_run = u.c * d.c};
        jf_tile_product(3 * u.c, d.c, &t);
    }
}

/* G: row k is (1, p, p^2) over the product of p's distances to the other finite
 * points. */
#define FINITE(p, product)                                                     \
    {                                                                          \
        R(1.0) / (product), (p) / (product), (p) * (p) / (product)             \
    }
static const real to_points[JF_POINTS][3] = {
    FINITE(R(0.0), A2 *B2),         FINITE(A, 2 * A2 * (A2 - B2)),
    FINITE(-A, 2 * A2 * (A2 - B2)), FINITE(B, 2 * B2 * (B2 - A2)),
    FINITE(-B, 2 * B2 * (B2 - A2)), {0, 0, 1}};

JF_CLONES static void winograd_combine(size_t rows, size_t n, const real *y,
                                       const real *x, size_t apart,
                                       size_t stride, real *restrict g)
{
    for (size_t r = 0; r < rows; r++, x += n, g += stride) {
        for (size_t i = 0; i < n; i++)
            g[i] = y[0] * x[i] + y[1] * x[apart + i] + y[2] * x[2 * apart + i];
        for (size_t i = n; i < stride; i++)
            g[i] = 0;
    }
}

void jf_points_kernel(size_t n_in, size_t n_out, const real *w, real *g)
{
    size_t size = n_in * n_out, stride = jf_points_stride(n_out);
    for (size_t k = 0; k < JF_POINTS; k++)
        for (size_t r = 0; r < 3; r++)
            winograd_combine(n_in, n_out, to_points[k], w + r * 3 * size, size,
                             stride, g + (k * 3 + r) * n_in * stride);
}

/* dw += G' of a row of the kernel, whose points are apart. */
JF_CLONES static void winograd_collect(size_t n, size_t apart, const real *dg,
                                       real *restrict dw)
{
    for (size_t s = 0; s < 3; s++)
        for (size_t i = 0; i < n; i++) {
            real sum = 0;
            for (size_t k = 0; k < JF_POINTS; k++)
                sum += to_points[k][s] * dg[k * apart + i];
            dw[s * n + i] += sum;
        }
}

void jf_points_gradient(size_t n_in, size_t n_out, const real *dg, real *dw)
{
    size_t size = n_in * n_out;
    for (size_t r = 0; r < 3; r++)
        winograd_collect(size, 3 * size, dg + r * size, dw + r * 3 * size);
}
