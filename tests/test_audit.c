/* test_audit.c -- the audit's thresholds: each statistical test has the level
 * that it is given, by the law of what it measures; what is held out is held
 * out. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_cdf.h>

#include "audit/flow/design.h"
#include "audit/flow/examples.h"
#include "audit/flow/flow.h"
#include "audit/table/parts.h"
#include "check.h"

static char folder[] = "/tmp/jacflow-test-XXXXXX";

static const audit_line *line_of(const audit_report *r, const char *check)
{
    for (size_t k = 0; k < r->count; k++)
        if (strcmp(r->line[k].check, check) == 0)
            return &r->line[k];
    CHECK(!"the line is there");
    return &r->line[0];
}

/* The probability of as large a deviation as the one allowed, under the law of
 * the test's statistic; as many as tests of one kind share it. */
static double chi_square(double mean, double nu)
{
    return mean > 1 ? gsl_cdf_chisq_Q(mean * nu, nu)
                    : gsl_cdf_chisq_P(mean * nu, nu);
}

static void near(double probability, double level)
{
    CHECK_CLOSE(probability / level, 1, 1e-6);
}

static double signed_tolerance(const audit_line *l)
{
    return l->measured > l->expected ? l->tolerance : -l->tolerance;
}

static void test_levels(const flow_numbers *f, const audit_report *r)
{
    double n = (double)f->n, d = (double)f->d, level = r->level;
    const audit_line *l = line_of(r, "gamma");
    near(2 * exp(-2 * n * l->tolerance * l->tolerance), level);
    l = line_of(r, "second-moment");
    near(2 * chi_square(1 + signed_tolerance(l), n * d), level);
    l = line_of(r, "mean");
    near(gsl_cdf_chisq_Q(n * l->tolerance * l->tolerance, d), level);
    l = line_of(r, "columns");
    near(2 * d * chi_square(1 + signed_tolerance(l), n), level);
    l = line_of(r, "pairs");
    double t = l->tolerance * sqrt((n - 1) / (1 - l->tolerance * l->tolerance));
    near(d * (d - 1) * gsl_cdf_tdist_Q(t, n - 1), level);
    l = line_of(r, "gaussian"); /* exp of the sum over half of the rows */
    near(exp(-l->tolerance * floor(n / 2)), level);
    /* what the orders of the volume allow, and the rounding of the numbers */
    if (r->volume.why)
        return;
    double rounding = 0;
    for (size_t k = 0; k < r->volume.centres; k++)
        rounding = fmax(rounding, f->allowed[r->volume.row[k]]);
    const flow_volume *v = &r->volume;
    CHECK_CLOSE(r->least_visible - rounding,
                5 * (v->first + v->second) + v->next, 1e-9);
    CHECK(line_of(r, "volume")->tolerance == r->least_visible);
}

/* The level is shared among the tests that are made, and each line says what
 * its numbers say. */
static void test_flows(void)
{
    size_t seen = 0;
    for (size_t i = 0; i < 20; i++) {
        flow_numbers f;
        audit_report r;
        mistake_draw(&mistakes[0], 3, i, &f);
        audit_judge(&f, &r);
        CHECK_CLOSE(r.level, AUDIT_LEVEL / (f.d > 1 ? 6 : 4), 1e-15);
        test_levels(&f, &r);
        for (size_t k = 0; k < r.count; k++) {
            const audit_line *l = &r.line[k];
            double off = l->measured - l->expected;
            if (l->verdict <= AUDIT_MISFIT)
                CHECK((l->verdict == AUDIT_OK) ==
                      ((l->at_most ? off : fabs(off)) <= l->tolerance));
        }
        seen += !r.volume.why;
        audit_report_free(&r);
        flow_free(&f);
    }
    CHECK(seen > 0);
}

/* A table of normal numbers as the parts find it, standardised. */
static void normal_table(const experiment *e, size_t n, size_t d,
                         unsigned long seed, audit *a)
{
    *a = (audit){.e = e, .name = "normal", .y = jf_matrix_new(n, d)};
    a->x = jf_matrix_new(n, d);
    jf_fill_normal(a->x, seed, JF_PURPOSE_USER, 0);
    CHECK(jf_moments_of(jf_const(a->x), &a->raw, e->team) == GSL_SUCCESS);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            jf_row(a->y, i)[j] = (jf_row(a->x, i)[j] - (real)a->raw.mean[j]) /
                                 (real)sqrt(a->raw.sigma[j * d + j]);
    CHECK(jf_moments_of(jf_const(a->y), &a->m, e->team) == GSL_SUCCESS);
    a->label = jf_alloc(d, sizeof *a->label);
}

/* Normal rows that are held out gain nothing by a histogram, in mean; and under
 * a Gaussian fitted to m others they score less than its own rows do by d (d +
 * 3) / 2 (1 / n + 1 / m) / 2 or so. */
