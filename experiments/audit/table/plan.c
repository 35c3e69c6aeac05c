/* plan.c -- what an audit of a table is going to do, said ahead. */
#include "parts.h"

#include <math.h>
#include <stdio.h>

/* Numbers above which the plan is printed even if no rows are left out: some
 * seconds. */
enum { LARGE = 2000000 };

static void plan_sample(const char *part, size_t rows, size_t n)
{
    printf("    %s: %zu", part, rows);
    if (rows < n)
        printf(" at random; errors %.2g times those of all rows",
               sqrt((double)n / (double)rows));
    printf("\n");
}

static void plan_training(const audit *a, size_t n, size_t d)
{
    size_t train = (size_t)(AUDIT_TRAIN * (double)n);
    size_t validation = (size_t)(AUDIT_VALIDATE * (double)n);
    size_t most = AUDIT_TRAINING_ROWS;
    printf("    %d nonlinear flows: %zu steps on %zu, stopped by %zu, judged "
           "by %zu\n",
           AUDIT_SEEDS, audit_training_steps(a->e, d),
           train < most ? train : most, audit_checked_rows(validation),
           n - train - validation);
}

void audit_plan(const audit *a)
{
    size_t all = a->x.rows, d = a->x.cols;
    size_t n = all < AUDIT_MOST_ROWS ? all : AUDIT_MOST_ROWS;
    if (!a->loud || all * d < LARGE)
        return;
    printf("  Plan, in rows\n"
           "    values, moments, interval of C2.9: all %zu\n",
           all);
    if (all <= d + 2)
        return;
    plan_sample("components", audit_component_rows(n, d), all);
    plan_sample("directions", audit_direction_rows(n, d), all);
    plan_sample("gaps between modes", audit_mode_rows(n, d), all);
    plan_training(a, n, d);
}
