/* flow_boxes.c -- the centred form on each part, and a model of Taylor where
 * there is one, and sums over all. */
#include "flow_boxes.h"

#include <stdlib.h>

#if __has_include(<flint/arb_hypgeom.h>)
#include <flint/arb_hypgeom.h>
#else
#include <arb_hypgeom.h>
#endif

#include "base/memory.h"
#include "flow_models.h"
#include "part_moments.h"

enum { D = 2, STRIDE = FLOW_STRIDE };
enum { BITS = FLOW_BITS, LAW_BITS = 160, LEVELS = 4, OPEN_LEVELS = 3 };
/* What is asked of a part. */
enum { MEANS = 1, BOUNDS = 2, APART = 4, GAUGE = 8 };

/* Moments of x - c by column under a law: of order 1 and 2, and a bound of the
 * mean of |x - c|. */
typedef struct {
    arb_struct mean[D], square[D], spread[D];
} moments;

/* A part: centre, half-widths as they are and as [0 +/- h], probability and
 * volume, moments under the uniform law and under the law of X. */
typedef struct {
    arb_ptr centre, half, size;
    arb_struct weight, volume;
    moments uniform, law;
} part;

/* The models of the flows on a part, moments for them by column that sum to 1,
 * and room. */
typedef struct {
    int fits[2], on; /* on: of this part */
    flow_room room[2];
    flow_model flow[2];
    model other;
    arb_ptr uniform, law[D];
} models;

typedef struct {
    const box_task *t;
    const arb_struct *axes; /* probabilities of the box by column: normal law */
    flow_value value[2];
    part part;
    flow_place place;
    arb_ptr f, e;                               /* quantities */
    arb_struct a, b, c, log_q[2], q[2], volume; /* of the box */
    mag_t tolerance, fine;
    models m;
    box_result *sum;
} worker;

static void init_flow(box_flow *f)
{
    arb_init(&f->mass);
    arb_init(&f->mean_log_q);
    arb_init(&f->gap);
    for (int k = 0; k < 2; k++) {
        arf_init(&f->least[k]);
        arf_init(&f->most[k]);
        arf_init(&f->lipschitz[k]);
        arf_pos_inf(&f->least[k]);
        arf_neg_inf(&f->most[k]);
    }
}

static void clear_flow(box_flow *f)
{
    arb_clear(&f->mass);
    arb_clear(&f->mean_log_q);
    arb_clear(&f->gap);
    for (int k = 0; k < 2; k++) {
        arf_clear(&f->least[k]);
        arf_clear(&f->most[k]);
        arf_clear(&f->lipschitz[k]);
    }
}

void box_result_init(box_result *r)
{
    for (int k = 0; k < 2; k++) {
        init_flow(&r->flows[k]);
        arb_init(&r->apart[k]);
    }
    arb_init(&r->gauge);
    r->boxes = 0;
}

void box_result_clear(box_result *r)
{
    for (int k = 0; k < 2; k++) {
        clear_flow(&r->flows[k]);
        arb_clear(&r->apart[k]);
    }
    arb_clear(&r->gauge);
}

static void merge(box_result *to, const box_result *r)
{
    for (int k = 0; k < 2; k++) {
        box_flow *f = &to->flows[k];
        const box_flow *g = &r->flows[k];
        arb_add(&f->mass, &f->mass, &g->mass, LAW_BITS);
        arb_add(&f->mean_log_q, &f->mean_log_q, &g->mean_log_q, LAW_BITS);
        for (int i = 0; i < 2; i++) {
            arf_min(&f->least[i], &f->least[i], &g->least[i]);
            arf_max(&f->most[i], &f->most[i], &g->most[i]);
            arf_max(&f->lipschitz[i], &f->lipschitz[i], &g->lipschitz[i]);
        }
        arb_add(&to->apart[k], &to->apart[k], &r->apart[k], LAW_BITS);
    }
    arb_add(&to->gauge, &to->gauge, &r->gauge, LAW_BITS);
    to->boxes += r->boxes;
}

