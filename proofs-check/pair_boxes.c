/* pair_boxes.c -- models on each part, sums over all, and the tails. */
#include "pair_boxes.h"

#include <stdlib.h>

#include "base/memory.h"
#include "flow_balls.h"
#include "part_moments.h"

enum { D = 2, ORDERS = DEGREE + 1 };
enum { BITS = MODEL_BITS, LAW_BITS = MOMENT_BITS, ROOT = 16, LEVELS = 9 };
/* What is asked of a part. */
enum { FLOWS = 1, RANGES = 2, APART = 4, DIFFERENCE = 8, ALL = 15 };

/* A cell of an axis: centre, half-width, moments of t = (x - c)/h under N(0, 1)
 * on the cell, and under Lebesgue measure. */
typedef struct {
    arb_struct centre, half;
    arb_ptr normal, uniform;
} cell;

typedef struct {
    const pair_task *t;
    cell *const *axis; /* by level */
    flow_room room[2];
    flow_model models[2];
    model difference, q;
    arb_ptr centre, half;
    arb_struct log_q[2], mass[2], a, b;
    mag_t tolerance, open;
    const pair_flow *seen; /* ends of log|det J| on a grid, widened by rough */
    pair_result *sum;
} worker;

static void init_flow(pair_flow *f)
{
    arb_init(&f->inside);
    arb_init(&f->mass);
    arb_init(&f->gap);
    arf_init(&f->least);
    arf_init(&f->most);
    arf_pos_inf(&f->least);
    arf_neg_inf(&f->most);
}

static void clear_flow(pair_flow *f)
{
    arb_clear(&f->inside);
    arb_clear(&f->mass);
    arb_clear(&f->gap);
    arf_clear(&f->least);
    arf_clear(&f->most);
}

void pair_result_init(pair_result *r)
{
    for (int k = 0; k < 2; k++) {
        init_flow(&r->flows[k]);
        arb_init(&r->apart[k]);
        arb_init(&r->difference[k]);
    }
    r->parts = 0;
}

void pair_result_clear(pair_result *r)
{
    for (int k = 0; k < 2; k++) {
        clear_flow(&r->flows[k]);
        arb_clear(&r->apart[k]);
        arb_clear(&r->difference[k]);
    }
}

static void merge(pair_result *to, const pair_result *r)
{
    for (int k = 0; k < 2; k++) {
        pair_flow *f = &to->flows[k];
        const pair_flow *g = &r->flows[k];
        arb_add(&f->inside, &f->inside, &g->inside, LAW_BITS);
        arb_add(&f->mass, &f->mass, &g->mass, LAW_BITS);
        arf_min(&f->least, &f->least, &g->least);
        arf_max(&f->most, &f->most, &g->most);
        arb_add(&to->apart[k], &to->apart[k], &r->apart[k], LAW_BITS);
        arb_add(&to->difference[k], &to->difference[k], &r->difference[k],
                LAW_BITS);
    }
    to->parts += r->parts;
}

/* Cells of level l: ROOT 2^l from -radius to radius. */
static cell *new_cells(slong radius, slong l)
{
    slong n = (slong)ROOT << l;
    cell *cells = jf_alloc((size_t)n, sizeof *cells);
    for (slong i = 0; i < n; i++) {
        cell *c = cells + i;
        arb_init(&c->centre);
        arb_init(&c->half);
        c->normal = _arb_vec_init(2 * ORDERS);
        c->uniform = c->normal + ORDERS;
        arb_set_si(&c->half, radius);
        arb_mul_2exp_si(&c->half, &c->half, -(slong)FLINT_FLOG2((ulong)n));
        arb_mul_si(&c->centre, &c->half, 2 * i + 1 - n, ARF_PREC_EXACT);
        moments_normal(c->normal, &c->centre, &c->half);
        moments_uniform(c->uniform, &c->half);
    }
    return cells;
}

