/* libraries.c -- do flows of different libraries agree on the determinant?
 *
 * Question  A spline flow of zuko, a masked autoregressive flow of nflows and a
 *           spline flow of our own were trained on one table.  Are their
 *           log |det J(x)| the same?
 * Method    What they say of points that none was trained on ships in
 *           data/foreign, made by tools/peers/pairs.py: two moons, whose density
 *           is known, so that gaps are, and iris, where it is not.
 * Writes    uniqueness-libraries.csv, a pair per row; uniqueness-answers.csv, a
 *           point of a pair per row.  Nats, units of the table. */
#include "trained.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

enum { TABLES = 2, LIBRARIES = 3, PAIRS = 3 };

static const struct {
    const char *name;
    int known; /* whether it has log_density */
} foreign[TABLES] = {{"two-moons", 1}, {"iris", 0}};

static const struct {
    const char *name, *column;
} libraries[LIBRARIES] = {{"zuko NSF", "zuko_nsf"},
                          {"nflows MAF", "nflows_maf"},
                          {"jacflow spline", "jacflow_spline"}};

static const size_t pairs[PAIRS][2] = {{0, 1}, {0, 2}, {1, 2}};

typedef struct { /* of the points of a table; log_p NaN where it is not known */
    size_t n, d;
    double *log_p, *log_q[LIBRARIES], *log_abs_det[LIBRARIES];
} answers;

/* The column of that name, new. */
static double *column_of(const char *path, const jf_dataset *data,
                         const char *library, const char *what)
{
    jf_text name = {0};
    size_t *index, count;
    jf_text_add(&name, "%s%s", library, what);
    if (jf_columns_find(path, name.data, data->columns, data->x.cols, &index,
                        &count) != GSL_SUCCESS)
        jf_end(2);
    double *v = jf_alloc(data->x.rows, sizeof *v);
    for (size_t i = 0; i < data->x.rows; i++)
        v[i] = (double)jf_row(data->x, i)[index[0]];
    free(index);
    free(name.data);
    return v;
}

static answers read_answers(size_t k)
{
    answers a = {0};
    jf_dataset data;
    jf_text path = {0};
    jf_text_add(&path, "%s/foreign/%s.csv", jf_data_folder(), foreign[k].name);
    if (jf_data_read(path.data, NULL, &data) != GSL_SUCCESS)
        jf_end(2);
    a.n = data.x.rows;
    a.d = data.x.cols - 2 * LIBRARIES - (size_t)foreign[k].known;
    if (foreign[k].known) {
        a.log_p = column_of(path.data, &data, "", "log_density");
    } else {
        a.log_p = jf_alloc(a.n, sizeof *a.log_p);
        for (size_t i = 0; i < a.n; i++)
            a.log_p[i] = (double)NAN;
    }
    for (size_t f = 0; f < LIBRARIES; f++) {
        const char *of = libraries[f].column;
        a.log_q[f] = column_of(path.data, &data, of, "_log_likelihood");
        a.log_abs_det[f] = column_of(path.data, &data, of, "_log_abs_det");
    }
    jf_data_free(&data);
    free(path.data);
    return a;
}

static void free_answers(answers *a)
{
    free(a->log_p);
    for (size_t f = 0; f < LIBRARIES; f++) {
        free(a->log_q[f]);
        free(a->log_abs_det[f]);
    }
}

/* Moments of u - v, or of its size. */
static jf_sample_moments apart(size_t n, const double *u, const double *v,
                               int size)
{
    double *by = jf_alloc(n, sizeof *by);
    for (size_t i = 0; i < n; i++)
        by[i] = size ? fabs(u[i] - v[i]) : u[i] - v[i];
    jf_sample_moments m = jf_sample_of(n, by);
    free(by);
    return m;
}

/* The gap at the upper limit for which half of the row's share is spent. */
static double upper(jf_sample_moments gap)
{
    return jf_worse(0, gap.mean +
                           gap.se * gsl_cdf_ugaussian_Qinv(
                                        JF_LEVEL / JF_SHARES / 2 / LIBRARIES));
}

