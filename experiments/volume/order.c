/* order.c -- is |det J| the local change of volume, and to which order?
 *
 * Question  vol f(B_r) / vol B_r -> j = |det J(x)| as r -> 0, and the relative
 *           difference is r^2 Laplacian(j) / (2 (d + 2) j) + O(r^4) where j is
 *           smooth.  Is it, for maps in closed form and for trained flows of
 *           every layer type?
 * Method    Volumes from values of f alone (measure.c), so that the
 *           determinant's code is tested and not used; the coefficient from
 *           differences of log_abs_det.  Radii 2^-1 .. 2^-6; the coefficient
 *           measured is extrapolated from the last two (Richardson), which
 *           leaves O(r^4).
 *           Parallelepipeds: det of one-sided and central differences against
 *           the second and third derivatives, steps 2^-4 .. 2^-9.
 *           Trained flows: on the banana, d = 2, and on four of them side by
 *           side, d = 8, at points drawn from it.
 * Writes    volume-order.csv: ratio over vol B_r; relative_error = ratio/j - 1;
 *           order: from the radius before; coefficient: relative_error /
 *           r^order, extrapolated; scale: sum of |second derivatives| alike, in
 *           which the coefficient's error is measured, as its terms may cancel;
 *           se: of Monte Carlo; of the integral, what fewer nodes change; of
 *           coefficients, what twice the step of the differences changes in the
 *           prediction; allowed: of the coefficient; z: of Monte Carlo against
 *           the integral of |det J|; broken: z and the integral by a
 *           log_abs_det in which the first layer has the wrong sign.
 *           Volumes relative, no unit. */
#include "volume.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

enum { RADII = 6, NODES = 2048, STEPS = 6 };
enum { SIDES = 4, FLAT = ARCHITECTURES, DEEP = 4 };

typedef struct { /* where volumes are measured */
    char name[64];
    int smooth;
    probe p;
    double x0[MAX_D];
    size_t number; /* of the point */
    double (*known)(size_t d, const double *x0, double r);
} place;

/* Methods of a table. */
static const char *const methods[] = {"contour",     "cubature", "polygon",
                                      "Monte Carlo", "forward",  "central",
                                      "integral"};
enum { CONTOUR, CUBATURE, POLYGON, MONTE_CARLO, FORWARD, CENTRAL, INTEGRAL };

/* What only some rows have. */
typedef struct {
    double order, predicted, coefficient, scale, se;
    double allowed; /* of the coefficient */
    double z;       /* Monte Carlo against the integral */
    double broken;  /* z, or the ratio, by a determinant with a sign lost */
} extras;

static const extras none = {(double)NAN, (double)NAN, (double)NAN, (double)NAN,
                            (double)NAN, (double)NAN, (double)NAN, (double)NAN};

static void row(const place *at, jf_table *out, size_t point, int method,
                double radius, double ratio, extras is)
{
    size_t d = at->p.f->d;
    double ld = probe_log_abs_det(&at->p, at->x0);
    jf_table_row(
        out, point,
        "%s,%zu,%zu,%s," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
        "," JF_G "," JF_G "," JF_G "," JF_G ",%d," JF_G "," JF_G "," JF_G,
        at->name, d, at->number, methods[method], radius, ratio, ld,
        ratio / exp(ld) - 1, is.order, is.predicted, is.coefficient, is.scale,
        is.se, at->known ? at->known(d, at->x0, radius) : (double)NAN,
        at->smooth, is.allowed, is.z, is.broken);
}

/* The rounding of a ratio, relative to it.
 *   contour   points err by 8 u, a length that times the perimeter over the
 *             area, 2 / r, is the error
 *   others    d columns of differences, whose entries err by 1.5 u |f| / step;
 *             16: twice that (the weights of the cubature's rule) times |f|
 *             over the least singular value, at most 5 here */
