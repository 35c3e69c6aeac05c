/* audit.c -- the theory's questions, asked of the user's own flow.
 *
 * Question  Are the numbers of a flow, from any framework, those of a flow?
 * Method    audit_flow.c for a file; without one, audit_flow_alarms.c: the
 *           files that ship, each with one planted mistake, then how often
 *           correct flows raise an alarm and how often mistakes are told.
 * Writes    audit-flow.csv, or audit-flows.csv, audit-alarms.csv and
 *           verdicts/audit.csv. */
#include "audit.h"

static const char about[] =
    "Are the numbers of your flow those of a flow?  --flow FILE.csv has the\n"
    "columns log_likelihood, log_abs_det, z1 .. zd, if possible x1 .. xd, in\n"
    "nats, over the base N(0, I).";

int main(int argc, char **argv)
{
    const char *flow = NULL, *second = NULL, *train = NULL, *examples = NULL;
    const jf_option own[] = {
        {"flow", "numbers of a flow, a row a point", NULL, &flow},
        {"flow2", "another flow on the same points", NULL, &second},
        {"train", "the same flow on its training rows", NULL, &train},
        {"examples", "folder: write the example files", NULL, &examples},
        {0}};
    experiment e = {.args = jf_args_read(argc, argv, about, own)};
    gsl_set_error_handler_off();
    if (!flow && (second || train))
        jf_fail(2, "--%s: --flow is expected as well",
                second ? "flow2" : "train");
    e.team = jf_team_new(e.args.threads);
    if (examples) {
        audit_examples(examples, e.args.seed);
    } else if (flow) {
        audit_flow(&e, flow, second, train);
    } else {
        e.verdicts = jf_verdicts_new(&e.args);
        audit_flow_self(&e);
        jf_verdicts_close(e.verdicts);
    }
    jf_tables_done();
    jf_team_free(e.team);
    return 0;
}