static void free_cells(cell *cells, slong l)
{
    for (slong i = 0; i < (slong)ROOT << l; i++) {
        arb_clear(&cells[i].centre);
        arb_clear(&cells[i].half);
        _arb_vec_clear(cells[i].normal, 2 * ORDERS);
    }
    free(cells);
}

void pair_models_on(flow_model *m, const flow *f, arb_srcptr c, arb_srcptr h,
                    flow_room *r)
{
    model_variable(&m->z[0], c, h, 1);
    model_multiply(&m->log_q, &m->z[0], &m->z[0]);
    model_variable(&m->z[1], c + 1, h + 1, 2);
    model_add(&m->z[1], &m->z[1], &m->log_q);
    flow_model_pass(m, f, r);
}

/* Whether z is known to within a bound. */
static int within_bound(const arb_t z, const mag_t bound)
{
    return arb_is_finite(z) && mag_cmp(arb_radref(z), bound) <= 0;
}

/* What the sums take: under the control without its radius. */
static void settle(const worker *w, arb_t z)
{
    if (w->t->control)
        mag_zero(arb_radref(z));
}

/* Whether a part is in the inner square, of which edges of cells are edges. */
static int is_inner(worker *w, const cell *u, const cell *v)
{
    int inner = 1;
    arb_set_si(&w->b, w->t->inner);
    for (int j = 0; j < D; j++) {
        arb_abs(&w->a, j ? &v->centre : &u->centre);
        inner &= arb_lt(&w->a, &w->b);
    }
    return inner;
}

static int add_flows(worker *w, const cell *u, const cell *v, int last)
{
    int done = 1, inner = is_inner(w, u, v);
    for (int k = 0; k < 2; k++) {
        model_integral(&w->log_q[k], &w->models[k].log_q, u->normal, v->normal,
                       LAW_BITS);
        arb_zero(&w->mass[k]);
        if (inner) {
            model_exponential(&w->q, &w->models[k].log_q);
            model_integral(&w->mass[k], &w->q, u->uniform, v->uniform,
                           LAW_BITS);
        }
        done &= within_bound(&w->log_q[k], w->tolerance) &&
                within_bound(&w->mass[k], w->tolerance);
    }
    if (!done && !last)
        return 0;
    for (int k = 0; k < 2; k++) {
        pair_flow *to = &w->sum->flows[k];
        settle(w, &w->log_q[k]);
        settle(w, &w->mass[k]);
        arb_add(&to->inside, &to->inside, &w->log_q[k], LAW_BITS);
        arb_add(&to->mass, &to->mass, &w->mass[k], LAW_BITS);
    }
    w->sum->parts++;
    return 1;
}

static void add_range(pair_flow *to, const arb_t log_det)
{
    arf_t end;
    arf_init(end);
    arb_get_lbound_arf(end, log_det, BITS);
    arf_min(&to->least, &to->least, end);
    arb_get_ubound_arf(end, log_det, BITS);
    arf_max(&to->most, &to->most, end);
    arf_clear(end);
}

static int add_ranges(worker *w, const cell *u, const cell *v, int last)
{
    int done = 1;
    if (!is_inner(w, u, v))
        return 1;
    for (int k = 0; k < 2; k++) {
        arb_set_interval_arf(&w->b, &w->seen[k].least, &w->seen[k].most, BITS);
        model_range(&w->a, &w->models[k].log_det);
        done &= arb_contains(&w->b, &w->a);
    }
    for (int k = 0; k < 2 && (done || last); k++) {
        model_range(&w->a, &w->models[k].log_det);
        settle(w, &w->a);
        add_range(&w->sum->flows[k], &w->a);
    }
    return done || last;
}

