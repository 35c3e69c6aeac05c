/* two_flows.c -- two networks trained apart, both close to one law over a
 * normal base, whose determinants differ by more than any two flows of their
 * gaps over a uniform base can, with proof.
 *
 * X = (u, v + u^2), (u, v) ~ N(0, I), a law on the whole plane with h(X) =
 * log(2 pi e), as the map keeps volume.  f and g are six affine couplings each,
 * trained by two seeds (data/trained); as functions they are those of the reals
 * whose parameters are the doubles of the files.
 *
 * Theorem   On a part of the plane of (u, v) each quantity is a polynomial of
 *           degree 5 and a bound of the rest (taylor_models.h), by Taylor's
 *           formula for each function with its sixth derivative enclosed on
 *           the range of its argument; so the width of an integral falls with
 *           the sixth power of that of the parts.  E[log q; K], K = [-10,
 *           10]^2, is the sum over parts of polynomials against moments of the
 *           normal law; outside of K, |z_j| <= a |x_j| + b and |ld| <= l, by the
 *           bounds of scales and nets, and Gaussian tails in closed form bound
 *           the rest.  Gap KL(X || q) = -log(2 pi e) - E log q.  E|ld_f - ld_g|
 *           is at least the sum of |int (ld_f - ld_g)| over the parts.
 * Theorem   Over a uniform base two flows of gaps g_1, g_2 have E|ld_f - ld_g|
 *           <= b = g_1 + g_2 + sqrt(2 g_1) + sqrt(2 g_2), C1.8.  Here the mean
 *           is above b: over a normal base, likelihood as close as this leaves
 *           the determinant open, also to two networks that training found.
 * Source    Claims C9.2 to C9.4, C9.6, C1.8; Taylor models: Makino and Berz
 *           2003. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "data/spec.h"
#include "flow_balls.h"
#include "io/output.h"
#include "pair_boxes.h"
#include "sizes.h"

enum { SIZES = 3, RADIUS = 10, INNER = 5, BITS = 2 * MODEL_BITS };
#define APART 0.25

/* What is allowed of a part (pair_boxes.h); 0: no more. */
typedef struct {
    double tolerance, open, rough;
} size;
static const size sizes[][SIZES] = {
    [JF_QUICK] = {{1e-3, 1e-3, 0.25}, {1e-5, 1e-4, 0.0078125}},
    [JF_DEFAULT] = {{1e-4, 1e-4, 0.125},
                    {1e-6, 1e-5, 0.03125},
                    {1e-8, 1e-6, 0.0078125}},
    [JF_FULL] = {{1e-6, 1e-5, 0.03125},
                 {1e-8, 1e-6, 0.0078125},
                 {1e-10, 1e-7, 0.001953125}}};

static struct {
    flow flows[2];
    int count;
    pair_result results[SIZES];
    double seconds[SIZES]; /* of all processors */
} all;

static const size *own_sizes(void)
{
    return sizes[proof_options()->profile];
}

static double clock_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run(void)
{
    const jf_args *args = proof_options();
    const size *own = own_sizes();
    for (int s = all.count = 0; s < SIZES && own[s].tolerance > 0; s++) {
        double start = clock_seconds();
        pair_result_init(&all.results[s]);
        pair_boxes(
            &all.results[s],
            &(pair_task){.flows = {&all.flows[0], &all.flows[1]},
                         .radius = RADIUS,
                         .inner = INNER,
                         .tolerance = own[s].tolerance,
                         .open = own[s].open,
                         .rough = own[s].rough,
                         .apart = APART,
                         .control = args->control,
                         .threads = args->threads
                                        ? (int)args->threads
                                        : (int)sysconf(_SC_NPROCESSORS_ONLN)});
        all.seconds[s] = clock_seconds() - start;
        all.count++;
    }
}

static const pair_result *last(void)
{
    return &all.results[all.count - 1];
}

/* z := 1 - |polynomial - value|/rest at t; broken: no rest. */
static void margin_of(arb_t z, const model *m, arb_srcptr t, const arb_t value,
                      int control)
{
    arb_t rest;
    arb_init(rest);
    model_value(z, m, t, BITS);
    arb_get_rad_arb(rest, z);
    mag_zero(arb_radref(z));
    arb_sub(z, value, z, BITS);
    arb_abs(z, z);
    arb_div(z, z, rest, BITS);
    arb_neg(z, z);
    if (!control)
        arb_add_ui(z, z, 1, BITS);
    arb_clear(rest);
}

