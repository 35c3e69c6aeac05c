/* prescribed_values.c -- given determinants at given points by one flow.
 *
 * Theorem   D >= 2, base N(0, I), one exact flow onto R^D.  For distinct x_1 ..
 *           x_n and v_i >= (2 pi)^{D/2} p_X(x_i), with equality for at most one
 *           i, an exact flow has |det J_f(x_i)| = v_i for every i.
 * Source    Claim C1.9.
 *
 * For psi in C_c^inf and i < j the field (1/p_Z)(d_j psi e_i - d_i psi e_j)
 * keeps P_Z, as p_Z times it has no divergence; such fields of small disjoint
 * supports move n distinct points independently in every direction, so that the
 * orbits of the group that they generate on n-tuples of distinct points are
 * open; for D >= 2 that space is connected, so there is one orbit.  Hence
 * f(x_i) may be any distinct b_i, and |det| = p_X(x_i)/p_Z(b_i).  The points
 * with |b|^2 = 2 log(v_i (2 pi)^{-D/2}/p_X(x_i)) are infinitely many unless v_i
 * is least, so that distinct ones can be chosen.
 * Example   X = Z in the plane, T = Phi^-1 S Phi, S twists of disjoint discs of
 *           the unit square (twist.c): T is exact, and log|det T| = (|T z|^2 -
 *           |z|^2)/2.  A twist turns its point about the centre by any angle t
 *           that its alpha makes; (|T z|^2 - |z|^2)/2 - l is continuous in t
 *           and has two signs, so that it is 0, log|det T(z)| = l exactly, at
 *           some t.  The program brackets t, and shows the discs disjoint and
 *           inside. */
#include "ball.h"

enum { POINTS = 16, TRIALS = 64, HALVINGS = 40, PARTS = 6 };

/* A twist is six balls, named in formulas: disc (a, b) of radius r; the point u
 * = Phi(z) is (x, y); l = log|det T(z)|. */
#define NAMES "a b r x y l"

/* (|T z|^2 - |z|^2)/2 - l when u is turned by t about the centre. */
static void excess(arb_t z, arb_srcptr twist, const arb_t t, slong bits)
{
    arb_ptr values = _arb_vec_init(PARTS + 1);
    _arb_vec_set(values, twist, PARTS);
    arb_set(values + PARTS, t);
    formula(z,
            "X = quantile(a + cos(t)*(x-a) - sin(t)*(y-b)); "
            "Y = quantile(b + sin(t)*(x-a) + cos(t)*(y-b)); "
            "(X^2 + Y^2 - quantile(x)^2 - quantile(y)^2)/2 - l",
            NAMES " t", values, bits);
    _arb_vec_clear(values, PARTS + 1);
}

static int sign_at(arb_srcptr w, const arb_t t, slong bits)
{
    arb_t z;
    arb_init(z);
    excess(z, w, t, bits);
    int sign = arb_is_positive(z) ? 1 : arb_is_negative(z) ? -1 : 0;
    arb_clear(z);
    return sign;
}

/* An angle of either sign, from a grid, then by halving: a ball that has t. */
static verdict turned(arb_t t, arb_srcptr w, slong bits)
{
    arb_t low, high, middle;
    int first = 0, sign = 0;
    arb_init(low);
    arb_init(high);
    arb_init(middle);
    for (slong k = 0; k <= TRIALS && sign * first >= 0; k++) {
        arb_set(low, high);
        arb_set_si(high, k);
        arb_mul_2exp_si(high, high, -3); /* up to 8 > 2 pi */
        sign = sign_at(w, high, bits);
        if (first == 0 || sign == first)
            first = sign;
    }
    int found = sign * first < 0;
    for (int k = 0; found && k < HALVINGS; k++) {
        arb_add(middle, low, high, bits);
        arb_mul_2exp_si(middle, middle, -1);
        sign = sign_at(w, middle, bits);
        if (sign == first)
            arb_set(low, middle);
        else if (sign == -first)
            arb_set(high, middle);
    }
    arb_union(t, low, high, bits);
    arb_clear(middle);
    arb_clear(high);
    arb_clear(low);
    return found ? CERTIFIED : UNDECIDED;
}

/* Is the disc inside the square, and the point in it? */
static verdict inside(arb_srcptr w, slong bits)
{
    arb_t z;
    arb_init(z);
    formula(z,
            "min(min(min(a, 1-a), min(b, 1-b)) - r, r^2 - (x-a)^2 - (y-b)^2)",
            NAMES, w, bits);
    verdict v = positive(z, 0);
    arb_clear(z);
    return v;
}