/* The laws. */

/* The normal law on [a, b]: its probability; unless NULL, E[x]; E[x^2]. */
static void normal_on(arb_t p, arb_ptr mean, arb_ptr square, const arb_t a,
                      const arb_t b)
{
    arb_t x[2], root, density[2];
    arb_init(root);
    arb_sqrt_ui(root, 2, LAW_BITS);
    for (int k = 0; k < 2; k++) {
        arb_init(x[k]);
        arb_init(density[k]);
        arb_div(x[k], k ? b : a, root, LAW_BITS);
        arb_sqr(density[k], x[k], LAW_BITS);
        arb_neg(density[k], density[k]);
        arb_exp(density[k], density[k], LAW_BITS);
        arb_hypgeom_erf(x[k], x[k], LAW_BITS);
    }
    arb_sub(p, x[1], x[0], LAW_BITS);
    arb_mul_2exp_si(p, p, -1);
    arb_const_pi(root, LAW_BITS);
    arb_mul_2exp_si(root, root, 1);
    arb_sqrt(root, root, LAW_BITS);
    arb_mul(root, root, p, LAW_BITS);
    if (mean) {
        arb_sub(mean, density[0], density[1], LAW_BITS);
        arb_div(mean, mean, root, LAW_BITS);
    }
    if (square) {
        arb_mul(square, density[0], a, LAW_BITS);
        arb_submul(square, density[1], b, LAW_BITS);
        arb_div(square, square, root, LAW_BITS);
        arb_add_ui(square, square, 1, LAW_BITS);
    }
    for (int k = 0; k < 2; k++) {
        arb_clear(x[k]);
        arb_clear(density[k]);
    }
    arb_clear(root);
}

/* x := a + (b - a) i / n along an axis, n a power of 2. */
static void along(arb_t x, const double *axis, slong i, slong n)
{
    arb_t a;
    arb_init(a);
    arb_set_d(a, axis[0]);
    arb_set_d(x, axis[1]);
    arb_sub(x, x, a, ARF_PREC_EXACT);
    arb_mul_si(x, x, i, ARF_PREC_EXACT);
    arb_mul_2exp_si(x, x, -(slong)FLINT_FLOG2((ulong)n));
    arb_add(x, x, a, ARF_PREC_EXACT);
    arb_clear(a);
}

static void weigh_normal(worker *w, const slong *at, slong n)
{
    part *p = &w->part;
    for (slong j = 0; j < D; j++) {
        const double *axis = w->t->box + 2 * j;
        arb_ptr mean = p->law.mean + j, square = p->law.square + j;
        arb_srcptr c = p->centre + j;
        along(&w->a, axis, at[j], n);
        along(&w->b, axis, at[j] + 1, n);
        normal_on(&w->c, mean, square, &w->a, &w->b);
        arb_mul(&w->a, mean, c, LAW_BITS); /* E x^2 - 2 c E x + c^2 */
        arb_mul_2exp_si(&w->a, &w->a, 1);
        arb_sub(square, square, &w->a, LAW_BITS);
        arb_addmul(square, c, c, LAW_BITS);
        arb_sub(mean, mean, c, LAW_BITS);
        arb_get_rad_arb(p->law.spread + j, p->half + j);
        arb_div(&w->c, &w->c, w->axes + j, LAW_BITS);
        arb_mul(&p->weight, &p->weight, &w->c, LAW_BITS);
    }
}

