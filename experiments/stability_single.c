/* stability_single.c -- the part of stability that asks about precision, in
 * float.
 *
 * Question  Does rounding move the edge of stable training?
 * Method    stability_precision.c, built with real = float.
 * Writes    stability-float.csv, verdicts/stability_single.csv. */
#include "stability.h"

static const char about[] =
    "The edge of stable training in float: gradient descent and Adam.";

int main(int argc, char **argv)
{
    experiment e = {.args = jf_args_read(argc, argv, about, NULL)};

    gsl_set_error_handler_off(); /* a failed run is a row */
    e.team = jf_team_new(e.args.threads);
    e.verdicts = jf_verdicts_new(&e.args);
    stability_precision(&e);
    jf_verdicts_close(e.verdicts);
    jf_tables_done();
    jf_team_free(e.team);
    return 0;
}