static double rounding(int method, size_t d, double radius)
{
    double u = DBL_EPSILON / 2;
    return method == CONTOUR ? 16 * u / radius
                             : 16 * (double)d * u /
                                   (method == CUBATURE ? VOLUME_STEP : radius);
}

/* A ladder of radii: error = c r^power + O(r^(power + step)); predicted c,
 * known to resolved. */
typedef struct {
    int method, power, step;
    double first, predicted, scale, resolved;
    double (*ratio)(const place *, double);
} ladder;

/* The coefficient is extrapolated from two radii; its error falls by 4^step as
 * the radius halves, so that the last change of it, or the one before in
 * proportion, is more than the error: allowed, with rounding and what the
 * prediction's own error is. */
static void climb(const place *at, jf_table *out, size_t point, ladder l)
{
    double ld = probe_log_abs_det(&at->p, at->x0), before = (double)NAN;
    double c = (double)NAN, change = (double)NAN, weight = pow(2, l.step);
    for (int k = 0; k < RADII; k++) {
        double r = ldexp(l.first, -k), is = l.ratio(at, r);
        double error = is / exp(ld) - 1;
        double here = error / pow(r, l.power);
        double up = before / pow(2 * r, l.power);
        double next = (weight * here - up) / (weight - 1);
        double changes = fmax(fabs(next - c), change / (weight * weight));
        extras x = none;
        x.order = log2(before / error);
        x.predicted = l.predicted;
        x.coefficient = next;
        x.scale = l.scale;
        x.se = l.resolved;
        x.allowed = changes + l.resolved +
                    3 * rounding(l.method, at->p.f->d, r) / pow(r, l.power);
        row(at, out, point, l.method, r, is, x);
        change = fabs(next - c);
        c = next;
        before = error;
    }
}

static double by_contour(const place *at, double r)
{
    return volume_contour(&at->p, at->x0, r, NODES);
}

static double by_cubature(const place *at, double r)
{
    return volume_cubature(&at->p, at->x0, r);
}

static double forward_differences(const place *at, double h)
{
    return volume_parallelepiped(&at->p, at->x0, h, 0);
}

static double central_differences(const place *at, double h)
{
    return volume_parallelepiped(&at->p, at->x0, h, 1);
}

/* The normal quantile of the binomial law of hits, on the side where they are:
 * exact, as its tails are, for any n. */
static double binomial_z(size_t hits, size_t n, double share)
{
    double p = fmin(share, 1), mean = p * (double)n, most = 37;
    unsigned int k = (unsigned int)hits, count = (unsigned int)n;
    if ((double)hits < mean)
        return fmax(-most,
                    gsl_cdf_ugaussian_Pinv(gsl_cdf_binomial_P(k, p, count)));
    return k ? fmin(most,
                    gsl_cdf_ugaussian_Qinv(gsl_cdf_binomial_Q(k - 1, p, count)))
             : 0;
}

/* Hits through the inverse against the integral of |det J|, r = 1/2. */
static void monte_carlo(const experiment *e, const place *at, jf_table *out,
                        size_t point)
{
    size_t n = by_profile(e, 20000, 200000, 2000000);
    gsl_rng *rng = jf_stream_new();
    extras x = none;
    double box, lost;
    jf_stream_seek(rng, e->args.seed, JF_PURPOSE_USER + 500, point, at->number);
    size_t hits = volume_monte_carlo(&at->p, at->x0, 0.5, n, rng, &box);
    double share = (double)hits / (double)n;
    double area = volume_integral(&at->p, at->x0, 0.5, 24,
                                  by_profile(e, 128, 256, 512), &lost);
    x.se = box * sqrt(share * (1 - share) / (double)n);
    x.z = binomial_z(hits, n, area / box);
    x.broken = binomial_z(hits, n, lost / box);
    row(at, out, point, MONTE_CARLO, 0.5, box * share, x);
    gsl_rng_free(rng);
}

