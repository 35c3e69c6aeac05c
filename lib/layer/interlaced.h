/* interlaced.h -- what the files of the layer interlaced share. */
#ifndef JF_INTERLACED_H
#define JF_INTERLACED_H

#include "layer/layers.h"
#include "layer/quincunx.h"

enum { JF_INTERLACED_TAPS = 16 };

typedef struct {
    jf_layer base;
    jf_quincunx grid;
    size_t steps;
} jf_interlaced_layer;

/* A half-step.  Planes with a border go on by three pixels on each side. */
typedef struct {
    const jf_interlaced_layer *l;
    jf_quincunx grid;
    real *x, *dz;
    const real *theta; /* of the half-step */
    real *w;           /* it, of scales its exponential, of unscaled maps */
    real *y, *dy;      /* planes with a border: given values; dL/dy */
    real *d_mean;  /* (rows, cols, 2, channels): dL/dmu, dL/dm; 0 elsewhere */
    double *ld, g; /* (rows): sums of log |det|; dL/dlog|det| */
    double *grad;  /* (lanes, n): of theta */
    enum { FORWARD, INVERSE, BACKWARD } way;
} jf_interlaced_job;

/* What a pixel of the half-step sees, and what becomes of it. */
typedef struct {
    /* y_c(p + o_j) - m_c, and m_c */
    double near[JF_QUINCUNX_CHANNELS][JF_INTERLACED_TAPS];
    double m[JF_QUINCUNX_CHANNELS];
    const real *e; /* its entry of map 1 */
    double x[JF_QUINCUNX_CHANNELS];
    double mu[JF_QUINCUNX_CHANNELS], square[JF_QUINCUNX_CHANNELS];
    double y[JF_QUINCUNX_CHANNELS], slope[JF_QUINCUNX_CHANNELS]; /* dy/dX */
} jf_interlaced_view;

/* theta of channel c in a half-step: b, v, a; then scales; of the half-step. */
size_t jf_interlaced_means(const jf_interlaced_layer *l, size_t c);
size_t jf_interlaced_scales(const jf_interlaced_layer *l, size_t c);
size_t jf_interlaced_step(const jf_interlaced_layer *l);

/* Reals of a plane with a border. */
size_t jf_interlaced_bordered(const jf_interlaced_layer *l);

/* The pixels of j->x that the half-step is given, and their maps. */
int jf_interlaced_set(jf_interlaced_job *j, size_t level, size_t odd,
                      jf_work *work);

/* y of X, and its derivative. */
double jf_interlaced_settle(double x, double *slope);

/* What a pixel is given. */
void jf_interlaced_look(const jf_interlaced_job *j, size_t row, size_t col,
                        jf_interlaced_view *v);

/* theta of all half-steps and of the last grid from images
 * (interlaced_fit.c). */
int jf_interlaced_fit(const jf_interlaced_layer *l, real *theta,
                      jf_const_matrix images, jf_work *work);

#endif