/* Part at[] of n x n. */
static void place_part(worker *w, const slong *at, slong n)
{
    part *p = &w->part;
    arb_one(&p->weight);
    arb_one(&p->volume);
    for (slong j = 0; j < D; j++) {
        const double *axis = w->t->box + 2 * j;
        along(&w->a, axis, at[j], n);
        along(&w->b, axis, at[j] + 1, n);
        along(p->centre + j, axis, 2 * at[j] + 1, 2 * n);
        arb_sub(&w->b, &w->b, &w->a, LAW_BITS);
        arb_mul(&p->volume, &p->volume, &w->b, LAW_BITS);
        arb_mul_2exp_si(&w->b, &w->b, -1);
        arb_set(p->size + j, &w->b);
        arb_zero(p->half + j);
        arb_get_mag(arb_radref(p->half + j), &w->b);
        arb_mul_2exp_si(p->uniform.spread + j, &w->b, -1);
        arb_sqr(&w->b, &w->b, LAW_BITS);
        arb_div_ui(p->uniform.square + j, &w->b, 3, LAW_BITS);
    }
    if (w->t->law == STANDARD_NORMAL)
        weigh_normal(w, at, n);
    else
        arb_mul_2exp_si(&p->weight, &p->weight,
                        -2 * (slong)FLINT_FLOG2((ulong)n));
}

/* z := E f, which lies in the range of f and in
 *     f(c) + sum_j f_j m_j + sum_j f_jj s_j / 2 + f_12 m_1 m_2,
 * f_j at the centre c and f_jk on the part, m and s the moments of x - c, of
 * which columns are independent; E|x_1 - c_1||x_2 - c_2| bounds what the radius
 * of f_12 adds.  Where f_jk is unknown, in f(c) + sum_j f_j m_j, f_j on the
 * part, with E|x_j - c_j| for its radius. */
static void set_mean(arb_t z, arb_srcptr f, const moments *m, worker *w)
{
    int smooth = _arb_vec_is_finite(f + HESSIAN, 3);
    arb_set(&w->a, f + CENTRE);
    for (slong j = 0; j < D; j++) {
        arb_get_mid_arb(&w->b, f + GRADIENT + j);
        arb_addmul(&w->a, smooth ? f + SLOPES + j : &w->b, m->mean + j, BITS);
        arb_get_rad_arb(&w->b, f + GRADIENT + j);
        arb_mul(&w->b, &w->b, m->spread + j, BITS);
        if (!smooth)
            arb_add_error(&w->a, &w->b);
        arb_mul_2exp_si(&w->b, m->square + j, -1);
        if (smooth)
            arb_addmul(&w->a, f + HESSIAN + 2 * j, &w->b, BITS);
    }
    if (smooth) {
        arb_get_mid_arb(&w->b, f + HESSIAN + 1);
        arb_mul(&w->c, m->mean, m->mean + 1, BITS);
        arb_addmul(&w->a, &w->b, &w->c, BITS);
        arb_get_rad_arb(&w->b, f + HESSIAN + 1);
        arb_mul(&w->c, m->spread, m->spread + 1, BITS);
        arb_mul(&w->b, &w->b, &w->c, BITS);
        arb_add_error(&w->a, &w->b);
    }
    if (!arb_is_finite(&w->a) || mag_cmp(arb_radref(f), arb_radref(&w->a)) < 0)
        arb_set(&w->a, f);
    arb_swap(z, &w->a);
}

/* The mistake of centre_only: the value at the centre alone. */
static void keep_centre(model *m)
{
    _arb_vec_zero(m->a + 1, TERMS - 1);
    mag_zero(m->rest);
}

/* Models of the flows that have one. */
static void set_models(worker *w)
{
    const part *p = &w->part;
    models *m = &w->m;
    m->on = 1;
    for (int k = 0; k < 2; k++)
        if (m->fits[k]) {
            for (int j = 0; j < D; j++)
                model_variable(&m->flow[k].z[j], p->centre + j, p->size + j,
                               j + 1);
            flow_model_pass(&m->flow[k], w->t->flows[k], &m->room[k]);
            if (w->t->centre_only) {
                keep_centre(&m->flow[k].log_det);
                keep_centre(&m->flow[k].log_q);
            }
        }
    for (int j = 0; j < D; j++) {
        if (w->t->law == UNIFORM) {
            _arb_vec_set(m->law[j], m->uniform, DEGREE + 1);
            continue;
        }
        moments_normal(m->law[j], p->centre + j, p->size + j);
        for (slong k = DEGREE; k >= 0; k--)
            arb_div(m->law[j] + k, m->law[j] + k, m->law[j], MOMENT_BITS);
    }
}

