/* single.c -- the part of stability that asks about precision, in
 * float.
 *
 * Question  Does rounding move the edge of stable training?
 * Method    precision.c, built with real = float.
 * Writes    stability-float.csv, verdicts/stability_single.csv. */
#include "stability.h"

static const char about[] =
    "The edge of stable training in float: gradient descent and Adam.";

int main(int argc, char **argv)
{
    experiment e = experiment_open(argc, argv, about);
    experiment_takes_no_table(&e, "this experiment has problems of its own");
    stability_precision(&e);
    return experiment_close(&e);
}
