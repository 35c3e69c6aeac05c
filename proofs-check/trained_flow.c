/* trained_flow.c -- two trained networks of one likelihood whose determinants
 * differ, with proof.
 *
 * A flow is the function of the reals whose parameters are the doubles of its
 * file; balls enclose it on parts B_i of a box B (flow_balls.h), and so its
 * gradients and second derivatives.  X is uniform on B = [-1, 1]^2; f and g are
 * trained flows over N(0, I) (data/trained).
 *
 * Theorem   Range: the hull of the enclosures on the parts.  Means over a part
 *           of centre c and half-widths h: F(c) + sum_j F_jj(B_i) h_j^2/6, up
 *           to (radius of F_12(B_i)) h_1 h_2/4, an error of third order.  Mass
 *           of B: the sum of vol(B_i) (mean of q); f maps R^2 onto R^2, so the
 *           rest lies outside, and by data processing KL(X || q) >= -log mass.
 *           Gap KL(X || q) = -log 4 - E log q.  With P = |J|_F^2, |J|^2 = (P +
 *           sqrt(P^2 - 4 det^2))/2 and |J^-1| = |J|/|det|, of which the suprema
 *           over the parts bound the Lipschitz constant of f on B, which is
 *           convex, and that of its inverse along segments within f(B).
 *           P(|ld_f - ld_g| >= 1/2) is at least the share of the parts on which
 *           the enclosure of the difference excludes it to be smaller.
 * Theorem   T(z) = z sqrt(e'/e), e = |z|^2/2, e' = -log(1 - exp(-e)), maps
 *           N(0, I) onto itself, so f and T o f have one density and one gap g.
 *           Over a uniform base E|ld_f - ld_Tf| <= b = 2 (g + sqrt(2 g)), C1.8.
 *           It is above b here: this likelihood does not fix the determinant.
 * Theorem   Of a flow of 8 x 8 pixels one pass in balls encloses ld and log q at
 *           a picture: here ld is not constant.
 * Source    Claims C9.1 to C9.6, C1.8, C1.3a.
 *
 * ld_Tf - ld_f = -log(exp(e) - 1) has its pole at f(x) = 0; near it only the
 * value at the largest e counts. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "data/spec.h"
#include "flow_boxes.h"
#include "io/output.h"
#include "sizes.h"

enum {
    SIDE = 8,
    SIZES = 3,
    PARTS = 64,
    CORNERS = 4,
    POINTS = 24,
    BITS = FLOW_BITS
};
/* Parts a side at first; 0: no more. */
static const slong sizes[][SIZES] = {[JF_QUICK] = {8, 32},
                                     [JF_DEFAULT] = {64, 128, 256},
                                     [JF_FULL] = {128, 256, 512}};

/* f, g, and T o f; the results at each size, of the control alone under it. */
static struct {
    flow flows[2], inverted, moved;
    flow pictures; /* of SIDE x SIDE pixels */
    int count;
    slong n[SIZES];
    box_result results[SIZES];
    double seconds[SIZES];
} all;

