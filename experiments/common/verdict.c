/* verdict.c -- rows of verdicts. */
#include "verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include <claim_table.h> /* made of theory/claims.def */

#include "base/matrix.h"
#include "io/output.h"
#include "table.h"

struct jf_verdicts {
    const char *program;
    jf_text path, rows;
    size_t verified, refuted, undecided, not_run;
};

jf_verdicts *jf_verdicts_new(const jf_args *args)
{
    jf_verdicts *v = jf_alloc(1, sizeof *v);
    v->program = args->program;
    jf_text_add(&v->path, "%s/verdicts/%s.csv", args->out, args->program);
    jf_provenance(args, &v->rows);
    jf_text_add(&v->rows, "id,statement,hypotheses,method,measured,expected,"
                          "tolerance,verdict,program\n");
    return v;
}

enum { KNOWN = sizeof claim_table / sizeof *claim_table };

static size_t find(const char *id)
{
    size_t k = 0;
    while (k < KNOWN && strcmp(id, claim_table[k].id) != 0)
        k++;
    return k;
}

const char *jf_claim_hypotheses(const char *id)
{
    size_t k = find(id);
    if (k < KNOWN)
        k = find(claim_table[k].of);
    return k < KNOWN ? claim_table[k].hypotheses : NULL;
}

/* The first four fields of a row, and the comma behind them. */
static void add_texts(jf_verdicts *v, const jf_claim *claim, const char *method)
{
    const char *general = jf_claim_hypotheses(claim->id);
    if (!general)
        jf_fail(1, "'%s' found, an id of theory/claims.def expected",
                claim->id);
    const char *texts[] = {claim->id, claim->statement,
                           claim->hypotheses ? claim->hypotheses : general,
                           method};
    for (size_t i = 0; i < 4; i++) {
        jf_text_field(&v->rows, texts[i]);
        jf_text_add(&v->rows, ",");
    }
}

void jf_verdict(jf_verdicts *v, const jf_claim *claim, double measured,
                jf_relation relation, double expected, double tolerance)
{
    static const char *const prefix[] = {"", "<= ", ">= "};
    double excess = measured - expected;
    const char *verdict = "refuted";

    if (relation == JF_EQUAL)
        excess = fabs(excess);
    if (relation == JF_AT_LEAST)
        excess = -excess;
    if (measured == expected || excess <= tolerance)
        verdict = "verified";
    if (isnan(measured) || isnan(expected) || isnan(tolerance))
        verdict = "undecided";
    v->verified += verdict[0] == 'v';
    v->refuted += verdict[0] == 'r';
    v->undecided += verdict[0] == 'u';
    add_texts(v, claim, claim->method);
    jf_text_add(&v->rows, "%.12g,%s%.12g,%.3g,%s,%s\n", measured,
                prefix[relation], expected, tolerance, verdict, v->program);
}

void jf_verdict_not_run(jf_verdicts *v, const jf_claim *claim,
                        const char *reason)
{
    jf_text method = {0};
    jf_text_add(&method, "not run: %s", reason);
    add_texts(v, claim, method.data);
    jf_text_add(&v->rows, "nan,nan,nan,undecided,%s\n", v->program);
    v->not_run++;
    free(method.data);
}

void jf_verdicts_close(jf_verdicts *v)
{
    if (jf_output_write(v->path.data, v->rows.data, v->rows.length) !=
        GSL_SUCCESS)
        exit(1);
    printf("%s: %zu verified, %zu refuted, %zu undecided", v->program,
           v->verified, v->refuted, v->undecided);
    if (v->not_run)
        printf(", %zu not run", v->not_run);
    printf(" -> %s\n", v->path.data);
    free(v->path.data);
    free(v->rows.data);
    free(v);
}
