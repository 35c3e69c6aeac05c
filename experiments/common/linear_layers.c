/* linear_layers.c -- the parameterisations that experiments share. */
#include "linear_layers.h"

void add_dense(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_dense(d));
}

void add_triangular(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_triangular(d));
}

void add_diagonal(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_diagonal(d));
}

void add_plu(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_plu(d, d));
}

void add_qr(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_qr(d));
}

void add_svd(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_svd(d));
}

void add_actnorm_dense(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_diagonal(d));
    jf_flow_add(f, jf_dense(d));
}

void add_reflections(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_orthogonal(d, d - 1));
    jf_flow_add(f, jf_diagonal(d));
}
