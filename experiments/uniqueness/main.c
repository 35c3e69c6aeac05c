/* uniqueness/main.c -- the same determinant for every flow?
 *
 * Question  Is log |det J| the same function for every flow that carries one
 *           given law to another?
 * Method    The parts, one file each: places.c checks single points,
 *           prescribed.c makes flows of given determinants, exact.c samples the
 *           exact flows of pairs.c, which judge_exact.c sets beside what is
 *           known of them (values.c), series.c checks the series of residual
 *           layers, and trained.c trains flows of several architectures
 *           (flows.c) on densities of known entropy and compares their fields,
 *           which judge_trained.c judges; libraries.c compares flows that other
 *           libraries trained.  laws.c has null laws and differences.
 * Writes    uniqueness-{exact,logistic,points,series,runs,trained,field,
 *           libraries,answers}.csv, verdicts/uniqueness.csv. */
#include "uniqueness.h"

static const char about[] =
    "Is the Jacobian determinant of a flow unique for given distributions?\n"
    "Exact pairs of flows with different determinants, and trained flows of\n"
    "several architectures over a normal and a uniform base.";

int main(int argc, char **argv)
{
    const jf_option own[] = {
        {"save=FILE",
         "write the trained flow of affine couplings on the banana, normal "
         "base, first seed [nowhere]",
         NULL, &uniqueness_save},
        {0}};
    experiment e = experiment_read(argc, argv, about, own);
    experiment_start(&e, 1);
    experiment_takes_no_table(&e,
                              "this experiment needs laws of known density");
    run_checks(&e, "uniqueness-points", 2,
               (check_list[]){list_places, list_prescribed});
    uniqueness_exact(&e);
    uniqueness_series(&e);
    uniqueness_trained(&e);
    uniqueness_libraries(&e);
    experiment_saved(&e, uniqueness_save);
    return experiment_close(&e);
}
