/* kept.c -- a run of a point that is under way, in OUT/highres-POINT.kept.
 *
 * A file of parameters (docs/flow-files.md) with the state of the training and
 * four sections more: origin, the header of the table's partial file; rows,
 * those of the table of steps, and stretch, of that of stretches; progress. */
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
    char *text[3];
    double numbers[PROGRESS];
} parts;

enum { TEXTS = 3, SECTIONS = TEXTS + 1 };
static const char *const texts[TEXTS] = {"origin", "rows", "stretch"};

static void sections_of(parts *p, const size_t *lengths, jf_section *out)
{
    for (size_t k = 0; k < TEXTS; k++)
        out[k] =
            (jf_section){texts[k], JF_BYTES, lengths[k], p->text[k], 0, NULL};
    out[TEXTS] =
        (jf_section){"progress", JF_DOUBLES, PROGRESS, p->numbers, 0, NULL};
}

static void clear(parts *p)
{
    for (size_t k = 0; k < TEXTS; k++)
        free(p->text[k]);
}

void highres_keep(const run *r, const jf_layer *f, const real *theta,
                  const jf_fit_state *state, const progress *p, const tables *t)
{
    const char *now[TEXTS] = {
        jf_table_origin(t->steps), jf_table_text(t->steps, r->point),
        t->stretch ? jf_table_text(t->stretch, r->point) : NULL};
    size_t lengths[TEXTS];
    parts q = {0};
    jf_section more[SECTIONS];
    char *path = path_of(r);
    for (size_t k = 0; k < TEXTS; k++) {
        lengths[k] = now[k] ? strlen(now[k]) : 0;
        q.text[k] = jf_copy_text(now[k] ? now[k] : "", lengths[k]);
    }
    pack(p, q.numbers);
    sections_of(&q, lengths, more);
    if (jf_fit_save_with(path, f, theta, state, more, SECTIONS) != GSL_SUCCESS)
        jf_end(1);
    free(path);
    clear(&q);
}

/* Of a file that is there; 0: it is of another run. */
static int read_kept(const char *path, const jf_layer *f, real *theta,
                     jf_fit_state *state, const char *origin, parts *q)
{
    jf_theta_file *file;
    if (jf_theta_open(path, &file) != GSL_SUCCESS)
        jf_end(2);
    size_t lengths[TEXTS];
    jf_section more[SECTIONS];
    for (size_t k = 0; k < TEXTS; k++) {
        lengths[k] = jf_theta_count(file, texts[k]);
        q->text[k] = jf_alloc(lengths[k] + 1, 1);
    }
    sections_of(q, lengths, more);
    int same = jf_theta_take(file, more, 1) == GSL_SUCCESS &&
               strcmp(q->text[0], origin) == 0;
    jf_theta_close(file);
    if (same &&
        jf_fit_load_with(path, f, theta, state, more, SECTIONS) != GSL_SUCCESS)
        jf_end(2);
    return same;
}

static void add_rows(jf_table *table, size_t point, char *text)
{
    for (char *line = strtok(text, "\n"); table && line;
         line = strtok(NULL, "\n"))
        jf_table_row(table, point, "%s", line);
}

int highres_resume(const run *r, const jf_layer *f, real *theta,
                   jf_fit_state *state, progress *p, const tables *t)
{
    parts q = {0};
    char *path = path_of(r);
    FILE *there = r->e->args.resume ? fopen(path, "rb") : NULL;
    int found = there != NULL;
    if (there)
        fclose(there);
    found = found &&
            read_kept(path, f, theta, state, jf_table_origin(t->steps), &q);
    if (r->e->args.together) /* before the first can write or forget it */
        found = jf_ranks_any(r->e->args.together, found);
    if (found) {
        *p = unpack(q.numbers);
        add_rows(t->steps, r->point, q.text[1]);
        add_rows(t->stretch, r->point, q.text[2]);
    }
    clear(&q);
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