static double clock_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int threads(void)
{
    size_t wanted = proof_options()->threads;
    return wanted ? (int)wanted : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static void run(int centre_only)
{
    const slong *own = sizes[proof_options()->profile];
    for (int s = all.count = 0; s < SIZES && own[s]; s++, all.count++) {
        slong n = all.n[s] = own[s];
        double start = clock_seconds();
        box_result_init(&all.results[s]);
        boxes(&all.results[s],
              &(box_task){.flows = {&all.flows[0], &all.flows[1]},
                          .box = {-1, 1, -1, 1},
                          .n = n,
                          .tolerance = 32.0 / (double)(n * n),
                          .apart = 0.5,
                          .inverted = 1,
                          .centre_only = centre_only,
                          .threads = threads()});
        all.seconds[s] = clock_seconds() - start;
    }
}

/* Points: multiples of 1/64 in [-1, 1]. */
static void point(arb_ptr x, slong k)
{
    arb_set_si(x, (37 * k + 11) % 127 - 63);
    arb_set_si(x + 1, (59 * k + 5 * k * k + 71) % 127 - 63);
    for (int j = 0; j < 2; j++)
        arb_mul_2exp_si(x + j, x + j, -6);
}

/* A picture of values in [-1, 1], by that contrast. */
static void picture(arb_ptr x, double contrast)
{
    arb_t c;
    arb_init(c);
    arb_set_d(c, contrast);
    for (slong i = 0; i < SIDE; i++)
        for (slong j = 0; j < SIDE; j++) {
            arb_ptr pixel = x + i * SIDE + j;
            arb_set_si(pixel, (3 * i * i + 5 * j + 2 * i * j) % 17 - 8);
            arb_mul_2exp_si(pixel, pixel, -3);
            arb_mul(pixel, pixel, c, BITS);
        }
    arb_clear(c);
}

static void evaluate(flow_value *v, const flow *f, arb_srcptr x)
{
    flow_evaluate(v, f, &(flow_place){.centre = x});
}

/* log q of f and of T o f, by different maps; broken: of T o f with the first
 * parameter of a net moved by 2^-20. */
static verdict same_density(arb_t measured, const void *data, int control,
                            slong bits)
{
    flow_value v, w;
    arb_ptr x = _arb_vec_init(2);
    verdict found = CERTIFIED;
    (void)data;
    flow_value_init(&v, 2, 0);
    flow_value_init(&w, 2, 0);
    arb_zero(measured);
    for (slong k = 0; k < POINTS; k++) {
        point(x, k);
        evaluate(&v, &all.flows[0], x);
        evaluate(&w, control ? &all.moved : &all.inverted, x);
        arb_sub(v.log_q, v.log_q, w.log_q, bits);
        if (!arb_contains_zero(v.log_q))
            found = REFUTED;
        if (mag_cmp_2exp_si(arb_radref(v.log_q), -40) > 0)
            found = found == REFUTED ? REFUTED : UNDECIDED;
        arb_union(measured, measured, v.log_q, bits);
    }
    flow_value_clear(&w);
    flow_value_clear(&v);
    _arb_vec_clear(x, 2);
    return found;
}

/* ld_g - ld_f at a point: the sign is certain. */
static verdict ordered(arb_t measured, const void *data, int control,
                       slong bits)
{
    flow_value v[2];
    arb_ptr x = _arb_vec_init(2);
    (void)data;
    for (int k = 0; k < 2; k++) {
        flow_value_init(&v[k], 2, 0);
        evaluate(&v[k], &all.flows[k], x);
    }
    arb_sub(measured, v[1].log_det, v[0].log_det, bits);
    for (int k = 0; k < 2; k++)
        flow_value_clear(&v[k]);
    _arb_vec_clear(x, 2);
    return positive(measured, control);
}

/* The largest radius of ld and log q of a flow of pictures, of three. */
static verdict is_sharp(arb_t measured, const void *data, int control,
                        slong bits)
{
    static const double contrasts[] = {0.25, 1, 2};
    flow_value v;
    arb_ptr x = _arb_vec_init(SIDE * SIDE);
    arb_t r;
    (void)data;
    arb_init(r);
    arb_zero(measured);
    flow_value_init(&v, SIDE * SIDE, 0);
    for (int k = 0; k < 3; k++) {
        picture(x, contrasts[k]);
        evaluate(&v, &all.pictures, x);
        arb_get_rad_arb(r, v.log_det);
        arb_max(measured, measured, r, bits);
        arb_get_rad_arb(r, v.log_q);
        arb_max(measured, measured, r, bits);
    }
    arb_one(r);
    arb_mul_2exp_si(r, r, -20);
    arb_sub(r, r, measured, bits);
    verdict found = positive(r, control);
    flow_value_clear(&v);
    arb_clear(r);
    _arb_vec_clear(x, SIDE * SIDE);
    return found;
}

/* ld of a faint picture less that of the same in strong contrast. */
static verdict fades(arb_t measured, const void *data, int control, slong bits)
{
    flow_value v[2];
    arb_ptr x = _arb_vec_init(SIDE * SIDE);
    (void)data;
    for (int k = 0; k < 2; k++) {
        flow_value_init(&v[k], SIDE * SIDE, 0);
        picture(x, k ? 2 : 0.25);
        evaluate(&v[k], &all.pictures, x);
    }
    arb_sub(measured, v[0].log_det, v[1].log_det, bits);
    for (int k = 0; k < 2; k++)
        flow_value_clear(&v[k]);
    _arb_vec_clear(x, SIDE * SIDE);
    return positive(measured, control);
}

/* margin := the least distance of ld and log q at four points of each of some
 * parts from the ends of what is enclosed there, over the radius. */
static void part_margin(arb_t margin, arb_srcptr centre, int centre_only)
{
    flow_value part, v;
    arb_ptr x = _arb_vec_init(4), half = x + 2;
    arb_t t;
    arb_init(t);
    flow_value_init(&part, 2, 1);
    flow_value_init(&v, 2, 0);
    for (int j = 0; j < 2; j++)
        mag_set_ui_2exp_si(arb_radref(half + j), 1, -6);
    flow_evaluate(&part, &all.flows[0],
                  &(flow_place){centre, half, centre_only});
    for (int corner = 0; corner < CORNERS; corner++) {
        for (int j = 0; j < 2; j++) {
            arb_set_si(x + j, corner >> j & 1 ? 3 : -3);
            arb_mul_2exp_si(x + j, x + j, -8);
            arb_add(x + j, x + j, centre + j, BITS);
        }
        evaluate(&v, &all.flows[0], x);
        for (int k = 0; k < 2; k++) {
            arb_srcptr range = k ? part.log_q : part.log_det;
            arb_get_mid_arb(t, range);
            arb_sub(t, k ? v.log_q : v.log_det, t, BITS);
            arb_abs(t, t);
            arb_neg(t, t);
            arb_get_rad_arb(x, range);
            arb_add(t, t, x, BITS);
            arb_div(t, t, x, BITS);
            arb_min(margin, margin, t, BITS);
        }
    }
    flow_value_clear(&v);
    flow_value_clear(&part);
    arb_clear(t);
    _arb_vec_clear(x, 4);
}

/* broken: the values of the centre, rounded inward, for those of the part. */
static verdict encloses(arb_t measured, const void *data, int control,
                        slong bits)
{
    arb_ptr c = _arb_vec_init(2);
    (void)data;
    (void)bits;
    arb_one(measured);
    for (slong k = 0; k < PARTS; k++) {
        arb_set_si(c, 2 * (8 * (k % 8) + 3) + 1 - 64);
        arb_set_si(c + 1, 2 * (8 * (k / 8) + 4) + 1 - 64);
        arb_mul_2exp_si(c, c, -6);
        arb_mul_2exp_si(c + 1, c + 1, -6);
        part_margin(measured, c, control);
    }
    _arb_vec_clear(c, 2);
    return positive(measured, 0);
}

typedef enum { GAP_F, GAP_G, MASS_F, MASS_G, RANGE_F, RANGE_G, PAIR } series;

static void between(arb_t z, const arf_t low, const arf_t high)
{
    arb_set_interval_arf(z, low, high, BITS);
}

/* The interval of a series at size s. */
static void interval(arb_t z, series what, int s)
{
    const box_result *r = &all.results[s];
    const box_flow *f = &r->flows[what % 2];
    switch (what) {
    case GAP_F:
    case GAP_G:
        arb_set(z, &f->gap);
        break;
    case MASS_F:
    case MASS_G:
        arb_set(z, &f->mass);
        break;
    case RANGE_F:
    case RANGE_G:
        between(z, &f->least[0], &f->most[1]);
        break;
    case PAIR:
        arb_union(z, &r->apart[0], &r->apart[1], BITS);
        break;
    }
}

/* Each size's interval lies in that of the one before; measured: the last.
 * broken (all results): the centre's values for those of the part. */
static verdict nested(arb_t measured, const void *data, int control, slong bits)
{
    series what = *(const series *)data;
    arb_t wider, gain;
    verdict found = CERTIFIED;
    (void)control;
    arb_init(wider);
    arb_init(gain);
    interval(measured, what, 0);
    for (int s = 1; s < all.count; s++) {
        arb_swap(wider, measured);
        interval(measured, what, s);
        arb_zero(gain); /* what rounding of a sum adds */
        mag_set_ui_2exp_si(arb_radref(gain), 1, -50);
        arb_add(gain, gain, wider, bits);
        if (!arb_is_finite(measured) || !arb_contains(gain, measured))
            found = REFUTED;
    }
    arb_get_lbound_arf(arb_midref(wider), measured, bits);
    arb_get_ubound_arf(arb_midref(gain), measured, bits);
    remark(", within [%.7g, %.7g]", arf_get_d(arb_midref(wider), ARF_RND_FLOOR),
           arf_get_d(arb_midref(gain), ARF_RND_CEIL));
    arb_clear(gain);
    arb_clear(wider);
    return found;
}

/* Widths of the gap: below twice the tolerance of parts, as all are cut until
 * they keep it; broken: below the square of that. */
static verdict as_narrow(arb_t measured, const void *data, int control,
                         slong bits)
{
    int k = *(const int *)data;
    slong n = all.n[all.count - 1];
    arb_t bound;
    arb_init(bound);
    arb_get_rad_arb(measured, &all.results[all.count - 1].flows[k].gap);
    arb_mul_2exp_si(measured, measured, 1);
    arb_set_si(bound, 64);
    arb_div_si(bound, bound, n * n, bits);
    if (control)
        arb_sqr(bound, bound, bits), arb_neg(bound, bound);
    arb_sub(bound, bound, measured, bits);
    verdict v = positive(bound, 0);
    arb_clear(bound);
    return v;
}

/* 1 - mass, and gap + log mass. */
static verdict outside(arb_t measured, const void *data, int control,
                       slong bits)
{
    const box_flow *f = &all.results[all.count - 1].flows[*(const int *)data];
    arb_sub_ui(measured, &f->mass, 1, bits);
    arb_neg(measured, measured);
    return positive(measured, control);
}

static verdict processed(arb_t measured, const void *data, int control,
                         slong bits)
{
    const box_flow *f = &all.results[all.count - 1].flows[*(const int *)data];
    arb_log(measured, &f->mass, bits);
    arb_add(measured, measured, &f->gap, bits);
    return positive(measured, control);
}

/* The oscillation of ld is at least the difference of values at centres. */
static verdict oscillates(arb_t measured, const void *data, int control,
                          slong bits)
{
    const box_flow *f = &all.results[all.count - 1].flows[*(const int *)data];
    arb_t high;
    arb_init(high);
    between(measured, &f->least[0], &f->least[1]);
    between(high, &f->most[0], &f->most[1]);
    arb_sub(measured, high, measured, bits);
    arb_clear(high);
    return positive(measured, control);
}

/* The largest ratio |f(x) - f(y)|/|x - y| of neighbours, or the inverse of the
 * least one, over the bound; broken: bounds by the determinant alone. */
static void stretch(arb_t largest, int back, slong i, slong j, slong bits)
{
    static const slong steps[][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    flow_value v, w;
    arb_ptr x = _arb_vec_init(4), y = x + 2;
    arb_t t;
    arb_init(t);
    flow_value_init(&v, 2, 0);
    flow_value_init(&w, 2, 0);
    arb_set_si(x, i);
    arb_set_si(x + 1, j);
    for (int k = 0; k < 2; k++)
        arb_mul_2exp_si(x + k, x + k, -4);
    evaluate(&v, &all.flows[0], x);
    for (int s = 0; s < 4; s++) {
        for (int k = 0; k < 2; k++) { /* towards the centre */
            slong step = steps[s][k] * ((k ? j : i) > 0 ? -1 : 1);
            arb_set_si(y + k, step);
            arb_mul_2exp_si(y + k, y + k, -10);
            arb_add(y + k, y + k, x + k, bits);
        }
        evaluate(&w, &all.flows[0], y);
        arb_sub(y, w.z, v.z, bits);
        arb_sub(y + 1, w.z + 1, v.z + 1, bits);
        arb_hypot(t, y, y + 1, bits);
        arb_mul_2exp_si(t, t, 10);
        arb_sqrt_ui(y, s < 2 ? 1 : 2, bits);
        arb_div(t, t, y, bits);
        if (back)
            arb_inv(t, t, bits);
        arb_max(largest, largest, t, bits);
    }
    flow_value_clear(&w);
    flow_value_clear(&v);
    arb_clear(t);
    _arb_vec_clear(x, 4);
}

static verdict lipschitz(arb_t measured, const void *data, int control,
                         slong bits)
{
    enum { STEPS = 16 };
    int back = *(const int *)data;
    const box_flow *f = &all.results[all.count - 1].flows[0];
    arb_t bound;
    arb_init(bound);
    arb_zero(measured);
    for (slong i = -STEPS; i <= STEPS; i++)
        for (slong j = -STEPS; j <= STEPS; j++)
            stretch(measured, back, i, j, bits);
    if (control) {
        arb_set_arf(bound, back ? &f->least[0] : &f->most[1]);
        arb_mul_2exp_si(bound, bound, -1);
        if (back)
            arb_neg(bound, bound);
        arb_exp(bound, bound, bits);
    } else {
        arb_set_arf(bound, &f->lipschitz[back]);
    }
    remark(" (bound %.6g)", arf_get_d(arb_midref(bound), ARF_RND_CEIL));
    arb_sub(bound, bound, measured, bits);
    verdict v = positive(bound, 0);
    arb_clear(bound);
    return v;
}

/* E|ld_f - ld_Tf| - b at the upper end of the gap. */
static verdict refutes(arb_t measured, const void *data, int control,
                       slong bits)
{
    const box_result *r = &all.results[all.count - 1];
    arb_t g, b;
    (void)data;
    arb_init(g);
    arb_init(b);
    arb_get_ubound_arf(arb_midref(g), &r->flows[0].gap, bits);
    arb_mul_2exp_si(b, g, 1);
    arb_sqrt(b, b, bits);
    arb_add(b, b, g, bits);
    arb_mul_2exp_si(b, b, 1);
    arb_get_lbound_arf(arb_midref(g), &r->gauge, bits);
    remark(" (%.6g - %.6g)", arf_get_d(arb_midref(g), ARF_RND_FLOOR),
           arf_get_d(arb_midref(b), ARF_RND_CEIL));
    arb_sub(measured, g, b, bits);
    arb_clear(b);
    arb_clear(g);
    return positive(measured, control);
}

#define UNIFORM_LAW "X uniform on [-1, 1]^2, normal base; "
#define F UNIFORM_LAW "f: data/trained/uniform-1.theta"
#define G UNIFORM_LAW "g: data/trained/uniform-2.theta"
#define BOTH UNIFORM_LAW "f and g of data/trained"
#define PICTURES                                                               \
    "a Glow of one level trained on textures, data/trained/texture-1.theta"
#define CENTRED "centred forms of second order, ball arithmetic"
#define NESTED "nested as the parts get smaller"

static const series in_order[] = {GAP_F,   GAP_G,   MASS_F, MASS_G,
                                  RANGE_F, RANGE_G, PAIR};
static const int first = 0, second = 1;

static const struct {
    claim claim;
    statement holds;
    const void *data;
    const char *expected, *tolerance;
} rows[] = {
    {{"C9.1", "log q of f and of T o f agree: largest difference",
      F ", T the inversion; 24 points", "one pass in balls"},
     same_density,
     NULL,
     "0",
     "radii, below 2^-40"},
    {{"C9.1", "two trained flows differ at a point: ld_g(0) - ld_f(0)", BOTH,
      "the balls are disjoint"},
     ordered,
     NULL,
     "> 0",
     "strict inequality"},
    {{"C9.1", "ld and log q of a flow of 8 x 8 pixels: largest radius",
      PICTURES "; three pictures", "one pass in balls"},
     is_sharp,
     NULL,
     "< 2^-20",
     "strict inequality"},
    {{"C9.1",
      "a flow of 8 x 8 pixels: ld of a faint picture less that of the same in "
      "strong contrast",
      PICTURES "; contrasts 1/4 and 2", "the balls are disjoint"},
     fades,
     NULL,
     "> 0",
     "strict inequality"},
    {{"C9.2",
      "ld and log q at points of a part lie in what encloses them there: least "
      "distance from the ends over the radius",
      F "; four points of each of 64 parts", CENTRED},
     encloses,
     NULL,
     "> 0",
     "strict inequality"},
    {{"C9.2", "range of log|det J| of f on the box", F, CENTRED},
     nested,
     &in_order[RANGE_F],
     NESTED,
     "inclusion"},
    {{"C9.2", "range of log|det J| of g on the box", G, CENTRED},
     nested,
     &in_order[RANGE_G],
     NESTED,
     "inclusion"},
    {{"C9.2", "largest less least log|det J| of f", F, CENTRED},
     oscillates,
     &first,
     "> 0",
     "strict inequality"},
    {{"C9.3", "mass of f on the box", F, CENTRED},
     nested,
     &in_order[MASS_F],
     NESTED,
     "inclusion"},
    {{"C9.3", "mass of g on the box", G, CENTRED},
     nested,
     &in_order[MASS_G],
     NESTED,
     "inclusion"},
    {{"C9.3", "mass of f outside of the box, where X never is", F, CENTRED},
     outside,
     &first,
     "> 0",
     "strict inequality"},
    {{"C9.4", "gap of f", F, CENTRED},
     nested,
     &in_order[GAP_F],
     NESTED,
     "inclusion"},
    {{"C9.4", "gap of g", G, CENTRED},
     nested,
     &in_order[GAP_G],
     NESTED,
     "inclusion"},
    {{"C9.4", "width of the gap of f", F, "sum of the parts' tolerances"},
     as_narrow,
     &first,
     "< 64/N^2",
     "strict inequality"},
    {{"C9.4", "width of the gap of g", G, "sum of the parts' tolerances"},
     as_narrow,
     &second,
     "< 64/N^2",
     "strict inequality"},
    {{"C9.4", "gap of f less -log of its mass on the box", F,
      "data processing: KL(X || q) >= -log q(B)"},
     processed,
     &first,
     "> 0",
     "strict inequality"},
    {{"C9.5", "largest stretch by f of neighbours in the box", F,
      "|J| by norm and determinant"},
     lipschitz,
     &first,
     "below the Lipschitz bound",
     "strict inequality"},
    {{"C9.5", "largest stretch by the inverse of f of neighbours", F,
      "|J|/|det J|"},
     lipschitz,
     &second,
     "below the Lipschitz bound",
     "strict inequality"},
    {{"C9.6", "P(|ld_f - ld_g| >= 1/2)", BOTH,
      "parts on which it is certain, or impossible"},
     nested,
     &in_order[PAIR],
     NESTED,
     "inclusion"},
    {{"C9.6",
      "one density, two determinants: E|ld_f - ld_Tf| exceeds the bound of "
      "uniform bases, by",
      F ", T the inversion", "C1.8: b = 2 (g + sqrt(2 g))"},
     refutes,
     NULL,
     "> 0",
     "strict inequality"},
};

/* The table. */

/* Draws from a counter by the finalizer of SplitMix64 (Steele et al. 2014), on
 * a grid of 2^-31. */
static slong draw(uint64_t k)
{
    k = (k + 1) * 0x9E3779B97F4A7C15u;
    k = (k ^ k >> 30) * 0xBF58476D1CE4E5B9u;
    k = (k ^ k >> 27) * 0x94D049BB133111EBu;
    return (slong)((k ^ k >> 31) >> 32);
}

/* Mean of -log 4 - log q over points of the law of X, and its standard error:
 * an estimate to look at, which nothing rests on. */
static void sample(const flow *f, double *mean, double *error)
{
    uint64_t count = proof_options()->profile == JF_QUICK ? 1 << 12 : 1 << 16;
    double sum = 0, square = 0;
    flow_value v;
    arb_ptr x = _arb_vec_init(2);
    flow_value_init(&v, 2, 0);
    for (uint64_t i = 0; i < count; i++) {
        for (uint64_t j = 0; j < 2; j++) {
            arb_set_si(x + j, 2 * draw(2 * i + j) + 1);
            arb_mul_2exp_si(x + j, x + j, -32);
            arb_sub_ui(x + j, x + j, 1, BITS);
        }
        evaluate(&v, f, x);
        double gap =
            -1.3862943611198906 - arf_get_d(arb_midref(v.log_q), ARF_RND_NEAR);
        sum += gap;
        square += gap * gap;
    }
    double n = (double)count;
    *mean = sum / n;
    *error = sqrt((square / n - *mean * *mean) / n);
    flow_value_clear(&v);
    _arb_vec_clear(x, 2);
}

static void add_ball(jf_text *text, const arb_t z)
{
    arf_t end;
    arf_init(end);
    arb_get_lbound_arf(end, z, 2 * BITS);
    jf_text_add(text, ",%.17g", arf_get_d(end, ARF_RND_FLOOR));
    arb_get_ubound_arf(end, z, 2 * BITS);
    jf_text_add(text, ",%.17g", arf_get_d(end, ARF_RND_CEIL));
    arf_clear(end);
}

static void add_row(jf_text *text, int s, int k, double mean, double error)
{
    const box_result *r = &all.results[s];
    const box_flow *f = &r->flows[k];
    arb_t t;
    arb_init(t);
    jf_text_add(text, "%s,%ld,%ld", k ? "g" : "f", (long)all.n[s],
                (long)r->boxes);
    add_ball(text, &f->gap);
    jf_text_add(text, ",%.17g,%.17g", mean, error);
    add_ball(text, &f->mass);
    between(t, &f->least[0], &f->most[1]);
    add_ball(text, t);
    for (int i = 0; i < 2; i++)
        jf_text_add(text, ",%.17g", arf_get_d(&f->lipschitz[i], ARF_RND_CEIL));
    interval(t, PAIR, s);
    add_ball(text, t);
    arb_get_lbound_arf(arb_midref(t), &r->gauge, BITS);
    jf_text_add(text, ",%.17g,%.4g\n",
                k ? (double)NAN : arf_get_d(arb_midref(t), ARF_RND_FLOOR),
                all.seconds[s]);
    arb_clear(t);
}

static void write_table(void)
{
    const jf_args *args = proof_options();
    jf_text text = {0}, path = {0};
    jf_text_add(&text,
                "# program: trained_flow\n# options: --profile %s\n"
                "flow,n,boxes,gap_low,gap_high,gap_sampled,gap_se,mass_low,"
                "mass_high,ld_low,ld_high,lipschitz,inverse_lipschitz,"
                "p_apart_low,p_apart_high,gauge_low,seconds\n",
                jf_profile_name(args->profile));
    for (int k = 0; k < 2; k++) {
        double mean, error;
        sample(&all.flows[k], &mean, &error);
        for (int s = 0; s < all.count; s++)
            add_row(&text, s, k, mean, error);
    }
    jf_text_add(&path, "%s/trained-flow.csv", args->out);
    if (jf_output_write(path.data, text.data, text.length) != 0)
        exit(1);
    free(path.data);
    free(text.data);
}

static void read_flows(void)
{
    char path[4200];
    flow *flows[] = {&all.flows[0], &all.flows[1], &all.inverted, &all.moved};
    for (int k = 0; k < 4; k++) {
        snprintf(path, sizeof path, "%s/trained/uniform-%d.theta",
                 jf_data_folder(), k == 1 ? 2 : 1);
        flow_read(flows[k], path);
        if (flows[k]->map.d != 2)
            jf_fail(2, "%s: a flow of the plane expected", path);
        if (k > 1)
            flow_then(flows[k], "inversion(d=2)");
    }
    snprintf(path, sizeof path, "%s/trained/texture-1.theta", jf_data_folder());
    flow_read(&all.pictures, path);
    if (all.pictures.map.d != SIDE * SIDE)
        jf_fail(2, "%s: a flow of 64 columns expected", path);
    arb_t step;
    arb_init(step);
    arb_one(step);
    arb_mul_2exp_si(step, step, -20);
    arb_ptr w = all.moved.map.inside->inside->net.affine->w;
    arb_add(w, w, step, BITS);
    arb_clear(step);
}

static void prove(void)
{
    read_flows();
    run(proof_options()->control);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        prove_statement(&rows[k].claim, rows[k].holds, rows[k].data,
                        rows[k].expected, rows[k].tolerance);
    write_table();
    for (int s = 0; s < all.count; s++)
        box_result_clear(&all.results[s]);
    for (int k = 0; k < 2; k++)
        flow_clear(&all.flows[k]);
    flow_clear(&all.inverted);
    flow_clear(&all.moved);
    flow_clear(&all.pictures);
}

int main(int argc, char **argv)
{
    return proofs_of_sizes(
        argc, argv,
        "Certifies gap, mass, range and Lipschitz bounds of trained flows, and "
        "that one likelihood has two determinants.",
        "Profiles are numbers of parts: up to 32, 256 or 512 a side, and cut.\n"
        "The bytes are the same for any --threads.",
        prove);
}