/* Whether it is decided on which side of apart the difference lies. */
static int add_apart(worker *w, const arb_t range, const arb_t weight, int last)
{
    arb_t size;
    mag_t open;
    arb_init(size);
    mag_init(open);
    arb_abs(size, range);
    arb_set_d(&w->b, w->t->apart);
    int over = arb_ge(size, &w->b), under = arb_lt(size, &w->b);
    arb_get_mag(open, weight);
    int done = over || under || last || mag_cmp(open, w->open) <= 0;
    if (w->t->control) {
        mag_zero(arb_radref(size));
        over = arb_ge(size, &w->b), under = !over;
    }
    mag_clear(open);
    arb_clear(size);
    if (!done)
        return 0;
    for (int k = 0; k < 2; k++)
        if (k ? !under : over)
            arb_add(&w->sum->apart[k], &w->sum->apart[k], weight, LAW_BITS);
    return 1;
}

/* The integral of |d| over a part: |int d| at least, and that at most if d has
 * one sign; else sup|d| times the probability. */
static int add_difference(worker *w, const arb_t range, const cell *u,
                          const cell *v, const arb_t weight, int last)
{
    arb_t low, high;
    mag_t width;
    int done;
    arb_init(low);
    arb_init(high);
    mag_init(width);
    model_integral(low, &w->difference, u->normal, v->normal, LAW_BITS);
    arb_abs(low, low);
    if (arb_contains_zero(range)) {
        arb_get_mag(arb_radref(&w->a), range);
        arf_set_mag(arb_midref(high), arb_radref(&w->a));
        arb_mul(high, high, weight, LAW_BITS);
        arb_sub(&w->a, high, low, LAW_BITS);
        arb_get_mag(width, &w->a);
        done = mag_cmp(width, w->open) <= 0;
        if (w->t->control)
            arb_set(high, low);
    } else {
        arb_set(high, low);
        done = within_bound(low, w->open);
    }
    settle(w, low);
    settle(w, high);
    if (done || last) {
        arb_add(&w->sum->difference[0], &w->sum->difference[0], low, LAW_BITS);
        arb_add(&w->sum->difference[1], &w->sum->difference[1], high, LAW_BITS);
    }
    mag_clear(width);
    arb_clear(high);
    arb_clear(low);
    return done || last;
}

static int add_pair(worker *w, const cell *u, const cell *v, int last,
                    int asked)
{
    int open = 0;
    arb_t range, weight;
    arb_init(range);
    arb_init(weight);
    arb_mul(weight, u->normal, v->normal, LAW_BITS);
    model_subtract(&w->difference, &w->models[0].log_det,
                   &w->models[1].log_det);
    model_range(range, &w->difference);
    if (asked & APART && !add_apart(w, range, weight, last))
        open |= APART;
    if (asked & DIFFERENCE && !add_difference(w, range, u, v, weight, last))
        open |= DIFFERENCE;
    arb_clear(weight);
    arb_clear(range);
    return open;
}

static void visit(worker *w, slong i, slong j, slong level, int asked)
{
    const cell *u = w->axis[level] + i, *v = w->axis[level] + j;
    int last = level + 1 == LEVELS, open = 0;
    arb_set(w->centre, &u->centre);
    arb_set(w->centre + 1, &v->centre);
    arb_set(w->half, &u->half);
    arb_set(w->half + 1, &v->half);
    for (int k = 0; k < 2; k++)
        pair_models_on(&w->models[k], w->t->flows[k], w->centre, w->half,
                       &w->room[k]);
    if (asked & FLOWS && !add_flows(w, u, v, last))
        open |= FLOWS;
    if (asked & RANGES && !add_ranges(w, u, v, last))
        open |= RANGES;
    if (asked & (APART | DIFFERENCE))
        open |= add_pair(w, u, v, last, asked);
    for (slong k = 0; open && k < 4; k++)
        visit(w, 2 * i + k / 2, 2 * j + k % 2, level + 1, open);
}

