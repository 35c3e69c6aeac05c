/* decide.c -- a design judged: differences of z against log_abs_det.
 *
 * D(h) = (z(x + h) - z(x - h)) / 2h and, by Richardson, R = (4 D(h) - D(2h)) / 3
 * estimate a column of J; log |det R| is compared with log_abs_det at the
 * centre.  Values alone enter: a framework's own derivative would agree with
 * its log-determinant even where neither is that of z.
 *
 * Error.  To first order log |det(J + E)| - log |det J| = tr(J^-1 E).
 *   rounding    A value of z_i errs by noise of deviation s_i, of the format
 *               written and of the arithmetic: the fourth difference
 *               z(2h) - 4 z(h) + 6 z - 4 z(-h) + z(-2h) of a smooth function is
 *               sqrt(70) s_i of it, and s_i is the median of its size over all
 *               points and directions, over .6745 sqrt(70); at least what the
 *               digits written say.  R errs by sqrt(130) / 12 s_i / h, D(h) by
 *               s_i / (sqrt(2) h): squares add up to a variance T, and a normal
 *               quantile q at the level of the check, shared by the points, is
 *               allowed.  Beyond first order half the squared norm of J^-1 E is,
 *               or what is less at many columns: those of E are independent, so
 *               that tr (J^-1 E)^k / k is a sum of products of k numbers whose
 *               square is T^k / k at most in mean, and by its moment of order
 *               q^2 (Janson 1997, chapter 5) it exceeds e^(1/2) r^k / k^(1/2),
 *               r = q T^(1/2), no more often than q does.
 *   truncation  What fourth differences and D(2h) - D(h) show above noise is no
 *               noise.  For a kink (of ReLU nets, of splines) anywhere within
 *               the five points R errs by at most |fourth| / 3h + |D(2h) -
 *               D(h)|: its size by its place theta h is kappa |6 - 7 theta| / 12
 *               up to h and kappa (2 - theta) / 12 beyond, the two terms
 *               kappa |3 theta - 2| / 3 and kappa theta / 4, then
 *               kappa (2 - theta) / 3 and kappa (2 - theta) / 4.  For a smooth
 *               function D(2h) - D(h) = h^2 z''' / 2 is removed by R, and what
 *               remains is smaller by order h^2; the share of it that counts
 *               is four times the ratio of the fourth differences to h times
 *               it, at most 1: of that direction or of all, whichever is more
 *               (a jump of the second derivative, as at the knots of a spline,
 *               leaves up to 2/3 of it).
 * Where only some directions have a second step, log |det D(h)| is corrected by
 * the mean of tr(J^-1 (D(2h) - D(h)) / 3) over those, with Student's interval
 * at the same level. */
#include "design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

#define MEDIAN_OF_NORMAL 0.67448975019608174

typedef struct {
    const flow_numbers *f;
    const design *s;
    double level;
    double *noise, noise_ld;   /* (d) deviations of z and ld */
    double share;              /* share_of_all */
    double *log_det, *allowed; /* (stencils) */
    double *kinks;             /* (stencils) the part of allowed for them */
} study;

/* v at the centre and along x_j: fourth difference, first differences. */
static double fourth(const stencil *s, size_t j, const double *v, size_t stride)
{
    const size_t *at = s->at[j];
    return v[at[2] * stride] - 4 * v[at[0] * stride] +
           6 * v[s->centre * stride] - 4 * v[at[1] * stride] +
           v[at[3] * stride];
}

static double slope(const stencil *s, size_t j, int step, const double *v,
                    size_t stride)
{
    const size_t *at = s->at[j] + 2 * step;
    return (v[at[0] * stride] - v[at[1] * stride]) / (2 * (step + 1) * s->h[j]);
}

static int has_second(const stencil *s, size_t j)
{
    return s->at[j][2] != NO_ROW;
}

static double noise_of(const study *t, const double *v, size_t stride,
                       const precision *p)
{
    const design *s = t->s;
    size_t count = 0, room = 0;
    double least = 0;
    for (size_t k = 0; k < s->count; k++) {
        double at = v[s->of[k].centre * stride];
        room += s->of[k].second;
        least = fmax(least, written_error(p, at) + p->unit * fabs(at));
    }
    double *size = jf_alloc(room, sizeof *size);
    for (size_t k = 0; k < s->count; k++)
        for (size_t j = 0; j < t->f->d; j++)
            if (has_second(&s->of[k], j))
                size[count++] = fourth(&s->of[k], j, v, stride);
    double typical = median_size(count, size) / (MEDIAN_OF_NORMAL * sqrt(70));
    free(size);
    return fmax(typical, least / sqrt(3));
}

