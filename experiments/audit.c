/* audit.c -- the same questions asked of your own data, or of your own flow.
 *
 * Question  What does the theory say about this table, and does this flow obey
 *           what every correct flow must?
 * Method    audit_data.c and its parts for a table; audit_flow.c for a flow
 *           given by its numbers.  Without options: both on what ships.
 * Writes    audit-*.csv, verdicts/audit.csv. */
#include "audit.h"

static const char about[] =
    "What does the theory say about your table, or about your flow?\n"
    "--data: size, rank, spectrum, optimum of affine flows, probabilistic PCA,\n"
    "Gaussianity, gaps between modes, critical rates, trained flows, advice.\n"
    "Without options: the tables that ship.";

int main(int argc, char **argv)
{
    experiment e = experiment_open(argc, argv, about);
    audit_data(&e);
    if (!e.args.data)
        audit_modes_self(&e);
    return experiment_close(&e);
}
