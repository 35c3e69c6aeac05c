/* ball.h -- statements decided in ball arithmetic.
 *
 * A program is one theorem: its head comment states and proves it, up to
 * numbers, inequalities and identities that are rows of the tables below, which
 * the computer decides.  Enclosures are computed at 64 bits, then at twice as
 * many, until the statement is decided or 512 bits do not decide it.  What is
 * certified is proved, up to the correctness of Arb; no double enters but as an
 * exact ball.  ball.c runs a program and writes its rows; tables.c, cover.c and
 * rational.c decide the tables; formula.c evaluates formulas.
 *
 * What holds of one law, map or matrix is an example, and what is said of floats
 * is a measurement: neither is called a theorem, in the column kind, nor
 * certified without a word more, in the column verdict (see kind, below).
 *
 * Programs take the options of experiments and --digits N; --negative-control,
 * for the tests alone, perturbs every statement (a constant or an entry by
 * 1e-12, an inequality by its sign), after which none may be certified.  A
 * formula that has the word broken, which is 0 there and 1 under the control,
 * is not perturbed: the control plants the mistake that it must see. */
#ifndef BALL_H
#define BALL_H

#if __has_include(<flint/arb.h>)
#include <flint/acb.h>
#include <flint/arb.h>
#else
#include <acb.h>
#include <arb.h>
#endif

/* From FLINT 3 on a header brings the types of others, not their functions. */
#include <flint/fmpq.h>
#include <flint/fmpq_mat.h>
#include <flint/fmpq_poly.h>
#include <flint/fmpz.h>
#include <flint/fmpz_poly.h>

/* What a statement is of, and its word when it is decided as stated.
 *
 *   THEOREM      of every value of what it names: of all flows, all laws of a
 *                family, all points of a box: "certified"
 *   EXAMPLE      of one law, map, matrix or sample: "certified example"
 *   MEASUREMENT  of numbers that the library computed in floats, at the inputs
 *                that are tried: "measured"
 *
 * Identities and covers are theorems, all else examples, up to the next call of
 * statements_are: AS_TABLES brings this back. */
typedef enum { AS_TABLES, THEOREM, EXAMPLE, MEASUREMENT, KINDS } statement_kind;
void statements_are(statement_kind k);

/* Where in theory/theory.md, what is said, when, and by whom. */
typedef struct {
    const char *id, *statement, *hypotheses, *source;
} claim;

/* Formulas (formula.c): "u = exp(-x); log(1 - u)^2", the last expression being
 * the value.  Numbers are exact decimals, names single words; functions are
 * exp log log1p expm1 sqrt sin cos tanh asinh Phi Q (= 1 - Phi) quantile
 * digamma lgamma E1, and besseli(order, x), hypot(x, y), min(x, y), max(x, y).
 * A variable is one of names, which spaces separate, and values holds their
 * balls; a number is enclosed for every choice of variables in their balls.
 * analytic: as acb_calc wants it. */
void formula(arb_t value, const char *text, const char *names,
             arb_srcptr values, slong bits);
void complex_formula(acb_t value, const char *text, const char *names,
                     acb_srcptr values, int analytic, slong bits);
slong count_names(const char *names);

/* The functions that prove tables return how many rows are certified.
 *
 * A table of numbers.  expected: "> 0"; a decimal, from which the number
 * differs by less than a unit in the last place; or "=" and a formula that
 * agrees within 1e-30. */
typedef struct {
    claim claim;
    const char *formula, *expected;
} number;
size_t prove_numbers(const number *table, size_t n);

/* A polynomial in the named variables over the rationals that is identically
 * zero: exact arithmetic. */
typedef struct {
    claim claim;
    const char *names, *polynomial;
} identity;
size_t prove_identities(const identity *table, size_t n);

/* A formula that is positive on a box, one side "from,to" for each variable:
 * the box is halved until each part has an enclosure that excludes 0. */
typedef struct {
    claim claim;
    const char *names, *box, *formula;
} cover;
size_t prove_covers(const cover *table, size_t n);

/* The integral of a formula in x, by acb_calc's rigorous quadrature over
 * from .. to; what lies outside is at most |tail|, a formula, as the program
 * proves.  expected as above, but for a formula the tolerance is 1e-18. */
typedef struct {
    claim claim;
    const char *integrand, *from, *to, *tail, *expected;
} integral;
size_t prove_integrals(const integral *table, size_t n);

/* Anything else.  measured: what was enclosed; control: perturb yourself. */
typedef enum { CERTIFIED, REFUTED, UNDECIDED, VERDICTS } verdict;
typedef verdict (*statement)(arb_t measured, const void *data, int control,
                             slong bits);
verdict prove_statement(const claim *c, statement s, const void *data,
                        const char *expected, const char *tolerance);
/* The same of a table of theorems. */
verdict prove_theorem(const claim *c, statement s, const void *data,
                      const char *expected, const char *tolerance);
/* x > 0, or x within a unit in the last place of a decimal. */
verdict positive(const arb_t x, int control);
verdict within(const arb_t x, const char *decimal, int control, slong bits);

/* Text that a statement adds to what it measured. */
void remark(const char *format, ...);

/* Rational matrices, in exact arithmetic.  The example of dimension d = 2 .. 6
 * is a lower triangular l (d, d) and the covariance s = l l'. */
void example_factor(fmpq_mat_t l);
void example_covariance(fmpq_mat_t s);
/* Of tr(W S W')/2 - log|det W| at W = l^-1: (d^2, d^2). */
void hessian(fmpq_mat_t h, const fmpq_mat_t l, const fmpq_mat_t s);
/* Of a symmetric matrix whose eigenvalues differ, in increasing order. */
void eigenvalues(arb_ptr lambda, const fmpq_mat_t a, slong bits);
/* Of a polynomial whose roots are real and simple, but for 0. */
void largest_root(arb_t root, const fmpq_poly_t p, slong bits);
void log_det(arb_t z, const fmpq_mat_t s, slong bits);
/* w += eta (w^-T - w r): a gradient step on tr(W R W')/2 - log|det W|. */
void descend(fmpq_mat_t w, const fmpq_mat_t r, const fmpq_t eta);
/* Is a = 0?  Is W S W' = I? */
verdict zero_matrix(const fmpq_mat_t a, int control);
verdict whitens(const fmpq_mat_t w, const fmpq_mat_t s, int control);

/* A statement about the example of every d = least, least + step .. 6. */
typedef struct {
    claim claim; /* hypotheses are NULL: they name d */
    verdict (*holds)(arb_t measured, slong d, int control, slong bits);
    const char *expected, *tolerance;
    slong least, step;
} example;
size_t prove_examples(const example *table, size_t n);

#define ROWS(table) (table), sizeof(table) / sizeof *(table)

/* FLINT and GMP that find no memory end the program by a line and status 1, from
 * here on; proofs does so itself. */
void stop_without_memory(void);

/* A copy, to be freed; the program ends where there is no memory. */
char *own_text(const char *text);

/* Read the options, run prove, which calls the above, write the rows of
 * DIR/verdicts/PROGRAM.csv by atomic rename, and return the exit status: 0 all
 * decided as stated, 1 some refuted or undecided, 2 bad usage. */
int proofs(int argc, char **argv, const char *about, void (*prove)(void));

#endif
