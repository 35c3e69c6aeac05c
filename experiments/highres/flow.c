/* flow.c -- the recipes, their flows, and what a step of each counts.
 *
 * Glow (plain, principles, and each principle alone): as lib/layer/glow.c.
 * spectrum: colours less their mean, and turned, so that the first is grey; the cosine layer,
 * started at the Gaussian optimum of training crops (C3.7, C3.12); a local
 * scale, which learns what is not Gaussian.  identity: the same flow with no
 * bias and no filter at first.  interlaced: green, then red and blue; each pixel
 * by those of coarser grids, with a density that is constant on every grey level,
 * so that uniform noise costs nothing (C2.7 v); it starts at the maximum of the
 * likelihood of training crops, and steps from there.
 *
 * The cost table.  Operations of a pass by pixel of a crop, multiplications and
 * additions one each, an exponential, logarithm, root or quotient FUNCTION; a
 * step has PASSES of them.  Glow: its convolutions and mixing.  spectrum: two
 * transforms both ways at 2.5 log2 n a coefficient and side; six fields of W;
 * reach passes of 8 operations over a map, and a scale from its maps, both in 4
 * / 3 of the pixels for the levels, twice for the half-steps' maps.  interlaced:
 * a mean and a scale from their taps and maps, 18 functions a channel, and maps
 * as those of spectrum.
 *
 * The round trip of spectrum, f^-1(f(x)) in float, u = 2^-24, to first order.
 * Let r be the larger of |x| and |x + b|, b the bias.  Bias and turn H err by at
 * most 10 u r each way.  A transform D errs by at most
 * t |.|, t = 2 (log2 n + 2) (1 + 4 sqrt 2) u: of both sides, each as a fast
 * Fourier transform in radix 2 with two passes before and behind it (Higham
 * 2002, theorem 24.2; FFTW's plans need fewer operations, and that is what is
 * assumed of it, not proved).  The same W is used both ways: its fields are the
 * same floats.  With W = diag(e^s) (I + N) the product errs by at most 6 u e^s
 * (I + |N|) |.| entry by entry, as does the solution on its way back.  The local
 * scales give y back with entries off by a share of e = jf_local_scale_error,
 * whatever theta and y are.  So with y = D' W D H (x + b),
 *
 *   |f^-1(f(x)) - x| <= (20 u + 2 t + 12 u |I + |N|| |(I + N)^-1|) r
 *                       + |(I + N)^-1| max e^-s (2 t + e) |y|,
 *
 * norms by bounds from the knots, between which s and n are interpolated.
 * highres_budget keeps e^-s <= BUDGET and |n| <= 1 from the start and before
 * every step: so before any training the bound is known but for |y| and r, and
 * no training changes more of it than that. */
#include "highres.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MOST = 6, HIDDEN = 32, DEPTH = 4, C = 3 };
enum { KNOTS = 12, SCALE_LEVELS = 3, REACH = 5 };
enum { TAPS = 16, PIXEL_LEVELS = 6, GREYS = 256 };
enum { FUNCTION = 20, PASSES = 3 };

const recipe_kind highres_recipes[RECIPES] = {
    [PLAIN] = {.name = "plain", .rate = 1e-3},
    [PRINCIPLES] = {.name = "principles",
                    .rate = 1e-3,
                    .clamp = 1,
                    .orthogonal = 1,
                    .clip = 1,
                    .warm = 1},
    [SPECTRUM] = {.name = "spectrum",
                  .rate = 2.56e-1,
                  .clip = 1,
                  .warm = 1,
                  .family = COSINE,
                  .starts = 1},
    [IDENTITY] = {.name = "identity",
                  .rate = 2.56e-1,
                  .clip = 1,
                  .warm = 1,
                  .family = COSINE},
    [INTERLACED] = {.name = "interlaced",
                    .rate = 1e-3,
                    .clip = 1,
                    .warm = 1,
                    .family = PIXELS,
                    .starts = 1},
    [ALONE] = {.name = "clamped", .rate = 1e-3, .clamp = 1},
    [ALONE + 1] = {.name = "orthogonal", .rate = 1e-3, .orthogonal = 1},
    [ALONE + 2] = {.name = "clipped", .rate = 1e-3, .clip = 1},
    [ALONE + 3] = {.name = "warmed", .rate = 1e-3, .warm = 1}};

size_t highres_levels(size_t size)
{
    size_t levels = 0;
    while (levels < LEVELS_MOST && size >> (levels + 1) >= 4 &&
           (size >> (levels + 1)) << (levels + 1) == size)
        levels++;
    return levels > 3 && size < 1024 ? levels - 1 : levels;
}

