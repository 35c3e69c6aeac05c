/* rounding.c -- what do float activations cost a flow of the library?
 *
 * Question  How far is log q off, row by row, when activations are kept in
 *           float, and does the bound of C6.9 hold it?
 * Method    jf_shadow_of on the rows of the user's table, or on draws of the
 *           flows that ship: the bound by the gradients of one pass backward,
 *           the error by a pass without rounding.
 * Writes    audit-rounding.csv: a row per row of the table [nats, units of z].
 */
#include "audit/audit.h"

#include <float.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows that go together; rows drawn of a flow that ships. */
enum { CHUNK = 256, DRAWN = 100 };

static const char columns[] =
    "flow,row,layers,z_error,log_q_error_nats,bound_nats,last_nats,layer,kind";

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The kind of layer k, from 1 on. */
static const char *kind_of(const jf_part *part, size_t k)
{
    return k ? part[k - 1].layer->module.name : "none";
}

/* s (n), for x (n, d) in the units of the table, which is changed. */
static void follow(const jf_model *m, const char *path, jf_matrix x,
                   jf_shadow *s, jf_team *team)
{
    jf_model_units(m, x);
    for (size_t i = 0; i < x.rows; i += CHUNK) {
        size_t n = x.rows - i < CHUNK ? x.rows - i : CHUNK;
        if (jf_shadow_of(m->flow, &m->base, m->theta,
                         jf_const(jf_rows(x, i, n)), s + i,
                         team) != GSL_SUCCESS)
            jf_fail(1, "%s: %s", path, jf_error_last()->message);
    }
}

static void write_rows(const jf_model *m, const char *path, size_t n,
                       const jf_shadow *s, jf_table *out, size_t point)
{
    size_t depth = jf_flow_leaves(m->flow, NULL);
    jf_part *part = jf_alloc(depth, sizeof *part);
    jf_flow_leaves(m->flow, part);
    for (size_t i = 0; i < n; i++)
        jf_table_row(
            out, point, "%s,%zu,%zu," JF_G "," JF_G "," JF_G "," JF_G ",%zu,%s",
            base_name(path), i + 1, depth, s[i].map, fabs(s[i].log_q),
            s[i].bound, s[i].last, s[i].where, kind_of(part, s[i].where));
    jf_table_finish(out, point);
    free(part);
}

/* Median and largest of a member; what is not a number is the largest. */
static void say(const char *what, size_t n, const jf_shadow *s, size_t member,
                double *v)
{
    double most = -(double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        memcpy(&v[i], (const char *)&s[i] + member, sizeof *v);
        v[i] = fabs(v[i]);
        most = jf_worse(most, v[i]);
    }
    printf("  %-44s %12.3g %12.3g\n", what, gsl_stats_median(v, 1, n), most);
}

static void print(const jf_model *m, const char *path, const char *data,
                  size_t n, const jf_shadow *s)
{
    size_t depth = jf_flow_leaves(m->flow, NULL), most = 0;
    size_t *led = jf_alloc(depth + 1, sizeof *led);
    double *v = jf_alloc(n, sizeof *v);
    jf_part *part = jf_alloc(depth, sizeof *part);
    jf_flow_leaves(m->flow, part);
    printf("%s on %s: %zu rows, %zu layers, activations kept in float  C6.9\n"
           "  %-44s %12s %12s\n",
           base_name(path), data, n, depth, "", "median", "largest");
    say("error of log q [nats]", n, s, offsetof(jf_shadow, log_q), v);
    say("its bound by activation gradients [nats]", n, s,
        offsetof(jf_shadow, bound), v);
    say("error of z", n, s, offsetof(jf_shadow, map), v);
    for (size_t i = 0; i < n; i++)
        led[s[i].where]++;
    for (size_t k = 1; k <= depth; k++)
        if (led[k] > led[most] || most == 0)
            most = k;
    if (most)
        printf("  Layer %zu (%s) has the largest term of the bound in %zu of "
               "the rows.\n",
               most, kind_of(part, most), led[most]);
    free(part);
    free(v);
    free(led);
}

