/* kinks.c -- where |det J| is not the local volume, and where it says too
 * little.
 *
 * Theorem   (a) f = max(x_1, a x_1) in the first coordinate, the others kept:
 *           the image of a ball about 0 has (1+a)/2 times its volume, at every
 *           radius, though no Jacobian exists there.  (b) A shear by t has
 *           determinant 1 and singular values exp(-+asinh(t/2)).  (c) j = |det
 *           J| harmonic: the ratio is j(centre) at every radius, though j
 *           varies.
 * Source    Claim C4.4.
 *
 * (a) The two half balls are scaled by 1 and a.  (b) The squares of the
 * singular values have the sum 2 + t^2 and the product 1, and e^{2y} + e^{-2y}
 * = 2 + 4 sinh^2 y.  (c) The mean of a harmonic function over a ball is its
 * value at the centre; f = (x + x^2/4, y), j = 1 + x/2, x > -2. */
#include "ball.h"

static const number numbers[] = {
    {{"C4.4", "a shear by 3: the larger singular value is exp(asinh(3/2))",
      "determinant 1", "trace and determinant of J'J"},
     "t = 3; s = 2 + t^2; sqrt((s + sqrt(s^2 - 4))/2)/(1 + broken)",
     "= exp(asinh(3/2))"},
    {{"C4.4", "its condition number is unbounded: above 100 for t = 10",
      "determinant 1", "exp(2 asinh(t/2))"},
     "exp(2*asinh(5))*(1 - broken) - 100",
     "> 0"},
};

/* Over the disc of radius 1/2, x = sin(t)/2, a strip of half-length
 * cos(t)/2. */
static const integral integrals[] = {
    {{"C4.4", "a kink: the ratio is (1 + a)/2, a = 1/5", "plane, radius 1/2",
      "quadrature of both halves"},
     "2/pi*(cos(x)^2 + cos(x)^2*(1 + 4*broken)/5)",
     "0",
     "pi/2",
     "0",
     "= 3/5"},
    {{"C4.4", "harmonic j = 1 + x/2: the ratio is j(0) at radius 1/2",
      "plane, f = (x + x^2/4, y)", "quadrature over the disc"},
     "2/pi*cos(x)^2*(1 + sin(x)/4 + broken*sin(x)^2)",
     "-pi/2",
     "pi/2",
     "0",
     "= 1"},
    {{"C4.4", "harmonic j: the same at radius 3/2", "plane, f = (x + x^2/4, y)",
      "quadrature over the disc"},
     "2/pi*cos(x)^2*(1 + 3*sin(x)/4 + broken*sin(x)^2)",
     "-pi/2",
     "pi/2",
     "0",
     "= 1"},
};

static void prove(void)
{
    prove_numbers(ROWS(numbers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies where the determinant is not the local volume.",
                  prove);
}