/* The area formula at radius 1/8.  Its error is told by what fewer nodes of
 * both quadratures change, the most of three: beside the knots of a spline
 * errors fall as h^2 but not evenly, so that one change may by chance be less
 * than the error is. */
static void area(const place *at, jf_table *out, size_t point)
{
    static const size_t fewer[3][2] = {{12, 64}, {8, 40}, {6, 32}};
    double r = 0.125, contour = by_contour(at, r), inside = 0, around = 0;
    extras x = none;
    double fine = volume_integral(&at->p, at->x0, r, 24, 128, &x.broken);
    for (size_t k = 0; k < 3; k++) {
        double unused, coarse = volume_integral(&at->p, at->x0, r, fewer[k][0],
                                                fewer[k][1], &unused);
        double few = volume_contour(&at->p, at->x0, r, NODES >> (k + 1));
        inside = jf_worse(inside, fabs(fine - coarse));
        around = jf_worse(around, fabs(contour - few));
    }
    x.se = inside + around;
    row(at, out, point, INTEGRAL, r, fine, x);
}

/* The areas of a plane map at radius 1/2, and the area formula. */
static void areas(const experiment *e, const place *at, jf_table *out,
                  size_t point)
{
    for (size_t nodes = 64; nodes <= 128; nodes *= 2)
        row(at, out, point, POLYGON, 0.5,
            volume_polygon(&at->p, at->x0, 0.5, nodes), none);
    monte_carlo(e, at, out, point);
    area(at, out, point);
}

static void measure(const experiment *e, const place *at, jf_table *out,
                    size_t point)
{
    int flat = at->p.f->d == 2;
    ladder ball = {flat ? CONTOUR : CUBATURE,
                   2,
                   2,
                   0.5,
                   (double)NAN,
                   (double)NAN,
                   (double)NAN,
                   flat ? by_contour : by_cubature};
    if (at->smooth)
        ball.predicted =
            ball_coefficient(&at->p, at->x0, &ball.scale, &ball.resolved);
    climb(at, out, point, ball);
    if (flat)
        areas(e, at, out, point);
    for (int central = 0; central < 2 && at->smooth; central++) {
        ladder box = {central ? CENTRAL : FORWARD,
                      1 + central,
                      1 + central,
                      0.0625,
                      0,
                      0,
                      0,
                      central ? central_differences : forward_differences};
        box.predicted = parallelepiped_coefficient(&at->p, at->x0, central,
                                                   &box.scale, &box.resolved);
        climb(at, out, point, box);
    }
}

static void measure_closed(const experiment *e, const closed_map *m,
                           jf_table *out, size_t point, jf_team *team)
{
    jf_layer *f = m->make(m->d);
    place at = {.smooth = m->smooth, .p = {f, NULL, team}, .known = m->ratio};
    snprintf(at.name, sizeof at.name, "%s", m->name);
    memcpy(at.x0, m->x0, sizeof at.x0);
    measure(e, &at, out, point);
    jf_layer_free(f);
}

/* An architecture trained on copies of the banana, at points drawn from it. */
static void measure_trained(const experiment *e, size_t a, size_t copies,
                            jf_table *out, size_t point, jf_team *team)
{
    training t = {.a = &architectures[a],
                  .toy = jf_toy_find("banana"),
                  .copies = copies,
                  .steps = by_profile(e, 32, 400, 2000),
                  .seed = e->args.seed};
    size_t d = 2 * copies, points = by_profile(e, 1, 3, 10);
    jf_layer *f = nonlinear_new(t.a, d);
    real *theta = jf_theta_new(f);
    place at = {.smooth = t.a->smooth, .p = {f, theta, team}};
    jf_matrix x = jf_matrix_new(points, d);

    volume_train(&t, f, theta, team);
    volume_draw(&t, x, t.steps + 1);
    snprintf(at.name, sizeof at.name, "%s (trained)", t.a->name);
    for (at.number = 0; at.number < points; at.number++) {
        for (size_t j = 0; j < d; j++)
            at.x0[j] = (double)jf_row(x, at.number)[j];
        measure(e, &at, out, point);
    }
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(f);
}

