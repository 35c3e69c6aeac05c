/* principles/main.c -- what does each design principle buy?
 *
 * Question  C8 has sixteen principles.  Does the consequence
 *           that each promises hold, and what does training gain when it is
 *           switched on, alone from nothing or last of all?
 * Method    points.c, fits.c, batches.c and laws.c check the consequences;
 *           runs.c trains every recipe (recipe.c) of the first twelve.
 * Writes    principles-points.csv, principles.csv, principles-effects.csv,
 *           principles-pairs.csv, verdicts/principles.csv. */
#include "principles.h"

static const char about[] =
    "What does each design principle buy, switched off one at a time?\n"
    "Divergence, likelihood, stable rates, round trips and condition numbers.\n"
    "With --data: the same on that table.";

int main(int argc, char **argv)
{
    experiment e = experiment_open(argc, argv, about);
    const check_list lists[] = {list_points, list_fits, list_batches,
                                list_laws};
    if (!e.args.data)
        run_checks(&e, "principles-points", sizeof lists / sizeof *lists,
                   lists);
    principles_runs(&e);
    return experiment_close(&e);
}
