/* read.c -- a table made fit for a density.
 *
 * A density exists on columns that vary and do not determine each other, and
 * its likelihood is bounded only where values do not repeat (C2.6).  So
 * constant and equal columns and combinations of earlier ones are set aside,
 * which is said, and a column whose values repeat (values.c) gets uniform noise
 * as wide as its step (C2.7). */
#include "parts.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort_ulong.h>

enum { WIDEST = 4096 };

typedef enum { KEPT, CONSTANT, EQUAL, COMBINATION } fate;

static const char *const why[] = {"", "constant", "equal to an earlier column",
                                  "a combination of earlier columns"};

static int equal_columns(jf_matrix x, size_t a, size_t b)
{
    for (size_t i = 0; i < x.rows; i++)
        if (jf_row(x, i)[a] != jf_row(x, i)[b])
            return 0;
    return 1;
}

/* What becomes of column j: by its part of the triangle of all columns, in
 * whose diagonal stands what earlier columns leave of it.  With too few rows
 * every column is a combination, and that is not held against it. */
static fate fate_of(const jf_moments *m, jf_matrix x, size_t j)
{
    double square = 0;
    for (size_t i = 0; i <= j; i++)
        square += m->t_sigma[i * m->d + j] * m->t_sigma[i * m->d + j];
    if (square == 0)
        return CONSTANT;
    for (size_t k = 0; k < j; k++)
        if (equal_columns(x, k, j))
            return EQUAL;
    double rest = fabs(m->t_sigma[j * m->d + j]);
    return m->n > m->d && rest <= m->tolerance * sqrt(square) ? COMBINATION
                                                              : KEPT;
}

static void label_column(const jf_dataset *data, size_t j, char label[32])
{
    if (data->columns)
        snprintf(label, 32, "%s", data->columns[j]);
    else
        snprintf(label, 32, "column %zu", j + 1);
    for (char *c = label; *c; c++)
        if (strchr(",\"\r\n", *c))
            *c = ';';
}

/* x: the columns kept, and their moments; of all of them the table itself. */
static int keep_columns(audit *a, jf_dataset *data, jf_moments *m, size_t count,
                        const size_t *from)
{
    if (count == data->x.cols) {
        a->x = data->x;
        data->x.data = NULL;
        a->raw = *m;
        *m = (jf_moments){0};
        return GSL_SUCCESS;
    }
    a->x = jf_matrix_new(data->x.rows, count ? count : 1);
    for (size_t i = 0; i < data->x.rows; i++)
        for (size_t k = 0; k < count; k++)
            jf_row(a->x, i)[k] = jf_row(data->x, i)[from[k]];
    return count ? jf_moments_of(jf_const(a->x), &a->raw, a->e->team)
                 : jf_refuse(a->name, 0,
                             "no column varies, at least one expected");
}

static int choose_columns(audit *a, jf_dataset *data)
{
    jf_moments m;
    size_t count = 0, d = data->x.cols;
    if (a->loud)
        printf("%s: %zu rows of %zu columns\n", a->name, a->rows, d);
    JF_TRY(jf_moments_of(jf_const(data->x), &m, a->e->team));
    size_t *from = jf_alloc(d, sizeof *from);
    a->label = jf_alloc(d, sizeof *a->label);
    for (size_t j = 0; j < d; j++) {
        char label[32];
        fate f = fate_of(&m, data->x, j);
        label_column(data, j, label);
        if (f == KEPT) {
            memcpy(a->label[count], label, sizeof label);
            from[count++] = j;
        } else if (a->loud) {
            printf("  Set aside: %s, %s.\n", label, why[f]);
        }
    }
    int status = keep_columns(a, data, &m, count, from);
    free(from);
    jf_moments_free(&m);
    return status;
}

/* y: the rows of x, or AUDIT_MOST_ROWS of them drawn at random. */
static void draw_rows(audit *a)
{
    size_t n = a->x.rows, count = n < AUDIT_MOST_ROWS ? n : AUDIT_MOST_ROWS;
    size_t *order = audit_shuffle(n, a->e->args.seed, 4);
    a->y = jf_matrix_new(count, a->x.cols);
    for (size_t i = 0; i < count; i++)
        memcpy(jf_row(a->y, i), jf_row(a->x, count < n ? order[i] : i),
               a->x.cols * sizeof(real));
    free(order);
}

