/* optimum.h -- what the parts of the experiment share. */
#ifndef OPTIMUM_H
#define OPTIMUM_H

#include "jf.h"

typedef struct {
    jf_args args;
    jf_team *team;  /* all threads */
    int dequantize; /* --dequantize */
    jf_verdicts *verdicts;
} optimum;

/* Sizes by profile: the one of quick, default or full. */
static inline size_t by_profile(const optimum *o, size_t quick, size_t standard,
                                size_t full)
{
    return o->args.profile == JF_QUICK  ? quick
           : o->args.profile == JF_FULL ? full
                                        : standard;
}

/* A table ready for training: dequantised where asked, and standardised; a bad
 * one stops the program with status 2. */
jf_dataset optimum_data(const optimum *o, const char *spec);
int optimum_whole_numbers(jf_matrix x);

/* One part of the experiment, one file each. */
void optimum_spectrum(optimum *o); /* optimum-spectrum, optimum-ppca;
                                    o->verdicts may be NULL */
void optimum_linear(optimum *o);   /* optimum-linear                        */
void optimum_factors(optimum *o);  /* optimum-factors                       */
void optimum_flows(optimum *o);    /* optimum-flows, optimum-training       */
void optimum_samples(optimum *o);  /* optimum-samples                       */
void optimum_points(optimum *o);   /* individual data points, C2 and C3     */

#endif
