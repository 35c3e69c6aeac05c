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
 *           se: of Monte Carlo; of the integral, what halving the quadrature
 *           changes.  Volumes relative, no unit. */
#include "volume.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* Methods of a table, and the power of the radius in the error. */
static const char *const methods[] = {"contour",     "cubature", "polygon",
                                      "Monte Carlo", "forward",  "central",
                                      "integral"};
enum { CONTOUR, CUBATURE, POLYGON, MONTE_CARLO, FORWARD, CENTRAL, INTEGRAL };

/* A row; coefficient NaN where none is sought. */
static void row(const place *at, jf_table *out, size_t point, int method,
                double radius, double ratio, double order, double predicted,
                double coefficient, double scale, double se)
{
    size_t d = at->p.f->d;
    double ld = probe_log_abs_det(&at->p, at->x0);
    jf_table_row(out, point,
                 "%s,%zu,%zu,%s," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G ",%d",
                 at->name, d, at->number, methods[method], radius, ratio, ld,
                 ratio / exp(ld) - 1, order, predicted, coefficient, scale, se,
                 at->known ? at->known(d, at->x0, radius) : (double)NAN,
                 at->smooth);
}

/* Rows of a method at radii first, first / 2, ...: error = c r^power + O(r^
 * (power + step)). */
