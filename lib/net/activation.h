/* activation.h -- the activations of nets, and their slopes by value. */
#ifndef JF_ACTIVATION_H
#define JF_ACTIVATION_H

#include "net/net.h"

/* h[i] := a(h[i]); NaN stays. */
void jf_activate(jf_activation activation, size_t n, real *h);

/* Rows of h += b (cols); and then h := a(h), for an h without gaps. */
void jf_add_bias(jf_matrix h, const real *b);
void jf_activate_biased(jf_activation activation, jf_matrix h, const real *b);

/* db (cols) += the sum of the rows of dh: the gradient of a bias. */
void jf_add_rows(jf_const_matrix dh, real *db);

/* dh[i] := dh[i] a'(u_i), from the value h[i] = a(u_i). */
void jf_activation_slope(jf_activation activation, size_t n, const real *h,
                         real *dh);

/* ds[i] := ds[i] a''(u_i), likewise. */
void jf_activation_curvature(jf_activation activation, size_t n, const real *h,
                             real *ds);

#endif