/* z := the narrower of z and x, which enclose the same. */
static void take_narrower(arb_t z, const arb_t x)
{
    if (arb_is_finite(x) &&
        (!arb_is_finite(z) || mag_cmp(arb_radref(x), arb_radref(z)) < 0))
        arb_set(z, x);
}

/* The means of log q and of q of flow k, by its model. */
static void improve_means(worker *w, int k)
{
    models *m = &w->m;
    model_integral(&w->a, &m->flow[k].log_q, m->law[0], m->law[1], LAW_BITS);
    take_narrower(&w->log_q[k], &w->a);
    model_exponential(&m->other, &m->flow[k].log_q);
    model_integral(&w->a, &m->other, m->uniform, m->uniform, LAW_BITS);
    take_narrower(&w->q[k], &w->a);
}

static const moments *law_of(const worker *w)
{
    return w->t->law == UNIFORM ? &w->part.uniform : &w->part.law;
}

static void add_range(box_flow *to, arb_srcptr log_det)
{
    arf_t end;
    arf_init(end);
    arb_get_lbound_arf(end, log_det, BITS);
    arf_min(&to->least[0], &to->least[0], end);
    arb_get_ubound_arf(end, log_det, BITS);
    arf_max(&to->most[1], &to->most[1], end);
    arb_get_ubound_arf(end, log_det + CENTRE, BITS);
    arf_min(&to->least[1], &to->least[1], end);
    arb_get_lbound_arf(end, log_det + CENTRE, BITS);
    arf_max(&to->most[0], &to->most[0], end);
    arf_clear(end);
}

/* With F the squared norm of the Jacobian J and D its determinant, |J|^2 = (F +
 * sqrt(F^2 - 4 D^2))/2, which grows in F and falls in |D|; |J^-1| = |J|/|D|. */
static void add_lipschitz(box_flow *to, const flow_value *v, worker *w)
{
    arf_t bound;
    arf_init(bound);
    arb_zero(&w->a);
    for (slong i = 0; i < D; i++)
        for (slong j = 0; j < D; j++) {
            arb_get_abs_ubound_arf(bound, v->z + i * STRIDE + GRADIENT + j,
                                   BITS);
            arb_set_arf(&w->b, bound);
            arb_addmul(&w->a, &w->b, &w->b, BITS);
        }
    arb_get_lbound_arf(bound, v->log_det, BITS);
    arb_set_arf(&w->c, bound);
    arb_exp(&w->c, &w->c, BITS);
    arb_sqr(&w->b, &w->a, BITS);
    arb_sqr(w->e, &w->c, BITS);
    arb_mul_2exp_si(w->e, w->e, 2);
    arb_sub(&w->b, &w->b, w->e, BITS);
    arb_sqrtpos(&w->b, &w->b, BITS);
    arb_add(&w->a, &w->a, &w->b, BITS);
    arb_mul_2exp_si(&w->a, &w->a, -1);
    arb_sqrt(&w->a, &w->a, BITS);
    arb_get_ubound_arf(bound, &w->a, BITS);
    arf_max(&to->lipschitz[0], &to->lipschitz[0], bound);
    arb_div(&w->a, &w->a, &w->c, BITS);
    arb_get_ubound_arf(bound, &w->a, BITS);
    arf_max(&to->lipschitz[1], &to->lipschitz[1], bound);
    arf_clear(bound);
}

/* Whether means of a flow are known to within a tolerance, of a whole. */
static int is_narrow(worker *w, int k, const mag_t tolerance)
{
    arb_mul(&w->a, &w->q[k], &w->volume, BITS);
    return mag_cmp(arb_radref(&w->log_q[k]), tolerance) <= 0 &&
           mag_cmp(arb_radref(&w->a), tolerance) <= 0;
}