static jf_layer *filters(size_t side)
{
    jf_layer *f = jf_flow_new(side * side * C), *pixel = jf_flow_new(C);
    jf_flow_add(pixel, jf_bias(C));
    jf_flow_add(pixel, jf_orthogonal(C, 1));
    jf_flow_add(f, jf_shared(side * side, pixel));
    jf_flow_add(f, jf_cosine(side, side, C, KNOTS));
    jf_flow_add(f, jf_local_scale(side, side, C, SCALE_LEVELS, REACH));
    return f;
}

/* Levels that pictures of a size have, at most PIXEL_LEVELS. */
static size_t pixel_levels(size_t size)
{
    size_t levels = PIXEL_LEVELS;
    while (levels > 1 && size % ((size_t)1 << levels))
        levels--;
    return levels;
}

size_t highres_grid(recipe r, size_t size)
{
    return highres_recipes[r].family == PIXELS ? (size_t)1 << pixel_levels(size)
                                               : 1;
}

static jf_layer *pixels(size_t size, size_t side)
{
    static const size_t green_first[C] = {1, 0, 2};
    jf_layer *f = jf_flow_new(side * side * C);
    jf_flow_add(f, jf_shared(side * side, jf_permutation(C, green_first)));
    jf_flow_add(f,
                jf_interlaced(side, side, C, pixel_levels(size), REACH, GREYS));
    return f;
}

jf_layer *highres_flow(recipe r, size_t size, size_t side, size_t depth)
{
    const recipe_kind *k = &highres_recipes[r];
    if (k->family == COSINE)
        return filters(side);
    if (k->family == PIXELS)
        return pixels(size, side);
    jf_glow_options o = {.height = side,
                         .width = side,
                         .levels = highres_levels(size),
                         .depth = depth ? depth : DEPTH,
                         .hidden = HIDDEN,
                         .map = k->clamp ? jf_map_clamp(1) : jf_map_exp(),
                         .prior = k->clamp ? jf_map_clamp(2) : jf_map_exp(),
                         .mixing = k->orthogonal ? JF_MIX_PLU : JF_MIX_DENSE,
                         .seed = 1};
    return jf_glow(&o);
}

/* A 3 x 3 and a 1 x 1 convolution are 9 and 1 taps of in out products. */
static double glow_operations(size_t size)
{
    double sum = 0, share = 0.25, c = 4 * C;
    size_t levels = highres_levels(size);
    for (size_t l = 0; l < levels; l++, share /= 4, c *= 2) {
        double half = c / 2;
        double net =
            9 * half * HIDDEN + HIDDEN * HIDDEN + 9 * HIDDEN * 2 * half;
        double prior = l + 1 < levels ? 9 * half * 2 * half : 0;
        sum += share * (2 * DEPTH * (net + c * c) + 2 * prior);
    }
    return sum;
}

static double filter_operations(size_t side)
{
    double transforms = 2 * 2 * C * 2.5 * log2((double)side);
    double fields = C * (C + 1) / 2. * 4 + C * FUNCTION;
    double maps = 2 * REACH * C * 2 * 4.;
    double scales = C * (2 * REACH * C + 3 * FUNCTION);
    return 2 * C * C + C + transforms + fields + (maps + scales) * 4 / 3;
}

static double pixel_operations(void)
{
    double means = 2 * C * (C * TAPS + (C - 1) / 2.) + C * (TAPS + 4);
    double scales = 2 * C * (REACH * C + (C - 1)) + C * 18 * FUNCTION;
    double maps = 2 * REACH * C * 2 * 4. + 2 * C * 6;
    return means + scales + maps * 4 / 3;
}

double highres_operations(recipe r, size_t size, size_t side, size_t rows)
{
    family of = highres_recipes[r].family;
    double pixel = of == COSINE   ? filter_operations(side)
                   : of == PIXELS ? pixel_operations()
                                  : glow_operations(size);
    return PASSES * pixel * (double)(side * side * rows);
}

/* The reflection that takes (1, 1, 1) / sqrt(3) to the first colour: v is that
 * less e_1. */
static void turn_colours(real *v)
{
    for (size_t c = 0; c < C; c++)
        v[c] = (real)(1 / sqrt(3)) - (c == 0);
}

/* Bias and filter are none, colours turned, and local scales as they begin. */
static int start_at_identity(const jf_layer *f, real *theta, jf_const_matrix x,
                             unsigned long seed, jf_team *team)
{
    jf_part scales = jf_flow_part(f, jf_flow_length(f) - 1);
    memset(theta, 0, scales.first * sizeof *theta);
    turn_colours(theta + C);
    return jf_init(scales.layer, theta + scales.first, x, seed, team);
}

