/* linear_box.c -- no linear flow in a box does better, by subdivision alone.
 *
 * Theorem   For D = 2 and S = ((1, -2/3), (-2/3, 97/36)) no lower triangular W
 *           with W_11, W_22 in [1/8, 3] and W_21 in [-3, 3] has a likelihood
 *           above that of W* = ((1, 0), (4/9, 2/3)), W* S W*' = I.
 * Source    Claim C3.1; every W is an orthogonal matrix times a triangular one
 *           of the same likelihood.
 *
 * F(W) = tr(W S W')/2 - log|det W|, W = ((p, 0), (q, r)).  Six covers show F >
 * F* on the box around a smaller one, [7/8, 9/8] x [1/4, 5/8] x [1/2, 5/6] in
 * (p, q, r), that holds the minimum.  Inside it, and everywhere, the identity 2
 * (F - F*) = (P - 1 - log P) + (q - 2r/3)^2 + (Q - 1 - log Q), P = p^2 and Q =
 * 9 r^2/4, is a sum of terms that are not negative. */
#include "ball.h"

#define EXCESS                                                                 \
    "(p^2 + (q - 2/3*r)^2 + 9/4*r^2)/2 - log(p) - log(r) - (1 + log(3/2))"
#define SLAB(where, box)                                                       \
    {                                                                          \
        {"C3.1",                                                               \
         "no triangular W does better: F > F* for L_11, L_21, L_22 "           \
         "in " where,                                                          \
         "D = 2, Sigma = ((1, -2/3), (-2/3, 97/36))", "adaptive subdivision"}, \
            "p q r", box, EXCESS                                               \
    }

static const cover slabs[] = {
    SLAB("[1/8,7/8] x [-3,3] x [1/8,3]", "1/8,7/8 -3,3 1/8,3"),
    SLAB("[9/8,3] x [-3,3] x [1/8,3]", "9/8,3 -3,3 1/8,3"),
    SLAB("[7/8,9/8] x [-3,1/4] x [1/8,3]", "7/8,9/8 -3,1/4 1/8,3"),
    SLAB("[7/8,9/8] x [5/8,3] x [1/8,3]", "7/8,9/8 5/8,3 1/8,3"),
    SLAB("[7/8,9/8] x [1/4,5/8] x [1/8,1/2]", "7/8,9/8 1/4,5/8 1/8,1/2"),
    SLAB("[7/8,9/8] x [1/4,5/8] x [5/6,3]", "7/8,9/8 1/4,5/8 5/6,3"),
};

static const identity squares[] = {
    {{"C3.1", "tr(L S L') = p^2 + (q - 2r/3)^2 + 9 r^2/4",
      "L = ((p, 0), (q, r)), S = ((1, -2/3), (-2/3, 97/36))", "expanded"},
     "p q r",
     "p^2 + (q^2 - 4/3*q*r + 97/36*r^2) - p^2 - (q - 2/3*r)^2 - 9/4*r^2"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_identities(ROWS(squares));
    prove_covers(ROWS(slabs));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies that no linear flow in a box does better.", prove);
}