/* margin := the least of it so far, of log q and ld of f at four points of a
 * part. */
static void part_margin(arb_t margin, const flow *f, arb_srcptr c, arb_srcptr h,
                        flow_room *room, int control)
{
    flow_model m;
    flow_value v;
    arb_ptr x = _arb_vec_init(4), t = x + 2;
    arb_t z;
    arb_init(z);
    flow_model_init(&m);
    flow_value_init(&v, 2, 0);
    pair_models_on(&m, f, c, h, room);
    for (int corner = 0; corner < 4; corner++) {
        for (int j = 0; j < 2; j++) {
            arb_set_si(t + j, corner >> j & 1 ? 7 : -7);
            arb_mul_2exp_si(t + j, t + j, -3);
            arb_set(x + j, c + j);
            arb_addmul(x + j, h + j, t + j, BITS);
        }
        arb_addmul(x + 1, x, x, BITS);
        flow_evaluate(&v, f, &(flow_place){.centre = x});
        margin_of(z, &m.log_q, t, v.log_q, control);
        arb_min(margin, margin, z, BITS);
        margin_of(z, &m.log_det, t, v.log_det, control);
        arb_min(margin, margin, z, BITS);
    }
    flow_value_clear(&v);
    flow_model_clear(&m);
    arb_clear(z);
    _arb_vec_clear(x, 4);
}

/* On parts of half-width 1/16 about points of [-4, 4]^2. */
static verdict encloses(arb_t measured, const void *data, int control,
                        slong bits)
{
    enum { SIDE = 8 };
    const flow *f = &all.flows[*(const int *)data];
    flow_room room;
    arb_ptr c = _arb_vec_init(4), h = c + 2;
    (void)bits;
    flow_room_init(&room, f);
    arb_one(measured);
    for (int j = 0; j < 2; j++) {
        arb_one(h + j);
        arb_mul_2exp_si(h + j, h + j, -4);
    }
    for (slong k = 0; k < SIDE * SIDE; k++) {
        arb_set_si(c, 2 * (k % SIDE) + 1 - SIDE);
        arb_set_si(c + 1, 2 * (k / SIDE) + 1 - SIDE);
        arb_mul_2exp_si(c, c, -1);
        arb_mul_2exp_si(c + 1, c + 1, -1);
        part_margin(measured, f, c, h, &room, control);
    }
    flow_room_clear(&room);
    _arb_vec_clear(c, 4);
    return positive(measured, 0);
}

typedef enum {
    GAP_F,
    GAP_G,
    MASS_F,
    MASS_G,
    RANGE_F,
    RANGE_G,
    FAR_APART,
    DIFFERENCE
} series;

/* The interval of a series at size s. */
static void interval(arb_t z, series what, int s)
{
    const pair_result *r = &all.results[s];
    const pair_flow *f = &r->flows[what % 2];
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
        arb_set_interval_arf(z, &f->least, &f->most, BITS);
        break;
    case FAR_APART:
        arb_union(z, &r->apart[0], &r->apart[1], BITS);
        break;
    case DIFFERENCE:
        arb_union(z, &r->difference[0], &r->difference[1], BITS);
        break;
    }
}

/* Each size's interval lies in that of the one before; measured: the last.
 * broken (all results): no rest, and a centre's value for its part. */
static verdict nested(arb_t measured, const void *data, int control, slong bits)
{
    series what = *(const series *)data;
    arb_t wider, rounding;
    verdict found = CERTIFIED;
    (void)control;
    arb_init(wider);
    arb_init(rounding);
    interval(measured, what, 0);
    for (int s = 1; s < all.count; s++) {
        arb_swap(wider, measured);
        interval(measured, what, s);
        mag_set_ui_2exp_si(arb_radref(rounding), 1, -50); /* of sums */
        arb_add(wider, wider, rounding, bits);
        if (!arb_is_finite(measured) || !arb_contains(wider, measured))
            found = REFUTED;
    }
    arb_get_lbound_arf(arb_midref(wider), measured, bits);
    arb_get_ubound_arf(arb_midref(rounding), measured, bits);
    remark(", within [%.7g, %.7g]", arf_get_d(arb_midref(wider), ARF_RND_FLOOR),
           arf_get_d(arb_midref(rounding), ARF_RND_CEIL));
    arb_clear(rounding);
    arb_clear(wider);
    return found;
}

/* The order of the width of the gap in that of the parts, from the last two
 * sizes: log(w/w')/log(sqrt(n'/n)), less that of the remainders. */