static void init_worker(worker *w)
{
    for (int k = 0; k < 2; k++) {
        flow_room_init(&w->room[k], w->t->flows[k]);
        flow_model_init(&w->models[k]);
        arb_init(&w->log_q[k]);
        arb_init(&w->mass[k]);
    }
    model_init(&w->difference);
    model_init(&w->q);
    w->centre = _arb_vec_init(2 * D);
    w->half = w->centre + D;
    arb_init(&w->a);
    arb_init(&w->b);
    mag_init(w->tolerance);
    mag_init(w->open);
    mag_set_d(w->tolerance, w->t->tolerance);
    mag_set_d(w->open, w->t->open);
}

static void clear_worker(worker *w)
{
    for (int k = 0; k < 2; k++) {
        flow_room_clear(&w->room[k]);
        flow_model_clear(&w->models[k]);
        arb_clear(&w->log_q[k]);
        arb_clear(&w->mass[k]);
    }
    model_clear(&w->difference);
    model_clear(&w->q);
    _arb_vec_clear(w->centre, 2 * D);
    arb_clear(&w->a);
    arb_clear(&w->b);
    mag_clear(w->tolerance);
    mag_clear(w->open);
}

/* tail[k] := E[x^2k; |x| > r], x ~ N(0, 1), k = 0, 1, 2. */
static void tails(arb_ptr tail, slong r)
{
    arb_t x, phi;
    arb_init(x);
    arb_init(phi);
    arb_set_si(x, r);
    normal_density(phi, x);
    arb_mul_2exp_si(phi, phi, 1);
    normal_above(tail, x);
    arb_mul_2exp_si(tail, tail, 1);
    for (ulong k = 1; k < 3; k++) { /* by parts */
        arb_mul_ui(tail + k, tail + k - 1, 2 * k - 1, LAW_BITS);
        arb_set_si(x, r);
        arb_pow_ui(x, x, 2 * k - 1, LAW_BITS);
        arb_addmul(tail + k, x, phi, LAW_BITS);
    }
    arb_clear(phi);
    arb_clear(x);
}

/* z += E[s; outside of K] for s = (by |x| + shift)^2/2 <= by^2 y + shift^2,
 * E[y; outside] = of_y. */
static void add_square(arb_t z, const mag_t by, const mag_t shift,
                       const arb_t of_y, const arb_t outside)
{
    arb_t t;
    arb_init(t);
    arf_set_mag(arb_midref(t), by);
    arb_sqr(t, t, LAW_BITS);
    arb_addmul(z, t, of_y, LAW_BITS);
    arb_set_ui(t, 0);
    arf_set_mag(arb_midref(t), shift);
    arb_sqr(t, t, LAW_BITS);
    arb_addmul(z, t, outside, LAW_BITS);
    arb_clear(t);
}

/* gap := -log(2 pi e) - E log q, where outside of K, which has |u| > R or |v| >
 * R, -log(2 pi) - l - |z|^2/2 <= log q <= -log(2 pi) + l, |x_1| = |u| and |x_2|^2
 * <= 2 v^2 + 2 u^4. */
static void set_gap(pair_flow *to, const flow_growth *g, arb_srcptr tail)
{
    arb_t log_two_pi, t, y, outside;
    arb_init(log_two_pi);
    arb_init(t);
    arb_init(y);
    arb_init(outside);
    arb_const_pi(log_two_pi, LAW_BITS);
    arb_mul_2exp_si(log_two_pi, log_two_pi, 1);
    arb_log(log_two_pi, log_two_pi, LAW_BITS);
    arb_mul_2exp_si(outside, tail, 1);
    arb_add(y, tail, tail + 1, LAW_BITS); /* of u^2, and of v^2 */
    add_square(t, &g->by[0], &g->shift[0], y, outside);
    arb_addmul_ui(y, tail, 3, LAW_BITS); /* and of u^4 */
    arb_add(y, y, tail + 2, LAW_BITS);
    arb_mul_2exp_si(y, y, 1);
    add_square(t, &g->by[1], &g->shift[1], y, outside);
    arf_set_mag(arb_midref(y), &g->log_det);
    mag_zero(arb_radref(y));
    arb_add(y, y, log_two_pi, LAW_BITS);
    arb_addmul(t, y, outside, LAW_BITS);
    arb_add_ui(log_two_pi, log_two_pi, 1, LAW_BITS);
    arb_add(&to->gap, &to->inside, log_two_pi, LAW_BITS);
    arb_neg(&to->gap, &to->gap);
    arb_add_error(&to->gap, t);
    arb_clear(outside);
    arb_clear(y);
    arb_clear(t);
    arb_clear(log_two_pi);
}

