/* series.h -- log |det (I + A)| of a contraction from products A v alone.
 *
 * log det (I + A) = sum_k (-1)^(k+1) tr(A^k) / k for |A| <= c < 1: of residual
 * layers too large for a dense Jacobian. */
#ifndef JF_SERIES_H
#define JF_SERIES_H

#include <stddef.h>

#include <gsl/gsl_rng.h>

/* av (d) := A v. */
typedef void (*jf_product)(const void *arg, const double *v, double *av);

/* The first terms of the series [nats], traces by d products each: biased. */
double jf_series_truncated(size_t d, jf_product a, const void *arg,
                           size_t terms);

/* A bound of what the first terms leave out: sum_{k > n} d c^k / k <=
 * d c^(n+1) / ((n + 1) (1 - c)) [nats]. */
double jf_series_bias(size_t d, double c, size_t terms);

/* One unbiased draw [nats]: v'A^k v for a normal v (Hutchinson 1990) in place
 * of the trace, and a geometric number of terms, each divided by the chance
 * go^(k - 1) to get there, 0 < go < 1 (Chen, Behrmann, Duvenaud and
 * Jacobsen 2019, theorem 1).  Its variance is finite for c^2 < go. */
double jf_series_roulette(size_t d, jf_product a, const void *arg, double go,
                          gsl_rng *rng);

#endif
