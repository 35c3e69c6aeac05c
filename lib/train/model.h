/* model.h -- a trained flow as a whole: what a log-likelihood in the units of a
 * table takes, and the file that holds it.
 *
 *     log p(x) = log q(z) + log |det df/du (u)| - sum_j log scale_j,
 *     z = f(u),   u_j = (x_j - mean_j) / scale_j.
 *
 * The file (io/theta.h) has the description of f (layer/parse.h) and the
 * sections
 *
 *     theta   reals    n_params, in the order of the layers of the text; what
 *                      each layer's slice holds stands at its constructor
 *     base    text     q: normal(), uniform(a=, b=), logistic(),
 *                      student(degrees=) or mixture(weight=, mean=, sd=), lists
 *                      of numbers with spaces between (train/latent.h);
 *                      absent: normal()
 *     mean, scale      doubles, d each; absent both: 0 and 1
 *     noise            one double: the table was of whole numbers, and got
 *                      noise * U(0, 1) before; absent: none
 *
 * and others, which readers pass over. */
#ifndef JF_MODEL_H
#define JF_MODEL_H

#include "layer/flow.h"
#include "train/latent.h"

typedef struct {
    jf_layer *flow;
    real *theta;
    jf_latent base;
    double *mean, *scale; /* (d), or both NULL */
    double noise;         /* 0: none */
    double *arrays;       /* those of base that jf_flow_load made */
} jf_model;

/* Write m, whole or not at all.  GSL_EFAILED, after one line on stderr. */
int jf_flow_save(const char *path, const jf_model *m);

/* A model from its file alone; jf_model_free it.  GSL_EFAILED, after one line
 * on stderr, and m is then empty. */
int jf_flow_load(const char *path, jf_model *m);
void jf_model_free(jf_model *m); /* all of it */

/* x (n, d) in the units of the table becomes u. */
void jf_model_units(const jf_model *m, jf_matrix x);

/* x (n, d) in the units of the table becomes z; unless NULL, log_p (n) is set
 * to log p(x) and log_abs_det (n) to log |det dz/dx|, nats. */
int jf_model_forward(const jf_model *m, jf_matrix x, double *log_abs_det,
                     double *log_p, jf_team *team);

/* x (n, d): rows drawn from p, row i by the stream (seed, JF_PURPOSE_LATENT, 0,
 * i), in the units of the table. */
int jf_model_sample(const jf_model *m, jf_matrix x, unsigned long seed,
                    jf_team *team);

#endif