/* Steps are those of all rows. */
static void add_noise(audit *a)
{
    audit_steps(a);
    if (a->tied == 0)
        return;
    jf_matrix noise = jf_matrix_new(a->y.rows, a->x.cols);
    jf_fill_uniform(noise, a->e->args.seed, JF_PURPOSE_DEQUANTIZE, 0);
    for (size_t i = 0; i < a->y.rows; i++)
        for (size_t j = 0; j < a->x.cols; j++)
            jf_row(a->y, i)[j] += (real)a->steps[j] * jf_row(noise, i)[j];
    jf_matrix_free(&noise);
}

/* Of FNV-1a, over the numbers of a row. */
static uint64_t key_of(size_t d, const real *row)
{
    uint64_t key = 14695981039346656037U, bits;
    for (size_t j = 0; j < d; j++) {
        double v = (double)row[j] + 0.0; /* -0 is 0 */
        memcpy(&bits, &v, sizeof bits);
        key = (key ^ bits) * 1099511628211U;
        key ^= key >> 29;
    }
    return key;
}

/* Equal rows have equal keys; of those that share one all are compared. */
static void count_repeats(audit *a)
{
    size_t n = a->x.rows, d = a->x.cols, first = 0;
    uint64_t *key = jf_alloc(n, sizeof *key);
    size_t *order = jf_alloc(n, sizeof *order);
    for (size_t i = 0; i < n; i++)
        key[i] = key_of(d, jf_row(a->x, i));
    gsl_sort_ulong_index(order, key, 1, n);
    for (size_t i = 1; i < n; i++) {
        first = key[order[i]] == key[order[first]] ? first : i;
        int same = 0;
        for (size_t k = first; k < i && !same; k++)
            same = memcmp(jf_row(a->x, order[k]), jf_row(a->x, order[i]),
                          d * sizeof(real)) == 0;
        a->repeats += (size_t)same;
    }
    if (a->loud && a->repeats)
        printf("  %zu row%s equal to %s.\n", a->repeats,
               a->repeats == 1 ? " is" : "s are",
               a->repeats == 1 ? "an earlier one" : "earlier ones");
    free(order);
    free(key);
}

static int standardise(audit *a)
{
    double *mean = jf_alloc(a->x.cols, sizeof *mean);
    a->sd = jf_alloc(a->x.cols, sizeof *a->sd);
    draw_rows(a);
    add_noise(a);
    a->shift = jf_standardize(a->y, mean, a->sd);
    free(mean);
    JF_TRY(jf_moments_of(jf_const(a->y), &a->m, a->e->team));
    a->trainable = a->x.rows > a->x.cols + 2 && a->m.rank == a->m.d;
    return GSL_SUCCESS;
}

int audit_read(audit *a, const experiment *e, int verbose, const char *spec)
{
    jf_dataset data;
    *a = (audit){.e = e, .loud = e->args.data != NULL, .verbose = verbose};
    JF_TRY(experiment_data(e, spec, &data));
    memcpy(a->name, data.name, sizeof a->name);
    a->rows = data.x.rows;
    a->columns = data.x.cols;
    a->height = data.height;
    a->width = data.width;
    a->channels = data.channels;
    int status = GSL_SUCCESS;
    if (data.x.cols > WIDEST)
        status = jf_refuse(spec, 0,
                           "%zu columns found, at most %d expected (of "
                           "pictures: a smaller --size; for larger ones "
                           "see optimum --data)",
                           data.x.cols, WIDEST);
    if (status == GSL_SUCCESS)
        status = choose_columns(a, &data);
    if (status == GSL_SUCCESS) {
        count_repeats(a);
        status = standardise(a);
    }
    jf_data_free(&data);
    return status;
}

size_t *audit_shuffle(size_t n, unsigned long seed, unsigned long step)
{
    size_t *order = jf_alloc(n, sizeof *order);
    gsl_rng *rng = jf_stream_new();
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    jf_stream_seek(rng, seed, JF_PURPOSE_SPLIT, step, 0);
    gsl_ran_shuffle(rng, order, n, sizeof *order);
    gsl_rng_free(rng);
    return order;
}

void audit_free(audit *a)
{
    jf_matrix_free(&a->x);
    jf_matrix_free(&a->y);
    jf_moments_free(&a->raw);
    jf_moments_free(&a->m);
    free(a->label);
    free(a->sd);
    free(a->atoms);
    free(a->steps);
}