/* Squares of fourth differences over h, and of D(2h) - D(h). */
typedef struct {
    double even, odd;
} orders;

static void add_orders(const study *t, const stencil *s, size_t j, orders *o)
{
    size_t d = t->f->d;
    for (size_t i = 0; has_second(s, j) && i < d; i++) {
        const double *z = t->f->z + i;
        o->even += gsl_pow_2(fourth(s, j, z, d) / s->h[j]);
        o->odd += gsl_pow_2(slope(s, j, 1, z, d) - slope(s, j, 0, z, d));
    }
}

/* The share of D(2h) - D(h) that is left in R. */
static double share_of(const orders *o)
{
    return o->odd > 0 ? fmin(1, 4 * sqrt(o->even / o->odd)) : 0;
}

static double share_of_all(const study *t)
{
    orders o = {0};
    for (size_t k = 0; k < t->s->count; k++)
        for (size_t j = 0; j < t->f->d; j++)
            add_orders(t, &t->s->of[k], j, &o);
    return share_of(&o);
}

typedef struct { /* sums over the entries of J^-1 E */
    double noise, squares, truncation, blur;
    size_t n;
    double sum, sum_of_squares; /* of corrections, where they are sampled */
} error_sums;

/* Direction j: inverse (d, d) is J^-1. */
static void add_direction(const study *t, const stencil *s, size_t j,
                          const double *inverse, double quantile, error_sums *e)
{
    size_t d = t->f->d;
    orders o = {0};
    add_orders(t, s, j, &o);
    double share = fmax(t->share, share_of(&o));
    int all = s->second == d;
    double h = s->h[j], correction = 0, norm = 0, left = 0;
    for (size_t i = 0; i < d; i++) {
        double g = inverse[j * d + i], noise = t->noise[i];
        const double *z = t->f->z + i;
        norm += gsl_pow_2(g * noise / h);
        if (!has_second(s, j))
            continue;
        double by = slope(s, j, 1, z, d) - slope(s, j, 0, z, d);
        double kink =
            fmax(0, fabs(fourth(s, j, z, d)) - quantile * sqrt(70) * noise);
        double odd = fmax(0, fabs(by) - quantile * sqrt(0.625) * noise / h);
        left += fabs(g) * (kink / (3 * h) + share * odd);
        correction -= g * by / 3;
    }
    /* -log(1 - left) bounds all orders; infinite where a step tells nothing */
    e->truncation += left < 1 ? -log1p(-left) : HUGE_VAL;
    e->noise += (all ? 130.0 / 144 : 0.5) * norm;
    e->blur += s->blur[j];
    if (has_second(s, j)) {
        e->n++;
        e->sum += correction;
        e->sum_of_squares += gsl_pow_2(correction);
    }
}

/* Half the squared norm of J^-1 E, in mean, or the sum of the orders from 2 on;
 * r: the first. */
static double higher_orders(const study *t, const stencil *s,
                            const double *inverse, double r)
{
    size_t d = t->f->d;
    double rows = 0, steps = 0;
    for (size_t k = 0; k < d; k++)
        for (size_t i = 0; i < d; i++)
            rows += gsl_pow_2(inverse[k * d + i] * t->noise[i]);
    for (size_t j = 0; j < d; j++)
        steps += 1 / gsl_pow_2(s->h[j]);
    double sum = r < 1 ? sqrt(M_E / 2) * r * r / (1 - r) : HUGE_VAL;
    return fmin(rows * steps / 2, sum);
}

