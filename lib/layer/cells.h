/* cells.h -- a number on a grid of cells becomes normal: z = Phi^-1(G(x)).
 *
 * G is the distribution function of x = k + u, k an integer whose law is that
 * of a logistic variable rounded down, u uniform on (0, 1):
 *
 *     G(x) = F(k) + (x - k) (F(k + 1) - F(k)),   k = floor(x),
 *     F(e) = (1 - e_0) sigma((e - mu) / s) + e_0 sigma((e - mu) / WIDE),
 *
 * so that the density is constant on every cell, and uniform noise costs
 * nothing (C2.7 v).  The wide part, of weight e_0 = 2^-13, keeps what lies far
 * from mu at finitely many nats, up to some 20 000 cells away, where tails end in
 * double: beyond, z and log dz/dx are infinite.  Continuous in all arguments,
 * increasing in x, smooth within a cell.  Rounding: tails are computed from
 * their own side, so that z keeps its digits on both. */
#ifndef JF_CELLS_H
#define JF_CELLS_H

/* z; log_slope := log dz/dx.  s > 0. */
double jf_cells_forward(double x, double mu, double s, double *log_slope);

/* x; NaN, for arguments that are not finite.  Beyond |z| = 38, where the normal law has
 * no more numbers, what is there. */
double jf_cells_inverse(double z, double mu, double s);

/* What a loss with dL/dz and dL/d(log_slope) = g says of the arguments. */
typedef struct {
    double x, mu, s;
} jf_cells_gradient;
jf_cells_gradient jf_cells_backward(double x, double mu, double s, double dz,
                                    double g);

#endif
