/* proofs.c -- what the proofs read: formulas in words, and parameter files by
 * a reader of their own.
 *
 * Both stop where they do not understand; numbers of Arb that were alive then
 * are lost, which is for the fuzzer to know (no leaks are looked for). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow_file.h"
#include "target.h"

static void evaluate(void *arg)
{
    enum { BITS = 64 };
    arb_t value;
    arb_struct names[2];
    arb_init(value);
    for (int k = 0; k < 2; k++) {
        arb_init(names + k);
        arb_set_d(names + k, 0.25 + k);
    }
    formula(value, arg, "x y", names, BITS);
    for (int k = 0; k < 2; k++)
        arb_clear(names + k);
    arb_clear(value);
}

/* On the complex plane, where quadrature takes it. */
static void evaluate_complex(void *arg)
{
    enum { BITS = 64 };
    acb_t value;
    acb_struct names[2];
    acb_init(value);
    for (int k = 0; k < 2; k++) {
        acb_init(names + k);
        acb_set_d_d(names + k, 0.25 + k, 0.5);
    }
    complex_formula(value, arg, "x y", names, 1, BITS);
    for (int k = 0; k < 2; k++)
        acb_clear(names + k);
    acb_clear(value);
}

/* A formula has a value, or its mistake is said and the program ends. */
static void formula_of(const uint8_t *bytes, size_t size)
{
    enum { LONGEST = 512 };
    if (size > LONGEST)
        return;
    char *text = jf_copy_text((const char *)bytes, size);
    int stopped = fuzz_call(evaluate, text);
    demand(stopped == 0 || stopped == 134, "a bad formula is an abort");
    stopped = fuzz_call(evaluate_complex, text);
    demand(stopped == 0 || stopped == 134, "likewise of complex numbers");
    free(text);
}

static void formula_seeds(fuzz_add *add, void *arg)
{
    static const char *const texts[] = {
        "x + 2*y^2 - pi/3",
        "a = exp(-x); b = sqrt(a + 1); log(b)^-1",
        "Phi(x) + Q(y) - quantile(.25)",
        "hypot(x, min(y, 1e-12))",
        "tanh(asinh(x))*lgamma(y)",
        "-x^2^y",
        "besseli(1, x)",
        "E1(x) + digamma(y) + log1p(x) - expm1(y)",
        "sin(x)/cos(max(x, y))"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        add(texts[k], strlen(texts[k]), arg);
}

static void read_file(void *arg)
{
    flow f;
    flow_read(&f, arg);
    demand(f.map.d >= 1 && f.map.d <= FLOW_COLUMNS, "a flow has columns");
    flow_clear(&f);
}

/* The same bytes that the library's own reader is given (readers.c). */
static void certificate(const uint8_t *bytes, size_t size)
{
    if (size < 8 || memcmp(bytes, "JFTHETA\n", 8) != 0)
        return;
    uint8_t *sound = fuzz_sound_theta(bytes, size);
    for (int k = 0; k < 2; k++) {
        const uint8_t *given = k ? sound : bytes;
        if (!given)
            continue;
        int stopped =
            fuzz_call(read_file, (void *)(uintptr_t)fuzz_file(given, size));
        demand(stopped == 0 || stopped == 2, "a file is read or refused");
        demand(fuzz_lines() == (stopped != 0), "a refusal is one line");
    }
    free(sound);
}

const fuzz_target fuzz_targets[] = {{"formula", formula_of, formula_seeds},
                                    {"certificate", certificate, NULL},
                                    {0}};