static verdict falls(arb_t measured, const void *data, int control, slong bits)
{
    int k = *(const int *)data;
    const pair_result *a = &all.results[all.count - 2], *b = last();
    arb_t t;
    (void)control;
    arb_init(t);
    arb_get_rad_arb(measured, &a->flows[k].gap);
    arb_get_rad_arb(t, &b->flows[k].gap);
    arb_div(measured, measured, t, bits);
    arb_log(measured, measured, bits);
    arb_mul_2exp_si(measured, measured, 1);
    arb_set_si(t, b->parts);
    arb_div_si(t, t, a->parts, bits);
    arb_log(t, t, bits);
    arb_div(measured, measured, t, bits);
    arb_sub_ui(t, measured, DEGREE + 1, bits);
    verdict v = positive(t, 0);
    arb_clear(t);
    return v;
}

/* z := b at the upper ends of the gaps. */
static void set_bound(arb_t z, const pair_result *r)
{
    arb_t g, root;
    arb_init(g);
    arb_init(root);
    arb_zero(z);
    for (int k = 0; k < 2; k++) {
        arb_get_ubound_arf(arb_midref(g), &r->flows[k].gap, BITS);
        arb_mul_2exp_si(root, g, 1);
        arb_sqrt(root, root, BITS);
        arb_add(z, z, g, BITS);
        arb_add(z, z, root, BITS);
    }
    arb_clear(root);
    arb_clear(g);
}

/* E|ld_f - ld_g| - b. */
static verdict exceeds(arb_t measured, const void *data, int control,
                       slong bits)
{
    const pair_result *r = last();
    arb_t b;
    (void)data;
    arb_init(b);
    set_bound(b, r);
    arb_get_lbound_arf(arb_midref(measured), &r->difference[0], BITS);
    mag_zero(arb_radref(measured));
    remark(" (%.6g - %.6g)", arf_get_d(arb_midref(measured), ARF_RND_FLOOR),
           arf_get_d(arb_midref(b), ARF_RND_CEIL));
    arb_sub(measured, measured, b, bits);
    arb_clear(b);
    return positive(measured, control);
}

#define LAW "X = (u, v + u^2), (u, v) ~ N(0, I), normal base; "
#define F LAW "f: data/trained/banana-1.theta"
#define G LAW "g: data/trained/banana-2.theta"
#define BOTH LAW "f and g of data/trained"
#define MODELS "Taylor models of degree 5, ball arithmetic"
#define NESTED "nested as the parts get smaller"

static const series in_order[] = {GAP_F,   GAP_G,   MASS_F,    MASS_G,
                                  RANGE_F, RANGE_G, FAR_APART, DIFFERENCE};
static const int first = 0, second = 1;

static const struct {
    claim claim;
    statement holds;
    const void *data;
    const char *expected, *tolerance;
} rows[] = {
    {{"C9.2",
      "ld and log q of f at points of a part differ from a polynomial by no "
      "more than the rest: least 1 - |difference|/rest",
      F "; four points of each of 64 parts", MODELS},
     encloses,
     &first,
     "> 0",
     "strict inequality"},
    {{"C9.2",
      "ld and log q of g at points of a part differ from a polynomial by no "
      "more than the rest: least 1 - |difference|/rest",
      G "; four points of each of 64 parts", MODELS},
     encloses,
     &second,
     "> 0",
     "strict inequality"},
    {{"C9.2", "range of log|det J| of f, |u|, |v| <= 5", F, MODELS},
     nested,
     &in_order[RANGE_F],
     NESTED,
     "inclusion"},
    {{"C9.2", "range of log|det J| of g, |u|, |v| <= 5", G, MODELS},
     nested,
     &in_order[RANGE_G],
     NESTED,
     "inclusion"},
    {{"C9.3", "mass of f where |u|, |v| <= 5", F, MODELS},
     nested,
     &in_order[MASS_F],
     NESTED,
     "inclusion"},
    {{"C9.3", "mass of g where |u|, |v| <= 5", G, MODELS},
     nested,
     &in_order[MASS_G],
     NESTED,
     "inclusion"},
    {{"C9.4", "gap of f on the whole plane", F, MODELS},
     nested,
     &in_order[GAP_F],
     NESTED,
     "inclusion"},
    {{"C9.4", "gap of g on the whole plane", G, MODELS},
     nested,
     &in_order[GAP_G],
     NESTED,
     "inclusion"},
    {{"C9.4", "order of the width of the gap of f in that of the parts", F,
      "the last two sizes"},
     falls,
     &first,
     "> 6",
     "strict inequality"},
    {{"C9.4", "order of the width of the gap of g in that of the parts", G,
      "the last two sizes"},
     falls,
     &second,
     "> 6",
     "strict inequality"},
    {{"C9.6", "P(|ld_f - ld_g| >= 1/4)", BOTH,
      "parts on which it is certain, or impossible"},
     nested,
     &in_order[FAR_APART],
     NESTED,
     "inclusion"},
    {{"C9.6", "E|ld_f - ld_g|", BOTH, MODELS},
     nested,
     &in_order[DIFFERENCE],
     NESTED,
     "inclusion"},
    {{"C9.6",
      "trained apart, two determinants: E|ld_f - ld_g| exceeds the bound of "
      "uniform bases, by",
      BOTH, "C1.8: b = g_1 + g_2 + sqrt(2 g_1) + sqrt(2 g_2)"},
     exceeds,
     NULL,
     "> 0",
     "strict inequality"},
};