static void add_means(worker *w)
{
    for (int k = 0; k < 2 && w->t->flows[k]; k++) {
        box_flow *to = &w->sum->flows[k];
        arb_addmul(&to->mean_log_q, &w->log_q[k], &w->part.weight, LAW_BITS);
        arb_addmul(&to->mass, &w->q[k], &w->part.volume, LAW_BITS);
    }
}

static void add_bounds(worker *w)
{
    for (int k = 0; k < 2 && w->t->flows[k]; k++) {
        arb_ptr log_det = w->value[k].log_det;
        add_lipschitz(&w->sum->flows[k], &w->value[k], w);
        if (w->m.on && w->m.fits[k]) {
            model_range(&w->a, &w->m.flow[k].log_det);
            take_narrower(log_det, &w->a);
        }
        add_range(&w->sum->flows[k], log_det);
    }
}

/* What of it is added; for the rest the part is to be cut. */
static int add_flows(worker *w, int asked, int last)
{
    int coarse = 1, fine = 1;
    for (int k = 0; k < 2 && w->t->flows[k]; k++) {
        arb_srcptr log_q = w->value[k].log_q;
        set_mean(&w->log_q[k], log_q, law_of(w), w);
        flow_exponential(w->f, log_q, &w->place);
        set_mean(&w->q[k], w->f, &w->part.uniform, w);
        coarse &= is_narrow(w, k, w->tolerance);
        if (w->m.on && w->m.fits[k])
            improve_means(w, k);
        fine &= is_narrow(w, k, w->m.fits[k] ? w->fine : w->tolerance);
    }
    int done = (coarse || last ? BOUNDS : 0) | (fine || last ? MEANS : 0);
    if (asked & done & MEANS)
        add_means(w);
    if (asked & done & BOUNDS)
        add_bounds(w);
    return done;
}

/* Whether it is decided on which side of apart the difference lies. */
static int add_apart(worker *w, int last)
{
    flow_difference(w->f, w->value[0].log_det, w->value[1].log_det, &w->place);
    if (w->m.on && w->m.fits[0] && w->m.fits[1]) {
        model_subtract(&w->m.other, &w->m.flow[0].log_det,
                       &w->m.flow[1].log_det);
        model_range(&w->a, &w->m.other);
        take_narrower(w->f, &w->a);
    }
    arb_abs(&w->a, w->f);
    arb_set_d(&w->b, w->t->apart);
    int over = arb_ge(&w->a, &w->b), under = arb_lt(&w->a, &w->b);
    if (!over && !under && !last)
        return 0;
    for (int k = 0; k < 2; k++)
        if (k ? !under : over)
            arb_add(&w->sum->apart[k], &w->sum->apart[k], &w->part.weight,
                    LAW_BITS);
    return 1;
}

/* The same of the sign of log(exp(e) - 1), e = |z|^2/2; adds E|.|, or what of
 * it is certain. */
static int add_gauge(worker *w, int last)
{
    arb_srcptr z = w->value[0].z;
    flow_inverted(w->f, z, &w->place);
    if (arb_is_negative(w->f))
        _arb_vec_neg(w->f, w->f, STRIDE);
    if (arb_is_positive(w->f)) {
        set_mean(&w->b, w->f, law_of(w), w);
        if (!last && mag_cmp(arb_radref(&w->b), w->tolerance) > 0)
            return 0;
        arb_addmul(&w->sum->gauge, &w->b, &w->part.weight, LAW_BITS);
        return 1;
    }
    if (!last)
        return 0;
    /* Near the pole: at least its value at the largest e, if that is below. */
    if (!arb_is_finite(w->f)) {
        arb_sqr(&w->a, z, BITS);
        arb_addmul(&w->a, z + STRIDE, z + STRIDE, BITS);
        arb_mul_2exp_si(&w->a, &w->a, -1);
        arb_get_abs_ubound_arf(arb_midref(w->e), &w->a, BITS);
        mag_zero(arb_radref(w->e));
        arb_expm1(&w->a, w->e, BITS);
        arb_log(&w->a, &w->a, BITS);
        if (arb_is_negative(&w->a))
            arb_submul(&w->sum->gauge, &w->a, &w->part.weight, LAW_BITS);
    }
    return 1;
}

