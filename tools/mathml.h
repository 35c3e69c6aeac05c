/* mathml.h -- formulas in the notation of theory/theory.md, as MathML Core.
 *
 * A formula stands between two dollar signs.  What is between them is what a
 * terminal shows, and the text of the formula for whoever does not see it, so
 * that the two cannot part: "$Sigma^(-1/2)$", "$E log|det J_f| <= -h(X)$".
 *
 *   x  W  .5           letters and numbers; words of the table in mathml.c
 *                      (Greek letters, log, det, EIG, inf, sum, ..)
 *   x_i^2  x_(i+1)     below and above; parentheses there are not shown
 *   W'  p*             transpose, and what else a mark says
 *   a/b  (a + b)/c     a fraction; within what is below or above, a slash
 *   sqrt(x)  sqrt 2    a root
 *   f(x)  d (x + 1)    without a blank f is applied, with one it is a factor
 *   |x|  log|det W|    bars, in pairs; with a blank on both sides, "given"
 *   p || q  f o g      with blanks: divergence of p from q, composition
 *   <= >= != << ~ -> +- ..   relations and signs */
#ifndef TOOLS_MATHML_H
#define TOOLS_MATHML_H

#include "files.h"

/* The formula of so many bytes as a <math> element, within a link to the notation
 * of its first symbol that is explained there ("#notation-ID").  0; or -1, b is left as it
 * was, and why says what was found and where. */
enum { MATHML_WHY = 160 };
int mathml_add(jf_text *b, const char *formula, size_t length,
               char why[MATHML_WHY]);

/* The next formula of a text, without its dollar signs; NULL when there is
 * none, or no second dollar sign. */
const char *mathml_next(const char *text, size_t *length);

/* text without the dollar signs. */
void mathml_plain(jf_text *b, const char *text);

/* Text, of so many bytes, as XML and HTML have it between tags or in quotes. */
void xml_escape(jf_text *b, const char *text, size_t length);

#endif