/* The table. */

static void add_ends(jf_text *text, series what, int s)
{
    arb_t z;
    arf_t end;
    arb_init(z);
    arf_init(end);
    interval(z, what, s);
    arb_get_lbound_arf(end, z, BITS);
    jf_text_add(text, ",%.17g", arf_get_d(end, ARF_RND_FLOOR));
    arb_get_ubound_arf(end, z, BITS);
    jf_text_add(text, ",%.17g", arf_get_d(end, ARF_RND_CEIL));
    arf_clear(end);
    arb_clear(z);
}

static void add_row(jf_text *text, int s, int k)
{
    arb_t b;
    arb_init(b);
    jf_text_add(text, "%s,%g,%ld", k ? "g" : "f", own_sizes()[s].tolerance,
                (long)all.results[s].parts);
    add_ends(text, GAP_F + k, s);
    add_ends(text, MASS_F + k, s);
    add_ends(text, RANGE_F + k, s);
    add_ends(text, FAR_APART, s);
    add_ends(text, DIFFERENCE, s);
    set_bound(b, &all.results[s]);
    arb_get_ubound_arf(arb_midref(b), b, BITS);
    jf_text_add(text, ",%.17g,%.4g\n", arf_get_d(arb_midref(b), ARF_RND_CEIL),
                all.seconds[s]);
    arb_clear(b);
}

static void write_table(void)
{
    const jf_args *args = proof_options();
    jf_text text = {0}, path = {0};
    jf_text_add(&text,
                "# program: two_flows\n# options: --profile %s\n"
                "flow,tolerance,parts,gap_low,gap_high,mass_low,mass_high,"
                "ld_low,ld_high,p_apart_low,p_apart_high,difference_low,"
                "difference_high,bound,processor_seconds\n",
                jf_profile_name(args->profile));
    for (int k = 0; k < 2; k++)
        for (int s = 0; s < all.count; s++)
            add_row(&text, s, k);
    jf_text_add(&path, "%s/two-flows.csv", args->out);
    if (jf_output_write(path.data, text.data, text.length) != 0)
        exit(1);
    free(path.data);
    free(text.data);
}

static void prove(void)
{
    char path[4200];
    for (int k = 0; k < 2; k++) {
        snprintf(path, sizeof path, "%s/trained/banana-%d.theta",
                 jf_data_folder(), k + 1);
        flow_read(&all.flows[k], path);
        if (!flow_models_fit(&all.flows[k]) || !flow_grows(NULL, &all.flows[k]))
            jf_fail(2,
                    "%s: a flow of the plane expected, of couplings with maps "
                    "clamp and tanh nets, over normal()",
                    path);
    }
    run();
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        prove_statement(&rows[k].claim, rows[k].holds, rows[k].data,
                        rows[k].expected, rows[k].tolerance);
    write_table();
    for (int s = 0; s < all.count; s++)
        pair_result_clear(&all.results[s]);
    for (int k = 0; k < 2; k++)
        flow_clear(&all.flows[k]);
}

int main(int argc, char **argv)
{
    return proofs_of_sizes(
        argc, argv,
        "Certifies the gaps of two flows trained apart, and that their "
        "determinants differ by more than a uniform base allows.",
        "Profiles are tolerances of a part: down to 1e-5, 1e-8 or 1e-10 "
        "nats.\nThe bytes are the same for any --threads.",
        prove);
}
