/* float_stack.h -- the library's rounding in a stack of layers, in balls.
 *
 * Theorem   In arithmetic of unit roundoff u, in which every operation and
 *           every sum of n products (in any order, fused or not) returns the
 *           exact result with an error of at most u, or gamma_n = n u/(1 - n u)
 *           times the sum of absolute values, and exp and tanh are within 4
 *           units in the last place, the log-determinant and the inverse after
 *           the forward pass of a stack differ from the exact ones by at most
 *           the radii of the balls that follow.
 * Source    Claim C6.3; the model of arithmetic is Higham's (2002); 4 units is
 *           what glibc states for its vector functions.
 * Method    The layers' formulas in balls: each operation on enclosures of
 *           what was computed so far, plus its own error.  The same formulas
 *           with u = 0 enclose the exact values.  Sums of log|det| are in
 *           double in every build.  Underflow adds 2^-120 to each operation.
 *
 * Weights and inputs are binary fractions, hence exact balls.  A row is the
 * library's error as a part of the bound, which must be below 1. */
#ifndef FLOAT_STACK_H
#define FLOAT_STACK_H

#include "jf.h"

#include "ball.h"

enum { D = 4, LAYERS = 6, BITS = 256 };

/* Half of JF_EPS is u; without rounding the arithmetic is exact. */
typedef struct {
    int rounds;
} arithmetic;

/* z += gamma_k scale, u = eps/2. */
void round_off(arb_t z, const arb_t scale, slong k, double eps);

/* z = sum of n products a_i b_i and of c, rounded. */
void dot(arb_t z, const real *a, arb_srcptr b, size_t n, real c,
         arithmetic model);

/* z = f(x) within 4 units in the last place, at most 8 u |z|. */
void apply(arb_t z, const arb_t x, void (*f)(arb_t, const arb_t, slong),
           arithmetic model);

/* One operation: its error is u |z|. */
void rounded(arb_t z, arithmetic model);

/* Layers, and what stands for them in balls: x and ld are updated in place,
 * ld being log|det|. */
typedef struct {
    const char *name;
    jf_layer *(*layer)(size_t k);
    size_t n_params; /* per layer */
    int ld_depends;  /* on the input */
    void (*forward)(arb_ptr x, arb_t ld, size_t k, const real *theta,
                    arithmetic model);
    void (*inverse)(arb_ptr x, size_t k, const real *theta, arithmetic model);
} stack;

/* The errors of log|det| and of the round trip, for eight inputs. */
void prove_stack(const stack *s);

#endif
