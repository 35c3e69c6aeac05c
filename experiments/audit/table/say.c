/* say.c -- the tables of the audit of a table, and a line of it.
 *
 * Writes    audit-{summary,values,spectrum,directions,training,rates,advice}.csv
 *           [nats per sample, units of the table]. */
#include "parts.h"

#include <stdio.h>

static const struct {
    const char *name, *columns;
} tables[AUDIT_TABLES] = {
    {"audit-summary", "data,n,d,claim,quantity,unit,value,se"},
    {"audit-values", "data,n,kind,column,row,value,share"},
    {"audit-spectrum",
     "data,n,d,q,eigenvalue,sigma2,ppca_nats,eigen_nats,held_out_nats,"
     "se_held_out,suggested"},
    {"audit-directions",
     "data,n,kind,direction,variance,skewness,excess_kurtosis,"
     "negentropy_nats,se_negentropy"},
    {"audit-training",
     "data,n,d,flow,class,seed,train_nats,test_nats,gaussian_test_nats,"
     "eigen_nats,negentropy_captured_nats,se_captured,second_moment_test,"
     "status,steps"},
    {"audit-rates", "data,d,problem,critical_rate,measured_rate,batch_rate,"
                    "condition"},
    {"audit-advice", "data,claim,advice"},
};

audit_tables audit_tables_new(const experiment *e, size_t points)
{
    audit_tables t = {.point = 0};
    for (size_t k = 0; k < AUDIT_TABLES; k++)
        t.of[k] =
            jf_table_new(&e->args, tables[k].name, tables[k].columns, points);
    return t;
}

int audit_tables_have(const audit_tables *t)
{
    for (size_t k = 0; k < AUDIT_TABLES; k++)
        if (!jf_table_has(t->of[k], t->point))
            return 0;
    return 1;
}

int audit_tables_whole(const audit_tables *t)
{
    for (size_t k = 0; k < AUDIT_TABLES; k++)
        if (!jf_table_whole(t->of[k]))
            return 0;
    return 1;
}

void audit_tables_finish(audit_tables *t)
{
    for (size_t k = 0; k < AUDIT_TABLES; k++)
        jf_table_finish(t->of[k], t->point);
}

void audit_tables_close(audit_tables *t)
{
    for (size_t k = 0; k < AUDIT_TABLES; k++)
        jf_table_close(t->of[k]);
}

void audit_mention(const audit *a, audit_tables *t, const char *claim,
                   const char *quantity, const char *unit, double value,
                   double se, const char *note)
{
    audit of = *a;
    of.loud = a->loud && a->verbose;
    audit_say(&of, t, claim, quantity, unit, value, se, note);
}

void audit_say(const audit *a, audit_tables *t, const char *claim,
               const char *quantity, const char *unit, double value, double se,
               const char *note)
{
    jf_table_row(t->of[AUDIT_SUMMARY], t->point,
                 "%s,%zu,%zu,%s,%s,%s," JF_G "," JF_G, a->name, a->x.rows,
                 a->x.cols, claim, quantity, unit, value, se);
    if (!a->loud)
        return;
    printf("  %-36s %12.8g", quantity, value);
    if (se > 0)
        printf(" +- %.2g", se);
    printf("%s%s  %s%s\n", *unit ? " " : "", unit, claim, note);
}

void audit_progress(const audit *a, size_t percent)
{
    if (!a->loud)
        return;
    jf_progress_clear(&a->e->args);
    fflush(stdout);
    jf_progress(&a->e->args, "table", percent, 100);
}