/* Points of the table: closed maps, flows of the plane, flows with d = 8. */
static const size_t deep[DEEP] = {0, 2, 6, 7};

static void measure_point(const experiment *e, jf_table *out, size_t point)
{
    jf_team *team = jf_team_new(1);
    if (point < CLOSED_MAPS)
        measure_closed(e, &closed_maps[point], out, point, team);
    else if (point < CLOSED_MAPS + FLAT)
        measure_trained(e, point - CLOSED_MAPS, 1, out, point, team);
    else
        measure_trained(e, deep[point - CLOSED_MAPS - FLAT], SIDES, out, point,
                        team);
    jf_team_free(team);
}

/* Verdicts: the worst over rows of some kind. */

typedef struct {
    const jf_table *t;
    size_t point, row;
} entry;

static double number(const entry *r, const char *column)
{
    return jf_table_number(r->t, r->point, r->row, column);
}

static int is_method(const entry *r, int method)
{
    char text[32];
    jf_table_string(r->t, r->point, r->row, "method", text, sizeof text);
    return strcmp(text, methods[method]) == 0;
}

/* NaN-aware: a row that is not concerned returns 0.  broken: by the formula
 * that the claim must tell from its own. */
typedef double (*deviation)(const entry *r, int broken);

static double worst_of(const jf_table *t, size_t points, deviation of,
                       int broken)
{
    double worst = 0;
    for (size_t p = 0; p < points; p++)
        for (size_t i = 0; i < jf_table_rows(t, p); i++)
            worst = jf_worse(worst, of(&(entry){t, p, i}, broken));
    return worst;
}

static int is_last(const entry *r, double radius)
{
    return number(r, "radius") <= ldexp(radius, 1 - RADII);
}

static int is_ball(const entry *r)
{
    return is_method(r, CONTOUR) || is_method(r, CUBATURE);
}

/* The broken formula is 1/(2 d) for 1/(2 (d + 2)): larger by 2/d of it. */
static double known_by(const entry *r, int method, int broken)
{
    double known = number(r, "known_ratio"), d = number(r, "d");
    if (!is_method(r, method) || isnan(known) || !(number(r, "smooth") > 0))
        return 0;
    if (broken)
        known += exp(number(r, "log_abs_det")) * 2 / d *
                 number(r, "predicted_coefficient") *
                 square(number(r, "radius"));
    return fabs(number(r, "ratio") / known - 1);
}

static double from_known(const entry *r, int broken)
{
    return known_by(r, CONTOUR, broken);
}

static double from_known_deep(const entry *r, int broken)
{
    return is_last(r, 0.5) ? known_by(r, CUBATURE, broken) : 0;
}

/* The broken formula divides by the square's area, not the disc's. */
static double order_of_ball(const entry *r, int broken)
{
    double c = number(r, "predicted_coefficient"), scale = number(r, "scale");
    double radius = number(r, "radius"), order = number(r, "order");
    int method = is_method(r, CONTOUR) ? CONTOUR : CUBATURE;
    double least = 1000 * rounding(method, (size_t)number(r, "d"), radius);
    if (!is_ball(r) || !is_last(r, 0.5) || isnan(c) ||
        !(fabs(c) > scale / 8 && fabs(c) * square(radius) > least))
        return 0;
    if (broken) {
        double error = number(r, "relative_error");
        double before = error * pow(2, order), share = M_PI / 4;
        order =
            log2(fabs((share * (1 + before) - 1) / (share * (1 + error) - 1)));
    }
    return fabs(order - 2);
}

/* Over what is allowed; broken times the prediction. */
static double coefficient_error(const entry *r, double broken)
{
    double predicted = number(r, "predicted_coefficient");
    return isnan(predicted)
               ? 0
               : fabs(number(r, "coefficient") - broken * predicted) /
                     number(r, "allowed");
}

