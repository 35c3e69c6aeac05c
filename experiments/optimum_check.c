/* optimum_check.c -- the claims that need one number each.
 *
 * Question  What of C2 and C3 is true as it stands, without training?
 * Method    The checks of optimum_unique.c, optimum_finite.c,
 *           optimum_points.c and optimum_classes.c, each with its tolerance.
 * Writes    optimum-points.csv: a check per row; n counts samples or what the
 *           case counts [nats per sample where a likelihood is measured]. */
#include "optimum_check.h"

#include <math.h>

/* log of the mean of N(x; center_k, s^2 I) over k. */
double log_mixture(size_t n, size_t d, const double *center, double s,
                   const double *x)
{
    double top = -(double)INFINITY, sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < n; k++) {
            double e = 0;
            for (size_t i = 0; i < d; i++)
                e -= 0.5 * square((x[i] - center[k * d + i]) / s);
            if (pass)
                sum += exp(e - top);
            else
                top = fmax(top, e);
        }
    return top + log(sum / (double)n) - (double)d * (0.5 * JF_LOG_2PI + log(s));
}

jf_layer *check_flow(void)
{
    jf_mlp_options net = {1, 2, 8, 1, JF_TANH, 0};
    jf_layer *f = jf_flow_new(2);
    jf_flow_add(f, jf_actnorm(2));
    for (int k = 0; k < 4; k++)
        jf_flow_add(f, jf_coupling(2, 1, k % 2 ? JF_LOWER : JF_UPPER,
                                   jf_map_clamp(2), jf_mlp(&net)));
    return f;
}

/* Check i of all four lists; NULL behind the last. */
static const check *find_check(size_t i)
{
    const check *const lists[] = {checks_unique, checks_finite, checks_points,
                                  checks_classes};
    const size_t counts[] = {n_checks_unique, n_checks_finite, n_checks_points,
                             n_checks_classes};
    for (size_t l = 0; l < 4; i -= counts[l++])
        if (i < counts[l])
            return &lists[l][i];
    return NULL;
}

static void run(const optimum *o, size_t point, jf_table *out)
{
    const check *c = find_check(point);
    finding f = {0};
    c->run(o, &f);
    jf_table_row(out, point, "%s,%s,%zu,%zu," JF_G ",%.6e," JF_G "," JF_G,
                 c->claim.id, c->name, f.d, f.n, f.measured, f.se, f.expected,
                 f.se > 0 || isnan(f.se) ? 5 * f.se : c->tolerance);
}

void optimum_points(optimum *o)
{
    size_t points = 0, done = 0;
    while (find_check(points))
        points++;
    jf_table *out =
        jf_table_new(&o->args, "optimum-points",
                     "claim,case,d,n,measured,se,expected,tolerance", points);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)o->team->threads)
    for (size_t k = 0; k < points; k++) {
        if (!jf_table_has(out, k)) {
            run(o, k, out);
            jf_table_finish(out, k);
        }
#pragma omp critical(optimum_points)
        jf_progress(&o->args, "closed forms", ++done, points);
    }
    for (size_t k = 0; k < points; k++)
        jf_verdict(o->verdicts, &find_check(k)->claim,
                   jf_table_number(out, k, 0, "measured"),
                   find_check(k)->relation,
                   jf_table_number(out, k, 0, "expected"),
                   jf_table_number(out, k, 0, "tolerance"));
    jf_table_close(out);
}
