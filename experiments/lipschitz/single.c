/* single.c -- the part of lipschitz about round trips, in float.
 *
 * Question  How far does the inverse of a flow lead back, in float?
 * Method    inverse.c, built with real = float.
 * Writes    lipschitz-{inverse,grid,gradients}-single.csv,
 *           verdicts/lipschitz_single.csv. */
#include "lipschitz.h"

static const char about[] = "Round trips through flows and chains, in float.";

int main(int argc, char **argv)
{
    experiment e = experiment_open(argc, argv, about);
    experiment_takes_no_table(&e, "this experiment has problems of its own");
    lipschitz_inverse(&e);
    return experiment_close(&e);
}