static double ball_error(const entry *r, int broken)
{
    double d = number(r, "d");
    return is_ball(r) && is_last(r, 0.5)
               ? coefficient_error(r, broken ? (d + 2) / d : 1)
               : 0;
}

static double forward_error(const entry *r, int broken)
{
    return is_method(r, FORWARD) && is_last(r, 0.0625)
               ? coefficient_error(r, broken ? 2 : 1)
               : 0;
}

static double central_error(const entry *r, int broken)
{
    return is_method(r, CENTRAL) && is_last(r, 0.0625)
               ? coefficient_error(r, broken ? 2 : 1)
               : 0;
}

/* The contour of the same point, radius 1/2 (first row of its ladder) or 1/8
 * (third), stands before. */
static double contour_before(const entry *r, double radius)
{
    for (size_t i = r->row; i-- > 0;) {
        entry other = {r->t, r->point, i};
        if (is_method(&other, CONTOUR) && number(&other, "radius") == radius)
            return number(&other, "ratio");
    }
    return (double)NAN;
}

static double area_formula(const entry *r, int broken)
{
    double ratio = number(r, "ratio");
    return is_method(r, INTEGRAL)
               ? fabs((broken ? number(r, "broken") : ratio) -
                      contour_before(r, 0.125)) /
                     (number(r, "se") + 4096 * DBL_EPSILON * ratio)
               : 0;
}

/* The broken formula is the larger slope. */
static double kink(const entry *r, int broken)
{
    return is_method(r, POLYGON) && !isnan(number(r, "known_ratio")) &&
                   number(r, "smooth") == 0
               ? fabs(number(r, "ratio") -
                      (broken ? 1 : number(r, "known_ratio")))
               : 0;
}

/* Of rows that are compared with what is known or allowed. */
static const struct {
    jf_claim claim;
    deviation of;
    double tolerance;
} claims[] = {
    {{"C4.1-2", "vol f(B_r)/vol B_r is what Bessel functions say, every radius",
      "closed forms, d = 2",
      "largest relative deviation; areas from values of f on the circle, whose "
      "rounding 8 u times perimeter over area is 1024 u at r = 2^-6",
      JF_IDENTITY, "1/(2 d) for 1/(2 (d + 2)) in the term r^2"},
     from_known,
     512 * DBL_EPSILON},
    {{"C4.1-2", "the same at the smallest radius, d = 3, 8, 10", "closed forms",
      "largest relative deviation; cubature of differenced Jacobians: 16 d u / "
      "step",
      JF_IDENTITY, "1/(2 d) for 1/(2 (d + 2)) in the term r^2"},
     from_known_deep,
     80 * DBL_EPSILON / VOLUME_STEP},
    {{"C4.1-2", "the ratio tends to |det J| with order 2 in r",
      "five derivatives; closed forms, and trained couplings, MAF, Brenier and "
      "residual flows, d = 2, 8; no cancellation (coefficient over an eighth "
      "of its terms) and truncation above rounding",
      "largest |order - 2| at r = 2^-6; orders are whole numbers, so that 1/2 "
      "decides",
      JF_IDENTITY, "pi/4 vol B_r, the ball in its cube, for vol B_r"},
     order_of_ball,
     0.5},
    {{"C4.1-2", "its coefficient is Laplacian(j) / (2 (d + 2) j)",
      "as before, any coefficient",
      "largest deviation of Richardson's value at 2^-6 over what it changed "
      "last, plus rounding and the error of the differences of log|det|",
      JF_IDENTITY, "1/(2 d) for 1/(2 (d + 2))"},
     ball_error,
     1},
    {{"C4.1-2",
      "area formula: the area of the image is the integral of |det J|",
      "every map and flow of the plane, splines and the kink included",
      "largest deviation over what fewer nodes of both quadratures change, "
      "plus "
      "4096 roundings",
      JF_IDENTITY, "log|det| with the first layer's sign lost"},
     area_formula,
     1},
    {{"C4.3", "one-sided differences: det = j (1 + h/2 tr(J^-1 K2) + O(h^2))",
      "smooth maps and trained flows",
      "largest deviation of Richardson's value at 2^-9 over what it changed "
      "last, plus rounding and the error of K2",
      JF_IDENTITY, "h for h/2"},
     forward_error,
     1},
    {{"C4.3", "central differences: det = j (1 + h^2/6 tr(J^-1 K3) + O(h^4))",
      "smooth maps and trained flows",
      "largest deviation of Richardson's value at 2^-9 over what it changed "
      "last, plus rounding and the error of K3",
      JF_IDENTITY, "h^2/3 for h^2/6"},
     central_error,
     1},
    {{"C4.4", "at a kink the ratio is (1 + a)/2, not a determinant",
      "leaky ReLU, slope a, ball around 0",
      "exact area of the image of a polygon; 128 terms of a rounding each",
      JF_IDENTITY, "max(1, a)"},
     kink,
     128 * DBL_EPSILON},
};