static void compare(size_t k, const answers *a, jf_table *out, jf_table *points)
{
    for (size_t p = 0; p < PAIRS; p++) {
        size_t f = pairs[p][0], g = pairs[p][1];
        const double *q[] = {a->log_q[f], a->log_q[g]};
        const double *ld[] = {a->log_abs_det[f], a->log_abs_det[g]};
        jf_sample_moments one = apart(a->n, a->log_p, q[0], 0);
        jf_sample_moments two = apart(a->n, a->log_p, q[1], 0);
        jf_sample_moments likelihood = apart(a->n, q[0], q[1], 1);
        jf_sample_moments difference = apart(a->n, ld[0], ld[1], 0);
        jf_sample_moments size = apart(a->n, ld[0], ld[1], 1);
        jf_table_row(
            out, k,
            "%s,%zu,%zu,%s,%s," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
            "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G,
            foreign[k].name, a->d, a->n, libraries[f].name, libraries[g].name,
            one.mean, two.mean, upper(one), upper(two), likelihood.mean,
            likelihood.se, difference.mean, difference.se, size.mean, size.se,
            gap_bound(upper(one)) + gap_bound(upper(two)));
        for (size_t i = 0; i < a->n; i++)
            jf_table_row(points, k, "%s,%zu,%s,%s,%.9g,%.9g,%.9g,%.9g",
                         foreign[k].name, i + 1, libraries[f].name,
                         libraries[g].name, q[0][i], q[1][i], ld[0][i],
                         ld[1][i]);
    }
}

static void judge_libraries(const experiment *e, const jf_table *t)
{
    cells *size = jf_alloc(1, sizeof *size), *mean = jf_alloc(1, sizeof *mean);
    const char *name = foreign[0].name;
    for (size_t i = 0; i < PAIRS; i++) {
        double bound = jf_table_number(t, 0, i, "bound_nats");
        double shift = jf_table_number(t, 0, i, "mean_difference");
        double se = jf_table_number(t, 0, i, "se_mean");
        double away = jf_table_number(t, 0, i, "mean_abs_difference");
        double se_away = jf_table_number(t, 0, i, "se_abs_difference");
        double limit_a = jf_table_number(t, 0, i, "kl_limit_a_nats");
        double limit_b = jf_table_number(t, 0, i, "kl_limit_b_nats");
        double up = log_root(limit_a, 1) - log_root(limit_b, -1);
        double down = log_root(limit_b, 1) - log_root(limit_a, -1);
        cells_add(size, (away - bound) / se_away, name, 2);
        cells_add_broken(
            size, (jf_table_number(t, 0, i, "mean_abs_likelihood") - bound) /
                      jf_table_number(t, 0, i, "se_abs_likelihood"));
        cells_add(mean, (shift - up) / se, name, 2);
        cells_add(mean, (-shift - down) / se, name, 2);
        cells_add_broken(mean, (away - fmax(up, down)) / se_away);
    }
    cells_judge(e,
                &(jf_claim){"C1.8w",
                            "flows of two libraries have E|ld_f - ld_g| <= "
                            "g_1 + g_2 + sqrt(2 g_1) + sqrt(2 g_2), as over a "
                            "uniform base",
                            "two moons, normal base; zuko NSF, nflows MAF, "
                            "jacflow spline, trained once on one table",
                            "gaps at their upper limits; largest excess in "
                            "paired standard errors over 4000 points that "
                            "ship; normal law, Bonferroni over pairs",
                            JF_WORDING, "log q for log|det|, where it is true"},
                JF_AT_MOST, size, 2);
    cells_judge(e,
                &(jf_claim){"C1.6",
                            "the mean difference of log|det| of flows of two "
                            "libraries is bounded by their gaps",
                            "two moons, normal base; the same flows; bound of "
                            "C1.2d twice",
                            "gaps at their upper limits; largest excess in "
                            "paired standard errors over 4000 points that "
                            "ship; normal law, Bonferroni over pairs",
                            JF_STATISTIC,
                            "mean of the size, for size of the "
                            "mean"},
                JF_AT_MOST, mean, 2);
    free(size);
    free(mean);
}

void uniqueness_libraries(experiment *e)
{
    jf_table *out = jf_table_new(
        &e->args, "uniqueness-libraries",
        "target,d,n,flow_a,flow_b,kl_a_nats,kl_b_nats,kl_limit_a_nats,"
        "kl_limit_b_nats,mean_abs_likelihood,se_abs_likelihood,"
        "mean_difference,se_mean,mean_abs_difference,se_abs_difference,"
        "bound_nats",
        TABLES);
    jf_table *points =
        jf_table_new(&e->args, "uniqueness-answers",
                     "target,row,flow_a,flow_b,log_q_a,log_q_b,log_abs_det_a,"
                     "log_abs_det_b",
                     TABLES);
    for (size_t k = 0; k < TABLES; k++) {
        if (jf_table_has(out, k) && jf_table_has(points, k))
            continue;
        answers a = read_answers(k);
        compare(k, &a, out, points);
        jf_table_finish(out, k);
        jf_table_finish(points, k);
        free_answers(&a);
    }
    if (jf_table_whole(out))
        judge_libraries(e, out);
    jf_table_close(out);
    jf_table_close(points);
}
