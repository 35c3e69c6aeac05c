/* form.c -- a quadratic form fitted by least squares. */
#include "mistakes.h"

#include <stdlib.h>

/* Entry k of the monomials of a point: 1, x_j, x_j^2, then x_j x_l. */
static double monomial(size_t d, const double *x, size_t k)
{
    if (k == 0)
        return 1;
    if (k <= d)
        return x[k - 1];
    if (k <= 2 * d)
        return x[k - d - 1] * x[k - d - 1];
    size_t j = 1, l = k - 2 * d - 1;
    for (; l >= j; j++)
        l -= j;
    return x[j] * x[l];
}

double form_value(size_t d, size_t p, const double *coefficient,
                  const double *x)
{
    double sum = 0;
    for (size_t k = 0; k < p; k++)
        sum += coefficient[k] * monomial(d, x, k);
    return sum;
}

int form_fit(size_t n, size_t d, size_t p, const double *x, const double *value,
             const double *error, double *coefficient)
{
    double *a = jf_alloc(n * (p + 1) + p * p + p + 1, sizeof *a);
    double *t = a + n * (p + 1), *tau = t + p * p;
    for (size_t i = 0; i < n; i++) {
        double by = error ? error[i] : 1;
        for (size_t k = 0; k < p; k++)
            a[k * n + i] = monomial(d, x + i * d, k) / by;
        a[p * n + i] = value[i] / by;
    }
    int good = jf_qr_columns(n, p + 1, a, tau) == GSL_SUCCESS;
    for (size_t k = 0; k < p; k++) {
        for (size_t l = k; l < p; l++)
            t[k * p + l] = a[l * n + k];
        coefficient[k] = a[p * n + k];
        good &= t[k * p + k] != 0;
    }
    if (good)
        jf_solve_upper(0, p, 1, t, coefficient);
    free(a);
    return good;
}
