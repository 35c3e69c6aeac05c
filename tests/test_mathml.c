/* test_mathml.c -- formulas in the notation of theory/theory.md as MathML: the
 * markup of each construct, and what is said of a formula that is none. */
#include "check.h"
#include "mathml.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *formula, *markup; /* within <mrow> */
} known[] = {
    {"x", "<mi>x</mi>"},
    {".5", "<mn>.5</mn>"},
    {"x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"},
    {"x^2_i", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"},
    {"x^(n+1)", "<msup><mi>x</mi><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow>"
                "</msup>"},
    {"f^-1", "<msup><mi>f</mi><mrow><mo>\u2212</mo><mn>1</mn></mrow></msup>"},
    {"r_+", "<msub><mi>r</mi><mo>+</mo></msub>"},
    {"W'", "<msup><mi>W</mi><mo class=\"mark\">\u2032</mo></msup>"},
    {"p*", "<msup><mi>p</mi><mo class=\"mark\">\u2217</mo></msup>"},
    {"a * b", "<mi>a</mi><mo>\u2217</mo><mi>b</mi>"},
    {"a/b", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"},
    {"(a + b)/2", "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow>"
                  "<mn>2</mn></mfrac>"},
    {"x^(1/2)", "<msup><mi>x</mi><mrow><mn>1</mn><mo lspace=\"0\" "
                "rspace=\"0\">/</mo><mn>2</mn></mrow></msup>"},
    {"(d/2) x", "<mfrac><mi>d</mi><mn>2</mn></mfrac><mi>x</mi>"},
    {"sqrt(2 x)", "<msqrt><mrow><mn>2</mn><mi>x</mi></mrow></msqrt>"},
    {"sqrt 2", "<msqrt><mn>2</mn></msqrt>"},
    {"sqrt V_X", "<msqrt><msub><mi>V</mi><mi>X</mi></msub></msqrt>"},
    {"sqrt(x)^2", "<msup><msqrt><mi>x</mi></msqrt><mn>2</mn></msup>"},
    {"f(x)/2", "<mfrac><mrow><mi>f</mi><mrow><mo stretchy=\"false\">(</mo>"
               "<mi>x</mi><mo stretchy=\"false\">)</mo></mrow></mrow>"
               "<mn>2</mn></mfrac>"},
    {"log|x|", "<mi>log</mi><mrow><mo stretchy=\"false\">|</mo><mi>x</mi>"
               "<mo stretchy=\"false\">|</mo></mrow>"},
    {"log x", "<mi>log</mi><mspace width=\".17em\"/><mi>x</mi>"},
    {"p || q", "<mi>p</mi><mo form=\"infix\" stretchy=\"false\" "
               "lspace=\".28em\" rspace=\".28em\">\u2225</mo><mi>q</mi>"},
    {"x <= inf", "<mi>x</mi><mo>\u2264</mo><mi>\u221E</mi>"},
    {"-x < 1", "<mo form=\"prefix\">\u2212</mo><mi>x</mi><mo>&lt;</mo>"
               "<mn>1</mn>"},
    {"T o f", "<mi>T</mi><mo>\u2218</mo><mi>f</mi>"},
    {"1 .. n", "<mn>1</mn><mo>\u2026</mo><mi>n</mi>"},
    {"sum_k k", "<msub><mo>\u2211</mo><mi>k</mi></msub><mi>k</mi>"},
    {"Sigma x", "<mi mathvariant=\"normal\">\u03A3</mi><mi>x</mi>"},
};

static const struct {
    const char *formula, *why;
} faulty[] = {
    {"", "a formula expected"},
    {"x +", NULL}, /* a sign may stand alone */
    {"(x", "')' expected"},
    {"[x)", "']' expected"},
    {"|x", "'|' expected"},
    {"x)", "what closes nothing"},
    {"x^", "a letter, a number, a known word or a group expected"},
    {"a/", "a letter, a number, a known word or a group expected"},
    {"foo", "'foo' found at 'foo', a letter"},
    {"x & y", "'&' found at '& y', a letter"},
    {"x<b>", NULL}, /* relations, escaped */
};

int main(void)
{
    char why[MATHML_WHY];
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        jf_text is = {0}, wanted = {0};
        int status =
            mathml_add(&is, known[k].formula, strlen(known[k].formula), why);
        const char *behind = is.data ? strstr(is.data, "\"><mrow>") : NULL;
        int linked = strncmp(known[k].formula, "Sigma", 5) == 0;
        jf_text_add(&wanted, "\"><mrow>%s</mrow></math>%s", known[k].markup,
                    linked ? "</a>" : "");
        CHECK(!linked ||
              (strstr(is.data, "<a class=\"sym\" tabindex=\"-1\" "
                               "href=\"#notation-Sigma\" aria-label=\"Sigma") &&
               strstr(is.data, "\"><math")));
        CHECK(status == 0);
        CHECK(behind && strcmp(behind, wanted.data) == 0);
        if (!behind || strcmp(behind, wanted.data) != 0)
            printf("%s: %s\n  not %s\n", known[k].formula,
                   is.data ? is.data : why, wanted.data);
        free(is.data);
        free(wanted.data);
    }
    for (size_t k = 0; k < sizeof faulty / sizeof *faulty; k++) {
        jf_text b = {0};
        jf_text_add(&b, "before");
        int status =
            mathml_add(&b, faulty[k].formula, strlen(faulty[k].formula), why);
        CHECK((status < 0) == (faulty[k].why != NULL));
        CHECK(!faulty[k].why || strstr(why, faulty[k].why));
        CHECK(!faulty[k].why || strcmp(b.data, "before") == 0);
        CHECK(!strstr(b.data, "<b>"));
        free(b.data);
    }

    size_t n;
    const char *text = "a $x$ costs $";
    const char *f = mathml_next(text, &n);
    CHECK(f == text + 3 && n == 1);
    CHECK(!mathml_next(f + n + 1, &n));
    jf_text b = {0};
    CHECK(mathml_add(&b, "a \" b", 5, why) < 0 && !b.data);
    CHECK(mathml_add(&b, "x < y", 5, why) == 0 &&
          strstr(b.data, "alttext=\"x &lt; y\""));
    free(b.data);
    return check_end();
}
