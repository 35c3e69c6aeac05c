/* kept.c -- a run of a point that is under way, in OUT/highres-POINT.kept.
 *
 * A file of parameters (docs/flow-files.md) with the state of the training and
 * three sections more: origin, the header of the table's partial file; rows,
 * those of the table of steps; progress. */
#include "highres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRESS = 2 + 2 * SETS };

static char *path_of(const run *r)
{
    jf_text path = {0};
    jf_text_add(&path, "%s/highres-%zu.kept", r->e->args.out, r->point + 1);
    return path.data;
}

static int is_first(const run *r)
{
    const jf_ranks *ranks = r->e->args.together;
    return !ranks || ranks->rank == 0;
}

static void pack(const progress *p, double *numbers)
{
    numbers[0] = (double)p->next;
    numbers[1] = p->elapsed;
    memcpy(numbers + 2, p->first_bits, sizeof p->first_bits);
    memcpy(numbers + 2 + SETS, p->last_bits, sizeof p->last_bits);
}

static progress unpack(const double *numbers)
{
    progress p = {.next = (size_t)numbers[0], .elapsed = numbers[1]};
    memcpy(p.first_bits, numbers + 2, sizeof p.first_bits);
    memcpy(p.last_bits, numbers + 2 + SETS, sizeof p.last_bits);
    return p;
}

typedef struct {
    char *origin, *rows;
    double numbers[PROGRESS];
} parts;

enum { SECTIONS = 3 };

static void sections_of(parts *p, size_t origin, size_t rows, jf_section *out)
{
    out[0] = (jf_section){"origin", JF_BYTES, origin, p->origin, 0, NULL};
    out[1] = (jf_section){"rows", JF_BYTES, rows, p->rows, 0, NULL};
    out[2] =
        (jf_section){"progress", JF_DOUBLES, PROGRESS, p->numbers, 0, NULL};
}

void highres_keep(const run *r, const jf_layer *f, const real *theta,
                  const jf_fit_state *state, const progress *p,
                  const jf_table *steps)
{
    const char *origin = jf_table_origin(steps);
    const char *rows = jf_table_text(steps, r->point);
    parts q = {.origin = jf_copy_text(origin, strlen(origin)),
               .rows = jf_copy_text(rows ? rows : "", rows ? strlen(rows) : 0)};
    jf_section more[SECTIONS];
    char *path = path_of(r);
    pack(p, q.numbers);
    sections_of(&q, strlen(q.origin), strlen(q.rows), more);
    if (jf_fit_save_with(path, f, theta, state, more, SECTIONS) != GSL_SUCCESS)
        jf_end(1);
    free(path);
    free(q.rows);
    free(q.origin);
}

/* Of a file that is there; 0: it is of another run. */
static int read_kept(const char *path, const jf_layer *f, real *theta,
                     jf_fit_state *state, const char *origin, parts *q)
{
    jf_theta_file *file;
    if (jf_theta_open(path, &file) != GSL_SUCCESS)
        jf_end(2);
    size_t length = jf_theta_count(file, "origin");
    size_t rows = jf_theta_count(file, "rows");
    jf_section more[SECTIONS];
    q->origin = jf_alloc(length + 1, 1);
    q->rows = jf_alloc(rows + 1, 1);
    sections_of(q, length, rows, more);
    int same = jf_theta_take(file, more, 1) == GSL_SUCCESS &&
               strcmp(q->origin, origin) == 0;
    jf_theta_close(file);
    if (same &&
        jf_fit_load_with(path, f, theta, state, more, SECTIONS) != GSL_SUCCESS)
        jf_end(2);
    return same;
}

int highres_resume(const run *r, const jf_layer *f, real *theta,
                   jf_fit_state *state, progress *p, jf_table *steps)
{
    parts q = {0};
    char *path = path_of(r);
    FILE *there = r->e->args.resume ? fopen(path, "rb") : NULL;
    int found = there != NULL;
    if (there)
        fclose(there);
    found =
        found && read_kept(path, f, theta, state, jf_table_origin(steps), &q);
    if (r->e->args.together) /* before the first can write or forget it */
        found = jf_ranks_any(r->e->args.together, found);
    if (found) {
        *p = unpack(q.numbers);
        for (char *line = strtok(q.rows, "\n"); line; line = strtok(NULL, "\n"))
            jf_table_row(steps, r->point, "%s", line);
    }
    free(q.rows);
    free(q.origin);
    free(path);
    return found;
}

void highres_forget(const run *r)
{
    char *path = path_of(r);
    if (is_first(r))
        remove(path);
    free(path);
}
