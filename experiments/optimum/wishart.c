/* wishart.c -- inverse moments of Wishart matrices, by Jack polynomials. */
#include "wishart.h"

#include <math.h>

/* C_k(I) / prod over the boxes of k of (top - alpha (column) + row), the
 * normalisation being p1^r = sum of C_k over the partitions k of r. */
wishart_inverse wishart_inverse_of(wishart_field field, size_t d, size_t nu)
{
    double a = (double)field, p = (double)d;
    double top = (double)nu - p - (field == WISHART_REAL);
    double c2 = p * (p + a) / (1 + a) / (top * (top - a));
    double c11 = a * p * (p - 1) / (1 + a) / (top * (top + 1));
    double c3 = p * (p + a) * (p + 2 * a) / ((1 + a) * (1 + 2 * a)) /
                (top * (top - a) * (top - 2 * a));
    double c21 = 6 * a * p * (p + a) * (p - 1) / ((1 + 2 * a) * (2 + a)) /
                 (top * (top - a) * (top + 1));
    double c111 = a * a * p * (p - 1) * (p - 2) / ((1 + a) * (2 + a)) /
                  (top * (top + 1) * (top + 2));
    wishart_inverse w = {
        .p1 = p / top, .p11 = c2 + c11, .p111 = c3 + c21 + c111};
    w.p2 = ((1 + a) * c2 - w.p11) / a;
    w.p12 = ((1 + 2 * a) * c3 - (2 + a) * c111 - (1 - a) * w.p111) / (3 * a);
    w.p3 = 0.5 * ((1 + a) * (2 + a) / (a * a) * c111 - w.p111 + 3 * w.p12);
    return w;
}

cumulants cumulants_of(double first, double second, double third)
{
    double variance = second - first * first;
    return (cumulants){first, variance,
                       third - first * (3 * variance + first * first)};
}

cumulants wishart_mixed(const wishart_inverse *w, double a, double b, double c)
{
    return cumulants_of(a * w->p1, a * a * w->p11 + b * w->p2,
                        a * a * a * w->p111 + 3 * a * b * w->p12 + c * w->p3);
}

cumulants cumulants_add(cumulants a, cumulants b, double copies)
{
    return (cumulants){a.mean + copies * b.mean,
                       a.variance + copies * b.variance,
                       a.third + copies * b.third};
}

cumulants cumulants_scale(cumulants a, double factor)
{
    return (cumulants){factor * a.mean, factor * factor * a.variance,
                       factor * factor * factor * a.third};
}

cumulants cumulants_mean(cumulants a, double n)
{
    return (cumulants){a.mean, a.variance / n, a.third / (n * n)};
}

double cumulants_score(cumulants law, double expected, double measured)
{
    double sd = sqrt(law.variance), z = (measured - expected) / sd;
    double skew = law.third / (law.variance * sd);
    if (fabs(skew) < 1e-8) /* the limit, to 1e-7 */
        return z;
    return 6 / skew * (cbrt(1 + 0.5 * skew * z) - 1) + skew / 6;
}
