/* checks.c -- what must hold of a flow's numbers, whatever flow it is, and
 * whether it does.
 *
 * Deterministic   ll = log N(z; 0, I) + ld at every row (C1.1); ll - ld never
 *                 exceeds log N(0; 0, I) (C1.4); both to rounding.
 * Statistical     z ~ N(0, I), by the tests of law.c.  With x, the likelihood
 *                 ratio against a Gaussian fitted to every other row and
 *                 scored on the rest: its mean under the model is 1, so it
 *                 exceeds 1 / level with at most that probability (Markov).
 *                 All at AUDIT_LEVEL / number of tests.
 * By neighbours   the volume of volume.c, within five errors of first and
 *                 of second order and what the next one is. */
#include "flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_rows(const flow_numbers *f, audit_report *r)
{
    size_t bad = f->rows - f->n;
    /* A design goes far out, where a flow need not be defined. */
    audit_verdict verdict = !bad          ? AUDIT_OK
                            : r->stencils ? AUDIT_NOTE
                                          : AUDIT_WRONG;
    audit_line *line = audit_add(r, "finite", "C6.3", "every number is finite",
                                 (double)bad, 0, 0, verdict);
    if (bad)
        audit_detail(
            line,
            "%zu of %zu rows left out, the first is row %zu; z is not finite "
            "in %zu, else log_abs_det in %zu, log_likelihood in %zu, x in %zu, "
            "|z|^2 or a sum in %zu",
            bad, f->rows, f->first_bad, f->bad_z, f->bad_ld, f->bad_ll,
            f->bad_x, f->too_large);
}

/* A design may go where a flow is not defined; where z is, log_abs_det is too. */
static void check_lost(const flow_numbers *f, audit_report *r)
{
    jf_text rows = {0};
    audit_line *line = audit_add(
        r, "log-det-finite", "C6.3", "log_abs_det is finite where z and x are",
        (double)f->lost, 0, 0, f->lost ? AUDIT_WRONG : AUDIT_OK);
    if (!f->lost)
        return;
    for (size_t k = 0; k < f->lost && k < LOST_ROWS; k++)
        jf_text_add(&rows, "%s%zu", k ? ", " : "", f->lost_row[k]);
    audit_detail(line,
                 "log_abs_det is not finite, though z and x are, in row%s %s%s",
                 f->lost > 1 ? "s" : "", rows.data,
                 f->lost > LOST_ROWS ? " and others" : "");
    free(rows.data);
}

static void check_consistent(const flow_numbers *f, audit_report *r)
{
    size_t worst = 0, bad = 0;
    double most = -1;
    for (size_t i = 0; i < f->n; i++) {
        double e = fabs(f->ll[i] - f->base[i] - f->ld[i]);
        bad += e > f->allowed[i];
        if (e / f->allowed[i] > most) {
            most = e / f->allowed[i];
            worst = i;
        }
    }
    audit_line *line =
        audit_add(r, "consistency", "C1.1",
                  "log_likelihood = log N(z; 0, I) + log_abs_det",
                  f->ll[worst] - f->base[worst] - f->ld[worst], 0,
                  f->allowed[worst], bad ? AUDIT_WRONG : AUDIT_OK);
    r->residual_wrong = bad > 0;
    if (bad)
        audit_detail(line,
                     "%zu of %zu rows contradict it; the worst is row %zu", bad,
                     f->n, f->row[worst] + 1);
}

