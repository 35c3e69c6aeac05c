/* audit.h -- the two halves of the audit. */
#ifndef AUDIT_H
#define AUDIT_H

#include "common/experiment.h"

/* Of the user's table, or of those that ship; verbose: all that is found is
 * printed, or what fits a screen; and the coverage and power of
 * the bound of table/modes.c on laws whose constant is known. */
void audit_data(experiment *e, int verbose);
void audit_modes_self(experiment *e);

/* Of a flow by its numbers: prints the report and writes OUT/audit-flow.csv;
 * second (another flow on the same points) and train (the same flow on its
 * training rows) may be NULL. */
void audit_flow(experiment *e, const char *file, const char *second,
                const char *train);

/* Of a flow of the library, by its parameter file, on the rows of --data; of
 * those that ship on draws of theirs. */
void audit_rounding(experiment *e, const char *path);
void audit_rounding_shipped(experiment *e);

/* Write to --out the points of a design made from those of a table. */
void audit_design(const experiment *e, const char *table);

/* Write the example files, one a planted mistake; judge those that ship;
 * measure how often correct flows raise an alarm and mistakes are told. */
void audit_examples(const char *folder, unsigned long seed);
void audit_shipped(experiment *e);
void audit_alarms(experiment *e);

/* The same at length, over twenty thousand correct flows. */
void audit_at_length(experiment *e);

#endif