void audit_rounding(experiment *e, const char *path)
{
    jf_model m;
    jf_dataset data;
    if (jf_flow_load(path, &m) != GSL_SUCCESS ||
        experiment_data(e, e->args.data, &data) != GSL_SUCCESS)
        jf_end(2);
    if (m.flow->d != data.x.cols)
        jf_fail(2, "%s: a flow of %zu columns found, %s has %zu", path,
                m.flow->d, data.name, data.x.cols);
    experiment_add_noise(&data, m.noise, e->args.seed);
    size_t n = data.x.rows;
    jf_shadow *s = jf_alloc(n, sizeof *s);
    follow(&m, path, data.x, s, e->team);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(s[i].log_q))
            jf_fail(2,
                    "%s: row %zu: its density by %s is 0 or overflows, and has "
                    "no error; rows of positive density expected",
                    data.name, i + 1, path);
    jf_table *out = jf_table_new(&e->args, "audit-rounding", columns, 1);
    print(&m, path, data.name, n, s);
    write_rows(&m, path, n, s, out, 0);
    jf_table_close(out);
    free(s);
    jf_data_free(&data);
    jf_model_free(&m);
}

/* The largest of error / bound over all rows; last: of the last layer's term in
 * place of the bound.  8 K u is what the pass without rounding may err by. */
static double largest(const jf_table *t, size_t points, const char *column)
{
    double most = 0;
    for (size_t p = 0; p < points; p++)
        for (size_t r = 0; r < jf_table_rows(t, p); r++) {
            double rest = 8 * jf_table_number(t, p, r, "layers") * DBL_EPSILON;
            most =
                jf_worse(most, jf_table_number(t, p, r, "log_q_error_nats") /
                                   (jf_table_number(t, p, r, column) + rest));
        }
    return most;
}

static void judge(experiment *e, const jf_table *t, size_t points)
{
    jf_finding f = {.n = points * DRAWN,
                    .measured = largest(t, points, "bound_nats"),
                    .expected = 1,
                    .tolerance = 0.05};
    f.broken = largest(t, points, "last_nats") - f.measured;
    jf_judge(
        e->verdicts,
        &(jf_claim){"C6.9",
                    "log q errs by at most sum_k |s_k . d_k| + |e_k| in the "
                    "flows that ship",
                    "data/trained; 100 draws of each; rounded to float "
                    "after each layer",
                    "largest ratio; s_k by one pass backward; 5% for the "
                    "next order",
                    JF_IDENTITY, "the last layer's rounding alone"},
        JF_AT_MOST, &f);
}

void audit_rounding_shipped(experiment *e)
{
    static const char *const names[] = {"uniform-1", "uniform-2", "banana-1",
                                        "banana-2", "texture-1"};
    enum { SHIPPED = sizeof names / sizeof *names };
    jf_shadow s[DRAWN];
    jf_table *out = jf_table_new(&e->args, "audit-rounding", columns, SHIPPED);
    for (size_t p = 0; p < SHIPPED; p++) {
        jf_text path = {0};
        jf_model m;
        if (jf_table_has(out, p))
            continue;
        jf_text_add(&path, "%s/trained/%s.theta", jf_data_folder(), names[p]);
        if (jf_flow_load(path.data, &m) != GSL_SUCCESS)
            jf_end(2);
        jf_matrix x = jf_matrix_new(DRAWN, m.flow->d);
        if (jf_model_sample(&m, x, e->args.seed, e->team) != GSL_SUCCESS)
            jf_fail(1, "%s: %s", path.data, jf_error_last()->message);
        follow(&m, path.data, x, s, e->team);
        write_rows(&m, path.data, DRAWN, s, out, p);
        jf_matrix_free(&x);
        jf_model_free(&m);
        free(path.data);
    }
    if (jf_table_whole(out))
        judge(e, out, SHIPPED);
    jf_table_close(out);
}
