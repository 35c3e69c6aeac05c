/* lipschitz_single.c -- the part of lipschitz about round trips, in float.
 *
 * Question  How far does the inverse of a flow lead back, in float?
 * Method    lipschitz_inverse.c, built with real = float.
 * Writes    lipschitz-{inverse,grid,gradients}-single.csv,
 *           verdicts/lipschitz_single.csv. */
#include "lipschitz.h"

static const char about[] = "Round trips through flows and chains, in float.";

int main(int argc, char **argv)
{
    experiment e = {.args = jf_args_read(argc, argv, about, NULL)};

    gsl_set_error_handler_off(); /* a failed run is a row */
    e.team = jf_team_new(e.args.threads);
    e.verdicts = jf_verdicts_new(&e.args);
    lipschitz_inverse(&e);
    jf_verdicts_close(e.verdicts);
    jf_tables_done();
    jf_team_free(e.team);
    return 0;
}