static void visit(worker *w, slong i, slong j, slong n, int level, int asked)
{
    const box_task *t = w->t;
    const slong at[D] = {i, j};
    int finite = 1, open = 0;
    place_part(w, at, n);
    w->place = (flow_place){w->part.centre, w->part.half, t->centre_only};
    for (int k = 0; k < 2; k++)
        if (t->flows[k] && (k == 0 || asked & (MEANS | BOUNDS | APART))) {
            flow_evaluate(&w->value[k], t->flows[k], &w->place);
            finite &= arb_is_finite(w->value[k].log_q) &&
                      arb_is_finite(w->value[k].log_det);
        }
    w->sum->boxes++;
    w->m.on = 0;
    if (asked & MEANS && (w->m.fits[0] || w->m.fits[1]))
        set_models(w);
    if (!finite && level < LEVELS) {
        open = asked;
    } else {
        if (asked & (MEANS | BOUNDS))
            open |= asked & (MEANS | BOUNDS) &
                    ~add_flows(w, asked, level >= LEVELS);
        if (asked & APART && !add_apart(w, level >= OPEN_LEVELS))
            open |= APART;
        if (asked & GAUGE && !add_gauge(w, level >= OPEN_LEVELS))
            open |= GAUGE;
    }
    for (slong k = 0; open && k < 4; k++)
        visit(w, 2 * i + k / 2, 2 * j + k % 2, 2 * n, level + 1, open);
}

static void init_moments(moments *m)
{
    for (int j = 0; j < D; j++) {
        arb_init(m->mean + j);
        arb_init(m->square + j);
        arb_init(m->spread + j);
    }
}

static void clear_moments(moments *m)
{
    for (int j = 0; j < D; j++) {
        arb_clear(m->mean + j);
        arb_clear(m->square + j);
        arb_clear(m->spread + j);
    }
}

static void init_models(worker *w)
{
    models *m = &w->m;
    mag_init(w->fine);
    mag_set_d(w->fine, w->t->fine);
    for (int k = 0; k < 2; k++) {
        m->fits[k] =
            w->t->fine > 0 && w->t->flows[k] && flow_models_fit(w->t->flows[k]);
        if (m->fits[k])
            flow_room_init(&m->room[k], w->t->flows[k]);
        flow_model_init(&m->flow[k]);
    }
    model_init(&m->other);
    m->uniform = _arb_vec_init(3 * (DEGREE + 1));
    for (int j = 0; j < D; j++)
        m->law[j] = m->uniform + (j + 1) * (DEGREE + 1);
    arb_one(&w->a);
    arb_mul_2exp_si(&w->a, &w->a, -1);
    moments_uniform(m->uniform, &w->a);
}

static void clear_models(worker *w)
{
    models *m = &w->m;
    mag_clear(w->fine);
    for (int k = 0; k < 2; k++) {
        if (m->fits[k])
            flow_room_clear(&m->room[k]);
        flow_model_clear(&m->flow[k]);
    }
    model_clear(&m->other);
    _arb_vec_clear(m->uniform, 3 * (DEGREE + 1));
}

static void init_worker(worker *w)
{
    for (int k = 0; k < 2; k++) {
        flow_value_init(&w->value[k], D, 1);
        arb_init(&w->log_q[k]);
        arb_init(&w->q[k]);
    }
    mag_init(w->tolerance);
    mag_set_d(w->tolerance, w->t->tolerance);
    w->part.centre = _arb_vec_init(3 * D);
    w->part.half = w->part.centre + D;
    w->part.size = w->part.half + D;
    init_moments(&w->part.uniform);
    init_moments(&w->part.law);
    arb_init(&w->part.weight);
    arb_init(&w->part.volume);
    w->f = _arb_vec_init(2 * STRIDE);
    w->e = w->f + STRIDE;
    arb_init(&w->a);
    arb_init(&w->b);
    arb_init(&w->c);
    init_models(w);
    arb_init(&w->volume);
    arb_one(&w->volume);
    for (int j = 0; j < D; j++) {
        along(&w->a, w->t->box + 2 * j, 0, 1);
        along(&w->b, w->t->box + 2 * j, 1, 1);
        arb_sub(&w->a, &w->b, &w->a, BITS);
        arb_mul(&w->volume, &w->volume, &w->a, BITS);
    }
}

