/* audit/main.c -- the same questions asked of your own data, or of your own
 * flow.
 *
 * Question  What does theory/theory.md say about this table, and are the
 *           numbers of this flow those of a flow?
 * Method    table/questions.c and its parts for a table, flow/report.c and its
 *           parts for a flow from any framework, given by its numbers;
 *           flow/rounding.c for a flow of the library, by its file.
 *           Without options: both on what ships, with the rates at which they
 *           err.
 * Writes    audit-*.csv, verdicts/audit.csv. */
#include "audit.h"

#include <string.h>

static const char about[] =
    "What does theory/theory.md say about your table, or about your flow?\n"
    "--data: size, rank, spectrum, optimum of affine flows, probabilistic "
    "PCA,\n"
    "Gaussianity, gaps between modes, critical rates, trained flows, advice.\n"
    "--flow FILE.csv: columns log_likelihood, log_abs_det, z1 .. zd, if "
    "possible\n"
    "x1 .. xd, in nats, over the base N(0, I): what is wrong, and why.\n"
    "--theta FLOW.theta --data TABLE: what activations in float do to log q.\n"
    "--design X.csv --out POINTS.csv: points whose answers decide it.\n"
    "Without either: both on what ships.";

/* A table of the user's, or all that ships. */
static void judge(experiment *e, int verbose)
{
    audit_data(e, verbose);
    if (!e->args.data) {
        audit_modes_self(e);
        audit_shipped(e);
        audit_alarms(e);
        audit_rounding_shipped(e);
    }
}

int main(int argc, char **argv)
{
    const char *flow = NULL, *second = NULL, *train = NULL, *examples = NULL;
    const char *points = NULL, *theta = NULL;
    int length = 0, verbose = 0;
    const jf_option own[] = {
        {"flow=FILE", "numbers of a flow, a row a point", NULL, &flow},
        {"flow2=FILE", "another flow on the same points", NULL, &second},
        {"train=FILE", "the same flow on its training rows", NULL, &train},
        {"theta=FLOW.theta",
         "a flow that fit saved: what float costs it on the rows of --data",
         NULL, &theta},
        {"design=X.csv", "write points to evaluate a flow on to --out FILE",
         NULL, &points},
        {"at-length",
         "judge over 20 000 correct flows, and mistakes of all kinds", &length,
         NULL},
        {"verbose", "all that is found of a table, beyond what fits a screen",
         &verbose, NULL},
        {"examples=DIR", "write the example files", NULL, &examples},
        {0}};
    experiment e = experiment_read(argc, argv, about, own);

    if (!flow && (second || train))
        jf_fail(2, "--%s: --flow is expected as well",
                second ? "flow2" : "train");
    if (flow && e.args.data)
        jf_fail(2, "--data: --flow is given; one of them is expected");
    if (theta && (flow || points || examples || length))
        jf_fail(2, "--theta: another task is given; one of them is expected");
    if (theta && !e.args.data)
        jf_fail(2, "--theta: --data is expected as well");
    if (points && (flow || e.args.data))
        jf_fail(2, "--%s: --design is given; one of them is expected",
                flow ? "flow" : "data");
    if (points && strcmp(e.args.out, "results") == 0)
        jf_fail(2, "--design: no --out found, a file for the points expected");
    experiment_start(&e, !examples && !flow && !points && !theta);
    if (theta)
        audit_rounding(&e, theta);
    else if (points)
        audit_design(&e, points);
    else if (examples)
        audit_examples(examples, e.args.seed);
    else if (flow)
        audit_flow(&e, flow, second, train);
    else if (length)
        audit_at_length(&e);
    else
        judge(&e, verbose);
    return experiment_close(&e);
}
