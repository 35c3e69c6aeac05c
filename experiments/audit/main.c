/* audit/main.c -- the same questions asked of your own data, or of your own flow.
 *
 * Question  What does the theory say about this table, and are the numbers of
 *           this flow those of a flow?
 * Method    audit/table/describe.c and its parts for a table, audit/flow/report.c and its parts
 *           for a flow from any framework, given by its numbers.  Without
 *           options: both on what ships, with the rates at which they err.
 * Writes    audit-*.csv, verdicts/audit.csv. */
#include "audit.h"

#include <string.h>

static const char about[] =
    "What does the theory say about your table, or about your flow?\n"
    "--data: size, rank, spectrum, optimum of affine flows, probabilistic PCA,\n"
    "Gaussianity, gaps between modes, critical rates, trained flows, advice.\n"
    "--flow FILE.csv: columns log_likelihood, log_abs_det, z1 .. zd, if possible\n"
    "x1 .. xd, in nats, over the base N(0, I): what is wrong, and why.\n"
    "Without either: both on what ships.";

/* Verdicts are on what ships, or on the table. */
static void judge_data(experiment *e)
{
    e->verdicts = jf_verdicts_new(&e->args);
    audit_data(e);
    if (!e->args.data) {
        audit_modes_self(e);
        audit_flow_self(e);
    }
    jf_verdicts_close(e->verdicts);
}

int main(int argc, char **argv)
{
    const char *flow = NULL, *second = NULL, *train = NULL, *examples = NULL;
    const jf_option own[] = {
        {"flow=FILE", "numbers of a flow, a row a point", NULL, &flow},
        {"flow2=FILE", "another flow on the same points", NULL, &second},
        {"train=FILE", "the same flow on its training rows", NULL, &train},
        {"examples=DIR", "write the example files", NULL, &examples},
        {0}};
    experiment e = {.args = jf_args_read(argc, argv, about, own)};

    if (!flow && (second || train))
        jf_fail(2, "--%s: --flow is expected as well",
                second ? "flow2" : "train");
    if (flow && e.args.data)
        jf_fail(2, "--data: --flow is given; one of them is expected");
    gsl_set_error_handler_off(); /* a failed run is a row */
    if (e.args.data && strcmp(e.args.data, "list") == 0) {
        jf_data_list(stdout);
        return 0;
    }
    e.team = jf_team_new(e.args.threads);
    if (examples)
        audit_examples(examples, e.args.seed);
    else if (flow)
        audit_flow(&e, flow, second, train);
    else
        judge_data(&e);
    jf_tables_done();
    jf_team_free(e.team);
    return 0;
}
