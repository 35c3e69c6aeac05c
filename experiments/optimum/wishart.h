/* wishart.h -- exact moments of what a Wishart matrix leaves behind.
 *
 * W = sum of nu terms x x' (real) or x x* (complex), x standard normal in d
 * dimensions; A = W^-1.  Expectations of Jack polynomials of A, with parameter
 * 2 (real) or 1 (complex), are those of the identity over products of linear
 * factors (Muirhead 1982, ch. 7, for the real case). */
#ifndef OPTIMUM_WISHART_H
#define OPTIMUM_WISHART_H

#include <stddef.h>

typedef enum { WISHART_COMPLEX = 1, WISHART_REAL = 2 } wishart_field;

/* E of p1 = tr A, p1^2, p2 = tr A^2, p1^3, p1 p2 and p3 = tr A^3.  Finite for
 * nu > d + 5 (real) or nu > d + 2 (complex), otherwise infinite or wrong. */
typedef struct {
    double p1, p11, p2, p111, p12, p3;
} wishart_inverse;

wishart_inverse wishart_inverse_of(wishart_field field, size_t d, size_t nu);

/* Mean, variance and third central moment of a random number. */
typedef struct {
    double mean, variance, third;
} cumulants;

/* Those of a number whose cumulants, given A, are a p1, b p2 and c p3. */
cumulants wishart_mixed(const wishart_inverse *w, double a, double b, double c);

/* From the moments E X, E X^2, E X^3; of a plus independent copies of b; times
 * a factor; of the mean over n. */
cumulants cumulants_of(double first, double second, double third);
cumulants cumulants_add(cumulants a, cumulants b, double copies);
cumulants cumulants_scale(cumulants a, double factor);
cumulants cumulants_mean(cumulants a, double n);

/* The normal score of what was measured: its law is taken to be the gamma law
 * with the same variance and skewness, whose cube root is near normal (Wilson
 * and Hilferty 1931); of a mean over n right to the second order in n^-1/2, in
 * the tails too.  expected stands in for the mean. */
double cumulants_score(cumulants law, double expected, double measured);

#endif