/* Outside of K the difference is at most the sum of both bounds. */
static void close_sums(pair_result *r, const pair_task *t)
{
    arb_ptr tail = _arb_vec_init(3);
    flow_growth g;
    arb_t outside, all;
    arb_init(outside);
    arb_init(all);
    flow_growth_init(&g);
    tails(tail, t->radius);
    arb_mul_2exp_si(outside, tail, 1);
    for (int k = 0; k < 2; k++) {
        flow_grows(&g, t->flows[k]);
        set_gap(&r->flows[k], &g, tail);
        mag_zero(arb_radref(all));
        arf_set_mag(arb_midref(all), &g.log_det);
        arb_addmul(&r->difference[1], all, outside, LAW_BITS);
    }
    arb_add(&r->apart[1], &r->apart[1], outside, LAW_BITS);
    flow_growth_clear(&g);
    arb_clear(all);
    arb_clear(outside);
    _arb_vec_clear(tail, 3);
}

/* seen := the ends of log|det J| at points of the inner square, widened. */
static void look(pair_flow *seen, const pair_task *t)
{
    enum { SIDE = 32 };
    flow_value value;
    arb_ptr x = _arb_vec_init(D);
    arb_t rough;
    arb_init(rough);
    arb_set_d(rough, t->rough);
    flow_value_init(&value, D, 0);
    for (slong k = 0; k < 2 * (SIDE + 1) * (SIDE + 1); k++) {
        slong at = k / 2;
        arb_set_si(x, t->inner * (2 * (at / (SIDE + 1)) - SIDE));
        arb_set_si(x + 1, t->inner * (2 * (at % (SIDE + 1)) - SIDE));
        arb_div_ui(x, x, SIDE, BITS);
        arb_div_ui(x + 1, x + 1, SIDE, BITS);
        arb_addmul(x + 1, x, x, BITS);
        flow_evaluate(&value, t->flows[k % 2], &(flow_place){.centre = x});
        arb_add_error(value.log_det, rough);
        add_range(&seen[k % 2], value.log_det);
    }
    flow_value_clear(&value);
    arb_clear(rough);
    _arb_vec_clear(x, D);
}

void pair_boxes(pair_result *r, const pair_task *t)
{
    enum { ROOTS = ROOT * ROOT };
    pair_result *roots = jf_alloc(ROOTS, sizeof *roots);
    cell *axis[LEVELS];
    pair_flow seen[2];
    for (int k = 0; k < 2; k++)
        init_flow(&seen[k]);
    look(seen, t);
    for (slong l = 0; l < LEVELS; l++)
        axis[l] = new_cells(t->radius, l);
#pragma omp parallel num_threads(t->threads)
    {
        worker w = {.t = t, .axis = axis, .seen = seen};
        init_worker(&w);
#pragma omp for schedule(dynamic)
        for (slong k = 0; k < ROOTS; k++) {
            w.sum = roots + k;
            pair_result_init(w.sum);
            visit(&w, k / ROOT, k % ROOT, 0, ALL);
        }
        clear_worker(&w);
        flint_cleanup();
    }
    pair_result_clear(r);
    pair_result_init(r);
    for (slong k = 0; k < ROOTS; k++) {
        merge(r, roots + k);
        pair_result_clear(roots + k);
    }
    close_sums(r, t);
    for (int k = 0; k < 2; k++)
        clear_flow(&seen[k]);
    for (slong l = 0; l < LEVELS; l++)
        free_cells(axis[l], l);
    free(roots);
}