/* log |det| at a centre and what it may err by. */
static void decide(study *t, size_t k)
{
    const stencil *s = &t->s->of[k];
    size_t d = t->f->d;
    int all = s->second == d;
    double *a = jf_alloc(d * d, sizeof *a), log_det = -HUGE_VAL;
    double tail = t->level / (double)t->s->count / 2;
    double entry = gsl_cdf_ugaussian_Qinv(tail / (double)(d * d));
    error_sums e = {0};
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double near = slope(s, j, 0, t->f->z + i, d);
            a[i * d + j] =
                all ? (4 * near - slope(s, j, 1, t->f->z + i, d)) / 3 : near;
        }
    t->log_det[k] = -HUGE_VAL;
    t->allowed[k] = t->kinks[k] = 0;
    if (jf_invert(d, a, &log_det) == GSL_SUCCESS && isfinite(log_det)) {
        double quantile = gsl_cdf_ugaussian_Qinv(tail);
        for (size_t j = 0; j < d; j++)
            add_direction(t, s, j, a, entry, &e);
        double n = (double)e.n, scale = (double)d / n;
        t->log_det[k] = log_det;
        t->kinks[k] = scale * e.truncation;
        double first = quantile * sqrt(e.noise);
        t->allowed[k] = first + higher_orders(t, s, a, first) +
                        quantile * t->noise_ld + scale * e.truncation + e.blur;
        if (!all) {
            double mean = e.sum / n;
            double variance = (e.sum_of_squares - n * mean * mean) / (n - 1);
            t->log_det[k] += mean * (double)d;
            t->allowed[k] += (double)d * sqrt(variance / n) *
                             gsl_cdf_tdist_Qinv(tail, n - 1);
        }
    }
    free(a);
}

/* As the volume that neighbours would show, for the diagnosis: where something
 * is wrong, of the points that say how much, within ten times the least error
 * of one that contradicts, and of the better half. */
static void fill_volume(const study *t, audit_report *r)
{
    const design *s = t->s;
    flow_volume *v = &r->volume;
    double *off = jf_alloc(2 * s->count, sizeof *off), *tol = off + s->count;
    double least = HUGE_VAL;
    size_t count = 0;
    *v = (flow_volume){.row = jf_alloc(s->count, sizeof *v->row),
                       .log_det = jf_alloc(s->count, sizeof *v->log_det),
                       .allowed = jf_alloc(s->count, sizeof *v->allowed)};
    for (size_t k = 0; k < s->count; k++) {
        r->singular += !isfinite(t->log_det[k]);
        if (!isfinite(t->log_det[k]) || !isfinite(t->allowed[k]))
            continue;
        tol[count++] = t->allowed[k];
        if (fabs(t->log_det[k] - t->f->ld[s->of[k].centre]) > t->allowed[k])
            least = fmin(least, t->allowed[k]);
    }
    double most = count ? fmax(10 * least, median(count, tol)) : 0;
    for (size_t k = 0; k < s->count; k++) {
        size_t row = s->of[k].centre;
        if (!isfinite(t->log_det[k]) ||
            (r->volume_wrong && t->allowed[k] > most))
            continue;
        off[v->centres] = t->log_det[k] - t->f->ld[row];
        tol[v->centres] = v->allowed[v->centres] = t->allowed[k];
        v->row[v->centres] = row;
        v->log_det[v->centres++] = t->log_det[k];
    }
    r->least_visible = median(v->centres, tol);
    v->middle = median(v->centres, off);
    v->typical = median_size(v->centres, off);
    if (v->centres == 0)
        v->why = "J is singular at every point";
    free(off);
}

static void judge_volume(const study *t, audit_report *r)
{
    const design *s = t->s;
    size_t worst = 0, bad = 0;
    int decided = 0;
    double most = -1;
    for (size_t k = 0; k < s->count; k++) {
        double off = fabs(t->log_det[k] - t->f->ld[s->of[k].centre]);
        double times = off / t->allowed[k];
        bad += times > 1;
        decided |= isfinite(t->allowed[k]) != 0;
        if (times > most) {
            most = times;
            worst = k;
        }
    }
    /* The bound is for one kink in a stencil; several may hide each other, and
     * then a single point of many says nothing. */
    int lone = bad == 1 && s->count > 1 && isfinite(t->log_det[worst]) &&
               t->kinks[worst] > t->allowed[worst] / 2;
    bad = lone ? 0 : bad;
    size_t row = s->of[worst].centre;
    audit_line *line = audit_add(
        r, "volume", "C4.1", "log_abs_det is that of these values of z",
        t->log_det[worst] - t->f->ld[row], 0, t->allowed[worst],
        r->not_a_function == 2 ? AUDIT_OPEN
        : bad                  ? AUDIT_WRONG
        : lone                 ? AUDIT_NOTE
        : !decided             ? AUDIT_OPEN
                               : AUDIT_OK);
    r->volume_wrong = bad > 0 && r->not_a_function != 2;
    audit_detail(
        line,
        "by differences of z along all %zu directions: %zu of %zu points "
        "contradict it, the worst is row %zu; its x1 is %.4g%s",
        t->f->d, bad, s->count, t->f->row[row] + 1, t->f->x[row * t->f->d],
        r->not_a_function == 2 ? "; but z is no function of x"
        : lone ? "; kinks of z within its steps explain a single one"
               : "");
}

