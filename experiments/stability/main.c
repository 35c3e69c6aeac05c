/* stability/main.c -- where the edge of stable training is.
 *
 * Question  Up to which learning rate does gradient descent on the likelihood
 *           of a flow converge, what happens beyond, and what do mini-batches
 *           change?
 * Method    The parts, one file each: hessian.c compares curvatures at the
 *           optimum with their closed forms, rate.c runs gradient descent below
 *           and above the critical rate for every linear parameterisation,
 *           tail.c shows the infinite mean after two mini-batch steps and its
 *           cures, batches.c watches what is proved of whole tables and of
 *           batches of bounded rows, edge.c predicts the edge on real tables
 *           and for nonlinear flows, points.c checks closed forms, precision.c
 *           (which stability_single runs in float) compares precisions and
 *           optimisers.
 * Writes    stability-{hessian,points,tail,cures,batches,full,rate,flatter,
 *           double,edge}.csv, verdicts/stability.csv. */
#include "stability.h"

static const char about[] =
    "Where is the edge of stable training?\n"
    "Curvature at the optimum, gradient descent below and above the critical "
    "rate,\nmini-batches with an infinite mean after two steps.\n"
    "With --data: the edge on that table, predicted and measured.";

int main(int argc, char **argv)
{
    experiment e = experiment_open(argc, argv, about);
    if (!e.args.data) {
        stability_hessian(&e);
        run_checks(&e, "stability-points", 1, &list_stability);
        stability_tail(&e);
        stability_batches(&e);
        stability_full(&e);
        stability_rate(&e);
        stability_precision(&e);
    }
    stability_edge(&e);
    return experiment_close(&e);
}
