/* tell.c -- how a mistake is told: what it is, where, and what to do. */
#include "mistakes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

const char *hypothesis_name(const hypothesis *h)
{
    return h ? h->name : "none";
}

const char *hypothesis_claim(const hypothesis *h)
{
    return h->claim;
}

/* With x: which of two columns that contradict each other is wrong. */
static const char *where(const flow_numbers *f, const audit_report *r)
{
    const flow_volume *v = &r->volume;
    double other = 0;
    if (v->why)
        return "which of the two columns is wrong cannot be seen without "
               "columns x1 .. xd";
    if (!r->volume_wrong)
        return "log_abs_det agrees with the change of volume seen in x and z: "
               "the mistake is in log_likelihood or z";
    for (size_t k = 0; k < v->centres; k++) {
        size_t i = v->row[k];
        other += (v->log_det[k] - (f->ll[i] - f->base[i])) / (double)v->centres;
    }
    return fabs(other) <= r->least_visible
               ? "log_likelihood agrees with the change of volume seen in x "
                 "and z: the mistake is in log_abs_det"
               : "neither column agrees with the change of volume seen in x "
                 "and z";
}

/* The column that goes with the difference best, so far. */
typedef struct {
    size_t n, tried;
    double *off, *column, *rank, best;
    char name[24];
} search;

static void try_column(search *s, const char *name, size_t j)
{
    double r = gsl_stats_spearman(s->off, 1, s->column, 1, s->n, s->rank);
    s->tried++;
    if (fabs(r) > fabs(s->best)) { /* a constant column has NaN */
        s->best = r;
        snprintf(s->name, sizeof s->name, name, j);
    }
}

/* What the difference is a function of, as far as one column shows it by its
 * rank; said where chance has it once in a thousand times at most. */
static void goes_with(const flow_numbers *f, const audit_report *r,
                      jf_text *text)
{
    static const char *const names[] = {"log_abs_det", "x%zu", "|x%zu|",
                                        "z%zu"};
    const flow_volume *v = &r->volume;
    size_t m = v->centres, d = f->d;
    if (m < 8)
        return;
    double *all = jf_alloc(4 * m, sizeof *all);
    search s = {m, 0, all, all + m, all + 2 * m, 0, ""};
    for (size_t k = 0; k < m; k++)
        s.off[k] = v->log_det[k] - f->ld[v->row[k]];
    for (size_t c = 0; c <= 3 * d; c++) {
        size_t kind = c ? 1 + (c - 1) / d : 0, j = c ? (c - 1) % d : 0;
        for (size_t k = 0; k < m; k++) {
            size_t at = v->row[k] * d + j;
            s.column[k] = kind == 0   ? f->ld[v->row[k]]
                          : kind == 1 ? f->x[at]
                          : kind == 2 ? fabs(f->x[at])
                                      : f->z[at];
        }
        try_column(&s, names[kind], j + 1);
    }
    free(all);
    /* Fisher: atanh of a correlation by chance is N(0, 1.06 / (m - 3)) */
    double error = sqrt(1.06 / ((double)m - 3));
    if (2 * gsl_cdf_ugaussian_Q(atanh(fabs(s.best)) / error) * (double)s.tried <
        AUDIT_LEVEL)
        jf_text_add(text,
                    "The difference goes with %s, by a rank correlation "
                    "of %.2f.\n",
                    s.name, s.best);
}

void hypothesis_say(const hypothesis *h, const flow_numbers *f,
                    const audit_report *r, jf_text *text)
{
    jf_text_add(text, h->says, r->parameter[0], r->parameter[1],
                r->parameter[2]);
    if (h->trace == VOLUME && h->fit == fit_constant && f->d > 1)
        jf_text_add(text,
                    "; were it a scale of all columns counted once, (d - 1) "
                    "log s, s would be %.4g",
                    r->parameter[1]);
    jf_text_add(text, ".\n");
    if (h->trace == VOLUME && h->last)
        goes_with(f, r, text);
    if (h->fit == fit_negative_x || h->fit == fit_negative_z ||
        h->fit == fit_negative_either)
        jf_text_add(text, "The density holds %s than 1.\n",
                    r->parameter[0] < 0 ? "more" : "less");
    if (h->holds == back_in_part)
        back_part_say(f, text);
    if (h->trace == RESIDUAL && h->base == 0 && !h->holds)
        jf_text_add(text, "Where: %s.\n", where(f, r));
    jf_text_add(text, "What to do: %s.\n", h->remedy);
    for (size_t k = 0; k < r->n_also; k++)
        jf_text_add(text, "%s%s",
                    k ? "; " : "It could also be: ", r->also[k]->name);
    if (r->n_also)
        jf_text_add(text, ".\n");
}