static void ladder(const place *at, jf_table *out, size_t point, int method,
                   double first, double (*ratio)(const place *, double),
                   int power, int step, double predicted, double scale)
{
    double ld = probe_log_abs_det(&at->p, at->x0), before = (double)NAN;
    for (int k = 0; k < RADII; k++) {
        double r = ldexp(first, -k), is = ratio(at, r);
        double error = is / exp(ld) - 1;
        double here = error / pow(r, power), up = before / pow(2 * r, power);
        double weight = pow(2, step);
        row(at, out, point, method, r, is, log2(before / error), predicted,
            (weight * here - up) / (weight - 1), scale, (double)NAN);
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

/* The areas of a plane map at radius 1/2, and the area formula at 1/8.  Its
 * error is told by a quarter of the nodes: beside the knots of a spline errors
 * fall as h^2 but not evenly, so that a half of them may by chance change less
 * than the error is. */
static void areas(const experiment *e, const place *at, jf_table *out,
                  size_t point)
{
    double none = (double)NAN, se, r = 0.125;
    for (size_t nodes = 64; nodes <= 128; nodes *= 2)
        row(at, out, point, POLYGON, 0.5,
            volume_polygon(&at->p, at->x0, 0.5, nodes), none, none, none, none,
            none);
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, e->args.seed, JF_PURPOSE_USER + 500, point, at->number);
    double hits = volume_monte_carlo(
        &at->p, at->x0, 0.5, by_profile(e, 20000, 200000, 2000000), rng, &se);
    row(at, out, point, MONTE_CARLO, 0.5, hits, none, none, none, none, se);
    gsl_rng_free(rng);
    double fine = volume_integral(&at->p, at->x0, r, 24, 128);
    double coarse = volume_integral(&at->p, at->x0, r, 6, 32);
    double few = volume_contour(&at->p, at->x0, r, NODES / 4);
    double resolved = fabs(fine - coarse) + fabs(few - by_contour(at, r));
    row(at, out, point, INTEGRAL, r, fine, none, none, none, none, resolved);
}

static void measure(const experiment *e, const place *at, jf_table *out,
                    size_t point)
{
    double scale, c = ball_coefficient(&at->p, at->x0, &scale);
    if (!at->smooth)
        c = scale = (double)NAN;
    if (at->p.f->d == 2) {
        ladder(at, out, point, CONTOUR, 0.5, by_contour, 2, 2, c, scale);
        areas(e, at, out, point);
    } else {
        ladder(at, out, point, CUBATURE, 0.5, by_cubature, 2, 2, c, scale);
    }
    if (at->smooth) {
        c = parallelepiped_coefficient(&at->p, at->x0, 0, &scale);
        ladder(at, out, point, FORWARD, 0.0625, forward_differences, 1, 1, c,
               scale);
        c = parallelepiped_coefficient(&at->p, at->x0, 1, &scale);
        ladder(at, out, point, CENTRAL, 0.0625, central_differences, 2, 2, c,
               scale);
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

/* NaN-aware: a row that is not concerned returns 0. */
typedef double (*deviation)(const entry *r);

static double worst_of(const jf_table *t, size_t points, deviation of)
{
    double worst = 0;
    for (size_t p = 0; p < points; p++)
        for (size_t i = 0; i < jf_table_rows(t, p); i++)
            worst = jf_worse(worst, of(&(entry){t, p, i}));
    return worst;
}

static int is_last(const entry *r, double radius)
{
    return number(r, "radius") <= ldexp(radius, 1 - RADII);
}

static double from_known(const entry *r)
{
    double known = number(r, "known_ratio");
    return is_method(r, CONTOUR) && !isnan(known) && number(r, "smooth") > 0
               ? fabs(number(r, "ratio") / known - 1)
               : 0;
}

static double from_known_deep(const entry *r)
{
    double known = number(r, "known_ratio");
    return is_method(r, CUBATURE) && is_last(r, 0.5) && !isnan(known)
               ? fabs(number(r, "ratio") / known - 1)
               : 0;
}

static int is_ball(const entry *r)
{
    return is_method(r, CONTOUR) || is_method(r, CUBATURE);
}

static double order_of_ball(const entry *r)
{
    double c = number(r, "predicted_coefficient"), scale = number(r, "scale");
    return is_ball(r) && is_last(r, 0.5) && fabs(c) > 0.1 * scale &&
                   scale > 1e-6
               ? fabs(number(r, "order") - 2)
               : 0;
}

static double coefficient_error(const entry *r)
{
    double scale = number(r, "scale");
    return scale > 1e-6 ? fabs(number(r, "coefficient") -
                               number(r, "predicted_coefficient")) /
                              scale
                        : 0;
}

static double ball_error(const entry *r)
{
    return is_ball(r) && is_last(r, 0.5) ? coefficient_error(r) : 0;
}

static double forward_error(const entry *r)
{
    return is_method(r, FORWARD) && is_last(r, 0.0625) ? coefficient_error(r)
                                                       : 0;
}

static double central_error(const entry *r)
{
    return is_method(r, CENTRAL) && is_last(r, 0.0625) ? coefficient_error(r)
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

static double in_errors(const entry *r)
{
    return is_method(r, MONTE_CARLO)
               ? jf_in_errors(number(r, "ratio"), contour_before(r, 0.5),
                              number(r, "se"))
               : 0;
}

static double area_formula(const entry *r)
{
    return is_method(r, INTEGRAL)
               ? fabs(number(r, "ratio") - contour_before(r, 0.125)) /
                     (number(r, "se") + 1e-11 * number(r, "ratio"))
               : 0;
}

static double kink(const entry *r)
{
    return is_method(r, POLYGON) && !isnan(number(r, "known_ratio")) &&
                   number(r, "smooth") == 0
               ? fabs(number(r, "ratio") - number(r, "known_ratio"))
               : 0;
}

static const struct {
    jf_claim claim;
    deviation of;
    double tolerance;
} claims[] = {
    {{"C4.1-2", "vol f(B_r)/vol B_r is what Bessel functions say, every radius",
      "closed forms, d = 2",
      "largest relative deviation; areas from values of f on the circle"},
     from_known,
     1e-13},
    {{"C4.1-2", "the same at the smallest radius, d = 3, 8, 10", "closed forms",
      "cubature of differenced Jacobians: d rounding / step"},
     from_known_deep,
     1e-11},
    {{"C4.1-2", "the ratio tends to |det J| with order 2 in r",
      "five derivatives; closed forms, and trained couplings, MAF, Brenier and "
      "residual flows, d = 2, 8; no cancellation (coefficient over a tenth of "
      "its terms)",
      "largest |order - 2| at r = 2^-6"},
     order_of_ball,
     0.02},
    {{"C4.1-2", "its coefficient is Laplacian(j) / (2 (d + 2) j)",
      "as before, any coefficient",
      "largest deviation over the sum of the |terms|; Richardson at 2^-6"},
     ball_error,
     0.01},
    {{"C4.1-2",
      "area formula: the area of the image is the integral of |det J|",
      "every map and flow of the plane, splines and the kink included",
      "largest deviation over what a quarter of the nodes of both quadratures "
      "changes, plus 1e-11"},
     area_formula,
     1},
    {{"C4.3", "Monte Carlo through the inverse finds the same area",
      "every map and flow of the plane, r = 1/2",
      "largest deviation in binomial standard deviations"},
     in_errors,
     5},
    {{"C4.3", "one-sided differences: det = j (1 + h/2 tr(J^-1 K2) + O(h^2))",
      "smooth maps and trained flows", "largest relative deviation, 2^-9"},
     forward_error,
     0.01},
    {{"C4.3", "central differences: det = j (1 + h^2/6 tr(J^-1 K3) + O(h^4))",
      "smooth maps and trained flows", "largest relative deviation, 2^-9"},
     central_error,
     0.01},
    {{"C4.4", "at a kink the ratio is (1 + a)/2, not a determinant",
      "leaky ReLU, slope a, ball around 0",
      "exact area of the image of a polygon; rounding"},
     kink,
     1e-14},
};

void volume_order(experiment *e)
{
    size_t points = CLOSED_MAPS + FLAT + DEEP, done = 0;
    jf_table *out = jf_table_new(
        &e->args, "volume-order",
        "map,d,point,method,radius,ratio,log_abs_det,relative_error,order,"
        "predicted_coefficient,coefficient,scale,se,known_ratio,smooth",
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
    for (size_t k = 0; k < sizeof claims / sizeof *claims; k++)
        jf_verdict(e->verdicts, &claims[k].claim,
                   worst_of(out, points, claims[k].of), JF_EQUAL, 0,
                   claims[k].tolerance);
    jf_table_close(out);
}
