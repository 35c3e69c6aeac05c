/* lipschitz/main.c -- what budgets on a map and on its inverse cost and buy.
 *
 * Question  A flow may stretch by at most L and squeeze by at most M.  What
 *           does that cost in likelihood, how close do trained flows come, and
 *           what does it buy in invertibility (C6)?
 * Method    The parts, one file each.  Closed forms: layers.c (constants of
 *           layers), maps.c (maps of the line), coil.c (a strip coiled up, the
 *           volume bound), bases.c (the mirrored price, bases of two modes,
 *           heavy tails), shadow.c and tails.c (rounding of log q).
 *           common/lipschitz_program.c solves the one-dimensional problem,
 *           curve.c draws its curves, budget.c trains affine and nonlinear
 *           flows under budgets, holds every one against the universal bounds
 *           and reports by layer, inverse.c (which lipschitz_single runs in
 *           float) compares round trips with their first-order bound.
 * Writes    lipschitz-{points,coil,shadow,tails,bases,curve,budget,layers,
 *           inverse,grid,gradients}.csv, verdicts/lipschitz.csv. */
#include "lipschitz.h"

static const char about[] =
    "What do budgets on a map and on its inverse cost and buy?\n"
    "Likelihood against the largest stretch L and squeeze M allowed; round "
    "trips.\n"
    "With --data: affine flows under budgets on that table.";

int main(int argc, char **argv)
{
    experiment e = experiment_open(argc, argv, about);
    if (!e.args.data) {
        const check_list lists[] = {list_layers, list_maps,   list_coil,
                                    list_bases,  list_chains, list_tails};
        run_checks(&e, "lipschitz-points", sizeof lists / sizeof *lists, lists);
        lipschitz_coil(&e);
        lipschitz_shadow(&e);
        lipschitz_tails(&e);
        lipschitz_bases(&e);
        lipschitz_curve(&e);
        lipschitz_inverse(&e);
    }
    lipschitz_budget(&e);
    return experiment_close(&e);
}