int highres_start(recipe r, const jf_layer *f, real *theta, jf_matrix x,
                  unsigned long seed, jf_team *team)
{
    if (highres_recipes[r].family != COSINE)
        return jf_init(f, theta, jf_const(x), seed, team);
    if (!highres_recipes[r].starts)
        return start_at_identity(f, theta, jf_const(x), seed, team);
    int status = GSL_SUCCESS;
    double *ld = jf_alloc(x.rows, sizeof *ld);
    for (size_t k = 0; k < jf_flow_length(f) && status == GSL_SUCCESS; k++) {
        jf_part part = jf_flow_part(f, k);
        status =
            jf_init(part.layer, theta + part.first, jf_const(x), seed, team);
        if (k == 0)
            turn_colours(theta + part.first + C);
        if (status == GSL_SUCCESS && k + 2 < jf_flow_length(f))
            status = jf_forward(part.layer, theta + part.first, x, ld, team);
    }
    free(ld);
    highres_budget(r, f, theta);
    return status;
}

/* Entry (i, j) of W in theta of the flow: its value at the first knot. */
static size_t knots_of(const jf_layer *f, size_t i, size_t j)
{
    return jf_flow_part(f, 1).first + (i * (i + 1) / 2 + j) * KNOTS * KNOTS;
}

/* exp(s) >= 1 / BUDGET and |n| <= 1 at every knot, hence between them. */
void highres_budget(recipe r, const jf_layer *f, real *theta)
{
    if (highres_recipes[r].family != COSINE)
        return;
    for (size_t i = 0; i < C; i++)
        for (size_t j = 0; j <= i; j++) {
            real least = i == j ? (real)-log((double)BUDGET) : -1;
            real most = i == j ? (real)INFINITY : 1;
            real *value = theta + knots_of(f, i, j);
            for (size_t q = 0; q < KNOTS * KNOTS; q++) {
                value[q] = value[q] < least ? least : value[q];
                value[q] = value[q] > most ? most : value[q];
            }
        }
}

/* fmax would do, but over floats it is an internal error of GCC 12 for arm64.
 */
static double greater(double a, double b)
{
    return a > b ? a : b;
}

/* Frobenius norms of I + |N| and of a bound of |(I + N)^-1|, N the lower
 * triangle whose entries have their largest absolute values at knots. */
static void unit_norms(const jf_layer *f, const real *theta, double *there,
                       double *back)
{
    double n[C][C] = {{0}}, inverse[C][C] = {{0}};
    *there = *back = 0;
    for (size_t i = 0; i < C; i++)
        for (size_t j = 0; j <= i; j++) {
            const real *value = theta + knots_of(f, i, j);
            n[i][j] = i == j;
            for (size_t q = 0; i != j && q < KNOTS * KNOTS; q++)
                n[i][j] = greater(n[i][j], fabs((double)value[q]));
        }
    for (size_t i = 0; i < C; i++)
        for (size_t j = 0; j <= i; j++) {
            inverse[i][j] = i == j;
            for (size_t k = j; k < i; k++)
                inverse[i][j] += n[i][k] * inverse[k][j];
            *there += n[i][j] * n[i][j];
            *back += inverse[i][j] * inverse[i][j];
        }
    *there = sqrt(*there);
    *back = sqrt(*back);
}

double highres_bound(const jf_layer *f, const real *theta, const real *x,
                     jf_team *team)
{
    double u = 0.5 * (double)JF_EPS, there, back, least = (double)INFINITY, ld;
    double side = sqrt((double)f->d / C);
    double transform = 2 * (log2(side) + 2) * (1 + 4 * sqrt(2)) * u;
    double share = jf_local_scale_error(C, SCALE_LEVELS, REACH);
    jf_matrix y = jf_matrix_new(1, f->d);
    double size = jf_norm(f->d, x), larger = size;
    int status = GSL_SUCCESS;
    memcpy(y.data, x, f->d * sizeof *x);
    for (size_t k = 0; k < 2 && status == GSL_SUCCESS; k++) {
        jf_part part = jf_flow_part(f, k);
        status = jf_forward(part.layer, theta + part.first, y, &ld, team);
        if (k == 0)
            larger = fmax(size, jf_norm(f->d, y.data));
    }
    for (size_t i = 0; i < C; i++)
        for (size_t q = 0; q < KNOTS * KNOTS; q++)
            least = -greater(-least, -(double)theta[knots_of(f, i, i) + q]);
    unit_norms(f, theta, &there, &back);
    double white = jf_norm(f->d, y.data) / size;
    jf_matrix_free(&y);
    if (status != GSL_SUCCESS)
        return (double)NAN;
    return (20 * u + 2 * transform + 12 * u * there * back) * larger / size +
           back * exp(-least) * (2 * transform + share) * white;
}