static void judge_inverses(experiment *e, const jf_table *t, size_t points)
{
    static const jf_claim claim = {
        "C4.3",
        "Monte Carlo through the inverse finds the integral of |det J|",
        "every map and flow of the plane, r = 1/2",
        "largest normal quantile of the exact binomial law of the hits; all "
        "maps by Bonferroni",
        JF_STATISTIC,
        "log|det| with the first layer's sign lost"};
    double *z = NULL, *broken;
    size_t count = 0;
    jf_finding f = {.d = 2};
    for (int fill = 0; fill < 2; fill++) {
        if (fill)
            z = jf_alloc(2 * count, sizeof *z);
        broken = z + (fill ? count : 0);
        count = 0;
        for (size_t p = 0; p < points; p++)
            for (size_t i = 0; i < jf_table_rows(t, p); i++) {
                entry r = {t, p, i};
                if (!is_method(&r, MONTE_CARLO))
                    continue;
                if (fill) {
                    z[count] = number(&r, "z");
                    broken[count] = number(&r, "broken");
                }
                count++;
            }
    }
    f.n = count;
    jf_family(&f, count, z, 0, JF_EQUAL);
    jf_family_broken(&f, count, broken, 0, JF_EQUAL);
    jf_judge(e->verdicts, &claim, JF_EQUAL, &f);
    free(z);
}

static void judge_orders(const experiment *e, const jf_table *out,
                         size_t points)
{
    for (size_t k = 0; k < sizeof claims / sizeof *claims; k++) {
        double is = worst_of(out, points, claims[k].of, 0);
        double broken = worst_of(out, points, claims[k].of, 1);
        jf_judge(e->verdicts, &claims[k].claim, JF_EQUAL,
                 &(jf_finding){.measured = is,
                               .tolerance = claims[k].tolerance,
                               .broken = broken - is});
    }
}

void volume_order(experiment *e)
{
    size_t points = CLOSED_MAPS + FLAT + DEEP, done = 0;
    jf_table *out = jf_table_new(
        &e->args, "volume-order",
        "map,d,point,method,radius,ratio,log_abs_det,relative_error,order,"
        "predicted_coefficient,coefficient,scale,se,known_ratio,smooth,allowed,"
        "z,broken",
        points);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t point = 0; point < points; point++) {
        if (!jf_table_has(out, point)) {
            measure_point(e, out, point);
            jf_table_finish(out, point);
        }
#pragma omp critical(volume_order)
        jf_progress(&e->args, "local volume", ++done, points);
    }
    if (jf_table_whole(out)) {
        judge_orders(e, out, points);
        judge_inverses(e, out, points);
    }
    jf_table_close(out);
}