static void clear_worker(worker *w)
{
    for (int k = 0; k < 2; k++) {
        flow_value_clear(&w->value[k]);
        arb_clear(&w->log_q[k]);
        arb_clear(&w->q[k]);
    }
    arb_clear(&w->volume);
    mag_clear(w->tolerance);
    clear_models(w);
    _arb_vec_clear(w->part.centre, 3 * D);
    clear_moments(&w->part.uniform);
    clear_moments(&w->part.law);
    arb_clear(&w->part.weight);
    arb_clear(&w->part.volume);
    _arb_vec_clear(w->f, 2 * STRIDE);
    arb_clear(&w->a);
    arb_clear(&w->b);
    arb_clear(&w->c);
}

/* gap := E log p - E log q, given the probabilities of the axes under the
 * normal law. */
static void set_gaps(box_result *r, const box_task *t, arb_srcptr axes)
{
    arb_t entropy, a, b, c;
    arb_init(entropy);
    arb_init(a);
    arb_init(b);
    arb_init(c);
    for (int j = 0; j < D; j++) {
        along(a, t->box + 2 * j, 0, 1);
        along(b, t->box + 2 * j, 1, 1);
        if (t->law == STANDARD_NORMAL) { /* -log(2 pi)/2 - x^2/2 - log P */
            normal_on(c, NULL, c, a, b);
            arb_mul_2exp_si(c, c, -1);
            arb_sub(entropy, entropy, c, LAW_BITS);
            arb_const_pi(c, LAW_BITS);
            arb_mul_2exp_si(c, c, 1);
            arb_sqrt(c, c, LAW_BITS);
            arb_mul(c, c, axes + j, LAW_BITS);
        } else {
            arb_sub(c, b, a, LAW_BITS);
        }
        arb_log(c, c, LAW_BITS);
        arb_sub(entropy, entropy, c, LAW_BITS);
    }
    for (int k = 0; k < 2; k++)
        arb_sub(&r->flows[k].gap, entropy, &r->flows[k].mean_log_q, LAW_BITS);
    arb_clear(c);
    arb_clear(b);
    arb_clear(a);
    arb_clear(entropy);
}

void boxes(box_result *r, const box_task *t)
{
    box_result *rows = jf_alloc((size_t)t->n, sizeof *rows);
    arb_ptr axes = _arb_vec_init(D + 2);
    int asked =
        MEANS | BOUNDS | (t->flows[1] ? APART : 0) | (t->inverted ? GAUGE : 0);
    for (int j = 0; j < D; j++) {
        along(axes + D, t->box + 2 * j, 0, 1);
        along(axes + D + 1, t->box + 2 * j, 1, 1);
        normal_on(axes + j, NULL, NULL, axes + D, axes + D + 1);
    }
#pragma omp parallel num_threads(t->threads)
    {
        worker w = {.t = t, .axes = axes};
        init_worker(&w);
#pragma omp for schedule(dynamic)
        for (slong i = 0; i < t->n; i++) {
            w.sum = rows + i;
            box_result_init(w.sum);
            for (slong j = 0; j < t->n; j++)
                visit(&w, i, j, t->n, 0, asked);
        }
        clear_worker(&w);
        flint_cleanup();
    }
    box_result_clear(r);
    box_result_init(r);
    for (slong i = 0; i < t->n; i++) {
        merge(r, rows + i);
        box_result_clear(rows + i);
    }
    set_gaps(r, t, axes);
    _arb_vec_clear(axes, D + 2);
    free(rows);
}