/* Are two discs disjoint, factor times as large as they are? */
static verdict apart(arb_srcptr v, arb_srcptr w, slong factor, slong bits)
{
    arb_t z, d;
    arb_init(z);
    arb_init(d);
    arb_add(z, v + 2, w + 2, bits);
    arb_mul_si(z, z, factor, bits);
    arb_sqr(z, z, bits);
    arb_neg(z, z);
    for (int k = 0; k < 2; k++) {
        arb_sub(d, v + k, w + k, bits);
        arb_addmul(z, d, d, bits);
    }
    verdict answer = positive(z, 0);
    arb_clear(d);
    arb_clear(z);
    return answer;
}

/* Three points z of theory/theory.md, C1.9, with log|det| = log 1.4, log .8,
 * log 1.5. */
static const char *const three[][PARTS] = {
    {"0.8", "0.55", "0.19", "Phi(0.5)", "Phi(0.2)", "log(1.4)"},
    {"0.25", "0.75", "0.2", "Phi(-0.9)", "Phi(0.6)", "log(0.8)"},
    {"0.62", "0.16", "0.15", "Phi(0.1)", "Phi(-1.1)", "log(1.5)"},
};

static size_t read_three(arb_ptr w, slong bits)
{
    for (int k = 0; k < 3 * PARTS; k++)
        formula(w + k, three[k / PARTS][k % PARTS], "", NULL, bits);
    return 3;
}

static void fraction(arb_t z, slong p, slong q, slong bits)
{
    arb_set_si(z, p);
    arb_div_si(z, z, q, bits);
}

/* columns x rows discs; the point is right of its centre by half the radius,
 * log|det| = -+(k + 1)/(12 n), positive where that is towards the origin. */
static size_t grid(arb_ptr w, slong columns, slong rows, slong bits)
{
    slong n = columns * rows;
    for (slong k = 0; k < n; k++, w += PARTS) {
        slong i = 2 * (k % columns) + 1, j = 2 * (k / columns) + 1;
        fraction(w, i, 2 * columns, bits);
        fraction(w + 1, j, 2 * rows, bits);
        fraction(w + 2, 15, 32 * columns, bits);
        fraction(w + 3, 32 * i + 15, 64 * columns, bits);
        arb_set(w + 4, w + 1);
        fraction(w + 5, i < columns ? k + 1 : -k - 1, 12 * n, bits);
    }
    return (size_t)n;
}

typedef struct {
    slong columns, rows; /* 0: the three */
} arrangement;

/* measured: the last point's angle.  broken: discs grown until they overlap. */
static verdict prescribed(arb_t measured, const void *data, int control,
                          slong bits)
{
    const arrangement *p = data;
    arb_ptr w = _arb_vec_init(POINTS * PARTS);
    size_t n =
        p->columns ? grid(w, p->columns, p->rows, bits) : read_three(w, bits);
    verdict v = CERTIFIED;
    for (size_t i = 0; i < n && v == CERTIFIED; i++) {
        v = inside(w + i * PARTS, bits);
        for (size_t j = 0; j < i && v == CERTIFIED; j++)
            v = apart(w + i * PARTS, w + j * PARTS, control ? 2 : 1, bits);
    }
    for (size_t k = 0; k < n && v == CERTIFIED; k++)
        v = turned(measured, w + k * PARTS, bits);
    remark(v == CERTIFIED ? " is the last of %zu angles" : " of %zu points", n);
    _arb_vec_clear(w, POINTS * PARTS);
    return v;
}

#define POINT(n, columns, rows, values)                                        \
    {                                                                          \
        {"C1.9",                                                               \
         "one exact flow with the determinants prescribed at " n               \
         " points: an angle for each",                                         \
         "X = Z in the plane, " values, "change of sign; disjoint discs"},     \
        {                                                                      \
            columns, rows                                                      \
        }                                                                      \
    }

static const struct {
    claim claim;
    arrangement arrangement;
} rows[] = {
    POINT("2", 2, 1, "log|det| = k/24 up to sign"),
    POINT("3", 0, 0,
          "(.5, .2), (-.9, .6), (.1, -1.1): log|det| = log 1.4, log .8, log "
          "1.5"),
    POINT("4", 2, 2, "log|det| = k/48 up to sign"),
    POINT("16", 4, 4, "log|det| = k/192 up to sign"),
};

static void prove(void)
{
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        prove_statement(&rows[k].claim, prescribed, &rows[k].arrangement,
                        "a root", "exact");
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies exact flows with given determinants at given "
                  "points.",
                  prove);
}