static void test_held_out(void)
{
    enum { TABLES = 60, N = 100, D = 4 };
    experiment e = {.args = {.program = "test",
                             .seed = 1,
                             .out = folder,
                             .profile = JF_QUICK},
                    .team = jf_team_new(1)};
    audit_tables t = audit_tables_new(&e, TABLES);
    double gain[TABLES], less[TABLES];
    for (size_t k = 0; k < TABLES; k++) {
        audit a;
        t.point = k;
        normal_table(&e, N, D, 100 + k, &a);
        audit_directions(&a, &t);
        audit_components(&a, &t);
        gain[k] = 0;
        for (size_t j = 0; j < D; j++)
            gain[k] += jf_table_number(t.of[AUDIT_DIRECTIONS], k, j,
                                       "negentropy_nats") /
                       D;
        const jf_table *s = t.of[AUDIT_SPECTRUM];
        less[k] = jf_table_number(s, k, D - 1, "eigen_nats") -
                  jf_table_number(s, k, D - 1, "held_out_nats");
        audit_free(&a);
    }
    jf_sample_moments g = jf_sample_of(TABLES, gain);
    jf_sample_moments l = jf_sample_of(TABLES, less);
    double expected = D * (D + 3) / 4.0 * (1.0 / N + 1.25 / N);
    printf("  gain of normal columns %.4f +- %.4f; held out, less by %.4f +- "
           "%.4f, %.4f expected\n",
           g.mean, g.se, l.mean, l.se, expected);
    CHECK(g.mean <= 2 * g.se);
    CHECK_CLOSE(l.mean, expected, 0.3 * expected);
    audit_tables_close(&t);
    jf_tables_done();
    jf_team_free(e.team);
}

/* What a row gains depends on no other row of its fifth. */
static void test_fifths(void)
{
    enum { N = 400, FIFTH = N / 5 };
    double v[N], before[N], after[N];
    jf_matrix x = jf_matrix_new(N, 1);
    jf_fill_uniform(x, 5, JF_PURPOSE_USER, 0);
    for (size_t i = 0; i < N; i++)
        v[i] = (double)jf_row(x, i)[0];
    jf_matrix_free(&x);
    audit_gains_along(N, v, before);
    for (size_t i = 1; i < FIFTH; i++)
        v[i] = i % 2 ? 0.25 : 0.5 + 0.001 * (double)i;
    audit_gains_along(N, v, after);
    CHECK(before[0] != 0 && before[0] >= after[0] && before[0] <= after[0]);
    CHECK(after[FIFTH] < before[FIFTH] || after[FIFTH] > before[FIFTH]);

    /* nor does the number of bins, which other rows choose */
    enum { LAST = N - FIFTH };
    audit_gains_along(N, v, before);
    for (size_t i = LAST + 1; i < N; i++)
        v[i] = 10;
    audit_gains_along(N, v, after);
    CHECK(before[LAST] != 0 && before[LAST] >= after[LAST] &&
          before[LAST] <= after[LAST]);
}

/* z = sinh(0.9 asinh(H x)), H = I - 2 v v' for v of unit length with equal
 * entries; its log |det|. */
static double bent(size_t d, const double *x, double *z)
{
    double sum = 0, log_det = 0;
    for (size_t j = 0; j < d; j++)
        sum += x[j];
    for (size_t j = 0; j < d; j++) {
        double h = x[j] - 2 * sum / (double)d, u = 0.9 * asinh(h);
        z[j] = sinh(u);
        log_det += log(0.9 * cosh(u)) - 0.5 * log1p(h * h);
    }
    return log_det;
}

/* A design of more columns than have a second step each, 2d + 257 rows a point
 * as floats: log_abs_det is seen to within, and a slip of five times that is. */
static void test_wide(size_t d, size_t stencils, double within)
{
    size_t n = 2 * stencils, rows, alone, exact = 0;
    jf_matrix own = jf_matrix_new(n, d);
    jf_fill_normal(own, 5, JF_PURPOSE_USER, 0);
    for (size_t k = 0; k < n * d; k++) /* far from 0, as many steps off */
        own.data[k] += 5;
    double *x = design_points(n, d, own.data, &rows, &alone);
    double *ll = jf_alloc(rows * (d + 2), sizeof *ll), *ld = ll + rows;
    double *z = ld + rows;
    CHECK(rows >= stencils * (2 * d + 1));
    for (size_t i = 0; i < rows * d; i++) /* a conversion moves none */
        exact += (double)(float)x[i] == x[i];
    CHECK(exact == rows * d);
    for (int wrong = 0; wrong < 2; wrong++) {
        flow_numbers f;
        audit_report r;
        for (size_t i = 0; i < rows; i++) {
            ld[i] = (double)(float)(bent(d, x + i * d, z + i * d) +
                                    5 * within * wrong);
            ll[i] = ld[i] - (double)d / 2 * JF_LOG_2PI;
            for (size_t j = 0; j < d; j++) {
                double *v = &z[i * d + j];
                *v = (double)(float)*v;
                ll[i] -= *v * *v / 2;
            }
            ll[i] = (double)(float)ll[i];
        }
        flow_from("wide", rows, d, ll, ld, z, x, &f);
        audit_judge(&f, &r);
        CHECK(r.stencils == stencils);
        CHECK(r.wrong == wrong && r.volume_wrong == wrong);
        CHECK(line_of(&r, "volume")->tolerance <= within);
        audit_report_free(&r);
        flow_free(&f);
    }
    free(ll);
    free(x);
    jf_matrix_free(&own);
}

/* With "wide" alone: pictures of 32 x 32 in three channels, one point, in
 * seconds and under a gigabyte. */
int main(int argc, char **argv)
{
    jf_text command = {0};
    if (argc > 1 && strcmp(argv[1], "wide") == 0) {
        test_wide(3072, 1, 0.3);
        return check_end();
    }
    if (!mkdtemp(folder))
        return 1;
    gsl_set_error_handler_off();
    test_flows();
    test_held_out();
    test_fifths();
    test_wide(300, 7, 0.02);
    jf_text_add(&command, "rm -r %s", folder);
    CHECK(system(command.data) == 0);
    free(command.data);
    return check_end();
}
