/* volume_measures.c -- how to measure the local volume, and with what error.
 *
 * Theorem   (i) Area = (1/2) the closed integral of f_1 df_2 - f_2 df_1.  (ii)
 *           The polygon of n images of corners on a circle is exact for linear
 *           f, and errs by O(r^2/n^2).  (iii) The determinant of forward
 *           differences of step h is j (1 + h/2 tr(J^-1 K_2) + O(h^2)), of
 *           central ones j (1 + h^2/6 tr(J^-1 K_3) + O(h^4)), K_m with the
 *           columns d_i^m f.
 * Source    Claim C4.3.
 *
 * (i) Green.  (ii) Each side of the image of a polygon by a linear map is the
 * image of a side, and a cross product of images is det times that of the
 * corners.  (iii) Columns of differences are J e_i + h/2 d_i^2 f + h^2/6 d_i^3
 * f + .., and det(J + E) is expanded.
 * Example   f = (e^x cos y, e^x sin y) on the disc of radius r = 1/2 about 0,
 *           where area over pi r^2 is I_1(2 r)/r: (1/2)(f_1 df_2 - f_2 df_1) =
 *           (r/2) e^{2 r cos t} cos t dt, and cross products of corners at
 *           angles t, t' are e^{x + x'} sin(y' - y). */
#include "ball.h"

enum { CORNERS = 64 };

static const identity identities[] = {
    {{"C4.3",
      "polygon: sides of a linear image have det times the cross product",
      "f linear in the plane", "any corners u and v"},
     "a b c d u w v z",
     "(a*u + b*w)*(c*v + d*z) - (a*v + b*z)*(c*u + d*w)"
     " - (a*d - b*c)*(u*z - v*w)"},
    {{"C4.3", "forward differences: det(J + h/2 K) by powers of h",
      "J, K of two rows", "tr(J^-1 K) det J = a s + d p - b r - c q"},
     "a b c d p q r s h",
     "(a + h/2*p)*(d + h/2*s) - (b + h/2*q)*(c + h/2*r) - (a*d - b*c)"
     " - h/2*(a*s + d*p - b*r - c*q) - h^2/4*(p*s - q*r)"},
    {{"C4.3", "a forward difference of a cubic: f' + h/2 f'' + h^2/6 f'''",
      "one column", "times h"},
     "a p u h",
     "a*h + p*h^2/2 + u*h^3/6 - h*(a + h/2*p + h^2/6*u)"},
    {{"C4.3", "a central difference of a cubic: f' + h^2/6 f'''", "one column",
      "times 2 h"},
     "a p u h",
     "(a*h + p*h^2/2 + u*h^3/6) - (-a*h + p*h^2/2 - u*h^3/6)"
     " - 2*h*(a + h^2/6*u)"},
};

/* tr(J^-1 K_2) = 1 and tr(J^-1 K_3) = 0 there. */
static const number numbers[] = {
    {{"C4.3", "forward differences at 0 differ from 1 + h/2 by less than h^2",
      "f = (e^x cos y, e^x sin y), h = 1/512", "1 - (difference/h^2)^2"},
     "h = 1/512; 1 - (((exp(h) - 1)*sin(h)/h^2 - 1 - (1 - broken)*h/2)/h^2)^2",
     "> 0"},
    {{"C4.3", "central differences at 0 differ from 1 by less than h^4",
      "f = (e^x cos y, e^x sin y), h = 1/512", "1 - (difference/h^4)^2"},
     "h = 1/512; s = (exp(h) - exp(-h))/2;"
     " 1 - ((s*sin(h)/h^2 - 1 - broken*h^2/6)/h^4)^2",
     "> 0"},
};

static const integral integrals[] = {
    {{"C4.3", "the contour: area over that of the disc is I_1(1)/(1/2)",
      "f = (e^x cos y, e^x sin y), r = 1/2", "quadrature along the circle"},
     "cos(x)*exp(cos(x))/pi + broken*sin(x)^2",
     "0",
     "2*pi",
     "0",
     "= 2*besseli(1,1)"},
};

/* error := polygon of n corners over that of the domain, less I_1(1)/(1/2). */
static void polygon(arb_t error, slong n, slong bits)
{
    arb_t t, z, x[2], y[2];
    arb_init(t);
    arb_init(z);
    for (int i = 0; i < 2; i++) {
        arb_init(x[i]);
        arb_init(y[i]);
    }
    arb_zero(error);
    for (slong k = 0; k < n; k++) {
        for (slong i = 0; i < 2; i++) {
            arb_set_si(t, 2 * (k + i));
            arb_div_si(t, t, n, bits);
            arb_sin_cos_pi(y[i], x[i], t, bits);
        }
        arb_add(z, x[0], x[1], bits);
        arb_mul_2exp_si(z, z, -1);
        arb_exp(z, z, bits);
        arb_sub(t, y[1], y[0], bits);
        arb_mul_2exp_si(t, t, -1);
        arb_sin(t, t, bits);
        arb_addmul(error, z, t, bits); /* twice the area */
    }
    arb_set_si(t, 2); /* and that of the domain, n sin(2 pi/n) r^2 */
    arb_div_si(t, t, n, bits);
    arb_sin_pi(t, t, bits);
    arb_mul_si(t, t, n, bits);
    arb_mul_2exp_si(t, t, -2);
    arb_div(error, error, t, bits);
    formula(z, "2*besseli(1,1)", "", NULL, bits);
    arb_sub(error, error, z, bits);
    for (int i = 0; i < 2; i++) {
        arb_clear(x[i]);
        arb_clear(y[i]);
    }
    arb_clear(z);
    arb_clear(t);
}

/* The error of n corners over that of 2 n; broken: r/n for r^2/n^2. */
static verdict falls(arb_t measured, const void *data, int control, slong bits)
{
    arb_t finer;
    (void)data;
    arb_init(finer);
    polygon(measured, CORNERS, bits);
    polygon(finer, 2 * CORNERS, bits);
    arb_div(measured, measured, finer, bits);
    if (control)
        arb_sqrt(measured, measured, bits);
    arb_clear(finer);
    return within(measured, "3.997", 0, bits);
}

static void prove(void)
{
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
    prove_integrals(ROWS(integrals));
    prove_statement(&(claim){"C4.3",
                             "the polygon's error over that of twice as many "
                             "corners",
                             "f = (e^x cos y, e^x sin y), r = 1/2, 64 corners",
                             "sum of cross products"},
                    falls, NULL, "3.997", "a unit of the last place");
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies how polygons, contours and differences measure "
                  "volume.",
                  prove);
}
