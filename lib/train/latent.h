/* latent.h -- the density q of z, and its gradient.
 *
 * A latent is a value: copy it freely.  Those with arrays borrow them. */
#ifndef JF_LATENT_H
#define JF_LATENT_H

#include <gsl/gsl_rng.h>

#include "base/matrix.h"

typedef struct jf_latent jf_latent;
struct jf_latent {
    const char *name;

    /* log_q (n) := log q(z_i) [nats], and dz (n, d) := scale * d log q / dz
     * unless dz.data is NULL, for z (n, d).  Outside the support log q is -inf
     * and the gradient 0. */
    void (*log_density)(const jf_latent *self, jf_const_matrix z, double *log_q,
                        double scale, jf_matrix dz);

    /* One row of d draws. */
    void (*sample)(const jf_latent *self, size_t d, real *z, gsl_rng *rng);

    double a, b;       /* box: ends; Student: degrees of freedom */
    size_t components; /* mixture: number of them */
    const double *weight, *mean, *sd; /* (n), (n, d), (n), n components */
};

jf_latent jf_normal(void);                /* N(0, I)                     */
jf_latent jf_uniform(double a, double b); /* on the box [a, b]^d         */
jf_latent jf_logistic(void);              /* independent, scale 1        */
jf_latent jf_student(double degrees);     /* independent, scale 1        */
jf_latent jf_mixture(size_t components, const double *weight,
                     const double *mean,
                     const double *sd); /* sum of N(mean_k, sd_k^2 I)  */

/* q on R^d as text: normal(), uniform(a=0, b=1), logistic(), student(degrees=3)
 * or, lists with spaces between, mixture(weight=(n), mean=(n d), sd=(n)).
 * free() it.  NULL: no memory. */
char *jf_latent_describe(const jf_latent *q, size_t d);

/* A latent from such a text.  What a mixture borrows is *arrays, for free();
 * NULL for the others.  GSL_EINVAL: the message says at which byte what was
 * expected. */
int jf_latent_parse(const char *text, size_t d, jf_latent *q, double **arrays);

/* z (n, d): row i from the stream (seed, JF_PURPOSE_LATENT, step, i). */
void jf_latent_sample(const jf_latent *q, jf_matrix z, unsigned long seed,
                      unsigned long step);

#endif
