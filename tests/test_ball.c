/* test_ball.c -- the proofs' helpers certify what is true and nothing else. */
#include "ball.h"

#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#define C                                                                      \
    {                                                                          \
        "C1.1", "a statement of the test", "none", "test"                        \
    }

/* Positive but for a disc of radius 1e-4 about (p, q), wherever that is: a part
 * of the square that a cover leaves out would be found by one of these. */
#define HOLE(p, q)                                                             \
    {                                                                          \
        C, "x y", "0,1 0,1", "(x-" p ")^2 + (y-" q ")^2 - 1e-8"                \
    }

static void test_covers(void)
{
    static const cover holes[] = {
        HOLE("0.001", "0.001"),     HOLE("0.001", "0.3"),
        HOLE("0.001", "0.999"),     HOLE("0.499", "0.001"),
        HOLE("0.501", "0.7"),       HOLE("0.499", "0.999"),
        HOLE("0.999", "0.001"),     HOLE("0.999", "0.6"),
        HOLE("0.999", "0.999"),     HOLE("0", "0.5"),
        HOLE("1", "0.5"),           HOLE("1/3", "2/3"),
        {C, "x", "0,1", "x - 1/3"}, {C, "x", "0,1", "2/3 - x"},
        {C, "x", "0,1", "x"},       {C, "x", "0,1", "log(x)"},
    };
    static const cover full[] = {
        {C, "x y", "0,1 0,1", "(x-1/3)^2 + (y-2/3)^2 + 1e-4"},
        {C, "x", "1/3,2/3", "x*(1-x) - 2/9 + 1e-6"},
    };
    CHECK(prove_covers(ROWS(holes)) == 0);
    CHECK(prove_covers(ROWS(full)) == 2);
}

static void test_numbers(void)
{
    static const number no[] = {
        {C, "pi", "3.1414"},       {C, "pi", "3.1417"},
        {C, "pi", "= 355/113"},    {C, "pi - 355/113", "> 0"},
        {C, "sqrt(-1)", "> 0"},    {C, "log(0)", "> 0"},
        {C, "quantile(2)", "> 0"}, {C, "1/(1-1)", "> 0"},
        {C, "0", "> 0"},           {C, "-2^2", "> 0"},
    };
    static const number yes[] = {
        {C, "pi", "3.1415"},
        {C, "pi", "3.1416"},
        {C, "x = 2; y = x^3 - 1; -y^2 + 50", "= 1"},
        {C, "2^-2", "0.25"},
        {C, "quantile(Phi(1/3)) + Phi(2) + Q(2)", "= 4/3"},
        {C, "2 - 1e-3 - 3*2/4 - (1 - 2)", "= 1.499"},
    };
    CHECK(prove_numbers(ROWS(no)) == 0);
    CHECK(prove_numbers(ROWS(yes)) == 6);
}

static void test_identities(void)
{
    static const identity no[] = {{C, "x y", "(x+y)^2 - x^2 - y^2"}};
    static const identity yes[] = {{C, "x y", "(x+y)^2 - x^2 - 2*x*y - y^2"}};
    CHECK(prove_identities(ROWS(yes)) == 1);
    CHECK(prove_identities(ROWS(no)) == 0);
}

/* |x| and sqrt(x^2) are not holomorphic at 0, log and sqrt not on their cut:
 * quadrature may fail there, not err.  The last one has branch
 * points near its path: without the test of analyticity it is wrong in the
 * fifth digit. */
static void test_integrals(void)
{
    static const integral no[] = {
        {C, "exp(-x)", "0", "10", "0", "= 1"},
        {C, "exp(-x)", "0", "10", "exp(-10)", "= 1"},
        {C, "1/x", "-1", "1", "0", "= 0"},
        {C, "sqrt(x^2)", "-1", "1", "0", "= 0"},
        {C, "log(x)", "-1", "1", "0", "= -2"},
    };
    static const integral yes[] = {
        {C, "exp(-x)", "0", "60", "exp(-60)", "= 1"},
        {C, "log(x)", "1", "2", "0", "= 2*log(2) - 1"},
        {C, "x^0.5", "1", "4", "0", "= 14/3"},
        {C, "sqrt((x-1/3)^2 + 1e-4)", "0", "1", "0",
         "= (2/3*sqrt(4/9+1e-4) + 1/3*sqrt(1/9+1e-4)"
         " + 1e-4*(asinh(200/3) + asinh(100/3)))/2"},
    };
    CHECK(prove_integrals(ROWS(no)) == 0);
    CHECK(prove_integrals(ROWS(yes)) == 4);
}

/* Under the control a formula that has the word broken plants 1 there and is
 * not perturbed; any other is. */
static void test_control(void)
{
    static const number numbers[] = {{C, "1 - broken/2", "0.5"},
                                     {C, "1 - broken/2", "> 0"},
                                     {C, "1/2", "0.5"},
                                     {C, "1/2", "> 0"}};
    static const identity identities[] = {{C, "x broken", "(1-broken)*x"},
                                          {C, "x", "x - x"}};
    static const cover covers[] = {{C, "x", "1,2", "x*broken - 1/2"},
                                   {C, "x", "1,2", "x - 1/2"}};
    static const integral integrals[] = {
        {C, "x*broken", "0", "1", "0", "= 1/2"},
        {C, "x", "0", "1", "0", "= 1/2"}};
    CHECK(prove_numbers(ROWS(numbers)) == 2);
    CHECK(prove_identities(ROWS(identities)) == 1);
    CHECK(prove_covers(ROWS(covers)) == 1);
    CHECK(prove_integrals(ROWS(integrals)) == 1);
}

static void prove(void)
{
    test_covers();
    test_numbers();
    test_identities();
    test_integrals();
}

int main(void)
{
    char folder[] = "/tmp/test_ball.XXXXXX", rows[64], name[] = "test_ball";
    char out[] = "--out", quiet[] = "--quiet", control[] = "--negative-control";
    char *arguments[] = {name, quiet, out, folder, control};
    if (!mkdtemp(folder))
        return 1;
    CHECK(proofs(4, arguments, "", prove) == 1);
    CHECK(proofs(5, arguments, "", test_control) == 1);
    snprintf(rows, sizeof rows, "%s/verdicts/test_ball.csv", folder);
    CHECK(remove(rows) == 0);
    snprintf(rows, sizeof rows, "%s/verdicts", folder);
    CHECK(rmdir(rows) == 0 && rmdir(folder) == 0);
    return check_end();
}