/* What rounding of d inputs and of sums over them moves v by, to first order:
 * an answer exact for other x, as near as that; 0 where no stencil says it.  What
 * noise of that deviation makes of a difference is no slope. */
static double moved_by_rounding(const study *t, size_t row, const double *v,
                                size_t stride, double unit, double noise)
{
    size_t d = t->f->d;
    for (size_t k = 0; k < t->s->count; k++) {
        const stencil *s = &t->s->of[k];
        double sum = 0;
        for (size_t j = 0; s->centre == row && j < d; j++)
            sum += fmax(0, fabs(slope(s, j, 0, v, stride)) -
                               VOLUME_ERRORS * noise / (M_SQRT2 * s->h[j])) *
                   fabs(t->f->x[row * d + j]);
        if (s->centre == row)
            return 2 * unit * ((double)d + 2) * sum;
    }
    return 0;
}

/* Rows of one point must have one answer, though sums of another batch are
 * added in another order: half of the digits of the format are asked for, or
 * what rounding leaves where the map is worse conditioned than that. */
static void judge_function(const study *t, audit_report *r)
{
    const flow_numbers *f = t->f;
    size_t pairs = 0, bad_z = 0, bad_ld = 0, worst = 0;
    double most = -1, apart = 0, allowed = 0;
    for (size_t i = 0; i < f->n; i++)
        pairs += t->s->first[i] != i;
    if (pairs == 0)
        return;
    double unit = fmax(f->of_z.unit, fmax(f->of_ld.unit, f->of_ll.unit));
    for (size_t i = 0; i < f->n; i++) {
        size_t same = t->s->first[i];
        int differs = 0;
        for (size_t j = 0; same != i && j <= f->d; j++) {
            const double *v = j < f->d ? f->z + j : f->ld;
            size_t stride = j < f->d ? f->d : 1;
            double off = fabs(v[i * stride] - v[same * stride]);
            double at = v[same * stride];
            double tol =
                two_answers(f, j < f->d ? &f->of_z : &f->of_ld, at) +
                moved_by_rounding(t, same, v, stride, unit,
                                  j < f->d ? t->noise[j] : t->noise_ld);
            differs |= off > tol ? (j < f->d ? 1 : 2) : 0;
            if (off / tol > most) {
                most = off / tol;
                worst = i;
                apart = off;
                allowed = tol;
            }
        }
        bad_z += (differs & 1) != 0;
        bad_ld += differs == 2;
    }
    audit_line *line = audit_add(
        r, "function", "C1.1", "z and log_abs_det are functions of x alone",
        apart, 0, allowed, bad_z + bad_ld ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    r->not_a_function = bad_z > 0 ? 2 : bad_ld > 0;
    audit_detail(line,
                 "of %zu repeated rows z differs in %zu, log_abs_det alone in "
                 "%zu; the worst is row %zu, the point of row %zu",
                 pairs, bad_z, bad_ld, f->row[worst] + 1,
                 f->row[t->s->first[worst]] + 1);
}

void design_judge(const flow_numbers *f, const design *s, audit_report *r)
{
    study t = {.f = f, .s = s, .level = r->level};
    t.noise = jf_alloc(f->d + 3 * s->count, sizeof *t.noise);
    t.log_det = t.noise + f->d;
    t.allowed = t.log_det + s->count;
    t.kinks = t.allowed + s->count;
    for (size_t i = 0; i < f->d; i++)
        t.noise[i] = noise_of(&t, f->z + i, f->d, &f->of_z);
    t.share = share_of_all(&t);
    t.noise_ld = noise_of(&t, f->ld, 1, &f->of_ld);
    for (size_t k = 0; k < s->count; k++)
        decide(&t, k);
    judge_function(&t, r);
    judge_volume(&t, r);
    design_mass(f, s, r);
    fill_volume(&t, r);
    free(t.noise);
}