static void check_range(const flow_numbers *f, audit_report *r)
{
    size_t worst = 0, bad = 0;
    double top = -(double)f->d / 2 * JF_LOG_2PI, most = -HUGE_VAL;
    for (size_t i = 0; i < f->n; i++) {
        double excess = f->ll[i] - f->ld[i] - top;
        bad += excess > f->allowed[i];
        if (excess > most) {
            most = excess;
            worst = i;
        }
    }
    audit_line *line = audit_add(
        r, "range", "C1.4", "log_likelihood - log_abs_det <= log N(0; 0, I)",
        top + most, top, f->allowed[worst], bad ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    if (bad)
        audit_detail(line, "%zu of %zu rows are above any density of the base",
                     bad, f->n);
}

/* What neighbours cannot tell from 0. */
static double least_visible(const flow_numbers *f, const flow_volume *v)
{
    double rounding = 0;
    for (size_t k = 0; k < v->centres; k++)
        rounding = fmax(rounding, f->allowed[v->row[k]]);
    return VOLUME_ERRORS * (v->first + v->second) + v->next + rounding;
}

/* The volume and what it cannot tell from 0; v->why where it shows nothing. */
static double see_volume(const flow_numbers *f, look_at way, flow_volume *v)
{
    volume_of(f, way, v);
    double visible = v->why ? HUGE_VAL : least_visible(f, v);
    /* An expansion: what it allows must be small, a nat a dimension. */
    if (!v->why && !(visible < (double)f->d))
        v->why = "so few rows do not show so curved a map, or x is of other "
                 "rows";
    return visible;
}

/* By the better half of some centres where that is fine enough, or else by
 * whichever way is finest; as the first has it where none shows it. */
static void find_volume(const flow_numbers *f, audit_report *r)
{
    flow_volume *v = &r->volume;
    double fine = (double)f->d / 2;
    r->least_visible = see_volume(f, VOLUME_HALF, v);
    for (int way = VOLUME_BEST; f->x && way < VOLUME_WAYS; way++) {
        if (!v->why && r->least_visible < fine)
            break;
        flow_volume other, kept = *v;
        double visible = see_volume(f, (look_at)way, &other);
        if (!other.why && (v->why || visible < r->least_visible)) {
            r->least_visible = visible;
            other.stretch = kept.stretch;
            *v = other;
            other = kept;
        }
        volume_free(&other);
    }
}

static void check_volume(const flow_numbers *f, audit_report *r)
{
    static const char statement[] = "log_abs_det is the local change of volume";
    flow_volume *v = &r->volume;
    audit_line *line;
    find_volume(f, r);
    if (v->why) {
        line =
            audit_add(r, "volume", "C4.1", statement,
                      v->centres ? v->typical : (double)NAN, 0,
                      v->centres ? r->least_visible : (double)NAN, AUDIT_OPEN);
        audit_detail(line,
                     "%s: audit --design X.csv writes the points that "
                     "decide it",
                     v->why);
        return;
    }
    r->volume_wrong = v->typical > r->least_visible;
    line =
        audit_add(r, "volume", "C4.1", statement, v->typical, 0,
                  r->least_visible, r->volume_wrong ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    audit_detail(
        line,
        "median |T - log_abs_det|, T by %s fits to %zu neighbours%s of each of "
        "%zu rows; the median of T - log_abs_det is %.3g",
        v->quadratic ? "quadratic" : "linear", v->neighbours,
        v->way == VOLUME_BY_SIGN ? " of equal signs" : "", v->centres,
        v->middle);
}

/* log N(x_i) - ll_i summed over odd rows, N fitted to even ones; NaN when
 * that covariance is singular. */
static double ratio_of_halves(const flow_numbers *f)
{
    size_t d = f->d, n1 = (f->n + 1) / 2;
    double *mean = jf_alloc(d * d + 2 * d, sizeof *mean), *l = mean + d;
    double *y = l + d * d, sum = 0, log_det = 0, count = (double)n1;
    for (size_t i = 0; i < f->n; i += 2)
        for (size_t j = 0; j < d; j++)
            mean[j] += f->x[i * d + j] / count;
    for (size_t i = 0; i < f->n; i += 2)
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k <= j; k++)
                l[j * d + k] += (f->x[i * d + j] - mean[j]) *
                                (f->x[i * d + k] - mean[k]) / (count - 1);
    int good = n1 > d + 1 && jf_cholesky(d, l) == GSL_SUCCESS;
    for (size_t j = 0; good && j < d; j++) {
        good = l[j * d + j] > 0;
        log_det += log(l[j * d + j]);
    }
    for (size_t i = 1; good && i < f->n; i += 2) {
        double q = 0;
        for (size_t j = 0; j < d; j++) {
            double v = f->x[i * d + j] - mean[j];
            for (size_t k = 0; k < j; k++)
                v -= l[j * d + k] * y[k];
            y[j] = v / l[j * d + j];
            q += y[j] * y[j];
        }
        sum += -q / 2 - log_det - (double)d / 2 * JF_LOG_2PI - f->ll[i];
    }
    free(mean);
    return good ? sum : (double)NAN;
}

/* Under the eigenvalue optimum by more than chance? */
static void check_gaussian(const flow_numbers *f, audit_report *r)
{
    static const char statement[] =
        "x is explained no worse than by a Gaussian";
    double scored = (double)(f->n / 2), sum = ratio_of_halves(f);
    if (isnan(sum)) {
        audit_detail(audit_add(r, "gaussian", "C3.8", statement, sum, 0, sum,
                               AUDIT_OPEN),
                     "not seen: a half of the rows has a singular covariance");
        return;
    }
    double allowed = log(1 / r->level) / scored;
    int bad = sum / scored > allowed;
    /* If z is normal and log_abs_det right, x has the density claimed. */
    audit_line *line =
        audit_add(r, "gaussian", "C3.8", statement, sum / scored, 0, allowed,
                  !bad        ? AUDIT_OK
                  : r->misfit ? AUDIT_MISFIT
                              : AUDIT_WRONG);
    line->at_most = 1;
    r->too_small = bad && !r->misfit;
    audit_detail(
        line, "nats per row that a Gaussian is ahead, on rows it has not seen");
}

/* A map that takes many points to one value of a column has no density there;
 * without x that may be a matter of the points. */
static void check_atoms(const flow_numbers *f, audit_report *r)
{
    double of[AUDIT_PARAMETERS] = {0};
    if (!f->x || r->stencils)
        return;
    int bad = flow_atom(f, of);
    audit_line *line = audit_add(r, "one-to-one", "C1.1",
                                 "no column of z has one value at many points",
                                 of[2], 0, 0, bad ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    r->not_one_to_one = bad;
    if (bad)
        audit_detail(line, "z%.0f is %.9g at %.0f points of other x", of[0],
                     of[1], of[2]);
}

static int same_answer(const flow_numbers *f, size_t i, size_t k)
{
    for (size_t j = 0; j < f->d; j++) {
        double z = f->z[i * f->d + j];
        if (fabs(z - f->z[k * f->d + j]) > two_answers(f, &f->of_z, z))
            return 0;
    }
    return 1;
}

/* Rows of one point and one z have one log_abs_det.  Not asked where x repeats by
 * the digits of a single column, nor of one pair alone, which may be a slip. */
static void check_repeated(const flow_numbers *f, audit_report *r)
{
    size_t pairs = 0, bad = 0, worst = 0, of = 0;
    double most = 0, allowed = 0;
    if (!f->x || (f->d == 1 && f->of_x.digits <= 6))
        return;
    size_t *first = jf_alloc(f->n, sizeof *first);
    same_points(f->n, f->d, f->x, first);
    for (size_t i = 0; i < f->n; i++) {
        if (first[i] == i || !same_answer(f, i, first[i]))
            continue;
        double off = fabs(f->ld[i] - f->ld[first[i]]);
        double tol = two_answers(f, &f->of_ld, f->ld[i]);
        pairs++;
        bad += off > tol;
        if (off >= most) {
            most = off;
            allowed = tol;
            worst = i;
            of = first[i];
        }
    }
    free(first);
    if (pairs < 2)
        return;
    r->not_a_function = bad >= 2 && 2 * bad > pairs;
    audit_line *line =
        audit_add(r, "function", "C1.1", "log_abs_det is one at equal x and z",
                  most, 0, allowed, r->not_a_function ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    audit_detail(line,
                 "in %zu of %zu repeated rows it differs; the worst is row "
                 "%zu, the point of row %zu",
                 bad, pairs, f->row[worst] + 1, f->row[of] + 1);
}

void audit_check_rows(const flow_numbers *f, audit_report *r)
{
    check_rows(f, r);
    if (r->stencils)
        check_lost(f, r);
    check_consistent(f, r);
    check_range(f, r);
}

/* The rows of f, each point once: repeated rows are no further sample.  0 when
 * none is repeated, or when digits are so few that one column repeats by them. */
static int distinct(const flow_numbers *f, flow_numbers *to)
{
    const double *x = f->x ? f->x : f->z;
    const precision *digits = f->x ? &f->of_x : &f->of_z;
    size_t n = 0, d = f->d, *first = jf_alloc(f->n, sizeof *first);
    double *v = jf_alloc(f->n * (2 + 2 * d), sizeof *v), *z = v + 2 * f->n;
    double *own = z + f->n * d;
    same_points(f->n, d, x, first);
    for (size_t i = 0; i < f->n; i++) {
        if (first[i] != i)
            continue;
        v[n] = f->ll[i];
        v[f->n + n] = f->ld[i];
        memcpy(z + n * d, f->z + i * d, d * sizeof *z);
        memcpy(own + n * d, x + i * d, d * sizeof *own);
        n++;
    }
    int repeated = n < f->n && n > 1 && (d > 1 || digits->digits > 6);
    if (repeated)
        flow_from(f->name, n, d, v, v + f->n, z, f->x ? own : NULL, to);
    free(first);
    free(v);
    return repeated;
}

void audit_check(const flow_numbers *f, audit_report *r)
{
    flow_numbers once;
    audit_check_rows(f, r);
    check_atoms(f, r);
    check_repeated(f, r);
    check_volume(f, r);
    int repeated = distinct(f, &once);
    const flow_numbers *g = repeated ? &once : f;
    audit_law(g->n, g->d, g->z, r->level, r);
    if (g->x)
        check_gaussian(g, r);
    if (repeated)
        flow_free(&once);
}
